/* Cells and the table of clusters: see grid.h. */
#include "grid.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/visible.h>

#include "canvas.h"

enum { GLYPHS_MAX = 4096, GLYPHS_CROWDED = 3072, GLYPH_SLOTS = 2 * GLYPHS_MAX, CODE_BYTES = 4 };

struct glyphs {
	char *texts[GLYPHS_MAX]; /* owned, NUL-terminated */
	size_t count;
	uint16_t slots[GLYPH_SLOTS]; /* open addressing: number + 1, 0: free */
	char code[CODE_BYTES]; /* the answer for a single code point */
};

/* ---- clusters -------------------------------------------------------------------------------------------------- */

struct glyphs *glyphs_new(void)
{
	return kl_calloc(1, sizeof(struct glyphs));
}

void glyphs_clear(struct glyphs *glyphs)
{
	for (size_t i = 0; i < glyphs->count; i++)
		free(glyphs->texts[i]);
	glyphs->count = 0;
	memset(glyphs->slots, 0, sizeof(glyphs->slots));
}

void glyphs_free(struct glyphs *glyphs)
{
	if (!glyphs)
		return;
	glyphs_clear(glyphs);
	free(glyphs);
}

bool glyphs_crowded(const struct glyphs *glyphs)
{
	return glyphs->count > GLYPHS_CROWDED;
}

static size_t hash_text(const char *text, size_t len)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)text[i]) * 16777619u;
	return hash % GLYPH_SLOTS;
}

static bool is_text(const char *text, const char *utf8, size_t len)
{
	return strncmp(text, utf8, len) == 0 && text[len] == '\0';
}

uint32_t glyphs_find(struct glyphs *glyphs, const char *utf8, size_t len)
{
	size_t slot;
	int code;

	if (kl_utf8_decode(&code, utf8, len) == len)
		return (uint32_t)code;
	for (slot = hash_text(utf8, len); glyphs->slots[slot]; slot = (slot + 1) % GLYPH_SLOTS)
		if (is_text(glyphs->texts[glyphs->slots[slot] - 1], utf8, len))
			return GLYPH_CLUSTER | (uint32_t)(glyphs->slots[slot] - 1);
	if (glyphs->count == GLYPHS_MAX)
		return 0xfffd;
	glyphs->texts[glyphs->count] = kl_strndup(utf8, len);
	glyphs->slots[slot] = (uint16_t)++glyphs->count;
	return GLYPH_CLUSTER | (uint32_t)(glyphs->count - 1);
}

static size_t encode(char text[CODE_BYTES], uint32_t code)
{
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

	for (size_t i = len; i-- > 1; code >>= 6)
		text[i] = (char)(0x80 | (code & 0x3f));
	text[0] = (char)(lead[len] | code);
	return len;
}

const char *glyphs_text(struct glyphs *glyphs, uint32_t glyph, size_t *len)
{
	if (glyph & GLYPH_CLUSTER) {
		const char *text = glyphs->texts[glyph & ~GLYPH_CLUSTER];

		*len = strlen(text);
		return text;
	}
	*len = encode(glyphs->code, glyph);
	return glyphs->code;
}

/* ---- cells ----------------------------------------------------------------------------------------------------- */

void grid_init(struct grid *grid, struct glyphs *glyphs, int rows, int cols)
{
	*grid = (struct grid){ .rows = rows, .cols = cols, .glyphs = glyphs };
	grid->cells = kl_calloc((size_t)rows * (size_t)cols + 1, sizeof(*grid->cells));
	grid->open = kl_calloc((size_t)rows + 1, sizeof(*grid->open));
	grid_clear(grid);
}

void grid_release(struct grid *grid)
{
	free(grid->cells);
	free(grid->open);
	grid->cells = NULL;
	grid->open = NULL;
}

void grid_open_rows(struct grid *grid, int y, int rows)
{
	for (int i = y; i < y + rows; i++)
		grid->open[i] = true;
}

void grid_clear(struct grid *grid)
{
	static const struct cell blank = { .glyph = GLYPH_BLANK, .cols = 1 };
	size_t cols = (size_t)grid->cols;

	for (size_t i = 0; i < cols && grid->rows > 0; i++)
		grid->cells[i] = blank;
	for (size_t y = 1; y < (size_t)grid->rows; y++)
		memcpy(grid->cells + y * cols, grid->cells, cols * sizeof(blank));
	grid_open_rows(grid, 0, grid->rows);
	grid->cursor_y = grid->cursor_x = -1;
	grid->hint_count = 0;
}

struct canvas grid_canvas(struct grid *grid)
{
	return (struct canvas){
		.grid = grid,
		.rows = grid->rows,
		.cols = grid->cols,
		.clip = { 0, 0, grid->rows, grid->cols },
	};
}
