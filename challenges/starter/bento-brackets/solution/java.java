import java.util.ArrayDeque;
import java.util.Deque;

class Solution {
	static Integer firstSpoiled(String recipe) {
		Deque<Integer> open = new ArrayDeque<>(); // positions of the open boxes
		for (int at = 0; at < recipe.length(); at++) {
			int lid = ")]}".indexOf(recipe.charAt(at));
			if ("([{".indexOf(recipe.charAt(at)) >= 0)
				open.push(at);
			else if (lid >= 0 && (open.isEmpty() || recipe.charAt(open.pop()) != "([{".charAt(lid)))
				return at;
		}
		return open.peekLast(); // null when there is none
	}
}
