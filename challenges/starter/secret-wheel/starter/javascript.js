const fs = require("fs");

// process.argv begins with node and the program; the arguments follow.
const shift = Number(process.argv[2]);

const text = fs.readFileSync(0, "utf8");
process.stdout.write(text); // turn the letters; what if the argument is bad?
