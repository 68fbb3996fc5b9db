// One function per line of the grammar; all of them move `at` forward.
function calculate(text) {
  let at = 0;

  function peek() {
    while (text[at] === " ") at++;
    return text[at];
  }

  function take(signs) {
    const sign = peek();
    if (sign === undefined || !signs.includes(sign)) return null;
    at++;
    return sign;
  }

  function sum() {
    let value = product();
    for (let sign; (sign = take("+-")); ) {
      const right = product();
      value = sign === "+" ? value + right : value - right;
    }
    return value;
  }

  function product() {
    let left = value();
    for (let sign; (sign = take("*/")); ) {
      const right = value();
      if (sign === "/" && right === 0n) throw new Error("division by zero");
      left = sign === "*" ? left * right : left / right; // BigInts cut towards zero
    }
    return left;
  }

  function value() {
    if (take("-")) return -value();
    if (take("(")) {
      const inner = sum();
      if (!take(")")) throw new Error("syntax error: a bracket is missing");
      return inner;
    }
    peek();
    const start = at;
    while (text[at] >= "0" && text[at] <= "9") at++;
    if (start === at) throw new Error("syntax error: a value is missing");
    return BigInt(text.slice(start, at));
  }

  const result = sum();
  if (peek() !== undefined) throw new Error("syntax error: something is left over");
  return result;
}
