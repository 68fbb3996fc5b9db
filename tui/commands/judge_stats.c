/* kodelab judge stats: what judges elsewhere did, by judge and language. */
#include "judge.h"

#include <kodelab/alloc.h>

#include "tui/tally.h"

enum { SHOWN_NAME = 14 };

/* clang-format off */
static const struct {
	const char *title, *key;
} columns[TALLY_WHAT_COUNT] = {
	[TALLY_RUNS]     = { "runs",     "runs" },
	[TALLY_FAILED]   = { "failed",   "failed" },
	[TALLY_SENT]     = { "sent",     "submissions" },
	[TALLY_REQUESTS] = { "requests", "requests" },
	[TALLY_REUSED]   = { "reused",   "reused" },
};
/* clang-format on */

/* The day's requests of the judge's keys; false: they have no limit. */
static bool quota_of(struct kl_key_totals *out, const struct cli *cli, const char *judge)
{
	return !kl_keypool_totals(out, cli->keyring.pool, judge, "", NULL) && out->limit;
}

static cJSON *line_json(const struct cli *cli, const struct tally_line *line)
{
	cJSON *node = cJSON_CreateObject(), *histogram, *quota;
	struct kl_key_totals keys;

	cJSON_AddStringToObject(node, "judge", line->judge);
	cJSON_AddStringToObject(node, "language", line->language);
	for (size_t i = 0; i < TALLY_WHAT_COUNT; i++)
		cJSON_AddNumberToObject(node, columns[i].key, (double)line->counts[i]);
	histogram = cJSON_AddObjectToObject(node, "took");
	for (size_t i = 0; i < TALLY_TIMES; i++)
		cJSON_AddNumberToObject(histogram, tally_bound(i), (double)line->times[i]);
	if (quota_of(&keys, cli, line->judge)) {
		quota = cJSON_AddObjectToObject(node, "today");
		cJSON_AddNumberToObject(quota, "used", (double)keys.used);
		cJSON_AddNumberToObject(quota, "limit", (double)keys.limit);
	}
	return node;
}

/* The time that half of the runs stayed below, as far as the histogram knows it. */
static void print_line(const struct cli *cli, const struct tally_line *line)
{
	size_t half = tally_half(line);

	cli_say(cli, "%-*s  %-10s", SHOWN_NAME, line->judge, line->language);
	for (size_t i = 0; i < TALLY_WHAT_COUNT; i++)
		cli_say(cli, "  %8lld", (long long)line->counts[i]);
	if (half + 1 < TALLY_TIMES)
		cli_say(cli, "  %s ms\n", tally_bound(half));
	else
		cli_say(cli, half < TALLY_TIMES ? "  over 30 s\n" : "\n");
}

static void print_all(const struct cli *cli, const struct tally *tally)
{
	if (!tally->count) {
		cli_say(cli, "No judge elsewhere has run anything for you yet.\n");
		return;
	}
	cli_say(cli, "%-*s  %-10s", SHOWN_NAME, "judge", "language");
	for (size_t i = 0; i < TALLY_WHAT_COUNT; i++)
		cli_say(cli, "  %8s", columns[i].title);
	cli_say(cli, "  half within\n");
	for (size_t i = 0; i < tally->count; i++)
		print_line(cli, &tally->lines[i]);
}

static void print_quotas(const struct cli *cli, const struct kl_instances *judges)
{
	struct kl_key_totals keys;

	for (size_t i = 0; i < kl_instances_count(judges); i++) {
		const char *name = kl_instance_spec(kl_instances_at(judges, i))->name;

		if (quota_of(&keys, cli, name))
			cli_say(cli, "%-*s  today %lld of %lld requests used\n", SHOWN_NAME, name, (long long)keys.used,
				(long long)keys.limit);
	}
}

int judge_stats(struct cli *cli, struct kl_instances *judges, const struct command_args *args)
{
	struct tally tally = { .lines = NULL };
	cJSON *root = cli->json ? cJSON_CreateArray() : NULL;
	struct kl_error err;
	int status = EXIT_DONE;

	(void)args;
	if (tally_read(&tally, cli->store, &err)) {
		status = cli_fail(cli, &err);
	} else if (root) {
		for (size_t i = 0; i < tally.count; i++)
			cJSON_AddItemToArray(root, line_json(cli, &tally.lines[i]));
	} else {
		print_all(cli, &tally);
		print_quotas(cli, judges);
	}
	tally_release(&tally);
	if (root && !status)
		return cli_print_json(root);
	cJSON_Delete(root);
	return status;
}
