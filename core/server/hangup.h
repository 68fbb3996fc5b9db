#ifndef CORE_SERVER_HANGUP_H
#define CORE_SERVER_HANGUP_H

/*
 * Clients that go while they wait: libmicrohttpd does not look at a connection that is suspended. One epoll descriptor on
 * the loop for all of them, so that thousands who wait cost nothing.
 */

#include <kodelab/error.h>

struct hangups;
struct kl_loop;

/* who has hung up, or will send nothing more; told once, from the loop. */
typedef void hangup_fn(void *ctx, void *who);

enum kl_status hangups_open(struct hangups **out, struct kl_loop *loop, hangup_fn *fn, void *ctx,
			    struct kl_error *err) KL_MUST_CHECK;
void hangups_close(struct hangups *hangups); /* NULL is fine */
void hangups_watch(struct hangups *hangups, int fd, void *who);
void hangups_forget(struct hangups *hangups, int fd);

#endif
