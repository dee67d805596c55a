#include "directory/object.h"

enum result directory_object_read(struct store *store, const struct partition_id *partition, enum object_kind kind, struct slice key,
                                  struct arena *arena, union directory_object *ret)
{
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

int64_t directory_object_version(enum object_kind kind, const void *object)
{
	switch (kind) {
	case OBJECT_PARTITION: return ((const struct partition *)object)->version;
	case OBJECT_DEPARTMENT: return ((const struct department *)object)->version;
	case OBJECT_PERMISSION: return ((const struct permission *)object)->version;
	case OBJECT_USER:
	case OBJECT_CUSTOMER: return ((const struct person *)object)->version;
	case OBJECT_APPLICATION: return ((const struct client_application *)object)->version;
	case OBJECT_API: return ((const struct api *)object)->version;
	case OBJECT_PROVIDER: return ((const struct identity_provider *)object)->version;
	}
	return 0;
}
