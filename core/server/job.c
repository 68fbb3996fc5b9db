/* Compiling and running. */

#include "core/server/job.h"

#include <signal.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/sandbox.h>

#include "core/server/archive.h"
#include "core/server/settings.h"
#include "core/server/submission.h"
#include "core/server/toolchain.h"
#include "core/server/verdict.h"

#define ARCHIVE_ALL_MAX   ((size_t)24 << 20) /* the folder of a run holds 32 MiB */
#define ARCHIVE_COUNT_MAX 1000
#define COMPILE_FILE_KIB  (64 << 10) /* programs of some compilers are larger than what a program may write */

struct job {
	struct kl_box *box;
	struct submission *submission;
	const struct toolchain *language;
	const struct settings *settings;
	job_done_fn *done;
	void *ctx;
	struct archive archive;
	struct kl_buf compile, run; /* the two scripts */
	bool compiled; /* its files are kept in the box */
	struct verdict verdict;
};

static void finish(struct job *job, const char *failure)
{
	job_done_fn *done = job->done;
	void *ctx = job->ctx;

	if (!failure)
		verdict_tell(&job->verdict, job->submission);
	verdict_release(&job->verdict);
	archive_release(&job->archive);
	kl_buf_release(&job->compile);
	kl_buf_release(&job->run);
	free(job);
	done(ctx, failure);
}

/* --- scripts ---------------------------------------------------------------------------------------------------- */

/* What would end the command or start another one is taken out. */
static void add_filtered(struct kl_buf *script, const char *text)
{
	for (; text && *text; text++)
		if (!strchr("$&;<>|`\n", *text))
			kl_buf_add_char(script, *text);
}

static void build_scripts(struct job *job)
{
	const struct toolchain *language = job->language;
	const char *hole = language->compile ? strstr(language->compile, "%s") : NULL;

	kl_buf_init(&job->compile, 64 << 10);
	kl_buf_init(&job->run, 64 << 10);
	if (hole) {
		kl_buf_add(&job->compile, language->compile, (size_t)(hole - language->compile));
		add_filtered(&job->compile, submission_text(job->submission, ATTRIBUTE_COMPILER_OPTIONS));
		kl_buf_add_str(&job->compile, hole + 2);
	}
	if (language->run) {
		kl_buf_addf(&job->run, "%s ", language->run);
		add_filtered(&job->run, submission_text(job->submission, ATTRIBUTE_ARGUMENTS));
	}
}

/* --- files ------------------------------------------------------------------------------------------------------ */

static void unpack(struct job *job)
{
	const struct value *zip = &job->submission->values[ATTRIBUTE_ADDITIONAL_FILES];
	const struct archive_limits limits = {
		.file_max = (size_t)settings_int(job->settings, "judge0.max_extract_size_kib") << 10,
		.all_max = ARCHIVE_ALL_MAX,
		.count_max = ARCHIVE_COUNT_MAX,
	};

	if (zip->bytes) /* what is no zip is passed over */
		(void)archive_read(&job->archive, zip->bytes, zip->len, &limits);
}

struct files {
	struct kl_file *list;
	size_t count;
};

/* The first of a name stays: the archive never overwrites the source. */
static void add_file(struct files *files, char *name, char *text, size_t len)
{
	for (size_t i = 0; i < files->count; i++)
		if (!strcmp(files->list[i].name, name))
			return;
	files->list[files->count++] = (struct kl_file){ .name = name, .text = text, .len = len };
}

static void add_script(struct files *files, const char *name, struct kl_buf *script)
{
	if (script->len)
		add_file(files, (char *)(uintptr_t)name, script->data, script->len);
}

/* With which files the next step begins: scripts of ours win over files of those names. */
static struct files gather(struct job *job, bool compiling)
{
	struct files files = { kl_calloc(job->archive.count + 3, sizeof(*files.list)), 0 };
	struct value *source = &job->submission->values[ATTRIBUTE_SOURCE_CODE];

	add_script(&files, compiling ? "compile" : "run", compiling ? &job->compile : &job->run);
	if (job->compiled)
		return files;
	if (job->language->source && source->bytes)
		add_file(&files, (char *)(uintptr_t)job->language->source, source->bytes, source->len);
	for (size_t i = 0; i < job->archive.count; i++)
		add_file(&files, job->archive.files[i].name, job->archive.files[i].text, job->archive.files[i].len);
	return files;
}

static bool has_compile(const struct job *job)
{
	if (job->compile.len)
		return true;
	for (size_t i = 0; job->language->id == TOOLCHAIN_MULTI_FILE && i < job->archive.count; i++)
		if (!strcmp(job->archive.files[i].name, "compile"))
			return true;
	return false;
}

/* --- steps ------------------------------------------------------------------------------------------------------ */

static const char *const environment[] = { "HOME=/tmp", NULL };
static const char *const compile_argv[] = { "/usr/bin/bash", "compile", NULL };
static const char *const run_argv[] = { "/usr/bin/bash", "run", NULL };

static enum kl_status start(struct job *job, struct kl_box_run *run, bool compiling, kl_box_done_fn *done,
			    struct kl_error *err)
{
	struct files files = gather(job, compiling);
	enum kl_status status;

	run->argv = compiling ? compile_argv : run_argv;
	run->env = environment;
	run->files = files.list;
	run->file_count = files.count;
	run->output_to_file = true;
	status = kl_box_run(job->box, run, done, job, err);
	free(files.list);
	return status;
}

static int64_t milliseconds(const struct submission *submission, enum attribute which)
{
	int64_t ms = (int64_t)(submission_number(submission, which) * 1000 + 0.5);

	return ms > 0 ? ms : 1;
}

static void on_ran(void *ctx, const struct kl_box_result *result);

static enum kl_status start_run(struct job *job, struct kl_error *err)
{
	const struct submission *submission = job->submission;
	const struct value *input = &submission->values[ATTRIBUTE_STDIN];
	int64_t file_kib = (int64_t)submission_number(submission, ATTRIBUTE_MAX_FILE_SIZE);
	struct kl_box_run run = {
		.input = input->bytes,
		.input_len = input->len,
		.cpu_ms = milliseconds(submission, ATTRIBUTE_CPU_TIME_LIMIT) +
			  milliseconds(submission, ATTRIBUTE_CPU_EXTRA_TIME),
		.wall_ms = milliseconds(submission, ATTRIBUTE_WALL_TIME_LIMIT),
		.memory_kib = (int64_t)submission_number(submission, ATTRIBUTE_MEMORY_LIMIT),
		.stack_kib = (int64_t)submission_number(submission, ATTRIBUTE_STACK_LIMIT),
		.processes = (unsigned)submission_number(submission, ATTRIBUTE_PROCESSES),
		.file_kib = file_kib ? file_kib : 1,
		.join_err = submission_true(submission, ATTRIBUTE_REDIRECT),
		.address_limit =
			submission_true(submission, ATTRIBUTE_EACH_MEMORY_LIMIT) && !job->language->no_address_limit,
	};

	run.output_max = (size_t)run.file_kib << 10;
	return start(job, &run, false, on_ran, err);
}

static void on_ran(void *ctx, const struct kl_box_result *result)
{
	struct job *job = ctx;
	struct kl_error err;

	if (result->end == KL_END_FAILED || result->end == KL_END_CANCELED) {
		finish(job, result->end == KL_END_FAILED ? result->error.message : "stopped");
		return;
	}
	verdict_add_run(&job->verdict, job->submission, result);
	if (job->verdict.status != STATUS_ACCEPTED ||
	    job->verdict.runs >= (int)submission_number(job->submission, ATTRIBUTE_NUMBER_OF_RUNS))
		finish(job, NULL);
	else if (start_run(job, &err))
		finish(job, err.message);
}

static void on_compiled(void *ctx, const struct kl_box_result *result)
{
	struct job *job = ctx;
	struct kl_error err;

	if (result->end == KL_END_FAILED || result->end == KL_END_CANCELED) {
		finish(job, result->end == KL_END_FAILED ? result->error.message : "stopped");
		return;
	}
	if (!verdict_add_compile(&job->verdict, result)) {
		finish(job, NULL);
		return;
	}
	job->compiled = true;
	if (start_run(job, &err))
		finish(job, err.message);
}

/* Compiling has the limits that a submission may have at most. */
static enum kl_status start_compile(struct job *job, struct kl_error *err)
{
	const struct settings *settings = job->settings;
	struct kl_box_run run = {
		.cpu_ms = settings_int(settings, "judge0.max_cpu_time_limit_ms"),
		.wall_ms = settings_int(settings, "judge0.max_wall_time_limit_ms"),
		.memory_kib = settings_int(settings, "judge0.max_memory_limit_kib"),
		.stack_kib = settings_int(settings, "judge0.max_stack_limit_kib"),
		.processes = (unsigned)settings_int(settings, "judge0.max_max_processes_and_or_threads"),
		.file_kib = COMPILE_FILE_KIB,
		.output_max = (size_t)settings_int(settings, "judge0.max_max_file_size_kib") << 10,
		.join_err = true,
		.keep = true,
	};

	return start(job, &run, true, on_compiled, err);
}

enum kl_status job_start(struct job **out, struct kl_box *box, struct submission *submission,
			 const struct toolchain *language, const struct settings *settings, job_done_fn *done,
			 void *ctx, struct kl_error *err)
{
	struct job *job = kl_calloc(1, sizeof(*job));
	enum kl_status status;

	*job = (struct job){ .box = box,
			     .submission = submission,
			     .language = language,
			     .settings = settings,
			     .done = done,
			     .ctx = ctx };
	unpack(job);
	build_scripts(job);
	if (!(status = kl_box_forget(box, err)))
		status = has_compile(job) ? start_compile(job, err) : start_run(job, err);
	if (!status) {
		*out = job;
		return KL_OK;
	}
	archive_release(&job->archive);
	kl_buf_release(&job->compile);
	kl_buf_release(&job->run);
	free(job);
	return status;
}
