/* What runs came to, in lines: one of a program without tests, for the playground; the tests of one that was recorded. */
#include "screens.h"

#include <string.h>

#include <kodelab/judge.h>

#include "tui/ui/lines.h"
#include "tui/work.h"
#include "workspace_int.h"

enum { OUTPUT_LINES_MAX = 5000 };

static void add_failure(struct lines *lines, const struct kl_report *report, int cols)
{
	lines_wrapped(lines, 0, ROLE_ERROR, "", report->error.message, cols);
	if (report->later)
		lines_wrapped(lines, 0, ROLE_DIM, "",
			      "Your program is saved, this run is not kept: run it again when a judge works.", cols);
}

void outcome_lines(struct lines *lines, const struct kl_report *report, int cols)
{
	const struct kl_test_result *result = report->count ? &report->tests[0] : NULL;
	char where[WORK_WHERE_SIZE];

	if (report->verdict == KL_VERDICT_INTERNAL) {
		add_failure(lines, report, cols);
		return;
	}
	if (report->messages && *report->messages)
		lines_text(lines, 0, ROLE_WARNING, "", report->messages, strlen(report->messages), OUTPUT_LINES_MAX);
	if (!result || report->compile == KL_COMPILE_FAILED)
		return;
	if (result->out)
		lines_text(lines, 0, ROLE_OUTPUT, "", result->out, result->out_len, OUTPUT_LINES_MAX);
	if (result->err)
		lines_text(lines, 0, ROLE_OUTPUT_ERROR, "", result->err, result->err_len, OUTPUT_LINES_MAX);
	if (result->detail)
		line_str(lines_new(lines, 0), ROLE_FAILED, result->detail);
	line_printf(lines_new(lines, 0), ROLE_DIM, "exit %d, %.0f ms, %.1f MB", result->exit_code,
		    (double)result->cpu_us / 1000.0, (double)result->peak_kib / 1024.0);
	if (work_where(where, report))
		line_str(lines_new(lines, 0), ROLE_DIM, where);
}

void outcome_tests(struct lines *lines, const char *text)
{
	struct kl_report *report = NULL;

	if (!text || kl_report_from_json(&report, text, strlen(text), NULL))
		return;
	for (size_t i = 0; i < report->count; i++) {
		const struct kl_test_result *result = &report->tests[i];
		const char *name = report->asked[i]->name ? report->asked[i]->name : report->asked[i]->id;
		struct line *line = lines_new(lines, 0);

		line_symbol(line, verdict_role(result->verdict), verdict_symbol(result->verdict));
		line_printf(line, ROLE_TEXT, "%s: %s%s%s", name, kl_verdict_name(result->verdict),
			    result->detail ? ", " : "", result->detail ? result->detail : "");
	}
	lines_new(lines, 0);
	kl_report_free(report);
}
