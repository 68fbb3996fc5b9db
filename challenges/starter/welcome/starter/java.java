class Solution {
	// Of all the seats, some are taken.
	// How many are left?
	static int seatsLeft(int seats, int taken) {
		return seats + taken;
	}
}
