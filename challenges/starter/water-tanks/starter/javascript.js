const [head, ...lines] = require("fs").readFileSync(0, "utf8").trim().split("\n");
const tanks = Number(head.split(" ")[0]);

const answers = [];
for (const line of lines) {
  const words = line.split(" ");
  const [left, right, litres] = words.slice(1).map(Number);
  if (words[0] === "add") {
    // pour
  } else {
    answers.push(0);
  }
}
console.log(answers.join("\n"));
