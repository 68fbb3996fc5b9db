/*
 * Analytics over HTTP: the counts of kodelab/store_stats.h beside what the catalogue knows of the challenges. Nothing here looks
 * at works. How a student fares is in analytics_student.c.
 */

#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/catalogue.h>
#include <kodelab/store_stats.h>

#include "core/server/api.h"
#include "core/server/class/analytics.h"
#include "core/server/class/kept_packs.h"
#include "core/server/class/packs.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"
#include "core/server/route.h"
#include "core/server/server.h"

#define FAILED_MOST 20

/* --- weeks, and shares ------------------------------------------------------------------------------------------- */

void analytics_number(struct kl_buf *body, const char *name, double value)
{
	jsonout_key(body, name);
	jsonout_float(body, value);
}

double analytics_percent(int64_t part, int64_t whole)
{
	return whole > 0 ? (double)(int64_t)(1000.0 * (double)part / (double)whole + 0.5) / 10 : 0;
}

void analytics_week(void *ctx, int64_t at, int64_t works, int64_t passed, int64_t solved)
{
	struct kl_buf *body = ctx;

	jsonout_object(body, NULL);
	api_time(body, "from", kl_stats_week_begins_ms(at));
	jsonout_int(body, "submissions", works);
	jsonout_int(body, "passed", passed);
	jsonout_int(body, "solved", solved);
	kl_buf_add_char(body, '}');
}

int64_t analytics_weeks_ago(const struct request *request, int64_t weeks)
{
	return kl_stats_week(kl_clock_wall_ms(&request->server->clock)) - weeks + 1;
}

/* --- all challenges ----------------------------------------------------------------------------------------------- */

struct overview {
	struct api_list list;
	const struct packs *packs;
	const char *pack; /* of this one alone; NULL: all */
	struct hidden_packs hidden;
};

static void show_stats(struct kl_buf *body, const struct kl_challenge_stats *stats)
{
	jsonout_int(body, "submissions", stats->works);
	jsonout_int(body, "passed", stats->passed);
	analytics_number(body, "pass_percent", analytics_percent(stats->passed, stats->works));
	jsonout_int(body, "tried", stats->tried);
	jsonout_int(body, "solved", stats->solved);
	analytics_number(body, "solved_percent", analytics_percent(stats->solved, stats->tried));
	api_time(body, "last", stats->last_ms);
}

static void take_challenge(void *ctx, const char *pack, const char *slug, const struct kl_challenge_stats *stats)
{
	struct overview *overview = ctx;
	const struct kl_entry *entry = packs_entry(overview->packs, pack, slug);
	struct kl_buf *body = &overview->list.body;

	if ((overview->pack && strcmp(overview->pack, pack) != 0) || hidden_packs_has(&overview->hidden, pack) ||
	    !api_list_next(&overview->list))
		return;
	jsonout_object(body, NULL);
	jsonout_text(body, "pack", pack);
	jsonout_text(body, "slug", slug);
	jsonout_text(body, "title", entry ? entry->title : NULL);
	show_stats(body, stats);
	kl_buf_add_char(body, '}');
}

/* Most tried first. */
static void analytics_challenges(struct request *request)
{
	struct overview overview = { .packs = packs_of(request->server), .pack = request_query(request, "pack") };
	struct api_list *list = &overview.list;

	if (!hidden_packs_ask(&overview.hidden, request))
		return;
	if (api_list_begin_page(list, request))
		api_list_end(list,
			     kl_store_stats_challenges(request->server->store, take_challenge, &overview, &list->err));
	hidden_packs_release(&overview.hidden);
}

/* --- one challenge ------------------------------------------------------------------------------------------------ */

/* The kinds of counts are told one after the other; each becomes a list of its own. */
struct counting {
	struct kl_buf verdicts, tests, tries, times;
	int tests_left;
};

static void add_count(struct kl_buf *list, const char *key, const char *name, const char *count, int64_t total)
{
	jsonout_object(list, NULL);
	if (strspn(name, "0123456789") == strlen(name) && *name)
		jsonout_int(list, key, strtoll(name, NULL, 10));
	else
		jsonout_text(list, key, name);
	jsonout_int(list, count, total);
	kl_buf_add_char(list, '}');
}

static void take_time(struct kl_buf *list, const char *language, const char *power, int64_t total)
{
	jsonout_object(list, NULL);
	jsonout_text(list, "language", language);
	jsonout_int(list, "up_to_ms", INT64_C(1) << strtoll(power, NULL, 10));
	jsonout_int(list, "submissions", total);
	kl_buf_add_char(list, '}');
}

static void take_test(struct counting *counting, const char *id, int64_t total)
{
	if (!counting->tests_left)
		return;
	counting->tests_left--;
	jsonout_object(&counting->tests, NULL);
	jsonout_text(&counting->tests, "test", id);
	jsonout_int(&counting->tests, "submissions", total);
	kl_buf_add_char(&counting->tests, '}');
}

static void take_count(void *ctx, const char *what, const char *name, int64_t total)
{
	struct counting *counting = ctx;

	if (!strcmp(what, "verdict"))
		add_count(&counting->verdicts, "verdict", name, "submissions", total);
	else if (!strcmp(what, "test"))
		take_test(counting, name, total);
	else if (!strcmp(what, "tries"))
		add_count(&counting->tries, "submissions", name, "students", total);
	else if (!strncmp(what, "time:", 5))
		take_time(&counting->times, what + 5, name, total);
}

static void put_list(struct kl_buf *body, const char *name, struct kl_buf *list)
{
	jsonout_key(body, name);
	kl_buf_add(body, list->data, list->len);
	kl_buf_add_char(body, ']');
	kl_buf_release(list);
}

static enum kl_status show_counts(struct kl_buf *body, struct kl_store *store, const char *pack, const char *slug,
				  struct kl_error *err)
{
	struct counting counting = { .tests_left = FAILED_MOST };
	struct kl_buf *lists[] = { &counting.verdicts, &counting.tests, &counting.tries, &counting.times };
	enum kl_status status;

	for (size_t i = 0; i < KL_LENGTH(lists); i++) {
		answer_begin(lists[i]);
		kl_buf_add_char(lists[i], '[');
	}
	status = kl_store_stats_counts(store, pack, slug, take_count, &counting, err);
	put_list(body, "verdicts", &counting.verdicts);
	put_list(body, "failed_tests", &counting.tests);
	put_list(body, "tries", &counting.tries);
	put_list(body, "times", &counting.times);
	return status;
}

static enum kl_status show_challenge(struct kl_buf *body, struct request *request, const struct kl_entry *entry,
				     struct kl_error *err)
{
	struct kl_store *store = request->server->store;
	struct kl_challenge_stats stats;
	enum kl_status status = kl_store_stats_challenge(&stats, store, entry->pack, entry->slug, err);

	if (status)
		return status;
	jsonout_text(body, "pack", entry->pack);
	jsonout_text(body, "slug", entry->slug);
	jsonout_text(body, "title", entry->title);
	show_stats(body, &stats);
	status = show_counts(body, store, entry->pack, entry->slug, err);
	if (status)
		return status;
	jsonout_list(body, "weeks");
	status = kl_store_stats_weeks(store, entry->pack, entry->slug, analytics_weeks_ago(request, ANALYTICS_WEEKS),
				      analytics_week, body, err);
	kl_buf_add_char(body, ']');
	return status;
}

static void analytics_challenge(struct request *request)
{
	const struct kl_entry *entry = packs_entry(packs_of(request->server), request_argument(request, "pack"),
						   request_argument(request, "slug"));
	struct kl_error err;
	struct kl_buf body;

	if (!entry || !kept_packs_show(request, entry->pack)) {
		api_error(request, API_NOT_FOUND, API_NOT_THERE);
		return;
	}
	api_begin(&body);
	kl_buf_add_char(&body, '{');
	if (show_challenge(&body, request, entry, &err)) {
		kl_buf_release(&body);
		api_fail(request, &err);
		return;
	}
	kl_buf_add_char(&body, '}');
	api_end(request, 200, &body);
}

/* --- routes ------------------------------------------------------------------------------------------------------- */

/* clang-format off */
static const struct route rows[] = {
	{ "GET", "/api/analytics/me",                     0, analytics_me,         ACCESS_SIGNED_IN },
	{ "GET", "/api/analytics/instructor/challenges",  0, analytics_challenges, ACCESS_INSTRUCTOR },
	{ "GET", "/api/analytics/challenge/:pack/:slug",  0, analytics_challenge,  ACCESS_INSTRUCTOR },
};
/* clang-format on */

const struct route_area analytics_area = { "/api/analytics", rows, KL_LENGTH(rows) };
