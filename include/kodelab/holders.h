#ifndef KODELAB_HOLDERS_H
#define KODELAB_HOLDERS_H

/*
 * Whom access tokens let in, remembered: a lab asks many times with one token. What is remembered holds as long as nothing was written
 * about accounts and sessions (kl_store_people_version) and the session is not over; so a session that was ended, a role and a disabled user
 * count with the next request. Tokens are not kept, nor who was not let in.
 */

#include <kodelab/store_accounts.h>

struct kl_holders;

struct kl_holders *kl_holders_new(void);
void kl_holders_free(struct kl_holders *holders); /* NULL is fine */
/* As kl_session_find. */
enum kl_status kl_holders_find(struct kl_session_holder *out, struct kl_holders *holders, struct kl_store *store,
			       const char *access, const struct kl_clock *clock, struct kl_error *err) KL_MUST_CHECK;
/* How many were found without the store so far. */
uint64_t kl_holders_known(const struct kl_holders *holders);

#endif
