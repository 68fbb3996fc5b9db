/*
 * Fuzzes the difference of two texts, parted by the first NUL byte behind a first byte of options. Every line must be whole,
 * and texts that are equal must not differ, but others must.
 *
 * links: tui/ui/difftext.c tui/ui/lines.c tui/ui/canvas.c tui/ui/grid.c tui/ui/role.c
 */

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tui/ui/difftext.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_lines(const struct lines *lines, size_t most)
{
	assert(lines->count <= most + 1);
	for (size_t i = 0; i < lines->count; i++) {
		const struct line *line = &lines->items[i];
		size_t at = 0, marks = 0;

		for (size_t j = 0; j < line->span_count; j++) {
			assert(line->spans[j].start == at && line->spans[j].len > 0);
			marks += line->spans[j].role == ROLE_DIFF_MARK;
			at += line->spans[j].len;
		}
		assert(at == line->len && line->text[line->len] == '\0' && marks <= 1);
		assert(!memchr(line->text, '\n', line->len));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct difftext diff = { .max_lines = 50 };
	struct lines lines = { 0 };
	const uint8_t *part;
	size_t differing;
	bool same;

	if (size == 0)
		return 0;
	diff.ascii = data[0] & 1;
	diff.code = data[0] & 2;
	data++;
	size--;
	part = memchr(data, 0, size);
	diff.want = (const char *)data;
	diff.want_len = part ? (size_t)(part - data) : size;
	diff.got = part ? (const char *)part + 1 : "";
	diff.got_len = part ? size - diff.want_len - 1 : 0;
	differing = difftext_add(&lines, &diff);
	same = diff.want_len == diff.got_len && memcmp(diff.want, diff.got, diff.want_len) == 0;
	assert(same == (differing == 0));
	check_lines(&lines, diff.max_lines);
	lines_clear(&lines);
	return 0;
}
