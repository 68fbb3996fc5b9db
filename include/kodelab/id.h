#ifndef KODELAB_ID_H
#define KODELAB_ID_H

/* Identities made on this machine: UUID version 7 (RFC 9562 section 5.7), sortable by time. */

#include <stdbool.h>

struct kl_clock;

#define KL_ID_SIZE 37 /* 36 characters and a NUL */

/* A fresh id; ids made by one process rise even within one millisecond or with a held clock. */
void kl_id_new(char id[KL_ID_SIZE], const struct kl_clock *clock);
bool kl_id_valid(const char *text);

#endif
