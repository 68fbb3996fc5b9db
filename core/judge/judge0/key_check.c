/* One GET with one key. Only an answer of Judge0's own, or of the door in front of it, says something about the key. */

#include <kodelab/keycheck.h>

#include <kodelab/alloc.h>
#include <kodelab/http.h>
#include <kodelab/instance.h>
#include <kodelab/json.h>

#include "core/judge/judge0/instance_int.h"

#define PATH        "/config_info"
#define USER_PATH   "/authorize"
#define DEADLINE_MS 20000
#define ANSWER_MAX  ((size_t)1 << 20)
#define HOUR_MS     INT64_C(3600000)

struct kl_key_check {
	struct kl_instance *instance;
	struct kl_keypool *pool;
	struct kl_lease *lease;
	bool user; /* it is a second secret */
	struct kl_lease *first; /* which goes with the first one; NULL: none */
	struct kl_http_request *request;
	char id[KL_ID_SIZE];
	kl_key_checked_fn *done;
	void *ctx;
};

static const struct kl_key_outcome unused = { 0, 0, -1, -1, -1 };

/* The row of the key; NULL: it was removed. To be kl_key_infos_free'd as *keys. */
static const struct kl_key_info *find_row(struct kl_key_info **keys, size_t *count, struct kl_keypool *pool,
					  const char *id, struct kl_error *err)
{
	*keys = NULL;
	*count = 0;
	if (kl_keypool_list(keys, count, pool, NULL, err))
		return NULL;
	for (size_t i = 0; i < *count; i++)
		if (!strcmp((*keys)[i].id, id))
			return &(*keys)[i];
	kl_fail(err, KL_ENOENT, "there is no key '%s': 'kodelab keys list' shows yours", id);
	return NULL;
}

/* --- the answer ------------------------------------------------------------------------------------------------- */

/* A login page of a captive network answers 200, too. */
static bool is_judge0(const struct kl_http_result *result)
{
	bool good = result->body_len && result->body[strspn(result->body, " \t\r\n")] == '{';
	cJSON *root = good ? cJSON_ParseWithLength(result->body, result->body_len) : NULL;

	good = cJSON_HasObjectItem(root, "max_queue_size") || cJSON_HasObjectItem(root, "enable_wait_result");
	cJSON_Delete(root);
	return good;
}

/* Of a second secret only 200 and 403 tell; both come without a body. */
static const char *not_telling_user(const struct kl_http_result *result)
{
	if (result->end != KL_HTTP_ANSWERED)
		return result->error.message;
	if (result->status == 401)
		return "the judge refuses the first secret, so it says nothing of this one: see 'kodelab keys test'";
	if (result->status == 403 || (result->status == 200 && !result->body_len))
		return "";
	return "what answers there is no Judge0, or out of order: see the judge's address";
}

/* "" when the answer says something about the key; else why it does not. */
static const char *not_telling(const struct kl_http_result *result, int64_t wall_ms)
{
	int64_t wait_ms = kl_http_retry_after_ms(result, wall_ms);

	if (result->end != KL_HTTP_ANSWERED)
		return result->error.message;
	if (result->status == 401 || result->status == 403)
		return "";
	if (result->status == 429)
		return wait_ms >= 0 && wait_ms < HOUR_MS ? "the judge was asked too fast: try again in a minute" : "";
	if (result->status < 200 || result->status >= 300)
		return "the judge is out of order: whether the key is good cannot be told now";
	return is_judge0(result) ? "" : "what answers there is no Judge0: see the judge's address";
}

static void tell_verdict(const struct kl_key_check *check)
{
	struct kl_key_info *keys;
	struct kl_error err = { .status = KL_OK };
	size_t count;
	const struct kl_key_info *key = find_row(&keys, &count, check->pool, check->id, &err);
	char *sentence = NULL;

	if (!key) {
		check->done(check->ctx, err.status, err.message);
	} else if (key->state == KL_KEY_ACTIVE) {
		check->done(check->ctx, KL_OK, "the key works");
	} else if (check->user && key->state == KL_KEY_SUSPENDED) {
		sentence =
			kl_format("it is not taken (403): is it one of the judge's authorization tokens, and is %s the "
				  "header?",
				  check->instance->spec.user_header);
		check->done(check->ctx, KL_EDENIED, sentence);
	} else {
		sentence = kl_format("the key %s", key->why);
		check->done(check->ctx, key->state == KL_KEY_EXHAUSTED ? KL_EMANY : KL_EDENIED, sentence);
	}
	free(sentence);
	kl_key_infos_free(keys, count);
}

static void answered(void *ctx, const struct kl_http_result *result)
{
	struct kl_key_check *check = ctx;
	int64_t wall_ms = kl_clock_wall_ms(check->instance->registry->clock);
	const char *why = check->user ? not_telling_user(result) : not_telling(result, wall_ms);
	struct kl_key_outcome outcome = { .http_status = 0 };

	if (!*why)
		kl_instance_quota(&outcome, check->instance, result, 0, wall_ms);
	kl_lease_settle(check->lease, check->pool, &outcome);
	if (check->first)
		kl_lease_settle(check->first, check->pool, &unused);
	if (*why)
		check->done(check->ctx, KL_ENET, why);
	else
		tell_verdict(check);
	instance_let_go(check->instance);
	free(check);
}

/* --- the question ------------------------------------------------------------------------------------------------ */

static enum kl_status knock(struct kl_key_check *check, struct kl_instances *instances, struct kl_error *err)
{
	struct kl_instance_door door = { .url = NULL };
	struct kl_http *http;
	enum kl_status status = kl_instances_http(&http, instances, err);

	if (!status && check->user)
		status = kl_instance_open_door(&door, check->instance, KL_ROUTE_AUTHORIZE, USER_PATH,
					       check->first ? kl_lease_key(check->first) : NULL, err);
	else if (!status)
		status = kl_instance_open_door(&door, check->instance, KL_ROUTE_CONFIG, PATH,
					       kl_lease_key(check->lease), err);
	if (!status && check->user)
		kl_instance_door_user(&door, check->instance, kl_lease_key(check->lease));
	if (!status)
		status = kl_http_start(&check->request, http,
				       &(struct kl_http_spec){ .method = check->user ? "POST" : "GET",
							       .url = door.url,
							       .headers = door.headers,
							       .header_count = door.header_count,
							       .deadline_ms = DEADLINE_MS,
							       .response_max = ANSWER_MAX,
							       .ca_file = kl_instance_spec(check->instance)->ca_file,
							       .proxy = kl_instance_spec(check->instance)->proxy },
				       answered, check, err);
	kl_instance_close_door(&door);
	return status;
}

/* A second secret's instance is that of its name without the suffix. */
static char *name_of(const char *keys, bool *user)
{
	size_t len = strlen(keys), tail = strlen(KL_INSTANCE_USER);

	*user = len > tail && !strcmp(keys + len - tail, KL_INSTANCE_USER);
	return kl_strndup(keys, *user ? len - tail : len);
}

static struct kl_instance *instance_of(bool *user, const struct kl_key_check_spec *spec, struct kl_error *err)
{
	struct kl_instance *instance = NULL;
	char *name;
	struct kl_key_info *keys;
	size_t count;
	const struct kl_key_info *key = find_row(&keys, &count, spec->pool, spec->id, err);

	if (key) {
		name = name_of(key->instance, user);
		instance = kl_instances_find(spec->instances, name);
		if (!instance)
			kl_fail(err, KL_ENOENT, "there is no judge '%s': add it with 'kodelab judge add %s'", name,
				name);
		free(name);
	}
	kl_key_infos_free(keys, count);
	return instance;
}

static void take_first(struct kl_key_check *check, const char *owner)
{
	const struct kl_key_want want = { .instance = check->instance->spec.name,
					  .user = owner ? owner : "",
					  .purpose = KL_PURPOSE_VALIDATE,
					  .requests = 1 };

	if (kl_keypool_lease(&check->first, check->pool, &want, NULL))
		check->first = NULL;
}

enum kl_status kl_key_check(struct kl_key_check **out, const struct kl_key_check_spec *spec, struct kl_error *err)
{
	struct kl_error why = { .status = KL_OK };
	bool user = false;
	struct kl_instance *instance = instance_of(&user, spec, &why);
	struct kl_key_check *check;
	enum kl_status status;

	if (!instance)
		return kl_fail(err, why.status, "%s", why.message);
	check = kl_calloc(1, sizeof(*check));
	*check = (struct kl_key_check){
		.instance = instance, .pool = spec->pool, .user = user, .done = spec->done, .ctx = spec->ctx
	};
	snprintf(check->id, sizeof(check->id), "%s", spec->id);
	status = kl_keypool_try(&check->lease, spec->pool, spec->id, spec->owner, err);
	if (!status) {
		if (user)
			take_first(check, spec->owner);
		status = knock(check, spec->instances, err);
		if (status)
			kl_lease_settle(check->lease, spec->pool, &unused);
		if (status && check->first)
			kl_lease_settle(check->first, spec->pool, &unused);
	}
	if (status) {
		free(check);
		return status;
	}
	instance_hold(instance);
	*out = check;
	return KL_OK;
}

void kl_key_check_cancel(struct kl_key_check *check)
{
	kl_http_cancel(check->request);
}
