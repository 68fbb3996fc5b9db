/* The scene of the editor's cases: see editor_scene.h. Its tables say which options, steps and checks there are. */
#include "tests/unit/editor_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>

#include "tui/term/picture.h"
#include "tui/ui/canvas.h"
#include "tui/ui/key.h"
#include "tui/ui/mouse.h"

#define CURSOR "¦"
#define ANCHOR "§"

enum { ARGS_MAX = 4 };

/* ---- the host -------------------------------------------------------------------------------------------------- */

static void host_copy(void *ctx, const char *text, size_t len)
{
	struct scene *scene = ctx;

	free(scene->clipboard);
	scene->clipboard = kl_strndup(text, len);
	scene->clipboard_len = len;
}

static const char *host_clipboard(void *ctx, size_t *len)
{
	struct scene *scene = ctx;

	*len = scene->clipboard_len;
	return scene->clipboard ? scene->clipboard : "";
}

static void host_say(void *ctx, bool bad, const char *sentence)
{
	struct scene *scene = ctx;

	(void)bad;
	snprintf(scene->said, sizeof(scene->said), "%s", sentence);
}

/* What the editor draws into the last frame makes the same picture as all of it drawn anew. */
static void compare_redrawn(const struct scene *scene, const struct grid *redrawn)
{
	const struct grid *grid = &scene->grid;

	for (int y = 0; y < grid->rows; y++)
		for (int x = 0; x < grid->cols; x++)
			if (!cell_same(grid_cell(grid, y, x), grid_cell(redrawn, y, x)))
				fail_msg("%s: drawn again, the cell in row %d, column %d is another", scene->file, y,
					 x);
	assert_int_equal(redrawn->cursor_y, grid->cursor_y);
	assert_int_equal(redrawn->cursor_x, grid->cursor_x);
}

static void draw(struct scene *scene)
{
	struct canvas canvas = grid_canvas(&scene->grid);
	struct grid redrawn;
	bool again;

	scene->grid.cursor_y = scene->grid.cursor_x = -1;
	again = scene->drawn && editor_redraw(scene->editor, &canvas);
	redrawn = scene->grid;
	redrawn.cells = kl_alloc((size_t)redrawn.rows * (size_t)redrawn.cols * sizeof(*redrawn.cells) + 1);
	memcpy(redrawn.cells, scene->grid.cells, (size_t)redrawn.rows * (size_t)redrawn.cols * sizeof(*redrawn.cells));
	grid_clear(&scene->grid);
	editor_draw(scene->editor, &canvas, true);
	if (again)
		compare_redrawn(scene, &redrawn);
	scene->drawn = true;
	free(redrawn.cells);
	while (editor_work(scene->editor))
		;
}

/* ---- reading --------------------------------------------------------------------------------------------------- */

static int hex(char digit)
{
	return digit <= '9' ? digit - '0' : (digit | 32) - 'a' + 10;
}

/* Bytes for what is written: *at moves behind them. */
static void read_escape(const char **at, struct kl_buf *out)
{
	static const char letters[] = "n\nr\rt\t\\\\\"\"";
	const char *letter = strchr(letters, **at);

	if (**at == 'x') {
		kl_buf_add_char(out, (char)(hex((*at)[1]) * 16 + hex((*at)[2])));
		*at += 3;
		return;
	}
	if (!letter)
		fail_msg("there is no escape \\%c", **at);
	kl_buf_add_char(out, letter[1]);
	(*at)++;
}

void scene_text(const char *from, const char *end, struct kl_buf *out)
{
	while (from < end) {
		if (*from == '\\') {
			from++;
			read_escape(&from, out);
		} else {
			kl_buf_add_char(out, *from++);
		}
	}
}

/* Takes a mark out of the text; its offset, or -1. */
static ptrdiff_t take_mark(struct kl_buf *text, const char *mark)
{
	char *at = memmem(text->data, text->len, mark, strlen(mark));
	ptrdiff_t offset = at ? at - text->data : -1;

	if (!at)
		return -1;
	memmove(at, at + strlen(mark), text->len - (size_t)offset - strlen(mark));
	kl_buf_cut(text, text->len - strlen(mark));
	return offset;
}

/* ---- options --------------------------------------------------------------------------------------------------- */

static void set_language(struct scene *scene, const char *value)
{
	char *path;

	scene->language = kl_language_find(value);
	assert_non_null(scene->language);
	scene->options.indent_width = scene->language->indent.width;
	scene->options.indent_tabs = scene->language->indent.use_tabs;
	path = kl_format("%s/themes/syntax/%s.syntax", scene->share, scene->language->syntax);
	assert_int_equal(kl_syntax_open(&scene->syntax, path, NULL), KL_OK);
	free(path);
}

static void set_size(struct scene *scene, const char *value)
{
	assert_int_equal(sscanf(value, "%dx%d", &scene->rows, &scene->cols), 2);
}

static void set_tab(struct scene *scene, const char *value)
{
	scene->options.tab_width = (int)strtol(value, NULL, 10);
}

static void set_indent(struct scene *scene, const char *value)
{
	scene->options.indent_width = (int)strtol(value, NULL, 10);
}

static void set_flag(struct scene *scene, const char *value)
{
	const struct {
		const char *name;
		bool *flag, on;
	} flags[] = {
		{ "wrap", &scene->options.wrap, true },
		{ "numbers", &scene->options.numbers, true },
		{ "auto-close", &scene->options.auto_close, true },
		{ "indent-tabs", &scene->options.indent_tabs, true },
		{ "no-auto-indent", &scene->options.auto_indent, false },
	};

	for (size_t i = 0; i < KL_LENGTH(flags); i++) {
		if (strcmp(flags[i].name, value) == 0) {
			*flags[i].flag = flags[i].on;
			return;
		}
	}
	fail_msg("there is no option '%s'", value);
}

static const struct {
	const char *name; /* what the word begins with */
	void (*set)(struct scene *scene, const char *value);
} settings[] = {
	{ "language=", set_language }, { "size=", set_size }, { "tab=", set_tab },
	{ "indent=", set_indent },     { "", set_flag },
};

void scene_options(struct scene *scene, char *words)
{
	char *rest = words, *word;

	while ((word = strsep(&rest, " "))) {
		size_t i = 0;

		if (!*word)
			continue;
		while (strncmp(settings[i].name, word, strlen(settings[i].name)) != 0)
			i++;
		settings[i].set(scene, word + strlen(settings[i].name));
	}
}

void scene_begin(struct scene *scene, struct kl_buf *text)
{
	const struct editor_host host = { scene, host_copy, host_clipboard, host_say };
	ptrdiff_t cursor = take_mark(text, CURSOR), anchor = take_mark(text, ANCHOR);

	if (anchor >= 0 && anchor < cursor)
		cursor -= (ptrdiff_t)strlen(ANCHOR);
	scene->text = kl_text_new(text->data, text->len);
	scene->editor = editor_new(scene->text, scene->language, scene->syntax, &scene->options, &host);
	scene->glyphs = glyphs_new();
	grid_init(&scene->grid, scene->glyphs, scene->rows, scene->cols);
	draw(scene);
	editor_set_cursor(scene->editor, cursor < 0 ? 0 : (size_t)cursor);
	if (anchor >= 0) {
		kl_mark_set(scene->editor->anchor, (size_t)anchor);
		scene->editor->selecting = true;
	}
	draw(scene);
}

/* ---- steps ----------------------------------------------------------------------------------------------------- */

struct call { /* name(1, "two"), or name */
	char name[64];
	size_t times;
	struct kl_buf args[ARGS_MAX];
	size_t count;
};

static int number(const struct call *call, size_t index, int otherwise)
{
	return index < call->count ? (int)strtol(call->args[index].data, NULL, 10) : otherwise;
}

static void act_type(struct scene *scene, const struct call *call)
{
	const struct kl_buf *text = &call->args[0];

	for (size_t at = 0; at < text->len;) {
		int code;
		size_t len = kl_utf8_decode(&code, text->data + at, text->len - at);

		editor_insert(scene->editor, text->data + at, len, false);
		draw(scene);
		at += len;
	}
}

static void act_paste(struct scene *scene, const struct call *call)
{
	editor_insert(scene->editor, call->args[0].data, call->args[0].len, true);
}

static void act_clipboard(struct scene *scene, const struct call *call)
{
	host_copy(scene, call->args[0].data, call->args[0].len);
}

static void mouse(struct scene *scene, enum mouse_kind kind, const struct call *call, unsigned mods)
{
	editor_mouse(scene->editor, &(struct mouse){ .kind = kind,
						     .button = MOUSE_LEFT,
						     .y = number(call, 0, 0),
						     .x = number(call, 1, 0),
						     .clicks = number(call, 2, 1),
						     .mods = mods });
}

static void act_press(struct scene *scene, const struct call *call)
{
	mouse(scene, MOUSE_PRESS, call, 0);
}

static void act_shift_press(struct scene *scene, const struct call *call)
{
	mouse(scene, MOUSE_PRESS, call, MOD_SHIFT);
}

static void act_drag(struct scene *scene, const struct call *call)
{
	mouse(scene, MOUSE_DRAG, call, 0);
}

static void act_release(struct scene *scene, const struct call *call)
{
	mouse(scene, MOUSE_RELEASE, call, 0);
}

static void act_wheel(struct scene *scene, const struct call *call)
{
	editor_mouse(scene->editor, &(struct mouse){ .kind = MOUSE_WHEEL, .wheel = number(call, 0, 1) });
}

static void act_goto(struct scene *scene, const struct call *call)
{
	editor_go_to(scene->editor, number(call, 0, 1), number(call, 1, 0));
}

static void act_replace(struct scene *scene, const struct call *call)
{
	editor_replace_all(scene->editor, call->args[0].data, call->args[0].len);
}

static void act_place(struct scene *scene, const struct call *call)
{
	const struct kl_place place = { .line1 = number(call, 0, 1), .message = call->args[1].data };

	editor_set_places(scene->editor, &place, 1);
}

static void act_resize(struct scene *scene, const struct call *call)
{
	grid_release(&scene->grid);
	grid_init(&scene->grid, scene->glyphs, number(call, 0, 1), number(call, 1, 1));
	scene->drawn = false;
}

static void act_saved(struct scene *scene, const struct call *call)
{
	(void)call;
	kl_text_set_saved(scene->text);
}

/* Makes a text that would be too long to write: fill("word ", 1000). */
static void act_fill(struct scene *scene, const struct call *call)
{
	struct kl_buf out;

	kl_buf_init(&out, (size_t)64 << 20);
	for (int i = 0; i < number(call, 1, 1); i++)
		kl_buf_add(&out, call->args[0].data, call->args[0].len);
	editor_replace_all(scene->editor, out.data, out.len);
	kl_buf_release(&out);
}

static const struct {
	const char *name;
	size_t args;
	void (*run)(struct scene *scene, const struct call *call);
} actions[] = {
	{ "type", 1, act_type },
	{ "pasted", 1, act_paste },
	{ "clipboard", 1, act_clipboard },
	{ "press", 2, act_press },
	{ "shift-press", 2, act_shift_press },
	{ "drag", 2, act_drag },
	{ "release", 0, act_release },
	{ "wheel", 1, act_wheel },
	{ "go", 1, act_goto },
	{ "reset", 1, act_replace },
	{ "place", 2, act_place },
	{ "resize", 2, act_resize },
	{ "saved", 0, act_saved },
	{ "fill", 2, act_fill },
};

static void run_call(struct scene *scene, const struct call *call)
{
	enum request request;

	for (size_t i = 0; i < KL_LENGTH(actions); i++) {
		if (strcmp(actions[i].name, call->name) != 0)
			continue;
		if (call->count < actions[i].args)
			fail_msg("%s: %s wants %zu words", scene->file, call->name, actions[i].args);
		actions[i].run(scene, call);
		return;
	}
	if (!request_find(&request, call->name))
		fail_msg("%s: there is no step '%s'", scene->file, call->name);
	scene->answer = editor_request(scene->editor, request);
}

static const char *read_args(struct call *call, const char *at)
{
	while (*at && *at != ')') {
		struct kl_buf *arg = &call->args[call->count++];
		const char *end = at + 1;

		assert_true(call->count <= ARGS_MAX);
		kl_buf_init(arg, TEXT_MAX);
		if (*at == '"') {
			while (*end != '"')
				end += *end == '\\' ? 2 : 1;
			scene_text(at + 1, end++, arg);
		} else {
			end = at + strcspn(at, ",)");
			kl_buf_add(arg, at, (size_t)(end - at));
		}
		at = end + strspn(end, ", ");
	}
	return at + 1;
}

void scene_steps(struct scene *scene, const char *at)
{
	for (at += strspn(at, " "); *at; at += strspn(at, " ")) {
		struct call call = { .times = 1 };
		size_t len = strcspn(at, " (*");

		assert_true(len < sizeof(call.name));
		memcpy(call.name, at, len);
		at += len;
		if (*at == '(')
			at = read_args(&call, at + 1);
		if (*at == '*') {
			char *end;

			call.times = strtoul(at + 1, &end, 10);
			at = end;
		}
		for (size_t i = 0; i < call.times; i++) {
			run_call(scene, &call);
			draw(scene);
		}
		for (size_t i = 0; i < call.count; i++)
			kl_buf_release(&call.args[i]);
	}
}

/* ---- checks ---------------------------------------------------------------------------------------------------- */

static void compare(const struct scene *scene, const char *what, const char *want, const char *is)
{
	if (strcmp(want, is) != 0)
		fail_msg("%s: %s\n--- wanted\n%s\n--- is\n%s\n---", scene->file, what, want, is);
}

static void check_text(const struct scene *scene, const char *want)
{
	const struct editor *editor = scene->editor;
	size_t cursor = editor_cursor(editor), start, end, at = 0;
	struct kl_buf is;

	kl_buf_init(&is, TEXT_MAX);
	if (selection_get(editor, &start, &end)) {
		kl_text_add_to(scene->text, 0, start, &is);
		kl_buf_add_str(&is, cursor == start ? CURSOR : ANCHOR);
		kl_text_add_to(scene->text, start, end - start, &is);
		kl_buf_add_str(&is, cursor == start ? ANCHOR : CURSOR);
		at = end;
	} else {
		kl_text_add_to(scene->text, 0, cursor, &is);
		kl_buf_add_str(&is, CURSOR);
		at = cursor;
	}
	kl_text_add_to(scene->text, at, kl_text_len(scene->text), &is);
	compare(scene, "the text", want, is.data);
	kl_buf_release(&is);
}

static void check_screen(const struct scene *scene, const char *want)
{
	struct kl_buf is;

	kl_buf_init(&is, TEXT_MAX);
	picture_text(&scene->grid, &is);
	while (is.len > 0 && is.data[is.len - 1] == '\n')
		kl_buf_cut(&is, is.len - 1);
	compare(scene, "the screen", want, is.data);
	kl_buf_release(&is);
}

static void check_said(const struct scene *scene, const char *want)
{
	compare(scene, "what was said", want, scene->said);
}

static void check_copied(const struct scene *scene, const char *want)
{
	compare(scene, "the clipboard", want, scene->clipboard ? scene->clipboard : "");
}

static void check_at(const struct scene *scene, const char *want)
{
	size_t line1, column1;
	char is[64];

	editor_position(scene->editor, &line1, &column1);
	snprintf(is, sizeof(is), "%zu:%zu", line1, column1);
	compare(scene, "the cursor", want, is);
}

/* Where the terminal's cursor is: "row column", from 0. */
static void check_cursor(const struct scene *scene, const char *want)
{
	char is[64];

	snprintf(is, sizeof(is), "%d %d", scene->grid.cursor_y, scene->grid.cursor_x);
	compare(scene, "the terminal's cursor", want, is);
}

static void check_scope(const struct scene *scene, const char *want)
{
	compare(scene, "the scope", want, editor_scope(scene->editor) == SCOPE_FIELD ? "field" : "editor");
}

static void check_answer(const struct scene *scene, const char *want)
{
	compare(scene, "the answer", want, request_info(scene->answer)->name);
}

static void check_modified(const struct scene *scene, const char *want)
{
	compare(scene, "modified", want, kl_text_modified(scene->text) ? "yes" : "no");
}

/* "row column role": the cell's, or its ground's */
static void check_role(const struct scene *scene, const char *want)
{
	const struct cell *cell;
	char role[64];
	int y, x;

	assert_int_equal(sscanf(want, "%d %d %63s", &y, &x, role), 3);
	cell = grid_cell(&scene->grid, y, x);
	if (strcmp(role, role_name(cell->role)) != 0)
		compare(scene, "the role", role, role_name(cell->ground));
}

static const struct {
	const char *name;
	void (*check)(const struct scene *scene, const char *want);
} checks[] = {
	{ "becomes", check_text },  { "screen", check_screen },  { "says", check_said },
	{ "copied", check_copied }, { "at", check_at },          { "cursor", check_cursor },
	{ "scope", check_scope },   { "answers", check_answer }, { "modified", check_modified },
	{ "role", check_role },
};

void scene_check(const struct scene *scene, const char *name, const char *want)
{
	for (size_t i = 0; i < KL_LENGTH(checks); i++) {
		if (strcmp(checks[i].name, name) == 0) {
			checks[i].check(scene, want);
			return;
		}
	}
	fail_msg("%s: there is no line '%s:'", scene->file, name);
}

void scene_end(struct scene *scene)
{
	editor_free(scene->editor);
	kl_text_free(scene->text);
	kl_syntax_close(scene->syntax);
	if (scene->glyphs)
		grid_release(&scene->grid);
	glyphs_free(scene->glyphs);
	free(scene->clipboard);
}
