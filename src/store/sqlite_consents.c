/* What people allowed client applications, and how they take it back. */
#include "store/listing.h"
#include "store/sqlite_grants.h"

#include "base/clock.h"

enum result store_consent_read(struct store *store, const struct realm *realm, struct slice person_id, struct slice client_id,
                               struct arena *arena, struct slice *ret_scope)
{
	struct reading reading;
	enum result result = reading_begin_now(
		store, "SELECT scope FROM consent WHERE" OF_REALM " AND person_id = ?3 AND client_id = ?4", &reading);
	if (result != RESULT_OK)
		return result;
	bind_realm(reading.statement, realm);
	bind_text(reading.statement, 3, person_id);
	bind_text(reading.statement, 4, client_id);
	result = reading_step(&reading);
	struct slice scope = { NULL, 0 };
	if (result == RESULT_OK)
		scope = row_text(&(struct row) { reading.statement, arena, 0 });
	result = reading_end_taken(&reading, result, arena);
	if (result == RESULT_OK)
		*ret_scope = scope;
	return result;
}

/* ---- lists of names ---- */

/* Appends the names of add that list lacks to it; there must be room for all of them and their spaces. */
static struct slice list_join(char *list, size_t len, struct slice add)
{
	struct slice name;
	while (slice_word(&add, &name)) {
		if (slice_has_word((struct slice) { list, len }, name))
			continue;
		if (len > 0)
			list[len++] = ' ';
		memcpy(list + len, name.ptr, name.len);
		len += name.len;
	}
	return (struct slice) { list, len };
}

/* ---- remembering ---- */

/* The names allowed so far are a column of a row that is about to change: they are copied first. */
static enum result consent_joined(struct connection *connection, const struct realm *realm, const struct grant_record *grant,
                                  struct slice allowed, char **ret_buffer, struct slice *ret)
{
	sqlite3_stmt *statement = connection_statement(
		connection, "SELECT scope FROM consent WHERE" OF_REALM " AND person_id = ?3 AND client_id = ?4");
	if (statement == NULL)
		return RESULT_STORE_DOWN;
	bind_realm(statement, realm);
	bind_text(statement, 3, grant->person_id);
	bind_text(statement, 4, grant->client_id);
	int code = sqlite3_step(statement);
	struct slice present = code == SQLITE_ROW ? column_text(statement, 0) : (struct slice) { "", 0 };
	char *buffer = sqlite3_malloc64(present.len + allowed.len + 2);
	if (buffer != NULL) {
		struct slice once = list_join(buffer, 0, present);
		*ret = list_join(buffer, once.len, allowed);
		*ret_buffer = buffer;
	}
	(void)sqlite3_reset(statement);
	if (code != SQLITE_ROW && code != SQLITE_DONE) {
		sqlite3_free(buffer);
		*ret_buffer = NULL;
		return sqlite_result(code);
	}
	return buffer == NULL ? RESULT_NO_MEMORY : RESULT_OK;
}

enum result consent_remember(struct connection *connection, const struct realm *realm, const struct grant_record *grant,
                             struct slice allowed, int64_t now_s)
{
	char *buffer = NULL;
	struct slice scope = { NULL, 0 };
	enum result result = consent_joined(connection, realm, grant, allowed, &buffer, &scope);
	if (result != RESULT_OK)
		return result;
	sqlite3_stmt *statement = connection_statement(
		connection, "INSERT INTO consent (partition, kind, person_id, client_id, scope, since, last_used_at) "
		            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6) "
		            "ON CONFLICT DO UPDATE SET scope = excluded.scope, last_used_at = max(last_used_at, excluded.last_used_at)");
	bind_realm(statement, realm);
	bind_text(statement, 3, grant->person_id);
	bind_text(statement, 4, grant->client_id);
	bind_text(statement, 5, scope);
	bind_int(statement, 6, now_s);
	result = statement_run(statement, NULL);
	sqlite3_free(buffer);
	return result;
}

enum result consent_judge(struct connection *connection, const struct realm *realm, const struct grant_record *grant)
{
	int64_t ignored;
	sqlite3_stmt *statement = connection_statement(
		connection, "SELECT 1 FROM consent WHERE" OF_REALM " AND person_id = ?3 AND client_id = ?4");
	bind_realm(statement, realm);
	bind_text(statement, 3, grant->person_id);
	bind_text(statement, 4, grant->client_id);
	return statement_int(statement, &ignored);
}

enum result consent_use(struct connection *connection, const struct realm *realm, const struct grant_record *grant, int64_t now_s)
{
	sqlite3_stmt *statement = connection_statement(
		connection, "UPDATE consent SET last_used_at = ?5 WHERE" OF_REALM " AND person_id = ?3 AND client_id = ?4 "
		            "AND last_used_at <= ?5 - ?6");
	bind_realm(statement, realm);
	bind_text(statement, 3, grant->person_id);
	bind_text(statement, 4, grant->client_id);
	bind_int(statement, 5, now_s);
	bind_int(statement, 6, USE_NOTED_EVERY_S);
	return statement_run(statement, NULL);
}

/* ---- connected applications ---- */

/* Columns: client_id, scope (with more than one row names may stand there twice), since, last_used_at, offline, rows. */
static enum result connected_show(sqlite3_stmt *statement, store_visit_connected *visit, void *context)
{
	struct row row = { statement, NULL, 0 };
	struct connected_application connected = { .client_id = row_text(&row) };
	struct slice scope = row_text(&row);
	connected.since = row_int(&row);
	connected.last_used_at = row_int(&row);
	connected.offline = row_bool(&row);
	connected.scope = scope;
	if (row_int(&row) == 1)
		return visit(context, &connected);
	char *buffer = sqlite3_malloc64(scope.len + 1);
	if (buffer == NULL)
		return RESULT_NO_MEMORY;
	connected.scope = list_join(buffer, 0, scope);
	enum result result = visit(context, &connected);
	sqlite3_free(buffer);
	return result;
}

enum result store_connected_each(struct store *store, const struct realm *realm, struct slice person_id, store_visit_connected *visit,
                                 void *context)
{
	/* A family more with the same names adds no text: what is joined stays small. */
	static const char sql[] =
		"SELECT client_id, group_concat(scope, ' '), min(since), max(last_used_at), max(offline), count(*) FROM ("
		"SELECT client_id, scope, since, last_used_at, 0 AS offline FROM consent WHERE" OF_REALM " AND person_id = ?3 "
		"UNION ALL SELECT client_id, scope, min(granted_ms) / 1000, max(family_used_at), 1 "
		"FROM grant_record INDEXED BY grant_by_person WHERE" OF_REALM " AND person_id = ?3 AND ended = 0 "
		"AND family_hash IS NOT NULL AND family_idle_at > ?4 GROUP BY client_id, scope"
		") GROUP BY client_id ORDER BY client_id LIMIT ?5";
	struct reading reading;
	enum result result = reading_begin_fresh(store, sql, &reading);
	if (result != RESULT_OK)
		return result;
	bind_realm(reading.statement, realm);
	bind_text(reading.statement, 3, person_id);
	bind_int(reading.statement, 4, clock_s());
	bind_int(reading.statement, 5, LIMIT_CONNECTED_APPLICATIONS);
	bool over = false;
	while (!over && (result = reading_step(&reading)) == RESULT_OK) {
		result = connected_show(reading.statement, visit, context);
		over = result != RESULT_OK;
	}
	reading_end_fresh(&reading);
	return !over && result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

/* ---- taking it back ---- */

static enum result withdraw_run(struct connection *connection, void *argument)
{
	struct grant_ending *ending = argument;
	sqlite3_stmt *statement =
		connection_statement(connection, "DELETE FROM consent WHERE" OF_REALM " AND person_id = ?3 AND client_id = ?4");
	bind_realm(statement, ending->realm);
	bind_text(statement, 3, ending->person_id);
	bind_text(statement, 4, ending->key);
	enum result result = statement_run(statement, NULL);
	bool found = result == RESULT_OK && sqlite3_changes64(connection->db) > 0;
	if (result == RESULT_OK)
		result = grants_end(connection, ending);
	return result == RESULT_OK && !found && ending->count == 0 ? RESULT_NOT_FOUND : result;
}

enum result store_consent_withdraw_audited(struct store *store, const struct realm *realm, struct slice person_id, struct slice client_id,
                                           int64_t until, const struct audit_event *event)
{
	struct grant_ending ending = {
		.choice = GRANTS_TO_APPLICATION, .realm = realm, .person_id = person_id, .key = client_id, .until = until,
	};
	enum result result = write_audited(store, withdraw_run, &ending, event);
	return result == RESULT_OK ? grants_end_finish(store, &ending) : result;
}

enum result store_consent_withdraw(struct store *store, const struct realm *realm, struct slice person_id, struct slice client_id,
                                   int64_t until)
{
	return store_consent_withdraw_audited(store, realm, person_id, client_id, until, NULL);
}
