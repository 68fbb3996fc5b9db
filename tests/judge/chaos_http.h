#ifndef TESTS_JUDGE_CHAOS_HTTP_H
#define TESTS_JUDGE_CHAOS_HTTP_H

/* What the chaos proxy knows of HTTP. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/judge/chaos_plan.h"

struct kl_buf;

/* The length of a whole request at the start of in; 0: not yet. */
size_t chaos_http_request(const struct kl_buf *in);
/* The server's answer; its "Connection: close", which was ours, only when last. False: its end is that of the connection. */
bool chaos_http_add_answer(struct kl_buf *out, const struct kl_buf *answer, bool last);
/* An answer of our own, the connection's last: 429, 500, 502, 503, or the portal. retry_after_s: -1 is not said. */
void chaos_http_add_fault(struct kl_buf *out, enum chaos_fault fault, int retry_after_s);
uint64_t chaos_http_count(const char *text, const char *part);

#endif
