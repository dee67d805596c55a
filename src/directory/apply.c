#include "directory/apply.h"

#include "base/clock.h"
#include "directory/apply_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
	TRIES = 3,                       /* when the directory changes meanwhile */
	SEEN_AFTER_MS = 20,              /* contract §9: running servers look every 10 ms */
	MADE_SECRETS_MAX = 64 << 20,     /* bytes of secrets that wait for the commit */
	ARENA_FIRST = 64 * 1024,
};

static enum result top_level(struct apply *apply, struct slice key)
{
	static const struct field none[1] = { { .kind = FIELD_READ } };
	static const struct slice names[] = { SLICE("partitions") };
	struct reading nothing = { 0 };
	if (slice_is(key, "partitions"))
		return RESULT_OK;
	return field_read_key(apply->document, "document", key, none, 0, names, 1, apply->object, &nothing);
}

static enum result partitions_read(struct apply *apply)
{
	bool more = true;
	enum result result = document_list(apply->document, "partitions");
	for (size_t index = 0; result == RESULT_OK; index++) {
		result = document_item(apply->document, &more);
		if (result != RESULT_OK || !more)
			return result;
		result = apply_partition(apply, index);
	}
	return result;
}

/* The whole document, up to what it says about itself at its end. */
static enum result document_read(struct apply *apply)
{
	bool more = true, seen = false;
	enum result result = document_mapping(apply->document, "the document");
	while (result == RESULT_OK) {
		struct slice key;
		result = document_key(apply->document, &key, &more);
		if (result != RESULT_OK)
			return result;
		if (!more)
			break;
		result = top_level(apply, key);
		if (result == RESULT_OK && seen)
			return document_fail(apply->document, document_line(apply->document), RESULT_INVALID, "partitions stands twice: join the two lists");
		seen = true;
		if (result == RESULT_OK)
			result = partitions_read(apply);
	}
	if (result == RESULT_OK && !seen)
		return document_fail(apply->document, 1, RESULT_INVALID, "the document has no partitions: write partitions: and what is in them");
	if (result == RESULT_OK)
		result = document_finish(apply->document);
	if (result == RESULT_OK)
		result = apply_scopes_judge(apply);
	return result == RESULT_OK ? references_judge(apply->references, apply->batch, apply->document) : result;
}

static enum result tell_pruned(void *context, const struct partition_id *partition, enum object_kind kind, struct slice key, struct slice name)
{
	apply_tell(context, APPLY_DELETE, partition, kind, key, name, SLICE_OF(""));
	return RESULT_OK;
}

static enum result commit(struct apply *apply, struct problem *problem)
{
	char detail[160];
	int len = snprintf(detail, sizeof detail, "{\"added\":%lld,\"changed\":%lld,\"deleted\":%lld}", (long long)apply->summary.added,
	                   (long long)apply->summary.changed, (long long)apply->summary.deleted);
	struct audit_event event = {
		.at_ms = clock_ms(),
		.action = SLICE_OF("directory.applied"),
		.result = SLICE_OF("ok"),
		.actor = apply->options->actor,
		.object = slice_from(apply->options->file_name),
		.detail = { detail, (size_t)(len > 0 ? len : 0) },
	};
	const struct apply_sole *sole = apply->options->sole;
	if (sole != NULL && sole->audit != NULL)
		sole->audit(sole->context, &event);
	struct store_batch *batch = apply->batch;
	apply->batch = NULL; /* freed by the commit, whatever comes of it */
	return store_batch_commit(batch, &event, problem);
}

static void run_end(struct apply *apply)
{
	store_batch_abandon(apply->batch);
	references_free(apply->references);
	document_close(apply->document);
	arena_free(apply->object);
	arena_free(apply->partition);
	arena_free(apply->kept);
	free(apply);
}

/* NULL when memory or disk for temporary files is out. */
static struct apply *run_begin(struct store *store, const struct master_key *master, const struct apply_options *options, int64_t start)
{
	struct apply *apply = calloc(1, sizeof *apply);
	if (apply == NULL)
		return NULL;
	apply->store = store;
	apply->master = master;
	apply->options = options;
	apply->start = start;
	apply->made_end = &apply->made;
	apply->scopes_end = &apply->scopes;
	apply->document = options->text.ptr != NULL ? document_open_memory(options->text, options->file_name)
	                                            : document_open(options->fd, start, options->file_name);
	apply->references = references_new(options->prune);
	apply->object = arena_new(ARENA_FIRST, LIMIT_APPLY_OBJECT_SIZE);
	apply->partition = arena_new(ARENA_FIRST, LIMIT_APPLY_OBJECT_SIZE);
	apply->kept = arena_new(ARENA_FIRST, MADE_SECRETS_MAX);
	if (apply->document == NULL || apply->references == NULL || apply->object == NULL || apply->partition == NULL || apply->kept == NULL) {
		run_end(apply);
		return NULL;
	}
	return apply;
}

static bool any_difference(const struct apply_summary *summary)
{
	return summary->added + summary->changed + summary->deleted > 0;
}

static void made_secrets_tell(const struct apply *apply)
{
	if (apply->options->secret == NULL)
		return;
	for (const struct made_secret *made = apply->made; made != NULL; made = made->next)
		apply->options->secret(apply->options->context, &made->secret);
}

static enum result run(struct apply *apply, struct apply_summary *ret, struct problem *problem)
{
	enum result result = store_batch_begin(apply->store, &apply->batch, problem);
	if (result != RESULT_OK)
		return result;
	result = document_read(apply);
	if (result != RESULT_OK) {
		*problem = *document_problem(apply->document);
		return result;
	}
	if (apply->options->prune) {
		result = store_batch_prune(apply->batch, tell_pruned, apply);
		if (result != RESULT_OK)
			return problem_set(problem, result, "the store does not answer: %s", result_text(result));
	}
	if (apply->apis_staged) {
		struct problem said;
		result = store_batch_apis_judge(apply->batch, &said);
		apply->openapi_failed = result != RESULT_OK;
		if (result != RESULT_OK)
			return problem_set(problem, result == RESULT_CONFLICT ? RESULT_INVALID : result, "%s: %s", apply->options->file_name,
			                   result == RESULT_CONFLICT ? said.text : result_text(result));
	}
	if (apply->options->progress != NULL)
		apply->options->progress(apply->options->context, document_bytes_read(apply->document), apply->summary.objects);
	if (!apply->options->dry_run && (any_difference(&apply->summary) || apply->keys_made))
		result = commit(apply, problem);
	if (result != RESULT_OK)
		return result;
	made_secrets_tell(apply);
	*ret = apply->summary;
	return RESULT_OK;
}

void apply_wait_until_seen(void)
{
	struct timespec wait = { .tv_nsec = SEEN_AFTER_MS * 1000000L };
	while (nanosleep(&wait, &wait) != 0 && errno == EINTR)
		continue;
}

enum result directory_apply(struct store *store, const struct master_key *master, const struct apply_options *options, struct apply_summary *ret,
                            struct problem *problem)
{
	int64_t start = options->text.ptr != NULL ? 0 : lseek(options->fd, 0, SEEK_CUR);
	enum result result = RESULT_CONFLICT;
	for (int attempt = 1; attempt <= TRIES && result == RESULT_CONFLICT; attempt++) {
		if (attempt > 1 && start < 0)
			break;
		if (attempt > 1)
			(void)!store_watch_look(store); /* what the attempt before missed */
		if (attempt > 1 && options->warned != NULL)
			options->warned(options->context, "the directory changed meanwhile: starting again");
		if (attempt > 1 && options->restarted != NULL)
			options->restarted(options->context);
		struct apply *apply = run_begin(store, master, options, start);
		if (apply == NULL)
			return problem_set(problem, RESULT_NO_MEMORY, "memory or room for temporary files is out");
		struct problem said = { "" };
		result = run(apply, ret, &said);
		apply_sole_failed(apply, result, &said);
		if (result != RESULT_OK && problem != NULL)
			*problem = said;
		run_end(apply);
	}
	if (result == RESULT_OK && !options->dry_run)
		apply_wait_until_seen();
	return result;
}
