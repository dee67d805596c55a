#include "signin/attempt.h"

#include "base/limits.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include <sodium.h>

#define NOW INT64_C(1800000000)
#define BROWSER "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE"

static struct arena *arena;
static struct secret32 key;
static const struct realm users = { .partition = { "P_1", 3 }, .kind = PERSON_USER };
static const struct attempt_state whole = {
	.begun_s = NOW,
	.request = SLICE("client_id=a&redirect_uri=https%3A%2F%2Fa.example%2Fcb&state=%00"),
	.sid = SLICE("0190b6f1-0000-7000-8000-000000000000"),
	.signed_in = true,
};

static int set_up(void **state)
{
	(void)state;
	arena = arena_new(64 * 1024, 64 * 1024 * 1024);
	if (arena == NULL || sodium_init() < 0)
		return -1;
	const struct secret32 master = secret32_random();
	key = attempt_key(&master);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct slice sealed(const struct attempt_state *attempt)
{
	struct slice text;
	assert_int_equal(attempt_seal(&key, &users, SLICE_OF(BROWSER), attempt, arena, &text), RESULT_OK);
	assert_true(text.len <= LIMIT_ATTEMPT_SIZE);
	return text;
}

static enum result open_at(struct slice text, int64_t now_s, struct attempt_state *ret)
{
	return attempt_open(&key, &users, SLICE_OF(BROWSER), text, now_s, arena, ret);
}

static void assert_same(const struct attempt_state *a, const struct attempt_state *b)
{
	assert_int_equal(a->begun_s, b->begun_s);
	assert_true(slice_equal(a->request, b->request));
	assert_true(slice_equal(a->sid, b->sid));
	assert_int_equal(a->signed_in, b->signed_in);
}

static void assert_closed(struct slice text)
{
	struct attempt_state attempt = { .begun_s = 4711 };
	assert_int_equal(open_at(text, NOW, &attempt), RESULT_INVALID);
	assert_int_equal(attempt.begun_s, 4711);
}

static void a_sealed_attempt_opens_as_it_was(void **state)
{
	(void)state;
	static const struct attempt_state some[] = {
		{ .begun_s = NOW },
		{ .begun_s = NOW, .signed_in = true },
		{ .begun_s = NOW, .sid = SLICE("s") },
		{ .begun_s = NOW, .request = SLICE("r") },
	};
	struct attempt_state opened;
	assert_int_equal(open_at(sealed(&whole), NOW, &opened), RESULT_OK);
	assert_same(&whole, &opened);
	for (size_t i = 0; i < sizeof some / sizeof some[0]; i++) {
		assert_int_equal(open_at(sealed(&some[i]), NOW, &opened), RESULT_OK);
		assert_same(&some[i], &opened);
	}
}

static void the_text_is_base64url_and_tells_nothing_of_the_request(void **state)
{
	(void)state;
	struct slice text = sealed(&whole);
	unsigned char bytes[1024];
	size_t len;
	assert_int_equal(text_base64url_decode(text, bytes, sizeof bytes, &len), RESULT_OK);
	assert_null(memmem(bytes, len, "client_id", 9));
	assert_null(memmem(bytes, len, "0190b6f1", 8));
	assert_false(slice_equal(text, sealed(&whole)));
}

static void an_attempt_of_another_browser_does_not_open(void **state)
{
	(void)state;
	struct slice text = sealed(&whole);
	struct attempt_state opened;
	assert_int_equal(attempt_open(&key, &users, SLICE_OF("BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA"), text, NOW, arena, &opened),
	                 RESULT_CONFLICT);
	assert_int_equal(attempt_open(&key, &users, SLICE_OF(""), text, NOW, arena, &opened), RESULT_CONFLICT);
	assert_int_equal(attempt_open(&key, &users, (struct slice) { NULL, 0 }, text, NOW, arena, &opened), RESULT_CONFLICT);
}

static void an_attempt_sealed_without_a_browser_opens_for_none(void **state)
{
	(void)state;
	struct slice text;
	struct attempt_state opened;
	assert_int_equal(attempt_seal(&key, &users, (struct slice) { NULL, 0 }, &whole, arena, &text), RESULT_OK);
	assert_int_equal(attempt_open(&key, &users, (struct slice) { NULL, 0 }, text, NOW, arena, &opened), RESULT_CONFLICT);
}

static void an_attempt_of_another_realm_does_not_open(void **state)
{
	(void)state;
	static const struct realm others[] = {
		{ .partition = { "P_1", 3 }, .kind = PERSON_CUSTOMER },
		{ .partition = { "P_2", 3 }, .kind = PERSON_USER },
		{ .partition = { "P_", 2 }, .kind = PERSON_USER },
		{ .partition = { "P_11", 4 }, .kind = PERSON_USER },
		{ .partition = { "p_1", 3 }, .kind = PERSON_USER },
	};
	struct slice text = sealed(&whole);
	struct attempt_state opened;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		assert_int_equal(attempt_open(&key, &others[i], SLICE_OF(BROWSER), text, NOW, arena, &opened), RESULT_INVALID);
}

static void an_attempt_under_another_key_does_not_open(void **state)
{
	(void)state;
	const struct secret32 master = secret32_random();
	const struct secret32 other = attempt_key(&master);
	struct slice text = sealed(&whole);
	struct attempt_state opened;
	assert_int_equal(attempt_open(&other, &users, SLICE_OF(BROWSER), text, NOW, arena, &opened), RESULT_INVALID);
	/* the master key wraps signing keys: nothing sealed under it itself is an attempt */
	assert_false(secret32_equal(&master, &other));
	const struct secret32 again = attempt_key(&master);
	assert_true(secret32_equal(&other, &again));
}

static void a_changed_bit_anywhere_does_not_open(void **state)
{
	(void)state;
	struct slice text = sealed(&whole);
	unsigned char bytes[1024];
	char changed[2048];
	size_t len;
	assert_int_equal(text_base64url_decode(text, bytes, sizeof bytes, &len), RESULT_OK);
	for (size_t i = 0; i < len * 8; i++) {
		bytes[i / 8] ^= (unsigned char)(1 << i % 8);
		sodium_bin2base64(changed, sizeof changed, bytes, len, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
		assert_closed(slice_from(changed));
		bytes[i / 8] ^= (unsigned char)(1 << i % 8);
	}
}

static void a_cut_or_lengthened_text_does_not_open(void **state)
{
	(void)state;
	struct slice text = sealed(&whole);
	for (size_t len = 0; len < text.len; len++)
		assert_closed(slice_first(text, len));
	assert_closed(arena_print(arena, "%.*sAAAA", SLICE_ARGS(text)));
	assert_closed(arena_print(arena, " %.*s", SLICE_ARGS(text)));
	assert_closed(arena_print(arena, "%.*s=", SLICE_ARGS(text)));
}

static void only_the_letters_of_base64url_stand_in_a_text(void **state)
{
	(void)state;
	char text[1024];
	const size_t len = sealed(&whole).len;
	assert_true(len < sizeof text);
	memcpy(text, sealed(&whole).ptr, len);
	for (size_t at = 0; at < len; at++) {
		const char right = text[at];
		for (int byte = 0; byte < 256; byte++) {
			text[at] = (char)byte;
			if (text[at] != right)
				assert_closed((struct slice) { text, len });
		}
		text[at] = right;
		arena_reset(arena);
	}
}

static void text_over_the_limit_is_not_even_decoded(void **state)
{
	(void)state;
	char *much = malloc(LIMIT_ATTEMPT_SIZE + 1);
	assert_non_null(much);
	memset(much, 'A', LIMIT_ATTEMPT_SIZE + 1);
	size_t before = arena_used(arena);
	assert_closed((struct slice) { much, LIMIT_ATTEMPT_SIZE + 1 });
	assert_int_equal(arena_used(arena), before);
	free(much);
}

static void an_attempt_expires(void **state)
{
	(void)state;
	struct slice text = sealed(&whole);
	struct attempt_state opened;
	assert_int_equal(open_at(text, NOW + LIMIT_ATTEMPT_S, &opened), RESULT_OK);
	opened = (struct attempt_state) { .begun_s = 0 };
	assert_int_equal(open_at(text, NOW + LIMIT_ATTEMPT_S + 1, &opened), RESULT_EXPIRED);
	assert_same(&whole, &opened);
}

static void an_attempt_from_the_future_is_refused_beyond_the_skew_of_clocks(void **state)
{
	(void)state;
	struct slice text = sealed(&whole);
	struct attempt_state opened;
	assert_int_equal(open_at(text, NOW - LIMIT_CLOCK_AHEAD_S, &opened), RESULT_OK);
	assert_int_equal(open_at(text, NOW - LIMIT_CLOCK_AHEAD_S - 1, &opened), RESULT_INVALID);
}

static void the_largest_request_fits_and_one_byte_more_is_refused(void **state)
{
	(void)state;
	static char request[LIMIT_AUTHORIZATION_SIZE + 1];
	static char sid[LIMIT_ID + 1];
	memset(request, 'r', sizeof request);
	memset(sid, 's', sizeof sid);
	struct attempt_state attempt = { .begun_s = NOW, .request = { request, LIMIT_AUTHORIZATION_SIZE }, .sid = { sid, LIMIT_ID } };
	struct attempt_state opened;
	struct slice text = sealed(&attempt);
	assert_int_equal(open_at(text, NOW, &opened), RESULT_OK);
	assert_same(&attempt, &opened);
	attempt.request.len++;
	assert_int_equal(attempt_seal(&key, &users, SLICE_OF(BROWSER), &attempt, arena, &text), RESULT_TOO_LARGE);
	attempt.request.len--;
	attempt.sid.len++;
	assert_int_equal(attempt_seal(&key, &users, SLICE_OF(BROWSER), &attempt, arena, &text), RESULT_TOO_LARGE);
}

static void without_memory_nothing_is_sealed_or_opened(void **state)
{
	(void)state;
	struct arena *small = arena_new(64, 64);
	struct slice text = SLICE("untouched");
	struct attempt_state opened;
	assert_int_equal(attempt_seal(&key, &users, SLICE_OF(BROWSER), &whole, small, &text), RESULT_NO_MEMORY);
	assert_true(slice_is(text, "untouched"));
	assert_int_equal(attempt_open(&key, &users, SLICE_OF(BROWSER), sealed(&whole), NOW, small, &opened), RESULT_NO_MEMORY);
	arena_free(small);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sealed_attempt_opens_as_it_was),
		cmocka_unit_test(the_text_is_base64url_and_tells_nothing_of_the_request),
		cmocka_unit_test(an_attempt_of_another_browser_does_not_open),
		cmocka_unit_test(an_attempt_sealed_without_a_browser_opens_for_none),
		cmocka_unit_test(an_attempt_of_another_realm_does_not_open),
		cmocka_unit_test(an_attempt_under_another_key_does_not_open),
		cmocka_unit_test(a_changed_bit_anywhere_does_not_open),
		cmocka_unit_test(a_cut_or_lengthened_text_does_not_open),
		cmocka_unit_test(only_the_letters_of_base64url_stand_in_a_text),
		cmocka_unit_test(text_over_the_limit_is_not_even_decoded),
		cmocka_unit_test(an_attempt_expires),
		cmocka_unit_test(an_attempt_from_the_future_is_refused_beyond_the_skew_of_clocks),
		cmocka_unit_test(the_largest_request_fits_and_one_byte_more_is_refused),
		cmocka_unit_test(without_memory_nothing_is_sealed_or_opened),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
