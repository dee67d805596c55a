/* A token from its first byte to its claims, under one fixed key that is used nowhere else.
 *
 * "HEADER\nPAYLOAD" (the JSON texts) is signed with that key and verified, so that the fuzzer reaches what stands behind
 * the signature; an input without a newline is a token as it stands. */
#include "fuzz.h"

#include "base/limits.h"
#include "jose/base64url.h"
#include "jose/jws.h"
#include "jose/signature.h"

#include <openssl/x509.h>

#define ARENA_MAX (1024 * 1024)

static const unsigned char private_key[] = {
	0x30, 0x81, 0x87, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86,
	0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d,
	0x03, 0x01, 0x07, 0x04, 0x6d, 0x30, 0x6b, 0x02, 0x01, 0x01, 0x04, 0x20,
	0x0f, 0x14, 0xed, 0xf2, 0x9e, 0x55, 0x97, 0x98, 0xf7, 0xe2, 0x90, 0x5c,
	0xe9, 0x6d, 0xd2, 0x10, 0x30, 0x54, 0x53, 0x35, 0x2f, 0x62, 0x07, 0x58,
	0x74, 0xee, 0x3b, 0x51, 0x53, 0x35, 0x30, 0x07, 0xa1, 0x44, 0x03, 0x42,
	0x00, 0x04, 0x3a, 0xe9, 0x65, 0xf2, 0x97, 0x34, 0xcb, 0x98, 0xab, 0xe1,
	0xd0, 0x06, 0xc2, 0xf5, 0xe8, 0xd3, 0x0d, 0x63, 0x41, 0xad, 0xd8, 0xe2,
	0x8a, 0x31, 0x50, 0x6e, 0x45, 0xab, 0x30, 0xe9, 0x83, 0x32, 0x96, 0x02,
	0xb7, 0x49, 0x42, 0xec, 0x72, 0x16, 0xbf, 0x89, 0xe2, 0xa3, 0x29, 0xa0,
	0xf4, 0xd0, 0x76, 0x91, 0xb4, 0x70, 0x51, 0x60, 0xae, 0x76, 0xc0, 0xa3,
	0x56, 0x05, 0x7e, 0xed, 0x52, 0xf3
};

static struct key_ring *ring_make(void)
{
	const unsigned char *at = private_key;
	PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, sizeof private_key);
	struct arena *arena = arena_new(4096, ARENA_MAX);
	struct key named = { .algorithm = ALGORITHM_ES256, .pair = EVP_PKCS82PKEY(info), .arena = arena };
	struct master_key master = { .secret = { .bytes = { 1 } } };
	struct partition_id partition;
	struct key_ring *ring = NULL;
	MUST_HOLD(partition_id_parse(SLICE_OF("ONE"), &partition));
	MUST_HOLD(key_describe(&named) == RESULT_OK);
	struct signing_key stored = { .kid = named.kid, .algorithm = ALGORITHM_ES256, .state = KEY_ACTIVE };
	struct slice label = arena_print(arena, "ONE|%.*s|ES256", SLICE_ARGS(named.kid));
	struct slice der = { (const char *)private_key, sizeof private_key };
	MUST_HOLD(master_key_wrap(&master, label, der, arena, &stored.wrapped) == RESULT_OK);
	MUST_HOLD(key_ring_open(&stored, 1, &partition, &master, &ring) == RESULT_OK);
	PKCS8_PRIV_KEY_INFO_free(info);
	EVP_PKEY_free(named.pair);
	arena_free(arena);
	return ring;
}

static struct slice sign(struct arena *arena, const struct key *key, struct slice header, struct slice payload)
{
	uint8_t signature[SIGNATURE_SIZE_MAX];
	size_t len;
	struct writer token = writer_new(arena, 1024);
	base64url_put(&token, header.ptr, header.len);
	writer_byte(&token, '.');
	base64url_put(&token, payload.ptr, payload.len);
	if (!writer_ok(&token) || signature_make(key, writer_slice(&token), signature, &len) != RESULT_OK)
		return (struct slice) { NULL, 0 };
	writer_byte(&token, '.');
	base64url_put(&token, signature, len);
	return writer_ok(&token) ? writer_slice(&token) : (struct slice) { NULL, 0 };
}

static void claims_judge(struct slice token, const struct key_ring *ring)
{
	struct claims claims = { NULL };
	struct partition_id claimed;
	MUST_HOLD(jws_claimed_partition(token, &claimed) != RESULT_OK || (claimed.len > 0 && token.len <= LIMIT_JWT_SIZE));
	if (jws_verify(token, TOKEN_ACCESS, ring, &claims) != RESULT_OK) {
		MUST_HOLD(claims.object == NULL);
		return;
	}
	int64_t expires;
	MUST_HOLD(token.len <= LIMIT_JWT_SIZE && json_is_object(claims.object));
	struct slice subject = claims_text(&claims, "sub");
	MUST_HOLD(subject.ptr == NULL || (claims_has(&claims, "sub") && memchr(subject.ptr, '\0', subject.len) == NULL));
	MUST_HOLD(!claims_int(&claims, "exp", &expires) || claims_has(&claims, "exp"));
	MUST_HOLD(claims_member_text(&claims, "act", "sub").ptr == NULL || claims_has(&claims, "act"));
	claims_free(&claims);
	/* one signature makes one token good, under one type */
	MUST_HOLD(jws_verify(token, TOKEN_ID, ring, &claims) == RESULT_INVALID);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct key_ring *ring;
	if (ring == NULL)
		ring = ring_make();
	struct slice input = { (const char *)bytes, size };
	const char *newline = size == 0 ? NULL : memchr(bytes, '\n', size);
	if (newline == NULL) {
		claims_judge(input, ring);
		return 0;
	}
	struct arena *arena = arena_new(4096, ARENA_MAX);
	if (arena == NULL)
		return 0;
	size_t before = (size_t)(newline - input.ptr);
	struct slice token = sign(arena, key_ring_signer(ring, ALGORITHM_ES256), slice_first(input, before), slice_skip(input, before + 1));
	if (token.ptr != NULL)
		claims_judge(token, ring);
	arena_free(arena);
	return 0;
}
