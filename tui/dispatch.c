/*
 * From events to requests: keys through the keymap to the focused pane, then upwards, then to the lab itself. What the
 * lab does itself is a table; an exam will be a flag in it, tested in one place (app_request).
 */
#include "app_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include <kodelab/alloc.h>

#include "courselist.h"
#include "screens/screens.h"
#include "term/term.h"

struct app_action {
	enum request request;
	void (*run)(struct app *app);
};

static void do_back(struct app *app)
{
	if (app->depth > 1)
		app_close(app, app_top(app));
	else
		app_say(app, ROLE_INFO, "This is the home screen. C-q leaves the lab.");
}

static void do_quit(struct app *app)
{
	app_leave(app, 0);
}

static void do_suspend(struct app *app)
{
	app_save_all(app);
	if (!term_suspend(app->term))
		app_say(app, ROLE_INFO, "There is no shell to go back to.");
}

static void do_redraw(struct app *app)
{
	term_redraw(app->term);
}

static void do_mouse(struct app *app)
{
	app->mouse = !app->mouse;
	term_set_mouse(app->term, app->mouse);
	app_say(app, ROLE_INFO, app->mouse ? "The mouse belongs to the lab." : "The mouse belongs to the terminal.");
}

static void do_theme(struct app *app)
{
	char *name = theme_next(&app->paths, theme_name(app->theme));

	if (name)
		app_set_theme(app, name);
	free(name);
}

static void do_palette(struct app *app)
{
	palette_open(app);
}

static void do_home(struct app *app)
{
	if (app->depth > 1)
		app_close(app, app->stack[1]); /* and all above it */
}

static void do_browse(struct app *app)
{
	app_go(app, &browser_ops, NULL);
}

static void do_history(struct app *app)
{
	app_go(app, &history_ops, NULL);
}

static void do_progress(struct app *app)
{
	app_go(app, &progress_ops, NULL);
}

static void do_playground(struct app *app)
{
	app_go(app, &playground_ops, NULL);
}

static void do_keys(struct app *app)
{
	app_go(app, &keys_ops, NULL);
}

static void do_judges(struct app *app)
{
	app_go(app, &judges_ops, NULL);
}

static void do_judgestats(struct app *app)
{
	app_go(app, &judgestats_ops, NULL);
}

static void do_courses(struct app *app)
{
	app_go(app, &courses_ops, NULL);
}

static void do_leaderboard(struct app *app)
{
	courselist_go(app, &leaderboard_ops, false);
}

static void do_class(struct app *app)
{
	courselist_go(app, &classview_ops, true);
}

static void do_grades(struct app *app)
{
	courselist_go(app, &gradebook_ops, true);
}

static void do_analytics(struct app *app)
{
	if (courselist_teaches(app))
		app_go(app, &analytics_ops, NULL);
	else
		app_say(app, ROLE_INFO, "How challenges fare is for those who teach.");
}

static void do_settings(struct app *app)
{
	app_go(app, &settings_ops, NULL);
}

static void do_help(struct app *app)
{
	app_go(app, &help_ops, NULL);
}

static const struct app_action actions[] = {
	{ REQ_BACK, do_back },
	{ REQ_QUIT, do_quit },
	{ REQ_SUSPEND, do_suspend },
	{ REQ_REDRAW, do_redraw },
	{ REQ_MOUSE, do_mouse },
	{ REQ_THEME, do_theme },
	{ REQ_PALETTE, do_palette },
	{ REQ_HELP, do_help },
	{ REQ_HOME, do_home },
	{ REQ_BROWSE, do_browse },
	{ REQ_HISTORY, do_history },
	{ REQ_PROGRESS, do_progress },
	{ REQ_PLAYGROUND, do_playground },
	{ REQ_SETTINGS, do_settings },
	{ REQ_KEYS, do_keys },
	{ REQ_JUDGES, do_judges },
	{ REQ_JUDGE_STATS, do_judgestats },
	{ REQ_COURSES, do_courses },
	{ REQ_DUE, courselist_open_due },
	{ REQ_LEADERBOARD, do_leaderboard },
	{ REQ_CLASS, do_class },
	{ REQ_GRADES, do_grades },
	{ REQ_ANALYTICS, do_analytics },
	{ REQ_PUBLISH, publishing_open },
	{ REQ_CONTINUE, home_continue },
	{ REQ_DAILY, home_daily },
	{ REQ_NEXT_CHALLENGE, home_next },
	{ REQ_RANDOM, home_random },
	{ REQ_PUSH, publish_push },
};

static void run_action(struct app *app, enum request request)
{
	for (size_t i = 0; i < KL_LENGTH(actions); i++) {
		if (actions[i].request == request) {
			actions[i].run(app);
			return;
		}
	}
}

static void pane_dirty(struct app *app)
{
	if (app->dirty == DIRTY_NOT)
		app->dirty = DIRTY_PANE;
}

void app_request(struct app *app, enum request request)
{
	struct pane *pane = app_top(app);
	bool overlay = pane->overlay;

	pane_dirty(app);
	request = pane->ops->request(pane, request);
	if (request == REQ_NONE)
		return;
	app_dirty(app);
	/* an overlay stands in front of everything: only leaving it, or the lab, goes past it */
	if (overlay && request != REQ_BACK && request != REQ_QUIT && request != REQ_SUSPEND && request != REQ_REDRAW)
		return;
	run_action(app, request);
}

static void key_event(struct app *app, struct key key)
{
	struct pane *pane = app_top(app);
	enum request request;
	enum keymap_answer answer = keymap_key(&request, app->keymap, &app->keys, app_scope(pane), key);

	if (app->status[0] && app->status_role != ROLE_RUNNING) { /* news of what still runs stays */
		app->status[0] = '\0';
		app_dirty(app);
	}
	pane_dirty(app);
	if (answer == KEYMAP_REQUEST) {
		app_request(app, request);
	} else if (answer == KEYMAP_NONE && key_is_text(key) && pane->ops->text) {
		utf8proc_uint8_t utf8[4];
		utf8proc_ssize_t len = utf8proc_encode_char((utf8proc_int32_t)key.code, utf8);

		pane->ops->text(pane, (const char *)utf8, (size_t)len, false);
	}
}

static void mouse_event(struct app *app, const struct mouse *screen)
{
	struct pane *pane = app_top(app);
	struct mouse mouse = *screen;

	mouse.y--; /* the title */
	if (pane->ops->mouse && pane->ops->mouse(pane, &mouse))
		app_dirty(app);
}

void dispatch_event(void *ctx, const struct term_event *event)
{
	struct app *app = ctx;

	if (app->depth == 0)
		return;
	switch (event->kind) {
	case TERM_KEY:
		key_event(app, event->key);
		break;
	case TERM_PASTE:
		pane_dirty(app);
		if (app_top(app)->ops->text)
			app_top(app)->ops->text(app_top(app), event->text, event->len, true);
		break;
	case TERM_MOUSE:
		mouse_event(app, &event->mouse);
		break;
	case TERM_FOCUS:
		break; /* exams will log it */
	case TERM_RESIZE:
	case TERM_READY:
		app_dirty(app);
		break;
	case TERM_TERMINATE:
		app_leave(app, 128 + event->signo);
		break;
	case TERM_HANGUP:
		app_leave(app, 128 + 1);
		break;
	}
}
