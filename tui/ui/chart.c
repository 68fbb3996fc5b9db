/* Figures as cells: see chart.h. */
#include "chart.h"

#include <stdint.h>
#include <stdio.h>

enum { LABEL_COLS = 18, NUMBER_COLS = 8, ROOM_MIN = 4, WEEK_DAYS = 7 };

/* Cells of cols that part of whole fills: something as soon as there is something. */
static int filled_cells(int part, int whole, int cols)
{
	int64_t cells = whole > 0 ? ((int64_t)part * cols + whole / 2) / whole : 0;

	if (part > 0 && cells == 0)
		return 1;
	return cells > cols ? cols : (int)cells;
}

void chart_share(struct canvas *canvas, int y, int x, int cols, int part, int whole)
{
	char numbers[32];
	int width = snprintf(numbers, sizeof(numbers), "%d/%d", part, whole), room, filled;

	if (width < NUMBER_COLS)
		width = NUMBER_COLS;
	room = cols - width - 1;
	if (room < ROOM_MIN)
		room = -1; /* the numbers alone */
	filled = filled_cells(part, whole, room);
	for (int i = 0; i < room; i++)
		canvas_symbol(canvas, y, x + i, i < filled ? ROLE_BAR : ROLE_BAR_REST,
			      i < filled ? SYMBOL_BLOCK : SYMBOL_SHADE);
	canvas_str_cut(canvas, y, x + room + 1, ROLE_DIM, numbers, cols - room - 1);
}

void chart_bar(struct canvas *canvas, int y, int x, int cols, const char *label, int part, int whole)
{
	canvas_str_cut(canvas, y, x, ROLE_TEXT, label, LABEL_COLS - 1);
	chart_share(canvas, y, x + LABEL_COLS, cols - LABEL_COLS, part, whole);
}

void chart_spark(struct canvas *canvas, int y, int x, const int *values, int count)
{
	int most = 1;

	for (int i = 0; i < count; i++)
		most = values[i] > most ? values[i] : most;
	for (int i = 0; i < count; i++) {
		int height = (int)((int64_t)values[i] * 8 / most);

		if (values[i] <= 0)
			canvas_symbol(canvas, y, x + i, ROLE_BAR_REST, SYMBOL_BAR_1);
		else
			canvas_symbol(canvas, y, x + i, ROLE_BAR,
				      (enum symbol)(SYMBOL_BAR_1 + (height > 0 ? height - 1 : 0)));
	}
}

static enum role heat(int value)
{
	static const int steps[] = { 1, 3, 6, 10 };
	int level = 0;

	while (level < 4 && value >= steps[level])
		level++;
	return (enum role)(ROLE_HEAT_0 + level);
}

void chart_calendar(struct canvas *canvas, int y, int x, int cols, const int *days, int count, int today)
{
	static const char *const names[WEEK_DAYS] = { "Mon", "", "Wed", "", "Fri", "", "Sun" };
	int weeks = (count + WEEK_DAYS - 1) / WEEK_DAYS, fit = (cols - 4) / 2, first = weeks > fit ? weeks - fit : 0;

	for (int day = 0; day < WEEK_DAYS; day++) {
		canvas_str(canvas, y + day, x, ROLE_DIM, names[day]);
		for (int week = first; week < weeks; week++) {
			int at = week * WEEK_DAYS + day;

			if (at <= today && at < count)
				canvas_symbol(canvas, y + day, x + 4 + 2 * (week - first), heat(days[at]),
					      days[at] ? SYMBOL_HEAT : SYMBOL_SPACE);
		}
	}
}
