/* The output queue: see output.h. */
#include "output.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/clock.h>
#include <kodelab/loop.h>

enum { QUEUE_MAX = 16 << 20 };

struct output {
	struct kl_loop *loop;
	int fd;
	struct kl_buf queue;
	struct kl_watch *watch; /* NULL: nothing waits */
	bool failed;
	output_fn *fn;
	void *ctx;
};

struct output *output_new(struct kl_loop *loop, int fd, output_fn *fn, void *ctx)
{
	struct output *output = kl_calloc(1, sizeof(*output));

	output->loop = loop;
	output->fd = fd;
	output->fn = fn;
	output->ctx = ctx;
	kl_buf_init(&output->queue, QUEUE_MAX);
	return output;
}

void output_free(struct output *output)
{
	if (!output)
		return;
	kl_watch_remove(output->watch);
	kl_buf_release(&output->queue);
	free(output);
}

void output_add(struct output *output, const char *bytes, size_t len)
{
	if (!output->failed)
		kl_buf_add(&output->queue, bytes, len);
}

bool output_stuck(const struct output *output)
{
	return output->watch != NULL;
}

void output_drop(struct output *output)
{
	kl_buf_clear(&output->queue);
	kl_watch_remove(output->watch);
	output->watch = NULL;
}

/* False when the terminal is gone. */
static bool write_some(struct output *output)
{
	while (output->queue.len > 0) {
		ssize_t done = write(output->fd, output->queue.data, output->queue.len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return errno == EAGAIN || errno == EWOULDBLOCK;
		kl_buf_consume(&output->queue, (size_t)done);
	}
	return true;
}

static void take_room(void *ctx, int fd, short revents)
{
	struct output *output = ctx;

	(void)fd;
	(void)revents;
	output_send(output);
	if (!output->failed && !output->watch)
		output->fn(output->ctx, false);
}

void output_send(struct output *output)
{
	if (output->failed)
		return;
	if (!write_some(output)) {
		output->failed = true;
		output_drop(output);
		output->fn(output->ctx, true);
	} else if (output->queue.len == 0) {
		kl_watch_remove(output->watch);
		output->watch = NULL;
	} else if (!output->watch) {
		output->watch = kl_loop_add_fd(output->loop, output->fd, POLLOUT, take_room, output);
	}
}

void output_drain(struct output *output, int timeout_ms)
{
	int64_t end_ms = kl_clock_mono_ms() + timeout_ms;

	while (!output->failed && output->queue.len > 0) {
		struct pollfd poll_fd = { .fd = output->fd, .events = POLLOUT };
		int64_t left_ms = end_ms - kl_clock_mono_ms();

		if (left_ms <= 0 || poll(&poll_fd, 1, (int)left_ms) <= 0 || !write_some(output))
			break;
	}
	output_drop(output);
}
