/* Sessions of browsers. */
#include "store/listing.h"
#include "store/sqlite_grants.h"

/* Of a session that can be used at ?3 when it is over after ?4 without use. */
#define SESSION_ALIVE " expires_at > ?3 AND last_used_at >= ?3 - ?4"

void session_from_row(struct row *row, struct session *ret)
{
	*ret = (struct session) { 0 };
	ret->sid = row_text(row);
	ret->person_id = row_text(row);
	ret->auth_time = row_int(row);
	ret->created_at = row_int(row);
	ret->last_used_at = row_int(row);
	ret->expires_at = row_int(row);
	ret->user_agent = row_text(row);
	ret->address = row_text(row);
}

/* ---- starting ---- */

struct session_start {
	const struct realm *realm;
	const struct hash32 *hash, *former;
	const struct session *fresh;
	struct kept_text sid, former_person, former_sid, oldest_sid;
	struct grant_ending of_former, of_oldest;
};

/* Nobody who was deleted, disabled or given another password since it was looked at gets a session: those that were there
 * are gone, and this one would have missed that. */
static enum result person_judge(struct connection *connection, const struct session_start *start)
{
	sqlite3_stmt *statement = connection_statement(
		connection, "SELECT password_hash = coalesce(?4, password_hash) FROM person INDEXED BY person_by_id WHERE" OF_REALM
		            " AND id = ?3 AND enabled = 1");
	bind_realm(statement, start->realm);
	bind_text(statement, 3, start->fresh->person_id);
	bind_optional(statement, 4, start->fresh->password_hash);
	int64_t same;
	enum result result = statement_int(statement, &same);
	return result == RESULT_OK && same == 0 ? RESULT_CONFLICT : result;
}

static int64_t last_use(const struct session *session)
{
	return session->last_used_at > session->created_at ? session->last_used_at : session->created_at;
}

/* ?1, ?2, ?3 are the caller's. */
static void bind_session(sqlite3_stmt *statement, const struct session *session)
{
	bind_text(statement, 4, session->person_id);
	bind_int(statement, 5, session->auth_time);
	bind_int(statement, 6, session->created_at);
	bind_int(statement, 7, last_use(session));
	bind_int(statement, 8, session->expires_at);
	bind_text(statement, 9, session->user_agent);
	bind_text(statement, 10, session->address);
}

/* The former session of the same person, still alive, under its new hash. RESULT_NOT_FOUND: it was not that. */
static enum result session_go_on(struct connection *connection, struct session_start *start)
{
	sqlite3_stmt *statement = connection_statement(
		connection, "UPDATE session SET hash = ?3, auth_time = ?5, created_at = ?6, last_used_at = ?7, expires_at = ?8, "
		            "user_agent = ?9, address = ?10 "
		            "WHERE hash = ?11 AND" OF_REALM " AND person_id = ?4 AND expires_at > ?6 RETURNING sid");
	if (statement == NULL)
		return RESULT_STORE_DOWN;
	bind_realm(statement, start->realm);
	bind_hash(statement, 3, start->hash);
	bind_session(statement, start->fresh);
	bind_hash(statement, 11, start->former);
	int code = sqlite3_step(statement);
	bool kept = code == SQLITE_ROW && kept_text_set(&start->sid, column_text(statement, 0));
	return statement_finish(statement, code, kept);
}

/* The former session goes, whosever it is; with the grants that end with it. */
static enum result former_end(struct connection *connection, struct session_start *start)
{
	sqlite3_stmt *statement =
		connection_statement(connection, "DELETE FROM session WHERE hash = ?3 AND" OF_REALM " RETURNING person_id, sid");
	if (statement == NULL)
		return RESULT_STORE_DOWN;
	bind_realm(statement, start->realm);
	bind_hash(statement, 3, start->former);
	int code = sqlite3_step(statement);
	bool found = code == SQLITE_ROW && kept_text_set(&start->former_person, column_text(statement, 0)) &&
	             kept_text_set(&start->former_sid, column_text(statement, 1));
	enum result result = statement_finish(statement, code, found);
	if (result != RESULT_OK)
		return result == RESULT_NOT_FOUND ? RESULT_OK : result;
	start->of_former.person_id = kept_text_slice(&start->former_person);
	start->of_former.key = kept_text_slice(&start->former_sid);
	return grants_end(connection, &start->of_former);
}

static enum result session_insert(struct connection *connection, struct session_start *start)
{
	sqlite3_stmt *statement = connection_statement(
		connection, "INSERT INTO session (partition, kind, hash, person_id, auth_time, created_at, last_used_at, expires_at, "
		            "user_agent, address, sid) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
	if (!kept_text_set(&start->sid, start->fresh->sid))
		return RESULT_INVALID;
	bind_realm(statement, start->realm);
	bind_hash(statement, 3, start->hash);
	bind_session(statement, start->fresh);
	bind_text(statement, 11, start->fresh->sid);
	return statement_run(statement, NULL);
}

/* One was added, so at most one is too many. */
static enum result oldest_end(struct connection *connection, struct session_start *start)
{
	sqlite3_stmt *statement = connection_statement(
		connection, "DELETE FROM session WHERE number IN (SELECT number FROM session INDEXED BY session_by_person WHERE" OF_REALM
		            " AND person_id = ?3 ORDER BY hash = ?4 DESC, last_used_at DESC, number DESC LIMIT -1 OFFSET ?5) RETURNING sid");
	if (statement == NULL)
		return RESULT_STORE_DOWN;
	bind_realm(statement, start->realm);
	bind_text(statement, 3, start->fresh->person_id);
	bind_hash(statement, 4, start->hash);
	bind_int(statement, 5, LIMIT_SESSIONS_PER_PERSON);
	int code = sqlite3_step(statement);
	bool found = code == SQLITE_ROW && kept_text_set(&start->oldest_sid, column_text(statement, 0));
	enum result result = statement_finish(statement, code, found);
	if (result != RESULT_OK)
		return result == RESULT_NOT_FOUND ? RESULT_OK : result;
	start->of_oldest.person_id = start->fresh->person_id;
	start->of_oldest.key = kept_text_slice(&start->oldest_sid);
	return grants_end(connection, &start->of_oldest);
}

static enum result session_start_run(struct connection *connection, void *argument)
{
	struct session_start *start = argument;
	enum result result = person_judge(connection, start);
	if (result != RESULT_OK)
		return result;
	result = start->former == NULL ? RESULT_NOT_FOUND : session_go_on(connection, start);
	if (result != RESULT_NOT_FOUND)
		return result;
	result = start->former == NULL ? RESULT_OK : former_end(connection, start);
	if (result == RESULT_OK)
		result = session_insert(connection, start);
	return result == RESULT_OK ? oldest_end(connection, start) : result;
}

enum result store_session_start(struct store *store, const struct realm *realm, const struct hash32 *hash, const struct hash32 *former,
                                const struct session *fresh, int64_t until, struct arena *arena, struct slice *ret_sid)
{
	const struct grant_ending ending = { .choice = GRANTS_OF_SESSION, .realm = realm, .until = until };
	struct session_start start = {
		.realm = realm, .hash = hash, .former = former, .fresh = fresh, .of_former = ending, .of_oldest = ending,
	};
	enum result result = write_durably(store, session_start_run, &start);
	if (result == RESULT_OK)
		result = grants_end_finish(store, &start.of_former);
	if (result == RESULT_OK)
		result = grants_end_finish(store, &start.of_oldest);
	if (result != RESULT_OK)
		return result;
	struct slice sid = arena_copy(arena, kept_text_slice(&start.sid));
	if (arena_exhausted(arena))
		return RESULT_NO_MEMORY;
	*ret_sid = sid;
	return RESULT_OK;
}

/* ---- reading ---- */

/* The one that was asked for, and the end of the reading. */
static enum result session_take(struct reading *reading, struct arena *arena, struct session *ret)
{
	struct session session = { 0 };
	enum result result = reading_step(reading);
	if (result == RESULT_OK)
		session_from_row(&(struct row) { reading->statement, arena, 0 }, &session);
	result = reading_end_taken(reading, result, arena);
	if (result == RESULT_OK)
		*ret = session;
	return result;
}

enum result store_session_read(struct store *store, const struct realm *realm, const struct hash32 *hash, int64_t now_s, int64_t idle_s,
                               struct arena *arena, struct session *ret)
{
	struct reading reading;
	enum result result = reading_begin_now(
		store, "SELECT " SESSION_COLUMNS " FROM session WHERE hash = ?5 AND" OF_REALM " AND" SESSION_ALIVE, &reading);
	if (result != RESULT_OK)
		return result;
	bind_realm(reading.statement, realm);
	bind_int(reading.statement, 3, now_s);
	bind_int(reading.statement, 4, idle_s);
	bind_hash(reading.statement, 5, hash);
	return session_take(&reading, arena, ret);
}

enum result store_session_by_sid(struct store *store, const struct realm *realm, struct slice sid, struct arena *arena, struct session *ret)
{
	struct reading reading;
	enum result result = reading_begin_now(
		store, "SELECT " SESSION_COLUMNS " FROM session INDEXED BY session_by_realm WHERE" OF_REALM " AND sid = ?3", &reading);
	if (result != RESULT_OK)
		return result;
	bind_realm(reading.statement, realm);
	bind_text(reading.statement, 3, sid);
	return session_take(&reading, arena, ret);
}

enum result store_sessions_each(struct store *store, const struct realm *realm, struct slice person_id, int64_t now_s, int64_t idle_s,
                                store_visit_session *visit, void *context)
{
	struct reading reading;
	enum result result = reading_begin_fresh(
		store, "SELECT " SESSION_COLUMNS " FROM session INDEXED BY session_by_person WHERE" OF_REALM " AND person_id = ?5 AND"
		SESSION_ALIVE " ORDER BY last_used_at DESC, number DESC LIMIT ?6", &reading);
	if (result != RESULT_OK)
		return result;
	bind_realm(reading.statement, realm);
	bind_int(reading.statement, 3, now_s);
	bind_int(reading.statement, 4, idle_s);
	bind_text(reading.statement, 5, person_id);
	bind_int(reading.statement, 6, LIMIT_SESSIONS_PER_PERSON);
	bool over = false;
	while (!over && (result = reading_step(&reading)) == RESULT_OK) {
		struct session session;
		session_from_row(&(struct row) { reading.statement, NULL, 0 }, &session);
		result = visit(context, &session);
		over = result != RESULT_OK;
	}
	reading_end_fresh(&reading);
	return !over && result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

/* ---- ending ---- */

static enum result sessions_end_run(struct connection *connection, void *argument)
{
	struct grant_ending *ending = argument;
	const bool all = ending->choice == GRANTS_OF_SESSIONS;
	sqlite3_stmt *statement = connection_statement(
		connection, all ? "DELETE FROM session WHERE number IN (SELECT number FROM session INDEXED BY session_by_person WHERE" OF_REALM
		                  " AND person_id = ?3)"
		                : "DELETE FROM session WHERE number IN (SELECT number FROM session INDEXED BY session_by_person WHERE" OF_REALM
		                  " AND person_id = ?3 AND sid = ?4)");
	bind_realm(statement, ending->realm);
	bind_text(statement, 3, ending->person_id);
	if (!all)
		bind_text(statement, 4, ending->key);
	enum result result = statement_run(statement, NULL);
	bool found = result == RESULT_OK && sqlite3_changes64(connection->db) > 0;
	if (result == RESULT_OK)
		result = grants_end(connection, ending);
	return result == RESULT_OK && !found && ending->count == 0 ? RESULT_NOT_FOUND : result;
}

enum result store_session_end_audited(struct store *store, const struct realm *realm, struct slice person_id, struct slice sid, int64_t until,
                                      const struct audit_event *event)
{
	struct grant_ending ending = {
		.choice = GRANTS_OF_SESSION, .realm = realm, .person_id = person_id, .key = sid, .until = until,
	};
	if (sid.len == 0)
		return RESULT_NOT_FOUND; /* the grants of token exchanges are of no session */
	enum result result = write_audited(store, sessions_end_run, &ending, event);
	return result == RESULT_OK ? grants_end_finish(store, &ending) : result;
}

enum result store_session_end(struct store *store, const struct realm *realm, struct slice person_id, struct slice sid, int64_t until)
{
	return store_session_end_audited(store, realm, person_id, sid, until, NULL);
}

enum result store_person_sessions_end(struct store *store, const struct realm *realm, struct slice person_id, int64_t until,
                                      const struct audit_event *event)
{
	struct grant_ending ending = {
		.choice = GRANTS_OF_SESSIONS, .realm = realm, .person_id = person_id, .key = SLICE_OF(""), .until = until,
	};
	enum result result = write_audited(store, sessions_end_run, &ending, event);
	return result == RESULT_OK ? grants_end_finish(store, &ending) : result;
}
