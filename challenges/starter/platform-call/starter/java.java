import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

public class Main {
	public static void main(String[] args) throws IOException {
		// Say UTF-8 for both directions: what Java assumes depends on the machine.
		var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
		var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
		String name = in.readLine();
		int stop = Integer.parseInt(in.readLine().trim());
		int minutes = Integer.parseInt(in.readLine().trim());

		out.println("Good morning, " + name + "!");
		// Now say when the train leaves.
	}
}
