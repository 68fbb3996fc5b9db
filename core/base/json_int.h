#ifndef CORE_BASE_JSON_INT_H
#define CORE_BASE_JSON_INT_H

/* What the scan of a JSON text finds out and the tree does not keep, in the order of the text. */

#include <stddef.h>

#include <kodelab/error.h>

#define KL_JSON_NO_DIGITS ((size_t)-1)

struct kl_json_value {
	int line; /* 1-based, where the value begins */
	size_t digits; /* of a number: offset in the text; else KL_JSON_NO_DIGITS */
	size_t digits_len; /* bytes */
};

struct kl_json_scan {
	struct kl_json_value *values; /* owned; an object or array comes before what is in it */
	size_t count, capacity;
};

/* Checks the whole text. name stands in front of messages. The caller frees out->values, also on failure. */
enum kl_status kl_json_scan(struct kl_json_scan *out, const char *text, size_t len, const char *name,
			    struct kl_error *err) KL_MUST_CHECK;

#endif
