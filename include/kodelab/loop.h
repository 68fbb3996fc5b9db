#ifndef KODELAB_LOOP_H
#define KODELAB_LOOP_H

/*
 * The one place that blocks: descriptors (poll), timers, children, signals (signalfd), and an idle hook that runs
 * once per turn, after the callbacks and before the wait: the only place that draws.
 *
 * Callbacks do a bounded bite of work. A watch may be removed from inside any callback, its own included;
 * it is freed after the turn. With nothing due the process sleeps: no periodic wake-ups.
 */

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <kodelab/error.h>

struct kl_loop;
struct kl_watch;
struct kl_timer;

typedef void kl_loop_fd_fn(void *ctx, int fd, short revents);
typedef void kl_loop_timer_fn(void *ctx);
typedef void kl_loop_signal_fn(void *ctx, int signo);
typedef void kl_loop_child_fn(void *ctx, pid_t pid, int wait_status);
typedef void kl_loop_idle_fn(void *ctx);

/* Blocks SIGCHLD (kl_loop_close gives the mask back) and ignores SIGPIPE: a closed pipe is an errno, not a death. */
enum kl_status kl_loop_open(struct kl_loop **out, struct kl_error *err) KL_MUST_CHECK;
void kl_loop_close(struct kl_loop *loop);

/* Runs until kl_loop_stop. */
void kl_loop_run(struct kl_loop *loop);
/* One turn: waits at most timeout_ms (-1: until something happens), dispatches, runs the idle hook. */
void kl_loop_turn(struct kl_loop *loop, int timeout_ms);
void kl_loop_stop(struct kl_loop *loop);
/* The longest turn so far without its wait: how long a key may have gone unheard. Turns over 50 ms are logged. */
int64_t kl_loop_longest_us(const struct kl_loop *loop);

/* events: POLLIN | POLLOUT. The descriptor stays the caller's; remove the watch before closing it. */
struct kl_watch *kl_loop_add_fd(struct kl_loop *loop, int fd, short events, kl_loop_fd_fn *fn, void *ctx);
void kl_watch_events(struct kl_watch *watch, short events);
void kl_watch_remove(struct kl_watch *watch); /* NULL is fine */

/* Fires once, delay_ms from now (monotonic); then the timer is gone. kl_timer_cancel(NULL) is fine. */
struct kl_timer *kl_loop_add_timer(struct kl_loop *loop, int64_t delay_ms, kl_loop_timer_fn *fn, void *ctx);
void kl_timer_cancel(struct kl_timer *timer);

/* Blocks signo for the process and delivers it from the loop; one handler per signal, a second call replaces it. */
void kl_loop_on_signal(struct kl_loop *loop, int signo, kl_loop_signal_fn *fn, void *ctx);
/* fn fires exactly once when pid has ended (wait_status as by waitpid; exit 127 when it was reaped elsewhere). */
void kl_loop_on_child(struct kl_loop *loop, pid_t pid, kl_loop_child_fn *fn, void *ctx);
void kl_loop_forget_child(struct kl_loop *loop, pid_t pid);
/* The hook that runs once per turn; NULL: none. */
void kl_loop_on_idle(struct kl_loop *loop, kl_loop_idle_fn *fn, void *ctx);

#endif
