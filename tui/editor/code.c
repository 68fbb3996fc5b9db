/* What the shape of the code asks of the editor: indentation of new and closing lines, partners of brackets. The rules are core/language's. */
#include "editor_int.h"

#include <kodelab/highlight.h>

enum { CODE_LINE_MAX = 4096, CODE_SPANS_MAX = 512, BRACKET_LINES_MAX = 2000, BLANK_LINES_MAX = 50 };

struct code { /* a line, read for the rules */
	char text[CODE_LINE_MAX];
	struct kl_span spans[CODE_SPANS_MAX];
	struct kl_code_line line;
};

static void read_line(struct code *code, struct editor *editor, size_t line0, size_t max)
{
	size_t start = kl_text_line_start(editor->text, line0), len = kl_text_line_end(editor->text, line0) - start;

	code->line.len = kl_text_copy(editor->text, start, code->text, len < max ? len : max);
	code->line.text = code->text;
	code->line.spans = code->spans;
	code->line.span_count =
		editor->highlight ? kl_highlight_line(editor->highlight, line0, code->spans, CODE_SPANS_MAX) : 0;
}

static bool is_blank(const struct editor *editor, size_t line0)
{
	return line_text_start(editor, line0) >= kl_text_line_end(editor->text, line0);
}

/* The last line before line0 that is not blank; false: none near. */
static bool line_above(const struct editor *editor, size_t line0, size_t *above)
{
	for (int i = 0; i < BLANK_LINES_MAX && line0 > 0; i++) {
		if (!is_blank(editor, --line0)) {
			*above = line0;
			return true;
		}
	}
	return false;
}

size_t code_indent_below(struct editor *editor, size_t offset, const char *rest, size_t rest_len)
{
	size_t line0 = kl_text_line_of(editor->text, offset);
	struct kl_code_line next = { .text = rest, .len = rest_len };
	struct code code;

	if (line_text_start(editor, line0) >= offset && !line_above(editor, line0, &line0))
		return 0;
	read_line(&code, editor, line0,
		  line0 == kl_text_line_of(editor->text, offset) &&
				  offset - kl_text_line_start(editor->text, line0) < CODE_LINE_MAX
			  ? offset - kl_text_line_start(editor->text, line0)
			  : CODE_LINE_MAX);
	return kl_indent_for(editor->language, &code.line, &next, (size_t)editor->options.indent_width,
			     (size_t)editor->options.tab_width);
}

bool code_closes(struct editor *editor, size_t line0, size_t *columns)
{
	struct code code, over;
	size_t above;

	read_line(&code, editor, line0, CODE_LINE_MAX);
	if (!kl_indent_closes(editor->language, &code.line) || !line_above(editor, line0, &above))
		return false;
	read_line(&over, editor, above, CODE_LINE_MAX);
	*columns = kl_indent_for(editor->language, &over.line, &code.line, (size_t)editor->options.indent_width,
				 (size_t)editor->options.tab_width);
	return true;
}

size_t code_bracket(struct editor *editor, size_t offset)
{
	size_t line0 = kl_text_line_of(editor->text, offset), lines = kl_text_lines(editor->text), at;
	size_t start = kl_text_line_start(editor->text, line0);
	struct kl_bracket bracket;
	struct code code;

	if (offset - start >= CODE_LINE_MAX)
		return (size_t)-1;
	read_line(&code, editor, line0, CODE_LINE_MAX);
	if (!kl_bracket_begin(&bracket, &code.line, offset - start))
		return (size_t)-1;
	for (int i = 0; i < BRACKET_LINES_MAX; i++) {
		if (kl_bracket_in(&bracket, &code.line, &at))
			return kl_text_line_start(editor->text, line0) + at;
		if (bracket.forward ? line0 + 1 >= lines : line0 == 0)
			break;
		line0 = bracket.forward ? line0 + 1 : line0 - 1;
		read_line(&code, editor, line0, CODE_LINE_MAX);
	}
	return (size_t)-1;
}
