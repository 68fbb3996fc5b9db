/* Submissions over HTTP: one handed in, one shown, lists; who this server is. */

#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/intake.h>
#include <kodelab/queue.h>
#include <kodelab/store_courses.h>
#include <kodelab/store_works.h>
#include <kodelab/visible.h>

#include "core/server/api.h"
#include "core/server/class/courses.h"
#include "core/server/class/push.h"
#include "core/server/class/works.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"
#include "core/server/settings.h"

static const char *const states[] = {
	[KL_WORK_QUEUED] = "queued", [KL_WORK_JUDGING] = "judging", [KL_WORK_DONE] = "done", [KL_WORK_FAILED] = "failed"
};

/* --- showing ------------------------------------------------------------------------------------------------------ */

static void show_queue(struct kl_buf *body, const struct server *server, const struct kl_work *work)
{
	int64_t estimate_ms = 0, ahead = kl_queue_position(server->queue, work->id, &estimate_ms);

	jsonout_text(body, "state", states[work->state == KL_WORK_QUEUED && ahead < 0 ? KL_WORK_JUDGING : work->state]);
	jsonout_key(body, "queue");
	if (work->state != KL_WORK_QUEUED || ahead < 0) {
		kl_buf_add_str(body, "null");
		return;
	}
	jsonout_object(body, NULL);
	jsonout_int(body, "ahead", ahead);
	jsonout_int(body, "estimate_ms", estimate_ms);
	kl_buf_add_char(body, '}');
}

/* What was found; hidden tests are hidden in the report already. */
static void show_found(struct kl_buf *body, const struct kl_work *work)
{
	api_time(body, "judged", work->judged_ms);
	jsonout_int(body, "judgings", work->judgings);
	jsonout_text(body, "verdict", *work->verdict ? work->verdict : NULL);
	jsonout_key(body, "score");
	jsonout_float(body, work->score);
	jsonout_int(body, "passed", work->passed);
	jsonout_int(body, "total", work->total);
	jsonout_int(body, "cpu_us", work->cpu_us);
	jsonout_int(body, "peak_kib", work->peak_kib);
}

void works_show_code(struct kl_buf *body, const char *code, size_t len)
{
	char *encoded;

	if (kl_utf8_valid(code, len) && !memchr(code, '\0', len)) {
		jsonout_key(body, "code");
		jsonout_string(body, code, len);
		return;
	}
	encoded = kl_base64(code, len);
	jsonout_text(body, "code_base64", encoded);
	free(encoded);
}

void works_show(struct kl_buf *body, const struct server *server, const struct kl_work *work)
{
	jsonout_object(body, NULL);
	jsonout_text(body, "id", work->item);
	jsonout_text(body, "user", work->user);
	jsonout_text(body, "pack", work->pack);
	jsonout_text(body, "slug", work->slug);
	jsonout_text(body, "language", work->language);
	api_number(body, "version", work->version);
	jsonout_text(body, "course", *work->course ? work->course : NULL);
	jsonout_text(body, "assignment", *work->assignment ? work->assignment : NULL);
	api_time(body, "at", work->at_ms);
	api_time(body, "received", work->received_ms);
	show_queue(body, server, work);
	show_found(body, work);
	if (work->code)
		works_show_code(body, work->code, work->code_len);
	if (work->report) {
		jsonout_key(body, "report");
		kl_buf_add_str(body, *work->report ? work->report : "null");
	}
	kl_buf_add_char(body, '}');
}

/* --- one ---------------------------------------------------------------------------------------------------------- */

/* Whoever teaches him a course that sets the challenge sees what he hands in. */
static bool teaches(const struct request *request, const struct kl_work *work)
{
	enum kl_course_role as = KL_COURSE_NONE;

	return request->actor.role == ROLE_ADMIN ||
	       (!kl_store_teaches_work(&as, request->server->store, request->actor.id, work, NULL) &&
		as >= KL_COURSE_ASSISTANT);
}

/* The route's :work. His own has the id that he gave it, also when somebody else's work has that. */
static enum kl_status asked_work(char id[KL_ID_SIZE], struct request *request, struct kl_error *err)
{
	return kl_store_work_of(id, request->server->store, request->actor.id, request_argument(request, "work"), err);
}

enum relation works_relation(struct request *request)
{
	struct kl_work work;
	enum relation relation = RELATION_NONE;
	char id[KL_ID_SIZE];

	if (asked_work(id, request, NULL) || kl_store_work_look(&work, request->server->store, id, NULL))
		return RELATION_NONE;
	if (!strcmp(work.user, request->actor.id))
		relation = RELATION_OWNER;
	else if (teaches(request, &work))
		relation = RELATION_HELPER;
	kl_work_release(&work);
	return relation;
}

static void submission_get(struct request *request)
{
	struct kl_work work;
	struct kl_error err;
	struct kl_buf body;
	char id[KL_ID_SIZE];

	if (asked_work(id, request, &err) || kl_store_work_get(&work, request->server->store, id, &err)) {
		api_fail(request, &err);
		return;
	}
	api_begin(&body);
	works_show(&body, request->server, &work);
	kl_work_release(&work);
	request_durable(request); /* what is shown may have been found in this very turn */
	api_end(request, 200, &body);
}

/* --- lists -------------------------------------------------------------------------------------------------------- */

static void show_row(void *ctx, const struct kl_work *work)
{
	struct api_list *list = ctx;

	works_show(&list->body, list->request->server, work);
}

static void answer_submissions(struct request *request, struct kl_works_filter *filter)
{
	struct api_list list;

	if (!api_list_begin_page(&list, request))
		return;
	filter->skip = list.page.skip;
	filter->max = list.page.limit;
	request_durable(request);
	api_list_end(&list,
		     kl_store_works_of_user(&list.total, request->server->store, filter, show_row, &list, &list.err));
}

static void my_submissions(struct request *request)
{
	struct kl_works_filter filter = { .user = request->actor.id,
					  .pack = request_query(request, "pack"),
					  .slug = request_query(request, "slug"),
					  .assignment = request_query(request, "assignment") };

	answer_submissions(request, &filter);
}

/* What a student handed in at a challenge, for those who may see each of it. */
static void pupil_submissions(struct request *request)
{
	struct kl_works_filter filter = { .user = request_argument(request, "user"),
					  .pack = request_query(request, "pack"),
					  .slug = request_query(request, "slug") };
	struct kl_work work = { .pack = NULL };

	if (!courses_pupil(request))
		return;
	if (!filter.pack || !*filter.pack || !filter.slug || !*filter.slug) {
		api_error(request, API_INVALID, "'pack' and 'slug' must name a challenge");
		return;
	}
	snprintf(work.user, sizeof(work.user), "%s", filter.user);
	work.pack = kl_strdup(filter.pack);
	work.slug = kl_strdup(filter.slug);
	if (teaches(request, &work))
		answer_submissions(request, &filter);
	else
		api_error(request, API_NOT_FOUND, API_NOT_THERE);
	kl_work_release(&work);
}

/* --- the body of a change ----------------------------------------------------------------------------------------- */

enum kl_status works_result_body(struct kl_buf *body, bool *there, struct server *server, const char *user,
				 const char *subject, struct kl_error *err)
{
	struct kl_work work = { .code = NULL };
	char id[KL_ID_SIZE];
	enum kl_status status = kl_store_work_of(id, server->store, user, subject, err);

	if (!status)
		status = kl_store_work_get(&work, server->store, id, err);
	*there = !status && !strcmp(work.user, user);
	if (*there) {
		free(work.code); /* who sent it has it */
		work.code = NULL;
		works_show(body, server, &work);
	}
	if (!status)
		kl_work_release(&work);
	return status == KL_ENOENT ? KL_OK : status;
}

/* --- who this server is ------------------------------------------------------------------------------------------- */

static void server_get(struct request *request)
{
	const struct server *server = request->server;
	struct kl_buf body;

	api_begin(&body);
	kl_buf_add_char(&body, '{');
	jsonout_text(&body, "id", kl_intake_server_id(server->works->intake));
	jsonout_text(&body, "name", settings_string(server->settings, "class.name"));
	jsonout_text(&body, "public_key", kl_intake_public_key(server->works->intake));
	jsonout_text(&body, "version", KL_VERSION);
	api_time(&body, "time", kl_clock_wall_ms(&server->clock));
	kl_buf_add_char(&body, '}');
	api_end(request, 200, &body);
}

/* clang-format off */
static const struct route rows[] = {
	{ "GET",  "/api/server",                         0,                server_get,     ACCESS_OPEN },
	{ "POST", "/api/submissions",                    0,                push_one,       ACCESS_USER },
	{ "GET",  "/api/submissions/:work",              0,                submission_get, ACCESS_WORK },
	{ "GET",  "/api/users/me/submissions",           0,                my_submissions, ACCESS_USER },
	{ "GET",  "/api/courses/:course/students/:user/submissions", 0,    pupil_submissions, ACCESS_COURSE_STAFF },
};
/* clang-format on */

const struct route_area works_area = { "/api/", rows, KL_LENGTH(rows) };
