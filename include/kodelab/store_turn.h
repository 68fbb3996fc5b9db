#ifndef KODELAB_STORE_TURN_H
#define KODELAB_STORE_TURN_H

/*
 * Reading in turns. A statement alone is a transaction of its own: SQLite takes and leaves a lock of the file for each. A server reads many
 * times in a turn of its loop; so what is read between two ends of a turn is one transaction, begun by the first read and ended by the
 * first write, and all of it is of one moment.
 */

#include <stdint.h>

struct kl_store;

/* From now on, until the store is closed; kl_store_turn_end is called after each turn, before anything is waited for. */
void kl_store_read_in_turns(struct kl_store *store);
/* Nothing is held any more. */
void kl_store_turn_end(struct kl_store *store);
/*
 * A number that is another one whenever what the store says of accounts and sessions may be: after a write of this process, one that was
 * taken back, and one of another process (kodelabd user …) up to the beginning of this turn. What was read at the same number still holds.
 * Without turns no two are the same.
 */
uint64_t kl_store_people_version(struct kl_store *store);

#endif
