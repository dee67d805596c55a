#include "oauth/grant_record.h"

enum result grant_record_judge(struct oauth_call *call, const struct grant_record *record, struct person *ret)
{
	const struct client_application *registered = &call->application->registered;
	if (!registered->enabled || record->granted_ms < registered->valid_from_ms)
		return RESULT_EXPIRED;
	struct person person = { .enabled = false };
	enum result result = store_person_read(directory_store(call->oauth->directory), &call->realm.partition, call->realm.kind, PERSON_BY_ID,
	                                       record->person_id, call->arena, &person);
	if (result != RESULT_OK)
		return result == RESULT_NOT_FOUND ? RESULT_EXPIRED : RESULT_STORE_DOWN;
	if (!person.enabled || record->granted_ms < person.valid_from_ms)
		return RESULT_EXPIRED;
	*ret = person;
	return RESULT_OK;
}
