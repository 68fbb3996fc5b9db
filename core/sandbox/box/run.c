/*
 * The keeper of one run: pid 1 of the run's namespaces. It holds the clock and the limits, and it says what
 * happened only when every process of the run is dead and reaped.
 */

#include "core/sandbox/box/box_int.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TICK_US 10000

struct run {
	const struct box *box;
	const struct request *request;
	const struct wire_run *limits;
	struct watch watch;
	pid_t program;
	int signal_fd;
	bool program_done;
	bool kernel_limits; /* of memory: a cgroup's */
	int64_t start_us, wall_us;
	int64_t setup_us; /* CPU of the program's process before exec */
	struct wire_end end;
};

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void fail_end(struct wire_end *end, const char *what, int errnum)
{
	end->end = WIRE_END_FAILED;
	snprintf(end->error, sizeof(end->error), "%s: %s", what, strerror(errnum));
}

/* --- telling ---------------------------------------------------------------------------------------------------- */

static void send_end(const struct box *box, struct wire_end *end, int kept)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { .bytes = { 0 } };
	struct iovec part = { end, sizeof(*end) };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
	struct cmsghdr *head;

	end->kind = WIRE_END;
	end->kept = kept >= 0;
	if (kept >= 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		head = CMSG_FIRSTHDR(&message);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(head), &kept, sizeof(int));
	}
	if (sendmsg(box->control, &message, MSG_NOSIGNAL) < 0)
		_exit(1); /* the host is gone */
}

void run_fail(const struct box *box, const char *what, int errnum)
{
	struct wire_end end = { 0 };

	fail_end(&end, what, errnum);
	send_end(box, &end, -1);
}

/* --- killing and reaping ---------------------------------------------------------------------------------------- */

static void account(struct run *run, const struct rusage *usage)
{
	run->watch.reaped_us += (int64_t)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000000 +
				usage->ru_utime.tv_usec + usage->ru_stime.tv_usec;
	if (usage->ru_maxrss > run->watch.peak_kib)
		run->watch.peak_kib = usage->ru_maxrss;
}

/* Takes all that have ended; false when there are no children left. */
static bool reap(struct run *run, int flags)
{
	struct rusage usage;
	int status;
	pid_t pid;

	while ((pid = wait4(-1, &status, flags, &usage)) > 0) {
		account(run, &usage);
		if (pid != run->program)
			continue;
		run->program_done = true;
		run->wall_us = now_us() - run->start_us;
		run->end.wait_status = status;
	}
	return pid == 0 || (pid < 0 && errno == EINTR);
}

static void signal_tree(const struct run *run, int signo)
{
	pid_t pids[512];
	size_t count = watch_list(&run->watch, pids, 512);

	for (size_t i = 0; i < count; i++)
		kill(pids[i], signo);
}

/*
 * Without a pid namespace a fork bomb outruns a list of pids: stop all first, until nothing new is born (the
 * stopped keep their places under RLIMIT_NPROC), then kill.
 */
static void kill_tree(struct run *run)
{
	pid_t pids[512];
	size_t before = 0, count = watch_list(&run->watch, pids, 512);

	for (int round = 0; round < 200 && count != before; round++) {
		signal_tree(run, SIGSTOP);
		before = count;
		count = watch_list(&run->watch, pids, 512);
	}
	signal_tree(run, SIGKILL);
}

static void kill_all(struct run *run)
{
	if (run->box->mode == BOX_BARE) {
		do {
			kill_tree(run);
			while (reap(run, WNOHANG) && watch_list(&run->watch, (pid_t[1]){ 0 }, 1))
				signal_tree(run, SIGKILL);
		} while (reap(run, WNOHANG));
		return;
	}
	kill(-1, SIGKILL); /* all of the namespace but its pid 1: us */
	while (reap(run, 0))
		continue;
}

/* --- watching --------------------------------------------------------------------------------------------------- */

static bool over(struct run *run, uint32_t end)
{
	run->end.end = end;
	return true;
}

/* With a cgroup the kernel keeps complete accounts, and /proc need not be walked. */
static void look(struct run *run)
{
	int64_t cpu_us = run->box->cgroup >= 0 ? cgroup_cpu_us(run->box->cgroup) : -1;

	if (cpu_us < 0 || !run->kernel_limits)
		watch_tick(&run->watch, run->limits->memory_kib);
	if (cpu_us >= 0)
		run->watch.cpu_us = cpu_us;
}

static bool over_limits(struct run *run)
{
	const struct wire_run *limits = run->limits;

	look(run);
	if (run->watch.cpu_us > limits->cpu_us) {
		look(run); /* once more: see cpu_us */
		if (run->watch.cpu_us > limits->cpu_us)
			return over(run, WIRE_END_CPU);
	}
	if (run->watch.memory_kib > limits->memory_kib)
		return over(run, WIRE_END_MEMORY);
	if (now_us() - run->start_us > limits->wall_us)
		return over(run, WIRE_END_WALL);
	return false;
}

/* True: the host said stop, or is gone. */
static bool told_to_stop(struct run *run)
{
	uint32_t kind = 0;
	ssize_t got = recv(run->box->control, &kind, sizeof(kind), MSG_DONTWAIT);

	return got == 0 || (got > 0 && kind == WIRE_STOP);
}

static int wait_ms(const struct run *run, int64_t tick_at_us)
{
	int64_t now = now_us(), due_us = run->start_us + run->limits->wall_us + 1;

	if (tick_at_us < due_us)
		due_us = tick_at_us;
	return due_us > now ? (int)((due_us - now + 999) / 1000) : 0;
}

static void supervise(struct run *run)
{
	int64_t tick_at_us = run->start_us + TICK_US;
	struct pollfd polled[2] = { { .fd = run->signal_fd, .events = POLLIN },
				    { .fd = run->box->control, .events = POLLIN } };

	while (!run->program_done) {
		struct signalfd_siginfo info;

		if (poll(polled, 2, wait_ms(run, tick_at_us)) < 0 && errno != EINTR)
			break;
		if (polled[0].revents && read(run->signal_fd, &info, sizeof(info)) > 0)
			reap(run, WNOHANG);
		if (run->program_done)
			return;
		if (polled[1].revents && told_to_stop(run)) {
			over(run, WIRE_END_STOPPED);
			return;
		}
		if (now_us() < tick_at_us)
			continue;
		if (over_limits(run))
			return;
		tick_at_us = now_us() + TICK_US;
	}
}

/* --- the run ---------------------------------------------------------------------------------------------------- */

static bool open_signals(struct run *run)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	run->signal_fd = signalfd(-1, &mask, SFD_NONBLOCK | SFD_CLOEXEC);
	return run->signal_fd >= 0;
}

/* Waits for the exec; the clock runs from right before it. False: it failed, the end says why. */
static bool started(struct run *run, int exec_pipe)
{
	struct program_failure failure;
	uint32_t kind = WIRE_STARTED;
	ssize_t got = read(exec_pipe, &failure, sizeof(failure));

	if (got == (ssize_t)sizeof(run->setup_us)) {
		run->start_us = now_us();
		memcpy(&run->setup_us, &failure, sizeof(run->setup_us));
		got = read(exec_pipe, &failure, sizeof(failure));
	}
	close(exec_pipe);
	if (got > 0) {
		failure.what[sizeof(failure.what) - 1] = '\0';
		fail_end(&run->end, failure.what, failure.errnum);
		return false;
	}
	return send(run->box->control, &kind, sizeof(kind), MSG_NOSIGNAL) > 0;
}

static void close_descriptors(const struct request *request)
{
	for (int i = WIRE_FD_INPUT; i < WIRE_FD_MAX; i++)
		if (request->fds[i] >= 0)
			close(request->fds[i]);
}

static bool prepare(struct run *run)
{
	bool nested = run->box->mode == BOX_NESTED;

	run->watch.whole_proc = run->box->mode != BOX_BARE;
	run->kernel_limits = cgroup_limits_memory(run->box->cgroup);
	if (!nested)
		prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	if (open_signals(run) && (nested ? mounts_make : mounts_fill)(run->box, run->request))
		return true;
	fail_end(&run->end, "cannot set up the box", errno);
	return false;
}

static void execute(struct run *run)
{
	int exec_pipe;

	run->program = program_start(run->box, run->request, &exec_pipe);
	close_descriptors(run->request); /* now only the program has its pipes */
	if (run->program < 0) {
		fail_end(&run->end, "cannot fork", errno);
		return;
	}
	run->start_us = now_us();
	if (started(run, exec_pipe))
		supervise(run);
	kill_all(run);
}

/* The cgroup's accounts, when all is dead. Killing its processes is the kernel's way to say that memory ran out. */
static void conclude_cgroup(struct run *run, int folder)
{
	int64_t cpu_us = cgroup_cpu_us(folder), peak_kib = cgroup_peak_kib(folder);

	if (cpu_us >= 0)
		run->watch.cpu_us = cpu_us;
	if (run->watch.peak_kib < peak_kib)
		run->watch.peak_kib = peak_kib;
	if (run->end.end == WIRE_END_STATUS && cgroup_out_of_memory(folder))
		run->end.end = WIRE_END_MEMORY;
}

static void conclude(struct run *run)
{
	struct wire_end *end = &run->end;
	struct watch *watch = &run->watch;

	if (run->box->cgroup >= 0)
		conclude_cgroup(run, run->box->cgroup);
	end->wall_us = run->wall_us ? run->wall_us : now_us() - run->start_us;
	end->cpu_us = watch->cpu_us > watch->reaped_us ? watch->cpu_us : watch->reaped_us;
	end->cpu_us = end->cpu_us > run->setup_us ? end->cpu_us - run->setup_us : 0;
	end->peak_kib = watch->peak_kib;
	if (end->end == WIRE_END_STATUS && end->cpu_us > run->limits->cpu_us)
		end->end = WIRE_END_CPU;
}

static int pack(struct run *run)
{
	bool too_much = false;
	int dir, kept;

	if (!run->limits->keep || run->end.end != WIRE_END_STATUS || run->end.wait_status != 0)
		return -1;
	dir = open(run->box->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	kept = bundle_pack(dir, &too_much);
	if (kept < 0 && too_much)
		run->end.end = WIRE_END_KEPT_TOO_MUCH;
	else if (kept < 0)
		fail_end(&run->end, "cannot keep the files", errno);
	if (dir >= 0)
		close(dir);
	return kept;
}

void run_keep(const struct box *box, const struct request *request)
{
	struct run run = { .box = box, .request = request, .limits = &request->run };

	if (prepare(&run))
		execute(&run);
	if (run.end.end != WIRE_END_FAILED)
		conclude(&run);
	send_end(box, &run.end, pack(&run));
}
