/*
 * A scratch file in any language: code on the left, its input and what it printed on the right, its arguments in the title. The file lies in the
 * work folder like any other, with a journal; snippets are kept by name in the store.
 */
#include "screens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/file.h>
#include <kodelab/text.h>

#include "document.h"
#include "tui/app_int.h"
#include "tui/editor/editor.h"
#include "tui/editor/host.h"
#include "tui/languages.h"
#include "tui/ui/canvas.h"
#include "tui/ui/lines.h"
#include "tui/ui/mouse.h"
#include "tui/ui/scroll.h"
#include "tui/ui/words.h"
#include "tui/work.h"
#include "workspace_int.h"

enum spot { SPOT_CODE, SPOT_INPUT, SPOT_OUTPUT, SPOT_COUNT };

enum { WIDE_COLS = 72, RESULT_COLS = 40, SNIPPET_CODE_MAX = 1 << 20 };

struct playground {
	struct app *app;
	struct document code;
	struct kl_text *input;
	struct editor *input_editor;
	enum spot focus;
	struct rect places[SPOT_COUNT];
	struct kl_job *job;
	struct words arguments;
	char where[64]; /* "runs on school"; "": here */
	struct kl_test test; /* the input, as the judge takes it */
	struct lines output;
	struct scroll scroll;
};

static const enum request playground_hints[] = { REQ_RUN,        REQ_LANGUAGE, REQ_NEXT_PANE, REQ_ARGUMENTS,
						 REQ_KEEP_INPUT, REQ_BACK,     REQ_NONE };

static enum kl_status open_language(struct playground *playground, const struct kl_language *language,
				    struct kl_error *err)
{
	char *path = kl_format("%s/playground/%s", playground->app->paths.work, language->source);
	char *dir = kl_path_join(playground->app->paths.work, "playground");
	enum kl_status status = kl_path_make(dir, err);
	char need[128];

	if (!status && !kl_path_exists(path))
		status = kl_file_write(path, "", 0, 0644, err);
	if (!status)
		status = document_open(&playground->code, playground->app, path, language, err);
	if (!status)
		languages_place(playground->where, sizeof(playground->where), playground->app, language);
	if (!status && !languages_ready(playground->app, language, need, sizeof(need)))
		app_say(playground->app, ROLE_WARNING, "%s %s", language->name, need);
	if (!status && playground->app->store &&
	    kl_store_setting_put(playground->app->store, "playground.language", language->id, err))
		app_say_error(playground->app, err);
	free(dir);
	free(path);
	return status;
}

static const struct kl_language *first_language(struct app *app)
{
	const struct kl_language *language = NULL;
	char *id = NULL;

	if (app->store && !kl_store_setting_get(&id, app->store, "playground.language", NULL))
		language = languages_find(app, id);
	free(id);
	if (!language)
		language = kl_language_find(kl_config_string(app->config, "language"));
	return language ? language : kl_language_at(0);
}

static struct kl_text *last_input(struct app *app)
{
	char *text = NULL;
	struct kl_text *input;

	if (!app->store || kl_store_setting_get(&text, app->store, "playground.input", NULL))
		return kl_text_new("", 0);
	input = kl_text_new(text, strlen(text));
	free(text);
	return input;
}

static void take_last_arguments(struct playground *playground)
{
	char *rows = NULL;

	if (playground->app->store &&
	    !kl_store_setting_get(&rows, playground->app->store, "playground.arguments", NULL))
		words_of_rows(&playground->arguments, rows);
	free(rows);
}

static void keep_setting(struct playground *playground, const char *key, const char *value)
{
	struct kl_error err;

	if (playground->app->store && kl_store_setting_put(playground->app->store, key, value, &err))
		app_say_error(playground->app, &err);
}

/* What the program gets: its input and its arguments. */
static void keep_input(struct playground *playground)
{
	char *text = kl_text_dup(playground->input, NULL), *rows = words_rows(&playground->arguments);

	keep_setting(playground, "playground.input", text);
	keep_setting(playground, "playground.arguments", rows);
	free(text);
	free(rows);
}

static void show_nothing(struct playground *playground)
{
	lines_clear(&playground->output);
	playground->scroll = (struct scroll){ 0 };
	line_str(lines_new(&playground->output, 0), ROLE_DIM, "What the program prints comes here.");
}

static enum kl_status open_playground(struct pane *pane, const void *arg, struct kl_error *err)
{
	struct playground *playground = pane->state;
	enum kl_status status;

	(void)arg;
	playground->app = pane->app;
	status = open_language(playground, first_language(pane->app), err);
	if (status)
		return status;
	playground->input = last_input(pane->app);
	take_last_arguments(playground);
	playground->input_editor = host_editor(pane->app, playground->input, NULL, NULL);
	show_nothing(playground);
	return KL_OK;
}

static void close_playground(struct pane *pane)
{
	struct playground *playground = pane->state;

	if (playground->job)
		kl_judge_abandon(playground->job);
	keep_input(playground);
	document_close(&playground->code);
	editor_free(playground->input_editor);
	kl_text_free(playground->input);
	lines_clear(&playground->output);
	free(playground->test.input);
	words_clear(&playground->arguments);
}

/* ---- running ---- */

static void show_result(struct playground *playground, const struct kl_report *report)
{
	int cols = playground->places[SPOT_OUTPUT].cols;

	lines_clear(&playground->output);
	playground->scroll = (struct scroll){ 0 };
	outcome_lines(&playground->output, report, cols > 0 ? cols : RESULT_COLS);
}

static void ran(void *ctx, const struct kl_report *report)
{
	struct playground *playground = ctx;

	playground->job = NULL;
	show_result(playground, report);
	if (report->verdict == KL_VERDICT_RAN)
		app_say(playground->app, ROLE_SUCCESS, "Done.");
	else if (report->verdict == KL_VERDICT_INTERNAL && report->later)
		app_say(playground->app, ROLE_WARNING,
			"The judge is down, and this run is not kept: run it again later.");
	else
		app_say(playground->app, ROLE_WARNING, "It ended with: %s.", kl_verdict_name(report->verdict));
}

static void progressed(void *ctx, const struct kl_report *report)
{
	const struct playground *playground = ctx;

	if (report->note[0])
		app_say(playground->app, ROLE_RUNNING, "Running... %s", report->note);
}

static void run(struct playground *playground, bool fresh)
{
	struct kl_submission submission = { .language = playground->code.language,
					    .own = &playground->test,
					    .own_count = 1 };
	enum kl_status status;
	struct kl_error err;
	char *code;

	if (playground->job)
		return;
	if ((status = document_save(&playground->code, &err)))
		app_say_error(playground->app, &err);
	if (status == KL_ECONFLICT)
		return;
	free(playground->test.input);
	playground->test =
		(struct kl_test){ .id = (char *)(uintptr_t) "run", .own = true, .sample = true, .weight = 1.0 };
	playground->test.input = kl_text_dup(playground->input, &playground->test.input_len);
	playground->test.argv = playground->arguments.items;
	playground->test.argv_count = playground->arguments.count;
	code = kl_text_dup(playground->code.text, &submission.code_len);
	submission.code = code;
	app_judge(playground->app, fresh);
	if (kl_judge_submit(&playground->job, playground->app->judge, &submission, progressed, ran, playground, &err)) {
		playground->job = NULL;
		app_say_error(playground->app, &err);
	} else {
		app_say(playground->app, ROLE_RUNNING, "Running... Esc stops it.");
	}
	free(code);
}

/* ---- arguments ---- */

/* A run that goes on still has the old ones. */
static bool may_change(struct playground *playground)
{
	if (playground->job)
		app_say(playground->app, ROLE_INFO, "The program runs with its arguments. Esc stops it.");
	return !playground->job;
}

static void set_arguments(struct playground *playground, const char *rows)
{
	if (may_change(playground))
		words_of_rows(&playground->arguments, rows);
}

static void ask_arguments(struct playground *playground, const char *line);

static void arguments_typed(struct app *app, void *ctx, const char *text)
{
	struct playground *playground = ctx;
	struct words words = { 0 };
	struct kl_error err;

	if (!may_change(playground))
		return;
	if (words_split(&words, text, &err)) {
		ask_arguments(playground, text);
		app_say_error(app, &err);
		return;
	}
	words_clear(&playground->arguments);
	playground->arguments = words;
}

static void ask_arguments(struct playground *playground, const char *line)
{
	prompt_open(playground->app, "Arguments:", line, arguments_typed, playground);
}

static void edit_arguments(struct playground *playground)
{
	char *line = words_line(&playground->arguments);

	ask_arguments(playground, line);
	free(line);
}

/* ---- snippets and languages ---- */

static void named(struct app *app, void *ctx, const char *text)
{
	struct playground *playground = ctx;
	struct kl_snippet snippet = { 0 };
	struct kl_error err;

	if (!*text || !app->store)
		return;
	snippet.name = kl_strdup(text);
	snippet.language = kl_strdup(playground->code.language->id);
	snippet.code = kl_text_dup(playground->code.text, NULL);
	snippet.input = kl_text_dup(playground->input, NULL);
	snippet.argv = words_rows(&playground->arguments);
	if (kl_store_snippet_put(app->store, &snippet, &err))
		app_say_error(app, &err);
	else
		app_say(app, ROLE_SUCCESS, "Kept as '%s'.", text);
	free(snippet.name);
	free(snippet.language);
	free(snippet.code);
	free(snippet.input);
	free(snippet.argv);
}

static void change_language(struct playground *playground, const struct kl_language *language)
{
	const struct kl_language *old = playground->code.language;
	struct kl_error err, again;

	if (language == old)
		return;
	if (playground->job)
		kl_judge_abandon(playground->job);
	playground->job = NULL;
	show_nothing(playground);
	document_close(&playground->code);
	if (!open_language(playground, language, &err))
		return;
	app_say_error(playground->app, &err);
	if (open_language(playground, old, &again))
		kl_die("the playground's file cannot be opened any more");
}

static void language_chosen(struct app *app, void *ctx, intptr_t value)
{
	change_language(ctx, languages_at(app, (size_t)value));
}

static void snippet_chosen(struct app *app, void *ctx, intptr_t value)
{
	struct playground *playground = ctx;
	struct kl_snippet *rows;
	size_t count;
	struct kl_error err;

	if (kl_store_snippets(&rows, &count, app->store, &err)) {
		app_say_error(app, &err);
		return;
	}
	if ((size_t)value < count) {
		const struct kl_language *language = languages_find(app, rows[value].language);

		if (language)
			change_language(playground, language);
		editor_replace_all(playground->code.editor, rows[value].code, strlen(rows[value].code));
		editor_replace_all(playground->input_editor, rows[value].input, strlen(rows[value].input));
		set_arguments(playground, rows[value].argv);
	}
	kl_snippets_free(rows, count);
}

static void ask_snippet(struct playground *playground)
{
	struct app *app = playground->app;
	struct kl_snippet *rows;
	struct menu_item *items;
	size_t count;
	struct kl_error err;

	if (!app->store || kl_store_snippets(&rows, &count, app->store, &err))
		return;
	items = kl_calloc(count + 1, sizeof(*items));
	for (size_t i = 0; i < count; i++)
		items[i] = (struct menu_item){ .label = rows[i].name, .note = rows[i].language, .value = (intptr_t)i };
	if (count > 0)
		menu_open(app, " Snippets ", items, count, -1, snippet_chosen, playground);
	else
		app_say(app, ROLE_INFO, "No snippets yet: M-k keeps this one by name.");
	free(items);
	kl_snippets_free(rows, count);
}

/* ---- drawing ---- */

static void place(struct playground *playground, const struct canvas *canvas)
{
	int left = canvas->cols / 2, input = canvas->rows / 3;

	memset(playground->places, 0, sizeof(playground->places));
	if (canvas->cols < WIDE_COLS || canvas->rows < 8) {
		playground->places[playground->focus] = (struct rect){ 0, 0, canvas->rows, canvas->cols };
		return;
	}
	playground->places[SPOT_CODE] = (struct rect){ 0, 0, canvas->rows, left };
	playground->places[SPOT_INPUT] = (struct rect){ 1, left + 1, input - 1, canvas->cols - left - 1 };
	playground->places[SPOT_OUTPUT] =
		(struct rect){ input + 1, left + 1, canvas->rows - input - 1, canvas->cols - left - 1 };
}

static void draw_label(const struct playground *playground, struct canvas *canvas, enum spot spot, const char *text)
{
	struct rect area = playground->places[spot];

	if (area.rows > 0 && area.y > 0)
		canvas_str(canvas, area.y - 1, area.x + 1, playground->focus == spot ? ROLE_TITLE_FOCUS : ROLE_TITLE,
			   text);
}

static void draw_playground(struct pane *pane, struct canvas *canvas)
{
	struct playground *playground = pane->state;
	struct canvas parts[SPOT_COUNT];

	place(playground, canvas);
	for (int i = 0; i < SPOT_COUNT; i++)
		parts[i] = canvas_sub(canvas, playground->places[i]);
	if (playground->places[SPOT_CODE].rows > 0)
		editor_draw(playground->code.editor, &parts[SPOT_CODE],
			    pane->focused && playground->focus == SPOT_CODE);
	if (playground->places[SPOT_INPUT].rows > 0)
		editor_draw(playground->input_editor, &parts[SPOT_INPUT],
			    pane->focused && playground->focus == SPOT_INPUT);
	if (playground->places[SPOT_OUTPUT].rows > 0) {
		playground->scroll.rows = parts[SPOT_OUTPUT].rows;
		lines_draw(&playground->output, &parts[SPOT_OUTPUT], playground->scroll.top, playground->scroll.left,
			   (size_t)-1);
	}
	if (playground->places[SPOT_INPUT].x > 0)
		canvas_vline(canvas, 0, playground->places[SPOT_INPUT].x - 1, canvas->rows, ROLE_BORDER);
	draw_label(playground, canvas, SPOT_INPUT, "input");
	draw_label(playground, canvas, SPOT_OUTPUT, "output");
}

/* ---- requests ---- */

static struct editor *focused_editor(const struct playground *playground)
{
	return playground->focus == SPOT_INPUT ? playground->input_editor : playground->code.editor;
}

static bool redraw_playground(struct pane *pane, struct canvas *canvas)
{
	const struct playground *playground = pane->state;
	struct rect place = playground->places[playground->focus];
	struct canvas inner = canvas_sub(canvas, place);

	return playground->focus != SPOT_OUTPUT && place.rows > 0 && editor_redraw(focused_editor(playground), &inner);
}

static bool own_request(struct playground *playground, enum request request)
{
	switch ((int)request) {
	case REQ_RUN_FRESH:
		run(playground, true);
		return true;
	case REQ_RUN:
	case REQ_SUBMIT:
		run(playground, false);
		return true;
	case REQ_LANGUAGE:
		languages_menu(playground->app, NULL, playground->code.language, language_chosen, playground);
		return true;
	case REQ_ARGUMENTS:
		edit_arguments(playground);
		return true;
	case REQ_KEEP_INPUT:
		prompt_open(playground->app, "Keep this snippet as:", "", named, playground);
		return true;
	case REQ_OWN_INPUT:
	case REQ_HISTORY:
		ask_snippet(playground);
		return true;
	case REQ_NEXT_PANE:
		playground->focus = (enum spot)((playground->focus + 1) % SPOT_COUNT);
		return true;
	case REQ_PREV_PANE:
		playground->focus = (enum spot)((playground->focus + SPOT_COUNT - 1) % SPOT_COUNT);
		return true;
	case REQ_SAVE:
		app_say(playground->app, ROLE_INFO, "The scratch file is kept anyway.");
		return true;
	case REQ_BACK:
		if (!playground->job)
			return false;
		kl_judge_cancel(playground->job);
		return true;
	}
	return false;
}

static enum request playground_request(struct pane *pane, enum request request)
{
	struct playground *playground = pane->state;

	if (playground->focus != SPOT_OUTPUT) {
		request = editor_request(focused_editor(playground), request);
		if (request == REQ_NONE)
			return REQ_NONE; /* the editor alone, which knows what to draw */
	}
	app_dirty(playground->app);
	if (playground->focus == SPOT_OUTPUT && scroll_text(&playground->scroll, playground->output.count, request))
		return REQ_NONE;
	return own_request(playground, request) ? REQ_NONE : request;
}

static void playground_text(struct pane *pane, const char *utf8, size_t len, bool pasted)
{
	struct playground *playground = pane->state;

	if (playground->focus == SPOT_OUTPUT) {
		playground->focus = SPOT_CODE; /* one begins to type where the code is */
		app_dirty(playground->app);
	}
	editor_insert(focused_editor(playground), utf8, len, pasted);
}

static enum scope playground_scope(const struct pane *pane)
{
	const struct playground *playground = pane->state;

	return playground->focus == SPOT_OUTPUT ? SCOPE_READ : editor_scope(focused_editor(playground));
}

static bool playground_mouse(struct pane *pane, const struct mouse *mouse)
{
	struct playground *playground = pane->state;
	struct mouse inner = *mouse;

	for (int i = 0; mouse->kind == MOUSE_PRESS && i < SPOT_COUNT; i++) {
		if (playground->places[i].rows > 0 && rect_holds(playground->places[i], mouse->y, mouse->x))
			playground->focus = (enum spot)i;
	}
	inner.y -= playground->places[playground->focus].y;
	inner.x -= playground->places[playground->focus].x;
	if (playground->focus == SPOT_OUTPUT) {
		if (mouse->kind == MOUSE_WHEEL)
			scroll_text_by(&playground->scroll, playground->output.count, mouse->wheel * 3L);
		return true;
	}
	return editor_mouse(focused_editor(playground), &inner);
}

static void playground_title(struct pane *pane, char *text, size_t size)
{
	const struct playground *playground = pane->state;
	char *line = words_line(&playground->arguments);

	snprintf(text, size, "Playground - %s%s%s%s%s", playground->code.language->name, *playground->where ? ", " : "",
		 playground->where, *line ? " - arguments: " : "", line);
	free(line);
}

static void save_playground(struct pane *pane)
{
	struct playground *playground = pane->state;
	struct kl_error err;

	if (document_keep(&playground->code, &err))
		app_say_error(pane->app, &err);
	keep_input(playground);
}

static bool work_playground(struct pane *pane)
{
	return editor_work(((struct playground *)pane->state)->code.editor);
}

const struct pane_ops playground_ops = {
	.name = "Playground",
	.scope = SCOPE_EDITOR,
	.scope_now = playground_scope,
	.state_size = sizeof(struct playground),
	.open = open_playground,
	.draw = draw_playground,
	.redraw = redraw_playground,
	.request = playground_request,
	.text = playground_text,
	.mouse = playground_mouse,
	.title = playground_title,
	.hints = playground_hints,
	.work = work_playground,
	.save = save_playground,
	.close = close_playground,
};
