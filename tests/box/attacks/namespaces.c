/* New namespaces, and those of others. */
#include "attack.h"
#include <sched.h>

int main(void)
{
	static const int flags[] = { CLONE_NEWUSER, CLONE_NEWNS,  CLONE_NEWPID,    CLONE_NEWNET,
				     CLONE_NEWIPC,  CLONE_NEWUTS, CLONE_NEWCGROUP, 0x80 };
	uint64_t args[8] = { CLONE_NEWUSER, 0, 0, 0, SIGCHLD, 0, 0, 0 };

	for (size_t i = 0; i < 8; i++) {
		long pid = syscall(SYS_clone, flags[i] | SIGCHLD, 0, 0, 0, 0);

		if (pid == 0)
			_exit(0);
		denied("clone", pid);
		denied("unshare", unshare(flags[i]));
	}
	denied("clone3", syscall(435, args, sizeof(args)));
	denied("setns", setns(open("/proc/1/ns/mnt", O_RDONLY), 0));
	denied("setns pidfd", setns((int)syscall(434, 1, 0), CLONE_NEWNS | CLONE_NEWPID));
	return escaped;
}
