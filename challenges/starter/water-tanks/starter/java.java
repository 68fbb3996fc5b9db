import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.StringTokenizer;

public class Main {
	public static void main(String[] args) throws IOException {
		BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
		StringTokenizer words = new StringTokenizer(in.readLine());
		int tanks = Integer.parseInt(words.nextToken());
		int commands = Integer.parseInt(words.nextToken());

		StringBuilder answers = new StringBuilder();
		while (commands-- > 0) {
			words = new StringTokenizer(in.readLine());
			boolean add = words.nextToken().equals("add");
			int left = Integer.parseInt(words.nextToken());
			int right = Integer.parseInt(words.nextToken());
			if (add) {
				long litres = Long.parseLong(words.nextToken());
				// pour
			} else {
				answers.append(0).append('\n');
			}
		}
		System.out.print(answers);
	}
}
