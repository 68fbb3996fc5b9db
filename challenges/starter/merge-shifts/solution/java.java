import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

class Solution {
	static int[][] mergeShifts(int[][] shifts) {
		for (int[] shift : shifts)
			if (shift[1] <= shift[0])
				throw new IllegalArgumentException("bad shift");
		Arrays.sort(shifts, Comparator.comparingInt(shift -> shift[0]));

		List<int[]> lit = new ArrayList<>();
		for (int[] shift : shifts) {
			int[] last = lit.isEmpty() ? null : lit.get(lit.size() - 1);
			if (last != null && shift[0] <= last[1])
				last[1] = Math.max(last[1], shift[1]);
			else
				lit.add(shift);
		}
		return lit.toArray(new int[0][]);
	}
}
