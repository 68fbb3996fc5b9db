/* Finding rows of the table, and whether their tools are here. */

#include <kodelab/language.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <kodelab/alloc.h>

#include "core/language/table_int.h"

size_t kl_language_count(void)
{
	return language_table_count;
}

const struct kl_language *kl_language_at(size_t index)
{
	return index < language_table_count ? &language_table[index] : NULL;
}

/* Is word one of the space separated words of list, in any case? */
static bool in_words(const char *list, const char *word)
{
	size_t len = strlen(word);

	while (*list) {
		size_t end = strcspn(list, " ");

		if (end == len && !strncasecmp(list, word, len))
			return true;
		list += end + (list[end] == ' ');
	}
	return false;
}

static bool is_named(const struct kl_language *language, const char *name)
{
	return !strcasecmp(language->id, name) || !strcasecmp(language->suffix, name) ||
	       !strcasecmp(language->name, name) || in_words(language->aliases, name);
}

const struct kl_language *kl_language_find(const char *name)
{
	if (!name || !*name)
		return NULL;
	for (size_t i = 0; i < language_table_count; i++)
		if (is_named(&language_table[i], name))
			return &language_table[i];
	return NULL;
}

const struct kl_language *kl_language_of_file(const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash ? slash + 1 : path;
	const char *dot = strrchr(base, '.');

	return dot && dot > base ? kl_language_find(dot + 1) : NULL;
}

/* In the box only /usr is there: a link that leads out of it is a tool that will be missing. */
static bool is_in_usr(const char *path)
{
	char *target = realpath(path, NULL);
	bool inside = target && !strncmp(target, "/usr/", 5);

	free(target);
	return inside;
}

static bool is_here(const char *tool)
{
	const char *folders = getenv("KL_TOOLS_PATH");
	const char *list = folders ? folders : "/usr/bin";

	while (*list) {
		size_t len = strcspn(list, ":");
		char *path = kl_format("%.*s/%s", (int)len, list, tool);
		bool found = !access(path, X_OK) && (folders || is_in_usr(path));

		free(path);
		if (found)
			return true;
		list += len + (list[len] == ':');
	}
	return false;
}

bool kl_language_ready(const struct kl_language *language, char *need, size_t need_size)
{
	if (need && need_size)
		*need = '\0';
	if (!language->run) { /* a judge's, not of our table */
		if (need)
			snprintf(need, need_size, "runs only at a judge that has it");
		return false;
	}
	for (size_t i = 0; language->tools[i]; i++) {
		if (is_here(language->tools[i]))
			continue;
		if (need)
			snprintf(need, need_size, "needs %s: sudo apt install %s", language->tools[i],
				 language->package);
		return false;
	}
	return true;
}
