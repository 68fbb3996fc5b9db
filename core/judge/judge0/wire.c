/*
 * What an instance answers for submissions. Numbers may be strings, texts are base64 with line breaks in it, unknown
 * fields are passed over, and what is missing has a default.
 */

#include "core/judge/judge0/judge0_int.h"

#include <kodelab/json.h>
#include <math.h>
#include <signal.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/crypto.h>

#define ANSWER_MAX ((size_t)64 << 20)

const char judge0_fields[] =
	"token,status_id,status,stdout,stderr,compile_output,message,time,wall_time,memory,exit_code,exit_signal";

/* --- small readers ------------------------------------------------------------------------------------------------ */

/* A number, or a string that holds one; otherwise when it is neither. */
static double number_of(const cJSON *object, const char *key, double otherwise)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
	char *end;
	double value;

	if (cJSON_IsNumber(item))
		return item->valuedouble;
	if (!cJSON_IsString(item) || !*item->valuestring)
		return otherwise;
	value = strtod(item->valuestring, &end);
	return *end || !isfinite(value) ? otherwise : value;
}

static bool truth_of(const cJSON *object, const char *key, bool otherwise)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

	return cJSON_IsBool(item) ? cJSON_IsTrue(item) : otherwise;
}

static int64_t whole(double value, double unit)
{
	return value < 0 || value * unit > 9e15 ? 0 : (int64_t)(value * unit + 0.5);
}

static int int_of(const cJSON *object, const char *key, int otherwise)
{
	double value = number_of(object, key, otherwise);

	return value < -1e9 || value > 1e9 ? otherwise : (int)value;
}

/* Bytes of a base64 text; what is no base64 is taken as it stands: a server that did not understand still says something. */
static char *decoded(const cJSON *object, const char *key, size_t *len)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
	const char *text = cJSON_IsString(item) ? item->valuestring : "";
	char *tight = kl_alloc(strlen(text) + 1), *bytes = NULL, *to = tight;

	for (const char *at = text; *at; at++)
		if (!strchr(" \t\r\n", *at))
			*to++ = *at;
	*to = '\0';
	if (!kl_base64_decode(&bytes, len, tight)) {
		bytes = kl_strdup(text);
		*len = strlen(text);
	}
	free(tight);
	return bytes;
}

/* --- facts -------------------------------------------------------------------------------------------------------- */

enum kl_status judge0_facts_read(struct kl_instance_facts *out, const char *text, size_t len, struct kl_error *err)
{
	struct kl_json *doc;
	const cJSON *root;
	enum kl_status status = kl_json_parse(&doc, text, len, (size_t)1 << 20, "config_info", err);

	if (status)
		return status;
	root = kl_json_root(doc);
	if (!cJSON_IsObject(root)) {
		kl_json_free(doc);
		return kl_fail(err, KL_EINVAL, "config_info is no object: is this a Judge0 server?");
	}
	*out = (struct kl_instance_facts){
		.wait = truth_of(root, "enable_wait_result", true),
		.batches = truth_of(root, "enable_batched_submissions", true),
		.additional_files = truth_of(root, "enable_additional_files", true),
		.arguments = truth_of(root, "enable_command_line_arguments", true),
		.process_memory = truth_of(root, "allow_enable_per_process_and_thread_memory_limit", true),
		.process_time = truth_of(root, "allow_enable_per_process_and_thread_time_limit", true),
		.maintenance = truth_of(root, "maintenance_mode", false),
		.deletes = truth_of(root, "enable_submission_delete", false),
		.batch_max = int_of(root, "max_submission_batch_size", 20),
		.queue_max = int_of(root, "max_queue_size", 100),
		.cpu_max_ms = whole(number_of(root, "max_cpu_time_limit", 15), 1000),
		.cpu_extra_max_ms = whole(number_of(root, "max_cpu_extra_time", 5), 1000),
		.wall_max_ms = whole(number_of(root, "max_wall_time_limit", 20), 1000),
		.memory_max_kib = whole(number_of(root, "max_memory_limit", 512000), 1),
		.stack_max_kib = whole(number_of(root, "max_stack_limit", 128000), 1),
		.file_max_kib = whole(number_of(root, "max_max_file_size", 4096), 1),
		.processes_max = int_of(root, "max_max_processes_and_or_threads", 120),
	};
	kl_json_free(doc);
	return KL_OK;
}

/* --- answers ------------------------------------------------------------------------------------------------------ */

/* {"error":"text"}, or {"attribute":["message", …], …} of a submission that was refused. */
static char *error_text(const cJSON *object)
{
	const cJSON *said = cJSON_GetObjectItemCaseSensitive(object, "error"), *item, *message;
	struct kl_buf text;

	if (!said)
		said = cJSON_GetObjectItemCaseSensitive(object, "message");
	if (cJSON_IsString(said))
		return kl_strdup(said->valuestring);
	kl_buf_init(&text, 1000);
	cJSON_ArrayForEach(item, object) {
		if (!cJSON_IsArray(item))
			continue;
		cJSON_ArrayForEach(message, item) {
			if (cJSON_IsString(message))
				kl_buf_addf(&text, "%s%s %s", text.len ? "; " : "", item->string, message->valuestring);
		}
	}
	return kl_buf_detach(&text);
}

static bool is_submission(const cJSON *object)
{
	return cJSON_GetObjectItemCaseSensitive(object, "token") ||
	       cJSON_GetObjectItemCaseSensitive(object, "status") ||
	       cJSON_GetObjectItemCaseSensitive(object, "status_id");
}

static int status_of(const cJSON *object)
{
	const cJSON *status = cJSON_GetObjectItemCaseSensitive(object, "status");

	return cJSON_IsObject(status) ? int_of(status, "id", 0) : int_of(object, "status_id", 0);
}

static void read_answer(struct judge0_answer *out, const cJSON *object)
{
	const cJSON *token = cJSON_GetObjectItemCaseSensitive(object, "token");

	*out = (struct judge0_answer){ .exit_code = -1, .exit_signal = -1 };
	out->out = decoded(object, "stdout", &out->out_len);
	out->err = decoded(object, "stderr", &out->err_len);
	out->compile = decoded(object, "compile_output", &out->compile_len);
	out->message = decoded(object, "message", &out->message_len);
	if (!cJSON_IsObject(object) || !is_submission(object)) {
		out->error = cJSON_IsObject(object) ? error_text(object) : kl_strdup("the judge does not know it");
		return;
	}
	if (cJSON_IsString(token))
		out->token = kl_strdup(token->valuestring);
	out->status = status_of(object);
	out->exit_code = int_of(object, "exit_code", -1);
	out->exit_signal = int_of(object, "exit_signal", -1);
	out->cpu_us = whole(number_of(object, "time", 0), 1e6);
	out->wall_us = whole(number_of(object, "wall_time", 0), 1e6);
	out->memory_kib = whole(number_of(object, "memory", 0), 1);
}

enum kl_status judge0_answers_read(struct judge0_answer **out, size_t *count, const char *text, size_t len,
				   struct kl_error *err)
{
	struct kl_json *doc;
	const cJSON *list, *item;
	enum kl_status status = kl_json_parse(&doc, text, len, ANSWER_MAX, "answer", err);
	size_t at = 0;

	if (status)
		return status;
	list = kl_json_root(doc);
	if (cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(list, "submissions")))
		list = cJSON_GetObjectItemCaseSensitive(list, "submissions");
	if (!cJSON_IsArray(list) && !cJSON_IsObject(list)) {
		kl_json_free(doc);
		return kl_fail(err, KL_EINVAL, "the answer is neither a submission nor a list of them");
	}
	*count = cJSON_IsArray(list) ? (size_t)cJSON_GetArraySize(list) : 1;
	*out = kl_calloc(*count + 1, sizeof(**out));
	if (cJSON_IsObject(list))
		read_answer(&(*out)[0], list);
	else
		for (item = list->child; item; item = item->next)
			read_answer(&(*out)[at++], item);
	kl_json_free(doc);
	return KL_OK;
}

void judge0_answers_free(struct judge0_answer *answers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(answers[i].token);
		free(answers[i].out);
		free(answers[i].err);
		free(answers[i].compile);
		free(answers[i].message);
		free(answers[i].error);
	}
	free(answers);
}

bool judge0_is_final(const struct judge0_answer *answer)
{
	return answer->status > JUDGE0_PROCESSING;
}

/* --- what an answer means ----------------------------------------------------------------------------------------- */

/* "run: line 1:     3 Segmentation fault      ./a.out" is bash's, not the program's: cut in place. */
static void drop_bash_lines(char *text, size_t *len)
{
	static const char begin[] = "run: line ";
	size_t at = 0, to = 0;

	while (at < *len) {
		const char *end = memchr(text + at, '\n', *len - at);
		size_t line = end ? (size_t)(end - (text + at)) + 1 : *len - at;

		if (line < sizeof(begin) - 1 || memcmp(text + at, begin, sizeof(begin) - 1) != 0) {
			memmove(text + to, text + at, line);
			to += line;
		}
		at += line;
	}
	text[to] = '\0';
	*len = to;
}

static int signal_of(const struct judge0_answer *answer)
{
	static const int by_status[] = {
		[JUDGE0_SIGSEGV] = SIGSEGV,
		[JUDGE0_SIGXFSZ] = SIGXFSZ,
		[JUDGE0_SIGFPE] = SIGFPE,
		[JUDGE0_SIGABRT] = SIGABRT,
	};

	if (answer->exit_signal > 0 && answer->exit_signal < 65)
		return answer->exit_signal;
	if (answer->status >= JUDGE0_SIGSEGV && answer->status <= JUDGE0_SIGABRT)
		return by_status[answer->status];
	if (answer->status == JUDGE0_NZEC && answer->exit_code > 128 && answer->exit_code < 128 + 65)
		return answer->exit_code - 128;
	return answer->status == JUDGE0_SIGNAL ? SIGKILL : 0;
}

static bool is_too_much_output(const struct judge0_answer *answer, int signo, const struct judge_run *run,
			       const struct kl_instance_facts *facts)
{
	size_t file_max = (size_t)facts->file_max_kib * 1024;

	return signo == SIGXFSZ || answer->out_len >= file_max || answer->err_len >= file_max ||
	       answer->out_len > (size_t)run->output_bytes || answer->err_len > (size_t)run->output_bytes ||
	       (answer->exit_code == 1 && strstr(answer->err, "[Errno 27]"));
}

static void end_of_failure(struct kl_box_result *out, const struct judge0_answer *answer, const struct judge_run *run,
			   const struct kl_instance_facts *facts)
{
	int signo = signal_of(answer);

	if (is_too_much_output(answer, signo, run, facts)) {
		out->end = KL_END_OUTPUT;
	} else if (signo == SIGKILL && answer->memory_kib * 100 >= run->memory_kib * 95) {
		out->end = KL_END_MEMORY;
	} else if (signo) {
		out->end = KL_END_SIGNALED;
		out->signo = signo;
	} else {
		out->end = KL_END_EXITED;
		out->exit_code = answer->exit_code > 0 ? answer->exit_code : 1;
	}
}

void judge0_result_of(struct kl_box_result *out, const struct judge0_answer *answer, const struct judge_run *run,
		      const struct kl_instance_facts *facts)
{
	size_t err_len = answer->err_len;

	drop_bash_lines(answer->err, &err_len);
	*out = (struct kl_box_result){ .cpu_us = answer->cpu_us,
				       .cpu_ms = answer->cpu_us / 1000,
				       .wall_us = answer->wall_us,
				       .wall_ms = answer->wall_us / 1000,
				       .peak_kib = answer->memory_kib,
				       .out = answer->out,
				       .out_len = answer->out_len,
				       .err = answer->err,
				       .err_len = err_len,
				       .result = "" };
	switch (answer->status) {
	case JUDGE0_ACCEPTED:
	case JUDGE0_WRONG: /* nothing expected was sent */
		out->end = is_too_much_output(answer, 0, run, facts) ? KL_END_OUTPUT : KL_END_EXITED;
		break;
	case JUDGE0_TIME:
		out->end = strstr(answer->message, "wall clock") ? KL_END_WALL : KL_END_CPU;
		break;
	case JUDGE0_INTERNAL:
	case JUDGE0_EXEC:
		out->end = KL_END_FAILED;
		kl_fail(&out->error, KL_ENET, "%s", judge0_words_internal(answer->message));
		break;
	default:
		end_of_failure(out, answer, run, facts);
	}
}

void judge0_compile_of(struct kl_box_result *out, const struct judge0_answer *answer)
{
	bool failed = answer->status == JUDGE0_COMPILE;
	bool late = failed && !strncmp(answer->compile, "Compilation time limit exceeded", 31);

	*out = (struct kl_box_result){ .end = late ? KL_END_WALL : KL_END_EXITED,
				       .exit_code = failed && !late,
				       .out = late ? "" : answer->compile,
				       .out_len = late ? 0 : answer->compile_len,
				       .err = "",
				       .result = "" };
}
