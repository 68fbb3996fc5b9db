/*
 * Own test inputs: made in a box, or taken over from a test that failed. A program's input is text; a function's is the
 * arguments as a JSON object, written one parameter a line.
 */
#include "workspace_int.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>

#include "tui/work.h"

enum { INPUT_MAX = 1 << 20 };

static void keep(struct workspace *workspace, const char *name, const char *input, const char *expected)
{
	struct kl_own_input row = { 0 };
	struct kl_error err;
	enum kl_status status;

	if (!workspace->app->store) {
		app_say(workspace->app, ROLE_ERROR, "Nothing can be kept: the database is not open.");
		return;
	}
	row.name = kl_strdup(name);
	row.input = kl_strdup(input);
	row.expected = kl_strdup(expected);
	status = work_check_input(workspace->challenge, input, &err);
	if (!status)
		status = kl_store_input_put(workspace->app->store, workspace->challenge->pack,
					    workspace->challenge->slug, &row, &err);
	if (status)
		app_say_error(workspace->app, &err);
	else
		app_say(workspace->app, ROLE_SUCCESS, "Kept as '%s'; Run uses it from now on.", name);
	free(row.name);
	free(row.input);
	free(row.expected);
}

static void composed(struct app *app, void *ctx, const char *text)
{
	struct workspace *workspace = ctx;
	struct kl_own_input *rows = NULL;
	size_t count = 0;
	char *name;

	if (app->store &&
	    !kl_store_inputs(&rows, &count, app->store, workspace->challenge->pack, workspace->challenge->slug, NULL))
		kl_own_inputs_free(rows, count);
	name = kl_format("my input %zu", count + 1);
	keep(workspace, name, text, NULL);
	free(name);
}

/* The arguments of a test as the text of the box. */
static void add_args(const struct workspace *workspace, const struct kl_test *test, struct kl_buf *out)
{
	const struct kl_signature *function = &workspace->challenge->function;

	kl_buf_add_str(out, "{\n");
	for (size_t i = 0; i < function->param_count; i++) {
		kl_buf_addf(out, "  \"%s\": ", function->params[i].name);
		kl_value_print(&test->args[i], &function->params[i].type, out);
		kl_buf_add_str(out, i + 1 < function->param_count ? ",\n" : "\n");
	}
	kl_buf_add_str(out, "}\n");
}

static void input_of(const struct workspace *workspace, const struct kl_test *test, struct kl_buf *out)
{
	if (workspace->challenge->kind == KL_KIND_FUNCTION && test->args)
		add_args(workspace, test, out);
	else if (test->input)
		kl_buf_add(out, test->input, test->input_len);
}

void inputs_new(struct workspace *workspace)
{
	const struct kl_challenge *challenge = workspace->challenge;
	struct kl_buf initial;

	kl_buf_init(&initial, INPUT_MAX);
	for (size_t i = 0; i < challenge->test_count; i++) {
		if (challenge->tests[i].sample) { /* the first sample shows the form */
			input_of(workspace, &challenge->tests[i], &initial);
			break;
		}
	}
	compose_open(workspace->app,
		     challenge->kind == KL_KIND_FUNCTION ? " Your own test: the arguments "
							 : " Your own test: the input ",
		     initial.data, composed, workspace);
	kl_buf_release(&initial);
}

/* The test on the marked line of the tests tab, else the first that failed. */
static int marked_test(const struct workspace *workspace)
{
	const struct lines *lines = &workspace->lines[TAB_TESTS];
	size_t at = workspace->scrolls[TAB_TESTS].selected;

	if (workspace->focus == AREA_OUTPUT && workspace->tab == TAB_TESTS && at < lines->count &&
	    lines->items[at].value >= 0)
		return lines->items[at].value;
	return workspace->open_test;
}

void inputs_keep(struct workspace *workspace)
{
	const struct kl_report *report = workspace->run.report;
	int test = marked_test(workspace);
	struct kl_buf input;
	char *name;

	if (!report || test < 0 || (size_t)test >= report->count) {
		app_say(workspace->app, ROLE_INFO, "Run the tests first; then mark the one to keep.");
		return;
	}
	if (!report->tests[test].show_input) {
		app_say(workspace->app, ROLE_INFO, "The input of a hidden test cannot be seen, so it cannot be kept.");
		return;
	}
	kl_buf_init(&input, INPUT_MAX);
	input_of(workspace, report->asked[test], &input);
	name = kl_format("kept: %s", report->asked[test]->name ? report->asked[test]->name : report->asked[test]->id);
	if (input.truncated)
		app_say(workspace->app, ROLE_INFO, "This input is too large to keep.");
	else
		keep(workspace, name, input.data, report->tests[test].expected);
	free(name);
	kl_buf_release(&input);
}
