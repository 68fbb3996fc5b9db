const PRIME = 1000000007n;

// One step from (a(n), a(n-1), a(n-2), b(n), b(n-1)) to the same for n + 1;
// a counts the pavings that do not end with a slab of 3 feet, b those that do.
const STEP = [
  [1n, 1n, 0n, 1n, 1n], // a(n+1) = a(n) + b(n) + a(n-1) + b(n-1)
  [1n, 0n, 0n, 0n, 0n],
  [0n, 1n, 0n, 0n, 0n],
  [0n, 0n, 1n, 0n, 0n], // b(n+1) = a(n-2)
  [0n, 0n, 0n, 1n, 0n],
];

function times(left, right) {
  return left.map((row) =>
    right[0].map((_, j) => row.reduce((sum, x, k) => sum + x * right[k][j], 0n) % PRIME)
  );
}

function countPavings(length) {
  let state = [[1n], [0n], [0n], [0n], [0n]]; // the empty path: one way
  let power = STEP; // STEP to the power 1, 2, 4, 8, ...
  for (let left = BigInt(length); left > 0n; left /= 2n) {
    if (left % 2n === 1n) state = times(power, state);
    power = times(power, power);
  }
  return Number((state[0][0] + state[3][0]) % PRIME);
}
