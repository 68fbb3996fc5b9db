/* Tables in prose: the cells are collected, widths found, then each row is written as one line or, where its cells wrap, several. */
#include "prose_int.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/grapheme.h>

#include "canvas.h"
#include "lines.h"

enum {
	GAP = 2, /* columns between cells */
	WIDTH_MIN = 3, /* columns that a cell keeps when the table is too wide */
};

void prose_table_row(struct prose_table *table)
{
	table->full = table->rows == PROSE_ROWS_MAX;
	table->rows += !table->full;
	table->column = 0;
}

void prose_table_cell(struct prose_table *table, const char *text, size_t len)
{
	struct prose_cell *cell;

	if (table->full || table->rows == 0 || table->column == PROSE_COLUMNS_MAX)
		return;
	cell = &table->cells[table->rows - 1][table->column++];
	cell->text = kl_strndup(text, len);
	cell->len = len;
	for (size_t i = 0; i < len; i++)
		if (cell->text[i] == '\n') /* of an entity: a cell is one line */
			cell->text[i] = ' ';
	if (table->column > table->columns)
		table->columns = table->column;
}

void prose_table_clear(struct prose_table *table)
{
	for (size_t row = 0; row < table->rows; row++) {
		for (size_t column = 0; column < table->columns; column++)
			free(table->cells[row][column].text);
	}
	*table = (struct prose_table){ .rows = 0 };
}

/* ---- widths ---- */

static void natural_widths(const struct prose_table *table, int *widths, int most)
{
	for (size_t row = 0; row < table->rows; row++) {
		for (size_t column = 0; column < table->columns; column++) {
			const struct prose_cell *cell = &table->cells[row][column];
			int cols = cell->text ? canvas_width(cell->text, cell->len) : 0;

			if (cols > widths[column])
				widths[column] = cols > most ? most : cols;
		}
	}
}

/* Takes from the widest column, one by one, until the table fits. */
static void fit_widths(int *widths, size_t columns, int room)
{
	int total = GAP * ((int)columns - 1);

	for (size_t column = 0; column < columns; column++)
		total += widths[column];
	for (; total > room; total--) {
		size_t widest = 0;

		for (size_t column = 1; column < columns; column++)
			widest = widths[column] > widths[widest] ? column : widest;
		if (widths[widest] <= WIDTH_MIN)
			return;
		widths[widest]--;
	}
}

/* ---- writing ---- */

/* Bytes of a cell's text from `from` on that go into cols columns: up to a blank, or a part of a long word. */
static size_t cell_fit(const struct prose_cell *cell, size_t from, int cols)
{
	size_t rest = cell->len - from, fit = canvas_fit(cell->text + from, rest, cols), cut = fit;

	if (fit == rest)
		return rest;
	while (cut > 0 && cell->text[from + cut] != ' ')
		cut--;
	return cut ? cut : fit ? fit : kl_grapheme_next(cell->text + from, rest);
}

/* One line of a row; at: bytes of each cell that are written already. True: there is more. */
static bool write_line(const struct prose_table *table, size_t row, const int *widths, size_t *at, struct line *line)
{
	bool more = false;

	for (size_t column = 0; column < table->columns; column++) {
		const struct prose_cell *cell = &table->cells[row][column];
		const char *text = cell->text + at[column];
		size_t len = at[column] < cell->len ? cell_fit(cell, at[column], widths[column]) : 0;
		int cols = len ? canvas_width(text, len) : 0;

		if (len)
			line_add(line, row == 0 ? ROLE_STRONG : ROLE_TEXT, text, len);
		for (at[column] += len; at[column] < cell->len && cell->text[at[column]] == ' ';)
			at[column]++;
		more = more || at[column] < cell->len;
		if (column + 1 < table->columns)
			line_printf(line, ROLE_TEXT, "%*s", widths[column] + GAP - cols, "");
	}
	return more;
}

static void write_rule(const struct prose_table *table, const int *widths, struct line *line)
{
	for (size_t column = 0; column < table->columns; column++) {
		for (int i = 0; i < widths[column]; i++)
			line_str(line, ROLE_BORDER, "-");
		if (column + 1 < table->columns)
			line_printf(line, ROLE_TEXT, "%*s", GAP, "");
	}
}

void prose_table_draw(const struct prose_table *table, int room, struct line *(*new_line)(void *ctx), void *ctx)
{
	int widths[PROSE_COLUMNS_MAX] = { 0 };

	natural_widths(table, widths, room);
	fit_widths(widths, table->columns, room);
	for (size_t row = 0; row < table->rows; row++) {
		size_t at[PROSE_COLUMNS_MAX] = { 0 };

		while (write_line(table, row, widths, at, new_line(ctx)))
			;
		if (row == 0)
			write_rule(table, widths, new_line(ctx));
	}
}
