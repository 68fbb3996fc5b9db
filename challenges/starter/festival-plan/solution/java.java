import java.io.IOException;
import java.io.StreamTokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.stream.Collectors;

public class Main {
	private static final StreamTokenizer in = new StreamTokenizer(
			new java.io.BufferedReader(new java.io.InputStreamReader(System.in)));

	private static int next() throws IOException {
		in.nextToken();
		return (int) in.nval;
	}

	public static void main(String[] args) throws IOException {
		int jobs = next(), rules = next();
		List<List<Integer>> then = new ArrayList<>(); // who waits for this job
		for (int job = 0; job <= jobs; job++)
			then.add(new ArrayList<>());
		int[] waits = new int[jobs + 1]; // for how many others it waits
		for (int i = 0; i < rules; i++) {
			int before = next(), after = next();
			then.get(before).add(after);
			waits[after]++;
		}

		PriorityQueue<Integer> free = new PriorityQueue<>();
		for (int job = 1; job <= jobs; job++)
			if (waits[job] == 0)
				free.add(job);
		List<Integer> plan = new ArrayList<>();
		while (!free.isEmpty()) {
			int job = free.remove();
			plan.add(job);
			for (int after : then.get(job))
				if (--waits[after] == 0)
					free.add(after);
		}
		System.out.println(plan.size() < jobs ? "impossible"
				: plan.stream().map(String::valueOf).collect(Collectors.joining(" ")));
	}
}
