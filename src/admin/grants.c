/* Grants: what people allowed client applications, one sign-in each; and the applications that may act for a person. */
#include "admin/handlers.h"

#include "admin/json.h"
#include "admin/person.h"
#include "base/clock.h"
#include "oauth/grant_record.h"

enum { DETAIL_EXPECTED = 512 };

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
	struct realm realm;
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

/* {"kind":…,"name":…,"realm":…,"person_id":…}: the last where it is known. */
static struct slice detail_of(struct admin_call *call, const char *kind, struct slice name, enum person_kind person_kind, struct slice person_id)
{
	struct writer detail = writer_new(call->arena, DETAIL_EXPECTED);
	writer_byte(&detail, '{');
	writer_json_member(&detail, "kind", slice_from(kind));
	writer_json_member(&detail, "name", name);
	writer_json_member(&detail, "realm", slice_from(person_kind_name(person_kind)));
	if (person_id.len > 0)
		writer_json_member(&detail, "person_id", person_id);
	writer_json_member(&detail, "by", slice_from(api_actor_claim(call->caller.actor)));
	writer_byte(&detail, '}');
	return writer_slice(&detail);
}

enum refusal admin_grant_end(struct admin_call *call)
{
	struct realm realm;
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

static enum refusal connected_list(struct admin_call *call, enum person_kind kind)
{
	struct person person;
	struct admin_page page;
	enum refusal refusal = admin_person_find(call, kind, &person);
	if (refusal != REFUSAL_NONE)
		return refusal;
	const struct realm realm = { call->partition, kind };
	admin_page_begin(call, &page);
	const enum result result = store_connected_each(admin_store(call), &realm, person.id, show_connected, &page);
	return admin_page_end(&page, result, (struct slice) { NULL, 0 }, false);
}

static enum refusal connected_end(struct admin_call *call, enum person_kind kind)
{
	struct person person;
	const struct slice client_id = call->keys[1];
	enum refusal refusal = admin_person_find(call, kind, &person);
	if (refusal != REFUSAL_NONE)
		return refusal;
	const struct realm realm = { call->partition, kind };
	const struct slice detail = detail_of(call, "connected_application", client_id, kind, person.id);
	const struct audit_event event = admin_event(call, "grant.ended", slice_first(client_id, LIMIT_ID), detail);
	const enum result result =
		store_consent_withdraw_audited(admin_store(call), &realm, person.id, client_id, grant_record_revoked_until(), &event);
	return admin_done(call, result, &event);
}

enum refusal admin_user_applications_list(struct admin_call *call)
{
	return connected_list(call, PERSON_USER);
}

enum refusal admin_customer_applications_list(struct admin_call *call)
{
	return connected_list(call, PERSON_CUSTOMER);
}

enum refusal admin_user_application_end(struct admin_call *call)
{
	return connected_end(call, PERSON_USER);
}

enum refusal admin_customer_application_end(struct admin_call *call)
{
	return connected_end(call, PERSON_CUSTOMER);
}
