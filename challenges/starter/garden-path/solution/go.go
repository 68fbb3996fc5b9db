package main

const prime = 1_000_000_007

type Matrix [5][5]int64

// One step from (a(n), a(n-1), a(n-2), b(n), b(n-1)) to the same for n + 1; a counts
// the pavings that do not end with a slab of 3 feet, b those that do.
var step = Matrix{
	{1, 1, 0, 1, 1}, // a(n+1) = a(n) + b(n) + a(n-1) + b(n-1)
	{1, 0, 0, 0, 0},
	{0, 1, 0, 0, 0},
	{0, 0, 1, 0, 0}, // b(n+1) = a(n-2)
	{0, 0, 0, 1, 0},
}

func times(left, right Matrix) (product Matrix) {
	for i := range product {
		for j := range product {
			for k := range product {
				product[i][j] = (product[i][j] + left[i][k]*right[k][j]) % prime
			}
		}
	}
	return product
}

func CountPavings(length int64) int {
	var all Matrix
	for i := range all {
		all[i][i] = 1
	}
	for power := step; length > 0; length /= 2 { // step to the power 1, 2, 4, 8, ...
		if length%2 == 1 {
			all = times(power, all)
		}
		power = times(power, power)
	}
	// The empty path is (1, 0, 0, 0, 0): the first column says what becomes of it.
	return int((all[0][0] + all[3][0]) % prime)
}
