#include "directory/apply_references.h"

#include "directory/rules.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { KNOWN_SIZE = 4096 };

struct references {
	bool prune;
	FILE *file;
	/* Hashes of what was judged or noted before, so that a name that a million users share is looked up once. */
	struct hash32 known[KNOWN_SIZE];
};

struct record {
	struct partition_id partition;
	enum reference_kind kind;
	unsigned line;
	size_t len;
	char name[LIMIT_NAME];
};

struct references *references_new(bool prune)
{
	struct references *references = calloc(1, sizeof *references);
	if (references == NULL)
		return NULL;
	references->prune = prune;
	references->file = tmpfile();
	if (references->file == NULL) {
		free(references);
		return NULL;
	}
	return references;
}

void references_free(struct references *references)
{
	if (references == NULL)
		return;
	fclose(references->file);
	free(references);
}

static bool was_known(struct references *references, enum reference_kind kind, const struct partition_id *partition, struct slice name)
{
	char bytes[1 + LIMIT_PARTITION_ID + 1 + LIMIT_NAME];
	size_t len = 0;
	bytes[len++] = (char)kind;
	memcpy(bytes + len, partition->text, (size_t)partition->len + 1);
	len += (size_t)partition->len + 1;
	memcpy(bytes + len, name.ptr, name.len);
	struct hash32 hash = hash32_of((struct slice) { bytes, len + name.len });
	struct hash32 *place = &references->known[(hash.bytes[0] | hash.bytes[1] << 8) % KNOWN_SIZE];
	if (hash32_equal(place, &hash))
		return true;
	*place = hash;
	return false;
}

static enum result is_true(struct references *references, struct store_batch *batch, enum reference_kind kind,
                           const struct partition_id *partition, struct slice name, bool *ret)
{
	switch (kind) {
	case REFERENCE_DEPARTMENT: return store_batch_department_exists(batch, partition, name, references->prune, ret);
	case REFERENCE_PERMISSION: return store_batch_permission_exists(batch, partition, name, references->prune, ret);
	case REFERENCE_NOT_PREFIXED: break; /* not before the partition's end */
	}
	*ret = false;
	return RESULT_OK;
}

static enum result note(struct references *references, struct document *document, const struct record *record)
{
	if (fwrite(record, offsetof(struct record, name) + record->len, 1, references->file) != 1)
		return document_fail(document, 0, RESULT_FAILED, "the temporary file cannot be written: %s", strerror(errno));
	return RESULT_OK;
}

enum result references_add(struct references *references, struct store_batch *batch, struct document *document, enum reference_kind kind,
                           const struct partition_id *partition, struct slice name, unsigned line)
{
	if (name.len > LIMIT_NAME)
		return document_fail(document, line, RESULT_INVALID, "a name is longer than %d bytes", LIMIT_NAME);
	if (kind == REFERENCE_PERMISSION && permission_is_reserved(name))
		return RESULT_OK;
	if (was_known(references, kind, partition, name))
		return RESULT_OK;
	bool good = false;
	enum result result = is_true(references, batch, kind, partition, name, &good);
	if (result != RESULT_OK)
		return document_fail(document, 0, result, "the store does not answer: %s", result_text(result));
	if (good)
		return RESULT_OK;
	struct record record = { .partition = *partition, .kind = kind, .line = line, .len = name.len };
	memcpy(record.name, name.ptr, name.len);
	return note(references, document, &record);
}

static bool next_record(struct references *references, struct record *record)
{
	const size_t head = offsetof(struct record, name);
	if (fread(record, head, 1, references->file) != 1)
		return false;
	return record->len <= sizeof record->name && fread(record->name, 1, record->len, references->file) == record->len;
}

static enum result untrue(struct document *document, const struct record *record, bool prune)
{
	const char *behind = prune ? " (with --prune it must stand in the document)" : "";
	const char *kind = record->kind == REFERENCE_DEPARTMENT ? "department" : "permission";
	return document_fail(document, record->line, RESULT_INVALID, "partition %s has no %s '%.*s': add it to its %ss%s", record->partition.text, kind,
	                     (int)record->len, record->name, kind, behind);
}

static enum result judge_record(struct references *references, struct store_batch *batch, struct document *document,
                                const struct record *record)
{
	bool good = false;
	enum result result = is_true(references, batch, record->kind, &record->partition, (struct slice) { record->name, record->len }, &good);
	if (result != RESULT_OK)
		return document_fail(document, 0, result, "the store does not answer: %s", result_text(result));
	return good ? RESULT_OK : untrue(document, record, references->prune);
}

enum result references_judge(struct references *references, struct store_batch *batch, struct document *document)
{
	struct record record;
	rewind(references->file);
	while (next_record(references, &record)) {
		if (record.kind == REFERENCE_NOT_PREFIXED)
			continue;
		enum result result = judge_record(references, batch, document, &record);
		if (result != RESULT_OK)
			return result;
	}
	if (ferror(references->file))
		return document_fail(document, 0, RESULT_FAILED, "the temporary file cannot be read: %s", strerror(errno));
	return RESULT_OK;
}

enum result references_judge_prefix(struct references *references, struct document *document, const struct partition_id *partition,
                                    struct slice prefix)
{
	struct record record;
	enum result result = RESULT_OK;
	rewind(references->file);
	while (result == RESULT_OK && next_record(references, &record)) {
		struct slice name = { record.name, record.len };
		if (record.kind == REFERENCE_NOT_PREFIXED && slice_equal(partition_id_slice(&record.partition), partition_id_slice(partition)) &&
		    slice_starts_with(name, prefix))
			result = document_fail(document, record.line, RESULT_INVALID,
			                       "'%.*s' starts with the partition's permission_prefix: write names without it", SLICE_ARGS(name));
	}
	if (result == RESULT_OK && fseek(references->file, 0, SEEK_END) != 0)
		return document_fail(document, 0, RESULT_FAILED, "the temporary file cannot be read: %s", strerror(errno));
	return result;
}
