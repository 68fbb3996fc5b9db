/* Goes before everybody else. */
#include "attack.h"
#include <sched.h>

int main(void)
{
	cpu_set_t one = { { 1 } };
	struct sched_param first = { .sched_priority = 1 };

	denied("FIFO", sched_setscheduler(0, SCHED_FIFO, &first));
	denied("RR", sched_setscheduler(0, SCHED_RR, &first));
	denied("nice", setpriority(PRIO_PROCESS, 0, -20));
	denied("nice of pid 1", setpriority(PRIO_PROCESS, 1, 19));
	denied("nice of all", setpriority(PRIO_USER, 0, 19));
	denied("nice of the group", setpriority(PRIO_PGRP, 1, 19));
	denied("idle for pid 1", sched_setscheduler(1, SCHED_IDLE, &(struct sched_param){ 0 }));
	denied("processors of pid 1", sched_setaffinity(1, sizeof(one), &one));
	denied("disk of pid 1", syscall(SYS_ioprio_set, 1, 1, 3 << 13));
	return escaped;
}
