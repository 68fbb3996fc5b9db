class Solution {
	// A coach has this many seats, and so many of them are taken. How many are left?
	static int seatsLeft(int seats, int taken) {
		return seats + taken;
	}
}
