/* Refresh tokens (RFC 6749 §6, RFC 9700 §4.14): families, and how they go on.
 *
 * A token T that is used stays for as long as it may give siblings: until one of its successors is used, or its grace is
 * over. Then its row goes, and whoever presents T names a family that lives without being among its tokens. */
#include "store/sqlite_grants.h"

static enum result token_insert(struct connection *connection, const struct hash32 *hash, int64_t grant_number, int64_t parent)
{
	sqlite3_stmt *statement = connection_statement(
		connection, "INSERT INTO refresh_token (hash, grant_number, parent) VALUES (?1, ?2, nullif(?3, 0))");
	bind_hash(statement, 1, hash);
	bind_int(statement, 2, grant_number);
	bind_int(statement, 3, parent);
	return statement_run(statement, NULL);
}

enum result family_begin(struct connection *connection, int64_t grant_number, const struct code_redemption *redemption)
{
	sqlite3_stmt *statement = connection_statement(
		connection, "UPDATE grant_record SET family_hash = ?2, family_created_at = ?3, family_used_at = ?3, "
		            "family_idle_at = min(?4, ?5), family_ends_at = ?5, forget_at = max(forget_at, min(?4, ?5)) WHERE number = ?1");
	bind_int(statement, 1, grant_number);
	bind_hash(statement, 2, &redemption->refresh->family);
	bind_int(statement, 3, redemption->now_s);
	bind_int(statement, 4, redemption->now_s + redemption->refresh_idle_s);
	bind_int(statement, 5, redemption->now_s + redemption->refresh_max_s);
	enum result result = statement_run(statement, NULL);
	return result == RESULT_OK ? token_insert(connection, &redemption->refresh->token, grant_number, 0) : result;
}

/* ---- reading ---- */

enum result store_refresh_read(struct store *store, const struct realm *realm, const struct refresh_name *name, int64_t now_ms,
                               struct arena *arena, struct refresh_read *ret)
{
	static const char sql[] =
		"SELECT " GRANT_COLUMNS ", family_created_at, family_idle_at, EXISTS (SELECT 1 FROM refresh_token AS t WHERE t.hash = ?4 "
		"AND t.grant_number = grant_record.number AND (t.used_ms IS NULL OR abs(?5 - t.used_ms) <= ?6)) "
		"FROM grant_record WHERE family_hash = ?3 AND" OF_REALM " AND ended = 0 AND family_idle_at * 1000 > ?5";
	struct reading reading;
	enum result result = reading_begin_now(store, sql, &reading);
	if (result != RESULT_OK)
		return result;
	bind_realm(reading.statement, realm);
	bind_hash(reading.statement, 3, &name->family);
	bind_hash(reading.statement, 4, &name->token);
	bind_int(reading.statement, 5, now_ms);
	bind_int(reading.statement, 6, LIMIT_REFRESH_GRACE_MS);
	result = reading_step(&reading);
	struct refresh_read read = { 0 };
	if (result == RESULT_OK) {
		struct row row = { reading.statement, arena, 0 };
		grant_from_row(&row, &read.grant);
		read.created_at = row_int(&row);
		read.expires_at = row_int(&row);
		read.state = row_bool(&row) ? REFRESH_LIVE : REFRESH_SPENT;
	}
	result = reading_end_taken(&reading, result, arena);
	if (result == RESULT_OK)
		*ret = read;
	return result;
}

/* ---- rotating ---- */

struct rotate_job {
	const struct realm *realm;
	const struct refresh_rotation *rotation;
	enum result verdict;  /* what is answered: the job itself is good, so that a family that it ended stays so */
	struct kept_text gid; /* of the family */
	int64_t grant_number;
};

/* The family, when it lives and is of this application. */
static enum result family_find(struct connection *connection, struct rotate_job *job)
{
	const struct refresh_rotation *rotation = job->rotation;
	sqlite3_stmt *statement = connection_statement(
		connection, "SELECT number, gid FROM grant_record WHERE family_hash = ?3 AND" OF_REALM " AND client_id = ?4 AND ended = 0 "
		            "AND family_idle_at * 1000 > ?5");
	if (statement == NULL)
		return RESULT_STORE_DOWN;
	bind_realm(statement, job->realm);
	bind_hash(statement, 3, &rotation->used.family);
	bind_text(statement, 4, rotation->client_id);
	bind_int(statement, 5, rotation->now_ms);
	int code = sqlite3_step(statement);
	bool found = code == SQLITE_ROW;
	if (found) {
		job->grant_number = sqlite3_column_int64(statement, 0);
		found = kept_text_set(&job->gid, column_text(statement, 1));
	}
	(void)sqlite3_reset(statement);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return sqlite_result(code);
	return found ? RESULT_OK : RESULT_NOT_FOUND;
}

/* A token that was used by this very statement. */
struct used_token {
	int64_t number;
	bool first; /* not within the grace of an earlier use */
};

/* What single use rests on: one statement. The window begins with the first use and is never moved; a clock that was set
 * back does not widen it. RESULT_NOT_FOUND: no such token may be used. */
static enum result token_use(struct connection *connection, const struct rotate_job *job, struct used_token *ret)
{
	const struct refresh_rotation *rotation = job->rotation;
	sqlite3_stmt *statement = connection_statement(
		connection, "UPDATE refresh_token SET used_ms = coalesce(used_ms, ?3), successors = successors + 1 "
		            "WHERE hash = ?1 AND grant_number = ?2 AND (used_ms IS NULL OR abs(?3 - used_ms) <= ?4) AND successors < ?5 "
		            "RETURNING number, successors = 1");
	if (statement == NULL)
		return RESULT_STORE_DOWN;
	bind_hash(statement, 1, &rotation->used.token);
	bind_int(statement, 2, job->grant_number);
	bind_int(statement, 3, rotation->now_ms);
	bind_int(statement, 4, LIMIT_REFRESH_GRACE_MS);
	bind_int(statement, 5, LIMIT_REFRESH_SIBLINGS);
	int code = sqlite3_step(statement);
	bool found = code == SQLITE_ROW;
	if (found)
		*ret = (struct used_token) { sqlite3_column_int64(statement, 0), sqlite3_column_int(statement, 1) != 0 };
	return statement_finish(statement, code, found);
}

/* Why no such token may be used: it gave all the siblings that it may and is within its grace, or it was used before. */
static enum result token_refuse(struct connection *connection, struct rotate_job *job)
{
	const struct refresh_rotation *rotation = job->rotation;
	sqlite3_stmt *statement = connection_statement(
		connection, "SELECT 1 FROM refresh_token WHERE hash = ?1 AND grant_number = ?2 AND abs(?3 - used_ms) <= ?4");
	bind_hash(statement, 1, &rotation->used.token);
	bind_int(statement, 2, job->grant_number);
	bind_int(statement, 3, rotation->now_ms);
	bind_int(statement, 4, LIMIT_REFRESH_GRACE_MS);
	int64_t ignored;
	enum result result = statement_int(statement, &ignored);
	if (result == RESULT_OK)
		return RESULT_TOO_LARGE;
	if (result != RESULT_NOT_FOUND)
		return result;
	job->verdict = RESULT_REPLAYED;
	return grant_end_one(connection, job->realm, kept_text_slice(&job->gid), rotation->revoked_until);
}

/* A token's first use shows that its sender has it: whatever gave it need give no more. */
static enum result parent_close(struct connection *connection, int64_t number)
{
	sqlite3_stmt *statement = connection_statement(
		connection, "DELETE FROM refresh_token WHERE number = (SELECT parent FROM refresh_token WHERE number = ?1)");
	bind_int(statement, 1, number);
	return statement_run(statement, NULL);
}

/* Used and unused ones apart, the oldest beyond the bound go; used ones only within seconds of each other, by somebody who
 * tries to make many. */
static enum result tokens_bound(struct connection *connection, int64_t grant_number)
{
	sqlite3_stmt *look = connection_statement(connection, "SELECT 1 FROM refresh_token WHERE grant_number = ?1 LIMIT 1 OFFSET ?2");
	bind_int(look, 1, grant_number);
	bind_int(look, 2, LIMIT_REFRESH_LIVE);
	int64_t ignored;
	enum result result = statement_int(look, &ignored);
	if (result != RESULT_OK)
		return result == RESULT_NOT_FOUND ? RESULT_OK : result; /* the usual case */
	sqlite3_stmt *statement = connection_statement(
		connection, "DELETE FROM refresh_token WHERE number IN (SELECT number FROM (SELECT number, row_number() "
		            "OVER (PARTITION BY used_ms IS NULL ORDER BY number DESC) AS place FROM refresh_token WHERE grant_number = ?1) "
		            "WHERE place > ?2)");
	bind_int(statement, 1, grant_number);
	bind_int(statement, 2, LIMIT_REFRESH_LIVE);
	return statement_run(statement, NULL);
}

static enum result family_move(struct connection *connection, const struct rotate_job *job)
{
	const struct refresh_rotation *rotation = job->rotation;
	sqlite3_stmt *statement = connection_statement(
		connection, "UPDATE grant_record SET family_used_at = ?2, family_idle_at = min(?3, family_ends_at), "
		            "tokens_until = max(tokens_until, ?4), forget_at = max(tokens_until, ?4, min(?3, family_ends_at)) WHERE number = ?1");
	bind_int(statement, 1, job->grant_number);
	bind_int(statement, 2, rotation->now_ms / 1000);
	bind_int(statement, 3, rotation->now_ms / 1000 + rotation->idle_s);
	bind_int(statement, 4, rotation->revoked_until);
	return statement_run(statement, NULL);
}

static enum result rotate_run(struct connection *connection, void *argument)
{
	struct rotate_job *job = argument;
	struct used_token used = { 0 };
	job->verdict = RESULT_OK;
	enum result result = family_find(connection, job);
	if (result != RESULT_OK)
		return result;
	result = token_use(connection, job, &used);
	if (result == RESULT_NOT_FOUND)
		return token_refuse(connection, job);
	if (result == RESULT_OK && used.first)
		result = parent_close(connection, used.number);
	if (result == RESULT_OK)
		result = token_insert(connection, &job->rotation->successor, job->grant_number, used.number);
	if (result == RESULT_OK)
		result = tokens_bound(connection, job->grant_number);
	return result == RESULT_OK ? family_move(connection, job) : result;
}

enum result store_refresh_rotate(struct store *store, const struct realm *realm, const struct refresh_rotation *rotation)
{
	struct rotate_job job = { .realm = realm, .rotation = rotation };
	enum result result = write_durably(store, rotate_run, &job);
	if (result == RESULT_OK && job.verdict == RESULT_REPLAYED)
		result = revocations_add(&store->revocations, partition_id_slice(&realm->partition), REVOKED_GRANT,
		                         kept_text_slice(&job.gid), rotation->revoked_until);
	return result == RESULT_OK ? job.verdict : result;
}
