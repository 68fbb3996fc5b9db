/* Members of an object by key and type, and what to say when they are not as they should be. */

#include <kodelab/json.h>

#include <errno.h>

#include <kodelab/alloc.h>

#define KEY_DISTANCE_MAX 64 /* longer keys get no suggestion */

enum kl_status kl_json_fail(const struct kl_json *doc, const cJSON *node, struct kl_error *err, const char *fmt, ...)
{
	char sentence[sizeof(err->message)];
	va_list args;

	va_start(args, fmt);
	vsnprintf(sentence, sizeof(sentence), fmt, args);
	va_end(args);
	return kl_fail(err, KL_EINVAL, "%s:%d: %s", kl_json_name(doc), kl_json_line(doc, node), sentence);
}

struct lookup {
	const struct kl_json *doc;
	const cJSON *object;
	const char *key;
	enum kl_json_need need;
	struct kl_error *err;
};

static const char *type_name(int type)
{
	switch (type) {
	case cJSON_String:
		return "a string";
	case cJSON_Number:
		return "a number";
	case cJSON_Array:
		return "an array";
	case cJSON_Object:
		return "an object";
	default:
		return "true or false";
	}
}

/* *found stays NULL when the member is absent and may be. type cJSON_True: either truth value. */
static enum kl_status find(const cJSON **found, const struct lookup *want, int type)
{
	const cJSON *node;

	if (!cJSON_IsObject(want->object))
		return kl_json_fail(want->doc, want->object, want->err, "expected an object with '%s'", want->key);
	node = cJSON_GetObjectItemCaseSensitive(want->object, want->key);
	if (!node && want->need == KL_JSON_REQUIRED)
		return kl_json_fail(want->doc, want->object, want->err, "'%s' is missing", want->key);
	if (node && (node->type & 0xff) != type && !(type == cJSON_True && cJSON_IsFalse(node)))
		return kl_json_fail(want->doc, node, want->err, "expected %s for '%s'", type_name(type), want->key);
	*found = node;
	return KL_OK;
}

enum kl_status kl_json_get_string(const char **out, const struct kl_json *doc, const cJSON *object, const char *key,
				  enum kl_json_need need, struct kl_error *err)
{
	const struct lookup want = { doc, object, key, need, err };
	const cJSON *node = NULL;
	enum kl_status status = find(&node, &want, cJSON_String);

	if (!status && node)
		*out = node->valuestring;
	return status;
}

enum kl_status kl_json_get_int(int64_t *out, const struct kl_json *doc, const cJSON *object, const char *key,
			       int64_t min, int64_t max, enum kl_json_need need, struct kl_error *err)
{
	const struct lookup want = { doc, object, key, need, err };
	const cJSON *node = NULL;
	enum kl_status status = find(&node, &want, cJSON_Number);
	const char *digits;
	int64_t value;

	if (status || !node)
		return status;
	digits = kl_json_digits(doc, node);
	if (!digits || strpbrk(digits, ".eE"))
		return kl_json_fail(doc, node, err, "expected a whole number for '%s'", key);
	errno = 0;
	value = strtoll(digits, NULL, 10);
	if (errno || value < min || value > max)
		return kl_json_fail(doc, node, err, "'%s' must be from %lld to %lld", key, (long long)min,
				    (long long)max);
	*out = value;
	return KL_OK;
}

enum kl_status kl_json_get_double(double *out, const struct kl_json *doc, const cJSON *object, const char *key,
				  enum kl_json_need need, struct kl_error *err)
{
	const struct lookup want = { doc, object, key, need, err };
	const cJSON *node = NULL;
	enum kl_status status = find(&node, &want, cJSON_Number);

	if (!status && node)
		*out = node->valuedouble;
	return status;
}

enum kl_status kl_json_get_bool(bool *out, const struct kl_json *doc, const cJSON *object, const char *key,
				enum kl_json_need need, struct kl_error *err)
{
	const struct lookup want = { doc, object, key, need, err };
	const cJSON *node = NULL;
	enum kl_status status = find(&node, &want, cJSON_True);

	if (!status && node)
		*out = cJSON_IsTrue(node);
	return status;
}

enum kl_status kl_json_get_array(const cJSON **out, const struct kl_json *doc, const cJSON *object, const char *key,
				 enum kl_json_need need, struct kl_error *err)
{
	const struct lookup want = { doc, object, key, need, err };
	const cJSON *node = NULL;
	enum kl_status status = find(&node, &want, cJSON_Array);

	if (!status && node)
		*out = node;
	return status;
}

enum kl_status kl_json_get_object(const cJSON **out, const struct kl_json *doc, const cJSON *object, const char *key,
				  enum kl_json_need need, struct kl_error *err)
{
	const struct lookup want = { doc, object, key, need, err };
	const cJSON *node = NULL;
	enum kl_status status = find(&node, &want, cJSON_Object);

	if (!status && node)
		*out = node;
	return status;
}

/* --- unknown keys ----------------------------------------------------------------------------------------------- */

static size_t least(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Edits (insert, delete, change, swap of neighbours) from one word to the other; both at most KEY_DISTANCE_MAX. */
static size_t distance(const char *from, const char *to)
{
	size_t rows[3][KEY_DISTANCE_MAX + 1];
	size_t *before = rows[0], *last = rows[1], *row = rows[2], *spare;
	size_t width = strlen(to);

	for (size_t j = 0; j <= width; j++)
		before[j] = last[j] = j;
	for (size_t i = 1; i <= strlen(from); i++) {
		row[0] = i;
		for (size_t j = 1; j <= width; j++) {
			row[j] = least(last[j] + 1, row[j - 1] + 1, last[j - 1] + (from[i - 1] != to[j - 1]));
			if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
				row[j] = least(row[j], before[j - 2] + 1, row[j]);
		}
		spare = before;
		before = last;
		last = row;
		row = spare;
	}
	return last[width];
}

static const char *nearest(const char *key, const char *const *known)
{
	size_t len = strlen(key);
	size_t best = len / 3 + 1; /* farther words are other words */
	const char *found = NULL;

	if (len > KEY_DISTANCE_MAX)
		return NULL;
	for (; *known; known++) {
		size_t edits = strlen(*known) > KEY_DISTANCE_MAX ? best + 1 : distance(key, *known);

		if (edits > best || (found && edits == best))
			continue;
		best = edits;
		found = *known;
	}
	return found;
}

static bool is_known(const char *key, const char *const *known)
{
	for (; *known; known++)
		if (!strcmp(key, *known))
			return true;
	return false;
}

enum kl_status kl_json_only(const struct kl_json *doc, const cJSON *object, const char *const *known,
			    struct kl_error *err)
{
	const cJSON *member;

	cJSON_ArrayForEach(member, object)
	{
		const char *guess;

		if (!cJSON_IsObject(object) || is_known(member->string, known))
			continue;
		guess = nearest(member->string, known);
		if (guess)
			return kl_json_fail(doc, member, err, "unknown key '%s', did you mean '%s'?", member->string,
					    guess);
		return kl_json_fail(doc, member, err, "unknown key '%s'", member->string);
	}
	return KL_OK;
}
