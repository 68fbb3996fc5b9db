const fs = require("fs");
const args = process.argv.slice(2);

if (args.length !== 1 || !/^[+-]?[0-9]+$/.test(args[0])) {
  console.error("usage: wheel SHIFT");
  process.exit(2);
}

// BigInt is exact at any size. % may be negative, hence + 26.
const shift = (Number(BigInt(args[0].replace("+", "")) % 26n) + 26) % 26;

const turn = (letter) => {
  const first = letter < "a" ? 65 : 97; // "A" or "a"
  return String.fromCharCode(first + ((letter.charCodeAt(0) - first + shift) % 26));
};
process.stdout.write(fs.readFileSync(0, "utf8").replace(/[a-z]/gi, turn));
