/* The system calls a program may not make: filter/rules.c says which, and make compiles that into the two programs. */

#include "core/sandbox/box/box_int.h"

#include <linux/seccomp.h>
#include <sys/prctl.h>

bool filter_enter(const struct box *box)
{
	const struct sock_fprog *filter = box->mode == BOX_BARE ? &filter_no_sockets : &filter_local_sockets;

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter, 0, 0) == 0;
}
