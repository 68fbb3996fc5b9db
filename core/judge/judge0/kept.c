/* What is under way, what was done before, and how often: in the store, so that it survives the process. */

#include "core/judge/judge0/client_int.h"

#include <cjson/cJSON.h>
#include <kodelab/log.h>
#include <kodelab/store.h>
#include <kodelab/store_judge.h>
#include <string.h>

#include <kodelab/alloc.h>

#define CONTENT_MAX ((size_t)64 << 20)
#define TICKET_MS   INT64_C(3600000) /* an instance forgets sooner or later */

static struct kl_store *store_of(const struct client *client)
{
	return client->means->store;
}

static const char *instance_name(const struct client *client)
{
	return kl_instance_spec(client->instance)->name;
}

/* Nothing here is worth a wait for the disk: losing it costs a request. */
static void lightly(const struct client *client, bool begin)
{
	if (store_of(client))
		kl_store_lightly(store_of(client), begin);
}

/* --- names by content --------------------------------------------------------------------------------------------- */

/*
 * What decides the result: language and version there, program, tests (arguments, inputs, files, limits). Neither the
 * instance nor the nonce, nor what is expected.
 */
void kept_name(struct client *client, struct item *item)
{
	static const struct judge0_budget budget = { INT64_MAX, INT64_MAX, INT64_MAX, 0 };
	struct kl_buf content;

	kl_buf_init(&content, CONTENT_MAX);
	kl_buf_addf(&content, "%d %s\n", (int)client->way, client->target.language->name);
	for (size_t i = 0; i < client->program.count; i++) {
		const struct kl_file *file = &client->program.files[i];

		kl_buf_addf(&content, "%s %zu\n", file->name, file->len);
		kl_buf_add(&content, file->text, file->len);
	}
	if (client->way == JUDGE0_PLAIN) {
		const struct kl_file *student = &client->job->plan.harness.files[0];

		kl_buf_add(&content, student->text, student->len);
	}
	judge0_runner_input(&content, &client->job->plan, &client->program, client->order + item->first, item->count,
			    &budget, "-");
	kl_sha256(item->work, content.data, content.len);
	kl_buf_release(&content);
}

/* A token belongs to its instance. */
static void ticket_name(char name[KL_SHA256_SIZE], const struct client *client, const struct item *item)
{
	char *text = kl_format("%s %s", item->work, instance_name(client));

	kl_sha256(name, text, strlen(text));
	free(text);
}

/* --- results ------------------------------------------------------------------------------------------------------ */

static void add_coded(cJSON *object, const char *key, const char *bytes, size_t len)
{
	char *text = kl_base64(bytes, len);

	cJSON_AddStringToObject(object, key, text);
	free(text);
}

/* As an instance would say it, with the nonce of its frames. */
void kept_put_result(struct client *client, const struct item *item, const struct judge0_answer *answer)
{
	struct kl_error err;
	cJSON *object;
	char *text;

	if (!client->means->cache || !store_of(client))
		return;
	object = cJSON_CreateObject();
	cJSON_AddStringToObject(object, "nonce", item->nonce);
	cJSON_AddNumberToObject(object, "status_id", answer->status);
	add_coded(object, "stdout", answer->out, answer->out_len);
	add_coded(object, "stderr", answer->err, answer->err_len);
	add_coded(object, "compile_output", answer->compile, answer->compile_len);
	add_coded(object, "message", answer->message, answer->message_len);
	cJSON_AddNumberToObject(object, "exit_code", answer->exit_code);
	cJSON_AddNumberToObject(object, "exit_signal", answer->exit_signal);
	cJSON_AddNumberToObject(object, "time", (double)answer->cpu_us / 1e6);
	cJSON_AddNumberToObject(object, "wall_time", (double)answer->wall_us / 1e6);
	cJSON_AddNumberToObject(object, "memory", (double)answer->memory_kib);
	text = cJSON_PrintUnformatted(object);
	lightly(client, true);
	if (kl_store_result_put(store_of(client), item->work, text, strlen(text), &err))
		kl_log(KL_LOG_WARN, "judge", "a judge's result cannot be kept: %s", err.message);
	lightly(client, false);
	free(text);
	cJSON_Delete(object);
}

static bool read_nonce(struct item *item, const char *text)
{
	cJSON *object = cJSON_Parse(text);
	const cJSON *nonce = cJSON_GetObjectItemCaseSensitive(object, "nonce");
	bool good = cJSON_IsString(nonce) && strlen(nonce->valuestring) == JUDGE0_NONCE_SIZE - 1;

	if (good)
		memcpy(item->nonce, nonce->valuestring, JUDGE0_NONCE_SIZE);
	cJSON_Delete(object);
	return good;
}

bool kept_result(struct client *client, size_t index)
{
	struct item *item = &client->items[index];
	struct judge0_answer *answers;
	size_t len, count;
	char *text;
	bool good;

	if (!client->means->cache || !store_of(client) ||
	    kl_store_result_get(&text, &len, store_of(client), item->work, NULL))
		return false;
	good = read_nonce(item, text) && !judge0_answers_read(&answers, &count, text, len, NULL);
	if (good) {
		client->job->report->cached = true;
		kept_count(client, "cached", 1);
		judge_job_note(client->job, "judge '%s', %s: known from an earlier run of the same, nothing was sent",
			       instance_name(client), client->target.language->name);
		take_answer(client, index, &answers[0]);
		judge0_answers_free(answers, count);
	}
	free(text);
	return good;
}

/* --- tickets ------------------------------------------------------------------------------------------------------ */

bool kept_ticket(struct client *client, struct item *item)
{
	struct kl_judge_ticket ticket;
	char name[KL_SHA256_SIZE];
	struct kl_clock clock;
	bool good;

	kl_clock_init(&clock);
	ticket_name(name, client, item);
	if (!store_of(client) || kl_store_ticket_get(&ticket, store_of(client), name, NULL))
		return false;
	good = *ticket.token && strlen(ticket.token) < sizeof(item->token) &&
	       strlen(ticket.nonce) == JUDGE0_NONCE_SIZE - 1 && kl_clock_wall_ms(&clock) - ticket.at_ms < TICKET_MS;
	if (good) {
		snprintf(item->token, sizeof(item->token), "%s", ticket.token);
		snprintf(item->nonce, sizeof(item->nonce), "%s", ticket.nonce);
	}
	kl_judge_ticket_release(&ticket);
	return good;
}

void kept_put_ticket(struct client *client, const struct item *item)
{
	char name[KL_SHA256_SIZE], *instance = kl_strdup(instance_name(client)), *token = kl_strdup(item->token),
				   *nonce = kl_strdup(item->nonce);
	struct kl_judge_ticket ticket = { .instance = instance, .token = token, .nonce = nonce };
	struct kl_error err;

	ticket_name(name, client, item);
	lightly(client, true);
	if (store_of(client) && kl_store_ticket_put(store_of(client), name, &ticket, &err))
		kl_log(KL_LOG_WARN, "judge", "a judge's token cannot be kept: %s", err.message);
	lightly(client, false);
	free(instance);
	free(token);
	free(nonce);
}

void kept_remove_ticket(struct client *client, const struct item *item)
{
	char name[KL_SHA256_SIZE];
	struct kl_error err;

	ticket_name(name, client, item);
	lightly(client, true);
	if (store_of(client) && kl_store_ticket_remove(store_of(client), name, &err))
		kl_log(KL_LOG_WARN, "judge", "a judge's token cannot be forgotten: %s", err.message);
	lightly(client, false);
}

/* --- learned ------------------------------------------------------------------------------------------------------ */

static char *pace_key(const struct client *client)
{
	return kl_format("judge0 pace %s %s", instance_name(client), client->job->plan.language->id);
}

static char *runner_key(const struct client *client)
{
	return kl_format("judge0 no runner %s", instance_name(client));
}

/* The value is the C compiler that failed: with another one it is tried again. */
static bool lacks_runner(const struct client *client)
{
	const struct kl_instance_language *c = kl_instance_language(client->instance, kl_language_find("c"));
	char *key = runner_key(client), *value = NULL;
	bool lacks = c && !kl_store_setting_get(&value, store_of(client), key, NULL) && !strcmp(value, c->name);

	free(key);
	free(value);
	return lacks;
}

void kept_read_learned(struct client *client)
{
	char *key, *value;

	if (!store_of(client))
		return;
	client->no_runner = client->no_runner || lacks_runner(client);
	key = pace_key(client);
	if (!kl_store_setting_get(&value, store_of(client), key, NULL)) {
		client->pace.expected_ms = strtoll(value, NULL, 10);
		free(value);
	}
	free(key);
}

static void put_setting(struct client *client, char *key, const char *value)
{
	struct kl_error err;

	lightly(client, true);
	if (store_of(client) && kl_store_setting_put(store_of(client), key, value, &err))
		kl_log(KL_LOG_WARN, "judge", "what was learned of a judge cannot be kept: %s", err.message);
	lightly(client, false);
	free(key);
}

void kept_put_pace(struct client *client)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld", (long long)client->pace.expected_ms);
	put_setting(client, pace_key(client), text);
}

void kept_put_no_runner(struct client *client)
{
	const struct kl_instance_language *c = kl_instance_language(client->instance, kl_language_find("c"));

	if (c)
		put_setting(client, runner_key(client), c->name);
}

void kept_count(struct client *client, const char *what, int64_t by)
{
	struct kl_error err;

	lightly(client, true);
	if (store_of(client) && client->instance &&
	    kl_store_count_add(store_of(client), instance_name(client), client->job->plan.language->id, what, by, &err))
		kl_log(KL_LOG_WARN, "judge", "a judge's figures cannot be kept: %s", err.message);
	lightly(client, false);
}
