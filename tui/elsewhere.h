#ifndef TUI_ELSEWHERE_H
#define TUI_ELSEWHERE_H

/* Judges elsewhere for the judge of this program, as the settings say. Shared by the lab and the subcommands. */

#include <stdbool.h>

#include <kodelab/error.h>

#include "tui/keyring.h"

struct kl_instances;
struct kl_judge;
struct kl_loop;
struct kl_store;

struct elsewhere { /* zeroed: none */
	struct kl_instances *instances;
	bool fresh; /* results that are kept from before are not used */
	bool none; /* nobody was known when it was looked last */
	struct kl_error no_keys; /* why keys cannot be had; status KL_OK: they can */
};

/*
 * When it is open, takes up what another process has changed. Without keys (no_keys says why) it opens as well: judges can be
 * looked at, and those that are open to all can be used.
 */
enum kl_status elsewhere_open(struct elsewhere *elsewhere, struct kl_loop *loop, struct keyring *ring,
			      const struct keyring_parts *parts, struct kl_error *err) KL_MUST_CHECK;

/*
 * Before each submission: settings and judges may have changed. Opens the keyring and the registry only when the student has
 * judges or the setting names one. On failure the judge goes on with this machine.
 */
enum kl_status elsewhere_use(struct elsewhere *elsewhere, struct kl_judge *judge, struct kl_loop *loop,
			     struct keyring *ring, const struct keyring_parts *parts,
			     struct kl_error *err) KL_MUST_CHECK;
/* Has another process added a judge since the last look? */
bool elsewhere_more(struct elsewhere *elsewhere, struct kl_store *store);
/* After the judge is closed, before the keyring is. */
void elsewhere_close(struct elsewhere *elsewhere);

#endif
