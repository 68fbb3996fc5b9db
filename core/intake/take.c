/* Taking items: the row of intake, and what its kind does, are one. */

#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/queue.h>
#include <kodelab/store.h>
#include <kodelab/store_changes.h>
#include <kodelab/store_intake.h>
#include <kodelab/store_learner.h>
#include <kodelab/store_works.h>

#include "core/intake/intake_int.h"

struct taking { /* of one item */
	struct kl_intake *intake;
	const char *user;
	const struct kl_intake_item *item;
	const char *subject; /* "pack/slug", "pack/slug/language" */
	struct kl_intake_answer *answer;
};

/* --- opening and closing ------------------------------------------------------------------------------------------ */

enum kl_status kl_intake_reload(struct kl_intake *intake, struct kl_error *err)
{
	return kl_store_intake_newest(&intake->serial, intake->use.store, err);
}

enum kl_status kl_intake_open(struct kl_intake **out, bool *renewed, const struct kl_intake_use *use,
			      struct kl_error *err)
{
	struct kl_intake *intake = kl_calloc(1, sizeof(*intake));
	bool fresh = false;
	enum kl_status status;

	intake->use = *use;
	if (!(status = signer_open(intake, &fresh, err)))
		status = kl_intake_reload(intake, err);
	intake->use.key_path = NULL;
	if (status) {
		kl_intake_close(intake);
		return status;
	}
	*renewed = fresh;
	*out = intake;
	return KL_OK;
}

void kl_intake_close(struct kl_intake *intake)
{
	if (!intake)
		return;
	kl_secret_free(intake->secret);
	free(intake);
}

const char *kl_intake_server_id(const struct kl_intake *intake)
{
	return intake->server_id;
}

const char *kl_intake_public_key(const struct kl_intake *intake)
{
	return intake->public_key;
}

bool kl_intake_unseal(char **text, size_t *len, const struct kl_intake *intake, const void *sealed, size_t sealed_len)
{
	char *out;

	if (sealed_len < KL_ENVELOPE_EXTRA)
		return false;
	out = kl_calloc(sealed_len - KL_ENVELOPE_EXTRA + 1, 1);
	if (!kl_envelope_open((unsigned char *)out, intake->secret, sealed, sealed_len)) {
		free(out);
		return false;
	}
	*text = out;
	*len = sealed_len - KL_ENVELOPE_EXTRA;
	return true;
}

/* --- what was here before ----------------------------------------------------------------------------------------- */

static void receipt_of(struct kl_receipt *out, const struct kl_intake *intake, const struct kl_intake_row *row)
{
	*out = (struct kl_receipt){ .received_ms = row->received_ms, .serial = row->serial };
	snprintf(out->id, sizeof(out->id), "%s", row->id);
	snprintf(out->kind, sizeof(out->kind), "%s", row->kind);
	snprintf(out->hash, sizeof(out->hash), "%s", row->hash);
	snprintf(out->user, sizeof(out->user), "%s", row->user);
	snprintf(out->server, sizeof(out->server), "%s", intake->server_id);
	snprintf(out->signature, sizeof(out->signature), "%.*s", KL_RECEIPT_SIGN_SIZE - 1, row->signature);
}

static enum kl_status answer_known(const struct taking *taking, const struct kl_intake_row *row, struct kl_error *err)
{
	bool same =
		!strcmp(row->hash, taking->item->hash) && !strcmp(row->kind, kl_intake_kind_word(taking->item->kind));

	*taking->answer = (struct kl_intake_answer){ .end = same ? KL_INTAKE_DUPLICATE : KL_INTAKE_CONFLICT,
						     .first_conflict = !same && !row->conflicts };
	if (same)
		receipt_of(&taking->answer->receipt, taking->intake, row);
	if (!taking->answer->first_conflict)
		return KL_OK;
	return kl_store_intake_conflict(taking->intake->use.store, taking->user, row->id, err);
}

bool kl_intake_knows(struct kl_intake *intake, const char *user, const char *id)
{
	struct kl_intake_row row;

	return kl_store_intake_get(&row, intake->use.store, user, id, NULL) == KL_OK;
}

/* --- kinds -------------------------------------------------------------------------------------------------------- */

static enum kl_status note(const struct taking *taking, const char *kind, struct kl_error *err)
{
	char *audience = kl_format("u:%s", taking->user);
	enum kl_status status = kl_store_change_note(taking->intake->use.store, audience, kind, taking->subject, err);

	free(audience);
	return status;
}

static char *writable(const char *text)
{
	return (char *)(uintptr_t)text; /* only read */
}

static enum kl_status put_submission(const struct taking *taking, struct kl_error *err)
{
	const struct kl_intake_item *item = taking->item;
	struct kl_work work = { .pack = writable(item->pack),
				.slug = writable(item->slug),
				.language = writable(item->language),
				.course = writable(item->course),
				.assignment = writable(item->assignment),
				.version = item->version,
				.at_ms = item->at_ms,
				.received_ms = taking->answer->receipt.received_ms,
				.code = item->code,
				.code_len = item->code_len };

	snprintf(work.id, sizeof(work.id), "%s", taking->answer->work);
	snprintf(work.item, sizeof(work.item), "%s", item->id);
	snprintf(work.user, sizeof(work.user), "%s", taking->user);
	return kl_store_work_add(taking->intake->use.store, &work, err);
}

static enum kl_status put_draft(const struct taking *taking, struct kl_error *err)
{
	const struct kl_intake_item *item = taking->item;
	struct kl_user_draft draft = { .pack = writable(item->pack),
				       .slug = writable(item->slug),
				       .language = writable(item->language),
				       .device = writable(item->device),
				       .code = item->code,
				       .code_len = item->code_len,
				       .seq = item->seq,
				       .cursor = item->cursor,
				       .at_ms = item->at_ms,
				       .received_ms = taking->answer->receipt.received_ms };
	bool stale = false;
	enum kl_status status;

	snprintf(draft.id, sizeof(draft.id), "%s", item->id);
	snprintf(draft.user, sizeof(draft.user), "%s", taking->user);
	snprintf(draft.hash, sizeof(draft.hash), "%s", item->hash);
	status = kl_store_user_draft_put(&stale, &taking->answer->newest, taking->intake->use.store, &draft, err);
	if (status)
		return status;
	if (stale)
		taking->answer->end = KL_INTAKE_STALE;
	return stale ? KL_OK : note(taking, "draft", err);
}

static enum kl_status put_progress(const struct taking *taking, struct kl_error *err)
{
	enum kl_status status =
		progress_merge(taking->intake, taking->user, taking->item, taking->answer->receipt.received_ms, err);

	return status ? status : note(taking, "progress", err);
}

static enum kl_status put_rating(const struct taking *taking, struct kl_error *err)
{
	const struct kl_intake_item *item = taking->item;

	return kl_store_rating_put(taking->intake->use.store, taking->user, item->pack, item->slug, item->stars,
				   item->comment, taking->answer->receipt.received_ms, err);
}

static enum kl_status (*const put[])(const struct taking *taking, struct kl_error *err) = {
	[KL_INTAKE_SUBMISSION] = put_submission, [KL_INTAKE_DRAFT] = put_draft,   [KL_INTAKE_PROGRESS] = put_progress,
	[KL_INTAKE_HINT] = put_progress,         [KL_INTAKE_RATING] = put_rating,
};

/* --- taking ------------------------------------------------------------------------------------------------------- */

struct proof {
	const struct kl_receipt *receipt;
	bool holds;
};

static void check_proof(void *ctx, const struct kl_server_key *key)
{
	struct proof *proof = ctx;

	proof->holds |= !strcmp(key->server_id, proof->receipt->server) &&
			!kl_receipt_check(proof->receipt, key->public_key, NULL);
}

/* A restored database lacks what came after its backup; who brings it again has the server's own word when that was. */
static int64_t received_at(const struct taking *taking)
{
	const struct kl_intake_item *item = taking->item;
	struct kl_store *store = taking->intake->use.store;
	int64_t now_ms = kl_clock_wall_ms(taking->intake->use.clock);
	struct proof proof = { .receipt = &item->before };

	if (!item->before.serial || strcmp(item->before.id, item->id) != 0 ||
	    strcmp(item->before.hash, item->hash) != 0 || strcmp(item->before.user, taking->user) != 0 ||
	    strcmp(item->before.kind, kl_intake_kind_word(item->kind)) != 0 ||
	    kl_store_server_keys(store, check_proof, &proof, NULL) || !proof.holds)
		return now_ms;
	return item->before.received_ms;
}

static void make_receipt(const struct taking *taking)
{
	struct kl_intake *intake = taking->intake;
	struct kl_receipt *receipt = &taking->answer->receipt;

	*receipt = (struct kl_receipt){ .received_ms = received_at(taking), .serial = intake->serial + 1 };
	snprintf(receipt->id, sizeof(receipt->id), "%s", taking->item->id);
	snprintf(receipt->kind, sizeof(receipt->kind), "%s", kl_intake_kind_word(taking->item->kind));
	snprintf(receipt->hash, sizeof(receipt->hash), "%s", taking->item->hash);
	snprintf(receipt->user, sizeof(receipt->user), "%s", taking->user);
	snprintf(receipt->server, sizeof(receipt->server), "%s", intake->server_id);
	kl_receipt_sign(receipt, intake->secret);
}

/* Everything but the queue. */
static enum kl_status write_item(void *ctx, struct kl_error *err)
{
	const struct taking *taking = ctx;
	const struct kl_intake_item *item = taking->item;
	const struct kl_receipt *receipt = &taking->answer->receipt;
	struct kl_intake_row row = { .subject = taking->subject,
				     .at_ms = item->at_ms,
				     .received_ms = receipt->received_ms,
				     .serial = receipt->serial };
	enum kl_status status;

	snprintf(row.id, sizeof(row.id), "%s", receipt->id);
	snprintf(row.user, sizeof(row.user), "%s", receipt->user);
	snprintf(row.kind, sizeof(row.kind), "%s", receipt->kind);
	snprintf(row.hash, sizeof(row.hash), "%s", receipt->hash);
	snprintf(row.signature, sizeof(row.signature), "%s", receipt->signature);
	status = kl_store_intake_add(taking->intake->use.store, &row, err);
	if (!status && item->kind != KL_INTAKE_SUBMISSION)
		status = kl_store_intake_trim(taking->intake->use.store, &row, err);
	return status ? status : put[item->kind](taking, err);
}

static enum kl_status write_alone(struct taking *taking, struct kl_error *err)
{
	struct kl_store *store = taking->intake->use.store;
	enum kl_status status = kl_store_part_begin(store, err);

	return status ? status : kl_store_part_end(store, write_item(taking, err), err);
}

/* Its sender's id, unless somebody else was there first: works and the queue have one space of ids. */
static enum kl_status name_work(const struct taking *taking, struct kl_error *err)
{
	char *name = taking->answer->work;
	bool taken = false;
	enum kl_status status = kl_store_work_taken(&taken, taking->intake->use.store, taking->item->id, err);

	if (taken)
		kl_id_new(name, taking->intake->use.clock);
	else
		snprintf(name, KL_ID_SIZE, "%s", taking->item->id);
	return status;
}

static enum kl_status write_and_queue(struct taking *taking, struct kl_error *err)
{
	struct kl_queue *queue = taking->intake->use.queue;
	struct kl_queue_entry entry = { .user = writable(taking->user),
					.priority = KL_PRIORITY_SUBMIT,
					.kind = KL_QUEUE_CLASS };
	enum kl_status status;

	if (kl_queue_open_of(queue, taking->user) >= taking->intake->use.waiting_max)
		return kl_fail(err, KL_EBUSY, "%zu of your submissions wait to be judged: send this one later",
			       taking->intake->use.waiting_max);
	if ((status = name_work(taking, err)))
		return status;
	snprintf(entry.id, sizeof(entry.id), "%s", taking->answer->work);
	return kl_queue_admit(queue, &entry, write_item, taking, err);
}

/* What one user can make the server keep is bounded; what is here already does not count against a duplicate. */
static enum kl_status check_room(const struct taking *taking, struct kl_error *err)
{
	const struct kl_intake_use *use = &taking->intake->use;
	int64_t bytes = 0;
	enum kl_status status = kl_store_intake_kept(&bytes, use->store, taking->user, err);

	if (status || bytes + (int64_t)taking->item->code_len + KL_INTAKE_ROW_BYTES <= use->kept_max)
		return status;
	return kl_fail(
		err, KL_EMANY,
		"the server keeps %lld MiB of yours, as much as of one user: ask who runs it for more; this stays "
		"with you until then",
		(long long)(use->kept_max >> 20));
}

static enum kl_status take_new(struct taking *taking, struct kl_error *err)
{
	const struct kl_intake_item *item = taking->item;
	char *subject = kl_format("%s/%s%s%s", item->pack, item->slug, *item->language ? "/" : "", item->language);
	enum kl_status status;

	taking->subject = subject;
	make_receipt(taking);
	status = item->kind == KL_INTAKE_SUBMISSION ? write_and_queue(taking, err) : write_alone(taking, err);
	free(subject);
	return status;
}

enum kl_status kl_intake_take(struct kl_intake_answer *out, struct kl_intake *intake, const char *user,
			      const struct kl_intake_item *item, struct kl_error *err)
{
	struct kl_intake_answer answer = { .end = KL_INTAKE_STORED };
	struct taking taking = { .intake = intake, .user = user, .item = item, .answer = &answer };
	struct kl_intake_row row;
	enum kl_status status = kl_store_intake_get(&row, intake->use.store, user, item->id, err);

	if (!status) {
		if (!(status = answer_known(&taking, &row, err)))
			*out = answer;
		return status;
	}
	if (status != KL_ENOENT || (status = check_room(&taking, err)) || (status = take_new(&taking, err)))
		return status;
	intake->serial++;
	*out = answer;
	return KL_OK;
}
