/*
 * Measures the lab and its peers side by side: each round starts every program once and asks it the same things, so that
 * a busy machine is busy for all of them. Prints one line per (what, who): see samples.h.
 * usage: meter KODELAB FLOOR [rounds]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/clock.h>
#include <kodelab/file.h>
#include <kodelab/path.h>

#include "samples.h"
#include "session.h"

enum {
	QUIET_MS = 12, /* without a byte: the answer to a key is whole */
	START_QUIET_MS = 120,
	KEY_MS = 2000,
	START_MS = 10000,
	LONG_MS = 60000,
	REST_MS = 1500, /* before idling: what was typed is on the disk */
	LINES = 10000,
	MIDDLE = 5000,
	KEYS = 60, /* per round */
	MOVES = 20,
	WIDTH = 18, /* of a typed line: fits a third of the screen */
	PASTE = 100 << 10,
	BIG = 10 << 20,
};

#define READY   "bench sample"
#define WORK    "kodelab/starter/platform-call/solution.c"
#define LAB     "platform-call"
#define PEER    "sample.c"
#define PASTED  "pasted to the end"
#define PASTE_1 "\033[200~"
#define PASTE_2 "\033[201~"

enum ability { CAN_EDIT = 1, CAN_SCROLL = 2, IS_LAB = 4 };

static const struct editor {
	const char *name;
	const char *argv[6];
	unsigned abilities;
	const char *first; /* keys that bring it where it is measured */
	const char *go; /* keys to a line: printf with its number */
	const char *open_line, *insert, *rest; /* keys */
} editors[] = {
	{ "lab",
	  { "KODELAB", "edit", LAB, "-l", "c" },
	  CAN_EDIT | CAN_SCROLL | IS_LAB,
	  "",
	  "\a%d\r",
	  KEY_END "\r",
	  "",
	  "" },
	{ "lab, zoomed",
	  { "KODELAB", "edit", LAB, "-l", "c" },
	  CAN_EDIT | CAN_SCROLL | IS_LAB,
	  KEY_ZOOM,
	  "\a%d\r",
	  KEY_END "\r",
	  "",
	  "" },
	{ "nano", { "nano", PEER }, CAN_EDIT | CAN_SCROLL, "", "\037%d\r", KEY_END "\r", "", "" },
	{ "vim", { "vim", PEER }, CAN_EDIT | CAN_SCROLL, "", ":%d\r", "o", "i", "\033" },
	{ "micro", { "micro", PEER }, CAN_EDIT | CAN_SCROLL, "", "\f%d\r", KEY_END "\r", "", "" },
	{ "floor", { "FLOOR" }, 0, "", "", "\r", "", "" },
};

enum { EDITORS = sizeof(editors) / sizeof(editors[0]) };

struct meter {
	char *lab, *floor; /* owned */
	char dir[32];
	struct samples *samples;
	bool present[EDITORS];
	char *small, *code, *big; /* what the editors open */
	char *paste;
};

/* ---- texts ----------------------------------------------------------------------------------------------------- */

/* Functions of several lengths: no page looks like the one before. */
static char *make_code(size_t lines, size_t bytes)
{
	static const char *const words[] = { "train", "platform", "seat", "hour", "ticket", "signal", "coach" };
	uint32_t random = 1;
	struct kl_buf out;

	kl_buf_init(&out, 64 << 20);
	kl_buf_add_str(&out, "/* " READY " */\n#include <stdio.h>\n");
	for (size_t line = 2, n = 0; line < lines || out.len < bytes; n++) {
		const char *word = words[(random >> 16) % KL_LENGTH(words)];

		kl_buf_addf(&out, "\n/* What every %s costs, %zu. */\nstatic int sum_%s_%zu(const int *all)\n{\n", word,
			    n, word, n);
		for (line += 6; (random = random * 1103515245 + 12345) >> 30; line++)
			kl_buf_addf(&out, "\tif (all[%u] > 0x%x) // more \"%s\"\n\t\treturn %u;\n", random >> 28,
				    random >> 24, words[(random >> 20) % KL_LENGTH(words)], random >> 22);
		kl_buf_addf(&out, "\treturn all[0] + %zu;\n}\n", n);
	}
	return kl_buf_detach(&out);
}

static char *make_paste(void)
{
	struct kl_buf out;

	kl_buf_init(&out, 2 * PASTE);
	kl_buf_add_str(&out, PASTE_1);
	for (size_t n = 0; out.len < PASTE; n++)
		kl_buf_addf(&out, "    value_%zu = compute(%zu, \"text\");\r", n, n * 7);
	kl_buf_add_str(&out, PASTED PASTE_2);
	return kl_buf_detach(&out);
}

/* ---- homes ----------------------------------------------------------------------------------------------------- */

static void run(const char *const *argv)
{
	pid_t pid = fork();
	char *copy[8] = { NULL };

	for (size_t i = 0; i < 7 && argv[i]; i++)
		copy[i] = kl_strdup(argv[i]);
	if (pid == 0) {
		execvp(copy[0], copy);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
	for (size_t i = 0; copy[i]; i++)
		free(copy[i]);
}

static void put(const char *home, const char *name, const char *text)
{
	char *path = kl_path_join(home, name), *folder = kl_strdup(path);
	struct kl_error err;

	*strrchr(folder, '/') = '\0';
	if (kl_path_make(folder, &err) || kl_file_write(path, text, strlen(text), 0600, &err))
		kl_die("%s", err.message);
	free(folder);
	free(path);
}

/* A home as it is on the second day: the store is there, the catalogue has been read. */
static char *make_home_named(const struct meter *meter, const char *name, const char *text)
{
	char *model = kl_path_join(meter->dir, "model"), *home = kl_path_join(meter->dir, name);
	struct kl_error err;

	if (kl_file_remove_tree(home, &err))
		kl_die("%s", err.message);
	run((const char *const[]){ "cp", "-a", model, home, NULL });
	put(home, WORK, text);
	put(home, PEER, text);
	free(model);
	return home;
}

static char *make_home(const struct meter *meter, const char *text)
{
	return make_home_named(meter, "home", text);
}

static void start(const struct meter *meter, struct session *session, const struct editor *editor, const char *home)
{
	const char *argv[7] = { NULL };
	char *lock = kl_path_join(home, "." PEER ".swp");

	unlink(lock); /* of one that was killed */
	free(lock);
	memcpy(argv, editor->argv, sizeof(editor->argv));
	if (strcmp(argv[0], "KODELAB") == 0)
		argv[0] = meter->lab;
	if (strcmp(argv[0], "FLOOR") == 0)
		argv[0] = meter->floor;
	session_start(session, argv, home);
}

static void make_model(const struct meter *meter)
{
	char *model = kl_path_join(meter->dir, "model");
	struct session session;

	put(model, WORK, meter->small);
	put(model, ".vimrc", "set nocompatible\nsyntax on\nfiletype plugin indent on\n");
	for (size_t i = 0; i < EDITORS; i++) {
		if (!meter->present[i])
			continue;
		put(model, PEER, meter->small);
		start(meter, &session, &editors[i], model);
		if (session_wait(&session, session_has_text, READY, session.start_us, START_MS) < 0) {
			session_dump(&session);
			kl_die("%s did not start", editors[i].name);
		}
		session_settle(&session, START_QUIET_MS);
		session_send(&session, editors[i].abilities & IS_LAB ? "\021" : "");
		session_pump(&session, 300);
		session_stop(&session);
	}
	free(model);
}

static bool is_here(const char *program)
{
	char *path = kl_strdup(getenv("PATH") ? getenv("PATH") : ""), *rest = NULL;
	bool found = strchr(program, '/') && access(program, X_OK) == 0;

	for (char *dir = strtok_r(path, ":", &rest); dir && !found; dir = strtok_r(NULL, ":", &rest)) {
		char *file = kl_path_join(dir, program);

		found = access(file, X_OK) == 0;
		free(file);
	}
	free(path);
	return found;
}

/* ---- one key --------------------------------------------------------------------------------------------------- */

struct answer {
	double ms; /* until it was on the screen; negative: it never came */
	double bytes;
};

static struct answer press(struct session *session, const char *keys, session_test_fn *test, const void *ctx)
{
	size_t before = session->bytes;
	int64_t from_us = kl_clock_mono_us(), took_us;

	session_send(session, keys);
	took_us = session_wait(session, test, ctx, from_us, KEY_MS);
	session_settle(session, QUIET_MS);
	return (struct answer){ took_us < 0 ? -1 : (double)took_us / 1000, (double)(session->bytes - before) };
}

static struct answer press_to_draw(struct session *session, const char *keys)
{
	unsigned before = session->cells;

	return press(session, keys, session_drew, &before);
}

static struct answer press_to_move(struct session *session, const char *keys)
{
	VTermPos before = session->cursor;

	return press(session, keys, session_cursor_moved, &before);
}

static struct answer type_one(struct session *session, char letter)
{
	const char keys[2] = { letter, '\0' };
	struct expected_cell expected = { session->cursor, (uint32_t)letter };

	return press(session, keys, session_has_cell, &expected);
}

struct names { /* of what is measured */
	const char *latency, *bytes, *cpu;
};

static void add(struct meter *meter, const struct editor *editor, const char *what, double value)
{
	samples_add(meter->samples, what, editor->name, value);
}

static void go_to(struct session *session, const struct editor *editor, int line)
{
	char number[16], keys[64];
	const char *mark = strstr(editor->go, "%d");

	if (!mark)
		return;
	snprintf(number, sizeof(number), "%d", line);
	snprintf(keys, sizeof(keys), "%.*s%s", (int)(mark - editor->go), editor->go, number);
	for (const char *key = keys; *key; key++) {
		session_send(session, (const char[]){ *key, '\0' });
		session_settle(session, QUIET_MS);
	}
	session_send(session, mark + 2);
	session_settle(session, 3 * QUIET_MS);
}

/* ---- what is measured ------------------------------------------------------------------------------------------ */

static void open_ready(struct meter *meter, struct session *session, const struct editor *editor, const char *home)
{
	start(meter, session, editor, home);
	session_wait(session, session_has_text, READY, session->start_us, LONG_MS);
	session_settle(session, START_QUIET_MS);
	session_send(session, editor->first);
	session_settle(session, START_QUIET_MS);
}

static void measure_starts(struct meter *meter, const char *home)
{
	for (size_t i = 0; i < EDITORS; i++) {
		struct session session;
		int64_t took_us;

		if (!meter->present[i] || *editors[i].first)
			continue;
		start(meter, &session, &editors[i], home);
		took_us = session_wait(&session, session_has_text, READY, session.start_us, KEY_MS);
		add(meter, &editors[i], "start", took_us < 0 ? -1 : (double)took_us / 1000);
		session_settle(&session, QUIET_MS);
		add(meter, &editors[i], "start.cpu", (double)session_usage(&session).cpu_ns / 1e6);
		session_stop(&session);
	}
}

/* The lab without a name shows its home screen. */
static void measure_home(struct meter *meter, const char *home)
{
	const char *argv[] = { meter->lab, NULL };
	struct session session;
	int64_t took_us;

	session_start(&session, argv, home);
	took_us = session_wait(&session, session_has_text, "Continue", session.start_us, KEY_MS);
	samples_add(meter->samples, "start.home", "lab", took_us < 0 ? -1 : (double)took_us / 1000);
	session_stop(&session);
}

static void measure_moves(struct meter *meter, struct session *session, const struct editor *editor)
{
	for (int i = 0; i < MOVES; i++) {
		const char *keys = i % 2 ? KEY_UP : KEY_DOWN;
		struct answer answer = press_to_move(session, keys);

		add(meter, editor, "move", answer.ms);
		add(meter, editor, "move.bytes", answer.ms < 0 ? -1 : answer.bytes);
	}
}

static void measure_scrolls(struct meter *meter, struct session *session, const struct editor *editor)
{
	for (int i = 0; i < SCREEN_ROWS; i++) { /* to the lower edge */
		session_send(session, KEY_DOWN);
		session_settle(session, QUIET_MS);
	}
	for (int i = 0; i < MOVES; i++) {
		struct answer answer = press_to_draw(session, KEY_DOWN);

		add(meter, editor, "scroll", answer.ms);
		add(meter, editor, "scroll.bytes", answer.ms < 0 ? -1 : answer.bytes);
	}
	for (int i = 0; i < MOVES / 2; i++) {
		struct answer answer = press_to_draw(session, KEY_PAGE);

		add(meter, editor, "page", answer.ms);
		add(meter, editor, "page.bytes", answer.ms < 0 ? -1 : answer.bytes);
	}
}

/* Forty keys at once: what the last one waits for. */
static void measure_burst(struct meter *meter, struct session *session, const struct editor *editor)
{
	static const char burst[] = "the_quick_brown\rfox_jumps_over\rlazy_dogs";

	for (int i = 0; i < 3; i++) {
		size_t before;
		int64_t from_us, took_us;

		session_send(session, "\r\r");
		session_settle(session, 3 * QUIET_MS);
		before = session->bytes;
		from_us = kl_clock_mono_us();
		session_send(session, burst);
		session_send(session, (const char[]){ (char)('0' + i), '\0' });
		took_us =
			session_wait(session, session_has_text,
				     (const char *[]){ "lazy_dogs0", "lazy_dogs1", "lazy_dogs2" }[i], from_us, KEY_MS);
		session_settle(session, QUIET_MS);
		add(meter, editor, "burst", took_us < 0 ? -1 : (double)took_us / 1000);
		add(meter, editor, "burst.bytes", (double)(session->bytes - before));
	}
}

static void measure_idle(struct meter *meter, struct session *session, const struct editor *editor, int ms)
{
	struct usage before, after;
	size_t bytes;

	session_pump(session, REST_MS);
	before = session_usage(session);
	bytes = session->bytes;
	session_pump(session, ms);
	after = session_usage(session);
	add(meter, editor, "idle.bytes", (double)(session->bytes - bytes));
	add(meter, editor, "idle.wakeups", (double)(after.wakeups - before.wakeups) * 1000 / ms);
	add(meter, editor, "idle.cpu", (double)(after.cpu_ns - before.cpu_ns) / ms); /* ns per ms: us per s */
}

/* Letters on lines that fit, each as a person types it: after the answer to the one before. */
static void type_nth(struct meter *meter, struct session *session, const struct editor *editor,
		     const struct names *names, int n)
{
	struct answer answer;

	if (n % WIDTH == WIDTH - 1)
		press_to_move(session, "\r"); /* on a busy machine quiet may come before the answer */
	answer = type_one(session, (char)('a' + n * 7 % 26));
	add(meter, editor, names->latency, answer.ms);
	if (names->bytes)
		add(meter, editor, names->bytes, answer.bytes);
}

/* All are open, and each key goes to one after the other: a busy machine is as busy for all of them. */
static void type_in_turns(struct meter *meter, struct session *sessions, const struct names *names)
{
	int64_t cpu_ns[EDITORS];

	for (size_t e = 0; e < EDITORS; e++)
		if (meter->present[e])
			cpu_ns[e] = session_usage(&sessions[e]).cpu_ns;
	for (int n = 0; n < KEYS; n++)
		for (size_t e = 0; e < EDITORS; e++)
			if (meter->present[e])
				type_nth(meter, &sessions[e], &editors[e], names, n);
	for (size_t e = 0; e < EDITORS; e++)
		if (meter->present[e])
			add(meter, &editors[e], names->cpu,
			    (double)(session_usage(&sessions[e]).cpu_ns - cpu_ns[e]) / 1000 / KEYS);
}

/* Where keys are typed: a new line in the middle of the code, or the empty file. */
static void open_for_keys(struct meter *meter, struct session *session, const struct editor *editor, bool empty)
{
	char *name = kl_format("keys-%zu", (size_t)(editor - editors));
	char *home = make_home_named(meter, name, empty ? "\n" : meter->code);

	if (empty) {
		start(meter, session, editor, home);
		session_pump(session, 400);
		session_send(session, editor->first);
		session_send(session, editor->insert);
	} else {
		open_ready(meter, session, editor, home);
		go_to(session, editor, MIDDLE);
		session_send(session, editor->open_line);
	}
	session_settle(session, START_QUIET_MS);
	free(home);
	free(name);
}

static void measure_keys(struct meter *meter, bool empty)
{
	static const struct names in_code = { "key", "key.bytes", "key.cpu" },
				  in_empty = { "empty", NULL, "empty.cpu" };
	struct session sessions[EDITORS];

	for (size_t e = 0; e < EDITORS; e++)
		if (meter->present[e])
			open_for_keys(meter, &sessions[e], &editors[e], empty);
	type_in_turns(meter, sessions, empty ? &in_empty : &in_code);
	for (size_t e = 0; e < EDITORS; e++)
		if (meter->present[e])
			session_stop(&sessions[e]);
}

static void measure_code(struct meter *meter, const struct editor *editor, int idle_ms)
{
	char *home = make_home(meter, meter->code);
	struct session session;

	open_ready(meter, &session, editor, home);
	go_to(&session, editor, MIDDLE);
	measure_moves(meter, &session, editor);
	if (editor->abilities & CAN_SCROLL)
		measure_scrolls(meter, &session, editor);
	go_to(&session, editor, MIDDLE);
	session_send(&session, editor->open_line);
	session_settle(&session, 3 * QUIET_MS);
	if (editor->abilities & CAN_EDIT)
		measure_burst(meter, &session, editor);
	session_send(&session, editor->rest);
	measure_idle(meter, &session, editor, idle_ms);
	add(meter, editor, "memory", (double)session_usage(&session).pss_kib / 1024);
	session_stop(&session);
	free(home);
}

static void measure_paste(struct meter *meter, const struct editor *editor)
{
	char *home = make_home(meter, "\n");
	struct session session;
	int64_t from_us, took_us;

	start(meter, &session, editor, home);
	session_pump(&session, 400);
	session_send(&session, editor->first);
	session_send(&session, editor->insert);
	session_send(&session, "\r");
	session_settle(&session, START_QUIET_MS);
	from_us = kl_clock_mono_us();
	session_send(&session, meter->paste);
	took_us = session_wait(&session, session_has_text, PASTED, from_us, LONG_MS);
	add(meter, editor, "paste", took_us < 0 ? -1 : (double)took_us / 1000);
	session_stop(&session);
	free(home);
}

static void measure_big(struct meter *meter, const struct editor *editor)
{
	char *home = make_home(meter, meter->big);
	struct session session;
	int64_t took_us;

	start(meter, &session, editor, home);
	took_us = session_wait(&session, session_has_text, READY, session.start_us, LONG_MS);
	add(meter, editor, "big", took_us < 0 ? -1 : (double)took_us / 1000);
	session_settle(&session, START_QUIET_MS);
	session_pump(&session, 500);
	add(meter, editor, "big.memory", (double)session_usage(&session).pss_kib / 1024);
	session_stop(&session);
	free(home);
}

/* ---- all ------------------------------------------------------------------------------------------------------- */

static void measure_round(struct meter *meter, int starts, int idle_ms)
{
	char *home = make_home(meter, meter->code);

	for (int i = 0; i < starts; i++) {
		measure_starts(meter, home);
		measure_home(meter, home);
	}
	free(home);
	for (size_t i = 0; i < EDITORS; i++) {
		if (!meter->present[i])
			continue;
		measure_code(meter, &editors[i], idle_ms);
		if (editors[i].abilities & CAN_EDIT)
			measure_paste(meter, &editors[i]);
		if ((editors[i].abilities & CAN_EDIT) && !*editors[i].first)
			measure_big(meter, &editors[i]);
	}
	measure_keys(meter, false);
	measure_keys(meter, true);
}

int main(int argc, char **argv)
{
	struct meter meter = { .dir = "/tmp/kl-bench-XXXXXX", .samples = samples_new() };
	int rounds = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 1;

	if (argc < 3 || !mkdtemp(meter.dir))
		return 2;
	meter.lab = realpath(argv[1], NULL); /* they are started elsewhere */
	meter.floor = realpath(argv[2], NULL);
	if (!meter.lab || !meter.floor)
		kl_die("%s and %s must be there", argv[1], argv[2]);
	meter.small = make_code(20, 0);
	meter.code = make_code(LINES, 0);
	meter.big = make_code(0, BIG);
	meter.paste = make_paste();
	for (size_t i = 0; i < EDITORS; i++)
		meter.present[i] = editors[i].argv[0][0] < 'a' || is_here(editors[i].argv[0]);
	make_model(&meter);
	for (int i = 0; i < rounds; i++)
		measure_round(&meter, 5, rounds > 1 ? 3000 : 1000);
	samples_print(meter.samples);
	samples_free(meter.samples);
	free(meter.lab);
	free(meter.floor);
	free(meter.small);
	free(meter.code);
	free(meter.big);
	free(meter.paste);
	return kl_file_remove_tree(meter.dir, NULL) ? 1 : 0;
}
