/*
 * kodelab publish: an instructor's pack to the class server, or one challenge of it alone. Checked here first, then by the server, which
 * says what would change; then it is sent for good. Sending the same twice makes one version, so a lost answer is asked for again.
 */
#include "commands.h"

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/challenge.h>
#include <kodelab/json.h>
#include <kodelab/pack.h>
#include <kodelab/path.h>

#include "checking.h"
#include "course.h"

enum { PATIENCE_MS = 20000, DEADLINE_MS = 300000, CHANGES_MAX = 60 << 10 };

struct publication {
	struct cli *cli;
	char *folder; /* of the pack */
	char *slug; /* of the challenge that is published, or removed, alone; NULL: the whole pack */
	struct kl_pack *pack; /* as it is read for a challenge alone; NULL: not */
	bool remove; /* from the newest version; nothing is sent */
	char *bytes; /* its archive */
	size_t len;
	struct course_thing course; /* which it is for alone; node NULL: for everybody */
	struct checking checking;
};

static const char *plural(double count)
{
	return count == 1 ? "" : "s";
}

/* --- what would change -------------------------------------------------------------------------------------------- */

static void say_changes(const struct cli *cli, const cJSON *data)
{
	double version = kl_json_number_of(data, "version");
	struct kl_buf text;

	cli_say(cli, "%s (%s), at %s: ", kl_json_text_of(data, "title"), kl_json_text_of(data, "pack"),
		kl_class_address(cli->class));
	if (version > 0)
		cli_say(cli, "version %.0f is published\n", version);
	else
		cli_say(cli, "not published yet\n");
	kl_buf_init(&text, CHANGES_MAX);
	kl_pack_changes(&text, data);
	cli_print(stdout, cli, text.data, text.len);
	kl_buf_release(&text);
	fflush(stdout);
}

/* --- sending ------------------------------------------------------------------------------------------------------ */

/* Where it goes; owned. */
static char *path_of(const struct publication *publication, bool check_only)
{
	const char *query = check_only ? "?check_only=true" : "", *more = check_only ? "&check_only=true" : "";

	if (publication->remove)
		return kl_format("/api/challenges/%s/%s%s", publication->pack->id, publication->slug, query);
	if (publication->slug)
		return kl_format("/api/challenges?pack=%s%s", publication->pack->id, more);
	if (publication->course.node)
		return kl_format("/api/courses/%s/packs%s", publication->course.id, query);
	return kl_format("/api/packs%s", query);
}

static int send_pack(cJSON **data, const struct publication *publication, bool check_only)
{
	char *path = path_of(publication, check_only);
	const struct kl_class_ask ask = { .method = publication->remove ? "DELETE" : "POST",
					  .path = path,
					  .body = publication->bytes,
					  .body_len = publication->len,
					  .type = publication->remove ? NULL : "application/gzip",
					  .repeatable = true,
					  .patience_ms = PATIENCE_MS,
					  .deadline_ms = DEADLINE_MS };

	int status = classroom_ask(data, publication->cli, &ask);

	free(path);
	return status;
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
	struct kl_buf text;

	if (publication->cli->json)
		return finish_json(publication, data);
	kl_buf_init(&text, CHANGES_MAX);
	kl_pack_published(&text, data);
	cli_say(publication->cli, "%s\n", text.data);
	kl_buf_release(&text);
	cJSON_Delete(data);
	return EXIT_DONE;
}

/* is_new: a whole pack that is not published yet; who is to see it is not guessed. */
static bool agrees(const struct publication *publication, const struct command_args *args, bool is_new, int *status)
{
	const struct cli *cli = publication->cli;
	const char *question = publication->remove        ? "From now on students do not see this challenge."
			       : publication->course.node ? "From now on this version is for the course alone."
			       : is_new ? "From now on everybody sees it (--course: one course alone)."
					: "From now on students see this version.";
	bool said = publication->course.node || args->options[PUBLISH_EVERYBODY];

	*status = EXIT_DONE;
	if (args->options[PUBLISH_YES] && is_new && !said) {
		*status = cli_fail_usage(cli, args->command,
					 "this pack is new: say who sees it, --course COURSE or --everybody");
		return false;
	}
	if (args->options[PUBLISH_YES])
		return true;
	if (!cli_on_terminal())
		*status = cli_fail_usage(cli, args->command, "say --yes to publish without being asked");
	else if (cli_agrees(cli, question))
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
	bool is_new = !publication->slug && kl_json_number_of(data, "version") < 1;

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
	if (!agrees(publication, args, is_new, &status))
		return status;
	status = send_pack(&data, publication, false);
	return status ? status : finish(publication, data);
}

/* --- before ------------------------------------------------------------------------------------------------------- */

static int check(struct publication *publication, const struct command_args *args)
{
	char *folder = publication->slug ? kl_path_join(publication->folder, publication->slug)
					 : kl_strdup(publication->folder);
	const struct checking_wish wish = { .folder = folder, .fast = args->options[PUBLISH_FAST] };
	struct cli *cli = publication->cli;
	struct kl_error err;
	enum kl_status status = checking_run(&publication->checking, cli, &wish, &err);
	size_t errors;

	free(folder);
	if (status)
		return cli_fail(cli, &err);
	if (publication->checking.interrupted)
		return EXIT_INTERRUPTED;
	errors = publication->checking.errors;
	if (!errors)
		return EXIT_DONE;
	kl_fail(&err, KL_EINVAL, "the %s has %zu error%s and was not sent: 'kodelab check' shows them",
		publication->slug ? "challenge" : "pack", errors, plural((double)errors));
	cli_fail(cli, &err);
	return EXIT_TESTS_FAILED;
}

static int bundle(struct publication *publication)
{
	struct kl_error err = { .message = "" };

	return kl_pack_bundle(&publication->bytes, &publication->len, publication->folder, publication->slug, &err)
		       ? cli_fail(publication->cli, &err)
		       : EXIT_DONE;
}

/* What FOLDER and --remove name. */
static int find(struct publication *publication, const struct command_args *args)
{
	const char *remove = args->options[PUBLISH_REMOVE];
	struct cli *cli = publication->cli;
	struct kl_error err;

	publication->folder = kl_pack_around(args->words[0] ? args->words[0] : ".", &publication->slug);
	if (remove) {
		free(publication->slug);
		publication->slug = kl_strdup(remove);
		publication->remove = true;
	}
	if (args->options[PUBLISH_COURSE] && args->options[PUBLISH_EVERYBODY])
		return cli_fail_usage(cli, args->command, "--course and --everybody are two answers: give one");
	if (!publication->slug)
		return EXIT_DONE;
	if (args->options[PUBLISH_COURSE])
		return cli_fail_usage(cli, args->command,
				      "--course is for a whole pack: name its folder; its challenges follow it");
	if (!kl_slug_valid(publication->slug))
		return cli_fail_usage(cli, args->command, "a challenge is named by small letters, digits and '-'");
	return kl_pack_read(&publication->pack, publication->folder, &err) ? cli_fail(cli, &err) : EXIT_DONE;
}

int command_publish(struct cli *cli, const struct command_args *args)
{
	struct publication publication = { .cli = cli };
	int status = find(&publication, args);

	if (!status)
		status =
			classroom_open(cli, args->options[PUBLISH_SERVER]); /* whoever is not logged in need not wait */
	if (!status && args->options[PUBLISH_COURSE])
		status = course_find(&publication.course, cli, args->options[PUBLISH_COURSE]);
	if (!status && !publication.remove && !(status = check(&publication, args)))
		status = bundle(&publication);
	if (!status)
		status = publish(&publication, args);
	cJSON_Delete(publication.checking.findings);
	cJSON_Delete(publication.checking.proofs);
	course_thing_release(&publication.course);
	kl_pack_free(publication.pack);
	free(publication.folder);
	free(publication.slug);
	free(publication.bytes);
	return status;
}
