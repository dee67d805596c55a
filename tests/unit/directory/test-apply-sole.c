/* One object alone, as the Admin API changes it: src/directory/apply_sole.c */
#include "directory-support.h"

#include "signin/password.h"
#include "signin/password_queue.h"
#include "store/listing.h"

/* What was told of the change, and where it failed. */
static struct told {
	int staged;
	bool had_before, had_after;
	bool refuses;
	int audited;
	struct apply_failure failure;
	struct apply_summary summary;
	struct problem problem;
	struct password_queue *queue;
	char secret[64];
	struct slice openapi;
	bool foreign;
	void (*meanwhile)(void); /* once, when it is staged */
	bool by_right;           /* of u1, as long as he has a role */
	int permitted;
} told;

static enum result on_staged(void *context, const struct partition_id *partition, const void *before, const void *after, struct problem *problem)
{
	struct told *into = context;
	assert_true(slice_is(partition_id_slice(partition), "P") || slice_is(partition_id_slice(partition), "Q"));
	into->staged++;
	into->had_before = before != NULL;
	into->had_after = after != NULL;
	void (*meanwhile)(void) = into->meanwhile;
	into->meanwhile = NULL;
	if (meanwhile != NULL)
		meanwhile();
	return into->refuses ? problem_set(problem, RESULT_IN_USE, "not this one") : RESULT_OK;
}

static enum result on_permitted(void *context, struct store_batch *batch, struct problem *problem)
{
	struct told *into = context;
	struct person administrator;
	struct partition_id partition;
	into->permitted++;
	assert_true(partition_id_parse(SLICE_OF("P"), &partition));
	assert_int_equal(store_person_read(scene.store, &partition, PERSON_USER, PERSON_BY_ID, SLICE_OF("u1"), scene.arena, &administrator), RESULT_OK);
	if (administrator.roles.len == 0)
		return problem_set(problem, RESULT_IN_USE, "no administrator any more");
	return store_batch_rely(batch, &partition, OBJECT_USER, administrator.id, administrator.version);
}

static void on_audit(void *context, struct audit_event *event)
{
	struct told *into = context;
	into->audited++;
	event->action = SLICE_OF("test.changed");
	event->object = SLICE_OF("it");
}

static void on_secret(void *context, const struct apply_secret *secret)
{
	struct told *into = context;
	snprintf(into->secret, sizeof into->secret, "%.*s", SLICE_ARGS(secret->value));
}

static struct apply_sole sole_of(enum object_kind kind, int64_t version)
{
	return (struct apply_sole) {
		.kind = kind, .must = version < 0 ? SOLE_CREATE : SOLE_CHANGE, .version = version < 0 ? 0 : version, .context = &told, .staged = on_staged,
		.audit = on_audit, .failure = &told.failure, .openapi = told.openapi, .permitted = told.by_right ? on_permitted : NULL,
	};
}

/* version   -1: it must be new; 0: any. */
static enum result apply_one(enum object_kind kind, int64_t version, const char *text)
{
	char whole[4096];
	snprintf(whole, sizeof whole, kind == OBJECT_PARTITION ? "{\"partitions\": [\n%s]}" : "{\"partitions\": [{\"id\": \"P\",\n%s}]}", text);
	const struct apply_sole sole = sole_of(kind, version);
	const struct apply_options options = {
		.text = slice_from(whole), .file_name = "body", .reset_passwords = true, .sole = &sole, .passwords = told.queue, .context = &told,
		.secret = on_secret, .foreign = told.foreign,
	};
	return directory_apply(scene.store, &scene.master, &options, &told.summary, &told.problem);
}

static enum result delete_one(enum object_kind kind, const char *key, int64_t version)
{
	struct partition_id partition;
	const struct apply_sole sole = sole_of(kind, version);
	assert_true(partition_id_parse(kind == OBJECT_PARTITION ? slice_from(key) : SLICE_OF("P"), &partition));
	return directory_delete(scene.store, &partition, slice_from(key), &sole, &told.problem);
}

static int setup(void **state)
{
	told = (struct told) { 0 };
	return scene_setup(state);
}

static enum result count_event(void *context, const struct audit_event *event)
{
	*(int *)context += slice_is(event->action, "test.changed");
	return RESULT_OK;
}

static int events(void)
{
	int count = 0;
	assert_int_equal(store_audit_each(scene.store, 1000, count_event, &count), RESULT_OK);
	return count;
}

static void assert_failed(unsigned line, const char *sentence)
{
	assert_string_equal(told.failure.sentence, sentence);
	assert_int_equal(told.failure.line, line);
}

static void what_must_be_new_and_is_there_is_told_at_its_name(void **state)
{
	(void)state;
	assert_int_equal(apply_one(OBJECT_USER, -1, "\"users\": [{\n\"username\": \"PA\"}]"), RESULT_EXISTS);
	assert_failed(3, "there is a user 'Pa' already: choose another name, or change that one");
	assert_int_equal(apply_one(OBJECT_USER, -1, "\"users\": [{\n\"username\": \"x\",\n\"id\": \"u1\"}]"), RESULT_EXISTS);
	assert_failed(4, "there is a user 'u1' already: choose another name, or change that one");
	assert_int_equal(apply_one(OBJECT_USER, -1, "\"users\": [{\n\"username\": \"x\",\n\"id\": \"web\"}]"), RESULT_EXISTS);
	assert_failed(4, "the id is the client id of a client application: choose another id");
	assert_int_equal(apply_one(OBJECT_DEPARTMENT, -1, "\"departments\": [{\n\"name\": \"Service\"}]"), RESULT_EXISTS);
	assert_int_equal(apply_one(OBJECT_PERMISSION, -1, "\"permissions\": [{\n\"name\": \"a.read\"}]"), RESULT_EXISTS);
	assert_int_equal(apply_one(OBJECT_APPLICATION, -1, "\"client_applications\": [{\n\"platform\": \"web\",\n\"name\": \"Portal\"}]"), RESULT_EXISTS);
	assert_failed(4, "there is a client application 'Portal' already: choose another name, or change that one");
	assert_int_equal(apply_one(OBJECT_PARTITION, -1, "{\n\"id\": \"P\"}"), RESULT_EXISTS);
	assert_int_equal(events(), 0);
	assert_int_equal(told.staged, 0);
}

static void a_unique_name_that_is_taken_by_another_is_told_apart_from_a_wrong_one(void **state)
{
	(void)state;
	assert_int_equal(apply_one(OBJECT_USER, 0, "\"users\": [{\n\"id\": \"u2\",\n\"username\": \"pa\"}]"), RESULT_EXISTS);
	assert_failed(4, "the username 'pa' belongs to the user with the id u1: choose another, or rename that one first");
	assert_int_equal(apply_one(OBJECT_APPLICATION, 0, "\"client_applications\": [{\n\"client_id\": \"spa\",\n\"name\": \"Portal\"}]"), RESULT_EXISTS);
	assert_int_equal(apply_one(OBJECT_USER, 0, "\"users\": [{\n\"id\": \"u2\",\n\"username\": null}]"), RESULT_INVALID);
	assert_failed(4, "a new user needs a username");
}

static void what_must_be_there_and_is_not_is_not_made(void **state)
{
	(void)state;
	struct person user;
	assert_int_equal(apply_one(OBJECT_USER, 0, "\"users\": [{\n\"id\": \"u9\",\n\"username\": \"x\"}]"), RESULT_NOT_FOUND);
	assert_false(user_read("u9", &user));
	assert_int_equal(apply_one(OBJECT_PARTITION, 0, "{\n\"id\": \"Q\"}"), RESULT_NOT_FOUND);
	assert_int_equal(delete_one(OBJECT_USER, "u9", 0), RESULT_NOT_FOUND);
	assert_int_equal(delete_one(OBJECT_PARTITION, "Q", 0), RESULT_NOT_FOUND);
}

static void an_object_of_a_partition_that_is_not_there_makes_no_partition(void **state)
{
	(void)state;
	struct partition_id id;
	struct partition partition;
	const struct apply_sole sole = sole_of(OBJECT_DEPARTMENT, -1);
	const struct apply_options options = {
		.text = SLICE_OF("{\"partitions\": [{\"id\": \"Q\", \"departments\": [{\"name\": \"x\"}]}]}"), .file_name = "body", .sole = &sole,
	};
	assert_int_equal(directory_apply(scene.store, &scene.master, &options, &told.summary, &told.problem), RESULT_NOT_FOUND);
	assert_true(partition_id_parse(SLICE_OF("Q"), &id));
	assert_int_equal(store_partition_read(scene.store, &id, scene.arena, &partition), RESULT_NOT_FOUND);
}

static void another_version_than_asked_for_changes_nothing(void **state)
{
	(void)state;
	struct person user;
	assert_int_equal(apply_one(OBJECT_USER, 1, "\"users\": [{\n\"id\": \"u1\",\n\"email\": \"a@b.c\"}]"), RESULT_OK);
	assert_int_equal(apply_one(OBJECT_USER, 1, "\"users\": [{\n\"id\": \"u1\",\n\"email\": \"d@e.f\"}]"), RESULT_STALE);
	assert_true(user_read("u1", &user));
	assert_true(slice_is(user.email, "a@b.c") && user.version == 2);
	assert_int_equal(delete_one(OBJECT_USER, "u1", 1), RESULT_STALE);
	assert_int_equal(delete_one(OBJECT_USER, "u1", 2), RESULT_OK);
	assert_false(user_read("u1", &user));
	assert_int_equal(events(), 2);
}

static void change_it(void)
{
	assert_int_equal(apply_part("users: [{id: u1, department: null}]", 0), RESULT_OK);
}

static void a_change_between_reading_and_commit_is_another_version(void **state)
{
	(void)state;
	struct person user;
	told.meanwhile = change_it;
	assert_int_equal(apply_one(OBJECT_USER, 1, "\"users\": [{\n\"id\": \"u1\",\n\"email\": \"a@b.c\"}]"), RESULT_STALE);
	told.meanwhile = change_it;
	assert_int_equal(delete_one(OBJECT_USER, "u1", 2), RESULT_OK);
	assert_false(user_read("u1", &user));
	assert_int_equal(events(), 1);
}

static void take_the_role(void)
{
	assert_int_equal(apply_part("users: [{id: u1, roles: []}]", 0), RESULT_OK);
}

static void a_right_that_is_taken_away_between_reading_and_commit_changes_nothing(void **state)
{
	(void)state;
	struct person user;
	assert_int_equal(apply_part("users: [{id: u1, roles: [partition_administrator]}, {id: u7, username: other}]", 0), RESULT_OK);
	told.by_right = true;
	assert_int_equal(apply_one(OBJECT_USER, 0, "\"users\": [{\n\"id\": \"u7\",\n\"email\": \"a@b.c\"}]"), RESULT_OK);
	assert_int_equal(apply_one(OBJECT_USER, 0, "\"users\": [{\n\"id\": \"u1\",\n\"email\": \"own@b.c\"}]"), RESULT_OK);
	assert_int_equal(told.permitted, 2);
	told.meanwhile = take_the_role;
	assert_int_equal(apply_one(OBJECT_USER, 0, "\"users\": [{\n\"id\": \"u7\",\n\"email\": \"c@b.a\"}]"), RESULT_IN_USE);
	assert_int_equal(told.permitted, 4);
	assert_true(user_read("u7", &user) && slice_is(user.email, "a@b.c"));
	assert_int_equal(apply_part("users: [{id: u1, roles: [partition_administrator]}]", 0), RESULT_OK);
	told.meanwhile = take_the_role;
	assert_int_equal(delete_one(OBJECT_USER, "u7", 0), RESULT_IN_USE);
	assert_true(user_read("u7", &user));
	assert_int_equal(events(), 2);
}

static void what_differs_in_nothing_is_told_but_leaves_no_event(void **state)
{
	(void)state;
	assert_int_equal(apply_one(OBJECT_USER, 0, "\"users\": [{\n\"id\": \"u1\",\n\"email\": \"pa@example.com\"}]"), RESULT_OK);
	assert_true(told.staged == 1 && told.had_before && told.had_after && told.audited == 0 && told.summary.changed == 0);
	assert_int_equal(events(), 0);
}

static void the_event_of_a_change_is_committed_with_it(void **state)
{
	(void)state;
	assert_int_equal(apply_one(OBJECT_DEPARTMENT, -1, "\"departments\": [{\n\"name\": \"Sales\"}]"), RESULT_OK);
	assert_true(!told.had_before && told.had_after && told.audited == 1);
	assert_int_equal(apply_one(OBJECT_PARTITION, -1, "{\n\"id\": \"Q\"}"), RESULT_OK);
	assert_int_equal(delete_one(OBJECT_DEPARTMENT, "Sales", 0), RESULT_OK);
	assert_true(told.had_before && !told.had_after);
	assert_int_equal(events(), 3);
}

static void what_the_caller_refuses_is_not_done(void **state)
{
	(void)state;
	struct person user;
	told.refuses = true;
	assert_int_equal(apply_one(OBJECT_USER, 0, "\"users\": [{\n\"id\": \"u1\",\n\"email\": \"a@b.c\"}]"), RESULT_IN_USE);
	assert_failed(0, "not this one");
	assert_int_equal(delete_one(OBJECT_USER, "u1", 0), RESULT_IN_USE);
	assert_true(user_read("u1", &user) && slice_is(user.email, "pa@example.com"));
	assert_int_equal(events(), 0);
}

static void an_entry_of_a_list_is_told_by_its_own_line(void **state)
{
	(void)state;
	assert_int_equal(apply_one(OBJECT_APPLICATION, 0,
	                           "\"client_applications\": [{\n\"client_id\": \"web\",\n"
	                           "\"redirect_urls\": [\n\"https://a.example/cb\",\n\"http://a.example/cb\"\n]\n}]"),
	                 RESULT_INVALID);
	assert_int_equal(told.failure.line, 6);
	assert_int_equal(apply_one(OBJECT_APPLICATION, 0,
	                           "\"client_applications\": [{\n\"client_id\": \"web\",\n\"permissions\": [\n\"a.read\",\n\"a.reed\"\n]\n}]"),
	                 RESULT_INVALID);
	assert_failed(6, "partition P has no permission 'a.reed': add it to its permissions");
	assert_int_equal(apply_one(OBJECT_USER, 0, "\"users\": [{\n\"id\": \"u1\",\n\"roles\": [\n\"a\",\n\"system_administrator\"]}]"), RESULT_INVALID);
	assert_int_equal(told.failure.line, 6);
}

static void reserved_permissions_are_neither_made_nor_changed(void **state)
{
	(void)state;
	assert_int_equal(apply_one(OBJECT_PERMISSION, -1, "\"permissions\": [{\n\"name\": \"writ.admin.read\"}]"), RESULT_EXISTS);
	assert_int_equal(told.failure.line, 3);
	assert_int_equal(apply_one(OBJECT_PERMISSION, 0, "\"permissions\": [{\n\"name\": \"writ.admin.read\",\n\"description\": \"x\"}]"), RESULT_EXISTS);
}

static void what_others_refer_to_is_not_deleted(void **state)
{
	(void)state;
	assert_int_equal(delete_one(OBJECT_DEPARTMENT, "Service", 0), RESULT_IN_USE);
	assert_string_equal(told.problem.text, "The department still has 1 person: move them elsewhere first.");
	assert_int_equal(delete_one(OBJECT_PERMISSION, "a.read", 0), RESULT_IN_USE);
	assert_int_equal(delete_one(OBJECT_PERMISSION, "app.a.read", 0), RESULT_OK);
	assert_int_equal(delete_one(OBJECT_PARTITION, "SYSTEM", 0), RESULT_INVALID);
	assert_int_equal(events(), 1);
}

static void every_kind_can_be_deleted(void **state)
{
	(void)state;
	struct client_application application;
	assert_int_equal(delete_one(OBJECT_APPLICATION, "web", 1), RESULT_OK);
	assert_false(application_by_id("web", &application));
	assert_int_equal(delete_one(OBJECT_CUSTOMER, "c1", 0), RESULT_OK);
	assert_int_equal(apply_one(OBJECT_PROVIDER, -1,
	                           "\"identity_providers\": [{\"registration_id\": \"o\", \"issuer\": \"https://o.example\", \"audience\": \"a\", "
	                           "\"jwks_url\": \"https://o.example/k\", \"claim\": \"email\", \"matches\": \"email\"}]"),
	                 RESULT_OK);
	assert_int_equal(delete_one(OBJECT_PROVIDER, "o", 1), RESULT_OK);
	told.openapi = SLICE_OF("openapi: 3.0.0\ninfo: {title: t, version: '1'}\npaths: {/a: {get: {responses: {}}}}\n");
	assert_int_equal(apply_one(OBJECT_API, -1, "\"apis\": [{\"name\": \"api\", \"openapi\": \"openapi\"}]"), RESULT_OK);
	assert_int_equal(delete_one(OBJECT_API, "api", 1), RESULT_OK);
	assert_int_equal(delete_one(OBJECT_PARTITION, "P", 0), RESULT_OK);
	assert_int_equal(events(), 7);
}

static void an_openapi_document_that_comes_as_text_has_lines_of_its_own(void **state)
{
	(void)state;
	told.openapi = SLICE_OF("openapi: 3.0.0\ninfo: {title: t, version: '1'}\npaths:\n  /a: [x]\n");
	assert_int_equal(apply_one(OBJECT_API, -1, "\"apis\": [{\n\"name\": \"api\",\n\"openapi\": \"openapi\"}]"), RESULT_INVALID);
	assert_true(told.failure.openapi);
	assert_int_equal(told.failure.line, 4);
	told.openapi = SLICE_OF("openapi: 3.0.0\ninfo: {title: t, version: '1'}\npaths: {}\n");
	assert_int_equal(apply_one(OBJECT_API, -1, "\"apis\": [{\n\"name\": \"api\",\n\"openapi\": \"openapi\",\n\"actors\": {\n\"a\": \"usr\"}}]"),
	                 RESULT_INVALID);
	assert_false(told.failure.openapi);
	assert_int_equal(told.failure.line, 6);
}

static void no_file_is_read_where_the_text_is_not_given(void **state)
{
	(void)state;
	assert_int_equal(apply_one(OBJECT_API, -1, "\"apis\": [{\n\"name\": \"api\",\n\"openapi\": \"/etc/passwd\"}]"), RESULT_INVALID);
	assert_int_equal(told.failure.line, 4);
}

static void passwords_go_through_the_queue_that_is_given(void **state)
{
	(void)state;
	struct person user;
	assert_int_equal(password_queue_start(1, 1, &told.queue), RESULT_OK);
	assert_int_equal(apply_one(OBJECT_USER, 0, "\"users\": [{\n\"id\": \"u2\",\n\"password\": \"first of all\"}]"), RESULT_OK);
	assert_int_equal(apply_one(OBJECT_USER, 0, "\"users\": [{\n\"id\": \"u2\",\n\"password\": \"second of all\"}]"), RESULT_OK);
	assert_true(user_read("u2", &user));
	assert_int_equal(password_verify(SLICE_OF("second of all"), user.password_hash), RESULT_OK);
	assert_int_equal(apply_one(OBJECT_USER, 0, "\"users\": [{\n\"id\": \"u2\",\n\"password\": \"second of all\"}]"), RESULT_OK);
	assert_int_equal(told.summary.changed, 0);
	password_queue_stop(told.queue);
}

static void a_secret_beside_those_that_are_kept_is_made_once(void **state)
{
	(void)state;
	struct client_application application;
	assert_int_equal(apply_one(OBJECT_APPLICATION, 1,
	                           "\"client_applications\": [{\n\"client_id\": \"web\",\n\"secrets\": [{\"label\": \"one\"}, {\"label\": \"two\"}, "
	                           "{\"label\": \"three\", \"generate\": true}]}]"),
	                 RESULT_OK);
	assert_true(application_by_id("web", &application));
	assert_int_equal(application.secret_count, 3);
	const struct hash32 hash = hash32_of(slice_from(told.secret));
	assert_true(hash32_equal(&hash, &application.secrets[2].hash));
}

/* A17 */
static void who_is_foreign_gives_the_server_no_address_of_its_own_machine_to_ask(void **state)
{
	(void)state;
	static const char why[] = "an address of the server's own machine is not for a partition administrator: write https:// and another host, or ask the "
	                          "operator or a system administrator to set it";
	static const char provider[] = "\"identity_providers\": [{\"registration_id\": \"o\", \"issuer\": \"https://o.example\", \"audience\": \"a\",\n"
	                               "\"jwks_url\": \"%s\", \"claim\": \"email\", \"matches\": \"email\"}]";
	static const char application[] = "\"client_applications\": [{\"client_id\": \"web\",\n\"%s\": \"%s\"}]";
	static const char *const addresses[] = { "http://127.0.0.1:9080/", "http://localhost/", "https://127.0.0.1", "https://[::1]/keys" };
	char text[512];
	for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
		told.foreign = true;
		snprintf(text, sizeof text, application, "jwks_url", addresses[i]);
		assert_int_equal(apply_one(OBJECT_APPLICATION, 0, text), RESULT_INVALID);
		assert_failed(3, why);
		snprintf(text, sizeof text, application, "backchannel_logout_url", addresses[i]);
		assert_int_equal(apply_one(OBJECT_APPLICATION, 0, text), RESULT_INVALID);
		assert_failed(3, why);
		snprintf(text, sizeof text, provider, addresses[i]);
		assert_int_equal(apply_one(OBJECT_PROVIDER, -1, text), RESULT_INVALID);
		assert_failed(3, why);
		/* what the operator set stays, also when other members change */
		told.foreign = false;
		snprintf(text, sizeof text, application, "jwks_url", addresses[i]);
		assert_int_equal(apply_one(OBJECT_APPLICATION, 0, text), RESULT_OK);
		told.foreign = true;
		assert_int_equal(apply_one(OBJECT_APPLICATION, 0, text), RESULT_OK);
		assert_int_equal(apply_one(OBJECT_APPLICATION, 0, "\"client_applications\": [{\"client_id\": \"web\", \"access_token_seconds\": 61}]"), RESULT_OK);
		snprintf(text, sizeof text, application, "jwks_url", "https://10.0.0.1/keys");
		assert_int_equal(apply_one(OBJECT_APPLICATION, 0, text), RESULT_OK);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_must_be_new_and_is_there_is_told_at_its_name, setup, scene_teardown),
		cmocka_unit_test_setup_teardown(a_unique_name_that_is_taken_by_another_is_told_apart_from_a_wrong_one, setup, scene_teardown),
		cmocka_unit_test_setup_teardown(what_must_be_there_and_is_not_is_not_made, setup, scene_teardown),
		cmocka_unit_test_setup_teardown(an_object_of_a_partition_that_is_not_there_makes_no_partition, setup, scene_teardown),
		cmocka_unit_test_setup_teardown(another_version_than_asked_for_changes_nothing, setup, scene_teardown),
		cmocka_unit_test_setup_teardown(a_change_between_reading_and_commit_is_another_version, setup, scene_teardown),
		cmocka_unit_test_setup_teardown(a_right_that_is_taken_away_between_reading_and_commit_changes_nothing, setup, scene_teardown),
		cmocka_unit_test_setup_teardown(what_differs_in_nothing_is_told_but_leaves_no_event, setup, scene_teardown),
		cmocka_unit_test_setup_teardown(the_event_of_a_change_is_committed_with_it, setup, scene_teardown),
		cmocka_unit_test_setup_teardown(what_the_caller_refuses_is_not_done, setup, scene_teardown),
		cmocka_unit_test_setup_teardown(an_entry_of_a_list_is_told_by_its_own_line, setup, scene_teardown),
		cmocka_unit_test_setup_teardown(reserved_permissions_are_neither_made_nor_changed, setup, scene_teardown),
		cmocka_unit_test_setup_teardown(what_others_refer_to_is_not_deleted, setup, scene_teardown),
		cmocka_unit_test_setup_teardown(every_kind_can_be_deleted, setup, scene_teardown),
		cmocka_unit_test_setup_teardown(an_openapi_document_that_comes_as_text_has_lines_of_its_own, setup, scene_teardown),
		cmocka_unit_test_setup_teardown(no_file_is_read_where_the_text_is_not_given, setup, scene_teardown),
		cmocka_unit_test_setup_teardown(passwords_go_through_the_queue_that_is_given, setup, scene_teardown),
		cmocka_unit_test_setup_teardown(who_is_foreign_gives_the_server_no_address_of_its_own_machine_to_ask, setup, scene_teardown),
		cmocka_unit_test_setup_teardown(a_secret_beside_those_that_are_kept_is_made_once, setup, scene_teardown),
	};
	return cmocka_run_group_tests(tests, scene_group_setup, scene_group_teardown);
}
