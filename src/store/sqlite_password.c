/* The person's own change of the password. What it ends is ended by a trigger (schema/0002.sql). */
#include "store/sqlite_grants.h"

struct password_change {
	const struct realm *realm;
	struct slice person_id, expected_hash, new_hash;
	const struct audit_event *audit;
};

static enum result person_exists(struct connection *connection, const struct password_change *change)
{
	sqlite3_stmt *statement =
		connection_statement(connection, "SELECT 1 FROM person INDEXED BY person_by_id WHERE" OF_REALM " AND id = ?3");
	bind_realm(statement, change->realm);
	bind_text(statement, 3, change->person_id);
	int64_t ignored;
	return statement_int(statement, &ignored);
}

static enum result password_change_run(struct connection *connection, void *argument)
{
	const struct password_change *change = argument;
	sqlite3_stmt *statement = connection_statement(
		connection, "UPDATE person INDEXED BY person_by_id SET password_hash = ?5, version = version + 1 WHERE" OF_REALM
		            " AND id = ?3 AND password_hash = ?4");
	bind_realm(statement, change->realm);
	bind_text(statement, 3, change->person_id);
	bind_text(statement, 4, change->expected_hash);
	bind_text(statement, 5, change->new_hash);
	enum result result = statement_run(statement, NULL);
	if (result == RESULT_OK && sqlite3_changes64(connection->db) == 0) {
		result = person_exists(connection, change);
		return result == RESULT_OK ? RESULT_CONFLICT : result;
	}
	if (result == RESULT_OK)
		result = change_insert(connection, partition_id_slice(&change->realm->partition), CHANGE_PERSON, change->person_id);
	return result == RESULT_OK && change->audit != NULL ? audit_insert(connection, change->audit) : result;
}

enum result store_person_password_set(struct store *store, const struct realm *realm, struct slice person_id, struct slice expected_hash,
                                      struct slice new_hash, const struct audit_event *audit)
{
	struct password_change change = { realm, person_id, expected_hash, new_hash, audit };
	return write_durably(store, password_change_run, &change);
}
