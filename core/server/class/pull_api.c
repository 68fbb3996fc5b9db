/*
 * What changed behind a lab's cursor, for everybody, for this user and for the courses that he is in: merged by the order in which it
 * happened, so that the cursor is one number. A thing that changed twice is told once.
 */

#include "core/server/class/pull.h"

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/store_changes.h>
#include <kodelab/store_courses.h>

#include "core/server/api.h"
#include "core/server/class/courses.h"
#include "core/server/class/kept_packs.h"
#include "core/server/class/works.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"
#include "core/server/server.h"

#define LIMIT_MAX     200
#define LIMIT_DEFAULT 100
#define BODY_ENOUGH   ((size_t)1 << 20) /* bytes after which the rest is for the next time */

/* clang-format off */
static const struct kind {
	const char *name; /* as it was noted */
	pull_body_fn *body;
} kinds[] = {
	{ "pack",     kept_packs_body },
	{ "course",   courses_body },
	{ "result",   works_result_body },
	{ "draft",    works_draft_body },
	{ "progress", works_progress_body },
};
/* clang-format on */

struct change {
	int64_t seq;
	char *kind, *subject;
};

struct pull {
	struct server *server;
	const char *user;
	int64_t after;
	bool restored; /* the cursor is of another life of the store */
	size_t limit;
	struct change *changes; /* of all audiences; sorted once they are there */
	size_t count, capacity;
	char **audiences;
	size_t audience_count, audience_capacity;
};

/* --- what changed ------------------------------------------------------------------------------------------------- */

static void add_audience(struct pull *pull, char *audience)
{
	KL_GROW(pull->audiences, pull->audience_count, pull->audience_capacity);
	pull->audiences[pull->audience_count++] = audience;
}

static void add_course(void *ctx, const char *course)
{
	add_audience(ctx, kl_format("c:%s", course));
}

static void take_change(void *ctx, int64_t seq, const char *kind, const char *subject)
{
	struct pull *pull = ctx;

	KL_GROW(pull->changes, pull->count, pull->capacity);
	pull->changes[pull->count++] = (struct change){ seq, kl_strdup(kind), kl_strdup(subject) };
}

static int by_seq(const void *a, const void *b)
{
	int64_t left = ((const struct change *)a)->seq, right = ((const struct change *)b)->seq;

	return left < right ? -1 : left > right;
}

/* One more of each audience than is told: whether there is more. */
static enum kl_status find_changes(struct pull *pull, struct kl_error *err)
{
	enum kl_status status;

	add_audience(pull, kl_strdup(KL_CHANGES_EVERYBODY));
	add_audience(pull, kl_format("u:%s", pull->user));
	status = kl_store_courses_of(pull->server->store, pull->user, add_course, pull, err);
	for (size_t i = 0; !status && i < pull->audience_count; i++)
		status = kl_store_changes(pull->server->store, pull->audiences[i], pull->after, pull->limit + 1,
					  take_change, pull, err);
	if (!status && pull->count)
		qsort(pull->changes, pull->count, sizeof(*pull->changes), by_seq);
	return status;
}

static void release(struct pull *pull)
{
	for (size_t i = 0; i < pull->count; i++) {
		free(pull->changes[i].kind);
		free(pull->changes[i].subject);
	}
	for (size_t i = 0; i < pull->audience_count; i++)
		free(pull->audiences[i]);
	free(pull->changes);
	free(pull->audiences);
}

/* --- telling it --------------------------------------------------------------------------------------------------- */

static const struct kind *find_kind(const char *name)
{
	for (size_t i = 0; i < KL_LENGTH(kinds); i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	return NULL; /* of a newer server's store, or of no area that tells of it */
}

/* The same thing may be told to several audiences, by several rows: the last one is told. */
static bool comes_again(const struct pull *pull, size_t at, size_t end)
{
	for (size_t i = at + 1; i < end; i++)
		if (!strcmp(pull->changes[i].kind, pull->changes[at].kind) &&
		    !strcmp(pull->changes[i].subject, pull->changes[at].subject))
			return true;
	return false;
}

static enum kl_status tell_one(struct kl_buf *body, const struct pull *pull, const struct change *change,
			       const struct kind *kind, struct kl_error *err)
{
	bool there = false;
	enum kl_status status;

	kl_buf_add_char(body, '{');
	jsonout_text(body, "kind", change->kind);
	jsonout_text(body, "subject", change->subject);
	jsonout_int(body, "seq", change->seq);
	jsonout_key(body, "body");
	status = kind->body(body, &there, pull->server, pull->user, change->subject, err);
	if (!there)
		kl_buf_add_str(body, "null");
	kl_buf_add_char(body, '}');
	return status;
}

/* *told: how many of the changes were, one way or the other. */
static enum kl_status tell_all(struct kl_buf *body, size_t *told, const struct pull *pull, struct kl_error *err)
{
	size_t end = pull->count < pull->limit ? pull->count : pull->limit, begun = body->len;
	enum kl_status status = KL_OK;

	*told = 0;
	while (!status && *told < end && body->len - begun < BODY_ENOUGH) {
		const struct change *change = &pull->changes[*told];
		const struct kind *kind = find_kind(change->kind);

		if (kind && !comes_again(pull, *told, end)) {
			if (body->len > begun)
				kl_buf_add_char(body, ',');
			status = tell_one(body, pull, change, kind, err);
		}
		++*told;
	}
	return status;
}

static void answer(struct request *request, const struct pull *pull, int64_t epoch, int64_t newest)
{
	struct kl_error err;
	struct kl_buf body;
	size_t told;
	int64_t seq;
	bool more;

	api_begin(&body);
	kl_buf_add_str(&body, "{\"changes\":[");
	if (tell_all(&body, &told, pull, &err)) {
		kl_buf_release(&body);
		api_fail(request, &err);
		return;
	}
	more = told < pull->count;
	kl_buf_add_char(&body, ']');
	seq = more ? pull->changes[told - 1].seq : newest;
	jsonout_int(&body, "cursor", kl_changes_cursor(epoch, seq));
	api_bool(&body, "more", more);
	api_bool(&body, "restored", pull->restored);
	kl_buf_add_char(&body, '}');
	request_durable(request); /* what this turn noted may not come to be, and its numbers be given again */
	api_end(request, 200, &body);
}

/* --- the route ---------------------------------------------------------------------------------------------------- */

/* The newest seq is read first: what changes meanwhile is for the next time. A cursor of another life of the store begins anew. */
static void pull_get(struct request *request)
{
	struct pull pull = { .server = request->server, .user = request->actor.id };
	int64_t cursor = 0, limit = LIMIT_DEFAULT, epoch = 0, newest = 0;
	struct kl_error err;

	if (!api_query_number(&cursor, request, "cursor", 0, INT64_MAX) ||
	    !api_query_number(&limit, request, "limit", 1, LIMIT_MAX))
		return;
	pull.limit = (size_t)limit;
	if (kl_store_changes_epoch(&epoch, request->server->store, &err) ||
	    kl_store_changes_newest(&newest, request->server->store, &err)) {
		api_fail(request, &err);
		return;
	}
	pull.after = kl_changes_after(cursor, epoch, newest);
	pull.restored = cursor && !pull.after && cursor != kl_changes_cursor(epoch, 0);
	if (find_changes(&pull, &err))
		api_fail(request, &err);
	else
		answer(request, &pull, epoch, newest);
	release(&pull);
}

static const struct route rows[] = {
	{ "GET", "/api/sync", 0, pull_get, ACCESS_USER },
};

const struct route_area pull_area = { "/api/sync", rows, KL_LENGTH(rows) };
