#ifndef TUI_SCREENS_H
#define TUI_SCREENS_H

/* Every screen and overlay, and what it is opened with. A new screen is a file, a line here, and a row in dispatch.c. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tui/app.h"
#include "tui/ui/pane.h"

/* home.c: continue, today's challenge, streak, next ones */
extern const struct pane_ops home_ops;
void home_continue(struct app *app);
void home_daily(struct app *app);
void home_next(struct app *app);
void home_random(struct app *app);

/* browser.c: all challenges, with search and filters */
extern const struct pane_ops browser_ops;

/* workspace.c: arg is a struct workspace_arg */
extern const struct pane_ops workspace_ops;
struct workspace_arg {
	size_t index; /* in the catalogue */
	const char *language; /* NULL: the last one used, or the default */
	const char *course, *assignment; /* ids: what is handed in is for this one; NULL: for none */
};

/* Takes an earlier attempt into the editor (undoable). */
void workspace_restore(struct pane *pane, const char *code, size_t len, const char *language);
/* The workspace that is open on the challenge in the language; NULL: none. */
struct pane *workspace_find(struct app *app, const char *pack, const char *slug, const char *language);
/* The text of another machine takes the place of what stands there; undo brings it back. */
void workspace_take(struct pane *pane, const char *text, size_t len);
/* The text in the editor now; owned by the caller. */
char *workspace_code(struct pane *pane, size_t *len);

/* badge.c: what the class server has of the open texts is looked up again */
void badge_look_all(struct app *app);
/* Asks which of two versions goes on, when "pack/slug/language" is open; false: it is not. */
bool badge_ask(struct app *app, const char *subject);

/* history.c: arg NULL: all attempts; else a struct history_arg */
extern const struct pane_ops history_ops;
struct history_arg {
	const char *pack, *slug;
};

extern const struct pane_ops progress_ops; /* progress.c: bars, calendar, weeks */
extern const struct pane_ops playground_ops; /* playground.c: a scratch file in any language */
extern const struct pane_ops keys_ops; /* keys.c: keys of judges, with usage bars */
extern const struct pane_ops judges_ops; /* judges.c: where programs run */
extern const struct pane_ops judgestats_ops; /* judgestats.c: what judges elsewhere did */

/* The class (tui/courselist.h). arg, where it is not NULL: the id of a course */
extern const struct pane_ops courses_ops; /* courses.c; NULL */
extern const struct pane_ops assignments_ops; /* assignments.c: what is set in a course */
extern const struct pane_ops assignment_ops; /* assignment.c: arg is a struct assignment_arg */
struct assignment_arg {
	const char *course, *assignment; /* ids */
};
extern const struct pane_ops leaderboard_ops; /* leaderboard.c */
extern const struct pane_ops classview_ops; /* classview.c: for those who teach it: who is where */
extern const struct pane_ops gradebook_ops; /* gradebook.c: and what they have */
extern const struct pane_ops student_ops; /* student.c: one of them; arg is a struct student_arg */
struct student_arg {
	const char *course, *id, *name;
	const char *assignment; /* marked at first; NULL: none */
};
extern const struct pane_ops analytics_ops; /* analytics.c: how challenges fare; NULL */
extern const struct pane_ops challengestats_ops; /* challengestats.c: and one of them; its row, borrowed for the call */
void publishing_open(struct app *app); /* publishing.c: a pack to the class server */

extern const struct pane_ops settings_ops; /* settings.c: the option table */
extern const struct pane_ops help_ops; /* help.c: the request table with its keys */

/* publish.c: the portfolio, in the background */
void publish_attempt(struct app *app, const struct kl_challenge *challenge, const char *attempt_id);
void publish_one(struct app *app, const char *attempt_id); /* its challenge is looked for */
void publish_pending(struct app *app);
void publish_push(struct app *app);

/* menu.c: choose one of a list by typing a part of it. The items are copied. */
struct menu_item {
	const char *label; /* what is matched */
	const char *note; /* shown at the right; may be NULL */
	intptr_t value; /* the caller's */
	bool dim; /* may be chosen, but will not do much (a missing toolchain) */
};
typedef void menu_fn(struct app *app, void *ctx, intptr_t value); /* after the menu has gone */
void menu_open(struct app *app, const char *title, const struct menu_item *items, size_t count, intptr_t chosen,
	       menu_fn *fn, void *ctx);

/* palette.c: a menu of all requests */
void palette_open(struct app *app);

/* prompt.c: one line of text. fn gets it after the prompt has gone; not called when left with Esc. */
typedef void prompt_fn(struct app *app, void *ctx, const char *text);
void prompt_open(struct app *app, const char *title, const char *initial, prompt_fn *fn, void *ctx);

/* compose.c: several lines of text (an own test input). Same rules; C-s or F5 takes it. */
void compose_open(struct app *app, const char *title, const char *initial, prompt_fn *fn, void *ctx);

/*
 * form.c: several things asked at once. fn may look at the values with form_value, and closes the form with app_close when
 * all is well, or complains and leaves it open. Not called when it is left with Esc.
 */
struct form_field { /* copied */
	const char *label;
	enum form_kind {
		FORM_TEXT,
		FORM_SECRET, /* drawn as stars, kept in secret memory */
		FORM_CHOICE, /* one of choices */
		FORM_AGREE, /* "yes" or "no"; help is what is agreed to */
	} kind;
	const char *initial; /* may be NULL */
	const char *choices; /* CHOICE: words */
	const char *help; /* a sentence or two */
};
typedef void form_fn(struct app *app, struct pane *form, void *ctx);
void form_complain(struct pane *form, const char *sentence); /* what is wrong, until the next key */
const char *form_value(const struct pane *form, size_t at); /* borrowed until something is typed */
void form_open(struct app *app, const char *title, const char *button, const struct form_field *fields, size_t count,
	       form_fn *fn, void *ctx);

struct lines;

/* outcome.c: adds what one run of a program without tests came to */
struct kl_report;
void outcome_lines(struct lines *lines, const struct kl_report *report, int cols);
/* …and the tests of a report in JSON, and an empty line; nothing, when it is none. */
void outcome_tests(struct lines *lines, const char *text);

/* viewer.c: lines of text to read, in a box. The lines are copied. */
void viewer_open(struct app *app, const char *title, const struct lines *lines);

#endif
