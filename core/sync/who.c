/*
 * Who answers at an address: of several that were named for one server, another one may answer at some. A login asks who is there before it
 * sends a secret; of each further address that is asked once by each client before a token goes there.
 */

#include "core/sync/class_int.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>

enum { RESPONSE_MAX = 64 << 10, DEADLINE_MS = 20000 };

bool who_known(const struct kl_class *class)
{
	return class->address_count == 1 || class->known[class->address];
}

enum kl_status who_ask(struct kl_http_request **out, struct kl_class *class, kl_http_done_fn *done, void *ctx,
		       struct kl_error *err)
{
	struct kl_http_header header = { "Accept", "application/json", false };
	char *url = kl_format("%s/api/server", class->addresses[class->address]);
	struct kl_http_spec spec = { .method = "GET",
				     .url = url,
				     .headers = &header,
				     .header_count = 1,
				     .deadline_ms = DEADLINE_MS,
				     .response_max = RESPONSE_MAX };
	enum kl_status status;

	class_fill_spec(&spec, class);
	status = kl_http_start(out, class->http, &spec, done, ctx, err);
	if (status)
		*out = NULL;
	free(url);
	return status;
}

static bool is_ours(const struct kl_class *class, const struct cJSON *data)
{
	return !strcmp(wire_text(data, "id", ""), class->server.server_id ? class->server.server_id : "") &&
	       !strcmp(wire_text(data, "public_key", ""), class->server.public_key ? class->server.public_key : "");
}

void who_read(struct kl_class_answer *answer, struct kl_json **doc, struct kl_class *class,
	      const struct kl_http_result *result)
{
	class_read_answer(answer, doc, &(struct kl_class_ask){ .raw = NULL }, result,
			  kl_clock_wall_ms(class->parts.clock));
	if (answer->end == KL_CLASS_DONE && is_ours(class, answer->data)) {
		class->known[class->address] = true;
	} else if (answer->end == KL_CLASS_DONE || answer->end == KL_CLASS_REFUSED || answer->end == KL_CLASS_LOGIN) {
		answer->end = KL_CLASS_OFFLINE;
		kl_fail(&answer->error, KL_ENET,
			"%s is not '%s', or shows another key than before: your login was not sent there; ask your instructor "
			"for the right address",
			class->host, class->server.name);
	}
}
