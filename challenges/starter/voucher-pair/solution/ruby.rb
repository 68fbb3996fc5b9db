def voucher_pair(prices, voucher)
  first_at = {} # price -> leftmost position
  prices.each_with_index do |price, j|
    i = first_at[voucher - price]
    return [i, j] if i
    first_at[price] ||= j
  end
  nil
end
