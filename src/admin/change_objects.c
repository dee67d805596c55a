/* Creating, changing and deleting what has an address of its own. */
#include "admin/change.h"

#include "admin/operations.h"
#include "directory/rules.h"
#include "jose/json_strict.h"

/* The object as it is now, as the reply to a change of it. */
static enum refusal reply_object(struct change *change, bool created)
{
	struct admin_call *call = change->call;
	const enum object_kind kind = change->shape->kind;
	union directory_object model;
	enum result result = change_model_read(call, kind, change->key, &model);
	if (result != RESULT_OK)
		return admin_refuse_result(call, result);
	struct writer out = writer_new(call->arena, 1024);
	change_model_json(&out, kind, &model);
	const int64_t version = directory_object_version(kind, &model);
	return created ? admin_reply_created(call, change->key, &out, version) : admin_reply_json(call, 200, &out, version);
}

/* ---- creating ---- */

static enum refusal create(struct admin_call *call, const struct change_shape *shape, const json_t *body)
{
	struct change change = { .call = call, .shape = shape, .what = CHANGE_ADDED };
	const struct slice none = SLICE_OF("");
	enum refusal refusal = change_body_judge(call, shape, body, NULL, none);
	if (refusal != REFUSAL_NONE)
		return refusal;
	change.object = change_object(shape, body, NULL, json_object_text(body, "name"));
	if (change.object == NULL)
		return admin_refuse_result(call, RESULT_NO_MEMORY);
	enum result result = change_apply(&change, 0, &refusal);
	json_decref(change.object);
	if (result == RESULT_STALE) /* cannot be: there is no version of what is new */
		return admin_refuse_result(call, RESULT_BUSY);
	return result == RESULT_OK ? reply_object(&change, true) : refusal;
}

static enum refusal read_and_create(struct admin_call *call, const struct change_shape *shape)
{
	json_t *body = NULL;
	enum refusal refusal = admin_body_read(call, false, &body);
	if (refusal != REFUSAL_NONE)
		return refusal;
	refusal = create(call, shape, body);
	json_decref(body);
	return refusal;
}

/* ---- changing ---- */

/* RESULT_STALE: somebody else was faster; anything else: *ret is the answer. */
static enum result change_once(struct change *change, const json_t *body, struct slice key, int64_t wanted, enum refusal *ret)
{
	struct admin_call *call = change->call;
	const enum object_kind kind = change->shape->kind;
	union directory_object model;
	enum result result = change_model_read(call, kind, key, &model);
	if (result != RESULT_OK) {
		*ret = admin_refuse_result(call, result);
		return result;
	}
	*ret = admin_version_judge(call, wanted, directory_object_version(kind, &model));
	if (*ret != REFUSAL_NONE)
		return RESULT_INVALID;
	json_t *present = change_model_parsed(call, kind, &model);
	*ret = present == NULL ? admin_refuse_result(call, RESULT_NO_MEMORY) : change_body_judge(call, change->shape, body, present, key);
	if (*ret == REFUSAL_NONE) {
		change->object = change_object(change->shape, body, present, key);
		if (change->object == NULL)
			*ret = admin_refuse_result(call, RESULT_NO_MEMORY);
	}
	result = *ret == REFUSAL_NONE ? change_apply(change, directory_object_version(kind, &model), ret) : RESULT_INVALID;
	json_decref(change->object);
	json_decref(present);
	change->object = NULL;
	return result;
}

static enum refusal change_any(struct admin_call *call, const struct change_shape *shape, const json_t *body, struct slice key, int64_t wanted)
{
	struct change change = { .call = call, .shape = shape, .what = CHANGE_CHANGED };
	enum refusal refusal = REFUSAL_NONE;
	enum result result = RESULT_STALE;
	for (int attempt = 0; attempt < CHANGE_TRIES && result == RESULT_STALE; attempt++) {
		result = change_once(&change, body, key, wanted, &refusal);
		if (result == RESULT_STALE && wanted != 0)
			return admin_refuse(call, REFUSAL_ADMIN_STALE, "Somebody changed it meanwhile: read it again.");
	}
	if (result == RESULT_STALE)
		return admin_refuse_result(call, RESULT_BUSY);
	return result == RESULT_OK ? reply_object(&change, false) : refusal;
}

static enum refusal read_and_change(struct admin_call *call, const struct change_shape *shape, struct slice key)
{
	union directory_object model;
	json_t *body = NULL;
	int64_t wanted;
	enum result result = change_model_read(call, shape->kind, key, &model);
	if (result != RESULT_OK)
		return admin_refuse_result(call, result);
	enum refusal refusal = admin_if_match(call, &wanted);
	if (refusal == REFUSAL_NONE)
		refusal = admin_version_judge(call, wanted, directory_object_version(shape->kind, &model));
	if (refusal == REFUSAL_NONE)
		refusal = admin_body_read(call, true, &body);
	if (refusal != REFUSAL_NONE)
		return refusal;
	refusal = change_any(call, shape, body, key, wanted);
	json_decref(body);
	return refusal;
}

/* ---- what is the server's own ---- */

static enum refusal system_refuse(struct admin_call *call)
{
	return admin_refuse(call, REFUSAL_ADMIN_RESERVED, "The partition %s is the server's own and cannot be deleted.", PARTITION_SYSTEM);
}

static enum refusal reserved_refuse(struct admin_call *call)
{
	return admin_refuse(call, REFUSAL_ADMIN_RESERVED,
	                    "The permissions of the Admin API exist in every partition and can be neither made, changed nor deleted: choose another name.");
}

static enum refusal permission_create(struct admin_call *call, const json_t *body)
{
	if (!permission_is_reserved(json_object_text(body, "name")))
		return create(call, &change_permission, body);
	admin_error_add(call, "pointer", SLICE_OF("/name"), SLICE_OF("This name is one of the Admin API's own."));
	return reserved_refuse(call);
}

/* ---- the handlers ---- */

enum refusal admin_object_create(struct admin_call *call)
{
	return read_and_create(call, call->row->shape);
}

enum refusal admin_object_change(struct admin_call *call)
{
	return read_and_change(call, call->row->shape, call->keys[0]);
}

enum refusal admin_object_delete(struct admin_call *call)
{
	return change_delete(call, call->row->shape, call->keys[0]);
}

enum refusal admin_partition_change(struct admin_call *call)
{
	return read_and_change(call, &change_partition, partition_id_slice(&call->partition));
}

enum refusal admin_partition_delete(struct admin_call *call)
{
	const struct slice id = partition_id_slice(&call->partition);
	return slice_is(id, PARTITION_SYSTEM) ? system_refuse(call) : change_delete(call, &change_partition, id);
}

enum refusal admin_permission_create(struct admin_call *call)
{
	json_t *body = NULL;
	enum refusal refusal = admin_body_read(call, false, &body);
	if (refusal != REFUSAL_NONE)
		return refusal;
	refusal = permission_create(call, body);
	json_decref(body);
	return refusal;
}

enum refusal admin_permission_change(struct admin_call *call)
{
	return permission_is_reserved(call->keys[0]) ? reserved_refuse(call) : read_and_change(call, &change_permission, call->keys[0]);
}

enum refusal admin_permission_delete(struct admin_call *call)
{
	return permission_is_reserved(call->keys[0]) ? reserved_refuse(call) : change_delete(call, &change_permission, call->keys[0]);
}
