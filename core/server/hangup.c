/* Who has gone. */

#include "core/server/hangup.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/loop.h>

struct hangups {
	int fd;
	struct kl_watch *watch;
	hangup_fn *fn;
	void *ctx;
};

/* One at a time: what is called may have others forgotten. */
static void on_ready(void *ctx, int fd, short revents)
{
	struct hangups *hangups = ctx;
	struct epoll_event event;

	(void)revents;
	if (epoll_wait(fd, &event, 1, 0) == 1)
		hangups->fn(hangups->ctx, event.data.ptr);
}

enum kl_status hangups_open(struct hangups **out, struct kl_loop *loop, hangup_fn *fn, void *ctx, struct kl_error *err)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);
	struct hangups *hangups;

	if (fd < 0)
		return kl_fail_errno(err, KL_EIO, errno, "cannot watch those who wait");
	hangups = kl_calloc(1, sizeof(*hangups));
	*hangups = (struct hangups){ .fd = fd, .fn = fn, .ctx = ctx };
	hangups->watch = kl_loop_add_fd(loop, fd, POLLIN, on_ready, hangups);
	*out = hangups;
	return KL_OK;
}

void hangups_close(struct hangups *hangups)
{
	if (!hangups)
		return;
	kl_watch_remove(hangups->watch);
	close(hangups->fd);
	free(hangups);
}

void hangups_watch(struct hangups *hangups, int fd, void *who)
{
	struct epoll_event event = { .events = EPOLLRDHUP | EPOLLONESHOT, .data.ptr = who };

	epoll_ctl(hangups->fd, EPOLL_CTL_ADD, fd, &event); /* in vain: it is noticed when it is answered */
}

void hangups_forget(struct hangups *hangups, int fd)
{
	epoll_ctl(hangups->fd, EPOLL_CTL_DEL, fd, NULL);
}
