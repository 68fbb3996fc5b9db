/* Raises its own limits. */
#include "attack.h"

int main(void)
{
	static const int resources[] = { RLIMIT_CPU,   RLIMIT_FSIZE, RLIMIT_NOFILE,
					 RLIMIT_STACK, RLIMIT_CORE,  RLIMIT_NPROC };
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	for (size_t i = 0; i < sizeof(resources) / sizeof(resources[0]); i++) {
		denied("setrlimit", setrlimit(resources[i], &limit));
		denied("prlimit of pid 1", prlimit(1, resources[i], &limit, NULL));
	}
	return escaped;
}
