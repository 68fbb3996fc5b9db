#ifndef TESTS_JUDGE_CHAOS_PROXY_H
#define TESTS_JUDGE_CHAOS_PROXY_H

/*
 * A proxy that stands between a client and a real server and deals faults by plan (chaos_plan.h): on a loop, inside a
 * test, or as the program tests/judge/chaos. Bounded in everything: connections, sizes, times.
 *
 * It reads whole HTTP requests and passes each on over a connection of its own; keep-alive with the client works. In raw
 * mode it passes bytes (TLS), and the faults are those that need no HTTP.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/judge/chaos_plan.h"

struct kl_loop;
struct chaos;

struct chaos_counts {
	uint64_t connections, requests, forwarded; /* forwarded: requests that the server got, doubles included */
	uint64_t refused; /* connections over the bound */
	uint64_t sent, made; /* submissions that the server got, doubles included; tokens that it answered them with */
	uint64_t given; /* of these tokens those that reached the client, in a whole answer */
	uint64_t dealt[CHAOS_FAULTS]; /* faults that really happened */
};

#define CHAOS_ANYWHERE (-1) /* any port, of every address of this machine */

/* Passes on to 127.0.0.1:to_port. port 0: any. NULL: it cannot listen. */
struct chaos *chaos_open(struct kl_loop *loop, int port, int to_port, size_t profile, uint64_t seed, bool raw);
void chaos_close(struct chaos *chaos);

int chaos_port(const struct chaos *chaos);
const struct chaos_counts *chaos_counts(const struct chaos *chaos);
/* For connections to come; their numbers go on. */
void chaos_switch(struct chaos *chaos, size_t profile);
/* Requests to come go to that port. */
void chaos_aim(struct chaos *chaos, int to_port);
/* fn is called whenever tokens have been given. */
void chaos_on_given(struct chaos *chaos, void (*fn)(void *ctx), void *ctx);

#endif
