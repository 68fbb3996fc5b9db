/* Which instance: the one where a run is over soonest, by what was measured and told, and by how gladly it is used. */

#include "core/judge/judge0/instance_int.h"

#define LATENCY_MS_DEFAULT 150.0 /* of one that was never measured */
#define RUN_MS             1000.0 /* what one run before ours takes of a worker */

double balance_cost(const struct balance_candidate *candidate)
{
	double latency_ms = candidate->latency_us ? (double)candidate->latency_us / 1000 : LATENCY_MS_DEFAULT;
	double before = (candidate->queued > 0 ? candidate->queued : 0) + candidate->in_flight;
	double workers = candidate->workers > 0 ? candidate->workers : 1;

	return (latency_ms + before / workers * RUN_MS) / candidate->weight;
}

size_t balance_choose(const struct balance_candidate *candidates, size_t count)
{
	size_t best = 0;

	for (size_t i = 1; i < count; i++)
		if (balance_cost(&candidates[i]) < balance_cost(&candidates[best]))
			best = i;
	return best;
}

int64_t balance_smooth(int64_t latency_us, int64_t measured_us)
{
	return latency_us ? latency_us + (measured_us - latency_us) / 5 : measured_us;
}
