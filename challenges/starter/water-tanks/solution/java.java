import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.StringTokenizer;

public class Main {
	/** Sums from the start, and changes at one place, in about log2(size) steps. */
	private static class Fenwick {
		private final long[] tree;

		Fenwick(int size) {
			tree = new long[size + 1];
		}

		void add(int at, long value) {
			for (; at < tree.length; at += at & -at)
				tree[at] += value;
		}

		long first(int at) {
			long sum = 0;
			for (; at > 0; at -= at & -at)
				sum += tree[at];
			return sum;
		}
	}

	// The first i tanks hold  i * factor.first(i) - constant.first(i)  litres.
	private static Fenwick factor, constant;

	private static void pourFrom(int at, long litres) {
		factor.add(at, litres);
		constant.add(at, litres * (at - 1));
	}

	private static long litresUpTo(int at) {
		return at * factor.first(at) - constant.first(at);
	}

	public static void main(String[] args) throws IOException {
		BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
		StringTokenizer words = new StringTokenizer(in.readLine());
		int tanks = Integer.parseInt(words.nextToken());
		int commands = Integer.parseInt(words.nextToken());
		factor = new Fenwick(tanks + 1);
		constant = new Fenwick(tanks + 1);

		StringBuilder answers = new StringBuilder();
		while (commands-- > 0) {
			words = new StringTokenizer(in.readLine());
			boolean add = words.nextToken().equals("add");
			int left = Integer.parseInt(words.nextToken());
			int right = Integer.parseInt(words.nextToken());
			if (add) {
				long litres = Long.parseLong(words.nextToken());
				pourFrom(left, litres);
				pourFrom(right + 1, -litres);
			} else {
				answers.append(litresUpTo(right) - litresUpTo(left - 1)).append('\n');
			}
		}
		System.out.print(answers);
	}
}
