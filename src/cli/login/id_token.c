#include "cli/login/id_token.h"

#include "base/limits.h"
#include "base/text.h"
#include "cli/show.h"
#include "cli/token_decode.h"
#include "jose/json_strict.h"

#include <openssl/evp.h>
#include <sodium.h>

#define SHOWN_MAX 120

/* aud is one text or a list of them; in a list of several, azp says whose token it is (steps 3 to 5). */
static bool audience_is_right(const json_t *claims, const char *client_id)
{
	const json_t *audience = json_object_get(claims, "aud");
	const json_t *authorized = json_object_get(claims, "azp");
	bool named = slice_is(json_object_text(claims, "aud"), client_id);
	for (size_t i = 0; i < json_array_size(audience) && !named; i++) {
		const json_t *item = json_array_get(audience, i);
		named = json_is_string(item) && strcmp(json_string_value(item), client_id) == 0;
	}
	if (authorized == NULL)
		return named && json_array_size(audience) <= 1;
	return named && slice_is(json_object_text(claims, "azp"), client_id);
}

/* The left half of the hash that the token's algorithm ends in (§3.1.3.8); right where there is none, or the algorithm's hash
 * is unknown. */
static bool access_token_is_right(const json_t *header, const json_t *claims, struct slice access_token)
{
	const json_t *at_hash = json_object_get(claims, "at_hash");
	struct slice alg = json_object_text(header, "alg");
	const EVP_MD *method = slice_ends_with(alg, SLICE_OF("256"))   ? EVP_sha256()
	                       : slice_ends_with(alg, SLICE_OF("384")) ? EVP_sha384()
	                       : slice_ends_with(alg, SLICE_OF("512")) ? EVP_sha512()
	                                                               : NULL;
	unsigned char hash[EVP_MAX_MD_SIZE];
	char half[EVP_MAX_MD_SIZE];
	unsigned size = 0;
	if (at_hash == NULL || method == NULL)
		return true;
	if (EVP_Digest(access_token.ptr, access_token.len, hash, &size, method, NULL) != 1)
		return false;
	sodium_bin2base64(half, sizeof half, hash, size / 2, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	return slice_is(json_object_text(claims, "at_hash"), half);
}

static const char *times_judge(const json_t *claims, int64_t now_s)
{
	const json_t *expires = json_object_get(claims, "exp"), *issued = json_object_get(claims, "iat");
	if (!json_is_integer(expires) || !json_is_integer(issued))
		return "it does not say when it was issued and expires";
	if (json_integer_value(expires) <= now_s)
		return "it has expired: is this machine's clock right?";
	if (json_integer_value(issued) > now_s + LIMIT_CLOCK_AHEAD_S)
		return "it was issued in the future: is this machine's clock right?";
	return NULL;
}

const char *id_token_judge(const json_t *header, const json_t *claims, const struct id_token_expected *expected, struct arena *arena)
{
	struct slice issuer = json_object_text(claims, "iss"), type = json_object_text(header, "typ");
	if (type.ptr != NULL && !text_equal_folded(type, SLICE_OF("JWT")))
		return "it is a token of another kind (typ)";
	if (!slice_is(issuer, expected->issuer))
		return arena_print(arena, "it comes from another issuer, \"%s\"", show_text(arena, issuer, SHOWN_MAX)).ptr;
	if (!audience_is_right(claims, expected->client_id))
		return "it is meant for another client application (aud)";
	if (!slice_is(json_object_text(claims, "nonce"), expected->nonce))
		return "it is not the answer to this sign-in (nonce)";
	if (json_object_text(claims, "sub").len == 0)
		return "it names nobody (sub)";
	const char *why = times_judge(claims, expected->now_s);
	if (why != NULL)
		return why;
	return access_token_is_right(header, claims, expected->access_token) ? NULL : "it belongs to another access token (at_hash)";
}

enum result id_token_verify(struct slice token, const struct id_token_expected *expected, const char *jwks_uri, const char *ca_file,
                            struct arena *arena, json_t **ret, struct problem *problem)
{
	struct decoded_token decoded;
	struct token_verification verification = { SIGNATURE_UNKNOWN, "the server's metadata names no key set (jwks_uri)", "", "" };
	token_take_apart(token, arena, &decoded);
	const char *why = decoded.form == TOKEN_FORM_JWT ? id_token_judge(decoded.header, decoded.claims, expected, arena) : "it is no signed JWT";
	if (why == NULL && jwks_uri != NULL)
		token_verify(token, decoded.header, decoded.claims, jwks_uri, ca_file, arena, &verification);
	if (why == NULL && verification.state != SIGNATURE_GOOD)
		why = verification.why;
	if (why == NULL)
		*ret = json_incref(decoded.claims);
	decoded_token_free(&decoded);
	if (why != NULL)
		return problem_set(problem, RESULT_INVALID, "the server's ID token is refused: %s; the tokens that came with it were thrown away", why);
	return RESULT_OK;
}
