/* What the site and the user have set, over the table's defaults. */

#include <kodelab/config.h>

#include <assert.h>
#include <sys/stat.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/file.h>
#include <kodelab/suggest.h>

#include "core/base/config_int.h"

#define SITE_FILE    "/etc/kodelab/config"
#define FILE_MAX     (1u << 20)
#define PROBLEMS_MAX 100

enum layer { SITE, USER, LAYERS };

struct bind {
	char *keys, *request;
	int line;
};

struct kl_config {
	char *path; /* the user's file */
	char **values[LAYERS]; /* one per option, NULL: not set there */
	struct bind *binds;
	size_t bind_count, bind_capacity;
	char **problems;
	size_t problem_count, problem_capacity;
};

/* --- reading ------------------------------------------------------------------------------------------------------ */

static void complain(struct kl_config *config, const char *file, int line, const char *sentence)
{
	if (config->problem_count == PROBLEMS_MAX)
		return;
	KL_GROW(config->problems, config->problem_count, config->problem_capacity);
	config->problems[config->problem_count++] =
		line ? kl_format("%s:%d: %s", file, line, sentence) : kl_strdup(sentence);
}

static size_t index_of(const char *name)
{
	for (size_t i = 0; i < kl_option_count(); i++)
		if (!strcmp(kl_option_at(i)->name, name))
			return i;
	return SIZE_MAX;
}

static enum kl_status unknown(const char *name, struct kl_error *err)
{
	const char **names = kl_calloc(kl_option_count() + 1, sizeof(*names));
	const char *guess;

	for (size_t i = 0; i < kl_option_count(); i++)
		names[i] = kl_option_at(i)->name;
	guess = kl_suggest(name, names);
	free(names);
	if (guess)
		return kl_fail(err, KL_EINVAL, "unknown option '%s', did you mean '%s'?", name, guess);
	return kl_fail(err, KL_EINVAL, "unknown option '%s' ('kodelab config' shows all)", name);
}

static enum kl_status take_option(struct kl_config *config, enum layer layer, const char *name, const char *value,
				  struct kl_error *err)
{
	size_t index = index_of(name);
	char *canonical = NULL;
	enum kl_status status;

	if (index == SIZE_MAX)
		return unknown(name, err);
	status = kl_option_check(&canonical, kl_option_at(index), value, err);
	if (status)
		return status;
	free(config->values[layer][index]);
	config->values[layer][index] = canonical;
	return KL_OK;
}

static void take_line(struct kl_config *config, enum layer layer, const char *file, int number,
		      struct kl_config_line *line)
{
	struct kl_error err;

	switch (line->kind) {
	case KL_LINE_EMPTY:
		break;
	case KL_LINE_BAD:
		complain(config, file, number, line->fault);
		break;
	case KL_LINE_OPTION:
		if (take_option(config, layer, line->name, line->value, &err))
			complain(config, file, number, err.message);
		break;
	case KL_LINE_BIND:
		KL_GROW(config->binds, config->bind_count, config->bind_capacity);
		config->binds[config->bind_count++] = (struct bind){ line->name, line->value, number };
		line->name = line->value = NULL;
		break;
	}
}

static void read_file(struct kl_config *config, enum layer layer, const char *path, const char *shown)
{
	struct kl_config_line line;
	struct kl_error err;
	struct kl_buf text;
	enum kl_status status;
	int number = 0;

	kl_buf_init(&text, FILE_MAX);
	status = kl_file_read(&text, path, &err);
	if (status && status != KL_ENOENT)
		complain(config, shown, 0, err.message);
	for (size_t at = 0; !status && at < text.len;) {
		const char *start = text.data + at, *newline = memchr(start, '\n', text.len - at);
		size_t len = newline ? (size_t)(newline - start) : text.len - at;

		kl_config_line_read(&line, start, len);
		take_line(config, layer, shown, ++number, &line);
		kl_config_line_release(&line);
		at += len + 1;
	}
	kl_buf_release(&text);
}

struct kl_config *kl_config_open(const struct kl_paths *paths)
{
	const char *site = getenv("KODELAB_SITE_CONFIG");
	struct kl_config *config = kl_calloc(1, sizeof(*config));

	config->path = kl_path_join(paths->config, "config");
	for (int i = 0; i < LAYERS; i++)
		config->values[i] = kl_calloc(kl_option_count(), sizeof(char *));
	site = site && *site ? site : SITE_FILE;
	read_file(config, SITE, site, site);
	read_file(config, USER, config->path, "config");
	return config;
}

void kl_config_close(struct kl_config *config)
{
	if (!config)
		return;
	for (int i = 0; i < LAYERS; i++) {
		for (size_t j = 0; j < kl_option_count(); j++)
			free(config->values[i][j]);
		free(config->values[i]);
	}
	for (size_t i = 0; i < config->bind_count; i++) {
		free(config->binds[i].keys);
		free(config->binds[i].request);
	}
	for (size_t i = 0; i < config->problem_count; i++)
		free(config->problems[i]);
	free(config->binds);
	free(config->problems);
	free(config->path);
	free(config);
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

size_t kl_config_problem_count(const struct kl_config *config)
{
	return config->problem_count;
}

const char *kl_config_problem(const struct kl_config *config, size_t index)
{
	return index < config->problem_count ? config->problems[index] : NULL;
}

const char *kl_config_path(const struct kl_config *config)
{
	return config->path;
}

const char *kl_config_string(const struct kl_config *config, const char *name)
{
	size_t index = index_of(name);

	assert(index != SIZE_MAX);
	if (config->values[USER][index])
		return config->values[USER][index];
	return config->values[SITE][index] ? config->values[SITE][index] : kl_option_at(index)->initial;
}

int64_t kl_config_int(const struct kl_config *config, const char *name)
{
	return strtoll(kl_config_string(config, name), NULL, 10);
}

bool kl_config_bool(const struct kl_config *config, const char *name)
{
	return !strcmp(kl_config_string(config, name), "true");
}

bool kl_config_is_default(const struct kl_config *config, const char *name)
{
	size_t index = index_of(name);

	assert(index != SIZE_MAX);
	return !config->values[USER][index] && !config->values[SITE][index];
}

bool kl_config_bind(const struct kl_config *config, size_t index, const char **keys, const char **request, int *line)
{
	if (index >= config->bind_count)
		return false;
	*keys = config->binds[index].keys;
	*request = config->binds[index].request;
	*line = config->binds[index].line;
	return true;
}

/* --- changing ----------------------------------------------------------------------------------------------------- */

/* The file is read anew: another program may have changed other lines since. */
static enum kl_status write_file(const struct kl_config *config, const struct kl_option *option, const char *value,
				 struct kl_error *err)
{
	char *folder = kl_strndup(config->path, (size_t)(kl_path_name(config->path) - config->path));
	struct kl_buf before, after;
	enum kl_status status;

	kl_buf_init(&before, FILE_MAX);
	kl_buf_init(&after, FILE_MAX);
	status = kl_file_read(&before, config->path, err);
	if (status == KL_ENOENT)
		status = kl_path_make(folder, err);
	if (!status) {
		kl_config_edit(before.data, before.len, option->name, value, &after);
		status = after.truncated ? kl_fail(err, KL_EFULL, "'%s' is too large", config->path)
					 : kl_file_write(config->path, after.data, after.len, 0600, err);
	}
	if (!status && value && option->secret)
		chmod(config->path, 0600); /* it may have been readable by all, which was fine until now */
	kl_buf_release(&before);
	kl_buf_release(&after);
	free(folder);
	return status;
}

enum kl_status kl_config_set(struct kl_config *config, const char *name, const char *value, struct kl_error *err)
{
	const struct kl_option *option = kl_option_find(name);
	char *canonical = NULL;
	enum kl_status status;

	if (!option)
		return unknown(name, err);
	if ((status = kl_option_check(&canonical, option, value, err)))
		return status;
	status = write_file(config, option, canonical, err);
	if (!status)
		status = take_option(config, USER, name, canonical, err);
	free(canonical);
	return status;
}

enum kl_status kl_config_unset(struct kl_config *config, const char *name, struct kl_error *err)
{
	const struct kl_option *option = kl_option_find(name);
	enum kl_status status;
	size_t index;

	if (!option)
		return unknown(name, err);
	status = kl_path_exists(config->path) ? write_file(config, option, NULL, err) : KL_OK;
	if (status)
		return status;
	index = index_of(name);
	free(config->values[USER][index]);
	config->values[USER][index] = NULL;
	return KL_OK;
}
