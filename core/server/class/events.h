#ifndef CORE_SERVER_CLASS_EVENTS_H
#define CORE_SERVER_CLASS_EVENTS_H

/*
 * Who listens: server-sent events for labs and pages, so that nobody asks again and again. A hint, no more: whoever was not
 * connected finds everything by asking.
 */

struct events;
struct kl_buf;
struct kl_work;
struct server;

struct events *events_new(struct server *server);
void events_end(struct events *events); /* nobody listens any more */
void events_free(struct events *events); /* NULL is fine */

void events_metrics(const struct server *server, struct kl_buf *body);

/* A verdict is on the disk: its user is told. */
void events_result(struct server *server, const struct kl_work *work);
/* A submission of his waits: he is told how many are ahead, as that changes. */
void events_watch(struct server *server, const char *user, const char *work, const char *item);

#endif
