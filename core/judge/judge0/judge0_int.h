#ifndef CORE_JUDGE_JUDGE0_INT_H
#define CORE_JUDGE_JUDGE0_INT_H

/*
 * What the files of the Judge0 client share. A job's tests go out in requests: one for all tests through the runner (runner/),
 * or one submission a test where an instance cannot do that. docs/judging.md has the design.
 *
 * Words: an instance is a Judge0 server; its facts are what it says of itself; a way is how tests become submissions;
 * a parcel is what is sent at once; an answer is what came back for one submission.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/buf.h>
#include <kodelab/clock.h>
#include <kodelab/error.h>
#include <kodelab/instance.h>
#include <kodelab/judge.h>
#include <kodelab/sandbox.h>

#include "core/judge/judge_int.h"

#define JUDGE0_MULTI_FILE 89
#define JUDGE0_NONCE_SIZE 33

/* --- facts -------------------------------------------------------------------------------------------------------- */

/* From a /config_info. KL_EINVAL: it is none. */
enum kl_status judge0_facts_read(struct kl_instance_facts *out, const char *text, size_t len,
				 struct kl_error *err) KL_MUST_CHECK;

/* --- zip.c -------------------------------------------------------------------------------------------------------- */

void judge0_zip(struct kl_buf *out, const struct kl_file *files, size_t count);

/* --- command.c ---------------------------------------------------------------------------------------------------- */

/* The path of program in the language's commands; owned; NULL: they do not name it. */
char *judge0_tool(const struct kl_instance_language *language, const char *program);
/* argv with the instance's own paths, owned (judge_argv_free); NULL: a program is not there. */
char **judge0_argv(char *const *argv, const struct kl_instance_language *language);
/* A word, or words and a blank after each, that bash reads as they are. */
void judge0_quote(struct kl_buf *out, const char *word);
void judge0_quote_all(struct kl_buf *out, char *const *argv);
/* A command of /languages without its place for options; owned; NULL gives NULL. */
char *judge0_instance_command(const char *command);

/* --- frame.c: the runner's input and its report ------------------------------------------------------------------- */

struct judge0_budget { /* of one request */
	int64_t wall_ms, cpu_ms, memory_kib, out_bytes;
};

/* A program as an instance runs it: argv of a test is run_argv and the test's own arguments. */
struct judge0_program {
	struct kl_file *files; /* the student's file, the harness, the runner, the scripts; owned */
	size_t count;
	char **run; /* argv with the instance's paths; owned */
	size_t own_words; /* how many words of a plan's argv it stands for */
};

/* argv of one test, as the instance runs it; owned: judge_argv_free. */
char **judge0_test_argv(const struct judge0_program *program, const struct judge_run *run);
void judge0_runner_input(struct kl_buf *out, const struct judge_plan *plan, const struct judge0_program *program,
			 const size_t *order, size_t count, const struct judge0_budget *budget, const char *nonce);

enum judge0_frame_kind { JUDGE0_HELLO, JUDGE0_START, JUDGE0_TEST, JUDGE0_MORE, JUDGE0_DONE };

struct judge0_frame {
	enum judge0_frame_kind kind;
	size_t position; /* of the test in the order that was sent */
	struct kl_box_result result; /* TEST: borrowed from the report */
	const char *folder; /* HELLO: where the tests run */
	size_t folder_len;
};

/* The next frame at *at, which it moves; false: none that is whole and has the nonce. */
bool judge0_frame_next(struct judge0_frame *out, const char *report, size_t len, size_t *at, const char *nonce);

/* --- request.c: what is sent -------------------------------------------------------------------------------------- */

enum judge0_way {
	JUDGE0_RUNNER, /* all tests in one submission */
	JUDGE0_PACKED, /* one submission a test, with the harness and the test's files */
	JUDGE0_PLAIN, /* one submission a test, of the instance's own language: program tests only */
};

struct judge0_target { /* borrowed */
	const struct kl_instance_facts *facts;
	const struct kl_instance_language *language;
	const struct kl_instance_language *c; /* compiles the runner; NULL: there is none */
	bool no_groups; /* the server's control groups are broken: limits for each process instead */
};

/* The best way the instance offers; KL_EINVAL: none ("… cannot run function tests"). */
enum kl_status judge0_way_choose(enum judge0_way *out, const struct judge_plan *plan,
				 const struct judge0_target *target, struct kl_error *err) KL_MUST_CHECK;
const char *judge0_way_words(enum judge0_way way);

enum kl_status judge0_program_make(struct judge0_program *out, const struct judge_plan *plan,
				   const struct judge0_target *target, enum judge0_way way, const char *marker,
				   struct kl_error *err) KL_MUST_CHECK;
void judge0_program_release(struct judge0_program *program);

/* What one request may use for the tests of order. */
struct judge0_budget judge0_budget_of(const struct judge_plan *plan, const size_t *order, size_t count,
				      const struct kl_instance_facts *facts);

struct judge0_parcel {
	const struct judge_plan *plan;
	const struct judge0_target *target;
	const struct judge0_program *program;
	const size_t *order; /* tests of the plan */
	size_t count;
	enum judge0_way way;
	const char *nonce; /* of the runner's frames, or what separates output and result */
};

/* The submission as JSON: of all tests (RUNNER), or of the test at order[0]. The caller deletes it. */
struct cJSON *judge0_submission(const struct judge0_parcel *parcel);

/* --- wire.c: what comes back -------------------------------------------------------------------------------------- */

enum judge0_status {
	JUDGE0_QUEUED = 1,
	JUDGE0_PROCESSING,
	JUDGE0_ACCEPTED,
	JUDGE0_WRONG,
	JUDGE0_TIME,
	JUDGE0_COMPILE,
	JUDGE0_SIGSEGV,
	JUDGE0_SIGXFSZ,
	JUDGE0_SIGFPE,
	JUDGE0_SIGABRT,
	JUDGE0_NZEC,
	JUDGE0_SIGNAL,
	JUDGE0_INTERNAL,
	JUDGE0_EXEC,
};

struct judge0_answer {
	char *token; /* owned; NULL: not said */
	int status; /* 0: there is none yet */
	char *out, *err, *compile, *message; /* decoded, NUL-terminated, never NULL; owned */
	size_t out_len, err_len, compile_len, message_len;
	int exit_code, exit_signal; /* -1: not said */
	int64_t cpu_us, wall_us, memory_kib;
	char *error; /* instead of all: why there is no submission; owned */
};

extern const char judge0_fields[]; /* the value of "fields" that asks for all of it */

/* One submission, or a list ("submissions" or the array itself). *out has *count; judge0_answers_free.
 * An answer that is an error object has only error. KL_EINVAL: it is no such JSON. */
enum kl_status judge0_answers_read(struct judge0_answer **out, size_t *count, const char *text, size_t len,
				   struct kl_error *err) KL_MUST_CHECK;
void judge0_answers_free(struct judge0_answer *answers, size_t count);
bool judge0_is_final(const struct judge0_answer *answer);

/* What one submission of one test came to, as if a box had run it; strings are the answer's. */
void judge0_result_of(struct kl_box_result *out, const struct judge0_answer *answer, const struct judge_run *run,
		      const struct kl_instance_facts *facts);
/* Compiling, from an answer: what judge_report_compiled takes. */
void judge0_compile_of(struct kl_box_result *out, const struct judge0_answer *answer);

/* --- words.c ------------------------------------------------------------------------------------------------------ */

/* What status 13 means, by its message. */
const char *judge0_words_internal(const char *message);
/* The known failure of a host without control groups v1: with limits for each process it works. */
bool judge0_lacks_groups(const char *message);

/* --- retry.c: what an exchange came to ---------------------------------------------------------------------------- */

enum judge0_next {
	JUDGE0_GO_ON, /* a good answer */
	JUDGE0_LATER, /* the same again, after a pause */
	JUDGE0_ELSEWHERE, /* another instance, if there is one; else as LATER */
	JUDGE0_NO_KEY, /* the key is not taken: another one, if there is one */
	JUDGE0_LESS, /* the instance cannot do it in this way */
	JUDGE0_GONE, /* the submission is not known there: send it again */
	JUDGE0_REFUSED, /* never as it is */
};

struct judge0_outcome {
	enum judge0_next next;
	int64_t pause_ms; /* LATER: what the instance asks for; -1: nothing said */
	bool sent; /* it may have been received */
	char words[320]; /* one sentence for the student; "" for GO_ON */
};

/* name: of the instance; header: the name of the header the key went in, "" when there is none. */
void judge0_outcome_of(struct judge0_outcome *out, const struct kl_http_result *result, bool post, const char *name,
		       const char *header, int64_t wall_ms);
/* The pause before try n (from 0): growing, with jitter by chance (0 to 255), at most 15 s. */
int64_t judge0_backoff_ms(int tries, unsigned char chance);

/* --- pace.c: when to ask ------------------------------------------------------------------------------------------ */

struct judge0_pace { /* of one language on one instance, learned */
	int64_t expected_ms; /* from sending to the result; 0: not known */
};

void judge0_pace_learn(struct judge0_pace *pace, int64_t took_ms);
/* The pause before poll n (from 0), elapsed_ms after it was sent. */
int64_t judge0_pace_ms(const struct judge0_pace *pace, int polls, int64_t elapsed_ms);

#endif
