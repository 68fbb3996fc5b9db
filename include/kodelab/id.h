#ifndef KODELAB_ID_H
#define KODELAB_ID_H

/* Identities made on this machine: UUIDs, of version 7 (RFC 9562 section 5.7, sortable by time) if nothing else is said. */

#include <stdbool.h>

struct kl_clock;

#define KL_ID_SIZE 37 /* 36 characters and a NUL */

/* A fresh id; ids made by one process rise even within one millisecond or with a held clock. */
void kl_id_new(char id[KL_ID_SIZE], const struct kl_clock *clock);
/* UUID version 4 (RFC 9562 section 5.4), random: for tokens that must not tell when or where they were made. */
void kl_id_random(char id[KL_ID_SIZE]);
bool kl_id_valid(const char *text); /* of version 7 */

#endif
