/* How often a user may ask: so many requests, and so many submissions, in a minute that begins with the first. */

#include <kodelab/alloc.h>

#include "core/server/api.h"
#include "core/server/class/accounts.h"
#include "core/server/request.h"
#include "core/server/settings.h"

#define PLACE_MS 60000 /* until some have become free */

static int64_t seconds(int64_t ms)
{
	return (ms + 999) / 1000;
}

void rates_refuse(struct request *request, int64_t wait_ms, const char *message)
{
	answer_header(request, "Retry-After", "%lld", (long long)(seconds(wait_ms) > 0 ? seconds(wait_ms) : 1));
	if (api_is_path(request))
		api_error(request, API_TOO_MANY, "%s", message);
	else
		device_page_refuse(request, 429, message);
}

/* X-RateLimit-Reset is a time in seconds since 1970, as most servers have it. */
static void tell(struct request *request, const struct kl_limit *limit)
{
	int64_t reset_ms = kl_clock_wall_ms(&request->server->clock) + limit->reset_ms;

	answer_header(request, "X-RateLimit-Limit", "%lld", (long long)limit->limit);
	answer_header(request, "X-RateLimit-Remaining", "%lld", (long long)limit->left);
	answer_header(request, "X-RateLimit-Reset", "%lld", (long long)seconds(reset_ms));
}

bool rates_pass(struct request *request)
{
	int64_t most = settings_int(request->server->settings, "accounts.requests_per_minute");
	struct kl_limit limit;

	if (!most || !*request->actor.id)
		return true;
	kl_limiter_take(&limit, request->server->accounts->requests, request->actor.id, most, 1, kl_clock_mono_ms());
	tell(request, &limit);
	if (limit.refused)
		rates_refuse(request, limit.reset_ms, "too many requests in one minute: wait for Retry-After seconds");
	return !limit.refused;
}

bool rates_take_submissions(struct request *request, int64_t count)
{
	int64_t most = settings_int(request->server->settings, "accounts.submissions_per_minute");
	struct kl_limit limit;

	if (!most || !*request->actor.id)
		return true;
	kl_limiter_take(&limit, request->server->accounts->submissions, request->actor.id, most, count,
			kl_clock_mono_ms());
	if (limit.refused)
		rates_refuse(request, limit.reset_ms,
			     "too many submissions in one minute: wait for Retry-After seconds");
	return !limit.refused;
}

bool rates_begin(struct request *request, const char *what, int64_t most)
{
	char site[FROM_SIZE], *key;
	struct kl_limit limit;

	accounts_site(site, request);
	key = kl_format("%s %s", what, site);
	kl_limiter_take(&limit, request->server->accounts->codes, key, most, 1, kl_clock_mono_ms());
	free(key);
	if (limit.refused)
		rates_refuse(request, limit.reset_ms, "too many terminals begin here: wait for Retry-After seconds");
	return !limit.refused;
}

bool rates_has_place(struct request *request, int64_t left)
{
	struct kl_limit limit;
	char site[FROM_SIZE];

	accounts_site(site, request);
	kl_limiter_take(&limit, request->server->accounts->places, site, left, 1, kl_clock_mono_ms());
	if (limit.refused)
		rates_refuse(request, PLACE_MS, "too many terminals ask to be let in: wait for Retry-After seconds");
	return !limit.refused;
}
