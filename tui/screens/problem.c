/* The problem pane: the statement as prose, with the keys it speaks of filled in from the keymap. */
#include "workspace_int.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/catalogue.h>

#include "tui/editor/host.h"
#include "tui/ui/canvas.h"
#include "tui/ui/keytext.h"

enum { TEXT_MAX = 2 << 20 };

static void add_heading(const struct workspace *workspace, struct kl_buf *out)
{
	const struct kl_challenge *challenge = workspace->challenge;

	kl_buf_addf(out, "*%s - %s - about %d minutes*\n\n", kl_difficulty_name(challenge->difficulty),
		    challenge->category, challenge->minutes);
}

/* Statements have few languages in them, mostly one: the syntax read last is kept. */
static size_t color_code(void *ctx, const char *name, const char *line, size_t len, uint32_t *state,
			 struct kl_span *spans, size_t max)
{
	struct workspace *workspace = ctx;
	const struct kl_language *language = kl_language_find(name);

	if (!language)
		return 0;
	if (language != workspace->problem_language) {
		kl_syntax_close(workspace->problem_syntax);
		workspace->problem_syntax = host_syntax(workspace->app, language);
		workspace->problem_language = language;
	}
	return workspace->problem_syntax
		       ? kl_syntax_line(workspace->problem_syntax, *state, line, len, spans, max, state)
		       : 0;
}

void problem_open(struct workspace *workspace)
{
	struct kl_buf out;

	kl_buf_init(&out, TEXT_MAX);
	add_heading(workspace, &out);
	keytext_add(&out, workspace->app->keymap, workspace->challenge->statement);
	workspace->problem_text = kl_buf_detach(&out);
	workspace->problem.code = color_code;
	workspace->problem.code_ctx = workspace;
}

void problem_close(struct workspace *workspace)
{
	prose_release(&workspace->problem);
	kl_syntax_close(workspace->problem_syntax);
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
