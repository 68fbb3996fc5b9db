#ifndef CORE_SERVER_CLASS_PUSH_H
#define CORE_SERVER_CLASS_PUSH_H

/* Handing in: many things at once, or one submission. */

struct request;

void push_many(struct request *request); /* POST /api/sync/push */
void push_one(struct request *request); /* POST /api/submissions */

#endif
