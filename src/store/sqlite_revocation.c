#include "store/sqlite_store.h"

#include "base/clock.h"
#include "base/random.h"
#include "base/secret.h"

#include <sodium.h>
#include <stdlib.h>

#define REVOCATIONS_FIRST 64 /* slots; always a power of two, at most half of them taken */

enum result revocations_init(struct revocation_set *set)
{
	pthread_rwlockattr_t attributes;
	pthread_rwlockattr_init(&attributes);
	/* Readers come all the time: without this a revocation could wait for ever. */
	pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(&set->lock, &attributes);
	pthread_rwlockattr_destroy(&attributes);
	random_bytes(set->key, sizeof(set->key));
	set->slots = calloc(REVOCATIONS_FIRST, sizeof(*set->slots));
	set->capacity = set->slots == NULL ? 0 : REVOCATIONS_FIRST;
	return set->slots == NULL ? RESULT_NO_MEMORY : RESULT_OK;
}

void revocations_free(struct revocation_set *set)
{
	if (set->slots != NULL)
		pthread_rwlock_destroy(&set->lock);
	free(set->slots);
	set->slots = NULL;
}

/* What cannot be in the set gives false: longer than any id of ours. */
static bool revocation_hash(const struct revocation_set *set, struct slice partition, enum revocation_kind kind, struct slice id,
                            uint64_t hash[2])
{
	unsigned char text[1 + LIMIT_PARTITION_ID + 1 + LIMIT_ID];
	size_t len = 0;
	if (partition.len == 0 || partition.len > LIMIT_PARTITION_ID || id.len == 0 || id.len > LIMIT_ID)
		return false;
	text[len++] = (unsigned char)kind;
	memcpy(text + len, partition.ptr, partition.len);
	len += partition.len;
	text[len++] = '\0';
	memcpy(text + len, id.ptr, id.len);
	len += id.len;
	crypto_shorthash_siphashx24((unsigned char *)hash, text, len, set->key);
	if (hash[0] == 0 && hash[1] == 0)
		hash[0] = 1;
	return true;
}

/* The slot of the hash, or the free one where it belongs. */
static struct revoked *revocation_slot(struct revoked *slots, size_t capacity, const uint64_t hash[2])
{
	size_t at = (size_t)hash[0] & (capacity - 1);
	while ((slots[at].hash[0] | slots[at].hash[1]) != 0 && (slots[at].hash[0] != hash[0] || slots[at].hash[1] != hash[1]))
		at = (at + 1) & (capacity - 1);
	return &slots[at];
}

/* Under the write lock: a new table without the expired ones, with room for as many again. */
static enum result revocations_rebuild(struct revocation_set *set, int64_t now)
{
	size_t alive = 0;
	for (size_t i = 0; i < set->capacity; i++)
		if ((set->slots[i].hash[0] | set->slots[i].hash[1]) != 0 && set->slots[i].expires_at > now)
			alive++;
	size_t capacity = REVOCATIONS_FIRST;
	while (capacity < (alive + 1) * 4)
		capacity *= 2;
	struct revoked *slots = calloc(capacity, sizeof(*slots));
	if (slots == NULL)
		return RESULT_NO_MEMORY;
	for (size_t i = 0; i < set->capacity; i++)
		if ((set->slots[i].hash[0] | set->slots[i].hash[1]) != 0 && set->slots[i].expires_at > now)
			*revocation_slot(slots, capacity, set->slots[i].hash) = set->slots[i];
	free(set->slots);
	set->slots = slots;
	set->capacity = capacity;
	set->count = alive;
	return RESULT_OK;
}

enum result revocations_add(struct revocation_set *set, struct slice partition, enum revocation_kind kind, struct slice id,
                            int64_t expires_at)
{
	uint64_t hash[2];
	if (!revocation_hash(set, partition, kind, id, hash))
		return RESULT_INVALID;
	enum result result = RESULT_OK;
	pthread_rwlock_wrlock(&set->lock);
	if ((set->count + 1) * 2 > set->capacity)
		result = revocations_rebuild(set, clock_s());
	/* Even when no larger table can be had, this one must be known: a slot is free until the last. */
	if (result == RESULT_OK || set->count + 1 < set->capacity) {
		struct revoked *slot = revocation_slot(set->slots, set->capacity, hash);
		if ((slot->hash[0] | slot->hash[1]) == 0) {
			*slot = (struct revoked) { { hash[0], hash[1] }, expires_at };
			set->count++;
		} else if (slot->expires_at < expires_at) {
			slot->expires_at = expires_at;
		}
		result = RESULT_OK;
	}
	pthread_rwlock_unlock(&set->lock);
	return result;
}

void revocations_forget_expired(struct revocation_set *set, int64_t now)
{
	size_t expired = 0;
	pthread_rwlock_wrlock(&set->lock);
	for (size_t i = 0; i < set->capacity; i++)
		if ((set->slots[i].hash[0] | set->slots[i].hash[1]) != 0 && set->slots[i].expires_at <= now)
			expired++;
	if (expired > 0)
		(void)!revocations_rebuild(set, now); /* without memory they only stay longer */
	pthread_rwlock_unlock(&set->lock);
}

bool store_is_revoked(struct store *store, const struct partition_id *partition, enum revocation_kind kind, struct slice id)
{
	struct revocation_set *set = &store->revocations;
	uint64_t hash[2];
	if (!revocation_hash(set, partition_id_slice(partition), kind, id, hash))
		return false;
	pthread_rwlock_rdlock(&set->lock);
	const struct revoked *slot = revocation_slot(set->slots, set->capacity, hash);
	bool revoked = (slot->hash[0] | slot->hash[1]) != 0;
	pthread_rwlock_unlock(&set->lock);
	return revoked;
}

/* Columns: partition, kind, id, expires_at. */
static enum result revocations_take(struct revocation_set *set, sqlite3_stmt *statement)
{
	if (statement == NULL)
		return RESULT_STORE_DOWN;
	enum result result = RESULT_OK;
	int code = SQLITE_DONE;
	while (result == RESULT_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		result = revocations_add(set, column_text(statement, 0), (enum revocation_kind)sqlite3_column_int(statement, 1),
		                         column_text(statement, 2), sqlite3_column_int64(statement, 3));
		if (result == RESULT_INVALID)
			result = RESULT_OK; /* no token can carry such an id */
	}
	(void)sqlite3_reset(statement);
	return result == RESULT_OK ? sqlite_result(code) : result;
}

enum result revocations_load(struct revocation_set *set, struct connection *connection)
{
	sqlite3_stmt *statement =
		connection_statement(connection, "SELECT partition, kind, id, expires_at FROM revocation WHERE expires_at > ?1");
	bind_int(statement, 1, clock_s());
	return revocations_take(set, statement);
}

enum result revocations_load_one(struct revocation_set *set, struct connection *connection, struct slice partition, struct slice id)
{
	sqlite3_stmt *statement = connection_statement(
		connection, "SELECT partition, kind, id, expires_at FROM revocation WHERE partition = ?1 AND id = ?2");
	bind_text(statement, 1, partition);
	bind_text(statement, 2, id);
	return revocations_take(set, statement);
}

enum result revocation_insert(struct connection *connection, const struct partition_id *partition, enum revocation_kind kind,
                              struct slice id, int64_t expires_at)
{
	sqlite3_stmt *statement = connection_statement(
		connection, "INSERT INTO revocation (partition, id, kind, expires_at) VALUES (?1, ?2, ?3, ?4) "
		            "ON CONFLICT (partition, id, kind) DO UPDATE SET expires_at = max(expires_at, excluded.expires_at)");
	bind_partition(statement, 1, partition);
	bind_text(statement, 2, id);
	bind_int(statement, 3, kind);
	bind_int(statement, 4, expires_at);
	enum result result = statement_run(statement, NULL);
	return result == RESULT_OK ? change_insert(connection, partition_id_slice(partition), CHANGE_REVOCATION, id) : result;
}

struct revocation {
	const struct partition_id *partition;
	enum revocation_kind kind;
	struct slice id;
	int64_t expires_at;
};

static enum result revocation_run(struct connection *connection, void *argument)
{
	const struct revocation *revocation = argument;
	return revocation_insert(connection, revocation->partition, revocation->kind, revocation->id, revocation->expires_at);
}

enum result store_revoke(struct store *store, const struct partition_id *partition, enum revocation_kind kind, struct slice id,
                         int64_t expires_at)
{
	if (id.len == 0 || id.len > LIMIT_ID)
		return RESULT_INVALID;
	struct revocation revocation = { partition, kind, id, expires_at };
	enum result result = write_durably(store, revocation_run, &revocation);
	if (result != RESULT_OK)
		return result;
	/* Known here before the caller answers; elsewhere within a look of the watcher. */
	return revocations_add(&store->revocations, partition_id_slice(partition), kind, id, expires_at);
}
