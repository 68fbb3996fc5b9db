/* JSON as text. Bytes that are no UTF-8 become U+FFFD: JSON has no way to say them. */

#include <kodelab/json.h>

#include <string.h>

#include <utf8proc.h>

#include <kodelab/buf.h>

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

static void print_members(const struct kl_json *doc, const cJSON *node, struct kl_buf *out)
{
	const cJSON *member;
	const char *before = "";

	cJSON_ArrayForEach(member, node) {
		kl_buf_add_str(out, before);
		if (cJSON_IsObject(node)) {
			kl_json_print_string(member->string, strlen(member->string), out);
			kl_buf_add_char(out, ':');
		}
		kl_json_print(doc, member, out);
		before = ",";
	}
}

void kl_json_print(const struct kl_json *doc, const cJSON *node, struct kl_buf *out)
{
	switch (node->type & 0xff) {
	case cJSON_Object:
	case cJSON_Array:
		kl_buf_add_char(out, cJSON_IsObject(node) ? '{' : '[');
		print_members(doc, node, out);
		kl_buf_add_char(out, cJSON_IsObject(node) ? '}' : ']');
		break;
	case cJSON_String:
		kl_json_print_string(node->valuestring, strlen(node->valuestring), out);
		break;
	case cJSON_Number:
		kl_buf_add_str(out, kl_json_digits(doc, node));
		break;
	case cJSON_True:
		kl_buf_add_str(out, "true");
		break;
	case cJSON_False:
		kl_buf_add_str(out, "false");
		break;
	default:
		kl_buf_add_str(out, "null");
	}
}
