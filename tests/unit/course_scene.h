#ifndef TESTS_UNIT_COURSE_SCENE_H
#define TESTS_UNIT_COURSE_SCENE_H

/* A course with a teacher and two students, in a store in memory on a held clock, and their submissions. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/course.h>
#include <kodelab/store.h>
#include <kodelab/store_accounts.h>
#include <kodelab/store_changes.h>
#include <kodelab/store_works.h>

#define HOUR INT64_C(3600000)
#define DAY  (24 * HOUR)
#define NOW  (INT64_C(20000) * DAY)

static struct kl_clock held = { .held = true, .held_wall_ms = NOW };
static struct kl_store *store;
static char course[KL_ID_SIZE], ada[KL_ID_SIZE], ben[KL_ID_SIZE], teacher[KL_ID_SIZE];

/* --- a course with people ----------------------------------------------------------------------------------------- */

static inline void add_user(char id[KL_ID_SIZE], const char *name)
{
	struct kl_user user = { .name = (char[]){ "" } };
	char *copy = kl_strdup(name), none[1] = "";

	kl_id_new(user.id, &held);
	user.name = user.key = user.display = copy;
	user.email = user.password = none;
	user.role = 1;
	user.created_ms = NOW;
	assert_int_equal(kl_store_user_add(store, &user, NULL), KL_OK);
	memcpy(id, user.id, KL_ID_SIZE);
	free(copy);
}

static inline void add_course(char id[KL_ID_SIZE], const char *code)
{
	char title[] = "Programming I";
	struct kl_course new = { .title = title, .created_ms = NOW };

	kl_id_new(new.id, &held);
	memcpy(new.owner, teacher, KL_ID_SIZE);
	memcpy(new.code, code, KL_COURSE_CODE_SIZE);
	assert_int_equal(kl_store_course_add(store, &new, NULL), KL_OK);
	memcpy(id, new.id, KL_ID_SIZE);
}

static inline void join(const char *user)
{
	assert_int_equal(kl_store_member_add(store, course, user, KL_COURSE_STUDENT, NULL), KL_OK);
	assert_int_equal(kl_course_joined(store, course, user, NULL), KL_OK);
}

static inline int set_up(void **state)
{
	(void)state;
	held.held_wall_ms = NOW;
	if (kl_store_open_server(&store, NULL, &held, NULL))
		return -1;
	add_user(teacher, "teacher");
	add_user(ben, "ben");
	add_user(ada, "ada");
	add_course(course, "K7M2QX0B");
	join(ada);
	join(ben);
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	kl_store_close(store);
	return 0;
}

/* Two challenges, of 10 and 20 points. */
static inline void set_assignment(char id[KL_ID_SIZE], const struct kl_terms *terms)
{
	char title[] = "Week 1", instructions[] = "Do *both*.", pack[] = "basics", one[] = "one", two[] = "two";
	struct kl_assignment_item items[] = { { .pack = pack, .slug = two, .points = 20 },
					      { .pack = pack, .slug = one, .points = 10 } };
	struct kl_assignment assignment = {
		.title = title, .instructions = instructions, .terms = *terms, .items = items, .item_count = 2
	};

	kl_id_new(assignment.id, &held);
	memcpy(assignment.course, course, KL_ID_SIZE);
	assert_int_equal(kl_store_assignment_add(store, &assignment, NULL), KL_OK);
	memcpy(id, assignment.id, KL_ID_SIZE);
}

static inline void work_of(struct kl_work *work, const char *user, const char *slug, double score, int64_t received_ms)
{
	static char pack[] = "basics", language[] = "c", none[] = "", verdict[] = "passed",
		    slugs[2][4] = { "one", "two" };

	*work = (struct kl_work){ .pack = pack,
				  .slug = slugs[strcmp(slug, "one") != 0],
				  .language = language,
				  .course = none,
				  .assignment = none,
				  .at_ms = received_ms,
				  .received_ms = received_ms,
				  .judged_ms = received_ms,
				  .state = KL_WORK_DONE,
				  .verdict = verdict,
				  .score = score,
				  .code = none,
				  .report = none };
	snprintf(work->user, sizeof(work->user), "%s", user);
}

static inline void judge_again(struct kl_work *work)
{
	static const char *const failed[] = { "empty", "large" };
	struct kl_verdict_news news = {
		.work = work->id, .user = work->user, .pack = work->pack, .slug = work->slug, .failed = failed
	};

	news.failed_count = work->score < 100 ? 2 : 0;
	assert_int_equal(kl_store_work_end(store, work, NULL), KL_OK);
	assert_int_equal(kl_course_scored(store, &news, NULL), KL_OK);
}

static inline void submit(const char *user, const char *slug, double score, int64_t received_ms)
{
	struct kl_work work;

	work_of(&work, user, slug, score, received_ms);
	kl_id_new(work.id, &held);
	assert_int_equal(kl_store_work_add(store, &work, NULL), KL_OK);
	judge_again(&work);
}

static inline double score_of(const char *user, const char *assignment)
{
	struct kl_assignment row;
	double score;

	assert_int_equal(kl_store_assignment_get(&row, store, course, assignment, user, 0, NULL), KL_OK);
	score = row.score;
	kl_assignment_release(&row);
	return score;
}

static inline double total_of(const char *user)
{
	struct kl_course row;

	assert_int_equal(kl_store_course_get(&row, store, course, user, NULL), KL_OK);
	kl_course_release(&row);
	return row.total;
}

static inline void compute(size_t max)
{
	bool more = true;

	while (more)
		assert_int_equal(kl_course_rescore(&more, store, max, NULL), KL_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
