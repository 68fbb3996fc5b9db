#ifndef CORE_SERVER_METRICS_H
#define CORE_SERVER_METRICS_H

/* What kodelabd counts, for /metrics (the text format of Prometheus). A counter is a row of the map and nothing else. */

#include <stdint.h>

#include <kodelab/buf.h>

#define METRICS_MAP(X)                                                                                                 \
	X(CONNECTIONS, "kodelabd_connections_total", "Connections accepted")                                           \
	X(CONNECTIONS_REFUSED, "kodelabd_connections_refused_total",                                                   \
	  "Connections closed at once: too many of one address")                                                       \
	X(CONNECTIONS_SLOW, "kodelabd_connections_slow_total", "Connections closed because the client was too slow")   \
	X(REQUESTS_2XX, "kodelabd_requests_total{code=\"2xx\"}", "Requests answered")                                  \
	X(REQUESTS_3XX, "kodelabd_requests_total{code=\"3xx\"}", NULL)                                                 \
	X(REQUESTS_4XX, "kodelabd_requests_total{code=\"4xx\"}", NULL)                                                 \
	X(REQUESTS_5XX, "kodelabd_requests_total{code=\"5xx\"}", NULL)                                                 \
	X(BYTES_RECEIVED, "kodelabd_received_bytes_total", "Bytes of request bodies")                                  \
	X(BYTES_SENT, "kodelabd_sent_bytes_total", "Bytes of answers, without headers")                                \
	X(COMMITS, "kodelabd_commits_total", "Transactions committed, each with one fsync")                            \
	X(COMMITS_FAILED, "kodelabd_commits_failed_total", "Transactions that failed")                                 \
	X(COMMIT_US, "kodelabd_commit_microseconds_total", "Time spent committing")

enum metric {
#define X(name, text, help) METRIC_##name,
	METRICS_MAP(X)
#undef X
		METRIC_COUNT
};

#define METRICS_BUCKETS 12

struct metrics {
	int64_t counters[METRIC_COUNT];
	int64_t latency[METRICS_BUCKETS + 1]; /* requests by duration; the last one: longer */
	int64_t latency_us;
};

void metrics_latency(struct metrics *metrics, int64_t us);
void metrics_print(const struct metrics *metrics, struct kl_buf *out);
/* One gauge, one counter, with its help. */
void metrics_gauge(struct kl_buf *out, const char *name, const char *help, double value);
void metrics_counter(struct kl_buf *out, const char *name, const char *help, int64_t value);

#endif
