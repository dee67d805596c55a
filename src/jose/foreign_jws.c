#include "jose/foreign_jws.h"

#include "base/text.h"
#include "jose/json_strict.h"
#include "jose/jws_parts.h"
#include "jose/public_jwk.h"

#include <cjose/cjose.h>
#include <stdlib.h>

#define RSA_BITS_MIN 2048
#define RSA_SIZE_MAX (LIMIT_FOREIGN_RSA_BITS / 8)
#define P256_SIZE 32

/* Which kind of key goes with which algorithm. */
struct algorithm {
	const char *alg, *kty, *crv;
};

static const struct algorithm algorithms[] = {
	{ "RS256", "RSA", NULL },
	{ "PS256", "RSA", NULL },
	{ "ES256", "EC", "P-256" },
};

static const struct algorithm *algorithm_find(struct slice alg)
{
	for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++)
		if (slice_is(alg, algorithms[i].alg))
			return &algorithms[i];
	return NULL;
}

/* ---- keys --------------------------------------------------------------------------------------------------------- */

/* A positive number (RFC 7518 §2, Base64urlUInt): its bytes without zeros in front; 0: it is none, or too large. */
static size_t number_read(const json_t *jwk, const char *member, uint8_t bytes[RSA_SIZE_MAX])
{
	size_t len, zeros = 0;
	struct slice text = json_object_text(jwk, member);
	if (text.ptr == NULL || text_base64url_decode(text, bytes, RSA_SIZE_MAX, &len) != RESULT_OK)
		return 0;
	while (zeros < len && bytes[zeros] == 0)
		zeros++;
	memmove(bytes, bytes + zeros, len - zeros);
	return len - zeros;
}

/* Bytes of a signature by this key; 0: the key is weak, or none. */
static size_t rsa_judge(const json_t *jwk)
{
	uint8_t bytes[RSA_SIZE_MAX];
	size_t len = number_read(jwk, "e", bytes);
	if (len == 0 || (bytes[len - 1] & 1) == 0 || (len == 1 && bytes[0] == 1))
		return 0;
	len = number_read(jwk, "n", bytes);
	bool strong = len > RSA_BITS_MIN / 8 || (len == RSA_BITS_MIN / 8 && bytes[0] >= 0x80);
	return strong ? len : 0;
}

static size_t elliptic_judge(const json_t *jwk)
{
	uint8_t bytes[P256_SIZE];
	size_t len;
	static const char *const members[] = { "x", "y" };
	for (size_t i = 0; i < 2; i++) {
		struct slice text = json_object_text(jwk, members[i]);
		if (text.ptr == NULL || text_base64url_decode(text, bytes, sizeof bytes, &len) != RESULT_OK || len != P256_SIZE)
			return 0;
	}
	return 2 * P256_SIZE;
}

/* May this key prove a token of that algorithm and name? Gives the size of its signatures; 0: no. */
static size_t key_fits(const json_t *jwk, const struct algorithm *algorithm, struct slice kid)
{
	const json_t *alg = json_object_get(jwk, "alg");
	if (kid.ptr != NULL && !slice_equal(kid, json_object_text(jwk, "kid")))
		return 0;
	if (!slice_is(json_object_text(jwk, "kty"), algorithm->kty) || !public_jwk_may_verify(jwk))
		return 0;
	if (alg != NULL && !slice_is(json_object_text(jwk, "alg"), algorithm->alg))
		return 0;
	if (algorithm->crv == NULL)
		return rsa_judge(jwk);
	return slice_is(json_object_text(jwk, "crv"), algorithm->crv) ? elliptic_judge(jwk) : 0;
}

/* Only what the key is, nothing that it says of itself besides, reaches the library. */
static cjose_jwk_t *key_make(const json_t *jwk, const struct algorithm *algorithm)
{
	cjose_err error;
	cjose_jwk_t *key = NULL;
	json_t *bare = algorithm->crv == NULL
	                       ? json_pack("{s:O, s:O, s:O}", "kty", json_object_get(jwk, "kty"), "n", json_object_get(jwk, "n"), "e",
	                                   json_object_get(jwk, "e"))
	                       : json_pack("{s:O, s:O, s:O, s:O}", "kty", json_object_get(jwk, "kty"), "crv", json_object_get(jwk, "crv"), "x",
	                                   json_object_get(jwk, "x"), "y", json_object_get(jwk, "y"));
	char *text = bare == NULL ? NULL : json_dumps(bare, JSON_COMPACT);
	if (text != NULL)
		key = cjose_jwk_import(text, strlen(text), &error);
	free(text);
	json_decref(bare);
	return key;
}

enum result foreign_keys_judge(struct slice key_set, struct problem *problem)
{
	json_t *set;
	if (key_set.len > LIMIT_JWKS_SIZE || json_object_parse(key_set, &set) != RESULT_OK)
		return problem_set(problem, RESULT_INVALID, "it is no key set: not one JSON object without repeated members");
	const json_t *keys = json_object_get(set, "keys");
	size_t count = json_array_size(keys);
	json_decref(set);
	if (count == 0)
		return problem_set(problem, RESULT_INVALID, "it is no key set: it has no keys");
	if (count > LIMIT_JWKS_KEYS)
		return problem_set(problem, RESULT_INVALID, "it has %zu keys, and %d are the most", count, LIMIT_JWKS_KEYS);
	return RESULT_OK;
}

/* ---- tokens ------------------------------------------------------------------------------------------------------- */

static enum result refused(struct problem *why, const char *sentence)
{
	(void)!problem_set(why, RESULT_INVALID, "%s", sentence);
	return RESULT_INVALID;
}

static enum result part_parse(struct slice encoded, char *buffer, size_t size, json_t **ret)
{
	size_t len;
	if (text_base64url_decode(encoded, buffer, size, &len) != RESULT_OK)
		return RESULT_INVALID;
	return json_object_parse((struct slice) { buffer, len }, ret);
}

/* What the token's header asks for, as far as that can be had here. */
struct asked {
	json_t *header;
	const struct algorithm *algorithm;
	struct slice kid; /* ptr NULL: none */
};

static const char *header_refused(const struct asked *asked)
{
	if (json_object_get(asked->header, "crit") != NULL || json_object_get(asked->header, "b64") != NULL)
		return "its header asks for extensions (crit, b64)";
	if (asked->algorithm == NULL)
		return "its algorithm is none of " FOREIGN_JWS_ALGORITHMS;
	if (json_object_get(asked->header, "kid") != NULL && asked->kid.ptr == NULL)
		return "the kid of its header is no text";
	return NULL;
}

static enum result header_read(struct slice encoded, struct asked *ret, struct problem *why)
{
	char text[LIMIT_JWS_HEADER];
	struct asked asked = { .header = NULL };
	if (part_parse(encoded, text, sizeof text, &asked.header) != RESULT_OK)
		return refused(why, "its header cannot be read");
	asked.algorithm = algorithm_find(json_object_text(asked.header, "alg"));
	asked.kid = json_object_text(asked.header, "kid");
	const char *wrong = header_refused(&asked);
	if (wrong != NULL) {
		json_decref(asked.header);
		return refused(why, wrong);
	}
	*ret = asked;
	return RESULT_OK;
}

static bool signature_good(struct slice token, const json_t *jwk, const struct algorithm *algorithm)
{
	cjose_err error;
	cjose_jwk_t *key = key_make(jwk, algorithm);
	cjose_jws_t *jws = cjose_jws_import(token.ptr, token.len, &error);
	bool good = key != NULL && jws != NULL && cjose_jws_verify(jws, key, &error);
	cjose_jws_release(jws);
	cjose_jwk_release(key);
	return good;
}

/* Is there a key in the set that made this signature? */
static enum result keys_try(struct slice token, const struct jws_parts *parts, const struct asked *asked, const json_t *keys,
                            struct problem *why)
{
	uint8_t signature[RSA_SIZE_MAX];
	size_t signature_len, tried = 0;
	if (text_base64url_decode(parts->signature, signature, sizeof signature, &signature_len) != RESULT_OK)
		return refused(why, "its signature cannot be read");
	for (size_t i = 0; i < json_array_size(keys) && tried < LIMIT_JWKS_KEYS; i++) {
		const json_t *jwk = json_array_get(keys, i);
		size_t size = key_fits(jwk, asked->algorithm, asked->kid);
		tried += size > 0;
		if (size > 0 && size == signature_len && signature_good(token, jwk, asked->algorithm))
			return RESULT_OK;
	}
	if (tried == 0)
		return problem_set(why, RESULT_NOT_FOUND, "no registered key fits its kid and algorithm");
	return refused(why, "its signature is not of the registered key");
}

static enum result payload_read(struct slice encoded, struct claims *ret, struct problem *why)
{
	char text[JWS_DECODED_MAX];
	json_t *object;
	if (part_parse(encoded, text, sizeof text, &object) != RESULT_OK)
		return refused(why, "its claims cannot be read");
	*ret = (struct claims) { object };
	return RESULT_OK;
}

enum result foreign_jws_verify(struct slice token, struct slice key_set, struct claims *ret, struct problem *why)
{
	struct jws_parts parts;
	struct asked asked = { .header = NULL };
	json_t *set;
	if (!jws_parts_cut(token, &parts))
		return refused(why, "it is no signed token of three parts");
	enum result result = header_read(parts.header, &asked, why);
	if (result != RESULT_OK)
		return result;
	if (json_object_parse(key_set, &set) != RESULT_OK) {
		result = refused(why, "the registered key set cannot be read");
	} else {
		result = keys_try(token, &parts, &asked, json_object_get(set, "keys"), why);
		json_decref(set);
	}
	json_decref(asked.header);
	return result == RESULT_OK ? payload_read(parts.payload, ret, why) : result;
}

enum result foreign_jws_claimed_subject(struct slice token, struct arena *arena, struct slice *ret)
{
	struct jws_parts parts;
	struct claims claims;
	if (!jws_parts_cut(token, &parts) || payload_read(parts.payload, &claims, NULL) != RESULT_OK)
		return RESULT_INVALID;
	struct slice subject = claims_text(&claims, "sub");
	bool named = subject.len > 0 && subject.len <= LIMIT_ID && text_is_clean(subject);
	struct slice copied = named ? arena_copy(arena, subject) : (struct slice) { NULL, 0 };
	claims_free(&claims);
	if (!named)
		return RESULT_INVALID;
	if (copied.ptr == NULL)
		return RESULT_NO_MEMORY;
	*ret = copied;
	return RESULT_OK;
}
