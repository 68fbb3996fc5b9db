/* A table of a fixed size: a token has four places in it, the next one that has none of them free takes one by chance. */

#include <kodelab/holders.h>

#include <string.h>

#include <kodelab/account.h>
#include <kodelab/alloc.h>
#include <kodelab/crypto.h>
#include <kodelab/store_turn.h>

#define ROWS 1024
#define WAYS 4

struct place {
	unsigned char mark[KL_MARK_SIZE];
	uint64_t version; /* of what was known of people */
	struct kl_session_holder holder; /* all zeros: over since 1970, nothing is here */
};

struct kl_holders {
	unsigned char key[KL_MARK_KEY_SIZE];
	uint64_t known;
	struct place places[ROWS][WAYS]; /* a page of memory is touched when somebody is put there */
};

struct kl_holders *kl_holders_new(void)
{
	struct kl_holders *holders = kl_calloc(1, sizeof(*holders));

	kl_random(holders->key, sizeof(holders->key));
	return holders;
}

void kl_holders_free(struct kl_holders *holders)
{
	free(holders);
}

uint64_t kl_holders_known(const struct kl_holders *holders)
{
	return holders->known;
}

static struct place *row_of(struct kl_holders *holders, const unsigned char mark[KL_MARK_SIZE])
{
	return holders->places[(mark[0] | (size_t)mark[1] << 8) % ROWS];
}

/* NULL: not here, or no longer true. */
static const struct place *find(struct kl_holders *holders, const unsigned char mark[KL_MARK_SIZE], uint64_t version,
				int64_t now_ms)
{
	const struct place *row = row_of(holders, mark);

	for (size_t i = 0; i < WAYS; i++)
		if (row[i].version == version && row[i].holder.until_ms > now_ms &&
		    kl_same_secret(row[i].mark, mark, KL_MARK_SIZE))
			return &row[i];
	return NULL;
}

static void put(struct kl_holders *holders, const unsigned char mark[KL_MARK_SIZE], uint64_t version,
		const struct kl_session_holder *holder)
{
	struct place *row = row_of(holders, mark), *place = &row[mark[2] % WAYS];

	for (size_t i = 0; i < WAYS; i++)
		if (row[i].version != version)
			place = &row[i];
	memcpy(place->mark, mark, KL_MARK_SIZE);
	place->version = version;
	place->holder = *holder;
}

enum kl_status kl_holders_find(struct kl_session_holder *out, struct kl_holders *holders, struct kl_store *store,
			       const char *access, const struct kl_clock *clock, struct kl_error *err)
{
	uint64_t version = kl_store_people_version(store);
	unsigned char mark[KL_MARK_SIZE];
	const struct place *place;
	enum kl_status status;

	kl_mark(mark, holders->key, access, strlen(access));
	place = find(holders, mark, version, kl_clock_wall_ms(clock));
	if (place) {
		holders->known++;
		*out = place->holder;
		return KL_OK;
	}
	status = kl_session_find(out, store, access, clock, err);
	if (!status)
		put(holders, mark, version, out);
	return status;
}
