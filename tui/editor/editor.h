#ifndef TUI_EDITOR_H
#define TUI_EDITOR_H

/*
 * The editor: a view over a kl_text with a cursor, a selection, a find bar and completion. It gets requests and
 * text, changes the kl_text, and draws itself; it knows neither challenges nor files. Panes embed one and pass on.
 */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/judge.h>
#include <kodelab/language.h>
#include <kodelab/text.h>

#include "tui/ui/pane.h"

struct canvas;
struct editor;
struct kl_syntax;
struct mouse;

/* What the editor asks of the one who embeds it. All may be called at any time, none may be NULL. */
struct editor_host {
	void *ctx;
	void (*copy)(void *ctx, const char *text, size_t len);
	const char *(*clipboard)(void *ctx, size_t *len); /* "" when empty */
	void (*say)(void *ctx, bool bad, const char *sentence);
};

struct editor_options {
	int tab_width; /* columns of a tab */
	int indent_width; /* columns of one step */
	bool indent_tabs;
	bool numbers, wrap, auto_indent, auto_close, cursor_line;
};

/* text is borrowed and must outlive the editor; language and syntax may be NULL (plain text). */
struct editor *editor_new(struct kl_text *text, const struct kl_language *language, struct kl_syntax *syntax,
			  const struct editor_options *options, const struct editor_host *host);
void editor_free(struct editor *editor);

enum scope editor_scope(const struct editor *editor); /* SCOPE_FIELD while the find bar is open */
void editor_draw(struct editor *editor, struct canvas *canvas, bool focused);
/*
 * For the focused editor that was drawn on this place in the frame before (canvas_renew): draws what the editor knows to have changed
 * since. False, and nothing is drawn: more than its place looks different now.
 */
bool editor_redraw(struct editor *editor, struct canvas *canvas);
enum request editor_request(struct editor *editor, enum request request);
void editor_insert(struct editor *editor, const char *utf8, size_t len, bool pasted);
/* One bite of work on colours that were guessed and matches to be counted; false: there was nothing to do (draw again when there had been). */
bool editor_work(struct editor *editor);
bool editor_mouse(struct editor *editor, const struct mouse *mouse);

size_t editor_cursor(const struct editor *editor); /* offset */
void editor_set_cursor(struct editor *editor, size_t offset);
void editor_go_to(struct editor *editor, int line1, int column1); /* 1-based; column in characters, 0: first text */
void editor_position(const struct editor *editor, size_t *line1, size_t *column1);
/* Marks lines in the gutter; places are copied. Count 0 clears. */
void editor_set_places(struct editor *editor, const struct kl_place *places, size_t count);
/* Puts the whole text in place of the old one, undoable; fixed regions are found anew. */
void editor_replace_all(struct editor *editor, const char *bytes, size_t len);
/* The text was changed behind the editor's back (a journal was replayed): finds fixed regions anew. */
void editor_rescan(struct editor *editor);
const struct editor_options *editor_options(const struct editor *editor);

#endif
