/* Judges elsewhere, taken up and described: see judges.h. */
#include "judges.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kodelab/alloc.h>
#include <kodelab/clock.h>
#include <kodelab/language.h>
#include <kodelab/sandbox.h>

static enum kl_status add_key(char id[KL_ID_SIZE], struct kl_keypool *pool, const char *keys, bool metered,
			      const char *secret, struct kl_error *err)
{
	const struct kl_key_new key = {
		.instance = keys,
		.owner = "",
		.label = "",
		.secret = secret,
		.share = KL_KEY_PRIVATE,
		.daily_limit = metered ? -1 : 0,
		.reserve = metered ? -1 : 0,
		.consented = true,
	};

	return kl_keypool_add(id, pool, &key, err);
}

enum kl_status judges_add_key(struct kl_keypool *pool, const struct kl_instance *judge, const char *secret,
			      struct kl_error *err)
{
	char id[KL_ID_SIZE];

	return add_key(id, pool, kl_instance_spec(judge)->name, kl_instance_kind(judge)->metered, secret, err);
}

static enum kl_status add_user_key(char id[KL_ID_SIZE], struct kl_keypool *pool, const struct kl_instance *judge,
				   const char *secret, struct kl_error *err)
{
	char *keys;
	enum kl_status status;

	if (!kl_instance_spec(judge)->user_header)
		return kl_fail(err, KL_EINVAL, "%s has no second secret: leave it out", kl_instance_kind(judge)->title);
	keys = kl_format("%s%s", kl_instance_spec(judge)->name, KL_INSTANCE_USER);
	status = add_key(id, pool, keys, false, secret, err);
	free(keys);
	return status;
}

enum kl_status judges_add(struct kl_instances *judges, struct kl_keypool *pool, const struct kl_instance_spec *spec,
			  const struct judge_secrets *secrets, struct kl_error *err)
{
	enum kl_status status = kl_instances_add(judges, spec, NULL, err);
	const struct kl_instance *judge = status ? NULL : kl_instances_find(judges, spec->name);
	char user_id[KL_ID_SIZE] = "";

	if (status)
		return status;
	if (secrets->user)
		status = add_user_key(user_id, pool, judge, secrets->user, err);
	if (!status && secrets->key)
		status = judges_add_key(pool, judge, secrets->key, err);
	if (status && user_id[0])
		(void)!kl_keypool_remove(pool, user_id, "", NULL);
	if (status)
		(void)!kl_instances_remove(judges, spec->name, NULL);
	return status;
}

const char *judges_sandbox(int level)
{
	static const char *const levels[] = {
		[KL_SANDBOX_CGROUP] = "level 0: namespaces, seccomp and a cgroup of its own",
		[KL_SANDBOX_NAMESPACES] = "level 1: namespaces and seccomp",
		[KL_SANDBOX_LANDLOCK] = "level 2: landlock and seccomp, no namespaces",
		[KL_SANDBOX_RLIMITS] = "level 3: limits only. Do not run code of others here",
	};

	return levels[level];
}

void judges_host(char *text, size_t size, const struct kl_instance *judge)
{
	const char *url = kl_instance_spec(judge)->url, *host = strstr(url, "://");

	snprintf(text, size, "%s", host ? host + 3 : url);
}

void judges_state(char *text, size_t size, const struct kl_instance *judge)
{
	struct kl_instance_health health;
	char until[20];

	kl_instance_health(&health, judge);
	switch (health.breaker) {
	case KL_BREAKER_CLOSED:
		snprintf(text, size, "%s", health.probed_ms ? "good" : "not asked yet");
		break;
	case KL_BREAKER_OPEN:
		kl_clock_format(health.open_until_ms, until, sizeof(until));
		snprintf(text, size, "rests until %s", strlen(until) > 11 ? until + 11 : until);
		break;
	case KL_BREAKER_HALF_OPEN:
		snprintf(text, size, "has failed, is tried next");
		break;
	}
}

const char *judges_latency(char *text, size_t size, const struct kl_instance_health *health)
{
	if (health->latency_us < 1000)
		snprintf(text, size, "less than 1 ms");
	else
		snprintf(text, size, "%lld ms", (long long)(health->latency_us + 500) / 1000);
	return text;
}

void judges_answer(char *text, size_t size, const struct kl_instance *judge)
{
	struct kl_instance_health health;
	char latency[24];
	size_t languages;

	kl_instance_health(&health, judge);
	(void)kl_instance_languages(judge, &languages);
	snprintf(text, size, "%s answers: version %s, %zu language%s, in %s.", kl_instance_spec(judge)->name,
		 *health.version ? health.version : "not told", languages, languages == 1 ? "" : "s",
		 judges_latency(latency, sizeof(latency), &health));
}

const char *judges_name_of(const struct kl_instances *judges, const struct kl_instance *judge,
			   const struct kl_instance_language *language)
{
	for (size_t i = 0; i < kl_language_count(); i++)
		if (kl_instance_language(judge, kl_language_at(i)) == language)
			return kl_language_at(i)->id;
	for (size_t i = 0; i < kl_instances_language_count(judges); i++)
		if (kl_instance_language(judge, kl_instances_language_at(judges, i)) == language)
			return kl_instances_language_at(judges, i)->id;
	return "";
}
