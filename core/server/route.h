#ifndef CORE_SERVER_ROUTE_H
#define CORE_SERVER_ROUTE_H

/*
 * The table of routes: method, path, who may, what does it. The gates in front of a handler are tested here, in the order
 * of Judge0: address → authentication → authorization → maintenance → wait → batch → room in the queue. The handler
 * itself then checks fields and attributes.
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/server/access.h"

struct request;

enum route_gate {
	GATE_TOKEN = 1 << 0, /* authn.tokens, when there are any */
	GATE_USER = 1 << 1, /* authz.tokens, always */
	GATE_MAINTENANCE = 1 << 2,
	GATE_WAIT = 1 << 3, /* wait=true may be forbidden */
	GATE_BATCH = 1 << 4,
	GATE_QUEUE = 1 << 5, /* needs room for what it brings */
	GATE_LOCAL = 1 << 6, /* access.metrics */
};

typedef void route_fn(struct request *request);

#define ROUTE_ARGUMENTS 3

struct route {
	const char *method, *path; /* each ":name" stands for one part of the path; ROUTE_ARGUMENTS of them at most */
	int gates;
	route_fn *run;
	enum access access; /* who may; before the gates */
};

/* The routes of one area, exported by it; within an area a row without a ":name" stands before one that has it there. */
struct route_area {
	const char *under; /* what the paths of all its rows begin with: the others need not be looked through */
	const struct route *rows;
	size_t count;
};

/* What each ":name" stood for comes into arguments (owned; the rest is NULL). NULL: no such route, no arguments. */
const struct route *route_find(char *arguments[ROUTE_ARGUMENTS], const char *method, const char *path);
/* Every route there is, one after the other; NULL: index is behind the last. */
const struct route *route_at(size_t index);
/* Passes the gates and runs the handler. */
void route_run(struct request *request);

/* The token in the header that an option names, or in the query under the header's name; NULL: none. */
const char *route_token(const struct request *request, const char *header_option);
/* Is the token of the header that one option names among those of the other? */
bool route_has_token(const struct request *request, const char *header_option, const char *tokens_option);
/* May it use the API at all? */
bool route_authenticated(const struct request *request);

#endif
