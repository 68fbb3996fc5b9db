/*
 * N10: the server was away for five minutes, and a class of labs comes back. Each asks when its own pause is over (kl_class_pause_ms, with
 * chances of a seed); the clock is theirs, nobody waits.
 */

#include <signal.h>
#include <stdint.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/class.h>

#include "tests/server/ledger.h"

#define LABS      200
#define PEOPLE    5 /* with so many labs each */
#define ASK_MS    75000 /* so long may a lab not notice that the server is away */
#define OUTAGE_MS 300000
#define WITHIN_MS 60000

struct lab {
	size_t entry; /* of the ledger: what was made meanwhile */
	int tries;
	int64_t next_ms; /* since the server went away */
};

static double chance(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (double)(*seed >> 11) / (double)(UINT64_C(1) << 53);
}

/* In vain, again and again, until the server is back. */
static void sit_out(struct lab *lab, uint64_t *seed)
{
	while (lab->next_ms < OUTAGE_MS)
		lab->next_ms += kl_class_pause_ms(++lab->tries, chance(seed));
}

static int by_time(const void *a, const void *b)
{
	const struct lab *one = a, *other = b;

	return (one->next_ms > other->next_ms) - (one->next_ms < other->next_ms);
}

static void come_back(struct ledger *ledger, const struct daemon *daemon, const struct lab *lab, const char *who)
{
	struct reply reply;
	int first = hand_in(ledger, daemon, who, lab->entry, "echo", GOOD_ECHO);
	int again = hand_in(ledger, daemon, who, lab->entry, "echo", GOOD_ECHO); /* its answer was lost */

	CHECK(first == 201 && again == 200, "handed in: %d, and again: %d", first, again);
	ask(&reply, daemon, "GET /api/sync?cursor=0", who, NULL);
	check_has(&reply, 200, "\"cursor\":");
	reply_release(&reply);
}

/* How they are spread over the minute: not all at once, and nobody later. */
static void check_spread(const struct lab *labs)
{
	size_t in_second[WITHIN_MS / 1000] = { 0 }, seconds = 0, most = 0;

	for (size_t i = 0; i < LABS; i++) {
		int64_t late_ms = labs[i].next_ms - OUTAGE_MS;

		CHECK(late_ms >= 0 && late_ms < WITHIN_MS, "a lab comes after %lld ms", (long long)late_ms);
		in_second[late_ms / 1000]++;
	}
	for (size_t i = 0; i < KL_LENGTH(in_second); i++) {
		seconds += in_second[i] > 0;
		most = in_second[i] > most ? in_second[i] : most;
	}
	CHECK(seconds >= 40 && most <= LABS / 10, "%zu labs came within %zu seconds, %zu of them in one", (size_t)LABS,
	      seconds, most);
}

static void test_outage(void)
{
	struct daemon daemon;
	struct ledger *ledger;
	struct lab labs[LABS];
	char *who[PEOPLE], name[16];
	uint64_t seed = 7;

	daemon_start(&daemon, CLASS_CONFIG "judge.enabled = no\n");
	publish_tiny(&daemon);
	ledger = ledger_new(&daemon);
	for (size_t i = 0; i < PEOPLE; i++) {
		snprintf(name, sizeof(name), "student%zu", i);
		who[i] = signed_in(&daemon, name, "student");
	}
	CHECK(daemon_end(&daemon, SIGKILL) == 128 + SIGKILL, "it ended by itself");
	CHECK(client_try(&daemon) < 0, "somebody listens");
	for (size_t i = 0; i < LABS; i++) {
		labs[i] = (struct lab){ .entry = ledger_add(ledger, GOOD_ECHO), .next_ms = (int64_t)i * ASK_MS / LABS };
		sit_out(&labs[i], &seed);
	}
	qsort(labs, LABS, sizeof(*labs), by_time);
	check_spread(labs);
	daemon_start_again(&daemon);
	for (size_t i = 0; i < LABS; i++)
		come_back(ledger, &daemon, &labs[i], who[labs[i].entry % PEOPLE]);
	daemon_stop(&daemon, SIGTERM);
	ledger_check(ledger, &daemon, false);
	daemon_remove(&daemon);
	for (size_t i = 0; i < PEOPLE; i++)
		free(who[i]);
}

const struct test outage_tests[] = {
	{ "N10_labs_come_back", test_outage },
	{ NULL, NULL },
};
