/*
 * Searching by PCRE2 in windows copied from the text. A match that might go on behind a window (PCRE2 says so: a
 * partial match) gets a new window that begins near it.
 *
 * Start positions are tried in slices, few at first and more while it goes fast: PCRE2's own limit holds for
 * one start position only, and between slices we can look at the clock.
 */

#define PCRE2_CODE_UNIT_WIDTH 8

#include <kodelab/search.h>

#include <pcre2.h>
#include <utf8proc.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/text.h>
#include <kodelab/visible.h>

#include "core/text/search_int.h"

#define WINDOW         ((size_t)256 * 1024)
#define WINDOW_FIRST   ((size_t)16 * 1024) /* of a call: most end there */
#define CONTEXT        ((size_t)4096) /* bytes in front of a start position, for look-behind, on a long line */
#define SLICE_FIRST    ((size_t)8)
#define SLICE_MAX      WINDOW
#define MATCH_LIMIT    500000u /* backtracking steps for one start position: some milliseconds */
#define HEAP_LIMIT_KIB 20000u
#define BYTES_PER_MS   ((size_t)20000) /* slower progress than this uses up patience */
#define JIT_STACK_MAX  ((size_t)1 << 20)
#define QUICK_US       2000

/* How long a call has taken against what it has got through. */
struct patience {
	int64_t start_us;
	size_t scanned; /* bytes */
};

struct kl_search {
	char *pattern;
	unsigned flags;
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *context;
	pcre2_jit_stack *jit_stack;
	/* the window: bytes of the text [start, start + len) */
	char *window;
	size_t start, len;
	const struct kl_text *text; /* whose bytes they are; NULL: none */
	uint64_t generation;
	size_t window_size; /* of the next one */
	struct patience patience;
	bool gave_up; /* kl_search_all had no patience left: it does not try again at every drawing */
};

/* --- the pattern ------------------------------------------------------------------------------------------------ */

static bool has_upper(const char *pattern, bool regex)
{
	size_t len = strlen(pattern);
	int code;

	for (size_t at = 0; at < len;) {
		if (regex && pattern[at] == '\\' && at + 1 < len)
			at++; /* \W and \S are no letters */
		else if (kl_utf8_decode(&code, pattern + at, len - at) && code >= 0 &&
			 utf8proc_category(code) == UTF8PROC_CATEGORY_LU)
			return true;
		at += kl_utf8_decode(&code, pattern + at, len - at);
	}
	return false;
}

static uint32_t pattern_options(const char *pattern, unsigned flags)
{
	bool regex = flags & KL_SEARCH_REGEX;
	uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_USE_OFFSET_LIMIT;

	if (regex)
		options |= PCRE2_MULTILINE | PCRE2_UCP | PCRE2_NEVER_BACKSLASH_C;
	else
		options |= PCRE2_LITERAL;
	if (flags & KL_SEARCH_CASE)
		return options;
	if ((flags & KL_SEARCH_SMART_CASE) && has_upper(pattern, regex))
		return options;
	return options | PCRE2_CASELESS;
}

/* A literal whose word borders matter: PCRE2's literal mode would take only ASCII letters for words. */
static char *escaped(const char *pattern)
{
	char *out = kl_alloc(2 * strlen(pattern) + 1), *to = out;

	for (; *pattern; pattern++) {
		if (strchr("\\^$.[]|()?*+{}#- \t\n", *pattern))
			*to++ = '\\';
		*to++ = *pattern;
	}
	*to = '\0';
	return out;
}

static enum kl_status compile(struct kl_search *search, struct kl_error *err)
{
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	uint32_t options = pattern_options(search->pattern, search->flags);
	bool word = search->flags & KL_SEARCH_WORD;
	PCRE2_SIZE position = 0;
	char *pattern = NULL;
	char reason[200];
	int code = 0;

	pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);
	if (word)
		pcre2_set_compile_extra_options(context, PCRE2_EXTRA_MATCH_WORD);
	if (word && (options & PCRE2_LITERAL)) {
		pattern = escaped(search->pattern);
		options = (options & ~PCRE2_LITERAL) | PCRE2_UCP;
	}
	search->code = pcre2_compile((PCRE2_SPTR)(pattern ? pattern : search->pattern), PCRE2_ZERO_TERMINATED, options,
				     &code, &position, context);
	free(pattern);
	pcre2_compile_context_free(context);
	if (search->code)
		return KL_OK;
	pcre2_get_error_message(code, (PCRE2_UCHAR *)reason, sizeof(reason));
	return kl_fail(err, KL_EINVAL, "the pattern is wrong at %zu: %s", position, reason);
}

enum kl_status kl_search_open(struct kl_search **out, const char *pattern, unsigned flags, struct kl_error *err)
{
	struct kl_search *search;
	enum kl_status status;

	if (!*pattern)
		return kl_fail(err, KL_EINVAL, "there is nothing to search for");
	search = kl_calloc(1, sizeof(*search));
	search->pattern = kl_strdup(pattern);
	search->flags = flags;
	status = compile(search, err);
	if (status) {
		kl_search_close(search);
		return status;
	}
	search->data = pcre2_match_data_create_from_pattern(search->code, NULL);
	search->context = pcre2_match_context_create(NULL);
	pcre2_set_match_limit(search->context, MATCH_LIMIT);
	pcre2_set_heap_limit(search->context, HEAP_LIMIT_KIB);
	/* Without a JIT (some systems forbid it) the interpreter does the same, more slowly. */
	if (pcre2_jit_compile(search->code, PCRE2_JIT_COMPLETE | PCRE2_JIT_PARTIAL_HARD) == 0) {
		search->jit_stack = pcre2_jit_stack_create(32 * 1024, JIT_STACK_MAX, NULL);
		pcre2_jit_stack_assign(search->context, NULL, search->jit_stack);
	}
	search->window = kl_alloc(WINDOW);
	*out = search;
	return KL_OK;
}

void kl_search_close(struct kl_search *search)
{
	if (!search)
		return;
	pcre2_code_free(search->code);
	pcre2_match_data_free(search->data);
	pcre2_match_context_free(search->context);
	pcre2_jit_stack_free(search->jit_stack);
	free(search->window);
	free(search->pattern);
	free(search);
}

bool search_is_regex(const struct kl_search *search)
{
	return search->flags & KL_SEARCH_REGEX;
}

size_t search_groups(const struct kl_search *search)
{
	uint32_t count = 0;

	pcre2_pattern_info(search->code, PCRE2_INFO_CAPTURECOUNT, &count);
	return count;
}

/* --- windows ---------------------------------------------------------------------------------------------------- */

/* offset, or the first byte of the character it lies in. */
static size_t char_start(const struct kl_text *text, size_t offset)
{
	for (int i = 0; i < 3 && offset && (kl_text_byte(text, offset) & 0xc0) == 0x80; i++)
		offset--;
	return offset;
}

static size_t char_after(const struct kl_text *text, size_t offset)
{
	size_t len = kl_text_len(text);

	offset++;
	for (int i = 0; i < 3 && offset < len && (kl_text_byte(text, offset) & 0xc0) == 0x80; i++)
		offset++;
	return offset;
}

static void fill_window(struct kl_search *search, const struct kl_text *text, size_t at, size_t size)
{
	size_t start = kl_text_line_start(text, kl_text_line_of(text, at));
	size_t all = kl_text_len(text);

	if (at - start > CONTEXT)
		start = char_start(text, at - CONTEXT);
	search->start = start;
	search->len = kl_text_copy(text, start, search->window, size);
	if (start + search->len < all)
		search->len = char_start(text, start + search->len) - start;
	search->text = text;
	search->generation = kl_text_generation(text);
}

/* A window that has at, with what comes before it on its line and a good part of what comes after. */
static void want_window(struct kl_search *search, const struct kl_text *text, size_t at)
{
	bool same = search->text == text && search->generation == kl_text_generation(text);
	size_t end = search->start + search->len;

	if (same && at >= search->start && (at + CONTEXT < end || end == kl_text_len(text)) &&
	    (at - search->start >= CONTEXT || search->start == 0 || kl_text_byte(text, search->start - 1) == '\n'))
		return;
	fill_window(search, text, at, search->window_size);
	search->window_size = WINDOW;
}

/* --- finding ---------------------------------------------------------------------------------------------------- */

void search_begin(struct kl_search *search)
{
	search->text = NULL; /* another text may lie at the same address by now */
	search->window_size = WINDOW_FIRST;
	search_renew(search);
}

void search_renew(struct kl_search *search)
{
	search->patience = (struct patience){ .start_us = kl_clock_cpu_us() };
}

static bool patience_is_over(const struct patience *patience)
{
	int64_t allowed_ms = KL_SEARCH_TIME_MS + (int64_t)(patience->scanned / BYTES_PER_MS);

	return kl_clock_cpu_us() - patience->start_us > allowed_ms * 1000;
}

static enum kl_status too_long(struct kl_error *err)
{
	return kl_fail(err, KL_ETIME, "the pattern takes too long on this text: make it simpler");
}

static void take_match(struct kl_match *out, const struct kl_search *search, int pairs)
{
	const PCRE2_SIZE *ends = pcre2_get_ovector_pointer(search->data);

	*out = (struct kl_match){ .start = search->start + ends[0], .end = search->start + ends[1] };
	if (out->end < out->start)
		out->end = out->start; /* \K in a look-ahead can do that */
	for (int i = 0; i < KL_SEARCH_GROUPS; i++) {
		bool set = i < pairs && ends[2 * i] != PCRE2_UNSET;

		out->groups[i].start = set ? search->start + ends[2 * i] : (size_t)-1;
		out->groups[i].end = set ? search->start + ends[2 * i + 1] : (size_t)-1;
	}
}

/* Tries the start positions [at, last] in the window; returns what pcre2_match does. */
static int try_slice(struct kl_search *search, size_t at, size_t last, bool may_go_on)
{
	size_t end = search->start + search->len;
	bool is_end = end == kl_text_len(search->text);
	uint32_t options = 0;

	if (search->start && kl_text_byte(search->text, search->start - 1) != '\n')
		options |= PCRE2_NOTBOL;
	if (!is_end)
		options |= may_go_on ? PCRE2_PARTIAL_HARD : PCRE2_NOTEOL;
	pcre2_set_offset_limit(search->context, last - search->start);
	return pcre2_match(search->code, (PCRE2_SPTR)search->window, search->len, at - search->start, options,
			   search->data, search->context);
}

/* A match may go on behind the window: looks again in one that begins near it, and then it has to end there. */
static int try_again_at(struct kl_search *search, const struct kl_text *text, size_t at)
{
	if (search->start + search->len - at < KL_SEARCH_SPAN)
		fill_window(search, text, at, WINDOW);
	return try_slice(search, at, at, false);
}

enum kl_status search_find(struct kl_match *out, struct kl_search *search, const struct kl_text *text, size_t from,
			   size_t limit, struct kl_error *err)
{
	size_t slice = SLICE_FIRST, last;

	for (size_t at = from; at <= limit; at = char_after(text, last)) {
		int64_t start_us = kl_clock_mono_us();
		int got;

		want_window(search, text, at);
		last = at + slice < limit ? char_start(text, at + slice) : limit;
		if (last > search->start + search->len)
			last = search->start + search->len;
		got = try_slice(search, at, last, true);
		if (got == PCRE2_ERROR_PARTIAL) {
			last = search->start + pcre2_get_ovector_pointer(search->data)[0];
			got = try_again_at(search, text, last);
		}
		if (got > 0) {
			take_match(out, search, got);
			return KL_OK;
		}
		search->patience.scanned += last - at;
		if (got != PCRE2_ERROR_NOMATCH || patience_is_over(&search->patience))
			return too_long(err);
		if (kl_clock_mono_us() - start_us < QUICK_US && slice < SLICE_MAX)
			slice *= 4;
	}
	return kl_fail(err, KL_ENOENT, "nothing matches '%s'", search->pattern);
}

size_t search_after(const struct kl_text *text, const struct kl_match *match)
{
	return match->end > match->start ? match->end : char_after(text, match->end);
}

enum kl_status kl_search_next(struct kl_match *out, struct kl_search *search, const struct kl_text *text, size_t from,
			      struct kl_error *err)
{
	size_t len = kl_text_len(text);
	enum kl_status status;

	search_begin(search);
	from = from < len ? char_start(text, from) : len;
	status = search_find(out, search, text, from, len, err);
	if (status != KL_ENOENT || from == 0)
		return status;
	status = search_find(out, search, text, 0, from - 1, err);
	if (!status)
		out->wrapped = true;
	return status;
}

/* The last match that starts in [from, limit]. */
static enum kl_status find_last(struct kl_match *out, struct kl_search *search, const struct kl_text *text, size_t from,
				size_t limit)
{
	enum kl_status status = KL_ENOENT, found;
	struct kl_match match = { .start = 0 };

	while (from <= limit) {
		found = search_find(&match, search, text, from, limit, NULL);
		if (found)
			return found == KL_ENOENT ? status : found;
		*out = match;
		status = KL_OK;
		from = search_after(text, &match);
	}
	return status;
}

/* Backwards through [from, limit] in growing blocks of whole lines. */
static enum kl_status find_backwards(struct kl_match *out, struct kl_search *search, const struct kl_text *text,
				     size_t from, size_t limit)
{
	for (size_t block = CONTEXT;; block = block < WINDOW ? 2 * block : block) {
		size_t start = limit - from > block ? limit - block : from;
		size_t line = kl_text_line_start(text, kl_text_line_of(text, start));
		enum kl_status status;

		if (line >= from && start - line < block)
			start = line;
		start = char_start(text, start);
		status = find_last(out, search, text, start < from ? from : start, limit);
		if (status != KL_ENOENT || start <= from)
			return status;
		limit = start - 1;
	}
}

enum kl_status kl_search_prev(struct kl_match *out, struct kl_search *search, const struct kl_text *text, size_t from,
			      struct kl_error *err)
{
	size_t len = kl_text_len(text);
	enum kl_status status = KL_ENOENT;

	search_begin(search);
	from = from < len ? char_start(text, from) : len;
	if (from)
		status = find_backwards(out, search, text, 0, from - 1);
	if (status == KL_ENOENT) {
		status = find_backwards(out, search, text, from, len);
		if (!status)
			out->wrapped = true;
	}
	if (status == KL_ETIME)
		return too_long(err);
	if (status)
		return kl_fail(err, status, "nothing matches '%s'", search->pattern);
	return KL_OK;
}

bool kl_search_gave_up(const struct kl_search *search)
{
	return search->gave_up;
}

size_t kl_search_all(struct kl_match *matches, size_t max, struct kl_search *search, const struct kl_text *text,
		     size_t from, size_t to)
{
	size_t len = kl_text_len(text), count = 0;
	enum kl_status status = KL_OK;

	if (search->gave_up)
		return 0;
	search_begin(search);
	if (to > len)
		to = len;
	from = from < len ? char_start(text, from) : len;
	while (count < max && from < to && !status) {
		status = search_find(&matches[count], search, text, from, to - 1, NULL);
		if (!status)
			from = search_after(text, &matches[count++]);
	}
	search->gave_up = status == KL_ETIME;
	return count;
}
