/* Sessions that are remembered, and what is read in a turn: nothing that was written since is overlooked, by whomever it was. */

#include "tests/unit/session_scene.h"

#include <kodelab/store_backup.h>
#include <kodelab/store_keys.h>

#include "tests/unit/scratch.h"

#define CROWD 6000 /* more than are remembered */

static struct kl_store *other; /* of a command beside the server */
static char *path;

static int set_up(void **state)
{
	if (scratch_open_fast(state))
		return -1;
	path = kl_path_join(scratch, "server.db");
	return open_store(path) || kl_store_open_beside(&other, path, &clock_, NULL) ? -1 : 0;
}

static int tear_down(void **state)
{
	kl_store_close(other);
	close_store();
	free(path);
	return scratch_close(state);
}

static enum kl_status find(int64_t *role, const char *access)
{
	struct kl_session_holder holder = { .role = -1 };
	enum kl_status status = kl_holders_find(&holder, holders, store, access, &clock_, NULL);

	*role = holder.role;
	return status;
}

static void has_role(const char *access, int64_t wanted)
{
	int64_t role;

	assert_int_equal(find(&role, access), KL_OK);
	assert_int_equal(role, wanted);
}

static void remembers_until_something_is_written(void **state)
{
	struct kl_tokens tokens;

	(void)state;
	begin(&tokens);
	has_role(tokens.access, 1);
	assert_int_equal(kl_holders_known(holders), 0);
	for (int i = 0; i < 5; i++) {
		has_role(tokens.access, 1);
		kl_store_turn_end(store);
	}
	assert_int_equal(kl_holders_known(holders), 5);
	assert_int_equal(kl_store_user_role(store, ada, 2, NULL), KL_OK);
	has_role(tokens.access, 2);
	assert_int_equal(kl_holders_known(holders), 5);
}

static void A01_counts_with_the_next_request(void **state)
{
	struct kl_tokens tokens, next;
	int64_t role;

	(void)state;
	begin(&tokens);
	has_role(tokens.access, 1);
	assert_int_equal(kl_store_batch_begin(store, NULL), KL_OK); /* as the server writes */
	assert_int_equal(kl_store_user_disable(store, ada, true, NULL), KL_OK);
	assert_int_equal(find(&role, tokens.access), KL_EDENIED);
	assert_int_equal(kl_store_user_disable(store, ada, false, NULL), KL_OK);
	has_role(tokens.access, 1);
	assert_int_equal(kl_session_refresh(&next, store, tokens.refresh, NULL, &clock_, NULL), KL_OK);
	assert_int_equal(find(&role, tokens.access), KL_EDENIED);
	has_role(next.access, 1);
	assert_int_equal(kl_store_session_end(store, next.session, START, NULL), KL_OK);
	assert_int_equal(find(&role, next.access), KL_EDENIED);
	assert_int_equal(kl_store_batch_end(store, NULL), KL_OK);
	assert_int_equal(find(&role, next.access), KL_EDENIED);
	begin(&tokens);
	has_role(tokens.access, 1);
	clock_.held_wall_ms = tokens.access_until_ms; /* nothing is written: it is over */
	assert_int_equal(find(&role, tokens.access), KL_EDENIED);
}

static void what_was_taken_back_was_not(void **state)
{
	struct kl_tokens tokens;

	(void)state;
	begin(&tokens);
	has_role(tokens.access, 1);
	assert_int_equal(kl_store_batch_begin(store, NULL), KL_OK);
	assert_int_equal(kl_store_part_begin(store, NULL), KL_OK);
	assert_int_equal(kl_store_user_role(store, ada, 3, NULL), KL_OK);
	has_role(tokens.access, 3);
	assert_int_equal(kl_store_part_end(store, KL_EIO, NULL), KL_EIO);
	has_role(tokens.access, 1);
	assert_int_equal(kl_store_batch_end(store, NULL), KL_OK);
	has_role(tokens.access, 1);
}

static void A01_what_another_process_writes(void **state)
{
	struct kl_tokens tokens;
	int64_t role;

	(void)state;
	begin(&tokens);
	kl_store_turn_end(store);
	has_role(tokens.access, 1);
	assert_int_equal(kl_store_user_disable(other, ada, true, NULL),
			 KL_OK); /* it need not wait for the turn's end */
	has_role(tokens.access, 1);
	kl_store_turn_end(store);
	assert_int_equal(find(&role, tokens.access), KL_EDENIED);
	assert_int_equal(kl_store_user_disable(other, ada, false, NULL), KL_OK);
	kl_store_turn_end(store);
	has_role(tokens.access, 1);
	assert_int_equal(kl_store_user_role(other, ada, 2, NULL), KL_OK);
	assert_int_equal(kl_store_batch_begin(store, NULL), KL_OK); /* a write begins with what is newest */
	has_role(tokens.access, 2);
	assert_int_equal(kl_store_batch_end(store, NULL), KL_OK);
}

static void token_of(char token[KL_TOKEN_SIZE], size_t number)
{
	snprintf(token, KL_TOKEN_SIZE, "kls_%043zu", number);
}

static void a_crowd_is_told_apart(void **state)
{
	struct kl_session_row row = { .device = (char[]){ "" },
				      .from = (char[]){ "" },
				      .access_until_ms = START + 1000,
				      .refresh_until_ms = START + 1000 };
	struct kl_session_holder holder;
	char token[KL_TOKEN_SIZE];

	(void)state;
	memcpy(row.user, ada, sizeof(row.user));
	assert_int_equal(kl_store_batch_begin(store, NULL), KL_OK);
	for (size_t i = 0; i < CROWD; i++) {
		snprintf(row.id, sizeof(row.id), "%zu", i);
		snprintf(row.refresh, sizeof(row.refresh), "%zu", i);
		token_of(token, i);
		kl_sha256(row.access, token, strlen(token));
		assert_int_equal(kl_store_session_add(store, &row, NULL), KL_OK);
	}
	assert_int_equal(kl_store_batch_end(store, NULL), KL_OK);
	for (size_t i = 0; i < 2 * CROWD; i++) {
		token_of(token, i % CROWD);
		assert_int_equal(kl_holders_find(&holder, holders, store, token, &clock_, NULL), KL_OK);
		assert_int_equal(strtoul(holder.session, NULL, 10), i % CROWD);
	}
	assert_in_range(kl_holders_known(holders), CROWD / 10, CROWD);
}

/* --- turns -------------------------------------------------------------------------------------------------------- */

static int64_t count_users(void)
{
	int64_t count;

	assert_int_equal(kl_store_users_of_role(&count, store, 1, NULL), KL_OK);
	return count;
}

static void a_turn_is_of_one_moment(void **state)
{
	(void)state;
	assert_int_equal(count_users(), 1);
	assert_int_equal(kl_store_user_role(other, ada, 2, NULL), KL_OK);
	assert_int_equal(count_users(), 1);
	kl_store_turn_end(store);
	assert_int_equal(count_users(), 0);
	assert_int_equal(kl_store_user_role(store, ada, 1, NULL), KL_OK);
	assert_int_equal(count_users(), 1);
	assert_int_equal(kl_store_user_role(other, ada, 2, NULL), KL_OK);
	assert_int_equal(kl_store_batch_begin(store, NULL), KL_OK);
	assert_int_equal(count_users(), 0);
	assert_int_equal(kl_store_batch_end(store, NULL), KL_OK);
}

/* What cannot be done inside a transaction. */
static void ends_where_it_must(void **state)
{
	char *copy = kl_path_join(scratch, "copy.db");

	(void)state;
	assert_int_equal(count_users(), 1);
	kl_store_lightly(store, true);
	assert_int_equal(count_users(), 1);
	kl_store_lightly(store, false);
	assert_int_equal(count_users(), 1);
	assert_int_equal(kl_store_backup(NULL, store, copy, NULL), KL_OK);
	assert_int_equal(count_users(), 1);
	assert_int_equal(kl_store_keys_shred(store, NULL), KL_OK);
	free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(remembers_until_something_is_written, set_up, tear_down),
		cmocka_unit_test_setup_teardown(A01_counts_with_the_next_request, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_was_taken_back_was_not, set_up, tear_down),
		cmocka_unit_test_setup_teardown(A01_what_another_process_writes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_crowd_is_told_apart, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_turn_is_of_one_moment, set_up, tear_down),
		cmocka_unit_test_setup_teardown(ends_where_it_must, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
