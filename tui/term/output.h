#ifndef TUI_OUTPUT_H
#define TUI_OUTPUT_H

/*
 * Bytes on their way to a terminal that may not take them. Nothing here blocks: what does not fit waits for POLLOUT.
 * The descriptor must not block.
 */

#include <stdbool.h>
#include <stddef.h>

struct kl_loop;
struct output;

/* Called from the loop when the queue has become empty after a wait, or (failed) once when the terminal is gone. */
typedef void output_fn(void *ctx, bool failed);

/* fd: the caller's, until output_free. */
struct output *output_new(struct kl_loop *loop, int fd, output_fn *fn, void *ctx);
void output_free(struct output *output);

/* Queues bytes; nothing is written before output_send. After a failure they are dropped. */
void output_add(struct output *output, const char *bytes, size_t len);
/* Writes what the terminal takes now, with one call when it takes all. */
void output_send(struct output *output);
/* True while the terminal does not take what was sent. */
bool output_stuck(const struct output *output);
/* Tries for at most timeout_ms to get everything out (before a suspend, at the end). */
void output_drain(struct output *output, int timeout_ms);
/* Drops what waits. */
void output_drop(struct output *output);

#endif
