#include "oauth/statistics.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

/* Threads of one processor share a table: two of them hardly ever want it at once. */
#define SHARDS 16
#define ROWS LIMIT_STATISTICS_COUNTED
/* The last of them are for rows without client application and reason, of which there are few. */
#define ROWS_NAMED (ROWS / 8 * 7)
#define PLACES (2 * ROWS) /* a power of two; half of them stay empty */
#define MINUTE_S 60

struct row {
	int64_t at, count;
	uint32_t hash;
	uint16_t reason;
	uint8_t measure, flow;
	uint8_t partition_len, client_len;
	char names[LIMIT_PARTITION_ID + LIMIT_ID]; /* partition, then client id */
};
_Static_assert((int)REFUSAL_COUNT < UINT16_MAX && LIMIT_ID <= UINT8_MAX && LIMIT_PARTITION_ID <= UINT8_MAX, "they fit");
_Static_assert((PLACES & (PLACES - 1)) == 0 && ROWS < UINT16_MAX, "places hold the number of a row");

struct table {
	size_t count;
	uint16_t places[PLACES]; /* number of a row + 1; 0: empty */
	struct row rows[ROWS];
};

struct shard {
	pthread_mutex_t lock;
	struct table *table; /* NULL: nothing was counted here since it was taken out */
	char apart[64];      /* from the next one's line of the cache */
};

struct statistics {
	struct shard shards[SHARDS];
	_Atomic bool many;
	_Atomic int64_t lost;
};

struct slice counted_flow_name(enum counted_flow flow)
{
	static const struct slice names[] = {
		[COUNTED_NONE] = SLICE(""),
		[COUNTED_AUTHORIZATION_CODE] = SLICE("authorization_code"),
		[COUNTED_REFRESH_TOKEN] = SLICE("refresh_token"),
		[COUNTED_CLIENT_CREDENTIALS] = SLICE("client_credentials"),
		[COUNTED_ON_BEHALF_OF] = SLICE("on_behalf_of"),
		[COUNTED_TOKEN_EXCHANGE] = SLICE("token_exchange"),
		[COUNTED_ANONYMOUS] = SLICE("anonymous"),
	};
	return names[flow];
}

struct statistics *statistics_new(void)
{
	struct statistics *statistics = calloc(1, sizeof *statistics);
	for (size_t i = 0; statistics != NULL && i < SHARDS; i++)
		pthread_mutex_init(&statistics->shards[i].lock, NULL);
	return statistics;
}

void statistics_free(struct statistics *statistics)
{
	if (statistics == NULL)
		return;
	for (size_t i = 0; i < SHARDS; i++) {
		pthread_mutex_destroy(&statistics->shards[i].lock);
		free(statistics->shards[i].table);
	}
	free(statistics);
}

/* ---- counting --------------------------------------------------------------------------------------------------- */

/* What is hashed are names that administrators gave: eight bytes at a time will do. */
static uint64_t mix(uint64_t hash, const char *bytes, size_t len)
{
	while (len > 0) {
		uint64_t word = 0;
		const size_t taken = len < sizeof word ? len : sizeof word;
		memcpy(&word, bytes, taken);
		hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 29;
		bytes += taken;
		len -= taken;
	}
	return hash;
}

static struct row row_of(int64_t now_s, const struct counted *counted, bool named)
{
	struct row row = {
		.at = now_s - now_s % MINUTE_S,
		.measure = (uint8_t)counted->measure,
		.flow = (uint8_t)counted->flow,
		.reason = named ? (uint16_t)counted->reason : REFUSAL_NONE,
		.partition_len = counted->partition->len,
		.client_len = named ? (uint8_t)counted->client_id.len : 0,
	};
	memcpy(row.names, counted->partition->text, row.partition_len);
	if (row.client_len > 0)
		memcpy(row.names + row.partition_len, counted->client_id.ptr, row.client_len);
	const uint64_t numbers = (uint64_t)row.at << 24 ^ (uint64_t)row.reason << 16 ^ (uint64_t)row.measure << 8 ^ row.flow;
	const uint64_t hash = mix(mix(numbers, (const char *)&numbers, sizeof numbers), row.names, (size_t)row.partition_len + row.client_len);
	row.hash = (uint32_t)(hash >> 32);
	return row;
}

static bool same(const struct row *a, const struct row *b)
{
	return a->hash == b->hash && a->at == b->at && a->reason == b->reason && a->measure == b->measure && a->flow == b->flow &&
	       a->partition_len == b->partition_len && a->client_len == b->client_len &&
	       memcmp(a->names, b->names, (size_t)a->partition_len + a->client_len) == 0;
}

/* False: there is no room for a new one. */
static bool table_add(struct table *table, const struct row *row, size_t rows_max)
{
	size_t place = row->hash & (PLACES - 1);
	while (table->places[place] != 0) {
		struct row *found = &table->rows[table->places[place] - 1];
		if (same(found, row)) {
			found->count += row->count;
			return true;
		}
		place = (place + 1) & (PLACES - 1);
	}
	if (table->count >= rows_max)
		return false;
	table->rows[table->count] = *row;
	table->places[place] = (uint16_t)++table->count;
	return true;
}

static bool shard_add(struct statistics *statistics, struct shard *shard, const struct row *row, size_t rows_max)
{
	pthread_mutex_lock(&shard->lock);
	if (shard->table == NULL)
		shard->table = calloc(1, sizeof *shard->table);
	const bool added = shard->table != NULL && table_add(shard->table, row, rows_max);
	const bool many = shard->table != NULL && shard->table->count >= ROWS / 2;
	pthread_mutex_unlock(&shard->lock);
	if (many)
		atomic_store_explicit(&statistics->many, true, memory_order_relaxed);
	return added;
}

static struct shard *shard_here(struct statistics *statistics)
{
	const int processor = sched_getcpu();
	return &statistics->shards[processor < 0 ? 0 : (unsigned)processor % SHARDS];
}

static void count_times(struct statistics *statistics, int64_t at_s, const struct counted *counted, int64_t times)
{
	struct shard *shard = shard_here(statistics);
	struct row row = row_of(at_s, counted, true);
	row.count = times;
	if (shard_add(statistics, shard, &row, row.client_len > 0 || row.reason != REFUSAL_NONE ? ROWS_NAMED : ROWS))
		return;
	row = row_of(at_s, counted, false);
	row.count = times;
	if (!shard_add(statistics, shard, &row, ROWS))
		atomic_fetch_add_explicit(&statistics->lost, times, memory_order_relaxed);
}

void statistics_count(struct statistics *statistics, int64_t now_s, const struct counted *counted)
{
	if (statistics != NULL && counted->partition->len > 0 && counted->client_id.len <= LIMIT_ID)
		count_times(statistics, now_s, counted, 1);
}

bool statistics_are_many(const struct statistics *statistics)
{
	return atomic_load_explicit(&statistics->many, memory_order_relaxed);
}

/* ---- taking out ------------------------------------------------------------------------------------------------- */

struct taken {
	struct table *tables[SHARDS];
	const struct row **rows; /* of all of them, by partition */
	size_t count;
};

static struct slice partition_of(const struct row *row)
{
	return (struct slice) { row->names, row->partition_len };
}

static int by_partition(const void *a, const void *b)
{
	const struct row *one = *(const struct row *const *)a, *other = *(const struct row *const *)b;
	return slice_compare(partition_of(one), partition_of(other));
}

static void take_out(struct statistics *statistics, struct taken *ret)
{
	*ret = (struct taken) { .count = 0 };
	atomic_store_explicit(&statistics->many, false, memory_order_relaxed);
	for (size_t i = 0; i < SHARDS; i++) {
		struct shard *shard = &statistics->shards[i];
		pthread_mutex_lock(&shard->lock);
		ret->tables[i] = shard->table;
		shard->table = NULL;
		pthread_mutex_unlock(&shard->lock);
		ret->count += ret->tables[i] == NULL ? 0 : ret->tables[i]->count;
	}
}

static bool sort(struct taken *taken)
{
	size_t count = 0;
	taken->rows = calloc(taken->count + 1, sizeof(const struct row *));
	if (taken->rows == NULL)
		return false;
	for (size_t i = 0; i < SHARDS; i++)
		for (size_t j = 0; taken->tables[i] != NULL && j < taken->tables[i]->count; j++)
			taken->rows[count++] = &taken->tables[i]->rows[j];
	qsort(taken->rows, taken->count, sizeof(const struct row *), by_partition);
	return true;
}

static void put_back(struct statistics *statistics, const struct row *row)
{
	struct partition_id partition;
	const struct counted counted = {
		.partition = &partition,
		.measure = (enum statistic_measure)row->measure,
		.flow = (enum counted_flow)row->flow,
		.reason = (enum refusal)row->reason,
		.client_id = { row->names + row->partition_len, row->client_len },
	};
	if (partition_id_parse(partition_of(row), &partition))
		count_times(statistics, row->at, &counted, row->count);
}

static struct statistic statistic_of(const struct row *row)
{
	return (struct statistic) {
		.at = row->at,
		.measure = (enum statistic_measure)row->measure,
		.flow = counted_flow_name((enum counted_flow)row->flow),
		.client_id = { row->names + row->partition_len, row->client_len },
		.reason = row->reason == REFUSAL_NONE ? SLICE_OF("") : slice_from(refusal_entry((enum refusal)row->reason)->slug),
		.count = row->count,
	};
}

/* Gives the first rows of what is left, all of one partition; ret: how many. */
static enum result give(struct statistics *statistics, const struct row *const *rows, size_t left, statistics_add *add, void *context, size_t *ret)
{
	struct statistic batch[LIMIT_STATISTICS_BATCH];
	struct partition_id partition;
	size_t count = 0;
	while (count < left && count < LIMIT_STATISTICS_BATCH && slice_equal(partition_of(rows[count]), partition_of(rows[0]))) {
		batch[count] = statistic_of(rows[count]);
		count++;
	}
	*ret = count;
	enum result result = partition_id_parse(partition_of(rows[0]), &partition) ? add(context, &partition, batch, count) : RESULT_INVALID;
	if (result == RESULT_OK || result == RESULT_NOT_FOUND || result == RESULT_INVALID)
		return RESULT_OK;
	for (size_t i = 0; i < count; i++)
		put_back(statistics, rows[i]);
	return result;
}

enum result statistics_take(struct statistics *statistics, statistics_add *add, void *context, int64_t *ret_lost)
{
	struct taken taken;
	enum result result = RESULT_OK;
	take_out(statistics, &taken);
	const bool sorted = sort(&taken);
	size_t given = 0;
	while (sorted && given < taken.count) {
		size_t count = 0;
		enum result one = give(statistics, taken.rows + given, taken.count - given, add, context, &count);
		if (one != RESULT_OK)
			result = one;
		given += count;
	}
	for (size_t i = 0; i < SHARDS; i++) {
		for (size_t j = 0; !sorted && taken.tables[i] != NULL && j < taken.tables[i]->count; j++)
			put_back(statistics, &taken.tables[i]->rows[j]);
		free(taken.tables[i]);
	}
	free(taken.rows);
	*ret_lost = atomic_load_explicit(&statistics->lost, memory_order_relaxed);
	return sorted ? result : RESULT_NO_MEMORY;
}
