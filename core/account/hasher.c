/*
 * The pool's side in the server. One line a job goes to a process that is free (the form is in hasher_work.c), one line comes
 * back. A process that dies or hangs fails its job and is replaced after a moment.
 */

#include <kodelab/hasher.h>

#include <sys/queue.h>
#include <unistd.h>

#include <kodelab/alloc.h>
#include <kodelab/buf.h>
#include <kodelab/clock.h>
#include <kodelab/loop.h>
#include <kodelab/worker.h>

#define WORK_MS    20000 /* one hash */
#define RESTART_MS 200
#define LINE_SIZE  4096
#define SHARP      8 /* the pace is a mean over about so many jobs */

struct job {
	STAILQ_ENTRY(job) link;
	char *line; /* in secret memory, wiped when freed */
	char *from;
	kl_hasher_fn *fn; /* NULL: nobody waits any more */
	void *ctx;
	int64_t since_ms; /* monotonic: queued, then begun */
};

struct hand { /* one process */
	struct kl_hasher *hasher;
	struct kl_worker *worker; /* NULL: none just now */
	struct job *job; /* NULL: free */
	struct kl_timer *timer; /* of its deadline, or of its replacement */
};

struct kl_hasher {
	struct kl_loop *loop;
	struct kl_hasher_spec spec;
	struct hand *hands;
	size_t hand_count;
	STAILQ_HEAD(jobs, job) jobs;
	struct kl_hasher_figures figures;
	int64_t pace_us; /* of one job in one process */
	bool closing;
};

/* --- jobs --------------------------------------------------------------------------------------------------------- */

static void job_free(struct job *job)
{
	kl_secret_free(job->line);
	free(job->from);
	free(job);
}

/* Who is told may ask for more at once: the job is out of all lists by then. */
static void tell(struct job *job, enum kl_status status, const char *hash)
{
	if (job->fn)
		job->fn(job->ctx, status, hash);
	job_free(job);
}

static size_t waiting_of(const struct kl_hasher *hasher, const char *from)
{
	const struct job *job;
	size_t count = 0;

	STAILQ_FOREACH(job, &hasher->jobs, link)
		count += !strcmp(job->from, from);
	return count;
}

/* Of the free places an address may have taken as many as it leaves: alone half of all, each of two a third. */
static bool has_room(const struct kl_hasher *hasher, const char *from)
{
	size_t room = hasher->spec.queue_max - hasher->figures.waiting;

	return hasher->figures.waiting < hasher->spec.queue_max && waiting_of(hasher, from) < room;
}

/* --- processes ---------------------------------------------------------------------------------------------------- */

static void dispatch(struct kl_hasher *hasher);
static enum kl_status start_hand(struct hand *hand, struct kl_error *err);

static void strike(void *ctx)
{
	struct hand *hand = ctx;

	hand->timer = NULL;
	kl_worker_cancel(hand->worker); /* on_done fails its job */
}

static void begin(struct hand *hand, struct job *job)
{
	hand->job = job;
	job->since_ms = kl_clock_mono_ms();
	hand->timer = kl_loop_add_timer(hand->hasher->loop, WORK_MS, strike, hand);
	hand->hasher->figures.running++;
	kl_worker_send(hand->worker, job->line, strlen(job->line));
}

static struct job *end(struct hand *hand)
{
	struct kl_hasher *hasher = hand->hasher;
	struct job *job = hand->job;

	hand->job = NULL;
	kl_timer_cancel(hand->timer);
	hand->timer = NULL;
	hasher->figures.running--;
	hasher->pace_us += ((kl_clock_mono_ms() - job->since_ms) * 1000 - hasher->pace_us) / SHARP;
	return job;
}

/* "ok HASH", "ok", "no" or "failed". */
static void on_line(void *ctx, const char *line, size_t len)
{
	struct hand *hand = ctx;
	struct kl_hasher *hasher = hand->hasher;
	struct job *job;

	(void)len;
	if (!hand->job)
		return;
	job = end(hand);
	if (!strncmp(line, "ok", 2)) {
		hasher->figures.done++;
		tell(job, KL_OK, line[2] ? line + 3 : "");
	} else if (!strcmp(line, "no")) {
		hasher->figures.done++;
		tell(job, KL_EDENIED, "");
	} else {
		hasher->figures.failed++;
		tell(job, KL_EIO, "");
	}
	if (!hasher->closing)
		dispatch(hasher);
}

static void restart(void *ctx)
{
	struct hand *hand = ctx;

	hand->timer = NULL;
	if (start_hand(hand, NULL))
		hand->timer = kl_loop_add_timer(hand->hasher->loop, RESTART_MS, restart, hand);
	else
		dispatch(hand->hasher);
}

static void on_done(void *ctx, const struct kl_worker_result *result)
{
	struct hand *hand = ctx;
	struct kl_hasher *hasher = hand->hasher;

	(void)result;
	hand->worker = NULL;
	if (hand->job) {
		hasher->figures.failed++;
		tell(end(hand), hasher->closing ? KL_ECANCELED : KL_EIO, "");
	}
	if (!hasher->closing)
		hand->timer = kl_loop_add_timer(hasher->loop, RESTART_MS, restart, hand);
}

static enum kl_status start_hand(struct hand *hand, struct kl_error *err)
{
	const struct kl_worker_spec spec = { .argv = hand->hasher->spec.argv,
					     .env = hand->hasher->spec.env,
					     .open_input = true,
					     .output_max = LINE_SIZE,
					     .on_line = on_line,
					     .on_done = on_done,
					     .ctx = hand };

	return kl_worker_start(&hand->worker, hand->hasher->loop, &spec, err);
}

static struct hand *free_hand(struct kl_hasher *hasher)
{
	for (size_t i = 0; i < hasher->hand_count; i++)
		if (hasher->hands[i].worker && !hasher->hands[i].job)
			return &hasher->hands[i];
	return NULL;
}

static struct job *take_first(struct kl_hasher *hasher)
{
	struct job *job = STAILQ_FIRST(&hasher->jobs);

	STAILQ_REMOVE_HEAD(&hasher->jobs, link);
	hasher->figures.waiting--;
	return job;
}

static void dispatch(struct kl_hasher *hasher)
{
	struct hand *hand;

	while (!STAILQ_EMPTY(&hasher->jobs)) {
		if (kl_clock_mono_ms() - STAILQ_FIRST(&hasher->jobs)->since_ms > hasher->spec.patience_ms) {
			hasher->figures.refused++;
			tell(take_first(hasher), KL_ETIME, "");
			continue;
		}
		hand = free_hand(hasher);
		if (!hand)
			return;
		begin(hand, take_first(hasher));
	}
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

/* The line is made in secret memory: no buffer that grows leaves copies behind. */
static char *make_line(const struct kl_hasher *hasher, const char *what, const struct kl_hasher_job *job)
{
	char *password = kl_base64(job->password, job->len), *line = kl_secret_alloc(LINE_SIZE);

	snprintf(line, LINE_SIZE, "%s %zu %u %s %s\n", what, hasher->spec.cost.kib, hasher->spec.cost.passes, password,
		 job->hash ? job->hash : "-");
	kl_wipe(password, strlen(password));
	free(password);
	return line;
}

static enum kl_status add(struct kl_hasher *hasher, const char *what, const struct kl_hasher_job *asked,
			  kl_hasher_fn *fn, void *ctx, struct kl_error *err)
{
	struct job *job;

	if (!has_room(hasher, asked->from)) {
		hasher->figures.refused++;
		return kl_fail(err, KL_EMANY, "too many sign in at this moment: try again later");
	}
	job = kl_calloc(1, sizeof(*job));
	job->line = make_line(hasher, what, asked);
	job->from = kl_strdup(asked->from);
	job->fn = fn;
	job->ctx = ctx;
	job->since_ms = kl_clock_mono_ms();
	STAILQ_INSERT_TAIL(&hasher->jobs, job, link);
	hasher->figures.waiting++;
	dispatch(hasher);
	return KL_OK;
}

enum kl_status kl_hasher_make(struct kl_hasher *hasher, const struct kl_hasher_job *job, kl_hasher_fn *fn, void *ctx,
			      struct kl_error *err)
{
	return add(hasher, "make", job, fn, ctx, err);
}

enum kl_status kl_hasher_check(struct kl_hasher *hasher, const struct kl_hasher_job *job, kl_hasher_fn *fn, void *ctx,
			       struct kl_error *err)
{
	return add(hasher, "check", job, fn, ctx, err);
}

static struct job *find_waiting(const struct kl_hasher *hasher, const void *ctx)
{
	struct job *job;

	STAILQ_FOREACH(job, &hasher->jobs, link)
		if (job->ctx == ctx)
			return job;
	return NULL;
}

void kl_hasher_drop(struct kl_hasher *hasher, const void *ctx)
{
	struct job *job = find_waiting(hasher, ctx);
	kl_hasher_fn *fn;

	if (job) {
		STAILQ_REMOVE(&hasher->jobs, job, job, link);
		hasher->figures.waiting--;
		tell(job, KL_ECANCELED, "");
		return;
	}
	for (size_t i = 0; i < hasher->hand_count; i++) {
		job = hasher->hands[i].job; /* begun: the process ends it, for nobody */
		if (!job || !job->fn || job->ctx != ctx)
			continue;
		fn = job->fn;
		job->fn = NULL;
		fn(job->ctx, KL_ECANCELED, "");
		return;
	}
}

void kl_hasher_cost(struct kl_hasher *hasher, const struct kl_password_cost *cost)
{
	hasher->spec.cost = *cost;
}

void kl_hasher_figures(struct kl_hasher_figures *out, const struct kl_hasher *hasher)
{
	*out = hasher->figures;
	out->wait_s = (int64_t)(out->waiting + out->running) * hasher->pace_us / (int64_t)hasher->hand_count / 1000000;
}

/* --- opening and closing ------------------------------------------------------------------------------------------ */

enum kl_status kl_hasher_open(struct kl_hasher **out, struct kl_loop *loop, const struct kl_hasher_spec *spec,
			      struct kl_error *err)
{
	struct kl_hasher *hasher = kl_calloc(1, sizeof(*hasher));
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	enum kl_status status = KL_OK;

	hasher->loop = loop;
	hasher->spec = *spec;
	hasher->hand_count = spec->workers ? spec->workers : processors > 0 ? (size_t)processors : 1;
	hasher->hands = kl_calloc(hasher->hand_count, sizeof(*hasher->hands));
	STAILQ_INIT(&hasher->jobs);
	for (size_t i = 0; !status && i < hasher->hand_count; i++) {
		hasher->hands[i].hasher = hasher;
		status = start_hand(&hasher->hands[i], err);
	}
	if (status)
		kl_hasher_close(hasher);
	else
		*out = hasher;
	return status;
}

void kl_hasher_close(struct kl_hasher *hasher)
{
	if (!hasher)
		return;
	hasher->closing = true;
	while (!STAILQ_EMPTY(&hasher->jobs))
		tell(take_first(hasher), KL_ECANCELED, "");
	for (size_t i = 0; i < hasher->hand_count; i++) {
		if (hasher->hands[i].worker)
			kl_worker_end(hasher->hands[i].worker);
		kl_timer_cancel(hasher->hands[i].timer);
	}
	free(hasher->hands);
	free(hasher);
}
