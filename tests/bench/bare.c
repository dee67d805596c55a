/* bare ES256|RS256|ES256-verify SECONDS: signatures, or verifications, a second of OpenSSL alone, over a message as long as an access token's header and
 * claims, with a prepared context copied for each. Prints one JSON line. What every other rate is measured against. */
#include <openssl/evp.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MESSAGE_SIZE = 500, SIGNATURE_SIZE = 512, BETWEEN_CLOCKS = 16 };

static double seconds_of(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int sign_once(EVP_MD_CTX *work, const EVP_MD_CTX *prepared)
{
	unsigned char message[MESSAGE_SIZE], signature[SIGNATURE_SIZE];
	size_t size = sizeof signature;
	memset(message, 'm', sizeof message);
	return EVP_MD_CTX_copy_ex(work, prepared) == 1 && EVP_DigestSign(work, signature, &size, message, sizeof message) == 1;
}

struct signature {
	unsigned char bytes[SIGNATURE_SIZE];
	size_t size;
};

static int make_signature(EVP_PKEY *key, struct signature *ret)
{
	unsigned char message[MESSAGE_SIZE];
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	memset(message, 'm', sizeof message);
	ret->size = sizeof ret->bytes;
	int good = context != NULL && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
	           EVP_DigestSign(context, ret->bytes, &ret->size, message, sizeof message) == 1;
	EVP_MD_CTX_free(context);
	return good;
}

static int verify_once(EVP_MD_CTX *work, const EVP_MD_CTX *prepared, const struct signature *signature)
{
	unsigned char message[MESSAGE_SIZE];
	memset(message, 'm', sizeof message);
	return EVP_MD_CTX_copy_ex(work, prepared) == 1 && EVP_DigestVerify(work, signature->bytes, signature->size, message, sizeof message) == 1;
}

/* verifies: of one signature, again and again. */
static int measure(const char *algorithm, EVP_PKEY *key, int verifies, double seconds)
{
	struct signature signature;
	EVP_MD_CTX *prepared = EVP_MD_CTX_new(), *work = EVP_MD_CTX_new();
	int good = key != NULL && prepared != NULL && work != NULL &&
	           (verifies ? make_signature(key, &signature) && EVP_DigestVerifyInit(prepared, NULL, EVP_sha256(), NULL, key) == 1
	                     : EVP_DigestSignInit(prepared, NULL, EVP_sha256(), NULL, key) == 1);
	unsigned long count = 0;
	double start = seconds_of(CLOCK_MONOTONIC), busy = seconds_of(CLOCK_PROCESS_CPUTIME_ID), now = start;
	while (good && now - start < seconds) {
		for (int i = 0; good && i < BETWEEN_CLOCKS; i++)
			good = verifies ? verify_once(work, prepared, &signature) : sign_once(work, prepared);
		count += BETWEEN_CLOCKS;
		now = seconds_of(CLOCK_MONOTONIC);
	}
	busy = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - busy;
	if (good)
		printf("{\"algorithm\": \"%s\", \"rate\": %.1f, \"busy\": %.3f}\n", algorithm, (double)count / (now - start), busy / (now - start));
	EVP_MD_CTX_free(work);
	EVP_MD_CTX_free(prepared);
	EVP_PKEY_free(key);
	return good ? 0 : 1;
}

int main(int argc, char **argv)
{
	double seconds = argc == 3 ? strtod(argv[2], NULL) : 0;
	if (!(seconds > 0 && seconds <= 600)) {
		fprintf(stderr, "usage: bare ES256|RS256|ES256-verify SECONDS\n");
		return 2;
	}
	if (strcmp(argv[1], "ES256") == 0)
		return measure(argv[1], EVP_EC_gen("P-256"), 0, seconds);
	if (strcmp(argv[1], "ES256-verify") == 0)
		return measure(argv[1], EVP_EC_gen("P-256"), 1, seconds);
	if (strcmp(argv[1], "RS256") == 0)
		return measure(argv[1], EVP_RSA_gen(2048), 0, seconds);
	fprintf(stderr, "bare: %s is not ES256, RS256 or ES256-verify\n", argv[1]);
	return 2;
}
