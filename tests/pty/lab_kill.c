/*
 * The lab dies at any moment, and nothing is lost but what it was just writing: kill -9 at points drawn by chance (the seed is in the
 * name of the round that fails), a lost line, signals. KL_TEST_ROUNDS=500 makes more of them, KL_TEST_SEED others, and
 * KL_TEST_KIND=typing|running|submitting|committing all of one kind: see tests/soak.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>

#include "tools.h"

enum { ROUNDS = 30, TOKENS_MAX = 64, HANGUP_MS = 8000, SOON_MS = 5000, ALONE_MS = 30000 };

#define SOLUTION                                                                                                       \
	"def seats_left(seats, taken):\n"                                                                              \
	"    return seats - taken\n"                                                                                   \
	"# written:\n"

/* What was seen on the screen. */
struct token {
	char text[24];
};

struct storm {
	struct pty *pty;
	char home[64];
	unsigned seed;
	int round;
	struct token tokens[TOKENS_MAX];
	size_t count, kept; /* the lab has rested since it has shown the first kept: their records are written */
};

static long number(const char *name, long otherwise)
{
	const char *value = getenv(name);

	return value && *value ? strtol(value, NULL, 10) : otherwise;
}

/* The challenge is open, the cursor at the end of the text. */
static bool open_work(struct storm *storm)
{
	struct pty *pty = storm->pty;
	const char *const argv[] = { pty->places->lab, "edit", "welcome", "--language", "python", NULL };
	struct start start = { .argv = argv, .home = storm->home[0] ? storm->home : NULL };

	child_start(&pty->child, pty->places, &start);
	snprintf(storm->home, sizeof(storm->home), "%s", pty->child.home);
	REQUIRE(pty, child_wait_text(&pty->child, "seats_left", TOOLS_WORK_MS));
	child_send(&pty->child, "\0332\033[1;5F");
	child_wait_quiet(&pty->child, 50);
	return true;
}

static bool write_solution(struct storm *storm)
{
	struct pty *pty = storm->pty;

	child_send(&pty->child, "\033a");
	tools_paste(pty, SOLUTION, strlen(SOLUTION));
	child_send(&pty->child, "\023");
	REQUIRE(pty, tools_wait_file(pty, WELCOME_FILE, "# written:", TOOLS_WORK_MS));
	return true;
}

/* Types one word and waits until it is on the screen; no word twice. */
static bool type_token(struct storm *storm)
{
	struct pty *pty = storm->pty;
	struct token *token = &storm->tokens[storm->count % TOKENS_MAX];
	char line[40];

	snprintf(token->text, sizeof(token->text), "w%d_%zu", storm->round, storm->count);
	snprintf(line, sizeof(line), "# %s.\r", token->text);
	snprintf(token->text + strlen(token->text), 2, ".");
	child_send(&pty->child, line);
	REQUIRE(pty, child_wait_text(&pty->child, token->text, TOOLS_WORK_MS));
	storm->count++;
	return true;
}

/* A time drawn by chance. */
static void pump(struct storm *storm, unsigned most_ms)
{
	child_pump(&storm->pty->child, (int)tools_chance(&storm->seed, most_ms));
	if (child_rests(&storm->pty->child))
		storm->kept = storm->count;
}

static bool type_until(struct storm *storm, int64_t end_ms)
{
	do {
		if (!type_token(storm))
			return false;
		pump(storm, 120);
	} while (kl_clock_mono_ms() < end_ms && storm->count < TOKENS_MAX);
	return true;
}

static bool while_typing(struct storm *storm)
{
	return type_until(storm, kl_clock_mono_ms() + tools_chance(&storm->seed, 1800));
}

static bool while_running(struct storm *storm)
{
	if (!type_token(storm))
		return false;
	child_send(&storm->pty->child, "\033r");
	pump(storm, 400);
	return true;
}

static bool while_submitting(struct storm *storm)
{
	if (!type_token(storm))
		return false;
	child_send(&storm->pty->child, "\033s");
	pump(storm, 500);
	return true;
}

/* The verdict is there, the commit under way: told by "committed" when it is over. */
static bool while_committing(struct storm *storm)
{
	struct pty *pty = storm->pty;

	if (!type_token(storm))
		return false;
	child_send(&pty->child, "\033s");
	REQUIRE(pty, child_wait_either(&pty->child, "9 tests passed", "committed", TOOLS_WORK_MS));
	pump(storm, 50);
	return true;
}

/* What is caught up of the portfolio may be told over "Saved": then once more. */
static bool save(struct pty *pty)
{
	for (int i = 0; i < 5; i++) {
		child_send(&pty->child, "\023");
		if (child_wait_text(&pty->child, "Saved", TOOLS_WORK_MS / 5))
			return true;
	}
	return REFUSE(pty, "it does not say that it has saved");
}

/* Everything the screen had shown before the lab last rested is in the text again. */
static bool text_is_back(struct storm *storm)
{
	struct pty *pty = storm->pty;
	char *text;
	bool good = true;

	if (!save(pty))
		return false;
	text = tools_file(storm->home, WELCOME_FILE);
	good = strstr(text, SOLUTION) || REFUSE(pty, "round %d: the solution is gone", storm->round);
	for (size_t i = 0; good && i < storm->kept; i++)
		if (!strstr(text, storm->tokens[i].text))
			good = REFUSE(pty, "round %d: %s was on the screen and is lost", storm->round,
				      storm->tokens[i].text);
	free(text);
	return good;
}

/* Asked while no lab runs: fsck takes a commit that is made while it looks for a damaged one. */
static bool repository_is_sound(struct storm *storm)
{
	char *said;
	bool sound = tools_shell(storm->home,
				 "test ! -d kodelab-portfolio/.git || git -C kodelab-portfolio fsck --strict >out 2>&1",
				 "") == 0;

	if (sound)
		return true;
	said = tools_file(storm->home, "out");
	sound = REFUSE(storm->pty, "round %d: git fsck --strict: %.300s", storm->round, said);
	free(said);
	return sound;
}

static bool store_is_sound(struct storm *storm)
{
	struct pty *pty = storm->pty;

	if (tools_command(pty, storm->home, "doctor") != 0)
		return REFUSE(pty, "round %d: the doctor finds something", storm->round);
	if (tools_shell(storm->home,
			"test \"$(sqlite3 -readonly .local/share/kodelab/lab.db 'PRAGMA integrity_check')\" = ok",
			"") != 0)
		return REFUSE(pty, "round %d: the database is damaged", storm->round);
	return true;
}

/* What the round is to be killed at: of the kind asked for, or of each kind in turn. */
static bool work_on(struct storm *storm)
{
	static const struct {
		const char *name;
		bool (*work)(struct storm *);
	} kinds[] = { { "typing", while_typing },
		      { "running", while_running },
		      { "submitting", while_submitting },
		      { "committing", while_committing } };
	const char *only = getenv("KL_TEST_KIND");

	for (size_t i = 0; only && *only && i < KL_LENGTH(kinds); i++)
		if (strcmp(kinds[i].name, only) == 0)
			return kinds[i].work(storm);
	REQUIRE(storm->pty, !only || !*only);
	return kinds[(size_t)storm->round % KL_LENGTH(kinds)].work(storm);
}

static bool kill_round(struct storm *storm)
{
	struct pty *pty = storm->pty;

	storm->count = storm->kept = 0;
	if (!work_on(storm))
		return false;
	child_signal(&pty->child, SIGKILL);
	REQUIRE(pty, child_wait_exit(&pty->child, TOOLS_EXIT_MS) == 128 + SIGKILL);
	child_stop_keep(&pty->child);
	if (!tools_alone(ALONE_MS)) {
		open_work(storm);
		return REFUSE(pty, "round %d: a helper outlived the lab", storm->round);
	}
	if (!repository_is_sound(storm) || !open_work(storm))
		return false;
	return store_is_sound(storm) && text_is_back(storm);
}

/* What was solved is in the portfolio in the end, whenever the lab died. */
static bool portfolio_catches_up(struct storm *storm)
{
	struct pty *pty = storm->pty;

	child_send(&pty->child, "\033s");
	REQUIRE(pty, child_wait_text(&pty->child, "committed", TOOLS_WORK_MS));
	REQUIRE(pty,
		tools_shell(storm->home, "git -C kodelab-portfolio grep -qF 'return seats - taken' HEAD", "") == 0);
	return true;
}

static bool kill9_anywhere(struct pty *pty)
{
	struct storm storm = { .pty = pty, .seed = (unsigned)number("KL_TEST_SEED", 20261) };
	long rounds = number("KL_TEST_ROUNDS", ROUNDS);
	bool good;

	tools_adopt();
	good = open_work(&storm) && write_solution(&storm);
	for (storm.round = 0; good && storm.round < rounds; storm.round++)
		good = kill_round(&storm);
	good = good && portfolio_catches_up(&storm) && pty_leave(pty) && repository_is_sound(&storm);
	pty->child.own_home = true;
	return good;
}

/* ---- a line that breaks, signals ------------------------------------------------------------------------------- */

/* It includes itself twice, forty deep: work for the compiler until its limit of 10 s. */
#define SLOW_C                                                                                                         \
	"#if __INCLUDE_LEVEL__ < 40\n"                                                                                 \
	"#include __FILE__\n"                                                                                          \
	"#include __FILE__\n"                                                                                          \
	"#endif\n"                                                                                                     \
	"int seats_left(int seats, int taken);\n"

static bool hangup_while_compiling(struct pty *pty)
{
	const char *const argv[] = { pty->places->lab, "edit", "welcome", "--language", "c", NULL };
	int64_t begun_ms;
	char *text;
	bool kept;

	tools_adopt();
	child_start(&pty->child, pty->places, &(struct start){ .argv = argv });
	REQUIRE(pty, child_wait_text(&pty->child, "seats_left", TOOLS_WORK_MS));
	child_send(&pty->child, "\0332\033a");
	tools_paste(pty, SLOW_C, strlen(SLOW_C));
	child_send(&pty->child, "\033r");
	REQUIRE(pty, tools_wait_descendant(pty, "cc1", TOOLS_WORK_MS));
	begun_ms = kl_clock_mono_ms();
	child_hang_up(&pty->child);
	REQUIRE(pty, child_wait_exit(&pty->child, HANGUP_MS) != EXIT_TIMEOUT);
	REQUIRE(pty, tools_alone((int)(HANGUP_MS - (kl_clock_mono_ms() - begun_ms))));
	text = tools_file(pty->child.home, "kodelab/starter/welcome/solution.c");
	kept = strcmp(text, SLOW_C) == 0;
	free(text);
	REQUIRE(pty, kept);
	return true;
}

/* A program that would go on for long dies with the lab, not with its own limits (8 s). */
static bool kill9_while_sleeping(struct pty *pty)
{
	static const char sleeper[] = "import time\ndef seats_left(seats, taken):\n    time.sleep(1000)\n";

	tools_adopt();
	if (!pty_workspace(pty, &(struct start){ 0 }))
		return false;
	child_send(&pty->child, "\033a");
	tools_paste(pty, sleeper, strlen(sleeper));
	child_send(&pty->child, "\033r");
	REQUIRE(pty, tools_wait_descendant(pty, "python3", TOOLS_WORK_MS));
	child_signal(&pty->child, SIGKILL);
	REQUIRE(pty, child_wait_exit(&pty->child, TOOLS_EXIT_MS) == 128 + SIGKILL);
	REQUIRE(pty, tools_alone(SOON_MS));
	return true;
}

static bool sigterm_while_typing(struct pty *pty)
{
	if (!pty_workspace(pty, &(struct start){ .features = FEATURE_KITTY | FEATURE_SYNC }))
		return false;
	for (int i = 0; i < 200; i++)
		child_send(&pty->child, "x");
	child_send(&pty->child, "_last_word");
	REQUIRE(pty, child_wait_text(&pty->child, "xx_last_word", TOOLS_WORK_MS));
	child_signal(&pty->child, SIGTERM);
	child_send(&pty->child, "zzz");
	REQUIRE(pty, child_wait_exit(&pty->child, TOOLS_EXIT_MS) != EXIT_TIMEOUT);
	if (!pty_clean(pty))
		return false;
	REQUIRE(pty, tools_wait_file(pty, WELCOME_FILE, "xx_last_word", 1));
	return true;
}

static bool sigsegv_while_typing(struct pty *pty)
{
	struct start start = { .features = FEATURE_KITTY | FEATURE_SYNC, .env = { "ASAN_OPTIONS=handle_segv=0" } };

	if (!pty_workspace(pty, &start))
		return false;
	for (int i = 0; i < 40; i++)
		child_send(&pty->child, "y");
	child_signal(&pty->child, SIGSEGV);
	REQUIRE(pty, child_wait_exit(&pty->child, TOOLS_EXIT_MS) == 128 + SIGSEGV);
	return pty_clean(pty);
}

/* ---- two at once ----------------------------------------------------------------------------------------------- */

static bool two_labs_one_challenge(struct pty *pty)
{
	const char *const argv[] = { pty->places->lab, "edit", "welcome", "--language", "python", NULL };
	struct pty first = { .places = pty->places };
	bool told, kept;

	if (!pty_workspace(&first, &(struct start){ 0 })) {
		child_stop(&first.child);
		return REFUSE(pty, "%s", first.trouble);
	}
	child_start(&pty->child, pty->places, &(struct start){ .argv = argv, .home = first.child.home });
	told = child_wait_text(&pty->child, "open in another kodelab", TOOLS_WORK_MS);
	child_send(&pty->child, "\0332intruder\023");
	child_send(&first.child, "rightful");
	kept = child_wait_text(&first.child, "rightful", TOOLS_WORK_MS);
	child_wait_quiet(&pty->child, 100);
	child_send(&pty->child, "\021");
	told = told && child_wait_exit(&pty->child, TOOLS_EXIT_MS) == 0;
	kept = kept && pty_leave(&first) && tools_wait_file(&first, WELCOME_FILE, "rightful", 1) &&
	       !tools_wait_file(&first, WELCOME_FILE, "intruder", 1);
	child_stop(&first.child);
	REQUIRE(pty, told);
	REQUIRE(pty, kept);
	return true;
}

const struct pty_test kill_tests[] = {
	{ "kill9-anywhere", kill9_anywhere },
	{ "kill9-while-sleeping", kill9_while_sleeping },
	{ "hangup-while-compiling", hangup_while_compiling },
	{ "sigterm-while-typing", sigterm_while_typing },
	{ "sigsegv-while-typing", sigsegv_while_typing },
	{ "two-labs-one-challenge", two_labs_one_challenge },
	{ NULL, NULL },
};
