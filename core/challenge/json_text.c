/* Texts in pack files: a string, or an array of strings that are its lines; and JSON printed as it was read. */

#include "core/challenge/challenge_int.h"

#include <kodelab/alloc.h>

static bool all_strings(const cJSON *array, size_t *bytes)
{
	const cJSON *line;

	*bytes = 0;
	cJSON_ArrayForEach(line, array) {
		if (!cJSON_IsString(line))
			return false;
		*bytes += strlen(line->valuestring) + 1;
	}
	return true;
}

bool kl_json_text(char **text, size_t *len, const cJSON *node)
{
	const cJSON *line;
	size_t bytes;
	char *to;

	if (cJSON_IsString(node)) {
		*len = strlen(node->valuestring);
		*text = kl_strndup(node->valuestring, *len);
		return true;
	}
	if (!cJSON_IsArray(node) || !all_strings(node, &bytes))
		return false;
	to = *text = kl_alloc(bytes + 1);
	cJSON_ArrayForEach(line, node) {
		to = stpcpy(to, line->valuestring);
		*to++ = '\n';
	}
	*to = '\0';
	*len = bytes;
	return true;
}

/* --- printing ----------------------------------------------------------------------------------------------------- */

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
