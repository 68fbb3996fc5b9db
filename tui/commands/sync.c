/* kodelab sync [CHALLENGE]: sends what waits, takes what is new, and decides about drafts of two machines. */
#include "classroom.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/sync.h>

#include "commands.h"
#include "judging.h"
#include "tui/syncfiles.h"

enum { PATIENCE_MS = 10000, BAR_COLS = 20 };

struct syncing {
	struct cli *cli;
	struct kl_sync *sync;
	struct syncfiles files;
	struct kl_sync_state end;
	size_t solved;
	cJSON *refusals; /* what the server does not take, for --json; NULL: nothing */
	bool bar; /* progress is drawn on a terminal */
	bool drawn; /* and stands there now */
	bool quiet; /* nothing is said, and no pack is fetched */
};

/* --- progress ----------------------------------------------------------------------------------------------------- */

static void clear_bar(struct syncing *syncing)
{
	if (syncing->drawn)
		fputs("\r\033[K", stderr);
	syncing->drawn = false;
}

/* done of all; all 0: nobody knows how much it is. */
static void draw_part(const char *what, int64_t done, int64_t all, const char *unit)
{
	int full = all > 0 ? (int)(done * BAR_COLS / all) : 0;

	fprintf(stderr, "%s [%.*s%*s] %lld", what, full, "####################", BAR_COLS - full, "", (long long)done);
	if (all > 0)
		fprintf(stderr, " of %lld", (long long)all);
	fputs(unit, stderr);
}

static void draw_bar(struct syncing *syncing, const struct kl_sync_state *state)
{
	size_t done = state->sent + state->refused;
	char what[64];

	clear_bar(syncing);
	switch (state->phase) {
	case KL_SYNC_PUSHES:
		draw_part("Sending", (int64_t)done, (int64_t)(done + state->waiting), "");
		break;
	case KL_SYNC_PULLS:
		fprintf(stderr, "Asking what is new ... %zu", state->taken);
		break;
	case KL_SYNC_FETCHES:
		snprintf(what, sizeof(what), "Pack %zu of %zu", state->pack, state->packs);
		draw_part(what, state->bytes >> 10, state->bytes_all >> 10, " KiB");
		break;
	case KL_SYNC_RESTS:
		return;
	}
	syncing->drawn = true;
	fflush(stderr);
}

static void say(struct syncing *syncing, const char *subject, const char *what, const char *words)
{
	clear_bar(syncing);
	if (!syncing->cli->json && !syncing->quiet)
		cli_warn(syncing->cli, "%s %s%s", subject, what, words);
}

static void note_refusal(struct syncing *syncing, const struct kl_sync_news *news)
{
	cJSON *node = cJSON_CreateObject();

	say(syncing, news->subject, "is not taken by the class server: ", news->words);
	cJSON_AddStringToObject(node, "subject", news->subject);
	cJSON_AddStringToObject(node, "message", news->words);
	if (!syncing->refusals)
		syncing->refusals = cJSON_CreateArray();
	cJSON_AddItemToArray(syncing->refusals, node);
}

static void note_result(struct syncing *syncing, const struct kl_sync_news *news)
{
	struct kl_attempt attempt;
	char *subject;

	syncing->solved += news->solved;
	if (!news->words || kl_store_attempt_get(&attempt, syncing->cli->store, news->subject, NULL))
		return;
	subject = kl_format("%s/%s", attempt.pack, attempt.slug);
	say(syncing, subject, "could not be judged by the class server: ", news->words);
	free(subject);
	kl_attempt_release(&attempt);
}

static void on_news(void *ctx, const struct kl_sync_news *news)
{
	struct syncing *syncing = ctx;

	switch (news->kind) {
	case KL_NEWS_STATE:
		if (syncing->bar)
			draw_bar(syncing, kl_sync_state(syncing->sync));
		break;
	case KL_NEWS_REFUSED:
		note_refusal(syncing, news);
		break;
	case KL_NEWS_DRAFT:
		say(syncing, news->subject, "is now as you left it on another machine", "");
		break;
	case KL_NEWS_PACK:
		if (news->words)
			say(syncing, news->subject, "cannot be installed: ", news->words);
		break;
	case KL_NEWS_RESULT:
		note_result(syncing, news);
		break;
	case KL_NEWS_RECEIVED:
	case KL_NEWS_CONFLICT: /* told at the end */
	case KL_NEWS_COURSE:
		break;
	}
}

/* --- the round ---------------------------------------------------------------------------------------------------- */

static void ended(void *ctx, const struct kl_sync_state *state)
{
	struct syncing *syncing = ctx;

	syncing->end = *state;
	kl_loop_stop(syncing->cli->loop);
}

static void interrupted(void *ctx, int signo)
{
	(void)signo;
	kl_sync_stop(((struct syncing *)ctx)->sync);
}

static void run_round(struct syncing *syncing)
{
	struct cli *cli = syncing->cli;
	char *device = syncfiles_device();
	const struct kl_sync_parts parts = { .loop = cli->loop,
					     .store = cli->store,
					     .clock = &cli->clock,
					     .class = cli->class,
					     .folder = cli->paths.data,
					     .cache = cli->paths.cache,
					     .device = device,
					     .program = syncing->quiet ? NULL : "/proc/self/exe",
					     .files = &syncing->files.files,
					     .news = on_news,
					     .ctx = syncing };

	syncing->sync = kl_sync_open(&parts);
	kl_sync_once(syncing->sync, PATIENCE_MS, ended, syncing);
	judging_catch(cli, interrupted, syncing);
	kl_loop_run(cli->loop);
	judging_catch(cli, NULL, NULL);
	clear_bar(syncing);
	kl_sync_close(syncing->sync);
	syncing->sync = NULL;
	free(device);
}

static enum kl_status open_files(struct syncing *syncing, struct kl_error *err)
{
	struct cli *cli = syncing->cli;
	enum kl_status status = cli_catalogue(cli, err);

	if (status)
		return status;
	syncing->files = (struct syncfiles){ .paths = &cli->paths, .catalogue = cli->catalogue };
	syncfiles_init(&syncing->files);
	return KL_OK;
}

void sync_quietly(struct cli *cli)
{
	struct syncing syncing = { .cli = cli, .quiet = true };

	if (!classroom_open(cli, NULL) && !open_files(&syncing, NULL))
		run_round(&syncing);
	cJSON_Delete(syncing.refusals);
}

/* --- what waits for a decision ------------------------------------------------------------------------------------ */

static char *other_file(const struct kl_sync_files *files, const struct kl_other_draft *draft)
{
	char *path = NULL;

	if (files->put_beside(&path, files->ctx, draft->pack, draft->slug, draft->language, draft->code,
			      draft->code_len, NULL))
		return kl_strdup("");
	return path ? path : kl_strdup("");
}

static void print_conflict(struct syncing *syncing, const struct kl_other_draft *draft)
{
	char *path = other_file(&syncing->files.files, draft), when[20];

	kl_clock_format(draft->at_ms, when, sizeof(when));
	cli_warn(syncing->cli, "%s/%s in %s was changed here and on another machine (%s, %s); the other version is %s",
		 draft->pack, draft->slug, draft->language, draft->device, when, path);
	free(path);
}

static cJSON *conflict_json(struct syncing *syncing, const struct kl_other_draft *draft)
{
	char *path = other_file(&syncing->files.files, draft);
	cJSON *node = cJSON_CreateObject();

	cJSON_AddStringToObject(node, "pack", draft->pack);
	cJSON_AddStringToObject(node, "slug", draft->slug);
	cJSON_AddStringToObject(node, "language", draft->language);
	cJSON_AddStringToObject(node, "device", draft->device);
	cJSON_AddNumberToObject(node, "at_ms", (double)draft->at_ms);
	cJSON_AddStringToObject(node, "file", path);
	free(path);
	return node;
}

static const char *choice_word(enum kl_sync_choice choice)
{
	return choice == KL_SYNC_MINE     ? "what stood here goes on"
	       : choice == KL_SYNC_THEIRS ? "the other version has taken its place"
					  : "what stood here goes on, and the other version is kept";
}

static enum kl_status settle_one(struct syncing *syncing, const struct kl_other_draft *draft,
				 enum kl_sync_choice choice, struct kl_error *err)
{
	char *path = NULL;
	enum kl_status status = kl_sync_settle(&path, syncing->cli->store, &syncing->files.files, draft, choice, err);

	if (!status && !syncing->cli->json)
		cli_say(syncing->cli, "%s/%s in %s: %s%s%s.\n", draft->pack, draft->slug, draft->language,
			choice_word(choice),
			!path                      ? ""
			: choice == KL_SYNC_THEIRS ? "; yours is "
						   : " as ",
			path ? path : "");
	free(path);
	return status;
}

/* name NULL: all of them. *found: how many. */
static enum kl_status settle_all(size_t *found, struct syncing *syncing, const char *name, enum kl_sync_choice choice,
				 struct kl_error *err)
{
	struct kl_other_draft *rows;
	size_t count;
	enum kl_status status = kl_store_other_drafts(&rows, &count, syncing->cli->store, err);

	*found = 0;
	if (status)
		return status;
	for (size_t i = 0; !status && i < count; i++) {
		char *whole = kl_format("%s/%s", rows[i].pack, rows[i].slug);

		if (!name || !strcmp(name, whole) || !strcmp(name, rows[i].slug)) {
			status = settle_one(syncing, &rows[i], choice, err);
			++*found;
		}
		free(whole);
	}
	kl_other_drafts_free(rows, count);
	return status;
}

/* --- the command -------------------------------------------------------------------------------------------------- */

static int print_json(struct syncing *syncing, const struct kl_other_draft *others, size_t count)
{
	const struct kl_sync_state *end = &syncing->end;
	cJSON *root = cJSON_CreateObject(), *list;

	cJSON_AddNumberToObject(root, "sent", (double)end->sent);
	cJSON_AddNumberToObject(root, "refused", (double)end->refused);
	cJSON_AddNumberToObject(root, "taken", (double)end->taken);
	cJSON_AddNumberToObject(root, "waiting", (double)end->waiting);
	cJSON_AddNumberToObject(root, "solved", (double)syncing->solved);
	cJSON_AddItemToObject(root, "refusals", syncing->refusals ? syncing->refusals : cJSON_CreateArray());
	syncing->refusals = NULL;
	list = cJSON_AddArrayToObject(root, "conflicts");
	for (size_t i = 0; i < count; i++)
		cJSON_AddItemToArray(list, conflict_json(syncing, &others[i]));
	return cli_print_json(root);
}

static void print_end(struct syncing *syncing)
{
	const struct kl_sync_state *end = &syncing->end;

	if (!end->sent && !end->taken && !end->waiting)
		cli_say(syncing->cli, "All is in step with the class server.\n");
	else
		cli_say(syncing->cli, "Sent: %zu. New from there: %zu. Waiting: %zu.\n", end->sent, end->taken,
			end->waiting);
}

/* What could not be sent is not lost: whoever reads of a line that is gone asks himself that first. */
static int show_failure(struct syncing *syncing)
{
	const struct kl_error *error = &syncing->end.error;
	size_t waiting = syncing->end.waiting;
	struct kl_error err = *error;
	int status;

	if (error->status == KL_ENET && waiting)
		kl_fail(&err, KL_ENET, "%s; what waits here (%zu) is sent later", error->message, waiting);
	status = classroom_fail_error(syncing->cli, &err);
	return status == EXIT_USAGE ? EXIT_REFUSED : status; /* nothing of a round is on the command line */
}

static int show(struct syncing *syncing)
{
	struct cli *cli = syncing->cli;
	struct kl_other_draft *others;
	struct kl_error err;
	size_t count;

	if (syncing->end.error.status)
		return show_failure(syncing);
	if (kl_store_other_drafts(&others, &count, cli->store, &err))
		return cli_fail(cli, &err);
	if (cli->json)
		print_json(syncing, others, count);
	else
		print_end(syncing);
	for (size_t i = 0; !cli->json && i < count; i++)
		print_conflict(syncing, &others[i]);
	if (count && !cli->json)
		cli_warn(cli, "decide with: kodelab sync --mine, --theirs or --both");
	kl_other_drafts_free(others, count);
	return count ? EXIT_CONFLICT : EXIT_DONE;
}

/* false: more than one was given. *chosen: any was. */
static bool read_choice(enum kl_sync_choice *choice, bool *chosen, const struct command_args *args)
{
	static const struct {
		int option;
		enum kl_sync_choice choice;
	} options[] = { { SYNC_MINE, KL_SYNC_MINE }, { SYNC_THEIRS, KL_SYNC_THEIRS }, { SYNC_BOTH, KL_SYNC_BOTH } };

	*chosen = false;
	for (size_t i = 0; i < KL_LENGTH(options); i++) {
		if (!args->options[options[i].option])
			continue;
		if (*chosen)
			return false;
		*choice = options[i].choice;
		*chosen = true;
	}
	return true;
}

int command_sync(struct cli *cli, const struct command_args *args)
{
	struct syncing syncing = { .cli = cli, .bar = isatty(STDERR_FILENO) && !cli->json };
	enum kl_sync_choice choice = KL_SYNC_MINE;
	const char *name = args->words[0];
	bool chosen;
	struct kl_error err;
	size_t found;
	int status;

	if (!read_choice(&choice, &chosen, args))
		return cli_fail_usage(cli, args->command, "one of --mine, --theirs and --both");
	if (name && !chosen)
		return cli_fail_usage(cli, args->command, "a challenge is named with --mine, --theirs or --both");
	if ((status = classroom_open(cli, NULL)))
		return status;
	if (open_files(&syncing, &err))
		return cli_fail(cli, &err);
	if (chosen && settle_all(&found, &syncing, name, choice, &err))
		return cli_fail(cli, &err);
	if (chosen && !found) {
		kl_fail(&err, KL_ENOENT, "no other version of %s waits for a decision", name ? name : "anything");
		return cli_fail(cli, &err);
	}
	run_round(&syncing);
	status = show(&syncing);
	cJSON_Delete(syncing.refusals);
	return status;
}
