/*
 * Languages of an instance. Ids differ between servers and versions, so ours are found in its own list by name: the
 * pattern of the language table, then the highest version. What the table does not know becomes a row like the table's,
 * so that the playground and program tests can use it; such a row has neither commands nor highlighting.
 */

#include "core/judge/judge0/instance_int.h"

#include <ctype.h>
#include <strings.h>

#include <kodelab/json.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <kodelab/alloc.h>

#define LIST_MAX      ((size_t)1 << 20)
#define LANGUAGES_MAX 1000
#define NAME_MAX_LEN  120
#define MULTI_FILE_ID 89

/* --- reading and writing ------------------------------------------------------------------------------------------ */

static char *string_of(const cJSON *object, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

	return cJSON_IsString(item) ? kl_strdup(item->valuestring) : NULL;
}

static void read_one(struct kl_instance_language *out, const cJSON *item)
{
	const cJSON *id = cJSON_GetObjectItemCaseSensitive(item, "id");

	*out = (struct kl_instance_language){
		.id = cJSON_IsNumber(id) ? id->valueint : -1,
		.name = string_of(item, "name"),
		.source_file = string_of(item, "source_file"),
		.compile_cmd = string_of(item, "compile_cmd"),
		.run_cmd = string_of(item, "run_cmd"),
		.detailed = cJSON_HasObjectItem(item, "run_cmd"),
	};
}

static void release_one(struct kl_instance_language *language)
{
	free(language->name);
	free(language->source_file);
	free(language->compile_cmd);
	free(language->run_cmd);
}

/* A name is shown and compared: what is none is passed over. */
static bool is_usable(const struct kl_instance_language *language)
{
	if (!language->name || !*language->name || strlen(language->name) > NAME_MAX_LEN || language->id < 0)
		return false;
	for (const char *c = language->name; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return false;
	return true;
}

void languages_free(struct kl_instance_language *languages, size_t count)
{
	for (size_t i = 0; i < count; i++)
		release_one(&languages[i]);
	free(languages);
}

enum kl_status languages_read(struct kl_instance_language **out, size_t *count, const char *text, size_t len,
			      struct kl_error *err)
{
	struct kl_instance_language *languages;
	struct kl_json *doc;
	const cJSON *item;
	size_t found = 0;
	enum kl_status status = kl_json_parse(&doc, text, len, LIST_MAX, "languages", err);

	if (status)
		return status;
	if (!cJSON_IsArray(kl_json_root(doc))) {
		kl_json_free(doc);
		return kl_fail(err, KL_EINVAL, "its list of languages is none: is this a Judge0 server?");
	}
	languages = kl_calloc(LANGUAGES_MAX, sizeof(*languages));
	cJSON_ArrayForEach(item, kl_json_root(doc)) {
		if (found == LANGUAGES_MAX)
			break;
		read_one(&languages[found], item);
		if (is_usable(&languages[found]))
			found++;
		else
			release_one(&languages[found]);
	}
	kl_json_free(doc);
	*out = languages;
	*count = found;
	return KL_OK;
}

enum kl_status language_read(struct kl_instance_language *out, const char *text, size_t len, struct kl_error *err)
{
	struct kl_instance_language language;
	struct kl_json *doc;
	enum kl_status status = kl_json_parse(&doc, text, len, LIST_MAX, "language", err);

	if (status)
		return status;
	read_one(&language, kl_json_root(doc));
	kl_json_free(doc);
	if (!is_usable(&language)) {
		release_one(&language);
		return kl_fail(err, KL_EINVAL, "what it says of a language is none");
	}
	language.detailed = true;
	*out = language;
	return KL_OK;
}

static void print_field(cJSON *item, const char *key, const char *value)
{
	if (value)
		cJSON_AddStringToObject(item, key, value);
	else
		cJSON_AddNullToObject(item, key);
}

char *languages_print(const struct kl_instance_language *languages, size_t count)
{
	cJSON *root = cJSON_CreateArray();
	char *text;

	for (size_t i = 0; i < count; i++) {
		cJSON *item = cJSON_CreateObject();

		cJSON_AddNumberToObject(item, "id", languages[i].id);
		cJSON_AddStringToObject(item, "name", languages[i].name);
		if (languages[i].detailed) {
			print_field(item, "source_file", languages[i].source_file);
			print_field(item, "compile_cmd", languages[i].compile_cmd);
			print_field(item, "run_cmd", languages[i].run_cmd);
		}
		cJSON_AddItemToArray(root, item);
	}
	text = cJSON_PrintUnformatted(root);
	cJSON_Delete(root);
	return text;
}

void languages_keep_details(struct kl_instance_language *languages, size_t count,
			    const struct kl_instance_language *old, size_t old_count)
{
	for (size_t i = 0; i < count; i++) {
		struct kl_instance_language *to = &languages[i];

		for (size_t k = 0; k < old_count && !to->detailed; k++) {
			if (old[k].id != to->id || strcmp(old[k].name, to->name) != 0 || !old[k].detailed)
				continue;
			to->source_file = kl_strdup(old[k].source_file);
			to->compile_cmd = kl_strdup(old[k].compile_cmd);
			to->run_cmd = kl_strdup(old[k].run_cmd);
			to->detailed = true;
		}
	}
}

/* --- matching ----------------------------------------------------------------------------------------------------- */

/* The numbers of "C (GCC 9.2.0)": those after the parenthesis. */
static void version_of(int numbers[4], const char *name)
{
	const char *at = strchr(name, '(');

	memset(numbers, 0, 4 * sizeof(*numbers));
	at = at ? at + strcspn(at, "0123456789") : "";
	for (int i = 0; i < 4 && isdigit((unsigned char)*at); i++) {
		char *end;
		long number = strtol(at, &end, 10);

		numbers[i] = number > 1000000 ? 1000000 : (int)number;
		at = *end == '.' ? end + 1 : end;
	}
}

/* Clang's numbers are not GCC's; our messages and flags are GCC's. */
static bool is_second_choice(const char *name)
{
	return strcasestr(name, "clang") != NULL;
}

static bool is_better(const char *name, const char *than)
{
	int ours[4], theirs[4];

	if (is_second_choice(name) != is_second_choice(than))
		return is_second_choice(than);
	version_of(ours, name);
	version_of(theirs, than);
	for (int i = 0; i < 4; i++)
		if (ours[i] != theirs[i])
			return ours[i] > theirs[i];
	return false;
}

static pcre2_code *compile(const char *pattern)
{
	size_t offset;
	int code;

	return pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, PCRE2_UTF | PCRE2_MATCH_INVALID_UTF, &code,
			     &offset, NULL);
}

struct kl_instance_language *languages_match(struct kl_instance_language *languages, size_t count, const char *pattern)
{
	struct kl_instance_language *best = NULL;
	pcre2_code *code = pattern ? compile(pattern) : NULL;
	pcre2_match_data *match = code ? pcre2_match_data_create_from_pattern(code, NULL) : NULL;

	for (size_t i = 0; match && i < count; i++) {
		const char *name = languages[i].name;

		if (pcre2_match(code, (PCRE2_SPTR)name, strlen(name), 0, 0, match, NULL) >= 0 &&
		    (!best || is_better(name, best->name)))
			best = &languages[i];
	}
	pcre2_match_data_free(match);
	pcre2_code_free(code);
	return best;
}

/* --- languages that the table does not know ----------------------------------------------------------------------- */

struct extra_language {
	struct kl_language row; /* its strings are the fields below */
	char *id, *name, *suffix, *source, *judge0;
};

static const struct {
	const char *id, *suffix, *aliases;
} suffixes[] = {
	{ "assembly", "asm", "nasm" },
	{ "basic", "bas", "" },
	{ "c#", "cs", "csharp" },
	{ "clojure", "clj", "" },
	{ "cobol", "cob", "" },
	{ "common-lisp", "lisp", "lisp" },
	{ "d", "d", "" },
	{ "dart", "dart", "" },
	{ "elixir", "ex", "" },
	{ "erlang", "erl", "" },
	{ "f#", "fs", "fsharp" },
	{ "fortran", "f90", "" },
	{ "groovy", "groovy", "" },
	{ "haskell", "hs", "" },
	{ "kotlin", "kt", "" },
	{ "lua", "lua", "" },
	{ "nim", "nim", "" },
	{ "objective-c", "m", "objc" },
	{ "ocaml", "ml", "" },
	{ "octave", "oct", "" },
	{ "pascal", "pas", "" },
	{ "perl", "pl", "" },
	{ "php", "php", "" },
	{ "prolog", "pro", "" },
	{ "r", "r", "" },
	{ "scala", "scala", "" },
	{ "swift", "swift", "" },
	{ "visual-basic.net", "vb", "vb" },
};

const char *kl_instances_suffix(const char *id)
{
	for (size_t i = 0; i < KL_LENGTH(suffixes); i++)
		if (!strcmp(suffixes[i].id, id))
			return suffixes[i].suffix;
	return "txt";
}

/* "Visual Basic.Net" → "visual-basic.net" */
static char *id_of(const char *name)
{
	char *id = kl_strdup(name);

	for (char *c = id; *c; c++)
		*c = *c == ' ' || *c == '/' ? '-' : (char)tolower((unsigned char)*c);
	return id;
}

/* "Kotlin (1.3.70)" → "Kotlin"; "Python (2.7.17)" → "Python 2": Python alone is another language. */
static char *base_of(const char *name)
{
	const char *end = strstr(name, " (");
	char *base = end ? kl_strndup(name, (size_t)(end - name)) : kl_strdup(name);
	int version[4];
	char *numbered;

	if (!kl_language_find(base))
		return base;
	version_of(version, name);
	numbered = kl_format("%s %d", base, version[0]);
	free(base);
	return numbered;
}

static char *pattern_of(const char *name, const char *base)
{
	size_t len = strcspn(name, "(");
	int version[4];

	version_of(version, name);
	if (strncmp(name, base, strlen(base)) != 0) /* numbered */
		return kl_format("(?i)^\\Q%.*s\\E\\(\\D*%d\\b", (int)len, name, version[0]);
	return kl_format("(?i)^\\Q%s\\E( \\(|$)", base);
}

static void free_extra(struct extra_language *extra)
{
	free(extra->id);
	free(extra->name);
	free(extra->suffix);
	free(extra->source);
	free(extra->judge0);
	free(extra);
}

static struct extra_language *make_extra(const char *name, char *base)
{
	static const char *const no_tools[] = { NULL };
	struct extra_language *extra = kl_calloc(1, sizeof(*extra));
	const char *aliases = "";

	extra->name = base;
	extra->id = id_of(base);
	for (size_t i = 0; i < KL_LENGTH(suffixes); i++)
		if (!strcmp(suffixes[i].id, extra->id))
			aliases = suffixes[i].aliases;
	extra->suffix = kl_strdup(kl_instances_suffix(extra->id));
	extra->source = kl_format("solution.%s", extra->suffix);
	extra->judge0 = pattern_of(name, base);
	extra->row = (struct kl_language){
		.id = extra->id,
		.name = extra->name,
		.suffix = extra->suffix,
		.source = extra->source,
		.aliases = aliases,
		.judge0 = extra->judge0,
		.line_comment = "#",
		.syntax = "plain",
		.tools = no_tools,
		.package = "",
		.version_flag = "",
		.indent = { .width = 4 },
		.cpu_factor_percent = 100,
	};
	return extra;
}

/* Is it one of ours, or no language to write a program in? */
static bool is_known(const struct kl_instance_language *language)
{
	struct kl_instance_language one = *language;

	if (language->id == MULTI_FILE_ID || !strncasecmp(language->name, "multi-file", 10) ||
	    !strcasecmp(language->name, "executable") || !strcasecmp(language->name, "plain text"))
		return true;
	for (size_t i = 0; i < kl_language_count(); i++)
		if (languages_match(&one, 1, kl_language_at(i)->judge0))
			return true;
	return false;
}

static bool is_listed(const struct extra_languages *extra, const char *id)
{
	for (size_t i = 0; i < extra->count; i++)
		if (!strcmp(extra->items[i]->id, id))
			return true;
	return false;
}

void extra_languages_add(struct extra_languages *extra, const struct kl_instance_language *languages, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct extra_language *made;

		if (is_known(&languages[i]))
			continue;
		made = make_extra(languages[i].name, base_of(languages[i].name));
		if (is_listed(extra, made->id) || kl_language_find(made->id)) {
			free_extra(made);
			continue;
		}
		KL_GROW(extra->items, extra->count, extra->capacity);
		extra->items[extra->count++] = made;
	}
}

void extra_languages_free(struct extra_languages *extra)
{
	for (size_t i = 0; i < extra->count; i++)
		free_extra(extra->items[i]);
	free(extra->items);
	*extra = (struct extra_languages){ .items = NULL };
}

const struct kl_language *extra_language_at(const struct extra_languages *extra, size_t index)
{
	return index < extra->count ? &extra->items[index]->row : NULL;
}
