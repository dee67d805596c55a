#include "gateway/catalogue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static enum result add(struct catalogue *catalogue, const char *method, const char *path)
{
	const struct api_operation operation = { .method = slice_from(method), .path = slice_from(path), .operation_id = slice_from(path) };
	return catalogue_add(catalogue, SLICE_OF("api"), &operation);
}

/* "GET /a/{id}", …, NULL. */
static struct catalogue *compiled(const char *const *operations)
{
	struct catalogue *catalogue = catalogue_new();
	assert_non_null(catalogue);
	for (size_t i = 0; operations[i] != NULL; i++) {
		const char *space = strchr(operations[i], ' ');
		const struct api_operation operation = { .method = { operations[i], (size_t)(space - operations[i]) }, .path = slice_from(space + 1) };
		assert_int_equal(catalogue_add(catalogue, SLICE_OF("api"), &operation), RESULT_OK);
	}
	assert_int_equal(catalogue_compile(catalogue), RESULT_OK);
	return catalogue;
}

static void leads_to(const struct catalogue *catalogue, const char *method, const char *path, const char *expected)
{
	const struct catalogue_operation *found = catalogue_find(catalogue, slice_from(method), slice_from(path));
	if (found == NULL ? expected != NULL : expected == NULL || !slice_is(found->operation.path, expected))
		fail_msg("%s %s leads to %.*s, not to %s", method, path, found == NULL ? 7 : (int)found->operation.path.len,
		         found == NULL ? "nowhere" : found->operation.path.ptr, expected == NULL ? "nowhere" : expected);
}

static void a_call_is_the_operation_of_its_path_and_method(void **state)
{
	(void)state;
	struct catalogue *catalogue = compiled((const char *const[]) { "GET /", "GET /a", "POST /a", "GET /a/{id}", "DELETE /a/{id}/parts/{part}", "GET /b/c", NULL });
	leads_to(catalogue, "GET", "/", "/");
	leads_to(catalogue, "GET", "/a", "/a");
	leads_to(catalogue, "POST", "/a", "/a");
	leads_to(catalogue, "GET", "/a/7", "/a/{id}");
	leads_to(catalogue, "DELETE", "/a/7/parts/8", "/a/{id}/parts/{part}");
	leads_to(catalogue, "GET", "/b/c", "/b/c");
	static const char *const nowhere[][2] = {
		{ "GET", "/b" }, { "GET", "/b/c/d" }, { "GET", "/a/7/parts" }, { "DELETE", "/a" }, { "GET", "/A" }, { "get", "/a" }, { "PUT", "/a" },
		{ "POST", "/" }, { "GET", "" }, { "GET", "a" }, { "GET", "/a/" }, { "GET", "//a" }, { "", "/a" }, { "GETT", "/a" }, { "GE", "/a" },
	};
	for (size_t i = 0; i < sizeof nowhere / sizeof nowhere[0]; i++)
		leads_to(catalogue, nowhere[i][0], nowhere[i][1], NULL);
	catalogue_free(catalogue);
}

static void the_method_found_is_the_method_asked_for(void **state)
{
	(void)state;
	static const char *const methods[] = { "TRACE", "GET", "POST", "DELETE", "PATCH", "PUT", "OPTIONS" };
	struct catalogue *catalogue = catalogue_new();
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
		for (size_t path = 0; path < 3; path++)
			if ((i + path) % 3 != 0)
				assert_int_equal(add(catalogue, methods[i], path == 0 ? "/a" : path == 1 ? "/a/{b}" : "/c"), RESULT_OK);
	assert_int_equal(catalogue_compile(catalogue), RESULT_OK);
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
		for (size_t path = 0; path < 3; path++) {
			const struct catalogue_operation *found =
				catalogue_find(catalogue, slice_from(methods[i]), slice_from(path == 0 ? "/a" : path == 1 ? "/a/x" : "/c"));
			assert_int_equal(found != NULL, (i + path) % 3 != 0);
			assert_true(found == NULL || slice_is(found->operation.method, methods[i]));
		}
	}
	catalogue_free(catalogue);
}

static void a_concrete_path_wins_over_a_templated_one_whatever_the_method(void **state)
{
	(void)state;
	struct catalogue *catalogue = compiled((const char *const[]) { "GET /{tenant}/me", "GET /users/me", "POST /users/{id}", "DELETE /{tenant}/{id}", NULL });
	leads_to(catalogue, "GET", "/users/me", "/users/me");
	leads_to(catalogue, "GET", "/other/me", "/{tenant}/me");
	leads_to(catalogue, "POST", "/users/7", "/users/{id}");
	leads_to(catalogue, "POST", "/users/me", NULL); /* listed concretely, without POST */
	leads_to(catalogue, "DELETE", "/users/me", NULL);
	leads_to(catalogue, "DELETE", "/users/7", NULL);
	leads_to(catalogue, "DELETE", "/other/7", "/{tenant}/{id}");
	catalogue_free(catalogue);
}

static void where_a_branch_leads_nowhere_the_next_is_tried(void **state)
{
	(void)state;
	struct catalogue *catalogue = compiled((const char *const[]) { "GET /a/b/c", "GET /a/{x}/d", "GET /{y}/b/e", "GET /{y}/{x}/f", "GET /{y}/{x}/{z}", NULL });
	leads_to(catalogue, "GET", "/a/b/c", "/a/b/c");
	leads_to(catalogue, "GET", "/a/b/d", "/a/{x}/d");
	leads_to(catalogue, "GET", "/a/b/e", "/{y}/b/e");
	leads_to(catalogue, "GET", "/a/b/f", "/{y}/{x}/f");
	leads_to(catalogue, "GET", "/a/b/g", "/{y}/{x}/{z}");
	leads_to(catalogue, "GET", "/a/b", NULL);
	leads_to(catalogue, "GET", "/a/b/c/d", NULL);
	catalogue_free(catalogue);
}

static void segments_with_literal_parts_come_between_the_longest_first(void **state)
{
	(void)state;
	struct catalogue *catalogue = compiled((const char *const[]) { "GET /f/{id}", "GET /f/{id}.json", "GET /f/{id}.tar.json", "GET /f/v{id}", "GET /f/x.json", "POST /f/{id}:run",
	                                                               "GET /f/{a}-{b}-{c}", "GET /g/{a}{b}", "GET /h/p-{a}..{b}.q", NULL });
	leads_to(catalogue, "GET", "/f/7", "/f/{id}");
	leads_to(catalogue, "GET", "/f/7.json", "/f/{id}.json");
	leads_to(catalogue, "GET", "/f/7.tar.json", "/f/{id}.tar.json");
	leads_to(catalogue, "GET", "/f/x.json", "/f/x.json");
	leads_to(catalogue, "GET", "/f/v7", "/f/v{id}");
	leads_to(catalogue, "GET", "/f/v7.json", "/f/{id}.json");
	leads_to(catalogue, "GET", "/f/v", "/f/{id}");
	leads_to(catalogue, "GET", "/f/.json", "/f/{id}"); /* {id} is one character at least */
	leads_to(catalogue, "POST", "/f/7:run", "/f/{id}:run");
	leads_to(catalogue, "GET", "/f/7:run", NULL);
	leads_to(catalogue, "GET", "/f/1-2-3", "/f/{a}-{b}-{c}");
	leads_to(catalogue, "GET", "/f/--1-2-3", "/f/{a}-{b}-{c}");
	leads_to(catalogue, "GET", "/f/1-2", "/f/{id}");
	leads_to(catalogue, "GET", "/f/1--3", "/f/{id}");
	leads_to(catalogue, "GET", "/g/ab", "/g/{a}{b}");
	leads_to(catalogue, "GET", "/g/a", NULL);
	leads_to(catalogue, "GET", "/h/p-1..2.q", "/h/p-{a}..{b}.q");
	leads_to(catalogue, "GET", "/h/p-...2.q", "/h/p-{a}..{b}.q");
	leads_to(catalogue, "GET", "/h/p-1...q", NULL);
	leads_to(catalogue, "GET", "/h/p-1.2.q", NULL);
	catalogue_free(catalogue);
}

static void head_is_get_unless_it_is_listed(void **state)
{
	(void)state;
	struct catalogue *catalogue = compiled((const char *const[]) { "GET /a", "HEAD /b", "GET /b", "POST /c", NULL });
	const struct catalogue_operation *found = catalogue_find(catalogue, SLICE_OF("HEAD"), SLICE_OF("/a"));
	assert_true(found != NULL && slice_is(found->operation.method, "GET"));
	found = catalogue_find(catalogue, SLICE_OF("HEAD"), SLICE_OF("/b"));
	assert_true(found != NULL && slice_is(found->operation.method, "HEAD"));
	leads_to(catalogue, "HEAD", "/c", NULL);
	catalogue_free(catalogue);
}

static void what_stands_behind_a_semicolon_changes_nothing_or_closes(void **state)
{
	(void)state;
	struct catalogue *catalogue = compiled((const char *const[]) { "GET /a/{id}", "GET /a/admin", "GET /b/x", "GET /c/{id}/d", "GET /e;v=1", NULL });
	leads_to(catalogue, "GET", "/a/7;v=1", "/a/{id}");
	leads_to(catalogue, "GET", "/a/admin;v=1", NULL); /* the one server sees {id}, the other admin */
	leads_to(catalogue, "GET", "/a/admin;", NULL);
	leads_to(catalogue, "GET", "/b/x;v=1", NULL);
	leads_to(catalogue, "GET", "/b;v=1/x", NULL);
	leads_to(catalogue, "GET", "/c/7;v=1/d", "/c/{id}/d");
	leads_to(catalogue, "GET", "/c/;v=1/d", NULL);
	leads_to(catalogue, "GET", "/e;v=1", NULL);
	catalogue_free(catalogue);
}

static void one_call_is_never_two_operations(void **state)
{
	(void)state;
	static const char *const conflicts[][2] = { { "/a", "/a" }, { "/a/{x}", "/a/{y}" }, { "/a/{x}.json", "/a/{other}.json" }, { "/{x}/{y}", "/{y}/{x}" } };
	for (size_t i = 0; i < sizeof conflicts / sizeof conflicts[0]; i++) {
		struct catalogue *catalogue = catalogue_new();
		const struct api_operation again = { .method = SLICE("GET"), .path = slice_from(conflicts[i][1]) };
		assert_int_equal(add(catalogue, "GET", conflicts[i][0]), RESULT_OK);
		assert_int_equal(add(catalogue, "POST", conflicts[i][1]), RESULT_OK);
		assert_int_equal(catalogue_add(catalogue, SLICE_OF("other"), &again), RESULT_OK);
		assert_int_equal(catalogue_compile(catalogue), RESULT_CONFLICT);
		leads_to(catalogue, "GET", conflicts[i][0], NULL);
		catalogue_free(catalogue);
	}
}

static void what_is_no_operation_is_not_added(void **state)
{
	(void)state;
	struct catalogue *catalogue = catalogue_new();
	static const char *const paths[] = { "", "a", "/{", "/{a", "/a}", "/{a/b}", "/{a}}", "/a\x01" };
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
		assert_int_equal(add(catalogue, "GET", paths[i]), RESULT_INVALID);
	assert_int_equal(add(catalogue, "", "/a"), RESULT_INVALID);
	char longest[2 * (LIMIT_CATALOGUE_SEGMENTS + 1) + 1] = "";
	for (size_t i = 0; i <= LIMIT_CATALOGUE_SEGMENTS; i++)
		memcpy(longest + 2 * i, "/a", 2);
	assert_int_equal(add(catalogue, "GET", longest), RESULT_INVALID);
	longest[2 * (size_t)LIMIT_CATALOGUE_SEGMENTS] = '\0';
	assert_int_equal(add(catalogue, "GET", longest), RESULT_OK);
	for (int i = 0; i < LIMIT_CATALOGUE_METHODS; i++) {
		char method[] = { 'M', (char)('A' + i), '\0' };
		assert_int_equal(add(catalogue, method, "/m"), i < LIMIT_CATALOGUE_METHODS - 1 ? RESULT_OK : RESULT_INVALID);
	}
	assert_int_equal(catalogue_compile(catalogue), RESULT_OK);
	leads_to(catalogue, "GET", longest, longest);
	leads_to(catalogue, "MA", "/m", "/m");
	longest[2 * (size_t)LIMIT_CATALOGUE_SEGMENTS] = '/';
	leads_to(catalogue, "GET", longest, NULL);
	catalogue_free(catalogue);
}

static void an_empty_catalogue_closes_everything(void **state)
{
	(void)state;
	struct catalogue *catalogue = catalogue_new();
	leads_to(catalogue, "GET", "/", NULL); /* not even compiled */
	assert_int_equal(catalogue_compile(catalogue), RESULT_OK);
	leads_to(catalogue, "GET", "/", NULL);
	leads_to(catalogue, "GET", "/a", NULL);
	assert_int_equal(catalogue_count(catalogue), 0);
	catalogue_free(catalogue);
	catalogue_free(NULL);
}

static void operations_are_listed_in_the_order_of_path_and_method_with_all_that_was_given(void **state)
{
	(void)state;
	const struct api_alternative alternatives[] = { { API_ACTOR_USER, SLICE("a b") }, { API_ACTOR_CLIENT, SLICE("") } };
	const struct api_alternative others[] = { { API_ACTOR_USER, SLICE("a") }, { API_ACTOR_CLIENT, SLICE("b") } };
	struct catalogue *catalogue = catalogue_new();
	struct api_operation operation = { .method = SLICE("POST"), .path = SLICE("/a/{id}"), .operation_id = SLICE("id"), .summary = SLICE("does"),
		                               .alternatives = alternatives, .alternative_count = 2 };
	assert_int_equal(catalogue_add(catalogue, SLICE_OF("one"), &operation), RESULT_OK);
	operation.method = SLICE_OF("GET");
	operation.alternatives = others;
	assert_int_equal(catalogue_add(catalogue, SLICE_OF("two"), &operation), RESULT_OK);
	operation.path = SLICE_OF("/a");
	operation.alternatives = alternatives;
	assert_int_equal(catalogue_add(catalogue, SLICE_OF("one"), &operation), RESULT_OK);
	assert_int_equal(catalogue_compile(catalogue), RESULT_OK);
	assert_int_equal(catalogue_count(catalogue), 3);
	static const char *const expected[][3] = { { "one", "GET", "/a" }, { "two", "GET", "/a/{id}" }, { "one", "POST", "/a/{id}" } };
	for (size_t i = 0; i < 3; i++) {
		const struct catalogue_operation *each = catalogue_at(catalogue, i);
		assert_true(slice_is(each->api, expected[i][0]) && slice_is(each->operation.method, expected[i][1]) && slice_is(each->operation.path, expected[i][2]));
		assert_true(slice_is(each->operation.operation_id, "id") && slice_is(each->operation.summary, "does"));
		assert_int_equal(each->operation.alternative_count, 2);
		assert_true(slice_is(each->operation.alternatives[0].scopes, i == 1 ? "a" : "a b"));
		assert_int_equal(each->operation.alternatives[1].actor, API_ACTOR_CLIENT);
	}
	/* the same list of alternatives is kept once */
	assert_ptr_equal(catalogue_at(catalogue, 0)->operation.alternatives, catalogue_at(catalogue, 2)->operation.alternatives);
	catalogue_free(catalogue);
}

static void each_of_many_operations_is_found_and_no_other(void **state)
{
	(void)state;
	enum { MANY = 20000 };
	struct catalogue *catalogue = catalogue_new();
	char path[96];
	for (int i = 0; i < MANY; i++) {
		snprintf(path, sizeof path, "/v%d/%.*s%d/{id}/part-%d", i % 7, i % 50, "a-long-name-that-does-not-fit-into-one-cache-line-", i, i % 11);
		assert_int_equal(add(catalogue, i % 2 == 0 ? "GET" : "POST", path), RESULT_OK);
	}
	assert_int_equal(catalogue_compile(catalogue), RESULT_OK);
	for (int i = 0; i < MANY; i++) {
		char call[96];
		const char *method = i % 2 == 0 ? "GET" : "POST";
		snprintf(path, sizeof path, "/v%d/%.*s%d/{id}/part-%d", i % 7, i % 50, "a-long-name-that-does-not-fit-into-one-cache-line-", i, i % 11);
		snprintf(call, sizeof call, "/v%d/%.*s%d/%d/part-%d", i % 7, i % 50, "a-long-name-that-does-not-fit-into-one-cache-line-", i, i, i % 11);
		leads_to(catalogue, method, call, path);
		snprintf(call, sizeof call, "/v%d/%.*s%d/%d/part-%d", (i + 1) % 7, i % 50, "a-long-name-that-does-not-fit-into-one-cache-line-", i, i, i % 11);
		leads_to(catalogue, method, call, NULL);
	}
	catalogue_free(catalogue);
}

/* Each segment is "a" and {x}: a call that fits nowhere could try 2^20 branches. */
static void backtracking_has_a_bound_and_then_it_is_closed(void **state)
{
	(void)state;
	enum { DEPTH = 12 };
	struct catalogue *catalogue = catalogue_new();
	for (unsigned bits = 0; bits < 1U << DEPTH; bits++) {
		char path[DEPTH * 4 + 4] = "";
		for (unsigned i = 0; i < DEPTH; i++)
			strncat(path, (bits >> i & 1) != 0 ? "/a" : "/{x}", 5);
		strncat(path, "/e", 3);
		assert_int_equal(add(catalogue, "GET", path), RESULT_OK);
	}
	assert_int_equal(add(catalogue, "GET", "/{x}/{x}/{x}/{x}/{x}/{x}/{x}/{x}/{x}/{x}/{x}/{x}/f"), RESULT_OK);
	assert_int_equal(catalogue_compile(catalogue), RESULT_OK);
	leads_to(catalogue, "GET", "/a/a/a/a/a/a/a/a/a/a/a/a/e", "/a/a/a/a/a/a/a/a/a/a/a/a/e");
	leads_to(catalogue, "GET", "/b/b/b/b/b/b/b/b/b/b/b/b/e", "/{x}/{x}/{x}/{x}/{x}/{x}/{x}/{x}/{x}/{x}/{x}/{x}/e");
	leads_to(catalogue, "GET", "/b/b/b/b/b/b/b/b/b/b/b/b/f", "/{x}/{x}/{x}/{x}/{x}/{x}/{x}/{x}/{x}/{x}/{x}/{x}/f");
	leads_to(catalogue, "GET", "/a/a/a/a/a/a/a/a/a/a/a/a/f", NULL); /* behind 4095 others */
	catalogue_free(catalogue);
	/* a whole node of patterns is a bound of its own */
	catalogue = catalogue_new();
	for (int i = 0; i < 2 * LIMIT_CATALOGUE_TRIES; i++) {
		char path[32];
		snprintf(path, sizeof path, "/{x}.%05d", i);
		assert_int_equal(add(catalogue, "GET", path), RESULT_OK);
	}
	assert_int_equal(catalogue_compile(catalogue), RESULT_OK);
	leads_to(catalogue, "GET", "/a.00000", "/{x}.00000");
	leads_to(catalogue, "GET", "/a.02047", NULL);
	catalogue_free(catalogue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_is_the_operation_of_its_path_and_method),
		cmocka_unit_test(the_method_found_is_the_method_asked_for),
		cmocka_unit_test(a_concrete_path_wins_over_a_templated_one_whatever_the_method),
		cmocka_unit_test(where_a_branch_leads_nowhere_the_next_is_tried),
		cmocka_unit_test(segments_with_literal_parts_come_between_the_longest_first),
		cmocka_unit_test(head_is_get_unless_it_is_listed),
		cmocka_unit_test(what_stands_behind_a_semicolon_changes_nothing_or_closes),
		cmocka_unit_test(one_call_is_never_two_operations),
		cmocka_unit_test(what_is_no_operation_is_not_added),
		cmocka_unit_test(an_empty_catalogue_closes_everything),
		cmocka_unit_test(operations_are_listed_in_the_order_of_path_and_method_with_all_that_was_given),
		cmocka_unit_test(each_of_many_operations_is_found_and_no_other),
		cmocka_unit_test(backtracking_has_a_bound_and_then_it_is_closed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
