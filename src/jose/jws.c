#include "jose/jws.h"

#include "jose/base64url.h"
#include "jose/json_strict.h"
#include "jose/jws_parts.h"
#include "jose/signature.h"

enum result jws_sign(const struct key *key, enum token_type type, struct slice payload, struct writer *writer)
{
	uint8_t signature[SIGNATURE_SIZE_MAX];
	size_t signature_len;
	size_t start = writer->len;
	writer_put(writer, key->headers[type]);
	base64url_put(writer, payload.ptr, payload.len);
	if (!writer_ok(writer))
		return RESULT_NO_MEMORY;
	struct slice input = { writer->bytes + start, writer->len - start };
	enum result result = signature_make(key, input, signature, &signature_len);
	if (result != RESULT_OK) {
		writer->len = start;
		return result;
	}
	writer_byte(writer, '.');
	base64url_put(writer, signature, signature_len);
	return writer_ok(writer) ? RESULT_OK : RESULT_NO_MEMORY;
}

bool jws_parts_cut(struct slice token, struct jws_parts *ret)
{
	struct slice rest = token;
	if (token.len > LIMIT_JWT_SIZE)
		return false;
	if (!slice_cut(&rest, '.', &ret->header) || !slice_cut(&rest, '.', &ret->payload) || !slice_cut(&rest, '.', &ret->signature))
		return false;
	ret->signed_text = slice_first(token, ret->header.len + 1 + ret->payload.len);
	return rest.ptr == NULL && ret->header.len > 0 && ret->payload.len > 0 && ret->signature.len > 0;
}

/* RFC 9068 §4 allows both spellings of an access token's type. */
static bool type_matches(struct slice name, enum token_type type)
{
	if (type == TOKEN_ACCESS && slice_is(name, "application/at+jwt"))
		return true;
	return slice_equal(name, token_type_name(type));
}

/* The key that a header may be verified with: NULL when its kid is unknown, or when it wants anything but that key's
 * algorithm and this type. An extension that must be understood (RFC 7515 §4.1.11) or an unencoded payload (RFC 7797) is
 * nothing that we ever make. */
static const struct key *header_judge(struct slice encoded, enum token_type type, const struct key_ring *ring)
{
	char text[LIMIT_JWS_HEADER];
	size_t len;
	json_t *header;
	if (base64url_take(encoded, text, sizeof text, &len) != RESULT_OK)
		return NULL;
	if (json_object_parse((struct slice) { text, len }, &header) != RESULT_OK)
		return NULL;
	const struct key *key = NULL;
	struct slice kid = json_object_text(header, "kid");
	if (kid.ptr != NULL && json_object_get(header, "crit") == NULL && json_object_get(header, "b64") == NULL)
		key = key_ring_find(ring, kid);
	if (key != NULL && !slice_is(json_object_text(header, "alg"), algorithm_name(key->algorithm)))
		key = NULL;
	if (key != NULL && !type_matches(json_object_text(header, "typ"), type))
		key = NULL;
	json_decref(header);
	return key;
}

enum result jws_verify(struct slice token, enum token_type type, const struct key_ring *ring, struct claims *ret)
{
	struct jws_parts parts;
	if (!jws_parts_cut(token, &parts))
		return RESULT_INVALID;
	const struct key *key = header_judge(parts.header, type, ring);
	if (key == NULL)
		return RESULT_INVALID;
	uint8_t signature[SIGNATURE_SIZE_MAX];
	size_t signature_len;
	if (base64url_take(parts.signature, signature, sizeof signature, &signature_len) != RESULT_OK)
		return RESULT_INVALID;
	enum result result = signature_check(key, parts.signed_text, signature, signature_len);
	if (result != RESULT_OK)
		return result;
	char payload[JWS_DECODED_MAX];
	size_t payload_len;
	json_t *object;
	if (base64url_take(parts.payload, payload, sizeof payload, &payload_len) != RESULT_OK)
		return RESULT_INVALID;
	if (json_object_parse((struct slice) { payload, payload_len }, &object) != RESULT_OK)
		return RESULT_INVALID;
	*ret = (struct claims) { object };
	return RESULT_OK;
}

/* Not by the JSON parser: this is what anybody may send, and our own tokens have it written like this. */
enum result jws_claimed_partition(struct slice token, struct partition_id *ret)
{
	static const struct slice member = SLICE("\"partition\":\"");
	struct jws_parts parts;
	char payload[JWS_DECODED_MAX];
	size_t len;
	if (!jws_parts_cut(token, &parts) || base64url_take(parts.payload, payload, sizeof payload, &len) != RESULT_OK)
		return RESULT_INVALID;
	const char *at = memmem(payload, len, member.ptr, member.len);
	if (at == NULL)
		return RESULT_INVALID;
	struct slice rest = { at + member.len, len - (size_t)(at - payload) - member.len };
	struct slice name;
	return slice_cut(&rest, '"', &name) && partition_id_parse(name, ret) ? RESULT_OK : RESULT_INVALID;
}

void claims_free(struct claims *claims)
{
	json_decref(claims->object);
	claims->object = NULL;
}

struct slice claims_text(const struct claims *claims, const char *name)
{
	return json_object_text(claims->object, name);
}

bool claims_int(const struct claims *claims, const char *name, int64_t *ret)
{
	const json_t *member = json_object_get(claims->object, name);
	if (!json_is_integer(member))
		return false;
	*ret = json_integer_value(member);
	return true;
}

/* Whole numbers up to here are exact in the library's reals. */
#define REAL_MAX 9007199254740992.0

bool claims_time(const struct claims *claims, const char *name, int64_t *ret)
{
	const json_t *member = json_object_get(claims->object, name);
	if (json_is_integer(member)) {
		*ret = json_integer_value(member);
		return true;
	}
	const double real = json_is_real(member) ? json_real_value(member) : REAL_MAX;
	if (!(real > -REAL_MAX && real < REAL_MAX))
		return false;
	*ret = (int64_t)real;
	return true;
}

struct slice claims_sole_audience(const struct claims *claims, bool *ret_in_array)
{
	const json_t *member = json_object_get(claims->object, "aud");
	bool in_array = json_is_array(member) && json_array_size(member) == 1;
	if (in_array)
		member = json_array_get(member, 0);
	if (!json_is_string(member))
		return (struct slice) { NULL, 0 };
	*ret_in_array = in_array;
	return (struct slice) { json_string_value(member), json_string_length(member) };
}

static bool is_text(const json_t *value, struct slice text)
{
	return json_is_string(value) && slice_equal((struct slice) { json_string_value(value), json_string_length(value) }, text);
}

bool claims_audience_has(const struct claims *claims, struct slice audience)
{
	const json_t *member = json_object_get(claims->object, "aud");
	if (is_text(member, audience))
		return true;
	for (size_t i = 0; i < json_array_size(member); i++)
		if (is_text(json_array_get(member, i), audience))
			return true;
	return false;
}

bool claims_denied(const struct claims *claims, const char *name)
{
	const json_t *member = json_object_get(claims->object, name);
	return member != NULL && !json_is_true(member) && !is_text(member, SLICE_OF("true"));
}

struct slice claims_member_text(const struct claims *claims, const char *name, const char *member)
{
	return json_object_text(json_object_get(claims->object, name), member);
}

bool claims_has(const struct claims *claims, const char *name)
{
	return json_object_get(claims->object, name) != NULL;
}
