#ifndef CORE_SERVER_CLASS_KEPT_PACKS_H
#define CORE_SERVER_CLASS_KEPT_PACKS_H

/* Packs that are for a course alone, for whoever lists or tells of packs. */

#include <stdbool.h>
#include <stddef.h>

#include <kodelab/buf.h>
#include <kodelab/error.h>

#include "core/server/access.h"

struct request;
struct server;

struct hidden_packs { /* those that one does not see; owned: hidden_packs_release */
	char **names; /* by name */
	size_t count;
};

/* Those of the actor: an administrator sees all, an author his own. false: it was answered why they cannot be told. */
bool hidden_packs_ask(struct hidden_packs *out, struct request *request);
/* Those of a user, an author seeing his own. */
enum kl_status hidden_packs_of(struct hidden_packs *out, struct server *server, const char *user,
			       struct kl_error *err) KL_MUST_CHECK;
bool hidden_packs_has(const struct hidden_packs *hidden, const char *pack);
void hidden_packs_release(struct hidden_packs *hidden);

/* Does the actor see the pack? What cannot be told is not shown. */
bool kept_packs_show(const struct request *request, const char *pack);

/* What a lab of this user is told of a pack (packs_tell), for the pull: nothing when he does not see it. */
enum kl_status kept_packs_body(struct kl_buf *body, bool *there, struct server *server, const char *user,
			       const char *pack, struct kl_error *err) KL_MUST_CHECK;

/* An instructor of :course who is the author of :pack. */
relation_fn kept_packs_relation;

#endif
