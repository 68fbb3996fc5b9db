/* kodelab import: a folder of .in and .ans files becomes a challenge; a file of kodelab export is handed in, or its receipts taken. */
#include "commands.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <kodelab/import.h>

#include "parcel.h"

static void print_report(const struct cli *cli, const struct kl_import_report *report, bool dry)
{
	for (size_t i = 0; i < report->count; i++) {
		const struct kl_import_item *item = &report->items[i];

		if (item->id)
			cli_say(cli, "%s  %s -> %s\n", item->sample ? "sample" : "test  ", item->file, item->id);
		else
			cli_say(cli, "left    %s (%s)\n", item->file, item->reason ? item->reason : "");
	}
	for (char **id = report->removed; *id; id++)
		cli_say(cli, "gone    %s\n", *id);
	cli_say(cli, "%s %zu test%s, %zu of them sample%s: %s\n",
		dry               ? "Would take"
		: report->updated ? "Updated"
				  : "Took",
		report->tests, report->tests == 1 ? "" : "s", report->samples, report->samples == 1 ? "" : "s",
		report->dir);
}

static int print_json(const struct kl_import_report *report)
{
	cJSON *root = cJSON_CreateObject(), *items, *removed;

	cJSON_AddStringToObject(root, "dir", report->dir);
	cJSON_AddBoolToObject(root, "updated", report->updated);
	cJSON_AddNumberToObject(root, "tests", (double)report->tests);
	cJSON_AddNumberToObject(root, "samples", (double)report->samples);
	items = cJSON_AddArrayToObject(root, "items");
	for (size_t i = 0; i < report->count; i++) {
		cJSON *node = cJSON_CreateObject();

		cJSON_AddStringToObject(node, "file", report->items[i].file);
		if (report->items[i].id)
			cJSON_AddStringToObject(node, "id", report->items[i].id);
		if (report->items[i].reason)
			cJSON_AddStringToObject(node, "reason", report->items[i].reason);
		cJSON_AddBoolToObject(node, "sample", report->items[i].sample);
		cJSON_AddItemToArray(items, node);
	}
	removed = cJSON_AddArrayToObject(root, "removed");
	for (char **id = report->removed; *id; id++)
		cJSON_AddItemToArray(removed, cJSON_CreateString(*id));
	return cli_print_json(root);
}

static int import_folder(struct cli *cli, const struct command_args *args)
{
	char *packs = kl_path_join(cli->paths.data, "packs"), *own = kl_path_join(packs, "own");
	struct kl_import_plain spec = { .from = args->words[0],
					.slug = args->options[IMPORT_SLUG],
					.title = args->options[IMPORT_TITLE],
					.dry_run = args->options[IMPORT_DRY] != NULL,
					.pack_dir = args->options[IMPORT_PACK] ? args->options[IMPORT_PACK] : own };
	struct kl_import_report *report = NULL;
	struct kl_error err;
	enum kl_status failed = KL_OK;
	int status = EXIT_DONE;

	if (!spec.dry_run)
		failed = kl_path_make(packs, &err);
	if (failed || kl_import_plain(&report, &spec, &err))
		status = cli_fail(cli, &err);
	else if (cli->json)
		status = print_json(report);
	else
		print_report(cli, report, spec.dry_run);
	kl_import_report_free(report);
	free(own);
	free(packs);
	return status;
}

/* Whoever has another file would be misled by a word about folders alone. */
static int refuse(struct cli *cli, const char *path, bool there)
{
	static const char wants[] = "name a folder with pairs like 1.in and 1.ans, or a file that kodelab export wrote";
	struct kl_error err;

	if (there)
		kl_fail(&err, KL_EINVAL, "'%s' is neither of what can be imported: %s", path, wants);
	else
		kl_fail(&err, KL_ENOENT, "there is nothing at '%s': %s", path, wants);
	return cli_fail(cli, &err);
}

int command_import(struct cli *cli, const struct command_args *args)
{
	const char *path = args->words[0];
	struct stat st;

	if (parcel_is(path))
		return parcel_import(cli, path);
	if (stat(path, &st) == 0)
		return S_ISDIR(st.st_mode) ? import_folder(cli, args) : refuse(cli, path, true);
	return errno == ENOENT ? refuse(cli, path, false) : import_folder(cli, args);
}
