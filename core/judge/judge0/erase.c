/*
 * Deleting what was judged, at the instance: code and output of a student need not lie there for ever. It is asked once, when the
 * result is here; nobody waits for it, and what cannot be deleted is only logged.
 */

#include "core/judge/judge0/client_int.h"
#include "core/judge/judge0/instance_int.h"

#include <kodelab/alloc.h>
#include <kodelab/log.h>

#define DEADLINE_MS 10000
#define ANSWER_MAX  ((size_t)1 << 20)

struct erasing {
	struct kl_instance *instance; /* held */
	struct kl_keypool *pool;
	struct kl_lease *key, *user; /* key: NULL where none is wanted */
};

static void settle(struct kl_lease *lease, struct kl_keypool *pool, int http_status)
{
	const struct kl_key_outcome outcome = { http_status, 1, -1, -1, -1 };

	if (lease)
		kl_lease_settle(lease, pool, &outcome);
}

static void end(struct erasing *erasing, int http_status)
{
	/* 401 is about the first secret, 403 about the second */
	settle(erasing->key, erasing->pool, http_status == 403 ? 0 : http_status);
	settle(erasing->user, erasing->pool, http_status == 401 ? 0 : http_status);
	instance_let_go(erasing->instance);
	free(erasing);
}

static void on_answer(void *ctx, const struct kl_http_result *result)
{
	struct erasing *erasing = ctx;
	const char *name = erasing->instance->spec.name;

	if (result->end != KL_HTTP_ANSWERED)
		kl_log(KL_LOG_WARN, "judge", "what '%s' has judged is not deleted there: %s", name,
		       result->error.message);
	else if (result->status != 200 && result->status != 404)
		kl_log(KL_LOG_WARN, "judge", "what '%s' has judged is not deleted there: it answers %d", name,
		       result->status);
	end(erasing, result->status);
}

static enum kl_status lease(struct kl_lease **out, struct kl_keypool *pool, const char *keys)
{
	const struct kl_key_want want = { .instance = keys, .user = "", .purpose = KL_PURPOSE_VALIDATE, .requests = 1 };

	return kl_keypool_lease(out, pool, &want, NULL);
}

static enum kl_status send(struct erasing *erasing, struct kl_instances *instances, const char *token,
			   struct kl_error *err)
{
	const struct kl_instance_spec *spec = &erasing->instance->spec;
	char *path = kl_format("/submissions/%s?fields=token", token);
	struct kl_http_request *request;
	struct kl_instance_door door = { .url = NULL };
	struct kl_http *http;
	enum kl_status status;

	if (!(status = kl_instances_http(&http, instances, err)) &&
	    !(status = kl_instance_open_door(&door, erasing->instance, KL_ROUTE_DELETE, path,
					     erasing->key ? kl_lease_key(erasing->key) : NULL, err))) {
		kl_instance_door_user(&door, erasing->instance, kl_lease_key(erasing->user));
		status = kl_http_start(&request, http,
				       &(struct kl_http_spec){ .method = "DELETE",
							       .url = door.url,
							       .headers = door.headers,
							       .header_count = door.header_count,
							       .deadline_ms = DEADLINE_MS,
							       .response_max = ANSWER_MAX,
							       .ca_file = spec->ca_file,
							       .proxy = spec->proxy },
				       on_answer, erasing, err);
	}
	kl_instance_close_door(&door);
	free(path);
	return status;
}

void erase_submission(struct client *client, const char *token)
{
	const struct kl_judge_elsewhere *means = client->means;
	struct erasing *erasing;
	struct kl_lease *user;
	struct kl_error err;
	char *users;
	bool known;

	if (!means->erase || !means->keys || !*token || !client->target.facts->deletes ||
	    !kl_instance_spec(client->instance)->user_header)
		return;
	users = kl_format("%s%s", kl_instance_spec(client->instance)->name, KL_INSTANCE_USER);
	known = lease(&user, means->keys, users) == KL_OK;
	free(users);
	if (!known)
		return;
	erasing = kl_calloc(1, sizeof(*erasing));
	*erasing = (struct erasing){ .instance = client->instance, .pool = means->keys, .user = user };
	instance_hold(erasing->instance);
	if (lease(&erasing->key, means->keys, kl_instance_spec(client->instance)->name))
		erasing->key = NULL;
	if (send(erasing, means->instances, token, &err)) {
		kl_log(KL_LOG_WARN, "judge", "%s", err.message);
		end(erasing, 0);
	}
}
