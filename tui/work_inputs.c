/* Own inputs as tests for the judge: see work.h. */
#include "work.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/json.h>
#include <kodelab/value.h>

enum { INPUT_MAX = 1 << 20 };

static void release_args(struct kl_test *test, const struct kl_signature *function)
{
	for (size_t i = 0; test->args && i < function->param_count; i++)
		kl_value_release(&test->args[i]);
	free(test->args);
	test->args = NULL;
}

static enum kl_status read_expected(struct kl_test *test, const struct kl_signature *function, const char *expected,
				    struct kl_error *err)
{
	struct kl_json *doc;
	enum kl_status status = kl_json_parse(&doc, expected, strlen(expected), INPUT_MAX, "expected value", err);

	if (status)
		return status;
	status = kl_value_from_json(&test->expect, &function->returns, doc, kl_json_root(doc), "expected", err);
	test->expect_known = !status;
	kl_json_free(doc);
	return status;
}

static enum kl_status read_args(struct kl_test *test, const struct kl_signature *function, const char *input,
				struct kl_error *err)
{
	struct kl_json *doc;
	enum kl_status status = kl_json_parse(&doc, input, strlen(input), INPUT_MAX, "your input", err);

	if (status)
		return status;
	if (!cJSON_IsObject(kl_json_root(doc)))
		status = kl_json_fail(doc, kl_json_root(doc), err,
				      "the arguments are written as an object, { \"name\": value, ... }");
	test->args = kl_calloc(function->param_count + 1, sizeof(*test->args));
	for (size_t i = 0; !status && i < function->param_count; i++) {
		const struct kl_field *param = &function->params[i];
		const cJSON *node = cJSON_GetObjectItemCaseSensitive(kl_json_root(doc), param->name);

		status = node ? kl_value_from_json(&test->args[i], &param->type, doc, node, param->name, err)
			      : kl_json_fail(doc, kl_json_root(doc), err, "the argument '%s' is missing", param->name);
	}
	kl_json_free(doc);
	if (status)
		release_args(test, function);
	return status;
}

enum kl_status work_check_input(const struct kl_challenge *challenge, const char *input, struct kl_error *err)
{
	struct kl_test test = { 0 };
	enum kl_status status;

	if (challenge->kind == KL_KIND_PROGRAM)
		return KL_OK;
	status = read_args(&test, &challenge->function, input, err);
	release_args(&test, &challenge->function);
	return status;
}

enum kl_status work_check_expected(const struct kl_challenge *challenge, const char *expected, struct kl_error *err)
{
	struct kl_test test = { 0 };
	enum kl_status status;

	if (challenge->kind == KL_KIND_PROGRAM)
		return KL_OK;
	status = read_expected(&test, &challenge->function, expected, err);
	kl_value_release(&test.expect);
	return status;
}

static enum kl_status make_test(struct kl_test *test, const struct kl_challenge *challenge,
				const struct kl_own_input *input, struct kl_error *err)
{
	enum kl_status status = KL_OK;

	*test = (struct kl_test){ .sample = true, .own = true, .weight = 1.0, .disclosure = KL_SHOW_FULL };
	if (challenge->kind == KL_KIND_FUNCTION) {
		status = read_args(test, &challenge->function, input->input, err);
		if (!status && input->expected && read_expected(test, &challenge->function, input->expected, err))
			test->expect_known = false; /* "error ..." and the like: just run it */
	} else {
		test->input = kl_strdup(input->input);
		test->input_len = strlen(input->input);
		if (input->expected) {
			test->output = kl_strdup(input->expected);
			test->output_len = strlen(input->expected);
			test->expect_known = true;
		}
	}
	if (status)
		return status;
	test->id = kl_strdup(input->id);
	test->name = kl_strdup(input->name);
	return KL_OK;
}

enum kl_status work_own_tests(struct kl_test **tests, size_t *count, struct kl_store *store,
			      const struct kl_challenge *challenge, struct kl_error *err)
{
	struct kl_own_input *rows;
	size_t row_count, made = 0;
	enum kl_status status = kl_store_inputs(&rows, &row_count, store, challenge->pack, challenge->slug, err);

	if (status)
		return status;
	*tests = kl_calloc(row_count + 1, sizeof(**tests));
	for (size_t i = 0; i < row_count; i++) {
		if (!make_test(&(*tests)[made], challenge, &rows[i], err))
			made++;
	}
	*count = made;
	kl_own_inputs_free(rows, row_count);
	return KL_OK;
}

void work_own_tests_free(struct kl_test *tests, size_t count, const struct kl_challenge *challenge)
{
	for (size_t i = 0; i < count; i++) {
		release_args(&tests[i], &challenge->function);
		kl_value_release(&tests[i].expect);
		free(tests[i].id);
		free(tests[i].name);
		free(tests[i].input);
		free(tests[i].output);
	}
	free(tests);
}
