/* The 29 rows of the matrix in docs/terminal.md, in its order. */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/file.h>
#include <kodelab/path.h>

#include "pty.h"

enum { EXIT_MS = 60000, WORK_MS = 60000, LOOKS = 3000, STORM = 60, TEXT_MAX = 1 << 20 };

#define TYPED "zebra_crossing"

/* ---- leaving and dying ----------------------------------------------------------------------------------------- */

static bool clean_exit(struct pty *pty)
{
	return pty_lab(pty, &(struct start){ 0 }) && pty_leave(pty);
}

static bool sigterm_restores_terminal(struct pty *pty)
{
	if (!pty_workspace(pty, &(struct start){ .features = FEATURE_KITTY | FEATURE_SYNC }))
		return false;
	child_signal(&pty->child, SIGTERM);
	REQUIRE(pty, child_wait_exit(&pty->child, EXIT_MS) != EXIT_TIMEOUT);
	return pty_clean(pty);
}

static bool sighup_ends_it(struct pty *pty)
{
	if (!pty_lab(pty, &(struct start){ 0 }))
		return false;
	child_hang_up(&pty->child);
	REQUIRE(pty, child_wait_exit(&pty->child, EXIT_MS) != EXIT_TIMEOUT);
	return true;
}

/* Types into the editor, lets the program die, and looks for the text in a second one with the same home. */
static bool type_and_lose(struct pty *pty, bool rested, int signo)
{
	struct child first;

	if (!pty_workspace(pty, &(struct start){ 0 }))
		return false;
	child_send(&pty->child, TYPED);
	REQUIRE(pty, child_wait_text(&pty->child, TYPED, WORK_MS));
	if (rested) /* the journal is written in the turn that shows the text */
		child_wait_quiet(&pty->child, 60);
	child_signal(&pty->child, signo);
	if (signo == SIGHUP)
		child_hang_up(&pty->child);
	REQUIRE(pty, child_wait_exit(&pty->child, EXIT_MS) != EXIT_TIMEOUT);
	first = pty->child;
	child_start(&pty->child, pty->places, &(struct start){ .home = first.home });
	pty->child.own_home = true;
	child_stop_keep(&first);
	REQUIRE(pty, child_wait_text(&pty->child, "Welcome aboard", WORK_MS));
	child_wait_quiet(&pty->child, 60);
	child_send(&pty->child, "\r");
	REQUIRE(pty, child_wait_text(&pty->child, TYPED, WORK_MS));
	return true;
}

static bool sighup_keeps_the_work(struct pty *pty)
{
	return type_and_lose(pty, false, SIGHUP);
}

static bool kill9_keeps_the_work(struct pty *pty)
{
	return type_and_lose(pty, true, SIGKILL);
}

/* ---- stopping and sizes ---------------------------------------------------------------------------------------- */

static bool same_picture(struct pty *pty, const char *before)
{
	char *now;
	bool same = false;

	for (int i = 0; i < LOOKS && !same; i++) {
		child_pump(&pty->child, 20);
		now = pty_picture(pty);
		same = strcmp(now, before) == 0;
		free(now);
	}
	return same;
}

static bool suspend_resume(struct pty *pty)
{
	static const char *const shell[] = { "bash", "--norc", "--noprofile", "--noediting", "-i", NULL };
	char *command = kl_format("%s\r", pty->places->lab), *before;
	bool same;

	child_start(&pty->child, pty->places, &(struct start){ .argv = shell, .env = { "PS1=shell> " } });
	REQUIRE(pty, child_wait_text(&pty->child, "shell>", WORK_MS));
	child_send(&pty->child, command);
	free(command);
	REQUIRE(pty, child_wait_text(&pty->child, "Start here", WORK_MS));
	child_wait_quiet(&pty->child, 100);
	before = pty_picture(pty);
	child_send(&pty->child, "\032");
	REQUIRE(pty, child_wait_text(&pty->child, "Stopped", WORK_MS));
	REQUIRE(pty, !emulator_mode(&pty->child.emulator, 1049) && !emulator_mode(&pty->child.emulator, 2004));
	REQUIRE(pty, !emulator_mode(&pty->child.emulator, 1006) && emulator_mode(&pty->child.emulator, 25));
	child_send(&pty->child, "fg\r");
	REQUIRE(pty, child_wait_text(&pty->child, "Start here", WORK_MS));
	same = same_picture(pty, before);
	free(before);
	REQUIRE(pty, same && emulator_mode(&pty->child.emulator, 2004));
	child_send(&pty->child, "\021");
	REQUIRE(pty, child_wait_text(&pty->child, "shell>", WORK_MS));
	child_pump(&pty->child, 100);
	child_send(&pty->child, "exit\r");
	REQUIRE(pty, child_wait_exit(&pty->child, EXIT_MS) == 0);
	return true;
}

static bool sigcont_redraws(struct pty *pty)
{
	char *before;
	bool same;

	if (!pty_lab(pty, &(struct start){ .features = FEATURE_KITTY }))
		return false;
	before = pty_picture(pty);
	child_signal(&pty->child, SIGSTOP);
	child_pump(&pty->child, 50);
	emulator_feed(&pty->child.emulator, "\033[5;5HRUBBISH\033[?2004l", 21);
	child_signal(&pty->child, SIGCONT);
	same = same_picture(pty, before);
	free(before);
	REQUIRE(pty, same && emulator_mode(&pty->child.emulator, 2004));
	return pty_leave(pty);
}

static bool resize_storm(struct pty *pty)
{
	unsigned seed = 4711;
	char *before;
	bool same;

	if (!pty_workspace(pty, &(struct start){ 0 }))
		return false;
	before = pty_picture(pty);
	for (int i = 0; i < STORM; i++) {
		seed = seed * 1103515245u + 12345u;
		child_resize(&pty->child, 5 + (int)(seed >> 16) % 60, 10 + (int)(seed >> 8) % 150);
		child_pump(&pty->child, i % 4);
	}
	child_resize(&pty->child, 24, 80);
	same = same_picture(pty, before);
	free(before);
	REQUIRE(pty, same);
	return pty_leave(pty);
}

static bool tiny_sizes_survive(struct pty *pty)
{
	static const int sizes[][2] = { { 12, 40 }, { 8, 20 }, { 3, 10 }, { 2, 5 }, { 1, 80 }, { 24, 1 }, { 1, 1 } };
	char *before;
	bool same;

	if (!pty_workspace(pty, &(struct start){ 0 }))
		return false;
	before = pty_picture(pty);
	for (size_t i = 0; i < KL_LENGTH(sizes); i++) {
		child_resize(&pty->child, sizes[i][0], sizes[i][1]);
		child_pump(&pty->child, 60);
		child_send(&pty->child, "\033[B\033[A");
	}
	child_resize(&pty->child, 24, 80);
	same = same_picture(pty, before);
	free(before);
	REQUIRE(pty, same);
	return pty_leave(pty);
}

static bool start_in_1x1(struct pty *pty)
{
	child_start(&pty->child, pty->places, &(struct start){ .rows = 1, .cols = 1 });
	child_pump(&pty->child, 300);
	child_resize(&pty->child, 24, 80);
	REQUIRE(pty, child_wait_text(&pty->child, "Start here", WORK_MS));
	return pty_leave(pty);
}

/* ---- input ----------------------------------------------------------------------------------------------------- */

static bool file_has(const char *home, const char *text)
{
	char *command = kl_format("grep -rqF -- \"$1\" '%s/kodelab'", home);
	char *argv[] = { kl_strdup("sh"), kl_strdup("-c"), command, kl_strdup("sh"), kl_strdup(text), NULL };
	pid_t pid = fork();
	int status = 1;

	if (pid == 0) {
		execvp(argv[0], argv);
		_exit(127);
	}
	while (pid > 0 && waitpid(pid, &status, 0) != pid)
		;
	for (size_t i = 0; argv[i]; i++)
		free(argv[i]);
	return status == 0;
}

static bool paste_is_bracketed_and_exact(struct pty *pty)
{
	static const char pasted[] = "def tabs():\r\n\tif x:\r\t\treturn [1, (2, \"three\n\n    end_of_paste";
	static const char *const lines[] = { "def tabs():", "\tif x:", "\t\treturn [1, (2, \"three",
					     "    end_of_paste" };

	if (!pty_workspace(pty, &(struct start){ 0 }))
		return false;
	REQUIRE(pty, emulator_mode(&pty->child.emulator, 2004));
	child_send(&pty->child, "\033a"); /* select all */
	child_send(&pty->child, "\033[200~");
	child_send(&pty->child, pasted);
	child_send(&pty->child, "\033[20");
	child_pump(&pty->child, 80);
	child_send(&pty->child, "1~");
	REQUIRE(pty, child_wait_text(&pty->child, "end_of_paste", WORK_MS));
	child_send(&pty->child, "\023"); /* save */
	for (size_t i = 0; i < KL_LENGTH(lines); i++) {
		bool found = false;

		for (int tries = 0; tries < LOOKS && !found; tries++) {
			child_pump(&pty->child, 20);
			found = file_has(pty->child.home, lines[i]);
		}
		if (!found)
			return REFUSE(pty, "the saved file lacks '%s'", lines[i]);
	}
	REQUIRE(pty, !file_has(pty->child.home, "~"));
	return pty_leave(pty);
}

static bool focus_events_asked(struct pty *pty)
{
	if (!pty_workspace(pty, &(struct start){ 0 }))
		return false;
	REQUIRE(pty, emulator_mode(&pty->child.emulator, 1004));
	child_send(&pty->child, "\033[O\033[I");
	child_wait_quiet(&pty->child, 100);
	REQUIRE(pty, !emulator_has(&pty->child.emulator, "[O") && !emulator_has(&pty->child.emulator, "[I"));
	return pty_leave(pty);
}

static bool mouse_sgr(struct pty *pty)
{
	if (!pty_workspace(pty, &(struct start){ 0 }))
		return false;
	REQUIRE(pty, emulator_mode(&pty->child.emulator, 1006) && emulator_mode(&pty->child.emulator, 1002));
	child_send(&pty->child, "\033[<0;60;4M\033[<0;60;4m\033[<65;60;4M\033[<64;300;300M");
	child_wait_quiet(&pty->child, 100);
	REQUIRE(pty, !emulator_has(&pty->child.emulator, "60;4"));
	return pty_leave(pty);
}

/* ---- looks ----------------------------------------------------------------------------------------------------- */

static bool no_color_honoured(struct pty *pty)
{
	if (!pty_workspace(pty, &(struct start){ .env = { "NO_COLOR=1" } }))
		return false;
	REQUIRE(pty, emulator_colors(&pty->child.emulator) == 0);
	REQUIRE(pty, emulator_wrote(&pty->child.emulator, "\033[7m") || emulator_wrote(&pty->child.emulator, ";7m"));
	if (!pty_leave(pty))
		return false;
	child_stop(&pty->child);
	if (!pty_lab(pty, &(struct start){ .env = { "NO_COLOR=" } }))
		return false;
	REQUIRE(pty, emulator_colors(&pty->child.emulator) > 0);
	return true;
}

static bool truecolor_when_offered(struct pty *pty)
{
	if (!pty_lab(pty, &(struct start){ .env = { "COLORTERM=truecolor" } }))
		return false;
	REQUIRE(pty, emulator_colors(&pty->child.emulator) == 2);
	child_stop(&pty->child);
	if (!pty_lab(pty, &(struct start){ .features = FEATURE_MUTE }))
		return false;
	REQUIRE(pty, emulator_colors(&pty->child.emulator) == 1);
	return true;
}

static bool has_high_bytes(const struct emulator *emulator)
{
	for (size_t i = 0; i < emulator->raw.len; i++)
		if ((unsigned char)emulator->raw.data[i] >= 0x80)
			return true;
	return false;
}

static bool lang_c_is_ascii(struct pty *pty)
{
	if (!pty_workspace(pty, &(struct start){ .env = { "LANG=C", "LC_ALL=C" } }))
		return false;
	child_send(&pty->child, "\033OP"); /* help */
	child_wait_quiet(&pty->child, 100);
	REQUIRE(pty, !has_high_bytes(&pty->child.emulator));
	return true;
}

static bool unicode_widths(struct pty *pty)
{
	static const char text[] = "\033a\033[200~# 世界 e\xcc\x81 ﾊ ü x|\n# 世世世世世世世世世世世世 end\033[201~";

	if (!pty_workspace(pty, &(struct start){ 0 }))
		return false;
	child_send(&pty->child, text);
	REQUIRE(pty, child_wait_text(&pty->child, "# 世界 e\xcc\x81 ﾊ ü x|", WORK_MS));
	return pty_leave(pty);
}

/* ---- terminals ------------------------------------------------------------------------------------------------- */

static bool term_vt100(struct pty *pty)
{
	static const char *const never[] = { "\033[?1049", "\033[?2004", "\033[?1004", "\033[?100", "\033[?25",
					     "\033[?u",    "\033[c",     "\033]",      "\033P" };

	if (!pty_workspace(pty, &(struct start){ .term = "vt100", .env = { "COLORTERM=truecolor" } }))
		return false;
	child_send(&pty->child, "x\r\r\177\177\177");
	child_wait_quiet(&pty->child, 100);
	for (size_t i = 0; i < KL_LENGTH(never); i++)
		if (emulator_wrote(&pty->child.emulator, never[i]))
			return REFUSE(pty, "ESC%s was sent to a vt100", never[i] + 1);
	REQUIRE(pty, emulator_colors(&pty->child.emulator) == 0);
	return pty_leave(pty);
}

static bool term_linux(struct pty *pty)
{
	if (!pty_workspace(pty, &(struct start){ .term = "linux" }))
		return false;
	REQUIRE(pty, !emulator_wrote(&pty->child.emulator, "\033[?1049"));
	REQUIRE(pty, emulator_colors(&pty->child.emulator) == 1);
	return pty_leave(pty);
}

static bool term_screen_tmux(struct pty *pty)
{
	static const char *const terms[] = { "screen", "screen-256color", "tmux-256color" };

	for (size_t i = 0; i < KL_LENGTH(terms); i++) {
		if (i)
			child_stop(&pty->child);
		if (!pty_workspace(pty, &(struct start){ .term = terms[i] }))
			return false;
		REQUIRE(pty, !emulator_wrote(&pty->child.emulator, "\033P"));
		if (!pty_leave(pty))
			return false;
	}
	return true;
}

static bool refuses(struct pty *pty, const char *term)
{
	child_start(&pty->child, pty->places, &(struct start){ .term = term });
	REQUIRE(pty, child_wait_exit(&pty->child, EXIT_MS) == 2);
	REQUIRE(pty, emulator_has(&pty->child.emulator, "kodelab: "));
	REQUIRE(pty, emulator_has(&pty->child.emulator, "help"));
	REQUIRE(pty, !emulator_wrote(&pty->child.emulator, "\033"));
	return true;
}

static bool term_dumb(struct pty *pty)
{
	return refuses(pty, "dumb");
}

static bool term_unknown(struct pty *pty)
{
	return refuses(pty, "no-such-terminal");
}

/* ---- the line -------------------------------------------------------------------------------------------------- */

static bool survives_stalled_terminal(struct pty *pty)
{
	size_t before;

	if (!pty_lab(pty, &(struct start){ 0 }))
		return false;
	child_send(&pty->child, "?"); /* help: long enough to scroll */
	child_wait_quiet(&pty->child, 100);
	for (int i = 0; i < 400; i++)
		if (write(pty->child.fd, i % 2 ? "\033[5~" : "\033[6~", 4) != 4)
			break;
	poll(NULL, 0, 2000); /* nobody reads */
	before = pty->child.emulator.raw.len;
	child_wait_quiet(&pty->child, 200);
	if (pty->child.emulator.raw.len - before > 200000)
		return REFUSE(pty, "%zu bytes were waiting", pty->child.emulator.raw.len - before);
	return pty_leave(pty);
}

static bool flow_control_off(struct pty *pty)
{
	struct termios modes;

	if (!pty_workspace(pty, &(struct start){ 0 }))
		return false;
	modes = child_modes(&pty->child);
	REQUIRE(pty, !(modes.c_iflag & (IXON | ICRNL)) && !(modes.c_lflag & (ISIG | ICANON | ECHO)));
	child_send(&pty->child, "\023" TYPED);
	REQUIRE(pty, child_wait_text(&pty->child, TYPED, WORK_MS));
	return pty_leave(pty);
}

static bool synchronized_output(struct pty *pty)
{
	const struct emulator *emulator = &pty->child.emulator;

	if (!pty_lab(pty, &(struct start){ .features = FEATURE_SYNC }))
		return false;
	child_send(&pty->child, "?");
	child_wait_quiet(&pty->child, 150);
	REQUIRE(pty, emulator_wrote(emulator, "\033[?2026h"));
	REQUIRE(pty, emulator_count(emulator, "\033[?2026h") == emulator_count(emulator, "\033[?2026l"));
	return pty_leave(pty);
}

static bool no_sync_unasked(struct pty *pty)
{
	if (!pty_workspace(pty, &(struct start){ 0 }))
		return false;
	REQUIRE(pty, !emulator_wrote(&pty->child.emulator, "\033[?2026h"));
	return pty_leave(pty);
}

static bool kitty_keyboard(struct pty *pty)
{
	if (!pty_lab(pty, &(struct start){ .features = FEATURE_KITTY }))
		return false;
	REQUIRE(pty, pty->child.emulator.kitty == 1);
	child_send(&pty->child, "\033[113;5u"); /* C-q */
	REQUIRE(pty, child_wait_exit(&pty->child, EXIT_MS) == 0);
	return pty_clean(pty);
}

static bool no_stray_bell(struct pty *pty)
{
	if (!pty_workspace(pty, &(struct start){ 0 }))
		return false;
	child_send(&pty->child, "abc\r\033[A\033[B\177\033[D\033[C\033[6~\033[5~\033OP");
	child_wait_quiet(&pty->child, 150);
	REQUIRE(pty, pty->child.emulator.bells == 0);
	return true;
}

static bool output_to_closed_terminal(struct pty *pty)
{
	if (!pty_lab(pty, &(struct start){ 0 }))
		return false;
	for (int i = 0; i < 50; i++)
		child_send(&pty->child, "\033[6~");
	child_hang_up(&pty->child);
	REQUIRE(pty, child_wait_exit(&pty->child, EXIT_MS) != EXIT_TIMEOUT);
	return true;
}

const struct pty_test matrix_tests[] = {
	{ "clean-exit", clean_exit },
	{ "sigterm-restores-terminal", sigterm_restores_terminal },
	{ "sighup-ends-it", sighup_ends_it },
	{ "sighup-keeps-the-work", sighup_keeps_the_work },
	{ "kill9-keeps-the-work", kill9_keeps_the_work },
	{ "suspend-resume", suspend_resume },
	{ "sigcont-redraws", sigcont_redraws },
	{ "resize-storm", resize_storm },
	{ "tiny-sizes-survive", tiny_sizes_survive },
	{ "start-in-1x1", start_in_1x1 },
	{ "paste-is-bracketed-and-exact", paste_is_bracketed_and_exact },
	{ "focus-events-asked", focus_events_asked },
	{ "mouse-sgr", mouse_sgr },
	{ "no-color-honoured", no_color_honoured },
	{ "truecolor-when-offered", truecolor_when_offered },
	{ "lang-C-is-ascii", lang_c_is_ascii },
	{ "unicode-widths", unicode_widths },
	{ "term-vt100", term_vt100 },
	{ "term-linux", term_linux },
	{ "term-screen-tmux", term_screen_tmux },
	{ "term-dumb", term_dumb },
	{ "term-unknown", term_unknown },
	{ "survives-stalled-terminal", survives_stalled_terminal },
	{ "flow-control-off", flow_control_off },
	{ "synchronized-output", synchronized_output },
	{ "no-sync-unasked", no_sync_unasked },
	{ "kitty-keyboard", kitty_keyboard },
	{ "no-stray-bell", no_stray_bell },
	{ "output-to-closed-terminal", output_to_closed_terminal },
	{ NULL, NULL },
};
