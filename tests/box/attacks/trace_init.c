/* The verdict comes from pid 1: takes it over, writes into it, takes its descriptors. */
#include "attack.h"
#include <sys/ptrace.h>
#include <sys/uio.h>

int main(void)
{
	char word[8] = "forged!";
	struct iovec here = { word, 8 }, there = { (void *)0x400000, 8 };
	int pidfd = (int)syscall(434, 1, 0);

	denied("attach", ptrace(PTRACE_ATTACH, 1, 0, 0));
	denied("seize", ptrace(PTRACE_SEIZE, 1, 0, 0));
	denied("traceme", ptrace(PTRACE_TRACEME, 0, 0, 0));
	denied("readv", process_vm_readv(1, &here, 1, &there, 1, 0));
	denied("writev", process_vm_writev(1, &here, 1, &there, 1, 0));
	for (int fd = 0; fd < 10; fd++)
		denied("getfd", syscall(438, pidfd, fd, 0));
	denied("mem", open("/proc/1/mem", O_RDWR));
	denied("fd", open("/proc/1/fd/3", O_RDWR));
	denied("kcmp", syscall(SYS_kcmp, getpid(), 1, 0, 0, 0));
	return escaped;
}
