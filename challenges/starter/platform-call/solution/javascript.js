const [name, stop, last] = require("fs").readFileSync(0, "utf8").split("\n");
const minutes = Number(last);

let when = `in ${minutes} minutes`;
if (minutes === 0) when = "now";
if (minutes === 1) when = "in 1 minute";

console.log(`Good morning, ${name}!`);
console.log(`Your train leaves ${when} from coach stop ${stop}.`);
