function stampWays(postage, stamps) {
  const ways = new Array(postage + 1).fill(0n);
  ways[0] = 1n; // nothing to pay: one way
  for (const value of new Set(stamps)) {
    // one kind after the other: mixtures, not orders
    for (let amount = value; amount <= postage; amount++) {
      ways[amount] += ways[amount - value];
    }
  }
  return ways[postage];
}
