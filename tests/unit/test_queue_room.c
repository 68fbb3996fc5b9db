/* Who gets into the queue when it fills up. */

#include "tests/unit/queue_scene.h"

/* How many more of user get in, so many bytes each. */
static int let_in(const char *user, enum kl_queue_priority priority, size_t bytes)
{
	int count = -1;
	enum kl_status status;

	do {
		struct kl_queue_entry entry = { .user = (char *)(uintptr_t)user,
						.priority = priority,
						.body = (char[]){ "12345678" },
						.body_len = bytes };
		struct kl_error err;

		count++;
		status = kl_queue_add(queue, &entry, 1, NULL, &err);
		assert_true(!status || (status == KL_EMANY && !strcmp(err.message, "queue is full")));
	} while (!status);
	return count;
}

/* Nobody fills it for the others: what is still free is as much as the one who has most has. */
static void one_alone_gets_half(void **state)
{
	struct kl_queue_limits limits = { .queued_max = 12, .in_flight_max = 1, .rate_per_minute = -1 };
	struct kl_queue_entry claimed;

	(void)state;
	kl_queue_set_limits(queue, &limits);
	assert_int_equal(let_in("a", KL_PRIORITY_SUBMIT, 1), 6);
	assert_int_equal(let_in("b", KL_PRIORITY_SUBMIT, 1), 3);
	assert_int_equal(let_in("c", KL_PRIORITY_RUN, 1), 2);
	assert_int_equal(let_in("d", KL_PRIORITY_RUN, 1), 1);
	assert_int_equal(let_in("a", KL_PRIORITY_EXAM, 1), 0); /* full is full */
	assert_int_equal(kl_queue_claim(&claimed, queue, NULL), KL_OK);
	kl_queue_entry_release(&claimed);
	assert_int_equal(let_in("a", KL_PRIORITY_SUBMIT, 1), 0);
	assert_int_equal(let_in("a", KL_PRIORITY_EXAM, 1), 1);
}

static void bytes_are_bounded_and_shared(void **state)
{
	struct kl_queue_limits limits = { .bytes_max = 40, .in_flight_max = 1, .rate_per_minute = -1 };
	struct kl_queue_entry claimed;

	(void)state;
	kl_queue_set_limits(queue, &limits);
	assert_int_equal(let_in("a", KL_PRIORITY_SUBMIT, 8), 3);
	assert_int_equal(let_in("b", KL_PRIORITY_SUBMIT, 8), 1);
	assert_int_equal(let_in("", KL_PRIORITY_SUBMIT, 8), 1);
	close_all(); /* counted anew from what is stored */
	open_all(&limits);
	assert_int_equal(let_in("", KL_PRIORITY_SUBMIT, 1), 0);
	assert_int_equal(kl_queue_claim(&claimed, queue, NULL), KL_OK);
	kl_queue_entry_release(&claimed);
	assert_int_equal(let_in("", KL_PRIORITY_SUBMIT, 8), 1);
	limits.unfair = true;
	limits.bytes_max = 80;
	kl_queue_set_limits(queue, &limits);
	assert_int_equal(let_in("a", KL_PRIORITY_SUBMIT, 8), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_alone_gets_half, set_up, tear_down),
		cmocka_unit_test_setup_teardown(bytes_are_bounded_and_shared, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
