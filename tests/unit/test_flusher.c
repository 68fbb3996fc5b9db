/* The process that waits for the disk: it answers, it tells what is wrong, and it is told when it has gone. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include <kodelab/loop.h>

#include "core/text/flusher.h"

enum { TURN_MS = 10000, ASKS = 3 };

struct scene {
	struct kl_loop *loop;
	struct flusher *flusher;
	char path[64];
	int answers, errnum; /* how many, and the last */
};

static void take(void *ctx, int errnum)
{
	struct scene *scene = ctx;

	scene->answers++;
	scene->errnum = errnum;
}

static int set_up(void **state)
{
	static struct scene scene;

	scene = (struct scene){ .path = "/tmp/kodelab-test-XXXXXX" };
	close(mkstemp(scene.path));
	if (kl_loop_open(&scene.loop, NULL))
		return -1;
	scene.flusher = flusher_open(scene.loop, scene.path, take, &scene);
	*state = &scene;
	return scene.flusher ? 0 : -1;
}

static int tear_down(void **state)
{
	struct scene *scene = *state;

	flusher_close(scene->flusher);
	kl_loop_close(scene->loop);
	unlink(scene->path);
	return 0;
}

/* Our only child. */
static pid_t child(void)
{
	char path[64], text[64] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	file = fopen(path, "re");
	assert_non_null(file);
	assert_non_null(fgets(text, sizeof(text), file));
	fclose(file);
	return (pid_t)strtol(text, NULL, 10);
}

static void answers_each(void **state)
{
	struct scene *scene = *state;

	for (int i = 0; i < ASKS; i++)
		assert_true(flusher_ask(scene->flusher));
	while (scene->answers < ASKS)
		kl_loop_turn(scene->loop, TURN_MS);
	assert_int_equal(scene->errnum, 0);
}

static void tells_what_is_wrong(void **state)
{
	struct scene *scene = *state;

	unlink(scene->path);
	assert_true(flusher_ask(scene->flusher));
	while (scene->answers < 1)
		kl_loop_turn(scene->loop, TURN_MS);
	assert_int_equal(scene->errnum, ENOENT);
}

static void killed(void **state)
{
	struct scene *scene = *state;

	kill(child(), SIGKILL);
	while (scene->answers < 1)
		kl_loop_turn(scene->loop, TURN_MS);
	assert_int_equal(scene->errnum, -1);
	assert_false(flusher_ask(scene->flusher));
}

/* A terminal's keys and a hang-up are the lab's affair. */
static void stays_when_asked_to_go(void **state)
{
	struct scene *scene = *state;

	assert_true(flusher_ask(scene->flusher));
	while (scene->answers < 1)
		kl_loop_turn(scene->loop, TURN_MS);
	kill(child(), SIGHUP);
	kill(child(), SIGTERM);
	assert_true(flusher_ask(scene->flusher));
	while (scene->answers < 2)
		kl_loop_turn(scene->loop, TURN_MS);
	assert_int_equal(scene->errnum, 0);
	assert_int_equal(getpgid(child()), child());
}

/* Nothing of the lab's stays open in it: a lock would outlive the lab. */
static void holds_one_descriptor(void **state)
{
	struct scene *scene = *state;
	char path[64];
	int count = 0, last = -1;

	assert_true(flusher_ask(scene->flusher));
	while (scene->answers < 1)
		kl_loop_turn(scene->loop, TURN_MS);
	for (int fd = 0; fd < 64; fd++) {
		snprintf(path, sizeof(path), "/proc/%d/fd/%d", child(), fd);
		if (readlink(path, (char[8]){ 0 }, 8) < 0)
			continue;
		count++;
		last = fd;
	}
	assert_int_equal(count, 1);
	assert_int_equal(last, STDIN_FILENO);
}

int main(void)
{
#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = { SCENE(answers_each), SCENE(tells_what_is_wrong), SCENE(killed),
					    SCENE(stays_when_asked_to_go), SCENE(holds_one_descriptor) };
#undef SCENE

	return cmocka_run_group_tests(tests, NULL, NULL);
}
