/* Callbacks. */

#include "core/server/callback.h"

#include <strings.h>
#include <sys/queue.h>

#include <kodelab/alloc.h>
#include <kodelab/http.h>

#include "core/server/eventlog.h"
#include "core/server/server.h"
#include "core/server/settings.h"

#define PENDING_MAX  1000
#define RESPONSE_MAX ((size_t)64 << 10)

struct callback {
	TAILQ_ENTRY(callback) link;
	struct callbacks *all;
	char *token, *url, *body; /* owned */
	size_t len;
	int64_t tries;
	struct kl_http_request *request;
};

TAILQ_HEAD(pending, callback);

struct callbacks {
	struct server *server;
	struct kl_http *http; /* NULL: nothing was ever to be sent */
	struct pending pending;
	size_t count;
	bool closing;
};

/* --- where to --------------------------------------------------------------------------------------------------- */

/*
 * The host and port of an address, in the narrowest reading: what could be read in two ways (user names, backslashes,
 * escapes) is no address.
 */
static bool read_host(const char *url, char *host, size_t host_size, char *port, size_t port_size)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
	bool secure = !strncasecmp(url, "https://", 8);
	size_t len;

	if (!secure && strncasecmp(url, "http://", 7) != 0)
		return false;
	url += secure ? 8 : 7;
	len = *url == '[' ? strcspn(url, "]") + 1 : strspn(url, good);
	if (*url == '[' && (url[len - 1] != ']' || strspn(url + 1, "0123456789abcdefABCDEF:.") != len - 2))
		return false;
	if (!len || len >= host_size)
		return false;
	snprintf(host, host_size, "%.*s", (int)len, url);
	url += len;
	snprintf(port, port_size, "%s", secure ? "443" : "80");
	if (*url == ':') {
		len = strspn(url + 1, "0123456789");
		if (!len || len >= port_size)
			return false;
		snprintf(port, port_size, "%.*s", (int)len, url + 1);
		url += 1 + len;
	}
	return !*url || strchr("/?#", *url);
}

static bool host_fits(const char *pattern, size_t len, const char *host)
{
	size_t have = strlen(host);

	if (len > 2 && !strncmp(pattern, "*.", 2))
		return have > len - 1 && !strncasecmp(host + have - (len - 1), pattern + 1, len - 1);
	return have == len && !strncasecmp(host, pattern, len);
}

bool callback_allowed(const char *list, const char *url)
{
	char word[300], host[256], port[8];

	if (!read_host(url, host, sizeof(host), port, sizeof(port)))
		return false;
	while (settings_next_word(&list, word, sizeof(word))) {
		const char *end = *word == '[' ? strchr(word, ']') : word;
		const char *colon = end ? strchr(end, ':') : NULL;
		size_t len = colon ? (size_t)(colon - word) : strlen(word);

		if (host_fits(word, len, host) && (!colon || !strcmp(colon + 1, port)))
			return true;
	}
	return false;
}

/* --- sending ---------------------------------------------------------------------------------------------------- */

static void drop(struct callback *callback)
{
	TAILQ_REMOVE(&callback->all->pending, callback, link);
	callback->all->count--;
	free(callback->token);
	free(callback->url);
	free(callback->body);
	free(callback);
}

static void fail(struct callback *callback, const char *why)
{
	eventlog(KL_LOG_WARN, "callback_failed", EVENTLOG_TEXT("token", callback->token), EVENTLOG_TEXT("error", why));
	drop(callback);
}

static void on_done(void *ctx, const struct kl_http_result *result);

static void try(struct callback *callback)
{
	static const struct kl_http_header headers[] = { { "Content-Type", "application/json", false } };
	const struct settings *settings = callback->all->server->settings;
	struct kl_http_spec spec = {
		.method = "PUT",
		.url = callback->url,
		.headers = headers,
		.header_count = KL_LENGTH(headers),
		.body = callback->body,
		.body_len = callback->len,
		.deadline_ms = settings_int(settings, "judge0.callbacks_timeout_ms"),
		.response_max = RESPONSE_MAX,
		.proxy = "",
	};
	struct kl_error err;

	callback->tries++;
	if (kl_http_start(&callback->request, callback->all->http, &spec, on_done, callback, &err))
		fail(callback, err.message);
}

static void on_done(void *ctx, const struct kl_http_result *result)
{
	struct callback *callback = ctx;
	const struct callbacks *all = callback->all;

	if (result->end == KL_HTTP_ANSWERED || result->end == KL_HTTP_TOO_LARGE) {
		eventlog(KL_LOG_INFO, "callback", EVENTLOG_TEXT("token", callback->token),
			 EVENTLOG_NUMBER("status", result->status), EVENTLOG_NUMBER("tries", callback->tries));
		drop(callback);
	} else if (!all->closing &&
		   callback->tries < settings_int(all->server->settings, "judge0.callbacks_max_tries")) {
		try(callback);
	} else {
		fail(callback, result->error.message);
	}
}

void callback_send(struct callbacks *callbacks, const char *token, const char *url, const char *body, size_t len)
{
	struct callback *callback = kl_calloc(1, sizeof(*callback));
	struct kl_error err;

	*callback = (struct callback){ .all = callbacks,
				       .token = kl_strdup(token),
				       .url = kl_strdup(url),
				       .body = kl_strndup(body, len),
				       .len = len };
	TAILQ_INSERT_TAIL(&callbacks->pending, callback, link);
	callbacks->count++;
	if (!callback_allowed(settings_string(callbacks->server->settings, "callbacks.allow"), url))
		fail(callback, "the host is not among callbacks.allow");
	else if (callbacks->count > PENDING_MAX)
		fail(callback, "too many callbacks are under way");
	else if (!callbacks->http && kl_http_open(&callbacks->http, callbacks->server->loop, &err))
		fail(callback, err.message);
	else
		try(callback);
}

/* --- all -------------------------------------------------------------------------------------------------------- */

struct callbacks *callbacks_new(struct server *server)
{
	struct callbacks *callbacks = kl_calloc(1, sizeof(*callbacks));

	callbacks->server = server;
	TAILQ_INIT(&callbacks->pending);
	return callbacks;
}

bool callbacks_busy(const struct callbacks *callbacks)
{
	return callbacks->count > 0;
}

void callbacks_free(struct callbacks *callbacks)
{
	if (!callbacks)
		return;
	callbacks->closing = true;
	kl_http_close(callbacks->http);
	free(callbacks);
}
