/*
 * What changed at the server comes in pages behind a cursor. The cursor is in the transaction that takes the last of its page: what was
 * taken is never asked for again, and what was not is. Drafts are the end of a page, one of them in a turn of the loop, since each is a
 * file; what comes before them is one transaction. A page that breaks off is told again, and what was taken of it is known then.
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
#include <kodelab/loop.h>

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
	struct kl_other_draft *drafts; /* taken one in a turn, when the rest is in the store */
	size_t draft_at, draft_count, draft_capacity;
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
	const char *state = wire_text(body, "state", "");
	char *text = report ? cJSON_PrintUnformatted(report) : NULL;
	struct kl_taken_result result = { .id = subject,
					  .verdict = wire_text(body, "verdict", ""),
					  .report = text ? text : "",
					  .score = wire_real(body, "score", 0),
					  .passed = (int)wire_int(body, "passed", 0),
					  .total = (int)wire_int(body, "total", 0),
					  .cpu_us = wire_int(body, "cpu_us", 0),
					  .peak_kib = wire_int(body, "peak_kib", 0),
					  .failed = !strcasecmp(state, "failed") };
	enum kl_status status = KL_OK;
	bool known = false, solved = false;
	struct told *told;

	if (*result.verdict && (result.failed || !strcasecmp(state, "done")))
		status = kl_store_taken_result(&known, &solved, page->sync->parts.store,
					       kl_class_account(page->sync->parts.class), &result, err);
	if (known) {
		told = note(page, KL_NEWS_RESULT, subject);
		told->solved = solved;
		told->words = result.failed ? kl_strdup(wire_text(report, "error", "it does not say why")) : NULL;
	}
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

static enum kl_status keep_draft(struct page *page, const char *subject, const cJSON *body, struct kl_error *err)
{
	struct kl_other_draft draft;

	(void)subject;
	(void)err;
	if (!read_draft(&draft, body))
		return KL_OK;
	KL_GROW(page->drafts, page->draft_count, page->draft_capacity);
	page->drafts[page->draft_count++] = draft;
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
	{ "draft",    keep_draft,    false },
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

/* When everything was told, of what was not there is no change to tell. */
static enum kl_status end_page(struct page *page, struct kl_error *err)
{
	const struct kl_sync_parts *parts = &page->sync->parts;
	enum kl_status status = KL_OK;
	bool gone = false;

	if (page->last)
		status = kl_store_doubt_end(&gone, parts->store, kl_class_account(parts->class), err);
	if (gone) {
		note(page, KL_NEWS_PACK, "");
		note(page, KL_NEWS_COURSE, "");
	}
	return status ? status
		      : kl_store_taken_cursor(parts->store, kl_class_server(parts->class)->name, page->cursor, err);
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
	return status || page->draft_count ? status : end_page(page, err);
}

static void tell_page(struct page *page)
{
	struct kl_sync *sync = page->sync;

	for (size_t i = 0; i < page->told_count; i++) {
		struct told *told = &page->told[i];

		sync->parts.news(sync->parts.ctx, &(struct kl_sync_news){ .kind = told->kind,
									  .subject = told->subject,
									  .words = told->words,
									  .solved = told->solved });
		free(told->subject);
		free(told->words);
	}
	page->told_count = 0;
}

void pull_release(struct kl_sync *sync)
{
	struct page *page = sync->page;

	if (!page)
		return;
	for (size_t i = 0; i < page->told_count; i++) {
		free(page->told[i].subject);
		free(page->told[i].words);
	}
	kl_other_drafts_free(page->drafts, page->draft_count);
	free(page);
	sync->page = NULL;
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

/* The page is taken, or passed over for its packs: what comes behind it. */
static void go_on(struct kl_sync *sync)
{
	const struct page *page = sync->page;
	int64_t cursor = page->cursor;
	bool last = page->last;

	if (sync_stops(sync))
		return;
	sync->pull_ahead = page->ahead;
	sync->pull_first = false;
	pull_release(sync);
	if (!last)
		ask_page(sync, cursor);
	else if (sync->pull_ahead)
		ask_again(sync);
	else
		recheck_begin(sync);
}

static void end_taken(struct kl_sync *sync)
{
	tell_page(sync->page);
	sync_tell_state(sync);
	go_on(sync);
}

/* --- its drafts --------------------------------------------------------------------------------------------------- */

struct taking {
	struct page *page;
	const struct kl_draft_here *here;
	enum kl_draft_fate fate;
};

static enum kl_status take_draft(void *ctx, struct kl_error *err)
{
	struct taking *taking = ctx;
	struct page *page = taking->page;
	const struct kl_sync_parts *parts = &page->sync->parts;
	enum kl_status status = kl_store_taken_draft(&taking->fate, parts->store, kl_class_account(parts->class),
						     &page->drafts[page->draft_at], taking->here, err);

	return status || page->draft_at + 1 < page->draft_count ? status : end_page(page, err);
}

/*
 * Files after the store: killed in between, the draft in the store is the new one, and the file is taken for a change of it, which makes a
 * conflict at worst and loses nothing.
 */
static void write_file(struct page *page, const struct kl_other_draft *draft, bool conflict)
{
	const struct kl_sync_files *files = page->sync->parts.files;
	enum kl_status status;
	struct kl_error err;
	char *subject, *path = NULL;

	if (conflict)
		status = files->put_beside(&path, files->ctx, draft->pack, draft->slug, draft->language, draft->code,
					   draft->code_len, &err);
	else
		status = files->write(files->ctx, draft->pack, draft->slug, draft->language, draft->code,
				      draft->code_len, &err);
	if (status)
		kl_log(KL_LOG_WARN, "sync", "%s", err.message);
	if (!status || conflict) { /* else the file is as it was */
		subject = kl_format("%s/%s/%s", draft->pack, draft->slug, draft->language);
		note(page, conflict ? KL_NEWS_CONFLICT : KL_NEWS_DRAFT, subject)->words = path;
		free(subject);
	}
}

static enum kl_status take_one(struct page *page, struct kl_error *err)
{
	const struct kl_sync_parts *parts = &page->sync->parts;
	const struct kl_other_draft *draft = &page->drafts[page->draft_at];
	struct kl_draft_here here = { .text = NULL };
	struct taking taking = { .page = page, .here = &here, .fate = KL_DRAFT_SAME };
	enum kl_status status;
	char *text = NULL;

	parts->files->read(parts->files->ctx, &text, &here.len, &here.untouched, draft->pack, draft->slug,
			   draft->language);
	here.text = text;
	status = kl_store_sync_change(parts->store, take_draft, &taking, err);
	free(text);
	if (!status && taking.fate != KL_DRAFT_SAME)
		write_file(page, draft, taking.fate == KL_DRAFT_CONFLICT);
	return status;
}

static void next_draft(void *ctx)
{
	struct kl_sync *sync = ctx;
	struct page *page = sync->page;
	struct kl_error err;

	sync->timer = NULL;
	if (take_one(page, &err)) {
		sync_end(sync, &err);
	} else if (++page->draft_at < page->draft_count) {
		tell_page(page);
		if (!sync_stops(sync))
			sync->timer = kl_loop_add_timer(sync->parts.loop, 0, next_draft, sync);
	} else {
		sync_count(sync);
		end_taken(sync);
	}
}

/* --- asking for them ---------------------------------------------------------------------------------------------- */

static void take_answer(struct kl_sync *sync, const cJSON *data)
{
	struct page *page = sync->page = kl_calloc(1, sizeof(*page));
	struct kl_error err;

	*page = (struct page){ .sync = sync,
			       .changes = cJSON_GetObjectItemCaseSensitive(data, "changes"),
			       .cursor = wire_int(data, "cursor", -1),
			       .restored = wire_bool(data, "restored", false) };
	page->last = !wire_bool(data, "more", false) || !cJSON_GetArraySize(page->changes);
	if (!is_page(page)) {
		kl_fail(&err, KL_ENET,
			"the class server's answer is no page of changes: it is of another version, tell whoever runs it");
		sync_end(sync, &err);
	} else if (kl_store_sync_change(sync->parts.store, take_page, page, &err)) {
		sync_end(sync, &err);
	} else if (page->ahead) {
		go_on(sync);
	} else {
		sync->state.taken += (size_t)cJSON_GetArraySize(page->changes);
		sync_count(sync);
		page->changes = NULL; /* the answer's */
		if (page->draft_count)
			sync->timer = kl_loop_add_timer(sync->parts.loop, 0, next_draft, sync);
		else
			end_taken(sync);
	}
}

static void on_page(void *ctx, const struct kl_class_answer *answer)
{
	struct kl_sync *sync = ctx;

	sync->call = NULL;
	if (answer->end == KL_CLASS_DONE)
		take_answer(sync, answer->data);
	else
		sync_end_answer(sync, answer);
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
