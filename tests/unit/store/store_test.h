/* What the tests of the store share: a store in a folder of its own, and short ways to fill and look. */
#ifndef WRIT_TESTS_STORE_TEST_H
#define WRIT_TESTS_STORE_TEST_H

#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define S(literal) SLICE_OF(literal)

struct place {
	char folder[64];
	char path[96];
	char url[128];
	struct arena *arena;
};

static inline int place_make(void **state)
{
	struct place *place = calloc(1, sizeof(*place));
	if (place == NULL)
		return -1;
	snprintf(place->folder, sizeof(place->folder), "/tmp/writ-store-XXXXXX");
	if (mkdtemp(place->folder) == NULL)
		return -1;
	snprintf(place->path, sizeof(place->path), "%s/writ.db", place->folder);
	snprintf(place->url, sizeof(place->url), "sqlite:%s", place->path);
	place->arena = arena_new(64 * 1024, 16 * 1024 * 1024);
	*state = place;
	return place->arena == NULL ? -1 : 0;
}

static inline int place_remove(void **state)
{
	struct place *place = *state;
	char command[128];
	snprintf(command, sizeof(command), "rm -rf %s", place->folder);
	arena_free(place->arena);
	int code = system(command);
	free(place);
	return code;
}

#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, place_make, place_remove)

static inline void expect(enum result wanted, enum result got, const char *said)
{
	if (wanted != got)
		print_message("wanted %s, got %s: %s\n", result_text(wanted), result_text(got), said);
	assert_int_equal(wanted, got);
}

static inline struct store *open_store(const struct place *place)
{
	struct store *store = NULL;
	struct problem problem = { "" };
	expect(RESULT_OK, store_open(slice_from(place->url), STORE_CREATE, &store, &problem), problem.text);
	return store;
}

static inline struct partition_id partition_of(const char *text)
{
	struct partition_id id;
	assert_true(partition_id_parse(slice_from(text), &id));
	return id;
}

static inline struct store_batch *begin(struct store *store)
{
	struct store_batch *batch = NULL;
	struct problem problem = { "" };
	expect(RESULT_OK, store_batch_begin(store, &batch, &problem), problem.text);
	return batch;
}

static inline void commit_as(enum result wanted, struct store_batch *batch)
{
	struct problem problem = { "" };
	expect(wanted, store_batch_commit(batch, NULL, &problem), problem.text);
	if (wanted != RESULT_OK)
		assert_true(problem.text[0] != '\0');
}

static inline void commit(struct store_batch *batch)
{
	commit_as(RESULT_OK, batch);
}

static inline struct partition a_partition(const char *id)
{
	return (struct partition) { .id = partition_of(id), .name = S("Example"), .access_token_algorithm = ALGORITHM_ES256 };
}

static inline struct person a_user(const char *id, const char *username)
{
	return (struct person) { .kind = PERSON_USER, .id = slice_from(id), .username = slice_from(username), .enabled = true };
}

static inline struct person a_customer(const char *id, const char *email)
{
	return (struct person) { .kind = PERSON_CUSTOMER, .id = slice_from(id), .email = slice_from(email), .enabled = true };
}

static inline struct client_application an_application(const char *client_id, const char *name)
{
	return (struct client_application) {
		.client_id = slice_from(client_id), .name = slice_from(name), .platform = PLATFORM_WEB, .enabled = true,
		.access_token_seconds = 3600, .consent = CONSENT_ASK, .id_token_algorithm = ALGORITHM_RS256,
	};
}

/* Adds a partition with one user (1001, pa), one customer (c1, jane@example.com) and one application. */
static inline void fill_partition(struct store *store, const char *name)
{
	struct store_batch *batch = begin(store);
	struct partition partition = a_partition(name);
	struct person user = a_user("1001", "Pa"), customer = a_customer("c1", "Jane@example.com");
	struct client_application application = an_application("client-1", "Portal");
	assert_int_equal(RESULT_OK, store_batch_partition(batch, &partition));
	assert_int_equal(RESULT_OK, store_batch_department(batch, &partition.id, &(struct department) { .name = S("Service") }));
	assert_int_equal(RESULT_OK, store_batch_permission(batch, &partition.id,
		&(struct permission) { .name = S("articles.read"), .description = S("Read"), .kind = PERMISSION_DELEGATED }));
	assert_int_equal(RESULT_OK, store_batch_person(batch, &partition.id, &user));
	assert_int_equal(RESULT_OK, store_batch_person(batch, &partition.id, &customer));
	assert_int_equal(RESULT_OK, store_batch_application(batch, &partition.id, &application));
	commit(batch);
}

static inline enum result find_person(struct place *place, struct store *store, const char *partition, enum person_kind kind,
                                      enum person_key key, const char *value, struct person *ret)
{
	struct partition_id id = partition_of(partition);
	return store_person_read(store, &id, kind, key, slice_from(value), place->arena, ret);
}

static inline enum result find_application(struct place *place, struct store *store, const char *partition, const char *client_id,
                                           struct client_application *ret)
{
	struct partition_id id = partition_of(partition);
	return store_client_application_read(store, &id, slice_from(client_id), place->arena, ret);
}

#define assert_slice(slice, literal) assert_true(slice_is((slice), (literal)))

#endif
