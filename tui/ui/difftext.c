/*
 * Line differences. The common beginning and end are cut off first; what is left in the middle is matched by the
 * longest common subsequence when it is small enough, else shown as all gone, all new. Bounded in time and memory by that.
 */
#include "difftext.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>

enum { LINES_MAX = 400, LCS_CELLS_MAX = 1 << 22, CONTEXT = 3, SIDE_LINES_MAX = 100000 };

#define NO_MARK ((size_t)-1)

struct part { /* one line of a side, without its newline */
	const char *text;
	size_t len;
	bool newline; /* it ends in one */
};

struct side {
	struct part *parts;
	size_t count;
};

struct work {
	struct lines *out;
	const struct difftext *diff;
	struct side want, got;
	size_t written, differing;
	bool cut; /* there was more than may be shown */
	bool marked; /* the first difference has its mark */
	bool newlines_differ; /* one side ends in a newline, the other does not */
};

static struct side split(const char *text, size_t len)
{
	struct side side = { 0 };
	size_t capacity = 0;

	for (size_t from = 0; from < len && side.count < SIDE_LINES_MAX;) {
		const char *newline = memchr(text + from, '\n', len - from);
		size_t end = newline ? (size_t)(newline - text) : len;

		if (side.count + 1 == SIDE_LINES_MAX)
			end = len; /* what is beyond is one long line */
		KL_GROW(side.parts, side.count, capacity);
		side.parts[side.count++] = (struct part){ text + from, end - from, newline != NULL };
		from = end + 1;
	}
	return side;
}

static bool same(const struct part *a, const struct part *b)
{
	return a->len == b->len && a->newline == b->newline && memcmp(a->text, b->text, a->len) == 0;
}

/* Is the byte at `at` one inside a character? */
static bool is_rest(const struct part *part, size_t at)
{
	return at < part->len && ((unsigned char)part->text[at] & 0xc0) == 0x80;
}

static size_t common_prefix(const struct part *a, const struct part *b)
{
	size_t at = 0;

	while (at < a->len && at < b->len && a->text[at] == b->text[at])
		at++;
	while (at > 0 && (is_rest(a, at) || is_rest(b, at)))
		at--;
	return at;
}

static struct line *next_line(struct work *work)
{
	work->written++;
	return lines_new(work->out, work->diff->value);
}

/* Notes that something was left out. */
static bool full(struct work *work)
{
	bool is_full = work->written >= (work->diff->max_lines ? work->diff->max_lines : LINES_MAX);

	work->cut = work->cut || is_full;
	return is_full;
}

static const char *same_sign(const struct work *work)
{
	return work->diff->same_sign ? work->diff->same_sign : "  ";
}

static void put_same(struct work *work, const struct part *part)
{
	struct line *line;

	if (full(work))
		return;
	line = next_line(work);
	line_str(line, ROLE_DIFF_SAME, same_sign(work));
	line_add(line, ROLE_DIFF_SAME, part->text, part->len);
}

/* One byte or a sign that stands for it. */
static const char *sign_of(const struct work *work, char byte, bool trailing)
{
	bool ascii = work->diff->ascii;

	if (work->diff->code)
		return NULL;
	if (byte == '\t')
		return ascii ? ">" : "→";
	if (byte == ' ' && trailing)
		return ascii ? "." : "·";
	if (byte == '\r')
		return "^M";
	return NULL;
}

/* Bytes from `at` on that look alike: a sign, the marked character, or a run of plain ones up to `end`. */
static size_t run_at(const struct work *work, const struct part *part, size_t at, size_t blanks, size_t mark)
{
	size_t end = at + 1;

	if (sign_of(work, part->text[at], at >= blanks))
		return 1;
	if (at == mark) {
		while (is_rest(part, end) && end < at + 4)
			end++;
		return end - at;
	}
	while (end < part->len && end != mark && !sign_of(work, part->text[end], end >= blanks))
		end++;
	return end - at;
}

/* Where the blanks at the end of a line begin. */
static size_t trailing(const struct part *part)
{
	size_t end = part->len;

	while (end > 0 && (part->text[end - 1] == ' ' || part->text[end - 1] == '\t' || part->text[end - 1] == '\r'))
		end--;
	return end;
}

/* mark: where the first difference is; NO_MARK: not in this line. */
static void put_visible(struct work *work, const struct part *part, bool wanted, size_t mark)
{
	const struct difftext *diff = work->diff;
	enum role role = wanted ? ROLE_DIFF_REMOVE : ROLE_DIFF_ADD;
	const char *lead = wanted ? diff->want_sign : diff->got_sign;
	size_t blanks = trailing(part), len;
	struct line *line;

	work->differing++;
	if (full(work))
		return;
	line = next_line(work);
	line_str(line, role, lead ? lead : wanted ? "- " : "+ ");
	for (size_t at = 0; at < part->len; at += len) {
		const char *sign = sign_of(work, part->text[at], at >= blanks);

		len = run_at(work, part, at, blanks, mark);
		if (sign)
			line_str(line, at == mark ? ROLE_DIFF_MARK : ROLE_WHITESPACE, sign);
		else
			line_add(line, at == mark ? ROLE_DIFF_MARK : role, part->text + at, len);
	}
	if (mark != NO_MARK && mark >= part->len)
		line_str(line, ROLE_DIFF_MARK, part->newline ? (diff->ascii ? "$" : "↵") : (diff->ascii ? "\\" : "∅"));
	if (!part->newline && work->newlines_differ)
		line_str(line, ROLE_DIM, "  (no newline at the end)");
}

static void put_run(struct work *work, size_t want_from, size_t want_to, size_t got_from, size_t got_to)
{
	size_t mark = NO_MARK;

	if (!work->marked && !work->diff->code && (want_from < want_to || got_from < got_to)) {
		work->marked = true;
		mark = want_from < want_to && got_from < got_to
			       ? common_prefix(&work->want.parts[want_from], &work->got.parts[got_from])
			       : 0;
	}
	for (size_t i = want_from; i < want_to; i++)
		put_visible(work, &work->want.parts[i], true, i == want_from ? mark : NO_MARK);
	for (size_t i = got_from; i < got_to; i++)
		put_visible(work, &work->got.parts[i], false, i == got_from ? mark : NO_MARK);
}

/* Lengths of the longest common subsequences of all suffixes; NULL: too large. */
static uint32_t *lcs_table(const struct work *work, size_t from, size_t want_to, size_t got_to)
{
	size_t rows = want_to - from + 1, cols = got_to - from + 1;
	uint32_t *table;

	if (rows > LCS_CELLS_MAX / cols)
		return NULL;
	table = kl_calloc(rows * cols, sizeof(*table));
	for (size_t row = rows - 1; row-- > 0;) {
		for (size_t col = cols - 1; col-- > 0;) {
			uint32_t below = table[(row + 1) * cols + col], right = table[row * cols + col + 1];

			table[row * cols + col] = same(&work->want.parts[from + row], &work->got.parts[from + col])
							  ? table[(row + 1) * cols + col + 1] + 1
						  : below > right ? below
								  : right;
		}
	}
	return table;
}

static void put_skipped(struct work *work, size_t count)
{
	if (count > 0 && !full(work))
		line_printf(next_line(work), ROLE_DIM, "%s(%zu same line%s)", same_sign(work), count,
			    count == 1 ? "" : "s");
}

/* Lines [from, to) of what was wanted, which came: those next to a difference are shown, the others counted. */
static void put_same_run(struct work *work, size_t from, size_t to, bool after, bool before)
{
	size_t head = after ? CONTEXT : 0, tail = before ? CONTEXT : 0, count = to - from;

	if (count <= head + tail + 1) {
		head = count;
		tail = 0;
	}
	for (size_t i = from; i < from + head; i++)
		put_same(work, &work->want.parts[i]);
	put_skipped(work, count - head - tail);
	for (size_t i = to - tail; i < to; i++)
		put_same(work, &work->want.parts[i]);
}

/* The middle: runs of differing lines between lines that are the same. */
static void put_middle(struct work *work, size_t from, size_t want_to, size_t got_to)
{
	uint32_t *table = lcs_table(work, from, want_to, got_to);
	size_t cols = got_to - from + 1, want = from, got = from, want_run = from, got_run = from;

	while (table && want < want_to && got < got_to) {
		if (same(&work->want.parts[want], &work->got.parts[got])) {
			size_t begin = want;

			put_run(work, want_run, want, got_run, got);
			for (; want < want_to && got < got_to && same(&work->want.parts[want], &work->got.parts[got]);
			     want++)
				got++;
			put_same_run(work, begin, want, true, true);
			want_run = want;
			got_run = got;
		} else if (table[(want - from + 1) * cols + got - from] >=
			   table[(want - from) * cols + got - from + 1]) {
			want++;
		} else {
			got++;
		}
	}
	put_run(work, want_run, want_to, got_run, got_to);
	free(table);
}

static bool ends_in_newline(const struct side *side)
{
	return side->count > 0 && side->parts[side->count - 1].newline;
}

size_t difftext_add(struct lines *out, const struct difftext *diff)
{
	struct work work = { .out = out, .diff = diff };
	size_t from = 0, want_to, got_to;

	work.want = split(diff->want, diff->want_len);
	work.got = split(diff->got, diff->got_len);
	want_to = work.want.count;
	got_to = work.got.count;
	work.newlines_differ = ends_in_newline(&work.want) != ends_in_newline(&work.got);
	while (from < want_to && from < got_to && same(&work.want.parts[from], &work.got.parts[from]))
		from++;
	while (want_to > from && got_to > from && same(&work.want.parts[want_to - 1], &work.got.parts[got_to - 1])) {
		want_to--;
		got_to--;
	}
	put_same_run(&work, 0, from, false, from < want_to || from < got_to);
	put_middle(&work, from, want_to, got_to);
	put_same_run(&work, want_to, work.want.count, true, false);
	if (work.cut)
		line_printf(lines_new(out, diff->value), ROLE_DIM, "%s(the rest is not shown)", same_sign(&work));
	free(work.want.parts);
	free(work.got.parts);
	return work.differing;
}
