/* What hands and other programs do to the lab: the clipboard, the mouse, $EDITOR, files that change, hostile text, full disks. */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/file.h>
#include <kodelab/path.h>

#include "tools.h"

enum { BIG = 100 << 10, WHEELS = 300 };

/* A home that is there before the lab is; removed with the child. */
static void make_home(char home[64])
{
	snprintf(home, 64, "/tmp/kodelab-pty-XXXXXX");
	if (!mkdtemp(home))
		kl_die("mkdtemp failed");
}

/* The lab with welcome open in that home. */
static bool open_in(struct pty *pty, const char *home, struct start start, const char *language)
{
	const char *const argv[] = { pty->places->lab, "edit", "welcome", "--language", language, NULL };

	start.argv = argv;
	start.home = home;
	child_start(&pty->child, pty->places, &start);
	pty->child.own_home = true;
	REQUIRE(pty, child_wait_text(&pty->child, "Your task", TOOLS_WORK_MS));
	child_send(&pty->child, "\0332");
	child_wait_quiet(&pty->child, 60);
	return true;
}

/* ---- the clipboard --------------------------------------------------------------------------------------------- */

static void fill(struct pty *pty, const char *text, size_t len)
{
	child_send(&pty->child, "\033a");
	tools_paste(pty, text, len);
	child_wait_quiet(&pty->child, 100);
}

static bool copy_reaches_the_clipboard(struct pty *pty)
{
	if (!pty_workspace(pty, &(struct start){ 0 }))
		return false;
	fill(pty, "clip_me", strlen("clip_me"));
	child_send(&pty->child, "\033a\033c");
	child_wait_quiet(&pty->child, 100);
	REQUIRE(pty, strncmp(pty->child.emulator.clipboard.data, "Y2xpcF9tZQ==", 12) == 0);
	REQUIRE(pty, !emulator_wrote(&pty->child.emulator, "\033]52;c;?"));
	return pty_leave(pty);
}

static bool big_copy_stays_inside(struct pty *pty)
{
	char *big = kl_alloc(BIG);

	memset(big, 'k', BIG);
	for (size_t i = 79; i < BIG; i += 80)
		big[i] = '\n';
	if (!pty_workspace(pty, &(struct start){ 0 })) {
		free(big);
		return false;
	}
	fill(pty, big, BIG);
	free(big);
	child_send(&pty->child, "\033a\033c");
	REQUIRE(pty, child_wait_text(&pty->child, "100 KB is more than", TOOLS_WORK_MS));
	REQUIRE(pty, !emulator_wrote(&pty->child.emulator, "\033]52;"));
	return pty_leave(pty);
}

static bool clipboard_option_off(struct pty *pty)
{
	char home[64];

	make_home(home);
	REQUIRE(pty, tools_command(pty, home, "config clipboard.osc52 false") == 0);
	if (!open_in(pty, home, (struct start){ 0 }, "python"))
		return false;
	child_send(&pty->child, "\033a\033c");
	child_wait_quiet(&pty->child, 100);
	REQUIRE(pty, !emulator_wrote(&pty->child.emulator, "\033]52;"));
	return pty_leave(pty);
}

/* ---- text that wants to be more -------------------------------------------------------------------------------- */

#define EVIL                                                                                                           \
	"EVIL\033]52;c;RVZJTA==\007\033]0;EVIL\007\033[2J\033[31mRED\033P1$rEVIL\033\\\302\233"                        \
	"2J\302\235"                                                                                                   \
	"0;EVIL\302\234\342\200\256LIVE\033_EVIL\033\\\033c\a\033[?1049l"

static bool nothing_leaked(struct pty *pty)
{
	static const char *const never[] = { "RVZJTA==\007", "\033]52;c;R", "\033]0;E", "\033[2J", "\033[31mRED",
					     "\033P1$rE",    "\302\233",    "\302\235", "\033_E",  "\033c",
					     "\342\200\256", "\a",          "\302\234" };
	const struct emulator *emulator = &pty->child.emulator;

	for (size_t i = 0; i < KL_LENGTH(never); i++)
		if (emulator_wrote(emulator, never[i]))
			return REFUSE(pty, "hostile bytes %zu reached the terminal", i);
	REQUIRE(pty, emulator->bells == 0 && emulator_mode(emulator, 1049) && emulator->clipboard.len == 0);
	return true;
}

static bool look_at_all_tabs(struct pty *pty)
{
	child_send(&pty->child, "\0333");
	for (int i = 0; i < 5; i++) {
		child_send(&pty->child, "\033.");
		child_wait_quiet(&pty->child, 60);
	}
	return nothing_leaked(pty);
}

static bool hostile_program_output(struct pty *pty)
{
	char home[64];

	make_home(home);
	tools_put(home, WELCOME_FILE,
		  "import sys\n# " EVIL "\ndef seats_left(seats, taken):\n"
		  "    text = '"
		  "EVIL\\x1b]52;c;RVZJTA==\\x07\\x1b]0;EVIL\\x07\\x1b[2J\\x1b[31mRED\\x9b2J\\u202eLIVE\\x1bc\\x07'\n"
		  "    print(text)\n    print(text, file=sys.stderr)\n    raise Exception(text)\n");
	if (!open_in(pty, home, (struct start){ .rows = 40, .cols = 140 }, "python"))
		return false;
	REQUIRE(pty, emulator_has(&pty->child.emulator, "EVIL"));
	child_send(&pty->child, "\033r");
	REQUIRE(pty, child_wait_text(&pty->child, "0 of 3 tests passed", TOOLS_WORK_MS));
	REQUIRE(pty, child_wait_text(&pty->child, "Exception", TOOLS_WORK_MS));
	return look_at_all_tabs(pty) && pty_leave(pty);
}

static bool hostile_compiler_text(struct pty *pty)
{
	char home[64];

	make_home(home);
	tools_put(home, "kodelab/starter/welcome/solution.c", "#error \"" EVIL "\"\nint \302\233;\n");
	if (!open_in(pty, home, (struct start){ .rows = 40, .cols = 140 }, "c"))
		return false;
	child_send(&pty->child, "\033r");
	REQUIRE(pty, child_wait_text(&pty->child, "It does not compile", TOOLS_WORK_MS));
	return look_at_all_tabs(pty) && pty_leave(pty);
}

/* A copy of the pack whose statement, titles and file names are hostile. */
static bool hostile_pack(struct pty *pty)
{
	char home[64], *share, *env;
	bool good;

	make_home(home);
	REQUIRE(pty, tools_shell(home,
				 "mkdir -p share/challenges && cp -r \"$1/challenges/starter\" share/challenges/ &&"
				 "ln -s \"$1/themes\" share/themes",
				 pty->places->share) == 0);
	share = kl_path_join(home, "share");
	tools_put(share, "challenges/starter/welcome/statement.md",
		  "# Your task " EVIL "\n\n`" EVIL "`\n\n```c\n" EVIL "\n```\n");
	tools_put(share,
		  "challenges/starter/"
		  "evil\033]0;EVIL\a/challenge.json",
		  "{}");
	env = kl_format("KODELAB_SHARE=%s", share);
	good = open_in(pty, home, (struct start){ .rows = 40, .cols = 140, .env = { env } }, "python");
	free(env);
	free(share);
	if (!good)
		return false;
	child_send(&pty->child, "\033OP");
	child_wait_quiet(&pty->child, 60);
	return nothing_leaked(pty) && pty_leave(pty);
}

/* ---- the mouse ------------------------------------------------------------------------------------------------- */

static void mouse(struct pty *pty, int button, int y, int x, char end)
{
	char *bytes = kl_format("\033[<%d;%d;%d%c", button, x + 1, y + 1, end);

	child_send(&pty->child, bytes);
	free(bytes);
}

static bool mouse_moves_things(struct pty *pty)
{
	int y, x, divider, moved = 0;
	VTermPos cursor;

	if (!pty_workspace(pty, &(struct start){ 0 }))
		return false;
	y = tools_row_of(pty, "def seats_left", &x);
	REQUIRE(pty, y > 0);
	mouse(pty, 0, y, x + 4, 'M');
	mouse(pty, 0, y, x + 4, 'm');
	child_wait_quiet(&pty->child, 60);
	cursor = emulator_cursor(&pty->child.emulator);
	REQUIRE(pty, cursor.row == y && cursor.col == x + 4);
	mouse(pty, 65, 10, 5, 'M'); /* the wheel scrolls what it points at, not what has the focus */
	REQUIRE(pty, child_wait_gone(&pty->child, "BEGINNER", TOOLS_WORK_MS));
	REQUIRE(pty, emulator_has(&pty->child.emulator, "def seats_left"));
	cursor = emulator_cursor(&pty->child.emulator);
	REQUIRE(pty, cursor.row == y && cursor.col == x + 4);
	REQUIRE(pty, tools_row_of(pty, "│", &divider) > 0);
	mouse(pty, 0, 5, divider, 'M');
	mouse(pty, 32, 5, divider + 8, 'M');
	mouse(pty, 0, 5, divider + 8, 'm');
	child_wait_quiet(&pty->child, 60);
	REQUIRE(pty, tools_row_of(pty, "│", &moved) > 0 && moved == divider + 8);
	return pty_leave(pty);
}

static bool mouse_can_be_switched_off(struct pty *pty)
{
	if (!pty_workspace(pty, &(struct start){ 0 }))
		return false;
	REQUIRE(pty, emulator_mode(&pty->child.emulator, 1006));
	tools_request(pty, "mouse");
	REQUIRE(pty, child_wait_text(&pty->child, "belongs to the terminal", TOOLS_WORK_MS));
	REQUIRE(pty, !emulator_mode(&pty->child.emulator, 1006) && !emulator_mode(&pty->child.emulator, 1002));
	tools_request(pty, "mouse");
	REQUIRE(pty, child_wait_text(&pty->child, "belongs to the lab", TOOLS_WORK_MS));
	REQUIRE(pty, emulator_mode(&pty->child.emulator, 1006));
	return pty_leave(pty);
}

static bool wheel_flood_is_few_frames(struct pty *pty)
{
	struct kl_buf flood;
	size_t before;

	if (!pty_workspace(pty, &(struct start){ 0 }))
		return false;
	kl_buf_init(&flood, 1 << 16);
	for (int i = 0; i < WHEELS; i++)
		kl_buf_addf(&flood, "\033[<%d;6;11M", i < WHEELS / 2 ? 65 : 64);
	before = pty->child.emulator.raw.len;
	child_send_bytes(&pty->child, flood.data, flood.len);
	kl_buf_release(&flood);
	child_wait_quiet(&pty->child, 100);
	REQUIRE(pty, emulator_has(&pty->child.emulator, "BEGINNER"));
	if (pty->child.emulator.raw.len - before > 8000)
		return REFUSE(pty, "%d turns of the wheel cost %zu bytes", WHEELS,
			      pty->child.emulator.raw.len - before);
	return pty_leave(pty);
}

/* ---- other programs -------------------------------------------------------------------------------------------- */

static bool editor_takes_over(struct pty *pty)
{
	const struct emulator *emulator = &pty->child.emulator;
	char home[64], *path, *env;
	bool good;

	make_home(home);
	tools_put(home, "append", "#!/bin/sh\necho '# from_outside' >>\"$1\"\nstty -a\necho IN_EDITOR\nread line\n");
	path = kl_path_join(home, "append");
	env = kl_format("EDITOR=%s", path);
	good = chmod(path, 0755) == 0 &&
	       open_in(pty, home, (struct start){ .features = FEATURE_KITTY, .env = { env } }, "python");
	free(path);
	free(env);
	if (!good)
		return false;
	child_send(&pty->child, "# typed\r\033e");
	REQUIRE(pty, child_wait_text(&pty->child, "IN_EDITOR", TOOLS_WORK_MS));
	REQUIRE(pty,
		!emulator_mode(emulator, 1049) && !emulator_mode(emulator, 2004) && !emulator_mode(emulator, 1004));
	REQUIRE(pty, !emulator_mode(emulator, 1006) && emulator_mode(emulator, 25) && emulator->kitty == 0);
	REQUIRE(pty, emulator_has(emulator, "isig icanon") && emulator_has(emulator, " echo "));
	child_resize(&pty->child, 30, 100);
	child_send(&pty->child, "\r");
	REQUIRE(pty, child_wait_text(&pty->child, "# from_outside", TOOLS_WORK_MS));
	child_wait_quiet(&pty->child, 60);
	REQUIRE(pty, emulator_has(emulator, "# typed") && emulator_mode(emulator, 1006) && emulator->kitty == 1);
	REQUIRE(pty, tools_row_of(pty, "has been read again", NULL) == 29);
	child_send(&pty->child, "\033[113;5u");
	REQUIRE(pty, child_wait_exit(&pty->child, TOOLS_EXIT_MS) == 0);
	return pty_clean(pty);
}

/* The answer to a question of ours stands behind the key that lends the terminal: nothing is pushed onto the editor. */
static bool late_kitty_answer(struct pty *pty)
{
	char home[64];

	make_home(home);
	if (!open_in(pty, home, (struct start){ .env = { "EDITOR=sh -c 'echo IN_EDITOR; read line'" } }, "python"))
		return false;
	child_send(&pty->child, "\033e\033[?0u");
	REQUIRE(pty, child_wait_text(&pty->child, "IN_EDITOR", TOOLS_WORK_MS));
	child_wait_quiet(&pty->child, 60);
	REQUIRE(pty, pty->child.emulator.kitty == 0);
	child_send(&pty->child, "\r");
	REQUIRE(pty, child_wait_text(&pty->child, "Your task", TOOLS_WORK_MS));
	child_wait_quiet(&pty->child, 60);
	REQUIRE(pty, pty->child.emulator.kitty == 1);
	return pty_leave(pty);
}

static bool watch_runs_on_change(struct pty *pty)
{
	if (!pty_workspace(pty, &(struct start){ 0 }))
		return false;
	tools_request(pty, "watch");
	REQUIRE(pty, child_wait_text(&pty->child, "Watching", TOOLS_WORK_MS));
	tools_put(pty->child.home, WELCOME_FILE, "def seats_left(seats, taken):\n    return seats - taken\n");
	REQUIRE(pty, child_wait_text(&pty->child, "All 3 sample tests passed", TOOLS_WORK_MS));
	tools_put(pty->child.home, WELCOME_FILE, "def seats_left(seats, taken):\n    return seats - 2 * taken\n");
	REQUIRE(pty, child_wait_text(&pty->child, "of 3 tests passed", TOOLS_WORK_MS));
	return pty_leave(pty);
}

/* The editor beside the lab: what it wrote is seen before anything is typed over it. */
static bool outside_change_is_read_again(struct pty *pty)
{
	if (!pty_workspace(pty, &(struct start){ 0 }))
		return false;
	tools_put(pty->child.home, WELCOME_FILE, "def seats_left(seats, taken):\n    return seats - taken\n");
	child_send(&pty->child, "\033[15~"); /* F5 */
	REQUIRE(pty, child_wait_text(&pty->child, "All 3 sample tests passed", TOOLS_WORK_MS));
	tools_put(pty->child.home, WELCOME_FILE, "# from outside\n");
	child_send(&pty->child, "#");
	REQUIRE(pty, child_wait_text(&pty->child, "## from outside", TOOLS_WORK_MS));
	REQUIRE(pty, emulator_has(&pty->child.emulator, "has been read again"));
	return pty_leave(pty);
}

static bool outside_change_is_not_overwritten(struct pty *pty)
{
	if (!pty_workspace(pty, &(struct start){ 0 }))
		return false;
	child_send(&pty->child, "# typed\r");
	REQUIRE(pty, child_wait_text(&pty->child, "# typed", TOOLS_WORK_MS));
	tools_put(pty->child.home, WELCOME_FILE, "# from outside\n");
	child_send(&pty->child, "\033[15~"); /* F5 */
	REQUIRE(pty, child_wait_text(&pty->child, "Another program wrote the file: undo", TOOLS_WORK_MS));
	REQUIRE(pty, tools_wait_file(pty, WELCOME_FILE, "# from outside\n", TOOLS_WORK_MS));
	REQUIRE(pty, emulator_has(&pty->child.emulator, "# typed"));
	child_send(&pty->child, "\033u");
	REQUIRE(pty, child_wait_text(&pty->child, "# from outside", TOOLS_WORK_MS));
	child_send(&pty->child, "\033y\033[15~");
	REQUIRE(pty, child_wait_text(&pty->child, "0 of 3 tests passed", TOOLS_WORK_MS));
	REQUIRE(pty, tools_wait_file(pty, WELCOME_FILE, "# typed\n", TOOLS_WORK_MS));
	return pty_leave(pty);
}

/* Who leaves is not asked: what was on the screen is written, the other text is in the history of the next sitting. */
static bool outside_change_and_leaving(struct pty *pty)
{
	char home[64];

	make_home(home);
	if (!open_in(pty, home, (struct start){ 0 }, "python"))
		return false;
	child_send(&pty->child, "# typed\r");
	REQUIRE(pty, child_wait_text(&pty->child, "# typed", TOOLS_WORK_MS));
	tools_put(home, WELCOME_FILE, "# from outside\n");
	if (!pty_leave(pty))
		return false;
	REQUIRE(pty, tools_wait_file(pty, WELCOME_FILE, "# typed\n", TOOLS_WORK_MS));
	child_stop_keep(&pty->child);
	if (!open_in(pty, home, (struct start){ 0 }, "python"))
		return false;
	child_send(&pty->child, "\033u");
	REQUIRE(pty, child_wait_text(&pty->child, "# from outside", TOOLS_WORK_MS));
	return pty_leave(pty);
}

/* ---- disks ----------------------------------------------------------------------------------------------------- */

/* The lab in a mount namespace whose home is a small disk of its own; setup is done there first. */
static bool on_small_disk(struct pty *pty, const char *setup, bool *skipped)
{
	char *script = kl_format("mount -t tmpfs -o size=1m tmpfs \"$HOME\" && %s; exec \"$0\" edit welcome", setup);
	const char *const argv[] = { "unshare", "-m", "sh", "-c", script, pty->places->lab, NULL };

	*skipped = geteuid() != 0 || tools_shell("/tmp", "unshare -m mount -t tmpfs tmpfs /mnt 2>/dev/null", "") != 0;
	if (*skipped) {
		printf("skipped: a full or read-only home needs root and mount namespaces\n");
		free(script);
		return true;
	}
	child_start(&pty->child, pty->places, &(struct start){ .argv = argv, .rows = 30, .cols = 120 });
	free(script);
	return true;
}

/* Types, runs, leaves: the work goes on. */
static bool goes_on_working(struct pty *pty)
{
	child_send(&pty->child, "\0332\033a");
	tools_paste(pty, "def seats_left(a, b):\n    return a - b # on_and_on\n", 51);
	REQUIRE(pty, child_wait_text(&pty->child, "on_and_on", TOOLS_WORK_MS));
	child_wait_quiet(&pty->child, 60);
	child_send(&pty->child, "\0333\0332!");
	REQUIRE(pty, child_wait_text(&pty->child, "!", TOOLS_WORK_MS));
	child_send(&pty->child, "\021");
	REQUIRE(pty, child_wait_exit(&pty->child, TOOLS_EXIT_MS) == 0);
	return pty_clean(pty);
}

static bool read_only_home(struct pty *pty)
{
	bool skipped;

	if (!on_small_disk(pty, "mount -o remount,ro \"$HOME\"", &skipped) || skipped)
		return skipped;
	REQUIRE(pty, child_wait_text(&pty->child, "Read-only", TOOLS_WORK_MS));
	child_wait_quiet(&pty->child, 100);
	child_send(&pty->child, "\021");
	REQUIRE(pty, child_wait_exit(&pty->child, TOOLS_EXIT_MS) == 0);
	return pty_clean(pty);
}

static bool full_disk(struct pty *pty)
{
	bool skipped;
	char *big;

	if (!on_small_disk(pty, "true", &skipped) || skipped)
		return skipped;
	REQUIRE(pty, child_wait_text(&pty->child, "seats_left", TOOLS_WORK_MS));
	big = kl_alloc((size_t)12 * BIG);
	memset(big, '#', (size_t)12 * BIG);
	child_send(&pty->child, "\0332");
	tools_paste(pty, big, (size_t)12 * BIG);
	free(big);
	REQUIRE(pty, child_wait_text(&pty->child, "No space left", TOOLS_WORK_MS));
	return goes_on_working(pty);
}

/* A file of the lab's home as the lab sees it, in its mount namespace. Owned by the caller. */
static char *inside(const struct pty *pty, const char *name)
{
	return kl_format("/proc/%d/root%s/%s", (int)pty->child.pid, pty->child.home, name);
}

/* Whole and as it was: a save that finds no space leaves the old file. */
static bool file_has(struct pty *pty, const char *text)
{
	char *path = inside(pty, WELCOME_FILE);
	struct kl_buf now;
	bool has;

	kl_buf_init(&now, (size_t)1 << 20);
	has = kl_file_read(&now, path, NULL) == KL_OK && strstr(now.data, text);
	kl_buf_release(&now);
	free(path);
	return has;
}

static bool full_disk_that_gets_space(struct pty *pty)
{
	char *ballast;
	bool skipped;

	if (!on_small_disk(pty, "true", &skipped) || skipped)
		return skipped;
	REQUIRE(pty, child_wait_text(&pty->child, "seats_left", TOOLS_WORK_MS));
	child_send(&pty->child, "\0332\033[1;5Ffirst_words\023");
	REQUIRE(pty, child_wait_text(&pty->child, "Saved", TOOLS_WORK_MS));
	ballast = inside(pty, "ballast");
	REQUIRE(pty, tools_shell("/tmp", "head -c 2000000 /dev/zero >\"$1\" 2>/dev/null", ballast) != 0);
	child_send(&pty->child, "_and_more\023");
	/* in the disk's words or the database's */
	REQUIRE(pty, child_wait_text(&pty->child, "o space left", TOOLS_WORK_MS));
	REQUIRE(pty, file_has(pty, "first_words") && !file_has(pty, "first_words_and_more"));
	REQUIRE(pty, unlink(ballast) == 0);
	free(ballast);
	child_send(&pty->child, "\023");
	REQUIRE(pty, child_wait_text(&pty->child, "Saved", TOOLS_WORK_MS));
	REQUIRE(pty, file_has(pty, "first_words_and_more"));
	return pty_leave(pty);
}

const struct pty_test hands_tests[] = {
	{ "copy-reaches-the-clipboard", copy_reaches_the_clipboard },
	{ "big-copy-stays-inside", big_copy_stays_inside },
	{ "clipboard-option-off", clipboard_option_off },
	{ "hostile-program-output", hostile_program_output },
	{ "hostile-compiler-text", hostile_compiler_text },
	{ "hostile-pack", hostile_pack },
	{ "mouse-moves-things", mouse_moves_things },
	{ "mouse-can-be-switched-off", mouse_can_be_switched_off },
	{ "wheel-flood-is-few-frames", wheel_flood_is_few_frames },
	{ "editor-takes-over", editor_takes_over },
	{ "late-kitty-answer", late_kitty_answer },
	{ "watch-runs-on-change", watch_runs_on_change },
	{ "outside-change-is-read-again", outside_change_is_read_again },
	{ "outside-change-is-not-overwritten", outside_change_is_not_overwritten },
	{ "outside-change-and-leaving", outside_change_and_leaving },
	{ "read-only-home", read_only_home },
	{ "full-disk", full_disk },
	{ "full-disk-that-gets-space", full_disk_that_gets_space },
	{ NULL, NULL },
};
