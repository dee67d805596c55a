/* The objects of the directory, whatever their kind. */
#include "admin/change.h"

#include "admin/json.h"
#include "jose/json_strict.h"

enum result change_model_read(const struct admin_call *call, enum object_kind kind, struct slice key, union directory_object *ret)
{
	return directory_object_read(admin_store(call), &call->partition, kind, key, call->scratch, ret);
}

struct slice change_model_key(enum object_kind kind, const void *model)
{
	switch (kind) {
	case OBJECT_PARTITION: return partition_id_slice(&((const struct partition *)model)->id);
	case OBJECT_DEPARTMENT: return ((const struct department *)model)->name;
	case OBJECT_PERMISSION: return ((const struct permission *)model)->name;
	case OBJECT_USER:
	case OBJECT_CUSTOMER: return ((const struct person *)model)->id;
	case OBJECT_APPLICATION: return ((const struct client_application *)model)->client_id;
	case OBJECT_API: return ((const struct api *)model)->name;
	case OBJECT_PROVIDER: return ((const struct identity_provider *)model)->registration_id;
	}
	return SLICE_OF("");
}

struct slice change_model_name(enum object_kind kind, const void *model)
{
	switch (kind) {
	case OBJECT_PARTITION: return ((const struct partition *)model)->name;
	case OBJECT_USER: return ((const struct person *)model)->username;
	case OBJECT_CUSTOMER: return ((const struct person *)model)->email;
	case OBJECT_APPLICATION: return ((const struct client_application *)model)->name;
	default: return change_model_key(kind, model);
	}
}

void change_model_json(struct writer *out, enum object_kind kind, const void *model)
{
	switch (kind) {
	case OBJECT_PARTITION: partition_json(out, model); break;
	case OBJECT_DEPARTMENT: department_json(out, model); break;
	case OBJECT_PERMISSION: permission_json(out, model); break;
	case OBJECT_USER:
	case OBJECT_CUSTOMER: person_json(out, model); break;
	case OBJECT_APPLICATION: application_json(out, model); break;
	case OBJECT_API: api_json(out, model); break;
	case OBJECT_PROVIDER: provider_json(out, model); break;
	}
}

static json_t *parsed(const struct writer *out)
{
	json_t *object = NULL;
	return writer_ok(out) && json_object_parse(writer_slice(out), &object) == RESULT_OK ? object : NULL;
}

json_t *change_model_parsed(const struct admin_call *call, enum object_kind kind, const void *model)
{
	struct writer out = writer_new(call->scratch, 1024);
	change_model_json(&out, kind, model);
	return parsed(&out);
}

json_t *change_secret_parsed(const struct admin_call *call, const struct client_secret *secret)
{
	struct writer out = writer_new(call->scratch, 256);
	secret_json(&out, secret);
	return parsed(&out);
}
