#include "kodelab.h"

enum { MODULUS = 1000003, MAX_COUNT = 300000 };

int64_t peak_total(int seed, int step, int count, int width)
{
	/* Positions and levels that still have a chance, levels falling: the first is the peak. */
	static int place[MAX_COUNT], level[MAX_COUNT];
	int first = 0, end = 0;
	int64_t total = 0;
	int now = seed;

	for (int i = 0; i < count; i++) {
		while (end > first && level[end - 1] <= now)
			end--;
		place[end] = i;
		level[end++] = now;
		if (place[first] <= i - width)
			first++;
		if (i >= width - 1)
			total += level[first];
		now = (now + step) % MODULUS;
	}
	return total;
}
