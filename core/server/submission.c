/* The table of attributes, and values kept in rows of the queue. */

#include "core/server/submission.h"

#include <kodelab/alloc.h>
#include <kodelab/store_queue.h>

#include "core/server/jsonout.h"

#define STRING_MAX_TEXT 512

/* clang-format off */
#define ROW(symbol) [ATTRIBUTE_##symbol] = {
const struct attribute_row attribute_table[ATTRIBUTE_COUNT] = {
	ROW(SOURCE_CODE)       "source_code",                              VALUE_TEXT,    BY_CLIENT, false, NULL, NULL, NULL },
	ROW(LANGUAGE_ID)       "language_id",                              VALUE_INT,     BY_QUEUE,  false, NULL, NULL, NULL },
	ROW(STDIN)             "stdin",                                    VALUE_TEXT,    BY_CLIENT, false, NULL, NULL, NULL },
	ROW(EXPECTED_OUTPUT)   "expected_output",                          VALUE_TEXT,    BY_CLIENT, false, NULL, NULL, NULL },
	ROW(STDOUT)            "stdout",                                   VALUE_TEXT,    BY_JUDGE,  true,  NULL, NULL, NULL },
	ROW(STATUS_ID)         "status_id",                                VALUE_INT,     BY_QUEUE,  false, NULL, NULL, NULL },
	ROW(CREATED_AT)        "created_at",                               VALUE_STRING,  BY_QUEUE,  false, NULL, NULL, NULL },
	ROW(FINISHED_AT)       "finished_at",                              VALUE_STRING,  BY_QUEUE,  false, NULL, NULL, NULL },
	ROW(TIME)              "time",                                     VALUE_STRING,  BY_JUDGE,  true,  NULL, NULL, NULL },
	ROW(MEMORY)            "memory",                                   VALUE_INT,     BY_JUDGE,  true,  NULL, NULL, NULL },
	ROW(STDERR)            "stderr",                                   VALUE_TEXT,    BY_JUDGE,  true,  NULL, NULL, NULL },
	ROW(TOKEN)             "token",                                    VALUE_STRING,  BY_QUEUE,  true,  NULL, NULL, NULL },
	ROW(NUMBER_OF_RUNS)    "number_of_runs",                           VALUE_INT,     BY_CLIENT, false, "judge0.number_of_runs", "judge0.max_number_of_runs", ">0" },
	ROW(CPU_TIME_LIMIT)    "cpu_time_limit",                           VALUE_SECONDS, BY_CLIENT, false, "judge0.cpu_time_limit_ms", "judge0.max_cpu_time_limit_ms", "0" },
	ROW(CPU_EXTRA_TIME)    "cpu_extra_time",                           VALUE_SECONDS, BY_CLIENT, false, "judge0.cpu_extra_time_ms", "judge0.max_cpu_extra_time_ms", "0" },
	ROW(WALL_TIME_LIMIT)   "wall_time_limit",                          VALUE_SECONDS, BY_CLIENT, false, "judge0.wall_time_limit_ms", "judge0.max_wall_time_limit_ms", "1" },
	ROW(MEMORY_LIMIT)      "memory_limit",                             VALUE_INT,     BY_CLIENT, false, "judge0.memory_limit_kib", "judge0.max_memory_limit_kib", "2048" },
	ROW(STACK_LIMIT)       "stack_limit",                              VALUE_INT,     BY_CLIENT, false, "judge0.stack_limit_kib", "judge0.max_stack_limit_kib", "0" },
	ROW(PROCESSES)         "max_processes_and_or_threads",             VALUE_INT,     BY_CLIENT, false, "judge0.max_processes_and_or_threads", "judge0.max_max_processes_and_or_threads", ">0" },
	ROW(EACH_TIME_LIMIT)   "enable_per_process_and_thread_time_limit", VALUE_BOOL,    BY_CLIENT, false, "judge0.enable_per_process_and_thread_time_limit", NULL, "judge0.allow_enable_per_process_and_thread_time_limit" },
	ROW(EACH_MEMORY_LIMIT) "enable_per_process_and_thread_memory_limit", VALUE_BOOL,  BY_CLIENT, false, "judge0.enable_per_process_and_thread_memory_limit", NULL, "judge0.allow_enable_per_process_and_thread_memory_limit" },
	ROW(MAX_FILE_SIZE)     "max_file_size",                            VALUE_INT,     BY_CLIENT, false, "judge0.max_file_size_kib", "judge0.max_max_file_size_kib", "0" },
	ROW(COMPILE_OUTPUT)    "compile_output",                           VALUE_TEXT,    BY_JUDGE,  true,  NULL, NULL, NULL },
	ROW(EXIT_CODE)         "exit_code",                                VALUE_INT,     BY_JUDGE,  false, NULL, NULL, NULL },
	ROW(EXIT_SIGNAL)       "exit_signal",                              VALUE_INT,     BY_JUDGE,  false, NULL, NULL, NULL },
	ROW(MESSAGE)           "message",                                  VALUE_TEXT,    BY_JUDGE,  true,  NULL, NULL, NULL },
	ROW(WALL_TIME)         "wall_time",                                VALUE_STRING,  BY_JUDGE,  false, NULL, NULL, NULL },
	ROW(COMPILER_OPTIONS)  "compiler_options",                         VALUE_STRING,  BY_CLIENT, false, NULL, NULL, NULL },
	ROW(ARGUMENTS)         "command_line_arguments",                   VALUE_STRING,  BY_CLIENT, false, NULL, NULL, NULL },
	ROW(REDIRECT)          "redirect_stderr_to_stdout",                VALUE_BOOL,    BY_CLIENT, false, "judge0.redirect_stderr_to_stdout", NULL, NULL },
	ROW(CALLBACK_URL)      "callback_url",                             VALUE_STRING,  BY_CLIENT, false, NULL, NULL, NULL },
	ROW(ADDITIONAL_FILES)  "additional_files",                         VALUE_ZIP,     BY_CLIENT, false, NULL, NULL, NULL },
	ROW(ENABLE_NETWORK)    "enable_network",                           VALUE_BOOL,    BY_CLIENT, false, NULL, NULL, NULL },
	ROW(STATUS)            "status",                                   VALUE_OBJECT,  BY_QUEUE,  true,  NULL, NULL, NULL },
	ROW(LANGUAGE)          "language",                                 VALUE_OBJECT,  BY_QUEUE,  false, NULL, NULL, NULL },
};

static const char *const descriptions[] = {
	[STATUS_QUEUED] = "In Queue", [STATUS_PROCESSING] = "Processing", [STATUS_ACCEPTED] = "Accepted",
	[STATUS_WRONG] = "Wrong Answer", [STATUS_TIME] = "Time Limit Exceeded", [STATUS_COMPILATION] = "Compilation Error",
	[STATUS_SEGV] = "Runtime Error (SIGSEGV)", [STATUS_XFSZ] = "Runtime Error (SIGXFSZ)",
	[STATUS_FPE] = "Runtime Error (SIGFPE)", [STATUS_ABRT] = "Runtime Error (SIGABRT)",
	[STATUS_NZEC] = "Runtime Error (NZEC)", [STATUS_OTHER] = "Runtime Error (Other)",
	[STATUS_INTERNAL] = "Internal Error", [STATUS_EXEC_FORMAT] = "Exec Format Error",
};
/* clang-format on */

enum attribute attribute_find(const char *name, size_t len)
{
	for (size_t i = 0; i < ATTRIBUTE_COUNT; i++)
		if (strlen(attribute_table[i].name) == len && !memcmp(attribute_table[i].name, name, len))
			return (enum attribute)i;
	return ATTRIBUTE_COUNT;
}

const char *status_description(int64_t status)
{
	return status >= STATUS_QUEUED && status <= STATUS_LAST ? descriptions[status] : "";
}

/* --- values ----------------------------------------------------------------------------------------------------- */

void submission_release(struct submission *submission)
{
	for (size_t i = 0; i < ATTRIBUTE_COUNT; i++)
		free(submission->values[i].bytes);
	*submission = (struct submission){ .language_id = 0 };
}

void submission_set(struct submission *submission, enum attribute which, const char *bytes, size_t len)
{
	struct value *value = &submission->values[which];

	free(value->bytes);
	value->bytes = bytes ? kl_strndup(bytes, len) : NULL;
	value->len = bytes ? len : 0;
}

void submission_print(struct submission *submission, enum attribute which, const char *fmt, ...)
{
	char text[STRING_MAX_TEXT];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	submission_set(submission, which, text, strlen(text));
}

const char *submission_text(const struct submission *submission, enum attribute which)
{
	return submission->values[which].bytes;
}

double submission_number(const struct submission *submission, enum attribute which)
{
	const char *text = submission_text(submission, which);

	return text ? strtod(text, NULL) : 0;
}

bool submission_true(const struct submission *submission, enum attribute which)
{
	const char *text = submission_text(submission, which);

	return text && !strcmp(text, "true");
}

/* --- packing ---------------------------------------------------------------------------------------------------- */

void submission_pack(struct kl_buf *out, const struct submission *submission, enum value_owner owner)
{
	for (size_t i = 0; i < ATTRIBUTE_COUNT; i++) {
		const struct value *value = &submission->values[i];

		if (attribute_table[i].owner != owner || !value->bytes)
			continue;
		kl_buf_addf(out, "%s %zu\n", attribute_table[i].name, value->len);
		kl_buf_add(out, value->bytes, value->len);
		kl_buf_add_char(out, '\n');
	}
}

bool submission_unpack(struct submission *submission, const char *bytes, size_t len)
{
	for (size_t at = 0; at < len;) {
		const char *blank = memchr(bytes + at, ' ', len - at);
		const char *newline = blank ? memchr(blank, '\n', len - (size_t)(blank - bytes)) : NULL;
		enum attribute which;
		size_t size, begin;
		char *end;

		if (!newline)
			return false;
		which = attribute_find(bytes + at, (size_t)(blank - (bytes + at)));
		size = (size_t)strtoull(blank + 1, &end, 10);
		begin = (size_t)(newline - bytes) + 1;
		if (end != newline || size >= len - begin || bytes[begin + size] != '\n')
			return false;
		if (which != ATTRIBUTE_COUNT) /* one of a newer kodelabd is passed over */
			submission_set(submission, which, bytes + begin, size);
		at = begin + size + 1;
	}
	return true;
}

int64_t status_of_entry(const struct kl_queue_entry *entry)
{
	switch (entry->state) {
	case KL_QUEUED:
		return STATUS_QUEUED;
	case KL_PROCESSING:
		return STATUS_PROCESSING;
	case KL_COMPLETED:
		return entry->outcome;
	case KL_FAILED:
	case KL_CANCELLED:
	case KL_QUEUE_STATE_COUNT:
		break;
	}
	return STATUS_INTERNAL;
}

static void set_time(struct submission *out, enum attribute which, int64_t wall_ms)
{
	char text[JSONOUT_TIME_SIZE];

	if (!wall_ms)
		return;
	jsonout_time(text, wall_ms);
	submission_set(out, which, text, strlen(text));
}

bool submission_of_entry(struct submission *out, const struct kl_queue_entry *entry)
{
	static const char failed[] = "The judge itself failed, several times: see the server's log.";
	bool good;

	*out = (struct submission){ .language_id = entry->kind, .status_id = status_of_entry(entry) };
	good = submission_unpack(out, entry->body, entry->body_len) &&
	       submission_unpack(out, entry->result ? entry->result : "", entry->result_len);
	if (entry->state == KL_FAILED)
		submission_set(out, ATTRIBUTE_MESSAGE, failed, strlen(failed));
	submission_print(out, ATTRIBUTE_LANGUAGE_ID, "%lld", (long long)entry->kind);
	submission_print(out, ATTRIBUTE_STATUS_ID, "%lld", (long long)out->status_id);
	submission_set(out, ATTRIBUTE_TOKEN, entry->id, strlen(entry->id));
	set_time(out, ATTRIBUTE_CREATED_AT, entry->created_ms);
	set_time(out, ATTRIBUTE_FINISHED_AT, entry->finished_ms);
	return good;
}
