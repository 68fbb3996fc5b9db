#ifndef TESTS_SYNC_SCENE_H
#define TESTS_SYNC_SCENE_H

/* A lab that syncs: its files, what it is told, rounds against a server that plays acts, and receipts as the real one signs them. */

#include "tests/unit/class_scene.h"

#include <cjson/cJSON.h>

#include <kodelab/catalogue.h>
#include <kodelab/receipt.h>
#include <kodelab/sync.h>

#define ACCOUNT SERVER_ID "/" USER_ID
#define HASH_1  "1111111111111111111111111111111111111111111111111111111111111111"

static unsigned char secret[KL_SIGN_SECRET_SIZE];

struct lab {
	struct kl_sync *sync;
	int ended;
	struct kl_sync_state end;
	char *file; /* the student's file; NULL: none */
	bool untouched;
	bool stuck; /* it cannot be written */
	char beside[64]; /* what was put beside it */
	int files; /* how often one was read or written */
	char news[1024]; /* kinds, with subjects */
	int told; /* how many */
	const char *program; /* installs packs; NULL: none are fetched */
	char problem[64];
};

static struct lab lab;

/* --- the student's files ------------------------------------------------------------------------------------------ */

static inline void read_file(void *ctx, char **text, size_t *len, bool *untouched, const char *pack, const char *slug,
			     const char *language)
{
	(void)ctx;
	(void)pack;
	(void)slug;
	(void)language;
	lab.files++;
	*text = kl_strdup(lab.file);
	*len = lab.file ? strlen(lab.file) : 0;
	*untouched = lab.untouched;
}

static inline enum kl_status write_file(void *ctx, const char *pack, const char *slug, const char *language,
					const char *text, size_t len, struct kl_error *err)
{
	(void)ctx;
	(void)pack;
	(void)slug;
	(void)language;
	lab.files++;
	if (lab.stuck)
		return kl_fail(err, KL_EIO, "it cannot be written");
	free(lab.file);
	lab.file = kl_strndup(text, len);
	return KL_OK;
}

static inline enum kl_status put_beside(char **path, void *ctx, const char *pack, const char *slug,
					const char *language, const char *text, size_t len, struct kl_error *err)
{
	(void)ctx;
	(void)pack;
	(void)slug;
	(void)language;
	(void)err;
	lab.files++;
	snprintf(lab.beside, sizeof(lab.beside), "%.*s", (int)len, text);
	*path = kl_strdup("beside");
	return KL_OK;
}

static const struct kl_sync_files files = { .read = read_file, .write = write_file, .put_beside = put_beside };

/* --- the scene ---------------------------------------------------------------------------------------------------- */

static inline void on_news(void *ctx, const struct kl_sync_news *news)
{
	static const char *const names[] = {
		"", "received", "refused", "result", "draft", "conflict", "pack", "course"
	};
	size_t len = strlen(lab.news);

	(void)ctx;
	lab.told += news->kind != KL_NEWS_STATE;
	if (news->kind != KL_NEWS_STATE)
		snprintf(lab.news + len, sizeof(lab.news) - len, "%s %s%s\n", names[news->kind], news->subject,
			 news->solved ? " solved" : "");
}

static inline int set_up(void **state)
{
	char *key;

	if (scene_set_up(state))
		return -1;
	kl_sign_make(secret);
	key = kl_base64(secret + KL_SIGN_SECRET_SIZE - KL_SIGN_PUBLIC_SIZE, KL_SIGN_PUBLIC_SIZE);
	scene_know("http://127.0.0.1:1", key);
	free(key);
	lab = (struct lab){ .file = NULL };
	return 0;
}

static inline int tear_down(void **state)
{
	kl_sync_close(lab.sync);
	free(lab.file);
	return scene_tear_down(state);
}

static inline void ended(void *ctx, const struct kl_sync_state *end)
{
	(void)ctx;
	lab.ended++;
	lab.end = *end;
}

/* The lab, as if it had just been started, beside a server that plays acts. */
static inline void open_lab(const struct act *acts)
{
	static struct kl_sync_parts parts;

	scene_reopen(acts);
	parts = (struct kl_sync_parts){ .loop = scene.loop,
					.store = scene.store,
					.clock = &scene.clock,
					.class = scene.class,
					.folder = scratch,
					.cache = scratch,
					.device = "this lab",
					.program = lab.program,
					.files = &files,
					.news = on_news };
	kl_sync_close(lab.sync);
	lab.sync = kl_sync_open(&parts);
	lab.news[0] = '\0';
}

static inline enum kl_status put_cursor(void *ctx, struct kl_error *err)
{
	(void)ctx;
	return kl_store_taken_cursor(scene.store, "school", 1, err);
}

/* What came before is asked for again: the acts need not count. */
static inline void rewind_cursor(void)
{
	assert_false(kl_store_sync_change(scene.store, put_cursor, NULL, NULL));
}

static inline const struct kl_sync_state *round_of(const struct act *acts)
{
	rewind_cursor();
	open_lab(acts);
	lab.ended = 0;
	kl_sync_once(lab.sync, 1000, ended, NULL);
	wait_for(&lab.ended);
	return &lab.end;
}

static inline enum kl_status put_pack(void *ctx, struct kl_error *err)
{
	const struct kl_class_pack pack = { .id = ctx, .title = ctx, .version = 1, .hash = HASH_1 };
	enum kl_status status = kl_store_taken_pack(scene.store, ACCOUNT, &pack, err);

	if (!status)
		status = kl_store_class_pack_installed(scene.store, ACCOUNT, pack.id, HASH_1, "", err);
	return status ? status : kl_store_taken_cursor(scene.store, "school", 1, err);
}

/* The class publishes it, and it is here. */
static inline void class_has(const char *pack)
{
	assert_false(kl_store_sync_change(scene.store, put_pack, (char *)(uintptr_t)pack, NULL));
}

static inline char *submit(char id[KL_ID_SIZE], const char *pack, const char *code)
{
	struct kl_attempt attempt = { .pack = (char *)(uintptr_t)pack,
				      .slug = (char *)(uintptr_t) "one",
				      .language = (char *)(uintptr_t) "c",
				      .kind = KL_ATTEMPT_SUBMIT,
				      .verdict = (char *)(uintptr_t) "PASSED",
				      .score = 100,
				      .passed = 1,
				      .total = 1,
				      .at_ms = scene.clock.held_wall_ms,
				      .code = (char *)(uintptr_t)code,
				      .code_len = strlen(code) };

	assert_false(kl_store_attempt_add(scene.store, &attempt, NULL, NULL));
	memcpy(id, attempt.id, KL_ID_SIZE);
	return id;
}

static inline struct kl_attempt attempt_of(const char *id)
{
	struct kl_attempt attempt;

	assert_false(kl_store_attempt_get(&attempt, scene.store, id, NULL));
	return attempt;
}

static inline size_t waiting(void)
{
	size_t count = 99;
	int64_t since_ms;

	assert_false(kl_store_outbox_waiting(&count, &since_ms, scene.store, ACCOUNT, NULL));
	return count;
}

/* An answer for each item that is ready now; wrong: what their receipts are made wrong by. */
enum wrong { RIGHT, OTHER_KEY, OTHER_HASH, OTHER_USER, OTHER_ID, NO_RECEIPT };

static inline const char *receipts(const char *end, enum wrong wrong)
{
	struct kl_outbox_item *items;
	unsigned char other[KL_SIGN_SECRET_SIZE];
	struct kl_buf body;
	const char *text;
	size_t count;

	kl_sign_make(other);
	assert_false(kl_store_outbox_ready(&items, &count, scene.store, ACCOUNT, 100, 1 << 20, NULL));
	kl_buf_init(&body, 1 << 20);
	kl_buf_add_str(&body, "{\"items\":[");
	for (size_t i = 0; i < count; i++) {
		struct kl_receipt receipt = { .received_ms = NOON, .serial = 1 + (int64_t)i };

		snprintf(receipt.id, sizeof(receipt.id), "%s", wrong == OTHER_ID ? SERVER_ID : items[i].id);
		snprintf(receipt.kind, sizeof(receipt.kind), "%s", items[i].kind);
		snprintf(receipt.hash, sizeof(receipt.hash), "%s", wrong == OTHER_HASH ? HASH_1 : items[i].hash);
		snprintf(receipt.user, sizeof(receipt.user), "%s", wrong == OTHER_USER ? SERVER_ID : USER_ID);
		snprintf(receipt.server, sizeof(receipt.server), "%s", SERVER_ID);
		kl_receipt_sign(&receipt, wrong == OTHER_KEY ? other : secret);
		kl_buf_addf(&body, "%s{\"id\":\"%s\",\"end\":\"%s\",\"error\":null,\"receipt\":", i ? "," : "",
			    items[i].id, end);
		if (wrong == NO_RECEIPT)
			kl_buf_add_str(&body, "null");
		else
			kl_receipt_json(&body, &receipt);
		kl_buf_add_char(&body, '}');
	}
	kl_buf_add_str(&body, "]}");
	text = good(body.data);
	kl_buf_release(&body);
	kl_outbox_free(items, count);
	return text;
}

#define PUSH .path = "/api/sync/push"
#define NOTHING                                                                                                        \
	{                                                                                                              \
		.path = "/api/sync", .answer = good("{\"changes\":[],\"cursor\":1,\"more\":false}")                    \
	}

static inline const char *refusal(const char *id, const char *code)
{
	char *body = kl_format("{\"items\":[{\"id\":\"%s\",\"end\":\"refused\",\"receipt\":null,"
			       "\"error\":{\"message\":\"not like this\",\"code\":\"%s\"}}]}",
			       id, code);
	const char *text = good(body);

	free(body);
	return text;
}

static inline char *page(const char *changes)
{
	return kl_format("{\"changes\":[%s],\"cursor\":9,\"more\":false}", changes);
}

static inline const struct kl_sync_state *pull(const char *changes)
{
	char *body = page(changes);
	const struct act acts[] = { { PUSH, .answer = receipts("stored", RIGHT) },
				    { .path = "/api/sync", .answer = good(body) },
				    { 0 } };

	free(body);
	return round_of(acts);
}

static inline void type(const char *text)
{
	free(lab.file);
	lab.file = kl_strdup(text);
	assert_false(kl_store_draft_put(scene.store, "pack", "one", "c", text, strlen(text), 0, NULL));
}

static inline void push_draft(const char *end)
{
	const struct act acts[] = { { PUSH, .answer = receipts(end, RIGHT) },
				    { .path = "/api/sync",
				      .answer = good("{\"changes\":[],\"cursor\":1,\"more\":false}") },
				    { 0 } };

	assert_int_equal(round_of(acts)->waiting, 0);
}

/* What the title of the workspace says of these bytes. */
static inline enum kl_delivery delivered(const char *text)
{
	struct kl_delivered out;
	char hash[KL_SHA256_SIZE];

	kl_sha256(hash, text, strlen(text));
	assert_false(kl_store_delivered(&out, scene.store, ACCOUNT, "pack", "one", "c", hash, NULL));
	return out.delivery;
}

#endif
