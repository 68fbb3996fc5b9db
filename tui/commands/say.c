/* How subcommands speak: outside text made harmless, failures in one form, JSON that any terminal and parser can take. */
#include "command.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <kodelab/visible.h>

enum { SENTENCE_MAX = 64 << 10 };

static void print(FILE *to, const struct cli *cli, const char *text, size_t len, unsigned flags)
{
	struct kl_buf out;

	kl_buf_init(&out, KL_VISIBLE_MAX * len + 16);
	kl_visible(&out, text, len, flags | (cli->ascii ? KL_VISIBLE_ASCII : 0u));
	fwrite(out.data, 1, out.len, to);
	kl_buf_release(&out);
}

void cli_print(FILE *to, const struct cli *cli, const char *text, size_t len)
{
	print(to, cli, text, len, KL_VISIBLE_NEWLINE | KL_VISIBLE_TAB);
}

void cli_print_line(FILE *to, const struct cli *cli, const char *text, size_t len)
{
	print(to, cli, text, len, 0);
}

/* Its own line breaks are those at the format's ends; one within came with a text that would be a line of ours. */
static void KL_PRINTF(3, 0) say(FILE *to, const struct cli *cli, const char *fmt, va_list args)
{
	size_t before = strspn(fmt, "\n"), len = strlen(fmt), after = 0;
	struct kl_buf text;

	while (len - after > before && fmt[len - after - 1] == '\n')
		after++;
	kl_buf_init(&text, SENTENCE_MAX);
	kl_buf_vaddf(&text, fmt, args);
	fwrite(fmt, 1, before, to);
	cli_print_line(to, cli, text.data + before, text.len - before - (text.truncated ? 0 : after));
	fwrite(fmt + len - after, 1, after, to);
	kl_buf_release(&text);
}

void cli_say(const struct cli *cli, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(stdout, cli, fmt, args);
	va_end(args);
}

void cli_warn(const struct cli *cli, const char *fmt, ...)
{
	va_list args;

	fputs("kodelab: ", stderr);
	va_start(args, fmt);
	say(stderr, cli, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

void cli_warn_typed(const struct cli *cli, const char *path)
{
	if (!cli->json)
		cli_warn(cli, "this takes what you typed in the lab: it is newer than '%s'", path);
}

/* ---- failing ---- */

int cli_exit_status(enum kl_status status)
{
	switch (status) {
	case KL_OK:
		return EXIT_DONE;
	case KL_EINVAL:
	case KL_EEXIST:
		return EXIT_USAGE;
	case KL_ENET:
		return EXIT_NETWORK;
	case KL_ECONFLICT:
		return EXIT_CONFLICT;
	case KL_ECANCELED:
		return EXIT_INTERRUPTED;
	case KL_ENOENT:
	case KL_EDENIED: /* a file's rights; who is refused by a server or remote says EXIT_REFUSED himself */
	case KL_EIO:
	case KL_EFULL:
	case KL_EMANY:
	case KL_EBUSY:
	case KL_ETIME:
	case KL_ECORRUPT:
	case KL_ENOTOOL:
		break;
	}
	return EXIT_COULD_NOT;
}

static void fail_json(const char *code, const char *message)
{
	cJSON *root = cJSON_CreateObject();
	cJSON *error = cJSON_AddObjectToObject(root, "error");

	cJSON_AddStringToObject(error, "code", code);
	cJSON_AddStringToObject(error, "message", message);
	cli_print_json(root);
}

int cli_fail(const struct cli *cli, const struct kl_error *err)
{
	if (cli->json)
		fail_json(kl_status_name(err->status), err->message);
	else
		cli_warn(cli, "%s", err->message);
	return cli_exit_status(err->status);
}

int cli_fail_usage(const struct cli *cli, const struct command *command, const char *fmt, ...)
{
	struct kl_error err = { .status = KL_EINVAL };
	va_list args;

	va_start(args, fmt);
	vsnprintf(err.message, sizeof(err.message), fmt, args);
	va_end(args);
	cli_fail(cli, &err);
	if (!cli->json)
		fprintf(stderr, "Try 'kodelab help%s%s'.\n", command ? " " : "", command ? command->name : "");
	return EXIT_USAGE;
}

/* ---- JSON ---- */

static void add_escape(struct kl_buf *out, int code)
{
	if (code < 0)
		kl_buf_add_str(out, "\\ufffd");
	else if (code > 0xffff)
		kl_buf_addf(out, "\\u%04x\\u%04x", (unsigned)(0xd800 + ((code - 0x10000) >> 10)),
			    (unsigned)(0xdc00 + ((code - 0x10000) & 0x3ff)));
	else
		kl_buf_addf(out, "\\u%04x", (unsigned)code);
}

/* What a terminal would obey (and, in the C locale, all that is not ASCII) becomes \u escapes: the same JSON. */
static void escape(struct kl_buf *out, const char *text, size_t len, unsigned flags)
{
	size_t from = 0, at = 0;

	while (at < len) {
		char form[KL_VISIBLE_MAX];
		size_t size = (unsigned char)text[at] < 0x80 ? 1 : kl_visible_char(form, text + at, len - at, flags);
		int code;

		if (size == 1 && (unsigned char)text[at] < 0x80 && text[at] != 0x7f)
			form[0] = '\0'; /* cJSON has escaped the controls; \n and \t here are its layout */
		else if (text[at] == 0x7f)
			form[0] = '^';
		if (form[0]) {
			kl_utf8_decode(&code, text + at, len - at);
			kl_buf_add(out, text + from, at - from);
			add_escape(out, code);
			from = at + size;
		}
		at += size;
	}
	kl_buf_add(out, text + from, len - from);
}

int cli_print_json(cJSON *root)
{
	char *text = cJSON_Print(root);
	size_t len = text ? strlen(text) : 0;
	struct kl_buf out;

	kl_buf_init(&out, 12 * len + 16);
	if (text)
		escape(&out, text, len, cli_locale_is_utf8() ? 0 : KL_VISIBLE_ASCII);
	kl_buf_add_char(&out, '\n');
	fwrite(out.data, 1, out.len, stdout);
	kl_buf_release(&out);
	cJSON_free(text);
	cJSON_Delete(root);
	return text ? EXIT_DONE : EXIT_COULD_NOT;
}

/* ---- the end ---- */

/* Has the reader of our output gone (`| head -1`)? Then it had enough: no failure. */
static bool reader_left(void)
{
	struct pollfd pipe = { .fd = STDOUT_FILENO };

	return poll(&pipe, 1, 0) > 0 && (pipe.revents & POLLERR);
}

int cli_finish_output(const struct cli *cli, int status)
{
	int problem;

	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	problem = errno;
	if (problem == EPIPE || reader_left())
		return status;
	cli_warn(cli, "the output could not be written%s%s", problem ? ": " : "", problem ? strerror(problem) : "");
	return status == EXIT_DONE ? EXIT_COULD_NOT : status;
}
