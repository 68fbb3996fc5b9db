#ifndef TUI_EDITOR_INT_H
#define TUI_EDITOR_INT_H

/*
 * Inside the editor. The words: the cursor is a mark; the anchor is the selection's other end; the goal is the
 * column that up and down try to keep; a fixed region is text of the challenge that cannot be changed.
 */

#include <kodelab/grapheme.h>
#include <kodelab/indent.h>
#include <kodelab/search.h>
#include <kodelab/visible.h>

#include "editor.h"
#include "tui/ui/field.h"

struct kl_highlight;

enum {
	EDITOR_FIXED_MAX = 8,
	EDITOR_PLACES_MAX = 64,
	EDITOR_WORDS_MAX = 12, /* completions offered at once */
	EDITOR_WORD_SIZE = 64,
};

struct editor_fixed {
	struct kl_mark *start, *end;
};

struct editor_place {
	struct kl_mark *mark; /* start of the line it was on: it moves with the text */
	bool warning;
	char *message;
};

enum editor_bar { BAR_NONE, BAR_FIND, BAR_REPLACE, BAR_WITH, BAR_ASK, BAR_LINE };

struct editor_count {
	size_t *starts; /* of the matches counted so far, rising; owned */
	size_t found;
	size_t from; /* offset where counting goes on */
	bool done;
	uint64_t generation; /* of the text that is counted */
};

struct editor_find {
	enum editor_bar bar;
	struct field pattern, with, line;
	struct kl_search *search; /* of pattern; NULL: none yet */
	bool regex;
	size_t origin; /* where the cursor was when the bar opened */
	struct editor_count count; /* of search */
	struct kl_match match; /* the one shown */
	bool has_match;
	bool fresh; /* the first letter typed takes the place of what is in the field */
	size_t replaced;
	struct kl_mark *begin; /* BAR_ASK: where asking began; NULL otherwise */
	bool wrapped; /* BAR_ASK: it went past the end */
	char problem[512];
};

struct editor_completion {
	bool open;
	char words[EDITOR_WORDS_MAX][EDITOR_WORD_SIZE];
	size_t count, chosen;
	size_t start; /* offset of the word being completed */
};

/* What the cells on the screen were drawn from, besides the bytes of their lines. */
struct editor_drawn {
	bool rows_good; /* a row of them can be told from a new one by what follows */
	bool bar; /* with a line for find and replace */
	int rows, cols, gutter;
	size_t top, left;
	size_t cursor_line, bracket_line;
	size_t from, to; /* lines whose bytes changed since */
};

struct editor {
	struct kl_text *text;
	struct kl_columns *columns;
	const struct kl_language *language;
	struct kl_syntax *syntax;
	struct kl_highlight *highlight; /* NULL: plain */
	struct editor_options options;
	struct editor_host host;
	struct kl_mark *cursor;
	struct kl_mark *anchor;
	bool selecting;
	bool sticky; /* movement extends the selection, as after `mark` */
	size_t goal;
	bool has_goal;
	size_t top; /* first line shown */
	struct editor_drawn drawn; /* wheel and C-Down move top between frames */
	size_t top_row; /* with wrap: how many of its rows are above the screen */
	size_t left; /* without wrap: first column shown */
	int rows, cols; /* of the text area when drawn last */
	int gutter; /* cells of the gutter then */
	bool follow; /* the next drawing scrolls the cursor into view */
	bool dragging;
	bool guessed; /* colours of what was drawn last are not exact yet */
	struct editor_fixed fixed[EDITOR_FIXED_MAX];
	size_t fixed_count;
	struct editor_place places[EDITOR_PLACES_MAX];
	size_t place_count;
	struct editor_find find;
	struct editor_completion completion;
};

/* editor.c */
size_t cursor_at(const struct editor *editor);
void cursor_set(struct editor *editor, size_t offset);
bool selection_get(const struct editor *editor, size_t *start, size_t *end);
void selection_drop(struct editor *editor);
void editor_say(struct editor *editor, bool bad, const char *fmt, ...) KL_PRINTF(3, 4);

/* move.c: false when the request is not a movement */
bool move_request(struct editor *editor, enum request request);
bool is_word_byte(int byte); /* of a letter, a digit, '_', or beyond ASCII */
size_t word_left(const struct editor *editor, size_t offset);
size_t word_right(const struct editor *editor, size_t offset);
size_t line_text_start(const struct editor *editor, size_t line0); /* offset of its first non-blank */

/* code.c: what the language says */
size_t code_indent_below(struct editor *editor, size_t offset, const char *rest,
			 size_t rest_len); /* columns of a new line */
bool code_closes(struct editor *editor, size_t line0, size_t *columns); /* it stands too far right: columns it wants */
size_t code_bracket(struct editor *editor, size_t offset); /* partner's offset; (size_t)-1: none */

/* change.c */
bool change_request(struct editor *editor, enum request request);
/* One undo step; false (and a sentence) when it touches a fixed region. */
bool change_replace(struct editor *editor, size_t start, size_t removed, const char *bytes, size_t len,
		    enum kl_edit kind);
bool change_allowed(struct editor *editor, size_t start, size_t end);
bool change_is_fixed(const struct editor *editor, size_t start, size_t end); /* without a sentence */
void change_find_fixed(struct editor *editor);

/* lines.c: whole lines: indent, move, duplicate, comment */
bool lines_request(struct editor *editor, enum request request);
void lines_newline(struct editor *editor);
void lines_typed(struct editor *editor); /* a closing line moves to the left when it is one */

/* find.c */
bool find_request(struct editor *editor, enum request request);
bool find_text(struct editor *editor, const char *utf8, size_t len); /* false: no bar is open */
void find_draw(struct editor *editor, struct canvas *canvas, bool focused);
void find_release(struct editor *editor);

/* count.c */
void count_begin(struct editor *editor); /* the pattern is new */
bool count_work(struct editor *editor); /* one bite; false: there was nothing to do */
enum { COUNT_TEXT_SIZE = 48 };
const char *count_text(const struct editor *editor, char *text, size_t size); /* "3 of 17"; "": not known */

/* complete.c */
void complete_open(struct editor *editor);
bool complete_request(struct editor *editor, enum request request); /* while the list is open */
void complete_narrow(struct editor *editor); /* after typing */
void complete_draw(struct editor *editor, struct canvas *canvas, int y, int x);

/* view.c */
void view_changed(struct editor *editor, const struct kl_text_change *change);

/* window.c */
size_t window_width(const struct editor *editor); /* columns of the text area, at least 1 */
size_t window_line_rows(struct editor *editor, size_t line0); /* screen rows of a line */
void window_scroll(struct editor *editor, int rows); /* without moving the cursor */
void window_follow(struct editor *editor); /* the cursor is to be seen, when it moved */
/* Rows from the top of the window down to the cursor, counted up to `most`; -1: it is above. */
int window_rows_to_cursor(struct editor *editor, int most);
size_t window_offset_at(struct editor *editor, int y, int x);

#endif
