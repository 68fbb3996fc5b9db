import java.io.IOException;
import java.io.StreamTokenizer;

public class Main {
	private static final StreamTokenizer in = new StreamTokenizer(
			new java.io.BufferedReader(new java.io.InputStreamReader(System.in)));

	private static int next() throws IOException {
		in.nextToken();
		return (int) in.nval;
	}

	public static void main(String[] args) throws IOException {
		int jobs = next(), rules = next();
		for (int i = 0; i < rules; i++) {
			int before = next(), after = next();
			// remember this rule
		}

		StringBuilder plan = new StringBuilder();
		for (int job = 1; job <= jobs; job++)
			plan.append(job).append(' ');
		System.out.println(plan);
	}
}
