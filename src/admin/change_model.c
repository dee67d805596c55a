/* The objects of the directory, whatever their kind. */
#include "admin/change.h"

#include "admin/json.h"
#include "jose/json_strict.h"

enum result change_model_read(const struct admin_call *call, enum object_kind kind, struct slice key, union change_model *ret)
{
	struct store *store = admin_store(call);
	const struct partition_id *partition = &call->partition;
	struct arena *arena = call->scratch;
	switch (kind) {
	case OBJECT_PARTITION: {
		struct partition_id id;
		return partition_id_parse(key, &id) ? store_partition_read(store, &id, arena, &ret->partition) : RESULT_NOT_FOUND;
	}
	case OBJECT_DEPARTMENT: return store_department_read(store, partition, key, arena, &ret->department);
	case OBJECT_PERMISSION: return store_permission_read(store, partition, key, arena, &ret->permission);
	case OBJECT_USER: return store_person_read(store, partition, PERSON_USER, PERSON_BY_ID, key, arena, &ret->person);
	case OBJECT_CUSTOMER: return store_person_read(store, partition, PERSON_CUSTOMER, PERSON_BY_ID, key, arena, &ret->person);
	case OBJECT_APPLICATION: return store_client_application_read(store, partition, key, arena, &ret->application);
	case OBJECT_API: return store_api_read(store, partition, key, arena, &ret->api);
	case OBJECT_PROVIDER: return store_provider_read(store, partition, key, arena, &ret->provider);
	}
	return RESULT_NOT_FOUND;
}

int64_t change_model_version(enum object_kind kind, const void *model)
{
	switch (kind) {
	case OBJECT_PARTITION: return ((const struct partition *)model)->version;
	case OBJECT_DEPARTMENT: return ((const struct department *)model)->version;
	case OBJECT_PERMISSION: return ((const struct permission *)model)->version;
	case OBJECT_USER:
	case OBJECT_CUSTOMER: return ((const struct person *)model)->version;
	case OBJECT_APPLICATION: return ((const struct client_application *)model)->version;
	case OBJECT_API: return ((const struct api *)model)->version;
	case OBJECT_PROVIDER: return ((const struct identity_provider *)model)->version;
	}
	return 0;
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

json_t *change_model_parsed(const struct admin_call *call, enum object_kind kind, const void *model)
{
	json_t *parsed = NULL;
	struct writer out = writer_new(call->scratch, 1024);
	change_model_json(&out, kind, model);
	if (!writer_ok(&out) || json_object_parse(writer_slice(&out), &parsed) != RESULT_OK)
		return NULL;
	return parsed;
}
