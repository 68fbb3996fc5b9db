/* Every type, in every language, by way of the real compilers: what goes in comes out. */

#include "tests/unit/harness_run.h"

#define WIRE_MAX (1u << 20)

static const struct param point_fields[] = { { "x", "int" }, { "label", "string" } };

static const struct param everything[] = {
	{ "flag", "bool" },          { "small", "int" },          { "wide", "long" },
	{ "huge", "bigint" },        { "ratio", "double" },       { "some_text", "string" },
	{ "row", "int[]" },          { "grid", "int[][]" },       { "words", "string[]" },
	{ "reals", "double[]" },     { "maybe", "int?" },         { "maybe_text", "string?" },
	{ "maybe_row", "int[]?" },   { "holes", "int?[]" },       { "point", "point" },
	{ "path", "point[]" },       { "big_row", "bigint[]" },   { "flags", "bool[]" },
	{ "maybe_big", "bigint?" },  { "maybe_real", "double?" }, { "maybe_point", "point?" },
	{ "long_grid", "long[][]" },
};

#define COUNT KL_LENGTH(everything)

/* One line per call: the parameters in their order. */
static const char *const cases[] = {
	"[true, 1, 2, 3, 0.5, \"abc\", [1, 2, 3], [[1], [2, 3]], [\"a\", \"b\"], [1.5, -2.25], 7, \"x\", [4], [1, null, 3],"
	" {\"x\": 1, \"label\": \"p\"}, [{\"x\": 2, \"label\": \"q\"}, {\"x\": 3, \"label\": \"r s\"}], [5, 6], [true, false],"
	" 8, 2.5, {\"x\": 9, \"label\": \"t\"}, [[1, 2], [3]]]",
	"[false, -2147483648, -9223372036854775808, -1234567890123456789012345678901234567890, \"-inf\", \"\", [], [], [], [],"
	" null, null, null, [], {\"x\": -2147483648, \"label\": \"\"}, [], [], [], null, null, null, []]",
	"[true, 2147483647, 9223372036854775807, 9999999999999999999999999999999999999999, \"nan\", \"two\\nlines\\n\","
	" [2147483647, -2147483648], [[], [0], []], [\"\", \" \", \"\\n\", \"\\\"quoted\\\" 'single' $x `y` \\\\ \\t\"],"
	" [\"nan\", \"inf\", \"-inf\", -0.0, 0.0, 1e308, 5e-324, 0.1, 123456789012345680.0], -2147483648, \"\", [], [null],"
	" {\"x\": 0, \"label\": \"h\\u00e9llo \\u4f5c \\ud83d\\ude00\"}, [{\"x\": 1, \"label\": \"\\n\"}],"
	" [0, -1, 170141183460469231731687303715884105728], [false], 0, -0.0, null, [[-9223372036854775808, 9007199254740993], []]]",
	"[false, 0, 0, 0, 1.7976931348623157e308, \"null\", [0], [[0, 0], [0, 0]], [\"null\", \"*\", \"~\", \"-n\", \"#\"], [0.0], 0,"
	" \"null\", [0, 0], [null, null, 0], {\"x\": 5, \"label\": \"a=b\"}, [], [0], [true], 12345678901234567890, \"nan\","
	" {\"x\": 1, \"label\": \"]\"}, [[]]]",
};

static const struct {
	const char *language, *code;
} echoes[] = {
	{ "python", "from kodelab import Everything\n\n"
		    "def give_back(*args):\n    print('to the console')\n    return Everything(*args)\n" },
	{ "javascript",
	  "function giveBack(...args) {\n  console.log('to the console');\n"
	  "  const names = ['flag', 'small', 'wide', 'huge', 'ratio', 'someText', 'row', 'grid', 'words', 'reals', 'maybe',\n"
	  "    'maybeText', 'maybeRow', 'holes', 'point', 'path', 'bigRow', 'flags', 'maybeBig', 'maybeReal', 'maybePoint', 'longGrid'];\n"
	  "  return Object.fromEntries(names.map((name, i) => [name, args[i]]));\n}\n" },
	{ "typescript",
	  "interface Point { x: number; label: string }\n"
	  "export function giveBack(flag: boolean, small: number, wide: bigint, huge: bigint, ratio: number, someText: string,\n"
	  "  row: number[], grid: number[][], words: string[], reals: number[], maybe: number | null, maybeText: string | null,\n"
	  "  maybeRow: number[] | null, holes: (number | null)[], point: Point, path: Point[], bigRow: bigint[], flags: boolean[],\n"
	  "  maybeBig: bigint | null, maybeReal: number | null, maybePoint: Point | null, longGrid: bigint[][]) {\n"
	  "  console.log('to the console');\n"
	  "  return { flag, small, wide, huge, ratio, someText, row, grid, words, reals, maybe, maybeText, maybeRow, holes, point,\n"
	  "    path, bigRow, flags, maybeBig, maybeReal, maybePoint, longGrid };\n}\n" },
	{ "ruby", "def give_back(*args)\n  puts 'to the console'\n  Everything.new(*args)\nend\n" },
	{ "c",
	  "#include \"kodelab.h\"\n#include <stdio.h>\n"
	  "struct everything give_back(bool flag, int small, int64_t wide, const char *huge, double ratio, const char *some_text,\n"
	  "    struct int_array row, struct int_array_array grid, struct string_array words, struct double_array reals, int *maybe,\n"
	  "    const char *maybe_text, struct int_array *maybe_row, struct int_opt_array holes, struct point point,\n"
	  "    struct point_array path, struct bigint_array big_row, struct bool_array flags, const char *maybe_big,\n"
	  "    double *maybe_real, struct point *maybe_point, struct long_array_array long_grid)\n{\n"
	  "    puts(\"to the console\");\n"
	  "    return (struct everything){ flag, small, wide, huge, ratio, some_text, row, grid, words, reals, maybe, maybe_text,\n"
	  "        maybe_row, holes, point, path, big_row, flags, maybe_big, maybe_real, maybe_point, long_grid };\n}\n"
	  "int main(void)\n{\n    return 1;\n}\n" },
	{ "cpp",
	  "#include \"kodelab.h\"\n#include <iostream>\n"
	  "static Everything give_back(bool flag, int small, long long wide, const std::string &huge, double ratio, std::string some_text,\n"
	  "    std::vector<int> &row, std::vector<std::vector<int>> grid, std::vector<std::string> words, std::vector<double> reals,\n"
	  "    std::optional<int> maybe, std::optional<std::string> maybe_text, std::optional<std::vector<int>> maybe_row,\n"
	  "    std::vector<std::optional<int>> holes, Point point, std::vector<Point> path, std::vector<std::string> big_row,\n"
	  "    std::vector<bool> flags, std::optional<std::string> maybe_big, std::optional<double> maybe_real,\n"
	  "    std::optional<Point> maybe_point, std::vector<std::vector<long long>> long_grid)\n{\n"
	  "    std::cout << \"to the console\\n\";\n"
	  "    return { flag, small, wide, huge, ratio, some_text, row, grid, words, reals, maybe, maybe_text, maybe_row, holes,\n"
	  "        point, path, big_row, flags, maybe_big, maybe_real, maybe_point, long_grid };\n}\n" },
	{ "rust",
	  "fn give_back(flag: bool, small: i32, wide: i64, huge: String, ratio: f64, some_text: String, row: Vec<i32>,\n"
	  "    grid: Vec<Vec<i32>>, words: Vec<String>, reals: Vec<f64>, maybe: Option<i32>, maybe_text: Option<String>,\n"
	  "    maybe_row: Option<Vec<i32>>, holes: Vec<Option<i32>>, point: Point, path: Vec<Point>, big_row: Vec<String>,\n"
	  "    flags: Vec<bool>, maybe_big: Option<String>, maybe_real: Option<f64>, maybe_point: Option<Point>,\n"
	  "    long_grid: Vec<Vec<i64>>) -> Everything {\n"
	  "    println!(\"to the console\");\n"
	  "    Everything { flag, small, wide, huge, ratio, some_text, row, grid, words, reals, maybe, maybe_text, maybe_row,\n"
	  "        holes, point, path, big_row, flags, maybe_big, maybe_real, maybe_point, long_grid }\n}\n" },
	{ "go",
	  "package main\n\nimport (\n\t\"fmt\"\n\t\"math/big\"\n)\n\n"
	  "func GiveBack(flag bool, small int, wide int64, huge *big.Int, ratio float64, someText string, row []int, grid [][]int,\n"
	  "\twords []string, reals []float64, maybe *int, maybeText *string, maybeRow []int, holes []*int, point Point, path []Point,\n"
	  "\tbigRow []*big.Int, flags []bool, maybeBig *big.Int, maybeReal *float64, maybePoint *Point, longGrid [][]int64) (Everything, error) {\n"
	  "\tfmt.Println(\"to the console\")\n"
	  "\treturn Everything{flag, small, wide, huge, ratio, someText, row, grid, words, reals, maybe, maybeText, maybeRow, holes,\n"
	  "\t\tpoint, path, bigRow, flags, maybeBig, maybeReal, maybePoint, longGrid}, nil\n}\n" },
	{ "java",
	  "import java.math.BigInteger;\n\npublic class Solution {\n"
	  "    static Everything giveBack(boolean flag, int small, long wide, BigInteger huge, double ratio, String someText, int[] row,\n"
	  "            int[][] grid, String[] words, double[] reals, Integer maybe, String maybeText, int[] maybeRow, Integer[] holes,\n"
	  "            Point point, Point[] path, BigInteger[] bigRow, boolean[] flags, BigInteger maybeBig, Double maybeReal,\n"
	  "            Point maybePoint, long[][] longGrid) {\n"
	  "        System.out.println(\"to the console\");\n"
	  "        return new Everything(flag, small, wide, huge, ratio, someText, row, grid, words, reals, maybe, maybeText, maybeRow,\n"
	  "                holes, point, path, bigRow, flags, maybeBig, maybeReal, maybePoint, longGrid);\n    }\n}\n" },
	{ "bash",
	  "give_back() {\n    echo 'to the console'\n"
	  "    local names=(flag small wide huge ratio some_text row grid words reals maybe maybe_text maybe_row holes point path\n"
	  "        big_row flags maybe_big maybe_real maybe_point long_grid) i\n"
	  "    for i in \"${!names[@]}\"; do\n        result[${names[i]}]=${@:i+1:1}\n    done\n}\n" },
};

static void make_challenge(struct kl_challenge *challenge, struct kl_record records[2])
{
	*challenge = (struct kl_challenge){ .records = records };
	make_record(challenge, "point", point_fields, KL_LENGTH(point_fields));
	make_record(challenge, "everything", everything, COUNT);
	make_signature(challenge, "give_back", everything, COUNT, "everything");
}

/* A case as the record of all parameters: the fields' wire forms one after the other are the arguments' too. */
static void read_case(struct kl_value *out, const struct kl_challenge *challenge, const char *text)
{
	struct kl_error err = { .message = "" };
	struct kl_json *doc;

	assert_int_equal(kl_json_parse(&doc, text, strlen(text), WIRE_MAX, "case", &err), KL_OK);
	*out = (struct kl_value){ .items = kl_calloc(COUNT, sizeof(struct kl_value)), .count = COUNT };
	for (size_t i = 0; i < COUNT; i++) {
		const struct kl_field *field = &challenge->function.params[i];
		enum kl_status status =
			kl_value_from_json(&out->items[i], &field->type, doc,
					   cJSON_GetArrayItem(kl_json_root(doc), (int)i), field->name, &err);

		if (status)
			print_error("%s\n", err.message);
		assert_int_equal(status, KL_OK);
	}
	kl_json_free(doc);
}

static void expect_back(const struct bench *bench, const struct kl_value *want, const struct kl_type *type)
{
	struct kl_value got = { .null = false };
	struct kl_error err = { .message = "" };
	struct kl_buf want_text, got_text;
	size_t used = 0;
	enum kl_status status;

	if (strncmp(bench->result.data, "ok\n", 3))
		print_error("no result, but '%s' and on stderr:\n%s\n", bench->result.data, bench->err.data);
	assert_memory_equal(bench->result.data, "ok\n", 3);
	status = kl_value_decode(&got, &used, type, bench->result.data + 3, bench->result.len - 3, &err);
	if (status)
		print_error("%s\n", err.message);
	assert_int_equal(status, KL_OK);
	assert_int_equal(used, bench->result.len - 3);
	kl_buf_init(&want_text, WIRE_MAX);
	kl_buf_init(&got_text, WIRE_MAX);
	kl_value_print(want, type, &want_text);
	kl_value_print(&got, type, &got_text);
	assert_string_equal(got_text.data, want_text.data);
	assert_string_equal(bench->out.data, "to the console\n");
	kl_buf_release(&want_text);
	kl_buf_release(&got_text);
	kl_value_release(&got);
}

static void run_cases(struct bench *bench, const struct kl_challenge *challenge)
{
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct kl_value want;
		struct kl_buf input;

		read_case(&want, challenge, cases[i]);
		kl_buf_init(&input, WIRE_MAX);
		kl_value_encode(&want, &challenge->function.returns, &input);
		run_argv(bench, bench->harness.run, input.data, input.len);
		expect_back(bench, &want, &challenge->function.returns);
		kl_buf_release(&input);
		kl_value_release(&want);
	}
}

static void every_type_comes_back(void **state)
{
	size_t index = *(const size_t *)*state;
	const struct kl_language *language = language_or_skip(echoes[index].language);
	struct kl_record records[2];
	struct kl_challenge challenge;
	struct bench bench = { .dir = "" };

	make_challenge(&challenge, records);
	bench_open(&bench, &challenge, language, echoes[index].code);
	assert_string_equal(bench.err.data, ""); /* our part compiles without a warning */
	run_cases(&bench, &challenge);
	bench_close(&bench);
	free_signature(&challenge);
}

/* A starter compiles as it stands (Rust's todo!() too) and names the types. */
static void starters_compile(void **state)
{
	static const char *const ids[] = { "c", "cpp", "java", "go", "rust", "typescript" };

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(ids); i++) {
		const struct kl_language *language = kl_language_find(ids[i]);
		struct kl_record records[2];
		struct kl_challenge challenge;
		struct bench bench = { .dir = "" };
		char *code;

		if (!kl_language_ready(language, NULL, 0))
			continue;
		make_challenge(&challenge, records);
		code = kl_harness_starter(&challenge, language);
		bench_open(&bench, &challenge, language, code);
		bench_close(&bench);
		free(code);
		free_signature(&challenge);
	}
}

static void no_functions_in_sql(void **state)
{
	struct kl_challenge challenge = { .kind = KL_KIND_FUNCTION };
	struct kl_harness harness = { .files = NULL };
	struct kl_error err;

	(void)state;
	assert_int_equal(kl_harness_build(&harness, &challenge, kl_language_find("sql"), "", 0, &err), KL_EINVAL);
	assert_string_equal(err.message, "functions cannot be tested in SQL: choose another language");
}

int main(void)
{
	static size_t indexes[KL_LENGTH(echoes)];
	struct CMUnitTest tests[KL_LENGTH(echoes) + 2];

	for (size_t i = 0; i < KL_LENGTH(echoes); i++) {
		indexes[i] = i;
		tests[i] = (struct CMUnitTest){ echoes[i].language, every_type_comes_back, NULL, NULL, &indexes[i] };
	}
	tests[KL_LENGTH(echoes)] = (struct CMUnitTest)cmocka_unit_test(starters_compile);
	tests[KL_LENGTH(echoes) + 1] = (struct CMUnitTest)cmocka_unit_test(no_functions_in_sql);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
