/* Which instance gets a run: those that can, at the smallest cost; and for people why the others were passed over. */

#include "core/judge/judge0/instance_int.h"

#include <kodelab/alloc.h>
#include <kodelab/buf.h>

/* Why it cannot be this one; "" when it can. *retry_ms: when that may have changed; 0: by waiting it does not. */
static void why_not(char *why, size_t size, int64_t *retry_ms, const struct kl_instance *instance,
		    const struct kl_instance_want *want)
{
	int64_t now_ms = instances_now_ms(instance->registry);

	*why = '\0';
	*retry_ms = 0;
	for (size_t i = 0; i < want->not_count; i++) {
		if (!strcmp(want->not [i], instance -> row.name)) {
			snprintf(why, size, "has failed on this run");
			return;
		}
	}
	if (instance->known && want->language && !kl_instance_language(instance, want->language)) {
		snprintf(why, size, "does not have %s", want->language->name);
		return;
	}
	if (!breaker_allows(&instance->breaker, now_ms, retry_ms)) {
		snprintf(why, size, "%s; next try in %lld s",
			 instance->breaker.state == KL_BREAKER_CLOSED ? "is busy" : "has failed",
			 (long long)((*retry_ms - now_ms + 999) / 1000));
		return;
	}
	if (instance->known && instance->facts.maintenance &&
	    now_ms - instance->row.probed_ms <= INSTANCE_MAINTAINED_MS) {
		snprintf(why, size, "is being maintained");
		*retry_ms = instance->row.probed_ms + INSTANCE_MAINTAINED_MS;
	}
}

static enum kl_status nobody(const struct kl_instance_choice *choice, const struct kl_instances *registry,
			     const struct kl_instance_want *want, struct kl_error *err)
{
	struct kl_buf text;
	enum kl_status status = choice->retry_ms ? KL_EBUSY : KL_ENOTOOL;

	if (want->only && !kl_instances_find(registry, want->only))
		return kl_fail(err, KL_ENOENT, "there is no judge '%s'; 'kodelab judge list' names them", want->only);
	if (registry->count == 0)
		return kl_fail(err, KL_ENOENT, "no judge is known; add one: kodelab judge add NAME ADDRESS");
	kl_buf_init(&text, 400);
	for (size_t i = 0; i < choice->passed_count; i++)
		kl_buf_addf(&text, "%s%s %s", i ? ", " : "", choice->passed[i].name, choice->passed[i].why);
	kl_fail(err, status, "no judge can take it now: %s", text.data);
	kl_buf_release(&text);
	return status;
}

enum kl_status kl_instances_choose(struct kl_instance_choice *out, struct kl_instances *registry,
				   const struct kl_instance_want *want, struct kl_error *err)
{
	struct balance_candidate *candidates = kl_calloc(registry->count + 1, sizeof(*candidates));
	struct kl_instance **able = kl_calloc(registry->count + 1, sizeof(struct kl_instance *));
	size_t count = 0;

	*out = (struct kl_instance_choice){ .passed = kl_calloc(registry->count + 1, sizeof(*out->passed)) };
	for (size_t i = 0; i < registry->count; i++) {
		struct kl_instance *instance = registry->items[i];
		struct kl_instance_passed *passed = &out->passed[out->passed_count];
		int64_t retry_ms;

		if (want->only && strcmp(want->only, instance->row.name) != 0)
			continue;
		why_not(passed->why, sizeof(passed->why), &retry_ms, instance, want);
		if (*passed->why) {
			passed->name = instance->row.name;
			out->passed_count++;
			if (retry_ms && (!out->retry_ms || retry_ms < out->retry_ms))
				out->retry_ms = retry_ms;
			out->busy = out->busy || (retry_ms && retry_ms == instance->breaker.busy_until_ms);
			continue;
		}
		candidates[count] =
			(struct balance_candidate){ instance->row.latency_us, instance->queued, instance->workers,
						    instance->in_flight, instance->spec.weight };
		able[count++] = instance;
	}
	if (count) {
		out->instance = able[balance_choose(candidates, count)];
		out->instance->in_flight++;
		out->retry_ms = 0;
		breaker_begin(&out->instance->breaker, instances_now_ms(registry));
	}
	free(candidates);
	free(able);
	return count ? KL_OK : nobody(out, registry, want, err);
}

void kl_instance_choice_release(struct kl_instance_choice *choice)
{
	free(choice->passed);
	choice->passed = NULL;
	choice->passed_count = 0;
}

int64_t kl_instances_ready_ms(const struct kl_instances *registry, const struct kl_instance_want *want)
{
	int64_t ready_ms = -1;

	for (size_t i = 0; i < registry->count; i++) {
		char why[sizeof(((struct kl_instance_passed *)0)->why)];
		int64_t retry_ms;

		if (want->only && strcmp(want->only, registry->items[i]->row.name) != 0)
			continue;
		why_not(why, sizeof(why), &retry_ms, registry->items[i], want);
		if (!*why)
			return 0;
		if (retry_ms && (ready_ms < 0 || retry_ms < ready_ms))
			ready_ms = retry_ms;
	}
	return ready_ms;
}
