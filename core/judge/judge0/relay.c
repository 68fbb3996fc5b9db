/*
 * One submission on its way: choose an instance, have it probed, post, poll. The relay outlives its end until the
 * request or the probe that is out has come back: a lease is settled, and a choice reported, exactly once.
 */

#include <kodelab/relay.h>

#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/crypto.h>
#include <kodelab/http.h>
#include <kodelab/instance.h>
#include <kodelab/loop.h>

#include "core/judge/judge0/instance_int.h"
#include "core/judge/judge0/judge0_int.h"

#define ANSWER_MAX  ((size_t)48 << 20)
#define DEADLINE_MS 30000
#define STALL_MS    20000
#define QUEUE_MS    600000 /* for the result of what was taken */
#define POSTS_MAX   8 /* times that one relay sends */
#define LOSSES_MAX  6 /* polls in a row that fail */
#define FAILED_MAX  64 /* as many instances as there may be */
#define TOKEN_SIZE  64
#define WHY_SIZE    512 /* of a sentence */
#define NAME_SIZE   40 /* of an instance */

struct kl_relay {
	struct kl_relay_spec spec;
	char *language, *user, *left_at; /* owned; left_at: where it may lie already; NULL: it is sent */
	struct kl_instance *instance; /* chosen and not yet reported; NULL: none */
	struct kl_instance_ask *ask; /* probes it */
	struct kl_http_request *request;
	struct kl_lease *lease; /* of the request; NULL: no key */
	struct kl_timer *timer; /* of the next step */
	char names[FAILED_MAX][NAME_SIZE];
	const char *failed[FAILED_MAX]; /* names that this relay tries no more */
	size_t failed_count, unable_count; /* unable: without the language, or without quota for this user */
	char token[TOKEN_SIZE]; /* "": to be sent */
	char left_token[TOKEN_SIZE];
	int posts, polls, losses;
	bool sent, ended;
	bool taken_up; /* token is of a former relay */
	int64_t sent_ms; /* monotonic */
	char why[WHY_SIZE]; /* the last failure */
	char unable[WHY_SIZE]; /* what is told when all are unable */
};

static void step(void *ctx);
static void on_answer(void *ctx, const struct kl_http_result *result);

/* --- the end ------------------------------------------------------------------------------------------------------ */

static void report(struct kl_relay *relay, enum kl_instance_fate fate, const char *why, int64_t retry_after_ms)
{
	const struct kl_instance_outcome outcome = {
		.fate = fate, .retry_after_ms = retry_after_ms, .queued = -1, .why = why
	};

	if (relay->instance)
		kl_instance_report(relay->instance, &outcome);
	relay->instance = NULL;
}

static void free_when_idle(struct kl_relay *relay)
{
	if (relay->ask || relay->request)
		return;
	report(relay, KL_FATE_UNUSED, NULL, -1);
	free(relay->language);
	free(relay->user);
	free(relay->left_at);
	free(relay);
}

static void end(struct kl_relay *relay, const struct kl_relay_result *result)
{
	relay->ended = true;
	kl_timer_cancel(relay->timer);
	relay->timer = NULL;
	relay->spec.done(relay->spec.ctx, result);
	free_when_idle(relay);
}

static void end_without(struct kl_relay *relay, enum kl_relay_end how, const char *sentence, int64_t retry_ms)
{
	end(relay, &(struct kl_relay_result){ .end = how, .instance = "", .sentence = sentence, .retry_ms = retry_ms });
}

void kl_relay_close(struct kl_relay *relay)
{
	struct kl_instance_ask *ask = relay->ask;
	struct kl_http_request *request = relay->request;

	relay->ended = true;
	kl_timer_cancel(relay->timer);
	relay->timer = NULL;
	relay->spec.done(relay->spec.ctx,
			 &(struct kl_relay_result){ .end = KL_RELAY_CANCELED, .instance = "", .sentence = "stopped" });
	if (ask)
		kl_instance_cancel(ask); /* comes back as on_prepared */
	else if (request)
		kl_http_cancel(request); /* comes back as on_answer */
	else
		free_when_idle(relay);
}

static void later(struct kl_relay *relay, int64_t pause_ms)
{
	relay->timer = kl_loop_add_timer(relay->spec.loop, pause_ms, step, relay);
}

/* This instance will not do: the next step chooses another one. */
static void move_on(struct kl_relay *relay, enum kl_instance_fate fate, const char *why, int64_t retry_after_ms)
{
	snprintf(relay->why, sizeof(relay->why), "%s", why);
	if (relay->failed_count < FAILED_MAX) {
		char *name = relay->names[relay->failed_count];

		snprintf(name, NAME_SIZE, "%s", kl_instance_spec(relay->instance)->name);
		relay->failed[relay->failed_count++] = name;
	}
	report(relay, fate, why, retry_after_ms);
	*relay->token = '\0';
	relay->taken_up = false;
	later(relay, 0);
}

/* --- an instance -------------------------------------------------------------------------------------------------- */

/* "Python (3.8.1)" and "Python (3.11.2)" are one family; a number alone may be another language elsewhere. */
static bool has_language(const struct kl_relay *relay)
{
	const struct kl_instance_language *there = kl_instance_language_by_id(relay->instance, relay->spec.language_id);
	size_t len = strcspn(relay->language, "(");

	return there && len == strcspn(there->name, "(") && !memcmp(there->name, relay->language, len);
}

static void be_unable(struct kl_relay *relay, const char *why)
{
	relay->unable_count++;
	snprintf(relay->unable, sizeof(relay->unable), "%s", why);
}

static void on_prepared(void *ctx, struct kl_instance *instance, const struct kl_error *error)
{
	struct kl_relay *relay = ctx;
	char why[160];

	(void)instance;
	relay->ask = NULL;
	if (relay->ended) {
		free_when_idle(relay);
	} else if (error->status) {
		move_on(relay, error->status == KL_EDENIED ? KL_FATE_DENIED : KL_FATE_DOWN, error->message, -1);
	} else if (!has_language(relay)) {
		snprintf(why, sizeof(why), "judge '%.40s' does not have %.80s", kl_instance_spec(relay->instance)->name,
			 relay->language);
		be_unable(relay, why);
		move_on(relay, KL_FATE_UNUSED, why, -1);
	} else {
		later(relay, 0);
	}
}

/* Nobody is left. Whether it was received anywhere decides what may be done with it. */
static void give_up(struct kl_relay *relay, enum kl_status status, const char *why, int64_t retry_ms)
{
	bool unable = status == KL_ENOTOOL && relay->unable_count && relay->unable_count == relay->failed_count;

	if (unable)
		end_without(relay, KL_RELAY_REFUSED, relay->unable, 0);
	else
		end_without(relay, relay->sent ? KL_RELAY_FAILED : KL_RELAY_NOBODY, *relay->why ? relay->why : why,
			    retry_ms);
}

static enum kl_status choose(struct kl_relay *relay, const char *only, int64_t *retry_ms, struct kl_error *err)
{
	const struct kl_instance_want want = {
		.purpose = relay->spec.purpose, .only = only, .not = relay->failed, .not_count = relay->failed_count
	};
	struct kl_instance_choice choice;
	enum kl_status status = kl_instances_choose(&choice, relay->spec.instances, &want, err);

	relay->instance = status ? NULL : choice.instance;
	*retry_ms = choice.retry_ms;
	kl_instance_choice_release(&choice);
	return status;
}

/* Where a former relay left it: asking for its result costs less than another run. false: it is not there any more. */
static bool take_up(struct kl_relay *relay)
{
	char *left_at = relay->left_at;
	int64_t retry_ms;

	relay->left_at = NULL;
	relay->taken_up = left_at && !choose(relay, left_at, &retry_ms, NULL);
	free(left_at);
	if (!relay->taken_up)
		return false;
	snprintf(relay->token, sizeof(relay->token), "%s", relay->left_token);
	relay->sent = true;
	relay->sent_ms = kl_clock_mono_ms();
	return true;
}

static void find(struct kl_relay *relay)
{
	enum kl_status status = KL_OK;
	int64_t retry_ms = 0;
	struct kl_error err;

	if (!take_up(relay))
		status = choose(relay, NULL, &retry_ms, &err);
	if (!status)
		status = kl_instance_prepare(&relay->ask, relay->instance, NULL, on_prepared, relay, &err);
	if (status)
		give_up(relay, status, err.message, retry_ms);
}

/* --- sending ------------------------------------------------------------------------------------------------------ */

/* What is under way is brought to its end whatever the user's share: it was counted when it was sent. */
static enum kl_status take_key(struct kl_relay *relay, struct kl_error *err)
{
	bool exam = relay->spec.purpose == KL_PURPOSE_EXAM;
	const struct kl_key_want want = { .instance = kl_instance_spec(relay->instance)->name,
					  .user = relay->user,
					  .purpose = *relay->token && !exam ? KL_PURPOSE_VALIDATE : relay->spec.purpose,
					  .requests = 1 };
	enum kl_status status = kl_keypool_lease(&relay->lease, relay->spec.pool, &want, err);

	return status == KL_ENOENT && !kl_instance_kind(relay->instance)->needs_key ? KL_OK : status;
}

static enum kl_status send(struct kl_relay *relay, enum kl_instance_route route, const char *path, struct kl_error *err)
{
	const struct kl_instance_spec *spec = kl_instance_spec(relay->instance);
	const char *body = route == KL_ROUTE_CREATE ? relay->spec.body : NULL;
	struct kl_http_header headers[KL_INSTANCE_HEADERS + 1];
	struct kl_instance_door door;
	struct kl_http *library;
	enum kl_status status;

	if ((status = kl_instances_http(&library, relay->spec.instances, err)) ||
	    (status = kl_instance_open_door(&door, relay->instance, route, path,
					    relay->lease ? kl_lease_key(relay->lease) : NULL, err)))
		return status;
	memcpy(headers, door.headers, door.header_count * sizeof(*headers));
	headers[door.header_count] = (struct kl_http_header){ "Content-Type", "application/json", false };
	status = kl_http_start(&relay->request, library,
			       &(struct kl_http_spec){ .method = body ? "POST" : "GET",
						       .url = door.url,
						       .headers = headers,
						       .header_count = door.header_count + (body != NULL),
						       .body = body,
						       .body_len = body ? strlen(body) : 0,
						       .deadline_ms = DEADLINE_MS,
						       .stall_ms = STALL_MS,
						       .response_max = ANSWER_MAX,
						       .ca_file = spec->ca_file,
						       .proxy = spec->proxy },
			       on_answer, relay, err);
	kl_instance_close_door(&door);
	return status;
}

static void settle(struct kl_relay *relay, const struct kl_http_result *result)
{
	struct kl_key_outcome outcome = { 0, 0, -1, -1, -1 };
	int64_t wall_ms = instances_now_ms(relay->spec.instances);

	if (relay->lease && result)
		kl_instance_quota(&outcome, relay->instance, result, result->sent ? 1 : 0, wall_ms);
	if (relay->lease)
		kl_lease_settle(relay->lease, relay->spec.pool, &outcome);
	relay->lease = NULL;
}

static void exchange(struct kl_relay *relay, enum kl_instance_route route, const char *path)
{
	struct kl_error err;
	enum kl_status status = take_key(relay, &err);

	if (!*relay->token && (status == KL_EDENIED || status == KL_EMANY))
		be_unable(relay, err.message);
	if (!status)
		status = send(relay, route, path, &err);
	if (status) {
		settle(relay, NULL);
		move_on(relay, KL_FATE_UNUSED, err.message, -1);
	}
}

static void step(void *ctx)
{
	struct kl_relay *relay = ctx;
	char path[512];

	relay->timer = NULL;
	if (!relay->instance) {
		find(relay);
	} else if (!*relay->token) {
		if (relay->posts++ == POSTS_MAX) {
			end_without(relay, relay->sent ? KL_RELAY_FAILED : KL_RELAY_NOBODY, relay->why, 0);
			return;
		}
		relay->polls = relay->losses = 0;
		relay->sent_ms = kl_clock_mono_ms();
		exchange(relay, KL_ROUTE_CREATE, "/submissions?base64_encoded=true&wait=false");
	} else if (kl_clock_mono_ms() - relay->sent_ms > QUEUE_MS) {
		move_on(relay, KL_FATE_DOWN, "the judge took the submission and never said what it found", -1);
	} else {
		snprintf(path, sizeof(path), "/submissions/%s?base64_encoded=true&fields=%s", relay->token,
			 judge0_fields);
		exchange(relay, KL_ROUTE_GET, path);
	}
}

/* --- answers ------------------------------------------------------------------------------------------------------ */

/* Tokens go into a path: what is none must not get there. */
static bool is_token(const char *token)
{
	size_t len = token ? strlen(token) : 0;

	return len && len < TOKEN_SIZE &&
	       strspn(token, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_") == len;
}

static void ask_later(struct kl_relay *relay)
{
	const struct judge0_pace pace = { .expected_ms = *relay->spec.expected_ms };

	later(relay, judge0_pace_ms(&pace, relay->polls++, kl_clock_mono_ms() - relay->sent_ms));
}

static void judged(struct kl_relay *relay, const struct judge0_answer *answer)
{
	struct judge0_pace pace = { .expected_ms = *relay->spec.expected_ms };
	char instance[NAME_SIZE];

	if (!relay->taken_up) /* else it was sent long ago */
		judge0_pace_learn(&pace, kl_clock_mono_ms() - relay->sent_ms);
	*relay->spec.expected_ms = pace.expected_ms;
	snprintf(instance, sizeof(instance), "%s", kl_instance_spec(relay->instance)->name);
	report(relay, KL_FATE_GOOD, NULL, -1);
	end(relay, &(struct kl_relay_result){ .end = KL_RELAY_JUDGED,
					      .instance = instance,
					      .sentence = "",
					      .status = answer->status,
					      .exit_code = answer->exit_code,
					      .exit_signal = answer->exit_signal,
					      .cpu_us = answer->cpu_us,
					      .wall_us = answer->wall_us,
					      .memory_kib = answer->memory_kib,
					      .out = answer->out,
					      .err = answer->err,
					      .compile = answer->compile,
					      .message = answer->message,
					      .out_len = answer->out_len,
					      .err_len = answer->err_len,
					      .compile_len = answer->compile_len,
					      .message_len = answer->message_len });
}

static void take(struct kl_relay *relay, const struct judge0_answer *answer)
{
	if (answer->error || (!*relay->token && !is_token(answer->token))) {
		move_on(relay, KL_FATE_NONSENSE, "the judge gave no token for what it took", -1);
	} else if (!*relay->token) {
		snprintf(relay->token, sizeof(relay->token), "%s", answer->token);
		if (relay->spec.took)
			relay->spec.took(relay->spec.ctx, kl_instance_spec(relay->instance)->name, relay->token);
		ask_later(relay);
	} else if (answer->status == JUDGE0_INTERNAL || answer->status > JUDGE0_EXEC) {
		move_on(relay, KL_FATE_SANDBOX, judge0_words_internal(answer->message), -1);
	} else if (judge0_is_final(answer)) {
		judged(relay, answer);
	} else {
		relay->losses = 0;
		ask_later(relay);
	}
}

static void good(struct kl_relay *relay, const struct kl_http_result *result)
{
	struct judge0_answer *answers;
	size_t count;
	struct kl_error err;

	if (judge0_answers_read(&answers, &count, result->body, result->body_len, &err)) {
		move_on(relay, KL_FATE_NONSENSE, err.message, -1);
		return;
	}
	if (count == 1)
		take(relay, &answers[0]);
	else
		move_on(relay, KL_FATE_NONSENSE, "the judge answered with a list", -1);
	judge0_answers_free(answers, count);
}

static enum kl_instance_fate fate_of(const struct judge0_outcome *outcome, const struct kl_http_result *result)
{
	if (result->end == KL_HTTP_UNTRUSTED)
		return KL_FATE_UNTRUSTED;
	if (outcome->next == JUDGE0_LATER && result->end == KL_HTTP_ANSWERED)
		return KL_FATE_BUSY;
	if (result->end != KL_HTTP_ANSWERED || result->status >= 500)
		return KL_FATE_DOWN;
	return result->status == 401 || result->status == 403 ? KL_FATE_DENIED : KL_FATE_NONSENSE;
}

static void bad(struct kl_relay *relay, const struct judge0_outcome *outcome, const struct kl_http_result *result,
		bool keyed)
{
	bool polling = *relay->token != '\0';
	unsigned char chance;

	kl_random(&chance, 1);
	snprintf(relay->why, sizeof(relay->why), "%s", outcome->words);
	if (relay->taken_up && outcome->next == JUDGE0_GONE) { /* forgotten meanwhile: it is sent there again */
		relay->taken_up = false;
		*relay->token = '\0';
		later(relay, 0);
	} else if (outcome->next == JUDGE0_NO_KEY &&
		   keyed) { /* the pool knows of it by now, and has another one or none */
		later(relay, 0);
	} else if (polling && outcome->next != JUDGE0_GONE && ++relay->losses < LOSSES_MAX) {
		later(relay, outcome->pause_ms >= 0 ? outcome->pause_ms : judge0_backoff_ms(relay->losses, chance));
	} else if (!polling && (outcome->next == JUDGE0_REFUSED || outcome->next == JUDGE0_LESS) &&
		   result->end == KL_HTTP_ANSWERED) {
		report(relay, KL_FATE_GOOD, NULL, -1);
		end_without(relay, KL_RELAY_REFUSED, outcome->words, 0);
	} else {
		move_on(relay, fate_of(outcome, result), outcome->words, outcome->pause_ms);
	}
}

static void on_answer(void *ctx, const struct kl_http_result *result)
{
	struct kl_relay *relay = ctx;
	const struct kl_instance_spec *spec = kl_instance_spec(relay->instance);
	bool keyed = relay->lease != NULL;
	struct judge0_outcome outcome;

	relay->request = NULL;
	judge0_outcome_of(&outcome, result, !*relay->token, spec->name,
			  keyed && spec->key_header ? spec->key_header : "", instances_now_ms(relay->spec.instances));
	settle(relay, result);
	if (relay->ended) {
		free_when_idle(relay);
		return;
	}
	if (!*relay->token && result->sent)
		relay->sent |= outcome.next == JUDGE0_GO_ON || result->end != KL_HTTP_ANSWERED ||
			       (result->status >= 500 && result->status != 503);
	if (outcome.next == JUDGE0_GO_ON)
		good(relay, result);
	else
		bad(relay, &outcome, result, keyed);
}

/* --- the beginning ------------------------------------------------------------------------------------------------ */

struct kl_relay *kl_relay_start(const struct kl_relay_spec *spec)
{
	struct kl_relay *relay = kl_calloc(1, sizeof(*relay));

	relay->spec = *spec;
	relay->language = kl_strdup(spec->language);
	relay->user = kl_strdup(spec->user);
	if (spec->left_at && is_token(spec->left_token)) {
		relay->left_at = kl_strdup(spec->left_at);
		snprintf(relay->left_token, sizeof(relay->left_token), "%s", spec->left_token);
	}
	later(relay, 0);
	return relay;
}
