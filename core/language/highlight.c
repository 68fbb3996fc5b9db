/*
 * Each known line keeps the state it was lexed from and the state it left. A line is good when its text has not changed
 * since and the line before it still leaves the state it was lexed from; all lines before good_to are good. An edit only
 * lowers good_to and marks its lines; going up again compares good lines and lexes the others, so that work ends where
 * the states agree.
 */

#include <kodelab/highlight.h>

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>

enum {
	BITE_LINES = 4000, /* lexed per call, about 2 ms */
	BITE_BYTES = 256 * 1024,
	BITE_COMPARED = 2000000, /* good lines passed over per call */
	GUESS_BACK = 100, /* lines above a far one that its guess is lexed from */
};

/*
 * What the lines on the screen look like, remembered by line0: a frame asks for all of them, a key changes one. Lines with
 * more spans are lexed each time.
 */
enum { LOOKS = 64, LOOK_SPANS = 24 };

struct looks {
	size_t line0;
	bool known;
	uint32_t before, next;
	size_t count;
	struct kl_span spans[LOOK_SPANS];
};

#define CHANGED UINT32_MAX /* as before: the text is new, or was never lexed */

struct line {
	uint32_t before, after;
};

struct kl_highlight {
	struct kl_syntax *syntax;
	kl_highlight_line_fn *get;
	void *ctx;
	struct line *lines;
	size_t count, capacity;
	size_t good_to;
	size_t guess_line0; /* the line that guess_state stands before; drawing goes from line to line */
	uint32_t guess_state;
	bool has_guess;
	size_t lexed;
	size_t changed_from, changed_to; /* what was edited or lexed since it was asked for */
	struct looks looks[LOOKS];
	char bytes[KL_SYNTAX_LINE_MAX + 1]; /* one more, so that the lexer sees a longer line is cut */
};

struct kl_highlight *kl_highlight_new(struct kl_syntax *syntax, kl_highlight_line_fn *line, void *ctx)
{
	struct kl_highlight *highlight = kl_calloc(1, sizeof(*highlight));

	highlight->syntax = syntax;
	highlight->get = line;
	highlight->ctx = ctx;
	highlight->changed_to = SIZE_MAX;
	return highlight;
}

void kl_highlight_free(struct kl_highlight *highlight)
{
	if (!highlight)
		return;
	free(highlight->lines);
	free(highlight);
}

static void note_changed(struct kl_highlight *highlight, size_t from, size_t to)
{
	if (highlight->changed_from == highlight->changed_to)
		highlight->changed_from = from;
	if (from < highlight->changed_from)
		highlight->changed_from = from;
	if (to > highlight->changed_to)
		highlight->changed_to = to;
}

void kl_highlight_changed(struct kl_highlight *highlight, size_t *from, size_t *to)
{
	*from = highlight->changed_from;
	*to = highlight->changed_to;
	highlight->changed_from = highlight->changed_to = 0;
}

/* Makes room for count lines; the new ones are not lexed yet. */
static void know_lines(struct kl_highlight *highlight, size_t count)
{
	if (count > highlight->capacity) {
		highlight->capacity = count > 2 * highlight->capacity ? count : 2 * highlight->capacity;
		highlight->lines = kl_realloc_array(highlight->lines, highlight->capacity, sizeof(*highlight->lines));
	}
	for (; highlight->count < count; highlight->count++)
		highlight->lines[highlight->count] = (struct line){ CHANGED, KL_SYNTAX_START };
}

/* From line0 on: count lines, when the others keep their numbers. */
static void forget_looks(struct kl_highlight *highlight, size_t line0, size_t count)
{
	for (size_t i = 0; i < LOOKS && i < count; i++) { /* each line has its place */
		struct looks *looks = &highlight->looks[(line0 + i) % LOOKS];

		if (looks->line0 >= line0 && looks->line0 - line0 < count)
			looks->known = false;
	}
}

void kl_highlight_edit(struct kl_highlight *highlight, size_t line0, size_t removed, size_t added)
{
	size_t old = highlight->count;

	highlight->has_guess = false;
	note_changed(highlight, line0, removed == added ? line0 + added : SIZE_MAX);
	forget_looks(highlight, line0, removed == added ? added : SIZE_MAX);
	if (line0 >= old)
		return;
	if (removed > old - line0)
		removed = old - line0;
	if (added > removed)
		know_lines(highlight, old + added - removed);
	memmove(highlight->lines + line0 + added, highlight->lines + line0 + removed,
		(old - line0 - removed) * sizeof(*highlight->lines));
	highlight->count = old + added - removed;
	for (size_t i = line0; i < line0 + added; i++)
		highlight->lines[i].before = CHANGED;
	if (highlight->good_to > line0)
		highlight->good_to = line0;
}

static size_t lex(struct kl_highlight *highlight, size_t line0, uint32_t state, struct kl_span *spans, size_t max,
		  uint32_t *next, size_t *count)
{
	size_t len = highlight->get(highlight->ctx, line0, highlight->bytes, sizeof(highlight->bytes));

	*count = kl_syntax_line(highlight->syntax, state, highlight->bytes, len, spans, max, next);
	return len;
}

static uint32_t state_before(const struct kl_highlight *highlight, size_t line0)
{
	return line0 ? highlight->lines[line0 - 1].after : KL_SYNTAX_START;
}

bool kl_highlight_work(struct kl_highlight *highlight, size_t line0)
{
	size_t lines = 0, bytes = 0, compared = 0, none;

	know_lines(highlight, line0 + 1);
	while (highlight->good_to <= line0) {
		struct line *line = &highlight->lines[highlight->good_to];
		uint32_t before = state_before(highlight, highlight->good_to);

		if (line->before != before) {
			if (lines++ == BITE_LINES || bytes > BITE_BYTES)
				return false;
			line->before = before;
			bytes += lex(highlight, highlight->good_to, before, NULL, 0, &line->after, &none);
			highlight->lexed++;
			note_changed(highlight, highlight->good_to, highlight->good_to + 1);
		} else if (compared++ == BITE_COMPARED) {
			return false;
		}
		highlight->good_to++;
	}
	return true;
}

/* The state before a line that is not reached yet: what some lines above it give. */
static uint32_t guess(struct kl_highlight *highlight, size_t line0)
{
	size_t none, from = line0 > GUESS_BACK ? line0 - GUESS_BACK : 0;
	uint32_t state = KL_SYNTAX_START;

	if (from <= highlight->good_to) {
		from = highlight->good_to;
		state = state_before(highlight, from);
	} else if (highlight->lines[from].before != CHANGED) {
		state = highlight->lines[from].before;
	}
	for (; from < line0; from++)
		lex(highlight, from, state, NULL, 0, &state, &none);
	return state;
}

static size_t look(struct kl_highlight *highlight, size_t line0, uint32_t before, struct kl_span *spans, size_t max,
		   uint32_t *next)
{
	struct looks *looks = &highlight->looks[line0 % LOOKS];
	size_t count;

	if (looks->known && looks->line0 == line0 && looks->before == before && looks->count < max) {
		memcpy(spans, looks->spans, looks->count * sizeof(*spans));
		*next = looks->next;
		return looks->count;
	}
	lex(highlight, line0, before, spans, max, next, &count);
	looks->known = count <= LOOK_SPANS && count < max;
	if (looks->known) {
		memcpy(looks->spans, spans, count * sizeof(*spans));
		looks->line0 = line0;
		looks->before = before;
		looks->next = *next;
		looks->count = count;
	}
	return count;
}

size_t kl_highlight_line(struct kl_highlight *highlight, size_t line0, struct kl_span *spans, size_t max)
{
	bool is_guess = highlight->has_guess && highlight->guess_line0 == line0 && highlight->good_to <= line0;
	uint32_t before = highlight->guess_state, next;
	size_t count;

	/* A screen of guessed lines must not cost a bite of work for each of them. */
	if (!is_guess) {
		is_guess = !kl_highlight_work(highlight, line0);
		before = is_guess ? guess(highlight, line0) : state_before(highlight, line0);
	}
	count = look(highlight, line0, before, spans, max, &next);
	highlight->has_guess = is_guess;
	highlight->guess_line0 = line0 + 1;
	highlight->guess_state = next;
	return count;
}

size_t kl_highlight_lexed(const struct kl_highlight *highlight)
{
	return highlight->lexed;
}
