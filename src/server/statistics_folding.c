#include "server/statistics_folding.h"

#include "base/clock.h"
#include "base/log.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define LOOK_EVERY_S 1

struct statistics_folding {
	struct statistics *statistics;
	struct store *store;
	int64_t interval_s;
	int64_t lost; /* told so far */
	pthread_mutex_t lock;
	pthread_cond_t stopped;
	bool stop;
	pthread_t thread;
};

static enum result add(void *context, const struct partition_id *partition, const struct statistic *statistics, size_t count)
{
	return store_statistics_add(((struct statistics_folding *)context)->store, partition, statistics, count);
}

static void fold(struct statistics_folding *folding)
{
	int64_t lost = folding->lost;
	enum result result = statistics_take(folding->statistics, add, folding, &lost);
	if (result != RESULT_OK)
		LOG_LINE(LOG_WARNING, "statistics could not be stored: they are kept and stored later", { "problem", slice_from(result_text(result)) });
	if (lost > folding->lost)
		log_line(LOG_WARNING, "statistics found no room in memory: what is shown for this minute is too low", NULL, 0);
	folding->lost = lost;
}

/* Until something is to be done; false: the server stops. */
static bool wait_until_due(struct statistics_folding *folding)
{
	const int64_t due_ms = clock_monotonic_ms() + folding->interval_s * 1000;
	bool due = false;
	pthread_mutex_lock(&folding->lock);
	while (!folding->stop && !due) {
		struct timespec until;
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_sec += LOOK_EVERY_S;
		(void)pthread_cond_timedwait(&folding->stopped, &folding->lock, &until);
		due = clock_monotonic_ms() >= due_ms || statistics_are_many(folding->statistics);
	}
	bool go_on = !folding->stop;
	pthread_mutex_unlock(&folding->lock);
	return go_on;
}

static void *work(void *context)
{
	struct statistics_folding *folding = context;
	while (wait_until_due(folding))
		fold(folding);
	fold(folding);
	return NULL;
}

enum result statistics_folding_start(struct statistics *statistics, struct store *store, int64_t interval_s, struct statistics_folding **ret)
{
	struct statistics_folding *folding = calloc(1, sizeof *folding);
	pthread_condattr_t attributes;
	if (folding == NULL)
		return RESULT_NO_MEMORY;
	folding->statistics = statistics;
	folding->store = store;
	folding->interval_s = interval_s;
	pthread_mutex_init(&folding->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&folding->stopped, &attributes);
	pthread_condattr_destroy(&attributes);
	if (pthread_create(&folding->thread, NULL, work, folding) != 0) {
		pthread_cond_destroy(&folding->stopped);
		pthread_mutex_destroy(&folding->lock);
		free(folding);
		return RESULT_FAILED;
	}
	*ret = folding;
	return RESULT_OK;
}

void statistics_folding_stop(struct statistics_folding *folding)
{
	if (folding == NULL)
		return;
	pthread_mutex_lock(&folding->lock);
	folding->stop = true;
	pthread_cond_broadcast(&folding->stopped);
	pthread_mutex_unlock(&folding->lock);
	pthread_join(folding->thread, NULL);
	pthread_cond_destroy(&folding->stopped);
	pthread_mutex_destroy(&folding->lock);
	free(folding);
}
