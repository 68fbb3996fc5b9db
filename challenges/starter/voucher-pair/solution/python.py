def voucher_pair(prices, voucher):
    first_at = {}  # price -> leftmost position
    for j, price in enumerate(prices):
        i = first_at.get(voucher - price)
        if i is not None:
            return [i, j]
        first_at.setdefault(price, j)
    return None
