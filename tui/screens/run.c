/* Judging from the workspace: start, watch it grow, record what came out, publish a first pass. */
#include "workspace_int.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/text.h>

#include "tui/classwork.h"
#include "tui/editor/editor.h"
#include "tui/kept.h"
#include "tui/work.h"

enum { PLACES_MAX = 64 };

static void release_places(struct workspace *workspace)
{
	for (size_t i = 0; i < workspace->place_count; i++)
		free(workspace->places_found[i].message);
	free(workspace->places_found);
	workspace->places_found = NULL;
	workspace->place_count = workspace->place_next = 0;
}

/* Lines named by the compiler, else by the first test's traceback. */
static void find_places(struct workspace *workspace)
{
	const struct kl_report *report = workspace->run.report;
	const char *text = report->messages;

	release_places(workspace);
	for (size_t i = 0; i < report->count && (!text || !*text); i++) {
		if (report->tests[i].verdict == KL_VERDICT_RUNTIME)
			text = report->tests[i].err;
	}
	workspace->places_found = kl_calloc(PLACES_MAX, sizeof(*workspace->places_found));
	if (text && *text)
		workspace->place_count =
			kl_report_places(workspace->run.language, text, workspace->places_found, PLACES_MAX);
	if (workspace->document.editor)
		editor_set_places(workspace->document.editor, workspace->places_found, workspace->place_count);
}

static void go_to_place(struct workspace *workspace, const struct kl_place *place)
{
	arrange_focus(workspace, AREA_CODE);
	editor_go_to(workspace->document.editor, place->line1, place->column1);
	app_say(workspace->app, place->warning ? ROLE_WARNING : ROLE_ERROR, "Line %d: %s", place->line1,
		place->message ? place->message : "");
}

void run_next_place(struct workspace *workspace)
{
	const struct kl_place *place;

	if (workspace->place_count == 0) {
		app_say(workspace->app, ROLE_INFO, "No message names a line.");
		return;
	}
	place = &workspace->places_found[workspace->place_next % workspace->place_count];
	workspace->place_next++;
	go_to_place(workspace, place);
}

bool run_go_to(struct workspace *workspace, const char *text)
{
	struct kl_place place = { 0 };

	if (!workspace->run.language || kl_report_places(workspace->run.language, text, &place, 1) == 0)
		return false;
	go_to_place(workspace, &place);
	free(place.message);
	return true;
}

static void keep_report(struct workspace *workspace, const struct kl_report *report)
{
	kl_report_free(workspace->run.report);
	workspace->run.report = kl_report_copy(report);
	output_stale(workspace);
	app_dirty(workspace->app);
}

static void progress(void *ctx, const struct kl_report *report)
{
	struct workspace *workspace = ctx;
	const char *what = workspace->run.kind == KL_ATTEMPT_RUN ? "Running" : "Submitting";
	const char *before = workspace->run.report ? workspace->run.report->note : "";
	bool news = strcmp(before, report->note) != 0;

	keep_report(workspace, report);
	if (report->note[0] && (news || !report->done))
		app_say(workspace->app, ROLE_RUNNING, "%s: %s", what, report->note);
	else
		app_say(workspace->app, ROLE_RUNNING, "%s: %zu of %zu tests, %zu passed%s%s", what, report->done,
			report->count, report->passed, report->where[0] ? ", by " : "", report->where);
}

static void say_result(struct workspace *workspace, const struct kl_report *report, bool first_pass)
{
	struct app *app = workspace->app;
	char keys[KEYS_NAME_MAX];

	if (report->verdict == KL_VERDICT_INTERNAL)
		app_say(app, ROLE_ERROR, "The tests could not be run: %s", report->error.message);
	else if (report->verdict == KL_VERDICT_SKIPPED)
		app_say(app, ROLE_INFO, "Stopped. Nothing was recorded.");
	else if (report->compile == KL_COMPILE_FAILED)
		app_say(app, ROLE_ERROR, "It does not compile yet: see the messages.");
	else if (report->verdict == KL_VERDICT_PASSED && workspace->run.kind == KL_ATTEMPT_SUBMIT &&
		 work_unsynced(app->store))
		app_say(app, ROLE_SUCCESS,
			"All %zu tests passed here. Provisional, until the first sync with your class.",
			work_judged(report));
	else if (first_pass)
		app_say(app, ROLE_SUCCESS, "Solved! All %zu tests passed. The next challenge waits at home.",
			report->count);
	else if (report->verdict == KL_VERDICT_PASSED)
		app_say(app, ROLE_SUCCESS,
			workspace->run.kind == KL_ATTEMPT_RUN ? "All %zu sample tests passed. Submit runs all tests."
							      : "All %zu tests passed.",
			work_judged(report));
	else if (workspace->places.panes[AREA_OUTPUT].rows > 0 || workspace->places.panes[AREA_PROBLEM].rows > 0)
		app_say(app, ROLE_WARNING, "%zu of %zu tests passed. Score %.0f.", report->passed, work_judged(report),
			report->score);
	else /* the code has the whole window */
		app_say(app, ROLE_WARNING, "%zu of %zu tests passed; %s shows why.", report->passed,
			work_judged(report), keymap_name(keys, app->keymap, SCOPE_EDITOR, REQ_OUTPUT));
}

/* No judge could take it: it is kept, and sent later. */
static bool keep(struct workspace *workspace, const struct work_record *record)
{
	struct app *app = workspace->app;
	char id[KL_ID_SIZE];
	struct kl_error err;

	if (kept_keep(id, app->store, record, &err)) {
		app_say_error(app, &err);
		return true;
	}
	if (!id[0])
		return false;
	app_say(app, ROLE_WARNING, "%s: your %s is kept and will be sent.",
		record->report->error.status == KL_ETIME ? "The judge has no result yet" : "The judge is down",
		record->kind == KL_ATTEMPT_SUBMIT ? "submit" : "run");
	keeper_kept(app, record->language);
	return true;
}

/* It waits for the class server already: what the samples show is said, and kept until the server's verdict comes. */
static void say_provisional(struct workspace *workspace, const struct kl_report *report)
{
	struct app *app = workspace->app;

	if (report->verdict == KL_VERDICT_INTERNAL)
		app_say(app, ROLE_WARNING, "Handed in. The samples could not be run here: %s", report->error.message);
	else if (report->verdict == KL_VERDICT_SKIPPED)
		app_say(app, ROLE_INFO, "Handed in all the same; the class server judges it.");
	else if (report->compile == KL_COMPILE_FAILED)
		app_say(app, ROLE_WARNING, "Handed in, but it does not compile here: see the messages.");
	else
		app_say(app, report->verdict == KL_VERDICT_PASSED ? ROLE_SUCCESS : ROLE_WARNING,
			"Handed in. Provisional: %zu of %zu samples passed.", report->passed, work_judged(report));
}

static void record_found(struct workspace *workspace, const struct work_record *record)
{
	struct kl_error err;

	if (work_found(workspace->app->store, workspace->run.handed, record, &err))
		app_say_error(workspace->app, &err);
	else
		say_provisional(workspace, record->report);
	app_progress_changed(workspace->app);
	badge_look(workspace);
}

static void record(struct workspace *workspace, const struct kl_report *report)
{
	struct work_record record = {
		.challenge = workspace->challenge,
		.language = workspace->run.language,
		.code = workspace->run.code,
		.code_len = workspace->run.code_len,
		.kind = workspace->run.kind,
		.report = report,
	};
	char id[KL_ID_SIZE] = "";
	bool first_pass = false;
	struct kl_error err;

	if (workspace->run.handed[0]) {
		record_found(workspace, &record);
		return;
	}
	if (keep(workspace, &record))
		return;
	if (workspace->app->store && work_record(id, &first_pass, workspace->app->store, &record, &err)) {
		app_say_error(workspace->app, &err);
		return;
	}
	say_result(workspace, report, first_pass);
	if (workspace->app->store)
		app_progress_changed(workspace->app);
	if (report->where[0] && id[0]) /* a judge works: it may take what was kept */
		keeper_wake(workspace->app);
	if (id[0] && workspace->run.kind == KL_ATTEMPT_SUBMIT && report->verdict == KL_VERDICT_PASSED)
		publish_attempt(workspace->app, workspace->challenge, id);
}

/* The tab that shows best what happened. */
static enum tab best_tab(const struct kl_report *report)
{
	return report->compile == KL_COMPILE_FAILED ? TAB_COMPILER : TAB_TESTS;
}

static int first_failing(const struct kl_report *report)
{
	for (size_t i = 0; i < report->count; i++) {
		enum kl_verdict verdict = report->tests[i].verdict;

		if (verdict != KL_VERDICT_PASSED && verdict != KL_VERDICT_RAN && verdict != KL_VERDICT_SKIPPED)
			return (int)i;
	}
	return -1;
}

/* The output has the place of the problem, which one may want to read again now. */
static void say_way_back(struct workspace *workspace, const struct kl_report *report)
{
	struct app *app = workspace->app;
	size_t len = strlen(app->status);
	char keys[KEYS_NAME_MAX];

	if (report->verdict == KL_VERDICT_PASSED || report->verdict == KL_VERDICT_INTERNAL ||
	    report->verdict == KL_VERDICT_SKIPPED || !arrange_hides_problem(workspace))
		return;
	snprintf(app->status + len, sizeof(app->status) - len, " %s shows the problem.",
		 keymap_name(keys, app->keymap, SCOPE_EDITOR, REQ_PROBLEM));
}

static void done(void *ctx, const struct kl_report *report)
{
	struct workspace *workspace = ctx;

	workspace->run.job = NULL;
	keep_report(workspace, report);
	workspace->open_test = first_failing(report);
	find_places(workspace);
	record(workspace, report);
	output_show(workspace, best_tab(report));
	say_way_back(workspace, report);
	if (workspace->run.again) {
		workspace->run.again = false;
		run_start(workspace, KL_ATTEMPT_RUN, false);
	}
}

static void take_code(struct workspace *workspace)
{
	struct run_state *run = &workspace->run;

	free(run->code);
	run->code = kl_text_dup(workspace->document.text, &run->code_len);
	run->language = workspace->document.language;
}

static void take_own_tests(struct workspace *workspace)
{
	struct run_state *run = &workspace->run;
	struct kl_error err = { .status = KL_OK };

	work_own_tests_free(run->own, run->own_count, workspace->challenge);
	run->own = NULL;
	run->own_count = 0;
	if (run->kind == KL_ATTEMPT_RUN && workspace->app->store &&
	    work_own_tests(&run->own, &run->own_count, workspace->app->store, workspace->challenge, &err))
		app_say_error(workspace->app, &err);
}

/* The bytes of this very moment go to the class, whatever becomes of the run here. */
static void hand_in(struct workspace *workspace)
{
	struct run_state *run = &workspace->run;
	struct work_record record = { .challenge = workspace->challenge,
				      .language = run->language,
				      .code = run->code,
				      .code_len = run->code_len,
				      .kind = run->kind };
	struct kl_error err;

	if (*workspace->assignment) {
		record.course = workspace->course;
		record.assignment = workspace->assignment;
	}
	if (work_hand_in(run->handed, workspace->app->store, &record, &err))
		app_say_error(workspace->app, &err);
	if (!run->handed[0])
		return;
	classwork_wake(workspace->app);
	badge_look(workspace);
}

void run_start(struct workspace *workspace, enum kl_attempt_kind kind, bool fresh)
{
	struct run_state *run = &workspace->run;
	struct kl_submission submission = { .challenge = workspace->challenge };
	struct kl_error err;
	enum kl_status status;

	if (run->job) {
		app_say(workspace->app, ROLE_INFO, "The tests are running. Esc stops them.");
		return;
	}
	if ((status = document_save(&workspace->document, &err)))
		app_say_error(workspace->app, &err); /* the disk may be full; what is judged is the text */
	if (status == KL_ECONFLICT)
		return;
	kl_report_free(run->report);
	run->report = NULL;
	run->kind = kind;
	take_code(workspace);
	take_own_tests(workspace);
	hand_in(workspace);
	submission.language = run->language;
	submission.code = run->code;
	submission.code_len = run->code_len;
	submission.samples_only = kind == KL_ATTEMPT_RUN;
	submission.own = run->own;
	submission.own_count = run->own_count;
	app_judge(workspace->app, fresh);
	if (kl_judge_submit(&run->job, workspace->app->judge, &submission, progress, done, workspace, &err)) {
		run->job = NULL;
		app_say_error(workspace->app, &err);
		return;
	}
	output_stale(workspace);
	app_say(workspace->app, ROLE_RUNNING,
		run->language->compile ? "Compiling... Esc stops it." : "Running... Esc stops it.");
}

void run_cancel(struct workspace *workspace)
{
	workspace->run.again = false;
	if (workspace->run.job)
		kl_judge_cancel(workspace->run.job);
}

void run_forget(struct workspace *workspace)
{
	struct run_state *run = &workspace->run;

	run->again = false;
	if (run->job)
		kl_judge_abandon(run->job);
	run->job = NULL;
	kl_report_free(run->report);
	run->report = NULL;
	workspace->open_test = -1;
	release_places(workspace);
	output_stale(workspace);
}

void run_close(struct workspace *workspace)
{
	struct run_state *run = &workspace->run;

	if (run->job)
		kl_judge_abandon(run->job);
	kl_report_free(run->report);
	work_own_tests_free(run->own, run->own_count, workspace->challenge);
	free(run->code);
	release_places(workspace);
}
