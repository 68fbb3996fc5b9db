/* A new account, however its owner shows who he is: who may have one, and the row. */

#include <kodelab/alloc.h>

#include "core/server/class/accounts.h"
#include "core/server/request.h"
#include "core/server/settings.h"

#define INVITATION_GROUPS 3

enum kl_status registering_name_is_free(const struct request *request, const char *key, struct kl_error *err)
{
	struct kl_user user;
	enum kl_status status = kl_store_user_named(&user, request->server->store, key, err);

	if (status)
		return status == KL_ENOENT ? KL_OK : status;
	kl_user_release(&user);
	return kl_fail(err, KL_EEXIST, "this name is taken, or looks like one that is: choose another");
}

enum kl_status registering_allowed(char **invitation, const struct request *request, const char *text,
				   struct kl_error *err)
{
	struct server *server = request->server;
	const char *mode = settings_string(server->settings, "accounts.registration");
	char code[KL_CODE_SIZE], hash[KL_SHA256_SIZE];
	enum kl_status status;
	int64_t role;

	if (!strcmp(mode, "closed"))
		return kl_fail(err, KL_EDENIED, "nobody can register here: ask the administrator for an account");
	if (!*text && !strcmp(mode, "open"))
		return KL_OK;
	if (!*text)
		return kl_fail(err, KL_EDENIED, "registering needs an invitation: ask your instructor for its code");
	if (!kl_code_read(code, text, INVITATION_GROUPS))
		return kl_fail(err, KL_ENOENT, "this invitation is not known, used up or over: ask for another");
	kl_sha256(hash, code, strlen(code));
	status = kl_store_invitation_look(&role, server->store, hash, kl_clock_wall_ms(&server->clock), err);
	if (!status)
		*invitation = kl_strdup(hash);
	return status;
}

/* The name is looked at again: another one may have taken it while the password was hashed, and the invitation is not for that. */
enum kl_status registering_add(char id[KL_ID_SIZE], struct request *request, const struct newcomer *newcomer,
			       struct kl_error *err)
{
	struct server *server = request->server;
	struct kl_user user = { .name = (char *)(uintptr_t)newcomer->name, /* all borrowed */
				.key = (char *)(uintptr_t)newcomer->key,
				.display = (char *)(uintptr_t)newcomer->display,
				.email = (char *)(uintptr_t)newcomer->email,
				.password = (char *)(uintptr_t)newcomer->password,
				.role = ROLE_STUDENT,
				.created_ms = kl_clock_wall_ms(&server->clock) };
	enum kl_status status;

	kl_id_new(user.id, &server->clock);
	if ((status = server_write(server, err)) || (status = registering_name_is_free(request, newcomer->key, err)) ||
	    (newcomer->invitation && (status = kl_store_invitation_take(&user.role, server->store, newcomer->invitation,
									user.created_ms, err))) ||
	    (status = kl_store_user_add(server->store, &user, err)) ||
	    (status = audit_note(request, "user.register", user.id, err, "%s as %s", user.name,
				 role_word((enum role)user.role))))
		return status;
	memcpy(id, user.id, sizeof(user.id));
	return KL_OK;
}
