/* Values as JSON text, for people and for reports. Bytes that are no UTF-8 become U+FFFD: JSON has no way to say them. */

#include <kodelab/value.h>

#include <utf8proc.h>

#include "core/challenge/challenge_int.h"

static void print_escaped(unsigned char byte, struct kl_buf *out)
{
	static const char shorts[] = "\"\"\\\\\nn\tt\rr\bb\ff"; /* pairs: byte, letter */

	for (size_t i = 0; i + 1 < sizeof(shorts); i += 2) {
		if ((unsigned char)shorts[i] == byte) {
			kl_buf_addf(out, "\\%c", shorts[i + 1]);
			return;
		}
	}
	kl_buf_addf(out, "\\u%04x", byte);
}

void kl_json_print_string(const char *text, size_t len, struct kl_buf *out)
{
	kl_buf_add_char(out, '"');
	for (size_t at = 0; at < len;) {
		unsigned char byte = (unsigned char)text[at];
		utf8proc_int32_t rune;
		utf8proc_ssize_t step =
			utf8proc_iterate((const utf8proc_uint8_t *)text + at, (utf8proc_ssize_t)(len - at), &rune);

		if (byte < 0x20 || byte == '"' || byte == '\\' || byte == 0x7f)
			print_escaped(byte, out);
		else if (step > 0)
			kl_buf_add(out, text + at, (size_t)step);
		else
			kl_buf_add_str(out, "\xef\xbf\xbd");
		at += step > 0 ? (size_t)step : 1;
	}
	kl_buf_add_char(out, '"');
}

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
