/* The runner's language: what it reads (runner/runner.h) and the frames it writes, which are taken for hostile. */

#include "core/judge/judge0/judge0_int.h"

#include <string.h>

#include <kodelab/alloc.h>

#define RESULT_MAX   ((size_t)4 << 20) /* as the sandbox */
#define LINE_MAX_LEN 256 /* of a test's figures */

/* --- what it reads ------------------------------------------------------------------------------------------------ */

static void put_blob(struct kl_buf *out, const void *bytes, size_t len)
{
	kl_buf_addf(out, "%zu\n", len);
	kl_buf_add(out, bytes, len);
	kl_buf_add_char(out, '\n');
}

static int64_t at_most(int64_t value, int64_t max)
{
	return value < max ? value : max;
}

static void put_argv(struct kl_buf *out, char *const *argv)
{
	for (; *argv; argv++)
		put_blob(out, *argv, strlen(*argv));
}

char **judge0_test_argv(const struct judge0_program *program, const struct judge_run *run)
{
	static char *const nothing[] = { NULL }; /* a plain submission: the instance knows its own command */
	char *const *more = run->argv + program->own_words;
	size_t count = 0;

	while (more[count])
		count++;
	return judge_argv(program->run ? program->run : nothing, run->memory_kib, more, count);
}

static void put_test(struct kl_buf *out, const struct judge_plan *plan, const struct judge0_program *program,
		     const struct judge_run *run, const struct judge0_budget *budget)
{
	struct kl_file *files;
	struct kl_box_run box = judge_test_run(plan, run, &files);
	char **argv = judge0_test_argv(program, run);
	size_t words = 0;
	int64_t wall_ms = box.wall_ms ? box.wall_ms : 3 * box.cpu_ms + 2000;

	while (argv[words])
		words++;
	kl_buf_addf(out, "test %lld %lld %lld %lld %zu %zu %d %zu %zu\n",
		    (long long)at_most(run->cpu_ms, budget->cpu_ms), (long long)at_most(box.cpu_ms, budget->cpu_ms),
		    (long long)at_most(wall_ms, budget->wall_ms),
		    (long long)at_most(box.memory_kib, budget->memory_kib), box.output_max,
		    box.want_result ? RESULT_MAX : 0, box.address_limit, words, run->test->file_count);
	put_argv(out, argv);
	judge_argv_free(argv);
	for (size_t i = 0; i < run->test->file_count; i++) {
		put_blob(out, run->test->files[i].name, strlen(run->test->files[i].name));
		put_blob(out, run->test->files[i].text, run->test->files[i].len);
	}
	put_blob(out, run->input, run->input_len);
	free(files);
}

void judge0_runner_input(struct kl_buf *out, const struct judge_plan *plan, const struct judge0_program *program,
			 const size_t *order, size_t count, const struct judge0_budget *budget, const char *nonce)
{
	kl_buf_addf(out, "KLR1 %s %lld %lld %lld %zu\n", nonce, (long long)budget->wall_ms, (long long)budget->cpu_ms,
		    (long long)budget->out_bytes, count);
	for (size_t i = 0; i < count; i++)
		put_test(out, plan, program, &plan->runs[order[i]], budget);
}

/* --- what it writes ----------------------------------------------------------------------------------------------- */

static const struct {
	const char *word;
	enum kl_end end;
} ends[] = {
	{ "exit", KL_END_EXITED },   { "signal", KL_END_SIGNALED }, { "cpu", KL_END_CPU },
	{ "wall", KL_END_WALL },     { "memory", KL_END_MEMORY },   { "output", KL_END_OUTPUT },
	{ "failed", KL_END_FAILED }, { "crowd", KL_END_SIGNALED },
};

struct figures {
	char end[16];
	int code, flags;
	long long cpu_us, wall_us, peak_kib;
	size_t position, out, err, result;
};

static bool read_end(struct kl_box_result *result, const struct figures *said)
{
	for (size_t i = 0; i < KL_LENGTH(ends); i++) {
		if (strcmp(ends[i].word, said->end) != 0)
			continue;
		result->end = ends[i].end;
		result->exit_code = result->end == KL_END_EXITED ? said->code : 0;
		result->signo = result->end == KL_END_SIGNALED ? said->code : 0;
		if (result->end == KL_END_FAILED)
			kl_fail_errno(&result->error, KL_EIO, said->code, "the program cannot be started there");
		return true;
	}
	return false;
}

/* line: of line_len bytes, the newline among them. */
static bool take_test(struct judge0_frame *out, const char *line, size_t line_len, const char *bytes, size_t len,
		      size_t *used)
{
	struct figures said;
	char text[LINE_MAX_LEN]; /* sscanf reads to the end of a text: of a large report that would be for every line */
	struct kl_box_result *result = &out->result;

	if (line_len >= sizeof(text))
		return false;
	memcpy(text, line, line_len);
	text[line_len] = '\0';
	/* NOLINTNEXTLINE(cert-err34-c): what overflows gives lengths that are refused below */
	if (sscanf(text, "test %zu %15s %d %lld %lld %lld %d %zu %zu %zu", &said.position, said.end, &said.code,
		   &said.cpu_us, &said.wall_us, &said.peak_kib, &said.flags, &said.out, &said.err, &said.result) != 10)
		return false;
	if (said.out > len || said.err > len - said.out || said.result >= len - said.out - said.err ||
	    bytes[said.out + said.err + said.result] != '\n' || said.cpu_us < 0 || said.wall_us < 0 ||
	    said.peak_kib < 0)
		return false;
	*result = (struct kl_box_result){ .cpu_us = said.cpu_us,
					  .wall_us = said.wall_us,
					  .cpu_ms = said.cpu_us / 1000,
					  .wall_ms = said.wall_us / 1000,
					  .peak_kib = said.peak_kib,
					  .out = bytes,
					  .out_len = said.out,
					  .err = bytes + said.out,
					  .err_len = said.err,
					  .result = bytes + said.out + said.err,
					  .result_len = said.result,
					  .out_cut = (said.flags & 1) != 0,
					  .err_cut = (said.flags & 2) != 0 };
	out->kind = JUDGE0_TEST;
	out->position = said.position;
	*used = said.out + said.err + said.result + 1;
	return read_end(result, &said);
}

static bool take_other(struct judge0_frame *out, const char *line)
{
	unsigned long long position = 0;

	if (!strncmp(line, "hello ", 6)) {
		out->kind = JUDGE0_HELLO;
		out->folder = line + 6;
		out->folder_len = strcspn(line + 6, "\n");
		return true;
	}
	out->kind = !strncmp(line, "start ", 6) ? JUDGE0_START : !strncmp(line, "more ", 5) ? JUDGE0_MORE : JUDGE0_DONE;
	if (out->kind == JUDGE0_DONE)
		return !strncmp(line, "done\n", 5);
	position = strtoull(strchr(line, ' '), NULL, 10);
	out->position = (size_t)position;
	return true;
}

bool judge0_frame_next(struct judge0_frame *out, const char *report, size_t len, size_t *at, const char *nonce)
{
	const char *line = report + *at, *end;
	size_t left = len - *at, head = strlen("KL1 ") + strlen(nonce) + 1, used = 0;

	end = memchr(line, '\n', left);
	if (!end || (size_t)(end - line) < head || memcmp(line, "KL1 ", 4) != 0 ||
	    memcmp(line + 4, nonce, strlen(nonce)) != 0 || line[head - 1] != ' ')
		return false;
	*out = (struct judge0_frame){ .kind = JUDGE0_DONE };
	if (!strncmp(line + head, "test ", 5)) {
		if (!take_test(out, line + head, (size_t)(end + 1 - line) - head, end + 1,
			       len - (size_t)(end + 1 - report), &used))
			return false;
	} else if (!take_other(out, line + head)) {
		return false;
	}
	*at = (size_t)(end + 1 - report) + used;
	return true;
}
