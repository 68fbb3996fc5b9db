/* How many are ahead of many. */

#include "tests/unit/queue_scene.h"

static void add(char id[KL_ID_SIZE], char *user, enum kl_queue_priority priority)
{
	struct kl_queue_entry entry = { .user = user, .priority = priority, .body = (char[]){ "1" }, .body_len = 1 };

	assert_int_equal(kl_queue_add(queue, &entry, 1, NULL, NULL), KL_OK);
	memcpy(id, entry.id, KL_ID_SIZE);
}

static int64_t walked(void)
{
	struct kl_queue_counts counts;

	kl_queue_counts(&counts, queue);
	return counts.walked;
}

/* As many as a thousand listeners watch, in any order, twice each, one of them under way and one unknown. */
static void many_places_are_one_walk(void **state)
{
	enum { USERS = 10, EACH = 30, COUNT = 2 * USERS * EACH + 1 };
	static char ids[USERS * EACH][KL_ID_SIZE];
	struct kl_queue_place places[COUNT] = { { .id = "nothing" } };
	struct kl_queue_entry entry;
	char user[16];
	int64_t before, estimate_ms, ahead;

	(void)state;
	for (size_t i = 0; i < USERS * EACH; i++) {
		snprintf(user, sizeof(user), "user%zu", i * 7 % USERS);
		add(ids[i], user, (enum kl_queue_priority)(i % KL_PRIORITY_COUNT));
	}
	assert_int_equal(kl_queue_claim(&entry, queue, NULL), KL_OK);
	for (size_t i = 1; i < COUNT; i++)
		places[i].id = ids[i * 11 % (USERS * EACH)];
	before = walked();
	kl_queue_places(queue, places, COUNT);
	assert_in_range(walked() - before, 1, USERS * EACH);
	for (size_t i = 0; i < COUNT; i++) {
		ahead = kl_queue_position(queue, places[i].id, &estimate_ms);
		assert_int_equal(places[i].ahead, ahead);
		if (ahead >= 0)
			assert_int_equal(places[i].estimate_ms, estimate_ms);
	}
	kl_queue_entry_release(&entry);
	before = walked();
	kl_queue_places(queue, NULL, 0);
	assert_int_equal(walked(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(many_places_are_one_walk, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
