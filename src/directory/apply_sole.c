/* One object alone, for the Admin API: is it there as it must be, what is told of it, and its end. */
#include "directory/apply_state.h"

#include "base/clock.h"
#include "directory/object.h"
#include "store/listing.h"

#include <stdio.h>

enum { TRIES = 3, ARENA_FIRST = 16 * 1024, REFERENCES_SHOWN = 1000 };

static const struct apply_sole *sole_of(const struct apply *apply, enum object_kind kind)
{
	const struct apply_sole *sole = apply->options->sole;
	return sole != NULL && sole->kind == kind ? sole : NULL;
}

enum result apply_taken(const struct apply *apply)
{
	return apply->options->sole != NULL ? RESULT_EXISTS : RESULT_INVALID;
}

bool apply_sole_inside(const struct apply *apply)
{
	return apply->options->sole != NULL && apply->options->sole->kind != OBJECT_PARTITION;
}

enum result apply_sole_judge(struct apply *apply, enum object_kind kind, bool exists, int64_t version, struct slice name, unsigned line)
{
	const struct apply_sole *sole = sole_of(apply, kind);
	const char *words = apply_kind_words(kind);
	if (sole == NULL)
		return RESULT_OK;
	if (sole->must == SOLE_CREATE && exists)
		return document_fail(apply->document, line, RESULT_EXISTS, "there is a%s %s '%.*s' already: choose another name, or change that one",
		                     kind == OBJECT_API || kind == OBJECT_PROVIDER ? "n" : "", words, SLICE_ARGS(name));
	if (sole->must == SOLE_CHANGE && !exists)
		return document_fail(apply->document, 0, RESULT_NOT_FOUND, "there is no such %s", words);
	if (exists && sole->version != 0 && sole->version != version)
		return document_fail(apply->document, 0, RESULT_STALE, "the %s was changed by somebody else meanwhile: read it again", words);
	return RESULT_OK;
}

enum result apply_sole_staged(struct apply *apply, enum object_kind kind, const struct partition_id *partition, const void *before, const void *after)
{
	const struct apply_sole *sole = sole_of(apply, kind);
	struct problem problem = { "" };
	if (sole == NULL)
		return RESULT_OK;
	enum result result = sole->permitted == NULL ? RESULT_OK : sole->permitted(sole->context, apply->batch, &problem);
	if (result == RESULT_OK && sole->staged != NULL)
		result = sole->staged(sole->context, partition, before, after, &problem);
	return result == RESULT_OK ? RESULT_OK : document_fail(apply->document, 0, result, "%s", problem.text);
}

void apply_sole_failed(const struct apply *apply, enum result result, const struct problem *problem)
{
	const struct apply_sole *sole = apply->options->sole;
	if (result == RESULT_OK || sole == NULL || sole->failure == NULL)
		return;
	const bool of_document = document_problem(apply->document)->text[0] != '\0';
	const struct slice file = slice_from(apply->options->file_name), text = slice_from(problem->text);
	const size_t head = slice_starts_with(text, file) && slice_starts_with(slice_skip(text, file.len), SLICE_OF(": ")) ? file.len + 2 : 0;
	*sole->failure = (struct apply_failure) { .line = of_document ? document_problem_line(apply->document) : 0, .openapi = apply->openapi_failed };
	snprintf(sole->failure->sentence, sizeof sole->failure->sentence, "%s",
	         of_document ? document_problem_sentence(apply->document) : problem->text + head);
}

/* ---- the end of one object ---- */

struct ending {
	struct store *store;
	struct arena *arena;
	const struct partition_id *partition;
	struct slice key;
	const struct apply_sole *sole;
	union directory_object present;
	int64_t version;
};

static enum result ending_commit(struct ending *ending, struct problem *problem)
{
	const struct apply_sole *sole = ending->sole;
	struct store_batch *batch = NULL;
	struct audit_event event = { .at_ms = clock_ms(), .action = SLICE_OF("directory.applied"), .result = SLICE_OF("ok"), .object = ending->key };
	enum result result = store_batch_begin(ending->store, &batch, problem);
	if (result != RESULT_OK)
		return result;
	if (sole->permitted != NULL)
		result = sole->permitted(sole->context, batch, problem);
	if (result == RESULT_OK)
		result = store_batch_delete(batch, ending->partition, sole->kind, ending->key, ending->version);
	if (result != RESULT_OK) {
		store_batch_abandon(batch);
		return result;
	}
	if (sole->audit != NULL)
		sole->audit(sole->context, &event);
	return store_batch_commit(batch, &event, problem);
}

/* Asked before, for the sentence; the commit asks again. */
static enum result references_refuse(struct ending *ending, struct problem *problem)
{
	size_t count = 0;
	enum object_kind kind = ending->sole->kind;
	enum result result = store_references_count(ending->store, ending->partition, kind, ending->key, REFERENCES_SHOWN + 1, &count);
	if (result != RESULT_OK)
		return problem_set(problem, result, "the store does not answer: %s", result_text(result));
	if (count == 0)
		return RESULT_OK;
	const char *more = count > REFERENCES_SHOWN ? "more than " : "";
	const size_t shown = count > REFERENCES_SHOWN ? REFERENCES_SHOWN : count;
	if (kind == OBJECT_DEPARTMENT)
		return problem_set(problem, RESULT_IN_USE, "The department still has %s%zu %s: move them elsewhere first.", more, shown,
		                   count == 1 ? "person" : "people");
	return problem_set(problem, RESULT_IN_USE,
	                   "The permission is still assigned, %s%zu times, to client applications or anonymous customers: take it away there first.", more,
	                   shown);
}

static enum result end_once(struct ending *ending, struct problem *problem)
{
	const struct apply_sole *sole = ending->sole;
	enum result result = directory_object_read(ending->store, ending->partition, sole->kind, ending->key, ending->arena, &ending->present);
	if (result != RESULT_OK)
		return problem_set(problem, result, "%s: %s", apply_kind_words(sole->kind), result_text(result));
	ending->version = directory_object_version(sole->kind, &ending->present);
	if (sole->version != 0 && sole->version != ending->version)
		return problem_set(problem, RESULT_STALE, "the %s was changed by somebody else meanwhile: read it again", apply_kind_words(sole->kind));
	if (sole->staged != NULL)
		result = sole->staged(sole->context, ending->partition, &ending->present, NULL, problem);
	if (result == RESULT_OK)
		result = references_refuse(ending, problem);
	return result == RESULT_OK ? ending_commit(ending, problem) : result;
}

enum result directory_delete(struct store *store, const struct partition_id *partition, struct slice key, const struct apply_sole *sole,
                             struct problem *problem)
{
	enum result result = RESULT_CONFLICT;
	if (sole->kind == OBJECT_PARTITION && slice_is(key, PARTITION_SYSTEM))
		return problem_set(problem, RESULT_INVALID, "the partition %s is the server's own and cannot be deleted", PARTITION_SYSTEM);
	struct arena *arena = arena_new(ARENA_FIRST, LIMIT_APPLY_OBJECT_SIZE);
	if (arena == NULL)
		return problem_set(problem, RESULT_NO_MEMORY, "memory is out");
	for (int attempt = 0; attempt < TRIES && result == RESULT_CONFLICT; attempt++) {
		struct ending ending = { .store = store, .arena = arena, .partition = partition, .key = key, .sole = sole };
		arena_reset(arena);
		if (attempt > 0)
			(void)!store_watch_look(store); /* what the attempt before missed */
		result = end_once(&ending, problem);
	}
	arena_free(arena);
	if (result == RESULT_OK)
		apply_wait_until_seen();
	return result;
}
