/*
 * kodelab-git killed in front of system calls that change a file, all over its run: the repository passes
 * git fsck --strict each time, and the next job makes the work tree whole again. Stopped by ptrace, so that no
 * point is left to luck.
 */

#include "tests/unit/scratch.h"

#include <fcntl.h>
#include <kodelab/crypto.h>

#include "tests/unit/kill_steps.h"

static char *program, *portfolio;
static bool trace_next; /* the next program started waits for us at its exec */

static int set_up(void **state)
{
	struct kl_paths paths;

	if (scratch_open_fast(state) || kl_paths_init(&paths, NULL))
		return -1;
	setenv("HOME", scratch, 1);
	setenv("ASAN_OPTIONS", "detect_leaks=0", 1); /* it cannot look for leaks while it is traced */
	program = kl_path_join(paths.libexec, "kodelab-git");
	portfolio = kl_path_join(scratch, "portfolio");
	kl_paths_release(&paths);
	return 0;
}

static int tear_down(void **state)
{
	free(program);
	free(portfolio);
	return scratch_close(state);
}

/* Starts argv with input from a file and output into one, both in dir. */
static pid_t start(char *const *argv, const char *input)
{
	char *from = kl_path_join(scratch, "input"), *to = kl_path_join(scratch, "output");
	int in, out;
	pid_t pid;

	assert_int_equal(kl_file_write(from, input, strlen(input), 0600, NULL), KL_OK);
	in = open(from, O_RDONLY);
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(in >= 0 && out >= 0);
	pid = fork();
	if (!pid) {
		if (dup2(in, 0) == 0 && dup2(out, 1) == 1 && dup2(out, 2) == 2 &&
		    (!trace_next || ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0))
			execvp(argv[0], argv);
		_exit(127);
	}
	assert_true(pid > 0);
	close(in);
	close(out);
	free(from);
	free(to);
	return pid;
}

static int end(pid_t pid)
{
	int ended;

	assert_int_equal(waitpid(pid, &ended, 0), pid);
	return ended;
}

static void read_output(char *text, size_t size)
{
	char *path = kl_path_join(scratch, "output");
	struct kl_buf buf;

	kl_buf_init(&buf, 1 << 20);
	assert_int_equal(kl_file_read(&buf, path, NULL), KL_OK);
	snprintf(text, size, "%s", buf.data);
	kl_buf_release(&buf);
	free(path);
}

/* A job for the n-th challenge; every third solves one again. */
static char *job_text(int n)
{
	char code[32], *encoded, *text;

	snprintf(code, sizeof(code), "print(%d)\n", n);
	encoded = kl_base64(code, strlen(code));
	text = kl_format(
		"{\"job\":\"commit\",\"path\":\"%s\",\"name\":\"Ada\",\"email\":\"ada@example.org\",\"item\":{"
		"\"attempt\":\"a%d\",\"pack\":\"p\",\"slug\":\"s%d\",\"title\":\"Title %d\",\"summary\":\"\","
		"\"difficulty\":\"BEGINNER\",\"category\":\"c\",\"language\":\"python\",\"source\":\"solution.py\","
		"\"statement\":\"\",\"code\":\"%s\",\"score\":100,\"passed\":1,\"total\":1,\"cpu_us\":1,"
		"\"peak_kib\":1,\"at_ms\":1767268800000}}",
		portfolio, n, n % 3 ? n : n / 2, n, encoded);
	free(encoded);
	return text;
}

static void finish_job(int n)
{
	char *argv[] = { program, NULL }, *text = job_text(n), answer[1000];

	assert_int_equal(end(start(argv, text)), 0);
	free(text);
	read_output(answer, sizeof(answer));
	if (strncmp(answer, "{\"status\":0,", 12))
		fail_msg("%s", answer);
}

static int git(char *text, size_t size, char *first, char *second, char *third)
{
	char *argv[] = { (char[]){ "git" }, (char[]){ "-C" }, portfolio, first, second, third, NULL };
	int ended = end(start(argv, ""));

	read_output(text, size);
	return ended;
}

static void assert_fsck(int round)
{
	char said[2000], fsck[] = "fsck", strict[] = "--strict", quiet[] = "--no-dangling";
	char *folder = kl_path_join(portfolio, ".git");

	if (kl_path_exists(folder) && git(said, sizeof(said), fsck, strict, quiet))
		fail_msg("round %d: %s", round, said);
	free(folder);
}

static void assert_clean(int round)
{
	char said[2000], status[] = "status", porcelain[] = "--porcelain";

	assert_int_equal(git(said, sizeof(said), status, porcelain, NULL), 0);
	if (*said)
		fail_msg("round %d: %s", round, said);
}

/* --- killing at a system call ----------------------------------------------------------------------------------- */

/* Starts the job stopped at its exec, traced; 0 when this machine does not let us trace. */
static pid_t start_traced(int n)
{
	char *argv[] = { program, NULL }, *text = job_text(n);
	pid_t pid;

	trace_next = true;
	pid = start(argv, text);
	trace_next = false;
	free(text);
	return steps_begin(pid) ? pid : 0;
}

static bool kill_before(int n, int calls)
{
	return steps_kill(start_traced(n), calls);
}

static bool can_trace(void)
{
	pid_t pid = start_traced(1);

	if (pid) {
		kill(pid, SIGKILL);
		end(pid);
	}
	return pid > 0;
}

/* All points take half a minute: KL_TEST_THOROUGH=1 asks for them. */
static int stride(int usual)
{
	return getenv("KL_TEST_THOROUGH") ? 1 : usual;
}

static void check_after(int round, int n)
{
	assert_fsck(round);
	finish_job(n + 1);
	assert_fsck(round);
	assert_clean(round);
}

static void killed_in_any_step_of_a_commit(void **state)
{
	int round = 0;

	(void)state;
	if (!can_trace())
		skip();
	finish_job(1);
	/* Objects nobody sees yet are all alike: fewer points there. */
	while (kill_before(3 + 2 * round, round)) {
		check_after(round, 3 + 2 * round);
		round += stride(round < 40 ? 10 : 3);
	}
	assert_in_range(round, 60, 200);
}

static void killed_while_it_is_made(void **state)
{
	int round = 0;

	(void)state;
	if (!can_trace())
		skip();
	for (; round < 100; round += stride(20)) {
		assert_int_equal(kl_file_remove_tree(portfolio, NULL), KL_OK);
		assert_true(kill_before(1, round));
		check_after(round, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(killed_in_any_step_of_a_commit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(killed_while_it_is_made, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
