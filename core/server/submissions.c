/* One submission: create, wait, get. */

#include "core/server/submissions.h"

#include <kodelab/alloc.h>
#include <kodelab/crypto.h>
#include <kodelab/queue.h>

#include "core/server/api.h"
#include "core/server/eventlog.h"
#include "core/server/judge0.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"
#include "core/server/route.h"
#include "core/server/server.h"
#include "core/server/settings.h"
#include "core/server/submission.h"

#define BODY_MAX ((size_t)256 << 20)

static const char not_utf8[] = "some attributes for this submission cannot be converted to UTF-8, use "
			       "base64_encoded=true query parameter";

/* --- shared ----------------------------------------------------------------------------------------------------- */

bool submissions_fields(struct request *request, struct fields *out)
{
	struct kl_buf wrong;
	bool good;

	kl_buf_init(&wrong, 4096);
	good = fields_read(out, request_text(request, "fields"), &wrong);
	if (!good)
		answer_error(request, 400, "invalid fields: [%s]", wrong.data);
	kl_buf_release(&wrong);
	return good;
}

static void refuse_plain(struct request *request, int status, const char *token)
{
	struct kl_buf body;

	answer_begin(&body);
	kl_buf_add_char(&body, '{');
	if (status == 201)
		jsonout_text(&body, "token", token);
	jsonout_text(&body, "error", not_utf8);
	kl_buf_add_char(&body, '}');
	answer_json(request, status == 201 ? 201 : 400, &body);
}

void submissions_answer(struct request *request, int status, const struct kl_queue_entry *entry,
			const struct fields *fields, bool base64)
{
	struct submission submission;
	struct kl_buf body;

	if (!submission_of_entry(&submission, entry)) {
		answer_framework(request, 500);
	} else if (!base64 && !submission_plain(&submission, fields)) {
		refuse_plain(request, status, entry->id);
	} else {
		answer_begin(&body);
		submission_show(&body, &submission, fields, base64, judge0_toolchains(request->server->judge0));
		answer_json(request, status, &body);
	}
	submission_release(&submission);
}

void submissions_position(const struct request *request, const char *id, int64_t *least)
{
	int64_t ahead = -1;

	if (request_header(request, "X-Queue-Position"))
		ahead = kl_queue_position(request->server->queue, id, NULL);
	if (ahead >= 0 && (*least < 0 || ahead < *least))
		*least = ahead;
}

void submissions_say_position(struct request *request, int64_t least)
{
	if (least >= 0)
		answer_header(request, "X-Queue-Position", "%lld", (long long)least);
}

static const char *const priorities[] = {
	[KL_PRIORITY_RUN] = "run",
	[KL_PRIORITY_SUBMIT] = "submit",
	[KL_PRIORITY_EXAM] = "exam",
};

static enum kl_queue_priority priority_of(const char *word)
{
	enum kl_queue_priority priority = KL_PRIORITY_RUN;

	while (priority < KL_PRIORITY_COUNT && strcmp(priorities[priority], word) != 0)
		priority++;
	return priority;
}

/* The administrator's program may say for whom, and how urgent it is. false: the refusal was answered. */
static bool read_headers(struct request *request, enum kl_queue_priority *priority)
{
	const char *user = request_header(request, API_USER_HEADER),
		   *word = request_header(request, "X-KodeLab-Priority");

	*priority = word ? priority_of(word) : KL_PRIORITY_SUBMIT;
	if ((user || word) && !route_has_token(request, "authz.header", "authz.tokens"))
		answer_empty(request, 403);
	else if (user && !api_is_user(user))
		answer_error(request, 400, "invalid " API_USER_HEADER);
	else if (*priority == KL_PRIORITY_COUNT)
		answer_error(request, 400, "invalid X-KodeLab-Priority: run, submit or exam");
	else
		return true;
	return false;
}

#define USER_SIZE (1 + KL_SHA256_SIZE)

/*
 * Who it is, for rate and fairness: the user that is asked for, or the token, but not in clear. Where no token is asked
 * for any may be given: then it is the address.
 */
static void name_user(const struct request *request, char user[USER_SIZE])
{
	const struct settings *settings = request->server->settings;
	const char *token = route_token(request, "authn.header"), *asked = request_header(request, API_USER_HEADER);
	struct peer site;
	char peer[64];

	snprintf(user, USER_SIZE, "%s", asked ? asked : "");
	if (*user)
		return;
	if (!*settings_string(settings, "authn.tokens") || !token) {
		site = peer_site(&request->peer);
		peer_text(&site, peer, sizeof(peer));
		token = peer;
	}
	user[0] = SUBMISSIONS_NO_USER;
	kl_sha256(user + 1, token, strlen(token));
}

bool submissions_add(struct request *request, struct kl_queue_entry *entries, size_t count)
{
	struct server *server = request->server;
	enum kl_queue_priority priority;
	char user[USER_SIZE];
	struct kl_error err;
	int64_t retry_ms = 0;
	enum kl_status status;

	if (!read_headers(request, &priority))
		return false;
	name_user(request, user);
	for (size_t i = 0; i < count; i++) {
		entries[i].user = user;
		entries[i].priority = priority;
	}
	if (!(status = server_write(server, &err)))
		status = kl_queue_add(server->queue, entries, count, &retry_ms, &err);
	for (size_t i = 0; i < count; i++)
		entries[i].user = NULL;
	if (!status) {
		request_durable(request);
		return true;
	}
	if (status == KL_EMANY) {
		answer_error(request, 503, "queue is full");
	} else if (status == KL_EBUSY || status == KL_EINVAL) {
		answer_error(request, 429, "%s", err.message);
		answer_header(request, "Retry-After", "%lld", (long long)(retry_ms + 999) / 1000);
	} else if (status == KL_EFULL) {
		server_is_full(server, err.message);
		answer_framework(request, 503);
		api_retry_when_full(request);
	} else {
		eventlog(KL_LOG_ERROR, "not_queued", EVENTLOG_TEXT("id", request->id),
			 EVENTLOG_TEXT("error", err.message));
		answer_framework(request, 500);
	}
	return false;
}

/* --- create ----------------------------------------------------------------------------------------------------- */

static void created(struct request *request, const struct kl_queue_entry *entry, const struct fields *fields)
{
	struct kl_buf body;

	if (request_says_true(request, "wait")) {
		judge0_wait(request->server->judge0, request, entry->id, fields,
			    request_says_true(request, "base64_encoded"));
		return;
	}
	answer_begin(&body);
	jsonout_only(&body, "token", entry->id);
	answer_json(request, 201, &body);
}

void submissions_create(struct request *request)
{
	const struct submission_source source = {
		.request = request,
		.object = request->fields,
		.base64 = request_says_true(request, "base64_encoded"),
		.settings = request->server->settings,
		.toolchains = judge0_toolchains(request->server->judge0),
	};
	struct submission submission;
	struct kl_queue_entry entry = { .body = NULL };
	struct kl_buf errors, body;
	struct fields fields;

	if (!submissions_fields(request, &fields))
		return;
	answer_begin(&errors);
	if (!submission_read(&submission, &source, &errors)) {
		answer_json(request, 422, &errors);
	} else {
		kl_buf_init(&body, BODY_MAX);
		submission_pack(&body, &submission, BY_CLIENT);
		entry.kind = submission.language_id;
		entry.body = body.data;
		entry.body_len = body.len;
		if (submissions_add(request, &entry, 1))
			created(request, &entry, &fields);
		kl_buf_release(&body);
	}
	kl_buf_release(&errors);
	submission_release(&submission);
}

/* --- get -------------------------------------------------------------------------------------------------------- */

void submissions_get(struct request *request)
{
	struct kl_queue_entry entry;
	struct fields fields;
	int64_t ahead = -1;

	if (!submissions_fields(request, &fields))
		return;
	if (kl_queue_get(&entry, request->server->queue, request_argument(request, "token"), NULL)) {
		answer_framework(request, 404);
		return;
	}
	request_durable(request); /* what is shown may have been found in this very turn */
	submissions_answer(request, 200, &entry, &fields, request_says_true(request, "base64_encoded"));
	submissions_position(request, entry.id, &ahead);
	submissions_say_position(request, ahead);
	kl_queue_entry_release(&entry);
}
