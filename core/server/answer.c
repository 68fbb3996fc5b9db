/* Answers, but for their way out. */

#include <stdarg.h>
#include <stdio.h>

#include <kodelab/alloc.h>

#include "core/server/jsonout.h"
#include "core/server/request.h"
#include "core/server/shared.h"

#define ERROR_SIZE 1024

static void begin(struct request *request, int status, const char *type)
{
	kl_buf_release(&request->answer.body);
	shared_drop(request->answer.shared);
	request->answer.shared = NULL;
	kl_buf_init(&request->answer.body, SIZE_MAX / 2);
	request->answer.status = status;
	request->answer.type = type;
}

void answer_json(struct request *request, int status, struct kl_buf *body)
{
	begin(request, status, "application/json; charset=utf-8");
	request->answer.body = *body;
	kl_buf_init(body, 0);
}

void answer_text(struct request *request, int status, const char *text)
{
	begin(request, status, "text/plain; charset=utf-8");
	kl_buf_add_str(&request->answer.body, text);
}

void answer_empty(struct request *request, int status)
{
	begin(request, status, "text/html");
}

void answer_error(struct request *request, int status, const char *fmt, ...)
{
	char text[ERROR_SIZE];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	begin(request, status, "application/json; charset=utf-8");
	jsonout_only(&request->answer.body, "error", text);
}

/* clang-format off */
static const struct reason { int status; const char *text; } reasons[] = {
	{ 400, "Bad Request" },
	{ 404, "Not Found" },
	{ 413, "Payload Too Large" },
	{ 415, "Unsupported Media Type" },
	{ 500, "Internal Server Error" },
	{ 503, "Service Unavailable" },
};
/* clang-format on */

void answer_framework(struct request *request, int status)
{
	struct kl_buf body;
	const char *text = "Error";

	if (!request->json_errors) {
		answer_empty(request, status);
		return;
	}
	for (size_t i = 0; i < KL_LENGTH(reasons); i++)
		if (reasons[i].status == status)
			text = reasons[i].text;
	kl_buf_init(&body, ERROR_SIZE);
	kl_buf_addf(&body, "{\"status\":%d,\"error\":\"%s\"}", status, text);
	answer_json(request, status, &body);
}

void answer_header(struct request *request, const char *name, const char *fmt, ...)
{
	struct answer *answer = &request->answer;
	va_list args;

	if (answer->header_count == REQUEST_HEADERS_MAX)
		return;
	answer->headers[answer->header_count].name = name;
	answer->headers[answer->header_count++].at = answer->values.len;
	va_start(args, fmt);
	kl_buf_vaddf(&answer->values, fmt, args);
	va_end(args);
	kl_buf_add_char(&answer->values, '\0');
}

void answer_begin(struct kl_buf *body)
{
	kl_buf_init(body, SIZE_MAX / 2);
}
