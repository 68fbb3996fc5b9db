#ifndef TUI_WORK_H
#define TUI_WORK_H

/*
 * The student's files and what becomes of them: <work>/<pack>/<slug>/<source file of the language>. Screens and
 * subcommands share this, so that `kodelab test` and the run key do the same.
 */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/buf.h>
#include <kodelab/catalogue.h>
#include <kodelab/challenge.h>
#include <kodelab/config.h>
#include <kodelab/error.h>
#include <kodelab/judge.h>
#include <kodelab/language.h>
#include <kodelab/path.h>
#include <kodelab/portfolio.h>
#include <kodelab/store.h>

struct kl_instances;

enum { WORK_CODE_MAX = 4 << 20 }; /* bytes of a solution that is judged */

/* The path of the file; owned by the caller. */
char *work_path(const struct kl_paths *paths, const struct kl_challenge *challenge, const struct kl_language *language);

/* Makes the file when it is not there: from the draft the store remembers (store may be NULL), else from the starter. *path owned
 * by the caller. */
enum kl_status work_file(char **path, const struct kl_paths *paths, struct kl_store *store,
			 const struct kl_challenge *challenge, const struct kl_language *language,
			 struct kl_error *err) KL_MUST_CHECK;

/*
 * Reads what is to be judged: the file, or what was typed into it in the lab and is not saved yet (*typed), as when a lab
 * with it is open beside a subcommand. code: initialised by the caller.
 */
enum kl_status work_read(struct kl_buf *code, bool *typed, const struct kl_paths *paths, const char *path,
			 struct kl_error *err) KL_MUST_CHECK;

/* The starter's text: the pack's, else a generated one. Owned by the caller. */
char *work_starter(const struct kl_challenge *challenge, const struct kl_language *language);

/*
 * Which language to take: wanted (NULL: not said), else the one last used for this challenge, else a file that is
 * there, else the option `language`, else the first the challenge takes whose tools are here. judges (NULL: none) may know
 * languages that the table does not.
 */
const struct kl_language *work_language(const struct kl_challenge *challenge, const char *wanted,
					struct kl_store *store, const struct kl_paths *paths, const char *option,
					const struct kl_instances *judges);

/* What the option `level` says: enum kl_difficulty, or -1: any. */
int work_level(const struct kl_config *config);

/* Tests that could pass or fail: own inputs without an expected answer only run. */
size_t work_judged(const struct kl_report *report);

/*
 * How an attempt stands with the class server: "provisional, waiting", "provisional, received", "not taken by the class", "judged by the
 * class", "not judged by the class"; "": it has nothing to do with it.
 */
const char *work_standing(const struct kl_attempt *attempt);
bool work_passed(const struct kl_attempt *attempt); /* all tests, and there were some */
bool work_undecided(const struct kl_attempt *attempt); /* provisional, or nobody could judge it */

/* "judged by school, Python (3.8.1)"; false: on this machine, which needs no words. */
#define WORK_WHERE_SIZE 256
bool work_where(char text[WORK_WHERE_SIZE], const struct kl_report *report);

/* What is to be recorded of a judged run. */
struct kl_kept_run;
struct work_record {
	const struct kl_challenge *challenge;
	const struct kl_language *language;
	const char *code; /* the bytes that were judged */
	size_t code_len;
	enum kl_attempt_kind kind;
	const struct kl_report *report;
	const char *course, *assignment; /* ids: it is for this one; NULL: for none */
	const struct kl_kept_run *kept; /* it was kept (kept.h), and becomes its attempt; NULL: it is of now */
};

/* Stores the attempt. id: of the attempt. first_pass: the challenge is completed by it (may be NULL). Reports that the
 * judge could not finish (internal, cancelled) are not recorded: id is "" then. KL_ENOENT: it is not kept any more. */
enum kl_status work_record(char id[KL_ID_SIZE], bool *first_pass, struct kl_store *store,
			   const struct work_record *record, struct kl_error *err) KL_MUST_CHECK;

/* Has the lab logged in to a class and not synced with it yet? Then nobody knows which packs are the class's to judge. */
bool work_unsynced(struct kl_store *store);

/*
 * A submit of the class's, recorded before anything is judged: from now on it waits for the server, with this code and time. record
 * without a report. KL_OK and an id of "": it is not the class's to judge, nothing was recorded.
 */
enum kl_status work_hand_in(char id[KL_ID_SIZE], struct kl_store *store, const struct work_record *record,
			    struct kl_error *err) KL_MUST_CHECK;
/* What the samples showed here, of one that was handed in. Nothing when they could not be run, or the server was faster. */
enum kl_status work_found(struct kl_store *store, const char *id, const struct work_record *record,
			  struct kl_error *err) KL_MUST_CHECK;

/* Commits a stored, passed attempt to the portfolio (a job; done fires from the loop). */
enum kl_status work_publish(struct kl_portfolio *portfolio, struct kl_store *store,
			    const struct kl_challenge *challenge, const char *attempt_id, kl_portfolio_done_fn *done,
			    void *ctx, struct kl_error *err) KL_MUST_CHECK;

/* Does input fit the challenge: any text for a program, a JSON object with every argument for a function? */
enum kl_status work_check_input(const struct kl_challenge *challenge, const char *input,
				struct kl_error *err) KL_MUST_CHECK;
/* The same for the answer expected: any text for a program, a JSON value of the result's type for a function. */
enum kl_status work_check_expected(const struct kl_challenge *challenge, const char *expected,
				   struct kl_error *err) KL_MUST_CHECK;
/* Own inputs of a challenge as tests for the judge. Function kind inputs that no longer fit the signature are left
 * out and named in err (the call still succeeds). */
enum kl_status work_own_tests(struct kl_test **tests, size_t *count, struct kl_store *store,
			      const struct kl_challenge *challenge, struct kl_error *err) KL_MUST_CHECK;
void work_own_tests_free(struct kl_test *tests, size_t count, const struct kl_challenge *challenge);

#endif
