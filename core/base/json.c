/*
 * A JSON document: cJSON's tree, and beside it each node's line and digits, found by the node's address. The scan
 * and the tree list the same values in the same order, so one walk ties them together.
 */

#include <kodelab/json.h>

#include <float.h>
#include <locale.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/file.h>
#include <kodelab/path.h>

#include "core/base/json_int.h"

/* cJSON copies a number into 64 bytes; longer ones are given to it in short, and kept whole by us. */
#define CJSON_NUMBER_MAX 60

struct place {
	const cJSON *node;
	int line;
	const char *digits; /* in struct kl_json's digits; NULL: no number */
};

struct kl_json {
	char *name;
	cJSON *root;
	char *digits; /* of all numbers, each with its NUL */
	struct place *places; /* sorted by node */
	size_t count;
};

/* --- parsing ---------------------------------------------------------------------------------------------------- */

/* The nearest double of digits, in at most 25 characters, whatever the locale's decimal point is. */
static void shorten(const char *digits, char *number, size_t size)
{
	locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	locale_t before = uselocale(plain);
	double value = strtod(digits, NULL);

	if (value > DBL_MAX || value < -DBL_MAX)
		snprintf(number, size, "%s1e999", value < 0 ? "-" : "");
	else
		snprintf(number, size, "%.17e", value);
	uselocale(before);
	freelocale(plain);
}

static char *keep_digits(const struct kl_json_scan *scan, const char *text)
{
	size_t size = 1;
	char *digits, *to;

	for (size_t i = 0; i < scan->count; i++)
		size += scan->values[i].digits_len + 1;
	to = digits = kl_alloc(size);
	for (size_t i = 0; i < scan->count; i++) {
		const struct kl_json_value *value = &scan->values[i];

		if (value->digits == KL_JSON_NO_DIGITS)
			continue;
		to = mempcpy(to, text + value->digits, value->digits_len);
		*to++ = '\0';
	}
	return digits;
}

/* What cJSON gets to read: text, with long numbers shortened to what a double holds, and blanks. Owned. */
static char *shorten_numbers(const struct kl_json_scan *scan, const char *text, size_t len)
{
	char *copy = kl_strndup(text, len);

	for (size_t i = 0; i < scan->count; i++) {
		const struct kl_json_value *value = &scan->values[i];
		char *at, *digits, number[32];

		if (value->digits_len <= CJSON_NUMBER_MAX)
			continue;
		at = copy + value->digits;
		digits = kl_strndup(at, value->digits_len);
		shorten(digits, number, sizeof(number));
		free(digits);
		memset(at, ' ', value->digits_len);
		memcpy(at, number, strlen(number)); /* NOLINT(bugprone-not-null-terminated-result): amid text */
	}
	return copy;
}

struct walk {
	struct kl_json *doc;
	const struct kl_json_scan *scan;
	const char *digits;
	struct kl_error *err;
};

static bool tie(struct walk *walk, const cJSON *node)
{
	for (; node; node = node->next) {
		const struct kl_json_value *value = &walk->scan->values[walk->doc->count];
		struct place *place = &walk->doc->places[walk->doc->count];

		if (walk->doc->count == walk->scan->count)
			return false;
		walk->doc->count++;
		*place = (struct place){ .node = node, .line = value->line };
		if (value->digits != KL_JSON_NO_DIGITS) {
			place->digits = walk->digits;
			walk->digits += value->digits_len + 1;
		}
		if (cJSON_IsNumber(node) != (place->digits != NULL) || !tie(walk, node->child))
			return false;
	}
	return true;
}

static int by_node(const void *left, const void *right)
{
	uintptr_t a = (uintptr_t)((const struct place *)left)->node;
	uintptr_t b = (uintptr_t)((const struct place *)right)->node;

	return (a > b) - (a < b);
}

static int by_key(const void *left, const void *right)
{
	const cJSON *const *a = left, *const *b = right;

	return strcmp((*a)->string, (*b)->string);
}

static enum kl_status refuse_twins(const struct kl_json *doc, const cJSON *object, struct kl_error *err)
{
	size_t count = (size_t)cJSON_GetArraySize(object), at = 0;
	enum kl_status status = KL_OK;
	const cJSON **members, *member;

	if (count < 2)
		return KL_OK;
	members = kl_calloc(count, sizeof(const cJSON *));
	cJSON_ArrayForEach(member, object)
		members[at++] = member;
	qsort(members, count, sizeof(const cJSON *), by_key);
	for (size_t i = 1; i < count && !status; i++) {
		int before = kl_json_line(doc, members[i - 1]);
		int line = kl_json_line(doc, members[i]);

		if (!strcmp(members[i - 1]->string, members[i]->string))
			status = kl_fail(err, KL_EINVAL, "%s:%d: the key '%s' is there twice", doc->name,
					 line > before ? line : before, members[i]->string);
	}
	free(members);
	return status;
}

static enum kl_status refuse_all_twins(const struct kl_json *doc, struct kl_error *err)
{
	for (size_t i = 0; i < doc->count; i++) {
		enum kl_status status = KL_OK;

		if (cJSON_IsObject(doc->places[i].node))
			status = refuse_twins(doc, doc->places[i].node, err);
		if (status)
			return status;
	}
	return KL_OK;
}

static enum kl_status build(struct kl_json *doc, const struct kl_json_scan *scan, const char *text, size_t len,
			    struct kl_error *err)
{
	char *copy = shorten_numbers(scan, text, len);
	struct walk walk = { .doc = doc, .scan = scan, .err = err };

	doc->root = cJSON_ParseWithLength(copy, len);
	free(copy);
	doc->digits = keep_digits(scan, text);
	doc->places = kl_calloc(scan->count, sizeof(*doc->places));
	walk.digits = doc->digits;
	if (!doc->root || !tie(&walk, doc->root) || doc->count != scan->count)
		return kl_fail(err, KL_EINVAL, "%s: cannot be read as JSON", doc->name);
	qsort(doc->places, doc->count, sizeof(*doc->places), by_node);
	return refuse_all_twins(doc, err);
}

enum kl_status kl_json_parse(struct kl_json **out, const char *text, size_t len, size_t max_bytes, const char *name,
			     struct kl_error *err)
{
	struct kl_json_scan scan = { .values = NULL };
	enum kl_status status;
	struct kl_json *doc;

	if (len > max_bytes)
		return kl_fail(err, KL_EFULL, "%s: too large (%zu bytes, at most %zu)", name, len, max_bytes);
	status = kl_json_scan(&scan, text, len, name, err);
	if (!status) {
		doc = kl_calloc(1, sizeof(*doc));
		doc->name = kl_strdup(name);
		status = build(doc, &scan, text, len, err);
		if (status)
			kl_json_free(doc);
		else
			*out = doc;
	}
	free(scan.values);
	return status;
}

enum kl_status kl_json_read(struct kl_json **out, const char *path, size_t max_bytes, struct kl_error *err)
{
	struct kl_buf text;
	enum kl_status status;

	kl_buf_init(&text, max_bytes);
	status = kl_file_read(&text, path, err);
	if (!status)
		status = kl_json_parse(out, text.data, text.len, max_bytes, kl_path_name(path), err);
	kl_buf_release(&text);
	return status;
}

void kl_json_free(struct kl_json *doc)
{
	if (!doc)
		return;
	cJSON_Delete(doc->root);
	free(doc->places);
	free(doc->digits);
	free(doc->name);
	free(doc);
}

/* --- asking ----------------------------------------------------------------------------------------------------- */

static const struct place *place_of(const struct kl_json *doc, const cJSON *node)
{
	struct place key = { .node = node };

	return bsearch(&key, doc->places, doc->count, sizeof(key), by_node);
}

const cJSON *kl_json_root(const struct kl_json *doc)
{
	return doc->root;
}

const char *kl_json_name(const struct kl_json *doc)
{
	return doc->name;
}

int kl_json_line(const struct kl_json *doc, const cJSON *node)
{
	const struct place *place = place_of(doc, node);

	return place ? place->line : 0;
}

const char *kl_json_digits(const struct kl_json *doc, const cJSON *node)
{
	const struct place *place = place_of(doc, node);

	return place ? place->digits : NULL;
}
