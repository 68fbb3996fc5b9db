/*
 * The lab is killed while it makes a box: before each system call of bubblewrap's outer half, and before every few of the
 * inner one's, which becomes kodelab-box. Nothing of the box may stay. Stopped by ptrace, so that no point is left to luck.
 */

#include "tests/unit/sandbox_scene.h"

#include <errno.h>
#include <sys/prctl.h>

#include "tests/unit/kill_steps.h"

#define GONE_S 60 /* it takes milliseconds; a busy machine may take its time */
#define WATCH                                                                                                          \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL)
#define SYSCALL_STOP (SIGTRAP | 0x80)

enum who { OUTER, INNER }; /* in the order they are born */

struct round {
	enum who who; /* whose system calls are counted */
	long calls; /* the lab dies before this one */
	bool killed;
	pid_t lab, watched, last; /* 0: none, or it has ended; last: born */
	long born, seen;
};

static void too_late(int signo)
{
	(void)signo;
}

/* --- the lab ------------------------------------------------------------------------------------------------------ */

static void leave(void *ctx, const struct kl_box_result *result)
{
	(void)ctx;
	_exit(result->end == KL_END_EXITED ? 0 : 1);
}

/* Makes a box and leaves when it works: what is left to make of it then is nothing. */
static _Noreturn void make_box(const struct bench *bench, int go)
{
	struct kl_box_run run = plain((const char *const[]){ "/bin/true", NULL });
	struct kl_box *box;
	char byte;

	if (read(go, &byte, 1) != 1 || kl_box_open(&box, bench->sandbox, NULL, NULL) ||
	    kl_box_run(box, &run, leave, NULL, NULL))
		_exit(1);
	for (;;)
		kl_loop_turn(bench->loop, 1000);
}

/* Watched from its first step; false: this machine does not let a program trace another. */
static bool start_lab(struct round *round, const struct bench *bench)
{
	int go[2];
	bool traced;

	assert_int_equal(pipe(go), 0);
	round->lab = fork();
	assert_true(round->lab >= 0);
	if (round->lab == 0)
		make_box(bench, go[0]);
	traced = ptrace(PTRACE_SEIZE, round->lab, NULL, WATCH) == 0;
	assert_int_equal(write(go[1], "", traced ? 1 : 0), traced ? 1 : 0);
	close(go[0]);
	close(go[1]);
	return traced;
}

/* --- one round ---------------------------------------------------------------------------------------------------- */

static void kill_lab(struct round *round)
{
	int ended;

	assert_int_equal(kill(round->lab, SIGKILL), 0);
	do
		assert_int_equal(waitpid(round->lab, &ended, __WALL), round->lab);
	while (WIFSTOPPED(ended));
	round->killed = true;
	round->lab = round->watched = 0;
}

static void resume(const struct round *round, pid_t pid, int status)
{
	int signo = WSTOPSIG(status);

	if (signo == SYSCALL_STOP || status >> 16)
		signo = 0;
	/* What was killed meanwhile need not be resumed. */
	(void)ptrace(pid == round->watched ? PTRACE_SYSCALL : PTRACE_CONT, pid, NULL, signo);
}

static void stopped(struct round *round, pid_t pid, int status)
{
	struct __ptrace_syscall_info call;

	if (status >> 16 == PTRACE_EVENT_STOP && round->lab && pid != round->lab) {
		if (round->born++ == (long)round->who)
			round->watched = pid;
		round->last = pid;
	}
	if (pid == round->watched && steps_at_entry(&call, pid, status) && round->seen++ == round->calls)
		kill_lab(round);
	resume(round, pid, status);
}

static void lab_left(struct round *round, int status)
{
	assert_int_equal(status, 0);
	round->lab = round->watched = 0;
}

/* False: the box was ready before that call. Orphans come to us, and all must end. */
static bool kill_before(const struct bench *bench, enum who who, long calls)
{
	struct sigaction action = { .sa_handler = too_late };
	struct round round = { .who = who, .calls = calls };
	pid_t pid;
	int status;

	sigaction(SIGALRM, &action, NULL);
	assert_true(start_lab(&round, bench));
	alarm(GONE_S);
	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		if (WIFSTOPPED(status))
			stopped(&round, pid, status);
		else if (pid == round.lab)
			lab_left(&round, status);
	}
	if (errno != ECHILD) {
		kill(round.last, SIGKILL);
		fail_msg("killed before call %ld of bubblewrap's %s half: a process of the box outlived the lab", calls,
			 who == OUTER ? "outer" : "inner");
	}
	alarm(0);
	return round.killed;
}

static bool can_trace(const struct bench *bench)
{
	struct round round = { .who = OUTER };

	if (start_lab(&round, bench)) {
		kill_lab(&round);
		return true;
	}
	assert_int_equal(waitpid(round.lab, NULL, 0), round.lab);
	print_message("# skipped: this machine does not let a program trace another\n");
	return false;
}

/* --- the tests ---------------------------------------------------------------------------------------------------- */

static void all_points(struct bench *bench, enum who who, long stride)
{
	long calls = 0;

	need_walls(bench);
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
	if (!can_trace(bench))
		skip();
	while (kill_before(bench, who, calls))
		calls += getenv("KL_TEST_THOROUGH") ? 1 : stride;
	assert_in_range(calls, 30, 2000);
	print_message("%ld points\n", calls / stride);
}

static void test_killed_at_a_call_of_the_outer_half(void **state)
{
	all_points(*state, OUTER, 1);
}

static void test_killed_at_a_call_of_the_inner_half(void **state)
{
	all_points(*state, INNER, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_killed_at_a_call_of_the_outer_half, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_killed_at_a_call_of_the_inner_half, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
