#ifndef TUI_SCRIPT_INT_H
#define TUI_SCRIPT_INT_H

/* What script.c (reading, running) and steps.c (what the steps do) share. */

#include <stddef.h>
#include <stdint.h>

#include "script.h"

enum { WORDS_MAX = 16 };

struct action;

struct step {
	int line;
	size_t count;
	char *words[WORDS_MAX]; /* owned; the first one is the name */
	const struct action *action;
};

struct script {
	char *path, *folder; /* owned */
	struct step *steps;
	size_t count, capacity;
	/* while it runs */
	struct kl_loop *loop;
	struct term *term;
	script_running_fn *running;
	void *ctx;
	int64_t deadline_ms;
	bool update;       /* KL_SCRIPT_UPDATE: write what is expected instead of comparing */
	char trouble[512]; /* why the step failed */
};

/* False, with the reason in script->trouble. */
typedef bool action_fn(struct script *script, const struct step *step);

struct action {
	const char *name;
	size_t min, max; /* words after the name */
	action_fn *run;
};

/* NULL: there is no such step. */
const struct action *action_find(const char *name);
bool parse_size(const char *text, int *rows, int *cols);
bool script_is_running(const struct script *script);
bool script_fails(struct script *script, const char *fmt, ...) KL_PRINTF(2, 3);

#endif
