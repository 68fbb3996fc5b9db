/* The server is killed again and again, at any moment, while many hand in and much is judged: the ledger holds. */

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kodelab/alloc.h>

#include "tests/server/ledger.h"

static unsigned long said_or(const char *name, unsigned long otherwise)
{
	const char *said = getenv(name);

	return said && *said ? strtoul(said, NULL, 10) : otherwise;
}

static unsigned long chance(unsigned long *state)
{
	*state = *state * 6364136223846793005UL + 1442695040888963407UL;
	return *state >> 33;
}

/* --- anywhere ----------------------------------------------------------------------------------------------------- */

struct crowd { /* one submission of each client more in every round */
	struct daemon daemon;
	struct ledger *ledger; /* entry i is client i % count's */
	size_t count;
	char **who; /* each a student of his own */
	pid_t *pids;
};

static void crowd_open(struct crowd *crowd, size_t count)
{
	char *teacher;

	*crowd = (struct crowd){ .count = count };
	class_start(&crowd->daemon, &crowd->ledger, &teacher,
		    "queue.tries = 100\nqueue.max = 1000000\nclass.waiting_max = 100000\n");
	free(teacher);
	crowd->who = kl_calloc(count, sizeof(*crowd->who));
	crowd->pids = kl_calloc(count, sizeof(*crowd->pids));
	for (size_t i = 0; i < count; i++) {
		char *name = kl_format("client%03zu", i);

		crowd->who[i] = signed_in(&crowd->daemon, name, "student");
		free(name);
	}
}

/* Hands in what has no receipt yet, until all have one or nobody answers. */
static KL_NORETURN void be_client(const struct crowd *crowd, size_t number)
{
	struct ledger *ledger = crowd->ledger;

	for (size_t i = number; i < ledger->count; i += crowd->count)
		if (!ledger->entries[i].receipt[0] &&
		    !hand_in(ledger, &crowd->daemon, crowd->who[number], i, "echo", GOOD_ECHO))
			_exit(0);
	_exit(0);
}

static void begin_to_hand_in(struct crowd *crowd)
{
	for (size_t i = 0; i < crowd->count; i++) {
		crowd->pids[i] = fork();
		if (!crowd->pids[i])
			be_client(crowd, i);
	}
}

static void await_clients(struct crowd *crowd)
{
	int status;

	for (size_t i = 0; i < crowd->count; i++)
		CHECK(waitpid(crowd->pids[i], &status, 0) == crowd->pids[i] && !status, "a client failed");
}

/* Killed after so many of the places that it comes by; true: it came by there so often. */
static bool killed_once(struct crowd *crowd, unsigned long after)
{
	char *place = kl_format("any:%lu", after);
	int status;
	bool killed;

	for (size_t i = 0; i < crowd->count; i++)
		ledger_add(crowd->ledger, GOOD_ECHO);
	daemon_start_to_die(&crowd->daemon, place);
	begin_to_hand_in(crowd);
	await_clients(crowd);
	killed = waitpid(crowd->daemon.pid, &status, WNOHANG) == crowd->daemon.pid;
	if (!killed)
		daemon_end(&crowd->daemon, SIGKILL);
	crowd->daemon.pid = 0;
	ledger_check(crowd->ledger, &crowd->daemon, false);
	free(place);
	return killed;
}

static size_t receipts(const struct ledger *ledger)
{
	size_t count = 0;

	for (size_t i = 0; i < ledger->count; i++)
		count += ledger->entries[i].receipt[0] != '\0';
	return count;
}

/* Once more, and nobody dies: all has its receipt, and then its verdict. */
static void crowd_close(struct crowd *crowd)
{
	daemon_start_again(&crowd->daemon);
	begin_to_hand_in(crowd);
	await_clients(crowd);
	CHECK(receipts(crowd->ledger) == crowd->ledger->count, "%zu of %zu have a receipt", receipts(crowd->ledger),
	      crowd->ledger->count);
	class_finish(&crowd->daemon, crowd->ledger, NULL);
	for (size_t i = 0; i < crowd->count; i++)
		free(crowd->who[i]);
	free(crowd->who);
	free(crowd->pids);
}

/* KL_ROUNDS, KL_CLIENTS, KL_SEED: make faults has the whole of it. */
static void R03_killed_anywhere(void)
{
	unsigned long rounds = said_or("KL_ROUNDS", 5), state = said_or("KL_SEED", 20261129), killed = 0;
	struct crowd crowd;
	size_t before;

	crowd_open(&crowd, said_or("KL_CLIENTS", 16));
	daemon_stop(&crowd.daemon, SIGTERM);
	for (unsigned long round = 0; round < rounds; round++)
		killed += killed_once(&crowd, 1 + chance(&state) % 60);
	before = receipts(crowd.ledger);
	crowd_close(&crowd);
	if (getenv("KL_ROUNDS")) { /* a campaign tells */
		printf("R03: %lu rounds of %zu clients, killed in the middle of %lu: of %zu submissions %zu were receipted in them\n",
		       rounds, crowd.count, killed, crowd.ledger->count, before);
		fflush(stdout);
	}
}

/* --- stopping ----------------------------------------------------------------------------------------------------- */

static void R09_stopped_under_load(void)
{
	struct crowd crowd;

	crowd_open(&crowd, 6);
	for (size_t i = 0; i < crowd.count * 8; i++)
		ledger_add(crowd.ledger, GOOD_ECHO);
	begin_to_hand_in(&crowd);
	while (!receipts(crowd.ledger)) /* well under way */
		usleep(1000);
	daemon_stop(&crowd.daemon, SIGTERM); /* exit status 0 */
	await_clients(&crowd);
	ledger_check(crowd.ledger, &crowd.daemon, false);
	crowd_close(&crowd);
}

/* --- while it judges ---------------------------------------------------------------------------------------------- */

#define WORKERS 16
#define TAKES   "sleep 0.2; cat\n" /* so long that all workers have something to do */

/* Many wait, all workers run something, and it is killed; three times. KL_QUEUED: so many. */
static void R10_killed_while_it_judges(void)
{
	size_t queued = said_or("KL_QUEUED", 4 * WORKERS);
	struct daemon daemon;
	struct ledger *ledger;
	char *who;

	class_start(&daemon, &ledger, &who, "judge.enabled = false\nclass.waiting_max = 100000\n");
	for (size_t i = 0; i < queued; i++)
		CHECK(hand_in(ledger, &daemon, who, ledger_add(ledger, TAKES), "slow", TAKES) == 201, "not taken");
	daemon_stop(&daemon, SIGTERM);
	daemon_configure(&daemon, CLASS_CONFIG "queue.tries = 50\njudge.workers = 16\n");
	daemon_start_again(&daemon);
	for (int round = 0; round < 3; round++) {
		ask_until(&daemon, "GET /health", NULL, "\"processing\":16,");
		daemon_end(&daemon, SIGKILL);
		ledger_check(ledger, &daemon, false);
		daemon_start_again(&daemon);
	}
	class_finish(&daemon, ledger, who);
}

/* Around each step of judging. */
static void R10_killed_at_a_claim(void)
{
	static const char *const places[] = { "found:2", "claimed:3", "found:1" };
	struct daemon daemon;
	struct ledger *ledger;
	char *who;

	class_start(&daemon, &ledger, &who, "queue.tries = 50\n");
	daemon_stop(&daemon, SIGTERM);
	for (int i = 0; i < 16; i++)
		ledger_add(ledger, GOOD_ECHO);
	for (size_t round = 0; round < KL_LENGTH(places); round++) {
		daemon_start_to_die(&daemon, places[round]);
		for (size_t i = 0; i < ledger->count; i++)
			if (!ledger->entries[i].receipt[0] && !hand_in(ledger, &daemon, who, i, "echo", GOOD_ECHO))
				break;
		daemon_await_death(&daemon);
	}
	daemon_start_again(&daemon);
	for (size_t i = 0; i < ledger->count; i++)
		hand_in(ledger, &daemon, who, i, "echo", GOOD_ECHO);
	class_finish(&daemon, ledger, who);
}

/* One that dies with the server three times is told, not tried for ever. */
static void R10_what_kills_the_server(void)
{
	struct daemon daemon;
	struct ledger *ledger;
	char *who, *log, *target;

	class_start(&daemon, &ledger, &who, ""); /* three tries */
	daemon_stop(&daemon, SIGTERM);
	for (int round = 0; round < 3; round++) {
		daemon_start_to_die(&daemon, "found:1");
		if (!round)
			hand_in(ledger, &daemon, who, ledger_add(ledger, GOOD_ECHO), "echo", GOOD_ECHO);
		daemon_await_death(&daemon);
	}
	daemon_start_again(&daemon);
	expect_has(&daemon, "GET /api/users/me/submissions?limit=1", who, NULL, 200, "\"state\":\"failed\"");
	expect_has(&daemon, "GET /api/users/me/submissions?limit=1", who, NULL, 200, "\"verdict\":\"judge_error\"");
	target = kl_format("GET /api/submissions/%s", ledger->entries[0].id);
	expect_has(&daemon, target, who, NULL, 200,
		   "\"error\":\"the class server was stopped each time it judged this: hand it in once more");
	free(target);
	log = daemon_log(&daemon);
	CHECK(strstr(log, "\"event\":\"judge_gave_up\",\"works\":1"), "%s", log);
	daemon_remove(&daemon);
	free(log);
	free(who);
}

const struct test kills_tests[] = {
	{ "R03_killed_anywhere", R03_killed_anywhere },
	{ "R09_stopped_under_load", R09_stopped_under_load },
	{ "R10_killed_while_it_judges", R10_killed_while_it_judges },
	{ "R10_killed_at_a_claim", R10_killed_at_a_claim },
	{ "R10_what_kills_the_server", R10_what_kills_the_server },
	{ NULL, NULL },
};
