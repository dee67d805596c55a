#include "signin/password.h"

#include "base/limits.h"
#include "base/secret.h"
#include "base/text.h"

#include <sodium.h>

/* contract §4 */
#define DEFAULT_MEMORY_KIB (19 * 1024)
#define DEFAULT_TIME 2

/* RFC 9106 §3.1, and what the verifier accepts */
#define MEMORY_KIB_MIN 8
#define SALT_MIN 8
#define HASH_MIN 16
#define PART_MAX 64

enum result password_hash(struct slice password, struct arena *arena, struct slice *ret)
{
	if (password.len == 0)
		return RESULT_INVALID;
	if (password.len > LIMIT_PASSWORD)
		return RESULT_TOO_LARGE;
	char *text = arena_alloc(arena, crypto_pwhash_STRBYTES);
	if (text == NULL)
		return RESULT_NO_MEMORY;
	if (crypto_pwhash_str(text, password.ptr, password.len, DEFAULT_TIME, (size_t)DEFAULT_MEMORY_KIB * 1024) != 0)
		return RESULT_NO_MEMORY;
	*ret = slice_from(text);
	return RESULT_OK;
}

/* Takes prefix off the front of rest. */
static bool prefix_take(struct slice *rest, const char *prefix)
{
	if (!slice_starts_with(*rest, slice_from(prefix)))
		return false;
	*rest = slice_skip(*rest, strlen(prefix));
	return true;
}

/* name=NUMBER up to the separator. */
static bool number_take(struct slice *rest, const char *name, char separator, int64_t *ret)
{
	struct slice digits;
	if (!prefix_take(rest, name) || !slice_cut(rest, separator, &digits))
		return false;
	return !(digits.len > 1 && digits.ptr[0] == '0') && text_to_int(digits, UINT32_MAX, ret) == RESULT_OK;
}

/* Standard base64 without padding, as PHC strings have it. */
static bool part_is_good(struct slice part, size_t least)
{
	unsigned char bytes[PART_MAX];
	const char *end = NULL;
	size_t len = 0;
	int broken = sodium_base642bin(bytes, sizeof bytes, part.ptr, part.len, NULL, &len, &end,
	                               sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
	wipe(bytes, sizeof bytes);
	return broken == 0 && end == part.ptr + part.len && len >= least;
}

enum result password_hash_check(struct slice hash, struct problem *problem)
{
	if (hash.len > LIMIT_PASSWORD_HASH)
		return problem_set(problem, RESULT_INVALID, "a password_hash has at most %d characters", LIMIT_PASSWORD_HASH);
	struct slice rest = hash;
	if (!prefix_take(&rest, "$argon2id$"))
		return problem_set(problem, RESULT_INVALID, "a password_hash must be Argon2id: it begins with $argon2id$v=19$");
	if (!prefix_take(&rest, "v=19$"))
		return problem_set(problem, RESULT_INVALID, "a password_hash must be of Argon2 version 1.3: $argon2id$v=19$");
	int64_t memory, time, lanes;
	if (!number_take(&rest, "m=", ',', &memory) || !number_take(&rest, "t=", ',', &time) || !number_take(&rest, "p=", '$', &lanes))
		return problem_set(problem, RESULT_INVALID, "a password_hash goes on with m=MEMORY,t=TIME,p=1 and then $salt$hash");
	if (memory < MEMORY_KIB_MIN || memory > LIMIT_ARGON2_MEMORY_KIB)
		return problem_set(problem, RESULT_INVALID, "the password_hash asks for m=%lld KiB of memory: %d to %d are accepted",
		                   (long long)memory, MEMORY_KIB_MIN, LIMIT_ARGON2_MEMORY_KIB);
	if (time < 1 || time > LIMIT_ARGON2_TIME)
		return problem_set(problem, RESULT_INVALID, "the password_hash asks for t=%lld passes: 1 to %d are accepted",
		                   (long long)time, LIMIT_ARGON2_TIME);
	if (lanes != 1)
		return problem_set(problem, RESULT_INVALID, "the password_hash asks for p=%lld lanes: only 1 is accepted", (long long)lanes);
	struct slice salt, digest;
	if (!slice_cut(&rest, '$', &salt) || !slice_cut(&rest, '$', &digest) || rest.ptr != NULL ||
	    !part_is_good(salt, SALT_MIN) || !part_is_good(digest, HASH_MIN))
		return problem_set(problem, RESULT_INVALID, "the password_hash does not end with $salt$hash: base64 without padding, %d to %d "
		                                            "bytes of salt and %d to %d of hash",
		                   SALT_MIN, PART_MAX, HASH_MIN, PART_MAX);
	return RESULT_OK;
}

/* The work of a wrong password, for an account that has none: neither the time nor the answer tells them apart. */
static enum result dummy_verify(struct slice password)
{
	static const unsigned char salt[crypto_pwhash_SALTBYTES] = "nobody's salt";
	unsigned char hash[32];
	int failed = crypto_pwhash(hash, sizeof hash, password.ptr, password.len, salt, DEFAULT_TIME,
	                           (size_t)DEFAULT_MEMORY_KIB * 1024, crypto_pwhash_ALG_ARGON2ID13);
	wipe(hash, sizeof hash);
	(void)failed; /* without memory the password is as wrong */
	return RESULT_NOT_FOUND;
}

enum result password_verify(struct slice password, struct slice hash)
{
	if (password.len == 0 || password.len > LIMIT_PASSWORD)
		return RESULT_NOT_FOUND;
	if (hash.len == 0)
		return dummy_verify(password);
	if (password_hash_check(hash, NULL) != RESULT_OK)
		return RESULT_NOT_FOUND; /* whatever it would cost, it is not worked out */
	char text[LIMIT_PASSWORD_HASH + 1];
	text_copy(text, sizeof text, hash);
	return crypto_pwhash_str_verify(text, password.ptr, password.len) == 0 ? RESULT_OK : RESULT_NOT_FOUND;
}
