/* The lab's life: opening its parts in the order that shows the first screen soonest, the stack of panes, leaving. */
#include "app_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <langinfo.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/log.h>
#include <kodelab/progress.h>
#include <kodelab/visible.h>

#include "commands/command.h"
#include "packs.h"
#include "screens/screens.h"
#include "term/clipboard.h"
#include "term/script.h"
#include "term/term.h"
#include "ui/theme.h"

/* ---- the stack ---- */

struct pane *app_top(const struct app *app)
{
	return app->stack[app->depth - 1];
}

enum scope app_scope(const struct pane *pane)
{
	return pane->ops->scope_now ? pane->ops->scope_now(pane) : pane->ops->scope;
}

static void free_pane(struct pane *pane)
{
	if (pane->ops->close)
		pane->ops->close(pane);
	free(pane->state);
	free(pane);
}

enum kl_status app_open(struct app *app, const struct pane_ops *ops, const void *arg, struct kl_error *err)
{
	struct pane *pane;
	enum kl_status status;

	if (app->depth == APP_PANES_MAX)
		return kl_fail(err, KL_EFULL, "Too many screens are open; go back first.");
	pane = kl_calloc(1, sizeof(*pane));
	pane->ops = ops;
	pane->app = app;
	pane->overlay = ops->overlay;
	pane->state = kl_calloc(1, ops->state_size ? ops->state_size : 1);
	status = ops->open ? ops->open(pane, arg, err) : KL_OK;
	if (status) {
		free(pane->state);
		free(pane);
		return status;
	}
	app->stack[app->depth++] = pane;
	app_dirty(app);
	return KL_OK;
}

static void read_packs_again(struct app *app)
{
	kl_catalogue_close(app->catalogue);
	app->catalogue = NULL;
	app->packs_changed = false;
}

void app_refresh(struct app *app)
{
	if (app->packs_changed && app->depth == 1)
		read_packs_again(app);
	if (app->depth > 0 && app_top(app)->ops->refresh)
		app_top(app)->ops->refresh(app_top(app));
	app_dirty(app);
}

void app_close(struct app *app, struct pane *pane)
{
	size_t at = app->depth;

	while (at > 0 && app->stack[at - 1] != pane)
		at--;
	if (at == 0)
		return;
	while (app->depth >= at) {
		struct pane *top = app_top(app);

		app->depth--;
		free_pane(top);
	}
	app_refresh(app);
}

/* The screen of ops that is open already comes to the front: what lies above it closes. */
static bool reuse(struct app *app, const struct pane_ops *ops)
{
	for (size_t i = 0; i < app->depth; i++) {
		if (app->stack[i]->ops != ops)
			continue;
		if (i + 1 < app->depth)
			app_close(app, app->stack[i + 1]);
		return true;
	}
	return false;
}

/* The lowest screen of ops goes, from wherever it lies: those above it stay. */
static void take_out(struct app *app, const struct pane_ops *ops)
{
	for (size_t i = 1; i < app->depth; i++) {
		struct pane *pane = app->stack[i];

		if (pane->ops != ops)
			continue;
		app->depth--;
		for (; i < app->depth; i++)
			app->stack[i] = app->stack[i + 1];
		free_pane(pane);
		return;
	}
}

static bool is_open(const struct app *app, const struct pane_ops *ops)
{
	for (size_t i = 0; i < app->depth; i++)
		if (app->stack[i]->ops == ops)
			return true;
	return false;
}

void app_go(struct app *app, const struct pane_ops *ops, const void *arg)
{
	bool again = !ops->overlay && is_open(app, ops);
	struct kl_error err;

	if (!arg && reuse(app, ops))
		return;
	if (app_open(app, ops, arg, &err))
		app_say_error(app, &err);
	else if (again)
		take_out(app, ops);
}

static void open_workspace(struct app *app, const char *name, struct workspace_arg *arg)
{
	struct kl_error err;

	if (kl_catalogue_find(&arg->index, app_catalogue(app), name, app->paths.work, &err)) {
		app_say_error(app, &err);
		return;
	}
	take_out(app, &workspace_ops); /* before: they may be of one file */
	app_go(app, &workspace_ops, arg);
}

void app_open_challenge(struct app *app, const char *name, const char *language)
{
	open_workspace(app, name, &(struct workspace_arg){ .language = language });
}

void app_open_assigned(struct app *app, const char *name, const char *course, const char *assignment)
{
	open_workspace(app, name, &(struct workspace_arg){ .course = course, .assignment = assignment });
}

void app_title(struct pane *pane, char *text, size_t size)
{
	snprintf(text, size, "%s", pane->ops->name);
	if (pane->ops->title)
		pane->ops->title(pane, text, size);
}

/* ---- small services ---- */

void app_dirty(struct app *app)
{
	app->dirty = DIRTY_ALL;
}

void app_say(struct app *app, enum role role, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(app->status, sizeof(app->status), fmt, args);
	va_end(args);
	app->status_role = role;
	app_dirty(app);
}

void app_say_error(struct app *app, const struct kl_error *err)
{
	app_say(app, ROLE_ERROR, "%s", err->message);
	kl_log(KL_LOG_WARN, "app", "%s", err->message);
}

struct kl_catalogue *app_catalogue(struct app *app)
{
	if (!app->catalogue) {
		app->catalogue = packs_open(&app->paths);
		app_progress_changed(app);
		for (size_t i = 0; i < kl_catalogue_problem_count(app->catalogue); i++)
			kl_log(KL_LOG_WARN, "packs", "%s", kl_catalogue_problem(app->catalogue, i));
	}
	return app->catalogue;
}

enum kl_status app_keyring(struct app *app, struct kl_error *err)
{
	const struct keyring_parts parts = { &app->paths, app->config, app->store, &app->clock, app->master };

	return keyring_open(&app->keyring, &parts, err);
}

void app_judge(struct app *app, bool fresh)
{
	const struct keyring_parts parts = { &app->paths, app->config, app->store, &app->clock, app->master };
	struct kl_error err;

	app->elsewhere.fresh = fresh;
	if (elsewhere_use(&app->elsewhere, app->judge, app->loop, &app->keyring, &parts, &err))
		app_say_error(app, &err);
}

enum kl_status app_judges(struct app *app, struct kl_error *err)
{
	const struct keyring_parts parts = { &app->paths, app->config, app->store, &app->clock, app->master };

	return elsewhere_open(&app->elsewhere, app->loop, &app->keyring, &parts, err);
}

void app_packs_changed(struct app *app)
{
	app->packs_changed = true;
	if (app->depth == 1)
		app_refresh(app);
}

void app_progress_changed(struct app *app)
{
	struct kl_error err;

	if (app->catalogue && app->store && kl_progress_apply(app->catalogue, app->store, &err))
		app_say_error(app, &err);
}

void app_copy(struct app *app, const char *text, size_t len)
{
	struct kl_error err;
	enum kl_status status;

	free(app->clipboard);
	app->clipboard = kl_strndup(text, len);
	app->clipboard_len = len;
	status = term_copy(app->term, text, len, &err);
	if (status == KL_EFULL)
		app_say_error(app, &err);
}

void app_set_theme(struct app *app, const char *name)
{
	struct kl_error err = { .status = KL_OK };
	struct theme *theme = theme_load(&app->paths, name, &err);

	if (app->term)
		term_set_theme(app->term, theme);
	theme_free(app->theme);
	app->theme = theme;
	if (err.status)
		app_say_error(app, &err);
	else if (kl_config_set(app->config, "theme", name, &err))
		app_say_error(app, &err);
	else
		app_say(app, ROLE_INFO, "Theme: %s.", name);
}

/* ---- lending the terminal ---- */

struct lending {
	struct app *app;
	app_lend_fn *done;
	void *ctx;
};

static void lent_ended(void *ctx, pid_t pid, int wait_status)
{
	struct lending *lending = ctx;
	struct app *app = lending->app;

	(void)pid;
	app->lent = false;
	term_take(app->term);
	app_dirty(app);
	lending->done(lending->ctx, wait_status);
	free(lending);
}

enum kl_status app_lend(struct app *app, const char *const *argv, app_lend_fn *done, void *ctx, struct kl_error *err)
{
	struct lending *lending;
	enum kl_status status;
	pid_t pid;

	if (app->lent)
		return kl_fail(err, KL_EBUSY, "Another program has the terminal.");
	term_lend(app->term);
	status = lend_spawn(&pid, argv, err);
	if (status) {
		term_take(app->term);
		return status;
	}
	app->lent = true;
	lending = kl_calloc(1, sizeof(*lending));
	*lending = (struct lending){ .app = app, .done = done, .ctx = ctx };
	kl_loop_on_child(app->loop, pid, lent_ended, lending);
	return KL_OK;
}

/* ---- leaving ---- */

void app_save_all(struct app *app)
{
	for (size_t i = 0; i < app->depth; i++) {
		if (app->stack[i]->ops->save)
			app->stack[i]->ops->save(app->stack[i]);
	}
}

void app_leave(struct app *app, int exit_status)
{
	app_save_all(app);
	app->dirty = false; /* no picture of what is left at once */
	app->exit_status = exit_status;
	kl_loop_stop(app->loop);
}

static void close_panes(struct app *app)
{
	while (app->depth > 0) {
		struct pane *pane = app_top(app);

		app->depth--;
		free_pane(pane);
	}
}

static void release(struct app *app)
{
	close_panes(app);
	term_close(app->term);
	keeper_close(app);
	classwork_close(app);
	kl_judge_close(app->judge);
	elsewhere_close(&app->elsewhere);
	kl_portfolio_close(app->portfolio);
	keyring_close(&app->keyring);
	kl_catalogue_close(app->catalogue);
	kl_store_close(app->store);
	keymap_free(app->keymap);
	theme_free(app->theme);
	kl_config_close(app->config);
	kl_paths_release(&app->paths);
	free(app->clipboard);
	kl_loop_close(app->loop);
	kl_log_close();
}

/* ---- opening ---- */

static void open_log(struct app *app)
{
	char *path = kl_path_join(app->paths.state, "kodelab.log");

	if (!kl_path_make(app->paths.state, NULL) && kl_log_open(path, KL_LOG_INFO, NULL))
		kl_log_close();
	free(path);
}

/* A home that cannot be written (full, read-only) does not end the work: it is remembered until the lab is left. */
static void open_store_in_memory(struct app *app, const struct kl_error *why)
{
	app_say_error(app, why);
	app->store = NULL;
	if (why->status != KL_EBUSY && kl_store_open(&app->store, NULL, NULL, &app->clock, NULL))
		app->store = NULL;
}

static void open_store(struct app *app)
{
	struct kl_store_opened what = { 0 };
	struct kl_error err;
	char *path = kl_path_join(app->paths.data, "lab.db");
	size_t count = 0;

	if (kl_path_make(app->paths.data, &err) || kl_store_open(&app->store, &what, path, &app->clock, &err)) {
		open_store_in_memory(app, &err);
	} else if (what.rebuilt) {
		if (kl_store_rebuild(&count, app->store, app->paths.work, &err))
			app_say_error(app, &err);
		else
			app_say(app, ROLE_WARNING,
				"The database was damaged and set aside (%s); %zu files of yours were taken up again.",
				kl_path_name(what.set_aside), count);
	}
	free(path);
}

static void open_keymap(struct app *app)
{
	struct kl_buf problems;

	kl_buf_init(&problems, 4096);
	app->keymap = keymap_new(app->config, &problems);
	if (kl_config_problem_count(app->config) > 0)
		app_say(app, ROLE_WARNING, "%s", kl_config_problem(app->config, 0));
	else if (problems.len)
		app_say(app, ROLE_WARNING, "%.*s", (int)strcspn(problems.data, "\n"), problems.data);
	kl_buf_release(&problems);
}

static enum kl_status open_terminal(struct app *app, const struct app_start *start, struct kl_error *err)
{
	const char *color = kl_config_string(app->config, "color");
	struct kl_error theme_err = { .status = KL_OK };
	struct term_options options = {
		.mouse = app->mouse,
		.color = strcmp(color, "never") != 0,
		.force_color = strcmp(color, "always") == 0,
		.title = true,
		.clipboard = kl_config_bool(app->config, "clipboard.osc52"),
	};

	app->theme = theme_load(&app->paths, kl_config_string(app->config, "theme"), &theme_err);
	if (theme_err.status)
		app_say_error(app, &theme_err);
	options.theme = app->theme;
	if (start->script)
		return script_open(&app->term, app->loop, &options, start->script, dispatch_event, app, err);
	return term_open(&app->term, app->loop, &options, dispatch_event, app, err);
}

static enum kl_status open_parts(struct app *app, const struct app_start *start, struct kl_error *err)
{
	enum kl_status status;

	app->store = start->store;
	app->master = start->master;
	app->catalogue = start->catalogue;
	kl_clock_init(&app->clock);
	if ((status = kl_paths_init(&app->paths, err)) || (status = kl_loop_open(&app->loop, err)))
		return status;
	app->config = kl_config_open(&app->paths);
	app->mouse = kl_config_bool(app->config, "mouse");
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0 || kl_config_bool(app->config, "ascii"))
		app->visible = KL_VISIBLE_ASCII;
	if ((status = open_terminal(app, start, err)))
		return status;
	open_log(app);
	open_keymap(app);
	if (!app->store)
		open_store(app);
	if ((status = kl_judge_open(&app->judge, app->loop, &app->paths, err)))
		return status;
	app->portfolio = kl_portfolio_open(app->loop, &app->paths, app->config);
	return KL_OK;
}

static int fail(struct app *app, const struct kl_error *err)
{
	struct kl_error copy = *err;

	release(app);
	fprintf(stderr, "kodelab: %s\n", copy.message);
	return cli_exit_status(copy.status);
}

/* What can wait until the first screen is there. */
static void after_first_frame(void *ctx)
{
	((struct app *)ctx)->ready = true;
	publish_pending(ctx);
	keeper_wake(ctx);
	classwork_start(ctx);
	classwork_follow(ctx);
}

int app_run(const struct app_start *start)
{
	struct app app = { 0 };
	struct kl_error err;

	if (open_parts(&app, start, &err) || app_open(&app, &home_ops, NULL, &err))
		return fail(&app, &err);
	if (start->challenge)
		app_open_challenge(&app, start->challenge, start->language);
	kl_loop_on_idle(app.loop, frame_idle, &app);
	kl_loop_add_timer(app.loop, 0, after_first_frame, &app);
	kl_loop_run(app.loop);
	if (start->script)
		app.exit_status = script_status(app.term);
	release(&app);
	return app.exit_status;
}
