/*
 * The server's events while a verdict is waited for: when they are listened to, and what they can make the lab do.
 *
 * links: tests/unit/http_server.c
 */

#include "tests/unit/sync_scene.h"

#define EVENTS(text) .path = "/api/events", .answer = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" text

/* Runs the background until what is asked of the state is so. */
static void run_until_hears(bool hears)
{
	int64_t until_ms = kl_clock_mono_ms() + WAIT_MS;

	while (kl_sync_state(lab.sync)->hears != hears && kl_clock_mono_ms() < until_ms)
		kl_loop_turn(scene.loop, 100);
	assert_int_equal(kl_sync_state(lab.sync)->hears, hears);
}

static void a_verdict_that_is_waited_for_is_heard(void **state)
{
	char id[KL_ID_SIZE];

	(void)state;
	class_has("pack");
	rewind_cursor();
	{
		const struct act acts[] = { NOTHING, { EVENTS("event: hello\ndata: {}\n\n") }, { 0 } };

		open_lab(acts);
		lab.ended = 0;
		kl_sync_once(lab.sync, 1000, ended, NULL);
		wait_for(&lab.ended);
		assert_false(heard("/api/events")); /* nothing is waited for */
	}
	submit(id, "pack", "int x;");
	{
		const struct act acts[] = {
			{ PUSH, .answer = receipts("stored", RIGHT) },
			NOTHING,
			{ EVENTS(": a comment that is longer than any line that counts\nevent: hello\n"
				 "data: {}\n\nevent: queue\ndata: {}\n\n"),
			  .drip_ms = 1 },
			{ 0 }
		};

		open_lab(acts);
		kl_sync_wake(lab.sync);
		run_until_hears(true);
		assert_int_equal(times_heard("GET /api/events"), 1);
		assert_true(heard("Authorization: Bearer kls_first"));
	}
	kl_sync_stop(lab.sync);
	assert_false(kl_sync_state(lab.sync)->hears);
}

static void a_stream_that_is_cut_is_begun_again(void **state)
{
	char id[KL_ID_SIZE];

	(void)state;
	class_has("pack");
	rewind_cursor();
	submit(id, "pack", "int x;");
	{
		const struct act acts[] = { { PUSH, .answer = receipts("stored", RIGHT) },
					    NOTHING,
					    { EVENTS("event: hello\ndata: {}\n\n"), .times = 1, .close = true },
					    { EVENTS("event: hello\ndata: {}\n\n") },
					    { 0 } };

		open_lab(acts);
		kl_sync_wake(lab.sync);
		run_until_hears(true);
		while (times_heard("GET /api/events") < 2)
			kl_loop_turn(scene.loop, 100);
		run_until_hears(true);
	}
}

/* Whether it says so without a pause, or ends the stream and says it anew; what is done here waits for none of that. */
static void a_server_that_floods_with_events_is_asked_once_a_second(void **state)
{
	char id[KL_ID_SIZE];
	int64_t begun_ms;

	(void)state;
	class_has("pack");
	submit(id, "pack", "int x;");
	for (int close = 0; close < 2; close++) {
		const struct act acts[] = { { PUSH, .answer = receipts("stored", RIGHT) },
					    NOTHING,
					    { EVENTS("event: hello\n\nevent: result\n\nevent: result\n\n"
						     "event: result\n\nevent: result\n\nevent: result\n\n"
						     "event: result\n\nevent: result\n\nevent: result\n\n"),
					      .drip_ms = close ? 0 : 20, .close = close },
					    { 0 } };

		rewind_cursor();
		open_lab(acts);
		begun_ms = kl_clock_mono_ms();
		kl_sync_wake(lab.sync);
		while (times_heard("GET /api/sync?") < 4) /* the first, two at once, and one a second later */
			kl_loop_turn(scene.loop, 100);
		if (kl_clock_mono_ms() - begun_ms < 900)
			fail_msg("four rounds in %d ms", (int)(kl_clock_mono_ms() - begun_ms));
		begun_ms = kl_clock_mono_ms();
		kl_sync_wake(lab.sync);
		while (times_heard("GET /api/sync?") < 5)
			kl_loop_turn(scene.loop, 100);
		assert_true(kl_clock_mono_ms() - begun_ms < 800);
	}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_verdict_that_is_waited_for_is_heard),
		CASE(a_stream_that_is_cut_is_begun_again),
		CASE(a_server_that_floods_with_events_is_asked_once_a_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
