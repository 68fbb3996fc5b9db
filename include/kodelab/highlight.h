#ifndef KODELAB_HIGHLIGHT_H
#define KODELAB_HIGHLIGHT_H

/*
 * Highlighting of a document that changes: keeps the lexer's state around each line, and after an edit lexes again only
 * from there until the states agree with the old ones. It does not know the document: lines come through a callback
 * and edits are told.
 *
 * A call does a bounded bite of work. A line far below what has been lexed (a jump to the end of a large file) is
 * therefore drawn from the best guess first: as if it stood outside of any string or comment that began off screen.
 * kl_highlight_work() in the idle hook makes it exact; when it says so, draw again.
 */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/syntax.h>

struct kl_highlight;

/* Copies at most max bytes of a line (no newline) to to, returns how many; a line that is not there is empty. */
typedef size_t kl_highlight_line_fn(void *ctx, size_t line0, char *to, size_t max);

/* syntax is borrowed and must outlive it. line is called during kl_highlight_line() and kl_highlight_work() only. */
struct kl_highlight *kl_highlight_new(struct kl_syntax *syntax, kl_highlight_line_fn *line, void *ctx);
void kl_highlight_free(struct kl_highlight *highlight);

/*
 * The text changed: lines [line0, line0 + removed) became [line0, line0 + added). A change within one line is
 * (line0, 1, 1); a line broken in two (line0, 1, 2).
 */
void kl_highlight_edit(struct kl_highlight *highlight, size_t line0, size_t removed, size_t added);

/* The spans of a line as kl_syntax_line() gives them; at most max. */
size_t kl_highlight_line(struct kl_highlight *highlight, size_t line0, struct kl_span *spans, size_t max);

/* One bite of work towards line0; true: the spans of all lines up to and with it are exact now. */
bool kl_highlight_work(struct kl_highlight *highlight, size_t line0);

/*
 * Lines [*from, *to) may look different than when this was asked last; *from == *to: none. Holds as far down as
 * kl_highlight_work() says that all is exact.
 */
void kl_highlight_changed(struct kl_highlight *highlight, size_t *from, size_t *to);

/* Lines lexed to find states since it was made: what an edit cost. */
size_t kl_highlight_lexed(const struct kl_highlight *highlight);

#endif
