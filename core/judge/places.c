/* Places that compilers and interpreters name, in the student's own file. */

#define PCRE2_CODE_UNIT_WIDTH 8

#include "core/judge/judge_int.h"

#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>

#define MATCH_LIMIT 100000
#define MESSAGE_MAX 300

struct finder {
	pcre2_code *re;
	pcre2_match_data *match;
	pcre2_match_context *limits;
	const char *text;
};

struct span {
	const char *at; /* NULL: the group took no part */
	size_t len;
};

/* A name may belong to several groups, one for each form: the one that took part. */
static struct span group(const struct finder *finder, const char *name)
{
	const size_t *pairs = pcre2_get_ovector_pointer(finder->match);
	PCRE2_SPTR first, last;
	int step = pcre2_substring_nametable_scan(finder->re, (PCRE2_SPTR)name, &first, &last);

	for (PCRE2_SPTR entry = first; step > 0 && entry <= last; entry += step) {
		int number = entry[0] << 8 | entry[1];

		if (pairs[2 * number] != PCRE2_UNSET)
			return (struct span){ finder->text + pairs[2 * number],
					      pairs[2 * number + 1] - pairs[2 * number] };
	}
	return (struct span){ NULL, 0 };
}

static int number_of(struct span span)
{
	long number = span.at ? strtol(span.at, NULL, 10) : 0;

	return number > 0 && number < 1000000 ? (int)number : 0;
}

/* The folder does not matter: everything runs in /box. Forms without a file speak of the student's. */
static bool is_source(struct span file, const char *source)
{
	size_t len = strlen(source);

	if (!file.at)
		return true;
	if (file.len < len || memcmp(file.at + file.len - len, source, len) != 0)
		return false;
	return file.len == len || file.at[file.len - len - 1] == '/';
}

static bool finder_open(struct finder *finder, const char *pattern, const char *text)
{
	int code;
	size_t where;

	*finder = (struct finder){ .text = text };
	finder->re = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, 0, &code, &where, NULL);
	if (!finder->re)
		return false;
	finder->match = pcre2_match_data_create_from_pattern(finder->re, NULL);
	finder->limits = pcre2_match_context_create(NULL);
	if (finder->limits)
		pcre2_set_match_limit(finder->limits, MATCH_LIMIT);
	return finder->match != NULL;
}

static void finder_close(struct finder *finder)
{
	pcre2_match_data_free(finder->match);
	pcre2_match_context_free(finder->limits);
	pcre2_code_free(finder->re);
}

static void take_place(struct kl_place *place, const struct finder *finder)
{
	struct span message = group(finder, "message"), severity = group(finder, "severity");
	struct span caret = group(finder, "caret");

	place->line1 = number_of(group(finder, "line"));
	place->column1 = caret.at ? (int)caret.len + 1 : number_of(group(finder, "column"));
	place->warning = severity.len >= 7 && !memcmp(severity.at, "warning", 7);
	place->message =
		kl_strndup(message.at ? message.at : "", message.len > MESSAGE_MAX ? MESSAGE_MAX : message.len);
}

/* Tracebacks come back to a line again and again (recursion): one place is enough. */
static bool is_known(const struct kl_place *places, size_t count, const struct kl_place *place)
{
	for (size_t i = 0; i < count; i++)
		if (places[i].line1 == place->line1 && places[i].column1 == place->column1 &&
		    (!*place->message || !strcmp(places[i].message, place->message)))
			return true;
	return false;
}

size_t kl_report_places(const struct kl_language *language, const char *text, struct kl_place *places, size_t max)
{
	struct finder finder;
	size_t count = 0, at = 0, len = text ? strlen(text) : 0;

	if (!language->location || !len || !finder_open(&finder, language->location, text))
		return 0;
	while (count < max && at < len &&
	       pcre2_match(finder.re, (PCRE2_SPTR)text, len, at, 0, finder.match, finder.limits) > 0) {
		size_t end = pcre2_get_ovector_pointer(finder.match)[1];

		if (is_source(group(&finder, "file"), language->source)) {
			take_place(&places[count], &finder);
			if (places[count].line1 && !is_known(places, count, &places[count]))
				count++;
			else
				free(places[count].message);
		}
		at = end > at ? end : at + 1;
	}
	finder_close(&finder);
	return count;
}

/* --- refused sources ---------------------------------------------------------------------------------------------- */

/* The line as it stands in code, without its end; at NULL: there is none. */
static struct span line_of(const char *code, int line1)
{
	for (int line = 1; line < line1 && code; line++) {
		code = strchr(code, '\n');
		code = code ? code + 1 : NULL;
	}
	return (struct span){ code, code ? strcspn(code, "\r\n") : 0 };
}

/* Python quotes a line without its indentation, and its "^" stands where it then should: how much is missing. */
static struct span missing_indent(const struct finder *finder, const char *code)
{
	struct span quote = group(finder, "quote"), line = line_of(code, number_of(group(finder, "line")));
	struct span none = { NULL, 0 };
	size_t indent;

	if (!quote.at || !line.at || !quote.len || line.len <= quote.len)
		return none;
	indent = strspn(line.at, " \t");
	if (line.len - indent < quote.len || memcmp(line.at + indent, quote.at, quote.len) != 0)
		return none;
	return (struct span){ line.at, indent };
}

/* What matched, the quoted line as it is in code, and a line of blanks and "^" below it moved along. */
static void add_refusal(struct kl_buf *out, const struct finder *finder, const char *code)
{
	const size_t *pair = pcre2_get_ovector_pointer(finder->match);
	struct span indent = missing_indent(finder, code), quote = group(finder, "quote");
	const char *at = finder->text + pair[0], *end = finder->text + pair[1], *below;
	size_t margin = 0;

	if (indent.len) {
		while (quote.at - margin > at && quote.at[-1 - (ptrdiff_t)margin] == ' ')
			margin++;
		kl_buf_add(out, at, (size_t)(quote.at - at));
		kl_buf_add(out, indent.at, indent.len);
		at = quote.at;
		below = at + quote.len + (at[quote.len] == '\n');
		if (strspn(below, " ") >= margin && below[strspn(below, " \t")] == '^') {
			kl_buf_add(out, at, (size_t)(below - at) + margin);
			kl_buf_add(out, indent.at, indent.len);
			at = below + margin;
		}
	}
	kl_buf_add(out, at, (size_t)(end - at));
}

bool judge_refused(const struct kl_language *language, const char *code, const char *text, struct kl_buf *out)
{
	struct finder finder;
	bool found = false;
	int groups;

	if (!language->refused || !finder_open(&finder, language->refused, text))
		return false;
	groups = pcre2_match(finder.re, (PCRE2_SPTR)text, strlen(text), 0, 0, finder.match, finder.limits);
	if (groups > 0 && is_source(group(&finder, "file"), language->source)) {
		add_refusal(out, &finder, code);
		found = true;
	}
	finder_close(&finder);
	return found;
}
