function voucherPair(prices, voucher) {
  const firstAt = new Map(); // price -> leftmost position
  for (const [j, price] of prices.entries()) {
    const i = firstAt.get(voucher - price);
    if (i !== undefined) return [i, j];
    if (!firstAt.has(price)) firstAt.set(price, j);
  }
  return null;
}
