/* The registry: instances from the store, how they fare, and which of them is chosen. */

#include "core/judge/judge0/instance_int.h"

#include <arpa/inet.h>
#include <assert.h>
#include <ctype.h>
#include <strings.h>

#include <kodelab/alloc.h>
#include <kodelab/store.h>
#include <kodelab/clock.h>
#include <kodelab/crypto.h>
#include <kodelab/log.h>
#include <kodelab/loop.h>

#include "core/judge/judge0/judge0_int.h"

#define NAME_MAX_LEN  32
#define WEIGHT_MAX    100
#define SAVE_EVERY_MS 30000
#define INSTANCES_MAX 64

int64_t instances_now_ms(const struct kl_instances *registry)
{
	return kl_clock_wall_ms(registry->clock);
}

/* --- one instance ------------------------------------------------------------------------------------------------- */

static const char *or_else(const char *own, const char *kinds)
{
	return own && *own ? own : kinds;
}

/* Views of the row, with what the kind has where the row says nothing. */
static void make_spec(struct kl_instance *instance)
{
	const struct kl_instance_row *row = &instance->row;
	const struct kl_instance_kind *kind = instance->kind;

	instance->spec = (struct kl_instance_spec){
		.name = row->name,
		.kind = row->kind,
		.url = or_else(row->url, kind->url),
		.key_header = or_else(row->key_header, kind->key_header),
		.user_header = or_else(row->user_header, kind->user_header),
		.host = or_else(row->host, kind->host),
		.ca_file = or_else(row->ca_file, NULL),
		.proxy = !strcmp(row->proxy, "-") ? "" : or_else(row->proxy, NULL),
		.weight = row->weight ? row->weight : kind->weight,
	};
}

static void retire_languages(struct kl_instance *instance)
{
	if (!instance->languages)
		return;
	KL_GROW(instance->old, instance->old_count, instance->old_capacity);
	instance->old[instance->old_count++] = (struct old_languages){ instance->languages, instance->language_count };
}

void instance_read_rest(struct kl_instance *instance)
{
	const struct kl_instance_row *row = &instance->row;

	free(instance->version);
	free(instance->machine);
	instance->version = facts_version(row->about);
	instance->machine = facts_machine(row->machine);
	facts_workers(&instance->workers, &instance->idle, &instance->queued, row->workers);
}

enum kl_status instance_read_said(struct kl_instance *instance, const char *config, const char *list,
				  struct kl_error *err)
{
	struct kl_instance_language *languages;
	struct kl_instance_facts facts;
	enum kl_status status;
	size_t count;

	if ((status = judge0_facts_read(&facts, config, strlen(config), err)) ||
	    (status = languages_read(&languages, &count, list, strlen(list), err)))
		return status;
	languages_keep_details(languages, count, instance->languages, instance->language_count);
	retire_languages(instance);
	instance->facts = facts;
	instance->languages = languages;
	instance->language_count = count;
	instance->known = true;
	extra_languages_add(&instance->registry->extra, languages, count);
	return KL_OK;
}

static void free_instance(struct kl_instance *instance)
{
	retire_languages(instance);
	for (size_t i = 0; i < instance->old_count; i++)
		languages_free(instance->old[i].items, instance->old[i].count);
	free(instance->old);
	free(instance->version);
	free(instance->machine);
	kl_instance_row_release(&instance->row);
	free(instance);
}

void instance_hold(struct kl_instance *instance)
{
	instance->holds++;
}

void instance_let_go(struct kl_instance *instance)
{
	if (--instance->holds == 0 && instance->removed)
		free_instance(instance);
}

/* Takes row. NULL: of a kind that a newer KodeLab knows. */
static struct kl_instance *make_instance(struct kl_instances *registry, struct kl_instance_row *row)
{
	const struct kl_instance_kind *kind = kl_instance_kind_find(row->kind);
	struct kl_instance *instance;
	struct kl_error err;

	if (!kind) {
		kl_log(KL_LOG_WARN, "judge", "instance %s is of an unknown kind and is passed over", row->name);
		kl_instance_row_release(row);
		return NULL;
	}
	instance = kl_calloc(1, sizeof(*instance));
	instance->registry = registry;
	instance->kind = kind;
	instance->row = *row;
	instance->workers = instance->idle = instance->queued = -1;
	instance->breaker = (struct breaker){
		.state = row->open_until_ms ? KL_BREAKER_OPEN : KL_BREAKER_CLOSED,
		.failures = row->failures,
		.openings = row->openings,
		.open_until_ms = row->open_until_ms,
	};
	TAILQ_INIT(&instance->asks);
	make_spec(instance);
	instance_read_rest(instance);
	if (row->probed_ms && instance_read_said(instance, row->config, row->languages, &err))
		instance->row.probed_ms = 0; /* it is asked again */
	return instance;
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(struct kl_instance *const *)a)->row.name, (*(struct kl_instance *const *)b)->row.name);
}

static void hold(struct kl_instances *registry, struct kl_instance *instance)
{
	KL_GROW(registry->items, registry->count, registry->capacity);
	registry->items[registry->count++] = instance;
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): of pointers */
	qsort(registry->items, registry->count, sizeof(*registry->items), by_name);
}

void instance_save_fared(struct kl_instance *instance, bool at_once)
{
	const struct breaker *breaker = &instance->breaker;
	int64_t now_ms = kl_clock_mono_ms();
	struct kl_error err;

	if (!at_once && now_ms - instance->saved_ms < SAVE_EVERY_MS)
		return;
	instance->row.failures = breaker->failures;
	instance->row.openings = breaker->openings;
	instance->row.open_until_ms = breaker->state == KL_BREAKER_CLOSED ? 0 : breaker->open_until_ms;
	kl_store_lightly(instance->registry->store, true);
	if (kl_store_instance_fared(instance->registry->store, &instance->row, &err))
		kl_log(KL_LOG_WARN, "judge", "%s", err.message); /* the next start only knows less */
	kl_store_lightly(instance->registry->store, false);
	instance->saved_ms = now_ms;
	instance->unsaved = false;
}

/* --- the registry ------------------------------------------------------------------------------------------------- */

enum kl_status kl_instances_open(struct kl_instances **out, struct kl_loop *loop, struct kl_store *store,
				 const struct kl_clock *clock, struct kl_keypool *pool, struct kl_error *err)
{
	struct kl_instance_row *rows;
	struct kl_instances *registry;
	size_t count;
	enum kl_status status = kl_store_instances(&rows, &count, store, err);

	if (status)
		return status;
	registry = kl_calloc(1, sizeof(*registry));
	*registry = (struct kl_instances){ .loop = loop, .store = store, .clock = clock, .pool = pool };
	for (size_t i = 0; i < count; i++) {
		struct kl_instance *instance = make_instance(registry, &rows[i]);

		if (instance)
			hold(registry, instance);
	}
	free(rows);
	*out = registry;
	return KL_OK;
}

void kl_instances_close(struct kl_instances *registry)
{
	if (!registry)
		return;
	for (size_t i = 0; i < registry->count; i++) {
		instance_stop_asking(registry->items[i]);
		if (registry->items[i]->unsaved)
			instance_save_fared(registry->items[i], true);
	}
	kl_http_close(registry->http);
	for (size_t i = 0; i < registry->count; i++)
		free_instance(registry->items[i]);
	free(registry->items);
	extra_languages_free(&registry->extra);
	free(registry);
}

enum kl_status kl_instances_http(struct kl_http **out, struct kl_instances *registry, struct kl_error *err)
{
	enum kl_status status = registry->http ? KL_OK : kl_http_open(&registry->http, registry->loop, err);

	if (!status)
		*out = registry->http;
	return status;
}

static bool is_name(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return len > 0 && len <= NAME_MAX_LEN && !name[len] && name[0] != '-';
}

static enum kl_status check_spec(const struct kl_instances *registry, const struct kl_instance_spec *spec,
				 const struct kl_instance_kind *kind, struct kl_error *err)
{
	const char *url = or_else(spec->url, kind ? kind->url : NULL);

	if (!is_name(spec->name))
		return kl_fail(err, KL_EINVAL, "'%s' is no name for a judge: use a-z, 0-9 and -, at most %d",
			       spec->name, NAME_MAX_LEN);
	if (kl_instances_find(registry, spec->name))
		return kl_fail(err, KL_EEXIST,
			       "there is a judge '%s' already; remove it first: kodelab judge remove %s", spec->name,
			       spec->name);
	if (registry->count >= INSTANCES_MAX)
		return kl_fail(err, KL_EMANY, "there are %d judges already; remove one first", INSTANCES_MAX);
	if (!kind)
		return kl_fail(err, KL_EINVAL, "'%s' is no kind of judge: self-hosted, rapidapi or allthingsdev",
			       spec->kind);
	if (!url)
		return kl_fail(err, KL_EINVAL,
			       "say where the judge is: its address, such as https://judge.school.example");
	if ((strncasecmp(url, "https://", 8) != 0 && strncasecmp(url, "http://", 7) != 0) || strlen(url) > 1000 ||
	    strpbrk(url, " \t\r\n?#@"))
		return kl_fail(
			err, KL_EINVAL,
			"'%s' is no address of a judge: it begins with https:// or http://, and holds no ?, # and @",
			url);
	if (spec->weight < 0 || spec->weight > WEIGHT_MAX)
		return kl_fail(err, KL_EINVAL, "a weight is from 1 to %d", WEIGHT_MAX);
	return KL_OK;
}

static bool is_this_machine(const char *host, size_t len)
{
	char *name = kl_strndup(host, len);
	struct in_addr address;
	bool here = !strcasecmp(name, "localhost") || !strcmp(name, "[::1]") ||
		    (inet_pton(AF_INET, name, &address) == 1 && ntohl(address.s_addr) >> 24 == 127);

	free(name);
	return here;
}

/* A key in the clear can be read by everybody on the way. */
static const char *warning_of(const char *url)
{
	const char *host = url + strlen("http://");

	if (strncasecmp(url, "http://", 7) != 0 ||
	    is_this_machine(host, *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/")))
		return "";
	return "the address is http, not https: code and keys can be read by everybody on the way";
}

const char *kl_instance_warning(const struct kl_instance *instance)
{
	return warning_of(instance->spec.url);
}

static char *own(const char *text)
{
	return kl_strdup(text ? text : "");
}

enum kl_status kl_instances_add(struct kl_instances *registry, const struct kl_instance_spec *spec,
				const char **warning, struct kl_error *err)
{
	const struct kl_instance_kind *kind = kl_instance_kind_find(spec->kind);
	enum kl_status status = check_spec(registry, spec, kind, err);
	struct kl_instance_row row;

	if (status)
		return status;
	row = (struct kl_instance_row){
		.name = own(spec->name),
		.kind = own(spec->kind),
		.url = own(spec->url),
		.key_header = own(spec->key_header),
		.user_header = own(spec->user_header),
		.host = own(spec->host),
		.ca_file = own(spec->ca_file),
		.proxy = own(spec->proxy && !*spec->proxy ? "-" : spec->proxy),
		.weight = spec->weight,
		.added_ms = instances_now_ms(registry),
		.about = own(""),
		.config = own(""),
		.workers = own(""),
		.machine = own(""),
		.languages = own(""),
		.skew_ms = INT64_MIN,
		.failure = own(""),
	};
	while (*row.url && row.url[strlen(row.url) - 1] == '/')
		row.url[strlen(row.url) - 1] = '\0';
	status = kl_store_instance_put(registry->store, &row, err);
	if (status) {
		kl_instance_row_release(&row);
		return status;
	}
	if (warning)
		*warning = warning_of(or_else(row.url, kind->url));
	hold(registry, make_instance(registry, &row));
	return KL_OK;
}

static bool is_used(const struct kl_instance *instance)
{
	return !TAILQ_EMPTY(&instance->asks) || instance->probe || instance->in_flight;
}

static void drop(struct kl_instances *registry, size_t at)
{
	struct kl_instance *instance = registry->items[at];

	registry->count--;
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): of pointers */
	memmove(&registry->items[at], &registry->items[at + 1], (registry->count - at) * sizeof(*registry->items));
	instance->removed = true;
	if (!instance->holds)
		free_instance(instance);
}

enum kl_status kl_instances_remove(struct kl_instances *registry, const char *name, struct kl_error *err)
{
	enum kl_status status;
	size_t at = 0;

	while (at < registry->count && strcmp(registry->items[at]->row.name, name) != 0)
		at++;
	if (at == registry->count)
		return kl_fail(err, KL_ENOENT, "there is no judge '%s'; 'kodelab judge list' names them", name);
	if (is_used(registry->items[at]))
		return kl_fail(err, KL_EBUSY, "the judge '%s' is in use; try again when it has answered", name);
	status = kl_store_instance_remove(registry->store, name, err);
	if (status)
		return status;
	drop(registry, at);
	return KL_OK;
}

/* Is it the one of that row, and not another one of the same name? */
static bool is_row(const struct kl_instance *instance, const struct kl_instance_row *row)
{
	return !strcmp(instance->row.name, row->name) && instance->row.added_ms == row->added_ms &&
	       !strcmp(instance->row.url, row->url) && !strcmp(instance->row.kind, row->kind);
}

static void drop_others(struct kl_instances *registry, const struct kl_instance_row *rows, size_t count)
{
	for (size_t at = registry->count; at-- > 0;) {
		bool found = is_used(registry->items[at]);

		for (size_t i = 0; i < count && !found; i++)
			found = is_row(registry->items[at], &rows[i]);
		if (!found)
			drop(registry, at);
	}
}

enum kl_status kl_instances_refresh(bool *more, struct kl_instances *registry, struct kl_error *err)
{
	struct kl_instance_row *rows;
	size_t count, before;
	enum kl_status status = kl_store_instances(&rows, &count, registry->store, err);

	if (status)
		return status;
	drop_others(registry, rows, count);
	before = registry->count;
	for (size_t i = 0; i < count; i++) {
		struct kl_instance *instance =
			kl_instances_find(registry, rows[i].name) ? NULL : make_instance(registry, &rows[i]);

		if (instance) {
			rows[i] = (struct kl_instance_row){ .name = NULL }; /* taken */
			hold(registry, instance);
		}
	}
	kl_instance_rows_free(rows, count);
	if (more)
		*more = registry->count > before;
	return KL_OK;
}

bool kl_instances_busy(const struct kl_instances *registry)
{
	int holds = 0;

	for (size_t i = 0; i < registry->count; i++)
		holds += registry->items[i]->holds;
	return holds > 0;
}

void kl_instances_use_keys(struct kl_instances *registry, struct kl_keypool *pool)
{
	registry->pool = pool;
}

size_t kl_instances_count(const struct kl_instances *registry)
{
	return registry->count;
}

struct kl_instance *kl_instances_at(const struct kl_instances *registry, size_t index)
{
	return index < registry->count ? registry->items[index] : NULL;
}

struct kl_instance *kl_instances_find(const struct kl_instances *registry, const char *name)
{
	for (size_t i = 0; i < registry->count; i++)
		if (!strcmp(registry->items[i]->row.name, name))
			return registry->items[i];
	return NULL;
}

const struct kl_instance_spec *kl_instance_spec(const struct kl_instance *instance)
{
	return &instance->spec;
}

const struct kl_instance_kind *kl_instance_kind(const struct kl_instance *instance)
{
	return instance->kind;
}

/* --- what it can do, and how it fares ----------------------------------------------------------------------------- */

const struct kl_instance_facts *kl_instance_facts(const struct kl_instance *instance)
{
	return instance->known ? &instance->facts : NULL;
}

const struct kl_instance_language *kl_instance_languages(const struct kl_instance *instance, size_t *count)
{
	*count = instance->language_count;
	return instance->languages;
}

void kl_instance_health(struct kl_instance_health *out, const struct kl_instance *instance)
{
	const struct breaker *breaker = &instance->breaker;

	*out = (struct kl_instance_health){
		.version = instance->version,
		.warning = facts_version_warning(instance->version),
		.probed_ms = instance->row.probed_ms,
		.skew_ms = instance->row.skew_ms,
		.workers = instance->workers,
		.idle = instance->idle,
		.queued = instance->queued,
		.machine = instance->machine,
		.latency_us = instance->row.latency_us,
		.in_flight = instance->in_flight,
		.breaker = breaker->state,
		.open_until_ms = breaker->open_until_ms,
		.last_failure = instance->row.failure,
	};
	if (breaker->state == KL_BREAKER_OPEN && breaker->open_until_ms <= instances_now_ms(instance->registry))
		out->breaker = KL_BREAKER_HALF_OPEN; /* the next request decides */
}

const struct kl_instance_language *kl_instance_language(const struct kl_instance *instance,
							const struct kl_language *language)
{
	return languages_match(instance->languages, instance->language_count, language->judge0);
}

const struct kl_instance_language *kl_instance_language_by_id(const struct kl_instance *instance, int id)
{
	for (size_t i = 0; i < instance->language_count; i++)
		if (instance->languages[i].id == id)
			return &instance->languages[i];
	return NULL;
}

size_t kl_instances_language_count(const struct kl_instances *registry)
{
	return registry->extra.count;
}

const struct kl_language *kl_instances_language_at(const struct kl_instances *registry, size_t index)
{
	return extra_language_at(&registry->extra, index);
}

const struct kl_language *kl_instances_language(const struct kl_instances *registry, const char *name)
{
	const struct kl_language *language = kl_language_find(name);

	for (size_t i = 0; !language && i < registry->extra.count; i++) {
		const struct kl_language *extra = extra_language_at(&registry->extra, i);

		if (!strcasecmp(extra->id, name) || !strcasecmp(extra->name, name) ||
		    (strcmp(extra->suffix, "txt") != 0 && !strcasecmp(extra->suffix, name)) ||
		    (*extra->aliases && !strcasecmp(extra->aliases, name)))
			language = extra;
	}
	return language;
}

void kl_instance_report(struct kl_instance *instance, const struct kl_instance_outcome *outcome)
{
	enum kl_breaker_state before = instance->breaker.state;
	bool good = outcome->fate == KL_FATE_GOOD;
	uint32_t chance;

	assert(instance->in_flight > 0);
	instance->in_flight--;
	kl_random(&chance, sizeof(chance));
	if (outcome->fate == KL_FATE_UNUSED && !instance->breaker.trying)
		return;
	breaker_end(&instance->breaker, outcome->fate, outcome->retry_after_ms, instances_now_ms(instance->registry),
		    (double)chance / (double)UINT32_MAX);
	if (outcome->latency_us > 0)
		instance->row.latency_us = balance_smooth(instance->row.latency_us, outcome->latency_us);
	if (outcome->queued >= 0)
		instance->queued = outcome->queued;
	if (good || outcome->why) {
		free(instance->row.failure);
		instance->row.failure = own(good ? "" : outcome->why);
	}
	if (before != instance->breaker.state)
		kl_log(KL_LOG_INFO, "judge", "instance %s: %s", instance->row.name,
		       instance->breaker.state == KL_BREAKER_CLOSED ? "works again" : "out of order");
	instance->unsaved = true;
	instance_save_fared(instance, before != instance->breaker.state);
}
