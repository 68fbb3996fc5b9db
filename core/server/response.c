/* The last steps of an answer. */

#include "core/server/response.h"

#include <microhttpd.h>
#include <strings.h>
#include <zlib.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/crypto.h>

#include "core/server/cors.h"
#include "core/server/request.h"
#include "core/server/server.h"
#include "core/server/settings.h"
#include "core/server/shared.h"
#include "core/server/stream_int.h"

#define COMPRESS_MIN   1024 /* less is one packet as it is */
#define COMPRESS_LEVEL 4 /* higher ones cost more time than they save bytes of JSON */
#define GZIP_WINDOW    (15 + 16) /* zlib's word for a gzip frame */

/* --- the client has it already ------------------------------------------------------------------------------------ */

/* A weak validator of the body: an unchanged answer need not be sent again. */
static bool unchanged(struct request *request, char etag[SHARED_ETAG_SIZE])
{
	const char *known = request_header(request, "If-None-Match");
	char hash[KL_SHA256_SIZE];

	*etag = '\0';
	if (request->answer.shared) {
		memcpy(etag, request->answer.shared->etag, SHARED_ETAG_SIZE);
		return request->answer.status == 200 && known && strstr(known, etag);
	}
	if (request->answer.status != 200 || !request->answer.body.len || strcmp(request->method, "GET") != 0)
		return false;
	kl_sha256(hash, request->answer.body.data, request->answer.body.len);
	snprintf(etag, SHARED_ETAG_SIZE, "W/\"%.16s\"", hash);
	return known && strstr(known, etag);
}

/* --- compression -------------------------------------------------------------------------------------------------- */

/* Does the client take gzip? A weight of 0 means that it does not (RFC 9110, 12.5.3). */
static bool takes_gzip(const struct request *request)
{
	const char *accept = request_header(request, "Accept-Encoding"),
		   *at = accept ? strcasestr(accept, "gzip") : NULL;

	if (!at)
		return false;
	at += strlen("gzip");
	at += strspn(at, " \t");
	if (*at != ';')
		return !*at || *at == ',';
	at += 1 + strspn(at + 1, " \t");
	return strncasecmp(at, "q=", 2) != 0 || strtod(at + 2, NULL) > 0;
}

/* What is text is worth it; archives are compressed already. */
static bool compressible(const char *type, size_t len)
{
	return len >= COMPRESS_MIN && type && (!strncmp(type, "application/json", 16) || !strncmp(type, "text/", 5));
}

/* false: it would not be smaller; nothing has changed. */
static bool compress_body(struct kl_buf *body)
{
	z_stream stream = { .next_in = (Bytef *)body->data, .avail_in = (uInt)body->len };
	size_t room = body->len - 1;
	char *out;
	int end;

	if (body->len > UINT32_MAX ||
	    deflateInit2(&stream, COMPRESS_LEVEL, Z_DEFLATED, GZIP_WINDOW, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return false;
	out = kl_alloc(room);
	stream.next_out = (Bytef *)out;
	stream.avail_out = (uInt)room;
	end = deflate(&stream, Z_FINISH);
	deflateEnd(&stream);
	if (end == Z_STREAM_END) {
		kl_buf_clear(body);
		kl_buf_add(body, out, stream.total_out);
	}
	free(out);
	return end == Z_STREAM_END;
}

/* --- headers ------------------------------------------------------------------------------------------------------ */

static bool has_header(const struct answer *answer, const char *name)
{
	for (size_t i = 0; i < answer->header_count; i++)
		if (!strcasecmp(answer->headers[i].name, name))
			return true;
	return false;
}

/*
 * What a browser must not do with our answers, unless a handler knows better: guess a type, show them inside another page, run
 * or load anything from them, keep them, or tell others the address.
 */
static void add_guards(const struct request *request, struct MHD_Response *response)
{
	/* clang-format off */
	static const struct { const char *name, *value; } guards[] = {
		{ "X-Content-Type-Options",  "nosniff" },
		{ "X-Frame-Options",         "DENY" },
		{ "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'" },
		{ "Referrer-Policy",         "no-referrer" },
		{ "Cache-Control",           "no-cache, private" },
	};
	/* clang-format on */

	for (size_t i = 0; i < KL_LENGTH(guards); i++)
		if (!has_header(&request->answer, guards[i].name))
			MHD_add_response_header(response, guards[i].name, guards[i].value);
	if (*settings_string(request->server->settings, "tls.certificate"))
		MHD_add_response_header(response, "Strict-Transport-Security", "max-age=31536000");
}

#define RUNTIME_SIZE 24

/* "0.000123": seconds. */
static void write_runtime(char text[RUNTIME_SIZE], int64_t us)
{
	char *at = text + RUNTIME_SIZE;
	int digits = 0;

	*--at = '\0';
	do {
		*--at = (char)('0' + us % 10);
		us /= 10;
		if (++digits == 6)
			*--at = '.';
	} while (us || digits <= 6);
	memmove(text, at, strlen(at) + 1);
}

static void add_headers(struct request *request, struct MHD_Response *response)
{
	const struct answer *answer = &request->answer;
	char runtime[RUNTIME_SIZE];

	if (answer->type && answer->status != 304)
		MHD_add_response_header(response, "Content-Type", answer->type);
	write_runtime(runtime, kl_clock_mono_us() - request->begin_us);
	MHD_add_response_header(response, "X-Request-Id", request->id);
	MHD_add_response_header(response, "X-Runtime", runtime);
	for (size_t i = 0; i < answer->header_count; i++)
		MHD_add_response_header(response, answer->headers[i].name, answer->values.data + answer->headers[i].at);
	if (request->server->stopping)
		MHD_add_response_header(response, "Connection", "close");
	add_guards(request, response);
	cors_headers(request, response);
}

static void on_sent(void *shared)
{
	shared_drop(shared);
}

/* Compressed once, when it is first asked for like that. */
static struct MHD_Response *of_shared(bool *compressed, struct request *request)
{
	const struct answer *answer = &request->answer;
	struct shared *shared = answer->shared;
	struct kl_buf packed;

	if (compressible(shared->type, shared->len) && answer->status == 200 && takes_gzip(request)) {
		if (!shared->packed) {
			kl_buf_init(&packed, shared->len);
			kl_buf_add(&packed, shared->bytes, shared->len);
			if (!compress_body(&packed))
				kl_buf_clear(&packed);
			shared->packed_len = packed.len;
			shared->packed = kl_buf_detach(&packed);
		}
		*compressed = shared->packed_len > 0;
	}
	request->sent = *compressed ? shared->packed_len : answer->len;
	return MHD_create_response_from_buffer_with_free_callback_cls(
		request->sent, *compressed ? shared->packed : shared->bytes + answer->from, on_sent,
		shared_keep(shared));
}

static struct MHD_Response *of_body(bool *compressed, struct request *request)
{
	struct answer *answer = &request->answer;
	size_t len;

	*compressed =
		compressible(answer->type, answer->body.len) && takes_gzip(request) && compress_body(&answer->body);
	len = answer->body.len;
	request->sent = len;
	return MHD_create_response_from_buffer(len, len ? kl_buf_detach(&answer->body) : NULL,
					       len ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
}

struct MHD_Response *response_of(struct request *request)
{
	struct answer *answer = &request->answer;
	struct MHD_Response *response;
	char etag[SHARED_ETAG_SIZE];
	bool compressed = false;

	if (unchanged(request, etag)) {
		answer->status = 304;
		kl_buf_clear(&answer->body);
		shared_drop(answer->shared);
		answer->shared = NULL;
	}
	if (request->stream)
		response = stream_response(request->stream);
	else
		response = answer->shared ? of_shared(&compressed, request) : of_body(&compressed, request);
	if (*etag)
		MHD_add_response_header(response, "ETag", etag);
	if (compressed) {
		MHD_add_response_header(response, "Content-Encoding", "gzip");
		MHD_add_response_header(response, "Vary", "Accept-Encoding");
	}
	add_headers(request, response);
	return response;
}
