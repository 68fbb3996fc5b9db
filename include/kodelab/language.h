#ifndef KODELAB_LANGUAGE_H
#define KODELAB_LANGUAGE_H

/*
 * The language table: one row says everything a language needs (names, files, tools, how to compile and run).
 * Adding a language is a row in core/language/table.c, a syntax file, and, for function tests, a harness file.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/error.h>

/* How a compiler or interpreter names a place in the source, for "jump to the line" (PCRE2: groups file, line, column?, message?). */
struct kl_language_indent {
	int width;     /* columns of one step */
	bool use_tabs;
};

struct kl_language {
	const char *id;         /* "python": stable, in files and on the command line */
	const char *name;       /* "Python" */
	const char *suffix;     /* "py" */
	const char *source;     /* file name in the box: "solution.py", "Main.java" */
	const char *aliases;    /* space separated: "py python3" */
	const char *judge0;     /* PCRE2 for the names an instance's /languages uses */
	const char *line_comment;  /* "#", "//", "--" */
	const char *block_open, *block_close; /* NULL: none */
	const char *syntax;     /* themes/syntax/<syntax>.syntax */
	const char *const *compile; /* argv with {source} {program} {memory_mib}; NULL: nothing to compile */
	const char *const *run;     /* argv with the same */
	const char *const *tools;   /* programs that must be there, NULL-terminated: "gcc" */
	const char *const *fallback; /* further folders to look for tools in, before PATH is tried; may be NULL */
	const char *package;    /* what gives them: Debian/Ubuntu package "gcc" */
	const char *version_flag;   /* "--version" */
	const char *location;   /* PCRE2 with named groups file, line, column, message: places in messages and tracebacks */
	const char *const *binds;   /* read-only host folders the box needs beyond the base; NULL-terminated; may be NULL */
	struct kl_language_indent indent;
	bool no_address_limit;  /* JVM, V8, Go: RLIMIT_AS would break them */
	bool harness;           /* function tests work in it */
	int64_t compile_cpu_ms; /* 0: the default */
	int cpu_factor_percent; /* limits are scaled for slow starters (JVM 200); 100: as written */
};

size_t kl_language_count(void);
const struct kl_language *kl_language_at(size_t index);
/* By id, alias or suffix, any case; NULL: unknown. */
const struct kl_language *kl_language_find(const char *name);
/* By a file's name ("a/b.rs"); NULL: unknown. */
const struct kl_language *kl_language_of_file(const char *path);

/*
 * Is the toolchain here? true when each tool is an executable file in the system folders the box binds
 * (/usr/bin, …); a few access(2) calls, no program is started. need (may be NULL) gets "needs gcc: sudo apt install gcc".
 */
bool kl_language_ready(const struct kl_language *language, char *need, size_t need_size);

#endif
