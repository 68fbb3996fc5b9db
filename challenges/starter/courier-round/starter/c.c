#include <math.h>
#include <stdio.h>

enum { MAX = 13 };

int main(void)
{
	double x[MAX + 1] = { 0 }, y[MAX + 1] = { 0 }; /* the depot is number 0 */
	double metres = 0;
	int count;

	if (scanf("%d", &count) != 1)
		return 1;
	for (int i = 1; i <= count; i++)
		if (scanf("%lf %lf", &x[i], &y[i]) != 2)
			return 1;

	/* This is the round in the order of the input. Which order is the shortest? */
	for (int i = 1; i <= count; i++)
		metres += hypot(x[i] - x[i - 1], y[i] - y[i - 1]);
	metres += hypot(x[count], y[count]);
	printf("%.9f\n", metres);
	return 0;
}
