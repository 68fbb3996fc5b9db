#ifndef TUI_PROSE_INT_H
#define TUI_PROSE_INT_H

/* What prose.c is made of besides itself: tables (prose_table.c) and entities (prose_entity.c). */

#include <stdbool.h>
#include <stddef.h>

struct line;

enum {
	PROSE_COLUMNS_MAX = 16, /* of a table */
	PROSE_ROWS_MAX = 200,
};

struct prose_cell {
	char *text; /* owned; NULL: empty */
	size_t len;
};

/* A table while it is read; all zero: none. */
struct prose_table {
	struct prose_cell cells[PROSE_ROWS_MAX][PROSE_COLUMNS_MAX];
	size_t rows, columns;
	size_t column; /* of the next cell */
	bool full; /* further rows are dropped */
};

void prose_table_row(struct prose_table *table);
/* The next cell of the row; text is copied. */
void prose_table_cell(struct prose_table *table, const char *text, size_t len);
/* Writes the table with a rule below its first row; cells too wide for room columns are wrapped. new_line gives each line. */
void prose_table_draw(const struct prose_table *table, int room, struct line *(*new_line)(void *ctx), void *ctx);
void prose_table_clear(struct prose_table *table);

enum { PROSE_ENTITY_MAX = 4 };

/* The UTF-8 of "&lt;", "&#65;" or "&#x41;"; returns its length, 0: unknown. */
size_t prose_entity(char utf8[PROSE_ENTITY_MAX], const char *name, size_t len);

#endif
