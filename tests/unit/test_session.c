/* Sessions, terminals and the audit log on a real store, with a clock that is held. */

#include "tests/unit/session_scene.h"

#include <stdlib.h>

#include <kodelab/alloc.h>
#include <kodelab/file.h>
#include <kodelab/path.h>

#define MINUTE INT64_C(60000)
#define NONCE  "0123456789abcdef"

static int set_up(void **state)
{
	(void)state;
	return open_store(NULL) ? -1 : 0;
}

static int tear_down(void **state)
{
	(void)state;
	close_store();
	return 0;
}

static void lets_in(const struct kl_tokens *tokens)
{
	struct kl_session_holder holder;

	assert_int_equal(kl_session_find(&holder, store, tokens->access, &clock_, NULL), KL_OK);
	assert_int_equal(kl_holders_find(&holder, holders, store, tokens->access, &clock_, NULL), KL_OK);
	assert_string_equal(holder.user, ada);
	assert_string_equal(holder.session, tokens->session);
	assert_string_equal(holder.name, "ada");
	assert_int_equal(holder.role, 1);
}

static void lets_nobody_in(const char *access)
{
	struct kl_session_holder holder;
	struct kl_error err;

	assert_int_equal(kl_holders_find(&holder, holders, store, access, &clock_, NULL), KL_EDENIED);
	assert_int_equal(kl_session_find(&holder, store, access, &clock_, &err), KL_EDENIED);
	assert_string_equal(err.message, "this token lets nobody in: sign in again");
}

static enum kl_status refresh(struct kl_tokens *tokens, const char *token, const char *nonce)
{
	return kl_session_refresh(tokens, store, token, nonce, &clock_, NULL);
}

static void is_over(const char *token)
{
	struct kl_tokens tokens;
	struct kl_error err;

	assert_int_equal(kl_session_refresh(&tokens, store, token, NULL, &clock_, &err), KL_EDENIED);
	assert_string_equal(err.message, "this session is over: sign in again");
}

static void was_spent(const struct kl_tokens *spent, const char *nonce)
{
	struct kl_tokens tokens = { .session = "" };
	struct kl_error err;

	assert_int_equal(kl_session_refresh(&tokens, store, spent->refresh, nonce, &clock_, &err), KL_ECONFLICT);
	assert_string_equal(err.message, "this refresh token was used before: the session was ended, because somebody "
					 "else may have it; sign in again");
	assert_string_equal(tokens.session, spent->session);
}

static void a_session_and_its_end(void **state)
{
	struct kl_tokens tokens, next;

	(void)state;
	begin(&tokens);
	lets_in(&tokens);
	assert_int_equal(tokens.access_until_ms, START + 24 * 60 * MINUTE);
	lets_nobody_in("");
	lets_nobody_in("kls_");
	lets_nobody_in(tokens.refresh); /* each for its own */
	is_over(tokens.access);
	clock_.held_wall_ms = tokens.access_until_ms - 1;
	lets_in(&tokens);
	clock_.held_wall_ms = tokens.access_until_ms;
	lets_nobody_in(tokens.access);
	clock_.held_wall_ms = tokens.refresh_until_ms - 1;
	assert_int_equal(refresh(&next, tokens.refresh, NULL), KL_OK);
	lets_in(&next);
	clock_.held_wall_ms = next.refresh_until_ms;
	is_over(next.refresh);
}

static void disabled(void **state)
{
	struct kl_tokens tokens;

	(void)state;
	begin(&tokens);
	assert_int_equal(kl_store_user_disable(store, ada, true, NULL), KL_OK);
	lets_nobody_in(tokens.access);
	is_over(tokens.refresh);
	assert_int_equal(kl_store_user_disable(store, ada, false, NULL), KL_OK);
	lets_in(&tokens);
}

/* A07, with an answer that was lost: the same exchange can be asked for until its tokens were used. */
static void the_same_exchange(void **state)
{
	struct kl_tokens first, second, same, third;

	(void)state;
	begin(&first);
	assert_int_equal(refresh(&second, first.refresh, NONCE), KL_OK);
	assert_string_not_equal(second.refresh, first.refresh);
	clock_.held_wall_ms += MINUTE;
	assert_int_equal(refresh(&same, first.refresh, NONCE), KL_OK);
	assert_string_equal(same.access, second.access);
	assert_string_equal(same.refresh, second.refresh);
	assert_int_equal(same.access_until_ms, second.access_until_ms);
	lets_in(&same);
	assert_int_equal(refresh(&third, second.refresh, NONCE), KL_OK); /* the nonce alone makes no token twice */
	assert_string_not_equal(third.refresh, second.refresh);
	was_spent(&first, NONCE); /* two exchanges ago */
	lets_nobody_in(third.access);
	is_over(third.refresh);
}

static void a_thief_without_the_nonce(void **state)
{
	static const char *const nonces[] = { NULL, "0123456789abcdeF", "" };
	struct kl_tokens first, second;

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(nonces); i++) {
		begin(&first);
		assert_int_equal(refresh(&second, first.refresh, NONCE), KL_OK);
		was_spent(&first, nonces[i]);
		lets_nobody_in(second.access);
	}
	begin(&first); /* without a nonce there is nothing to repeat */
	assert_int_equal(refresh(&second, first.refresh, NULL), KL_OK);
	was_spent(&first, NONCE);
	lets_nobody_in(second.access);
}

static void many_sessions(void **state)
{
	struct kl_tokens tokens[22];

	(void)state;
	for (size_t i = 0; i < KL_LENGTH(tokens); i++) {
		clock_.held_wall_ms++;
		begin(&tokens[i]);
	}
	lets_nobody_in(tokens[0].access);
	lets_nobody_in(tokens[1].access);
	for (size_t i = 2; i < KL_LENGTH(tokens); i++)
		lets_in(&tokens[i]);
	assert_int_equal(kl_store_sessions_end(store, ada, tokens[5].session, START, NULL), KL_OK);
	lets_in(&tokens[5]);
	lets_nobody_in(tokens[6].access);
}

static void forgetting(void **state)
{
	struct kl_tokens tokens, next;
	struct kl_session_row row;
	bool spent;

	(void)state;
	begin(&tokens);
	assert_int_equal(refresh(&next, tokens.refresh, NULL), KL_OK);
	assert_int_equal(kl_store_accounts_forget(store, next.refresh_until_ms, NULL), KL_OK);
	assert_int_equal(kl_store_session_get(&row, store, next.session, NULL), KL_OK);
	kl_session_row_release(&row);
	assert_int_equal(kl_store_accounts_forget(store, next.refresh_until_ms + 1, NULL), KL_OK);
	assert_int_equal(kl_store_session_get(&row, store, next.session, NULL), KL_ENOENT);
	assert_int_equal(kl_store_session_refreshed(&row, &spent, store, tokens.refresh, NULL), KL_ENOENT);
}

/* --- terminals ---------------------------------------------------------------------------------------------------- */

static enum kl_device_answer poll_device(const struct kl_device_codes *codes, struct kl_tokens *tokens)
{
	enum kl_device_answer answer;
	char user[KL_ID_SIZE];

	assert_int_equal(kl_device_poll(&answer, tokens, user, store, codes->device, "10.0.0.1", &clock_, NULL), KL_OK);
	if (answer == KL_DEVICE_GRANTED)
		assert_string_equal(user, ada);
	return answer;
}

static enum kl_status decide(const struct kl_device_codes *codes, bool approved)
{
	struct kl_device device;
	enum kl_status status = kl_device_find(&device, store, codes->user, &clock_, NULL);
	char code[KL_SHA256_SIZE];

	if (status)
		return status;
	memcpy(code, device.code, sizeof(code));
	kl_device_release(&device);
	status = kl_device_decide(&device, store, code, ada, approved, &clock_, NULL);
	if (!status)
		kl_device_release(&device);
	return status;
}

static void A09_a_terminal(void **state)
{
	struct kl_device_codes codes;
	struct kl_tokens tokens;

	(void)state;
	assert_int_equal(kl_device_begin(&codes, store, "lab-pc-12", "10.0.0.1", &clock_, NULL), KL_OK);
	assert_int_equal(poll_device(&codes, &tokens), KL_DEVICE_PENDING);
	clock_.held_wall_ms += 3999; /* a second early is no haste */
	assert_int_equal(poll_device(&codes, &tokens), KL_DEVICE_SLOW_DOWN);
	clock_.held_wall_ms += 5000; /* ten from now on */
	assert_int_equal(poll_device(&codes, &tokens), KL_DEVICE_SLOW_DOWN);
	clock_.held_wall_ms += 14000;
	assert_int_equal(poll_device(&codes, &tokens), KL_DEVICE_PENDING);
	assert_int_equal(decide(&codes, true), KL_OK);
	assert_int_equal(decide(&codes, true), KL_ENOENT); /* two approvals */
	assert_int_equal(decide(&codes, false), KL_ENOENT);
	clock_.held_wall_ms += 15000;
	assert_int_equal(poll_device(&codes, &tokens), KL_DEVICE_GRANTED);
	lets_in(&tokens);
	clock_.held_wall_ms += 15000;
	assert_int_equal(poll_device(&codes, &tokens), KL_DEVICE_EXPIRED); /* once */
}

static void A09_over_and_refused(void **state)
{
	struct kl_device_codes late, denied, orphan;
	struct kl_tokens tokens;

	(void)state;
	assert_int_equal(kl_device_begin(&late, store, "one", "10.0.0.1", &clock_, NULL), KL_OK);
	assert_int_equal(kl_device_begin(&denied, store, "two", "10.0.0.1", &clock_, NULL), KL_OK);
	assert_int_equal(kl_device_begin(&orphan, store, "three", "10.0.0.1", &clock_, NULL), KL_OK);
	assert_int_equal(decide(&denied, false), KL_OK);
	assert_int_equal(poll_device(&denied, &tokens), KL_DEVICE_REFUSED);
	assert_int_equal(decide(&orphan, true), KL_OK);
	assert_int_equal(kl_store_user_disable(store, ada, true, NULL), KL_OK); /* meanwhile */
	assert_int_equal(poll_device(&orphan, &tokens), KL_DEVICE_REFUSED);
	assert_int_equal(kl_store_user_disable(store, ada, false, NULL), KL_OK);
	clock_.held_wall_ms = START + 10 * MINUTE;
	assert_int_equal(poll_device(&late, &tokens), KL_DEVICE_EXPIRED);
	assert_int_equal(decide(&late, true), KL_ENOENT);
	memcpy(late.device, "kld_guessed", sizeof("kld_guessed"));
	assert_int_equal(poll_device(&late, &tokens), KL_DEVICE_EXPIRED);
}

/* --- whose a token is --------------------------------------------------------------------------------------------- */

/* A disk that fails does not make it nobody's: every step of it is one that fails. */
static void a_token_has_its_owner_or_a_fault(void **state)
{
	struct kl_tokens tokens, next;
	char owner[KL_ID_SIZE], number[16], folder[] = "/tmp/kodelab-test-XXXXXX", *path;
	enum kl_status status = KL_EIO;
	struct kl_error err;
	int faults = 0;

	(void)state;
	close_store();
	assert_non_null(mkdtemp(folder));
	path = kl_path_join(folder, "server.db");
	assert_int_equal(open_store(path), KL_OK);
	begin(&tokens);
	assert_int_equal(refresh(&next, tokens.refresh, NONCE), KL_OK);
	for (int step = 1; status || !faults; step++) {
		kl_store_close(store);
		snprintf(number, sizeof(number), "%d", step);
		setenv("KL_FAULT", number, 1);
		status = kl_store_open_server(&store, path, &clock_, &err);
		unsetenv("KL_FAULT");
		if (status) {
			store = NULL;
			continue;
		}
		status = kl_session_owner(owner, store, tokens.refresh, &err); /* a spent one: three looks */
		faults += status == KL_EIO;
		assert_true(status == KL_OK || status == KL_EIO);
	}
	assert_string_equal(owner, ada);
	assert_true(faults >= 3);
	kl_store_close(store); /* the next step would fail */
	assert_int_equal(kl_store_open_server(&store, path, &clock_, NULL), KL_OK);
	assert_int_equal(kl_session_owner(owner, store, "klr_nobody", &err), KL_EDENIED);
	assert_string_equal(err.message, "this token is nobody's, or its session has ended");
	free(path);
	assert_int_equal(kl_file_remove_tree(folder, NULL), KL_OK);
}

/* --- audit -------------------------------------------------------------------------------------------------------- */

static void note(const char *action, const char *detail)
{
	const struct kl_audit_row row = {
		.actor = ada, .name = "ada", .action = action, .subject = "x", .detail = detail, .from = ""
	};

	assert_int_equal(kl_audit_add(store, &row, &clock_, NULL), KL_OK);
}

static void a_chain(void **state)
{
	struct kl_audit_check check;

	(void)state;
	assert_int_equal(kl_audit_verify(&check, store, NULL), KL_OK);
	assert_int_equal(check.rows, 0);
	assert_int_equal(check.wrong, 0);
	for (int i = 0; i < 1203; i++) /* more than it reads at a time */
		note(i % 2 ? "user.role" : "user.state", "line\none \"quoted\"");
	assert_int_equal(kl_audit_verify(&check, store, NULL), KL_OK);
	assert_int_equal(check.rows, 1203);
	assert_int_equal(check.wrong, 0);
}

static void see_detail(void *ctx, const struct kl_audit_row *row)
{
	snprintf(ctx, 2000, "%s", row->detail);
}

static void a_long_detail_ends_with_a_whole_character(void **state)
{
	char detail[1101], seen[2000] = "";

	(void)state;
	for (size_t i = 0; i < 1100; i += 2)
		memcpy(detail + i, "\u00e9", 2);
	detail[0] = 'x';
	detail[1] = 'y';
	detail[2] = 'z'; /* the thousandth byte is the first of two */
	memmove(detail + 3, detail + 4, 1096);
	detail[1099] = '\0';
	note("user.role", detail);
	assert_int_equal(kl_store_audit_each(store, 0, 1, see_detail, seen, NULL), KL_OK);
	assert_int_equal(strlen(seen), 999);
	assert_memory_equal(seen, detail, 999);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_session_and_its_end),
		TEST(disabled),
		TEST(the_same_exchange),
		TEST(a_thief_without_the_nonce),
		TEST(many_sessions),
		TEST(forgetting),
		TEST(A09_a_terminal),
		TEST(A09_over_and_refused),
		TEST(a_token_has_its_owner_or_a_fault),
		TEST(a_chain),
		TEST(a_long_detail_ends_with_a_whole_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
