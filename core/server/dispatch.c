/* There and back. What the other judge found is stored as if it had been found here. */

#include "core/server/dispatch.h"

#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/relay.h>
#include <kodelab/store_judge.h>
#include <kodelab/store_queue.h>

#include "core/server/eventlog.h"
#include "core/server/keys.h"
#include "core/server/server.h"
#include "core/server/submission.h"
#include "core/server/submissions.h"
#include "core/server/verdict.h"

#define BODY_MAX ((size_t)256 << 20)

struct dispatch {
	struct dispatch_spec spec;
	struct kl_relay *relay;
	char *body; /* owned */
};

static const enum kl_key_purpose purposes[] = {
	[KL_PRIORITY_RUN] = KL_PURPOSE_RUN,
	[KL_PRIORITY_SUBMIT] = KL_PURPOSE_SUBMIT,
	[KL_PRIORITY_EXAM] = KL_PURPOSE_EXAM,
};

/* --- there -------------------------------------------------------------------------------------------------------- */

/* Everything that the client gave, but who is to be called and the network, which is never on. */
static char *body_of(const struct submission *submission)
{
	struct fields fields = { .wanted = { false } };
	struct kl_buf body;

	for (size_t i = 0; i < ATTRIBUTE_COUNT; i++)
		fields.wanted[i] = attribute_table[i].owner == BY_CLIENT;
	fields.wanted[ATTRIBUTE_CALLBACK_URL] = false;
	fields.wanted[ATTRIBUTE_ENABLE_NETWORK] = false;
	fields.wanted[ATTRIBUTE_LANGUAGE_ID] = true;
	kl_buf_init(&body, BODY_MAX);
	submission_show(&body, submission, &fields, true, NULL);
	return kl_buf_detach(&body);
}

/* Whose share of the keys it is: users have one, tokens and addresses have none. */
static const char *user_of(const struct kl_queue_entry *entry)
{
	return *entry->user == SUBMISSIONS_NO_USER ? "" : entry->user;
}

/* --- back --------------------------------------------------------------------------------------------------------- */

static void keep(struct kl_buf *to, const char *bytes, size_t len)
{
	kl_buf_init(to, len + 1);
	kl_buf_add(to, bytes, len);
}

static void take(struct submission *submission, const struct kl_relay_result *result)
{
	struct verdict verdict = { .status = result->status,
				   .ran = result->status != STATUS_COMPILATION,
				   .runs = 1,
				   .cpu_us = result->cpu_us,
				   .peak_kib = result->memory_kib,
				   .wall_us = result->wall_us,
				   .exit_code = result->exit_code > 0 ? result->exit_code : 0,
				   .exit_signal = result->exit_signal > 0 ? result->exit_signal : 0 };

	keep(&verdict.compile_output, result->compile, result->compile_len);
	keep(&verdict.out, result->out, result->out_len);
	keep(&verdict.err, result->err, result->err_len);
	verdict_tell(&verdict, submission);
	if (result->message_len)
		submission_set(submission, ATTRIBUTE_MESSAGE, result->message, result->message_len);
	verdict_release(&verdict);
}

/* --- where it lies ------------------------------------------------------------------------------------------------ */

static void not_kept(const struct dispatch *dispatch, const struct kl_error *err)
{
	eventlog(KL_LOG_ERROR, "ticket_not_kept", EVENTLOG_TEXT("token", dispatch->spec.entry->id),
		 EVENTLOG_TEXT("error", err->message));
}

static void on_took(void *ctx, const char *instance, const char *token)
{
	const struct dispatch *dispatch = ctx;
	struct server *server = dispatch->spec.server;
	const struct kl_judge_ticket ticket = { .instance = (char *)(uintptr_t)instance,
						.token = (char *)(uintptr_t)token, /* borrowed */
						.nonce = (char[]){ "" } };
	struct kl_error err;

	if (server_write(server, &err) || kl_store_ticket_put(server->store, dispatch->spec.entry->id, &ticket, &err))
		not_kept(dispatch, &err);
	eventlog(KL_LOG_INFO, "sent_elsewhere", EVENTLOG_TEXT("token", dispatch->spec.entry->id),
		 EVENTLOG_TEXT("instance", instance));
}

/* In the transaction that has the result. */
static void forget_ticket(const struct dispatch *dispatch)
{
	struct server *server = dispatch->spec.server;
	struct kl_error err;

	if (server_write(server, &err) || kl_store_ticket_remove(server->store, dispatch->spec.entry->id, &err))
		not_kept(dispatch, &err);
}

static enum dispatch_end end_of(enum kl_relay_end end)
{
	switch (end) {
	case KL_RELAY_JUDGED:
		return DISPATCH_JUDGED;
	case KL_RELAY_REFUSED:
		return DISPATCH_REFUSED;
	case KL_RELAY_FAILED:
		return DISPATCH_FAILED;
	case KL_RELAY_NOBODY:
	case KL_RELAY_CANCELED:
		break;
	}
	return DISPATCH_NOBODY;
}

static void on_relayed(void *ctx, const struct kl_relay_result *result)
{
	struct dispatch *dispatch = ctx;
	const struct dispatch_spec spec = dispatch->spec;

	if (result->end == KL_RELAY_JUDGED) {
		take(spec.submission, result);
		eventlog(KL_LOG_INFO, "judged_elsewhere", EVENTLOG_TEXT("token", spec.entry->id),
			 EVENTLOG_TEXT("instance", result->instance), EVENTLOG_NUMBER("status", result->status));
	}
	if (result->end != KL_RELAY_CANCELED) /* the next start goes on with it */
		forget_ticket(dispatch);
	free(dispatch->body);
	free(dispatch);
	spec.done(spec.ctx, &(struct dispatch_result){ end_of(result->end), result->sentence, result->retry_ms });
}

struct dispatch *dispatch_start(const struct dispatch_spec *spec)
{
	struct dispatch *dispatch = kl_calloc(1, sizeof(*dispatch));
	struct kl_judge_ticket left = { .instance = NULL };

	dispatch->spec = *spec;
	dispatch->body = body_of(spec->submission);
	(void)!kl_store_ticket_get(&left, spec->server->store, spec->entry->id, NULL);
	dispatch->relay = kl_relay_start(&(struct kl_relay_spec){ .loop = spec->server->loop,
								  .instances = keys_instances(spec->server->keys),
								  .pool = keys_pool(spec->server->keys),
								  .body = dispatch->body,
								  .language_id = (int)spec->submission->language_id,
								  .language = spec->language,
								  .user = user_of(spec->entry),
								  .purpose = purposes[spec->entry->priority],
								  .left_at = left.instance,
								  .left_token = left.token,
								  .took = on_took,
								  .expected_ms = spec->expected_ms,
								  .done = on_relayed,
								  .ctx = dispatch });
	kl_judge_ticket_release(&left);
	return dispatch;
}

void dispatch_close(struct dispatch *dispatch)
{
	kl_relay_close(dispatch->relay);
}
