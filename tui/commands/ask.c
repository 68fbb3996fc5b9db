/* What a command asks of the person: a secret without an echo, and consent. */
#include "command.h"

#include <string.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/crypto.h>

enum { SECRET_MAX = 4096 };

enum kl_status cli_secret(char **secret, const char *what, struct kl_error *err)
{
	bool terminal = isatty(STDIN_FILENO);
	char *line = kl_secret_alloc(SECRET_MAX + 1);
	enum kl_status status;
	size_t len = 0;

	if (terminal)
		fprintf(stderr, "%s (it is not shown): ", what);
	status = terminal ? kl_input_hidden(line, &len, SECRET_MAX) : kl_input_line(line, &len, SECRET_MAX);
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
	if (kl_input_line(text, &len, SECRET_MAX))
		return kl_fail(err, KL_EINVAL, "the value is too long: %d characters at most", SECRET_MAX);
	if (!len)
		return kl_fail(err, KL_EINVAL, "no value was given on standard input");
	*line = kl_strndup(text, len);
	return KL_OK;
}

bool cli_agrees(const struct cli *cli, const char *text)
{
	char line[SECRET_MAX + 1], *first;
	size_t len;

	if (!isatty(STDIN_FILENO))
		return false;
	cli_print(stderr, cli, text, strlen(text));
	fputs("\nDo you agree? [y/N] ", stderr);
	(void)!kl_input_line(line, &len, SECRET_MAX);
	line[len] = '\0';
	first = line + strspn(line, " ");
	return *first == 'y' || *first == 'Y';
}
