#ifndef CORE_SERVER_SUBMISSION_H
#define CORE_SERVER_SUBMISSION_H

/*
 * A submission: the 35 attributes of Judge0, each one row of a table that says what it is, who gives it, and what it may
 * be. Values are kept as texts ("2.5", "true", bytes of a program's output); a NULL is Judge0's null. In the queue's rows
 * what the client gave is the body and what the judge found is the result, both packed as "name length\nbytes\n".
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/buf.h>
#include <kodelab/error.h>

struct kl_queue_entry;
struct request;
struct settings;
struct toolchains;

enum value_type {
	VALUE_TEXT, /* bytes; base64_encoded is for these */
	VALUE_STRING, /* short, always plain */
	VALUE_INT,
	VALUE_SECONDS, /* comes as a number, goes as a string */
	VALUE_BOOL,
	VALUE_ZIP, /* base64 both ways, always; kept decoded */
	VALUE_OBJECT, /* status, language: made from others */
};

enum value_owner {
	BY_CLIENT, /* in the body */
	BY_JUDGE, /* in the result */
	BY_QUEUE, /* a column of its row */
};

/* In the order in which fields=* gives them. */
#define ATTRIBUTE_MAP(X)                                                                                               \
	X(SOURCE_CODE, source_code)                                                                                    \
	X(LANGUAGE_ID, language_id)                                                                                    \
	X(STDIN, stdin)                                                                                                \
	X(EXPECTED_OUTPUT, expected_output)                                                                            \
	X(STDOUT, stdout)                                                                                              \
	X(STATUS_ID, status_id)                                                                                        \
	X(CREATED_AT, created_at)                                                                                      \
	X(FINISHED_AT, finished_at)                                                                                    \
	X(TIME, time)                                                                                                  \
	X(MEMORY, memory)                                                                                              \
	X(STDERR, stderr)                                                                                              \
	X(TOKEN, token)                                                                                                \
	X(NUMBER_OF_RUNS, number_of_runs)                                                                              \
	X(CPU_TIME_LIMIT, cpu_time_limit)                                                                              \
	X(CPU_EXTRA_TIME, cpu_extra_time)                                                                              \
	X(WALL_TIME_LIMIT, wall_time_limit)                                                                            \
	X(MEMORY_LIMIT, memory_limit)                                                                                  \
	X(STACK_LIMIT, stack_limit)                                                                                    \
	X(PROCESSES, max_processes_and_or_threads)                                                                     \
	X(EACH_TIME_LIMIT, enable_per_process_and_thread_time_limit)                                                   \
	X(EACH_MEMORY_LIMIT, enable_per_process_and_thread_memory_limit)                                               \
	X(MAX_FILE_SIZE, max_file_size)                                                                                \
	X(COMPILE_OUTPUT, compile_output)                                                                              \
	X(EXIT_CODE, exit_code)                                                                                        \
	X(EXIT_SIGNAL, exit_signal)                                                                                    \
	X(MESSAGE, message)                                                                                            \
	X(WALL_TIME, wall_time)                                                                                        \
	X(COMPILER_OPTIONS, compiler_options)                                                                          \
	X(ARGUMENTS, command_line_arguments)                                                                           \
	X(REDIRECT, redirect_stderr_to_stdout)                                                                         \
	X(CALLBACK_URL, callback_url)                                                                                  \
	X(ADDITIONAL_FILES, additional_files)                                                                          \
	X(ENABLE_NETWORK, enable_network)                                                                              \
	X(STATUS, status)                                                                                              \
	X(LANGUAGE, language)

enum attribute {
#define X(symbol, name) ATTRIBUTE_##symbol,
	ATTRIBUTE_MAP(X)
#undef X
		ATTRIBUTE_COUNT
};

struct attribute_row {
	const char *name;
	enum value_type type;
	enum value_owner owner;
	bool shown; /* when fields does not say */
	const char *initial, *max; /* options; NULL: none. *_ms are told in seconds */
	const char *least; /* numbers: "0", or ">0": not itself. Booleans: the option that must allow true */
};

extern const struct attribute_row attribute_table[ATTRIBUTE_COUNT];
/* ATTRIBUTE_COUNT: there is none of that name. */
enum attribute attribute_find(const char *name, size_t len);

struct value {
	char *bytes; /* owned, NUL-terminated; NULL: null */
	size_t len;
};

struct submission {
	int64_t language_id, status_id;
	struct value values[ATTRIBUTE_COUNT];
};

void submission_release(struct submission *submission);
void submission_set(struct submission *submission, enum attribute which, const char *bytes, size_t len);
void submission_print(struct submission *submission, enum attribute which, const char *fmt, ...) KL_PRINTF(3, 4);
const char *submission_text(const struct submission *submission, enum attribute which); /* NULL: null */
double submission_number(const struct submission *submission, enum attribute which); /* 0: null */
bool submission_true(const struct submission *submission, enum attribute which);

/* The values of one owner; NULLs are left out. */
void submission_pack(struct kl_buf *out, const struct submission *submission, enum value_owner owner);
/* false: these bytes were not packed by us. */
bool submission_unpack(struct submission *submission, const char *bytes, size_t len);
/* Everything that a row of the queue says. */
bool submission_of_entry(struct submission *out, const struct kl_queue_entry *entry);

/* --- statuses --------------------------------------------------------------------------------------------------- */

enum judge0_status {
	STATUS_QUEUED = 1,
	STATUS_PROCESSING,
	STATUS_ACCEPTED,
	STATUS_WRONG,
	STATUS_TIME,
	STATUS_COMPILATION,
	STATUS_SEGV,
	STATUS_XFSZ,
	STATUS_FPE,
	STATUS_ABRT,
	STATUS_NZEC,
	STATUS_OTHER,
	STATUS_INTERNAL,
	STATUS_EXEC_FORMAT,
	STATUS_LAST = STATUS_EXEC_FORMAT,
};

const char *status_description(int64_t status);
int64_t status_of_entry(const struct kl_queue_entry *entry);

/* --- from JSON (submission_read.c) ------------------------------------------------------------------------------ */

struct cJSON;

struct submission_source {
	const struct request *request; /* of query parameters; NULL: none count */
	const struct cJSON *object; /* NULL: empty */
	bool base64;
	const struct settings *settings;
	const struct toolchains *toolchains;
};

/*
 * Fills out with what the client gave and the defaults. errors gets {"attribute":["message", …], …} and false is
 * returned when something is wrong.
 */
bool submission_read(struct submission *out, const struct submission_source *source, struct kl_buf *errors);

/* --- to JSON (submission_show.c) -------------------------------------------------------------------------------- */

struct fields {
	bool wanted[ATTRIBUTE_COUNT];
};

/* text NULL or "": those that are shown by default. false: wrong has the unknown names, "foo, bar". */
bool fields_read(struct fields *out, const char *text, struct kl_buf *wrong);
/* Can all wanted texts be shown without base64? */
bool submission_plain(const struct submission *submission, const struct fields *fields);
void submission_show(struct kl_buf *out, const struct submission *submission, const struct fields *fields, bool base64,
		     const struct toolchains *toolchains);

#endif
