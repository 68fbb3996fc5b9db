/* Handing in, and the oracle. */

#include "tests/server/ledger.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cjson/cJSON.h>

#include <kodelab/alloc.h>
#include <kodelab/archive.h>
#include <kodelab/clock.h>
#include <kodelab/keypool.h>
#include <kodelab/path.h>
#include <kodelab/receipt.h>
#include <kodelab/store.h>
#include <kodelab/store_intake.h>
#include <kodelab/store_works.h>

/* --- the class ---------------------------------------------------------------------------------------------------- */

#define ABOUT                                                                                                          \
	"\"summary\":\"Say it again.\",\"difficulty\":\"BEGINNER\",\"category\":\"basics\",\"minutes\":5,"             \
	"\"kind\":\"program\",\"languages\":[\"bash\"]"

/* clang-format off */
static const struct { const char *name, *text; } files[] = {
	{ "pack.json", "{\"format\":1,\"id\":\"tiny\",\"title\":\"Tiny\",\"challenges\":[\"echo\",\"slow\",\"check\"]}" },
	{ "echo/challenge.json", "{\"format\":1,\"title\":\"Echo\"," ABOUT "}" },
	{ "echo/statement.md", "Print whatever comes in, every line of it, exactly as it is.\n" },
	{ "echo/tests.json", "{\"tests\":[{\"id\":\"one\",\"sample\":true,\"stdin\":\"1\",\"stdout\":\"1\"},"
			     "{\"id\":\"two\",\"stdin\":\"2\",\"stdout\":\"2\",\"weight\":2},"
			     "{\"id\":\"secret\",\"disclosure\":\"none\",\"name\":\"zq7\",\"stdin\":\"zq8\",\"stdout\":\"zq8\"}]}" },
	{ "echo/starter/bash.sh", "true\n" },
	{ "echo/solution/bash.sh", "cat\n" },
	{ "slow/challenge.json", "{\"format\":1,\"title\":\"Slow\",\"limits\":{\"cpu_ms\":60000}," ABOUT "}" },
	{ "slow/statement.md", "Print whatever comes in, and take all the time you want for it.\n" },
	{ "slow/tests.json", "{\"tests\":[{\"id\":\"one\",\"sample\":true,\"stdin\":\"1\",\"stdout\":\"1\"}]}" },
	{ "check/challenge.json", "{\"format\":1,\"title\":\"Check\",\"checker\":{\"type\":\"program\",\"language\":\"bash\","
				  "\"file\":\"check.sh\"}," ABOUT "}" },
	{ "check/check.sh", "exit 42\n" },
	{ "check/statement.md", "Print whatever you like: a program looks at it, and is content.\n" },
	{ "check/tests.json", "{\"tests\":[{\"id\":\"one\",\"sample\":true,\"stdin\":\"1\",\"stdout\":\"1\"}]}" },
	{ "check/starter/bash.sh", "true\n" },
	{ "check/solution/bash.sh", "cat\n" },
	{ "slow/starter/bash.sh", "true\n" },
	{ "slow/solution/bash.sh", "cat\n" },
};
/* clang-format on */

void publish_tiny_with(const struct daemon *daemon, const char *name, const char *text)
{
	struct kl_archive archive = { .files = NULL };
	char *bytes, *who = signed_in(daemon, "teacher", "instructor");
	char *headers = kl_format("%sContent-Type: application/gzip\r\n", who);
	struct reply reply;
	size_t len;

	for (size_t i = 0; i < KL_LENGTH(files); i++) {
		const char *content = strcmp(files[i].name, name) != 0 ? files[i].text : text;

		kl_archive_add(&archive, files[i].name, content, strlen(content));
	}
	kl_archive_sort(&archive);
	CHECK(kl_archive_write(&bytes, &len, &archive, NULL) == KL_OK, "the archive cannot be written");
	ask_bytes(&reply, daemon, "POST /api/packs", headers, bytes, len);
	check_has(&reply, 201, "\"tiny\"");
	reply_release(&reply);
	kl_archive_release(&archive);
	free(bytes);
	free(headers);
	free(who);
}

void publish_tiny(const struct daemon *daemon)
{
	publish_tiny_with(daemon, "", "");
}

/* --- items -------------------------------------------------------------------------------------------------------- */

void new_id(char id[KL_ID_SIZE])
{
	static const struct kl_clock running = { .held = false };

	kl_id_new(id, &running);
}

char *json_of(const char *text)
{
	cJSON *node = cJSON_CreateString(text);
	char *json = cJSON_PrintUnformatted(node), *copy = kl_strdup(json);

	cJSON_free(json);
	cJSON_Delete(node);
	return copy;
}

char *any_item(const char *id, const char *kind, const char *code, const char *body)
{
	char hash[KL_SHA256_SIZE];

	kl_sha256(hash, code, strlen(code));
	return kl_format("{\"id\":\"%s\",\"kind\":\"%s\",\"hash\":\"%s\",\"at\":\"2026-11-29T12:00:00Z\",\"body\":%s}",
			 id, kind, hash, body);
}

char *submission_item(const char *id, const char *slug, const char *code)
{
	char *text = json_of(code), *item;
	char *body = kl_format("{\"pack\":\"tiny\",\"slug\":\"%s\",\"language\":\"bash\",\"code\":%s}", slug, text);

	item = any_item(id, "submission", code, body);
	free(body);
	free(text);
	return item;
}

/* --- the ledger --------------------------------------------------------------------------------------------------- */

struct ledger *ledger_new(const struct daemon *daemon)
{
	struct ledger *ledger = mmap(NULL, sizeof(*ledger), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct reply reply;
	char *text;

	CHECK(ledger != MAP_FAILED, "mmap");
	ask(&reply, daemon, "GET /api/server", NULL, NULL);
	check_has(&reply, 200, "\"public_key\":\"");
	text = member_of(reply.body, "public_key");
	snprintf(ledger->public_key, sizeof(ledger->public_key), "%s", text);
	free(text);
	text = member_of(reply.body, "id");
	snprintf(ledger->server, sizeof(ledger->server), "%s", text);
	free(text);
	reply_release(&reply);
	return ledger;
}

size_t ledger_add(struct ledger *ledger, const char *code)
{
	struct ledger_entry *entry = &ledger->entries[ledger->count];

	CHECK(ledger->count < LEDGER_MAX, "the ledger is full");
	new_id(entry->id);
	kl_sha256(entry->hash, code, strlen(code));
	return ledger->count++;
}

static void write_down(struct ledger_entry *entry, const char *body)
{
	const char *at = strstr(body, "\"receipt\":{"), *end = at ? strchr(at, '}') : NULL;
	char text[sizeof(entry->receipt)];

	if (!end)
		return;
	at += strlen("\"receipt\":");
	snprintf(text, sizeof(text), "%.*s", (int)(end - at + 1), at);
	if (entry->receipt[0] && strcmp(entry->receipt, text) != 0)
		entry->conflict = true;
	memcpy(entry->receipt, text, sizeof(text));
}

int hand_in(struct ledger *ledger, const struct daemon *daemon, const char *who, size_t index, const char *slug,
	    const char *code)
{
	struct ledger_entry *entry = &ledger->entries[index];
	char *item = submission_item(entry->id, slug, code);
	char *text = kl_format("POST /api/submissions HTTP/1.1\r\nHost: test\r\nConnection: close\r\n%s" JSON
			       "Content-Length: %zu\r\n\r\n%s",
			       who, strlen(item), item);
	int fd = client_try(daemon), status = 0;
	struct reply reply;

	if (fd >= 0) {
		client_text(fd, text);
		client_read(&reply, fd);
		close(fd);
		status = reply.status;
		if (status == 200 || status == 201)
			write_down(entry, reply.body);
		reply_release(&reply);
	}
	free(text);
	free(item);
	return status;
}

void hands_in(const struct daemon *daemon, const char *who, const char *pack, const char *slug, int status,
	      const char *part)
{
	char id[KL_ID_SIZE], *headers = kl_format("%s" JSON, who), *item;
	char *body = kl_format("{\"pack\":\"%s\",\"slug\":\"%s\",\"language\":\"python\",\"version\":1,\"code\":\"x\"}",
			       pack, slug);
	struct reply reply;

	new_id(id);
	item = any_item(id, "submission", "x", body);
	ask(&reply, daemon, "POST /api/submissions", headers, item);
	check_has(&reply, status, part);
	reply_release(&reply);
	free(headers);
	free(body);
	free(item);
}

/* --- the oracle --------------------------------------------------------------------------------------------------- */

void await_verdicts(const struct daemon *daemon)
{
	ask_until(daemon, "GET /health", NULL, "\"queue_length\":0,\"processing\":0,");
}

static void check_receipt(const struct ledger *ledger, const struct ledger_entry *entry, struct kl_receipt *receipt)
{
	cJSON *node = cJSON_Parse(entry->receipt);
	struct kl_error err;

	CHECK(!entry->conflict, "%s has two receipts", entry->id);
	CHECK(node && !kl_receipt_read(receipt, node, &err), "%s: %s", entry->receipt, err.message);
	CHECK(!kl_receipt_check(receipt, ledger->public_key, &err), "%s: %s", entry->receipt, err.message);
	CHECK(!strcmp(receipt->id, entry->id) && !strcmp(receipt->hash, entry->hash) &&
		      !strcmp(receipt->server, ledger->server),
	      "%s is a receipt for something else", entry->receipt);
	cJSON_Delete(node);
}

static void check_entry(const struct ledger *ledger, const struct ledger_entry *entry, struct kl_store *store,
			bool judged)
{
	struct kl_intake_row row;
	struct kl_receipt receipt;
	struct kl_work work;
	struct kl_error err;

	if (!entry->receipt[0])
		return; /* nothing was promised */
	check_receipt(ledger, entry, &receipt);
	CHECK(!kl_store_intake_get(&row, store, receipt.user, entry->id, &err), "%s was receipted and is gone: %s",
	      entry->id, err.message);
	CHECK(!strcmp(row.hash, entry->hash) && !strcmp(row.signature, receipt.signature) &&
		      row.serial == receipt.serial && !strcmp(row.user, receipt.user),
	      "the row of %s is not what its receipt says", entry->id);
	CHECK(!kl_store_work_look(&work, store, entry->id, &err), "%s", err.message);
	if (judged) {
		CHECK(work.state == KL_WORK_DONE, "%s is in state %d, verdict '%s'", entry->id, work.state,
		      work.verdict);
		CHECK(work.judgings == 1, "%s was judged %lld times", entry->id, (long long)work.judgings);
	}
	kl_work_release(&work);
}

/* Serials are given once. */
static void check_serials(const struct ledger *ledger, int64_t newest)
{
	char *seen = kl_calloc((size_t)newest + 1, 1);

	for (size_t i = 0; i < ledger->count; i++) {
		const char *at = strstr(ledger->entries[i].receipt, "\"serial\":");
		long serial = at ? strtol(at + strlen("\"serial\":"), NULL, 10) : 0;

		if (!at)
			continue;
		CHECK(serial > 0 && serial <= newest && !seen[serial], "serial %ld", serial);
		seen[serial] = 1;
	}
	free(seen);
}

void ledger_check(const struct ledger *ledger, const struct daemon *daemon, bool judged)
{
	char *path = kl_path_join(daemon->folder, "kodelabd.db");
	static const struct kl_clock running = { .held = false };
	struct kl_store *store;
	struct kl_error err;
	int64_t newest = 0;

	CHECK(!kl_store_open_server(&store, path, &running, &err), "%s", err.message);
	for (size_t i = 0; i < ledger->count; i++)
		check_entry(ledger, &ledger->entries[i], store, judged);
	CHECK(!kl_store_intake_newest(&newest, store, &err), "%s", err.message);
	check_serials(ledger, newest);
	kl_store_close(store);
	free(path);
}

/* --- from start to end -------------------------------------------------------------------------------------------- */

void class_start(struct daemon *daemon, struct ledger **ledger, char **who, const char *extra)
{
	char *config = kl_format(CLASS_CONFIG "%s", extra);

	daemon_start(daemon, config);
	publish_tiny(daemon);
	*ledger = ledger_new(daemon);
	*who = signed_in(daemon, "ada", "student");
	free(config);
}

void class_lends(const struct daemon *near, const struct daemon *far, const char *key)
{
	char *body = kl_format("{\"name\":\"far\",\"url\":\"http://127.0.0.1:%d\"}", far->port);

	expect_has(near, "POST /api/instances", BOSS, body, 201, "\"success\":true");
	free(body);
	body = kl_format("{\"instance\":\"far\",\"key\":\"%s\",\"share\":\"%s\",\"consent\":\"%s\",\"daily_limit\":50,"
			 "\"reserve\":0}",
			 key, kl_key_share_word(KL_KEY_POOL), kl_keypool_consent(KL_KEY_POOL));
	expect_has(near, "POST /api/keys", BOSS "X-KodeLab-User: donor\r\n", body, 201, "\"success\":true");
	free(body);
}

void class_finish(struct daemon *daemon, struct ledger *ledger, char *who)
{
	await_verdicts(daemon);
	daemon_stop(daemon, SIGTERM);
	ledger_check(ledger, daemon, true);
	daemon_remove(daemon);
	free(who);
}
