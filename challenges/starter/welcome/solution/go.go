package main

func SeatsLeft(seats, taken int) int {
	return seats - taken
}
