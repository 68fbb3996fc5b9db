/* Typing, erasing, clipboard, undo; and what may not be changed. Each change of the text goes through change_replace. */
#include "editor_int.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>

static const char fixed_word[] = "kodelab:fixed";
static const char end_word[] = "kodelab:end";

/*
 * The first line from line0 on, before end, that has word in it; end when there is none. Whole windows are searched:
 * this is asked of every text that is opened.
 */
static size_t find_line(const struct editor *editor, const char *word, size_t line0, size_t end)
{
	char window[4096];
	size_t word_len = strlen(word), offset = kl_text_line_start(editor->text, line0);
	size_t stop = kl_text_line_start(editor->text, end), len;

	while (line0 < end && offset + word_len <= stop) {
		size_t want = stop - offset < sizeof(window) ? stop - offset : sizeof(window);
		const char *found;

		len = kl_text_copy(editor->text, offset, window, want);
		found = memmem(window, len, word, word_len);
		if (found)
			return kl_text_line_of(editor->text, offset + (size_t)(found - window));
		offset += len - word_len + 1; /* the word may lie across two windows */
	}
	return end;
}

static void add_fixed(struct editor *editor, size_t first, size_t last)
{
	struct editor_fixed *fixed = &editor->fixed[editor->fixed_count++];

	fixed->start = kl_mark_add(editor->text, kl_text_line_start(editor->text, first), KL_GRAVITY_RIGHT);
	fixed->end = kl_mark_add(editor->text, kl_text_line_end(editor->text, last), KL_GRAVITY_LEFT);
}

void change_find_fixed(struct editor *editor)
{
	enum { LINES_MAX = 5000 }; /* starters are short; a large file has no fixed regions */
	size_t lines = kl_text_lines(editor->text), end = lines < LINES_MAX ? lines : LINES_MAX, first, last = 0;

	editor->drawn.rows_good = false;
	while (editor->fixed_count > 0) {
		editor->fixed_count--;
		kl_mark_remove(editor->fixed[editor->fixed_count].start);
		kl_mark_remove(editor->fixed[editor->fixed_count].end);
	}
	while (editor->fixed_count < EDITOR_FIXED_MAX) {
		first = find_line(editor, fixed_word, last, end);
		last = find_line(editor, end_word, first + 1, end);
		if (last >= end)
			return;
		add_fixed(editor, first, last++);
	}
}

bool change_is_fixed(const struct editor *editor, size_t start, size_t end)
{
	for (size_t i = 0; i < editor->fixed_count; i++) {
		size_t fixed_start = kl_mark_offset(editor->fixed[i].start);
		size_t fixed_end = kl_mark_offset(editor->fixed[i].end);

		if (start == end ? start > fixed_start && start < fixed_end : start < fixed_end && end > fixed_start)
			return true;
	}
	return false;
}

bool change_allowed(struct editor *editor, size_t start, size_t end)
{
	if (!change_is_fixed(editor, start, end))
		return true;
	editor_say(editor, true, "This part belongs to the challenge and cannot be changed.");
	return false;
}

bool change_replace(struct editor *editor, size_t start, size_t removed, const char *bytes, size_t len,
		    enum kl_edit kind)
{
	if (!change_allowed(editor, start, start + removed))
		return false;
	kl_text_begin(editor->text, kind, cursor_at(editor));
	kl_text_replace(editor->text, start, removed, bytes, len);
	cursor_set(editor, start + len);
	kl_text_end(editor->text, cursor_at(editor));
	selection_drop(editor);
	editor->has_goal = false;
	return true;
}

/* Puts bytes in the place of the selection, or at the cursor. */
static bool put(struct editor *editor, const char *bytes, size_t len, enum kl_edit kind)
{
	size_t start = cursor_at(editor), end = start;

	if (selection_get(editor, &start, &end))
		kind = KL_EDIT_OTHER;
	return change_replace(editor, start, end - start, bytes, len, kind);
}

static char closing_of(char open)
{
	static const char pairs[] = "()[]{}\"\"''``";

	for (size_t i = 0; pairs[i]; i += 2) {
		if (pairs[i] == open)
			return pairs[i + 1];
	}
	return '\0';
}

/* A typed closing bracket steps over the one that is there already. */
static bool step_over(struct editor *editor, char typed)
{
	static const char closers[] = ")]}\"'`";

	if (!strchr(closers, typed) || editor->selecting || kl_text_byte(editor->text, cursor_at(editor)) != typed)
		return false;
	cursor_set(editor, cursor_at(editor) + 1);
	lines_typed(editor);
	return true;
}

static bool type_pair(struct editor *editor, char typed)
{
	size_t cursor = cursor_at(editor);
	int next = kl_text_byte(editor->text, cursor);
	int before = cursor ? kl_text_byte(editor->text, cursor - 1) : -1;
	char pair[2] = { typed, closing_of(typed) };

	if (!pair[1] || editor->selecting || (next >= 0 && !isspace(next) && !strchr(")]},;", next)))
		return false;
	if (pair[0] == pair[1] && (isalnum(before) || before == typed || before == '\\'))
		return false;
	if (!change_replace(editor, cursor, 0, pair, 2, KL_EDIT_TYPE))
		return true;
	cursor_set(editor, cursor + 1);
	return true;
}

/* Pasted lines end as those of the text do, wherever they come from. */
static void put_lines(struct editor *editor, const char *bytes, size_t len)
{
	const char *newline = kl_text_newline(editor->text);
	struct kl_buf out;

	kl_buf_init(&out, 2 * len);
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] == '\n')
			kl_buf_add_str(&out, newline);
		else if (bytes[i] != '\r' || i + 1 == len || bytes[i + 1] != '\n')
			kl_buf_add_char(&out, bytes[i]);
	}
	put(editor, out.data, out.len, KL_EDIT_OTHER);
	kl_buf_release(&out);
}

void editor_insert(struct editor *editor, const char *utf8, size_t len, bool pasted)
{
	if (find_text(editor, utf8, len))
		return;
	if (pasted) {
		editor->completion.open = false;
		kl_text_break(editor->text);
		put_lines(editor, utf8, len);
		return;
	}
	if (len == 1 && editor->options.auto_close && (step_over(editor, *utf8) || type_pair(editor, *utf8)))
		return;
	put(editor, utf8, len, KL_EDIT_TYPE);
	lines_typed(editor);
	complete_narrow(editor);
}

static void erase(struct editor *editor, size_t from, size_t to, enum kl_edit kind)
{
	size_t start, end;

	if (selection_get(editor, &start, &end)) {
		from = start;
		to = end;
		kind = KL_EDIT_OTHER;
	}
	if (from < to)
		change_replace(editor, from, to - from, "", 0, kind);
}

/* In leading blanks one step of indentation goes at once. */
static size_t backspace_to(const struct editor *editor, size_t cursor)
{
	size_t line0 = kl_text_line_of(editor->text, cursor);
	size_t start = kl_text_line_start(editor->text, line0);
	size_t step = (size_t)editor->options.indent_width;
	size_t blanks = cursor;

	while (blanks > start && kl_text_byte(editor->text, blanks - 1) == ' ')
		blanks--;
	if (blanks != start || cursor == start || editor->options.indent_tabs || step < 2)
		return kl_text_prev(editor->text, cursor);
	return start + (cursor - start - 1) / step * step;
}

/* Between a fresh pair both go. */
static size_t backspace_end(const struct editor *editor, size_t cursor)
{
	int before = cursor ? kl_text_byte(editor->text, cursor - 1) : -1;
	char closing = before > 0 && before < 0x80 ? closing_of((char)before) : '\0';

	return editor->options.auto_close && closing && kl_text_byte(editor->text, cursor) == closing ? cursor + 1
												      : cursor;
}

static void do_backspace(struct editor *editor)
{
	size_t cursor = cursor_at(editor);

	erase(editor, backspace_to(editor, cursor), backspace_end(editor, cursor), KL_EDIT_ERASE);
	complete_narrow(editor);
}

static void do_delete(struct editor *editor)
{
	erase(editor, cursor_at(editor), kl_text_next(editor->text, cursor_at(editor)), KL_EDIT_ERASE);
}

static void do_delete_word(struct editor *editor)
{
	erase(editor, word_left(editor, cursor_at(editor)), cursor_at(editor), KL_EDIT_OTHER);
}

static void do_delete_word_right(struct editor *editor)
{
	erase(editor, cursor_at(editor), word_right(editor, cursor_at(editor)), KL_EDIT_OTHER);
}

/* The selection, or the cursor's whole line with its newline. False: the line is empty and the last. */
static bool span_to_copy(const struct editor *editor, size_t *start, size_t *end)
{
	size_t line0 = kl_text_line_of(editor->text, cursor_at(editor));

	if (selection_get(editor, start, end))
		return true;
	*start = kl_text_line_start(editor->text, line0);
	*end = kl_text_line_start(editor->text, line0 + 1);
	return *end > *start;
}

static bool copy_span(struct editor *editor, size_t *start, size_t *end)
{
	char *bytes;

	if (!span_to_copy(editor, start, end))
		return false;
	bytes = kl_alloc(*end - *start + 1);
	kl_text_copy(editor->text, *start, bytes, *end - *start);
	bytes[*end - *start] = '\0';
	editor->host.copy(editor->host.ctx, bytes, *end - *start);
	free(bytes);
	return true;
}

static void do_copy(struct editor *editor)
{
	size_t start, end;

	if (span_to_copy(editor, &start, &end)) {
		editor_say(editor, false, "Copied %zu bytes.", end - start);
		copy_span(editor, &start, &end); /* may have a better sentence: too much for the terminal */
	}
	editor->sticky = false;
}

static void do_cut(struct editor *editor)
{
	size_t start, end;

	if (span_to_copy(editor, &start, &end) && change_allowed(editor, start, end) && copy_span(editor, &start, &end))
		change_replace(editor, start, end - start, "", 0, KL_EDIT_OTHER);
}

static void do_paste(struct editor *editor)
{
	size_t len;
	const char *bytes = editor->host.clipboard(editor->host.ctx, &len);

	if (len == 0)
		editor_say(editor, false, "Nothing has been copied yet.");
	else
		put_lines(editor, bytes, len);
}

static void walk_history(struct editor *editor, bool (*walk)(struct kl_text *, size_t *), const char *nothing)
{
	size_t cursor = cursor_at(editor);

	if (!walk(editor->text, &cursor)) {
		editor_say(editor, false, "%s", nothing);
		return;
	}
	/* a reset may have taken fixed regions away, or brought them */
	change_find_fixed(editor);
	editor_set_cursor(editor, cursor);
}

static void do_undo(struct editor *editor)
{
	walk_history(editor, kl_text_undo, "There is nothing more to undo.");
}

static void do_redo(struct editor *editor)
{
	walk_history(editor, kl_text_redo, "There is nothing to redo.");
}

static void do_earlier(struct editor *editor)
{
	walk_history(editor, kl_text_earlier, "This is the oldest text remembered.");
}

static void do_later(struct editor *editor)
{
	walk_history(editor, kl_text_later, "This is the newest text.");
}

static const struct change_row {
	enum request request;
	void (*run)(struct editor *editor);
} changes[] = {
	{ REQ_BACKSPACE, do_backspace },
	{ REQ_DELETE, do_delete },
	{ REQ_DELETE_WORD, do_delete_word },
	{ REQ_DELETE_WORD_RIGHT, do_delete_word_right },
	{ REQ_NEWLINE, lines_newline },
	{ REQ_COPY, do_copy },
	{ REQ_CUT, do_cut },
	{ REQ_PASTE, do_paste },
	{ REQ_UNDO, do_undo },
	{ REQ_REDO, do_redo },
	{ REQ_EARLIER, do_earlier },
	{ REQ_LATER, do_later },
	{ REQ_COMPLETE, complete_open },
};

bool change_request(struct editor *editor, enum request request)
{
	for (size_t i = 0; i < KL_LENGTH(changes); i++) {
		if (changes[i].request == request) {
			changes[i].run(editor);
			return true;
		}
	}
	return false;
}
