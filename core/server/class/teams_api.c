/* Teams over HTTP: made, named, and where they stand. Who is in one is said at the student (members_api.c). */

#include <string.h>

#include <kodelab/alloc.h>

#include "core/server/api.h"
#include "core/server/class/courses.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"

struct standing {
	const struct kl_team *team;
	double score;
};

static int by_score(const void *a, const void *b)
{
	const struct standing *left = a, *right = b;

	if (left->score != right->score)
		return left->score < right->score ? 1 : -1;
	return strcmp(left->team->name, right->team->name);
}

static void show_team(struct kl_buf *body, const struct standing *standing, size_t rank)
{
	jsonout_object(body, NULL);
	jsonout_int(body, "rank", (int64_t)rank);
	jsonout_text(body, "id", standing->team->id);
	jsonout_text(body, "name", standing->team->name);
	jsonout_int(body, "members", (int64_t)standing->team->members);
	courses_number(body, "score", standing->score);
	kl_buf_add_char(body, '}');
}

static void show_teams(struct kl_buf *body, const struct kl_team *rows, size_t count)
{
	struct standing *order = kl_calloc(count + 1, sizeof(*order));
	double *scores = kl_calloc(count + 1, sizeof(*scores));
	size_t *ranks = kl_calloc(count + 1, sizeof(*ranks));

	for (size_t i = 0; i < count; i++)
		order[i] = (struct standing){ &rows[i], kl_team_score(rows[i].totals, rows[i].members) };
	qsort(order, count, sizeof(*order), by_score);
	for (size_t i = 0; i < count; i++)
		scores[i] = order[i].score;
	kl_ranks(ranks, scores, count);
	for (size_t i = 0; i < count; i++)
		show_team(body, &order[i], ranks[i]);
	free(order);
	free(scores);
	free(ranks);
}

static void teams_list(struct request *request)
{
	struct kl_team *rows = NULL;
	struct api_list list;
	size_t count = 0;
	enum kl_status status;

	api_list_begin(&list, request);
	status = kl_store_teams(&rows, &count, request->server->store, request_argument(request, "course"), &list.err);
	show_teams(&list.body, rows, count);
	kl_teams_free(rows, count);
	api_list_end(&list, status);
}

/* A team with the body's name, and the course of the path; name is owned. false: the refusal was answered. */
static bool read_team(struct kl_team *team, struct request *request)
{
	const char *name = "";
	const struct api_field fields[] = { { "name", .line = &name, .most = KL_COURSE_TITLE_MAX } };

	if (!api_read(request, fields, KL_LENGTH(fields)))
		return false;
	*team = (struct kl_team){ .name = kl_strdup(name) };
	snprintf(team->course, sizeof(team->course), "%s", request_argument(request, "course"));
	return true;
}

static void teams_create(struct request *request)
{
	struct kl_team team;
	struct kl_error err;

	if (!read_team(&team, request))
		return;
	if (server_write(request->server, &err) || kl_store_team_add(request->server->store, &team, &err))
		api_fail_unseen(request, &err);
	else
		api_done(request, 201, "id", team.id, "created");
	free(team.name);
}

static void teams_rename(struct request *request)
{
	struct kl_team team;
	struct kl_error err;

	if (!read_team(&team, request))
		return;
	snprintf(team.id, sizeof(team.id), "%s", request_argument(request, "team"));
	if (server_write(request->server, &err) || kl_store_team_rename(request->server->store, &team, &err))
		api_fail_unseen(request, &err);
	else
		api_done(request, 200, "id", team.id, "changed");
	free(team.name);
}

static void teams_remove(struct request *request)
{
	const char *course = request_argument(request, "course"), *team = request_argument(request, "team");
	struct kl_error err;

	if (server_write(request->server, &err) || kl_store_team_remove(request->server->store, course, team, &err))
		api_fail_unseen(request, &err);
	else
		api_done(request, 200, "id", team, "removed");
}

/* clang-format off */
static const struct route rows[] = {
	{ "GET",    "/api/courses/:course/teams",       0, teams_list,   ACCESS_COURSE_MEMBER },
	{ "POST",   "/api/courses/:course/teams",       0, teams_create, ACCESS_COURSE_INSTRUCTOR },
	{ "PUT",    "/api/courses/:course/teams/:team", 0, teams_rename, ACCESS_COURSE_INSTRUCTOR },
	{ "DELETE", "/api/courses/:course/teams/:team", 0, teams_remove, ACCESS_COURSE_INSTRUCTOR },
};
/* clang-format on */

const struct route_area teams_area = { "/api/courses", rows, KL_LENGTH(rows) };
