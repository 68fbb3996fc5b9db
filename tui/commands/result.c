/* A report for people on the command line: what judging.h calls judging_print. */
#include "judging.h"

#include <string.h>

#include <kodelab/value.h>

#include "tui/ui/difftext.h"

enum { TEXT_SHOWN = 2000, VALUE_MAX = 64 << 10, DIFF_LINES = 60, LABEL_WIDTH = 10 };

#define INDENT "        "

/* Short, and nothing in it that the eye would miss. */
static bool is_plain(const char *text, size_t len)
{
	return len > 0 && len <= 200 && text[len - 1] != ' ' && !memchr(text, '\n', len) && !memchr(text, '\t', len);
}

static void print_lines(const struct cli *cli, const char *text, size_t len)
{
	size_t shown = len < TEXT_SHOWN ? len : TEXT_SHOWN;

	for (size_t from = 0; from < shown;) {
		const char *newline = memchr(text + from, '\n', shown - from);
		size_t end = newline ? (size_t)(newline - text) : shown;

		fputs(INDENT "  ", stdout);
		cli_print(stdout, cli, text + from, end - from);
		putchar('\n');
		from = end + 1;
	}
	if (len > shown)
		printf(INDENT "  (%zu bytes in all)\n", len);
}

/* "expected  28", or the label and the lines below it. */
static void print_text(const struct cli *cli, const char *label, const char *text, size_t len)
{
	if (!text || len == 0)
		return;
	if (is_plain(text, len)) {
		printf(INDENT "%-*s", LABEL_WIDTH, label);
		cli_print(stdout, cli, text, len);
		putchar('\n');
		return;
	}
	printf(INDENT "%s\n", label);
	print_lines(cli, text, len);
}

static void print_call(const struct cli *cli, const struct kl_signature *function, const struct kl_test *test)
{
	for (size_t i = 0; i < function->param_count; i++) {
		struct kl_buf value;

		kl_buf_init(&value, VALUE_MAX);
		kl_value_print(&test->args[i], &function->params[i].type, &value);
		cli_say(cli, INDENT "%-*s%s = %.*s%s\n", LABEL_WIDTH, i == 0 ? "input" : "", function->params[i].name,
			TEXT_SHOWN, value.data, value.len > TEXT_SHOWN ? "..." : "");
		kl_buf_release(&value);
	}
}

static void print_input(const struct cli *cli, const struct kl_challenge *challenge, const struct kl_test *test)
{
	if (challenge && challenge->kind == KL_KIND_FUNCTION && test->args) {
		print_call(cli, &challenge->function, test);
		return;
	}
	for (size_t i = 0; i < test->argv_count; i++)
		print_text(cli, "argument", test->argv[i], strlen(test->argv[i]));
	for (size_t i = 0; i < test->file_count; i++)
		cli_say(cli, INDENT "%-*s%s\n", LABEL_WIDTH, "file", test->files[i].name);
	print_text(cli, "input", test->input, test->input_len);
}

/* Several lines: side by side line for line, with what the eye cannot see made visible. */
static void print_diff(const struct cli *cli, const char *want, const char *got, size_t got_len)
{
	struct difftext diff = { .want = want,
				 .got = got,
				 .want_len = strlen(want),
				 .got_len = got_len,
				 .ascii = cli->ascii,
				 .max_lines = DIFF_LINES };
	struct lines lines = { 0 };

	difftext_add(&lines, &diff);
	puts(INDENT "- expected  + yours");
	for (size_t i = 0; i < lines.count; i++) {
		fputs(INDENT, stdout);
		cli_print(stdout, cli, lines.items[i].text, lines.items[i].len);
		putchar('\n');
	}
	lines_clear(&lines);
}

static void print_answers(const struct cli *cli, const struct kl_challenge *challenge,
			  const struct kl_test_result *result)
{
	/* what a function printed is not its answer */
	bool printed = !result->actual && result->out && !(challenge && challenge->kind == KL_KIND_FUNCTION);
	const char *got = result->actual ? result->actual : printed ? result->out : "";
	size_t got_len = printed ? result->out_len : strlen(got);
	bool plain = result->expected && is_plain(result->expected, strlen(result->expected)) && is_plain(got, got_len);

	if (result->expected && result->show_actual && !plain && (result->verdict == KL_VERDICT_WRONG || got_len)) {
		print_diff(cli, result->expected, got, got_len);
		return;
	}
	if (result->expected)
		print_text(cli, "expected", result->expected, strlen(result->expected));
	if (result->show_actual)
		print_text(cli, "yours", got, got_len);
}

static void print_failure(const struct cli *cli, const struct kl_challenge *challenge, const struct kl_test *test,
			  const struct kl_test_result *result)
{
	if (result->show_input)
		print_input(cli, challenge, test);
	print_answers(cli, challenge, result);
	if (!result->show_input)
		return;
	if (result->actual || (challenge && challenge->kind == KL_KIND_FUNCTION))
		print_text(cli, "printed", result->out, result->out_len);
	print_text(cli, "stderr", result->err, result->err_len);
}

/* The verdict, and its detail where that adds something. */
static void print_verdict(const struct cli *cli, const struct kl_test_result *result)
{
	const char *verdict = kl_verdict_name(result->verdict), *detail = result->detail ? result->detail : "";

	if (result->verdict == KL_VERDICT_WRONG && result->expected && result->actual)
		detail = ""; /* both values follow */
	if (strncmp(detail, verdict, strlen(verdict)) == 0)
		cli_say(cli, ": %s", detail);
	else
		cli_say(cli, ": %s%s%s", verdict, *detail ? ", " : "", detail);
}

static void print_test(const struct cli *cli, const struct kl_challenge *challenge, const struct kl_test *test,
		       const struct kl_test_result *result)
{
	bool good = result->verdict == KL_VERDICT_PASSED || result->verdict == KL_VERDICT_RAN;
	const char *color = !cli->color ? "" : good ? "\033[32m" : "\033[31m", *plain = cli->color ? "\033[0m" : "";

	printf("  %s%-4s%s  ", color, good ? "ok" : "FAIL", plain);
	cli_say(cli, "%s%s", test->name ? test->name : test->id,
		test->own      ? " (yours)"
		: test->sample ? ""
			       : " (hidden)");
	if (!good)
		print_verdict(cli, result);
	putchar('\n');
	if (!good || result->verdict == KL_VERDICT_RAN)
		print_failure(cli, challenge, test, result);
}

static void print_messages(const struct cli *cli, const char *messages)
{
	size_t len = messages ? strlen(messages) : 0;

	if (len == 0)
		return;
	cli_print(stdout, cli, messages, len);
	if (messages[len - 1] != '\n')
		putchar('\n');
}

void judging_print(const struct cli *cli, const struct kl_challenge *challenge, const struct kl_report *report)
{
	print_messages(cli, report->messages);
	if (report->verdict == KL_VERDICT_INTERNAL) {
		cli_warn(cli, "the tests could not be run: %s", report->error.message);
		return;
	}
	if (report->compile == KL_COMPILE_FAILED) {
		puts("It does not compile.");
		return;
	}
	for (size_t i = 0; i < report->count; i++)
		print_test(cli, challenge, report->asked[i], &report->tests[i]);
	printf("%zu of %zu passed, score %.0f, %lld ms\n", report->passed, report->count, report->score,
	       (long long)report->wall_ms);
}
