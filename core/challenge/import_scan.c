/* Listing and pairing: which files of a folder make tests, and why the others do not. */

#include "core/challenge/import_int.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/path.h>

#include "core/challenge/challenge_int.h"

#define DEPTH_MAX      3
#define FILES_MAX      20000
#define FILE_BYTES_MAX (4u << 20)
#define ALL_BYTES_MAX  (12u << 20) /* tests.json has room for 16 MiB, escapes included */

struct listing {
	char **files;
	size_t count, capacity;
};

static void leave_out(struct kl_plain *plain, const char *file, const char *reason)
{
	KL_GROW(plain->left_out, plain->left_out_count, plain->left_out_capacity);
	plain->left_out[plain->left_out_count++] =
		(struct kl_import_item){ .file = kl_strdup(file), .reason = kl_strdup(reason) };
}

/* --- listing ------------------------------------------------------------------------------------------------------ */

static void list_folder(struct kl_plain *plain, struct listing *listing, int folder, const char *prefix, int depth);

static void list_entry(struct kl_plain *plain, struct listing *listing, int folder, const char *name, const char *path,
		       int depth)
{
	struct stat st;
	char *inner;
	int fd;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	if (S_ISLNK(st.st_mode)) {
		leave_out(plain, path, "a symbolic link: put the file itself there");
	} else if (S_ISREG(st.st_mode)) {
		if (listing->count == FILES_MAX)
			return;
		KL_GROW(listing->files, listing->count, listing->capacity);
		listing->files[listing->count++] = kl_strdup(path);
	} else if (!S_ISDIR(st.st_mode)) {
		leave_out(plain, path, "not a regular file");
	} else if (depth == DEPTH_MAX ||
		   (fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) < 0) {
		leave_out(plain, path, depth == DEPTH_MAX ? "too deep a folder" : "cannot be opened");
	} else {
		inner = kl_format("%s/", path);
		list_folder(plain, listing, fd, inner, depth + 1);
		free(inner);
	}
}

/* Takes folder over. */
static void list_folder(struct kl_plain *plain, struct listing *listing, int folder, const char *prefix, int depth)
{
	DIR *dir = fdopendir(folder);
	const struct dirent *entry;

	if (!dir) {
		close(folder);
		return;
	}
	while ((entry = readdir(dir))) {
		char *path;

		if (entry->d_name[0] == '.')
			continue;
		path = kl_format("%s%s", prefix, entry->d_name);
		list_entry(plain, listing, folder, entry->d_name, path, depth);
		free(path);
	}
	closedir(dir);
}

static int by_name(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static bool has(const struct listing *listing, const char *file)
{
	return listing->count && bsearch(&file, listing->files, listing->count, sizeof(*listing->files), by_name);
}

/* --- one file ----------------------------------------------------------------------------------------------------- */

static bool ends_in(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len > end_len && !strcmp(text + len - end_len, end);
}

static bool is_sample(const char *file)
{
	const char *part = file;

	for (const char *slash; (slash = strchr(part, '/')); part = slash + 1) {
		size_t len = (size_t)(slash - part);

		if ((len == 6 || len == 7) && !strncmp(part, "samples", len))
			return true;
	}
	return !strncmp(part, "sample", 6);
}

/* False: reason says why the file cannot be taken. */
static bool read_text(char **text, size_t *len, struct kl_plain *plain, const char *file, const char **reason)
{
	struct kl_buf bytes;
	enum kl_status status;

	*reason = NULL;
	kl_buf_init(&bytes, FILE_BYTES_MAX);
	status = kl_folder_read(&bytes, plain->folder, file, file, NULL);
	if (status)
		*reason = status == KL_EMANY ? "larger than 4 MiB" : "cannot be read";
	else if (kl_text_bad_line(bytes.data, bytes.len))
		*reason = "not UTF-8 text";
	else if (plain->bytes + bytes.len > ALL_BYTES_MAX)
		*reason = "all tests together would be larger than 12 MiB";
	plain->bytes += *reason ? 0 : bytes.len;
	*len = bytes.len;
	*text = kl_buf_detach(&bytes);
	return !*reason;
}

/* --- pairs -------------------------------------------------------------------------------------------------------- */

static void pair_release(struct kl_pair *pair)
{
	free(pair->id);
	free(pair->file);
	free(pair->input);
	free(pair->answer);
}

static bool is_taken(const struct kl_plain *plain, const char *id)
{
	for (size_t i = 0; i < plain->pair_count; i++)
		if (!strcmp(plain->pairs[i].id, id))
			return true;
	return false;
}

static void add_pair(struct kl_plain *plain, const char *file, const char *answer)
{
	struct kl_pair pair = { .file = kl_strdup(file), .sample = is_sample(file) };
	char *base = kl_strndup(file, strlen(file) - strlen(".in"));
	const char *reason = NULL, *bad = file;

	pair.id = kl_slug_make(base);
	free(base);
	if (!pair.id)
		reason = "no test id can be made from its name";
	else if (is_taken(plain, pair.id))
		reason = "another file gives the same test id";
	else if (plain->pair_count == KL_TESTS_MAX)
		reason = "over 1000 tests";
	else if (read_text(&pair.input, &pair.input_len, plain, file, &reason) &&
		 !read_text(&pair.answer, &pair.answer_len, plain, answer, &reason))
		bad = answer;
	if (reason) {
		leave_out(plain, bad, reason);
		pair_release(&pair);
		return;
	}
	KL_GROW(plain->pairs, plain->pair_count, plain->pair_capacity);
	plain->pairs[plain->pair_count++] = pair;
}

static void take_input(struct kl_plain *plain, const struct listing *listing, const char *file)
{
	int base = (int)(strlen(file) - strlen(".in"));
	char *answer = kl_format("%.*s.ans", base, file), *output = kl_format("%.*s.out", base, file);
	char *reason;

	if (has(listing, answer) || has(listing, output)) {
		add_pair(plain, file, has(listing, answer) ? answer : output);
	} else {
		reason = kl_format("there is no '%s' or '%s' for it", kl_path_name(answer), kl_path_name(output));
		leave_out(plain, file, reason);
		free(reason);
	}
	free(answer);
	free(output);
}

static void take_answer(struct kl_plain *plain, const struct listing *listing, const char *file)
{
	int base = (int)(strlen(file) - strlen(".ans"));
	char *input = kl_format("%.*s.in", base, file), *answer = kl_format("%.*s.ans", base, file);
	char *reason = NULL;

	if (!has(listing, input))
		reason = kl_format("there is no '%s' for it", kl_path_name(input));
	else if (ends_in(file, ".out") && has(listing, answer))
		reason = kl_format("'%s' is used", kl_path_name(answer));
	if (reason)
		leave_out(plain, file, reason);
	free(reason);
	free(input);
	free(answer);
}

static void take_other(struct kl_plain *plain, const char *file)
{
	if (strcmp(file, "statement.md") != 0)
		leave_out(plain, file, "neither .in nor .ans nor .out");
	else if (kl_folder_read_text(&plain->statement, &plain->statement_len, plain->folder, file, file, NULL))
		leave_out(plain, file, "cannot be read as a statement");
}

/* Samples first; "2" before "10". */
static int in_test_order(const void *left, const void *right)
{
	const struct kl_pair *a = left, *b = right;

	return a->sample != b->sample ? (int)b->sample - (int)a->sample : strverscmp(a->file, b->file);
}

static int in_file_order(const void *left, const void *right)
{
	return strverscmp(((const struct kl_import_item *)left)->file, ((const struct kl_import_item *)right)->file);
}

static void take_all(struct kl_plain *plain, const struct listing *listing)
{
	for (size_t i = 0; i < listing->count; i++) {
		const char *file = listing->files[i];

		if (ends_in(file, ".in"))
			take_input(plain, listing, file);
		else if (ends_in(file, ".ans") || ends_in(file, ".out"))
			take_answer(plain, listing, file);
		else
			take_other(plain, file);
	}
	if (plain->pair_count)
		qsort(plain->pairs, plain->pair_count, sizeof(*plain->pairs), in_test_order);
	if (plain->left_out_count)
		qsort(plain->left_out, plain->left_out_count, sizeof(*plain->left_out), in_file_order);
}

enum kl_status kl_plain_scan(struct kl_plain *plain, const char *from, struct kl_error *err)
{
	struct listing listing = { .files = NULL };
	enum kl_status status;
	int copy;

	*plain = (struct kl_plain){ .folder = -1 };
	status = kl_folder_open(&plain->folder, AT_FDCWD, from, err);
	if (status)
		return status;
	copy = fcntl(plain->folder, F_DUPFD_CLOEXEC, 0);
	if (copy >= 0)
		list_folder(plain, &listing, copy, "", 1);
	if (listing.count)
		qsort(listing.files, listing.count, sizeof(*listing.files), by_name);
	take_all(plain, &listing);
	for (size_t i = 0; i < listing.count; i++)
		free(listing.files[i]);
	free(listing.files);
	if (!plain->pair_count)
		return kl_fail(err, KL_EINVAL, "there are no pairs of .in and .ans (or .out) files in '%s'", from);
	return KL_OK;
}

void kl_plain_release(struct kl_plain *plain)
{
	for (size_t i = 0; i < plain->pair_count; i++)
		pair_release(&plain->pairs[i]);
	for (size_t i = 0; i < plain->left_out_count; i++) {
		free(plain->left_out[i].file);
		free(plain->left_out[i].reason);
	}
	free(plain->pairs);
	free(plain->left_out);
	free(plain->statement);
	if (plain->folder >= 0)
		close(plain->folder);
}
