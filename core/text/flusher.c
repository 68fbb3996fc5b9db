/* One byte asks, one errno answers: see flusher.h. */
#include "core/text/flusher.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/loop.h>

enum { FDS_MAX = 4096 };

struct flusher {
	pid_t pid;
	int fd; /* a packet socket: reads and writes are whole */
	struct kl_watch *watch;
	flusher_done_fn *done;
	void *ctx;
};

/* ---- in the process -------------------------------------------------------------------------------------------- */

/* Its own descriptor: the lab's has the lock, which must end with the lab. */
static int flush(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW), errnum = 0;

	if (fd < 0 || fdatasync(fd) < 0)
		errnum = errno;
	if (fd >= 0)
		close(fd);
	return errnum;
}

static void close_others(void)
{
	if (close_range(STDIN_FILENO + 1, ~0U, 0) == 0)
		return;
	for (int fd = STDIN_FILENO + 1; fd < FDS_MAX; fd++) /* an old kernel */
		close(fd);
}

/* Nobody but the lab ends it, neither the terminal's keys nor a hang-up that the lab still has to write about. */
static bool settle(int fd, pid_t parent)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	setpgid(0, 0);
	prctl(PR_SET_NAME, "kodelab-flush"); /* for ps and top */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent || dup2(fd, STDIN_FILENO) < 0)
		return false;
	close_others();
	return true;
}

static void serve(const char *path)
{
	char ask;
	int errnum;

	while (read(STDIN_FILENO, &ask, 1) == 1) {
		errnum = flush(path);
		if (write(STDIN_FILENO, &errnum, sizeof(errnum)) != sizeof(errnum))
			break;
	}
}

/* ---- in the lab ------------------------------------------------------------------------------------------------ */

static void take_answer(void *ctx, int fd, short revents)
{
	struct flusher *flusher = ctx;
	int errnum;
	ssize_t got = read(fd, &errnum, sizeof(errnum));

	(void)revents;
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got != sizeof(errnum)) {
		kl_watch_remove(flusher->watch);
		flusher->watch = NULL;
		errnum = -1;
	}
	flusher->done(flusher->ctx, errnum);
}

struct flusher *flusher_open(struct kl_loop *loop, const char *path, flusher_done_fn *done, void *ctx)
{
	struct flusher *flusher;
	pid_t parent = getpid(), pid;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0)
		return NULL;
	fcntl(ends[1], F_SETFL, 0); /* its end waits */
	pid = fork();
	if (pid == 0) {
		if (settle(ends[1], parent))
			serve(path);
		_exit(0);
	}
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return NULL;
	}
	flusher = kl_calloc(1, sizeof(*flusher));
	*flusher = (struct flusher){ .pid = pid, .fd = ends[0], .done = done, .ctx = ctx };
	flusher->watch = kl_loop_add_fd(loop, flusher->fd, POLLIN, take_answer, flusher);
	return flusher;
}

void flusher_close(struct flusher *flusher)
{
	if (!flusher)
		return;
	kl_watch_remove(flusher->watch);
	close(flusher->fd);
	kill(flusher->pid, SIGKILL);
	while (waitpid(flusher->pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	free(flusher);
}

bool flusher_ask(struct flusher *flusher)
{
	return flusher->watch && send(flusher->fd, "", 1, MSG_NOSIGNAL) == 1;
}
