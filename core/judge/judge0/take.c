/* Answers become results of tests: out of the runner's frames, or one submission each. Each test is judged once. */

#include "core/judge/judge0/client_int.h"

#include <signal.h>
#include <string.h>

#include <kodelab/alloc.h>

#define LOSSES_MAX 2 /* runners that may be lost before the rest is given up */

/* --- one test ----------------------------------------------------------------------------------------------------- */

static bool is_open(const struct client *client, size_t index)
{
	return client->job->report->tests[index].verdict == KL_VERDICT_PENDING && !client->checking[index];
}

/* Where the runner puts the tests is, to the student, the folder of their file: "/box/kodelab_run/" → "/box/". */
static char *home_paths(const char *text, size_t len, const char *folder, size_t folder_len, size_t *out_len)
{
	struct kl_buf out;
	size_t at = 0;

	kl_buf_init(&out, len + 1);
	while (at < len) {
		const char *found = folder_len ? memmem(text + at, len - at, folder, folder_len) : NULL;
		size_t before = found ? (size_t)(found - (text + at)) : len - at;

		kl_buf_add(&out, text + at, before);
		at += before;
		if (!found)
			break;
		kl_buf_add_str(&out, "/box");
		at += folder_len;
	}
	*out_len = out.len;
	return kl_buf_detach(&out);
}

/* Results that would come out the same another time: what stopped at a limit might not. */
static bool is_stable(const struct kl_box_result *result)
{
	return result->end == KL_END_EXITED || result->end == KL_END_OUTPUT ||
	       (result->end == KL_END_SIGNALED && result->signo != SIGKILL);
}

/* result's strings end in NUL from here on. */
static void judge_test(struct client *client, size_t index, const struct kl_box_result *result)
{
	struct kl_job *job = client->job;

	if (client->ended || !is_open(client, index))
		return;
	if (!judge_report_ran(job->report, &job->plan, index, result)) {
		kept_count(client, "compile error", 1);
		client_end(client);
	} else if (job->report->tests[index].verdict == KL_VERDICT_PASSED && job->plan.checker_language) {
		job->report->tests[index].verdict = KL_VERDICT_PENDING;
		client_check(client, index, result);
	} else {
		judge_report_count(job->report, index);
		judge_job_progress(job);
	}
}

/* --- the runner's report ------------------------------------------------------------------------------------------ */

struct reading {
	const struct judge0_answer *answer;
	const struct item *item;
	const char *folder;
	size_t folder_len;
	size_t done; /* positions with a result */
	size_t started; /* the last that began, plus one */
	size_t more; /* position to ask again from; SIZE_MAX: none */
	bool hello, whole, stable;
};

static void read_test(struct client *client, struct reading *reading, const struct judge0_frame *frame)
{
	struct kl_box_result result = frame->result;
	char *out, *err, *value;

	if (frame->position != reading->done || frame->position >= reading->item->count)
		return; /* each once, in order: anything else is not the runner's */
	out = kl_strndup(result.out, result.out_len);
	err = home_paths(result.err, result.err_len, reading->folder, reading->folder_len, &result.err_len);
	value = kl_strndup(result.result, result.result_len);
	result.out = out;
	result.err = err;
	result.result = value;
	reading->stable = reading->stable && is_stable(&result);
	reading->done++;
	judge_test(client, client->order[reading->item->first + frame->position], &result);
	free(out);
	free(err);
	free(value);
}

static void read_report(struct client *client, struct reading *reading)
{
	const struct judge0_answer *answer = reading->answer;
	struct judge0_frame frame;
	size_t at = 0;

	while (judge0_frame_next(&frame, answer->out, answer->out_len, &at, reading->item->nonce)) {
		switch (frame.kind) {
		case JUDGE0_HELLO:
			reading->hello = true;
			reading->folder = frame.folder;
			reading->folder_len = frame.folder_len;
			break;
		case JUDGE0_START:
			reading->started = frame.position + 1;
			break;
		case JUDGE0_TEST:
			read_test(client, reading, &frame);
			break;
		case JUDGE0_MORE:
			reading->more = frame.position;
			break;
		case JUDGE0_DONE:
			reading->whole = true;
			break;
		}
	}
}

/* The runner was killed while a test ran: the verdict of that test, by what the instance says of the whole. */
static void judge_killer(struct client *client, const struct reading *reading, size_t position)
{
	size_t index = client->order[reading->item->first + position];
	struct kl_box_result result;

	judge0_result_of(&result, reading->answer, &client->job->plan.runs[index], client->target.facts);
	if (result.end == KL_END_EXITED || result.end == KL_END_OUTPUT || result.end == KL_END_FAILED) {
		result.end = KL_END_SIGNALED;
		result.signo = SIGKILL;
	}
	result.out = result.err = result.result = "";
	result.out_len = result.err_len = result.result_len = 0;
	judge_test(client, index, &result);
}

/* The report stops in the middle. What comes after the test that ran is tried once more, then given up. */
static void take_loss(struct client *client, struct reading *reading)
{
	size_t first = reading->item->first, count = reading->item->count, next = reading->done;

	if (next < count && reading->started > next)
		judge_killer(client, reading, next++);
	if (++client->losses < LOSSES_MAX) {
		if (next < count)
			client_add_item(client, first + next, count - next);
		return;
	}
	for (; next < count; next++)
		judge_killer(client, reading, next);
}

static void take_report(struct client *client, size_t index, struct judge0_answer *answer)
{
	struct item item = client->items[index];
	struct reading reading = { .answer = answer, .item = &item, .more = SIZE_MAX, .folder = "", .stable = true };

	read_report(client, &reading);
	if (!reading.hello && !reading.started) { /* it did not even begin: another way */
		client->no_runner = true;
		client_start_over(client);
		return;
	}
	if (reading.whole && reading.done == item.count) {
		if (reading.stable)
			kept_put_result(client, &item, answer);
	} else if (reading.more == reading.done && reading.done < item.count && reading.done) {
		client_add_item(client, item.first + reading.done, item.count - reading.done);
	} else {
		take_loss(client, &reading);
	}
}

/* --- one submission a test ---------------------------------------------------------------------------------------- */

/* Function tests: "what was printed", our line, "the result". */
static void split_result(struct kl_box_result *result, struct judge0_answer *answer, const char *nonce)
{
	char *line = kl_format("\n%s\n", nonce), *found;
	size_t len = strlen(line);

	found = memmem(answer->out, answer->out_len, line, len);
	free(line);
	if (!found)
		return;
	result->out_len = (size_t)(found - answer->out);
	result->result = found + len;
	result->result_len = answer->out_len - result->out_len - len;
	*found = '\0';
}

static void take_one(struct client *client, size_t index, struct judge0_answer *answer)
{
	const struct item *item = &client->items[index];
	size_t test = client->order[item->first];
	const struct judge_plan *plan = &client->job->plan;
	struct kl_box_result result;

	judge0_result_of(&result, answer, &plan->runs[test], client->target.facts);
	if (is_stable(&result))
		kept_put_result(client, item, answer);
	if (plan->function && client->way == JUDGE0_PACKED)
		split_result(&result, answer, item->nonce);
	judge_test(client, test, &result);
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static bool has_line(const char *text, const char *line)
{
	size_t len = strlen(line);

	for (const char *at = text; at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
		if (!strncmp(at, line, len) && (at[len] == '\n' || !at[len]))
			return true;
	return false;
}

/* False: the tests did not run. */
static bool take_compiling(struct client *client, const struct item *item, const struct judge0_answer *answer)
{
	struct kl_box_result result;

	if (answer->status == JUDGE0_COMPILE && client->way == JUDGE0_RUNNER &&
	    has_line(answer->compile, client->marker)) {
		client->no_runner = true;
		kept_put_no_runner(client);
		client_start_over(client);
		return false;
	}
	if (client->compiled || (!client->job->plan.compile && answer->status != JUDGE0_COMPILE))
		return true;
	judge0_compile_of(&result, answer);
	client->compiled = true;
	if (judge_report_compiled(client->job->report, &client->job->plan, &result)) {
		judge_job_progress(client->job);
		return true;
	}
	kept_put_result(client, item, answer);
	kept_count(client, "compile error", 1);
	client_end(client);
	return false;
}

/* The instance's own fault: never the student's. */
static void take_internal(struct client *client, const struct judge0_answer *answer)
{
	struct judge0_outcome outcome = { .next = JUDGE0_ELSEWHERE, .pause_ms = -1, .sent = true };

	if (judge0_lacks_groups(answer->message) && !client->target.no_groups && client->target.facts->process_memory &&
	    client->target.facts->process_time) {
		client->target.no_groups = true;
		client_start_over(client);
		return;
	}
	snprintf(outcome.words, sizeof(outcome.words), "judge '%s': %s", kl_instance_spec(client->instance)->name,
		 judge0_words_internal(answer->message));
	client_move_on(client, &outcome, KL_FATE_SANDBOX);
}

void take_answer(struct client *client, size_t index, struct judge0_answer *answer)
{
	struct item *item = &client->items[index];

	if (item->state == ITEM_QUEUED) {
		kept_remove_ticket(client, item);
		if (!item->resumed) {
			int64_t took_ms = kl_clock_mono_ms() - item->sent_ms;

			/* there at the first look: perhaps it was there long before */
			judge0_pace_learn(&client->pace, client->polls > 1 ? took_ms : took_ms * 7 / 8);
			kept_put_pace(client);
		}
	}
	item->state = ITEM_DONE;
	erase_submission(client, item->token);
	item->token[0] = '\0';
	if (answer->status == JUDGE0_INTERNAL || answer->status == JUDGE0_EXEC) {
		item->state = ITEM_WAITING;
		take_internal(client, answer);
		return;
	}
	if (!take_compiling(client, item, answer))
		return;
	if (client->way == JUDGE0_RUNNER)
		take_report(client, index, answer);
	else
		take_one(client, index, answer);
}
