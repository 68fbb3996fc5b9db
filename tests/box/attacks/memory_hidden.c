/* A process that does not let itself be looked at, nor its children. */
#include "attack.h"
#include <sys/prctl.h>

int main(void)
{
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	fork();
	for (;;)
		memset(malloc(MIB), 1, MIB);
}
