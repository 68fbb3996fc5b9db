/*
 * One run's result against what the test expects. Only here do the student's answer and the expected one meet. What
 * the program wrote (result, exit code, signal) is hostile text: it is decoded under caps and compared, never obeyed.
 */

#include "core/judge/judge_int.h"

#include <string.h>

#include <kodelab/alloc.h>

#define DETAIL_MAX   600
#define CHECK_PASSED 42
#define CHECK_FAILED 43

struct context {
	struct kl_test_result *out;
	const struct judge_plan *plan;
	const struct judge_run *run;
	const struct kl_box_result *result;
};

/* --- words -------------------------------------------------------------------------------------------------------- */

static void say(struct kl_test_result *out, enum kl_verdict verdict, const char *fmt, ...) KL_PRINTF(3, 4);

static void say(struct kl_test_result *out, enum kl_verdict verdict, const char *fmt, ...)
{
	struct kl_buf text;
	va_list args;

	kl_buf_init(&text, DETAIL_MAX);
	va_start(args, fmt);
	kl_buf_vaddf(&text, fmt, args);
	va_end(args);
	free(out->detail);
	out->verdict = verdict;
	out->detail = kl_buf_detach(&text);
}

static void pass(struct kl_test_result *out)
{
	free(out->detail);
	out->detail = NULL;
	out->verdict = KL_VERDICT_PASSED;
}

static void say_memory(const struct context *at, const char *said)
{
	say(at->out, KL_VERDICT_MEMORY, "memory limit %lld MiB reached%s%s%s", (long long)(at->run->memory_kib >> 10),
	    said ? " (" : "", said ? said : "", said ? ")" : "");
}

static void say_time(const struct context *at)
{
	int64_t ms = at->run->cpu_ms;
	int digits = ms % 10 ? 3 : ms % 100 ? 2 : 1; /* as many as it has: 40 ms are not 0.0 s */

	say(at->out, KL_VERDICT_TIME, "time limit %.*f s reached", digits, (double)ms / 1000.0);
}

/* It failed on its own: by the words on its standard error, else by its exit code. */
static void say_failed(const struct context *at)
{
	struct kl_buf said;

	kl_buf_init(&said, DETAIL_MAX);
	if (!judge_failure_said(at->plan->language, at->result->err, at->result->err_len, &said))
		kl_buf_addf(&said, "exit code %d", at->result->exit_code);
	if (judge_is_no_memory(said.data))
		say_memory(at, said.data);
	else
		say(at->out, KL_VERDICT_RUNTIME, "%s", said.data);
	kl_buf_release(&said);
}

static void say_signal(const struct context *at)
{
	struct kl_buf said, name;

	kl_buf_init(&said, DETAIL_MAX);
	kl_buf_init(&name, DETAIL_MAX);
	judge_signal_text(at->result->signo, &name);
	judge_failure_said(at->plan->language, at->result->err, at->result->err_len, &said);
	if (judge_is_no_memory(said.data))
		say_memory(at, said.data);
	else
		say(at->out, KL_VERDICT_RUNTIME, "%s%s%s", name.data, said.len ? ": " : "", said.data);
	kl_buf_release(&said);
	kl_buf_release(&name);
}

/* --- limits and crashes ------------------------------------------------------------------------------------------- */

/* True: it ended by itself, with exit_code. */
static bool ended_well(const struct context *at)
{
	switch (at->result->end) {
	case KL_END_EXITED:
		if (at->result->cpu_us <= 1000 * at->run->cpu_ms)
			return true;
		say_time(at);
		return false;
	case KL_END_SIGNALED:
		say_signal(at);
		return false;
	case KL_END_CPU:
		say_time(at);
		return false;
	case KL_END_WALL:
		say(at->out, KL_VERDICT_TIME, "stopped after %.1f s: it waited and used little time itself",
		    (double)at->result->wall_ms / 1000.0);
		return false;
	case KL_END_MEMORY:
		say_memory(at, NULL);
		return false;
	case KL_END_OUTPUT:
		say(at->out, KL_VERDICT_OUTPUT, "output limit %lld KiB reached",
		    (long long)(at->run->output_bytes >> 10));
		return false;
	case KL_END_CANCELED:
		say(at->out, KL_VERDICT_SKIPPED, "cancelled");
		return false;
	case KL_END_FAILED:
		say(at->out, KL_VERDICT_INTERNAL, "the sandbox failed: %s", at->result->error.message);
		return false;
	}
	return false;
}

/* --- function tests ----------------------------------------------------------------------------------------------- */

static bool expects_nothing(const struct kl_test *test)
{
	return test->elsewhere || (test->own && !test->expect_known);
}

static bool values_equal(const struct context *at, const struct kl_value *got)
{
	const struct kl_checker *checker = &at->plan->challenge->checker;

	return kl_value_equal(&at->run->test->expect, got, &at->plan->challenge->function.returns, checker->abs_tol,
			      checker->rel_tol, checker->kind == KL_CHECK_UNORDERED);
}

static char *value_text(const struct kl_value *value, const struct kl_type *type)
{
	struct kl_buf text;

	kl_buf_init(&text, JUDGE_TEXT_MAX);
	kl_value_print(value, type, &text);
	if (text.truncated) {
		kl_buf_cut(&text, JUDGE_TEXT_MAX - 3);
		kl_buf_add_str(&text, "…");
	}
	return kl_buf_detach(&text);
}

static void judge_value(const struct context *at, const char *bytes, size_t len)
{
	const struct kl_type *type = &at->plan->challenge->function.returns;
	struct kl_value got = { .null = false };
	struct kl_error err = { .message = "" };
	size_t used = 0;

	if (kl_value_decode(&got, &used, type, bytes, len, &err)) {
		say(at->out, KL_VERDICT_WRONG, "%s", err.message);
		return;
	}
	if (used != len) {
		say(at->out, KL_VERDICT_RUNTIME, "the result is damaged: descriptor 3 belongs to the judge");
		kl_value_release(&got);
		return;
	}
	at->out->actual = value_text(&got, type);
	if (expects_nothing(at->run->test))
		at->out->verdict = KL_VERDICT_RAN;
	else if (at->run->test->expect_error)
		say(at->out, KL_VERDICT_WRONG, "an error was expected, but a value was returned");
	else if (values_equal(at, &got))
		pass(at->out);
	else
		say(at->out, KL_VERDICT_WRONG, "returned another value than expected");
	kl_value_release(&got);
}

/* Shell functions fail by status: what they wrote to standard error is the message. */
static char *message_of(const struct context *at, const struct kl_value *text)
{
	size_t len = at->result->err_len;
	const char *err = at->result->err;

	if (text->len)
		return kl_strndup(text->text, text->len);
	while (len && strchr("\r\n ", err[len - 1]))
		len--;
	return len ? kl_strndup(err, len) : kl_format("exit code %d", at->result->exit_code);
}

static void judge_error(const struct context *at, const char *message)
{
	const struct kl_test *test = at->run->test;

	if (judge_is_no_memory(message))
		say_memory(at, message);
	else if (expects_nothing(test) || !test->expect_error)
		say(at->out, KL_VERDICT_RUNTIME, "%s", message);
	else if (!test->error_text || strstr(message, test->error_text))
		pass(at->out);
	else
		say(at->out, KL_VERDICT_WRONG, "it failed with '%.200s', but an error with '%.200s' was expected",
		    message, test->error_text);
}

/* "error" and "type" carry one string. False: they do not. */
static bool read_message(struct kl_value *out, const char *bytes, size_t len)
{
	const struct kl_type string = { .kind = KL_TYPE_STRING };
	size_t used = 0;

	if (kl_value_decode(out, &used, &string, bytes, len, NULL))
		return false;
	if (used == len)
		return true;
	kl_value_release(out);
	return false;
}

static void judge_message(const struct context *at, bool type, const char *bytes, size_t len)
{
	struct kl_value text = { .null = false };
	char *message;

	if (!read_message(&text, bytes, len)) {
		say(at->out, KL_VERDICT_RUNTIME, "the result is damaged: descriptor 3 belongs to the judge");
		return;
	}
	message = message_of(at, &text);
	if (type)
		say(at->out, KL_VERDICT_WRONG, "%s", message);
	else
		judge_error(at, message);
	free(message);
	kl_value_release(&text);
}

static bool begins(const struct kl_box_result *result, const char *tag)
{
	return result->result_len >= strlen(tag) && !memcmp(result->result, tag, strlen(tag));
}

static void judge_function(const struct context *at)
{
	const struct kl_box_result *result = at->result;

	if (begins(result, "error\n"))
		judge_message(at, false, result->result + 6, result->result_len - 6);
	else if (result->exit_code)
		say_failed(at);
	else if (begins(result, "ok\n"))
		judge_value(at, result->result + 3, result->result_len - 3);
	else if (begins(result, "type\n"))
		judge_message(at, true, result->result + 5, result->result_len - 5);
	else if (result->result_len)
		say(at->out, KL_VERDICT_RUNTIME, "the result is damaged: descriptor 3 belongs to the judge");
	else
		say(at->out, KL_VERDICT_RUNTIME, "the program ended before returning");
}

/* --- program tests ------------------------------------------------------------------------------------------------ */

static void judge_output(const struct context *at)
{
	static const struct kl_checker lines = { .kind = KL_CHECK_LINES };
	const struct kl_test *test = at->run->test;
	const struct kl_checker *checker = at->plan->challenge ? &at->plan->challenge->checker : &lines;
	struct kl_buf why;

	if (checker->kind == KL_CHECK_PROGRAM) {
		pass(at->out);
		return;
	}
	kl_buf_init(&why, DETAIL_MAX);
	if (kl_checker_passes(checker, test->output ? test->output : "", test->output_len, at->result->out,
			      at->result->out_len, &why))
		pass(at->out);
	else
		say(at->out, KL_VERDICT_WRONG, "%s", why.len ? why.data : "another output than expected");
	kl_buf_release(&why);
}

static void judge_program(const struct context *at)
{
	const struct kl_test *test = at->run->test;
	int code = at->result->exit_code;

	if (expects_nothing(test)) {
		if (code)
			say_failed(at);
		else
			at->out->verdict = KL_VERDICT_RAN;
	} else if (code == test->exit_code) {
		judge_output(at);
	} else if (code) {
		say_failed(at);
		if (test->exit_code)
			say(at->out, KL_VERDICT_WRONG, "exit code %d, but %d was expected", code, test->exit_code);
	} else {
		say(at->out, KL_VERDICT_WRONG, "exit code 0, but %d was expected", test->exit_code);
	}
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static char *stream(const char *text, size_t len, size_t *out_len, bool *cut)
{
	if (len > JUDGE_STREAM_MAX) {
		len = JUDGE_STREAM_MAX;
		*cut = true;
	}
	return judge_own_paths(text, len, out_len);
}

static void take_figures(struct kl_test_result *out, const struct kl_box_result *result)
{
	out->cpu_us = result->cpu_us;
	out->wall_us = result->wall_us;
	out->peak_kib = result->peak_kib;
	out->exit_code = result->end == KL_END_EXITED ? result->exit_code : 0;
	out->signo = result->end == KL_END_SIGNALED ? result->signo : 0;
	out->out_cut = result->out_cut;
	out->err_cut = result->err_cut;
	out->out = stream(result->out, result->out_len, &out->out_len, &out->out_cut);
	out->err = stream(result->err, result->err_len, &out->err_len, &out->err_cut);
}

static char *expected_text(const struct judge_plan *plan, const struct kl_test *test)
{
	if (expects_nothing(test))
		return NULL;
	if (!plan->function)
		return kl_strndup(test->output ? test->output : "", test->output_len);
	if (test->expect_error)
		return test->error_text ? kl_format("an error with '%s'", test->error_text) : kl_strdup("an error");
	return value_text(&test->expect, &plan->challenge->function.returns);
}

void judge_verdict(struct kl_test_result *out, const struct judge_plan *plan, const struct judge_run *run,
		   const struct kl_box_result *result)
{
	struct context at = { out, plan, run, result };

	take_figures(out, result);
	out->expected = expected_text(plan, run->test);
	if (!ended_well(&at))
		return;
	if (plan->function)
		judge_function(&at);
	else
		judge_program(&at);
}

void judge_verdict_checked(struct kl_test_result *out, const struct kl_box_result *result)
{
	size_t len = strcspn(result->out, "\r\n");

	if (result->end == KL_END_EXITED && result->exit_code == CHECK_PASSED)
		pass(out);
	else if (result->end == KL_END_EXITED && result->exit_code == CHECK_FAILED)
		say(out, KL_VERDICT_WRONG, "%.*s", (int)(len ? len : 43),
		    len ? result->out : "the checker program does not accept the output");
	else if (result->end == KL_END_EXITED)
		say(out, KL_VERDICT_INTERNAL, "the checker program failed: exit code %d", result->exit_code);
	else
		say(out, KL_VERDICT_INTERNAL, "the checker program failed: %s",
		    result->end == KL_END_FAILED ? result->error.message : "it was stopped");
}

/* --- disclosure --------------------------------------------------------------------------------------------------- */

static void drop(char **text)
{
	free(*text);
	*text = NULL;
}

/* The kind of a failure may be known, its words may repeat the hidden input: "ValueError: …" becomes "ValueError". */
static void shorten_detail(struct kl_test_result *out)
{
	size_t len;

	if (out->verdict == KL_VERDICT_WRONG) {
		drop(&out->detail);
		return;
	}
	if (out->verdict != KL_VERDICT_RUNTIME || !out->detail || out->signo)
		return;
	len = strspn(out->detail, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:");
	if (len && out->detail[len - 1] == ':' && strstr(out->detail, "Err"))
		out->detail[len - 1] = '\0';
	else if (strncmp(out->detail, "exit code ", 10) != 0 && strncmp(out->detail, "the program ended", 17) != 0 &&
		 strncmp(out->detail, "the result is", 13) != 0)
		drop(&out->detail);
}

void judge_disclose(struct kl_test_result *out, const struct kl_test *test)
{
	enum kl_disclosure shown = test->own ? KL_SHOW_FULL : test->disclosure;

	out->show_input = shown == KL_SHOW_FULL;
	out->show_actual = shown <= KL_SHOW_ACTUAL;
	if (!out->show_input)
		drop(&out->expected);
	if (shown == KL_SHOW_ACTUAL && out->verdict == KL_VERDICT_WRONG)
		drop(&out->detail);
	if (out->show_actual)
		return;
	drop(&out->actual);
	drop(&out->out);
	drop(&out->err);
	out->out_len = out->err_len = 0;
	out->exit_code = 0;
	shorten_detail(out);
}
