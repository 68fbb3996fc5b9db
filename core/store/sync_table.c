/* What came from the class server: how far, packs, courses, progress, and drafts of another machine. */

#include <kodelab/store_sync.h>

#include <kodelab/alloc.h>
#include <kodelab/catalogue.h>

#include "core/store/store_int.h"

enum kl_status kl_store_taken_cursor(struct kl_store *store, const char *server, int64_t cursor, struct kl_error *err)
{
	return store_run(store, SQL_CLASS_CURSOR,
			 ARGS(ARG_INT(cursor), ARG_INT(kl_clock_wall_ms(&store->clock)), ARG_TEXT(server)), err);
}

enum kl_status kl_store_class_gave(bool *gave, struct kl_store *store, const char *account, const char *pack,
				   struct kl_error *err)
{
	char *folder = kl_format("%s/", pack);
	int64_t count = 0;
	enum kl_status status = store_select(
		store, SQL_CLASS_PACK_GIVEN,
		ARGS(ARG_TEXT(account), ARG_TEXT(pack), ARG_INT((int64_t)strlen(folder)), ARG_TEXT(folder)), row_number,
		&count, err);

	free(folder);
	if (!status)
		*gave = count > 0;
	return status;
}

/* --- progress ----------------------------------------------------------------------------------------------------- */

/* Was it solved here, by tests that are all here? That stays, whatever the server knows of it. */
static bool solved_here(struct kl_store *store, const struct kl_progress *progress)
{
	struct kl_attempt best;
	bool here;

	if (progress->state != KL_COMPLETED || kl_store_attempt_get(&best, store, progress->best_attempt, NULL))
		return false;
	here = best.standing == KL_STANDING_OWN;
	kl_attempt_release(&best);
	return here;
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

enum kl_status kl_store_taken_progress(struct kl_store *store, const char *account,
				       const struct kl_taken_progress *taken, struct kl_error *err)
{
	struct kl_progress progress;
	bool gave = false;
	enum kl_status status = kl_store_class_gave(&gave, store, account, taken->pack, err);

	if (status || !gave || (status = kl_store_progress_get(&progress, store, taken->pack, taken->slug, err)))
		return status;
	if (!solved_here(store, &progress)) {
		progress.state =
			(int)larger(taken->state, progress.state == KL_COMPLETED ? KL_IN_PROGRESS : progress.state);
		progress.completed_ms = taken->completed_ms;
		if (*taken->best_attempt) {
			progress.best_score = taken->best_score;
			snprintf(progress.best_attempt, sizeof(progress.best_attempt), "%s", taken->best_attempt);
		}
	}
	progress.hints = (int)larger(progress.hints, taken->hints);
	progress.spent_ms = larger(progress.spent_ms, taken->spent_ms);
	if (taken->first_ms && (!progress.first_ms || taken->first_ms < progress.first_ms))
		progress.first_ms = taken->first_ms;
	return progress_put(store, taken->pack, taken->slug, &progress, err);
}

/* --- packs -------------------------------------------------------------------------------------------------------- */

void kl_class_packs_free(struct kl_class_pack *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(rows[i].id);
		free(rows[i].title);
		free(rows[i].problem);
	}
	free(rows);
}

struct packs {
	struct kl_class_pack *rows;
	size_t count, capacity;
};

static void take_pack(void *ctx, const struct sql_row *row)
{
	struct packs *packs = ctx;
	struct kl_class_pack *pack;

	KL_GROW(packs->rows, packs->count, packs->capacity);
	pack = &packs->rows[packs->count++];
	*pack = (struct kl_class_pack){ .id = row_text(row, 0),
					.title = row_text(row, 1),
					.version = row_int(row, 2),
					.bytes = row_int(row, 4),
					.problem = row_text(row, 6) };
	row_copy(row, 3, pack->hash, sizeof(pack->hash));
	row_copy(row, 5, pack->installed, sizeof(pack->installed));
}

enum kl_status kl_store_class_packs(struct kl_class_pack **rows, size_t *count, struct kl_store *store,
				    const char *account, struct kl_error *err)
{
	struct packs packs = { .rows = NULL };
	enum kl_status status = store_select(store, SQL_CLASS_PACKS, ARGS(ARG_TEXT(account)), take_pack, &packs, err);

	if (status) {
		kl_class_packs_free(packs.rows, packs.count);
		return status;
	}
	*rows = packs.rows;
	*count = packs.count;
	return KL_OK;
}

static void take_name(void *ctx, const struct sql_row *row)
{
	*(char **)ctx = row_text(row, 0);
}

/* One of another server is not installed over the first one's: the row says why. */
static enum kl_status hold_to_owner(struct kl_store *store, const char *account, const char *id, struct kl_error *err)
{
	const struct sql_args args = ARGS(ARG_TEXT(id), ARG_TEXT(account));
	char *owner = NULL, *problem;
	enum kl_status status = store_run(store, SQL_PACK_OWN, args, err);

	if (!status)
		status = store_select(store, SQL_PACK_OWNER, args, take_name, &owner, err);
	if (owner) {
		problem = kl_format(
			"the id '%s' is a pack's of the class server '%s': to take this one, 'kodelab logout --forget "
			"%s'",
			id, owner, owner);
		status = kl_store_class_pack_installed(store, account, id, "", problem, err);
		free(problem);
	}
	free(owner);
	return status;
}

enum kl_status kl_store_taken_pack(struct kl_store *store, const char *account, const struct kl_class_pack *pack,
				   struct kl_error *err)
{
	enum kl_status status = store_run(store, SQL_CLASS_PACK_PUT,
					  ARGS(ARG_TEXT(account), ARG_TEXT(pack->id), ARG_TEXT(pack->title),
					       ARG_INT(pack->version), ARG_TEXT(pack->hash), ARG_INT(pack->bytes)),
					  err);

	return status ? status : hold_to_owner(store, account, pack->id, err);
}

enum kl_status kl_store_taken_pack_away(struct kl_store *store, const char *account, const char *id,
					struct kl_error *err)
{
	return store_run(store, SQL_CLASS_PACK_REMOVE, ARGS(ARG_TEXT(account), ARG_TEXT(id)), err);
}

enum kl_status kl_store_class_pack_installed(struct kl_store *store, const char *account, const char *id,
					     const char *hash, const char *problem, struct kl_error *err)
{
	return store_run(store, SQL_CLASS_PACK_INSTALLED,
			 ARGS(ARG_TEXT(hash), ARG_TEXT(problem), ARG_TEXT(account), ARG_TEXT(id)), err);
}

bool kl_store_class_judges(struct kl_store *store, const char *pack)
{
	int64_t count = 0;

	return !store_select(store, SQL_CLASS_PACK_OURS, ARGS(ARG_TEXT(pack)), row_number, &count, NULL) && count > 0;
}

enum kl_status kl_store_class_unjudged(bool *waits, struct kl_store *store, struct kl_error *err)
{
	int64_t count = 0;
	enum kl_status status = store_select(store, SQL_ATTEMPTS_UNJUDGED, NO_ARGS, row_number, &count, err);

	if (!status)
		*waits = count > 0;
	return status;
}

bool kl_store_drafts_unanswered(struct kl_store *store)
{
	int64_t count = 0;

	return !store_select(store, SQL_DRAFTS_UNANSWERED, NO_ARGS, row_number, &count, NULL) && count > 0;
}

/* --- courses ------------------------------------------------------------------------------------------------------ */

enum kl_status kl_store_taken_course(struct kl_store *store, const char *account, const char *id, const char *body,
				     struct kl_error *err)
{
	if (!body)
		return store_run(store, SQL_CLASS_COURSE_REMOVE, ARGS(ARG_TEXT(account), ARG_TEXT(id)), err);
	return store_run(store, SQL_CLASS_COURSE_PUT, ARGS(ARG_TEXT(account), ARG_TEXT(id), ARG_TEXT(body)), err);
}

struct courses {
	kl_store_course_fn *fn;
	void *ctx;
};

static void give_course(void *ctx, const struct sql_row *row)
{
	struct courses *courses = ctx;
	char *id = row_text(row, 0), *body = row_text(row, 1);

	courses->fn(courses->ctx, id, body);
	free(id);
	free(body);
}

enum kl_status kl_store_class_courses(struct kl_store *store, const char *account, kl_store_course_fn *fn, void *ctx,
				      struct kl_error *err)
{
	struct courses courses = { fn, ctx };

	return store_select(store, SQL_CLASS_COURSES, ARGS(ARG_TEXT(account)), give_course, &courses, err);
}

/* --- drafts of another machine ------------------------------------------------------------------------------------ */

void kl_other_drafts_free(struct kl_other_draft *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(rows[i].pack);
		free(rows[i].slug);
		free(rows[i].language);
		free(rows[i].device);
		free(rows[i].code);
	}
	free(rows);
}

struct others {
	struct kl_other_draft *rows;
	size_t count, capacity;
};

static void take_other(void *ctx, const struct sql_row *row)
{
	struct others *others = ctx;
	struct kl_other_draft *draft;

	KL_GROW(others->rows, others->count, others->capacity);
	draft = &others->rows[others->count++];
	*draft = (struct kl_other_draft){ .pack = row_text(row, 0),
					  .slug = row_text(row, 1),
					  .language = row_text(row, 2),
					  .seq = row_int(row, 5),
					  .device = row_text(row, 6),
					  .at_ms = row_int(row, 7) };
	draft->code = row_bytes(row, 3, &draft->code_len);
	row_copy(row, 4, draft->hash, sizeof(draft->hash));
}

enum kl_status kl_store_other_drafts(struct kl_other_draft **rows, size_t *count, struct kl_store *store,
				     struct kl_error *err)
{
	struct others others = { .rows = NULL };
	enum kl_status status = store_select(store, SQL_OTHERS, NO_ARGS, take_other, &others, err);

	if (status) {
		kl_other_drafts_free(others.rows, others.count);
		return status;
	}
	*rows = others.rows;
	*count = others.count;
	return KL_OK;
}

enum { SENT_MAX = 10 }; /* hashes */

struct base {
	bool known; /* there is a draft */
	int64_t seq;
	char hash[KL_SHA256_SIZE];
	char sent[SENT_MAX * (KL_SHA256_SIZE - 1) + 1]; /* hashes of what followed it and perhaps arrived */
};

static void take_base(void *ctx, const struct sql_row *row)
{
	struct base *base = ctx;

	base->known = true;
	base->seq = row_int(row, 0);
	row_copy(row, 1, base->hash, sizeof(base->hash));
	row_copy(row, 2, base->sent, sizeof(base->sent));
}

static enum kl_status put_base(struct kl_store *store, const struct kl_other_draft *draft, struct kl_error *err)
{
	return store_run(store, SQL_DRAFT_BASE_PUT,
			 ARGS(ARG_INT(draft->seq), ARG_TEXT(draft->hash), ARG_TEXT(draft->pack), ARG_TEXT(draft->slug),
			      ARG_TEXT(draft->language)),
			 err);
}

static enum kl_status remove_other(struct kl_store *store, const struct kl_other_draft *draft, struct kl_error *err)
{
	return store_run(store, SQL_OTHER_REMOVE,
			 ARGS(ARG_TEXT(draft->pack), ARG_TEXT(draft->slug), ARG_TEXT(draft->language)), err);
}

/* The text is the draft, and both sides have it: nothing of it is to be sent. */
static enum kl_status put_common(struct kl_store *store, const struct kl_other_draft *draft, const char *text,
				 size_t len, struct kl_error *err)
{
	char *subject = kl_format("%s/%s/%s", draft->pack, draft->slug, draft->language);
	enum kl_status status =
		store_run(store, SQL_DRAFT_PUT,
			  ARGS(ARG_TEXT(draft->pack), ARG_TEXT(draft->slug), ARG_TEXT(draft->language),
			       ARG_BYTES(text, len), ARG_INT(0), ARG_INT(kl_clock_wall_ms(&store->clock))),
			  err);

	if (!status)
		status = store_run(store, SQL_OUTBOX_REPLACE, ARGS(ARG_TEXT("draft"), ARG_TEXT(subject)), err);
	if (!status)
		status = put_base(store, draft, err);
	free(subject);
	return status ? status : remove_other(store, draft, err);
}

/* The draft is what both have, and the text a change of it, which is to be sent. */
static enum kl_status put_change(struct kl_store *store, const struct kl_other_draft *draft, const char *text,
				 size_t len, struct kl_error *err)
{
	enum kl_status status = put_common(store, draft, draft->code, draft->code_len, err);

	return status ? status : draft_put(store, draft->pack, draft->slug, draft->language, text, len, err);
}

static enum kl_status put_other(struct kl_store *store, const struct kl_other_draft *draft, struct kl_error *err)
{
	return store_run(store, SQL_OTHER_PUT,
			 ARGS(ARG_TEXT(draft->pack), ARG_TEXT(draft->slug), ARG_TEXT(draft->language),
			      ARG_BYTES(draft->code, draft->code_len), ARG_TEXT(draft->hash), ARG_INT(draft->seq),
			      ARG_TEXT(draft->device), ARG_INT(draft->at_ms)),
			 err);
}

enum kl_status kl_store_taken_draft(enum kl_draft_fate *fate, struct kl_store *store, const char *account,
				    const struct kl_other_draft *draft, const struct kl_draft_here *here,
				    struct kl_error *err)
{
	struct base base = { .seq = 0 };
	char hash[KL_SHA256_SIZE] = "";
	bool gave = false;
	enum kl_status status = kl_store_class_gave(&gave, store, account, draft->pack, err);

	*fate = KL_DRAFT_SAME;
	if (status || !gave)
		return status;
	status = store_select(store, SQL_DRAFT_BASE_GET,
			      ARGS(ARG_TEXT(draft->pack), ARG_TEXT(draft->slug), ARG_TEXT(draft->language)), take_base,
			      &base, err);
	if (status)
		return status;
	if (here->text)
		kl_sha256(hash, here->text, here->len);
	if (base.known && draft->seq <= base.seq && !strcmp(draft->hash, base.hash))
		return KL_OK; /* what was sent from here comes back */
	if (here->text && !strcmp(hash, draft->hash))
		return put_common(store, draft, here->text, here->len, err);
	if (base.known && draft->seq < base.seq)
		return KL_OK; /* of before a restore that lost the newer one, which is here and sent again */
	if (!here->text || here->untouched ||
	    (base.known && *base.hash && draft->seq > base.seq && !strcmp(hash, base.hash))) {
		*fate = KL_DRAFT_TAKEN;
		return put_common(store, draft, draft->code, draft->code_len, err);
	}
	if (draft->seq == base.seq + 1 && strstr(base.sent, draft->hash)) /* its answer was lost, and one typed on */
		return put_change(store, draft, here->text, here->len, err);
	*fate = KL_DRAFT_CONFLICT;
	return put_other(store, draft, err);
}

struct settling {
	struct kl_store *store;
	const char *text;
	size_t len;
	const char *pack, *slug, *language;
};

static const struct kl_other_draft *find_other(const struct kl_other_draft *rows, size_t count,
					       const struct settling *settling)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(rows[i].pack, settling->pack) && !strcmp(rows[i].slug, settling->slug) &&
		    !strcmp(rows[i].language, settling->language))
			return &rows[i];
	return NULL;
}

/* First it is what the server has; then, where it is not the same, it is a change of that, and told. */
static enum kl_status settle(void *ctx, struct kl_error *err)
{
	struct settling *settling = ctx;
	const struct kl_other_draft *other;
	struct kl_other_draft *rows;
	enum kl_status status;
	size_t count;

	if ((status = kl_store_other_drafts(&rows, &count, settling->store, err)))
		return status;
	other = find_other(rows, count, settling);
	if (!other)
		status = kl_fail(err, KL_ENOENT, "no other version of it waits for a decision");
	else
		status = put_change(settling->store, other, settling->text, settling->len, err);
	kl_other_drafts_free(rows, count);
	return status;
}

enum kl_status kl_store_other_settle(struct kl_store *store, const char *pack, const char *slug, const char *language,
				     const char *text, size_t len, struct kl_error *err)
{
	struct settling settling = {
		.store = store, .text = text, .len = len, .pack = pack, .slug = slug, .language = language
	};

	return kl_store_sync_change(store, settle, &settling, err);
}
