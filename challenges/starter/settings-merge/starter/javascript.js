const fs = require("fs");

const settings = new Map();
for (const file of process.argv.slice(2)) {
  const lines = fs.readFileSync(file, "utf8").split("\n"); // what if it is not there?
  lines.forEach((line, index) => {
    // a comment, a setting, or a bad line?
  });
}
console.log(JSON.stringify(Object.fromEntries(settings)));
