/* What docs/terminal.md promises beyond the matrix: bytes, delays, crashes, minimal systems. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>

#include "pty.h"

enum { EXIT_MS = 60000, WORK_MS = 60000, TRIES = 5, WINDOWS = 20 };

static bool crash_restores_terminal(struct pty *pty)
{
	static const int deadly[] = { SIGSEGV, SIGABRT, SIGBUS };

	for (size_t i = 0; i < KL_LENGTH(deadly); i++) {
		if (i)
			child_stop(&pty->child);
		if (!pty_workspace(
			    pty,
			    &(struct start){ .features = FEATURE_KITTY,
					     .env = { "ASAN_OPTIONS=handle_segv=0:handle_abort=0:handle_sigbus=0" } }))
			return false;
		child_signal(&pty->child, deadly[i]);
		REQUIRE(pty, child_wait_exit(&pty->child, EXIT_MS) == 128 + deadly[i]);
		if (!pty_clean(pty))
			return false;
	}
	return true;
}

static bool minimal_system_without_terminfo(struct pty *pty)
{
	static const char *const terms[] = { "xterm-256color", "linux", "vt100", "screen" };

	for (size_t i = 0; i < KL_LENGTH(terms); i++) {
		struct start start = { .term = terms[i],
				       .env = { "TERMINFO=/nonexistent", "TERMINFO_DIRS=/nonexistent" } };

		if (i)
			child_stop(&pty->child);
		if (!pty_workspace(pty, &start) || !pty_leave(pty))
			return false;
	}
	return true;
}

static bool refuses_pipes(struct pty *pty)
{
	char *command = kl_format("echo | %s >/dev/null; echo status $?", pty->places->lab);
	const char *const argv[] = { "sh", "-c", command, NULL };

	child_start(&pty->child, pty->places, &(struct start){ .argv = argv });
	REQUIRE(pty, child_wait_text(&pty->child, "status 2", EXIT_MS));
	free(command);
	REQUIRE(pty, emulator_has(&pty->child.emulator, "kodelab: "));
	return true;
}

static bool size_comes_from_the_tty(struct pty *pty)
{
	char *picture;
	bool wide;

	if (!pty_lab(pty, &(struct start){ .env = { "LINES=10", "COLUMNS=30" } }))
		return false;
	picture = pty_picture(pty);
	wide = strlen(strrchr(picture, '\n') - 79 > picture ? picture : "") > 79;
	free(picture);
	REQUIRE(pty, wide && emulator_has(&pty->child.emulator, "Quit"));
	return true;
}

/* From Esc to what it does; -1: it never came. */
static int escape_ms(struct pty *pty)
{
	int64_t begun_ms;

	child_send(&pty->child, "?");
	if (!child_wait_gone(&pty->child, "Start here", WORK_MS))
		return -1;
	child_wait_quiet(&pty->child, 60);
	begun_ms = kl_clock_mono_ms();
	child_send(&pty->child, "\033");
	if (!child_wait_text(&pty->child, "Start here", WORK_MS))
		return -1;
	return (int)(kl_clock_mono_ms() - begun_ms);
}

/* The best of some: a busy machine adds to each, but not to all. */
static bool escape_acts_at_once(struct pty *pty)
{
	int best = WORK_MS;

	if (!pty_lab(pty, &(struct start){ 0 }))
		return false;
	for (int i = 0; i < TRIES && best >= 200; i++) { /* 25 ms and what it takes */
		int took = escape_ms(pty);

		REQUIRE(pty, took >= 0);
		best = took < best ? took : best;
	}
	return best < 200 || REFUSE(pty, "Esc took %d ms", best);
}

static bool split_arrow_is_an_arrow(struct pty *pty)
{
	char *before, *after;
	bool moved;

	if (!pty_workspace(pty, &(struct start){ 0 }))
		return false;
	before = pty_picture(pty);
	child_send(&pty->child, "\033[");
	child_pump(&pty->child, 10);
	child_send(&pty->child, "B");
	child_wait_quiet(&pty->child, 100);
	after = pty_picture(pty);
	moved = emulator_cursor(&pty->child.emulator).row > 0 && !emulator_has(&pty->child.emulator, "[B");
	free(before);
	free(after);
	REQUIRE(pty, moved);
	return true;
}

/* The ground of a cell as one number: of 24 bits, or below 0 by its place among the 256. */
static int ground_at(const struct emulator *emulator, int y, int x)
{
	VTermScreenCell cell;

	vterm_screen_get_cell(emulator->screen, (VTermPos){ .row = y, .col = x }, &cell);
	if (!VTERM_COLOR_IS_RGB(&cell.bg))
		return -1 - cell.bg.indexed.idx;
	return cell.bg.rgb.red << 16 | cell.bg.rgb.green << 8 | cell.bg.rgb.blue;
}

/* The terminal says that it has 24-bit colours when the first picture is there: blank rows get them, too. */
static bool late_truecolor_colours_all(struct pty *pty)
{
	const struct emulator *emulator = &pty->child.emulator;
	bool same = false;

	if (!pty_lab(pty, &(struct start){ .features = FEATURE_LATE }))
		return false;
	REQUIRE(pty, emulator_colors(emulator) == 1 && ground_at(emulator, 2, 40) < 0);
	child_answer(&pty->child);
	for (int i = 0; i < WINDOWS && !same; i++) {
		child_wait_quiet(&pty->child, 300);
		same = ground_at(emulator, 2, 40) >= 0;
		for (int y = 2; y < emulator->rows - 1; y++)
			same = same && ground_at(emulator, y, 0) == ground_at(emulator, 2, 40);
	}
	REQUIRE(pty, same);
	return pty_leave(pty);
}

static int compare_sizes(const void *a, const void *b)
{
	const size_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static bool typing_costs_few_bytes(struct pty *pty)
{
	size_t costs[40];

	if (!pty_workspace(pty, &(struct start){ .env = { "COLORTERM=truecolor" } }))
		return false;
	child_send(&pty->child, "\033[1;5F\r# "); /* a comment at the end */
	child_wait_quiet(&pty->child, 300);
	for (size_t i = 0; i < KL_LENGTH(costs); i++) {
		size_t before = pty->child.emulator.raw.len;

		child_send(&pty->child, i % 2 ? "n" : "m");
		child_wait_quiet(&pty->child, 25);
		costs[i] = pty->child.emulator.raw.len - before;
	}
	qsort(costs, KL_LENGTH(costs), sizeof(costs[0]), compare_sizes);
	if (costs[20] > 6)
		return REFUSE(pty, "a typed letter costs %zu bytes", costs[20]);
	return true;
}

/* Who writes now and then never lets a window pass. */
static bool idle_is_silent(struct pty *pty)
{
	size_t before;

	if (!pty_workspace(pty, &(struct start){ 0 }))
		return false;
	for (int i = 0; i < WINDOWS; i++) {
		child_wait_quiet(&pty->child, 300);
		before = pty->child.emulator.raw.len;
		child_pump(&pty->child, 1200);
		if (pty->child.emulator.raw.len == before)
			return true;
	}
	return REFUSE(pty, "it is never silent");
}

static bool typeahead_is_kept(struct pty *pty)
{
	child_start(&pty->child, pty->places, &(struct start){ 0 });
	child_send(&pty->child, "?");
	REQUIRE(pty, child_wait_text(&pty->child, "C-p finds any command", WORK_MS));
	return true;
}

/* Runs the lab and then counts what is to be read where the shell would read. */
static void lab_and_count(struct pty *pty)
{
	char *command =
		kl_format("%s; stty -icanon -echo min 0 time 2; echo \"[left $(dd bs=99 count=1 2>&- | wc -c)]\"",
			  pty->places->lab);
	const char *const argv[] = { "sh", "-c", command, NULL };

	child_start(&pty->child, pty->places, &(struct start){ .argv = argv });
	free(command);
}

static bool no_answer_is_left_for_the_shell(struct pty *pty)
{
	lab_and_count(pty);
	REQUIRE(pty, child_wait_text(&pty->child, "Start here", WORK_MS));
	child_wait_quiet(&pty->child, 60);
	pty->child.emulator.features |= FEATURE_LATE;
	child_send(&pty->child, "?");
	REQUIRE(pty, child_wait_text(&pty->child, "C-p finds any command", WORK_MS));
	REQUIRE(pty, child_wait_answers(&pty->child, WORK_MS));
	child_send(&pty->child, "\021");
	REQUIRE(pty, child_wait_gone(&pty->child, "C-p finds any command", WORK_MS));
	child_answer(&pty->child);
	REQUIRE(pty, child_wait_text(&pty->child, "[left ", WORK_MS));
	REQUIRE(pty, emulator_has(&pty->child.emulator, "[left 0]"));
	return true;
}

static int64_t leaving_ms(struct pty *pty)
{
	int64_t begun_ms;

	if (!pty_lab(pty, &(struct start){ 0 }))
		return -1;
	pty->child.emulator.features |= FEATURE_LATE;
	child_send(&pty->child, "?");
	if (!child_wait_text(&pty->child, "C-p finds any command", WORK_MS)) {
		(void)REFUSE(pty, "the help did not come");
		return -1;
	}
	begun_ms = kl_clock_mono_ms();
	return pty_leave(pty) ? kl_clock_mono_ms() - begun_ms : -1;
}

/* A terminal that says nothing any more keeps nobody in the lab. */
static bool a_missing_answer_is_not_waited_for_long(struct pty *pty)
{
	int64_t took = WORK_MS;

	for (int i = 0; i < TRIES && took >= 3000; i++) {
		if (i)
			child_stop(&pty->child);
		took = leaving_ms(pty);
		if (took < 0)
			return false;
	}
	return took < 3000 || REFUSE(pty, "leaving took %d ms", (int)took);
}

static bool nothing_is_drawn_when_leaving(struct pty *pty)
{
	if (!pty_lab(pty, &(struct start){ 0 }))
		return false;
	child_send(&pty->child, "\033");
	REQUIRE(pty, child_wait_text(&pty->child, "This is the home screen", WORK_MS));
	child_wait_quiet(&pty->child, 60);
	kl_buf_clear(&pty->child.emulator.raw);
	if (!pty_leave(pty))
		return false;
	REQUIRE(pty, !emulator_wrote(&pty->child.emulator, "Enter"));
	return true;
}

static bool one_picture_per_frame(struct pty *pty)
{
	if (!pty_lab(pty, &(struct start){ 0 }))
		return false;
	REQUIRE(pty, emulator_count(&pty->child.emulator, "\033[2J") == 0);
	REQUIRE(pty, emulator_count(&pty->child.emulator, "\033[J") == 1);
	return true;
}

const struct pty_test more_tests[] = {
	{ "crash-restores-terminal", crash_restores_terminal },
	{ "minimal-system-without-terminfo", minimal_system_without_terminfo },
	{ "refuses-pipes", refuses_pipes },
	{ "size-comes-from-the-tty", size_comes_from_the_tty },
	{ "escape-acts-at-once", escape_acts_at_once },
	{ "split-arrow-is-an-arrow", split_arrow_is_an_arrow },
	{ "late-truecolor-colours-all", late_truecolor_colours_all },
	{ "typing-costs-few-bytes", typing_costs_few_bytes },
	{ "idle-is-silent", idle_is_silent },
	{ "typeahead-is-kept", typeahead_is_kept },
	{ "one-clear-at-the-start", one_picture_per_frame },
	{ "no-answer-is-left-for-the-shell", no_answer_is_left_for_the_shell },
	{ "missing-answer-is-not-waited-for-long", a_missing_answer_is_not_waited_for_long },
	{ "nothing-is-drawn-when-leaving", nothing_is_drawn_when_leaving },
	{ NULL, NULL },
};
