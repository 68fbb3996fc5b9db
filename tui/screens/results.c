/* What the output tabs show, built from the workspace's state: a function per tab, one table. */
#include "workspace_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/clock.h>
#include <kodelab/visible.h>

#include "tui/ui/difftext.h"
#include "tui/work.h"

enum {
	DETAIL_LINES = 60,
	ARGUMENT_MAX = 1000,
	NARROW_COLS = 50,
	CONSOLE_LINES = 2000,
	HISTORY_MAX = 100,
	VALUE_MAX = 64 * 1024
};

static const struct verdict_look {
	enum symbol symbol;
	enum role role;
} looks[KL_VERDICT_COUNT] = {
	[KL_VERDICT_PENDING] = { SYMBOL_RUNNING, ROLE_RUNNING },
	[KL_VERDICT_PASSED] = { SYMBOL_PASSED, ROLE_PASSED },
	[KL_VERDICT_RAN] = { SYMBOL_BULLET, ROLE_TEXT },
	[KL_VERDICT_SKIPPED] = { SYMBOL_SKIPPED, ROLE_SKIPPED },
	[KL_VERDICT_WRONG] = { SYMBOL_FAILED, ROLE_FAILED },
	[KL_VERDICT_TIME] = { SYMBOL_FAILED, ROLE_FAILED },
	[KL_VERDICT_MEMORY] = { SYMBOL_FAILED, ROLE_FAILED },
	[KL_VERDICT_OUTPUT] = { SYMBOL_FAILED, ROLE_FAILED },
	[KL_VERDICT_RUNTIME] = { SYMBOL_FAILED, ROLE_FAILED },
	[KL_VERDICT_COMPILE] = { SYMBOL_FAILED, ROLE_FAILED },
	[KL_VERDICT_INTERNAL] = { SYMBOL_FAILED, ROLE_ERROR },
};

enum symbol verdict_symbol(enum kl_verdict verdict)
{
	return looks[verdict].symbol;
}

enum role verdict_role(enum kl_verdict verdict)
{
	return looks[verdict].role;
}

static void add_label(struct lines *lines, int value, const char *label)
{
	line_printf(lines_new(lines, value), ROLE_COLUMN, "    %s", label);
}

static void add_text(struct lines *lines, int value, const char *label, enum role role, const char *text, size_t len)
{
	if (!text || len == 0)
		return;
	add_label(lines, value, label);
	lines_text(lines, value, role, "      ", text, len, DETAIL_LINES);
}

/* ---- tests ---- */

/* A value may be long: it is broken over lines, and ends somewhere. */
static void add_argument(struct lines *lines, int value, const struct workspace *workspace, const char *name,
			 const char *text)
{
	char *line = kl_format("%s = %.*s%s", name, ARGUMENT_MAX, text, strlen(text) > ARGUMENT_MAX ? " ..." : "");

	lines_wrapped(lines, value, ROLE_VALUE, "      ", line, workspace->output_width);
	free(line);
}

static void add_args(struct lines *lines, int value, const struct workspace *workspace, const struct kl_test *test)
{
	const struct kl_signature *function = &workspace->challenge->function;

	for (size_t i = 0; i < function->param_count; i++) {
		struct kl_buf out;

		kl_buf_init(&out, VALUE_MAX);
		kl_value_print(&test->args[i], &function->params[i].type, &out);
		add_argument(lines, value, workspace, function->params[i].name, out.data);
		kl_buf_release(&out);
	}
}

static void add_input(struct lines *lines, int value, const struct workspace *workspace, const struct kl_test *test)
{
	if (workspace->challenge->kind == KL_KIND_FUNCTION && test->args) {
		add_label(lines, value, "called with");
		add_args(lines, value, workspace, test);
		return;
	}
	for (size_t i = 0; i < test->argv_count; i++) {
		if (i == 0)
			add_label(lines, value, "arguments");
		line_printf(lines_new(lines, value), ROLE_VALUE, "      %s", test->argv[i]);
	}
	add_text(lines, value, "input", ROLE_VALUE, test->input, test->input_len);
}

static void add_difference(struct lines *lines, int value, const struct workspace *workspace,
			   const struct kl_test_result *result)
{
	bool function = workspace->challenge->kind == KL_KIND_FUNCTION; /* what it printed is not its answer */
	const char *got = result->actual ? result->actual : function ? NULL : result->out;
	struct difftext diff = { .want = result->expected,
				 .got = got ? got : "",
				 .value = value,
				 .max_lines = DETAIL_LINES,
				 .ascii = (workspace->app->visible & KL_VISIBLE_ASCII) != 0,
				 .want_sign = "    - ",
				 .got_sign = "    + ",
				 .same_sign = "      " };

	if (result->expected && (result->verdict == KL_VERDICT_WRONG || got)) {
		diff.want_len = strlen(result->expected);
		diff.got_len = result->actual || !got ? strlen(diff.got) : result->out_len;
		line_str(lines_new(lines, value), ROLE_COLUMN, "    - expected   + yours");
		if (difftext_add(lines, &diff) == 0)
			line_str(lines_new(lines, value), ROLE_DIM, "      (the same)");
		if (function && !result->actual)
			line_str(lines_new(lines, value), ROLE_DIFF_ADD, "    + (no answer)");
	} else if (result->show_actual && got) {
		add_text(lines, value, "your answer", ROLE_VALUE, got, strlen(got));
	}
}

static void add_details(struct lines *lines, int value, const struct workspace *workspace, const struct kl_test *test,
			const struct kl_test_result *result)
{
	if (result->verdict != KL_VERDICT_PASSED && workspace->output_width < NARROW_COLS)
		line_printf(lines_new(lines, value), verdict_role(result->verdict), "    %s",
			    kl_verdict_name(result->verdict));
	if (result->detail)
		lines_wrapped(lines, value, ROLE_WARNING, "    ", result->detail, workspace->output_width);
	if (result->show_input)
		add_input(lines, value, workspace, test);
	else
		lines_wrapped(lines, value, ROLE_HIDDEN, "    ", "This test is hidden; its name is the hint.",
			      workspace->output_width);
	add_difference(lines, value, workspace, result);
	if (result->show_input &&
	    (workspace->challenge->kind == KL_KIND_FUNCTION || result->verdict != KL_VERDICT_WRONG))
		add_text(lines, value, "printed", ROLE_OUTPUT, result->out, result->out_len);
	if (result->show_input)
		add_text(lines, value, "error output", ROLE_OUTPUT_ERROR, result->err, result->err_len);
	line_printf(lines_new(lines, value), ROLE_DIM, "    %.0f ms, %.1f MB", (double)result->cpu_us / 1000.0,
		    (double)result->peak_kib / 1024.0);
}

static void add_test(struct lines *lines, const struct workspace *workspace, size_t i)
{
	const struct kl_report *report = workspace->run.report;
	const struct kl_test_result *result = &report->tests[i];
	const struct kl_test *test = report->asked[i];
	bool open = workspace->open_test == (int)i;
	struct line *line = lines_new(lines, (int)i);

	line_symbol(line, verdict_role(result->verdict), verdict_symbol(result->verdict));
	line_str(line, ROLE_TEXT, test->name ? test->name : test->id);
	if (test->own)
		line_str(line, ROLE_DIM, " (yours)");
	else if (!test->sample)
		line_str(line, ROLE_DIM, " (hidden)");
	if (result->verdict != KL_VERDICT_PASSED && result->verdict != KL_VERDICT_PENDING &&
	    workspace->output_width >= NARROW_COLS)
		line_printf(line, verdict_role(result->verdict), "  %s", kl_verdict_name(result->verdict));
	if (open && result->verdict != KL_VERDICT_PENDING)
		add_details(lines, (int)i, workspace, test, result);
}

static void add_own_count(struct lines *lines, const struct workspace *workspace)
{
	struct kl_own_input *rows;
	size_t count;

	if (!workspace->app->store || kl_store_inputs(&rows, &count, workspace->app->store, workspace->challenge->pack,
						      workspace->challenge->slug, NULL))
		return;
	kl_own_inputs_free(rows, count);
	if (count > 0)
		line_printf(lines_new(lines, -1), ROLE_DIM, "Run also uses %zu of your own.", count);
}

static void add_where(struct lines *lines, const struct kl_report *report, int width)
{
	char where[WORK_WHERE_SIZE];

	if (work_where(where, report))
		lines_wrapped(lines, -1, ROLE_DIM, "", where, width);
}

static void build_tests(struct workspace *workspace, struct lines *lines)
{
	const struct kl_report *report = workspace->run.report;

	if (!report) {
		size_t samples = 0;

		for (size_t i = 0; i < workspace->challenge->test_count; i++)
			samples += workspace->challenge->tests[i].sample;
		line_printf(lines_new(lines, -1), ROLE_DIM, "%zu tests, %zu of them samples.",
			    workspace->challenge->test_count, samples);
		line_str(lines_new(lines, -1), ROLE_DIM, "Run uses the samples; submit uses all.");
		add_own_count(lines, workspace);
		return;
	}
	if (report->compile == KL_COMPILE_FAILED) {
		lines_wrapped(lines, -1, ROLE_FAILED, "", "It does not compile yet: see the tab 'compiler'.",
			      workspace->output_width);
		return;
	}
	if (report->verdict == KL_VERDICT_INTERNAL) {
		lines_wrapped(lines, -1, ROLE_ERROR, "", report->error.message, workspace->output_width);
		return;
	}
	line_printf(lines_new(lines, -1), workspace->run.job ? ROLE_RUNNING : verdict_role(report->verdict),
		    "%zu of %zu passed%s", report->passed, work_judged(report), workspace->run.job ? " so far" : "");
	if (workspace->run.job && report->note[0])
		lines_wrapped(lines, -1, ROLE_DIM, "", report->note, workspace->output_width);
	else
		add_where(lines, report, workspace->output_width);
	for (size_t i = 0; i < report->count; i++)
		add_test(lines, workspace, i);
}

/* ---- console: what the program printed, test by test ---- */

static void build_console(struct workspace *workspace, struct lines *lines)
{
	const struct kl_report *report = workspace->run.report;
	bool any = false;

	for (size_t i = 0; report && i < report->count; i++) {
		const struct kl_test_result *result = &report->tests[i];

		if (!result->show_input || (result->out_len == 0 && result->err_len == 0))
			continue;
		any = true;
		line_printf(lines_new(lines, (int)i), ROLE_COLUMN, "%s",
			    report->asked[i]->name ? report->asked[i]->name : report->asked[i]->id);
		lines_text(lines, (int)i, ROLE_OUTPUT, "  ", result->out ? result->out : "", result->out_len,
			   CONSOLE_LINES);
		lines_text(lines, (int)i, ROLE_OUTPUT_ERROR, "  ", result->err ? result->err : "", result->err_len,
			   CONSOLE_LINES);
		if (result->out_cut || result->err_cut)
			line_str(lines_new(lines, (int)i), ROLE_WARNING, "  (the output was too long and was cut)");
	}
	if (!any)
		line_str(lines_new(lines, -1), ROLE_DIM,
			 report ? "The program printed nothing." : "Nothing has run yet.");
}

/* ---- compiler ---- */

/* Messages are read, not looked at: what does not fit goes on below. */
static void add_wrapped_lines(struct lines *lines, const char *text, int width)
{
	for (int i = 0; *text && i < CONSOLE_LINES; i++) {
		size_t len = strcspn(text, "\n");
		char *line = kl_strndup(text, len);

		if (len == 0)
			lines_new(lines, -1);
		lines_wrapped(lines, -1, ROLE_OUTPUT, "", line, width);
		free(line);
		text += len + (text[len] == '\n');
	}
}

static void build_compiler(struct workspace *workspace, struct lines *lines)
{
	const struct kl_report *report = workspace->run.report;
	const char *messages = report && report->messages ? report->messages : "";

	if (*messages)
		add_wrapped_lines(lines, messages, workspace->output_width);
	else if (report && report->compile == KL_COMPILE_NONE)
		line_str(lines_new(lines, -1), ROLE_DIM, "This language is not compiled.");
	else
		line_str(lines_new(lines, -1), ROLE_DIM,
			 report ? "The compiler had nothing to say." : "Nothing has run yet.");
}

/* ---- hints ---- */

static void build_hints(struct workspace *workspace, struct lines *lines)
{
	int shown = workspace->progress.hints, count = 0;
	char keys[KEYS_NAME_MAX], *text;

	for (char **hint = workspace->challenge->hints; *hint; hint++, count++) {
		struct prose prose = { 0 };

		if (count >= shown)
			continue;
		line_printf(lines_new(lines, -1), ROLE_COLUMN, "Hint %d", count + 1);
		prose_set(&prose, *hint, strlen(*hint),
			  workspace->output_width > 14 ? workspace->output_width - 2 : 12);
		for (size_t i = 0; i < prose.lines.count; i++) {
			struct line *from = &prose.lines.items[i], *line = lines_new(lines, -1);

			for (size_t span = 0; span < from->span_count; span++)
				line_add(line, from->spans[span].role, from->text + from->spans[span].start,
					 from->spans[span].len);
		}
		prose_release(&prose);
	}
	keymap_name(keys, workspace->app->keymap, SCOPE_EDITOR, REQ_HINT);
	text = count == 0      ? kl_strdup("This challenge has no hints.")
	       : shown < count ? kl_format("%d of %d hints shown; %s reveals the next.", shown, count, keys)
			       : kl_strdup("These are all the hints.");
	lines_wrapped(lines, -1, ROLE_DIM, "", text, workspace->output_width);
	free(text);
}

/* ---- history ---- */

static void build_history(struct workspace *workspace, struct lines *lines)
{
	struct kl_attempt *rows = kl_calloc(HISTORY_MAX, sizeof(*rows));
	size_t count = 0;
	struct kl_error err;

	if (workspace->app->store && kl_store_attempts(rows, &count, HISTORY_MAX, 0, workspace->app->store,
						       workspace->challenge->pack, workspace->challenge->slug, &err))
		line_str(lines_new(lines, -1), ROLE_ERROR, err.message);
	for (size_t i = 0; i < count; i++) {
		bool passed = work_passed(&rows[i]);
		bool undecided = work_undecided(&rows[i]);
		const char *standing = work_standing(&rows[i]);
		struct line *line = lines_new(lines, (int)i);
		char when[20];

		kl_clock_format(rows[i].at_ms, when, sizeof(when));
		line_symbol(line,
			    undecided ? ROLE_DIM
			    : passed  ? ROLE_PASSED
				      : ROLE_FAILED,
			    undecided ? SYMBOL_RUNNING
			    : passed  ? SYMBOL_PASSED
				      : SYMBOL_FAILED);
		line_printf(line, ROLE_TEXT, "%s  %-6s  %2d/%-2d  %s", when,
			    rows[i].kind == KL_ATTEMPT_SUBMIT ? "submit" : "run", rows[i].passed, rows[i].total,
			    rows[i].language);
		if (*standing)
			line_printf(line, undecided ? ROLE_WARNING : ROLE_DIM, "  %s", standing);
		kl_attempt_release(&rows[i]);
	}
	if (count == 0)
		line_str(lines_new(lines, -1), ROLE_DIM, "No attempts yet.");
	else
		lines_wrapped(lines, -1, ROLE_DIM, "", "Enter opens the history: view, compare, restore.",
			      workspace->output_width);
	free(rows);
}

static void (*const builders[TAB_COUNT])(struct workspace *workspace, struct lines *lines) = {
	[TAB_TESTS] = build_tests, [TAB_CONSOLE] = build_console, [TAB_COMPILER] = build_compiler,
	[TAB_HINTS] = build_hints, [TAB_HISTORY] = build_history,
};

void results_build(struct workspace *workspace, enum tab tab)
{
	lines_clear(&workspace->lines[tab]);
	builders[tab](workspace, &workspace->lines[tab]);
	workspace->stale[tab] = false;
}
