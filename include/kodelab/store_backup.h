#ifndef KODELAB_STORE_BACKUP_H
#define KODELAB_STORE_BACKUP_H

/*
 * Copies of the class server's database. A copy is one moment of it, whatever is written meanwhile; it holds no room of deleted
 * rows, and is looked through before it gets its name. Both calls take as long as the file is large: they are for a
 * process of their own.
 */

#include <stdint.h>

#include <kodelab/clock.h>
#include <kodelab/error.h>

struct kl_store;

/*
 * Writes the copy beside path, then gives it that name; it is on the disk when this returns. *bytes (may be NULL): its size.
 * KL_EEXIST: there is a file of this name · KL_EFULL · KL_EDENIED.
 */
enum kl_status kl_store_backup(int64_t *bytes, struct kl_store *store, const char *path,
			       struct kl_error *err) KL_MUST_CHECK;

/*
 * Puts a copy of the file from in the place of the server's database at path. What was there is kept beside it: its name
 * is written into kept (size bytes; "" when there was none). A process that dies on the way leaves the old one in place.
 * KL_ECORRUPT: from is damaged, or no database of a class server · KL_ECONFLICT: of a newer schema · KL_EBUSY: a server has
 * path open. Nothing is changed then.
 */
enum kl_status kl_store_restore(char *kept, size_t size, const char *path, const char *from,
				const struct kl_clock *clock, struct kl_error *err) KL_MUST_CHECK;

/* Looks through all of the database, with its indexes. KL_ECORRUPT names what is wrong. */
enum kl_status kl_store_check_all(struct kl_store *store, struct kl_error *err) KL_MUST_CHECK;

#endif
