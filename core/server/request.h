#ifndef CORE_SERVER_REQUEST_H
#define CORE_SERVER_REQUEST_H

/*
 * A request and its answer, as handlers see them. A handler gives an answer and returns, or calls request_wait and gives
 * the answer later. What was written to the store in this turn is committed before any answer that depends on it leaves:
 * such a handler calls request_durable.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include <kodelab/buf.h>
#include <kodelab/id.h>
#include <kodelab/json.h>

#include "core/server/access.h"
#include "core/server/peer.h"
#include "core/server/route.h"

struct MHD_Connection;
struct connection;
struct server;
struct shared;
struct stream;

enum request_state {
	REQUEST_RECEIVING,
	REQUEST_WAITING, /* for request_answered, the connection is suspended */
	REQUEST_HELD, /* answered, until the turn's writes are committed; suspended */
	REQUEST_READY, /* to be sent */
	REQUEST_SENT,
};

typedef void request_gone_fn(void *ctx, struct request *request);

#define REQUEST_HEADERS_MAX 12

struct answer {
	int status; /* 0: none yet */
	const char *type; /* Content-Type; NULL: none */
	struct kl_buf body;
	struct shared *shared; /* in body's place; NULL: none */
	size_t from, len; /* which part of it */
	struct {
		const char *name;
		size_t at; /* of its value in values */
	} headers[REQUEST_HEADERS_MAX];
	size_t header_count;
	struct kl_buf values; /* one after the other, each with its NUL */
};

struct request {
	TAILQ_ENTRY(request) link; /* of the held ones */
	struct server *server;
	struct MHD_Connection *handle;
	struct connection *connection;
	const struct route *route; /* NULL: none fits */
	enum request_state state;
	bool begun; /* its headers are there */
	bool suspended;
	bool ambiguous; /* by its path; it is refused */
	bool too_large; /* the rest of the body is read and forgotten */
	bool multipart; /* the whole body is */
	bool durable;
	request_gone_fn *gone; /* while it waits; NULL: nobody wants to know */
	void *gone_ctx;
	bool json_errors; /* Accept: application/json: framework errors have a body */
	char method[8];
	char *path; /* without a trailing slash and ".json"; owned */
	char *arguments[ROUTE_ARGUMENTS]; /* what the pattern's ":name"s stand for; owned: request_argument */
	struct actor actor; /* who asks, where the route has an access */
	char id[72]; /* for the log and X-Request-Id */
	struct peer peer;
	struct kl_buf body;
	size_t counted; /* bytes of the body that count among all bodies */
	cJSON *fields; /* the body as an object, JSON or form; NULL: it is none. Owned, or by json */
	struct kl_json *json; /* owned */
	struct answer answer;
	struct stream *stream; /* the answer goes on; NULL: it is whole. The response's, once that is made */
	int64_t begin_us;
	size_t received, sent; /* bytes of the bodies */
};

/* --- asking ----------------------------------------------------------------------------------------------------- */

/* What the route's ":name" (name without the colon) stands for; it must be in its pattern. */
const char *request_argument(const struct request *request, const char *name);
/* A header by its name in any case; NULL: absent. */
const char *request_header(const struct request *request, const char *name);
/* A query parameter, decoded; NULL: absent. */
const char *request_query(const struct request *request, const char *name);
/* A text parameter of the query or else of the body; NULL: absent, or no text. */
const char *request_text(const struct request *request, const char *name);
/* Is that text exactly "true"? */
bool request_says_true(const struct request *request, const char *name);
/* Has a JSON text no more values than any client has to say? Each costs fifty times what it costs the client. */
bool request_values_fit(const struct request *request, const char *text, size_t len);

/* --- answering -------------------------------------------------------------------------------------------------- */

/* Each of these is the answer; the last one counts. body is taken over and left empty. */
void answer_json(struct request *request, int status, struct kl_buf *body);
void answer_text(struct request *request, int status, const char *text);
void answer_empty(struct request *request, int status);
/* {"error":"…"}: what Judge0 itself says. */
void answer_error(struct request *request, int status, const char *fmt, ...) KL_PRINTF(3, 4);
/* What the framework says: {"status":404,"error":"Not Found"} for those who accept JSON, else an empty page. */
void answer_framework(struct request *request, int status);
void answer_header(struct request *request, const char *name, const char *fmt, ...) KL_PRINTF(3, 4);
/* A buffer for an answer. */
void answer_begin(struct kl_buf *body);

/* The answer may not leave before this turn's writes are on the disk. */
void request_durable(struct request *request);
/*
 * There is no answer yet: request_answered will be called, from the loop, after an answer was given. gone: the client has
 * hung up meanwhile, or sends nothing more: it is answered now, because perhaps it does hear; NULL: answered when it is.
 */
void request_wait(struct request *request, request_gone_fn *gone, void *ctx);
void request_answered(struct request *request);

/* --- for http.c alone ------------------------------------------------------------------------------------------- */

struct request *request_new(struct server *server, struct MHD_Connection *handle, const char *uri);
void request_begin(struct request *request, const char *path, const char *method);
/* Reads the body as what its Content-Type says. false: it is not that: 400. */
bool request_read_body(struct request *request);
/* Its handler has read it: one who waits for an answer need not keep it. */
void request_forget_body(struct request *request);
void request_log(struct request *request);
void request_free(struct request *request);

#endif
