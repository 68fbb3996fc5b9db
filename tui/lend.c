/* Starting a program that gets our terminal (an editor): default signals, our descriptors 0-2 and nothing else. */
#include "app_int.h"

#include <signal.h>
#include <spawn.h>
#include <unistd.h>

enum kl_status lend_spawn(pid_t *pid, const char *const *argv, struct kl_error *err)
{
	posix_spawnattr_t attributes;
	sigset_t none, all;
	int problem;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	/* posix_spawnp takes char *const[] for old callers' sake; it does not write to them */
	problem = posix_spawnp(pid, argv[0], NULL, &attributes, (char *const *)(uintptr_t)argv, environ);
	posix_spawnattr_destroy(&attributes);
	return problem ? kl_fail_errno(err, KL_ENOTOOL, problem, "could not start '%s'", argv[0]) : KL_OK;
}
