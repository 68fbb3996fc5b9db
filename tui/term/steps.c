/* What the steps of a script do, and the table of them: see script.h. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/clock.h>
#include <kodelab/file.h>
#include <kodelab/loop.h>
#include <kodelab/path.h>

#include "picture.h"
#include "script_int.h"
#include "term_int.h"
#include "tui/ui/grid.h"

enum {
	FILE_MAX = 4 << 20,
	TURN_MS = 50,
	SETTLE_TURNS = 4, /* turns without a change that make an idle program */
	SIZE_LIMIT = 500,
};

/* ---- turning --------------------------------------------------------------------------------------------------- */

static void turn(const struct script *script, int wait_ms)
{
	if (script_is_running(script))
		kl_loop_turn(script->loop, wait_ms);
}

static bool has_text(const struct script *script, const char *text)
{
	return picture_has(term_grid(script->term), text);
}

static bool wait_until(struct script *script, const char *text, bool there)
{
	int64_t end_ms = kl_clock_mono_ms() + script->deadline_ms;

	while (has_text(script, text) != there) {
		if (!script_is_running(script))
			return script_fails(script, "the program ended while '%s' was waited for", text);
		if (kl_clock_mono_ms() > end_ms)
			return script_fails(script, "'%s' %s in %d s", text, there ? "did not appear" : "did not go away",
				     (int)(script->deadline_ms / 1000));
		turn(script, TURN_MS);
	}
	return true;
}

/* ---- steps: input ---------------------------------------------------------------------------------------------- */

static bool do_key(struct script *script, const struct step *step)
{
	for (size_t i = 1; i < step->count; i++) {
		struct term_event event = { .kind = TERM_KEY };

		if (!key_parse(&event.key, step->words[i], strlen(step->words[i])))
			return script_fails(script, "there is no key '%s'", step->words[i]);
		if (script_is_running(script))
			term_send_event(script->term, &event);
		turn(script, 0);
	}
	return true;
}

static bool do_send(struct script *script, const struct step *step)
{
	term_feed(script->term, step->words[1], strlen(step->words[1]));
	turn(script, 0);
	return true;
}

static char *in_folder(const struct script *script, const char *name)
{
	return name[0] == '/' ? kl_strdup(name) : kl_path_join(script->folder, name);
}

static bool read_all(struct script *script, struct kl_buf *out, const char *name)
{
	char *path = in_folder(script, name);
	struct kl_error err;
	enum kl_status status;

	kl_buf_init(out, FILE_MAX);
	status = kl_file_read(out, path, &err);
	free(path);
	return status ? script_fails(script, "%s", err.message) : true;
}

static bool do_paste(struct script *script, const struct step *step)
{
	struct kl_buf text;
	bool good = read_all(script, &text, step->words[1]);

	if (good) {
		term_feed(script->term, "\033[200~", 6);
		term_feed(script->term, text.data, text.len);
		term_feed(script->term, "\033[201~", 6);
		turn(script, 0);
	}
	kl_buf_release(&text);
	return good;
}

static const struct {
	const char *name;
	enum mouse_kind kind;
} mouse_kinds[] = {
	{ "press", MOUSE_PRESS },
	{ "drag", MOUSE_DRAG },
	{ "release", MOUSE_RELEASE },
	{ "wheel", MOUSE_WHEEL },
};

static int number(const char *text)
{
	return (int)strtol(text, NULL, 10);
}

/* mouse press|drag|release|wheel Y X [LINES] */
static bool do_mouse(struct script *script, const struct step *step)
{
	struct term_event event = { .kind = TERM_MOUSE };

	event.mouse.y = number(step->words[2]);
	event.mouse.x = number(step->words[3]);
	for (size_t i = 0; i < KL_LENGTH(mouse_kinds); i++) {
		if (strcmp(mouse_kinds[i].name, step->words[1]) != 0)
			continue;
		event.mouse.kind = mouse_kinds[i].kind;
		event.mouse.button = event.mouse.kind == MOUSE_WHEEL ? MOUSE_NONE : MOUSE_LEFT;
		event.mouse.wheel = event.mouse.kind == MOUSE_WHEEL ? (step->count > 4 ? number(step->words[4]) : 1) : 0;
		event.mouse.clicks = event.mouse.kind == MOUSE_PRESS ? (step->count > 4 ? number(step->words[4]) : 1) : 0;
		term_send_event(script->term, &event);
		turn(script, 0);
		return true;
	}
	return script_fails(script, "the mouse can press, drag, release and wheel, not '%s'", step->words[1]);
}

static bool do_focus(struct script *script, const struct step *step)
{
	term_send_event(script->term, &(struct term_event){ .kind = TERM_FOCUS,
							    .focused = strcmp(step->words[1], "in") == 0 });
	turn(script, 0);
	return true;
}

bool parse_size(const char *text, int *rows, int *cols)
{
	char *end;

	*cols = (int)strtol(text, &end, 10);
	if (*end != 'x')
		return false;
	*rows = (int)strtol(end + 1, &end, 10);
	return *end == '\0' && *rows >= 1 && *cols >= 1 && *rows <= SIZE_LIMIT && *cols <= SIZE_LIMIT;
}

static bool do_size(struct script *script, const struct step *step)
{
	int rows, cols;

	if (!parse_size(step->words[1], &rows, &cols))
		return script_fails(script, "a size is like 80x24, not '%s'", step->words[1]);
	if (rows != term_rows(script->term) || cols != term_cols(script->term))
		term_resize(script->term, rows, cols);
	turn(script, 0);
	return true;
}

static bool do_signal(struct script *script, const struct step *step)
{
	struct term_event event = { .kind = TERM_TERMINATE, .signo = SIGTERM };

	if (strcmp(step->words[1], "HUP") == 0)
		event.kind = TERM_HANGUP;
	else if (strcmp(step->words[1], "INT") == 0)
		event.signo = SIGINT;
	else if (strcmp(step->words[1], "TERM") != 0)
		return script_fails(script, "the signals are HUP, INT and TERM, not '%s'", step->words[1]);
	term_send_event(script->term, &event);
	turn(script, 0);
	return true;
}

/* ---- steps: waiting and comparing ------------------------------------------------------------------------------ */

static bool do_timeout(struct script *script, const struct step *step)
{
	script->deadline_ms = (int64_t)number(step->words[1]) * 1000;
	return true;
}

static bool do_wait_for(struct script *script, const struct step *step)
{
	return wait_until(script, step->words[1], true);
}

static bool do_wait_gone(struct script *script, const struct step *step)
{
	return wait_until(script, step->words[1], false);
}

static bool do_wait_idle(struct script *script, const struct step *step)
{
	struct kl_buf before, now;

	(void)step;
	kl_buf_init(&before, FILE_MAX);
	kl_buf_init(&now, FILE_MAX);
	for (int calm = 0; calm < SETTLE_TURNS && script_is_running(script); calm++) {
		kl_buf_clear(&before);
		picture_text(term_grid(script->term), &before);
		turn(script, 0);
		kl_buf_clear(&now);
		picture_text(term_grid(script->term), &now);
		if (strcmp(before.data, now.data) != 0)
			calm = -1;
	}
	kl_buf_release(&before);
	kl_buf_release(&now);
	return true;
}

static bool do_wait_quit(struct script *script, const struct step *step)
{
	int64_t end_ms = kl_clock_mono_ms() + script->deadline_ms;

	(void)step;
	while (script_is_running(script)) {
		if (kl_clock_mono_ms() > end_ms)
			return script_fails(script, "the program did not leave");
		turn(script, TURN_MS);
	}
	return true;
}

static bool do_expect(struct script *script, const struct step *step)
{
	if (has_text(script, step->words[1]))
		return true;
	return script_fails(script, "'%s' is not on the screen", step->words[1]);
}

static bool do_expect_no(struct script *script, const struct step *step)
{
	if (!has_text(script, step->words[1]))
		return true;
	return script_fails(script, "'%s' is on the screen", step->words[1]);
}

static bool cell_at(struct script *script, const struct step *step, const struct cell **cell)
{
	const struct grid *grid = term_grid(script->term);
	int y = number(step->words[1]), x = number(step->words[2]);

	if (y < 0 || x < 0 || y >= grid->rows || x >= grid->cols)
		return script_fails(script, "%d %d is outside of the screen", y, x);
	*cell = grid_cell(grid, y, x);
	return true;
}

/* expect-role Y X ROLE: the cell's role, or the ground that lies under it */
static bool do_expect_role(struct script *script, const struct step *step)
{
	const struct cell *cell = NULL;

	if (!cell_at(script, step, &cell))
		return false;
	if (strcmp(role_name(cell->role), step->words[3]) == 0 || strcmp(role_name(cell->ground), step->words[3]) == 0)
		return true;
	return script_fails(script, "the role at %s %s is %s (on %s)", step->words[1], step->words[2], role_name(cell->role),
		     role_name(cell->ground));
}

static bool do_expect_row(struct script *script, const struct step *step)
{
	const struct grid *grid = term_grid(script->term);
	int y = number(step->words[1]);
	struct kl_buf row;
	bool same;

	kl_buf_init(&row, FILE_MAX);
	if (y >= 0 && y < grid->rows)
		picture_row(grid, y, &row);
	same = strcmp(row.data, step->words[2]) == 0;
	if (!same)
		script_fails(script, "row %d is '%.200s'", y, row.data);
	kl_buf_release(&row);
	return same;
}

static bool do_cursor(struct script *script, const struct step *step)
{
	const struct grid *grid = term_grid(script->term);

	if (strcmp(step->words[1], "hidden") == 0)
		return grid->cursor_y < 0 ? true : script_fails(script, "the cursor is shown");
	if (step->count < 3)
		return script_fails(script, "cursor is followed by a row and a column, or by hidden");
	if (grid->cursor_y == number(step->words[1]) && grid->cursor_x == number(step->words[2]))
		return true;
	return script_fails(script, "the cursor is at %d %d", grid->cursor_y, grid->cursor_x);
}

/* ---- steps: files ---------------------------------------------------------------------------------------------- */

static bool write_all(struct script *script, const char *name, const struct kl_buf *text)
{
	char *path = in_folder(script, name);
	struct kl_error err;
	enum kl_status status = kl_file_write(path, text->data, text->len, 0644, &err);

	free(path);
	return status ? script_fails(script, "%s", err.message) : true;
}

/* Compares what is with what a file says; under KL_SCRIPT_UPDATE the file is written. */
static bool compare(struct script *script, const char *name, const struct kl_buf *is)
{
	struct kl_buf expected;
	bool same;

	if (script->update)
		return write_all(script, name, is);
	if (!read_all(script, &expected, name)) {
		kl_buf_release(&expected);
		return false;
	}
	same = expected.len == is->len && memcmp(expected.data, is->data, is->len) == 0;
	if (!same) {
		fprintf(stderr, "--- expected: %s\n%s+++ is\n%s", name, expected.data, is->data);
		script_fails(script, "not as in %s", name);
	}
	kl_buf_release(&expected);
	return same;
}

static bool do_expect_screen(struct script *script, const struct step *step)
{
	struct kl_buf text;
	bool same;

	kl_buf_init(&text, FILE_MAX);
	picture_text(term_grid(script->term), &text);
	same = compare(script, step->words[1], &text);
	kl_buf_release(&text);
	return same;
}

/* expect-file FILE EXPECTED */
static bool do_expect_file(struct script *script, const struct step *step)
{
	struct kl_buf text;
	bool same = read_all(script, &text, step->words[1]) && compare(script, step->words[2], &text);

	kl_buf_release(&text);
	return same;
}

static bool do_dump(struct script *script, const struct step *step)
{
	struct kl_buf text;
	bool good = true;

	kl_buf_init(&text, FILE_MAX);
	picture_text(term_grid(script->term), &text);
	if (step->count > 1)
		good = write_all(script, step->words[1], &text);
	else
		fwrite(text.data, 1, text.len, stdout);
	kl_buf_release(&text);
	return good;
}

static bool do_type(struct script *script, const struct step *step)
{
	const char *at = step->words[1];

	for (; *at && script_is_running(script); turn(script, 0)) {
		size_t len = 1;

		while ((at[len] & 0xc0) == 0x80)
			len++;
		if (*at == '\n')
			term_feed(script->term, "\r", 1);
		else
			term_feed(script->term, at, len);
		at += len;
	}
	return true;
}

static const struct action actions[] = {
	{ "size", 1, 1, do_size },
	{ "resize", 1, 1, do_size },
	{ "key", 1, WORDS_MAX - 1, do_key },
	{ "type", 1, 1, do_type },
	{ "send", 1, 1, do_send },
	{ "paste", 1, 1, do_paste },
	{ "mouse", 3, 4, do_mouse },
	{ "focus", 1, 1, do_focus },
	{ "signal", 1, 1, do_signal },
	{ "timeout", 1, 1, do_timeout },
	{ "wait-for", 1, 1, do_wait_for },
	{ "wait-gone", 1, 1, do_wait_gone },
	{ "wait-idle", 0, 0, do_wait_idle },
	{ "wait-quit", 0, 0, do_wait_quit },
	{ "expect", 1, 1, do_expect },
	{ "expect-no", 1, 1, do_expect_no },
	{ "expect-row", 2, 2, do_expect_row },
	{ "expect-role", 3, 3, do_expect_role },
	{ "expect-screen", 1, 1, do_expect_screen },
	{ "expect-file", 2, 2, do_expect_file },
	{ "cursor", 1, 2, do_cursor },
	{ "dump", 0, 1, do_dump },
};

const struct action *action_find(const char *name)
{
	for (size_t i = 0; i < KL_LENGTH(actions); i++)
		if (strcmp(actions[i].name, name) == 0)
			return &actions[i];
	return NULL;
}
