// Sums from the start, and changes at one place, in about log2(size) steps.
// Float64Array is exact here: no number gets beyond 2^53.
class Fenwick {
  constructor(size) {
    this.tree = new Float64Array(size + 1);
  }

  add(at, value) {
    for (; at < this.tree.length; at += at & -at) this.tree[at] += value;
  }

  first(at) {
    let sum = 0;
    for (; at > 0; at -= at & -at) sum += this.tree[at];
    return sum;
  }
}

const [head, ...lines] = require("fs").readFileSync(0, "utf8").trim().split("\n");
const tanks = Number(head.split(" ")[0]);

// The first i tanks hold  i * factor.first(i) - constant.first(i)  litres.
const factor = new Fenwick(tanks + 1);
const constant = new Fenwick(tanks + 1);
const litresUpTo = (i) => i * factor.first(i) - constant.first(i);
const pourFrom = (at, litres) => {
  factor.add(at, litres);
  constant.add(at, litres * (at - 1));
};

const answers = [];
for (const line of lines) {
  const words = line.split(" ");
  const [left, right, litres] = words.slice(1).map(Number);
  if (words[0] === "add") {
    pourFrom(left, litres);
    pourFrom(right + 1, -litres);
  } else {
    answers.push(litresUpTo(right) - litresUpTo(left - 1));
  }
}
console.log(answers.join("\n"));
