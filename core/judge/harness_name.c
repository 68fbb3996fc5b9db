/* Names and type names of a challenge in a language's own custom. */

#include "core/judge/harness_int.h"

#include <ctype.h>
#include <string.h>

#define NAME_MAX_BYTES 256

static void add_snake(const char *name, struct kl_buf *out)
{
	for (const char *at = name; *at; at++) {
		if (isupper((unsigned char)*at) && at > name && at[-1] != '_' && !isupper((unsigned char)at[-1]))
			kl_buf_add_char(out, '_');
		kl_buf_add_char(out, (char)tolower((unsigned char)*at));
	}
}

/* A letter after an underscore is large; the first by choice. */
static void add_camel(const char *name, bool large, struct kl_buf *out)
{
	for (const char *at = name; *at; at++) {
		int byte = (unsigned char)*at;

		if (byte == '_' && at > name && at[1]) {
			large = true;
			continue;
		}
		if (at == name)
			byte = large ? toupper(byte) : tolower(byte);
		else if (large)
			byte = toupper(byte);
		kl_buf_add_char(out, (char)byte);
		large = false;
	}
}

static bool is_reserved(const struct harness *harness, const char *name)
{
	char word[NAME_MAX_BYTES + 3];

	if (strlen(name) > NAME_MAX_BYTES)
		return false;
	snprintf(word, sizeof(word), " %s ", name);
	return strstr(harness->row->reserved, word) != NULL;
}

void harness_name(const struct harness *harness, const char *name, enum harness_case style, struct kl_buf *out)
{
	struct kl_buf text;

	kl_buf_init(&text, 4 * NAME_MAX_BYTES);
	if (style == CASE_SNAKE)
		add_snake(name, &text);
	else
		add_camel(name, style == CASE_PASCAL, &text);
	kl_buf_add_str(out, text.data);
	if (is_reserved(harness, text.data))
		kl_buf_add_char(out, '_');
	kl_buf_release(&text);
}

void harness_function(const struct harness *harness, struct kl_buf *out)
{
	harness_name(harness, harness->challenge->function.name, harness->row->function_case, out);
}

void harness_field(const struct harness *harness, const char *name, struct kl_buf *out)
{
	harness_name(harness, name, harness->row->field_case, out);
}

void harness_record(const struct harness *harness, const struct kl_record *record, struct kl_buf *out)
{
	harness_name(harness, record->name, harness->row->record_case, out);
}

void harness_words(const struct harness *harness, const struct harness_words *words, const struct kl_type *type,
		   struct kl_buf *out)
{
	if (type->nullable)
		kl_buf_add_str(out, words->null_open);
	if (type->kind == KL_TYPE_ARRAY) {
		kl_buf_add_str(out, words->array_open);
		harness_words(harness, words, type->element, out);
		kl_buf_add_str(out, words->array_close);
	} else if (type->kind == KL_TYPE_RECORD) {
		harness_record(harness, type->record, out);
	} else {
		kl_buf_add_str(out, words->scalar[type->kind]);
	}
	if (type->nullable)
		kl_buf_add_str(out, words->null_close);
}
