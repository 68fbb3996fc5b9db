/* Submissions as JSON. */

#include <string.h>

#include "core/server/base64.h"
#include "core/server/jsonout.h"
#include "core/server/submission.h"
#include "core/server/toolchain.h"

/* --- fields ----------------------------------------------------------------------------------------------------- */

static void want_default(struct fields *out)
{
	for (size_t i = 0; i < ATTRIBUTE_COUNT; i++)
		out->wanted[i] = attribute_table[i].shown;
}

bool fields_read(struct fields *out, const char *text, struct kl_buf *wrong)
{
	*out = (struct fields){ .wanted = { false } };
	if (!text || !*text) {
		want_default(out);
		return true;
	}
	for (const char *at = text; *at;) {
		size_t len = strcspn(at, ",");
		enum attribute which = attribute_find(at, len);

		if (len == 1 && *at == '*')
			for (size_t i = 0; i < ATTRIBUTE_COUNT; i++)
				out->wanted[i] = true;
		else if (which != ATTRIBUTE_COUNT)
			out->wanted[which] = true;
		else
			kl_buf_addf(wrong, "%s%.*s", wrong->len ? ", " : "", (int)len, at);
		at += len;
		at += *at == ',';
	}
	return !wrong->len;
}

/* --- values ----------------------------------------------------------------------------------------------------- */

static bool is_ascii(const struct value *value)
{
	for (size_t i = 0; i < value->len; i++)
		if ((unsigned char)value->bytes[i] >= 0x80)
			return false;
	return true;
}

bool submission_plain(const struct submission *submission, const struct fields *fields)
{
	for (size_t i = 0; i < ATTRIBUTE_COUNT; i++)
		if (fields->wanted[i] && attribute_table[i].type == VALUE_TEXT && !is_ascii(&submission->values[i]))
			return false;
	return true;
}

static void show_object(struct kl_buf *out, int64_t id, const char *name, const char *text)
{
	kl_buf_add_char(out, '{');
	jsonout_int(out, "id", id);
	jsonout_text(out, name, text);
	kl_buf_add_char(out, '}');
}

static void show_value(struct kl_buf *out, const struct value *value, enum value_type type, bool base64)
{
	switch (type) {
	case VALUE_TEXT:
		if (base64)
			base64_json(out, value->bytes, value->len);
		else
			jsonout_string(out, value->bytes, value->len);
		return;
	case VALUE_ZIP:
		base64_json(out, value->bytes, value->len);
		return;
	case VALUE_STRING:
	case VALUE_SECONDS:
		jsonout_string(out, value->bytes, value->len);
		return;
	case VALUE_INT:
	case VALUE_BOOL:
		kl_buf_add(out, value->bytes, value->len);
		return;
	case VALUE_OBJECT:
		return;
	}
}

void submission_show(struct kl_buf *out, const struct submission *submission, const struct fields *fields, bool base64,
		     const struct toolchains *toolchains)
{
	kl_buf_add_char(out, '{');
	for (size_t i = 0; i < ATTRIBUTE_COUNT; i++) {
		const struct value *value = &submission->values[i];

		if (!fields->wanted[i])
			continue;
		jsonout_key(out, attribute_table[i].name);
		if (i == ATTRIBUTE_STATUS)
			show_object(out, submission->status_id, "description",
				    status_description(submission->status_id));
		else if (i == ATTRIBUTE_LANGUAGE)
			show_object(out, submission->language_id, "name",
				    toolchain_name(toolchains, submission->language_id));
		else if (value->bytes)
			show_value(out, value, attribute_table[i].type, base64);
		else
			kl_buf_add_str(out, "null");
	}
	kl_buf_add_char(out, '}');
}
