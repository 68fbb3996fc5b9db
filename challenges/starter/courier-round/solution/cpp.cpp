#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <limits>
#include <vector>

int main()
{
	int count;
	std::cin >> count;
	std::vector<double> x(count), y(count);
	for (int i = 0; i < count; i++)
		std::cin >> x[i] >> y[i];

	// best[visited][last]: the shortest way from the depot through the stops whose
	// bits are set in visited, ending at last. Smaller sets are smaller numbers.
	const double never = std::numeric_limits<double>::infinity();
	std::vector<std::vector<double>> best(1 << count, std::vector<double>(count, never));
	for (int i = 0; i < count; i++)
		best[1 << i][i] = std::hypot(x[i], y[i]);
	for (int visited = 1; visited < 1 << count; visited++)
		for (int last = 0; last < count; last++)
			for (int next = 0; next < count; next++) {
				if (best[visited][last] == never || (visited >> next & 1))
					continue;
				double &way = best[visited | 1 << next][next];
				way = std::min(way, best[visited][last] +
							    std::hypot(x[last] - x[next], y[last] - y[next]));
			}

	double shortest = count ? never : 0.0;
	for (int last = 0; last < count; last++)
		shortest = std::min(shortest, best.back()[last] + std::hypot(x[last], y[last]));
	std::printf("%.9f\n", shortest);
}
