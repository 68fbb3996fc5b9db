#ifndef CORE_SERVER_BASE64_H
#define CORE_SERVER_BASE64_H

/* base64 as Judge0 takes and gives it: lenient one way, 60 characters a line the other. */

#include <stddef.h>

#include <kodelab/buf.h>

/* Whatever is no base64 character is passed over, padding may be missing; ends at the first '='. Owned, a NUL added. */
char *base64_take(size_t *len, const char *text, size_t text_len);
/* As a JSON text: lines of 60 characters, a "\n" after each. */
void base64_json(struct kl_buf *out, const char *bytes, size_t len);

#endif
