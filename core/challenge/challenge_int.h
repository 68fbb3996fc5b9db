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
/* text in quotes with JSON's escapes; what is no UTF-8 becomes U+FFFD. */
void kl_json_print_string(const char *text, size_t len, struct kl_buf *out);

#endif
