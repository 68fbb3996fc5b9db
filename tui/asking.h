#ifndef TUI_ASKING_H
#define TUI_ASKING_H

/*
 * What a screen asks of the class server: one thing at a time, on the loop, while everything else goes on. The line at the bottom says
 * so, Esc stops it, and what went wrong is said in a sentence.
 */

#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

#include <kodelab/class.h>

struct pane;

enum { ASKING_PAGE = 100 }; /* rows of a list's page: the most that there are */

/*
 * A page of the answer (from 1), DONE, without data when it is as the tag says; borrowed for the call. It may close its screen, or ask
 * for something else.
 */
typedef void asking_fn(struct pane *pane, const struct kl_class_answer *answer, int page);

struct asking_tag { /* of the answer that one has; zeroed: none. The screen's, one for each path */
	char text[80];
};

struct asking { /* part of a screen's state; zeroed: nothing is asked */
	struct pane *pane;
	struct kl_class_call *call; /* NULL: nothing is asked */
	asking_fn *fn;
	char *path; /* of a list whose further pages follow; NULL: of none */
	int page;
	struct asking_tag *tag; /* as in the wish */
	bool *closed; /* while fn has a page: set when that is the last of it; NULL: it has none */
	bool later; /* the screen asks once it is drawn: see asking_due() */
	char problem[360]; /* why the last one failed, for a screen that has nothing else to show; "": it did not */
};

struct asking_wish {
	const char *method;
	char *path; /* taken */
	cJSON *body; /* taken; NULL: none */
	bool pages; /* a list: all its pages are asked for; path ends in "?" or "&" */
	const char *raw; /* as in struct kl_class_ask */
	/*
	 * A look whether something is new, as screens that stay open take again and again: nothing is said of it, what fails fails in
	 * silence, and what is there as before is neither sent nor drawn again. NULL: a person asks.
	 */
	struct asking_tag *tag;
	const struct kl_class_ask *bytes; /* body, its type and how to try, for what is no JSON; borrowed */
};

/* What was asked before is given up. fn is called from the loop for each page, not at all when it fails. */
void asking_begin(struct asking *asking, struct pane *pane, const struct asking_wish *wish, asking_fn *fn);
/* For the pane's work: true once after later was set, and it is time to ask. */
bool asking_due(struct asking *asking);
/* For Esc. false: nothing was asked. */
bool asking_stop(struct asking *asking);
/* When the screen closes. */
void asking_close(struct asking *asking);

#endif
