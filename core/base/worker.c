/*
 * Helper processes: started by spawn.c, fed and drained without ever blocking, killed by group.
 *
 * A worker ends when its first process has been reaped: then its group is killed, what the pipes still hold is
 * taken, and done fires. Waiting for the pipes to close instead would wait for any daemon it left behind.
 */

#include <kodelab/worker.h>

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/crypto.h>
#include <kodelab/loop.h>

#include "core/base/worker_int.h"

#define OUTPUT_MAX_DEFAULT ((size_t)1 << 20)
#define SEND_MAX           ((size_t)1 << 20) /* not yet taken by an open input */
#define CHUNK              16384
#define LAST_CHUNKS        256 /* read at most after the end; a pipe holds 4 by default, 64 at most for a user */

struct stream {
	struct kl_worker *worker;
	struct kl_watch *watch;
	struct kl_buf bytes;
	int fd; /* -1: closed */
	bool lines; /* cut into lines for on_line */
};

struct kl_worker {
	struct kl_loop *loop;
	pid_t pid;
	struct stream out, err;
	struct kl_watch *input_watch;
	struct kl_buf input;
	size_t input_at; /* bytes of input the child has taken */
	int input_fd;
	bool open_input; /* more may follow */
	struct kl_timer *deadline;
	kl_worker_line_fn *on_line;
	kl_worker_done_fn *on_done;
	void *ctx;
	bool canceled, timed_out, failed;
	int exec_errno;
	char *program; /* for sentences */
	struct kl_error error;
};

static void kill_group(const struct kl_worker *worker)
{
	kill(-worker->pid, SIGKILL);
}

/* --- input ------------------------------------------------------------------------------------------------------ */

static void close_input(struct kl_worker *worker)
{
	kl_watch_remove(worker->input_watch);
	worker->input_watch = NULL;
	if (worker->input_fd >= 0)
		close(worker->input_fd);
	worker->input_fd = -1;
}

/* All of it is written: what it was may have been a secret. */
static void end_input(struct kl_worker *worker)
{
	kl_wipe(worker->input.data, worker->input.len);
	kl_buf_clear(&worker->input);
	worker->input_at = 0;
	if (!worker->open_input) {
		close_input(worker);
		return;
	}
	kl_watch_remove(worker->input_watch);
	worker->input_watch = NULL;
}

static void feed(void *ctx, int fd, short revents)
{
	struct kl_worker *worker = ctx;
	ssize_t put = write(fd, worker->input.data + worker->input_at, worker->input.len - worker->input_at);

	(void)revents;
	if (put < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (put > 0)
		worker->input_at += (size_t)put;
	if (put < 0)
		close_input(worker); /* the child does not care: its business */
	else if (worker->input_at == worker->input.len)
		end_input(worker);
}

void kl_worker_send(struct kl_worker *worker, const void *bytes, size_t len)
{
	assert(worker->open_input);
	if (worker->input_fd < 0)
		return;
	kl_buf_add(&worker->input, bytes, len);
	if (!worker->input_watch)
		worker->input_watch = kl_loop_add_fd(worker->loop, worker->input_fd, POLLOUT, feed, worker);
}

/* --- output ----------------------------------------------------------------------------------------------------- */

static void close_stream(struct stream *stream)
{
	kl_watch_remove(stream->watch);
	stream->watch = NULL;
	if (stream->fd >= 0)
		close(stream->fd);
	stream->fd = -1;
}

static void fail_long_line(struct kl_worker *worker)
{
	worker->failed = true;
	kl_fail(&worker->error, KL_EFULL, "'%s' wrote a line of more than %zu bytes and was stopped", worker->program,
		worker->out.bytes.max);
	kill_group(worker);
}

static void deliver_lines(struct stream *stream)
{
	struct kl_worker *worker = stream->worker;
	struct kl_buf *bytes = &stream->bytes;
	char *start = bytes->data;
	char *newline;

	while (!worker->canceled && !worker->failed &&
	       (newline = memchr(start, '\n', bytes->len - (size_t)(start - bytes->data)))) {
		*newline = '\0';
		worker->on_line(worker->ctx, start, (size_t)(newline - start));
		start = newline + 1;
	}
	kl_buf_consume(bytes, (size_t)(start - bytes->data));
}

static void take(struct stream *stream, const char *bytes, size_t len)
{
	struct kl_worker *worker = stream->worker;

	if (!stream->lines) {
		kl_buf_add(&stream->bytes, bytes, len);
		return;
	}
	while (len && !worker->canceled && !worker->failed) {
		size_t room = stream->bytes.max + 1 - stream->bytes.len;
		size_t part = len < room ? len : room;

		stream->bytes.max++; /* the newline of a line that just fits */
		kl_buf_add(&stream->bytes, bytes, part);
		stream->bytes.max--;
		deliver_lines(stream);
		bytes += part;
		len -= part;
		if (stream->bytes.len > stream->bytes.max && !worker->canceled)
			fail_long_line(worker);
	}
}

/* False when there is nothing more now, or for good. */
static bool read_once(struct stream *stream)
{
	char chunk[CHUNK];
	ssize_t got = read(stream->fd, chunk, sizeof(chunk));

	if (got > 0) {
		take(stream, chunk, (size_t)got);
		return true;
	}
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	close_stream(stream);
	return false;
}

static void drain(void *ctx, int fd, short revents)
{
	(void)fd;
	(void)revents;
	read_once(ctx);
}

static void take_rest(struct stream *stream)
{
	for (size_t i = 0; i < LAST_CHUNKS && stream->fd >= 0; i++)
		if (!read_once(stream))
			break;
	close_stream(stream);
}

static void take_last_line(struct kl_worker *worker)
{
	struct kl_buf *bytes = &worker->out.bytes;

	if (!worker->on_line || !bytes->len || worker->canceled || worker->failed)
		return;
	worker->on_line(worker->ctx, bytes->data, bytes->len);
	kl_buf_clear(bytes);
}

/* --- the end ---------------------------------------------------------------------------------------------------- */

static void worker_free(struct kl_worker *worker)
{
	kl_timer_cancel(worker->deadline);
	close_input(worker);
	close_stream(&worker->out);
	close_stream(&worker->err);
	kl_wipe(worker->input.data, worker->input.len);
	kl_buf_release(&worker->input);
	kl_buf_release(&worker->out.bytes);
	kl_buf_release(&worker->err.bytes);
	free(worker->program);
	free(worker);
}

static void fail_exec(struct kl_worker *worker)
{
	enum kl_status status = worker->exec_errno == ENOENT ? KL_ENOTOOL : KL_EIO;

	kl_fail_errno(&worker->error, status, worker->exec_errno, "cannot start '%s'", worker->program);
	if (worker->exec_errno == ENOENT)
		worker->error.status = KL_ENOTOOL;
}

static void finish(void *ctx, pid_t pid, int wait_status)
{
	struct kl_worker *worker = ctx;
	struct kl_worker_result result = { .wait_status = wait_status };

	(void)pid;
	kill_group(worker); /* what the first process left behind */
	take_rest(&worker->out);
	take_rest(&worker->err);
	take_last_line(worker);
	if (worker->exec_errno)
		fail_exec(worker);
	result.started = !worker->exec_errno;
	result.timed_out = worker->timed_out;
	result.canceled = worker->canceled;
	result.out = &worker->out.bytes;
	result.err = &worker->err.bytes;
	result.error = worker->error;
	if (worker->on_done)
		worker->on_done(worker->ctx, &result);
	worker_free(worker);
}

static void strike_deadline(void *ctx)
{
	struct kl_worker *worker = ctx;

	worker->deadline = NULL;
	worker->timed_out = true;
	kl_fail(&worker->error, KL_ETIME, "'%s' took too long and was stopped", worker->program);
	kill_group(worker);
}

void kl_worker_cancel(struct kl_worker *worker)
{
	worker->canceled = true;
	kl_fail(&worker->error, KL_ECANCELED, "'%s' was cancelled", worker->program);
	kill_group(worker);
}

void kl_worker_end(struct kl_worker *worker)
{
	int wait_status = 0;

	kl_worker_cancel(worker);
	kl_loop_forget_child(worker->loop, worker->pid);
	while (waitpid(worker->pid, &wait_status, 0) < 0 && errno == EINTR)
		continue;
	finish(worker, worker->pid, wait_status);
}

/* --- the start -------------------------------------------------------------------------------------------------- */

static void open_stream(struct stream *stream, struct kl_worker *worker, int fd, size_t max)
{
	stream->worker = worker;
	stream->fd = fd;
	kl_buf_init(&stream->bytes, max);
	stream->watch = kl_loop_add_fd(worker->loop, fd, POLLIN, drain, stream);
}

static void open_input(struct kl_worker *worker, const struct kl_worker_spec *spec, int fd)
{
	kl_buf_init(&worker->input, spec->open_input ? SEND_MAX : spec->input_len);
	kl_buf_add(&worker->input, spec->input, spec->input_len);
	worker->input_fd = fd;
	worker->open_input = spec->open_input;
	if (spec->input_len)
		worker->input_watch = kl_loop_add_fd(worker->loop, fd, POLLOUT, feed, worker);
	else if (!spec->open_input)
		close_input(worker);
}

enum kl_status kl_worker_start(struct kl_worker **out, struct kl_loop *loop, const struct kl_worker_spec *spec,
			       struct kl_error *err)
{
	size_t max = spec->output_max ? spec->output_max : OUTPUT_MAX_DEFAULT;
	struct kl_worker *worker;
	struct kl_spawned spawned;
	enum kl_status status = kl_spawn(&spawned, spec, err);

	if (status)
		return status;
	worker = kl_calloc(1, sizeof(*worker));
	worker->loop = loop;
	worker->pid = spawned.pid;
	worker->exec_errno = spawned.exec_errno;
	worker->program = kl_strdup(spec->argv[0]);
	worker->on_line = spec->on_line;
	worker->on_done = spec->on_done;
	worker->ctx = spec->ctx;
	open_stream(&worker->out, worker, spawned.out, max);
	open_stream(&worker->err, worker, spawned.err, max);
	worker->out.lines = spec->on_line != NULL;
	open_input(worker, spec, spawned.in);
	if (spec->deadline_ms > 0)
		worker->deadline = kl_loop_add_timer(loop, spec->deadline_ms, strike_deadline, worker);
	kl_loop_on_child(loop, worker->pid, finish, worker);
	*out = worker;
	return KL_OK;
}
