/* Packs on their way: collected, shown to students, installed. What must stay behind is marked, and looked for. */

#include "tests/unit/archive_scene.h"

#include <dirent.h>
#include <sys/file.h>

#include <kodelab/authoring.h>
#include <kodelab/buf.h>
#include <kodelab/catalogue.h>
#include <kodelab/json.h>
#include <kodelab/pack.h>

#define MARK "zq7"

static struct kl_error err;

/* clang-format off */
static const struct { const char *name, *text; } files[] = {
	{ "pack/pack.json", "{\"format\": 1, \"id\": \"marked\", \"title\": \"Marked\", \"challenges\": [\"sum\", \"zq7-secret\", \"say\"]}\n" },
	{ "pack/notes-zq7.txt", "zq7\n" },
	{ "pack/sum/challenge.json",
	  "{\"format\": 1, \"title\": \"Sum\", \"summary\": \"Add.\", \"difficulty\": \"beginner\", \"category\": \"basics\","
	  "\"minutes\": 5, \"kind\": \"function\", \"prerequisites\": [\"zq7-secret\", \"say\"],"
	  "\"function\": {\"name\": \"sum\", \"params\": [{\"name\": \"a\", \"type\": \"bigint\"}], \"returns\": \"bigint\"}}\n" },
	{ "pack/sum/statement.md", "Add the numbers, all of them, and say what comes out of it.\n" },
	{ "pack/sum/tests.json",
	  "{\"tests\": [{\"id\": \"zq7-first\", \"name\": \"zq7\", \"args\": {\"a\": 771}, \"expect\": 771},\n"
	  "{\"id\": \"seen\", \"sample\": true, \"args\": {\"a\": 123456789012345678901234567890}, \"expect\": 123456789012345678901234567890},\n"
	  "{\"id\": \"also\", \"sample\": false, \"group\": \"zq7\", \"args\": {\"a\": 772}, \"error\": \"zq7\"}]}\n" },
	{ "pack/sum/starter/python.py", "def sum(a):\n    pass\n" },
	{ "pack/sum/solution/python.py", "def sum(a):\n    return a  # zq7\n" },
	{ "pack/sum/draft-zq7.md", "zq7" },
	{ "pack/zq7-secret/challenge.json",
	  "{\"format\": 1, \"title\": \"zq7\", \"summary\": \"zq7\", \"difficulty\": \"beginner\", \"category\": \"basics\","
	  "\"minutes\": 5, \"kind\": \"program\", \"public\": false}\n" },
	{ "pack/zq7-secret/statement.md", "zq7\n" },
	{ "pack/zq7-secret/tests.json", "{\"tests\": [{\"id\": \"a\", \"sample\": true, \"stdout\": \"zq7\"}]}\n" },
	{ "pack/say/challenge.json",
	  "{\"format\": 1, \"title\": \"Say\", \"summary\": \"Say.\", \"difficulty\": \"beginner\", \"category\": \"basics\","
	  "\"minutes\": 5, \"kind\": \"program\", \"checker\": {\"type\": \"program\", \"language\": \"python\", \"file\": \"check-zq7.py\"}}\n" },
	{ "pack/say/statement.md", "Say something that is right.\n" },
	{ "pack/say/tests.json",
	  "{\"tests\": [{\"id\": \"shown\", \"sample\": true, \"stdin\": \"1\\n\", \"stdout\": \"one\\n\"},"
	  "{\"id\": \"zq7\", \"stdin\": \"zq7\", \"stdout\": \"zq7\", \"files\": {\"zq7\": \"zq7\"}}]}\n" },
	{ "pack/say/check-zq7.py", "print('zq7')\n" },
};
/* clang-format on */

static char *in_scratch(const char *name)
{
	return kl_path_join(scratch, name);
}

static void put_pack(void)
{
	for (size_t i = 0; i < KL_LENGTH(files); i++)
		scratch_put(files[i].name, files[i].text);
}

static struct kl_archive collect(void)
{
	struct kl_archive whole = { .files = NULL };
	char *dir = in_scratch("pack");

	err.message[0] = '\0';
	assert_int_equal(kl_pack_collect(&whole, dir, NULL, &err), KL_OK);
	free(dir);
	return whole;
}

static struct kl_archive view_of(const struct kl_archive *whole)
{
	struct kl_archive view = { .files = NULL };

	assert_int_equal(kl_pack_student_view(&view, whole, &err), KL_OK);
	return view;
}

/* --- collecting --------------------------------------------------------------------------------------------------- */

static void test_collects_what_is_read(void **state)
{
	struct kl_archive whole;

	(void)state;
	put_pack();
	whole = collect();
	assert_int_equal(whole.count, KL_LENGTH(files) - 2);
	assert_non_null(kl_archive_find(&whole, "sum/solution/python.py"));
	assert_non_null(kl_archive_find(&whole, "say/check-zq7.py"));
	assert_null(kl_archive_find(&whole, "notes-zq7.txt"));
	assert_null(kl_archive_find(&whole, "sum/draft-zq7.md"));
	kl_archive_release(&whole);
}

static void test_collects_no_links(void **state)
{
	struct kl_archive whole = { .files = NULL };
	char *dir = in_scratch("pack"), *link = in_scratch("pack/say/statement.md");

	(void)state;
	put_pack();
	assert_int_equal(unlink(link), 0);
	assert_int_equal(symlink("/etc/passwd", link), 0);
	assert_int_equal(kl_pack_collect(&whole, dir, NULL, &err), KL_EINVAL);
	assert_non_null(strstr(err.message, "symbolic link"));
	assert_null(whole.files);
	free(dir);
	free(link);
}

/* --- one challenge ------------------------------------------------------------------------------------------------ */

static void test_one_alone(void **state)
{
	struct kl_archive whole, one = { .files = NULL }, made = { .files = NULL };
	char *dir = in_scratch("pack"), *slug = NULL, before[KL_SHA256_SIZE], after[KL_SHA256_SIZE];

	(void)state;
	put_pack();
	whole = collect();
	kl_archive_hash(before, &whole);
	assert_int_equal(kl_pack_collect(&one, dir, "nothing", &err), KL_ENOENT);
	assert_string_equal(err.message, "the pack.json around 'nothing' does not name it");
	assert_int_equal(kl_pack_collect(&one, dir, "say", &err), KL_OK);
	assert_int_equal(one.count, 5);

	/* The same once more is the same pack. */
	assert_int_equal(kl_pack_put(&whole, &slug, "marked", &one, &err), KL_OK);
	assert_string_equal(slug, "say");
	kl_archive_hash(after, &whole);
	assert_string_equal(before, after);
	free(slug);

	/* Out and in again: it comes last, and that is where it was. */
	assert_int_equal(kl_pack_take_out(&whole, "say", &err), KL_OK);
	assert_null(kl_archive_find(&whole, "say/challenge.json"));
	assert_null(strstr(kl_archive_find(&whole, "pack.json")->text, "\"say\""));
	assert_int_equal(kl_pack_take_out(&whole, "say", &err), KL_OK);
	assert_int_equal(kl_pack_put(&whole, &slug, "marked", &one, &err), KL_OK);
	assert_non_null(kl_archive_find(&whole, "say/check-zq7.py"));
	free(slug);

	/* A new pack has the author's words. */
	assert_int_equal(kl_pack_put(&made, &slug, "marked", &one, &err), KL_OK);
	assert_non_null(strstr(kl_archive_find(&made, "pack.json")->text, "\"Marked\""));
	assert_null(strstr(kl_archive_find(&made, "pack.json")->text, "\"sum\""));
	assert_int_equal(kl_pack_take_out(&made, "say", &err), KL_ECONFLICT);
	assert_string_equal(err.message, "'say' is the only challenge of the pack: remove the pack");
	kl_archive_release(&whole);
	kl_archive_release(&one);
	kl_archive_release(&made);
	free(slug);
	free(dir);
}

static void test_one_and_nothing_else(void **state)
{
	static const char *const rows[][2] = { { "say/a", "sum/b" }, { "say/a", "b" },
					       { "b", "c" },         { "pack.json", "pack.json" },
					       { "Say/a", "Say/b" }, { "say/a", "sayer/a" } };

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(rows); i++) {
		struct kl_archive one = { .files = NULL }, pack = { .files = NULL };
		char *slug = NULL;

		kl_archive_add(&one, rows[i][0], "{}", 2);
		kl_archive_add(&one, rows[i][1], "{}", 2);
		kl_archive_sort(&one);
		assert_int_equal(kl_pack_put(&pack, &slug, "marked", &one, &err), KL_EINVAL);
		assert_string_equal(err.message, "the archive must hold the folder of one challenge, and beside it "
						 "nothing but a pack.json");
		assert_null(slug);
		kl_archive_release(&one);
		kl_archive_release(&pack);
	}
}

/* The server stops writing when a disk is full: nobody may make it do that by what he sends. */
static void test_too_large_is_no_full_disk(void **state)
{
	struct kl_archive one = { .files = NULL }, pack = { .files = NULL };
	size_t size = (size_t)3 << 20;
	char *blanks = kl_alloc(size + 1), *slug = NULL, *dir = in_scratch("pack");

	(void)state;
	memset(blanks, ' ', size);
	blanks[size] = '\0';
	kl_archive_add(&one, "pack.json", blanks, size);
	kl_archive_add(&one, "say/statement.md", "Say.\n", 5);
	assert_int_equal(kl_pack_put(&pack, &slug, "marked", &one, &err), KL_EMANY);
	assert_string_equal(err.message, "pack.json: too large (over 2048 KiB)");
	put_pack();
	scratch_put("pack/say/challenge.json", blanks);
	assert_int_equal(kl_pack_collect(&pack, dir, NULL, &err), KL_EMANY);
	assert_string_equal(err.message, "say: challenge.json: too large (over 256 KiB)");
	kl_archive_release(&one);
	free(blanks);
	free(dir);
}

/* --- the student's view ------------------------------------------------------------------------------------------- */

static void test_students_see_no_mark(void **state)
{
	struct kl_archive whole, view;

	(void)state;
	put_pack();
	whole = collect();
	view = view_of(&whole);
	assert_int_equal(view.count, 8); /* pack.json, and of two challenges: meta, statement, tests; one starter */
	for (size_t i = 0; i < view.count; i++) {
		assert_null(strstr(view.files[i].name, MARK));
		assert_null(memmem(view.files[i].text, view.files[i].len, MARK, strlen(MARK)));
		assert_null(strstr(view.files[i].name, "solution"));
		assert_null(memmem(view.files[i].text, view.files[i].len, "771", 3));
	}
	assert_string_equal(
		kl_archive_find(&view, "sum/tests.json")->text,
		"{\"tests\":[\n{\"id\":\"seen\",\"sample\":true,\"args\":{\"a\":123456789012345678901234567890},"
		"\"expect\":123456789012345678901234567890}\n]}\n");
	kl_archive_release(&whole);
	kl_archive_release(&view);
}

/* Another size or content of what is hidden changes not one byte of what is seen. */
static void test_what_is_hidden_changes_nothing(void **state)
{
	struct kl_archive whole, view;
	char before[KL_SHA256_SIZE], after[KL_SHA256_SIZE], sum[KL_SHA256_SIZE], sum_after[KL_SHA256_SIZE];

	(void)state;
	put_pack();
	whole = collect();
	view = view_of(&whole);
	kl_archive_hash(before, &view);
	assert_true(kl_pack_challenge_hash(sum, &whole, "sum"));
	kl_archive_release(&whole);
	kl_archive_release(&view);
	scratch_put("pack/sum/solution/python.py", "def sum(a):\n    return a + 0 + 0 + 0  # another\n");
	scratch_put("pack/sum/solution/ruby.rb", "def sum(a) = a\n");
	scratch_put("pack/say/check-zq7.py", "print('zq7' * 1000)\n");
	whole = collect();
	view = view_of(&whole);
	kl_archive_hash(after, &view);
	assert_string_equal(before, after);
	assert_true(kl_pack_challenge_hash(sum_after, &whole, "sum"));
	assert_string_not_equal(sum, sum_after);
	assert_false(kl_pack_challenge_hash(sum_after, &whole, "su"));
	kl_archive_release(&whole);
	kl_archive_release(&view);
}

static void test_nothing_for_students(void **state)
{
	struct kl_archive whole, view = { .files = NULL };

	(void)state;
	put_pack();
	scratch_put("pack/pack.json",
		    "{\"format\": 1, \"id\": \"marked\", \"title\": \"Marked\", \"challenges\": [\"zq7-secret\"]}\n");
	whole = collect();
	assert_int_equal(kl_pack_student_view(&view, &whole, &err), KL_ENOENT);
	assert_string_equal(err.message, "every challenge of the pack is private");
	assert_null(view.files);
	kl_archive_release(&whole);
}

/* --- installing --------------------------------------------------------------------------------------------------- */

static void zip_view(char **bytes, size_t *len, char hash[KL_SHA256_SIZE])
{
	struct kl_archive whole = collect(), view = view_of(&whole);

	kl_archive_hash(hash, &view);
	assert_int_equal(kl_archive_write(bytes, len, &view, NULL), KL_OK);
	kl_archive_release(&whole);
	kl_archive_release(&view);
}

static enum kl_status install(const char *hash, const char *bytes, size_t len)
{
	const struct kl_pack_wanted wanted = { "marked", hash };
	char *packs = in_scratch("packs");
	enum kl_status status = kl_pack_install(packs, &wanted, bytes, len, &err);

	free(packs);
	return status;
}

static char *installed(const char *name)
{
	char *path = kl_format("%s/packs/marked/%s", scratch, name);
	struct kl_buf text;

	kl_buf_init(&text, 1 << 20);
	if (kl_file_read(&text, path, NULL))
		kl_buf_add_str(&text, "(absent)");
	free(path);
	return kl_buf_detach(&text);
}

static void assert_installed(const char *name, const char *text)
{
	char *there = installed(name);

	assert_string_equal(there, text);
	free(there);
}

/* Nothing but the pack and the lock: no half-made folder stays. */
static void assert_tidy(size_t packs)
{
	char *dir = in_scratch("packs");
	DIR *entries = opendir(dir);
	size_t count = 0;

	for (const struct dirent *entry; (entry = readdir(entries));)
		count += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..") && strcmp(entry->d_name, ".lock");
	closedir(entries);
	free(dir);
	assert_int_equal(count, packs);
}

static void test_installs_and_replaces(void **state)
{
	char hash[KL_SHA256_SIZE], *bytes, *dir = in_scratch("packs");
	const char *dirs[] = { dir };
	struct kl_catalogue *catalogue;
	struct kl_challenge *challenge;
	size_t len;

	(void)state;
	put_pack();
	zip_view(&bytes, &len, hash);
	assert_int_equal(install(hash, bytes, len), KL_OK);
	free(bytes);
	catalogue = kl_catalogue_open(dirs, 1, NULL);
	assert_int_equal(kl_catalogue_count(catalogue), 2);
	assert_int_equal(kl_catalogue_problem_count(catalogue), 0);
	assert_int_equal(kl_catalogue_load(&challenge, catalogue, 1, &err), KL_OK);
	assert_int_equal(challenge->checker.kind, KL_CHECK_CLASS);
	assert_true(challenge->tests[0].elsewhere);
	kl_challenge_free(challenge);
	kl_catalogue_close(catalogue);
	scratch_put("pack/say/statement.md", "Say something else.\n");
	zip_view(&bytes, &len, hash);
	assert_int_equal(install(hash, bytes, len), KL_OK);
	assert_installed("say/statement.md", "Say something else.\n");
	assert_tidy(1);
	free(bytes);
	free(dir);
}

static void test_F03_old_version_stays(void **state)
{
	static const char other[] =
		"{\"format\": 1, \"id\": \"other\", \"title\": \"Other\", \"challenges\": [\"say\"]}\n";
	char hash[KL_SHA256_SIZE], wrong[KL_SHA256_SIZE], *bytes;
	struct kl_buf tar, zipped;
	size_t len;

	(void)state;
	put_pack();
	zip_view(&bytes, &len, hash);
	assert_int_equal(install(hash, bytes, len), KL_OK);
	bytes[len - 5] ^= 1;
	assert_int_equal(install(NULL, bytes, len), KL_ECORRUPT);
	assert_string_equal(err.message, "the archive is damaged, or no .tar.gz");
	bytes[len - 5] ^= 1;
	assert_int_equal(install(NULL, bytes, len - 1), KL_ECORRUPT);
	assert_string_equal(err.message, "the archive is cut off");
	memcpy(wrong, hash, sizeof(wrong));
	wrong[0] = wrong[0] == '0' ? '1' : '0';
	assert_int_equal(install(wrong, bytes, len), KL_ECORRUPT);
	assert_string_equal(err.message, "the pack 'marked' is not what the server announced: get it again");
	free(bytes);
	/* Whole, but no pack, another pack, a pack that cannot be read. */
	tar_begin(&tar);
	tar_add(&tar, "say/statement.md", '0', "x");
	tar_end(&tar);
	tar_zip(&zipped, &tar);
	assert_int_equal(install(NULL, zipped.data, zipped.len), KL_ENOENT);
	assert_string_equal(err.message, "there is no file 'pack.json'");
	kl_buf_release(&zipped);
	tar_begin(&tar);
	tar_add(&tar, "pack.json", '0', other);
	tar_end(&tar);
	tar_zip(&zipped, &tar);
	assert_int_equal(install(NULL, zipped.data, zipped.len), KL_EINVAL);
	assert_string_equal(err.message, "the archive holds the pack 'other', not 'marked'");
	kl_buf_release(&zipped);
	tar_begin(&tar);
	tar_add(&tar, "pack.json", '0',
		"{\"format\": 1, \"id\": \"marked\", \"title\": \"M\", \"challenges\": [\"say\"]}\n");
	tar_add(&tar, "say/challenge.json", '0', "{}");
	tar_end(&tar);
	tar_zip(&zipped, &tar);
	assert_int_equal(install(NULL, zipped.data, zipped.len), KL_EINVAL);
	assert_non_null(strstr(err.message, "say: challenge.json:1:"));
	kl_buf_release(&zipped);
	assert_installed("say/statement.md", "Say something that is right.\n");
	assert_tidy(1);
}

/* As a kill between the renames, or before them, leaves it. */
static void test_mends_what_a_kill_left(void **state)
{
	char hash[KL_SHA256_SIZE], *bytes, *target = in_scratch("packs/marked"),
					   *aside = in_scratch("packs/.old-marked");
	size_t len;

	(void)state;
	put_pack();
	zip_view(&bytes, &len, hash);
	assert_int_equal(install(hash, bytes, len), KL_OK);
	assert_int_equal(rename(target, aside), 0);
	scratch_put("packs/.new-marked/pack.json", "half");
	assert_int_equal(install(hash, bytes, len / 2), KL_ECORRUPT);
	assert_string_equal(err.message, "the archive is cut off");
	assert_installed("say/statement.md", "Say something that is right.\n");
	assert_tidy(1);
	free(bytes);
	free(target);
	free(aside);
}

static void test_one_installs_at_a_time(void **state)
{
	char hash[KL_SHA256_SIZE], *bytes, *lock = in_scratch("packs/.lock");
	size_t len;
	FILE *other;

	(void)state;
	put_pack();
	zip_view(&bytes, &len, hash);
	scratch_put("packs/.lock", "");
	scratch_put("packs/.new-marked/pack.json", "what the other one unpacks");
	scratch_put("packs/.old-marked/pack.json", "what it replaces");
	other = fopen(lock, "r");
	assert_int_equal(flock(fileno(other), LOCK_EX), 0);
	assert_int_equal(install(hash, bytes, len), KL_EBUSY);
	assert_string_equal(err.message, "another lab is installing packs: try again when it is done");
	assert_tidy(2); /* nothing of the other one's was touched */
	fclose(other);
	assert_int_equal(install(hash, bytes, len), KL_OK);
	free(bytes);
	free(lock);
}

static void test_uninstalls(void **state)
{
	char hash[KL_SHA256_SIZE], *bytes, *packs = in_scratch("packs");
	size_t len;

	(void)state;
	put_pack();
	zip_view(&bytes, &len, hash);
	assert_int_equal(install(hash, bytes, len), KL_OK);
	assert_int_equal(kl_pack_uninstall(packs, "marked", &err), KL_OK);
	assert_tidy(0);
	assert_int_equal(kl_pack_uninstall(packs, "marked", &err), KL_OK);
	assert_int_equal(kl_pack_uninstall(packs, "../pack", &err), KL_EINVAL);
	assert_string_equal(err.message, "'../pack' cannot be the id of a pack");
	free(bytes);
	free(packs);
}

static void test_authors_may_not_use_class(void **state)
{
	char *dir = in_scratch("pack/say");
	struct kl_check *check;
	bool found = false;

	(void)state;
	put_pack();
	scratch_put(
		"pack/say/challenge.json",
		"{\"format\": 1, \"title\": \"Say\", \"summary\": \"Say.\", \"difficulty\": \"beginner\", \"category\": \"basics\","
		"\"minutes\": 5, \"kind\": \"program\", \"checker\": \"class\"}\n");
	assert_int_equal(kl_check_open(&check, dir, &err), KL_OK);
	for (size_t i = 0; i < check->finding_count; i++)
		found |= check->findings[i].severity == KL_FINDING_ERROR &&
			 !strcmp(check->findings[i].sentence,
				 "the checker 'class' stands for one that is elsewhere: choose one that judges");
	assert_true(found);
	kl_check_close(check);
	free(dir);
}

static void test_changes_are_told(void **state)
{
	static const struct {
		const char *answer, *text;
	} cases[] = {
		{ "{\"changes\":{\"added\":[\"a\",7],\"changed\":[{\"slug\":\"b\",\"task\":true},{\"slug\":\"c\"}],"
		  "\"removed\":[\"d\"]}}",
		  "  + a\n  + (no name of a challenge)\n  ~ b (students see the change)\n  ~ c (only tests, solutions or checker)\n  - d\n" },
		{ "{\"changes\":{\"added\":[],\"changed\":[],\"removed\":[]}}", "  no challenge changes\n" },
		{ "{\"changes\":7}", "  no challenge changes\n" },
		{ "[]", "  no challenge changes\n" },
	};
	struct kl_buf text;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cJSON *answer = cJSON_Parse(cases[i].answer);

		kl_buf_init(&text, 1024);
		kl_pack_changes(&text, answer);
		assert_string_equal(text.data, cases[i].text);
		kl_buf_release(&text);
		cJSON_Delete(answer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_collects_what_is_read, scratch_open_fast, scratch_close),
		cmocka_unit_test_setup_teardown(test_collects_no_links, scratch_open_fast, scratch_close),
		cmocka_unit_test_setup_teardown(test_one_alone, scratch_open_fast, scratch_close),
		cmocka_unit_test(test_one_and_nothing_else),
		cmocka_unit_test_setup_teardown(test_too_large_is_no_full_disk, scratch_open_fast, scratch_close),
		cmocka_unit_test_setup_teardown(test_students_see_no_mark, scratch_open_fast, scratch_close),
		cmocka_unit_test_setup_teardown(test_what_is_hidden_changes_nothing, scratch_open_fast, scratch_close),
		cmocka_unit_test_setup_teardown(test_nothing_for_students, scratch_open_fast, scratch_close),
		cmocka_unit_test_setup_teardown(test_installs_and_replaces, scratch_open_fast, scratch_close),
		cmocka_unit_test_setup_teardown(test_F03_old_version_stays, scratch_open_fast, scratch_close),
		cmocka_unit_test_setup_teardown(test_mends_what_a_kill_left, scratch_open_fast, scratch_close),
		cmocka_unit_test_setup_teardown(test_one_installs_at_a_time, scratch_open_fast, scratch_close),
		cmocka_unit_test_setup_teardown(test_uninstalls, scratch_open_fast, scratch_close),
		cmocka_unit_test(test_changes_are_told),
		cmocka_unit_test_setup_teardown(test_authors_may_not_use_class, scratch_open_fast, scratch_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
