/* Reading packs and challenges: a good one, and every way to be wrong, with its sentence. */

#include "tests/unit/scratch.h"

#include <sys/stat.h>
#include <unistd.h>

#include <kodelab/challenge.h>

static const char function_json[] =
	"{\n"
	"  \"format\": 1,\n"
	"  \"title\": \"Two sum\",\n"
	"  \"summary\": \"Find two numbers.\",\n"
	"  \"difficulty\": \"beginner\",\n"
	"  \"category\": \"arrays\",\n"
	"  \"tags\": [\"arrays\", \"hash-maps\"],\n"
	"  \"skills\": {\"arrays\": 0.5},\n"
	"  \"minutes\": 20,\n"
	"  \"hints\": [\"Look.\", \"Look again.\"],\n"
	"  \"licence\": \"MIT\",\n"
	"  \"kind\": \"function\",\n"
	"  \"records\": {\"point\": {\"x\": \"int\", \"y\": \"int\"}},\n"
	"  \"function\": {\"name\": \"two_sum\", \"params\": [{\"name\": \"nums\", \"type\": \"int[]\"},\n"
	"    {\"name\": \"at\", \"type\": \"point?\"}], \"returns\": \"double?\"},\n"
	"  \"checker\": {\"type\": \"float\", \"abs\": 0.5}\n"
	"}\n";
static const char function_tests[] =
	"{ \"tests\": [\n"
	"  {\"id\": \"small\", \"name\": \"two\", \"sample\": true, \"args\": {\"nums\": [2, 7], \"at\": null}, \"expect\": 1},\n"
	"  {\"id\": \"none\", \"weight\": 2.5, \"args\": {\"at\": {\"x\": 1, \"y\": 2}, \"nums\": []}, \"error\": \"no pair\"}\n"
	"] }\n";
static const char program_json[] =
	"{\"format\": 1, \"title\": \"Echo\", \"summary\": \"\", \"difficulty\": \"EXPERT\",\n"
	"\"category\": \"basics\", \"minutes\": 5, \"kind\": \"program\",\n"
	"\"limits\": {\"cpu_ms\": 500, \"memory_mib\": 64},\n"
	"\"checker\": \"regex\"}\n";
static const char program_tests[] = "{\"tests\": [{\"id\": \"a\", \"stdin\": [\"one\", \"two\"], \"argv\": [\"-x\"],\n"
				    "\"files\": {\"data.txt\": \"1\"}, \"stdout\": \"a+\", \"exit\": 3,\n"
				    "\"limits\": {\"cpu_ms\": 100}}]}\n";

/* --- folders ------------------------------------------------------------------------------------------------------ */

static char *place(const char *name)
{
	return kl_format("%s/two-sum/%s", scratch, name);
}

static void put(const char *name, const char *text)
{
	char *path = place(name);
	char *folder = kl_strndup(path, (size_t)(kl_path_name(path) - path));

	assert_int_equal(kl_path_make(folder, NULL), KL_OK);
	assert_int_equal(kl_file_write(path, text, strlen(text), 0644, NULL), KL_OK);
	free(folder);
	free(path);
}

static int fresh(void **state)
{
	char *folder = place("");

	(void)state;
	assert_int_equal(kl_file_remove_tree(folder, NULL), KL_OK);
	free(folder);
	put("challenge.json", function_json);
	put("tests.json", function_tests);
	put("statement.md", "# Two sum\n");
	put("starter/python.py", "def two_sum():\n    pass\n");
	put("starter/.hidden", "x");
	put("solution/c.c", "int x;\n");
	return 0;
}

static enum kl_status read_it(struct kl_challenge **challenge, struct kl_error *err)
{
	char *folder = kl_format("%s/two-sum", scratch);
	enum kl_status status = kl_challenge_read(challenge, "starter", folder, 3, err);

	free(folder);
	return status;
}

static void refused(const char *sentence)
{
	struct kl_challenge *challenge = NULL;
	struct kl_error err = { .message = "" };

	assert_int_not_equal(read_it(&challenge, &err), KL_OK);
	assert_null(challenge);
	assert_string_equal(err.message, sentence);
}

/* What text is with its first `from` replaced. Owned. */
static char *changed(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);

	assert_non_null(at);
	return kl_format("%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

struct mistake {
	const char *from, *to, *sentence;
};

static void check_mistakes(const char *file, const char *good, const struct mistake *mistakes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char *bad = changed(good, mistakes[i].from, mistakes[i].to);

		put(file, bad);
		refused(mistakes[i].sentence);
		free(bad);
	}
	put(file, good);
}

/* --- good --------------------------------------------------------------------------------------------------------- */

static void reads_a_function(void **state)
{
	struct kl_challenge *c = NULL;

	(void)state;
	assert_int_equal(read_it(&c, NULL), KL_OK);
	assert_string_equal(c->pack, "starter");
	assert_string_equal(c->slug, "two-sum");
	assert_int_equal(c->number, 3);
	assert_string_equal(c->title, "Two sum");
	assert_int_equal(c->difficulty, KL_BEGINNER);
	assert_string_equal(c->tags[1], "hash-maps");
	assert_null(c->tags[2]);
	assert_null(c->prerequisites[0]);
	assert_string_equal(c->hints[1], "Look again.");
	assert_string_equal(c->author, "");
	assert_string_equal(c->licence, "MIT");
	assert_true(c->is_public);
	assert_int_equal(c->skill_count, 1);
	assert_int_equal(c->checker.kind, KL_CHECK_FLOAT);
	assert_true(c->checker.abs_tol == 0.5 && c->checker.rel_tol == 1e-9);
	assert_int_equal(c->limits.cpu_ms, 2000);
	assert_int_equal(c->limits.memory_kib, 262144);
	assert_int_equal(c->limits.output_bytes, 1048576);
	assert_string_equal(c->function.name, "two_sum");
	assert_int_equal(c->function.param_count, 2);
	assert_ptr_equal(c->function.params[1].type.record, &c->records[0]);
	assert_int_equal(c->test_count, 2);
	assert_int_equal(c->tests[0].disclosure, KL_SHOW_FULL);
	assert_true(c->tests[0].args[1].null);
	assert_true(c->tests[0].expect.real == 1);
	assert_int_equal(c->tests[1].disclosure, KL_SHOW_NAME);
	assert_true(c->tests[1].weight == 2.5);
	assert_string_equal(c->tests[1].error_text, "no pair");
	assert_string_equal(c->tests[1].args[1].items[1].text, "2");
	assert_int_equal(c->starter_count, 1);
	assert_string_equal(kl_challenge_starter(c, "python")->text, "def two_sum():\n    pass\n");
	assert_null(kl_challenge_starter(c, "c"));
	assert_string_equal(c->solutions[0].language, "c");
	assert_true(kl_challenge_takes(c, "rust"));
	assert_false(kl_challenge_takes(c, "sql"));
	assert_false(kl_challenge_takes(c, "cobol"));
	kl_challenge_free(c);
}

static void reads_a_program(void **state)
{
	struct kl_challenge *c = NULL;

	(void)state;
	put("challenge.json", program_json);
	put("tests.json", program_tests);
	assert_int_equal(read_it(&c, NULL), KL_OK);
	assert_int_equal(c->kind, KL_KIND_PROGRAM);
	assert_int_equal(c->checker.kind, KL_CHECK_REGEX);
	assert_int_equal(c->limits.memory_kib, 65536);
	assert_string_equal(c->tests[0].input, "one\ntwo\n");
	assert_int_equal(c->tests[0].input_len, 8);
	assert_int_equal(c->tests[0].argv_count, 1);
	assert_string_equal(c->tests[0].files[0].text, "1");
	assert_int_equal(c->tests[0].exit_code, 3);
	assert_int_equal(c->tests[0].limits.cpu_ms, 100);
	assert_int_equal(c->tests[0].limits.memory_kib, 0);
	kl_challenge_free(c);
}

static void inherits_from_the_pack(void **state)
{
	char *path = kl_format("%s/pack.json", scratch);
	const char *text =
		"{\"format\": 1, \"id\": \"mine\", \"title\": \"Mine\", \"author\": \"Ada\", \"licence\": \"CC0-1.0\","
		" \"challenges\": [\"two-sum\"]}";
	struct kl_challenge *c = NULL;

	(void)state;
	assert_int_equal(kl_file_write(path, text, strlen(text), 0644, NULL), KL_OK);
	assert_int_equal(read_it(&c, NULL), KL_OK);
	assert_string_equal(c->author, "Ada");
	assert_string_equal(c->licence, "MIT");
	kl_challenge_free(c);
	assert_int_equal(unlink(path), 0);
	free(path);
}

static void names(void **state)
{
	enum kl_difficulty difficulty;

	(void)state;
	assert_string_equal(kl_difficulty_name(KL_ADVANCED), "ADVANCED");
	assert_true(kl_difficulty_parse(&difficulty, "expert"));
	assert_int_equal(difficulty, KL_EXPERT);
	assert_false(kl_difficulty_parse(&difficulty, "easy"));
	assert_true(kl_slug_valid("a-1-b"));
	assert_false(kl_slug_valid(""));
	assert_false(kl_slug_valid("a--b"));
	assert_false(kl_slug_valid("-a"));
	assert_false(kl_slug_valid("a-"));
	assert_false(kl_slug_valid("A"));
	assert_false(kl_slug_valid("../a"));
}

/* --- bad ---------------------------------------------------------------------------------------------------------- */

static void bad_challenge_json(void **state)
{
	/* clang-format off */
	static const struct mistake mistakes[] = {
		{ "\"title\"", "\"titel\"", "challenge.json:3: unknown key 'titel', did you mean 'title'?" },
		{ "\"title\": \"Two sum\",", "", "challenge.json:1: 'title' is missing" },
		{ "\"Two sum\"", "\"\"", "challenge.json:3: 'title' must have 1 to 80 characters, not 0" },
		{ "\"Two sum\"", "\"a\\nb\"", "challenge.json:3: 'title' must be one line without control characters" },
		{ "\"Two sum\"", "7", "challenge.json:3: expected a string for 'title'" },
		{ "\"format\": 1", "\"format\": 2", "challenge.json:2: format 2 is not known here (1 is): this pack is for another KodeLab" },
		{ "\"beginner\"", "\"easy\"", "challenge.json:5: 'difficulty' must be BEGINNER, INTERMEDIATE, ADVANCED or EXPERT, not 'easy'" },
		{ "\"arrays\",\n", "\"Arrays\",\n", "challenge.json:6: 'category' must be a slug like 'two-sum', not 'Arrays'" },
		{ "\"hash-maps\"", "\"hash maps\"", "challenge.json:7: 'tags' holds slugs like 'two-sum', not 'hash maps'" },
		{ "\"hash-maps\"", "\n\"arrays\"", "challenge.json:8: 'tags' has 'arrays' twice" },
		{ "0.5}", "1.5}", "challenge.json:8: the weight of the skill 'arrays' must be from 0 to 1" },
		{ "20", "0", "challenge.json:9: 'minutes' must be from 1 to 600" },
		{ "20", "1.5", "challenge.json:9: expected a whole number for 'minutes'" },
		{ "\"Look.\"", "3", "challenge.json:10: expected a string in 'hints'" },
		{ "\"function\",", "\"functions\",", "challenge.json:12: 'kind' must be function or program, not 'functions'" },
		{ "\"point\":", "\"int\":", "challenge.json:13: a record cannot be named 'int'" },
		{ "\"point\":", "\"Point\":", "challenge.json:13: expected a name in snake_case, not 'Point'" },
		{ "\"y\": \"int\"", "\"y\": \"point\"", "challenge.json:13: unknown type 'point' (bool, int, long, bigint, double, string, or a record declared before)" },
		{ "\"y\": \"int\"", "\"y\": 3", "challenge.json:13: expected the name of a type for 'y'" },
		{ "\"two_sum\"", "\"twoSum\"", "challenge.json:14: expected a name in snake_case, not 'twoSum'" },
		{ "\"name\": \"at\"", "\"name\": \"nums\"", "challenge.json:15: two parameters are named 'nums'" },
		{ "\"point?\"", "\"point!\"", "challenge.json:15: expected '[]' or '?' instead of '!' in the type 'point!'" },
		{ "\"returns\"", "\"return\"", "challenge.json:15: unknown key 'return', did you mean 'returns'?" },
		{ "\"float\"", "\"flaot\"", "challenge.json:16: unknown checker 'flaot', did you mean 'float'?" },
		{ "\"float\"", "\"tokens\"", "challenge.json:16: the checker 'tokens' is not for challenges of the kind 'function'" },
		{ "\"abs\": 0.5", "\"abs\": -1", "challenge.json:16: 'abs' must be 0 or more" },
		{ "\"abs\": 0.5", "\"case\": true", "challenge.json:16: unknown key 'case'" },
		{ "{\"type\": \"float\", \"abs\": 0.5}", "3", "challenge.json:16: expected a string or an object for 'checker'" },
		{ "\"licence\"", "\"limits\": {\"cpu_ms\": 1}, \"licence\"", "challenge.json:11: 'cpu_ms' must be from 10 to 600000" },
		{ "\"licence\"", "\"limits\": {\"cpu\": 1}, \"licence\"", "challenge.json:11: unknown key 'cpu'" },
		{ "\"kind\": \"function\"", "\"kind\": \"program\"", "challenge.json:14: 'function' is for challenges of the kind 'function'" },
		{ "}\n}", "}\n", "challenge.json:18: expected ',' or '}' at column 1" },
	};
	/* clang-format on */

	(void)state;
	check_mistakes("challenge.json", function_json, mistakes, KL_LENGTH(mistakes));
}

static void bad_function_tests(void **state)
{
	/* clang-format off */
	static const struct mistake mistakes[] = {
		{ "[2, 7]", "\n3", "tests.json:3: expected an array for 'nums'" },
		{ "[2, 7]", "[2, 2147483648]", "tests.json:2: 'nums[1]' does not fit an int (32 bits); use long or bigint" },
		{ "\"nums\": [2, 7], ", "", "tests.json:2: 'nums' is missing in 'args'" },
		{ "\"nums\": [2, 7]", "\"nmus\": [2, 7]", "tests.json:2: unknown key 'nmus', did you mean 'nums'?" },
		{ "\"expect\": 1", "\"expected\": 1", "tests.json:2: unknown key 'expected', did you mean 'expect'?" },
		{ "\"expect\": 1", "\"stdout\": \"1\"", "tests.json:2: 'stdout' is for tests of the kind 'program', this is a 'function'" },
		{ ", \"expect\": 1", "", "tests.json:2: the test 'small' needs one of 'expect' or 'error'" },
		{ "\"expect\": 1", "\"expect\": 1, \"error\": true", "tests.json:2: the test 'small' needs only one of 'expect' or 'error'" },
		{ "\"no pair\"", "false", "tests.json:3: 'error' must be true or a text of the message" },
		{ "\"none\"", "\"small\"", "tests.json:3: two tests have the id 'small'" },
		{ "\"none\"", "\"No\"", "tests.json:3: 'id' must be a slug like 'two-sum', not 'No'" },
		{ "2.5", "0", "tests.json:3: 'weight' must be above 0 and at most 1000000" },
		{ "\"sample\": true", "\"sample\": 1", "tests.json:2: expected true or false for 'sample'" },
		{ "\"sample\"", "\"disclosure\": \"all\", \"sample\"", "tests.json:2: 'disclosure' must be full, actual, name or none, not 'all'" },
		{ "{ \"tests\"", "{ \"test\": 1, \"tests\"", "tests.json:1: unknown key 'test', did you mean 'tests'?" },
		{ "{ \"tests\": [", "{ \"tests\": [ 5,", "tests.json:1: expected an object for a test" },
	};
	/* clang-format on */

	(void)state;
	check_mistakes("tests.json", function_tests, mistakes, KL_LENGTH(mistakes));
	put("tests.json", "{\"tests\": []}");
	refused("tests.json:1: 'tests' must have 1 to 1000 tests, not 0");
	put("tests.json", "[]");
	refused("tests.json:1: expected an object with 'tests'");
}

static void bad_program_tests(void **state)
{
	/* clang-format off */
	static const struct mistake mistakes[] = {
		{ "\"a+\"", "\"(\"", "tests.json:2: the pattern in 'stdout' is wrong: missing closing parenthesis at byte 1" },
		{ "\"stdout\": \"a+\", ", "", "tests.json:1: 'stdout' is missing" },
		{ "[\"one\", \"two\"]", "[1]", "tests.json:1: expected a string or an array of lines for 'stdin'" },
		{ "\"data.txt\"", "\"../data.txt\"", "tests.json:2: '../data.txt' cannot be the name of a test's file" },
		{ "\"data.txt\"", "\".profile\"", "tests.json:2: '.profile' cannot be the name of a test's file" },
		{ "\"exit\": 3", "\"exit\": 256", "tests.json:2: 'exit' must be from 0 to 255" },
		{ "\"argv\": [\"-x\"]", "\"argv\": [1]", "tests.json:1: expected a string in 'argv'" },
		{ "\"argv\"", "\"args\"", "tests.json:1: 'args' is for tests of the kind 'function', this is a 'program'" },
	};
	/* clang-format on */

	(void)state;
	put("challenge.json", program_json);
	check_mistakes("tests.json", program_tests, mistakes, KL_LENGTH(mistakes));
}

static void checker_programs(void **state)
{
	struct kl_challenge *c = NULL;
	char *json = changed(program_json, "\"regex\"",
			     "{\"type\": \"program\", \"language\": \"python\", \"file\": \"check.py\"}");
	char *outside = changed(json, "check.py", "../check.py");

	(void)state;
	put("tests.json", program_tests);
	put("challenge.json", outside);
	refused("challenge.json:4: 'file' must name a file in the challenge's folder, not '../check.py'");
	put("challenge.json", json);
	refused("there is no file 'check.py'");
	put("check.py", "exit(42)\n");
	assert_int_equal(read_it(&c, NULL), KL_OK);
	assert_string_equal(c->checker.source, "exit(42)\n");
	kl_challenge_free(c);
	free(json);
	free(outside);
}

static void bad_files(void **state)
{
	char *path = place("starter/python.py"), *link = place("statement.md"), *folder = place("starter");

	(void)state;
	put("starter/python2.py3.txt", "x");
	put("starter/README", "x");
	refused("starter/README: expected a name like 'python.py' (language and suffix)");
	fresh(NULL);
	put("starter/python.txt", "x");
	refused("starter: two files for the language 'python'");
	fresh(NULL);
	put("starter/python.py", "ok\n\xff\n");
	refused("starter/python.py:2: this line is not UTF-8 text");
	put("starter/python.py", "");
	put("statement.md", " \n\t\n");
	refused("statement.md:1: the statement is empty");
	assert_int_equal(unlink(link), 0);
	refused("there is no file 'statement.md'");
	assert_int_equal(symlink("/etc/passwd", link), 0);
	refused("'statement.md' is a symbolic link: put the file itself there");
	fresh(NULL);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("../../../etc/passwd", path), 0);
	refused("'starter/python.py' is a symbolic link: put the file itself there");
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	refused("'starter/python.py' is not a regular file");
	fresh(NULL);
	assert_int_equal(kl_file_remove_tree(folder, NULL), KL_OK);
	assert_int_equal(symlink("/etc", folder), 0);
	refused("'starter' is not a folder (links are not followed)");
	free(path);
	free(link);
	free(folder);
}

static void too_large(void **state)
{
	size_t len = (256u << 10) + 1;
	char *text = kl_alloc(len + 1);

	(void)state;
	memset(text, ' ', len);
	text[len] = '\0';
	put("challenge.json", text);
	refused("challenge.json: too large (over 256 KiB)");
	put("challenge.json", function_json);
	put("starter/python.py", text);
	refused("starter/python.py: too large (over 256 KiB)");
	free(text);
}

static void bad_packs(void **state)
{
	/* clang-format off */
	static const struct { const char *text, *sentence; } rows[] = {
		{ "{", "pack.json:1: expected a key in '\"' at column 2" },
		{ "[]", "pack.json:1: expected an object" },
		{ "{\"id\": \"a\"}", "pack.json:1: 'format' is missing" },
		{ "{\"format\": 1, \"id\": \"A b\"}", "pack.json:1: 'id' must be a slug like 'two-sum', not 'A b'" },
		{ "{\"format\": 1, \"id\": \"a\", \"title\": \"A\"}", "pack.json:1: 'challenges' is missing" },
		{ "{\"format\": 1, \"id\": \"a\", \"title\": \"A\", \"challenges\": []}", "pack.json:1: 'challenges' must have 1 to 20000 items, not 0" },
		{ "{\"format\": 1, \"id\": \"a\", \"title\": \"A\", \"challenges\": [\"x\",\n\"../y\"]}", "pack.json:2: 'challenges' holds slugs like 'two-sum', not '../y'" },
		{ "{\"format\": 1, \"id\": \"a\", \"title\": \"A\", \"challenges\": [\"x\",\n\"y\",\n\"x\"]}", "pack.json:3: 'challenges' has 'x' twice" },
		{ "{\"format\": 1, \"id\": \"a\", \"title\": \"A\", \"challanges\": []}", "pack.json:1: unknown key 'challanges', did you mean 'challenges'?" },
	};
	/* clang-format on */
	char *folder = kl_format("%s/two-sum", scratch);
	struct kl_pack *pack;
	struct kl_error err;

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(rows); i++) {
		put("pack.json", rows[i].text);
		assert_int_equal(kl_pack_read(&pack, folder, &err), KL_EINVAL);
		assert_string_equal(err.message, rows[i].sentence);
	}
	free(folder);
	assert_int_equal(kl_pack_read(&pack, "/nowhere", &err), KL_ENOENT);
	assert_string_equal(err.message, "there is no folder '/nowhere'");
}

static void bad_folder_names(void **state)
{
	char *folder = kl_format("%s/Two Sum", scratch);
	struct kl_challenge *challenge;
	struct kl_error err;

	(void)state;
	assert_int_equal(kl_path_make(folder, NULL), KL_OK);
	assert_int_equal(kl_challenge_read(&challenge, "p", folder, 1, &err), KL_EINVAL);
	assert_string_equal(err.message, "the folder 'Two Sum' must be named by a slug like 'two-sum'");
	free(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(reads_a_function, fresh),
		cmocka_unit_test_setup(reads_a_program, fresh),
		cmocka_unit_test_setup(inherits_from_the_pack, fresh),
		cmocka_unit_test(names),
		cmocka_unit_test_setup(bad_challenge_json, fresh),
		cmocka_unit_test_setup(bad_function_tests, fresh),
		cmocka_unit_test_setup(bad_program_tests, fresh),
		cmocka_unit_test_setup(checker_programs, fresh),
		cmocka_unit_test_setup(bad_files, fresh),
		cmocka_unit_test_setup(too_large, fresh),
		cmocka_unit_test_setup(bad_packs, fresh),
		cmocka_unit_test(bad_folder_names),
	};

	return cmocka_run_group_tests(tests, scratch_open, scratch_close);
}
