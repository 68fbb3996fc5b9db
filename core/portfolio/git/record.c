/*
 * What the portfolio knows of each challenge, kept in the repository itself: the tables are made from these files alone,
 * so a clone on another machine goes on where this one stopped.
 *
 * {"format":1,"pack":…,"slug":…,"dir":"<category>/<slug>","title":…,"summary":…,"difficulty":…,"category":…,
 *  "solutions":[{"language":…,"source":…,"attempt":…,"score":…,"passed":…,"total":…,"cpu_us":…,"peak_kib":…,"at_ms":…}],
 *  "attempts":[…]}
 */

#include "core/portfolio/git/git_int.h"

#include <kodelab/alloc.h>

#define RECORDS_MAX 20000

const char *text_of(const cJSON *object, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));

	return text ? text : "";
}

double number_of(const cJSON *object, const char *key)
{
	const cJSON *number = cJSON_GetObjectItemCaseSensitive(object, key);

	return cJSON_IsNumber(number) ? number->valuedouble : 0;
}

cJSON *first_of(const cJSON *array)
{
	return array ? array->child : NULL;
}

static bool same_text(const cJSON *left, const cJSON *right, const char *key)
{
	return !strcmp(text_of(left, key), text_of(right, key));
}

/* --- reading ---------------------------------------------------------------------------------------------------- */

/* Names in a record lead to files: one that is not as we write them is not ours. */
static bool is_sound(const cJSON *record)
{
	return cJSON_IsObject(record) && number_of(record, "format") == 1 && *text_of(record, "pack") &&
	       *text_of(record, "slug") && *text_of(record, "dir") && !strstr(text_of(record, "dir"), "..") &&
	       *text_of(record, "dir") != '/' && cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(record, "solutions")) &&
	       cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(record, "attempts"));
}

static enum kl_status take_record(struct record_list *list, const struct repo *repo, const git_oid *id,
				  struct kl_error *err)
{
	struct kl_json *doc = NULL;
	struct kl_buf text;
	enum kl_status status;

	kl_buf_init(&text, TEXT_MAX);
	status = repo_text(&text, repo, id, err);
	if (!status && kl_json_parse(&doc, text.data, text.len, TEXT_MAX, "record", NULL) == KL_OK &&
	    is_sound(kl_json_root(doc))) {
		KL_GROW(list->rows, list->count, list->capacity);
		list->rows[list->count++] = cJSON_Duplicate(kl_json_root(doc), true);
	}
	kl_json_free(doc);
	kl_buf_release(&text);
	return status;
}

static enum kl_status take_pack(struct record_list *list, const struct repo *repo, const git_oid *id,
				struct kl_error *err)
{
	enum kl_status status = KL_OK;
	git_tree *tree;

	if (git_tree_lookup(&tree, repo->git, id) < 0)
		return fail_git(err, KL_ECORRUPT, "cannot read the portfolio's records");
	for (size_t i = 0; !status && i < git_tree_entrycount(tree) && list->count < RECORDS_MAX; i++) {
		const git_tree_entry *entry = git_tree_entry_byindex(tree, i);

		if (git_tree_entry_type(entry) == GIT_OBJECT_BLOB)
			status = take_record(list, repo, git_tree_entry_id(entry), err);
	}
	git_tree_free(tree);
	return status;
}

static int by_category(const void *left, const void *right)
{
	const cJSON *a = *(cJSON *const *)left, *b = *(cJSON *const *)right;
	int order = strcmp(text_of(a, "category"), text_of(b, "category"));

	order = order ? order : strcmp(text_of(a, "title"), text_of(b, "title"));
	order = order ? order : strcmp(text_of(a, "pack"), text_of(b, "pack"));
	return order ? order : strcmp(text_of(a, "slug"), text_of(b, "slug"));
}

enum kl_status record_read_all(struct record_list *list, const struct repo *repo, struct kl_error *err)
{
	enum kl_status status = KL_OK;
	git_tree_entry *folder = NULL;
	git_tree *tree = NULL;

	*list = (struct record_list){ .rows = NULL };
	if (!repo->tree || git_tree_entry_bypath(&folder, repo->tree, ".kodelab") < 0)
		return KL_OK;
	if (git_tree_entry_type(folder) != GIT_OBJECT_TREE ||
	    git_tree_lookup(&tree, repo->git, git_tree_entry_id(folder)) < 0)
		status = fail_git(err, KL_ECORRUPT, "cannot read the portfolio's records");
	for (size_t i = 0; tree && !status && i < git_tree_entrycount(tree); i++) {
		const git_tree_entry *entry = git_tree_entry_byindex(tree, i);

		if (git_tree_entry_type(entry) == GIT_OBJECT_TREE)
			status = take_pack(list, repo, git_tree_entry_id(entry), err);
	}
	git_tree_free(tree);
	git_tree_entry_free(folder);
	if (status)
		record_release(list);
	return status;
}

void record_release(struct record_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		cJSON_Delete(list->rows[i]);
	free(list->rows);
	*list = (struct record_list){ .rows = NULL };
}

/* --- one challenge ---------------------------------------------------------------------------------------------- */

static bool dir_is_taken(const struct record_list *list, const char *dir)
{
	for (size_t i = 0; i < list->count; i++)
		if (!strcasecmp(text_of(list->rows[i], "dir"), dir)) /* some file systems fold case */
			return true;
	return false;
}

/* <category>/<slug>; when a challenge of another pack lies there, <category>/<slug>-<pack>. */
static char *choose_dir(const struct record_list *list, const cJSON *item)
{
	char *category = name_safe(text_of(item, "category")), *slug = name_safe(text_of(item, "slug"));
	char *pack = name_safe(text_of(item, "pack"));
	char *dir = kl_format("%s/%s", category, slug);

	for (int i = 1; dir_is_taken(list, dir); i++) {
		free(dir);
		dir = i == 1 ? kl_format("%s/%s-%s", category, slug, pack)
			     : kl_format("%s/%s-%s-%d", category, slug, pack, i);
	}
	free(category);
	free(slug);
	free(pack);
	return dir;
}

static cJSON *new_record(const struct record_list *list, const cJSON *item)
{
	char *dir = choose_dir(list, item);
	cJSON *record = cJSON_CreateObject();

	cJSON_AddNumberToObject(record, "format", 1);
	cJSON_AddStringToObject(record, "pack", text_of(item, "pack"));
	cJSON_AddStringToObject(record, "slug", text_of(item, "slug"));
	cJSON_AddStringToObject(record, "dir", dir);
	cJSON_AddArrayToObject(record, "solutions");
	cJSON_AddArrayToObject(record, "attempts");
	free(dir);
	return record;
}

cJSON *record_of(struct record_list *list, const cJSON *item)
{
	for (size_t i = 0; i < list->count; i++)
		if (same_text(list->rows[i], item, "pack") && same_text(list->rows[i], item, "slug"))
			return list->rows[i];
	KL_GROW(list->rows, list->count, list->capacity);
	list->rows[list->count] = new_record(list, item);
	return list->rows[list->count++];
}

bool record_has(const cJSON *record, const char *attempt)
{
	const cJSON *entry = first_of(cJSON_GetObjectItemCaseSensitive(record, "attempts"));

	for (; entry; entry = entry->next)
		if (cJSON_IsString(entry) && !strcmp(entry->valuestring, attempt))
			return true;
	return false;
}

static void set_text(cJSON *object, const char *key, const char *text)
{
	cJSON_DeleteItemFromObjectCaseSensitive(object, key);
	cJSON_AddStringToObject(object, key, text);
}

static void set_number(cJSON *object, const char *key, double number)
{
	cJSON_DeleteItemFromObjectCaseSensitive(object, key);
	cJSON_AddNumberToObject(object, key, number);
}

static cJSON *solution_in(cJSON *record, const char *language)
{
	cJSON *solutions = cJSON_GetObjectItemCaseSensitive(record, "solutions"), *solution;

	for (solution = first_of(solutions); solution; solution = solution->next)
		if (!strcmp(text_of(solution, "language"), language))
			return solution;
	solution = cJSON_CreateObject();
	cJSON_AddItemToArray(solutions, solution);
	return solution;
}

void record_enter(struct record_list *list, cJSON *record, const cJSON *item)
{
	static const char *const about[] = { "title", "summary", "difficulty", "category" };
	static const char *const numbers[] = { "score", "passed", "total", "cpu_us", "peak_kib", "at_ms" };
	cJSON *solution = solution_in(record, text_of(item, "language"));
	char *source = name_safe(text_of(item, "source"));

	for (size_t i = 0; i < KL_LENGTH(about); i++)
		set_text(record, about[i], text_of(item, about[i]));
	set_text(solution, "language", text_of(item, "language"));
	set_text(solution, "source", source);
	set_text(solution, "attempt", text_of(item, "attempt"));
	for (size_t i = 0; i < KL_LENGTH(numbers); i++)
		set_number(solution, numbers[i], number_of(item, numbers[i]));
	cJSON_AddItemToArray(cJSON_GetObjectItemCaseSensitive(record, "attempts"),
			     cJSON_CreateString(text_of(item, "attempt")));
	free(source);
	qsort(list->rows, list->count, sizeof(cJSON *), by_category);
}
