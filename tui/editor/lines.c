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
 * there was one, else the cursor keeps its distance to the line's end. arg: rewrite's own.
 */
typedef void rewrite_fn(const struct editor *editor, const char *line, size_t len, struct kl_buf *out, size_t arg);

static void rewrite_lines(struct editor *editor, size_t first, size_t last, rewrite_fn *rewrite, size_t arg)
{
	size_t start = kl_text_line_start(editor->text, first), end = kl_text_line_end(editor->text, last);
	size_t from, to, to_end = end > cursor_at(editor) ? end - cursor_at(editor) : 0;
	bool selected = selection_get(editor, &from, &to);
	struct kl_buf out, line;

	kl_buf_init(&out, LINES_MAX_BYTES);
	kl_buf_init(&line, LINES_MAX_BYTES);
	for (size_t line0 = first; line0 <= last; line0++) {
		kl_buf_clear(&line);
		add_line(editor, line0, &line);
		rewrite(editor, line.data, line.len, &out, arg);
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

static void indent_line(const struct editor *editor, const char *line, size_t len, struct kl_buf *out, size_t arg)
{
	(void)arg;
	if (len)
		add_step(editor, out);
	kl_buf_add(out, line, len);
}

static void dedent_line(const struct editor *editor, const char *line, size_t len, struct kl_buf *out, size_t arg)
{
	size_t cut = 0;

	(void)arg;
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

enum { UNCOMMENT = -1 };

/* at: bytes of the line that stay before the sign; UNCOMMENT: take the sign away. */
static void comment_line(const struct editor *editor, const char *line, size_t len, struct kl_buf *out, size_t at)
{
	const char *sign = editor->language->line_comment;
	size_t blanks = leading_blanks(line, len), sign_len = strlen(sign), cut = 0;

	if (at != (size_t)UNCOMMENT && blanks < len) {
		kl_buf_add(out, line, at);
		kl_buf_addf(out, "%s ", sign);
		kl_buf_add(out, line + at, len - at);
		return;
	}
	if (len - blanks >= sign_len && memcmp(line + blanks, sign, sign_len) == 0)
		cut = sign_len + (len > blanks + sign_len && line[blanks + sign_len] == ' ');
	kl_buf_add(out, line, blanks);
	kl_buf_add(out, line + blanks + cut, len - blanks - cut);
}

/* Bytes before the first text of the line that begins furthest to the left. */
static size_t least_blanks(const struct editor *editor, size_t first, size_t last)
{
	size_t least = (size_t)-1;

	for (size_t line0 = first; line0 <= last; line0++) {
		size_t text_start = line_text_start(editor, line0);
		size_t blanks = text_start - kl_text_line_start(editor->text, line0);

		if (text_start < kl_text_line_end(editor->text, line0) && blanks < least)
			least = blanks;
	}
	return least == (size_t)-1 ? 0 : least;
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
	rewrite_lines(editor, first, last, comment_line, all ? (size_t)UNCOMMENT : least_blanks(editor, first, last));
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
	if (selection_get(editor, &(size_t){ 0 }, &(size_t){ 0 })) {
		rewrite_lines(editor, first, last, indent_line, 0);
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
	rewrite_lines(editor, first, last, dedent_line, 0);
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

static bool is_blank(int byte)
{
	return byte == ' ' || byte == '\t';
}

/*
 * Enter in front of a line's text: the line moves down with its indentation, and the cursor with it. A line of blanks
 * alone becomes empty. False: the cursor stands elsewhere.
 */
static bool newline_before_text(struct editor *editor)
{
	size_t cursor = cursor_at(editor), line0 = kl_text_line_of(editor->text, cursor);
	size_t start = kl_text_line_start(editor->text, line0), text_start = line_text_start(editor, line0);
	const char *newline = kl_text_newline(editor->text);

	if (editor->selecting || cursor > text_start || text_start == start)
		return false;
	if (change_replace(editor, start, 0, newline, strlen(newline), KL_EDIT_OTHER))
		cursor_set(editor, cursor + strlen(newline));
	return true;
}

/* The indentation of the new line; and, when `next` closes the bracket before it, another line for that. Returns the bytes of this. */
static size_t add_indentation(struct editor *editor, size_t start, int next, struct kl_buf *out)
{
	int before = start ? kl_text_byte(editor->text, start - 1) : -1;
	char closing = (char)next;
	size_t len;

	add_columns(editor, code_indent_below(editor, start, "", 0), out);
	if (!is_closing(next) || (before != '{' && before != '(' && before != '['))
		return 0;
	len = out->len;
	kl_buf_add_str(out, kl_text_newline(editor->text));
	add_columns(editor, code_indent_below(editor, start, &closing, 1), out);
	return out->len - len;
}

void lines_newline(struct editor *editor)
{
	size_t start = cursor_at(editor), end = start, back = 0;
	struct kl_buf out;

	if (editor->options.auto_indent && newline_before_text(editor))
		return;
	selection_get(editor, &start, &end);
	kl_buf_init(&out, 1 << 16);
	kl_buf_add_str(&out, kl_text_newline(editor->text));
	if (editor->options.auto_indent) {
		while (is_blank(kl_text_byte(editor->text, end)))
			end++;
		back = add_indentation(editor, start, kl_text_byte(editor->text, end), &out);
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

/* Lines from..to with the first one put last (up), or the last one first, as they stand in the text. */
static void add_rotated(const struct editor *editor, size_t from, size_t to, bool up, struct kl_buf *out)
{
	for (size_t line0 = from; line0 <= to; line0++) {
		add_line(editor, up ? line0 < to ? line0 + 1 : from : line0 > from ? line0 - 1 : to, out);
		if (line0 < to)
			kl_buf_add_str(out, kl_text_newline(editor->text));
	}
}

/* Swaps the lines touched with their neighbour above (up) or below, as one change; what was selected stays so. */
static void move_lines(struct editor *editor, bool up)
{
	size_t first, last, from, to, start, old = 0, cursor = cursor_at(editor),
					     anchor = kl_mark_offset(editor->anchor);
	bool selected = selection_get(editor, &first, &last);
	struct kl_buf out;

	touched_lines(editor, &first, &last);
	if (up ? first == 0 : last + 1 >= kl_text_lines(editor->text))
		return;
	from = up ? first - 1 : first;
	to = up ? last : last + 1;
	start = kl_text_line_start(editor->text, from);
	old = kl_text_line_start(editor->text, first);
	kl_buf_init(&out, LINES_MAX_BYTES);
	add_rotated(editor, from, to, up, &out);
	if (!out.truncated && change_replace(editor, start, kl_text_line_end(editor->text, to) - start, out.data,
					     out.len, KL_EDIT_OTHER)) {
		start = kl_text_line_start(editor->text, up ? first - 1 : first + 1);
		cursor_set(editor, start + cursor - old);
		kl_mark_set(editor->anchor, start + anchor - old);
		editor->selecting = selected;
	}
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
	{ REQ_INDENT, do_indent },           { REQ_DEDENT, do_dedent },       { REQ_COMMENT, do_comment },
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
