#ifndef TUI_COMMAND_H
#define TUI_COMMAND_H

/*
 * Subcommands: one file each (list.c is `kodelab list`), one row each in table.c. Help, man page, completions and
 * parsing read the same rows. Exit statuses are those of kodelab(1).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <kodelab/buf.h>
#include <kodelab/catalogue.h>
#include <kodelab/clock.h>
#include <kodelab/config.h>
#include <kodelab/error.h>
#include <kodelab/json.h>
#include <kodelab/judge.h>
#include <kodelab/loop.h>
#include <kodelab/path.h>
#include <kodelab/store.h>

#include "tui/elsewhere.h"
#include "tui/keyring.h"

struct kl_class;

enum exit_status {
	EXIT_DONE = 0,
	EXIT_TESTS_FAILED = 1,
	EXIT_USAGE = 2,
	EXIT_COULD_NOT = 3, /* tool, compiler, sandbox, data */
	EXIT_NETWORK = 4,
	EXIT_REFUSED = 5,
	EXIT_CONFLICT = 6,
	EXIT_INTERRUPTED = 130,
};

enum { COMMAND_OPTIONS_MAX = 12, COMMAND_WORDS_MAX = 64 };

/* What completes an option's or argument's value. */
enum completion {
	COMPLETE_NONE,
	COMPLETE_CHALLENGE,
	COMPLETE_LANGUAGE,
	COMPLETE_DIFFICULTY,
	COMPLETE_STATE,
	COMPLETE_FILE,
	COMPLETE_COMMAND,
	COMPLETE_OPTION_NAME,
	COMPLETE_SHELL,
	COMPLETE_SORT,
	COMPLETE_KIND,
	COMPLETE_PORTFOLIO,
	COMPLETE_JUDGE,
	COMPLETE_JUDGE_KIND,
	COMPLETE_KEYS,
	COMPLETE_SHARE
};

struct command_option {
	const char *name; /* "--language" without dashes */
	char letter; /* 'l', or 0 */
	const char *value; /* "LANG"; NULL: a switch */
	enum completion completion;
	const char *help;
};

struct command_args {
	const struct command *command;
	const char *
		options[COMMAND_OPTIONS_MAX]; /* by the option's place in its table; "" for a switch; NULL: not given */
	const char *words[COMMAND_WORDS_MAX]; /* positional arguments, NULL-terminated */
	size_t word_count;
};

struct cli;
typedef int command_fn(struct cli *cli, const struct command_args *args);

enum command_flags {
	COMMAND_JSON = 1 << 0, /* --json makes sense */
	COMMAND_OR_ALL = 1 << 1, /* without a challenge: all of them */
};

struct command {
	const char *name;
	const char *arguments; /* "[CHALLENGE]" */
	size_t words_min, words_max;
	enum completion completion; /* of the positional arguments */
	unsigned flags;
	const struct command_option *options; /* ended by an empty name */
	command_fn *run;
	const char *help; /* one sentence, for lists */
	const char *detail; /* paragraphs for `kodelab help NAME` and the man page; may be NULL */
};

/* What a command does that its first word names: help, the sentences that refuse, and the command itself read these rows. */
struct command_action {
	const char *name;
	size_t words_min, words_max; /* with the action itself */
	const char *wants; /* "[COURSE]" */
	command_fn *run;
	uint32_t options; /* that it takes: bit i is row i of the command's options */
	unsigned flags; /* ACTION_* */
	const char *help; /* a few words */
};

enum action_flags {
	ACTION_CHANGES = 1 << 0, /* what the lab's screens show: they are told at once */
	ACTION_TEACHES = 1 << 1, /* for those who teach */
};

/* Ended by an empty name; NULL: the command has no such rows. */
const struct command_action *command_actions(const struct command *command);

size_t command_count(void);
const struct command *command_at(size_t index);
const struct command *command_find(const char *name);
/* The command that was meant by a mistyped name; NULL: none is near. */
const char *command_suggest(const char *name);

/* What a command works with; parts are opened on first use, each failure is told and ends in the right status. */
struct cli {
	struct kl_clock clock;
	struct kl_paths paths;
	struct kl_config *config;
	struct kl_loop *loop; /* cli_loop */
	struct kl_store *store; /* cli_store */
	bool forgets; /* the store is in memory */
	struct kl_catalogue *catalogue; /* cli_catalogue: with the store's progress */
	struct kl_judge *judge; /* cli_judge */
	struct keyring keyring; /* cli_keypool: keys of judges */
	struct elsewhere elsewhere; /* cli_judge: judges elsewhere */
	struct kl_class *class; /* classroom_open: the class server */
	const char *master; /* from kl_vault_take_environment, borrowed; NULL: none */
	bool json;
	bool color; /* standard output is a terminal that shows colours */
	bool ascii; /* the locale is not UTF-8 */
};

enum kl_status cli_loop(struct cli *cli, struct kl_error *err) KL_MUST_CHECK;
enum kl_status cli_store(struct cli *cli, struct kl_error *err) KL_MUST_CHECK;
enum kl_status cli_catalogue(struct cli *cli, struct kl_error *err) KL_MUST_CHECK;
enum kl_status cli_judge(struct cli *cli, struct kl_error *err) KL_MUST_CHECK;
enum kl_status cli_keypool(struct cli *cli, struct kl_error *err) KL_MUST_CHECK;
/* Finds the challenge named (NULL: of the current folder) in the catalogue. */
enum kl_status cli_find(size_t *index, struct cli *cli, const char *name, struct kl_error *err) KL_MUST_CHECK;
/* The challenge named (NULL: the current folder), loaded; the caller frees it. index may be NULL. */
enum kl_status cli_challenge(struct kl_challenge **out, size_t *index, struct cli *cli, const char *name,
			     struct kl_error *err) KL_MUST_CHECK;

/* Parses argv (without the program's and the command's names). Says what is wrong and returns EXIT_USAGE, else 0. */
int command_parse(struct command_args *args, struct cli *cli, const struct command *command, int argc, char **argv);
/* The whole command line: `kodelab list --json`. master: see struct cli. */
int command_main(int argc, char **argv, const char *master);

/* The language to work in: wanted (NULL: not said), else as work_language chooses. KL_EINVAL: unknown, or not for this challenge. */
enum kl_status cli_language(const struct kl_language **out, struct cli *cli, const struct kl_challenge *challenge,
			    const char *wanted, struct kl_error *err) KL_MUST_CHECK;
/* Judges that may know languages which the table does not, opened as cli_judge does; NULL: none. */
const struct kl_instances *cli_judges(struct cli *cli);
/* A whole number from 1 to max; initial when text is NULL. False: it is none. */
bool cli_number(long *out, const char *text, long initial, long max);
/* Gives back what is open and runs the full screen on the challenge of that name (NULL: home). Returns the exit status. */
int cli_open_lab(struct cli *cli, const char *challenge, const char *language);
/* Gives back everything; the struct can be used again. */
void cli_close(struct cli *cli);

/* ---- ask.c ---- */

/*
 * One line of standard input into secret memory (kl_secret_free); on a terminal it is asked for as `what`, and not echoed.
 * KL_EINVAL: there is none · KL_ECANCELED: C-c.
 */
enum kl_status cli_secret(char **secret, const char *what, struct kl_error *err) KL_MUST_CHECK;
/* One line of standard input that may be seen, asked for in the same way; owned by the caller. */
enum kl_status cli_line(char **line, const char *what, struct kl_error *err) KL_MUST_CHECK;
bool cli_on_terminal(void); /* standard input is one */
/* Shows a text and asks for a yes; no terminal says no. */
bool cli_agrees(const struct cli *cli, const char *text);

/* ---- say.c ---- */

/* "kodelab: sentence" on standard error; with --json {"error":{"code","message"}} on standard output. Returns the exit status. */
int cli_fail(const struct cli *cli, const struct kl_error *err);
int cli_fail_usage(const struct cli *cli, const struct command *command, const char *fmt, ...) KL_PRINTF(3, 4);
int cli_exit_status(enum kl_status status);
/* Prints outside text with control bytes shown. */
void cli_print(FILE *to, const struct cli *cli, const char *text, size_t len);
/* The same where there is one line: no line break or tab passes either. */
void cli_print_line(FILE *to, const struct cli *cli, const char *text, size_t len);
/*
 * One line with a format, for every sentence that holds a path, a title or another text that is not ours. Line breaks are those that
 * the format begins or ends with; one in a text is shown, so that nobody can make a line of ours.
 */
void cli_say(const struct cli *cli, const char *fmt, ...) KL_PRINTF(2, 3);
/* "kodelab: sentence" on standard error, with --json too: what one should know although it went well. */
void cli_warn(const struct cli *cli, const char *fmt, ...) KL_PRINTF(2, 3);
/* Says that not the file is used but what was typed into it in the lab (work_read). */
void cli_warn_typed(const struct cli *cli, const char *path);
/* Prints root (taken) as one JSON document with a newline; pure ASCII in the C locale. Returns EXIT_DONE. */
int cli_print_json(cJSON *root);
bool cli_locale_is_utf8(void);
/* Flushes standard output: status, or EXIT_COULD_NOT when it could not be written. A reader that left is no failure. */
int cli_finish_output(const struct cli *cli, int status);

#endif
