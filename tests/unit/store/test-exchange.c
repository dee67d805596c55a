/* Identity providers, the one person whom a claim names, and grants without a code. */
#include "grants_test.h"

static struct identity_provider a_provider(const char *registration_id)
{
	return (struct identity_provider) {
		.registration_id = slice_from(registration_id), .issuer = S("https://idp.example"), .audience = S("us"),
		.jwks_url = S("https://idp.example/keys"), .claim = S("email"), .matches = MATCH_EMAIL,
	};
}

static void stage_provider(struct store *store, const char *partition, const struct identity_provider *provider)
{
	struct partition_id id = partition_of(partition);
	struct store_batch *batch = begin(store);
	assert_int_equal(RESULT_OK, store_batch_provider(batch, &id, provider));
	commit(batch);
}

static enum result read_provider(struct place *place, struct store *store, const char *partition, const char *registration_id,
                                 struct identity_provider *ret)
{
	struct partition_id id = partition_of(partition);
	return store_provider_read(store, &id, slice_from(registration_id), place->arena, ret);
}

static void a_provider_is_read_back_whole_and_is_of_one_partition(void **state)
{
	struct place *place = *state;
	struct store *store = open_filled(place);
	struct identity_provider provider = a_provider("okta"), read;
	stage_provider(store, "ONE", &provider);
	assert_int_equal(RESULT_OK, read_provider(place, store, "ONE", "okta", &read));
	assert_slice(read.registration_id, "okta");
	assert_slice(read.issuer, "https://idp.example");
	assert_slice(read.audience, "us");
	assert_slice(read.jwks_url, "https://idp.example/keys");
	assert_slice(read.claim, "email");
	assert_int_equal(MATCH_EMAIL, read.matches);
	assert_int_equal(1, read.version);
	assert_int_equal(RESULT_NOT_FOUND, read_provider(place, store, "TWO", "okta", &read));
	assert_int_equal(RESULT_NOT_FOUND, read_provider(place, store, "ONE", "OKTA", &read));
	read.claim = S("sub");
	read.matches = MATCH_ID;
	stage_provider(store, "ONE", &read);
	assert_int_equal(RESULT_OK, read_provider(place, store, "ONE", "okta", &read));
	assert_slice(read.claim, "sub");
	assert_int_equal(MATCH_ID, read.matches);
	assert_int_equal(2, read.version);
	check_store(store);
	store_close(store);
}

static void a_provider_that_somebody_else_changed_meanwhile_is_a_conflict(void **state)
{
	struct place *place = *state;
	struct store *store = open_filled(place);
	struct partition_id one = partition_of("ONE");
	struct identity_provider provider = a_provider("okta");
	stage_provider(store, "ONE", &provider);
	struct store_batch *batch = begin(store);
	assert_int_equal(RESULT_OK, store_batch_provider(batch, &one, &provider)); /* of version 0, and it is there */
	commit_as(RESULT_CONFLICT, batch);
	store_close(store);
}

struct seen {
	int count;
	enum object_kind kind;
	char key[32];
};

static enum result see_pruned(void *context, const struct partition_id *partition, enum object_kind kind, struct slice key, struct slice name)
{
	struct seen *seen = context;
	(void)partition;
	(void)name;
	if (kind == OBJECT_PROVIDER) {
		seen->count++;
		seen->kind = kind;
		memcpy(seen->key, key.ptr, key.len);
		seen->key[key.len] = '\0';
	}
	return RESULT_OK;
}

static enum result count_provider(void *context, const struct identity_provider *provider)
{
	(void)provider;
	++*(int *)context;
	return RESULT_OK;
}

static void pruning_deletes_what_was_not_mentioned_and_a_partition_takes_its_providers_with_it(void **state)
{
	struct place *place = *state;
	struct store *store = open_filled(place);
	struct partition_id one = partition_of("ONE"), two = partition_of("TWO");
	struct identity_provider first = a_provider("first"), second = a_provider("second");
	stage_provider(store, "ONE", &first);
	stage_provider(store, "ONE", &second);
	stage_provider(store, "TWO", &first);
	struct store_batch *batch = begin(store);
	struct seen seen = { .count = 0 };
	bool has = false;
	int left = 0;
	assert_int_equal(RESULT_OK, store_batch_mention(batch, &one, OBJECT_PARTITION, S("ONE")));
	assert_int_equal(RESULT_OK, store_batch_mention(batch, &one, OBJECT_PROVIDER, S("first")));
	assert_int_equal(RESULT_OK, store_batch_has(batch, &one, OBJECT_PROVIDER, S("first"), &has));
	assert_true(has);
	assert_int_equal(RESULT_OK, store_batch_has(batch, &one, OBJECT_PROVIDER, S("second"), &has));
	assert_false(has);
	assert_int_equal(RESULT_OK, store_batch_prune(batch, see_pruned, &seen));
	assert_int_equal(1, seen.count);
	assert_string_equal(seen.key, "second");
	commit(batch);
	assert_int_equal(RESULT_OK, store_providers_each(store, &one, count_provider, &left));
	assert_int_equal(1, left);
	left = 0;
	assert_int_equal(RESULT_OK, store_providers_each(store, &two, count_provider, &left));
	assert_int_equal(0, left); /* TWO was not mentioned: it is gone, with what was in it */
	assert_int_equal(1, count_rows(place, "SELECT count(*) FROM identity_provider"));
	check_store(store);
	store_close(store);
}

/* ---- whom a claim names ---- */

static void add_user(struct store *store, const char *id, const char *email, bool enabled)
{
	struct partition_id one = partition_of("ONE");
	struct store_batch *batch = begin(store);
	struct person person = a_user(id, id);
	person.email = slice_from(email);
	person.enabled = enabled;
	assert_int_equal(RESULT_OK, store_batch_person(batch, &one, &person));
	commit(batch);
}

static enum result sole(struct place *place, struct store *store, enum person_kind kind, enum person_key key, const char *value, struct person *ret)
{
	struct partition_id one = partition_of("ONE");
	return store_person_sole(store, &one, kind, key, slice_from(value), place->arena, ret);
}

static void an_e_mail_names_a_user_only_when_it_is_of_one_alone(void **state)
{
	struct place *place = *state;
	struct store *store = open_filled(place);
	struct person person;
	add_user(store, "u1", "Ann@Example.com", true);
	assert_int_equal(RESULT_OK, sole(place, store, PERSON_USER, PERSON_BY_EMAIL, "aNN@example.COM", &person));
	assert_slice(person.id, "u1");
	assert_int_equal(RESULT_NOT_FOUND, sole(place, store, PERSON_USER, PERSON_BY_EMAIL, "", &person));
	assert_int_equal(RESULT_NOT_FOUND, sole(place, store, PERSON_USER, PERSON_BY_EMAIL, "ann@example.co", &person));
	assert_int_equal(RESULT_NOT_FOUND, sole(place, store, PERSON_USER, PERSON_BY_EMAIL, "ann%", &person));
	assert_int_equal(RESULT_NOT_FOUND, sole(place, store, PERSON_CUSTOMER, PERSON_BY_EMAIL, "ann@example.com", &person));
	add_user(store, "u2", "ann@example.com", false);
	assert_int_equal(RESULT_CONFLICT, sole(place, store, PERSON_USER, PERSON_BY_EMAIL, "ann@example.com", &person));
	add_user(store, "u3", "\xc3\xa4@example.com", true); /* ASCII case alone */
	assert_int_equal(RESULT_NOT_FOUND, sole(place, store, PERSON_USER, PERSON_BY_EMAIL, "\xc3\x84@example.com", &person));
	store_close(store);
}

static void the_other_ways_of_naming_somebody_are_those_of_every_read(void **state)
{
	struct place *place = *state;
	struct store *store = open_filled(place);
	struct person person;
	assert_int_equal(RESULT_OK, sole(place, store, PERSON_USER, PERSON_BY_ID, "1001", &person));
	assert_int_equal(RESULT_OK, sole(place, store, PERSON_USER, PERSON_BY_USERNAME, "OTHER", &person));
	assert_slice(person.id, "1002");
	assert_int_equal(RESULT_OK, sole(place, store, PERSON_CUSTOMER, PERSON_BY_ID, "c1", &person));
	assert_int_equal(RESULT_NOT_FOUND, sole(place, store, PERSON_CUSTOMER, PERSON_BY_USERNAME, "other", &person));
	store_close(store);
}

/* ---- a grant without a code ---- */

static struct grant_beginning a_beginning(const char *gid, const struct refresh_name *refresh, int64_t now_s)
{
	return (struct grant_beginning) {
		.grant = {
			.gid = slice_from(gid), .client_id = S("client-1"), .person_id = S("1001"), .scope = S("openid articles.read"),
			.echoed = S("openid https://x/articles.read"), .granted_ms = now_s * 1000, .offline = refresh != NULL,
		},
		.now_s = now_s, .tokens_until = now_s + 3600, .refresh = refresh, .refresh_idle_s = 30 * DAY, .refresh_max_s = 180 * DAY,
	};
}

static enum result begin_grant(struct store *store, const char *in, const struct grant_beginning *beginning)
{
	struct realm realm = realm_of(in);
	return store_grant_begin(store, &realm, beginning);
}

/* The time of the test: people were made before it. */
static int64_t a_moment_on(void)
{
	return clock_s() + 1;
}

static void a_grant_that_began_without_a_code_has_a_family_like_any_other(void **state)
{
	struct place *place = *state;
	struct store *store = open_filled(place);
	const int64_t now = a_moment_on();
	struct realm realm = realm_of("ONE-U");
	struct refresh_name first = refresh_name_of("f", "T");
	struct grant_beginning beginning = a_beginning("g", &first, now);
	struct refresh_read read;
	beginning.grant.auth_time = now - 60;
	assert_int_equal(RESULT_OK, begin_grant(store, "ONE-U", &beginning));
	assert_int_equal(RESULT_OK, store_refresh_read(store, &realm, &first, now * 1000, place->arena, &read));
	assert_slice(read.grant.gid, "g");
	assert_slice(read.grant.person_id, "1001");
	assert_slice(read.grant.scope, "openid articles.read");
	assert_slice(read.grant.echoed, "openid https://x/articles.read");
	assert_int_equal(0, read.grant.sid.len);
	assert_null(read.grant.nonce.ptr);
	assert_int_equal(now - 60, read.grant.auth_time);
	assert_true(read.grant.offline);
	assert_int_equal(RESULT_OK, rotate(store, "f", "T", "S", now * 1000));
	assert_int_equal(RESULT_OK, store_grant_end(store, &realm, S("g"), now + DAY));
	assert_true(grant_revoked(store, "ONE", "g"));
	assert_int_equal(RESULT_NOT_FOUND, rotate(store, "f", "S", "S2", now * 1000));
	check_store(store);
	store_close(store);
}

static void a_grant_without_a_family_is_known_until_its_tokens_are_over(void **state)
{
	struct place *place = *state;
	struct store *store = open_filled(place);
	const int64_t now = a_moment_on();
	struct realm realm = realm_of("ONE-U");
	struct grant_beginning first = a_beginning("g1", NULL, now), second = a_beginning("g2", NULL, now);
	assert_int_equal(RESULT_OK, begin_grant(store, "ONE-U", &first));
	assert_int_equal(RESULT_OK, begin_grant(store, "ONE-U", &second));
	assert_int_equal(2, count_rows(place, "SELECT count(*) FROM grant_record WHERE forget_at = tokens_until AND code_used_at IS NOT NULL AND family_hash IS NULL"));
	assert_int_equal(RESULT_OK, store_consent_withdraw(store, &realm, S("1001"), S("client-1"), now + DAY));
	assert_true(grant_revoked(store, "ONE", "g1") && grant_revoked(store, "ONE", "g2"));
	check_store(store);
	store_close(store);
}

static void nobody_gets_a_grant_who_is_not_there_and_enabled_at_that_moment(void **state)
{
	struct place *place = *state;
	struct store *store = open_filled(place);
	const int64_t now = a_moment_on();
	struct grant_beginning beginning = a_beginning("g", NULL, now);
	beginning.grant.person_id = S("nobody");
	assert_int_equal(RESULT_NOT_FOUND, begin_grant(store, "ONE-U", &beginning));
	beginning.grant.person_id = S("1001");
	assert_int_equal(RESULT_NOT_FOUND, begin_grant(store, "ONE-C", &beginning));
	beginning.grant.granted_ms = 1; /* before the person was made */
	assert_int_equal(RESULT_NOT_FOUND, begin_grant(store, "ONE-U", &beginning));
	beginning.grant.granted_ms = now * 1000;
	beginning.grant.gid = S("");
	assert_int_equal(RESULT_INVALID, begin_grant(store, "ONE-U", &beginning));
	beginning.grant.gid = S("g");
	add_user(store, "off", "", false);
	beginning.grant.person_id = S("off");
	assert_int_equal(RESULT_NOT_FOUND, begin_grant(store, "ONE-U", &beginning));
	assert_int_equal(0, count_rows(place, "SELECT count(*) FROM grant_record"));
	store_close(store);
}

static void no_session_and_so_no_logout_is_noted_for_a_grant_without_a_code(void **state)
{
	struct place *place = *state;
	struct store *store = open_filled(place);
	const int64_t now = a_moment_on();
	struct partition_id one = partition_of("ONE");
	struct client_application application;
	assert_int_equal(RESULT_OK, find_application(place, store, "ONE", "client-1", &application));
	application.backchannel_logout_url = S("https://a.example/logout");
	struct store_batch *batch = begin(store);
	assert_int_equal(RESULT_OK, store_batch_application(batch, &one, &application));
	commit(batch);
	struct grant_beginning beginning = a_beginning("g", NULL, now);
	assert_int_equal(RESULT_OK, begin_grant(store, "ONE-U", &beginning));
	assert_int_equal(0, count_rows(place, "SELECT count(*) FROM session_application"));
	struct realm realm = realm_of("ONE-U");
	assert_int_equal(RESULT_NOT_FOUND, store_session_end(store, &realm, S("1001"), S(""), now + DAY));
	assert_false(grant_revoked(store, "ONE", "g"));
	sign_in(place, store, "s", now);
	issue_code(store, "code", false, now);
	assert_int_equal(1, count_rows(place, "SELECT count(*) FROM session_application WHERE sid = 's'"));
	store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, place_make, place_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_provider_is_read_back_whole_and_is_of_one_partition),
		TEST(a_provider_that_somebody_else_changed_meanwhile_is_a_conflict),
		TEST(pruning_deletes_what_was_not_mentioned_and_a_partition_takes_its_providers_with_it),
		TEST(an_e_mail_names_a_user_only_when_it_is_of_one_alone),
		TEST(the_other_ways_of_naming_somebody_are_those_of_every_read),
		TEST(a_grant_that_began_without_a_code_has_a_family_like_any_other),
		TEST(a_grant_without_a_family_is_known_until_its_tokens_are_over),
		TEST(nobody_gets_a_grant_who_is_not_there_and_enabled_at_that_moment),
		TEST(no_session_and_so_no_logout_is_noted_for_a_grant_without_a_code),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
