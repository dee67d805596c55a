#include "oauth/authorize/claims_parameter.h"

#include "base/writer.h"
#include "jose/json_strict.h"
#include "oauth/id_token.h"
#include "oauth/person_claims.h"

static enum result read_subject(struct arena *arena, const json_t *wanted, struct slice *subject)
{
	const json_t *request = json_object_get(wanted, "sub");
	struct slice value = json_object_text(request, "value");
	if (value.ptr == NULL)
		return json_object_get(request, "value") == NULL ? RESULT_OK : RESULT_INVALID;
	if (subject->ptr != NULL && !slice_equal(*subject, value))
		return RESULT_INVALID;
	*subject = arena_copy(arena, value);
	return subject->ptr == NULL ? RESULT_NO_MEMORY : RESULT_OK;
}

static bool is_ours(const json_t *acr)
{
	return json_is_string(acr) && strcmp(json_string_value(acr), ACR_PASSWORD) == 0;
}

/* {"acr": {"essential": true, "values": ["2"]}}: must not be answered by a weaker sign-in. */
static bool acr_is_unmet(const json_t *wanted)
{
	const json_t *acr = json_object_get(wanted, "acr");
	const json_t *values = json_object_get(acr, "values");
	const json_t *value = json_object_get(acr, "value");
	bool met = is_ours(value);
	for (size_t i = 0; i < json_array_size(values); i++)
		met |= is_ours(json_array_get(values, i));
	return json_is_true(json_object_get(acr, "essential")) && (value != NULL || values != NULL) && !met;
}

static enum result read_member(struct arena *arena, json_t *whole, const char *member, struct slice *subject, struct slice *ret)
{
	json_t *wanted = json_object_get(whole, member);
	const char *name;
	json_t *value;
	if (wanted == NULL || json_is_null(wanted))
		return RESULT_OK;
	if (!json_is_object(wanted))
		return RESULT_INVALID;
	struct writer list = writer_new(arena, 128);
	json_object_foreach(wanted, name, value) {
		if (!person_claim_is_known(slice_from(name)))
			continue;
		if (list.len > 0)
			writer_byte(&list, ' ');
		writer_text(&list, name);
	}
	if (!writer_ok(&list))
		return RESULT_NO_MEMORY;
	*ret = list.len > 0 ? writer_slice(&list) : (struct slice) { NULL, 0 };
	return read_subject(arena, wanted, subject);
}

enum result claims_parameter_read(struct arena *arena, struct slice json, struct claims_wanted *ret)
{
	json_t *whole;
	struct claims_wanted wanted = { .subject = { NULL, 0 } };
	if (json_object_parse(json, &whole) != RESULT_OK)
		return RESULT_INVALID;
	enum result result = read_member(arena, whole, "id_token", &wanted.subject, &wanted.id_token);
	wanted.acr_unmet = acr_is_unmet(json_object_get(whole, "id_token"));
	if (result == RESULT_OK)
		result = read_member(arena, whole, "userinfo", &wanted.subject, &wanted.userinfo);
	json_decref(whole);
	if (result == RESULT_OK)
		*ret = wanted;
	return result;
}
