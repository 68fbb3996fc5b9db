/* The loop: order, removal in the middle of a turn, children, signals, and sleep. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/clock.h>
#include <kodelab/loop.h>
#include <sys/wait.h>
#include <unistd.h>

struct scene {
	struct kl_loop *loop;
	struct kl_watch *watches[2];
	struct kl_timer *timer;
	struct kl_buf seen;
	int pipes[2][2];
};

static int set_up(void **state)
{
	struct scene *scene = kl_calloc(1, sizeof(*scene));

	kl_buf_init(&scene->seen, 1000);
	*state = scene;
	if (pipe(scene->pipes[0]) < 0 || pipe(scene->pipes[1]) < 0)
		return -1;
	return kl_loop_open(&scene->loop, NULL) ? -1 : 0;
}

static int tear_down(void **state)
{
	struct scene *scene = *state;

	kl_loop_close(scene->loop);
	for (int i = 0; i < 4; i++)
		close(scene->pipes[i / 2][i % 2]);
	kl_buf_release(&scene->seen);
	free(scene);
	return 0;
}

static void note_a(void *ctx)
{
	kl_buf_add_char(&((struct scene *)ctx)->seen, 'a');
}

static void note_b(void *ctx)
{
	kl_buf_add_char(&((struct scene *)ctx)->seen, 'b');
}

static void note_and_stop(void *ctx)
{
	struct scene *scene = ctx;

	kl_buf_add_char(&scene->seen, '.');
	kl_loop_stop(scene->loop);
}

/* The last first, all in the same moment: false when it was not, because the machine did something else meanwhile. */
static bool add_timers(struct scene *scene)
{
	struct kl_timer *timers[4];
	int64_t start_ms = kl_clock_mono_ms();

	timers[0] = kl_loop_add_timer(scene->loop, 12, note_and_stop, scene);
	timers[1] = kl_loop_add_timer(scene->loop, 6, note_b, scene);
	timers[2] = kl_loop_add_timer(scene->loop, 2, note_a, scene);
	timers[3] = kl_loop_add_timer(scene->loop, 6, note_a, scene);
	if (kl_clock_mono_ms() - start_ms <= 1)
		return true;
	for (size_t i = 0; i < KL_LENGTH(timers); i++)
		kl_timer_cancel(timers[i]);
	return false;
}

static void timers_fire_in_order(void **state)
{
	struct scene *scene = *state;
	int64_t start_ms = kl_clock_mono_ms();

	while (!add_timers(scene))
		start_ms = kl_clock_mono_ms();
	kl_timer_cancel(kl_loop_add_timer(scene->loop, 3, note_b, scene));
	kl_timer_cancel(NULL);
	kl_loop_run(scene->loop);
	assert_string_equal(scene->seen.data, "aba.");
	assert_true(kl_clock_mono_ms() - start_ms >= 12);
}

static void again(void *ctx)
{
	struct scene *scene = ctx;

	kl_buf_add_char(&scene->seen, 'x');
	kl_loop_add_timer(scene->loop, 0, again, scene);
}

static void a_timer_that_renews_itself_does_not_starve(void **state)
{
	struct scene *scene = *state;

	kl_loop_add_timer(scene->loop, 0, again, scene);
	kl_loop_turn(scene->loop, 1000);
	kl_loop_turn(scene->loop, 1000);
	assert_string_equal(scene->seen.data, "xx");
}

static void cancel_itself(void *ctx)
{
	struct scene *scene = ctx;

	kl_timer_cancel(scene->timer);
	kl_buf_add_char(&scene->seen, 'c');
}

static void a_timer_may_cancel_itself(void **state)
{
	struct scene *scene = *state;

	scene->timer = kl_loop_add_timer(scene->loop, 0, cancel_itself, scene);
	kl_loop_turn(scene->loop, 1000);
	assert_string_equal(scene->seen.data, "c");
}

static void remove_both(void *ctx, int fd, short revents)
{
	struct scene *scene = ctx;

	(void)fd;
	assert_true(revents & POLLIN);
	kl_buf_add_char(&scene->seen, 'r');
	kl_watch_remove(scene->watches[0]);
	kl_watch_remove(scene->watches[1]);
	kl_watch_remove(NULL);
}

static void a_watch_may_remove_any(void **state)
{
	struct scene *scene = *state;

	for (int i = 0; i < 2; i++) {
		assert_int_equal(write(scene->pipes[i][1], "x", 1), 1);
		scene->watches[i] = kl_loop_add_fd(scene->loop, scene->pipes[i][0], POLLIN, remove_both, scene);
	}
	kl_loop_turn(scene->loop, 1000);
	kl_loop_turn(scene->loop, 0);
	assert_string_equal(scene->seen.data, "r");
}

static void nothing_asked_is_silence(void **state)
{
	struct scene *scene = *state;
	int64_t start_ms = kl_clock_mono_ms();

	close(scene->pipes[0][1]);
	scene->pipes[0][1] = dup(0);
	scene->watches[0] = kl_loop_add_fd(scene->loop, scene->pipes[0][0], 0, remove_both, scene);
	kl_loop_turn(scene->loop, 20);
	assert_true(kl_clock_mono_ms() - start_ms >= 20);
	assert_string_equal(scene->seen.data, "");
}

static void note_signal(void *ctx, int signo)
{
	struct scene *scene = ctx;

	kl_buf_addf(&scene->seen, "[%d]", signo);
}

static void signals_arrive_from_the_loop(void **state)
{
	struct scene *scene = *state;
	char want[32];

	kl_loop_on_signal(scene->loop, SIGUSR1, note_signal, scene);
	raise(SIGUSR1);
	assert_string_equal(scene->seen.data, "");
	kl_loop_turn(scene->loop, 1000);
	snprintf(want, sizeof(want), "[%d]", SIGUSR1);
	assert_string_equal(scene->seen.data, want);
	raise(SIGUSR1); /* pending while the loop closes: must not kill us */
}

static void note_child(void *ctx, pid_t pid, int wait_status)
{
	struct scene *scene = ctx;

	(void)pid;
	kl_buf_addf(&scene->seen, "(%d)", WEXITSTATUS(wait_status));
	kl_loop_stop(scene->loop);
}

static pid_t start_child(int code)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(code);
	return pid;
}

static void children_are_told_once(void **state)
{
	struct scene *scene = *state;
	pid_t forgotten = start_child(9);
	pid_t pid = start_child(3);
	siginfo_t info;

	/* Both have ended, and their signal has been seen, before anyone asks. */
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(waitid(P_PID, (id_t)forgotten, &info, WEXITED | WNOWAIT), 0);
	kl_loop_turn(scene->loop, 0);
	kl_loop_on_child(scene->loop, forgotten, note_child, scene);
	kl_loop_forget_child(scene->loop, forgotten);
	kl_loop_on_child(scene->loop, pid, note_child, scene);
	kl_loop_run(scene->loop);
	kl_loop_on_child(scene->loop, start_child(4), note_child, scene);
	kl_loop_run(scene->loop);
	kl_loop_turn(scene->loop, 0);
	assert_string_equal(scene->seen.data, "(3)(4)");
	waitpid(forgotten, NULL, 0);
}

static void a_child_somebody_else_reaped_has_not_succeeded(void **state)
{
	struct scene *scene = *state;
	pid_t pid = start_child(0);

	assert_int_equal(waitpid(pid, NULL, 0), pid);
	kl_loop_on_child(scene->loop, pid, note_child, scene);
	kl_loop_run(scene->loop);
	assert_string_equal(scene->seen.data, "(127)");
}

static void idle_runs_once_a_turn(void **state)
{
	struct scene *scene = *state;

	kl_loop_on_idle(scene->loop, note_a, scene);
	kl_loop_add_timer(scene->loop, 0, note_b, scene);
	kl_loop_turn(scene->loop, 1000);
	assert_string_equal(scene->seen.data, "ba");
	kl_loop_turn(scene->loop, 0);
	assert_string_equal(scene->seen.data, "baa");
}

static void work_long(void *ctx)
{
	int64_t end_us = kl_clock_mono_us() + 3000;

	(void)ctx;
	while (kl_clock_mono_us() < end_us)
		continue;
}

static void the_longest_turn_is_known(void **state)
{
	struct scene *scene = *state;
	int64_t before_us;

	kl_loop_turn(scene->loop, 300); /* waiting is not working */
	assert_in_range(kl_loop_longest_us(scene->loop), 0, 299999);
	kl_loop_add_timer(scene->loop, 0, work_long, scene);
	kl_loop_turn(scene->loop, 1000);
	before_us = kl_loop_longest_us(scene->loop);
	assert_true(before_us >= 3000);
	kl_loop_turn(scene->loop, 0);
	assert_true(kl_loop_longest_us(scene->loop) >= before_us);
}

int main(void)
{
#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		SCENE(timers_fire_in_order),      SCENE(a_timer_that_renews_itself_does_not_starve),
		SCENE(a_timer_may_cancel_itself), SCENE(a_watch_may_remove_any),
		SCENE(nothing_asked_is_silence),  SCENE(signals_arrive_from_the_loop),
		SCENE(children_are_told_once),    SCENE(a_child_somebody_else_reaped_has_not_succeeded),
		SCENE(idle_runs_once_a_turn),     SCENE(the_longest_turn_is_known),
	};
#undef SCENE

	return cmocka_run_group_tests(tests, NULL, NULL);
}
