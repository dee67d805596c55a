#include "jose/key_parts.h"

#include "jose/base64url.h"
#include "jose/signature.h"

#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <stdlib.h>

struct slice token_type_name(enum token_type type)
{
	switch (type) {
	case TOKEN_ACCESS: return SLICE_OF("at+jwt");
	case TOKEN_ID: return SLICE_OF("JWT");
	case TOKEN_LOGOUT: return SLICE_OF("logout+jwt");
	}
	return SLICE_OF("");
}

const char *algorithm_name(enum signing_algorithm algorithm)
{
	switch (algorithm) {
	case ALGORITHM_ES256: return "ES256";
	case ALGORITHM_RS256: return "RS256";
	}
	return "";
}

bool algorithm_parse(struct slice text, enum signing_algorithm *ret)
{
	if (slice_is(text, "ES256"))
		*ret = ALGORITHM_ES256;
	else if (slice_is(text, "RS256"))
		*ret = ALGORITHM_RS256;
	else
		return false;
	return true;
}

static enum result headers_prepare(struct key *key)
{
	for (int type = 0; type < TOKEN_TYPE_COUNT; type++) {
		struct writer json = writer_new(key->arena, 256);
		writer_byte(&json, '{');
		writer_json_member(&json, "alg", slice_from(algorithm_name(key->algorithm)));
		writer_json_member(&json, "typ", token_type_name((enum token_type)type));
		writer_json_member(&json, "kid", key->kid);
		writer_byte(&json, '}');
		struct writer header = writer_new(key->arena, 256);
		base64url_put(&header, json.bytes, json.len);
		writer_byte(&header, '.');
		if (!writer_ok(&json) || !writer_ok(&header))
			return RESULT_NO_MEMORY;
		key->headers[type] = writer_slice(&header);
	}
	return RESULT_OK;
}

struct key *key_new(EVP_PKEY *pair, enum signing_algorithm algorithm)
{
	struct key *key = calloc(1, sizeof *key);
	if (key == NULL) {
		EVP_PKEY_free(pair);
		return NULL;
	}
	key->pair = pair;
	key->algorithm = algorithm;
	key->arena = arena_new(KEY_ARENA_FIRST, KEY_ARENA_MAX);
	if (key->arena != NULL)
		return key;
	key_free(key);
	return NULL;
}

enum result key_from_pair(EVP_PKEY *pair, enum signing_algorithm algorithm, struct key **ret)
{
	struct key *key = key_new(pair, algorithm);
	if (key == NULL)
		return RESULT_NO_MEMORY;
	enum result result = key_describe(key);
	if (result == RESULT_OK)
		result = headers_prepare(key);
	if (result == RESULT_OK)
		result = signature_prepare(key);
	if (result != RESULT_OK) {
		key_free(key);
		return result;
	}
	*ret = key;
	return RESULT_OK;
}

enum result key_generate(enum signing_algorithm algorithm, struct key **ret)
{
	EVP_PKEY *pair = algorithm == ALGORITHM_ES256 ? EVP_EC_gen("P-256") : EVP_RSA_gen(RSA_BITS);
	return pair == NULL ? RESULT_FAILED : key_from_pair(pair, algorithm, ret);
}

void key_free(struct key *key)
{
	if (key == NULL)
		return;
	EVP_MD_CTX_free(key->signer);
	EVP_MD_CTX_free(key->verifier);
	EVP_PKEY_free(key->pair);
	arena_free(key->arena);
	free(key);
}

struct slice key_kid(const struct key *key)
{
	return key->kid;
}

enum signing_algorithm key_algorithm(const struct key *key)
{
	return key->algorithm;
}

struct slice key_public_jwk(const struct key *key)
{
	return key->public_jwk;
}
