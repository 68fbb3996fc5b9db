#ifndef TESTS_UNIT_KILL_STEPS_H
#define TESTS_UNIT_KILL_STEPS_H

/*
 * Killing a child of the test at a point of its work: before one of its system calls that change a file, by ptrace, so
 * that no point is left to luck; or at any moment, which finds what lies between two calls but proves nothing alone.
 * Before it: cmocka.h.
 */

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* One piece of work, from begin to end; it may assert nothing, only fail. */
typedef bool killed_work_fn(void *ctx);

/* Before a system call, not after it; *call then says which. */
static inline bool steps_at_entry(struct __ptrace_syscall_info *call, pid_t pid, int stopped)
{
	*call = (struct __ptrace_syscall_info){ .op = 0 }; /* valgrind does not know who fills it */
	return WSTOPSIG(stopped) == (SIGTRAP | 0x80) && ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(*call), call) > 0 &&
	       call->op == PTRACE_SYSCALL_INFO_ENTRY;
}

/* The first stop of a child that asked to be traced; false, and the child has ended: this machine does not let us trace. */
static inline bool steps_begin(pid_t pid)
{
	int stopped;

	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &stopped, 0), pid);
	if (!WIFSTOPPED(stopped)) {
		print_message("# skipped: this machine does not let a program trace another\n");
		return false;
	}
	assert_int_equal(ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL), 0);
	return true;
}

/* What survives a process: between two of these calls, one point is as good as another. */
static inline bool steps_changes_a_file(const struct __ptrace_syscall_info *call)
{
	switch (call->entry.nr) {
	case SYS_openat:
		return call->entry.args[2] & (O_CREAT | O_TRUNC);
	case SYS_write:
	case SYS_pwrite64:
	case SYS_ftruncate:
	case SYS_renameat2:
	case SYS_linkat:
	case SYS_unlinkat:
	case SYS_mkdirat:
	case SYS_fchmod:
#ifdef SYS_rename
	case SYS_open:
	case SYS_rename:
	case SYS_link:
	case SYS_unlink:
	case SYS_mkdir:
	case SYS_rmdir:
	case SYS_chmod:
#endif
		return true;
	default:
		return false;
	}
}

/* Kills pid before its calls + 1st system call that changes a file. False: it ended before that, and well. */
static inline bool steps_kill(pid_t pid, int calls)
{
	struct __ptrace_syscall_info call;
	int ended;

	for (;;) {
		assert_int_equal(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), 0);
		assert_int_equal(waitpid(pid, &ended, 0), pid);
		if (!WIFSTOPPED(ended)) {
			assert_int_equal(ended, 0);
			return false;
		}
		if (!steps_at_entry(&call, pid, ended) || !steps_changes_a_file(&call) || calls--)
			continue;
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, &ended, 0), pid);
		return true;
	}
}

/* A child stopped before it does the work once; 0: this machine does not let us trace. */
static inline pid_t steps_start(killed_work_fn *work, void *ctx)
{
	pid_t pid = fork();

	if (!pid) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0)
			raise(SIGSTOP);
		_exit(work(ctx) ? 0 : 1);
	}
	return steps_begin(pid) ? pid : 0;
}

/* Does the work again and again in a child, and kills it wait_us after it was done once, or later. */
static inline void kill_at_any_moment(killed_work_fn *work, void *ctx, long wait_us)
{
	struct timespec wait = { .tv_nsec = wait_us * 1000 };
	int ends[2], ended;
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		while (work(ctx) && write(ends[1], "x", 1) == 1)
			;
	if (!pid)
		_exit(1);
	close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 1);
	(void)ppoll(NULL, 0, &wait, NULL);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &ended, 0), pid);
	assert_true(WIFSIGNALED(ended));
	close(ends[0]);
}

#endif
