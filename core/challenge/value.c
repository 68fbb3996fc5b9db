/* Values out of JSON. A value takes its shape from its type; the text only fills it, so a type's depth is the value's. */

#include <kodelab/value.h>

#include <math.h>

#include <kodelab/alloc.h>

#include "core/challenge/challenge_int.h"

/* Where we are, for messages: a chain on the stack, from the value inwards. */
struct step {
	const struct step *up; /* NULL: the value itself */
	const char *field; /* NULL: an element */
	size_t index; /* of an element, from 0 */
};

struct reader {
	const struct kl_json *doc;
	const char *what;
	size_t left; /* values that may still be read */
	struct kl_error *err;
};

static enum kl_status read_value(struct kl_value *out, struct reader *reader, const struct kl_type *type,
				 const cJSON *node, const struct step *step);

/* --- messages ----------------------------------------------------------------------------------------------------- */

static void print_step(const struct step *step, struct kl_buf *out)
{
	if (!step)
		return;
	print_step(step->up, out);
	if (step->field)
		kl_buf_addf(out, ".%s", step->field);
	else
		kl_buf_addf(out, "[%zu]", step->index);
}

/* sentence has one "%s": the place ("nums[3]"). */
static enum kl_status refuse(const struct reader *reader, const cJSON *node, const struct step *step,
			     const char *before, const char *after)
{
	struct kl_buf place;
	enum kl_status status;

	kl_buf_init(&place, 200);
	kl_buf_add_str(&place, reader->what);
	print_step(step, &place);
	status = kl_json_fail(reader->doc, node, reader->err, "%s'%s'%s", before, place.data, after);
	kl_buf_release(&place);
	return status;
}

static const char *kind_words(enum kl_type_kind kind)
{
	switch (kind) {
	case KL_TYPE_BOOL:
		return "expected true or false for ";
	case KL_TYPE_INT:
	case KL_TYPE_LONG:
	case KL_TYPE_BIGINT:
		return "expected a whole number for ";
	case KL_TYPE_DOUBLE:
		return "expected a number for ";
	case KL_TYPE_STRING:
		return "expected a string for ";
	case KL_TYPE_ARRAY:
		return "expected an array for ";
	case KL_TYPE_RECORD:
		return "expected an object for ";
	}
	return "";
}

/* --- one kind after the other ------------------------------------------------------------------------------------- */

static enum kl_status read_integer(struct kl_value *out, struct reader *reader, const struct kl_type *type,
				   const cJSON *node, const struct step *step)
{
	const char *digits = kl_json_digits(reader->doc, node);

	out->text = digits ? kl_digits_canonical(digits, strlen(digits)) : NULL;
	if (!out->text)
		return refuse(reader, node, step, kind_words(type->kind), "");
	out->len = strlen(out->text);
	if (kl_digits_fit(out->text, type->kind))
		return KL_OK;
	return refuse(reader, node, step, "",
		      type->kind == KL_TYPE_INT ? " does not fit an int (32 bits); use long or bigint"
						: " does not fit a long (64 bits); use bigint");
}

/* JSON has no name for what is not finite: the strings "nan", "inf" and "-inf" stand for them. */
static enum kl_status read_double(struct kl_value *out, struct reader *reader, const struct kl_type *type,
				  const cJSON *node, const struct step *step)
{
	if (cJSON_IsString(node) && kl_double_parse(&out->real, node->valuestring, strlen(node->valuestring)) &&
	    !isfinite(out->real))
		return KL_OK;
	if (!cJSON_IsNumber(node))
		return refuse(reader, node, step, kind_words(type->kind), "");
	out->real = node->valuedouble;
	if (!isfinite(out->real))
		return refuse(reader, node, step, "", " does not fit a double");
	return KL_OK;
}

static enum kl_status read_array(struct kl_value *out, struct reader *reader, const struct kl_type *type,
				 const cJSON *node, const struct step *step)
{
	struct step inner = { .up = step };
	const cJSON *element;

	if (!cJSON_IsArray(node))
		return refuse(reader, node, step, kind_words(type->kind), "");
	out->count = (size_t)cJSON_GetArraySize(node);
	out->items = kl_calloc(out->count, sizeof(*out->items));
	cJSON_ArrayForEach(element, node) {
		enum kl_status status = read_value(&out->items[inner.index], reader, type->element, element, &inner);

		if (status)
			return status;
		inner.index++;
	}
	return KL_OK;
}

static enum kl_status only_fields(const struct reader *reader, const struct kl_record *record, const cJSON *node)
{
	const char **known = kl_calloc(record->count + 1, sizeof(*known));
	enum kl_status status;

	for (size_t i = 0; i < record->count; i++)
		known[i] = record->fields[i].name;
	status = kl_json_only(reader->doc, node, known, reader->err);
	free(known);
	return status;
}

static enum kl_status read_record(struct kl_value *out, struct reader *reader, const struct kl_type *type,
				  const cJSON *node, const struct step *step)
{
	const struct kl_record *record = type->record;
	enum kl_status status = KL_OK;

	if (!cJSON_IsObject(node))
		return refuse(reader, node, step, kind_words(type->kind), "");
	status = only_fields(reader, record, node);
	out->count = record->count;
	out->items = kl_calloc(record->count, sizeof(*out->items));
	for (size_t i = 0; i < record->count && !status; i++) {
		const struct kl_field *field = &record->fields[i];
		struct step inner = { .up = step, .field = field->name };
		const cJSON *member = cJSON_GetObjectItemCaseSensitive(node, field->name);

		if (!member)
			return refuse(reader, node, &inner, "", " is missing");
		status = read_value(&out->items[i], reader, &field->type, member, &inner);
	}
	return status;
}

/* A string, or an array of strings that are its lines: long texts stay readable. */
static enum kl_status read_string(struct kl_value *out, struct reader *reader, const struct kl_type *type,
				  const cJSON *node, const struct step *step)
{
	if (!kl_json_text(&out->text, &out->len, node))
		return refuse(reader, node, step, kind_words(type->kind), "");
	return KL_OK;
}

static enum kl_status read_bool(struct kl_value *out, struct reader *reader, const struct kl_type *type,
				const cJSON *node, const struct step *step)
{
	if (!cJSON_IsBool(node))
		return refuse(reader, node, step, kind_words(type->kind), "");
	out->boolean = cJSON_IsTrue(node);
	return KL_OK;
}

typedef enum kl_status read_fn(struct kl_value *out, struct reader *reader, const struct kl_type *type,
			       const cJSON *node, const struct step *step);

/* clang-format off */
static read_fn *const read_kind[] = {
	[KL_TYPE_BOOL]   = read_bool,
	[KL_TYPE_INT]    = read_integer,
	[KL_TYPE_LONG]   = read_integer,
	[KL_TYPE_BIGINT] = read_integer,
	[KL_TYPE_DOUBLE] = read_double,
	[KL_TYPE_STRING] = read_string,
	[KL_TYPE_ARRAY]  = read_array,
	[KL_TYPE_RECORD] = read_record,
};
/* clang-format on */

static enum kl_status read_value(struct kl_value *out, struct reader *reader, const struct kl_type *type,
				 const cJSON *node, const struct step *step)
{
	if (!reader->left)
		return refuse(reader, node, step, "", " makes over 1000000 values");
	reader->left--;
	if (cJSON_IsNull(node)) {
		out->null = true;
		return type->nullable ? KL_OK : refuse(reader, node, step, "", " may not be null");
	}
	return read_kind[type->kind](out, reader, type, node, step);
}

enum kl_status kl_value_from_json(struct kl_value *out, const struct kl_type *type, const struct kl_json *doc,
				  const cJSON *node, const char *what, struct kl_error *err)
{
	struct reader reader = { doc, what, KL_VALUE_COUNT_MAX, err };
	struct kl_value value = { .null = false };
	enum kl_status status = read_value(&value, &reader, type, node, NULL);

	if (status)
		kl_value_release(&value);
	else
		*out = value;
	return status;
}

void kl_value_release(struct kl_value *value)
{
	for (size_t i = 0; i < value->count; i++)
		kl_value_release(&value->items[i]);
	free(value->items);
	free(value->text);
	*value = (struct kl_value){ .null = false };
}
