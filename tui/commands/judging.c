/* One submission from the command line: see judging.h. */
#include "judging.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/loop.h>

enum { TEXT_SHOWN = 2000, REPORT_MAX = 4 << 20 };

struct waiting {
	struct cli *cli;
	struct kl_job *job;
	struct kl_report *report;
	bool interrupted;
};

static void done(void *ctx, const struct kl_report *report)
{
	struct waiting *waiting = ctx;

	waiting->report = kl_report_copy(report);
	waiting->job = NULL;
	kl_loop_stop(waiting->cli->loop);
}

static void interrupted(void *ctx, int signo)
{
	struct waiting *waiting = ctx;

	(void)signo;
	waiting->interrupted = true;
	if (waiting->job)
		kl_judge_cancel(waiting->job);
}

enum kl_status judging_run(struct kl_report **report, struct cli *cli, const struct kl_submission *submission,
			   kl_judge_progress_fn *show, struct kl_error *err)
{
	struct waiting waiting = { .cli = cli };
	enum kl_status status = cli_judge(cli, err);

	if (status)
		return status;
	kl_loop_on_signal(cli->loop, SIGINT, interrupted, &waiting);
	kl_loop_on_signal(cli->loop, SIGTERM, interrupted, &waiting);
	status = kl_judge_submit(&waiting.job, cli->judge, submission, show, done, &waiting, err);
	if (status)
		return status;
	kl_loop_run(cli->loop);
	if (waiting.interrupted) {
		kl_report_free(waiting.report);
		return kl_fail(err, KL_ECANCELED, "stopped; nothing was recorded");
	}
	*report = waiting.report;
	return KL_OK;
}

static void print_indented(const struct cli *cli, const char *label, const char *text, size_t len)
{
	if (!text || len == 0)
		return;
	printf("      %s:\n", label);
	for (size_t from = 0; from < len && from < TEXT_SHOWN;) {
		const char *newline = memchr(text + from, '\n', len - from);
		size_t end = newline ? (size_t)(newline - text) : len;

		printf("        ");
		cli_print(stdout, cli, text + from, end - from < TEXT_SHOWN ? end - from : TEXT_SHOWN);
		putchar('\n');
		from = end + 1;
	}
	if (len > TEXT_SHOWN)
		printf("        (%zu bytes in all)\n", len);
}

static void print_test(const struct cli *cli, const struct kl_test *test, const struct kl_test_result *result)
{
	bool good = result->verdict == KL_VERDICT_PASSED || result->verdict == KL_VERDICT_RAN;
	const char *name = test->name ? test->name : test->id, *got = result->actual ? result->actual : result->out;
	const char *green = cli->color ? (good ? "\033[32m" : "\033[31m") : "", *plain = cli->color ? "\033[0m" : "";

	printf("  %s%-4s%s  ", green, good ? "ok" : "FAIL", plain);
	cli_print(stdout, cli, name, strlen(name));
	if (!good)
		printf("  (%s)", kl_verdict_name(result->verdict));
	putchar('\n');
	if (good && result->verdict != KL_VERDICT_RAN)
		return;
	if (result->detail)
		print_indented(cli, "what", result->detail, strlen(result->detail));
	if (result->expected)
		print_indented(cli, "expected", result->expected, strlen(result->expected));
	if (result->show_actual && got)
		print_indented(cli, "yours", got, result->actual ? strlen(got) : result->out_len);
	if (result->show_input)
		print_indented(cli, "error output", result->err, result->err_len);
}

void judging_print(const struct cli *cli, const struct kl_report *report)
{
	if (report->messages && *report->messages) {
		cli_print(stdout, cli, report->messages, strlen(report->messages));
		if (report->messages[strlen(report->messages) - 1] != '\n')
			putchar('\n');
	}
	if (report->verdict == KL_VERDICT_INTERNAL) {
		printf("The tests could not be run: ");
		cli_print(stdout, cli, report->error.message, strlen(report->error.message));
		putchar('\n');
		return;
	}
	if (report->compile == KL_COMPILE_FAILED) {
		puts("It does not compile.");
		return;
	}
	for (size_t i = 0; i < report->count; i++)
		print_test(cli, report->asked[i], &report->tests[i]);
	printf("%zu of %zu passed, score %.0f, %lld ms\n", report->passed, report->count, report->score,
	       (long long)report->wall_ms);
}

cJSON *judging_json(const struct kl_report *report)
{
	struct kl_buf text;
	cJSON *root;

	kl_buf_init(&text, REPORT_MAX);
	kl_report_json(report, &text);
	root = cJSON_Parse(text.data);
	kl_buf_release(&text);
	return root ? root : cJSON_CreateObject();
}

int judging_status(const struct kl_report *report)
{
	if (report->verdict == KL_VERDICT_INTERNAL)
		return EXIT_COULD_NOT;
	return report->verdict == KL_VERDICT_PASSED || report->verdict == KL_VERDICT_RAN ? EXIT_DONE : EXIT_TESTS_FAILED;
}
