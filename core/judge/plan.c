/* From a challenge and the student's text to what is run: one compile, and a run for each chosen test. */

#include "core/judge/judge_int.h"

#include <string.h>

#include <kodelab/alloc.h>

#define CPU_MS         2000
#define MEMORY_KIB     ((int64_t)256 << 10)
#define OUTPUT_BYTES   ((int64_t)1 << 20)
#define COMPILE_CPU_MS 10000
#define COMPILE_KIB    ((int64_t)2 << 20)
#define HEADROOM_KIB   ((int64_t)160 << 10) /* of the JVM, V8 and Go beside the student's own memory */
#define INPUT_MAX      ((size_t)64 << 20)

/* The box stops a little after the limit, so that a test close to it can be told from an endless one. */
#define NEAR_PERCENT 110

/* --- argument lists ----------------------------------------------------------------------------------------------- */

static char *with_memory(const char *text, int64_t memory_kib)
{
	static const char word[] = "{memory_mib}";
	const char *at = strstr(text, word);

	if (!at)
		return kl_strdup(text);
	return kl_format("%.*s%lld%s", (int)(at - text), text, (long long)(memory_kib >> 10), at + sizeof(word) - 1);
}

char **judge_argv(char *const *argv, int64_t memory_kib, char *const *more, size_t more_count)
{
	size_t count = 0;
	char **list;

	if (!argv)
		return NULL;
	while (argv[count])
		count++;
	list = kl_calloc(count + more_count + 1, sizeof(*list));
	for (size_t i = 0; i < count; i++)
		list[i] = with_memory(argv[i], memory_kib);
	for (size_t i = 0; i < more_count; i++)
		list[count + i] = kl_strdup(more[i]);
	return list;
}

void judge_argv_free(char **argv)
{
	for (char **at = argv; at && *at; at++)
		free(*at);
	free(argv);
}

/* --- which tests -------------------------------------------------------------------------------------------------- */

static bool chosen(const struct kl_submission *sub, const struct kl_test *test)
{
	if (sub->only)
		return !strcmp(test->id, sub->only);
	return test->own || test->sample || !sub->samples_only;
}

/* The tests of sub in their order into list (may be NULL: only counted). */
static size_t choose(const struct kl_test **list, const struct kl_submission *sub)
{
	size_t count = 0;

	for (size_t i = 0; sub->challenge && i < sub->challenge->test_count; i++) {
		if (!chosen(sub, &sub->challenge->tests[i]))
			continue;
		if (list)
			list[count] = &sub->challenge->tests[i];
		count++;
	}
	for (size_t i = 0; i < sub->own_count; i++) {
		if (!chosen(sub, &sub->own[i]))
			continue;
		if (list)
			list[count] = &sub->own[i];
		count++;
	}
	return count;
}

/* --- one run ------------------------------------------------------------------------------------------------------ */

static int64_t first_set(int64_t first, int64_t second, int64_t otherwise)
{
	return first ? first : second ? second : otherwise;
}

static void set_limits(struct judge_run *run, const struct judge_plan *plan)
{
	static const struct kl_limits none;
	const struct kl_limits *common = plan->challenge ? &plan->challenge->limits : &none;
	const struct kl_limits *own = &run->test->limits;
	int64_t cpu_ms = first_set(own->cpu_ms, common->cpu_ms, CPU_MS);

	run->cpu_ms = cpu_ms * plan->language->cpu_factor_percent / 100;
	run->memory_kib = first_set(own->memory_kib, common->memory_kib, MEMORY_KIB);
	run->output_bytes = first_set(own->output_bytes, common->output_bytes, OUTPUT_BYTES);
}

static void set_input(struct judge_run *run, const struct judge_plan *plan)
{
	struct kl_buf text;

	kl_buf_init(&text, INPUT_MAX);
	if (plan->function)
		for (size_t i = 0; i < plan->challenge->function.param_count; i++)
			kl_value_encode(&run->test->args[i], &plan->challenge->function.params[i].type, &text);
	else if (run->test->input)
		kl_buf_add(&text, run->test->input, run->test->input_len);
	run->input_len = text.len;
	run->input = kl_buf_detach(&text);
}

static void plan_run(struct judge_run *run, const struct judge_plan *plan, const struct kl_test *test)
{
	static char *const nothing[] = { NULL }; /* the instance that has the language knows its command */

	run->test = test;
	set_limits(run, plan);
	set_input(run, plan);
	run->argv = judge_argv(plan->harness.run ? plan->harness.run : nothing, run->memory_kib, test->argv,
			       plan->function ? 0 : test->argv_count);
}

static void plan_runs(struct judge_plan *plan, const struct kl_submission *sub)
{
	const struct kl_test **tests;

	plan->count = choose(NULL, sub);
	tests = kl_calloc(plan->count + 1, sizeof(const struct kl_test *));
	choose(tests, sub);
	plan->runs = kl_calloc(plan->count + 1, sizeof(*plan->runs));
	for (size_t i = 0; i < plan->count; i++)
		plan_run(&plan->runs[i], plan, tests[i]);
	free(tests);
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static enum kl_status check_tools(const struct kl_language *language, struct kl_error *err)
{
	char need[256];

	if (kl_language_ready(language, need, sizeof(need)))
		return KL_OK;
	return kl_fail(err, KL_ENOTOOL, "%s %s", language->name, need);
}

static enum kl_status check(const struct kl_submission *sub, bool here, struct kl_error *err)
{
	if (sub->challenge && !kl_challenge_takes(sub->challenge, sub->language->id))
		return kl_fail(err, KL_EINVAL, "'%s' cannot be solved in %s: choose another language",
			       sub->challenge->slug, sub->language->name);
	if (sub->code_len > JUDGE_CODE_MAX)
		return kl_fail(err, KL_EINVAL, "the code is larger than 1 MiB: make it shorter");
	if (sub->only && !choose(NULL, sub))
		return kl_fail(err, KL_EINVAL, "there is no test '%s'", sub->only);
	return here ? check_tools(sub->language, err) : KL_OK;
}

static enum kl_status plan_checker(struct judge_plan *plan, struct kl_error *err)
{
	const struct kl_challenge *challenge = plan->challenge;
	const struct kl_checker *checker;
	const struct kl_language *language;
	enum kl_status status;

	if (!challenge || challenge->kind != KL_KIND_PROGRAM || challenge->checker.kind != KL_CHECK_PROGRAM)
		return KL_OK;
	checker = &challenge->checker;
	language = kl_language_find(checker->language);
	if (!language)
		return kl_fail(err, KL_EINVAL, "the checker of '%s' is in an unknown language '%s'", challenge->slug,
			       checker->language);
	if ((status = check_tools(language, err)) ||
	    (status = kl_harness_build(&plan->checker, NULL, language, checker->source, strlen(checker->source), err)))
		return status == KL_ENOTOOL ? (kl_error_prefix(err, "the checker"), status) : status;
	plan->checker_language = language;
	return KL_OK;
}

enum kl_status judge_plan_make(struct judge_plan *out, const struct kl_submission *sub, bool here, struct kl_error *err)
{
	struct judge_plan plan = { .challenge = sub->challenge, .language = sub->language };
	enum kl_status status;

	plan.function = sub->challenge && sub->challenge->kind == KL_KIND_FUNCTION;
	if ((status = check(sub, here, err)) ||
	    (status = kl_harness_build(&plan.harness, sub->challenge, sub->language, sub->code, sub->code_len, err)) ||
	    (status = plan_checker(&plan, err))) {
		judge_plan_release(&plan);
		return status;
	}
	plan.compile = judge_argv(plan.harness.compile, COMPILE_KIB, NULL, 0);
	plan_runs(&plan, sub);
	*out = plan;
	return KL_OK;
}

void judge_plan_release(struct judge_plan *plan)
{
	for (size_t i = 0; i < plan->count; i++) {
		judge_argv_free(plan->runs[i].argv);
		free(plan->runs[i].input);
	}
	free(plan->runs);
	judge_argv_free(plan->compile);
	kl_harness_release(&plan->harness);
	kl_harness_release(&plan->checker);
	*plan = (struct judge_plan){ .count = 0 };
}

/* --- what the box is told ----------------------------------------------------------------------------------------- */

struct kl_box_run judge_compile_run(const struct kl_language *language, const struct kl_harness *harness,
				    char *const *argv)
{
	return (struct kl_box_run){
		.argv = (const char *const *)argv,
		.files = harness->files,
		.file_count = harness->file_count,
		.cpu_ms = language->compile_cpu_ms ? language->compile_cpu_ms : COMPILE_CPU_MS,
		.memory_kib = COMPILE_KIB,
		.keep = true,
	};
}

/* What is compiled lies in the box already; else the program's files come with each run, before the test's. */
static struct kl_file *join_files(const struct judge_plan *plan, const struct kl_test *test, size_t *count)
{
	size_t own = plan->compile ? 0 : plan->harness.file_count;
	struct kl_file *files = kl_calloc(own + test->file_count + 1, sizeof(*files));

	if (own)
		memcpy(files, plan->harness.files, own * sizeof(*files));
	if (test->file_count)
		memcpy(files + own, test->files, test->file_count * sizeof(*files));
	*count = own + test->file_count;
	return files;
}

struct kl_box_run judge_test_run(const struct judge_plan *plan, const struct judge_run *run, struct kl_file **files)
{
	struct kl_box_run box = {
		.argv = (const char *const *)run->argv,
		.input = run->input,
		.input_len = run->input_len,
		.cpu_ms = run->cpu_ms * NEAR_PERCENT / 100,
		.memory_kib = run->memory_kib + (plan->language->no_address_limit ? HEADROOM_KIB : 0),
		.output_max = (size_t)run->output_bytes,
		.want_result = plan->function,
		.address_limit = !plan->language->no_address_limit,
	};

	*files = join_files(plan, run->test, &box.file_count);
	box.files = *files;
	return box;
}
