/*
 * One request inside libcurl, and the multi handle on the loop: libcurl says which descriptors it waits for (on_socket)
 * and when it wants to be called (on_timer). A name is resolved in a thread of libcurl's, and one that hangs is left
 * behind rather than waited for (QUICK_EXIT).
 *
 * libcurl sends a request again when a kept connection turns out to be dead. before_request counts how often it begins,
 * and stops a second sending of what must not be repeated.
 */

#include <stdbool.h>
#include <sys/socket.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/loop.h>

#include "core/base/http_curl_int.h"

#define KEPT_IDLE_S        15L /* Judge0 closes after 20 s: nothing is sent into a connection that is about to die */
#define CONNECT_MS_DEFAULT 10000
#define KEPT_MAX           64L /* else 4 for each request in flight: a single one would close what it needs next */
#define lib                kl_libcurl

struct kl_curl {
	struct kl_loop *loop;
	CURLM *multi;
	struct kl_timer *timer;
	struct kl_authorities authorities;
};

struct kl_exchange {
	struct kl_curl *curl;
	CURL *easy;
	struct kl_exchange_spec spec;
	struct curl_slist *headers; /* our own nodes, so that they can be wiped */
	size_t body_at; /* bytes of the request's body that were taken */
	int attempts; /* how often the request began to be sent */
	int sends; /* earlier attempts of which a byte left */
	bool too_large;
	bool head_whole; /* the empty line under it came */
	bool repeats; /* stopped instead of being sent twice */
	bool kept_out; /* by may_connect */
	long size_before; /* bytes that went before the request: a proxy's CONNECT */
	char why[CURL_ERROR_SIZE];
};

/* --- on the loop ------------------------------------------------------------------------------------------------ */

static void finish(struct kl_exchange *exchange, CURLcode code);

static void act(struct kl_curl *curl, curl_socket_t fd, int events)
{
	const CURLMsg *message;
	struct kl_exchange *exchange;
	CURLcode code;
	int left;

	lib.curl_multi_socket_action(curl->multi, fd, events, &left);
	while ((message = lib.curl_multi_info_read(curl->multi, &left))) {
		if (message->msg != CURLMSG_DONE)
			continue;
		code = message->data.result; /* the message goes with its handle */
		lib.curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &exchange);
		finish(exchange, code);
	}
}

static void on_ready(void *ctx, int fd, short revents)
{
	int events = (revents & (POLLIN | POLLHUP) ? CURL_CSELECT_IN : 0) | (revents & POLLOUT ? CURL_CSELECT_OUT : 0) |
		     (revents & (POLLERR | POLLNVAL) ? CURL_CSELECT_ERR : 0);

	act(ctx, fd, events);
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *watch_ctx)
{
	struct kl_curl *curl = ctx;
	short events = (short)((what & CURL_POLL_IN ? POLLIN : 0) | (what & CURL_POLL_OUT ? POLLOUT : 0));

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		kl_watch_remove(watch_ctx);
		lib.curl_multi_assign(curl->multi, fd, NULL);
	} else if (watch_ctx) {
		kl_watch_events(watch_ctx, events);
	} else {
		lib.curl_multi_assign(curl->multi, fd, kl_loop_add_fd(curl->loop, fd, events, on_ready, curl));
	}
	return 0;
}

static void on_time(void *ctx)
{
	struct kl_curl *curl = ctx;

	curl->timer = NULL;
	act(curl, CURL_SOCKET_TIMEOUT, 0);
}

static int on_timer(CURLM *multi, long delay_ms, void *ctx)
{
	struct kl_curl *curl = ctx;

	(void)multi;
	kl_timer_cancel(curl->timer);
	curl->timer = delay_ms < 0 ? NULL : kl_loop_add_timer(curl->loop, delay_ms, on_time, curl);
	return 0;
}

/* --- what moves ------------------------------------------------------------------------------------------------- */

static void note_byte(struct kl_exchange *exchange)
{
	*exchange->spec.last_byte_ms = kl_clock_mono_ms();
}

static size_t give_body(char *out, size_t size, size_t count, void *ctx)
{
	struct kl_exchange *exchange = ctx;
	size_t left = exchange->spec.http->body_len - exchange->body_at;
	size_t len = size * count < left ? size * count : left;

	memcpy(out, (const char *)exchange->spec.http->body + exchange->body_at, len);
	exchange->body_at += len;
	note_byte(exchange);
	return len;
}

static int rewind_body(void *ctx, curl_off_t offset, int origin)
{
	struct kl_exchange *exchange = ctx;

	if (origin != SEEK_SET || offset < 0 || (size_t)offset > exchange->spec.http->body_len)
		return CURL_SEEKFUNC_FAIL;
	exchange->body_at = (size_t)offset;
	return CURL_SEEKFUNC_OK;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *ctx)
{
	struct kl_exchange *exchange = ctx;

	note_byte(exchange);
	if (exchange->spec.http->piece) {
		exchange->spec.http->piece(exchange->spec.http->piece_ctx, bytes, size * count);
		return size * count;
	}
	if (kl_buf_add(exchange->spec.body, bytes, size * count))
		return size * count;
	exchange->too_large = true;
	return 0; /* ends the transfer */
}

/* One line of the head of an answer. A new status line starts a new head: that of 100 Continue was not the answer's. */
static size_t take_header(char *line, size_t size, size_t count, void *ctx)
{
	struct kl_exchange *exchange = ctx;
	struct kl_buf *headers = exchange->spec.headers;
	size_t len = size * count;
	const char *value, *end = line + len;
	const char *colon = memchr(line, ':', len);

	note_byte(exchange);
	if (len >= 5 && !memcmp(line, "HTTP/", 5)) {
		kl_buf_clear(headers);
		exchange->head_whole = false;
		return len;
	}
	while (end > line && (end[-1] == '\r' || end[-1] == '\n' || end[-1] == ' ' || end[-1] == '\t'))
		end--;
	exchange->head_whole |= end == line;
	if (!colon || colon >= end || memchr(line, '\0', len))
		return len; /* the empty line, a continuation, or one without a name */
	for (value = colon + 1; value < end && (*value == ' ' || *value == '\t');)
		value++;
	kl_buf_add(headers, line, (size_t)(colon - line));
	kl_buf_add_char(headers, '\0');
	kl_buf_add(headers, value, (size_t)(end - value));
	kl_buf_add_char(headers, '\0');
	exchange->too_large = headers->truncated;
	return headers->truncated ? 0 : len;
}

static long bytes_sent(const struct kl_exchange *exchange)
{
	long size = 0;

	lib.curl_easy_getinfo(exchange->easy, CURLINFO_REQUEST_SIZE, &size);
	return size;
}

/* Of how many attempts has a byte of the request itself left, this one included? */
static int count_sends(const struct kl_exchange *exchange)
{
	return exchange->sends + (exchange->attempts > 0 && bytes_sent(exchange) > exchange->size_before);
}

/* By what the name stands for now, and not at some earlier time: there is no moment in between to change it. */
static curl_socket_t open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct kl_exchange *exchange = ctx;
	const struct kl_http_spec *http = exchange->spec.http;

	(void)purpose;
	exchange->kept_out = !http->may_connect(http->may_ctx, &address->addr);
	return exchange->kept_out ? CURL_SOCKET_BAD
				  : socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* The connection is there, and the request is about to be written to it. */
static int before_request(void *ctx, char *to, char *from, int to_port, int from_port)
{
	struct kl_exchange *exchange = ctx;

	(void)to;
	(void)from;
	(void)to_port;
	(void)from_port;
	note_byte(exchange);
	exchange->sends = count_sends(exchange);
	exchange->attempts++;
	exchange->size_before = bytes_sent(exchange);
	if (exchange->attempts > 2 || (exchange->sends && !strcmp(exchange->spec.http->method, "POST"))) {
		exchange->repeats = true;
		return CURL_PREREQFUNC_ABORT;
	}
	return CURL_PREREQFUNC_OK;
}

/* --- the end ---------------------------------------------------------------------------------------------------- */

static void get_facts(const struct kl_exchange *exchange, struct kl_exchange_end *end)
{
	curl_off_t total = 0, first = 0, tcp = 0, tls = 0;
	long connections = 0, status = 0;

	if (exchange->head_whole)
		lib.curl_easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &status);
	end->status = (int)status;
	lib.curl_easy_getinfo(exchange->easy, CURLINFO_TOTAL_TIME_T, &total);
	lib.curl_easy_getinfo(exchange->easy, CURLINFO_STARTTRANSFER_TIME_T, &first);
	lib.curl_easy_getinfo(exchange->easy, CURLINFO_CONNECT_TIME_T, &tcp);
	lib.curl_easy_getinfo(exchange->easy, CURLINFO_APPCONNECT_TIME_T, &tls);
	lib.curl_easy_getinfo(exchange->easy, CURLINFO_NUM_CONNECTS, &connections);
	end->total_us = total;
	end->first_byte_us = first;
	end->connect_us = connections == 0 ? 0 : tls > tcp ? tls : tcp;
	end->sends = count_sends(exchange);
}

static enum kl_http_end kind_of(const struct kl_exchange *exchange, CURLcode code)
{
	if (code == CURLE_OK)
		return exchange->head_whole ? KL_HTTP_ANSWERED
					    : KL_HTTP_BROKEN; /* libcurl takes a cut head for whole */
	if (exchange->too_large || code == CURLE_FILESIZE_EXCEEDED)
		return KL_HTTP_TOO_LARGE;
	if (count_sends(exchange))
		return KL_HTTP_BROKEN;
	switch ((int)code) {
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
		return KL_HTTP_UNTRUSTED;
	default:
		return KL_HTTP_UNREACHABLE;
	}
}

static void say_why(const struct kl_exchange *exchange, CURLcode code, struct kl_exchange_end *end)
{
	const char *why = exchange->kept_out  ? "its address is none that may be called"
			  : exchange->repeats ? "the connection was closed before the answer"
			  : code == CURLE_OK  ? "the head of the answer is cut off"
			  : *exchange->why    ? exchange->why
					      : lib.curl_easy_strerror(code);
	const char *host = exchange->spec.host;

	switch (end->end) {
	case KL_HTTP_UNREACHABLE:
		kl_fail(&end->error, KL_ENET, "%s %s: %s",
			code == CURLE_SSL_CONNECT_ERROR ? "no secure connection to" : "cannot reach", host, why);
		break;
	case KL_HTTP_UNTRUSTED:
		kl_fail(&end->error, KL_ENET, "no secure connection to %s: %s", host, why);
		break;
	case KL_HTTP_TOO_LARGE:
		kl_fail(&end->error, KL_EFULL, "the answer of %s is larger than %zu bytes", host,
			exchange->spec.body->max);
		break;
	case KL_HTTP_BROKEN:
		kl_fail(&end->error, KL_ENET, "the exchange with %s broke off: %s", host, why);
		break;
	case KL_HTTP_ANSWERED:
	case KL_HTTP_LATE:
	case KL_HTTP_CANCELED:
		break;
	}
}

static void free_exchange(struct kl_exchange *exchange)
{
	struct curl_slist *node;

	lib.curl_easy_cleanup(exchange->easy);
	while ((node = exchange->headers)) {
		exchange->headers = node->next;
		kl_wiped_free(node->data);
		free(node);
	}
	free(exchange);
}

static void finish(struct kl_exchange *exchange, CURLcode code)
{
	struct kl_exchange_end end = { .end = kind_of(exchange, code) };
	struct kl_exchange_spec spec = exchange->spec;

	get_facts(exchange, &end);
	say_why(exchange, code, &end);
	lib.curl_multi_remove_handle(exchange->curl->multi, exchange->easy);
	free_exchange(exchange);
	spec.done(spec.ctx, &end);
}

void kl_exchange_stop(struct kl_exchange *exchange, struct kl_exchange_end *end)
{
	*end = (struct kl_exchange_end){ .end = KL_HTTP_CANCELED };
	get_facts(exchange, end);
	lib.curl_multi_remove_handle(exchange->curl->multi, exchange->easy);
	free_exchange(exchange);
}

/* --- the start -------------------------------------------------------------------------------------------------- */

static struct curl_slist **add_header(struct curl_slist **last, const char *name, const char *rest, const char *value)
{
	size_t size = strlen(name) + strlen(rest) + strlen(value) + 1;
	struct curl_slist *node = kl_alloc(sizeof(*node));

	*node = (struct curl_slist){ .data = kl_wiped_alloc(size) };
	if (!node->data)
		kl_die("kodelab: out of memory");
	snprintf(node->data, size, "%s%s%s", name, rest, value);
	*last = node;
	return &node->next;
}

static void set_headers(struct kl_exchange *exchange)
{
	const struct kl_http_spec *http = exchange->spec.http;
	struct curl_slist **last = &exchange->headers;

	/* First what libcurl would add by itself: a wait for 100 Continue, and a form's type. */
	last = add_header(last, "Expect", ":", "");
	last = add_header(last, "Content-Type", ":", "");
	for (size_t i = 0; i < http->header_count; i++)
		last = add_header(last, http->headers[i].name, *http->headers[i].value ? ": " : ";",
				  http->headers[i].value);
	lib.curl_easy_setopt(exchange->easy, CURLOPT_HTTPHEADER, exchange->headers);
}

static void set_method(struct kl_exchange *exchange)
{
	const struct kl_http_spec *http = exchange->spec.http;

	if (http->body_len || !strcmp(http->method, "POST") || !strcmp(http->method, "PUT")) {
		lib.curl_easy_setopt(exchange->easy, CURLOPT_POST, 1L);
		lib.curl_easy_setopt(exchange->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)http->body_len);
		lib.curl_easy_setopt(exchange->easy, CURLOPT_READFUNCTION, give_body);
		lib.curl_easy_setopt(exchange->easy, CURLOPT_READDATA, exchange);
		lib.curl_easy_setopt(exchange->easy, CURLOPT_SEEKFUNCTION, rewind_body);
		lib.curl_easy_setopt(exchange->easy, CURLOPT_SEEKDATA, exchange);
	}
	lib.curl_easy_setopt(exchange->easy, CURLOPT_CUSTOMREQUEST, http->method);
}

static void set_protocols(CURL *easy)
{
#if LIBCURL_VERSION_NUM >= 0x075500
	if (lib.curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK)
		return;
#endif
	lib.curl_easy_setopt(easy, (CURLoption)181 /* CURLOPT_PROTOCOLS */, 1L | 2L /* http, https */);
}

static void set_options(struct kl_exchange *exchange)
{
	const struct kl_http_spec *http = exchange->spec.http;
	CURL *easy = exchange->easy;

	set_protocols(easy);
	lib.curl_easy_setopt(easy, CURLOPT_URL, http->url);
	lib.curl_easy_setopt(easy, CURLOPT_PRIVATE, exchange);
	lib.curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange->why);
	lib.curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	lib.curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	lib.curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	lib.curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	/* And later ones, whatever this machine's OpenSSL allows. */
	lib.curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	lib.curl_easy_setopt(easy, CURLOPT_USERAGENT, "KodeLab/" KL_VERSION);
	lib.curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	lib.curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, KEPT_IDLE_S);
#if LIBCURL_VERSION_NUM >= 0x075700
	lib.curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
	lib.curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
			     http->connect_ms ? (long)http->connect_ms : (long)CONNECT_MS_DEFAULT);
	if (http->packed)
		lib.curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
	if (http->proxy)
		lib.curl_easy_setopt(easy, CURLOPT_PROXY, http->proxy);
	if (http->may_connect) {
		lib.curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
		lib.curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, exchange);
		lib.curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
		lib.curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	}
	lib.curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)exchange->spec.body->max);
	lib.curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
	lib.curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange);
	lib.curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
	lib.curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange);
	lib.curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_request);
	lib.curl_easy_setopt(easy, CURLOPT_PREREQDATA, exchange);
}

enum kl_status kl_exchange_start(struct kl_exchange **out, struct kl_curl *curl, const struct kl_exchange_spec *spec,
				 struct kl_error *err)
{
	struct kl_exchange *exchange = kl_calloc(1, sizeof(*exchange));
	enum kl_status status;

	exchange->curl = curl;
	exchange->spec = *spec;
	exchange->easy = lib.curl_easy_init();
	if (!exchange->easy)
		kl_die("kodelab: out of memory");
	set_options(exchange);
	set_method(exchange);
	set_headers(exchange);
	status = kl_authorities_set(&curl->authorities, exchange->easy, spec->http->ca_file, err);
	if (!status && lib.curl_multi_add_handle(curl->multi, exchange->easy) != CURLM_OK)
		status = kl_fail(err, KL_EIO, "cannot begin an exchange with %s", spec->host);
	if (status) {
		free_exchange(exchange);
		return status;
	}
	*out = exchange;
	return KL_OK;
}

enum kl_status kl_curl_host(char **out, const char *url, struct kl_error *err)
{
	CURLU *parts = lib.curl_url();
	char *scheme = NULL, *host = NULL, *port = NULL, *user = NULL;
	enum kl_status status = KL_OK;

	if (lib.curl_url_set(parts, CURLUPART_URL, url, 0) != CURLUE_OK ||
	    lib.curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
	    lib.curl_url_get(parts, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
	    lib.curl_url_get(parts, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) != CURLUE_OK ||
	    (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0))
		status = kl_fail(err, KL_EINVAL, "that is no http or https address: write it as https://host:port");
	else if (lib.curl_url_get(parts, CURLUPART_USER, &user, 0) == CURLUE_OK)
		status = kl_fail(err, KL_EINVAL, "the address of %s holds a user name: keys belong into headers", host);
	else
		*out = kl_format("%s:%s", host, port);
	lib.curl_free(scheme);
	lib.curl_free(host);
	lib.curl_free(port);
	lib.curl_free(user);
	lib.curl_url_cleanup(parts);
	return status;
}

enum kl_status kl_curl_open(struct kl_curl **out, struct kl_loop *loop, struct kl_error *err)
{
	enum kl_status status = kl_libcurl_load(err);
	struct kl_curl *curl;

	if (status)
		return status;
	curl = kl_calloc(1, sizeof(*curl));
	curl->loop = loop;
	curl->multi = lib.curl_multi_init();
	if (!curl->multi)
		kl_die("kodelab: out of memory");
	lib.curl_multi_setopt(curl->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	lib.curl_multi_setopt(curl->multi, CURLMOPT_SOCKETDATA, curl);
	lib.curl_multi_setopt(curl->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	lib.curl_multi_setopt(curl->multi, CURLMOPT_TIMERDATA, curl);
	lib.curl_multi_setopt(curl->multi, CURLMOPT_MAXCONNECTS, KEPT_MAX);
	kl_authorities_find(&curl->authorities);
	*out = curl;
	return KL_OK;
}

void kl_curl_close(struct kl_curl *curl)
{
	if (!curl)
		return;
	lib.curl_multi_cleanup(curl->multi);
	kl_timer_cancel(curl->timer);
	kl_authorities_release(&curl->authorities);
	free(curl);
}
