/* The table of checkers: what tests.json may ask for, and who decides. A new one is a row here. */

#include <kodelab/challenge.h>

#include <utf8proc.h>

#include <kodelab/alloc.h>

#include "core/challenge/challenge_int.h"
#include "core/challenge/checker_int.h"

#define SHOWN_MAX       60
#define FLOAT_TOLERANCE 1e-9

enum {
	BOTH = KL_CHECKER_FUNCTION | KL_CHECKER_PROGRAM,
};

/* clang-format off */
static const struct kl_checker_row rows[] = {
	{ "exact",     KL_CHECK_EXACT,     KL_CHECKER_PROGRAM,                         0, "the same bytes" },
	{ "lines",     KL_CHECK_LINES,     KL_CHECKER_PROGRAM,                         0, "the same lines, but for blanks at their ends" },
	{ "tokens",    KL_CHECK_TOKENS,    KL_CHECKER_PROGRAM | KL_CHECKER_CASE,       0, "the same words, however spaced" },
	{ "unordered", KL_CHECK_UNORDERED, BOTH | KL_CHECKER_TOLERANCE,                0, "the same in any order" },
	{ "float",     KL_CHECK_FLOAT,     BOTH | KL_CHECKER_TOLERANCE,  FLOAT_TOLERANCE, "the same, but numbers may differ a little" },
	{ "regex",     KL_CHECK_REGEX,     KL_CHECKER_PROGRAM,                         0, "what the pattern describes" },
	{ "json",      KL_CHECK_JSON,      BOTH,                                       0, "the same JSON, in any order of keys" },
	{ "value",     KL_CHECK_VALUE,     KL_CHECKER_FUNCTION | KL_CHECKER_TOLERANCE, 0, "the same value" },
	{ "program",   KL_CHECK_PROGRAM,   KL_CHECKER_PROGRAM | KL_CHECKER_FILE,       0, "what the checker program accepts" },
	{ "class",     KL_CHECK_CLASS,     KL_CHECKER_PROGRAM,                         0, "what the class server's checker accepts" },
};
/* clang-format on */

static kl_check_fn *const checks[] = {
	[KL_CHECK_EXACT] = kl_check_exact,   [KL_CHECK_LINES] = kl_check_lines,
	[KL_CHECK_TOKENS] = kl_check_tokens, [KL_CHECK_UNORDERED] = kl_check_unordered,
	[KL_CHECK_FLOAT] = kl_check_float,   [KL_CHECK_REGEX] = kl_check_regex,
	[KL_CHECK_JSON] = kl_check_json,     [KL_CHECK_VALUE] = NULL,
	[KL_CHECK_PROGRAM] = NULL,           [KL_CHECK_CLASS] = NULL,
};

const struct kl_checker_row *kl_checker_row(size_t index)
{
	return index < KL_LENGTH(rows) ? &rows[index] : NULL;
}

static const struct kl_checker_row *row_of(enum kl_checker_kind kind)
{
	size_t index = 0;

	while (rows[index].kind != kind)
		index++;
	return &rows[index];
}

const char *kl_checker_name(enum kl_checker_kind kind)
{
	return row_of(kind)->name;
}

const char *kl_checker_help(enum kl_checker_kind kind)
{
	return row_of(kind)->help;
}

bool kl_checker_passes(const struct kl_checker *checker, const char *want, size_t want_len, const char *actual,
		       size_t actual_len, struct kl_buf *why)
{
	struct kl_text wanted = { want, want_len }, got = { actual, actual_len };
	kl_check_fn *check = checks[checker->kind];
	struct kl_buf unwanted;
	bool passes;

	kl_buf_init(&unwanted, 1000);
	if (check) {
		passes = check(checker, wanted, got, why ? why : &unwanted);
	} else {
		passes = false;
		kl_buf_addf(why ? why : &unwanted, "the checker '%s' does not look at output here",
			    kl_checker_name(checker->kind));
	}
	kl_buf_release(&unwanted);
	return passes;
}

/* --- showing ------------------------------------------------------------------------------------------------------ */

void kl_show(struct kl_text text, struct kl_buf *out)
{
	size_t at = 0;

	kl_buf_add_char(out, '\'');
	while (at < text.len && at < SHOWN_MAX) {
		const utf8proc_uint8_t *bytes = (const utf8proc_uint8_t *)text.at + at;
		utf8proc_int32_t rune;
		utf8proc_ssize_t step = utf8proc_iterate(bytes, (utf8proc_ssize_t)(text.len - at), &rune);

		if (step > 0 && rune >= 0x20 && (rune < 0x7f || rune >= 0xa0))
			kl_buf_add(out, bytes, (size_t)step);
		else
			kl_buf_addf(out, "\\x%02x", *bytes);
		at += step > 1 && rune >= 0xa0 ? (size_t)step : 1;
	}
	kl_buf_add_str(out, at < text.len ? "…'" : "'");
}

/* --- lines -------------------------------------------------------------------------------------------------------- */

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\f' || byte == '\v';
}

bool kl_take_line(struct kl_text *line, struct kl_text *text)
{
	const char *newline;

	if (!text->len)
		return false;
	newline = memchr(text->at, '\n', text->len);
	*line = (struct kl_text){ text->at, newline ? (size_t)(newline - text->at) : text->len };
	text->len -= line->len + (newline != NULL);
	text->at += line->len + (newline != NULL);
	while (line->len && is_blank(line->at[line->len - 1]))
		line->len--;
	return true;
}

struct kl_text kl_trim_end(struct kl_text text)
{
	while (text.len && (is_blank(text.at[text.len - 1]) || text.at[text.len - 1] == '\n'))
		text.len--;
	return text;
}
