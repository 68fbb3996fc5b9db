/* C12: work that comes as a sealed file, carried by somebody else. */

#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/crypto.h>

#include "tests/server/ledger.h"

#define PLAIN "judge.enabled = false\n"

/* JSON {"sealed":…} of the text, for the holder of the key (base64); owned by the caller. */
static char *sealed_for(const char *public_key, const char *text)
{
	size_t len = strlen(text), key_len;
	unsigned char *out = kl_alloc(len + KL_ENVELOPE_EXTRA);
	char *key, *encoded, *body;

	CHECK(kl_base64_decode(&key, &key_len, public_key), "the key is no base64");
	CHECK(kl_envelope_seal(out, (unsigned char *)key, text, len), "the key is none");
	encoded = kl_base64(out, len + KL_ENVELOPE_EXTRA);
	body = kl_format("{\"sealed\":\"%s\"}", encoded);
	free(encoded);
	free(out);
	free(key);
	return body;
}

static void carry(const struct daemon *daemon, const char *carrier, const char *body, int status, const char *part)
{
	char *headers = kl_format("%s" JSON, carrier);
	struct reply reply;

	ask(&reply, daemon, "POST /api/sync/parcel", headers, body);
	check_has(&reply, status, part);
	reply_release(&reply);
	free(headers);
}

/* Sealed and carried. */
static void bring(const struct daemon *daemon, const char *carrier, const char *text, int status, const char *part)
{
	struct ledger *ledger = ledger_new(daemon);
	char *body = sealed_for(ledger->public_key, text);

	carry(daemon, carrier, body, status, part);
	free(body);
}

static char *parcel(const char *server, const char *user, const char *token, const char *items)
{
	return kl_format("{\"server\":\"%s\",\"user\":\"%s\",\"token\":\"%s\",\"items\":%s}", server, user, token,
			 items);
}

static char *id_of(const struct daemon *daemon, const char *who)
{
	struct reply reply;
	char *id;

	ask(&reply, daemon, "GET /api/auth/me", who, NULL);
	check_has(&reply, 200, "\"id\":\"");
	id = member_of(reply.body, "id");
	reply_release(&reply);
	return id;
}

static char *token_of(const char *who)
{
	const char *token = strstr(who, "kls_");

	return kl_strndup(token, strcspn(token, "\r"));
}

static char *hints(const char *slug)
{
	char id[KL_ID_SIZE], *body = kl_format("{\"pack\":\"tiny\",\"slug\":\"%s\",\"revealed\":1}", slug), *item,
			     *items;

	new_id(id);
	item = any_item(id, "hint", "x", body);
	items = kl_format("[%s]", item);
	free(item);
	free(body);
	return items;
}

#define ENDED                                                                                                          \
	"the login that this was made with has ended: it can only be handed in from a lab where its owner is logged in"
#define CHANGED                                                                                                        \
	"this was sealed for another server, or changed on its way: export it again from the machine that it is of"

static void test_parcels(void)
{
	struct daemon daemon;
	struct ledger *ledger;
	struct reply reply;
	char *ada, *bob, *ada_id, *bob_token, *token, *items, *good, *forged, *part, *many;

	daemon_start(&daemon, CLASS_CONFIG PLAIN);
	publish_tiny(&daemon);
	ledger = ledger_new(&daemon);
	ada = signed_in(&daemon, "ada", "student");
	bob = signed_in(&daemon, "bob", "student");
	ada_id = id_of(&daemon, ada);
	token = token_of(ada);
	bob_token = token_of(bob);
	items = hints("echo");
	good = parcel(ledger->server, ada_id, token, items);
	part = kl_format("\"user\":\"%s\"", ada_id); /* in the receipt: it is hers, whoever carries it */
	bring(&daemon, bob, good, 200, part);
	bring(&daemon, bob, good, 200, "\"end\":\"duplicate\"");
	forged = parcel(ledger->server, ada_id, bob_token, items);
	bring(&daemon, bob, forged, 403, ENDED);
	free(forged);
	forged = parcel(ada_id, ada_id, token, items);
	bring(&daemon, bob, forged, 422, "what was sealed is no list of work for this server");
	bring(&daemon, bob, "{\"server\":", 422, "what was sealed");
	many = kl_format("[%0*d]", 10001, 0);
	for (char *at = many; (at = strstr(at, "00"));)
		at[1] = ',';
	bring(&daemon, bob, many, 413, "what was sealed has more values than a list of work");
	bring(&daemon, bob, "", 422, "what was sealed");
	carry(&daemon, bob, "{\"sealed\":\"c2hvcnQ=\"}", 422, CHANGED);
	carry(&daemon, bob, "{\"sealed\":\"not base64\"}", 422, CHANGED);
	carry(&daemon, bob, "{\"sealed\":7}", 422, "'sealed'");
	ask(&reply, &daemon, "POST /api/auth/logout", ada, NULL);
	reply_release(&reply);
	bring(&daemon, bob, good, 403, ENDED);
	free(ada);
	ada = signed_in(&daemon, "ada", "student");
	bring(&daemon, ada, good, 200, "\"end\":\"duplicate\""); /* she brings it herself */
	daemon_remove(&daemon);
	free(ada);
	free(bob);
	free(ada_id);
	free(token);
	free(bob_token);
	free(items);
	free(good);
	free(forged);
	free(part);
	free(many);
}

const struct test parcels_tests[] = {
	{ "C12_parcels", test_parcels },
	{ NULL, NULL },
};
