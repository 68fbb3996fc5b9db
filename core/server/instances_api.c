/* Judges elsewhere, over HTTP: which there are, how they fare, adding, removing, asking. */

#include <kodelab/alloc.h>
#include <kodelab/instance.h>

#include "core/server/api.h"
#include "core/server/class/accounts.h"
#include "core/server/judge0.h"
#include "core/server/jsonout.h"
#include "core/server/keys.h"
#include "core/server/request.h"
#include "core/server/server.h"

#define WEIGHT_WRONG 1000 /* beyond what may be: the registry says so */

static const char *const breakers[] = {
	[KL_BREAKER_CLOSED] = "closed",
	[KL_BREAKER_OPEN] = "open",
	[KL_BREAKER_HALF_OPEN] = "half-open",
};

static struct kl_instances *registry_of(const struct request *request)
{
	return keys_instances(request->server->keys);
}

/* --- showing ------------------------------------------------------------------------------------------------------ */

/* Not told is null. */
static void show_count(struct kl_buf *body, const char *name, int64_t count)
{
	if (count >= 0)
		jsonout_int(body, name, count);
	else
		jsonout_text(body, name, NULL);
}

static const char *or_null(const char *text)
{
	return *text ? text : NULL;
}

static void show_health(struct kl_buf *body, const struct kl_instance *instance)
{
	struct kl_instance_health health;
	size_t languages = 0;

	kl_instance_health(&health, instance);
	kl_instance_languages(instance, &languages);
	jsonout_text(body, "version", or_null(health.version));
	jsonout_text(body, "warning", or_null(*health.warning ? health.warning : kl_instance_warning(instance)));
	api_time(body, "probed_at", health.probed_ms);
	jsonout_int(body, "languages", (int64_t)languages);
	show_count(body, "workers", health.workers);
	show_count(body, "idle", health.idle);
	show_count(body, "queued", health.queued);
	jsonout_int(body, "in_flight", health.in_flight);
	jsonout_int(body, "latency_us", health.latency_us);
	jsonout_text(body, "breaker", breakers[health.breaker]);
	api_time(body, "open_until", health.breaker == KL_BREAKER_OPEN ? health.open_until_ms : 0);
	jsonout_text(body, "last_failure", or_null(health.last_failure));
}

/* The address is for the administrator: it may hold what is not for everybody. */
static void show_instance(struct kl_buf *body, const struct request *request, const struct kl_instance *instance)
{
	const struct kl_instance_spec *spec = kl_instance_spec(instance);

	jsonout_object(body, NULL);
	jsonout_text(body, "name", spec->name);
	jsonout_text(body, "kind", spec->kind);
	if (!api_user(request)) {
		jsonout_text(body, "url", spec->url);
		jsonout_int(body, "weight", spec->weight);
	}
	api_bool(body, "needs_key", kl_instance_kind(instance)->needs_key);
	show_health(body, instance);
	kl_buf_add_char(body, '}');
}

static void answer_instance(struct request *request, int status, const struct kl_instance *instance)
{
	struct kl_buf body;

	request_durable(request);
	api_begin(&body);
	show_instance(&body, request, instance);
	api_end(request, status, &body);
}

void instances_list(struct request *request)
{
	struct kl_instances *registry = registry_of(request);
	struct api_list list;

	api_list_begin(&list, request);
	for (size_t i = 0; i < kl_instances_count(registry); i++)
		show_instance(&list.body, request, kl_instances_at(registry, i));
	api_list_end(&list, KL_OK);
}

/* The registry speaks of commands of the lab; here it is routes. */
static void fail(struct request *request, const struct kl_error *err)
{
	if (err->status == KL_ENOENT)
		api_error(request, API_NOT_FOUND, "there is no such instance: GET /api/instances lists them");
	else if (err->status == KL_EEXIST)
		api_error(request, API_CONFLICT, "there is an instance of this name: remove it first");
	else
		api_fail(request, err);
}

/* --- changing ----------------------------------------------------------------------------------------------------- */

static bool read_spec(struct request *request, struct kl_instance_spec *spec)
{
	int64_t weight = 0;
	const struct api_field fields[] = {
		{ "name", .text = &spec->name },
		{ "kind", .text = &spec->kind },
		{ "url", .text = &spec->url },
		{ "key_header", .text = &spec->key_header },
		{ "user_header", .text = &spec->user_header },
		{ "host", .text = &spec->host },
		{ "ca_file", .text = &spec->ca_file },
		{ "proxy", .text = &spec->proxy },
		{ "weight", .number = &weight },
	};

	*spec = (struct kl_instance_spec){ .name = "", .kind = "self-hosted" };
	if (!api_read(request, fields, KL_LENGTH(fields)))
		return false;
	spec->weight = weight > WEIGHT_WRONG ? WEIGHT_WRONG : (int)weight;
	return true;
}

void instances_add(struct request *request)
{
	struct kl_instances *registry = registry_of(request);
	struct keys *keys = request->server->keys;
	struct kl_instance_spec spec;
	struct kl_error err;
	enum kl_status status;

	if (!read_spec(request, &spec))
		return;
	status = keys_change_begin(keys, &err);
	if (!status) {
		status = kl_instances_add(registry, &spec, NULL, &err);
		if (!status)
			status = audit_note(request, "instance.add", spec.name, &err, "%s", spec.kind);
		status = keys_change_end(keys, status, &err);
	}
	if (status) {
		fail(request, &err);
		return;
	}
	answer_instance(request, 201, kl_instances_find(registry, spec.name));
	judge0_learn(request->server->judge0);
}

void instances_remove(struct request *request)
{
	const char *name = request_argument(request, "name");
	struct keys *keys = request->server->keys;
	struct kl_error err;
	enum kl_status status = keys_change_begin(keys, &err);

	if (!status) {
		status = kl_instances_remove(registry_of(request), name, &err);
		if (!status)
			status = audit_note(request, "instance.remove", name, &err, "taken away");
		status = keys_change_end(keys, status, &err);
	}
	if (status)
		fail(request, &err);
	else
		api_done(request, 200, "name", name, "removed");
}

/* --- asking it ---------------------------------------------------------------------------------------------------- */

static void on_probed(void *ctx, struct kl_instance *instance, const struct kl_error *error)
{
	struct request *request = ctx;

	if (error->status)
		api_error_with(request, API_CONFLICT, "instance", kl_instance_spec(instance)->name, error->message);
	else
		answer_instance(request, 200, instance);
	request_answered(request);
}

void instances_probe(struct request *request)
{
	struct kl_instance *instance = kl_instances_find(registry_of(request), request_argument(request, "name"));
	struct kl_instance_ask *asking;
	struct kl_error err;

	if (!instance)
		api_error(request, API_NOT_FOUND, "there is no such instance: GET /api/instances lists them");
	else if (kl_instance_probe(&asking, instance, on_probed, request, &err))
		api_fail(request, &err);
	else
		request_wait(request, NULL, NULL);
}
