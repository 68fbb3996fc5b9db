#ifndef CORE_JUDGE_HARNESS_INT_H
#define CORE_JUDGE_HARNESS_INT_H

/*
 * The parts of the harness. Each language is a row: how names and types look there, the files around the student's,
 * and the places ("slots") in those files that depend on the signature. A slot is written @NAME@ in a template.
 */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/buf.h>
#include <kodelab/challenge.h>
#include <kodelab/harness.h>
#include <kodelab/language.h>
#include <kodelab/value.h>

#define HARNESS_TEXT_MAX (1u << 20) /* bytes of one generated file */

enum harness_case { CASE_SNAKE, CASE_CAMEL, CASE_PASCAL };

struct harness;

typedef void harness_write_fn(const struct harness *harness, struct kl_buf *out);
typedef void harness_type_fn(const struct harness *harness, const struct kl_type *type, struct kl_buf *out);

/*
 * What stands for a slot: what write writes, or a form, once for each record: those another holds before it (records), or
 * in the challenge's order, by which prefix forms name them (listed).
 */
struct harness_slot {
	const char *name;
	harness_write_fn *write;
	const char *records, *listed;
};

struct harness_file {
	const char *name;
	const char *const *lines; /* NULL-terminated */
};

/* Type names where they are a matter of words around words. */
struct harness_words {
	const char *scalar[KL_TYPE_STRING + 1]; /* by enum kl_type_kind */
	const char *array_open, *array_close;
	const char *null_open, *null_close;
};

struct harness_language {
	const char *id;
	enum harness_case function_case, field_case, record_case;
	const char *reserved; /* words that no name may be; " a b c " */
	const struct harness_file *files; /* to a row with name NULL */
	const char *const *compile; /* what stands for {source} when compiling, NULL-terminated; NULL: as it is */
	const char *run; /* what stands for {source} or {program} when running; NULL: as it is */
	const char *const *compile_extra; /* arguments put after the compiler's name; may be NULL */
	const struct harness_slot *slots; /* to a row with name NULL; looked up before the common ones */
	harness_type_fn *type; /* a type's name in this language */
	harness_write_fn *starter; /* the empty function */
	const char *const *program; /* lines of a program that reads and prints; NULL-terminated */
};

struct harness {
	const struct kl_challenge *challenge;
	const struct kl_language *language;
	const struct harness_language *row;
};

/* --- names (harness_name.c) --------------------------------------------------------------------------------------- */

/* name (snake_case or PascalCase) in another case; a reserved word gets a '_' at its end. */
void harness_name(const struct harness *harness, const char *name, enum harness_case style, struct kl_buf *out);
void harness_function(const struct harness *harness, struct kl_buf *out);
void harness_field(const struct harness *harness, const char *name, struct kl_buf *out);
void harness_record(const struct harness *harness, const struct kl_record *record, struct kl_buf *out);
/* The type's name made of words. */
void harness_words(const struct harness *harness, const struct harness_words *words, const struct kl_type *type,
		   struct kl_buf *out);

/* --- text (harness_text.c) ---------------------------------------------------------------------------------------- */

/* Appends the lines, slots filled in. */
void harness_fill(const struct harness *harness, const char *const *lines, struct kl_buf *out);
/* A type in prefix form, which the templates of dynamic languages read: "?[i", "r0". */
void harness_prefix(const struct harness *harness, const struct kl_type *type, struct kl_buf *out);
/* A type as the name of a codec, for C++ and Rust: "Maybe<Array<Int>>", "PointCodec". */
void harness_codec(const struct harness *harness, const struct kl_type *type, struct kl_buf *out);
/* "nums: int[], target: int" as doc comment lines: before, the summary, and after each line the given ends. */
void harness_summary(const struct harness *harness, const char *before, struct kl_buf *out);
/* Parameters by name and type: TYPE_FIRST "int nums, int target" or NAME_FIRST with the text between ("nums: int"). */
enum harness_order { TYPE_FIRST, NAME_FIRST };
void harness_params(const struct harness *harness, enum harness_order order, const char *between, struct kl_buf *out);
/* The same for a record's field at index. */
void harness_param(const struct harness *harness, enum harness_order order, const char *between,
		   const struct kl_field *field, struct kl_buf *out);
/*
 * Writes form for each record, those it holds before it. @R is its name; what is between @[ and @] is written for each
 * field, what follows @| in there stands between two: @N its name, @P that in PascalCase, @T its type, @W that in prefix
 * form, @C that as a codec.
 */
void harness_each_record(const struct harness *harness, const char *form, struct kl_buf *out);
/* "arg0, arg1", the arguments of the call; and the codec of what it returns. */
void harness_arguments(const struct harness *harness, struct kl_buf *out);
void harness_return_codec(const struct harness *harness, struct kl_buf *out);
size_t harness_record_index(const struct harness *harness, const struct kl_record *record);

extern const char *const harness_c_main[]; /* harness_c_main.c */

extern const struct harness_language harness_bash, harness_c, harness_cpp, harness_go, harness_java, harness_javascript,
	harness_python, harness_ruby, harness_rust, harness_typescript;

#endif
