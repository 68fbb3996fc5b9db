#ifndef TUI_PANE_H
#define TUI_PANE_H

/*
 * Whatever shows something in a rectangle and can have the focus: screens, the panes of the workspace, and
 * overlays (palette, dialogs, prompts) are all panes. Keys have become requests before a pane sees them; text
 * (typed or pasted) comes as text.
 */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/error.h>

#include "request.h"
#include "role.h"

struct app;
struct canvas;
struct mouse;
struct pane;

/* Which rows of the keymap a pane listens to, besides those that hold everywhere. */
enum scope {
	SCOPE_ALL, /* in every pane */
	SCOPE_READ, /* reading beside an editor: plain letters do nothing */
	SCOPE_VIEW, /* reading and lists: plain letters are commands */
	SCOPE_EDITOR, /* letters are text */
	SCOPE_FIELD, /* one line of text in a prompt */
	SCOPE_COUNT
};

struct pane_ops {
	const char *name; /* also the title when title is NULL */
	enum scope scope;
	enum scope (*scope_now)(const struct pane *pane); /* when it changes (a find bar opens); may be NULL */
	size_t state_size; /* pane->state: zeroed, freed by the app after close */
	/* arg is the caller's, borrowed for the call. */
	enum kl_status (*open)(struct pane *pane, const void *arg, struct kl_error *err); /* may be NULL */
	/* Pure: state in, cells out. The canvas is the pane's own rectangle; the cursor is set on it when wanted. */
	void (*draw)(struct pane *pane, struct canvas *canvas);
	/*
	 * The same for the focused pane, on the canvas of the frame before (canvas_renew): what changed by its own requests and text
	 * since, unless app_dirty was called. False, and nothing is drawn: more than that changed. May be NULL.
	 */
	bool (*redraw)(struct pane *pane, struct canvas *canvas);
	/* REQ_NONE when it was handled, else the request, to go further up. */
	enum request (*request)(struct pane *pane, enum request request);
	void (*text)(struct pane *pane, const char *utf8, size_t len, bool pasted); /* may be NULL */
	bool (*mouse)(struct pane *pane, const struct mouse *mouse); /* coordinates of the pane; may be NULL */
	void (*title)(struct pane *pane, char *text, size_t size); /* may be NULL */
	/* A word or two at the right of the title, and how they are drawn; "" for none. NULL: how the class server is reached. */
	enum role (*badge)(struct pane *pane, char *words, size_t size);
	const enum request *hints; /* for the key line at the bottom, ended by REQ_NONE; may be NULL */
	/* The word for one of them there; NULL: the request's name, "": it is not for now. May be NULL. */
	const char *(*hint)(const struct pane *pane, enum request request);
	/* A bite of work that drawing left over; false: there was none. May be NULL. */
	bool (*work)(struct pane *pane);
	void (*refresh)(struct pane *pane); /* it is seen again, or progress changed; may be NULL */
	void (*save)(struct pane *pane); /* bring everything to the disk now; may be NULL */
	void (*close)(struct pane *pane); /* may be NULL */
	bool overlay; /* drawn above the screen below it */
};

struct pane {
	const struct pane_ops *ops;
	struct app *app; /* borrowed */
	void *state;
	bool focused;
	bool overlay; /* drawn above the screen below it */
};

#endif
