#ifndef KODELAB_INSTANCE_H
#define KODELAB_INSTANCE_H

/*
 * Judge instances: the Judge0 servers that may run programs. The registry knows where they are, what each of them can do
 * (asked over HTTP, kept in the store, asked again when old), how each fares, and chooses one for a run.
 *
 * Words: the kind of an instance is how one gets in (headers, quota); its facts are what it says of itself; a probe asks
 * for them; its breaker is closed while it works, open when it has failed (nothing is sent), half-open when one request
 * may try whether it works again.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kodelab/error.h>
#include <kodelab/http.h>
#include <kodelab/keypool.h>

struct kl_clock;
struct kl_instance;
struct kl_instances; /* the registry */
struct kl_language;
struct kl_loop;
struct kl_store;

/* ---- kinds ---- */

/* What is asked of a server; some front ends want to be told. */
enum kl_instance_route {
	KL_ROUTE_ABOUT,
	KL_ROUTE_CONFIG,
	KL_ROUTE_LANGUAGES,
	KL_ROUTE_LANGUAGE, /* one, with its commands */
	KL_ROUTE_WORKERS,
	KL_ROUTE_SYSTEM,
	KL_ROUTE_CREATE, /* POST /submissions */
	KL_ROUTE_GET, /* GET /submissions/:token */
	KL_ROUTE_CREATE_BATCH,
	KL_ROUTE_GET_BATCH,
	KL_ROUTE_DELETE,
	KL_ROUTE_AUTHORIZE, /* POST /authorize: does it take both secrets? */
	KL_ROUTE_COUNT,
};

struct kl_instance_kind { /* a row of the table */
	const char *word; /* "self-hosted", "rapidapi", "allthingsdev": in the store and on the command line */
	const char *title; /* for people */
	const char *url; /* where it is unless said otherwise; NULL: must be said */
	const char *key_header, *user_header, *host_header; /* NULL: has none */
	const char *host; /* value of the host header unless said otherwise */
	const char *route_header, *const *routes; /* by enum kl_instance_route; NULL: is not told, or not offered */
	bool needs_key;
	bool metered; /* requests are counted against a daily quota */
	int weight; /* unless said otherwise */
};

size_t kl_instance_kind_count(void);
const struct kl_instance_kind *kl_instance_kind_at(size_t index);
const struct kl_instance_kind *kl_instance_kind_find(const char *word); /* NULL: unknown */

/* ---- the registry ---- */

struct kl_instance_spec { /* strings: borrowed when given, the instance's when got; NULL: the kind's own */
	const char *name; /* a-z, 0-9 and -, 1 to 32 */
	const char *kind; /* its word */
	const char *url; /* without a slash at its end */
	const char *key_header, *user_header, *host;
	const char *ca_file, *proxy; /* as in struct kl_http_spec; NULL: the system's, the environment's */
	int weight; /* 1 to 100: how gladly it is chosen among equals; 0: the kind's own */
};

/* loop, store, clock and pool are borrowed and must outlive it; pool NULL: no keys. Reads the store, asks nobody. */
enum kl_status kl_instances_open(struct kl_instances **out, struct kl_loop *loop, struct kl_store *store,
				 const struct kl_clock *clock, struct kl_keypool *pool,
				 struct kl_error *err) KL_MUST_CHECK;
void kl_instances_close(struct kl_instances *instances); /* pending callbacks fire first */

/* KL_EEXIST: the name is taken · KL_EINVAL: what the sentence says. *warning (may be NULL) gets a sentence or "". */
enum kl_status kl_instances_add(struct kl_instances *instances, const struct kl_instance_spec *spec,
				const char **warning, struct kl_error *err) KL_MUST_CHECK;
/* Its facts and figures go too; its keys are the pool's. KL_ENOENT. Not while it is probed or prepared: KL_EBUSY. */
enum kl_status kl_instances_remove(struct kl_instances *instances, const char *name,
				   struct kl_error *err) KL_MUST_CHECK;

/*
 * Takes up what another process has added, removed or changed since; what is in use here stays until the next call.
 * *more (may be NULL): is one there that was not?
 */
enum kl_status kl_instances_refresh(bool *more, struct kl_instances *instances, struct kl_error *err) KL_MUST_CHECK;
/* Keys that could not be opened before: what is asked from now on takes them. */
void kl_instances_use_keys(struct kl_instances *instances, struct kl_keypool *pool);

/* Is something under way whose end nobody waits for (deletions)? */
bool kl_instances_busy(const struct kl_instances *instances);

size_t kl_instances_count(const struct kl_instances *instances);
struct kl_instance *kl_instances_at(const struct kl_instances *instances, size_t index); /* by name */
struct kl_instance *kl_instances_find(const struct kl_instances *instances, const char *name); /* NULL: none */

const struct kl_instance_spec *kl_instance_spec(const struct kl_instance *instance);
const struct kl_instance_kind *kl_instance_kind(const struct kl_instance *instance);
/* A sentence about its address (http in the clear to another machine), or "". */
const char *kl_instance_warning(const struct kl_instance *instance);

/* The client that requests go through: opened by the first call (KL_ENOTOOL: no libcurl); the registry's. */
enum kl_status kl_instances_http(struct kl_http **out, struct kl_instances *instances,
				 struct kl_error *err) KL_MUST_CHECK;

/* ---- asking it ---- */

#define KL_INSTANCE_HEADERS 6

struct kl_instance_door { /* url, and what goes into struct kl_http_spec */
	char *url; /* owned */
	struct kl_http_header headers[KL_INSTANCE_HEADERS]; /* strings borrowed from the instance and key */
	size_t header_count;
};

/*
 * path: "/submissions/batch?base64_encoded=true&…". key: from a lease, borrowed as long as the door is used; NULL: none.
 * Sets Accept; Content-Type is the caller's. KL_ENOENT: its kind does not offer the route.
 */
enum kl_status kl_instance_open_door(struct kl_instance_door *out, const struct kl_instance *instance,
				     enum kl_instance_route route, const char *path, const char *key,
				     struct kl_error *err) KL_MUST_CHECK;
/*
 * For what wants authorization, too (deleting): the second secret, in the user header. Such secrets are keys of the pool under the
 * instance's name and this suffix.
 */
#define KL_INSTANCE_USER "/user"
void kl_instance_door_user(struct kl_instance_door *door, const struct kl_instance *instance, const char *secret);
void kl_instance_close_door(struct kl_instance_door *door);
/* What an answer says of the key and its quota: for kl_lease_settle. requests: as how many each sending counts. */
void kl_instance_quota(struct kl_key_outcome *out, const struct kl_instance *instance,
		       const struct kl_http_result *result, int64_t requests, int64_t wall_ms);

/* ---- what it can do ---- */

struct kl_instance_facts { /* limits as its /config_info has them; what it left out is as in 1.13 */
	bool wait, batches, additional_files, arguments, process_memory, process_time, maintenance, deletes;
	int batch_max, queue_max;
	int64_t cpu_max_ms, cpu_extra_max_ms, wall_max_ms;
	int64_t memory_max_kib, stack_max_kib, file_max_kib;
	int processes_max;
};

struct kl_instance_language {
	int id;
	char *name; /* "C (GCC 9.2.0)" */
	char *source_file, *compile_cmd, *run_cmd; /* NULL: none, or (detailed false) not yet asked for */
	bool detailed;
};

struct kl_instance_health { /* how it fares now */
	const char *version; /* "1.13.1"; "" unknown */
	const char *warning; /* about the version; "" none */
	int64_t probed_ms; /* wall; 0: never */
	int64_t skew_ms; /* its clock is so far ahead of ours; INT64_MIN: not known */
	int workers, idle, queued; /* -1: not told */
	const char *machine; /* "4 × Intel …, 15 GiB"; "" unknown */
	int64_t latency_us; /* of a small request, smoothed; 0: not measured */
	int in_flight;
	enum kl_breaker_state { KL_BREAKER_CLOSED, KL_BREAKER_OPEN, KL_BREAKER_HALF_OPEN } breaker;
	int64_t open_until_ms; /* OPEN: wall */
	const char *last_failure; /* a sentence; "" none since the last success */
};

/* NULL: never probed. What is pointed to lives until the registry is closed; after a probe there may be a newer one. */
const struct kl_instance_facts *kl_instance_facts(const struct kl_instance *instance);
const struct kl_instance_language *kl_instance_languages(const struct kl_instance *instance, size_t *count);
void kl_instance_health(struct kl_instance_health *out, const struct kl_instance *instance);

/*
 * The instance's own language for one of ours: by the pattern of the language table, the highest version; NULL: it has
 * none. By id is for those without a program of their own (89: multi-file).
 */
const struct kl_instance_language *kl_instance_language(const struct kl_instance *instance,
							const struct kl_language *language);
const struct kl_instance_language *kl_instance_language_by_id(const struct kl_instance *instance, int id);

/* Languages that instances list and our table does not know: for program tests and the playground. Rows live as long as
 * the registry. */
size_t kl_instances_language_count(const struct kl_instances *instances);
const struct kl_language *kl_instances_language_at(const struct kl_instances *instances, size_t index);
/* By name, our table first; NULL: nobody knows it. */
const struct kl_language *kl_instances_language(const struct kl_instances *instances, const char *name);

/* Of a language that only judges know, by its id, also while none is known to have it: "kt"; "txt": not known. */
const char *kl_instances_suffix(const char *id);

struct kl_instance_ask; /* a probe or a preparation being made */
typedef void kl_instance_asked_fn(void *ctx, struct kl_instance *instance, const struct kl_error *error);

/*
 * Asks for everything again. done fires exactly once, from the loop, also after kl_instance_cancel; on success *out
 * lives until done returns. error->status KL_OK: all went well · KL_EDENIED: the key · KL_ENET · KL_EINVAL: no Judge0.
 */
enum kl_status kl_instance_probe(struct kl_instance_ask **out, struct kl_instance *instance, kl_instance_asked_fn *done,
				 void *ctx, struct kl_error *err) KL_MUST_CHECK;
/*
 * Before a run: probes when the facts are older than a day (or absent), and asks for the commands of language, of C and of
 * multi-file programs where they are not known. With everything at hand no request is made and done fires in the next
 * turn. Then kl_instance_facts is there, and kl_instance_language(…)->detailed.
 */
enum kl_status kl_instance_prepare(struct kl_instance_ask **out, struct kl_instance *instance,
				   const struct kl_language *language, kl_instance_asked_fn *done, void *ctx,
				   struct kl_error *err) KL_MUST_CHECK;
/* Would that make no request? */
bool kl_instance_is_prepared(struct kl_instance *instance, const struct kl_language *language);
void kl_instance_cancel(struct kl_instance_ask *ask);

/* ---- choosing ---- */

struct kl_instance_want {
	const struct kl_language *language;
	enum kl_key_purpose purpose;
	const char *only; /* name of the one that is to be used; NULL: any */
	const char *const * not ; /* names that this run has already failed on */
	size_t not_count;
};

struct kl_instance_choice {
	struct kl_instance *instance;
	struct kl_instance_passed {
		const char *name; /* the instance's */
		char why[128]; /* "does not have Rust", "has failed; next try in 20 s" */
	} * passed; /* the others, owned */
	size_t passed_count;
	int64_t retry_ms; /* nobody was chosen: when one of them may be tried again (wall); 0: waiting does not help */
	bool busy; /* one of them works, and only asked to be left alone until then */
};

/*
 * The healthiest that has the language: by measured latency, queue, what is in flight, and weight. What was never probed is
 * taken to have it. A choice counts as in flight until it is reported, exactly once, with kl_instance_report.
 * KL_ENOENT: there is no instance at all · KL_ENOTOOL: none has the language · KL_EBUSY: all that have it are out of order
 * or maintained (out->retry_ms). out is filled in every case; kl_instance_choice_release.
 */
enum kl_status kl_instances_choose(struct kl_instance_choice *out, struct kl_instances *instances,
				   const struct kl_instance_want *want, struct kl_error *err) KL_MUST_CHECK;
void kl_instance_choice_release(struct kl_instance_choice *choice);
/* When one may be chosen, without choosing it: 0 now, else wall time; -1: waiting does not help. */
int64_t kl_instances_ready_ms(const struct kl_instances *instances, const struct kl_instance_want *want);

enum kl_instance_fate {
	KL_FATE_GOOD, /* it did what it should; the student's errors are good, too */
	KL_FATE_DOWN, /* not reached, cut off, late, or 5xx: counts against it */
	KL_FATE_UNTRUSTED, /* its certificate: opens the breaker at once */
	KL_FATE_NONSENSE, /* no JSON, a login page: counts against it */
	KL_FATE_SANDBOX, /* Internal Error of its sandbox: counts against it */
	KL_FATE_BUSY, /* queue full or 429: not a failure; it is left alone for retry_after_ms (-1: 5 s) */
	KL_FATE_DENIED, /* the key: not a failure of the instance */
	KL_FATE_UNUSED, /* cancelled: nothing was learned */
};

struct kl_instance_outcome {
	enum kl_instance_fate fate;
	int64_t latency_us; /* of one small exchange, connecting left out; 0: not measured */
	int64_t retry_after_ms; /* -1: not said */
	int queued; /* before us; -1: not known */
	const char *why; /* a sentence, no secret in it; NULL for GOOD */
};

void kl_instance_report(struct kl_instance *instance, const struct kl_instance_outcome *outcome);

#endif
