type Place = { x: number; y: number };

const numbers: number[] = require("fs").readFileSync(0, "utf8").trim().split(/\s+/).map(Number);
const count = numbers[0];
const stops: Place[] = Array.from({ length: count }, (_, i) => ({
  x: numbers[1 + 2 * i],
  y: numbers[2 + 2 * i],
}));
const depot: Place = { x: 0, y: 0 };
const distance = (a: Place, b: Place): number => Math.hypot(a.x - b.x, a.y - b.y);

// Top down: the shortest way home from stop `here` when the stops whose bits are
// set in `left` are still to be visited. Each pair of the two is computed once.
const known = new Map<number, number>();
function wayHome(here: Place, number: number, left: number): number {
  if (left === 0) return distance(here, depot);
  const key = left * 16 + number;
  let best = known.get(key);
  if (best === undefined) {
    best = Infinity;
    stops.forEach((stop, i) => {
      if ((left >> i) & 1) {
        best = Math.min(best!, distance(here, stop) + wayHome(stop, i, left & ~(1 << i)));
      }
    });
    known.set(key, best);
  }
  return best;
}

console.log(wayHome(depot, 15, (1 << count) - 1).toFixed(9)); // 15: the depot is no stop
