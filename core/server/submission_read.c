/*
 * What a client sent, checked: every wrong attribute is named at once, in Judge0's words. Numbers may be texts, anything
 * in place of a text counts as absent, and so on: clients rely on it.
 */

#include <ctype.h>
#include <math.h>

#include <kodelab/alloc.h>
#include <kodelab/json.h>

#include "core/server/base64.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"
#include "core/server/settings.h"
#include "core/server/submission.h"
#include "core/server/toolchain.h"

#define STRING_CHARS_MAX 512

/* --- errors: attribute → messages ------------------------------------------------------------------------------- */

struct reading {
	struct submission *out;
	const struct submission_source *source;
	struct kl_buf *errors;
	const char *last; /* the attribute whose messages are being written; NULL: none yet */
};

static void KL_PRINTF(3, 4) complain(struct reading *reading, const char *attribute, const char *fmt, ...)
{
	char text[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (reading->last && !strcmp(reading->last, attribute)) {
		kl_buf_cut(reading->errors, reading->errors->len - 1); /* the "]" */
		kl_buf_add_char(reading->errors, ',');
	} else {
		kl_buf_add_char(reading->errors, reading->last ? ',' : '{');
		jsonout_string(reading->errors, attribute, strlen(attribute));
		kl_buf_add_str(reading->errors, ":[");
	}
	jsonout_string(reading->errors, text, strlen(text));
	kl_buf_add_char(reading->errors, ']');
	reading->last = attribute;
}

/* --- what was given --------------------------------------------------------------------------------------------- */

enum raw_kind { RAW_ABSENT, RAW_TEXT, RAW_NUMBER, RAW_BOOL };

struct raw {
	enum raw_kind kind;
	const char *text; /* TEXT */
	double number; /* NUMBER */
	bool truth; /* BOOL */
};

static struct raw raw_of(const struct reading *reading, const char *name)
{
	const struct request *request = reading->source->request;
	const char *text = request ? request_query(request, name) : NULL;
	const cJSON *node =
		reading->source->object ? cJSON_GetObjectItemCaseSensitive(reading->source->object, name) : NULL;
	struct raw raw = { .kind = RAW_ABSENT };

	if (!text)
		text = cJSON_GetStringValue(node);
	if (text)
		raw = (struct raw){ .kind = RAW_TEXT, .text = text };
	else if (node && cJSON_IsNumber(node))
		raw = (struct raw){ .kind = RAW_NUMBER, .number = node->valuedouble };
	else if (cJSON_IsBool(node))
		raw = (struct raw){ .kind = RAW_BOOL, .truth = cJSON_IsTrue(node) };
	return raw;
}

static bool is_blank(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isspace((unsigned char)bytes[i]))
			return false;
	return true;
}

static bool is_given(const struct raw *raw)
{
	return raw->kind != RAW_ABSENT && !(raw->kind == RAW_TEXT && !*raw->text);
}

/* As a text: "12", "2.5". */
static const char *raw_text(const struct raw *raw, char number[32])
{
	if (raw->kind == RAW_TEXT)
		return raw->text;
	if (raw->kind == RAW_BOOL)
		return raw->truth ? "true" : "false";
	snprintf(number, 32, "%.15g", raw->number);
	return number;
}

/* --- texts ------------------------------------------------------------------------------------------------------ */

static void read_text(struct reading *reading, enum attribute which)
{
	struct raw raw = raw_of(reading, attribute_table[which].name);
	struct value *value = &reading->out->values[which];
	char number[32];
	const char *text;

	if (raw.kind == RAW_ABSENT)
		return;
	text = raw_text(&raw, number);
	if (reading->source->base64 || attribute_table[which].type == VALUE_ZIP)
		value->bytes = base64_take(&value->len, text, strlen(text));
	else
		submission_set(reading->out, which, text, strlen(text));
	if (!value->len && which != ATTRIBUTE_EXPECTED_OUTPUT)
		submission_set(reading->out, which, NULL, 0);
}

static size_t count_characters(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

static void read_string(struct reading *reading, enum attribute which)
{
	const char *name = attribute_table[which].name, *text;
	struct raw raw = raw_of(reading, name);
	char number[32];

	if (!is_given(&raw))
		return;
	text = raw_text(&raw, number);
	submission_set(reading->out, which, text, strlen(text));
	if (which != ATTRIBUTE_CALLBACK_URL && count_characters(text) > STRING_CHARS_MAX)
		complain(reading, name, "is too long (maximum is %d characters)", STRING_CHARS_MAX);
}

/* --- numbers ---------------------------------------------------------------------------------------------------- */

static bool is_number(const char *text, double *out)
{
	char *end;

	while (isspace((unsigned char)*text))
		text++;
	if (!isdigit((unsigned char)*text) && !strchr("+-.", *text))
		return false;
	*out = strtod(text, &end);
	while (isspace((unsigned char)*end))
		end++;
	return !*end && isfinite(*out) && !strpbrk(text, "xXpP");
}

static double option_number(const struct reading *reading, enum attribute which, const char *option)
{
	double number = (double)settings_int(reading->source->settings, option);

	return attribute_table[which].type == VALUE_SECONDS ? number / 1000 : number;
}

static void check_range(struct reading *reading, enum attribute which, double number)
{
	const struct attribute_row *row = &attribute_table[which];
	bool above = row->least[0] == '>';
	double least = strtod(row->least + above, NULL), most = option_number(reading, which, row->max);
	struct kl_buf text;

	if (above && number <= least)
		complain(reading, row->name, "must be greater than %s", row->least + 1);
	else if (!above && number < least)
		complain(reading, row->name, "must be greater than or equal to %s", row->least);
	if (number <= most)
		return;
	kl_buf_init(&text, 40);
	if (row->type == VALUE_SECONDS)
		jsonout_float(&text, most);
	else
		kl_buf_addf(&text, "%.15g", most);
	complain(reading, row->name, "must be less than or equal to %s", text.data);
	kl_buf_release(&text);
}

static void read_number(struct reading *reading, enum attribute which)
{
	const struct attribute_row *row = &attribute_table[which];
	struct raw raw = raw_of(reading, row->name);
	double number = raw.number;
	struct kl_buf text;

	if (!is_given(&raw)) {
		number = option_number(reading, which, row->initial);
	} else if (raw.kind == RAW_BOOL || (raw.kind == RAW_TEXT && !is_number(raw.text, &number))) {
		complain(reading, row->name, "is not a number");
		return;
	}
	check_range(reading, which, number);
	kl_buf_init(&text, 40);
	if (row->type == VALUE_SECONDS)
		jsonout_float(&text, number);
	else
		kl_buf_addf(&text, "%.0f", trunc(number < 1e15 ? number : 1e15));
	submission_set(reading->out, which, text.data, text.len);
	kl_buf_release(&text);
}

static void read_bool(struct reading *reading, enum attribute which)
{
	static const char *const words[] = { "0", "f", "F", "false", "FALSE", "off", "OFF" };
	const struct attribute_row *row = &attribute_table[which];
	struct raw raw = raw_of(reading, row->name);
	bool truth = row->initial && settings_bool(reading->source->settings, row->initial);

	if (is_given(&raw)) {
		truth = raw.kind == RAW_BOOL ? raw.truth : raw.kind == RAW_NUMBER ? raw.number != 0 : true;
		for (size_t i = 0; raw.kind == RAW_TEXT && i < KL_LENGTH(words); i++)
			if (!strcmp(words[i], raw.text))
				truth = false;
	}
	submission_print(reading->out, which, "%s", truth ? "true" : "false");
	if (!truth)
		return;
	if (which == ATTRIBUTE_ENABLE_NETWORK)
		complain(reading, row->name, "enabling network is not allowed");
	else if (row->least && !settings_bool(reading->source->settings, row->least))
		complain(reading, row->name, "this option cannot be enabled");
}

/* --- rules that concern more than one --------------------------------------------------------------------------- */

static const struct toolchain *read_language(struct reading *reading)
{
	struct raw raw = raw_of(reading, "language_id");
	const struct toolchain *language;
	char number[32];
	int64_t id;

	if (!is_given(&raw)) {
		complain(reading, "language_id", "can't be blank");
		complain(reading, "language_id", "language with id  doesn't exist");
		return NULL;
	}
	id = raw.kind == RAW_BOOL ? raw.truth : strtoll(raw_text(&raw, number), NULL, 10);
	language = toolchain_find(reading->source->toolchains, id);
	reading->out->language_id = id;
	if (!language)
		complain(reading, "language_id", "language with id %lld doesn't exist", (long long)id);
	else if (language->archived)
		complain(reading, "language_id", "language with id %lld is archived and cannot be used anymore",
			 (long long)id);
	return language;
}

static void check_source(struct reading *reading, const struct toolchain *language)
{
	const struct value *source = &reading->out->values[ATTRIBUTE_SOURCE_CODE];
	bool blank = !source->bytes || is_blank(source->bytes, source->len);

	if (language && language->id == TOOLCHAIN_MULTI_FILE) {
		if (!blank)
			complain(reading, "source_code", "must be blank");
	} else if (blank) {
		complain(reading, "source_code", "can't be blank");
	}
}

/* "C", "C++" and "Java" → "C, C++ and Java". */
static void print_list(char *text, size_t size, const char *words)
{
	char word[64], next[64];
	bool more = settings_next_word(&words, word, sizeof(word));
	size_t used = 0;

	*text = '\0';
	for (bool first = true; more && used < size; first = false) {
		more = settings_next_word(&words, next, sizeof(next));
		used += (size_t)snprintf(text + used, size - used, "%s%s", first ? "" : more ? ", " : " and ", word);
		memcpy(word, next, sizeof(word));
	}
}

static bool options_allowed_for(const char *words, const struct toolchain *language)
{
	size_t len = strcspn(language->name, " (");
	char word[64];

	while (settings_next_word(&words, word, sizeof(word)))
		if (strlen(word) == len && !strncmp(word, language->name, len))
			return true;
	return false;
}

static void check_compiler_options(struct reading *reading, const struct toolchain *language)
{
	static const char name[] = "compiler_options";
	const char *words = settings_string(reading->source->settings, "judge0.allowed_languages_for_compile_options");
	char list[200];

	if (!submission_text(reading->out, ATTRIBUTE_COMPILER_OPTIONS))
		return;
	if (language && !language->compile) {
		complain(reading, name, "setting compiler options is only allowed for compiled languages");
	} else if (!settings_bool(reading->source->settings, "judge0.enable_compiler_options")) {
		complain(reading, name, "setting compiler options is not allowed");
	} else if (language && *words && !options_allowed_for(words, language)) {
		print_list(list, sizeof(list), words);
		complain(reading, name, "setting compiler options is only allowed for %s", list);
	}
}

/* clang-format off */
static const struct permission {
	enum attribute which;
	const char *option, *message;
} permissions[] = {
	{ ATTRIBUTE_ARGUMENTS, "judge0.enable_command_line_arguments", "setting command line arguments is not allowed" },
	{ ATTRIBUTE_CALLBACK_URL, "judge0.enable_callbacks", "setting callback is not allowed" },
	{ ATTRIBUTE_ADDITIONAL_FILES, "judge0.enable_additional_files", "setting additional files is not allowed" },
};
/* clang-format on */

static bool is_allowed(const struct settings *settings, const struct permission *rule)
{
	if (rule->which == ATTRIBUTE_CALLBACK_URL && !*settings_string(settings, "callbacks.allow"))
		return false;
	return settings_bool(settings, rule->option);
}

static void check_permission(struct reading *reading, enum attribute which)
{
	for (size_t i = 0; i < KL_LENGTH(permissions); i++)
		if (permissions[i].which == which && submission_text(reading->out, which) &&
		    !is_allowed(reading->source->settings, &permissions[i]))
			complain(reading, attribute_table[which].name, "%s", permissions[i].message);
}

static void read_permitted_string(struct reading *reading, enum attribute which)
{
	read_string(reading, which);
	check_permission(reading, which);
}

static void read_values(struct reading *reading, enum value_type type, void (*read)(struct reading *, enum attribute))
{
	for (size_t i = 0; i < ATTRIBUTE_COUNT; i++)
		if (attribute_table[i].owner == BY_CLIENT && attribute_table[i].type == type)
			read(reading, (enum attribute)i);
}

bool submission_read(struct submission *out, const struct submission_source *source, struct kl_buf *errors)
{
	struct reading reading = { .out = out, .source = source, .errors = errors };
	const struct toolchain *language;

	*out = (struct submission){ .language_id = 0 };
	read_values(&reading, VALUE_TEXT, read_text);
	read_values(&reading, VALUE_ZIP, read_text);
	language = read_language(&reading);
	check_source(&reading, language);
	read_values(&reading, VALUE_INT, read_number);
	read_values(&reading, VALUE_SECONDS, read_number);
	read_values(&reading, VALUE_BOOL, read_bool);
	if (language && language->id == TOOLCHAIN_MULTI_FILE && !out->values[ATTRIBUTE_ADDITIONAL_FILES].bytes)
		complain(&reading, "additional_files", "can't be blank");
	check_permission(&reading, ATTRIBUTE_ADDITIONAL_FILES);
	read_permitted_string(&reading, ATTRIBUTE_ARGUMENTS);
	read_permitted_string(&reading, ATTRIBUTE_CALLBACK_URL);
	read_string(&reading, ATTRIBUTE_COMPILER_OPTIONS);
	check_compiler_options(&reading, language);
	if (reading.last)
		kl_buf_add_char(errors, '}');
	return !reading.last;
}
