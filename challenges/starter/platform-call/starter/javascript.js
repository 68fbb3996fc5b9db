const lines = require("fs").readFileSync(0, "utf8").split("\n");
const name = lines[0];
const stop = Number(lines[1]);
const minutes = Number(lines[2]);

console.log(`Good morning, ${name}!`);
// Now say when the train leaves.
