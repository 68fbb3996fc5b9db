/*
 * The run's cgroup, seen from inside: the host has made it and set its limits, and only its folder's descriptor comes
 * here. Complete accounts, where /proc shows what happens to be alive; the program cannot see or reach any of it.
 */

#include "core/sandbox/box/box_int.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef CLONE_NEWCGROUP
#define CLONE_NEWCGROUP 0x02000000
#endif

pid_t cgroup_fork(int folder)
{
	struct clone_args args = { .flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD };

	if (folder < 0)
		return fork();
	args.cgroup = (uint64_t)folder;
	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

bool cgroup_hide(int folder)
{
	return folder < 0 || syscall(SYS_unshare, CLONE_NEWCGROUP) == 0;
}

static bool read_file(int folder, const char *name, char *text, size_t size)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd >= 0 ? read(fd, text, size - 1) : -1;

	if (fd >= 0)
		close(fd);
	text[got > 0 ? got : 0] = '\0';
	return got > 0;
}

/* The value of a line "name value"; -1: not there. */
static int64_t value_of(int folder, const char *file, const char *name)
{
	char text[1024], *rest = text, *line;
	size_t len = strlen(name);

	if (!read_file(folder, file, text, sizeof(text)))
		return -1;
	while ((line = strsep(&rest, "\n")))
		if (!strncmp(line, name, len) && line[len] == ' ')
			return strtoll(line + len, NULL, 10);
	return -1;
}

int64_t cgroup_cpu_us(int folder)
{
	return value_of(folder, "cpu.stat", "usage_usec");
}

bool cgroup_limits_memory(int folder)
{
	return folder >= 0 && faccessat(folder, "memory.events", R_OK, 0) == 0;
}

bool cgroup_out_of_memory(int folder)
{
	return value_of(folder, "memory.events", "oom_kill") > 0;
}

int64_t cgroup_peak_kib(int folder)
{
	char text[32];

	return read_file(folder, "memory.peak", text, sizeof(text)) ? strtoll(text, NULL, 10) / 1024 : 0;
}
