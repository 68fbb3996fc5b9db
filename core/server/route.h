#ifndef CORE_SERVER_ROUTE_H
#define CORE_SERVER_ROUTE_H

/*
 * The table of routes: method, path, who may, what does it. The gates in front of a handler are tested here, in the order
 * of Judge0: address → authentication → authorization → maintenance → wait → batch → room in the queue. The handler
 * itself then checks fields and attributes.
 */

#include <stdbool.h>

struct request;

enum route_gate {
	GATE_TOKEN = 1 << 0, /* authn.tokens, when there are any */
	GATE_USER = 1 << 1, /* authz.tokens, always */
	GATE_MAINTENANCE = 1 << 2,
	GATE_WAIT = 1 << 3, /* wait=true may be forbidden */
	GATE_BATCH = 1 << 4,
	GATE_QUEUE = 1 << 5, /* needs room for what it brings */
	GATE_LOCAL = 1 << 6, /* access.metrics */
	GATE_API = 1 << 7, /* authz.tokens, and answers in the envelope of /api */
};

typedef void route_fn(struct request *request);

struct route {
	const char *method, *path; /* ":name" stands for one part of the path */
	int gates;
	route_fn *run;
};

/* *argument is what a ":name" stood for (owned; untouched when there is none). NULL: no such route. */
const struct route *route_find(char **argument, const char *method, const char *path);
/* Passes the gates and runs the handler. */
void route_run(struct request *request);

/* The token in the header that an option names, or in the query under the header's name; NULL: none. */
const char *route_token(const struct request *request, const char *header_option);
/* Is the token of the header that one option names among those of the other? */
bool route_has_token(const struct request *request, const char *header_option, const char *tokens_option);
/* May it use the API at all? */
bool route_authenticated(const struct request *request);

#endif
