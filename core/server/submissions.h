#ifndef CORE_SERVER_SUBMISSIONS_H
#define CORE_SERVER_SUBMISSIONS_H

/* The handlers of /submissions. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fields;
struct kl_error;
struct kl_queue_entry;
struct request;

void submissions_create(struct request *request);
void submissions_get(struct request *request);
void submissions_list(struct request *request);
void submissions_delete(struct request *request);
void submissions_batch_create(struct request *request);
void submissions_batch_get(struct request *request);

/* The submission as the answer, or the error that it needs base64. */
void submissions_answer(struct request *request, int status, const struct kl_queue_entry *entry,
			const struct fields *fields, bool base64);
/* The parameter fields; false: 400 was answered. */
bool submissions_fields(struct request *request, struct fields *out);
/*
 * Not of Judge0: who sends X-Queue-Position gets it back with how many are ahead of the first of these that waits; nothing when none
 * does. *least: so far, -1: none.
 */
void submissions_position(const struct request *request, const char *id, int64_t *least);
void submissions_say_position(struct request *request, int64_t least);
/* What the name of somebody begins with who is no user, but a token or an address. */
#define SUBMISSIONS_NO_USER '#'

/* Adds them to the queue within the turn's transaction; false: the refusal was answered. */
bool submissions_add(struct request *request, struct kl_queue_entry *entries, size_t count);

#endif
