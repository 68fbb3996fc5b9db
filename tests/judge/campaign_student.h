#ifndef TESTS_JUDGE_CAMPAIGN_STUDENT_H
#define TESTS_JUDGE_CAMPAIGN_STUDENT_H

/* A student as the campaign sees one: the client's process, the proxies before it, and what is checked from outside. */

#include <kodelab/buf.h>

#include "tests/judge/campaign.h"
#include "tests/judge/campaign_server.h"
#include "tests/judge/chaos_proxy.h"

struct campaign_tally {
	size_t good, failed; /* runs */
	size_t faulted; /* good ones that met a fault, or a death */
	size_t kept; /* times that a run was kept for later */
	size_t again; /* runs that came to their end so */
	size_t deaths; /* of clients */
	int64_t longest_ms; /* of a run, from sending to its end */
	int64_t turn_us, busy_us; /* longest turn without the waits for a processor; most processor time of a turn */
	uint64_t requests, sent, made, given; /* as chaos_counts has them */
	uint64_t dealt[CHAOS_FAULTS];
};

/* A place for one student after another; TLS is taken off behind it, and what then is HTTP is counted by the meters. */
struct campaign_slot {
	struct chaos *meters[CAMPAIGN_SERVERS];
	int tls_ports[CAMPAIGN_SERVERS];
};

struct campaign_scene { /* what all students share; borrowed by them */
	struct kl_loop *loop;
	const char *build, *folder;
	uint64_t seed;
	int64_t patience_ms; /* of the clients; 0: the usual */
	struct campaign_server servers[CAMPAIGN_SERVERS];
	struct campaign_tally tally;
	bool closing; /* no run begins any more */
	void (*on_end)(void *ctx); /* of a run */
	void *ctx;
};

struct campaign_seat; /* a student in a slot */

/* slot: borrowed until it is over. */
struct campaign_seat *campaign_seat_open(struct campaign_scene *scene, struct campaign_slot *slot, size_t student);
bool campaign_seat_over(const struct campaign_seat *seat);
void campaign_seat_close(struct campaign_seat *seat); /* NULL is fine */

#endif
