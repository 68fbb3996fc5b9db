/* Tickets, kept results and counts of judges elsewhere. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/store.h>
#include <kodelab/store_judge.h>

static struct kl_clock held = { .held = true, .held_wall_ms = 1000000 };

static int set_up(void **state)
{
	struct kl_store *store;

	if (kl_store_open(&store, NULL, NULL, &held, NULL))
		return -1;
	*state = store;
	return 0;
}

static int tear_down(void **state)
{
	kl_store_close(*state);
	return 0;
}

static void tickets(void **state)
{
	char school[] = "school", nothing[] = "", token[] = "t-1", nonce[] = "n";
	struct kl_judge_ticket ticket = { .instance = school, .token = nothing, .nonce = nonce };
	struct kl_store *store = *state;
	struct kl_error err;

	assert_int_equal(kl_store_ticket_get(&ticket, store, "work", &err), KL_ENOENT);
	assert_string_equal(ticket.instance, "school");
	assert_int_equal(kl_store_ticket_put(store, "work", &ticket, NULL), KL_OK);
	ticket.token = token;
	assert_int_equal(kl_store_ticket_put(store, "work", &ticket, NULL), KL_OK);
	assert_int_equal(kl_store_ticket_get(&ticket, store, "work", NULL), KL_OK);
	assert_string_equal(ticket.token, "t-1");
	assert_string_equal(ticket.nonce, "n");
	assert_int_equal(ticket.at_ms, 1000000);
	kl_judge_ticket_release(&ticket);
	assert_int_equal(kl_store_tickets_expire(store, 1000000, NULL), KL_OK);
	assert_int_equal(kl_store_ticket_get(&ticket, store, "work", NULL), KL_OK);
	kl_judge_ticket_release(&ticket);
	assert_int_equal(kl_store_tickets_expire(store, 1000001, NULL), KL_OK);
	assert_int_equal(kl_store_ticket_get(&ticket, store, "work", NULL), KL_ENOENT);
}

static bool kept(struct kl_store *store, const char *work)
{
	char *bytes;
	size_t len;

	if (kl_store_result_get(&bytes, &len, store, work, NULL))
		return false;
	free(bytes);
	return true;
}

static void results_are_bounded(void **state)
{
	struct kl_store *store = *state;
	char *large = kl_calloc(KL_RESULT_MAX + 1, 1), work[16];
	size_t len;
	char *bytes;

	assert_int_equal(kl_store_result_put(store, "a", "x\0y", 3, NULL), KL_OK);
	assert_int_equal(kl_store_result_get(&bytes, &len, store, "a", NULL), KL_OK);
	assert_int_equal(len, 3);
	assert_memory_equal(bytes, "x\0y", 3);
	free(bytes);
	assert_int_equal(kl_store_result_put(store, "large", large, KL_RESULT_MAX + 1, NULL), KL_OK);
	assert_false(kept(store, "large"));
	for (int i = 0; i < 9; i++) { /* 18 MiB: the first goes */
		snprintf(work, sizeof(work), "big%d", i);
		assert_int_equal(kl_store_result_put(store, work, large, KL_RESULT_MAX, NULL), KL_OK);
	}
	assert_false(kept(store, "a"));
	assert_true(kept(store, "big8"));
	assert_int_equal(kl_store_results_clear(store, NULL), KL_OK);
	for (int i = 0; i < KL_RESULTS_ROWS + 20; i++) {
		snprintf(work, sizeof(work), "%06d", i);
		assert_int_equal(kl_store_result_put(store, work, "x", 1, NULL), KL_OK);
	}
	assert_false(kept(store, "000000"));
	snprintf(work, sizeof(work), "%06d", KL_RESULTS_ROWS + 19);
	assert_true(kept(store, work));
	assert_int_equal(kl_store_results_clear(store, NULL), KL_OK);
	assert_false(kept(store, work));
	free(large);
}

static void take(void *ctx, const struct kl_judge_count *count)
{
	kl_buf_addf(ctx, "%s %s %s %lld\n", count->instance, count->language, count->what, (long long)count->count);
}

static void counts(void **state)
{
	struct kl_store *store = *state;
	struct kl_buf text;

	assert_int_equal(kl_store_count_add(store, "school", "c", "run", 1, NULL), KL_OK);
	assert_int_equal(kl_store_count_add(store, "school", "c", "run", 2, NULL), KL_OK);
	assert_int_equal(kl_store_count_add(store, "school", "c", "failed", 1, NULL), KL_OK);
	assert_int_equal(kl_store_count_add(store, "rapid", "java", "run", 1, NULL), KL_OK);
	kl_buf_init(&text, 1000);
	assert_int_equal(kl_store_counts_each(store, take, &text, NULL), KL_OK);
	assert_string_equal(text.data, "rapid java run 1\nschool c failed 1\nschool c run 3\n");
	kl_buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(tickets, set_up, tear_down),
		cmocka_unit_test_setup_teardown(results_are_bounded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(counts, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
