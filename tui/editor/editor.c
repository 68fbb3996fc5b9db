/* The editor's life and its dispatch: each file of this folder takes the requests it knows. */
#include "editor_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <kodelab/alloc.h>
#include <kodelab/highlight.h>

#include "tui/ui/mouse.h"

size_t cursor_at(const struct editor *editor)
{
	return kl_mark_offset(editor->cursor);
}

void cursor_set(struct editor *editor, size_t offset)
{
	kl_mark_set(editor->cursor, kl_text_align(editor->text, offset));
	editor->follow = true;
}

bool selection_get(const struct editor *editor, size_t *start, size_t *end)
{
	size_t cursor = cursor_at(editor), anchor = kl_mark_offset(editor->anchor);

	if (!editor->selecting || cursor == anchor)
		return false;
	*start = cursor < anchor ? cursor : anchor;
	*end = cursor < anchor ? anchor : cursor;
	return true;
}

void selection_drop(struct editor *editor)
{
	editor->selecting = false;
	editor->sticky = false;
}

void editor_say(struct editor *editor, bool bad, const char *fmt, ...)
{
	char sentence[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(sentence, sizeof(sentence), fmt, args);
	va_end(args);
	editor->host.say(editor->host.ctx, bad, sentence);
}

/* The highlighter gets lines through this, so that it need not know kl_text. */
static size_t get_line(void *ctx, size_t line0, char *to, size_t max)
{
	const struct kl_text *text = ctx;
	size_t start = kl_text_line_start(text, line0), end = kl_text_line_end(text, line0);

	return kl_text_copy(text, start, to, end - start < max ? end - start : max);
}

static void text_changed(void *ctx, struct kl_text *text, const struct kl_text_change *change)
{
	struct editor *editor = ctx;

	(void)text;
	if (editor->highlight)
		kl_highlight_edit(editor->highlight, change->line0, change->lines_removed + 1, change->lines_added + 1);
	view_changed(editor, change);
	editor->find.has_match = false;
}

struct editor *editor_new(struct kl_text *text, const struct kl_language *language, struct kl_syntax *syntax,
			  const struct editor_options *options, const struct editor_host *host)
{
	struct editor *editor = kl_calloc(1, sizeof(*editor));

	editor->text = text;
	editor->language = language;
	editor->syntax = syntax;
	editor->options = *options;
	if (options->indent_tabs)
		editor->options.indent_width = options->tab_width; /* a step is one tab, however wide */
	editor->host = *host;
	editor->columns = kl_columns_new(text, (unsigned)options->tab_width, 0);
	editor->cursor = kl_mark_add(text, 0, KL_GRAVITY_RIGHT);
	editor->anchor = kl_mark_add(text, 0, KL_GRAVITY_LEFT);
	editor->rows = editor->cols = 1;
	if (syntax)
		editor->highlight = kl_highlight_new(syntax, get_line, text);
	kl_text_listen(text, text_changed, editor);
	change_find_fixed(editor);
	return editor;
}

void editor_free(struct editor *editor)
{
	if (!editor)
		return;
	editor_set_places(editor, NULL, 0);
	for (size_t i = 0; i < editor->fixed_count; i++) {
		kl_mark_remove(editor->fixed[i].start);
		kl_mark_remove(editor->fixed[i].end);
	}
	kl_text_unlisten(editor->text, text_changed, editor);
	find_release(editor);
	kl_highlight_free(editor->highlight);
	kl_mark_remove(editor->anchor);
	kl_mark_remove(editor->cursor);
	kl_columns_free(editor->columns);
	free(editor);
}

enum scope editor_scope(const struct editor *editor)
{
	return editor->find.bar == BAR_NONE ? SCOPE_EDITOR : SCOPE_FIELD;
}

static bool toggle_request(struct editor *editor, enum request request)
{
	if (request == REQ_WRAP) {
		editor->options.wrap = !editor->options.wrap;
		editor->left = editor->top_row = 0;
		editor_say(editor, false, "Long lines are %s.", editor->options.wrap ? "wrapped" : "not wrapped");
	} else if (request == REQ_NUMBERS) {
		editor->options.numbers = !editor->options.numbers;
	} else {
		return false;
	}
	editor->follow = true;
	return true;
}

/* What a person does between two typed letters ends the undo step. */
static void end_typing(struct editor *editor, enum request request)
{
	if (request != REQ_BACKSPACE && request != REQ_DELETE)
		kl_text_break(editor->text);
	if (request != REQ_UP && request != REQ_DOWN && request != REQ_PAGE_UP && request != REQ_PAGE_DOWN &&
	    request != REQ_MARK_UP && request != REQ_MARK_DOWN && request != REQ_MARK_PAGE_UP &&
	    request != REQ_MARK_PAGE_DOWN)
		editor->has_goal = false;
}

static enum request back_request(struct editor *editor, enum request request)
{
	if (request != REQ_BACK || (!editor->selecting && !editor->sticky))
		return request;
	selection_drop(editor);
	return REQ_NONE;
}

enum request editor_request(struct editor *editor, enum request request)
{
	if (find_request(editor, request) || complete_request(editor, request))
		return REQ_NONE;
	end_typing(editor, request);
	if (move_request(editor, request) || change_request(editor, request) || lines_request(editor, request) ||
	    toggle_request(editor, request))
		return REQ_NONE;
	return back_request(editor, request);
}

bool editor_work(struct editor *editor)
{
	bool counted = count_work(editor);

	if (!editor->guessed)
		return counted;
	editor->guessed = !kl_highlight_work(editor->highlight, editor->top + (size_t)editor->rows);
	return true;
}

size_t editor_cursor(const struct editor *editor)
{
	return cursor_at(editor);
}

void editor_set_cursor(struct editor *editor, size_t offset)
{
	editor->completion.open = false;
	selection_drop(editor);
	cursor_set(editor, offset);
}

void editor_go_to(struct editor *editor, int line1, int column1)
{
	size_t lines = kl_text_lines(editor->text);
	size_t line0 = line1 < 1 ? 0 : (size_t)line1 - 1;
	size_t offset, end;

	if (line0 >= lines)
		line0 = lines - 1;
	offset = kl_text_line_start(editor->text, line0);
	end = kl_text_line_end(editor->text, line0);
	if (column1 < 1)
		offset = line_text_start(editor, line0);
	for (; column1 > 1 && offset < end; column1--)
		offset = kl_text_next(editor->text, offset);
	editor_set_cursor(editor, offset);
}

void editor_position(const struct editor *editor, size_t *line1, size_t *column1)
{
	size_t offset = cursor_at(editor);

	*line1 = kl_text_line_of(editor->text, offset) + 1;
	*column1 = kl_columns_of(editor->columns, offset) + 1;
}

void editor_set_places(struct editor *editor, const struct kl_place *places, size_t count)
{
	size_t lines = kl_text_lines(editor->text);

	for (size_t i = 0; i < editor->place_count; i++) {
		kl_mark_remove(editor->places[i].mark);
		free(editor->places[i].message);
	}
	editor->place_count = 0;
	editor->drawn.rows_good = false;
	for (size_t i = 0; i < count && editor->place_count < EDITOR_PLACES_MAX; i++) {
		size_t line0 = places[i].line1 > 0 ? (size_t)places[i].line1 - 1 : 0;

		if (line0 >= lines)
			continue;
		editor->places[editor->place_count++] = (struct editor_place){
			.mark = kl_mark_add(editor->text, kl_text_line_start(editor->text, line0), KL_GRAVITY_LEFT),
			.warning = places[i].warning,
			.message = kl_strdup(places[i].message ? places[i].message : ""),
		};
	}
}

void editor_replace_all(struct editor *editor, const char *bytes, size_t len)
{
	kl_text_assign(editor->text, bytes, len, cursor_at(editor));
	editor_rescan(editor);
}

void editor_rescan(struct editor *editor)
{
	change_find_fixed(editor);
	editor_set_cursor(editor, cursor_at(editor));
}

const struct editor_options *editor_options(const struct editor *editor)
{
	return &editor->options;
}
