#ifndef KODELAB_RELAY_H
#define KODELAB_RELAY_H

/*
 * A submission as it stands, run on an instance instead of here: chosen, sent with a key of the pool, asked for until its
 * result is there. What fails at one instance is sent to another; only one result is ever told.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/error.h>
#include <kodelab/keypool.h>

struct kl_instances;
struct kl_loop;
struct kl_relay;

enum kl_relay_end {
	KL_RELAY_JUDGED, /* what it found is in the result */
	KL_RELAY_REFUSED, /* nobody takes it as it is, or no key may be used for this user: sentence says why */
	KL_RELAY_FAILED, /* it was sent, and no result came: once more, later */
	KL_RELAY_NOBODY, /* nothing was sent: nobody can take it before retry_ms */
	KL_RELAY_CANCELED,
};

struct kl_relay_result { /* borrowed for the call */
	enum kl_relay_end end;
	const char *instance; /* JUDGED: its name; "" */
	const char *sentence; /* not JUDGED: why; no secret in it */
	int64_t retry_ms; /* NOBODY: wall; 0: not known */
	/* JUDGED, as Judge0 has it */
	int status, exit_code, exit_signal;
	int64_t cpu_us, wall_us, memory_kib;
	const char *out, *err, *compile, *message; /* bytes, NUL-terminated */
	size_t out_len, err_len, compile_len, message_len;
};

typedef void kl_relay_done_fn(void *ctx, const struct kl_relay_result *result);

/* It lies there now, under that token; both borrowed for the call. */
typedef void kl_relay_took_fn(void *ctx, const char *instance, const char *token);

struct kl_relay_spec {
	struct kl_loop *loop; /* these three are borrowed as long as the relay lives */
	struct kl_instances *instances;
	struct kl_keypool *pool;
	const char *body; /* borrowed until done: the JSON of one submission, texts in base64 */
	int language_id; /* in body, too */
	const char *language; /* copied: "Python (3.11.2)"; its family must be the same there */
	const char *user; /* copied; whose share of the pool is used */
	enum kl_key_purpose purpose;
	/* copied: a former relay of the same body left it there: it is asked for before it is sent; NULL: none did */
	const char *left_at, *left_token;
	kl_relay_took_fn *took; /* from the loop, for each instance that takes it; NULL */
	int64_t *expected_ms; /* what runs take, learned; borrowed as long as the relay lives. Begins with 0 */
	kl_relay_done_fn *done;
	void *ctx;
};

/* Begins in the next turn. done fires exactly once, from the loop, or from inside kl_relay_close; then the relay is gone. */
struct kl_relay *kl_relay_start(const struct kl_relay_spec *spec);
void kl_relay_close(struct kl_relay *relay); /* done is told of it at once */

#endif
