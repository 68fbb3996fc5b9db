/* Runs the tests of kodelabd, each in a process of its own. usage: server-tests <build folder> [test...] */

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/server/harness.h"

#define PATIENCE_S 900 /* the longest takes 20 s on an idle machine */

const char *build_folder;
static const char *running; /* the name of the test */

static const struct test *const groups[] = {
#define X(name) name##_tests,
	TEST_FILES(X)
#undef X
};

void test_failed(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	printf("--- %s: %s:%d: ", running, file, line);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
	_exit(1);
}

static bool chosen(const char *name, int argc, char **argv)
{
	for (int i = 2; i < argc; i++)
		if (!strcmp(argv[i], name))
			return true;
	return argc <= 2;
}

/* The test and whatever it started are one group: nothing is left over. */
static bool passes(const struct test *test)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		alarm(getenv("KL_ROUNDS") ? 0 : PATIENCE_S); /* a campaign takes as long as it takes */
		test->run();
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid)
		return false;
	kill(-pid, SIGKILL);
	if (WIFSIGNALED(status))
		printf("--- %s: %s\n", running, strsignal(WTERMSIG(status)));
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(int argc, char **argv)
{
	int passed = 0, failed = 0;

	if (argc < 2)
		return 2;
	build_folder = argv[1];
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		for (const struct test *test = groups[i]; test->name; test++) {
			if (!chosen(test->name, argc, argv))
				continue;
			fflush(stdout);
			running = test->name;
			if (passes(test))
				passed++;
			else
				failed++;
		}
	printf("%d passed, %d failed\n", passed, failed);
	return failed != 0;
}
