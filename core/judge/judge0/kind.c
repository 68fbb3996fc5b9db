/* The kinds of instances: a row says how one gets in. Doors and quotas are made from the rows. */

#include "core/judge/judge0/instance_int.h"

#include <ctype.h>
#include <strings.h>

#include <kodelab/alloc.h>

/* AllThingsDev wants to be told the route by an id of its own; as in the official Python client. */
static const char *const allthingsdev_routes[KL_ROUTE_COUNT] = {
	[KL_ROUTE_ABOUT] = "01fc1c98-ceee-4f49-8614-f2214703e25f",
	[KL_ROUTE_CONFIG] = "b7aab45d-5eb0-4519-b092-89e5af4fc4f3",
	[KL_ROUTE_LANGUAGE] = "a50ae6b1-23c1-40eb-b34c-88bc8cf2c764",
	[KL_ROUTE_LANGUAGES] = "03824deb-bd18-4456-8849-69d78e1383cc",
	[KL_ROUTE_CREATE] = "6e65686d-40b0-4bf7-a12f-1f6d033c4473",
	[KL_ROUTE_GET] = "b7032b8b-86da-40b4-b9d3-b1f5e2b4ee1e",
	[KL_ROUTE_CREATE_BATCH] = "402b857c-1126-4450-bfd8-22e1f2cbff2f",
	[KL_ROUTE_GET_BATCH] = "e42f2a26-5b02-472a-80c9-61c4bdae32ec",
};

static const struct kl_instance_kind kinds[] = {
	{
		.word = "self-hosted",
		.title = "Judge0 or kodelabd on a machine of your own",
		.key_header = "X-Auth-Token",
		.user_header = "X-Auth-User",
		.weight = 10,
	},
	{
		.word = "rapidapi",
		.title = "Judge0 CE at RapidAPI",
		.url = "https://judge0-ce.p.rapidapi.com",
		.key_header = "X-RapidAPI-Key",
		.host_header = "X-RapidAPI-Host",
		.host = "judge0-ce.p.rapidapi.com",
		.needs_key = true,
		.metered = true,
		.weight = 2,
	},
	{
		.word = "allthingsdev",
		.title = "Judge0 CE at AllThingsDev",
		.url = "https://judge0-ce.proxy-production.allthingsdev.co",
		.key_header = "x-apihub-key",
		.host_header = "x-apihub-host",
		.host = "Judge0-CE.allthingsdev.co",
		.route_header = "x-apihub-endpoint",
		.routes = allthingsdev_routes,
		.needs_key = true,
		.metered = true,
		.weight = 2,
	},
};

size_t kl_instance_kind_count(void)
{
	return KL_LENGTH(kinds);
}

const struct kl_instance_kind *kl_instance_kind_at(size_t index)
{
	return index < KL_LENGTH(kinds) ? &kinds[index] : NULL;
}

const struct kl_instance_kind *kl_instance_kind_find(const char *word)
{
	for (size_t i = 0; i < KL_LENGTH(kinds); i++)
		if (!strcmp(kinds[i].word, word))
			return &kinds[i];
	return NULL;
}

/* --- doors -------------------------------------------------------------------------------------------------------- */

static void add_header(struct kl_instance_door *door, const char *name, const char *value, bool secret)
{
	if (name && *name && value && *value)
		door->headers[door->header_count++] = (struct kl_http_header){ name, value, secret };
}

enum kl_status kl_instance_open_door(struct kl_instance_door *out, const struct kl_instance *instance,
				     enum kl_instance_route route, const char *path, const char *key,
				     struct kl_error *err)
{
	const struct kl_instance_kind *kind = instance->kind;

	if (kind->routes && !kind->routes[route])
		return kl_fail(err, KL_ENOENT, "%s does not offer %.*s", kind->title, (int)strcspn(path, "?"), path);
	*out = (struct kl_instance_door){ .url = kl_format("%s%s", instance->spec.url, path) };
	add_header(out, "Accept", "application/json", false); /* else errors have empty bodies */
	add_header(out, instance->spec.key_header, key, true);
	add_header(out, kind->host_header, instance->spec.host, false);
	add_header(out, kind->route_header, kind->routes ? kind->routes[route] : NULL, false);
	return KL_OK;
}

void kl_instance_door_user(struct kl_instance_door *door, const struct kl_instance *instance, const char *secret)
{
	add_header(door, instance->spec.user_header, secret, true);
}

void kl_instance_close_door(struct kl_instance_door *door)
{
	free(door->url);
	door->url = NULL;
}

/* --- quotas ------------------------------------------------------------------------------------------------------- */

static int64_t number_of(const struct kl_http_result *result, const char *name)
{
	const char *value = kl_http_header(result, name);
	char *end;
	long long number;

	if (!value || !isdigit((unsigned char)*value))
		return -1;
	number = strtoll(value, &end, 10);
	return *end && *end != '.' ? -1 : number;
}

/* Seconds from now in the documentation, a Unix time with some: nothing is as far away as 2001. */
static int64_t reset_of(int64_t seconds, int64_t wall_ms)
{
	if (seconds < 0 || seconds > INT64_C(100000000000))
		return -1;
	return seconds > 1000000000 ? seconds * 1000 : wall_ms + seconds * 1000;
}

void kl_instance_quota(struct kl_key_outcome *out, const struct kl_instance *instance,
		       const struct kl_http_result *result, int64_t requests, int64_t wall_ms)
{
	static const char *const objects[] = { "Submissions", "Requests" }; /* the narrower one first */
	char name[64];

	*out = (struct kl_key_outcome){
		.http_status = result->status,
		.requests = requests * result->sends,
		.quota_limit = -1,
		.quota_remaining = -1,
		.quota_reset_ms = -1,
	};
	for (size_t i = 0; instance->kind->metered && i < KL_LENGTH(objects) && out->quota_limit < 0; i++) {
		snprintf(name, sizeof(name), "X-RateLimit-%s-Limit", objects[i]);
		out->quota_limit = number_of(result, name);
		snprintf(name, sizeof(name), "X-RateLimit-%s-Remaining", objects[i]);
		out->quota_remaining = number_of(result, name);
		snprintf(name, sizeof(name), "X-RateLimit-%s-Reset", objects[i]);
		out->quota_reset_ms = reset_of(number_of(result, name), wall_ms);
	}
}
