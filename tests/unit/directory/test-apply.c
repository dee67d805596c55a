/* Partitions, people, references, pruning and the flow of apply; secrets and applications: test-apply-application.c */
#include "directory-support.h"

#include "signin/password.h"

#include <pthread.h>

static void applying_a_document_twice_changes_nothing_the_second_time(void **state)
{
	(void)state;
	char *before = exported(scene.store, true, false);
	assert_int_equal(apply_text(base_document, 0), RESULT_OK);
	assert_changes("");
	assert_int_equal(scene.summary.objects, 10);
	assert_int_equal(scene.summary.added + scene.summary.changed + scene.summary.deleted, 0);
	char *after = exported(scene.store, true, false);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void fields_left_out_stay_and_lists_that_are_given_are_replaced(void **state)
{
	(void)state;
	struct person user;
	assert_int_equal(apply_part("users: [{id: u1, enabled: false, roles: [b, c]}]", 0), RESULT_OK);
	assert_changes("~ user u1 (Pa): enabled: true -> false, roles: +b +c -partition_administrator\n");
	assert_true(user_read("u1", &user));
	assert_true(slice_is(user.email, "pa@example.com") && slice_is(user.department, "Service") && slice_is(user.roles, "b c") && !user.enabled);
	assert_int_equal(apply_part("users: [{id: u1, roles: [c, b]}]", 0), RESULT_OK);
	assert_changes("");
	assert_int_equal(apply_part("users: [{id: u1, department: null, roles: []}]", 0), RESULT_OK);
	assert_changes("~ user u1 (Pa): roles: -b -c, department: \"Service\" -> \"\"\n");
}

static void people_are_found_by_username_and_email_without_regard_to_case(void **state)
{
	(void)state;
	assert_int_equal(apply_part("users: [{username: pA, email: new@example.com}]\n    customers: [{email: Jane@Example.com, enabled: false}]", 0), RESULT_OK);
	assert_changes("~ user u1 (pA): email: \"pa@example.com\" -> \"new@example.com\", username: \"Pa\" -> \"pA\"\n"
	               "~ customer c1 (Jane@Example.com): email: \"jane@example.com\" -> \"Jane@Example.com\", enabled: true -> false\n");
}

static void a_person_without_an_id_gets_a_random_one(void **state)
{
	(void)state;
	struct partition_id partition;
	struct person user, customer;
	assert_int_equal(apply_part("users: [{username: new}]\n    customers: [{email: n@e.w}]", 0), RESULT_OK);
	assert_true(partition_id_parse(SLICE_OF("P"), &partition));
	assert_int_equal(store_person_read(scene.store, &partition, PERSON_USER, PERSON_BY_USERNAME, SLICE_OF("NEW"), scene.arena, &user), RESULT_OK);
	assert_int_equal(store_person_read(scene.store, &partition, PERSON_CUSTOMER, PERSON_BY_EMAIL, SLICE_OF("N@E.W"), scene.arena, &customer), RESULT_OK);
	assert_true(user.id.len == 36 && user.id.ptr[14] == '4' && customer.id.len == 36 && user.enabled);
}

static void a_new_person_needs_a_name(void **state)
{
	(void)state;
	assert_part_refused("users: [{id: u9}]", "f:3: a new user needs a username");
	assert_part_refused("customers: [{id: c9}]", "f:3: a new customer needs an email");
	assert_part_refused("users: [{id: u1, username: null}]", "f:3: a new user needs a username");
}

static void a_username_that_belongs_to_another_is_refused(void **state)
{
	(void)state;
	assert_part_refused("users: [{id: u9, username: PA}]",
	                    "f:3: the username 'PA' belongs to the user with the id u1: choose another, or rename that one first");
	assert_part_refused("users: [{id: u2, username: pa}]",
	                    "f:3: the username 'pa' belongs to the user with the id u1: choose another, or rename that one first");
	assert_part_refused("customers: [{id: c9, email: JANE@example.com}]",
	                    "f:3: the e-mail address 'JANE@example.com' belongs to the customer with the id c1: choose another, or rename that one first");
	assert_int_equal(apply_part("users: [{id: u9, username: new, email: pa@example.com}]", 0), RESULT_OK);
}

static void what_stands_twice_in_a_document_is_told_with_both_lines(void **state)
{
	(void)state;
	assert_part_refused("users:\n      - {id: n1, username: x}\n      - {id: n1, username: y}",
	                    "f:5: a user with the id 'n1' stands at line 4 already: leave one away");
	assert_part_refused("users:\n      - {id: n1, username: x}\n      - {id: n2, username: X}",
	                    "f:5: a user named 'X' stands at line 4 already: leave one away");
	assert_part_refused("users:\n      - {username: pa}\n      - {id: u1}", "f:5: a user with the id 'u1' stands at line 4 already: leave one away");
	assert_part_refused("customers:\n      - {id: n1, email: a@b}\n      - {id: n2, email: A@B}",
	                    "f:5: a customer with the e-mail address 'A@B' stands at line 4 already: leave one away");
	assert_part_refused("permissions:\n      - {name: x}\n      - {name: x}", "f:5: a permission named 'x' stands at line 4 already: leave one away");
	assert_part_refused("departments:\n      - {name: x}\n      - {name: x}", "f:5: a department named 'x' stands at line 4 already: leave one away");
	assert_refused("partitions:\n  - id: P\n  - id: P\n", 0, "f:3: a partition with the id 'P' stands at line 2 already: leave one away");
	assert_part_refused("users: []\n    users: []", "f:4: users stands twice in this partition");
	assert_refused("partitions: []\npartitions: []\n", 0, "f:2: partitions stands twice: join the two lists");
}

static void no_person_has_the_id_of_a_client_application(void **state)
{
	(void)state;
	const char *sentence = "f:3: the id is the client id of a client application: choose another id";
	assert_part_refused("users: [{id: web, username: x}]", sentence);
	assert_part_refused("customers: [{id: spa, email: x@y}]", sentence);
	assert_part_refused("client_applications: [{client_id: new, name: New, platform: web}]\n    users: [{id: new, username: x}]",
	                    "f:4: the id is the client id of a client application: choose another id");
}

static void no_client_application_has_the_id_of_a_person(void **state)
{
	(void)state;
	assert_part_refused("client_applications: [{client_id: u1, name: New, platform: web}]", "f:3: the client id is the id of a person: choose another client id");
	assert_part_refused("client_applications: [{client_id: c1, name: New, platform: web}]", "f:3: the client id is the id of a person: choose another client id");
	assert_part_refused("users: [{id: new, username: x}]\n    client_applications: [{client_id: new, name: New, platform: web}]",
	                    "f:4: the client id is the id of a person: choose another client id");
	assert_part_refused("customers: [{id: new, email: x@y}]\n    client_applications: [{client_id: new, name: New, platform: web}]",
	                    "f:4: the client id is the id of a person: choose another client id");
}

static void system_administrators_stand_in_system_alone(void **state)
{
	(void)state;
	assert_part_refused("users: [{id: u1, roles: [system_administrator]}]",
	                    "f:3: the role system_administrator is for users of the partition SYSTEM: write partition_administrator");
	assert_int_equal(apply_text("partitions: [{id: SYSTEM, users: [{id: s, username: root, roles: [system_administrator]}]}]", FLAG_DRY_RUN), RESULT_OK);
	assert_changes("+ user s (root)\n");
}

static void references_are_judged_at_the_end_so_that_order_does_not_matter(void **state)
{
	(void)state;
	assert_int_equal(apply_part("client_applications: [{name: New, platform: web, permissions: [n.read, writ.admin.read]}]\n"
	                            "    users: [{username: x, department: New}]\n    departments: [{name: New}]\n    permissions: [{name: n.read}]", 0),
	                 RESULT_OK);
	assert_part_refused("users: [{username: y},\n      {username: z, department: Nowhere}]",
	                    "f:4: partition P has no department 'Nowhere': add it to its departments");
	assert_part_refused("client_applications:\n      - name: Y\n        platform: web\n        permissions: [a.read, not.there]",
	                    "f:6: partition P has no permission 'not.there': add it to its permissions");
	assert_part_refused("anonymous_customers: {enabled: true, permissions: [not.there]}",
	                    "f:3: partition P has no permission 'not.there': add it to its permissions");
}

static void with_prune_only_what_stands_in_the_document_can_be_referred_to(void **state)
{
	(void)state;
	assert_refused("partitions: [{id: P, users: [{id: u1}]}]", FLAG_PRUNE,
	               "f:1: partition P has no department 'Service': add it to its departments (with --prune it must stand in the document)");
	assert_int_equal(apply_part("users: [{id: u1, department: null}]", FLAG_PRUNE), RESULT_OK);
}

static void pruning_deletes_what_is_left_out_and_says_so(void **state)
{
	(void)state;
	struct person user;
	assert_int_equal(apply_part("users: [{id: u2}]\n    permissions: [{name: a.read}]\n    client_applications: [{client_id: web}]", FLAG_PRUNE | FLAG_DRY_RUN),
	                 RESULT_OK);
	assert_int_equal(scene.summary.deleted, 6);
	assert_true(user_read("u1", &user));
	assert_int_equal(apply_part("users: [{id: u2}]\n    permissions: [{name: a.read}]\n    client_applications: [{client_id: web}]", FLAG_PRUNE), RESULT_OK);
	assert_non_null(strstr(scene.changes, "- user u1 (Pa)\n"));
	assert_non_null(strstr(scene.changes, "- customer c1 (jane@example.com)\n"));
	assert_non_null(strstr(scene.changes, "- client application spa (Browser)\n"));
	assert_int_equal(scene.summary.deleted, 6);
	assert_false(user_read("u1", &user));
	assert_true(user_read("u2", &user));
}

static void a_name_of_what_is_pruned_is_free_again(void **state)
{
	(void)state;
	struct person user;
	assert_int_equal(apply_part("users: [{id: n1, username: pa}]\n    customers: [{id: n2, email: jane@example.com}]\n"
	                            "    client_applications: [{client_id: n3, name: Portal, platform: web}]", FLAG_PRUNE), RESULT_OK);
	assert_true(user_read("n1", &user) && !user_read("u1", &user));
	assert_refused("partitions:\n- id: P\n  users:\n  - {id: n2, username: pa}\n  - {id: n1}\n", FLAG_PRUNE,
	               "f:5: a user named 'pa' stands at line 4 already: leave one away");
	assert_refused("partitions:\n- id: P\n  users:\n  - {id: n1}\n  - {id: n2, username: pa}\n", FLAG_PRUNE,
	               "f:5: a user named 'pa' stands at line 4 already: leave one away");
}

static void a_dry_run_tells_the_same_and_changes_nothing(void **state)
{
	(void)state;
	const char *text = "users: [{id: u1, password: secret}, {username: new}]\n    client_applications: [{client_id: web, secrets: [{label: new, generate: true}]}]";
	char *before = exported(scene.store, true, false);
	assert_int_equal(apply_part(text, FLAG_DRY_RUN), RESULT_OK);
	assert_int_equal(scene.summary.added, 1);
	assert_int_equal(scene.summary.changed, 2);
	assert_string_equal(scene.secrets, "");
	char *after = exported(scene.store, true, false);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void a_password_sets_the_first_one_only_unless_they_are_reset(void **state)
{
	(void)state;
	struct person user;
	assert_int_equal(apply_part("users: [{id: u1, password: one}]", 0), RESULT_OK);
	assert_changes("~ user u1 (Pa): password: set\n");
	assert_true(user_read("u1", &user) && password_verify(SLICE_OF("one"), user.password_hash) == RESULT_OK);
	assert_int_equal(apply_part("users: [{id: u1, password: two}]", 0), RESULT_OK);
	assert_changes("");
	assert_int_equal(apply_part("users: [{id: u1, password: one}]", FLAG_RESET_PASSWORDS), RESULT_OK);
	assert_changes("");
	assert_int_equal(apply_part("users: [{id: u1, password: two}]", FLAG_RESET_PASSWORDS), RESULT_OK);
	assert_changes("~ user u1 (Pa): password: changed\n");
	assert_true(user_read("u1", &user) && password_verify(SLICE_OF("two"), user.password_hash) == RESULT_OK);
	assert_int_equal(apply_part("users: [{id: u1, password: null}]", FLAG_RESET_PASSWORDS), RESULT_OK);
	assert_changes("");
	assert_int_equal(apply_part("users: [{id: u1, password_hash: null}]", 0), RESULT_OK);
	assert_changes("~ user u1 (Pa): password: removed\n");
}

static void a_prefix_never_stands_in_front_of_a_permission(void **state)
{
	(void)state;
	const char *sentence = "f:4: 'https://p/x' starts with the partition's permission_prefix: write names without it";
	assert_part_refused("permission_prefix: https://p/\n    permissions: [{name: x}, {name: https://p/x}]", sentence);
	assert_part_refused("name: behind\n    permissions: [{name: x}, {name: https://p/x}]\n    permission_prefix: https://p/", sentence);
	assert_part_refused("permission_prefix: app.", "f:3: the permission 'app.a.read' starts with the new permission_prefix: choose another prefix");
	assert_int_equal(apply_part("permission_prefix: https://p/\n    permissions: [{name: https:/p/x}]", 0), RESULT_OK);
}

static void an_id_behind_the_lists_is_looked_for_ahead(void **state)
{
	(void)state;
	const char *text = "{\"partitions\": [{\"id\": \"P\"}, {\"customers\": [], \"departments\": [{\"name\": \"D\"}], \"id\": \"Q\", \"name\": \"Last\"}]}";
	assert_int_equal(apply_text(text, FLAG_DRY_RUN), RESULT_OK);
	assert_changes("+ partition Q (Last)\n+ department D (D)\n");
	assert_int_equal(apply_text(text, FLAG_DRY_RUN | FLAG_PIPE), RESULT_INVALID);
	assert_string_equal(scene.problem.text, "f:1: the partition's id stands behind its lists: write it in front of them");
	assert_refused("partitions: [{users: [], name: x}]", 0, "f:1: a partition needs an id");
	assert_refused("partitions: [{name: x}]", 0, "f:1: a partition needs an id");
	assert_refused("partitions:\n  - users: []\n    nmae: x\n    id: P\n", 0, "f:3: a partition has no 'nmae': did you mean 'name'?");
}

static void a_document_on_a_pipe_is_read_in_order(void **state)
{
	(void)state;
	assert_int_equal(apply_part("users: [{id: u1, enabled: false}]", FLAG_PIPE), RESULT_OK);
	assert_changes("~ user u1 (Pa): enabled: true -> false\n");
}

static void only_the_given_part_of_branding_changes_and_null_empties_it(void **state)
{
	(void)state;
	assert_int_equal(apply_part("branding: {name: N, color: '#fff'}\n    policies: {user: a, customer: b}", 0), RESULT_OK);
	assert_int_equal(apply_part("branding: {name: M}\n    policies: {}", 0), RESULT_OK);
	assert_changes("~ partition P (P): name: \"N\" -> \"M\"\n");
	assert_int_equal(apply_part("branding: null", 0), RESULT_OK);
	assert_changes("~ partition P (P): name: \"M\" -> \"\", color: \"#fff\" -> \"\"\n");
	assert_part_refused("branding: {color: red}", "f:3: color: a color is written #0b5fff or #05f");
	assert_part_refused("branding: {logo_url: 'http://cdn.example/x'}",
	                    "f:3: logo_url: 'http://cdn.example/x' is not fetched: write https://, or http:// on 127.0.0.1, [::1] or localhost");
	assert_part_refused("anonymous_customers: {permissions: [writ.admin.read]}",
	                    "f:3: permissions: the permissions of the Admin API are never given to anonymous customers");
}

static void reserved_permissions_in_a_document_change_nothing(void **state)
{
	(void)state;
	assert_int_equal(apply_part("permissions: [{name: writ.admin.read}, {name: app.writ.admin.manage, description: x}]", 0), RESULT_OK);
	assert_changes("");
}

static void a_permissions_kind_may_be_given_and_changed(void **state)
{
	(void)state;
	assert_int_equal(apply_part("permissions: [{name: k.one, kind: application}, {name: k.two}]", 0), RESULT_OK);
	assert_int_equal(apply_part("permissions: [{name: k.one}, {name: k.two, kind: on_behalf_of, description: d}]", 0), RESULT_OK);
	assert_changes("~ permission k.two (k.two): description: \"\" -> \"d\", kind: delegated -> on_behalf_of\n");
}

static void the_top_of_a_document_is_partitions_alone(void **state)
{
	(void)state;
	assert_refused("partitons: []\n", 0, "f:1: a document has no 'partitons': did you mean 'partitions'?");
	assert_refused("{}\n", 0, "f:1: the document has no partitions: write partitions: and what is in them");
	assert_refused("- a\n", 0, "f:1: the document is a mapping (key: value): a list stands here");
	assert_refused("partitions: []\n---\npartitions: []\n", 0,
	               "f:2: a second document starts here: an apply document is one; join the two lists of partitions");
	assert_refused("partitions: [{id: A-B}]", 0, "f:1: id: a partition's id has 1 to 64 letters, digits and underscores");
	assert_int_equal(apply_text("partitions: []\n", 0), RESULT_OK);
}

static void a_failure_at_the_end_changes_nothing_of_what_stands_before_it(void **state)
{
	(void)state;
	assert_part_refused("users: [{id: n1, username: x}, {id: u1, enabled: false}]\n    customers: [{email: nobody}]",
	                    "f:4: email: 'nobody' is no e-mail address: write name@domain");
}

static enum result count_key(void *context, const struct signing_key *key)
{
	(void)key;
	(*(int *)context)++;
	return RESULT_OK;
}

static int keys_of(const char *partition)
{
	struct partition_id id;
	int count = 0;
	assert_true(partition_id_parse(slice_from(partition), &id));
	assert_int_equal(store_keys_each(scene.store, &id, count_key, &count), RESULT_OK);
	return count;
}

static void partitions_without_keys_get_their_first_ones(void **state)
{
	(void)state;
	assert_int_equal(keys_of("P"), 4);
	assert_int_equal(keys_of("SYSTEM"), 0);
	assert_int_equal(apply_text("partitions: [{id: SYSTEM}]", 0), RESULT_OK);
	assert_changes("");
	assert_int_equal(keys_of("SYSTEM"), 4);
	assert_int_equal(apply_text("partitions: [{id: SYSTEM}, {id: P}]", 0), RESULT_OK);
	assert_int_equal(keys_of("SYSTEM") + keys_of("P"), 8);
}

/* ---- somebody else writes meanwhile ---- */

static int meddlings;

static void *meddle_elsewhere(void *text)
{
	struct store *other;
	struct problem problem;
	struct apply_summary summary;
	FILE *file = tmpfile();
	fputs(text, file);
	rewind(file);
	const struct apply_options options = { .fd = fileno(file), .file_name = "m", .actor = SLICE_OF("meddler") };
	enum result result = store_open(slice_from(scene.url), STORE_EXISTING, &other, &problem);
	if (result == RESULT_OK)
		result = directory_apply(other, &scene.master, &options, &summary, &problem);
	store_close(other);
	fclose(file);
	return result == RESULT_OK ? text : NULL;
}

/* Changes the same user from another thread, as often as meddlings says. */
static void meddle(struct scene *into)
{
	char text[128];
	pthread_t thread;
	void *done = NULL;
	(void)into;
	if (meddlings == 0)
		return;
	snprintf(text, sizeof text, "partitions: [{id: P, users: [{id: u1, email: meddler%d@example.com}]}]", meddlings--);
	assert_int_equal(pthread_create(&thread, NULL, meddle_elsewhere, text), 0);
	assert_int_equal(pthread_join(thread, &done), 0);
	assert_non_null(done);
}

static void a_change_by_somebody_else_meanwhile_makes_it_start_again(void **state)
{
	(void)state;
	struct person user;
	meddlings = 1;
	scene.before_commit = meddle;
	assert_int_equal(apply_part("users: [{id: u1, enabled: false}]", 0), RESULT_OK);
	assert_int_equal(scene.restarts, 1);
	assert_string_equal(scene.warnings, "the directory changed meanwhile: starting again\n");
	assert_changes("~ user u1 (Pa): enabled: true -> false\n");
	assert_true(user_read("u1", &user));
	assert_true(!user.enabled && slice_is(user.email, "meddler1@example.com"));
}

static void after_three_tries_it_gives_up_and_changes_nothing(void **state)
{
	(void)state;
	struct person user;
	meddlings = 3;
	scene.before_commit = meddle;
	assert_int_equal(apply_part("users: [{id: u1, enabled: false}]\n    client_applications: [{client_id: web, secrets: [{generate: true}]}]", 0), RESULT_CONFLICT);
	assert_int_equal(scene.restarts, 2);
	assert_string_equal(scene.secrets, "");
	assert_true(user_read("u1", &user));
	assert_true(user.enabled);
	meddlings = 9;
	assert_int_equal(apply_part("users: [{id: u1, enabled: false}]", FLAG_PIPE), RESULT_CONFLICT);
	assert_int_equal(scene.restarts, 0);
}

/* apply_text gives no folder: the document may be of somebody who must not have files of this machine opened. */
static void without_a_folder_a_document_names_no_file(void **state)
{
	(void)state;
	static const char *const names[] = { "/proc/self/status", "../x.yaml", "x.yaml", "." };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char text[256];
		snprintf(text, sizeof text, "partitions:\n  - id: P\n    apis:\n      - name: kb\n        openapi: %s\n", names[i]);
		assert_refused(text, 0, "f:5: no file can be named here: put the OpenAPI document itself behind openapi, as a mapping");
	}
	assert_int_equal(apply_part("apis: [{name: kb, openapi: {openapi: 3.0.0, paths: {/a: {get: {}}}}}]", 0), RESULT_OK);
	assert_changes("+ API kb (kb): operations: +1\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(applying_a_document_twice_changes_nothing_the_second_time),
		TEST(fields_left_out_stay_and_lists_that_are_given_are_replaced),
		TEST(people_are_found_by_username_and_email_without_regard_to_case),
		TEST(a_person_without_an_id_gets_a_random_one),
		TEST(a_new_person_needs_a_name),
		TEST(a_username_that_belongs_to_another_is_refused),
		TEST(what_stands_twice_in_a_document_is_told_with_both_lines),
		TEST(no_person_has_the_id_of_a_client_application),
		TEST(no_client_application_has_the_id_of_a_person),
		TEST(system_administrators_stand_in_system_alone),
		TEST(references_are_judged_at_the_end_so_that_order_does_not_matter),
		TEST(with_prune_only_what_stands_in_the_document_can_be_referred_to),
		TEST(pruning_deletes_what_is_left_out_and_says_so),
		TEST(a_name_of_what_is_pruned_is_free_again),
		TEST(a_dry_run_tells_the_same_and_changes_nothing),
		TEST(a_password_sets_the_first_one_only_unless_they_are_reset),
		TEST(a_prefix_never_stands_in_front_of_a_permission),
		TEST(an_id_behind_the_lists_is_looked_for_ahead),
		TEST(without_a_folder_a_document_names_no_file),
		TEST(a_document_on_a_pipe_is_read_in_order),
		TEST(only_the_given_part_of_branding_changes_and_null_empties_it),
		TEST(reserved_permissions_in_a_document_change_nothing),
		TEST(a_permissions_kind_may_be_given_and_changed),
		TEST(the_top_of_a_document_is_partitions_alone),
		TEST(a_failure_at_the_end_changes_nothing_of_what_stands_before_it),
		TEST(partitions_without_keys_get_their_first_ones),
		TEST(a_change_by_somebody_else_meanwhile_makes_it_start_again),
		TEST(after_three_tries_it_gives_up_and_changes_nothing),
	};
	return cmocka_run_group_tests(tests, scene_group_setup, scene_group_teardown);
}
