/* Clusters and their widths. Two ASCII bytes in a row decide alone: that is nearly all of a program's text. */

#include <kodelab/grapheme.h>

#include <stdint.h>
#include <utf8proc.h>

#include "core/text/grapheme_int.h"

/* After shown (not passed) characters nothing combines, so they are clusters of their own. */
static bool stands_alone(int code)
{
	const int some_letter = 0x3b1;

	return !kl_code_passes(code, some_letter, 0);
}

static size_t scan_cluster(const char *bytes, size_t len, int code, size_t at)
{
	utf8proc_int32_t state = 0;

	for (int codes = 1; at < len && codes < KL_GRAPHEME_CODES; codes++) {
		int next;
		size_t size = kl_utf8_decode(&next, bytes + at, len - at);

		if (stands_alone(next) || utf8proc_grapheme_break_stateful(code, next, &state))
			break;
		at += size;
		code = next;
	}
	return at;
}

size_t kl_grapheme_next(const char *bytes, size_t len)
{
	size_t size;
	int code;

	if (len == 0)
		return 0;
	if ((unsigned char)bytes[0] < 0x80 && (len == 1 || (unsigned char)bytes[1] < 0x80))
		return len > 1 && bytes[0] == '\r' && bytes[1] == '\n' ? 2 : 1;
	size = kl_utf8_decode(&code, bytes, len);
	if (stands_alone(code))
		return size;
	return scan_cluster(bytes, len, code, size);
}

size_t kl_grapheme_last(const char *bytes, size_t len)
{
	size_t last = 0;

	if (len == 0)
		return 0;
	if (len > 1 && (unsigned char)bytes[len - 1] < 0x80 && (unsigned char)bytes[len - 2] < 0x80)
		return bytes[len - 2] == '\r' && bytes[len - 1] == '\n' ? 2 : 1;
	for (size_t at = 0; at < len; at += last)
		last = kl_grapheme_next(bytes + at, len - at);
	return last;
}

/* --- widths ----------------------------------------------------------------------------------------------------- */

/* Cells of a code point that passes. Newer emoji than the tables know are still wide. */
static int code_width(int code)
{
	utf8proc_category_t category;

	if (code < 0x80)
		return code != '\n';
	category = utf8proc_category(code);
	if (category == UTF8PROC_CATEGORY_CN)
		return (code >= 0x1f000 && code <= 0x1faff) || code >= 0x20000 ? 2 : 1;
	if (category == UTF8PROC_CATEGORY_CO)
		return 1;
	if (category == UTF8PROC_CATEGORY_MN || category == UTF8PROC_CATEGORY_ME)
		return 0;
	return utf8proc_charwidth(code);
}

static bool is_regional(int code)
{
	return code >= 0x1f1e6 && code <= 0x1f1ff;
}

/*
 * Cells of the passed part of a cluster. A joined emoji or a flag is one picture, U+FE0F asks for the wide picture of
 * a narrow sign; elsewhere parts add up, and a terminal gives a cluster two cells at most.
 */
struct measure {
	int cells; /* of what passes */
	int forms; /* of what is shown */
	bool any;
};

static void measure_code(struct measure *measure, int code)
{
	measure->any = true;
	if (code == 0xfe0f || is_regional(code))
		measure->cells = 2;
	else
		measure->cells += code_width(code);
	if (measure->cells > 2)
		measure->cells = 2;
}

int kl_grapheme_width(const char *cluster, size_t len, unsigned flags)
{
	struct measure measure = { 0 };
	char form[KL_VISIBLE_MAX];
	int before = -1, code;

	if (len == 0 || cluster[len - 1] == '\n')
		return 0;
	if (len == 1 && cluster[0] == '\t')
		return 1;
	for (size_t at = 0, size; at < len; at += size) {
		size = kl_utf8_decode(&code, cluster + at, len - at);
		if (kl_code_passes(code, before, flags)) {
			measure_code(&measure, code);
			before = code;
		} else {
			measure.forms += (int)kl_code_form(form, code, cluster[at]);
			before = -1;
		}
	}
	if (measure.any && measure.cells == 0)
		measure.cells = 1; /* a lone vowel jamo and its like: the cursor must be able to stand on it */
	return measure.cells + measure.forms;
}

size_t kl_text_width(const char *bytes, size_t len, unsigned flags)
{
	size_t cells = 0;

	kl_text_fit(bytes, len, SIZE_MAX, flags, &cells);
	return cells;
}

size_t kl_text_fit(const char *bytes, size_t len, size_t cells, unsigned flags, size_t *used)
{
	size_t at = 0, taken = 0;

	while (at < len) {
		size_t size = kl_grapheme_next(bytes + at, len - at);
		bool plain = size == 1 && bytes[at] >= 0x20 && bytes[at] < 0x7f;
		size_t width = plain ? 1 : (size_t)kl_grapheme_width(bytes + at, size, flags);

		if (width > cells - taken)
			break;
		taken += width;
		at += size;
	}
	if (used)
		*used = taken;
	return at;
}
