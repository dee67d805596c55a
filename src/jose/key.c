#include "jose/key.h"

#include "jose/base64url.h"
#include "jose/signature.h"

#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>

#define KEY_ARENA_FIRST 4096
#define KEY_ARENA_MAX (64 * 1024)

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

/* Takes the pair, whatever the result. */
static enum result key_from_pair(EVP_PKEY *pair, enum signing_algorithm algorithm, struct key **ret)
{
	struct key *key = calloc(1, sizeof *key);
	if (key == NULL) {
		EVP_PKEY_free(pair);
		return RESULT_NO_MEMORY;
	}
	key->pair = pair;
	key->algorithm = algorithm;
	key->arena = arena_new(KEY_ARENA_FIRST, KEY_ARENA_MAX);
	enum result result = key->arena == NULL ? RESULT_NO_MEMORY : key_describe(key);
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

/* What a wrapped key is bound to: it opens for no other partition, name or algorithm. */
static struct slice wrapping_label(const struct partition_id *partition, struct slice kid, enum signing_algorithm algorithm,
                                   struct arena *arena)
{
	return arena_print(arena, "%s|%.*s|%s", partition->text, SLICE_ARGS(kid), algorithm_name(algorithm));
}

static enum result pair_from_pkcs8(struct slice der, EVP_PKEY **ret)
{
	const unsigned char *at = (const unsigned char *)der.ptr;
	PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)der.len);
	EVP_PKEY *pair = info != NULL && at == (const unsigned char *)der.ptr + der.len ? EVP_PKCS82PKEY(info) : NULL;
	PKCS8_PRIV_KEY_INFO_free(info);
	if (pair == NULL)
		return RESULT_INVALID;
	*ret = pair;
	return RESULT_OK;
}

static enum result pair_unwrap(const struct signing_key *stored, const struct partition_id *partition,
                               const struct master_key *master, EVP_PKEY **ret)
{
	struct arena *arena = arena_new(KEY_ARENA_FIRST, KEY_ARENA_MAX); /* wiped when freed: it holds the private key */
	if (arena == NULL)
		return RESULT_NO_MEMORY;
	struct slice label = wrapping_label(partition, stored->kid, stored->algorithm, arena);
	struct slice der;
	enum result result = label.ptr == NULL ? RESULT_NO_MEMORY : master_key_unwrap(master, label, stored->wrapped, arena, &der);
	if (result == RESULT_OK)
		result = pair_from_pkcs8(der, ret);
	arena_free(arena);
	return result;
}

enum result key_open(const struct signing_key *stored, const struct partition_id *partition, const struct master_key *master,
                     struct key **ret)
{
	EVP_PKEY *pair;
	enum result result = pair_unwrap(stored, partition, master, &pair);
	if (result != RESULT_OK)
		return result;
	struct key *key;
	result = key_from_pair(pair, stored->algorithm, &key);
	if (result != RESULT_OK)
		return result;
	if (!slice_equal(key->kid, stored->kid)) {
		key_free(key);
		return RESULT_INVALID;
	}
	*ret = key;
	return RESULT_OK;
}

static enum result pair_wrap(const struct key *key, const struct partition_id *partition, const struct master_key *master,
                             struct arena *arena, struct slice *ret)
{
	struct slice label = wrapping_label(partition, key->kid, key->algorithm, arena);
	if (label.ptr == NULL)
		return RESULT_NO_MEMORY;
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key->pair);
	unsigned char *der = NULL;
	int len = info == NULL ? -1 : i2d_PKCS8_PRIV_KEY_INFO(info, &der);
	PKCS8_PRIV_KEY_INFO_free(info);
	if (len <= 0)
		return RESULT_FAILED;
	enum result result = master_key_wrap(master, label, (struct slice) { (const char *)der, (size_t)len }, arena, ret);
	OPENSSL_clear_free(der, (size_t)len);
	return result;
}

enum result key_to_store(const struct key *key, const struct partition_id *partition, const struct master_key *master,
                         struct arena *arena, struct signing_key *ret)
{
	struct slice wrapped;
	enum result result = pair_wrap(key, partition, master, arena, &wrapped);
	if (result != RESULT_OK)
		return result;
	struct signing_key stored = {
		.kid = arena_copy(arena, key->kid),
		.algorithm = key->algorithm,
		.wrapped = wrapped,
		.public_jwk = arena_copy(arena, key->public_jwk),
	};
	if (arena_exhausted(arena))
		return RESULT_NO_MEMORY;
	*ret = stored;
	return RESULT_OK;
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
