#ifndef KODELAB_LANGUAGE_H
#define KODELAB_LANGUAGE_H

/*
 * The language table: one row says everything a language needs (names, files, tools, how to compile and run).
 * Adding a language is a row in core/language/table.c, a syntax file, and, for function tests, a harness file.
 *
 * SQL has no program of its own: the input of a test is a script that prepares the empty database (tables and rows),
 * then solution.sql is run on it, and what its queries print (columns joined by "|", NULL as nothing) is the output.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kl_language_indent {
	int width; /* columns of one step */
	bool use_tabs;
};

struct kl_language {
	const char *id; /* "python": stable, in files and on the command line */
	const char *name; /* "Python" */
	const char *suffix; /* "py" */
	const char *source; /* file name in the box, what {source} stands for: "solution.py", "Main.java" */
	const char *program; /* what {program} stands for: a file, or the main class; NULL: not used */
	const char *aliases; /* space separated: "py python3" */
	const char *judge0; /* PCRE2 for the names an instance's /languages uses */
	const char *line_comment; /* "#", "//", "--" */
	const char *block_open, *block_close; /* NULL: none */
	const char *syntax; /* themes/syntax/<syntax>.syntax */
	/* argv with absolute paths; {source} {program} {memory_mib} in its words are to be filled in. compile NULL: nothing to do */
	const char *const *compile, *const *run;
	/* programs that must be in /usr/bin, the first of them the language's own; NULL-terminated */
	const char *const *tools;
	const char *package; /* what gives them: Debian/Ubuntu package "gcc" */
	const char *version_flag; /* of the first tool: "--version" */
	/* PCRE2 for places in messages and tracebacks, matched over and over in the whole text (it sets (?mJ) itself).
	 * Named groups, each of which may be unset or missing: file (unset: the source), line, column, severity ("warning"…), message;
	 * caret: the blanks before a "^" below the quoted line, for those that do not count columns. */
	const char *location;
	/* PCRE2 for the standard error of a run whose source could not be read (a syntax error); what matches is the message.
	 * Groups: file, line, quote (the line as it is quoted). NULL: compile tells. */
	const char *refused;
	/* read-only host folders the box needs beyond the base, as glob(7) patterns; NULL-terminated; may be NULL */
	const char *const *binds;
	struct kl_language_indent indent;
	bool no_address_limit; /* JVM, V8, Go: RLIMIT_AS would break them */
	bool harness; /* function tests work in it */
	int64_t compile_cpu_ms; /* 0: the default */
	int cpu_factor_percent; /* a challenge's CPU limit is scaled for slow starters (JVM 200); 100: as written */
};

size_t kl_language_count(void);
const struct kl_language *kl_language_at(size_t index);
/* By id, name, alias or suffix, any case; NULL: unknown. */
const struct kl_language *kl_language_find(const char *name);
/* By a file's name ("a/b.rs"); NULL: unknown. */
const struct kl_language *kl_language_of_file(const char *path);

/*
 * Is the toolchain here? true when each tool is an executable file in /usr/bin whose target lies in /usr too (nothing
 * else of the host is in the box); no program is started. need (may be NULL) gets "needs gcc: sudo apt install gcc".
 * A language without a command to run (of a judge's list, not of the table) is never ready here.
 * KL_TOOLS_PATH in the environment, folders joined by ':', is searched instead: for tests of the missing case.
 */
bool kl_language_ready(const struct kl_language *language, char *need, size_t need_size);

#endif
