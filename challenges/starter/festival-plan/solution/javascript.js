// A binary heap in an array: the children of i are 2i + 1 and 2i + 2.
class Heap {
  items = [];

  push(item) {
    let at = this.items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.items[parent] <= item) break;
      this.items[at] = this.items[parent];
      at = parent;
    }
    this.items[at] = item;
  }

  pop() {
    const smallest = this.items[0];
    const item = this.items.pop();
    const size = this.items.length;
    if (size === 0) return smallest;
    let at = 0;
    for (let child; (child = 2 * at + 1) < size; at = child) {
      if (child + 1 < size && this.items[child + 1] < this.items[child]) child++;
      if (this.items[child] >= item) break;
      this.items[at] = this.items[child];
    }
    this.items[at] = item;
    return smallest;
  }
}

const numbers = require("fs").readFileSync(0, "utf8").trim().split(/\s+/).map(Number);
const [jobs, rules] = numbers;
const then = Array.from({ length: jobs + 1 }, () => []); // who waits for this job
const waits = new Array(jobs + 1).fill(0); // for how many others it waits
for (let i = 0; i < rules; i++) {
  const [before, after] = numbers.slice(2 + 2 * i, 4 + 2 * i);
  then[before].push(after);
  waits[after]++;
}

const free = new Heap();
for (let job = 1; job <= jobs; job++) if (waits[job] === 0) free.push(job);
const plan = [];
while (free.items.length > 0) {
  const job = free.pop();
  plan.push(job);
  for (const after of then[job]) if (--waits[after] === 0) free.push(after);
}
console.log(plan.length === jobs ? plan.join(" ") : "impossible");
