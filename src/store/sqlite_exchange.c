/* What a token exchange needs of the store: the one person whom a claim names, and a grant without a code. */
#include "store/sqlite_grants.h"
#include "store/sqlite_rows.h"

#include "base/random.h"

/* ---- whom a claim names ---- */

static enum result user_by_email(struct store *store, const struct partition_id *partition, struct slice email, struct arena *arena,
                                 struct person *ret)
{
	static const char sql[] = "SELECT " PERSON_COLUMNS " FROM person INDEXED BY person_search_email "
	                          "WHERE partition = ?1 AND kind = 85 AND email <> '' AND email = ?2 COLLATE NOCASE LIMIT 2";
	struct person person = { 0 };
	struct reading reading;
	enum result result = reading_begin_now(store, sql, &reading);
	if (result != RESULT_OK)
		return result;
	bind_partition(reading.statement, 1, partition);
	bind_text(reading.statement, 2, email);
	result = reading_step(&reading);
	if (result == RESULT_OK) {
		person_from_row(&(struct row) { reading.statement, arena, 0 }, &person);
		result = reading_step(&reading);
		result = result == RESULT_OK ? RESULT_CONFLICT : result == RESULT_NOT_FOUND ? RESULT_OK : result;
	}
	result = reading_end_taken(&reading, result, arena);
	if (result == RESULT_OK)
		*ret = person;
	return result;
}

enum result store_person_sole(struct store *store, const struct partition_id *partition, enum person_kind kind, enum person_key key,
                              struct slice value, struct arena *arena, struct person *ret)
{
	if (kind != PERSON_USER || key != PERSON_BY_EMAIL)
		return store_person_read(store, partition, kind, key, value, arena, ret);
	if (value.len == 0 || value.len > LIMIT_EMAIL)
		return RESULT_NOT_FOUND;
	return user_by_email(store, partition, value, arena, ret);
}

/* ---- a grant without a code ---- */

struct begin_job {
	const struct realm *realm;
	const struct grant_beginning *beginning;
	struct hash32 code; /* of no code: nobody can present it */
};

/* RESULT_NOT_FOUND: the person is gone. */
static enum result person_judge(struct connection *connection, const struct begin_job *job)
{
	const struct grant_record *grant = &job->beginning->grant;
	sqlite3_stmt *statement = connection_statement(
		connection, "SELECT 1 FROM person WHERE" OF_REALM " AND id = ?3 AND enabled = 1 AND valid_from_ms <= ?4");
	bind_realm(statement, job->realm);
	bind_text(statement, 3, grant->person_id);
	bind_int(statement, 4, grant->granted_ms);
	int64_t found;
	return statement_int(statement, &found);
}

static enum result grant_begin_run(struct connection *connection, void *argument)
{
	const struct begin_job *job = argument;
	const struct grant_beginning *beginning = job->beginning;
	const int64_t tokens_until = beginning->tokens_until + TOKENS_LATER_S;
	const struct grant_code spent = {
		.hash = &job->code,
		.expires_at = beginning->now_s,
		.used_at = beginning->now_s,
		.tokens_until = tokens_until,
		.forget_at = tokens_until,
	};
	enum result result = person_judge(connection, job);
	if (result == RESULT_OK)
		result = grant_insert(connection, job->realm, &beginning->grant, &spent);
	if (result != RESULT_OK || beginning->refresh == NULL)
		return result;
	const struct code_redemption family = {
		.now_s = beginning->now_s,
		.refresh = beginning->refresh,
		.refresh_idle_s = beginning->refresh_idle_s,
		.refresh_max_s = beginning->refresh_max_s,
	};
	return family_begin(connection, sqlite3_last_insert_rowid(connection->db), &family);
}

enum result store_grant_begin(struct store *store, const struct realm *realm, const struct grant_beginning *beginning)
{
	const struct slice gid = beginning->grant.gid;
	if (gid.len == 0 || gid.len > LIMIT_ID)
		return RESULT_INVALID; /* it could not be revoked */
	struct begin_job job = { .realm = realm, .beginning = beginning };
	random_bytes(job.code.bytes, sizeof job.code.bytes);
	return write_durably(store, grant_begin_run, &job);
}
