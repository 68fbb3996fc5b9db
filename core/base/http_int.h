#ifndef CORE_BASE_HTTP_INT_H
#define CORE_BASE_HTTP_INT_H

/*
 * Between the two halves of HTTP: http.c waits for turns, keeps deadlines and tells the end; http_curl.c speaks through
 * libcurl, one exchange for each request that has its turn, and calls nobody's code but http.c's.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/buf.h>
#include <kodelab/http.h>

struct kl_curl; /* libcurl on a loop */
struct kl_exchange; /* one request inside libcurl */

struct kl_exchange_end {
	enum kl_http_end end;
	int status;
	int sends;
	int64_t total_us, first_byte_us, connect_us;
	struct kl_error error;
};

struct kl_exchange_spec {
	const struct kl_http_spec *http; /* borrowed until the exchange ends */
	const char *host; /* "host:port", for sentences; borrowed as well */
	struct kl_buf *body; /* gets the answer's body; over its max the exchange ends as TOO_LARGE */
	struct kl_buf *headers; /* gets the answer's headers: name, NUL, value, NUL … */
	int64_t *last_byte_ms; /* monotonic: the last time that a byte moved */
	void (*done)(void *ctx,
		     const struct kl_exchange_end *end); /* once, from the loop; not after kl_exchange_stop */
	void *ctx;
};

enum kl_status kl_curl_open(struct kl_curl **out, struct kl_loop *loop, struct kl_error *err) KL_MUST_CHECK;
void kl_curl_close(struct kl_curl *curl); /* every exchange has ended before */
/* "host:port" of an http or https address, owned by the caller. KL_EINVAL: it is none. */
enum kl_status kl_curl_host(char **out, const char *url, struct kl_error *err) KL_MUST_CHECK;
/* KL_EIO, KL_ENOENT …: the authorities cannot be read. */
enum kl_status kl_exchange_start(struct kl_exchange **out, struct kl_curl *curl, const struct kl_exchange_spec *spec,
				 struct kl_error *err) KL_MUST_CHECK;
/* Ends it here and now, without done; *end says what had happened so far (end->end and end->error are the caller's). */
void kl_exchange_stop(struct kl_exchange *exchange, struct kl_exchange_end *end);

/* Memory for libcurl that is wiped when it is given back: it keeps copies of keys in buffers of its own. */
void *kl_wiped_alloc(size_t size);
void *kl_wiped_calloc(size_t count, size_t size);
void *kl_wiped_realloc(void *ptr, size_t size);
char *kl_wiped_strdup(const char *text);
void kl_wiped_free(void *ptr);

#endif
