/* What submissions come to in the courses of the class server's store. */

#include "tests/unit/course_scene.h"
#include "tests/unit/scratch.h"

/* --- what comes of it --------------------------------------------------------------------------------------------- */

static void verdicts_become_scores(void **state)
{
	struct kl_terms always = { .opens_ms = 0 };
	struct kl_assignment row;
	char id[KL_ID_SIZE];

	(void)state;
	set_assignment(id, &always);
	submit(ada, "one", 50, NOW);
	assert_true(score_of(ada, id) == 5);
	submit(ada, "one", 40, NOW + 1);
	assert_true(score_of(ada, id) == 5);
	submit(ada, "two", 100, NOW + 2);
	assert_true(score_of(ada, id) == 25);
	assert_true(total_of(ada) == 25);
	assert_true(total_of(ben) == 0);
	assert_int_equal(kl_store_assignment_get(&row, store, course, id, ada, 0, NULL), KL_OK);
	assert_int_equal(row.solved, 1);
	assert_int_equal(row.tried, 2);
	assert_int_equal(row.items[1].tries, 2);
	assert_int_equal(row.last_ms, NOW + 2);
	kl_assignment_release(&row);
}

static void a_verdict_that_changes_changes_the_score(void **state)
{
	struct kl_terms always = { .opens_ms = 0 };
	struct kl_work work;
	char id[KL_ID_SIZE];

	(void)state;
	set_assignment(id, &always);
	work_of(&work, ada, "one", 100, NOW);
	kl_id_new(work.id, &held);
	assert_int_equal(kl_store_work_add(store, &work, NULL), KL_OK);
	judge_again(&work);
	assert_true(score_of(ada, id) == 10);
	work.score = 30;
	judge_again(&work);
	assert_true(score_of(ada, id) == 3);
	judge_again(&work);
	assert_true(total_of(ada) == 3);
	work.state = KL_WORK_FAILED;
	judge_again(&work);
	assert_true(total_of(ada) == 0);
}

static void extensions_count_at_once(void **state)
{
	struct kl_terms terms = { .due_ms = NOW, .late = { KL_LATE_PERCENT, 10, 0, 0 } };
	char reason[] = "ill", id[KL_ID_SIZE];
	struct kl_extension extension = { .reason = reason, .due_ms = NOW + 2 * DAY }, *rows;
	struct kl_error err;
	size_t count;

	(void)state;
	set_assignment(id, &terms);
	submit(ada, "one", 100, NOW + DAY);
	assert_true(score_of(ada, id) == 9);
	memcpy(extension.user, ada, KL_ID_SIZE);
	memcpy(extension.given_by, teacher, KL_ID_SIZE);
	assert_int_equal(kl_store_extension_put(store, course, id, &extension, NULL), KL_OK);
	assert_int_equal(kl_course_assignment_scored(store, course, id, ada, NULL), KL_OK);
	assert_true(score_of(ada, id) == 10);
	assert_int_equal(kl_store_extensions(&rows, &count, store, id, NULL), KL_OK);
	assert_int_equal(count, 1);
	assert_string_equal(rows[0].name, "ada");
	assert_string_equal(rows[0].reason, "ill");
	kl_extensions_free(rows, count);
	assert_int_equal(kl_store_extension_remove(store, course, id, ada, NULL), KL_OK);
	assert_int_equal(kl_store_extension_remove(store, course, id, ada, &err), KL_ENOENT);
	assert_string_equal(err.message, "this student has no extension");
	assert_int_equal(kl_course_assignment_scored(store, course, id, ada, NULL), KL_OK);
	assert_true(score_of(ada, id) == 9);
	snprintf(extension.user, sizeof(extension.user), "nobody");
	assert_int_equal(kl_store_extension_put(store, course, id, &extension, &err), KL_ENOENT);
	assert_string_equal(err.message, "nobody of that id is in this course");
}

static void a_changed_assignment_is_computed_anew(void **state)
{
	struct kl_terms always = { .opens_ms = 0 };
	struct kl_assignment row;
	char id[KL_ID_SIZE], pack[] = "basics", two[] = "two";
	struct kl_assignment_item only = { .pack = pack, .slug = two, .points = 7 }, *before;
	size_t before_count;
	bool computing;

	(void)state;
	submit(ada, "one", 100, NOW); /* before it was set: it counts once that is computed */
	set_assignment(id, &always);
	assert_int_equal(kl_store_rescoring(&computing, store, course, NULL), KL_OK);
	assert_true(computing);
	compute(1);
	assert_int_equal(kl_store_rescoring(&computing, store, course, NULL), KL_OK);
	assert_false(computing);
	assert_true(score_of(ada, id) == 10);
	submit(ben, "two", 100, NOW);
	assert_true(score_of(ben, id) == 20);
	assert_int_equal(kl_store_assignment_get(&row, store, course, id, teacher, 0, NULL), KL_OK);
	before = row.items;
	before_count = row.item_count;
	row.items = &only;
	row.item_count = 1;
	assert_int_equal(kl_store_assignment_put(store, &row, NULL), KL_OK);
	row.items = before;
	row.item_count = before_count;
	kl_assignment_release(&row);
	compute(2);
	assert_true(score_of(ada, id) == 0);
	assert_true(total_of(ada) == 0);
	assert_true(total_of(ben) == 7);
	assert_int_equal(kl_store_assignment_remove(store, course, id, NULL), KL_OK);
	assert_int_equal(kl_store_rescoring(&computing, store, course, NULL), KL_OK);
	assert_true(computing);
	compute(1);
	assert_true(total_of(ben) == 0);
}

static void who_comes_back_has_what_he_had(void **state)
{
	struct kl_terms always = { .opens_ms = 0 };
	char id[KL_ID_SIZE];

	(void)state;
	set_assignment(id, &always);
	submit(ada, "one", 100, NOW);
	assert_int_equal(kl_store_member_remove(store, course, ada, NULL), KL_OK);
	submit(ada, "two", 100, NOW); /* counts nowhere now */
	join(ada);
	assert_true(total_of(ada) == 30);
}

static int heard;

static void hear(void *ctx, int64_t seq, const char *kind, const char *subject)
{
	(void)ctx;
	(void)seq;
	assert_string_equal(kind, "course");
	assert_string_equal(subject, course);
	heard++;
}

/* Whether a lab of the user has something to hear of behind seq. */
static int hears(const char *user, int64_t seq)
{
	char audience[KL_ID_SIZE + 2];

	heard = 0;
	snprintf(audience, sizeof(audience), "u:%s", user);
	assert_int_equal(kl_store_changes(store, audience, seq, 100, hear, NULL, NULL), KL_OK);
	return heard;
}

static void labs_hear_of_scores_that_changed(void **state)
{
	struct kl_terms always = { .opens_ms = 0 };
	char id[KL_ID_SIZE];
	int64_t seq;

	(void)state;
	submit(ada, "one", 100, NOW);
	set_assignment(id, &always);
	assert_int_equal(kl_store_changes_newest(&seq, store, NULL), KL_OK);
	compute(1);
	assert_int_equal(hears(ada, seq), 1);
	assert_int_equal(hears(ben, seq), 0);
	assert_int_equal(kl_store_changes_newest(&seq, store, NULL), KL_OK);
	submit(ada, "one", 50, NOW); /* counts nothing, but is a try */
	assert_int_equal(hears(ada, seq), 1);
}

/* --- the gradebook and the class ---------------------------------------------------------------------------------- */

static void show_grade(void *ctx, const struct kl_grade *grade)
{
	kl_buf_addf(ctx, "%s %g/%g %s;", grade->name, grade->score, grade->total,
		    *grade->assignment ? "begun" : "none");
}

static void the_gradebook_has_every_student(void **state)
{
	struct kl_grades_wanted wanted = { .course = course, .max = 100 };
	struct kl_terms always = { .opens_ms = 0 };
	char id[KL_ID_SIZE], more[KL_ID_SIZE];
	struct kl_buf out;

	(void)state;
	set_assignment(id, &always);
	set_assignment(more, &always);
	submit(ben, "one", 100, NOW);
	kl_buf_init(&out, 1000);
	assert_int_equal(kl_store_grades(store, &wanted, show_grade, &out, NULL), KL_OK);
	assert_string_equal(out.data, "ada 0/0 none;ben 10/20 begun;ben 10/20 begun;");
	kl_buf_clear(&out);
	wanted.max = 1;
	assert_int_equal(kl_store_grades(store, &wanted, show_grade, &out, NULL), KL_OK);
	assert_string_equal(out.data, "ada 0/0 none;");
	kl_buf_clear(&out);
	wanted.after = "ada";
	assert_int_equal(kl_store_grades(store, &wanted, show_grade, &out, NULL), KL_OK);
	assert_string_equal(out.data, "ben 10/20 begun;ben 10/20 begun;");
	kl_buf_clear(&out);
	wanted.after = "ben";
	assert_int_equal(kl_store_grades(store, &wanted, show_grade, &out, NULL), KL_OK);
	assert_string_equal(out.data, "");
	kl_buf_release(&out);
}

static void the_leaderboard_leaves_out_who_hides(void **state)
{
	struct kl_members_wanted wanted = { .course = course,
					    .least = KL_COURSE_STUDENT,
					    .most = KL_COURSE_STUDENT,
					    .shown = true,
					    .order = KL_MEMBER_BY_TOTAL,
					    .max = 10 };
	struct kl_terms always = { .opens_ms = 0 };
	struct kl_member *rows;
	char id[KL_ID_SIZE];
	int64_t total, ahead;
	size_t count;

	(void)state;
	set_assignment(id, &always);
	submit(ben, "one", 100, NOW);
	assert_int_equal(kl_store_members(&rows, &count, &total, store, &wanted, NULL), KL_OK);
	assert_int_equal(count, 2);
	assert_string_equal(rows[0].name, "ben");
	kl_members_free(rows, count);
	assert_int_equal(kl_store_members_ahead(&ahead, store, course, 0, NULL), KL_OK);
	assert_int_equal(ahead, 1);
	assert_int_equal(kl_store_member_hide(store, course, ben, true, NULL), KL_OK);
	assert_int_equal(kl_store_members(&rows, &count, &total, store, &wanted, NULL), KL_OK);
	assert_int_equal(count, 1);
	assert_string_equal(rows[0].name, "ada");
	kl_members_free(rows, count);
	assert_int_equal(kl_store_members_ahead(&ahead, store, course, 0, NULL), KL_OK);
	assert_int_equal(ahead, 0);
}

static void who_is_where(void **state)
{
	struct kl_members_wanted wanted = { .course = course,
					    .least = KL_COURSE_STUDENT,
					    .most = KL_COURSE_STUDENT,
					    .order = KL_MEMBER_BY_SEEN,
					    .max = 10 };
	struct kl_terms always = { .opens_ms = 0 };
	struct kl_member *rows;
	char id[KL_ID_SIZE];
	int64_t total;
	size_t count;

	(void)state;
	set_assignment(id, &always);
	assert_int_equal(kl_store_member_seen(store, ben, "basics", "one", "draft", NOW, NULL), KL_OK);
	assert_int_equal(kl_store_member_seen(store, ben, "private", "diary", "draft", NOW + 1, NULL), KL_OK);
	assert_int_equal(kl_store_member_seen(store, ben, "basics", "two", "draft", NOW - 1, NULL), KL_OK);
	assert_int_equal(kl_store_members(&rows, &count, &total, store, &wanted, NULL), KL_OK);
	assert_string_equal(rows[0].name, "ben");
	assert_string_equal(rows[0].seen_slug, "one");
	assert_int_equal(rows[0].seen_ms, NOW);
	assert_int_equal(rows[1].seen_ms, 0);
	assert_true(rows[0].seen_best < 0);
	kl_members_free(rows, count);
	submit(ben, "one", 60, NOW + 1);
	assert_int_equal(kl_store_members(&rows, &count, &total, store, &wanted, NULL), KL_OK);
	assert_true(rows[0].seen_best == 60);
	kl_members_free(rows, count);
}

/* What a student did last at "one", as his teacher reads it. */
static void saw(const char *what, int64_t at_ms, const char *shown)
{
	struct kl_members_wanted wanted = { .course = course,
					    .least = KL_COURSE_STUDENT,
					    .most = KL_COURSE_STUDENT,
					    .order = KL_MEMBER_BY_SEEN,
					    .max = 10 };
	struct kl_member *rows;
	int64_t total;
	size_t count;

	assert_int_equal(kl_store_member_seen(store, ben, "basics", "one", what, at_ms, NULL), KL_OK);
	assert_int_equal(kl_store_members(&rows, &count, &total, store, &wanted, NULL), KL_OK);
	assert_string_equal(rows[0].seen_what, shown);
	assert_int_equal(rows[0].seen_ms, at_ms);
	kl_members_free(rows, count);
}

static void progress_does_not_hide_a_submission(void **state)
{
	struct kl_terms always = { .opens_ms = 0 };
	char id[KL_ID_SIZE];

	(void)state;
	set_assignment(id, &always);
	saw("progress", NOW, "progress");
	saw("submitted", NOW + 1, "submitted");
	saw("progress", NOW + 2, "submitted"); /* that of the submission */
	saw("draft", NOW + 3, "draft");
	saw("submitted", NOW + 4, "submitted");
	saw("progress", NOW + 20000, "progress"); /* he went on */
}

static void show_test(void *ctx, const struct kl_failing *failing)
{
	kl_buf_addf(ctx, "%s/%s %s %d;", failing->pack, failing->slug, failing->test, (int)failing->students);
}

static void tests_that_fail_most(void **state)
{
	struct kl_terms always = { .opens_ms = 0 };
	char id[KL_ID_SIZE];
	struct kl_work older;
	struct kl_buf out;

	(void)state;
	set_assignment(id, &always);
	work_of(&older, ada, "two", 50, NOW);
	kl_id_new(older.id, &held);
	assert_int_equal(kl_store_work_add(store, &older, NULL), KL_OK);
	submit(ada, "two", 100, NOW + 1);
	judge_again(&older); /* its verdict comes later: another worker, or a rejudge */
	submit(ada, "one", 50, NOW);
	submit(ben, "one", 50, NOW);
	submit(ben, "two", 50, NOW);
	submit(ben, "two", 100, NOW + 1); /* the newest counts */
	kl_buf_init(&out, 1000);
	assert_int_equal(kl_store_failing(store, id, 10, show_test, &out, NULL), KL_OK);
	assert_string_equal(out.data, "basics/one empty 2;basics/one large 2;");
	kl_buf_clear(&out);
	assert_int_equal(kl_store_failing(store, id, 1, show_test, &out, NULL), KL_OK);
	assert_string_equal(out.data, "basics/one empty 2;");
	kl_buf_release(&out);
}

/* --- a disk that fails -------------------------------------------------------------------------------------------- */

static void copy_file(const char *to, const char *from)
{
	struct kl_buf bytes;

	kl_buf_init(&bytes, 16 << 20);
	assert_int_equal(kl_file_read(&bytes, from, NULL), KL_OK);
	assert_int_equal(kl_file_write(to, bytes.data, bytes.len, 0600, NULL), KL_OK);
	kl_buf_release(&bytes);
}

/* A class on the disk, and one submission of half the points; the work is left in *work. */
static void make_class(const char *path, char assignment[KL_ID_SIZE], struct kl_work *work)
{
	struct kl_terms always = { .opens_ms = 0 };

	assert_int_equal(kl_store_open_server(&store, path, &held, NULL), KL_OK);
	add_user(teacher, "teacher");
	add_user(ada, "ada");
	add_course(course, "K7M2QX0B");
	join(ada);
	set_assignment(assignment, &always);
	work_of(work, ada, "one", 50, NOW);
	kl_id_new(work->id, &held);
	assert_int_equal(kl_store_work_add(store, work, NULL), KL_OK);
	judge_again(work);
	kl_store_close(store);
}

/* A better verdict, all of it in one batch, as the server does it. */
static enum kl_status judge_better(struct kl_work *work)
{
	struct kl_verdict_news news = { .work = work->id, .user = work->user, .pack = work->pack, .slug = work->slug };
	enum kl_status status = kl_store_batch_begin(store, NULL), ended;

	if (status)
		return status;
	work->score = 100;
	if (!(status = kl_store_work_end(store, work, NULL)))
		status = kl_course_scored(store, &news, NULL);
	ended = kl_store_batch_end(store, NULL);
	return status ? status : ended;
}

/* Whichever step fails: score and total say the same afterwards, and the next verdict puts everything right. */
static void a_failing_disk_leaves_sums_that_agree(void **state)
{
	char assignment[KL_ID_SIZE], step[16], *whole = kl_path_join(scratch, "whole.db"), *path;
	struct kl_work work;
	int failed = 0, done = 0;

	(void)state;
	make_class(whole, assignment, &work);
	for (int n = 1; !done; n++) {
		path = kl_format("%s/%d.db", scratch, n);
		copy_file(path, whole);
		snprintf(step, sizeof(step), "%d", n);
		setenv("KL_FAULT", step, 1);
		if (!kl_store_open_server(&store, path, &held, NULL)) {
			done = !judge_better(&work);
			failed += !done;
			kl_store_close(store);
		}
		unsetenv("KL_FAULT");
		assert_int_equal(kl_store_open_server(&store, path, &held, NULL), KL_OK);
		assert_true(total_of(ada) == score_of(ada, assignment));
		assert_true(total_of(ada) == 5 || total_of(ada) == 10);
		assert_int_equal(judge_better(&work), KL_OK);
		assert_true(total_of(ada) == 10 && score_of(ada, assignment) == 10);
		kl_store_close(store);
		free(path);
	}
	assert_true(failed > 10);
	free(whole);
}

/* As many steps as it takes is what the 50 assignments would each take alone. */
static void who_joins_late_waits_for_nothing(void **state)
{
	char *path = kl_path_join(scratch, "large.db"), assignment[KL_ID_SIZE];
	struct kl_work work;

	(void)state;
	make_class(path, assignment, &work);
	assert_int_equal(kl_store_open_server(&store, path, &held, NULL), KL_OK);
	for (int i = 0; i < 50; i++)
		set_assignment(assignment, &(struct kl_terms){ .opens_ms = NOW });
	compute(100);
	add_user(ben, "carl");
	kl_store_close(store);
	setenv("KL_FAULT", "60", 1);
	assert_int_equal(kl_store_open_server(&store, path, &held, NULL), KL_OK);
	unsetenv("KL_FAULT");
	join(ben);
	kl_store_close(store);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(verdicts_become_scores),
		TEST(a_verdict_that_changes_changes_the_score),
		TEST(extensions_count_at_once),
		TEST(a_changed_assignment_is_computed_anew),
		TEST(who_comes_back_has_what_he_had),
		TEST(labs_hear_of_scores_that_changed),
		TEST(the_gradebook_has_every_student),
		TEST(the_leaderboard_leaves_out_who_hides),
		TEST(who_is_where),
		TEST(progress_does_not_hide_a_submission),
		TEST(tests_that_fail_most),
		cmocka_unit_test_setup_teardown(a_failing_disk_leaves_sums_that_agree, scratch_open_fast,
						scratch_close),
		cmocka_unit_test_setup_teardown(who_joins_late_waits_for_nothing, scratch_open_fast, scratch_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
