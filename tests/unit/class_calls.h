#ifndef TESTS_CLASS_CALLS_H
#define TESTS_CLASS_CALLS_H

/* Calls of a lab to its class server, and what came of them. */

#include "tests/unit/class_scene.h"

#include <cjson/cJSON.h>

static inline void note(void *ctx, const struct kl_class_answer *answer)
{
	struct outcome *outcome = ctx;
	const cJSON *text = cJSON_GetObjectItemCaseSensitive(answer->data, "text");

	outcome->count++;
	outcome->end = answer->end;
	outcome->status = answer->status;
	outcome->error = answer->error.status;
	snprintf(outcome->message, sizeof(outcome->message), "%s", answer->error.message);
	snprintf(outcome->code, sizeof(outcome->code), "%s", answer->code);
	snprintf(outcome->text, sizeof(outcome->text), "%s",
		 answer->body_len       ? answer->body
		 : cJSON_IsString(text) ? text->valuestring
					: "");
}

static inline struct kl_class_call *start(struct outcome *outcome, const struct kl_class_ask *ask)
{
	struct kl_error err = { .message = "" };
	struct kl_class_call *call;

	*outcome = (struct outcome){ .count = 0 };
	if (kl_class_call(&call, scene.class, ask, note, outcome, &err))
		fail_msg("%s", err.message);
	assert_int_equal(outcome->count, 0);
	return call;
}

static inline struct outcome get(const char *path)
{
	struct outcome outcome;

	start(&outcome, &(struct kl_class_ask){ .method = "GET", .path = path });
	wait_for(&outcome.count);
	return outcome;
}

#endif
