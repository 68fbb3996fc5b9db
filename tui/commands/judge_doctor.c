/* kodelab judge test, doctor, languages: asks the judges, and tells what to do where something is wrong. */
#include "judge.h"

#include <inttypes.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/keycheck.h>

#include "judging.h"
#include "tui/judges.h"

#define SKEW_MAX_MS 5000 /* tokens and quotas live by the clock */

enum { MISSING_MAX = 400 };

/* --- asking ------------------------------------------------------------------------------------------------------ */

struct asked { /* a judge being asked */
	struct asking *asking;
	struct kl_instance *judge;
	struct kl_instance_ask *ask; /* NULL: over */
	struct kl_error error; /* status KL_OK: it answered */
};

struct asking {
	struct cli *cli;
	struct asked *items;
	size_t count, pending;
	bool interrupted;
};

static void on_asked(void *ctx, struct kl_instance *judge, const struct kl_error *error)
{
	struct asked *asked = ctx;

	(void)judge;
	asked->ask = NULL;
	asked->error = *error;
	if (--asked->asking->pending == 0)
		kl_loop_stop(asked->asking->cli->loop);
}

static void interrupted(void *ctx, int signo)
{
	struct asking *asking = ctx;

	(void)signo;
	asking->interrupted = true;
	for (size_t i = 0; i < asking->count; i++)
		if (asking->items[i].ask)
			kl_instance_cancel(asking->items[i].ask);
}

/* Asks those of that name (NULL: all), all at once; items are the caller's to free. KL_ENOENT: there is none. */
static enum kl_status ask_all(struct asking *asking, struct cli *cli, struct kl_instances *judges, const char *name,
			      struct kl_error *err)
{
	size_t all = kl_instances_count(judges);

	*asking = (struct asking){ .cli = cli, .items = kl_calloc(all + 1, sizeof(struct asked)) };
	for (size_t i = 0; i < all; i++) {
		struct kl_instance *judge = kl_instances_at(judges, i);
		struct asked *asked = &asking->items[asking->count];

		if (name && strcmp(kl_instance_spec(judge)->name, name) != 0)
			continue;
		*asked = (struct asked){ .asking = asking, .judge = judge };
		asking->count++;
		if (kl_instance_probe(&asked->ask, judge, on_asked, asked, &asked->error) == KL_OK)
			asking->pending++;
	}
	if (name && !asking->count)
		return kl_fail(err, KL_ENOENT, "there is no judge '%s'; 'kodelab judge list' names them", name);
	judging_catch(cli, interrupted, asking);
	if (asking->pending)
		kl_loop_run(cli->loop);
	judging_catch(cli, NULL, NULL);
	return KL_OK;
}

/* Says why the only one did not answer. */
static int fail_asked(const struct asking *asking)
{
	const struct kl_error *error = &asking->items[0].error;
	int status = asking->interrupted ? EXIT_INTERRUPTED : cli_fail(asking->cli, error);

	if (asking->interrupted)
		return status;
	if (error->status == KL_EINVAL) /* the server's answer, not what was typed */
		return EXIT_COULD_NOT;
	return error->status == KL_EDENIED ? EXIT_REFUSED : status;
}

/* --- test -------------------------------------------------------------------------------------------------------- */

int judge_test(struct cli *cli, struct kl_instances *judges, const struct command_args *args)
{
	struct asking asking;
	struct kl_instance_health health;
	struct kl_error err;
	char answer[256];
	size_t languages;
	cJSON *root;
	int status = EXIT_DONE;

	if (ask_all(&asking, cli, judges, args->words[1], &err)) {
		status = cli_fail(cli, &err);
	} else if (asking.items[0].error.status) {
		status = fail_asked(&asking);
	} else {
		kl_instance_health(&health, asking.items[0].judge);
		(void)kl_instance_languages(asking.items[0].judge, &languages);
		if (*health.warning)
			cli_warn(cli, "%s: %s", args->words[1], health.warning);
		if (cli->json) {
			root = cJSON_CreateObject();
			cJSON_AddStringToObject(root, "version", health.version);
			cJSON_AddNumberToObject(root, "languages", (double)languages);
			cJSON_AddNumberToObject(root, "latency_ms", (double)health.latency_us / 1000);
			cli_print_json(root);
		} else {
			judges_answer(answer, sizeof(answer), asking.items[0].judge);
			cli_say(cli, "%s\n", answer);
		}
	}
	free(asking.items);
	return status;
}

/* --- doctor ------------------------------------------------------------------------------------------------------ */

struct findings {
	struct cli *cli;
	const char *judge;
	cJSON *json; /* array; NULL: text */
	size_t bad;
};

enum grade { GRADE_GOOD, GRADE_NOTE, GRADE_BAD };

static void tell(struct findings *findings, enum grade grade, const char *what, const char *fmt, ...) KL_PRINTF(4, 5);

static void tell(struct findings *findings, enum grade grade, const char *what, const char *fmt, ...)
{
	static const char *const grades[] = { "good", "note", "bad" };
	struct kl_buf text;
	cJSON *node;
	va_list args;

	kl_buf_init(&text, 4096);
	va_start(args, fmt);
	kl_buf_vaddf(&text, fmt, args);
	va_end(args);
	findings->bad += grade == GRADE_BAD;
	if (findings->json) {
		node = cJSON_CreateObject();
		cJSON_AddStringToObject(node, "judge", findings->judge);
		cJSON_AddStringToObject(node, "check", what);
		cJSON_AddStringToObject(node, "state", grades[grade]);
		cJSON_AddStringToObject(node, "text", text.data);
		cJSON_AddItemToArray(findings->json, node);
	} else {
		cli_say(findings->cli, "%-5s %-14s %-10s %s\n", grades[grade], findings->judge, what, text.data);
	}
	kl_buf_release(&text);
}

static void tell_version(struct findings *findings, const struct kl_instance_health *health)
{
	const char *version = *health->version ? health->version : "not told";

	tell(findings, *health->warning ? GRADE_BAD : GRADE_GOOD, "version", "%s%s%s", version,
	     *health->warning ? ": " : "", health->warning);
	if (*health->machine)
		tell(findings, GRADE_GOOD, "machine", "%s", health->machine);
}

/* What it has, and which of ours it has not. */
static void tell_languages(struct findings *findings, const struct kl_instance *judge)
{
	struct kl_buf missing;
	size_t count, lacking = 0;

	(void)kl_instance_languages(judge, &count);
	kl_buf_init(&missing, MISSING_MAX);
	for (size_t i = 0; i < kl_language_count(); i++)
		if (!kl_instance_language(judge, kl_language_at(i)))
			kl_buf_addf(&missing, "%s%s", lacking++ ? ", " : "", kl_language_at(i)->name);
	tell(findings, lacking ? GRADE_NOTE : GRADE_GOOD, "languages", "%zu%s%s", count,
	     lacking ? "; of the lab's it lacks " : ", all of the lab's", missing.data);
	kl_buf_release(&missing);
}

static void tell_limits(struct findings *findings, const struct kl_instance_facts *facts)
{
	tell(findings, GRADE_GOOD, "limits", "%.3g s CPU, %.3g s, %lld MiB, output %lld KiB",
	     (double)facts->cpu_max_ms / 1000, (double)facts->wall_max_ms / 1000,
	     (long long)facts->memory_max_kib / 1024, (long long)facts->file_max_kib);
	if (facts->additional_files)
		tell(findings, GRADE_GOOD, "requests", "one for a run, whatever the number of its tests");
	else if (facts->batches)
		tell(findings, GRADE_NOTE, "requests",
		     "one for %d tests: enable_additional_files would make it one for a run", facts->batch_max);
	else
		tell(findings, GRADE_NOTE, "requests",
		     "one for each test: enable_additional_files would make it one for a run");
	if (facts->maintenance)
		tell(findings, GRADE_BAD, "state", "it is being maintained and takes nothing: try again later");
}

static void tell_workers(struct findings *findings, const struct kl_instance_health *health)
{
	if (health->workers == 0)
		tell(findings, GRADE_BAD, "workers",
		     "none: what is sent waits for ever; its administrator must start them");
	else if (health->workers > 0)
		tell(findings, GRADE_GOOD, "workers", "%d, %d idle", health->workers, health->idle);
	if (health->queued >= 0)
		tell(findings, health->workers > 0 && health->queued > 10 * health->workers ? GRADE_NOTE : GRADE_GOOD,
		     "queue", "%d waiting", health->queued);
}

static void tell_clock(struct findings *findings, const struct kl_instance_health *health)
{
	int64_t skew_ms = health->skew_ms;
	bool ahead = skew_ms > 0;

	if (skew_ms == INT64_MIN)
		return;
	if (llabs((long long)skew_ms) <= SKEW_MAX_MS)
		tell(findings, GRADE_GOOD, "clock", "as this machine's");
	else
		tell(findings, GRADE_NOTE, "clock", "%lld s %s this machine's: one of the two is wrong",
		     llabs((long long)skew_ms) / 1000, ahead ? "ahead of" : "behind");
}

/* --- its second secret, where there is one ------------------------------------------------------------------------- */

struct authorizing {
	struct kl_loop *loop;
	enum kl_status status;
	char sentence[256];
};

static void authorized(void *ctx, enum kl_status status, const char *sentence)
{
	struct authorizing *authorizing = ctx;

	authorizing->status = status;
	snprintf(authorizing->sentence, sizeof(authorizing->sentence), "%s", sentence);
	kl_loop_stop(authorizing->loop);
}

/* The id of the second secret of that judge; "": there is none. */
static void find_user_key(char id[KL_ID_SIZE], struct cli *cli, const char *name)
{
	char *keys = kl_format("%s%s", name, KL_INSTANCE_USER);
	struct kl_key_info *infos;
	size_t count;

	id[0] = '\0';
	if (!kl_keypool_list(&infos, &count, cli->keyring.pool, "", NULL)) {
		for (size_t i = 0; i < count; i++)
			if (!strcmp(infos[i].instance, keys))
				memcpy(id, infos[i].id, KL_ID_SIZE);
		kl_key_infos_free(infos, count);
	}
	free(keys);
}

static void tell_authorization(struct findings *findings, struct kl_instances *judges, const struct kl_instance *judge)
{
	struct authorizing authorizing = { .loop = findings->cli->loop };
	char id[KL_ID_SIZE];
	const struct kl_key_check_spec spec = { .instances = judges,
						.pool = findings->cli->keyring.pool,
						.id = id,
						.owner = "",
						.done = authorized,
						.ctx = &authorizing };
	struct kl_key_check *check;
	struct kl_error err;

	find_user_key(id, findings->cli, findings->judge);
	if (!id[0])
		return;
	if (kl_key_check(&check, &spec, &err)) {
		tell(findings, GRADE_BAD, "second key", "%s", err.message);
		return;
	}
	kl_loop_run(findings->cli->loop);
	if (authorizing.status)
		tell(findings, GRADE_BAD, "second key", "%s", authorizing.sentence);
	else if (!kl_instance_facts(judge)->deletes)
		tell(findings, GRADE_NOTE, "second key",
		     "good, but enable_submission_delete is off: nothing is deleted");
	else
		tell(findings, GRADE_GOOD, "second key", "good: what was judged can be deleted (setting judge.delete)");
}

static void examine(struct findings *findings, struct kl_instances *judges, const struct asked *asked)
{
	const struct kl_instance_spec *spec = kl_instance_spec(asked->judge);
	struct kl_instance_health health;
	char latency[24];

	findings->judge = spec->name;
	kl_instance_health(&health, asked->judge);
	tell(findings, *kl_instance_warning(asked->judge) ? GRADE_NOTE : GRADE_GOOD, "address", "%s%s%s", spec->url,
	     *kl_instance_warning(asked->judge) ? ": " : "", kl_instance_warning(asked->judge));
	if (asked->error.status) {
		tell(findings, GRADE_BAD, "answer", "%s", asked->error.message);
		return;
	}
	tell(findings, GRADE_GOOD, "answer", "in %s", judges_latency(latency, sizeof(latency), &health));
	tell_version(findings, &health);
	tell_languages(findings, asked->judge);
	tell_limits(findings, kl_instance_facts(asked->judge));
	tell_workers(findings, &health);
	tell_clock(findings, &health);
	tell_authorization(findings, judges, asked->judge);
}

int judge_doctor(struct cli *cli, struct kl_instances *judges, const struct command_args *args)
{
	struct findings findings = { .cli = cli, .json = cli->json ? cJSON_CreateArray() : NULL };
	struct asking asking;
	struct kl_error err;
	int status = EXIT_DONE;

	if (ask_all(&asking, cli, judges, args->words[1], &err)) {
		free(asking.items);
		cJSON_Delete(findings.json);
		return cli_fail(cli, &err);
	}
	for (size_t i = 0; i < asking.count && !asking.interrupted; i++)
		examine(&findings, judges, &asking.items[i]);
	if (asking.interrupted)
		status = EXIT_INTERRUPTED;
	else if (findings.bad)
		status = EXIT_COULD_NOT;
	if (findings.json && !asking.interrupted)
		cli_print_json(findings.json);
	else if (!asking.count)
		cli_say(cli, "There is no judge yet. 'kodelab judge add NAME ADDRESS' adds one.\n");
	free(asking.items);
	return status;
}

/* --- languages --------------------------------------------------------------------------------------------------- */

static cJSON *language_json(const struct kl_instance *judge, const struct kl_instance_language *language,
			    const char *ours)
{
	cJSON *node = cJSON_CreateObject();

	cJSON_AddStringToObject(node, "judge", kl_instance_spec(judge)->name);
	cJSON_AddNumberToObject(node, "id", language->id);
	cJSON_AddStringToObject(node, "name", language->name);
	cJSON_AddStringToObject(node, "language", ours);
	return node;
}

/* root NULL: text. */
static void list_languages(const struct cli *cli, const struct kl_instances *judges, const struct kl_instance *judge,
			   cJSON *root)
{
	const struct kl_instance_language *languages;
	size_t count;

	languages = kl_instance_languages(judge, &count);
	if (!root && kl_instances_count(judges) > 1)
		cli_say(cli, "%s\n", kl_instance_spec(judge)->name);
	for (size_t i = 0; i < count; i++) {
		const char *ours = judges_name_of(judges, judge, &languages[i]);

		if (root)
			cJSON_AddItemToArray(root, language_json(judge, &languages[i], ours));
		else
			cli_say(cli, "%4d  %-40s  %s\n", languages[i].id, languages[i].name, ours);
	}
}

static bool is_wanted(const struct kl_instance *judge, const char *name)
{
	return !name || !strcmp(name, kl_instance_spec(judge)->name);
}

/* Those of that name (NULL: all) have been asked already, and there are some. */
static bool were_asked(const struct kl_instances *judges, const char *name)
{
	size_t wanted = 0, asked = 0;

	for (size_t i = 0; i < kl_instances_count(judges); i++) {
		wanted += is_wanted(kl_instances_at(judges, i), name);
		asked += is_wanted(kl_instances_at(judges, i), name) && kl_instance_facts(kl_instances_at(judges, i));
	}
	return wanted && wanted == asked;
}

static int ask_for_languages(struct cli *cli, struct kl_instances *judges, const char *name)
{
	struct asking asking = { .items = NULL };
	struct kl_error err;
	int status = EXIT_DONE;

	if (ask_all(&asking, cli, judges, name, &err))
		status = cli_fail(cli, &err);
	else if (name && asking.items[0].error.status)
		status = fail_asked(&asking);
	free(asking.items);
	return status;
}

int judge_languages(struct cli *cli, struct kl_instances *judges, const struct command_args *args)
{
	const char *name = args->word_count > 1 ? args->words[1] : NULL;
	int status = were_asked(judges, name) ? EXIT_DONE : ask_for_languages(cli, judges, name);
	cJSON *root;

	if (status)
		return status;
	root = cli->json ? cJSON_CreateArray() : NULL;
	for (size_t i = 0; i < kl_instances_count(judges); i++)
		if (is_wanted(kl_instances_at(judges, i), name))
			list_languages(cli, judges, kl_instances_at(judges, i), root);
	return root ? cli_print_json(root) : EXIT_DONE;
}
