#ifndef TUI_COURSELIST_H
#define TUI_COURSELIST_H

/* The courses of the one who is logged in, as they were pulled last: what the class's screens show, also offline. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/coursework.h>

#include "ui/canvas.h"
#include "ui/pane.h"
#include "ui/role.h"

struct app;

struct courselist { /* zeroed: empty */
	struct kl_coursework *rows; /* by title */
	size_t count;
	bool known; /* a class server is; then the following say which */
	char server[80]; /* what it is called */
	int64_t from_ms; /* when it answered last; 0: never */
	bool instructor; /* may publish and begin courses there */
};

/* Anew. What goes wrong is said. */
void courselist_read(struct courselist *list, struct app *app);
void courselist_release(struct courselist *list);
/* NULL: it is not there any more. */
const struct kl_coursework *courselist_find(const struct courselist *list, const char *id);
/* "As of 2026-03-01 13:05, from school." */
void courselist_from(char *text, size_t size, const struct courselist *list);

/* Is he staff of one of them? */
bool courselist_is_staff(const struct courselist *list);
/* Does he teach: may publish, or is staff of a course? Only then requests of GROUP_TEACH are shown. */
bool courselist_teaches(struct app *app);

/* How an assignment stands: a word, and how it is drawn. */
struct standing {
	const char *word; /* of kl_assignment_state; for staff of kl_assignment_stage */
	enum symbol symbol;
	enum role role;
};
const struct standing *courselist_standing(const struct kl_assignment *assignment, bool staff, int64_t now_ms);
/* The title that the challenge has here, owned; NULL: it is not here. */
char *courselist_title(struct app *app, const char *pack, const char *slug);

/*
 * Opens the screen of ops on a course, whose id is its argument: the only one there is, else the one chosen from a menu. staff: of those
 * that he teaches.
 */
void courselist_go(struct app *app, const struct pane_ops *ops, bool staff);

/* "tomorrow 22:00: Week 1 (Programming I), and 2 more": what is due next; false: nothing is. */
bool courselist_due(char *words, size_t size, const struct courselist *list, int64_t now_ms);
void courselist_open_due(struct app *app);

#endif
