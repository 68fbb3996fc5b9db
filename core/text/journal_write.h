#ifndef CORE_TEXT_JOURNAL_WRITE_H
#define CORE_TEXT_JOURNAL_WRITE_H

/* The journal while it is open: shared by the half that opens it and the half that writes it. */

#include <kodelab/journal.h>

#include "core/text/journal_int.h"

struct flusher;
struct kl_timer;

struct kl_journal {
	struct kl_text *text;
	struct kl_loop *loop; /* NULL: nothing is synced but on request */
	char *name; /* of the journal file */
	char *path; /* of the text's file, real */
	int fd;
	struct text_sink sink;
	struct kl_buf pending; /* records not written yet */
	size_t building; /* where the record of the open group starts in pending; NOT_BUILDING: none */
	size_t header_size;
	size_t size; /* of the file */
	size_t compact_at; /* size that is too large */
	struct identity saved; /* what the text's file holds */
	struct identity saving;
	size_t cursor;
	bool lost; /* the file no longer leads to the text: it must be written anew */
	bool troubled; /* the problem has been told */
	struct kl_error trouble; /* it, for who asks later */
	bool dirty; /* written, not synced */
	bool started; /* the write-back has been started */
	int64_t retry_ms; /* monotonic: not before */
	struct kl_timer *timer; /* for the disk */
	struct kl_timer *write_timer; /* for the write: due when the picture is out */
	struct flusher *flusher; /* NULL: not begun, or there is none to be had: the loop waits for the disk itself */
	bool no_flusher;
	size_t asked; /* of the flusher and not answered: may not be on the disk */
	kl_journal_problem_fn *problem;
	void *problem_ctx;
};

/*
 * Goes on behind the first keep bytes of the file, or writes a new one (keep 0), and listens to the text from now on.
 * has_text: what was kept holds a TEXT record.
 */
enum kl_status journal_start(struct kl_journal *journal, size_t keep, bool has_text,
			     struct kl_error *err) KL_MUST_CHECK;
/* Writes and syncs all there is and lets the text go; removes a journal that holds nothing. */
void journal_finish(struct kl_journal *journal);

#endif
