/*
 * Tests of the lab on a real pty. usage: pty-tests <build folder> [name...]; ends with "N passed, N failed".
 * matrix.c has the 29 rows of the table in docs/terminal.md, more.c what else it promises, picture.c frames against libvterm,
 * lab_*.c the whole lab under bad weather.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>

#include "pty.h"

#define READY   "Start here"
#define EDITING "Welcome aboard"

enum { START_MS = 60000, LEAVE_MS = 5000 };

bool pty_lab(struct pty *pty, const struct start *start)
{
	child_start(&pty->child, pty->places, start);
	if (!child_wait_text(&pty->child, READY, START_MS))
		return REFUSE(pty, "the first screen did not come");
	child_wait_quiet(&pty->child, 60);
	return true;
}

bool pty_workspace(struct pty *pty, const struct start *start)
{
	if (!pty_lab(pty, start))
		return false;
	child_send(&pty->child, "\r");
	if (!child_wait_text(&pty->child, "seats_left", START_MS))
		return REFUSE(pty, "the first challenge did not open");
	child_send(&pty->child, "\0332");
	child_wait_quiet(&pty->child, 60);
	return true;
}

bool pty_clean(struct pty *pty)
{
	static const int modes[] = { 1049, 2004, 1004, 1000, 1002, 1003, 1006, 2026, 69, 1 };
	const struct emulator *emulator = &pty->child.emulator;
	struct termios after = child_modes(&pty->child);

	for (size_t i = 0; i < KL_LENGTH(modes); i++)
		if (emulator_mode(emulator, modes[i]))
			return REFUSE(pty, "mode %d was left on", modes[i]);
	if (emulator_wrote(emulator, "\033[?25l") && !emulator_mode(emulator, 25))
		return REFUSE(pty, "the cursor was left hidden");
	if (emulator->kitty != 0)
		return REFUSE(pty, "the keyboard stack has %d left", emulator->kitty);
	if (after.c_iflag != pty->child.before.c_iflag || after.c_oflag != pty->child.before.c_oflag ||
	    after.c_lflag != pty->child.before.c_lflag || after.c_cflag != pty->child.before.c_cflag)
		return REFUSE(pty, "the tty is not as it was");
	return true;
}

bool pty_leave(struct pty *pty)
{
	int status;

	child_send(&pty->child, "\021");
	status = child_wait_exit(&pty->child, LEAVE_MS);
	if (status == EXIT_TIMEOUT) { /* it may ask first */
		child_send(&pty->child, "\r");
		status = child_wait_exit(&pty->child, START_MS);
	}
	if (status != 0)
		return REFUSE(pty, "it left with %d", status);
	return pty_clean(pty);
}

char *pty_picture(struct pty *pty)
{
	struct kl_buf text;

	kl_buf_init(&text, 1 << 20);
	emulator_text(&pty->child.emulator, &text);
	return kl_buf_detach(&text);
}

/* ---- running them ---------------------------------------------------------------------------------------------- */

static bool wanted(const char *name, char **names)
{
	if (!*names)
		return true;
	for (; *names; names++)
		if (strstr(name, *names))
			return true;
	return false;
}

static bool run(const struct pty_test *test, const struct places *places)
{
	struct pty pty = { .places = places };
	bool good = test->run(&pty);

	if (!good) {
		char *picture = pty.child.emulator.vt ? pty_picture(&pty) : kl_strdup("");

		printf("--- %s: %s\n%s", test->name, pty.trouble, picture);
		free(picture);
	}
	if (pty.child.emulator.vt)
		child_stop(&pty.child);
	return good;
}

int main(int argc, char **argv)
{
	static const struct pty_test *const groups[] = { matrix_tests, more_tests,  picture_tests,
							 kill_tests,   hands_tests, bytes_tests };
	char *out = argc > 1 ? realpath(argv[1], NULL) : NULL;
	char *lab, *share;
	struct places places;
	int passed = 0, failed = 0;

	if (!out) {
		fprintf(stderr, "usage: pty-tests <build folder> [name...]\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	lab = kl_format("%s/kodelab", out);
	share = kl_format("%s/../..", out);
	places = (struct places){ .lab = lab, .share = share };
	for (size_t i = 0; i < KL_LENGTH(groups); i++) {
		for (const struct pty_test *test = groups[i]; test->name; test++) {
			if (!wanted(test->name, argv + 2))
				continue;
			if (run(test, &places))
				passed++;
			else
				failed++;
		}
	}
	printf("%d passed, %d failed\n", passed, failed);
	free(lab);
	free(share);
	free(out);
	return failed > 0;
}
