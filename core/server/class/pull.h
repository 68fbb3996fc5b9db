#ifndef CORE_SERVER_CLASS_PULL_H
#define CORE_SERVER_CLASS_PULL_H

/*
 * GET /api/sync: what is new to a lab. The log says which things changed; what a thing looks like is asked of its area when it is told,
 * by a row of the table in pull_api.c.
 */

#include <stdbool.h>

#include <kodelab/buf.h>
#include <kodelab/error.h>

#include "core/server/route.h"

struct server;

extern const struct route_area pull_area;

/*
 * Writes the body of a change as user (id) sees it, or clears *there: there is no such thing for him (any more), and the lab is told null.
 */
typedef enum kl_status pull_body_fn(struct kl_buf *body, bool *there, struct server *server, const char *user,
				    const char *subject, struct kl_error *err);

#endif
