/*
 * campaign: real clients, chaos proxies, real kodelabds.
 * usage: campaign BUILD FOLDER [--seed N] [--rounds N | --seconds N | --student N]
 *
 * FOLDER has the certificates (tests/judge/certificates) and takes the homes. --rounds: so many runs that met a fault, and
 * what was begun meanwhile; --seconds: what is begun in them; --student: this one alone. Ends with "N passed, M failed"
 * (runs). See campaign.h.
 */

#include "tests/judge/campaign.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/crypto.h>
#include <kodelab/loop.h>
#include <kodelab/path.h>

#include "tests/judge/campaign_student.h"

#define FEW_SEATS          6 /* when there is little time: runs that were begun are to end, too */
#define LITTLE_PATIENCE_MS 15000
#define SEATS              24 /* students at the same time: most of them wait for something */

struct campaign {
	struct campaign_scene scene;
	struct campaign_slot slots[SEATS];
	struct campaign_seat *seats[SEATS];
	size_t rounds; /* faulted runs that are asked for */
	int64_t seconds; /* 0: as long as they take */
	size_t width; /* students at the same time */
	size_t next, last; /* students: the next one, the one after the last */
	size_t ends, blows; /* of runs; of servers */
	size_t down; /* the server that is away; CAMPAIGN_SERVERS: none */
	struct kl_timer *timer; /* it comes back */
	pid_t terminator;
	int terminator_in;
};

/* --- servers ------------------------------------------------------------------------------------------------------ */

static void open_servers(struct campaign *campaign)
{
	struct campaign_scene *scene = &campaign->scene;

	for (size_t i = 0; i < CAMPAIGN_SERVERS; i++) {
		char *folder = kl_path_join(scene->folder, campaign_names[i]);

		campaign_server_init(&scene->servers[i], scene->loop, scene->build, folder, campaign_languages[i]);
		campaign_server_start(&scene->servers[i]);
		free(folder);
	}
	while (!scene->servers[0].ready || !scene->servers[1].ready)
		kl_loop_turn(scene->loop, -1);
}

static void on_back(void *ctx)
{
	struct campaign *campaign = ctx;

	campaign->timer = NULL;
	campaign_server_start(&campaign->scene.servers[campaign->down]);
	campaign->down = CAMPAIGN_SERVERS;
}

/* Now and then a run's end is the end of a server, too. */
static void on_run_end(void *ctx)
{
	struct campaign *campaign = ctx;
	struct campaign_blow blow = campaign_blow_of(campaign->scene.seed, campaign->blows);

	if (++campaign->ends < blow.after || campaign->timer || !campaign->scene.servers[blow.server].ready)
		return;
	campaign->ends = 0;
	campaign->blows++;
	campaign->down = blow.server;
	campaign_server_kill(&campaign->scene.servers[blow.server]);
	campaign->timer = kl_loop_add_timer(campaign->scene.loop, blow.away_ms, on_back, campaign);
}

/* --- TLS ---------------------------------------------------------------------------------------------------------- */

/* It says its ports on one line, in the order of the meters. */
static void read_ports(struct campaign *campaign, int fd)
{
	FILE *from = fdopen(fd, "r");

	for (size_t i = 0; i < SEATS; i++)
		for (size_t k = 0; k < CAMPAIGN_SERVERS; k++)
			if (!from || fscanf(from, "%d", &campaign->slots[i].tls_ports[k]) != 1)
				campaign_give_up("the terminator", "does not say its ports");
	(void)fclose(from);
}

static void open_slots(struct campaign *campaign)
{
	struct campaign_scene *scene = &campaign->scene;
	char *certificate = kl_path_join(scene->folder, "good.pem"), *key = kl_path_join(scene->folder, "good.key");
	char *argv[6 + SEATS * CAMPAIGN_SERVERS] = { (char[]){ "/usr/bin/python3" },
						     (char[]){ "tests/judge/terminator.py" }, certificate, key };
	size_t count = 4, calm = 0;
	int in[2], out[2];

	if (!chaos_profile_find(&calm, "calm") || pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		campaign_give_up("a pipe", strerror(errno));
	for (size_t i = 0; i < SEATS; i++)
		for (size_t k = 0; k < CAMPAIGN_SERVERS; k++) {
			struct chaos *meter = chaos_open(scene->loop, 0, scene->servers[k].port, calm, 1, false);

			if (!meter)
				campaign_give_up("a meter", strerror(errno));
			campaign->slots[i].meters[k] = meter;
			argv[count++] = kl_format("%d", chaos_port(meter));
		}
	campaign->terminator = campaign_spawn(argv, in[0], out[1], -1);
	campaign->terminator_in = in[1];
	close(in[0]);
	close(out[1]);
	read_ports(campaign, out[0]);
	while (count > 4)
		free(argv[--count]);
	free(certificate);
	free(key);
}

static void close_slots(struct campaign *campaign)
{
	close(campaign->terminator_in);
	kill(campaign->terminator, SIGKILL);
	waitpid(campaign->terminator, NULL, 0);
	for (size_t i = 0; i < SEATS; i++)
		for (size_t k = 0; k < CAMPAIGN_SERVERS; k++)
			chaos_close(campaign->slots[i].meters[k]);
}

/* --- students ----------------------------------------------------------------------------------------------------- */

/* False: all have come and gone. */
static bool seat_students(struct campaign *campaign)
{
	bool any = false;

	for (size_t i = 0; i < SEATS; i++) {
		if (campaign->seats[i] && campaign_seat_over(campaign->seats[i])) {
			campaign_seat_close(campaign->seats[i]);
			campaign->seats[i] = NULL;
		}
		if (!campaign->seats[i] && i < campaign->width && !campaign->scene.closing &&
		    campaign->scene.tally.faulted < campaign->rounds && campaign->next < campaign->last)
			campaign->seats[i] =
				campaign_seat_open(&campaign->scene, &campaign->slots[i], campaign->next++);
		any |= campaign->seats[i] != NULL;
	}
	return any;
}

/* What the servers have run is what the proxies have passed on, and no more. */
static void check_servers(struct campaign *campaign)
{
	struct campaign_scene *scene = &campaign->scene;
	struct campaign_tally *tally = &scene->tally;
	uint64_t taken = 0;

	for (size_t i = 0; i < CAMPAIGN_SERVERS; i++) {
		if (!scene->servers[i].pid)
			campaign_server_start(&scene->servers[i]);
		while (!scene->servers[i].ready)
			kl_loop_turn(scene->loop, -1);
		taken += (uint64_t)campaign_server_count(&scene->servers[i]);
	}
	if (taken < tally->made || taken > tally->sent) {
		printf("--- the servers took %" PRIu64 " submissions; %" PRIu64 " were sent, %" PRIu64 " got a token\n",
		       taken, tally->sent, tally->made);
		tally->failed++;
	}
}

/* --- the report --------------------------------------------------------------------------------------------------- */

static void report(const struct campaign *campaign, int64_t begin_ms)
{
	const struct campaign_scene *scene = &campaign->scene;
	const struct campaign_tally *tally = &scene->tally;

	printf("faults:");
	for (int fault = CHAOS_NONE + 1; fault < CHAOS_FAULTS; fault++)
		printf(" %s %" PRIu64, chaos_fault_name((enum chaos_fault)fault), tally->dealt[fault]);
	printf("; client killed %zu, server %zu\n", tally->deaths, campaign->blows);
	printf("%" PRIu64 " requests, %" PRIu64 " submissions sent to servers, %" PRIu64 " tokens made, %" PRIu64
	       " given\n",
	       tally->requests, tally->sent, tally->made, tally->given);
	printf("%zu students, %zu runs met a fault; %zu were kept for later, %zu times in all; the longest took %.1f s\n",
	       campaign->next, tally->faulted, tally->again, tally->kept, (double)tally->longest_ms / 1000);
	printf("longest turn of a client's loop: %.1f ms without the waits for a processor, %.1f ms of processor time\n",
	       (double)tally->turn_us / 1000, (double)tally->busy_us / 1000);
	printf("%.0f s\n", (double)(kl_clock_mono_ms() - begin_ms) / 1000);
	printf("%zu passed, %zu failed\n", tally->good, tally->failed);
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static void on_time(void *ctx)
{
	((struct campaign *)ctx)->scene.closing = true;
}

static size_t conduct(struct campaign *campaign)
{
	struct campaign_scene *scene = &campaign->scene;
	int64_t begin_ms = kl_clock_mono_ms();
	struct kl_timer *end = NULL;
	struct kl_error err;

	if (kl_loop_open(&scene->loop, &err))
		campaign_give_up("the loop", err.message);
	scene->on_end = on_run_end;
	scene->ctx = campaign;
	campaign->down = CAMPAIGN_SERVERS;
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("seed %" PRIu64 "\n", scene->seed);
	open_servers(campaign);
	open_slots(campaign);
	if (campaign->seconds)
		end = kl_loop_add_timer(scene->loop, campaign->seconds * 1000, on_time, campaign);
	while (seat_students(campaign))
		kl_loop_turn(scene->loop, -1);
	if (!scene->closing)
		kl_timer_cancel(end);
	kl_timer_cancel(campaign->timer);
	check_servers(campaign);
	close_slots(campaign);
	for (size_t i = 0; i < CAMPAIGN_SERVERS; i++)
		campaign_server_release(&scene->servers[i]);
	report(campaign, begin_ms);
	kl_loop_close(scene->loop);
	return scene->tally.failed;
}

static uint64_t any_seed(void)
{
	uint32_t seed;

	kl_random(&seed, sizeof(seed));
	return seed % 1000000;
}

static bool number(uint64_t *out, const char *text)
{
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 10);
	return !errno && *text >= '0' && *text <= '9' && !*end;
}

int main(int argc, char **argv)
{
	struct campaign campaign = { .scene.seed = any_seed() };
	uint64_t rounds = 1000000, seconds = 0, student = UINT64_MAX;

	if (argc > 1 && !strcmp(argv[1], "--student"))
		return campaign_client(argc - 2, argv + 2);
	for (int i = 3; i < argc; i += 2) {
		const char *value = i + 1 < argc ? argv[i + 1] : "";

		if (!(!strcmp(argv[i], "--seed") && number(&campaign.scene.seed, value)) &&
		    !(!strcmp(argv[i], "--rounds") && number(&rounds, value)) &&
		    !(!strcmp(argv[i], "--seconds") && number(&seconds, value)) &&
		    !(!strcmp(argv[i], "--student") && number(&student, value)))
			argc = 0;
	}
	if (argc < 3 || !rounds || rounds > 1000000 || seconds > 86400) {
		fputs("usage: campaign BUILD FOLDER [--seed N] [--rounds N | --seconds N | --student N]\n", stderr);
		return 2;
	}
	campaign.scene.build = argv[1];
	campaign.scene.folder = argv[2];
	campaign.rounds = rounds;
	campaign.seconds = (int64_t)seconds;
	campaign.width = seconds ? FEW_SEATS : SEATS;
	campaign.scene.patience_ms = seconds ? LITTLE_PATIENCE_MS : 0;
	campaign.last = SIZE_MAX;
	if (student < UINT64_MAX) {
		campaign.next = student;
		campaign.last = student + 1;
	}
	return conduct(&campaign) != 0;
}
