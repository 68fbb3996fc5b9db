#include "kodelab.h"

int longest_rain(struct int_array rain)
{
	int longest = 0, running = 0;

	for (size_t i = 0; i < rain.len; i++) {
		running = rain.data[i] > 0 ? running + 1 : 0;
		if (running > longest)
			longest = running;
	}
	return longest;
}
