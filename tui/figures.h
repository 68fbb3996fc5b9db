#ifndef TUI_FIGURES_H
#define TUI_FIGURES_H

/* How a challenge fares, as the class server counts it (docs/openapi.yaml, ChallengeAnalytics): what screen and command both show. */

#include <stddef.h>

#include <cjson/cJSON.h>

enum { FIGURES_PARTS = 4, FIGURES_LABEL = 64 };

/* One list of the answer, with a bar for each of its rows. */
struct figures_part {
	const char *title;
	const char *list; /* member of the answer */
	const char *count; /* member of a row: how many */
	const char *whole; /* member of the answer: of how many */
	void (*label)(char text[FIGURES_LABEL], const cJSON *row);
};
extern const struct figures_part figures_parts[FIGURES_PARTS];

/* A count of the server's, from 0 to INT_MAX. */
int figures_count(const cJSON *object, const char *name);
/* The title, or where the server knows none any more "pack/slug"; size bytes. */
void figures_name(char *text, size_t size, const cJSON *row);
/* What was found, for people: of a verdict's word; else the word itself. */
const char *figures_verdict(const char *word);

#endif
