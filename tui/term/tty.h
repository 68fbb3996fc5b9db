#ifndef TUI_TTY_H
#define TUI_TTY_H

/* The terminal device: its modes, its size, and the way out when the program dies. */

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

#include <kodelab/error.h>

struct tty {
	int fd; /* for reading and writing, never blocks */
	bool own_fd; /* opened here; else standard output, made non-blocking, and flags is what it had */
	int flags;
	struct termios saved; /* as it was found */
};

/* Takes the terminal of standard input and output; changes no mode. KL_EINVAL: one of them is no terminal. */
enum kl_status tty_open(struct tty *tty, struct kl_error *err) KL_MUST_CHECK;
void tty_close(struct tty *tty);
/* Keys one by one: no echo, no signals, no flow control, no translation. */
void tty_set_raw(const struct tty *tty);
void tty_restore(const struct tty *tty);
/* The size as the kernel knows it; 24x80 when it knows none. The environment is not asked. */
void tty_size(const struct tty *tty, int *rows, int *cols);

/*
 * From now on a crash (SIGSEGV, SIGABRT, SIGBUS, ..., kl_die) writes bytes and restores the modes before it goes on.
 * Bytes are copied (at most TTY_RESCUE_MAX). There is one such terminal in a process.
 */
enum { TTY_RESCUE_MAX = 512 };
void tty_rescue_set(const struct tty *tty, const char *bytes, size_t len);
void tty_rescue_clear(void);

#endif
