#include "store_test.h"

#include "store/sqlite.h"

static const struct api_alternative two_ways[] = {
	{ API_ACTOR_USER, SLICE("articles.read articles.write") },
	{ API_ACTOR_CLIENT, SLICE(".default") },
};
static const struct api_alternative user_alone[] = { { API_ACTOR_USER, SLICE("") } };

/* In the order of path and method. */
static const struct api_operation articles[] = {
	{ SLICE("GET"), SLICE("/kb/articles"), SLICE("listArticles"), SLICE("Articles"), two_ways, 2 },
	{ SLICE("POST"), SLICE("/kb/articles"), SLICE(""), SLICE(""), user_alone, 1 },
	{ SLICE("GET"), SLICE("/kb/articles/{id}"), SLICE(""), SLICE(""), NULL, 0 },
};

static struct api an_api(const char *name, size_t count)
{
	return (struct api) { .name = slice_from(name), .operations = articles, .operation_count = count, .digest = hash32_of(slice_from(name)) };
}

static void stage(struct store_batch *batch, const char *partition, const struct api *api)
{
	struct partition_id id = partition_of(partition);
	assert_int_equal(RESULT_OK, store_batch_api(batch, &id, api));
}

static void add(struct store *store, const char *partition, const struct api *api)
{
	struct store_batch *batch = begin(store);
	stage(batch, partition, api);
	commit(batch);
}

/* What a listing shows, a line for each operation and alternative. */
struct shown {
	char text[4096];
	size_t len;
};

static void show(struct shown *shown, struct slice text, char behind)
{
	assert_true(shown->len + text.len + 2 < sizeof(shown->text));
	memcpy(shown->text + shown->len, text.ptr, text.len);
	shown->len += text.len;
	shown->text[shown->len++] = behind;
	shown->text[shown->len] = '\0';
}

static enum result show_api(void *context, const struct api *api)
{
	struct shown *shown = context;
	show(shown, api->name, '\n');
	for (size_t i = 0; i < api->operation_count; i++) {
		const struct api_operation *operation = &api->operations[i];
		show(shown, operation->method, ' ');
		show(shown, operation->path, ' ');
		show(shown, operation->operation_id, ' ');
		show(shown, operation->summary, '\n');
		for (size_t j = 0; j < operation->alternative_count; j++) {
			show(shown, slice_from(api_actor_name(operation->alternatives[j].actor)), ':');
			show(shown, operation->alternatives[j].scopes, '\n');
		}
	}
	return RESULT_OK;
}

static struct shown shown_of(struct store *store, const char *partition)
{
	struct shown shown = { .len = 0 };
	struct partition_id id = partition_of(partition);
	assert_int_equal(RESULT_OK, store_apis_each(store, &id, show_api, &shown));
	return shown;
}

#define ARTICLES_SHOWN \
	"kb\nGET /kb/articles listArticles Articles\nuser:articles.read articles.write\nclient:.default\nPOST /kb/articles  \nuser:\n" \
	"GET /kb/articles/{id}  \n"

static void an_api_is_read_back_whole(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	fill_partition(store, "TWO");
	struct api api = an_api("kb", 3), empty = an_api("empty", 0), read;
	add(store, "ONE", &api);
	add(store, "ONE", &empty);
	struct partition_id one = partition_of("ONE"), two = partition_of("TWO");
	assert_int_equal(RESULT_OK, store_api_read(store, &one, S("kb"), place->arena, &read));
	assert_slice(read.name, "kb");
	assert_true(hash32_equal(&read.digest, &api.digest));
	assert_int_equal(3, read.operation_count);
	assert_int_equal(1, read.version);
	assert_int_equal(RESULT_NOT_FOUND, store_api_read(store, &two, S("kb"), place->arena, &read));
	assert_string_equal("empty\n" ARTICLES_SHOWN, shown_of(store, "ONE").text);
	assert_string_equal("", shown_of(store, "TWO").text);
	struct problem problem;
	assert_int_equal(RESULT_OK, store_check(store, &problem));
	store_close(store);
}

static void an_api_that_is_applied_again_replaces_its_operations(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	struct api api = an_api("kb", 3), read;
	add(store, "ONE", &api);
	api.operation_count = 1;
	api.version = 1;
	add(store, "ONE", &api);
	struct partition_id one = partition_of("ONE");
	assert_int_equal(RESULT_OK, store_api_read(store, &one, S("kb"), place->arena, &read));
	assert_int_equal(2, read.version);
	assert_string_equal("kb\nGET /kb/articles listArticles Articles\nuser:articles.read articles.write\nclient:.default\n",
	                    shown_of(store, "ONE").text);
	api.version = 1; /* somebody else's change is not overwritten */
	struct store_batch *batch = begin(store);
	stage(batch, "ONE", &api);
	commit_as(RESULT_CONFLICT, batch);
	store_close(store);
}

/* An API of count operations, no two of which are the same; text: in the summary of each. */
static struct api a_large_api(struct arena *arena, const char *name, size_t count, struct slice text)
{
	struct api_operation *operations = arena_array(arena, count, sizeof *operations);
	assert_non_null(operations);
	for (size_t i = 0; i < count; i++)
		operations[i] = (struct api_operation) { .method = S("GET"), .path = arena_print(arena, "/%s/%06zu", name, i), .operation_id = S(""), .summary = text };
	return (struct api) { .name = slice_from(name), .operations = operations, .operation_count = count, .digest = hash32_of(slice_from(name)) };
}

static void the_apis_of_a_partition_have_a_limit_together(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	struct arena *arena = arena_new(1 << 16, 256 << 20);
	struct problem problem = { "" };
	fill_partition(store, "ONE");
	fill_partition(store, "TWO");
	struct api most = a_large_api(arena, "most", LIMIT_PARTITION_OPERATIONS - 1, S(""));
	struct api last = a_large_api(arena, "last", 1, S("")), more = a_large_api(arena, "more", 2, S(""));
	add(store, "ONE", &most);
	add(store, "TWO", &more);
	struct store_batch *batch = begin(store);
	stage(batch, "ONE", &more);
	assert_int_equal(RESULT_CONFLICT, store_batch_apis_judge(batch, &problem));
	assert_non_null(strstr(problem.text, "the APIs of partition ONE would have 200001 operations together, and 200000 is the most"));
	commit_as(RESULT_CONFLICT, batch);
	add(store, "ONE", &last);
	last.version = 1; /* what is replaced counts no more */
	add(store, "ONE", &last);
	arena_free(arena);
	store_close(store);
}

static void the_text_of_the_apis_of_a_partition_has_a_limit_together(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	struct arena *arena = arena_new(1 << 16, 16 << 20);
	struct problem problem = { "" };
	fill_partition(store, "ONE");
	char *text = calloc(1, LIMIT_PARTITION_APIS_SIZE / 4);
	assert_non_null(text);
	memset(text, 'x', LIMIT_PARTITION_APIS_SIZE / 4);
	const struct slice quarter = { text, LIMIT_PARTITION_APIS_SIZE / 4 };
	struct api three = a_large_api(arena, "three", 3, quarter), fourth = a_large_api(arena, "fourth", 1, quarter);
	add(store, "ONE", &three);
	struct store_batch *batch = begin(store);
	stage(batch, "ONE", &fourth);
	assert_int_equal(RESULT_CONFLICT, store_batch_apis_judge(batch, &problem));
	assert_non_null(strstr(problem.text, "the APIs of partition ONE would be larger together than 128 MiB"));
	store_batch_abandon(batch);
	free(text);
	arena_free(arena);
	store_close(store);
}

static void one_call_is_never_an_operation_of_two_apis(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	fill_partition(store, "TWO");
	struct api api = an_api("kb", 3);
	add(store, "ONE", &api);
	add(store, "TWO", &api);
	static const struct api_operation same_shape[] = { { SLICE("GET"), SLICE("/kb/articles/{other}"), SLICE(""), SLICE(""), user_alone, 1 } };
	struct api other = { .name = S("other"), .operations = same_shape, .operation_count = 1 };
	struct store_batch *batch = begin(store);
	struct problem problem = { "" };
	stage(batch, "ONE", &other);
	assert_int_equal(RESULT_CONFLICT, store_batch_apis_judge(batch, &problem));
	assert_non_null(strstr(problem.text, "GET /kb/articles/{other} would be an operation of two APIs of partition ONE, other and kb"));
	commit_as(RESULT_CONFLICT, batch);
	assert_string_equal(ARTICLES_SHOWN, shown_of(store, "ONE").text);
	/* both in one batch */
	struct api first = other;
	first.name = S("first");
	batch = begin(store);
	api.version = 1;
	api.operation_count = 2;
	stage(batch, "ONE", &api);
	stage(batch, "ONE", &other);
	assert_int_equal(RESULT_OK, store_batch_apis_judge(batch, &problem));
	stage(batch, "ONE", &first);
	commit_as(RESULT_CONFLICT, batch);
	store_close(store);
}

static void an_operation_may_move_to_another_api_in_one_batch(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	struct api api = an_api("kb", 3), other = an_api("other", 3);
	add(store, "ONE", &api);
	api.version = 1;
	api.operation_count = 0;
	struct store_batch *batch = begin(store);
	stage(batch, "ONE", &other);
	stage(batch, "ONE", &api);
	commit(batch);
	assert_int_equal(0, strncmp("kb\nother\nGET", shown_of(store, "ONE").text, 12));
	store_close(store);
}

static enum result count_pruned(void *context, const struct partition_id *partition, enum object_kind kind, struct slice key, struct slice name)
{
	(void)partition;
	(void)name;
	if (kind == OBJECT_API) {
		assert_slice(key, "kb");
		(*(int *)context)++;
	}
	return RESULT_OK;
}

static void an_api_that_is_not_mentioned_is_pruned_and_frees_its_calls(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	struct partition_id one = partition_of("ONE");
	struct api api = an_api("kb", 3), other = an_api("other", 3);
	add(store, "ONE", &api);
	int pruned = 0;
	struct problem problem = { "" };
	struct store_batch *batch = begin(store);
	assert_int_equal(RESULT_OK, store_batch_mention(batch, &one, OBJECT_PARTITION, S("")));
	stage(batch, "ONE", &other);
	bool there = false;
	assert_int_equal(RESULT_OK, store_batch_has(batch, &one, OBJECT_API, S("other"), &there));
	assert_true(there);
	assert_int_equal(RESULT_OK, store_batch_has(batch, &one, OBJECT_API, S("kb"), &there));
	assert_false(there);
	assert_int_equal(RESULT_OK, store_batch_prune(batch, count_pruned, &pruned));
	assert_int_equal(1, pruned);
	assert_int_equal(RESULT_OK, store_batch_apis_judge(batch, &problem));
	commit(batch);
	assert_int_equal(0, strncmp("other\nGET", shown_of(store, "ONE").text, 9));
	/* mentioned: spared */
	pruned = 0;
	batch = begin(store);
	assert_int_equal(RESULT_OK, store_batch_mention(batch, &one, OBJECT_PARTITION, S("")));
	assert_int_equal(RESULT_OK, store_batch_mention(batch, &one, OBJECT_API, S("other")));
	assert_int_equal(RESULT_OK, store_batch_prune(batch, count_pruned, &pruned));
	commit(batch);
	assert_int_equal(0, pruned);
	assert_int_equal(0, strncmp("other\nGET", shown_of(store, "ONE").text, 9));
	store_close(store);
}

static void a_deleted_partition_takes_its_apis_along(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	fill_partition(store, "TWO");
	struct api api = an_api("kb", 3);
	add(store, "ONE", &api);
	add(store, "TWO", &api);
	struct partition_id two = partition_of("TWO");
	struct store_batch *batch = begin(store);
	assert_int_equal(RESULT_OK, store_batch_mention(batch, &two, OBJECT_PARTITION, S("")));
	assert_int_equal(RESULT_OK, store_batch_mention(batch, &two, OBJECT_API, S("kb")));
	assert_int_equal(RESULT_OK, store_batch_prune(batch, NULL, NULL));
	commit(batch);
	assert_string_equal("", shown_of(store, "ONE").text);
	assert_string_equal(ARTICLES_SHOWN, shown_of(store, "TWO").text);
	store_close(store);
}

static void an_api_of_a_partition_that_does_not_exist_is_refused(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place);
	struct api api = an_api("kb", 3);
	struct store_batch *batch = begin(store);
	stage(batch, "NOWHERE", &api);
	commit_as(RESULT_CONFLICT, batch);
	store_close(store);
}

static void note_change(void *context, const struct store_change *change)
{
	if (change->kind == CHANGE_API && slice_is(change->partition, "ONE") && slice_is(change->id, "kb"))
		(*(int *)context)++;
}

static void a_changed_api_is_told_in_the_feed(void **state)
{
	struct place *place = *state;
	struct store *store = open_store(place), *watching = open_store(place);
	fill_partition(store, "ONE");
	int told = 0;
	assert_int_equal(RESULT_OK, store_watch(watching, note_change, &told));
	struct api api = an_api("kb", 3);
	add(store, "ONE", &api);
	for (int i = 0; i < 500 && told == 0; i++) {
		usleep(20000);
		assert_int_equal(RESULT_OK, store_watch_catch_up(watching));
	}
	store_close(watching);
	assert_int_equal(1, told);
	store_close(store);
}

static void a_row_that_cannot_be_is_never_taken_for_an_operation(void **state)
{
	struct place *place = *state;
	static const char *const damages[] = {
		"UPDATE api_operation SET alternatives = 'nobody a' WHERE method = 'POST'",
		"DELETE FROM api_operation WHERE method = 'POST'",
		"UPDATE api SET digest = x'00'",
		"UPDATE api SET operation_count = 1",
	};
	struct store *store = open_store(place);
	fill_partition(store, "ONE");
	struct partition_id one = partition_of("ONE");
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		struct api read, api = an_api("kb", 3);
		if (store_api_read(store, &one, S("kb"), place->arena, &read) == RESULT_OK)
			api.version = read.version;
		add(store, "ONE", &api);
		sqlite3 *db;
		assert_int_equal(SQLITE_OK, sqlite3_open(place->path, &db));
		assert_int_equal(SQLITE_OK, sqlite3_exec(db, damages[i], NULL, NULL, NULL));
		struct shown shown = { .len = 0 };
		assert_int_equal(RESULT_STORE_DOWN, store_apis_each(store, &one, show_api, &shown));
		assert_int_equal(SQLITE_OK, sqlite3_exec(db, "DELETE FROM api; DELETE FROM api_operation", NULL, NULL, NULL));
		sqlite3_close(db);
	}
	store_close(store);
}

static void actors_have_the_names_of_the_document(void **state)
{
	(void)state;
	static const char *const names[] = { "user", "customer", "user_on_behalf_of", "customer_on_behalf_of", "anonymous_customer", "client" };
	for (size_t i = 0; i < API_ACTOR_COUNT; i++) {
		enum api_actor actor;
		assert_true(api_actor_find(slice_from(names[i]), &actor));
		assert_string_equal(names[i], api_actor_name(actor));
	}
	enum api_actor actor = API_ACTOR_CLIENT;
	assert_false(api_actor_find(S("User"), &actor));
	assert_false(api_actor_find(S(""), &actor));
	assert_int_equal(API_ACTOR_CLIENT, actor);
}

static void the_shape_of_a_path_has_no_names(void **state)
{
	(void)state;
	char buffer[64];
	assert_slice(api_path_shape(S("/a/{id}/b/{x}.json"), buffer), "/a/{}/b/{}.json");
	assert_slice(api_path_shape(S("/a"), buffer), "/a");
	assert_slice(api_path_shape(S("/{a}{b}"), buffer), "/{}{}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(an_api_is_read_back_whole),
		STORE_TEST(an_api_that_is_applied_again_replaces_its_operations),
		STORE_TEST(the_apis_of_a_partition_have_a_limit_together),
		STORE_TEST(the_text_of_the_apis_of_a_partition_has_a_limit_together),
		STORE_TEST(one_call_is_never_an_operation_of_two_apis),
		STORE_TEST(an_operation_may_move_to_another_api_in_one_batch),
		STORE_TEST(an_api_that_is_not_mentioned_is_pruned_and_frees_its_calls),
		STORE_TEST(a_deleted_partition_takes_its_apis_along),
		STORE_TEST(an_api_of_a_partition_that_does_not_exist_is_refused),
		STORE_TEST(a_changed_api_is_told_in_the_feed),
		STORE_TEST(a_row_that_cannot_be_is_never_taken_for_an_operation),
		cmocka_unit_test(actors_have_the_names_of_the_document),
		cmocka_unit_test(the_shape_of_a_path_has_no_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
