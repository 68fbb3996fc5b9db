/* Figures as cells: see chart.h. */
#include "chart.h"

#include <stdio.h>

enum { LABEL_COLS = 18, NUMBER_COLS = 9, WEEK_DAYS = 7 };

void chart_bar(struct canvas *canvas, int y, int x, int cols, const char *label, int part, int whole)
{
	int room = cols - LABEL_COLS - NUMBER_COLS, filled;

	canvas_str_cut(canvas, y, x, ROLE_TEXT, label, LABEL_COLS - 1);
	if (room < 4)
		room = 0;
	filled = whole > 0 ? (part * room + whole / 2) / whole : 0;
	if (part > 0 && filled == 0 && room > 0)
		filled = 1;
	for (int i = 0; i < room; i++)
		canvas_symbol(canvas, y, x + LABEL_COLS + i, i < filled ? ROLE_BAR : ROLE_BAR_REST,
			      i < filled ? SYMBOL_BLOCK : SYMBOL_SHADE);
	canvas_printf(canvas, y, x + LABEL_COLS + room + 1, ROLE_DIM, "%d/%d", part, whole);
}

void chart_spark(struct canvas *canvas, int y, int x, const int *values, int count)
{
	int most = 1;

	for (int i = 0; i < count; i++)
		most = values[i] > most ? values[i] : most;
	for (int i = 0; i < count; i++) {
		int height = values[i] * 8 / most;

		if (values[i] == 0)
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
	int weeks = count / WEEK_DAYS, fit = (cols - 4) / 2, first = weeks > fit ? weeks - fit : 0;

	for (int day = 0; day < WEEK_DAYS; day++) {
		canvas_str(canvas, y + day, x, ROLE_DIM, names[day]);
		for (int week = first; week < weeks; week++) {
			int at = week * WEEK_DAYS + day;

			if (at <= today)
				canvas_symbol(canvas, y + day, x + 4 + 2 * (week - first), heat(days[at]),
					      days[at] ? SYMBOL_HEAT : SYMBOL_SPACE);
		}
	}
}
