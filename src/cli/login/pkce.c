#include "cli/login/pkce.h"

#include "base/secret.h"

#include <sodium.h>

static void base64url_write(const uint8_t bytes[32], char text[UNGUESSABLE_SIZE])
{
	sodium_bin2base64(text, UNGUESSABLE_SIZE, bytes, 32, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

void unguessable_make(char text[UNGUESSABLE_SIZE])
{
	struct secret32 secret = secret32_random();
	base64url_write(secret.bytes, text);
	secret32_wipe(&secret);
}

void code_challenge_make(struct slice verifier, char challenge[UNGUESSABLE_SIZE])
{
	const struct hash32 hash = hash32_of(verifier);
	base64url_write(hash.bytes, challenge);
}
