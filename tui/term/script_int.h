#ifndef TUI_SCRIPT_INT_H
#define TUI_SCRIPT_INT_H

/* What script.c (reading, running) and steps.c (what the steps do) share. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <regex.h>

#include <kodelab/error.h>

enum { WORDS_MAX = 16, MASKS_MAX = 8 };

struct action;
struct kl_loop;
struct kl_timer;
struct term;

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
	struct kl_loop *loop;
	struct term *term;
	struct kl_timer *timer; /* the next look at the current step */
	size_t at; /* the current step */
	int64_t begun_ms; /* when it began */
	int64_t deadline_ms; /* how long one may wait */
	int calm; /* wait-idle: turns without a change */
	char *before; /* wait-idle: the screen of the turn before; owned */
	bool update; /* KL_SCRIPT_UPDATE: write what is expected instead of comparing */
	regex_t masks[MASKS_MAX]; /* figures that differ from run to run: not compared */
	size_t mask_count;
	bool failed;
	char trouble[512]; /* why the step failed */
};

enum outcome { STEP_DONE, STEP_AGAIN, STEP_FAILED };

typedef enum outcome action_fn(struct script *script, const struct step *step);

struct action {
	const char *name;
	size_t min, max; /* words after the name */
	action_fn *run;
};

/* NULL: there is no such step. */
const struct action *action_find(const char *name);
bool parse_size(const char *text, int *rows, int *cols);
/* STEP_FAILED, with the reason. */
enum outcome script_fails(struct script *script, const char *fmt, ...) KL_PRINTF(2, 3);
void script_free(struct script *script);

#endif
