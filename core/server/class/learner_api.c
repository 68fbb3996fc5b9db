/* What the server keeps of a learner beside submissions, over HTTP: progress and drafts. */

#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/store_learner.h>

#include "core/server/api.h"
#include "core/server/class/works.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"

static const char *const progress_states[] = { "NOT_STARTED", "IN_PROGRESS", "COMPLETED" };

/* --- progress ----------------------------------------------------------------------------------------------------- */

static void show_progress(void *ctx, const struct kl_user_progress *progress)
{
	struct kl_buf *body = ctx;

	jsonout_object(body, NULL);
	jsonout_text(body, "pack", progress->pack);
	jsonout_text(body, "slug", progress->slug);
	jsonout_text(body, "state", progress_states[progress->state]);
	jsonout_int(body, "submissions", progress->submissions);
	jsonout_int(body, "hints", progress->hints);
	api_time(body, "first", progress->first_ms);
	api_time(body, "completed", progress->completed_ms);
	api_time(body, "last", progress->last_ms);
	jsonout_int(body, "spent_ms", progress->spent_ms);
	jsonout_key(body, "best_score");
	jsonout_float(body, progress->best_score);
	jsonout_text(body, "best_submission", *progress->best_work ? progress->best_work : NULL);
	jsonout_text(body, "last_language", *progress->last_language ? progress->last_language : NULL);
	kl_buf_add_char(body, '}');
}

static void my_progress(struct request *request)
{
	struct kl_user_progress_wanted wanted = { .user = request->actor.id };
	struct api_list list;

	if (!api_list_begin_page(&list, request))
		return;
	wanted.skip = list.page.skip;
	wanted.max = list.page.limit;
	request_durable(request);
	api_list_end(&list, kl_store_user_progress_list(&list.total, request->server->store, &wanted, show_progress,
							&list.body, &list.err));
}

/* --- bodies of changes -------------------------------------------------------------------------------------------- */

/* "pack/slug/language" into its parts; the copy is the caller's. */
static bool split(char *subject, const char *parts[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char *slash = strchr(subject, '/');

		parts[i] = subject;
		if (i + 1 == count)
			return true;
		if (!slash)
			return false;
		*slash = '\0';
		subject = slash + 1;
	}
	return false;
}

static void show_draft(struct kl_buf *body, const struct kl_user_draft *draft)
{
	jsonout_object(body, NULL);
	jsonout_text(body, "id", draft->id);
	jsonout_text(body, "pack", draft->pack);
	jsonout_text(body, "slug", draft->slug);
	jsonout_text(body, "language", draft->language);
	jsonout_int(body, "seq", draft->seq);
	jsonout_text(body, "device", draft->device);
	jsonout_text(body, "hash", draft->hash);
	jsonout_int(body, "cursor", draft->cursor);
	api_time(body, "at", draft->at_ms);
	api_time(body, "received", draft->received_ms);
	works_show_code(body, draft->code, draft->code_len);
	kl_buf_add_char(body, '}');
}

enum kl_status works_draft_body(struct kl_buf *body, bool *there, struct server *server, const char *user,
				const char *subject, struct kl_error *err)
{
	char *copy = kl_strdup(subject);
	const char *parts[3];
	struct kl_user_draft draft;
	enum kl_status status = KL_ENOENT;

	if (split(copy, parts, KL_LENGTH(parts)))
		status = kl_store_user_draft_get(&draft, server->store, user, parts[0], parts[1], parts[2], err);
	*there = !status;
	if (*there) {
		show_draft(body, &draft);
		kl_user_draft_release(&draft);
	}
	free(copy);
	return status == KL_ENOENT ? KL_OK : status;
}

enum kl_status works_progress_body(struct kl_buf *body, bool *there, struct server *server, const char *user,
				   const char *subject, struct kl_error *err)
{
	char *copy = kl_strdup(subject);
	const char *parts[2];
	struct kl_user_progress progress;
	enum kl_status status = KL_ENOENT;

	if (split(copy, parts, KL_LENGTH(parts)))
		status = kl_store_user_progress_get(&progress, server->store, user, parts[0], parts[1], err);
	*there = !status;
	if (*there) {
		show_progress(body, &progress);
		kl_user_progress_release(&progress);
	}
	free(copy);
	return status == KL_ENOENT ? KL_OK : status;
}

/* --- drafts ------------------------------------------------------------------------------------------------------- */

/* The newest, and those it followed or that came too late: whoever lost a conflict finds his text here. */
static void drafts_get(struct request *request)
{
	const char *pack = request_argument(request, "pack"), *slug = request_argument(request, "slug");
	const char *language = request_argument(request, "language");
	struct kl_user_draft newest, old[KL_DRAFTS_OLD_MAX];
	size_t count = KL_LENGTH(old);
	struct kl_error err;
	struct kl_buf body;

	if (kl_store_user_draft_get(&newest, request->server->store, request->actor.id, pack, slug, language, &err)) {
		api_fail(request, &err);
		return;
	}
	if (kl_store_user_drafts_old(old, &count, request->server->store, request->actor.id, pack, slug, language,
				     &err)) {
		kl_user_draft_release(&newest);
		api_fail(request, &err);
		return;
	}
	api_begin(&body);
	jsonout_object(&body, NULL);
	jsonout_key(&body, "newest");
	show_draft(&body, &newest);
	jsonout_list(&body, "older");
	for (size_t i = 0; i < count; i++) {
		show_draft(&body, &old[i]);
		kl_user_draft_release(&old[i]);
	}
	kl_buf_add_str(&body, "]}");
	kl_user_draft_release(&newest);
	request_durable(request);
	api_end(request, 200, &body);
}

/* clang-format off */
static const struct route rows[] = {
	{ "GET", "/api/users/me/progress",                     0, my_progress, ACCESS_USER },
	{ "GET", "/api/users/me/drafts/:pack/:slug/:language", 0, drafts_get,  ACCESS_USER },
};
/* clang-format on */

const struct route_area learner_area = { "/api/users/me/", rows, KL_LENGTH(rows) };
