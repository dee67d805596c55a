/* What the tests of libwrit share: a partition's keys, its catalogue, and tokens with any claim changed or left out. */
#ifndef WRIT_TEST_LIBWRIT_RIG_H
#define WRIT_TEST_LIBWRIT_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/text.h"
#include "jose/base64url.h"
#include "jose/jws.h"
#include "jose/signature.h"
#include "libwrit/writ.h"

#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>

#define AUDIENCE "https://api.example.test"
#define ISSUER "https://auth.example.test/system/auth/ONE"

static const char rig_catalogue[] =
	"{\"writ_catalogue\":1,\"partition\":\"ONE\",\"issuers\":[\"" ISSUER "-U\",\"" ISSUER "-C\"],\"audience\":\"" AUDIENCE "\","
	"\"application_permissions\":[\"app.a\",\"app.read\"],\"operations\":["
	"{\"api\":\"orders\",\"method\":\"GET\",\"path\":\"/orders/{id}\",\"operation_id\":\"getOrder\",\"allow\":["
	"{\"actor\":\"user\",\"scopes\":[\"read\"]},{\"actor\":\"user_on_behalf_of\",\"scopes\":[\"obo.read\"]},{\"actor\":\"client\",\"scopes\":[\".default\"]}]},"
	"{\"api\":\"orders\",\"method\":\"PUT\",\"path\":\"/orders/{id}\",\"allow\":[{\"actor\":\"user\",\"scopes\":[\"read\",\"manage\"]},{\"actor\":\"client\",\"scopes\":[\"app.read\"]}]},"
	"{\"api\":\"orders\",\"method\":\"GET\",\"path\":\"/open\",\"allow\":[{\"actor\":\"anonymous_customer\",\"scopes\":[]},{\"actor\":\"customer\",\"scopes\":[]}]},"
	"{\"api\":\"orders\",\"method\":\"GET\",\"path\":\"/closed\",\"allow\":[]}]}";

struct rig {
	struct arena *arena;
	struct key *elliptic, *rsa, *stranger;
	struct slice jwks, strangers_jwks;
	struct writ *guard;
	struct writ_decision decision;
};

static inline int rig_begin(void **state)
{
	static struct rig rig;
	struct writ_problem problem;
	rig.arena = arena_new(64 * 1024, 64 * 1024 * 1024);
	assert_int_equal(key_generate(ALGORITHM_ES256, &rig.elliptic), RESULT_OK);
	assert_int_equal(key_generate(ALGORITHM_RS256, &rig.rsa), RESULT_OK);
	assert_int_equal(key_generate(ALGORITHM_ES256, &rig.stranger), RESULT_OK);
	rig.jwks = arena_print(rig.arena, "{\"keys\":[%.*s,%.*s]}", SLICE_ARGS(key_public_jwk(rig.elliptic)), SLICE_ARGS(key_public_jwk(rig.rsa)));
	rig.strangers_jwks = arena_print(rig.arena, "{\"keys\":[%.*s]}", SLICE_ARGS(key_public_jwk(rig.stranger)));
	if (writ_open(rig_catalogue, strlen(rig_catalogue), rig.jwks.ptr, rig.jwks.len, &rig.guard, &problem) != WRIT_OK)
		fail_msg("%s", problem.text);
	*state = &rig;
	return 0;
}

static inline int rig_end(void **state)
{
	struct rig *rig = *state;
	writ_close(rig->guard);
	key_free(rig->elliptic);
	key_free(rig->rsa);
	key_free(rig->stranger);
	arena_free(rig->arena);
	return 0;
}

/* Every claim that an access token must have. */
static const char *const rig_claims[] = { "iss", "sub", "aud", "iat", "exp", "jti", "client_id", "scope", "actor", "partition", "gid" };
#define RIG_CLAIMS (sizeof rig_claims / sizeof rig_claims[0])

static inline struct slice rig_claim(struct rig *rig, const char *name)
{
	if (strcmp(name, "iss") == 0)
		return SLICE_OF("\"" ISSUER "-U\"");
	if (strcmp(name, "aud") == 0)
		return SLICE_OF("\"" AUDIENCE "\"");
	if (strcmp(name, "iat") == 0 || strcmp(name, "exp") == 0)
		return arena_print(rig->arena, "%lld", (long long)clock_s() + (name[0] == 'e' ? 600 : 0));
	if (strcmp(name, "jti") == 0 || strcmp(name, "gid") == 0) {
		char id[UUID_TEXT_SIZE];
		text_uuid7(clock_ms(), id);
		return arena_print(rig->arena, "\"%s\"", id);
	}
	if (strcmp(name, "actor") == 0)
		return SLICE_OF("\"user\"");
	if (strcmp(name, "partition") == 0)
		return SLICE_OF("\"ONE\"");
	return strcmp(name, "sub") == 0 ? SLICE_OF("\"1001\"") : strcmp(name, "scope") == 0 ? SLICE_OF("\"openid read\"") : SLICE_OF("\"app-1\"");
}

/* The claims, those of changes ("name", "json", …, NULL) as they say; json "" leaves one out. */
static inline struct slice rig_payload(struct rig *rig, const char *const *changes)
{
	struct writer payload = writer_new(rig->arena, 1024);
	writer_byte(&payload, '{');
	for (size_t i = 0; i < RIG_CLAIMS; i++) {
		struct slice value = rig_claim(rig, rig_claims[i]);
		for (const char *const *change = changes; change != NULL && *change != NULL; change += 2)
			if (strcmp(*change, rig_claims[i]) == 0)
				value = slice_from(change[1]);
		if (value.len == 0)
			continue;
		writer_json_key(&payload, rig_claims[i]);
		writer_put(&payload, value);
	}
	for (const char *const *change = changes; change != NULL && *change != NULL; change += 2) {
		bool known = false;
		for (size_t i = 0; i < RIG_CLAIMS; i++)
			known = known || strcmp(*change, rig_claims[i]) == 0;
		if (known)
			continue;
		writer_json_key(&payload, *change);
		writer_put(&payload, slice_from(change[1]));
	}
	writer_byte(&payload, '}');
	assert_true(writer_ok(&payload));
	return writer_slice(&payload);
}

#define CHANGES(...) ((const char *const[]) { __VA_ARGS__, NULL })

/* "Bearer TOKEN" */
static inline const char *rig_bearer(struct rig *rig, const struct key *key, const char *const *changes)
{
	struct writer header = writer_new(rig->arena, 1024);
	writer_text(&header, "Bearer ");
	assert_int_equal(jws_sign(key, TOKEN_ACCESS, rig_payload(rig, changes), &header), RESULT_OK);
	writer_byte(&header, '\0');
	assert_true(writer_ok(&header));
	return header.bytes;
}

static inline enum writ_verdict rig_decide(struct rig *rig, const char *method, const char *target, const char *authorization)
{
	const struct writ_call call = { .method = method, .target = target, .authorization = authorization };
	return writ_decide(rig->guard, &call, &rig->decision);
}

#endif
