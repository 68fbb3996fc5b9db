/* What subcommands share: parts of the core opened on first use, and how challenges and languages are named. */
#include "command.h"

#include <errno.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/class.h>
#include <kodelab/instance.h>
#include <kodelab/progress.h>

#include "tui/app.h"
#include "tui/packs.h"
#include "tui/languages.h"
#include "tui/work.h"

enum { LAST_WAIT_MS = 2000 };

enum kl_status cli_loop(struct cli *cli, struct kl_error *err)
{
	return cli->loop ? KL_OK : kl_loop_open(&cli->loop, err);
}

/* A home that cannot be written (a guest's, a full disk): reading and running work, nothing is kept. */
static enum kl_status open_in_memory(struct cli *cli, struct kl_error *err)
{
	cli_warn(cli, "%s; nothing will be kept", err->message);
	cli->forgets = true;
	return kl_store_open(&cli->store, NULL, NULL, &cli->clock, err);
}

static enum kl_status rebuild(struct cli *cli, const char *set_aside, struct kl_error *err)
{
	size_t count = 0;
	enum kl_status status = kl_store_rebuild(&count, cli->store, cli->paths.work, err);

	if (!status)
		cli_warn(
			cli,
			"the database was damaged and is kept at '%s'; a new one was begun, %zu file%s of yours taken up",
			set_aside, count, count == 1 ? "" : "s");
	return status;
}

enum kl_status cli_store(struct cli *cli, struct kl_error *err)
{
	struct kl_store_opened opened = { 0 };
	enum kl_status status;
	char *path;

	if (cli->store)
		return KL_OK;
	path = kl_path_join(cli->paths.data, "lab.db");
	status = kl_path_make(cli->paths.data, err);
	if (!status)
		status = kl_store_open(&cli->store, &opened, path, &cli->clock, err);
	free(path);
	if (status == KL_EDENIED || status == KL_EIO || status == KL_EFULL)
		return open_in_memory(cli, err);
	return status || !opened.rebuilt ? status : rebuild(cli, opened.set_aside, err);
}

enum kl_status cli_catalogue(struct cli *cli, struct kl_error *err)
{
	enum kl_status status = cli_store(cli, err);

	if (status || cli->catalogue)
		return status;
	cli->catalogue = packs_open(&cli->paths);
	return kl_progress_apply(cli->catalogue, cli->store, err);
}

/* Judges elsewhere are in the database; where programs run here in any case, it need not be there. */
static enum kl_status use_elsewhere(struct cli *cli, struct kl_error *err)
{
	struct keyring_parts parts = { &cli->paths, cli->config, NULL, &cli->clock, cli->master };
	enum kl_status status = KL_OK;

	if (strcmp(kl_config_string(cli->config, "judge"), "local") != 0)
		status = cli_store(cli, err);
	parts.store = cli->store;
	return status ? status : elsewhere_use(&cli->elsewhere, cli->judge, cli->loop, &cli->keyring, &parts, err);
}

enum kl_status cli_judge(struct cli *cli, struct kl_error *err)
{
	enum kl_status status = cli_loop(cli, err);

	if (!status && !cli->judge)
		status = kl_judge_open(&cli->judge, cli->loop, &cli->paths, err);
	return status ? status : use_elsewhere(cli, err);
}

enum kl_status cli_keypool(struct cli *cli, struct kl_error *err)
{
	enum kl_status status = cli_store(cli, err);
	const struct keyring_parts parts = { &cli->paths, cli->config, cli->store, &cli->clock, cli->master };

	return status ? status : keyring_open(&cli->keyring, &parts, err);
}

enum kl_status cli_find(size_t *index, struct cli *cli, const char *name, struct kl_error *err)
{
	enum kl_status status = cli_catalogue(cli, err);

	if (status)
		return status;
	status = kl_catalogue_find(index, cli->catalogue, name, cli->paths.work, err);
	if (status == KL_ECONFLICT) /* a name that says too little is the caller's to mend: no conflict of data */
		err->status = status = KL_EINVAL;
	return status;
}

enum kl_status cli_challenge(struct kl_challenge **out, size_t *index, struct cli *cli, const char *name,
			     struct kl_error *err)
{
	enum kl_status status;
	size_t found;

	if ((status = cli_find(&found, cli, name, err)) ||
	    (status = kl_catalogue_load(out, cli->catalogue, found, err)))
		return status;
	if (index)
		*index = found;
	return KL_OK;
}

const struct kl_instances *cli_judges(struct cli *cli)
{
	bool wanted = strcmp(kl_config_string(cli->config, "judge"), "local") != 0;
	struct kl_error err;

	return wanted && !cli_judge(cli, &err) ? cli->elsewhere.instances : NULL;
}

enum kl_status cli_language(const struct kl_language **out, struct cli *cli, const struct kl_challenge *challenge,
			    const char *wanted, struct kl_error *err)
{
	const struct kl_instances *judges = cli_judges(cli);

	if (wanted && !languages_named(judges, wanted))
		return kl_fail(err, KL_EINVAL, "there is no language '%s'; 'kodelab doctor' lists them", wanted);
	*out = work_language(challenge, wanted, cli->store, &cli->paths, kl_config_string(cli->config, "language"),
			     judges);
	if (*out)
		return KL_OK;
	return kl_fail(err, KL_EINVAL, "'%s' cannot be solved in %s; 'kodelab show %s' names its languages",
		       challenge->slug, wanted ? languages_named(judges, wanted)->name : "any language known here",
		       challenge->slug);
}

bool cli_number(long *out, const char *text, long initial, long max)
{
	char *end;

	*out = initial;
	if (!text)
		return true;
	errno = 0;
	*out = strtol(text, &end, 10);
	return !errno && *text >= '0' && *text <= '9' && !*end && *out >= 1 && *out <= max;
}

/* What is printed already may still be deleted at its judge. */
static void finish_elsewhere(const struct cli *cli)
{
	int64_t end_ms = kl_clock_mono_ms() + LAST_WAIT_MS, left_ms;

	while (cli->elsewhere.instances && kl_instances_busy(cli->elsewhere.instances) &&
	       (left_ms = end_ms - kl_clock_mono_ms()) > 0)
		kl_loop_turn(cli->loop, (int)left_ms);
}

void cli_close(struct cli *cli)
{
	kl_class_close(cli->class);
	kl_judge_close(cli->judge);
	finish_elsewhere(cli);
	elsewhere_close(&cli->elsewhere);
	keyring_close(&cli->keyring);
	kl_catalogue_close(cli->catalogue);
	kl_store_close(cli->store);
	kl_loop_close(cli->loop);
	kl_config_close(cli->config);
	kl_paths_release(&cli->paths);
	cli->class = NULL;
	cli->judge = NULL;
	cli->catalogue = NULL;
	cli->store = NULL;
	cli->loop = NULL;
	cli->config = NULL;
}

int cli_open_lab(struct cli *cli, const char *challenge, const char *language)
{
	struct app_start start = { .challenge = challenge, .language = language, .master = cli->master };

	kl_class_close(cli->class);
	cli->class = NULL;
	kl_judge_close(cli->judge);
	cli->judge = NULL;
	elsewhere_close(&cli->elsewhere);
	keyring_close(&cli->keyring); /* before the store changes hands */
	if (!cli->forgets) { /* else the lab says itself why nothing is kept */
		start.store = cli->store;
		start.catalogue = cli->catalogue;
		cli->store = NULL;
		cli->catalogue = NULL;
	}
	cli_close(cli);
	return app_run(&start);
}

bool cli_locale_is_utf8(void)
{
	return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}
