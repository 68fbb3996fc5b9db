/* The report of a submission: what compiling said, the tests one by one, the score. */

#include "core/judge/judge_int.h"

#include <string.h>

#include <kodelab/alloc.h>

static const struct {
	const char *name, *word;
} verdicts[KL_VERDICT_COUNT] = {
	[KL_VERDICT_PENDING] = { "pending", "pending" },
	[KL_VERDICT_PASSED] = { "passed", "passed" },
	[KL_VERDICT_WRONG] = { "wrong answer", "wrong_answer" },
	[KL_VERDICT_TIME] = { "time limit", "time_limit" },
	[KL_VERDICT_MEMORY] = { "memory limit", "memory_limit" },
	[KL_VERDICT_OUTPUT] = { "output limit", "output_limit" },
	[KL_VERDICT_RUNTIME] = { "runtime error", "runtime_error" },
	[KL_VERDICT_COMPILE] = { "compile error", "compile_error" },
	[KL_VERDICT_INTERNAL] = { "judge error", "judge_error" },
	[KL_VERDICT_SKIPPED] = { "skipped", "skipped" },
	[KL_VERDICT_RAN] = { "ran", "ran" },
};

const char *kl_verdict_name(enum kl_verdict verdict)
{
	return verdicts[verdict].name;
}

const char *kl_verdict_word(enum kl_verdict verdict)
{
	return verdicts[verdict].word;
}

/* --- memory ------------------------------------------------------------------------------------------------------- */

struct kl_report *judge_report_new(const struct judge_plan *plan)
{
	struct kl_report *report = kl_calloc(1, sizeof(*report));

	report->count = plan->count;
	report->tests = kl_calloc(plan->count + 1, sizeof(*report->tests));
	report->asked = kl_calloc(plan->count + 1, sizeof(const struct kl_test *));
	for (size_t i = 0; i < plan->count; i++)
		report->asked[i] = plan->runs[i].test;
	return report;
}

static char *copy_bytes(const char *text, size_t len)
{
	return text ? kl_strndup(text, len) : NULL;
}

static void copy_test(struct kl_test_result *to, const struct kl_test_result *from)
{
	*to = *from;
	to->detail = kl_strdup(from->detail);
	to->out = copy_bytes(from->out, from->out_len);
	to->err = copy_bytes(from->err, from->err_len);
	to->actual = kl_strdup(from->actual);
	to->expected = kl_strdup(from->expected);
}

/* Stubs are owned by a report: a copy has its own, and asks for those. */
static void copy_stubs(struct kl_report *to, const struct kl_report *from)
{
	to->stubs = kl_calloc(from->count + 1, sizeof(*to->stubs));
	for (size_t i = 0; i < from->count; i++) {
		to->stubs[i] = from->stubs[i];
		to->stubs[i].id = kl_strdup(from->stubs[i].id);
		to->stubs[i].name = kl_strdup(from->stubs[i].name);
		to->asked[i] = &to->stubs[i];
	}
}

struct kl_report *kl_report_copy(const struct kl_report *report)
{
	struct kl_report *copy = kl_calloc(1, sizeof(*copy));

	*copy = *report;
	copy->messages = kl_strdup(report->messages);
	copy->tests = kl_calloc(report->count + 1, sizeof(*copy->tests));
	copy->asked = kl_calloc(report->count + 1, sizeof(const struct kl_test *));
	for (size_t i = 0; i < report->count; i++) {
		copy_test(&copy->tests[i], &report->tests[i]);
		copy->asked[i] = report->asked[i];
	}
	if (report->stubs)
		copy_stubs(copy, report);
	return copy;
}

static void release_test(struct kl_test_result *test)
{
	free(test->detail);
	free(test->out);
	free(test->err);
	free(test->actual);
	free(test->expected);
}

void kl_report_free(struct kl_report *report)
{
	if (!report)
		return;
	for (size_t i = 0; i < report->count; i++) {
		release_test(&report->tests[i]);
		if (report->stubs) {
			free(report->stubs[i].id);
			free(report->stubs[i].name);
		}
	}
	free(report->stubs);
	free(report->tests);
	free(report->asked);
	free(report->messages);
	free(report);
}

/* --- compiling ---------------------------------------------------------------------------------------------------- */

/* The length of what names the box's folder at at; 0: nothing. */
static size_t folder_at(const char *text, size_t len, size_t at)
{
	static const char *const folders[] = { "/box/", "file:///box/" };

	if (at && strchr("abcdefghijklmnopqrstuvwxyz0123456789./_-", text[at - 1]))
		return 0;
	for (size_t i = 0; i < KL_LENGTH(folders); i++) {
		size_t size = strlen(folders[i]);

		if (len - at > size && !memcmp(text + at, folders[i], size))
			return size;
	}
	return 0;
}

char *judge_own_paths(const char *text, size_t len, size_t *out_len)
{
	char *copy = kl_alloc(len + 1);
	size_t at = 0, to = 0;

	while (at < len) {
		at += folder_at(text, len, at);
		copy[to++] = text[at++];
	}
	copy[to] = '\0';
	*out_len = to;
	return copy;
}

/* Where our main program includes the student's file is of no interest to them. */
static void add_lines(struct kl_buf *out, const char *text)
{
	static const char ours[] = "In file included from kl_main.";

	while (*text) {
		size_t len = strcspn(text, "\n");

		len += text[len] == '\n';
		if (strncmp(text, ours, sizeof(ours) - 1) != 0)
			kl_buf_add(out, text, len);
		text += len;
	}
}

/* What the compiler said; NULL when it said nothing. */
static void add_messages(struct kl_report *report, const struct kl_box_result *result)
{
	struct kl_buf text;
	size_t len;

	kl_buf_init(&text, JUDGE_MESSAGES_MAX);
	add_lines(&text, result->err);
	add_lines(&text, result->out);
	free(report->messages);
	report->messages = text.len ? judge_own_paths(text.data, text.len, &len) : NULL;
	kl_buf_release(&text);
}

/* The signature is wrong: every message is about our own main program. */
static void explain_signature(struct kl_report *report, const struct judge_plan *plan)
{
	struct kl_place place = { .message = NULL };
	char *messages;

	if (!plan->function)
		return;
	if (kl_report_places(plan->language, report->messages, &place, 1)) {
		free(place.message);
		return;
	}
	messages = kl_format("%s does not define the function with the parameters and the result of the starter.\n\n%s",
			     plan->language->source, report->messages);
	free(report->messages);
	report->messages = messages;
}

/* Whatever tests have run by now: nothing of them stays. */
static void mark_failed(struct kl_report *report)
{
	report->compile = KL_COMPILE_FAILED;
	report->verdict = KL_VERDICT_COMPILE;
	report->done = report->passed = 0;
	report->score = 0;
	for (size_t i = 0; i < report->count; i++) {
		release_test(&report->tests[i]);
		report->tests[i] = (struct kl_test_result){ .verdict = KL_VERDICT_COMPILE };
	}
}

static void compile_failed(struct kl_report *report, const struct judge_plan *plan, const char *why)
{
	mark_failed(report);
	if (report->messages)
		explain_signature(report, plan);
	else
		report->messages = kl_strdup(why);
}

bool judge_report_compiled(struct kl_report *report, const struct judge_plan *plan, const struct kl_box_result *result)
{
	static const char *const why[] = {
		[KL_END_EXITED] = "the compiler failed and said nothing",
		[KL_END_SIGNALED] = "the compiler crashed",
		[KL_END_CPU] = "compiling took too long",
		[KL_END_WALL] = "compiling took too long",
		[KL_END_MEMORY] = "compiling needs too much memory",
		[KL_END_OUTPUT] = "the compiler said too much",
		[KL_END_CANCELED] = "cancelled",
		[KL_END_FAILED] = "",
	};

	if (result->end == KL_END_CANCELED)
		return false;
	if (result->end == KL_END_FAILED) {
		report->error = result->error;
		report->verdict = KL_VERDICT_INTERNAL;
		return false;
	}
	add_messages(report, result);
	if (result->end == KL_END_EXITED && !result->exit_code) {
		report->compile = KL_COMPILE_OK;
		return true;
	}
	compile_failed(report, plan, why[result->end]);
	return false;
}

/* --- sources that are read at each run ---------------------------------------------------------------------------- */

/* Its words may be shown: what they could repeat of a hidden input is not theirs to say. */
static bool may_tell(const struct kl_test *test)
{
	return test->own || test->disclosure <= KL_SHOW_ACTUAL;
}

static bool any_may_tell(const struct kl_report *report)
{
	for (size_t i = 0; i < report->count; i++)
		if (may_tell(report->asked[i]))
			return true;
	return false;
}

/* Bash runs what stands before the mistake, so there may be output; a function's result there cannot be. */
static bool is_refused(const struct judge_plan *plan, const struct kl_box_result *result, struct kl_buf *words)
{
	const char *code = plan->harness.file_count ? plan->harness.files[0].text : NULL;
	size_t len;
	char *err;
	bool refused;

	if (!plan->language->refused || result->end != KL_END_EXITED || !result->exit_code || result->result_len)
		return false;
	err = judge_own_paths(result->err, result->err_len, &len);
	refused = judge_refused(plan->language, code, err, words);
	free(err);
	return refused;
}

static bool refuse(struct kl_report *report, const struct judge_plan *plan, size_t index,
		   const struct kl_box_result *result)
{
	struct kl_buf words;

	kl_buf_init(&words, JUDGE_MESSAGES_MAX);
	if (!is_refused(plan, result, &words) || (!may_tell(report->asked[index]) && any_may_tell(report))) {
		kl_buf_release(&words);
		return false;
	}
	mark_failed(report);
	free(report->messages);
	report->messages =
		may_tell(report->asked[index])
			? kl_buf_detach(&words)
			: kl_format("%s has a syntax error: test it with an input of your own to see where.\n",
				    plan->language->source);
	kl_buf_release(&words);
	return true;
}

bool judge_report_ran(struct kl_report *report, const struct judge_plan *plan, size_t index,
		      const struct kl_box_result *result)
{
	if (report->compile == KL_COMPILE_FAILED || refuse(report, plan, index, result))
		return false;
	judge_verdict(&report->tests[index], plan, &plan->runs[index], result);
	return true;
}

/* --- counting ----------------------------------------------------------------------------------------------------- */

static double weight_of(const struct kl_test *test)
{
	return test->weight > 0 ? test->weight : 1;
}

/* Own inputs without an expectation weigh nothing, nor what only the class server can judge. */
static bool counts(const struct kl_test *test)
{
	return !test->elsewhere && (!test->own || test->expect_known);
}

static double score_of(const struct kl_report *report)
{
	double whole = 0, good = 0;

	for (size_t i = 0; i < report->count; i++) {
		if (!counts(report->asked[i]))
			continue;
		whole += weight_of(report->asked[i]);
		if (report->tests[i].verdict == KL_VERDICT_PASSED)
			good += weight_of(report->asked[i]);
	}
	return whole > 0 ? 100 * good / whole : 0;
}

void judge_report_count(struct kl_report *report, size_t index)
{
	struct kl_test_result *test = &report->tests[index];

	judge_disclose(test, report->asked[index]);
	report->done++;
	if (test->verdict == KL_VERDICT_PASSED)
		report->passed++;
	report->score = score_of(report);
}

static bool is_good(enum kl_verdict verdict)
{
	return verdict == KL_VERDICT_PASSED || verdict == KL_VERDICT_RAN;
}

/* The first failing test's; RAN when there was nothing to pass. */
static enum kl_verdict whole_verdict(const struct kl_report *report)
{
	enum kl_verdict verdict = KL_VERDICT_RAN;

	for (size_t i = 0; i < report->count; i++) {
		if (!is_good(report->tests[i].verdict))
			return report->tests[i].verdict;
		if (report->tests[i].verdict == KL_VERDICT_PASSED)
			verdict = KL_VERDICT_PASSED;
	}
	return verdict;
}

void judge_report_end(struct kl_report *report, bool canceled)
{
	for (size_t i = 0; i < report->count; i++)
		if (report->tests[i].verdict == KL_VERDICT_PENDING)
			report->tests[i].verdict = KL_VERDICT_SKIPPED;
	report->score = score_of(report);
	if (canceled)
		report->verdict = KL_VERDICT_SKIPPED;
	else if (report->verdict == KL_VERDICT_PENDING)
		report->verdict = whole_verdict(report);
	for (size_t i = 0; i < report->count && !report->error.status; i++)
		if (report->tests[i].verdict == KL_VERDICT_INTERNAL)
			kl_fail(&report->error, KL_EIO, "%s",
				report->tests[i].detail ? report->tests[i].detail : "judge error");
}
