/* How a student fares, over HTTP: counts beside what the catalogue has, and the ten newest works. */

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
#include "core/server/server.h"

#define RECENT       10
#define PROGRESS_MAX 20000 /* challenges of one student that are looked at */

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
		analytics_week(days->body, days->week, days->works, days->passed, days->solved);
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
	int64_t from_ms = kl_stats_week_begins_ms(analytics_weeks_ago(request, ANALYTICS_WEEKS));
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
	analytics_number(body, "score", work->score);
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
	analytics_number(body, "success_percent", analytics_percent(languages->passed, languages->works));
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

void analytics_me(struct request *request)
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
