#include "kodelab.h"

/* A hash table with open addressing: price to leftmost position + 1; 0 is an empty place. */
enum { TABLE_SIZE = 1 << 16 };

static struct place {
	int price, position1;
} table[TABLE_SIZE];

/* The place of this price, or the empty one where it belongs. */
static struct place *find(int price)
{
	unsigned at = (unsigned)price * 2654435769u >> 16;

	while (table[at].position1 && table[at].price != price)
		at = (at + 1) % TABLE_SIZE;
	return &table[at];
}

struct int_array *voucher_pair(struct int_array prices, int voucher)
{
	static int pair[2];
	static struct int_array found = { pair, 2 };

	for (int j = 0; j < (int)prices.len; j++) {
		int partner = find(voucher - prices.data[j])->position1;
		struct place *own = find(prices.data[j]);

		if (partner) {
			pair[0] = partner - 1;
			pair[1] = j;
			return &found;
		}
		if (!own->position1)
			*own = (struct place){ prices.data[j], j + 1 };
	}
	return NULL;
}
