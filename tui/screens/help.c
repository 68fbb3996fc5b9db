/* Help, made from the request table and the keymap: what can be asked, and with which keys. */
#include "screens.h"

#include <kodelab/buf.h>

#include "tui/app_int.h"
#include "tui/courselist.h"
#include "tui/ui/lines.h"
#include "tui/ui/mouse.h"
#include "tui/ui/scroll.h"

struct help {
	struct lines lines;
	struct scroll scroll;
	int cols; /* the lines are wrapped to */
	bool teaches; /* he sees what those who teach can do */
};

enum { KEYS_COLS = 24, TEXT_COLS_MAX = 76, NARROW_COLS = 60 };

static const enum request help_hints[] = { REQ_PAGE_DOWN, REQ_PAGE_UP, REQ_BACK, REQ_NONE };

/* In a narrow window the sentence stands below its keys. */
static void add_request(struct lines *lines, const char *keys, const char *sentence, int cols)
{
	struct line *line = lines_new(lines, 0);

	if (cols < NARROW_COLS) {
		line_printf(line, ROLE_HINT_KEY, "  %s", keys);
		lines_wrapped(lines, 0, ROLE_TEXT, "    ", sentence, cols);
	} else {
		line_printf(line, ROLE_HINT_KEY, "  %-*s", KEYS_COLS, keys);
		line_printf(line, ROLE_TEXT, " %s", sentence);
	}
}

static void add_group(const struct app *app, struct lines *lines, enum request_group group, int cols)
{
	line_str(lines_new(lines, 0), ROLE_HEADING, request_group_name(group));
	for (int i = 0; i < REQ_COUNT; i++) {
		const struct request_info *info = request_info((enum request)i);
		struct kl_buf keys;

		if (info->group != group || !info->help[0])
			continue;
		kl_buf_init(&keys, 512);
		keymap_names(&keys, app->keymap, (enum request)i);
		if (keys.len)
			add_request(lines, keys.data, info->help, cols);
		kl_buf_release(&keys);
	}
	lines_new(lines, 0);
}

static void build(struct help *help, const struct app *app, int cols)
{
	static const char *const intro[] = {
		"Pick a challenge, write code beside its text, run the tests, see what failed and why.",
		"Nothing you type is lost: every keystroke is in a journal. There is no need to save.",
		"C-p finds any command by name. Every key can be changed: see kodelab(1), 'bind'.",
		"In this list C- is Ctrl, M- is Alt (or Esc first), S- is Shift.",
	};

	lines_clear(&help->lines);
	help->cols = cols;
	for (size_t i = 0; i < sizeof(intro) / sizeof(intro[0]); i++)
		lines_wrapped(&help->lines, 0, ROLE_TEXT, "", intro[i], cols < TEXT_COLS_MAX ? cols : TEXT_COLS_MAX);
	lines_new(&help->lines, 0);
	for (int group = 0; group < GROUP_COUNT; group++)
		if (group != GROUP_TEACH || help->teaches)
			add_group(app, &help->lines, (enum request_group)group, cols);
}

static enum kl_status open_help(struct pane *pane, const void *arg, struct kl_error *err)
{
	(void)arg;
	(void)err;
	((struct help *)pane->state)->teaches = courselist_teaches(pane->app);
	return KL_OK;
}

static void close_help(struct pane *pane)
{
	lines_clear(&((struct help *)pane->state)->lines);
}

static void draw_help(struct pane *pane, struct canvas *canvas)
{
	struct help *help = pane->state;
	struct canvas inner = canvas_sub(canvas, (struct rect){ 0, 1, canvas->rows, canvas->cols - 2 });

	if (help->cols != inner.cols)
		build(help, pane->app, inner.cols);
	help->scroll.rows = canvas->rows;
	lines_draw(&help->lines, &inner, help->scroll.top, help->scroll.left, (size_t)-1);
}

static enum request help_request(struct pane *pane, enum request request)
{
	struct help *help = pane->state;

	if (request == REQ_SELECT || request == REQ_HELP)
		app_close(pane->app, pane);
	else if (!scroll_text(&help->scroll, help->lines.count, request))
		return request;
	return REQ_NONE;
}

static bool help_mouse(struct pane *pane, const struct mouse *mouse)
{
	struct help *help = pane->state;

	if (mouse->kind != MOUSE_WHEEL)
		return false;
	scroll_text_by(&help->scroll, help->lines.count, mouse->wheel * 3L);
	return true;
}

const struct pane_ops help_ops = {
	.name = "Help",
	.scope = SCOPE_VIEW,
	.state_size = sizeof(struct help),
	.open = open_help,
	.draw = draw_help,
	.request = help_request,
	.mouse = help_mouse,
	.hints = help_hints,
	.close = close_help,
};
