#ifndef CORE_SERVER_STREAM_INT_H
#define CORE_SERVER_STREAM_INT_H

/* For http.c alone. */

struct MHD_Response;
struct stream;

/* The response owns the stream from then on. */
struct MHD_Response *stream_response(struct stream *stream);

#endif
