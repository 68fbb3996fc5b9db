/*
 * Own test inputs: made in two boxes (input, expected answer), or taken over from a test that failed. A program's input is text; a function's is the
 * arguments as a JSON object, written one parameter a line.
 */
#include "workspace_int.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>

#include "tui/work.h"

enum { INPUT_MAX = 1 << 20 };

static void store_row(struct workspace *workspace, struct kl_own_input *row)
{
	struct kl_error err;

	if (!workspace->app->store)
		app_say(workspace->app, ROLE_ERROR, "Nothing can be kept: the database is not open.");
	else if (kl_store_input_put(workspace->app->store, workspace->challenge->pack, workspace->challenge->slug, row,
				    &err))
		app_say_error(workspace->app, &err);
	else
		app_say(workspace->app, ROLE_SUCCESS, "Kept as '%s'; Run uses it from now on.", row->name);
}

static void drop_draft(struct workspace *workspace)
{
	struct kl_own_input *draft = &workspace->draft;

	free(draft->name);
	free(draft->input);
	free(draft->expected);
	*draft = (struct kl_own_input){ 0 };
}

void inputs_close(struct workspace *workspace)
{
	drop_draft(workspace);
}

/* ---- made in two boxes: the input, then the answer ---- */

static bool is_blank(const char *text)
{
	return text[strspn(text, " \t\n")] == '\0';
}

static void ask_expected(struct workspace *workspace, const char *initial);

static void composed_expected(struct app *app, void *ctx, const char *text)
{
	struct workspace *workspace = ctx;
	struct kl_own_input *draft = &workspace->draft;
	bool changed = !draft->expected || strcmp(draft->expected, text) != 0;
	struct kl_error err;

	if (changed && !is_blank(text) && work_check_expected(workspace->challenge, text, &err)) {
		ask_expected(workspace, text);
		app_say_error(app, &err);
		return;
	}
	free(draft->expected);
	draft->expected = is_blank(text) ? NULL : kl_strdup(text);
	store_row(workspace, draft);
	drop_draft(workspace);
}

static void ask_expected(struct workspace *workspace, const char *initial)
{
	compose_open(workspace->app, " Your own test, 2 of 2: the answer expected (empty: just run it) ", initial,
		     composed_expected, workspace);
}

static void ask_input(struct workspace *workspace, const char *initial);

static void composed_input(struct app *app, void *ctx, const char *text)
{
	struct workspace *workspace = ctx;
	struct kl_error err;

	if (work_check_input(workspace->challenge, text, &err)) {
		ask_input(workspace, text);
		app_say_error(app, &err);
		return;
	}
	free(workspace->draft.input);
	workspace->draft.input = kl_strdup(text);
	ask_expected(workspace, workspace->draft.expected);
}

static void ask_input(struct workspace *workspace, const char *initial)
{
	compose_open(workspace->app,
		     workspace->challenge->kind == KL_KIND_FUNCTION ? " Your own test, 1 of 2: the arguments "
								    : " Your own test, 1 of 2: the input ",
		     initial, composed_input, workspace);
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

/* The marked test when it is one of the person's own, else NULL. */
static const struct kl_test *marked_own(const struct workspace *workspace)
{
	const struct kl_report *report = workspace->run.report;
	int test = marked_test(workspace);

	if (!report || test < 0 || (size_t)test >= report->count || !report->asked[test]->own ||
	    workspace->focus != AREA_OUTPUT)
		return NULL;
	return report->asked[test];
}

/* A new one begins as the first sample, which shows the form. */
static void begin_draft(struct workspace *workspace)
{
	const struct kl_challenge *challenge = workspace->challenge;
	struct kl_own_input *rows = NULL;
	struct kl_buf initial;
	size_t count = 0;

	if (workspace->app->store &&
	    !kl_store_inputs(&rows, &count, workspace->app->store, challenge->pack, challenge->slug, NULL))
		kl_own_inputs_free(rows, count);
	kl_buf_init(&initial, INPUT_MAX);
	for (size_t i = 0; i < challenge->test_count; i++) {
		if (challenge->tests[i].sample) {
			input_of(workspace, &challenge->tests[i], &initial);
			break;
		}
	}
	workspace->draft.name = kl_format("my input %zu", count + 1);
	workspace->draft.input = kl_buf_detach(&initial);
}

/* An own test that is there already: what the store has of it. */
static bool find_draft(struct workspace *workspace, const char *id)
{
	const struct kl_challenge *challenge = workspace->challenge;
	struct kl_own_input *rows, *draft = &workspace->draft;
	size_t count;

	if (!workspace->app->store ||
	    kl_store_inputs(&rows, &count, workspace->app->store, challenge->pack, challenge->slug, NULL))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(rows[i].id, id) != 0)
			continue;
		memcpy(draft->id, rows[i].id, sizeof(draft->id));
		draft->name = kl_strdup(rows[i].name);
		draft->input = kl_strdup(rows[i].input);
		draft->expected = kl_strdup(rows[i].expected);
	}
	kl_own_inputs_free(rows, count);
	return draft->id[0] != '\0';
}

void inputs_make(struct workspace *workspace)
{
	const struct kl_test *own = marked_own(workspace);

	drop_draft(workspace);
	if (!own || !find_draft(workspace, own->id))
		begin_draft(workspace);
	ask_input(workspace, workspace->draft.input);
}

bool inputs_remove(struct workspace *workspace)
{
	const struct kl_test *own = marked_own(workspace);
	struct kl_error err;

	if (!own || !workspace->app->store)
		return false;
	if (kl_store_input_remove(workspace->app->store, own->id, &err))
		app_say_error(workspace->app, &err);
	else
		app_say(workspace->app, ROLE_INFO, "Removed '%s': the next run leaves it out.", own->name);
	return true;
}

void inputs_keep(struct workspace *workspace)
{
	const struct kl_report *report = workspace->run.report;
	int test = marked_test(workspace);
	struct kl_own_input row = { 0 };
	struct kl_buf input;

	if (!report || test < 0 || (size_t)test >= report->count) {
		app_say(workspace->app, ROLE_INFO, "Run the tests first; then mark the one to keep.");
		return;
	}
	if (report->asked[test]->own) {
		app_say(workspace->app, ROLE_INFO, "This test is yours already.");
		return;
	}
	if (!report->tests[test].show_input) {
		app_say(workspace->app, ROLE_INFO, "The input of a hidden test cannot be seen, so it cannot be kept.");
		return;
	}
	kl_buf_init(&input, INPUT_MAX);
	input_of(workspace, report->asked[test], &input);
	if (input.truncated) {
		app_say(workspace->app, ROLE_INFO, "This input is too large to keep.");
	} else {
		row.name = kl_format("kept: %s",
				     report->asked[test]->name ? report->asked[test]->name : report->asked[test]->id);
		row.input = kl_strdup(input.data);
		row.expected = kl_strdup(report->tests[test].expected);
		store_row(workspace, &row);
		free(row.name);
		free(row.input);
		free(row.expected);
	}
	kl_buf_release(&input);
}
