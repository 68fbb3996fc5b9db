#include "kodelab.h"

/*
 * From kodelab.h:
 * struct int_array { int *data; size_t len; };
 * struct int_array_array { struct int_array *data; size_t len; };
 * void kl_error(const char *message); ends the call with an error
 */
struct int_array_array merge_shifts(struct int_array_array shifts)
{
	for (size_t i = 0; i < shifts.len; i++) {
		const int *shift = shifts.data[i].data;

		if (shift[1] <= shift[0])
			kl_error("bad shift");
	}
	return shifts;
}
