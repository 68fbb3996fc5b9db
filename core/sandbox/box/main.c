/*
 * kodelab-box MODE [FOLDER [weak]]: pid 1 of the box. Serves one host over the socket at descriptor 3 and ends with it.
 *
 * It is not dumpable, so the program can neither trace it nor read its /proc, and it knows nothing worth stealing:
 * no expected output, no path of the host.
 */

#include "core/sandbox/box/box_int.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAMESPACES (CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNS)

static const char *const mode_names[] = {
	[BOX_NESTED] = "nested",
	[BOX_FLAT] = "flat",
	[BOX_BARE] = "bare",
};

static bool mode_parse(enum box_mode *mode, const char *name)
{
	for (size_t i = 0; i < sizeof(mode_names) / sizeof(mode_names[0]); i++)
		if (!strcmp(name, mode_names[i])) {
			*mode = (enum box_mode)i;
			return true;
		}
	return false;
}

/* --- hearing ---------------------------------------------------------------------------------------------------- */

static void take_fds(struct msghdr *message, int fds[WIRE_FD_MAX])
{
	for (int i = 0; i < WIRE_FD_MAX; i++)
		fds[i] = -1;
	for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head; head = CMSG_NXTHDR(message, head)) {
		if (head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS)
			memcpy(fds, CMSG_DATA(head), head->cmsg_len - CMSG_LEN(0));
	}
}

/* False: the host is gone. */
static bool hear(const struct box *box, struct request *request)
{
	union {
		char bytes[CMSG_SPACE(WIRE_FD_MAX * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec part = { &request->run, sizeof(request->run) };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes)
	};
	ssize_t got;

	*request = (struct request){ 0 };
	do
		got = recvmsg(box->control, &message, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got <= 0)
		return false;
	take_fds(&message, request->fds);
	return true;
}

/* --- obeying ---------------------------------------------------------------------------------------------------- */

static void set_base(struct box *box, struct request *request)
{
	bundle_close(box->base);
	box->base = NULL;
	if (request->fds[WIRE_FD_BUNDLE] < 0) {
		if (box->mode == BOX_NESTED)
			mounts_drop_base();
		return;
	}
	box->base = bundle_open(request->fds[WIRE_FD_BUNDLE]);
	if (box->base && box->mode == BOX_NESTED && !mounts_keep_base(box)) {
		bundle_close(box->base); /* the run will miss its files and say so */
		box->base = NULL;
	}
}

static void set_cgroup(struct box *box, int folder)
{
	if (box->cgroup >= 0)
		close(box->cgroup);
	box->cgroup = folder;
}

static void close_fds(struct request *request)
{
	for (int i = WIRE_FD_INPUT; i < WIRE_FD_MAX; i++) {
		if (request->fds[i] >= 0)
			close(request->fds[i]);
		request->fds[i] = -1;
	}
}

static pid_t fork_keeper(const struct box *box)
{
	unsigned long flags = SIGCHLD;

	if (box->mode == BOX_NESTED)
		flags |= NAMESPACES;
	return (pid_t)syscall(SYS_clone, flags, 0, 0, 0, 0);
}

static void keep(const struct box *box, struct request *request)
{
	int status = 0;
	pid_t pid;

	if (box->mode == BOX_FLAT) {
		run_keep(box, request);
		_exit(0);
	}
	pid = fork_keeper(box);
	if (pid == 0) {
		run_keep(box, request);
		_exit(0);
	}
	close_fds(request); /* so that the host sees the end of the pipes as soon as the program is dead */
	if (pid < 0) {
		run_fail(box, "cannot make the run's namespaces", errno);
		return;
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (status != 0)
		run_fail(box, "the keeper of the run died", EIO);
	if (box->mode == BOX_BARE)
		mounts_empty(box->dir);
}

static void run(const struct box *box, struct request *request)
{
	if (request->fds[WIRE_FD_BUNDLE] >= 0)
		request->bundle = bundle_open(request->fds[WIRE_FD_BUNDLE]);
	if (request->bundle)
		keep(box, request);
	else
		run_fail(box, "damaged request", EINVAL);
	bundle_close(request->bundle);
	close_fds(request);
}

static void serve(struct box *box)
{
	struct request request;

	while (hear(box, &request)) {
		if (request.run.kind == WIRE_RUN) {
			run(box, &request);
			set_cgroup(box, -1);
		} else if (request.run.kind == WIRE_CGROUP) {
			set_cgroup(box, request.fds[0]);
		} else if (request.run.kind == WIRE_BASE) {
			set_base(box, &request);
		}
		/* a WIRE_STOP that came too late stops nothing */
	}
}

/* When memory runs out, the box goes before anything of the host's. Raising needs no rights; failing does no harm. */
static void volunteer(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, "600", 3) < 0)
		errno = 0;
	close(fd);
}

int main(int argc, char **argv)
{
	struct box box = { .dir = argc > 2 ? argv[2] : "/box", .control = WIRE_CONTROL_FD, .cgroup = -1 };
	struct wire_ready ready = { .kind = WIRE_READY };

	if (argc < 2 || !mode_parse(&box.mode, argv[1])) {
		fprintf(stderr, "kodelab-box is started by kodelab; it is of no use by hand\n");
		return 2;
	}
	/* The host ends what does not end by itself; a bare box must outlive it to kill its program. */
	if (box.mode != BOX_BARE)
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	volunteer();
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	syscall(SYS_close_range, WIRE_CONTROL_FD + 1, ~0u, 0);
	fcntl(box.control, F_SETFD, FD_CLOEXEC);
	setenv("PATH", "/usr/local/bin:/usr/bin:/bin", 1);
	if (argc <= 3) /* a further argument, of tests: as on a kernel without landlock */
		box.landlock_abi = landlock_abi();
	ready.landlock_abi = box.landlock_abi;
	if (send(box.control, &ready, sizeof(ready), MSG_NOSIGNAL) < 0)
		return 1;
	serve(&box);
	if (box.mode == BOX_BARE) { /* the host does this too, if it still lives */
		mounts_empty(box.dir);
		rmdir(box.dir);
	}
	return 0;
}
