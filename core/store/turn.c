/* One transaction for what is read in a turn, and who wrote about people. */

#include <kodelab/store_turn.h>

#include "core/store/store_int.h"

void kl_store_read_in_turns(struct kl_store *store)
{
	store->in_turns = store->mode == KL_STORE_WAL; /* on a network file system a reader would keep writers out */
}

void kl_store_turn_end(struct kl_store *store)
{
	if (!store->reading)
		return;
	store->reading = false;
	if (store_run_bare(store, SQL_TURN_END, NULL))
		store->driver->rollback(store->db);
}

/* When it does not work, each statement is read for itself, and tells what is wrong. */
static void begin(struct kl_store *store)
{
	if (store->reading || store_run_bare(store, SQL_TURN_BEGIN, NULL))
		return;
	store->reading = !store_run_bare(store, SQL_VERSION_GET, NULL); /* from this moment */
	if (store->reading)
		store_note_others(store);
	else
		store->driver->rollback(store->db);
}

void store_turn_before(struct kl_store *store, bool writes)
{
	if (!store->in_turns || store->depth)
		return;
	if (writes)
		kl_store_turn_end(store);
	else
		begin(store);
}

/* --- people ------------------------------------------------------------------------------------------------------- */

void store_note_own(struct kl_store *store)
{
	store->version = store->driver->version(store->db);
}

void store_note_others(struct kl_store *store)
{
	uint32_t version = store->driver->version(store->db);

	if (version != store->version)
		store->people++; /* who knows what they wrote */
	store->version = version;
}

uint64_t kl_store_people_version(struct kl_store *store)
{
	store_turn_before(store, false);
	if (!store->reading && !store->depth)
		store->people++;
	return store->people;
}
