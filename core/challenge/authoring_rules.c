/* What makes a challenge weak though it can be read. One rule, one function, one row. */

#include "core/challenge/authoring_int.h"

#include <kodelab/alloc.h>
#include <kodelab/suggest.h>

#include "core/challenge/challenge_int.h"

#define STATEMENT_SHORT  60
#define STATEMENT_LONG   20000
#define TESTS_FEW        3
#define CPU_MS_LONG      10000
#define MEMORY_KIB_LARGE (1 << 20)

static int meta_line(const struct kl_subject *subject, const char *key)
{
	const cJSON *root = kl_json_root(subject->meta), *node = cJSON_GetObjectItemCaseSensitive(root, key);

	return kl_json_line(subject->meta, node ? node : root);
}

static int test_line(const struct kl_subject *subject, size_t index)
{
	const cJSON *tests = cJSON_GetObjectItemCaseSensitive(kl_json_root(subject->tests), "tests");

	return kl_json_line(subject->tests, cJSON_GetArrayItem(tests, (int)index));
}

static void warn_meta(const struct kl_subject *subject, const char *key, const char *sentence)
{
	kl_finding_add(subject, KL_FINDING_WARNING, "challenge.json", meta_line(subject, key), "%s", sentence);
}

/* --- texts -------------------------------------------------------------------------------------------------------- */

static void rule_hints(const struct kl_subject *subject)
{
	if (!subject->challenge->hints[0])
		warn_meta(subject, "hints", "there are no hints for those who get stuck");
	for (char **hint = subject->challenge->hints; *hint; hint++)
		if (!(*hint)[strspn(*hint, " \t\r\n")])
			warn_meta(subject, "hints", "a hint is empty");
}

static void rule_texts(const struct kl_subject *subject)
{
	size_t len = strlen(subject->challenge->statement);

	if (!subject->challenge->summary[0])
		warn_meta(subject, "summary", "the summary is empty: lists show nothing but the title");
	if (len < STATEMENT_SHORT)
		kl_finding_add(subject, KL_FINDING_WARNING, "statement.md", 1,
			       "the statement has only %zu bytes: can one solve the task with it?", len);
	if (len > STATEMENT_LONG)
		kl_finding_add(subject, KL_FINDING_WARNING, "statement.md", 1,
			       "the statement has %zu bytes: few will read over %d", len, STATEMENT_LONG);
}

/* --- tests -------------------------------------------------------------------------------------------------------- */

static void rule_samples(const struct kl_subject *subject)
{
	const struct kl_challenge *challenge = subject->challenge;
	size_t samples = 0;

	for (size_t i = 0; i < challenge->test_count; i++)
		samples += challenge->tests[i].sample;
	if (!samples)
		kl_finding_add(subject, KL_FINDING_ERROR, "tests.json", 1,
			       "no test is a sample: there is nothing that Run could run");
	else if (samples == challenge->test_count)
		kl_finding_add(subject, KL_FINDING_WARNING, "tests.json", 1,
			       "every test is a sample: a program that knows their answers passes");
	if (challenge->test_count < TESTS_FEW)
		kl_finding_add(subject, KL_FINDING_WARNING, "tests.json", 1, "%zu test%s: few mistakes will be found",
			       challenge->test_count, challenge->test_count == 1 ? "" : "s");
}

static void rule_limits(const struct kl_subject *subject)
{
	const struct kl_limits *limits = &subject->challenge->limits;

	if (limits->cpu_ms > CPU_MS_LONG)
		kl_finding_add(subject, KL_FINDING_WARNING, "challenge.json", meta_line(subject, "limits"),
			       "'cpu_ms' is %lld: one endless test makes students wait as long",
			       (long long)limits->cpu_ms);
	if (limits->memory_kib > MEMORY_KIB_LARGE)
		kl_finding_add(subject, KL_FINDING_WARNING, "challenge.json", meta_line(subject, "limits"),
			       "'memory_mib' is %lld: small machines do not have that",
			       (long long)(limits->memory_kib >> 10));
}

/* What goes in, as bytes that can be compared. */
static void print_input(const struct kl_challenge *challenge, const struct kl_test *test, struct kl_buf *out)
{
	for (size_t i = 0; test->args && i < challenge->function.param_count; i++)
		kl_value_encode(&test->args[i], &challenge->function.params[i].type, out);
	for (size_t i = 0; i < test->argv_count; i++)
		kl_buf_addf(out, "%zu %s ", strlen(test->argv[i]), test->argv[i]);
	for (size_t i = 0; i < test->file_count; i++) {
		kl_buf_addf(out, "%s %zu ", test->files[i].name, test->files[i].len);
		kl_buf_add(out, test->files[i].text, test->files[i].len);
	}
	kl_buf_add_char(out, '\n');
	kl_buf_add(out, test->input ? test->input : "", test->input_len);
}

struct input {
	struct kl_buf bytes;
	size_t index;
};

static int by_bytes(const void *left, const void *right)
{
	const struct input *a = left, *b = right;
	size_t least = a->bytes.len < b->bytes.len ? a->bytes.len : b->bytes.len;
	int order = memcmp(a->bytes.data, b->bytes.data, least);

	if (!order)
		order = (a->bytes.len > b->bytes.len) - (a->bytes.len < b->bytes.len);
	return order ? order : (a->index > b->index) - (a->index < b->index);
}

static bool same_answer(const struct kl_challenge *challenge, const struct kl_test *a, const struct kl_test *b)
{
	if (challenge->kind == KL_KIND_PROGRAM)
		return a->exit_code == b->exit_code && a->output_len == b->output_len &&
		       !memcmp(a->output, b->output, a->output_len);
	if (a->expect_error || b->expect_error)
		return a->expect_error && b->expect_error;
	return kl_value_equal(&a->expect, &b->expect, &challenge->function.returns, 0, 0, false);
}

static void judge_twins(const struct kl_subject *subject, size_t first, size_t second)
{
	const struct kl_test *a = &subject->challenge->tests[first], *b = &subject->challenge->tests[second];
	bool same = same_answer(subject->challenge, a, b);

	kl_finding_add(subject, same ? KL_FINDING_WARNING : KL_FINDING_ERROR, "tests.json", test_line(subject, second),
		       same ? "the test '%s' has the same input as '%s'"
			    : "the test '%s' has the same input as '%s', but another answer",
		       b->id, a->id);
}

static void rule_twins(const struct kl_subject *subject)
{
	const struct kl_challenge *challenge = subject->challenge;
	struct input *inputs = kl_calloc(challenge->test_count, sizeof(*inputs));

	for (size_t i = 0; i < challenge->test_count; i++) {
		inputs[i].index = i;
		kl_buf_init(&inputs[i].bytes, KL_TESTS_JSON_MAX);
		print_input(challenge, &challenge->tests[i], &inputs[i].bytes);
	}
	qsort(inputs, challenge->test_count, sizeof(*inputs), by_bytes);
	for (size_t i = 1; i < challenge->test_count; i++)
		if (inputs[i].bytes.len == inputs[i - 1].bytes.len &&
		    !memcmp(inputs[i].bytes.data, inputs[i - 1].bytes.data, inputs[i].bytes.len))
			judge_twins(subject, inputs[i - 1].index, inputs[i].index);
	for (size_t i = 0; i < challenge->test_count; i++)
		kl_buf_release(&inputs[i].bytes);
	free(inputs);
}

/* --- signature and checker ---------------------------------------------------------------------------------------- */

static bool holds_double(const struct kl_type *type)
{
	if (type->kind == KL_TYPE_ARRAY)
		return holds_double(type->element);
	for (size_t i = 0; type->kind == KL_TYPE_RECORD && i < type->record->count; i++)
		if (holds_double(&type->record->fields[i].type))
			return true;
	return type->kind == KL_TYPE_DOUBLE;
}

static void rule_checker(const struct kl_subject *subject)
{
	const struct kl_checker *checker = &subject->challenge->checker;

	if (checker->kind == KL_CHECK_CLASS)
		kl_finding_add(subject, KL_FINDING_ERROR, "challenge.json", meta_line(subject, "checker"),
			       "the checker 'class' stands for one that is elsewhere: choose one that judges");
	if (checker->kind == KL_CHECK_VALUE && checker->abs_tol <= 0 && checker->rel_tol <= 0 &&
	    holds_double(&subject->challenge->function.returns))
		warn_meta(subject, "checker", "doubles are compared exactly: the checker 'float' allows for rounding");
}

/* --- prerequisites ------------------------------------------------------------------------------------------------ */

static size_t position(char **slugs, const char *slug)
{
	size_t at = 0;

	while (slugs[at] && strcmp(slugs[at], slug) != 0)
		at++;
	return at;
}

static void check_prerequisite(const struct kl_subject *subject, const char *slug)
{
	const struct kl_check_pack *pack = subject->pack;
	int line = meta_line(subject, "prerequisites");
	const char *guess;

	if (!strcmp(slug, subject->challenge->slug)) {
		kl_finding_add(subject, KL_FINDING_ERROR, "challenge.json", line,
			       "the challenge is its own prerequisite");
		return;
	}
	if (!pack->slugs)
		return;
	if (!pack->slugs[position(pack->slugs, slug)]) {
		guess = kl_suggest(slug, (const char *const *)pack->slugs);
		kl_finding_add(subject, KL_FINDING_ERROR, "challenge.json", line,
			       guess ? "the prerequisite '%s' is not in this pack, did you mean '%s'?"
				     : "the prerequisite '%s' is not in this pack",
			       slug, guess);
	} else if (position(pack->slugs, slug) > position(pack->slugs, subject->challenge->slug)) {
		kl_finding_add(subject, KL_FINDING_WARNING, "challenge.json", line,
			       "the prerequisite '%s' comes later in the pack", slug);
	}
}

static void rule_prerequisites(const struct kl_subject *subject)
{
	for (char **slug = subject->challenge->prerequisites; *slug; slug++)
		check_prerequisite(subject, *slug);
}

/* --- all ---------------------------------------------------------------------------------------------------------- */

typedef void rule_fn(const struct kl_subject *subject);

static rule_fn *const rules[] = {
	rule_texts, rule_hints, rule_limits, rule_checker, rule_prerequisites, rule_samples, rule_twins,
};

void kl_rules_run(const struct kl_subject *subject)
{
	for (size_t i = 0; i < KL_LENGTH(rules); i++)
		rules[i](subject);
}
