/*
 * Analytics over HTTP: the counts of kodelab/store_stats.h beside what the catalogue knows of the challenges. Nothing here looks
 * at works, but for the ten newest of a student.
 */

#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/catalogue.h>
#include <kodelab/store_learner.h>
#include <kodelab/store_stats.h>
#include <kodelab/store_works.h>

#include "core/server/api.h"
#include "core/server/class/analytics.h"
#include "core/server/class/kept_packs.h"
#include "core/server/class/packs.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"
#include "core/server/route.h"
#include "core/server/server.h"

#define RECENT       10
#define WEEKS        26
#define FAILED_MOST  20
#define PROGRESS_MAX 20000 /* challenges of one student that are looked at */

/* --- weeks, and shares ------------------------------------------------------------------------------------------- */

static void number(struct kl_buf *body, const char *name, double value)
{
	jsonout_key(body, name);
	jsonout_float(body, value);
}

/* Parts of whole in percent, one decimal; nothing of nothing is 0. */
static double percent(int64_t part, int64_t whole)
{
	return whole > 0 ? (double)(int64_t)(1000.0 * (double)part / (double)whole + 0.5) / 10 : 0;
}

static void week(void *ctx, int64_t at, int64_t works, int64_t passed, int64_t solved)
{
	struct kl_buf *body = ctx;

	jsonout_object(body, NULL);
	api_time(body, "from", kl_stats_week_begins_ms(at));
	jsonout_int(body, "submissions", works);
	jsonout_int(body, "passed", passed);
	jsonout_int(body, "solved", solved);
	kl_buf_add_char(body, '}');
}

static int64_t weeks_ago(const struct request *request, int64_t weeks)
{
	return kl_stats_week(kl_clock_wall_ms(&request->server->clock)) - weeks + 1;
}

/* --- a student ---------------------------------------------------------------------------------------------------- */

struct group { /* challenges of a category or a difficulty */
	const char *name;
	int64_t total, tried, solved, spent_ms, timed; /* timed: solved ones with a known time */
};

struct student {
	struct kl_user_progress *rows; /* by pack and slug */
	size_t count, capacity;
	struct group *categories;
	size_t category_count;
	struct group difficulties[KL_DIFFICULTY_COUNT];
	struct group all;
};

static void student_release(struct student *student)
{
	for (size_t i = 0; i < student->count; i++)
		kl_user_progress_release(&student->rows[i]);
	free(student->rows);
	free(student->categories);
}

static void keep_progress(void *ctx, const struct kl_user_progress *row)
{
	struct student *student = ctx;
	struct kl_user_progress *kept;

	KL_GROW(student->rows, student->count, student->capacity);
	kept = &student->rows[student->count++];
	*kept = *row;
	kept->pack = kl_strdup(row->pack);
	kept->slug = kl_strdup(row->slug);
}

static enum kl_status read_progress(struct student *student, struct request *request, struct kl_error *err)
{
	const struct kl_user_progress_wanted wanted = { .user = request->actor.id, .max = PROGRESS_MAX };

	return kl_store_user_progress_list(NULL, request->server->store, &wanted, keep_progress, student, err);
}

static int by_subject(const void *a, const void *b)
{
	const struct kl_user_progress *one = a, *two = b;
	int order = strcmp(one->pack, two->pack);

	return order ? order : strcmp(one->slug, two->slug);
}

static void add_to(struct group *group, const struct kl_user_progress *row)
{
	bool solved = row && row->state == KL_COMPLETED;

	group->total++;
	group->tried += row && row->state != KL_NOT_STARTED;
	group->solved += solved;
	if (solved && row->spent_ms > 0) {
		group->timed++;
		group->spent_ms = kl_sum_ms(group->spent_ms, row->spent_ms);
	}
}

static struct group *category_of(struct student *student, const char *name)
{
	for (size_t i = 0; i < student->category_count; i++)
		if (!strcmp(student->categories[i].name, name))
			return &student->categories[i];
	return NULL;
}

/* Categories that have nothing for him are not told. */
static void forget_empty(struct student *student)
{
	size_t kept = 0;

	for (size_t i = 0; i < student->category_count; i++)
		if (student->categories[i].total)
			student->categories[kept++] = student->categories[i];
	student->category_count = kept;
}

/* What is published for him, and how far he is with it. */
static void group_all(struct student *student, const struct kl_catalogue *catalogue, const struct hidden_packs *hidden)
{
	const char *const *names = kl_catalogue_categories(catalogue);

	while (names[student->category_count])
		student->category_count++;
	student->categories = kl_calloc(student->category_count + 1, sizeof(*student->categories));
	for (size_t i = 0; i < student->category_count; i++)
		student->categories[i].name = names[i];
	for (int i = 0; i < KL_DIFFICULTY_COUNT; i++)
		student->difficulties[i].name = kl_difficulty_name((enum kl_difficulty)i);
	for (size_t i = 0; i < kl_catalogue_count(catalogue); i++) {
		const struct kl_entry *entry = kl_catalogue_at(catalogue, i);
		const struct kl_user_progress key = { .pack = entry->pack, .slug = entry->slug };
		const struct kl_user_progress *row =
			student->count ? bsearch(&key, student->rows, student->count, sizeof(key), by_subject) : NULL;
		struct group *category = category_of(student, entry->category);

		if (hidden_packs_has(hidden, entry->pack))
			continue;
		add_to(&student->all, row);
		add_to(&student->difficulties[entry->difficulty], row);
		if (category)
			add_to(category, row);
	}
	forget_empty(student);
}

static void show_group(struct kl_buf *body, const struct group *group)
{
	jsonout_object(body, NULL);
	jsonout_text(body, "name", group->name);
	jsonout_int(body, "total", group->total);
	jsonout_int(body, "tried", group->tried);
	jsonout_int(body, "solved", group->solved);
	jsonout_int(body, "average_ms", group->timed ? group->spent_ms / group->timed : 0);
	kl_buf_add_char(body, '}');
}

static void show_groups(struct kl_buf *body, const struct student *student)
{
	jsonout_list(body, "categories");
	for (size_t i = 0; i < student->category_count; i++)
		show_group(body, &student->categories[i]);
	kl_buf_add_char(body, ']');
	jsonout_list(body, "difficulties");
	for (int i = 0; i < KL_DIFFICULTY_COUNT; i++)
		show_group(body, &student->difficulties[i]);
	kl_buf_add_char(body, ']');
}

struct days { /* becomes weeks, and sums */
	struct kl_buf *body;
	int64_t week, works, passed, solved; /* of the week so far */
	int64_t all_works, all_passed;
};

static void flush_week(struct days *days)
{
	if (days->works)
		week(days->body, days->week, days->works, days->passed, days->solved);
	days->works = days->passed = days->solved = 0;
}

static void take_day(void *ctx, int64_t day, int64_t works, int64_t passed, int64_t solved)
{
	int64_t at = kl_stats_week(day * INT64_C(86400000));
	struct days *days = ctx;

	if (at != days->week)
		flush_week(days);
	days->week = at;
	days->works += works;
	days->passed += passed;
	days->solved += solved;
}

static enum kl_status show_weeks(struct kl_buf *body, struct request *request, struct kl_error *err)
{
	int64_t from_ms = kl_stats_week_begins_ms(weeks_ago(request, WEEKS));
	struct days days = { .body = body };
	enum kl_status status;

	jsonout_list(body, "weeks");
	status = kl_store_stats_days(request->server->store, request->actor.id, kl_stats_day(from_ms), take_day, &days,
				     err);
	flush_week(&days);
	kl_buf_add_char(body, ']');
	return status;
}

struct languages {
	struct kl_buf *body;
	int64_t works, passed;
};

static void take_language(void *ctx, const char *language, int64_t works, int64_t passed)
{
	struct languages *all = ctx;

	jsonout_object(all->body, NULL);
	jsonout_text(all->body, "language", language);
	jsonout_int(all->body, "submissions", works);
	jsonout_int(all->body, "passed", passed);
	kl_buf_add_char(all->body, '}');
	all->works += works;
	all->passed += passed;
}

static void show_recent(void *ctx, const struct kl_work *work)
{
	struct kl_buf *body = ctx;

	jsonout_object(body, NULL);
	jsonout_text(body, "id", work->item);
	jsonout_text(body, "pack", work->pack);
	jsonout_text(body, "slug", work->slug);
	jsonout_text(body, "language", work->language);
	jsonout_text(body, "verdict", *work->verdict ? work->verdict : NULL);
	number(body, "score", work->score);
	api_time(body, "received", work->received_ms);
	kl_buf_add_char(body, '}');
}

static enum kl_status show_recents(struct kl_buf *body, struct request *request, struct kl_error *err)
{
	const struct kl_works_filter filter = { .user = request->actor.id, .max = RECENT };
	enum kl_status status;

	jsonout_list(body, "recent");
	status = kl_store_works_of_user(NULL, request->server->store, &filter, show_recent, body, err);
	kl_buf_add_char(body, ']');
	return status;
}

static void show_summary(struct kl_buf *body, const struct student *student, const struct languages *languages)
{
	jsonout_object(body, "summary");
	jsonout_int(body, "challenges", student->all.total);
	jsonout_int(body, "tried", student->all.tried);
	jsonout_int(body, "solved", student->all.solved);
	jsonout_int(body, "submissions", languages->works);
	jsonout_int(body, "passed", languages->passed);
	number(body, "success_percent", percent(languages->passed, languages->works));
	jsonout_int(body, "average_ms", student->all.timed ? student->all.spent_ms / student->all.timed : 0);
	kl_buf_add_char(body, '}');
}

static enum kl_status show_student(struct kl_buf *body, struct request *request, const struct hidden_packs *hidden,
				   struct kl_error *err)
{
	struct student student = { .rows = NULL };
	struct languages languages = { .body = body };
	enum kl_status status = read_progress(&student, request, err);

	if (!status) {
		group_all(&student, packs_of(request->server)->catalogue, hidden);
		jsonout_list(body, "languages");
		status = kl_store_stats_languages(request->server->store, request->actor.id, take_language, &languages,
						  err);
		kl_buf_add_char(body, ']');
		show_summary(body, &student, &languages);
		show_groups(body, &student);
	}
	student_release(&student);
	if (!status)
		status = show_weeks(body, request, err);
	return status ? status : show_recents(body, request, err);
}

static void analytics_me(struct request *request)
{
	struct hidden_packs hidden;
	struct kl_error err;
	enum kl_status status;
	struct kl_buf body;

	if (!hidden_packs_ask(&hidden, request))
		return;
	api_begin(&body);
	kl_buf_add_char(&body, '{');
	status = show_student(&body, request, &hidden, &err);
	hidden_packs_release(&hidden);
	if (status) {
		kl_buf_release(&body);
		api_fail(request, &err);
		return;
	}
	kl_buf_add_char(&body, '}');
	api_end(request, 200, &body);
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
	number(body, "pass_percent", percent(stats->passed, stats->works));
	jsonout_int(body, "tried", stats->tried);
	jsonout_int(body, "solved", stats->solved);
	number(body, "solved_percent", percent(stats->solved, stats->tried));
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
	status = kl_store_stats_weeks(store, entry->pack, entry->slug, weeks_ago(request, WEEKS), week, body, err);
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
