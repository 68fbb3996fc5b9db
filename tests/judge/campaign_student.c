/*
 * One student after the other's runs: told to the client's process line by line, killed as planned, and weighed from outside:
 * what the proxies saw must be what docs/judging.md allows.
 */

#include "tests/judge/campaign_student.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/file.h>
#include <kodelab/loop.h>
#include <kodelab/path.h>

#define PATIENCE_MS                                                                                                    \
	240000 /* a run must have come to some end: 60 s of failures, one last request, and a crowded machine */
#define LATER_MAX   6 /* times that a kept run is sent again in calm weather */
#define LATER_MS    4000 /* before the first time, and twice as long before each further one */
#define IN_FLIGHT   8 /* requests of one client: what a death may leave uncounted */
#define FIRST_JUDGE 7 /* of the client's arguments */
#define LINE_MAX    ((size_t)4096)

struct campaign_seat {
	struct campaign_scene *scene;
	struct campaign_slot *slot;
	size_t number, run;
	struct campaign_student plan;
	struct chaos *chaos[CAMPAIGN_SERVERS]; /* NULL: a server that this student does not know */
	struct chaos_counts before[CAMPAIGN_SERVERS]; /* the meters' counts at the start */
	uint64_t given[CAMPAIGN_SERVERS]; /* at the start of the run */
	uint64_t faults; /* dealt to this student before the run; deaths of servers, too */
	char *home;
	pid_t pid; /* 0: none */
	int in, out; /* of the client */
	struct kl_watch *watch;
	struct kl_timer *timer, *kill_timer; /* timer: of the run's end, or of its next beginning */
	struct kl_buf line;
	int64_t sent_ms;
	size_t deaths, deaths_before; /* of the client; when the run began */
	size_t later; /* times that this run was sent again */
	bool armed; /* to be killed in this run */
	bool sent; /* the client has begun the run */
	bool closing, over;
};

/* --- failures ----------------------------------------------------------------------------------------------------- */

KL_PRINTF(2, 3) static void fail(struct campaign_seat *seat, const char *fmt, ...)
{
	struct campaign_run what;
	va_list args;

	campaign_run_of(&what, seat->scene->seed, seat->number, seat->run);
	printf("--- student %zu (%s, servers %u%s), run %zu (%s): ", seat->number,
	       chaos_profile_name(seat->plan.profile), seat->plan.servers, seat->plan.cache ? ", cache" : "", seat->run,
	       what.program->name);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	puts("");
	fflush(stdout);
	free(what.code);
	seat->scene->tally.failed++;
}

/* --- the process -------------------------------------------------------------------------------------------------- */

static void on_line(void *ctx, int fd, short revents);

static int port_of(const struct campaign_seat *seat, size_t server)
{
	return chaos_port(seat->chaos[server]);
}

static void start_client(struct campaign_seat *seat)
{
	struct campaign_scene *scene = seat->scene;
	char *program = kl_path_join(scene->build, "tests/campaign"), *ca = kl_path_join(scene->folder, "ca.pem");
	char *seed = kl_format("%" PRIu64, scene->seed), *number = kl_format("%zu", seat->number);
	char *patience = kl_format("%" PRId64, scene->patience_ms);
	char *argv[FIRST_JUDGE + CAMPAIGN_SERVERS + 1] = { program,
							   (char[]){ "--student" },
							   seat->home,
							   seed,
							   number,
							   patience,
							   seat->plan.tls ? ca : (char[]){ "" } };
	size_t count = FIRST_JUDGE;
	int in[2], out[2];

	for (size_t i = 0; i < CAMPAIGN_SERVERS; i++)
		if (seat->chaos[i])
			argv[count++] = kl_format("%s=%s://127.0.0.1:%d", campaign_names[i],
						  seat->plan.tls ? "https" : "http", port_of(seat, i));
	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		campaign_give_up("a pipe", strerror(errno));
	seat->pid = campaign_spawn(argv, in[0], out[1], -1);
	close(in[0]);
	close(out[1]);
	seat->in = in[1];
	seat->out = out[0];
	seat->watch = kl_loop_add_fd(scene->loop, seat->out, POLLIN, on_line, seat);
	kl_buf_clear(&seat->line);
	while (count > FIRST_JUDGE)
		free(argv[--count]);
	free(program);
	free(ca);
	free(seed);
	free(number);
	free(patience);
}

static void forget_client(struct campaign_seat *seat)
{
	kl_timer_cancel(seat->kill_timer);
	seat->kill_timer = NULL;
	kl_watch_remove(seat->watch);
	seat->watch = NULL;
	if (seat->in >= 0)
		close(seat->in);
	if (seat->out >= 0)
		close(seat->out);
	seat->in = seat->out = -1;
	seat->pid = 0;
}

static void end_client(struct campaign_seat *seat)
{
	if (!seat->pid)
		return;
	kill(seat->pid, SIGKILL);
	waitpid(seat->pid, NULL, 0);
	forget_client(seat);
}

/* --- runs --------------------------------------------------------------------------------------------------------- */

static const struct chaos *meter(const struct campaign_seat *seat, size_t server)
{
	return seat->plan.tls ? seat->slot->meters[server] : seat->chaos[server];
}

static uint64_t given(const struct campaign_seat *seat, size_t server)
{
	return seat->chaos[server] ? chaos_counts(meter(seat, server))->given : 0;
}

static uint64_t faults(const struct campaign_seat *seat)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < CAMPAIGN_SERVERS; i++) {
		if (!seat->chaos[i])
			continue;
		sum += seat->scene->servers[i].deaths;
		for (int fault = CHAOS_NONE + 1; fault < CHAOS_FAULTS; fault++)
			sum += chaos_counts(seat->chaos[i])->dealt[fault];
	}
	return sum;
}

static void switch_weather(struct campaign_seat *seat, bool calm)
{
	size_t profile = seat->plan.profile;

	if (calm && !chaos_profile_find(&profile, "calm"))
		return;
	for (size_t i = 0; i < CAMPAIGN_SERVERS; i++)
		if (seat->chaos[i])
			chaos_switch(seat->chaos[i], profile);
}

static void on_late(void *ctx)
{
	struct campaign_seat *seat = ctx;

	seat->timer = NULL;
	fail(seat, "lost: no end after %d s", PATIENCE_MS / 1000);
	end_client(seat);
	seat->over = true;
}

static void tell_run(struct campaign_seat *seat)
{
	char text[32];
	int len = snprintf(text, sizeof(text), "run %zu\n", seat->run);

	kl_timer_cancel(seat->timer);
	seat->timer = kl_loop_add_timer(seat->scene->loop, PATIENCE_MS, on_late, seat);
	seat->sent = false;
	if (write(seat->in, text, (size_t)len) != len)
		campaign_give_up("the client's input", strerror(errno));
}

static void on_later(void *ctx)
{
	struct campaign_seat *seat = ctx;

	seat->timer = NULL;
	tell_run(seat);
}

static void begin_run(struct campaign_seat *seat)
{
	seat->later = 0;
	seat->sent_ms = kl_clock_mono_ms();
	seat->deaths_before = seat->deaths;
	seat->armed = seat->run == seat->plan.kill_run;
	seat->faults = faults(seat);
	for (size_t i = 0; i < CAMPAIGN_SERVERS; i++)
		seat->given[i] = given(seat, i);
	tell_run(seat);
}

/* --- the client's death ------------------------------------------------------------------------------------------- */

static void on_kill(void *ctx)
{
	struct campaign_seat *seat = ctx;

	seat->kill_timer = NULL;
	seat->deaths++;
	seat->scene->tally.deaths++;
	kill(seat->pid, SIGKILL); /* what it has said before is still read; then its end is seen */
}

static void arm(struct campaign_seat *seat)
{
	if (!seat->armed || seat->kill_timer)
		return;
	seat->armed = false;
	seat->kill_timer = kl_loop_add_timer(seat->scene->loop, seat->plan.kill_ms, on_kill, seat);
}

static void on_given(void *ctx)
{
	struct campaign_seat *seat = ctx;

	if (seat->plan.kill_at_token)
		arm(seat);
}

static void on_gone(struct campaign_seat *seat)
{
	int status;

	waitpid(seat->pid, &status, 0);
	forget_client(seat);
	if (seat->closing && WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		seat->over = true;
	} else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && seat->deaths > 0) {
		start_client(seat);
		tell_run(seat);
	} else {
		fail(seat, "the client ended with %d", status);
		seat->over = true;
	}
}

/* --- what is allowed ---------------------------------------------------------------------------------------------- */

/* Does it use up the time of a request, so that its further tests are asked for in another one? */
static bool is_long(const struct campaign_seat *seat)
{
	struct campaign_run what;
	bool found = false;

	campaign_run_of(&what, seat->scene->seed, seat->number, seat->run);
	for (size_t i = 0; i < CAMPAIGN_TESTS; i++)
		found |= what.program->verdicts[i] == KL_VERDICT_TIME;
	free(what.code);
	return found;
}

/*
 * A token that came in a whole answer is never asked for anew: each submission of the run once for each instance. A death may
 * come between the answer's arrival and its reading: all of them once more for each. With TLS the answer may be lost behind
 * the meter.
 */
static void check_tokens(struct campaign_seat *seat)
{
	size_t deaths = seat->deaths - seat->deaths_before;

	for (size_t i = 0; i < CAMPAIGN_SERVERS && !seat->plan.tls; i++) {
		uint64_t got = given(seat, i) - seat->given[i];
		uint64_t allowed = (i == 0 && !is_long(seat) ? 1 : CAMPAIGN_TESTS) * (1 + deaths);

		if (got > allowed)
			fail(seat, "charged twice: %" PRIu64 " tokens from '%s', not %" PRIu64, got, campaign_names[i],
			     allowed);
	}
}

/* With TLS what has left the client may be lost before the meter: by each fault one connection's requests at most. */
static int64_t lost_before_meter(const struct campaign_seat *seat, size_t server)
{
	const struct chaos_counts *counts = chaos_counts(seat->chaos[server]);

	return seat->plan.tls ? (int64_t)(counts->requests - counts->dealt[CHAOS_NONE]) : 0;
}

/* "used NAME REQUESTS": the key's counter is what was really sent; a death may only have made it too large. */
static void check_use(struct campaign_seat *seat, const char *words)
{
	char name[40] = "";
	int64_t used = -1, sent;

	(void)!sscanf(words, "%39s %" SCNd64, name, &used);
	for (size_t i = 0; i < CAMPAIGN_SERVERS; i++) {
		if (!seat->chaos[i] || strcmp(name, campaign_names[i]) != 0)
			continue;
		sent = (int64_t)(chaos_counts(meter(seat, i))->requests - seat->before[i].requests);
		if (used < sent || used > sent + lost_before_meter(seat, i) + IN_FLIGHT * (int64_t)seat->deaths)
			fail(seat, "the key of '%s' has %" PRId64 " uses, and %" PRId64 " requests were sent", name,
			     used, sent);
	}
}

/* --- what the client says ----------------------------------------------------------------------------------------- */

static void next_run(struct campaign_seat *seat)
{
	seat->run++;
	if (seat->run < CAMPAIGN_RUNS && !seat->scene->closing) {
		begin_run(seat);
		return;
	}
	seat->run--; /* for what is said of it */
	seat->closing = true;
	kl_timer_cancel(seat->kill_timer);
	seat->kill_timer = NULL;
	close(seat->in);
	seat->in = -1;
}

static void good_end(struct campaign_seat *seat)
{
	struct campaign_tally *tally = &seat->scene->tally;

	if (kl_clock_mono_ms() - seat->sent_ms > tally->longest_ms)
		tally->longest_ms = kl_clock_mono_ms() - seat->sent_ms;
	tally->good++;
	tally->again += seat->later > 0;
	tally->faulted += faults(seat) > seat->faults || seat->deaths > seat->deaths_before;
	if (seat->later)
		switch_weather(seat, false);
	check_tokens(seat);
	next_run(seat);
}

/* "N good|kept|wrong MS TURN_US BUSY_US WORDS" */
static void run_ended(struct campaign_seat *seat, const char *words)
{
	struct campaign_tally *tally = &seat->scene->tally;
	char how[8] = "";
	size_t run = SIZE_MAX;
	int64_t ms, turn_us = 0, busy_us = 0;
	int said = 0;

	if (sscanf(words, "%zu %7s %" SCNd64 " %" SCNd64 " %" SCNd64 " %n", &run, how, &ms, &turn_us, &busy_us, &said) <
		    5 ||
	    run != seat->run || !seat->sent) {
		fail(seat, "an end that nobody waits for: %s", words);
		return;
	}
	seat->sent = false;
	kl_timer_cancel(seat->timer);
	seat->timer = NULL;
	tally->turn_us = turn_us > tally->turn_us ? turn_us : tally->turn_us;
	tally->busy_us = busy_us > tally->busy_us ? busy_us : tally->busy_us;
	seat->scene->on_end(seat->scene->ctx);
	if (!strcmp(how, "good")) {
		good_end(seat);
	} else if (!strcmp(how, "kept") && seat->later < LATER_MAX) {
		tally->kept++;
		switch_weather(seat, true);
		seat->timer = kl_loop_add_timer(seat->scene->loop, LATER_MS << seat->later++, on_later, seat);
	} else {
		fail(seat, "%s: %s", how, words + said);
		switch_weather(seat, false);
		next_run(seat);
	}
}

static void take_line(struct campaign_seat *seat, const char *line)
{
	if (getenv("CAMPAIGN_LINES")) /* to look at one student */
		printf("%zu: %s\n", seat->number, line);
	if (!strncmp(line, "sent ", 5)) {
		seat->sent = true;
		if (!seat->plan.kill_at_token)
			arm(seat);
	} else if (!strncmp(line, "end ", 4)) {
		run_ended(seat, line + 4);
	} else if (!strncmp(line, "used ", 5)) {
		check_use(seat, line + 5);
	} else {
		fail(seat, "the client says '%s'", line);
	}
}

static void on_line(void *ctx, int fd, short revents)
{
	struct campaign_seat *seat = ctx;
	char bytes[1024];
	ssize_t got = read(fd, bytes, sizeof(bytes));

	(void)revents;
	if (got <= 0) {
		on_gone(seat);
		return;
	}
	for (ssize_t i = 0; i < got; i++) {
		if (bytes[i] != '\n') {
			kl_buf_add_char(&seat->line, bytes[i]);
			continue;
		}
		take_line(seat, seat->line.data);
		kl_buf_clear(&seat->line);
	}
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

static void open_proxies(struct campaign_seat *seat)
{
	for (size_t i = 0; i < CAMPAIGN_SERVERS; i++) {
		int port = seat->plan.tls ? seat->slot->tls_ports[i] : seat->scene->servers[i].port;

		if (!(seat->plan.servers & 1U << i))
			continue;
		seat->chaos[i] = chaos_open(seat->scene->loop, 0, port, seat->plan.profile, seat->plan.weather + i,
					    seat->plan.tls);
		if (!seat->chaos[i])
			campaign_give_up("a proxy", strerror(errno));
		seat->before[i] = *chaos_counts(meter(seat, i));
		chaos_on_given(seat->plan.tls ? seat->slot->meters[i] : seat->chaos[i], on_given, seat);
	}
}

struct campaign_seat *campaign_seat_open(struct campaign_scene *scene, struct campaign_slot *slot, size_t student)
{
	struct campaign_seat *seat = kl_calloc(1, sizeof(*seat));
	struct kl_error err;

	*seat = (struct campaign_seat){ .scene = scene, .slot = slot, .number = student, .in = -1, .out = -1 };
	campaign_student_of(&seat->plan, scene->seed, student);
	kl_buf_init(&seat->line, LINE_MAX);
	seat->home = kl_format("%s/student-%zu", scene->folder, student);
	if (kl_path_make(seat->home, &err))
		campaign_give_up("a home", err.message);
	open_proxies(seat);
	start_client(seat);
	begin_run(seat);
	return seat;
}

bool campaign_seat_over(const struct campaign_seat *seat)
{
	return seat->over;
}

static void add_counts(struct campaign_seat *seat, size_t server)
{
	struct campaign_tally *tally = &seat->scene->tally;
	const struct chaos_counts *counts = chaos_counts(meter(seat, server)), *before = &seat->before[server];

	tally->requests += counts->requests - before->requests;
	tally->sent += counts->sent - before->sent;
	tally->made += counts->made - before->made;
	tally->given += counts->given - before->given;
	for (int fault = 0; fault < CHAOS_FAULTS; fault++)
		tally->dealt[fault] += chaos_counts(seat->chaos[server])->dealt[fault];
}

void campaign_seat_close(struct campaign_seat *seat)
{
	if (!seat)
		return;
	end_client(seat);
	kl_timer_cancel(seat->timer);
	for (size_t i = 0; i < CAMPAIGN_SERVERS; i++) {
		if (!seat->chaos[i])
			continue;
		add_counts(seat, i);
		chaos_on_given(seat->slot->meters[i], NULL, NULL);
		chaos_close(seat->chaos[i]);
	}
	(void)!kl_file_remove_tree(seat->home, NULL);
	kl_buf_release(&seat->line);
	free(seat->home);
	free(seat);
}
