const numbers = require("fs").readFileSync(0, "utf8").trim().split(/\s+/).map(Number);
const [jobs, rules] = numbers;
for (let i = 0; i < rules; i++) {
  const [before, after] = numbers.slice(2 + 2 * i, 4 + 2 * i);
  // remember this rule
}

const plan = Array.from({ length: jobs }, (_, i) => i + 1);
console.log(plan.join(" "));
