/* The ring of a partition as everybody may have it: from its published key set. */
#include "jose/json_strict.h"
#include "jose/key_ring_parts.h"
#include "jose/public_jwk.h"
#include "jose/signature.h"

#include "base/text.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <stdlib.h>

#define P256_SIZE 32
#define KEY_TEXT_MAX 1024 /* of one key as JSON */

/* ---- from JSON to a key of the library ---------------------------------------------------------------------------- */

static EVP_PKEY *pair_make(const char *type, OSSL_PARAM_BLD *builder)
{
	EVP_PKEY *pair = NULL;
	OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	if (parameters != NULL && context != NULL && EVP_PKEY_fromdata_init(context) == 1 &&
	    EVP_PKEY_fromdata(context, &pair, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
		pair = NULL;
	EVP_PKEY_CTX_free(context);
	OSSL_PARAM_free(parameters);
	return pair;
}

static bool coordinate_read(const json_t *jwk, const char *name, uint8_t bytes[P256_SIZE])
{
	size_t len;
	struct slice text = json_object_text(jwk, name);
	return text.ptr != NULL && text_base64url_decode(text, bytes, P256_SIZE, &len) == RESULT_OK && len == P256_SIZE;
}

/* NULL: it is no point of P-256 (which the library checks). */
static EVP_PKEY *elliptic_pair(const json_t *jwk)
{
	EVP_PKEY *pair = NULL;
	uint8_t point[1 + 2 * P256_SIZE] = { 4 }; /* uncompressed, SEC 1 §2.3.3 */
	if (!slice_is(json_object_text(jwk, "crv"), "P-256") || !coordinate_read(jwk, "x", point + 1) ||
	    !coordinate_read(jwk, "y", point + 1 + P256_SIZE))
		return NULL;
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	if (builder != NULL && OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1 &&
	    OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point) == 1)
		pair = pair_make("EC", builder);
	OSSL_PARAM_BLD_free(builder);
	return pair;
}

static BIGNUM *number_read(const json_t *jwk, const char *name)
{
	uint8_t bytes[RSA_BITS_MAX / 8];
	size_t len;
	struct slice text = json_object_text(jwk, name);
	if (text.ptr == NULL || text_base64url_decode(text, bytes, sizeof bytes, &len) != RESULT_OK)
		return NULL;
	return BN_bin2bn(bytes, (int)len, NULL);
}

/* NULL: it is no such key, or a weak one. */
static EVP_PKEY *rsa_pair(const json_t *jwk)
{
	EVP_PKEY *pair = NULL;
	BIGNUM *modulus = number_read(jwk, "n"), *exponent = number_read(jwk, "e");
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	bool good = modulus != NULL && exponent != NULL && BN_num_bits(modulus) >= RSA_BITS && BN_is_odd(modulus) && BN_is_odd(exponent) &&
	            !BN_is_one(exponent);
	if (good && builder != NULL && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus) == 1 &&
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent) == 1)
		pair = pair_make("RSA", builder);
	OSSL_PARAM_BLD_free(builder);
	BN_free(modulus);
	BN_free(exponent);
	return pair;
}

/* ---- rings -------------------------------------------------------------------------------------------------------- */

/* What the key is for: the kind of key names it, and alg must not say anything else. */
static bool algorithm_of(const json_t *jwk, enum signing_algorithm *ret)
{
	struct slice type = json_object_text(jwk, "kty");
	enum signing_algorithm algorithm = slice_is(type, "EC") ? ALGORITHM_ES256 : ALGORITHM_RS256;
	if (algorithm == ALGORITHM_RS256 && !slice_is(type, "RSA"))
		return false;
	if (json_object_get(jwk, "alg") != NULL && !slice_is(json_object_text(jwk, "alg"), algorithm_name(algorithm)))
		return false;
	*ret = algorithm;
	return true;
}

/* RESULT_NOT_FOUND: one to skip. */
static enum result public_key_make(const json_t *jwk, struct key **ret)
{
	enum signing_algorithm algorithm;
	struct slice kid = json_object_text(jwk, "kid");
	if (kid.len == 0 || kid.len > LIMIT_SHORT_PARAMETER || !public_jwk_may_verify(jwk) || !algorithm_of(jwk, &algorithm))
		return RESULT_NOT_FOUND;
	EVP_PKEY *pair = algorithm == ALGORITHM_ES256 ? elliptic_pair(jwk) : rsa_pair(jwk);
	if (pair == NULL)
		return RESULT_NOT_FOUND;
	struct key *key = key_new(pair, algorithm);
	if (key == NULL)
		return RESULT_NO_MEMORY;
	key->kid = arena_copy(key->arena, kid);
	enum result result = key->kid.ptr == NULL ? RESULT_NO_MEMORY : signature_prepare_verifier(key);
	if (result == RESULT_OK)
		*ret = key;
	else
		key_free(key);
	return result;
}

static enum result public_keys_add(struct key_ring *ring, const json_t *keys)
{
	for (size_t i = 0; i < json_array_size(keys); i++) {
		struct key *key;
		enum result result = public_key_make(json_array_get(keys, i), &key);
		if (result == RESULT_NO_MEMORY)
			return result;
		if (result == RESULT_OK)
			ring->keys[ring->count++] = (struct ring_key) { .key = key, .state = KEY_RETIRED }; /* signs nothing */
	}
	return ring->count > 0 ? RESULT_OK : RESULT_NOT_FOUND;
}

enum result key_ring_from_jwks(struct slice key_set, struct key_ring **ret)
{
	json_t *set;
	if (key_set.len > LIMIT_PUBLISHED_KEYS * KEY_TEXT_MAX)
		return RESULT_TOO_LARGE;
	if (json_object_parse(key_set, &set) != RESULT_OK)
		return RESULT_INVALID;
	const json_t *keys = json_object_get(set, "keys");
	struct key_ring *ring = NULL;
	enum result result = !json_is_array(keys) ? RESULT_INVALID : json_array_size(keys) > LIMIT_PUBLISHED_KEYS ? RESULT_TOO_LARGE : RESULT_OK;
	if (result == RESULT_OK)
		result = (ring = ring_new()) == NULL ? RESULT_NO_MEMORY : public_keys_add(ring, keys);
	json_decref(set);
	if (result == RESULT_OK)
		*ret = ring;
	else
		key_ring_free(ring);
	return result;
}
