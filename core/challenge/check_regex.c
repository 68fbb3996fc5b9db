/*
 * Output against a pattern. Patterns come from packs and output from students: both may try to keep the matcher busy
 * for ever, so its steps, depth and memory are limited.
 */

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "core/challenge/challenge_int.h"
#include "core/challenge/checker_int.h"

#define MATCH_LIMIT 500000 /* steps: some 50 ms */
#define DEPTH_LIMIT 20000
#define HEAP_KIB    16384

static pcre2_code *compile(const char *pattern, size_t len, struct kl_error *err)
{
	uint32_t options = PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_ANCHORED | PCRE2_ENDANCHORED;
	PCRE2_SIZE offset;
	pcre2_code *code;
	char text[160];
	int number;

	if (len && pattern[len - 1] == '\n') /* an array of lines ends with one */
		len--;
	code = pcre2_compile((PCRE2_SPTR)pattern, len, options, &number, &offset, NULL);
	if (!code) {
		pcre2_get_error_message(number, (PCRE2_UCHAR *)text, sizeof(text));
		kl_fail(err, KL_EINVAL, "%s at byte %zu", text, (size_t)offset);
	}
	return code;
}

enum kl_status kl_pattern_check(const char *pattern, size_t len, struct kl_error *err)
{
	pcre2_code *code = compile(pattern, len, err);

	pcre2_code_free(code);
	return code ? KL_OK : KL_EINVAL;
}

static int match(const pcre2_code *code, struct kl_text text)
{
	pcre2_match_data *data = pcre2_match_data_create_from_pattern(code, NULL);
	pcre2_match_context *limits = pcre2_match_context_create(NULL);
	int result;

	pcre2_set_match_limit(limits, MATCH_LIMIT);
	pcre2_set_depth_limit(limits, DEPTH_LIMIT);
	pcre2_set_heap_limit(limits, HEAP_KIB);
	result = pcre2_match(code, (PCRE2_SPTR)text.at, text.len, 0, 0, data, limits);
	pcre2_match_context_free(limits);
	pcre2_match_data_free(data);
	return result;
}

static void explain(int result, struct kl_buf *why)
{
	if (result == PCRE2_ERROR_NOMATCH)
		kl_buf_add_str(why, "the output does not match the expected pattern");
	else if (result == PCRE2_ERROR_MATCHLIMIT || result == PCRE2_ERROR_DEPTHLIMIT ||
		 result == PCRE2_ERROR_HEAPLIMIT)
		kl_buf_add_str(why, "the output is too hard to match against the expected pattern");
	else
		kl_buf_add_str(why, "the output is not UTF-8 text");
}

bool kl_check_regex(const struct kl_checker *checker, struct kl_text want, struct kl_text actual, struct kl_buf *why)
{
	struct kl_error err;
	pcre2_code *code = compile(want.at, want.len, &err);
	int result;

	(void)checker;
	if (!code) {
		kl_buf_addf(why, "the challenge's pattern is wrong: %s", err.message);
		return false;
	}
	while (actual.len && actual.at[actual.len - 1] == '\n')
		actual.len--;
	result = match(code, actual);
	pcre2_code_free(code);
	if (result < 0)
		explain(result, why);
	return result >= 0;
}
