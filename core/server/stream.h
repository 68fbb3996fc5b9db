#ifndef CORE_SERVER_STREAM_H
#define CORE_SERVER_STREAM_H

/*
 * An answer that goes on after its head was sent: what is written later goes to the client as soon as he takes it. While there is
 * nothing to send its connection sleeps and costs nothing. The routes' other answers are whole (request.h).
 */

#include <stddef.h>

struct kl_buf;
struct request;
struct stream;

/* The client is gone, or the stream has ended: fires once, from the loop; the stream is freed afterwards. */
typedef void stream_closed_fn(void *ctx);

/* The answer to request is a stream of this media type. most: bytes that may wait to be taken; more, and it ends. */
struct stream *stream_begin(struct request *request, const char *type, size_t most, stream_closed_fn *closed,
			    void *ctx);

/*
 * The answer to request is made as fast as he takes it: more is called, from the loop, whenever everything so far was taken, and adds the next
 * piece. A piece is as much as one turn may be kept with, and the client has limits.send_s for all of them. STREAM_BROKEN: the connection is
 * ended so that he sees that something is missing.
 */
enum stream_more { STREAM_MORE, STREAM_LAST, STREAM_BROKEN };
typedef enum stream_more stream_more_fn(void *ctx, struct kl_buf *out);
struct stream *stream_pull(struct request *request, const char *type, stream_more_fn *more, stream_closed_fn *closed,
			   void *ctx);

void stream_write(struct stream *stream, const char *bytes, size_t len);
void stream_end(struct stream *stream); /* when what waits was taken */

#endif
