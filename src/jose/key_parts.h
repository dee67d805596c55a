/* What a struct key is made of; for the files of jose/ only. */
#ifndef WRIT_JOSE_KEY_PARTS_H
#define WRIT_JOSE_KEY_PARTS_H

#include "jose/jws.h"

#include <openssl/evp.h>

#define TOKEN_TYPE_COUNT 3
#define RSA_BITS 2048
#define RSA_BITS_MAX 4096
#define SIGNATURE_SIZE_MAX (RSA_BITS_MAX / 8)

#define KEY_ARENA_FIRST 4096
#define KEY_ARENA_MAX (64 * 1024)

struct key {
	enum signing_algorithm algorithm;
	EVP_PKEY *pair;
	EVP_MD_CTX *signer; /* prepared once; copied per signature, never changed; NULL: the pair is a public key alone */
	EVP_MD_CTX *verifier;
	struct arena *arena; /* of the texts below */
	struct slice kid;
	struct slice public_jwk;
	struct slice headers[TOKEN_TYPE_COUNT]; /* base64url, with the '.' behind it; by token_type */
};

/* "at+jwt": the typ of a token_type. */
struct slice token_type_name(enum token_type);

/* A key that has its pair and an arena, and nothing more. Takes the pair; NULL: no memory. */
MUST_CHECK struct key *key_new(EVP_PKEY *pair, enum signing_algorithm);

/* A key of the pair, prepared for use. Takes the pair, whatever the result. */
MUST_CHECK enum result key_from_pair(EVP_PKEY *pair, enum signing_algorithm, struct key **ret);

/* Fills kid and public_jwk from pair and algorithm. RESULT_INVALID when the pair is no key of that algorithm. */
MUST_CHECK enum result key_describe(struct key *);

#endif
