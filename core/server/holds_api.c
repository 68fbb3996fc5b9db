/* Quota kept back for exams, and what the owners of keys should know. */

#include <kodelab/alloc.h>
#include <kodelab/instance.h>
#include <kodelab/keypool.h>

#include "core/server/api.h"
#include "core/server/class/accounts.h"
#include "core/server/jsonout.h"
#include "core/server/keys.h"
#include "core/server/request.h"
#include "core/server/server.h"

#define EXAM_MAX 64 /* bytes of its name */

/* --- holds -------------------------------------------------------------------------------------------------------- */

static void show_hold(struct kl_buf *body, const struct kl_key_hold *hold)
{
	jsonout_object(body, NULL);
	jsonout_text(body, "id", hold->id);
	jsonout_text(body, "instance", hold->instance);
	jsonout_text(body, "exam", hold->exam);
	api_time(body, "from", hold->from_ms);
	api_time(body, "to", hold->to_ms);
	jsonout_int(body, "requests", hold->requests);
	jsonout_int(body, "used", hold->used);
	kl_buf_add_char(body, '}');
}

void holds_list(struct request *request)
{
	struct kl_key_hold *holds = NULL;
	struct api_list list;
	size_t count = 0;
	enum kl_status status;

	api_list_begin(&list, request);
	status = kl_keypool_holds(&holds, &count, keys_pool(request->server->keys), &list.err);
	for (size_t i = 0; i < count; i++)
		show_hold(&list.body, &holds[i]);
	kl_key_holds_free(holds, count);
	request_durable(request);
	api_list_end(&list, status);
}

/* Texts of hold are the request's. false: the refusal was answered. */
static bool read_hold(struct request *request, struct kl_key_hold *hold)
{
	const char *instance = "", *exam = "";
	const struct api_field fields[] = {
		{ "requests", .number = &hold->requests },
		{ "instance", .text = &instance },
		{ "exam", .text = &exam },
		{ "from", .time_ms = &hold->from_ms, .needed = true },
		{ "to", .time_ms = &hold->to_ms, .needed = true },
	};

	*hold = (struct kl_key_hold){ .requests = 0 };
	if (!api_read(request, fields, KL_LENGTH(fields)))
		return false;
	hold->instance = (char *)(uintptr_t)instance;
	hold->exam = (char *)(uintptr_t)exam;
	if (!*exam || strlen(exam) > EXAM_MAX)
		api_error(request, API_INVALID, "'exam' must be a name of 1 to %d bytes", EXAM_MAX);
	else if (!kl_instances_find(keys_instances(request->server->keys), instance))
		api_error(request, API_NOT_FOUND,
			  "there is no instance of the name in 'instance': GET /api/instances lists them");
	else
		return true;
	return false;
}

void holds_add(struct request *request)
{
	struct keys *keys = request->server->keys;
	struct kl_key_hold hold;
	struct kl_error err;
	struct kl_buf body;
	enum kl_status status;

	if (!read_hold(request, &hold))
		return;
	status = keys_change_begin(keys, &err);
	if (!status) {
		status = kl_keypool_hold(hold.id, keys_pool(keys), &hold, &err);
		if (!status)
			status = audit_note(request, "hold.add", hold.id, &err, "%lld of %s for %s",
					    (long long)hold.requests, hold.instance, hold.exam);
		status = keys_change_end(keys, status, &err);
	}
	if (status) {
		api_fail(request, &err);
		return;
	}
	request_durable(request);
	api_begin(&body);
	show_hold(&body, &hold); /* as it was given: it is there, whether or not it can be read again now */
	api_end(request, 201, &body);
}

void holds_remove(struct request *request)
{
	const char *id = request_argument(request, "id");
	struct keys *keys = request->server->keys;
	struct kl_error err;
	enum kl_status status = keys_change_begin(keys, &err);

	if (!status) {
		status = kl_keypool_release(keys_pool(keys), id, &err);
		if (!status)
			status = audit_note(request, "hold.remove", id, &err, "given back");
		status = keys_change_end(keys, status, &err);
	}
	if (status)
		api_fail(request, &err);
	else
		api_done(request, 200, "id", id, "removed");
}

/* --- notices ------------------------------------------------------------------------------------------------------ */

static void show_notice(struct kl_buf *body, const struct kl_key_notice *notice)
{
	jsonout_object(body, NULL);
	jsonout_text(body, "id", notice->id);
	jsonout_text(body, "key", notice->key_id);
	jsonout_text(body, "event", kl_key_event_word(notice->event));
	jsonout_text(body, "text", notice->text);
	api_time(body, "at", notice->at_ms);
	kl_buf_add_char(body, '}');
}

void keys_notices(struct request *request)
{
	const char *owner = api_user(request) ? api_user(request) : KEYS_PLATFORM;
	struct kl_key_notice *notices = NULL;
	struct api_list list;
	size_t count = 0;
	enum kl_status status;

	api_list_begin(&list, request);
	status = kl_keypool_notices(&notices, &count, keys_pool(request->server->keys), owner, &list.err);
	for (size_t i = 0; i < count; i++)
		show_notice(&list.body, &notices[i]);
	kl_key_notices_free(notices, count);
	request_durable(request);
	api_list_end(&list, status);
}
