const numbers = require("fs").readFileSync(0, "utf8").trim().split(/\s+/).map(Number);
const count = numbers[0];
const stops = Array.from({ length: count }, (_, i) => numbers.slice(1 + 2 * i, 3 + 2 * i));

// This is the round in the order of the input. Which order is the shortest?
let metres = 0;
let here = [0, 0];
for (const there of [...stops, [0, 0]]) {
  metres += Math.hypot(here[0] - there[0], here[1] - there[1]);
  here = there;
}
console.log(metres.toFixed(9));
