#ifndef TUI_SCRIPT_H
#define TUI_SCRIPT_H

/*
 * `kodelab --script FILE`: the real program on a headless terminal, fed by a file of steps, its screens compared as
 * text. There are no sleeps: a step that waits turns the loop until its text is there, or fails at a deadline.
 * The steps are listed in docs/terminal.md.
 */

#include <stdbool.h>

#include <kodelab/error.h>

struct kl_loop;
struct script;
struct term;

/* Reads and checks a script. KL_EINVAL: "x.script:3: ...". */
enum kl_status script_open(struct script **out, const char *path, struct kl_error *err) KL_MUST_CHECK;
void script_close(struct script *script);
/* The size to begin with: that of a `size` line before all others, else 24x80. */
void script_size(const struct script *script, int *rows, int *cols);

/* False when the program has decided to leave. */
typedef bool script_running_fn(void *ctx);

/*
 * Runs the steps on a terminal of term_open_headless; turns the loop itself (instead of kl_loop_run). When the steps are
 * over and the program still runs, it is asked to end (TERM_TERMINATE). Returns true when all went well; else
 * "x.script:3: ..." and the screen have been printed on standard error.
 */
bool script_run(struct script *script, struct kl_loop *loop, struct term *term, script_running_fn *running, void *ctx);

#endif
