#ifndef TESTS_CLASS_SCENE_H
#define TESTS_CLASS_SCENE_H

/* A lab that knows a class server: a loop, a store, a vault, and the server that plays what a test tells it to. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/class.h>
#include <kodelab/clock.h>
#include <kodelab/crypto.h>
#include <kodelab/loop.h>
#include <kodelab/store.h>
#include <kodelab/vault.h>
#include <time.h>

#include "tests/unit/http_server.h"
#include "tests/unit/scratch.h"

#define NOON      INT64_C(1767268800000) /* 2026-01-01 12:00 UTC */
#define WAIT_MS   120000 /* far longer than anything here takes */
#define SERVER_ID "0190b0a0-0000-7000-8000-000000000001"
#define USER_ID   "0190b0a0-0000-7000-8000-000000000002"
#define TEXTS_MAX 24

static struct scene {
	struct kl_loop *loop;
	struct kl_store *store;
	struct kl_vault *vault;
	struct kl_clock clock;
	struct server *server;
	struct kl_class *class;
	char *texts[TEXTS_MAX]; /* answers that the server plays */
	size_t text_count;
} scene;

static inline struct kl_class_parts scene_parts(void)
{
	return (struct kl_class_parts){
		.loop = scene.loop, .store = scene.store, .vault = scene.vault, .clock = &scene.clock, .folder = scratch
	};
}

static inline int scene_set_up(void **state)
{
	char *db, *master;
	int failed;

	scene = (struct scene){ .clock = { .held = true, .held_wall_ms = NOON } };
	unsetenv("http_proxy");
	unsetenv("all_proxy");
	setenv("TZ", "UTC", 1);
	tzset(); /* what was read before stays otherwise */
	if (scratch_open_fast(state))
		return -1;
	db = kl_path_join(scratch, "lab.db");
	master = kl_path_join(scratch, "master.key");
	failed = kl_loop_open(&scene.loop, NULL) || kl_store_open(&scene.store, NULL, db, &scene.clock, NULL) ||
		 kl_vault_open(&scene.vault, master, NULL, NULL);
	free(db);
	free(master);
	return failed ? -1 : 0;
}

static inline int scene_tear_down(void **state)
{
	kl_class_close(scene.class);
	server_close(scene.server);
	kl_vault_close(scene.vault);
	kl_store_close(scene.store);
	kl_loop_close(scene.loop);
	for (size_t i = 0; i < scene.text_count; i++)
		free(scene.texts[i]);
	return scratch_close(state);
}

/* An answer of HTTP with these headers ("X: y\r\n") and body, as long as the test lasts. */
static inline const char *said(int status, const char *headers, const char *body)
{
	char *text = kl_format("HTTP/1.1 %d X\r\nContent-Length: %zu\r\n%s\r\n%s", status, strlen(body), headers, body);

	assert_true(scene.text_count < TEXTS_MAX);
	scene.texts[scene.text_count++] = text;
	return text;
}

#define JSON_TYPE "Content-Type: application/json\r\n"

static inline const char *good(const char *data)
{
	char *body = kl_format("{\"success\":true,\"data\":%s}", data);
	const char *text = said(200, JSON_TYPE, body);

	free(body);
	return text;
}

static inline const char *bad(int status, const char *code, const char *message)
{
	char *body = kl_format("{\"success\":false,\"error\":{\"message\":\"%s\",\"code\":\"%s\",\"details\":{}}}",
			       message, code);
	const char *text = said(status, JSON_TYPE, body);

	free(body);
	return text;
}

static inline void keep_session(const char *token, const char *refresh, int64_t until_ms)
{
	struct kl_class_session session = { .token_until_ms = until_ms, .refresh_until_ms = until_ms };
	char *token_for = kl_class_context("school", false), *refresh_for = kl_class_context("school", true);

	assert_false(kl_vault_seal(&session.token, scene.vault, token, strlen(token), token_for, NULL));
	assert_false(kl_vault_seal(&session.refresh, scene.vault, refresh, strlen(refresh), refresh_for, NULL));
	assert_false(kl_store_class_session_put(scene.store, "school", &session, NULL));
	kl_class_session_release(&session);
	free(token_for);
	free(refresh_for);
}

/* Ada is logged in to the server at these addresses, which has that public key. */
static inline void scene_know(const char *addresses, const char *key)
{
	struct kl_class_server row = { .name = (char *)(uintptr_t) "school",
				       .addresses = (char *)(uintptr_t)addresses,
				       .server_id = (char *)(uintptr_t)SERVER_ID,
				       .public_key = (char *)(uintptr_t)key,
				       .user_id = (char *)(uintptr_t)USER_ID,
				       .user_name = (char *)(uintptr_t) "ada",
				       .proxy = (char *)(uintptr_t) "none" };

	assert_false(kl_store_class_put(scene.store, &row, NULL));
}

static inline void scene_open_class(void)
{
	const struct kl_class_parts parts = scene_parts();
	struct kl_error err = { .message = "" };

	keep_session("kls_first", "klr_first", NOON + 3600000);
	if (kl_class_open(&scene.class, &parts, NULL, &err))
		fail_msg("%s", err.message);
}

#define SCENE_KEY "c2NlbmVzY2VuZXNjZW5lc2NlbmVzY2VuZXNjZW5lc2M="
#define WHO(key)  "{\"id\":\"" SERVER_ID "\",\"name\":\"CS 1\",\"public_key\":\"" key "\"}"

/* She is logged in to a server that plays acts, behind an address where there is nobody (NULL: none). */
static inline void scene_logged_in_at(const struct act *acts, const char *nobody)
{
	char *addresses;

	scene.server = server_open(scene.loop, acts);
	addresses = kl_format("%s %s", nobody ? nobody : "", server_url(scene.server));
	scene_know(addresses, SCENE_KEY);
	scene_open_class();
	free(addresses);
}

static inline void scene_logged_in(const struct act *acts)
{
	scene_logged_in_at(acts, NULL);
}

/* The server that is known already is another process now, and plays acts; the lab was closed and opened. */
static inline void scene_reopen(const struct act *acts)
{
	struct kl_class_server row;

	kl_class_close(scene.class);
	scene.class = NULL;
	server_close(scene.server);
	scene.server = server_open(scene.loop, acts);
	assert_false(kl_store_class_get(&row, scene.store, NULL, NULL));
	free(row.addresses);
	row.addresses = kl_strdup(server_url(scene.server));
	assert_false(kl_store_class_put(scene.store, &row, NULL));
	kl_class_server_release(&row);
	scene_open_class();
}

static inline bool heard(const char *text)
{
	return strstr(server_heard(scene.server)->data, text) != NULL;
}

static inline int times_heard(const char *text)
{
	const char *at = server_heard(scene.server)->data;
	int count = 0;

	while ((at = strstr(at, text))) {
		count++;
		at += strlen(text);
	}
	return count;
}

#define TOKENS                                                                                                         \
	"{\"token\":\"kls_second\",\"expires_at\":\"2026-01-02T12:00:00.000Z\",\"refresh_token\":\"klr_second\","      \
	"\"refresh_expires_at\":\"2026-02-02T12:00:00.000Z\",\"user\":{\"id\":\"" USER_ID                              \
	"\",\"name\":\"ada\",\"display\":\"Ada L.\",\"role\":\"STUDENT\"}}"

struct outcome {
	int count; /* how often done was called */
	enum kl_class_end end;
	int status;
	enum kl_status error;
	char message[512], code[64], text[64]; /* text: the member "text" of the data, or the raw body */
};

static inline void wait_for(const int *count)
{
	int64_t until_ms = kl_clock_mono_ms() + WAIT_MS;

	while (!*count && kl_clock_mono_ms() < until_ms)
		kl_loop_turn(scene.loop, 100);
	assert_int_equal(*count, 1);
}

#endif
