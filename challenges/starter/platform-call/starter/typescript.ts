const lines: string[] = require("fs").readFileSync(0, "utf8").split("\n");
const passenger: string = lines[0];
const stop: number = Number(lines[1]);
const minutes: number = Number(lines[2]);

console.log(`Good morning, ${passenger}!`);
// Now say when the train leaves.
