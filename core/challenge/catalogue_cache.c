/*
 * The cache file: a head, then each pack with its records. It is written by this machine for itself (bytes in its own
 * order) and can be lost at any time: whatever does not look right is as if it were not there.
 */

#include "core/challenge/catalogue_int.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/file.h>
#include <kodelab/path.h>

#define CACHE_MAX      (64u << 20)
#define CACHE_MARK     0x4b4c4341u /* also tells a machine of another byte order */
#define CACHE_VERSION  1u
#define SAME_MOMENT_NS 20000000 /* clocks of file systems tick as slowly as this */

struct cache_head {
	uint32_t mark, version;
	uint64_t checksum; /* of what follows this field */
	int64_t written_ns;
	uint32_t pack_count, unused;
};

struct pack_head {
	uint32_t len; /* of this head, dir and id, padded to 8 */
	uint32_t records_len, count;
	uint32_t clean;
	struct kl_stamp json_stamp, dir_stamp;
};

/* --- stamps ------------------------------------------------------------------------------------------------------- */

static int64_t nanoseconds(struct timespec time)
{
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

struct kl_stamp kl_stamp_of(const struct stat *st)
{
	return (struct kl_stamp){ nanoseconds(st->st_mtim), nanoseconds(st->st_ctim), (uint64_t)st->st_size,
				  st->st_ino };
}

bool kl_stamp_same(const struct kl_stamp *left, const struct kl_stamp *right)
{
	return left->mtime_ns == right->mtime_ns && left->ctime_ns == right->ctime_ns && left->size == right->size &&
	       left->inode == right->inode;
}

bool kl_stamp_trusted(const struct kl_stamp *stamp, int64_t written_ns)
{
	return stamp->ctime_ns < written_ns - SAME_MOMENT_NS;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

/* FNV-1a over eight bytes at a time; the length is a multiple of 8. */
static uint64_t checksum(const char *bytes, size_t len)
{
	uint64_t hash = 0xcbf29ce484222325u, word;

	for (size_t i = 0; i + 8 <= len; i += 8) {
		memcpy(&word, bytes + i, 8);
		hash = (hash ^ word) * 0x100000001b3u;
		hash ^= hash >> 29;
	}
	return hash;
}

/* Takes one pack from *at; false: the bytes make no sense. */
static bool take_pack(struct kl_cached_pack *pack, char **at, char *end)
{
	const size_t fixed = sizeof(struct pack_head);
	struct pack_head head;
	char *dir_end;

	if ((size_t)(end - *at) < fixed)
		return false;
	memcpy(&head, *at, fixed);
	if (head.len < fixed + 2 || head.len % 8 || head.len > (size_t)(end - *at) ||
	    head.records_len > (size_t)(end - *at) - head.len)
		return false;
	dir_end = memchr(*at + fixed, '\0', head.len - fixed);
	if (!dir_end || !memchr(dir_end + 1, '\0', (size_t)(*at + head.len - dir_end) - 1))
		return false;
	*pack = (struct kl_cached_pack){
		.dir = *at + fixed,
		.id = dir_end + 1,
		.json_stamp = head.json_stamp,
		.dir_stamp = head.dir_stamp,
		.clean = head.clean,
		.count = head.count,
		.records = *at + head.len,
		.end = *at + head.len + head.records_len,
	};
	*at = pack->end;
	return true;
}

static bool records_valid(const struct kl_cached_pack *pack)
{
	const char *at = pack->records;

	for (uint32_t i = 0; i < pack->count; i++) {
		if (!kl_record_valid(at, (size_t)(pack->end - at)))
			return false;
		at += kl_record_head(at).len;
	}
	return at == pack->end;
}

static bool take_all(struct kl_cache *cache)
{
	char *at = cache->bytes + sizeof(struct cache_head), *end = cache->bytes + cache->len;
	struct cache_head head;

	if (cache->len < sizeof(head) || cache->len % 8)
		return false;
	memcpy(&head, cache->bytes, sizeof(head));
	if (head.mark != CACHE_MARK || head.version != CACHE_VERSION || head.pack_count > cache->len ||
	    head.checksum != checksum(cache->bytes + 16, cache->len - 16))
		return false;
	cache->written_ns = head.written_ns;
	cache->packs = kl_calloc(head.pack_count, sizeof(*cache->packs));
	for (; cache->pack_count < head.pack_count; cache->pack_count++) {
		struct kl_cached_pack *pack = &cache->packs[cache->pack_count];

		if (!take_pack(pack, &at, end) || !records_valid(pack))
			return false;
	}
	return at == end;
}

/* In one read: reading piece by piece costs more than all that follows. */
static bool read_whole(struct kl_cache *cache, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	bool whole = false;

	if (fd < 0)
		return false;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size > 0 && st.st_size <= CACHE_MAX) {
		cache->len = (size_t)st.st_size;
		cache->bytes = kl_alloc(cache->len);
		whole = read(fd, cache->bytes, cache->len) == (ssize_t)cache->len;
	}
	close(fd);
	return whole;
}

void kl_cache_load(struct kl_cache *cache, const char *path)
{
	*cache = (struct kl_cache){ .bytes = NULL };
	if (!read_whole(cache, path) || !take_all(cache))
		kl_cache_release(cache);
}

void kl_cache_release(struct kl_cache *cache)
{
	free(cache->bytes);
	free(cache->packs);
	*cache = (struct kl_cache){ .bytes = NULL };
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static void add_pack(struct kl_buf *out, const struct kl_catalogue *catalogue, const struct kl_pack_row *pack)
{
	struct pack_head head = { .count = (uint32_t)pack->count,
				  .clean = pack->clean,
				  .json_stamp = pack->json_stamp,
				  .dir_stamp = pack->dir_stamp };
	const struct kl_row *records = catalogue->all_records + pack->first;
	size_t start = out->len;

	for (size_t i = 0; i < pack->count; i++)
		head.records_len += kl_record_head(records[i].record).len;
	kl_buf_add(out, &head, sizeof(head));
	kl_buf_add(out, pack->dir, strlen(pack->dir) + 1);
	kl_buf_add(out, pack->id, strlen(pack->id) + 1);
	while (out->len % 8)
		kl_buf_add_char(out, '\0');
	head.len = (uint32_t)(out->len - start);
	if (!out->truncated)
		memcpy(out->data + start, &head, sizeof(head));
	for (size_t i = 0; i < pack->count; i++)
		kl_buf_add(out, records[i].record, kl_record_head(records[i].record).len);
}

/* Without fsync, unlike kl_file_write: a cache that a power cut halves fails its checksum, and waiting is felt. */
static void replace_file(const char *path, const struct kl_buf *bytes)
{
	char *temporary = kl_format("%s.%ld", path, (long)getpid());
	int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool whole = fd >= 0 && write(fd, bytes->data, bytes->len) == (ssize_t)bytes->len;

	if (fd >= 0)
		close(fd);
	if (!whole || rename(temporary, path) < 0)
		unlink(temporary);
	free(temporary);
}

void kl_cache_save(const struct kl_catalogue *catalogue, const char *path)
{
	struct cache_head head = { .mark = CACHE_MARK,
				   .version = CACHE_VERSION,
				   .pack_count = (uint32_t)catalogue->pack_count };
	char *folder = kl_strndup(path, (size_t)(kl_path_name(path) - path));
	struct timespec now;
	struct kl_buf out;

	clock_gettime(CLOCK_REALTIME, &now);
	head.written_ns = nanoseconds(now);
	kl_buf_init(&out, CACHE_MAX);
	kl_buf_add(&out, &head, sizeof(head));
	for (size_t i = 0; i < catalogue->pack_count; i++)
		add_pack(&out, catalogue, &catalogue->packs[i]);
	if (!out.truncated && (!*folder || kl_path_make(folder, NULL) == KL_OK)) {
		memcpy(out.data, &head, sizeof(head));
		head.checksum = checksum(out.data + 16, out.len - 16);
		memcpy(out.data, &head, sizeof(head));
		replace_file(path, &out);
	}
	kl_buf_release(&out);
	free(folder);
}
