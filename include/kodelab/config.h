#ifndef KODELAB_CONFIG_H
#define KODELAB_CONFIG_H

/*
 * Options: one table (core/base/options.c) with name, type, default, and help; read from /etc/kodelab/config (or the file
 * that KODELAB_SITE_CONFIG names), then the user's file. Lines are `name = value`; a `#` at the start of a line or after a
 * blank begins a comment; a value that needs blanks at its ends or a `#` stands in double quotes. `bind <keys> <request>`
 * lines are kept for the front end. An error names file and line, keeps the default and does not stop the program.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/error.h>
#include <kodelab/path.h>

struct kl_config;

enum kl_option_type { KL_OPTION_BOOL, KL_OPTION_INT, KL_OPTION_STRING, KL_OPTION_CHOICE };

struct kl_option {
	const char *name;
	enum kl_option_type type;
	const char *initial;
	const char *choices; /* CHOICE: space separated; INT: "min max" */
	bool secret; /* masked wherever it is shown */
	const char *title; /* for people: "Colour theme" */
	const char *help; /* one line without a period, to stand behind the title */
};

size_t kl_option_count(void);
const struct kl_option *kl_option_at(size_t index);
const struct kl_option *kl_option_find(const char *name);

/* Is value one that option takes? *canonical (may be NULL; owned) is how it is kept: "yes" → "true". */
enum kl_status kl_option_check(char **canonical, const struct kl_option *option, const char *value,
			       struct kl_error *err) KL_MUST_CHECK;

/* Never fails as a whole: kl_config_problem has the bad lines. */
struct kl_config *kl_config_open(const struct kl_paths *paths);
void kl_config_close(struct kl_config *config);
size_t kl_config_problem_count(const struct kl_config *config);
const char *kl_config_problem(const struct kl_config *config, size_t index); /* "config:12: …" */

/* name must be in the table (else it is our bug). A string lives until the option is set again. */
const char *kl_config_string(const struct kl_config *config, const char *name);
int64_t kl_config_int(const struct kl_config *config, const char *name);
bool kl_config_bool(const struct kl_config *config, const char *name);
bool kl_config_is_default(const struct kl_config *config, const char *name);
/* `bind` lines in order: keys and request; false when index is past the end. */
bool kl_config_bind(const struct kl_config *config, size_t index, const char **keys, const char **request, int *line);

/* The user's file, whether it is there or not. */
const char *kl_config_path(const struct kl_config *config);

/* Checks and sets in memory, and writes the user's file (comments and order kept, the file replaced whole).
 * KL_EINVAL: no such option ("unknown option 'theem', did you mean 'theme'?") or value. */
enum kl_status kl_config_set(struct kl_config *config, const char *name, const char *value,
			     struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_config_unset(struct kl_config *config, const char *name, struct kl_error *err) KL_MUST_CHECK;

#endif
