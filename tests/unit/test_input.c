/* A secret that is typed on a terminal: what keys do to it, and how the terminal is left. */

#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/crypto.h>

enum { MAX = 8 };

static int open_terminal(int *inner)
{
	int outer = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	assert_true(outer >= 0);
	assert_int_equal(grantpt(outer), 0);
	assert_int_equal(unlockpt(outer), 0);
	*inner = open(ptsname(outer), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(*inner >= 0);
	return outer;
}

static bool echoes(int terminal)
{
	struct termios modes;

	assert_int_equal(tcgetattr(terminal, &modes), 0);
	return (modes.c_lflag & ECHO) && (modes.c_lflag & ICANON) && (modes.c_lflag & ISIG);
}

/* The child's exit status: 0: the line is line, and the status as expected. */
static int typed(int inner, const char *line, enum kl_status expected)
{
	char got[MAX + 1] = "";
	size_t len;

	if (dup2(inner, STDIN_FILENO) < 0)
		return 2;
	if (kl_input_hidden(got, &len, MAX) != expected)
		return 3;
	return len == strlen(line) && !memcmp(got, line, len) ? 0 : 4;
}

static void keys_edit_a_line_that_is_not_shown(void **state)
{
	static const struct {
		const char *keys, *line;
		enum kl_status status;
	} cases[] = {
		{ "secret\n", "secret", KL_OK },
		{ "secret\r", "secret", KL_OK },
		{ "a\177\177secrey\bt\004", "secret", KL_OK },
		{ "wrong\025right\n", "right", KL_OK },
		{ "\n", "", KL_OK },
		{ "secre\003", "secre", KL_ECANCELED },
		{ "12345678\n", "12345678", KL_OK },
		{ "123456789", "12345678", KL_EFULL },
	};
	int inner, outer = open_terminal(&inner), ended;
	pid_t pid;

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		assert_true(echoes(inner));
		pid = fork();
		assert_true(pid >= 0);
		if (!pid)
			_exit(typed(inner, cases[i].line, cases[i].status));
		while (echoes(inner) && waitpid(pid, &ended, WNOHANG) == 0)
			sched_yield();
		assert_int_equal(write(outer, cases[i].keys, strlen(cases[i].keys)), strlen(cases[i].keys));
		assert_int_equal(waitpid(pid, &ended, 0), pid);
		if (ended)
			fail_msg("case %zu: %d", i, WEXITSTATUS(ended));
		assert_true(echoes(inner));
	}
	close(inner);
	close(outer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_edit_a_line_that_is_not_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
