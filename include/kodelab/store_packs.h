#ifndef KODELAB_STORE_PACKS_H
#define KODELAB_STORE_PACKS_H

/*
 * Published packs in the class server's store. Each publication is a version that is kept for good, because work was written
 * for it: the whole pack and the students' view of it as archives, and what tells its challenges apart from those of
 * other versions. A removed pack is only marked.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/crypto.h>
#include <kodelab/error.h>

struct kl_store;

struct kl_published { /* all owned */
	char *pack; /* its id */
	char *owner; /* user id of who published it first; "": the administrator's program */
	char *title, *description;
	int64_t version; /* the newest, from 1 */
	int64_t created_ms, changed_ms; /* of the first and of the newest publication */
	int64_t removed_ms; /* 0: it is not */
	char hash[KL_SHA256_SIZE]; /* of the newest version, whole: for the staff alone */
	char view_hash[KL_SHA256_SIZE]; /* of its view; "": students get nothing of it */
	int64_t view_bytes; /* of the view's archive */
	int64_t shown; /* challenges that students see */
};

struct kl_pack_version { /* all owned */
	int64_t version, published_ms;
	char *publisher; /* user id, as owner */
	char hash[KL_SHA256_SIZE], view_hash[KL_SHA256_SIZE];
	int64_t bytes, view_bytes; /* of the archives */
	int64_t challenges, shown;
};

struct kl_pack_part { /* a challenge of a version */
	char *slug; /* owned */
	int64_t number; /* in the pack, from 1 */
	char hash[KL_SHA256_SIZE]; /* of all its files */
	char task[KL_SHA256_SIZE]; /* of what students see of it: versions with the same one pose the same task */
	bool shown;
};

struct kl_pack_publication { /* borrowed for the call */
	const struct kl_published *row; /* pack, owner (of a new pack), title, description, hashes, bytes, shown */
	const char *publisher;
	const char *course; /* which it is kept for from its first moment; NULL: none */
	const struct kl_pack_part *parts;
	size_t part_count;
	const char *whole, *view; /* archives; view NULL: students get nothing */
	size_t whole_len, view_len;
};

/* All packs, removed ones too, by id. */
enum kl_status kl_store_packs(struct kl_published **rows, size_t *count, struct kl_store *store,
			      struct kl_error *err) KL_MUST_CHECK;
void kl_published_free(struct kl_published *rows, size_t count);
/* The newest first. */
enum kl_status kl_store_pack_versions(struct kl_pack_version **rows, size_t *count, struct kl_store *store,
				      const char *pack, struct kl_error *err) KL_MUST_CHECK;
void kl_pack_versions_free(struct kl_pack_version *rows, size_t count);
/* In the pack's order. None: there is no such version. */
enum kl_status kl_store_pack_parts(struct kl_pack_part **rows, size_t *count, struct kl_store *store, const char *pack,
				   int64_t version, struct kl_error *err) KL_MUST_CHECK;
void kl_pack_parts_free(struct kl_pack_part *rows, size_t count);

/* Adds the next version, *version; a removed pack is there again. Both calls note the change for everybody. */
enum kl_status kl_store_pack_publish(int64_t *version, struct kl_store *store,
				     const struct kl_pack_publication *publication, struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_store_pack_remove(struct kl_store *store, const char *pack, struct kl_error *err) KL_MUST_CHECK;

enum kl_pack_content { KL_PACK_WHOLE, KL_PACK_VIEW };
/* An archive of a version, owned by the caller. KL_ENOENT: there is none. */
enum kl_status kl_store_pack_content(char **bytes, size_t *len, struct kl_store *store, const char *pack,
				     int64_t version, enum kl_pack_content which, struct kl_error *err) KL_MUST_CHECK;

/*
 * By which version work is judged that was written for version: the newest that poses the same task, so that corrected tests
 * count for it and another task does not. When version is not known (0), the newest that has the challenge. *same says
 * which of both. KL_ENOENT: no version has it.
 */
enum kl_status kl_store_pack_judged_by(int64_t *judged, bool *same, struct kl_store *store, const char *pack,
				       const char *slug, int64_t version, struct kl_error *err) KL_MUST_CHECK;
/* Has any version shown the challenge to students? */
enum kl_status kl_store_pack_was_shown(bool *shown, struct kl_store *store, const char *pack, const char *slug,
				       struct kl_error *err) KL_MUST_CHECK;

#endif
