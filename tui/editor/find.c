/*
 * The bar at the bottom of the editor: find while typing, replace (find what, with what, then one by one), go to a
 * line. While it is open it has the text; what it does not know closes it and goes on to the editor.
 */
#include "editor_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	free(editor->find.count.starts);
	kl_mark_remove(editor->find.begin);
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
	count_begin(editor);
	count_work(editor); /* a text of usual size is counted by that */
	return true;
}

/* With the bar closed the count is news. */
static void say_count(struct editor *editor)
{
	char text[COUNT_TEXT_SIZE];

	if (editor->find.bar == BAR_NONE && *count_text(editor, text, sizeof(text)))
		editor_say(editor, false, "%s", text);
}

static void show_match(struct editor *editor)
{
	struct editor_find *find = &editor->find;

	kl_mark_set(editor->anchor, find->match.start);
	cursor_set(editor, find->match.end);
	editor->selecting = find->match.end > find->match.start;
	find->has_match = true;
	say_count(editor);
	if (find->match.wrapped)
		editor_say(editor, false, "Searched past the end and went on from the other side.");
}

/* Finds without showing. A failure is said. */
static bool find_match(struct editor *editor, size_t from, bool forward)
{
	struct editor_find *find = &editor->find;
	struct kl_error err;
	enum kl_status status;

	find->has_match = false;
	if (!find->search && !open_search(editor))
		return false;
	status = forward ? kl_search_next(&find->match, find->search, editor->text, from, &err)
			 : kl_search_prev(&find->match, find->search, editor->text, from, &err);
	if (status == KL_ENOENT)
		editor_say(editor, true, "'%.80s' is not in this text.", find->pattern.text);
	else if (status)
		editor_say(editor, true, "%s", err.message);
	return !status;
}

static bool go_match(struct editor *editor, size_t from, bool forward)
{
	bool found = find_match(editor, from, forward);

	if (found)
		show_match(editor);
	return found;
}

/* Where the search goes on behind match: an empty one would be found again. */
static size_t behind(const struct editor *editor, const struct kl_match *match)
{
	if (match->end > match->start)
		return match->end;
	return match->end < kl_text_len(editor->text) ? kl_text_next(editor->text, match->end) : 0;
}

static void go_next(struct editor *editor)
{
	struct editor_find *find = &editor->find;
	size_t cursor = cursor_at(editor);
	bool found = find_match(editor, cursor, true);

	if (found && find->match.start == cursor && find->match.end == cursor)
		found = find_match(editor, behind(editor, &find->match), true);
	if (found)
		show_match(editor);
}

static void go_prev(struct editor *editor)
{
	size_t start, end;

	go_match(editor, selection_get(editor, &start, &end) ? start : cursor_at(editor), false);
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
	find->wrapped = false;
	if (bar == BAR_LINE)
		field_set(&find->line, "");
	/* a short selection is what one wants to find */
	if (bar != BAR_LINE && selection_get(editor, &start, &end) && end - start < 100 &&
	    kl_text_line_of(editor->text, start) == kl_text_line_of(editor->text, end)) {
		char word[104];

		word[kl_text_copy(editor->text, start, word, end - start)] = '\0';
		field_set(&find->pattern, word);
		close_search(find);
	}
	find->bar = bar;
	find->fresh = true;
	if (bar != BAR_LINE && find->pattern.len && !find->search)
		open_search(editor);
	editor->follow = true;
}

static void close_bar(struct editor *editor, bool stay)
{
	if (!stay)
		editor_set_cursor(editor, editor->find.origin);
	editor->find.bar = BAR_NONE;
	editor->find.has_match = false;
	kl_mark_remove(editor->find.begin);
	editor->find.begin = NULL;
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

static void end_asking(struct editor *editor)
{
	selection_drop(editor);
	close_bar(editor, true);
	editor_say(editor, false, "Replaced %zu.", editor->find.replaced);
}

/* Is the match just found one that was asked about? Asking goes round the text once. */
static bool asked_before(struct editor_find *find)
{
	bool again = find->match.wrapped && find->wrapped;

	find->wrapped = find->wrapped || find->match.wrapped;
	return again || (find->wrapped && find->match.start >= kl_mark_offset(find->begin));
}

/* Shows the next match that may be changed, or ends. */
static void ask_next(struct editor *editor, size_t from)
{
	struct editor_find *find = &editor->find;

	for (;;) {
		if (!find_match(editor, from, true) || asked_before(find)) {
			end_asking(editor);
			return;
		}
		if (!change_is_fixed(editor, find->match.start, find->match.end))
			break;
		from = behind(editor, &find->match);
	}
	show_match(editor);
}

static void replace_next(struct editor *editor)
{
	struct editor_find *find = &editor->find;
	bool empty = find->match.end == find->match.start;
	struct kl_error err;
	size_t end;

	if (!find->has_match) { /* the text was changed from outside */
		end_asking(editor);
	} else if (kl_search_replace(&end, find->search, editor->text, &find->match, find->with.text, &err)) {
		close_bar(editor, true);
		editor_say(editor, true, "%s", err.message);
	} else {
		find->replaced++;
		cursor_set(editor, end);
		ask_next(editor, empty && end < kl_text_len(editor->text) ? kl_text_next(editor->text, end) : end);
	}
}

/* Is there a match that begins in [from, to) and reaches beyond? */
static bool leaves_span(struct editor *editor, size_t from, size_t to)
{
	struct editor_find *find = &editor->find;
	struct kl_match match;

	while (from < to && !kl_search_next(&match, find->search, editor->text, from, NULL) && !match.wrapped &&
	       match.start < to) {
		if (match.end > to)
			return true;
		from = match.end > match.start ? match.end : match.end + 1;
	}
	return false;
}

/* Replaces what lies between the fixed regions, from the last to the first: the offsets before stay. */
static enum kl_status replace_spans(struct editor *editor, size_t *count, struct kl_error *err)
{
	struct editor_find *find = &editor->find;
	size_t to = kl_text_len(editor->text);
	enum kl_status status = KL_OK;

	for (size_t i = editor->fixed_count + 1; i-- > 0 && !status;) {
		size_t from = i > 0 ? kl_mark_offset(editor->fixed[i - 1].end) : 0, here = 0;

		if (editor->fixed_count > 0 && leaves_span(editor, from, to))
			status = kl_fail(err, KL_EDENIED, "A match reaches into a part that belongs to the challenge.");
		else
			status = kl_search_replace_all(&here, find->search, editor->text, from, to, find->with.text,
						       err);
		*count += here;
		to = i > 0 ? kl_mark_offset(editor->fixed[i - 1].start) : 0;
	}
	return status;
}

static void replace_all(struct editor *editor)
{
	struct editor_find *find = &editor->find;
	struct kl_error err;
	enum kl_status status;

	cursor_set(editor, kl_mark_offset(find->begin));
	selection_drop(editor);
	kl_text_begin(editor->text, KL_EDIT_OTHER, cursor_at(editor));
	status = replace_spans(editor, &find->replaced, &err);
	kl_text_end(editor->text, kl_mark_offset(find->begin));
	cursor_set(editor, kl_mark_offset(find->begin));
	end_asking(editor);
	if (status)
		editor_say(editor, true, "%s", err.message);
}

static void begin_asking(struct editor *editor)
{
	struct editor_find *find = &editor->find;

	find->bar = BAR_ASK;
	find->begin = kl_mark_add(editor->text, find->origin, KL_GRAVITY_LEFT);
	if (!open_search(editor) || !find_match(editor, find->origin, true))
		close_bar(editor, true);
	else
		ask_next(editor, find->origin);
}

/* In the asking bar letters are answers. */
static void answer(struct editor *editor, char letter)
{
	if (letter == 'y' || letter == 'Y')
		replace_next(editor);
	else if (letter == 'a' || letter == 'A')
		replace_all(editor);
	else if (letter == 'n' || letter == 'N')
		ask_next(editor, behind(editor, &editor->find.match));
	else if (letter == 'q' || letter == 'Q')
		close_bar(editor, true);
}

/* ---- requests ---- */

static void accept(struct editor *editor)
{
	switch (editor->find.bar) {
	case BAR_FIND:
		if (!editor->find.has_match && editor->find.pattern.len)
			go_next(editor);
		close_bar(editor, editor->find.pattern.len > 0);
		break;
	case BAR_REPLACE:
		if (editor->find.pattern.len)
			editor->find.bar = BAR_WITH;
		editor->find.fresh = true;
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

static bool is_pattern(const struct editor_find *find)
{
	return find->bar == BAR_FIND || find->bar == BAR_REPLACE;
}

/* What a bar was opened with is as if selected: the first letter takes its place. */
static void clear_fresh(struct editor_find *find)
{
	struct field *field = bar_field(find);

	if (find->fresh && field)
		field_set(field, "");
	find->fresh = false;
}

static bool edit_request(struct editor *editor, enum request request)
{
	struct editor_find *find = &editor->find;
	struct field *field = bar_field(find);
	size_t len;

	if (!field)
		return false;
	if (request == REQ_PASTE) {
		const char *text = editor->host.clipboard(editor->host.ctx, &len);

		return find_text(editor, text, len);
	}
	if (request == REQ_BACKSPACE || request == REQ_DELETE)
		clear_fresh(find);
	if (!field_request(field, request))
		return false;
	find->fresh = false;
	if (is_pattern(find))
		find_as_typed(editor);
	return true;
}

static bool bar_request(struct editor *editor, enum request request)
{
	struct editor_find *find = &editor->find;

	if (request == REQ_SELECT || request == REQ_NEWLINE)
		accept(editor);
	else if (request == REQ_BACK)
		close_bar(editor, find->bar == BAR_ASK || find->bar == BAR_WITH);
	else if ((request == REQ_FIND_NEXT || request == REQ_DOWN) && is_pattern(find))
		go_next(editor);
	else if ((request == REQ_FIND_PREV || request == REQ_UP) && is_pattern(find))
		go_prev(editor);
	else if (request == REQ_SORT_TURN && is_pattern(find)) {
		find->regex = !find->regex;
		find_as_typed(editor);
	} else if (request == REQ_MARK_ALL) {
		find->fresh = true;
	} else if (!edit_request(editor, request)) {
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
		go_next(editor);
	else if (request == REQ_FIND_PREV && editor->find.pattern.len)
		go_prev(editor);
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
	clear_fresh(find);
	field_insert(bar_field(find), utf8, len);
	if (is_pattern(find))
		find_as_typed(editor);
	return true;
}

/* ---- drawing ---- */

void find_draw(struct editor *editor, struct canvas *canvas, bool focused)
{
	static const char *const labels[] = {
		[BAR_FIND] = "Find: ",           [BAR_REPLACE] = "Replace: ", [BAR_WITH] = "With: ",
		[BAR_ASK] = "Replace this one?", [BAR_LINE] = "Go to line: ",
	};
	struct editor_find *find = &editor->find;
	struct field *field = bar_field(find);
	int y = canvas->rows - 1, x, room, width;
	char count[COUNT_TEXT_SIZE] = "";

	canvas_fill(canvas, (struct rect){ y, 0, 1, canvas->cols }, ROLE_STATUS);
	x = canvas_str(canvas, y, 0, ROLE_STATUS_ACCENT, labels[find->bar]);
	if (find->bar != BAR_LINE)
		count_text(editor, count, sizeof(count));
	if (!field) {
		x += 1 + canvas_str(canvas, y, x + 1, ROLE_STATUS, "y)es  n)o  a)ll  q)uit");
		canvas_str_cut(canvas, y, x + 2, ROLE_STATUS_ACCENT, count, canvas->cols - x - 3);
		return;
	}
	room = canvas->cols - x;
	width = (int)strlen(count);
	if (width > 0 && room > width + 10) {
		room -= width + 1;
		canvas_str(canvas, y, x + room, ROLE_STATUS_ACCENT, count);
	}
	if (find->regex && find->bar != BAR_LINE && room > 20) {
		room -= 7;
		canvas_str(canvas, y, x + room + 1, ROLE_HINT_KEY, "regex");
	}
	if (find->problem[0] && room > 40) {
		canvas_str_cut(canvas, y, x + room / 2, ROLE_ERROR, find->problem, room - room / 2);
		room /= 2;
	}
	field_draw(field, canvas, y, x, room - 1, ROLE_FIELD, focused);
	if (find->fresh && field->len)
		canvas_ground(canvas, (struct rect){ y, x, 1, canvas_width(field->text, field->len) }, ROLE_SELECTION);
}
