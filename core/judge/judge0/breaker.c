/*
 * The circuit breaker of an instance. Three failures in a row open it; after a pause one request may try, and closes it
 * or opens it for twice as long. Being busy is no failure: the instance is only left alone for as long as it asked.
 */

#include "core/judge/judge0/instance_int.h"

#define FAILURES_MAX       3
#define PAUSE_MS           10000
#define PAUSE_MAX_MS       600000
#define UNTRUSTED_PAUSE_MS 60000 /* a certificate does not mend itself in seconds */
#define BUSY_MS            5000

bool breaker_allows(const struct breaker *breaker, int64_t now_ms, int64_t *retry_ms)
{
	*retry_ms = 0;
	if (breaker->busy_until_ms > now_ms)
		*retry_ms = breaker->busy_until_ms;
	switch (breaker->state) {
	case KL_BREAKER_CLOSED:
		break;
	case KL_BREAKER_OPEN:
		if (breaker->open_until_ms > now_ms && breaker->open_until_ms > *retry_ms)
			*retry_ms = breaker->open_until_ms;
		break;
	case KL_BREAKER_HALF_OPEN:
		if (breaker->trying && *retry_ms == 0)
			*retry_ms = now_ms + 1000; /* the trial will have ended by then, or soon */
		break;
	}
	return *retry_ms == 0;
}

void breaker_begin(struct breaker *breaker, int64_t now_ms)
{
	if (breaker->state == KL_BREAKER_OPEN && breaker->open_until_ms <= now_ms)
		breaker->state = KL_BREAKER_HALF_OPEN;
	breaker->trying = breaker->state == KL_BREAKER_HALF_OPEN;
}

static void open_it(struct breaker *breaker, int64_t pause_ms, int64_t now_ms, double chance)
{
	for (int i = 0; i < breaker->openings && pause_ms < PAUSE_MAX_MS; i++)
		pause_ms *= 2;
	if (pause_ms > PAUSE_MAX_MS)
		pause_ms = PAUSE_MAX_MS;
	breaker->state = KL_BREAKER_OPEN;
	breaker->openings++;
	breaker->open_until_ms = now_ms + pause_ms + (int64_t)((double)pause_ms / 4 * chance);
}

static void fail_it(struct breaker *breaker, int64_t pause_ms, bool at_once, int64_t now_ms, double chance)
{
	breaker->failures++;
	/* Open already: what had been sent before comes back late and says nothing new. */
	if (breaker->state == KL_BREAKER_HALF_OPEN ||
	    (breaker->state == KL_BREAKER_CLOSED && (at_once || breaker->failures >= FAILURES_MAX)))
		open_it(breaker, pause_ms, now_ms, chance);
}

void breaker_end(struct breaker *breaker, enum kl_instance_fate fate, int64_t retry_after_ms, int64_t now_ms,
		 double chance)
{
	bool trial = breaker->state == KL_BREAKER_HALF_OPEN && breaker->trying;

	breaker->trying = false;
	switch (fate) {
	case KL_FATE_GOOD:
	case KL_FATE_DENIED:
	case KL_FATE_BUSY:
		if (fate == KL_FATE_BUSY)
			breaker->busy_until_ms = now_ms + (retry_after_ms >= 0 ? retry_after_ms : BUSY_MS) +
						 (int64_t)((double)BUSY_MS / 4 * chance);
		if (breaker->state == KL_BREAKER_CLOSED || trial) { /* it answers */
			breaker->state = KL_BREAKER_CLOSED;
			breaker->failures = breaker->openings = 0;
		}
		break;
	case KL_FATE_DOWN:
	case KL_FATE_NONSENSE:
	case KL_FATE_SANDBOX:
		fail_it(breaker, PAUSE_MS, false, now_ms, chance);
		break;
	case KL_FATE_UNTRUSTED:
		fail_it(breaker, UNTRUSTED_PAUSE_MS, true, now_ms, chance);
		break;
	case KL_FATE_UNUSED:
		break;
	}
}
