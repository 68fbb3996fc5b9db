#ifndef CORE_TEXT_TEXT_INT_H
#define CORE_TEXT_TEXT_INT_H

/*
 * The text from inside: what text.c, history.c, textfile.c and the journal share.
 *
 * A change is one place of the text: spans taken out, spans put in. A revision is the changes between begin and end,
 * a child of the revision it was made on. Revision 0 is the root: it has no changes.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include <kodelab/text.h>

#include "core/text/pieces.h"

#define NO_REVISION ((size_t)-1)

struct change {
	size_t offset;
	size_t removed, added; /* bytes */
	size_t removed_count, added_count; /* spans */
	struct span *spans; /* owned: the removed ones, then the added ones */
};

struct revision {
	size_t parent; /* always a smaller number; the root's is 0 */
	size_t redo; /* the child redo leads to; 0: none */
	size_t cursor_before; /* offsets */
	size_t cursor_after;
	enum kl_edit kind;
	struct change *changes; /* owned */
	size_t count, capacity;
};

/* Who wants to know how the text came about, not only what changed: the journal. Any may be NULL. */
struct text_sink {
	void *ctx;
	void (*before_first)(void *ctx); /* the text has not been touched since the sink came, and now will be */
	void (*begin)(void *ctx, const struct revision *revision, bool joins);
	void (*change)(void *ctx, const struct change *change);
	void (*end)(void *ctx, size_t cursor);
	void (*went_to)(void *ctx, size_t revision);
	void (*saving)(void *ctx, size_t len, uint32_t crc);
	bool (*saved)(void *ctx, const char *path); /* NULL: the text's own file; false: path is another one */
};

struct listener {
	kl_text_change_fn *fn;
	void *ctx;
};

/* Where a line with a newline lies, as looked up last: drawing asks for the same few lines again and again. */
struct line_memory {
	uint64_t generation; /* of the text, + 1; 0: nothing */
	size_t line0, start, next; /* next: offset behind its newline */
};

enum { LINE_MEMORIES = 64 };

struct kl_text {
	struct pieces pieces;
	struct revision *revisions; /* [0] is the root */
	size_t revision_count, revision_capacity;
	size_t current;
	size_t saved; /* the revision the file holds, or NO_REVISION */

	int depth; /* of groups */
	bool opened; /* the group has a revision */
	bool broken; /* the next edit joins nothing */
	enum kl_edit kind; /* of the group */
	size_t group_cursor; /* before it */

	bool crlf;
	uint64_t generation;
	struct line_memory *memories; /* LINE_MEMORIES of them, by line0; owned */
	struct listener *listeners;
	size_t listener_count, listener_capacity;
	LIST_HEAD(mark_list, kl_mark) marks;
	const struct text_sink *sink; /* NULL: none; borrowed */
	bool touched; /* before_first has been called */
};

/* Takes bytes (malloc). */
struct kl_text *text_take(char *bytes, size_t len);
/* Throws the history away and makes bytes (taken) the text, at revision 0. Listeners are told. */
void text_restart(struct kl_text *text, char *bytes, size_t len);
/* CRC-32 of all bytes. */
uint32_t text_crc(const struct kl_text *text);

/* marks.c */
void marks_move(struct kl_text *text, const struct kl_text_change *change);
void marks_free(struct kl_text *text);

/* Changes the bytes, marks, generation and tells listeners; knows nothing of history. gone may be NULL. */
void text_splice(struct kl_text *text, size_t offset, size_t removed, struct spans *gone, const struct span *added,
		 size_t added_count);

/* history.c */
void history_init(struct kl_text *text);
void history_release(struct kl_text *text);
/* Records a change just made (takes spans). */
void history_record(struct kl_text *text, struct change change);
/* A change about to be made opens the group's revision. first: the first byte put in, -1 when none is. */
void history_prepare(struct kl_text *text, const struct change *change, int first);
/* Adds a revision with these marks; its number. For the journal's replay, too: the text's bytes are not touched. */
size_t history_add(struct kl_text *text, size_t parent, size_t cursor_before, enum kl_edit kind);
/* Appends change (takes its spans) to a revision, joining it with the last one where they touch. */
void history_append(struct revision *revision, struct change change);
void change_release(struct change *change);
/*
 * Goes to target from text->current, checking each step: false, and somewhere on the way, when a change does not fit
 * the bytes. For histories read from a file.
 */
bool history_walk_checked(struct kl_text *text, size_t target);
/* What the changes of a revision hold, in bytes. */
size_t revision_bytes(const struct revision *revision);
/*
 * Forgets old branches: keeps the revisions that grew from the oldest ancestor of the current one that lets the history
 * stay within budget bytes. Numbers change.
 */
void history_prune(struct kl_text *text, size_t budget);

#endif
