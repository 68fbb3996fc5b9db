/* What a command asks of the person: a secret without an echo, and consent. Read byte by byte: nothing stays in a buffer. */
#include "command.h"

#include <errno.h>
#include <termios.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/crypto.h>

enum { SECRET_MAX = 4096, KEY_INTERRUPT = 3, KEY_END = 4, KEY_ERASE_LINE = 21, KEY_ERASE = 127, KEY_ERASE_OLD = 8 };

static ssize_t read_byte(char *byte)
{
	ssize_t got;

	do
		got = read(STDIN_FILENO, byte, 1);
	while (got < 0 && errno == EINTR);
	return got;
}

/* What a key of the terminal does to the line; false: the line is done. */
static bool edit_line(char *line, size_t *len, char byte, enum kl_status *status)
{
	switch (byte) {
	case KEY_INTERRUPT:
		*status = KL_ECANCELED;
		return false;
	case KEY_END:
	case '\r':
	case '\n':
		return false;
	case KEY_ERASE_LINE:
		*len = 0;
		return true;
	case KEY_ERASE:
	case KEY_ERASE_OLD:
		*len -= *len > 0;
		return true;
	default:
		if (*len == SECRET_MAX) {
			*status = KL_EFULL;
			return false;
		}
		line[(*len)++] = byte;
		return true;
	}
}

/*
 * The line is edited here, with the terminal's own editing and signals off: C-c must not leave a terminal behind that
 * shows nothing of what is typed.
 */
static enum kl_status read_typed(char *line, size_t *len)
{
	enum kl_status status = KL_OK;
	struct termios before, silent;
	char byte;

	if (tcgetattr(STDIN_FILENO, &before) < 0)
		return KL_EIO;
	silent = before;
	silent.c_lflag &= ~(tcflag_t)(ECHO | ICANON | ISIG | IEXTEN);
	silent.c_cc[VMIN] = 1;
	silent.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	while (read_byte(&byte) == 1 && edit_line(line, len, byte, &status))
		;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	return status;
}

static enum kl_status read_piped(char *line, size_t *len)
{
	char byte;

	while (read_byte(&byte) == 1 && byte != '\n') {
		if (*len == SECRET_MAX)
			return KL_EFULL;
		line[(*len)++] = byte;
	}
	*len -= *len && line[*len - 1] == '\r';
	return KL_OK;
}

enum kl_status cli_secret(char **secret, const char *what, struct kl_error *err)
{
	bool terminal = isatty(STDIN_FILENO);
	char *line = kl_secret_alloc(SECRET_MAX + 1);
	enum kl_status status;
	size_t len = 0;

	if (terminal)
		fprintf(stderr, "%s (it is not shown): ", what);
	status = terminal ? read_typed(line, &len) : read_piped(line, &len);
	if (terminal)
		fputc('\n', stderr);
	line[len] = '\0';
	if (status == KL_ECANCELED)
		kl_fail(err, status, "nothing was changed");
	else if (status == KL_EFULL)
		kl_fail(err, KL_EINVAL, "the value is too long: %d characters at most", SECRET_MAX);
	else if (status)
		kl_fail(err, status, "the terminal cannot be read");
	else if (!len)
		status = kl_fail(err, KL_EINVAL, "no value was given on standard input");
	if (status) {
		kl_secret_free(line);
		return err ? err->status : status;
	}
	*secret = line;
	return KL_OK;
}

bool cli_on_terminal(void)
{
	return isatty(STDIN_FILENO);
}

enum kl_status cli_line(char **line, const char *what, struct kl_error *err)
{
	char text[SECRET_MAX + 1];
	size_t len = 0;

	if (cli_on_terminal())
		fprintf(stderr, "%s: ", what);
	if (read_piped(text, &len))
		return kl_fail(err, KL_EINVAL, "the value is too long: %d characters at most", SECRET_MAX);
	if (!len)
		return kl_fail(err, KL_EINVAL, "no value was given on standard input");
	*line = kl_strndup(text, len);
	return KL_OK;
}

bool cli_agrees(const struct cli *cli, const char *text)
{
	char byte, first = '\0';
	bool begun = false;

	if (!isatty(STDIN_FILENO))
		return false;
	cli_print(stderr, cli, text, strlen(text));
	fputs("\nDo you agree? [y/N] ", stderr);
	while (read_byte(&byte) == 1 && byte != '\n') {
		if (!begun && byte != ' ')
			first = byte;
		begun = begun || byte != ' ';
	}
	return first == 'y' || first == 'Y';
}
