/* Boxes with real programs: each limit, each kind of end, what goes in and what comes out. */

#include <kodelab/sandbox.h>

#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>

#include "tests/unit/sandbox_scene.h"

/* --- how it ends ------------------------------------------------------------------------------------------------ */

/* clang-format off */
static const struct {
	const char *script;
	enum kl_end end;
	int code; /* exit code or signal */
	int64_t cpu_ms, wall_ms, memory_mib;
} ends[] = {
	{ "exit 0",                    KL_END_EXITED,   0,       0, 0, 0 },
	{ "exit 7",                    KL_END_EXITED,   7,       0, 0, 0 },
	{ "exit 139",                  KL_END_EXITED,   139,     0, 0, 0 },
	{ "kill -SEGV $$",             KL_END_SIGNALED, SIGSEGV, 0, 0, 0 },
	{ "kill -KILL $$",             KL_END_SIGNALED, SIGKILL, 0, 0, 0 },
	{ "kill -TERM $$",             KL_END_SIGNALED, SIGTERM, 0, 0, 0 },
	{ "sleep 100 & exit 3",        KL_END_EXITED,   3,       0, 0, 0 },
	{ "while :; do :; done",       KL_END_CPU,      0,       100, 0, 0 },
	{ "(while :; do :; done) & wait", KL_END_CPU,   0,       100, 0, 0 },
	{ "sleep 100",                 KL_END_WALL,     0,       0, 100, 0 },
	{ "x=aaaaaaaa; while :; do x=$x$x; done", KL_END_MEMORY, 0, 0, 0, 32 },
	{ "yes",                       KL_END_OUTPUT,   0,       0, 0, 0 },
	{ "yes >&2",                   KL_END_OUTPUT,   0,       0, 0, 0 },
};
/* clang-format on */

static void check_ends(struct bench *bench)
{
	struct kl_box *box = open_box(bench);
	struct seen seen = { .bench = bench };

	for (size_t i = 0; i < KL_LENGTH(ends); i++) {
		struct kl_box_run run = plain(SH(ends[i].script));

		if (ends[i].cpu_ms)
			run.cpu_ms = ends[i].cpu_ms;
		if (ends[i].memory_mib)
			run.memory_kib = ends[i].memory_mib << 10;
		run.wall_ms = ends[i].wall_ms;
		run_in(box, &seen, &run);
		if (seen.result.end != ends[i].end)
			fail_msg("'%s' ended as %d %s", ends[i].script, seen.result.end, seen.err);
		if (ends[i].end == KL_END_EXITED)
			assert_int_equal(seen.result.exit_code, ends[i].code);
		if (ends[i].end == KL_END_SIGNALED)
			assert_int_equal(seen.result.signo, ends[i].code);
	}
	release(&seen);
	kl_box_close(box);
}

static void test_ends(void **state)
{
	check_ends(*state);
}

/* The weaker walls judge alike. */
static void test_ends_of_weaker_levels(void **state)
{
	static const char *const levels[] = { "1-flat", "2", "3" };
	struct bench *bench = *state;

	need_walls(bench);
	for (size_t i = 0; i < KL_LENGTH(levels); i++) {
		struct kl_sandbox *strong = bench->sandbox;

		setenv("KL_SANDBOX_LEVEL", levels[i], 1);
		open_sandbox(bench);
		unsetenv("KL_SANDBOX_LEVEL");
		assert_true(kl_sandbox_level(bench->sandbox) >= kl_sandbox_level(strong));
		check_ends(bench);
		kl_sandbox_close(bench->sandbox);
		bench->sandbox = strong;
	}
}

static void test_figures(void **state)
{
	struct bench *bench = *state;
	struct kl_box *box = open_box(bench);
	struct seen seen = { .bench = bench };
	struct kl_box_run run = plain(SH("i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; sleep 0.1"));

	run_in(box, &seen, &run);
	assert_int_equal(seen.result.end, KL_END_EXITED);
	assert_true(seen.result.wall_ms >= 100);
	assert_true(seen.result.cpu_us > 5000);
	assert_true(seen.result.cpu_ms < seen.result.wall_ms);
	assert_true(seen.result.peak_kib > 300);
	assert_true(seen.result.peak_kib < 10000);
	release(&seen);
	kl_box_close(box);
}

static void test_program_that_is_not_there(void **state)
{
	struct bench *bench = *state;
	struct kl_box *box = open_box(bench);
	struct seen seen = { .bench = bench };
	struct kl_box_run run = plain((const char *const[]){ "./nothing", NULL });

	release(&seen);
	assert_int_equal(kl_box_run(box, &run, done, &seen, NULL), KL_OK);
	wait_for(&seen, 1);
	assert_int_equal(seen.result.end, KL_END_FAILED);
	assert_string_equal(seen.result.error.message, "./nothing: No such file or directory");
	run = plain(SH("echo still works"));
	run_in(box, &seen, &run);
	assert_string_equal(seen.out, "still works\n");
	release(&seen);
	kl_box_close(box);
}

/* --- what goes in and out --------------------------------------------------------------------------------------- */

static void test_streams(void **state)
{
	struct bench *bench = *state;
	struct kl_box *box = open_box(bench);
	struct seen seen = { .bench = bench };
	struct kl_box_run run = plain(SH("cat; echo err >&2; echo value >&3; printf 'a\\0b'"));

	run.input = "hello\n";
	run.input_len = 6;
	run.want_result = true;
	run_in(box, &seen, &run);
	assert_int_equal(seen.result.out_len, 9);
	assert_memory_equal(seen.out, "hello\na\0b", 9);
	assert_string_equal(seen.err, "err\n");
	assert_string_equal(seen.value, "value\n");
	assert_false(seen.result.out_cut);
	run = plain(SH("cat; read x || echo eof; echo y >&3"));
	run_in(box, &seen, &run);
	assert_string_equal(seen.out, "eof\n");
	assert_string_equal(seen.value, "");
	assert_non_null(strstr(seen.err, "3")); /* no descriptor 3 unless asked for */
	release(&seen);
	kl_box_close(box);
}

static void test_large_input(void **state)
{
	struct bench *bench = *state;
	struct kl_box *box = open_box(bench);
	struct seen seen = { .bench = bench };
	struct kl_box_run run = plain(SH("wc -c; exec 0<&-; exit 4"));
	size_t len = (size_t)5 << 20;
	char *bytes = kl_calloc(1, len);

	run.input = bytes;
	run.input_len = len;
	run_in(box, &seen, &run);
	assert_string_equal(seen.out, "5242880\n");
	run.argv = SH("exit 5"); /* unread */
	run_in(box, &seen, &run);
	assert_int_equal(seen.result.exit_code, 5);
	free(bytes);
	release(&seen);
	kl_box_close(box);
}

static void test_output_is_cut(void **state)
{
	struct bench *bench = *state;
	struct kl_box *box = open_box(bench);
	struct seen seen = { .bench = bench };
	struct kl_box_run run = plain(SH("yes"));

	run.output_max = 1000;
	run_in(box, &seen, &run);
	assert_int_equal(seen.result.end, KL_END_OUTPUT);
	assert_int_equal(seen.result.out_len, 1000);
	assert_true(seen.result.out_cut);
	assert_false(seen.result.err_cut);
	run.argv = SH("head -c 1000 /dev/zero");
	run_in(box, &seen, &run);
	assert_int_equal(seen.result.end, KL_END_EXITED);
	assert_int_equal(seen.result.out_len, 1000);
	assert_false(seen.result.out_cut);
	release(&seen);
	kl_box_close(box);
}

static void test_environment(void **state)
{
	struct bench *bench = *state;
	struct kl_box *box;
	struct seen seen = { .bench = bench };
	struct kl_box_run run = plain((const char *const[]){ "/usr/bin/env", NULL });

	need_walls(bench);
	box = open_box(bench);
	setenv("KODELAB_SECRET", "x", 1);
	run_in(box, &seen, &run);
	assert_string_equal(seen.out, "PATH=/usr/local/bin:/usr/bin:/bin\nLANG=C.UTF-8\nHOME=/box\nTERM=dumb\n");
	run = plain(SH("id -u; pwd; ulimit -n; ulimit -c; umask; ls /proc/self/fd | wc -l"));
	run_in(box, &seen, &run);
	assert_string_equal(seen.out, "1000\n/box\n256\n0\n0022\n4\n");
	release(&seen);
	kl_box_close(box);
}

static void test_files(void **state)
{
	static char a[] = "a.txt", b[] = "deep/er/b.txt", text[] = "text", bad[] = "../bad";
	struct bench *bench = *state;
	struct kl_box *box = open_box(bench);
	struct seen seen = { .bench = bench };
	struct kl_file files[] = { { a, text, 4 }, { b, text, 0 } };
	struct kl_box_run run = plain(SH("cat a.txt; find . -type f | sort; echo x >a.txt; echo y >new"));
	struct kl_error err;

	run.files = files;
	run.file_count = 2;
	for (int i = 0; i < 2; i++) { /* the second finds a fresh folder */
		run_in(box, &seen, &run);
		assert_string_equal(seen.out, "text./a.txt\n./deep/er/b.txt\n");
	}
	files[0].name = bad;
	assert_int_equal(kl_box_run(box, &run, done, &seen, &err), KL_EINVAL);
	assert_string_equal(err.message, "'../bad' is no name for a file in the box");
	release(&seen);
	kl_box_close(box);
}

/* --- what a compile leaves -------------------------------------------------------------------------------------- */

static void test_keep(void **state)
{
	struct bench *bench = *state;
	struct kl_box *box = open_box(bench), *clone;
	struct seen seen = { .bench = bench };
	struct kl_box_run run = plain(SH("mkdir d; echo small >d/small; cp /bin/sh large; ln -s /etc link;"
					 "echo '#!/bin/sh\necho ran' >script; chmod 755 script"));

	run.keep = true;
	run_in(box, &seen, &run);
	assert_int_equal(seen.result.exit_code, 0);
	assert_int_equal(kl_box_clone(&clone, box, NULL), KL_OK);
	for (int i = 0; i < 4; i++) {
		run = plain(SH("cat d/small; ./script; ./large -c 'echo large'; ls; echo x >d/small; rm script"));
		run_in(i % 2 ? box : clone, &seen, &run);
		assert_string_equal(seen.out, "small\nran\nlarge\nd\nlarge\nscript\n");
		assert_int_equal(seen.result.exit_code, 0);
	}
	run = plain(SH("echo other >d/small; exit 1"));
	run.keep = true; /* a compile that fails keeps nothing */
	run_in(box, &seen, &run);
	run = plain(SH("cat d/small"));
	run_in(box, &seen, &run);
	assert_string_equal(seen.out, "small\n");
	release(&seen);
	kl_box_close(box);
	run_in(clone, &seen, &run); /* lives on its own */
	assert_string_equal(seen.out, "small\n");
	release(&seen);
	kl_box_close(clone);
}

static void test_kept_too_much(void **state)
{
	struct bench *bench = *state;
	struct kl_box *box = open_box(bench);
	struct seen seen = { .bench = bench };
	struct kl_box_run run = plain(SH("for i in $(seq 201); do echo >$i; done"));

	run.keep = true;
	run_in(box, &seen, &run);
	assert_int_equal(seen.result.end, KL_END_OUTPUT);
	assert_string_equal(seen.result.error.message, "it left more than 200 files or 64 MiB in its folder");
	release(&seen);
	kl_box_close(box);
}

/* --- stopping --------------------------------------------------------------------------------------------------- */

static void test_cancel(void **state)
{
	struct bench *bench = *state;
	struct kl_box *box = open_box(bench);
	struct seen seen = { .bench = bench };
	struct kl_box_run run = plain(SH("echo begun; sleep 100"));
	struct kl_error err;

	kl_box_cancel(box); /* nothing runs: nothing happens */
	assert_int_equal(kl_box_run(box, &run, done, &seen, NULL), KL_OK);
	assert_int_equal(kl_box_run(box, &run, done, &seen, &err), KL_EBUSY);
	assert_string_equal(err.message, "a program is running in this box");
	kl_box_cancel(box);
	kl_box_cancel(box);
	assert_int_equal(seen.calls, 0); /* from the loop, not from inside */
	wait_for(&seen, 1);
	assert_int_equal(seen.result.end, KL_END_CANCELED);
	run = plain(SH("echo next"));
	run_in(box, &seen, &run);
	assert_string_equal(seen.out, "next\n");
	release(&seen);
	kl_box_close(box);
}

static void test_close_while_running(void **state)
{
	struct bench *bench = *state;
	struct kl_box *box = open_box(bench);
	struct seen seen = { .bench = bench };
	struct kl_box_run run = plain(SH("trap '' TERM; sleep 100"));

	assert_int_equal(kl_box_run(box, &run, done, &seen, NULL), KL_OK);
	for (int turn = 0; turn < 5; turn++)
		kl_loop_turn(bench->loop, 5);
	kl_box_close(box);
	assert_int_equal(seen.calls, 1);
	assert_int_equal(seen.result.end, KL_END_CANCELED);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
	release(&seen);
	kl_box_close(NULL);
}

static void test_again_from_done(void **state)
{
	struct bench *bench = *state;
	struct kl_box *box = open_box(bench);
	struct seen seen = { .bench = bench, .again = box };
	struct kl_box_run run = plain(SH("echo first"));

	assert_int_equal(kl_box_run(box, &run, done, &seen, NULL), KL_OK);
	wait_for(&seen, 2);
	assert_string_equal(seen.out, "second\n");
	release(&seen);
	kl_box_close(box);
}

static void test_two_boxes_at_once(void **state)
{
	struct bench *bench = *state;
	struct kl_box *boxes[2] = { open_box(bench), NULL };
	struct seen seen = { .bench = bench };
	struct kl_box_run run = plain(SH("sleep 0.3; echo both"));

	assert_int_equal(kl_box_clone(&boxes[1], boxes[0], NULL), KL_OK);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(kl_box_run(boxes[i], &run, done, &seen, NULL), KL_OK);
	wait_for(&seen, 2);
	assert_string_equal(seen.out, "both\n");
	release(&seen);
	kl_box_close(boxes[0]);
	kl_box_close(boxes[1]);
}

static void test_bad_requests(void **state)
{
	struct bench *bench = *state;
	struct kl_box *box = open_box(bench);
	struct kl_box_run run = plain(SH("true"));
	struct kl_error err;

	run.cpu_ms = 0;
	assert_int_equal(kl_box_run(box, &run, done, NULL, &err), KL_EINVAL);
	assert_string_equal(err.message, "a run needs a program, a CPU limit and a memory limit");
	kl_box_close(box);
}

/* --- leaks, levels ---------------------------------------------------------------------------------------------- */

static int open_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

static void test_hundred_runs_leave_nothing(void **state)
{
	struct bench *bench = *state;
	struct seen seen = { .bench = bench };
	struct kl_box_run run = plain((const char *const[]){ "/bin/true", NULL });
	int before = open_descriptors();

	for (int i = 0; i < 5; i++) {
		struct kl_box *box = open_box(bench);

		for (int j = 0; j < 20; j++) {
			run_in(box, &seen, &run);
			assert_int_equal(seen.result.end, KL_END_EXITED);
		}
		kl_box_close(box);
	}
	assert_int_equal(open_descriptors(), before);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	release(&seen);
}

static void test_level_is_kept_for_this_boot(void **state)
{
	struct bench *bench = *state;
	char *name = kl_path_join(bench->paths.cache, "sandbox");

	if (!kl_path_exists(name)) {
		print_message("skipped: only the strongest walls are kept, and this machine has weaker ones\n");
		free(name);
		skip();
	}
	kl_sandbox_close(bench->sandbox);
	open_sandbox(bench);
	if (kl_sandbox_level(bench->sandbox) == KL_SANDBOX_CGROUP) {
		assert_string_equal(kl_sandbox_advice(bench->sandbox), "");
	} else {
		assert_int_equal(kl_sandbox_level(bench->sandbox), KL_SANDBOX_NAMESPACES);
		assert_string_equal(kl_sandbox_advice(bench->sandbox),
				    "memory is watched every 10 ms instead of being limited by the kernel: start with "
				    "systemd-run --user --scope -p Delegate=yes kodelab");
	}
	free(name);
}

static void test_helper_is_missing(void **state)
{
	struct bench *bench = *state;
	struct kl_paths paths = { .cache = bench->dir, .libexec = bench->dir };
	struct kl_sandbox *sandbox = NULL;
	struct kl_error err;
	char *want =
		kl_format("cannot open '%s/kodelab-box' (No such file or directory): reinstall kodelab", bench->dir);

	assert_int_equal(kl_sandbox_open(&sandbox, bench->loop, &paths, &err), KL_ENOTOOL);
	assert_string_equal(err.message, want);
	assert_null(sandbox);
	free(want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_ends_of_weaker_levels),
		cmocka_unit_test(test_figures),
		cmocka_unit_test(test_program_that_is_not_there),
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_large_input),
		cmocka_unit_test(test_output_is_cut),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_keep),
		cmocka_unit_test(test_kept_too_much),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_close_while_running),
		cmocka_unit_test(test_again_from_done),
		cmocka_unit_test(test_two_boxes_at_once),
		cmocka_unit_test(test_bad_requests),
		cmocka_unit_test(test_hundred_runs_leave_nothing),
		cmocka_unit_test(test_level_is_kept_for_this_boot),
		cmocka_unit_test(test_helper_is_missing),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
