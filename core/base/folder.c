/* Folders by inotify: see kodelab/folder.h. */

#include <kodelab/folder.h>

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/loop.h>

enum { MOMENT_MS = 100 };

struct kl_folder {
	struct kl_loop *loop;
	struct kl_timer *timer; /* something was written; NULL: nothing since it was told */
	int fd;
	struct kl_watch *watch;
	kl_folder_fn *fn;
	void *ctx;
};

static void tell(void *ctx)
{
	struct kl_folder *folder = ctx;

	folder->timer = NULL;
	folder->fn(folder->ctx);
}

/* What exactly it was does not count. A moment later: SQLite's commit can be seen only after the last of its writes. */
static void on_events(void *ctx, int fd, short revents)
{
	struct kl_folder *folder = ctx;
	char bytes[4096];
	ssize_t got;

	(void)revents;
	do
		got = read(fd, bytes, sizeof(bytes));
	while (got > 0 || (got < 0 && errno == EINTR));
	if (!folder->timer)
		folder->timer = kl_loop_add_timer(folder->loop, MOMENT_MS, tell, folder);
}

struct kl_folder *kl_folder_watch(struct kl_loop *loop, const char *path, kl_folder_fn *fn, void *ctx)
{
	const uint32_t events = IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ONLYDIR;
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	struct kl_folder *folder;

	if (fd < 0)
		return NULL;
	if (inotify_add_watch(fd, path, events) < 0) {
		close(fd);
		return NULL;
	}
	folder = kl_calloc(1, sizeof(*folder));
	*folder = (struct kl_folder){ .loop = loop, .fd = fd, .fn = fn, .ctx = ctx };
	folder->watch = kl_loop_add_fd(loop, fd, POLLIN, on_events, folder);
	return folder;
}

void kl_folder_close(struct kl_folder *folder)
{
	if (!folder)
		return;
	kl_timer_cancel(folder->timer);
	kl_watch_remove(folder->watch);
	close(folder->fd);
	free(folder);
}
