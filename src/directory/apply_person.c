#include "directory/apply_state.h"

#include "base/text.h"
#include "signin/password_queue.h"

/* A user or customer on the way from the document to the batch. */
struct person_work {
	struct apply *apply;
	const struct apply_partition *partition;
	enum person_kind kind;
	enum object_kind object;
	struct person_reading reading;
	bool exists;
	struct person person;  /* as it will be */
	struct person present;
	struct slice old_name; /* folded username or e-mail in the store */
	struct difference difference;
};

static bool is_user(const struct person_work *work)
{
	return work->kind == PERSON_USER;
}

static struct slice unique_name(const struct person_work *work, const struct person *person)
{
	return is_user(work) ? person->username : person->email;
}

static unsigned line_of(const struct person_work *work, unsigned bit)
{
	const struct reading *reading = &work->reading.reading;
	return reading_has(reading, bit) ? reading->lines[bit] : reading->line;
}

static unsigned name_line(const struct person_work *work)
{
	return line_of(work, is_user(work) ? PERSON_USERNAME : PERSON_EMAIL);
}

static enum result read_present(struct person_work *work, enum person_key key, struct slice value, struct person *ret)
{
	if (!work->partition->exists)
		return RESULT_NOT_FOUND;
	enum result result = store_person_read(work->apply->store, &work->partition->id, work->kind, key, value, work->apply->object, ret);
	if (result != RESULT_OK && result != RESULT_NOT_FOUND)
		return apply_store_failed(work->apply, result);
	return result;
}

/* By id, else by unique name; what is new gets an id. */
static enum result person_find(struct person_work *work)
{
	const struct person *given = &work->reading.person;
	enum person_key by_name = is_user(work) ? PERSON_BY_USERNAME : PERSON_BY_EMAIL;
	enum result result = given->id.len > 0 ? read_present(work, PERSON_BY_ID, given->id, &work->person)
	                                       : read_present(work, by_name, unique_name(work, given), &work->person);
	if (result != RESULT_OK && result != RESULT_NOT_FOUND)
		return result;
	work->exists = result == RESULT_OK;
	if (work->exists) {
		work->old_name = unique_name(work, &work->person);
		work->present = work->person;
		return RESULT_OK;
	}
	work->person = (struct person) { .kind = work->kind, .id = given->id, .enabled = true };
	if (given->id.len == 0) {
		char id[UUID_TEXT_SIZE];
		text_uuid4(id);
		work->person.id = arena_copy(work->apply->object, slice_from(id));
	}
	return arena_exhausted(work->apply->object) ? apply_no_memory(work->apply) : RESULT_OK;
}

static enum result password_set(struct person_work *work, struct slice hash, const char *words)
{
	difference_text(&work->difference, SLICE_OF("password"), words);
	work->person.password_hash = hash;
	return RESULT_OK;
}

static enum result verify(const struct person_work *work, struct slice password, struct slice hash)
{
	struct password_queue *queue = work->apply->options->passwords;
	return queue == NULL ? password_verify(password, hash) : password_queue_verify(queue, password, hash);
}

static enum result make(const struct person_work *work, struct slice password, struct slice *ret)
{
	struct password_queue *queue = work->apply->options->passwords;
	return queue == NULL ? password_hash(password, work->apply->object, ret) : password_queue_hash(queue, password, work->apply->object, ret);
}

/* contract §9: a password sets the first one only, unless reset_passwords. */
static enum result password_overlay(struct person_work *work)
{
	const struct person_reading *given = &work->reading;
	struct slice present = work->person.password_hash;
	if (reading_has(&given->reading, PERSON_PASSWORD_HASH) && given->password.len == 0) {
		if (slice_equal(present, given->password_hash))
			return RESULT_OK;
		return password_set(work, given->password_hash, given->password_hash.len == 0 ? "removed" : present.len == 0 ? "set" : "changed");
	}
	if (given->password.len == 0 || (present.len > 0 && !work->apply->options->reset_passwords))
		return RESULT_OK;
	enum result result = present.len > 0 ? verify(work, given->password, present) : RESULT_NOT_FOUND;
	if (result == RESULT_OK)
		return RESULT_OK;
	if (result == RESULT_BUSY)
		return document_fail(work->apply->document, 0, result, "too many passwords wait to be hashed: try again in a moment");
	const char *words = present.len == 0 ? "set" : "changed";
	if (work->apply->options->dry_run)
		return password_set(work, present, words);
	struct slice hash;
	result = make(work, given->password, &hash);
	if (result != RESULT_OK)
		return document_fail(work->apply->document, given->reading.lines[PERSON_PASSWORD], result, "the password cannot be hashed: %s",
		                     result_text(result));
	return password_set(work, hash, words);
}

/* contract §1: the role of those who administer all partitions exists in SYSTEM alone. */
static enum result roles_judge(struct person_work *work)
{
	struct slice rest = work->person.roles, role;
	bool system = slice_is(partition_id_slice(&work->partition->id), PARTITION_SYSTEM);
	while (slice_word(&rest, &role)) {
		if (slice_is(role, "system_administrator") && !system)
			return document_fail(work->apply->document,
			                     reading_word_line(&work->reading.reading, PERSON_ROLES, work->reading.person.roles, role), RESULT_INVALID,
			                     "the role system_administrator is for users of the partition SYSTEM: write partition_administrator");
	}
	return RESULT_OK;
}

/* The name is free in the store, or its owner is on the way out. */
static enum result name_judge(struct person_work *work)
{
	struct slice name = unique_name(work, &work->person);
	struct person owner;
	if (name.len == 0)
		return document_fail(work->apply->document, name_line(work), RESULT_INVALID,
		                     is_user(work) ? "a new user needs a username" : "a new customer needs an email");
	if (work->exists && text_equal_folded(name, work->old_name))
		return RESULT_OK;
	enum result result = read_present(work, is_user(work) ? PERSON_BY_USERNAME : PERSON_BY_EMAIL, name, &owner);
	if (result == RESULT_NOT_FOUND || (result == RESULT_OK && slice_equal(owner.id, work->person.id)))
		return RESULT_OK;
	if (result != RESULT_OK)
		return result;
	/* an owner that stays is told by apply_name_once; one that is left out is on the way out */
	if (work->apply->options->prune)
		return RESULT_OK;
	return document_fail(work->apply->document, name_line(work), apply_taken(work->apply),
	                     "the %s '%.*s' belongs to the %s with the id %.*s: choose another, or rename that one first",
	                     is_user(work) ? "username" : "e-mail address", SLICE_ARGS(name), is_user(work) ? "user" : "customer", SLICE_ARGS(owner.id));
}

/* contract §1: no person is named like a client application, for both are the sub of tokens. */
static enum result id_judge(struct person_work *work)
{
	bool there = false;
	enum result result = RESULT_OK;
	if (work->exists)
		return RESULT_OK;
	if (work->partition->applications_read)
		result = store_batch_has(work->apply->batch, &work->partition->id, OBJECT_APPLICATION, work->person.id, &there);
	if (result == RESULT_OK && !there && work->partition->exists) {
		struct client_application application;
		result = store_client_application_read(work->apply->store, &work->partition->id, work->person.id, work->apply->object, &application);
		there = result == RESULT_OK;
	}
	if (result != RESULT_OK && result != RESULT_NOT_FOUND)
		return apply_store_failed(work->apply, result);
	if (there)
		return document_fail(work->apply->document, line_of(work, PERSON_ID), apply_taken(work->apply),
		                     "the id is the client id of a client application: choose another id");
	return RESULT_OK;
}

static enum result person_judge(struct person_work *work)
{
	struct apply *apply = work->apply;
	const struct reading *reading = &work->reading.reading;
	enum result result = name_judge(work);
	if (result == RESULT_OK)
		result = id_judge(work);
	if (result == RESULT_OK)
		result = roles_judge(work);
	if (result == RESULT_OK && work->person.department.len > 0)
		result = references_add(apply->references, apply->batch, apply->document, REFERENCE_DEPARTMENT, &work->partition->id,
		                        work->person.department, reading_has(reading, PERSON_DEPARTMENT) ? reading->lines[PERSON_DEPARTMENT] : reading->line);
	if (result == RESULT_OK)
		result = apply_key_once(apply, &work->partition->id, work->object, work->person.id, reading->line);
	if (result == RESULT_OK)
		result = apply_name_once(apply, &work->partition->id, work->object, unique_name(work, &work->person), work->person.id, reading->line);
	return result;
}

static enum result person_stage(struct person_work *work)
{
	struct apply *apply = work->apply;
	const struct partition_id *id = &work->partition->id;
	if (arena_exhausted(apply->object))
		return apply_no_memory(apply);
	enum result result = apply_sole_staged(apply, work->object, id, work->exists ? &work->present : NULL, &work->person);
	if (result != RESULT_OK)
		return result;
	if (work->exists && !work->difference.any) {
		result = store_batch_mention(apply->batch, id, work->object, work->person.id);
		return result == RESULT_OK ? RESULT_OK : apply_store_failed(apply, result);
	}
	result = store_batch_person(apply->batch, id, &work->person);
	if (result != RESULT_OK)
		return apply_store_failed(apply, result);
	apply_tell(apply, work->exists ? APPLY_CHANGE : APPLY_ADD, id, work->object, work->person.id, unique_name(work, &work->person),
	           work->exists ? difference_words(&work->difference) : SLICE_OF(""));
	return RESULT_OK;
}

static enum result sole_judge(struct person_work *work)
{
	bool by_id = work->reading.person.id.len > 0;
	return apply_sole_judge(work->apply, work->object, work->exists, work->person.version, by_id ? work->person.id : unique_name(work, &work->person),
	                        by_id ? line_of(work, PERSON_ID) : name_line(work));
}

static enum result person_apply(struct apply *apply, struct apply_partition *partition, enum person_kind kind)
{
	struct person_work work = {
		.apply = apply, .partition = partition, .kind = kind, .object = kind == PERSON_USER ? OBJECT_USER : OBJECT_CUSTOMER
	};
	enum result result = person_read(apply->document, kind, apply->object, &work.reading);
	if (result == RESULT_OK)
		result = person_find(&work);
	if (result == RESULT_OK)
		result = sole_judge(&work);
	if (result != RESULT_OK)
		return result;
	work.difference = difference_new(apply->object);
	fields_overlay(kind == PERSON_USER ? user_fields : customer_fields, kind == PERSON_USER ? user_field_count : customer_field_count,
	               &work.reading.reading, offsetof(struct person_reading, person), &work.person, &work.difference);
	result = password_overlay(&work);
	if (result == RESULT_OK)
		result = person_judge(&work);
	return result == RESULT_OK ? person_stage(&work) : result;
}

enum result apply_user(struct apply *apply, struct apply_partition *partition)
{
	return person_apply(apply, partition, PERSON_USER);
}

enum result apply_customer(struct apply *apply, struct apply_partition *partition)
{
	return person_apply(apply, partition, PERSON_CUSTOMER);
}
