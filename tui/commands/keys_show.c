/* kodelab keys list, usage, notices: for people, and as JSON. */
#include "keys.h"

#include <string.h>

#include <kodelab/alloc.h>

#define DAY_MS INT64_C(86400000)

enum { WEEK_DAYS = 7, BAR_CELLS = 20 };

/* --- list ------------------------------------------------------------------------------------------------------- */

static cJSON *key_json(const struct kl_key_info *key)
{
	const struct {
		const char *name;
		int64_t value;
	} numbers[] = {
		{ "daily_limit", key->daily_limit },   { "reserve", key->reserve },
		{ "used_today", key->used_today },     { "used_ever", key->used_ever },
		{ "failed_ever", key->failed_ever },   { "reset_ms", key->reset_ms },
		{ "added_ms", key->added_ms },         { "consented_ms", key->consented_ms },
		{ "validated_ms", key->validated_ms },
	};
	cJSON *node = cJSON_CreateObject();

	cJSON_AddStringToObject(node, "id", key->id);
	cJSON_AddStringToObject(node, "judge", key->instance);
	cJSON_AddStringToObject(node, "label", key->label);
	cJSON_AddStringToObject(node, "last4", key->last4);
	cJSON_AddStringToObject(node, "state", kl_key_state_word(key->state));
	cJSON_AddStringToObject(node, "why", key->why);
	cJSON_AddStringToObject(node, "share", kl_key_share_word(key->share));
	cJSON_AddStringToObject(node, "zone", key->zone);
	for (size_t i = 0; i < KL_LENGTH(numbers); i++)
		cJSON_AddNumberToObject(node, numbers[i].name, (double)numbers[i].value);
	return node;
}

static void print_key(const struct cli *cli, const struct kl_key_info *key)
{
	char used[48];

	if (key->daily_limit)
		snprintf(used, sizeof(used), "%lld of %lld today", (long long)key->used_today,
			 (long long)key->daily_limit);
	else
		snprintf(used, sizeof(used), "%lld today", (long long)key->used_today);
	cli_say(cli, "%s  %-14s  %s%-4s  %-9s  %-7s  %-18s  %s\n", keys_short_id(key), key->instance,
		*key->last4 ? "*" : " ", key->last4, kl_key_state_word(key->state), kl_key_share_word(key->share), used,
		key->label);
	if (*key->why)
		cli_say(cli, "          It %s.\n", key->why);
}

/* By its owner's last four characters alone: they are his to see. */
int keys_list(struct cli *cli, const struct command_args *args)
{
	struct kl_key_info *keys;
	struct kl_error err;
	cJSON *root;
	size_t count;

	(void)args;
	if (kl_keypool_list(&keys, &count, cli->keyring.pool, KEYS_OWNER, &err))
		return cli_fail(cli, &err);
	root = cli->json ? cJSON_CreateArray() : NULL;
	for (size_t i = 0; i < count; i++) {
		if (root)
			cJSON_AddItemToArray(root, key_json(&keys[i]));
		else
			print_key(cli, &keys[i]);
	}
	if (!count && !root)
		cli_say(cli, "There is no key yet. 'kodelab keys add JUDGE' takes one.\n");
	kl_key_infos_free(keys, count);
	return root ? cli_print_json(root) : EXIT_DONE;
}

/* --- usage ------------------------------------------------------------------------------------------------------ */

struct week {
	int64_t used, failed;
};

static struct week week_of(const struct kl_key_info *key, const struct kl_key_day *days, size_t count)
{
	struct week week = { 0, 0 };

	for (size_t i = 0; i < count; i++)
		if (!strcmp(days[i].key_id, key->id)) {
			week.used += days[i].used;
			week.failed += days[i].failed;
		}
	return week;
}

static void print_usage(const struct cli *cli, const struct kl_key_info *key, struct week week)
{
	char bar[BAR_CELLS + 1] = "", when[20];
	int64_t filled = key->daily_limit ? key->used_today * BAR_CELLS / key->daily_limit : 0;

	memset(bar, '.', BAR_CELLS);
	memset(bar, '#', (size_t)(filled > BAR_CELLS ? BAR_CELLS : filled));
	kl_clock_format(key->reset_ms, when, sizeof(when));
	cli_say(cli, "%s  %-14s  ", keys_short_id(key), key->instance);
	if (key->daily_limit)
		cli_say(cli, "[%s] %lld of %lld today, %lld in reserve, anew at %s\n", bar, (long long)key->used_today,
			(long long)key->daily_limit, (long long)key->reserve, when);
	else
		cli_say(cli, "no limit, %lld today\n", (long long)key->used_today);
	cli_say(cli, "          7 days: %lld used, %lld failed. Ever: %lld used, %lld failed.\n", (long long)week.used,
		(long long)week.failed, (long long)key->used_ever, (long long)key->failed_ever);
}

static cJSON *usage_json(const struct kl_key_info *key, const struct kl_key_day *days, size_t count)
{
	cJSON *node = key_json(key), *list = cJSON_AddArrayToObject(node, "days");

	for (size_t i = 0; i < count; i++) {
		cJSON *day;

		if (strcmp(days[i].key_id, key->id) != 0)
			continue;
		day = cJSON_CreateObject();
		cJSON_AddNumberToObject(day, "end_ms", (double)days[i].day_ms);
		cJSON_AddNumberToObject(day, "used", (double)days[i].used);
		cJSON_AddNumberToObject(day, "failed", (double)days[i].failed);
		cJSON_AddItemToArray(list, day);
	}
	return node;
}

int keys_usage(struct cli *cli, const struct command_args *args)
{
	int64_t since_ms = kl_clock_wall_ms(&cli->clock) - WEEK_DAYS * DAY_MS;
	struct kl_key_info *keys = NULL;
	struct kl_key_day *days = NULL;
	size_t count = 0, day_count = 0;
	struct kl_error err;
	int status = EXIT_DONE;
	cJSON *root;

	(void)args;
	if (kl_keypool_list(&keys, &count, cli->keyring.pool, KEYS_OWNER, &err) ||
	    kl_keypool_days(&days, &day_count, cli->keyring.pool, since_ms, &err)) {
		status = cli_fail(cli, &err);
		goto out;
	}
	root = cli->json ? cJSON_CreateArray() : NULL;
	for (size_t i = 0; i < count; i++) {
		if (root)
			cJSON_AddItemToArray(root, usage_json(&keys[i], days, day_count));
		else
			print_usage(cli, &keys[i], week_of(&keys[i], days, day_count));
	}
	if (root)
		status = cli_print_json(root);
	else if (!count)
		cli_say(cli, "There is no key yet. 'kodelab keys add JUDGE' takes one.\n");
out:
	free(days);
	kl_key_infos_free(keys, count);
	return status;
}

/* --- notices ---------------------------------------------------------------------------------------------------- */

int keys_notices(struct cli *cli, const struct command_args *args)
{
	struct kl_key_notice *notices;
	struct kl_error err;
	cJSON *root;
	size_t count;

	(void)args;
	if (kl_keypool_notices(&notices, &count, cli->keyring.pool, KEYS_OWNER, &err))
		return cli_fail(cli, &err);
	root = cli->json ? cJSON_CreateArray() : NULL;
	for (size_t i = 0; i < count; i++) {
		char when[20];

		kl_clock_format(notices[i].at_ms, when, sizeof(when));
		if (!root) {
			cli_say(cli, "%s  %s.\n", when, notices[i].text);
		} else {
			cJSON *node = cJSON_CreateObject();

			cJSON_AddStringToObject(node, "key", notices[i].key_id);
			cJSON_AddStringToObject(node, "event", kl_key_event_word(notices[i].event));
			cJSON_AddStringToObject(node, "text", notices[i].text);
			cJSON_AddNumberToObject(node, "at_ms", (double)notices[i].at_ms);
			cJSON_AddItemToArray(root, node);
		}
	}
	if (!count && !root)
		cli_say(cli, "Nothing new.\n");
	kl_key_notices_free(notices, count);
	return root ? cli_print_json(root) : EXIT_DONE;
}
