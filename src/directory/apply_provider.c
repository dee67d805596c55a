/* Identity providers (contract §7, §9): whose signed tokens are exchanged for ours. */
#include "directory/apply_state.h"

#define PROVIDER(member) offsetof(struct provider_reading, provider.member)

static const struct field_name match_names[] = {
	{ SLICE("username"), MATCH_USERNAME },
	{ SLICE("email"), MATCH_EMAIL },
	{ SLICE("id"), MATCH_ID },
};

const struct field provider_fields[] = {
	{ SLICE("registration_id"), FIELD_TEXT, PROVIDER(registration_id), .bit = PROVIDER_REGISTRATION_ID, .apart = true, .limit = LIMIT_ID,
	  .rule = rule_registration_id },
	{ SLICE("issuer"), FIELD_TEXT, PROVIDER(issuer), .bit = PROVIDER_ISSUER, .limit = LIMIT_URL, .rule = rule_claim_value },
	{ SLICE("audience"), FIELD_TEXT, PROVIDER(audience), .bit = PROVIDER_AUDIENCE, .limit = LIMIT_URL, .rule = rule_claim_value },
	{ SLICE("jwks_url"), FIELD_TEXT, PROVIDER(jwks_url), .bit = PROVIDER_JWKS_URL, .limit = LIMIT_URL, .rule = rule_service_url },
	{ SLICE("claim"), FIELD_TEXT, PROVIDER(claim), .bit = PROVIDER_CLAIM, .limit = LIMIT_NAME, .rule = rule_claim_value },
	{ SLICE("matches"), FIELD_NAMED, PROVIDER(matches), .bit = PROVIDER_MATCHES, .names = match_names, .name_count = FIELD_COUNT(match_names) },
};
const size_t provider_field_count = FIELD_COUNT(provider_fields);

static unsigned line_of(const struct reading *reading, unsigned bit)
{
	return reading_has(reading, bit) ? reading->lines[bit] : reading->line;
}

/* Everything must be said, for nothing of it can be guessed. */
static enum result whole_judge(struct apply *apply, const struct reading *reading, const struct identity_provider *provider)
{
	const struct {
		unsigned bit;
		const char *name;
		bool missing;
	} needed[] = {
		{ PROVIDER_ISSUER, "issuer: what iss is in its tokens", provider->issuer.len == 0 },
		{ PROVIDER_AUDIENCE, "audience: what aud is in the tokens that are meant for this server", provider->audience.len == 0 },
		{ PROVIDER_JWKS_URL, "jwks_url: where its public keys are", provider->jwks_url.len == 0 },
		{ PROVIDER_CLAIM, "claim: which claim of its tokens names the person", provider->claim.len == 0 },
		{ PROVIDER_MATCHES, "matches: whether that is a username, an email or an id", provider->matches == 0 },
	};
	for (size_t i = 0; i < FIELD_COUNT(needed); i++)
		if (needed[i].missing)
			return document_fail(apply->document, line_of(reading, needed[i].bit), RESULT_INVALID, "an identity provider needs %s", needed[i].name);
	return RESULT_OK;
}

static enum result provider_judge(struct apply *apply, const struct apply_partition *partition, const struct reading *reading,
                                  const struct identity_provider *present, const struct identity_provider *provider)
{
	struct problem problem;
	enum result result = whole_judge(apply, reading, provider);
	if (result == RESULT_OK)
		result = apply_address_judge(apply, line_of(reading, PROVIDER_JWKS_URL), present->jwks_url, provider->jwks_url);
	if (result == RESULT_OK && rule_provider_issuer(&partition->id, provider->issuer, &problem) != RESULT_OK)
		return document_fail(apply->document, line_of(reading, PROVIDER_ISSUER), RESULT_INVALID, "%s", problem.text);
	return result;
}

static enum result provider_stage(struct apply *apply, const struct apply_partition *partition, const struct identity_provider *present,
                                  const struct identity_provider *provider, const struct difference *difference)
{
	const struct slice id = provider->registration_id;
	const bool exists = present != NULL;
	if (arena_exhausted(apply->object))
		return apply_no_memory(apply);
	enum result result = apply_sole_staged(apply, OBJECT_PROVIDER, &partition->id, present, provider);
	if (result != RESULT_OK)
		return result;
	result = exists && !difference->any ? store_batch_mention(apply->batch, &partition->id, OBJECT_PROVIDER, id)
	                                    : store_batch_provider(apply->batch, &partition->id, provider);
	if (result != RESULT_OK)
		return apply_store_failed(apply, result);
	if (!exists || difference->any)
		apply_tell(apply, exists ? APPLY_CHANGE : APPLY_ADD, &partition->id, OBJECT_PROVIDER, id, id,
		           exists ? difference_words(difference) : SLICE_OF(""));
	return RESULT_OK;
}

enum result apply_provider(struct apply *apply, struct apply_partition *partition)
{
	struct provider_reading reading = { 0 };
	struct identity_provider provider = { .version = 0 };
	enum result result = fields_read(apply->document, "identity provider", provider_fields, provider_field_count, apply->object, &reading.reading);
	if (result != RESULT_OK)
		return result;
	const struct slice id = reading.provider.registration_id;
	if (id.len == 0)
		return document_fail(apply->document, reading.reading.line, RESULT_INVALID, "an identity provider needs a registration_id");
	result = apply_key_once(apply, &partition->id, OBJECT_PROVIDER, id, reading.reading.line);
	if (result != RESULT_OK)
		return result;
	result = partition->exists ? store_provider_read(apply->store, &partition->id, id, apply->object, &provider) : RESULT_NOT_FOUND;
	if (result != RESULT_OK && result != RESULT_NOT_FOUND)
		return apply_store_failed(apply, result);
	const bool exists = result == RESULT_OK;
	const struct identity_provider present = provider;
	result = apply_sole_judge(apply, OBJECT_PROVIDER, exists, provider.version, id, reading.reading.lines[PROVIDER_REGISTRATION_ID]);
	if (result != RESULT_OK)
		return result;
	struct difference difference = difference_new(apply->object);
	provider.registration_id = id;
	fields_overlay(provider_fields, provider_field_count, &reading.reading, offsetof(struct provider_reading, provider), &provider, &difference);
	result = provider_judge(apply, partition, &reading.reading, &present, &provider);
	return result == RESULT_OK ? provider_stage(apply, partition, exists ? &present : NULL, &provider, &difference) : result;
}
