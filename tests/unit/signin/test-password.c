#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/limits.h"
#include "signin/password.h"

#include <sodium.h>
#include <stdlib.h>

#define SALT "c29tZXNhbHRzb21lc2FsdA"
#define DIGEST "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

static struct arena *arena;

static int begin(void **state)
{
	(void)state;
	arena = arena_new(16 * 1024, 1024 * 1024);
	return arena == NULL || sodium_init() < 0;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void a_password_verifies_against_its_hash_and_no_other_does(void **state)
{
	(void)state;
	struct slice hash;
	assert_int_equal(password_hash(SLICE_OF("correct horse"), arena, &hash), RESULT_OK);
	assert_true(slice_starts_with(hash, SLICE_OF("$argon2id$v=19$m=19456,t=2,p=1$")));
	assert_int_equal(password_hash_check(hash, NULL), RESULT_OK);
	assert_int_equal(password_verify(SLICE_OF("correct horse"), hash), RESULT_OK);
	assert_int_equal(password_verify(SLICE_OF("correct hors"), hash), RESULT_NOT_FOUND);
	assert_int_equal(password_verify(SLICE_OF("correct horse "), hash), RESULT_NOT_FOUND);
	assert_int_equal(password_verify(SLICE_OF(""), hash), RESULT_NOT_FOUND);
}

static void one_password_hashed_twice_gives_two_hashes(void **state)
{
	(void)state;
	struct slice first, second;
	assert_int_equal(password_hash(SLICE_OF("same"), arena, &first), RESULT_OK);
	assert_int_equal(password_hash(SLICE_OF("same"), arena, &second), RESULT_OK);
	assert_false(slice_equal(first, second));
}

static void empty_and_over_long_passwords_are_refused(void **state)
{
	(void)state;
	char text[LIMIT_PASSWORD + 1];
	memset(text, 'x', sizeof text);
	struct slice hash;
	assert_int_equal(password_hash(SLICE_OF(""), arena, &hash), RESULT_INVALID);
	assert_int_equal(password_hash((struct slice) { text, LIMIT_PASSWORD + 1 }, arena, &hash), RESULT_TOO_LARGE);
	assert_int_equal(password_hash((struct slice) { text, LIMIT_PASSWORD }, arena, &hash), RESULT_OK);
	assert_int_equal(password_verify((struct slice) { text, LIMIT_PASSWORD }, hash), RESULT_OK);
	assert_int_equal(password_verify((struct slice) { text, LIMIT_PASSWORD + 1 }, hash), RESULT_NOT_FOUND);
}

static void a_password_may_hold_any_bytes(void **state)
{
	(void)state;
	struct slice hash;
	struct slice password = { "a\0b\xff", 4 };
	assert_int_equal(password_hash(password, arena, &hash), RESULT_OK);
	assert_int_equal(password_verify(password, hash), RESULT_OK);
	assert_int_equal(password_verify(SLICE_OF("a"), hash), RESULT_NOT_FOUND);
}

/* A test vector of the reference implementation (phc-winner-argon2, test.c): version 19, t = 2, m = 2^16, p = 1. */
static void a_hash_of_the_reference_implementation_is_accepted(void **state)
{
	(void)state;
	struct slice hash = SLICE_OF("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc");
	assert_int_equal(password_hash_check(hash, NULL), RESULT_OK);
	assert_int_equal(password_verify(SLICE_OF("password"), hash), RESULT_OK);
	assert_int_equal(password_verify(SLICE_OF("passwort"), hash), RESULT_NOT_FOUND);
}

static void imported_hashes_beyond_their_bounds_are_refused_with_the_bound(void **state)
{
	(void)state;
	static const struct {
		const char *hash;
		const char *word; /* of the sentence; NULL: accepted */
	} rows[] = {
		{ "$argon2id$v=19$m=65536,t=5,p=1$" SALT "$" DIGEST, NULL },
		{ "$argon2id$v=19$m=8,t=1,p=1$" SALT "$" DIGEST, NULL },
		{ "$argon2id$v=19$m=65537,t=2,p=1$" SALT "$" DIGEST, "65536" },
		{ "$argon2id$v=19$m=4294967295,t=2,p=1$" SALT "$" DIGEST, "65536" },
		{ "$argon2id$v=19$m=99999999999999999999,t=2,p=1$" SALT "$" DIGEST, "m=MEMORY" },
		{ "$argon2id$v=19$m=7,t=2,p=1$" SALT "$" DIGEST, "8 to" },
		{ "$argon2id$v=19$m=0,t=2,p=1$" SALT "$" DIGEST, "8 to" },
		{ "$argon2id$v=19$m=19456,t=6,p=1$" SALT "$" DIGEST, "1 to 5" },
		{ "$argon2id$v=19$m=19456,t=0,p=1$" SALT "$" DIGEST, "1 to 5" },
		{ "$argon2id$v=19$m=19456,t=2,p=2$" SALT "$" DIGEST, "p=2" },
		{ "$argon2id$v=19$m=19456,t=2,p=0$" SALT "$" DIGEST, "p=0" },
		{ "$argon2id$v=19$m=-1,t=2,p=1$" SALT "$" DIGEST, "m=MEMORY" },
		{ "$argon2id$v=19$m=+19456,t=2,p=1$" SALT "$" DIGEST, "m=MEMORY" },
		{ "$argon2id$v=19$m=019456,t=2,p=1$" SALT "$" DIGEST, "m=MEMORY" },
		{ "$argon2id$v=19$t=2,m=19456,p=1$" SALT "$" DIGEST, "m=MEMORY" },
		{ "$argon2id$v=19$m=19456,t=2$" SALT "$" DIGEST, "m=MEMORY" },
		{ "$argon2id$v=16$m=19456,t=2,p=1$" SALT "$" DIGEST, "version" },
		{ "$argon2id$m=19456,t=2,p=1$" SALT "$" DIGEST, "version" },
		{ "$argon2i$v=19$m=19456,t=2,p=1$" SALT "$" DIGEST, "Argon2id" },
		{ "$argon2d$v=19$m=19456,t=2,p=1$" SALT "$" DIGEST, "Argon2id" },
		{ "$2b$12$abcdefghijklmnopqrstuv", "Argon2id" },
		{ "plain", "Argon2id" },
		{ "", "Argon2id" },
		{ "$argon2id$v=19$m=19456,t=2,p=1$" SALT, "salt" },
		{ "$argon2id$v=19$m=19456,t=2,p=1$" SALT "$", "salt" },
		{ "$argon2id$v=19$m=19456,t=2,p=1$$" DIGEST, "salt" },
		{ "$argon2id$v=19$m=19456,t=2,p=1$c2hvcnQ$" DIGEST, "salt" },
		{ "$argon2id$v=19$m=19456,t=2,p=1$" SALT "$c2hvcnQ", "salt" },
		{ "$argon2id$v=19$m=19456,t=2,p=1$" SALT "$" DIGEST "$more", "salt" },
		{ "$argon2id$v=19$m=19456,t=2,p=1$" SALT "$" DIGEST "=", "salt" },
		{ "$argon2id$v=19$m=19456,t=2,p=1$" SALT "$" DIGEST "\n", "salt" },
		{ "$argon2id$v=19$m=19456,t=2,p=1$some_salt-some$" DIGEST, "salt" },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct problem problem = { "" };
		enum result result = password_hash_check(slice_from(rows[i].hash), &problem);
		assert_int_equal(result, rows[i].word == NULL ? RESULT_OK : RESULT_INVALID);
		if (rows[i].word == NULL)
			continue;
		assert_non_null(strstr(problem.text, rows[i].word));
		if (rows[i].hash[0] != '\0') /* an empty hash is somebody without a password */
			assert_int_equal(password_verify(SLICE_OF("password"), slice_from(rows[i].hash)), RESULT_NOT_FOUND);
	}
}

static void an_over_long_hash_is_refused(void **state)
{
	(void)state;
	char text[LIMIT_PASSWORD_HASH + 2];
	memset(text, 'A', sizeof text);
	struct slice hash = { text, sizeof text };
	struct problem problem;
	memcpy(text, "$argon2id$v=19$m=19456,t=2,p=1$", 31);
	assert_int_equal(password_hash_check(hash, &problem), RESULT_INVALID);
	assert_int_equal(password_verify(SLICE_OF("password"), hash), RESULT_NOT_FOUND);
}

static int by_size(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;
	return (*left > *right) - (*left < *right);
}

static int64_t median_us(struct slice hash)
{
	int64_t times[9];
	for (size_t i = 0; i < 9; i++) {
		int64_t start = clock_monotonic_us();
		assert_int_equal(password_verify(SLICE_OF("a wrong password"), hash), RESULT_NOT_FOUND);
		times[i] = clock_monotonic_us() - start;
	}
	qsort(times, 9, sizeof times[0], by_size);
	return times[4];
}

static void nobody_costs_as_much_as_a_wrong_password(void **state)
{
	(void)state;
	struct slice hash;
	assert_int_equal(password_hash(SLICE_OF("right"), arena, &hash), RESULT_OK);
	int64_t wrong = median_us(hash), nobody = median_us(SLICE_OF(""));
	/* wide bounds: other programs share the machine; without the dummy the ratio is beyond a thousand */
	assert_true(nobody > wrong / 3 && nobody < wrong * 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_password_verifies_against_its_hash_and_no_other_does),
		cmocka_unit_test(one_password_hashed_twice_gives_two_hashes),
		cmocka_unit_test(empty_and_over_long_passwords_are_refused),
		cmocka_unit_test(a_password_may_hold_any_bytes),
		cmocka_unit_test(a_hash_of_the_reference_implementation_is_accepted),
		cmocka_unit_test(imported_hashes_beyond_their_bounds_are_refused_with_the_bound),
		cmocka_unit_test(an_over_long_hash_is_refused),
		cmocka_unit_test(nobody_costs_as_much_as_a_wrong_password),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
