/* libmicrohttpd asks for bytes; when there are none the connection is suspended until there are. */

#include "core/server/stream.h"

#include <microhttpd.h>
#include <stdint.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>

#include "core/server/http.h"
#include "core/server/request.h"
#include "core/server/stream_int.h"

#define BLOCK 4096

struct stream {
	struct request *request; /* for as long as it sleeps, at least */
	stream_closed_fn *closed;
	void *ctx;
	stream_more_fn *more; /* makes the next piece; NULL: it comes when it comes */
	struct kl_buf waiting;
	bool suspended, ended, broken;
};

/* The next piece, when everything before it was taken. */
static void pull(struct stream *stream)
{
	enum stream_more more;

	if (!stream->more || stream->ended || stream->waiting.len)
		return;
	more = stream->more(stream->ctx, &stream->waiting);
	stream->ended = more != STREAM_MORE;
	stream->broken = more == STREAM_BROKEN;
}

static ssize_t read_more(void *ctx, uint64_t at, char *bytes, size_t max)
{
	struct stream *stream = ctx;
	size_t len;

	(void)at;
	pull(stream);
	len = stream->waiting.len < max ? stream->waiting.len : max;
	if (len) {
		memcpy(bytes, stream->waiting.data, len);
		kl_buf_consume(&stream->waiting, len);
		return (ssize_t)len;
	}
	if (stream->ended)
		return stream->broken ? MHD_CONTENT_READER_END_WITH_ERROR : MHD_CONTENT_READER_END_OF_STREAM;
	stream->suspended = true;
	http_sleep(stream->request);
	return 0;
}

static void on_free(void *ctx)
{
	struct stream *stream = ctx;

	stream->closed(stream->ctx);
	kl_buf_release(&stream->waiting);
	free(stream);
}

struct MHD_Response *stream_response(struct stream *stream)
{
	return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK, read_more, stream, on_free);
}

static void on_gone(void *ctx, struct request *request)
{
	(void)request;
	stream_end(ctx);
}

struct stream *stream_begin(struct request *request, const char *type, size_t most, stream_closed_fn *closed, void *ctx)
{
	struct stream *stream = kl_calloc(1, sizeof(*stream));

	*stream = (struct stream){ .request = request, .closed = closed, .ctx = ctx };
	kl_buf_init(&stream->waiting, most);
	answer_empty(request, 200);
	request->answer.type = type;
	request->stream = stream;
	request->gone = on_gone;
	request->gone_ctx = stream;
	return stream;
}

struct stream *stream_pull(struct request *request, const char *type, stream_more_fn *more, stream_closed_fn *closed,
			   void *ctx)
{
	struct stream *stream = stream_begin(request, type, SIZE_MAX / 2, closed, ctx);

	stream->more = more;
	return stream;
}

bool stream_pulls(const struct stream *stream)
{
	return stream->more != NULL;
}

static void wake(struct stream *stream)
{
	if (!stream->suspended)
		return;
	stream->suspended = false;
	http_wake(stream->request);
}

void stream_write(struct stream *stream, const char *bytes, size_t len)
{
	if (!stream->ended && !kl_buf_add(&stream->waiting, bytes, len))
		stream->ended = true;
	wake(stream);
}

void stream_end(struct stream *stream)
{
	stream->ended = true;
	wake(stream);
}
