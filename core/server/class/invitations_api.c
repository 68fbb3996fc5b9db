/* Invitations: codes by which people register, as many as each allows. A code is shown once, when it is made. */

#include <kodelab/alloc.h>

#include "core/server/api.h"
#include "core/server/class/accounts.h"
#include "core/server/jsonout.h"
#include "core/server/request.h"

#define GROUPS   3
#define DAY_MS   INT64_C(86400000)
#define DAYS     14
#define DAYS_MAX 366
#define USES_MAX 10000

/* Without braces. */
static void show(struct kl_buf *body, const struct kl_invitation *invitation)
{
	jsonout_text(body, "id", invitation->id);
	jsonout_text(body, "note", invitation->note);
	jsonout_text(body, "role", role_word((enum role)invitation->role));
	jsonout_int(body, "uses", invitation->uses);
	jsonout_int(body, "used", invitation->used);
	api_time(body, "created_at", invitation->created_ms);
	api_time(body, "expires_at", invitation->until_ms);
}

static void show_row(void *ctx, const struct kl_invitation *invitation)
{
	jsonout_object(ctx, NULL);
	show(ctx, invitation);
	kl_buf_add_char(ctx, '}');
}

static void invitations_list(struct request *request)
{
	struct api_list list;

	api_list_begin(&list, request);
	api_list_end(&list, kl_store_invitations(request->server->store, show_row, &list.body, &list.err));
}

/* The code of it, and the row. */
static enum kl_status add(struct request *request, struct kl_invitation *invitation, char code[KL_CODE_SIZE],
			  struct kl_error *err)
{
	enum kl_status status = server_write(request->server, err);

	kl_id_new(invitation->id, &request->server->clock);
	kl_code_make(code, GROUPS);
	kl_sha256(invitation->code, code, strlen(code));
	if (!status)
		status = kl_store_invitation_add(request->server->store, invitation, err);
	return status ? status
		      : audit_note(request, "invitation.add", invitation->id, err, "%lld as %s: %s",
				   (long long)invitation->uses, role_word((enum role)invitation->role),
				   invitation->note);
}

static void answer_new(struct request *request, struct kl_invitation *invitation)
{
	char code[KL_CODE_SIZE];
	struct kl_error err;
	struct kl_buf body;

	if (add(request, invitation, code, &err)) {
		api_fail(request, &err);
	} else {
		request_durable(request);
		api_begin(&body);
		kl_buf_add_char(&body, '{');
		show(&body, invitation);
		jsonout_text(&body, "code", code);
		kl_buf_add_char(&body, '}');
		answer_header(request, "Cache-Control", "no-store");
		api_end(request, 201, &body);
	}
	kl_wipe(code, sizeof(code));
}

/* An administrator is made by an administrator, never by a code. */
static bool read_role(struct request *request, enum role *role, const char *word)
{
	if (role_parse(role, word) && *role != ROLE_ADMIN)
		return true;
	api_error(request, API_INVALID, "'role' must be STUDENT or INSTRUCTOR");
	return false;
}

static void invitations_add(struct request *request)
{
	const char *word = "STUDENT", *note = "";
	int64_t uses = 1, days = DAYS;
	const struct api_field fields[] = {
		{ "role", .text = &word },
		{ "uses", .number = &uses, .least = 1, .most = USES_MAX },
		{ "days", .number = &days, .least = 1, .most = DAYS_MAX },
		{ "note", .text = &note },
	};
	struct kl_invitation invitation = { .by = request->actor.id,
					    .created_ms = kl_clock_wall_ms(&request->server->clock) };
	struct kl_error err;
	enum role role;

	if (!api_read(request, fields, KL_LENGTH(fields)) || !read_role(request, &role, word))
		return;
	if (kl_line_read(&invitation.note, "the note", note, &err)) {
		api_fail(request, &err);
		return;
	}
	invitation.role = role;
	invitation.uses = uses;
	invitation.until_ms = invitation.created_ms + days * DAY_MS;
	answer_new(request, &invitation);
	free(invitation.note);
}

static void invitations_remove(struct request *request)
{
	const char *id = request_argument(request, "invitation");
	struct kl_error err;

	if (server_write(request->server, &err) || kl_store_invitation_remove(request->server->store, id, &err) ||
	    audit_note(request, "invitation.remove", id, &err, "taken back"))
		api_fail_unseen(request, &err);
	else
		answer_done(request, "removed");
}

/* clang-format off */
static const struct route routes[] = {
	{ "GET",    "/api/invitations",             0, invitations_list,   ACCESS_ADMIN },
	{ "POST",   "/api/invitations",             0, invitations_add,    ACCESS_ADMIN },
	{ "DELETE", "/api/invitations/:invitation", 0, invitations_remove, ACCESS_ADMIN },
};
/* clang-format on */

const struct route_area invitations_area = { "/api/invitations", routes, KL_LENGTH(routes) };
