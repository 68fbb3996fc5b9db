/*
 * The bar at the bottom of the editor: find while typing, replace (find what, with what, then one by one), go to a
 * line. While it is open it has the text; what it does not know closes it and goes on to the editor.
 */
#include "editor_int.h"

#include <stdio.h>
#include <stdlib.h>

#include <kodelab/alloc.h>

#include "tui/ui/canvas.h"

static void close_search(struct editor_find *find)
{
	kl_search_close(find->search);
	find->search = NULL;
	find->has_match = false;
}

void find_release(struct editor *editor)
{
	close_search(&editor->find);
}

static bool open_search(struct editor *editor)
{
	struct editor_find *find = &editor->find;
	unsigned flags = KL_SEARCH_SMART_CASE | (find->regex ? KL_SEARCH_REGEX : 0u);
	struct kl_error err;

	close_search(find);
	find->problem[0] = '\0';
	if (find->pattern.len == 0)
		return false;
	if (kl_search_open(&find->search, find->pattern.text, flags, &err)) {
		snprintf(find->problem, sizeof(find->problem), "%s", err.message);
		return false;
	}
	return true;
}

static void show_match(struct editor *editor)
{
	struct editor_find *find = &editor->find;

	kl_mark_set(editor->anchor, find->match.start);
	cursor_set(editor, find->match.end);
	editor->selecting = find->match.end > find->match.start;
	find->has_match = true;
	if (find->match.wrapped)
		editor_say(editor, false, "Searched past the end and went on from the other side.");
}

static bool go_match(struct editor *editor, size_t from, bool forward)
{
	struct editor_find *find = &editor->find;
	struct kl_error err;
	enum kl_status status;

	if (!find->search && !open_search(editor))
		return false;
	status = forward ? kl_search_next(&find->match, find->search, editor->text, from, &err) :
			   kl_search_prev(&find->match, find->search, editor->text, from, &err);
	if (status) {
		find->has_match = false;
		if (status == KL_ENOENT)
			editor_say(editor, true, "'%.80s' is not in this text.", find->pattern.text);
		else
			editor_say(editor, true, "%s", err.message);
		return false;
	}
	show_match(editor);
	return true;
}

/* Each typed letter searches again from where the bar was opened. */
static void find_as_typed(struct editor *editor)
{
	editor->find.has_match = false;
	selection_drop(editor);
	if (open_search(editor))
		go_match(editor, editor->find.origin, true);
	else
		cursor_set(editor, editor->find.origin);
}

static struct field *bar_field(struct editor_find *find)
{
	switch (find->bar) {
	case BAR_FIND:
	case BAR_REPLACE:
		return &find->pattern;
	case BAR_WITH:
		return &find->with;
	case BAR_LINE:
		return &find->line;
	case BAR_ASK:
	case BAR_NONE:
		break;
	}
	return NULL;
}

static void open_bar(struct editor *editor, enum editor_bar bar)
{
	struct editor_find *find = &editor->find;
	size_t start, end;

	find->origin = cursor_at(editor);
	find->problem[0] = '\0';
	find->replaced = 0;
	if (bar == BAR_LINE)
		field_set(&find->line, "");
	/* a short selection is what one wants to find */
	if (bar != BAR_LINE && selection_get(editor, &start, &end) && end - start < 100 &&
	    kl_text_line_of(editor->text, start) == kl_text_line_of(editor->text, end)) {
		char word[104];

		word[kl_text_copy(editor->text, start, word, end - start)] = '\0';
		field_set(&find->pattern, word);
		find->origin = start;
	}
	find->bar = bar;
	editor->follow = true;
}

static void close_bar(struct editor *editor, bool stay)
{
	if (!stay)
		editor_set_cursor(editor, editor->find.origin);
	editor->find.bar = BAR_NONE;
	editor->find.has_match = false;
	editor->follow = true;
}

static void go_to_typed_line(struct editor *editor)
{
	char *end;
	long line = strtol(editor->find.line.text, &end, 10);
	long column = *end == ':' || *end == ',' ? strtol(end + 1, NULL, 10) : 0;

	close_bar(editor, true);
	if (line < 1)
		editor_say(editor, true, "A line number is wanted, as in 12 or 12:5.");
	else
		editor_go_to(editor, line > 1000000000 ? 1000000000 : (int)line, (int)column);
}

/* ---- replacing ---- */

static bool match_allowed(struct editor *editor)
{
	return change_allowed(editor, editor->find.match.start, editor->find.match.end);
}

static void replace_next(struct editor *editor)
{
	struct editor_find *find = &editor->find;
	struct kl_error err;
	size_t end;

	if (!find->has_match || !match_allowed(editor) ||
	    kl_search_replace(&end, find->search, editor->text, &find->match, find->with.text, &err)) {
		close_bar(editor, true);
		return;
	}
	find->replaced++;
	if (!go_match(editor, end, true))
		close_bar(editor, true);
}

static void replace_all(struct editor *editor)
{
	struct editor_find *find = &editor->find;
	struct kl_error err;
	size_t count = 0;

	if (editor->fixed_count > 0 && !change_allowed(editor, 0, kl_text_len(editor->text)))
		return;
	if (kl_search_replace_all(&count, find->search, editor->text, 0, kl_text_len(editor->text), find->with.text,
				  &err))
		editor_say(editor, true, "%s", err.message);
	else
		editor_say(editor, false, "Replaced %zu.", count + find->replaced);
	selection_drop(editor);
	close_bar(editor, true);
}

static void begin_asking(struct editor *editor)
{
	editor->find.bar = BAR_ASK;
	if (!open_search(editor) || !go_match(editor, editor->find.origin, true))
		close_bar(editor, true);
}

/* In the asking bar letters are answers. */
static void answer(struct editor *editor, char letter)
{
	if (letter == 'y' || letter == 'Y')
		replace_next(editor);
	else if (letter == 'a' || letter == 'A')
		replace_all(editor);
	else if (letter == 'n' || letter == 'N') {
		if (!go_match(editor, editor->find.match.end, true))
			close_bar(editor, true);
	} else if (letter == 'q' || letter == 'Q')
		close_bar(editor, true);
}

/* ---- requests ---- */

static void accept(struct editor *editor)
{
	switch (editor->find.bar) {
	case BAR_FIND:
		if (!editor->find.has_match && editor->find.pattern.len)
			find_as_typed(editor);
		close_bar(editor, editor->find.pattern.len > 0);
		break;
	case BAR_REPLACE:
		if (editor->find.pattern.len)
			editor->find.bar = BAR_WITH;
		break;
	case BAR_WITH:
		begin_asking(editor);
		break;
	case BAR_ASK:
		replace_next(editor);
		break;
	case BAR_LINE:
		go_to_typed_line(editor);
		break;
	case BAR_NONE:
		break;
	}
}

static bool bar_request(struct editor *editor, enum request request)
{
	struct editor_find *find = &editor->find;
	struct field *field = bar_field(find);

	if (request == REQ_SELECT || request == REQ_NEWLINE)
		accept(editor);
	else if (request == REQ_BACK)
		close_bar(editor, find->bar == BAR_ASK || find->bar == BAR_WITH);
	else if (request == REQ_FIND_NEXT || request == REQ_DOWN)
		go_match(editor, find->has_match ? find->match.end : find->origin, true);
	else if (request == REQ_FIND_PREV || request == REQ_UP)
		go_match(editor, find->has_match ? find->match.start : find->origin, false);
	else if (request == REQ_SORT_TURN) {
		find->regex = !find->regex;
		find_as_typed(editor);
	} else if (field && field_request(field, request)) {
		if (find->bar == BAR_FIND || find->bar == BAR_REPLACE)
			find_as_typed(editor);
	} else {
		return request == REQ_NEXT_TAB || request == REQ_PREV_TAB;
	}
	return true;
}

bool find_request(struct editor *editor, enum request request)
{
	if (editor->find.bar != BAR_NONE) {
		if (bar_request(editor, request))
			return true;
		close_bar(editor, true);
		return false;
	}
	if (request == REQ_FIND || request == REQ_SEARCH)
		open_bar(editor, BAR_FIND);
	else if (request == REQ_REPLACE)
		open_bar(editor, BAR_REPLACE);
	else if (request == REQ_GOTO_LINE)
		open_bar(editor, BAR_LINE);
	else if (request == REQ_FIND_NEXT && editor->find.pattern.len)
		go_match(editor, cursor_at(editor), true);
	else if (request == REQ_FIND_PREV && editor->find.pattern.len)
		go_match(editor, editor->selecting ? kl_mark_offset(editor->anchor) : cursor_at(editor), false);
	else if (request == REQ_FIND_NEXT || request == REQ_FIND_PREV)
		open_bar(editor, BAR_FIND);
	else
		return false;
	return true;
}

bool find_text(struct editor *editor, const char *utf8, size_t len)
{
	struct editor_find *find = &editor->find;

	if (find->bar == BAR_NONE)
		return false;
	if (find->bar == BAR_ASK) {
		if (len == 1)
			answer(editor, *utf8);
		return true;
	}
	field_insert(bar_field(find), utf8, len);
	if (find->bar == BAR_FIND || find->bar == BAR_REPLACE)
		find_as_typed(editor);
	return true;
}

/* ---- drawing ---- */

void find_draw(struct editor *editor, struct canvas *canvas, bool focused)
{
	static const char *const labels[] = {
		[BAR_FIND] = "Find: ",		[BAR_REPLACE] = "Replace: ",  [BAR_WITH] = "With: ",
		[BAR_ASK] = "Replace this one?", [BAR_LINE] = "Go to line: ",
	};
	struct editor_find *find = &editor->find;
	struct field *field = bar_field(find);
	int y = canvas->rows - 1, x, room;

	canvas_fill(canvas, (struct rect){ y, 0, 1, canvas->cols }, ROLE_STATUS);
	x = canvas_str(canvas, y, 0, ROLE_STATUS_ACCENT, labels[find->bar]);
	if (!field) {
		canvas_str(canvas, y, x + 1, ROLE_STATUS, "y)es  n)o  a)ll  q)uit");
		return;
	}
	room = canvas->cols - x;
	if (find->regex && find->bar != BAR_LINE && room > 20) {
		room -= 7;
		canvas_str(canvas, y, canvas->cols - 6, ROLE_HINT_KEY, "regex");
	}
	if (find->problem[0] && room > 40) {
		canvas_str_cut(canvas, y, x + room / 2, ROLE_ERROR, find->problem, room - room / 2);
		room /= 2;
	}
	field_draw(field, canvas, y, x, room - 1, ROLE_FIELD, focused);
}
