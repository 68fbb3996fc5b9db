/* Lines of the log: built, gathered, written. */

#include "core/server/eventlog.h"

#include <math.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <kodelab/buf.h>
#include <kodelab/clock.h>

#include "core/server/jsonout.h"

#define GATHER_MAX ((size_t)1 << 20)
#define TEXT_MAX   512 /* bytes of one field */
#define CHUNK      4096 /* PIPE_BUF: a pipe that polls writable takes so much without blocking */

static struct {
	enum kl_log_level level;
	bool readable, open;
	struct kl_buf lines;
	unsigned dropped;
	struct kl_clock clock;
} sink; /* the process has one log */

static const char *const levels[] = { "error", "warn", "info", "debug" };

void eventlog_level(const char *level)
{
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (!strcmp(levels[i], level))
			sink.level = (enum kl_log_level)i;
}

void eventlog_open(const char *level, bool readable)
{
	kl_buf_init(&sink.lines, GATHER_MAX);
	kl_clock_init(&sink.clock);
	sink.readable = readable;
	sink.open = true;
	eventlog_level(level);
}

static void add_time(struct kl_buf *line)
{
	char text[JSONOUT_TIME_SIZE];

	jsonout_time(text, kl_clock_wall_ms(&sink.clock));
	kl_buf_add_str(line, text);
}

/* Nearly all are, and digits alone are cheap. */
static bool is_whole(double number)
{
	return fabs(number) < 1e15 && (double)(int64_t)number == number;
}

static void add_field(struct kl_buf *line, const struct eventlog_field *field)
{
	if (sink.readable) {
		kl_buf_add_char(line, ' ');
		kl_buf_add_str(line, field->name);
		kl_buf_add_char(line, '=');
	} else {
		jsonout_key(line, field->name);
	}
	if (field->text)
		jsonout_string(line, field->text, strnlen(field->text, TEXT_MAX));
	else if (is_whole(field->number))
		kl_buf_add_int(line, (int64_t)field->number);
	else
		kl_buf_addf(line, "%.15g", field->number);
}

static void build(struct kl_buf *line, enum kl_log_level level, const char *event, const struct eventlog_field *fields,
		  size_t count)
{
	if (!sink.readable)
		kl_buf_add_str(line, "{\"time\":\"");
	add_time(line);
	kl_buf_add_str(line, sink.readable ? " " : "\",\"level\":\"");
	kl_buf_add_str(line, levels[level]);
	kl_buf_add_str(line, sink.readable ? " " : "\",\"event\":\"");
	kl_buf_add_str(line, event);
	kl_buf_add_str(line, sink.readable ? "" : "\"");
	for (size_t i = 0; i < count; i++)
		add_field(line, &fields[i]);
	kl_buf_add_str(line, sink.readable ? "\n" : "}\n");
}

/* A line behind the others; false: there is no room for all of it. */
static bool gather(enum kl_log_level level, const char *event, const struct eventlog_field *fields, size_t count)
{
	size_t before = sink.lines.len;

	build(&sink.lines, level, event, fields, count);
	if (!sink.lines.truncated)
		return true;
	kl_buf_cut(&sink.lines, before);
	sink.lines.truncated = false;
	return false;
}

void eventlog_add(enum kl_log_level level, const char *event, const struct eventlog_field *fields, size_t count)
{
	if (!sink.open || level > sink.level || gather(level, event, fields, count))
		return;
	eventlog_flush();
	sink.dropped += !gather(level, event, fields, count);
}

static bool may_write(void)
{
	struct pollfd polled = { .fd = STDERR_FILENO, .events = POLLOUT };

	return poll(&polled, 1, 0) > 0 && (polled.revents & POLLOUT);
}

void eventlog_flush(void)
{
	size_t done = 0;

	while (sink.open && done < sink.lines.len && may_write()) {
		size_t left = sink.lines.len - done;
		ssize_t put = write(STDERR_FILENO, sink.lines.data + done, left < CHUNK ? left : CHUNK);

		if (put <= 0)
			break;
		done += (size_t)put;
	}
	kl_buf_consume(&sink.lines, done);
	if (sink.dropped && !sink.lines.len) {
		unsigned dropped = sink.dropped;

		sink.dropped = 0;
		eventlog(KL_LOG_WARN, "log_lines_dropped", EVENTLOG_NUMBER("count", dropped));
	}
}

void eventlog_close(void)
{
	eventlog_flush();
	sink.open = false;
	kl_buf_release(&sink.lines);
}
