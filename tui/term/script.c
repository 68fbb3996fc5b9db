/* Scripts: reading them, and running one step after the other. See script.h. */
#include "script.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/clock.h>
#include <kodelab/file.h>
#include <kodelab/loop.h>
#include <kodelab/path.h>

#include "picture.h"
#include "script_int.h"
#include "term_int.h"

enum { SCRIPT_MAX = 1 << 20, DEADLINE_MS = 60000, LOOK_MS = 5, ROWS = 24, COLS = 80 };

/* ---- reading --------------------------------------------------------------------------------------------------- */

static char unescape(char letter)
{
	switch (letter) {
	case 'n':
		return '\n';
	case 't':
		return '\t';
	case 'r':
		return '\r';
	case 'e':
		return 0x1b;
	default:
		return letter;
	}
}

/* "$NAME" at the start of a bare word is taken from the environment. */
static char *expand(const char *word)
{
	size_t len = strcspn(word, "/");
	char *name, *path;
	const char *value;

	if (word[0] != '$')
		return kl_strdup(word);
	name = kl_strndup(word + 1, len - 1);
	value = getenv(name);
	path = kl_format("%s%s", value ? value : "", word + len);
	free(name);
	return path;
}

/* The next word of a line, in quotes with \n \t \e, or bare. NULL: no more. */
static char *next_word(const char **at)
{
	struct kl_buf word;
	char *bare, *expanded;

	*at += strspn(*at, " \t");
	if (**at == '\0' || **at == '#')
		return NULL;
	if (**at != '"') {
		size_t len = strcspn(*at, " \t");

		bare = kl_strndup(*at, len);
		expanded = expand(bare);
		free(bare);
		*at += len;
		return expanded;
	}
	kl_buf_init(&word, SCRIPT_MAX);
	for (++*at; **at && **at != '"'; ++*at) {
		if (**at == '\\' && (*at)[1])
			kl_buf_add_char(&word, unescape(*++*at));
		else
			kl_buf_add_char(&word, **at);
	}
	*at += **at == '"';
	return kl_buf_detach(&word);
}

static void add_step(struct script *script, const struct step *step)
{
	KL_GROW(script->steps, script->count, script->capacity);
	script->steps[script->count++] = *step;
}

/* `key a b c` is three steps: the screen is drawn after each. */
static void add_keys(struct script *script, const struct step *keys)
{
	for (size_t i = 2; i < keys->count; i++) {
		struct step one = { .line = keys->line, .count = 2, .action = keys->action };

		one.words[0] = kl_strdup(keys->words[0]);
		one.words[1] = kl_strdup(keys->words[i]);
		add_step(script, &one);
	}
}

static enum kl_status read_step(struct script *script, int line, const char *text, struct kl_error *err)
{
	const char *name = kl_path_name(script->path);
	struct step step = { .line = line };

	while (step.count < WORDS_MAX && (step.words[step.count] = next_word(&text)))
		step.count++;
	if (step.count == 0)
		return KL_OK;
	step.action = action_find(step.words[0]);
	add_step(script, &step);
	if (!step.action)
		return kl_fail(err, KL_EINVAL, "%s:%d: there is no step '%s'", name, line, step.words[0]);
	if (step.count - 1 < step.action->min || step.count - 1 > step.action->max)
		return kl_fail(err, KL_EINVAL, "%s:%d: '%s' takes %zu to %zu words", name, line, step.words[0],
			       step.action->min, step.action->max);
	if (strcmp(step.words[0], "key") == 0)
		add_keys(script, &step);
	return KL_OK;
}

static enum kl_status read_steps(struct script *script, char *text, struct kl_error *err)
{
	enum kl_status status = KL_OK;
	int line = 0;

	while (!status && text) {
		const char *one = strsep(&text, "\n");

		status = read_step(script, ++line, one, err);
	}
	return status;
}

static enum kl_status load(struct script **out, const char *path, struct kl_error *err)
{
	struct script *script = kl_calloc(1, sizeof(*script));
	enum kl_status status;
	struct kl_buf text;

	script->path = kl_strdup(path);
	script->folder =
		kl_path_name(path) == path ? kl_strdup(".") : kl_strndup(path, (size_t)(kl_path_name(path) - path) - 1);
	script->deadline_ms = DEADLINE_MS;
	script->update = getenv("KL_SCRIPT_UPDATE") != NULL;
	kl_buf_init(&text, SCRIPT_MAX);
	if ((status = kl_file_read(&text, path, err)) || (status = read_steps(script, text.data, err)))
		script_free(script);
	else
		*out = script;
	kl_buf_release(&text);
	return status;
}

void script_free(struct script *script)
{
	if (!script)
		return;
	kl_timer_cancel(script->timer);
	for (size_t i = 0; i < script->count; i++)
		for (size_t j = 0; j < script->steps[i].count; j++)
			free(script->steps[i].words[j]);
	for (size_t i = 0; i < script->mask_count; i++)
		regfree(&script->masks[i]);
	free(script->steps);
	free(script->before);
	free(script->path);
	free(script->folder);
	free(script);
}

/* ---- running --------------------------------------------------------------------------------------------------- */

enum outcome script_fails(struct script *script, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(script->trouble, sizeof(script->trouble), fmt, args);
	va_end(args);
	return STEP_FAILED;
}

static void report(struct script *script)
{
	struct kl_buf text;

	script->failed = true;
	kl_buf_init(&text, SCRIPT_MAX);
	picture_text(term_grid(script->term), &text);
	fprintf(stderr, "%s:%d: %s\n--- the screen ---\n%s---\n", script->path, script->steps[script->at].line,
		script->trouble, text.data);
	kl_buf_release(&text);
}

static void end_program(struct script *script)
{
	term_emit(script->term, &(struct term_event){ .kind = TERM_TERMINATE, .signo = SIGTERM });
}

/* One step a turn: what it did is drawn before the next one. */
static void next_step(void *ctx)
{
	struct script *script = ctx;
	const struct step *step;
	enum outcome outcome;

	script->timer = NULL;
	if (script->at == script->count) {
		end_program(script);
		return;
	}
	step = &script->steps[script->at];
	outcome = step->action->run(script, step);
	if (outcome == STEP_FAILED) {
		report(script);
		end_program(script);
		return;
	}
	if (outcome == STEP_DONE) {
		script->at++;
		script->begun_ms = kl_clock_mono_ms();
	}
	script->timer = kl_loop_add_timer(script->loop, outcome == STEP_DONE ? 0 : LOOK_MS, next_step, script);
}

static void begin_size(const struct script *script, int *rows, int *cols)
{
	bool said = script->count > 0 && strcmp(script->steps[0].words[0], "size") == 0;

	if (said && parse_size(script->steps[0].words[1], rows, cols))
		return;
	*rows = ROWS;
	*cols = COLS;
}

enum kl_status script_open(struct term **out, struct kl_loop *loop, const struct term_options *options,
			   const char *path, term_event_fn *fn, void *ctx, struct kl_error *err)
{
	struct script *script;
	enum kl_status status = load(&script, path, err);
	int rows, cols;

	if (status)
		return status;
	begin_size(script, &rows, &cols);
	script->loop = loop;
	script->term = term_open_headless(loop, options, rows, cols, fn, ctx);
	script->term->script = script;
	script->begun_ms = kl_clock_mono_ms();
	script->timer = kl_loop_add_timer(loop, LOOK_MS, next_step, script);
	*out = script->term;
	return KL_OK;
}

int script_status(struct term *term)
{
	struct script *script = term->script;
	bool over = script->at == script->count;

	if (!over && !script->failed && strcmp(script->steps[script->at].words[0], "wait-quit") == 0)
		over = script->at + 1 == script->count;
	if (!over && !script->failed) {
		script_fails(script, "the program ended before this step");
		report(script);
	}
	return script->failed ? 1 : 0;
}
