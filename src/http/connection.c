#include "http/connection.h"

#include "base/clock.h"
#include "http/address.h"

#include <stdlib.h>
#include <sys/ioctl.h>

/* How many connections are looked at to find one to shed: the lock is held meanwhile. */
#define SHED_STEPS 64
#define MARGIN_MAX 64
#define NO_DEADLINE INT64_MAX

void connection_table_open(struct connection_table *table, int64_t max, int64_t silence_ms, int64_t request_ms)
{
	int64_t margin = max / 32;
	*table = (struct connection_table) {
		.max = max,
		.margin = margin < 1 ? 1 : margin > MARGIN_MAX ? MARGIN_MAX
		                                               : margin,
		.request_ms = request_ms,
		.silence_ms = silence_ms,
	};
	pthread_mutex_init(&table->lock, NULL);
}

void connection_table_close(struct connection_table *table)
{
	pthread_mutex_destroy(&table->lock);
}

static void append(struct connection_table *table, struct connection *connection)
{
	connection->before = table->last;
	connection->after = NULL;
	if (table->last != NULL)
		table->last->after = connection;
	else
		table->first = connection;
	table->last = connection;
}

static void unlink_from(struct connection_table *table, struct connection *connection)
{
	if (connection->before != NULL)
		connection->before->after = connection->after;
	else
		table->first = connection->after;
	if (connection->after != NULL)
		connection->after->before = connection->before;
	else
		table->last = connection->before;
}

static void cut(struct connection_table *table, struct connection *connection)
{
	if (connection->cut)
		return;
	connection->cut = true;
	table->cut_count++;
	shutdown(connection->socket, SHUT_RDWR);
}

/* The connection idle for longest; failing that, the oldest one that is still sending its request. Those that were
 * used since the last look go to the end of the line with their mark taken off (the clock algorithm), so no request
 * pays for keeping an order. */
static struct connection *find_victim(struct connection_table *table)
{
	struct connection *reading = NULL;
	struct connection *at = table->first;
	for (int i = 0; i < SHED_STEPS && at != NULL; i++) {
		struct connection *next = at->after;
		int stage = atomic_load(&at->stage);
		bool idle = !at->cut && stage == CONNECTION_IDLE;
		if (idle && !atomic_exchange(&at->used, false))
			return at;
		if (reading == NULL && !at->cut && stage == CONNECTION_READING)
			reading = at;
		if (at->cut || stage != CONNECTION_READING) {
			unlink_from(table, at);
			append(table, at);
		}
		at = next;
	}
	return reading;
}

static void make_room(struct connection_table *table, struct connection *added)
{
	if (table->count - table->cut_count <= table->max - table->margin)
		return;
	struct connection *victim = find_victim(table);
	if (victim == NULL && table->count - table->cut_count > table->max)
		victim = added;
	if (victim == NULL)
		return;
	cut(table, victim);
	atomic_fetch_add(&table->shed, 1);
}

static void peer_copy(struct connection *connection, const struct sockaddr *peer)
{
	if (peer == NULL)
		return;
	size_t size = peer->sa_family == AF_INET6  ? sizeof(struct sockaddr_in6)
	              : peer->sa_family == AF_INET ? sizeof(struct sockaddr_in)
	                                           : sizeof(sa_family_t);
	memcpy(&connection->peer, peer, size);
}

struct connection *connection_add(struct connection_table *table, int socket, const struct sockaddr *peer, bool tls)
{
	struct connection *connection = calloc(1, sizeof *connection);
	if (connection == NULL) {
		shutdown(socket, SHUT_RDWR);
		return NULL;
	}
	connection->socket = socket;
	peer_copy(connection, peer);
	connection->address_len = address_print((const struct sockaddr *)&connection->peer, connection->address);
	atomic_init(&connection->stage, CONNECTION_IDLE);
	atomic_init(&connection->used, false);
	connection->greeting = tls;
	atomic_init(&connection->deadline_ms, clock_monotonic_ms() + (tls ? table->silence_ms : table->request_ms));
	pthread_mutex_lock(&table->lock);
	table->count++;
	make_room(table, connection);
	append(table, connection);
	pthread_mutex_unlock(&table->lock);
	return connection;
}

void connection_remove(struct connection_table *table, struct connection *connection)
{
	pthread_mutex_lock(&table->lock);
	unlink_from(table, connection);
	table->count--;
	if (connection->cut)
		table->cut_count--;
	pthread_mutex_unlock(&table->lock);
	free(connection);
}

void connection_reads(struct connection_table *table, struct connection *connection)
{
	int64_t deadline = clock_monotonic_ms() + table->request_ms;
	if (connection->greeting || deadline < atomic_load(&connection->deadline_ms))
		atomic_store(&connection->deadline_ms, deadline);
	connection->greeting = false;
	atomic_store(&connection->used, true);
	atomic_store(&connection->stage, CONNECTION_READING);
}

void connection_handles(struct connection *connection)
{
	atomic_store(&connection->deadline_ms, NO_DEADLINE);
	atomic_store(&connection->stage, CONNECTION_HANDLED);
}

void connection_sends(struct connection_table *table, struct connection *connection)
{
	atomic_store(&connection->deadline_ms, clock_monotonic_ms() + table->request_ms);
	atomic_store(&connection->stage, CONNECTION_SENDING);
}

void connection_rests(struct connection_table *table, struct connection *connection)
{
	/* The first byte of the next request cannot be seen, only its whole first line. But a silent sender is cut by the
	 * library after silence_ms, so whoever is still here after both began a request more than request_ms ago. */
	atomic_store(&connection->deadline_ms, clock_monotonic_ms() + table->silence_ms + table->request_ms);
	atomic_store(&connection->stage, CONNECTION_IDLE);
}

void connection_table_reap(struct connection_table *table, int64_t now_ms)
{
	pthread_mutex_lock(&table->lock);
	for (struct connection *at = table->first; at != NULL; at = at->after) {
		if (at->cut || atomic_load(&at->deadline_ms) > now_ms)
			continue;
		cut(table, at);
		atomic_fetch_add(&table->deadlines, 1);
	}
	pthread_mutex_unlock(&table->lock);
}

void connection_table_shut(struct connection_table *table)
{
	pthread_mutex_lock(&table->lock);
	for (struct connection *at = table->first; at != NULL; at = at->after)
		cut(table, at);
	pthread_mutex_unlock(&table->lock);
}

bool connection_table_has_unread(struct connection_table *table)
{
	bool unread = false;
	pthread_mutex_lock(&table->lock);
	for (struct connection *at = table->first; at != NULL && !unread; at = at->after) {
		int bytes = 0;
		unread = !at->cut && atomic_load(&at->stage) == CONNECTION_IDLE && ioctl(at->socket, FIONREAD, &bytes) == 0 && bytes > 0;
	}
	pthread_mutex_unlock(&table->lock);
	return unread;
}

int64_t connection_table_count(struct connection_table *table)
{
	pthread_mutex_lock(&table->lock);
	int64_t count = table->count;
	pthread_mutex_unlock(&table->lock);
	return count;
}
