#include "cli/token_verify.h"

#include "base/limits.h"
#include "cli/json_fetch.h"
#include "cli/show.h"
#include "jose/json_strict.h"

#include <cjose/cjose.h>
#include <stdlib.h>

#define SHOWN_MAX 300
#define KEYS_TRIED_MAX 64
#define RSA_BITS_MIN 2048

static void unknown(struct token_verification *ret, const char *why)
{
	*ret = (struct token_verification) { SIGNATURE_UNKNOWN, why == NULL ? "out of memory" : why, "", "" };
}

/* Which keys an algorithm may be used with: the kind of key and curve, never what the header alone says. */
static const struct {
	const char *alg, *kty, *crv;
} algorithms[] = {
	{ "ES256", "EC", "P-256" },
	{ "ES384", "EC", "P-384" },
	{ "ES512", "EC", "P-521" },
	{ "RS256", "RSA", NULL },
	{ "RS384", "RSA", NULL },
	{ "RS512", "RSA", NULL },
	{ "PS256", "RSA", NULL },
	{ "PS384", "RSA", NULL },
	{ "PS512", "RSA", NULL },
};

static bool key_fits(const json_t *jwk, struct slice alg)
{
	struct slice use = json_object_text(jwk, "use");
	struct slice key_alg = json_object_text(jwk, "alg");
	if ((use.len > 0 && !slice_is(use, "sig")) || (key_alg.len > 0 && !slice_equal(key_alg, alg)))
		return false;
	for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
		if (!slice_is(alg, algorithms[i].alg) || !slice_is(json_object_text(jwk, "kty"), algorithms[i].kty))
			continue;
		return algorithms[i].crv == NULL || slice_is(json_object_text(jwk, "crv"), algorithms[i].crv);
	}
	return false;
}

static bool algorithm_known(struct slice alg)
{
	for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++)
		if (slice_is(alg, algorithms[i].alg))
			return true;
	return false;
}

static bool signature_matches(struct slice token, const json_t *jwk)
{
	cjose_err error;
	bool good = false;
	char *text = json_dumps(jwk, JSON_COMPACT);
	cjose_jwk_t *key = text == NULL ? NULL : cjose_jwk_import(text, strlen(text), &error);
	cjose_jws_t *jws = cjose_jws_import(token.ptr, token.len, &error);
	if (key != NULL && jws != NULL) {
		bool weak = cjose_jwk_get_kty(key, &error) == CJOSE_JWK_KTY_RSA && cjose_jwk_get_keysize(key, &error) < RSA_BITS_MIN;
		good = !weak && cjose_jws_verify(jws, key, &error);
	}
	cjose_jws_release(jws);
	cjose_jwk_release(key);
	free(text);
	return good;
}

void token_verify_with(struct slice token, const json_t *header, const json_t *key_set, struct arena *arena,
                       struct token_verification *ret)
{
	struct slice alg = json_object_text(header, "alg");
	struct slice kid = json_object_text(header, "kid");
	if (!algorithm_known(alg)) {
		const char *shown = show_text(arena, alg, SHOWN_MAX);
		unknown(ret, arena_print(arena, "the algorithm \"%s\" is none that a public key can check", shown).ptr);
		return;
	}
	if (json_object_get(header, "crit") != NULL) {
		unknown(ret, "its header names critical extensions (crit), which are not understood");
		return;
	}
	const json_t *keys = json_object_get(key_set, "keys");
	size_t tried = 0;
	for (size_t i = 0; i < json_array_size(keys) && i < KEYS_TRIED_MAX; i++) {
		const json_t *jwk = json_array_get(keys, i);
		struct slice jwk_kid = json_object_text(jwk, "kid");
		if ((kid.ptr != NULL && !slice_equal(kid, jwk_kid)) || !key_fits(jwk, alg))
			continue;
		tried++;
		if (!signature_matches(token, jwk))
			continue;
		*ret = (struct token_verification) { SIGNATURE_GOOD, "", show_text(arena, jwk_kid, SHOWN_MAX), show_text(arena, alg, SHOWN_MAX) };
		return;
	}
	if (tried == 0) {
		const char *shown = kid.ptr == NULL ? "without a name" : show_text(arena, kid, SHOWN_MAX);
		unknown(ret, arena_print(arena, "the key set has no %.*s key %s", SLICE_ARGS(alg), shown).ptr);
		return;
	}
	const char *why = "it does not match the issuer's key: the token was changed, or made by somebody else";
	*ret = (struct token_verification) { SIGNATURE_BAD, why, "", "" };
}

/* ---- finding the key set ----------------------------------------------------------------------------------- */

const char *issuer_metadata_url(struct arena *arena, struct slice issuer)
{
	size_t scheme = slice_starts_with(issuer, SLICE_OF("https://"))  ? strlen("https://")
	                : slice_starts_with(issuer, SLICE_OF("http://")) ? strlen("http://")
	                                                                 : 0;
	if (scheme == 0 || issuer.len > LIMIT_URL || memchr(issuer.ptr, '?', issuer.len) != NULL || memchr(issuer.ptr, '#', issuer.len) != NULL)
		return NULL;
	struct slice rest = slice_skip(issuer, scheme);
	const char *slash = memchr(rest.ptr, '/', rest.len);
	size_t host = slash == NULL ? rest.len : (size_t)(slash - rest.ptr);
	struct slice path = slice_skip(rest, host);
	if (path.len > 0 && path.ptr[path.len - 1] == '/')
		path.len--;
	return arena_print(arena, "%.*s/.well-known/oauth-authorization-server%.*s", (int)(scheme + host), issuer.ptr, SLICE_ARGS(path)).ptr;
}

/* NULL: *ret_why says why. */
static json_t *metadata_fetch(struct slice issuer, const char *ca_file, struct arena *arena, const char **ret_why)
{
	const char *url = issuer_metadata_url(arena, issuer);
	if (url == NULL) {
		*ret_why = issuer.len == 0 ? "it names no issuer: give the key set with --jwks-url"
		                           : "its issuer is no web address: give the key set with --jwks-url";
		return NULL;
	}
	json_t *metadata = json_fetch(url, ca_file, arena, ret_why);
	if (metadata != NULL)
		return metadata;
	const char *first_why = *ret_why;
	while (issuer.ptr[issuer.len - 1] == '/')
		issuer.len--;
	struct slice other = arena_print(arena, "%.*s/.well-known/openid-configuration", SLICE_ARGS(issuer));
	if (other.ptr != NULL)
		metadata = json_fetch(other.ptr, ca_file, arena, ret_why);
	*ret_why = first_why;
	return metadata;
}

/* The address of the issuer's key set; NULL: *ret_why. */
static const char *key_set_url(struct slice issuer, const char *ca_file, struct arena *arena, const char **ret_why)
{
	json_t *metadata = metadata_fetch(issuer, ca_file, arena, ret_why);
	if (metadata == NULL)
		return NULL;
	struct slice url = arena_copy(arena, json_object_text(metadata, "jwks_uri"));
	bool same = slice_equal(json_object_text(metadata, "issuer"), issuer);
	json_decref(metadata);
	if (!same) {
		*ret_why = "the metadata found there names another issuer (RFC 8414 section 3.3)";
		return NULL;
	}
	if (url.len == 0 || memchr(url.ptr, '\0', url.len) != NULL) {
		*ret_why = "the issuer's metadata names no jwks_uri: give the key set with --jwks-url";
		return NULL;
	}
	return url.ptr;
}

void token_verify(struct slice token, const json_t *header, const json_t *claims, const char *jwks_url, const char *ca_file,
                  struct arena *arena, struct token_verification *ret)
{
	const char *why = NULL;
	if (jwks_url == NULL)
		jwks_url = key_set_url(json_object_text(claims, "iss"), ca_file, arena, &why);
	json_t *key_set = jwks_url == NULL ? NULL : json_fetch(jwks_url, ca_file, arena, &why);
	if (key_set == NULL) {
		unknown(ret, why);
		return;
	}
	token_verify_with(token, header, key_set, arena, ret);
	json_decref(key_set);
}
