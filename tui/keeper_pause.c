/* How long the keeper rests: pure, the time comes in. */
#include "keeper.h"

enum { PAUSE_MS = 10000, PAUSE_MAX_MS = 600000 };

int64_t keeper_pause_ms(int tries, int64_t ready_ms, int64_t now_ms)
{
	int64_t pause_ms = PAUSE_MS;

	for (int i = 0; i < tries && pause_ms < PAUSE_MAX_MS; i++)
		pause_ms *= 2;
	if (pause_ms > PAUSE_MAX_MS)
		pause_ms = PAUSE_MAX_MS;
	return ready_ms > 0 && ready_ms - now_ms > pause_ms ? ready_ms - now_ms : pause_ms;
}
