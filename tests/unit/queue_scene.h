#ifndef TESTS_QUEUE_SCENE_H
#define TESTS_QUEUE_SCENE_H

/* The class judge's queue on a store in a folder of its own, with a clock that stands still. */

#include <kodelab/queue.h>
#include <kodelab/store.h>

#include "tests/unit/scratch.h"

#define NOON INT64_C(1767268800000)

static char *path;
static struct kl_clock clock_ = { .held = true, .held_wall_ms = NOON };
static struct kl_store *store;
static struct kl_queue *queue;
static const struct kl_queue_limits plain = { .in_flight_max = 4, .rate_per_minute = -1 };

static inline void open_all(const struct kl_queue_limits *limits)
{
	assert_int_equal(kl_store_open_server(&store, path, &clock_, NULL), KL_OK);
	assert_int_equal(kl_queue_open(&queue, store, &clock_, limits, NULL), KL_OK);
}

static inline void close_all(void)
{
	kl_queue_close(queue);
	kl_store_close(store);
	queue = NULL;
	store = NULL;
}

static inline int set_up(void **state)
{
	if (scratch_open_fast(state))
		return -1;
	path = kl_path_join(scratch, "server.db");
	clock_.held_wall_ms = NOON;
	open_all(&plain);
	return 0;
}

static inline int tear_down(void **state)
{
	unsetenv("KL_FAULT");
	close_all();
	free(path);
	return scratch_close(state);
}

#endif
