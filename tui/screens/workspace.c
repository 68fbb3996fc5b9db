/* The workspace: problem, editor and output of one challenge. Life and requests; the parts are in the files beside it. */
#include "workspace_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/journal.h>
#include <kodelab/log.h>
#include <kodelab/text.h>

#include "tui/classwork.h"
#include "tui/editor/editor.h"
#include "tui/languages.h"
#include "tui/ui/canvas.h"
#include "tui/work.h"

enum {
	SPENT_MAX_MS = 4 * 3600 * 1000, /* of one sitting: a lab left open over night is no work */
	TELL_MS = 20,
};

static const enum request workspace_hints[] = { REQ_RUN,     REQ_SUBMIT, REQ_HINT, REQ_NEXT_PANE,
						REQ_PALETTE, REQ_HELP,   REQ_NONE };

/* ---- opening and closing ---- */

static void read_progress(struct workspace *workspace)
{
	struct kl_error err;

	if (workspace->app->store &&
	    kl_store_progress_get(&workspace->progress, workspace->app->store, workspace->challenge->pack,
				  workspace->challenge->slug, &err))
		app_say_error(workspace->app, &err);
}

/* The store learns what is being worked on; failures are told, the work goes on. */
static void tell_store(struct workspace *workspace)
{
	const struct kl_challenge *challenge = workspace->challenge;
	struct kl_store *store = workspace->app->store;
	struct kl_error err;
	char *name;

	if (!store)
		return;
	name = kl_format("%s/%s", challenge->pack, challenge->slug);
	if (kl_store_opened(store, challenge->pack, challenge->slug, workspace->document.language->id, &err) ||
	    kl_store_setting_put(store, "last", name, &err))
		app_say_error(workspace->app, &err);
	free(name);
	app_progress_changed(workspace->app);
	read_progress(workspace);
}

static void tell_now(void *ctx)
{
	struct workspace *workspace = ctx;

	workspace->tell_timer = NULL;
	tell_store(workspace);
}

/* A durable write takes its time: the screen comes first. */
static void tell_soon(struct workspace *workspace)
{
	kl_timer_cancel(workspace->tell_timer);
	workspace->tell_timer = kl_loop_add_timer(workspace->app->loop, TELL_MS, tell_now, workspace);
}

static enum kl_status open_language(struct workspace *workspace, const struct kl_language *language,
				    struct kl_error *err)
{
	char need[128];
	char *path;
	enum kl_status status =
		work_file(&path, &workspace->app->paths, workspace->app->store, workspace->challenge, language, err);

	if (status)
		return status;
	status = document_open(&workspace->document, workspace->app, path, language, err);
	free(path);
	if (status)
		return status;
	if (!languages_ready(workspace->app, language, need, sizeof(need)))
		app_say(workspace->app, ROLE_WARNING, "%s %s", language->name, need);
	languages_place(workspace->where, sizeof(workspace->where), workspace->app, language);
	tell_soon(workspace);
	return KL_OK;
}

static enum kl_status open_workspace(struct pane *pane, const void *arg, struct kl_error *err)
{
	const struct workspace_arg *from = arg;
	struct workspace *workspace = pane->state;
	const struct kl_language *language;
	enum kl_status status;

	workspace->app = pane->app;
	workspace->pane = pane;
	workspace->index = from->index;
	if (from->course && from->assignment) {
		snprintf(workspace->course, sizeof(workspace->course), "%s", from->course);
		snprintf(workspace->assignment, sizeof(workspace->assignment), "%s", from->assignment);
	}
	status = kl_catalogue_load(&workspace->challenge, app_catalogue(pane->app), from->index, err);
	if (status)
		return status;
	language = work_language(workspace->challenge, from->language, pane->app->store, &pane->app->paths,
				 kl_config_string(pane->app->config, "language"), languages_judges(pane->app));
	status = language ? open_language(workspace, language, err)
			  : kl_fail(err, KL_EINVAL, "'%s' cannot be solved in '%s'; choose another language.",
				    workspace->challenge->slug,
				    from->language ? from->language : "any language known here");
	if (status) {
		kl_challenge_free(workspace->challenge);
		return status;
	}
	workspace->focus = AREA_CODE;
	workspace->open_test = -1;
	workspace->opened_ms = kl_clock_mono_ms();
	arrange_restore(workspace);
	problem_open(workspace);
	read_progress(workspace);
	output_stale(workspace);
	badge_look(workspace);
	badge_ask_soon(workspace);
	return KL_OK;
}

/* The newest text also goes to the store, for the next machine and for rebuilding. */
void workspace_keep_draft(struct workspace *workspace)
{
	struct kl_error err;
	size_t len;
	char *text;

	if (!workspace->app->store || !workspace->document.text)
		return;
	text = kl_text_dup(workspace->document.text, &len);
	if (kl_store_draft_put(workspace->app->store, workspace->challenge->pack, workspace->challenge->slug,
			       workspace->document.language->id, text, len, editor_cursor(workspace->document.editor),
			       &err))
		app_say_error(workspace->app, &err);
	free(text);
}

static void save_workspace(struct pane *pane)
{
	struct workspace *workspace = pane->state;
	struct kl_error err;

	if (document_keep(&workspace->document, &err))
		app_say_error(pane->app, &err);
	workspace_keep_draft(workspace);
}

static void keep_time(struct workspace *workspace)
{
	int64_t spent = kl_clock_mono_ms() - workspace->opened_ms;

	if (workspace->app->store &&
	    kl_store_spent_add(workspace->app->store, workspace->challenge->pack, workspace->challenge->slug,
			       spent > SPENT_MAX_MS ? SPENT_MAX_MS : spent, NULL))
		kl_log(KL_LOG_WARN, "workspace", "the time spent could not be kept");
}

static void close_workspace(struct pane *pane)
{
	struct workspace *workspace = pane->state;

	kl_timer_cancel(workspace->watch_timer);
	if (workspace->tell_timer) {
		kl_timer_cancel(workspace->tell_timer);
		tell_now(workspace);
	}
	workspace_keep_draft(workspace);
	keep_time(workspace);
	badge_close(workspace);
	classwork_wake(workspace->app);
	run_close(workspace);
	inputs_close(workspace);
	document_close(&workspace->document);
	output_close(workspace);
	problem_close(workspace);
	kl_challenge_free(workspace->challenge);
}

/* ---- what can be asked ---- */

static void do_run(struct workspace *workspace)
{
	run_start(workspace, KL_ATTEMPT_RUN, false);
}

static void do_run_fresh(struct workspace *workspace)
{
	run_start(workspace, KL_ATTEMPT_RUN, true);
}

static void do_submit(struct workspace *workspace)
{
	run_start(workspace, KL_ATTEMPT_SUBMIT, false);
}

static void do_save(struct workspace *workspace)
{
	struct kl_error err;

	if (document_save(&workspace->document, &err)) {
		app_say_error(workspace->app, &err);
		return;
	}
	workspace_keep_draft(workspace);
	classwork_wake(workspace->app);
	badge_look(workspace);
	app_say(workspace->app, ROLE_SUCCESS, "Saved %s", workspace->document.path);
	if (kl_config_bool(workspace->app->config, "run.on_save"))
		run_start(workspace, KL_ATTEMPT_RUN, false);
}

static void do_hint(struct workspace *workspace)
{
	int count = 0;
	struct kl_error err;

	while (workspace->challenge->hints[count])
		count++;
	if (workspace->progress.hints < count) {
		workspace->progress.hints++;
		if (workspace->app->store &&
		    kl_store_hint_add(workspace->app->store, workspace->challenge->pack, workspace->challenge->slug,
				      workspace->progress.hints, &err))
			app_say_error(workspace->app, &err);
	}
	output_show(workspace, TAB_HINTS);
}

static void choose_language(struct app *app, void *ctx, intptr_t value)
{
	struct workspace *workspace = ctx;
	const struct kl_language *language = languages_at(app, (size_t)value), *old = workspace->document.language;
	struct kl_error err;

	if (language == old)
		return;
	run_forget(workspace);
	workspace_keep_draft(workspace);
	document_close(&workspace->document);
	if (open_language(workspace, language, &err)) {
		struct kl_error again;

		app_say_error(app, &err);
		if (open_language(workspace, old, &again))
			app_close(app, workspace->pane);
	}
}

static void do_language(struct workspace *workspace)
{
	languages_menu(workspace->app, workspace->challenge, workspace->document.language, choose_language, workspace);
}

static void do_reset(struct workspace *workspace)
{
	char *starter = work_starter(workspace->challenge, workspace->document.language);

	editor_replace_all(workspace->document.editor, starter, strlen(starter));
	free(starter);
	app_say(workspace->app, ROLE_INFO, "Begun again; undo brings your text back.");
}

static void do_own_input(struct workspace *workspace)
{
	inputs_make(workspace);
}

static void do_keep_input(struct workspace *workspace)
{
	inputs_keep(workspace);
}

static void do_remove(struct workspace *workspace)
{
	if (!inputs_remove(workspace))
		app_say(workspace->app, ROLE_INFO, "Only a test of your own can be removed: mark it in the tests.");
}

static void do_next_place(struct workspace *workspace)
{
	run_next_place(workspace);
}

static void do_next_failure(struct workspace *workspace)
{
	const struct kl_report *report = workspace->run.report;

	for (size_t step = 1; report && step <= report->count; step++) {
		size_t at = ((size_t)(workspace->open_test < 0 ? 0 : workspace->open_test) + step) % report->count;
		enum kl_verdict verdict = report->tests[at].verdict;

		if (verdict == KL_VERDICT_PASSED || verdict == KL_VERDICT_RAN || verdict == KL_VERDICT_SKIPPED)
			continue;
		workspace->open_test = (int)at;
		output_show(workspace, TAB_TESTS);
		return;
	}
	app_say(workspace->app, ROLE_INFO, "No test has failed.");
}

static void do_history(struct workspace *workspace)
{
	struct history_arg arg = { workspace->challenge->pack, workspace->challenge->slug };

	app_go(workspace->app, &history_ops, &arg);
}

/* ---- another editor ---- */

static void take_outside_change(struct workspace *workspace)
{
	struct kl_error err;

	if (document_reload(&workspace->document, &err)) {
		app_say_error(workspace->app, &err);
		return;
	}
	app_say(workspace->app, ROLE_INFO, "The file was changed by another program and has been read again.");
	if (workspace->run.job)
		workspace->run.again = true;
	else if (workspace->watching)
		run_start(workspace, KL_ATTEMPT_RUN, false);
}

static void editor_ended(void *ctx, int wait_status)
{
	struct workspace *workspace = ctx;

	(void)wait_status;
	if (document_changed_outside(&workspace->document))
		take_outside_change(workspace);
}

static void do_editor(struct workspace *workspace)
{
	const char *option = kl_config_string(workspace->app->config, "editor.program");
	const char *program = *option ? option : getenv("VISUAL") ? getenv("VISUAL") : getenv("EDITOR");
	/* the person's own setting, which may hold options: their shell reads it, as git's and less's callers do */
	char *command = kl_format("exec %s \"$1\"", program && *program ? program : "vi");
	const char *argv[] = { "/bin/sh", "-c", command, "kodelab", workspace->document.path, NULL };
	struct kl_error err;

	if (document_save(&workspace->document, &err) || app_lend(workspace->app, argv, editor_ended, workspace, &err))
		app_say_error(workspace->app, &err);
	free(command);
}

/* Polling works on every file system; twice a second costs nothing beside the tests it starts. */
static void watch_tick(void *ctx)
{
	struct workspace *workspace = ctx;

	workspace->watch_timer =
		kl_loop_add_timer(workspace->app->loop, kl_config_int(workspace->app->config, "watch.interval_ms"),
				  watch_tick, workspace);
	if (document_changed_outside(&workspace->document))
		take_outside_change(workspace);
}

static void do_watch(struct workspace *workspace)
{
	kl_timer_cancel(workspace->watch_timer);
	workspace->watch_timer = NULL;
	workspace->watching = !workspace->watching;
	if (workspace->watching) {
		struct kl_error err;

		if (document_save(&workspace->document, &err))
			app_say_error(workspace->app, &err);
		watch_tick(workspace);
		app_say(workspace->app, ROLE_INFO, "Watching %s: the tests run when another editor saves it.",
			workspace->document.path);
	} else {
		app_say(workspace->app, ROLE_INFO, "No longer watching the file.");
	}
}

static const struct {
	enum request request;
	void (*run)(struct workspace *workspace);
} requests[] = {
	{ REQ_RUN, do_run },
	{ REQ_RUN_FRESH, do_run_fresh },
	{ REQ_SUBMIT, do_submit },
	{ REQ_SAVE, do_save },
	{ REQ_CANCEL, run_cancel },
	{ REQ_HINT, do_hint },
	{ REQ_LANGUAGE, do_language },
	{ REQ_RESET, do_reset },
	{ REQ_OWN_INPUT, do_own_input },
	{ REQ_KEEP_INPUT, do_keep_input },
	{ REQ_REMOVE, do_remove },
	{ REQ_NEXT_PLACE, do_next_place },
	{ REQ_NEXT_FAILURE, do_next_failure },
	{ REQ_HISTORY, do_history },
	{ REQ_EDITOR, do_editor },
	{ REQ_WATCH, do_watch },
};

static bool own_request(struct workspace *workspace, enum request request)
{
	for (size_t i = 0; i < KL_LENGTH(requests); i++) {
		if (requests[i].request == request) {
			requests[i].run(workspace);
			return true;
		}
	}
	return false;
}

/* Where it was opened from: an assignment, the list of challenges, … */
static struct pane *below(const struct workspace *workspace)
{
	size_t at = 0;

	while (workspace->app->stack[at] != workspace->pane)
		at++;
	return at ? workspace->app->stack[at - 1] : workspace->pane;
}

/* One Esc never throws anybody out of their code: it says where a second one leads. */
static void offer_back(struct workspace *workspace)
{
	struct pane *pane = below(workspace);
	char keys[KEYS_NAME_MAX], title[80];

	workspace->leaving = pane->ops != &home_ops;
	app_title(pane, title, sizeof(title));
	if (workspace->leaving)
		app_say(workspace->app, ROLE_INFO, "%s again goes back to %s.",
			keymap_name(keys, workspace->app->keymap, SCOPE_EDITOR, REQ_BACK), title);
	else
		app_say(workspace->app, ROLE_INFO, "%s goes to the home screen.",
			keymap_name(keys, workspace->app->keymap, SCOPE_EDITOR, REQ_HOME));
}

/* Esc stops what runs, then leaves the zoom, then the pane, at last the workspace: again says that it was asked for just now. */
static enum request back_request(struct workspace *workspace, bool again)
{
	if (workspace->run.job)
		run_cancel(workspace);
	else if (workspace->zoomed)
		workspace->zoomed = false;
	else if (workspace->focus != AREA_CODE)
		arrange_focus(workspace, AREA_CODE);
	else if (again)
		return REQ_BACK;
	else
		offer_back(workspace);
	return REQ_NONE;
}

static bool area_request(struct workspace *workspace, enum request *request)
{
	switch (workspace->focus) {
	case AREA_PROBLEM:
		return problem_request(workspace, *request);
	case AREA_CODE:
		document_refresh(&workspace->document);
		*request = editor_request(workspace->document.editor, *request);
		return *request == REQ_NONE;
	case AREA_OUTPUT:
		return output_request(workspace, *request);
	case AREA_COUNT:
		break;
	}
	return false;
}

static enum request workspace_request(struct pane *pane, enum request request)
{
	struct workspace *workspace = pane->state;
	bool in_code = workspace->focus == AREA_CODE, done = area_request(workspace, &request);
	bool again = workspace->leaving;

	workspace->leaving = false;
	badge_touch(workspace);
	if (done && in_code)
		return REQ_NONE; /* the editor alone, which knows what to draw */
	app_dirty(workspace->app);
	if (request == REQ_NONE || own_request(workspace, request) || arrange_request(workspace, request))
		return REQ_NONE;
	return request == REQ_BACK ? back_request(workspace, again) : request;
}

static void workspace_text(struct pane *pane, const char *utf8, size_t len, bool pasted)
{
	struct workspace *workspace = pane->state;

	workspace->leaving = false;
	/* one begins to type where the code is */
	if (workspace->focus != AREA_CODE)
		arrange_focus(workspace, AREA_CODE);
	document_refresh(&workspace->document);
	editor_insert(workspace->document.editor, utf8, len, pasted);
	badge_touch(workspace);
}

static enum scope workspace_scope(const struct pane *pane)
{
	const struct workspace *workspace = pane->state;

	return workspace->focus == AREA_CODE ? editor_scope(workspace->document.editor) : SCOPE_READ;
}

static void workspace_title(struct pane *pane, char *text, size_t size)
{
	const struct workspace *workspace = pane->state;

	snprintf(text, size, "%s - %s%s%s%s", workspace->challenge->title, workspace->document.language->name,
		 workspace->where[0] ? ", " : "", workspace->where,
		 workspace->progress.state == KL_COMPLETED ? " - solved" : "");
}

static void draw_workspace(struct pane *pane, struct canvas *canvas)
{
	arrange_draw(pane->state, canvas, pane->focused);
}

static bool redraw_workspace(struct pane *pane, struct canvas *canvas)
{
	return arrange_redraw(pane->state, canvas);
}

static bool workspace_mouse(struct pane *pane, const struct mouse *mouse)
{
	return arrange_mouse(pane->state, mouse);
}

static void refresh_workspace(struct pane *pane)
{
	struct workspace *workspace = pane->state;

	read_progress(workspace);
	languages_place(workspace->where, sizeof(workspace->where), pane->app, workspace->document.language);
	workspace->stale[TAB_HISTORY] = true;
}

static bool work_workspace(struct pane *pane)
{
	return editor_work(((struct workspace *)pane->state)->document.editor);
}

const struct pane_ops workspace_ops = {
	.name = "workspace",
	.scope = SCOPE_EDITOR,
	.scope_now = workspace_scope,
	.state_size = sizeof(struct workspace),
	.open = open_workspace,
	.draw = draw_workspace,
	.redraw = redraw_workspace,
	.request = workspace_request,
	.text = workspace_text,
	.mouse = workspace_mouse,
	.title = workspace_title,
	.badge = badge_words,
	.hints = workspace_hints,
	.work = work_workspace,
	.refresh = refresh_workspace,
	.save = save_workspace,
	.close = close_workspace,
};

void workspace_restore(struct pane *pane, const char *code, size_t len, const char *language)
{
	struct workspace *workspace = pane->state;
	const struct kl_language *wanted = languages_find(workspace->app, language);
	size_t count = languages_count(workspace->app);

	for (size_t i = 0; wanted && wanted != workspace->document.language && i < count; i++) {
		if (languages_at(workspace->app, i) == wanted)
			choose_language(workspace->app, workspace, (intptr_t)i);
	}
	editor_replace_all(workspace->document.editor, code, len);
	app_say(workspace->app, ROLE_INFO, "The attempt is in the editor; undo brings your text back.");
}

char *workspace_code(struct pane *pane, size_t *len)
{
	return kl_text_dup(((struct workspace *)pane->state)->document.text, len);
}
