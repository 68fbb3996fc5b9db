/*
 * A line of the standard input, byte by byte: nothing of it stays in a buffer. On a terminal it is not shown, and edited here, with the
 * terminal's own editing and signals off: C-c must not leave a terminal behind that shows nothing of what is typed.
 */

#include <kodelab/crypto.h>

#include <errno.h>
#include <termios.h>
#include <unistd.h>

enum { KEY_INTERRUPT = 3, KEY_END = 4, KEY_ERASE_LINE = 21, KEY_ERASE = 127, KEY_ERASE_OLD = 8 };

static ssize_t read_byte(char *byte)
{
	ssize_t got;

	do
		got = read(STDIN_FILENO, byte, 1);
	while (got < 0 && errno == EINTR);
	return got;
}

/* What a key of the terminal does to the line; false: the line is done. */
static bool edit_line(char *line, size_t *len, size_t max, char byte, enum kl_status *status)
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
		if (*len == max) {
			*status = KL_EFULL;
			return false;
		}
		line[(*len)++] = byte;
		return true;
	}
}

enum kl_status kl_input_hidden(char *line, size_t *len, size_t max)
{
	enum kl_status status = KL_OK;
	struct termios before, silent;
	char byte;

	*len = 0;
	if (tcgetattr(STDIN_FILENO, &before) < 0)
		return KL_EIO;
	silent = before;
	silent.c_lflag &= ~(tcflag_t)(ECHO | ICANON | ISIG | IEXTEN);
	silent.c_cc[VMIN] = 1;
	silent.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	while (read_byte(&byte) == 1 && edit_line(line, len, max, byte, &status))
		;
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	return status;
}

enum kl_status kl_input_line(char *line, size_t *len, size_t max)
{
	char byte;

	*len = 0;
	while (read_byte(&byte) == 1 && byte != '\n') {
		if (*len == max)
			return KL_EFULL;
		line[(*len)++] = byte;
	}
	*len -= *len && line[*len - 1] == '\r';
	return KL_OK;
}
