/* kodelab test, kodelab submit */
#include "commands.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <kodelab/alloc.h>
#include <kodelab/file.h>
#include <kodelab/portfolio.h>

#include "judging.h"
#include "tui/kept.h"
#include "tui/languages.h"
#include "tui/work.h"

enum { SETTLE_MS = 50 }; /* a watched file that has changed must rest for so long */

struct task { /* what is judged */
	struct kl_challenge *challenge;
	const struct kl_language *language;
	char *path;
	struct kl_buf code;
	bool typed; /* it is what was typed in the lab, newer than the file */
	struct kl_test *own;
	size_t own_count;
};

static void task_release(struct task *task)
{
	work_own_tests_free(task->own, task->own_count, task->challenge);
	kl_buf_release(&task->code);
	free(task->path);
	kl_challenge_free(task->challenge);
}

/* --language, else the suffix of the file that was named. */
static const char *wanted_language(struct cli *cli, const struct command_args *args)
{
	const char *file = args->options[TEST_FILE] ? args->options[TEST_FILE] : args->words[0];
	const struct kl_language *language = file ? languages_of_file(cli_judges(cli), file) : NULL;

	if (args->options[TEST_LANGUAGE])
		return args->options[TEST_LANGUAGE];
	return language ? language->id : NULL;
}

static enum kl_status task_open(struct task *task, struct cli *cli, const struct command_args *args,
				struct kl_error *err)
{
	const char *file = args->options[TEST_FILE];
	enum kl_status status;

	kl_buf_init(&task->code, WORK_CODE_MAX);
	if ((status = cli_challenge(&task->challenge, NULL, cli, args->words[0], err)) ||
	    (status = cli_language(&task->language, cli, task->challenge, wanted_language(cli, args), err)))
		return status;
	if (file) {
		task->path = kl_strdup(file);
		return kl_file_read(&task->code, task->path, err);
	}
	if ((status = work_file(&task->path, &cli->paths, cli->store, task->challenge, task->language, err)))
		return status;
	return work_read(&task->code, &task->typed, &cli->paths, task->path, err);
}

/* ---- publishing, waited for ---- */

struct publishing {
	struct cli *cli;
	char commit[65]; /* "": none was made */
};

static void published(void *ctx, const struct kl_portfolio_result *result)
{
	struct publishing *publishing = ctx;

	if (result->error.status)
		cli_warn(publishing->cli, "not in the portfolio yet: %s", result->error.message);
	else
		memcpy(publishing->commit, result->commit, sizeof(publishing->commit));
	kl_loop_stop(publishing->cli->loop);
}

static void stop_waiting(void *ctx, int signo)
{
	(void)signo;
	kl_loop_stop(ctx);
}

static void publish(struct publishing *publishing, struct cli *cli, const struct task *task, const char *attempt_id)
{
	struct kl_portfolio *portfolio;
	struct kl_error err;

	publishing->cli = cli;
	if (!kl_config_bool(cli->config, "portfolio.enabled"))
		return;
	portfolio = kl_portfolio_open(cli->loop, &cli->paths, cli->config);
	judging_catch(cli, stop_waiting, cli->loop);
	if (work_publish(portfolio, cli->store, task->challenge, attempt_id, published, publishing, &err))
		cli_warn(cli, "not in the portfolio yet: %s", err.message);
	else
		kl_loop_run(cli->loop);
	judging_catch(cli, NULL, NULL);
	kl_portfolio_close(portfolio);
}

/* ---- judging ---- */

struct recorded {
	char id[KL_ID_SIZE]; /* "": nothing was recorded */
	bool unsynced; /* whether it is the class's to judge is not known yet */
	bool handed; /* the class server is to judge it */
	char kept[KL_ID_SIZE]; /* "": it is not kept */
	bool first_pass;
	struct publishing publishing;
};

static enum kl_status record(struct recorded *recorded, struct cli *cli, const struct task *task,
			     enum kl_attempt_kind kind, const struct kl_report *report, struct kl_error *err)
{
	struct work_record record = { .challenge = task->challenge,
				      .language = task->language,
				      .code = task->code.data,
				      .code_len = task->code.len,
				      .kind = kind,
				      .report = report };
	enum kl_status status;

	if (recorded->handed)
		return work_found(cli->store, recorded->id, &record, err);
	status = work_record(recorded->id, &recorded->first_pass, cli->store, &record, err);

	if (!status && !recorded->id[0] && !cli->forgets)
		status = kept_keep(recorded->kept, cli->store, &record, err);
	if (!status && recorded->id[0] && kind == KL_ATTEMPT_SUBMIT && report->verdict == KL_VERDICT_PASSED)
		publish(&recorded->publishing, cli, task, recorded->id);
	return status;
}

static void tell_json(const struct task *task, const struct kl_report *report, const struct recorded *recorded)
{
	cJSON *root = judging_json(report);

	cJSON_AddStringToObject(root, "pack", task->challenge->pack);
	cJSON_AddStringToObject(root, "slug", task->challenge->slug);
	cJSON_AddStringToObject(root, "language", task->language->id);
	cJSON_AddNumberToObject(root, "passed", (double)report->passed);
	cJSON_AddNumberToObject(root, "total", (double)report->count);
	cJSON_AddStringToObject(root, "attempt", recorded->id);
	cJSON_AddStringToObject(root, "kept", recorded->kept);
	cJSON_AddBoolToObject(root, "provisional", recorded->handed || recorded->unsynced);
	cJSON_AddBoolToObject(root, "solved", recorded->first_pass);
	cJSON_AddStringToObject(root, "commit", recorded->publishing.commit);
	cJSON_AddBoolToObject(root, "typed", task->typed);
	cli_print_json(root);
}

static void tell(const struct cli *cli, const struct task *task, const struct kl_report *report,
		 const struct recorded *recorded)
{
	if (recorded->kept[0])
		cli_warn(cli,
			 "the judge is down: it is kept and will be sent, by the open lab or 'kodelab judge send'");
	if (cli->json) {
		tell_json(task, report, recorded);
		return;
	}
	if (recorded->handed)
		puts("Handed in; this is provisional. The class server judges it: kodelab sync");
	if (recorded->unsynced)
		puts("This is provisional: whether your class judges it is known after the first 'kodelab sync'.");
	else if (recorded->first_pass)
		puts("Solved!");
	if (recorded->publishing.commit[0])
		printf("Committed to your portfolio (%.7s).\n", recorded->publishing.commit);
}

/* A submit of the class's waits for its server before anything is judged here. */
static enum kl_status hand_in(struct recorded *recorded, struct cli *cli, const struct task *task,
			      enum kl_attempt_kind kind, struct kl_error *err)
{
	const struct work_record record = { .challenge = task->challenge,
					    .language = task->language,
					    .code = task->code.data,
					    .code_len = task->code.len,
					    .kind = kind };
	enum kl_status status = work_hand_in(recorded->id, cli->store, &record, err);

	recorded->handed = recorded->id[0] != '\0';
	recorded->unsynced = !recorded->handed && kind == KL_ATTEMPT_SUBMIT && work_unsynced(cli->store);
	return status;
}

/* Runs the tests of an opened task, records and tells. Returns the exit status. */
static int judge(struct cli *cli, const struct command_args *args, struct task *task, enum kl_attempt_kind kind)
{
	const char *only = args->options[TEST_ONLY];
	struct kl_submission submission = { .challenge = task->challenge,
					    .language = task->language,
					    .code = task->code.data,
					    .code_len = task->code.len,
					    .samples_only = kind == KL_ATTEMPT_RUN && !only,
					    .own = task->own,
					    .own_count = task->own_count,
					    .only = only };
	struct recorded recorded = { 0 };
	struct kl_report *report = NULL;
	struct kl_error err;
	int status;

	if (task->typed)
		cli_warn_typed(cli, task->path);
	if (!only && hand_in(&recorded, cli, task, kind, &err))
		return cli_fail(cli, &err);
	if (judging_run(&report, cli, &submission, args->options[TEST_VERBOSE] ? judging_verbose : NULL, &err))
		return cli_fail(cli, &err);
	status = judging_status(report);
	if (!cli->json)
		judging_print(cli, task->challenge, report);
	if (!only && record(&recorded, cli, task, kind, report, &err)) {
		cli_warn(cli, "not recorded: %s", err.message);
		status = EXIT_COULD_NOT;
	}
	tell(cli, task, report, &recorded);
	kl_report_free(report);
	return status;
}

static int judge_once(struct cli *cli, const struct command_args *args, enum kl_attempt_kind kind)
{
	struct task task = { 0 };
	struct kl_error err;
	int status;

	if (task_open(&task, cli, args, &err) ||
	    (kind == KL_ATTEMPT_RUN && !args->options[TEST_ONLY] &&
	     work_own_tests(&task.own, &task.own_count, cli->store, task.challenge, &err)))
		status = cli_fail(cli, &err);
	else
		status = judge(cli, args, &task, kind);
	task_release(&task);
	return status;
}

/* ---- watching ---- */

struct watched {
	struct timespec time;
	off_t size;
};

struct watcher {
	struct kl_loop *loop;
	bool stopped; /* C-c */
};

static struct watched look(const char *path)
{
	struct stat info;

	if (stat(path, &info) != 0)
		return (struct watched){ .size = -1 };
	return (struct watched){ info.st_mtim, info.st_size };
}

static bool is_same(struct watched a, struct watched b)
{
	return a.time.tv_sec == b.time.tv_sec && a.time.tv_nsec == b.time.tv_nsec && a.size == b.size;
}

static void tick(void *ctx)
{
	kl_loop_stop(ctx);
}

static void stopped(void *ctx, int signo)
{
	struct watcher *watcher = ctx;

	(void)signo;
	watcher->stopped = true;
	kl_loop_stop(watcher->loop);
}

/* Ends early at C-c. */
static void nap(struct watcher *watcher, int64_t delay_ms)
{
	struct kl_timer *timer = kl_loop_add_timer(watcher->loop, delay_ms, tick, watcher->loop);

	kl_loop_run(watcher->loop);
	if (watcher->stopped)
		kl_timer_cancel(timer);
}

/*
 * Waits until the file is not what was seen and rests: an editor may be in the middle of writing it. Polling works on every
 * file system, network ones too. False: C-c.
 */
static bool wait_for_change(struct cli *cli, const char *path, struct watched seen)
{
	struct watcher watcher = { .loop = cli->loop };
	int64_t interval_ms = kl_config_int(cli->config, "watch.interval_ms");
	struct watched before = seen.size < 0 ? look(path) : seen, now = look(path);

	judging_catch(cli, stopped, &watcher);
	while (!watcher.stopped && (now.size < 0 || is_same(now, seen) || !is_same(now, before))) {
		nap(&watcher, is_same(now, seen) ? interval_ms : SETTLE_MS);
		before = now;
		now = look(path);
	}
	judging_catch(cli, NULL, NULL);
	return !watcher.stopped;
}

static int watch(struct cli *cli, const struct command_args *args)
{
	struct task task = { 0 };
	struct watched seen = { .size = -1 };
	struct kl_error err;
	int status = EXIT_DONE;

	if (task_open(&task, cli, args, &err) || cli_loop(cli, &err)) {
		task_release(&task);
		return cli_fail(cli, &err);
	}
	while (status != EXIT_INTERRUPTED && wait_for_change(cli, task.path, seen)) {
		seen = look(task.path);
		if (cli->color)
			fputs("\033[H\033[2J", stdout); /* each run on a clean screen */
		status = judge_once(cli, args, KL_ATTEMPT_RUN);
		if (!cli->json && status != EXIT_INTERRUPTED)
			cli_say(cli, "Watching %s; C-c ends.\n", task.path);
		fflush(stdout);
	}
	task_release(&task);
	return EXIT_INTERRUPTED;
}

int command_test(struct cli *cli, const struct command_args *args)
{
	return args->options[TEST_WATCH] ? watch(cli, args) : judge_once(cli, args, KL_ATTEMPT_RUN);
}

int command_submit(struct cli *cli, const struct command_args *args)
{
	return judge_once(cli, args, KL_ATTEMPT_SUBMIT);
}
