#ifndef TESTS_UNIT_INTAKE_SCENE_H
#define TESTS_UNIT_INTAKE_SCENE_H

/* The class server's intake on a real store and queue, in a folder of its own, with a clock that stands still; and things to hand in. */

#include "tests/unit/scratch.h"

#include <cjson/cJSON.h>

#include <kodelab/clock.h>
#include <kodelab/intake.h>
#include <kodelab/queue.h>
#include <kodelab/store.h>
#include <kodelab/store_works.h>

#define NOON INT64_C(1796040000000)
#define ADA  "01920a3c-5f00-7abc-8def-0123456789a0"
#define BOB  "01920a3c-5f00-7abc-8def-0123456789b0"

static char *path, *key_path;
static struct kl_clock clock_ = { .held = true, .held_wall_ms = NOON };
static struct kl_store *store;
static struct kl_queue *queue;
static struct kl_intake *intake;
static bool renewed;
static int64_t kept_max;
static int scored;

static inline enum kl_status on_scored(void *ctx, const struct kl_work *work, const char *report, struct kl_error *err)
{
	(void)ctx;
	(void)report;
	(void)work;
	(void)err;
	scored++;
	return KL_OK;
}

static inline enum kl_status open_intake(struct kl_error *err)
{
	const struct kl_intake_use use = { .store = store,
					   .queue = queue,
					   .clock = &clock_,
					   .key_path = key_path,
					   .waiting_max = 3,
					   .kept_max = kept_max,
					   .scored = on_scored };

	return kl_intake_open(&intake, &renewed, &use, err);
}

/* As the server does when it starts. On failure close_all() is called all the same. */
static inline enum kl_status try_open_all(struct kl_error *err)
{
	const struct kl_queue_limits limits = { .in_flight_max = 4, .user_in_flight_max = 4, .rate_per_minute = 1 };
	enum kl_status status = kl_store_open_server(&store, path, &clock_, err);

	if (!status)
		status = kl_queue_open(&queue, store, &clock_, &limits, err);
	return status ? status : open_intake(err);
}

static inline void open_all(void)
{
	struct kl_error err;

	if (try_open_all(&err))
		fail_msg("%s", err.message);
}

static inline void close_all(void)
{
	kl_intake_close(intake);
	kl_queue_close(queue);
	kl_store_close(store);
	intake = NULL;
	queue = NULL;
	store = NULL;
}

/* Where the server's files are, from now on. */
static inline void live_in(const char *folder)
{
	free(path);
	free(key_path);
	path = kl_path_join(folder, "server.db");
	key_path = kl_path_join(folder, "keys/receipt.key");
}

/* Nothing is open yet. */
static inline int set_up_closed(void **state)
{
	if (scratch_open_fast(state))
		return -1;
	live_in(scratch);
	clock_.held_wall_ms = NOON;
	kept_max = INT64_C(64) << 20;
	scored = 0;
	return 0;
}

static inline int set_up(void **state)
{
	if (set_up_closed(state))
		return -1;
	open_all();
	return 0;
}

static inline int tear_down(void **state)
{
	unsetenv("KL_FAULT");
	close_all();
	free(path);
	free(key_path);
	path = key_path = NULL;
	return scratch_close(state);
}

/* --- items -------------------------------------------------------------------------------------------------------- */

/* {"id":…,"kind":…,"hash":…,"body":…}; hash NULL: that of the body's code. Owned. */
static inline char *item_text(const char *id, const char *kind, const char *hash, const char *body)
{
	char made[KL_SHA256_SIZE];
	cJSON *object = cJSON_Parse(body);
	const char *code = cJSON_GetStringValue(cJSON_GetObjectItem(object, "code"));

	kl_sha256(made, code ? code : "", code ? strlen(code) : 0);
	cJSON_Delete(object);
	return kl_format("{\"id\":\"%s\",\"kind\":\"%s\",\"hash\":\"%s\",\"at\":\"2026-11-30T11:00:00Z\",\"body\":%s}",
			 id, kind, hash ? hash : made, body);
}

static inline enum kl_status take_text(struct kl_intake_answer *answer, const char *user, const char *text,
				       struct kl_error *err)
{
	cJSON *node = cJSON_Parse(text);
	struct kl_intake_item item;
	enum kl_status status = kl_intake_read(&item, node, NULL, err);

	if (status)
		fail_msg("%s: %s", text, err ? err->message : "");
	status = kl_intake_take(answer, intake, user, &item, err);
	kl_intake_item_release(&item);
	cJSON_Delete(node);
	return status;
}

/* In a batch of its own. */
static inline enum kl_status take_why(struct kl_intake_answer *answer, const char *user, const char *id,
				      const char *kind, const char *body, struct kl_error *err)
{
	char *text = item_text(id, kind, NULL, body);
	enum kl_status status = kl_store_batch_begin(store, NULL), end;

	if (!status) {
		status = take_text(answer, user, text, err);
		end = kl_store_batch_end(store, NULL);
		status = status ? status : end;
	}
	free(text);
	return status;
}

static inline enum kl_status take(struct kl_intake_answer *answer, const char *user, const char *id, const char *kind,
				  const char *body)
{
	struct kl_error err;

	return take_why(answer, user, id, kind, body, &err);
}

#define SUBMISSION "{\"pack\":\"basics\",\"slug\":\"sum\",\"language\":\"python\",\"code\":\"print(1)\\n\"}"

static inline struct kl_intake_answer submit(const char *user, const char *id)
{
	struct kl_intake_answer answer;

	assert_int_equal(take(&answer, user, id, "submission", SUBMISSION), KL_OK);
	return answer;
}

#endif
