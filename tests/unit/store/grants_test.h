/* What the tests of sessions, codes and refresh tokens share: a store with two partitions, and short ways to do one thing. */
#ifndef WRIT_TESTS_GRANTS_TEST_H
#define WRIT_TESTS_GRANTS_TEST_H

#include "store_test.h"

#include "base/clock.h"
#include "store/grants.h"
#include "store/sqlite_store.h"

#define GRACE LIMIT_REFRESH_GRACE_MS
#define DAY ((int64_t)86400)

/* As fill_partition makes them: user 1001, customer c1, application client-1; and here user 1002, application client-2. */
static inline struct realm realm_of(const char *name)
{
	struct realm realm;
	assert_true(realm_parse(slice_from(name), &realm));
	return realm;
}

static inline void fill_realm(struct store *store, const char *name)
{
	fill_partition(store, name);
	struct partition_id id = partition_of(name);
	struct store_batch *batch = begin(store);
	struct person other = a_user("1002", "other");
	struct client_application application = an_application("client-2", "Second");
	assert_int_equal(RESULT_OK, store_batch_person(batch, &id, &other));
	assert_int_equal(RESULT_OK, store_batch_application(batch, &id, &application));
	commit(batch);
}

static inline struct store *open_filled(const struct place *place)
{
	struct store *store = open_store(place);
	fill_realm(store, "ONE");
	fill_realm(store, "TWO");
	return store;
}

static inline struct store *open_again(const struct place *place)
{
	struct store *store = NULL;
	struct problem problem = { "" };
	expect(RESULT_OK, store_open(slice_from(place->url), STORE_EXISTING, &store, &problem), problem.text);
	return store;
}

static inline struct hash32 session_hash(const char *text)
{
	return hash32_of_kind("session", slice_from(text));
}

static inline struct hash32 code_hash(const char *text)
{
	return hash32_of_kind("code", slice_from(text));
}

/* ---- sessions ---- */

static inline struct session a_session(const char *person, const char *sid, int64_t now_s)
{
	return (struct session) {
		.sid = slice_from(sid), .person_id = slice_from(person), .auth_time = now_s, .created_at = now_s, .last_used_at = now_s,
		.expires_at = now_s + LIMIT_SESSION_MAX_S, .user_agent = S("Browser"), .address = S("192.0.2.1"),
	};
}

static inline enum result start_session(struct place *place, struct store *store, const char *realm, const char *value,
                                        const char *former, const struct session *session, struct slice *ret_sid)
{
	struct realm in = realm_of(realm);
	struct hash32 hash = session_hash(value), before;
	if (former != NULL)
		before = session_hash(former);
	return store_session_start(store, &in, &hash, former == NULL ? NULL : &before, session, session->created_at + DAY, place->arena,
	                           ret_sid);
}

/* The usual one: of 1001 in ONE-U, named after its value. */
static inline void sign_in(struct place *place, struct store *store, const char *value, int64_t now_s)
{
	struct session session = a_session("1001", value, now_s);
	struct slice sid;
	assert_int_equal(RESULT_OK, start_session(place, store, "ONE-U", value, NULL, &session, &sid));
	assert_slice(sid, value);
}

static inline enum result read_session(struct place *place, struct store *store, const char *realm, const char *value, int64_t now_s,
                                       struct session *ret)
{
	struct realm in = realm_of(realm);
	struct hash32 hash = session_hash(value);
	struct session ignored;
	return store_session_read(store, &in, &hash, now_s, LIMIT_SESSION_IDLE_S, place->arena, ret == NULL ? &ignored : ret);
}

/* ---- codes ---- */

/* Of 1001 in the session "s" to client-1; code and gid are the text given. */
static inline struct code_issue an_issue(const char *code, int64_t now_s)
{
	return (struct code_issue) {
		.grant = {
			.gid = slice_from(code), .client_id = S("client-1"), .person_id = S("1001"), .sid = S("s"),
			.scope = S("openid articles.read"), .echoed = S("openid https://x/articles.read"), .nonce = S("n"),
			.claims_id_token = S("email"), .claims_userinfo = S("name email"), .auth_time = now_s,
			.granted_ms = now_s * 1000,
		},
		.code = code_hash(code), .redirect_uri = S("https://a.example/cb"), .code_challenge = S("challenge"), .now_s = now_s,
		.expires_at = now_s + LIMIT_CODE_S, .session = session_hash("s"), .idle_s = LIMIT_SESSION_IDLE_S,
	};
}

static inline enum result issue_in(struct store *store, const char *realm, const struct code_issue *issue)
{
	struct realm in = realm_of(realm);
	return store_code_issue(store, &in, issue);
}

static inline void issue_code(struct store *store, const char *code, bool offline, int64_t now_s)
{
	struct code_issue issue = an_issue(code, now_s);
	issue.grant.offline = offline;
	assert_int_equal(RESULT_OK, issue_in(store, "ONE-U", &issue));
}

static inline struct code_redemption a_redemption(const char *code, int64_t now_s)
{
	return (struct code_redemption) {
		.code = code_hash(code), .client_id = S("client-1"), .redirect_uri = S("https://a.example/cb"), .code_challenge = S("challenge"),
		.now_s = now_s, .tokens_until = now_s + 3600, .revoked_until = now_s + DAY, .refresh_idle_s = 30 * DAY, .refresh_max_s = 180 * DAY,
	};
}

static inline enum result redeem_in(struct store *store, const char *realm, const struct code_redemption *redemption)
{
	struct realm in = realm_of(realm);
	return store_code_redeem(store, &in, redemption);
}

static inline enum result redeem(struct store *store, const char *code, int64_t now_s)
{
	struct code_redemption redemption = a_redemption(code, now_s);
	return redeem_in(store, "ONE-U", &redemption);
}

static inline enum result read_code(struct place *place, struct store *store, const char *realm, const char *code, const char *client,
                                    int64_t now_s, struct code_read *ret)
{
	struct realm in = realm_of(realm);
	struct hash32 hash = code_hash(code);
	return store_code_read(store, &in, &hash, slice_from(client), now_s, place->arena, ret);
}

/* ---- refresh tokens ---- */

/* The token that is called so in this family. */
static inline struct refresh_name refresh_name_of(const char *family, const char *token)
{
	const struct slice handle = { family, strlen(family) }, own = { token, strlen(token) };
	char text[64];
	assert_true(handle.len + own.len <= sizeof(text));
	memcpy(text, handle.ptr, handle.len);
	memcpy(text + handle.len, own.ptr, own.len);
	const struct slice whole = { text, handle.len + own.len };
	return (struct refresh_name) { hash32_of_kind("refresh-family", handle), hash32_of_kind("refresh", whole) };
}

/* An offline grant (gid and code are the family's text) in the session "s", redeemed: its first token is T. */
static inline void begin_family(struct store *store, const char *family, int64_t now_s)
{
	issue_code(store, family, true, now_s);
	struct refresh_name first = refresh_name_of(family, "T");
	struct code_redemption redemption = a_redemption(family, now_s);
	redemption.refresh = &first;
	assert_int_equal(RESULT_OK, redeem_in(store, "ONE-U", &redemption));
}

static inline struct refresh_rotation a_rotation(const char *family, const char *token, const char *successor, int64_t now_ms)
{
	return (struct refresh_rotation) {
		.used = refresh_name_of(family, token), .successor = refresh_name_of(family, successor).token, .client_id = S("client-1"),
		.now_ms = now_ms, .idle_s = 30 * DAY, .revoked_until = now_ms / 1000 + DAY,
	};
}

static inline enum result rotate(struct store *store, const char *family, const char *token, const char *successor, int64_t now_ms)
{
	struct realm in = realm_of("ONE-U");
	struct refresh_rotation rotation = a_rotation(family, token, successor, now_ms);
	return store_refresh_rotate(store, &in, &rotation);
}

/* 0: no live family. */
static inline int refresh_state(struct place *place, struct store *store, const char *family, const char *token, int64_t now_ms)
{
	struct realm in = realm_of("ONE-U");
	struct refresh_name name = refresh_name_of(family, token);
	struct refresh_read read;
	enum result result = store_refresh_read(store, &in, &name, now_ms, place->arena, &read);
	assert_true(result == RESULT_OK || result == RESULT_NOT_FOUND);
	return result == RESULT_OK ? (int)read.state : 0;
}

static inline bool grant_revoked(struct store *store, const char *partition, const char *gid)
{
	struct partition_id id = partition_of(partition);
	return store_is_revoked(store, &id, REVOKED_GRANT, slice_from(gid));
}

static inline int64_t count_rows(const struct place *place, const char *sql)
{
	sqlite3 *db;
	sqlite3_stmt *statement;
	assert_int_equal(SQLITE_OK, sqlite3_open(place->path, &db));
	assert_int_equal(SQLITE_OK, sqlite3_busy_timeout(db, 5000));
	assert_int_equal(SQLITE_OK, sqlite3_prepare_v2(db, sql, -1, &statement, NULL));
	assert_int_equal(SQLITE_ROW, sqlite3_step(statement));
	int64_t count = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return count;
}

static inline void check_store(struct store *store)
{
	struct problem problem = { "" };
	expect(RESULT_OK, store_check(store, &problem), problem.text);
}

#endif
