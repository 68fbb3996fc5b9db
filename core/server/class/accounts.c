/* The part that has the people: opening and closing, forgetting what is over, and from where somebody asks. */

#include "core/server/class/accounts.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/hasher.h>
#include <kodelab/holders.h>
#include <kodelab/loop.h>

#include "core/server/eventlog.h"
#include "core/server/metrics.h"
#include "core/server/request.h"
#include "core/server/settings.h"

#define HOUSE_MS       (3600 * 1000)
#define HOUSE_FIRST_MS 60000 /* not while it starts */
#define MINUTE_MS      (60 * 1000)
#define FAILURES_MS    (15 * MINUTE_MS)
#define KEYS_MAX       65536 /* counted at the same time */
#define PATIENCE_MS    30000 /* for a hash */

static const char *const hasher_argv[] = { "/proc/self/exe", "hash-passwords", NULL };

static struct kl_password_cost cost_of(const struct server *server)
{
	return (struct kl_password_cost){
		.passes = (unsigned)settings_int(server->settings, "accounts.hash_passes"),
		.kib = (size_t)settings_int(server->settings, "accounts.hash_kib"),
	};
}

/* --- the part ------------------------------------------------------------------------------------------------------ */

static void keep_house(void *ctx)
{
	struct server *server = ctx;
	struct kl_error err;

	if (server_write(server, &err) ||
	    kl_store_accounts_forget(server->store, kl_clock_wall_ms(&server->clock), &err))
		eventlog(KL_LOG_ERROR, "not_forgotten", EVENTLOG_TEXT("error", err.message));
	server->accounts->house = kl_loop_add_timer(server->loop, HOUSE_MS, keep_house, server);
}

static enum kl_status open_part(struct server *server, struct kl_error *err)
{
	static const char *environment[2]; /* of the processes: what the sanitizers need, when they are there */
	struct accounts *accounts = kl_calloc(1, sizeof(*accounts));
	struct kl_hasher_spec spec = { .argv = hasher_argv,
				       .env = environment,
				       .workers = (size_t)settings_int(server->settings, "accounts.hash_workers"),
				       .queue_max = (size_t)settings_int(server->settings, "accounts.hash_queue"),
				       .patience_ms = PATIENCE_MS,
				       .cost = cost_of(server) };
	enum kl_status status;

	environment[0] = getenv("ASAN_OPTIONS") ? kl_format("ASAN_OPTIONS=%s", getenv("ASAN_OPTIONS")) : NULL;
	server->accounts = accounts;
	accounts->holders = kl_holders_new();
	accounts->failures = kl_limiter_new(FAILURES_MS, KEYS_MAX);
	accounts->requests = kl_limiter_new(MINUTE_MS, KEYS_MAX);
	accounts->submissions = kl_limiter_new(MINUTE_MS, KEYS_MAX);
	accounts->codes = kl_limiter_new(MINUTE_MS, KEYS_MAX);
	accounts->places = kl_limiter_new(KL_DEVICE_MS, KEYS_MAX);
	accounts->page = device_page_new();
	accounts->github = github_new(server);
	status = kl_hasher_open(&accounts->hasher, server->loop, &spec, err);
	if (!status)
		accounts->house = kl_loop_add_timer(server->loop, HOUSE_FIRST_MS, keep_house, server);
	return status;
}

static void reload_part(struct server *server)
{
	const struct kl_password_cost cost = cost_of(server);

	kl_hasher_cost(server->accounts->hasher, &cost);
}

static void close_part(struct server *server)
{
	struct accounts *accounts = server->accounts;

	if (!accounts)
		return;
	kl_timer_cancel(accounts->house);
	kl_hasher_close(accounts->hasher); /* who waits gets an answer */
	github_free(accounts->github);
	kl_holders_free(accounts->holders);
	kl_limiter_free(accounts->failures);
	kl_limiter_free(accounts->requests);
	kl_limiter_free(accounts->submissions);
	kl_limiter_free(accounts->codes);
	kl_limiter_free(accounts->places);
	device_page_free(accounts->page);
	free(accounts);
	server->accounts = NULL;
}

const struct server_part accounts_part = {
	.name = "accounts",
	.open = open_part,
	.reload = reload_part,
	.close = close_part,
};

void accounts_metrics(const struct server *server, struct kl_buf *body)
{
	struct kl_hasher_figures figures;

	kl_hasher_figures(&figures, server->accounts->hasher);
	metrics_counter(body, "kodelabd_password_hashes_total", "Passwords hashed", figures.done);
	metrics_counter(body, "kodelabd_password_hashes_refused_total", "Not hashed, because too many waited",
			figures.refused);
	metrics_counter(body, "kodelabd_password_hashes_failed_total", "Not hashed, because a process failed",
			figures.failed);
	metrics_gauge(body, "kodelabd_password_hashes_waiting", "Passwords that wait to be hashed",
		      (double)figures.waiting);
}

/* --- from where ---------------------------------------------------------------------------------------------------- */

/* The last address of the header is what our proxy saw; those before it are what it was told. */
static void last_hop(char from[FROM_SIZE], const char *hops)
{
	const char *last = strrchr(hops, ',');
	size_t len;

	last = last ? last + 1 : hops;
	last += strspn(last, " ");
	len = strspn(last, "0123456789abcdefABCDEF.:");
	if (len && len < FROM_SIZE && !last[len + strspn(last + len, " ")]) {
		memcpy(from, last, len);
		from[len] = '\0';
	}
}

void accounts_from(char from[FROM_SIZE], const struct request *request)
{
	const char *proxies = settings_string(request->server->settings, "access.proxies");
	const char *hops = request_header(request, "X-Forwarded-For");

	peer_text(&request->peer, from, FROM_SIZE);
	if (hops && *proxies && peer_in(&request->peer, proxies))
		last_hop(from, hops);
}

void accounts_site(char site[FROM_SIZE], const struct request *request)
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6 };
	struct peer peer;

	accounts_from(site, request);
	if (inet_pton(AF_INET6, site, &address.sin6_addr) != 1)
		return;
	peer = peer_of((const struct sockaddr *)(const void *)&address);
	peer = peer_site(&peer);
	peer_text(&peer, site, FROM_SIZE);
}

/* --- wrong passwords ----------------------------------------------------------------------------------------------- */

/*
 * Counted for an address and an account together: a class behind one address does not lock itself out, and nobody elsewhere
 * can lock somebody out of his account. Counted when a try begins, so that many at the same time are many.
 */
static char *pair_of(const struct hashing *hashing, bool by_code)
{
	return kl_format("%s %s%s", hashing->site, hashing->key, by_code ? " code" : "");
}

bool attempt_begins(struct hashing *hashing)
{
	struct request *request = hashing->request;
	char *pair = pair_of(hashing, hashing->by_code);
	struct kl_limit limit;

	kl_limiter_take(&limit, request->server->accounts->failures, pair,
			settings_int(request->server->settings, "accounts.login_failures"), 1, kl_clock_mono_ms());
	free(pair);
	hashing->counted = !limit.refused;
	if (limit.refused)
		rates_refuse(request, limit.reset_ms,
			     hashing->by_code ? "too many wrong codes for this name from this address: wait a while"
					      : "too many wrong passwords for this name from this address: wait a "
						"while, or ask your instructor for a reset code");
	return !limit.refused;
}

void attempt_is_none(struct hashing *hashing)
{
	char *pair;

	if (!hashing->counted)
		return;
	pair = pair_of(hashing, hashing->by_code);
	kl_limiter_give_back(hashing->request->server->accounts->failures, pair, 1);
	free(pair);
	hashing->counted = false;
}

/* A password that was just chosen by a code may be tried: the wrong ones were others. */
void attempt_succeeds(struct hashing *hashing)
{
	struct kl_limiter *failures = hashing->request->server->accounts->failures;
	char *password = pair_of(hashing, false), *code = pair_of(hashing, true);

	kl_limiter_clear(failures, password);
	if (hashing->by_code)
		kl_limiter_clear(failures, code);
	free(password);
	free(code);
	hashing->counted = false;
}
