/* What subcommands share: parts of the core opened on first use, failures told, output made harmless. */
#include "command.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/progress.h>
#include <kodelab/visible.h>

#include "tui/packs.h"

enum kl_status cli_loop(struct cli *cli, struct kl_error *err)
{
	return cli->loop ? KL_OK : kl_loop_open(&cli->loop, err);
}

enum kl_status cli_store(struct cli *cli, struct kl_error *err)
{
	struct kl_store_opened opened = { 0 };
	enum kl_status status;
	char *path;

	if (cli->store)
		return KL_OK;
	if ((status = kl_path_make(cli->paths.data, err)))
		return status;
	path = kl_path_join(cli->paths.data, "lab.db");
	status = kl_store_open(&cli->store, &opened, path, &cli->clock, err);
	free(path);
	if (!status && opened.rebuilt) {
		size_t count = 0;

		fprintf(stderr, "kodelab: the database was damaged and is now at %s; a new one is made from your files.\n",
			opened.set_aside);
		status = kl_store_rebuild(&count, cli->store, cli->paths.work, err);
	}
	return status;
}

enum kl_status cli_catalogue(struct cli *cli, struct kl_error *err)
{
	enum kl_status status = cli_store(cli, err);

	if (status || cli->catalogue)
		return status;
	cli->catalogue = packs_open(&cli->paths);
	return kl_progress_apply(cli->catalogue, cli->store, err);
}

enum kl_status cli_judge(struct cli *cli, struct kl_error *err)
{
	enum kl_status status = cli_loop(cli, err);

	if (status || cli->judge)
		return status;
	return kl_judge_open(&cli->judge, cli->loop, &cli->paths, err);
}

enum kl_status cli_challenge(struct kl_challenge **out, size_t *index, struct cli *cli, const char *name,
			     struct kl_error *err)
{
	enum kl_status status;
	size_t found;

	if ((status = cli_catalogue(cli, err)) ||
	    (status = kl_catalogue_find(&found, cli->catalogue, name, cli->paths.work, err)) ||
	    (status = kl_catalogue_load(out, cli->catalogue, found, err)))
		return status;
	if (index)
		*index = found;
	return KL_OK;
}

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
	case KL_EDENIED:
		return EXIT_REFUSED;
	case KL_ECONFLICT:
		return EXIT_CONFLICT;
	case KL_ECANCELED:
		return EXIT_INTERRUPTED;
	case KL_ENOENT:
	case KL_EIO:
	case KL_EFULL:
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
	if (cli->json) {
		fail_json(kl_status_name(err->status), err->message);
	} else {
		fputs("kodelab: ", stderr);
		cli_print(stderr, cli, err->message, strlen(err->message));
		fputc('\n', stderr);
	}
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

int cli_print_json(cJSON *root)
{
	char *text = cJSON_Print(root);
	bool good = text && puts(text) >= 0 && fflush(stdout) == 0;

	cJSON_free(text);
	cJSON_Delete(root);
	return good ? EXIT_DONE : EXIT_COULD_NOT;
}

void cli_print(FILE *to, const struct cli *cli, const char *text, size_t len)
{
	struct kl_buf out;

	kl_buf_init(&out, 8 * len + 16);
	kl_visible(&out, text, len, KL_VISIBLE_NEWLINE | KL_VISIBLE_TAB | (cli->ascii ? KL_VISIBLE_ASCII : 0u));
	fwrite(out.data, 1, out.len, to);
	kl_buf_release(&out);
}
