/* The problem pane: the statement as prose, with the keys it speaks of filled in from the keymap. */
#include "workspace_int.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/catalogue.h>

#include "tui/ui/canvas.h"

enum { TEXT_MAX = 2 << 20 };

/* "{key:run}" becomes the key; the name of the request when it has none. Returns bytes taken of text, 0: no placeholder. */
static size_t fill_key(const struct workspace *workspace, const char *text, struct kl_buf *out)
{
	const char *end = strchr(text, '}');
	char name[32], keys[KEYS_NAME_MAX];
	enum request request;
	size_t len;

	if (strncmp(text, "{key:", 5) != 0 || !end || (len = (size_t)(end - text) - 5) >= sizeof(name))
		return 0;
	memcpy(name, text + 5, len);
	name[len] = '\0';
	if (!request_find(&request, name))
		return 0;
	keymap_name(keys, workspace->app->keymap, SCOPE_EDITOR, request);
	kl_buf_add_str(out, keys[0] ? keys : name);
	return len + 6;
}

static void add_heading(const struct workspace *workspace, struct kl_buf *out)
{
	const struct kl_challenge *challenge = workspace->challenge;

	kl_buf_addf(out, "*%s - %s - about %d minutes*\n\n", kl_difficulty_name(challenge->difficulty),
		    challenge->category, challenge->minutes);
}

void problem_open(struct workspace *workspace)
{
	const char *text = workspace->challenge->statement;
	struct kl_buf out;

	kl_buf_init(&out, TEXT_MAX);
	add_heading(workspace, &out);
	while (*text) {
		size_t taken = *text == '{' ? fill_key(workspace, text, &out) : 0;
		size_t plain = taken ? 0 : 1 + strcspn(text + 1, "{");

		kl_buf_add(&out, text, plain);
		text += taken + plain;
	}
	workspace->problem_text = kl_buf_detach(&out);
}

void problem_close(struct workspace *workspace)
{
	prose_release(&workspace->problem);
	free(workspace->problem_text);
}

void problem_wheel(struct workspace *workspace, int lines)
{
	scroll_text_by(&workspace->problem_scroll, workspace->problem.lines.count, lines);
}

void problem_draw(struct workspace *workspace, struct canvas *canvas)
{
	struct scroll *scroll = &workspace->problem_scroll;
	struct canvas inner = canvas_sub(canvas, (struct rect){ 0, 1, canvas->rows, canvas->cols - 2 });
	size_t count;

	if (workspace->problem.width != inner.cols)
		prose_set(&workspace->problem, workspace->problem_text, strlen(workspace->problem_text), inner.cols);
	count = workspace->problem.lines.count;
	scroll->rows = canvas->rows;
	scroll_text_by(scroll, count, 0);
	lines_draw(&workspace->problem.lines, &inner, scroll->top, scroll->left, (size_t)-1);
	if (scroll->top + (size_t)scroll->rows < count)
		canvas_symbol(canvas, canvas->rows - 1, canvas->cols - 1, ROLE_SCROLLBAR, SYMBOL_ARROW_DOWN);
	if (scroll->top > 0)
		canvas_symbol(canvas, 0, canvas->cols - 1, ROLE_SCROLLBAR, SYMBOL_ARROW_UP);
}

bool problem_request(struct workspace *workspace, enum request request)
{
	return scroll_text(&workspace->problem_scroll, workspace->problem.lines.count, request);
}
