#include <algorithm>
#include <vector>

int longest_rain(const std::vector<int> &rain)
{
	int longest = 0, running = 0;

	for (int mm : rain) {
		running = mm > 0 ? running + 1 : 0;
		longest = std::max(longest, running);
	}
	return longest;
}
