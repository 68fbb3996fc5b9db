import java.util.*;

class Solution {
	static int[][] mergeShifts(int[][] shifts) {
		for (int[] shift : shifts)
			if (shift[1] <= shift[0])
				throw new IllegalArgumentException("bad shift");
		return shifts;
	}
}
