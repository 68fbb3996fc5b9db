/*
 * The student's view of a pack. It is made of what may be seen, piece by piece, never by taking something away from the
 * whole: a file that nobody thought of stays on the server.
 */

#include <kodelab/pack.h>

#include <kodelab/alloc.h>
#include <kodelab/path.h>

#include "core/challenge/challenge_int.h"

#define JSON_MAX ((size_t)32 << 20) /* printed anew; what it is made of is at most half of that */

struct view {
	const struct kl_archive *whole;
	struct kl_archive *out;
	char **hidden; /* slugs of private challenges */
	size_t hidden_count, hidden_capacity;
	struct kl_error *err;
};

/* slug NULL: a file of the pack itself. */
static const struct kl_file *file_of(const struct view *view, const char *slug, const char *name)
{
	char *path = slug ? kl_path_join(slug, name) : kl_strdup(name);
	const struct kl_file *file = kl_archive_find(view->whole, path);

	free(path);
	return file;
}

static enum kl_status parse(struct kl_json **doc, const struct view *view, const char *slug, const char *name)
{
	const struct kl_file *file = file_of(view, slug, name);

	if (!file)
		return kl_fail(view->err, KL_EINVAL, "the pack has no '%s/%s'", slug ? slug : ".", name);
	return kl_json_parse(doc, file->text, file->len, KL_TESTS_JSON_MAX, name, view->err);
}

static void add_printed(const struct view *view, const char *slug, const char *name, struct kl_buf *text)
{
	char *path = slug ? kl_path_join(slug, name) : kl_strdup(name);

	kl_buf_add_char(text, '\n');
	kl_archive_add(view->out, path, text->data, text->len);
	kl_buf_release(text);
	free(path);
}

static bool is_hidden(const struct view *view, const char *slug)
{
	for (size_t i = 0; i < view->hidden_count; i++)
		if (!strcmp(view->hidden[i], slug))
			return true;
	return false;
}

/* A list of slugs without those of private challenges. */
static void print_slugs(const struct view *view, const cJSON *list, struct kl_buf *out)
{
	const cJSON *slug;
	const char *before = "";

	kl_buf_add_char(out, '[');
	cJSON_ArrayForEach(slug, list) {
		if (!cJSON_IsString(slug) || is_hidden(view, slug->valuestring))
			continue;
		kl_buf_add_str(out, before);
		kl_json_print_string(slug->valuestring, strlen(slug->valuestring), out);
		before = ",";
	}
	kl_buf_add_char(out, ']');
}

/* --- one challenge ------------------------------------------------------------------------------------------------ */

static bool is_program_checker(const cJSON *checker)
{
	const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(checker, "type"));

	return type && !strcmp(type, "program");
}

static enum kl_status add_meta(const struct view *view, const char *slug)
{
	struct kl_json *doc = NULL;
	enum kl_status status = parse(&doc, view, slug, "challenge.json");
	const char *before = "";
	struct kl_buf text;
	const cJSON *member;

	if (status)
		return status;
	kl_buf_init(&text, JSON_MAX);
	kl_buf_add_char(&text, '{');
	cJSON_ArrayForEach(member, kl_json_root(doc)) {
		kl_buf_add_str(&text, before);
		kl_json_print_string(member->string, strlen(member->string), &text);
		kl_buf_add_char(&text, ':');
		if (!strcmp(member->string, "checker") && is_program_checker(member))
			kl_buf_add_str(&text, "\"class\"");
		else if (!strcmp(member->string, "prerequisites"))
			print_slugs(view, member, &text);
		else
			kl_json_print(doc, member, &text);
		before = ",\n";
	}
	kl_buf_add_char(&text, '}');
	add_printed(view, slug, "challenge.json", &text);
	kl_json_free(doc);
	return KL_OK;
}

static enum kl_status add_samples(const struct view *view, const char *slug)
{
	struct kl_json *doc = NULL;
	enum kl_status status = parse(&doc, view, slug, "tests.json");
	const char *before = "\n";
	struct kl_buf text;
	const cJSON *test;

	if (status)
		return status;
	kl_buf_init(&text, JSON_MAX);
	kl_buf_add_str(&text, "{\"tests\":[");
	cJSON_ArrayForEach(test, cJSON_GetObjectItemCaseSensitive(kl_json_root(doc), "tests")) {
		if (!cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(test, "sample")))
			continue;
		kl_buf_add_str(&text, before);
		kl_json_print(doc, test, &text);
		before = ",\n";
	}
	kl_buf_add_str(&text, "\n]}");
	add_printed(view, slug, "tests.json", &text);
	kl_json_free(doc);
	return KL_OK;
}

/* The statement, and all starters. */
static void add_as_they_are(const struct view *view, const char *slug)
{
	char *statement = kl_format("%s/statement.md", slug), *starters = kl_format("%s/starter/", slug);

	for (size_t i = 0; i < view->whole->count; i++) {
		const struct kl_file *file = &view->whole->files[i];

		if (!strcmp(file->name, statement) || !strncmp(file->name, starters, strlen(starters)))
			kl_archive_add(view->out, file->name, file->text, file->len);
	}
	free(statement);
	free(starters);
}

static enum kl_status add_challenge(const struct view *view, const char *slug)
{
	enum kl_status status = add_meta(view, slug);

	if (!status)
		status = add_samples(view, slug);
	if (!status)
		add_as_they_are(view, slug);
	return status;
}

/* --- the pack ----------------------------------------------------------------------------------------------------- */

static enum kl_status note_hidden(struct view *view, const char *slug)
{
	struct kl_json *doc = NULL;
	enum kl_status status = parse(&doc, view, slug, "challenge.json");

	if (status)
		return status;
	if (cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(kl_json_root(doc), "public"))) {
		KL_GROW(view->hidden, view->hidden_count, view->hidden_capacity);
		view->hidden[view->hidden_count++] = kl_strdup(slug);
	}
	kl_json_free(doc);
	return KL_OK;
}

static void add_pack_json(const struct view *view, const struct kl_json *doc)
{
	const char *before = "";
	struct kl_buf text;
	const cJSON *member;

	kl_buf_init(&text, JSON_MAX);
	kl_buf_add_char(&text, '{');
	cJSON_ArrayForEach(member, kl_json_root(doc)) {
		kl_buf_add_str(&text, before);
		kl_json_print_string(member->string, strlen(member->string), &text);
		kl_buf_add_char(&text, ':');
		if (!strcmp(member->string, "challenges"))
			print_slugs(view, member, &text);
		else
			kl_json_print(doc, member, &text);
		before = ",\n";
	}
	kl_buf_add_char(&text, '}');
	add_printed(view, NULL, "pack.json", &text);
}

static enum kl_status make_view(struct view *view, const struct kl_json *doc)
{
	const cJSON *slugs = cJSON_GetObjectItemCaseSensitive(kl_json_root(doc), "challenges"), *slug;
	enum kl_status status = KL_OK;
	size_t count = 0;

	cJSON_ArrayForEach(slug, slugs) {
		count++;
		if ((status = note_hidden(view, slug->valuestring)))
			return status;
	}
	if (count == view->hidden_count)
		return kl_fail(view->err, KL_ENOENT, "every challenge of the pack is private");
	add_pack_json(view, doc);
	cJSON_ArrayForEach(slug, slugs) {
		if (!is_hidden(view, slug->valuestring) && (status = add_challenge(view, slug->valuestring)))
			return status;
	}
	return KL_OK;
}

enum kl_status kl_pack_student_view(struct kl_archive *out, const struct kl_archive *whole, struct kl_error *err)
{
	struct kl_archive made = { .files = NULL };
	struct view view = { .whole = whole, .out = &made, .err = err };
	struct kl_json *doc = NULL;
	enum kl_status status = parse(&doc, &view, NULL, "pack.json");

	if (!status)
		status = make_view(&view, doc);
	kl_json_free(doc);
	for (size_t i = 0; i < view.hidden_count; i++)
		free(view.hidden[i]);
	free(view.hidden);
	kl_archive_sort(&made);
	if (status)
		kl_archive_release(&made);
	else
		*out = made;
	return status;
}
