/*
 * Work that comes as a file, from a machine without a network: a batch that was sealed for this server. Whose it is the token in it says, or
 * that he hands it in himself; who carries it learns nothing of it but the receipts.
 */

#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/intake.h>

#include "core/server/api.h"
#include "core/server/class/accounts.h"
#include "core/server/class/push.h"
#include "core/server/class/works.h"
#include "core/server/request.h"
#include "core/server/server.h"

#define TEXT_MAX ((size_t)4 << 20) /* as of a push */

struct parcel {
	struct kl_json *doc;
	const cJSON *items;
	const char *user, *token; /* borrowed from doc */
};

static bool refuse(struct request *request, enum api_code code, const char *sentence)
{
	api_error(request, code, "%s", sentence);
	return false;
}

/* The text that was sealed; NULL: it was refused. Owned by the caller. */
static char *unseal(size_t *len, struct request *request, const char *encoded)
{
	char *sealed = NULL, *text = NULL;
	size_t sealed_len = 0;
	bool opened = kl_base64_decode(&sealed, &sealed_len, encoded) &&
		      kl_intake_unseal(&text, len, request->server->works->intake, sealed, sealed_len);

	free(sealed);
	if (opened && *len <= TEXT_MAX)
		return text;
	free(text);
	if (opened)
		refuse(request, API_TOO_LARGE, "at most 4 MiB at once");
	else
		refuse(request, API_INVALID,
		       "this was sealed for another server, or changed on its way: export it again from the machine that it is of");
	return NULL;
}

static bool read_parcel(struct parcel *parcel, struct request *request, const char *text, size_t len)
{
	const cJSON *root;
	struct kl_error err;

	if (!request_values_fit(request, text, len))
		return refuse(request, API_TOO_LARGE, "what was sealed has more values than a list of work");
	if (kl_json_parse(&parcel->doc, text, len, TEXT_MAX, "what was sealed", &err))
		return refuse(request, API_INVALID, err.message);
	root = kl_json_root(parcel->doc);
	parcel->user = kl_json_text_of(root, "user");
	parcel->token = kl_json_text_of(root, "token");
	parcel->items = cJSON_GetObjectItemCaseSensitive(root, "items");
	if (!push_is_list(parcel->items) ||
	    strcmp(kl_json_text_of(root, "server"), kl_intake_server_id(request->server->works->intake)) != 0)
		return refuse(request, API_INVALID, "what was sealed is no list of work for this server");
	return true;
}

static bool refuse_or_fail(struct request *request, const struct kl_error *err, enum kl_status expected,
			   const char *sentence)
{
	if (err->status == expected)
		return refuse(request, API_FORBIDDEN, sentence);
	api_fail(request, err);
	return false;
}

/* Whose it is: the holder of the token's session, whether or not that has run out meanwhile; or he brings it himself. */
static bool find_owner(struct actor *owner, struct request *request, const struct parcel *parcel)
{
	struct kl_store *store = request->server->store;
	bool himself = !strcmp(parcel->user, request->actor.id);
	char id[KL_ID_SIZE] = "";
	struct kl_error err = { .status = KL_EDENIED };
	struct kl_user user;

	if (!himself && (kl_session_owner(id, store, parcel->token, &err) || strcmp(id, parcel->user) != 0))
		return refuse_or_fail(
			request, &err, KL_EDENIED,
			"the login that this was made with has ended: it can only be handed in from a lab where its owner is logged in");
	if (kl_store_user_get(&user, store, parcel->user, &err))
		return refuse_or_fail(request, &err, KL_ENOENT, "its owner has no account here any more");
	*owner = (struct actor){ .role = (enum role)user.role };
	memcpy(owner->id, user.id, sizeof(owner->id));
	snprintf(owner->name, sizeof(owner->name), "%s", user.name);
	himself = !user.disabled;
	kl_user_release(&user);
	return himself || refuse(request, API_FORBIDDEN, "the account of its owner is disabled");
}

/* As if he had pushed it. */
static void take_for(struct request *request, const struct actor *owner, const struct parcel *parcel)
{
	const struct actor carrier = request->actor;
	struct kl_error err;

	if (strcmp(owner->id, carrier.id) != 0 && audit_note(request, "sync.parcel", owner->id, &err, "%d items of %s",
							     cJSON_GetArraySize(parcel->items), owner->name)) {
		api_fail(request, &err);
		return;
	}
	request->actor = *owner;
	push_items(request, parcel->items);
	request->actor = carrier;
}

static void parcel_post(struct request *request)
{
	struct parcel parcel = { .doc = NULL };
	struct actor owner;
	const char *encoded = "";
	const struct api_field fields[] = { { .name = "sealed", .text = &encoded } };
	size_t len = 0;
	char *text = api_read(request, fields, KL_LENGTH(fields)) ? unseal(&len, request, encoded) : NULL;

	if (text && read_parcel(&parcel, request, text, len) && find_owner(&owner, request, &parcel))
		take_for(request, &owner, &parcel);
	if (text)
		kl_wipe(text, len);
	if (parcel.token)
		kl_wipe((char *)(uintptr_t)parcel.token, strlen(parcel.token));
	free(text);
	kl_json_free(parcel.doc);
}

static const struct route rows[] = {
	{ "POST", "/api/sync/parcel", 0, parcel_post, ACCESS_USER },
};

const struct route_area parcel_area = { "/api/sync/parcel", rows, KL_LENGTH(rows) };
