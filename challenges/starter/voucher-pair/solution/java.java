import java.util.HashMap;
import java.util.Map;

class Solution {
	static int[] voucherPair(int[] prices, int voucher) {
		Map<Integer, Integer> firstAt = new HashMap<>(); // price to leftmost position
		for (int j = 0; j < prices.length; j++) {
			Integer i = firstAt.get(voucher - prices[j]);
			if (i != null)
				return new int[] { i, j };
			firstAt.putIfAbsent(prices[j], j);
		}
		return null;
	}
}
