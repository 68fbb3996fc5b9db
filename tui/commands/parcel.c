/* kodelab export --outbox FILE, and kodelab import of such a file: see kodelab/parcel.h. */
#include "parcel.h"

#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/file.h>
#include <kodelab/parcel.h>

#include "classroom.h"
#include "commands.h"
#include "tui/syncfiles.h"

enum { HAND_IN_MS = 120000 };

bool parcel_is(const char *path)
{
	return kl_parcel_is(path);
}

/* --- out ---------------------------------------------------------------------------------------------------------- */

static int say_exported(struct cli *cli, const char *path, size_t items, size_t left)
{
	cJSON *root;

	if (cli->json) {
		root = cJSON_CreateObject();
		cJSON_AddStringToObject(root, "file", items ? path : "");
		cJSON_AddNumberToObject(root, "items", (double)items);
		cJSON_AddNumberToObject(root, "left", (double)left);
		return cli_print_json(root);
	}
	if (!items) {
		cli_say(cli, "Nothing waits for '%s': no file was made.\n", kl_class_server(cli->class)->name);
		return EXIT_DONE;
	}
	cli_say(cli,
		"%zu item%s for '%s' in %s, sealed. On a machine that is logged in there: kodelab import FILE.\n"
		"It makes a file of receipts; bring that back here and import it, too.\n",
		items, items == 1 ? "" : "s", kl_class_server(cli->class)->name, path);
	if (left)
		cli_say(cli, "%zu more did not fit: export again when the receipts are back.\n", left);
	return EXIT_DONE;
}

static enum kl_status write_outbox(size_t *items, size_t *left, struct cli *cli, const char *path, struct kl_error *err)
{
	char *device = syncfiles_device();
	struct kl_buf text;
	enum kl_status status;

	kl_buf_init(&text, KL_PARCEL_MAX);
	status = kl_parcel_pack(&text, items, left, cli->class, device, err);
	if (!status && *items)
		status = kl_file_write(path, text.data, text.len, 0600, err);
	kl_buf_release(&text);
	free(device);
	return status;
}

int command_export(struct cli *cli, const struct command_args *args)
{
	const char *path = args->options[EXPORT_OUTBOX];
	struct kl_error err;
	size_t items = 0, left = 0;
	int status;

	if (!path || !*path)
		return cli_fail_usage(cli, args->command, "name the file: kodelab export --outbox FILE");
	if (kl_path_exists(path)) {
		kl_fail(&err, KL_EEXIST, "'%s' is there already: choose another name", path);
		return cli_fail(cli, &err);
	}
	if ((status = classroom_open(cli, NULL)))
		return status;
	if (write_outbox(&items, &left, cli, path, &err))
		return classroom_fail_error(cli, &err);
	return say_exported(cli, path, items, left);
}

/* --- handing in --------------------------------------------------------------------------------------------------- */

static int hand_in(cJSON **data, struct cli *cli, const char *sealed)
{
	cJSON *root = cJSON_CreateObject();
	struct kl_class_ask ask = {
		.method = "POST", .path = "/api/sync/parcel", .repeatable = true, .deadline_ms = HAND_IN_MS
	};
	char *text;
	int status;

	cJSON_AddStringToObject(root, "sealed", sealed);
	text = cJSON_PrintUnformatted(root);
	cJSON_Delete(root);
	ask.body = text;
	ask.body_len = strlen(text);
	status = classroom_ask(data, cli, &ask);
	cJSON_free(text);
	return status;
}

/* The server's words are told once for each item that it does not take. */
static size_t tell_refused(const struct cli *cli, const cJSON *data)
{
	const cJSON *node;
	size_t count = 0;

	cJSON_ArrayForEach(node, cJSON_GetObjectItemCaseSensitive(data, "items")) {
		const cJSON *error = cJSON_GetObjectItemCaseSensitive(node, "error");

		if (!cJSON_IsObject(error))
			continue;
		count++;
		cli_warn(cli, "not taken: %s", kl_json_text_of(error, "message"));
	}
	return count;
}

struct handed {
	char **answers;
	size_t count, items, refused;
};

static int hand_in_all(struct handed *handed, struct cli *cli, const struct kl_parcel *parcel)
{
	int status = EXIT_DONE;
	cJSON *data;

	handed->answers = kl_calloc(parcel->count + 1, sizeof(*handed->answers));
	for (size_t i = 0; !status && i < parcel->count; i++) {
		status = hand_in(&data, cli, parcel->lines[i]);
		if (status)
			break;
		handed->answers[handed->count++] = cJSON_PrintUnformatted(data);
		handed->items += (size_t)cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(data, "items"));
		handed->refused += tell_refused(cli, data);
		cJSON_Delete(data);
	}
	return status;
}

static int say_handed_in(const struct cli *cli, const struct handed *handed, const char *path)
{
	size_t taken = handed->items - handed->refused;
	cJSON *root;

	if (!cli->json) {
		cli_say(cli, "Handed in: %zu of %zu. The receipts are in %s: bring them back, and import them there.\n",
			taken, handed->items, path);
		return EXIT_DONE;
	}
	root = cJSON_CreateObject();
	cJSON_AddNumberToObject(root, "handed_in", (double)taken);
	cJSON_AddNumberToObject(root, "refused", (double)handed->refused);
	cJSON_AddStringToObject(root, "receipts", path);
	return cli_print_json(root);
}

static int keep_receipts(struct cli *cli, const struct handed *handed, const struct kl_parcel *parcel, const char *path)
{
	char *beside = kl_format("%s.receipts", path);
	struct kl_error err;
	struct kl_buf text;
	int status;

	kl_buf_init(&text, KL_PARCEL_MAX);
	kl_parcel_write(&text, parcel->server_id, (const char *const *)handed->answers, handed->count);
	if (text.truncated) {
		kl_fail(&err, KL_EFULL,
			"the work was handed in, but the server's answers are more than the 64 MiB of a file: '%s' is not "
			"written, and the work waits on its machine until that has synced itself",
			beside);
		status = cli_fail(cli, &err);
	} else if (kl_file_write(beside, text.data, text.len, 0600, &err)) {
		status = cli_fail(cli, &err);
	} else {
		status = say_handed_in(cli, handed, beside);
	}
	kl_buf_release(&text);
	free(beside);
	return status;
}

static int take_outbox(struct cli *cli, const struct kl_parcel *parcel, const char *path)
{
	struct handed handed = { .answers = NULL };
	int status = hand_in_all(&handed, cli, parcel);

	if (!status)
		status = keep_receipts(cli, &handed, parcel, path);
	for (size_t i = 0; i < handed.count; i++)
		cJSON_free(handed.answers[i]);
	free(handed.answers);
	return status;
}

/* --- back --------------------------------------------------------------------------------------------------------- */

static int take_receipts(struct cli *cli, const struct kl_parcel *parcel)
{
	struct kl_parcel_taken taken;
	struct kl_error err;
	cJSON *root;

	if (kl_parcel_take(&taken, cli->class, parcel, &err))
		return cli_fail(cli, &err);
	if (cli->json) {
		root = cJSON_CreateObject();
		cJSON_AddNumberToObject(root, "received", (double)taken.received);
		cJSON_AddNumberToObject(root, "refused", (double)taken.refused);
		cJSON_AddNumberToObject(root, "strange", (double)taken.strange);
		return cli_print_json(root);
	}
	cli_say(cli, "Received by the class server: %zu.\n", taken.received);
	if (taken.refused)
		cli_say(cli, "Not taken there, and waiting still: %zu.\n", taken.refused);
	if (taken.strange)
		cli_say(cli, "Passed over, because they are no receipts for what waits here: %zu.\n", taken.strange);
	return EXIT_DONE;
}

int parcel_import(struct cli *cli, const char *path)
{
	struct kl_parcel parcel;
	struct kl_error err;
	int status;

	if (kl_parcel_read(&parcel, path, &err))
		return cli_fail(cli, &err);
	status = classroom_open(cli, NULL);
	if (!status && strcmp(parcel.server_id, kl_class_server(cli->class)->server_id) != 0) {
		kl_fail(&err, KL_EINVAL,
			"'%s' is for another class server than '%s': import it where you are logged in to that one",
			path, kl_class_server(cli->class)->name);
		status = cli_fail(cli, &err);
	} else if (!status) {
		status =
			parcel.kind == KL_PARCEL_OUTBOX ? take_outbox(cli, &parcel, path) : take_receipts(cli, &parcel);
	}
	kl_parcel_release(&parcel);
	return status;
}
