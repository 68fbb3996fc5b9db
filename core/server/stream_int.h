#ifndef CORE_SERVER_STREAM_INT_H
#define CORE_SERVER_STREAM_INT_H

/* For http.c alone. */

#include <stdbool.h>

struct MHD_Response;
struct stream;

/* Is it made as fast as it is taken, and comes to an end? */
bool stream_pulls(const struct stream *stream);
/* The response owns the stream from then on. */
struct MHD_Response *stream_response(struct stream *stream);

#endif
