const numbers = require("fs").readFileSync(0, "utf8").trim().split(/\s+/).map(Number);
const count = numbers[0];
const stops = Array.from({ length: count }, (_, i) => numbers.slice(1 + 2 * i, 3 + 2 * i));
const between = stops.map(([x, y]) => stops.map(([u, v]) => Math.hypot(x - u, y - v)));
const home = stops.map(([x, y]) => Math.hypot(x, y));

// best[visited][last]: the shortest way from the depot through the stops whose
// bits are set in visited, ending at last. Smaller sets are smaller numbers.
const best = Array.from({ length: 1 << count }, () => new Array(count).fill(Infinity));
home.forEach((metres, stop) => (best[1 << stop][stop] = metres));
for (let visited = 1; visited < 1 << count; visited++) {
  for (let last = 0; last < count; last++) {
    const way = best[visited][last];
    if (way === Infinity) continue;
    for (let stop = 0; stop < count; stop++) {
      if ((visited >> stop) & 1) continue;
      const bigger = best[visited | (1 << stop)];
      bigger[stop] = Math.min(bigger[stop], way + between[last][stop]);
    }
  }
}
const rounds = best[best.length - 1].map((way, last) => way + home[last]);
console.log((count > 0 ? Math.min(...rounds) : 0).toFixed(9));
