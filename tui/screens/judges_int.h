#ifndef TUI_SCREENS_JUDGES_INT_H
#define TUI_SCREENS_JUDGES_INT_H

/*
 * Between the files of the judges screen: judges.c is the list and what can be done, judges_about.c the text about one,
 * judges_add.c takes new ones and their keys.
 */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/instance.h>
#include <kodelab/keypool.h>

#include "screens.h"
#include "tui/ui/lines.h"
#include "tui/ui/scroll.h"

enum { JUDGE_NAME_SIZE = 33 };

struct judge_row { /* read when something changed: drawing asks no store */
	char name[JUDGE_NAME_SIZE]; /* of the instance; "": this machine */
	struct kl_key_totals keys;
	size_t key_count;
};

/* This machine, found out once the screen is drawn: trying the sandbox takes its time. */
struct judge_here {
	bool known;
	int level; /* enum kl_sandbox_level */
	const char *advice; /* the judge's; "" none */
	size_t languages; /* whose tools are here */
};

struct judge_asking { /* outlives its screen until the answer has come */
	struct pane *pane; /* NULL: gone */
	struct kl_instance_ask *ask;
	char name[JUDGE_NAME_SIZE];
};

struct judges {
	struct judge_row *rows; /* the first is this machine */
	size_t count;
	struct judge_here here;
	struct scroll scroll;
	int list_y, cols; /* its first row, and the width of the screen, when drawn last */
	struct lines about; /* the marked one */
	int about_cols; /* its width; 0: stale */
	char name[JUDGE_NAME_SIZE]; /* the one that a menu or a form is about */
	char to_ask[JUDGE_NAME_SIZE]; /* once the screen is drawn: libcurl takes its time to load */
	char failed[JUDGE_NAME_SIZE], failure[320]; /* the last test, and why; "": it went well */
	struct judge_asking *asking; /* NULL: nobody is asked */
};

/* judges.c */
void judges_read(struct pane *pane);
void judges_ask(struct pane *pane, const char *name);
bool judges_elsewhere(const struct app *app); /* at least one is known */
/* Is this one where programs go? name "": this machine. */
bool judges_is_chosen(const struct pane *pane, const char *name);

/* judges_about.c */
void judges_why(char *text, size_t size, const struct pane *pane); /* where programs go, and why */
void judges_about(struct lines *lines, const struct pane *pane, const struct judge_row *row, int cols);
void judges_show_languages(struct pane *pane, const char *name);

/* judges_add.c */
void judges_form(struct pane *pane);
void judges_key_form(struct pane *pane); /* for the one of judges->name */

#endif
