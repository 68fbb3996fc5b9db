const fs = require("fs");

function stop(code, problem) {
  console.log(JSON.stringify(problem));
  process.exit(code);
}

const trim = (text) => text.replace(/^[ \t]+|[ \t]+$/g, "");

const settings = new Map(); // a plain object would trip over a key like __proto__
for (const file of process.argv.slice(2)) {
  if (!fs.existsSync(file)) stop(2, { error: "missing file", file });
  fs.readFileSync(file, "utf8").split("\n").forEach((raw, index) => {
    const line = trim(raw);
    if (line === "" || line.startsWith("#")) return;
    const at = line.indexOf("="); // -1: none; 0: no key
    if (at < 1) stop(3, { error: "bad line", file, line: index + 1 });
    settings.set(trim(line.slice(0, at)), trim(line.slice(at + 1)));
  });
}
console.log(JSON.stringify(Object.fromEntries(settings)));
