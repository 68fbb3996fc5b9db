#ifndef TUI_JUDGE_H
#define TUI_JUDGE_H

/*
 * Between the files of `kodelab judge`: judge.c lists and changes, judge_doctor.c asks the judges, judge_stats.c counts,
 * judge_kept.c sends what no judge could take.
 */

#include <kodelab/instance.h>

#include "commands.h"

/* With the registry open. */
typedef int judge_action_fn(struct cli *cli, struct kl_instances *judges, const struct command_args *args);

judge_action_fn judge_test, judge_doctor, judge_languages; /* judge_doctor.c */
judge_action_fn judge_stats; /* judge_stats.c */
judge_action_fn judge_kept, judge_send, judge_drop; /* judge_kept.c */

#endif
