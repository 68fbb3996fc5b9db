package main

func LongestRain(rain []int) int {
	longest, running := 0, 0
	for _, mm := range rain {
		if mm > 0 {
			running++
		} else {
			running = 0
		}
		if running > longest {
			longest = running
		}
	}
	return longest
}
