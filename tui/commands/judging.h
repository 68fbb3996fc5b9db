#ifndef TUI_JUDGING_H
#define TUI_JUDGING_H

/* One submission from the command line, start to end: what test, submit, run and check share. */

#include <kodelab/judge.h>

#include "command.h"

/* C-c and the request to end: fn is called from the loop until judging_catch(cli, NULL, NULL). The loop is open. */
void judging_catch(struct cli *cli, kl_loop_signal_fn *fn, void *ctx);

/* Progress that says on standard error what the judge does, each time that changes; for --verbose. ctx: judging_run's. */
kl_judge_progress_fn judging_verbose;

/*
 * Judges and waits on the loop. *report: owned by the caller (kl_report_free). C-c cancels: KL_ECANCELED.
 * show (may be NULL): called as tests finish.
 */
enum kl_status judging_run(struct kl_report **report, struct cli *cli, const struct kl_submission *submission,
			   kl_judge_progress_fn *show, struct kl_error *err) KL_MUST_CHECK;

/* The report for people, and as JSON. challenge: of the submission; may be NULL. */
void judging_print(const struct cli *cli, const struct kl_challenge *challenge, const struct kl_report *report);
cJSON *judging_json(const struct kl_report *report);
/* 0 all passed, 1 some failed, 3 could not be run. */
int judging_status(const struct kl_report *report);

#endif
