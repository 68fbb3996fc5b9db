/* Requests of a job: a key for each, a deadline, and what the end of one means. */

#include "core/judge/judge0/client_int.h"
#include "core/judge/judge0/instance_int.h"

#include <cjson/cJSON.h>
#include <string.h>

#include <kodelab/alloc.h>

#define ANSWER_MAX   ((size_t)48 << 20)
#define DEADLINE_MS  30000
#define STALL_MS     20000
#define WORKERS_MS   5000 /* between two questions how long the queue is */
#define COMPILE_MS   20000 /* what an instance allows at most */
#define WAIT_MAX_MS  120000
#define FORGETS_MAX  3 /* how often one submission may be lost there */
#define PATH_MAX_LEN ((size_t)8 << 10)

/* --- sending ------------------------------------------------------------------------------------------------------ */

static enum kl_status take_key(struct call *call, struct kl_error *err)
{
	const struct client *client = call->client;
	struct kl_key_want want = { .instance = kl_instance_spec(call->instance)->name,
				    .user = client->job->user,
				    .purpose = client->job->samples ? KL_PURPOSE_RUN : KL_PURPOSE_SUBMIT,
				    .requests = 1 };
	enum kl_status status;

	if (!call->pool)
		return KL_OK;
	status = kl_keypool_lease(&call->lease, call->pool, &want, err);
	return status == KL_ENOENT && !kl_instance_kind(call->instance)->needs_key ? KL_OK : status;
}

static void give_key_back(struct call *call)
{
	static const struct kl_key_outcome unused = { 0, 0, -1, -1, -1 };

	if (call->lease)
		kl_lease_settle(call->lease, call->pool, &unused);
	call->lease = NULL;
}

static void free_call(struct call *call)
{
	give_key_back(call);
	instance_let_go(call->instance);
	free(call->items);
	free(call);
}

static void on_answer(void *ctx, const struct kl_http_result *result);

/* The longest run there may be, by what the instance says: it must not say for ever. */
static int64_t wait_ms(const struct kl_instance_facts *facts)
{
	return facts->wall_max_ms < WAIT_MAX_MS ? facts->wall_max_ms : WAIT_MAX_MS;
}

static enum kl_status send(struct call *call, enum kl_instance_route route, const char *path, const char *body,
			   struct kl_error *err)
{
	struct client *client = call->client;
	const struct kl_instance_spec *spec = kl_instance_spec(call->instance);
	struct kl_http_header headers[KL_INSTANCE_HEADERS + 2];
	struct kl_http_spec http = { .method = body ? "POST" : "GET",
				     .headers = headers,
				     .body = body,
				     .body_len = body ? strlen(body) : 0,
				     .deadline_ms = DEADLINE_MS,
				     .stall_ms = STALL_MS,
				     .response_max = ANSWER_MAX,
				     .ca_file = spec->ca_file,
				     .proxy = spec->proxy };
	struct kl_instance_door door;
	struct kl_http *library;
	enum kl_status status;

	if ((status = kl_instances_http(&library, client->means->instances, err)) || (status = take_key(call, err)) ||
	    (status = kl_instance_open_door(&door, call->instance, route, path,
					    call->lease ? kl_lease_key(call->lease) : NULL, err)))
		return status;
	memcpy(headers, door.headers, door.header_count * sizeof(*headers));
	http.header_count = door.header_count;
	if (body)
		headers[http.header_count++] = (struct kl_http_header){ "Content-Type", "application/json", false };
	if (!kl_instance_kind(call->instance)->metered) /* a server of our own may know it */
		headers[http.header_count++] = (struct kl_http_header){ "X-Queue-Position", "wanted", false };
	http.url = door.url;
	if (call->wait) {
		http.deadline_ms += COMPILE_MS + wait_ms(client->target.facts);
		http.stall_ms = 0;
	}
	status = kl_http_start(&call->request, library, &http, on_answer, call, err);
	kl_instance_close_door(&door);
	client->requests += !status;
	return status;
}

static struct call *new_call(struct client *client, const size_t *items, size_t count, bool post)
{
	struct call *call = kl_calloc(1, sizeof(*call));

	*call = (struct call){ .client = client,
			       .pool = client->means->keys,
			       .instance = client->instance,
			       .post = post,
			       .items = kl_calloc(count + 1, sizeof(*items)),
			       .count = count };
	if (count)
		memcpy(call->items, items, count * sizeof(*items));
	instance_hold(call->instance);
	LIST_INSERT_HEAD(&client->calls, call, link);
	return call;
}

static enum kl_status give_up_call(struct call *call, enum kl_status status)
{
	LIST_REMOVE(call, link);
	free_call(call);
	return status;
}

/* One submission alone on an idle server of our own: its answer is the result, and one request is all. */
static bool waiting_pays(const struct client *client, size_t count)
{
	struct kl_instance_health health;

	kl_instance_health(&health, client->instance);
	return count == 1 && client->item_count == 1 && client->job->samples && client->target.facts->wait &&
	       !client->no_wait && !kl_instance_kind(client->instance)->metered &&
	       !strncmp(health.version, "1.13", 4) && health.queued <= 0;
}

static char *body_of(struct client *client, const struct call *call)
{
	cJSON *root = call->batch ? cJSON_CreateObject() : NULL, *list = NULL;
	char *body;

	if (call->batch)
		list = cJSON_AddArrayToObject(root, "submissions");
	for (size_t i = 0; i < call->count; i++) {
		const struct item *item = &client->items[call->items[i]];
		struct judge0_parcel parcel = { .plan = &client->job->plan,
						.target = &client->target,
						.program = &client->program,
						.order = client->order + item->first,
						.count = item->count,
						.way = client->way,
						.nonce = item->nonce };
		cJSON *submission = judge0_submission(&parcel);

		if (list)
			cJSON_AddItemToArray(list, submission);
		else
			root = submission;
	}
	body = cJSON_PrintUnformatted(root);
	cJSON_Delete(root);
	return body;
}

enum kl_status call_post(struct client *client, const size_t *items, size_t count, struct kl_error *err)
{
	struct call *call = new_call(client, items, count, true);
	enum kl_status status;
	char *body, *path;

	call->batch = count > 1;
	call->wait = waiting_pays(client, count);
	body = body_of(client, call);
	path = call->batch ? kl_strdup("/submissions/batch?base64_encoded=true")
			   : kl_format("/submissions?base64_encoded=true&wait=%s&fields=%s",
				       call->wait ? "true" : "false", judge0_fields);
	for (size_t i = 0; i < count; i++) {
		struct item *item = &client->items[items[i]];

		item->state = ITEM_POSTING;
		item->sent_ms = kl_clock_mono_ms();
		kept_put_ticket(client, item); /* noted as unknown before anything leaves */
	}
	status = send(call, call->batch ? KL_ROUTE_CREATE_BATCH : KL_ROUTE_CREATE, path, body, err);
	free(body);
	free(path);
	return status ? give_up_call(call, status) : KL_OK;
}

enum kl_status call_poll(struct client *client, const size_t *items, size_t count, struct kl_error *err)
{
	struct call *call = new_call(client, items, count, false);
	struct kl_buf path;
	enum kl_status status;

	call->batch = client->target.facts->batches && !client->no_batch;
	kl_buf_init(&path, PATH_MAX_LEN);
	if (!call->batch) {
		kl_buf_addf(&path, "/submissions/%s?", client->items[items[0]].token);
		call->count = 1;
	} else {
		kl_buf_add_str(&path, "/submissions/batch?tokens=");
		for (size_t i = 0; i < count; i++)
			kl_buf_addf(&path, "%s%s", i ? "," : "", client->items[items[i]].token);
		kl_buf_add_char(&path, '&');
	}
	kl_buf_addf(&path, "base64_encoded=true&fields=%s", judge0_fields);
	status = send(call, call->batch ? KL_ROUTE_GET_BATCH : KL_ROUTE_GET, path.data, NULL, err);
	kl_buf_release(&path);
	return status ? give_up_call(call, status) : KL_OK;
}

void call_workers(struct client *client)
{
	int64_t now_ms = kl_clock_mono_ms();
	struct call *call;

	if (kl_instance_kind(client->instance)->metered || now_ms - client->workers_ms < WORKERS_MS)
		return;
	client->workers_ms = now_ms;
	call = new_call(client, NULL, 0, false);
	call->workers = true;
	if (send(call, KL_ROUTE_WORKERS, "/workers", NULL, NULL))
		give_up_call(call, KL_OK);
}

/* --- answers ------------------------------------------------------------------------------------------------------ */

static void settle(struct call *call, const struct kl_http_result *result, int64_t wall_ms)
{
	struct kl_key_outcome outcome;

	if (!call->lease)
		return;
	kl_instance_quota(&outcome, call->instance, result, 1, wall_ms);
	kl_lease_settle(call->lease, call->pool, &outcome);
	call->lease = NULL;
}

/* What was sent is to be sent again. */
static void take_back(struct client *client, const struct call *call)
{
	for (size_t i = 0; i < call->count; i++)
		if (client->items[call->items[i]].state == ITEM_POSTING)
			client->items[call->items[i]].state = ITEM_WAITING;
}

static void queued(struct client *client, size_t index, const struct judge0_answer *answer)
{
	struct item *item = &client->items[index];

	snprintf(item->token, sizeof(item->token), "%s", answer->token);
	item->state = ITEM_QUEUED;
	kept_put_ticket(client, item);
	kept_count(client, "submission", 1);
}

/* Tokens go into a path: what is none must not get there. */
static bool is_token(const char *token)
{
	size_t len = token ? strlen(token) : 0;

	return len && len < ITEM_TOKEN_SIZE &&
	       strspn(token, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_") == len;
}

static void created(struct client *client, const struct call *call, struct judge0_answer *answers, size_t count)
{
	for (size_t i = 0; i < call->count && !client->ended && call->client; i++) {
		struct judge0_answer *answer = i < count ? &answers[i] : NULL;

		if (!answer || !is_token(answer->token)) {
			bool refused = answer && answer->error && *answer->error;

			client_give_up(client, refused ? KL_EINVAL : KL_ENET,
				       refused ? answer->error
					       : "the judge took the submission, but gave no token: try again");
			return;
		}
		queued(client, call->items[i], answer);
		if (call->wait && judge0_is_final(answer))
			take_answer(client, call->items[i], answer);
	}
}

/* "queued behind 12", when that is known. */
static void queue_words(const struct client *client, char *note, size_t size)
{
	const char *name = kl_instance_spec(client->instance)->name;
	int others = client->waiting - (int)client_queued(client);

	if (client->ahead > 0)
		snprintf(note, size, "queued behind %d at judge '%s'", client->ahead, name);
	else if (client->ahead == 0)
		snprintf(note, size, "next in the queue of judge '%s'", name);
	else if (client->waiting >= 0 && others > 0)
		snprintf(note, size, "waiting in the queue of judge '%s' with %d others", name, others);
	else
		snprintf(note, size, "waiting in the queue of judge '%s'", name);
}

static void tell(struct client *client, const char *note)
{
	if (strcmp(note, client->job->report->note) == 0)
		return;
	client->told_state = true;
	judge_job_note(client->job, "%s", note);
}

/* Where it stands, when that is news: one who waits wants to know for what. */
static void tell_state(struct client *client, const struct judge0_answer *answers, size_t count)
{
	size_t queued = 0, running = 0;
	char note[sizeof(client->job->report->note)];

	for (size_t i = 0; i < count; i++) {
		queued += answers[i].status == JUDGE0_QUEUED;
		running += answers[i].status == JUDGE0_PROCESSING;
	}
	if (running) {
		client->told_running = true;
		snprintf(note, sizeof(note), "running on %s", client->job->report->where);
		tell(client, note);
	} else if (queued) {
		client->told_running = false;
		queue_words(client, note, sizeof(note));
		tell(client, note);
		if (client->ahead < 0)
			call_workers(client);
	}
}

/* kodelabd says it, when it is asked to. */
static void take_position(struct client *client, const struct kl_http_result *result)
{
	const char *text = kl_http_header(result, "X-Queue-Position");
	size_t len = text ? strlen(text) : 0;

	client->ahead = -1;
	if (len && len < 8 && strspn(text, "0123456789") == len)
		client->ahead = (int)strtol(text, NULL, 10);
}

static bool posts_waiting(const struct client *client)
{
	const struct call *call;

	LIST_FOREACH(call, &client->calls, link)
		if (call->wait)
			return true;
	return false;
}

/* Whatever comes: it is only said. */
static void take_workers(struct client *client, const struct kl_http_result *result)
{
	char note[sizeof(client->job->report->note)];
	int workers, idle;

	if (result->end != KL_HTTP_ANSWERED || result->status != 200)
		return;
	facts_workers(&workers, &idle, &client->waiting, result->body);
	if (client->waiting > 0 && posts_waiting(client)) {
		snprintf(note, sizeof(note), "judge '%s' is busy: %d in its queue",
			 kl_instance_spec(client->instance)->name, client->waiting);
		tell(client, note);
	} else if (client->told_state && client_queued(client) && client->ahead < 0 && !client->told_running) {
		queue_words(client, note, sizeof(note));
		tell(client, note);
	}
}

/* It does not know the token any more: sent again, unless that is all it ever does. */
static void forgotten(struct client *client, struct item *item)
{
	struct judge0_outcome outcome = { .next = JUDGE0_ELSEWHERE, .pause_ms = -1, .sent = true };

	kept_remove_ticket(client, item);
	item->state = ITEM_WAITING;
	if (++item->forgotten < FORGETS_MAX)
		return;
	snprintf(outcome.words, sizeof(outcome.words), "judge '%s' takes submissions and forgets them",
		 kl_instance_spec(client->instance)->name);
	client_move_on(client, &outcome, KL_FATE_NONSENSE);
}

static void polled(struct client *client, const struct call *call, struct judge0_answer *answers, size_t count)
{
	tell_state(client, answers, count);
	for (size_t i = 0; i < call->count && i < count && !client->ended && call->client; i++) {
		struct item *item = &client->items[call->items[i]];

		if (item->state != ITEM_QUEUED)
			continue;
		if (answers[i].error)
			forgotten(client, item);
		else if (judge0_is_final(&answers[i]))
			take_answer(client, call->items[i], &answers[i]);
	}
}

static void good(struct client *client, const struct call *call, const struct kl_http_result *result)
{
	struct judge0_outcome nonsense = { .next = JUDGE0_ELSEWHERE, .pause_ms = -1, .sent = true };
	struct judge0_answer *answers;
	size_t count;
	struct kl_error err;

	if (judge0_answers_read(&answers, &count, result->body, result->body_len, &err)) {
		snprintf(nonsense.words, sizeof(nonsense.words), "judge '%s': %.200s",
			 kl_instance_spec(call->instance)->name, err.message);
		client_move_on(client, &nonsense, KL_FATE_NONSENSE);
		return;
	}
	client->tries = 0;
	take_position(client, result);
	if (call->post)
		created(client, call, answers, count);
	else
		polled(client, call, answers, count);
	judge0_answers_free(answers, count);
	if (!call->client) /* what comes next is planned: elsewhere, or in another way */
		return;
	if (!client->ended)
		client_plan_poll(client);
	if (!client->ended)
		client_later(client, 0);
}

static enum kl_instance_fate fate_of(const struct judge0_outcome *outcome, const struct kl_http_result *result)
{
	if (result->end == KL_HTTP_UNTRUSTED)
		return KL_FATE_UNTRUSTED;
	if (result->end != KL_HTTP_ANSWERED || result->status >= 500)
		return outcome->next == JUDGE0_LATER ? KL_FATE_BUSY : KL_FATE_DOWN;
	return result->status == 401 || result->status == 403 ? KL_FATE_DENIED
	       : outcome->next == JUDGE0_LATER                ? KL_FATE_BUSY
							      : KL_FATE_NONSENSE;
}

/* Something the instance does not do: remembered, and done without. */
static void do_without(struct client *client, const struct call *call, const struct judge0_outcome *outcome,
		       const struct kl_http_result *result)
{
	if (call->wait && strstr(result->body, "wait not allowed"))
		client->no_wait = true;
	else if (call->batch)
		client->no_batch = true;
	else if (client->way != JUDGE0_PLAIN)
		client->no_files = true;
	else { /* there is nothing left to do without */
		client_move_on(client, outcome, KL_FATE_NONSENSE);
		return;
	}
	client_start_over(client);
}

static void bad(struct client *client, const struct call *call, const struct judge0_outcome *outcome,
		const struct kl_http_result *result)
{
	switch (outcome->next) {
	case JUDGE0_LESS:
		do_without(client, call, outcome, result);
		return;
	case JUDGE0_GONE:
		if (!call->post) {
			forgotten(client, &client->items[call->items[0]]);
			if (call->client)
				client_later(client, 0);
			return;
		}
		break;
	case JUDGE0_REFUSED:
		client_give_up(client, KL_EINVAL, outcome->words);
		return;
	case JUDGE0_GO_ON:
	case JUDGE0_LATER:
	case JUDGE0_ELSEWHERE:
	case JUDGE0_NO_KEY:
		break;
	}
	client_move_on(client, outcome, fate_of(outcome, result));
}

static void on_answer(void *ctx, const struct kl_http_result *result)
{
	struct call *call = ctx;
	struct client *client = call->client;
	const char *header = kl_instance_kind(call->instance)->key_header;
	struct judge0_outcome outcome;
	struct kl_clock clock;

	kl_clock_init(&clock);
	call->request = NULL;
	if (kl_instance_spec(call->instance)->key_header)
		header = kl_instance_spec(call->instance)->key_header;
	judge0_outcome_of(&outcome, result, call->post, kl_instance_spec(call->instance)->name,
			  call->lease && header ? header : "", kl_clock_wall_ms(&clock));
	settle(call, result, kl_clock_wall_ms(&clock));
	if (client && call->workers) {
		LIST_REMOVE(call, link);
		take_workers(client, result);
	} else if (client) {
		if (call->post && outcome.next != JUDGE0_GO_ON)
			take_back(client, call);
		if (outcome.next == JUDGE0_GO_ON)
			good(client, call, result);
		else
			bad(client, call, &outcome, result);
		if (call->client) /* else abandoned, with the others, by what the answer led to */
			LIST_REMOVE(call, link);
	}
	free_call(call);
}

/* Their ends still come, and find nobody. */
void call_abandon_all(struct client *client)
{
	while (!LIST_EMPTY(&client->calls)) {
		struct call *call = LIST_FIRST(&client->calls);

		LIST_REMOVE(call, link);
		take_back(client, call);
		call->client = NULL;
		if (call->request) /* else its answer is being read */
			kl_http_cancel(call->request);
	}
}
