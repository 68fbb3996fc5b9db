/*
 * Of several addresses of a class server each one says who it is before a login goes there.
 *
 * links: tests/unit/http_server.c
 */

#include "tests/unit/class_scene.h"

static void note(void *ctx, const struct kl_class_answer *answer)
{
	struct outcome *outcome = ctx;

	outcome->count++;
	outcome->end = answer->end;
	snprintf(outcome->message, sizeof(outcome->message), "%s", answer->error.message);
}

static struct outcome get(const char *path)
{
	const struct kl_class_ask ask = { .method = "GET", .path = path };
	struct outcome outcome = { .count = 0 };
	struct kl_class_call *call;

	assert_false(kl_class_call(&call, scene.class, &ask, note, &outcome, NULL));
	wait_for(&outcome.count);
	return outcome;
}

/* What answers at a further address is another server, or says nothing of the kind: not a byte of the login goes there. */
static void N09_a_further_address_is_held_to_the_key(void **state)
{
	char *gone = kl_format("http://127.0.0.1:%d", unused_port());

	for (int i = 0; i < 6; i++) {
		const char *answer = i < 2   ? good(WHO("b3RoZXJvdGhlcm90aGVyb3RoZXJvdGhlcm90aGVyb3Q="))
				     : i < 4 ? good("{}")
					     : bad(401, "UNAUTHORIZED", "log in");
		const struct act acts[] = { { .path = "/api/server", .answer = answer },
					    { .path = "/api/x", .answer = good("{}") },
					    { .path = "/api/auth/refresh", .answer = good(TOKENS) },
					    { 0 } };
		struct outcome outcome;

		scene_logged_in_at(acts, gone);
		if (i % 2) /* the session has run out, and is to be renewed there */
			scene.clock.held_wall_ms = NOON + 3600000;
		outcome = get("/api/x");
		assert_int_equal(outcome.end, KL_CLASS_OFFLINE);
		assert_non_null(
			strstr(outcome.message,
			       " is not 'school', or shows another key than before: your login was not sent there; ask "
			       "your instructor for the right address"));
		assert_int_equal(times_heard("GET /api/server"), 1);
		assert_false(heard("Authorization"));
		assert_false(heard("/api/x"));
		assert_false(heard("klr_"));
		scene_tear_down(state);
		assert_int_equal(scene_set_up(state), 0);
	}
	free(gone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(N09_a_further_address_is_held_to_the_key, scene_set_up,
						scene_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
