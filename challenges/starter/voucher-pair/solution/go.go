package main

func VoucherPair(prices []int, voucher int) []int {
	firstAt := map[int]int{} // price to leftmost position
	for j, price := range prices {
		if i, found := firstAt[voucher-price]; found {
			return []int{i, j}
		}
		if _, found := firstAt[price]; !found {
			firstAt[price] = j
		}
	}
	return nil
}
