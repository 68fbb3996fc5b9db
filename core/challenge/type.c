/* Types as text: a name, then "[]" and "?" in any order that makes sense, read from the inside out. */

#include <kodelab/value.h>

#include <kodelab/alloc.h>

#define ARRAY_DEPTH_MAX 8

/* clang-format off */
static const struct scalar {
	const char *name;
	enum kl_type_kind kind;
} scalars[] = {
	{ "bool",   KL_TYPE_BOOL },
	{ "int",    KL_TYPE_INT },
	{ "long",   KL_TYPE_LONG },
	{ "bigint", KL_TYPE_BIGINT },
	{ "double", KL_TYPE_DOUBLE },
	{ "string", KL_TYPE_STRING },
};
/* clang-format on */

static bool same(const char *name, const char *text, size_t len)
{
	return strlen(name) == len && !memcmp(name, text, len);
}

static bool find_base(struct kl_type *out, const char *text, size_t len, const struct kl_record *records,
		      size_t record_count)
{
	for (size_t i = 0; i < KL_LENGTH(scalars); i++) {
		if (same(scalars[i].name, text, len)) {
			out->kind = scalars[i].kind;
			return true;
		}
	}
	for (size_t i = 0; i < record_count; i++) {
		if (same(records[i].name, text, len)) {
			*out = (struct kl_type){ .kind = KL_TYPE_RECORD, .record = &records[i] };
			return true;
		}
	}
	return false;
}

static void wrap_in_array(struct kl_type *type)
{
	struct kl_type *element = kl_alloc(sizeof(*element));

	*element = *type;
	*type = (struct kl_type){ .kind = KL_TYPE_ARRAY, .element = element };
}

/* What follows the name. text: the whole type, for messages. */
static enum kl_status parse_suffixes(struct kl_type *type, const char *suffixes, const char *text, struct kl_error *err)
{
	int depth = 0;

	for (const char *at = suffixes; *at;) {
		if (*at == '?' && type->nullable)
			return kl_fail(err, KL_EINVAL, "'?' is there twice in the type '%s'", text);
		if (*at == '?') {
			type->nullable = true;
			at++;
			continue;
		}
		if (strncmp(at, "[]", 2) != 0)
			return kl_fail(err, KL_EINVAL, "expected '[]' or '?' instead of '%s' in the type '%s'", at,
				       text);
		if (++depth > ARRAY_DEPTH_MAX)
			return kl_fail(err, KL_EINVAL, "the type '%s' nests more than %d arrays", text,
				       ARRAY_DEPTH_MAX);
		wrap_in_array(type);
		at += 2;
	}
	return KL_OK;
}

enum kl_status kl_type_parse(struct kl_type *out, const char *text, const struct kl_record *records,
			     size_t record_count, struct kl_error *err)
{
	size_t base = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
	struct kl_type type = { .kind = KL_TYPE_BOOL };
	enum kl_status status;

	if (!base)
		return kl_fail(err, KL_EINVAL, "expected the name of a type instead of '%s'", text);
	if (!find_base(&type, text, base, records, record_count))
		return kl_fail(
			err, KL_EINVAL,
			"unknown type '%.*s' (bool, int, long, bigint, double, string, or a record declared before)",
			(int)base, text);
	status = parse_suffixes(&type, text + base, text, err);
	if (status)
		kl_type_release(&type);
	else
		*out = type;
	return status;
}

void kl_type_release(struct kl_type *type)
{
	if (type->element) {
		kl_type_release(type->element);
		free(type->element);
	}
	*type = (struct kl_type){ .kind = KL_TYPE_BOOL };
}

static const char *base_name(const struct kl_type *type)
{
	for (size_t i = 0; i < KL_LENGTH(scalars); i++)
		if (scalars[i].kind == type->kind)
			return scalars[i].name;
	return type->record->name;
}

void kl_type_print(const struct kl_type *type, struct kl_buf *out)
{
	if (type->kind == KL_TYPE_ARRAY) {
		kl_type_print(type->element, out);
		kl_buf_add_str(out, "[]");
	} else {
		kl_buf_add_str(out, base_name(type));
	}
	if (type->nullable)
		kl_buf_add_char(out, '?');
}
