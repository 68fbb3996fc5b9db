/*
 * While a verdict is waited for the server's events are listened to, so that it is here as soon as it is there. They are a hint: what is heard
 * only begins a round. Where nothing comes through (a proxy that keeps it back, a line that is cut) rounds come as without.
 */

#include "core/sync/sync_int.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/crypto.h>

enum {
	LIFE_MS = 660000, /* the server ends it after ten minutes */
	STALL_MS = 45000, /* it says something every 15 s */
	LOST_MS = 2000, /* until a round, when it was cut */
};

struct listening {
	struct kl_sync *sync; /* NULL: nobody wants to know any more */
	struct kl_http_request *request;
	char line[32]; /* as far as it is here; longer ones are cut */
	size_t len;
};

/* After the hello, too: what was found before it was not heard. */
static void take_line(struct listening *listening)
{
	struct kl_sync *sync = listening->sync;

	if (strcmp(listening->line, "event: hello") != 0 && strcmp(listening->line, "event: result") != 0)
		return;
	sync->state.hears = true;
	sync_heard(sync);
}

static void on_piece(void *ctx, const char *bytes, size_t len)
{
	struct listening *listening = ctx;

	for (size_t i = 0; listening->sync && i < len; i++) {
		if (bytes[i] != '\n') {
			if (listening->len < sizeof(listening->line) - 1)
				listening->line[listening->len++] = bytes[i];
			continue;
		}
		listening->line[listening->len] = '\0';
		listening->len = 0;
		take_line(listening);
	}
}

static void on_end(void *ctx, const struct kl_http_result *result)
{
	struct listening *listening = ctx;
	struct kl_sync *sync = listening->sync;

	(void)result;
	if (sync) {
		sync->listening = NULL;
		if (sync->state.hears && sync->state.phase == KL_SYNC_RESTS) /* the end of a round begins it anew */
			sync_soon(sync, LOST_MS);
		sync->state.hears = false;
	}
	free(listening);
}

void listen_begin(struct kl_sync *sync)
{
	struct kl_class *class = sync->parts.class;
	struct listening *listening;
	struct kl_http_header header = { .name = "Authorization", .secret = true };
	struct kl_http_spec spec = {
		.method = "GET",
		.headers = &header,
		.header_count = 1,
		.deadline_ms = LIFE_MS,
		.stall_ms = STALL_MS,
		.piece = on_piece,
	};
	char *url, *value;
	size_t size;

	if (sync->listening || !class->token || !who_known(class))
		return;
	listening = kl_calloc(1, sizeof(*listening));
	size = sizeof("Bearer ") + strlen(class->token);
	url = kl_format("%s/api/events", class->addresses[class->address]);
	value = kl_secret_alloc(size);
	snprintf(value, size, "Bearer %s", class->token);
	listening->sync = sync;
	header.value = value;
	spec.url = url;
	spec.piece_ctx = listening;
	class_fill_spec(&spec, class);
	if (kl_http_start(&listening->request, class->http, &spec, on_end, listening, NULL))
		free(listening);
	else
		sync->listening = listening;
	kl_secret_free(value);
	free(url);
}

void listen_stop(struct kl_sync *sync)
{
	struct listening *listening = sync->listening;

	sync->listening = NULL;
	sync->state.hears = false;
	if (!listening)
		return;
	listening->sync = NULL;
	kl_http_cancel(listening->request);
}
