#include "kodelab.h"

#include <string.h>

enum { MAX = 150 };

int *fewest_moves(struct string_array chart)
{
	static const int north[] = { -1, 1, 0, 0 }, east[] = { 0, 0, -1, 1 };
	static int moves[MAX][MAX];          /* from the start; -1: not seen yet */
	static int queue_y[MAX * MAX], queue_x[MAX * MAX];
	int height = (int)chart.len, width = (int)strlen(chart.data[0]);
	int head = 0, tail = 0;

	memset(moves, -1, sizeof(moves));
	for (int y = 0; y < height; y++) {
		const char *start = strchr(chart.data[y], 'S');

		if (start) {
			queue_y[tail] = y;
			queue_x[tail] = (int)(start - chart.data[y]);
			moves[y][queue_x[tail++]] = 0;
		}
	}
	for (; head < tail; head++) {
		int y = queue_y[head], x = queue_x[head];

		if (chart.data[y][x] == 'H')
			return &moves[y][x];
		for (int way = 0; way < 4; way++) {
			int v = y + north[way], u = x + east[way];

			if (v < 0 || v >= height || u < 0 || u >= width)
				continue;
			if (chart.data[v][u] == '#' || moves[v][u] >= 0)
				continue;
			moves[v][u] = moves[y][x] + 1;
			queue_y[tail] = v;
			queue_x[tail++] = u;
		}
	}
	return NULL;
}
