/*
 * Where programs run: this machine's sandbox and the judges elsewhere, the marked one described below. A test of one is
 * asked over the network while everything else goes on.
 */
#include "judges_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/language.h>
#include <kodelab/sandbox.h>

#include "tui/app_int.h"
#include "tui/judges.h"
#include "tui/ui/canvas.h"
#include "tui/ui/mouse.h"

enum { CELLS = 5, WHY_ROWS_MAX = 3, ROOMY_ROWS = 16, VIEWER_COLS = 90 };
enum { DO_CHOOSE, DO_AUTO, DO_ANY, DO_TEST, DO_LANGUAGES, DO_ABOUT, DO_KEY, DO_REMOVE, DO_ADD, DO_NOTHING };

/* --- reading ------------------------------------------------------------------------------------------------------ */

static void read_keys(struct judge_row *row, struct app *app)
{
	row->key_count = 0;
	if (!app->keyring.pool || kl_keypool_totals(&row->keys, app->keyring.pool, row->name, "", NULL))
		return;
	for (int state = 0; state < KL_KEY_STATE_COUNT; state++)
		row->key_count += row->keys.keys[state];
}

void judges_read(struct pane *pane)
{
	struct judges *judges = pane->state;
	const struct kl_instances *registry = pane->app->elsewhere.instances;
	size_t count = kl_instances_count(registry);

	free(judges->rows);
	judges->rows = kl_calloc(count + 1, sizeof(*judges->rows));
	judges->count = count + 1;
	for (size_t i = 0; i < count; i++) {
		struct judge_row *row = &judges->rows[i + 1];

		snprintf(row->name, sizeof(row->name), "%s", kl_instance_spec(kl_instances_at(registry, i))->name);
		read_keys(row, pane->app);
	}
	if (judges->scroll.selected >= judges->count)
		judges->scroll.selected = judges->count - 1;
	judges->about_cols = 0;
	app_dirty(pane->app);
}

bool judges_elsewhere(const struct app *app)
{
	return kl_instances_count(app->elsewhere.instances) > 0;
}

bool judges_is_chosen(const struct pane *pane, const char *name)
{
	const struct judges *judges = pane->state;
	const char *choice = kl_config_string(pane->app->config, "judge");
	bool weak = judges->here.known && judges->here.level == KL_SANDBOX_RLIMITS && judges_elsewhere(pane->app);

	if (strcmp(choice, "auto") == 0)
		return *name ? weak : !weak;
	if (strcmp(choice, "judge0") == 0)
		return *name;
	return strcmp(choice, *name ? name : "local") == 0;
}

static const struct judge_row *marked(const struct judges *judges)
{
	return &judges->rows[judges->scroll.selected];
}

static enum kl_status open_judges(struct pane *pane, const void *arg, struct kl_error *err)
{
	enum kl_status status = app_judges(pane->app, err);

	(void)arg;
	if (status)
		return status;
	judges_read(pane);
	if (pane->app->elsewhere.no_keys.status)
		app_say_error(pane->app, &pane->app->elsewhere.no_keys);
	return KL_OK;
}

static void close_judges(struct pane *pane)
{
	struct judges *judges = pane->state;

	if (judges->asking) {
		judges->asking->pane = NULL;
		kl_instance_cancel(judges->asking->ask);
	}
	lines_clear(&judges->about);
	free(judges->rows);
}

/* --- asking one --------------------------------------------------------------------------------------------------- */

static void asked(void *ctx, struct kl_instance *judge, const struct kl_error *error)
{
	struct judge_asking *asking = ctx;
	struct pane *pane = asking->pane;
	struct judges *judges;
	char answer[256];

	free(asking);
	if (!pane)
		return;
	judges = pane->state;
	judges->asking = NULL;
	judges->failed[0] = '\0';
	judges_read(pane);
	if (error->status == KL_ECANCELED) {
		app_say(pane->app, ROLE_INFO, "Stopped.");
	} else if (error->status) {
		snprintf(judges->failed, sizeof(judges->failed), "%s", kl_instance_spec(judge)->name);
		snprintf(judges->failure, sizeof(judges->failure), "%.*s", (int)sizeof(judges->failure) - 1,
			 error->message);
		app_say(pane->app, ROLE_ERROR, "%s does not work: its line 'Tested' says why.", judges->failed);
	} else {
		judges_answer(answer, sizeof(answer), judge);
		app_say(pane->app, ROLE_SUCCESS, "%s", answer);
		keeper_wake(pane->app);
	}
}

static void ask_now(struct pane *pane)
{
	struct judges *judges = pane->state;
	struct kl_instance *judge = kl_instances_find(pane->app->elsewhere.instances, judges->to_ask);
	struct judge_asking *asking;
	struct kl_error err;

	judges->to_ask[0] = '\0';
	if (!judge)
		return;
	asking = kl_calloc(1, sizeof(*asking));
	asking->pane = pane;
	if (kl_instance_probe(&asking->ask, judge, asked, asking, &err)) {
		free(asking);
		app_say_error(pane->app, &err);
		return;
	}
	judges->asking = asking;
}

void judges_ask(struct pane *pane, const char *name)
{
	struct judges *judges = pane->state;

	if (!*name) {
		app_say(pane->app, ROLE_INFO, "This machine needs no asking: what it can do stands below.");
		return;
	}
	if (judges->asking) {
		app_say(pane->app, ROLE_INFO, "A judge is being asked already. Esc stops it.");
		return;
	}
	snprintf(judges->to_ask, sizeof(judges->to_ask), "%s", name);
	app_say(pane->app, ROLE_RUNNING, "Asking %s... Esc stops it.", name);
}

static void look_here(struct pane *pane)
{
	struct judges *judges = pane->state;
	struct judge_here *here = &judges->here;

	here->advice = "";
	here->level = kl_judge_sandbox_level(pane->app->judge, &here->advice);
	for (size_t i = 0; i < kl_language_count(); i++)
		here->languages += kl_language_ready(kl_language_at(i), NULL, 0);
	here->known = true;
	judges->about_cols = 0;
}

static bool work_judges(struct pane *pane)
{
	struct judges *judges = pane->state;

	if (!judges->here.known)
		look_here(pane);
	else if (judges->to_ask[0])
		ask_now(pane);
	else
		return false;
	return true;
}

/* --- drawing ------------------------------------------------------------------------------------------------------ */

static void draw_cells(struct canvas *canvas, int y, const char *const cells[CELLS], const enum role roles[CELLS])
{
	static const int widths[CELLS] = { 16, 22, 24, 11, 20 };
	static const int least[CELLS] = { 0, 0, 62, 72, 92 }; /* columns of the window, to be shown at all */
	int x = 3;

	for (int i = 0; i < CELLS && canvas->cols >= least[i]; i++) {
		int room = canvas->cols - x - 1;

		canvas_str_cut(canvas, y, x, roles[i], cells[i], room < widths[i] - 1 ? room : widths[i] - 1);
		x += widths[i];
	}
}

static void draw_columns(struct canvas *canvas, int y)
{
	static const char *const names[CELLS] = { "Judge", "State", "Where", "Languages", "Answers in" };
	static const enum role roles[CELLS] = { ROLE_COLUMN, ROLE_COLUMN, ROLE_COLUMN, ROLE_COLUMN, ROLE_COLUMN };

	draw_cells(canvas, y, names, roles);
}

static void draw_here(const struct judge_here *here, struct canvas *canvas, int y)
{
	static const char *const states[] = { [KL_SANDBOX_CGROUP] = "good",
					      [KL_SANDBOX_NAMESPACES] = "good",
					      [KL_SANDBOX_LANDLOCK] = "weaker walls",
					      [KL_SANDBOX_RLIMITS] = "no walls" };
	enum role state = here->known && here->level >= KL_SANDBOX_LANDLOCK ? ROLE_WARNING : ROLE_TEXT;
	char languages[32] = "";

	if (here->known)
		snprintf(languages, sizeof(languages), "%zu", here->languages);
	draw_cells(canvas, y,
		   (const char *const[CELLS]){ "this machine", here->known ? states[here->level] : "being tried",
					       "here", languages, "" },
		   (const enum role[CELLS]){ ROLE_TEXT, state, ROLE_DIM, ROLE_TEXT, ROLE_TEXT });
}

/* How it stands, the most urgent first. */
static enum role state_of(char *state, size_t size, const struct judges *judges, const struct kl_instance *judge,
			  const struct judge_row *row)
{
	struct kl_instance_health health;

	kl_instance_health(&health, judge);
	judges_state(state, size, judge);
	if (health.breaker != KL_BREAKER_CLOSED)
		return ROLE_WARNING;
	if (*health.warning)
		snprintf(state, size, "unsafe version");
	else if (kl_instance_kind(judge)->needs_key && !row->key_count)
		snprintf(state, size, "wants a key");
	else if (strcmp(judges->failed, row->name) == 0)
		snprintf(state, size, "does not work");
	else
		return health.probed_ms ? ROLE_TEXT : ROLE_DIM;
	return ROLE_WARNING;
}

static void draw_elsewhere(const struct judges *judges, struct canvas *canvas, int y, const struct kl_instance *judge,
			   const struct judge_row *row)
{
	char state[80], host[160], languages[32] = "", latency[24] = "";
	enum role role = state_of(state, sizeof(state), judges, judge, row);
	struct kl_instance_health health;
	size_t count;

	kl_instance_health(&health, judge);
	judges_host(host, sizeof(host), judge);
	(void)kl_instance_languages(judge, &count);
	if (health.probed_ms) {
		snprintf(languages, sizeof(languages), "%zu", count);
		judges_latency(latency, sizeof(latency), &health);
	}
	draw_cells(canvas, y,
		   (const char *const[CELLS]){ kl_instance_spec(judge)->name, state, host, languages, latency },
		   (const enum role[CELLS]){ ROLE_TEXT, role, ROLE_DIM, ROLE_TEXT, ROLE_TEXT });
}

static void draw_row(struct pane *pane, struct canvas *canvas, int y, const struct judge_row *row)
{
	const struct kl_instance *judge = kl_instances_find(pane->app->elsewhere.instances, row->name);

	if (!*row->name)
		draw_here(&((struct judges *)pane->state)->here, canvas, y);
	else if (judge)
		draw_elsewhere(pane->state, canvas, y, judge, row);
	if (judges_is_chosen(pane, row->name))
		canvas_symbol(canvas, y, 1, ROLE_SUCCESS, SYMBOL_RUNNING);
}

/* In a low window its first sentence. */
static int draw_why(struct pane *pane, struct canvas *canvas)
{
	char why[256], *end;

	judges_why(why, sizeof(why), pane);
	end = canvas->rows < ROOMY_ROWS ? strstr(why, ". ") : NULL;
	if (end)
		end[1] = '\0';
	return canvas_wrapped(canvas, (struct rect){ 0, 1, WHY_ROWS_MAX, canvas->cols - 2 }, ROLE_TEXT, why);
}

/* The marked one, below the list: as much of it as there is room for; Enter shows all. */
static void draw_about(struct pane *pane, struct canvas *canvas)
{
	struct judges *judges = pane->state;

	if (judges->about_cols != canvas->cols) {
		lines_clear(&judges->about);
		judges_about(&judges->about, pane, marked(judges), canvas->cols);
		judges->about_cols = canvas->cols;
	}
	lines_draw(&judges->about, canvas, 0, 0, (size_t)-1);
	if (judges->about.count > (size_t)canvas->rows)
		canvas_symbol(canvas, canvas->rows - 1, canvas->cols - 1, ROLE_SCROLLBAR, SYMBOL_ARROW_DOWN);
}

static void draw_judges(struct pane *pane, struct canvas *canvas)
{
	struct judges *judges = pane->state;
	bool roomy = canvas->rows >= ROOMY_ROWS;
	int y = draw_why(pane, canvas) + roomy, room = (canvas->rows - y) / 2;
	struct canvas about;

	if (roomy)
		draw_columns(canvas, y++);
	judges->list_y = y;
	judges->cols = canvas->cols;
	judges->scroll.rows = (int)judges->count < room ? (int)judges->count : room;
	scroll_keep(&judges->scroll, judges->count);
	for (int i = 0; i < judges->scroll.rows && judges->scroll.top + (size_t)i < judges->count; i++) {
		size_t at = judges->scroll.top + (size_t)i;

		draw_row(pane, canvas, y + i, &judges->rows[at]);
		if (at == judges->scroll.selected)
			canvas_ground(canvas, (struct rect){ y + i, 0, 1, canvas->cols }, ROLE_SELECTED);
	}
	y += judges->scroll.rows + roomy;
	canvas_hline(canvas, y++, 0, canvas->cols, ROLE_BORDER);
	about = canvas_sub(canvas, (struct rect){ y, 1, canvas->rows - y, canvas->cols - 2 });
	draw_about(pane, &about);
}

/* --- doing -------------------------------------------------------------------------------------------------------- */

static void choose(struct pane *pane, const char *choice)
{
	struct app *app = pane->app;
	struct kl_error err;

	if (kl_config_set(app->config, "judge", choice, &err))
		app_say_error(app, &err);
	else
		app_say(app, ROLE_SUCCESS, "The next run goes there.");
}

static void show_about(struct pane *pane)
{
	struct judges *judges = pane->state;
	struct lines lines = { .items = NULL };
	char *title = kl_format(" %s ", *judges->name ? judges->name : "This machine");

	for (size_t i = 0; i < judges->count; i++)
		if (strcmp(judges->rows[i].name, judges->name) == 0)
			judges_about(&lines, pane, &judges->rows[i],
				     judges->cols > VIEWER_COLS ? VIEWER_COLS - 8 : judges->cols - 4);
	viewer_open(pane->app, title, &lines);
	free(title);
	lines_clear(&lines);
}

static void remove_judge(struct pane *pane)
{
	struct judges *judges = pane->state;
	struct app *app = pane->app;
	size_t keys = 0;
	struct kl_error err;

	for (size_t i = 0; i < judges->count; i++)
		if (strcmp(judges->rows[i].name, judges->name) == 0)
			keys = judges->rows[i].key_count;
	if (kl_instances_remove(app->elsewhere.instances, judges->name, &err))
		app_say_error(app, &err);
	else if (keys)
		app_say(app, ROLE_WARNING, "Removed. Its key%s kept: K shows, and shreds.",
			keys == 1 ? " is" : "s are");
	else
		app_say(app, ROLE_SUCCESS, "Removed.");
	judges_read(pane);
}

static void removal_chosen(struct app *app, void *ctx, intptr_t action)
{
	(void)app;
	if (action == DO_REMOVE)
		remove_judge(ctx);
}

static void ask_remove(struct pane *pane)
{
	struct judges *judges = pane->state;
	const struct menu_item items[] = {
		{ .label = "No, keep it", .value = DO_NOTHING },
		{ .label = "Yes, remove it and its figures", .value = DO_REMOVE },
	};
	char *title = kl_format(" Remove %s? ", judges->name);

	menu_open(pane->app, title, items, KL_LENGTH(items), DO_NOTHING, removal_chosen, pane);
	free(title);
}

static void act(struct app *app, void *ctx, intptr_t action)
{
	struct pane *pane = ctx;
	struct judges *judges = pane->state;

	(void)app;
	if (action == DO_CHOOSE)
		choose(pane, *judges->name ? judges->name : "local");
	else if (action == DO_AUTO)
		choose(pane, "auto");
	else if (action == DO_ANY)
		choose(pane, "judge0");
	else if (action == DO_TEST)
		judges_ask(pane, judges->name);
	else if (action == DO_LANGUAGES)
		judges_show_languages(pane, judges->name);
	else if (action == DO_ABOUT)
		show_about(pane);
	else if (action == DO_KEY)
		judges_key_form(pane);
	else if (action == DO_REMOVE)
		ask_remove(pane);
	else if (action == DO_ADD)
		judges_form(pane);
}

static void ask_action(struct pane *pane)
{
	struct judges *judges = pane->state;
	struct menu_item items[DO_NOTHING];
	const bool here = !*judges->name;
	size_t count = 0;
	char *title = kl_format(" %s ", here ? "This machine" : judges->name);

	items[count++] =
		(struct menu_item){ .label = here ? "Run all programs on this machine" : "Run all programs there",
				    .value = DO_CHOOSE };
	items[count++] = (struct menu_item){ .label = "Let the lab choose", .note = "auto", .value = DO_AUTO };
	if (!here) {
		items[count++] = (struct menu_item){ .label = "Run on any judge elsewhere", .value = DO_ANY };
		items[count++] = (struct menu_item){ .label = "Test it", .value = DO_TEST };
		items[count++] = (struct menu_item){ .label = "Its languages", .value = DO_LANGUAGES };
	}
	items[count++] = (struct menu_item){ .label = "Details", .value = DO_ABOUT };
	if (!here) {
		items[count++] = (struct menu_item){ .label = "Give it a key", .value = DO_KEY };
		items[count++] = (struct menu_item){ .label = "Remove it", .value = DO_REMOVE };
	} else {
		items[count++] = (struct menu_item){ .label = "Add a judge elsewhere", .value = DO_ADD };
	}
	menu_open(pane->app, title, items, count, -1, act, pane);
	free(title);
}

static void note_marked(struct judges *judges)
{
	memcpy(judges->name, marked(judges)->name, sizeof(judges->name));
}

static bool stop_asking(struct judges *judges)
{
	bool asks = judges->asking || judges->to_ask[0];

	judges->to_ask[0] = '\0';
	if (judges->asking)
		kl_instance_cancel(judges->asking->ask);
	return asks;
}

static enum request judges_request(struct pane *pane, enum request request)
{
	struct judges *judges = pane->state;
	size_t before = judges->scroll.selected;

	note_marked(judges);
	if (request == REQ_SELECT)
		ask_action(pane);
	else if (request == REQ_ADD)
		judges_form(pane);
	else if (request == REQ_TEST)
		judges_ask(pane, judges->name);
	else if (request == REQ_REMOVE && *judges->name)
		ask_remove(pane);
	else if (request == REQ_REMOVE)
		app_say(pane->app, ROLE_INFO, "This machine stays.");
	else if ((request != REQ_BACK && request != REQ_CANCEL) || !stop_asking(judges)) {
		if (!scroll_list(&judges->scroll, judges->count, request))
			return request;
	}
	if (judges->scroll.selected != before)
		judges->about_cols = 0;
	return REQ_NONE;
}

static bool judges_mouse(struct pane *pane, const struct mouse *mouse)
{
	struct judges *judges = pane->state;
	size_t row = judges->scroll.top + (size_t)(mouse->y - judges->list_y), before = judges->scroll.selected;

	if (mouse->kind == MOUSE_WHEEL)
		scroll_list_by(&judges->scroll, judges->count, mouse->wheel);
	else if (mouse->kind != MOUSE_PRESS || mouse->y < judges->list_y || row >= judges->count ||
		 mouse->y >= judges->list_y + judges->scroll.rows)
		return false;
	else if (row == before)
		return judges_request(pane, REQ_SELECT) == REQ_NONE;
	else
		judges->scroll.selected = row;
	judges->about_cols = 0;
	return true;
}

static const enum request judges_hints[] = { REQ_SELECT, REQ_ADD,  REQ_TEST, REQ_REMOVE, REQ_JUDGE_STATS,
					     REQ_KEYS,   REQ_BACK, REQ_HELP, REQ_NONE };

const struct pane_ops judges_ops = {
	.name = "Judges: where programs run",
	.scope = SCOPE_VIEW,
	.state_size = sizeof(struct judges),
	.open = open_judges,
	.draw = draw_judges,
	.request = judges_request,
	.mouse = judges_mouse,
	.hints = judges_hints,
	.work = work_judges,
	.refresh = judges_read,
	.close = close_judges,
};
