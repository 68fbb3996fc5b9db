#ifndef CORE_SERVER_CLASS_REJUDGE_H
#define CORE_SERVER_CLASS_REJUDGE_H

/* Judging again what was judged: begun, looked at and cancelled by the administrator. */

struct server;

/* A work of a rejudge is done, or there may be one to do: it goes on in the next turn. */
void rejudge_moved(struct server *server);
/* Once a turn. */
void rejudge_turn(struct server *server);

#endif
