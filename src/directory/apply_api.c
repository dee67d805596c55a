/* Protected APIs (contract.md §9): an OpenAPI document, in a file of its own or inline, as the operations of a partition. */
#include "directory/apply_state.h"

#include "base/text.h"
#include "directory/apply_nearest.h"
#include "directory/openapi/openapi.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ARENA_FIRST = 64 * 1024 };

struct pairs {
	struct openapi_pair *items;
	size_t count;
};

/* Where the document is: in a file, or read already. */
struct source {
	struct apply *apply;
	struct arena *arena; /* of the API */
	struct openapi *inline_document;
	struct slice path;
};

struct api_reading {
	struct reading reading;
	struct slice name;
	struct source source;
	struct pairs values, actors;
};

enum api_bit { API_NAME, API_OPENAPI, API_VALUES, API_ACTORS };

/* ---- reading ---- */

static enum result pair_read(struct document *document, const struct field *field, struct arena *arena, struct pairs *pairs, struct slice key)
{
	struct openapi_pair *pair = &pairs->items[pairs->count];
	for (size_t i = 0; i < pairs->count; i++)
		if (slice_equal(pairs->items[i].name, key))
			return document_fail(document, document_line(document), RESULT_INVALID, "'%.*s' stands twice in %s: leave one away",
			                     (int)(key.len < 80 ? key.len : 80), key.ptr, field->key.ptr);
	if (pairs->count == LIMIT_API_PAIRS || key.len == 0 || key.len > LIMIT_NAME || !text_is_clean(key))
		return document_fail(document, document_line(document), RESULT_INVALID, "%s has at most %d entries, their names 1 to %d bytes of clean text",
		                     field->key.ptr, LIMIT_API_PAIRS, LIMIT_NAME);
	pair->name = arena_copy(arena, key);
	struct document_scalar scalar = { .plain = false };
	enum result result = document_scalar(document, field->key.ptr, &scalar);
	if (result != RESULT_OK)
		return result;
	if (scalar.text.len > LIMIT_URL || !text_is_clean(scalar.text))
		return document_fail(document, document_line(document), RESULT_INVALID, "%s: a value is at most %d bytes of clean text", field->key.ptr,
		                     LIMIT_URL);
	pair->value = document_scalar_is_null(&scalar) ? SLICE_OF("") : arena_copy(arena, scalar.text);
	pairs->count++;
	return pair->name.ptr == NULL || pair->value.ptr == NULL
	           ? document_fail(document, document_line(document), RESULT_INVALID, "the object is larger than %d bytes in all", LIMIT_APPLY_OBJECT_SIZE)
	           : RESULT_OK;
}

/* Each pair is judged where it stands, so that the sentence has its line. */
static enum result pairs_read(struct document *document, const struct field *field, struct arena *arena, struct pairs *pairs,
                              enum result (*judge)(struct document *, const struct openapi_pair *))
{
	bool more = true;
	enum result result = document_mapping(document, field->key.ptr);
	pairs->items = arena_array(arena, LIMIT_API_PAIRS, sizeof *pairs->items);
	if (result == RESULT_OK && pairs->items == NULL)
		return document_fail(document, document_line(document), RESULT_INVALID, "the object is larger than %d bytes in all", LIMIT_APPLY_OBJECT_SIZE);
	while (result == RESULT_OK) {
		struct slice key;
		result = document_key(document, &key, &more);
		if (result != RESULT_OK || !more)
			return result;
		result = pair_read(document, field, arena, pairs, key);
		if (result == RESULT_OK && judge != NULL)
			result = judge(document, &pairs->items[pairs->count - 1]);
	}
	return result;
}

static enum result values_read(struct document *document, const struct field *field, struct arena *arena, void *at)
{
	return pairs_read(document, field, arena, at, NULL);
}

static enum result actor_judge(struct document *document, const struct openapi_pair *pair)
{
	enum api_actor actor;
	if (api_actor_find(pair->value, &actor))
		return RESULT_OK;
	struct nearest nearest = nearest_to(pair->value);
	for (actor = API_ACTOR_USER; actor <= API_ACTOR_CLIENT; actor++)
		nearest_offer(&nearest, slice_from(api_actor_name(actor)));
	if (nearest.name.len > 0)
		return document_fail(document, document_line(document), RESULT_INVALID, "actors: there is no actor '%.*s': did you mean '%.*s'?",
		                     (int)(pair->value.len < 80 ? pair->value.len : 80), pair->value.ptr, SLICE_ARGS(nearest.name));
	return document_fail(document, document_line(document), RESULT_INVALID,
	                     "actors: there is no actor '%.*s': it is user, customer, user_on_behalf_of, customer_on_behalf_of, anonymous_customer "
	                     "or client",
	                     (int)(pair->value.len < 80 ? pair->value.len : 80), pair->value.ptr);
}

static enum result actors_read(struct document *document, const struct field *field, struct arena *arena, void *at)
{
	return pairs_read(document, field, arena, at, actor_judge);
}

static struct openapi_warner warner_of(const struct apply *apply)
{
	return (struct openapi_warner) { apply->options->warned, apply->options->context };
}

static enum result openapi_read(struct document *document, const struct field *field, struct arena *arena, void *at)
{
	struct source *source = at;
	struct document_scalar scalar = { .plain = false };
	enum document_kind kind = DOCUMENT_END;
	enum result result = document_peek(document, &kind);
	if (result == RESULT_OK && kind == DOCUMENT_MAPPING) {
		struct openapi_warner warner = warner_of(source->apply);
		return openapi_parse(document, &warner, source->arena, &source->inline_document);
	}
	if (result == RESULT_OK)
		result = document_scalar(document, field->key.ptr, &scalar);
	if (result != RESULT_OK)
		return result;
	if (document_scalar_is_null(&scalar) || scalar.text.len == 0 || scalar.text.len > LIMIT_URL || !text_is_clean(scalar.text))
		return document_fail(document, document_line(document), RESULT_INVALID, "openapi is the name of a file, or the document itself as a mapping");
	source->path = arena_copy(arena, scalar.text);
	return source->path.ptr == NULL ? document_fail(document, 0, RESULT_NO_MEMORY, "memory is out") : RESULT_OK;
}

#define API(member) offsetof(struct api_reading, member)
static const struct field api_fields[] = {
	{ SLICE("name"), FIELD_TEXT, API(name), .bit = API_NAME, .apart = true, .limit = LIMIT_ID, .rule = rule_name },
	{ SLICE("openapi"), FIELD_READ, API(source), .bit = API_OPENAPI, .read = openapi_read },
	{ SLICE("values"), FIELD_READ, API(values), .bit = API_VALUES, .read = values_read },
	{ SLICE("actors"), FIELD_READ, API(actors), .bit = API_ACTORS, .read = actors_read },
};

/* ---- the document ---- */

struct work {
	struct apply *apply;
	struct apply_partition *partition;
	struct api_reading reading;
	struct openapi_options options;
	struct api api, present;
	struct openapi_report report;
	const char *file_name; /* of the OpenAPI document */
};

/* Relative to the folder of the apply document. */
static struct slice path_whole(struct apply *apply, struct slice path)
{
	const char *folder = apply->options->folder;
	if (path.ptr[0] == '/' || folder[0] == '\0')
		return arena_print(apply->object, "%.*s", SLICE_ARGS(path));
	return arena_print(apply->object, "%s/%.*s", folder, SLICE_ARGS(path));
}

static enum result file_open(struct work *work, const char *path, int *ret)
{
	struct document *document = work->apply->document;
	unsigned line = work->reading.reading.lines[API_OPENAPI];
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return document_fail(document, line, RESULT_FAILED, "the OpenAPI document %s cannot be read: %s", path, strerror(errno));
	enum result result = RESULT_OK;
	if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))
		result = document_fail(document, line, RESULT_FAILED, "the OpenAPI document %s is no regular file", path);
	else if (status.st_size > LIMIT_OPENAPI_SIZE)
		result = document_fail(document, line, RESULT_TOO_LARGE, "the OpenAPI document %s has more than %d MiB: split it into several APIs", path,
		                       LIMIT_OPENAPI_SIZE / (1024 * 1024));
	if (result != RESULT_OK)
		close(fd);
	else
		*ret = fd;
	return result;
}

static enum result file_compile(struct work *work)
{
	struct apply *apply = work->apply;
	if (apply->options->folder == NULL)
		return document_fail(apply->document, work->reading.reading.lines[API_OPENAPI], RESULT_INVALID,
		                     "no file can be named here: put the OpenAPI document itself behind openapi, as a mapping");
	struct slice path = path_whole(apply, work->reading.source.path);
	struct openapi_warner warner = warner_of(apply);
	struct openapi *openapi = NULL;
	int fd = -1;
	if (path.ptr == NULL)
		return apply_no_memory(apply);
	enum result result = file_open(work, path.ptr, &fd);
	if (result != RESULT_OK)
		return result;
	struct document *document = document_open(fd, 0, path.ptr);
	result = document == NULL ? document_fail(apply->document, 0, RESULT_NO_MEMORY, "memory is out") : RESULT_OK;
	if (result == RESULT_OK) {
		work->file_name = path.ptr;
		result = openapi_parse(document, &warner, work->reading.source.arena, &openapi);
		if (result == RESULT_OK)
			result = openapi_compile(document, openapi, &work->options, &work->api, &work->report);
		if (result != RESULT_OK)
			result = document_fail_as(apply->document, document);
	}
	document_close(document);
	close(fd);
	return result;
}

/* The document that the options bring with them. */
static enum result text_compile(struct work *work)
{
	struct apply *apply = work->apply;
	const struct apply_sole *sole = apply->options->sole;
	struct openapi_warner warner = warner_of(apply);
	struct openapi *openapi = NULL;
	work->file_name = "openapi";
	struct document *document = document_open_memory(sole->openapi, work->file_name);
	if (document == NULL)
		return document_fail(apply->document, 0, RESULT_NO_MEMORY, "memory is out");
	enum result result = openapi_parse(document, &warner, work->reading.source.arena, &openapi);
	if (result == RESULT_OK)
		result = openapi_compile(document, openapi, &work->options, &work->api, &work->report);
	if (result != RESULT_OK) {
		apply->openapi_failed = true;
		result = document_fail_as(apply->document, document);
	}
	document_close(document);
	return result;
}

static enum result document_compile(struct work *work)
{
	struct apply *apply = work->apply;
	const struct api_reading *reading = &work->reading;
	work->options = (struct openapi_options) {
		.values = reading->values.items, .value_count = reading->values.count, .actors = reading->actors.items, .actor_count = reading->actors.count,
	};
	enum result result = apply_partition_prefix(apply, work->partition, &work->options.permission_prefix);
	if (result != RESULT_OK)
		return result;
	if (apply->options->sole != NULL && apply->options->sole->openapi.ptr != NULL)
		return text_compile(work);
	work->file_name = apply->options->file_name;
	if (reading->source.inline_document == NULL)
		return file_compile(work);
	return openapi_compile(apply->document, reading->source.inline_document, &work->options, &work->api, &work->report);
}

/* ---- the difference ---- */

struct comparing {
	struct slice name;
	const struct api *given;
	size_t added, changed, removed;
};

static bool operations_equal(const struct api_operation *a, const struct api_operation *b)
{
	if (!slice_equal(a->operation_id, b->operation_id) || !slice_equal(a->summary, b->summary) || a->alternative_count != b->alternative_count)
		return false;
	for (size_t i = 0; i < a->alternative_count; i++)
		if (a->alternatives[i].actor != b->alternatives[i].actor || !slice_equal(a->alternatives[i].scopes, b->alternatives[i].scopes))
			return false;
	return true;
}

static int text_order(struct slice a, struct slice b)
{
	int order = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);
	return order != 0 ? order : a.len < b.len ? -1 : a.len > b.len;
}

static int operation_order(const struct api_operation *a, const struct api_operation *b)
{
	int order = text_order(a->path, b->path);
	return order != 0 ? order : text_order(a->method, b->method);
}

/* Both lists are in the same order. */
static enum result compare(void *context, const struct api *present)
{
	struct comparing *comparing = context;
	size_t i = 0, j = 0;
	if (!slice_equal(present->name, comparing->name))
		return RESULT_OK;
	while (i < present->operation_count || j < comparing->given->operation_count) {
		int order = i == present->operation_count                ? 1
		          : j == comparing->given->operation_count ? -1
		                                                      : operation_order(&present->operations[i], &comparing->given->operations[j]);
		comparing->removed += order < 0;
		comparing->added += order > 0;
		if (order == 0)
			comparing->changed += !operations_equal(&present->operations[i], &comparing->given->operations[j]);
		i += order <= 0;
		j += order >= 0;
	}
	return RESULT_OK;
}

static enum result difference_tell(struct work *work)
{
	struct apply *apply = work->apply;
	bool exists = work->present.version > 0;
	struct comparing comparing = { .name = work->reading.name, .given = &work->api };
	enum result result = exists ? store_apis_each(apply->store, &work->partition->id, compare, &comparing) : RESULT_OK;
	if (result != RESULT_OK)
		return apply_store_failed(apply, result);
	if (!exists)
		comparing.added = work->api.operation_count;
	struct writer words = writer_new(apply->object, 64);
	writer_text(&words, "operations:");
	if (comparing.added > 0)
		writer_print(&words, " +%zu", comparing.added);
	if (comparing.removed > 0)
		writer_print(&words, " -%zu", comparing.removed);
	if (comparing.changed > 0)
		writer_print(&words, " ~%zu", comparing.changed);
	if (comparing.added + comparing.removed + comparing.changed == 0)
		writer_text(&words, " none");
	if (!writer_ok(&words))
		return apply_no_memory(apply);
	apply_tell(apply, exists ? APPLY_CHANGE : APPLY_ADD, &work->partition->id, OBJECT_API, work->reading.name, work->reading.name, writer_slice(&words));
	return RESULT_OK;
}

/* ---- the object ---- */

static enum result stage(struct work *work)
{
	struct apply *apply = work->apply;
	const struct partition_id *id = &work->partition->id;
	const bool exists = work->present.version > 0;
	work->api.name = work->reading.name;
	work->api.version = work->present.version;
	enum result result = apply_sole_staged(apply, OBJECT_API, id, exists ? &work->present : NULL, &work->api);
	if (result != RESULT_OK)
		return result;
	if (exists && hash32_equal(&work->present.digest, &work->api.digest)) {
		result = store_batch_mention(apply->batch, id, OBJECT_API, work->reading.name);
		return result == RESULT_OK ? RESULT_OK : apply_store_failed(apply, result);
	}
	result = store_batch_api(apply->batch, id, &work->api);
	if (result != RESULT_OK)
		return apply_store_failed(apply, result);
	apply->apis_staged = true;
	return difference_tell(work);
}

static void report_tell(struct work *work)
{
	const struct apply_options *options = work->apply->options;
	const struct apply_api told = {
		.partition = partition_id_slice(&work->partition->id), .name = work->reading.name, .file_name = work->file_name, .api = &work->api,
		.report = &work->report,
	};
	if (options->api != NULL)
		options->api(options->context, &told);
}

static enum result work_do(struct work *work)
{
	struct apply *apply = work->apply;
	const struct reading *reading = &work->reading.reading;
	if (work->reading.name.len == 0)
		return document_fail(apply->document, reading->line, RESULT_INVALID, "an API needs a name");
	enum result result = apply_key_once(apply, &work->partition->id, OBJECT_API, work->reading.name, reading->line);
	if (result == RESULT_OK) {
		result = store_api_read(apply->store, &work->partition->id, work->reading.name, apply->object, &work->present);
		result = result == RESULT_OK || result == RESULT_NOT_FOUND ? RESULT_OK : apply_store_failed(apply, result);
	}
	if (result == RESULT_OK)
		result = apply_sole_judge(apply, OBJECT_API, work->present.version > 0, work->present.version, work->reading.name, reading->line);
	if (result != RESULT_OK)
		return result;
	if (!reading_has(reading, API_OPENAPI)) {
		if (work->present.version == 0 || reading_has(reading, API_VALUES) || reading_has(reading, API_ACTORS))
			return document_fail(apply->document, reading->line, RESULT_INVALID,
			                     "an API needs openapi: the name of its OpenAPI document, or the document itself");
		result = store_batch_mention(apply->batch, &work->partition->id, OBJECT_API, work->reading.name);
		return result == RESULT_OK ? RESULT_OK : apply_store_failed(apply, result);
	}
	result = document_compile(work);
	if (result == RESULT_OK)
		result = stage(work);
	if (result == RESULT_OK)
		result = apply_scopes_note(apply, &work->partition->id, work->reading.name, work->file_name, &work->report);
	if (result == RESULT_OK)
		report_tell(work);
	return result;
}

enum result apply_api(struct apply *apply, struct apply_partition *partition)
{
	struct work work = { .apply = apply, .partition = partition };
	work.reading.source = (struct source) { .apply = apply, .arena = arena_new(ARENA_FIRST, LIMIT_OPENAPI_MEMORY) };
	if (work.reading.source.arena == NULL)
		return document_fail(apply->document, 0, RESULT_NO_MEMORY, "memory is out");
	enum result result = fields_read(apply->document, "API", api_fields, FIELD_COUNT(api_fields), apply->object, &work.reading.reading);
	if (result == RESULT_OK)
		result = work_do(&work);
	arena_free(work.reading.source.arena);
	return result;
}
