#ifndef CORE_SERVER_SETTINGS_H
#define CORE_SERVER_SETTINGS_H

/*
 * kodelabd's configuration: one file of `name = value` lines over the defaults of one table (options.c), in the form of
 * kodelab's own. A wrong line is a problem that names file and line; a server with a problem does not start.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/config.h>
#include <kodelab/error.h>

struct setting {
	struct kl_option option;
	bool restart; /* a change counts from the next start on, not from a reload */
};

size_t setting_count(void);
const struct setting *setting_at(size_t index);

struct settings;

/* Never fails as a whole: settings_problem has what is wrong. path NULL: defaults only. */
struct settings *settings_load(const char *path);
void settings_free(struct settings *settings);
size_t settings_problem_count(const struct settings *settings);
const char *settings_problem(const struct settings *settings, size_t index);

/* name must be in the table (else it is our bug). Texts live as long as settings. */
const char *settings_string(const struct settings *settings, const char *name);
int64_t settings_int(const struct settings *settings, const char *name);
bool settings_bool(const struct settings *settings, const char *name);

/* Is word one of the blank-separated words of the option? In constant time for each: they may be secrets. */
bool settings_has_word(const struct settings *settings, const char *name, const char *word);
/* Copies the next word of *list into word (cut to size) and moves *list behind it; false: there is none. */
bool settings_next_word(const char **list, char *word, size_t size);
/* The first option that needs a restart and differs; NULL: none. All of those keep the value they had in before. */
const char *settings_keep(struct settings *after, const struct settings *before);

#endif
