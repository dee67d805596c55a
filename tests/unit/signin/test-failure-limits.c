#include "signin/failure_limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sodium.h>
#include <stdio.h>

static const struct failure_limits_options options = { .account_failures = 5, .account_delay_max_s = 60, .address_per_minute = 100, .anonymous_per_minute = 60 };

static struct attempt attempt(const char *name, const char *address)
{
	return (struct attempt) { SLICE("P"), "client", slice_from(name), slice_from(address) };
}

static int open_limits(void **state)
{
	*state = failure_limits_new(&options);
	return *state == NULL;
}

static int close_limits(void **state)
{
	failure_limits_free(*state);
	return 0;
}

static void five_failures_are_free_and_the_delay_then_doubles_up_to_a_minute(void **state)
{
	struct attempt a = attempt("x", "10.0.0.1");
	int64_t now = 1000000;
	for (int i = 0; i < 5; i++)
		assert_int_equal(failure_limits_failed(*state, &a, now), 0);
	static const int64_t delays[] = { 1, 2, 4, 8, 16, 32, 60, 60, 60 };
	for (size_t i = 0; i < sizeof delays / sizeof delays[0]; i++) {
		assert_int_equal(failure_limits_wait_s(*state, &a, now), 0);
		assert_int_equal(failure_limits_failed(*state, &a, now), delays[i]);
		assert_int_equal(failure_limits_wait_s(*state, &a, now), delays[i]);
		assert_int_equal(failure_limits_wait_s(*state, &a, now + delays[i] * 1000 - 1), 1);
		now += delays[i] * 1000;
	}
}

static void a_success_forgets_the_failures(void **state)
{
	struct attempt a = attempt("x", "10.0.0.1");
	for (int i = 0; i < 5; i++)
		assert_int_equal(failure_limits_failed(*state, &a, 1000), 0);
	failure_limits_succeeded(*state, &a, 1000);
	for (int i = 0; i < 5; i++)
		assert_int_equal(failure_limits_failed(*state, &a, 1000), 0);
	assert_int_equal(failure_limits_failed(*state, &a, 1000), 1);
}

static void guesses_from_many_addresses_close_the_account(void **state)
{
	char address[32];
	for (int i = 0; i < 6; i++) {
		snprintf(address, sizeof address, "10.0.1.%d", i);
		struct attempt a = attempt("x", address);
		assert_int_equal(failure_limits_failed(*state, &a, 1000), i == 5 ? 1 : 0);
	}
	struct attempt other = attempt("x", "10.0.2.9");
	assert_int_equal(failure_limits_wait_s(*state, &other, 1000), 1);
	struct attempt another_account = attempt("y", "10.0.2.9");
	assert_int_equal(failure_limits_wait_s(*state, &another_account, 1000), 0);
}

static void strangers_do_not_lock_the_owner_out(void **state)
{
	struct attempt owner = attempt("x", "192.0.2.1");
	struct attempt stranger = attempt("x", "10.0.0.1");
	failure_limits_succeeded(*state, &owner, 1000);
	for (int i = 0; i < 20; i++)
		(void)failure_limits_failed(*state, &stranger, 1000);
	assert_true(failure_limits_wait_s(*state, &stranger, 1000) > 0);
	assert_int_equal(failure_limits_wait_s(*state, &owner, 1000), 0);
	failure_limits_succeeded(*state, &owner, 1000);
	assert_true(failure_limits_wait_s(*state, &stranger, 1000) > 0);
}

static void a_hundred_failures_a_minute_close_an_address(void **state)
{
	char name[16];
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof name, "n%d", i);
		struct attempt a = attempt(name, "10.0.0.1");
		assert_int_equal(failure_limits_wait_s(*state, &a, 1000 + i), 0);
		assert_int_equal(failure_limits_failed(*state, &a, 1000 + i), 0);
	}
	struct attempt next = attempt("fresh", "10.0.0.1");
	struct attempt elsewhere = attempt("fresh", "10.0.0.2");
	assert_int_equal(failure_limits_wait_s(*state, &next, 2000), 59);
	assert_int_equal(failure_limits_wait_s(*state, &elsewhere, 2000), 0);
	assert_int_equal(failure_limits_wait_s(*state, &next, 61001), 0);
}

static void addresses_of_one_ipv6_network_are_one(void **state)
{
	char name[16];
	char address[64];
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof name, "n%d", i);
		snprintf(address, sizeof address, "2001:db8::%x", i + 1);
		struct attempt a = attempt(name, address);
		(void)failure_limits_failed(*state, &a, 1000);
	}
	struct attempt same = attempt("fresh", "2001:db8::ffff");
	struct attempt other = attempt("fresh", "2001:db8:0:1::1");
	assert_true(failure_limits_wait_s(*state, &same, 1000) > 0);
	assert_int_equal(failure_limits_wait_s(*state, &other, 1000), 0);
}

static void a_flood_of_names_neither_grows_nor_breaks_the_table(void **state)
{
	char name[32];
	char address[32];
	for (int i = 0; i < 300000; i++) {
		snprintf(name, sizeof name, "flood-%d", i);
		snprintf(address, sizeof address, "10.%d.%d.%d", i >> 16 & 255, i >> 8 & 255, i & 255);
		struct attempt a = attempt(name, address);
		(void)failure_limits_failed(*state, &a, 1000 + i / 100);
	}
	struct attempt a = attempt("after", "192.0.2.7");
	for (int i = 0; i < 6; i++)
		(void)failure_limits_failed(*state, &a, 9000);
	assert_int_equal(failure_limits_wait_s(*state, &a, 9000), 1);
}

static void successes_of_others_do_not_push_out_a_closed_account(void **state)
{
	char name[32];
	char address[32];
	struct attempt closed = attempt("closed", "192.0.2.9");
	for (int i = 0; i < 20; i++)
		(void)failure_limits_failed(*state, &closed, 1000);
	assert_int_equal(failure_limits_wait_s(*state, &closed, 1001), 60);
	for (int i = 0; i < 200000; i++) {
		snprintf(name, sizeof name, "good-%d", i);
		snprintf(address, sizeof address, "10.%d.%d.%d", i >> 16 & 255, i >> 8 & 255, i & 255);
		struct attempt a = attempt(name, address);
		failure_limits_succeeded(*state, &a, 1002);
	}
	assert_int_equal(failure_limits_wait_s(*state, &closed, 1003), 60);
}

static void an_address_has_sixty_anonymous_tokens_a_minute(void **state)
{
	const struct slice here = SLICE("10.0.0.1"), there = SLICE("10.0.0.2");
	int64_t now = 1000000;
	for (int i = 0; i < 60; i++)
		assert_int_equal(failure_limits_take_anonymous(*state, here, now + i * 500), 0);
	assert_int_equal(failure_limits_take_anonymous(*state, here, now + 30000), 30);
	assert_int_equal(failure_limits_take_anonymous(*state, here, now + 59999), 1);
	assert_int_equal(failure_limits_take_anonymous(*state, there, now + 30000), 0);
	assert_int_equal(failure_limits_take_anonymous(*state, here, now + 60000), 0);
}

static void anonymous_tokens_and_failures_are_counted_apart(void **state)
{
	struct attempt a = attempt("x", "10.0.0.1");
	int64_t now = 1000000;
	for (int i = 0; i < 60; i++)
		assert_int_equal(failure_limits_take_anonymous(*state, a.address, now), 0);
	assert_int_equal(failure_limits_wait_s(*state, &a, now), 0);
	for (int i = 0; i < 100; i++) {
		char name[32];
		snprintf(name, sizeof name, "n%d", i);
		struct attempt b = attempt(name, "10.0.0.3");
		assert_int_equal(failure_limits_failed(*state, &b, now), 0);
	}
	assert_int_equal(failure_limits_take_anonymous(*state, SLICE_OF("10.0.0.3"), now), 0);
}

static void one_ipv6_network_has_one_count_of_anonymous_tokens(void **state)
{
	for (int i = 0; i < 60; i++)
		assert_int_equal(failure_limits_take_anonymous(*state, SLICE_OF("2001:db8:1:2::1"), 1000), 0);
	assert_true(failure_limits_take_anonymous(*state, SLICE_OF("2001:db8:1:2:ffff::9"), 1000) > 0);
	assert_int_equal(failure_limits_take_anonymous(*state, SLICE_OF("2001:db8:1:3::1"), 1000), 0);
}

static void with_a_limit_of_none_there_are_no_anonymous_tokens(void **state)
{
	const struct failure_limits_options none = { .account_failures = 5, .account_delay_max_s = 60, .address_per_minute = 100 };
	failure_limits_configure(*state, &none);
	assert_int_equal(failure_limits_take_anonymous(*state, SLICE_OF("10.0.0.1"), 1000), 60);
}

int main(void)
{
	if (sodium_init() < 0)
		return 1;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(five_failures_are_free_and_the_delay_then_doubles_up_to_a_minute, open_limits, close_limits),
		cmocka_unit_test_setup_teardown(a_success_forgets_the_failures, open_limits, close_limits),
		cmocka_unit_test_setup_teardown(guesses_from_many_addresses_close_the_account, open_limits, close_limits),
		cmocka_unit_test_setup_teardown(strangers_do_not_lock_the_owner_out, open_limits, close_limits),
		cmocka_unit_test_setup_teardown(a_hundred_failures_a_minute_close_an_address, open_limits, close_limits),
		cmocka_unit_test_setup_teardown(addresses_of_one_ipv6_network_are_one, open_limits, close_limits),
		cmocka_unit_test_setup_teardown(a_flood_of_names_neither_grows_nor_breaks_the_table, open_limits, close_limits),
		cmocka_unit_test_setup_teardown(successes_of_others_do_not_push_out_a_closed_account, open_limits, close_limits),
		cmocka_unit_test_setup_teardown(an_address_has_sixty_anonymous_tokens_a_minute, open_limits, close_limits),
		cmocka_unit_test_setup_teardown(anonymous_tokens_and_failures_are_counted_apart, open_limits, close_limits),
		cmocka_unit_test_setup_teardown(one_ipv6_network_has_one_count_of_anonymous_tokens, open_limits, close_limits),
		cmocka_unit_test_setup_teardown(with_a_limit_of_none_there_are_no_anonymous_tokens, open_limits, close_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
