package main

// SeatsLeft: a coach has this many seats, and so many of them are taken. How many are left?
func SeatsLeft(seats, taken int) int {
	return seats + taken
}
