/*
 * A box seen from the host: one kodelab-box process, its socket, and at most one run with its pipes.
 *
 * The host counts output and holds a fence behind the box's own clock; everything else the box says. A run is over
 * when the box says so (all its processes are dead then) and the pipes are drained.
 */

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/clock.h>
#include <kodelab/loop.h>

#include "core/sandbox/sandbox_int.h"

#define CHUNK      65536
#define OUTPUT_MAX ((size_t)1 << 20)
#define RESULT_MAX ((size_t)4 << 20)
#define FENCE_MS   3000 /* the box has this long, after the wall limit, to say that it is over */
#define LINGER_MS  20 /* for pipes that are still open when all is dead */
#define MIB        ((uint64_t)1 << 20)

enum { OUT, ERR, RESULT, STREAMS };

struct stream {
	struct kl_box *box;
	int fd; /* -1: closed */
	struct kl_watch *watch; /* NULL: a file, read when all is over */
	struct kl_buf bytes;
};

struct run {
	kl_box_done_fn *done; /* NULL: no run */
	void *ctx;
	struct stream streams[STREAMS];
	struct kl_timer *fence, *linger;
	enum kl_end reason; /* the host's own: OUTPUT or CANCELED; EXITED: none */
	bool ended; /* end is there */
	struct wire_end end;
};

struct kl_box {
	struct kl_sandbox *sandbox;
	char **binds;
	struct kl_launched launched;
	struct kl_watch *watch;
	int base_fd; /* bundle of the kept files; -1: none */
	bool base_sent; /* to the process that runs now */
	bool base_there; /* that process has it, or an earlier one */
	bool used; /* FLAT: has had its one run */
	struct run run;
};

/* --- the process ------------------------------------------------------------------------------------------------ */

static void hear(void *ctx, int fd, short revents);

static enum kl_status start_process(struct kl_box *box, struct kl_error *err)
{
	const char *const *binds = (const char *const *)box->binds;
	enum kl_status status = kl_launch_start(&box->launched, box->sandbox, binds, err);

	if (status)
		return status;
	box->watch = kl_loop_add_fd(box->sandbox->loop, box->launched.control, POLLIN, hear, box);
	box->base_sent = box->base_there = box->used = false;
	return KL_OK;
}

static void end_process(struct kl_box *box)
{
	kl_watch_remove(box->watch);
	box->watch = NULL;
	kl_launch_end(&box->launched);
}

/* --- the end of a run ------------------------------------------------------------------------------------------- */

static void close_stream(struct stream *stream)
{
	kl_watch_remove(stream->watch);
	stream->watch = NULL;
	if (stream->fd >= 0)
		close(stream->fd);
	stream->fd = -1;
}

static void set_status(struct kl_box_result *result, int wait_status)
{
	if (WIFSIGNALED(wait_status)) {
		result->end = KL_END_SIGNALED;
		result->signo = WTERMSIG(wait_status);
	} else {
		result->end = KL_END_EXITED;
		result->exit_code = WEXITSTATUS(wait_status);
	}
}

static void set_end(struct kl_box_result *result, const struct wire_end *end)
{
	static const enum kl_end ends[] = {
		[WIRE_END_STATUS] = KL_END_EXITED,
		[WIRE_END_CPU] = KL_END_CPU,
		[WIRE_END_WALL] = KL_END_WALL,
		[WIRE_END_MEMORY] = KL_END_MEMORY,
		[WIRE_END_KEPT_TOO_MUCH] = KL_END_OUTPUT,
		[WIRE_END_STOPPED] = KL_END_CANCELED,
		[WIRE_END_FAILED] = KL_END_FAILED,
	};

	result->end = end->end < KL_LENGTH(ends) ? ends[end->end] : KL_END_FAILED;
	if (end->end == WIRE_END_STATUS)
		set_status(result, end->wait_status);
	else if (end->end == WIRE_END_KEPT_TOO_MUCH)
		(void)kl_fail(&result->error, KL_EFULL, "it left more than %u files or %llu MiB in its folder",
			      WIRE_KEEP_FILES, (unsigned long long)(WIRE_BUNDLE_MAX / MIB));
	else if (end->end == WIRE_END_FAILED)
		(void)kl_fail(&result->error, KL_EIO, "%s", end->error);
}

static void fill_result(struct kl_box_result *result, const struct run *run)
{
	const struct kl_buf *out = &run->streams[OUT].bytes, *err = &run->streams[ERR].bytes,
			    *value = &run->streams[RESULT].bytes;

	set_end(result, &run->end);
	if (run->reason != KL_END_EXITED)
		result->end = run->reason;
	result->cpu_us = run->end.cpu_us;
	result->wall_us = run->end.wall_us;
	result->cpu_ms = run->end.cpu_us / 1000;
	result->wall_ms = run->end.wall_us / 1000;
	result->peak_kib = run->end.peak_kib;
	result->out = out->data;
	result->out_len = out->len;
	result->out_cut = out->truncated;
	result->err = err->data;
	result->err_len = err->len;
	result->err_cut = err->truncated;
	result->result = value->data;
	result->result_len = value->len;
}

/* The box is free for the next run before done is called: done may start it, or close the box. */
static void finish(struct kl_box *box)
{
	struct run run = box->run;
	struct kl_box_result result = { .error = { .message = "" } };

	for (size_t i = 0; i < STREAMS; i++) {
		close_stream(&box->run.streams[i]);
		run.streams[i].watch = NULL;
	}
	kl_timer_cancel(run.fence);
	kl_timer_cancel(run.linger);
	box->run = (struct run){ .done = NULL };
	fill_result(&result, &run);
	run.done(run.ctx, &result);
	for (size_t i = 0; i < STREAMS; i++)
		kl_buf_release(&run.streams[i].bytes);
}

/* --- output ----------------------------------------------------------------------------------------------------- */

static void stop(struct kl_box *box, enum kl_end reason)
{
	const uint32_t kind = WIRE_STOP;

	if (box->run.reason != KL_END_EXITED)
		return; /* told already */
	box->run.reason = reason;
	if (!box->run.ended)
		(void)!kl_wire_send(box->launched.control, &kind, sizeof(kind), NULL, 0);
}

/* A file of the program, which is dead: from the start, whatever the program did to the position. */
static void read_file(struct stream *stream)
{
	char chunk[CHUNK];
	ssize_t got;

	while ((got = pread(stream->fd, chunk, sizeof(chunk), (off_t)stream->bytes.len)) > 0)
		if (!kl_buf_add(&stream->bytes, chunk, (size_t)got))
			break;
	stream->bytes.truncated = stream->bytes.len == stream->bytes.max;
	close_stream(stream);
}

/* True: there may be more. */
static bool read_once(struct stream *stream)
{
	char chunk[CHUNK];
	ssize_t got = read(stream->fd, chunk, sizeof(chunk));

	if (got < 0 && errno == EINTR)
		return true;
	if (got < 0 && errno == EAGAIN)
		return false;
	if (got <= 0) {
		close_stream(stream);
		return false;
	}
	if (!kl_buf_add(&stream->bytes, chunk, (size_t)got))
		stop(stream->box, KL_END_OUTPUT);
	return true;
}

static void drain(void *ctx, int fd, short revents)
{
	(void)fd;
	(void)revents;
	read_once(ctx);
}

static void linger_over(void *ctx)
{
	struct kl_box *box = ctx;

	box->run.linger = NULL;
	for (size_t i = 0; i < STREAMS; i++)
		for (int chunks = 0; box->run.streams[i].fd >= 0 && chunks < 64; chunks++)
			if (!read_once(&box->run.streams[i]))
				break;
	finish(box);
}

/* All processes are dead: what the pipes still hold is there now, and then they end. */
static void drain_rest(struct kl_box *box)
{
	bool open = false;

	for (size_t i = 0; i < STREAMS; i++) {
		struct stream *stream = &box->run.streams[i];

		if (stream->fd >= 0 && !stream->watch)
			read_file(stream);
		for (int chunks = 0; stream->fd >= 0 && chunks < 64; chunks++)
			if (!read_once(stream))
				break;
		open = open || stream->fd >= 0;
	}
	if (!open)
		finish(box);
	else if (!box->run.linger)
		box->run.linger = kl_loop_add_timer(box->sandbox->loop, LINGER_MS, linger_over, box);
}

/* --- what the box says ------------------------------------------------------------------------------------------ */

static void fail_run(struct kl_box *box, const char *why)
{
	if (!box->run.done || box->run.ended)
		return;
	box->run.ended = true;
	box->run.end = (struct wire_end){ .end = WIRE_END_FAILED };
	snprintf(box->run.end.error, sizeof(box->run.end.error), "%s", why);
	drain_rest(box);
}

static void lose(struct kl_box *box)
{
	struct kl_launched dead = box->launched;
	char why[160] = "";

	kl_watch_remove(box->watch);
	box->watch = NULL;
	box->launched = KL_LAUNCHED_NONE;
	kl_launch_errors(&dead, why, sizeof(why));
	kl_launch_end(&dead);
	fail_run(box, why[0] ? why : "the sandbox ended unexpectedly");
}

static void end_run(struct kl_box *box, const struct wire_end *end, int kept)
{
	if (kept >= 0) {
		if (box->base_fd >= 0)
			close(box->base_fd);
		box->base_fd = kept;
		box->base_sent = false;
	}
	box->run.ended = true;
	box->run.end = *end;
	box->run.end.error[sizeof(end->error) - 1] = '\0';
	kl_cgroup_run_end(&box->launched.cgroup);
	if (box->sandbox->walls == KL_WALLS_FLAT)
		end_process(box);
	drain_rest(box);
}

static void hear(void *ctx, int fd, short revents)
{
	struct kl_box *box = ctx;
	union {
		uint32_t kind;
		struct wire_end end;
	} packet;
	int kept;
	ssize_t got = kl_wire_receive(fd, &packet, sizeof(packet), &kept);

	(void)revents;
	if (got == 0) {
		lose(box);
	} else if (got == (ssize_t)sizeof(packet.end) && packet.kind == WIRE_END && box->run.done && !box->run.ended) {
		end_run(box, &packet.end, kept);
	} else if (kept >= 0) {
		close(kept);
	}
}

static void fence_over(void *ctx)
{
	struct kl_box *box = ctx;

	box->run.fence = NULL;
	end_process(box);
	fail_run(box, "the sandbox did not answer in time");
}

/* --- the start of a run ----------------------------------------------------------------------------------------- */

static bool open_stream(struct kl_box *box, size_t index, size_t max, int *write_end)
{
	struct stream *stream = &box->run.streams[index];
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	*write_end = ends[1];
	stream->fd = ends[0];
	stream->box = box;
	kl_buf_init(&stream->bytes, max);
	stream->watch = kl_loop_add_fd(box->sandbox->loop, ends[0], POLLIN, drain, stream);
	/* so that the program may open /dev/stdout, when it runs under another account than we */
	if (box->launched.uid != geteuid() && fchown(ends[1], box->launched.uid, (gid_t)-1) < 0)
		return false;
	return fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0;
}

/* Sealed against seals, so that its size is for the file limit alone to say. */
static bool open_file(struct kl_box *box, size_t index, size_t max, int *write_end)
{
	struct stream *stream = &box->run.streams[index];

	*write_end = memfd_create("output", MFD_CLOEXEC);
	stream->fd = fcntl(*write_end, F_DUPFD_CLOEXEC, 0);
	stream->box = box;
	kl_buf_init(&stream->bytes, max);
	return stream->fd >= 0 && fcntl(*write_end, F_SETFL, O_APPEND) == 0;
}

static bool open_output(struct kl_box *box, const struct kl_box_run *run, size_t index, int *write_end)
{
	if (run->output_to_file)
		return open_file(box, index, kl_request_file_max(run), write_end);
	return open_stream(box, index, run->output_max ? run->output_max : OUTPUT_MAX, write_end);
}

static bool open_outputs(struct kl_box *box, const struct kl_box_run *run, int fds[WIRE_FD_MAX])
{
	if (!open_output(box, run, OUT, &fds[WIRE_FD_OUT]))
		return false;
	if (!run->join_err)
		return open_output(box, run, ERR, &fds[WIRE_FD_ERR]);
	fds[WIRE_FD_ERR] = fcntl(fds[WIRE_FD_OUT], F_DUPFD_CLOEXEC, 0);
	return fds[WIRE_FD_ERR] >= 0;
}

static bool open_descriptors(struct kl_box *box, const struct kl_box_run *run, int fds[WIRE_FD_MAX])
{
	size_t result_max = run->result_max ? run->result_max : RESULT_MAX;

	fds[WIRE_FD_BUNDLE] = kl_bundle_make(run);
	fds[WIRE_FD_INPUT] = kl_bundle_input(run->input, run->input_len);
	return fds[WIRE_FD_BUNDLE] >= 0 && fds[WIRE_FD_INPUT] >= 0 && open_outputs(box, run, fds) &&
	       (!run->want_result || open_stream(box, RESULT, result_max, &fds[WIRE_FD_RESULT]));
}

static bool send_base(struct kl_box *box)
{
	const struct wire_run packet = { .kind = WIRE_BASE };

	if (box->base_fd < 0 || box->base_sent)
		return true;
	box->base_sent = box->base_there = true;
	return kl_wire_send(box->launched.control, &packet, sizeof(packet), &box->base_fd, 1);
}

/* The kernel's limits count from the program's first instruction; true as well where there is no cgroup. */
static bool send_cgroup(struct kl_box *box, const struct kl_box_run *run)
{
	const struct wire_run packet = { .kind = WIRE_CGROUP };
	int folder;

	if (box->launched.cgroup.dir < 0)
		return true;
	folder = kl_cgroup_run_make(&box->launched.cgroup, run->memory_kib, kl_request_processes(run));
	return folder >= 0 && kl_wire_send(box->launched.control, &packet, sizeof(packet), &folder, 1);
}

static void drop_run(struct kl_box *box)
{
	for (size_t i = 0; i < STREAMS; i++) {
		close_stream(&box->run.streams[i]);
		kl_buf_release(&box->run.streams[i].bytes);
	}
	box->run = (struct run){ .done = NULL };
}

static enum kl_status begin(struct kl_box *box, const struct kl_box_run *run, struct kl_error *err)
{
	const struct wire_run packet = kl_request_packet(run);
	int fds[WIRE_FD_MAX] = { -1, -1, -1, -1, -1 };
	enum kl_status status = KL_OK;

	for (size_t i = 0; i < STREAMS; i++) {
		box->run.streams[i].fd = -1;
		kl_buf_init(&box->run.streams[i].bytes, 0);
	}
	if (!open_descriptors(box, run, fds))
		status = kl_fail_errno(err, KL_EIO, errno, "cannot prepare the run");
	else if (!send_base(box) || !send_cgroup(box, run) ||
		 !kl_wire_send(box->launched.control, &packet, sizeof(packet), fds, WIRE_FD_MAX))
		status = kl_fail(err, KL_EIO, "the sandbox has ended");
	for (size_t i = 0; i < WIRE_FD_MAX; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	box->run.fence =
		status ? NULL
		       : kl_loop_add_timer(box->sandbox->loop, packet.wall_us / 1000 + FENCE_MS, fence_over, box);
	return status;
}

enum kl_status kl_box_run(struct kl_box *box, const struct kl_box_run *run, kl_box_done_fn *done, void *ctx,
			  struct kl_error *err)
{
	enum kl_status status = kl_request_check(run, err);

	if (status)
		return status;
	if (box->run.done)
		return kl_fail(err, KL_EBUSY, "a program is running in this box");
	if (!box->launched.pid || box->used) {
		end_process(box);
		status = start_process(box, err);
	}
	if (!status)
		status = begin(box, run, err);
	if (status) {
		drop_run(box);
		return status;
	}
	box->used = box->sandbox->walls == KL_WALLS_FLAT;
	box->run.done = done;
	box->run.ctx = ctx;
	return KL_OK;
}

void kl_box_cancel(struct kl_box *box)
{
	if (box->run.done)
		stop(box, KL_END_CANCELED);
}

/* --- the box ---------------------------------------------------------------------------------------------------- */

static char **copy_binds(const char *const *binds)
{
	size_t count = 0;
	char **copy;

	while (binds && binds[count])
		count++;
	copy = kl_calloc(count + 1, sizeof(*copy));
	for (size_t i = 0; i < count; i++)
		copy[i] = kl_strdup(binds[i]);
	return copy;
}

static struct kl_box *box_new(struct kl_sandbox *sandbox, const char *const *binds, int base_fd)
{
	struct kl_box *box = kl_calloc(1, sizeof(*box));

	box->sandbox = sandbox;
	box->binds = copy_binds(binds);
	box->base_fd = base_fd;
	box->launched = KL_LAUNCHED_NONE;
	return box;
}

static enum kl_status start_new(struct kl_box **out, struct kl_box *box, struct kl_error *err)
{
	enum kl_status status = start_process(box, err);

	if (status)
		kl_box_close(box);
	else
		*out = box;
	return status;
}

enum kl_status kl_box_open(struct kl_box **out, struct kl_sandbox *sandbox, const char *const *binds,
			   struct kl_error *err)
{
	return start_new(out, box_new(sandbox, binds, -1), err);
}

enum kl_status kl_box_clone(struct kl_box **out, struct kl_box *box, struct kl_error *err)
{
	const char *const *binds = (const char *const *)box->binds;
	int base_fd = box->base_fd < 0 ? -1 : fcntl(box->base_fd, F_DUPFD_CLOEXEC, 0);

	return start_new(out, box_new(box->sandbox, binds, base_fd), err);
}

enum kl_status kl_box_forget(struct kl_box *box, struct kl_error *err)
{
	const struct wire_run packet = { .kind = WIRE_BASE };

	if (box->run.done)
		return kl_fail(err, KL_EBUSY, "a program is running in this box");
	if (box->base_fd >= 0)
		close(box->base_fd);
	box->base_fd = -1;
	if (box->base_there && !kl_wire_send(box->launched.control, &packet, sizeof(packet), NULL, 0))
		end_process(box); /* the next run gets a new one */
	box->base_sent = box->base_there = false;
	return KL_OK;
}

void kl_box_close(struct kl_box *box)
{
	if (!box)
		return;
	end_process(box); /* kills */
	if (box->run.done) {
		box->run.reason = KL_END_CANCELED;
		box->run.ended = true;
		finish(box);
	}
	for (char **bind = box->binds; *bind; bind++)
		free(*bind);
	free(box->binds);
	if (box->base_fd >= 0)
		close(box->base_fd);
	free(box);
}
