/* JSON from outside: every refusal with its exact place and words. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/file.h>
#include <kodelab/json.h>
#include <unistd.h>

static struct kl_json *parse(const char *text)
{
	struct kl_json *doc = NULL;
	struct kl_error err = { 0 };

	if (kl_json_parse(&doc, text, strlen(text), 1 << 20, "t.json", &err))
		fail_msg("%s", err.message);
	return doc;
}

static void refusals(void **state)
{
	static const struct {
		const char *text, *sentence;
	} cases[] = {
		{ "", "t.json:1: the text ends where a value is expected at column 1" },
		{ "[1,\n 2,\n 3 4]", "t.json:3: expected ',' or ']' at column 4" },
		{ "{\"a\":1 \"b\":2}", "t.json:1: expected ',' or '}' at column 8" },
		{ "{\"a\" 1}", "t.json:1: expected ':' at column 6" },
		{ "{a:1}", "t.json:1: expected a key in '\"' at column 2" },
		{ "[1,]", "t.json:1: a ',' with nothing after it at column 4" },
		{ "[1]\n]", "t.json:2: text after the end of the value at column 1" },
		{ "[tru]", "t.json:1: expected a value at column 2" },
		{ "[NaN]", "t.json:1: expected a value at column 2" },
		{ "01", "t.json:1: a number must not begin with '0' at column 1" },
		{ "-", "t.json:1: expected a digit at column 2" },
		{ "1.", "t.json:1: expected a digit after '.' at column 3" },
		{ "1e+", "t.json:1: expected a digit in the exponent at column 4" },
		{ "\"\xc3\xa9\xc3\xa9", "t.json:1: a text without its closing '\"' at column 4" },
		{ "\"a\nb\"", "t.json:1: a text without its closing '\"' at column 3" },
		{ "\"a\tb\"", "t.json:1: a control character in a text (write '\\t', '\\n', ...) at column 3" },
		{ "\"\\x\"", "t.json:1: unknown escape (write '\\\\' for a backslash) at column 2" },
		{ "\"\\ud800\"", "t.json:1: half a surrogate pair at column 2" },
		{ "\"\\ud800\\u0041\"", "t.json:1: half a surrogate pair at column 2" },
		{ "\"\\udc00\"", "t.json:1: half a surrogate pair at column 2" },
		{ "\"\\u00g0\"", "t.json:1: expected four hexadecimal digits after '\\u' at column 2" },
		{ "\"\\u0000\"", "t.json:1: '\\u0000' cannot be part of a text at column 2" },
		{ "\"\xc0\xaf\"", "t.json:1: not valid UTF-8 at column 2" },
		{ "\"\xed\xa0\x80\"", "t.json:1: not valid UTF-8 at column 2" },
		{ "\"\xf4\x90\x80\x80\"", "t.json:1: not valid UTF-8 at column 2" },
		{ "\"\xe2\x82\"", "t.json:1: not valid UTF-8 at column 2" },
		{ "\xef\xbb\xbf[]", "t.json:1: a byte order mark (save the file as plain UTF-8) at column 1" },
		{ "{\"a\":1,\n\"b\":2,\n\"\\u0061\":3}", "t.json:3: the key 'a' is there twice" },
		{ "[{\"k\":\n{\"x\":1,\"x\":1}}]", "t.json:2: the key 'x' is there twice" },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct kl_error err = { 0 };
		struct kl_json *doc = NULL;

		assert_int_equal(kl_json_parse(&doc, cases[i].text, strlen(cases[i].text), 1000, "t.json", &err),
				 KL_EINVAL);
		assert_null(doc);
		assert_string_equal(err.message, cases[i].sentence);
	}
}

static void caps(void **state)
{
	struct kl_error err = { 0 };
	struct kl_json *doc = NULL;
	char text[200];

	(void)state;
	assert_int_equal(kl_json_parse(&doc, "[1,2]", 5, 4, "t.json", &err), KL_EFULL);
	assert_string_equal(err.message, "t.json: too large (5 bytes, at most 4)");
	memset(text, '[', 64);
	memset(text + 64, ']', 64);
	assert_int_equal(kl_json_parse(&doc, text, 128, 1000, "t.json", &err), KL_OK);
	kl_json_free(doc);
	memset(text, '[', 65);
	assert_int_equal(kl_json_parse(&doc, text, 65, 1000, "t.json", &err), KL_EINVAL);
	assert_string_equal(err.message, "t.json:1: nested too deeply (over 64 levels) at column 65");
	assert_int_equal(kl_json_parse(&doc, "[\0]", 3, 1000, "t.json", &err), KL_EINVAL);
	assert_string_equal(err.message, "t.json:1: expected a value at column 2");
}

static void lines_and_digits(void **state)
{
	struct kl_json *doc = parse("{\n\"a\": [1,\n 18446744073709551615],\n\"b\":\n -0.10e+5, \"c\": null}");
	const cJSON *root = kl_json_root(doc), *array = cJSON_GetObjectItem(root, "a");
	cJSON stranger = { 0 };

	(void)state;
	assert_int_equal(kl_json_line(doc, root), 1);
	assert_int_equal(kl_json_line(doc, array), 2);
	assert_int_equal(kl_json_line(doc, cJSON_GetArrayItem(array, 1)), 3);
	assert_string_equal(kl_json_digits(doc, cJSON_GetArrayItem(array, 1)), "18446744073709551615");
	assert_int_equal(kl_json_line(doc, cJSON_GetObjectItem(root, "b")), 5);
	assert_string_equal(kl_json_digits(doc, cJSON_GetObjectItem(root, "b")), "-0.10e+5");
	assert_null(kl_json_digits(doc, array));
	assert_int_equal(kl_json_line(doc, &stranger), 0);
	assert_string_equal(kl_json_name(doc), "t.json");
	kl_json_free(doc);
}

static void long_numbers(void **state)
{
	char text[400] = "[1", digits[302] = "1";
	struct kl_json *doc;
	const cJSON *item;

	(void)state;
	memset(digits + 1, '7', 300);
	memset(text + 2, '7', 300);
	snprintf(text + 302, sizeof(text) - 302, ",%s%s]", "-0.1000000000000000000000000000000000000",
		 "00000000000000000000000000000000000000000000000001e400");
	doc = parse(text);
	item = cJSON_GetArrayItem(kl_json_root(doc), 0);
	assert_string_equal(kl_json_digits(doc, item), digits);
	assert_true(item->valuedouble > 1.7e300 && item->valuedouble < 1.8e300);
	assert_true(cJSON_GetArrayItem(kl_json_root(doc), 1)->valuedouble < -1e308);
	kl_json_free(doc);
}

static void members(void **state)
{
	struct kl_json *doc = parse("{\n \"s\": \"x\", \"i\": 42, \"d\": 1.5,\n \"t\": true, \"f\": false,"
				    "\n \"a\": [], \"o\": {}, \"big\": 9223372036854775808}");
	const cJSON *root = kl_json_root(doc), *node = NULL;
	const char *text = "kept";
	struct kl_error err;
	int64_t number = 7;
	double real = 0;
	bool truth = true;

	(void)state;
	assert_int_equal(kl_json_get_string(&text, doc, root, "none", KL_JSON_OPTIONAL, &err), 0);
	assert_string_equal(text, "kept");
	assert_int_equal(kl_json_get_string(&text, doc, root, "s", KL_JSON_REQUIRED, &err), 0);
	assert_string_equal(text, "x");
	assert_int_equal(kl_json_get_int(&number, doc, root, "i", 0, 42, KL_JSON_REQUIRED, &err), 0);
	assert_int_equal(number, 42);
	assert_int_equal(kl_json_get_double(&real, doc, root, "d", KL_JSON_REQUIRED, &err), 0);
	assert_true(real > 1.4 && real < 1.6);
	assert_int_equal(kl_json_get_bool(&truth, doc, root, "f", KL_JSON_REQUIRED, &err), 0);
	assert_false(truth);
	assert_int_equal(kl_json_get_array(&node, doc, root, "a", KL_JSON_REQUIRED, &err), 0);
	assert_true(cJSON_IsArray(node));
	assert_int_equal(kl_json_get_object(&node, doc, root, "o", KL_JSON_REQUIRED, &err), 0);
	assert_true(cJSON_IsObject(node));

	assert_int_equal(kl_json_get_string(&text, doc, root, "no", KL_JSON_REQUIRED, &err), KL_EINVAL);
	assert_string_equal(err.message, "t.json:1: 'no' is missing");
	assert_int_equal(kl_json_get_string(&text, doc, root, "i", KL_JSON_OPTIONAL, &err), KL_EINVAL);
	assert_string_equal(err.message, "t.json:2: expected a string for 'i'");
	assert_int_equal(kl_json_get_int(&number, doc, root, "d", 0, 9, KL_JSON_REQUIRED, &err), KL_EINVAL);
	assert_string_equal(err.message, "t.json:2: expected a whole number for 'd'");
	assert_int_equal(kl_json_get_int(&number, doc, root, "i", 0, 9, KL_JSON_REQUIRED, &err), KL_EINVAL);
	assert_string_equal(err.message, "t.json:2: 'i' must be from 0 to 9");
	assert_int_equal(kl_json_get_int(&number, doc, root, "big", 0, INT64_MAX, KL_JSON_REQUIRED, &err), KL_EINVAL);
	assert_int_equal(kl_json_get_bool(&truth, doc, root, "s", KL_JSON_REQUIRED, &err), KL_EINVAL);
	assert_string_equal(err.message, "t.json:2: expected true or false for 's'");
	assert_int_equal(kl_json_get_array(&node, doc, root, "t", KL_JSON_REQUIRED, &err), KL_EINVAL);
	assert_string_equal(err.message, "t.json:3: expected an array for 't'");
	assert_int_equal(kl_json_fail(doc, node, &err, "bad %d", 1), KL_EINVAL);
	assert_string_equal(err.message, "t.json:4: bad 1");
	kl_json_free(doc);
}

static void unknown_keys(void **state)
{
	static const char *const known[] = { "title", "difficulty", "id", NULL };
	static const struct {
		const char *text, *sentence;
	} cases[] = {
		{ "{\n\"titel\":1}", "t.json:2: unknown key 'titel', did you mean 'title'?" },
		{ "{\"dificulty\":1}", "t.json:1: unknown key 'dificulty', did you mean 'difficulty'?" },
		{ "{\"colour\":1}", "t.json:1: unknown key 'colour'" },
		{ "{\"\":1}", "t.json:1: unknown key ''" },
	};
	struct kl_error err;
	struct kl_json *doc = parse("{\"id\":1}");

	(void)state;
	assert_int_equal(kl_json_only(doc, kl_json_root(doc), known, &err), KL_OK);
	kl_json_free(doc);
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		doc = parse(cases[i].text);
		assert_int_equal(kl_json_only(doc, kl_json_root(doc), known, &err), KL_EINVAL);
		assert_string_equal(err.message, cases[i].sentence);
		kl_json_free(doc);
	}
}

static void from_a_file(void **state)
{
	char path[] = "/tmp/kodelab-test-XXXXXX";
	struct kl_json *doc = NULL;
	struct kl_error err;
	char *want;
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(write(fd, "[1,\n", 4), 4);
	close(fd);
	assert_int_equal(kl_json_read(&doc, path, 100, &err), KL_EINVAL);
	want = kl_format("%s:2: the text ends where a value is expected at column 1", path + 5);
	assert_string_equal(err.message, want);
	free(want);
	assert_int_equal(kl_file_write(path, "[1]", 3, 0600, NULL), KL_OK);
	assert_int_equal(kl_json_read(&doc, path, 100, &err), KL_OK);
	kl_json_free(doc);
	unlink(path);
	assert_int_equal(kl_json_read(&doc, path, 100, &err), KL_ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals),     cmocka_unit_test(caps),    cmocka_unit_test(lines_and_digits),
		cmocka_unit_test(long_numbers), cmocka_unit_test(members), cmocka_unit_test(unknown_keys),
		cmocka_unit_test(from_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
