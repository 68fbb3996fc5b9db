/*
 * The audit log: each row's chain is SHA-256 over what the row says and the chain of the row before it, so that a row that was
 * changed, taken out or put in later is found, and named. Who can write to the database can also compute the whole chain
 * anew; the server's own log has each chain as it was made, for somebody else to keep.
 */

#include <kodelab/account.h>

#include <inttypes.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/visible.h>

#define PAGE       500
#define ROW_MAX    ((size_t)64 << 10)
#define DETAIL_MAX 1000

/* Each text with its length, so that none can run into the next. */
static void chain_of(char chain[KL_SHA256_SIZE], const struct kl_audit_row *row, const char *before)
{
	const char *const texts[] = {
		before, row->actor, row->name, row->action, row->subject, row->detail, row->from
	};
	struct kl_buf text;

	kl_buf_init(&text, ROW_MAX);
	kl_buf_addf(&text, "%" PRId64 " %" PRId64 "\n", row->number, row->at_ms);
	for (size_t i = 0; i < KL_LENGTH(texts); i++)
		kl_buf_addf(&text, "%zu:%s\n", strlen(texts[i]), texts[i]);
	kl_sha256(chain, text.data, text.len);
	kl_buf_release(&text);
}

enum kl_status kl_audit_add(struct kl_store *store, const struct kl_audit_row *row, const struct kl_clock *clock,
			    struct kl_error *err)
{
	const char *said = row->detail ? row->detail : "";
	char before[KL_SHA256_SIZE], *detail = kl_strndup(said, kl_utf8_fit(said, strlen(said), DETAIL_MAX));
	struct kl_audit_row added = *row;
	enum kl_status status = kl_store_audit_head(&added.number, before, store, err);

	added.number++;
	added.at_ms = kl_clock_wall_ms(clock);
	added.detail = detail;
	if (!status) {
		chain_of(added.chain, &added, before);
		status = kl_store_audit_put(store, &added, err);
	}
	free(detail);
	return status;
}

/* --- looking at all of it ----------------------------------------------------------------------------------------- */

static void wrong(struct kl_audit_check *check, int64_t number, const char *why)
{
	check->wrong = number;
	snprintf(check->why, sizeof(check->why), "%s", why);
}

static void check_row(void *ctx, const struct kl_audit_row *row)
{
	struct kl_audit_check *check = ctx;
	char chain[KL_SHA256_SIZE];

	if (check->wrong)
		return;
	check->rows++;
	chain_of(chain, row, check->head);
	if (row->number != check->rows)
		wrong(check, check->rows, "it is missing");
	else if (strcmp(chain, row->chain) != 0)
		wrong(check, row->number, "it is not as it was written");
	else
		memcpy(check->head, chain, sizeof(chain));
}

enum kl_status kl_audit_verify(struct kl_audit_check *out, struct kl_store *store, struct kl_error *err)
{
	struct kl_audit_check check = { .rows = 0 };
	char head[KL_SHA256_SIZE];
	enum kl_status status;
	int64_t before, last;

	do {
		before = check.rows;
		status = kl_store_audit_each(store, check.rows, PAGE, check_row, &check, err);
	} while (!status && !check.wrong && check.rows > before);
	if (!status)
		status = kl_store_audit_head(&last, head, store, err);
	if (status)
		return status;
	if (!check.wrong && last > check.rows)
		wrong(&check, check.rows + 1, "it is missing");
	else if (!check.wrong && (last < check.rows || strcmp(head, check.head) != 0))
		wrong(&check, check.rows, "the log's head does not know it");
	*out = check;
	return KL_OK;
}
