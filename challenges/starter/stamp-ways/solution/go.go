package main

import "math/big"

func StampWays(postage int, stamps []int) *big.Int {
	ways := make([]big.Int, postage+1)
	ways[0].SetInt64(1) // nothing to pay: one way
	counted := map[int]bool{}
	for _, value := range stamps {
		if counted[value] {
			continue
		}
		counted[value] = true
		// one kind after the other: mixtures, not orders
		for amount := value; amount <= postage; amount++ {
			ways[amount].Add(&ways[amount], &ways[amount-value])
		}
	}
	return &ways[postage]
}
