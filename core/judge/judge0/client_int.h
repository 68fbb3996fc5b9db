#ifndef CORE_JUDGE_JUDGE0_CLIENT_INT_H
#define CORE_JUDGE_JUDGE0_CLIENT_INT_H

/*
 * One job on instances: client.c decides what happens next, call.c makes the requests, take.c takes the answers, kept.c knows what is
 * under way and what was done before.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include <kodelab/crypto.h>
#include <kodelab/http.h>
#include <kodelab/instance.h>
#include <kodelab/keypool.h>

#include "core/judge/judge0/judge0_int.h"

#define ITEM_TOKEN_SIZE 64
#define FAILED_MAX      8 /* instances that one job remembers as failed */

enum item_state {
	ITEM_WAITING, /* to be sent */
	ITEM_POSTING,
	ITEM_QUEUED, /* has a token */
	ITEM_DONE,
};

struct item { /* one submission: tests [first, first + count) of the order */
	size_t first, count;
	enum item_state state;
	char token[ITEM_TOKEN_SIZE];
	char nonce[JUDGE0_NONCE_SIZE];
	char work[KL_SHA256_SIZE]; /* by content */
	int64_t sent_ms; /* monotonic */
	bool resumed; /* the token is of an earlier process */
	int forgotten; /* how often the instance did not know its token */
};

struct client;

struct call { /* one request; outlives its client until its end has come */
	struct client *client; /* NULL: gone */
	struct kl_http_request *request;
	struct kl_keypool *pool;
	struct kl_lease *lease; /* NULL: no key */
	struct kl_instance *instance;
	bool post, batch, wait;
	bool workers; /* asks how long the queue is */
	size_t *items; /* of the client, by index; owned */
	size_t count;
	LIST_ENTRY(call) link; /* until it is abandoned, or its answer was read */
};

struct client {
	struct kl_job *job;
	const struct kl_judge_elsewhere *means;
	struct kl_instance *instance; /* chosen and not yet reported; NULL: none */
	struct kl_instance_ask *ask; /* prepares it */
	char *failed[FAILED_MAX]; /* names; owned: an instance may be removed meanwhile */
	size_t failed_count;
	struct judge0_target target;
	enum judge0_way way;
	struct judge0_program program;
	char marker[40];
	bool no_wait, no_batch, no_runner, no_files; /* learned in this job */
	size_t *order; /* tests by what they show: what one test leaves behind must not be shown by a later one */
	struct item *items;
	size_t item_count, item_capacity;
	LIST_HEAD(calls, call) calls;
	struct kl_timer *timer; /* of the next step */
	int polls, tries, losses;
	int64_t queue_since_ms; /* monotonic; when the oldest waiting began */
	int64_t patience_ms;
	int64_t give_up_ms, deadline_ms, poll_at_ms; /* monotonic; deadline: also when they are only busy */
	struct judge0_pace pace;
	int requests;
	struct judge_checks *checks; /* NULL: there is no checker program, or nothing for it yet */
	bool *checking; /* by index: the answer waits for the checker program */
	int ahead, waiting; /* of us in the queue there; how many are in it: -1: not known */
	int64_t workers_ms; /* monotonic; when it was asked how long its queue is */
	bool told_running;
	bool told_state; /* the note says where it stands just now */
	bool compiled, ended;
};

/* --- client.c ----------------------------------------------------------------------------------------------------- */

/* Gives the next thing to do its turn, pause_ms from now. */
void client_later(struct client *client, int64_t pause_ms);
/* The job is done, by what the report says. */
void client_end(struct client *client);
/* The checker program has the last word on the test at index. */
void client_check(struct client *client, size_t index, const struct kl_box_result *result);
/* The job cannot go on: one sentence for the student. */
void client_give_up(struct client *client, enum kl_status status, const char *words);
struct item *client_add_item(struct client *client, size_t first, size_t count);
size_t client_queued(const struct client *client); /* items that have a token and no result */
/* After an answer: when to ask for the results. */
void client_plan_poll(struct client *client);
/* Everything that is not yet judged is sent anew, in the best way that is left. */
void client_start_over(struct client *client);
/* This instance will not do: another one, or this one again after a pause. */
void client_move_on(struct client *client, const struct judge0_outcome *outcome, enum kl_instance_fate fate);
void client_report(struct client *client, enum kl_instance_fate fate, const char *why, int64_t retry_after_ms);

/* --- call.c ------------------------------------------------------------------------------------------------------- */

/* Sends items (all WAITING) as one request; they become POSTING. */
enum kl_status call_post(struct client *client, const size_t *items, size_t count, struct kl_error *err) KL_MUST_CHECK;
/* Asks for items (all QUEUED). */
enum kl_status call_poll(struct client *client, const size_t *items, size_t count, struct kl_error *err) KL_MUST_CHECK;
/* Asks how long the queue there is, when that may be asked and was not just now. */
void call_workers(struct client *client);
void call_abandon_all(struct client *client);

/* --- take.c ------------------------------------------------------------------------------------------------------- */

/* Takes the answer for item. */
void take_answer(struct client *client, size_t item, struct judge0_answer *answer);

/* --- erase.c ------------------------------------------------------------------------------------------------------ */

/* Deletes it there, when that is wanted and allowed. token: "" of what was not sent. */
void erase_submission(struct client *client, const char *token);

/* --- kept.c ------------------------------------------------------------------------------------------------------- */

void kept_name(struct client *client, struct item *item);
/* A result of the same content: taken as if it had just come. */
bool kept_result(struct client *client, size_t item);
void kept_put_result(struct client *client, const struct item *item, const struct judge0_answer *answer);
/* A token of the same content, of a process that did not see the end of it. */
bool kept_ticket(struct client *client, struct item *item);
void kept_put_ticket(struct client *client, const struct item *item);
void kept_remove_ticket(struct client *client, const struct item *item);
/* What earlier jobs learned of the instance: how long the language takes, whether the runner can be compiled. */
void kept_read_learned(struct client *client);
void kept_put_pace(struct client *client);
void kept_put_no_runner(struct client *client);
void kept_count(struct client *client, const char *what, int64_t by);

#endif
