package main

// SeatsLeft: of all the seats, some are taken.
// How many are left?
func SeatsLeft(seats, taken int) int {
	return seats + taken
}
