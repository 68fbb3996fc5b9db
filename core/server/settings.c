/* The file over the table. */

#include "core/server/settings.h"

#include <assert.h>
#include <string.h>
#include <sys/stat.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/crypto.h>
#include <kodelab/file.h>
#include <kodelab/path.h>
#include <kodelab/suggest.h>

#include "core/base/config_int.h"
#include "core/server/listen.h"
#include "core/server/peer.h"

#define FILE_MAX_BYTES ((size_t)1 << 20)
#define PROBLEMS_MAX   100

enum { PLACES = 512 }; /* well over twice the number of options */

struct settings {
	char **values; /* one per row; NULL: the default */
	uint16_t places
		[PLACES]; /* rows by the hash of their names, from 1; 0: none. A dozen are asked for by each request */
	char **problems;
	size_t problem_count, problem_capacity;
};

/* --- reading ---------------------------------------------------------------------------------------------------- */

static void complain(struct settings *settings, char *sentence)
{
	if (settings->problem_count == PROBLEMS_MAX) {
		free(sentence);
		return;
	}
	KL_GROW(settings->problems, settings->problem_count, settings->problem_capacity);
	settings->problems[settings->problem_count++] = sentence;
}

static size_t place_of(const char *name)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619u;
	return hash % PLACES;
}

static void place_all(struct settings *settings)
{
	assert(2 * setting_count() < PLACES);
	for (size_t i = 0; i < setting_count(); i++) {
		size_t place = place_of(setting_at(i)->option.name);

		while (settings->places[place])
			place = (place + 1) % PLACES;
		settings->places[place] = (uint16_t)(i + 1);
	}
}

static size_t index_of(const struct settings *settings, const char *name)
{
	for (size_t place = place_of(name); settings->places[place]; place = (place + 1) % PLACES) {
		size_t index = settings->places[place] - 1u;

		if (!strcmp(setting_at(index)->option.name, name))
			return index;
	}
	return SIZE_MAX;
}

static enum kl_status unknown(const char *name, struct kl_error *err)
{
	const char **names = kl_calloc(setting_count() + 1, sizeof(*names));
	const char *guess;

	for (size_t i = 0; i < setting_count(); i++)
		names[i] = setting_at(i)->option.name;
	guess = kl_suggest(name, names);
	free(names);
	if (guess)
		return kl_fail(err, KL_EINVAL, "unknown option '%s', did you mean '%s'?", name, guess);
	return kl_fail(err, KL_EINVAL, "unknown option '%s': kodelabd(8) lists all", name);
}

/* --- values whose form only their reader knows -------------------------------------------------------------------- */

static enum kl_status check_listen(const char *value, struct kl_error *err)
{
	char word[256];

	while (settings_next_word(&value, word, sizeof(word)))
		if (!listen_word_good(word))
			return kl_fail(err, KL_EINVAL,
				       "'%s' is no address to listen on: write 127.0.0.1:2358 or unix:/path", word);
	return KL_OK;
}

static enum kl_status check_peers(const char *value, struct kl_error *err)
{
	char word[256];

	if (peer_list_fault(value, word, sizeof(word)))
		return kl_fail(err, KL_EINVAL, "'%s' is no address or network: write 10.0.0.0/8, ::1 or unix", word);
	return KL_OK;
}

/* clang-format off */
static const struct {
	const char *name;
	enum kl_status (*check)(const char *value, struct kl_error *err);
} checks[] = {
	{ "listen",           check_listen },
	{ "access.allow_ip",  check_peers },
	{ "access.deny_ip",   check_peers },
	{ "access.metrics",   check_peers },
	{ "callbacks.networks", check_peers },
	{ "access.proxies",   check_peers },
};
/* clang-format on */

static enum kl_status check_form(const char *name, const char *value, struct kl_error *err)
{
	for (size_t i = 0; i < KL_LENGTH(checks); i++)
		if (!strcmp(checks[i].name, name))
			return checks[i].check(value, err);
	return KL_OK;
}

static enum kl_status take(struct settings *settings, const char *name, const char *value, struct kl_error *err)
{
	size_t index = index_of(settings, name);
	char *canonical = NULL;
	enum kl_status status;

	if (index == SIZE_MAX)
		return unknown(name, err);
	if ((status = check_form(name, value, err)) ||
	    (status = kl_option_check(&canonical, &setting_at(index)->option, value, err)))
		return status;
	free(settings->values[index]);
	settings->values[index] = canonical;
	return KL_OK;
}

static void take_line(struct settings *settings, const char *file, int number, const struct kl_config_line *line)
{
	struct kl_error err;

	switch (line->kind) {
	case KL_LINE_EMPTY:
		break;
	case KL_LINE_BAD:
		complain(settings, kl_format("%s:%d: %s", file, number, line->fault));
		break;
	case KL_LINE_BIND:
		complain(settings, kl_format("%s:%d: a server binds no keys", file, number));
		break;
	case KL_LINE_OPTION:
		if (take(settings, line->name, line->value, &err))
			complain(settings, kl_format("%s:%d: %s", file, number, err.message));
		break;
	}
}

static void take_text(struct settings *settings, const char *file, const char *text, size_t len)
{
	int number = 0;

	for (size_t at = 0; at < len;) {
		const char *newline = memchr(text + at, '\n', len - at);
		size_t size = newline ? (size_t)(newline - (text + at)) : len - at;
		struct kl_config_line line;

		kl_config_line_read(&line, text + at, size);
		take_line(settings, file, ++number, &line);
		kl_config_line_release(&line);
		at += size + 1;
	}
}

static void check_mode(struct settings *settings, const char *path)
{
	struct stat st;
	bool secret = false;

	for (size_t i = 0; i < setting_count(); i++)
		secret |= setting_at(i)->option.secret && settings->values[i] && *settings->values[i];
	if (secret && stat(path, &st) == 0 && (st.st_mode & S_IROTH))
		complain(settings, kl_format("%s holds tokens and everybody may read it: chmod o-r %s", path, path));
}

struct settings *settings_load(const char *path)
{
	struct settings *settings = kl_calloc(1, sizeof(*settings));
	struct kl_error err;
	struct kl_buf text;

	settings->values = kl_calloc(setting_count(), sizeof(*settings->values));
	place_all(settings);
	if (!path)
		return settings;
	kl_buf_init(&text, FILE_MAX_BYTES);
	if (kl_file_read(&text, path, &err))
		complain(settings, kl_strdup(err.message));
	else
		take_text(settings, kl_path_name(path), text.data, text.len);
	kl_wipe(text.data, text.len);
	kl_buf_release(&text);
	check_mode(settings, path);
	return settings;
}

void settings_free(struct settings *settings)
{
	if (!settings)
		return;
	for (size_t i = 0; i < setting_count(); i++) {
		if (settings->values[i] && setting_at(i)->option.secret)
			kl_wipe(settings->values[i], strlen(settings->values[i]));
		free(settings->values[i]);
	}
	for (size_t i = 0; i < settings->problem_count; i++)
		free(settings->problems[i]);
	free(settings->problems);
	free(settings->values);
	free(settings);
}

size_t settings_problem_count(const struct settings *settings)
{
	return settings->problem_count;
}

const char *settings_problem(const struct settings *settings, size_t index)
{
	return settings->problems[index];
}

/* --- asking ----------------------------------------------------------------------------------------------------- */

static const char *value_at(const struct settings *settings, size_t index)
{
	return settings->values[index] ? settings->values[index] : setting_at(index)->option.initial;
}

const char *settings_string(const struct settings *settings, const char *name)
{
	size_t index = index_of(settings, name);

	assert(index != SIZE_MAX);
	return value_at(settings, index);
}

int64_t settings_int(const struct settings *settings, const char *name)
{
	return strtoll(settings_string(settings, name), NULL, 10);
}

bool settings_bool(const struct settings *settings, const char *name)
{
	return !strcmp(settings_string(settings, name), "true");
}

bool settings_next_word(const char **list, char *word, size_t size)
{
	const char *at = *list + strspn(*list, " \t");
	size_t len = strcspn(at, " \t"), kept = len < size - 1 ? len : size - 1;

	memcpy(word, at, kept);
	word[kept] = '\0';
	*list = at + len;
	return len > 0;
}

static bool same(const char *a, const char *b, size_t len)
{
	unsigned char different = 0;

	for (size_t i = 0; i < len; i++)
		different |= (unsigned char)(a[i] ^ b[i]);
	return !different;
}

bool settings_has_word(const struct settings *settings, const char *name, const char *word)
{
	const char *at = settings_string(settings, name);
	size_t wanted = strlen(word);
	bool found = false;

	for (at += strspn(at, " \t"); *at; at += strspn(at, " \t")) {
		size_t len = strcspn(at, " \t");

		if (len == wanted && same(at, word, len))
			found = true;
		at += len;
	}
	return found;
}

const char *settings_keep(struct settings *after, const struct settings *before)
{
	const char *first = NULL;

	for (size_t i = 0; i < setting_count(); i++) {
		if (!setting_at(i)->restart || !strcmp(value_at(before, i), value_at(after, i)))
			continue;
		if (!first)
			first = setting_at(i)->option.name;
		free(after->values[i]);
		after->values[i] = kl_strdup(value_at(before, i));
	}
	return first;
}
