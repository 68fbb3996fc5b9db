#ifndef CORE_SERVER_AMBIGUOUS_H
#define CORE_SERVER_AMBIGUOUS_H

/*
 * Requests that two programs would read as two different ones: with them a client behind a proxy could put words into
 * the mouth of another (RFC 9112, 11.2). libmicrohttpd takes some of them.
 */

#include <stdbool.h>

struct MHD_Connection;

/* Its body ends in two places, or it has two hosts. */
bool ambiguous_headers(struct MHD_Connection *handle);
/* Its path, as it came, holds a NUL that would end it early. */
bool ambiguous_uri(const char *uri);

#endif
