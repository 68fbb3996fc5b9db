package main

func FrostAverage(readings []float64) *float64 {
	sum, count := 0.0, 0
	for _, t := range readings {
		if t < 0 {
			sum += t
			count++
		}
	}
	if count == 0 {
		return nil
	}
	average := sum / float64(count)
	return &average
}
