/* Deliveries of logout tokens. They are stored by triggers (schema/0003.sql). */
#include "store/logouts.h"

#include "store/sqlite_grants.h"

struct claim {
	int64_t now_ms, claimed_until_ms;
	struct kept_text partition, client_id, person_id, sid;
	int64_t number, tries, kind;
};

/* ---- choosing: read beside the writer, for it looks at all that wait ---- */

static enum result application_choose(struct store *store, struct claim *claim)
{
	struct reading reading;
	enum result result = reading_begin_now(
		store, "SELECT partition, client_id FROM logout_delivery INDEXED BY logout_delivery_due GROUP BY partition, client_id "
		       "HAVING max(next_try_at <= ?1 AND claimed_until <= ?1) AND sum(claimed_until > ?1) < ?2 "
		       "ORDER BY max(tries), min(next_try_at) LIMIT 1", &reading);
	if (result != RESULT_OK)
		return result;
	bind_int(reading.statement, 1, claim->now_ms);
	bind_int(reading.statement, 2, LIMIT_LOGOUTS_AT_ONCE);
	result = reading_step(&reading);
	if (result == RESULT_OK && (!kept_text_set(&claim->partition, column_text(reading.statement, 0)) ||
	                            !kept_text_set(&claim->client_id, column_text(reading.statement, 1))))
		result = RESULT_STORE_DOWN;
	reading_end(&reading);
	return result;
}

/* ---- claiming: one statement, so that one of several processes has it ---- */

static enum result claim_run(struct connection *connection, void *argument)
{
	struct claim *claim = argument;
	sqlite3_stmt *statement = connection_statement(
		connection, "UPDATE logout_delivery SET tries = tries + 1, claimed_until = ?4 WHERE number = "
		            "(SELECT number FROM logout_delivery INDEXED BY logout_delivery_due WHERE partition = ?1 AND client_id = ?2 "
		            "AND next_try_at <= ?3 AND claimed_until <= ?3 ORDER BY next_try_at LIMIT 1) "
		            "AND (SELECT count(*) FROM logout_delivery INDEXED BY logout_delivery_claimed WHERE partition = ?1 AND client_id = ?2 "
		            "AND claimed_until > ?3 AND claimed_until > 0) < ?5 RETURNING number, tries, kind, person_id, sid");
	if (statement == NULL)
		return RESULT_STORE_DOWN;
	bind_text(statement, 1, kept_text_slice(&claim->partition));
	bind_text(statement, 2, kept_text_slice(&claim->client_id));
	bind_int(statement, 3, claim->now_ms);
	bind_int(statement, 4, claim->claimed_until_ms);
	bind_int(statement, 5, LIMIT_LOGOUTS_AT_ONCE);
	int code = sqlite3_step(statement);
	bool found = code == SQLITE_ROW;
	if (found) {
		claim->number = sqlite3_column_int64(statement, 0);
		claim->tries = sqlite3_column_int64(statement, 1);
		claim->kind = sqlite3_column_int64(statement, 2);
		found = kept_text_set(&claim->person_id, column_text(statement, 3)) && kept_text_set(&claim->sid, column_text(statement, 4));
	}
	return statement_finish(statement, code, found);
}

enum result store_logout_claim(struct store *store, int64_t now_ms, int64_t claimed_until_ms, struct arena *arena, struct logout_delivery *ret)
{
	struct claim claim = { .now_ms = now_ms, .claimed_until_ms = claimed_until_ms };
	enum result result = application_choose(store, &claim);
	if (result == RESULT_OK)
		result = write_durably(store, claim_run, &claim);
	if (result != RESULT_OK)
		return result;
	struct logout_delivery delivery = {
		.number = claim.number,
		.tries = claim.tries,
		.realm.kind = (enum person_kind)claim.kind,
		.client_id = arena_copy(arena, kept_text_slice(&claim.client_id)),
		.person_id = arena_copy(arena, kept_text_slice(&claim.person_id)),
		.sid = arena_copy(arena, kept_text_slice(&claim.sid)),
	};
	if (!partition_id_parse(kept_text_slice(&claim.partition), &delivery.realm.partition))
		return RESULT_STORE_DOWN;
	if (arena_exhausted(arena))
		return RESULT_NO_MEMORY;
	*ret = delivery;
	return RESULT_OK;
}

/* ---- what came of it: only who has the claim says so ---- */

struct outcome {
	const struct logout_delivery *delivery;
	const char *sql; /* ?1 and ?2 name delivery and try */
	int64_t next_try_ms;
};

static enum result outcome_run(struct connection *connection, void *argument)
{
	const struct outcome *outcome = argument;
	sqlite3_stmt *statement = connection_statement(connection, outcome->sql);
	bind_int(statement, 1, outcome->delivery->number);
	bind_int(statement, 2, outcome->delivery->tries);
	if (statement != NULL && sqlite3_bind_parameter_count(statement) > 2)
		bind_int(statement, 3, outcome->next_try_ms);
	enum result result = statement_run(statement, NULL);
	return result == RESULT_OK && sqlite3_changes64(connection->db) == 0 ? RESULT_NOT_FOUND : result;
}

enum result store_logout_done(struct store *store, const struct logout_delivery *delivery)
{
	struct outcome outcome = { delivery, "DELETE FROM logout_delivery WHERE number = ?1 AND tries = ?2", 0 };
	return write_durably(store, outcome_run, &outcome);
}

enum result store_logout_again(struct store *store, const struct logout_delivery *delivery, int64_t next_try_ms)
{
	struct outcome outcome = {
		delivery, "UPDATE logout_delivery SET next_try_at = ?3, claimed_until = 0 WHERE number = ?1 AND tries = ?2", next_try_ms,
	};
	return write_durably(store, outcome_run, &outcome);
}

enum result store_logouts_waiting(struct store *store, int64_t *ret)
{
	struct reading reading;
	enum result result = reading_begin(store, "SELECT count(*) FROM logout_delivery", &reading);
	if (result != RESULT_OK)
		return result;
	result = reading_step(&reading);
	if (result == RESULT_OK)
		*ret = sqlite3_column_int64(reading.statement, 0);
	reading_end(&reading);
	return result;
}
