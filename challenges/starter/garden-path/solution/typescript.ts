const PRIME = 1000000007n;

/** The pavings that do not end with a slab of 3 feet (a), and those that do (b). */
type State = [aNow: bigint, aBefore: bigint, aEarlier: bigint, bNow: bigint, bBefore: bigint];

const step = ([aNow, aBefore, aEarlier, bNow, bBefore]: State): State => [
  (aNow + aBefore + bNow + bBefore) % PRIME,
  aNow,
  aBefore,
  aEarlier,
  bNow,
];

// A step is linear, so n steps of any state follow from n steps of the five unit
// states: these are the columns of the matrix.
const units: State[] = [0, 1, 2, 3, 4].map((i) => [0, 1, 2, 3, 4].map((j) => (i === j ? 1n : 0n)) as State);

function apply(columns: State[], state: State): State {
  return state.map((_, i) => columns.reduce((sum, column, j) => sum + column[i] * state[j], 0n) % PRIME) as State;
}

function countPavings(length: bigint): number {
  let state: State = [1n, 0n, 0n, 0n, 0n]; // the empty path: one way
  let power = units.map(step); // 1, 2, 4, 8, ... steps
  for (let left = length; left > 0n; left /= 2n) {
    if (left % 2n === 1n) state = apply(power, state);
    power = power.map((column) => apply(power, column));
  }
  return Number((state[0] + state[3]) % PRIME);
}
