/* What becomes of sessions, consents, codes and refresh tokens when the people and applications change, in time, and when the
 * store is brought up to date or copied. */
#include "grants_test.h"

#include <pthread.h>

/* Of 1001 in ONE-U to client-1: a session, a consent, an unused code "code", a used one "used", a family "f". */
static struct store *open_in_use(struct place *place, int64_t now)
{
	struct store *store = open_filled(place);
	sign_in(place, store, "s", now);
	struct code_issue issue = an_issue("code", now);
	issue.consent = S("openid");
	assert_int_equal(RESULT_OK, issue_in(store, "ONE-U", &issue));
	issue_code(store, "used", false, now);
	assert_int_equal(RESULT_OK, redeem(store, "used", now));
	begin_family(store, "f", now);
	assert_int_equal(RESULT_OK, rotate(store, "f", "T", "S", now * 1000));
	return store;
}

struct alive {
	bool session, consent, code, family;
};

static struct alive look(struct place *place, struct store *store, int64_t now)
{
	struct realm realm = realm_of("ONE-U");
	struct code_read read;
	struct slice scope;
	return (struct alive) {
		.session = read_session(place, store, "ONE-U", "s", now, NULL) == RESULT_OK,
		.consent = store_consent_read(store, &realm, S("1001"), S("client-1"), place->arena, &scope) == RESULT_OK,
		.code = read_code(place, store, "ONE-U", "code", "client-1", now, &read) == RESULT_OK,
		.family = refresh_state(place, store, "f", "S", now * 1000) == REFRESH_LIVE,
	};
}

static void assert_all_alive(struct place *place, struct store *store, int64_t now)
{
	struct alive alive = look(place, store, now);
	assert_true(alive.session && alive.consent && alive.code && alive.family);
}

static void assert_only_consent(struct place *place, struct store *store, int64_t now)
{
	struct alive alive = look(place, store, now);
	assert_true(!alive.session && alive.consent && !alive.code && !alive.family);
	assert_int_equal(RESULT_NOT_FOUND, redeem(store, "code", now));
	assert_int_equal(RESULT_NOT_FOUND, rotate(store, "f", "S", "S2", now * 1000));
	assert_int_equal(0, count_rows(place, "SELECT count(*) FROM refresh_token"));
	struct code_issue issue = an_issue("late", now);
	assert_int_equal(RESULT_NOT_FOUND, issue_in(store, "ONE-U", &issue));
	check_store(store);
}

static void assert_nothing(struct place *place, struct store *store, int64_t now)
{
	struct alive alive = look(place, store, now);
	assert_true(!alive.session && !alive.consent && !alive.code && !alive.family);
	assert_int_equal(0, count_rows(place, "SELECT (SELECT count(*) FROM session) + (SELECT count(*) FROM consent) + "
	                                      "(SELECT count(*) FROM grant_record) + (SELECT count(*) FROM refresh_token)"));
	check_store(store);
}

static struct person person_1001(struct place *place, struct store *store)
{
	struct person person;
	assert_int_equal(RESULT_OK, find_person(place, store, "ONE", PERSON_USER, PERSON_BY_ID, "1001", &person));
	return person;
}

static void commit_person(struct store *store, const char *partition, const struct person *person)
{
	struct partition_id id = partition_of(partition);
	struct store_batch *batch = begin(store);
	assert_int_equal(RESULT_OK, store_batch_person(batch, &id, person));
	commit(batch);
}

/* ---- people ---- */

static void a_new_password_by_the_person_ends_all_but_the_consent(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_in_use(place, now);
	struct realm realm = realm_of("ONE-U"), customers = realm_of("ONE-C"), two = realm_of("TWO-U");
	const struct audit_event event = { .at_ms = 1, .action = S("person.password_changed"), .result = S("ok") };
	assert_int_equal(RESULT_CONFLICT, store_person_password_set(store, &realm, S("1001"), S("wrong"), S("new"), &event));
	assert_int_equal(RESULT_NOT_FOUND, store_person_password_set(store, &realm, S("1003"), S(""), S("new"), &event));
	assert_int_equal(RESULT_NOT_FOUND, store_person_password_set(store, &customers, S("1001"), S(""), S("new"), &event));
	assert_int_equal(RESULT_OK, store_person_password_set(store, &two, S("1001"), S(""), S("new"), NULL));
	assert_all_alive(place, store, now);
	assert_int_equal(0, count_rows(place, "SELECT count(*) FROM audit"));
	int64_t changes = count_rows(place, "SELECT count(*) FROM change WHERE kind = 3 AND partition = 'ONE' AND id = '1001'");
	struct person before = person_1001(place, store);
	assert_int_equal(RESULT_OK, store_person_password_set(store, &realm, S("1001"), S(""), S("new"), &event));
	assert_only_consent(place, store, now);
	struct person after = person_1001(place, store);
	assert_slice(after.password_hash, "new");
	assert_int_equal(before.version + 1, after.version);
	assert_int_equal(before.valid_from_ms, after.valid_from_ms);
	assert_int_equal(1, count_rows(place, "SELECT count(*) FROM audit WHERE action = 'person.password_changed'"));
	assert_int_equal(changes + 1, count_rows(place, "SELECT count(*) FROM change WHERE kind = 3 AND partition = 'ONE' AND id = '1001'"));
	assert_int_equal(RESULT_CONFLICT, store_person_password_set(store, &realm, S("1001"), S(""), S("newer"), NULL));
	/* a code that was used is still known, and ends what access tokens came of it */
	assert_int_equal(RESULT_REPLAYED, redeem(store, "used", now));
	assert_true(grant_revoked(store, "ONE", "used"));
	store_close(store);
}

/* A new password leaves access tokens alive; taking the consent back afterwards must still find the grants they came of. */
static void a_consent_withdrawn_after_a_new_password_revokes_what_was_granted_before(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_in_use(place, now);
	struct realm realm = realm_of("ONE-U");
	assert_int_equal(RESULT_OK, store_person_password_set(store, &realm, S("1001"), S(""), S("new"), NULL));
	assert_false(grant_revoked(store, "ONE", "used") || grant_revoked(store, "ONE", "f"));
	assert_int_equal(RESULT_OK, store_consent_withdraw(store, &realm, S("1001"), S("client-1"), now + DAY));
	assert_true(grant_revoked(store, "ONE", "used") && grant_revoked(store, "ONE", "f"));
	assert_int_equal(RESULT_NOT_FOUND, store_consent_withdraw(store, &realm, S("1001"), S("client-1"), now + DAY));
	store_close(store);
}

static void a_new_password_by_a_document_ends_all_but_the_consent(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_in_use(place, now);
	struct person person = person_1001(place, store);
	person.claims = S("{\"name\":\"Pa\"}");
	commit_person(store, "ONE", &person); /* another change of the person ends nothing */
	assert_all_alive(place, store, now);
	person = person_1001(place, store);
	person.password_hash = S("new");
	commit_person(store, "ONE", &person);
	assert_only_consent(place, store, now);
	store_close(store);
}

static void disabling_and_enabling_end_all_but_the_consent(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_in_use(place, now);
	struct person person = person_1001(place, store);
	person.enabled = false;
	commit_person(store, "ONE", &person);
	assert_only_consent(place, store, now);
	person = person_1001(place, store);
	person.enabled = true;
	commit_person(store, "ONE", &person);
	assert_only_consent(place, store, now);
	sign_in(place, store, "s", now);
	begin_family(store, "f2", now);
	assert_int_equal(REFRESH_LIVE, refresh_state(place, store, "f2", "T", now * 1000));
	store_close(store);
}

/* Those of the same id in another partition or realm, and of other people, are not touched. */
static void a_change_of_one_person_leaves_the_others_alone(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_in_use(place, now);
	struct partition_id one = partition_of("ONE");
	struct person namesake = a_customer("1001", "namesake@example.com"); /* ids of users and customers are apart in the store */
	commit_person(store, "ONE", &namesake);
	struct realm customers = realm_of("ONE-C"), two = realm_of("TWO-U"), users = realm_of("ONE-U");
	assert_int_equal(RESULT_OK, store_person_password_set(store, &customers, S("1001"), S(""), S("new"), NULL));
	assert_int_equal(RESULT_OK, store_person_password_set(store, &two, S("1001"), S(""), S("new"), NULL));
	assert_int_equal(RESULT_OK, store_person_password_set(store, &users, S("1002"), S(""), S("new"), NULL));
	assert_all_alive(place, store, now);
	struct store_batch *batch = begin(store); /* deletes all others of ONE */
	struct person kept = person_1001(place, store);
	assert_int_equal(RESULT_OK, store_batch_mention(batch, &one, OBJECT_PARTITION, S("ONE")));
	assert_int_equal(RESULT_OK, store_batch_mention(batch, &one, OBJECT_USER, kept.id));
	assert_int_equal(RESULT_OK, store_batch_mention(batch, &one, OBJECT_APPLICATION, S("client-1")));
	assert_int_equal(RESULT_OK, store_batch_prune(batch, NULL, NULL));
	commit(batch);
	assert_all_alive(place, store, now);
	store_close(store);
}

/* ---- pruning ---- */

static void a_deleted_person_leaves_nothing(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_in_use(place, now);
	struct partition_id one = partition_of("ONE");
	struct store_batch *batch = begin(store);
	assert_int_equal(RESULT_OK, store_batch_mention(batch, &one, OBJECT_PARTITION, S("ONE")));
	assert_int_equal(RESULT_OK, store_batch_mention(batch, &one, OBJECT_APPLICATION, S("client-1")));
	assert_int_equal(RESULT_OK, store_batch_prune(batch, NULL, NULL));
	commit(batch);
	assert_nothing(place, store, now);
	store_close(store);
}

static void a_deleted_application_leaves_the_session_alone(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_in_use(place, now);
	struct code_issue other = an_issue("other", now);
	other.grant.client_id = S("client-2");
	other.consent = S("openid");
	assert_int_equal(RESULT_OK, issue_in(store, "ONE-U", &other));
	struct partition_id one = partition_of("ONE");
	struct store_batch *batch = begin(store);
	assert_int_equal(RESULT_OK, store_batch_mention(batch, &one, OBJECT_PARTITION, S("ONE")));
	assert_int_equal(RESULT_OK, store_batch_mention(batch, &one, OBJECT_USER, S("1001")));
	assert_int_equal(RESULT_OK, store_batch_mention(batch, &one, OBJECT_APPLICATION, S("client-2")));
	assert_int_equal(RESULT_OK, store_batch_prune(batch, NULL, NULL));
	commit(batch);
	struct alive alive = look(place, store, now);
	assert_true(alive.session && !alive.consent && !alive.code && !alive.family);
	assert_int_equal(RESULT_NOT_FOUND, redeem(store, "used", now));
	assert_int_equal(0, count_rows(place, "SELECT count(*) FROM refresh_token"));
	struct code_redemption redemption = a_redemption("other", now);
	redemption.client_id = S("client-2");
	assert_int_equal(RESULT_OK, redeem_in(store, "ONE-U", &redemption));
	assert_int_equal(1, count_rows(place, "SELECT count(*) FROM consent"));
	store_close(store);
}

static void a_deleted_partition_leaves_nothing(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_in_use(place, now);
	struct partition_id system = partition_of("SYSTEM"), two = partition_of("TWO");
	struct slice sid;
	struct session session = a_session("1001", "two", now);
	assert_int_equal(RESULT_OK, start_session(place, store, "TWO-U", "two", NULL, &session, &sid));
	struct store_batch *batch = begin(store);
	assert_int_equal(RESULT_OK, store_batch_mention(batch, &system, OBJECT_PARTITION, S("SYSTEM")));
	assert_int_equal(RESULT_OK, store_batch_mention(batch, &two, OBJECT_PARTITION, S("TWO")));
	assert_int_equal(RESULT_OK, store_batch_mention(batch, &two, OBJECT_USER, S("1001")));
	assert_int_equal(RESULT_OK, store_batch_prune(batch, NULL, NULL));
	commit(batch);
	struct alive alive = look(place, store, now);
	assert_true(!alive.session && !alive.consent && !alive.code && !alive.family);
	assert_int_equal(1, count_rows(place, "SELECT count(*) FROM session"));
	assert_int_equal(0, count_rows(place, "SELECT (SELECT count(*) FROM consent) + (SELECT count(*) FROM grant_record) + "
	                                      "(SELECT count(*) FROM refresh_token)"));
	assert_int_equal(RESULT_OK, read_session(place, store, "TWO-U", "two", now, NULL));
	check_store(store);
	store_close(store);
}

/* ---- sweeping ---- */

static void what_lives_is_not_swept(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_in_use(place, now);
	assert_int_equal(RESULT_OK, sweep(store)); /* a row of the change feed of a fresh store is old */
	struct store_numbers before, after;
	store_numbers(store, &before);
	assert_int_equal(RESULT_OK, sweep(store));
	store_numbers(store, &after);
	assert_int_equal(before.swept, after.swept);
	assert_int_equal(before.writes, after.writes);
	assert_int_equal(3, count_rows(place, "SELECT count(*) FROM grant_record"));
	assert_int_equal(2, count_rows(place, "SELECT count(*) FROM refresh_token"));
	assert_all_alive(place, store, now);
	store_close(store);
}

static void sessions_go_at_their_end(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_filled(place);
	sign_in(place, store, "s", now);
	sign_in(place, store, "over", now - LIMIT_SESSION_MAX_S);
	sign_in(place, store, "nearly", now - LIMIT_SESSION_MAX_S + 30);
	struct session brief = a_session("1001", "brief", now - 20);
	brief.expires_at = now - 10;
	struct slice sid;
	assert_int_equal(RESULT_OK, start_session(place, store, "ONE-U", "brief", NULL, &brief, &sid));
	assert_int_equal(4, count_rows(place, "SELECT count(*) FROM session"));
	assert_int_equal(RESULT_OK, sweep(store));
	assert_int_equal(2, count_rows(place, "SELECT count(*) FROM session"));
	assert_int_equal(2, count_rows(place, "SELECT count(*) FROM session WHERE sid IN ('s', 'nearly')"));
	store_close(store);
}

/* An issue and a redemption that long ago, through the verbs: their clock is the caller's. */
static void a_used_code_is_remembered_as_long_as_its_tokens_may_live(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_filled(place);
	const struct {
		const char *code;
		int64_t age;
		bool used, kept;
	} cases[] = {
		{ "fresh", 0, false, true },
		{ "late", LIMIT_CODE_S + 300, false, true }, /* known to be late */
		{ "old", LIMIT_CODE_S + 700, false, false },
		{ "used", 3500, true, true },
		{ "spent", 3700, true, false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t then = now - cases[i].age;
		sign_in(place, store, "s", then);
		issue_code(store, cases[i].code, false, then);
		if (cases[i].used)
			assert_int_equal(RESULT_OK, redeem(store, cases[i].code, then));
		sqlite3 *db; /* the session only, without what it gave */
		assert_int_equal(SQLITE_OK, sqlite3_open(place->path, &db));
		assert_int_equal(SQLITE_OK, sqlite3_exec(db, "DELETE FROM session", NULL, NULL, NULL));
		sqlite3_close(db);
	}
	assert_int_equal(RESULT_OK, sweep(store));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct code_read read;
		enum result result = read_code(place, store, "ONE-U", cases[i].code, "client-1", now, &read);
		assert_int_equal(cases[i].kept ? RESULT_OK : RESULT_NOT_FOUND, result);
	}
	assert_int_equal(RESULT_REPLAYED, redeem(store, "used", now));
	assert_int_equal(RESULT_EXPIRED, redeem(store, "late", now));
	store_close(store);
}

static void a_family_goes_with_its_code_and_tokens_when_it_has_ended(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s(), long_ago = now - 31 * DAY;
	struct store *store = open_filled(place);
	sign_in(place, store, "s", long_ago);
	begin_family(store, "unused", long_ago);
	begin_family(store, "living", long_ago);
	assert_int_equal(RESULT_OK, rotate(store, "living", "T", "S", (long_ago + 20 * DAY) * 1000));
	assert_int_equal(RESULT_OK, sweep(store));
	assert_int_equal(1, count_rows(place, "SELECT count(*) FROM grant_record"));
	assert_int_equal(1, count_rows(place, "SELECT count(*) FROM refresh_token"));
	assert_int_equal(REFRESH_LIVE, refresh_state(place, store, "living", "S", now * 1000));
	/* the code of a living family is remembered with it, and ends it */
	assert_int_equal(RESULT_REPLAYED, redeem(store, "living", now));
	assert_int_equal(0, refresh_state(place, store, "living", "S", now * 1000));
	assert_int_equal(RESULT_OK, sweep(store)); /* ended, and no access token of it can live */
	assert_int_equal(0, count_rows(place, "SELECT count(*) FROM grant_record"));
	store_close(store);
}

static void many_that_are_over_go_in_batches(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_in_use(place, now);
	assert_int_equal(RESULT_OK, sweep(store));
	struct store_numbers before, after;
	store_numbers(store, &before);
	sqlite3 *db;
	assert_int_equal(SQLITE_OK, sqlite3_open(place->path, &db));
	assert_int_equal(SQLITE_OK, sqlite3_exec(db,
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1300) "
		"INSERT INTO grant_record (partition, kind, gid, client_id, person_id, sid, granted_ms, auth_time, offline, forget_at, "
		"code_hash, code_expires_at, redirect_uri, scope, echoed, claims_id_token, claims_userinfo) "
		"SELECT 'ONE', 85, 'x' || i, 'client-1', '1001', 's', 0, 0, 0, 5, CAST('x' || i AS BLOB), 0, '', '', '', '', '' FROM n;"
		"INSERT INTO refresh_token (hash, grant_number) SELECT code_hash, number FROM grant_record WHERE forget_at = 5",
		NULL, NULL, NULL));
	sqlite3_close(db);
	assert_int_equal(RESULT_OK, sweep(store));
	store_numbers(store, &after);
	assert_int_equal(1300, after.swept - before.swept);
	assert_int_equal((1300 + LIMIT_SWEEP_ROWS - 1) / LIMIT_SWEEP_ROWS, after.writes - before.writes);
	assert_int_equal(2, count_rows(place, "SELECT count(*) FROM refresh_token"));
	assert_all_alive(place, store, now);
	store_close(store);
}

/* ---- an older store, a copy ---- */

extern const char schema_0001[];

/* A store as the first version made it, with people, an application, a revocation and a key in it. */
static void make_version_1(const char *path)
{
	sqlite3 *db;
	assert_int_equal(SQLITE_OK, sqlite3_open(path, &db));
	assert_int_equal(SQLITE_OK, sqlite3_exec(db, "PRAGMA journal_mode=WAL; BEGIN;", NULL, NULL, NULL));
	assert_int_equal(SQLITE_OK, sqlite3_exec(db, schema_0001, NULL, NULL, NULL));
	static const char fill[] =
		"INSERT INTO partition (id, name, permission_prefix, access_token_algorithm, branding_name, branding_color, branding_logo_url, "
		"policy_user, policy_customer, anonymous_enabled, anonymous_permissions, version) "
		"VALUES ('ONE', 'One', '', 1, '', '', '', '', '', 0, '', 3);"
		"INSERT INTO person (partition, kind, id, username, username_key, email, email_key, department, roles, enabled, password_hash, "
		"claims, valid_from_ms, version) VALUES ('ONE', 85, '1001', 'Pa', 'pa', '', NULL, '', '', 1, 'hash', '', 7, 2);"
		"INSERT INTO application (partition, client_id, name, platform, enabled, redirect_urls, post_logout_redirect_urls, "
		"backchannel_logout_url, jwks_url, permissions, grants, access_token_seconds, refresh_tokens, refresh_idle_seconds, "
		"refresh_max_seconds, consent, valid_from_ms, version, secrets, jwks) "
		"VALUES ('ONE', 'client-1', 'Portal', 1, 1, '', '', '', '', '', 0, 3600, 1, 9, 9, 1, 7, 4, x'', '');"
		"INSERT INTO revocation (partition, id, kind, expires_at) VALUES ('ONE', 'gone', 2, 99999999999);"
		"INSERT INTO change (partition, kind, id, at) VALUES ('ONE', 1, 'ONE', 7);"
		"PRAGMA application_id=2003986804; PRAGMA user_version=1; COMMIT;";
	assert_int_equal(SQLITE_OK, sqlite3_exec(db, fill, NULL, NULL, NULL));
	sqlite3_close(db);
}

static void assert_migrated(struct place *place, struct store *store)
{
	int64_t now = clock_s();
	struct person person = person_1001(place, store);
	assert_slice(person.password_hash, "hash");
	assert_int_equal(2, person.version);
	assert_int_equal(7, person.valid_from_ms);
	struct client_application application;
	assert_int_equal(RESULT_OK, find_application(place, store, "ONE", "client-1", &application));
	assert_int_equal(4, application.version);
	assert_int_equal(ALGORITHM_RS256, application.id_token_algorithm);
	assert_true(grant_revoked(store, "ONE", "gone"));
	sign_in(place, store, "s", now);
	begin_family(store, "f", now);
	person.enabled = false; /* the triggers are there */
	commit_person(store, "ONE", &person);
	assert_int_equal(RESULT_NOT_FOUND, read_session(place, store, "ONE-U", "s", now, NULL));
	assert_int_equal(0, refresh_state(place, store, "f", "T", now * 1000));
	check_store(store);
}

static void a_store_of_version_1_is_brought_up_to_date_with_its_data(void **state)
{
	struct place *place = *state;
	make_version_1(place->path);
	struct store *store = NULL;
	struct problem problem = { "" };
	assert_int_equal(RESULT_INVALID, store_open(slice_from(place->url), STORE_READ_ONLY, &store, &problem));
	assert_non_null(strstr(problem.text, "start writ once"));
	assert_int_equal(1, count_rows(place, "SELECT user_version FROM pragma_user_version"));
	store = open_again(place);
	assert_int_equal(SCHEMA_VERSION, count_rows(place, "SELECT user_version FROM pragma_user_version"));
	assert_migrated(place, store);
	store_close(store);
	store = open_again(place);
	store_close(store);
}

static void *open_and_close(void *argument)
{
	struct store *store = NULL;
	struct problem problem = { "" };
	enum result result = store_open(slice_from(argument), STORE_EXISTING, &store, &problem);
	if (result != RESULT_OK)
		return NULL;
	store_close(store);
	return argument;
}

static void many_may_bring_the_same_store_up_to_date_at_once(void **state)
{
	struct place *place = *state;
	make_version_1(place->path);
	pthread_t threads[8];
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(0, pthread_create(&threads[i], NULL, open_and_close, place->url));
	for (size_t i = 0; i < 8; i++) {
		void *good = NULL;
		pthread_join(threads[i], &good);
		assert_non_null(good);
	}
	struct store *store = open_again(place);
	assert_migrated(place, store);
	store_close(store);
}

static void a_backup_carries_all_of_it_and_one_of_version_1_is_brought_up_to_date(void **state)
{
	struct place *place = *state;
	int64_t now = clock_s();
	struct store *store = open_in_use(place, now);
	struct problem problem = { "" };
	char copy[128], url[160], old[128];
	snprintf(copy, sizeof(copy), "%s/copy", place->folder);
	snprintf(old, sizeof(old), "%s/old", place->folder);
	snprintf(url, sizeof(url), "sqlite:%s/restored.db", place->folder);
	expect(RESULT_OK, store_backup(store, copy, &problem), problem.text);
	store_close(store);
	expect(RESULT_OK, store_restore(slice_from(url), copy, &problem), problem.text);
	expect(RESULT_OK, store_open(slice_from(url), STORE_EXISTING, &store, &problem), problem.text);
	assert_all_alive(place, store, now);
	assert_int_equal(RESULT_REPLAYED, redeem(store, "used", now));
	check_store(store);
	store_close(store);
	make_version_1(old);
	snprintf(url, sizeof(url), "sqlite:%s/restored-old.db", place->folder);
	expect(RESULT_OK, store_restore(slice_from(url), old, &problem), problem.text);
	expect(RESULT_OK, store_open(slice_from(url), STORE_EXISTING, &store, &problem), problem.text);
	assert_migrated(place, store);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(a_new_password_by_the_person_ends_all_but_the_consent),
		STORE_TEST(a_consent_withdrawn_after_a_new_password_revokes_what_was_granted_before),
		STORE_TEST(a_new_password_by_a_document_ends_all_but_the_consent),
		STORE_TEST(disabling_and_enabling_end_all_but_the_consent),
		STORE_TEST(a_change_of_one_person_leaves_the_others_alone),
		STORE_TEST(a_deleted_person_leaves_nothing),
		STORE_TEST(a_deleted_application_leaves_the_session_alone),
		STORE_TEST(a_deleted_partition_leaves_nothing),
		STORE_TEST(what_lives_is_not_swept),
		STORE_TEST(sessions_go_at_their_end),
		STORE_TEST(a_used_code_is_remembered_as_long_as_its_tokens_may_live),
		STORE_TEST(a_family_goes_with_its_code_and_tokens_when_it_has_ended),
		STORE_TEST(many_that_are_over_go_in_batches),
		STORE_TEST(a_store_of_version_1_is_brought_up_to_date_with_its_data),
		STORE_TEST(many_may_bring_the_same_store_up_to_date_at_once),
		STORE_TEST(a_backup_carries_all_of_it_and_one_of_version_1_is_brought_up_to_date),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
