/* What a client application sends to prove itself, and the key sets that others publish, under one fixed key that is used
 * nowhere else.
 *
 * "HEADER\nPAYLOAD" (the JSON texts) is signed with that key, so that the fuzzer reaches what stands behind the signature;
 * an input that begins with { is a key set, against one good token; any other is a token as it stands. */
#include "fuzz.h"

#include "../unit/jose/foreign_rig.h"

#include "jose/foreign_jws.h"
#include "jose/json_strict.h"

#include "base/text.h"

#include <openssl/x509.h>

#define ARENA_MAX (1024 * 1024)

static const unsigned char private_key[] = {
	0x30, 0x81, 0x87, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86,
	0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d,
	0x03, 0x01, 0x07, 0x04, 0x6d, 0x30, 0x6b, 0x02, 0x01, 0x01, 0x04, 0x20,
	0x07, 0xa5, 0xcf, 0xd4, 0x10, 0xb3, 0xfd, 0x0c, 0xbe, 0x21, 0x09, 0xe6,
	0xcf, 0x85, 0xa3, 0xb5, 0x36, 0xbe, 0xa1, 0x92, 0xf7, 0x01, 0xb1, 0x4f,
	0xdc, 0x45, 0x48, 0xe0, 0xac, 0x5d, 0x27, 0x21, 0xa1, 0x44, 0x03, 0x42,
	0x00, 0x04, 0xa6, 0x59, 0xf6, 0x92, 0x1b, 0x50, 0x44, 0xff, 0x83, 0x40,
	0xc4, 0xd2, 0x1f, 0x04, 0x50, 0xab, 0x35, 0xe8, 0x42, 0x21, 0xdc, 0x0c,
	0xba, 0x49, 0x7c, 0xd1, 0x13, 0xb0, 0x23, 0x97, 0xa5, 0xff, 0x72, 0xc0,
	0x04, 0x8d, 0x3c, 0x82, 0x4f, 0xdf, 0x29, 0xa2, 0x71, 0x9a, 0xb2, 0xb8,
	0x98, 0xfd, 0xde, 0x66, 0x7e, 0x80, 0xd6, 0xe0, 0x40, 0xd1, 0xb4, 0xbe,
	0xdc, 0xbf, 0xa0, 0x24, 0x89, 0xba
};

static EVP_PKEY *pair;
static struct slice keys, good, coordinate; /* the key's set, a token of it, and its x */

static void keys_make(struct arena *arena)
{
	const unsigned char *at = private_key;
	PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, sizeof private_key);
	pair = EVP_PKCS82PKEY(info);
	PKCS8_PRIV_KEY_INFO_free(info);
	MUST_HOLD(pair != NULL);
	const struct slice jwk = foreign_jwk(arena, pair, "\"kid\":\"1\"");
	keys = foreign_set(arena, &jwk, 1);
	good = foreign_sign(arena, pair, WITH_ES256, "{\"alg\":\"ES256\"}", "{\"sub\":\"app\"}");
	const char *x = strstr(jwk.ptr, "\"x\":\"") + 5;
	coordinate = (struct slice) { x, 43 };
}

/* What was verified must have a header that could not have asked for anything else. */
static void header_judge(struct slice token)
{
	struct slice encoded;
	char text[LIMIT_JWS_HEADER];
	size_t len;
	json_t *header;
	MUST_HOLD(slice_cut(&token, '.', &encoded));
	MUST_HOLD(text_base64url_decode(encoded, text, sizeof text, &len) == RESULT_OK);
	MUST_HOLD(json_object_parse((struct slice) { text, len }, &header) == RESULT_OK);
	MUST_HOLD(slice_is(json_object_text(header, "alg"), "ES256"));
	MUST_HOLD(json_object_get(header, "crit") == NULL && json_object_get(header, "b64") == NULL);
	MUST_HOLD(json_object_get(header, "kid") == NULL || slice_is(json_object_text(header, "kid"), "1"));
	json_decref(header);
}

static void token_judge(struct slice token, struct arena *arena)
{
	struct claims claims = { NULL };
	struct problem why = { "" };
	struct slice subject = { NULL, 0 };
	int64_t expires;
	bool in_array;
	enum result named = foreign_jws_claimed_subject(token, arena, &subject);
	MUST_HOLD((named == RESULT_OK) == (subject.ptr != NULL));
	if (foreign_jws_verify(token, keys, &claims, &why) != RESULT_OK) {
		MUST_HOLD(claims.object == NULL && why.text[0] != '\0');
		return;
	}
	MUST_HOLD(token.len <= LIMIT_JWT_SIZE && json_is_object(claims.object));
	MUST_HOLD(named != RESULT_OK || slice_equal(subject, claims_text(&claims, "sub")));
	MUST_HOLD(!claims_time(&claims, "exp", &expires) || claims_has(&claims, "exp"));
	const struct slice audience = claims_sole_audience(&claims, &in_array);
	MUST_HOLD(audience.ptr == NULL || claims_audience_has(&claims, audience));
	MUST_HOLD(!claims_audience_has(&claims, SLICE_OF("us")) || claims_has(&claims, "aud"));
	MUST_HOLD(!claims_denied(&claims, "email_verified") || claims_has(&claims, "email_verified"));
	claims_free(&claims);
	header_judge(token);
}

static void key_set_judge(struct slice set)
{
	struct claims claims = { NULL };
	if (foreign_keys_judge(set, NULL) != RESULT_OK || foreign_jws_verify(good, set, &claims, NULL) != RESULT_OK)
		return;
	claims_free(&claims);
	/* written with escapes it is the same key */
	MUST_HOLD(memmem(set.ptr, set.len, coordinate.ptr, coordinate.len) != NULL || memchr(set.ptr, '\\', set.len) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct arena *fixed;
	struct slice input = { (const char *)bytes, size };
	if (fixed == NULL) {
		fixed = arena_new(4096, ARENA_MAX);
		MUST_HOLD(fixed != NULL);
		keys_make(fixed);
	}
	struct arena *arena = arena_new(4096, ARENA_MAX);
	const char *newline = size == 0 ? NULL : memchr(bytes, '\n', size);
	if (arena == NULL)
		return 0;
	if (newline != NULL && size < LIMIT_JWT_SIZE) {
		struct slice header = arena_copy(arena, slice_first(input, (size_t)(newline - input.ptr)));
		struct slice payload = arena_copy(arena, slice_skip(input, header.len + 1));
		token_judge(foreign_sign(arena, pair, WITH_ES256, header.ptr, payload.ptr), arena);
	} else if (size > 0 && bytes[0] == '{') {
		key_set_judge(input);
	} else {
		token_judge(input, arena);
	}
	arena_free(arena);
	return 0;
}
