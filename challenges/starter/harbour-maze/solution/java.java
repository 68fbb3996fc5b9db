import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;

class Solution {
	private static final int[][] WAYS = { { -1, 0 }, { 1, 0 }, { 0, -1 }, { 0, 1 } };

	static Integer fewestMoves(String[] chart) {
		int[][] moves = new int[chart.length][chart[0].length()];
		Queue<int[]> queue = new ArrayDeque<>();
		for (int y = 0; y < chart.length; y++) {
			Arrays.fill(moves[y], -1); // not seen yet
			int x = chart[y].indexOf('S');
			if (x >= 0) {
				moves[y][x] = 0;
				queue.add(new int[] { y, x });
			}
		}
		while (!queue.isEmpty()) {
			int[] here = queue.remove();
			if (chart[here[0]].charAt(here[1]) == 'H')
				return moves[here[0]][here[1]];
			for (int[] way : WAYS) {
				int y = here[0] + way[0], x = here[1] + way[1];
				if (y < 0 || y >= chart.length || x < 0 || x >= chart[y].length())
					continue;
				if (chart[y].charAt(x) == '#' || moves[y][x] >= 0)
					continue;
				moves[y][x] = moves[here[0]][here[1]] + 1;
				queue.add(new int[] { y, x });
			}
		}
		return null;
	}
}
