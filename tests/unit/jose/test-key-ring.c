#include "rig.h"

#include "base/clock.h"
#include "jose/json_strict.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

struct scene {
	char folder[64];
	char url[128];
	struct store *store;
	struct master_key master;
	struct partition_id partition;
};

static struct store *store_at(const char *url)
{
	struct store *store = NULL;
	struct problem problem = { "" };
	if (store_open(slice_from(url), STORE_CREATE, &store, &problem) != RESULT_OK)
		print_error("%s\n", problem.text);
	assert_non_null(store);
	return store;
}

static void partition_add(struct store *store, const char *id)
{
	struct store_batch *batch;
	struct problem problem;
	struct partition partition = { .name = SLICE("One"), .access_token_algorithm = ALGORITHM_ES256 };
	assert_true(partition_id_parse(slice_from(id), &partition.id));
	assert_int_equal(store_batch_begin(store, &batch, &problem), RESULT_OK);
	assert_int_equal(store_batch_partition(batch, &partition), RESULT_OK);
	assert_int_equal(store_batch_commit(batch, NULL, &problem), RESULT_OK);
}

static int scene_begin(void **state)
{
	static struct scene scene;
	scene = (struct scene) { .master = { secret32_random() } };
	snprintf(scene.folder, sizeof scene.folder, "/tmp/writ-key-ring-XXXXXX");
	assert_non_null(mkdtemp(scene.folder));
	snprintf(scene.url, sizeof scene.url, "sqlite:%s/writ.db", scene.folder);
	scene.store = store_at(scene.url);
	partition_add(scene.store, "ONE");
	assert_true(partition_id_parse(SLICE_OF("ONE"), &scene.partition));
	*state = &scene;
	return 0;
}

static int scene_end(void **state)
{
	struct scene *scene = *state;
	char file[160];
	static const char *const endings[] = { "", "-wal", "-shm" };
	store_close(scene->store);
	for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
		snprintf(file, sizeof file, "%s/writ.db%s", scene->folder, endings[i]);
		unlink(file);
	}
	rmdir(scene->folder);
	return 0;
}

static size_t published(const struct key_ring *ring)
{
	json_t *set;
	assert_int_equal(json_object_parse(key_ring_jwks(ring), &set), RESULT_OK);
	size_t count = json_array_size(json_object_get(set, "keys"));
	json_decref(set);
	return count;
}

static struct key_ring *load(struct scene *scene)
{
	struct key_ring *ring = NULL;
	assert_int_equal(key_ring_load(scene->store, &scene->master, &scene->partition, &ring), RESULT_OK);
	return ring;
}

static void a_partition_without_keys_has_no_ring(void **state)
{
	struct scene *scene = *state;
	struct key_ring *ring = NULL;
	assert_int_equal(key_ring_load(scene->store, &scene->master, &scene->partition, &ring), RESULT_NOT_FOUND);
	assert_null(ring);
}

static void the_first_keys_are_made_once(void **state)
{
	struct scene *scene = *state;
	assert_int_equal(key_ring_ensure(scene->store, &scene->master, &scene->partition), RESULT_OK);
	struct key_ring *first = load(scene);
	assert_int_equal(key_ring_ensure(scene->store, &scene->master, &scene->partition), RESULT_OK);
	struct key_ring *second = load(scene);
	assert_int_equal(published(first), 4);
	assert_true(slice_equal(key_ring_jwks(first), key_ring_jwks(second)));
	assert_non_null(key_ring_signer(first, ALGORITHM_ES256));
	assert_non_null(key_ring_signer(first, ALGORITHM_RS256));
	key_ring_free(first);
	key_ring_free(second);
}

static void processes_that_make_the_first_keys_at_once_end_with_one_set(void **state)
{
	struct scene *scene = *state;
	int failures = 0;
	fflush(stdout);
	for (int i = 0; i < 4; i++) {
		pid_t child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			struct store *store = NULL;
			enum result result = store_open(slice_from(scene->url), STORE_EXISTING, &store, NULL);
			if (result == RESULT_OK)
				result = key_ring_ensure(store, &scene->master, &scene->partition);
			_exit(result == RESULT_OK ? 0 : 1);
		}
	}
	for (int i = 0; i < 4; i++) {
		int status;
		assert_true(wait(&status) > 0);
		failures += status != 0;
	}
	assert_int_equal(failures, 0);
	struct key_ring *ring = load(scene);
	assert_int_equal(published(ring), 4);
	key_ring_free(ring);
}

static void another_master_key_opens_no_ring(void **state)
{
	struct scene *scene = *state;
	struct key_ring *ring = NULL;
	struct master_key other = { secret32_random() };
	assert_int_equal(key_ring_ensure(scene->store, &scene->master, &scene->partition), RESULT_OK);
	assert_int_equal(key_ring_load(scene->store, &other, &scene->partition, &ring), RESULT_INVALID);
	assert_null(ring);
}

static void rotation_signs_with_what_was_published_and_keeps_what_signed(void **state)
{
	struct scene *scene = *state;
	assert_int_equal(key_ring_ensure(scene->store, &scene->master, &scene->partition), RESULT_OK);
	struct key_ring *before = load(scene);
	struct arena *arena = arena_new(4096, 65536);
	struct writer token = writer_new(arena, 512);
	assert_int_equal(jws_sign(key_ring_signer(before, ALGORITHM_ES256), TOKEN_ACCESS, SLICE_OF("{}"), &token), RESULT_OK);
	struct slice old = key_kid(key_ring_signer(before, ALGORITHM_ES256));
	struct slice untouched = key_kid(key_ring_signer(before, ALGORITHM_RS256));

	int64_t age = -1;
	assert_int_equal(key_ring_rotate(scene->store, &scene->master, &scene->partition, ALGORITHM_ES256, 3600, INT64_MIN, NULL, &age), RESULT_OK);
	assert_true(age >= 0 && age < 60);
	struct key_ring *after = load(scene);
	const struct key *signer = key_ring_signer(after, ALGORITHM_ES256);
	assert_int_equal(published(after), 5);
	assert_false(slice_equal(key_kid(signer), old));
	assert_non_null(key_ring_find(before, key_kid(signer))); /* it had been published */
	assert_non_null(key_ring_find(after, old));
	assert_true(slice_equal(key_kid(key_ring_signer(after, ALGORITHM_RS256)), untouched));

	struct claims claims;
	assert_int_equal(jws_verify(writer_slice(&token), TOKEN_ACCESS, after, &claims), RESULT_OK);
	claims_free(&claims);
	key_ring_free(before);
	key_ring_free(after);
	arena_free(arena);
}

static void a_retired_key_is_gone_when_its_last_token_has_expired(void **state)
{
	struct scene *scene = *state;
	int64_t age;
	assert_int_equal(key_ring_ensure(scene->store, &scene->master, &scene->partition), RESULT_OK);
	struct key_ring *before = load(scene);
	struct slice old = key_kid(key_ring_signer(before, ALGORITHM_ES256));
	/* as if the last token had expired a second ago */
	assert_int_equal(key_ring_rotate(scene->store, &scene->master, &scene->partition, ALGORITHM_ES256, -LIMIT_REQUEST_S - 1, INT64_MIN, NULL, &age), RESULT_OK);
	struct key_ring *after = load(scene);
	assert_int_equal(published(after), 4);
	assert_null(key_ring_find(after, old));
	key_ring_free(before);
	key_ring_free(after);
}

static void a_partition_without_keys_cannot_rotate(void **state)
{
	struct scene *scene = *state;
	int64_t age = -7;
	assert_int_equal(key_ring_rotate(scene->store, &scene->master, &scene->partition, ALGORITHM_ES256, 3600, INT64_MIN, NULL, &age), RESULT_NOT_FOUND);
	assert_int_equal(age, -7);
}

static void the_first_master_key_of_a_store_becomes_its_key(void **state)
{
	struct scene *scene = *state;
	struct problem problem = { "" };
	struct master_key other = { secret32_random() };
	bool is_set = true;
	assert_int_equal(master_key_is_set(scene->store, &is_set), RESULT_OK);
	assert_false(is_set);
	assert_int_equal(master_key_check(&other, scene->store, false, &problem), RESULT_OK);
	assert_int_equal(master_key_is_set(scene->store, &is_set), RESULT_OK);
	assert_false(is_set);
	assert_int_equal(master_key_check(&scene->master, scene->store, true, &problem), RESULT_OK);
	assert_int_equal(master_key_is_set(scene->store, &is_set), RESULT_OK);
	assert_true(is_set);
	assert_int_equal(master_key_check(&scene->master, scene->store, true, &problem), RESULT_OK);
	assert_int_equal(master_key_check(&scene->master, scene->store, false, &problem), RESULT_OK);
	assert_int_equal(master_key_check(&other, scene->store, true, &problem), RESULT_INVALID);
	assert_non_null(strstr(problem.text, "--master-key FILE"));
	assert_int_equal(master_key_check(&scene->master, scene->store, true, &problem), RESULT_OK); /* nothing was changed */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_partition_without_keys_has_no_ring, scene_begin, scene_end),
		cmocka_unit_test_setup_teardown(the_first_keys_are_made_once, scene_begin, scene_end),
		cmocka_unit_test_setup_teardown(processes_that_make_the_first_keys_at_once_end_with_one_set, scene_begin, scene_end),
		cmocka_unit_test_setup_teardown(another_master_key_opens_no_ring, scene_begin, scene_end),
		cmocka_unit_test_setup_teardown(rotation_signs_with_what_was_published_and_keeps_what_signed, scene_begin, scene_end),
		cmocka_unit_test_setup_teardown(a_retired_key_is_gone_when_its_last_token_has_expired, scene_begin, scene_end),
		cmocka_unit_test_setup_teardown(a_partition_without_keys_cannot_rotate, scene_begin, scene_end),
		cmocka_unit_test_setup_teardown(the_first_master_key_of_a_store_becomes_its_key, scene_begin, scene_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
