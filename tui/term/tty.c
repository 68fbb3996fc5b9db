/*
 * The terminal device. It is opened anew by name: the descriptors 0 to 2 are shared with the shell, and must not be made
 * non-blocking for it.
 */
#include "tty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <kodelab/alloc.h>

enum { DEFAULT_ROWS = 24, DEFAULT_COLS = 80, SIZE_MAX_CELLS = 2000, RESCUE_WAIT_MS = 200, NAME_MAX_LEN = 256 };

static int open_again(void)
{
	char name[NAME_MAX_LEN];

	if (ttyname_r(STDOUT_FILENO, name, sizeof(name)) != 0)
		return -1;
	return open(name, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
}

enum kl_status tty_open(struct tty *tty, struct kl_error *err)
{
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return kl_fail(
			err, KL_EINVAL,
			"the full screen needs a terminal for input and output; in pipes and scripts use a subcommand: kodelab help");
	*tty = (struct tty){ .fd = open_again(), .own_fd = true };
	if (tty->fd < 0) {
		tty->own_fd = false;
		tty->fd = STDOUT_FILENO;
		tty->flags = fcntl(tty->fd, F_GETFL);
		fcntl(tty->fd, F_SETFL, tty->flags | O_NONBLOCK);
	}
	if (tcgetattr(tty->fd, &tty->saved) == 0)
		return KL_OK;
	kl_fail_errno(err, KL_EINVAL, errno, "the terminal does not tell its modes");
	tty_close(tty);
	return KL_EINVAL;
}

void tty_close(struct tty *tty)
{
	if (tty->own_fd)
		close(tty->fd);
	else
		fcntl(tty->fd, F_SETFL, tty->flags);
}

static void set_modes(const struct tty *tty, const struct termios *modes)
{
	while (tcsetattr(tty->fd, TCSANOW, modes) != 0 && errno == EINTR)
		;
}

void tty_set_raw(const struct tty *tty)
{
	struct termios raw = tty->saved;

	raw.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON | IXOFF);
	raw.c_oflag &= ~(tcflag_t)OPOST;
	raw.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	raw.c_cflag &= ~(tcflag_t)(CSIZE | PARENB);
	raw.c_cflag |= CS8;
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	set_modes(tty, &raw);
}

void tty_restore(const struct tty *tty)
{
	set_modes(tty, &tty->saved);
}

void tty_size(const struct tty *tty, int *rows, int *cols)
{
	struct winsize size = { 0 };

	*rows = DEFAULT_ROWS;
	*cols = DEFAULT_COLS;
	if (ioctl(tty->fd, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0)
		return;
	*rows = size.ws_row < SIZE_MAX_CELLS ? size.ws_row : SIZE_MAX_CELLS;
	*cols = size.ws_col < SIZE_MAX_CELLS ? size.ws_col : SIZE_MAX_CELLS;
}

/* ---- the way out ----------------------------------------------------------------------------------------------- */

/* A signal handler has no context but this: the one exception to "no globals". */
static struct {
	volatile sig_atomic_t armed;
	bool installed;
	int fd;
	struct termios modes;
	char bytes[TTY_RESCUE_MAX];
	size_t len;
} rescue;

static const int deadly[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGSYS, SIGTRAP };

/* Async-signal-safe. */
static void rescue_terminal(void)
{
	struct pollfd ready = { .events = POLLOUT };
	size_t done = 0;

	if (!rescue.armed)
		return;
	rescue.armed = 0;
	ready.fd = rescue.fd;
	while (done < rescue.len && poll(&ready, 1, RESCUE_WAIT_MS) == 1) {
		ssize_t count = write(rescue.fd, rescue.bytes + done, rescue.len - done);

		if (count < 0)
			break;
		done += (size_t)count;
	}
	tcsetattr(rescue.fd, TCSANOW, &rescue.modes);
}

static void on_deadly(int signo)
{
	rescue_terminal();
	raise(signo); /* SA_RESETHAND: now it is deadly */
}

static void install(void)
{
	static char stack[16 << 10]; /* a stack overflow must be told, too */
	stack_t alternative = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction action = { .sa_handler = on_deadly,
				    .sa_flags = (int)(SA_RESETHAND | SA_ONSTACK | SA_NODEFER) };

	sigaltstack(&alternative, NULL);
	for (size_t i = 0; i < KL_LENGTH(deadly); i++)
		sigaction(deadly[i], &action, NULL);
	kl_die_hook(rescue_terminal);
}

void tty_rescue_set(const struct tty *tty, const char *bytes, size_t len)
{
	rescue.armed = 0;
	rescue.fd = tty->fd;
	rescue.modes = tty->saved;
	rescue.len = len < TTY_RESCUE_MAX ? len : TTY_RESCUE_MAX;
	memcpy(rescue.bytes, bytes, rescue.len);
	if (!rescue.installed)
		install();
	rescue.installed = true;
	rescue.armed = 1;
}

void tty_rescue_clear(void)
{
	rescue.armed = 0;
}
