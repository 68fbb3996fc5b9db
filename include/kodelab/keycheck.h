#ifndef KODELAB_KEYCHECK_H
#define KODELAB_KEYCHECK_H

/* Is a key of a judge good? Asked of its instance by a request that runs nothing: GET /config_info. */

#include <kodelab/error.h>

struct kl_instances;
struct kl_key_check; /* one being made */
struct kl_keypool;

/*
 * status: KL_OK it works · KL_EDENIED it was refused · KL_EMANY it is used up · KL_ENET that could not be told.
 * sentence: what to show; borrowed for the call.
 */
typedef void kl_key_checked_fn(void *ctx, enum kl_status status, const char *sentence);

struct kl_key_check_spec { /* strings borrowed for the call */
	struct kl_instances *instances;
	struct kl_keypool *pool;
	const char *id, *owner;
	kl_key_checked_fn *done;
	void *ctx;
};

/*
 * The key's state and its owner's notices follow the answer (kl_keypool_try). owner: as for the pool. done fires exactly
 * once, from the loop, also after cancel; on success *out lives until then, and so must instances and pool.
 * KL_ENOENT: no such key, or no instance of its name · what kl_keypool_try and kl_http_start say.
 */
enum kl_status kl_key_check(struct kl_key_check **out, const struct kl_key_check_spec *spec,
			    struct kl_error *err) KL_MUST_CHECK;
void kl_key_check_cancel(struct kl_key_check *check);

#endif
