/* The key itself: its check value in the store, and what it wraps. The file is master_key_file.c. */
#include "jose/master_key.h"

#include "base/writer.h"

#include <sodium.h>

#define CHECK_FACT "master_key_check"
#define CHECK_ARENA 1024
#define NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_SIZE crypto_aead_xchacha20poly1305_ietf_ABYTES

_Static_assert(sizeof(struct secret32) == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "the master key is the cipher's key");

void master_key_wipe(struct master_key *key)
{
	secret32_wipe(&key->secret);
}

/* A hash of 256 random bits tells nothing about them. */
static struct slice check_value(const struct master_key *key, struct arena *arena)
{
	struct hash32 hash = hash32_of_kind(CHECK_FACT, (struct slice) { (const char *)key->secret.bytes, sizeof key->secret.bytes });
	struct writer text = writer_new(arena, 2 * sizeof hash.bytes);
	writer_base64url(&text, hash.bytes, sizeof hash.bytes);
	return writer_ok(&text) ? writer_slice(&text) : (struct slice) { NULL, 0 };
}

static enum result check_or_set(const struct master_key *key, struct store *store, bool may_set, struct arena *arena)
{
	struct slice mine = check_value(key, arena);
	if (mine.ptr == NULL)
		return RESULT_NO_MEMORY;
	struct slice stored;
	enum result result = store_fact_read(store, CHECK_FACT, arena, &stored);
	if (result == RESULT_NOT_FOUND && !may_set)
		return RESULT_OK;
	if (result == RESULT_NOT_FOUND) {
		result = store_fact_set_once(store, CHECK_FACT, mine);
		if (result != RESULT_CONFLICT)
			return result;
		result = store_fact_read(store, CHECK_FACT, arena, &stored);
	}
	if (result != RESULT_OK)
		return result;
	bool same = stored.len == mine.len && sodium_memcmp(stored.ptr, mine.ptr, mine.len) == 0;
	return same ? RESULT_OK : RESULT_INVALID;
}

enum result master_key_check(const struct master_key *key, struct store *store, bool may_set, struct problem *problem)
{
	struct arena *arena = arena_new(CHECK_ARENA, CHECK_ARENA * 4);
	if (arena == NULL)
		return problem_set(problem, RESULT_NO_MEMORY, "out of memory while checking the master key");
	enum result result = check_or_set(key, store, may_set, arena);
	arena_free(arena);
	if (result == RESULT_INVALID)
		return problem_set(problem, result, "this master key is not the one that the store was made with: give the right file with "
		                                    "--master-key FILE (WRIT_MASTER_KEY_FILE)");
	if (result != RESULT_OK)
		return problem_set(problem, result, "the master key could not be checked against the store: %s", result_text(result));
	return RESULT_OK;
}

enum result master_key_is_set(struct store *store, bool *ret)
{
	struct arena *arena = arena_new(CHECK_ARENA, CHECK_ARENA * 4);
	if (arena == NULL)
		return RESULT_NO_MEMORY;
	struct slice stored;
	enum result result = store_fact_read(store, CHECK_FACT, arena, &stored);
	arena_free(arena);
	if (result != RESULT_OK && result != RESULT_NOT_FOUND)
		return result;
	*ret = result == RESULT_OK;
	return RESULT_OK;
}

enum result master_key_wrap(const struct master_key *key, struct slice label, struct slice plain, struct arena *arena,
                            struct slice *ret)
{
	size_t size;
	if (__builtin_add_overflow(plain.len, NONCE_SIZE + TAG_SIZE, &size))
		return RESULT_TOO_LARGE;
	unsigned char *wrapped = arena_alloc(arena, size);
	if (wrapped == NULL)
		return RESULT_NO_MEMORY;
	randombytes_buf(wrapped, NONCE_SIZE);
	crypto_aead_xchacha20poly1305_ietf_encrypt(wrapped + NONCE_SIZE, NULL, (const unsigned char *)plain.ptr, plain.len,
	                                           (const unsigned char *)label.ptr, label.len, NULL, wrapped, key->secret.bytes);
	*ret = (struct slice) { (const char *)wrapped, size };
	return RESULT_OK;
}

enum result master_key_unwrap(const struct master_key *key, struct slice label, struct slice wrapped, struct arena *arena,
                              struct slice *ret)
{
	if (wrapped.len < NONCE_SIZE + TAG_SIZE)
		return RESULT_INVALID;
	size_t size = wrapped.len - NONCE_SIZE - TAG_SIZE;
	unsigned char *plain = arena_alloc(arena, size + 1);
	if (plain == NULL)
		return RESULT_NO_MEMORY;
	const unsigned char *nonce = (const unsigned char *)wrapped.ptr;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, nonce + NONCE_SIZE, size + TAG_SIZE,
	                                               (const unsigned char *)label.ptr, label.len, nonce, key->secret.bytes) != 0)
		return RESULT_INVALID;
	*ret = (struct slice) { (const char *)plain, size };
	return RESULT_OK;
}
