/* The scopes that APIs name, beside the permissions that their partition has: known only once the whole document was read. */
#include "directory/apply_state.h"

#include "directory/openapi/openapi.h"

struct noted_scope {
	struct noted_scope *next;
	struct partition_id partition;
	struct apply_unknown_scope told;
};

enum result apply_scopes_note(struct apply *apply, const struct partition_id *partition, struct slice api, const char *file_name,
                              const struct openapi_report *report)
{
	struct slice kept_api = arena_copy(apply->kept, api), kept_file = arena_copy(apply->kept, slice_from(file_name));
	for (size_t i = 0; i < report->scope_count; i++) {
		bool there = false;
		enum result result = store_batch_permission_exists(apply->batch, partition, report->scopes[i], apply->options->prune, &there);
		if (result != RESULT_OK)
			return apply_store_failed(apply, result);
		if (there)
			continue;
		struct noted_scope *noted = arena_alloc(apply->kept, sizeof *noted);
		struct slice scope = arena_copy(apply->kept, report->scopes[i]);
		if (arena_exhausted(apply->kept))
			return document_fail(apply->document, document_line(apply->document), RESULT_TOO_LARGE, "the APIs name too many scopes that no permission is");
		*noted = (struct noted_scope) { .partition = *partition };
		noted->told = (struct apply_unknown_scope) { .api = kept_api, .scope = scope, .file_name = kept_file.ptr, .line = report->scope_lines[i] };
		*apply->scopes_end = noted;
		apply->scopes_end = &noted->next;
	}
	return RESULT_OK;
}

/* One that the store has, but pruning would delete, is spared. */
static enum result permission_add(struct apply *apply, const struct partition_id *partition, struct slice name)
{
	struct permission permission;
	arena_reset(apply->object);
	enum result result = store_permission_read(apply->store, partition, name, apply->object, &permission);
	if (result == RESULT_OK)
		return store_batch_mention(apply->batch, partition, OBJECT_PERMISSION, name);
	if (result != RESULT_NOT_FOUND)
		return result;
	permission = (struct permission) { .name = name, .description = SLICE_OF(""), .kind = permission_kind_of_name(name) };
	result = store_batch_permission(apply->batch, partition, &permission);
	if (result == RESULT_OK)
		apply_tell(apply, APPLY_ADD, partition, OBJECT_PERMISSION, name, name, SLICE_OF(""));
	return result;
}

enum result apply_scopes_judge(struct apply *apply)
{
	const struct apply_options *options = apply->options;
	for (struct noted_scope *noted = apply->scopes; noted != NULL; noted = noted->next) {
		bool there = false;
		enum result result = store_batch_permission_exists(apply->batch, &noted->partition, noted->told.scope, options->prune, &there);
		if (result == RESULT_OK && !there && options->add_permissions)
			result = permission_add(apply, &noted->partition, noted->told.scope);
		if (result != RESULT_OK)
			return apply_store_failed(apply, result);
		noted->told.partition = partition_id_slice(&noted->partition);
		noted->told.added = options->add_permissions;
		if (!there && options->unknown_scope != NULL)
			options->unknown_scope(options->context, &noted->told);
	}
	return RESULT_OK;
}
