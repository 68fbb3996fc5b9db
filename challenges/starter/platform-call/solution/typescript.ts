const [passenger, stop, last]: string[] = require("fs").readFileSync(0, "utf8").split("\n");
const minutes = Number(last);

function whenItLeaves(minutes: number): string {
  if (minutes === 0) return "now";
  if (minutes === 1) return "in 1 minute";
  return `in ${minutes} minutes`;
}

console.log(`Good morning, ${passenger}!`);
console.log(`Your train leaves ${whenItLeaves(minutes)} from coach stop ${stop}.`);
