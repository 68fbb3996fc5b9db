/* tests.json: what goes in and what must come out, test by test. */

#include <math.h>

#include <kodelab/alloc.h>

#include "core/challenge/challenge_int.h"

#define ARGV_MAX   64
#define FILES_MAX  32
#define WEIGHT_MAX 1e6

static const struct kl_span_limits name_limits = { 1, 200 }, argv_limits = { 0, ARGV_MAX };

/* --- keys --------------------------------------------------------------------------------------------------------- */

/* clang-format off */
static const char *const function_keys[] = { "id", "name", "sample", "disclosure", "weight", "group", "limits",
					     "args", "expect", "error", NULL };
static const char *const program_keys[] = { "id", "name", "sample", "disclosure", "weight", "group", "limits",
					    "stdin", "argv", "files", "stdout", "exit", NULL };
/* clang-format on */

static bool is_among(const char *key, const char *const *keys)
{
	for (; *keys; keys++)
		if (!strcmp(*keys, key))
			return true;
	return false;
}

/* A key of the other kind deserves a better sentence than a guess. */
static enum kl_status only_keys(const struct kl_challenge *challenge, const struct kl_reading *from)
{
	bool function = challenge->kind == KL_KIND_FUNCTION;
	const char *const *own = function ? function_keys : program_keys;
	const char *const *other = function ? program_keys : function_keys;
	const cJSON *node;

	cJSON_ArrayForEach(node, from->object)
		if (!is_among(node->string, own) && is_among(node->string, other))
			return kl_json_fail(from->doc, node, from->err,
					    "'%s' is for tests of the kind '%s', this is a '%s'", node->string,
					    function ? "program" : "function", function ? "function" : "program");
	return kl_json_only(from->doc, from->object, own, from->err);
}

/* --- what both kinds have ----------------------------------------------------------------------------------------- */

static enum kl_status read_weight(struct kl_test *test, const struct kl_reading *from)
{
	enum kl_status status;

	test->weight = 1;
	status = kl_json_get_double(&test->weight, from->doc, from->object, "weight", KL_JSON_OPTIONAL, from->err);
	if (status || (test->weight > 0 && test->weight <= WEIGHT_MAX))
		return status;
	return kl_json_fail(from->doc, cJSON_GetObjectItemCaseSensitive(from->object, "weight"), from->err,
			    "'weight' must be above 0 and at most %.0f", WEIGHT_MAX);
}

static enum kl_status read_common(struct kl_test *test, const struct kl_reading *from)
{
	static const char *const levels[] = { "full", "actual", "name", "none", NULL };
	enum kl_status status;
	int level;

	if ((status = kl_read_slug(&test->id, from, "id", KL_JSON_REQUIRED)) ||
	    (status = kl_read_line(&test->name, from, "name", KL_JSON_OPTIONAL, name_limits)) ||
	    (status = kl_read_slug(&test->group, from, "group", KL_JSON_OPTIONAL)) ||
	    (status =
		     kl_json_get_bool(&test->sample, from->doc, from->object, "sample", KL_JSON_OPTIONAL, from->err)) ||
	    (status = read_weight(test, from)) || (status = kl_challenge_read_limits(&test->limits, from)))
		return status;
	level = test->sample ? KL_SHOW_FULL : KL_SHOW_NAME;
	status = kl_read_word(&level, from, "disclosure", KL_JSON_OPTIONAL, levels);
	test->disclosure = (enum kl_disclosure)level;
	test->expect_known = true;
	return status;
}

/* --- function kind ------------------------------------------------------------------------------------------------ */

static enum kl_status only_params(const struct kl_signature *function, const struct kl_reading *from, const cJSON *args)
{
	const char *known[KL_PARAMS_MAX + 1] = { NULL };

	for (size_t i = 0; i < function->param_count; i++)
		known[i] = function->params[i].name;
	return kl_json_only(from->doc, args, known, from->err);
}

static enum kl_status read_args(struct kl_test *test, const struct kl_signature *function,
				const struct kl_reading *from)
{
	const cJSON *args = NULL;
	enum kl_status status = kl_json_get_object(&args, from->doc, from->object, "args", KL_JSON_REQUIRED, from->err);

	if (status || (status = only_params(function, from, args)))
		return status;
	test->args = kl_calloc(function->param_count, sizeof(*test->args));
	for (size_t i = 0; i < function->param_count && !status; i++) {
		const struct kl_field *param = &function->params[i];
		const cJSON *node = cJSON_GetObjectItemCaseSensitive(args, param->name);

		if (!node)
			return kl_json_fail(from->doc, args, from->err, "'%s' is missing in 'args'", param->name);
		status = kl_value_from_json(&test->args[i], &param->type, from->doc, node, param->name, from->err);
	}
	return status;
}

static enum kl_status read_expected_error(struct kl_test *test, const struct kl_reading *from, const cJSON *node)
{
	test->expect_error = true;
	if (cJSON_IsString(node) && node->valuestring[0])
		test->error_text = kl_strdup(node->valuestring);
	else if (!cJSON_IsTrue(node))
		return kl_json_fail(from->doc, node, from->err, "'error' must be true or a text of the message");
	return KL_OK;
}

static enum kl_status read_call(struct kl_test *test, const struct kl_challenge *challenge,
				const struct kl_reading *from)
{
	const cJSON *expect = cJSON_GetObjectItemCaseSensitive(from->object, "expect");
	const cJSON *error = cJSON_GetObjectItemCaseSensitive(from->object, "error");
	enum kl_status status = read_args(test, &challenge->function, from);

	if (status)
		return status;
	if (!expect == !error)
		return kl_json_fail(from->doc, from->object, from->err, "the test '%s' needs %s 'expect' or 'error'",
				    test->id, expect ? "only one of" : "one of");
	if (error)
		return read_expected_error(test, from, error);
	return kl_value_from_json(&test->expect, &challenge->function.returns, from->doc, expect, "expect", from->err);
}

/* --- program kind ------------------------------------------------------------------------------------------------- */

static enum kl_status read_files(struct kl_test *test, const struct kl_reading *from)
{
	const cJSON *object = NULL, *node;
	enum kl_status status =
		kl_json_get_object(&object, from->doc, from->object, "files", KL_JSON_OPTIONAL, from->err);
	size_t count = object ? (size_t)cJSON_GetArraySize(object) : 0;

	if (status || !object)
		return status;
	if (count > FILES_MAX)
		return kl_json_fail(from->doc, object, from->err, "a test has at most %d files", FILES_MAX);
	test->files = kl_calloc(count, sizeof(*test->files));
	cJSON_ArrayForEach(node, object) {
		struct kl_file *file = &test->files[test->file_count];

		if (!kl_file_name_valid(node->string))
			return kl_json_fail(from->doc, node, from->err, "'%s' cannot be the name of a test's file",
					    node->string);
		if (!kl_json_text(&file->text, &file->len, node))
			return kl_json_fail(from->doc, node, from->err,
					    "expected a string or an array of lines for '%s'", node->string);
		file->name = kl_strdup(node->string);
		test->file_count++;
	}
	return KL_OK;
}

static enum kl_status check_pattern(const struct kl_test *test, const struct kl_reading *from)
{
	struct kl_error inner;

	if (!kl_pattern_check(test->output, test->output_len, &inner))
		return KL_OK;
	return kl_json_fail(from->doc, cJSON_GetObjectItemCaseSensitive(from->object, "stdout"), from->err,
			    "the pattern in 'stdout' is wrong: %s", inner.message);
}

static enum kl_status read_run(struct kl_test *test, const struct kl_challenge *challenge,
			       const struct kl_reading *from)
{
	int64_t exit_code = 0;
	enum kl_status status;

	if ((status = kl_read_text(&test->input, &test->input_len, from, "stdin", KL_JSON_OPTIONAL)) ||
	    (status = kl_read_list(&test->argv, from, "argv", argv_limits)) || (status = read_files(test, from)) ||
	    (status = kl_read_text(&test->output, &test->output_len, from, "stdout", KL_JSON_REQUIRED)) ||
	    (status =
		     kl_json_get_int(&exit_code, from->doc, from->object, "exit", 0, 255, KL_JSON_OPTIONAL, from->err)))
		return status;
	while (test->argv[test->argv_count])
		test->argv_count++;
	if (!test->input)
		test->input = kl_strdup("");
	test->exit_code = (int)exit_code;
	test->elsewhere = challenge->checker.kind == KL_CHECK_CLASS;
	return challenge->checker.kind == KL_CHECK_REGEX ? check_pattern(test, from) : KL_OK;
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

static enum kl_status refuse_twin(const struct kl_challenge *challenge, const struct kl_test *test,
				  const struct kl_reading *from)
{
	for (size_t i = 0; i < challenge->test_count; i++)
		if (!strcmp(challenge->tests[i].id, test->id))
			return kl_json_fail(from->doc, cJSON_GetObjectItemCaseSensitive(from->object, "id"), from->err,
					    "two tests have the id '%s'", test->id);
	return KL_OK;
}

static enum kl_status read_test(struct kl_test *test, const struct kl_challenge *challenge,
				const struct kl_reading *from)
{
	enum kl_status status;

	if (!cJSON_IsObject(from->object))
		return kl_json_fail(from->doc, from->object, from->err, "expected an object for a test");
	if ((status = only_keys(challenge, from)) || (status = read_common(test, from)) ||
	    (status = refuse_twin(challenge, test, from)))
		return status;
	return challenge->kind == KL_KIND_FUNCTION ? read_call(test, challenge, from) : read_run(test, challenge, from);
}

enum kl_status kl_challenge_read_tests(struct kl_challenge *challenge, const struct kl_json *doc, struct kl_error *err)
{
	static const char *const known[] = { "tests", NULL };
	const cJSON *root = kl_json_root(doc), *array = NULL, *node;
	enum kl_status status;
	size_t count;

	if ((status = kl_json_get_array(&array, doc, root, "tests", KL_JSON_REQUIRED, err)) ||
	    (status = kl_json_only(doc, root, known, err)))
		return status;
	count = (size_t)cJSON_GetArraySize(array);
	if (!count || count > KL_TESTS_MAX)
		return kl_json_fail(doc, array, err, "'tests' must have 1 to %d tests, not %zu", KL_TESTS_MAX, count);
	challenge->tests = kl_calloc(count, sizeof(*challenge->tests));
	cJSON_ArrayForEach(node, array) {
		const struct kl_reading from = { doc, node, err };
		struct kl_test test = { .id = NULL };

		status = read_test(&test, challenge, &from);
		if (status) {
			kl_test_release(&test, challenge->function.param_count);
			return status;
		}
		challenge->tests[challenge->test_count++] = test;
	}
	return KL_OK;
}

void kl_test_release(struct kl_test *test, size_t arg_count)
{
	for (size_t i = 0; test->args && i < arg_count; i++)
		kl_value_release(&test->args[i]);
	for (size_t i = 0; i < test->file_count; i++) {
		free(test->files[i].name);
		free(test->files[i].text);
	}
	kl_value_release(&test->expect);
	kl_strings_free(test->argv);
	free(test->args);
	free(test->files);
	free(test->id);
	free(test->name);
	free(test->group);
	free(test->error_text);
	free(test->input);
	free(test->output);
	*test = (struct kl_test){ .id = NULL };
}
