/* What a run may ask for beside its time and memory, and a box that changes hands. */

#include <kodelab/sandbox.h>

#include <signal.h>

#include "tests/unit/sandbox_scene.h"

#define PYTHON(script) ((const char *const[]){ "/usr/bin/python3", "-c", script, NULL })

/* Each test is told once for each kind of walls. */
static void at_levels(struct bench *bench, void (*check)(struct bench *bench))
{
	static const char *const levels[] = { "1-flat", "2" };
	struct kl_sandbox *strong = bench->sandbox;

	need_walls(bench);
	check(bench);
	for (size_t i = 0; i < KL_LENGTH(levels); i++) {
		setenv("KL_SANDBOX_LEVEL", levels[i], 1);
		open_sandbox(bench);
		unsetenv("KL_SANDBOX_LEVEL");
		assert_int_not_equal(kl_sandbox_level(bench->sandbox), KL_SANDBOX_RLIMITS);
		check(bench);
		kl_sandbox_close(bench->sandbox);
	}
	bench->sandbox = strong;
}

/* --- limits ----------------------------------------------------------------------------------------------------- */

static void check_stack(struct bench *bench)
{
	struct kl_box *box = open_box(bench);
	struct seen seen = { .bench = bench };
	struct kl_box_run run = plain(SH("ulimit -s; ulimit -Hs"));

	run_in(box, &seen, &run);
	assert_string_equal(seen.out, "65536\n65536\n");
	run.stack_kib = 512;
	run.address_limit = true;
	run_in(box, &seen, &run);
	assert_string_equal(seen.out, "512\n512\n");
	run.argv = SH("f() { f; }; f"); /* recursion without end finds the end of its stack */
	run_in(box, &seen, &run);
	assert_int_equal(seen.result.end, KL_END_SIGNALED);
	assert_int_equal(seen.result.signo, SIGSEGV);
	release(&seen);
	kl_box_close(box);
}

static void test_stack(void **state)
{
	at_levels(*state, check_stack);
}

/* The program is one of them; threads count as processes do. */
static void check_processes(struct bench *bench)
{
	static const char threads[] = "import threading, time\n"
				      "n = 0\n"
				      "try:\n"
				      "    while n < 50:\n"
				      "        threading.Thread(target=time.sleep, args=(100,), daemon=True).start()\n"
				      "        n += 1\n"
				      "except RuntimeError: pass\n"
				      "print(n < 10, flush=True)\n"
				      "import os; os._exit(0)\n";
	struct kl_box *box = open_box(bench);
	struct seen seen = { .bench = bench };
	struct kl_box_run run = plain(SH("for i in 1 2 3 4 5; do sleep 100 & done; echo all; kill %1 %2 %3 %4 %5"));

	run.processes = 8;
	run_in(box, &seen, &run);
	assert_string_equal(seen.out, "all\n");
	run.processes = 3;
	run_in(box, &seen, &run);
	assert_string_equal(seen.out, "");
	assert_non_null(strstr(seen.err, "Cannot fork"));
	run = plain(PYTHON(threads));
	run.processes = 8;
	run_in(box, &seen, &run);
	assert_string_equal(seen.out, "True\n");
	run.processes = 60;
	run_in(box, &seen, &run);
	assert_string_equal(seen.out, "False\n");
	release(&seen);
	kl_box_close(box);
}

static void test_processes(void **state)
{
	struct bench *bench = *state;
	struct kl_box *box = open_box(bench);
	struct kl_box_run run = plain(SH("true"));
	struct kl_error err;

	run.processes = 201;
	assert_int_equal(kl_box_run(box, &run, done, NULL, &err), KL_EINVAL);
	assert_string_equal(err.message, "a box has room for 200 processes, not 201");
	kl_box_close(box);
	at_levels(bench, check_processes);
}

static void check_file(struct bench *bench)
{
	struct kl_box *box = open_box(bench);
	struct seen seen = { .bench = bench };
	struct kl_box_run run = plain(SH("head -c 102400 /dev/zero >a && wc -c <a; exec head -c 102401 /dev/zero >b"));

	run_in(box, &seen, &run);
	assert_int_equal(seen.result.end, KL_END_EXITED);
	run.file_kib = 100;
	run_in(box, &seen, &run);
	assert_string_equal(seen.out, "102400\n");
	assert_int_equal(seen.result.end, KL_END_SIGNALED);
	assert_int_equal(seen.result.signo, SIGXFSZ);
	release(&seen);
	kl_box_close(box);
}

static void test_file(void **state)
{
	at_levels(*state, check_file);
}

/* --- output ----------------------------------------------------------------------------------------------------- */

static void check_joined(struct bench *bench)
{
	struct kl_box *box = open_box(bench);
	struct seen seen = { .bench = bench };
	struct kl_box_run run = plain(SH("for i in 1 2 3; do echo out $i; echo err $i >&2; done"));

	run.join_err = true;
	for (int to_file = 0; to_file < 2; to_file++) {
		run.output_to_file = to_file;
		run_in(box, &seen, &run);
		assert_string_equal(seen.out, "out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\n");
		assert_string_equal(seen.err, "");
		assert_int_equal(seen.result.err_len, 0);
	}
	run = plain(SH("echo 12345 >&2; echo 67890"));
	run.join_err = true;
	run.output_max = 8; /* of both */
	run_in(box, &seen, &run);
	assert_int_equal(seen.result.end, KL_END_OUTPUT);
	assert_string_equal(seen.out, "12345\n67");
	release(&seen);
	kl_box_close(box);
}

static void test_joined(void **state)
{
	at_levels(*state, check_joined);
}

/* The judge that judges so is Judge0: its files stop at the limit and the writer gets a signal. */
static void check_output_to_file(struct bench *bench)
{
	struct kl_box *box = open_box(bench);
	struct seen seen = { .bench = bench };
	struct kl_box_run run = plain((const char *const[]){ "/usr/bin/yes", NULL });

	run.output_to_file = true;
	run.file_kib = 4;
	run_in(box, &seen, &run);
	assert_int_equal(seen.result.end, KL_END_SIGNALED);
	assert_int_equal(seen.result.signo, SIGXFSZ);
	assert_int_equal(seen.result.out_len, 4096);
	assert_memory_equal(seen.out, "y\ny\n", 4);
	assert_true(seen.result.out_cut);
	assert_false(seen.result.err_cut);
	run.argv = SH("yes; echo more >&2; exit 3"); /* under a shell the run goes on */
	run_in(box, &seen, &run);
	assert_int_equal(seen.result.exit_code, 3);
	assert_non_null(strstr(seen.err, "more\n"));
	run.argv = SH("echo one >/dev/stdout; exec 1>&-; exit 0");
	run_in(box, &seen, &run);
	assert_string_equal(seen.out, "one\n");
	run.argv = SH("sleep 100");
	run.wall_ms = 100;
	run_in(box, &seen, &run);
	assert_int_equal(seen.result.end, KL_END_WALL);
	release(&seen);
	kl_box_close(box);
}

static void test_output_to_file(void **state)
{
	at_levels(*state, check_output_to_file);
}

/* Whatever the program does to its file, it can be neither larger than the limit nor replaced. */
static void test_output_file_is_abused(void **state)
{
	struct bench *bench = *state;
	struct kl_box *box = open_box(bench);
	struct seen seen = { .bench = bench };
	struct kl_box_run run = plain(PYTHON("import os, signal\n"
					     "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
					     "for do in (lambda: os.ftruncate(1, 1 << 40),\n"
					     "           lambda: os.posix_fallocate(1, 0, 1 << 20),\n"
					     "           lambda: os.lseek(1, 1 << 40, 0),\n"
					     "           lambda: os.write(1, b'here')):\n"
					     "    try: do()\n"
					     "    except OSError as e: os.write(2, b'%d ' % e.errno)\n"));

	run.output_to_file = true;
	run.file_kib = 8;
	run_in(box, &seen, &run);
	assert_int_equal(seen.result.exit_code, 0);
	assert_string_equal(seen.err, "27 27 ");
	assert_string_equal(seen.out, "here");
	release(&seen);
	kl_box_close(box);
}

/* --- environment ------------------------------------------------------------------------------------------------ */

static void check_environment(struct bench *bench)
{
	struct kl_box *box = open_box(bench);
	struct seen seen = { .bench = bench };
	struct kl_box_run run = plain(SH("echo $HOME $LANG \"$ANSWER\" $EMPTY. $HOM; env | grep -c ^HOME="));
	struct kl_error err;

	run.env = (const char *const[]){ "HOME=/tmp", "ANSWER=a = b", "EMPTY=", "HOM=e", NULL };
	run_in(box, &seen, &run);
	assert_string_equal(seen.out, "/tmp C.UTF-8 a = b . e\n1\n");
	run.env = NULL;
	run_in(box, &seen, &run); /* of that run alone */
	assert_null(strstr(seen.out, "a = b"));
	for (int i = 0; i < 2; i++) {
		run.env = (const char *const[]){ i ? "=x" : "NAME", NULL };
		assert_int_equal(kl_box_run(box, &run, done, NULL, &err), KL_EINVAL);
		assert_string_equal(err.message, i ? "'=x' is no NAME=value for the environment"
						   : "'NAME' is no NAME=value for the environment");
	}
	release(&seen);
	kl_box_close(box);
}

static void test_environment(void **state)
{
	at_levels(*state, check_environment);
}

/* --- a box that changes hands ----------------------------------------------------------------------------------- */

/* Leaves its mark wherever a program may write or be seen, small and large. */
static const char first_owner[] =
	"mkdir d; echo kl-former >d/kl-former; cp /bin/sh kl-former.large; echo kl-former >>kl-former.large;"
	"echo kl-former >/tmp/kl-former; echo kl-former >/dev/shm/kl-former; (exec -a kl-former sleep 100) & exit 0";

static const char next_owner[] =
	"find / /proc/[0-9]* -name '*kl-former*' 2>/dev/null;"
	"grep -rl kl-forme[r] /box /base /tmp /dev/shm 2>/dev/null;"
	"cat /proc/[0-9]*/cmdline | tr '\\0' '\\n' | grep -x 'kl-forme[r]'; ls -A /box; cat /base/*";

static void check_forget(struct bench *bench)
{
	struct kl_box *box = open_box(bench);
	struct seen seen = { .bench = bench };
	struct kl_box_run run = plain((const char *const[]){ "/bin/bash", "-c", first_owner, NULL });

	run.keep = true;
	for (int round = 0; round < 2; round++) {
		run.argv = (const char *const[]){ "/bin/bash", "-c", first_owner, NULL };
		run_in(box, &seen, &run);
		assert_int_equal(seen.result.exit_code, 0);
		if (round) { /* once when the box has the files in use, once when it has only told of them */
			run = plain(SH("cat d/kl-former; tail -c 10 kl-former.large"));
			run_in(box, &seen, &run);
			assert_string_equal(seen.out, "kl-former\nkl-former\n");
		}
		assert_int_equal(kl_box_forget(box, NULL), KL_OK);
		run = plain(SH(next_owner));
		run.cpu_ms = 60000; /* it looks through all of the system */
		run.wall_ms = 120000;
		run_in(box, &seen, &run);
		assert_int_equal(seen.result.end, KL_END_EXITED);
		assert_string_equal(seen.out, "");
		run.keep = true;
	}
	release(&seen);
	kl_box_close(box);
}

static void test_forget(void **state)
{
	at_levels(*state, check_forget);
}

static void test_forget_in_mid_run(void **state)
{
	struct bench *bench = *state;
	struct kl_box *box = open_box(bench);
	struct seen seen = { .bench = bench };
	struct kl_box_run run = plain(SH("sleep 100"));
	struct kl_error err;

	assert_int_equal(kl_box_run(box, &run, done, &seen, NULL), KL_OK);
	assert_int_equal(kl_box_forget(box, &err), KL_EBUSY);
	assert_string_equal(err.message, "a program is running in this box");
	kl_box_cancel(box);
	wait_for(&seen, 1);
	assert_int_equal(kl_box_forget(box, &err), KL_OK);
	release(&seen);
	kl_box_close(box);
}

/* A clone made before keeps its own. */
static void test_forget_and_clone(void **state)
{
	struct bench *bench = *state;
	struct kl_box *box = open_box(bench), *clone;
	struct seen seen = { .bench = bench };
	struct kl_box_run run = plain(SH("echo kept >file"));

	run.keep = true;
	run_in(box, &seen, &run);
	assert_int_equal(kl_box_clone(&clone, box, NULL), KL_OK);
	assert_int_equal(kl_box_forget(box, NULL), KL_OK);
	run = plain(SH("cat file"));
	run_in(box, &seen, &run);
	assert_int_equal(seen.result.exit_code, 1);
	run_in(clone, &seen, &run);
	assert_string_equal(seen.out, "kept\n");
	release(&seen);
	kl_box_close(box);
	kl_box_close(clone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stack),
		cmocka_unit_test(test_processes),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_joined),
		cmocka_unit_test(test_output_to_file),
		cmocka_unit_test(test_output_file_is_abused),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_forget),
		cmocka_unit_test(test_forget_in_mid_run),
		cmocka_unit_test(test_forget_and_clone),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
