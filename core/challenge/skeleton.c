/* What a new challenge begins with: small, complete, and proved by its own tests. */

#include <kodelab/authoring.h>

#include <errno.h>
#include <sys/stat.h>

#include <kodelab/alloc.h>
#include <kodelab/file.h>
#include <kodelab/path.h>

#include "core/challenge/challenge_int.h"

/* "@TITLE@" (as JSON), "@NAME@" and "@HEADING@" are put in. */
struct template_file {
	const char *name, *text;
};

/* clang-format off */
static const struct template_file function_files[] = {
	{ "challenge.json",
	  "{\n"
	  "\t\"format\": 1,\n"
	  "\t\"title\": @TITLE@,\n"
	  "\t\"summary\": \"One sentence that says what is to be done.\",\n"
	  "\t\"difficulty\": \"BEGINNER\",\n"
	  "\t\"category\": \"basics\",\n"
	  "\t\"tags\": [\"arrays\"],\n"
	  "\t\"minutes\": 15,\n"
	  "\t\"hints\": [\n"
	  "\t\t\"A first hint: where to look.\",\n"
	  "\t\t\"A second one that says more.\"\n"
	  "\t],\n"
	  "\t\"kind\": \"function\",\n"
	  "\t\"function\": {\n"
	  "\t\t\"name\": \"@NAME@\",\n"
	  "\t\t\"params\": [{\"name\": \"numbers\", \"type\": \"int[]\"}],\n"
	  "\t\t\"returns\": \"int\"\n"
	  "\t}\n"
	  "}\n" },
	{ "statement.md",
	  "# @HEADING@\n\nGiven an array of whole numbers, return their sum. The sum of an empty array is 0.\n\n"
	  "## Example\n\nFor `[1, 2, 3]` the answer is `6`.\n" },
	{ "tests.json",
	  "{ \"tests\": [\n"
	  "\t{\"id\": \"small\", \"name\": \"three numbers\", \"sample\": true, \"args\": {\"numbers\": [1, 2, 3]}, \"expect\": 6},\n"
	  "\t{\"id\": \"empty\", \"name\": \"nothing to add\", \"args\": {\"numbers\": []}, \"expect\": 0},\n"
	  "\t{\"id\": \"negative\", \"name\": \"numbers below zero\", \"args\": {\"numbers\": [-5, 2]}, \"expect\": -3}\n"
	  "] }\n" },
	{ "starter/python.py", "def @NAME@(numbers):\n    return -1\n" },
	{ "solution/python.py", "def @NAME@(numbers):\n    return sum(numbers)\n" },
	{ NULL, NULL },
};

static const struct template_file program_files[] = {
	{ "challenge.json",
	  "{\n"
	  "\t\"format\": 1,\n"
	  "\t\"title\": @TITLE@,\n"
	  "\t\"summary\": \"One sentence that says what is to be done.\",\n"
	  "\t\"difficulty\": \"BEGINNER\",\n"
	  "\t\"category\": \"basics\",\n"
	  "\t\"tags\": [\"input\"],\n"
	  "\t\"minutes\": 15,\n"
	  "\t\"hints\": [\n"
	  "\t\t\"A first hint: where to look.\",\n"
	  "\t\t\"A second one that says more.\"\n"
	  "\t],\n"
	  "\t\"kind\": \"program\",\n"
	  "\t\"checker\": \"tokens\"\n"
	  "}\n" },
	{ "statement.md",
	  "# @HEADING@\n\nThe input is one line with two whole numbers. Print their sum.\n\n"
	  "## Example\n\nFor the input `2 3` the output is `5`.\n" },
	{ "tests.json",
	  "{ \"tests\": [\n"
	  "\t{\"id\": \"small\", \"name\": \"two numbers\", \"sample\": true, \"stdin\": \"2 3\\n\", \"stdout\": \"5\\n\"},\n"
	  "\t{\"id\": \"zero\", \"name\": \"nothing to add\", \"stdin\": \"0 0\\n\", \"stdout\": \"0\\n\"},\n"
	  "\t{\"id\": \"negative\", \"name\": \"a number below zero\", \"stdin\": \"-5 2\\n\", \"stdout\": \"-3\\n\"}\n"
	  "] }\n" },
	{ "starter/python.py", "first, second = map(int, input().split())\nprint()\n" },
	{ "solution/python.py", "first, second = map(int, input().split())\nprint(first + second)\n" },
	{ NULL, NULL },
};
/* clang-format on */

struct words {
	char *title, *heading, *name;
};

/* "two-sum" → "two_sum"; a digit cannot begin a name, and names are shorter than slugs. */
static char *function_name(const char *slug)
{
	char *name = kl_format("%s%.38s", *slug <= '9' ? "f_" : "", slug);
	size_t len;

	for (char *at = name; *at; at++)
		if (*at == '-')
			*at = '_';
	for (len = strlen(name); name[len - 1] == '_'; len--)
		name[len - 1] = '\0';
	return name;
}

static void put_in(const char *text, const struct words *words, struct kl_buf *out)
{
	/* clang-format off */
	const struct { const char *mark, *word; } marks[] = {
		{ "@TITLE@", words->title }, { "@HEADING@", words->heading }, { "@NAME@", words->name },
	};
	/* clang-format on */

	while (*text) {
		size_t i = 0;

		while (i < KL_LENGTH(marks) && strncmp(text, marks[i].mark, strlen(marks[i].mark)) != 0)
			i++;
		if (i == KL_LENGTH(marks)) {
			kl_buf_add_char(out, *text++);
			continue;
		}
		kl_buf_add_str(out, marks[i].word);
		text += strlen(marks[i].mark);
	}
}

static enum kl_status write_files(const char *dir, const struct template_file *files, const struct words *words,
				  struct kl_error *err)
{
	enum kl_status status = KL_OK;
	struct kl_buf text;

	kl_buf_init(&text, 1u << 16);
	for (; files->name && !status; files++) {
		kl_buf_clear(&text);
		put_in(files->text, words, &text);
		status = kl_folder_put(dir, files->name, text.data, text.len, err);
	}
	kl_buf_release(&text);
	return status;
}

/* Reading it back is the proof that it is right: a title of 200 characters, say, is told in the reader's words. */
static enum kl_status prove(const char *dir, struct kl_error *err)
{
	struct kl_challenge *challenge;
	enum kl_status status = kl_challenge_read(&challenge, "new", dir, 1, err);

	if (!status)
		kl_challenge_free(challenge);
	return status;
}

static enum kl_status fill(const char *dir, const struct kl_new_challenge *spec, struct kl_error *err)
{
	const struct template_file *files = spec->kind == KL_KIND_FUNCTION ? function_files : program_files;
	char *heading = spec->title ? kl_strdup(spec->title) : kl_title_make(spec->slug);
	struct words words = { .heading = heading, .name = function_name(spec->slug) };
	struct kl_buf title;
	enum kl_status status;

	kl_buf_init(&title, 4096);
	kl_json_print_string(heading, strlen(heading), &title);
	words.title = title.data;
	if (!(status = write_files(dir, files, &words, err)) && !(status = prove(dir, err)))
		status = kl_pack_add(spec->pack_dir, spec->slug, err);
	kl_buf_release(&title);
	free(words.name);
	free(heading);
	return status;
}

enum kl_status kl_challenge_new(char **dir, const struct kl_new_challenge *spec, struct kl_error *err)
{
	char *folder;
	enum kl_status status;

	if (!kl_slug_valid(spec->slug))
		return kl_fail(err, KL_EINVAL, "a challenge is named by a slug like 'two-sum', not '%s'", spec->slug);
	if ((status = kl_path_make(spec->pack_dir, err)))
		return status;
	folder = kl_path_join(spec->pack_dir, spec->slug);
	if (mkdir(folder, 0755) < 0) {
		status = errno == EEXIST ? kl_fail(err, KL_EEXIST, "'%s' is there already", folder)
					 : kl_fail_errno(err, KL_EIO, errno, "cannot make the folder '%s'", folder);
		free(folder);
		return status;
	}
	status = fill(folder, spec, err);
	if (status) {
		if (kl_file_remove_tree(folder, NULL) && err)
			kl_error_prefix(err, "half of '%s' is left there", folder);
		free(folder);
		return status;
	}
	*dir = folder;
	return KL_OK;
}
