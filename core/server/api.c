/* The envelope, and who asks. */

#include "core/server/api.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <kodelab/alloc.h>

#include "core/server/eventlog.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"
#include "core/server/route.h"
#include "core/server/server.h"
#include "core/server/settings.h"

#define STORAGE_RETRY_S 30
#define MESSAGE_SIZE    1024
#define PAGE_MAX        100000

/* clang-format off */
static const struct {
	int status;
	const char *word;
} codes[] = {
	[API_BAD_REQUEST]  = { 400, "BAD_REQUEST" },
	[API_UNAUTHORIZED] = { 401, "UNAUTHORIZED" },
	[API_FORBIDDEN]    = { 403, "FORBIDDEN" },
	[API_NOT_FOUND]    = { 404, "NOT_FOUND" },
	[API_CONFLICT]     = { 409, "CONFLICT" },
	[API_MEDIA_TYPE]   = { 415, "UNSUPPORTED_MEDIA_TYPE" },
	[API_INVALID]      = { 422, "VALIDATION_ERROR" },
	[API_TOO_MANY]     = { 429, "TOO_MANY_REQUESTS" },
	[API_INTERNAL]     = { 500, "INTERNAL_SERVER_ERROR" },
	[API_TOO_LARGE]    = { 413, "PAYLOAD_TOO_LARGE" },
	[API_STORAGE_FULL] = { 503, "STORAGE_FULL" },
	[API_UPSTREAM]     = { 502, "BAD_GATEWAY" },
	[API_PENDING]      = { 400, "AUTHORIZATION_PENDING" },
	[API_SLOW_DOWN]    = { 400, "SLOW_DOWN" },
	[API_EXPIRED]      = { 400, "EXPIRED" },
};
/* clang-format on */

const char *api_code_word(enum api_code code)
{
	return codes[code].word;
}

/* --- answers ------------------------------------------------------------------------------------------------------ */

void api_begin(struct kl_buf *body)
{
	answer_begin(body);
	kl_buf_add_str(body, "{\"success\":true,\"data\":");
}

void api_end(struct request *request, int status, struct kl_buf *body)
{
	kl_buf_add_char(body, '}');
	answer_json(request, status, body);
}

void api_error_details(struct request *request, enum api_code code, const char *details, const char *message)
{
	struct kl_buf body;

	answer_begin(&body);
	kl_buf_add_str(&body, "{\"success\":false,\"error\":{");
	jsonout_text(&body, "message", message);
	jsonout_text(&body, "code", codes[code].word);
	jsonout_key(&body, "details");
	kl_buf_add_str(&body, details);
	kl_buf_add_str(&body, "}}");
	answer_json(request, codes[code].status, &body);
}

void api_error_with(struct request *request, enum api_code code, const char *name, const char *text,
		    const char *message)
{
	struct kl_buf details;

	answer_begin(&details);
	kl_buf_add_char(&details, '{');
	if (name)
		jsonout_text(&details, name, text);
	kl_buf_add_char(&details, '}');
	api_error_details(request, code, details.data, message);
	kl_buf_release(&details);
}

void api_error(struct request *request, enum api_code code, const char *fmt, ...)
{
	char message[MESSAGE_SIZE];
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	api_error_with(request, code, NULL, NULL, message);
}

static enum api_code code_of(enum kl_status status)
{
	switch ((int)status) {
	case KL_EINVAL:
		return API_INVALID;
	case KL_ENOENT:
		return API_NOT_FOUND;
	case KL_EDENIED:
		return API_FORBIDDEN;
	case KL_EEXIST:
	case KL_EBUSY:
	case KL_ECONFLICT:
	case KL_EMANY:
		return API_CONFLICT;
	default:
		return API_INTERNAL;
	}
}

void api_retry_when_full(struct request *request)
{
	answer_header(request, "Retry-After", "%d", STORAGE_RETRY_S);
}

static void storage_full(struct request *request)
{
	api_error(request, API_STORAGE_FULL, API_FULL);
	api_retry_when_full(request);
}

void api_fail(struct request *request, const struct kl_error *err)
{
	enum api_code code = code_of(err->status);

	if (err->status == KL_EFULL) {
		server_is_full(request->server, err->message);
		storage_full(request);
		return;
	}
	if (code == API_INTERNAL)
		eventlog(KL_LOG_ERROR, "api_failed", EVENTLOG_TEXT("id", request->id),
			 EVENTLOG_TEXT("error", err->message));
	api_error(request, code, "%s", err->message);
}

void api_fail_unseen(struct request *request, const struct kl_error *err)
{
	if (err->status == KL_ENOENT)
		api_error(request, API_NOT_FOUND, API_NOT_THERE);
	else
		api_fail(request, err);
}

void api_done(struct request *request, int status, const char *key, const char *id, const char *what)
{
	struct kl_buf body;

	request_durable(request);
	api_begin(&body);
	jsonout_object(&body, NULL);
	jsonout_text(&body, key, id);
	api_bool(&body, what, true);
	kl_buf_add_char(&body, '}');
	api_end(request, status, &body);
}

void api_not_written(struct request *request)
{
	request->answer.header_count = 0;
	if (api_is_path(request) && request->server->storage_full) {
		storage_full(request);
	} else if (request->server->storage_full) {
		answer_framework(request, 503);
		api_retry_when_full(request);
	} else if (!api_is_path(request)) {
		answer_framework(request, 500);
	} else {
		api_error(request, API_INTERNAL, "nothing was written: the server's log says why; try again");
	}
}

bool api_query_number(int64_t *number, struct request *request, const char *name, int64_t least, int64_t most)
{
	const char *text = request_query(request, name);
	int64_t read;
	char *end;

	if (!text)
		return true;
	errno = 0;
	read = strtoll(text, &end, 10);
	if (errno || *text < '0' || *text > '9' || *end || read < least || read > most) {
		api_error(request, API_INVALID, "'%s' must be a whole number from %lld to %lld", name, (long long)least,
			  (long long)most);
		return false;
	}
	*number = read;
	return true;
}

bool api_page(struct api_page *out, struct request *request)
{
	*out = (struct api_page){ .page = 1, .limit = API_LIMIT_DEFAULT };
	if (!api_query_number(&out->page, request, "page", 1, PAGE_MAX) ||
	    !api_query_number(&out->limit, request, "limit", 1, API_LIMIT_MAX))
		return false;
	out->skip = (out->page - 1) * out->limit;
	return true;
}

void api_end_page(struct request *request, struct kl_buf *body, const struct api_page *page, int64_t total)
{
	kl_buf_addf(body, ",\"pagination\":{\"page\":%lld,\"limit\":%lld,\"total\":%lld,\"pages\":%lld}",
		    (long long)page->page, (long long)page->limit, (long long)total,
		    (long long)((total + page->limit - 1) / page->limit));
	api_end(request, 200, body);
}

void api_list_begin(struct api_list *list, struct request *request)
{
	*list = (struct api_list){ .request = request };
	api_begin(&list->body);
	jsonout_list(&list->body, NULL);
}

bool api_list_begin_page(struct api_list *list, struct request *request)
{
	struct api_page page;

	if (!api_page(&page, request))
		return false;
	api_list_begin(list, request);
	list->page = page;
	return true;
}

bool api_list_next(struct api_list *list)
{
	int64_t at = list->total++;

	return at >= list->page.skip && at < list->page.skip + list->page.limit;
}

void api_list_end(struct api_list *list, enum kl_status status)
{
	kl_buf_add_char(&list->body, ']');
	if (status)
		api_fail(list->request, &list->err);
	else if (list->page.limit)
		api_end_page(list->request, &list->body, &list->page, list->total);
	else
		api_end(list->request, 200, &list->body);
	kl_buf_release(&list->body);
}

void api_time(struct kl_buf *body, const char *name, int64_t wall_ms)
{
	char text[JSONOUT_TIME_SIZE];

	if (wall_ms)
		jsonout_time(text, wall_ms);
	jsonout_text(body, name, wall_ms ? text : NULL);
}

void api_number(struct kl_buf *body, const char *name, int64_t number)
{
	if (number)
		jsonout_int(body, name, number);
	else
		jsonout_text(body, name, NULL);
}

void api_bool(struct kl_buf *body, const char *name, bool value)
{
	jsonout_key(body, name);
	kl_buf_add_str(body, value ? "true" : "false");
}

/* --- who ---------------------------------------------------------------------------------------------------------- */

bool api_is_path(const struct request *request)
{
	return request->path && (!strcmp(request->path, "/api") || !strncmp(request->path, "/api/", 5));
}

bool api_is_user(const char *name)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@-";
	size_t len = strlen(name);

	return len && len <= API_USER_MAX && strspn(name, letters) == len && !strchr("._@-", name[0]);
}

const char *api_user(const struct request *request)
{
	return request->actor.role == ROLE_ADMIN ? NULL : request->actor.name;
}
