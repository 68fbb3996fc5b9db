/* Members of an object by key and type, and what to say when they are not as they should be. */

#include <kodelab/json.h>

#include <errno.h>

#include <kodelab/suggest.h>

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

static bool is_known(const char *key, const char *const *known)
{
	for (; *known; known++)
		if (!strcmp(key, *known))
			return true;
	return false;
}

const char *kl_json_text_of(const cJSON *object, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));

	return text ? text : "";
}

double kl_json_number_of(const cJSON *object, const char *key)
{
	const cJSON *node = cJSON_GetObjectItemCaseSensitive(object, key);

	return cJSON_IsNumber(node) ? node->valuedouble : 0;
}

enum kl_status kl_json_only(const struct kl_json *doc, const cJSON *object, const char *const *known,
			    struct kl_error *err)
{
	const cJSON *member;

	cJSON_ArrayForEach(member, object) {
		const char *guess;

		if (!cJSON_IsObject(object) || is_known(member->string, known))
			continue;
		guess = kl_suggest(member->string, known);
		if (guess)
			return kl_json_fail(doc, member, err, "unknown key '%s', did you mean '%s'?", member->string,
					    guess);
		return kl_json_fail(doc, member, err, "unknown key '%s'", member->string);
	}
	return KL_OK;
}
