/*
 * A class of 2,000 at once, without judging: asking whether there is something new, all of them at a deadline, all of them
 * signing in, all of them back after an outage. Beside the least that libmicrohttpd and SQLite can do for the same bytes.
 * usage: crowd_bench <build folder> [rounds]
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/class.h>
#include <kodelab/clock.h>

#include "tests/bench/load.h"
#include "tests/bench/samples.h"

#define CLASS    2000
#define USERS    50 /* who have a token; the class shares them where it does not matter */
#define TURN_US  3000000
#define ASKS     500 /* a second */
#define STORM_US 8000000
#define OTHERS   100 /* requests a second of those who are signed in already */
#define CHEAP    "accounts.hash_kib = 8\n"

struct bench {
	struct samples *samples;
	const char *key, *who;
	const char *path; /* what is asked, with GET */
	size_t failed, answered;
	double sum_ms; /* of single requests, of whole cycles */
	size_t requests;
	double cycles_ms;
	size_t cycles;
};

static double since_ms(int64_t begin_us)
{
	return (double)(kl_clock_mono_us() - begin_us) / 1000;
}

/* --- nothing new -------------------------------------------------------------------------------------------------- */

static void on_asked(void *ctx, struct load *load, struct load_line *line)
{
	struct bench *bench = ctx;

	(void)load;
	if (line->status != 200) {
		fprintf(stderr, "bench: %s, %s, connection %zu:\n", bench->key, bench->who, line->user);
		load_give_up(line->status ? line->text.data : "the server hangs up");
	}
	samples_add(bench->samples, bench->key, bench->who, since_ms(line->sent_us));
}

/* At that rate over all lines, for so long. */
static void ask_paced(struct bench *bench, struct load *load, size_t first, int rate, int64_t turn_us)
{
	int64_t begin_us = kl_clock_mono_us(), now_us;
	size_t sent = 0, at = first;
	char text[LOAD_TEXT];

	while ((now_us = kl_clock_mono_us()) < begin_us + turn_us) {
		while (sent < (size_t)((now_us - begin_us) * rate / 1000000)) {
			struct load_line *line = &load->lines[at];
			const char *token = load->token_count ? load->tokens[line->user % load->token_count] : NULL;

			if (!line->busy)
				load_send(load, line, text, (size_t)load_get(text, bench->path, token));
			at = at + 1 == load->count ? first : at + 1;
			sent++;
		}
		load_turn(load, 1, on_asked, bench);
	}
}

/* "/api/sync?cursor=" behind all that there is; owned. */
static char *newest_of(const struct load *load)
{
	char *who = kl_format("Authorization: Bearer %s\r\n", load->tokens[0]);
	char *text = load_ask(load, "GET /api/sync?cursor=0", who, "", 0);
	const char *at = strstr(text, "\"cursor\":");
	char *path = kl_format("/api/sync?cursor=%ld", at ? strtol(at + strlen("\"cursor\":"), NULL, 10) : 0);

	free(text);
	free(who);
	return path;
}

static void measure_sync(struct bench *bench, struct load *load)
{
	char *path, *who, *target, *answer;

	bench->key = "sync.none";
	bench->who = "lab";
	load_start(load, CHEAP);
	load_publish(load);
	load_sign_up(load, USERS);
	bench->path = path = newest_of(load);
	who = kl_format("Authorization: Bearer %s\r\n", load->tokens[0]);
	target = kl_format("GET %s", path);
	answer = load_ask(load, target, who, "", 0);
	samples_add(bench->samples, "sync.none.bytes", "lab", (double)strlen(answer));
	load_open(load, CLASS);
	ask_paced(bench, load, 0, ASKS, TURN_US);
	load_drain(load, on_asked, bench);
	load_close(load);
	load_stop(load);
	bench->who = "floor";
	load_start_floor(load, "http_floor", strstr(answer, "\r\n\r\n") + 4);
	load_open(load, CLASS / 2); /* the floor has libmicrohttpd's bound of connections */
	ask_paced(bench, load, 0, ASKS, TURN_US);
	load_drain(load, on_asked, bench);
	load_close(load);
	load_stop(load);
	free(answer);
	free(target);
	free(who);
	free(path);
}

/* --- the deadline ------------------------------------------------------------------------------------------------- */

/*
 * What the lab of a student asks who hands in at the last moment: the challenge, is there something new, the submission, what became of it, is
 * there something new. No pause in between, all of them at once.
 */
static void next_step(struct load *load, struct load_line *line)
{
	static char ids[CLASS][KL_ID_SIZE];
	const char *token = load->token_count ? load->tokens[line->user] : NULL;
	char text[LOAD_TEXT], path[80];
	int len;

	switch (line->step++) {
	case 0:
		len = load_get(text, "/api/challenges/tiny/echo", token);
		break;
	case 2:
		len = load_submission(text, ids[line->user], token);
		break;
	case 3:
		snprintf(path, sizeof(path), "/api/submissions/%s", ids[line->user]);
		len = load_get(text, path, token);
		break;
	default:
		len = load_get(text, "/api/sync?cursor=1", token);
		break;
	}
	load_send(load, line, text, (size_t)len);
}

#define STEPS 5

static void on_step(void *ctx, struct load *load, struct load_line *line)
{
	struct bench *bench = ctx;
	double ms = since_ms(line->sent_us);

	if (line->status != 200 && line->status != 201) {
		bench->failed++;
		return;
	}
	samples_add(bench->samples, "rush", bench->who, ms);
	bench->sum_ms += ms;
	bench->requests++;
	if (line->step < STEPS) {
		next_step(load, line);
		return;
	}
	samples_add(bench->samples, "rush.cycle", bench->who, since_ms(line->begin_us));
	bench->cycles_ms += since_ms(line->begin_us);
	bench->cycles++;
}

static void rush(struct bench *bench, struct load *load)
{
	double before_us = load_cpu_us(load);
	int64_t begin_us;

	bench->failed = bench->requests = bench->cycles = 0;
	bench->sum_ms = bench->cycles_ms = 0;
	load_open(load, CLASS);
	begin_us = kl_clock_mono_us();
	for (size_t i = 0; i < CLASS; i++) {
		load->lines[i].begin_us = kl_clock_mono_us();
		next_step(load, &load->lines[i]);
		load_turn(load, 0, on_step, bench);
	}
	load_drain(load, on_step, bench);
	samples_add(bench->samples, "rush.all", bench->who, since_ms(begin_us));
	samples_add(bench->samples, "rush.cpu", bench->who,
		    (load_cpu_us(load) - before_us) / (double)(bench->requests + 1));
	samples_add(bench->samples, "rush.failed", bench->who, (double)bench->failed);
	samples_add(bench->samples, "rush.mean", bench->who, bench->sum_ms / (double)(bench->requests + 1));
	samples_add(bench->samples, "rush.cycle.mean", bench->who, bench->cycles_ms / (double)(bench->cycles + 1));
	load_close(load);
}

static void measure_rush(struct bench *bench, struct load *load)
{
	bench->who = "lab";
	load_start(load, CHEAP);
	load_publish(load);
	load_sign_up(load, CLASS);
	rush(bench, load);
	load_stop(load);
	bench->who = "floor";
	load_start_floor(load, "class_floor", NULL);
	rush(bench, load);
	load_stop(load);
}

/* --- all sign in -------------------------------------------------------------------------------------------------- */

static void sign_in(struct load *load, struct load_line *line)
{
	char text[LOAD_TEXT], body[128];
	int len =
		snprintf(body, sizeof(body), "{\"name\":\"class%zu\",\"password\":\"%s\"}", line->user, LOAD_PASSWORD);

	len = snprintf(text, sizeof(text),
		       "POST /api/auth/login HTTP/1.1\r\nHost: b\r\nContent-Type: application/json\r\n"
		       "Content-Length: %d\r\n\r\n%s",
		       len, body);
	load_send(load, line, text, (size_t)len);
}

struct storm {
	struct bench *bench;
	size_t in, later; /* signed in; told to come again */
};

static void on_storm(void *ctx, struct load *load, struct load_line *line)
{
	struct storm *storm = ctx;

	if (line->user >= CLASS) {
		on_asked(storm->bench, load, line);
		return;
	}
	if (line->status == 200)
		storm->in++;
	else if (line->status == 503 || line->status == 429)
		storm->later++;
	else
		load_give_up(line->text.data);
}

/* Those who are signed in ask, with and without the others' storm. */
static void measure_storm(struct bench *bench, struct load *load)
{
	struct storm storm = { .bench = bench };
	int64_t begin_us;
	size_t sent = 0;
	char text[LOAD_TEXT], *path;

	load_folder(load);
	load_enroll(load, CLASS, 65536, NULL);
	load_start_here(load, "");
	load_publish(load);
	load_sign_up(load, 4);
	path = newest_of(load);
	load_open(load, CLASS + USERS);
	bench->path = path;
	bench->key = "storm";
	bench->who = "calm";
	ask_paced(bench, load, CLASS, OTHERS, TURN_US);
	load_drain(load, on_asked, bench);
	bench->who = "lab";
	for (size_t i = 0; i < CLASS; i++) {
		sign_in(load, &load->lines[i]);
		load_turn(load, 0, on_storm, &storm);
	}
	begin_us = kl_clock_mono_us();
	while (kl_clock_mono_us() < begin_us + STORM_US) {
		struct load_line *line = &load->lines[CLASS + sent % USERS];

		if (sent < (size_t)((kl_clock_mono_us() - begin_us) * OTHERS / 1000000)) {
			if (!line->busy)
				load_send(load, line, text, (size_t)load_get(text, path, load->tokens[0]));
			sent++;
		}
		load_turn(load, 1, on_storm, &storm);
	}
	samples_add(bench->samples, "storm.logins", "lab", (double)storm.in * 1e6 / STORM_US);
	samples_add(bench->samples, "storm.later", "lab", (double)storm.later);
	load_close(load);
	load_stop(load);
	free(path);
}

/* --- after an outage ---------------------------------------------------------------------------------------------- */

#define OUTAGE_MS 300000
#define NOTICE_MS 75000 /* so long may a lab not notice that the server is away */
#define BACK_US   INT64_C(60000000)

struct outage {
	struct bench *bench;
	int64_t due_us[CLASS]; /* when each of the class asks, from when the server is back */
	size_t synced;
	int64_t begin_us, last_us;
};

/* When its own pauses let each ask for the first time after five minutes (N10). */
static void sit_out(struct outage *outage)
{
	for (size_t i = 0; i < CLASS; i++) {
		int64_t now_ms = (int64_t)i * NOTICE_MS / CLASS;

		for (int tries = 1; now_ms < OUTAGE_MS; tries++)
			now_ms += kl_class_pause_ms(tries, (double)rand() / RAND_MAX);
		outage->due_us[i] = (now_ms - OUTAGE_MS) * 1000;
	}
}

/* The class: hand in what was made meanwhile, then ask what is new. */
static void on_back(void *ctx, struct load *load, struct load_line *line)
{
	struct outage *outage = ctx;
	char text[LOAD_TEXT];

	if (line->user >= CLASS) {
		on_asked(outage->bench, load, line);
	} else if (line->status != (line->step ? 200 : 201)) {
		return; /* is not synced */
	} else if (line->step++ == 0) {
		load_send(load, line, text, (size_t)load_get(text, "/api/sync?cursor=0", load->tokens[line->user]));
	} else {
		outage->synced++;
		outage->last_us = kl_clock_mono_us() - outage->begin_us;
	}
}

static void let_back(struct outage *outage, struct load *load)
{
	int64_t now_us = kl_clock_mono_us() - outage->begin_us;
	char text[LOAD_TEXT], id[KL_ID_SIZE];

	for (size_t i = 0; i < CLASS; i++) {
		if (outage->due_us[i] < 0 || outage->due_us[i] > now_us)
			continue;
		outage->due_us[i] = -1;
		load_reopen(load, &load->lines[i]);
		load_send(load, &load->lines[i], text, (size_t)load_submission(text, id, load->tokens[i]));
	}
}

static void measure_outage(struct bench *bench, struct load *load)
{
	static struct outage outage;
	double before_us;
	size_t sent = 0;
	char text[LOAD_TEXT];

	outage = (struct outage){ .bench = bench };
	bench->key = "outage";
	bench->who = "lab";
	load_start(load, CHEAP);
	load_publish(load);
	load_sign_up(load, CLASS);
	load_kill(load);
	sit_out(&outage);
	load_start_here(load, CHEAP);
	load_open(load, CLASS + USERS);
	before_us = load_cpu_us(load);
	outage.begin_us = kl_clock_mono_us();
	while (kl_clock_mono_us() < outage.begin_us + BACK_US) {
		struct load_line *line = &load->lines[CLASS + sent % USERS];

		let_back(&outage, load);
		if (sent < (size_t)((kl_clock_mono_us() - outage.begin_us) * OTHERS / 1000000)) {
			if (!line->busy)
				load_send(load, line, text,
					  (size_t)load_get(text, "/api/challenges/tiny/echo", load->tokens[0]));
			sent++;
		}
		load_turn(load, 1, on_back, &outage);
	}
	samples_add(bench->samples, "outage.failed", "lab", (double)(CLASS - outage.synced));
	samples_add(bench->samples, "outage.last", "lab", (double)outage.last_us / 1e6);
	samples_add(bench->samples, "outage.cpu", "lab", (load_cpu_us(load) - before_us) * 100 / (double)BACK_US);
	load_close(load);
	load_stop(load);
}

int main(int argc, char **argv)
{
	size_t rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : 3;
	struct load load = { .build = argc > 1 ? argv[1] : NULL };
	struct bench bench = { .samples = samples_new() };

	if (argc < 2 || !rounds)
		load_give_up("usage: crowd_bench <build folder> [rounds]");
	load_prepare();
	for (size_t i = 0; i < rounds; i++) {
		measure_sync(&bench, &load);
		measure_rush(&bench, &load);
	}
	measure_storm(&bench, &load); /* these once: they are long */
	measure_outage(&bench, &load);
	samples_print(bench.samples);
	samples_free(bench.samples);
	return 0;
}
