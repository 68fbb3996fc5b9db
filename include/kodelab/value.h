#ifndef KODELAB_VALUE_H
#define KODELAB_VALUE_H

/*
 * Typed values of function tests: what goes into a call and what must come out. Integers keep their digits
 * (any size), doubles are IEEE binary64, strings are UTF-8 with a length.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/buf.h>
#include <kodelab/error.h>
#include <kodelab/json.h>

enum kl_type_kind {
	KL_TYPE_BOOL,
	KL_TYPE_INT, /* 32 bits */
	KL_TYPE_LONG, /* 64 bits */
	KL_TYPE_BIGINT, /* any size */
	KL_TYPE_DOUBLE,
	KL_TYPE_STRING,
	KL_TYPE_ARRAY,
	KL_TYPE_RECORD,
};

struct kl_type {
	enum kl_type_kind kind;
	bool nullable;
	struct kl_type *element; /* ARRAY: owned */
	const struct kl_record *record; /* RECORD: of the challenge's list */
};

struct kl_field {
	char *name; /* snake_case */
	struct kl_type type;
};

struct kl_record {
	char *name;
	struct kl_field *fields;
	size_t count;
};

struct kl_value {
	bool null;
	bool boolean;
	double real; /* DOUBLE */
	char *text; /* STRING: bytes; INT, LONG, BIGINT: canonical decimal digits ("-12", no leading zeros) */
	size_t len; /* of text */
	struct kl_value *items; /* ARRAY elements, RECORD fields in declared order */
	size_t count;
};

/* Parses "int[][]?" style text; records may be NULL. KL_EINVAL: the sentence names the bad part. */
enum kl_status kl_type_parse(struct kl_type *out, const char *text, const struct kl_record *records,
			     size_t record_count, struct kl_error *err) KL_MUST_CHECK;
void kl_type_release(struct kl_type *type);
void kl_type_print(const struct kl_type *type, struct kl_buf *out);

/* Reads node as a value of type. what: the parameter's name in messages: "tests.json:14: expected an array for 'nums'". */
enum kl_status kl_value_from_json(struct kl_value *out, const struct kl_type *type, const struct kl_json *doc,
				  const cJSON *node, const char *what, struct kl_error *err) KL_MUST_CHECK;
void kl_value_release(struct kl_value *value);
/* As JSON text (digits exact), for people and for reports. */
void kl_value_print(const struct kl_value *value, const struct kl_type *type, struct kl_buf *out);

/*
 * The wire between core and harness, one form for all languages (docs/harness.md): tokens end with a newline.
 *   bool "0"|"1" · int, long, bigint decimal digits · double "%a"-free: shortest round-trip decimal, or "nan" "inf" "-inf"
 *   string "<bytes>\n<that many bytes>\n" · array "<count>\n" then the elements · record: its fields in order
 *   nullable: "0\n" for null, else "1\n" and the value
 */
void kl_value_encode(const struct kl_value *value, const struct kl_type *type, struct kl_buf *out);
/* Decodes one value from bytes the student's program may have made up; *used: bytes taken. Caps: depth 64, 16 MiB. */
enum kl_status kl_value_decode(struct kl_value *out, size_t *used, const struct kl_type *type, const char *bytes,
			       size_t len, struct kl_error *err) KL_MUST_CHECK;

/* Structural equality. abs_tol, rel_tol: tolerances for doubles, either suffices (0, 0: exact; NaN equals NaN).
 * unordered: the outermost array is a multiset. */
bool kl_value_equal(const struct kl_value *want, const struct kl_value *got, const struct kl_type *type, double abs_tol,
		    double rel_tol, bool unordered);

#endif
