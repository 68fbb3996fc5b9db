/* Counters in the text format of Prometheus 0.0.4. */

#include "core/server/metrics.h"

#include <string.h>

#include <kodelab/alloc.h>

static const struct {
	const char *name, *help;
} rows[] = {
#define X(name, text, help) { text, help },
	METRICS_MAP(X)
#undef X
};

static const int64_t bounds_us[METRICS_BUCKETS] = { 500,   1000,   2500,   5000,    10000,   25000,
						    50000, 100000, 250000, 1000000, 5000000, 30000000 };

void metrics_latency(struct metrics *metrics, int64_t us)
{
	size_t bucket = 0;

	while (bucket < METRICS_BUCKETS && us > bounds_us[bucket])
		bucket++;
	metrics->latency[bucket]++;
	metrics->latency_us += us;
}

static void print_latency(const struct metrics *metrics, struct kl_buf *out)
{
	static const char name[] = "kodelabd_request_duration_seconds";
	int64_t sum = 0;

	kl_buf_addf(out, "# HELP %s From a request's first byte to its answer\n# TYPE %s histogram\n", name, name);
	for (size_t i = 0; i < METRICS_BUCKETS; i++) {
		sum += metrics->latency[i];
		kl_buf_addf(out, "%s_bucket{le=\"%g\"} %lld\n", name, (double)bounds_us[i] / 1e6, (long long)sum);
	}
	sum += metrics->latency[METRICS_BUCKETS];
	kl_buf_addf(out, "%s_bucket{le=\"+Inf\"} %lld\n%s_sum %.6f\n%s_count %lld\n", name, (long long)sum, name,
		    (double)metrics->latency_us / 1e6, name, (long long)sum);
}

void metrics_print(const struct metrics *metrics, struct kl_buf *out)
{
	for (size_t i = 0; i < METRIC_COUNT; i++) {
		int length = (int)strcspn(rows[i].name, "{");

		if (rows[i].help)
			kl_buf_addf(out, "# HELP %.*s %s\n# TYPE %.*s counter\n", length, rows[i].name, rows[i].help,
				    length, rows[i].name);
		kl_buf_addf(out, "%s %lld\n", rows[i].name, (long long)metrics->counters[i]);
	}
	print_latency(metrics, out);
}

void metrics_gauge(struct kl_buf *out, const char *name, const char *help, double value)
{
	kl_buf_addf(out, "# HELP %s %s\n# TYPE %s gauge\n%s %.15g\n", name, help, name, name, value);
}

void metrics_counter(struct kl_buf *out, const char *name, const char *help, int64_t value)
{
	kl_buf_addf(out, "# HELP %s %s\n# TYPE %s counter\n%s %lld\n", name, help, name, name, (long long)value);
}
