/* Changes the time of the machine. */
#include "attack.h"
#include <sys/time.h>
#include <sys/timex.h>

int main(void)
{
	struct timespec past = { 1000000, 0 };
	struct timeval past2 = { 1000000, 0 };
	struct timex change = { .modes = ADJ_FREQUENCY, .freq = 1 };

	denied("clock_settime", clock_settime(CLOCK_REALTIME, &past));
	denied("settimeofday", settimeofday(&past2, NULL));
	denied("adjtimex", adjtimex(&change));
	return escaped;
}
