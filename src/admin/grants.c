/* Grants: what people allowed client applications, one sign-in each; and the applications that may act for a person. */
#include "admin/handlers.h"

#include "admin/json.h"
#include "admin/person.h"
#include "base/clock.h"
#include "oauth/grant_record.h"

struct grant_listing {
	struct admin_page page;
	enum person_kind kind;
};

static enum result show_grant(void *context, const struct listed_grant *grant)
{
	struct grant_listing *listing = context;
	admin_page_item(&listing->page);
	grant_json(&listing->page.out, listing->kind, grant);
	return admin_page_key(&listing->page, grant->grant.gid);
}

enum refusal admin_grants_list(struct admin_call *call)
{
	struct realm realm = { 0 };
	struct slice last = { NULL, 0 };
	bool more = false;
	enum refusal refusal = admin_realm_of(call, &realm);
	if (refusal != REFUSAL_NONE)
		return refusal;
	struct grant_listing listing = { .kind = realm.kind };
	const struct page_wish wish = admin_page_wish(call);
	admin_page_begin(call, &listing.page);
	const enum result result = store_grants_page(admin_store(call), &realm, call->query.person_id, call->query.client_id, &wish, clock_s(), show_grant,
	                                             &listing, call->scratch, &last, &more);
	return admin_page_end(&listing.page, result, last, more);
}

/* With "realm", and "person_id" where it is known. */
static struct slice detail_of(struct admin_call *call, const char *kind, struct slice name, enum person_kind person_kind, struct slice person_id)
{
	struct writer detail = admin_detail_begin(call, call->arena, kind, name);
	writer_json_member(&detail, "realm", slice_from(person_kind_name(person_kind)));
	if (person_id.len > 0)
		writer_json_member(&detail, "person_id", person_id);
	writer_byte(&detail, '}');
	return writer_slice(&detail);
}

enum refusal admin_grant_end(struct admin_call *call)
{
	struct realm realm = { 0 };
	const struct slice gid = call->keys[0];
	enum refusal refusal = admin_realm_of(call, &realm);
	if (refusal != REFUSAL_NONE)
		return refusal;
	const struct slice detail = detail_of(call, "grant", gid, realm.kind, (struct slice) { NULL, 0 });
	const struct audit_event event = admin_event(call, "grant.ended", slice_first(gid, LIMIT_ID), detail);
	return admin_done(call, store_grant_end_audited(admin_store(call), &realm, gid, grant_record_revoked_until(), &event), &event);
}

/* ---- the applications of one person --------------------------------------------------------------------------------------------- */

static enum result show_connected(void *context, const struct connected_application *connected)
{
	struct admin_page *page = context;
	admin_page_item(page);
	connected_json(&page->out, connected);
	return admin_page_key(page, connected->client_id);
}

enum refusal admin_person_applications_list(struct admin_call *call)
{
	struct person person;
	struct admin_page page;
	enum refusal refusal = admin_person_find(call, &person);
	if (refusal != REFUSAL_NONE)
		return refusal;
	const struct realm realm = { call->partition, person.kind };
	admin_page_begin(call, &page);
	const enum result result = store_connected_each(admin_store(call), &realm, person.id, show_connected, &page);
	return admin_page_end(&page, result, (struct slice) { NULL, 0 }, false);
}

enum refusal admin_person_application_end(struct admin_call *call)
{
	struct person person;
	const struct slice client_id = call->keys[1];
	enum refusal refusal = admin_person_find(call, &person);
	if (refusal != REFUSAL_NONE)
		return refusal;
	const struct realm realm = { call->partition, person.kind };
	const struct slice detail = detail_of(call, "connected_application", client_id, person.kind, person.id);
	const struct audit_event event = admin_event(call, "grant.ended", slice_first(client_id, LIMIT_ID), detail);
	const enum result result =
		store_consent_withdraw_audited(admin_store(call), &realm, person.id, client_id, grant_record_revoked_until(), &event);
	return admin_done(call, result, &event);
}
