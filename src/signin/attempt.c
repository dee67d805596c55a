#include "signin/attempt.h"

#include "base/limits.h"
#include "base/random.h"
#include "base/text.h"
#include "base/writer.h"

#include <sodium.h>

/* A sealed attempt: VERSION, nonce, then encrypted: hash of the browser's binding value (32 bytes), begun_s (8), signed_in (1),
 * length of sid (2), sid, request. */
#define VERSION 1
#define NONCE_SIZE crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_SIZE crypto_aead_xchacha20poly1305_ietf_ABYTES
#define FRONT_SIZE (1 + NONCE_SIZE)
#define TIME_SIZE 8
#define BROWSER_SIZE sizeof(struct hash32)
#define FIXED_SIZE (BROWSER_SIZE + TIME_SIZE + 1 + 2)
#define SEALED_MAX (LIMIT_ATTEMPT_SIZE / 4 * 3)

_Static_assert(sizeof(struct secret32) == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "the attempt key is the cipher's key");
_Static_assert(sizeof(struct secret32) == crypto_kdf_KEYBYTES, "the master key's secret is the derivation's key");

struct secret32 attempt_key(const struct secret32 *master)
{
	struct secret32 key;
	crypto_kdf_derive_from_key(key.bytes, sizeof key.bytes, 1, "attempts", master->bytes);
	return key;
}

/* What is authenticated beside: the version and the realm. */
struct surroundings {
	unsigned char bytes[1 + LIMIT_PARTITION_ID + 1];
	size_t len;
};

static struct surroundings surroundings_of(const struct realm *realm)
{
	struct surroundings around = { .bytes = { VERSION }, .len = 1 };
	around.bytes[around.len++] = (unsigned char)realm->kind;
	memcpy(around.bytes + around.len, realm->partition.text, realm->partition.len);
	around.len += realm->partition.len;
	return around;
}

static void put_number(unsigned char *bytes, size_t size, uint64_t number)
{
	for (size_t i = 0; i < size; i++)
		bytes[i] = (unsigned char)(number >> 8 * (size - 1 - i));
}

static uint64_t get_number(const unsigned char *bytes, size_t size)
{
	uint64_t number = 0;
	for (size_t i = 0; i < size; i++)
		number = number << 8 | bytes[i];
	return number;
}

static struct hash32 browser_hash(struct slice browser)
{
	return hash32_of_kind("attempt-browser", browser);
}

static void state_write(const struct attempt_state *state, struct slice browser, unsigned char *plain)
{
	const struct hash32 hash = browser_hash(browser);
	memcpy(plain, hash.bytes, BROWSER_SIZE);
	plain += BROWSER_SIZE;
	put_number(plain, TIME_SIZE, (uint64_t)state->begun_s);
	plain[TIME_SIZE] = state->signed_in;
	put_number(plain + TIME_SIZE + 1, 2, state->sid.len);
	if (state->sid.len > 0)
		memcpy(plain + FIXED_SIZE - BROWSER_SIZE, state->sid.ptr, state->sid.len);
	if (state->request.len > 0)
		memcpy(plain + FIXED_SIZE - BROWSER_SIZE + state->sid.len, state->request.ptr, state->request.len);
}

static enum result state_read(const unsigned char *plain, size_t len, struct hash32 *ret_browser, struct attempt_state *ret)
{
	const unsigned char *times = plain + BROWSER_SIZE;
	if (len < FIXED_SIZE || times[TIME_SIZE] > 1)
		return RESULT_INVALID;
	const size_t sid_len = get_number(times + TIME_SIZE + 1, 2);
	if (sid_len > len - FIXED_SIZE)
		return RESULT_INVALID;
	const struct slice rest = { (const char *)plain + FIXED_SIZE, len - FIXED_SIZE };
	memcpy(ret_browser->bytes, plain, BROWSER_SIZE);
	*ret = (struct attempt_state) {
		.begun_s = (int64_t)get_number(times, TIME_SIZE),
		.signed_in = times[TIME_SIZE] == 1,
		.sid = slice_first(rest, sid_len),
		.request = slice_skip(rest, sid_len),
	};
	return RESULT_OK;
}

enum result attempt_seal(const struct secret32 *key, const struct realm *realm, struct slice browser, const struct attempt_state *state,
                         struct arena *arena, struct slice *ret)
{
	if (state->sid.len > LIMIT_ID || state->request.len > LIMIT_AUTHORIZATION_SIZE)
		return RESULT_TOO_LARGE;
	const size_t plain_len = FIXED_SIZE + state->sid.len + state->request.len;
	const size_t sealed_len = FRONT_SIZE + plain_len + TAG_SIZE;
	unsigned char *sealed = arena_alloc(arena, sealed_len);
	if (sealed == NULL)
		return RESULT_NO_MEMORY;
	const struct surroundings around = surroundings_of(realm);
	unsigned char *inside = sealed + FRONT_SIZE;
	sealed[0] = VERSION;
	random_bytes(sealed + 1, NONCE_SIZE);
	state_write(state, browser, inside);
	crypto_aead_xchacha20poly1305_ietf_encrypt(inside, NULL, inside, plain_len, around.bytes, around.len, NULL, sealed + 1, key->bytes);
	struct writer text = writer_new(arena, sealed_len / 3 * 4 + 4);
	writer_base64url(&text, sealed, sealed_len);
	if (!writer_ok(&text))
		return RESULT_NO_MEMORY;
	*ret = writer_slice(&text);
	return RESULT_OK;
}

/* A form that asks for more than any that was sealed here is not even decoded. */
_Static_assert(FRONT_SIZE + FIXED_SIZE + LIMIT_ID + LIMIT_AUTHORIZATION_SIZE + TAG_SIZE <= SEALED_MAX, "every sealed attempt can be opened");

static enum result unseal(const struct secret32 *key, const struct surroundings *around, struct slice sealed, struct arena *arena,
                          struct hash32 *ret_browser, struct attempt_state *ret)
{
	if (sealed.len == 0 || sealed.len > LIMIT_ATTEMPT_SIZE)
		return RESULT_INVALID;
	const size_t size = sealed.len / 4 * 3 + 3;
	size_t len = 0;
	unsigned char *bytes = arena_alloc(arena, size);
	if (bytes == NULL)
		return RESULT_NO_MEMORY;
	if (text_base64url_decode(sealed, bytes, size, &len) != RESULT_OK || len < FRONT_SIZE + TAG_SIZE || bytes[0] != VERSION)
		return RESULT_INVALID;
	unsigned char *inside = bytes + FRONT_SIZE;
	const size_t inside_len = len - FRONT_SIZE;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(inside, NULL, NULL, inside, inside_len, around->bytes, around->len, bytes + 1,
	                                               key->bytes) != 0)
		return RESULT_INVALID;
	return state_read(inside, inside_len - TAG_SIZE, ret_browser, ret);
}

enum result attempt_open(const struct secret32 *key, const struct realm *realm, struct slice browser, struct slice sealed, int64_t now_s,
                         struct arena *arena, struct attempt_state *ret)
{
	const struct surroundings around = surroundings_of(realm);
	const struct hash32 present = browser_hash(browser);
	struct hash32 first;
	struct attempt_state state;
	enum result result = unseal(key, &around, sealed, arena, &first, &state);
	if (result != RESULT_OK)
		return result;
	if (state.begun_s > now_s + LIMIT_CLOCK_AHEAD_S)
		return RESULT_INVALID;
	*ret = state;
	if (browser.ptr == NULL || !hash32_equal(&first, &present))
		return RESULT_CONFLICT;
	return state.begun_s < now_s - LIMIT_ATTEMPT_S ? RESULT_EXPIRED : RESULT_OK;
}
