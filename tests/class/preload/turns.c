/*
 * Preloaded into kodelab: how long turns of its loop are, and whether anything but the loop waits. What the machine does meanwhile is not
 * counted: of a turn only its own processor time is taken. A call that could wait is counted whether or not it had to: connecting by a
 * socket that blocks, a poll that is not the loop's, sleeping, a name resolved in the loop's thread.
 *
 * The file KL_TURNS is kept as "turns N longest_us N waits N WHAT".
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

typedef int poll_fn(struct pollfd *fds, nfds_t count, int ms);
typedef int connect_fn(int fd, __CONST_SOCKADDR_ARG address, socklen_t len);
typedef int resolve_fn(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found);
typedef int sleep_fn(const struct timespec *time, struct timespec *left);

enum { TELL_EVERY = 32 };

static struct {
	int file; /* -1: this is no kodelab */
	pid_t pid;
	long turns, longest_us, waits;
	long begun_us; /* processor time at the begin of this turn; -1: before the first */
	const char *what; /* could have waited first */
} state = { .file = -1, .begun_us = -1, .what = "-" };

static long used_us(void)
{
	struct timespec now;

	syscall(SYS_clock_gettime, CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void tell(void)
{
	char text[160];
	int len = snprintf(text, sizeof(text), "turns %ld longest_us %ld waits %ld %-24s\n", state.turns,
			   state.longest_us, state.waits, state.what);

	if (pwrite(state.file, text, (size_t)len, 0) < 0)
		state.file = -1;
}

/* Is this the loop's thread of the program that is looked at? */
static int is_ours(void)
{
	return state.file >= 0 && getpid() == state.pid && (pid_t)syscall(SYS_gettid) == state.pid;
}

static void count_wait(const char *what)
{
	if (!is_ours())
		return;
	if (!state.waits++)
		state.what = what;
	tell();
}

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("KL_TURNS");

	if (!path || strcmp(program_invocation_short_name, "kodelab") != 0)
		return;
	state.file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	state.pid = getpid();
	unsetenv("KL_TURNS"); /* not for what it starts */
}

static void *next(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

/* The loop looks at its signals first. */
static int is_loop(const struct pollfd *fds, nfds_t count)
{
	char link[64], target[64] = "";

	if (!count)
		return 0;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fds[0].fd);
	return readlink(link, target, sizeof(target) - 1) > 0 && strstr(target, "signalfd");
}

static void end_turn(void)
{
	long us = used_us() - state.begun_us;

	if (state.begun_us < 0)
		return;
	state.turns++;
	if (us > state.longest_us) {
		state.longest_us = us;
		tell();
	} else if (state.turns % TELL_EVERY == 0) {
		tell();
	}
}

int poll(struct pollfd *fds, nfds_t count, int ms)
{
	static poll_fn *real;
	int ready;

	if (!real)
		*(void **)&real = next("poll");
	if (!is_ours())
		return real(fds, count, ms);
	if (!is_loop(fds, count)) {
		if (ms)
			count_wait("poll");
		return real(fds, count, ms);
	}
	end_turn();
	ready = real(fds, count, ms);
	state.begun_us = used_us();
	return ready;
}

int connect(int fd, __CONST_SOCKADDR_ARG address, socklen_t len)
{
	static connect_fn *real;

	if (!real)
		*(void **)&real = next("connect");
	if (!(fcntl(fd, F_GETFL) & O_NONBLOCK) && address.__sockaddr__->sa_family != AF_UNIX)
		count_wait("connect");
	return real(fd, address, len);
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
	static resolve_fn *real;

	if (!real)
		*(void **)&real = next("getaddrinfo");
	if (!hints || !(hints->ai_flags & AI_NUMERICHOST))
		count_wait("getaddrinfo");
	return real(node, service, hints, found);
}

int nanosleep(const struct timespec *time, struct timespec *left)
{
	static sleep_fn *real;

	if (!real)
		*(void **)&real = next("nanosleep");
	count_wait("nanosleep");
	return real(time, left);
}

int usleep(useconds_t us)
{
	struct timespec time = { .tv_sec = us / 1000000, .tv_nsec = (long)(us % 1000000) * 1000 };

	return nanosleep(&time, NULL);
}
