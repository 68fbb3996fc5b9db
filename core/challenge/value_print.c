/* Values as JSON text, for people and for reports. */

#include <kodelab/value.h>

#include "core/challenge/challenge_int.h"

/* A whole number keeps a ".0", so that one sees what it is. */
static void print_double(double real, struct kl_buf *out)
{
	char number[KL_DOUBLE_TEXT_MAX];

	kl_double_print(real, number);
	if (strpbrk(number, "ni")) /* nan, inf: strings, as in tests.json */
		kl_buf_addf(out, "\"%s\"", number);
	else
		kl_buf_addf(out, "%s%s", number, strpbrk(number, ".e") ? "" : ".0");
}

static void print_items(const struct kl_value *value, const struct kl_type *type, struct kl_buf *out)
{
	bool record = type->kind == KL_TYPE_RECORD;

	kl_buf_add_char(out, record ? '{' : '[');
	for (size_t i = 0; i < value->count && !out->truncated; i++) {
		if (i)
			kl_buf_add_str(out, ", ");
		if (record)
			kl_buf_addf(out, "\"%s\": ", type->record->fields[i].name);
		kl_value_print(&value->items[i], record ? &type->record->fields[i].type : type->element, out);
	}
	kl_buf_add_char(out, record ? '}' : ']');
}

void kl_value_print(const struct kl_value *value, const struct kl_type *type, struct kl_buf *out)
{
	if (value->null) {
		kl_buf_add_str(out, "null");
		return;
	}
	switch (type->kind) {
	case KL_TYPE_BOOL:
		kl_buf_add_str(out, value->boolean ? "true" : "false");
		break;
	case KL_TYPE_INT:
	case KL_TYPE_LONG:
	case KL_TYPE_BIGINT:
		kl_buf_add(out, value->text, value->len);
		break;
	case KL_TYPE_DOUBLE:
		print_double(value->real, out);
		break;
	case KL_TYPE_STRING:
		kl_json_print_string(value->text, value->len, out);
		break;
	case KL_TYPE_ARRAY:
	case KL_TYPE_RECORD:
		print_items(value, type, out);
		break;
	}
}
