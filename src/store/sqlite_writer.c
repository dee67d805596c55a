/* The one writer thread: what waits goes together into one transaction and is on disk after one fsync. */
#include "store/sqlite_store.h"

#include "base/clock.h"
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>

#define AUDIT_DELAY_MS 100     /* audit events alone wait this long for company */
#define AUDIT_ENOUGH 256       /* or until so many are there */
#define RETRY_MS 200           /* after a failure that left audit events waiting */
#define COMPLAINT_EVERY_MS 10000

/* What one transaction carries. */
struct write_batch {
	struct write_job *jobs;
	struct audit_entry *events;
	size_t event_count;
	int64_t lost; /* events that found the queue full since the last row that said so */
	bool any_good;
};

static void complain(struct write_queue *queue, enum result result)
{
	int64_t now = clock_monotonic_ms();
	if (queue->complained_at != 0 && now - queue->complained_at < COMPLAINT_EVERY_MS)
		return;
	queue->complained_at = now;
	const char *reason = sqlite3_errmsg(queue->connection.db);
	LOG_LINE(LOG_ERROR, "the store could not be written", { "result", slice_from(result_text(result)) },
	         { "reason", slice_from(reason) });
}

/* ---- taking work ---- */

/* When the audit events want to be written if nothing else is: in monotonic ms. */
static int64_t audit_due_at(const struct write_queue *queue)
{
	int64_t due = queue->audit_waiting >= AUDIT_ENOUGH ? queue->audit_since : queue->audit_since + AUDIT_DELAY_MS;
	return due > queue->audit_not_before ? due : queue->audit_not_before;
}

/* Under the lock. False when the thread shall end. */
static bool work_wait(struct write_queue *queue)
{
	for (;;) {
		bool events = queue->audit_waiting > 0;
		if (queue->first != NULL || (events && (queue->stop || clock_monotonic_ms() >= audit_due_at(queue))))
			return true;
		if (queue->stop)
			return false;
		if (events)
			(void)store_condition_wait(&queue->work, &queue->lock, audit_due_at(queue));
		else
			pthread_cond_wait(&queue->work, &queue->lock);
	}
}

/* Under the lock. */
static struct write_batch work_take(struct write_queue *queue)
{
	struct write_batch batch = {
		.jobs = queue->first,
		.events = queue->audit_first,
		.event_count = queue->audit_waiting,
		.lost = queue->audit_lost,
	};
	for (struct write_job *job = batch.jobs; job != NULL; job = job->next)
		job->state = WRITE_TAKEN;
	queue->first = NULL;
	queue->last = &queue->first;
	queue->waiting = 0;
	queue->audit_first = NULL;
	queue->audit_last = &queue->audit_first;
	queue->audit_waiting = 0;
	queue->audit_lost = 0;
	return batch;
}

/* ---- the transaction ---- */

static enum result job_run(struct connection *connection, struct write_job *job)
{
	enum result result = connection_run(connection, "SAVEPOINT job");
	if (result != RESULT_OK)
		return RESULT_STORE_DOWN;
	job->result = job->run(connection, job->argument);
	if (sqlite3_get_autocommit(connection->db) != 0)
		return RESULT_STORE_DOWN; /* SQLite undid everything: disk full, input or output error */
	if (job->result != RESULT_OK && connection_run(connection, "ROLLBACK TO job") != RESULT_OK)
		return RESULT_STORE_DOWN;
	if (connection_run(connection, "RELEASE job") != RESULT_OK)
		return RESULT_STORE_DOWN;
	return job->result == RESULT_STORE_DOWN ? RESULT_STORE_DOWN : RESULT_OK;
}

static enum result events_insert(struct connection *connection, const struct write_batch *batch)
{
	enum result result = RESULT_OK;
	for (const struct audit_entry *entry = batch->events; entry != NULL && result == RESULT_OK; entry = entry->next)
		result = audit_insert(connection, &entry->event);
	if (batch->lost == 0 || result != RESULT_OK)
		return result;
	char detail[96];
	int len = snprintf(detail, sizeof(detail), "%lld events were not written: the queue was full", (long long)batch->lost);
	const struct audit_event event = {
		.at_ms = clock_ms(),
		.action = SLICE("audit.dropped"),
		.result = SLICE("failed"),
		.detail = { detail, (size_t)len },
	};
	return audit_insert(connection, &event);
}

static enum result batch_run(struct connection *connection, struct write_batch *batch)
{
	for (struct write_job *job = batch->jobs; job != NULL; job = job->next) {
		enum result result = job_run(connection, job);
		if (result != RESULT_OK)
			return result;
		batch->any_good = batch->any_good || job->result == RESULT_OK;
	}
	enum result result = events_insert(connection, batch);
	return result == RESULT_OK ? connection_run(connection, "COMMIT") : result;
}

static int64_t batch_patience(const struct write_batch *batch)
{
	if (batch->jobs == NULL)
		return LIMIT_STORE_WAIT_MS;
	int64_t left = batch->jobs->give_up_at - clock_monotonic_ms(); /* the first is the oldest */
	return left > 0 ? left : 0;
}

/* RESULT_BUSY: the lock was not free before the patience of the oldest job ended; nothing was done. */
static enum result batch_commit(struct write_queue *queue, struct write_batch *batch)
{
	struct connection *connection = &queue->connection;
	connection->wait_ms = (int)batch_patience(batch);
	enum result result = connection_run(connection, "BEGIN IMMEDIATE");
	if (result != RESULT_OK) {
		if (result != RESULT_BUSY)
			complain(queue, result);
		return result == RESULT_BUSY ? RESULT_BUSY : RESULT_STORE_DOWN;
	}
	result = batch_run(connection, batch);
	if (result == RESULT_OK)
		return RESULT_OK;
	complain(queue, result);
	if (sqlite3_get_autocommit(connection->db) == 0)
		(void)!connection_run(connection, "ROLLBACK");
	return RESULT_STORE_DOWN;
}

/* ---- giving back ---- */

/* Under the lock. Events that were not written wait on, in front of those that came meanwhile. */
static void events_put_back(struct write_queue *queue, struct write_batch *batch)
{
	queue->audit_lost += batch->lost;
	if (batch->events == NULL)
		return;
	struct audit_entry *last = batch->events;
	while (last->next != NULL)
		last = last->next;
	last->next = queue->audit_first;
	if (queue->audit_first == NULL)
		queue->audit_last = &last->next;
	queue->audit_first = batch->events;
	queue->audit_waiting += batch->event_count;
	queue->audit_not_before = clock_monotonic_ms() + RETRY_MS;
}

static void events_free(struct audit_entry *entry)
{
	while (entry != NULL) {
		struct audit_entry *next = entry->next;
		free(entry);
		entry = next;
	}
}

/* Under the lock. Jobs that still have time go back to the front of the queue when the lock was busy. */
static void jobs_finish(struct write_queue *queue, struct write_batch *batch, enum result result)
{
	int64_t now = clock_monotonic_ms();
	struct write_job *back = NULL, **back_last = &back;
	for (struct write_job *job = batch->jobs, *next; job != NULL; job = next) {
		next = job->next;
		if (result == RESULT_BUSY && job->give_up_at > now) {
			job->state = WRITE_QUEUED;
			job->next = NULL;
			*back_last = job;
			back_last = &job->next;
			queue->waiting++;
			continue;
		}
		if (result != RESULT_OK)
			job->result = result;
		job->state = WRITE_DONE;
	}
	if (back == NULL)
		return;
	*back_last = queue->first;
	if (queue->first == NULL)
		queue->last = back_last;
	queue->first = back;
}

/* Under the lock. */
static void batch_finish(struct write_queue *queue, struct write_batch *batch, enum result result)
{
	if (result == RESULT_OK && (batch->any_good || batch->events != NULL))
		atomic_fetch_add(&queue->commits, 1);
	for (const struct write_job *job = batch->jobs; result == RESULT_OK && job != NULL; job = job->next)
		if (job->result == RESULT_OK)
			atomic_fetch_add(&queue->writes, 1);
	jobs_finish(queue, batch, result);
	if (result != RESULT_OK)
		events_put_back(queue, batch);
	pthread_cond_broadcast(&queue->done);
}

static void *writer_thread(void *argument)
{
	struct write_queue *queue = argument;
	pthread_mutex_lock(&queue->lock);
	while (work_wait(queue)) {
		bool last_try = queue->stop;
		struct write_batch batch = work_take(queue);
		pthread_mutex_unlock(&queue->lock);
		enum result result = batch_commit(queue, &batch);
		if (result == RESULT_OK)
			events_free(batch.events);
		pthread_mutex_lock(&queue->lock);
		batch_finish(queue, &batch, result);
		if (last_try && result != RESULT_OK && queue->first == NULL)
			break;
	}
	pthread_mutex_unlock(&queue->lock);
	return NULL;
}

enum result write_queue_start(struct write_queue *queue)
{
	queue->last = &queue->first;
	queue->audit_last = &queue->audit_first;
	pthread_mutex_init(&queue->lock, NULL);
	store_condition_init(&queue->work);
	store_condition_init(&queue->done);
	enum result result = store_thread_start(&queue->thread, "store-writer", writer_thread, queue);
	queue->running = result == RESULT_OK;
	return result;
}

void write_queue_stop(struct write_queue *queue)
{
	if (queue->running) {
		pthread_mutex_lock(&queue->lock);
		queue->stop = true;
		pthread_cond_signal(&queue->work);
		pthread_mutex_unlock(&queue->lock);
		pthread_join(queue->thread, NULL);
		events_free(queue->audit_first);
		pthread_cond_destroy(&queue->work);
		pthread_cond_destroy(&queue->done);
		pthread_mutex_destroy(&queue->lock);
		queue->running = false;
	}
	connection_close(&queue->connection);
}

/* ---- for the other threads ---- */

/* Under the lock. Takes a job out that the writer has not taken yet. */
static void job_withdraw(struct write_queue *queue, struct write_job *job)
{
	struct write_job **at = &queue->first;
	while (*at != job)
		at = &(*at)->next;
	*at = job->next;
	if (job->next == NULL)
		queue->last = at;
	queue->waiting--;
}

enum result write_durably(struct store *store, write_run *run, void *argument)
{
	struct write_queue *queue = &store->writes;
	if (!queue->running)
		return RESULT_FAILED;
	struct write_job job = { .run = run, .argument = argument, .give_up_at = clock_monotonic_ms() + LIMIT_STORE_WAIT_MS };
	pthread_mutex_lock(&queue->lock);
	if (queue->waiting >= LIMIT_STORE_QUEUE) {
		pthread_mutex_unlock(&queue->lock);
		return RESULT_BUSY;
	}
	*queue->last = &job;
	queue->last = &job.next;
	queue->waiting++;
	pthread_cond_signal(&queue->work);
	while (job.state != WRITE_DONE) {
		bool in_time = store_condition_wait(&queue->done, &queue->lock, job.give_up_at);
		if (in_time || job.state == WRITE_DONE)
			continue;
		if (job.state == WRITE_QUEUED) {
			job_withdraw(queue, &job);
			job.result = RESULT_BUSY;
			break;
		}
		/* Taken: whether it was committed must be known before anything is answered. */
		while (job.state == WRITE_TAKEN)
			pthread_cond_wait(&queue->done, &queue->lock);
	}
	pthread_mutex_unlock(&queue->lock);
	return job.result;
}

enum result write_audit(struct write_queue *queue, const struct audit_event *event)
{
	static const size_t fields[] = {
		offsetof(struct audit_event, partition), offsetof(struct audit_event, request_id),
		offsetof(struct audit_event, action),    offsetof(struct audit_event, result),
		offsetof(struct audit_event, actor),     offsetof(struct audit_event, object),
		offsetof(struct audit_event, address),   offsetof(struct audit_event, detail),
	};
	const size_t count = sizeof(fields) / sizeof(fields[0]);
	size_t size = sizeof(struct audit_entry);
	for (size_t i = 0; i < count; i++)
		size += ((const struct slice *)((const char *)event + fields[i]))->len;
	struct audit_entry *entry = malloc(size);
	if (entry == NULL)
		return RESULT_NO_MEMORY;
	*entry = (struct audit_entry) { .event = { .at_ms = event->at_ms } };
	char *to = (char *)(entry + 1);
	for (size_t i = 0; i < count; i++) {
		const struct slice *from = (const struct slice *)((const char *)event + fields[i]);
		if (from->len > 0)
			memcpy(to, from->ptr, from->len);
		*(struct slice *)((char *)&entry->event + fields[i]) = (struct slice) { to, from->len };
		to += from->len;
	}
	pthread_mutex_lock(&queue->lock);
	bool room = queue->audit_waiting < LIMIT_AUDIT_QUEUE;
	if (room) {
		if (queue->audit_waiting++ == 0)
			queue->audit_since = clock_monotonic_ms();
		*queue->audit_last = entry;
		queue->audit_last = &entry->next;
		if (queue->audit_waiting == 1 || queue->audit_waiting == AUDIT_ENOUGH)
			pthread_cond_signal(&queue->work);
	} else {
		queue->audit_lost++;
		atomic_fetch_add(&queue->audit_dropped, 1);
	}
	pthread_mutex_unlock(&queue->lock);
	if (!room)
		free(entry);
	return room ? RESULT_OK : RESULT_BUSY;
}
