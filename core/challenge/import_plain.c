/* Folders of X.in and X.ans as program challenges. What the files hold is only copied as text. */

#include <kodelab/import.h>

#include <assert.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/challenge.h>
#include <kodelab/file.h>
#include <kodelab/path.h>

#include "core/challenge/challenge_int.h"
#include "core/challenge/import_int.h"

/* --- tests.json --------------------------------------------------------------------------------------------------- */

/* Long texts as arrays of lines, when that says the same. */
static void print_text(const char *text, size_t len, struct kl_buf *out)
{
	const char *newline = memchr(text, '\n', len);

	if (!newline || newline + 1 == text + len || text[len - 1] != '\n') {
		kl_json_print_string(text, len, out);
		return;
	}
	kl_buf_add_str(out, "[\n\t\t\t");
	for (const char *at = text;;) {
		newline = memchr(at, '\n', len - (size_t)(at - text));
		kl_json_print_string(at, (size_t)(newline - at), out);
		at = newline + 1;
		if (at == text + len)
			break;
		kl_buf_add_str(out, ",\n\t\t\t");
	}
	kl_buf_add_str(out, "\n\t\t]");
}

static bool is_imported(const char *key)
{
	static const char *const keys[] = { "id", "sample", "stdin", "stdout" };

	for (size_t i = 0; i < KL_LENGTH(keys); i++)
		if (!strcmp(keys[i], key))
			return true;
	return false;
}

/* What the test of that id said before, but for what is imported. */
static void print_kept(const struct kl_json *before, const char *id, struct kl_buf *out)
{
	const cJSON *root = before ? kl_json_root(before) : NULL;
	const cJSON *tests = cJSON_GetObjectItemCaseSensitive(root, "tests"), *test, *member;

	cJSON_ArrayForEach(test, tests)
		if (!strcmp(cJSON_GetObjectItemCaseSensitive(test, "id")->valuestring, id))
			break;
	cJSON_ArrayForEach(member, test) {
		char *text = is_imported(member->string) ? NULL : cJSON_PrintUnformatted(member);

		if (text)
			kl_buf_addf(out, " \"%s\": %s,", member->string, text);
		cJSON_free(text);
	}
}

static void print_tests(const struct kl_plain *plain, const struct kl_json *before, struct kl_buf *out)
{
	kl_buf_add_str(out, "{ \"tests\": [\n");
	for (size_t i = 0; i < plain->pair_count; i++) {
		const struct kl_pair *pair = &plain->pairs[i];

		kl_buf_addf(out, "\t{\"id\": \"%s\",", pair->id);
		print_kept(before, pair->id, out);
		kl_buf_add_str(out, pair->sample ? " \"sample\": true,\n\t\t\"stdin\": " : "\n\t\t\"stdin\": ");
		print_text(pair->input, pair->input_len, out);
		kl_buf_add_str(out, ",\n\t\t\"stdout\": ");
		print_text(pair->answer, pair->answer_len, out);
		kl_buf_add_str(out, i + 1 < plain->pair_count ? "},\n" : "}\n");
	}
	kl_buf_add_str(out, "] }\n");
}

/* --- the challenge ------------------------------------------------------------------------------------------------ */

struct target {
	const struct kl_import_plain *spec;
	char *dir, *slug, *title;
	struct kl_challenge *old; /* NULL: there is none yet */
};

static enum kl_status write_tests(const struct target *target, const struct kl_plain *plain, struct kl_error *err)
{
	struct kl_json *before = NULL;
	struct kl_buf text;
	char *path = kl_path_join(target->dir, "tests.json");
	enum kl_status status = target->old ? kl_json_read(&before, path, KL_TESTS_JSON_MAX, err) : KL_OK;

	kl_buf_init(&text, KL_TESTS_JSON_MAX);
	if (!status) {
		print_tests(plain, before, &text);
		status = text.truncated ? kl_fail(err, KL_EFULL, "the tests are too large for one challenge (16 MiB)")
					: kl_folder_put(target->dir, "tests.json", text.data, text.len, err);
	}
	kl_buf_release(&text);
	kl_json_free(before);
	free(path);
	return status;
}

static enum kl_status write_meta(const struct target *target, struct kl_error *err)
{
	struct kl_buf text;
	enum kl_status status;

	assert(target->title);
	kl_buf_init(&text, 1u << 16);
	kl_buf_add_str(&text, "{\n\t\"format\": 1,\n\t\"title\": ");
	kl_json_print_string(target->title, strlen(target->title), &text);
	kl_buf_add_str(&text, ",\n\t\"summary\": \"\",\n\t\"difficulty\": \"INTERMEDIATE\",\n"
			      "\t\"category\": \"imported\",\n\t\"minutes\": 30,\n\t\"hints\": [],\n"
			      "\t\"kind\": \"program\",\n\t\"checker\": \"lines\"\n}\n");
	status = kl_folder_put(target->dir, "challenge.json", text.data, text.len, err);
	kl_buf_release(&text);
	return status;
}

static enum kl_status write_statement(const struct target *target, const struct kl_plain *plain, struct kl_error *err)
{
	char *text = plain->statement ? kl_strndup(plain->statement, plain->statement_len)
				      : kl_format("# %s\n\nRead the input and print the answer.\n", target->title);
	enum kl_status status = kl_folder_put(target->dir, "statement.md", text, strlen(text), err);

	free(text);
	return status;
}

/* A new folder that did not become a challenge is taken away again. */
static enum kl_status write_new(const struct target *target, const struct kl_plain *plain, struct kl_error *err)
{
	struct kl_challenge *challenge = NULL;
	enum kl_status status;

	if (!(status = write_meta(target, err)) && !(status = write_statement(target, plain, err)) &&
	    !(status = write_tests(target, plain, err)) &&
	    !(status = kl_challenge_read(&challenge, "new", target->dir, 1, err)))
		status = kl_pack_add(target->spec->pack_dir, target->slug, err);
	kl_challenge_free(challenge);
	if (status && kl_file_remove_tree(target->dir, NULL) && err)
		kl_error_prefix(err, "half of '%s' is left there", target->dir);
	return status;
}

static enum kl_status look_at_target(struct target *target, struct kl_error *err)
{
	const struct kl_import_plain *spec = target->spec;
	char *real = realpath(spec->from, NULL);
	enum kl_status status;

	target->slug = spec->slug ? kl_strdup(spec->slug) : kl_slug_make(kl_path_name(real ? real : spec->from));
	free(real);
	if (!target->slug || !kl_slug_valid(target->slug))
		return kl_fail(err, KL_EINVAL, "a challenge is named by a slug like 'two-sum', not '%s'",
			       target->slug ? target->slug : spec->from);
	target->title = spec->title ? kl_strdup(spec->title) : kl_title_make(target->slug);
	target->dir = kl_path_join(spec->pack_dir, target->slug);
	if (!kl_path_exists(target->dir))
		return KL_OK;
	status = kl_challenge_read(&target->old, "old", target->dir, 1, err);
	if (status && err)
		return kl_error_prefix(err, "'%s' is there already", target->dir);
	if (!status && target->old->kind != KL_KIND_PROGRAM)
		return kl_fail(err, KL_EINVAL, "'%s' is there already and is no challenge of the kind 'program'",
			       target->dir);
	return status;
}

/* --- the report --------------------------------------------------------------------------------------------------- */

static bool has_id(const struct kl_plain *plain, const char *id)
{
	for (size_t i = 0; i < plain->pair_count; i++)
		if (!strcmp(plain->pairs[i].id, id))
			return true;
	return false;
}

static char **list_removed(const struct kl_challenge *old, const struct kl_plain *plain)
{
	size_t count = old ? old->test_count : 0, removed = 0;
	char **ids = kl_calloc(count + 1, sizeof(*ids));

	for (size_t i = 0; i < count; i++)
		if (!has_id(plain, old->tests[i].id))
			ids[removed++] = kl_strdup(old->tests[i].id);
	return ids;
}

static struct kl_import_report *make_report(const struct target *target, const struct kl_plain *plain)
{
	struct kl_import_report *report = kl_calloc(1, sizeof(*report));

	report->dir = kl_strdup(target->dir);
	report->updated = target->old != NULL;
	report->removed = list_removed(target->old, plain);
	report->items = kl_calloc(plain->pair_count + plain->left_out_count, sizeof(*report->items));
	for (size_t i = 0; i < plain->pair_count; i++) {
		const struct kl_pair *pair = &plain->pairs[i];

		report->items[report->count++] = (struct kl_import_item){ .file = kl_strdup(pair->file),
									  .id = kl_strdup(pair->id),
									  .sample = pair->sample };
		report->tests++;
		report->samples += pair->sample;
	}
	for (size_t i = 0; i < plain->left_out_count; i++)
		report->items[report->count++] =
			(struct kl_import_item){ .file = kl_strdup(plain->left_out[i].file),
						 .reason = kl_strdup(plain->left_out[i].reason) };
	return report;
}

void kl_import_report_free(struct kl_import_report *report)
{
	if (!report)
		return;
	for (size_t i = 0; i < report->count; i++) {
		free(report->items[i].file);
		free(report->items[i].id);
		free(report->items[i].reason);
	}
	kl_strings_free(report->removed);
	free(report->items);
	free(report->dir);
	free(report);
}

enum kl_status kl_import_plain(struct kl_import_report **out, const struct kl_import_plain *spec, struct kl_error *err)
{
	struct target target = { .spec = spec };
	struct kl_plain plain;
	enum kl_status status;

	if (!(status = kl_plain_scan(&plain, spec->from, err)) && !(status = look_at_target(&target, err)) &&
	    !spec->dry_run)
		status = target.old ? write_tests(&target, &plain, err) : write_new(&target, &plain, err);
	if (!status)
		*out = make_report(&target, &plain);
	kl_challenge_free(target.old);
	free(target.dir);
	free(target.slug);
	free(target.title);
	kl_plain_release(&plain);
	return status;
}
