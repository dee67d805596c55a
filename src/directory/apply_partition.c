#include "directory/apply_state.h"

#include "base/text.h"
#include "jose/key_ring.h"

/* A list inside a partition. */
struct section {
	struct slice key;
	enum result (*item)(struct apply *, struct apply_partition *);
};

static const struct section sections[] = {
	{ SLICE("departments"), apply_department },
	{ SLICE("permissions"), apply_permission },
	{ SLICE("users"), apply_user },
	{ SLICE("customers"), apply_customer },
	{ SLICE("client_applications"), apply_application },
	{ SLICE("identity_providers"), apply_provider },
	{ SLICE("apis"), apply_api },
};

static const struct slice section_names[] = {
	SLICE("departments"), SLICE("permissions"), SLICE("users"), SLICE("customers"), SLICE("client_applications"),
	SLICE("identity_providers"), SLICE("apis"),
};

static const struct section *section_find(struct slice key)
{
	for (size_t i = 0; i < FIELD_COUNT(sections); i++)
		if (slice_equal(key, sections[i].key))
			return &sections[i];
	return NULL;
}

static enum result head_key(struct apply *apply, struct document *document, struct slice key, struct partition_reading *reading)
{
	return field_read_key(document, "partition", key, partition_fields, partition_field_count, section_names, FIELD_COUNT(section_names),
	                      apply->partition, &reading->reading);
}

/* Reads the partition's own fields and passes over its lists. */
static enum result head_read(struct apply *apply, struct document *document, struct partition_reading *ret)
{
	enum result result = document_mapping(document, "partition");
	bool more = true;
	ret->reading.line = document_line(document);
	while (result == RESULT_OK) {
		struct slice key;
		result = document_key(document, &key, &more);
		if (result != RESULT_OK || !more)
			return result;
		result = section_find(key) != NULL ? document_skip(document, "a list") : head_key(apply, document, key, ret);
	}
	return result;
}

static enum result head_seek(struct apply *apply, struct document *document, size_t index, struct partition_reading *ret)
{
	struct slice key;
	bool more = true;
	enum result result = document_mapping(document, "the document");
	if (result == RESULT_OK)
		result = document_key(document, &key, &more);
	if (result == RESULT_OK && more)
		result = document_list(document, "partitions");
	for (size_t i = 0; result == RESULT_OK; i++) {
		result = document_item(document, &more);
		if (result != RESULT_OK || !more)
			break;
		if (i == index)
			return head_read(apply, document, ret);
		result = document_skip(document, "partition");
	}
	return result;
}

/* A list came before the id (programs like to sort keys): the partition's own fields are looked for ahead, by a second
 * reader on the same file. */
static enum result head_scan(struct apply *apply, struct apply_partition *partition)
{
	unsigned line = partition->reading.reading.line;
	if (apply->start < 0)
		return document_fail(apply->document, line, RESULT_INVALID, "the partition's id stands behind its lists: write it in front of them");
	struct document *ahead = document_open(apply->options->fd, apply->start, apply->options->file_name);
	if (ahead == NULL)
		return document_fail(apply->document, 0, RESULT_NO_MEMORY, "memory is out");
	struct partition_reading reading = { 0 };
	struct document_allowance allowance = { .depth = LIMIT_APPLY_DEPTH + LIMIT_OPENAPI_DEPTH }; /* what is passed over may be an API */
	enum result result = document_allow(ahead, &allowance, NULL);
	if (result == RESULT_OK)
		result = head_seek(apply, ahead, partition->index, &reading);
	if (result == RESULT_OK) {
		partition->reading = reading;
		partition->scanned = true;
	} else {
		result = document_fail_as(apply->document, ahead);
	}
	document_close(ahead);
	return result;
}

enum result apply_partition_prefix(struct apply *apply, struct apply_partition *partition, struct slice *ret)
{
	if (!partition->scanned && !reading_has(&partition->reading.reading, PARTITION_PREFIX)) {
		if (apply->start < 0)
			return document_fail(apply->document, document_line(apply->document), RESULT_INVALID,
			                     "write the partition's permission_prefix in front of its APIs, \"\" where it has none");
		enum result result = head_scan(apply, partition);
		if (result != RESULT_OK)
			return result;
	}
	*ret = reading_has(&partition->reading.reading, PARTITION_PREFIX) ? partition->reading.partition.permission_prefix
	     : partition->exists                                          ? partition->present.permission_prefix
	                                                                  : SLICE_OF("");
	return RESULT_OK;
}

/* Finds out whom the lists belong to. Once, before the first list or at the end of the mapping. */
static enum result partition_know(struct apply *apply, struct apply_partition *partition)
{
	if (partition->known)
		return RESULT_OK;
	if (partition->reading.id.len == 0 && !partition->scanned) {
		enum result result = head_scan(apply, partition);
		if (result != RESULT_OK)
			return result;
	}
	if (!partition_id_parse(partition->reading.id, &partition->id))
		return document_fail(apply->document, partition->reading.reading.line, RESULT_INVALID, "a partition needs an id");
	enum result result = store_partition_read(apply->store, &partition->id, apply->partition, &partition->present);
	if (result != RESULT_OK && result != RESULT_NOT_FOUND)
		return apply_store_failed(apply, result);
	partition->exists = result == RESULT_OK;
	partition->known = true;
	const struct reading *reading = &partition->reading.reading;
	const unsigned line = reading_has(reading, PARTITION_ID) ? reading->lines[PARTITION_ID] : reading->line;
	if (apply_sole_inside(apply) && !partition->exists)
		return document_fail(apply->document, line, RESULT_NOT_FOUND, "there is no partition %s", partition->id.text);
	if (apply_sole_inside(apply))
		partition->scanned = true; /* nothing of it is given */
	result = apply_sole_judge(apply, OBJECT_PARTITION, partition->exists, partition->present.version, partition_id_slice(&partition->id), line);
	if (result != RESULT_OK)
		return result;
	result = apply_key_once(apply, &partition->id, OBJECT_PARTITION, partition_id_slice(&partition->id), partition->reading.reading.line);
	if (result == RESULT_OK && !partition->exists) {
		struct slice id = partition_id_slice(&partition->id);
		apply_tell(apply, APPLY_ADD, &partition->id, OBJECT_PARTITION, id, partition->reading.partition.name, SLICE_OF(""));
	}
	return result;
}

static enum result section_read(struct apply *apply, struct apply_partition *partition, const struct section *section)
{
	enum result result = partition_know(apply, partition);
	if (result == RESULT_OK)
		result = document_list(apply->document, section->key.ptr);
	bool more = true;
	while (result == RESULT_OK) {
		result = document_item(apply->document, &more);
		if (result != RESULT_OK || !more)
			return result;
		arena_reset(apply->object);
		result = section->item(apply, partition);
		apply_object_read(apply);
	}
	return result;
}

static struct slice prefix_of(const struct apply_partition *partition, bool *ret_final)
{
	bool given = reading_has(&partition->reading.reading, PARTITION_PREFIX);
	*ret_final = given || partition->scanned;
	return given ? partition->reading.partition.permission_prefix : partition->present.permission_prefix;
}

enum result apply_department(struct apply *apply, struct apply_partition *partition)
{
	struct department_reading reading;
	struct department present = { .version = 0 };
	enum result result = department_read(apply->document, apply->object, &reading);
	if (result != RESULT_OK)
		return result;
	struct slice name = reading.department.name;
	result = apply_key_once(apply, &partition->id, OBJECT_DEPARTMENT, name, reading.reading.line);
	if (result != RESULT_OK)
		return result;
	result = partition->exists ? store_department_read(apply->store, &partition->id, name, apply->object, &present) : RESULT_NOT_FOUND;
	if (result != RESULT_OK && result != RESULT_NOT_FOUND)
		return apply_store_failed(apply, result);
	bool exists = result == RESULT_OK;
	result = apply_sole_judge(apply, OBJECT_DEPARTMENT, exists, present.version, name, reading.reading.lines[0]);
	if (result == RESULT_OK)
		result = apply_sole_staged(apply, OBJECT_DEPARTMENT, &partition->id, exists ? &present : NULL, &reading.department);
	if (result != RESULT_OK)
		return result;
	if (exists) {
		result = store_batch_mention(apply->batch, &partition->id, OBJECT_DEPARTMENT, name);
		return result == RESULT_OK ? RESULT_OK : apply_store_failed(apply, result);
	}
	result = store_batch_department(apply->batch, &partition->id, &reading.department);
	if (result != RESULT_OK)
		return apply_store_failed(apply, result);
	apply_tell(apply, APPLY_ADD, &partition->id, OBJECT_DEPARTMENT, name, name, SLICE_OF(""));
	return RESULT_OK;
}

static enum result permission_judge(struct apply *apply, struct apply_partition *partition, struct slice name, unsigned line)
{
	bool final;
	struct slice prefix = prefix_of(partition, &final);
	if (!final) {
		partition->permissions_judged_later = true;
		return references_add(apply->references, apply->batch, apply->document, REFERENCE_NOT_PREFIXED, &partition->id, name, line);
	}
	if (prefix.len > 0 && slice_starts_with(name, prefix))
		return document_fail(apply->document, line, RESULT_INVALID,
		                     "'%.*s' starts with the partition's permission_prefix: write names without it", SLICE_ARGS(name));
	return RESULT_OK;
}

static enum result permission_stage(struct apply *apply, const struct apply_partition *partition, struct permission_reading *reading,
                                    struct permission *permission, bool exists)
{
	struct difference difference = difference_new(apply->object);
	struct slice name = reading->permission.name;
	const struct permission present = *permission;
	permission->name = name;
	fields_overlay(permission_fields, permission_field_count, &reading->reading, offsetof(struct permission_reading, permission), permission,
	               &difference);
	if (arena_exhausted(apply->object))
		return apply_no_memory(apply);
	enum result result = apply_sole_staged(apply, OBJECT_PERMISSION, &partition->id, exists ? &present : NULL, permission);
	if (result != RESULT_OK)
		return result;
	result = exists && !difference.any ? store_batch_mention(apply->batch, &partition->id, OBJECT_PERMISSION, name)
	                                   : store_batch_permission(apply->batch, &partition->id, permission);
	if (result != RESULT_OK)
		return apply_store_failed(apply, result);
	if (!exists || difference.any)
		apply_tell(apply, exists ? APPLY_CHANGE : APPLY_ADD, &partition->id, OBJECT_PERMISSION, name, name,
		           exists ? difference_words(&difference) : SLICE_OF(""));
	return RESULT_OK;
}

enum result apply_permission(struct apply *apply, struct apply_partition *partition)
{
	struct permission_reading reading;
	enum result result = permission_read(apply->document, apply->object, &reading);
	struct slice name = reading.permission.name;
	if (result != RESULT_OK)
		return result;
	if (permission_is_reserved(name) && apply->options->sole != NULL)
		return document_fail(apply->document, reading.reading.lines[PERMISSION_NAME], RESULT_EXISTS,
		                     "the permission '%.*s' exists in every partition: it can be neither made nor changed", SLICE_ARGS(name));
	/* contract §4: they exist in every partition; listing them changes nothing */
	if (permission_is_reserved(name))
		return RESULT_OK;
	result = permission_judge(apply, partition, name, reading.reading.lines[PERMISSION_NAME]);
	if (result == RESULT_OK)
		result = apply_key_once(apply, &partition->id, OBJECT_PERMISSION, name, reading.reading.line);
	if (result != RESULT_OK)
		return result;
	struct permission permission = { .kind = permission_kind_of_name(name) };
	result = partition->exists ? store_permission_read(apply->store, &partition->id, name, apply->object, &permission) : RESULT_NOT_FOUND;
	if (result != RESULT_OK && result != RESULT_NOT_FOUND)
		return apply_store_failed(apply, result);
	bool exists = result == RESULT_OK;
	result = apply_sole_judge(apply, OBJECT_PERMISSION, exists, permission.version, name, reading.reading.lines[PERMISSION_NAME]);
	return result == RESULT_OK ? permission_stage(apply, partition, &reading, &permission, exists) : result;
}

/* A prefix that is new must not stand in front of a name that is there. */
struct prefix_check {
	struct slice prefix;
	char found[LIMIT_PERMISSION_NAME + 1];
};

static enum result check_prefix(void *context, const struct permission *permission)
{
	struct prefix_check *check = context;
	if (!slice_starts_with(permission->name, check->prefix))
		return RESULT_OK;
	memcpy(check->found, permission->name.ptr, permission->name.len);
	check->found[permission->name.len] = '\0';
	return RESULT_CONFLICT;
}

static enum result prefix_judge(struct apply *apply, const struct apply_partition *partition)
{
	bool final;
	struct prefix_check check = { .prefix = prefix_of(partition, &final) };
	enum result result = RESULT_OK;
	if (check.prefix.len == 0)
		return RESULT_OK;
	if (partition->permissions_judged_later)
		result = references_judge_prefix(apply->references, apply->document, &partition->id, check.prefix);
	if (result != RESULT_OK || !partition->exists || slice_equal(check.prefix, partition->present.permission_prefix))
		return result;
	result = store_permissions_each(apply->store, &partition->id, check_prefix, &check);
	if (result == RESULT_CONFLICT)
		return document_fail(apply->document, partition->reading.reading.lines[PARTITION_PREFIX], RESULT_INVALID,
		                     "the permission '%s' starts with the new permission_prefix: choose another prefix", check.found);
	return result == RESULT_OK ? RESULT_OK : apply_store_failed(apply, result);
}

static enum result anonymous_judge(struct apply *apply, const struct apply_partition *partition, struct slice permissions)
{
	const struct reading *reading = &partition->reading.reading;
	unsigned line;
	struct slice name;
	while (slice_word(&permissions, &name)) {
		line = reading_word_line(reading, PARTITION_ANONYMOUS_PERMISSIONS, partition->reading.partition.anonymous_permissions, name);
		enum result result = references_add(apply->references, apply->batch, apply->document, REFERENCE_PERMISSION, &partition->id, name, line);
		if (result != RESULT_OK)
			return result;
		if (permission_kind_of_name(name) != PERMISSION_DELEGATED)
			apply_warn(apply, line, "anonymous_customers: only delegated permissions are given to anonymous customers");
	}
	return RESULT_OK;
}

/* An older address must mean one realm. */
static enum result policies_judge(struct apply *apply, const struct apply_partition *partition, const struct partition *whole)
{
	if (whole->policy_user.len == 0 || !text_equal_folded(whole->policy_user, whole->policy_customer))
		return RESULT_OK;
	return document_fail(apply->document, partition->reading.reading.line, RESULT_INVALID,
	                     "policies: user and customer have the same name (case does not count): name them differently");
}

static enum result stop_at_key(void *context, const struct signing_key *key)
{
	(void)context;
	(void)key;
	return RESULT_CONFLICT;
}

/* A partition that has no keys yet gets its first ones in the same transaction. */
static enum result keys_stage(struct apply *apply, const struct apply_partition *partition)
{
	if (apply->options->dry_run || apply_sole_inside(apply))
		return RESULT_OK;
	if (partition->exists) {
		enum result result = store_keys_each(apply->store, &partition->id, stop_at_key, NULL);
		if (result == RESULT_CONFLICT)
			return RESULT_OK;
		if (result != RESULT_OK)
			return apply_store_failed(apply, result);
	}
	struct signing_key keys[KEY_RING_FIRST];
	apply->keys_made = true;
	enum result result = key_ring_make_first(&partition->id, apply->master, apply->object, keys);
	if (result != RESULT_OK)
		return document_fail(apply->document, 0, result, "the signing keys of partition %s cannot be made: %s", partition->id.text, result_text(result));
	for (size_t i = 0; i < KEY_RING_FIRST && result == RESULT_OK; i++)
		result = store_batch_key(apply->batch, &partition->id, &keys[i]);
	return result == RESULT_OK ? RESULT_OK : apply_store_failed(apply, result);
}

static enum result partition_stage(struct apply *apply, struct apply_partition *partition)
{
	struct slice id = partition_id_slice(&partition->id);
	struct partition whole = partition->present;
	if (!partition->exists)
		whole = (struct partition) { .id = partition->id, .name = id, .access_token_algorithm = ALGORITHM_ES256 };
	arena_reset(apply->object);
	struct difference difference = difference_new(apply->object);
	fields_overlay(partition_fields, partition_field_count, &partition->reading.reading, offsetof(struct partition_reading, partition), &whole,
	               &difference);
	if (arena_exhausted(apply->object))
		return apply_no_memory(apply);
	enum result result = policies_judge(apply, partition, &whole);
	if (result == RESULT_OK)
		result = anonymous_judge(apply, partition, whole.anonymous_permissions);
	if (result == RESULT_OK)
		result = apply_sole_staged(apply, OBJECT_PARTITION, &partition->id, partition->exists ? &partition->present : NULL, &whole);
	if (result != RESULT_OK)
		return result;
	result = partition->exists && !difference.any ? store_batch_mention(apply->batch, &partition->id, OBJECT_PARTITION, id)
	                                              : store_batch_partition(apply->batch, &whole);
	if (result != RESULT_OK)
		return apply_store_failed(apply, result);
	if (partition->exists && difference.any)
		apply_tell(apply, APPLY_CHANGE, &partition->id, OBJECT_PARTITION, id, whole.name, difference_words(&difference));
	return keys_stage(apply, partition);
}

static enum result partition_keys(struct apply *apply, struct apply_partition *partition)
{
	struct partition_reading passed = { 0 }; /* what was read ahead comes by again */
	unsigned seen = 0;                      /* a bit a list */
	bool more = true;
	for (;;) {
		struct slice key;
		enum result result = document_key(apply->document, &key, &more);
		if (result != RESULT_OK || !more)
			return result;
		const struct section *section = section_find(key);
		if (section != NULL) {
			unsigned bit = 1u << (section - sections);
			if ((seen & bit) != 0)
				return document_fail(apply->document, document_line(apply->document), RESULT_INVALID, "%s stands twice in this partition",
				                     section->key.ptr);
			seen |= bit;
			result = section_read(apply, partition, section);
		} else {
			result = head_key(apply, apply->document, key, partition->scanned ? &passed : &partition->reading);
		}
		if (result != RESULT_OK)
			return result;
	}
}

enum result apply_partition(struct apply *apply, size_t index)
{
	struct apply_partition partition = { .index = index };
	arena_reset(apply->partition);
	enum result result = document_mapping(apply->document, "partition");
	partition.reading.reading.line = document_line(apply->document);
	if (result == RESULT_OK)
		result = partition_keys(apply, &partition);
	if (result == RESULT_OK && partition.reading.id.len == 0)
		return document_fail(apply->document, partition.reading.reading.line, RESULT_INVALID, "a partition needs an id");
	if (result == RESULT_OK)
		result = partition_know(apply, &partition);
	if (result == RESULT_OK)
		result = prefix_judge(apply, &partition);
	if (result == RESULT_OK)
		result = partition_stage(apply, &partition);
	apply_object_read(apply);
	return result;
}
