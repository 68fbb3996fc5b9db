/* The first screen: what to do now (continue, today's challenge, the next one), how it is going, and the way to everything else. */
#include "screens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/id.h>
#include <kodelab/progress.h>
#include <kodelab/store_class.h>

#include "tui/app_int.h"
#include "tui/courselist.h"
#include "tui/ui/canvas.h"
#include "tui/ui/mouse.h"
#include "tui/ui/scroll.h"
#include "tui/work.h"

enum { LABEL_COLS = 14, STATS_COLS = 26, FIRST_ROW = 2 };

/* A row one can choose: a request, with what it would do now. */
struct home_row {
	enum request request;
	const char *label;
	char what[160]; /* "": the request's own sentence */
};

enum { ROWS_MAX = 16 };

struct home {
	struct home_row rows[ROWS_MAX];
	size_t count;
	struct scroll scroll;
	struct kl_stats stats;
	bool has_stats;
	char class[160]; /* who is logged in where, or how one logs in; "": nothing is said of it */
};

static const enum request home_hints[] = { REQ_SELECT, REQ_BROWSE, REQ_PROGRESS, REQ_PALETTE,
					   REQ_HELP,   REQ_QUIT,   REQ_NONE };

/* ---- what could be opened ---- */

static size_t last_index(struct app *app)
{
	char *name = NULL;
	size_t index = SIZE_MAX;

	if (app->store && !kl_store_setting_get(&name, app->store, "last", NULL) &&
	    kl_catalogue_find(&index, app_catalogue(app), name, app->paths.work, NULL))
		index = SIZE_MAX;
	free(name);
	return index;
}

static size_t daily_index(struct app *app)
{
	return kl_catalogue_daily(app_catalogue(app), kl_clock_local_day_number(kl_clock_wall_ms(&app->clock)));
}

static size_t next_index(struct app *app)
{
	return kl_catalogue_next(app_catalogue(app), last_index(app), work_level(app->config));
}

static size_t random_index(struct app *app)
{
	size_t count = kl_catalogue_count(app_catalogue(app));
	char id[KL_ID_SIZE];

	if (count == 0)
		return SIZE_MAX;
	kl_id_new(id, &app->clock); /* its last digits are random */
	return strtoul(id + KL_ID_SIZE - 1 - 8, NULL, 16) % count;
}

static void open_index(struct app *app, size_t index, const char *nothing)
{
	const struct kl_entry *entry;
	char *name;

	if (index == SIZE_MAX) {
		app_say(app, ROLE_INFO, "%s", nothing);
		return;
	}
	entry = kl_catalogue_at(app_catalogue(app), index);
	name = kl_format("%s/%s", entry->pack, entry->slug);
	app_open_challenge(app, name, NULL);
	free(name);
}

void home_continue(struct app *app)
{
	size_t last = last_index(app);

	open_index(app, last == SIZE_MAX ? next_index(app) : last, "There are no challenges; see 'kodelab doctor'.");
}

void home_daily(struct app *app)
{
	open_index(app, daily_index(app), "There are no challenges; see 'kodelab doctor'.");
}

void home_next(struct app *app)
{
	open_index(app, next_index(app), "Everything is solved. Well done!");
}

void home_random(struct app *app)
{
	open_index(app, random_index(app), "There are no challenges; see 'kodelab doctor'.");
}

/* ---- rows ---- */

static void add_row(struct home *home, enum request request, const char *label, const char *what)
{
	struct home_row *row = &home->rows[home->count++];

	row->request = request;
	row->label = label;
	snprintf(row->what, sizeof(row->what), "%s", what);
}

static void add_challenge(struct home *home, struct app *app, enum request request, const char *label, size_t index)
{
	const struct kl_entry *entry;
	char what[160];

	if (index == SIZE_MAX)
		return;
	entry = kl_catalogue_at(app_catalogue(app), index);
	snprintf(what, sizeof(what), "%.80s  (%s, about %d min)", entry->title, kl_difficulty_name(entry->difficulty),
		 entry->minutes);
	add_row(home, request, label, what);
}

/* ---- the level: asked for once, when the first challenge is solved ---- */

#define LEVEL_ASKED "level.asked" /* the store's setting that says so */

static void level_chosen(struct app *app, void *ctx, intptr_t value)
{
	const char *level = value < 0 ? "any" : kl_difficulty_name((enum kl_difficulty)value);
	struct pane *pane = ctx;
	struct kl_error err;

	if (kl_config_set(app->config, "level", level, &err))
		app_say_error(app, &err);
	else
		app_say(app, ROLE_SUCCESS, "Level: %s. The settings change it at any time.",
			kl_config_string(app->config, "level"));
	pane->ops->refresh(pane);
}

static bool level_is_open(const struct home *home, struct app *app)
{
	char *asked = NULL;
	bool open = home->has_stats && home->stats.completed > 0 && kl_config_is_default(app->config, "level") &&
		    kl_store_setting_get(&asked, app->store, LEVEL_ASKED, NULL) == KL_ENOENT;

	free(asked);
	return open;
}

/* From the loop, when nothing else is in front of the home screen. */
static void ask_level(void *ctx)
{
	static const struct menu_item items[] = {
		{ "BEGINNER  first programs: values, loops, functions", NULL, KL_BEGINNER, false },
		{ "INTERMEDIATE  lists, maps, text, simple algorithms", NULL, KL_INTERMEDIATE, false },
		{ "ADVANCED  graphs, dynamic programming, larger inputs", NULL, KL_ADVANCED, false },
		{ "EXPERT  what interviews and contests are afraid of", NULL, KL_EXPERT, false },
		{ "any  all of them, in the order of the packs", NULL, -1, false },
	};
	struct app *app = ctx;
	struct kl_error err;

	if (app->depth != 1 || app->lent || !level_is_open(app_top(app)->state, app))
		return;
	if (kl_store_setting_put(app->store, LEVEL_ASKED, "yes", &err))
		app_say_error(app, &err);
	menu_open(app, " Well done! Which level shall come next? ", items, KL_LENGTH(items), KL_BEGINNER, level_chosen,
		  app_top(app));
}

/* One line: of the class that one is in; else, when the first challenge is solved, that there could be one. */
static void describe_class(struct home *home, struct app *app)
{
	struct kl_class_server server;

	home->class[0] = '\0';
	if (!app->store)
		return;
	if (!kl_store_class_get(&server, app->store, NULL, NULL)) {
		snprintf(home->class, sizeof(home->class), "Class: %.40s at %.60s%s", server.user_name,
			 *server.title ? server.title : server.name,
			 server.session ? "" : ", logged out (kodelab login)");
		kl_class_server_release(&server);
	} else if (home->has_stats && home->stats.completed > 0) {
		snprintf(home->class, sizeof(home->class), "In a class? Log in with: kodelab login ADDRESS");
	}
}

/* What is due comes first of all. */
static void add_due(struct home *home, struct app *app, const struct courselist *list)
{
	char due[sizeof(home->rows[0].what)];

	if (courselist_due(due, sizeof(due), list, kl_clock_wall_ms(&app->clock)))
		add_row(home, REQ_DUE, "Due", due);
}

static void add_class(struct home *home, const struct courselist *list)
{
	if (!list->known)
		return;
	add_row(home, REQ_COURSES, "Courses", "");
	if (courselist_is_staff(list)) {
		add_row(home, REQ_CLASS, "Class", "");
		add_row(home, REQ_GRADES, "Gradebook", "");
	}
	if (list->instructor)
		add_row(home, REQ_PUBLISH, "Publish", "");
}

/* Rows come and go with the class: the mark stays on what it was on. */
static void mark_again(struct home *home, enum request request)
{
	home->scroll.selected = 0;
	for (size_t i = 0; i < home->count; i++)
		if (home->rows[i].request == request)
			home->scroll.selected = i;
}

static void refresh_home(struct pane *pane)
{
	struct home *home = pane->state;
	struct app *app = pane->app;
	size_t last = last_index(app);
	struct courselist list = { .rows = NULL };
	enum request marked = home->scroll.selected ? home->rows[home->scroll.selected].request : REQ_NONE;
	struct kl_error err;

	courselist_read(&list, app);
	home->count = 0;
	add_due(home, app, &list);
	/* what is solved is not what one wants to go on with: then the next one comes first */
	if (last == SIZE_MAX)
		add_challenge(home, app, REQ_CONTINUE, "Start here", next_index(app));
	else if (kl_catalogue_at(app_catalogue(app), last)->state != KL_COMPLETED)
		add_challenge(home, app, REQ_CONTINUE, "Continue", last);
	if (last != SIZE_MAX && next_index(app) != last)
		add_challenge(home, app, REQ_NEXT_CHALLENGE, "Next", next_index(app));
	add_challenge(home, app, REQ_DAILY, "Today", daily_index(app));
	add_class(home, &list);
	courselist_release(&list);
	add_row(home, REQ_BROWSE, "Browse", "");
	add_row(home, REQ_PLAYGROUND, "Playground", "");
	add_row(home, REQ_PROGRESS, "Progress", "");
	add_row(home, REQ_HISTORY, "History", "");
	add_row(home, REQ_SETTINGS, "Settings", "");
	add_row(home, REQ_HELP, "Help", "");
	add_row(home, REQ_QUIT, "Quit", "");
	mark_again(home, marked);
	if (home->has_stats)
		kl_stats_release(&home->stats);
	home->has_stats =
		app->store && kl_stats_read(&home->stats, app->store, app_catalogue(app), &app->clock, &err) == KL_OK;
	describe_class(home, app);
	if (app->ready) /* somebody may have logged in from another window */
		classwork_start(app);
	if (level_is_open(home, app))
		kl_loop_add_timer(app->loop, 0, ask_level, app);
}

static enum kl_status open_home(struct pane *pane, const void *arg, struct kl_error *err)
{
	(void)arg;
	(void)err;
	refresh_home(pane);
	return KL_OK;
}

static void close_home(struct pane *pane)
{
	struct home *home = pane->state;

	if (home->has_stats)
		kl_stats_release(&home->stats);
}

/* ---- drawing ---- */

static void draw_row(const struct home *home, const struct app *app, struct canvas *canvas, size_t i, int y, int cols)
{
	const struct home_row *row = &home->rows[i];
	char keys[KEYS_NAME_MAX];
	bool chosen = i == home->scroll.selected;
	enum role role = chosen ? ROLE_SELECTED : ROLE_TEXT;

	canvas_fill(canvas, (struct rect){ y, 1, 1, cols - 1 }, role);
	canvas_str_cut(canvas, y, 2, chosen ? role : ROLE_STRONG, row->label, LABEL_COLS - 3);
	canvas_str_cut(canvas, y, LABEL_COLS, role, row->what[0] ? row->what : request_info(row->request)->help,
		       cols - LABEL_COLS - 6);
	keymap_name(keys, app->keymap, SCOPE_VIEW, row->request);
	canvas_str(canvas, y, cols - 1 - (int)strlen(keys), chosen ? role : ROLE_HINT_KEY, keys);
}

static void draw_stats(const struct home *home, struct canvas *canvas, int y, int x)
{
	const struct kl_stats *stats = &home->stats;
	int filled = stats->total ? stats->completed * (STATS_COLS - 4) / stats->total : 0;

	canvas_printf(canvas, y, x, ROLE_STRONG, "%d of %d solved", stats->completed, stats->total);
	for (int i = 0; i < STATS_COLS - 4; i++)
		canvas_symbol(canvas, y + 1, x + i, i < filled ? ROLE_BAR : ROLE_BAR_REST,
			      i < filled ? SYMBOL_BLOCK : SYMBOL_SHADE);
	canvas_printf(canvas, y + 3, x, stats->streak ? ROLE_STREAK : ROLE_DIM, "Streak: %d day%s", stats->streak,
		      stats->streak == 1 ? "" : "s");
	canvas_printf(canvas, y + 4, x, ROLE_DIM, "Longest: %d", stats->longest_streak);
	canvas_printf(canvas, y + 5, x, ROLE_DIM, "Attempts: %d", stats->attempts);
}

static void draw_home(struct pane *pane, struct canvas *canvas)
{
	struct home *home = pane->state;
	bool beside = canvas->cols >= 100 && home->has_stats;
	int cols = beside ? canvas->cols - STATS_COLS - 2 : canvas->cols - 1;
	int first = canvas->rows > (int)home->count + FIRST_ROW + 1 ? FIRST_ROW : 0;

	if (first > 0)
		canvas_str_cut(canvas, 0, 2, ROLE_HEADING, "What shall it be?", canvas->cols - 4);
	home->scroll.rows = canvas->rows - first;
	scroll_keep(&home->scroll, home->count);
	for (int y = 0; y < home->scroll.rows && home->scroll.top + (size_t)y < home->count; y++)
		draw_row(home, pane->app, canvas, home->scroll.top + (size_t)y, first + y, cols);
	if (home->class[0] && canvas->rows > first + (int)home->count + 1)
		canvas_str_cut(canvas, canvas->rows - 1, 2, ROLE_DIM, home->class, canvas->cols - 4);
	if (beside)
		draw_stats(home, canvas, first, canvas->cols - STATS_COLS);
	else if (home->has_stats && canvas->rows > first + (int)home->count + 7)
		draw_stats(home, canvas, first + (int)home->count + 1, 2);
}

static enum request home_request(struct pane *pane, enum request request)
{
	struct home *home = pane->state;

	if (request == REQ_SELECT && home->count > 0)
		return home->rows[home->scroll.selected].request;
	return scroll_list(&home->scroll, home->count, request) ? REQ_NONE : request;
}

static bool home_mouse(struct pane *pane, const struct mouse *mouse)
{
	struct home *home = pane->state;
	int first = home->scroll.rows > (int)home->count + 1 ? FIRST_ROW : 0;
	size_t row = home->scroll.top + (size_t)(mouse->y - first);

	if (mouse->kind == MOUSE_WHEEL) {
		scroll_list_by(&home->scroll, home->count, mouse->wheel);
		return true;
	}
	if (mouse->kind != MOUSE_PRESS || mouse->y < first || row >= home->count)
		return false;
	home->scroll.selected = row;
	app_request(pane->app, home->rows[row].request);
	return true;
}

static void home_title(struct pane *pane, char *text, size_t size)
{
	(void)pane;
	snprintf(text, size, "KodeLab");
}

const struct pane_ops home_ops = {
	.name = "KodeLab",
	.scope = SCOPE_VIEW,
	.state_size = sizeof(struct home),
	.open = open_home,
	.draw = draw_home,
	.request = home_request,
	.mouse = home_mouse,
	.title = home_title,
	.hints = home_hints,
	.refresh = refresh_home,
	.close = close_home,
};
