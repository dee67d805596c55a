/* The commit of a batch. The long comparison with the store is done before the write lock is taken, and done again
 * under it only when somebody wrote meanwhile. */
#include "store/sqlite_batch.h"

#include "base/clock.h"
#include "base/text.h"

enum result batch_find(struct connection *connection, const char *sql, struct found *ret)
{
	sqlite3_stmt *statement = NULL;
	int code = sql == NULL ? SQLITE_NOMEM : sqlite3_prepare_v2(connection->db, sql, -1, &statement, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_step(statement);
	if (code == SQLITE_ROW && ret != NULL) {
		text_copy(ret->partition, sizeof(ret->partition), column_text(statement, 0));
		text_copy(ret->key, sizeof(ret->key), column_text(statement, 1));
	}
	sqlite3_finalize(statement);
	if (code == SQLITE_ROW)
		return RESULT_OK;
	return code == SQLITE_DONE ? RESULT_NOT_FOUND : sqlite_result(code);
}

enum result batch_run(struct connection *connection, char *sql, int64_t now_ms)
{
	sqlite3_stmt *statement = NULL;
	int code = sql == NULL ? SQLITE_NOMEM : sqlite3_prepare_v2(connection->db, sql, -1, &statement, NULL);
	if (code == SQLITE_OK && sqlite3_bind_parameter_count(statement) > 0)
		bind_int(statement, 1, now_ms);
	enum result result = code == SQLITE_OK ? statement_run(statement, NULL) : sqlite_result(code);
	sqlite3_finalize(statement);
	sqlite3_free(sql);
	return result;
}

/* ---- is the store as it was read? ---- */

static enum result verify_staged(struct connection *connection, const struct object_table *table, struct problem *problem)
{
	const char *same_kind = strcmp(table->table, "person") == 0 ? "m.kind = x.kind AND " : "";
	char *sql = sqlite3_mprintf("SELECT x.%s, x.%s FROM staged_%s AS x LEFT JOIN main.%s AS m ON m.%s = x.%s AND %s m.%s = x.%s "
	                            "WHERE coalesce(m.version, 0) <> x.version%s LIMIT 1",
	                            table->partition, table->key, table->table, table->table, table->partition, table->partition,
	                            same_kind, table->key, table->key, table->only);
	struct found found;
	enum result result = batch_find(connection, sql, &found);
	sqlite3_free(sql);
	if (result == RESULT_OK)
		return problem_set(problem, RESULT_CONFLICT, "the %s %s of partition %s was changed by somebody else meanwhile: "
		                   "nothing was done, try again", table->noun, found.key, found.partition);
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

static enum result verify_pruned(struct connection *connection, const struct object_table *table, struct problem *problem)
{
	char *sql = sqlite3_mprintf("SELECT p.partition, p.key FROM pruned AS p LEFT JOIN main.%s AS x ON x.number = p.number "
	                            "WHERE p.object = %d AND (x.%s IS NOT p.partition OR x.%s IS NOT p.key "
	                            "OR (p.version IS NOT NULL AND x.version IS NOT p.version)) "
	                            "LIMIT 1",
	                            table->table, table->kind, table->partition, table->key);
	struct found found;
	enum result result = batch_find(connection, sql, &found);
	sqlite3_free(sql);
	if (result == RESULT_OK)
		return problem_set(problem, RESULT_CONFLICT, "the %s %s of partition %s, which was to be deleted, was changed by somebody "
		                   "else meanwhile: nothing was done, try again", table->noun, found.key, found.partition);
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

/* Nobody is put into a department that is not there any more. */
static enum result verify_departments(struct connection *connection, struct problem *problem)
{
	static const char sql[] =
		"SELECT s.partition, s.department FROM (SELECT DISTINCT partition, department FROM staged_person WHERE department <> '') AS s "
		"WHERE NOT EXISTS (SELECT 1 FROM staged_department AS d WHERE d.partition = s.partition AND d.name = s.department) "
		"AND NOT EXISTS (SELECT 1 FROM main.department AS m WHERE m.partition = s.partition AND m.name = s.department) LIMIT 1";
	struct found found;
	enum result result = batch_find(connection, sql, &found);
	if (result == RESULT_OK)
		return problem_set(problem, RESULT_CONFLICT, "the department %s of partition %s does not exist any more: nothing was done, try again",
		                   found.key, found.partition);
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

/* Nor is a permission given that is not there any more, for whoever makes one of its name later would give it unknowingly; nor is anything
 * done by a right that was taken away meanwhile. */
static enum result verify_relied(struct connection *connection, const struct object_table *table, struct problem *problem)
{
	char *sql = sqlite3_mprintf("SELECT r.partition, r.key FROM relied AS r WHERE r.object = %d "
	                            "AND NOT EXISTS (SELECT 1 FROM staged_%s AS x WHERE r.version IS NULL AND x.%s = r.partition AND x.%s = r.key%s) "
	                            "AND NOT EXISTS (SELECT 1 FROM main.%s AS x WHERE x.%s = r.partition AND x.%s = r.key%s "
	                            "AND (r.version IS NULL OR x.version = r.version)) LIMIT 1",
	                            table->kind, table->table, table->partition, table->key, table->only, table->table, table->partition,
	                            table->key, table->only);
	struct found found;
	enum result result = batch_find(connection, sql, &found);
	sqlite3_free(sql);
	if (result == RESULT_OK)
		return problem_set(problem, RESULT_CONFLICT, "the %s %s of partition %s is gone or was changed meanwhile: nothing was done, try again",
		                   table->noun, found.key, found.partition);
	return result == RESULT_NOT_FOUND ? RESULT_OK : result;
}

static enum result verify(struct connection *connection, struct problem *problem)
{
	enum result result = RESULT_OK;
	for (size_t i = 0; i < object_table_count && result == RESULT_OK; i++) {
		result = verify_staged(connection, &object_tables[i], problem);
		if (result == RESULT_OK)
			result = verify_pruned(connection, &object_tables[i], problem);
		if (result == RESULT_OK)
			result = verify_relied(connection, &object_tables[i], problem);
	}
	if (result == RESULT_OK)
		result = verify_departments(connection, problem);
	return result == RESULT_OK ? batch_operations_judge(connection, problem) : result;
}

static enum result feed_position(struct connection *connection, int64_t *ret)
{
	return connection_int(connection, "SELECT seq FROM main.sqlite_sequence WHERE name = 'change'", ret);
}

/* In one read transaction, so that the position of the feed belongs to what was compared. */
static enum result verify_unlocked(struct connection *connection, int64_t *ret_position, struct problem *problem)
{
	enum result result = connection_run(connection, "BEGIN");
	if (result == RESULT_OK)
		result = feed_position(connection, ret_position);
	if (result == RESULT_OK)
		result = verify(connection, problem);
	if (sqlite3_get_autocommit(connection->db) == 0)
		(void)!connection_run(connection, "COMMIT");
	return result;
}

/* ---- making it true ---- */

static const char *const apply_steps[] = {
	/* deleted objects, and all that was theirs; what was a person's goes by a trigger (0002.sql) */
	"DELETE FROM main.application_origin WHERE (partition, client_id) IN (SELECT partition, key FROM pruned WHERE object = 6)",
	"DELETE FROM main.secret_use WHERE (partition, client_id) IN (SELECT partition, key FROM pruned WHERE object = 6)",
	"DELETE FROM main.consent WHERE (client_id, partition) IN (SELECT key, partition FROM pruned WHERE object = 6)",
	"DELETE FROM main.grant_record WHERE (client_id, partition) IN (SELECT key, partition FROM pruned WHERE object = 6)",
	"DELETE FROM main.department WHERE number IN (SELECT number FROM pruned WHERE object = 2)",
	"DELETE FROM main.permission WHERE number IN (SELECT number FROM pruned WHERE object = 3)",
	"DELETE FROM main.person WHERE number IN (SELECT number FROM pruned WHERE object IN (4, 5))",
	"DELETE FROM main.application WHERE number IN (SELECT number FROM pruned WHERE object = 6)",
	"DELETE FROM main.api_operation WHERE (partition, api) IN (SELECT partition, key FROM pruned WHERE object = 7)",
	"DELETE FROM main.api WHERE number IN (SELECT number FROM pruned WHERE object = 7)",
	"DELETE FROM main.identity_provider WHERE number IN (SELECT number FROM pruned WHERE object = 8)",
	/* deleted partitions, with everything in them */
	"DELETE FROM main.department WHERE partition IN (SELECT key FROM pruned WHERE object = 1)",
	"DELETE FROM main.permission WHERE partition IN (SELECT key FROM pruned WHERE object = 1)",
	"DELETE FROM main.person WHERE partition IN (SELECT key FROM pruned WHERE object = 1)",
	"DELETE FROM main.application WHERE partition IN (SELECT key FROM pruned WHERE object = 1)",
	"DELETE FROM main.application_origin WHERE partition IN (SELECT key FROM pruned WHERE object = 1)",
	"DELETE FROM main.api_operation WHERE partition IN (SELECT key FROM pruned WHERE object = 1)",
	"DELETE FROM main.api WHERE partition IN (SELECT key FROM pruned WHERE object = 1)",
	"DELETE FROM main.identity_provider WHERE partition IN (SELECT key FROM pruned WHERE object = 1)",
	"DELETE FROM main.secret_use WHERE partition IN (SELECT key FROM pruned WHERE object = 1)",
	"DELETE FROM main.signing_key WHERE partition IN (SELECT key FROM pruned WHERE object = 1)",
	"DELETE FROM main.revocation WHERE partition IN (SELECT key FROM pruned WHERE object = 1)",
	"DELETE FROM main.statistic WHERE partition IN (SELECT key FROM pruned WHERE object = 1)",
	"DELETE FROM main.statistic_sum WHERE partition IN (SELECT key FROM pruned WHERE object = 1)",
	"DELETE FROM main.partition WHERE number IN (SELECT number FROM pruned WHERE object = 1)",
	/* changed objects: version 0 was not there, as was verified. The + keeps the planner from searching the staged
	 * table once for each row of the store. */
	"UPDATE main.partition AS m SET name = s.name, permission_prefix = s.permission_prefix, "
	"access_token_algorithm = s.access_token_algorithm, branding_name = s.branding_name, branding_color = s.branding_color, "
	"branding_logo_url = s.branding_logo_url, policy_user = s.policy_user, policy_customer = s.policy_customer, "
	"anonymous_enabled = s.anonymous_enabled, anonymous_permissions = s.anonymous_permissions, version = m.version + 1 "
	"FROM staged_partition AS s WHERE s.version > 0 AND m.id = +s.id",
	"UPDATE main.department AS m SET version = m.version + 1 "
	"FROM staged_department AS s WHERE s.version > 0 AND m.partition = +s.partition AND m.name = +s.name",
	"UPDATE main.permission AS m SET description = s.description, kind = s.kind, version = m.version + 1 "
	"FROM staged_permission AS s WHERE s.version > 0 AND m.partition = +s.partition AND m.name = +s.name",
	"UPDATE main.person AS m SET username = s.username, username_key = s.username_key, email = s.email, email_key = s.email_key, "
	"department = s.department, roles = s.roles, enabled = s.enabled, password_hash = s.password_hash, claims = s.claims, "
	"valid_from_ms = CASE WHEN m.enabled <> s.enabled THEN ?1 ELSE m.valid_from_ms END, version = m.version + 1 "
	"FROM staged_person AS s WHERE s.version > 0 AND m.partition = +s.partition AND m.kind = +s.kind AND m.id = +s.id",
	"UPDATE main.application AS m SET name = s.name, platform = s.platform, enabled = s.enabled, "
	"redirect_urls = s.redirect_urls, post_logout_redirect_urls = s.post_logout_redirect_urls, "
	"backchannel_logout_url = s.backchannel_logout_url, jwks_url = s.jwks_url, permissions = s.permissions, grants = s.grants, "
	"access_token_seconds = s.access_token_seconds, refresh_tokens = s.refresh_tokens, "
	"refresh_idle_seconds = s.refresh_idle_seconds, refresh_max_seconds = s.refresh_max_seconds, consent = s.consent, "
	"valid_from_ms = CASE WHEN m.enabled <> s.enabled THEN ?1 ELSE m.valid_from_ms END, version = m.version + 1, "
	"secrets = s.secrets, jwks = s.jwks, id_token_algorithm = s.id_token_algorithm "
	"FROM staged_application AS s WHERE s.version > 0 AND m.partition = +s.partition AND m.client_id = +s.client_id",
	"UPDATE main.api AS m SET digest = s.digest, operation_count = s.operation_count, version = m.version + 1 "
	"FROM staged_api AS s WHERE s.version > 0 AND m.partition = +s.partition AND m.name = +s.name",
	"DELETE FROM main.api_operation WHERE (partition, api) IN (SELECT partition, name FROM staged_api)",
	"UPDATE main.identity_provider AS m SET issuer = s.issuer, audience = s.audience, jwks_url = s.jwks_url, claim = s.claim, "
	"matches = s.matches, version = m.version + 1 "
	"FROM staged_identity_provider AS s WHERE s.version > 0 AND m.partition = +s.partition AND m.registration_id = +s.registration_id",
	/* new objects */
	"INSERT INTO main.partition (id, name, permission_prefix, access_token_algorithm, branding_name, branding_color, "
	"branding_logo_url, policy_user, policy_customer, anonymous_enabled, anonymous_permissions, version) "
	"SELECT id, name, permission_prefix, access_token_algorithm, branding_name, branding_color, branding_logo_url, policy_user, "
	"policy_customer, anonymous_enabled, anonymous_permissions, 1 FROM staged_partition WHERE version = 0 ORDER BY id",
	"INSERT INTO main.department (partition, name, version) SELECT partition, name, 1 FROM staged_department WHERE version = 0",
	"INSERT INTO main.permission (partition, name, description, kind, version) "
	"SELECT partition, name, description, kind, 1 FROM staged_permission WHERE version = 0",
	"INSERT INTO main.api (partition, name, digest, operation_count, version) "
	"SELECT partition, name, digest, operation_count, 1 FROM staged_api WHERE version = 0",
	"INSERT INTO main.api_operation (partition, method, shape, api, path, operation_id, summary, alternatives) "
	"SELECT partition, method, shape, api, path, operation_id, summary, alternatives FROM staged_api_operation",
	"INSERT INTO main.identity_provider (partition, registration_id, issuer, audience, jwks_url, claim, matches, version) "
	"SELECT partition, registration_id, issuer, audience, jwks_url, claim, matches, 1 FROM staged_identity_provider WHERE version = 0",
	"DELETE FROM main.application_origin WHERE (partition, client_id) IN "
	"(SELECT partition, client_id FROM staged_application WHERE version > 0)",
	"DELETE FROM main.secret_use WHERE (partition, client_id) IN "
	"(SELECT partition, client_id FROM staged_application WHERE version > 0) AND NOT EXISTS (SELECT 1 FROM staged_label AS s "
	"WHERE s.partition = secret_use.partition AND s.client_id = secret_use.client_id AND s.label = secret_use.label)",
	"INSERT OR IGNORE INTO main.application_origin (partition, origin, client_id) "
	"SELECT partition, origin, client_id FROM staged_origin",
	"INSERT INTO main.signing_key (partition, kid, algorithm, state, wrapped, public_jwk, created_at, published_until) "
	"SELECT partition, kid, algorithm, state, wrapped, public_jwk, created_at, published_until FROM staged_key",
	"INSERT INTO main.change (partition, kind, id, at) SELECT DISTINCT partition, 5, '', ?1 / 1000 FROM staged_key",
	/* what a deleted partition knew of its keys and revocations is to be forgotten too */
	"INSERT INTO main.change (partition, kind, id, at) "
	"SELECT key, kinds.column1, '', ?1 / 1000 FROM pruned, (VALUES (2), (3), (4), (5), (7)) AS kinds WHERE object = 1",
};

/* New objects of which there may be very many. */
static const struct {
	const char *table, *sql;
} many_inserts[] = {
	{ "person",
	  "INSERT INTO main.person (partition, kind, id, username, username_key, email, email_key, department, roles, enabled, "
	  "password_hash, claims, valid_from_ms, version) SELECT partition, kind, id, username, username_key, email, email_key, "
	  "department, roles, enabled, password_hash, claims, ?1, 1 FROM staged_person WHERE version = 0" },
	{ "application",
	  "INSERT INTO main.application (partition, client_id, name, platform, enabled, redirect_urls, post_logout_redirect_urls, "
	  "backchannel_logout_url, jwks_url, permissions, grants, access_token_seconds, refresh_tokens, refresh_idle_seconds, "
	  "refresh_max_seconds, consent, valid_from_ms, version, secrets, jwks, id_token_algorithm) SELECT partition, client_id, name, platform, enabled, "
	  "redirect_urls, post_logout_redirect_urls, backchannel_logout_url, jwks_url, permissions, grants, access_token_seconds, "
	  "refresh_tokens, refresh_idle_seconds, refresh_max_seconds, consent, ?1, 1, secrets, jwks, id_token_algorithm "
	  "FROM staged_application WHERE version = 0" },
};

static enum result apply(struct connection *connection, int64_t now_ms)
{
	enum result result = RESULT_OK;
	for (size_t i = 0; i < sizeof(apply_steps) / sizeof(apply_steps[0]) && result == RESULT_OK; i++)
		result = batch_run(connection, sqlite3_mprintf("%s", apply_steps[i]), now_ms);
	for (size_t i = 0; i < sizeof(many_inserts) / sizeof(many_inserts[0]) && result == RESULT_OK; i++)
		result = batch_insert(connection, many_inserts[i].table, many_inserts[i].sql, now_ms);
	return result;
}

/* One row for each object of source, or one for all where a partition has too many of the kind. */
static enum result tell(struct connection *connection, const struct object_table *table, const char *source, const char *key,
                        const char *only, int64_t now_ms)
{
	const char *partition = strcmp(source, "pruned") == 0 ? "partition" : table->partition;
	/* A department is part of what is known of its partition; so is an identity provider. */
	const char *id = table->change == CHANGE_PARTITION ? partition : key;
	enum result result = batch_run(connection,
		sqlite3_mprintf("INSERT INTO main.change (partition, kind, id, at) SELECT DISTINCT x.%s, %d, x.%s, ?1 / 1000 "
	                        "FROM %s AS x WHERE x.%s IN (SELECT x.%s FROM %s AS x WHERE true%s GROUP BY 1 HAVING count(*) <= %d)%s",
	                        partition, table->change, id, source, partition, partition, source, only, LIMIT_CHANGES_PER_APPLY,
	                        only), now_ms);
	if (result != RESULT_OK)
		return result;
	return batch_run(connection,
		sqlite3_mprintf("INSERT INTO main.change (partition, kind, id, at) SELECT x.%s, %d, '', ?1 / 1000 "
	                        "FROM %s AS x WHERE true%s GROUP BY 1 HAVING count(*) > %d",
	                        partition, table->change, source, only, LIMIT_CHANGES_PER_APPLY), now_ms);
}

static enum result tell_all(struct connection *connection, int64_t now_ms)
{
	enum result result = RESULT_OK;
	for (size_t i = 0; i < object_table_count && result == RESULT_OK; i++) {
		const struct object_table *table = &object_tables[i];
		char staged[32], only[32];
		sqlite3_snprintf(sizeof(staged), staged, "staged_%s", table->table);
		sqlite3_snprintf(sizeof(only), only, " AND x.object = %d", table->kind);
		result = tell(connection, table, staged, table->key, table->only, now_ms);
		if (result == RESULT_OK)
			result = tell(connection, table, "pruned", "key", only, now_ms);
	}
	return result;
}

/* ---- rules over the state after all changes ---- */

struct rule {
	const char *sql;
	const char *sentence; /* the key, then the partition */
};

static const struct rule rules[] = {
	{ "SELECT s.partition, s.username FROM staged_person AS s JOIN main.person AS m ON m.partition = s.partition "
	  "AND m.kind = s.kind AND m.username_key = s.username_key AND m.id <> s.id WHERE s.username_key IS NOT NULL LIMIT 1",
	  "the username %s of partition %s is taken: choose another" },
	{ "SELECT s.partition, s.email FROM staged_person AS s JOIN main.person AS m ON m.partition = s.partition "
	  "AND m.kind = s.kind AND m.email_key = s.email_key AND m.id <> s.id WHERE s.email_key IS NOT NULL LIMIT 1",
	  "the e-mail %s of partition %s belongs to another customer: choose another" },
	{ "SELECT s.partition, s.name FROM staged_application AS s JOIN main.application AS m ON m.partition = s.partition "
	  "AND m.name = s.name COLLATE NOCASE AND m.name = s.name AND m.client_id <> s.client_id LIMIT 1",
	  "a client application named %s exists in partition %s: choose another name" },
	{ "SELECT d.partition, d.key FROM pruned AS d WHERE d.object = 2 AND d.asked = 1 AND EXISTS (SELECT 1 FROM main.person AS m "
	  "INDEXED BY person_by_department WHERE m.partition = d.partition AND m.kind IN (85, 67) AND m.department <> '' AND m.department = d.key) LIMIT 1",
	  "people are in the department %s of partition %s: put them into another first" },
	{ "SELECT d.partition, d.key FROM pruned AS d WHERE d.object = 3 AND d.asked = 1 AND (EXISTS (SELECT 1 FROM main.application AS m "
	  "WHERE m.partition = d.partition AND instr(' ' || m.permissions || ' ', ' ' || d.key || ' ') > 0) "
	  "OR EXISTS (SELECT 1 FROM main.partition AS m WHERE m.id = d.partition "
	  "AND instr(' ' || m.anonymous_permissions || ' ', ' ' || d.key || ' ') > 0)) LIMIT 1",
	  "client applications or anonymous customers have the permission %s of partition %s: take it away from them first" },
	{ "SELECT partition, 'objects' FROM (SELECT partition FROM staged_department UNION SELECT partition FROM staged_permission "
	  "UNION SELECT partition FROM staged_person UNION SELECT partition FROM staged_application UNION SELECT partition FROM staged_key "
	  "UNION SELECT partition FROM staged_api UNION SELECT partition FROM staged_identity_provider) "
	  "WHERE partition NOT IN (SELECT id FROM main.partition) LIMIT 1",
	  "%s were given for the partition %s, which does not exist: make it in the same document" },
};

static enum result rules_check(struct connection *connection, struct problem *problem)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		struct found found;
		enum result result = batch_find(connection, rules[i].sql, &found);
		if (result == RESULT_OK) {
			char *sentence = sqlite3_mprintf(rules[i].sentence, found.key, found.partition);
			result = problem_set(problem, RESULT_CONFLICT, "%s", sentence == NULL ? "a name is taken" : sentence);
			sqlite3_free(sentence);
			return result;
		}
		if (result != RESULT_NOT_FOUND)
			return result;
	}
	return RESULT_OK;
}

/* ---- the transaction ---- */

/* A new partition does not see the events of another that had its id before; its own is the first. */
static enum result partitions_begin(struct connection *connection, int64_t now_ms, const struct audit_event *event)
{
	const int64_t since_ms = event != NULL && event->at_ms > 0 && event->at_ms < now_ms ? event->at_ms : now_ms;
	static const char sql[] = "UPDATE main.partition SET since_ms = ?1 WHERE id IN (SELECT id FROM staged_partition WHERE version = 0)";
	return batch_run(connection, sqlite3_mprintf("%s", sql), since_ms);
}

static enum result commit_locked(struct connection *connection, int64_t verified_at, const struct audit_event *event,
                                 struct problem *problem)
{
	int64_t position;
	enum result result = feed_position(connection, &position);
	if (result == RESULT_OK && position != verified_at)
		result = verify(connection, problem);
	int64_t now_ms = clock_ms();
	if (result != RESULT_OK)
		return result;
	result = apply(connection, now_ms);
	if (result == RESULT_CONFLICT)
		return problem_set(problem, result, "a signing key or an object that was to be made is there already: nothing was done, "
		                   "try again");
	if (result == RESULT_OK)
		result = partitions_begin(connection, now_ms, event);
	if (result == RESULT_OK)
		result = rules_check(connection, problem);
	if (result == RESULT_OK)
		result = tell_all(connection, now_ms);
	if (result == RESULT_OK && event != NULL)
		result = audit_insert(connection, event);
	return result == RESULT_OK ? connection_run(connection, "COMMIT") : result;
}

enum result store_batch_commit(struct store_batch *batch, const struct audit_event *event, struct problem *problem)
{
	struct connection *connection = &batch->connection;
	struct problem said = { "" };
	int64_t verified_at = -1;
	enum result result = batch_rest(batch);
	if (result == RESULT_OK)
		result = verify_unlocked(connection, &verified_at, &said);
	if (result == RESULT_OK)
		result = connection_run(connection, "BEGIN IMMEDIATE");
	if (result == RESULT_OK)
		result = commit_locked(connection, verified_at, event, &said);
	if (result == RESULT_BUSY)
		result = problem_set(&said, RESULT_BUSY, "another program kept the store locked for %d s: try again", LIMIT_STORE_WAIT_MS / 1000);
	else if (result != RESULT_OK && said.text[0] == '\0')
		result = problem_set(&said, result == RESULT_NO_MEMORY ? result : RESULT_STORE_DOWN, "the store could not be written: %s",
		                     sqlite3_errmsg(connection->db));
	if (sqlite3_get_autocommit(connection->db) == 0)
		(void)!connection_run(connection, "ROLLBACK");
	if (result == RESULT_OK) {
		atomic_fetch_add(&batch->store->writes.commits, 1);
		atomic_fetch_add(&batch->store->writes.writes, 1);
	} else if (problem != NULL) {
		*problem = said;
	}
	store_batch_abandon(batch);
	return result;
}
