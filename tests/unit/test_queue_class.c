/* The class's own entries in the judge's queue: written with what belongs to them, and in no list of the Judge0 API. */

#include "tests/unit/queue_scene.h"

static enum kl_status write_nothing(void *ctx, struct kl_error *err)
{
	(void)err;
	++*(int *)ctx;
	return KL_OK;
}

static enum kl_status refuse_to_write(void *ctx, struct kl_error *err)
{
	(void)ctx;
	return kl_fail(err, KL_EINVAL, "no");
}

static enum kl_status admit(const char *id, kl_queue_with_fn *with, void *ctx)
{
	struct kl_queue_entry entry = { .user = (char[]){ "a" },
					.priority = KL_PRIORITY_SUBMIT,
					.kind = KL_QUEUE_CLASS };
	enum kl_status status = kl_store_batch_begin(store, NULL), end;

	memcpy(entry.id, id, sizeof(entry.id));
	if (status)
		return status;
	status = kl_queue_admit(queue, &entry, with, ctx, NULL);
	end = kl_store_batch_end(store, NULL);
	return status ? status : end;
}

#define WORK "01920a3c-5f00-7abc-8def-0123456789ab"

static void class_entries_are_their_owners(void **state)
{
	struct kl_queue_entry entry;
	struct kl_error err;
	size_t count = 1;
	int written = 0;

	(void)state;
	assert_int_equal(admit(WORK, refuse_to_write, NULL), KL_EINVAL);
	assert_false(kl_queue_has(queue, WORK));
	assert_int_equal(admit(WORK, write_nothing, &written), KL_OK);
	assert_true(kl_queue_has(queue, WORK));
	assert_int_equal(kl_queue_open_of(queue, "a"), 1);
	assert_int_equal(kl_queue_get(&entry, queue, WORK, &err), KL_ENOENT);
	assert_string_equal(err.message, "there is no submission '" WORK "'");
	assert_int_equal(kl_queue_list(&entry, &count, 0, 1000, queue, NULL), KL_OK);
	assert_int_equal(count, 0);
	assert_int_equal(kl_queue_claim(&entry, queue, NULL), KL_OK);
	assert_int_equal(kl_store_batch_begin(store, NULL), KL_OK);
	assert_int_equal(kl_queue_settle(queue, WORK, entry.epoch + 1, write_nothing, &written, &err), KL_ECONFLICT);
	assert_string_equal(err.message, "the claim on '" WORK "' is an old one: its result is dropped");
	assert_int_equal(kl_queue_settle(queue, WORK, entry.epoch, refuse_to_write, NULL, &err), KL_EINVAL);
	assert_string_equal(err.message, "no");
	assert_true(kl_queue_has(queue, WORK));
	assert_int_equal(kl_queue_settle(queue, WORK, entry.epoch, write_nothing, &written, NULL), KL_OK);
	assert_int_equal(kl_store_batch_end(store, NULL), KL_OK);
	kl_queue_committed(queue);
	assert_int_equal(written, 2);
	assert_false(kl_queue_has(queue, WORK));
	kl_queue_entry_release(&entry);
}

/* A life in which a claim ends in a batch; true: it came to the end of that. */
static bool live_and_settle(struct kl_queue_entry *claim, enum kl_status *ended)
{
	int written = 0;
	enum kl_status status;

	if (kl_store_open_server(&store, path, &clock_, NULL) || kl_queue_open(&queue, store, &clock_, &plain, NULL) ||
	    admit(WORK, write_nothing, &written))
		return false;
	kl_queue_committed(queue);
	if (kl_queue_claim(claim, queue, NULL) || kl_store_batch_begin(store, NULL))
		return false;
	status = kl_queue_settle(queue, WORK, claim->epoch, write_nothing, &written, NULL);
	*ended = kl_store_batch_end(store, NULL);
	return !status;
}

/* What was found is written once more, and not looked for anew. */
static void failed_batch_keeps_the_claim(void **state)
{
	struct kl_queue_entry claim = { .body = NULL };
	enum kl_status ended = KL_OK;
	bool found = false;
	int written = 0;
	char text[16];

	(void)state;
	for (int step = 1; step < 200 && !found; step++) {
		kl_queue_entry_release(&claim);
		close_all();
		remove(path);
		snprintf(text, sizeof(text), "%d", step);
		setenv("KL_FAULT", text, 1);
		ended = KL_OK;
		found = live_and_settle(&claim, &ended) && ended;
	}
	assert_true(found);
	assert_int_equal(kl_queue_reload(queue, NULL), KL_OK);
	assert_int_equal(kl_queue_position(queue, WORK, NULL), -1); /* a claim, and not waiting */
	assert_true(kl_queue_has(queue, WORK));
	assert_int_equal(kl_store_batch_begin(store, NULL), KL_OK);
	assert_int_equal(kl_queue_settle(queue, WORK, claim.epoch, write_nothing, &written, NULL), KL_OK);
	assert_int_equal(kl_store_batch_end(store, NULL), KL_OK);
	assert_false(kl_queue_has(queue, WORK));
	kl_queue_entry_release(&claim);
}

/* A life that ends with reading the queue again; true: it came there. */
static bool live_and_reload(struct kl_queue_entry *claim, enum kl_status *reloaded)
{
	int written = 0;

	if (kl_store_open_server(&store, path, &clock_, NULL) || kl_queue_open(&queue, store, &clock_, &plain, NULL) ||
	    admit(WORK, write_nothing, &written) || kl_queue_claim(claim, queue, NULL))
		return false;
	*reloaded = kl_queue_reload(queue, NULL);
	return true;
}

/* A disk that fails once more when the queue is read again takes nothing out of memory: it is read when that works. */
static void what_cannot_be_read_again_stays(void **state)
{
	struct kl_queue_entry claim;
	enum kl_status reloaded = KL_EIO;
	int failures = 0, written = 0;
	char text[16];

	(void)state;
	for (int step = 1; reloaded && step < 200; step++) {
		claim = (struct kl_queue_entry){ .body = NULL };
		close_all();
		remove(path);
		snprintf(text, sizeof(text), "%d", step);
		setenv("KL_FAULT", text, 1);
		if (live_and_reload(&claim, &reloaded) && reloaded) {
			failures++;
			assert_true(kl_queue_has(queue, WORK));
			assert_int_equal(kl_queue_reload(queue, NULL), KL_OK);
			assert_int_equal(kl_store_batch_begin(store, NULL), KL_OK);
			assert_int_equal(kl_queue_settle(queue, WORK, claim.epoch, write_nothing, &written, NULL),
					 KL_OK);
			assert_int_equal(kl_store_batch_end(store, NULL), KL_OK);
		}
		kl_queue_entry_release(&claim);
	}
	assert_int_equal(reloaded, KL_OK);
	assert_true(failures > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(class_entries_are_their_owners, set_up, tear_down),
		cmocka_unit_test_setup_teardown(failed_batch_keeps_the_claim, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_cannot_be_read_again_stays, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
