#ifndef TESTS_INSTANCE_SCENE_H
#define TESTS_INSTANCE_SCENE_H

/* What the tests of the registry share: a registry on a store in memory with a held clock, and a judge that is none. */

#include "tests/unit/http_scene.h"
#include "tests/unit/http_server.h"

#include <kodelab/file.h>
#include <kodelab/instance.h>
#include <kodelab/language.h>
#include <kodelab/path.h>
#include <kodelab/store.h>
#include <unistd.h>

#define NOON    INT64_C(1767268800000) /* 2026-01-01 12:00 UTC */
#define DAY_MS  INT64_C(86400000)
#define HEAD(n) "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2026 12:00:07 GMT\r\nConnection: close\r\n\r\n" n
#define CONFIG  HEAD("{\"max_submission_batch_size\":7,\"enable_wait_result\":false,\"maintenance_mode\":false}")
#define LIST                                                                                                           \
	HEAD("[{\"id\":50,\"name\":\"C (GCC 9.2.0)\"},{\"id\":71,\"name\":\"Python (3.8.1)\"},"                        \
	     "{\"id\":78,\"name\":\"Kotlin (1.3.70)\"}]")
#define C_DETAILS                                                                                                      \
	HEAD("{\"id\":50,\"name\":\"C (GCC 9.2.0)\",\"source_file\":\"main.c\",\"compile_cmd\":\"gcc %s main.c\","     \
	     "\"run_cmd\":\"./a.out\"}")
#define PYTHON_DETAILS                                                                                                 \
	HEAD("{\"id\":71,\"name\":\"Python (3.8.1)\",\"source_file\":\"script.py\",\"compile_cmd\":null,"              \
	     "\"run_cmd\":\"python3 script.py\"}")
#define STATUS(line) "HTTP/1.1 " line "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
#define REST                                                                                                           \
	{ .path = "/about", .answer = HEAD("{\"version\":\"1.13.0\"}"), .close = true },                               \
		{ .path = "/workers", .answer = HEAD("[{\"size\":2,\"available\":4,\"idle\":1}]"), .close = true },    \
		{ .path = "/system_info", .answer = HEAD("{\"CPU(s)\":\"8\"}"), .close = true },                       \
		{ .path = "/languages/50", .answer = C_DETAILS, .close = true },                                       \
		{ .path = "/languages/71", .answer = PYTHON_DETAILS, .close = true },                                  \
	{                                                                                                              \
		.answer = NULL                                                                                         \
	}

static const struct act good[] = { { .path = "/config_info", .answer = CONFIG, .close = true },
				   { .path = "/languages", .answer = LIST, .close = true },
				   REST };

struct judges {
	struct scene scene;
	struct kl_clock clock;
	struct kl_store *store;
	struct kl_instances *instances;
};

static inline int open_judges(void **state)
{
	struct judges *judges = kl_calloc(1, sizeof(*judges));

	*state = judges;
	unsetenv("http_proxy");
	judges->clock = (struct kl_clock){ .held = true, .held_wall_ms = NOON };
	return kl_loop_open(&judges->scene.loop, NULL) ||
			       kl_store_open(&judges->store, NULL, NULL, &judges->clock, NULL) ||
			       kl_instances_open(&judges->instances, judges->scene.loop, judges->store, &judges->clock,
						 NULL, NULL)
		       ? -1
		       : 0;
}

static inline int close_judges(void **state)
{
	struct judges *judges = *state;

	kl_instances_close(judges->instances);
	kl_store_close(judges->store);
	server_close(judges->scene.server);
	kl_loop_close(judges->scene.loop);
	free(judges);
	return 0;
}

static inline struct kl_instance *add(struct judges *judges, const char *name, const char *url)
{
	struct kl_instance_spec spec = { .name = name, .kind = "self-hosted", .url = url };
	struct kl_error err;

	if (kl_instances_add(judges->instances, &spec, NULL, &err))
		fail_msg("%s", err.message);
	return kl_instances_find(judges->instances, name);
}

/* A server that plays acts, known as "school". */
static inline struct kl_instance *add_server(struct judges *judges, const struct act *acts)
{
	judges->scene.server = server_open(judges->scene.loop, acts);
	return add(judges, "school", server_url(judges->scene.server));
}

struct asked {
	int count;
	enum kl_status status;
	char message[512];
};

static inline void note_asked(void *ctx, struct kl_instance *instance, const struct kl_error *error)
{
	struct asked *asked = ctx;

	(void)instance;
	asked->count++;
	asked->status = error->status;
	snprintf(asked->message, sizeof(asked->message), "%s", error->status ? error->message : "");
}

static inline void wait_asked(struct judges *judges, const struct asked *asked)
{
	int64_t until_ms = kl_clock_mono_ms() + WAIT_MS;

	while (!asked->count && kl_clock_mono_ms() < until_ms)
		turn(&judges->scene);
	assert_int_equal(asked->count, 1);
}

static inline enum kl_status probe(struct judges *judges, struct kl_instance *instance, struct asked *asked)
{
	struct kl_instance_ask *ask;

	*asked = (struct asked){ .count = 0 };
	assert_int_equal(kl_instance_probe(&ask, instance, note_asked, asked, NULL), KL_OK);
	assert_int_equal(asked->count, 0);
	wait_asked(judges, asked);
	return asked->status;
}

static inline enum kl_status prepare(struct judges *judges, struct kl_instance *instance, const char *language,
				     struct asked *asked)
{
	struct kl_instance_ask *ask;

	*asked = (struct asked){ .count = 0 };
	assert_int_equal(kl_instance_prepare(&ask, instance, kl_language_find(language), note_asked, asked, NULL),
			 KL_OK);
	wait_asked(judges, asked);
	return asked->status;
}

#endif
