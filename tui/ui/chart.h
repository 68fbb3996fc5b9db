#ifndef TUI_CHART_H
#define TUI_CHART_H

/* Figures as cells: bars, sparklines, a calendar. Every chart has its numbers beside it: colour and height are never all there is. */

#include "canvas.h"

/* "label  ######....  7/12" in one row of cols columns. */
void chart_bar(struct canvas *canvas, int y, int x, int cols, const char *label, int part, int whole);
/* The same without a label. */
void chart_share(struct canvas *canvas, int y, int x, int cols, int part, int whole);
/* One cell per value, its height by the largest; count cells. */
void chart_spark(struct canvas *canvas, int y, int x, const int *values, int count);
/* Days as columns of weeks, Monday first: 7 rows, 2 columns a week; the newest weeks that fit in cols. today: index of the last day
 * that is past (later ones stay empty). */
void chart_calendar(struct canvas *canvas, int y, int x, int cols, const int *days, int count, int today);

#endif
