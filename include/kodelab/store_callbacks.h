#ifndef KODELAB_STORE_CALLBACKS_H
#define KODELAB_STORE_CALLBACKS_H

/* Whom the class server has still to tell what was found: one row for each submission that names a callback. */

#include <stdint.h>

#include <kodelab/error.h>
#include <kodelab/id.h>

struct kl_store;

struct kl_callback {
	char id[KL_ID_SIZE]; /* of the queue's entry, which has the whole address */
	const char *host; /* borrowed for the call */
	int64_t tries; /* that failed */
	int64_t due_ms; /* wall */
};

/* Adds it, or changes tries and due_ms. */
enum kl_status kl_store_callback_put(struct kl_store *store, const struct kl_callback *row,
				     struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_callback_remove(struct kl_store *store, const char *id, struct kl_error *err) KL_MUST_CHECK;
/* Those that are due first come first; fn must not call the store. */
typedef void kl_store_callback_fn(void *ctx, const struct kl_callback *row);
enum kl_status kl_store_callbacks_each(struct kl_store *store, kl_store_callback_fn *fn, void *ctx,
				       struct kl_error *err) KL_MUST_CHECK;

#endif
