/* How grants end: dead in the store, their gid revoked with it, and this process told before anybody is answered. */
#include "store/listing.h"
#include "store/sqlite_grants.h"

/* A row stays for as long as access tokens of it may live: a code of it that is used again is known. Its refresh tokens go
 * by a trigger. */
#define END "UPDATE grant_record SET ended = 2, forget_at = min(forget_at, tokens_until) WHERE "

static const char *const end_chosen[] = {
	[GRANTS_OF_SESSION] =
		END "number IN (SELECT number FROM grant_record INDEXED BY grant_by_person WHERE" OF_REALM
		" AND person_id = ?3 AND sid = ?4 AND offline = 0 AND ended < 2 LIMIT ?5) RETURNING gid",
	[GRANTS_OF_SESSIONS] =
		END "number IN (SELECT number FROM grant_record INDEXED BY grant_by_person WHERE" OF_REALM
		" AND person_id = ?3 AND sid > ?4 AND offline = 0 AND ended < 2 LIMIT ?5) RETURNING gid",
	[GRANTS_TO_APPLICATION] =
		END "number IN (SELECT number FROM grant_record INDEXED BY grant_by_person WHERE" OF_REALM
		" AND person_id = ?3 AND client_id = ?4 AND ended < 2 LIMIT ?5) RETURNING gid",
};

enum result grants_end(struct connection *connection, struct grant_ending *ending)
{
	ending->count = 0;
	sqlite3_stmt *statement = connection_statement(connection, end_chosen[ending->choice]);
	if (statement == NULL)
		return RESULT_STORE_DOWN;
	bind_realm(statement, ending->realm);
	bind_text(statement, 3, ending->person_id);
	bind_text(statement, 4, ending->key);
	bind_int(statement, 5, GRANTS_ENDED_AT_ONCE);
	int code;
	while ((code = sqlite3_step(statement)) == SQLITE_ROW && ending->count < GRANTS_ENDED_AT_ONCE)
		if (kept_text_set(&ending->gids[ending->count], column_text(statement, 0)))
			ending->count++;
	(void)sqlite3_reset(statement);
	if (code != SQLITE_DONE)
		return code == SQLITE_ROW ? RESULT_STORE_DOWN : sqlite_result(code);
	enum result result = RESULT_OK;
	for (size_t i = 0; i < ending->count && result == RESULT_OK; i++)
		result = revocation_insert(connection, &ending->realm->partition, REVOKED_GRANT, kept_text_slice(&ending->gids[i]),
		                           ending->until);
	return result;
}

static enum result grants_end_run(struct connection *connection, void *argument)
{
	return grants_end(connection, argument);
}

enum result grants_end_finish(struct store *store, struct grant_ending *ending)
{
	for (;;) {
		enum result result = RESULT_OK;
		for (size_t i = 0; i < ending->count; i++) {
			enum result told = revocations_add(&store->revocations, partition_id_slice(&ending->realm->partition),
			                                   REVOKED_GRANT, kept_text_slice(&ending->gids[i]), ending->until);
			result = result == RESULT_OK ? told : result;
		}
		if (result != RESULT_OK || ending->count < GRANTS_ENDED_AT_ONCE)
			return result;
		result = write_durably(store, grants_end_run, ending);
		if (result != RESULT_OK)
			return result;
	}
}

enum result grant_end_one(struct connection *connection, const struct realm *realm, struct slice gid, int64_t until)
{
	sqlite3_stmt *statement = connection_statement(connection, END OF_REALM " AND gid = ?3 AND ended < 2");
	bind_realm(statement, realm);
	bind_text(statement, 3, gid);
	enum result result = statement_run(statement, NULL);
	return result == RESULT_OK ? revocation_insert(connection, &realm->partition, REVOKED_GRANT, gid, until) : result;
}

struct one_ending {
	const struct realm *realm;
	struct slice gid;
	int64_t until;
	bool must_live; /* RESULT_NOT_FOUND for one that is not there, or has ended */
};

static enum result grant_find(struct connection *connection, const struct one_ending *ending)
{
	sqlite3_stmt *statement = connection_statement(connection, "SELECT 1 FROM grant_record WHERE" OF_REALM " AND gid = ?3 AND ended < 2");
	bind_realm(statement, ending->realm);
	bind_text(statement, 3, ending->gid);
	int64_t ignored;
	return statement_int(statement, &ignored);
}

static enum result one_ending_run(struct connection *connection, void *argument)
{
	const struct one_ending *ending = argument;
	enum result result = ending->must_live ? grant_find(connection, ending) : RESULT_OK;
	return result == RESULT_OK ? grant_end_one(connection, ending->realm, ending->gid, ending->until) : result;
}

static enum result one_end(struct store *store, struct one_ending *ending, const struct audit_event *event)
{
	if (ending->gid.len == 0 || ending->gid.len > LIMIT_ID)
		return ending->must_live ? RESULT_NOT_FOUND : RESULT_INVALID;
	enum result result = write_audited(store, one_ending_run, ending, event);
	if (result != RESULT_OK)
		return result;
	return revocations_add(&store->revocations, partition_id_slice(&ending->realm->partition), REVOKED_GRANT, ending->gid, ending->until);
}

enum result store_grant_end(struct store *store, const struct realm *realm, struct slice gid, int64_t until)
{
	return one_end(store, &(struct one_ending) { realm, gid, until, false }, NULL);
}

enum result store_grant_end_audited(struct store *store, const struct realm *realm, struct slice gid, int64_t until,
                                    const struct audit_event *event)
{
	return one_end(store, &(struct one_ending) { realm, gid, until, true }, event);
}

enum result store_grant_claims(struct store *store, const struct realm *realm, struct slice gid, struct arena *arena, struct slice *ret)
{
	struct reading reading;
	enum result result =
		reading_begin_now(store, "SELECT claims_userinfo FROM grant_record WHERE" OF_REALM " AND gid = ?3", &reading);
	if (result != RESULT_OK)
		return result;
	bind_realm(reading.statement, realm);
	bind_text(reading.statement, 3, gid);
	result = reading_step(&reading);
	struct slice claims = { NULL, 0 };
	if (result == RESULT_OK)
		claims = row_text(&(struct row) { reading.statement, arena, 0 });
	result = reading_end_taken(&reading, result, arena);
	if (result == RESULT_OK)
		*ret = claims;
	return result;
}
