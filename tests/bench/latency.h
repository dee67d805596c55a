/* What a load measures: how long each request took within the measured time, and how busy the load itself was. */
#ifndef WRIT_BENCH_LATENCY_H
#define WRIT_BENCH_LATENCY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EXIT_STALLED = 3 }; /* the machine stood still: worth another try */

struct latencies {
	uint32_t *us;
	size_t count;
	double from, until; /* of seconds_now(): what ended before or after is not counted */
};

/* Seconds of a clock that only goes forward. */
double seconds_now(void);
/* Processor seconds that this process has used. */
double seconds_busy(void);

bool latencies_open(struct latencies *);
void latencies_close(struct latencies *);
void latencies_note(struct latencies *, double began, double now);
/* Prints count, rate and percentiles as members of a JSON object, each with a comma behind. 0, or EXIT_STALLED with what it
 * says when there is nothing to judge by. */
int latencies_print(struct latencies *, const char *counted);

#endif
