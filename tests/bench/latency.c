#include "latency.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

enum { LATENCIES_MAX = 8 * 1024 * 1024 };

double seconds_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double seconds_busy(void)
{
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

bool latencies_open(struct latencies *latencies)
{
	latencies->count = 0;
	latencies->us = calloc(LATENCIES_MAX, sizeof *latencies->us);
	return latencies->us != NULL;
}

void latencies_close(struct latencies *latencies)
{
	free(latencies->us);
	latencies->us = NULL;
}

void latencies_note(struct latencies *latencies, double began, double now)
{
	if (now >= latencies->from && now <= latencies->until && latencies->count < LATENCIES_MAX)
		latencies->us[latencies->count++] = (uint32_t)((now - began) * 1e6);
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return (x > y) - (x < y);
}

int latencies_print(struct latencies *latencies, const char *counted)
{
	size_t count = latencies->count;
	if (count == 0 || count == LATENCIES_MAX) {
		fprintf(stderr, "load: %zu replies cannot be judged\n", count);
		return EXIT_STALLED;
	}
	qsort(latencies->us, count, sizeof *latencies->us, compare);
	printf("\"%s\": %zu, \"rate\": %.1f, \"p50_us\": %u, \"p99_us\": %u, \"max_us\": %u, ", counted, count,
	       (double)count / (latencies->until - latencies->from), latencies->us[count / 2], latencies->us[count * 99 / 100],
	       latencies->us[count - 1]);
	return 0;
}
