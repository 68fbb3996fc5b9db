#ifndef CORE_SERVER_CLASS_PUSH_H
#define CORE_SERVER_CLASS_PUSH_H

/* Handing in: many things at once, or one submission. */

#include <stdbool.h>

struct cJSON;
struct request;

void push_many(struct request *request); /* POST /api/sync/push */
void push_one(struct request *request); /* POST /api/submissions */
/* Is it a list of items, and not of too many? */
bool push_is_list(const struct cJSON *items);
/* Takes them for request->actor, and answers. */
void push_items(struct request *request, const struct cJSON *items);

#endif
