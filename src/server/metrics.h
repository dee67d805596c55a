/* Counts for /metrics (Prometheus text exposition 0.0.4). Atomic; counting costs a few nanoseconds. */
#ifndef WRIT_SERVER_METRICS_H
#define WRIT_SERVER_METRICS_H

#include "base/writer.h"

#include <stdatomic.h>

#define METRICS_ROUTES_MAX 64
#define METRICS_BUCKETS 12

struct metrics {
	_Atomic int64_t replies[METRICS_ROUTES_MAX][6]; /* by route (the last: no route) and status class */
	_Atomic int64_t buckets[METRICS_BUCKETS];       /* durations, see metrics.c */
	_Atomic int64_t duration_us;
};

void metrics_count(struct metrics *, size_t route, unsigned status, int64_t duration_us);

struct server;
/* Everything that the server counts. */
void metrics_write(const struct server *, struct writer *);

#endif
