/* The log file: one line per event, one write per line, so that lines of two processes never mix. */

#include <kodelab/log.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/clock.h>

#define LOG_SIZE_MAX   ((off_t)1 << 20)
#define LINE_MAX_BYTES 4096

static struct {
	int fd;
	enum kl_log_level level;
	struct kl_clock clock;
} sink = { .fd = -1 }; /* the process has one log */

static enum kl_status set_aside(const char *path, struct kl_error *err)
{
	enum kl_status status = KL_OK;
	struct stat st;
	char *old;

	if (stat(path, &st) < 0 || st.st_size < LOG_SIZE_MAX)
		return KL_OK;
	old = kl_format("%s.1", path);
	if (rename(path, old) < 0)
		status = kl_fail_errno(err, KL_EIO, errno, "cannot set the log '%s' aside", path);
	free(old);
	return status;
}

enum kl_status kl_log_open(const char *path, enum kl_log_level level, struct kl_error *err)
{
	enum kl_status status = set_aside(path, err);
	int fd;

	if (status)
		return status;
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return kl_fail_errno(err, KL_EIO, errno, "cannot open the log '%s'", path);
	kl_log_close();
	sink.fd = fd;
	sink.level = level;
	kl_clock_init(&sink.clock);
	return KL_OK;
}

void kl_log_close(void)
{
	if (sink.fd >= 0)
		close(sink.fd);
	sink.fd = -1;
}

static void add_time(struct kl_buf *line)
{
	int64_t now_ms = kl_clock_wall_ms(&sink.clock);
	time_t seconds = (time_t)(now_ms / 1000);
	char text[32];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	kl_buf_addf(line, "%s.%03dZ", text, (int)(now_ms % 1000));
}

/* Control bytes would let a logged text forge a line or drive the reader's terminal. */
static void add_escaped(struct kl_buf *line, const char *text)
{
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte < 0x20 || byte == 0x7f)
			kl_buf_addf(line, "\\x%02x", byte);
		else
			kl_buf_add_char(line, *text);
	}
}

void kl_log(enum kl_log_level level, const char *area, const char *fmt, ...)
{
	static const char *const names[] = { "ERROR", "WARN", "INFO", "DEBUG" };
	struct kl_buf text, line;
	ssize_t written;
	va_list args;

	if (sink.fd < 0 || level > sink.level)
		return;
	kl_buf_init(&text, LINE_MAX_BYTES);
	kl_buf_init(&line, (size_t)LINE_MAX_BYTES * 4 + 128);
	va_start(args, fmt);
	kl_buf_vaddf(&text, fmt, args);
	va_end(args);
	add_time(&line);
	kl_buf_addf(&line, " %s %s ", names[level], area);
	add_escaped(&line, text.data);
	kl_buf_add_char(&line, '\n');
	written = write(sink.fd, line.data, line.len);
	(void)written; /* a full disk must not stop the lab, and there is nowhere to say it */
	kl_buf_release(&line);
	kl_buf_release(&text);
}
