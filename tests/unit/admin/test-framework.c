#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "admin/address.h"
#include "admin/json.h"
#include "admin/operations.h"

#include <stdio.h>
#include <stdlib.h>

#define FRONT "/admin/v1"

extern const char admin_openapi[];
extern const size_t admin_openapi_size;

struct rig {
	struct oauth oauth;
	struct admin admin;
	struct arena *lasting;
	struct http_request request;
	struct http_reply reply;
	struct http_header headers[4];
	struct admin_call call;
	json_t *document;
};

static int begin(void **state)
{
	struct problem problem;
	struct rig *rig = calloc(1, sizeof *rig);
	if (rig == NULL)
		return -1;
	rig->oauth.auth_url = SLICE_OF("https://auth.example.com");
	rig->admin.oauth = &rig->oauth;
	rig->lasting = arena_new(4096, 4 * 1024 * 1024);
	rig->request = (struct http_request) {
		.arena = arena_new(4096, 1024 * 1024), .method = HTTP_GET, .method_name = SLICE_OF("GET"), .headers = rig->headers,
	};
	rig->call = (struct admin_call) { .admin = &rig->admin, .request = &rig->request, .reply = &rig->reply, .arena = rig->request.arena,
		                              .scratch = arena_new(4096, 4 * 1024 * 1024) };
	rig->call.oauth = (struct oauth_call) { .oauth = &rig->oauth, .request = &rig->request, .reply = &rig->reply, .arena = rig->request.arena };
	rig->document = json_loadb(admin_openapi, admin_openapi_size, JSON_REJECT_DUPLICATES, NULL);
	*state = rig;
	return rig->document != NULL && admin_start(&rig->admin, rig->lasting, &problem) == RESULT_OK ? 0 : -1;
}

static int end(void **state)
{
	struct rig *rig = *state;
	json_decref(rig->document);
	admin_stop(&rig->admin);
	arena_free(rig->call.scratch);
	arena_free(rig->request.arena);
	arena_free(rig->lasting);
	free(rig);
	return 0;
}

/* ---- the document and the table ---- */

static void every_operation_of_the_document_has_a_handler_and_every_handler_an_operation(void **state)
{
	const struct rig *rig = *state;
	assert_int_equal(catalogue_count(rig->admin.operations), admin_operation_count);
	for (size_t i = 0; i < catalogue_count(rig->admin.operations); i++) {
		const struct api_operation *operation = &catalogue_at(rig->admin.operations, i)->operation;
		const struct admin_operation *row = admin_operation_find(operation->operation_id);
		if (row == NULL)
			fail_msg("nobody answers %.*s", SLICE_ARGS(operation->operation_id));
		assert_non_null(row->handler);
		assert_true(operation->alternative_count > 0);
	}
	for (size_t i = 0; i < admin_operation_count; i++)
		assert_ptr_equal(admin_operation_find(admin_operations[i].id), &admin_operations[i]);
}

static const json_t *resolved(const struct rig *rig, const json_t *parameter)
{
	const char *reference = json_string_value(json_object_get(parameter, "$ref"));
	if (reference == NULL)
		return parameter;
	return json_object_get(json_object_get(json_object_get(rig->document, "components"), "parameters"), strrchr(reference, '/') + 1);
}

/* Does the table take this parameter, whatever its value? Only one that it does not know is called "none of this operation". */
static bool is_taken(struct rig *rig, const struct admin_operation *row, const char *name)
{
	rig->call.error_count = 0;
	rig->request.query = arena_print(rig->request.arena, "%s=%%21", name);
	if (admin_query_read(&rig->call, row->parameters) == REFUSAL_NONE)
		return true;
	return strstr(rig->call.oauth.sentence.ptr, "is none of this operation") == NULL;
}

/* As long as the document lets it be, and not a byte longer. */
static void check_length(struct rig *rig, const struct admin_operation *row, const char *name, const json_t *schema)
{
	const json_t *max = json_object_get(schema, "maxLength");
	if (max == NULL)
		return;
	char *value = malloc((size_t)json_integer_value(max) + 2);
	assert_non_null(value);
	memset(value, 'a', (size_t)json_integer_value(max) + 1);
	value[json_integer_value(max) + 1] = '\0';
	rig->request.query = arena_print(rig->request.arena, "%s=%s", name, value);
	if (admin_query_read(&rig->call, row->parameters) == REFUSAL_NONE || strstr(rig->call.oauth.sentence.ptr, "is too long") == NULL)
		fail_msg("%s may be longer than %d", name, (int)json_integer_value(max));
	rig->request.query.len--;
	if (admin_query_read(&rig->call, row->parameters) != REFUSAL_NONE && strstr(rig->call.oauth.sentence.ptr, "is too long") != NULL)
		fail_msg("%s may not be as long as %d", name, (int)json_integer_value(max));
	free(value);
}

static size_t check_parameters(struct rig *rig, const json_t *operation)
{
	size_t index, count = 0;
	json_t *each;
	const struct admin_operation *row = admin_operation_find(slice_from(json_string_value(json_object_get(operation, "operationId"))));
	assert_non_null(row);
	json_array_foreach(json_object_get(operation, "parameters"), index, each) {
		const json_t *parameter = resolved(rig, each);
		const char *name = json_string_value(json_object_get(parameter, "name"));
		if (strcmp(json_string_value(json_object_get(parameter, "in")), "query") != 0)
			continue;
		count++;
		if (!is_taken(rig, row, name))
			fail_msg("%.*s does not take %s", SLICE_ARGS(row->id), name);
		check_length(rig, row, name, json_object_get(parameter, "schema"));
	}
	size_t taken = (size_t)__builtin_popcount(row->parameters);
	if (taken != count)
		fail_msg("%.*s takes %zu parameters, and the document lists %zu", SLICE_ARGS(row->id), taken, count);
	return count;
}

static void each_operation_takes_the_parameters_of_the_document_and_no_others(void **state)
{
	struct rig *rig = *state;
	const char *path, *method;
	json_t *item, *operation;
	size_t count = 0;
	json_object_foreach(json_object_get(rig->document, "paths"), path, item) {
		json_object_foreach(item, method, operation) {
			if (strcmp(method, "parameters") != 0)
				count += check_parameters(rig, operation);
		}
	}
	assert_true(count > 50);
}

static void the_served_document_names_this_server(void **state)
{
	const struct rig *rig = *state;
	json_t *served = json_loadb(rig->admin.document.ptr, rig->admin.document.len, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(served);
	json_t *server = json_array_get(json_object_get(served, "servers"), 0);
	assert_string_equal(json_string_value(json_object_get(server, "url")), "https://auth.example.com/admin/v1");
	assert_null(strstr(rig->admin.document.ptr, "\"/system/auth/"));
	assert_true(json_equal(json_object_get(served, "paths"), json_object_get(rig->document, "paths")));
	json_decref(served);
}

/* ---- addresses ---- */

static enum result read_address(struct rig *rig, const char *path, struct admin_address *ret)
{
	rig->request.path = slice_from(path);
	return admin_address_read(&rig->call, ret);
}

static void segments_are_decoded_once_and_may_hold_a_slash(void **state)
{
	struct admin_address address;
	struct rig *rig = *state;
	assert_int_equal(read_address(rig, FRONT "/partitions/A/permissions/a%2Fb%20%26%25", &address), RESULT_OK);
	assert_int_equal(address.count, 4);
	assert_true(slice_is(address.segments[3], "a/b &%"));
	const struct catalogue_operation *found = catalogue_find(rig->admin.operations, SLICE_OF("GET"), address.shape);
	assert_non_null(found);
	assert_true(slice_is(found->operation.operation_id, "readPermission"));
	admin_address_keys(&address, &found->operation, &rig->call);
	assert_true(address.names_partition && slice_is(address.partition, "A"));
	assert_int_equal(rig->call.key_count, 1);
	assert_true(slice_is(rig->call.keys[0], "a/b &%"));
	assert_int_equal(read_address(rig, FRONT "/partitions/A/departments/%2541", &address), RESULT_OK);
	assert_true(slice_is(address.segments[3], "%41"));
}

static void what_cannot_be_decoded_is_refused(void **state)
{
	static const char *const bad[] = { "%", "%4", "%zz", "%00", "%0a", "%7F", "%ff", "%c0%af", "%ed%a0%80" };
	struct admin_address address;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		char path[64];
		snprintf(path, sizeof path, FRONT "/partitions/A/users/%s", bad[i]);
		assert_int_equal(read_address(*state, path, &address), RESULT_INVALID);
	}
}

static void an_escaped_literal_is_the_literal_and_nothing_else_becomes_one(void **state)
{
	struct rig *rig = *state;
	struct admin_address address;
	static const struct {
		const char *path;
		const char *operation; /* NULL: none */
	} cases[] = {
		{ FRONT "/%6De", "readMe" },
		{ FRONT "/me/", NULL },
		{ FRONT "//me", NULL },
		{ FRONT, NULL },
		{ FRONT "/", NULL },
		{ FRONT "/partitions/A/users/x/sessions", "listUserSessions" },
		{ FRONT "/partitions/A/users/x%2Fsessions", "readUser" },
		{ FRONT "/partitions/A/users/..", "readUser" }, /* of somebody called so */
		{ FRONT "/partitions/A/users/%2e%2e", "readUser" },
		{ FRONT "/partitions/A/users;x/a", NULL },
		{ FRONT "/partitions/A/client%2Dapplications", "listClientApplications" },
		{ FRONT "/partitions/A/client_applications", NULL },
		{ FRONT "/partitions/A/client/applications", NULL },
		{ FRONT "/a/b/c/d/e/f/g/h/i/j/k/l/m", NULL },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct catalogue_operation *found = NULL;
		if (read_address(rig, cases[i].path, &address) == RESULT_OK)
			found = catalogue_find(rig->admin.operations, SLICE_OF("GET"), address.shape);
		if (cases[i].operation == NULL ? found != NULL : found == NULL || !slice_is(found->operation.operation_id, cases[i].operation))
			fail_msg("%s is %.*s", cases[i].path, SLICE_ARGS(found == NULL ? SLICE_OF("nothing") : found->operation.operation_id));
	}
}

static void a_pointer_escapes_what_would_lead_elsewhere(void **state)
{
	struct rig *rig = *state;
	assert_true(slice_is(admin_pointer(&rig->call, "a/b~c"), "/a~1b~0c"));
	assert_true(slice_is(admin_pointer(&rig->call, ""), "/"));
}

/* ---- versions ---- */

static enum refusal if_match(struct rig *rig, const char *value, int64_t *ret)
{
	rig->headers[0] = (struct http_header) { SLICE_OF("If-Match"), slice_from(value) };
	rig->request.header_count = value == NULL ? 0 : 1;
	return admin_if_match(&rig->call, ret);
}

static void only_a_version_of_ours_or_a_star_lets_a_change_begin(void **state)
{
	int64_t version = -1;
	assert_int_equal(if_match(*state, NULL, &version), REFUSAL_ADMIN_UNCONDITIONAL);
	assert_int_equal(if_match(*state, "\"v12\"", &version), REFUSAL_NONE);
	assert_int_equal(version, 12);
	assert_int_equal(if_match(*state, " * ", &version), REFUSAL_NONE);
	assert_int_equal(version, 0);
	static const char *const others[] = { "", "v12", "W/\"v12\"", "\"v0\"", "\"v\"", "\"v-1\"", "\"v+1\"", "\"12\"", "\"v12", "v12\"", "\"v1\", \"v2\"",
		                                  "\"v99999999999999999999\"", "**" };
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		assert_int_equal(if_match(*state, others[i], &version), REFUSAL_ADMIN_STALE);
	assert_int_equal(admin_version_judge(&((struct rig *)*state)->call, 12, 13), REFUSAL_ADMIN_STALE);
	assert_int_equal(admin_version_judge(&((struct rig *)*state)->call, 13, 13), REFUSAL_NONE);
	assert_int_equal(admin_version_judge(&((struct rig *)*state)->call, 0, 13), REFUSAL_NONE);
}

/* ---- pages ---- */

static void a_cursor_is_the_last_key_and_comes_back_as_it_was(void **state)
{
	struct rig *rig = *state;
	struct admin_page page;
	admin_page_begin(&rig->call, &page);
	admin_page_item(&page);
	writer_text(&page.out, "1");
	assert_int_equal(admin_page_key(&page, SLICE_OF("a b/\xc3\xa9")), RESULT_OK);
	assert_int_equal(admin_page_end(&page, RESULT_OK, (struct slice) { NULL, 0 }, true), REFUSAL_NONE);
	json_t *body = json_loadb(rig->reply.body.ptr, rig->reply.body.len, 0, NULL);
	assert_non_null(body);
	rig->request.query = arena_print(rig->request.arena, "cursor=%s", json_string_value(json_object_get(body, "next")));
	assert_int_equal(admin_query_read(&rig->call, PARAMETERS_PAGE), REFUSAL_NONE);
	assert_true(slice_is(rig->call.query.after, "a b/\xc3\xa9"));
	assert_int_equal(rig->call.query.limit, LIMIT_PAGE_DEFAULT);
	json_decref(body);
}

static void a_page_ends_where_it_is_long_enough(void **state)
{
	struct rig *rig = *state;
	struct admin_page page;
	size_t count = 0;
	enum result result = RESULT_OK;
	admin_page_begin(&rig->call, &page);
	for (; result == RESULT_OK; count++) {
		char key[16];
		snprintf(key, sizeof key, "key-%zu", count);
		admin_page_item(&page);
		writer_print(&page.out, "\"%010240d\"", 0);
		result = admin_page_key(&page, slice_from(key));
	}
	assert_int_equal(result, RESULT_TOO_LARGE);
	assert_in_range(count, LIMIT_PAGE_SIZE / 10242 - 1, LIMIT_PAGE_SIZE / 10242 + 2);
	admin_page_close(&page, (struct slice) { NULL, 0 }, false);
	assert_true(slice_ends_with(writer_slice(&page.out), SLICE_OF("\"")));
}

/* ---- what is shown ---- */

static void a_person_is_shown_without_the_hash(void **state)
{
	struct rig *rig = *state;
	const struct person person = { .kind = PERSON_USER, .id = SLICE_OF("1"), .username = SLICE_OF("a\"b"), .enabled = true, .roles = SLICE_OF("x y"),
		                           .password_hash = SLICE_OF("$argon2id$secret"), .claims = SLICE_OF("{\"name\":\"A\"}"), .version = 3 };
	struct writer out = writer_new(rig->call.scratch, 256);
	person_json(&out, &person);
	assert_true(slice_is(writer_slice(&out), "{\"id\":\"1\",\"username\":\"a\\\"b\",\"email\":null,\"department\":null,\"roles\":[\"x\",\"y\"],"
	                                         "\"enabled\":true,\"claims\":{\"name\":\"A\"},\"password_set\":true,\"version\":3}"));
}

static void the_detail_of_an_event_is_an_object_only_where_it_is_one(void **state)
{
	struct rig *rig = *state;
	static const struct {
		struct slice detail;
		const char *shown;
	} cases[] = {
		{ SLICE("{\"a\":1}"), "\"detail\":{\"a\":1}}" },
		{ SLICE("{\"a\":1"), "\"detail\":\"{\\\"a\\\":1\"}" },
		{ SLICE("{\"a\":1,\n\"b\":2}"), "\"detail\":\"{\\\"a\\\":1,\\n\\\"b\\\":2}\"}" },
		{ SLICE("{} x"), "\"detail\":\"{} x\"}" },
		{ SLICE("[1]"), "\"detail\":\"[1]\"}" },
		{ SLICE(""), "\"detail\":null}" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct stored_event event = { .number = 7, .event = { .at_ms = 1500, .detail = cases[i].detail } };
		struct writer out = writer_new(rig->call.scratch, 256);
		event_json(&out, &event);
		assert_true(slice_starts_with(writer_slice(&out), SLICE_OF("{\"id\":\"7\",\"at\":\"1970-01-01T00:00:01.500Z\",")));
		assert_true(slice_ends_with(writer_slice(&out), slice_from(cases[i].shown)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_operation_of_the_document_has_a_handler_and_every_handler_an_operation, begin, end),
		cmocka_unit_test_setup_teardown(each_operation_takes_the_parameters_of_the_document_and_no_others, begin, end),
		cmocka_unit_test_setup_teardown(the_served_document_names_this_server, begin, end),
		cmocka_unit_test_setup_teardown(segments_are_decoded_once_and_may_hold_a_slash, begin, end),
		cmocka_unit_test_setup_teardown(what_cannot_be_decoded_is_refused, begin, end),
		cmocka_unit_test_setup_teardown(an_escaped_literal_is_the_literal_and_nothing_else_becomes_one, begin, end),
		cmocka_unit_test_setup_teardown(a_pointer_escapes_what_would_lead_elsewhere, begin, end),
		cmocka_unit_test_setup_teardown(only_a_version_of_ours_or_a_star_lets_a_change_begin, begin, end),
		cmocka_unit_test_setup_teardown(a_cursor_is_the_last_key_and_comes_back_as_it_was, begin, end),
		cmocka_unit_test_setup_teardown(a_page_ends_where_it_is_long_enough, begin, end),
		cmocka_unit_test_setup_teardown(a_person_is_shown_without_the_hash, begin, end),
		cmocka_unit_test_setup_teardown(the_detail_of_an_event_is_an_object_only_where_it_is_one, begin, end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
