#ifndef TESTS_HTTP_SCENE_H
#define TESTS_HTTP_SCENE_H

/* What the tests of HTTP share: a loop, a client, and what became of a request. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/http.h>
#include <kodelab/loop.h>

#include "tests/unit/http_server.h"

#define WAIT_MS 120000 /* far longer than anything here takes: a test that hangs fails */

struct scene {
	struct kl_loop *loop;
	struct kl_http *http;
	struct server *server;
	int64_t longest_turn_us; /* processor time of this thread in one turn of the loop */
};

struct outcome {
	struct kl_http_request *request;
	int count; /* how often done was called */
	enum kl_http_end end;
	int status;
	char *body, *header; /* owned; header: X-Test or Location */
	size_t body_len;
	bool sent;
	int sends;
	int64_t total_us, first_byte_us, connect_us;
	char error[512];
};

static inline int64_t thread_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static inline void note(void *ctx, const struct kl_http_result *result)
{
	struct outcome *outcome = ctx;
	const char *header = kl_http_header(result, "x-tEST");

	outcome->count++;
	outcome->end = result->end;
	outcome->status = result->status;
	outcome->body = kl_strndup(result->body, result->body_len);
	outcome->header = kl_strdup(header ? header : kl_http_header(result, "Location"));
	outcome->body_len = result->body_len;
	outcome->sent = result->sent;
	outcome->sends = result->sends;
	outcome->total_us = result->total_us;
	outcome->first_byte_us = result->first_byte_us;
	outcome->connect_us = result->connect_us;
	snprintf(outcome->error, sizeof(outcome->error), "%s", result->error.message);
}

static inline void forget(struct outcome *outcome)
{
	free(outcome->body);
	free(outcome->header);
	*outcome = (struct outcome){ .count = 0 };
}

static inline void turn(struct scene *scene)
{
	int64_t before_us = thread_us();

	kl_loop_turn(scene->loop, 100);
	before_us = thread_us() - before_us;
	if (before_us > scene->longest_turn_us)
		scene->longest_turn_us = before_us;
}

static inline void wait_for(struct scene *scene, const struct outcome *outcome)
{
	int64_t until_ms = kl_clock_mono_ms() + WAIT_MS;

	while (!outcome->count && kl_clock_mono_ms() < until_ms)
		turn(scene);
	assert_int_equal(outcome->count, 1);
}

static inline void start(struct scene *scene, struct outcome *outcome, const struct kl_http_spec *spec)
{
	struct kl_error err = { .message = "" };

	*outcome = (struct outcome){ .count = 0 };
	if (kl_http_start(&outcome->request, scene->http, spec, note, outcome, &err))
		fail_msg("%s", err.message);
	assert_int_equal(outcome->count, 0);
}

static inline void ask(struct scene *scene, struct outcome *outcome, const struct kl_http_spec *spec)
{
	start(scene, outcome, spec);
	wait_for(scene, outcome);
}

static inline int open_scene(void **state)
{
	struct scene *scene = kl_calloc(1, sizeof(*scene));

	*state = scene;
	unsetenv("http_proxy");
	unsetenv("https_proxy");
	unsetenv("all_proxy");
	unsetenv("HTTPS_PROXY");
	unsetenv("ALL_PROXY");
	unsetenv("SSL_CERT_FILE");
	if (kl_loop_open(&scene->loop, NULL))
		return -1;
	return kl_http_open(&scene->http, scene->loop, NULL) ? -1 : 0;
}

static inline int close_scene(void **state)
{
	struct scene *scene = *state;

	kl_http_close(scene->http);
	server_close(scene->server);
	kl_loop_close(scene->loop);
	free(scene);
	return 0;
}

#endif
