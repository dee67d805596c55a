#include "http/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <arpa/inet.h>
#include <cmocka.h>

static int open_arena(void **state)
{
	struct arena *arena = arena_new(4096, 1024 * 1024);
	*state = arena;
	return arena == NULL ? -1 : 0;
}

static int close_arena(void **state)
{
	arena_free(*state);
	return 0;
}

static struct address_list *list_of(const char *text)
{
	struct address_list *list = NULL;
	struct problem problem;
	assert_int_equal(address_list_parse(slice_from(text), &list, &problem), RESULT_OK);
	return list;
}

static bool has(const char *list_text, const char *address)
{
	struct address_list *list = list_of(list_text);
	bool found = address_list_has(list, slice_from(address));
	address_list_free(list);
	return found;
}

static void blocks_match_what_they_hold(void **state)
{
	(void)state;
	assert_true(has("127.0.0.1", "127.0.0.1"));
	assert_false(has("127.0.0.1", "127.0.0.2"));
	assert_true(has("10.0.0.0/8", "10.255.255.255"));
	assert_false(has("10.0.0.0/8", "11.0.0.0"));
	assert_true(has("10.1.2.3/8", "10.9.9.9"));
	assert_true(has("192.168.4.0/22", "192.168.7.255"));
	assert_false(has("192.168.4.0/22", "192.168.8.0"));
	assert_true(has("0.0.0.0/0", "8.8.8.8"));
	assert_true(has("fd00::/8", "fdff::1"));
	assert_false(has("fd00::/8", "fe80::1"));
	assert_true(has("2001:db8::/33", "2001:db8:7fff::1"));
	assert_false(has("2001:db8::/33", "2001:db8:8000::1"));
	assert_true(has("127.0.0.1, ::1  10.0.0.0/8", "::1"));
	assert_false(has("", "127.0.0.1"));
	assert_false(has("127.0.0.1", "localhost"));
	assert_false(address_list_has(NULL, SLICE_OF("127.0.0.1")));
}

static void mapped_addresses_are_ipv4_addresses(void **state)
{
	(void)state;
	assert_true(has("10.0.0.0/8", "::ffff:10.1.2.3"));
	assert_true(has("::ffff:10.0.0.0/104", "10.1.2.3"));
	assert_false(has("::/0", "10.1.2.3"));
	assert_true(has("::/0", "2001:db8::1"));
}

static void bad_entries_are_named(void **state)
{
	(void)state;
	static const char *const bad[] = { "10.0.0.0/33", "::1/129", "10.0.0", "localhost", "10.0.0.0/", "10.0.0.0/8/8", "10.0.0.0/-1",
		                           "10.0.0.0/+8", "fe80::1%eth0", "1.2.3.4:80", "[::1]", "010.0.0.1" };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		char text[64];
		snprintf(text, sizeof text, "127.0.0.1 %s", bad[i]);
		struct address_list *list = NULL;
		struct problem problem = { "" };
		assert_int_equal(address_list_parse(slice_from(text), &list, &problem), RESULT_INVALID);
		assert_null(list);
		assert_non_null(strstr(problem.text, bad[i]));
	}
}

static struct slice client(struct arena *arena, const char *peer, const char *forwarded, const char *trusted)
{
	struct sockaddr_storage storage = { 0 };
	struct sockaddr_in *v4 = (struct sockaddr_in *)&storage;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&storage;
	if (inet_pton(AF_INET, peer, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
	} else {
		assert_int_equal(inet_pton(AF_INET6, peer, &v6->sin6_addr), 1);
		v6->sin6_family = AF_INET6;
	}
	struct address_list *list = trusted == NULL ? NULL : list_of(trusted);
	struct slice found = address_of_client(arena, (struct sockaddr *)&storage, slice_from(forwarded), list);
	address_list_free(list);
	return found;
}

static void the_peer_counts_unless_it_is_a_trusted_proxy(void **state)
{
	assert_true(slice_is(client(*state, "192.0.2.1", "203.0.113.9", NULL), "192.0.2.1"));
	assert_true(slice_is(client(*state, "192.0.2.1", "203.0.113.9", "10.0.0.0/8"), "192.0.2.1"));
	assert_true(slice_is(client(*state, "10.0.0.1", "203.0.113.9", "10.0.0.0/8"), "203.0.113.9"));
	assert_true(slice_is(client(*state, "10.0.0.1", NULL, "10.0.0.0/8"), "10.0.0.1"));
}

static void the_last_entry_that_is_not_trusted_counts(void **state)
{
	assert_true(slice_is(client(*state, "10.0.0.1", "1.1.1.1, 203.0.113.9, 10.0.0.2", "10.0.0.0/8"), "203.0.113.9"));
	assert_true(slice_is(client(*state, "10.0.0.1", "10.0.0.3,10.0.0.2", "10.0.0.0/8"), "10.0.0.3"));
	assert_true(slice_is(client(*state, "10.0.0.1", "1.1.1.1,203.0.113.9", "10.0.0.0/8"), "203.0.113.9"));
}

static void an_entry_that_is_no_address_ends_the_search(void **state)
{
	assert_true(slice_is(client(*state, "10.0.0.1", "1.1.1.1, unknown, 10.0.0.2", "10.0.0.0/8"), "10.0.0.2"));
	assert_true(slice_is(client(*state, "10.0.0.1", "evil\r\n", "10.0.0.0/8"), "10.0.0.1"));
	assert_true(slice_is(client(*state, "10.0.0.1", ",", "10.0.0.0/8"), "10.0.0.1"));
	assert_true(slice_is(client(*state, "10.0.0.1", "1.1.1.1:80", "10.0.0.0/8"), "10.0.0.1"));
}

static void text_is_canonical(void **state)
{
	assert_true(slice_is(client(*state, "::ffff:192.0.2.1", NULL, NULL), "192.0.2.1"));
	assert_true(slice_is(client(*state, "10.0.0.1", "2001:DB8:0:0::0001", "10.0.0.1"), "2001:db8::1"));
	assert_true(slice_is(client(*state, "::1", "::ffff:203.0.113.9", "::1"), "203.0.113.9"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_match_what_they_hold),
		cmocka_unit_test(mapped_addresses_are_ipv4_addresses),
		cmocka_unit_test(bad_entries_are_named),
		cmocka_unit_test(the_peer_counts_unless_it_is_a_trusted_proxy),
		cmocka_unit_test(the_last_entry_that_is_not_trusted_counts),
		cmocka_unit_test(an_entry_that_is_no_address_ends_the_search),
		cmocka_unit_test(text_is_canonical),
	};
	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
