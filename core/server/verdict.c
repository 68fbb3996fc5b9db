/* Verdicts. */

#include "core/server/verdict.h"

#include <signal.h>
#include <string.h>

#include <kodelab/sandbox.h>

#include "core/server/submission.h"

#define KEPT_MAX ((size_t)64 << 20) /* of an output; the box gives less */

/* clang-format off */
static const struct { int signo; enum judge0_status status; } signals[] = {
	{ SIGSEGV, STATUS_SEGV },
	{ SIGXFSZ, STATUS_XFSZ },
	{ SIGFPE,  STATUS_FPE },
	{ SIGABRT, STATUS_ABRT },
};
/* clang-format on */

void verdict_release(struct verdict *verdict)
{
	kl_buf_release(&verdict->compile_output);
	kl_buf_release(&verdict->out);
	kl_buf_release(&verdict->err);
}

static void keep(struct kl_buf *to, const char *bytes, size_t len)
{
	kl_buf_init(to, KEPT_MAX);
	kl_buf_add(to, bytes, len);
}

/* --- compiling -------------------------------------------------------------------------------------------------- */

bool verdict_add_compile(struct verdict *verdict, const struct kl_box_result *result)
{
	static const char late[] = "Compilation time limit exceeded.", large[] = "Compilation memory limit exceeded.";

	keep(&verdict->compile_output, result->out, result->out_len);
	if (result->end == KL_END_EXITED && result->exit_code == 0)
		return true;
	verdict->status = STATUS_COMPILATION;
	if (result->end == KL_END_CPU || result->end == KL_END_WALL) {
		kl_buf_cut(&verdict->compile_output, 0);
		kl_buf_add_str(&verdict->compile_output, late);
	} else if (result->end == KL_END_MEMORY) {
		kl_buf_add_str(&verdict->compile_output, large);
	} else if (result->end == KL_END_OUTPUT) {
		kl_buf_add_str(&verdict->compile_output, result->error.message);
	}
	return false;
}

/* --- comparing -------------------------------------------------------------------------------------------------- */

static bool is_white(char byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r') || byte == '\0';
}

static size_t strip(const char *text, size_t len)
{
	while (len && is_white(text[len - 1]))
		len--;
	return len;
}

bool verdict_same(const char *expected, size_t expected_len, const char *got, size_t got_len)
{
	expected_len = strip(expected, expected_len);
	got_len = strip(got, got_len);
	while (expected_len && got_len) {
		const char *expected_end = memchr(expected, '\n', expected_len), *got_end = memchr(got, '\n', got_len);
		size_t line = expected_end ? (size_t)(expected_end - expected) : expected_len;
		size_t other = got_end ? (size_t)(got_end - got) : got_len, kept = strip(expected, line);

		if (kept != strip(got, other) || memcmp(expected, got, kept) != 0)
			return false;
		line += expected_end != NULL;
		other += got_end != NULL;
		expected += line;
		expected_len -= line;
		got += other;
		got_len -= other;
	}
	return expected_len == got_len;
}

static enum judge0_status compare(const struct submission *submission, const struct kl_box_result *result)
{
	const struct value *expected = &submission->values[ATTRIBUTE_EXPECTED_OUTPUT];

	if (!expected->bytes)
		return STATUS_ACCEPTED;
	/* Who printed nothing has printed no right answer, not even an empty one. */
	if (!result->out_len || !verdict_same(expected->bytes, expected->len, result->out, result->out_len))
		return STATUS_WRONG;
	return STATUS_ACCEPTED;
}

/* --- running ---------------------------------------------------------------------------------------------------- */

static void set_message(struct verdict *verdict, enum judge0_status status, const char *message)
{
	verdict->status = status;
	snprintf(verdict->message, sizeof(verdict->message), "%s", message);
}

static void judge_signal(struct verdict *verdict, int signo)
{
	char text[40];

	snprintf(text, sizeof(text), "Caught fatal signal %d", signo);
	set_message(verdict, STATUS_OTHER, text);
	verdict->exit_signal = signo;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (signals[i].signo == signo)
			verdict->status = signals[i].status;
}

static void judge_exit(struct verdict *verdict, const struct submission *submission, int code,
		       const struct kl_box_result *result)
{
	int64_t limit_us = (int64_t)(submission_number(submission, ATTRIBUTE_CPU_TIME_LIMIT) * 1e6);
	char text[40];

	verdict->exit_code = code;
	snprintf(text, sizeof(text), "Exited with error status %d", code);
	if (result->cpu_us > limit_us && result->end == KL_END_EXITED)
		set_message(verdict, STATUS_TIME, "Time limit exceeded");
	else if (code)
		set_message(verdict, STATUS_NZEC, text);
	else
		set_message(verdict, compare(submission, result), "");
}

void verdict_add_run(struct verdict *verdict, const struct submission *submission, const struct kl_box_result *result)
{
	verdict->ran = true;
	verdict->cpu_us += result->cpu_us;
	verdict->peak_kib += result->peak_kib;
	verdict->wall_us = result->wall_us;
	if (!verdict->runs++) {
		keep(&verdict->out, result->out, result->out_len);
		keep(&verdict->err, result->err, result->err_len);
	}
	switch (result->end) {
	case KL_END_EXITED:
		judge_exit(verdict, submission, result->exit_code, result);
		break;
	case KL_END_SIGNALED:
		judge_signal(verdict, result->signo);
		break;
	case KL_END_CPU:
		set_message(verdict, STATUS_TIME, "Time limit exceeded");
		break;
	case KL_END_WALL:
		set_message(verdict, STATUS_TIME, "Time limit exceeded (wall clock)");
		break;
	case KL_END_MEMORY: /* killed under bash, as the kernel would do it */
		judge_exit(verdict, submission, 128 + SIGKILL, result);
		break;
	case KL_END_OUTPUT:
		judge_exit(verdict, submission, 128 + SIGXFSZ, result);
		break;
	case KL_END_CANCELED:
	case KL_END_FAILED:
		break; /* the caller's */
	}
}

/* --- telling ---------------------------------------------------------------------------------------------------- */

/* "0.016", "1.0": what a number of seconds is in Judge0's JSON. */
static void tell_seconds(struct submission *submission, enum attribute which, double us)
{
	char text[40];
	size_t len = (size_t)snprintf(text, sizeof(text), "%.3f", us / 1e6);

	while (text[len - 1] == '0' && text[len - 2] != '.')
		len--;
	submission_set(submission, which, text, len);
}

static void tell_text(struct submission *submission, enum attribute which, const struct kl_buf *text)
{
	submission_set(submission, which, text->len ? text->data : NULL, text->len);
}

void verdict_tell(const struct verdict *verdict, struct submission *submission)
{
	submission->status_id = verdict->status;
	tell_text(submission, ATTRIBUTE_COMPILE_OUTPUT, &verdict->compile_output);
	if (!verdict->ran)
		return;
	tell_text(submission, ATTRIBUTE_STDOUT, &verdict->out);
	tell_text(submission, ATTRIBUTE_STDERR, &verdict->err);
	if (*verdict->message)
		submission_set(submission, ATTRIBUTE_MESSAGE, verdict->message, strlen(verdict->message));
	tell_seconds(submission, ATTRIBUTE_TIME, (double)verdict->cpu_us / verdict->runs);
	tell_seconds(submission, ATTRIBUTE_WALL_TIME, (double)verdict->wall_us);
	submission_print(submission, ATTRIBUTE_MEMORY, "%lld", (long long)(verdict->peak_kib / verdict->runs));
	submission_print(submission, ATTRIBUTE_EXIT_CODE, "%d", verdict->exit_code);
	if (verdict->exit_signal)
		submission_print(submission, ATTRIBUTE_EXIT_SIGNAL, "%d", verdict->exit_signal);
}
