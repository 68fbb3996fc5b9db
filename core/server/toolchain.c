/* Which languages there are. */

#include "core/server/toolchain.h"

#include <ctype.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/loop.h>
#include <kodelab/sandbox.h>

#include "core/server/settings.h"

#define PROBE_CPU_MS  60000
#define PROBE_WALL_MS 60000
#define ANSWER_MAX    ((size_t)256 << 10)

/* Ids that Judge0 once had: a client that still asks for one is told so. */
static const char *const archived[] = {
	"Bash (4.4)",
	"Bash (4.0)",
	"Basic (fbc 1.05.0)",
	"C (gcc 7.2.0)",
	"C (gcc 6.4.0)",
	"C (gcc 6.3.0)",
	"C (gcc 5.4.0)",
	"C (gcc 4.9.4)",
	"C (gcc 4.8.5)",
	"C++ (g++ 7.2.0)",
	"C++ (g++ 6.4.0)",
	"C++ (g++ 6.3.0)",
	"C++ (g++ 5.4.0)",
	"C++ (g++ 4.9.4)",
	"C++ (g++ 4.8.5)",
	"C# (mono 5.4.0.167)",
	"C# (mono 5.2.0.224)",
	"Clojure (1.8.0)",
	"Crystal (0.23.1)",
	"Elixir (1.5.1)",
	"Erlang (OTP 20.0)",
	"Go (1.9)",
	"Haskell (ghc 8.2.1)",
	"Haskell (ghc 8.0.2)",
	"Insect (5.0.0)",
	"Java (OpenJDK 9 with Eclipse OpenJ9)",
	"Java (OpenJDK 8)",
	"Java (OpenJDK 7)",
	"JavaScript (nodejs 8.5.0)",
	"JavaScript (nodejs 7.10.1)",
	"OCaml (4.05.0)",
	"Octave (4.2.0)",
	"Pascal (fpc 3.0.0)",
	"Python (3.6.0)",
	"Python (3.5.3)",
	"Python (2.7.9)",
	"Python (2.6.9)",
	"Ruby (2.4.0)",
	"Ruby (2.3.3)",
	"Ruby (2.2.6)",
	"Ruby (2.1.9)",
	"Rust (1.20.0)",
};

/* --- the list --------------------------------------------------------------------------------------------------- */

struct toolchains *toolchains_none(void)
{
	struct toolchains *out = kl_calloc(1, sizeof(*out));

	out->capacity = KL_LENGTH(archived) + toolchain_row_count;
	out->list = kl_calloc(out->capacity, sizeof(*out->list));
	for (size_t i = 0; i < KL_LENGTH(archived); i++)
		out->list[out->count++] = (struct toolchain){
			.id = (int64_t)i + 1,
			.name = kl_strdup(archived[i]),
			.archived = true,
		};
	return out;
}

void toolchains_free(struct toolchains *toolchains)
{
	if (!toolchains)
		return;
	for (size_t i = 0; i < toolchains->count; i++)
		free(toolchains->list[i].name);
	free(toolchains->list);
	free(toolchains);
}

const struct toolchain *toolchain_find(const struct toolchains *toolchains, int64_t id)
{
	for (size_t i = 0; i < toolchains->count; i++)
		if (toolchains->list[i].id == id)
			return &toolchains->list[i];
	return NULL;
}

const char *toolchain_name(const struct toolchains *toolchains, int64_t id)
{
	const struct toolchain *toolchain = toolchain_find(toolchains, id);

	return toolchain ? toolchain->name : "";
}

const char *const *toolchain_binds(void)
{
	static const char *all[64];
	size_t count = 0;

	for (size_t i = 0; i < toolchain_row_count; i++)
		for (const char *const *bind = toolchain_rows[i].binds; bind && *bind; bind++) {
			bool known = false;

			for (size_t j = 0; j < count; j++)
				known |= !strcmp(all[j], *bind);
			if (!known && count < KL_LENGTH(all) - 1)
				all[count++] = *bind;
		}
	all[count] = NULL;
	return all;
}

static bool wanted(const char *only, int64_t id)
{
	char word[24];

	if (!*only)
		return true;
	while (settings_next_word(&only, word, sizeof(word)))
		if (strtoll(word, NULL, 10) == id)
			return true;
	return false;
}

/* --- elsewhere -------------------------------------------------------------------------------------------------- */

static int by_id(const void *a, const void *b)
{
	const struct toolchain *left = a, *right = b;

	return left->id < right->id ? -1 : left->id > right->id;
}

/* Its commands are of no use here; where we know the language they are shown all the same. */
void toolchains_add(struct toolchains *toolchains, int64_t id, const char *name, const char *only)
{
	struct toolchain *to;

	if (toolchain_find(toolchains, id) || !wanted(only, id))
		return;
	KL_GROW(toolchains->list, toolchains->count, toolchains->capacity);
	to = &toolchains->list[toolchains->count++];
	*to = (struct toolchain){ .id = id, .name = kl_strdup(name) };
	for (size_t i = 0; i < toolchain_row_count; i++)
		if (toolchain_rows[i].id == id) {
			to->source = toolchain_rows[i].source;
			to->compile = toolchain_rows[i].compile;
			to->run = toolchain_rows[i].run;
		}
	qsort(toolchains->list, toolchains->count, sizeof(*toolchains->list), by_id);
}

void toolchains_forget(struct toolchains *toolchains)
{
	while (toolchains->count > KL_LENGTH(archived))
		free(toolchains->list[--toolchains->count].name);
}

/* --- asking the tools ------------------------------------------------------------------------------------------- */

/* All at once, each answer into a file of its own. */
static void add_question(struct kl_buf *script, const struct toolchain_row *row)
{
	int name = (int)strcspn(row->version, " ");

	kl_buf_addf(script, "[ -x /usr/bin/%.*s ] ", name, row->version);
	if (row->tool)
		kl_buf_addf(script, "&& [ -x /usr/bin/%s ] ", row->tool);
	kl_buf_addf(script, "&& /usr/bin/%s >%lld 2>&1 </dev/null &\n", row->version, (long long)row->id);
}

static void build_script(struct kl_buf *script, const char *only)
{
	kl_buf_add_str(script, "export HOME=$PWD\n");
	for (size_t i = 0; i < toolchain_row_count; i++)
		if (toolchain_rows[i].version && wanted(only, toolchain_rows[i].id))
			add_question(script, &toolchain_rows[i]);
	kl_buf_add_str(script, "wait\nfor f in [0-9]*; do echo \"= $f\"; /usr/bin/head -c 2000 \"$f\"; echo; done\n");
}

struct asking {
	bool done;
	struct kl_buf answers;
	struct kl_error error;
};

static void on_answers(void *ctx, const struct kl_box_result *result)
{
	struct asking *asking = ctx;

	asking->done = true;
	if (result->end == KL_END_FAILED)
		asking->error = result->error;
	kl_buf_add(&asking->answers, result->out, result->out_len);
}

static enum kl_status ask(struct asking *asking, const char *only, struct kl_loop *loop, struct kl_sandbox *sandbox,
			  struct kl_error *err)
{
	struct kl_buf script;
	struct kl_file file = { .name = (char[]){ "probe" } };
	struct kl_box_run run = {
		.argv = (const char *const[]){ "/usr/bin/bash", "probe", NULL },
		.files = &file,
		.file_count = 1,
		.cpu_ms = PROBE_CPU_MS,
		.wall_ms = PROBE_WALL_MS,
		.memory_kib = 4 << 20,
		.processes = 200,
		.output_max = ANSWER_MAX,
	};
	struct kl_box *box;
	enum kl_status status = kl_box_open(&box, sandbox, toolchain_binds(), err);

	if (status)
		return status;
	kl_buf_init(&script, 64 << 10);
	build_script(&script, only);
	file.text = script.data;
	file.len = script.len;
	status = kl_box_run(box, &run, on_answers, asking, err);
	while (!status && !asking->done)
		kl_loop_turn(loop, -1);
	kl_buf_release(&script);
	kl_box_close(box);
	if (!status && asking->error.status)
		status = kl_fail(err, asking->error.status, "%s", asking->error.message);
	return status;
}

/* --- what they said --------------------------------------------------------------------------------------------- */

bool toolchain_version(char *version, size_t size, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		size_t end = i;

		while (end < len && (isdigit((unsigned char)text[end]) || (text[end] == '.' && end > i)))
			end++;
		if (end == i)
			continue;
		while (text[end - 1] == '.')
			end--;
		if (memchr(text + i, '.', end - i)) {
			snprintf(version, size, "%.*s", (int)(end - i), text + i);
			return true;
		}
		i = end - 1;
	}
	return false;
}

/* The answer under "= id"; NULL: none. */
static const char *answer_of(const struct kl_buf *answers, int64_t id, size_t *len)
{
	char head[32];
	const char *begin, *end;

	snprintf(head, sizeof(head), "= %lld\n", (long long)id);
	begin = strstr(answers->data, head);
	if (!begin)
		return NULL;
	begin += strlen(head);
	end = strstr(begin, "\n= ");
	*len = end ? (size_t)(end - begin) : strlen(begin);
	return begin;
}

static void take_row(struct toolchains *out, const struct toolchain_row *row, const struct kl_buf *answers)
{
	char version[40] = "";
	size_t len;
	const char *answer = row->version ? answer_of(answers, row->id, &len) : NULL;

	if (row->version && (!answer || !toolchain_version(version, sizeof(version), answer, len)))
		return;
	out->list[out->count++] = (struct toolchain){
		.id = row->id,
		.name = row->version ? kl_format("%.*s%s%s", (int)(strstr(row->format, "%s") - row->format),
						 row->format, version, strstr(row->format, "%s") + 2)
				     : kl_strdup(row->format),
		.source = row->source,
		.compile = row->compile,
		.run = row->run,
		.no_address_limit = row->no_address_limit,
	};
}

enum kl_status toolchains_open(struct toolchains **out, struct kl_loop *loop, struct kl_sandbox *sandbox,
			       const char *only, struct kl_error *err)
{
	struct asking asking = { .done = false };
	enum kl_status status;

	kl_buf_init(&asking.answers, ANSWER_MAX);
	status = ask(&asking, only, loop, sandbox, err);
	if (!status) {
		*out = toolchains_none();
		for (size_t i = 0; i < toolchain_row_count; i++)
			if (wanted(only, toolchain_rows[i].id))
				take_row(*out, &toolchain_rows[i], &asking.answers);
	}
	kl_buf_release(&asking.answers);
	return status;
}
