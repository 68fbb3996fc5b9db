/* What hardly ever changes: the server's names, languages, statuses. */

#include <string.h>

#include <kodelab/alloc.h>

#include "core/server/judge0.h"
#include "core/server/judge0_routes.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"
#include "core/server/server.h"
#include "core/server/submission.h"
#include "core/server/toolchain.h"

void info_home(struct request *request)
{
	answer_text(request, 200, "");
}

void info_about(struct request *request)
{
	struct kl_buf body;

	answer_begin(&body);
	kl_buf_add_char(&body, '{');
	jsonout_text(&body, "version", SERVER_JUDGE0_VERSION);
	jsonout_text(&body, "maintainer", "KodeLab");
	jsonout_text(&body, "server", "kodelabd " KL_VERSION);
	kl_buf_add_char(&body, '}');
	answer_json(request, 200, &body);
}

void info_version(struct request *request)
{
	answer_text(request, 200, SERVER_JUDGE0_VERSION);
}

void info_isolate(struct request *request)
{
	answer_text(request, 200, "kodelab-box " KL_VERSION "\n");
}

void info_license(struct request *request)
{
	answer_text(request, 200, "MIT License, see the file LICENSE of KodeLab.\n");
}

/* --- languages -------------------------------------------------------------------------------------------------- */

static void add_name(struct kl_buf *body, const struct toolchain *language)
{
	kl_buf_add_char(body, '{');
	jsonout_int(body, "id", language->id);
	jsonout_text(body, "name", language->name);
}

static int by_name(const void *a, const void *b)
{
	const struct toolchain *first = a, *second = b;

	return strcmp(first->name, second->name);
}

void info_languages(struct request *request)
{
	const struct toolchains *all = judge0_toolchains(request->server->judge0);
	struct toolchain *active = kl_calloc(all->count, sizeof(*active));
	size_t count = 0;
	struct kl_buf body;

	for (size_t i = 0; i < all->count; i++)
		if (!all->list[i].archived)
			active[count++] = all->list[i];
	qsort(active, count, sizeof(*active), by_name);
	answer_begin(&body);
	kl_buf_add_char(&body, '[');
	for (size_t i = 0; i < count; i++) {
		if (i)
			kl_buf_add_char(&body, ',');
		add_name(&body, &active[i]);
		kl_buf_add_char(&body, '}');
	}
	kl_buf_add_char(&body, ']');
	free(active);
	answer_json(request, 200, &body);
}

void info_all_languages(struct request *request)
{
	const struct toolchains *all = judge0_toolchains(request->server->judge0);
	struct kl_buf body;

	answer_begin(&body);
	kl_buf_add_char(&body, '[');
	for (size_t i = 0; i < all->count; i++) {
		if (i)
			kl_buf_add_char(&body, ',');
		add_name(&body, &all->list[i]);
		kl_buf_addf(&body, ",\"is_archived\":%s}", all->list[i].archived ? "true" : "false");
	}
	kl_buf_add_char(&body, ']');
	answer_json(request, 200, &body);
}

void info_language(struct request *request)
{
	const struct toolchain *language = toolchain_find(judge0_toolchains(request->server->judge0),
							  strtoll(request_argument(request, "id"), NULL, 10));
	struct kl_buf body;

	if (!language) {
		answer_framework(request, 404);
		return;
	}
	answer_begin(&body);
	add_name(&body, language);
	kl_buf_addf(&body, ",\"is_archived\":%s", language->archived ? "true" : "false");
	jsonout_text(&body, "source_file", language->source);
	jsonout_text(&body, "compile_cmd", language->compile);
	jsonout_text(&body, "run_cmd", language->run);
	kl_buf_add_char(&body, '}');
	answer_json(request, 200, &body);
}

void info_statuses(struct request *request)
{
	struct kl_buf body;

	answer_begin(&body);
	kl_buf_add_char(&body, '[');
	for (int64_t status = STATUS_QUEUED; status <= STATUS_LAST; status++) {
		kl_buf_add_str(&body, status > STATUS_QUEUED ? ",{" : "{");
		jsonout_int(&body, "id", status);
		jsonout_text(&body, "description", status_description(status));
		kl_buf_add_char(&body, '}');
	}
	kl_buf_add_char(&body, ']');
	answer_json(request, 200, &body);
}

/* --- tokens ----------------------------------------------------------------------------------------------------- */

void info_authenticate(struct request *request)
{
	answer_empty(request, 200); /* the gates have said everything */
}

void info_authorize(struct request *request)
{
	answer_empty(request, 200);
}
