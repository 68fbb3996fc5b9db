/* Wants to leave a core file, or start the host's crash handler. */
#include "attack.h"

int main(void)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	if (setrlimit(RLIMIT_CORE, &limit) == 0)
		return 1;
	abort();
}
