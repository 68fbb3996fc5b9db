/*
 * Writing the journal. Each group of edits is one record, written by one write() when the loop has shown its picture. The disk
 * gets it within a second: a process of its own waits for that (flusher.h). Without one the kernel is asked to begin writing
 * back, and a moment later to make it sure, so that the second call has little to wait for.
 *
 * When the disk is full, records wait in memory; when they are too many, they are dropped and the whole journal is
 * written anew from the text's own history as soon as there is room. The same rewriting keeps it from growing for ever.
 */

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/loop.h>

#include "core/text/flusher.h"
#include "core/text/journal_write.h"

#define NOT_BUILDING  ((size_t)-1)
#define TEXT_KEEP_MAX ((size_t)256 << 10) /* a text up to this size is kept in the journal itself, too */
#define PENDING_MAX   ((size_t)64 << 20)
#define PENDING_KEEP  ((size_t)64 << 10) /* memory kept for the next records */
#define HISTORY_MAX   ((size_t)8 << 20) /* bytes of undo that a rewritten journal keeps */
#define COMPACT_MIN   ((size_t)4 << 20)
#define WRITE_BACK_MS 400 /* after a write */
#define SYNC_MS       400 /* after that */
#define RETRY_MS      3000

static void schedule(struct kl_journal *journal);

/* --- problems --------------------------------------------------------------------------------------------------- */

static void report(struct kl_journal *journal, const struct kl_error *err)
{
	if (journal->troubled)
		return;
	journal->troubled = true;
	journal->trouble = *err;
	if (journal->problem)
		journal->problem(journal->problem_ctx, err);
}

static void report_over(struct kl_journal *journal)
{
	if (!journal->troubled)
		return;
	journal->troubled = false;
	if (journal->problem)
		journal->problem(journal->problem_ctx, NULL);
}

/* --- writing anew ----------------------------------------------------------------------------------------------- */

static int write_some(int fd, struct kl_buf *bytes)
{
	size_t done = 0;
	int result = 0;

	while (done < bytes->len && !result) {
		ssize_t put = write(fd, bytes->data + done, bytes->len - done);

		if (put > 0)
			done += (size_t)put;
		else if (errno != EINTR)
			result = -1;
	}
	kl_buf_consume(bytes, done);
	return result;
}

static void sync_folder(const char *name)
{
	const char *slash = strrchr(name, '/');
	char *folder = kl_format("%.*s/.", (int)(slash ? slash - name : 0), slash ? name : ".");
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	free(folder);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

static void put_all(struct kl_buf *out, struct kl_journal *journal)
{
	const struct kl_text *text = journal->text;
	bool with_text = text->touched && (text->saved == NO_REVISION || kl_text_len(text) <= TEXT_KEEP_MAX);

	journal->saved.revision = text->saved;
	put_header(out, journal->path, &journal->saved, (uint32_t)getpid());
	journal->header_size = out->len;
	if (text->revision_count > 1 || text->saved == NO_REVISION)
		put_everything(out, text, &journal->saved, journal->cursor, with_text);
	patch_header(out);
}

/* Replaces the file by one that holds what matters. The new one is locked before it gets the name. */
static enum kl_status rewrite(struct kl_journal *journal, struct kl_error *err)
{
	char *temporary = kl_format("%s.new", journal->name);
	struct kl_buf bytes;
	enum kl_status status = KL_OK;
	size_t size;
	int fd;

	kl_buf_init(&bytes, SIZE_MAX - 1);
	history_prune(journal->text, HISTORY_MAX);
	put_all(&bytes, journal);
	size = bytes.len;
	unlink(temporary); /* of one who was killed here; the lock says nobody else is */
	fd = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 || write_some(fd, &bytes) < 0 || fdatasync(fd) < 0 ||
	    (flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) || rename(temporary, journal->name) < 0) {
		status = kl_fail_errno(err, KL_EIO, errno, "cannot write the journal '%s'", journal->name);
		if (fd >= 0)
			close(fd);
		unlink(temporary);
	} else {
		sync_folder(journal->name);
		close(journal->fd);
		journal->fd = fd;
		journal->size = size;
		journal->compact_at = 2 * size > COMPACT_MIN ? 2 * size : COMPACT_MIN;
		journal->lost = journal->dirty = false;
		kl_buf_clear(&journal->pending);
	}
	kl_buf_release(&bytes);
	free(temporary);
	return status;
}

/* --- writing on ------------------------------------------------------------------------------------------------- */

static void lose(struct kl_journal *journal)
{
	journal->lost = true;
	kl_buf_release(&journal->pending);
}

static bool try_rewrite(struct kl_journal *journal)
{
	struct kl_error err;

	if (kl_clock_mono_ms() < journal->retry_ms)
		return false;
	if (rewrite(journal, &err)) {
		journal->retry_ms = kl_clock_mono_ms() + RETRY_MS;
		report(journal, &err);
		return false;
	}
	report_over(journal);
	return true;
}

static void trim_pending(struct kl_journal *journal)
{
	if (!journal->pending.len && journal->pending.capacity > PENDING_KEEP)
		kl_buf_release(&journal->pending);
}

static enum kl_status write_pending(struct kl_journal *journal, struct kl_error *err)
{
	size_t before = journal->pending.len;
	int result = write_some(journal->fd, &journal->pending), errnum = errno;

	journal->size += before - journal->pending.len;
	journal->dirty |= journal->pending.len < before;
	trim_pending(journal);
	if (result == 0)
		return KL_OK;
	return kl_fail_errno(err, KL_EIO, errnum, "cannot write the journal '%s'", journal->name);
}

static void flush(struct kl_journal *journal)
{
	struct kl_error err;

	kl_timer_cancel(journal->write_timer);
	journal->write_timer = NULL;
	if (journal->lost) {
		kl_buf_release(&journal->pending);
		try_rewrite(journal);
		return;
	}
	if (write_pending(journal, &err)) {
		report(journal, &err);
		if (journal->pending.len > PENDING_MAX)
			lose(journal);
		return;
	}
	report_over(journal);
	if (journal->size > journal->compact_at) {
		journal->compact_at = 2 * journal->size; /* not again at once, should it fail */
		try_rewrite(journal);
	}
	schedule(journal);
}

static void write_now(void *ctx)
{
	struct kl_journal *journal = ctx;

	journal->write_timer = NULL;
	flush(journal);
}

/* In the next turn, before anything can wait: the picture of this turn comes first. */
static void flush_soon(struct kl_journal *journal)
{
	if (!journal->loop)
		flush(journal);
	else if (!journal->write_timer)
		journal->write_timer = kl_loop_add_timer(journal->loop, 0, write_now, journal);
}

/* What the kernel could not write it may have forgotten: only a new file can be trusted. */
static enum kl_status mend(struct kl_journal *journal, int errnum, struct kl_error *err)
{
	enum kl_status status = kl_fail_errno(err, KL_EIO, errnum, "cannot write the journal '%s'", journal->name);

	lose(journal);
	return rewrite(journal, NULL) ? status : KL_OK;
}

static enum kl_status sync_now(struct kl_journal *journal, struct kl_error *err)
{
	journal->started = false;
	if (!journal->dirty && !journal->asked)
		return KL_OK;
	journal->dirty = false;
	return fdatasync(journal->fd) == 0 ? KL_OK : mend(journal, errno, err);
}

static void on_flushed(void *ctx, int errnum)
{
	struct kl_journal *journal = ctx;
	struct kl_error err;
	enum kl_status status = KL_OK;

	if (errnum < 0) {
		flusher_close(journal->flusher);
		journal->flusher = NULL;
		journal->no_flusher = true;
		status = sync_now(journal, &err);
		journal->asked = 0;
	} else {
		journal->asked--;
		if (errnum)
			status = mend(journal, errnum, &err);
	}
	if (status)
		report(journal, &err);
}

static bool ask_flusher(struct kl_journal *journal)
{
	if (!journal->flusher && !journal->no_flusher) {
		journal->flusher = flusher_open(journal->loop, journal->name, on_flushed, journal);
		journal->no_flusher = !journal->flusher;
	}
	if (!journal->flusher || !flusher_ask(journal->flusher))
		return false;
	journal->asked++;
	journal->dirty = false;
	return true;
}

static void on_timer(void *ctx)
{
	struct kl_journal *journal = ctx;
	struct kl_error err;

	journal->timer = NULL;
	if (!journal->dirty)
		journal->started = false; /* somebody was faster */
	if (!journal->dirty || (!journal->started && ask_flusher(journal)))
		return;
	if (!journal->started) {
		sync_file_range(journal->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
		journal->started = true;
		journal->timer = kl_loop_add_timer(journal->loop, SYNC_MS, on_timer, journal);
		return;
	}
	if (sync_now(journal, &err))
		report(journal, &err);
}

static void schedule(struct kl_journal *journal)
{
	if (journal->loop && journal->dirty && !journal->timer)
		journal->timer = kl_loop_add_timer(journal->loop, WRITE_BACK_MS, on_timer, journal);
}

/* --- what the text tells ---------------------------------------------------------------------------------------- */

/* The text as it was before the first edit: with it the journal leads to the last state without the file. */
static void on_before_first(void *ctx)
{
	struct kl_journal *journal = ctx;

	if (kl_text_len(journal->text) <= TEXT_KEEP_MAX && !journal->lost)
		put_text(&journal->pending, journal->text);
}

static void on_begin(void *ctx, const struct revision *revision, bool joins)
{
	struct kl_journal *journal = ctx;

	if (journal->lost)
		return;
	journal->building = record_begin(&journal->pending, RECORD_EDIT);
	put_edit_head(&journal->pending, revision, joins);
}

static void on_change(void *ctx, const struct change *change)
{
	struct kl_journal *journal = ctx;

	if (journal->building != NOT_BUILDING)
		put_change(&journal->pending, &journal->text->pieces, change);
}

static void on_end(void *ctx, size_t cursor)
{
	struct kl_journal *journal = ctx;

	journal->cursor = cursor;
	if (journal->building != NOT_BUILDING) {
		patch_cursor(&journal->pending, journal->building, cursor);
		record_end(&journal->pending, journal->building);
		journal->building = NOT_BUILDING;
	}
	flush_soon(journal);
}

static void on_went_to(void *ctx, size_t revision)
{
	struct kl_journal *journal = ctx;

	if (!journal->lost)
		put_number(&journal->pending, RECORD_GOTO, revision);
	flush_soon(journal);
}

static void on_saving(void *ctx, size_t len, uint32_t crc)
{
	struct kl_journal *journal = ctx;
	struct kl_error err;

	journal->saving = (struct identity){ len, crc, journal->text->current };
	if (!journal->lost)
		put_identity(&journal->pending, RECORD_SAVING, &journal->saving);
	flush(journal);
	if (sync_now(journal, &err))
		report(journal, &err);
}

static bool is_own(const struct kl_journal *journal, const char *path)
{
	char *real = path ? realpath(path, NULL) : NULL;
	bool own = !path || (real && !strcmp(real, journal->path));

	free(real);
	return own;
}

static bool on_saved(void *ctx, const char *path)
{
	struct kl_journal *journal = ctx;

	if (!is_own(journal, path))
		return false;
	journal->saved = journal->saving;
	if (!journal->lost)
		put_identity(&journal->pending, RECORD_SAVED, &journal->saved);
	flush(journal);
	return true;
}

/* --- start and finish ------------------------------------------------------------------------------------------- */

static enum kl_status go_on(struct kl_journal *journal, size_t keep, struct kl_error *err)
{
	uint32_t pid = (uint32_t)getpid();
	unsigned char bytes[4] = { (unsigned char)pid, (unsigned char)(pid >> 8), (unsigned char)(pid >> 16),
				   (unsigned char)(pid >> 24) };

	if (ftruncate(journal->fd, (off_t)keep) < 0 ||
	    pwrite(journal->fd, bytes, sizeof(bytes), (off_t)JOURNAL_PID_AT) != sizeof(bytes) ||
	    lseek(journal->fd, 0, SEEK_END) < 0)
		return kl_fail_errno(err, KL_EIO, errno, "cannot write the journal '%s'", journal->name);
	journal->size = keep;
	journal->compact_at = keep > COMPACT_MIN ? keep : COMPACT_MIN;
	return KL_OK;
}

static enum kl_status begin_anew(struct kl_journal *journal, struct kl_error *err)
{
	struct kl_error problem;

	journal->saved = (struct identity){ kl_text_len(journal->text), text_crc(journal->text), 0 };
	if (ftruncate(journal->fd, 0) < 0)
		return kl_fail_errno(err, KL_EIO, errno, "cannot write the journal '%s'", journal->name);
	put_all(&journal->pending, journal);
	journal->compact_at = COMPACT_MIN;
	if (!write_pending(journal, &problem))
		return KL_OK;
	/* The disk is full already: an empty journal is no journal, and it is written as soon as there is room. */
	report(journal, &problem);
	lose(journal);
	if (ftruncate(journal->fd, 0) < 0)
		return kl_fail_errno(err, KL_EIO, errno, "cannot write the journal '%s'", journal->name);
	return KL_OK;
}

enum kl_status journal_start(struct kl_journal *journal, size_t keep, bool has_text, struct kl_error *err)
{
	struct kl_text *text = journal->text;
	enum kl_status status;

	journal->building = NOT_BUILDING;
	text->touched = has_text;
	status = keep ? go_on(journal, keep, err) : begin_anew(journal, err);
	if (status)
		return status;
	journal->sink = (struct text_sink){ .ctx = journal,
					    .before_first = on_before_first,
					    .begin = on_begin,
					    .change = on_change,
					    .end = on_end,
					    .went_to = on_went_to,
					    .saving = on_saving,
					    .saved = on_saved };
	text->sink = &journal->sink;
	return KL_OK;
}

void journal_finish(struct kl_journal *journal)
{
	bool empty = journal->size == journal->header_size && !journal->lost && journal->text->revision_count == 1;

	journal->text->sink = NULL;
	kl_timer_cancel(journal->timer);
	kl_timer_cancel(journal->write_timer);
	journal->timer = journal->write_timer = NULL;
	flusher_close(journal->flusher);
	journal->flusher = NULL;
	if (empty) {
		unlink(journal->name);
		return;
	}
	if (!journal->lost)
		put_number(&journal->pending, RECORD_CURSOR, journal->cursor);
	journal->retry_ms = 0;
	journal->loop = NULL;
	flush(journal);
	if (sync_now(journal, NULL))
		return; /* nobody is left to tell */
}

/* --- the rest of journal.h -------------------------------------------------------------------------------------- */

void kl_journal_on_problem(struct kl_journal *journal, kl_journal_problem_fn *fn, void *ctx)
{
	journal->problem = fn;
	journal->problem_ctx = ctx;
	if (fn && journal->troubled)
		fn(ctx, &journal->trouble);
}

void kl_journal_cursor(struct kl_journal *journal, size_t offset)
{
	journal->cursor = offset;
}

enum kl_status kl_journal_sync(struct kl_journal *journal, struct kl_error *err)
{
	put_number(&journal->pending, RECORD_CURSOR, journal->cursor);
	flush(journal);
	if (journal->lost || journal->pending.len)
		return kl_fail(err, KL_EFULL, "the journal '%s' cannot be written", journal->name);
	return sync_now(journal, err);
}
