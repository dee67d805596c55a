#include "libwrit/revocations.h"

#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define NOW 1000

static void what_was_added_is_there_under_its_own_kind(void **state)
{
	(void)state;
	struct revocations revocations;
	revocations_begin(&revocations);
	assert_false(revocations_have(&revocations, REVOCATION_TOKEN, SLICE_OF("a")));
	assert_int_equal(revocations_add(&revocations, REVOCATION_TOKEN, SLICE_OF("a"), NOW + 1, NOW), RESULT_OK);
	assert_int_equal(revocations_add(&revocations, REVOCATION_TOKEN, SLICE_OF("a"), NOW + 2, NOW), RESULT_OK);
	assert_true(revocations_have(&revocations, REVOCATION_TOKEN, SLICE_OF("a")));
	assert_false(revocations_have(&revocations, REVOCATION_GRANT, SLICE_OF("a")));
	assert_false(revocations_have(&revocations, REVOCATION_TOKEN, SLICE_OF("b")));
	assert_false(revocations_have(&revocations, REVOCATION_TOKEN, SLICE_OF("")));
	assert_int_equal(revocations.count, 1);
	revocations_end(&revocations);
}

static void an_id_has_1_to_128_bytes(void **state)
{
	(void)state;
	static char id[LIMIT_ID + 1];
	struct revocations revocations;
	memset(id, 'i', sizeof id);
	revocations_begin(&revocations);
	assert_int_equal(revocations_add(&revocations, REVOCATION_TOKEN, SLICE_OF(""), NOW + 1, NOW), RESULT_INVALID);
	assert_int_equal(revocations_add(&revocations, REVOCATION_TOKEN, (struct slice) { id, sizeof id }, NOW + 1, NOW), RESULT_INVALID);
	assert_int_equal(revocations_add(&revocations, REVOCATION_TOKEN, (struct slice) { id, LIMIT_ID }, NOW + 1, NOW), RESULT_OK);
	assert_true(revocations_have(&revocations, REVOCATION_TOKEN, (struct slice) { id, LIMIT_ID }));
	assert_false(revocations_have(&revocations, REVOCATION_TOKEN, (struct slice) { id, sizeof id }));
	revocations_end(&revocations);
}

static struct slice numbered(char text[16], int number)
{
	return (struct slice) { text, (size_t)snprintf(text, 16, "id-%d", number) };
}

static void many_are_kept_while_they_live_and_then_make_room(void **state)
{
	(void)state;
	char text[16];
	struct revocations revocations;
	revocations_begin(&revocations);
	for (int i = 0; i < 20000; i++)
		assert_int_equal(revocations_add(&revocations, REVOCATION_GRANT, numbered(text, i), NOW + (i % 2 == 0 ? 10 : 100), NOW), RESULT_OK);
	for (int i = 0; i < 20000; i++)
		assert_true(revocations_have(&revocations, REVOCATION_GRANT, numbered(text, i)));
	const size_t capacity = revocations.capacity;
	for (int i = 20000; revocations.capacity == capacity && revocations.count > 19000; i++)
		assert_int_equal(revocations_add(&revocations, REVOCATION_GRANT, numbered(text, i), NOW + 100, NOW + 50), RESULT_OK);
	assert_false(revocations_have(&revocations, REVOCATION_GRANT, numbered(text, 0)));
	assert_true(revocations_have(&revocations, REVOCATION_GRANT, numbered(text, 1)));
	revocations_end(&revocations);
}

static void a_million_is_the_bound_and_is_said(void **state)
{
	(void)state;
	char text[16];
	struct revocations revocations;
	revocations_begin(&revocations);
	for (int i = 0; i < LIMIT_REVOCATIONS_FED; i++)
		assert_int_equal(revocations_add(&revocations, REVOCATION_TOKEN, numbered(text, i), NOW + 10, NOW), RESULT_OK);
	assert_int_equal(revocations_add(&revocations, REVOCATION_TOKEN, SLICE_OF("more"), NOW + 10, NOW), RESULT_TOO_LARGE);
	assert_int_equal(revocations_add(&revocations, REVOCATION_TOKEN, SLICE_OF("id-7"), NOW + 20, NOW), RESULT_OK); /* known */
	assert_int_equal(revocations_add(&revocations, REVOCATION_TOKEN, SLICE_OF("more"), NOW + 20, NOW + 10), RESULT_OK);
	assert_true(revocations_have(&revocations, REVOCATION_TOKEN, SLICE_OF("id-7")));
	assert_false(revocations_have(&revocations, REVOCATION_TOKEN, SLICE_OF("id-8")));
	assert_int_equal(revocations.count, 2);
	revocations_end(&revocations);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_added_is_there_under_its_own_kind),
		cmocka_unit_test(an_id_has_1_to_128_bytes),
		cmocka_unit_test(many_are_kept_while_they_live_and_then_make_room),
		cmocka_unit_test(a_million_is_the_bound_and_is_said),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
