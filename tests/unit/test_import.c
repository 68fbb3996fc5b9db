/* New challenges and imported ones. */

#include "tests/unit/scratch.h"

#include <sys/stat.h>
#include <unistd.h>

#include <kodelab/authoring.h>
#include <kodelab/import.h>

static char *pack_dir, *from;

static void assert_file(const char *name, const char *want)
{
	char *path = kl_path_join(scratch, name);
	struct kl_buf text;

	kl_buf_init(&text, 10000);
	assert_int_equal(kl_file_read(&text, path, NULL), KL_OK);
	assert_string_equal(text.data, want);
	kl_buf_release(&text);
	free(path);
}

static bool there(const char *name)
{
	char *path = kl_path_join(scratch, name);
	bool exists = kl_path_exists(path);

	free(path);
	return exists;
}

static int fresh(void **state)
{
	(void)state;
	return kl_file_remove_tree(scratch, NULL) ? -1 : 0;
}

/* --- kl_challenge_new --------------------------------------------------------------------------------------------- */

static enum kl_status make(const char *slug, const char *title, enum kl_challenge_kind kind, struct kl_error *err)
{
	const struct kl_new_challenge spec = { pack_dir, slug, title, kind };
	char *dir = NULL;
	enum kl_status status = kl_challenge_new(&dir, &spec, err);

	free(dir);
	return status;
}

static void new_challenges_are_good(void **state)
{
	struct kl_check *check;

	(void)state;
	assert_int_equal(make("two-sum", NULL, KL_KIND_FUNCTION, NULL), KL_OK);
	assert_int_equal(make("3-echo", "Say \"it\" \\ again", KL_KIND_PROGRAM, NULL), KL_OK);
	assert_file("pack/pack.json", "{\n\t\"format\": 1,\n\t\"id\": \"pack\",\n\t\"title\": \"Pack\",\n"
				      "\t\"challenges\": [\n\t\t\"two-sum\",\n\t\t\"3-echo\"\n\t]\n}\n");
	assert_file("pack/two-sum/solution/python.py", "def two_sum(numbers):\n    return sum(numbers)\n");
	assert_int_equal(kl_check_open(&check, pack_dir, NULL), KL_OK);
	for (size_t i = 0; i < check->finding_count; i++)
		fail_msg("%s: %s", check->findings[i].file, check->findings[i].sentence);
	assert_int_equal(check->challenge_count, 2);
	assert_string_equal(check->challenges[0]->title, "Two sum");
	assert_string_equal(check->challenges[0]->function.name, "two_sum");
	assert_string_equal(check->challenges[1]->title, "Say \"it\" \\ again");
	assert_int_equal(check->proof_count, 4);
	kl_check_close(check);
}

static void new_keeps_the_pack(void **state)
{
	(void)state;
	scratch_put(
		"pack/pack.json",
		"{\"format\": 1, \"id\": \"mine\", \"title\": \"M\", \"licence\": \"MIT\",\n\"challenges\": [\"a\"]}");
	assert_int_equal(make("b", NULL, KL_KIND_PROGRAM, NULL), KL_OK);
	assert_file("pack/pack.json",
		    "{\n\t\"format\": 1,\n\t\"id\": \"mine\",\n\t\"title\": \"M\",\n\t\"licence\": \"MIT\",\n"
		    "\t\"challenges\": [\n\t\t\"a\",\n\t\t\"b\"\n\t]\n}\n");
}

static void new_refuses(void **state)
{
	char *want = kl_format("'%s/two-sum' is there already", pack_dir);
	struct kl_error err;

	(void)state;
	assert_int_equal(make("Two", NULL, KL_KIND_PROGRAM, &err), KL_EINVAL);
	assert_string_equal(err.message, "a challenge is named by a slug like 'two-sum', not 'Two'");
	assert_int_equal(make("../x", NULL, KL_KIND_PROGRAM, &err), KL_EINVAL);
	scratch_put("pack/two-sum/mine.txt", "keep");
	assert_int_equal(make("two-sum", NULL, KL_KIND_PROGRAM, &err), KL_EEXIST);
	assert_string_equal(err.message, want);
	assert_file("pack/two-sum/mine.txt", "keep");
	assert_int_equal(make("other", "a\nb", KL_KIND_PROGRAM, &err), KL_EINVAL);
	assert_string_equal(err.message, "challenge.json:3: 'title' must be one line without control characters");
	assert_false(there("pack/other"));
	scratch_put("pack/pack.json", "{");
	assert_int_equal(make("other", NULL, KL_KIND_PROGRAM, &err), KL_EINVAL);
	assert_false(there("pack/other"));
	assert_file("pack/pack.json", "{");
	free(want);
}

/* --- kl_import_plain ---------------------------------------------------------------------------------------------- */

static void put_tests(void)
{
	scratch_put("Old Tests!/10.in", "ten\n");
	scratch_put("Old Tests!/10.ans", "TEN\n");
	scratch_put("Old Tests!/2.in", "a\nb\n");
	scratch_put("Old Tests!/2.out", "A\nB");
	scratch_put("Old Tests!/samples/1.in", "");
	scratch_put("Old Tests!/samples/1.ans", "one \"q\"\n\n");
}

static enum kl_status import(struct kl_import_report **report, bool dry, struct kl_error *err)
{
	const struct kl_import_plain spec = { .from = from, .pack_dir = pack_dir, .dry_run = dry };

	return kl_import_plain(report, &spec, err);
}

static void imports(void **state)
{
	struct kl_import_report *report = NULL;
	struct kl_challenge *challenge = NULL;

	(void)state;
	put_tests();
	assert_int_equal(import(&report, true, NULL), KL_OK);
	assert_false(there("pack"));
	assert_int_equal(report->tests, 3);
	kl_import_report_free(report);
	assert_int_equal(import(&report, false, NULL), KL_OK);
	assert_int_equal(report->tests, 3);
	assert_int_equal(report->samples, 1);
	assert_int_equal(report->count, 3);
	assert_false(report->updated);
	assert_string_equal(report->items[0].file, "samples/1.in");
	assert_string_equal(report->items[0].id, "samples-1");
	assert_string_equal(report->items[1].id, "2");
	assert_string_equal(report->items[2].id, "10");
	assert_null(report->removed[0]);
	assert_file(
		"pack/old-tests/tests.json",
		"{ \"tests\": [\n"
		"\t{\"id\": \"samples-1\", \"sample\": true,\n\t\t\"stdin\": \"\",\n"
		"\t\t\"stdout\": [\n\t\t\t\"one \\\"q\\\"\",\n\t\t\t\"\"\n\t\t]},\n"
		"\t{\"id\": \"2\",\n\t\t\"stdin\": [\n\t\t\t\"a\",\n\t\t\t\"b\"\n\t\t],\n\t\t\"stdout\": \"A\\nB\"},\n"
		"\t{\"id\": \"10\",\n\t\t\"stdin\": \"ten\\n\",\n\t\t\"stdout\": \"TEN\\n\"}\n] }\n");
	assert_int_equal(kl_challenge_read(&challenge, "pack", report->dir, 1, NULL), KL_OK);
	assert_string_equal(challenge->title, "Old tests");
	assert_string_equal(challenge->tests[0].output, "one \"q\"\n\n");
	assert_string_equal(challenge->tests[1].input, "a\nb\n");
	kl_challenge_free(challenge);
	kl_import_report_free(report);
}

static void imports_again(void **state)
{
	struct kl_import_report *report = NULL;
	char *gone = kl_path_join(from, "10.in");

	(void)state;
	put_tests();
	assert_int_equal(import(&report, false, NULL), KL_OK);
	kl_import_report_free(report);
	scratch_put("pack/old-tests/statement.md", "# Mine\n");
	scratch_put("pack/old-tests/tests.json",
		    "{\"tests\": [{\"id\": \"2\", \"name\": \"two\", \"weight\": 3, \"stdin\": \"\", \"stdout\": \"\"},"
		    "{\"id\": \"10\", \"stdout\": \"\"}]}");
	scratch_put("Old Tests!/2.in", "new\n");
	assert_int_equal(unlink(gone), 0);
	assert_int_equal(import(&report, false, NULL), KL_OK);
	assert_true(report->updated);
	assert_string_equal(report->removed[0], "10");
	assert_null(report->removed[1]);
	assert_string_equal(report->items[2].file, "10.ans");
	assert_string_equal(report->items[2].reason, "there is no '10.in' for it");
	assert_file("pack/old-tests/statement.md", "# Mine\n");
	assert_file(
		"pack/old-tests/tests.json",
		"{ \"tests\": [\n"
		"\t{\"id\": \"samples-1\", \"sample\": true,\n\t\t\"stdin\": \"\",\n"
		"\t\t\"stdout\": [\n\t\t\t\"one \\\"q\\\"\",\n\t\t\t\"\"\n\t\t]},\n"
		"\t{\"id\": \"2\", \"name\": \"two\", \"weight\": 3,\n\t\t\"stdin\": \"new\\n\",\n\t\t\"stdout\": \"A\\nB\"}\n] }\n");
	kl_import_report_free(report);
	free(gone);
}

static void leaves_out(void **state)
{
	/* clang-format off */
	static const struct { const char *file, *reason; } want[] = {
		{ "2.out", "'2.ans' is used" },
		{ "3.in", "there is no '3.ans' or '3.out' for it" },
		{ "4.in", "not UTF-8 text" },
		{ "A_b.in", NULL },
		{ "Makefile", "neither .in nor .ans nor .out" },
		{ "a-b.in", "another file gives the same test id" },
		{ "link.in", "a symbolic link: put the file itself there" },
		{ "linked", "a symbolic link: put the file itself there" },
		{ "one/two/three", "too deep a folder" },
		{ "pipe.in", "not a regular file" },
	};
	/* clang-format on */
	struct kl_import_report *report = NULL;
	char *link = kl_path_join(from, "link.in"), *linked = kl_path_join(from, "linked");
	char *pipe = kl_path_join(from, "pipe.in");
	size_t at = 4;

	(void)state;
	put_tests();
	scratch_put("Old Tests!/2.ans", "A\nB\n");
	scratch_put("Old Tests!/3.in", "");
	scratch_put("Old Tests!/4.in", "\xff");
	scratch_put("Old Tests!/4.ans", "");
	scratch_put("Old Tests!/A_b.in", "");
	scratch_put("Old Tests!/A_b.ans", "");
	scratch_put("Old Tests!/a-b.in", "");
	scratch_put("Old Tests!/a-b.ans", "");
	scratch_put("Old Tests!/Makefile", "all:\n");
	scratch_put("Old Tests!/.hidden.in", "");
	scratch_put("Old Tests!/one/two/three/x.in", "");
	scratch_put("Old Tests!/statement.md", "# Theirs\n");
	assert_int_equal(symlink("/etc/passwd", link), 0);
	assert_int_equal(symlink("/etc", linked), 0);
	assert_int_equal(mkfifo(pipe, 0600), 0);
	assert_int_equal(import(&report, false, NULL), KL_OK);
	assert_int_equal(report->tests, 4);
	for (size_t i = 0; i < KL_LENGTH(want); i++) {
		if (!want[i].reason)
			continue;
		assert_string_equal(report->items[at].file, want[i].file);
		assert_string_equal(report->items[at].reason, want[i].reason);
		at++;
	}
	assert_int_equal(report->count, at);
	assert_file("pack/old-tests/statement.md", "# Theirs\n");
	kl_import_report_free(report);
	free(link);
	free(linked);
	free(pipe);
}

static void refuses(void **state)
{
	struct kl_import_report *report = NULL;
	struct kl_error err;
	char *want;

	(void)state;
	want = kl_format("there is no folder '%s'", from);
	assert_int_equal(import(&report, false, &err), KL_ENOENT);
	assert_string_equal(err.message, want);
	free(want);
	scratch_put("Old Tests!/1.in", "");
	want = kl_format("there are no pairs of .in and .ans (or .out) files in '%s'", from);
	assert_int_equal(import(&report, false, &err), KL_EINVAL);
	assert_string_equal(err.message, want);
	free(want);
	put_tests();
	assert_int_equal(make("old-tests", NULL, KL_KIND_FUNCTION, NULL), KL_OK);
	want = kl_format("'%s/old-tests' is there already and is no challenge of the kind 'program'", pack_dir);
	assert_int_equal(import(&report, false, &err), KL_EINVAL);
	assert_string_equal(err.message, want);
	free(want);
	scratch_put("pack/old-tests/challenge.json", "{}");
	want = kl_format("'%s/old-tests' is there already: challenge.json:1: 'format' is missing", pack_dir);
	assert_int_equal(import(&report, false, &err), KL_EINVAL);
	assert_string_equal(err.message, want);
	free(want);
	assert_null(report);
}

static int set_up(void **state)
{
	if (scratch_open(state))
		return -1;
	pack_dir = kl_path_join(scratch, "pack");
	from = kl_path_join(scratch, "Old Tests!");
	return 0;
}

static int tear_down(void **state)
{
	free(pack_dir);
	free(from);
	return scratch_close(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(new_challenges_are_good, fresh),
		cmocka_unit_test_setup(new_keeps_the_pack, fresh),
		cmocka_unit_test_setup(new_refuses, fresh),
		cmocka_unit_test_setup(imports, fresh),
		cmocka_unit_test_setup(imports_again, fresh),
		cmocka_unit_test_setup(leaves_out, fresh),
		cmocka_unit_test_setup(refuses, fresh),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
