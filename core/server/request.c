/* Requests, but for their way in and out (http.c). */

#include "core/server/request.h"

#include <microhttpd.h>
#include <strings.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/crypto.h>

#include "core/server/connection.h"
#include "core/server/eventlog.h"
#include "core/server/route.h"
#include "core/server/server.h"
#include "core/server/settings.h"
#include "core/server/shared.h"

#define HEADERS_SIZE    4096 /* of what handlers add */
#define FORM_FIELDS_MAX 1000
#define VALUES_EACH     200 /* of a submission, which has three dozen attributes */

/* --- coming to be ----------------------------------------------------------------------------------------------- */

struct request *request_new(struct server *server, struct MHD_Connection *handle, const char *uri)
{
	struct request *request = kl_calloc(1, sizeof(*request));

	(void)uri; /* it may hold a token */
	request->server = server;
	request->handle = handle;
	request->begin_us = kl_clock_mono_us();
	kl_buf_init(&request->body, (size_t)settings_int(server->settings, "limits.body_kib") << 10);
	kl_buf_init(&request->answer.body, SIZE_MAX / 2);
	kl_buf_init(&request->answer.values, HEADERS_SIZE);
	return request;
}

/* What a client calls its request is kept when it can harm no log. */
static void name_request(struct request *request)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	const char *given = request_header(request, "X-Request-Id");
	size_t len = given ? strlen(given) : 0;

	if (len && len < sizeof(request->id) && strspn(given, good) == len)
		memcpy(request->id, given, len + 1);
	else
		kl_id_random(request->id);
}

/* "/languages/71.json/" is "/languages/71", as Judge0 has it; below /api a name may end so. */
static char *plain_path(const char *path)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	if (len > 6 && strncmp(path, "/api/", 5) != 0 && !memcmp(path + len - 5, ".json", 5))
		len -= 5;
	return kl_strndup(path, len);
}

static bool has_type(const struct request *request, const char *type)
{
	const char *given = request_header(request, "Content-Type");

	return given && !strncasecmp(given, type, strlen(type));
}

void request_begin(struct request *request, const char *path, const char *method)
{
	const char *accept = request_header(request, "Accept");

	snprintf(request->method, sizeof(request->method), "%s", method);
	request->path = plain_path(path);
	request->json_errors = accept && strstr(accept, "application/json");
	request->multipart = has_type(request, "multipart/");
	request->route = route_find(request->arguments, request->method, request->path);
	request->begun = true;
	name_request(request);
}

/* --- the body --------------------------------------------------------------------------------------------------- */

static char *form_word(const char *text, size_t len)
{
	char *word = kl_strndup(text, len);

	for (char *at = word; (at = strchr(at, '+'));)
		*at = ' ';
	MHD_http_unescape(word);
	return word;
}

/* NULL: more than any client has to say. */
static cJSON *read_form(const char *text)
{
	cJSON *form;
	size_t count = 0;

	for (const char *at = text; *at; at++)
		count += *at == '&';
	if (count >= FORM_FIELDS_MAX) /* each is looked for among those before it */
		return NULL;
	form = cJSON_CreateObject();
	for (const char *at = text; *at;) {
		size_t len = strcspn(at, "&"), name_len = strcspn(at, "=&");

		if (name_len) {
			char *name = form_word(at, name_len);
			char *value = name_len < len ? form_word(at + name_len + 1, len - name_len - 1) : kl_strdup("");

			cJSON_DeleteItemFromObjectCaseSensitive(form, name);
			cJSON_AddStringToObject(form, name, value);
			free(name);
			kl_wipe(value, strlen(value)); /* perhaps a password */
			free(value);
		}
		at += len;
		at += *at == '&';
	}
	return form;
}

/* Values of a JSON text, about: a small one costs the server fifty times the byte or two it costs the client. */
static size_t count_values(const char *text, size_t len)
{
	size_t count = 1;
	bool quoted = false;

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"')
			quoted = !quoted;
		else if (quoted)
			i += text[i] == '\\';
		else
			count += text[i] == ',' || text[i] == '[' || text[i] == '{';
	}
	return count;
}

bool request_values_fit(const struct request *request, const char *text, size_t len)
{
	size_t batch = (size_t)settings_int(request->server->settings, "judge0.max_submission_batch_size");

	return count_values(text, len) <= VALUES_EACH * (1 + batch);
}

bool request_read_body(struct request *request)
{
	if (has_type(request, "application/x-www-form-urlencoded")) {
		request->fields = read_form(request->body.data);
		return request->fields != NULL;
	}
	if (!has_type(request, "application/json") || !request->body.len)
		return true;
	if (!request_values_fit(request, request->body.data, request->body.len))
		return false;
	if (kl_json_parse(&request->json, request->body.data, request->body.len, SIZE_MAX / 2, "body", NULL))
		return false;
	/* Only ever read; the document keeps it. What is no object has no fields. */
	if (cJSON_IsObject(kl_json_root(request->json)))
		request->fields = (cJSON *)(uintptr_t)kl_json_root(request->json);
	return true;
}

/* --- asking ----------------------------------------------------------------------------------------------------- */

const char *request_argument(const struct request *request, const char *name)
{
	size_t at = 0, len = strlen(name);

	for (const char *part = strchr(request->route->path, ':'); part; part = strchr(part + 1, ':'), at++)
		if (!strncmp(part + 1, name, len) && (!part[1 + len] || part[1 + len] == '/'))
			return request->arguments[at];
	kl_die("kodelabd: no such argument in the route's path");
}

const char *request_header(const struct request *request, const char *name)
{
	return MHD_lookup_connection_value(request->handle, MHD_HEADER_KIND, name);
}

const char *request_query(const struct request *request, const char *name)
{
	return MHD_lookup_connection_value(request->handle, MHD_GET_ARGUMENT_KIND, name);
}

const char *request_text(const struct request *request, const char *name)
{
	const char *text = request_query(request, name);
	const cJSON *node;

	if (text)
		return text;
	node = request->fields ? cJSON_GetObjectItemCaseSensitive(request->fields, name) : NULL;
	return cJSON_GetStringValue(node);
}

bool request_says_true(const struct request *request, const char *name)
{
	const char *text = request_text(request, name);

	return text && !strcmp(text, "true");
}

/* --- the end ---------------------------------------------------------------------------------------------------- */

static void count(struct request *request, int64_t us)
{
	struct metrics *metrics = &request->server->metrics;
	int class = request->answer.status / 100;

	metrics_latency(metrics, us);
	if (class >= 2 && class <= 5)
		metrics->counters[METRIC_REQUESTS_2XX + class - 2]++;
	metrics->counters[METRIC_BYTES_RECEIVED] += (int64_t)request->received;
	metrics->counters[METRIC_BYTES_SENT] += (int64_t)request->sent;
}

void request_log(struct request *request)
{
	int64_t us = kl_clock_mono_us() - request->begin_us;

	count(request, us);
	if (!settings_bool(request->server->settings, "log.requests"))
		return;
	eventlog(KL_LOG_INFO, "request", EVENTLOG_TEXT("id", request->id),
		 EVENTLOG_TEXT("peer", request->connection->from), EVENTLOG_TEXT("method", request->method),
		 EVENTLOG_TEXT("path", request->path ? request->path : ""),
		 EVENTLOG_NUMBER("status", request->state == REQUEST_SENT ? request->answer.status : 0),
		 EVENTLOG_NUMBER("received", request->received), EVENTLOG_NUMBER("sent", request->sent),
		 EVENTLOG_NUMBER("us", us));
}

void request_forget_body(struct request *request)
{
	if (request->json)
		kl_json_free(request->json);
	else
		cJSON_Delete(request->fields);
	request->json = NULL;
	request->fields = NULL;
	kl_buf_release(&request->body);
}

void request_free(struct request *request)
{
	request_forget_body(request);
	free(request->path);
	for (size_t i = 0; i < ROUTE_ARGUMENTS; i++)
		free(request->arguments[i]);
	kl_buf_release(&request->answer.body);
	kl_buf_release(&request->answer.values);
	shared_drop(request->answer.shared);
	free(request);
}
