#include "jose/signature.h"

#define P256_SIZE 32 /* bytes of r and of s */
#define ES256_SIZE (2 * P256_SIZE)
#define DER_MAX (2 + 2 * (2 + 1 + P256_SIZE)) /* SEQUENCE { INTEGER r, INTEGER s }, RFC 3279 §2.2.3 */
#define DER_SEQUENCE 0x30
#define DER_INTEGER 0x02

enum result signature_prepare_verifier(struct key *key)
{
	key->verifier = EVP_MD_CTX_new();
	if (key->verifier == NULL)
		return RESULT_NO_MEMORY;
	return EVP_DigestVerifyInit(key->verifier, NULL, EVP_sha256(), NULL, key->pair) == 1 ? RESULT_OK : RESULT_INVALID;
}

enum result signature_prepare(struct key *key)
{
	key->signer = EVP_MD_CTX_new();
	if (key->signer == NULL)
		return RESULT_NO_MEMORY;
	if (EVP_DigestSignInit(key->signer, NULL, EVP_sha256(), NULL, key->pair) != 1)
		return RESULT_INVALID;
	return signature_prepare_verifier(key);
}

/* One DER INTEGER of at most 256 bits into 32 bytes, big-endian; *rest moves behind it. */
static bool integer_read(struct slice *rest, uint8_t raw[P256_SIZE])
{
	const uint8_t *der = (const uint8_t *)rest->ptr;
	if (rest->len < 3 || der[0] != DER_INTEGER)
		return false;
	size_t len = der[1];
	if (len == 0 || len > P256_SIZE + 1 || rest->len < 2 + len || der[2] >= 0x80)
		return false;
	const uint8_t *digits = der + 2;
	size_t count = len;
	if (count > 1 && digits[0] == 0) {
		if (digits[1] < 0x80)
			return false; /* not the shortest form */
		digits++;
		count--;
	}
	if (count > P256_SIZE)
		return false;
	memset(raw, 0, P256_SIZE - count);
	memcpy(raw + P256_SIZE - count, digits, count);
	*rest = slice_skip(*rest, 2 + len);
	return true;
}

static bool der_to_raw(struct slice der, uint8_t raw[ES256_SIZE])
{
	if (der.len < 2 || (uint8_t)der.ptr[0] != DER_SEQUENCE || (size_t)(uint8_t)der.ptr[1] != der.len - 2)
		return false;
	struct slice rest = slice_skip(der, 2);
	return integer_read(&rest, raw) && integer_read(&rest, raw + P256_SIZE) && rest.len == 0;
}

static size_t integer_write(uint8_t *der, const uint8_t raw[P256_SIZE])
{
	size_t zeros = 0;
	while (zeros < P256_SIZE - 1 && raw[zeros] == 0)
		zeros++;
	size_t pad = raw[zeros] >= 0x80 ? 1 : 0;
	size_t count = P256_SIZE - zeros;
	der[0] = DER_INTEGER;
	der[1] = (uint8_t)(pad + count);
	der[2] = 0;
	memcpy(der + 2 + pad, raw + zeros, count);
	return 2 + pad + count;
}

static size_t raw_to_der(const uint8_t raw[ES256_SIZE], uint8_t der[DER_MAX])
{
	size_t len = 2;
	len += integer_write(der + len, raw);
	len += integer_write(der + len, raw + P256_SIZE);
	der[0] = DER_SEQUENCE;
	der[1] = (uint8_t)(len - 2);
	return len;
}

/* A context of the caller's own, so that the key's stays as it is while other threads copy it. */
static EVP_MD_CTX *context_copy(const EVP_MD_CTX *prepared)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	if (context != NULL && EVP_MD_CTX_copy_ex(context, prepared) != 1) {
		EVP_MD_CTX_free(context);
		context = NULL;
	}
	return context;
}

enum result signature_make(const struct key *key, struct slice input, uint8_t bytes[SIGNATURE_SIZE_MAX], size_t *ret_len)
{
	EVP_MD_CTX *context = context_copy(key->signer);
	if (context == NULL)
		return RESULT_NO_MEMORY;
	uint8_t der[DER_MAX];
	bool elliptic = key->algorithm == ALGORITHM_ES256;
	size_t len = elliptic ? sizeof der : SIGNATURE_SIZE_MAX;
	int good = EVP_DigestSign(context, elliptic ? der : bytes, &len, (const uint8_t *)input.ptr, input.len);
	EVP_MD_CTX_free(context);
	if (good != 1)
		return RESULT_FAILED;
	if (elliptic) {
		if (!der_to_raw((struct slice) { (const char *)der, len }, bytes))
			return RESULT_FAILED;
		len = ES256_SIZE;
	}
	*ret_len = len;
	return RESULT_OK;
}

enum result signature_check(const struct key *key, struct slice input, const uint8_t *bytes, size_t len)
{
	uint8_t der[DER_MAX];
	if (key->algorithm == ALGORITHM_ES256) {
		if (len != ES256_SIZE)
			return RESULT_INVALID;
		len = raw_to_der(bytes, der);
		bytes = der;
	}
	EVP_MD_CTX *context = context_copy(key->verifier);
	if (context == NULL)
		return RESULT_NO_MEMORY;
	int good = EVP_DigestVerify(context, bytes, len, (const uint8_t *)input.ptr, input.len);
	EVP_MD_CTX_free(context);
	return good == 1 ? RESULT_OK : RESULT_INVALID;
}
