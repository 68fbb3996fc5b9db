/*
 * The journal of one text: found and locked (this half), written (journal_write.c). The lock is on the file itself, and
 * the file may be replaced by its owner, so whoever gets a lock looks whether the name still leads to what is locked.
 */

#include <kodelab/journal.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/file.h>
#include <kodelab/loop.h>
#include <kodelab/path.h>

#include "core/text/journal_write.h"

#define JOURNAL_MAX   ((size_t)4 << 30) /* bytes of a journal that is read at all */
#define NAME_KEEP     40 /* bytes of the file's name in the journal's */
#define LOCK_ATTEMPTS 8
#define PEEK_ATTEMPTS 3 /* a file that is just being saved is not the one its journal knows */

void kl_journal_found_release(struct kl_journal_found *found)
{
	free(found->set_aside);
	free(found->recovered);
	*found = (struct kl_journal_found){ 0 };
}

/* --- names ------------------------------------------------------------------------------------------------------ */

/* path with its folder's links resolved and made absolute; the file itself need not exist. Owned by the caller. */
static char *real_path(const char *path)
{
	char *real = realpath(path, NULL), *folder, *joined;

	if (real)
		return real;
	folder = kl_format("%.*s.", (int)(kl_path_name(path) - path), path);
	real = realpath(folder, NULL);
	free(folder);
	if (!real)
		return kl_strdup(path);
	joined = kl_path_join(real, kl_path_name(path));
	free(real);
	return joined;
}

static uint64_t fnv1a(const char *text)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
	return hash;
}

static char *journal_path_of_real(const char *dir, const char *real)
{
	char name[NAME_KEEP + 1];

	snprintf(name, sizeof(name), "%s", kl_path_name(real));
	for (char *at = name; *at; at++)
		if (!((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') || (*at >= '0' && *at <= '9') ||
		      *at == '.' || *at == '-'))
			*at = '_';
	return kl_format("%s/%016llx-%s.journal", dir, (unsigned long long)fnv1a(real), name);
}

char *kl_journal_path(const char *dir, const char *path)
{
	char *real = real_path(path);
	char *name = journal_path_of_real(dir, real);

	free(real);
	return name;
}

/* --- locking ---------------------------------------------------------------------------------------------------- */

static enum kl_status busy(int fd, const char *path, struct kl_error *err)
{
	unsigned char pid[4] = { 0 };

	if (pread(fd, pid, sizeof(pid), (off_t)JOURNAL_PID_AT) != sizeof(pid))
		return kl_fail(err, KL_EBUSY, "'%s' is open in another kodelab", path);
	return kl_fail(err, KL_EBUSY, "'%s' is open in another kodelab (process %u)", path,
		       (unsigned)pid[0] | (unsigned)pid[1] << 8 | (unsigned)pid[2] << 16 | (unsigned)pid[3] << 24);
}

static bool still_named(int fd, const char *name)
{
	struct stat by_fd, by_name;

	return fstat(fd, &by_fd) == 0 && stat(name, &by_name) == 0 && by_fd.st_ino == by_name.st_ino &&
	       by_fd.st_dev == by_name.st_dev;
}

/* Opens and locks the journal. *fd is open on success; *unlocked: there are no locks to be had here. */
static enum kl_status open_locked(int *out, bool *unlocked, const char *name, const char *path, struct kl_error *err)
{
	for (int i = 0; i < LOCK_ATTEMPTS; i++) {
		int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		enum kl_status status;

		if (fd < 0)
			return kl_fail_errno(err, KL_EIO, errno, "cannot open the journal '%s'", name);
		*unlocked = flock(fd, LOCK_EX | LOCK_NB) < 0;
		if (*unlocked && errno == EWOULDBLOCK) {
			status = busy(fd, path, err);
			close(fd);
			return status;
		}
		if (still_named(fd, name)) {
			*out = fd;
			return KL_OK;
		}
		close(fd); /* replaced between open and lock */
	}
	return kl_fail(err, KL_EBUSY, "'%s' is being opened by another kodelab", path);
}

/* --- what is there ---------------------------------------------------------------------------------------------- */

struct opening {
	struct kl_journal *journal;
	struct kl_journal_found *found;
	struct kl_buf bytes; /* of the journal found */
	size_t keep; /* of them; 0: begin anew */
	bool has_text;
};

/* A copy of the old journal under a name of its own. Without it nothing may be overwritten. */
static enum kl_status set_aside(struct opening *opening, struct kl_error *err)
{
	const char *name = opening->journal->name;
	enum kl_status status;
	char *aside = NULL;

	for (int i = 1; i < 1000 && !aside; i++) {
		aside = kl_format("%s.aside-%d", name, i);
		if (!kl_path_exists(aside))
			break;
		free(aside);
		aside = NULL;
	}
	if (!aside)
		return kl_fail(err, KL_EFULL, "too many old journals: remove '%s.aside-*'", name);
	status = kl_file_write(aside, opening->bytes.data, opening->bytes.len, 0600, err);
	if (status)
		free(aside);
	else
		opening->found->set_aside = aside;
	return status;
}

/* The file just ends within its last record: someone was killed while writing, and nothing more is in it. */
static bool ends_short(const struct opening *opening, size_t good)
{
	size_t left = opening->bytes.len - good;
	struct reader reader = { .at = opening->bytes.data + good, .end = opening->bytes.data + opening->bytes.len };

	return left < RECORD_EXTRA || get_u32(&reader) > left - RECORD_EXTRA;
}

/* The journal leads nowhere from this file: the file counts, the journal is kept for the person. */
static enum kl_status take_nothing(struct opening *opening, struct replay *replay, struct kl_error *err)
{
	struct kl_journal_found *found = opening->found;

	found->base_changed = replay->base_changed;
	found->damaged = !replay->base_changed;
	found->recovered = replay->recovered;
	found->recovered_len = replay->recovered_len;
	if (found->damaged)
		found->lost_bytes = opening->bytes.len;
	snprintf(found->message, sizeof(found->message),
		 found->damaged     ? "the journal of '%s' was damaged beyond use and is kept aside"
		 : found->recovered ? "'%s' was changed by another program; what you had here is kept aside"
				    : "'%s' was changed by another program and has been read again",
		 kl_path_name(opening->journal->path));
	return set_aside(opening, err);
}

static enum kl_status take_replay(struct opening *opening, struct replay *replay, struct kl_error *err)
{
	struct kl_journal_found *found = opening->found;

	if (!replay->resumed)
		return take_nothing(opening, replay, err);
	found->resumed = replay->good > opening->journal->header_size;
	found->cursor = replay->cursor;
	opening->keep = replay->good;
	opening->has_text = replay->has_text;
	opening->journal->saved = replay->saved;
	if (replay->good == opening->bytes.len)
		return KL_OK;
	found->damaged = true;
	found->lost_bytes = opening->bytes.len - replay->good;
	snprintf(found->message, sizeof(found->message),
		 "the end of the journal of '%s' was damaged; everything before it is here",
		 kl_path_name(opening->journal->path));
	return ends_short(opening, replay->good) ? KL_OK : set_aside(opening, err);
}

/* The file holds just what could be recovered: there is nothing to offer. */
static bool is_plain(const struct kl_text *text, const struct replay *replay)
{
	size_t len;
	char *bytes = kl_text_dup(text, &len);
	bool same = len == replay->recovered_len && !memcmp(bytes, replay->recovered, len);

	free(bytes);
	return same;
}

static bool is_of(const struct journal_header *header, const char *path)
{
	return header->path_len == strlen(path) && !memcmp(header->path, path, header->path_len);
}

static enum kl_status replay_found(struct opening *opening, struct kl_error *err)
{
	struct kl_journal *journal = opening->journal;
	struct journal_header header;
	struct replay replay = { .broken = true };
	enum kl_status status = get_header(&header, opening->bytes.data, opening->bytes.len);

	if (status == KL_EINVAL)
		return kl_fail(err, KL_EINVAL,
			       "the journal of '%s' was written by a newer kodelab (format %u) and is"
			       " left untouched; use that one, or move '%s' away",
			       kl_path_name(journal->path), header.version, journal->name);
	if (status || !is_of(&header, journal->path))
		return take_nothing(opening, &replay, err);
	journal->header_size = header.size;
	journal_replay(&replay, journal->text, opening->bytes.data, opening->bytes.len, &header);
	if (replay.recovered && is_plain(journal->text, &replay)) {
		free(replay.recovered);
		replay.recovered = NULL;
	}
	return take_replay(opening, &replay, err);
}

static enum kl_status read_found(struct opening *opening, struct kl_error *err)
{
	struct stat st;
	enum kl_status status;

	if (fstat(opening->journal->fd, &st) < 0)
		return kl_fail_errno(err, KL_EIO, errno, "cannot read the journal '%s'", opening->journal->name);
	if (st.st_size == 0)
		return KL_OK;
	status = kl_file_read(&opening->bytes, opening->journal->name, err);
	return status ? status : replay_found(opening, err);
}

/* --- open and close --------------------------------------------------------------------------------------------- */

static void journal_free(struct kl_journal *journal)
{
	if (journal->fd >= 0)
		close(journal->fd);
	kl_buf_release(&journal->pending);
	free(journal->name);
	free(journal->path);
	free(journal);
}

static enum kl_status begin(struct opening *opening, const char *dir, struct kl_error *err)
{
	struct kl_journal *journal = opening->journal;
	struct kl_journal_found *found = opening->found;
	enum kl_status status;

	if ((status = kl_path_make(dir, err)) ||
	    (status = open_locked(&journal->fd, &found->unlocked, journal->name, journal->path, err)) ||
	    (status = read_found(opening, err)))
		return status;
	if (found->cursor > kl_text_len(journal->text))
		found->cursor = kl_text_len(journal->text);
	journal->cursor = found->cursor;
	return journal_start(journal, opening->keep, opening->has_text, err);
}

enum kl_status kl_journal_open(struct kl_journal **out, struct kl_journal_found *found, struct kl_text *text,
			       const char *dir, const char *path, struct kl_loop *loop, struct kl_error *err)
{
	struct kl_journal *journal = kl_calloc(1, sizeof(*journal));
	struct opening opening = { .journal = journal, .found = found };
	enum kl_status status;

	*found = (struct kl_journal_found){ 0 };
	kl_buf_init(&opening.bytes, JOURNAL_MAX);
	kl_buf_init(&journal->pending, SIZE_MAX - 1);
	journal->fd = -1;
	journal->text = text;
	journal->loop = loop;
	journal->path = real_path(path);
	journal->name = journal_path_of_real(dir, journal->path);
	status = begin(&opening, dir, err);
	kl_buf_release(&opening.bytes);
	if (status) {
		journal_free(journal);
		return status;
	}
	*out = journal;
	return KL_OK;
}

void kl_journal_close(struct kl_journal *journal)
{
	if (!journal)
		return;
	journal_finish(journal);
	journal_free(journal);
}

/* --- looking on ------------------------------------------------------------------------------------------------- */

/* Replays the journal called name over the file. True when they fit, or nothing will make them. */
static bool peek_once(char **bytes, size_t *len, struct kl_text *text, const char *name, const char *real)
{
	struct journal_header header;
	struct replay replay;
	struct kl_buf found;
	size_t file_len;
	char *file;

	kl_buf_init(&found, JOURNAL_MAX);
	if (kl_file_read(&found, name, NULL) || get_header(&header, found.data, found.len) || !is_of(&header, real)) {
		kl_buf_release(&found);
		return true;
	}
	file = kl_text_dup(text, &file_len);
	journal_replay(&replay, text, found.data, found.len, &header);
	if (replay.resumed) {
		*bytes = kl_text_dup(text, len);
		if (*len == file_len && !memcmp(*bytes, file, file_len)) {
			free(*bytes);
			*bytes = NULL;
		}
	}
	free(replay.recovered);
	free(file);
	kl_buf_release(&found);
	return replay.resumed || !replay.base_changed;
}

enum kl_status kl_journal_peek(char **bytes, size_t *len, const char *dir, const char *path, struct kl_error *err)
{
	char *real = real_path(path);
	char *name = journal_path_of_real(dir, real);
	enum kl_status status = KL_OK;
	bool fits = false;

	*bytes = NULL;
	*len = 0;
	for (int i = 0; i < PEEK_ATTEMPTS && !fits && !status; i++) {
		struct kl_text *text;

		status = kl_text_load(&text, real, err);
		if (!status) {
			fits = peek_once(bytes, len, text, name, real);
			kl_text_free(text);
		}
	}
	free(name);
	free(real);
	return status;
}
