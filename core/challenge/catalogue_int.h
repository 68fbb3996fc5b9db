#ifndef CORE_CHALLENGE_CATALOGUE_INT_H
#define CORE_CHALLENGE_CATALOGUE_INT_H

/*
 * The catalogue inside. What is known of one challenge is packed into one record of bytes: read from challenge.json, or
 * found in the cache file, which is little more than all records behind each other. Entries point into their record.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <kodelab/catalogue.h>

/* What tells that a file is still the one that was read. */
struct kl_stamp {
	int64_t mtime_ns, ctime_ns;
	uint64_t size, inode;
};

struct kl_record_head {
	uint32_t len; /* of the whole record, a multiple of 8 */
	int32_t minutes;
	uint16_t tag_count, language_count;
	uint8_t difficulty, kind;
	uint8_t hole; /* 1: could not be read, only the slug is known */
	uint8_t unused;
	struct kl_stamp stamp; /* of challenge.json */
	/* strings, each with its NUL: slug title summary category folded tags… languages… */
};

struct kl_row {
	char *record; /* struct kl_record_head and strings, aligned to 8 */
	bool own_record; /* else it lies in the cache's bytes */
	void *block; /* the entry's pointers and dir */
	size_t pack; /* index in packs */
};

struct kl_pack_row {
	char *dir, *real_dir, *id;
	struct kl_stamp json_stamp, dir_stamp;
	bool clean; /* every folder in it is named in pack.json */
	size_t first, count; /* records, holes included, in all_records */
};

struct kl_cached_pack {
	const char *dir, *id;
	struct kl_stamp json_stamp, dir_stamp;
	bool clean;
	uint32_t count;
	char *records, *end;
};

struct kl_cache {
	char *bytes; /* owned, or NULL */
	size_t len;
	int64_t written_ns;
	struct kl_cached_pack *packs;
	size_t pack_count;
};

struct kl_words_lists;

struct kl_catalogue {
	struct kl_entry *entries;
	struct kl_row *rows; /* beside entries */
	size_t count, capacity;
	struct kl_row *all_records; /* in pack order, holes included: what the cache is written from */
	size_t record_count, record_capacity;
	struct kl_pack_row *packs;
	size_t pack_count, pack_capacity;
	char **problems;
	size_t problem_count, problem_capacity;
	struct kl_cache cache;
	bool changed; /* something was not as in the cache */
	struct kl_words_lists *lists;
};

struct kl_stamp kl_stamp_of(const struct stat *st);
bool kl_stamp_same(const struct kl_stamp *left, const struct kl_stamp *right);
/* A file that changed in the same moment as the cache was written may have changed again unseen. */
bool kl_stamp_trusted(const struct kl_stamp *stamp, int64_t written_ns);

/* Packs a challenge's metadata into a record; NULL challenge: a hole. Owned. */
char *kl_record_build(const char *slug, const struct kl_challenge *challenge, const struct kl_stamp *stamp);
/* Is this a whole record within left bytes? */
bool kl_record_valid(const char *record, size_t left);
struct kl_record_head kl_record_head(const char *record);
const char *kl_record_slug(const char *record);
/* Adds the entry of a record that is no hole. */
void kl_catalogue_add(struct kl_catalogue *catalogue, const struct kl_row *record, int number);

void kl_catalogue_complain(struct kl_catalogue *catalogue, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Reads dir, which holds packs or is one; those that a later place has too are left to it. */
void kl_catalogue_scan(struct kl_catalogue *catalogue, const char *dir, const char *const *later, size_t later_count);

/* The place of each entry in the order of titles, from 0; equal titles have equal ones. Made when first asked for. */
const uint32_t *kl_catalogue_title_ranks(const struct kl_catalogue *catalogue);

/* Leaves cache empty when there is none that can be used. */
void kl_cache_load(struct kl_cache *cache, const char *path);
void kl_cache_save(const struct kl_catalogue *catalogue, const char *path);
void kl_cache_release(struct kl_cache *cache);

#endif
