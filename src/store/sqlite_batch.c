#include "store/sqlite_batch.h"

#include "base/text.h"
#include "base/url.h"

#include <stdlib.h>

const struct object_table object_tables[] = {
	{ OBJECT_PARTITION, "partition", "id", "id", "", CHANGE_PARTITION, "partition" },
	{ OBJECT_DEPARTMENT, "department", "partition", "name", "", CHANGE_PARTITION, "department" },
	{ OBJECT_PERMISSION, "permission", "partition", "name", "", CHANGE_PERMISSION, "permission" },
	{ OBJECT_USER, "person", "partition", "id", " AND x.kind = 85", CHANGE_PERSON, "user" },
	{ OBJECT_CUSTOMER, "person", "partition", "id", " AND x.kind = 67", CHANGE_PERSON, "customer" },
	{ OBJECT_APPLICATION, "application", "partition", "client_id", "", CHANGE_APPLICATION, "client application" },
	{ OBJECT_API, "api", "partition", "name", "", CHANGE_API, "API" },
	{ OBJECT_PROVIDER, "identity_provider", "partition", "registration_id", "", CHANGE_PARTITION, "identity provider" },
};
const size_t object_table_count = sizeof(object_tables) / sizeof(object_tables[0]);
_Static_assert(PERSON_USER == 85 && PERSON_CUSTOMER == 67, "the letters of the person kinds stand in SQL above");

enum result store_batch_begin(struct store *store, struct store_batch **ret, struct problem *problem)
{
	if (store->mode == STORE_READ_ONLY)
		return problem_set(problem, RESULT_FAILED, "%s was opened for reading only", store->path);
	struct store_batch *batch = calloc(1, sizeof(*batch));
	if (batch == NULL)
		return problem_set(problem, RESULT_NO_MEMORY, "no memory left for the changes");
	batch->store = store;
	int code = connection_open(&batch->connection, store->path, CONNECTION_BATCH, SQLITE_OPEN_READWRITE);
	if (code != SQLITE_OK) {
		free(batch);
		return schema_problem(code, store->path, problem);
	}
	/* The temporary database is thrown away when anything fails: it needs no journal. */
	static const char quick[] = "PRAGMA temp.journal_mode=OFF; PRAGMA temp.cache_size=-16384;";
	code = sqlite3_exec(batch->connection.db, quick, NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_exec(batch->connection.db, schema_staging, NULL, NULL, NULL);
	if (code != SQLITE_OK) {
		store_batch_abandon(batch);
		return problem_set(problem, RESULT_FAILED, "temporary storage for the changes cannot be made (%s): set TMPDIR to a "
		                   "folder with space", sqlite3_errstr(code));
	}
	*ret = batch;
	return RESULT_OK;
}

void store_batch_abandon(struct store_batch *batch)
{
	if (batch == NULL)
		return;
	connection_close(&batch->connection);
	free(batch);
}

enum result batch_work(struct store_batch *batch)
{
	if (batch->staging)
		return RESULT_OK;
	enum result result = connection_run(&batch->connection, "BEGIN");
	batch->staging = result == RESULT_OK;
	return result;
}

enum result batch_rest(struct store_batch *batch)
{
	if (!batch->staging)
		return RESULT_OK;
	batch->staging = false;
	return connection_run(&batch->connection, "COMMIT");
}

sqlite3_stmt *batch_statement(struct store_batch *batch, const char *sql)
{
	return batch_work(batch) == RESULT_OK ? connection_statement(&batch->connection, sql) : NULL;
}

enum result store_batch_partition(struct store_batch *batch, const struct partition *partition)
{
	sqlite3_stmt *statement = batch_statement(batch,
		"INSERT OR REPLACE INTO staged_partition (id, name, permission_prefix, access_token_algorithm, branding_name, "
		"branding_color, branding_logo_url, policy_user, policy_customer, anonymous_enabled, anonymous_permissions, version) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)");
	bind_partition(statement, 1, &partition->id);
	bind_text(statement, 2, partition->name);
	bind_text(statement, 3, partition->permission_prefix);
	bind_int(statement, 4, partition->access_token_algorithm);
	bind_text(statement, 5, partition->branding_name);
	bind_text(statement, 6, partition->branding_color);
	bind_text(statement, 7, partition->branding_logo_url);
	bind_text(statement, 8, partition->policy_user);
	bind_text(statement, 9, partition->policy_customer);
	bind_int(statement, 10, partition->anonymous_enabled);
	bind_text(statement, 11, partition->anonymous_permissions);
	bind_int(statement, 12, partition->version);
	return statement_run(statement, NULL);
}

enum result store_batch_department(struct store_batch *batch, const struct partition_id *partition,
                                   const struct department *department)
{
	sqlite3_stmt *statement = batch_statement(batch,
		"INSERT OR REPLACE INTO staged_department (partition, name, version) VALUES (?1, ?2, ?3)");
	bind_partition(statement, 1, partition);
	bind_text(statement, 2, department->name);
	bind_int(statement, 3, department->version);
	return statement_run(statement, NULL);
}

enum result store_batch_permission(struct store_batch *batch, const struct partition_id *partition,
                                   const struct permission *permission)
{
	sqlite3_stmt *statement = batch_statement(batch,
		"INSERT OR REPLACE INTO staged_permission (partition, name, description, kind, version) VALUES (?1, ?2, ?3, ?4, ?5)");
	bind_partition(statement, 1, partition);
	bind_text(statement, 2, permission->name);
	bind_text(statement, 3, permission->description);
	bind_int(statement, 4, permission->kind);
	bind_int(statement, 5, permission->version);
	return statement_run(statement, NULL);
}

enum result store_batch_person(struct store_batch *batch, const struct partition_id *partition, const struct person *person)
{
	char username[LIMIT_USERNAME], email[LIMIT_EMAIL];
	struct slice username_key, email_key;
	if (!fold_into(username, sizeof(username), person->username, &username_key) ||
	    !fold_into(email, sizeof(email), person->email, &email_key) || person->id.len == 0 || person->id.len > LIMIT_ID)
		return RESULT_TOO_LARGE;
	bool user = person->kind == PERSON_USER;
	sqlite3_stmt *statement = batch_statement(batch,
		"INSERT OR REPLACE INTO staged_person (partition, kind, id, username, username_key, email, email_key, department, "
		"roles, enabled, password_hash, claims, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)");
	bind_partition(statement, 1, partition);
	bind_int(statement, 2, person->kind);
	bind_text(statement, 3, person->id);
	bind_text(statement, 4, person->username);
	bind_text_or_null(statement, 5, username_key);
	bind_text(statement, 6, person->email);
	bind_text_or_null(statement, 7, user ? (struct slice) { NULL, 0 } : email_key);
	bind_text(statement, 8, person->department);
	bind_text(statement, 9, person->roles);
	bind_int(statement, 10, person->enabled);
	bind_text(statement, 11, person->password_hash);
	bind_text(statement, 12, person->claims);
	bind_int(statement, 13, person->version);
	return statement_run(statement, NULL);
}

/* The web origins that may call for this application: those of its redirect addresses, while it is an enabled SPA. */
static enum result origins_stage(struct store_batch *batch, const struct partition_id *partition,
                                 const struct client_application *application)
{
	sqlite3_stmt *forget = batch_statement(batch,
		"DELETE FROM staged_origin WHERE partition = ?1 AND client_id = ?2");
	bind_partition(forget, 1, partition);
	bind_text(forget, 2, application->client_id);
	enum result result = statement_run(forget, NULL);
	struct slice rest = application->redirect_urls, url;
	bool open = application->enabled && application->platform == PLATFORM_SPA;
	while (result == RESULT_OK && open && slice_word(&rest, &url)) {
		char origin[LIMIT_URL];
		if (!url_origin(url, origin, sizeof(origin)))
			continue; /* a private-use scheme has none */
		sqlite3_stmt *statement = batch_statement(batch,
			"INSERT OR IGNORE INTO staged_origin (partition, client_id, origin) VALUES (?1, ?2, ?3)");
		bind_partition(statement, 1, partition);
		bind_text(statement, 2, application->client_id);
		bind_text(statement, 3, slice_from(origin));
		result = statement_run(statement, NULL);
	}
	return result;
}

/* So that the commit can forget when the others were used. */
static enum result labels_stage(struct store_batch *batch, const struct partition_id *partition,
                                const struct client_application *application)
{
	sqlite3_stmt *forget = batch_statement(batch,
		"DELETE FROM staged_label WHERE partition = ?1 AND client_id = ?2");
	bind_partition(forget, 1, partition);
	bind_text(forget, 2, application->client_id);
	enum result result = statement_run(forget, NULL);
	for (size_t i = 0; i < application->secret_count && result == RESULT_OK; i++) {
		sqlite3_stmt *statement = batch_statement(batch,
			"INSERT OR IGNORE INTO staged_label (partition, client_id, label) VALUES (?1, ?2, ?3)");
		bind_partition(statement, 1, partition);
		bind_text(statement, 2, application->client_id);
		bind_text(statement, 3, application->secrets[i].label);
		result = statement_run(statement, NULL);
	}
	return result;
}

enum result store_batch_application(struct store_batch *batch, const struct partition_id *partition,
                                    const struct client_application *application)
{
	char secrets[LIMIT_SECRETS * SECRET_PACKED_MAX];
	size_t secrets_len;
	enum result result = secrets_pack(application->secrets, application->secret_count, secrets, &secrets_len);
	if (result != RESULT_OK)
		return result;
	sqlite3_stmt *statement = batch_statement(batch,
		"INSERT OR REPLACE INTO staged_application (partition, client_id, name, platform, enabled, redirect_urls, "
		"post_logout_redirect_urls, backchannel_logout_url, jwks_url, permissions, grants, access_token_seconds, "
		"refresh_tokens, refresh_idle_seconds, refresh_max_seconds, consent, version, secrets, jwks, id_token_algorithm) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)");
	bind_partition(statement, 1, partition);
	bind_text(statement, 2, application->client_id);
	bind_text(statement, 3, application->name);
	bind_int(statement, 4, application->platform);
	bind_int(statement, 5, application->enabled);
	bind_text(statement, 6, application->redirect_urls);
	bind_text(statement, 7, application->post_logout_redirect_urls);
	bind_text(statement, 8, application->backchannel_logout_url);
	bind_text(statement, 9, application->jwks_url);
	bind_text(statement, 10, application->permissions);
	bind_int(statement, 11, application->grants);
	bind_int(statement, 12, application->access_token_seconds);
	bind_int(statement, 13, application->refresh_tokens);
	bind_int(statement, 14, application->refresh_idle_seconds);
	bind_int(statement, 15, application->refresh_max_seconds);
	bind_int(statement, 16, application->consent);
	bind_int(statement, 17, application->version);
	bind_blob(statement, 18, (struct slice) { secrets, secrets_len });
	bind_text(statement, 19, application->jwks);
	bind_int(statement, 20, application->id_token_algorithm);
	result = statement_run(statement, NULL);
	if (result == RESULT_OK)
		result = labels_stage(batch, partition, application);
	return result == RESULT_OK ? origins_stage(batch, partition, application) : result;
}

enum result store_batch_mention(struct store_batch *batch, const struct partition_id *partition, enum object_kind kind,
                                struct slice key)
{
	sqlite3_stmt *statement = batch_statement(batch,
		"INSERT OR IGNORE INTO mentioned (partition, object, key) VALUES (?1, ?2, ?3)");
	bind_partition(statement, 1, partition);
	bind_int(statement, 2, kind);
	bind_text(statement, 3, kind == OBJECT_PARTITION ? partition_id_slice(partition) : key);
	return statement_run(statement, NULL);
}

enum result store_batch_key(struct store_batch *batch, const struct partition_id *partition, const struct signing_key *key)
{
	return key_insert(batch_statement(batch,
		"INSERT INTO staged_key (partition, kid, algorithm, state, wrapped, public_jwk, created_at, published_until) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"), partition, key);
}
