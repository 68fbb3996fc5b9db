/*
 * Markdown to wrapped lines. md4c calls back for blocks, spans and texts; a paragraph's inline text is collected with the
 * role of each byte, then broken at blanks. Blocks nest by a prefix (list indentation, quote bars) that each line begins with.
 */
#include "prose.h"
#include "prose_int.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <md4c.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/grapheme.h>

#include "canvas.h"

enum {
	WIDTH_MIN = 10,
	GAP_LINE = 1, /* value of the blank lines between blocks */
	TEXT_MAX = 1 << 20,
	NEST_MAX = 12,
	SPANS_MAX = 256,
};

struct nest { /* an open list, list item or quote */
	char first[16], rest[16]; /* what its first line and the others begin with */
	bool used_first;
	bool is_item, is_quote, ordered;
	bool tight_outside; /* lists: what build.tight goes back to behind it */
	unsigned number;
};

struct build {
	struct lines *out;
	int width;
	struct kl_buf text; /* inline text of the block so far */
	struct kl_buf roles; /* the role of each byte of text */
	enum role role; /* of what comes now */
	enum role stack[NEST_MAX];
	size_t role_depth;
	struct nest nest[NEST_MAX];
	size_t depth;
	size_t deeper; /* nesting beyond NEST_MAX: not shown, but counted */
	struct nest spare; /* of those: written, never read */
	const struct prose *prose;
	char language[32]; /* of the code block; "": not named */
	bool code; /* inside a code block: lines are not wrapped */
	bool tight; /* no blank line is due */
	bool cut; /* more came than may be shown */
	struct prose_table table;
	struct kl_buf link;
};

/* A line that begins with the prefixes of what is open. *used: their columns. */
static struct line *begin_line(struct build *build, int *used)
{
	struct line *line = lines_new(build->out, 0);

	for (size_t i = 0; i < build->depth; i++) {
		struct nest *nest = &build->nest[i];
		const char *prefix = nest->used_first ? nest->rest : nest->first;

		line_str(line, ROLE_DIM, prefix);
		nest->used_first = true;
	}
	*used = canvas_width(line->text, line->len);
	return line;
}

/* Is there a quote at depth `from` or below whose bar has been drawn? */
static bool quote_inside(const struct build *build, size_t from)
{
	for (size_t i = from; i < build->depth; i++) {
		if (build->nest[i].is_quote && build->nest[i].used_first)
			return true;
	}
	return false;
}

/* A blank line between blocks, unless there is one, or this is the beginning. The bars of quotes go through. */
static void gap(struct build *build)
{
	struct lines *out = build->out;
	struct line *line;

	if (out->count == 0 || out->items[out->count - 1].value == GAP_LINE || build->tight)
		return;
	line = lines_new(out, GAP_LINE);
	for (size_t i = 0; i < build->depth && quote_inside(build, i); i++)
		line_str(line, ROLE_DIM, build->nest[i].rest);
}

static void add_roles(struct build *build, size_t len, enum role role)
{
	for (size_t i = 0; i < len; i++)
		kl_buf_add_char(&build->roles, (char)role);
}

static void add_text(struct build *build, const char *text, size_t len)
{
	if (len > TEXT_MAX - build->text.len) {
		build->cut = true;
		return;
	}
	kl_buf_add(&build->text, text, len);
	add_roles(build, len, build->role);
}

/* The bytes [from, to) of the collected text, with their roles. */
static void emit(struct build *build, struct line *line, size_t from, size_t to)
{
	while (from < to) {
		size_t end = from;

		while (end < to && build->roles.data[end] == build->roles.data[from])
			end++;
		line_add(line, (enum role)build->roles.data[from], build->text.data + from, end - from);
		from = end;
	}
}

/* Where a line that starts at `from` has to end to fit in `room` columns: behind the last blank, or in a long word. */
static size_t break_at(const struct build *build, size_t from, int room)
{
	const char *text = build->text.data, *newline = memchr(text + from, '\n', build->text.len - from);
	size_t stop = newline ? (size_t)(newline - text) : build->text.len;
	size_t end = from, blank = 0;
	int cols = 0;

	while (end < stop) { /* the newline itself would be one cluster with a CR in front of it */
		size_t step = kl_grapheme_next(text + end, stop - end);

		cols += canvas_width(text + end, step);
		if (cols > room && text[end] != ' ')
			return blank > from ? blank : end > from ? end : end + step;
		end += step;
		if (text[end - 1] == ' ')
			blank = end;
	}
	return end;
}

/* Writes the collected text as wrapped lines and forgets it. */
static void flush(struct build *build)
{
	size_t from = 0;

	while (from < build->text.len) {
		int used;
		struct line *line = begin_line(build, &used);
		size_t end = break_at(build, from, build->width > used + WIDTH_MIN ? build->width - used : WIDTH_MIN);
		size_t shown = end;

		while (shown > from && build->text.data[shown - 1] == ' ')
			shown--;
		emit(build, line, from, shown);
		from = end;
		if (from < build->text.len && build->text.data[from] == '\n')
			from++;
	}
	kl_buf_clear(&build->text);
	kl_buf_clear(&build->roles);
}

/* A line of code in the colours of its language; what the lexer left out is plain code. */
static void add_code(struct build *build, struct line *line, const char *text, size_t len, uint32_t *state)
{
	struct kl_span spans[SPANS_MAX];
	size_t count = 0, at = 0;

	if (build->prose->code && build->language[0])
		count = build->prose->code(build->prose->code_ctx, build->language, text, len, state, spans, SPANS_MAX);
	for (size_t i = 0; i < count; i++) {
		line_add(line, ROLE_CODE, text + at, spans[i].start - at);
		line_add(line, ROLE_OF_TOKEN(spans[i].token), text + spans[i].start, spans[i].len);
		at = spans[i].start + spans[i].len;
	}
	line_add(line, count ? ROLE_TOKEN_TEXT : ROLE_CODE, text + at, len - at);
}

/* Code is shown line by line, as it is. */
static void flush_code(struct build *build)
{
	uint32_t state = KL_SYNTAX_START;
	size_t from = 0;

	while (from < build->text.len) {
		const char *newline = memchr(build->text.data + from, '\n', build->text.len - from);
		size_t end = newline ? (size_t)(newline - build->text.data) : build->text.len;
		int used;
		struct line *line = begin_line(build, &used);

		line_str(line, ROLE_CODE, "  ");
		add_code(build, line, build->text.data + from, end - from, &state);
		from = end + 1;
	}
	kl_buf_clear(&build->text);
	kl_buf_clear(&build->roles);
}

static void push_role(struct build *build, enum role role)
{
	if (build->role_depth < NEST_MAX)
		build->stack[build->role_depth] = build->role;
	build->role_depth++;
	build->role = role;
}

static void pop_role(struct build *build)
{
	if (build->role_depth > 0 && --build->role_depth < NEST_MAX)
		build->role = build->stack[build->role_depth];
}

static struct nest *push_nest(struct build *build)
{
	if (build->depth == NEST_MAX) {
		build->deeper++;
		return &build->spare;
	}
	build->nest[build->depth] = (struct nest){ 0 };
	return &build->nest[build->depth++];
}

static void pop_nest(struct build *build)
{
	if (build->deeper > 0)
		build->deeper--;
	else if (build->depth > 0)
		build->depth--;
}

static void open_item(struct build *build, const MD_BLOCK_LI_DETAIL *detail)
{
	struct nest *list = build->depth ? &build->nest[build->depth - 1] : NULL;
	bool ordered = list && list->ordered;
	unsigned number = list ? list->number++ : 0;
	struct nest *item;

	flush(build);
	gap(build);
	item = push_nest(build);
	item->is_item = true;
	if (detail->is_task)
		snprintf(item->first, sizeof(item->first), "[%c] ", detail->task_mark == ' ' ? ' ' : 'x');
	else if (ordered)
		snprintf(item->first, sizeof(item->first), "%2u. ", number);
	else
		snprintf(item->first, sizeof(item->first), " - ");
	snprintf(item->rest, sizeof(item->rest), "%*s", (int)strlen(item->first), "");
}

static void open_list(struct build *build, bool ordered, unsigned start, bool tight)
{
	flush(build);
	if (build->depth == 0)
		gap(build);
	*push_nest(build) =
		(struct nest){ .used_first = true, .ordered = ordered, .number = start, .tight_outside = build->tight };
	build->tight = tight;
}

static void close_list(struct build *build)
{
	flush(build);
	if (build->deeper == 0 && build->depth > 0)
		build->tight = build->nest[build->depth - 1].tight_outside;
	pop_nest(build);
}

static struct line *table_line(void *ctx)
{
	int used;

	return begin_line(ctx, &used);
}

static void flush_table(struct build *build)
{
	int room = build->width;

	for (size_t i = 0; i < build->depth; i++)
		room -= (int)strlen(build->nest[i].rest);
	prose_table_draw(&build->table, room < WIDTH_MIN ? WIDTH_MIN : room, table_line, build);
	build->cut = build->cut || build->table.full;
	prose_table_clear(&build->table);
}

static void close_cell(struct build *build)
{
	prose_table_cell(&build->table, build->text.data, build->text.len);
	kl_buf_clear(&build->text);
	kl_buf_clear(&build->roles);
}

/* ---- what md4c calls ---- */

static void name_language(struct build *build, const MD_BLOCK_CODE_DETAIL *detail)
{
	size_t len = detail->lang.text ? detail->lang.size : 0;

	if (len >= sizeof(build->language))
		len = 0;
	memcpy(build->language, len ? detail->lang.text : "", len);
	build->language[len] = '\0';
}

static int enter_block(MD_BLOCKTYPE type, void *detail, void *ctx)
{
	struct build *build = ctx;
	const MD_BLOCK_UL_DETAIL *ul = detail;
	const MD_BLOCK_OL_DETAIL *ol = detail;
	struct nest *quote;

	switch (type) {
	case MD_BLOCK_UL:
		open_list(build, false, 0, ul->is_tight != 0);
		break;
	case MD_BLOCK_OL:
		open_list(build, true, ol->start, ol->is_tight != 0);
		break;
	case MD_BLOCK_LI:
		open_item(build, detail);
		break;
	case MD_BLOCK_QUOTE:
		gap(build);
		quote = push_nest(build);
		memcpy(quote->first, "| ", 3);
		memcpy(quote->rest, "| ", 3);
		quote->is_quote = true;
		push_role(build, ROLE_QUOTE);
		break;
	case MD_BLOCK_H:
		gap(build);
		push_role(build, ROLE_HEADING);
		break;
	case MD_BLOCK_CODE:
		flush(build);
		gap(build);
		build->code = true;
		name_language(build, detail);
		break;
	case MD_BLOCK_HR:
		gap(build);
		add_text(build, "* * *", 5);
		flush(build);
		break;
	case MD_BLOCK_P:
		if (!(build->depth && build->nest[build->depth - 1].is_item &&
		      !build->nest[build->depth - 1].used_first))
			gap(build);
		break;
	case MD_BLOCK_TABLE:
		flush(build);
		gap(build);
		break;
	case MD_BLOCK_TR:
		prose_table_row(&build->table);
		break;
	case MD_BLOCK_DOC:
	case MD_BLOCK_HTML:
	case MD_BLOCK_THEAD:
	case MD_BLOCK_TBODY:
	case MD_BLOCK_TH:
	case MD_BLOCK_TD:
		break;
	}
	return 0;
}

static int leave_block(MD_BLOCKTYPE type, void *detail, void *ctx)
{
	struct build *build = ctx;

	(void)detail;
	switch (type) {
	case MD_BLOCK_UL:
	case MD_BLOCK_OL:
		close_list(build);
		break;
	case MD_BLOCK_LI:
	case MD_BLOCK_QUOTE:
		flush(build);
		pop_nest(build);
		if (type == MD_BLOCK_QUOTE)
			pop_role(build);
		break;
	case MD_BLOCK_H:
		flush(build);
		pop_role(build);
		break;
	case MD_BLOCK_CODE:
		flush_code(build);
		build->code = false;
		break;
	case MD_BLOCK_P:
	case MD_BLOCK_HTML:
	case MD_BLOCK_DOC:
		flush(build);
		break;
	case MD_BLOCK_TABLE:
		flush_table(build);
		break;
	case MD_BLOCK_TH:
	case MD_BLOCK_TD:
		close_cell(build);
		break;
	case MD_BLOCK_HR:
	case MD_BLOCK_THEAD:
	case MD_BLOCK_TBODY:
	case MD_BLOCK_TR:
		break;
	}
	return 0;
}

static int enter_span(MD_SPANTYPE type, void *detail, void *ctx)
{
	struct build *build = ctx;
	const MD_SPAN_A_DETAIL *link = detail;

	switch (type) {
	case MD_SPAN_EM:
	case MD_SPAN_U:
		push_role(build, ROLE_EMPHASIS);
		break;
	case MD_SPAN_STRONG:
		push_role(build, ROLE_STRONG);
		break;
	case MD_SPAN_CODE:
	case MD_SPAN_LATEXMATH:
	case MD_SPAN_LATEXMATH_DISPLAY:
		push_role(build, ROLE_CODE);
		break;
	case MD_SPAN_A:
		kl_buf_clear(&build->link);
		kl_buf_add(&build->link, link->href.text, link->href.size);
		push_role(build, ROLE_LINK);
		break;
	case MD_SPAN_IMG:
		push_role(build, ROLE_DIM);
		add_text(build, "[picture: ", 10);
		break;
	case MD_SPAN_DEL:
	case MD_SPAN_WIKILINK:
		push_role(build, ROLE_DIM);
		break;
	}
	return 0;
}

static int leave_span(MD_SPANTYPE type, void *detail, void *ctx)
{
	struct build *build = ctx;

	(void)detail;
	if (type == MD_SPAN_IMG)
		add_text(build, "]", 1);
	pop_role(build);
	/* where a link leads is said, once: it cannot be clicked everywhere */
	if (type == MD_SPAN_A && build->link.len &&
	    (build->text.len < build->link.len ||
	     memcmp(build->text.data + build->text.len - build->link.len, build->link.data, build->link.len) != 0)) {
		push_role(build, ROLE_DIM);
		add_text(build, " (", 2);
		add_text(build, build->link.data, build->link.len);
		add_text(build, ")", 1);
		pop_role(build);
	}
	return 0;
}

static void add_entity(struct build *build, const char *name, size_t len)
{
	char utf8[PROSE_ENTITY_MAX];
	size_t size = prose_entity(utf8, name, len);

	add_text(build, size ? utf8 : name, size ? size : len);
}

static int text_callback(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE size, void *ctx)
{
	struct build *build = ctx;

	switch (type) {
	case MD_TEXT_BR:
		add_text(build, "\n", 1);
		break;
	case MD_TEXT_SOFTBR:
		add_text(build, " ", 1);
		break;
	case MD_TEXT_NULLCHAR:
		add_text(build, "\0", 1);
		break;
	case MD_TEXT_ENTITY:
		add_entity(build, text, size);
		break;
	case MD_TEXT_NORMAL:
	case MD_TEXT_CODE:
	case MD_TEXT_HTML:
	case MD_TEXT_LATEXMATH:
		add_text(build, text, size);
		break;
	}
	return 0;
}

void prose_release(struct prose *prose)
{
	lines_clear(&prose->lines);
}

void prose_set(struct prose *prose, const char *markdown, size_t len, int width)
{
	MD_PARSER parser = {
		.flags = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS | MD_FLAG_NOHTML |
			 MD_FLAG_PERMISSIVEAUTOLINKS,
		.enter_block = enter_block,
		.leave_block = leave_block,
		.enter_span = enter_span,
		.leave_span = leave_span,
		.text = text_callback,
	};
	struct build *build = kl_calloc(1, sizeof(*build)); /* the table's cells are too many for the stack */

	prose_release(prose);
	prose->width = width < WIDTH_MIN ? WIDTH_MIN : width;
	build->prose = prose;
	build->out = &prose->lines;
	build->width = prose->width;
	kl_buf_init(&build->text, TEXT_MAX);
	kl_buf_init(&build->roles, TEXT_MAX);
	kl_buf_init(&build->link, 2048);
	md_parse(markdown, (MD_SIZE)(len > TEXT_MAX ? TEXT_MAX : len), &parser, build);
	flush(build);
	if (build->cut || len > TEXT_MAX) {
		struct line *line = lines_new(&prose->lines, 0);

		line_str(line, ROLE_DIM, "(the text is too long and ends here)");
	}
	prose_table_clear(&build->table);
	kl_buf_release(&build->text);
	kl_buf_release(&build->roles);
	kl_buf_release(&build->link);
	free(build);
}
