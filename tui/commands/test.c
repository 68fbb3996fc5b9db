/* kodelab test, kodelab submit */
#include "commands.h"

#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/file.h>
#include <kodelab/portfolio.h>

#include "judging.h"
#include "tui/work.h"

struct task { /* what is judged */
	struct kl_challenge *challenge;
	const struct kl_language *language;
	char *path;
	struct kl_buf code;
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

static enum kl_status choose_language(struct task *task, struct cli *cli, const struct command_args *args,
				      struct kl_error *err)
{
	const char *wanted = args->options[TEST_LANGUAGE], *file = args->options[TEST_FILE];

	if (!wanted && file && kl_language_of_file(file))
		wanted = kl_language_of_file(file)->id;
	if (!wanted && !file && args->words[0] && kl_language_of_file(args->words[0]))
		wanted = kl_language_of_file(args->words[0])->id;
	task->language = work_language(task->challenge, wanted, cli->store, &cli->paths,
				       kl_config_string(cli->config, "language"));
	if (task->language)
		return KL_OK;
	return kl_fail(err, KL_EINVAL, "'%s' cannot be solved in '%s'; 'kodelab show --json' lists its languages",
		       task->challenge->slug, wanted ? wanted : "any language known here");
}

static enum kl_status task_open(struct task *task, struct cli *cli, const struct command_args *args,
				struct kl_error *err)
{
	const char *file = args->options[TEST_FILE];
	enum kl_status status;

	kl_buf_init(&task->code, WORK_CODE_MAX);
	if ((status = cli_challenge(&task->challenge, NULL, cli, args->words[0], err)) ||
	    (status = choose_language(task, cli, args, err)))
		return status;
	if (file)
		task->path = kl_strdup(file);
	else if ((status = work_file(&task->path, &cli->paths, cli->store, task->challenge, task->language, err)))
		return status;
	return kl_file_read(&task->code, task->path, err);
}

/* ---- publishing, waited for ---- */

struct publishing {
	struct cli *cli;
};

static void published(void *ctx, const struct kl_portfolio_result *result)
{
	struct publishing *publishing = ctx;

	if (result->error.status)
		fprintf(stderr, "kodelab: not in the portfolio yet: %s\n", result->error.message);
	else if (result->commit[0] && !publishing->cli->json)
		printf("Committed to your portfolio (%.7s).\n", result->commit);
	kl_loop_stop(publishing->cli->loop);
}

static void publish(struct cli *cli, const struct task *task, const char *attempt_id)
{
	struct publishing publishing = { cli };
	struct kl_portfolio *portfolio;
	struct kl_error err;

	if (!kl_config_bool(cli->config, "portfolio.enabled"))
		return;
	portfolio = kl_portfolio_open(cli->loop, &cli->paths, cli->config);
	if (work_publish(portfolio, cli->store, task->challenge, attempt_id, published, &publishing, &err))
		cli_fail(cli, &err);
	else
		kl_loop_run(cli->loop);
	kl_portfolio_close(portfolio);
}

static int record(struct cli *cli, const struct task *task, enum kl_attempt_kind kind, const struct kl_report *report)
{
	struct work_record record = { task->challenge, task->language, task->code.data, task->code.len, kind, report };
	char id[KL_ID_SIZE];
	bool first_pass;
	struct kl_error err;

	if (work_record(id, &first_pass, cli->store, &record, &err))
		return cli_fail(cli, &err);
	if (first_pass && !cli->json)
		puts("Solved!");
	if (id[0] && kind == KL_ATTEMPT_SUBMIT && report->verdict == KL_VERDICT_PASSED)
		publish(cli, task, id);
	return judging_status(report);
}

static int judge(struct cli *cli, const struct command_args *args, enum kl_attempt_kind kind)
{
	struct task task = { 0 };
	struct kl_submission submission = { .samples_only = kind == KL_ATTEMPT_RUN, .only = args->options[TEST_ONLY] };
	struct kl_report *report = NULL;
	struct kl_error err;
	int status;

	if (task_open(&task, cli, args, &err) ||
	    (kind == KL_ATTEMPT_RUN && !submission.only &&
	     work_own_tests(&task.own, &task.own_count, cli->store, task.challenge, &err))) {
		task_release(&task);
		return cli_fail(cli, &err);
	}
	submission.challenge = task.challenge;
	submission.language = task.language;
	submission.code = task.code.data;
	submission.code_len = task.code.len;
	submission.own = task.own;
	submission.own_count = task.own_count;
	if (submission.only)
		submission.samples_only = false;
	if (judging_run(&report, cli, &submission, NULL, &err)) {
		task_release(&task);
		return cli_fail(cli, &err);
	}
	if (!cli->json)
		judging_print(cli, report);
	status = submission.only ? judging_status(report) : record(cli, &task, kind, report);
	if (cli->json)
		cli_print_json(judging_json(report));
	kl_report_free(report);
	task_release(&task);
	return status;
}

/* ---- watching ---- */

struct watched {
	struct timespec time;
	off_t size;
};

static struct watched look(const char *path)
{
	struct stat info;

	if (stat(path, &info) != 0)
		return (struct watched){ 0 };
	return (struct watched){ info.st_mtim, info.st_size };
}

static void tick(void *ctx)
{
	kl_loop_stop(ctx);
}

static void stopped(void *ctx, int signo)
{
	(void)signo;
	*(bool *)ctx = true;
}

/* Polling: it works on every file system, network ones too. */
static int watch(struct cli *cli, const struct command_args *args)
{
	struct task task = { 0 };
	struct watched seen = { 0 };
	struct kl_error err;
	bool stop = false;
	int status = EXIT_DONE;

	if (task_open(&task, cli, args, &err) || cli_loop(cli, &err)) {
		task_release(&task);
		return cli_fail(cli, &err);
	}
	while (!stop && status != EXIT_INTERRUPTED) {
		struct watched now = look(task.path);

		if (memcmp(&now.time, &seen.time, sizeof(now.time)) != 0 || now.size != seen.size) {
			seen = now;
			status = judge(cli, args, KL_ATTEMPT_RUN);
			fflush(stdout);
		}
		kl_loop_on_signal(cli->loop, SIGINT, stopped, &stop);
		kl_loop_add_timer(cli->loop, kl_config_int(cli->config, "watch.interval_ms"), tick, cli->loop);
		kl_loop_run(cli->loop);
	}
	task_release(&task);
	return EXIT_INTERRUPTED;
}

int command_test(struct cli *cli, const struct command_args *args)
{
	return args->options[TEST_WATCH] ? watch(cli, args) : judge(cli, args, KL_ATTEMPT_RUN);
}

int command_submit(struct cli *cli, const struct command_args *args)
{
	return judge(cli, args, KL_ATTEMPT_SUBMIT);
}
