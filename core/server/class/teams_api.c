/* Teams over HTTP: made, named, filled, and where they stand. Who is in one is also said at the student (members_api.c). */

#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/json.h>
#include <kodelab/store.h>

#include "core/server/api.h"
#include "core/server/class/courses.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"

#define JOIN_MAX 100 /* in one request */

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

/* What the body says; all of it borrowed from the request. */
struct said {
	const char *name; /* NULL: nothing */
	const char *members[JOIN_MAX]; /* ids of those who join */
	size_t count;
};

static bool read_members(struct said *said, struct request *request)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(request->fields, "members"), *node;
	bool good = !list || cJSON_IsNull(list) || (cJSON_IsArray(list) && cJSON_GetArraySize(list) <= JOIN_MAX);

	if (good)
		cJSON_ArrayForEach(node, list) {
			good &= cJSON_IsString(node);
			said->members[said->count++] = node->valuestring;
		}
	if (!good)
		api_error(request, API_INVALID, "'members' must be a list of at most %d ids of students", JOIN_MAX);
	return good;
}

/* needed: the name. false: the refusal was answered. */
static bool read_team(struct said *said, struct request *request, bool needed)
{
	const char *name = "";
	const struct api_field fields[] = { { .name = "members" },
					    { "name", .line = &name, .most = KL_COURSE_TITLE_MAX } };
	bool named = needed || api_says(request, "name");

	*said = (struct said){ .name = NULL };
	if (!api_read(request, fields, KL_LENGTH(fields) - !named) || !read_members(said, request))
		return false;
	said->name = named ? name : NULL;
	if (named || api_says(request, "members"))
		return true;
	api_error(request, API_INVALID, "nothing to change: send 'name' or 'members'");
	return false;
}

static enum kl_status join(struct kl_store *store, const struct kl_team *team, const struct said *said,
			   struct kl_error *err)
{
	enum kl_status status = KL_OK;

	for (size_t i = 0; !status && i < said->count; i++) {
		status = kl_store_team_set(store, team->course, said->members[i], team->id, err);
		if (status == KL_ENOENT)
			status = kl_fail(err, KL_EINVAL, "'%.64s' in 'members' is no student of this course",
					 said->members[i]);
	}
	return status;
}

/* All of it or nothing. team->id "": a new one. */
static enum kl_status write_team(struct kl_team *team, struct request *request, const struct said *said,
				 struct kl_error *err)
{
	struct kl_store *store = request->server->store;
	enum kl_status status = server_write(request->server, err);

	if (status || (status = kl_store_part_begin(store, err)))
		return status;
	if (!*team->id)
		status = kl_store_team_add(store, team, err);
	else if (said->name)
		status = kl_store_team_rename(store, team, err);
	if (!status)
		status = join(store, team, said, err);
	return kl_store_part_end(store, status, err);
}

static void put_team(struct request *request, const char *id, int status, const char *what)
{
	struct kl_team team = { .name = NULL };
	struct kl_error err;
	struct said said;

	if (!read_team(&said, request, !*id))
		return;
	team.name = said.name ? kl_strdup(said.name) : NULL;
	snprintf(team.course, sizeof(team.course), "%s", request_argument(request, "course"));
	snprintf(team.id, sizeof(team.id), "%s", id);
	if (write_team(&team, request, &said, &err))
		api_fail_unseen(request, &err);
	else
		api_done(request, status, "id", team.id, what);
	free(team.name);
}

static void teams_create(struct request *request)
{
	put_team(request, "", 201, "created");
}

static void teams_change(struct request *request)
{
	put_team(request, request_argument(request, "team"), 200, "changed");
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
	{ "PUT",    "/api/courses/:course/teams/:team", 0, teams_change, ACCESS_COURSE_INSTRUCTOR },
	{ "DELETE", "/api/courses/:course/teams/:team", 0, teams_remove, ACCESS_COURSE_INSTRUCTOR },
};
/* clang-format on */

const struct route_area teams_area = { "/api/courses", rows, KL_LENGTH(rows) };
