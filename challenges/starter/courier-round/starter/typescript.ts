type Place = { x: number; y: number };

const numbers: number[] = require("fs").readFileSync(0, "utf8").trim().split(/\s+/).map(Number);
const count = numbers[0];
const stops: Place[] = Array.from({ length: count }, (_, i) => ({
  x: numbers[1 + 2 * i],
  y: numbers[2 + 2 * i],
}));
const depot: Place = { x: 0, y: 0 };
const distance = (a: Place, b: Place): number => Math.hypot(a.x - b.x, a.y - b.y);

// This is the round in the order of the input. Which order is the shortest?
const places = [depot, ...stops, depot];
let metres = 0;
for (let i = 1; i < places.length; i++) metres += distance(places[i - 1], places[i]);
console.log(metres.toFixed(9));
