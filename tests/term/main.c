/*
 * The term: starts rooms, server and proxies, makes the weather, waits for the evening, asks the oracle.
 * usage: term <build folder> <folder> [--students N] [--challenges M] [--rounds K] [--seed S] [--loopback]
 */

#include "tests/term/term.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/loop.h>
#include <kodelab/path.h>

#include "tests/judge/campaign_server.h"
#include "tests/judge/chaos_proxy.h"
#include "tests/server/ledger.h"

#define PASSES_MAX 12 /* of an evening: in fewer all is quiet */
#define CALM       0 /* profile */
#define BEGIN_MS   200 /* before the first blow */
#define NOBODY     1 /* a port where nobody listens */

const char *build_folder;
static pid_t first; /* the process that says how the test went */

struct weather {
	struct term *term;
	struct kl_loop *loop;
	struct kl_timer *blow, *healing, *rebirth;
	struct campaign_server server;
	struct chaos *proxies[TERM_MACHINES];
	struct term_room rooms[TERM_MACHINES];
	size_t blows, partitions;
	size_t cut; /* the room that is cut off; TERM_MACHINES: none */
	size_t waits_for; /* rooms that are not done */
};

void test_failed(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	printf("--- term: %s:%d: ", file, line);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
	if (getpid() == first)
		printf("0 passed, 1 failed\n");
	fflush(stdout);
	_exit(1);
}

/* --- network namespaces ------------------------------------------------------------------------------------------- */

static bool runs(const char *fmt, ...) KL_PRINTF(1, 2);

/* A command and its words; false: it refuses. */
static bool runs(const char *fmt, ...)
{
	char *argv[16], *words, *rest;
	size_t count = 0;
	va_list args;
	int status;
	pid_t pid;

	va_start(args, fmt);
	if (vasprintf(&words, fmt, args) < 0)
		abort();
	va_end(args);
	rest = words;
	while (rest && count < KL_LENGTH(argv) - 1)
		argv[count++] = strsep(&rest, " ");
	argv[count] = NULL;
	pid = fork();
	if (!pid) {
		execvp(argv[0], argv);
		_exit(127);
	}
	free(words);
	return waitpid(pid, &status, 0) == pid && status == 0;
}

/* A wire from here to the room. */
static bool wire(const struct term_room *room, size_t machine)
{
	int pid = (int)room->pid;

	return runs("ip link set lo up") &&
	       runs("ip link add room%zu type veth peer name wire netns %d", machine, pid) &&
	       runs("ip addr add 10.77.%zu.1/24 dev room%zu", machine, machine) &&
	       runs("ip link set room%zu up", machine) && runs("nsenter -t %d -n ip link set lo up", pid) &&
	       runs("nsenter -t %d -n ip addr add 10.77.%zu.2/24 dev wire", pid, machine) &&
	       runs("nsenter -t %d -n ip link set wire up", pid);
}

/* --- the weather -------------------------------------------------------------------------------------------------- */

static void heal(struct weather *weather)
{
	if (weather->cut == TERM_MACHINES)
		return;
	if (weather->term->net)
		CHECK(runs("ip link set room%zu up", weather->cut), "the wire cannot be mended");
	else
		chaos_aim(weather->proxies[weather->cut], weather->server.port);
	weather->cut = TERM_MACHINES;
}

static void on_healed(void *ctx)
{
	struct weather *weather = ctx;

	weather->healing = NULL;
	heal(weather);
}

static void on_rebirth(void *ctx)
{
	struct weather *weather = ctx;

	weather->rebirth = NULL;
	campaign_server_start(&weather->server);
}

static int draw(const struct weather *weather, size_t which, int below)
{
	return term_draw(weather->term, TERM_WEATHER, (const size_t[]){ weather->blows, which, 0 }, below);
}

static void partition(struct weather *weather, int pause_ms)
{
	if (weather->cut != TERM_MACHINES)
		return;
	weather->cut = (size_t)draw(weather, 3, TERM_MACHINES);
	weather->partitions++;
	if (weather->term->net)
		CHECK(runs("ip link set room%zu down", weather->cut), "the wire cannot be cut");
	else
		chaos_aim(weather->proxies[weather->cut], NOBODY);
	weather->healing = kl_loop_add_timer(weather->loop, pause_ms, on_healed, weather);
}

static void on_blow(void *ctx)
{
	struct weather *weather = ctx;
	int kind = draw(weather, 1, 10), pause_ms = 50 + draw(weather, 2, 900);

	weather->blow = kl_loop_add_timer(weather->loop, 150 + draw(weather, 4, 600), on_blow, weather);
	if (weather->blows % 6 == 0 && weather->server.ready) {
		campaign_server_kill(&weather->server);
		weather->rebirth = kl_loop_add_timer(weather->loop, pause_ms, on_rebirth, weather);
	} else if (kind < 4) {
		partition(weather, pause_ms);
	} else {
		chaos_switch(weather->proxies[draw(weather, 3, TERM_MACHINES)],
			     (size_t)draw(weather, 5, (int)chaos_profile_count()));
	}
	weather->blows++;
}

static void calm_down(struct weather *weather)
{
	kl_timer_cancel(weather->blow);
	kl_timer_cancel(weather->healing);
	kl_timer_cancel(weather->rebirth);
	if (weather->rebirth)
		campaign_server_start(&weather->server);
	weather->blow = weather->healing = weather->rebirth = NULL;
	heal(weather);
	for (size_t i = 0; i < TERM_MACHINES; i++)
		chaos_switch(weather->proxies[i], CALM);
	while (!weather->server.ready)
		kl_loop_turn(weather->loop, 100);
}

/* --- rooms -------------------------------------------------------------------------------------------------------- */

static void on_room(void *ctx, int fd, short revents)
{
	struct weather *weather = ctx;
	char letter;

	(void)revents;
	CHECK(read(fd, &letter, 1) == 1, "a room is gone");
	if (--weather->waits_for == 0)
		kl_loop_stop(weather->loop);
}

static void ask_room(struct weather *weather, size_t machine, char letter)
{
	weather->waits_for++;
	CHECK(write(weather->rooms[machine].say, &letter, 1) == 1, "a room is gone");
}

static void start_rooms(struct weather *weather)
{
	bool good = weather->term->net;
	char letter;

	for (size_t i = 0; i < TERM_MACHINES; i++) {
		term_room_start(&weather->rooms[i], weather->term, i);
		CHECK(read(weather->rooms[i].hear, &letter, 1) == 1, "a room is gone");
		good &= letter == '+';
	}
	for (size_t i = 0; good && i < TERM_MACHINES; i++)
		good = wire(&weather->rooms[i], i);
	CHECK(good || !weather->term->net, "network namespaces cannot be wired: use --loopback");
}

static void open_proxies(struct weather *weather)
{
	struct term *term = weather->term;

	for (size_t i = 0; i < TERM_MACHINES; i++) {
		weather->proxies[i] = chaos_open(weather->loop, term->net ? CHAOS_ANYWHERE : 0, weather->server.port,
						 CALM, term->seed + i, false);
		CHECK(weather->proxies[i], "the proxy cannot listen");
		snprintf(term->address[i], sizeof(term->address[i]), "http://%s.%zu.1:%d",
			 term->net ? "10.77" : "127.0", term->net ? i : 0, chaos_port(weather->proxies[i]));
		kl_loop_add_fd(weather->loop, weather->rooms[i].hear, POLLIN, on_room, weather);
	}
}

/* --- the term ----------------------------------------------------------------------------------------------------- */

static void live_days(struct weather *weather)
{
	weather->blow = kl_loop_add_timer(weather->loop, BEGIN_MS, on_blow, weather);
	for (size_t i = 0; i < TERM_MACHINES; i++) {
		chaos_switch(weather->proxies[i], chaos_profile_count() - 1); /* all of it */
		ask_room(weather, i, 'd');
	}
	kl_loop_run(weather->loop);
	calm_down(weather);
}

/* One room after the other, until both have nothing left to do. */
static size_t live_evening(struct weather *weather, const struct daemon *daemon)
{
	size_t pass = 0;

	do {
		CHECK(pass++ < PASSES_MAX, "%ld labs never come to rest", weather->term->counts.restless);
		await_verdicts(daemon);
		weather->term->counts.restless = 0;
		for (size_t i = 0; i < TERM_MACHINES; i++) {
			ask_room(weather, i, 'e');
			kl_loop_run(weather->loop);
		}
	} while (weather->term->counts.restless);
	return pass;
}

static void tell(struct weather *weather, size_t passes, int64_t begin_ms)
{
	struct term_counts *counts = &weather->term->counts;
	const struct chaos_counts *a = chaos_counts(weather->proxies[0]), *b = chaos_counts(weather->proxies[1]);
	uint64_t faults = 0;

	for (int i = 1; i < CHAOS_FAULTS; i++)
		faults += a->dealt[i] + b->dealt[i];
	printf("term: %zu students, %zu challenges, %zu rounds, seed %llu, %s, %lld s\n", weather->term->students,
	       weather->term->challenges, weather->term->rounds, (unsigned long long)weather->term->seed,
	       weather->term->net ? "network namespaces" : "loopback",
	       (long long)(kl_clock_mono_ms() - begin_ms) / 1000);
	printf("labs: %ld sessions, %ld killed; %ld submits, %ld drafts, %ld hints; %ld rounds of syncing, %ld broken;"
	       " %ld conflicts settled; %ld runs of kodelab; %zu passes until quiet\n",
	       counts->sessions, counts->killed, counts->submits, counts->drafts, counts->hints, counts->rounds,
	       counts->broken, counts->settled, counts->commands, passes);
	printf("weather: server killed %zu times, %zu partitions, %llu faults dealt in %llu requests\n",
	       weather->server.deaths, weather->partitions, (unsigned long long)faults,
	       (unsigned long long)(a->requests + b->requests));
}

static void live(struct term *term)
{
	struct weather weather = { .term = term, .cut = TERM_MACHINES };
	char *folder = kl_path_join(term->folder, "server"), *database = kl_path_join(folder, "kodelabd.db");
	double *totals = kl_calloc(term->students, sizeof(*totals));
	int64_t begin_ms = kl_clock_mono_ms();
	struct term_school school;
	size_t passes;

	start_rooms(&weather); /* before there is a loop: they have their own */
	CHECK(!kl_loop_open(&weather.loop, NULL), "no loop");
	campaign_server_init(&weather.server, weather.loop, term->build, folder, "46");
	weather.server.extra = term_config;
	campaign_server_start(&weather.server);
	while (!weather.server.ready)
		kl_loop_turn(weather.loop, 100);
	term_school_open(&school, term, folder, weather.server.port);
	open_proxies(&weather);
	live_days(&weather);
	passes = live_evening(&weather, &school.daemon);
	term_grades(totals, term, &school);
	CHECK(!*weather.server.error, "the server says: %s", weather.server.error);
	CHECK(!term->counts.failed, "%ld sessions met what must not be", term->counts.failed);
	campaign_server_kill(&weather.server);
	weather.server.deaths--; /* this one was no fault */
	tell(&weather, passes, begin_ms);
	/* of a few sessions all may be faster than their deaths */
	CHECK(weather.server.deaths && term->counts.settled && (term->counts.killed || term->students < 100),
	      "that was no weather");
	term_judge(term, database, totals);
	term_school_release(&school);
	free(totals);
	free(folder);
	free(database);
}

static size_t number(const char *text, size_t max)
{
	size_t value = text ? strtoul(text, NULL, 10) : 0;

	CHECK(value > 0 && value <= max, "'%s' is not a number from 1 to %zu", text ? text : "", max);
	return value;
}

int main(int argc, char **argv)
{
	struct term *term = mmap(NULL, sizeof(*term), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	first = getpid();
	CHECK(argc >= 3 && term != MAP_FAILED,
	      "usage: term BUILD FOLDER [--students N] [--challenges M] [--rounds K] [--seed S] [--loopback]");
	*term = (struct term){ .students = 12, .challenges = 4, .rounds = 2, .seed = 20261, .net = true };
	build_folder = argv[1];
	snprintf(term->build, sizeof(term->build), "%s", argv[1]);
	snprintf(term->folder, sizeof(term->folder), "%s", argv[2]);
	for (int i = 3; i < argc; i++) {
		if (!strcmp(argv[i], "--loopback"))
			term->net = false;
		else if (!strcmp(argv[i], "--students"))
			term->students = number(argv[++i], TERM_STUDENTS_MAX);
		else if (!strcmp(argv[i], "--challenges"))
			term->challenges = number(argv[++i], TERM_CHALLENGES_MAX);
		else if (!strcmp(argv[i], "--rounds"))
			term->rounds = number(argv[++i], 1000);
		else if (!strcmp(argv[i], "--seed"))
			term->seed = number(argv[++i], SIZE_MAX);
		else
			CHECK(false, "'%s' is not known here", argv[i]);
	}
	setvbuf(stdout, NULL, _IONBF, 0); /* children say what they met */
	live(term);
	printf("1 passed, 0 failed\n");
	return 0;
}
