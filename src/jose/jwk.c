/* The public half of a key as text: its thumbprint (RFC 7638) and its JWK (RFC 7517, RFC 7518 §6). */
#include "jose/base64url.h"
#include "jose/key_parts.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>

#define P256_SIZE 32
#define TEXT_SIZE 1024

/* A number of the pair as base64url: exactly size bytes, or as few as it needs when size is 0. */
static enum result number_text(const struct key *key, const char *name, size_t size, struct slice *ret)
{
	BIGNUM *number = NULL;
	uint8_t bytes[RSA_BITS_MAX / 8];
	if (EVP_PKEY_get_bn_param(key->pair, name, &number) != 1)
		return RESULT_INVALID;
	if (size == 0)
		size = (size_t)BN_num_bytes(number);
	bool fits = size <= sizeof bytes && BN_bn2binpad(number, bytes, (int)size) == (int)size;
	BN_free(number);
	if (!fits)
		return RESULT_INVALID;
	struct writer text = writer_new(key->arena, size * 2);
	base64url_put(&text, bytes, size);
	*ret = writer_slice(&text);
	return writer_ok(&text) ? RESULT_OK : RESULT_NO_MEMORY;
}

/* The kid is the hash of the required members in order of their names, without spaces. */
static enum result thumbprint(struct key *key, const struct writer *required)
{
	struct hash32 hash = hash32_of(writer_slice(required));
	struct writer text = writer_new(key->arena, 2 * sizeof hash.bytes);
	base64url_put(&text, hash.bytes, sizeof hash.bytes);
	key->kid = writer_slice(&text);
	return writer_ok(required) && writer_ok(&text) ? RESULT_OK : RESULT_NO_MEMORY;
}

static struct writer jwk_begin(const struct key *key, const char *type)
{
	struct writer jwk = writer_new(key->arena, TEXT_SIZE);
	writer_byte(&jwk, '{');
	writer_json_member(&jwk, "kty", slice_from(type));
	writer_json_member(&jwk, "use", SLICE_OF("sig"));
	writer_json_member(&jwk, "alg", slice_from(algorithm_name(key->algorithm)));
	writer_json_member(&jwk, "kid", key->kid);
	return jwk;
}

static enum result jwk_end(struct key *key, struct writer *jwk)
{
	writer_byte(jwk, '}');
	key->public_jwk = writer_slice(jwk);
	return writer_ok(jwk) ? RESULT_OK : RESULT_NO_MEMORY;
}

static enum result elliptic_describe(struct key *key)
{
	char group[32];
	if (EVP_PKEY_get_group_name(key->pair, group, sizeof group, NULL) != 1 || strcmp(group, "prime256v1") != 0)
		return RESULT_INVALID;
	struct slice x, y;
	enum result result = number_text(key, OSSL_PKEY_PARAM_EC_PUB_X, P256_SIZE, &x);
	if (result == RESULT_OK)
		result = number_text(key, OSSL_PKEY_PARAM_EC_PUB_Y, P256_SIZE, &y);
	if (result != RESULT_OK)
		return result;
	struct writer required = writer_new(key->arena, TEXT_SIZE);
	writer_byte(&required, '{');
	writer_json_member(&required, "crv", SLICE_OF("P-256"));
	writer_json_member(&required, "kty", SLICE_OF("EC"));
	writer_json_member(&required, "x", x);
	writer_json_member(&required, "y", y);
	writer_byte(&required, '}');
	result = thumbprint(key, &required);
	if (result != RESULT_OK)
		return result;
	struct writer jwk = jwk_begin(key, "EC");
	writer_json_member(&jwk, "crv", SLICE_OF("P-256"));
	writer_json_member(&jwk, "x", x);
	writer_json_member(&jwk, "y", y);
	return jwk_end(key, &jwk);
}

static enum result rsa_describe(struct key *key)
{
	int bits = EVP_PKEY_get_bits(key->pair);
	if (bits < RSA_BITS || bits > RSA_BITS_MAX)
		return RESULT_INVALID;
	struct slice modulus, exponent;
	enum result result = number_text(key, OSSL_PKEY_PARAM_RSA_N, 0, &modulus);
	if (result == RESULT_OK)
		result = number_text(key, OSSL_PKEY_PARAM_RSA_E, 0, &exponent);
	if (result != RESULT_OK)
		return result;
	struct writer required = writer_new(key->arena, TEXT_SIZE);
	writer_byte(&required, '{');
	writer_json_member(&required, "e", exponent);
	writer_json_member(&required, "kty", SLICE_OF("RSA"));
	writer_json_member(&required, "n", modulus);
	writer_byte(&required, '}');
	result = thumbprint(key, &required);
	if (result != RESULT_OK)
		return result;
	struct writer jwk = jwk_begin(key, "RSA");
	writer_json_member(&jwk, "n", modulus);
	writer_json_member(&jwk, "e", exponent);
	return jwk_end(key, &jwk);
}

enum result key_describe(struct key *key)
{
	if (key->algorithm == ALGORITHM_ES256)
		return EVP_PKEY_is_a(key->pair, "EC") == 1 ? elliptic_describe(key) : RESULT_INVALID;
	if (key->algorithm == ALGORITHM_RS256)
		return EVP_PKEY_is_a(key->pair, "RSA") == 1 ? rsa_describe(key) : RESULT_INVALID;
	return RESULT_INVALID;
}
