/* A watched program: see session.h. */
#include "session.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kodelab/clock.h>
#include <kodelab/error.h>

enum { READ_SIZE = 65536, CHILDREN_DEPTH = 3 };

/* ---- the terminal ---- */

static int on_damage(VTermRect area, void *ctx)
{
	struct session *session = ctx;

	(void)area;
	session->changes++;
	session->cells++;
	return 1;
}

static int on_cursor(VTermPos to, VTermPos from, int visible, void *ctx)
{
	struct session *session = ctx;

	(void)from;
	(void)visible;
	session->cursor = to;
	session->changes++;
	return 1;
}

static void send_bytes(struct session *session, const char *bytes, size_t len);

static void on_answer(const char *bytes, size_t len, void *ctx)
{
	send_bytes(ctx, bytes, len);
}

static const VTermScreenCallbacks callbacks = { .damage = on_damage, .movecursor = on_cursor };

static void open_screen(struct session *session)
{
	session->vt = vterm_new(SCREEN_ROWS, SCREEN_COLS);
	vterm_set_utf8(session->vt, 1);
	vterm_output_set_callback(session->vt, on_answer, session);
	session->screen = vterm_obtain_screen(session->vt);
	vterm_screen_set_callbacks(session->screen, &callbacks, session);
	vterm_screen_enable_altscreen(session->screen, 1);
	vterm_screen_reset(session->screen, 1);
}

/* ---- life ---- */

static void become(const char *const *argv, const char *home)
{
	const char *path = getenv("PATH"), *share = getenv("KODELAB_SHARE");
	char *copy[16] = { NULL };

	clearenv();
	setenv("PATH", path ? path : "/usr/bin:/bin", 1);
	if (share)
		setenv("KODELAB_SHARE", share, 1);
	setenv("HOME", home, 1);
	setenv("LANG", "C.UTF-8", 1);
	setenv("TERM", "xterm-256color", 1);
	for (size_t i = 0; i < 15 && argv[i]; i++)
		copy[i] = strdup(argv[i]);
	if (chdir(home) == 0)
		execvp(copy[0], copy);
	_exit(127);
}

void session_start(struct session *session, const char *const *argv, const char *home)
{
	struct winsize size = { .ws_row = SCREEN_ROWS, .ws_col = SCREEN_COLS };

	memset(session, 0, sizeof(*session));
	open_screen(session);
	session->start_us = kl_clock_mono_us();
	session->pid = forkpty(&session->fd, NULL, NULL, &size);
	if (session->pid < 0)
		kl_die("forkpty: %s", strerror(errno));
	if (session->pid == 0)
		become(argv, home);
	fcntl(session->fd, F_SETFL, O_NONBLOCK);
	fcntl(session->fd, F_SETFD, FD_CLOEXEC);
}

void session_stop(struct session *session)
{
	kill(session->pid, SIGKILL);
	waitpid(session->pid, NULL, 0);
	close(session->fd);
	vterm_free(session->vt);
}

/* ---- input and output ---- */

/* False: nothing came within us. */
static bool take(struct session *session, int64_t us)
{
	struct pollfd ready = { .fd = session->fd, .events = POLLIN };
	struct timespec limit = { us / 1000000, (long)(us % 1000000) * 1000 };
	static char bytes[READ_SIZE];
	ssize_t got;

	if (ppoll(&ready, 1, &limit, NULL) <= 0)
		return false;
	got = read(session->fd, bytes, sizeof(bytes));
	if (got <= 0) {
		poll(NULL, 0, 1); /* it has ended */
		return false;
	}
	session->bytes += (size_t)got;
	vterm_input_write(session->vt, bytes, (size_t)got);
	vterm_screen_flush_damage(session->screen);
	return true;
}

static void send_bytes(struct session *session, const char *bytes, size_t len)
{
	int64_t end_us = kl_clock_mono_us() + 30000000;

	while (len > 0 && kl_clock_mono_us() < end_us) {
		ssize_t done = write(session->fd, bytes, len);

		if (done < 0 && errno != EAGAIN)
			return;
		if (done < 0) {
			take(session, 1000);
			continue;
		}
		bytes += done;
		len -= (size_t)done;
	}
}

static VTermKey special(char key)
{
	static const VTermKey keys[] = { VTERM_KEY_UP,       VTERM_KEY_DOWN, VTERM_KEY_LEFT,       VTERM_KEY_RIGHT,
					 VTERM_KEY_PAGEDOWN, VTERM_KEY_END,  VTERM_KEY_FUNCTION(2) };
	int index = (unsigned char)key - 0xf8;

	return index >= 0 && index < 7 ? keys[index] : VTERM_KEY_NONE;
}

void session_send(struct session *session, const char *keys)
{
	while (*keys) {
		size_t plain = 0;

		while (keys[plain] && special(keys[plain]) == VTERM_KEY_NONE)
			plain++;
		send_bytes(session, keys, plain);
		keys += plain;
		if (*keys)
			vterm_keyboard_key(session->vt, special(*keys++), VTERM_MOD_NONE);
	}
}

int64_t session_wait(struct session *session, session_test_fn *test, const void *ctx, int64_t from_us, int limit_ms)
{
	int64_t end_us = kl_clock_mono_us() + (int64_t)limit_ms * 1000;

	while (!test(session, ctx)) {
		int64_t left_us = end_us - kl_clock_mono_us();

		if (left_us <= 0)
			return -1;
		take(session, left_us);
	}
	return kl_clock_mono_us() - from_us;
}

void session_settle(struct session *session, int ms)
{
	int64_t end_us = kl_clock_mono_us() + 20000000;

	while (take(session, (int64_t)ms * 1000) && kl_clock_mono_us() < end_us)
		;
}

void session_pump(struct session *session, int ms)
{
	int64_t end_us = kl_clock_mono_us() + (int64_t)ms * 1000, left_us;

	while ((left_us = end_us - kl_clock_mono_us()) > 0)
		take(session, left_us);
}

/* ---- what it costs ---- */

static size_t read_text(char *text, size_t size, const char *path)
{
	FILE *file = fopen(path, "re");
	size_t len = 0;

	if (file) {
		len = fread(text, 1, size - 1, file);
		fclose(file);
	}
	text[len] = '\0';
	return len;
}

static int64_t number_after(const char *text, const char *label)
{
	const char *at = strstr(text, label);

	return at ? strtoll(at + strlen(label), NULL, 10) : 0;
}

static void add_task(struct usage *usage, pid_t pid, const char *task)
{
	char text[4096], path[300];

	snprintf(path, sizeof(path), "/proc/%d/task/%s/schedstat", pid, task);
	if (read_text(text, sizeof(text), path))
		usage->cpu_ns += strtoll(text, NULL, 10);
	snprintf(path, sizeof(path), "/proc/%d/task/%s/status", pid, task);
	if (read_text(text, sizeof(text), path))
		usage->wakeups += number_after(text, "\nvoluntary_ctxt_switches:");
}

static void add_process(struct usage *usage, pid_t pid, int depth)
{
	char text[4096], path[300], *at = text;
	struct dirent *task;
	DIR *tasks;

	snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", pid);
	if (read_text(text, sizeof(text), path))
		usage->pss_kib += number_after(text, "\nPss:");
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	tasks = opendir(path);
	while (tasks && (task = readdir(tasks)))
		if (task->d_name[0] != '.')
			add_task(usage, pid, task->d_name);
	if (tasks)
		closedir(tasks);
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	if (depth == 0 || !read_text(text, sizeof(text), path))
		return;
	for (long child; (child = strtol(at, &at, 10)) > 0;)
		add_process(usage, (pid_t)child, depth - 1);
}

struct usage session_usage(const struct session *session)
{
	struct usage usage = { 0 };

	add_process(&usage, session->pid, CHILDREN_DEPTH);
	return usage;
}

/* ---- tests ---- */

static void read_row(const struct session *session, int y, char row[SCREEN_COLS * 4 + 1])
{
	VTermRect area = { y, y + 1, 0, SCREEN_COLS };

	row[vterm_screen_get_text(session->screen, row, SCREEN_COLS * 4, area)] = '\0';
}

void session_dump(struct session *session)
{
	char row[SCREEN_COLS * 4 + 1];

	for (int y = 0; y < SCREEN_ROWS; y++) {
		read_row(session, y, row);
		fprintf(stderr, "|%s\n", row);
	}
}

bool session_has_text(struct session *session, const void *text)
{
	char row[SCREEN_COLS * 4 + 1];

	for (int y = 0; y < SCREEN_ROWS; y++) {
		read_row(session, y, row);
		if (strstr(row, text))
			return true;
	}
	return false;
}

bool session_changed(struct session *session, const void *changes_before)
{
	return session->changes != *(const unsigned *)changes_before;
}

bool session_drew(struct session *session, const void *cells_before)
{
	return session->cells != *(const unsigned *)cells_before;
}

bool session_has_cell(struct session *session, const void *expected_cell)
{
	const struct expected_cell *expected = expected_cell;
	VTermScreenCell cell;

	return vterm_screen_get_cell(session->screen, expected->pos, &cell) && cell.chars[0] == expected->code;
}

bool session_cursor_moved(struct session *session, const void *pos_before)
{
	const VTermPos *before = pos_before;

	return session->cursor.row != before->row || session->cursor.col != before->col;
}
