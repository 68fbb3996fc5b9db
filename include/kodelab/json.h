#ifndef KODELAB_JSON_H
#define KODELAB_JSON_H

/*
 * JSON from outside: cJSON behind caps (size, depth, no duplicate keys, valid UTF-8, no trailing text), with
 * what cJSON does not keep: the line of every value and the exact digits of every number.
 * Building and printing JSON is plain cJSON.
 */

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/error.h>

#define KL_JSON_DEPTH_MAX 64

struct kl_buf;
struct kl_json; /* a parsed document: root, lines, digits */

/*
 * Parses len bytes. name stands in front of every message: "tests.json:14: expected ',' or ']'".
 * max_bytes: larger texts are refused. KL_EINVAL: not JSON (the sentence names line and column).
 */
enum kl_status kl_json_parse(struct kl_json **out, const char *text, size_t len, size_t max_bytes, const char *name,
			     struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_json_read(struct kl_json **out, const char *path, size_t max_bytes,
			    struct kl_error *err) KL_MUST_CHECK; /* name: last part of path */
void kl_json_free(struct kl_json *doc);

const cJSON *kl_json_root(const struct kl_json *doc);
const char *kl_json_name(const struct kl_json *doc);
/* 1-based line where the value begins; 0 for a node that is not of this document. */
int kl_json_line(const struct kl_json *doc, const cJSON *node);
/* The digits of a number as written ("18446744073709551615"); NULL when node is no number. */
const char *kl_json_digits(const struct kl_json *doc, const cJSON *node);

/* text in quotes with JSON's escapes; what is no UTF-8 becomes U+FFFD. */
void kl_json_print_string(const char *text, size_t len, struct kl_buf *out);
/* node of doc on one line, numbers with all their digits. */
void kl_json_print(const struct kl_json *doc, const cJSON *node, struct kl_buf *out);

/* Fails with "name:line: sentence" for node. */
enum kl_status kl_json_fail(const struct kl_json *doc, const cJSON *node, struct kl_error *err, const char *fmt, ...)
	KL_PRINTF(4, 5);

/*
 * Members of an object by key and type. Absent: *out keeps its value when optional, else KL_EINVAL
 * "name:line: 'title' is missing"; wrong type "name:line: expected a string for 'title'".
 */
enum kl_json_need { KL_JSON_OPTIONAL, KL_JSON_REQUIRED };
enum kl_status kl_json_get_string(const char **out, const struct kl_json *doc, const cJSON *object, const char *key,
				  enum kl_json_need need, struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_json_get_int(int64_t *out, const struct kl_json *doc, const cJSON *object, const char *key,
			       int64_t min, int64_t max, enum kl_json_need need, struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_json_get_double(double *out, const struct kl_json *doc, const cJSON *object, const char *key,
				  enum kl_json_need need, struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_json_get_bool(bool *out, const struct kl_json *doc, const cJSON *object, const char *key,
				enum kl_json_need need, struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_json_get_array(const cJSON **out, const struct kl_json *doc, const cJSON *object, const char *key,
				 enum kl_json_need need, struct kl_error *err) KL_MUST_CHECK;
enum kl_status kl_json_get_object(const cJSON **out, const struct kl_json *doc, const cJSON *object, const char *key,
				  enum kl_json_need need, struct kl_error *err) KL_MUST_CHECK;
/* For answers that were looked at elsewhere: a member's text or number, "" and 0 when it has none of that type. Borrowed. */
const char *kl_json_text_of(const cJSON *object, const char *key);
double kl_json_number_of(const cJSON *object, const char *key);
/* Refuses a key that is not in known (NULL-terminated): "challenge.json:7: unknown key 'titel', did you mean 'title'?" */
enum kl_status kl_json_only(const struct kl_json *doc, const cJSON *object, const char *const *known,
			    struct kl_error *err) KL_MUST_CHECK;

#endif
