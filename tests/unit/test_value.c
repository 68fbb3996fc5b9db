/* Values: types, JSON, the wire, equality. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/value.h>

/* "point" {x: int, y: int} and "shape" {name: string, at: point?}, for every test. */
static struct kl_record records[2];

static int declare_records(void **state)
{
	static struct kl_field point[2], shape[2];
	static char names[][6] = { "x", "y", "name", "at", "point", "shape" };

	(void)state;
	for (int i = 0; i < 2; i++) {
		point[i].name = names[i];
		shape[i].name = names[2 + i];
	}
	records[0] = (struct kl_record){ names[4], point, 2 };
	records[1] = (struct kl_record){ names[5], shape, 2 };
	assert_int_equal(kl_type_parse(&point[0].type, "int", NULL, 0, NULL), KL_OK);
	assert_int_equal(kl_type_parse(&point[1].type, "int", NULL, 0, NULL), KL_OK);
	assert_int_equal(kl_type_parse(&shape[0].type, "string", NULL, 0, NULL), KL_OK);
	assert_int_equal(kl_type_parse(&shape[1].type, "point?", records, 1, NULL), KL_OK);
	return 0;
}

static struct kl_type type_of(const char *text)
{
	struct kl_type type;
	struct kl_error err = { .message = "" };

	if (kl_type_parse(&type, text, records, 2, &err))
		fail_msg("%s", err.message);
	return type;
}

/* Reads text as the whole of tests.json. */
static enum kl_status value_of(struct kl_value *value, const struct kl_type *type, const char *text,
			       struct kl_error *err)
{
	struct kl_json *doc;
	enum kl_status status = kl_json_parse(&doc, text, strlen(text), 1u << 20, "tests.json", err);

	if (status)
		return status;
	status = kl_value_from_json(value, type, doc, kl_json_root(doc), "nums", err);
	kl_json_free(doc);
	return status;
}

/* --- types -------------------------------------------------------------------------------------------------------- */

static void good_types(void **state)
{
	static const char *const good[] = { "bool",     "int",    "long",  "bigint",   "double",  "string",    "int[]",
					    "int[][]?", "int?[]", "point", "point?[]", "shape[]", "string?[]?" };

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(good); i++) {
		struct kl_type type = type_of(good[i]);
		struct kl_buf text;

		kl_buf_init(&text, 100);
		kl_type_print(&type, &text);
		assert_string_equal(text.data, good[i]);
		kl_buf_release(&text);
		kl_type_release(&type);
	}
}

static void bad_types(void **state)
{
	/* clang-format off */
	static const struct { const char *text, *sentence; } bad[] = {
		{ "", "expected the name of a type instead of ''" },
		{ "[]", "expected the name of a type instead of '[]'" },
		{ "integer", "unknown type 'integer' (bool, int, long, bigint, double, string, or a record declared before)" },
		{ "int?" "?", "'?' is there twice in the type 'int?" "?'" },
		{ "int[", "expected '[]' or '?' instead of '[' in the type 'int['" },
		{ "int []", "expected '[]' or '?' instead of ' []' in the type 'int []'" },
		{ "int[3]", "expected '[]' or '?' instead of '[3]' in the type 'int[3]'" },
		{ "int[][][][][][][][][]", "the type 'int[][][][][][][][][]' nests more than 8 arrays" },
	};
	/* clang-format on */
	struct kl_type type;
	struct kl_error err;

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(bad); i++) {
		assert_int_equal(kl_type_parse(&type, bad[i].text, records, 2, &err), KL_EINVAL);
		assert_string_equal(err.message, bad[i].sentence);
	}
}

/* --- JSON --------------------------------------------------------------------------------------------------------- */

static void json_and_back(void **state)
{
	/* clang-format off */
	static const struct { const char *type, *json, *printed; } rows[] = {
		{ "bool", "true", "true" },
		{ "int", "-0", "0" },
		{ "int", "-2147483648", "-2147483648" },
		{ "long", "9223372036854775807", "9223372036854775807" },
		{ "bigint", "-123456789012345678901234567890", "-123456789012345678901234567890" },
		{ "double", "3", "3.0" },
		{ "double", "0.1", "0.1" },
		{ "double", "-0.0", "-0.0" },
		{ "double", "5e-324", "5e-324" },
		{ "double", "1.7976931348623157e308", "1.7976931348623157e+308" },
		{ "double", "0.30000000000000004", "0.30000000000000004" },
		{ "double", "\"-inf\"", "\"-inf\"" },
		{ "string", "\"a\\\"\\n\\u001b\\u00e9\"", "\"a\\\"\\n\\u001b\xc3\xa9\"" },
		{ "string", "[\"one\", \"two\"]", "\"one\\ntwo\\n\"" },
		{ "string", "[]", "\"\"" },
		{ "int[]?", "null", "null" },
		{ "int?[][]", "[[1,null],[]]", "[[1, null], []]" },
		{ "shape", "{\"at\": {\"y\": 2, \"x\": 1}, \"name\": \"p\"}", "{\"name\": \"p\", \"at\": {\"x\": 1, \"y\": 2}}" },
		{ "shape", "{\"at\": null, \"name\": \"\"}", "{\"name\": \"\", \"at\": null}" },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(rows); i++) {
		struct kl_type type = type_of(rows[i].type);
		struct kl_value value, again;
		struct kl_buf text, wire;
		size_t used;

		kl_buf_init(&text, 1000);
		kl_buf_init(&wire, 1000);
		assert_int_equal(value_of(&value, &type, rows[i].json, NULL), KL_OK);
		kl_value_print(&value, &type, &text);
		assert_string_equal(text.data, rows[i].printed);
		kl_value_encode(&value, &type, &wire);
		assert_int_equal(kl_value_decode(&again, &used, &type, wire.data, wire.len, NULL), KL_OK);
		assert_int_equal(used, wire.len);
		assert_true(kl_value_equal(&value, &again, &type, 0, 0, false));
		kl_value_release(&value);
		kl_value_release(&again);
		kl_type_release(&type);
		kl_buf_release(&text);
		kl_buf_release(&wire);
	}
}

static void bad_json(void **state)
{
	/* clang-format off */
	static const struct { const char *type, *json, *sentence; } bad[] = {
		{ "int[]", "\n\n3", "tests.json:3: expected an array for 'nums'" },
		{ "int[]", "[1,\n2,\n\"3\"]", "tests.json:3: expected a whole number for 'nums[2]'" },
		{ "int[]", "[1, null]", "tests.json:1: 'nums[1]' may not be null" },
		{ "int", "1.0", "tests.json:1: expected a whole number for 'nums'" },
		{ "int", "1e3", "tests.json:1: expected a whole number for 'nums'" },
		{ "int", "2147483648", "tests.json:1: 'nums' does not fit an int (32 bits); use long or bigint" },
		{ "long", "9223372036854775808", "tests.json:1: 'nums' does not fit a long (64 bits); use bigint" },
		{ "bigint", "\"12\"", "tests.json:1: expected a whole number for 'nums'" },
		{ "double", "1e999", "tests.json:1: 'nums' does not fit a double" },
		{ "double", "\"1.5\"", "tests.json:1: expected a number for 'nums'" },
		{ "bool", "1", "tests.json:1: expected true or false for 'nums'" },
		{ "string", "[\"a\", 1]", "tests.json:1: expected a string for 'nums'" },
		{ "shape[]", "[{\"name\": \"a\", \"at\": {\"x\": 1}}]", "tests.json:1: 'nums[0].at.y' is missing" },
		{ "point", "{\"x\": 1,\n \"y\": 2, \"yy\": 3}", "tests.json:2: unknown key 'yy', did you mean 'y'?" },
		{ "point", "[1, 2]", "tests.json:1: expected an object for 'nums'" },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(bad); i++) {
		struct kl_type type = type_of(bad[i].type);
		struct kl_value value;
		struct kl_error err;

		assert_int_equal(value_of(&value, &type, bad[i].json, &err), KL_EINVAL);
		assert_string_equal(err.message, bad[i].sentence);
		kl_type_release(&type);
	}
}

/* --- the wire ----------------------------------------------------------------------------------------------------- */

static void wire_form(void **state)
{
	/* clang-format off */
	static const struct { const char *type, *json, *wire; } rows[] = {
		{ "bool", "true", "1\n" },
		{ "int?", "null", "0\n" },
		{ "int?", "-7", "1\n-7\n" },
		{ "double", "0.1", "0.1\n" },
		{ "double", "\"nan\"", "nan\n" },
		{ "string", "\"a\\nb\"", "3\na\nb\n" },
		{ "string[]", "[\"\", \"x\"]", "2\n0\n\n1\nx\n" },
		{ "shape", "{\"name\": \"p\", \"at\": {\"x\": 1, \"y\": 2}}", "1\np\n1\n1\n2\n" },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(rows); i++) {
		struct kl_type type = type_of(rows[i].type);
		struct kl_value value;
		struct kl_buf wire;

		kl_buf_init(&wire, 100);
		assert_int_equal(value_of(&value, &type, rows[i].json, NULL), KL_OK);
		kl_value_encode(&value, &type, &wire);
		assert_string_equal(wire.data, rows[i].wire);
		kl_buf_release(&wire);
		kl_value_release(&value);
		kl_type_release(&type);
	}
}

static void hostile_wire(void **state)
{
	/* clang-format off */
	static const struct { const char *type, *wire, *sentence; } bad[] = {
		{ "int", "", "the answer ends too early: expected an int" },
		{ "int", "12", "the answer ends too early: expected an int" },
		{ "int", "\n", "the answer cannot be read: expected an int, found ''" },
		{ "int", "-\n", "the answer cannot be read: expected an int, found '-'" },
		{ "int", "+5\n", "the answer cannot be read: expected an int, found '+5'" },
		{ "int", " 5\n", "the answer cannot be read: expected an int, found ' 5'" },
		{ "int", "2147483648\n", "the answer cannot be read: expected an int, found '2147483648'" },
		{ "long", "99999999999999999999\n", "the answer cannot be read: expected a long, found '99999999999999999999'" },
		{ "bool", "2\n", "the answer cannot be read: expected a bool (0 or 1), found '2'" },
		{ "double", "0x1p3\n", "the answer cannot be read: expected a double, found '0x1p3'" },
		{ "double", "1,5\n", "the answer cannot be read: expected a double, found '1,5'" },
		{ "double", "infinity\n", "the answer cannot be read: expected a double, found 'infinity'" },
		{ "string", "-1\n\n", "the answer cannot be read: expected the length of a string, found '-1'" },
		{ "string", "999999999\nx\n", "the answer ends too early: the length of a string says 999999999, but there is less" },
		{ "string", "99999999999999999999\nx\n", "the answer cannot be read: expected the length of a string, found '99999999999999999999'" },
		{ "string", "2\nabc\n", "the answer cannot be read: a string is not as long as it says" },
		{ "string", "1\nx", "the answer cannot be read: a string is not as long as it says" },
		{ "int[]", "900000000\n1\n", "the answer ends too early: the length of an array says 900000000, but there is less" },
		{ "int[]", "2\n1\nx\n", "the answer cannot be read: expected an int, found 'x'" },
		{ "int?", "\n", "the answer cannot be read: expected 0 or 1 (is there a value?), found ''" },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(bad); i++) {
		struct kl_type type = type_of(bad[i].type);
		struct kl_value value;
		struct kl_error err;
		size_t used;

		assert_int_equal(kl_value_decode(&value, &used, &type, bad[i].wire, strlen(bad[i].wire), &err),
				 KL_EINVAL);
		assert_string_equal(err.message, bad[i].sentence);
		kl_type_release(&type);
	}
}

/* Many tiny values cost far more memory than bytes: they are counted. */
static void too_many_values(void **state)
{
	struct kl_type type = type_of("bool[]");
	struct kl_value value;
	struct kl_error err;
	struct kl_buf wire;
	size_t used;

	(void)state;
	kl_buf_init(&wire, 4u << 20);
	kl_buf_add_str(&wire, "1000001\n");
	for (int i = 0; i < 1000001; i++)
		kl_buf_add_str(&wire, "1\n");
	assert_int_equal(kl_value_decode(&value, &used, &type, wire.data, wire.len, &err), KL_EFULL);
	assert_string_equal(err.message, "the answer has over 1000000 values");
	kl_buf_release(&wire);
	kl_type_release(&type);
}

static void bytes_in_strings(void **state)
{
	struct kl_type type = type_of("string");
	struct kl_value value;
	struct kl_buf text;
	size_t used;

	(void)state;
	kl_buf_init(&text, 100);
	assert_int_equal(kl_value_decode(&value, &used, &type, "4\na\0\xff\x1b\nrest", 11, NULL), KL_OK);
	assert_int_equal(used, 7);
	assert_int_equal(value.len, 4);
	kl_value_print(&value, &type, &text);
	assert_string_equal(text.data, "\"a\\u0000\xef\xbf\xbd\\u001b\"");
	kl_buf_release(&text);
	kl_value_release(&value);
	kl_type_release(&type);
}

/* --- equality ----------------------------------------------------------------------------------------------------- */

static void equality(void **state)
{
	/* clang-format off */
	static const struct {
		const char *type, *want, *got;
		double abs_tol, rel_tol;
		bool unordered, same;
	} rows[] = {
		{ "int[]", "[1, 2]", "[1, 2]", 0, 0, false, true },
		{ "int[]", "[1, 2]", "[2, 1]", 0, 0, false, false },
		{ "int[]", "[1, 2]", "[2, 1]", 0, 0, true, true },
		{ "int[]", "[1, 1, 2]", "[2, 1, 2]", 0, 0, true, false },
		{ "int[]", "[1]", "[1, 1]", 0, 0, true, false },
		{ "int[][]", "[[1, 2], [3]]", "[[3], [1, 2]]", 0, 0, true, true },
		{ "int[][]", "[[1, 2], [3]]", "[[3], [2, 1]]", 0, 0, true, false },
		{ "int?", "null", "0", 0, 0, false, false },
		{ "int?", "null", "null", 0, 0, false, true },
		{ "int[]?", "null", "[]", 0, 0, true, false },
		{ "bigint", "100000000000000000000", "100000000000000000001", 0, 0, false, false },
		{ "double", "0.1", "0.10000000000000002", 0, 0, false, false },
		{ "double", "0.0", "-0.0", 0, 0, false, true },
		{ "double", "\"nan\"", "\"nan\"", 0, 0, false, true },
		{ "double", "\"inf\"", "\"-inf\"", 1e9, 1e9, false, false },
		{ "double", "\"inf\"", "1.0", 1e9, 1e9, false, false },
		{ "double", "1000000", "1000000.5", 0.4, 1e-6, false, true },
		{ "double", "1000000", "1000002", 0.4, 1e-6, false, false },
		{ "double", "0", "0.4", 0.4, 0, false, true },
		{ "double[][]", "[[1.0, 5.0], [1.01, 2.0]]", "[[1.0, 2.0], [1.01, 5.0]]", 0.02, 0, true, true },
		{ "double[][]", "[[1.0, 5.0], [1.01, 2.0]]", "[[1.0, 2.0], [1.01, 6.0]]", 0.02, 0, true, false },
		{ "shape", "{\"name\": \"a\", \"at\": null}", "{\"at\": null, \"name\": \"a\"}", 0, 0, false, true },
		{ "point[]", "[{\"x\": 1, \"y\": 2}]", "[{\"x\": 1, \"y\": 3}]", 0, 0, true, false },
		{ "string[]", "[\"b\", \"a\", \"ab\"]", "[\"ab\", \"b\", \"a\"]", 0, 0, true, true },
	};
	/* clang-format on */

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(rows); i++) {
		struct kl_type type = type_of(rows[i].type);
		struct kl_value want, got;

		assert_int_equal(value_of(&want, &type, rows[i].want, NULL), KL_OK);
		assert_int_equal(value_of(&got, &type, rows[i].got, NULL), KL_OK);
		if (kl_value_equal(&want, &got, &type, rows[i].abs_tol, rows[i].rel_tol, rows[i].unordered) !=
		    rows[i].same)
			fail_msg("row %zu: %s against %s", i, rows[i].want, rows[i].got);
		kl_value_release(&want);
		kl_value_release(&got);
		kl_type_release(&type);
	}
}

static int release_records(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++)
		for (int j = 0; j < 2; j++)
			kl_type_release(&records[i].fields[j].type);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_types),      cmocka_unit_test(bad_types),        cmocka_unit_test(json_and_back),
		cmocka_unit_test(bad_json),        cmocka_unit_test(wire_form),        cmocka_unit_test(hostile_wire),
		cmocka_unit_test(too_many_values), cmocka_unit_test(bytes_in_strings), cmocka_unit_test(equality),
	};

	return cmocka_run_group_tests(tests, declare_records, release_records);
}
