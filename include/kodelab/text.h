#ifndef KODELAB_TEXT_H
#define KODELAB_TEXT_H

/*
 * A text being edited: bytes (UTF-8 is hoped for, anything is kept), addressed by offset; lines numbered from 0.
 * Finding a line or an offset costs O(log n), also in 100 MB or in one line of 10 MB.
 *
 * Every edit is kept in a tree of revisions: undo and redo walk along a branch, earlier and later walk through all
 * branches in order of time. Edits between kl_text_begin and kl_text_end are one revision; an edit outside is
 * one of its own. Offsets beyond the end are cut to the end, deletions to what is there.
 *
 * A line ends in "\n" or "\r\n"; both are kept as they are, as is a last line without an end.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/error.h>

struct kl_buf;
struct kl_mark;
struct kl_text;

#define KL_TEXT_FILE_MAX ((size_t)1 << 30) /* bytes; larger files are refused */

/* ---- life ---- */

/* A text that begins with these bytes (copied), unmodified. */
struct kl_text *kl_text_new(const char *bytes, size_t len);
/* The file is read whole (a change under us cannot hurt). KL_ENOENT: no such file · KL_EFULL: over KL_TEXT_FILE_MAX. */
enum kl_status kl_text_load(struct kl_text **out, const char *path, struct kl_error *err) KL_MUST_CHECK;
/*
 * Writes the text as kl_file_write does (old or new, never half); then it counts as unmodified. With a journal on
 * the text (journal.h) the journal learns of it. mode: of a new file.
 */
enum kl_status kl_text_save(struct kl_text *text, const char *path, unsigned mode, struct kl_error *err) KL_MUST_CHECK;
void kl_text_free(struct kl_text *text);

/* ---- reading ---- */

size_t kl_text_len(const struct kl_text *text);
/* The bytes from offset on that lie together, *len of them; NULL at the end. Valid until the next edit. */
const char *kl_text_chunk(const struct kl_text *text, size_t offset, size_t *len);
/* Copies at most len bytes from offset to to; returns how many there were. */
size_t kl_text_copy(const struct kl_text *text, size_t offset, char *to, size_t len);
/* Appends the bytes from offset, len of them at most; false: out is full. */
bool kl_text_add_to(const struct kl_text *text, size_t offset, size_t len, struct kl_buf *out);
/* All of it, NUL-terminated, owned by the caller. */
char *kl_text_dup(const struct kl_text *text, size_t *len);
/* The byte at offset, or -1 at the end. */
int kl_text_byte(const struct kl_text *text, size_t offset);

/* ---- lines ---- */

/* One more than there are newlines: the text that ends in one has an empty last line. */
size_t kl_text_lines(const struct kl_text *text);
/* Offset of the first byte of line0 (the text's length beyond the last line). */
size_t kl_text_line_start(const struct kl_text *text, size_t line0);
/* Offset behind the last byte of line0's content: before its "\n" or "\r\n". */
size_t kl_text_line_end(const struct kl_text *text, size_t line0);
/* The line an offset lies in (a newline belongs to the line it ends). */
size_t kl_text_line_of(const struct kl_text *text, size_t offset);
/* What Enter inserts: "\r\n" when the text's lines end so when it was made, else "\n". */
const char *kl_text_newline(const struct kl_text *text);

/* ---- characters (grapheme.h) ---- */

/* The next and previous cluster boundary; at the ends of the text they return offset itself. "\r\n" is one cluster. */
size_t kl_text_next(const struct kl_text *text, size_t offset);
size_t kl_text_prev(const struct kl_text *text, size_t offset);
/* offset, or the boundary before it when it lies inside a cluster. */
size_t kl_text_align(const struct kl_text *text, size_t offset);

/* ---- editing ---- */

/* Returns with the bytes in the text; they are copied. */
void kl_text_insert(struct kl_text *text, size_t offset, const char *bytes, size_t len);
void kl_text_delete(struct kl_text *text, size_t offset, size_t len);
/* Both at once: one change for listeners and marks. */
void kl_text_replace(struct kl_text *text, size_t offset, size_t removed, const char *bytes, size_t len);
/*
 * Makes the whole text these bytes, as one revision that changes only the lines between the common start and the common end
 * (marks and cursors there stay). For reload, reset, restore. False: nothing differed.
 */
bool kl_text_assign(struct kl_text *text, const char *bytes, size_t len, size_t cursor);

/* What kind of group: typing and erasing join the revision before when they go on where it ended. */
enum kl_edit {
	KL_EDIT_OTHER, /* always a revision of its own */
	KL_EDIT_TYPE, /* a typed character: joins until a word or a line is finished */
	KL_EDIT_ERASE, /* backspace or delete: joins while they touch */
};

/* Groups nest; the outermost counts. cursor: its offset before and after, given back by undo and redo. */
void kl_text_begin(struct kl_text *text, enum kl_edit kind, size_t cursor);
void kl_text_end(struct kl_text *text, size_t cursor);
/* The next typed character begins a new revision (call it when the cursor jumps or the focus goes). */
void kl_text_break(struct kl_text *text);

/* ---- undo ---- */

/* False: nothing to undo (redo …). *cursor (may be NULL): where the cursor belongs now. Not inside a group. */
bool kl_text_undo(struct kl_text *text, size_t *cursor);
bool kl_text_redo(struct kl_text *text, size_t *cursor); /* the branch made or visited last */
bool kl_text_earlier(struct kl_text *text, size_t *cursor);
bool kl_text_later(struct kl_text *text, size_t *cursor);

/* Revisions are numbered in order of birth; 0 is the oldest one remembered. */
size_t kl_text_revision(const struct kl_text *text);
size_t kl_text_revisions(const struct kl_text *text);
bool kl_text_go_to(struct kl_text *text, size_t revision, size_t *cursor); /* false: no such revision */

/* Differs from what was last loaded or saved (undoing to that point makes it unmodified again). */
bool kl_text_modified(const struct kl_text *text);
/* Declares the text as it is now to be what the file holds. */
void kl_text_set_saved(struct kl_text *text);

/* ---- watching ---- */

struct kl_text_change {
	size_t offset; /* of the first byte that changed */
	size_t removed, added; /* bytes */
	size_t line0; /* line of offset */
	size_t lines_removed, lines_added; /* newlines gone and come */
};

/* Rises with every change of the bytes, by undo too. */
uint64_t kl_text_generation(const struct kl_text *text);

/* fn is called after each change, the text already new; it must not edit. Any number of listeners. */
typedef void kl_text_change_fn(void *ctx, struct kl_text *text, const struct kl_text_change *change);
void kl_text_listen(struct kl_text *text, kl_text_change_fn *fn, void *ctx);
void kl_text_unlisten(struct kl_text *text, kl_text_change_fn *fn, void *ctx);

/* ---- marks: offsets that move with the text ---- */

enum kl_gravity {
	KL_GRAVITY_LEFT, /* text inserted exactly at the mark comes after it */
	KL_GRAVITY_RIGHT, /* … pushes it along, as it does a cursor */
};

/* The text owns the mark until kl_mark_remove or kl_text_free. A mark in deleted text moves to where it was. */
struct kl_mark *kl_mark_add(struct kl_text *text, size_t offset, enum kl_gravity gravity);
void kl_mark_remove(struct kl_mark *mark); /* NULL is fine */
size_t kl_mark_offset(const struct kl_mark *mark);
void kl_mark_set(struct kl_mark *mark, size_t offset);

/* ---- columns ---- */

/*
 * Display columns of a line (tabs to the next multiple of tab, clusters as wide as grapheme.h says). It remembers places
 * along the line asked about last, so that the middle of a 10 MB line is found by reading a few KiB again.
 */
struct kl_columns;

struct kl_columns *kl_columns_new(struct kl_text *text, unsigned tab, unsigned visible_flags);
void kl_columns_free(struct kl_columns *columns); /* before the text's own kl_text_free */
void kl_columns_set_tab(struct kl_columns *columns, unsigned tab);
/* The column where the cluster at offset begins, counted from 0 at its line's start. */
size_t kl_columns_of(struct kl_columns *columns, size_t offset);
/* The cluster of line0 that covers column: its offset and (may be NULL) where it begins; the line's end when the line is shorter. */
size_t kl_columns_find(struct kl_columns *columns, size_t line0, size_t column, size_t *begins);

#endif
