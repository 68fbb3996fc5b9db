/* Settings: the option table, a title each, with explanation and name below. Enter changes: switches turn, others ask. */
#include "screens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>

#include "tui/setting.h"
#include "tui/ui/canvas.h"
#include "tui/ui/mouse.h"
#include "tui/ui/scroll.h"

enum { TITLE_COLS = 30, NARROW_COLS = 60, HELP_ROWS = 3, CHOICES_MAX = 32 };

struct settings {
	struct scroll scroll;
};

static const enum request settings_hints[] = { REQ_SELECT, REQ_REMOVE, REQ_BACK, REQ_HELP, REQ_NONE };

static const struct kl_option *chosen_option(const struct settings *settings)
{
	return kl_option_at(settings->scroll.selected);
}

/* What the option is called in the file, and what it may be. */
static void draw_facts(const struct kl_option *option, struct canvas *canvas, int y, bool is_default)
{
	char facts[256];

	snprintf(facts, sizeof(facts), "%s: by default %s%s%s%s", option->name,
		 *option->initial ? option->initial : "not set", is_default ? "" : " (Delete takes it)",
		 option->choices ? ", may be " : "", option->choices ? option->choices : "");
	canvas_str_cut(canvas, y, 2, ROLE_DIM, facts, canvas->cols - 4);
}

static void draw_row(const struct pane *pane, struct canvas *canvas, int y, const struct kl_option *option, int title)
{
	const char *value = kl_config_string(pane->app->config, option->name);
	bool is_default = kl_config_is_default(pane->app->config, option->name);

	canvas_str_cut(canvas, y, 2, ROLE_TEXT, option->title, title - 3);
	canvas_str_cut(canvas, y, title, is_default ? ROLE_DIM : ROLE_STRONG,
		       option->secret && *value ? "********"
		       : *value                 ? value
						: "(not set)",
		       canvas->cols - title - 1);
}

static void draw_settings(struct pane *pane, struct canvas *canvas)
{
	struct settings *settings = pane->state;
	const struct kl_option *chosen;
	bool narrow = canvas->cols <= NARROW_COLS;
	int title = narrow ? canvas->cols * 2 / 3 : TITLE_COLS;
	int help = narrow && canvas->rows >= 10 ? HELP_ROWS + 1 : HELP_ROWS, line = canvas->rows - help;

	settings->scroll.rows = line;
	scroll_keep(&settings->scroll, kl_option_count());
	for (int y = 0; y < settings->scroll.rows && settings->scroll.top + (size_t)y < kl_option_count(); y++) {
		size_t row = settings->scroll.top + (size_t)y;

		draw_row(pane, canvas, y, kl_option_at(row), title);
		if (row == settings->scroll.selected)
			canvas_ground(canvas, (struct rect){ y, 0, 1, canvas->cols }, ROLE_SELECTED);
	}
	chosen = chosen_option(settings);
	canvas_hline(canvas, line, 0, canvas->cols, ROLE_BORDER);
	canvas_wrapped(canvas, (struct rect){ line + 1, 2, help - 2, canvas->cols - 4 }, ROLE_TEXT, chosen->help);
	draw_facts(chosen, canvas, canvas->rows - 1, kl_config_is_default(pane->app->config, chosen->name));
}

static void set(struct app *app, const struct kl_option *option, const char *value)
{
	struct kl_error err;

	if (setting_check(&app->paths, option, value, &err))
		app_say_error(app, &err);
	else if (strcmp(option->name, "theme") == 0)
		app_set_theme(app, value);
	else if (kl_config_set(app->config, option->name, value, &err))
		app_say_error(app, &err);
	else
		app_say(app, ROLE_SUCCESS, "Kept. Open screens may need to be opened again to see it.");
}

static void typed(struct app *app, void *ctx, const char *text)
{
	set(app, ctx, text);
}

/* The n-th word of choices into word; false: there are not so many. */
static bool nth_choice(const char *choices, int n, char *word, size_t size)
{
	for (; *choices; choices += strcspn(choices, " "), choices += *choices == ' ') {
		size_t len = strcspn(choices, " ");

		if (n-- == 0) {
			snprintf(word, size, "%.*s", (int)len, choices);
			return true;
		}
	}
	return false;
}

static void chose(struct app *app, void *ctx, intptr_t value)
{
	const struct kl_option *option = ctx;
	char word[64];

	if (nth_choice(option->choices, (int)value, word, sizeof(word)))
		set(app, option, word);
}

static void ask_choice(struct app *app, const struct kl_option *option)
{
	struct menu_item items[CHOICES_MAX];
	char words[CHOICES_MAX][64];
	size_t count = 0;
	intptr_t now = -1;

	while (count < CHOICES_MAX && nth_choice(option->choices, (int)count, words[count], sizeof(words[count]))) {
		items[count] = (struct menu_item){ .label = words[count], .value = (intptr_t)count };
		if (strcmp(words[count], kl_config_string(app->config, option->name)) == 0)
			now = (intptr_t)count;
		count++;
	}
	menu_open(app, option->title, items, count, now, chose, (void *)(uintptr_t)option);
}

static void change(struct pane *pane)
{
	const struct kl_option *option = chosen_option(pane->state);
	struct app *app = pane->app;
	char *title;

	switch (option->type) {
	case KL_OPTION_BOOL:
		set(app, option, kl_config_bool(app->config, option->name) ? "false" : "true");
		break;
	case KL_OPTION_CHOICE:
		ask_choice(app, option);
		break;
	case KL_OPTION_INT:
	case KL_OPTION_STRING:
		title = kl_format("%s:", option->title);
		prompt_open(app, title, option->secret ? "" : kl_config_string(app->config, option->name), typed,
			    (void *)(uintptr_t)option);
		free(title);
		break;
	}
}

static void unset(struct pane *pane)
{
	const struct kl_option *option = chosen_option(pane->state);
	struct kl_error err;

	if (kl_config_unset(pane->app->config, option->name, &err))
		app_say_error(pane->app, &err);
	else
		app_say(pane->app, ROLE_INFO, "%s: the default again.", option->title);
}

static enum request settings_request(struct pane *pane, enum request request)
{
	struct settings *settings = pane->state;

	if (request == REQ_SELECT)
		change(pane);
	else if (request == REQ_REMOVE)
		unset(pane);
	else if (!scroll_list(&settings->scroll, kl_option_count(), request))
		return request;
	return REQ_NONE;
}

static bool settings_mouse(struct pane *pane, const struct mouse *mouse)
{
	struct settings *settings = pane->state;
	size_t row = settings->scroll.top + (size_t)mouse->y;

	if (mouse->kind == MOUSE_WHEEL) {
		scroll_list_by(&settings->scroll, kl_option_count(), mouse->wheel);
	} else if (mouse->kind == MOUSE_PRESS && mouse->y < settings->scroll.rows && row < kl_option_count()) {
		bool again = settings->scroll.selected == row;

		settings->scroll.selected = row;
		if (again)
			change(pane);
	}
	return true;
}

const struct pane_ops settings_ops = {
	.name = "Settings",
	.scope = SCOPE_VIEW,
	.state_size = sizeof(struct settings),
	.draw = draw_settings,
	.request = settings_request,
	.mouse = settings_mouse,
	.hints = settings_hints,
};
