/*
 * What changed at the server comes in pages behind a cursor. A page and its cursor are one transaction: what was taken is never asked for
 * again, and what was not is.
 */

#include "core/sync/sync_int.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cjson/cJSON.h>

#include <kodelab/alloc.h>
#include <kodelab/catalogue.h>
#include <kodelab/challenge.h>
#include <kodelab/crypto.h>
#include <kodelab/log.h>

enum { LIMIT = 100, PATIENCE_MS = 3000, TOLD_MAX = LIMIT + 2 /* one of each change, two of what is gone */ };

struct told { /* news of the page, for when it is true */
	enum kl_sync_news_kind kind;
	char *subject, *words;
	bool solved;
};

struct page {
	struct kl_sync *sync;
	const cJSON *changes;
	int64_t cursor;
	bool ahead; /* only its packs are taken */
	bool restored; /* the server was, from a backup: it tells everything anew */
	bool last; /* no page comes behind it */
	struct told told[TOLD_MAX];
	size_t told_count;
	struct kl_other_draft *written; /* texts that go into the student's files once the page is in the store */
	size_t written_count, written_capacity;
};

static struct told *note(struct page *page, enum kl_sync_news_kind kind, const char *subject)
{
	struct told *told = &page->told[page->told_count++];

	assert(page->told_count <= TOLD_MAX);
	*told = (struct told){ .kind = kind, .subject = kl_strdup(subject) };
	return told;
}

/* --- kinds -------------------------------------------------------------------------------------------------------- */

/* It becomes part of a file's name, and a word of a command. */
static bool is_hash(const char *text)
{
	return strlen(text) == KL_SHA256_SIZE - 1 && strspn(text, "0123456789abcdef") == KL_SHA256_SIZE - 1;
}

static enum kl_status take_pack(struct page *page, const char *subject, const cJSON *body, struct kl_error *err)
{
	struct kl_store *store = page->sync->parts.store;
	const char *account = kl_class_account(page->sync->parts.class), *hash = wire_text(body, "hash", "");
	struct kl_class_pack pack = { .id = (char *)(uintptr_t)subject,
				      .title = (char *)(uintptr_t)wire_text(body, "title", subject),
				      .version = wire_int(body, "version", 0),
				      .bytes = wire_int(body, "bytes", 0) };

	if (!kl_slug_valid(subject))
		return KL_OK;
	note(page, KL_NEWS_PACK, subject);
	if (!body || !is_hash(hash))
		return kl_store_taken_pack_away(store, account, subject, err);
	memcpy(pack.hash, hash, KL_SHA256_SIZE);
	page->sync->pushed = false; /* work may have waited for it */
	return kl_store_taken_pack(store, account, &pack, err);
}

static enum kl_status take_course(struct page *page, const char *subject, const cJSON *body, struct kl_error *err)
{
	char *text = body ? cJSON_PrintUnformatted(body) : NULL;
	enum kl_status status = kl_store_taken_course(page->sync->parts.store,
						      kl_class_account(page->sync->parts.class), subject, text, err);

	cJSON_free(text);
	note(page, KL_NEWS_COURSE, subject);
	return status;
}

static enum kl_status take_result(struct page *page, const char *subject, const cJSON *body, struct kl_error *err)
{
	const cJSON *report = wire_member(body, "report");
	char *text = report ? cJSON_PrintUnformatted(report) : NULL;
	struct kl_taken_result result = { .id = subject,
					  .verdict = wire_text(body, "verdict", ""),
					  .report = text ? text : "",
					  .score = wire_real(body, "score", 0),
					  .passed = (int)wire_int(body, "passed", 0),
					  .total = (int)wire_int(body, "total", 0),
					  .cpu_us = wire_int(body, "cpu_us", 0),
					  .peak_kib = wire_int(body, "peak_kib", 0) };
	enum kl_status status = KL_OK;
	bool known = false, solved = false;

	if (*result.verdict && !strcasecmp(wire_text(body, "state", ""), "done"))
		status = kl_store_taken_result(&known, &solved, page->sync->parts.store,
					       kl_class_account(page->sync->parts.class), &result, err);
	if (known)
		note(page, KL_NEWS_RESULT, subject)->solved = solved;
	cJSON_free(text);
	return status;
}

static int state_of(const char *word)
{
	return !strcmp(word, "COMPLETED")     ? KL_COMPLETED
	       : !strcmp(word, "IN_PROGRESS") ? KL_IN_PROGRESS
					      : KL_NOT_STARTED;
}

static enum kl_status take_progress(struct page *page, const char *subject, const cJSON *body, struct kl_error *err)
{
	struct kl_taken_progress progress = { .pack = wire_text(body, "pack", ""),
					      .slug = wire_text(body, "slug", ""),
					      .state = state_of(wire_text(body, "state", "")),
					      .hints = (int)wire_int(body, "hints", 0),
					      .first_ms = wire_time(body, "first"),
					      .completed_ms = wire_time(body, "completed"),
					      .spent_ms = wire_int(body, "spent_ms", 0),
					      .best_score = wire_real(body, "best_score", 0),
					      .best_attempt = wire_text(body, "best_submission", "") };

	(void)subject;
	if (!kl_slug_valid(progress.pack) || !kl_slug_valid(progress.slug))
		return KL_OK;
	return kl_store_taken_progress(page->sync->parts.store, kl_class_account(page->sync->parts.class), &progress,
				       err);
}

static bool draft_code(char **code, size_t *len, const cJSON *body, const char *hash)
{
	const char *text = wire_text(body, "code", NULL), *encoded = wire_text(body, "code_base64", NULL);
	char real[KL_SHA256_SIZE];

	if (text) {
		*len = strlen(text);
		*code = kl_strdup(text);
	} else if (!encoded || !kl_base64_decode(code, len, encoded)) {
		return false;
	}
	kl_sha256(real, *code, *len);
	if (!strcmp(real, hash))
		return true;
	free(*code);
	return false;
}

static bool is_language(const char *word)
{
	return *word && strlen(word) < 32 && strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789+#-_.") == strlen(word);
}

/* A draft as the server told it; false: it makes no sense. Its texts are owned. */
static bool read_draft(struct kl_other_draft *draft, const cJSON *body)
{
	const char *pack = wire_text(body, "pack", ""), *slug = wire_text(body, "slug", ""),
		   *language = wire_text(body, "language", ""), *hash = wire_text(body, "hash", "");

	*draft = (struct kl_other_draft){ .seq = wire_int(body, "seq", 0), .at_ms = wire_time(body, "at") };
	if (!kl_slug_valid(pack) || !kl_slug_valid(slug) || !is_language(language) || draft->seq < 1 ||
	    !is_hash(hash) || !draft_code(&draft->code, &draft->code_len, body, hash))
		return false;
	memcpy(draft->hash, hash, KL_SHA256_SIZE);
	draft->pack = kl_strdup(pack);
	draft->slug = kl_strdup(slug);
	draft->language = kl_strdup(language);
	draft->device = kl_strdup(wire_text(body, "device", ""));
	return true;
}

static enum kl_status take_draft(struct page *page, const char *subject, const cJSON *body, struct kl_error *err)
{
	const struct kl_sync_files *files = page->sync->parts.files;
	struct kl_draft_here here = { .text = NULL };
	enum kl_draft_fate fate = KL_DRAFT_SAME;
	struct kl_other_draft draft;
	enum kl_status status;
	char *text = NULL;

	if (!body || !read_draft(&draft, body))
		return KL_OK;
	files->read(files->ctx, &text, &here.len, &here.untouched, draft.pack, draft.slug, draft.language);
	here.text = text;
	status = kl_store_taken_draft(&fate, page->sync->parts.store, kl_class_account(page->sync->parts.class), &draft,
				      &here, err);
	free(text);
	if (status || fate == KL_DRAFT_SAME) {
		struct kl_other_draft *gone = kl_calloc(1, sizeof(draft));

		*gone = draft;
		kl_other_drafts_free(gone, 1);
		return status;
	}
	KL_GROW(page->written, page->written_count, page->written_capacity);
	page->written[page->written_count++] = draft;
	note(page, fate == KL_DRAFT_TAKEN ? KL_NEWS_DRAFT : KL_NEWS_CONFLICT, subject);
	return KL_OK;
}

/* clang-format off */
static const struct kind {
	const char *name;
	enum kl_status (*take)(struct page *page, const char *subject, const cJSON *body, struct kl_error *err);
	bool gone; /* also when the body is null */
} kinds[] = {
	{ "pack",     take_pack,     true },
	{ "course",   take_course,   true },
	{ "result",   take_result,   false },
	{ "progress", take_progress, false },
	{ "draft",    take_draft,    false },
};
/* clang-format on */

static enum kl_status take_change(struct page *page, const cJSON *change, struct kl_error *err)
{
	const char *name = wire_text(change, "kind", ""), *subject = wire_text(change, "subject", "");
	const cJSON *body = wire_member(change, "body");

	for (size_t i = 0; i < KL_LENGTH(kinds); i++)
		if (!strcmp(kinds[i].name, name) && (body || kinds[i].gone))
			return kinds[i].take(page, subject, body, err);
	return KL_OK; /* of a newer server */
}

/* --- a page ------------------------------------------------------------------------------------------------------- */

static bool is_pack(const cJSON *change)
{
	return !strcmp(wire_text(change, "kind", ""), "pack");
}

static enum kl_status take_some(struct page *page, bool packs, struct kl_error *err)
{
	enum kl_status status = KL_OK;
	const cJSON *change;

	cJSON_ArrayForEach(change, page->changes) {
		if (!status && is_pack(change) == packs)
			status = take_change(page, change, err);
	}
	return status;
}

/* Is anything of the page about a pack that the server has not given (yet)? */
static enum kl_status see_strange(bool *strange, const struct page *page, struct kl_error *err)
{
	const struct kl_sync_parts *parts = &page->sync->parts;
	enum kl_status status = KL_OK;
	const cJSON *change;

	*strange = false;
	cJSON_ArrayForEach(change, page->changes) {
		const char *pack = wire_text(wire_member(change, "body"), "pack", "");
		bool gave = true;

		if (!status && kl_slug_valid(pack))
			status = kl_store_class_gave(&gave, parts->store, kl_class_account(parts->class), pack, err);
		*strange |= !gave;
	}
	return status;
}

/* Everything was told; of what was not there is no change to tell. */
static enum kl_status end_doubts(struct page *page, struct kl_error *err)
{
	const struct kl_sync_parts *parts = &page->sync->parts;
	bool gone = false;
	enum kl_status status = kl_store_doubt_end(&gone, parts->store, kl_class_account(parts->class), err);

	if (gone) {
		note(page, KL_NEWS_PACK, "");
		note(page, KL_NEWS_COURSE, "");
	}
	return status;
}

/*
 * Packs first: of what is not of one nothing is taken. A pack may come pages after the work of it, when it was published anew; then
 * only packs are taken to the end, the cursor stays, and everything from there is asked for again.
 */
static enum kl_status take_page(void *ctx, struct kl_error *err)
{
	struct page *page = ctx;
	struct kl_sync *sync = page->sync;
	struct kl_store *store = sync->parts.store;
	const char *account = kl_class_account(sync->parts.class);
	bool strange = false;
	enum kl_status status;

	page->ahead = sync->pull_ahead;
	status = page->restored ? kl_store_doubt(store, account, err) : KL_OK;
	if (!status)
		status = take_some(page, true, err);
	if (!status && !sync->pull_ahead && !sync->pull_again)
		status = see_strange(&strange, page, err);
	if (status || (page->ahead |= strange))
		return status;
	status = take_some(page, false, err);
	if (!status && page->last)
		status = end_doubts(page, err);
	if (status)
		return status;
	return kl_store_taken_cursor(store, kl_class_server(sync->parts.class)->name, page->cursor, err);
}

/*
 * Files after the store: killed in between, the draft in the store is the new one, and the file is taken for a change of it, which makes a
 * conflict at worst and loses nothing.
 */
static enum kl_status write_file(struct page *page, struct told *told, const struct kl_other_draft *draft)
{
	const struct kl_sync_files *files = page->sync->parts.files;
	struct kl_error err;
	enum kl_status status;

	if (told->kind == KL_NEWS_DRAFT)
		status = files->write(files->ctx, draft->pack, draft->slug, draft->language, draft->code,
				      draft->code_len, &err);
	else
		status = files->put_beside(&told->words, files->ctx, draft->pack, draft->slug, draft->language,
					   draft->code, draft->code_len, &err);
	if (status)
		kl_log(KL_LOG_WARN, "sync", "%s", err.message);
	return status;
}

static void tell_page(struct page *page)
{
	struct kl_sync *sync = page->sync;
	size_t file = 0;

	for (size_t i = 0; i < page->told_count; i++) {
		struct told *told = &page->told[i];

		if ((told->kind == KL_NEWS_DRAFT || told->kind == KL_NEWS_CONFLICT) &&
		    write_file(page, told, &page->written[file++]) && told->kind == KL_NEWS_DRAFT)
			continue; /* the file is as it was */
		sync->parts.news(sync->parts.ctx, &(struct kl_sync_news){ .kind = told->kind,
									  .subject = told->subject,
									  .words = told->words,
									  .solved = told->solved });
	}
}

static void release_page(struct page *page)
{
	for (size_t i = 0; i < page->told_count; i++) {
		free(page->told[i].subject);
		free(page->told[i].words);
	}
	kl_other_drafts_free(page->written, page->written_count);
}

static void ask_page(struct kl_sync *sync, int64_t cursor);
static void ask_from_store(struct kl_sync *sync);

/* All packs are known now: from where the cursor stayed. */
static void ask_again(struct kl_sync *sync)
{
	sync->pull_ahead = false;
	sync->pull_again = true;
	ask_from_store(sync);
}

/* At most what was asked for, and, when there is more, further on: else there would be no end of it. Only what begins anew may go back. */
static bool is_page(const struct page *page)
{
	const struct kl_sync *sync = page->sync;

	return cJSON_IsArray(page->changes) && cJSON_GetArraySize(page->changes) <= LIMIT && page->cursor >= 0 &&
	       (page->last || page->cursor > sync->pull_at || (page->restored && sync->pull_first));
}

static void on_page(void *ctx, const struct kl_class_answer *answer)
{
	struct kl_sync *sync = ctx;
	const cJSON *changes = cJSON_GetObjectItemCaseSensitive(answer->data, "changes");
	bool more = wire_bool(answer->data, "more", false) && cJSON_GetArraySize(changes);
	struct page page = { .sync = sync,
			     .changes = changes,
			     .cursor = wire_int(answer->data, "cursor", -1),
			     .restored = wire_bool(answer->data, "restored", false) };
	struct kl_error err;

	sync->call = NULL;
	page.last = !more;
	if (answer->end != KL_CLASS_DONE) {
		sync_end_answer(sync, answer);
		return;
	}
	if (!is_page(&page)) {
		kl_fail(&err, KL_ENET,
			"the class server's answer is no page of changes: it is of another version, tell whoever runs it");
		sync_end(sync, &err);
		return;
	}
	if (kl_store_sync_change(sync->parts.store, take_page, &page, &err)) {
		release_page(&page);
		sync_end(sync, &err);
		return;
	}
	sync->pull_ahead = page.ahead;
	sync->pull_first = false;
	if (!page.ahead) {
		sync->state.taken += (size_t)cJSON_GetArraySize(changes);
		sync_count(sync);
		tell_page(&page);
		sync_tell_state(sync);
	}
	release_page(&page);
	if (more)
		ask_page(sync, page.cursor);
	else if (sync->pull_ahead)
		ask_again(sync);
	else
		recheck_begin(sync);
}

static void ask_page(struct kl_sync *sync, int64_t cursor)
{
	char *path = kl_format("/api/sync?cursor=%lld&limit=%d", (long long)cursor, LIMIT);
	const struct kl_class_ask ask = { .method = "GET", .path = path, .patience_ms = PATIENCE_MS };
	struct kl_error err;

	sync->pull_at = cursor;
	if (kl_class_call(&sync->call, sync->parts.class, &ask, on_page, sync, &err)) {
		sync->call = NULL;
		sync_end(sync, &err);
	}
	free(path);
}

static void ask_from_store(struct kl_sync *sync)
{
	struct kl_class_server server;
	struct kl_error err;

	/* as it is now: another process may have gone on */
	if (kl_store_class_get(&server, sync->parts.store, kl_class_server(sync->parts.class)->name, &err)) {
		sync_end(sync, &err);
		return;
	}
	sync->pull_first = true;
	ask_page(sync, server.cursor);
	kl_class_server_release(&server);
}

void pull_begin(struct kl_sync *sync)
{
	sync->pull_ahead = sync->pull_again = false;
	ask_from_store(sync);
}
