/* Grids as text: see picture.h. */
#include "picture.h"

#include <string.h>

#include "tui/ui/canvas.h"
#include "tui/ui/grid.h"

enum { ROW_MAX = 1 << 16 };

static const uint32_t symbol_codes[] = {
#define X(id, unicode, acs, ascii) [id] = unicode,
	SYMBOL_MAP(X)
#undef X
};

void picture_row(const struct grid *grid, int y, struct kl_buf *out)
{
	size_t start = out->len, end = start;

	for (int x = 0; x < grid->cols; x++) {
		const struct cell *cell = grid_cell(grid, y, x);
		uint32_t glyph = cell->glyph;
		const char *text;
		size_t len;

		if (cell->cols == 0)
			continue;
		if (glyph & GLYPH_SYMBOL)
			glyph = symbol_codes[glyph & ~GLYPH_SYMBOL];
		text = glyphs_text(grid->glyphs, glyph, &len);
		kl_buf_add(out, text, len);
		if (glyph != GLYPH_BLANK)
			end = out->len;
	}
	kl_buf_cut(out, end);
}

void picture_text(const struct grid *grid, struct kl_buf *out)
{
	for (int y = 0; y < grid->rows; y++) {
		picture_row(grid, y, out);
		kl_buf_add_char(out, '\n');
	}
}

bool picture_has(const struct grid *grid, const char *text)
{
	struct kl_buf row;
	bool found = false;

	kl_buf_init(&row, ROW_MAX);
	for (int y = 0; y < grid->rows && !found; y++) {
		kl_buf_clear(&row);
		picture_row(grid, y, &row);
		found = strstr(row.data, text) != NULL;
	}
	kl_buf_release(&row);
	return found;
}
