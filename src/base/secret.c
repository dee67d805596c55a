#include "base/secret.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

static void digest_or_abort(int ok)
{
	/* SHA-256 over memory fails only without memory; a wrong hash must never be compared. */
	if (ok != 1)
		abort();
}

/* Looked up once: EVP_sha256() is searched for in the providers at each use. */
static const EVP_MD *sha256;
static pthread_once_t sha256_once = PTHREAD_ONCE_INIT;

static void sha256_fetch(void)
{
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	digest_or_abort(sha256 != NULL);
}

static const EVP_MD *sha256_method(void)
{
	pthread_once(&sha256_once, sha256_fetch);
	return sha256;
}

struct hash32 hash32_of(struct slice input)
{
	struct hash32 hash;
	digest_or_abort(EVP_Digest(input.ptr, input.len, hash.bytes, NULL, sha256_method(), NULL));
	return hash;
}

struct hash32 hash32_of_kind(const char *kind, struct slice input)
{
	struct hash32 hash;
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	digest_or_abort(context != NULL);
	digest_or_abort(EVP_DigestInit_ex(context, sha256_method(), NULL));
	digest_or_abort(EVP_DigestUpdate(context, kind, strlen(kind) + 1));
	digest_or_abort(EVP_DigestUpdate(context, input.ptr, input.len));
	digest_or_abort(EVP_DigestFinal_ex(context, hash.bytes, NULL));
	EVP_MD_CTX_free(context);
	return hash;
}

bool hash32_equal(const struct hash32 *a, const struct hash32 *b)
{
	return sodium_memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

bool secret32_equal(const struct secret32 *a, const struct secret32 *b)
{
	return sodium_memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

void secret32_wipe(struct secret32 *secret)
{
	sodium_memzero(secret, sizeof *secret);
}

struct secret32 secret32_random(void)
{
	struct secret32 secret;
	randombytes_buf(secret.bytes, sizeof secret.bytes);
	return secret;
}

void wipe(void *memory, size_t size)
{
	sodium_memzero(memory, size);
}
