import java.math.BigInteger;
import java.util.Arrays;

class Solution {
	static BigInteger stampWays(int postage, int[] stamps) {
		BigInteger[] ways = new BigInteger[postage + 1];
		Arrays.fill(ways, BigInteger.ZERO);
		ways[0] = BigInteger.ONE; // nothing to pay: one way
		for (int value : Arrays.stream(stamps).distinct().toArray())
			// one kind after the other: mixtures, not orders
			for (int amount = value; amount <= postage; amount++)
				ways[amount] = ways[amount].add(ways[amount - value]);
		return ways[postage];
	}
}
