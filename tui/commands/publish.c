/*
 * kodelab publish: an instructor's pack to the class server. Checked here first, then by the server, which says what would change;
 * then it is sent for good. Sending the same twice makes one version, so a lost answer is asked for again.
 */
#include "commands.h"

#include <kodelab/alloc.h>
#include <kodelab/json.h>
#include <kodelab/pack.h>
#include <kodelab/path.h>

#include "checking.h"
#include "classroom.h"

enum { PATIENCE_MS = 20000, DEADLINE_MS = 300000 };

struct publication {
	struct cli *cli;
	char *folder; /* of the pack */
	char *bytes; /* its archive */
	size_t len;
	struct checking checking;
};

/* folder, or the pack around it when it is a challenge's. Owned. */
static char *pack_of(const char *folder)
{
	char *file = kl_path_join(folder, "pack.json"), *above = kl_path_join(folder, "..");
	char *there = kl_path_join(above, "pack.json");
	bool inside = !kl_path_exists(file) && kl_path_exists(there);
	char *pack = inside ? above : kl_strdup(folder);

	if (!inside)
		free(above);
	free(file);
	free(there);
	return pack;
}

static const char *plural(double count)
{
	return count == 1 ? "" : "s";
}

/* --- what would change -------------------------------------------------------------------------------------------- */

static size_t say_slugs(const struct cli *cli, const cJSON *changes, const char *name, const char *sign)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(changes, name), *slug;
	size_t count = 0;

	cJSON_ArrayForEach(slug, list) {
		cli_say(cli, "  %s %s\n", sign, cJSON_IsString(slug) ? slug->valuestring : "");
		count++;
	}
	return count;
}

static size_t say_changed(const struct cli *cli, const cJSON *changes)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(changes, "changed"), *change;
	size_t count = 0;

	cJSON_ArrayForEach(change, list) {
		bool task = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(change, "task"));

		cli_say(cli, "  ~ %s (%s)\n", kl_json_text_of(change, "slug"),
			task ? "students see the change" : "only tests, solutions or checker");
		count++;
	}
	return count;
}

static void say_changes(const struct cli *cli, const cJSON *data)
{
	const cJSON *changes = cJSON_GetObjectItemCaseSensitive(data, "changes");
	double version = kl_json_number_of(data, "version");
	size_t count;

	cli_say(cli, "%s (%s), at %s: ", kl_json_text_of(data, "title"), kl_json_text_of(data, "pack"),
		kl_class_address(cli->class));
	if (version > 0)
		cli_say(cli, "version %.0f is published\n", version);
	else
		cli_say(cli, "not published yet\n");
	count = say_slugs(cli, changes, "added", "+");
	count += say_changed(cli, changes);
	count += say_slugs(cli, changes, "removed", "-");
	if (!count)
		cli_say(cli, "  no challenge changes\n");
	fflush(stdout);
}

/* --- sending ------------------------------------------------------------------------------------------------------ */

static int send_pack(cJSON **data, const struct publication *publication, bool check_only)
{
	const struct kl_class_ask ask = { .method = "POST",
					  .path = check_only ? "/api/packs?check_only=true" : "/api/packs",
					  .body = publication->bytes,
					  .body_len = publication->len,
					  .type = "application/gzip",
					  .repeatable = true,
					  .patience_ms = PATIENCE_MS,
					  .deadline_ms = DEADLINE_MS };

	return classroom_ask(data, publication->cli, &ask);
}

/* With --json: the server's answer, its address, and what was found here. */
static int finish_json(struct publication *publication, cJSON *data)
{
	cJSON *check = cJSON_CreateObject();

	checking_print(check, &publication->checking);
	cJSON_AddItemToObject(data, "check", check);
	cJSON_AddStringToObject(data, "server", kl_class_address(publication->cli->class));
	return cli_print_json(data);
}

static int finish(struct publication *publication, cJSON *data)
{
	struct cli *cli = publication->cli;
	double shown = kl_json_number_of(data, "shown"), all = kl_json_number_of(data, "challenges");

	if (cli->json)
		return finish_json(publication, data);
	if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(data, "published")))
		cli_say(cli, "Published version %.0f: %.0f challenge%s, %.0f of them for students.\n",
			kl_json_number_of(data, "version"), all, plural(all), shown);
	else
		cli_say(cli, "Nothing to publish: version %.0f is the same.\n", kl_json_number_of(data, "version"));
	cJSON_Delete(data);
	return EXIT_DONE;
}

static bool agrees(const struct cli *cli, const struct command_args *args, int *status)
{
	*status = EXIT_DONE;
	if (args->options[PUBLISH_YES])
		return true;
	if (!cli_on_terminal())
		*status = cli_fail_usage(cli, args->command, "say --yes to publish without being asked");
	else if (cli_agrees(cli, "From now on students see this version."))
		return true;
	else
		cli_say(cli, "Nothing was published.\n");
	return false;
}

static int publish(struct publication *publication, const struct command_args *args)
{
	struct cli *cli = publication->cli;
	cJSON *data = NULL;
	int status = send_pack(&data, publication, true);

	if (status)
		return status;
	if (!cli->json)
		say_changes(cli, data);
	if (args->options[PUBLISH_CHECK_ONLY]) {
		if (cli->json)
			return finish_json(publication, data);
		cJSON_Delete(data);
		return EXIT_DONE;
	}
	cJSON_Delete(data);
	if (!agrees(cli, args, &status))
		return status;
	status = send_pack(&data, publication, false);
	return status ? status : finish(publication, data);
}

/* --- before ------------------------------------------------------------------------------------------------------- */

static int check(struct publication *publication, const struct command_args *args)
{
	const struct checking_wish wish = { .folder = publication->folder, .fast = args->options[PUBLISH_FAST] };
	struct cli *cli = publication->cli;
	struct kl_error err;
	size_t errors;

	if (checking_run(&publication->checking, cli, &wish, &err))
		return cli_fail(cli, &err);
	if (publication->checking.interrupted)
		return EXIT_INTERRUPTED;
	errors = publication->checking.errors;
	if (!errors)
		return EXIT_DONE;
	kl_fail(&err, KL_EINVAL, "the pack has %zu error%s and was not sent: 'kodelab check' shows them", errors,
		plural((double)errors));
	cli_fail(cli, &err);
	return EXIT_TESTS_FAILED;
}

static int pack(struct publication *publication)
{
	struct kl_archive archive = { .files = NULL };
	struct kl_error err = { .message = "" };
	enum kl_status status = kl_pack_collect(&archive, publication->folder, &err);

	if (!status)
		status = kl_archive_write(&publication->bytes, &publication->len, &archive, &err);
	if (!status && publication->len > kl_pack_archive_limits.packed_max)
		status = kl_fail(&err, KL_EFULL, "the pack is larger than %zu MiB: make two of it",
				 kl_pack_archive_limits.packed_max >> 20);
	kl_archive_release(&archive);
	return status ? cli_fail(publication->cli, &err) : EXIT_DONE;
}

int command_publish(struct cli *cli, const struct command_args *args)
{
	struct publication publication = { .cli = cli, .folder = pack_of(args->words[0] ? args->words[0] : ".") };
	int status = classroom_open(cli, args->options[PUBLISH_SERVER]); /* whoever is not logged in need not wait */

	if (!status && !(status = check(&publication, args)) && !(status = pack(&publication)))
		status = publish(&publication, args);
	cJSON_Delete(publication.checking.findings);
	cJSON_Delete(publication.checking.proofs);
	free(publication.folder);
	free(publication.bytes);
	return status;
}
