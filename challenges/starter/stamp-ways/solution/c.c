#include "kodelab.h"

enum { MAX_POSTAGE = 2000 };

/* 38 digits fit in 126 bits: GCC and Clang have a type for that, but printf does not know it. */
__extension__ typedef unsigned __int128 wide;

static const char *digits(wide number)
{
	static char text[40];
	char *at = text + sizeof(text) - 1;

	do {
		*--at = (char)('0' + (int)(number % 10));
		number /= 10;
	} while (number > 0);
	return at;
}

const char *stamp_ways(int postage, struct int_array stamps)
{
	static wide ways[MAX_POSTAGE + 1];
	static bool counted[MAX_POSTAGE + 1]; /* kinds of stamps we have had */

	ways[0] = 1; /* nothing to pay: one way */
	for (size_t i = 0; i < stamps.len; i++) {
		int value = stamps.data[i];

		if (counted[value])
			continue;
		counted[value] = true;
		/* one kind after the other: mixtures, not orders */
		for (int amount = value; amount <= postage; amount++)
			ways[amount] += ways[amount - value];
	}
	return digits(ways[postage]);
}
