/* Client secrets: a value is in the reply to its creation and nowhere else. No If-Match: the list of labels is locked by the application's
 * version here, so that two at once cannot lose one. */
#include "admin/change.h"

#include "admin/json.h"
#include "base/clock.h"
#include "directory/apply_time.h"
#include "directory/rules.h"
#include "jose/json_strict.h"

struct secret_work {
	struct change change;
	json_t *expires_at;  /* borrowed from the body; NULL: not given */
	struct slice value;  /* of the new one, in the request's arena, which is wiped */
	struct client_secret secret; /* as it became; of a new one the times alone */
};

static const struct client_secret *secret_find(const struct client_application *application, struct slice label)
{
	for (size_t i = 0; i < application->secret_count; i++)
		if (slice_equal(application->secrets[i].label, label))
			return &application->secrets[i];
	return NULL;
}

static void keep_value(void *context, const struct apply_secret *made)
{
	struct secret_work *work = context;
	work->value = arena_copy(work->change.call->arena, made->value);
	work->secret.created_at = made->created_at;
}

/* ---- the document: every label that stays, and the change ---- */

static bool label_put(json_t *list, struct slice label, json_t *expires_at, bool generate)
{
	json_t *secret = json_object();
	bool good = secret != NULL && json_object_set_new(secret, "label", json_stringn(label.ptr, label.len)) == 0;
	if (good && expires_at != NULL)
		good = json_object_set(secret, "expires_at", expires_at) == 0;
	if (good && generate)
		good = json_object_set_new(secret, "generate", json_true()) == 0;
	if (!good) {
		json_decref(secret);
		return false;
	}
	return json_array_append_new(list, secret) == 0;
}

static json_t *list_make(const struct secret_work *work, const struct client_application *application)
{
	json_t *list = json_array();
	const struct slice label = work->change.label;
	bool good = list != NULL;
	for (size_t i = 0; good && i < application->secret_count; i++) {
		const struct slice each = application->secrets[i].label;
		const bool meant = slice_equal(each, label);
		if (!meant || work->change.what == CHANGE_CHANGED)
			good = label_put(list, each, meant ? work->expires_at : NULL, false);
	}
	if (good && work->change.what == CHANGE_ADDED)
		good = label_put(list, label, work->expires_at, true);
	if (good)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *object_make(const struct secret_work *work, const struct client_application *application)
{
	json_t *object = json_object(), *list = list_make(work, application);
	const struct slice id = application->client_id;
	if (object != NULL && list != NULL && json_object_set_new(object, "client_id", json_stringn(id.ptr, id.len)) == 0 &&
	    json_object_set(object, "secrets", list) == 0) {
		json_decref(list);
		return object;
	}
	json_decref(object);
	json_decref(list);
	return NULL;
}

/* ---- judging ---- */

/* ret: s; 0: it is not said, or never. */
static enum refusal expiry_judge(struct admin_call *call, const json_t *body, bool fresh, int64_t *ret)
{
	int64_t at;
	*ret = 0;
	const json_t *value = json_object_get(body, "expires_at");
	const struct slice text = json_object_text(body, "expires_at");
	if (value == NULL || json_is_null(value))
		return REFUSAL_NONE;
	if (text.len == 0 || memchr(text.ptr, 'T', text.len) == NULL || apply_time_parse(text, &at) != RESULT_OK)
		return admin_refuse_at(call, REFUSAL_ADMIN_MEMBER, SLICE_OF("/expires_at"), "expires_at is a time like 2027-01-31T12:00:00Z, or null");
	if (at <= (fresh ? clock_s() : 0))
		return admin_refuse_at(call, REFUSAL_ADMIN_MEMBER, SLICE_OF("/expires_at"), "expires_at lies in the past: choose a later time");
	*ret = at;
	return REFUSAL_NONE;
}

static enum refusal label_judge(struct admin_call *call, struct slice label)
{
	struct problem problem;
	if (label.len == 0)
		return admin_refuse_at(call, REFUSAL_ADMIN_MEMBER, SLICE_OF("/label"), "a secret needs a label, by which it is known");
	if (label.len > LIMIT_ID)
		return admin_refuse_at(call, REFUSAL_ADMIN_MEMBER, SLICE_OF("/label"), "label is longer than %d bytes", LIMIT_ID);
	if (rule_name(label, &problem) != RESULT_OK)
		return admin_refuse_at(call, REFUSAL_ADMIN_MEMBER, SLICE_OF("/label"), "label: %s", problem.text);
	return REFUSAL_NONE;
}

/* What the application allows. */
static enum refusal place_judge(struct secret_work *work, const struct client_application *application)
{
	struct admin_call *call = work->change.call;
	const bool there = secret_find(application, work->change.label) != NULL;
	if (work->change.what != CHANGE_ADDED)
		return there ? REFUSAL_NONE : admin_refuse_missing(call);
	if (application->platform == PLATFORM_SPA)
		return admin_refuse(call, REFUSAL_ADMIN_MEMBER, "A client application of the platform spa cannot keep a secret, so it has none.");
	if (there)
		return admin_refuse_at(call, REFUSAL_ADMIN_EXISTS, SLICE_OF("/label"), "there is a secret of this label already: choose another");
	if (application->secret_count == LIMIT_SECRETS)
		return admin_refuse(call, REFUSAL_ADMIN_IN_USE, "A client application has at most %d secrets: delete one that is used no more.", LIMIT_SECRETS);
	return REFUSAL_NONE;
}

/* ---- doing it ---- */

static enum result do_once(struct secret_work *work, enum refusal *ret)
{
	struct change *change = &work->change;
	struct admin_call *call = change->call;
	struct client_application application;
	enum result result = store_client_application_read(admin_store(call), &call->partition, call->keys[0], call->scratch, &application);
	*ret = result == RESULT_OK ? place_judge(work, &application) : admin_refuse_result(call, result);
	if (*ret != REFUSAL_NONE)
		return RESULT_INVALID;
	change->object = object_make(work, &application);
	if (change->object == NULL) {
		*ret = admin_refuse_result(call, RESULT_NO_MEMORY);
		return RESULT_NO_MEMORY;
	}
	result = change_apply(change, application.version, ret);
	json_decref(change->object);
	change->object = NULL;
	return result;
}

static enum refusal change_do(struct secret_work *work)
{
	enum refusal refusal = REFUSAL_NONE;
	enum result result = RESULT_STALE;
	for (int attempt = 0; attempt < CHANGE_TRIES && result == RESULT_STALE; attempt++)
		result = do_once(work, &refusal);
	if (result == RESULT_STALE)
		return admin_refuse_result(work->change.call, RESULT_BUSY);
	return result == RESULT_OK ? REFUSAL_NONE : refusal;
}

/* As it is in the store now; gone again meanwhile: 404. */
static enum refusal secret_read(struct secret_work *work)
{
	struct admin_call *call = work->change.call;
	struct client_application application;
	enum result result = store_client_application_read(admin_store(call), &call->partition, call->keys[0], call->scratch, &application);
	const struct client_secret *secret = result == RESULT_OK ? secret_find(&application, work->change.label) : NULL;
	if (secret == NULL)
		return admin_refuse_result(call, result == RESULT_OK ? RESULT_NOT_FOUND : result);
	work->secret = *secret;
	return REFUSAL_NONE;
}

static enum refusal reply_secret(struct secret_work *work)
{
	struct admin_call *call = work->change.call;
	enum refusal refusal = secret_read(work);
	if (refusal != REFUSAL_NONE)
		return refusal;
	struct writer out = writer_new(call->arena, 256);
	secret_json(&out, &work->secret);
	return admin_reply_json(call, 200, &out, 0);
}

/* {"label":…,"value":…,"created_at":…,"expires_at":…}: the only time that the value leaves the server. Nothing is read for it, so that
 * nothing that fails behind the commit loses it. */
static enum refusal reply_made(struct secret_work *work)
{
	struct admin_call *call = work->change.call;
	struct writer out = writer_new(call->arena, 512);
	writer_byte(&out, '{');
	writer_json_member(&out, "label", work->change.label);
	writer_json_member(&out, "value", work->value);
	json_member_time(&out, "created_at", work->secret.created_at);
	json_member_time_or_null(&out, "expires_at", work->secret.expires_at);
	writer_byte(&out, '}');
	return admin_reply_created(call, work->change.label, &out, 0);
}

/* ---- the handlers ---- */

static struct secret_work work_of(struct admin_call *call, enum change_what what, struct slice label)
{
	return (struct secret_work) { .change = { .call = call, .shape = &change_secret, .what = what, .label = label } };
}

static enum refusal add(struct admin_call *call, const json_t *body)
{
	struct secret_work work = work_of(call, CHANGE_ADDED, json_object_text(body, "label"));
	const struct slice none = SLICE_OF("");
	enum refusal refusal = change_body_judge(call, &change_secret, body, NULL, none);
	if (refusal == REFUSAL_NONE)
		refusal = label_judge(call, work.change.label);
	if (refusal == REFUSAL_NONE)
		refusal = expiry_judge(call, body, true, &work.secret.expires_at);
	if (refusal != REFUSAL_NONE)
		return refusal;
	work.expires_at = json_object_get(body, "expires_at");
	work.change.context = &work;
	work.change.secret = keep_value;
	refusal = change_do(&work);
	return refusal == REFUSAL_NONE ? reply_made(&work) : refusal;
}

/* 404 comes before whatever is wrong with the body. ret_secret: the one of the address; NULL: it names none. */
static enum refusal body_read(struct admin_call *call, bool patch, const struct client_secret **ret_secret, json_t **ret_body)
{
	struct client_application application;
	enum result result = store_client_application_read(admin_store(call), &call->partition, call->keys[0], call->scratch, &application);
	if (result != RESULT_OK)
		return admin_refuse_result(call, result);
	*ret_secret = call->key_count > 1 ? secret_find(&application, call->keys[1]) : NULL;
	if (call->key_count > 1 && *ret_secret == NULL)
		return admin_refuse_missing(call);
	return admin_body_read(call, patch, ret_body);
}

enum refusal admin_secret_create(struct admin_call *call)
{
	const struct client_secret *none;
	json_t *body = NULL;
	enum refusal refusal = body_read(call, false, &none, &body);
	if (refusal == REFUSAL_NONE)
		refusal = add(call, body);
	json_decref(body);
	return refusal;
}

static enum refusal change_expiry(struct admin_call *call, const json_t *body, const json_t *present)
{
	struct secret_work work = work_of(call, CHANGE_CHANGED, call->keys[1]);
	enum refusal refusal = change_body_judge(call, &change_secret, body, present, call->keys[1]);
	if (refusal == REFUSAL_NONE)
		refusal = expiry_judge(call, body, false, &work.secret.expires_at);
	if (refusal != REFUSAL_NONE)
		return refusal;
	work.expires_at = json_object_get(body, "expires_at");
	refusal = change_do(&work);
	return refusal == REFUSAL_NONE ? reply_secret(&work) : refusal;
}

enum refusal admin_secret_change(struct admin_call *call)
{
	const struct client_secret *secret = NULL;
	json_t *body = NULL;
	enum refusal refusal = body_read(call, true, &secret, &body);
	if (refusal == REFUSAL_NONE) {
		json_t *present = change_secret_parsed(call, secret);
		refusal = present == NULL ? admin_refuse_result(call, RESULT_NO_MEMORY) : change_expiry(call, body, present);
		json_decref(present);
	}
	json_decref(body);
	return refusal;
}

enum refusal admin_secret_delete(struct admin_call *call)
{
	struct secret_work work = work_of(call, CHANGE_DELETED, call->keys[1]);
	enum refusal refusal = change_do(&work);
	return refusal == REFUSAL_NONE ? admin_reply_nothing(call) : refusal;
}
