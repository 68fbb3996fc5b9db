/*
 * Fuzzes the reading of packs, and what judges answers with it. The bytes are up to three texts with "\n%%\n" between
 * them: challenge.json, tests.json, and what a student's program gave back.
 *
 * What is refused must say why; what is read must survive its own wire form, and equal itself.
 */

#include <assert.h>
#include <stdint.h>

#include <kodelab/alloc.h>
#include <kodelab/challenge.h>

#include "core/challenge/challenge_int.h"

#define SEPARATOR "\n%%\n"
#define WIRE_MAX  ((size_t)32 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct part {
	const char *at;
	size_t len;
};

static struct part take_part(struct part *rest)
{
	const char *end = memmem(rest->at, rest->len, SEPARATOR, strlen(SEPARATOR));
	struct part part = { rest->at, end ? (size_t)(end - rest->at) : rest->len };
	size_t used = part.len + (end ? strlen(SEPARATOR) : 0);

	rest->at += used;
	rest->len -= used;
	return part;
}

static void check_round_trip(const struct kl_value *value, const struct kl_type *type)
{
	struct kl_value again;
	struct kl_buf wire, text;
	size_t used;

	kl_buf_init(&wire, WIRE_MAX);
	kl_buf_init(&text, 4096);
	kl_value_print(value, type, &text);
	kl_value_encode(value, type, &wire);
	assert(!wire.truncated);
	assert(kl_value_decode(&again, &used, type, wire.data, wire.len, NULL) == KL_OK);
	assert(used == wire.len);
	assert(kl_value_equal(value, &again, type, 0, 0, false));
	assert(kl_value_equal(value, &again, type, 0, 0, true));
	kl_value_release(&again);
	kl_buf_release(&text);
	kl_buf_release(&wire);
}

static void judge_value(const struct kl_challenge *challenge, const struct kl_test *test, struct part answer)
{
	const struct kl_type *returns = &challenge->function.returns;
	struct kl_error err = { .message = "" };
	struct kl_value actual;
	struct kl_buf why;
	size_t used = 0;

	for (size_t i = 0; i < challenge->function.param_count; i++)
		check_round_trip(&test->args[i], &challenge->function.params[i].type);
	if (!test->expect_error)
		check_round_trip(&test->expect, returns);
	kl_buf_init(&why, 500);
	if (kl_value_decode(&actual, &used, returns, answer.at, answer.len, &err) == KL_OK) {
		assert(used <= answer.len);
		check_round_trip(&actual, returns);
		if (!test->expect_error)
			assert(kl_checker_takes_value(&challenge->checker, returns, &test->expect, &actual, &why) ||
			       why.len);
		kl_value_release(&actual);
	} else {
		assert(err.message[0]);
	}
	kl_buf_release(&why);
}

static void judge_output(const struct kl_challenge *challenge, const struct kl_test *test, struct part answer)
{
	struct kl_buf why;

	kl_buf_init(&why, 500);
	assert(kl_checker_passes(&challenge->checker, test->output, test->output_len, answer.at, answer.len, &why) ||
	       why.len);
	kl_buf_release(&why);
}

static void read_both(struct kl_challenge *challenge, struct part meta, struct part tests)
{
	struct kl_error err = { .message = "" };
	struct kl_json *doc = NULL;

	if (kl_json_parse(&doc, meta.at, meta.len, KL_CHALLENGE_JSON_MAX, "challenge.json", &err) ||
	    kl_challenge_read_meta(challenge, doc, &err)) {
		assert(err.message[0]);
		kl_json_free(doc);
		return;
	}
	kl_json_free(doc);
	doc = NULL;
	if (kl_json_parse(&doc, tests.at, tests.len, KL_TESTS_JSON_MAX, "tests.json", &err) ||
	    kl_challenge_read_tests(challenge, doc, &err))
		assert(err.message[0]);
	kl_json_free(doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct part rest = { (const char *)data, size };
	struct part meta = take_part(&rest), tests = take_part(&rest), answer = take_part(&rest);
	struct kl_challenge *challenge = kl_calloc(1, sizeof(*challenge));

	read_both(challenge, meta, tests);
	for (size_t i = 0; i < challenge->test_count; i++) {
		if (challenge->kind == KL_KIND_FUNCTION)
			judge_value(challenge, &challenge->tests[i], answer);
		else
			judge_output(challenge, &challenge->tests[i], answer);
	}
	kl_challenge_free(challenge);
	return 0;
}
