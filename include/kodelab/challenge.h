#ifndef KODELAB_CHALLENGE_H
#define KODELAB_CHALLENGE_H

/*
 * A challenge as read from a pack (docs/challenge-format.md): what the student reads, what the tests are.
 * A struct kl_challenge is loaded whole for work; lists use the lighter catalogue (catalogue.h).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/error.h>
#include <kodelab/value.h>

enum kl_difficulty { KL_BEGINNER, KL_INTERMEDIATE, KL_ADVANCED, KL_EXPERT, KL_DIFFICULTY_COUNT };
enum kl_challenge_kind { KL_KIND_FUNCTION, KL_KIND_PROGRAM };
enum kl_disclosure { KL_SHOW_FULL, KL_SHOW_ACTUAL, KL_SHOW_NAME, KL_SHOW_NONE };

enum kl_checker_kind {
	KL_CHECK_EXACT,
	KL_CHECK_LINES,
	KL_CHECK_TOKENS,
	KL_CHECK_UNORDERED,
	KL_CHECK_FLOAT,
	KL_CHECK_REGEX,
	KL_CHECK_JSON,
	KL_CHECK_VALUE,
	KL_CHECK_PROGRAM,
	KL_CHECK_CLASS, /* a program that stays on the class server: only there tests have a verdict */
};

struct kl_checker {
	enum kl_checker_kind kind;
	double abs_tol, rel_tol;
	bool ignore_case;
	char *language; /* PROGRAM: id */
	char *file; /* PROGRAM: its name in the challenge's folder */
	char *source; /* PROGRAM: its text */
};

struct kl_limits { /* 0: the default of the level above */
	int64_t cpu_ms;
	int64_t memory_kib;
	int64_t output_bytes;
};

struct kl_file { /* a named text for the working folder */
	char *name;
	char *text;
	size_t len;
};

struct kl_test {
	char *id;
	char *name; /* NULL: none */
	char *group;
	bool sample;
	enum kl_disclosure disclosure;
	double weight;
	struct kl_limits limits;
	/* function kind */
	struct kl_value *args; /* one per parameter */
	struct kl_value expect;
	bool expect_error;
	char *error_text; /* must occur in the message; NULL: any failure */
	/* program kind */
	char *input;
	size_t input_len;
	char **argv;
	size_t argv_count;
	struct kl_file *files;
	size_t file_count;
	char *output; /* expected stdout (REGEX: the pattern) */
	size_t output_len;
	int exit_code;
	bool own; /* made by the student: has no expectation unless expect_known */
	bool expect_known;
	bool elsewhere; /* its checker is on the class server: here it is run, and has no verdict */
};

struct kl_signature {
	char *name; /* snake_case */
	struct kl_field *params;
	size_t param_count;
	struct kl_type returns;
};

struct kl_source { /* starter or solution of one language */
	char *language; /* id */
	char *text;
	size_t len;
};

struct kl_skill_weight {
	char *skill;
	double weight;
};

struct kl_challenge {
	char *pack, *slug; /* identity: pack/slug */
	int number; /* position in the pack, from 1 */
	char *dir; /* where it was read from */
	char *title, *summary, *category, *author, *licence, *version;
	enum kl_difficulty difficulty;
	enum kl_challenge_kind kind;
	int minutes;
	bool is_public;
	char **tags, **prerequisites, **outcomes, **hints, **languages; /* NULL-terminated, never NULL */
	struct kl_skill_weight *skills;
	size_t skill_count;
	char *statement;
	struct kl_record *records;
	size_t record_count;
	struct kl_signature function; /* FUNCTION kind */
	struct kl_checker checker;
	struct kl_limits limits;
	struct kl_test *tests;
	size_t test_count;
	struct kl_source *starters, *solutions;
	size_t starter_count, solution_count;
};

/* A pack as its pack.json says. */
struct kl_pack {
	char *dir; /* where it was read from */
	char *id, *title, *description, *author, *licence, *version; /* description …: "" when not given */
	char **challenges; /* slugs in order, NULL-terminated, never NULL */
	size_t challenge_count;
};

/* Reads dir/pack.json; the challenges' own folders are not looked at. */
enum kl_status kl_pack_read(struct kl_pack **out, const char *dir, struct kl_error *err) KL_MUST_CHECK;
void kl_pack_free(struct kl_pack *pack);

/* [a-z0-9]+(-[a-z0-9]+)*, at most 64 characters. */
bool kl_slug_valid(const char *text);

/*
 * Reads the challenge folder dir of pack. Every error names file and line ("tests.json:14: …"). author, licence and version
 * come from ../pack.json when the challenge has none. Nothing outside dir is read: symbolic links are refused.
 */
enum kl_status kl_challenge_read(struct kl_challenge **out, const char *pack, const char *dir, int number,
				 struct kl_error *err) KL_MUST_CHECK;
void kl_challenge_free(struct kl_challenge *challenge);

/* True when the challenge may be solved in language (id): it names it, or names none and (function kind) there is a harness. */
bool kl_challenge_takes(const struct kl_challenge *challenge, const char *language);
/* The starter for language; NULL: none, the harness's generated one serves (kl_harness_starter). */
const struct kl_source *kl_challenge_starter(const struct kl_challenge *challenge, const char *language);

const char *kl_difficulty_name(enum kl_difficulty difficulty); /* "BEGINNER" */
bool kl_difficulty_parse(enum kl_difficulty *out, const char *name); /* any case */

/*
 * Verdict of a checker on one program test: true when actual passes. why (may be NULL) gets one sentence.
 * Runs PCRE2 under match limits; CHECK_PROGRAM is run by the judge, not here.
 */
bool kl_checker_passes(const struct kl_checker *checker, const char *want, size_t want_len, const char *actual,
		       size_t actual_len, struct kl_buf *why);

/* The same for a function test's value (VALUE, FLOAT, UNORDERED, JSON). type: what the function returns. */
bool kl_checker_takes_value(const struct kl_checker *checker, const struct kl_type *type, const struct kl_value *want,
			    const struct kl_value *actual, struct kl_buf *why);
/* The checker's name ("tokens"), and what it asks for in one phrase for people ("the same words, however spaced"). */
const char *kl_checker_name(enum kl_checker_kind kind);
const char *kl_checker_help(enum kl_checker_kind kind);

#endif
