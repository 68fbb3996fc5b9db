#ifndef KODELAB_STORE_REJUDGE_H
#define KODELAB_STORE_REJUDGE_H

/* Rows of judging again: what is to be judged, how far it is, and what was found before. */

#include <stddef.h>
#include <stdint.h>

#include <kodelab/error.h>
#include <kodelab/id.h>

struct kl_store;

enum kl_rejudge_state {
	KL_REJUDGE_RUNNING,
	KL_REJUDGE_CANCELING, /* former verdicts are being put back */
	KL_REJUDGE_DONE,
	KL_REJUDGE_CANCELED,
	KL_REJUDGE_STATE_COUNT,
};

struct kl_rejudge {
	char id[KL_ID_SIZE], user[KL_ID_SIZE]; /* user: who asked for it; "": the administrator's program */
	char pack[65], slug[65];
	int64_t version; /* only works for this version of the pack; 0: all */
	int64_t created_ms, ended_ms;
	int64_t until_ms; /* what was received later is left alone */
	enum kl_rejudge_state state;
	int64_t total; /* works, when it began */
	int64_t queued, done, changed; /* begun with; judged again; of those, with another verdict or score */
	char last[KL_ID_SIZE]; /* the work that was queued last: they go by id */
};

enum kl_status kl_store_rejudge_add(struct kl_store *store, const struct kl_rejudge *rejudge,
				    struct kl_error *err) KL_MUST_CHECK;
/* ended_ms, state, queued, done, changed, last. */
enum kl_status kl_store_rejudge_put(struct kl_store *store, const struct kl_rejudge *rejudge,
				    struct kl_error *err) KL_MUST_CHECK;
/* KL_ENOENT */
enum kl_status kl_store_rejudge_get(struct kl_rejudge *out, struct kl_store *store, const char *id,
				    struct kl_error *err) KL_MUST_CHECK;
/* Borrowed for the call. fn must not call the store. */
typedef void kl_store_rejudge_fn(void *ctx, const struct kl_rejudge *rejudge);
/* Newest first. *total: on all pages. */
enum kl_status kl_store_rejudges(int64_t *total, struct kl_store *store, int64_t skip, int64_t max,
				 kl_store_rejudge_fn *fn, void *ctx, struct kl_error *err) KL_MUST_CHECK;
/* Those that are not at their end, oldest first. *count in: room, out: rows. */
enum kl_status kl_store_rejudges_open(struct kl_rejudge *rows, size_t *count, struct kl_store *store,
				      struct kl_error *err) KL_MUST_CHECK;

struct kl_rejudge_work {
	char id[KL_ID_SIZE], user[KL_ID_SIZE];
};
/* Judged works behind rejudge->last, in the order of their ids. *count in: room, out: rows. */
enum kl_status kl_store_rejudge_next(struct kl_rejudge_work *rows, size_t *count, struct kl_store *store,
				     const struct kl_rejudge *rejudge, struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_rejudge_works(int64_t *count, struct kl_store *store, const struct kl_rejudge *rejudge,
				      struct kl_error *err) KL_MUST_CHECK;

/* What was found before is kept beside; put back; forgotten. */
enum kl_status kl_store_rejudge_keep(struct kl_store *store, const char *rejudge, const char *work,
				     struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_rejudge_restore(struct kl_store *store, const char *rejudge, const char *work,
					struct kl_error *err) KL_MUST_CHECK;
/* Works of which something is kept. *count in: room, out: rows. */
enum kl_status kl_store_rejudge_kept(char (*ids)[KL_ID_SIZE], size_t *count, struct kl_store *store,
				     const char *rejudge, struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_rejudge_forget(struct kl_store *store, const char *rejudge, struct kl_error *err) KL_MUST_CHECK;

#endif
