#ifndef KODELAB_HTTP_H
#define KODELAB_HTTP_H

/*
 * HTTP requests on the loop: libcurl's multi interface, many in flight, none of them waits. The library is loaded by
 * the first kl_http_open and not before: a lab that never leaves the machine does not pay for it.
 *
 * A header marked secret (a key, a token) is sent and wiped; it is in no error, log, argv or environment, and a
 * redirect never takes it along: redirects are not followed at all, they are an answer like any other.
 *
 * A request is sent again in one case only: a kept connection turns out to have been closed by the other side, and
 * either nothing left or the method is not POST; then once, on a new connection.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/error.h>

struct kl_loop;
struct kl_http;
struct sockaddr;
struct kl_http_request;

enum kl_http_end {
	KL_HTTP_ANSWERED, /* a whole answer came; status says which */
	KL_HTTP_UNREACHABLE, /* nothing was sent: name, connection (connect_ms), TLS, proxy: safe to repeat, any method */
	KL_HTTP_UNTRUSTED, /* nothing was sent: the certificate is bad */
	KL_HTTP_BROKEN, /* it may have been received: cut off, no answer, or an answer that ends early */
	KL_HTTP_LATE, /* deadline_ms or stall_ms passed; sent says whether it may have been received */
	KL_HTTP_TOO_LARGE, /* the answer is over response_max */
	KL_HTTP_CANCELED,
};

struct kl_http_header {
	const char *name, *value; /* a value with control characters is refused: KL_EINVAL */
	bool secret;
};

struct kl_http_spec {
	const char *method; /* "GET", "POST", "PUT", "DELETE" */
	const char *url; /* http or https, nothing else */
	const struct kl_http_header *headers;
	size_t header_count;
	const void *body; /* borrowed for the call, copied */
	size_t body_len;
	int64_t connect_ms; /* 0: 10 s */
	int64_t deadline_ms; /* of the whole request, the wait for its turn included; 0: 30 s */
	int64_t stall_ms; /* no byte either way for so long; 0: none but the deadline */
	size_t response_max; /* bytes of the body, unpacked; 0: 8 MiB */
	bool packed; /* the answer may come as gzip, and is unpacked here */
	bool partial; /* what came before it broke off is told, too: status, headers and body of a BROKEN or LATE one */
	const char *ca_file; /* further authorities beside the system's; NULL: none */
	/* "http://host:port", "socks5h://…"; NULL: what the environment says (http_proxy, no_proxy …); "": none */
	const char *proxy;
	/*
	 * Is asked about each address, the name being resolved, before it is connected to; false: UNREACHABLE. Such a
	 * request uses no connection of another one. NULL: all are good.
	 */
	bool (*may_connect)(void *ctx, const struct sockaddr *address);
	void *may_ctx; /* lives until done */
	/* Gets the answer's body as it comes, from the loop, whatever the status; nothing of it is kept. It may call nothing of kl_http. NULL: kept */
	void (*piece)(void *ctx, const char *bytes, size_t len);
	void *piece_ctx; /* lives until done */
};

struct kl_http_result { /* borrowed for the call */
	enum kl_http_end end;
	int status; /* ANSWERED, and partial when the whole head came: 200, 503 …; else 0 */
	const char *body; /* NUL-terminated; "" when none */
	size_t body_len;
	bool sent; /* at least one byte of the request left: the other side may have acted on it */
	int sends; /* how often: 2 when a kept connection was closed meanwhile */
	int64_t total_us, first_byte_us, connect_us; /* from its turn; connect includes TLS, 0 on a kept connection */
	struct kl_error error; /* not ANSWERED: one sentence naming host and cause, never a secret */
	const void *headers; /* see kl_http_header */
};

typedef void kl_http_done_fn(void *ctx, const struct kl_http_result *result);

/* KL_ENOTOOL: libcurl is not installed (the sentence names the package). */
enum kl_status kl_http_open(struct kl_http **out, struct kl_loop *loop, struct kl_error *err) KL_MUST_CHECK;
void kl_http_close(struct kl_http *http); /* pending ones end as CANCELED first; NULL is fine */
/* At most so many requests in flight to one host, and in all (default 8 and 32); further ones wait their turn. */
void kl_http_limits(struct kl_http *http, int per_host, int all);

/*
 * done fires exactly once, from the loop, also after kl_http_cancel. On success *out lives until done returns.
 * KL_EINVAL: not an http(s) address, or a header that is none.
 */
enum kl_status kl_http_start(struct kl_http_request **out, struct kl_http *http, const struct kl_http_spec *spec,
			     kl_http_done_fn *done, void *ctx, struct kl_error *err) KL_MUST_CHECK;
void kl_http_cancel(struct kl_http_request *request);

/* A header of the answer by its name in any case; NULL: absent. Borrowed for the call of done. */
const char *kl_http_header(const struct kl_http_result *result, const char *name);
/* Retry-After in ms from wall_ms (seconds or an HTTP date; RFC 9110, 10.2.3), at most a day; -1: absent or nonsense. */
int64_t kl_http_retry_after_ms(const struct kl_http_result *result, int64_t wall_ms);
/* Wall time of an HTTP date (RFC 9110, 5.6.7: all three forms), such as the header Date; -1: it is none. */
int64_t kl_http_date_ms(const char *text);

#endif
