#ifndef TUI_DOCUMENT_H
#define TUI_DOCUMENT_H

/*
 * A work file that is open: its text, the journal that keeps every keystroke, its editor, and the file on the disk, which
 * another editor may change at any time.
 */

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include <kodelab/error.h>
#include <kodelab/language.h>

struct app;
struct editor;
struct kl_journal;
struct kl_syntax;
struct kl_text;

struct document {
	struct app *app;
	char *path;
	const struct kl_language *language;
	struct kl_text *text;
	struct kl_journal *journal; /* NULL: none could be kept; the person has been told */
	struct kl_syntax *syntax;
	struct editor *editor;
	struct timespec stamp; /* the file's time when read or written last */
	int64_t size;
};

/* Opens the file with what the journal remembers. Tells in the status line what was found. KL_EBUSY: another lab has it open. */
enum kl_status document_open(struct document *document, struct app *app, const char *path,
			     const struct kl_language *language, struct kl_error *err) KL_MUST_CHECK;
/* Saves when modified, then closes. */
void document_close(struct document *document);

/*
 * Writes the file when it differs. KL_ECONFLICT: another program wrote it meanwhile; its text is one undo away now, and the
 * next call writes what is on the screen. Where nothing was typed since, the file is read again instead.
 */
enum kl_status document_save(struct document *document, struct kl_error *err) KL_MUST_CHECK;
/* The same for those who leave: both texts are kept, what is on the screen is written. */
enum kl_status document_keep(struct document *document, struct kl_error *err) KL_MUST_CHECK;
/* Before anything is typed: reads the file again when another program wrote it, and says so. True: it was read. */
bool document_refresh(struct document *document);
/* True when the file on the disk is not the one read or written last. */
bool document_changed_outside(const struct document *document);
/* Takes the file's content into the text (undoable). */
enum kl_status document_reload(struct document *document, struct kl_error *err) KL_MUST_CHECK;

#endif
