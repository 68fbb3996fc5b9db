#ifndef CORE_SERVER_CORS_H
#define CORE_SERVER_CORS_H

/* Web pages of other origins: what they are told, and their question beforehand (preflight). */

#include <stdbool.h>

struct MHD_Response;
struct request;

void cors_headers(const struct request *request, struct MHD_Response *response);
/* Answers an OPTIONS request that is such a question; false: it is none. */
bool cors_preflight(struct request *request);

#endif
