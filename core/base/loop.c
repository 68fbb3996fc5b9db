/*
 * The loop: one poll(2), one signalfd, timers in a list sorted by time.
 *
 * What is removed during dispatch is only marked dead and swept when the turn is over, so a callback may remove
 * anything. What is added during dispatch is not looked at before the next turn.
 */

#include <kodelab/loop.h>

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <sys/queue.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/log.h>

#define LONG_TURN_MS   50 /* a key that waits longer is felt */
#define STATUS_UNKNOWN (127 << 8) /* somebody else has reaped the child: not a success */

struct kl_watch {
	struct kl_loop *loop;
	int fd;
	short events;
	bool dead;
	kl_loop_fd_fn *fn;
	void *ctx;
};

struct kl_timer {
	TAILQ_ENTRY(kl_timer) link;
	struct kl_loop *loop;
	int64_t due_ms; /* monotonic */
	uint64_t turn; /* in which it was added: it does not fire in that one */
	bool firing; /* off the list, inside its callback */
	kl_loop_timer_fn *fn;
	void *ctx;
};

struct child {
	pid_t pid;
	bool dead;
	kl_loop_child_fn *fn;
	void *ctx;
};

struct kl_loop {
	struct kl_watch **watches;
	size_t watch_count, watch_capacity;
	struct pollfd *polled; /* watches[i] of this turn is polled[i] */
	size_t polled_capacity;
	TAILQ_HEAD(timer_list, kl_timer) timers; /* by due_ms, equal ones in order of birth */
	struct child *children;
	size_t child_count, child_capacity;
	struct {
		kl_loop_signal_fn *fn;
		void *ctx;
	} signals[_NSIG];
	sigset_t mask, old_mask;
	struct kl_watch *signal_watch;
	int signal_fd;
	kl_loop_idle_fn *idle;
	void *idle_ctx;
	uint64_t turn;
	bool stopped;
	bool children_due; /* a child may have ended: look */
	bool any_dead;
	bool turning; /* inside a turn: turns do not nest */
	int64_t longest_us;
};

/* --- descriptors ------------------------------------------------------------------------------------------------ */

struct kl_watch *kl_loop_add_fd(struct kl_loop *loop, int fd, short events, kl_loop_fd_fn *fn, void *ctx)
{
	struct kl_watch *watch = kl_alloc(sizeof(*watch));

	*watch = (struct kl_watch){ .loop = loop, .fd = fd, .events = events, .fn = fn, .ctx = ctx };
	KL_GROW(loop->watches, loop->watch_count, loop->watch_capacity);
	loop->watches[loop->watch_count++] = watch;
	return watch;
}

void kl_watch_events(struct kl_watch *watch, short events)
{
	watch->events = events;
}

void kl_watch_remove(struct kl_watch *watch)
{
	if (!watch)
		return;
	watch->dead = true;
	watch->loop->any_dead = true;
}

static void sweep(struct kl_loop *loop)
{
	size_t kept = 0;

	if (!loop->any_dead)
		return;
	loop->any_dead = false;
	for (size_t i = 0; i < loop->watch_count; i++) {
		if (loop->watches[i]->dead)
			free(loop->watches[i]);
		else
			loop->watches[kept++] = loop->watches[i];
	}
	loop->watch_count = kept;
	kept = 0;
	for (size_t i = 0; i < loop->child_count; i++)
		if (!loop->children[i].dead)
			loop->children[kept++] = loop->children[i];
	loop->child_count = kept;
}

/* --- timers ----------------------------------------------------------------------------------------------------- */

struct kl_timer *kl_loop_add_timer(struct kl_loop *loop, int64_t delay_ms, kl_loop_timer_fn *fn, void *ctx)
{
	struct kl_timer *timer = kl_alloc(sizeof(*timer));
	struct kl_timer *before = TAILQ_LAST(&loop->timers, timer_list);

	*timer = (struct kl_timer){ .loop = loop, .turn = loop->turn, .fn = fn, .ctx = ctx };
	timer->due_ms = kl_clock_mono_ms() + (delay_ms > 0 ? delay_ms : 0);
	while (before && before->due_ms > timer->due_ms)
		before = TAILQ_PREV(before, timer_list, link);
	if (before)
		TAILQ_INSERT_AFTER(&loop->timers, before, timer, link);
	else
		TAILQ_INSERT_HEAD(&loop->timers, timer, link);
	return timer;
}

void kl_timer_cancel(struct kl_timer *timer)
{
	if (!timer || timer->firing)
		return;
	TAILQ_REMOVE(&timer->loop->timers, timer, link);
	free(timer);
}

static struct kl_timer *first_due(struct kl_loop *loop, int64_t now_ms)
{
	struct kl_timer *timer = TAILQ_FIRST(&loop->timers);

	/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): what is freed has left the list */
	while (timer && timer->due_ms <= now_ms && timer->turn == loop->turn)
		timer = TAILQ_NEXT(timer, link);
	return timer && timer->due_ms <= now_ms ? timer : NULL;
}

static void fire_timers(struct kl_loop *loop)
{
	int64_t now_ms = kl_clock_mono_ms();
	struct kl_timer *timer;

	while ((timer = first_due(loop, now_ms))) {
		TAILQ_REMOVE(&loop->timers, timer, link);
		timer->firing = true;
		timer->fn(timer->ctx);
		free(timer);
	}
}

/* --- children and signals --------------------------------------------------------------------------------------- */

void kl_loop_on_child(struct kl_loop *loop, pid_t pid, kl_loop_child_fn *fn, void *ctx)
{
	KL_GROW(loop->children, loop->child_count, loop->child_capacity);
	loop->children[loop->child_count++] = (struct child){ .pid = pid, .fn = fn, .ctx = ctx };
	loop->children_due = true; /* its SIGCHLD may have come and gone */
}

void kl_loop_forget_child(struct kl_loop *loop, pid_t pid)
{
	for (size_t i = 0; i < loop->child_count; i++)
		if (loop->children[i].pid == pid)
			loop->children[i].dead = loop->any_dead = true;
}

static void reap_children(struct kl_loop *loop)
{
	size_t count = loop->child_count;

	if (!loop->children_due)
		return;
	loop->children_due = false;
	for (size_t i = 0; i < count; i++) {
		struct child child = loop->children[i]; /* a callback may move the array */
		int wait_status = 0;
		pid_t got;

		if (child.dead)
			continue;
		got = waitpid(child.pid, &wait_status, WNOHANG);
		if (got == 0 || (got < 0 && errno == EINTR))
			continue;
		loop->children[i].dead = loop->any_dead = true;
		child.fn(child.ctx, child.pid, got < 0 ? STATUS_UNKNOWN : wait_status);
	}
}

static void read_signals(void *ctx, int fd, short revents)
{
	struct kl_loop *loop = ctx;
	struct signalfd_siginfo infos[8];
	ssize_t got;

	(void)revents;
	while ((got = read(fd, infos, sizeof(infos))) > 0) {
		for (size_t i = 0; i < (size_t)got / sizeof(infos[0]); i++) {
			unsigned signo = infos[i].ssi_signo;

			if (signo == SIGCHLD)
				loop->children_due = true;
			if (signo < _NSIG && loop->signals[signo].fn)
				loop->signals[signo].fn(loop->signals[signo].ctx, (int)signo);
		}
	}
}

void kl_loop_on_signal(struct kl_loop *loop, int signo, kl_loop_signal_fn *fn, void *ctx)
{
	loop->signals[signo].fn = fn;
	loop->signals[signo].ctx = ctx;
	sigaddset(&loop->mask, signo);
	sigprocmask(SIG_BLOCK, &loop->mask, NULL);
	if (signalfd(loop->signal_fd, &loop->mask, 0) < 0)
		kl_die("kodelab: signalfd refuses signal %d", signo);
}

void kl_loop_on_idle(struct kl_loop *loop, kl_loop_idle_fn *fn, void *ctx)
{
	loop->idle = fn;
	loop->idle_ctx = ctx;
}

/* --- the turn --------------------------------------------------------------------------------------------------- */

enum kl_status kl_loop_open(struct kl_loop **out, struct kl_error *err)
{
	struct sigaction normal = { .sa_handler = SIG_DFL };
	struct sigaction ignored = { .sa_handler = SIG_IGN };
	struct kl_loop *loop = kl_calloc(1, sizeof(*loop));

	TAILQ_INIT(&loop->timers);
	sigemptyset(&loop->mask);
	sigaddset(&loop->mask, SIGCHLD);
	loop->signal_fd = signalfd(-1, &loop->mask, SFD_NONBLOCK | SFD_CLOEXEC);
	if (loop->signal_fd < 0) {
		free(loop);
		return kl_fail_errno(err, KL_EIO, errno, "cannot watch for signals");
	}
	sigprocmask(SIG_BLOCK, &loop->mask, &loop->old_mask);
	sigaction(SIGCHLD, &normal, NULL); /* inherited "ignore" would lose every wait status */
	sigaction(SIGPIPE, &ignored, NULL); /* a closed pipe is an errno, not a death */
	loop->signal_watch = kl_loop_add_fd(loop, loop->signal_fd, POLLIN, read_signals, loop);
	*out = loop;
	return KL_OK;
}

void kl_loop_close(struct kl_loop *loop)
{
	struct signalfd_siginfo info;
	struct kl_timer *timer;

	if (!loop)
		return;
	while ((timer = TAILQ_FIRST(&loop->timers)))
		kl_timer_cancel(timer); /* NOLINT(clang-analyzer-unix.Malloc): it does leave the list */
	for (size_t i = 0; i < loop->watch_count; i++)
		free(loop->watches[i]);
	while (read(loop->signal_fd, &info, sizeof(info)) > 0)
		continue; /* what is pending must not strike when unblocked below */
	close(loop->signal_fd);
	sigprocmask(SIG_SETMASK, &loop->old_mask, NULL);
	free(loop->watches);
	free(loop->polled);
	free(loop->children);
	free(loop);
}

static int wait_ms(const struct kl_loop *loop, int timeout_ms)
{
	const struct kl_timer *timer = TAILQ_FIRST(&loop->timers);
	int64_t left_ms;

	if (loop->children_due)
		return 0;
	if (!timer)
		return timeout_ms;
	left_ms = timer->due_ms - kl_clock_mono_ms();
	if (left_ms < 0)
		left_ms = 0;
	if (timeout_ms >= 0 && timeout_ms < left_ms)
		return timeout_ms;
	return left_ms > INT_MAX ? INT_MAX : (int)left_ms;
}

static void fill_polled(struct kl_loop *loop)
{
	if (loop->polled_capacity < loop->watch_count) {
		loop->polled_capacity = loop->watch_capacity;
		loop->polled = kl_realloc_array(loop->polled, loop->polled_capacity, sizeof(*loop->polled));
	}
	for (size_t i = 0; i < loop->watch_count; i++) {
		const struct kl_watch *watch = loop->watches[i];

		/* Asked for nothing, poll would still report a hang-up, for ever. */
		loop->polled[i] = (struct pollfd){ .fd = watch->events ? watch->fd : -1, .events = watch->events };
	}
}

static void dispatch(struct kl_loop *loop, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct kl_watch *watch = loop->watches[i];
		short revents = loop->polled[i].revents;

		if (revents && !watch->dead)
			watch->fn(watch->ctx, watch->fd, revents);
	}
}

/* Whoever works longer than a person's patience is to be found out, not felt. */
static void note_length(struct kl_loop *loop, int64_t us)
{
	if (us > loop->longest_us)
		loop->longest_us = us;
	if (us > 1000 * LONG_TURN_MS)
		kl_log(KL_LOG_WARN, "loop", "a turn took %lld ms", (long long)us / 1000);
}

int64_t kl_loop_longest_us(const struct kl_loop *loop)
{
	return loop->longest_us;
}

void kl_loop_turn(struct kl_loop *loop, int timeout_ms)
{
	int64_t begin_us;
	size_t count;
	int due;

	assert(!loop->turning);
	loop->turning = true;
	loop->turn++;
	sweep(loop);
	fill_polled(loop);
	count = loop->watch_count;
	due = poll(loop->polled, count, wait_ms(loop, timeout_ms));
	begin_us = kl_clock_mono_us();
	if (due > 0)
		dispatch(loop, count);
	reap_children(loop);
	fire_timers(loop);
	if (loop->idle)
		loop->idle(loop->idle_ctx);
	sweep(loop);
	note_length(loop, kl_clock_mono_us() - begin_us);
	loop->turning = false;
}

void kl_loop_run(struct kl_loop *loop)
{
	loop->stopped = false;
	if (loop->idle)
		loop->idle(loop->idle_ctx); /* the first picture, before the first wait */
	while (!loop->stopped)
		kl_loop_turn(loop, -1);
}

void kl_loop_stop(struct kl_loop *loop)
{
	loop->stopped = true;
}
