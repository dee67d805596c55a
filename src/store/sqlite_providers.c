/* Identity providers: one row each, read where a token is exchanged. */
#include "store/sqlite_batch.h"
#include "store/sqlite_rows.h"

void provider_from_row(struct row *row, struct identity_provider *ret)
{
	*ret = (struct identity_provider) { 0 };
	ret->registration_id = row_text(row);
	ret->issuer = row_text(row);
	ret->audience = row_text(row);
	ret->jwks_url = row_text(row);
	ret->claim = row_text(row);
	ret->matches = (enum provider_match)row_int(row);
	ret->version = row_int(row);
}

enum result store_provider_read(struct store *store, const struct partition_id *partition, struct slice registration_id, struct arena *arena,
                                struct identity_provider *ret)
{
	/* As it is now: whom an administrator took away proves nobody any more. */
	static const char sql[] = "SELECT " PROVIDER_COLUMNS " FROM identity_provider WHERE partition = ?1 AND registration_id = ?2";
	struct reading reading;
	enum result result = reading_begin_now(store, sql, &reading);
	if (result != RESULT_OK)
		return result;
	bind_partition(reading.statement, 1, partition);
	bind_text(reading.statement, 2, registration_id);
	result = reading_step(&reading);
	struct identity_provider provider = { 0 };
	if (result == RESULT_OK)
		provider_from_row(&(struct row) { reading.statement, arena, 0 }, &provider);
	result = reading_end_taken(&reading, result, arena);
	if (result == RESULT_OK)
		*ret = provider;
	return result;
}

enum result store_providers_each(struct store *store, const struct partition_id *partition, store_visit_provider *visit, void *context)
{
	static const char sql[] = "SELECT " PROVIDER_COLUMNS " FROM identity_provider WHERE partition = ?1 ORDER BY registration_id";
	struct reading reading;
	enum result result = reading_begin_fresh(store, sql, &reading);
	if (result != RESULT_OK)
		return result;
	bind_partition(reading.statement, 1, partition);
	while ((result = reading_step(&reading)) == RESULT_OK) {
		struct identity_provider provider;
		provider_from_row(&(struct row) { reading.statement, NULL, 0 }, &provider);
		result = visit(context, &provider);
		if (result != RESULT_OK)
			break;
	}
	bool over = result == RESULT_NOT_FOUND && sqlite3_stmt_busy(reading.statement) == 0;
	reading_end_fresh(&reading);
	return over ? RESULT_OK : result;
}

enum result store_batch_provider(struct store_batch *batch, const struct partition_id *partition, const struct identity_provider *provider)
{
	sqlite3_stmt *statement = batch_statement(batch,
		"INSERT OR REPLACE INTO staged_identity_provider (partition, registration_id, issuer, audience, jwks_url, claim, matches, version) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
	bind_partition(statement, 1, partition);
	bind_text(statement, 2, provider->registration_id);
	bind_text(statement, 3, provider->issuer);
	bind_text(statement, 4, provider->audience);
	bind_text(statement, 5, provider->jwks_url);
	bind_text(statement, 6, provider->claim);
	bind_int(statement, 7, provider->matches);
	bind_int(statement, 8, provider->version);
	return statement_run(statement, NULL);
}
