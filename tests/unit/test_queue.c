/* The class judge's queue on a real store: turns, bounds, claims, restarts, batches that fail. */

#include "tests/unit/queue_scene.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

/* Adds one whose body is its name; the id goes to id (may be NULL). */
static enum kl_status add(const char *user, enum kl_queue_priority priority, const char *name, char *id)
{
	struct kl_queue_entry entry = { .user = (char *)(uintptr_t)user,
					.priority = priority,
					.kind = 71,
					.body = (char *)(uintptr_t)name,
					.body_len = strlen(name) };
	struct kl_error err;
	int64_t retry_ms = -1;
	enum kl_status status = kl_queue_add(queue, &entry, 1, &retry_ms, &err);

	if (!status && id)
		memcpy(id, entry.id, sizeof(entry.id));
	return status;
}

static void assert_added(const char *user, enum kl_queue_priority priority, const char *name)
{
	assert_int_equal(add(user, priority, name, NULL), KL_OK);
}

static void assert_claims(struct kl_queue_entry *out, const char *name)
{
	assert_int_equal(kl_queue_claim(out, queue, NULL), KL_OK);
	assert_string_equal(out->body, name);
}

/* Claims, ends as completed, and says which it was. */
static void assert_next(const char *name)
{
	struct kl_queue_entry entry;

	assert_claims(&entry, name);
	assert_int_equal(kl_queue_finish(queue, entry.id, entry.epoch, KL_COMPLETED, 3, "{}", 2, NULL), KL_OK);
	kl_queue_entry_release(&entry);
}

static void assert_nothing_to_do(void)
{
	struct kl_queue_entry entry;
	struct kl_error err;

	assert_int_equal(kl_queue_claim(&entry, queue, &err), KL_ENOENT);
}

/* --- turns -------------------------------------------------------------------------------------------------------- */

static void priorities_come_first(void **state)
{
	(void)state;
	assert_added("a", KL_PRIORITY_RUN, "run 1");
	assert_added("b", KL_PRIORITY_SUBMIT, "submit 1");
	assert_added("c", KL_PRIORITY_RUN, "run 2");
	assert_added("d", KL_PRIORITY_EXAM, "exam 1");
	assert_added("e", KL_PRIORITY_SUBMIT, "submit 2");
	assert_next("exam 1");
	assert_next("submit 1");
	assert_next("submit 2");
	assert_next("run 1");
	assert_next("run 2");
	assert_nothing_to_do();
}

static void users_take_turns(void **state)
{
	(void)state;
	for (int i = 1; i <= 4; i++) {
		char name[16];

		snprintf(name, sizeof(name), "a%d", i);
		assert_added("a", KL_PRIORITY_RUN, name);
	}
	assert_next("a1");
	assert_added("b", KL_PRIORITY_RUN, "b1");
	assert_added("b", KL_PRIORITY_RUN, "b2");
	assert_next("b1");
	assert_next("a2");
	assert_next("b2");
	assert_next("a3");
	assert_next("a4");
}

static void one_of_a_user_at_a_time(void **state)
{
	struct kl_queue_entry first, second;

	(void)state;
	assert_added("a", KL_PRIORITY_RUN, "a1");
	assert_added("a", KL_PRIORITY_RUN, "a2");
	assert_added("b", KL_PRIORITY_RUN, "b1");
	assert_claims(&first, "a1");
	assert_claims(&second, "b1");
	assert_nothing_to_do();
	assert_int_equal(kl_queue_finish(queue, first.id, first.epoch, KL_COMPLETED, 3, "", 0, NULL), KL_OK);
	assert_next("a2");
	kl_queue_entry_release(&first);
	kl_queue_entry_release(&second);
}

static void nobody_is_not_held_up(void **state)
{
	struct kl_queue_entry entries[5];
	struct kl_error err;

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_added("", KL_PRIORITY_RUN, "x");
	for (int i = 0; i < 4; i++)
		assert_claims(&entries[i], "x");
	assert_int_equal(kl_queue_claim(&entries[4], queue, &err), KL_ENOENT); /* four in flight are the bound */
	for (int i = 0; i < 4; i++)
		kl_queue_entry_release(&entries[i]);
}

/* --- bounds ------------------------------------------------------------------------------------------------------- */

static void full_is_told(void **state)
{
	struct kl_queue_entry three[3] = {
		{ .user = (char[]){ "" }, .body = (char[]){ "x" }, .body_len = 1 },
		{ .user = (char[]){ "" }, .body = (char[]){ "x" }, .body_len = 1 },
		{ .user = (char[]){ "" }, .body = (char[]){ "x" }, .body_len = 1 },
	};
	struct kl_queue_counts counts;
	struct kl_error err;

	(void)state;
	kl_queue_set_limits(queue, &(struct kl_queue_limits){ .queued_max = 4, .rate_per_minute = -1 });
	assert_int_equal(kl_queue_add(queue, three, 3, NULL, &err), KL_OK);
	for (int i = 0; i < 3; i++)
		three[i].id[0] = '\0';
	assert_int_equal(kl_queue_add(queue, three, 3, NULL, &err), KL_EMANY);
	assert_string_equal(err.message, "queue is full");
	kl_queue_counts(&counts, queue);
	assert_int_equal(counts.queued, 3);
}

static void rate_is_kept_and_forgotten(void **state)
{
	struct kl_queue_entry entry = { .user = (char[]){ "a" }, .body = (char[]){ "x" }, .body_len = 1 };
	struct kl_error err;
	int64_t retry_ms = 0;

	(void)state;
	kl_queue_set_limits(queue, &(struct kl_queue_limits){ .rate_per_minute = 2 });
	assert_added("a", KL_PRIORITY_RUN, "1");
	clock_.held_wall_ms += 20000;
	assert_added("a", KL_PRIORITY_RUN, "2");
	assert_int_equal(kl_queue_add(queue, &entry, 1, &retry_ms, &err), KL_EBUSY);
	assert_string_equal(err.message, "more than 2 executions in a minute: try again in 40 s");
	assert_int_equal(retry_ms, 40000);
	assert_added("b", KL_PRIORITY_RUN, "another user");
	assert_added("", KL_PRIORITY_RUN, "nobody");
	assert_added("a", KL_PRIORITY_EXAM, "exam");
	clock_.held_wall_ms += 39999;
	assert_int_equal(add("a", KL_PRIORITY_SUBMIT, "too early", NULL), KL_EBUSY);
	clock_.held_wall_ms += 1;
	assert_added("a", KL_PRIORITY_SUBMIT, "in time");
	assert_int_equal(add("a", KL_PRIORITY_SUBMIT, "the second one still counts", NULL), KL_EBUSY);
}

static void rate_survives_a_clock_set_back(void **state)
{
	(void)state;
	kl_queue_set_limits(queue, &(struct kl_queue_limits){ .rate_per_minute = 1 });
	assert_added("a", KL_PRIORITY_RUN, "1");
	clock_.held_wall_ms -= 3600000;
	assert_added("a", KL_PRIORITY_RUN, "2");
	assert_int_equal(add("a", KL_PRIORITY_RUN, "3", NULL), KL_EBUSY);
}

static void batch_over_the_rate(void **state)
{
	struct kl_queue_entry entries[3] = {
		{ .user = (char[]){ "a" }, .body = (char[]){ "x" }, .body_len = 1 },
		{ .user = (char[]){ "a" }, .body = (char[]){ "x" }, .body_len = 1 },
		{ .user = (char[]){ "a" }, .body = (char[]){ "x" }, .body_len = 1 },
	};
	struct kl_error err;

	(void)state;
	kl_queue_set_limits(queue, &(struct kl_queue_limits){ .rate_per_minute = 2 });
	assert_int_equal(kl_queue_add(queue, entries, 3, NULL, &err), KL_EINVAL);
	assert_string_equal(err.message, "3 executions at once are more than the 2 of a minute: send fewer");
}

/* --- claims ------------------------------------------------------------------------------------------------------- */

static void old_claims_count_no_more(void **state)
{
	struct kl_queue_entry first, second;
	struct kl_error err;
	char wanted[128];

	(void)state;
	assert_added("a", KL_PRIORITY_RUN, "x");
	assert_claims(&first, "x");
	assert_int_equal(first.epoch, 1);
	assert_int_equal(kl_queue_requeue(queue, first.id, first.epoch, NULL), KL_OK);
	assert_claims(&second, "x");
	assert_int_equal(second.epoch, 2);
	assert_int_equal(kl_queue_finish(queue, first.id, 1, KL_COMPLETED, 4, "wrong", 5, &err), KL_ECONFLICT);
	snprintf(wanted, sizeof(wanted), "the claim on '%s' is an old one: its result is dropped", first.id);
	assert_string_equal(err.message, wanted);
	assert_int_equal(kl_queue_finish(queue, first.id, 2, KL_COMPLETED, 3, "right", 5, NULL), KL_OK);
	assert_int_equal(kl_queue_finish(queue, first.id, 2, KL_COMPLETED, 4, "again", 5, &err), KL_ECONFLICT);
	kl_queue_entry_release(&first);
	assert_int_equal(kl_queue_get(&first, queue, second.id, NULL), KL_OK);
	assert_string_equal(first.result, "right");
	assert_int_equal(first.outcome, 3);
	assert_int_equal(first.state, KL_COMPLETED);
	kl_queue_entry_release(&first);
	kl_queue_entry_release(&second);
}

static void third_failure_is_the_last(void **state)
{
	struct kl_queue_entry entry;
	char id[KL_ID_SIZE];

	(void)state;
	assert_int_equal(add("a", KL_PRIORITY_RUN, "x", id), KL_OK);
	for (int i = 1; i <= 3; i++) {
		assert_claims(&entry, "x");
		assert_int_equal(kl_queue_requeue(queue, id, entry.epoch, NULL), KL_OK);
		kl_queue_entry_release(&entry);
	}
	assert_nothing_to_do();
	assert_int_equal(kl_queue_get(&entry, queue, id, NULL), KL_OK);
	assert_int_equal(entry.state, KL_FAILED);
	kl_queue_entry_release(&entry);
}

static void postponing_is_no_try(void **state)
{
	struct kl_queue_entry entry;
	char id[KL_ID_SIZE];
	struct kl_error err;

	(void)state;
	assert_int_equal(add("a", KL_PRIORITY_RUN, "x", id), KL_OK);
	for (int i = 1; i <= 10; i++) {
		assert_claims(&entry, "x");
		assert_int_equal(entry.epoch, i);
		assert_int_equal(kl_queue_postpone(queue, id, entry.epoch, NULL), KL_OK);
		assert_int_equal(kl_queue_postpone(queue, id, entry.epoch, &err), KL_ECONFLICT);
		kl_queue_entry_release(&entry);
	}
	assert_int_equal(kl_queue_get(&entry, queue, id, NULL), KL_OK);
	assert_int_equal(entry.state, KL_QUEUED);
	assert_int_equal(entry.tries, 0);
	kl_queue_entry_release(&entry);
}

static void given_back_keeps_its_place(void **state)
{
	struct kl_queue_entry entry;

	(void)state;
	assert_added("", KL_PRIORITY_RUN, "1");
	assert_added("", KL_PRIORITY_RUN, "2");
	assert_claims(&entry, "1");
	assert_int_equal(kl_queue_requeue(queue, entry.id, entry.epoch, NULL), KL_OK);
	kl_queue_entry_release(&entry);
	assert_next("1");
	assert_next("2");
}

static void only_waiting_ones_are_cancelled(void **state)
{
	struct kl_queue_entry entry;
	struct kl_error err;
	char first[KL_ID_SIZE], second[KL_ID_SIZE];

	(void)state;
	assert_int_equal(add("a", KL_PRIORITY_RUN, "1", first), KL_OK);
	assert_int_equal(add("a", KL_PRIORITY_RUN, "2", second), KL_OK);
	assert_claims(&entry, "1");
	assert_int_equal(kl_queue_cancel(queue, first, &err), KL_ECONFLICT);
	assert_int_equal(kl_queue_cancel(queue, second, NULL), KL_OK);
	assert_int_equal(kl_queue_cancel(queue, second, &err), KL_ECONFLICT);
	assert_int_equal(kl_queue_cancel(queue, "nothing", &err), KL_ENOENT);
	assert_int_equal(kl_queue_remove(queue, first, &err), KL_ECONFLICT);
	assert_int_equal(kl_queue_remove(queue, second, NULL), KL_OK);
	kl_queue_entry_release(&entry);
}

static void position_and_estimate(void **state)
{
	struct kl_queue_entry entry;
	int64_t estimate_ms = 0;
	char first[KL_ID_SIZE], second[KL_ID_SIZE], third[KL_ID_SIZE];

	(void)state;
	kl_queue_set_limits(queue, &(struct kl_queue_limits){ .in_flight_max = 1, .rate_per_minute = -1 });
	assert_int_equal(add("a", KL_PRIORITY_RUN, "1", first), KL_OK);
	assert_int_equal(add("b", KL_PRIORITY_RUN, "2", second), KL_OK);
	assert_int_equal(add("c", KL_PRIORITY_SUBMIT, "3", third), KL_OK);
	assert_int_equal(kl_queue_position(queue, third, NULL), 0);
	assert_int_equal(kl_queue_position(queue, first, NULL), 1);
	assert_int_equal(kl_queue_position(queue, second, &estimate_ms), 2);
	assert_int_equal(estimate_ms, 1500); /* nothing measured: half a second each */
	assert_claims(&entry, "3");
	assert_int_equal(kl_queue_position(queue, third, NULL), -1);
	assert_int_equal(kl_queue_position(queue, second, NULL), 1);
	kl_queue_entry_release(&entry);
}

/* --- restarts and faults ------------------------------------------------------------------------------------------ */

static void restart_loses_nothing(void **state)
{
	struct kl_queue_entry entry, again;
	char done[KL_ID_SIZE];

	(void)state;
	assert_int_equal(add("a", KL_PRIORITY_RUN, "done", done), KL_OK);
	assert_next("done");
	assert_added("a", KL_PRIORITY_RUN, "in flight");
	assert_added("b", KL_PRIORITY_RUN, "waiting");
	assert_claims(&entry, "in flight");
	close_all();
	open_all(&plain);
	assert_claims(&again, "in flight");
	assert_string_equal(again.id, entry.id);
	assert_int_equal(again.epoch, entry.epoch + 1);
	kl_queue_entry_release(&entry);
	kl_queue_entry_release(&again);
	assert_next("waiting");
	assert_nothing_to_do();
	assert_int_equal(kl_queue_get(&entry, queue, done, NULL), KL_OK);
	assert_string_equal(entry.result, "{}");
	kl_queue_entry_release(&entry);
}

static void second_server_is_refused(void **state)
{
	struct kl_store *other;
	struct kl_error err;
	char wanted[160];

	(void)state;
	assert_int_equal(kl_store_open_server(&other, path, &clock_, &err), KL_EBUSY);
	snprintf(wanted, sizeof(wanted), "another kodelabd has '%s' open: stop that one first", path);
	assert_string_equal(err.message, wanted);
}

/* Killed between vfork and exec, a server leaves a child with its lock for as long as exec takes on a busy machine. */
static void a_killed_servers_child_is_waited_for(void **state)
{
	char *lock = kl_format("%s.lock", path), held;
	int ends[2], fd;
	pid_t child;

	(void)state;
	close_all();
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (!child) {
		fd = open(lock, O_RDWR);
		held = flock(fd, LOCK_SH | LOCK_NB) == 0;
		(void)!write(ends[1], &held, 1);
		poll(NULL, 0, 200);
		_exit(0);
	}
	assert_int_equal(read(ends[0], &held, 1), 1);
	assert_true(held);
	open_all(&plain);
	assert_int_equal(waitpid(child, NULL, 0), child);
	close(ends[0]);
	close(ends[1]);
	free(lock);
}

static void damage_is_told_and_nothing_begun_anew(void **state)
{
	static const char rubbish[] = "SQLite format 3 was here once, now this is rubbish of no use at all";
	struct kl_error err;
	struct kl_buf text;
	char wanted[160];

	(void)state;
	close_all();
	assert_int_equal(kl_file_write(path, rubbish, sizeof(rubbish), 0600, NULL), KL_OK);
	assert_int_equal(kl_store_open_server(&store, path, &clock_, &err), KL_ECORRUPT);
	snprintf(wanted, sizeof(wanted), "'%s' is damaged: keep a copy of it and restore the newest backup", path);
	assert_string_equal(err.message, wanted);
	kl_buf_init(&text, 4096);
	assert_int_equal(kl_file_read(&text, path, NULL), KL_OK);
	assert_int_equal(text.len, sizeof(rubbish));
	assert_memory_equal(text.data, rubbish, sizeof(rubbish));
	kl_buf_release(&text);
}

/* A life with one entry in flight and a batch that adds and claims another; true: it came to the end of the batch. */
static bool live_with_batch(struct kl_queue_entry *ours, struct kl_queue_entry *theirs, enum kl_status *ended)
{
	enum kl_status status;

	if (kl_store_open_server(&store, path, &clock_, NULL) || kl_queue_open(&queue, store, &clock_, &plain, NULL) ||
	    add("a", KL_PRIORITY_RUN, "ours", NULL) || kl_queue_claim(ours, queue, NULL) ||
	    kl_store_batch_begin(store, NULL))
		return false;
	status = add("b", KL_PRIORITY_RUN, "in the batch", NULL);
	if (!status)
		status = kl_queue_claim(theirs, queue, NULL);
	*ended = kl_store_batch_end(store, NULL);
	return !status;
}

/* The disk fails when the batch ends: nothing of it has happened, in memory neither. */
static void failed_batch_is_taken_back(void **state)
{
	struct kl_queue_entry ours, theirs, entry;
	enum kl_status ended = KL_OK;
	struct kl_error err;
	char text[16];

	(void)state;
	for (int step = 1; step < 200 && !ended; step++) {
		ours = theirs = (struct kl_queue_entry){ .body = NULL };
		close_all();
		remove(path);
		snprintf(text, sizeof(text), "%d", step);
		setenv("KL_FAULT", text, 1);
		if (live_with_batch(&ours, &theirs, &ended) && !ended)
			break; /* nothing fails any more */
		if (ended && theirs.body)
			break;
		ended = KL_OK;
		kl_queue_entry_release(&ours);
		kl_queue_entry_release(&theirs);
	}
	assert_int_equal(ended, KL_EIO);
	assert_int_equal(kl_queue_reload(queue, NULL), KL_OK);
	assert_int_equal(kl_queue_finish(queue, theirs.id, theirs.epoch, KL_COMPLETED, 3, "", 0, &err), KL_ECONFLICT);
	assert_int_equal(kl_queue_finish(queue, ours.id, ours.epoch, KL_COMPLETED, 3, "", 0, NULL), KL_OK);
	assert_int_equal(kl_queue_get(&entry, queue, ours.id, NULL), KL_OK);
	assert_int_equal(entry.state, KL_COMPLETED);
	assert_nothing_to_do();
	kl_queue_entry_release(&entry);
	kl_queue_entry_release(&ours);
	kl_queue_entry_release(&theirs);
}

/* Walks the fault through every step of a life: whatever fails is told, and what was told as done is there. */
static void every_step_may_fail(void **state)
{
	char id[KL_ID_SIZE], text[16];
	struct kl_queue_entry entry;
	bool failed = true;

	(void)state;
	for (int step = 1; failed && step < 200; step++) {
		enum kl_status added, claimed, finished;

		close_all();
		snprintf(text, sizeof(text), "%d", step);
		setenv("KL_FAULT", text, 1);
		failed = kl_store_open_server(&store, path, &clock_, NULL) != KL_OK;
		if (failed)
			continue;
		failed = kl_queue_open(&queue, store, &clock_, &plain, NULL) != KL_OK;
		if (failed)
			continue;
		added = add("a", KL_PRIORITY_RUN, "x", id);
		claimed = kl_queue_claim(&entry, queue, NULL);
		finished = claimed ? claimed
				   : kl_queue_finish(queue, entry.id, entry.epoch, KL_COMPLETED, 3, "ok", 2, NULL);
		failed = added || claimed || finished;
		if (!claimed)
			kl_queue_entry_release(&entry);
		close_all();
		unsetenv("KL_FAULT");
		open_all(&plain);
		if (added)
			continue;
		assert_int_equal(kl_queue_get(&entry, queue, id, NULL), KL_OK);
		assert_int_equal(entry.state, finished ? KL_QUEUED : KL_COMPLETED);
		kl_queue_entry_release(&entry);
		while (!kl_queue_claim(&entry, queue, NULL)) { /* clear for the next round */
			assert_int_equal(kl_queue_finish(queue, entry.id, entry.epoch, KL_COMPLETED, 3, "", 0, NULL),
					 KL_OK);
			kl_queue_entry_release(&entry);
		}
	}
	assert_false(failed);
}

static void ten_thousand_wait(void **state)
{
	struct kl_queue_counts counts;
	struct kl_queue_entry entry;

	(void)state;
	kl_queue_set_limits(queue, &(struct kl_queue_limits){ .unfair = true, .rate_per_minute = -1 });
	assert_int_equal(kl_store_batch_begin(store, NULL), KL_OK);
	for (int i = 0; i < 10000; i++) {
		char user[16];

		snprintf(user, sizeof(user), "user%d", i % 500);
		assert_added(user, KL_PRIORITY_RUN, "x");
	}
	assert_int_equal(kl_store_batch_end(store, NULL), KL_OK);
	assert_int_equal(add("one", KL_PRIORITY_EXAM, "more", NULL), KL_EMANY);
	close_all();
	open_all(&plain);
	kl_queue_counts(&counts, queue);
	assert_int_equal(counts.queued, 10000);
	assert_claims(&entry, "x");
	assert_string_equal(entry.user, "user0");
	kl_queue_entry_release(&entry);
}

static void count_old(void *ctx, const struct kl_queue_entry *entry)
{
	assert_int_equal(entry->state, KL_COMPLETED);
	(*(int *)ctx)++;
}

static void old_ones_are_forgotten(void **state)
{
	int forgotten = 0;
	char id[KL_ID_SIZE];
	struct kl_queue_entry entry;
	struct kl_error err;

	(void)state;
	assert_int_equal(add("a", KL_PRIORITY_RUN, "old", id), KL_OK);
	assert_next("old");
	assert_added("a", KL_PRIORITY_RUN, "waits");
	assert_int_equal(kl_store_queue_expire(store, NOON + 1, 10, count_old, &forgotten, NULL), KL_OK);
	assert_int_equal(forgotten, 1);
	assert_int_equal(kl_queue_get(&entry, queue, id, &err), KL_ENOENT);
	assert_next("waits");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(priorities_come_first),
		TEST(users_take_turns),
		TEST(one_of_a_user_at_a_time),
		TEST(nobody_is_not_held_up),
		TEST(full_is_told),
		TEST(rate_is_kept_and_forgotten),
		TEST(rate_survives_a_clock_set_back),
		TEST(batch_over_the_rate),
		TEST(old_claims_count_no_more),
		TEST(third_failure_is_the_last),
		TEST(postponing_is_no_try),
		TEST(given_back_keeps_its_place),
		TEST(only_waiting_ones_are_cancelled),
		TEST(position_and_estimate),
		TEST(restart_loses_nothing),
		TEST(second_server_is_refused),
		TEST(a_killed_servers_child_is_waited_for),
		TEST(damage_is_told_and_nothing_begun_anew),
		TEST(failed_batch_is_taken_back),
		TEST(every_step_may_fail),
		TEST(ten_thousand_wait),
		TEST(old_ones_are_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
