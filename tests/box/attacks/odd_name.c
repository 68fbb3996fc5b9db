/* A process name that looks like the rest of a /proc/PID/stat line. */
#include "attack.h"
#include <sys/prctl.h>

int main(void)
{
	prctl(PR_SET_NAME, ") R 1 1 1 0 0", 0, 0, 0);
	fork();
	for (;;)
		continue;
}
