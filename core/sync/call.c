/*
 * Calls: in line until it is their turn, then tried until the server has spoken or patience is at its end. All ends come from the
 * loop, so that done may begin and cancel calls as it likes.
 */

#include "core/sync/class_int.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cjson/cJSON.h>

#include <kodelab/alloc.h>
#include <kodelab/crypto.h>
#include <kodelab/json.h>
#include <kodelab/log.h>
#include <kodelab/loop.h>

#define RESPONSE_MAX_DEFAULT ((size_t)8 << 20)
#define HEADERS_MAX          8
#define PARTIAL_CONTENT      206
#define NOT_MODIFIED         304
#define STALL_MS             15000 /* nothing came for so long: the other side is gone */
#define PAUSE_FIRST_MS       1000
#define PAUSE_MAX_MS         36000 /* with half of it more, all labs are back a minute after their server */

/* --- the copy ----------------------------------------------------------------------------------------------------- */

static void *own(const void *ptr)
{
	return (void *)(uintptr_t)ptr; /* of our own copy: the ask's const is the caller's */
}

static void copy_ask(struct kl_class_ask *copy, const struct kl_class_ask *ask)
{
	struct kl_http_header *headers = kl_calloc(ask->header_count + 1, sizeof(*headers));

	*copy = *ask;
	copy->method = kl_strdup(ask->method);
	copy->path = kl_strdup(ask->path);
	copy->type = kl_strdup(ask->type);
	copy->raw = kl_strdup(ask->raw);
	copy->known = kl_strdup(ask->known);
	copy->body = ask->body ? kl_secret_copy(ask->body, ask->body_len) : NULL; /* may hold a password */
	copy->token = ask->token ? kl_secret_copy(ask->token, strlen(ask->token)) : NULL;
	copy->headers = headers;
	for (size_t i = 0; i < ask->header_count; i++) {
		headers[i] = ask->headers[i];
		headers[i].name = kl_strdup(ask->headers[i].name);
		headers[i].value = kl_strdup(ask->headers[i].value);
	}
}

static void release_ask(struct kl_class_ask *ask)
{
	for (size_t i = 0; i < ask->header_count; i++) {
		free(own(ask->headers[i].name));
		free(own(ask->headers[i].value));
	}
	free(own(ask->headers));
	free(own(ask->method));
	free(own(ask->path));
	free(own(ask->type));
	free(own(ask->raw));
	free(own(ask->known));
	kl_secret_free(own(ask->body));
	kl_secret_free(own(ask->token));
}

static void free_call(struct kl_class_call *call)
{
	kl_timer_cancel(call->timer);
	release_ask(&call->ask);
	free(call->url);
	kl_secret_free(call->authorization);
	free(call);
}

/* --- reading an answer -------------------------------------------------------------------------------------------- */

/* Is it of that media type, whatever parameters follow? */
static bool is_of_type(const struct kl_http_result *result, const char *type)
{
	const char *given = kl_http_header(result, "Content-Type");
	size_t len = strlen(type);

	return given && !strncasecmp(given, type, len) && (!given[len] || given[len] == ';' || given[len] == ' ');
}

static void no_class_server(struct kl_class_answer *answer, const struct kl_http_result *result)
{
	answer->end = KL_CLASS_OFFLINE;
	kl_fail(&answer->error, KL_ENET,
		is_of_type(result, "text/html")
			? "a page came instead of the class server's answer (HTTP %d): the network may want a login of its own "
			  "first; open a browser"
			: "what answered is no class server (HTTP %d): look at the address, or at the proxy in between",
		result->status);
}

/* What the person is told, and what a program may go by. */
static enum kl_status status_of(int status)
{
	switch (status) {
	case 401:
	case 403:
		return KL_EDENIED;
	case 404:
		return KL_ENOENT;
	case 409:
		return KL_ECONFLICT;
	default:
		return status >= 500 ? KL_ENET : KL_EINVAL;
	}
}

static void read_refusal(struct kl_class_answer *answer, const cJSON *root, const struct kl_http_result *result,
			 int64_t wall_ms)
{
	const cJSON *error = cJSON_GetObjectItemCaseSensitive(root, "error");

	answer->code = wire_text(error, "code", "");
	answer->details = wire_member(error, "details");
	answer->end = KL_CLASS_REFUSED;
	kl_fail(&answer->error, status_of(result->status), "%s",
		wire_text(error, "message", "the class server refused this and did not say why"));
	if (result->status == 429 || result->status >= 500) {
		answer->end = KL_CLASS_BUSY;
		answer->error.status = KL_ENET;
		answer->retry_after_ms = kl_http_retry_after_ms(result, wall_ms);
	} else if (result->status == 401) {
		answer->end = KL_CLASS_LOGIN;
	}
}

static void read_envelope(struct kl_class_answer *answer, struct kl_json **doc, const struct kl_http_result *result,
			  int64_t wall_ms)
{
	const cJSON *root, *success;

	if (kl_json_parse(doc, result->body, result->body_len, result->body_len, "answer", NULL)) {
		no_class_server(answer, result);
		return;
	}
	root = kl_json_root(*doc);
	success = cJSON_GetObjectItemCaseSensitive(root, "success");
	if (cJSON_IsTrue(success) && result->status / 100 == 2) {
		answer->end = KL_CLASS_DONE;
		answer->data = cJSON_GetObjectItemCaseSensitive(root, "data");
		answer->pagination = cJSON_GetObjectItemCaseSensitive(root, "pagination");
	} else if (cJSON_IsFalse(success) && result->status >= 400) {
		read_refusal(answer, root, result, wall_ms);
	} else {
		no_class_server(answer, result);
	}
}

static void read_answered(struct kl_class_answer *answer, struct kl_json **doc, const struct kl_class_ask *ask,
			  const struct kl_http_result *result, int64_t wall_ms)
{
	answer->status = result->status;
	answer->http = result;
	if (ask->known && result->status == NOT_MODIFIED) {
		answer->end = KL_CLASS_DONE;
	} else if (!ask->raw || result->status / 100 != 2) {
		read_envelope(answer, doc, result, wall_ms);
	} else if (is_of_type(result, ask->raw)) {
		answer->end = KL_CLASS_DONE;
		answer->body = result->body;
		answer->body_len = result->body_len;
	} else {
		no_class_server(answer, result);
	}
}

/* The begin of a piece that was asked for by its range: what came need not come again. */
static void read_part(struct kl_class_answer *answer, const struct kl_http_result *result)
{
	answer->status = result->status;
	answer->http = result;
	answer->body = result->body;
	answer->body_len = result->body_len;
}

/* What OpenSSL finds wrong with a certificate, and what the person can do about it. */
static void advise(struct kl_error *err)
{
	static const struct {
		const char *part, *advice;
	} rows[] = {
		{ "self-signed", "if that is right, name its file: kodelab login --ca FILE" },
		{ "self signed", "if that is right, name its file: kodelab login --ca FILE" },
		{ "local issuer",
		  "if it is of an authority of your school, name that one's file: kodelab login --ca FILE" },
		{ "not yet valid", "see that this machine's clock is right" },
		{ "has expired", "see that this machine's clock is right" },
	};
	const struct kl_error before = *err;

	for (size_t i = 0; i < KL_LENGTH(rows); i++)
		if (strstr(before.message, rows[i].part)) {
			kl_fail(err, before.status, "%s; %s", before.message, rows[i].advice);
			return;
		}
}

void class_read_answer(struct kl_class_answer *answer, struct kl_json **doc, const struct kl_class_ask *ask,
		       const struct kl_http_result *result, int64_t wall_ms)
{
	*doc = NULL;
	*answer = (struct kl_class_answer){ .code = "", .body = "", .retry_after_ms = -1, .error = result->error };
	switch (result->end) {
	case KL_HTTP_ANSWERED:
		read_answered(answer, doc, ask, result, wall_ms);
		return;
	case KL_HTTP_UNTRUSTED:
		answer->end = KL_CLASS_UNTRUSTED;
		advise(&answer->error);
		return;
	case KL_HTTP_CANCELED:
		answer->end = KL_CLASS_CANCELED;
		return;
	case KL_HTTP_UNREACHABLE:
	case KL_HTTP_BROKEN:
	case KL_HTTP_LATE:
	case KL_HTTP_TOO_LARGE:
		answer->end = KL_CLASS_OFFLINE;
		answer->error.status = KL_ENET;
		if (ask->raw && result->status == PARTIAL_CONTENT && is_of_type(result, ask->raw))
			read_part(answer, result);
		return;
	}
}

/* --- the end of a call -------------------------------------------------------------------------------------------- */

static void begin_next(struct kl_class *class);

/* The last that is done with it: done may close the client. */
static void finish(struct kl_class_call *call, const struct kl_class_answer *answer)
{
	struct kl_class *class = call->class;

	if (call == TAILQ_FIRST(&class->calls))
		class->working = false;
	TAILQ_REMOVE(&class->calls, call, link);
	begin_next(class);
	call->done(call->ctx, answer);
	free_call(call);
}

static void finish_with(struct kl_class_call *call, enum kl_class_end end, const struct kl_error *error)
{
	finish(call,
	       &(struct kl_class_answer){ .end = end, .code = "", .body = "", .retry_after_ms = -1, .error = *error });
}

static void finish_canceled(void *ctx)
{
	struct kl_class_call *call = ctx;
	struct kl_error err;

	call->timer = NULL;
	kl_fail(&err, KL_ECANCELED, "stopped");
	finish_with(call, KL_CLASS_CANCELED, &err);
}

void class_cancel_all(struct kl_class *class)
{
	struct kl_class_call *call;

	while ((call = TAILQ_FIRST(&class->calls))) {
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): what is freed has left the list */
		kl_timer_cancel(call->timer);
		finish_canceled(call);
	}
}

/* From the loop, as all ends are. */
void kl_class_cancel(struct kl_class_call *call)
{
	if (call->request) {
		kl_http_cancel(call->request);
		return;
	}
	kl_timer_cancel(call->timer);
	call->timer = kl_loop_add_timer(call->class->parts.loop, 0, finish_canceled, call);
}

static void forgotten(void *ctx, const struct kl_class_answer *answer)
{
	(void)ctx;
	(void)answer;
}

void kl_class_forget(struct kl_class_call *call)
{
	call->done = forgotten;
	kl_class_cancel(call);
}

/* --- trying ------------------------------------------------------------------------------------------------------- */

int64_t kl_class_pause_ms(int tries, double chance)
{
	int64_t pause_ms = PAUSE_FIRST_MS;

	for (int i = 1; i < tries && pause_ms < PAUSE_MAX_MS; i++)
		pause_ms *= 2;
	if (pause_ms > PAUSE_MAX_MS)
		pause_ms = PAUSE_MAX_MS;
	return pause_ms + (int64_t)((double)pause_ms / 2 * chance);
}

double class_chance(void)
{
	uint32_t dice;

	kl_random(&dice, sizeof(dice));
	return (double)dice / (double)UINT32_MAX;
}

static void send_call(void *ctx);

static void try_later(struct kl_class_call *call, int64_t pause_ms)
{
	call->timer = kl_loop_add_timer(call->class->parts.loop, pause_ms, send_call, call);
}

/* sent: it may have arrived. */
static bool may_repeat(const struct kl_class_call *call, const struct kl_class_answer *answer, bool sent)
{
	if (answer->end == KL_CLASS_BUSY)
		return answer->status == 429 || answer->status == 503 || call->ask.repeatable ||
		       strcmp(call->ask.method, "POST") != 0;
	if (answer->end != KL_CLASS_OFFLINE)
		return false;
	return !sent || call->ask.repeatable || strcmp(call->ask.method, "POST") != 0;
}

/* A login's secrets stay with the server that was asked who it is. */
static bool may_move(const struct kl_class_call *call)
{
	return !call->ask.open || (!call->ask.body && !call->ask.token);
}

/* Another address of the same server may be reached; else after a pause, as long as there is patience. */
static bool again(struct kl_class_call *call, const struct kl_class_answer *answer, bool sent)
{
	struct kl_class *class = call->class;
	bool moves = answer->end == KL_CLASS_OFFLINE && may_move(call);
	int64_t pause_ms;

	if (!may_repeat(call, answer, sent))
		return false;
	if (moves)
		class_next_address(class);
	if (moves && ++call->hops < (int)class->address_count) {
		try_later(call, 0);
		return true;
	}
	call->hops = 0;
	pause_ms = kl_class_pause_ms(++call->tries, class_chance());
	if (answer->retry_after_ms > pause_ms)
		pause_ms = answer->retry_after_ms;
	if (kl_clock_mono_ms() + pause_ms > call->give_up_ms)
		return false;
	try_later(call, pause_ms);
	return true;
}

static void renewed(struct kl_class *class, const struct kl_error *error);

static void on_result(void *ctx, const struct kl_http_result *result)
{
	struct kl_class_call *call = ctx;
	struct kl_class *class = call->class;
	struct kl_class_answer answer;
	struct kl_json *doc;

	call->request = NULL;
	class_read_answer(&answer, &doc, &call->ask, result, kl_clock_wall_ms(class->parts.clock));
	if (answer.end == KL_CLASS_OFFLINE || answer.end == KL_CLASS_UNTRUSTED)
		kl_log(KL_LOG_INFO, "class", "%s %s: %s", call->ask.method, class->host, answer.error.message);
	if (answer.end == KL_CLASS_LOGIN && !call->ask.open && !call->renewed) {
		call->renewed = true;
		session_renew(class, renewed);
	} else if (class->closing || !again(call, &answer, result->sent)) {
		finish(call, &answer);
	}
	kl_json_free(doc);
}

static size_t set_headers(struct kl_http_header *headers, const struct kl_class_call *call)
{
	size_t count = 0;

	headers[count++] =
		(struct kl_http_header){ "Accept", call->ask.raw ? call->ask.raw : "application/json", false };
	if (call->ask.body)
		headers[count++] =
			(struct kl_http_header){ "Content-Type", call->ask.type ? call->ask.type : "application/json",
						 false };
	if (call->ask.known)
		headers[count++] = (struct kl_http_header){ "If-None-Match", call->ask.known, false };
	if (call->authorization)
		headers[count++] = (struct kl_http_header){ "Authorization", call->authorization, true };
	for (size_t i = 0; i < call->ask.header_count && count < HEADERS_MAX; i++)
		headers[count++] = call->ask.headers[i];
	return count;
}

static void set_address(struct kl_class_call *call)
{
	struct kl_class *class = call->class;
	const char *token = call->ask.open ? call->ask.token : class->token;
	size_t size = token ? strlen(token) + sizeof("Bearer ") : 0;

	free(call->url);
	call->url = kl_format("%s%s", class->addresses[class->address], call->ask.path);
	kl_secret_free(call->authorization);
	call->authorization = token ? kl_secret_alloc(size) : NULL;
	if (token)
		snprintf(call->authorization, size, "Bearer %s", token);
}

void class_fill_spec(struct kl_http_spec *spec, const struct kl_class *class)
{
	const char *ca_file = class->server.ca_file, *proxy = class->server.proxy;

	spec->ca_file = ca_file && *ca_file ? ca_file : NULL;
	spec->proxy = proxy && !strcmp(proxy, "none") ? "" : proxy && *proxy ? proxy : NULL;
}

static void post(struct kl_class_call *call)
{
	struct kl_http_header headers[HEADERS_MAX];
	struct kl_http_spec spec = {
		.method = call->ask.method,
		.headers = headers,
		.body = call->ask.body,
		.body_len = call->ask.body_len,
		.deadline_ms = call->ask.deadline_ms,
		.stall_ms = STALL_MS,
		.response_max = call->ask.response_max ? call->ask.response_max : RESPONSE_MAX_DEFAULT,
		.packed = !call->ask.raw,
		.partial = call->ask.raw != NULL,
	};
	struct kl_error err;

	set_address(call);
	class_fill_spec(&spec, call->class);
	spec.url = call->url;
	spec.header_count = set_headers(headers, call);
	if (kl_http_start(&call->request, call->class->http, &spec, on_result, call, &err)) {
		call->request = NULL;
		finish_with(call, KL_CLASS_REFUSED, &err);
	}
}

static void on_who(void *ctx, const struct kl_http_result *result)
{
	struct kl_class_call *call = ctx;
	struct kl_class *class = call->class;
	struct kl_class_answer answer;
	struct kl_json *doc;

	call->request = NULL;
	who_read(&answer, &doc, class, result);
	if (answer.end != KL_CLASS_DONE)
		kl_log(KL_LOG_INFO, "class", "who is %s: %s", class->host, answer.error.message);
	if (answer.end == KL_CLASS_DONE)
		send_call(call);
	else if (class->closing || !again(call, &answer, false))
		finish(call, &answer);
	kl_json_free(doc);
}

static void ask_who(struct kl_class_call *call)
{
	struct kl_error err;

	if (who_ask(&call->request, call->class, on_who, call, &err))
		finish_with(call, KL_CLASS_REFUSED, &err);
}

static void send_call(void *ctx)
{
	struct kl_class_call *call = ctx;
	struct kl_error err;
	enum kl_status status;

	call->timer = NULL;
	status = call->ask.open ? KL_OK : session_read(call->class, &err);
	if ((!status || status == KL_ETIME) && !call->ask.open && !who_known(call->class)) {
		ask_who(call);
	} else if (!status) {
		post(call);
	} else if (status == KL_ETIME && !call->renewed) {
		call->renewed = true;
		session_renew(call->class, renewed);
	} else {
		if (status == KL_ENOENT || status == KL_ETIME)
			err.status = KL_EDENIED;
		finish_with(call, err.status == KL_EDENIED ? KL_CLASS_LOGIN : KL_CLASS_REFUSED, &err);
	}
}

/* The first of the line waited for it. */
static void renewed(struct kl_class *class, const struct kl_error *error)
{
	struct kl_class_call *call = TAILQ_FIRST(&class->calls);

	if (!call || call->request || call->timer)
		return;
	if (!error->status)
		send_call(call);
	else
		finish_with(call, error->status == KL_EDENIED ? KL_CLASS_LOGIN : KL_CLASS_OFFLINE, error);
}

/* --- the line ----------------------------------------------------------------------------------------------------- */

static void begin_next(struct kl_class *class)
{
	struct kl_class_call *call = TAILQ_FIRST(&class->calls);

	if (class->working || class->closing || !call)
		return;
	class->working = true;
	if (!call->timer) /* else it is about to end */
		try_later(call, 0);
}

enum kl_status kl_class_call(struct kl_class_call **out, struct kl_class *class, const struct kl_class_ask *ask,
			     kl_class_done_fn *done, void *ctx, struct kl_error *err)
{
	struct kl_class_call *call;

	if (class->closing)
		return kl_fail(err, KL_ECANCELED, "no request starts any more: the program is closing");
	call = kl_calloc(1, sizeof(*call));
	call->class = class;
	copy_ask(&call->ask, ask);
	call->give_up_ms = kl_clock_mono_ms() + ask->patience_ms;
	call->done = done;
	call->ctx = ctx;
	TAILQ_INSERT_TAIL(&class->calls, call, link);
	begin_next(class);
	*out = call;
	return KL_OK;
}
