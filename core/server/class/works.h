#ifndef CORE_SERVER_CLASS_WORKS_H
#define CORE_SERVER_CLASS_WORKS_H

/*
 * Intake and submissions (here called works) of the class, as the server's parts see them. What a lab hands over is taken by
 * kodelab/intake.h; what waits to be judged lies in the queue that the Judge0 API has, too.
 */

#include <stdbool.h>

#include <kodelab/error.h>

#include "core/server/access.h"
#include "core/server/route.h"
#include "core/server/server.h"

struct events;
struct kl_buf;
struct kl_intake;
struct kl_judge;
struct kl_timer;
struct kl_work;

extern const struct server_part works_part;
extern const struct route_area works_area, learner_area, push_area, parcel_area, events_area, rejudge_area;

/* How the actor stands to the route's :work: his own, or of one whom he teaches a course that sets the challenge. */
relation_fn works_relation;

struct works { /* server->works; owned by the part */
	struct kl_intake *intake;
	struct kl_judge *judge; /* NULL: no programs are judged */
	struct events *events;
	bool bury; /* entries may have ended without a verdict */
	bool rejudge; /* something may be to do for rejudges */
	struct kl_timer *again; /* sets that; NULL: not asked for */
};

/* --- bodies of changes: what a lab that pulls gets ----------------------------------------------------------------- */

/*
 * Writes the body of a change of kind "result" (subject: the work's id at its sender), "draft" ("pack/slug/language") or "progress" ("pack/slug") of
 * this user; *there is false, and nothing is written, when there is no such thing of his.
 */
enum kl_status works_result_body(struct kl_buf *body, bool *there, struct server *server, const char *user,
				 const char *subject, struct kl_error *err) KL_MUST_CHECK;
enum kl_status works_draft_body(struct kl_buf *body, bool *there, struct server *server, const char *user,
				const char *subject, struct kl_error *err) KL_MUST_CHECK;
enum kl_status works_progress_body(struct kl_buf *body, bool *there, struct server *server, const char *user,
				   const char *subject, struct kl_error *err) KL_MUST_CHECK;

/* --- what this area's files share ---------------------------------------------------------------------------------- */

/* JSON holds text: anything else goes as base64. */
void works_show_code(struct kl_buf *body, const char *code, size_t len);
/* The members of a work, without braces; with code and report where it has them. */
void works_show(struct kl_buf *body, const struct server *server, const struct kl_work *work);

#endif
