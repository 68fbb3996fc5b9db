/*
 * A job on instances, as a backend of the judge: choose one, ask what it can do, send the tests in the best way it offers, ask for the
 * results when they are likely to be there, and go elsewhere when it fails. What was judged stays judged: the student
 * sees one verdict of each test, wherever it came from.
 */

#include "core/judge/judge0/client_int.h"

#include <string.h>

#include <kodelab/alloc.h>

#define BATCH_MAX   200 /* whatever an instance would take */
#define POSTS_MAX   4 /* single submissions on their way at once */
#define PATIENCE_MS 60000 /* without any answer that helps */
#define WAIT_MS     600000 /* for instances that work, and are busy */
#define LONG_MS     1000 /* then one wants to know what a request waits for */
#define QUEUE_MS    600000 /* in a queue that moves or does not */

static void step(void *ctx);

/* --- the next step ------------------------------------------------------------------------------------------------ */

void client_later(struct client *client, int64_t pause_ms)
{
	kl_timer_cancel(client->timer);
	client->timer = kl_loop_add_timer(client->job->judge->loop, pause_ms, step, client);
}

void client_report(struct client *client, enum kl_instance_fate fate, const char *why, int64_t retry_after_ms)
{
	struct kl_instance_outcome outcome = {
		.fate = fate, .retry_after_ms = retry_after_ms, .queued = -1, .why = why
	};

	if (!client->instance)
		return;
	kept_count(client, "request", client->requests);
	client->requests = 0;
	kl_instance_report(client->instance, &outcome);
	client->instance = NULL;
}

void client_give_up(struct client *client, enum kl_status status, const char *words)
{
	struct kl_report *report = client->job->report;

	if (client->ended)
		return;
	client->ended = true;
	kept_count(client, "failed", 1);
	kl_fail(&report->error, status, "%s", words);
	report->verdict = KL_VERDICT_INTERNAL;
	report->later = status == KL_ENET || status == KL_EBUSY || status == KL_ETIME;
	judge_job_end(client->job);
}

/* Which part of the histogram a run falls into: "ms 500" is up to half a second. */
static void count_time(struct client *client)
{
	static const int bounds[] = { 100, 200, 500, 1000, 2000, 5000, 10000, 30000 };
	int64_t took_ms = kl_clock_mono_ms() - client->job->start_ms;
	char what[32] = "ms more";

	for (size_t i = KL_LENGTH(bounds); i-- > 0 && took_ms <= bounds[i];)
		snprintf(what, sizeof(what), "ms %d", bounds[i]);
	kept_count(client, what, 1);
}

/* What the judge does, or did, in the report's note. */
static void put_way(struct client *client)
{
	snprintf(client->job->report->note, sizeof(client->job->report->note), "judge '%s', %s: %s",
		 kl_instance_spec(client->instance)->name, client->target.language->name,
		 judge0_way_words(client->way));
	client->told_state = false;
}

void client_end(struct client *client)
{
	client->ended = true;
	if (client->told_state && client->instance)
		put_way(client);
	kept_count(client, "run", 1);
	count_time(client);
	client_report(client, KL_FATE_GOOD, NULL, -1);
	judge_job_end(client->job);
}

/* --- the checker program ------------------------------------------------------------------------------------------ */

static void on_checked(void *ctx, const struct kl_error *why)
{
	struct client *client = ctx;

	if (client->ended)
		return;
	if (why)
		client_give_up(client, why->status, why->message);
	else
		client_later(client, 0);
}

void client_check(struct client *client, size_t index, const struct kl_box_result *result)
{
	struct kl_error err;
	enum kl_status status = KL_OK;

	client->checking[index] = true;
	if (!client->checks)
		status = judge_checks_open(&client->checks, client->job, on_checked, client, &err);
	if (status || (status = judge_checks_add(client->checks, index, result, &err)))
		client_give_up(client, status, err.message);
}

/* --- items -------------------------------------------------------------------------------------------------------- */

static void new_nonce(char *nonce)
{
	unsigned char bytes[(JUDGE0_NONCE_SIZE - 1) / 2];

	kl_random(bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(nonce + 2 * i, 3, "%02x", bytes[i]);
}

struct item *client_add_item(struct client *client, size_t first, size_t count)
{
	struct item *item;

	KL_GROW(client->items, client->item_count, client->item_capacity);
	item = &client->items[client->item_count++];
	*item = (struct item){ .first = first, .count = count, .state = ITEM_WAITING };
	new_nonce(item->nonce);
	kept_name(client, item);
	return item;
}

/* What shows more comes first. */
static void order_tests(struct client *client)
{
	const struct judge_plan *plan = &client->job->plan;
	size_t at = 0;

	client->order = kl_calloc(plan->count + 1, sizeof(*client->order));
	client->checking = kl_calloc(plan->count + 1, sizeof(*client->checking));
	for (int shown = KL_SHOW_FULL; shown <= KL_SHOW_NONE; shown++)
		for (size_t i = 0; i < plan->count; i++)
			if ((plan->runs[i].test->own ? KL_SHOW_FULL : plan->runs[i].test->disclosure) ==
			    (enum kl_disclosure)shown)
				client->order[at++] = i;
}

static bool is_open(const struct client *client, size_t position)
{
	size_t index = client->order[position];

	return client->job->report->tests[index].verdict == KL_VERDICT_PENDING && !client->checking[index];
}

/* Items for every test that has no verdict yet: runs of neighbours, or one each. */
static void make_items(struct client *client)
{
	size_t count = client->job->plan.count;

	client->item_count = 0;
	for (size_t at = 0; at < count;) {
		size_t first = at;

		if (!is_open(client, at)) {
			at++;
			continue;
		}
		for (at++; client->way == JUDGE0_RUNNER && at < count && is_open(client, at);)
			at++;
		client_add_item(client, first, at - first);
	}
}

/* --- an instance -------------------------------------------------------------------------------------------------- */

static bool may_wait(const struct client *client, int64_t pause_ms, bool busy)
{
	return kl_clock_mono_ms() + pause_ms <= (busy ? client->deadline_ms : client->give_up_ms);
}

/* Is there no hope in time? Nobody will take anything before choice->retry_ms. */
static bool is_down(const struct client *client, const struct kl_instance_choice *choice)
{
	struct kl_clock clock;
	int64_t pause_ms;

	kl_clock_init(&clock);
	pause_ms = choice->retry_ms ? choice->retry_ms - kl_clock_wall_ms(&clock) : 0;
	return !may_wait(client, pause_ms, choice->busy);
}

/* A busy instance is no failure: patience begins anew when it may be asked again. */
static void be_patient(struct client *client, int64_t pause_ms)
{
	int64_t until_ms = kl_clock_mono_ms() + pause_ms + client->patience_ms;

	if (until_ms > client->deadline_ms)
		until_ms = client->deadline_ms;
	if (until_ms > client->give_up_ms)
		client->give_up_ms = until_ms;
}

/* What compiles the runner there. */
static const struct kl_instance_language *c_of(const struct client *client)
{
	static const char *const compilers[] = { "gcc", "clang" };
	const struct kl_instance_language *c =
		client->no_runner ? NULL : kl_instance_language(client->instance, kl_language_find("c"));
	bool found = false;
	char *path;

	for (size_t i = 0; i < KL_LENGTH(compilers) && c && c->detailed && !found; i++) {
		path = judge0_tool(c, compilers[i]);
		found = path != NULL;
		free(path);
	}
	return found ? c : NULL;
}

static void set_marker(struct client *client)
{
	char hash[KL_SHA256_SIZE];

	kl_sha256(hash, client->job->plan.harness.files[0].text, client->job->plan.harness.files[0].len);
	snprintf(client->marker, sizeof(client->marker), "kodelab no runner %.16s", hash);
}

/* From facts to items; what was done before need not be sent. */
static void plan_requests(struct client *client)
{
	struct kl_instance_facts facts = *client->target.facts;
	struct kl_error err;

	client->ahead = client->waiting = -1;
	kept_read_learned(client);
	client->target.c = c_of(client);
	if (client->no_files)
		facts.additional_files = false;
	judge0_program_release(&client->program);
	set_marker(client);
	if (judge0_way_choose(&client->way, &client->job->plan,
			      &(struct judge0_target){ &facts, client->target.language, client->target.c, false },
			      &err) ||
	    judge0_program_make(&client->program, &client->job->plan, &client->target, client->way, client->marker,
				&err)) {
		client_give_up(client, err.status, err.message);
		return;
	}
	snprintf(client->job->report->where, sizeof(client->job->report->where), "%s, %s",
		 kl_instance_spec(client->instance)->name, client->target.language->name);
	put_way(client);
	judge_job_progress(client->job);
	make_items(client);
	client_later(client, 0);
}

void client_start_over(struct client *client)
{
	call_abandon_all(client);
	plan_requests(client);
}

static void on_prepared(void *ctx, struct kl_instance *instance, const struct kl_error *error)
{
	struct client *client = ctx;
	struct judge0_outcome outcome = { .next = JUDGE0_ELSEWHERE, .pause_ms = -1 };

	client->ask = NULL;
	if (client->ended)
		return;
	if (error->status) {
		snprintf(outcome.words, sizeof(outcome.words), "%.310s", error->message);
		client_move_on(client, &outcome, error->status == KL_EDENIED ? KL_FATE_DENIED : KL_FATE_DOWN);
		return;
	}
	client->target.facts = kl_instance_facts(instance);
	client->target.language = kl_instance_language(instance, client->job->plan.language);
	if (client->target.facts && client->target.language) {
		plan_requests(client);
		return;
	}
	snprintf(outcome.words, sizeof(outcome.words), "judge '%s' does not have %s", kl_instance_spec(instance)->name,
		 client->job->plan.language->name);
	client_move_on(client, &outcome, KL_FATE_UNUSED);
}

static enum kl_status choose(struct client *client, struct kl_instance_choice *choice, struct kl_error *err)
{
	struct kl_instance_want want = { .language = client->job->plan.language,
					 .purpose = client->job->samples ? KL_PURPOSE_RUN : KL_PURPOSE_SUBMIT,
					 .only = client->job->only,
					 .not = (const char *const *)client->failed,
					 .not_count = client->failed_count };

	return kl_instances_choose(choice, client->means->instances, &want, err);
}

static void forget_failed(struct client *client)
{
	while (client->failed_count)
		free(client->failed[--client->failed_count]);
}

static void find_instance(struct client *client)
{
	struct kl_instance_choice choice;
	struct kl_error err;
	enum kl_status status = choose(client, &choice, &err);

	if (status && client->failed_count) { /* all have failed once: begin anew, after a pause */
		forget_failed(client);
		kl_instance_choice_release(&choice);
		status = choose(client, &choice, &err);
	}
	client->instance = status ? NULL : choice.instance;
	kl_instance_choice_release(&choice);
	if (status == KL_EBUSY && !is_down(client, &choice)) {
		judge_job_note(client->job, "%s", err.message);
		client_later(client, 1000);
		return;
	}
	if (!status && !kl_instance_is_prepared(client->instance, client->job->plan.language))
		judge_job_note(client->job, "asking judge '%s' what it can do",
			       kl_instance_spec(client->instance)->name);
	if (!status)
		status = kl_instance_prepare(&client->ask, client->instance, client->job->plan.language, on_prepared,
					     client, &err);
	if (status)
		client_give_up(client, status, err.message);
}

void client_move_on(struct client *client, const struct judge0_outcome *outcome, enum kl_instance_fate fate)
{
	unsigned char chance;
	int64_t pause_ms = outcome->pause_ms;
	bool stays = outcome->next == JUDGE0_LATER && client->instance;

	if (client->ended)
		return;
	kl_random(&chance, 1);
	if (pause_ms < 0)
		pause_ms = judge0_backoff_ms(client->tries, chance);
	client->tries++;
	if (fate == KL_FATE_BUSY)
		be_patient(client, pause_ms);
	if (!may_wait(client, pause_ms, fate == KL_FATE_BUSY)) {
		client_report(client, fate, outcome->words, outcome->pause_ms);
		client_give_up(client, fate == KL_FATE_DENIED ? KL_EDENIED : KL_ENET, outcome->words);
		return;
	}
	judge_job_note(client->job, "%s; trying again in %lld s", outcome->words, (long long)(pause_ms + 999) / 1000);
	if (!stays) {
		const char *name = client->instance ? kl_instance_spec(client->instance)->name : NULL;

		call_abandon_all(client);
		client->item_count = 0;
		client_report(client, fate, outcome->words, outcome->pause_ms);
		if (name && client->failed_count < FAILED_MAX)
			client->failed[client->failed_count++] = kl_strdup(name);
		if (kl_instances_count(client->means->instances) > client->failed_count && !client->job->only)
			pause_ms = 0; /* another one need not wait */
	}
	client_later(client, pause_ms);
}

/* --- sending and asking ------------------------------------------------------------------------------------------- */

static size_t pick(const struct client *client, enum item_state state, size_t *list, size_t max)
{
	size_t count = 0;

	for (size_t i = 0; i < client->item_count && count < max; i++)
		if (client->items[i].state == state)
			list[count++] = i;
	return count;
}

static size_t batch_max(const struct client *client)
{
	const struct kl_instance_facts *facts = client->target.facts;
	int max = facts->batch_max < facts->queue_max ? facts->batch_max : facts->queue_max;

	if (max > BATCH_MAX)
		max = BATCH_MAX;

	return client->way == JUDGE0_RUNNER || client->no_batch || !facts->batches || max < 1 ? 1 : (size_t)max;
}

static size_t posts(const struct client *client, bool post)
{
	const struct call *call;
	size_t count = 0;

	LIST_FOREACH(call, &client->calls, link)
		count += !call->workers && call->post == post;
	return count;
}

/* Known results and tokens first; the rest is sent, as much at once as the instance takes. */
static enum kl_status send_waiting(struct client *client, struct kl_error *err)
{
	size_t max = batch_max(client), *list = kl_calloc(client->item_count + max + 1, sizeof(*list));
	enum kl_status status = KL_OK;

	for (size_t i = 0; i < client->item_count && !client->ended; i++) {
		struct item *item = &client->items[i];

		if (item->state != ITEM_WAITING || item->sent_ms)
			continue;
		item->sent_ms = kl_clock_mono_ms();
		if (kept_result(client, i) || !kept_ticket(client, &client->items[i]))
			continue;
		client->items[i].state = ITEM_QUEUED;
		client->items[i].resumed = true;
		client->queue_since_ms = kl_clock_mono_ms();
	}
	while (!status && !client->ended && posts(client, true) < POSTS_MAX) {
		size_t count = pick(client, ITEM_WAITING, list, max);

		if (!count)
			break;
		client->polls = 0;
		client->queue_since_ms = kl_clock_mono_ms();
		status = call_post(client, list, count, err);
	}
	free(list);
	return status;
}

static enum kl_status ask(struct client *client, struct kl_error *err)
{
	size_t max = (size_t)(client->target.facts->batch_max > 0 ? client->target.facts->batch_max : 1), list[64];
	size_t count = pick(client, ITEM_QUEUED, list, max < KL_LENGTH(list) ? max : KL_LENGTH(list));

	client->polls++;
	return count ? call_poll(client, list, count, err) : KL_OK;
}

static size_t count_in(const struct client *client, enum item_state state)
{
	size_t count = 0;

	for (size_t i = 0; i < client->item_count; i++)
		count += client->items[i].state == state;
	return count;
}

size_t client_queued(const struct client *client)
{
	return count_in(client, ITEM_QUEUED);
}

void client_plan_poll(struct client *client)
{
	int64_t now_ms = kl_clock_mono_ms(), elapsed_ms = now_ms - client->queue_since_ms;

	client->poll_at_ms = now_ms + judge0_pace_ms(&client->pace, client->polls, elapsed_ms);
	if (elapsed_ms > QUEUE_MS)
		client_give_up(client, KL_ETIME,
			       "the judge took the submission, but has no result yet: submit it again later, and the "
			       "result is asked for");
}

static bool has_waiting_call(const struct client *client)
{
	const struct call *call;

	LIST_FOREACH(call, &client->calls, link)
		if (call->wait)
			return true;
	return false;
}

/* One request that waits for the result tells nothing on the way: is the judge busy? */
static void look_at_queue(struct client *client)
{
	if (!has_waiting_call(client))
		return;
	if (kl_clock_mono_ms() - client->queue_since_ms >= LONG_MS)
		call_workers(client);
	client_later(client, LONG_MS);
}

static void step(void *ctx)
{
	struct client *client = ctx;
	struct kl_error err = { .message = "" };
	enum kl_status status = KL_OK;

	client->timer = NULL;
	if (client->ended)
		return;
	if (client->job->canceled) {
		client->ended = true;
		client_report(client, KL_FATE_UNUSED, NULL, -1);
		judge_job_end(client->job);
		return;
	}
	if (!client->instance) {
		find_instance(client);
		return;
	}
	status = send_waiting(client, &err);
	if (client->ended)
		return;
	if (!status && count_in(client, ITEM_DONE) == client->item_count) {
		if (judge_checks_idle(client->checks))
			client_end(client);
		return;
	}
	if (!status)
		look_at_queue(client);
	if (!status && client_queued(client) && !posts(client, false)) {
		int64_t pause_ms = client->poll_at_ms - kl_clock_mono_ms();

		if (pause_ms > 0)
			client_later(client, pause_ms);
		else
			status = ask(client, &err);
	}
	if (status)
		client_give_up(client, status, err.message);
}

/* --- the row ------------------------------------------------------------------------------------------------------ */

static enum kl_status judge0_start(struct kl_job *job, struct kl_error *err)
{
	struct client *client = kl_calloc(1, sizeof(*client));
	int64_t patience_ms = job->judge->elsewhere.patience_ms;

	(void)err;
	if (!patience_ms)
		patience_ms = PATIENCE_MS;
	*client = (struct client){ .job = job,
				   .ahead = -1,
				   .waiting = -1,
				   .workers_ms = INT64_MIN / 2,
				   .means = &job->judge->elsewhere,
				   .patience_ms = patience_ms,
				   .give_up_ms = kl_clock_mono_ms() + patience_ms,
				   .deadline_ms = kl_clock_mono_ms() + WAIT_MS };
	LIST_INIT(&client->calls);
	job->state = client;
	order_tests(client);
	client_later(client, 0);
	return KL_OK;
}

static void judge0_cancel(struct kl_job *job)
{
	client_later(job->state, 0);
}

static void judge0_release(struct kl_job *job)
{
	struct client *client = job->state;

	if (!client)
		return;
	client->ended = true;
	kl_timer_cancel(client->timer);
	call_abandon_all(client);
	if (client->ask)
		kl_instance_cancel(client->ask);
	client_report(client, KL_FATE_UNUSED, NULL, -1);
	judge0_program_release(&client->program);
	judge_checks_close(client->checks);
	free(client->order);
	free(client->checking);
	forget_failed(client);
	free(client->items);
	free(client);
	job->state = NULL;
}

const struct kl_judge_backend judge_judge0 = {
	.name = "judge0",
	.start = judge0_start,
	.cancel = judge0_cancel,
	.release = judge0_release,
};
