/*
 * Asking an instance what it can do. One conversation at a time with each instance: a probe (several small GETs at once),
 * or the commands of one language. Those who asked wait in the instance's list; after each conversation every one of them
 * looks whether it has all it wants, and begins the next conversation if not.
 */

#include "core/judge/judge0/instance_int.h"

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/loop.h>
#include <kodelab/store.h>

#define OLD_MS        INT64_C(86400000)
#define TRY_AGAIN_MS  INT64_C(60000) /* old facts are used on for so long when it does not answer */
#define DEADLINE_MS   15000
#define ANSWER_MAX    ((size_t)1 << 20)
#define QUESTIONS_MAX 5

static const struct {
	enum kl_instance_route route;
	const char *path;
	bool needed; /* without it nothing is known */
	bool free_only; /* not asked where requests are counted */
} questions[QUESTIONS_MAX] = {
	{ KL_ROUTE_CONFIG, "/config_info", true, false }, { KL_ROUTE_LANGUAGES, "/languages", true, false },
	{ KL_ROUTE_ABOUT, "/about", false, false },       { KL_ROUTE_WORKERS, "/workers", false, true },
	{ KL_ROUTE_SYSTEM, "/system_info", false, true },
};

struct question {
	struct probe *probe;
	enum kl_instance_route route;
	const char *path;
	bool needed;
	char *text; /* a 200's body; owned; NULL: none */
	bool again; /* it was cut off once, and asked again: a GET may be */
};

struct probe { /* a conversation */
	struct kl_instance *instance;
	struct kl_instance_language *language; /* its commands are asked for; NULL: everything else */
	struct question questions[QUESTIONS_MAX];
	char path[64]; /* of the language */
	size_t pending;
	struct kl_lease *lease; /* NULL: no key */
	struct kl_error no_key; /* why there is none, as the pool says it; status KL_OK: there is one, or no pool */
	struct kl_key_outcome outcome; /* the worst answer's */
	int64_t sent_ms, skew_ms, latency_us;
	struct kl_error error;
};

static void step(struct kl_instance_ask *ask);
static bool ask_again(struct question *question);

/* --- those who asked ---------------------------------------------------------------------------------------------- */

static void on_over(void *ctx)
{
	struct kl_instance_ask *ask = ctx;

	TAILQ_REMOVE(&ask->instance->asks, ask, link);
	ask->done(ask->ctx, ask->instance, &ask->error);
	free(ask);
}

static void finish(struct kl_instance_ask *ask, const struct kl_error *error)
{
	if (ask->ended)
		return;
	kl_timer_cancel(ask->timer);
	ask->ended = true;
	ask->error = *error;
	ask->timer = kl_loop_add_timer(ask->instance->registry->loop, 0, on_over, ask);
}

void kl_instance_cancel(struct kl_instance_ask *ask)
{
	struct kl_error error;

	kl_fail(&error, KL_ECANCELED, "asking %s was cancelled", ask->instance->row.name);
	finish(ask, &error);
}

void instance_stop_asking(struct kl_instance *instance)
{
	struct kl_instance_ask *ask;

	while ((ask = TAILQ_FIRST(&instance->asks))) {
		kl_timer_cancel(ask->timer); /* NOLINT(clang-analyzer-unix.Malloc): what is freed has left the list */
		if (!ask->ended)
			kl_fail(&ask->error, KL_ECANCELED, "asking %s was cancelled", instance->row.name);
		on_over(ask);
	}
}

static void step_all(struct kl_instance *instance)
{
	struct kl_instance_ask *ask;

	for (ask = TAILQ_FIRST(&instance->asks); ask; ask = TAILQ_NEXT(ask, link))
		step(ask);
}

/* --- failures in words -------------------------------------------------------------------------------------------- */

static void want_key(struct probe *probe)
{
	const char *name = probe->instance->spec.name;

	if (probe->no_key.status)
		kl_fail(&probe->error, KL_EDENIED, "%s wants a key, and %s", name, probe->no_key.message);
	else
		kl_fail(&probe->error, KL_EDENIED, "%s wants a key: give it one with 'kodelab keys add %s'", name,
			name);
}

static void explain_status(struct probe *probe, int status, const char *path)
{
	const struct kl_instance_spec *spec = &probe->instance->spec;
	struct kl_error *err = &probe->error;

	if (status == 401 && !probe->lease)
		want_key(probe);
	else if (status == 401)
		kl_fail(err, KL_EDENIED,
			"%s refuses the key (401): it was sent as %s; is that the header, and is the "
			"key right?",
			spec->name, spec->key_header);
	else if (status == 403)
		kl_fail(err, KL_EDENIED,
			"%s does not let us in (403): is the key's plan subscribed, and may this "
			"machine's address ask?",
			spec->name);
	else if (status == 404)
		kl_fail(err, KL_EINVAL, "%s has no %s (404): is %s the address of a Judge0?", spec->name, path,
			spec->url);
	else if (status == 429)
		kl_fail(err, KL_EBUSY, "%s has had enough requests for now (429): try again later", spec->name);
	else if (status >= 500)
		kl_fail(err, KL_ENET, "%s has trouble of its own (%d): try again later", spec->name, status);
	else
		kl_fail(err, KL_EINVAL, "%s answers %s with %d: is %s the address of a Judge0?", spec->name, path,
			status, spec->url);
}

static void explain_nonsense(struct probe *probe, const char *path)
{
	const struct kl_instance_spec *spec = &probe->instance->spec;

	kl_fail(&probe->error, KL_EINVAL,
		"%s answers %s with something that is not Judge0's: does the network want you to log in first? Open "
		"%s in a browser",
		spec->name, path, spec->url);
}

/* --- a conversation ----------------------------------------------------------------------------------------------- */

static void note_times(struct probe *probe, const struct kl_http_result *result)
{
	const char *date = kl_http_header(result, "Date");
	int64_t date_ms = date ? kl_http_date_ms(date) : -1;

	if (date_ms >= 0 && probe->skew_ms == INT64_MIN) /* the header has whole seconds, cut off */
		probe->skew_ms = date_ms + 500 - (probe->sent_ms + result->total_us / 2000);
	if (result->total_us > result->connect_us && !probe->latency_us)
		probe->latency_us = result->total_us - result->connect_us;
}

static void note_quota(struct probe *probe, const struct kl_http_result *result)
{
	struct kl_key_outcome outcome;
	int64_t used = probe->outcome.requests;

	kl_instance_quota(&outcome, probe->instance, result, 1, instances_now_ms(probe->instance->registry));
	used += outcome.requests;
	if (!probe->outcome.http_status || outcome.http_status == 401 || outcome.http_status == 403 ||
	    outcome.http_status == 429)
		probe->outcome = outcome;
	probe->outcome.requests = used;
}

static void keep(char **field, char *text)
{
	free(*field);
	*field = text ? text : kl_strdup("");
}

/* What was not answered this time stays as it was. */
static void keep_if(char **field, char *text)
{
	if (text)
		keep(field, text);
}

static char *take_text(struct probe *probe, enum kl_instance_route route)
{
	for (size_t i = 0; i < QUESTIONS_MAX; i++) {
		char *text = probe->questions[i].text;

		if (probe->questions[i].route == route && text) {
			probe->questions[i].text = NULL;
			return text;
		}
	}
	return NULL;
}

/* What is lost in a power cut is asked for again. */
static enum kl_status store_said(struct kl_instance *instance, struct kl_error *err)
{
	struct kl_store *store = instance->registry->store;
	enum kl_status status;

	kl_store_lightly(store, true);
	status = kl_store_instance_said(store, &instance->row, err);
	kl_store_lightly(store, false);
	return status;
}

/* Everything was answered: it becomes what is known. */
static void take_said(struct probe *probe)
{
	struct kl_instance *instance = probe->instance;
	struct kl_instance_row *row = &instance->row;
	char *config = take_text(probe, KL_ROUTE_CONFIG), *languages = take_text(probe, KL_ROUTE_LANGUAGES);
	struct kl_error err;

	if (instance_read_said(instance, config, languages, &err)) {
		explain_nonsense(probe, strstr(err.message, "config_info") ? "/config_info" : "/languages");
		free(config);
		free(languages);
		return;
	}
	free(languages);
	keep(&row->config, config);
	keep(&row->languages, languages_print(instance->languages, instance->language_count));
	keep(&row->workers, take_text(probe, KL_ROUTE_WORKERS));
	keep_if(&row->about, take_text(probe, KL_ROUTE_ABOUT));
	keep_if(&row->machine, take_text(probe, KL_ROUTE_SYSTEM));
	instance_read_rest(instance);
	row->skew_ms = probe->skew_ms;
	row->probed_ms = instances_now_ms(instance->registry);
	instance->breaker = (struct breaker){ .state = KL_BREAKER_CLOSED }; /* it does answer */
	row->latency_us = balance_smooth(row->latency_us, probe->latency_us);
	keep(&row->failure, NULL);
	if (store_said(instance, &err) == KL_OK)
		instance_save_fared(instance, true);
}

static void take_details(struct probe *probe)
{
	struct kl_instance *instance = probe->instance;
	struct kl_instance_language found, *language = probe->language;
	const char *text = probe->questions[0].text;
	struct kl_error err;

	if (!language_read(&found, text, strlen(text), &err)) {
		language->source_file = found.source_file;
		language->compile_cmd = found.compile_cmd;
		language->run_cmd = found.run_cmd;
		free(found.name);
	}
	language->detailed = true; /* what it says is nothing we can use: it is not asked again and again */
	keep(&instance->row.languages, languages_print(instance->languages, instance->language_count));
	/* Not stored: the next start asks for it once more. */
	(void)!store_said(instance, &err);
}

/* What did not work for those who need it. */
static void fail_asks(struct probe *probe)
{
	struct kl_instance *instance = probe->instance;
	struct kl_instance_ask *ask;

	for (ask = TAILQ_FIRST(&instance->asks); ask; ask = TAILQ_NEXT(ask, link))
		if (probe->language ? ask->language != NULL : ask->fresh || !instance->known)
			finish(ask, &probe->error);
	if (!probe->language && instance->known) /* its old facts do for a while */
		instance->row.probed_ms = instances_now_ms(instance->registry) - OLD_MS + TRY_AGAIN_MS;
}

static void end_probe(struct probe *probe)
{
	struct kl_instance *instance = probe->instance;
	struct kl_instance_ask *ask;

	instance->probe = NULL;
	if (probe->lease)
		kl_lease_settle(probe->lease, instance->registry->pool, &probe->outcome);
	if (!probe->error.status && probe->language)
		take_details(probe);
	else if (!probe->error.status)
		take_said(probe);
	if (probe->error.status)
		fail_asks(probe);
	if (!probe->language)
		for (ask = TAILQ_FIRST(&instance->asks); ask; ask = TAILQ_NEXT(ask, link))
			ask->probed = true;
	for (size_t i = 0; i < QUESTIONS_MAX; i++)
		free(probe->questions[i].text);
	free(probe);
	step_all(instance);
}

static void on_answer(void *ctx, const struct kl_http_result *result)
{
	struct question *question = ctx;
	struct probe *probe = question->probe;

	if (result->end == KL_HTTP_ANSWERED)
		note_times(probe, result);
	note_quota(probe, result);
	if (result->end == KL_HTTP_BROKEN && !question->again && ask_again(question))
		return;
	if (result->end == KL_HTTP_ANSWERED && result->status == 200)
		question->text = kl_strndup(result->body, result->body_len);
	if (question->needed && !probe->error.status) {
		if (result->end != KL_HTTP_ANSWERED)
			probe->error = result->error;
		else if (result->status != 200)
			explain_status(probe, result->status, question->path);
		else if (result->body[strspn(result->body, " \t\r\n")] != '{' &&
			 result->body[strspn(result->body, " \t\r\n")] != '[')
			explain_nonsense(probe, question->path);
	}
	if (--probe->pending == 0)
		end_probe(probe);
}

static enum kl_status send_one(struct question *question, struct kl_http *http, struct kl_error *err)
{
	const struct kl_instance *instance = question->probe->instance;
	struct kl_http_request *request;
	struct kl_instance_door door;
	struct kl_http_spec spec;
	const char *key = question->probe->lease ? kl_lease_key(question->probe->lease) : NULL;
	enum kl_status status = kl_instance_open_door(&door, instance, question->route, question->path, key, err);

	if (status)
		return status;
	spec = (struct kl_http_spec){
		.method = "GET",
		.url = door.url,
		.headers = door.headers,
		.header_count = door.header_count,
		.deadline_ms = DEADLINE_MS,
		.response_max = ANSWER_MAX,
		.ca_file = instance->spec.ca_file,
		.proxy = instance->spec.proxy,
	};
	status = kl_http_start(&request, http, &spec, on_answer, question, err);
	kl_instance_close_door(&door);
	return status;
}

static bool ask_again(struct question *question)
{
	struct kl_error err;

	question->again = true;
	return send_one(question, question->probe->instance->registry->http, &err) == KL_OK;
}

/* A key where there is one. KL_ENOENT is no failure where none is needed. */
static enum kl_status take_key(struct probe *probe, size_t requests)
{
	struct kl_instance *instance = probe->instance;
	const struct kl_key_want want = { .instance = instance->row.name,
					  .user = "",
					  .purpose = KL_PURPOSE_VALIDATE,
					  .requests = (int64_t)requests };
	enum kl_status status = KL_ENOENT;

	if (instance->registry->pool)
		status = kl_keypool_lease(&probe->lease, instance->registry->pool, &want, &probe->no_key);
	if (status == KL_ENOENT && !instance->kind->needs_key)
		return KL_OK;
	if (status == KL_ENOENT)
		want_key(probe);
	else if (status)
		probe->error = probe->no_key;
	return probe->error.status;
}

static void send_all(struct probe *probe, size_t count)
{
	struct kl_instance *instance = probe->instance;
	struct kl_http *http;

	instance->probe = probe;
	probe->sent_ms = instances_now_ms(instance->registry);
	probe->pending = 1; /* ours, so that it does not end before all are sent */
	if (!take_key(probe, count) && !kl_instances_http(&http, instance->registry, &probe->error)) {
		for (size_t i = 0; i < count; i++) {
			struct kl_error err;

			if (!send_one(&probe->questions[i], http, &err))
				probe->pending++;
			else if (probe->questions[i].needed)
				probe->error = err;
		}
	}
	if (--probe->pending == 0)
		end_probe(probe);
}

static struct probe *make_probe(struct kl_instance *instance)
{
	struct probe *probe = kl_calloc(1, sizeof(*probe));

	probe->instance = instance;
	probe->skew_ms = INT64_MIN;
	return probe;
}

static void begin_probe(struct kl_instance *instance)
{
	struct probe *probe = make_probe(instance);
	size_t count = 0;

	for (size_t i = 0; i < QUESTIONS_MAX; i++) {
		if (questions[i].free_only && instance->kind->metered)
			continue;
		probe->questions[count++] = (struct question){ .probe = probe,
							       .route = questions[i].route,
							       .path = questions[i].path,
							       .needed = questions[i].needed };
	}
	send_all(probe, count);
}

static void begin_details(struct kl_instance *instance, struct kl_instance_language *language)
{
	struct probe *probe = make_probe(instance);

	probe->language = language;
	snprintf(probe->path, sizeof(probe->path), "/languages/%d", language->id);
	probe->questions[0] =
		(struct question){ .probe = probe, .route = KL_ROUTE_LANGUAGE, .path = probe->path, .needed = true };
	send_all(probe, 1);
}

/* --- what is still wanted ----------------------------------------------------------------------------------------- */

static bool wants_probe(const struct kl_instance_ask *ask)
{
	const struct kl_instance *instance = ask->instance;
	int64_t age_ms = instances_now_ms(instance->registry) - instance->row.probed_ms;

	if (!instance->known)
		return true;
	if (ask->probed)
		return false;
	return ask->fresh || age_ms < 0 || age_ms > OLD_MS ||
	       (instance->facts.maintenance && age_ms > INSTANCE_MAINTAINED_MS);
}

/* The next language whose commands this one needs: its own, and the C that compiles the runner. */
static struct kl_instance_language *lacking(const struct kl_instance_ask *ask)
{
	const struct kl_instance *instance = ask->instance;
	const struct kl_language *wanted[] = { ask->language, kl_language_find("c") };

	for (size_t i = 0; ask->language && i < KL_LENGTH(wanted); i++) {
		struct kl_instance_language *language =
			languages_match(instance->languages, instance->language_count, wanted[i]->judge0);

		if (language && !language->detailed)
			return language;
	}
	return NULL;
}

static void step(struct kl_instance_ask *ask)
{
	static const struct kl_error none = { .status = KL_OK };
	struct kl_instance *instance = ask->instance;
	struct kl_instance_language *language;

	if (ask->ended || ask->timer || instance->probe)
		return; /* it waits */
	if (wants_probe(ask)) {
		begin_probe(instance);
	} else if ((language = lacking(ask))) {
		begin_details(instance, language);
	} else {
		finish(ask, &none);
	}
}

static void on_begin(void *ctx)
{
	struct kl_instance_ask *ask = ctx;

	ask->timer = NULL;
	step(ask);
}

static void ask_it(struct kl_instance_ask **out, struct kl_instance *instance, struct kl_instance_ask asked)
{
	struct kl_instance_ask *ask = kl_alloc(sizeof(*ask));

	*ask = asked;
	ask->instance = instance;
	ask->error.status = KL_OK;
	/* From the loop: what fails at once must not call done from inside this call. */
	ask->timer = kl_loop_add_timer(instance->registry->loop, 0, on_begin, ask);
	TAILQ_INSERT_TAIL(&instance->asks, ask, link);
	*out = ask;
}

enum kl_status kl_instance_probe(struct kl_instance_ask **out, struct kl_instance *instance, kl_instance_asked_fn *done,
				 void *ctx, struct kl_error *err)
{
	(void)err;
	ask_it(out, instance, (struct kl_instance_ask){ .fresh = true, .done = done, .ctx = ctx });
	return KL_OK;
}

enum kl_status kl_instance_prepare(struct kl_instance_ask **out, struct kl_instance *instance,
				   const struct kl_language *language, kl_instance_asked_fn *done, void *ctx,
				   struct kl_error *err)
{
	(void)err;
	ask_it(out, instance, (struct kl_instance_ask){ .language = language, .done = done, .ctx = ctx });
	return KL_OK;
}

bool kl_instance_is_prepared(struct kl_instance *instance, const struct kl_language *language)
{
	const struct kl_instance_ask ask = { .instance = instance, .language = language };

	return !wants_probe(&ask) && !lacking(&ask);
}
