#ifndef CORE_JUDGE_JUDGE0_INSTANCE_INT_H
#define CORE_JUDGE_JUDGE0_INSTANCE_INT_H

/* What the files of the registry share. kodelab/instance.h has the words. */

#include <sys/queue.h>

#include <kodelab/instance.h>
#include <kodelab/language.h>
#include <kodelab/store_instances.h>

#define INSTANCE_MAINTAINED_MS INT64_C(300000) /* that it is maintained is believed for so long */

/* --- breaker.c: is it worth asking? Pure: the time comes in. -------------------------------------------------------- */

struct breaker {
	enum kl_breaker_state state;
	int failures; /* in a row */
	int openings; /* in a row: each pause is twice the last one */
	int64_t open_until_ms; /* wall */
	int64_t busy_until_ms; /* wall: it works, and asked to be left alone */
	bool trying; /* HALF_OPEN, and the one request that may is out */
};

/* May a request go out now? *retry_ms: else when (wall). */
bool breaker_allows(const struct breaker *breaker, int64_t now_ms, int64_t *retry_ms);
/* One goes out: past its pause an open one becomes half-open. */
void breaker_begin(struct breaker *breaker, int64_t now_ms);
/* chance: 0 to 1, so that a class does not come back in the same moment. */
void breaker_end(struct breaker *breaker, enum kl_instance_fate fate, int64_t retry_after_ms, int64_t now_ms,
		 double chance);

/* --- balance.c: which of several? Pure. ----------------------------------------------------------------------------- */

struct balance_candidate {
	int64_t latency_us; /* 0: not measured */
	int queued, workers; /* -1: not told */
	int in_flight; /* of ours */
	int weight;
};

/* What a run costs there, in ms over the weight: the smallest is chosen, the first of equals. */
double balance_cost(const struct balance_candidate *candidate);
size_t balance_choose(const struct balance_candidate *candidates, size_t count); /* count is at least 1 */
/* A measurement more: new ones count for a fifth. */
int64_t balance_smooth(int64_t latency_us, int64_t measured_us);

/* --- language.c: its list, and ours --------------------------------------------------------------------------------- */

/* Reads /languages, or what languages_print wrote: an array of {"id","name",…}. KL_EINVAL: it is none. */
enum kl_status languages_read(struct kl_instance_language **out, size_t *count, const char *text, size_t len,
			      struct kl_error *err) KL_MUST_CHECK;
/* One of /languages/:id. */
enum kl_status language_read(struct kl_instance_language *out, const char *text, size_t len,
			     struct kl_error *err) KL_MUST_CHECK;
char *languages_print(const struct kl_instance_language *languages, size_t count);
void languages_free(struct kl_instance_language *languages, size_t count);
/* Takes the commands over for what is still the same language. */
void languages_keep_details(struct kl_instance_language *languages, size_t count,
			    const struct kl_instance_language *old, size_t old_count);
/* The best match for a pattern of the language table; NULL: none. */
struct kl_instance_language *languages_match(struct kl_instance_language *languages, size_t count, const char *pattern);

/* Languages that only instances know: rows as the language table has them. */
struct extra_languages {
	struct extra_language **items; /* they do not move: others keep pointers to the rows */
	size_t count, capacity;
};

void extra_languages_add(struct extra_languages *extra, const struct kl_instance_language *languages, size_t count);
void extra_languages_free(struct extra_languages *extra);
const struct kl_language *extra_language_at(const struct extra_languages *extra, size_t index);

/* --- facts.c: what it said, read ------------------------------------------------------------------------------------ */

/* "1.13.1" of /about; "" when it does not say. Owned. */
char *facts_version(const char *about);
/* "" or a sentence: up to 1.13.0 a program can leave the sandbox. */
const char *facts_version_warning(const char *version);
/* Sums over the queues of /workers; -1 when it does not say. */
void facts_workers(int *workers, int *idle, int *queued, const char *text);
/* "4 × Intel …, 15Gi memory" of /system_info; "". Owned. */
char *facts_machine(const char *text);

/* --- instance.c, probe.c -------------------------------------------------------------------------------------------- */

struct kl_instance_ask {
	TAILQ_ENTRY(kl_instance_ask) link; /* in the instance's list until it is over */
	struct kl_instance *instance;
	const struct kl_language *language; /* PREPARE */
	bool fresh; /* PROBE: whatever is there */
	bool probed; /* it has waited for a probe */
	struct kl_timer *timer; /* it begins, or done is about to be called */
	bool ended;
	struct kl_error error;
	kl_instance_asked_fn *done;
	void *ctx;
};

struct old_languages { /* lists that somebody may still point into */
	struct kl_instance_language *items;
	size_t count;
};

struct kl_instance {
	struct kl_instances *registry;
	const struct kl_instance_kind *kind;
	struct kl_instance_row row; /* as in the store */
	struct kl_instance_spec spec; /* views of the row, the kind's own filled in */
	bool known; /* facts and languages are there */
	struct kl_instance_facts facts;
	struct kl_instance_language *languages;
	size_t language_count;
	struct old_languages *old;
	size_t old_count, old_capacity;
	char *version;
	char *machine;
	int workers, idle, queued;
	struct breaker breaker;
	int in_flight;
	int holds; /* requests whose end will look at it */
	bool removed; /* from the registry: the last hold frees it */
	int64_t saved_ms; /* how it fared was stored then (monotonic) */
	bool unsaved;
	struct probe *probe; /* being made */
	TAILQ_HEAD(ask_list, kl_instance_ask) asks;
};

struct kl_instances {
	struct kl_loop *loop;
	struct kl_store *store;
	const struct kl_clock *clock;
	struct kl_keypool *pool;
	struct kl_http *http; /* NULL: not yet needed */
	struct kl_instance **items; /* by name */
	size_t count, capacity;
	struct extra_languages extra;
};

int64_t instances_now_ms(const struct kl_instances *registry);
/* Takes facts and languages from what it said. KL_EINVAL: it is no Judge0, and nothing is changed. */
enum kl_status instance_read_said(struct kl_instance *instance, const char *config, const char *languages,
				  struct kl_error *err) KL_MUST_CHECK;
/* Version, machine and workers, from the row. */
void instance_read_rest(struct kl_instance *instance);
/* Stores how it fared, at once or when it was long ago. */
void instance_save_fared(struct kl_instance *instance, bool at_once);
/* An abandoned request ends after its run: until it lets go, its instance is there, also when it was removed meanwhile. */
void instance_hold(struct kl_instance *instance);
void instance_let_go(struct kl_instance *instance);
/* Ends its asks as cancelled, and what is under way. */
void instance_stop_asking(struct kl_instance *instance);

#endif
