class Solution {
	static int seatsLeft(int seats, int taken) {
		return seats - taken;
	}
}
