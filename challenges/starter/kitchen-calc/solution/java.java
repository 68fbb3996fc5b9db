class Solution {
	static long calculate(String text) {
		Parser parser = new Parser(text);
		long value = parser.sum();
		if (parser.peek() != Parser.END)
			throw new IllegalArgumentException("syntax error: something is left over");
		return value;
	}

	/** One method per line of the grammar; all of them move {@code at} forward. */
	private static class Parser {
		static final char END = '\0';
		private final String text;
		private int at;

		Parser(String text) {
			this.text = text;
		}

		char here() {
			return at < text.length() ? text.charAt(at) : END;
		}

		char peek() {
			while (here() == ' ')
				at++;
			return here();
		}

		boolean take(char sign) {
			if (peek() != sign)
				return false;
			at++;
			return true;
		}

		long sum() {
			long left = product();
			while (true) {
				if (take('+'))
					left += product();
				else if (take('-'))
					left -= product();
				else
					return left;
			}
		}

		long product() {
			long left = value();
			while (true) {
				if (take('*'))
					left *= value();
				else if (take('/'))
					left = divide(left, value());
				else
					return left;
			}
		}

		long value() {
			if (take('-'))
				return -value();
			if (take('(')) {
				long inner = sum();
				if (!take(')'))
					throw new IllegalArgumentException("syntax error: a bracket is missing");
				return inner;
			}
			peek();
			int start = at;
			while (here() >= '0' && here() <= '9')
				at++;
			if (start == at)
				throw new IllegalArgumentException("syntax error: a value is missing");
			return Long.parseLong(text.substring(start, at));
		}

		private static long divide(long left, long right) {
			if (right == 0)
				throw new ArithmeticException("division by zero"); // Java's own says "/ by zero"
			return left / right;
		}
	}
}
