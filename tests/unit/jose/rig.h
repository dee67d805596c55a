/* What the tests of jose/ share: a ring of made keys, and tokens that no honest server would make. */
#ifndef WRIT_TEST_JOSE_RIG_H
#define WRIT_TEST_JOSE_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "jose/base64url.h"
#include "jose/jws.h"
#include "jose/signature.h"

struct rig {
	struct arena *arena;
	struct partition_id partition;
	struct master_key master;
	struct signing_key stored[KEY_RING_FIRST]; /* ES256 active and next, RS256 active and next */
	struct key_ring *ring;
	const struct key *elliptic, *rsa; /* the signers */
};

static inline int rig_begin(void **state)
{
	static struct rig rig;
	rig = (struct rig) { .arena = arena_new(64 * 1024, 16 * 1024 * 1024) };
	rig.master.secret = secret32_random();
	assert_true(partition_id_parse(SLICE_OF("ONE"), &rig.partition));
	assert_int_equal(key_ring_make_first(&rig.partition, &rig.master, rig.arena, rig.stored), RESULT_OK);
	assert_int_equal(key_ring_open(rig.stored, KEY_RING_FIRST, &rig.partition, &rig.master, &rig.ring), RESULT_OK);
	rig.elliptic = key_ring_signer(rig.ring, ALGORITHM_ES256);
	rig.rsa = key_ring_signer(rig.ring, ALGORITHM_RS256);
	*state = &rig;
	return 0;
}

static inline int rig_end(void **state)
{
	struct rig *rig = *state;
	key_ring_free(rig->ring);
	arena_free(rig->arena);
	return 0;
}

static inline struct slice rig_sign(struct rig *rig, const struct key *key, enum token_type type, const char *payload)
{
	struct writer writer = writer_new(rig->arena, 256);
	assert_int_equal(jws_sign(key, type, slice_from(payload), &writer), RESULT_OK);
	return writer_slice(&writer);
}

/* header.payload signed by key, whatever they say. */
static inline struct slice rig_forge(struct rig *rig, const struct key *key, struct slice header, struct slice payload)
{
	uint8_t signature[SIGNATURE_SIZE_MAX];
	size_t len;
	struct writer writer = writer_new(rig->arena, 256);
	base64url_put(&writer, header.ptr, header.len);
	writer_byte(&writer, '.');
	base64url_put(&writer, payload.ptr, payload.len);
	assert_int_equal(signature_make(key, writer_slice(&writer), signature, &len), RESULT_OK);
	writer_byte(&writer, '.');
	base64url_put(&writer, signature, len);
	assert_true(writer_ok(&writer));
	return writer_slice(&writer);
}

/* {"alg":ALG,"typ":"at+jwt","kid":…MORE}: MORE is more members with a comma in front. */
static inline struct slice rig_header(struct rig *rig, const char *alg, struct slice kid, const char *more)
{
	return arena_print(rig->arena, "{\"alg\":\"%s\",\"typ\":\"at+jwt\",\"kid\":\"%.*s\"%s}", alg, SLICE_ARGS(kid), more);
}

static inline enum result rig_verify(struct rig *rig, struct slice token, enum token_type type)
{
	struct claims claims = { NULL };
	enum result result = jws_verify(token, type, rig->ring, &claims);
	if (result == RESULT_OK)
		claims_free(&claims);
	else
		assert_null(claims.object); /* untouched */
	return result;
}

#endif
