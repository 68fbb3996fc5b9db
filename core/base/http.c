/*
 * Requests: checked and copied when they start, in line until there is a turn for their host, then inside libcurl
 * (http_curl.c), and at their end in a last line, from which a timer delivers them. So done never runs inside libcurl
 * nor inside the call that started or cancelled a request, and may start, cancel and close as it likes.
 */

#include <kodelab/http.h>

#include <strings.h>
#include <sys/queue.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/crypto.h>
#include <kodelab/loop.h>

#include "core/base/http_int.h"

#define PER_HOST_DEFAULT     8
#define ALL_DEFAULT          32
#define DEADLINE_MS_DEFAULT  30000
#define RESPONSE_MAX_DEFAULT ((size_t)8 << 20)
#define HEADERS_MAX          ((size_t)64 << 10)

struct kl_http_request {
	TAILQ_ENTRY(kl_http_request) link; /* in one of the three lines */
	struct kl_http *http;
	struct kl_http_spec spec; /* everything in it owned by the request */
	char *host; /* "host:port" */
	struct kl_exchange *exchange; /* NULL: waiting, or ended */
	bool ended;
	struct kl_buf body, headers;
	int64_t last_byte_ms; /* monotonic */
	struct kl_timer *deadline, *stall;
	struct kl_exchange_end end;
	kl_http_done_fn *done;
	void *ctx;
};

TAILQ_HEAD(line, kl_http_request);

struct kl_http {
	struct kl_loop *loop;
	struct kl_curl *curl;
	struct line waiting, running, ended;
	int per_host, all;
	struct kl_timer *delivery;
	bool delivering; /* a done callback is on the stack */
	bool closed; /* nothing starts any more */
};

/* --- the copy --------------------------------------------------------------------------------------------------- */

static void *own(const void *ptr)
{
	return (void *)(uintptr_t)ptr; /* of our own copy: the spec's const is the caller's */
}

static void wipe_string(const char *text)
{
	if (text)
		kl_wipe(own(text), strlen(text));
	free(own(text));
}

static void copy_spec(struct kl_http_spec *copy, const struct kl_http_spec *spec)
{
	struct kl_http_header *headers = kl_calloc(spec->header_count + 1, sizeof(*headers));

	*copy = *spec;
	copy->method = kl_strdup(spec->method);
	copy->url = kl_strdup(spec->url);
	copy->ca_file = kl_strdup(spec->ca_file);
	copy->proxy = kl_strdup(spec->proxy);
	copy->body = kl_strndup(spec->body_len ? spec->body : "", spec->body_len);
	copy->headers = headers;
	for (size_t i = 0; i < spec->header_count; i++) {
		headers[i].name = kl_strdup(spec->headers[i].name);
		headers[i].value = kl_strdup(spec->headers[i].value);
		headers[i].secret = spec->headers[i].secret;
	}
}

static void wipe_spec(struct kl_http_spec *spec)
{
	for (size_t i = 0; i < spec->header_count; i++) {
		wipe_string(spec->headers[i].name);
		wipe_string(spec->headers[i].value);
	}
	free(own(spec->headers));
	kl_wipe(own(spec->body), spec->body_len);
	free(own(spec->body));
	wipe_string(spec->method);
	wipe_string(spec->url);
	wipe_string(spec->ca_file);
	wipe_string(spec->proxy); /* may hold the proxy's password */
}

static void free_request(struct kl_http_request *request)
{
	kl_timer_cancel(request->deadline);
	kl_timer_cancel(request->stall);
	wipe_spec(&request->spec);
	kl_buf_release(&request->body);
	kl_buf_release(&request->headers);
	free(request->host);
	free(request);
}

/* --- what is refused -------------------------------------------------------------------------------------------- */

static bool is_token(const char *name)
{
	static const char marks[] = "!#$%&'*+-.^_`|~"; /* RFC 9110, 5.6.2 */

	for (const char *c = name; *c; c++)
		if (!(*c >= 'a' && *c <= 'z') && !(*c >= 'A' && *c <= 'Z') && !(*c >= '0' && *c <= '9') &&
		    !strchr(marks, *c))
			return false;
	return *name != '\0';
}

static bool has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	return false;
}

static enum kl_status check_header(const struct kl_http_header *header, struct kl_error *err)
{
	static const char *const ours[] = { "Connection", "Content-Length",    "Expect", "Host", "TE",
					    "Trailer",    "Transfer-Encoding", "Upgrade" };

	if (!is_token(header->name))
		return kl_fail(err, KL_EINVAL, "the name of a header holds only letters, digits and -");
	for (size_t i = 0; i < KL_LENGTH(ours); i++)
		if (!strcasecmp(header->name, ours[i]))
			return kl_fail(err, KL_EINVAL, "the header %s cannot be set", ours[i]);
	if (has_control(header->value)) /* the value is not shown: it may be a key */
		return kl_fail(err, KL_EINVAL, "the value of the header %s holds a line break or control character",
			       header->name);
	return KL_OK;
}

static enum kl_status check_spec(const struct kl_http_spec *spec, struct kl_error *err)
{
	static const char *const methods[] = { "GET", "POST", "PUT", "DELETE" };
	enum kl_status status;
	bool known = false;

	for (size_t i = 0; i < KL_LENGTH(methods); i++)
		known |= !strcmp(spec->method, methods[i]);
	if (!known)
		return kl_fail(err, KL_EINVAL, "the method is none of GET, POST, PUT and DELETE");
	if (has_control(spec->url) || strchr(spec->url, ' '))
		return kl_fail(err, KL_EINVAL, "an address holds no blanks and no control characters");
	for (size_t i = 0; i < spec->header_count; i++)
		if ((status = check_header(&spec->headers[i], err)))
			return status;
	return KL_OK;
}

/* --- the end ---------------------------------------------------------------------------------------------------- */

static void deliver_one(struct kl_http *http, struct kl_http_request *request)
{
	struct kl_http_result result = {
		.end = request->end.end,
		.status = request->end.status,
		.body = request->body.data,
		.body_len = request->body.len,
		.sent = request->end.sends > 0,
		.sends = request->end.sends,
		.total_us = request->end.total_us,
		.first_byte_us = request->end.first_byte_us,
		.connect_us = request->end.connect_us,
		.error = request->end.error,
		.headers = &request->headers,
	};

	TAILQ_REMOVE(&http->ended, request, link);
	request->done(request->ctx, &result);
	free_request(request);
}

static void free_http(struct kl_http *http)
{
	kl_timer_cancel(http->delivery);
	kl_curl_close(http->curl);
	free(http);
}

static void deliver(void *ctx)
{
	struct kl_http *http = ctx;
	struct kl_http_request *last = TAILQ_LAST(&http->ended, line), *request;

	http->delivery = NULL; /* what ends meanwhile gets a timer of its own: the loop is not held up */
	http->delivering = true;
	do {
		request = TAILQ_FIRST(&http->ended);
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): what is freed has left the list */
		deliver_one(http, request);
	} while (request != last && !TAILQ_EMPTY(&http->ended));
	http->delivering = false;
	if (http->closed)
		free_http(http);
}

static void take_turns(struct kl_http *http);

/* Is what came wanted as far as it came? */
static bool is_partial(const struct kl_http_request *request)
{
	return request->spec.partial && (request->end.end == KL_HTTP_BROKEN || request->end.end == KL_HTTP_LATE);
}

/* From its line into the line of the ended. request->end says how. */
static void end_request(struct kl_http_request *request)
{
	struct kl_http *http = request->http;

	TAILQ_REMOVE(request->exchange ? &http->running : &http->waiting, request, link);
	request->exchange = NULL;
	request->ended = true;
	kl_timer_cancel(request->deadline);
	kl_timer_cancel(request->stall);
	request->deadline = request->stall = NULL;
	if (request->end.end != KL_HTTP_ANSWERED && !is_partial(request)) {
		request->end.status = 0;
		kl_buf_clear(&request->body); /* half an answer is none */
		kl_buf_clear(&request->headers);
	}
	TAILQ_INSERT_TAIL(&http->ended, request, link);
	if (!http->delivery)
		http->delivery = kl_loop_add_timer(http->loop, 0, deliver, http);
	take_turns(http);
}

static void on_exchange_end(void *ctx, const struct kl_exchange_end *end)
{
	struct kl_http_request *request = ctx;

	request->end = *end;
	end_request(request);
}

/* Takes it out of libcurl where it is in it. */
static void stop_request(struct kl_http_request *request, enum kl_http_end end)
{
	if (request->exchange)
		kl_exchange_stop(request->exchange, &request->end);
	request->end.end = end;
}

void kl_http_cancel(struct kl_http_request *request)
{
	if (request->ended)
		return;
	stop_request(request, KL_HTTP_CANCELED);
	kl_fail(&request->end.error, KL_ECANCELED, "the request to %s was cancelled", request->host);
	end_request(request);
}

static void on_deadline(void *ctx)
{
	struct kl_http_request *request = ctx;
	bool began = request->exchange != NULL;

	request->deadline = NULL;
	stop_request(request, KL_HTTP_LATE);
	kl_fail(&request->end.error, KL_ETIME, "%s %s within %.3g s", request->host,
		began ? "has not answered" : "had no turn for this request", (double)request->spec.deadline_ms / 1000);
	end_request(request);
}

static void on_stall(void *ctx)
{
	struct kl_http_request *request = ctx;
	int64_t quiet_ms = kl_clock_mono_ms() - request->last_byte_ms;

	request->stall = NULL;
	if (quiet_ms < request->spec.stall_ms) {
		request->stall =
			kl_loop_add_timer(request->http->loop, request->spec.stall_ms - quiet_ms, on_stall, request);
		return;
	}
	stop_request(request, KL_HTTP_LATE);
	kl_fail(&request->end.error, KL_ETIME, "nothing came from %s for %.3g s", request->host,
		(double)request->spec.stall_ms / 1000);
	end_request(request);
}

/* --- turns ------------------------------------------------------------------------------------------------------ */

static bool has_turn(const struct kl_http *http, const struct kl_http_request *request)
{
	const struct kl_http_request *other;
	int all = 0, here = 0;

	for (other = TAILQ_FIRST(&http->running); other; other = TAILQ_NEXT(other, link)) {
		all++;
		here += !strcmp(other->host, request->host);
	}
	return all < http->all && here < http->per_host;
}

static void begin(struct kl_http_request *request)
{
	struct kl_http *http = request->http;
	struct kl_exchange_spec spec = {
		.http = &request->spec,
		.host = request->host,
		.body = &request->body,
		.headers = &request->headers,
		.last_byte_ms = &request->last_byte_ms,
		.done = on_exchange_end,
		.ctx = request,
	};

	if (kl_exchange_start(&request->exchange, http->curl, &spec, &request->end.error)) {
		request->end.end = KL_HTTP_UNTRUSTED; /* nothing but the authorities can fail */
		end_request(request);
		return;
	}
	TAILQ_REMOVE(&http->waiting, request, link);
	TAILQ_INSERT_TAIL(&http->running, request, link);
	request->last_byte_ms = kl_clock_mono_ms();
	if (request->spec.stall_ms)
		request->stall = kl_loop_add_timer(http->loop, request->spec.stall_ms, on_stall, request);
}

static struct kl_http_request *next_waiting(const struct kl_http *http)
{
	struct kl_http_request *request;

	for (request = TAILQ_FIRST(&http->waiting); request; request = TAILQ_NEXT(request, link))
		if (has_turn(http, request))
			return request;
	return NULL;
}

static void take_turns(struct kl_http *http)
{
	struct kl_http_request *request;

	while (!http->closed && (request = next_waiting(http)))
		begin(request);
}

enum kl_status kl_http_start(struct kl_http_request **out, struct kl_http *http, const struct kl_http_spec *spec,
			     kl_http_done_fn *done, void *ctx, struct kl_error *err)
{
	enum kl_status status = check_spec(spec, err);
	struct kl_http_request *request;
	char *host;

	if (http->closed)
		return kl_fail(err, KL_ECANCELED, "no request starts any more: the program is closing");
	if (status || (status = kl_curl_host(&host, spec->url, err)))
		return status;
	request = kl_calloc(1, sizeof(*request));
	request->http = http;
	request->host = host;
	request->done = done;
	request->ctx = ctx;
	copy_spec(&request->spec, spec);
	if (!request->spec.deadline_ms)
		request->spec.deadline_ms = DEADLINE_MS_DEFAULT;
	kl_buf_init(&request->body, spec->response_max ? spec->response_max : RESPONSE_MAX_DEFAULT);
	kl_buf_init(&request->headers, HEADERS_MAX);
	request->deadline = kl_loop_add_timer(http->loop, request->spec.deadline_ms, on_deadline, request);
	TAILQ_INSERT_TAIL(&http->waiting, request, link);
	*out = request;
	take_turns(http);
	return KL_OK;
}

/* --- the whole -------------------------------------------------------------------------------------------------- */

enum kl_status kl_http_open(struct kl_http **out, struct kl_loop *loop, struct kl_error *err)
{
	struct kl_curl *curl;
	enum kl_status status = kl_curl_open(&curl, loop, err);
	struct kl_http *http;

	if (status)
		return status;
	http = kl_calloc(1, sizeof(*http));
	http->loop = loop;
	http->curl = curl;
	http->per_host = PER_HOST_DEFAULT;
	http->all = ALL_DEFAULT;
	TAILQ_INIT(&http->waiting);
	TAILQ_INIT(&http->running);
	TAILQ_INIT(&http->ended);
	*out = http;
	return KL_OK;
}

void kl_http_limits(struct kl_http *http, int per_host, int all)
{
	http->per_host = per_host;
	http->all = all;
	take_turns(http);
}

void kl_http_close(struct kl_http *http)
{
	struct kl_http_request *request;

	if (!http || http->closed)
		return;
	http->closed = true;
	while ((request = TAILQ_FIRST(&http->waiting)) || (request = TAILQ_FIRST(&http->running)))
		kl_http_cancel(request);
	while ((request = TAILQ_FIRST(&http->ended)))
		/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): what is freed has left the list */
		deliver_one(http, request);
	if (!http->delivering)
		free_http(http);
}

const char *kl_http_header(const struct kl_http_result *result, const char *name)
{
	const struct kl_buf *headers = result->headers;

	for (size_t at = 0; at < headers->len;) {
		const char *found = headers->data + at;
		const char *value = found + strlen(found) + 1;

		if (!strcasecmp(found, name))
			return value;
		at = (size_t)(value + strlen(value) + 1 - headers->data);
	}
	return NULL;
}
