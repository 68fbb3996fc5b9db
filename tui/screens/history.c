/* Earlier attempts, newest first: look at one, compare it with the text now, take it back into the editor. */
#include "screens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/clock.h>
#include <kodelab/file.h>
#include <kodelab/visible.h>

#include "tui/app_int.h"
#include "tui/languages.h"
#include "tui/ui/canvas.h"
#include "tui/ui/difftext.h"
#include "tui/ui/lines.h"
#include "tui/ui/mouse.h"
#include "tui/ui/scroll.h"
#include "tui/work.h"
#include "workspace_int.h"

enum {
	NARROW_COLS = 70,
	ROOMY_COLS = 100, /* from here on language and score stand beside how it stands with the class */
	SLUG_COL = 37, /* of a row without them */
	PAGE = 200,
	CODE_LINES_MAX = 5000,
	CODE_MAX = 4 << 20
};

struct history {
	char *pack, *slug; /* NULL: all challenges */
	struct kl_attempt *rows;
	size_t count, capacity;
	bool complete; /* no more pages */
	struct scroll scroll;
};

static const enum request history_hints[] = { REQ_SELECT, REQ_DIFF, REQ_RESTORE, REQ_BACK, REQ_HELP, REQ_NONE };

static void read_page(struct pane *pane)
{
	struct history *history = pane->state;
	size_t got = 0;
	struct kl_error err;

	if (history->complete || !pane->app->store)
		return;
	history->capacity = history->count + PAGE;
	history->rows = kl_realloc_array(history->rows, history->capacity, sizeof(*history->rows));
	if (kl_store_attempts(history->rows + history->count, &got, PAGE, history->count, pane->app->store,
			      history->pack, history->slug, &err))
		app_say_error(pane->app, &err);
	history->count += got;
	history->complete = got < PAGE;
}

static enum kl_status open_history(struct pane *pane, const void *arg, struct kl_error *err)
{
	const struct history_arg *from = arg;
	struct history *history = pane->state;

	if (!pane->app->store)
		return kl_fail(err, KL_EIO, "The history is not to be had: the database is not open.");
	history->pack = from ? kl_strdup(from->pack) : NULL;
	history->slug = from ? kl_strdup(from->slug) : NULL;
	read_page(pane);
	return KL_OK;
}

static void close_history(struct pane *pane)
{
	struct history *history = pane->state;

	for (size_t i = 0; i < history->count; i++)
		kl_attempt_release(&history->rows[i]);
	free(history->rows);
	free(history->pack);
	free(history->slug);
}

static void draw_row(const struct kl_attempt *row, struct canvas *canvas, int y, bool chosen)
{
	bool undecided = work_undecided(row), passed = work_passed(row);
	const char *standing = work_standing(row);
	char when[20];

	kl_clock_format(row->at_ms, when, sizeof(when));
	if (undecided)
		canvas_symbol(canvas, y, 1, ROLE_DIM, SYMBOL_RUNNING);
	else
		canvas_symbol(canvas, y, 1, passed ? ROLE_PASSED : ROLE_FAILED, passed ? SYMBOL_PASSED : SYMBOL_FAILED);
	if (canvas->cols < NARROW_COLS) /* day and time, how many passed, and of what */
		canvas_printf(canvas, y, 3, ROLE_TEXT, "%s %d/%-3d %s", when + strlen("2026-"), row->passed, row->total,
			      row->slug);
	else if (*standing && canvas->cols < ROOMY_COLS) /* Enter shows the rest */
		canvas_printf(canvas, y, 3, ROLE_TEXT, "%s  %-6s %3d/%-3d  %.*s", when,
			      row->kind == KL_ATTEMPT_SUBMIT ? "submit" : "run", row->passed, row->total,
			      canvas->cols - SLUG_COL - 3 - (int)strlen(standing), row->slug);
	else
		canvas_printf(canvas, y, 3, ROLE_TEXT, "%s  %-6s %3d/%-3d %5.0f%%  %-10s %s", when,
			      row->kind == KL_ATTEMPT_SUBMIT ? "submit" : "run", row->passed, row->total, row->score,
			      row->language, row->slug);
	if (*standing && canvas->cols >= NARROW_COLS)
		canvas_printf(canvas, y, canvas->cols - 1 - (int)strlen(standing), undecided ? ROLE_WARNING : ROLE_DIM,
			      "%s", standing);
	if (chosen)
		canvas_ground(canvas, (struct rect){ y, 0, 1, canvas->cols }, ROLE_SELECTED);
}

static void draw_history(struct pane *pane, struct canvas *canvas)
{
	struct history *history = pane->state;

	history->scroll.rows = canvas->rows;
	scroll_keep(&history->scroll, history->count);
	for (int y = 0; y < canvas->rows && history->scroll.top + (size_t)y < history->count; y++) {
		size_t row = history->scroll.top + (size_t)y;

		draw_row(&history->rows[row], canvas, y, row == history->scroll.selected);
	}
	if (history->count == 0)
		canvas_str_cut(canvas, 1, 2, ROLE_DIM, "No attempts yet: run the tests of a challenge.",
			       canvas->cols - 4);
}

/* ---- one attempt ---- */

static bool read_attempt(struct pane *pane, struct kl_attempt *out)
{
	struct history *history = pane->state;
	struct kl_error err;

	if (history->count == 0)
		return false;
	if (kl_store_attempt_get(out, pane->app->store, history->rows[history->scroll.selected].id, &err)) {
		app_say_error(pane->app, &err);
		return false;
	}
	return true;
}

static void view(struct pane *pane)
{
	struct kl_attempt attempt = { 0 };
	struct lines lines = { 0 };
	char when[20];

	if (!read_attempt(pane, &attempt))
		return;
	kl_clock_format(attempt.at_ms, when, sizeof(when));
	line_printf(lines_new(&lines, 0), ROLE_HEADING, "%s/%s in %s, %s", attempt.pack, attempt.slug, attempt.language,
		    when);
	line_printf(lines_new(&lines, 0), ROLE_TEXT, "%d of %d tests passed, score %.0f", attempt.passed, attempt.total,
		    attempt.score);
	if (*work_standing(&attempt))
		line_str(lines_new(&lines, 0), ROLE_TEXT, work_standing(&attempt));
	if (*attempt.refusal)
		line_printf(lines_new(&lines, 0), ROLE_WARNING, "The class server says: %s", attempt.refusal);
	lines_new(&lines, 0);
	outcome_tests(&lines, attempt.report);
	lines_text(&lines, 0, ROLE_CODE, "", attempt.code, attempt.code_len, CODE_LINES_MAX);
	viewer_open(pane->app, " Attempt ", &lines);
	lines_clear(&lines);
	kl_attempt_release(&attempt);
}

/* The workspace below on the stack, when it is on this challenge. */
static struct pane *workspace_below(struct app *app, const struct kl_attempt *attempt)
{
	for (size_t i = 0; i < app->depth; i++) {
		const struct workspace *workspace = app->stack[i]->state;

		if (app->stack[i]->ops == &workspace_ops && strcmp(workspace->challenge->slug, attempt->slug) == 0 &&
		    strcmp(workspace->challenge->pack, attempt->pack) == 0)
			return app->stack[i];
	}
	return NULL;
}

/* The text now: in the open editor, else in the work file. Owned by the caller. */
static char *text_now(struct app *app, const struct kl_attempt *attempt, size_t *len)
{
	struct pane *below = workspace_below(app, attempt);
	const struct kl_language *language = languages_find(app, attempt->language);
	struct kl_buf buf;
	char *path;

	if (below)
		return workspace_code(below, len);
	path = kl_format("%s/%s/%s/%s", app->paths.work, attempt->pack, attempt->slug,
			 language ? language->source : "");
	kl_buf_init(&buf, CODE_MAX);
	if (kl_file_read(&buf, path, NULL))
		kl_buf_clear(&buf);
	free(path);
	*len = buf.len;
	return kl_buf_detach(&buf);
}

static void compare(struct pane *pane)
{
	struct kl_attempt attempt = { 0 };
	struct difftext diff = { .code = true, .max_lines = CODE_LINES_MAX };
	struct lines lines = { 0 };
	char *now;

	if (!read_attempt(pane, &attempt))
		return;
	now = text_now(pane->app, &attempt, &diff.got_len);
	diff.want = attempt.code;
	diff.want_len = attempt.code_len;
	diff.got = now;
	diff.ascii = (pane->app->visible & KL_VISIBLE_ASCII) != 0;
	line_str(lines_new(&lines, 0), ROLE_HEADING, "- the attempt   + your text now");
	if (difftext_add(&lines, &diff) == 0)
		app_say(pane->app, ROLE_INFO, "The attempt is the text you have now.");
	else
		viewer_open(pane->app, " Compared ", &lines);
	lines_clear(&lines);
	free(now);
	kl_attempt_release(&attempt);
}

static void restore(struct pane *pane)
{
	struct kl_attempt attempt = { 0 };
	struct app *app = pane->app;
	struct pane *below;
	char *name;

	if (!read_attempt(pane, &attempt))
		return;
	below = workspace_below(app, &attempt);
	if (below) {
		app_close(app, pane);
	} else {
		name = kl_format("%s/%s", attempt.pack, attempt.slug);
		app_open_challenge(app, name, attempt.language);
		free(name);
		below = workspace_below(app, &attempt);
	}
	if (below)
		workspace_restore(below, attempt.code, attempt.code_len, attempt.language);
	kl_attempt_release(&attempt);
}

static enum request history_request(struct pane *pane, enum request request)
{
	struct history *history = pane->state;

	if (request == REQ_SELECT)
		view(pane);
	else if (request == REQ_DIFF)
		compare(pane);
	else if (request == REQ_RESTORE)
		restore(pane);
	else if (!scroll_list(&history->scroll, history->count, request))
		return request;
	else if (history->scroll.selected + 1 == history->count)
		read_page(pane);
	return REQ_NONE;
}

static bool history_mouse(struct pane *pane, const struct mouse *mouse)
{
	struct history *history = pane->state;
	size_t row = history->scroll.top + (size_t)mouse->y;

	if (mouse->kind == MOUSE_WHEEL) {
		scroll_list_by(&history->scroll, history->count, mouse->wheel * 3L);
	} else if (mouse->kind == MOUSE_PRESS && mouse->y >= 0 && row < history->count) {
		history->scroll.selected = row;
		if (mouse->clicks == 2)
			view(pane);
	}
	return true;
}

static void history_title(struct pane *pane, char *text, size_t size)
{
	const struct history *history = pane->state;

	snprintf(text, size, "History%s%s", history->slug ? ": " : "", history->slug ? history->slug : "");
}

const struct pane_ops history_ops = {
	.name = "History",
	.scope = SCOPE_VIEW,
	.state_size = sizeof(struct history),
	.open = open_history,
	.draw = draw_history,
	.request = history_request,
	.mouse = history_mouse,
	.title = history_title,
	.hints = history_hints,
	.close = close_history,
};
