/* Keys of somebody else and tokens signed with them, made with OpenSSL alone. */
#ifndef WRIT_TESTS_FOREIGN_RIG_H
#define WRIT_TESTS_FOREIGN_RIG_H

#include "base/writer.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdlib.h>

enum foreign_way { WITH_RS256, WITH_PS256, WITH_ES256 };

static inline void foreign_must(bool holds)
{
	if (!holds)
		abort();
}

/* header.payload.signature, whatever the header says. */
static inline struct slice foreign_sign(struct arena *arena, EVP_PKEY *pair, enum foreign_way way, const char *header, const char *payload)
{
	struct writer token = writer_new(arena, 1024);
	uint8_t signature[1024];
	size_t len = sizeof signature;
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY_CTX *options;
	writer_base64url(&token, header, strlen(header));
	writer_byte(&token, '.');
	writer_base64url(&token, payload, strlen(payload));
	struct slice input = writer_slice(&token);
	foreign_must(EVP_DigestSignInit(context, &options, EVP_sha256(), NULL, pair) == 1);
	if (way == WITH_PS256)
		foreign_must(EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
		             EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1);
	foreign_must(EVP_DigestSign(context, signature, &len, (const uint8_t *)input.ptr, input.len) == 1);
	EVP_MD_CTX_free(context);
	if (way == WITH_ES256) {
		const unsigned char *at = signature;
		ECDSA_SIG *pairs = d2i_ECDSA_SIG(NULL, &at, (long)len);
		int size = (EVP_PKEY_get_bits(pair) + 7) / 8;
		foreign_must(pairs != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(pairs), signature, size) == size &&
		             BN_bn2binpad(ECDSA_SIG_get0_s(pairs), signature + size, size) == size);
		ECDSA_SIG_free(pairs);
		len = 2 * (size_t)size;
	}
	writer_byte(&token, '.');
	writer_base64url(&token, signature, len);
	foreign_must(writer_ok(&token));
	return writer_slice(&token);
}

static inline void foreign_number(struct writer *jwk, EVP_PKEY *pair, const char *name, const char *parameter, int size)
{
	BIGNUM *number = NULL;
	uint8_t bytes[1024];
	foreign_must(EVP_PKEY_get_bn_param(pair, parameter, &number) == 1);
	if (size == 0)
		size = BN_num_bytes(number);
	foreign_must(BN_bn2binpad(number, bytes, size) == size);
	BN_free(number);
	writer_json_key(jwk, name);
	writer_byte(jwk, '"');
	writer_base64url(jwk, bytes, (size_t)size);
	writer_byte(jwk, '"');
}

/* The public JWK; more: further members as JSON, such as "\"kid\":\"1\"", or NULL. */
static inline struct slice foreign_jwk(struct arena *arena, EVP_PKEY *pair, const char *more)
{
	struct writer jwk = writer_new(arena, 1024);
	writer_byte(&jwk, '{');
	if (EVP_PKEY_is_a(pair, "RSA") == 1) {
		writer_json_member(&jwk, "kty", SLICE_OF("RSA"));
		foreign_number(&jwk, pair, "n", OSSL_PKEY_PARAM_RSA_N, 0);
		foreign_number(&jwk, pair, "e", OSSL_PKEY_PARAM_RSA_E, 0);
	} else {
		int size = (EVP_PKEY_get_bits(pair) + 7) / 8;
		writer_json_member(&jwk, "kty", SLICE_OF("EC"));
		writer_json_member(&jwk, "crv", size == 32 ? SLICE_OF("P-256") : SLICE_OF("P-384"));
		foreign_number(&jwk, pair, "x", OSSL_PKEY_PARAM_EC_PUB_X, size);
		foreign_number(&jwk, pair, "y", OSSL_PKEY_PARAM_EC_PUB_Y, size);
	}
	if (more != NULL)
		writer_print(&jwk, ",%s", more);
	writer_byte(&jwk, '}');
	foreign_must(writer_ok(&jwk));
	return writer_slice(&jwk);
}

static inline struct slice foreign_set(struct arena *arena, const struct slice *jwks, size_t count)
{
	struct writer set = writer_new(arena, 4096);
	writer_text(&set, "{\"keys\":[");
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			writer_byte(&set, ',');
		writer_put(&set, jwks[i]);
	}
	writer_text(&set, "]}");
	foreign_must(writer_ok(&set));
	return writer_slice(&set);
}

#endif
