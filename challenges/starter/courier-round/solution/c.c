#include <math.h>
#include <stdio.h>

enum { MAX = 13 };

/*
 * best[visited][last]: the shortest way from the depot through the stops whose bits
 * are set in visited, ending at last. Smaller sets are smaller numbers.
 */
static double best[1 << MAX][MAX];
static double x[MAX], y[MAX];

int main(void)
{
	int count;
	double shortest = INFINITY;

	if (scanf("%d", &count) != 1)
		return 1;
	for (int i = 0; i < count; i++)
		if (scanf("%lf %lf", &x[i], &y[i]) != 2)
			return 1;

	for (int set = 1; set < 1 << count; set++) {
		for (int last = 0; last < count; last++) {
			int others = set & ~(1 << last);

			best[set][last] = others ? INFINITY : hypot(x[last], y[last]);
			if (!(set >> last & 1))
				best[set][last] = INFINITY;
			for (int i = 0; set >> last & 1 && i < count; i++)
				if (others >> i & 1)
					best[set][last] = fmin(best[set][last],
							       best[others][i] + hypot(x[last] - x[i],
										       y[last] - y[i]));
		}
	}
	for (int last = 0; last < count; last++)
		shortest = fmin(shortest, best[(1 << count) - 1][last] + hypot(x[last], y[last]));
	printf("%.9f\n", count ? shortest : 0.0);
	return 0;
}
