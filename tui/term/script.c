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

enum { SCRIPT_MAX = 1 << 20, DEADLINE_MS = 20000, END_MS = 5000, TURN_MS = 50, ROWS = 24, COLS = 80 };

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

static enum kl_status read_step(struct script *script, int line, const char *text, struct kl_error *err)
{
	const char *name = kl_path_name(script->path);
	struct step step = { .line = line };
	struct step *kept;

	while (step.count < WORDS_MAX && (step.words[step.count] = next_word(&text)))
		step.count++;
	if (step.count == 0)
		return KL_OK;
	KL_GROW(script->steps, script->count, script->capacity);
	kept = &script->steps[script->count++];
	*kept = step;
	kept->action = action_find(step.words[0]);
	if (!kept->action)
		return kl_fail(err, KL_EINVAL, "%s:%d: there is no step '%s'", name, line, step.words[0]);
	if (step.count - 1 < kept->action->min || step.count - 1 > kept->action->max)
		return kl_fail(err, KL_EINVAL, "%s:%d: '%s' takes %zu to %zu words", name, line, step.words[0],
			       kept->action->min, kept->action->max);
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

enum kl_status script_open(struct script **out, const char *path, struct kl_error *err)
{
	struct script *script = kl_calloc(1, sizeof(*script));
	enum kl_status status;
	struct kl_buf text;

	script->path = kl_strdup(path);
	script->folder = kl_path_name(path) == path ? kl_strdup(".") :
						      kl_strndup(path, (size_t)(kl_path_name(path) - path) - 1);
	script->deadline_ms = DEADLINE_MS;
	script->update = getenv("KL_SCRIPT_UPDATE") != NULL;
	kl_buf_init(&text, SCRIPT_MAX);
	if ((status = kl_file_read(&text, path, err)) || (status = read_steps(script, text.data, err)))
		script_close(script);
	else
		*out = script;
	kl_buf_release(&text);
	return status;
}

void script_close(struct script *script)
{
	if (!script)
		return;
	for (size_t i = 0; i < script->count; i++)
		for (size_t j = 0; j < script->steps[i].count; j++)
			free(script->steps[i].words[j]);
	free(script->steps);
	free(script->path);
	free(script->folder);
	free(script);
}

void script_size(const struct script *script, int *rows, int *cols)
{
	bool begins = script->count > 0 && strcmp(script->steps[0].words[0], "size") == 0;

	if (begins && parse_size(script->steps[0].words[1], rows, cols))
		return;
	*rows = ROWS;
	*cols = COLS;
}

/* ---- running --------------------------------------------------------------------------------------------------- */

bool script_fails(struct script *script, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(script->trouble, sizeof(script->trouble), fmt, args);
	va_end(args);
	return false;
}

bool script_is_running(const struct script *script)
{
	return script->running(script->ctx);
}

static void report(const struct script *script, const struct step *step)
{
	struct kl_buf text;

	kl_buf_init(&text, SCRIPT_MAX);
	picture_text(term_grid(script->term), &text);
	fprintf(stderr, "%s:%d: %s\n--- the screen ---\n%s---\n", script->path, step->line, script->trouble, text.data);
	kl_buf_release(&text);
}

static void end_program(struct script *script)
{
	const struct term_event end = { .kind = TERM_TERMINATE, .signo = SIGTERM };
	int64_t end_ms = kl_clock_mono_ms() + END_MS;

	if (script_is_running(script))
		term_send_event(script->term, &end);
	while (script_is_running(script) && kl_clock_mono_ms() < end_ms)
		kl_loop_turn(script->loop, TURN_MS);
}

bool script_run(struct script *script, struct kl_loop *loop, struct term *term, script_running_fn *running, void *ctx)
{
	bool good = true;

	script->loop = loop;
	script->term = term;
	script->running = running;
	script->ctx = ctx;
	kl_loop_turn(loop, 0);
	for (size_t i = 0; good && i < script->count; i++) {
		const struct step *step = &script->steps[i];

		good = step->action->run(script, step);
		if (!good)
			report(script, step);
	}
	end_program(script);
	return good;
}
