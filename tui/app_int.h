#ifndef TUI_APP_INT_H
#define TUI_APP_INT_H

/* Between app.c (life), frame.c (drawing) and dispatch.c (requests and events). */

#include "app.h"
#include "term/term.h"

struct app_action; /* dispatch.c */

/* frame.c: the whole screen into the terminal; the loop's idle hook. */
void frame_idle(void *ctx);

/* dispatch.c: what the terminal says. */
void dispatch_event(void *ctx, const struct term_event *event);

/* app.c */
struct pane *app_top(const struct app *app);
enum scope app_scope(const struct pane *pane);
void app_leave(struct app *app, int exit_status);
void app_save_all(struct app *app);

/* lend.c: a program that gets the terminal's descriptors; *pid is its. */
enum kl_status lend_spawn(pid_t *pid, const char *const *argv, struct kl_error *err) KL_MUST_CHECK;

#endif
