/* Sessions: where people are signed in. Ending one ends the grants that it gave without offline_access. */
#include "admin/handlers.h"

#include "admin/json.h"
#include "admin/person.h"
#include "base/clock.h"
#include "directory/audit.h"
#include "oauth/grant_record.h"

struct session_listing {
	struct admin_page page;
	enum person_kind kind;
};

static enum result show_session(void *context, const struct session *session)
{
	struct session_listing *listing = context;
	admin_page_item(&listing->page);
	session_json(&listing->page.out, listing->kind, session);
	return admin_page_key(&listing->page, session->sid);
}

static enum refusal list(struct admin_call *call, enum person_kind kind, struct slice person_id)
{
	struct session_listing listing = { .kind = kind };
	struct slice last = { NULL, 0 };
	bool more = false;
	const struct realm realm = { call->partition, kind };
	const struct page_wish wish = admin_page_wish(call);
	admin_page_begin(call, &listing.page);
	const enum result result = store_sessions_page(admin_store(call), &realm, person_id, &wish, clock_s(), call->oauth.oauth->session_idle_s,
	                                               show_session, &listing, call->scratch, &last, &more);
	return admin_page_end(&listing.page, result, last, more);
}

enum refusal admin_realm_of(struct admin_call *call, struct realm *ret)
{
	if (call->query.realm == 0)
		return admin_refuse_parameter(call, "realm", "The parameter realm is missing: send realm=user or realm=customer.");
	*ret = (struct realm) { call->partition, (enum person_kind)call->query.realm };
	return REFUSAL_NONE;
}

enum refusal admin_sessions_list(struct admin_call *call)
{
	struct realm realm = { 0 };
	enum refusal refusal = admin_realm_of(call, &realm);
	return refusal == REFUSAL_NONE ? list(call, realm.kind, call->query.person_id) : refusal;
}

enum refusal admin_person_sessions_list(struct admin_call *call)
{
	struct person person;
	enum refusal refusal = admin_person_find(call, &person);
	return refusal == REFUSAL_NONE ? list(call, person.kind, person.id) : refusal;
}

/* ---- ending ---------------------------------------------------------------------------------------------------------------- */

enum refusal admin_done(struct admin_call *call, enum result result, const struct audit_event *event)
{
	if (result != RESULT_OK)
		return admin_refuse_result(call, result);
	audit_line(event);
	return admin_reply_nothing(call);
}

enum refusal admin_session_end(struct admin_call *call)
{
	struct realm realm = { 0 };
	struct session session;
	enum refusal refusal = admin_realm_of(call, &realm);
	if (refusal != REFUSAL_NONE)
		return refusal;
	enum result result = store_session_by_sid(admin_store(call), &realm, call->keys[0], call->scratch, &session);
	if (result != RESULT_OK)
		return admin_refuse_result(call, result);
	struct writer detail = admin_detail_begin(call, call->arena, "session", session.sid);
	writer_json_key(&detail, "before");
	session_json(&detail, realm.kind, &session);
	writer_byte(&detail, '}');
	const struct audit_event event = admin_event(call, "session.ended", session.sid, writer_slice(&detail));
	result = store_session_end_audited(admin_store(call), &realm, session.person_id, session.sid, grant_record_revoked_until(), &event);
	return admin_done(call, result, &event);
}

/* All of a person, who may have none. */
enum refusal admin_person_sessions_end(struct admin_call *call)
{
	struct person person;
	enum refusal refusal = admin_person_find(call, &person);
	if (refusal != REFUSAL_NONE)
		return refusal;
	const struct realm realm = { call->partition, person.kind };
	struct writer detail = admin_detail_begin(call, call->arena, "sessions", person.id);
	writer_json_member(&detail, "realm", slice_from(person_kind_name(person.kind)));
	writer_byte(&detail, '}');
	const struct audit_event event = admin_event(call, "session.ended", person.id, writer_slice(&detail));
	const enum result result = store_person_sessions_end(admin_store(call), &realm, person.id, grant_record_revoked_until(), &event);
	if (result == RESULT_NOT_FOUND)
		return admin_reply_nothing(call);
	return admin_done(call, result, &event);
}
