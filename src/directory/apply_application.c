#include "directory/apply_state.h"

#include "base/text.h"

/* A client application on the way from the document to the batch. */
struct application_work {
	struct apply *apply;
	const struct apply_partition *partition;
	struct application_reading reading;
	bool exists;
	struct client_application application; /* as it will be */
	struct client_application present;
	struct slice old_name;
	struct difference difference;
};

static unsigned line_of(const struct application_work *work, unsigned bit)
{
	const struct reading *reading = &work->reading.reading;
	return reading_has(reading, bit) ? reading->lines[bit] : reading->line;
}

static enum result fail(struct application_work *work, unsigned bit, const char *sentence)
{
	return document_fail(work->apply->document, line_of(work, bit), RESULT_INVALID, "%s", sentence);
}

static enum result read_by_name(struct application_work *work, struct slice name, struct client_application *ret)
{
	if (!work->partition->exists)
		return RESULT_NOT_FOUND;
	enum result result = store_application_by_name(work->apply->store, &work->partition->id, name, work->apply->object, ret);
	if (result != RESULT_OK && result != RESULT_NOT_FOUND)
		return apply_store_failed(work->apply, result);
	return result;
}

static enum result read_by_id(struct application_work *work, struct slice client_id, struct client_application *ret)
{
	if (!work->partition->exists)
		return RESULT_NOT_FOUND;
	enum result result = store_client_application_read(work->apply->store, &work->partition->id, client_id, work->apply->object, ret);
	if (result != RESULT_OK && result != RESULT_NOT_FOUND)
		return apply_store_failed(work->apply, result);
	return result;
}

static enum result application_find(struct application_work *work)
{
	const struct client_application *given = &work->reading.application;
	enum result result = given->client_id.len > 0 ? read_by_id(work, given->client_id, &work->application)
	                                              : read_by_name(work, given->name, &work->application);
	if (result != RESULT_OK && result != RESULT_NOT_FOUND)
		return result;
	work->exists = result == RESULT_OK;
	if (work->exists) {
		work->old_name = work->application.name;
		work->present = work->application;
		return RESULT_OK;
	}
	work->application = (struct client_application) {
		.client_id = given->client_id,
		.enabled = true,
		.access_token_seconds = DEFAULT_ACCESS_TOKEN_SECONDS,
		.refresh_tokens = true,
		.refresh_idle_seconds = DEFAULT_REFRESH_IDLE_SECONDS,
		.refresh_max_seconds = DEFAULT_REFRESH_MAX_SECONDS,
		.consent = CONSENT_ASK,
		.id_token_algorithm = ALGORITHM_RS256,
	};
	if (given->client_id.len == 0) {
		char id[UUID_TEXT_SIZE];
		text_uuid4(id);
		work->application.client_id = arena_copy(work->apply->object, slice_from(id));
	}
	return arena_exhausted(work->apply->object) ? apply_no_memory(work->apply) : RESULT_OK;
}

static enum result name_judge(struct application_work *work)
{
	struct slice name = work->application.name;
	struct client_application owner;
	if (name.len == 0)
		return fail(work, APPLICATION_NAME, "a client application needs a name");
	if (work->exists && slice_equal(name, work->old_name))
		return RESULT_OK;
	enum result result = read_by_name(work, name, &owner);
	if (result == RESULT_NOT_FOUND || (result == RESULT_OK && slice_equal(owner.client_id, work->application.client_id)))
		return RESULT_OK;
	if (result != RESULT_OK)
		return result;
	/* as in apply_person.c */
	if (work->apply->options->prune)
		return RESULT_OK;
	return document_fail(work->apply->document, line_of(work, APPLICATION_NAME), apply_taken(work->apply),
	                     "the name '%.*s' belongs to the client application %.*s: choose another, or rename that one first", SLICE_ARGS(name),
	                     SLICE_ARGS(owner.client_id));
}

static enum result person_has_id(struct application_work *work, enum person_kind kind, struct slice id, bool *ret)
{
	struct apply *apply = work->apply;
	const struct apply_partition *partition = work->partition;
	struct person person;
	enum result result = store_batch_has(apply->batch, &partition->id, kind == PERSON_USER ? OBJECT_USER : OBJECT_CUSTOMER, id, ret);
	if (result == RESULT_OK && !*ret && partition->exists) {
		result = store_person_read(apply->store, &partition->id, kind, PERSON_BY_ID, id, apply->object, &person);
		*ret = result == RESULT_OK;
	}
	return result == RESULT_OK || result == RESULT_NOT_FOUND ? RESULT_OK : apply_store_failed(apply, result);
}

/* contract §1, the other way round: see apply_person.c */
static enum result id_judge(struct application_work *work)
{
	bool user = false, customer = false;
	if (work->exists)
		return RESULT_OK;
	enum result result = person_has_id(work, PERSON_USER, work->application.client_id, &user);
	if (result == RESULT_OK && !user)
		result = person_has_id(work, PERSON_CUSTOMER, work->application.client_id, &customer);
	if (result == RESULT_OK && (user || customer))
		return document_fail(work->apply->document, line_of(work, APPLICATION_ID), apply_taken(work->apply),
		                     "the client id is the id of a person: choose another client id");
	return result;
}

static enum result addresses_judge(struct application_work *work, struct slice addresses, unsigned bit, struct slice given)
{
	struct slice address;
	struct problem problem;
	while (slice_word(&addresses, &address))
		if (rule_redirect_url(work->application.platform, address, &problem) != RESULT_OK)
			return document_fail(work->apply->document, reading_word_line(&work->reading.reading, bit, given, address), RESULT_INVALID, "%s",
			                     problem.text);
	return RESULT_OK;
}

/* What the server asks by itself. */
static enum result asked_judge(struct application_work *work)
{
	const struct client_application *is = &work->application, *was = &work->present; /* all empty where it is new */
	enum result result = apply_address_judge(work->apply, line_of(work, APPLICATION_BACKCHANNEL), was->backchannel_logout_url,
	                                         is->backchannel_logout_url);
	return result == RESULT_OK ? apply_address_judge(work->apply, line_of(work, APPLICATION_JWKS_URL), was->jwks_url, is->jwks_url) : result;
}

/* What the platform allows, and fields that contradict each other. */
static enum result fields_judge(struct application_work *work)
{
	const struct client_application *application = &work->application;
	bool spa = application->platform == PLATFORM_SPA;
	if (application->platform == 0)
		return fail(work, APPLICATION_PLATFORM, "a client application needs a platform: web, or spa for browser and mobile applications");
	if (spa && application->secret_count > 0)
		return fail(work, APPLICATION_SECRETS, "an spa cannot keep a secret: leave secrets away, or write platform: web");
	if (spa && (application->jwks.len > 0 || application->jwks_url.len > 0))
		return fail(work, APPLICATION_PLATFORM, "an spa cannot keep a key: leave jwks and jwks_url away, or write platform: web");
	if (spa && (application->grants & OPTIONAL_GRANT_TOKEN_EXCHANGE) != 0)
		return fail(work, APPLICATION_PLATFORM, "token_exchange is for platform: web");
	if (application->jwks.len > 0 && application->jwks_url.len > 0)
		return fail(work, APPLICATION_JWKS, "jwks and jwks_url are given both: leave one away");
	if (application->refresh_idle_seconds > application->refresh_max_seconds)
		return fail(work, reading_has(&work->reading.reading, APPLICATION_REFRESH_IDLE) ? APPLICATION_REFRESH_IDLE : APPLICATION_REFRESH_MAX,
		            "refresh_idle_seconds is more than refresh_max_seconds");
	const struct client_application *given = &work->reading.application;
	enum result result = asked_judge(work);
	if (result == RESULT_OK)
		result = addresses_judge(work, application->redirect_urls, APPLICATION_REDIRECTS, given->redirect_urls);
	if (result == RESULT_OK)
		result = addresses_judge(work, application->post_logout_redirect_urls, APPLICATION_LOGOUT_REDIRECTS, given->post_logout_redirect_urls);
	return result;
}

static enum result permissions_judge(struct application_work *work)
{
	struct apply *apply = work->apply;
	struct slice rest = work->application.permissions, name;
	while (slice_word(&rest, &name)) {
		unsigned line = reading_word_line(&work->reading.reading, APPLICATION_PERMISSIONS, work->reading.application.permissions, name);
		enum result result = references_add(apply->references, apply->batch, apply->document, REFERENCE_PERMISSION, &work->partition->id, name, line);
		if (result != RESULT_OK)
			return result;
	}
	return RESULT_OK;
}

static enum result application_judge(struct application_work *work)
{
	struct apply *apply = work->apply;
	const struct partition_id *id = &work->partition->id;
	enum result result = name_judge(work);
	if (result == RESULT_OK)
		result = id_judge(work);
	if (result == RESULT_OK)
		result = fields_judge(work);
	if (result == RESULT_OK)
		result = permissions_judge(work);
	if (result == RESULT_OK)
		result = apply_key_once(apply, id, OBJECT_APPLICATION, work->application.client_id, work->reading.reading.line);
	if (result == RESULT_OK)
		result = apply_name_once(apply, id, OBJECT_APPLICATION, work->application.name, work->application.client_id, work->reading.reading.line);
	return result;
}

static enum result application_stage(struct application_work *work)
{
	struct apply *apply = work->apply;
	const struct partition_id *id = &work->partition->id;
	if (arena_exhausted(apply->object))
		return apply_no_memory(apply);
	enum result result = apply_sole_staged(apply, OBJECT_APPLICATION, id, work->exists ? &work->present : NULL, &work->application);
	if (result != RESULT_OK)
		return result;
	if (work->exists && !work->difference.any) {
		result = store_batch_mention(apply->batch, id, OBJECT_APPLICATION, work->application.client_id);
		return result == RESULT_OK ? RESULT_OK : apply_store_failed(apply, result);
	}
	result = store_batch_application(apply->batch, id, &work->application);
	if (result != RESULT_OK)
		return apply_store_failed(apply, result);
	apply_tell(apply, work->exists ? APPLY_CHANGE : APPLY_ADD, id, OBJECT_APPLICATION, work->application.client_id, work->application.name,
	           work->exists ? difference_words(&work->difference) : SLICE_OF(""));
	return RESULT_OK;
}

static enum result sole_judge(struct application_work *work)
{
	bool by_id = work->reading.application.client_id.len > 0;
	return apply_sole_judge(work->apply, OBJECT_APPLICATION, work->exists, work->application.version,
	                        by_id ? work->application.client_id : work->application.name, line_of(work, by_id ? APPLICATION_ID : APPLICATION_NAME));
}

enum result apply_application(struct apply *apply, struct apply_partition *partition)
{
	struct application_work work = { .apply = apply, .partition = partition };
	enum result result = application_read(apply->document, apply->object, &work.reading);
	if (result == RESULT_OK)
		result = application_find(&work);
	if (result == RESULT_OK)
		result = sole_judge(&work);
	if (result != RESULT_OK)
		return result;
	partition->applications_read = true;
	work.difference = difference_new(apply->object);
	fields_overlay(application_fields, application_field_count, &work.reading.reading, offsetof(struct application_reading, application),
	               &work.application, &work.difference);
	result = apply_secrets(apply, &partition->id, &work.reading, &work.application, &work.difference);
	if (result == RESULT_OK)
		result = application_judge(&work);
	return result == RESULT_OK ? application_stage(&work) : result;
}
