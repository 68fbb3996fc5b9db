/* From a challenge and a student's text to files and commands for the box. */

#include <kodelab/harness.h>

#include <string.h>

#include <kodelab/alloc.h>

#include "core/judge/harness_int.h"

#define ARGS_MAX 48

static const struct harness_language *const rows[] = {
	&harness_bash,       &harness_c,      &harness_cpp,  &harness_go,   &harness_java,
	&harness_javascript, &harness_python, &harness_ruby, &harness_rust, &harness_typescript,
};

static const struct harness_language *find_row(const char *id)
{
	for (size_t i = 0; i < KL_LENGTH(rows); i++)
		if (!strcmp(rows[i]->id, id))
			return rows[i];
	return NULL;
}

/* --- commands ----------------------------------------------------------------------------------------------------- */

struct args {
	char *list[ARGS_MAX + 1];
	size_t count;
};

static void add_arg(struct args *args, const char *text)
{
	if (args->count < ARGS_MAX)
		args->list[args->count++] = kl_strdup(text);
}

static char **detach_args(const struct args *args)
{
	char **list = kl_calloc(args->count + 1, sizeof(*list));

	memcpy(list, args->list, args->count * sizeof(*list));
	return list;
}

/* text with the first place of word replaced. */
static char *replace(const char *text, const char *word, const char *by)
{
	const char *at = strstr(text, word);

	if (!at)
		return kl_strdup(text);
	return kl_format("%.*s%s%s", (int)(at - text), text, by, at + strlen(word));
}

static void add_filled(struct args *args, const struct kl_language *language, const char *text)
{
	char *once = replace(text, "{source}", language->source);
	char *twice = replace(once, "{program}", language->program ? language->program : "");

	add_arg(args, twice);
	free(once);
	free(twice);
}

static char **compile_argv(const struct kl_language *language, const struct harness_language *row)
{
	struct args args = { .count = 0 };

	if (!language->compile)
		return NULL;
	for (const char *const *at = language->compile; *at; at++) {
		if (row && row->compile && !strcmp(*at, "{source}"))
			for (const char *const *source = row->compile; *source; source++)
				add_arg(&args, *source);
		else
			add_filled(&args, language, *at);
		for (const char *const *extra = row ? row->compile_extra : NULL; extra && *extra; extra++)
			if (at == language->compile)
				add_arg(&args, *extra);
	}
	return detach_args(&args);
}

static char **run_argv(const struct kl_language *language, const struct harness_language *row)
{
	struct args args = { .count = 0 };

	if (!language->run) /* of a judge's list, not of the table */
		return NULL;
	for (const char *const *at = language->run; *at; at++) {
		bool main = !strcmp(*at, "{source}") || !strcmp(*at, "{program}");

		if (row && row->run && main)
			add_arg(&args, row->run);
		else
			add_filled(&args, language, *at);
	}
	return detach_args(&args);
}

/* --- files -------------------------------------------------------------------------------------------------------- */

static struct kl_file *add_file(struct kl_harness *out, const char *name, const char *text, size_t len)
{
	struct kl_file *file;

	out->files = kl_realloc_array(out->files, out->file_count + 1, sizeof(*out->files));
	file = &out->files[out->file_count++];
	*file = (struct kl_file){ kl_strdup(name), kl_strndup(text, len), len };
	return file;
}

/* javac wants a public class in a file of its name; blanks keep the columns. */
static void hide_public(struct kl_file *file)
{
	static const char words[] = "public class Solution", modifier[] = "public";
	char *at = strstr(file->text, words);

	if (at)
		memset(at, ' ', sizeof(modifier) - 1);
}

static void add_generated(struct kl_harness *out, const struct harness *harness)
{
	struct kl_buf text;

	for (const struct harness_file *file = harness->row->files; file->name; file++) {
		kl_buf_init(&text, HARNESS_TEXT_MAX);
		harness_fill(harness, file->lines, &text);
		add_file(out, file->name, text.data, text.len);
		kl_buf_release(&text);
	}
}

enum kl_status kl_harness_build(struct kl_harness *out, const struct kl_challenge *challenge,
				const struct kl_language *language, const char *code, size_t code_len,
				struct kl_error *err)
{
	const struct harness_language *row = NULL;
	struct kl_harness built = { .files = NULL };
	struct kl_file *student;

	if (challenge && challenge->kind == KL_KIND_FUNCTION) {
		row = find_row(language->id);
		if (!row)
			return kl_fail(err, KL_EINVAL, "functions cannot be tested in %s: choose another language",
				       language->name);
	}
	student = add_file(&built, language->source, code, code_len);
	if (row && !strcmp(row->id, "java"))
		hide_public(student);
	if (row)
		add_generated(&built, &(struct harness){ challenge, language, row });
	built.compile = compile_argv(language, row);
	built.run = run_argv(language, row);
	*out = built;
	return KL_OK;
}

static void free_list(char **list)
{
	for (char **at = list; at && *at; at++)
		free(*at);
	free(list);
}

void kl_harness_release(struct kl_harness *harness)
{
	for (size_t i = 0; i < harness->file_count; i++) {
		free(harness->files[i].name);
		free(harness->files[i].text);
	}
	free(harness->files);
	free_list(harness->compile);
	free_list(harness->run);
	*harness = (struct kl_harness){ .files = NULL };
}

/* --- starters ----------------------------------------------------------------------------------------------------- */

static const char *const sql_program[] = {
	"-- The tables are there already: write the query here.",
	NULL,
};

char *kl_harness_starter(const struct kl_challenge *challenge, const struct kl_language *language)
{
	const struct harness_language *row = find_row(language->id);
	struct harness harness = { challenge, language, row };
	struct kl_buf out;

	kl_buf_init(&out, HARNESS_TEXT_MAX);
	if (row && challenge && challenge->kind == KL_KIND_FUNCTION)
		row->starter(&harness, &out);
	else
		for (const char *const *line = row ? row->program : sql_program; *line; line++)
			kl_buf_addf(&out, "%s\n", *line);
	return kl_buf_detach(&out);
}
