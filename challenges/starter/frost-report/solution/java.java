import java.util.Arrays;
import java.util.OptionalDouble;

class Solution {
	static Double frostAverage(double[] readings) {
		OptionalDouble average = Arrays.stream(readings).filter(t -> t < 0).average();
		if (average.isEmpty())
			return null; // a "?:" here would unbox the null, and fail
		return average.getAsDouble();
	}
}
