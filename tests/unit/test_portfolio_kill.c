/*
 * kodelab-git killed at points spread over its whole run: the repository passes git fsck --strict each time, what was
 * committed stays, and the next job makes the work tree whole again.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/crypto.h>
#include <kodelab/file.h>
#include <kodelab/path.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 20

static char dir[64];
static char *program, *portfolio;

static int set_up(void **state)
{
	struct kl_paths paths;

	(void)state;
	/* In memory where that can be: git and we sync each file, and a busy disk would make seconds of it. */
	snprintf(dir, sizeof(dir), "%s/kodelab-test-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (!mkdtemp(dir) || kl_paths_init(&paths, NULL))
		return -1;
	setenv("HOME", dir, 1);
	program = kl_path_join(paths.libexec, "kodelab-git");
	portfolio = kl_path_join(dir, "portfolio");
	kl_paths_release(&paths);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(program);
	free(portfolio);
	return kl_file_remove_tree(dir, NULL) ? -1 : 0;
}

/* Starts argv with input from a file and output into one, both in dir. */
static pid_t start(char *const *argv, const char *input)
{
	char *from = kl_path_join(dir, "input"), *to = kl_path_join(dir, "output");
	int in, out;
	pid_t pid;

	assert_int_equal(kl_file_write(from, input, strlen(input), 0600, NULL), KL_OK);
	in = open(from, O_RDONLY);
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(in >= 0 && out >= 0);
	pid = fork();
	if (!pid) {
		if (dup2(in, 0) == 0 && dup2(out, 1) == 1 && dup2(out, 2) == 2)
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
	char *path = kl_path_join(dir, "output");
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

static pid_t start_job(int n)
{
	char *argv[] = { program, NULL }, *text = job_text(n);
	pid_t pid = start(argv, text);

	free(text);
	return pid;
}

static void finish_job(int n)
{
	char answer[1000];

	assert_int_equal(end(start_job(n)), 0);
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

static void killed_anywhere(void **state)
{
	int64_t began_us = kl_clock_mono_us(), span_us;

	(void)state;
	finish_job(1000);
	span_us = kl_clock_mono_us() - began_us;
	for (int round = 0; round < ROUNDS; round++) {
		/* n and n + 1 solve different challenges; the points lie closer to the end, where things become visible */
		int n = 2 * round + 1;
		int64_t point_us = span_us * (round + 1) / ROUNDS;
		pid_t pid = start_job(n);

		began_us = kl_clock_mono_us();
		while (kl_clock_mono_us() - began_us < point_us)
			;
		kill(pid, SIGKILL);
		end(pid);
		assert_fsck(round);
		finish_job(n + 1);
		assert_fsck(round);
		assert_clean(round);
		finish_job(n); /* the same again: made now, or nothing to do */
		assert_clean(round);
	}
}

static void killed_while_it_is_made(void **state)
{
	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		int64_t began_us;
		pid_t pid;

		assert_int_equal(kl_file_remove_tree(portfolio, NULL), KL_OK);
		pid = start_job(1);
		began_us = kl_clock_mono_us();
		while (kl_clock_mono_us() - began_us < round * 500)
			;
		kill(pid, SIGKILL);
		end(pid);
		assert_fsck(round);
		finish_job(2);
		assert_fsck(round);
		assert_clean(round);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(killed_anywhere, set_up, tear_down),
		cmocka_unit_test_setup_teardown(killed_while_it_is_made, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
