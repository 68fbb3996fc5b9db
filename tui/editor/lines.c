/* Whole lines: indentation, comments, moving, duplicating, deleting. Each is one undo step. */
#include "editor_int.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>

enum { LINES_MAX_BYTES = 64 << 20 }; /* of lines rewritten at once */

/* Lines touched by the selection (or the cursor's): first to last. A selection that ends at a line's start leaves that line out. */
static void touched_lines(const struct editor *editor, size_t *first, size_t *last)
{
	size_t start, end;

	if (!selection_get(editor, &start, &end))
		start = end = cursor_at(editor);
	*first = kl_text_line_of(editor->text, start);
	*last = kl_text_line_of(editor->text, end);
	if (*last > *first && end == kl_text_line_start(editor->text, *last))
		(*last)--;
}

static void add_line(const struct editor *editor, size_t line0, struct kl_buf *out)
{
	size_t start = kl_text_line_start(editor->text, line0);

	kl_text_add_to(editor->text, start, kl_text_line_end(editor->text, line0) - start, out);
}

/*
 * Rewrites lines first..last to what `rewrite` makes of each, as one revision; the selection then covers them when
 * there was one, else the cursor keeps its distance to the line's end.
 */
typedef void rewrite_fn(const struct editor *editor, const char *line, size_t len, struct kl_buf *out, bool flag);

static void rewrite_lines(struct editor *editor, size_t first, size_t last, rewrite_fn *rewrite, bool flag)
{
	size_t start = kl_text_line_start(editor->text, first), end = kl_text_line_end(editor->text, last);
	size_t to_end = end - cursor_at(editor);
	bool selected = editor->selecting && first != last;
	struct kl_buf out, line;

	kl_buf_init(&out, LINES_MAX_BYTES);
	kl_buf_init(&line, LINES_MAX_BYTES);
	for (size_t line0 = first; line0 <= last; line0++) {
		kl_buf_clear(&line);
		add_line(editor, line0, &line);
		rewrite(editor, line.data, line.len, &out, flag);
		if (line0 < last)
			kl_buf_add_str(&out, kl_text_newline(editor->text));
	}
	if (!out.truncated && change_replace(editor, start, end - start, out.data, out.len, KL_EDIT_OTHER)) {
		if (selected) {
			kl_mark_set(editor->anchor, start);
			editor->selecting = true;
		} else {
			cursor_set(editor, start + out.len - (to_end < out.len ? to_end : out.len));
		}
	}
	kl_buf_release(&line);
	kl_buf_release(&out);
}

static void add_step(const struct editor *editor, struct kl_buf *out)
{
	if (editor->options.indent_tabs)
		kl_buf_add_char(out, '\t');
	for (int i = 0; !editor->options.indent_tabs && i < editor->options.indent_width; i++)
		kl_buf_add_char(out, ' ');
}

static void indent_line(const struct editor *editor, const char *line, size_t len, struct kl_buf *out, bool flag)
{
	(void)flag;
	if (len)
		add_step(editor, out);
	kl_buf_add(out, line, len);
}

static void dedent_line(const struct editor *editor, const char *line, size_t len, struct kl_buf *out, bool flag)
{
	size_t cut = 0;

	(void)flag;
	if (len && line[0] == '\t')
		cut = 1;
	else
		while (cut < len && cut < (size_t)editor->options.indent_width && line[cut] == ' ')
			cut++;
	kl_buf_add(out, line + cut, len - cut);
}

static size_t leading_blanks(const char *line, size_t len)
{
	size_t at = 0;

	while (at < len && (line[at] == ' ' || line[at] == '\t'))
		at++;
	return at;
}

/* flag: add the comment sign; else take it away. */
static void comment_line(const struct editor *editor, const char *line, size_t len, struct kl_buf *out, bool flag)
{
	const char *sign = editor->language->line_comment;
	size_t blanks = leading_blanks(line, len), sign_len = strlen(sign);

	kl_buf_add(out, line, blanks);
	line += blanks;
	len -= blanks;
	if (flag && len) {
		kl_buf_addf(out, "%s ", sign);
	} else if (len >= sign_len && memcmp(line, sign, sign_len) == 0) {
		size_t cut = sign_len + (len > sign_len && line[sign_len] == ' ');

		line += cut;
		len -= cut;
	}
	kl_buf_add(out, line, len);
}

static bool is_commented(const struct editor *editor, size_t line0)
{
	const char *sign = editor->language->line_comment;
	char found[8] = "";
	size_t start = line_text_start(editor, line0);

	if (start >= kl_text_line_end(editor->text, line0))
		return true; /* an empty line decides nothing */
	kl_text_copy(editor->text, start, found, strlen(sign) < sizeof(found) ? strlen(sign) : sizeof(found) - 1);
	return strcmp(found, sign) == 0;
}

static void do_comment(struct editor *editor)
{
	size_t first, last;
	bool all = true;

	if (!editor->language || !editor->language->line_comment) {
		editor_say(editor, false, "This language has no line comments.");
		return;
	}
	touched_lines(editor, &first, &last);
	for (size_t line0 = first; line0 <= last && all; line0++)
		all = is_commented(editor, line0);
	rewrite_lines(editor, first, last, comment_line, !all);
}

static bool is_before_text(const struct editor *editor)
{
	return cursor_at(editor) <= line_text_start(editor, kl_text_line_of(editor->text, cursor_at(editor)));
}

static bool is_after_word(const struct editor *editor)
{
	size_t cursor = cursor_at(editor);

	return word_left(editor, cursor) < cursor && kl_text_byte(editor->text, cursor - 1) > ' ' &&
	       !strchr("()[]{};:,.+-*/=<>!&|^%\"'`", kl_text_byte(editor->text, cursor - 1));
}

/* Tab: indents the selection or the line's start, completes a word, else goes to the next tab stop. */
static void do_indent(struct editor *editor)
{
	struct kl_buf step;
	size_t first, last, column;

	touched_lines(editor, &first, &last);
	if (first != last) {
		rewrite_lines(editor, first, last, indent_line, false);
		return;
	}
	if (!is_before_text(editor) && is_after_word(editor)) {
		complete_open(editor);
		return;
	}
	kl_buf_init(&step, 64);
	column = kl_columns_of(editor->columns, cursor_at(editor));
	if (editor->options.indent_tabs)
		kl_buf_add_char(&step, '\t');
	else
		for (size_t width = (size_t)editor->options.indent_width, i = column % width; i < width; i++)
			kl_buf_add_char(&step, ' ');
	change_replace(editor, cursor_at(editor), 0, step.data, step.len, KL_EDIT_TYPE);
	kl_buf_release(&step);
}

static void do_dedent(struct editor *editor)
{
	size_t first, last;

	touched_lines(editor, &first, &last);
	rewrite_lines(editor, first, last, dedent_line, false);
}

static void add_columns(const struct editor *editor, size_t columns, struct kl_buf *out)
{
	size_t tab = (size_t)editor->options.tab_width;

	for (; editor->options.indent_tabs && columns >= tab; columns -= tab)
		kl_buf_add_char(out, '\t');
	for (; columns > 0; columns--)
		kl_buf_add_char(out, ' ');
}

static bool is_closing(int byte)
{
	return byte == '}' || byte == ')' || byte == ']';
}

void lines_newline(struct editor *editor)
{
	size_t start = cursor_at(editor), end = start, back = 0;
	int before, next;
	struct kl_buf out;

	selection_get(editor, &start, &end);
	kl_buf_init(&out, 1 << 16);
	kl_buf_add_str(&out, kl_text_newline(editor->text));
	if (editor->options.auto_indent) {
		before = start ? kl_text_byte(editor->text, start - 1) : -1;
		next = kl_text_byte(editor->text, end);
		add_columns(editor, code_indent_below(editor, start, "", 0), &out);
		if (is_closing(next) && (before == '{' || before == '(' || before == '[')) {
			size_t len = out.len;
			char closing = (char)next;

			/* the closing bracket gets a line of its own */
			kl_buf_add_str(&out, kl_text_newline(editor->text));
			add_columns(editor, code_indent_below(editor, start, &closing, 1), &out);
			back = out.len - len;
		}
	}
	if (change_replace(editor, start, end - start, out.data, out.len, KL_EDIT_OTHER) && back)
		cursor_set(editor, cursor_at(editor) - back);
	kl_buf_release(&out);
}

void lines_typed(struct editor *editor)
{
	size_t line0 = kl_text_line_of(editor->text, cursor_at(editor));
	size_t start = kl_text_line_start(editor->text, line0), text_start = line_text_start(editor, line0);
	size_t to_cursor = cursor_at(editor) - text_start, wanted;
	struct kl_buf out;

	/* only when the line was finished by this letter: its text ends at the cursor */
	if (!editor->options.auto_indent || cursor_at(editor) != kl_text_line_end(editor->text, line0) ||
	    !code_closes(editor, line0, &wanted) || wanted >= kl_columns_of(editor->columns, text_start))
		return;
	kl_buf_init(&out, 4096);
	add_columns(editor, wanted, &out);
	if (change_replace(editor, start, text_start - start, out.data, out.len, KL_EDIT_OTHER))
		cursor_set(editor, start + out.len + to_cursor);
	kl_buf_release(&out);
}

static void do_delete_line(struct editor *editor)
{
	size_t first, last, start, end;

	touched_lines(editor, &first, &last);
	start = kl_text_line_start(editor->text, first);
	end = kl_text_line_start(editor->text, last + 1);
	if (last + 1 >= kl_text_lines(editor->text) && first > 0)
		start = kl_text_line_end(editor->text, first - 1);
	if (end > start)
		change_replace(editor, start, end - start, "", 0, KL_EDIT_OTHER);
}

static void do_duplicate(struct editor *editor)
{
	size_t first, last, start, end, cursor = cursor_at(editor);
	struct kl_buf out;

	touched_lines(editor, &first, &last);
	start = kl_text_line_start(editor->text, first);
	end = kl_text_line_end(editor->text, last);
	kl_buf_init(&out, LINES_MAX_BYTES);
	kl_buf_add_str(&out, kl_text_newline(editor->text));
	kl_text_add_to(editor->text, start, end - start, &out);
	if (!out.truncated && change_replace(editor, end, 0, out.data, out.len, KL_EDIT_OTHER))
		cursor_set(editor, cursor + out.len);
	kl_buf_release(&out);
}

/* Swaps lines first..last with their neighbour above (up) or below, as one change. */
static void move_lines(struct editor *editor, bool up)
{
	size_t first, last, from, to, start, cursor = cursor_at(editor);
	struct kl_buf out;

	touched_lines(editor, &first, &last);
	if (up ? first == 0 : last + 1 >= kl_text_lines(editor->text))
		return;
	from = up ? first - 1 : first;
	to = up ? last : last + 1;
	start = kl_text_line_start(editor->text, from);
	kl_buf_init(&out, LINES_MAX_BYTES);
	if (!up) {
		add_line(editor, to, &out);
		kl_buf_add_str(&out, kl_text_newline(editor->text));
	}
	for (size_t line0 = first; line0 <= last; line0++) {
		add_line(editor, line0, &out);
		if (line0 < last || up)
			kl_buf_add_str(&out, kl_text_newline(editor->text));
	}
	if (up)
		add_line(editor, from, &out);
	cursor -= kl_text_line_start(editor->text, first);
	if (!out.truncated && change_replace(editor, start, kl_text_line_end(editor->text, to) - start, out.data,
					     out.len, KL_EDIT_OTHER))
		cursor_set(editor, kl_text_line_start(editor->text, up ? first - 1 : first + 1) + cursor);
	kl_buf_release(&out);
}

static void do_move_up(struct editor *editor)
{
	move_lines(editor, true);
}

static void do_move_down(struct editor *editor)
{
	move_lines(editor, false);
}

static const struct lines_row {
	enum request request;
	void (*run)(struct editor *editor);
} rows[] = {
	{ REQ_INDENT, do_indent },	   { REQ_DEDENT, do_dedent },	{ REQ_COMMENT, do_comment },
	{ REQ_DELETE_LINE, do_delete_line }, { REQ_DUPLICATE, do_duplicate }, { REQ_MOVE_UP, do_move_up },
	{ REQ_MOVE_DOWN, do_move_down },
};

bool lines_request(struct editor *editor, enum request request)
{
	for (size_t i = 0; i < KL_LENGTH(rows); i++) {
		if (rows[i].request == request) {
			rows[i].run(editor);
			return true;
		}
	}
	return false;
}
