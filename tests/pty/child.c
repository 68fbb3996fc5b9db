/* Programs on ptys: see child.h. */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <utmp.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/file.h>

enum { READ_SIZE = 65536, STEP_MS = 20, KILL_MS = 5000, UNSEEN_MS = 500, RESTLESS_MS = 60000 };

static void become(const struct places *places, const struct start *start, const char *home)
{
	const char *const lab[] = { places->lab, NULL };
	const char *const *argv = start->argv ? start->argv : lab;
	const char *path = getenv("PATH"), *asan = getenv("ASAN_OPTIONS");
	char **copy = kl_calloc(16, sizeof(*copy));
	size_t count = 0;

	clearenv();
	setenv("PATH", path ? path : "/usr/bin:/bin", 1);
	if (asan)
		setenv("ASAN_OPTIONS", asan, 1);
	setenv("HOME", home, 1);
	setenv("LANG", "C.UTF-8", 1);
	setenv("KODELAB_SHARE", places->share, 1);
	setenv("TERM", start->term ? start->term : "xterm-256color", 1);
	for (size_t i = 0; i < ENV_MAX && start->env[i]; i++) {
		char *name = kl_strndup(start->env[i], strcspn(start->env[i], "="));

		setenv(name, start->env[i] + strlen(name) + 1, 1);
		free(name);
	}
	while (argv[count] && count < 15) {
		copy[count] = kl_strdup(argv[count]);
		count++;
	}
	execvp(copy[0], copy);
	_exit(127);
}

void child_start(struct child *child, const struct places *places, const struct start *start)
{
	struct winsize size = { .ws_row = (unsigned short)(start->rows ? start->rows : 24),
				.ws_col = (unsigned short)(start->cols ? start->cols : 80) };
	int slave;

	memset(child, 0, sizeof(*child));
	child->own_home = !start->home;
	snprintf(child->home, sizeof(child->home), "%s", start->home ? start->home : "/tmp/kodelab-pty-XXXXXX");
	if (child->own_home && !mkdtemp(child->home))
		kl_die("mkdtemp: %s", strerror(errno));
	emulator_init(&child->emulator, size.ws_row, size.ws_col, start->features);
	if (openpty(&child->fd, &slave, NULL, NULL, &size))
		kl_die("openpty: %s", strerror(errno));
	fcntl(child->fd, F_SETFD, FD_CLOEXEC);
	fcntl(child->fd, F_SETFL, O_NONBLOCK);
	tcgetattr(slave, &child->before);
	child->pid = fork();
	if (child->pid == 0) {
		login_tty(slave);
		become(places, start, child->home);
	}
	close(slave);
}

/* ---- input and output ------------------------------------------------------------------------------------------ */

static void give_answers(struct child *child)
{
	struct kl_buf *answers = &child->emulator.answers;

	if (child->emulator.features & FEATURE_LATE)
		return;
	if (answers->len)
		child_send_bytes(child, answers->data, answers->len);
	kl_buf_clear(answers);
}

/* One read of at most ms; false: nothing came. */
static bool read_once(struct child *child, int ms)
{
	struct pollfd ready = { .fd = child->fd, .events = POLLIN };
	char bytes[READ_SIZE];
	ssize_t got;

	if (child->fd < 0) {
		poll(NULL, 0, ms);
		return false;
	}
	if (poll(&ready, 1, ms) <= 0)
		return false;
	got = read(child->fd, bytes, sizeof(bytes));
	if (got <= 0) {
		poll(NULL, 0, ms < STEP_MS ? ms : STEP_MS); /* EIO: nobody has the other end */
		return false;
	}
	emulator_feed(&child->emulator, bytes, (size_t)got);
	give_answers(child);
	return true;
}

static int left_ms(int64_t end_ms)
{
	int64_t left = end_ms - kl_clock_mono_ms();

	return left < 0 ? 0 : (int)left;
}

void child_pump(struct child *child, int ms)
{
	int64_t end_ms = kl_clock_mono_ms() + ms;

	while (left_ms(end_ms) > 0)
		read_once(child, left_ms(end_ms) < STEP_MS ? left_ms(end_ms) : STEP_MS);
}

bool child_wait_either(struct child *child, const char *text, const char *other, int ms)
{
	int64_t end_ms = kl_clock_mono_ms() + ms;

	while (!emulator_has(&child->emulator, text) && !emulator_has(&child->emulator, other)) {
		if (left_ms(end_ms) == 0)
			return false;
		read_once(child, STEP_MS);
	}
	return true;
}

static bool wait_text(struct child *child, const char *text, int ms, bool there)
{
	int64_t end_ms = kl_clock_mono_ms() + ms;

	while (emulator_has(&child->emulator, text) != there) {
		if (left_ms(end_ms) == 0)
			return false;
		read_once(child, STEP_MS);
	}
	return true;
}

bool child_wait_text(struct child *child, const char *text, int ms)
{
	return wait_text(child, text, ms, true);
}

bool child_wait_answers(struct child *child, int ms)
{
	int64_t end_ms = kl_clock_mono_ms() + ms;

	while (child->emulator.answers.len == 0) {
		if (left_ms(end_ms) == 0)
			return false;
		read_once(child, STEP_MS);
	}
	return true;
}

bool child_wait_gone(struct child *child, const char *text, int ms)
{
	return wait_text(child, text, ms, false);
}

/* ---- rest ------------------------------------------------------------------------------------------------------ */

/* What its process is doing: a letter as in proc(5), and how often it has given the processor away. */
static char state(const struct child *child, long *switches)
{
	static const char state_name[] = "\nState:\t", *const names[] = { "\nvoluntary_ctxt_switches:",
									  "\nnonvoluntary_ctxt_switches:" };
	char *path = kl_format("/proc/%d/status", (int)child->pid), letter = 'Z';
	struct kl_buf text;
	const char *at;

	*switches = 0;
	kl_buf_init(&text, 1 << 16);
	if (!child->ended && !kl_file_read(&text, path, NULL)) {
		if ((at = strstr(text.data, state_name)))
			letter = at[strlen(state_name)];
		for (size_t i = 0; i < KL_LENGTH(names); i++)
			if ((at = strstr(text.data, names[i])))
				*switches += strtol(at + strlen(names[i]), NULL, 10);
	}
	kl_buf_release(&text);
	free(path);
	return letter;
}

static bool asleep(const struct child *child, long *switches)
{
	char letter = state(child, switches);

	return letter != 'R' && letter != 'D';
}

bool child_rests(struct child *child)
{
	long before, after;

	return asleep(child, &before) && !read_once(child, 0) && asleep(child, &after) && after == before;
}

void child_wait_quiet(struct child *child, int ms)
{
	int64_t begun_ms = kl_clock_mono_ms();
	long before, after;

	do {
		bool rested = asleep(child, &before);

		if (read_once(child, ms) || !asleep(child, &after) || !rested || after != before)
			continue;
		if (!child->sent || after != child->switches || kl_clock_mono_ms() - begun_ms > UNSEEN_MS)
			break;
	} while (kl_clock_mono_ms() - begun_ms < RESTLESS_MS);
	child->sent = false;
}

int child_wait_exit(struct child *child, int ms)
{
	int64_t end_ms = kl_clock_mono_ms() + ms;

	while (!child->ended) {
		if (waitpid(child->pid, &child->status, WNOHANG) == child->pid)
			child->ended = true;
		else if (left_ms(end_ms) == 0)
			return EXIT_TIMEOUT;
		read_once(child, child->ended ? 0 : STEP_MS);
	}
	child_wait_quiet(child, STEP_MS);
	return WIFEXITED(child->status) ? WEXITSTATUS(child->status) : 128 + WTERMSIG(child->status);
}

void child_send_bytes(struct child *child, const char *bytes, size_t len)
{
	int tries = 0;

	child->sent = true;
	(void)state(child, &child->switches);
	while (len > 0 && child->fd >= 0 && tries < 12000) {
		ssize_t done = write(child->fd, bytes, len);

		if (done < 0 && errno != EAGAIN)
			return;
		if (done < 0) {
			tries++;
			read_once(child, 5);
			continue;
		}
		bytes += done;
		len -= (size_t)done;
	}
}

void child_answer(struct child *child)
{
	child->emulator.features &= ~(unsigned)FEATURE_LATE;
	give_answers(child);
}

void child_send(struct child *child, const char *bytes)
{
	child_send_bytes(child, bytes, strlen(bytes));
}

/* ---- the rest -------------------------------------------------------------------------------------------------- */

void child_resize(struct child *child, int rows, int cols)
{
	struct winsize size = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols };

	emulator_resize(&child->emulator, rows, cols);
	ioctl(child->fd, TIOCSWINSZ, &size);
}

void child_signal(struct child *child, int signo)
{
	kill(child->pid, signo);
}

void child_hang_up(struct child *child)
{
	close(child->fd);
	child->fd = -1;
}

struct termios child_modes(const struct child *child)
{
	struct termios modes;

	memset(&modes, 0, sizeof(modes));
	tcgetattr(child->fd, &modes);
	return modes;
}

void child_stop_keep(struct child *child)
{
	if (!child->ended) {
		kill(child->pid, SIGCONT);
		kill(child->pid, SIGTERM);
		if (child_wait_exit(child, KILL_MS) == EXIT_TIMEOUT) {
			kill(child->pid, SIGKILL);
			child_wait_exit(child, KILL_MS);
		}
	}
	if (child->fd >= 0)
		close(child->fd);
	emulator_release(&child->emulator);
}

void child_stop(struct child *child)
{
	child_stop_keep(child);
	if (kl_file_remove_tree(child->home, NULL))
		return;
}
