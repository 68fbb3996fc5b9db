/* kodelab judge stats: what judges elsewhere did, by judge and language. */
#include "judge.h"

#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/store_judge.h>

enum { SHOWN_NAME = 14, TIMES = 9 };

/* clang-format off */
static const struct {
	const char *what, *title, *key;
} columns[] = {
	{ "run",           "runs",     "runs" },
	{ "failed",        "failed",   "failed" },
	{ "submission",    "sent",     "submissions" },
	{ "request",       "requests", "requests" },
	{ "cached",        "reused",   "reused" },
};
static const char *const times[TIMES] = {
	"ms 100", "ms 200", "ms 500", "ms 1000", "ms 2000", "ms 5000", "ms 10000", "ms 30000", "ms more",
};
/* clang-format on */

struct line { /* of one judge and language */
	char *judge, *language;
	int64_t counts[KL_LENGTH(columns)], times[TIMES];
};

struct lines {
	struct line *items;
	size_t count, capacity;
};

static void take(void *ctx, const struct kl_judge_count *count)
{
	struct lines *lines = ctx;
	struct line *line = lines->count ? &lines->items[lines->count - 1] : NULL;

	if (!line || strcmp(line->judge, count->instance) != 0 || strcmp(line->language, count->language) != 0) {
		KL_GROW(lines->items, lines->count, lines->capacity);
		line = &lines->items[lines->count++];
		*line = (struct line){ .judge = kl_strdup(count->instance), .language = kl_strdup(count->language) };
	}
	for (size_t i = 0; i < KL_LENGTH(columns); i++)
		if (!strcmp(columns[i].what, count->what))
			line->counts[i] += count->count;
	for (size_t i = 0; i < TIMES; i++)
		if (!strcmp(times[i], count->what))
			line->times[i] += count->count;
}

static cJSON *line_json(const struct line *line)
{
	cJSON *node = cJSON_CreateObject(), *histogram;

	cJSON_AddStringToObject(node, "judge", line->judge);
	cJSON_AddStringToObject(node, "language", line->language);
	for (size_t i = 0; i < KL_LENGTH(columns); i++)
		cJSON_AddNumberToObject(node, columns[i].key, (double)line->counts[i]);
	histogram = cJSON_AddObjectToObject(node, "took");
	for (size_t i = 0; i < TIMES; i++)
		cJSON_AddNumberToObject(histogram, times[i] + 3, (double)line->times[i]);
	return node;
}

/* The time that half of the runs stayed below, as far as the histogram knows it; "" when there is none. */
static const char *half_below(const struct line *line)
{
	int64_t all = 0, seen = 0;

	for (size_t i = 0; i < TIMES; i++)
		all += line->times[i];
	for (size_t i = 0; i < TIMES && all; i++) {
		seen += line->times[i];
		if (2 * seen >= all)
			return times[i];
	}
	return "";
}

static void print_line(const struct cli *cli, const struct line *line)
{
	const char *half = half_below(line);

	cli_say(cli, "%-*s  %-10s", SHOWN_NAME, line->judge, line->language);
	for (size_t i = 0; i < KL_LENGTH(columns); i++)
		cli_say(cli, "  %8lld", (long long)line->counts[i]);
	if (!strcmp(half, "ms more"))
		cli_say(cli, "  over 30 s\n");
	else if (*half)
		cli_say(cli, "  %s ms\n", half + 3);
	else
		cli_say(cli, "\n");
}

static void print_all(const struct cli *cli, const struct lines *lines)
{
	if (!lines->count) {
		cli_say(cli, "No judge elsewhere has run anything for you yet.\n");
		return;
	}
	cli_say(cli, "%-*s  %-10s", SHOWN_NAME, "judge", "language");
	for (size_t i = 0; i < KL_LENGTH(columns); i++)
		cli_say(cli, "  %8s", columns[i].title);
	cli_say(cli, "  half within\n");
	for (size_t i = 0; i < lines->count; i++)
		print_line(cli, &lines->items[i]);
}

int judge_stats(struct cli *cli, struct kl_instances *judges, const struct command_args *args)
{
	struct lines lines = { .items = NULL };
	cJSON *root = cli->json ? cJSON_CreateArray() : NULL;
	struct kl_error err;
	int status = EXIT_DONE;

	(void)judges;
	(void)args;
	if (kl_store_counts_each(cli->store, take, &lines, &err))
		status = cli_fail(cli, &err);
	else if (root)
		for (size_t i = 0; i < lines.count; i++)
			cJSON_AddItemToArray(root, line_json(&lines.items[i]));
	else
		print_all(cli, &lines);
	for (size_t i = 0; i < lines.count; i++) {
		free(lines.items[i].judge);
		free(lines.items[i].language);
	}
	free(lines.items);
	if (root && !status)
		return cli_print_json(root);
	cJSON_Delete(root);
	return status;
}
