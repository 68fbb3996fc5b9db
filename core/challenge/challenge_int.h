#ifndef CORE_CHALLENGE_CHALLENGE_INT_H
#define CORE_CHALLENGE_CHALLENGE_INT_H

/* What the files of this folder share among themselves. */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/buf.h>
#include <kodelab/challenge.h>
#include <kodelab/error.h>
#include <kodelab/json.h>
#include <kodelab/value.h>

/* --- doubles as text, whatever the locale (number.c) -------------------------------------------------------------- */

#define KL_DOUBLE_TEXT_MAX 32

/* The shortest decimal that reads back as the same double, or "nan" "inf" "-inf". */
void kl_double_print(double real, char text[KL_DOUBLE_TEXT_MAX]);
/* Reads all of text as a decimal number or "nan" "inf" "-inf"; false: it is something else. Overflow gives an infinity. */
bool kl_double_parse(double *out, const char *text, size_t len);
/* want and got are equal, or differ by at most one of the tolerances; NaN equals NaN, an infinity only itself. */
bool kl_double_near(double want, double got, double abs_tol, double rel_tol);

/* --- values ------------------------------------------------------------------------------------------------------- */

#define KL_VALUE_COUNT_MAX 1000000 /* values in one value, nested ones included: bounds memory at some 100 MB */
#define KL_WIRE_MAX        (16u << 20) /* bytes of one encoded value */

/* "-007" → "-7", "-0" → "0"; NULL when text is no decimal integer. Owned by the caller. */
char *kl_digits_canonical(const char *text, size_t len);
/* Does the canonical integer fit type (INT, LONG; BIGINT takes all)? */
bool kl_digits_fit(const char *digits, enum kl_type_kind kind);
/* Any total order in which equal values are neighbours. */
int kl_value_compare(const struct kl_value *left, const struct kl_value *right, const struct kl_type *type);

/* node's text, owned by the caller; an array of strings gives its lines, each with a newline. False: it is neither. */
bool kl_json_text(char **text, size_t *len, const cJSON *node);
/* --- files of a challenge's folder (folder.c) --------------------------------------------------------------------- */

#define KL_PACK_JSON_MAX      (2u << 20)
#define KL_CHALLENGE_JSON_MAX (256u << 10)
#define KL_STATEMENT_MAX      (1u << 20)
#define KL_TESTS_JSON_MAX     (16u << 20)
#define KL_SOURCE_MAX         (256u << 10)
#define KL_SOURCES_MAX        64
#define KL_TESTS_MAX          1000
#define KL_PARAMS_MAX         16

/* Opens the folder name inside folder (AT_FDCWD: any path), which must not be a link unless it is at the top. */
enum kl_status kl_folder_open(int *out, int folder, const char *name, struct kl_error *err) KL_MUST_CHECK;
/* Reads the regular file name of folder, not following a link, into out (which has its maximum: KL_EMANY). shown: for messages. */
enum kl_status kl_folder_read(struct kl_buf *out, int folder, const char *name, const char *shown,
			      struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_folder_read_json(struct kl_json **out, int folder, const char *name, size_t max,
				   struct kl_error *err) KL_MUST_CHECK;
/* The same for a text, which must be UTF-8. *text is owned by the caller. */
enum kl_status kl_folder_read_text(char **text, size_t *len, int folder, const char *name, const char *shown,
				   struct kl_error *err) KL_MUST_CHECK;
/* The first line that is not UTF-8 (or holds a NUL), from 1; 0: all is well. */
int kl_text_bad_line(const char *text, size_t len);

/* --- members of JSON objects (fields.c) --------------------------------------------------------------------------- */

struct kl_reading { /* the object that is being read */
	const struct kl_json *doc;
	const cJSON *object;
	struct kl_error *err;
};

struct kl_span_limits {
	size_t min, max; /* characters of a text, or items of a list */
};

bool kl_name_valid(const char *text); /* [a-z][a-z0-9]*(_[a-z0-9]+)*, at most 40 */
bool kl_file_name_valid(const char *text);

/* One line of text. Absent: *out stays. The old *out is freed. */
enum kl_status kl_read_line(char **out, const struct kl_reading *from, const char *key, enum kl_json_need need,
			    struct kl_span_limits limits) KL_MUST_CHECK;
enum kl_status kl_read_slug(char **out, const struct kl_reading *from, const char *key,
			    enum kl_json_need need) KL_MUST_CHECK;
/* A text, or an array of its lines. */
enum kl_status kl_read_text(char **out, size_t *len, const struct kl_reading *from, const char *key,
			    enum kl_json_need need) KL_MUST_CHECK;
/* One of words (NULL-terminated), any case; *out is its index. */
enum kl_status kl_read_word(int *out, const struct kl_reading *from, const char *key, enum kl_json_need need,
			    const char *const *words) KL_MUST_CHECK;
/* A list of strings, NULL-terminated; absent: an empty one, so that *out is never NULL. Twins are refused in a list of slugs. */
enum kl_status kl_read_list(char ***out, const struct kl_reading *from, const char *key,
			    struct kl_span_limits limits) KL_MUST_CHECK;
enum kl_status kl_read_slugs(char ***out, const struct kl_reading *from, const char *key,
			     struct kl_span_limits limits) KL_MUST_CHECK;
enum kl_status kl_read_format(const struct kl_reading *from) KL_MUST_CHECK; /* "format": 1 */
void kl_strings_free(char **strings);

/* --- parts of a challenge ----------------------------------------------------------------------------------------- */

/* challenge.json of the open folder, all of it; the lists are there also after a failure. */
enum kl_status kl_challenge_read_meta(struct kl_challenge *challenge, const struct kl_json *doc,
				      struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_challenge_read_function(struct kl_challenge *challenge, const struct kl_reading *from) KL_MUST_CHECK;
enum kl_status kl_challenge_read_limits(struct kl_limits *limits, const struct kl_reading *from) KL_MUST_CHECK;
enum kl_status kl_challenge_read_checker(struct kl_challenge *challenge, const struct kl_reading *from) KL_MUST_CHECK;
enum kl_status kl_challenge_read_tests(struct kl_challenge *challenge, const struct kl_json *doc,
				       struct kl_error *err) KL_MUST_CHECK;
/* The files <language>.<suffix> of the folder name ("starter"); absent: none. */
enum kl_status kl_challenge_read_sources(struct kl_source **out, size_t *count, int folder, const char *name,
					 struct kl_error *err) KL_MUST_CHECK;
void kl_test_release(struct kl_test *test, size_t arg_count);
void kl_sources_free(struct kl_source *sources, size_t count);

/* --- checkers ----------------------------------------------------------------------------------------------------- */

enum kl_checker_flags {
	KL_CHECKER_FUNCTION = 1 << 0, /* may check values */
	KL_CHECKER_PROGRAM = 1 << 1, /* may check output */
	KL_CHECKER_TOLERANCE = 1 << 2,
	KL_CHECKER_CASE = 1 << 3,
	KL_CHECKER_FILE = 1 << 4,
};

struct kl_checker_row {
	const char *name;
	enum kl_checker_kind kind;
	int flags;
	double tolerance; /* when the pack does not say */
	const char *help;
};

const struct kl_checker_row *kl_checker_row(size_t index); /* NULL past the end */
/* Compiles a pattern to see whether it can be. KL_EINVAL: "column 3: …". */
enum kl_status kl_pattern_check(const char *pattern, size_t len, struct kl_error *err) KL_MUST_CHECK;

/* --- writing packs (pack_write.c) --------------------------------------------------------------------------------- */

/* "Two  Sums!" → "two-sums"; NULL: nothing is left. Owned. */
char *kl_slug_make(const char *text);
/* "two-sum" → "Two sum". Owned. */
char *kl_title_make(const char *slug);
/* Adds slug to pack_dir/pack.json, or makes one. Nothing happens when it is there already. */
enum kl_status kl_pack_add(const char *pack_dir, const char *slug, struct kl_error *err) KL_MUST_CHECK;
/* Writes dir/name. */
enum kl_status kl_folder_put(const char *dir, const char *name, const char *text, size_t len,
			     struct kl_error *err) KL_MUST_CHECK;

#endif
