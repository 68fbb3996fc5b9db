/* Archives: what comes out of good ones, whoever wrote them, and the refusal of each that is not. */

#include "tests/unit/archive_scene.h"

#include <sys/stat.h>
#include <sys/wait.h>

static struct kl_archive archive;
static struct kl_error err;

/* Reads what tar holds, and empties it. */
static enum kl_status read_tar(struct kl_buf *tar)
{
	struct kl_buf zipped;
	enum kl_status status;

	tar_end(tar);
	tar_zip(&zipped, tar);
	archive = (struct kl_archive){ .files = NULL };
	err = (struct kl_error){ .message = "" };
	status = kl_archive_read(&archive, zipped.data, zipped.len, &kl_pack_archive_limits, &err);
	kl_buf_release(&zipped);
	return status;
}

static void refused(struct kl_buf *tar, enum kl_status status, const char *sentence)
{
	assert_int_equal(read_tar(tar), status);
	assert_string_equal(err.message, sentence);
	assert_null(archive.files);
}

static void refused_entry(const char *name, char type, enum kl_status status, const char *sentence)
{
	struct kl_buf tar;

	tar_begin(&tar);
	tar_add(&tar, "pack.json", '0', "{}");
	tar_add(&tar, name, type, type == '0' ? "x" : "");
	refused(&tar, status, sentence);
}

/* --- good ones ---------------------------------------------------------------------------------------------------- */

static void test_files_and_folders(void **state)
{
	struct kl_buf tar;

	(void)state;
	tar_begin(&tar);
	tar_add(&tar, "./", '5', "");
	tar_add(&tar, "./b/", '5', "");
	tar_add(&tar, "./b/two", '0', "second\n");
	tar_add(&tar, "./a", '0', "first\n");
	tar_add(&tar, "./.git/config", '0', "left out");
	tar_add(&tar, "./b/._two", '0', "left out");
	assert_int_equal(read_tar(&tar), KL_OK);
	assert_int_equal(archive.count, 2);
	assert_string_equal(archive.files[0].name, "a");
	assert_string_equal(archive.files[1].name, "b/two");
	assert_string_equal(kl_archive_find(&archive, "b/two")->text, "second\n");
	assert_null(kl_archive_find(&archive, "b"));
	kl_archive_release(&archive);
}

static void run_tar(const char *format)
{
	char *file = kl_path_join(scratch, "by.tgz"), *from = kl_path_join(scratch, "from");
	pid_t child = fork();
	int status;

	if (!child) {
		execlp("tar", "tar", "-C", from, format, "-czf", file, ".", NULL);
		_exit(127);
	}
	waitpid(child, &status, 0);
	assert_int_equal(status, 0);
	free(file);
	free(from);
}

static enum kl_status read_file(void)
{
	char *file = kl_path_join(scratch, "by.tgz");
	struct kl_buf bytes;
	enum kl_status status;

	kl_buf_init(&bytes, (size_t)1 << 20);
	assert_int_equal(kl_file_read(&bytes, file, NULL), KL_OK);
	archive = (struct kl_archive){ .files = NULL };
	status = kl_archive_read(&archive, bytes.data, bytes.len, &kl_pack_archive_limits, &err);
	kl_buf_release(&bytes);
	free(file);
	return status;
}

static void test_archives_of_gnu_tar(void **state)
{
	static const char *const formats[] = { "--format=gnu", "--format=oldgnu", "--format=ustar", "--format=posix" };
	static const char folder[] = "a-folder-with-a-name-of-seventy-characters-and-more-for-archives-to-carry";
	char *deep = kl_format("from/%s/%s.md", folder, folder);

	(void)state;
	scratch_put("from/pack.json", "{}\n");
	scratch_put(deep, "deep\n");
	for (size_t i = 0; i < KL_LENGTH(formats); i++) {
		run_tar(formats[i]);
		assert_int_equal(read_file(), KL_OK);
		assert_int_equal(archive.count, 2);
		assert_string_equal(kl_archive_find(&archive, deep + strlen("from/"))->text, "deep\n");
		kl_archive_release(&archive);
	}
	free(deep);
}

static void test_written_is_canonical(void **state)
{
	static const char text[] = "with\0NUL";
	struct kl_archive a = { .files = NULL }, b = { .files = NULL };
	char *first, *second, hash_a[KL_SHA256_SIZE], hash_b[KL_SHA256_SIZE];
	size_t first_len, second_len;

	(void)state;
	kl_archive_add(&a, "two", "2", 1);
	kl_archive_add(&a, "one", text, sizeof(text));
	kl_archive_add(&b, "one", text, sizeof(text));
	kl_archive_add(&b, "two", "2", 1);
	kl_archive_sort(&a);
	assert_int_equal(kl_archive_write(&first, &first_len, &a, NULL), KL_OK);
	assert_int_equal(kl_archive_write(&second, &second_len, &b, NULL), KL_OK);
	assert_int_equal(first_len, second_len);
	assert_memory_equal(first, second, first_len);
	kl_archive_hash(hash_a, &a);
	assert_int_equal(kl_archive_read(&archive, first, first_len, &kl_pack_archive_limits, &err), KL_OK);
	kl_archive_hash(hash_b, &archive);
	assert_string_equal(hash_a, hash_b);
	assert_int_equal(archive.files[0].len, sizeof(text));
	assert_memory_equal(archive.files[0].text, text, sizeof(text));
	kl_archive_release(&archive);
	/* A name's end and a text's beginning are not to be mistaken for each other. */
	free(b.files[1].name);
	b.files[1].name = kl_strdup("two2");
	kl_archive_hash(hash_b, &b);
	assert_string_not_equal(hash_a, hash_b);
	kl_archive_release(&a);
	kl_archive_release(&b);
	free(first);
	free(second);
}

static void test_one_folder_around_all(void **state)
{
	struct kl_archive made = { .files = NULL };

	(void)state;
	kl_archive_add(&made, "mine/a/b", "", 0);
	kl_archive_add(&made, "mine/pack.json", "", 0);
	kl_archive_lift(&made, "pack.json");
	assert_string_equal(made.files[0].name, "a/b");
	assert_string_equal(made.files[1].name, "pack.json");
	kl_archive_lift(&made, "pack.json");
	assert_string_equal(made.files[0].name, "a/b");
	kl_archive_release(&made);
	kl_archive_add(&made, "mine/pack.json", "", 0);
	kl_archive_add(&made, "yours/pack.json", "", 0);
	kl_archive_lift(&made, "pack.json");
	assert_string_equal(made.files[0].name, "mine/pack.json");
	kl_archive_release(&made);
}

static void test_unpacked(void **state)
{
	struct kl_archive made = { .files = NULL };
	char *dir = kl_path_join(scratch, "out"), *file = kl_path_join(scratch, "out/a/b/c");
	char *sentence = kl_format("cannot make the folder '%s': File exists", dir);
	struct stat st;

	(void)state;
	kl_archive_add(&made, "a/b/c", "text", 4);
	assert_int_equal(kl_archive_unpack(&made, dir, true, &err), KL_OK);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_size, 4);
	assert_int_equal(kl_archive_unpack(&made, dir, true, &err), KL_EIO); /* never into something that is there */
	assert_string_equal(err.message, sentence);
	kl_archive_release(&made);
	free(sentence);
	free(dir);
	free(file);
}

/* --- F01: names and kinds ----------------------------------------------------------------------------------------- */

static void test_F01_names_that_lead_elsewhere(void **state)
{
	(void)state;
	refused_entry("../evil", '0', KL_EINVAL, "the archive's name '../evil' leads elsewhere");
	refused_entry("a/../../evil", '0', KL_EINVAL, "the archive's name 'a/../../evil' leads elsewhere");
	refused_entry("a/./b", '0', KL_EINVAL, "the archive's name 'a/./b' leads elsewhere");
	refused_entry("a//b", '0', KL_EINVAL, "the archive's name 'a//b' leads elsewhere");
	refused_entry("/etc/passwd", '0', KL_EINVAL, "the archive's name '/etc/passwd' leads elsewhere");
	refused_entry("..", '5', KL_EINVAL, "the archive's name '..' leads elsewhere");
	refused_entry(".git/../../evil", '0', KL_EINVAL, "the archive's name '.git/../../evil' leads elsewhere");
	refused_entry("", '0', KL_EINVAL, "the archive's name '' leads elsewhere");
}

static void test_F01_links_devices_pipes(void **state)
{
	(void)state;
	refused_entry("a", '1', KL_EINVAL, "the archive holds a link: packs have files and folders only");
	refused_entry("a", '2', KL_EINVAL, "the archive holds a link: packs have files and folders only");
	refused_entry("a", '3', KL_EINVAL, "the archive holds a device: packs have files and folders only");
	refused_entry("a", '4', KL_EINVAL, "the archive holds a device: packs have files and folders only");
	refused_entry("a", '6', KL_EINVAL, "the archive holds a pipe: packs have files and folders only");
	refused_entry("a", 'S', KL_EINVAL, "the archive holds a sparse file: packs have files and folders only");
	refused_entry(
		"a", 'V', KL_EINVAL,
		"the archive holds something that is neither a file nor a folder: packs have files and folders only");
}

static void test_F01_bytes_in_names(void **state)
{
	static const char sentence[] = "a name in the archive holds bytes that no name may have";
	struct kl_tar_header header = tar_header("a", '0', 0);
	struct kl_buf tar;

	(void)state;
	refused_entry("a\x1b[2Jb", '0', KL_EINVAL, sentence);
	refused_entry("a\nb", '0', KL_EINVAL, sentence);
	refused_entry("a\xc2\x9b"
		      "b",
		      '0', KL_EINVAL, sentence); /* a control character of two bytes */
	refused_entry("a\xff", '0', KL_EINVAL, sentence);
	refused_entry("a\xc0\xaf"
		      "b",
		      '0', KL_EINVAL, sentence); /* an overlong slash */
	refused_entry("a\\b", '0', KL_EINVAL, sentence);
	tar_begin(&tar);
	memcpy(header.name, "a\0b", 4);
	tar_put(&tar, &header, "", 0);
	refused(&tar, KL_EINVAL, sentence);
	tar_begin(&tar);
	header = tar_header("pax", 'x', 14);
	tar_put(&tar, &header, "14 path=a\0b/c\n", 14);
	tar_add(&tar, "a", '0', "");
	refused(&tar, KL_EINVAL, sentence);
}

static void test_F01_twins(void **state)
{
	/* clang-format off */
	static const struct { const char *first, *second, *sentence; } cases[] = {
		{ "a", "a", "'a' is in the archive twice" },
		{ "a/b", "a", "'a' is in the archive twice" },
		{ "Two", "two", "the archive's names 'Two' and 'two' are one name to some file systems" },
		{ "Two/a", "two/b", "the archive's names 'Two' and 'two' are one name to some file systems" },
		{ "\xc3\xa9", "e\xcc\x81", "the archive's names 'e\xcc\x81' and '\xc3\xa9' are one name to some file systems" },
		{ "stra\xc3\x9f" "e", "STRASSE", "the archive's names 'STRASSE' and 'stra\xc3\x9f" "e' are one name to some file systems" },
		/* Invisible characters are not looked at by some. */
		{ "a\xe2\x80\x8c" "b", "ab", "the archive's names 'ab' and 'a\xe2\x80\x8c" "b' are one name to some file systems" },
	};
	/* clang-format on */
	struct kl_buf tar;

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		tar_begin(&tar);
		tar_add(&tar, cases[i].first, '0', "");
		tar_add(&tar, cases[i].second, '0', "");
		refused(&tar, KL_EINVAL, cases[i].sentence);
	}
}

static void test_F01_long_names(void **state)
{
	char name[KL_ARCHIVE_NAME_MAX + 120], *text;
	struct kl_tar_header header;
	struct kl_buf tar;

	(void)state;
	memset(name, 'n', sizeof(name));
	name[300] = '\0';
	text = kl_format("310 path=%s\n", name);
	tar_begin(&tar);
	header = tar_header("pax", 'x', strlen(text));
	tar_put(&tar, &header, text, strlen(text));
	tar_add(&tar, "short", '0', "");
	assert_int_equal(read_tar(&tar), KL_EINVAL);
	assert_non_null(strstr(err.message, "is too long"));
	free(text);
	tar_begin(&tar);
	header = tar_header("././@LongLink", 'L', 301);
	tar_put(&tar, &header, name, 301);
	tar_add(&tar, "short", '0', "");
	assert_int_equal(read_tar(&tar), KL_EINVAL);
	assert_non_null(strstr(err.message, "is too long"));
	refused_entry("a/b/c/d/e/f/g", '0', KL_EMANY, "the archive's folders are too deep: 'a/b/c/d/e/f/g'");
}

/* --- F02: bombs --------------------------------------------------------------------------------------------------- */

static void test_F02_bombs(void **state)
{
	static const struct kl_archive_limits small = { 4096, 1 << 21, 200, 3, 6 };
	size_t size = (size_t)3 << 20;
	char *zeros = kl_calloc(1, size);
	struct kl_tar_header header = tar_header("zeros", '0', size);
	struct kl_buf tar, zipped;

	(void)state;
	tar_begin(&tar);
	tar_put(&tar, &header, zeros, size);
	refused(&tar, KL_EMANY, "the archive grows more than 200 times when it is unpacked");
	tar_begin(&tar);
	tar_put(&tar, &header, zeros, size);
	tar_zip(&zipped, &tar);
	assert_int_equal(kl_archive_read(&archive, zipped.data, zipped.len, &small, &err), KL_EMANY);
	assert_string_equal(err.message, "the archive grows more than 200 times when it is unpacked");
	kl_buf_release(&zipped);
	tar_begin(&tar);
	for (int i = 0; i < 4; i++)
		tar_add(&tar, "folder/", '5', "");
	tar_end(&tar);
	tar_zip(&zipped, &tar);
	assert_int_equal(kl_archive_read(&archive, zipped.data, zipped.len, &small, &err), KL_EMANY);
	assert_string_equal(err.message, "the archive holds more than 3 entries");
	kl_buf_release(&zipped);
	assert_int_equal(kl_archive_read(&archive, zeros, 4097, &small, &err), KL_EMANY);
	assert_string_equal(err.message, "the archive is larger than 0 MiB");
	free(zeros);
}

static void test_F02_total(void **state)
{
	static const struct kl_archive_limits small = { 1 << 22, 1 << 20, 200, 100, 6 };
	size_t size = (size_t)2 << 20;
	char *noise = kl_alloc(size);
	struct kl_tar_header header = tar_header("noise", '0', size);
	struct kl_buf tar, zipped;

	(void)state;
	kl_random(noise, size);
	tar_begin(&tar);
	tar_put(&tar, &header, noise, size);
	tar_end(&tar);
	tar_zip(&zipped, &tar);
	assert_int_equal(kl_archive_read(&archive, zipped.data, zipped.len, &small, &err), KL_EMANY);
	assert_string_equal(err.message, "the archive holds more than 1 MiB");
	kl_buf_release(&zipped);
	free(noise);
}

static void test_F02_sparse_and_huge(void **state)
{
	static const char sparse[] = "22 GNU.sparse.major=1\n";
	struct kl_tar_header header = tar_header("pax", 'x', strlen(sparse));
	struct kl_buf tar;

	(void)state;
	tar_begin(&tar);
	tar_put(&tar, &header, sparse, strlen(sparse));
	tar_add(&tar, "a", '0', "");
	refused(&tar, KL_EINVAL, "the archive holds a sparse file");
	/* A size that says more than there is. */
	tar_begin(&tar);
	header = tar_header("a", '0', 077777777777);
	tar_put(&tar, &header, "", 0);
	refused(&tar, KL_ECORRUPT, "the archive is cut off");
	/* GNU's way to write still larger ones. */
	tar_begin(&tar);
	header = tar_header("a", '0', 0);
	memset(header.size, 0xff, sizeof(header.size));
	tar_put(&tar, &header, "", 0);
	refused(&tar, KL_ECORRUPT, "the archive is damaged: a header of its tar is wrong");
	tar_begin(&tar);
	header = tar_header("pax", 'x', 27);
	tar_put(&tar, &header, "27 size=18446744073709551615", 27);
	refused(&tar, KL_ECORRUPT, "the archive is damaged: a header of its tar is wrong");
}

/* --- F03: damage -------------------------------------------------------------------------------------------------- */

static void make_good(struct kl_buf *zipped)
{
	struct kl_buf tar;

	tar_begin(&tar);
	tar_add(&tar, "pack.json", '0', "{\"format\": 1}");
	tar_add(&tar, "a/statement.md", '0', "some text\n");
	tar_end(&tar);
	tar_zip(zipped, &tar);
}

static void test_F03_cut_at_every_byte(void **state)
{
	struct kl_buf good;

	(void)state;
	make_good(&good);
	for (size_t len = 0; len < good.len; len++) {
		archive = (struct kl_archive){ .files = NULL };
		assert_int_equal(kl_archive_read(&archive, good.data, len, &kl_pack_archive_limits, &err), KL_ECORRUPT);
		assert_string_equal(err.message, "the archive is cut off");
		assert_null(archive.files);
	}
	assert_int_equal(kl_archive_read(&archive, good.data, good.len, &kl_pack_archive_limits, &err), KL_OK);
	kl_archive_release(&archive);
	kl_buf_release(&good);
}

/* There are bits that say the same in another way (how far back a zero is copied from): they change nothing. */
static void test_F03_every_flipped_bit(void **state)
{
	char before[KL_SHA256_SIZE], after[KL_SHA256_SIZE];
	struct kl_buf good;
	size_t same = 0;

	(void)state;
	make_good(&good);
	assert_int_equal(kl_archive_read(&archive, good.data, good.len, &kl_pack_archive_limits, &err), KL_OK);
	kl_archive_hash(before, &archive);
	kl_archive_release(&archive);
	for (size_t bit = 8 * 10; bit < 8 * good.len; bit++) {
		enum kl_status status;

		good.data[bit / 8] ^= (char)(1 << bit % 8);
		status = kl_archive_read(&archive, good.data, good.len, &kl_pack_archive_limits, &err);
		good.data[bit / 8] ^= (char)(1 << bit % 8);
		if (status) {
			assert_int_equal(status, KL_ECORRUPT);
			continue;
		}
		same++;
		kl_archive_hash(after, &archive);
		assert_string_equal(after, before);
		kl_archive_release(&archive);
	}
	assert_true(same < good.len / 2); /* a bit of sixteen */
	kl_buf_release(&good);
}

static void test_F03_something_behind(void **state)
{
	struct kl_buf good, twice, tar;

	(void)state;
	make_good(&good);
	kl_buf_init(&twice, SIZE_MAX / 2);
	kl_buf_add(&twice, good.data, good.len);
	kl_buf_add_char(&twice, '\0');
	assert_int_equal(kl_archive_read(&archive, twice.data, twice.len, &kl_pack_archive_limits, &err), KL_ECORRUPT);
	assert_string_equal(err.message, "there is something behind the end of the archive");
	kl_buf_cut(&twice, good.len);
	kl_buf_add(&twice, good.data, good.len); /* a second member */
	assert_int_equal(kl_archive_read(&archive, twice.data, twice.len, &kl_pack_archive_limits, &err), KL_ECORRUPT);
	assert_string_equal(err.message, "there is something behind the end of the archive");
	kl_buf_release(&good);
	kl_buf_release(&twice);
	tar_begin(&tar);
	tar_add(&tar, "a", '0', "");
	tar_end(&tar);
	tar_add(&tar, "b", '0', "");
	refused(&tar, KL_ECORRUPT, "there is something behind the end of the archive");
}

static void test_F03_wrong_checksum(void **state)
{
	struct kl_tar_header header = tar_header("a", '0', 0);
	struct kl_buf tar, zipped;

	(void)state;
	tar_begin(&tar);
	tar_put(&tar, &header, "", 0);
	tar.data[0] = 'b';
	refused(&tar, KL_ECORRUPT, "the archive is damaged: a header of its tar is wrong");
	tar_begin(&tar);
	tar_add(&tar, "a", '0', "");
	tar_zip(&zipped, &tar); /* no end */
	assert_int_equal(kl_archive_read(&archive, zipped.data, zipped.len, &kl_pack_archive_limits, &err),
			 KL_ECORRUPT);
	assert_string_equal(err.message, "the archive is cut off");
	kl_buf_release(&zipped);
	assert_int_equal(kl_archive_read(&archive, "no gzip", 7, &kl_pack_archive_limits, &err), KL_ECORRUPT);
	assert_string_equal(err.message, "the archive is damaged, or no .tar.gz");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files_and_folders),
		cmocka_unit_test_setup_teardown(test_archives_of_gnu_tar, scratch_open, scratch_close),
		cmocka_unit_test(test_written_is_canonical),
		cmocka_unit_test(test_one_folder_around_all),
		cmocka_unit_test_setup_teardown(test_unpacked, scratch_open_fast, scratch_close),
		cmocka_unit_test(test_F01_names_that_lead_elsewhere),
		cmocka_unit_test(test_F01_links_devices_pipes),
		cmocka_unit_test(test_F01_bytes_in_names),
		cmocka_unit_test(test_F01_twins),
		cmocka_unit_test(test_F01_long_names),
		cmocka_unit_test(test_F02_bombs),
		cmocka_unit_test(test_F02_total),
		cmocka_unit_test(test_F02_sparse_and_huge),
		cmocka_unit_test(test_F03_cut_at_every_byte),
		cmocka_unit_test(test_F03_every_flipped_bit),
		cmocka_unit_test(test_F03_something_behind),
		cmocka_unit_test(test_F03_wrong_checksum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
