/* bare_password HASH PASSWORD THREADS SECONDS: how often a second libsodium alone verifies that password, with so many threads.
 * Prints one JSON line. What the rate of sign-ins is measured against. */
#include "latency.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS_MAX = 64 };

struct work {
	const char *hash, *password;
	double until;
	_Atomic unsigned long count;
	_Atomic bool failed;
};

static void *verify_until(void *context)
{
	struct work *work = context;
	while (seconds_now() < work->until && !work->failed) {
		if (crypto_pwhash_str_verify(work->hash, work->password, strlen(work->password)) != 0)
			work->failed = true;
		work->count++;
	}
	return NULL;
}

static int measure(struct work *work, unsigned long count, double seconds)
{
	pthread_t threads[THREADS_MAX];
	double start = seconds_now(), busy = seconds_busy();
	work->until = start + seconds;
	for (unsigned long i = 0; i < count; i++)
		if (pthread_create(&threads[i], NULL, verify_until, work) != 0)
			return 1;
	for (unsigned long i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	double took = seconds_now() - start;
	if (work->failed)
		return 1;
	printf("{\"rate\": %.2f, \"busy\": %.3f}\n", (double)work->count / took, (seconds_busy() - busy) / took);
	return 0;
}

int main(int argc, char **argv)
{
	unsigned long threads = argc == 5 ? strtoul(argv[3], NULL, 10) : 0;
	double seconds = argc == 5 ? strtod(argv[4], NULL) : 0;
	if (threads < 1 || threads > THREADS_MAX || !(seconds > 0 && seconds <= 600) || sodium_init() < 0) {
		fprintf(stderr, "usage: bare_password HASH PASSWORD THREADS SECONDS\n");
		return 2;
	}
	struct work work = { .hash = argv[1], .password = argv[2] };
	return measure(&work, threads, seconds);
}
