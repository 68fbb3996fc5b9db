#ifndef CORE_SERVER_JSONOUT_H
#define CORE_SERVER_JSONOUT_H

/*
 * JSON written straight into a buffer. cJSON would copy every output of a program twice and knows no NUL inside a text;
 * a program's output may hold one.
 */

#include <stddef.h>
#include <stdint.h>

#include <kodelab/buf.h>

/* A text in quotes. Bytes that are not UTF-8 become U+FFFD. */
void jsonout_string(struct kl_buf *out, const char *text, size_t len);
/* "name": with a comma before it, unless it is the first of its object. */
void jsonout_key(struct kl_buf *out, const char *name);
/* "{" or "[" of what has the name, or (NULL) of the next value of a list, with a comma where one belongs. The end is the caller's. */
void jsonout_object(struct kl_buf *out, const char *name);
void jsonout_list(struct kl_buf *out, const char *name);
/* "name":"text"; text NULL: null. */
void jsonout_text(struct kl_buf *out, const char *name, const char *text);
void jsonout_int(struct kl_buf *out, const char *name, int64_t value);
/* A number that is no integer: "5.0", "2.5". */
void jsonout_float(struct kl_buf *out, double value);
/* {"name":"text"} and nothing else. */
void jsonout_only(struct kl_buf *out, const char *name, const char *text);

#define JSONOUT_TIME_SIZE 32
/* "2026-11-20T11:34:01.866Z" */
void jsonout_time(char text[JSONOUT_TIME_SIZE], int64_t wall_ms);

#endif
