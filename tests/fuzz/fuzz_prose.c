/*
 * Fuzzes Markdown: the first byte is the width, the rest a statement as a pack may hold it. The lines that come out must be whole:
 * spans in order and without gaps, texts ended, and as wide as asked for where there is nothing that cannot be broken.
 *
 * links: tui/ui/prose.c tui/ui/prose_table.c tui/ui/prose_entity.c tui/ui/lines.c tui/ui/canvas.c tui/ui/grid.c tui/ui/role.c
 */

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "tui/ui/prose.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_line(const struct line *line)
{
	size_t at = 0;

	for (size_t i = 0; i < line->span_count; i++) {
		assert(line->spans[i].start == at && line->spans[i].len > 0);
		assert((unsigned)line->spans[i].role < ROLE_COUNT);
		at += line->spans[i].len;
	}
	assert(at == line->len && line->text[line->len] == '\0');
	assert(!memchr(line->text, '\n', line->len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct prose prose = { .width = 0 };

	if (size == 0)
		return 0;
	prose_set(&prose, (const char *)data + 1, size - 1, data[0]);
	assert(prose.width >= 10);
	for (size_t i = 0; i < prose.lines.count; i++)
		check_line(&prose.lines.items[i]);
	prose_release(&prose);
	return 0;
}
