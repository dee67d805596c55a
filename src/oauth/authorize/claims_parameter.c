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

/* §5.5.1.1: of an essential acr one of the values must come true. */
static bool acr_is_unmet(const json_t *whole)
{
	const json_t *request = json_object_get(json_object_get(whole, "id_token"), "acr");
	const json_t *values = json_object_get(request, "values"), *value = json_object_get(request, "value"), *each;
	size_t i;
	bool unmet = values != NULL || value != NULL;
	if (!json_is_true(json_object_get(request, "essential")))
		return false;
	if (json_is_string(value) && strcmp(json_string_value(value), ACR_PASSWORD) == 0)
		unmet = false;
	json_array_foreach(values, i, each)
		if (json_is_string(each) && strcmp(json_string_value(each), ACR_PASSWORD) == 0)
			unmet = false;
	return unmet;
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
	if (result == RESULT_OK)
		result = read_member(arena, whole, "userinfo", &wanted.subject, &wanted.userinfo);
	wanted.unmet_acr = acr_is_unmet(whole);
	json_decref(whole);
	if (result == RESULT_OK)
		*ret = wanted;
	return result;
}
