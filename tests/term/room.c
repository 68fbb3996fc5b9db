/* A room: starts sessions, a few at a time, and kills some of them. */

#include "tests/term/term.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>

#define AT_ONCE 2 /* sessions */

struct session {
	pid_t pid; /* 0: none */
	int64_t kill_us; /* monotonic; 0: it is not killed */
};

struct room {
	struct term *term;
	size_t machine;
	struct session sessions[AT_ONCE];
};

/* --- sessions ----------------------------------------------------------------------------------------------------- */

static void begin(struct room *room, struct session *session, size_t round, size_t first, bool calm)
{
	const size_t at[] = { room->machine, round, first };
	bool killed = !calm && term_draw(room->term, TERM_KILLS, at, 3) == 0;
	int moment = term_draw(room->term, TERM_MOMENT, at, 1200); /* squared below: rather sooner than later */
	sigset_t child;

	session->kill_us = killed ? kl_clock_mono_us() + 1000 * (5 + moment * moment / 1200) : 0;
	session->pid = fork();
	CHECK(session->pid >= 0, "fork: %s", strerror(errno));
	if (!session->pid) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		sigemptyset(&child);
		sigaddset(&child, SIGCHLD);
		sigprocmask(SIG_UNBLOCK, &child, NULL);
		term_session(room->term, room->machine, round, first, calm);
	}
	setpgid(session->pid, session->pid);
	room->term->counts.sessions++;
}

static void kill_due(struct room *room)
{
	for (size_t i = 0; i < AT_ONCE; i++) {
		struct session *session = &room->sessions[i];

		if (!session->pid || !session->kill_us || kl_clock_mono_us() < session->kill_us)
			continue;
		kill(-session->pid, SIGKILL);
		session->kill_us = 0;
	}
}

static void ended(struct room *room, struct session *session, int status)
{
	kill(-session->pid, SIGKILL); /* what it started */
	session->pid = 0;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		room->term->counts.killed++;
	else if (status)
		room->term->counts.failed++;
}

static bool reap(struct room *room)
{
	int status;

	for (size_t i = 0; i < AT_ONCE; i++) {
		struct session *session = &room->sessions[i];

		if (session->pid && waitpid(session->pid, &status, WNOHANG) == session->pid) {
			ended(room, session, status);
			return true;
		}
	}
	return false;
}

/* Until a child ends, or one is to be killed. */
static void wait_a_little(const struct room *room)
{
	int64_t pause_us = 60000000, now_us = kl_clock_mono_us();
	struct timespec pause;
	sigset_t child;

	for (size_t i = 0; i < AT_ONCE; i++)
		if (room->sessions[i].pid && room->sessions[i].kill_us && room->sessions[i].kill_us - now_us < pause_us)
			pause_us = room->sessions[i].kill_us > now_us ? room->sessions[i].kill_us - now_us : 0;
	pause = (struct timespec){ .tv_sec = pause_us / 1000000, .tv_nsec = pause_us % 1000000 * 1000 };
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigtimedwait(&child, NULL, &pause);
}

static struct session *await_place(struct room *room)
{
	for (;;) {
		for (size_t i = 0; i < AT_ONCE; i++)
			if (!room->sessions[i].pid)
				return &room->sessions[i];
		if (!reap(room))
			wait_a_little(room);
		kill_due(room);
	}
}

static bool any(const struct room *room)
{
	for (size_t i = 0; i < AT_ONCE; i++)
		if (room->sessions[i].pid)
			return true;
	return false;
}

static void run(struct room *room, size_t rounds, bool calm)
{
	for (size_t round = 0; round < rounds; round++)
		for (size_t first = 0; first < room->term->students; first += TERM_GROUP)
			begin(room, await_place(room), round, first, calm);
	while (any(room)) {
		if (!reap(room))
			wait_a_little(room);
		kill_due(room);
	}
}

/* --- its life ----------------------------------------------------------------------------------------------------- */

static _Noreturn void live(struct room *room, int in, int out)
{
	sigset_t child;
	char letter;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	letter = room->term->net && unshare(CLONE_NEWNET) < 0 ? '-' : '+';
	CHECK(write(out, &letter, 1) == 1, "the room is not heard");
	while (read(in, &letter, 1) == 1) {
		run(room, letter == 'd' ? room->term->rounds : 1, letter == 'e');
		CHECK(write(out, &letter, 1) == 1, "the room is not heard");
	}
	_exit(0);
}

void term_room_start(struct term_room *out, struct term *term, size_t machine)
{
	int to[2], from[2];

	CHECK(pipe(to) == 0 && pipe(from) == 0, "pipe: %s", strerror(errno));
	out->pid = fork();
	CHECK(out->pid >= 0, "fork: %s", strerror(errno));
	if (!out->pid) {
		struct room room = { .term = term, .machine = machine };

		close(to[1]);
		close(from[0]);
		live(&room, to[0], from[1]);
	}
	close(to[0]);
	close(from[1]);
	out->say = to[1];
	out->hear = from[0];
}
