class Solution {
	static int longestRain(int[] rain) {
		int longest = 0, running = 0;
		for (int mm : rain) {
			running = mm > 0 ? running + 1 : 0;
			longest = Math.max(longest, running);
		}
		return longest;
	}
}
