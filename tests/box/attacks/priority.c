/* Goes before everybody else. */
#include "attack.h"
#include <sched.h>

int main(void)
{
	struct sched_param first = { .sched_priority = 1 };

	denied("FIFO", sched_setscheduler(0, SCHED_FIFO, &first));
	denied("RR", sched_setscheduler(0, SCHED_RR, &first));
	denied("nice", setpriority(PRIO_PROCESS, 0, -20));
	denied("nice of pid 1", setpriority(PRIO_PROCESS, 1, 19) < 0 ? -1 : 0);
	return escaped;
}
