/* The rules of a course: codes, late work, which try counts, who stands where. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/course.h>

#define HOUR INT64_C(3600000)
#define DAY  (24 * HOUR)
#define DUE  (INT64_C(20000) * DAY)

/* --- codes -------------------------------------------------------------------------------------------------------- */

static void codes_are_read_back(void **state)
{
	char code[KL_COURSE_CODE_SIZE], other[KL_COURSE_CODE_SIZE], read[KL_COURSE_CODE_SIZE], typed[32];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		kl_course_code_new(code);
		kl_course_code_new(other);
		assert_int_equal(strlen(code), 8);
		assert_null(strpbrk(code, "ILOU"));
		assert_string_not_equal(code, other);
		snprintf(typed, sizeof(typed), " %.4s-%s ", code, code + 4);
		assert_true(kl_course_code_read(read, typed));
		assert_string_equal(read, code);
	}
}

static void codes_are_forgiven(void **state)
{
	static const struct {
		const char *typed, *code; /* NULL: refused */
	} cases[] = {
		{ "k7m2-qx0b", "K7M2QX0B" }, { "OIlO oilo", "01100110" }, { "K7M2QX0", NULL },
		{ "K7M2QX0BB", NULL },       { "K7M2QX0U", NULL },        { "", NULL },
		{ "K7M2QX0'", NULL },        { "K7M2QX0\xc3\xa9", NULL },
	};
	char code[KL_COURSE_CODE_SIZE];

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		assert_int_equal(kl_course_code_read(code, cases[i].typed), cases[i].code != NULL);
		if (cases[i].code)
			assert_string_equal(code, cases[i].code);
	}
}

/* --- late work ---------------------------------------------------------------------------------------------------- */

static void late_work_is_worth_less(void **state)
{
	static const struct {
		struct kl_late late;
		int64_t after; /* it was due */
		int share;
	} cases[] = {
		{ { KL_LATE_NONE, 0, 0, 0 }, 1000 * DAY, 100 },
		{ { KL_LATE_PERCENT, 10, 50, 0 }, -1, 100 },
		{ { KL_LATE_PERCENT, 10, 50, 0 }, 0, 100 },
		{ { KL_LATE_PERCENT, 10, 50, 0 }, 1, 90 },
		{ { KL_LATE_PERCENT, 10, 50, 0 }, DAY, 90 },
		{ { KL_LATE_PERCENT, 10, 50, 0 }, DAY + 1, 80 },
		{ { KL_LATE_PERCENT, 10, 50, 0 }, 5 * DAY, 50 },
		{ { KL_LATE_PERCENT, 10, 50, 0 }, 50 * DAY, 50 },
		{ { KL_LATE_PERCENT, 30, 0, 0 }, 4 * DAY, 0 },
		{ { KL_LATE_PERCENT, 1, 0, 0 }, INT64_C(1000000) * DAY, 0 },
		{ { KL_LATE_PERCENT, 10, 50, DUE + 2 * DAY }, 2 * DAY, 80 },
		{ { KL_LATE_PERCENT, 10, 50, DUE + 2 * DAY }, 2 * DAY + 1, 0 },
		{ { KL_LATE_CUT, 0, 0, 0 }, 0, 100 },
		{ { KL_LATE_CUT, 0, 0, 0 }, 1, 0 },
		{ { KL_LATE_CUT, 0, 0, DUE + DAY }, DAY, 100 },
		{ { KL_LATE_CUT, 0, 0, DUE + DAY }, DAY + 1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		struct kl_terms terms = { .due_ms = DUE, .late = cases[i].late };

		assert_int_equal(kl_terms_share(&terms, DUE + cases[i].after), cases[i].share);
	}
}

static void what_is_never_due_is_never_late(void **state)
{
	struct kl_terms terms = { .late = { .kind = KL_LATE_CUT } };

	(void)state;
	assert_int_equal(kl_terms_share(&terms, INT64_MAX), 100);
	kl_terms_extend(&terms, DUE);
	assert_int_equal(terms.due_ms, 0);
}

static void an_extension_moves_the_whole_policy(void **state)
{
	struct kl_terms terms = { .due_ms = DUE, .late = { KL_LATE_PERCENT, 10, 0, DUE + 3 * DAY } };

	(void)state;
	kl_terms_extend(&terms, DUE - 1);
	assert_int_equal(terms.due_ms, DUE);
	kl_terms_extend(&terms, DUE + 7 * DAY);
	assert_int_equal(kl_terms_share(&terms, DUE + 7 * DAY), 100);
	assert_int_equal(kl_terms_share(&terms, DUE + 8 * DAY), 90);
	assert_int_equal(kl_terms_share(&terms, DUE + 10 * DAY), 70);
	assert_int_equal(kl_terms_share(&terms, DUE + 10 * DAY + 1), 0);
}

static void a_lab_is_believed_within_the_grace_time_alone(void **state)
{
	static const struct {
		int64_t claimed, received, moment; /* after it was due */
	} cases[] = {
		{ -HOUR, 1, -HOUR }, /* offline when it was due */
		{ -HOUR, 2 * HOUR, -HOUR },  { -HOUR, 2 * HOUR + 1, 2 * HOUR + 1 }, /* too long ago to tell */
		{ HOUR, 2 * HOUR, HOUR },    { 3 * HOUR, HOUR, HOUR }, /* nobody hands in what is not yet done */
		{ -2 * HOUR, -HOUR, -HOUR }, /* in time: nothing to believe */
		{ -DUE, HOUR, HOUR }, /* says nothing */
	};
	struct kl_terms terms = { .due_ms = DUE, .grace_ms = 2 * HOUR };

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++)
		assert_int_equal(kl_terms_moment(&terms, DUE + cases[i].claimed, DUE + cases[i].received),
				 DUE + cases[i].moment);
	terms.grace_ms = 0;
	assert_int_equal(kl_terms_moment(&terms, DUE - HOUR, DUE + 1), DUE + 1);
}

/* It came when the assignment was open: a lab whose clock is years behind does not put it before that, where nothing counts. */
static void no_claim_is_from_before_it_opened(void **state)
{
	const struct kl_terms terms = { .opens_ms = DUE - DAY, .due_ms = DUE, .grace_ms = 2 * HOUR };
	const struct kl_try try = { .work = "w", .score = 80, .claimed_ms = HOUR, .received_ms = DUE + HOUR };
	struct kl_mark mark;

	(void)state;
	assert_int_equal(kl_terms_moment(&terms, DUE - DAY - 1, DUE + HOUR), DUE - DAY);
	assert_int_equal(kl_terms_moment(&terms, DUE - DAY + 1, DUE + HOUR), DUE - DAY + 1);
	kl_mark_of(&mark, &try, 1, &terms);
	assert_int_equal(mark.tries, 1);
	assert_true(mark.counted == 80 && !mark.late);
}

static void policies_are_checked(void **state)
{
	static const struct {
		struct kl_late late;
		int64_t due;
		const char *sentence; /* NULL: good */
	} cases[] = {
		{ { KL_LATE_NONE, 0, 0, 0 }, 0, NULL },
		{ { KL_LATE_PERCENT, 100, 100, DUE }, DUE, NULL },
		{ { KL_LATE_PERCENT, 10, 0, 0 }, 0, "a late policy needs a time when the assignment is due" },
		{ { KL_LATE_CUT, 0, 0, DUE }, 0, "a late policy needs a time when the assignment is due" },
		{ { KL_LATE_PERCENT, 101, 0, 0 }, DUE, "percent and floor are whole numbers from 0 to 100" },
		{ { KL_LATE_PERCENT, 10, -1, 0 }, DUE, "percent and floor are whole numbers from 0 to 100" },
		{ { KL_LATE_CUT, 0, 0, DUE - 1 }, DUE, "late work cannot end before the assignment is due" },
	};
	struct kl_error err;

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(cases); i++) {
		enum kl_status status = kl_late_check(&cases[i].late, cases[i].due, &err);

		assert_int_equal(status, cases[i].sentence ? KL_EINVAL : KL_OK);
		if (cases[i].sentence)
			assert_string_equal(err.message, cases[i].sentence);
	}
}

/* --- what counts -------------------------------------------------------------------------------------------------- */

static const struct kl_terms tenth = { .opens_ms = DUE - 10 * DAY,
				       .due_ms = DUE,
				       .late = { KL_LATE_PERCENT, 10, 0, 0 } };

static void the_try_that_counts_most_counts(void **state)
{
	static const struct kl_try tries[] = {
		{ "too early", 100, 0, DUE - 11 * DAY }, { "half", 50, 0, DUE - 2 * DAY }, { "most", 80, 0, DUE - DAY },
		{ "same", 80, 0, DUE - HOUR },           { "late", 85, 0, DUE + HOUR },
	};
	struct kl_mark mark;

	(void)state;
	kl_mark_of(&mark, tries, KL_LENGTH(tries), &tenth);
	assert_string_equal(mark.work, "most");
	assert_true(mark.counted == 80);
	assert_false(mark.late);
	assert_int_equal(mark.tries, 4);
	assert_string_equal(mark.last, "late");
	assert_int_equal(mark.last_ms, DUE + HOUR);
}

static void late_and_better_may_count(void **state)
{
	static const struct kl_try tries[] = { { "late", 100, 0, DUE + HOUR }, { "early", 80, 0, DUE - DAY } };
	struct kl_mark mark;

	(void)state;
	kl_mark_of(&mark, tries, KL_LENGTH(tries), &tenth);
	assert_string_equal(mark.work, "late");
	assert_true(mark.score == 100);
	assert_true(mark.counted == 90);
	assert_true(mark.late);
	assert_string_equal(mark.last, "late");
}

static void no_try_is_no_mark(void **state)
{
	static const struct kl_try early = { "early", 100, 0, DUE - 11 * DAY };
	struct kl_mark mark;

	(void)state;
	kl_mark_of(&mark, NULL, 0, &tenth);
	assert_string_equal(mark.work, "");
	kl_mark_of(&mark, &early, 1, &tenth);
	assert_string_equal(mark.work, "");
	assert_int_equal(mark.tries, 0);
}

static void a_try_worth_nothing_is_a_try(void **state)
{
	static const struct kl_try failed = { "failed", 0, 0, DUE - DAY };
	struct kl_mark mark;

	(void)state;
	kl_mark_of(&mark, &failed, 1, &tenth);
	assert_string_equal(mark.work, "failed");
	assert_int_equal(mark.tries, 1);
	assert_true(mark.counted == 0);
}

/* --- standing ----------------------------------------------------------------------------------------------------- */

static void teams_have_their_mean(void **state)
{
	static const double scores[] = { 10, 20, 60 };

	(void)state;
	assert_true(kl_team_score(scores, 3) == 30);
	assert_true(kl_team_score(scores, 1) == 10);
	assert_true(kl_team_score(NULL, 0) == 0);
}

static void equal_scores_share_a_rank(void **state)
{
	static const double scores[] = { 9, 7, 7, 7, 1, 0 };
	size_t ranks[6];

	(void)state;
	kl_ranks(ranks, scores, 6);
	assert_memory_equal(ranks, ((size_t[]){ 1, 2, 2, 2, 5, 6 }), sizeof(ranks));
}

static void words_are_read_back(void **state)
{
	enum kl_course_role role = KL_COURSE_NONE;
	enum kl_course_joining joining = KL_JOINING_CODE;
	enum kl_late_kind late = KL_LATE_NONE;

	(void)state;
	assert_true(kl_course_role_read(&role, "TEACHING_ASSISTANT") && role == KL_COURSE_ASSISTANT);
	assert_false(kl_course_role_read(&role, "ADMIN"));
	assert_false(kl_course_role_read(&role, ""));
	assert_string_equal(kl_course_role_word(KL_COURSE_INSTRUCTOR), "INSTRUCTOR");
	assert_true(kl_joining_read(&joining, "closed") && joining == KL_JOINING_CLOSED);
	assert_false(kl_joining_read(&joining, "open"));
	assert_true(kl_late_read(&late, "percent") && late == KL_LATE_PERCENT);
	assert_false(kl_late_read(&late, "PERCENT"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_are_read_back),
		cmocka_unit_test(codes_are_forgiven),
		cmocka_unit_test(late_work_is_worth_less),
		cmocka_unit_test(what_is_never_due_is_never_late),
		cmocka_unit_test(an_extension_moves_the_whole_policy),
		cmocka_unit_test(a_lab_is_believed_within_the_grace_time_alone),
		cmocka_unit_test(no_claim_is_from_before_it_opened),
		cmocka_unit_test(policies_are_checked),
		cmocka_unit_test(the_try_that_counts_most_counts),
		cmocka_unit_test(late_and_better_may_count),
		cmocka_unit_test(no_try_is_no_mark),
		cmocka_unit_test(a_try_worth_nothing_is_a_try),
		cmocka_unit_test(teams_have_their_mean),
		cmocka_unit_test(equal_scores_share_a_rank),
		cmocka_unit_test(words_are_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
