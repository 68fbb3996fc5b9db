/* Users: one's own profile and sessions; for the administrator all of them, their roles, and who may no longer come in. */

#include <kodelab/alloc.h>
#include <kodelab/store_courses.h>

#include "core/server/api.h"
#include "core/server/class/accounts.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"

#define RESET_GROUPS 3
#define RESET_MS     (24 * INT64_C(3600000))

static const char *state_word(const struct kl_user *user)
{
	return user->disabled ? "disabled" : "active";
}

static void show_all(struct kl_buf *body, const struct kl_user *user)
{
	jsonout_object(body, NULL);
	show_user(body, user);
	jsonout_text(body, "email", user->email);
	jsonout_text(body, "state", state_word(user));
	api_time(body, "created_at", user->created_ms);
	api_time(body, "signed_in_at", user->signed_in_ms);
	kl_buf_add_char(body, '}');
}

static void answer_user(struct request *request, const char *id)
{
	struct kl_user user;
	struct kl_error err;
	struct kl_buf body;

	if (kl_store_user_get(&user, request->server->store, id, &err)) {
		api_fail(request, &err);
		return;
	}
	request_durable(request);
	api_begin(&body);
	show_all(&body, &user);
	kl_user_release(&user);
	api_end(request, 200, &body);
}

/* --- one's own ------------------------------------------------------------------------------------------------------ */

static void profile_get(struct request *request)
{
	answer_user(request, request->actor.id);
}

static enum kl_status change_profile(struct request *request, const struct kl_user *user, const char *display,
				     const char *email, struct kl_error *err)
{
	char *good_display = NULL, *good_email = NULL;
	enum kl_status status;

	if (!(status = kl_line_read(&good_display, "the display name", display ? display : user->display, err)) &&
	    !(status = kl_line_read(&good_email, "the e-mail address", email ? email : user->email, err)) &&
	    !(status = server_write(request->server, err)))
		status = kl_store_user_profile(request->server->store, user->id, good_display, good_email, err);
	free(good_display);
	free(good_email);
	return status;
}

static void profile_put(struct request *request)
{
	const char *display = NULL, *email = NULL;
	const struct api_field fields[] = { { "display", .text = &display }, { "email", .text = &email } };
	struct kl_user user;
	struct kl_error err;

	if (!api_read(request, fields, KL_LENGTH(fields)))
		return;
	if (kl_store_user_get(&user, request->server->store, request->actor.id, &err)) {
		api_fail(request, &err);
		return;
	}
	if (change_profile(request, &user, display, email, &err))
		api_fail(request, &err);
	else
		answer_user(request, user.id);
	kl_user_release(&user);
}

struct sessions { /* of the one who asks */
	struct api_list list;
	const char *this; /* the one he asks with */
};

static void show_session(void *ctx, const struct kl_session_row *row)
{
	struct sessions *sessions = ctx;
	struct kl_buf *body = &sessions->list.body;

	jsonout_object(body, NULL);
	jsonout_text(body, "id", row->id);
	jsonout_text(body, "device", row->device);
	jsonout_text(body, "from", row->from);
	api_time(body, "created_at", row->created_ms);
	api_time(body, "used_at", row->used_ms);
	api_bool(body, "this", !strcmp(row->id, sessions->this));
	kl_buf_add_char(body, '}');
}

static void sessions_list(struct request *request)
{
	struct server *server = request->server;
	struct sessions sessions = { .this = request->actor.session };
	struct api_list *list = &sessions.list;

	api_list_begin(list, request);
	api_list_end(list, kl_store_sessions(server->store, request->actor.id, kl_clock_wall_ms(&server->clock),
					     show_session, &sessions, &list->err));
}

/* Whose session the path names: only its owner sees it. */
enum relation access_session(struct request *request)
{
	struct kl_session_row row;
	bool own;

	if (kl_store_session_get(&row, request->server->store, request_argument(request, "session"), NULL))
		return RELATION_NONE;
	own = !row.ended_ms && !strcmp(row.user, request->actor.id);
	kl_session_row_release(&row);
	return own ? RELATION_OWNER : RELATION_NONE;
}

static void session_end(struct request *request)
{
	struct server *server = request->server;
	struct kl_error err;

	if (server_write(server, &err) || kl_store_session_end(server->store, request_argument(request, "session"),
							       kl_clock_wall_ms(&server->clock), &err))
		api_fail(request, &err);
	else
		answer_done(request, "ended");
}

/* --- the administrator's ------------------------------------------------------------------------------------------- */

static void show_row(void *ctx, const struct kl_user *user)
{
	show_all(ctx, user);
}

/* A role of the query; false: 422 was answered. */
static bool query_role(enum role *role, struct request *request)
{
	const char *word = request_query(request, "role");

	*role = ROLE_NOBODY;
	if (!word || role_parse(role, word))
		return true;
	api_error(request, API_INVALID, "'role' must be STUDENT, INSTRUCTOR or ADMIN");
	return false;
}

static void users_list(struct request *request)
{
	const char *part = request_query(request, "search");
	struct kl_user_filter filter = { .part = part ? part : "" };
	struct api_list list;
	enum role role;

	if (!query_role(&role, request) || !api_list_begin_page(&list, request))
		return;
	filter.role = role;
	filter.skip = list.page.skip;
	filter.max = list.page.limit;
	api_list_end(&list,
		     kl_store_users(&list.total, request->server->store, &filter, show_row, &list.body, &list.err));
}

/* Is there the user that the path names? For rows of the administrator, who may see everybody. */
enum relation access_user_there(struct request *request)
{
	struct kl_user user;

	if (kl_store_user_get(&user, request->server->store, request_argument(request, "user"), NULL))
		return RELATION_NONE;
	kl_user_release(&user);
	return RELATION_OWNER;
}

/* Would nobody be left who may do everything? Then it was refused. */
static enum kl_status keeps_an_administrator(struct request *request, const struct kl_user *user, struct kl_error *err)
{
	int64_t count;
	enum kl_status status = kl_store_users_of_role(&count, request->server->store, ROLE_ADMIN, err);

	if (status || user->role != ROLE_ADMIN || user->disabled || count > 1)
		return status;
	return kl_fail(err, KL_ECONFLICT, "this is the last administrator: make another one first");
}

static enum kl_status set_role(struct request *request, const struct kl_user *user, enum role role,
			       struct kl_error *err)
{
	enum kl_status status = role == ROLE_ADMIN ? KL_OK : keeps_an_administrator(request, user, err);

	if (!status)
		status = server_write(request->server, err);
	if (!status)
		status = kl_store_user_role(request->server->store, user->id, role, err);
	return status ? status
		      : audit_note(request, "user.role", user->id, err, "%s: %s to %s", user->name,
				   role_word((enum role)user->role), role_word(role));
}

static enum kl_status set_disabled(struct request *request, const struct kl_user *user, bool disabled,
				   struct kl_error *err)
{
	struct server *server = request->server;
	enum kl_status status = disabled ? keeps_an_administrator(request, user, err) : KL_OK;

	if (!status)
		status = server_write(server, err);
	if (!status)
		status = kl_store_user_disable(server->store, user->id, disabled, err);
	if (!status && disabled)
		status = kl_store_sessions_end(server->store, user->id, NULL, kl_clock_wall_ms(&server->clock), err);
	return status ? status
		      : audit_note(request, "user.state", user->id, err, "%s: %s", user->name,
				   disabled ? "disabled" : "active");
}

static void user_role(struct request *request)
{
	const char *word = "";
	const struct api_field fields[] = { { "role", .text = &word } };
	struct kl_user user;
	struct kl_error err;
	enum role role;

	if (!api_read(request, fields, KL_LENGTH(fields)))
		return;
	if (!role_parse(&role, word)) {
		api_error(request, API_INVALID, "'role' must be STUDENT, INSTRUCTOR or ADMIN");
		return;
	}
	if (kl_store_user_get(&user, request->server->store, request_argument(request, "user"), &err)) {
		api_fail(request, &err);
		return;
	}
	if (set_role(request, &user, role, &err))
		api_fail(request, &err);
	else
		answer_user(request, user.id);
	kl_user_release(&user);
}

static void user_state(struct request *request)
{
	const char *word = "";
	const struct api_field fields[] = { { "state", .text = &word } };
	struct kl_user user;
	struct kl_error err;

	if (!api_read(request, fields, KL_LENGTH(fields)))
		return;
	if (strcmp(word, "active") != 0 && strcmp(word, "disabled") != 0) {
		api_error(request, API_INVALID, "'state' must be active or disabled");
		return;
	}
	if (kl_store_user_get(&user, request->server->store, request_argument(request, "user"), &err)) {
		api_fail(request, &err);
		return;
	}
	if (set_disabled(request, &user, !strcmp(word, "disabled"), &err))
		api_fail(request, &err);
	else
		answer_user(request, user.id);
	kl_user_release(&user);
}

/* --- a code for a new password ------------------------------------------------------------------------------------- */

/* An assistant is a student as well: no code is for him. And by none an instructor gets rights that are not a student's. */
static bool teaches_mere_student(const struct request *request, const struct kl_user *user)
{
	struct kl_store *store = request->server->store;
	enum kl_course_role as = KL_COURSE_NONE, most = KL_COURSE_INSTRUCTOR;

	return user->role == ROLE_STUDENT && !kl_store_teaches(&as, store, request->actor.id, user->id, NULL) &&
	       as == KL_COURSE_INSTRUCTOR && !kl_store_member_most(&most, store, user->id, NULL) &&
	       most == KL_COURSE_STUDENT;
}

/* How the one who asks stands to the user: an administrator, who may help everybody, or one who teaches him. */
enum relation access_pupil(struct request *request)
{
	struct kl_user user;
	enum relation relation = RELATION_NONE;

	if (kl_store_user_get(&user, request->server->store, request_argument(request, "user"), NULL))
		return RELATION_NONE;
	if (request->actor.role == ROLE_ADMIN || teaches_mere_student(request, &user))
		relation = RELATION_OWNER;
	kl_user_release(&user);
	return relation;
}

static enum kl_status put_code(struct request *request, const char *code, int64_t until_ms, struct kl_error *err)
{
	const char *user = request_argument(request, "user");
	char hash[KL_SHA256_SIZE];
	enum kl_status status = server_write(request->server, err);

	kl_sha256(hash, code, strlen(code));
	if (!status)
		status = kl_store_reset_put(request->server->store, user, hash, until_ms, err);
	return status ? status : audit_note(request, "user.reset-code", user, err, "a code for a new password");
}

static void user_reset_code(struct request *request)
{
	int64_t until_ms = kl_clock_wall_ms(&request->server->clock) + RESET_MS;
	char code[KL_CODE_SIZE];
	struct kl_error err;
	struct kl_buf body;

	if (!api_read_nothing(request))
		return;
	kl_code_make(code, RESET_GROUPS);
	if (put_code(request, code, until_ms, &err)) {
		api_fail(request, &err);
	} else {
		request_durable(request);
		api_begin(&body);
		kl_buf_add_char(&body, '{');
		jsonout_text(&body, "code", code);
		api_time(&body, "expires_at", until_ms);
		kl_buf_add_char(&body, '}');
		answer_header(request, "Cache-Control", "no-store");
		api_end(request, 201, &body);
	}
	kl_wipe(code, sizeof(code));
}

/* clang-format off */
static const struct route routes[] = {
	{ "GET",    "/api/users/me/profile",           0, profile_get,     ACCESS_USER },
	{ "PUT",    "/api/users/me/profile",           0, profile_put,     ACCESS_USER },
	{ "GET",    "/api/users/me/sessions",          0, sessions_list,   ACCESS_USER },
	{ "DELETE", "/api/users/me/sessions/:session", 0, session_end,     ACCESS_OWN_SESSION },
	{ "GET",    "/api/users",                      0, users_list,      ACCESS_ADMIN },
	{ "PUT",    "/api/users/:user/role",           0, user_role,       ACCESS_ADMIN_OF_USER },
	{ "PUT",    "/api/users/:user/state",          0, user_state,      ACCESS_ADMIN_OF_USER },
	{ "POST",   "/api/users/:user/reset-code",     0, user_reset_code, ACCESS_TEACHER_OF_USER },
};
/* clang-format on */

const struct route_area users_area = { "/api/users", routes, KL_LENGTH(routes) };
