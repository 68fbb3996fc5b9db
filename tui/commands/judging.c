/* One submission from the command line: see judging.h. */
#include "judging.h"

#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <kodelab/buf.h>
#include <kodelab/loop.h>

enum { REPORT_MAX = 4 << 20, LONG_MS = 1000, COLS_MAX = 200, COLS = 80 };

struct waiting {
	struct cli *cli;
	struct kl_job *job;
	struct kl_report *report;
	kl_judge_progress_fn *show; /* NULL: nothing is shown but what one waits for */
	struct kl_timer *timer; /* a second, then the wait is long; NULL: it is, or nobody is told */
	int shown; /* columns of the line on the terminal */
	bool interrupted;
	char note[sizeof(((struct kl_report *)0)->note)]; /* what was said last */
};

/* --- what one waits for ------------------------------------------------------------------------------------------ */

static int terminal_cols(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
		return COLS;
	return size.ws_col < COLS_MAX ? size.ws_col : COLS_MAX;
}

/* One line of the terminal, which the next one overwrites. "": none is left. */
static void put_line(struct waiting *waiting, const char *text)
{
	int len = (int)strlen(text), cols = terminal_cols() - 1;
	char line[COLS_MAX];

	if (len > cols)
		len = cols;
	snprintf(line, sizeof(line), "%.*s", len, text);
	fprintf(stderr, "\r%*s\r", waiting->shown, "");
	cli_print_line(stderr, waiting->cli, line, strlen(line));
	fflush(stderr);
	waiting->shown = len;
}

static void waited_long(void *ctx)
{
	struct waiting *waiting = ctx;

	waiting->timer = NULL;
	if (waiting->note[0] && isatty(STDERR_FILENO))
		put_line(waiting, waiting->note);
}

static void progress(void *ctx, const struct kl_report *report)
{
	struct waiting *waiting = ctx;

	if (waiting->show) {
		waiting->show(ctx, report);
		return;
	}
	if (!strcmp(waiting->note, report->note))
		return;
	snprintf(waiting->note, sizeof(waiting->note), "%s", report->note);
	if (!waiting->timer && isatty(STDERR_FILENO))
		put_line(waiting, waiting->note);
}

/* --- the run ------------------------------------------------------------------------------------------------------ */

static void done(void *ctx, const struct kl_report *report)
{
	struct waiting *waiting = ctx;

	waiting->report = kl_report_copy(report);
	waiting->job = NULL;
	kl_loop_stop(waiting->cli->loop);
}

void judging_verbose(void *ctx, const struct kl_report *report)
{
	struct waiting *waiting = ctx;

	if (!strcmp(waiting->note, report->note))
		return;
	snprintf(waiting->note, sizeof(waiting->note), "%s", report->note);
	cli_warn(waiting->cli, "%s", report->note);
}

static void interrupted(void *ctx, int signo)
{
	struct waiting *waiting = ctx;

	(void)signo;
	waiting->interrupted = true;
	if (waiting->job)
		kl_judge_cancel(waiting->job);
}

/* A signal that comes when nothing waits for it: the loop is about to be closed anyway. */
static void ignore(void *ctx, int signo)
{
	(void)ctx;
	(void)signo;
}

void judging_catch(struct cli *cli, kl_loop_signal_fn *fn, void *ctx)
{
	kl_loop_on_signal(cli->loop, SIGINT, fn ? fn : ignore, ctx);
	kl_loop_on_signal(cli->loop, SIGTERM, fn ? fn : ignore, ctx);
	kl_loop_on_signal(cli->loop, SIGHUP, fn ? fn : ignore, ctx);
}

enum kl_status judging_run(struct kl_report **report, struct cli *cli, const struct kl_submission *submission,
			   kl_judge_progress_fn *show, struct kl_error *err)
{
	struct waiting waiting = { .cli = cli, .show = show };
	enum kl_status status = cli_judge(cli, err);

	if (status || (status = kl_judge_submit(&waiting.job, cli->judge, submission, progress, done, &waiting, err)))
		return status;
	if (!show)
		waiting.timer = kl_loop_add_timer(cli->loop, LONG_MS, waited_long, &waiting);
	judging_catch(cli, interrupted, &waiting);
	kl_loop_run(cli->loop);
	judging_catch(cli, NULL, NULL);
	kl_timer_cancel(waiting.timer);
	if (waiting.shown)
		put_line(&waiting, "");
	if (waiting.interrupted) {
		kl_report_free(waiting.report);
		return kl_fail(err, KL_ECANCELED, "stopped; nothing was recorded");
	}
	*report = waiting.report;
	return KL_OK;
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
	return report->verdict == KL_VERDICT_PASSED || report->verdict == KL_VERDICT_RAN ? EXIT_DONE
											 : EXIT_TESTS_FAILED;
}
