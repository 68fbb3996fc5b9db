/* Members of the objects in pack files, with the rules that texts, names and lists share. */

#include "core/challenge/challenge_int.h"

#include <strings.h>

#include <kodelab/alloc.h>

#define SLUG_MAX      64
#define NAME_MAX_LEN  40
#define FILE_NAME_MAX 100
#define LIST_TEXT_MAX 16384 /* bytes of one string of a list */

static bool is_small(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
}

/* Words of small letters and digits with one separator between two of them. */
static bool is_joined(const char *text, char separator, size_t max)
{
	size_t len = strlen(text);

	if (!len || len > max || !is_small(text[0]) || !is_small(text[len - 1]))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_small(text[i]) && (text[i] != separator || text[i + 1] == separator))
			return false;
	return true;
}

bool kl_slug_valid(const char *text)
{
	return is_joined(text, '-', SLUG_MAX);
}

bool kl_name_valid(const char *text)
{
	return is_joined(text, '_', NAME_MAX_LEN) && (text[0] < '0' || text[0] > '9');
}

bool kl_file_name_valid(const char *text)
{
	size_t plain = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.");

	return plain && plain <= FILE_NAME_MAX && !text[plain] && text[0] != '.' && text[0] != '-';
}

static size_t count_characters(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += (*text & 0xc0) != 0x80;
	return count;
}

static bool has_controls(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	return false;
}

static const cJSON *member(const struct kl_reading *from, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(from->object, key);
}

static void replace(char **out, const char *text)
{
	free(*out);
	*out = kl_strdup(text);
}

/* --- single texts ------------------------------------------------------------------------------------------------- */

enum kl_status kl_read_line(char **out, const struct kl_reading *from, const char *key, enum kl_json_need need,
			    struct kl_span_limits limits)
{
	const char *text = NULL;
	enum kl_status status = kl_json_get_string(&text, from->doc, from->object, key, need, from->err);
	size_t count;

	if (status || !text)
		return status;
	count = count_characters(text);
	if (count < limits.min || count > limits.max)
		return kl_json_fail(from->doc, member(from, key), from->err,
				    "'%s' must have %zu to %zu characters, not %zu", key, limits.min, limits.max,
				    count);
	if (has_controls(text))
		return kl_json_fail(from->doc, member(from, key), from->err,
				    "'%s' must be one line without control characters", key);
	replace(out, text);
	return KL_OK;
}

enum kl_status kl_read_slug(char **out, const struct kl_reading *from, const char *key, enum kl_json_need need)
{
	const char *text = NULL;
	enum kl_status status = kl_json_get_string(&text, from->doc, from->object, key, need, from->err);

	if (status || !text)
		return status;
	if (!kl_slug_valid(text))
		return kl_json_fail(from->doc, member(from, key), from->err,
				    "'%s' must be a slug like 'two-sum', not '%s'", key, text);
	replace(out, text);
	return KL_OK;
}

enum kl_status kl_read_text(char **out, size_t *len, const struct kl_reading *from, const char *key,
			    enum kl_json_need need)
{
	const cJSON *node = member(from, key);
	char *text;

	if (!node && need == KL_JSON_REQUIRED)
		return kl_json_fail(from->doc, from->object, from->err, "'%s' is missing", key);
	if (!node)
		return KL_OK;
	if (!kl_json_text(&text, len, node))
		return kl_json_fail(from->doc, node, from->err, "expected a string or an array of lines for '%s'", key);
	free(*out);
	*out = text;
	return KL_OK;
}

static void list_words(const char *const *words, struct kl_buf *out)
{
	for (size_t i = 0; words[i]; i++)
		kl_buf_addf(out, "%s%s", !i ? "" : words[i + 1] ? ", " : " or ", words[i]);
}

enum kl_status kl_read_word(int *out, const struct kl_reading *from, const char *key, enum kl_json_need need,
			    const char *const *words)
{
	const char *text = NULL;
	enum kl_status status = kl_json_get_string(&text, from->doc, from->object, key, need, from->err);
	struct kl_buf list;

	if (status || !text)
		return status;
	for (int i = 0; words[i]; i++) {
		if (!strcasecmp(words[i], text)) {
			*out = i;
			return KL_OK;
		}
	}
	kl_buf_init(&list, 200);
	list_words(words, &list);
	status = kl_json_fail(from->doc, member(from, key), from->err, "'%s' must be %s, not '%s'", key, list.data,
			      text);
	kl_buf_release(&list);
	return status;
}

enum kl_status kl_read_format(const struct kl_reading *from)
{
	int64_t format = 0;
	enum kl_status status =
		kl_json_get_int(&format, from->doc, from->object, "format", 0, INT32_MAX, KL_JSON_REQUIRED, from->err);

	if (status || format == 1)
		return status;
	return kl_json_fail(from->doc, member(from, "format"), from->err,
			    "format %d is not known here (1 is): this pack is for another KodeLab", (int)format);
}

/* --- lists -------------------------------------------------------------------------------------------------------- */

void kl_strings_free(char **strings)
{
	for (size_t i = 0; strings && strings[i]; i++)
		free(strings[i]);
	free(strings);
}

static enum kl_status check_item(const struct kl_reading *from, const char *key, const cJSON *item, bool slugs)
{
	if (!cJSON_IsString(item))
		return kl_json_fail(from->doc, item, from->err, "expected a string in '%s'", key);
	if (slugs && !kl_slug_valid(item->valuestring))
		return kl_json_fail(from->doc, item, from->err, "'%s' holds slugs like 'two-sum', not '%s'", key,
				    item->valuestring);
	if (strlen(item->valuestring) > LIST_TEXT_MAX)
		return kl_json_fail(from->doc, item, from->err, "a text in '%s' is too long (at most %d bytes)", key,
				    LIST_TEXT_MAX);
	return KL_OK;
}

static enum kl_status read_items(char ***out, const struct kl_reading *from, const char *key,
				 struct kl_span_limits limits, bool slugs)
{
	const cJSON *array = NULL, *item;
	enum kl_status status = kl_json_get_array(&array, from->doc, from->object, key,
						  limits.min ? KL_JSON_REQUIRED : KL_JSON_OPTIONAL, from->err);
	size_t count = array ? (size_t)cJSON_GetArraySize(array) : 0, at = 0;

	if (!status && array && (count < limits.min || count > limits.max))
		status = kl_json_fail(from->doc, array, from->err, "'%s' must have %zu to %zu items, not %zu", key,
				      limits.min, limits.max, count);
	kl_strings_free(*out);
	*out = kl_calloc(count + 1, sizeof(**out));
	for (item = array && !status ? array->child : NULL; item && !status; item = item->next) {
		status = check_item(from, key, item, slugs);
		if (!status)
			(*out)[at++] = kl_strdup(item->valuestring);
	}
	return status;
}

static int by_text(const void *left, const void *right)
{
	return strcmp((*(const cJSON *const *)left)->valuestring, (*(const cJSON *const *)right)->valuestring);
}

/* Names the later one of two that are the same; all are strings. */
static enum kl_status refuse_twins(const struct kl_reading *from, const char *key)
{
	const cJSON *array = member(from, key), *item;
	size_t count = array ? (size_t)cJSON_GetArraySize(array) : 0, at = 0;
	const cJSON **items = kl_calloc(count, sizeof(const cJSON *));
	enum kl_status status = KL_OK;

	cJSON_ArrayForEach(item, array)
		items[at++] = item;
	qsort(items, count, sizeof(const cJSON *), by_text);
	for (size_t i = 1; i < count && !status; i++) {
		int before = kl_json_line(from->doc, items[i - 1]), line = kl_json_line(from->doc, items[i]);

		if (!by_text(&items[i - 1], &items[i]))
			status = kl_json_fail(from->doc, items[line < before ? i - 1 : i], from->err,
					      "'%s' has '%s' twice", key, items[i]->valuestring);
	}
	free(items);
	return status;
}

enum kl_status kl_read_list(char ***out, const struct kl_reading *from, const char *key, struct kl_span_limits limits)
{
	return read_items(out, from, key, limits, false);
}

enum kl_status kl_read_slugs(char ***out, const struct kl_reading *from, const char *key, struct kl_span_limits limits)
{
	enum kl_status status = read_items(out, from, key, limits, true);

	return status ? status : refuse_twins(from, key);
}
