/* The authoring check: what is said about what. */

#include "tests/unit/scratch.h"

#include <kodelab/authoring.h>

static void make(const char *slug, enum kl_challenge_kind kind)
{
	char *pack_dir = kl_path_join(scratch, "pack"), *dir;
	const struct kl_new_challenge spec = { pack_dir, slug, NULL, kind };

	assert_int_equal(kl_challenge_new(&dir, &spec, NULL), KL_OK);
	free(dir);
	free(pack_dir);
}

static int fresh(void **state)
{
	(void)state;
	assert_int_equal(kl_file_remove_tree(scratch, NULL), KL_OK);
	make("first", KL_KIND_FUNCTION);
	make("second", KL_KIND_PROGRAM);
	return 0;
}

/* Exactly these findings, one a line: "error pack.json:3: sentence". */
static void assert_findings(const char *where, const char *want)
{
	char *dir = kl_path_join(scratch, where);
	struct kl_check *check;
	struct kl_buf text;

	kl_buf_init(&text, 10000);
	assert_int_equal(kl_check_open(&check, dir, NULL), KL_OK);
	for (size_t i = 0; i < check->finding_count; i++) {
		const struct kl_finding *finding = &check->findings[i];

		kl_buf_addf(&text, "%s %s:%d: %s\n", kl_severity_name(finding->severity), finding->file, finding->line,
			    finding->sentence);
	}
	assert_string_equal(text.data, want);
	kl_buf_release(&text);
	kl_check_close(check);
	free(dir);
}

#define META(more)                                                                                                     \
	"{\"format\": 1, \"title\": \"T\", \"summary\": \"S\", \"difficulty\": \"BEGINNER\", \"category\": \"c\",\n"   \
	"\"minutes\": 5, \"kind\": \"program\", \"hints\": [\"h\"]" more "}\n"

static void good(void **state)
{
	(void)state;
	assert_findings("pack", "");
	assert_findings("pack/first", "");
}

static void proofs(void **state)
{
	char *dir = kl_path_join(scratch, "pack/first");
	struct kl_check *check;

	(void)state;
	scratch_put("pack/first/solution/c.c", "int first(void);\n");
	assert_int_equal(kl_check_open(&check, dir, NULL), KL_OK);
	assert_int_equal(check->proof_count, 3);
	assert_string_equal(check->proofs[0].source->language, "c");
	assert_true(check->proofs[0].must_pass);
	assert_string_equal(check->proofs[0].folder, "solution");
	assert_string_equal(check->proofs[2].folder, "starter");
	assert_false(check->proofs[2].must_pass);
	assert_ptr_equal(check->proofs[2].challenge, check->challenges[0]);
	kl_check_close(check);
	free(dir);
}

static void reader_errors(void **state)
{
	(void)state;
	scratch_put("pack/first/tests.json", "{\"tests\": [\n{\"id\": \"a\"}]}");
	scratch_put("pack/second/starter/README", "x");
	scratch_put("pack/third/challenge.json", "{}");
	assert_findings("pack",
			"error first/tests.json:2: 'args' is missing\n"
			"error second/starter/README:0: expected a name like 'python.py' (language and suffix)\n"
			"error pack.json:0: the folder 'third' is not among the challenges\n");
	assert_findings("pack/third", "error challenge.json:1: 'format' is missing\n");
	scratch_put("pack/pack.json", "{\n\"format\": 1, \"x\": 2}");
	assert_findings("pack", "error pack.json:2: unknown key 'x'\n");
}

static void metadata(void **state)
{
	(void)state;
	scratch_put("pack/second/challenge.json",
		    "{\"format\": 1, \"title\": \"T\", \"difficulty\": \"BEGINNER\", \"category\": \"c\",\n"
		    "\"summary\": \"\", \"minutes\": 5, \"kind\": \"program\",\n"
		    "\"limits\": {\"cpu_ms\": 60000, \"memory_mib\": 4096}}\n");
	scratch_put("pack/second/statement.md", "# T\n");
	scratch_put("pack/second/notes.txt", "x");
	assert_findings("pack/second",
			"warning challenge.json:2: the summary is empty: lists show nothing but the title\n"
			"warning statement.md:1: the statement has only 4 bytes: can one solve the task with it?\n"
			"warning challenge.json:1: there are no hints for those who get stuck\n"
			"warning challenge.json:3: 'cpu_ms' is 60000: one endless test makes students wait as long\n"
			"warning challenge.json:3: 'memory_mib' is 4096: small machines do not have that\n"
			"warning notes.txt:0: nothing reads this\n");
}

static void tests(void **state)
{
	(void)state;
	scratch_put("pack/second/tests.json", "{\"tests\": [\n{\"id\": \"a\", \"stdin\": \"1 2\", \"stdout\": \"3\"},\n"
					      "{\"id\": \"b\", \"stdin\": \"1 2\", \"stdout\": \"3\"},\n"
					      "{\"id\": \"c\", \"stdin\": \"1 2\", \"stdout\": \"4\"}]}");
	assert_findings("pack/second",
			"error tests.json:1: no test is a sample: there is nothing that Run could run\n"
			"warning tests.json:3: the test 'b' has the same input as 'a'\n"
			"error tests.json:4: the test 'c' has the same input as 'b', but another answer\n");
	scratch_put("pack/second/tests.json", "{\"tests\": [\n{\"id\": \"a\", \"sample\": true, \"stdout\": \"3\"}]}");
	assert_findings("pack/second",
			"warning tests.json:1: every test is a sample: a program that knows their answers passes\n"
			"warning tests.json:1: 1 test: few mistakes will be found\n");
}

static void tolerance(void **state)
{
	(void)state;
	scratch_put(
		"pack/first/challenge.json",
		"{\"format\": 1, \"title\": \"T\", \"summary\": \"S\", \"difficulty\": \"BEGINNER\", \"category\": \"c\",\n"
		"\"minutes\": 5, \"kind\": \"function\", \"hints\": [\"\"],\n"
		"\"function\": {\"name\": \"f\", \"params\": [{\"name\": \"numbers\", \"type\": \"int[]\"}], \"returns\": \"double\"}}");
	assert_findings(
		"pack/first",
		"warning challenge.json:2: a hint is empty\n"
		"warning challenge.json:1: doubles are compared exactly: the checker 'float' allows for rounding\n");
}

static void languages(void **state)
{
	(void)state;
	scratch_put("pack/second/challenge.json", META(", \"languages\": [\"python\", \"pyton\", \"c\"]"));
	scratch_put("pack/second/starter/ruby.rb", "# kodelab:fixed\nx\n# kodelab:fixed\n");
	scratch_put("pack/second/starter/pythn.py", "# kodelab:end\n");
	scratch_put("pack/second/solution/python.py", "first, second = map(int, input().split())\nprint()\n");
	assert_findings("pack/second",
			"warning challenge.json:2: unknown language 'pyton', did you mean 'python'?\n"
			"error starter:0: unknown language 'pythn', did you mean 'python'?\n"
			"error starter:0: line 1 of the one for 'pythn': kodelab:end without its other half\n"
			"error starter:0: the one for 'python' is the solution\n"
			"warning starter:0: 'ruby' is not among the challenge's languages\n"
			"error starter:0: line 3 of the one for 'ruby': kodelab:fixed without its other half\n"
			"error starter:0: line 3 of the one for 'ruby': kodelab:fixed without its other half\n"
			"warning starter:0: there is none for 'pyton', though others have one\n"
			"warning starter:0: there is none for 'c', though others have one\n");
}

static void prerequisites(void **state)
{
	(void)state;
	make("third", KL_KIND_PROGRAM);
	scratch_put("pack/second/challenge.json", META(",\n\"prerequisites\": [\"third\", \"frist\", \"second\"]"));
	scratch_put("pack/third/challenge.json", META(",\n\"prerequisites\": [\"second\", \"zebra\"]"));
	assert_findings(
		"pack",
		"warning second/challenge.json:3: the prerequisite 'third' comes later in the pack\n"
		"error second/challenge.json:3: the prerequisite 'frist' is not in this pack, did you mean 'first'?\n"
		"error second/challenge.json:3: the challenge is its own prerequisite\n"
		"error third/challenge.json:3: the prerequisite 'zebra' is not in this pack\n"
		"error second/challenge.json:0: the prerequisites go round: second needs third needs second\n");
}

static void neither(void **state)
{
	char *want = kl_format("'%s' is neither a pack (pack.json) nor a challenge (challenge.json)", scratch);
	struct kl_check *check;
	struct kl_error err;

	(void)state;
	assert_int_equal(kl_check_open(&check, scratch, &err), KL_ENOENT);
	assert_string_equal(err.message, want);
	kl_check_close(NULL);
	free(want);
}

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test_setup(good, fresh),          cmocka_unit_test_setup(proofs, fresh),
		cmocka_unit_test_setup(reader_errors, fresh), cmocka_unit_test_setup(metadata, fresh),
		cmocka_unit_test_setup(tests, fresh),         cmocka_unit_test_setup(tolerance, fresh),
		cmocka_unit_test_setup(languages, fresh),     cmocka_unit_test_setup(prerequisites, fresh),
		cmocka_unit_test_setup(neither, fresh),
	};

	return cmocka_run_group_tests(all, scratch_open, scratch_close);
}
