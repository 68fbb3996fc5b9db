#include "kodelab.h"

enum { PRIME = 1000000007, SIZE = 5 };

struct matrix {
	int64_t cell[SIZE][SIZE];
};

/*
 * One step from (a(n), a(n-1), a(n-2), b(n), b(n-1)) to the same for n + 1; a counts the
 * pavings that do not end with a slab of 3 feet, b those that do.
 */
static const struct matrix step = { {
	{ 1, 1, 0, 1, 1 }, /* a(n+1) = a(n) + b(n) + a(n-1) + b(n-1) */
	{ 1, 0, 0, 0, 0 },
	{ 0, 1, 0, 0, 0 },
	{ 0, 0, 1, 0, 0 }, /* b(n+1) = a(n-2) */
	{ 0, 0, 0, 1, 0 },
} };

static struct matrix times(struct matrix left, struct matrix right)
{
	struct matrix product = { 0 };

	for (int i = 0; i < SIZE; i++)
		for (int j = 0; j < SIZE; j++)
			for (int k = 0; k < SIZE; k++)
				product.cell[i][j] = (product.cell[i][j] + left.cell[i][k] * right.cell[k][j]) % PRIME;
	return product;
}

int count_pavings(int64_t length)
{
	struct matrix all = { 0 }, power = step; /* step to the power 1, 2, 4, 8, ... */

	for (int i = 0; i < SIZE; i++)
		all.cell[i][i] = 1;
	for (; length > 0; length /= 2) {
		if (length % 2 == 1)
			all = times(power, all);
		power = times(power, power);
	}
	/* The empty path is (1, 0, 0, 0, 0): the first column says what becomes of it. */
	return (int)((all.cell[0][0] + all.cell[3][0]) % PRIME);
}
