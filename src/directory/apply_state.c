#include "directory/apply_state.h"

#include "base/text.h"

#include <stdio.h>

enum { PROGRESS_EVERY = 512 };

enum result apply_store_failed(struct apply *apply, enum result result)
{
	return document_fail(apply->document, 0, result, "the store does not answer: %s", result_text(result));
}

enum result apply_no_memory(struct apply *apply)
{
	return document_fail(apply->document, document_line(apply->document), RESULT_INVALID, "the object is larger than %d bytes in all",
	                     LIMIT_APPLY_OBJECT_SIZE);
}

void apply_warn(struct apply *apply, unsigned line, const char *sentence)
{
	char text[512];
	if (apply->options->warned == NULL)
		return;
	snprintf(text, sizeof text, "%s:%u: %s", apply->options->file_name, line, sentence);
	apply->options->warned(apply->options->context, text);
}

void apply_object_read(struct apply *apply)
{
	apply->summary.objects++;
	if (apply->options->progress != NULL && apply->summary.objects % PROGRESS_EVERY == 0)
		apply->options->progress(apply->options->context, document_bytes_read(apply->document), apply->summary.objects);
}

const char *apply_kind_words(enum object_kind kind)
{
	switch (kind) {
	case OBJECT_PARTITION: return "partition";
	case OBJECT_DEPARTMENT: return "department";
	case OBJECT_PERMISSION: return "permission";
	case OBJECT_USER: return "user";
	case OBJECT_CUSTOMER: return "customer";
	case OBJECT_APPLICATION: return "client application";
	case OBJECT_API: return "API";
	case OBJECT_PROVIDER: return "identity provider";
	}
	return "object";
}

void apply_tell(struct apply *apply, char what, const struct partition_id *partition, enum object_kind kind, struct slice key, struct slice name,
                struct slice fields)
{
	struct apply_change change = {
		.partition = partition_id_slice(partition), .kind = apply_kind_words(kind), .key = key, .name = name, .fields = fields
	};
	switch (what) {
	case APPLY_ADD: change.what = APPLY_ADD; apply->summary.added++; break;
	case APPLY_CHANGE: change.what = APPLY_CHANGE; apply->summary.changed++; break;
	default: change.what = APPLY_DELETE; apply->summary.deleted++; break;
	}
	if (apply->options->changed != NULL)
		apply->options->changed(apply->options->context, &change);
}

/* FNV-1a: two that collide only cost a line number in a message. */
static uint64_t line_hash(char space, const struct partition_id *partition, enum object_kind kind, struct slice text)
{
	uint64_t hash = UINT64_C(14695981039346656037);
	const uint64_t prime = UINT64_C(1099511628211);
	hash = (hash ^ (unsigned char)space) * prime;
	hash = (hash ^ (unsigned char)kind) * prime;
	for (size_t i = 0; i < partition->len; i++)
		hash = (hash ^ (unsigned char)partition->text[i]) * prime;
	hash = hash * prime;
	for (size_t i = 0; i < text.len; i++)
		hash = (hash ^ (unsigned char)(space == 'n' ? text_lower(text.ptr[i]) : text.ptr[i])) * prime;
	return hash;
}

static enum result seen_twice(struct apply *apply, uint64_t hash, const char *kind, const char *relation, struct slice text, unsigned line)
{
	unsigned first = apply->lines[hash % LINES_SIZE].hash == hash ? apply->lines[hash % LINES_SIZE].line : 0;
	if (first > 0)
		return document_fail(apply->document, line, RESULT_INVALID, "a %s %s '%.*s' stands at line %u already: leave one away", kind, relation,
		                     SLICE_ARGS(text), first);
	return document_fail(apply->document, line, RESULT_INVALID, "a %s %s '%.*s' stands in the document already: leave one away", kind, relation,
	                     SLICE_ARGS(text));
}

static void remember(struct apply *apply, uint64_t hash, unsigned line)
{
	apply->lines[hash % LINES_SIZE].hash = hash;
	apply->lines[hash % LINES_SIZE].line = line;
}

enum result apply_key_once(struct apply *apply, const struct partition_id *partition, enum object_kind kind, struct slice key, unsigned line)
{
	bool there;
	uint64_t hash = line_hash('k', partition, kind, key);
	enum result result = store_batch_has(apply->batch, partition, kind, key, &there);
	if (result != RESULT_OK)
		return apply_store_failed(apply, result);
	if (there) {
		bool named = kind == OBJECT_DEPARTMENT || kind == OBJECT_PERMISSION;
		return seen_twice(apply, hash, apply_kind_words(kind), named ? "named" : "with the id", key, line);
	}
	remember(apply, hash, line);
	return RESULT_OK;
}

enum result apply_name_once(struct apply *apply, const struct partition_id *partition, enum object_kind kind, struct slice name, struct slice key,
                            unsigned line)
{
	bool taken;
	uint64_t hash = line_hash('n', partition, kind, name);
	enum result result = store_batch_name_taken(apply->batch, partition, kind, name, key, &taken);
	if (result != RESULT_OK)
		return apply_store_failed(apply, result);
	if (taken)
		return seen_twice(apply, hash, apply_kind_words(kind), kind == OBJECT_CUSTOMER ? "with the e-mail address" : "named", name, line);
	remember(apply, hash, line);
	return RESULT_OK;
}

enum result apply_address_judge(struct apply *apply, unsigned line, struct slice before, struct slice after)
{
	if (!apply->options->foreign || slice_equal(before, after) || !rule_url_on_loopback(after))
		return RESULT_OK;
	return document_fail(apply->document, line, RESULT_INVALID,
	                     "an address of the server's own machine is not for a partition administrator: write https:// and another host, "
	                     "or ask the operator or a system administrator to set it");
}
