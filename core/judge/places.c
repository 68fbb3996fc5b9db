/* Places that compilers and interpreters name, in the student's own file. */

#define PCRE2_CODE_UNIT_WIDTH 8

#include <kodelab/judge.h>

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

static bool finder_open(struct finder *finder, const struct kl_language *language, const char *text)
{
	int code;
	size_t where;

	*finder = (struct finder){ .text = text };
	finder->re = pcre2_compile((PCRE2_SPTR)language->location, PCRE2_ZERO_TERMINATED, 0, &code, &where, NULL);
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

	place->line1 = number_of(group(finder, "line"));
	place->column1 = number_of(group(finder, "column"));
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

	if (!language->location || !len || !finder_open(&finder, language, text))
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
