#include "kodelab.h"

#include <stdlib.h>

static int by_start(const void *a, const void *b)
{
	const struct int_array *left = a, *right = b;

	/* Not left - right: the difference of two ints may not fit in an int. */
	return (left->data[0] > right->data[0]) - (left->data[0] < right->data[0]);
}

struct int_array_array merge_shifts(struct int_array_array shifts)
{
	struct int_array_array lit = { shifts.data, 0 }; /* takes the place of what was read */

	for (size_t i = 0; i < shifts.len; i++)
		if (shifts.data[i].data[1] <= shifts.data[i].data[0])
			kl_error("bad shift");
	qsort(shifts.data, shifts.len, sizeof(shifts.data[0]), by_start);

	for (size_t i = 0; i < shifts.len; i++) {
		int *shift = shifts.data[i].data;
		int *last = lit.len ? lit.data[lit.len - 1].data : NULL;

		if (!last || shift[0] > last[1])
			lit.data[lit.len++] = shifts.data[i];
		else if (shift[1] > last[1])
			last[1] = shift[1];
	}
	return lit;
}
