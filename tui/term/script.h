#ifndef TUI_SCRIPT_H
#define TUI_SCRIPT_H

/*
 * `kodelab --script FILE`: the real program on a headless terminal, fed by a file of steps, its screens compared as
 * text. There are no sleeps: a step that waits looks at the screen after every turn of the loop, or fails at a deadline.
 * The steps are listed in docs/terminal.md.
 */

#include "term.h"

/*
 * A headless terminal with a script at its keyboard. The size is that of a `size` line before all other steps, else
 * 80x24. When the steps are over, or one failed, the program is asked to end (TERM_TERMINATE).
 * KL_EINVAL: "x.script:3: ...".
 */
enum kl_status script_open(struct term **out, struct kl_loop *loop, const struct term_options *options,
			   const char *path, term_event_fn *fn, void *ctx, struct kl_error *err) KL_MUST_CHECK;

/*
 * When the loop has been stopped: 0, all went well; 1, it did not, and "x.script:3: ..." with the screen has been
 * printed on standard error. A program that ends before its script has failed, unless the script waited for that (wait-quit).
 */
int script_status(struct term *term);

#endif
