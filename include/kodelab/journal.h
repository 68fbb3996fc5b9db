#ifndef KODELAB_JOURNAL_H
#define KODELAB_JOURNAL_H

/*
 * Nothing typed is lost: each edit of a text goes to a file beside the lab's state, by write() when its picture is out and to
 * the disk within a second. After a crash, a kill or a normal end the next kl_journal_open gives back text,
 * undo tree and cursor. Format and promises: docs/journal-format.md.
 */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/error.h>

struct kl_journal;
struct kl_loop;
struct kl_text;

/* What opening found. */
struct kl_journal_found {
	bool resumed; /* there was a history; the text is as it was left (kl_text_modified says whether the file is behind) */
	size_t cursor; /* where it was */
	bool damaged; /* the end of the journal was unreadable and has been dropped; what came before is there */
	size_t lost_bytes; /* of the journal, not of the text */
	bool base_changed; /* another program changed the file: its content counts, the journal was set aside */
	char *set_aside; /* path of the old journal (base_changed, or damaged beyond use); NULL: none */
	char *recovered; /* base_changed: the text as it was in the editor, where it differs; NULL: none, or not to be had */
	size_t recovered_len;
	bool unlocked; /* the file system knows no locks: nothing stops a second lab */
	char message[256]; /* one sentence for the person; "" when all was as expected */
};

void kl_journal_found_release(struct kl_journal_found *found);

/* A problem while writing (the disk is full), told once when it begins (problem) and once when it is over (NULL). Typing goes on. */
typedef void kl_journal_problem_fn(void *ctx, const struct kl_error *problem);

/*
 * Begins to keep text, which has just been loaded from path (or is new and path does not exist yet). dir: the folder of
 * journals, made when missing. loop: when it writes and syncs; NULL: each edit is written at once, synced only on request.
 * Replays what is there into text.
 * KL_EBUSY: another lab has this file open ("… is open in another kodelab (process 123)") ·
 * KL_EINVAL: made by a newer version; left untouched · others: no journal can be kept; the text is usable all the same.
 * found is filled in either case, and released by the caller. A full disk is no failure here: see kl_journal_on_problem.
 */
enum kl_status kl_journal_open(struct kl_journal **out, struct kl_journal_found *found, struct kl_text *text,
			       const char *dir, const char *path, struct kl_loop *loop,
			       struct kl_error *err) KL_MUST_CHECK;
/* Writes the cursor and everything to the disk. Before kl_text_free. NULL is fine. */
void kl_journal_close(struct kl_journal *journal);

/* When there is a problem already, fn is called at once. */
void kl_journal_on_problem(struct kl_journal *journal, kl_journal_problem_fn *fn, void *ctx);
/* Remembers the cursor; goes out with the next edit, or at the end. */
void kl_journal_cursor(struct kl_journal *journal, size_t offset);
/* On the disk now: before suspend, on SIGHUP and SIGTERM. */
enum kl_status kl_journal_sync(struct kl_journal *journal, struct kl_error *err) KL_MUST_CHECK;

/*
 * What was typed into path and is not in the file yet, by its journal, which may be open in a running lab: nothing is locked or changed.
 * *bytes: owned by the caller; NULL: the file has the newest text, or there is no journal that leads on from it.
 * KL_ENOENT, KL_EIO: of the file.
 */
enum kl_status kl_journal_peek(char **bytes, size_t *len, const char *dir, const char *path,
			       struct kl_error *err) KL_MUST_CHECK;

/* Path of the journal that belongs to path; owned by the caller. */
char *kl_journal_path(const char *dir, const char *path);

#endif
