#ifndef TUI_CLASSROOM_H
#define TUI_CLASSROOM_H

/* What subcommands that speak with the class server share: its client, one call from start to end, and how refusals are told. */

#include <kodelab/class.h>

#include "command.h"

/* Opens cli->class for the server of that name (NULL: the active one) and says what is wrong. Returns EXIT_DONE or the exit status. */
int classroom_open(struct cli *cli, const char *name);
/* What the client needs; the keyring and the loop are opened. */
enum kl_status classroom_parts(struct kl_class_parts *parts, struct cli *cli, struct kl_error *err) KL_MUST_CHECK;

/*
 * Makes the call, opening the client where it is not, and waits on the loop; C-c stops it. What went wrong is said. *data (may be
 * NULL): a copy of the answer's, owned by the caller (cJSON_Delete), NULL when it has none. Returns the exit status.
 */
int classroom_ask(cJSON **data, struct cli *cli, const struct kl_class_ask *ask);
/* For answers that are no envelope: copied into body, which the caller initialised. */
int classroom_fetch(struct kl_buf *body, struct cli *cli, const struct kl_class_ask *ask);

/*
 * One round of sync without a word (sync.c), but for packs: what a command has just changed at the server is here then, also for an open lab. What
 * goes wrong is for the next round.
 */
void sync_quietly(struct cli *cli);

/* Says why, and what status the program ends with: 4 network, 5 not logged in or not allowed, 6 conflict. */
int classroom_fail(const struct cli *cli, const struct kl_class_answer *answer);
/* The same for an error of kodelab/class.h, where KL_EDENIED is the server's word and not a file's rights. */
int classroom_fail_error(const struct cli *cli, const struct kl_error *err);

#endif
