/* What the steps of a script do, and the table of them: see script.h. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/clock.h>
#include <kodelab/file.h>
#include <kodelab/path.h>

#include "picture.h"
#include "script_int.h"
#include "term_int.h"
#include "tui/ui/grid.h"

enum {
	FILE_MAX = 4 << 20,
	SETTLE_TURNS = 4, /* turns without a change that make an idle program */
	SIZE_LIMIT = 500,
};

static bool has_text(const struct script *script, const char *text)
{
	return picture_has(term_grid(script->term), text);
}

static bool is_late(const struct script *script)
{
	return kl_clock_mono_ms() - script->begun_ms > script->deadline_ms;
}

static enum outcome wait_until(struct script *script, const char *text, bool there)
{
	if (has_text(script, text) == there)
		return STEP_DONE;
	if (!is_late(script))
		return STEP_AGAIN;
	return script_fails(script, "'%s' %s in %d s", text, there ? "did not appear" : "did not go away",
			    (int)(script->deadline_ms / 1000));
}

/* ---- steps: input ---------------------------------------------------------------------------------------------- */

static enum outcome do_key(struct script *script, const struct step *step)
{
	struct term_event event = { .kind = TERM_KEY };

	if (!key_parse(&event.key, step->words[1], strlen(step->words[1])))
		return script_fails(script, "there is no key '%s'", step->words[1]);
	term_emit(script->term, &event);
	return STEP_DONE;
}

static enum outcome do_send(struct script *script, const struct step *step)
{
	term_feed(script->term, step->words[1], strlen(step->words[1]));
	return STEP_DONE;
}

static char *in_folder(const struct script *script, const char *name)
{
	return name[0] == '/' ? kl_strdup(name) : kl_path_join(script->folder, name);
}

static enum outcome read_all(struct script *script, struct kl_buf *out, const char *name)
{
	char *path = in_folder(script, name);
	struct kl_error err;
	enum kl_status status;

	kl_buf_init(out, FILE_MAX);
	status = kl_file_read(out, path, &err);
	free(path);
	return status ? script_fails(script, "%s", err.message) : STEP_DONE;
}

static enum outcome do_paste(struct script *script, const struct step *step)
{
	struct kl_buf text;
	enum outcome outcome = read_all(script, &text, step->words[1]);

	if (outcome == STEP_DONE) {
		term_feed(script->term, "\033[200~", 6);
		term_feed(script->term, text.data, text.len);
		term_feed(script->term, "\033[201~", 6);
	}
	kl_buf_release(&text);
	return outcome;
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
static enum outcome do_mouse(struct script *script, const struct step *step)
{
	struct term_event event = { .kind = TERM_MOUSE };

	event.mouse.y = number(step->words[2]);
	event.mouse.x = number(step->words[3]);
	for (size_t i = 0; i < KL_LENGTH(mouse_kinds); i++) {
		if (strcmp(mouse_kinds[i].name, step->words[1]) != 0)
			continue;
		event.mouse.kind = mouse_kinds[i].kind;
		event.mouse.button = event.mouse.kind == MOUSE_WHEEL ? MOUSE_NONE : MOUSE_LEFT;
		event.mouse.wheel =
			event.mouse.kind == MOUSE_WHEEL ? (step->count > 4 ? number(step->words[4]) : 1) : 0;
		event.mouse.clicks =
			event.mouse.kind == MOUSE_PRESS ? (step->count > 4 ? number(step->words[4]) : 1) : 0;
		term_emit(script->term, &event);
		return STEP_DONE;
	}
	return script_fails(script, "the mouse can press, drag, release and wheel, not '%s'", step->words[1]);
}

static enum outcome do_focus(struct script *script, const struct step *step)
{
	term_emit(script->term,
		  &(struct term_event){ .kind = TERM_FOCUS, .focused = strcmp(step->words[1], "in") == 0 });
	return STEP_DONE;
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

static enum outcome do_size(struct script *script, const struct step *step)
{
	int rows, cols;

	if (!parse_size(step->words[1], &rows, &cols))
		return script_fails(script, "a size is like 80x24, not '%s'", step->words[1]);
	if (rows != term_rows(script->term) || cols != term_cols(script->term))
		term_resize(script->term, rows, cols);
	return STEP_DONE;
}

static enum outcome do_signal(struct script *script, const struct step *step)
{
	struct term_event event = { .kind = TERM_TERMINATE, .signo = SIGTERM };

	if (strcmp(step->words[1], "HUP") == 0)
		event.kind = TERM_HANGUP;
	else if (strcmp(step->words[1], "INT") == 0)
		event.signo = SIGINT;
	else if (strcmp(step->words[1], "TERM") != 0)
		return script_fails(script, "the signals are HUP, INT and TERM, not '%s'", step->words[1]);
	term_emit(script->term, &event);
	return STEP_DONE;
}

/* ---- steps: waiting and comparing ------------------------------------------------------------------------------ */

static enum outcome do_timeout(struct script *script, const struct step *step)
{
	script->deadline_ms = (int64_t)number(step->words[1]) * 1000;
	return STEP_DONE;
}

static enum outcome do_wait_for(struct script *script, const struct step *step)
{
	return wait_until(script, step->words[1], true);
}

static enum outcome do_wait_gone(struct script *script, const struct step *step)
{
	return wait_until(script, step->words[1], false);
}

static enum outcome do_wait_idle(struct script *script, const struct step *step)
{
	struct kl_buf now;

	(void)step;
	kl_buf_init(&now, FILE_MAX);
	picture_text(term_grid(script->term), &now);
	script->calm = script->before && strcmp(script->before, now.data) == 0 ? script->calm + 1 : 0;
	free(script->before);
	script->before = kl_buf_detach(&now);
	if (script->calm < SETTLE_TURNS)
		return is_late(script) ? script_fails(script, "the screen does not come to rest") : STEP_AGAIN;
	free(script->before);
	script->before = NULL;
	return STEP_DONE;
}

static enum outcome do_wait_quit(struct script *script, const struct step *step)
{
	(void)step;
	return is_late(script) ? script_fails(script, "the program did not leave") : STEP_AGAIN;
}

static enum outcome do_expect(struct script *script, const struct step *step)
{
	if (has_text(script, step->words[1]))
		return STEP_DONE;
	return script_fails(script, "'%s' is not on the screen", step->words[1]);
}

static enum outcome do_expect_no(struct script *script, const struct step *step)
{
	if (!has_text(script, step->words[1]))
		return STEP_DONE;
	return script_fails(script, "'%s' is on the screen", step->words[1]);
}

/* expect-role Y X ROLE: the cell's role, or the ground that lies under it */
static enum outcome do_expect_role(struct script *script, const struct step *step)
{
	const struct grid *grid = term_grid(script->term);
	int y = number(step->words[1]), x = number(step->words[2]);
	const struct cell *cell;

	if (y < 0 || x < 0 || y >= grid->rows || x >= grid->cols)
		return script_fails(script, "%d %d is outside of the screen", y, x);
	cell = grid_cell(grid, y, x);
	if (strcmp(role_name(cell->role), step->words[3]) == 0 || strcmp(role_name(cell->ground), step->words[3]) == 0)
		return STEP_DONE;
	return script_fails(script, "the role at %s %s is %s (on %s)", step->words[1], step->words[2],
			    role_name(cell->role), role_name(cell->ground));
}

static enum outcome do_expect_row(struct script *script, const struct step *step)
{
	const struct grid *grid = term_grid(script->term);
	int y = number(step->words[1]);
	enum outcome outcome = STEP_DONE;
	struct kl_buf row;

	kl_buf_init(&row, FILE_MAX);
	if (y >= 0 && y < grid->rows)
		picture_row(grid, y, &row);
	if (strcmp(row.data, step->words[2]) != 0)
		outcome = script_fails(script, "row %d is '%.200s'", y, row.data);
	kl_buf_release(&row);
	return outcome;
}

static enum outcome do_cursor(struct script *script, const struct step *step)
{
	const struct grid *grid = term_grid(script->term);

	if (strcmp(step->words[1], "hidden") == 0)
		return grid->cursor_y < 0 ? STEP_DONE : script_fails(script, "the cursor is shown");
	if (step->count < 3)
		return script_fails(script, "cursor is followed by a row and a column, or by hidden");
	if (grid->cursor_y == number(step->words[1]) && grid->cursor_x == number(step->words[2]))
		return STEP_DONE;
	return script_fails(script, "the cursor is at %d %d", grid->cursor_y, grid->cursor_x);
}

/* ---- steps: files ---------------------------------------------------------------------------------------------- */

static enum outcome write_all(struct script *script, const char *name, const struct kl_buf *text)
{
	char *path = in_folder(script, name);
	struct kl_error err;
	enum kl_status status = kl_file_write(path, text->data, text->len, 0644, &err);

	free(path);
	return status ? script_fails(script, "%s", err.message) : STEP_DONE;
}

/* Compares what is with what a file says; under KL_SCRIPT_UPDATE the file is written. */
static enum outcome compare(struct script *script, const char *name, const struct kl_buf *is)
{
	struct kl_buf expected;
	enum outcome outcome;

	if (script->update)
		return write_all(script, name, is);
	outcome = read_all(script, &expected, name);
	if (outcome == STEP_DONE && (expected.len != is->len || memcmp(expected.data, is->data, is->len) != 0)) {
		fprintf(stderr, "--- expected: %s\n%s--- is\n%s", name, expected.data, is->data);
		outcome = script_fails(script, "not as in %s", name);
	}
	kl_buf_release(&expected);
	return outcome;
}

/* mask PATTERN (an extended regular expression): in screens that are compared or dumped each match becomes one '#'. */
static enum outcome do_mask(struct script *script, const struct step *step)
{
	if (script->mask_count == MASKS_MAX)
		return script_fails(script, "there are %d masks at most", MASKS_MAX);
	if (regcomp(&script->masks[script->mask_count], step->words[1], REG_EXTENDED))
		return script_fails(script, "'%s' is no regular expression", step->words[1]);
	script->mask_count++;
	return STEP_DONE;
}

static void mask_one(const regex_t *mask, struct kl_buf *text)
{
	const char *at = text->data;
	struct kl_buf out;
	regmatch_t match;

	kl_buf_init(&out, FILE_MAX);
	while (*at && !regexec(mask, at, 1, &match, 0) && match.rm_eo > match.rm_so) {
		kl_buf_add(&out, at, (size_t)match.rm_so);
		kl_buf_add_char(&out, '#');
		at += match.rm_eo;
	}
	kl_buf_add_str(&out, at);
	kl_buf_release(text);
	*text = out;
}

/* The screen as text, without what is masked. */
static void read_screen(const struct script *script, struct kl_buf *text)
{
	kl_buf_init(text, FILE_MAX);
	picture_text(term_grid(script->term), text);
	for (size_t i = 0; i < script->mask_count; i++)
		mask_one(&script->masks[i], text);
}

static enum outcome do_expect_screen(struct script *script, const struct step *step)
{
	struct kl_buf text;
	enum outcome outcome;

	read_screen(script, &text);
	outcome = compare(script, step->words[1], &text);
	kl_buf_release(&text);
	return outcome;
}

/* expect-file FILE EXPECTED */
static enum outcome do_expect_file(struct script *script, const struct step *step)
{
	struct kl_buf text;
	enum outcome outcome = read_all(script, &text, step->words[1]);

	if (outcome == STEP_DONE)
		outcome = compare(script, step->words[2], &text);
	kl_buf_release(&text);
	return outcome;
}

static enum outcome do_dump(struct script *script, const struct step *step)
{
	enum outcome outcome = STEP_DONE;
	struct kl_buf text;

	read_screen(script, &text);
	if (step->count > 1)
		outcome = write_all(script, step->words[1], &text);
	else if (fwrite(text.data, 1, text.len, stdout) != text.len || fflush(stdout)) /* who reads it waits for it */
		outcome = script_fails(script, "the screen cannot be written");
	kl_buf_release(&text);
	return outcome;
}

/* Newlines are Enter. */
static enum outcome do_type(struct script *script, const struct step *step)
{
	for (const char *at = step->words[1]; *at; at++)
		term_feed(script->term, *at == '\n' ? "\r" : at, 1);
	return STEP_DONE;
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
	{ "mask", 1, 1, do_mask },
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
