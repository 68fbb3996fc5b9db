/* Keys over HTTP: given, looked at, shared, held back, tried, taken away. Never told: the key itself. */

#include <kodelab/alloc.h>
#include <kodelab/instance.h>
#include <kodelab/keypool.h>

#include "core/server/api.h"
#include "core/server/class/accounts.h"
#include "core/server/judge0.h"
#include "core/server/jsonout.h"
#include "core/server/keys.h"
#include "core/server/request.h"
#include "core/server/server.h"
#include "core/server/settings.h"

#define TRIALS_MAX 1000 /* started by one request */
#define DAYS_MS    (30 * INT64_C(86400000))

static const char no_key[] = "there is no such key of yours: GET /api/keys lists them";

static struct kl_keypool *pool_of(const struct request *request)
{
	return keys_pool(request->server->keys);
}

/* Whose keys are meant where only an owner may: the user's, else the platform's. */
static const char *owner_of(const struct request *request)
{
	return api_user(request) ? api_user(request) : KEYS_PLATFORM;
}

/* The pool speaks of commands of the lab; here it is routes. */
static void fail(struct request *request, const struct kl_error *err)
{
	if (err->status == KL_ENOENT)
		api_error(request, API_NOT_FOUND, "%s", no_key);
	else if (err->status == KL_EEXIST)
		api_error(request, API_CONFLICT, "this key is there already: GET /api/keys lists it");
	else
		api_fail(request, err);
}

/* --- showing ------------------------------------------------------------------------------------------------------ */

static void show_use(struct kl_buf *body, const struct kl_key_info *key)
{
	jsonout_text(body, "state", kl_key_state_word(key->state));
	jsonout_text(body, "why", key->why);
	jsonout_text(body, "share", kl_key_share_word(key->share));
	jsonout_int(body, "daily_limit", key->daily_limit);
	jsonout_int(body, "reserve", key->reserve);
	jsonout_int(body, "used_today", key->used_today);
	jsonout_int(body, "used_ever", key->used_ever);
	jsonout_int(body, "failed_ever", key->failed_ever);
	jsonout_text(body, "zone", key->zone);
	api_time(body, "resets_at", key->reset_ms);
	api_time(body, "validated_at", key->validated_ms);
}

static void show_own(struct kl_buf *body, const struct kl_key_info *key)
{
	jsonout_object(body, NULL);
	jsonout_text(body, "id", key->id);
	jsonout_text(body, "instance", key->instance);
	jsonout_text(body, "label", key->label);
	jsonout_text(body, "last4", *key->last4 ? key->last4 : NULL);
	show_use(body, key);
	api_time(body, "added_at", key->added_ms);
	api_time(body, "consented_at", key->consented_ms);
	kl_buf_add_char(body, '}');
}

/* The key of an id among its owner's, as the answer. It is there whether or not it can be read again now. */
static void answer_key(struct request *request, int status, const char *id, const char *owner)
{
	struct kl_key_info *keys;
	struct kl_error err;
	struct kl_buf body;
	bool found = false;
	size_t count;

	request_durable(request);
	api_begin(&body);
	if (kl_keypool_list(&keys, &count, pool_of(request), owner, &err)) {
		kl_buf_add_char(&body, '{');
		jsonout_text(&body, "id", id);
		kl_buf_add_char(&body, '}');
		api_end(request, status, &body);
		return;
	}
	for (size_t i = 0; i < count && !found; i++) {
		found = !strcmp(keys[i].id, id);
		if (found)
			show_own(&body, &keys[i]);
	}
	kl_key_infos_free(keys, count);
	if (found) {
		api_end(request, status, &body);
	} else {
		kl_buf_release(&body);
		api_error(request, API_NOT_FOUND, "%s", no_key);
	}
}

void keys_list(struct request *request)
{
	struct kl_key_info *keys = NULL;
	struct api_list list;
	size_t count = 0;
	enum kl_status status;

	api_list_begin(&list, request);
	status = kl_keypool_list(&keys, &count, pool_of(request), owner_of(request), &list.err);
	for (size_t i = 0; i < count; i++)
		show_own(&list.body, &keys[i]);
	kl_key_infos_free(keys, count);
	request_durable(request);
	api_list_end(&list, status);
}

/* --- giving ------------------------------------------------------------------------------------------------------- */

void keys_consent(struct request *request)
{
	struct kl_buf body;

	api_begin(&body);
	kl_buf_add_char(&body, '{');
	for (int share = 0; share < KL_KEY_SHARE_COUNT; share++)
		jsonout_text(&body, kl_key_share_word((enum kl_key_share)share),
			     kl_keypool_consent((enum kl_key_share)share));
	kl_buf_add_char(&body, '}');
	api_end(request, 200, &body);
}

/* Who sends the text back has seen it, word for word as it is today. */
static bool consents(struct request *request, enum kl_key_share share, const char *text)
{
	const char *wanted = kl_keypool_consent(share);

	if (!strcmp(text, wanted))
		return true;
	api_error_with(request, API_FORBIDDEN, "consent", wanted,
		       "a key is only taken with its owner's consent: show the text in details, and send it back as "
		       "'consent' once it is agreed to");
	return false;
}

static bool is_share(struct request *request, enum kl_key_share *share, const char *word)
{
	if (kl_key_share_read(share, word))
		return true;
	api_error(request, API_INVALID, "'share' must be private, pool or backup");
	return false;
}

static bool is_instance(struct request *request, const char *name)
{
	if (kl_instances_find(keys_instances(request->server->keys), name))
		return true;
	api_error(request, API_NOT_FOUND,
		  "there is no instance of the name in 'instance': GET /api/instances lists them");
	return false;
}

/* What the client left out is as the configuration has it. false: the refusal was answered. */
static bool read_new(struct request *request, struct kl_key_new *new)
{
	const struct settings *settings = request->server->settings;
	const char *share = "", *consent = "";
	int64_t reserve = -1, most = settings_int(settings, "keys.reserve");
	const struct api_field fields[] = {
		{ "instance", .text = &new->instance },
		{ "label", .text = &new->label },
		{ "key", .text = &new->secret },
		{ "zone", .text = &new->zone },
		{ "daily_limit", .number = &new->daily_limit },
		{ "reserve", .number = &reserve },
		{ "share", .text = &share },
		{ "consent", .text = &consent },
	};

	*new = (struct kl_key_new){ .owner = owner_of(request), .instance = "", .label = "", .secret = "" };
	new->daily_limit = settings_int(settings, "keys.daily_limit");
	if (!api_read(request, fields, KL_LENGTH(fields)) || !is_share(request, &new->share, share))
		return false;
	if (new->daily_limit && most > new->daily_limit / 2)
		most = new->daily_limit / 2;
	new->reserve = reserve >= 0 ? reserve : most;
	new->consented = consents(request, new->share, consent);
	return new->consented &&is_instance(request, new->instance);
}

void keys_give(struct request *request)
{
	char id[KL_ID_SIZE];
	struct kl_key_new new;
	struct kl_error err;

	if (read_new(request, &new)) {
		if (kl_keypool_add(id, pool_of(request), &new, &err))
			fail(request, &err);
		else
			answer_key(request, 201, id, new.owner);
		judge0_learn(request->server->judge0);
	}
	wipe_body(request);
}

/* --- use of the pool ---------------------------------------------------------------------------------------------- */

static void show_totals(struct kl_buf *body, const struct kl_key_totals *totals)
{
	jsonout_object(body, "keys");
	for (int state = 0; state < KL_KEY_STATE_COUNT; state++)
		jsonout_int(body, kl_key_state_word((enum kl_key_state)state), (int64_t)totals->keys[state]);
	kl_buf_add_char(body, '}');
	jsonout_int(body, "limit", totals->limit);
	jsonout_int(body, "used", totals->used);
	jsonout_int(body, "held", totals->held);
	api_bool(body, "unlimited", totals->unlimited);
	api_time(body, "resets_at", totals->reset_ms);
}

/* For the administrator: each key, without its label, which is for its owner. */
static void show_each(struct kl_buf *body, const struct kl_key_info *keys, size_t count)
{
	jsonout_list(body, "each");
	for (size_t i = 0; i < count; i++) {
		jsonout_object(body, NULL);
		jsonout_text(body, "id", keys[i].id);
		jsonout_text(body, "instance", keys[i].instance);
		jsonout_text(body, "owner", keys[i].owner);
		show_use(body, &keys[i]);
		kl_buf_add_char(body, '}');
	}
	kl_buf_add_char(body, ']');
}

static void show_days(struct kl_buf *body, const struct kl_key_day *days, size_t count)
{
	jsonout_list(body, "days");
	for (size_t i = 0; i < count; i++) {
		jsonout_object(body, NULL);
		jsonout_text(body, "id", days[i].key_id);
		api_time(body, "ended_at", days[i].day_ms);
		jsonout_int(body, "used", days[i].used);
		jsonout_int(body, "failed", days[i].failed);
		kl_buf_add_char(body, '}');
	}
	kl_buf_add_char(body, ']');
}

void keys_usage(struct request *request)
{
	struct kl_keypool *pool = pool_of(request);
	int64_t since_ms = kl_clock_wall_ms(&request->server->clock) - DAYS_MS;
	const char *instance = request_query(request, "instance");
	struct kl_key_totals totals;
	struct kl_key_info *keys = NULL;
	struct kl_key_day *days = NULL;
	size_t count = 0, day_count = 0;
	struct kl_error err;
	struct kl_buf body;

	if (kl_keypool_totals(&totals, pool, instance, NULL, &err) ||
	    (!api_user(request) && (kl_keypool_list(&keys, &count, pool, NULL, &err) ||
				    kl_keypool_days(&days, &day_count, pool, since_ms, &err)))) {
		fail(request, &err);
	} else {
		request_durable(request);
		api_begin(&body);
		kl_buf_add_char(&body, '{');
		show_totals(&body, &totals);
		if (!api_user(request)) {
			show_each(&body, keys, count);
			show_days(&body, days, day_count);
		}
		kl_buf_add_char(&body, '}');
		api_end(request, 200, &body);
	}
	kl_key_infos_free(keys, count);
	free(days);
}

/* --- changing ----------------------------------------------------------------------------------------------------- */

static bool share(struct request *request, const char *word, const char *consent)
{
	enum kl_key_share wanted;
	struct kl_error err;

	if (!is_share(request, &wanted, word) || (wanted != KL_KEY_PRIVATE && !consents(request, wanted, consent)))
		return false;
	if (!kl_keypool_share(pool_of(request), request_argument(request, "id"), owner_of(request), wanted, true, &err))
		return true;
	fail(request, &err);
	return false;
}

static bool suspend(struct request *request, bool wanted)
{
	const char *id = request_argument(request, "id"), *user = api_user(request);
	struct kl_error err;
	enum kl_status status = wanted ? kl_keypool_suspend(pool_of(request), id, user, &err)
				       : kl_keypool_resume(pool_of(request), id, user, &err);

	if (status)
		fail(request, &err);
	return !status;
}

void keys_change(struct request *request)
{
	const char *word = "", *consent = "";
	bool suspended = false;
	const struct api_field fields[] = {
		{ "share", .text = &word },
		{ "consent", .text = &consent },
		{ "suspended", .flag = &suspended },
	};
	bool shares = api_says(request, "share"), suspends = api_says(request, "suspended");

	if (!api_read(request, fields, KL_LENGTH(fields)))
		return;
	if (!shares && !suspends)
		api_error(request, API_INVALID, "nothing to change: send 'share' or 'suspended'");
	else if ((!shares || share(request, word, consent)) && (!suspends || suspend(request, suspended)))
		api_done(request, 200, "id", request_argument(request, "id"), "changed");
}

static void remove_key(struct request *request, const char *id)
{
	struct kl_error err;

	if (kl_keypool_remove(pool_of(request), id, api_user(request), &err))
		fail(request, &err);
	else
		api_done(request, 200, "id", id, "removed");
}

void keys_remove(struct request *request)
{
	remove_key(request, request_argument(request, "id"));
}

void keys_remove_only(struct request *request)
{
	struct kl_key_info *keys;
	struct kl_error err;
	size_t count;

	if (kl_keypool_list(&keys, &count, pool_of(request), owner_of(request), &err)) {
		fail(request, &err);
		return;
	}
	if (!count)
		api_error(request, API_NOT_FOUND, "%s", no_key);
	else if (count > 1)
		api_error(request, API_CONFLICT, "there are several keys: remove them with DELETE /api/keys/:id");
	else
		remove_key(request, keys[0].id);
	kl_key_infos_free(keys, count);
}

/* --- trying ------------------------------------------------------------------------------------------------------- */

void keys_validate(struct request *request)
{
	struct kl_keypool *pool = pool_of(request);
	struct kl_key_info *keys;
	const struct kl_key_info *key = NULL;
	struct kl_error err;
	size_t count;

	if (kl_keypool_list(&keys, &count, pool, api_user(request), &err)) {
		fail(request, &err);
		return;
	}
	for (size_t i = 0; i < count; i++)
		if (!strcmp(keys[i].id, request_argument(request, "id")))
			key = &keys[i];
	if (!key)
		api_error(request, API_NOT_FOUND, "%s", no_key);
	else if (!kl_instances_find(keys_instances(request->server->keys), key->instance))
		api_error(request, API_CONFLICT, "its instance '%s' is no longer there: POST /api/instances adds one",
			  key->instance);
	else
		keys_check(request->server->keys, request, key->id, api_user(request));
	kl_key_infos_free(keys, count);
}

void keys_validate_all(struct request *request)
{
	struct kl_error err;
	struct kl_buf body;
	size_t started;

	if (keys_check_all(request->server->keys, TRIALS_MAX, &started, &err)) {
		fail(request, &err);
		return;
	}
	api_begin(&body);
	kl_buf_addf(&body, "{\"started\":%zu}", started);
	api_end(request, 200, &body);
}
