/* Items as they come over the wire: every member is known, and is what it should be, or the item is refused by name. */

#include <kodelab/intake.h>

#include <string.h>

#include <cjson/cJSON.h>

#include <kodelab/alloc.h>
#include <kodelab/challenge.h>
#include <kodelab/clock.h>

#include "core/intake/intake_int.h"

#define NUMBER_MAX 9007199254740991.0 /* what a double still tells apart */
#define HINTS_MAX  1000

static const char *const kind_words[] = {
	[KL_INTAKE_SUBMISSION] = "submission", [KL_INTAKE_DRAFT] = "draft",
	[KL_INTAKE_PROGRESS] = "progress",     [KL_INTAKE_HINT] = "hint",
	[KL_INTAKE_RATING] = "rating",
};

static const char *const end_words[] = {
	[KL_INTAKE_STORED] = "stored",     [KL_INTAKE_DUPLICATE] = "duplicate", [KL_INTAKE_STALE] = "stale",
	[KL_INTAKE_CONFLICT] = "conflict", [KL_INTAKE_REFUSED] = "refused",
};

const char *kl_intake_kind_word(enum kl_intake_kind kind)
{
	return kind_words[kind];
}

const char *kl_intake_end_word(enum kl_intake_end end)
{
	return end_words[end];
}

/* --- members ------------------------------------------------------------------------------------------------------ */

enum need { OPTIONAL, NEEDED };

/* *text stays as it is when the member is absent or null. */
static enum kl_status get_text(const char **text, const cJSON *object, const char *name, enum need need, size_t max,
			       struct kl_error *err)
{
	const cJSON *node = cJSON_GetObjectItemCaseSensitive(object, name);

	if (!node || cJSON_IsNull(node))
		return need == OPTIONAL ? KL_OK : kl_fail(err, KL_EINVAL, "'%s' is missing", name);
	if (!cJSON_IsString(node))
		return kl_fail(err, KL_EINVAL, "'%s' must be a text", name);
	if (strlen(node->valuestring) > max)
		return kl_fail(err, KL_EINVAL, "'%s' is longer than %zu bytes", name, max);
	*text = node->valuestring;
	return KL_OK;
}

static enum kl_status get_number(int64_t *number, const cJSON *object, const char *name, enum need need, double min,
				 double max, struct kl_error *err)
{
	const cJSON *node = cJSON_GetObjectItemCaseSensitive(object, name);

	if (!node || cJSON_IsNull(node))
		return need == OPTIONAL ? KL_OK : kl_fail(err, KL_EINVAL, "'%s' is missing", name);
	if (!cJSON_IsNumber(node) || node->valuedouble < min || node->valuedouble > max ||
	    (double)(int64_t)node->valuedouble != node->valuedouble)
		return kl_fail(err, KL_EINVAL, "'%s' must be a whole number from %.0f to %.0f", name, min, max);
	*number = (int64_t)node->valuedouble;
	return KL_OK;
}

static enum kl_status only(const cJSON *object, const char *const *names, struct kl_error *err)
{
	const cJSON *node;

	cJSON_ArrayForEach(node, object) {
		const char *const *name = names;

		while (*name && strcmp(*name, node->string) != 0)
			name++;
		if (!*name)
			return kl_fail(err, KL_EINVAL, "'%.40s' is no member that is known here", node->string);
	}
	return KL_OK;
}

static bool is_hash(const char *text)
{
	return strlen(text) == KL_SHA256_SIZE - 1 && strspn(text, "0123456789abcdef") == KL_SHA256_SIZE - 1;
}

/* --- code --------------------------------------------------------------------------------------------------------- */

static enum kl_status get_code(struct kl_intake_item *item, const cJSON *body, struct kl_error *err)
{
	const char *text = NULL, *encoded = NULL;
	enum kl_status status = get_text(&text, body, "code", OPTIONAL, KL_INTAKE_CODE_MAX, err);

	if (!status)
		status = get_text(&encoded, body, "code_base64", OPTIONAL, KL_INTAKE_CODE_MAX / 3 * 4 + 4, err);
	if (status)
		return status;
	if (!text == !encoded)
		return kl_fail(err, KL_EINVAL, "one of 'code' and 'code_base64' must be there");
	if (text) {
		item->code_len = strlen(text);
		item->code = kl_strndup(text, item->code_len);
	} else if (!kl_base64_decode(&item->code, &item->code_len, encoded)) {
		return kl_fail(err, KL_EINVAL, "'code_base64' is not base64");
	}
	return KL_OK;
}

static enum kl_status check_code(const struct kl_intake_item *item, struct kl_error *err)
{
	char hash[KL_SHA256_SIZE];

	kl_sha256(hash, item->code, item->code_len);
	if (strcmp(hash, item->hash) != 0)
		return kl_fail(err, KL_EINVAL, "'hash' is not the SHA-256 of the code: send it again");
	return KL_OK;
}

/* --- kinds -------------------------------------------------------------------------------------------------------- */

static enum kl_status get_subject(struct kl_intake_item *item, const cJSON *body, struct kl_error *err)
{
	enum kl_status status = get_text(&item->pack, body, "pack", NEEDED, 64, err);

	if (!status)
		status = get_text(&item->slug, body, "slug", NEEDED, 64, err);
	if (status)
		return status;
	if (!kl_slug_valid(item->pack))
		return kl_fail(err, KL_EINVAL, "'pack' is no name of a pack");
	if (!kl_slug_valid(item->slug))
		return kl_fail(err, KL_EINVAL, "'slug' is no name of a challenge");
	return KL_OK;
}

static enum kl_status get_language(struct kl_intake_item *item, const cJSON *body, struct kl_error *err)
{
	enum kl_status status = get_text(&item->language, body, "language", NEEDED, 31, err);

	if (!status && !*item->language)
		status = kl_fail(err, KL_EINVAL, "'language' is empty");
	return status;
}

static enum kl_status get_id(const char **id, const cJSON *body, const char *name, struct kl_error *err)
{
	enum kl_status status = get_text(id, body, name, OPTIONAL, KL_ID_SIZE - 1, err);

	if (!status && **id && !kl_id_valid(*id))
		status = kl_fail(err, KL_EINVAL, "'%s' is no id", name);
	return status;
}

static enum kl_status read_submission(struct kl_intake_item *item, const cJSON *body, struct kl_error *err)
{
	enum kl_status status;

	if ((status = get_language(item, body, err)) || (status = get_code(item, body, err)) ||
	    (status = get_number(&item->version, body, "version", OPTIONAL, 1, NUMBER_MAX, err)) ||
	    (status = get_id(&item->course, body, "course", err)) ||
	    (status = get_id(&item->assignment, body, "assignment", err)))
		return status;
	return check_code(item, err);
}

static enum kl_status read_draft(struct kl_intake_item *item, const cJSON *body, struct kl_error *err)
{
	enum kl_status status;

	if ((status = get_language(item, body, err)) || (status = get_code(item, body, err)) ||
	    (status = get_number(&item->seq, body, "seq", NEEDED, 1, NUMBER_MAX, err)) ||
	    (status = get_number(&item->cursor, body, "cursor", OPTIONAL, 0, NUMBER_MAX, err)) ||
	    (status = get_text(&item->device, body, "device", OPTIONAL, DEVICE_MAX, err)))
		return status;
	return check_code(item, err);
}

static enum kl_status read_progress(struct kl_intake_item *item, const cJSON *body, struct kl_error *err)
{
	static const char *const states[] = { "NOT_STARTED", "IN_PROGRESS", "COMPLETED" };
	const char *state = states[1];
	enum kl_status status;

	if ((status = get_text(&state, body, "state", OPTIONAL, 20, err)) ||
	    (status = get_number(&item->hints, body, "hints", OPTIONAL, 0, HINTS_MAX, err)) ||
	    (status = get_number(&item->first_ms, body, "first_ms", OPTIONAL, 0, NUMBER_MAX, err)) ||
	    (status = get_number(&item->spent_ms, body, "spent_ms", OPTIONAL, 0, NUMBER_MAX, err)))
		return status;
	for (size_t i = 0; i < KL_LENGTH(states); i++)
		if (!strcmp(states[i], state)) {
			item->begun = i > 0;
			return KL_OK;
		}
	return kl_fail(err, KL_EINVAL, "'state' is none of NOT_STARTED, IN_PROGRESS, COMPLETED");
}

static enum kl_status read_hint(struct kl_intake_item *item, const cJSON *body, struct kl_error *err)
{
	item->begun = true;
	return get_number(&item->hints, body, "revealed", NEEDED, 1, HINTS_MAX, err);
}

static enum kl_status read_rating(struct kl_intake_item *item, const cJSON *body, struct kl_error *err)
{
	int64_t stars = 0;
	enum kl_status status = get_number(&stars, body, "stars", NEEDED, 1, 5, err);

	item->stars = (int)stars;
	return status ? status : get_text(&item->comment, body, "comment", OPTIONAL, KL_INTAKE_COMMENT_MAX, err);
}

/* clang-format off */
static const char *const submission_members[] = {
	"pack", "slug", "language", "code", "code_base64", "version", "course", "assignment", NULL };
static const char *const draft_members[] = {
	"pack", "slug", "language", "code", "code_base64", "seq", "cursor", "device", NULL };
static const char *const progress_members[] = {
	"pack", "slug", "at_ms", "state", "attempts", "hints", "first_ms", "completed_ms", "spent_ms", "best_score", "best_attempt", NULL };
static const char *const hint_members[] = { "pack", "slug", "at_ms", "revealed", NULL };
static const char *const rating_members[] = { "pack", "slug", "stars", "comment", NULL };

static const struct {
	const char *const *members;
	enum kl_status (*read)(struct kl_intake_item *item, const cJSON *body, struct kl_error *err);
} kinds[] = {
	[KL_INTAKE_SUBMISSION] = { submission_members, read_submission },
	[KL_INTAKE_DRAFT]      = { draft_members,      read_draft },
	[KL_INTAKE_PROGRESS]   = { progress_members,   read_progress },
	[KL_INTAKE_HINT]       = { hint_members,       read_hint },
	[KL_INTAKE_RATING]     = { rating_members,     read_rating },
};
/* clang-format on */

/* --- all ---------------------------------------------------------------------------------------------------------- */

static enum kl_status get_kind(enum kl_intake_kind *kind, const char *word, struct kl_error *err)
{
	for (size_t i = 0; i < KL_LENGTH(kind_words); i++)
		if (!strcmp(kind_words[i], word)) {
			*kind = (enum kl_intake_kind)i;
			return KL_OK;
		}
	return kl_fail(err, KL_EINVAL, "'kind' is none of submission, draft, progress, hint, rating");
}

static enum kl_status read_head(struct kl_intake_item *item, const cJSON *node, const char *kind, struct kl_error *err)
{
	static const char *const members[] = { "id", "kind", "hash", "at", "body", "before", NULL };
	const char *id = "", *hash = "", *at = NULL, *word = kind ? kind : "";
	enum kl_status status;

	if (!cJSON_IsObject(node))
		return kl_fail(err, KL_EINVAL, "an item must be an object");
	if ((status = only(node, members, err)) ||
	    (status = get_text(&word, node, "kind", kind ? OPTIONAL : NEEDED, 20, err)) ||
	    (status = get_kind(&item->kind, word, err)) ||
	    (status = get_text(&id, node, "id", NEEDED, KL_ID_SIZE - 1, err)) ||
	    (status = get_text(&hash, node, "hash", NEEDED, KL_SHA256_SIZE - 1, err)) ||
	    (status = get_text(&at, node, "at", OPTIONAL, 40, err)))
		return status;
	if (!kl_id_valid(id))
		return kl_fail(err, KL_EINVAL, "'id' is no UUID of version 7 in lower case");
	if (!is_hash(hash))
		return kl_fail(err, KL_EINVAL, "'hash' is no SHA-256 in 64 hex digits");
	if (at && !kl_clock_read_utc(&item->at_ms, at))
		return kl_fail(err, KL_EINVAL, "'at' must be a time such as 2026-11-29T12:00:00.000Z");
	snprintf(item->id, sizeof(item->id), "%s", id);
	snprintf(item->hash, sizeof(item->hash), "%s", hash);
	return KL_OK;
}

static enum kl_status read_before(struct kl_intake_item *item, const cJSON *node, struct kl_error *err)
{
	const cJSON *before = cJSON_GetObjectItemCaseSensitive(node, "before");

	return !before || cJSON_IsNull(before) ? KL_OK : kl_receipt_read(&item->before, before, err);
}

static enum kl_status read_item(struct kl_intake_item *item, const cJSON *node, const char *kind, struct kl_error *err)
{
	const cJSON *body;
	enum kl_status status = read_head(item, node, kind, err);

	if (!status)
		status = read_before(item, node, err);
	if (status)
		return status;
	body = cJSON_GetObjectItemCaseSensitive(node, "body");
	if (!cJSON_IsObject(body))
		return kl_fail(err, KL_EINVAL, "'body' is missing or no object");
	if ((status = only(body, kinds[item->kind].members, err)) || (status = get_subject(item, body, err)))
		return status;
	return kinds[item->kind].read(item, body, err);
}

enum kl_status kl_intake_read(struct kl_intake_item *out, const struct cJSON *node, const char *kind,
			      struct kl_error *err)
{
	struct kl_intake_item item = { .language = "", .course = "", .assignment = "", .device = "", .comment = "" };
	enum kl_status status = read_item(&item, node, kind, err);

	if (status)
		kl_intake_item_release(&item);
	else
		*out = item;
	return status;
}

void kl_intake_item_release(struct kl_intake_item *item)
{
	free(item->code);
	item->code = NULL;
}
