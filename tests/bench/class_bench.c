/*
 * How many submissions of a class are taken a second, each durable and receipted before it is answered, and how long one takes with
 * 2,000 connections; beside the least that SQLite and libmicrohttpd can do (class_floor). Nothing is judged meanwhile.
 * They take turns. usage: class_bench <build folder> [rounds]
 */

#include <stdlib.h>
#include <string.h>

#include <kodelab/clock.h>

#include "tests/bench/load.h"
#include "tests/bench/samples.h"

#define USERS   50
#define TURN_US 3000000
#define CROWD   2000 /* connections */
#define BUSY    64 /* of them, when it is about the rate */
#define RATE    1000 /* submissions a second of the crowd */

struct bench {
	struct samples *samples;
	const char *key; /* of the samples of one answer; NULL: none are taken */
	const char *who;
	size_t answered, next_user;
	bool again; /* who is through sends again */
};

static void submit(struct bench *bench, struct load *load, struct load_line *line)
{
	char text[LOAD_TEXT], id[KL_ID_SIZE];
	const char *token = load->token_count ? load->tokens[bench->next_user++ % load->token_count] : NULL;
	int len = load_submission(text, id, token);

	load_send(load, line, text, (size_t)len);
}

static void on_answer(void *ctx, struct load *load, struct load_line *line)
{
	struct bench *bench = ctx;

	if (line->status != 201)
		load_give_up(line->text.data);
	bench->answered++;
	if (bench->key)
		samples_add(bench->samples, bench->key, bench->who,
			    (double)(kl_clock_mono_us() - line->sent_us) / 1000);
	if (bench->again)
		submit(bench, load, line);
}

/* As fast as it goes: ms for each; and what each costs the server, whoever else is busy on this machine. */
static void measure_rate(struct bench *bench, struct load *load)
{
	double before_us = load_cpu_us(load);
	int64_t begin_us, end_us;

	load_open(load, BUSY);
	bench->answered = 0;
	bench->key = NULL;
	bench->again = true;
	begin_us = kl_clock_mono_us();
	end_us = begin_us + TURN_US;
	for (size_t i = 0; i < BUSY; i++)
		submit(bench, load, &load->lines[i]);
	while (kl_clock_mono_us() < end_us)
		load_turn(load, 10, on_answer, bench);
	bench->again = false;
	load_drain(load, on_answer, bench);
	samples_add(bench->samples, "submit", bench->who,
		    (double)(kl_clock_mono_us() - begin_us) / 1000 / (double)bench->answered);
	samples_add(bench->samples, "submit.cpu", bench->who,
		    (load_cpu_us(load) - before_us) / (double)bench->answered);
	load_close(load);
}

/* A crowd, each now and then: how long each takes. A connection that is not through yet when it is its turn is passed over. */
static void measure_crowd(struct bench *bench, struct load *load)
{
	int64_t begin_us, now_us;
	size_t sent = 0, at = 0;

	load_open(load, CROWD);
	bench->key = "submit.crowd";
	bench->again = false;
	begin_us = kl_clock_mono_us();
	while ((now_us = kl_clock_mono_us()) < begin_us + TURN_US) {
		while (sent < (size_t)((now_us - begin_us) * RATE / 1000000)) {
			if (!load->lines[at].busy)
				submit(bench, load, &load->lines[at]);
			at = (at + 1) % CROWD;
			sent++;
		}
		load_turn(load, 1, on_answer, bench);
	}
	load_drain(load, on_answer, bench);
	load_close(load);
}

static void measure(struct bench *bench, struct load *load)
{
	bench->who = "lab";
	load_start(load, "accounts.hash_kib = 8\n");
	load_publish(load);
	load_sign_up(load, USERS);
	measure_rate(bench, load);
	measure_crowd(bench, load);
	load_stop(load);
	bench->who = "floor";
	load_start_floor(load, "class_floor", NULL);
	measure_rate(bench, load);
	measure_crowd(bench, load);
	load_stop(load);
}

int main(int argc, char **argv)
{
	size_t rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : 3;
	struct load load = { .build = argc > 1 ? argv[1] : NULL };
	struct bench bench = { .samples = samples_new() };

	if (argc < 2 || !rounds)
		load_give_up("usage: class_bench <build folder> [rounds]");
	load_prepare();
	for (size_t i = 0; i < rounds; i++)
		measure(&bench, &load);
	samples_print(bench.samples);
	samples_free(bench.samples);
	return 0;
}
