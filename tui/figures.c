/* How a challenge fares: see figures.h. */
#include "figures.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <kodelab/json.h>
#include <kodelab/judge.h>

const char *figures_verdict(const char *word)
{
	for (int verdict = 0; *word && verdict < KL_VERDICT_COUNT; verdict++)
		if (!strcmp(kl_verdict_word((enum kl_verdict)verdict), word))
			return kl_verdict_name((enum kl_verdict)verdict);
	return word;
}

static void label_verdict(char text[FIGURES_LABEL], const cJSON *row)
{
	snprintf(text, FIGURES_LABEL, "%s", figures_verdict(kl_json_text_of(row, "verdict")));
}

static void label_test(char text[FIGURES_LABEL], const cJSON *row)
{
	snprintf(text, FIGURES_LABEL, "%s", kl_json_text_of(row, "test"));
}

static void label_tries(char text[FIGURES_LABEL], const cJSON *row)
{
	int tries = figures_count(row, "submissions");

	snprintf(text, FIGURES_LABEL, "%d %s", tries, tries == 1 ? "try" : "tries");
}

static void label_time(char text[FIGURES_LABEL], const cJSON *row)
{
	snprintf(text, FIGURES_LABEL, "%.40s %g s", kl_json_text_of(row, "language"),
		 figures_count(row, "up_to_ms") / 1000.0);
}

const struct figures_part figures_parts[FIGURES_PARTS] = {
	{ "What was found", "verdicts", "submissions", "submissions", label_verdict },
	{ "Tests that fail most", "failed_tests", "submissions", "submissions", label_test },
	{ "Tries until the first pass", "tries", "students", "solved", label_tries },
	{ "Processor time of passes, up to", "times", "submissions", "passed", label_time },
};

int figures_count(const cJSON *object, const char *name)
{
	double count = kl_json_number_of(object, name);

	if (!(count > 0))
		return 0;
	return count < INT_MAX ? (int)count : INT_MAX;
}

void figures_name(char *text, size_t size, const cJSON *row)
{
	const char *title = kl_json_text_of(row, "title");

	if (*title)
		snprintf(text, size, "%s", title);
	else
		snprintf(text, size, "%s/%s", kl_json_text_of(row, "pack"), kl_json_text_of(row, "slug"));
}
