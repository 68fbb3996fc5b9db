/* kodelab judge kept, send, drop: runs that no judge could take. */
#include "judge.h"

#include <string.h>

#include <kodelab/alloc.h>

#include "judging.h"
#include "tui/kept.h"

enum { NAME_LEN = 6 }; /* the end of an id, which tells kept runs apart */

static const char *name_of(const struct kl_kept_run *run)
{
	size_t len = strlen(run->id);

	return run->id + (len > NAME_LEN ? len - NAME_LEN : 0);
}

static const char *kind_of(const struct kl_kept_run *run)
{
	return run->kind == KL_ATTEMPT_SUBMIT ? "submit" : "run";
}

/* --- kept ------------------------------------------------------------------------------------------------------- */

static cJSON *run_json(const struct kl_kept_run *run)
{
	cJSON *node = cJSON_CreateObject();

	cJSON_AddStringToObject(node, "id", run->id);
	cJSON_AddStringToObject(node, "kind", kind_of(run));
	cJSON_AddStringToObject(node, "pack", run->pack);
	cJSON_AddStringToObject(node, "slug", run->slug);
	cJSON_AddStringToObject(node, "language", run->language);
	cJSON_AddNumberToObject(node, "at_ms", (double)run->at_ms);
	cJSON_AddStringToObject(node, "why", run->why);
	return node;
}

static void print_run(const struct cli *cli, const struct kl_kept_run *run)
{
	char time[KEPT_TIME_SIZE];

	kept_time(time, run, kl_clock_wall_ms(&cli->clock));
	cli_say(cli, "%s  %-6s  %s/%s in %s, from %s\n", name_of(run), kind_of(run), run->pack, run->slug,
		run->language, time);
	cli_say(cli, "        %s\n", run->why);
}

int judge_kept(struct cli *cli, struct kl_instances *judges, const struct command_args *args)
{
	cJSON *root = cli->json ? cJSON_CreateArray() : NULL;
	struct kl_kept_run *runs;
	struct kl_error err;
	size_t count;

	(void)judges;
	(void)args;
	if (kl_store_kept(&runs, &count, cli->store, &err)) {
		cJSON_Delete(root);
		return cli_fail(cli, &err);
	}
	for (size_t i = 0; i < count; i++) {
		if (root)
			cJSON_AddItemToArray(root, run_json(&runs[i]));
		else
			print_run(cli, &runs[i]);
	}
	kl_kept_runs_free(runs, count);
	if (root)
		return cli_print_json(root);
	if (!count)
		cli_say(cli, "Nothing is kept: the judges could take all you ran.\n");
	return EXIT_DONE;
}

/* --- send ------------------------------------------------------------------------------------------------------- */

struct sending {
	struct cli *cli;
	struct kept_sending *one; /* NULL: it has ended */
	cJSON *list; /* NULL: words are printed */
	bool interrupted, left; /* left: something stays kept */
};

static void sent(void *ctx, const struct kept_news *news)
{
	struct sending *sending = ctx;
	cJSON *node = sending->list ? run_json(news->run) : NULL;

	sending->one = NULL;
	sending->left = sending->left || news->end == KEPT_WAITS || news->end == KEPT_STUCK;
	if (node) {
		cJSON_AddBoolToObject(node, "judged", news->end == KEPT_JUDGED);
		cJSON_AddNumberToObject(node, "passed", news->report ? (double)news->report->passed : 0);
		cJSON_AddNumberToObject(node, "total", news->report ? (double)work_judged(news->report) : 0);
		cJSON_AddBoolToObject(node, "solved", news->first_pass);
		cJSON_AddItemToArray(sending->list, node);
	} else if (news->end == KEPT_JUDGED) {
		cli_say(sending->cli, "%c%s.\n", news->words[0] - 'a' + 'A', news->words + 1);
	}
	if (news->end != KEPT_JUDGED)
		cli_warn(sending->cli, "%s", news->words);
	kl_loop_stop(sending->cli->loop);
}

static void interrupted(void *ctx, int signo)
{
	struct sending *sending = ctx;

	(void)signo;
	sending->interrupted = true;
	kl_loop_stop(sending->cli->loop);
}

static void send_one(struct sending *sending, struct kl_kept_run *run)
{
	struct cli *cli = sending->cli;
	struct kept_means means = {
		.loop = cli->loop,
		.clock = &cli->clock,
		.store = cli->store,
		.catalogue = cli->catalogue,
		.judge = cli->judge,
		.instances = cli->elsewhere.instances,
		.work = cli->paths.work,
	};

	sending->one = kept_send(&means, run, sent, sending);
	kl_loop_run(cli->loop);
	kept_stop(sending->one);
	sending->one = NULL;
}

int judge_send(struct cli *cli, struct kl_instances *judges, const struct command_args *args)
{
	struct sending sending = { .cli = cli };
	struct kl_kept_run *runs;
	struct kl_error err;
	size_t count;

	(void)judges;
	(void)args;
	if (cli_catalogue(cli, &err) || cli_judge(cli, &err) || kl_store_kept(&runs, &count, cli->store, &err))
		return cli_fail(cli, &err);
	if (cli->json)
		sending.list = cJSON_CreateArray();
	else if (!count)
		cli_say(cli, "Nothing is kept: the judges could take all you ran.\n");
	judging_catch(cli, interrupted, &sending);
	for (size_t i = 0; i < count && !sending.interrupted; i++)
		send_one(&sending, &runs[i]);
	judging_catch(cli, NULL, NULL);
	kl_kept_runs_free(runs, count);
	if (sending.interrupted) {
		cJSON_Delete(sending.list);
		kl_fail(&err, KL_ECANCELED, "stopped; what was not judged is still kept");
		return cli_fail(cli, &err);
	}
	if (sending.list)
		cli_print_json(sending.list);
	return sending.left ? EXIT_COULD_NOT : EXIT_DONE;
}

/* --- drop ------------------------------------------------------------------------------------------------------- */

static bool is_named(const struct kl_kept_run *run, const char *name)
{
	size_t len = strlen(name), whole = strlen(run->id);

	return !strcmp(name, "all") || (len >= NAME_LEN && len <= whole && !strcmp(run->id + whole - len, name));
}

int judge_drop(struct cli *cli, struct kl_instances *judges, const struct command_args *args)
{
	const char *name = args->words[1];
	struct kl_kept_run *runs;
	struct kl_error err;
	enum kl_status status;
	size_t count, dropped = 0;

	(void)judges;
	if (kl_store_kept(&runs, &count, cli->store, &err))
		return cli_fail(cli, &err);
	status = KL_OK;
	for (size_t i = 0; i < count && !status; i++) {
		if (!is_named(&runs[i], name))
			continue;
		status = kl_store_kept_drop(cli->store, runs[i].id, &err);
		dropped += !status;
	}
	kl_kept_runs_free(runs, count);
	if (!status && !dropped && strcmp(name, "all") != 0)
		status = kl_fail(&err, KL_ENOENT, "there is no kept run '%s': 'kodelab judge kept' lists them", name);
	if (status)
		return cli_fail(cli, &err);
	if (!cli->json)
		cli_say(cli, "%zu dropped.\n", dropped);
	return EXIT_DONE;
}
