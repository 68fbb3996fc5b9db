#ifndef CORE_TEXT_FLUSHER_H
#define CORE_TEXT_FLUSHER_H

/*
 * A process that waits for the disk (fdatasync) in place of the lab: on a busy disk that takes from milliseconds to seconds,
 * and a person is typing. It is forked without exec, holds nothing of the lab but one socket, and dies with it.
 */

#include <stdbool.h>

struct flusher;
struct kl_loop;

/* errnum: of fdatasync; 0: all that was in the file when it was asked is on the disk; -1: the process has gone. */
typedef void flusher_done_fn(void *ctx, int errnum);

/*
 * For the file of that name, opened by it anew each time. NULL: there is no process to be had. done fires from the loop
 * once for each flusher_ask, and may close the flusher; not after flusher_close.
 */
struct flusher *flusher_open(struct kl_loop *loop, const char *path, flusher_done_fn *done, void *ctx);
void flusher_close(struct flusher *flusher);
/* False: it cannot take more, or has gone. */
bool flusher_ask(struct flusher *flusher);

#endif
