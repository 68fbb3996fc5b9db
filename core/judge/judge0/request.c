/*
 * From a plan to submissions. Inputs and the student's program go out; expected values do not, in no way of sending: they are
 * compared here when the outputs are back.
 */

#include "core/judge/judge0/judge0_int.h"

#include <cjson/cJSON.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/crypto.h>

#define TEXT_MAX      ((size_t)64 << 20)
#define SCRIPT_MAX    ((size_t)64 << 10)
#define SLACK_KIB     ((int64_t)64 << 10) /* the runner and its pages beside the student's memory */
#define ARGUMENTS_MAX 512 /* bytes of command_line_arguments */
#define COMMAND       "kodelab_command" /* a script with the instance's own command */

extern const char *const judge0_runner_lines[]; /* made from runner/ by the Makefile */

/* --- which way ---------------------------------------------------------------------------------------------------- */

const char *judge0_way_words(enum judge0_way way)
{
	static const char *const words[] = {
		[JUDGE0_RUNNER] = "one request for all tests",
		[JUDGE0_PACKED] = "one submission for each test",
		[JUDGE0_PLAIN] = "one plain submission for each test",
	};

	return words[way];
}

/* Plain submissions have no files of their own, and arguments lose characters on their way. */
static bool is_plain(const struct judge_plan *plan, const struct kl_instance_facts *facts)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct kl_test *test = plan->runs[i].test;
		size_t len = 0;

		for (size_t k = 0; k < test->argv_count; k++) {
			if (!*test->argv[k] || strpbrk(test->argv[k], "$&;<>|`\n\r'\"\\*?[]{}()~#! \t"))
				return false;
			len += strlen(test->argv[k]) + 1;
		}
		if (test->file_count || len > ARGUMENTS_MAX || (len && !facts->arguments))
			return false;
	}
	return true;
}

enum kl_status judge0_way_choose(enum judge0_way *out, const struct judge_plan *plan,
				 const struct judge0_target *target, struct kl_error *err)
{
	if (target->facts->additional_files) {
		*out = target->c ? JUDGE0_RUNNER : JUDGE0_PACKED;
		return KL_OK;
	}
	if (plan->function)
		return kl_fail(
			err, KL_EINVAL,
			"this judge takes no files, so it cannot run function tests: choose another with 'judge'");
	if (!is_plain(plan, target->facts))
		return kl_fail(err, KL_EINVAL,
			       "this judge takes no files, and these tests have some: choose another with 'judge'");
	*out = JUDGE0_PLAIN;
	return KL_OK;
}

/* --- the program's files ------------------------------------------------------------------------------------------ */

static void add_file(struct judge0_program *program, const char *name, const char *text, size_t len)
{
	program->files = kl_realloc_array(program->files, program->count + 1, sizeof(*program->files));
	program->files[program->count++] = (struct kl_file){ kl_strdup(name), kl_strndup(text, len), len };
}

static void add_lines(struct judge0_program *program, const char *name, const char *const *lines)
{
	struct kl_buf text;

	kl_buf_init(&text, TEXT_MAX);
	for (; *lines; lines++)
		kl_buf_addf(&text, "%s\n", *lines);
	add_file(program, name, text.data, text.len);
	kl_buf_release(&text);
}

/* "10.2.1" in "C (GCC 10.2.1)": 10; 0: none. */
static int major_version(const char *name)
{
	const char *at = strpbrk(name, "0123456789");

	return at ? (int)strtol(at, NULL, 10) : 0;
}

/* What an older compiler calls what we ask for. */
static void age(char **argv, const struct kl_instance_language *language)
{
	int major = major_version(language->name);

	for (char **word = argv; word && *word; word++) {
		if (!strcmp(*word, "-std=c17") && strstr(language->name, "GCC") && major && major < 8) {
			free(*word);
			*word = kl_strdup("-std=c11");
		}
	}
}

/* The compile command as words for bash; "" when there is nothing to compile. False: the tools are not there. */
static bool put_compile(struct kl_buf *out, const struct judge_plan *plan, const struct kl_instance_language *language)
{
	char **argv;

	if (!plan->compile)
		return true;
	argv = judge0_argv(plan->compile, language);
	if (!argv)
		return false;
	age(argv, language);
	judge0_quote_all(out, argv);
	judge_argv_free(argv);
	return true;
}

static void add_harness(struct judge0_program *out, const struct judge_plan *plan)
{
	for (size_t i = 0; i < plan->harness.file_count; i++)
		add_file(out, plan->harness.files[i].name, plan->harness.files[i].text, plan->harness.files[i].len);
}

static char **words(const char *first, const char *second)
{
	char **list = kl_calloc(3, sizeof(*list));

	list[0] = kl_strdup(first);
	list[1] = kl_strdup(second);
	return list;
}

static size_t count_words(char *const *argv)
{
	size_t count = 0;

	while (argv && argv[count])
		count++;
	return count;
}

static bool has_commands(const struct kl_instance_language *language)
{
	return language->source_file && *language->source_file && language->run_cmd;
}

/* The instance's own commands around the student's file: for languages whose tools are not where we can name them. */
static void use_instance_commands(struct judge0_program *out, struct kl_buf *compile, const struct judge_plan *plan,
				  const struct kl_instance_language *language)
{
	const struct kl_file *student = &plan->harness.files[0];
	char *command = judge0_instance_command(language->compile_cmd), *text;

	add_file(out, language->source_file, student->text, student->len);
	if (command)
		kl_buf_add_str(compile, command);
	text = kl_format("%s \"$@\"\n", language->run_cmd);
	add_file(out, COMMAND, text, strlen(text));
	out->run = words("/bin/bash", COMMAND);
	free(text);
	free(command);
}

static bool use_our_commands(struct judge0_program *out, struct kl_buf *compile, const struct judge_plan *plan,
			     const struct kl_instance_language *language)
{
	out->run = plan->harness.run ? judge0_argv(plan->harness.run, language) : NULL;
	if (!out->run || !put_compile(compile, plan, language)) {
		judge_argv_free(out->run);
		out->run = NULL;
		return false;
	}
	add_harness(out, plan);
	return true;
}

/* --- the scripts -------------------------------------------------------------------------------------------------- */

/* Bash reads a function whole before it begins: a file that changes meanwhile changes nothing. */
static void add_compile(struct judge0_program *program, const struct kl_buf *compile, const char *gcc,
			const char *marker)
{
	struct kl_buf script;

	if (!compile->len && !gcc)
		return;
	kl_buf_init(&script, SCRIPT_MAX);
	kl_buf_add_str(&script, "kodelab() {\n\tset -u\n");
	if (gcc) {
		kl_buf_add_char(&script, '\t');
		judge0_quote(&script, gcc);
		kl_buf_add_str(&script, " -w -std=gnu99 -o kodelab_runner kodelab_runner.c >kodelab_runner.log 2>&1 &\n"
					"\tlocal runner=$!\n");
	}
	if (compile->len)
		kl_buf_addf(&script, "\t%s || exit\n", compile->data);
	if (gcc)
		kl_buf_addf(&script,
			    "\twait \"$runner\" || { echo '%s'; cat kodelab_runner.log; exit 97; }\n"
			    "\trm -f kodelab_runner.log kodelab_runner.c\n",
			    marker);
	kl_buf_add_str(&script, "}\nkodelab\n");
	add_file(program, "compile", script.data, script.len);
	kl_buf_release(&script);
}

enum kl_status judge0_program_make(struct judge0_program *out, const struct judge_plan *plan,
				   const struct judge0_target *target, enum judge0_way way, const char *marker,
				   struct kl_error *err)
{
	static const char run[] = "exec ./kodelab_runner\n";
	struct judge0_program program = { .own_words = count_words(plan->harness.run) };
	char *gcc = way == JUDGE0_RUNNER ? judge0_tool(target->c, "gcc") : NULL;
	struct kl_buf compile;
	enum kl_status status = KL_OK;

	if (way == JUDGE0_RUNNER && !gcc)
		gcc = judge0_tool(target->c, "clang");
	kl_buf_init(&compile, SCRIPT_MAX);
	if (way != JUDGE0_PLAIN && !use_our_commands(&program, &compile, plan, target->language)) {
		if (plan->function || !has_commands(target->language))
			status = kl_fail(err, KL_ENOTOOL,
					 "this judge does not say where its %s is: choose another with 'judge'",
					 plan->language->name);
		else
			use_instance_commands(&program, &compile, plan, target->language);
	}
	if (!status && way != JUDGE0_PLAIN)
		add_compile(&program, &compile, gcc, marker);
	if (!status && way == JUDGE0_RUNNER) {
		add_lines(&program, "kodelab_runner.c", judge0_runner_lines);
		add_file(&program, "run", run, sizeof(run) - 1);
	}
	kl_buf_release(&compile);
	free(gcc);
	if (status)
		judge0_program_release(&program);
	else
		*out = program;
	return status;
}

void judge0_program_release(struct judge0_program *program)
{
	for (size_t i = 0; i < program->count; i++) {
		free(program->files[i].name);
		free(program->files[i].text);
	}
	free(program->files);
	judge_argv_free(program->run);
	*program = (struct judge0_program){ .files = NULL };
}

/* --- limits ------------------------------------------------------------------------------------------------------- */

static int64_t lower(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t higher(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

struct sums {
	int64_t cpu_ms, wall_ms, memory_kib;
};

static struct sums sum_up(const struct judge_plan *plan, const size_t *order, size_t count)
{
	struct sums sums = { 0, 0, 0 };

	for (size_t i = 0; i < count; i++) {
		struct kl_file *files;
		struct kl_box_run box = judge_test_run(plan, &plan->runs[order[i]], &files);

		sums.cpu_ms += box.cpu_ms;
		sums.wall_ms += box.wall_ms ? box.wall_ms : 3 * box.cpu_ms + 2000;
		sums.memory_kib = higher(sums.memory_kib, box.memory_kib);
		free(files);
	}
	return sums;
}

struct judge0_budget judge0_budget_of(const struct judge_plan *plan, const size_t *order, size_t count,
				      const struct kl_instance_facts *facts)
{
	struct sums sums = sum_up(plan, order, count);

	return (struct judge0_budget){
		.cpu_ms = lower(sums.cpu_ms + 200 * (int64_t)count, facts->cpu_max_ms * 9 / 10),
		.wall_ms = lower(sums.wall_ms + 200 * (int64_t)count, facts->wall_max_ms * 19 / 20),
		.memory_kib = higher(facts->memory_max_kib - SLACK_KIB, facts->memory_max_kib / 2),
		.out_bytes = facts->file_max_kib * 1024,
	};
}

/* Whole tenths: "2.5". */
static void add_seconds(cJSON *object, const char *name, int64_t ms)
{
	int64_t tenths = (ms + 99) / 100;

	cJSON_AddNumberToObject(object, name, (double)tenths / 10);
}

static void add_limits(cJSON *object, const struct judge0_parcel *parcel)
{
	const struct kl_instance_facts *facts = parcel->target->facts;
	struct sums sums = sum_up(parcel->plan, parcel->order, parcel->count);
	bool runner = parcel->way == JUDGE0_RUNNER;
	int64_t memory_kib = sums.memory_kib + (runner ? SLACK_KIB : 0);
	int64_t slack_ms = runner ? 2000 + 200 * (int64_t)parcel->count : 0;

	add_seconds(object, "cpu_time_limit", lower(sums.cpu_ms + slack_ms, facts->cpu_max_ms));
	add_seconds(object, "cpu_extra_time", lower(500, facts->cpu_extra_max_ms));
	add_seconds(object, "wall_time_limit", higher(1000, lower(sums.wall_ms + slack_ms, facts->wall_max_ms)));
	cJSON_AddNumberToObject(object, "memory_limit", (double)higher(2048, lower(memory_kib, facts->memory_max_kib)));
	cJSON_AddNumberToObject(object, "stack_limit", (double)facts->stack_max_kib);
	cJSON_AddNumberToObject(object, "max_file_size", (double)facts->file_max_kib);
	cJSON_AddNumberToObject(object, "max_processes_and_or_threads", facts->processes_max);
	if (parcel->target->no_groups) {
		cJSON_AddTrueToObject(object, "enable_per_process_and_thread_time_limit");
		cJSON_AddTrueToObject(object, "enable_per_process_and_thread_memory_limit");
	}
}

/* --- the body ----------------------------------------------------------------------------------------------------- */

static void add_coded(cJSON *object, const char *name, const void *bytes, size_t len)
{
	char *text = kl_base64(bytes, len);

	cJSON_AddStringToObject(object, name, text);
	free(text);
}

static void add_zip(cJSON *object, const struct kl_file *files, size_t count)
{
	struct kl_buf zip;

	kl_buf_init(&zip, TEXT_MAX);
	judge0_zip(&zip, files, count);
	add_coded(object, "additional_files", zip.data, zip.len);
	kl_buf_release(&zip);
}

/* Several tests: what runs them apart lies in the zip, the tests come on standard input. */
static void add_all(cJSON *object, const struct judge0_parcel *parcel)
{
	struct judge0_budget budget =
		judge0_budget_of(parcel->plan, parcel->order, parcel->count, parcel->target->facts);
	struct kl_buf input;

	kl_buf_init(&input, TEXT_MAX);
	judge0_runner_input(&input, parcel->plan, parcel->program, parcel->order, parcel->count, &budget,
			    parcel->nonce);
	add_coded(object, "stdin", input.data, input.len);
	add_zip(object, parcel->program->files, parcel->program->count);
	kl_buf_release(&input);
}

/* Function tests: the result follows what the program printed, after a line of its own. */
static char *run_script(const struct judge0_parcel *parcel, const struct judge_run *run)
{
	char **argv = judge0_test_argv(parcel->program, run);
	struct kl_buf script;

	kl_buf_init(&script, SCRIPT_MAX);
	kl_buf_add_str(&script, parcel->plan->function ? "kodelab() {\n\tset -u\n\t" : "exec ");
	judge0_quote_all(&script, argv);
	judge_argv_free(argv);
	if (parcel->plan->function)
		kl_buf_addf(&script,
			    "3>kodelab_result\n\tlocal code=$?\n\tprintf '\\n%%s\\n' '%s'\n\tcat kodelab_result\n"
			    "\texit \"$code\"\n}\nkodelab",
			    parcel->nonce);
	kl_buf_add_char(&script, '\n');
	return kl_buf_detach(&script);
}

static void add_packed(cJSON *object, const struct judge0_parcel *parcel, const struct judge_run *run)
{
	const struct judge0_program *program = parcel->program;
	size_t count = program->count + run->test->file_count;
	struct kl_file *files = kl_calloc(count + 1, sizeof(*files));
	char name[] = "run", *script = run_script(parcel, run);

	if (program->count)
		memcpy(files, program->files, program->count * sizeof(*files));
	if (run->test->file_count)
		memcpy(files + program->count, run->test->files, run->test->file_count * sizeof(*files));
	files[count] = (struct kl_file){ name, script, strlen(script) };
	add_coded(object, "stdin", run->input, run->input_len);
	add_zip(object, files, count + 1);
	free(files);
	free(script);
}

static void add_plain(cJSON *object, const struct judge0_parcel *parcel, const struct judge_run *run)
{
	const struct kl_file *student = &parcel->plan->harness.files[0];
	struct kl_buf arguments;

	add_coded(object, "source_code", student->text, student->len);
	add_coded(object, "stdin", run->input, run->input_len);
	kl_buf_init(&arguments, ARGUMENTS_MAX + 1);
	for (size_t i = 0; i < run->test->argv_count; i++)
		kl_buf_addf(&arguments, "%s%s", i ? " " : "", run->test->argv[i]);
	if (arguments.len)
		cJSON_AddStringToObject(object, "command_line_arguments", arguments.data);
	kl_buf_release(&arguments);
}

cJSON *judge0_submission(const struct judge0_parcel *parcel)
{
	const struct judge_run *run = &parcel->plan->runs[parcel->order[0]];
	cJSON *object = cJSON_CreateObject();
	bool plain = parcel->way == JUDGE0_PLAIN;

	cJSON_AddNumberToObject(object, "language_id", plain ? parcel->target->language->id : JUDGE0_MULTI_FILE);
	switch (parcel->way) {
	case JUDGE0_RUNNER:
		add_all(object, parcel);
		break;
	case JUDGE0_PACKED:
		add_packed(object, parcel, run);
		break;
	case JUDGE0_PLAIN:
		add_plain(object, parcel, run);
		break;
	}
	add_limits(object, parcel);
	return object;
}
