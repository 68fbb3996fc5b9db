#ifndef KODELAB_STORE_INSTANCES_H
#define KODELAB_STORE_INSTANCES_H

/*
 * The rows behind kodelab/instance.h: where the judge instances are, what they said of themselves when last asked, and
 * how they fared. What it means is the registry's to know; there is no secret in it.
 */

#include <stddef.h>
#include <stdint.h>

#include <kodelab/error.h>

struct kl_store;

struct kl_instance_row { /* owned strings; "": the kind's own */
	char *name, *kind, *url;
	char *key_header, *user_header, *host;
	char *ca_file, *proxy; /* proxy "-": none, not even the environment's */
	int weight; /* 0: the kind's own */
	int64_t added_ms;
	/* what it said: JSON texts as it sent them, "" when it did not */
	int64_t probed_ms; /* 0: never */
	char *about, *config, *workers, *machine;
	char *languages; /* JSON of ours: its list, with the commands of those that were asked for */
	int64_t skew_ms; /* INT64_MIN: not known */
	/* how it fared */
	int64_t latency_us;
	int failures, openings; /* in a row */
	int64_t open_until_ms;
	char *failure; /* the last one's sentence */
};

void kl_instance_row_release(struct kl_instance_row *row);

/* All, by name. Freed by kl_instance_rows_free. */
enum kl_status kl_store_instances(struct kl_instance_row **rows, size_t *count, struct kl_store *store,
				  struct kl_error *err) KL_MUST_CHECK;
void kl_instance_rows_free(struct kl_instance_row *rows, size_t count);
/* A new one, or other values for the one of that name: all of them, what it said only, how it fared only. */
enum kl_status kl_store_instance_put(struct kl_store *store, const struct kl_instance_row *row,
				     struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_instance_said(struct kl_store *store, const struct kl_instance_row *row,
				      struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_instance_fared(struct kl_store *store, const struct kl_instance_row *row,
				       struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_instance_remove(struct kl_store *store, const char *name, struct kl_error *err) KL_MUST_CHECK;

#endif
