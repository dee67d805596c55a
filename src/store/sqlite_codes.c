/* Authorization codes (RFC 6749 §4.1). */
#include "store/sqlite_grants.h"

#define CODE_KEPT_S 600 /* one that was never redeemed: so long it is known to be late, not unknown */

/* ---- issuing ---- */

struct issue_job {
	const struct realm *realm;
	const struct code_issue *issue;
};

/* The session that gives the code: alive, and of the person and under the name that the grant says. */
static enum result session_use(struct connection *connection, const struct issue_job *job)
{
	const struct code_issue *issue = job->issue;
	sqlite3_stmt *find = connection_statement(
		connection, "SELECT last_used_at FROM session WHERE hash = ?3 AND" OF_REALM " AND person_id = ?4 AND sid = ?5 "
		            "AND expires_at > ?6 AND last_used_at >= ?6 - ?7");
	bind_realm(find, job->realm);
	bind_hash(find, 3, &issue->session);
	bind_text(find, 4, issue->grant.person_id);
	bind_text(find, 5, issue->grant.sid);
	bind_int(find, 6, issue->now_s);
	bind_int(find, 7, issue->idle_s);
	int64_t last_used_at;
	enum result result = statement_int(find, &last_used_at);
	const int64_t noted_every_s = issue->idle_s / 4 < USE_NOTED_EVERY_S ? issue->idle_s / 4 : USE_NOTED_EVERY_S;
	if (result != RESULT_OK || last_used_at > issue->now_s - noted_every_s)
		return result;
	sqlite3_stmt *note = connection_statement(
		connection, "UPDATE session SET last_used_at = ?2 WHERE hash = ?1");
	bind_hash(note, 1, &issue->session);
	bind_int(note, 2, issue->now_s);
	return statement_run(note, NULL);
}

static enum result code_issue_run(struct connection *connection, void *argument)
{
	const struct issue_job *job = argument;
	const struct code_issue *issue = job->issue;
	const struct grant_code code = {
		.hash = &issue->code,
		.expires_at = issue->expires_at,
		.challenge = issue->code_challenge,
		.redirect_uri = issue->redirect_uri,
		.forget_at = issue->expires_at + CODE_KEPT_S,
	};
	enum result result = session_use(connection, job);
	if (result == RESULT_OK)
		result = grant_insert(connection, job->realm, &issue->grant, &code);
	if (result != RESULT_OK)
		return result;
	if (issue->consent.ptr != NULL)
		return consent_remember(connection, job->realm, &issue->grant, issue->consent, issue->now_s);
	if (issue->consent_remembered && (result = consent_judge(connection, job->realm, &issue->grant)) != RESULT_OK)
		return result == RESULT_NOT_FOUND ? RESULT_CONFLICT : result;
	return consent_use(connection, job->realm, &issue->grant, issue->now_s);
}

enum result store_code_issue(struct store *store, const struct realm *realm, const struct code_issue *issue)
{
	const struct slice gid = issue->grant.gid;
	if (gid.len == 0 || gid.len > LIMIT_ID)
		return RESULT_INVALID; /* it could not be revoked */
	struct issue_job job = { realm, issue };
	return write_durably(store, code_issue_run, &job);
}

/* ---- reading ---- */

enum result store_code_read(struct store *store, const struct realm *realm, const struct hash32 *code, struct slice client_id,
                            int64_t now_s, struct arena *arena, struct code_read *ret)
{
	/* A grant that ended before its code was used has none any more. */
	static const char sql[] = "SELECT " GRANT_COLUMNS ", code_used_at IS NOT NULL, code_expires_at <= ?5 FROM grant_record "
	                          "WHERE code_hash = ?3 AND" OF_REALM " AND client_id = ?4 AND (ended = 0 OR code_used_at IS NOT NULL)";
	struct reading reading;
	enum result result = reading_begin_now(store, sql, &reading);
	if (result != RESULT_OK)
		return result;
	bind_realm(reading.statement, realm);
	bind_hash(reading.statement, 3, code);
	bind_text(reading.statement, 4, client_id);
	bind_int(reading.statement, 5, now_s);
	result = reading_step(&reading);
	struct code_read read = { 0 };
	if (result == RESULT_OK) {
		struct row row = { reading.statement, arena, 0 };
		grant_from_row(&row, &read.grant);
		bool used = row_bool(&row), expired = row_bool(&row);
		read.state = used ? CODE_USED : expired ? CODE_EXPIRED : CODE_LIVE;
	}
	result = reading_end_taken(&reading, result, arena);
	if (result == RESULT_OK)
		*ret = read;
	return result;
}

/* ---- redeeming ---- */

struct redeem_job {
	const struct realm *realm;
	const struct code_redemption *redemption;
	/* What is answered. The job itself is good whenever what it did must stay: a code used up by a wrong verifier, a grant
	 * ended by a second use. */
	enum result verdict;
	struct kept_text gid; /* for RESULT_REPLAYED: revoked, when not empty */
};

/* The row of a code that was used by this very statement. */
struct used_code {
	int64_t number;
	bool address_right, verifier_right, offline;
};

/* What single use rests on: one statement. RESULT_NOT_FOUND: there was no code to use. */
static enum result code_use(struct connection *connection, const struct redeem_job *job, struct used_code *ret)
{
	const struct code_redemption *redemption = job->redemption;
	sqlite3_stmt *statement = connection_statement(
		connection, "UPDATE grant_record SET code_used_at = ?5 WHERE code_hash = ?3 AND" OF_REALM " AND client_id = ?4 "
		            "AND code_used_at IS NULL AND ended = 0 AND code_expires_at > ?5 "
		            "RETURNING number, redirect_uri IS ?6, code_challenge IS ?7, offline");
	if (statement == NULL)
		return RESULT_STORE_DOWN;
	bind_realm(statement, job->realm);
	bind_hash(statement, 3, &redemption->code);
	bind_text(statement, 4, redemption->client_id);
	bind_int(statement, 5, redemption->now_s);
	bind_optional(statement, 6, redemption->redirect_uri);
	bind_optional(statement, 7, redemption->code_challenge);
	int code = sqlite3_step(statement);
	bool found = code == SQLITE_ROW;
	if (found) {
		struct row row = { statement, NULL, 0 };
		ret->number = row_int(&row);
		ret->address_right = row_bool(&row);
		ret->verifier_right = row_bool(&row);
		ret->offline = row_bool(&row);
	}
	return statement_finish(statement, code, found);
}

static enum result tokens_note(struct connection *connection, const struct code_redemption *redemption, int64_t number)
{
	sqlite3_stmt *statement = connection_statement(
		connection, "UPDATE grant_record SET tokens_until = ?2, forget_at = max(forget_at, ?2) WHERE number = ?1");
	bind_int(statement, 1, number);
	bind_int(statement, 2, redemption->tokens_until + TOKENS_LATER_S);
	return statement_run(statement, NULL);
}

/* Why there was no code to use. */
static enum result code_judge_unused(struct connection *connection, struct redeem_job *job)
{
	const struct code_redemption *redemption = job->redemption;
	sqlite3_stmt *statement = connection_statement(
		connection, "SELECT gid, code_used_at IS NOT NULL, code_challenge IS ?5 FROM grant_record WHERE code_hash = ?3 AND" OF_REALM
		            " AND client_id = ?4 AND (ended = 0 OR code_used_at IS NOT NULL)");
	if (statement == NULL)
		return RESULT_STORE_DOWN;
	bind_realm(statement, job->realm);
	bind_hash(statement, 3, &redemption->code);
	bind_text(statement, 4, redemption->client_id);
	bind_optional(statement, 5, redemption->code_challenge);
	int code = sqlite3_step(statement);
	bool found = code == SQLITE_ROW;
	bool used = found && sqlite3_column_int(statement, 1) != 0;
	bool replayed = used && sqlite3_column_int(statement, 2) != 0 && kept_text_set(&job->gid, column_text(statement, 0));
	(void)sqlite3_reset(statement);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return sqlite_result(code);
	if (!found)
		return RESULT_NOT_FOUND;
	job->verdict = used ? RESULT_REPLAYED : RESULT_EXPIRED;
	/* Whoever knows the verifier too is the application, or has all that it has: both lose (RFC 6749 §4.1.2). Somebody who
	 * only saw the code cannot end a grant. */
	return replayed ? grant_end_one(connection, job->realm, kept_text_slice(&job->gid), redemption->revoked_until) : RESULT_OK;
}

static enum result redeem_run(struct connection *connection, void *argument)
{
	struct redeem_job *job = argument;
	const struct code_redemption *redemption = job->redemption;
	struct used_code used = { 0 };
	job->verdict = RESULT_OK;
	job->gid.len = 0;
	enum result result = code_use(connection, job, &used);
	if (result == RESULT_NOT_FOUND)
		return code_judge_unused(connection, job);
	if (result != RESULT_OK)
		return result;
	if (!used.address_right || !used.verifier_right) {
		job->verdict = RESULT_INVALID;
		return RESULT_OK;
	}
	result = tokens_note(connection, redemption, used.number);
	if (result == RESULT_OK && used.offline && redemption->refresh != NULL)
		result = family_begin(connection, used.number, redemption);
	return result;
}

enum result store_code_redeem(struct store *store, const struct realm *realm, const struct code_redemption *redemption)
{
	struct redeem_job job = { .realm = realm, .redemption = redemption };
	enum result result = write_durably(store, redeem_run, &job);
	if (result == RESULT_OK && job.gid.len > 0)
		result = revocations_add(&store->revocations, partition_id_slice(&realm->partition), REVOKED_GRANT,
		                         kept_text_slice(&job.gid), redemption->revoked_until);
	return result == RESULT_OK ? job.verdict : result;
}
