#include "gateway/token_memory.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define NOW 1000
#define MIB (1024 * 1024)

static char buffer[LIMIT_TOKEN_FACTS_SIZE];

static struct token_facts facts_of(const char *subject)
{
	return (struct token_facts) { .actor = API_ACTOR_USER_ON_BEHALF_OF, .partition = SLICE("ONE"), .subject = slice_from(subject), .client_id = SLICE("app"), .scope = SLICE("a b"),
		                          .acting_client = SLICE("app"), .jti = SLICE("j"), .gid = SLICE("g"), .expires_at = NOW + 60, .application_permission = true };
}

static void a_token_is_found_with_all_that_it_says(void **state)
{
	(void)state;
	struct token_memory *memory = token_memory_new(MIB);
	struct token_facts facts = facts_of("1001"), found;
	token_memory_keep(memory, SLICE_OF("header.payload.signature"), 7, &facts);
	assert_true(token_memory_find(memory, SLICE_OF("header.payload.signature"), 7, NOW, buffer, &found));
	assert_int_equal(found.actor, API_ACTOR_USER_ON_BEHALF_OF);
	assert_string_equal(found.partition.ptr, "ONE");
	assert_string_equal(found.subject.ptr, "1001");
	assert_string_equal(found.client_id.ptr, "app");
	assert_string_equal(found.scope.ptr, "a b");
	assert_string_equal(found.acting_client.ptr, "app");
	assert_string_equal(found.jti.ptr, "j");
	assert_string_equal(found.gid.ptr, "g");
	assert_int_equal(found.scope.len, 3);
	assert_int_equal(found.expires_at, NOW + 60);
	assert_true(found.application_permission);
	/* what is found is the asker's own */
	token_memory_free(memory);
	assert_string_equal(found.subject.ptr, "1001");
}

static void a_token_that_nobody_acts_with_has_no_acting_client_and_empty_texts_stay_empty(void **state)
{
	(void)state;
	struct token_memory *memory = token_memory_new(MIB);
	struct token_facts facts = facts_of("1001"), found;
	facts.acting_client = (struct slice) { NULL, 0 };
	facts.scope = SLICE_OF("");
	token_memory_keep(memory, SLICE_OF("t"), 1, &facts);
	assert_true(token_memory_find(memory, SLICE_OF("t"), 1, NOW, buffer, &found));
	assert_null(found.acting_client.ptr);
	assert_non_null(found.scope.ptr);
	assert_int_equal(found.scope.len, 0);
	assert_string_equal(found.gid.ptr, "g");
	token_memory_free(memory);
}

static void another_token_is_never_found_for_it(void **state)
{
	(void)state;
	struct token_memory *memory = token_memory_new(MIB);
	struct token_facts facts = facts_of("1001"), found;
	char token[300];
	memset(token, 'x', sizeof token);
	token_memory_keep(memory, (struct slice) { token, sizeof token }, 1, &facts);
	/* the same end, so the same hash; another beginning */
	for (size_t i = 0; i < sizeof token; i++) {
		token[i] = 'y';
		assert_false(token_memory_find(memory, (struct slice) { token, sizeof token }, 1, NOW, buffer, &found));
		token[i] = 'x';
	}
	for (size_t len = 0; len < sizeof token; len++)
		assert_false(token_memory_find(memory, (struct slice) { token, len }, 1, NOW, buffer, &found));
	assert_true(token_memory_find(memory, (struct slice) { token, sizeof token }, 1, NOW, buffer, &found));
	token_memory_free(memory);
}

static void an_entry_is_good_for_one_generation(void **state)
{
	(void)state;
	struct token_memory *memory = token_memory_new(MIB);
	struct token_facts facts = facts_of("1001"), found;
	token_memory_keep(memory, SLICE_OF("t"), 1, &facts);
	uint64_t generation = 0;
	assert_true(token_memory_recall(memory, SLICE_OF("t"), NOW, buffer, &found, &generation));
	assert_int_equal(generation, 1);
	assert_false(token_memory_find(memory, SLICE_OF("t"), 2, NOW, buffer, &found));
	assert_false(token_memory_find(memory, SLICE_OF("t"), 1, NOW, buffer, &found)); /* forgotten for good */
	assert_false(token_memory_recall(memory, SLICE_OF("t"), NOW, buffer, &found, &generation));
	token_memory_keep(memory, SLICE_OF("t"), 2, &facts);
	assert_true(token_memory_find(memory, SLICE_OF("t"), 2, NOW, buffer, &found));
	token_memory_free(memory);
}

static void an_expired_token_is_forgotten_without_leeway(void **state)
{
	(void)state;
	struct token_memory *memory = token_memory_new(MIB);
	struct token_facts facts = facts_of("1001"), found;
	token_memory_keep(memory, SLICE_OF("t"), 1, &facts);
	assert_true(token_memory_find(memory, SLICE_OF("t"), 1, NOW + 59, buffer, &found));
	assert_false(token_memory_find(memory, SLICE_OF("t"), 1, NOW + 60, buffer, &found));
	assert_int_equal(token_memory_count(memory), 0);
	token_memory_free(memory);
}

static void keeping_a_token_again_replaces_what_was_known(void **state)
{
	(void)state;
	struct token_memory *memory = token_memory_new(MIB);
	struct token_facts facts = facts_of("1001"), other = facts_of("1002"), found;
	token_memory_keep(memory, SLICE_OF("t"), 1, &facts);
	token_memory_keep(memory, SLICE_OF("t"), 2, &other);
	assert_int_equal(token_memory_count(memory), 1);
	assert_true(token_memory_find(memory, SLICE_OF("t"), 2, NOW, buffer, &found));
	assert_string_equal(found.subject.ptr, "1002");
	token_memory_free(memory);
}

static void memory_is_bounded_and_what_is_asked_for_stays(void **state)
{
	(void)state;
	enum { SIZE = 256 * 1024, MANY = 20000, ASKED = 8 };
	struct token_memory *memory = token_memory_new(SIZE);
	struct token_facts facts = facts_of("1001"), found;
	char token[64];
	size_t most = 0;
	for (int i = 0; i < MANY; i++) {
		snprintf(token, sizeof token, "token-%d", i);
		token_memory_keep(memory, slice_from(token), 1, &facts);
		for (int asked = 0; asked < ASKED && asked <= i; asked++) {
			snprintf(token, sizeof token, "token-%d", asked);
			assert_true(token_memory_find(memory, slice_from(token), 1, NOW, buffer, &found));
		}
		most = token_memory_count(memory) > most ? token_memory_count(memory) : most;
	}
	assert_in_range(most, 100, SIZE / sizeof(struct token_facts));
	assert_false(token_memory_find(memory, SLICE_OF("token-100"), 1, NOW, buffer, &found));
	token_memory_free(memory);
}

static void facts_beyond_the_limit_are_not_kept(void **state)
{
	(void)state;
	static char scope[LIMIT_TOKEN_FACTS_SIZE];
	struct token_memory *memory = token_memory_new(MIB);
	struct token_facts facts = facts_of("1001"), found;
	const size_t others = strlen("ONE") + strlen("1001") + 2 * strlen("app") + strlen("jg") + 7;
	memset(scope, 's', sizeof scope);
	facts.scope = (struct slice) { scope, sizeof scope - others };
	token_memory_keep(memory, SLICE_OF("fits"), 1, &facts);
	assert_true(token_memory_find(memory, SLICE_OF("fits"), 1, NOW, buffer, &found));
	assert_string_equal(found.gid.ptr, "g");
	facts.scope.len++;
	token_memory_keep(memory, SLICE_OF("too long"), 1, &facts);
	assert_false(token_memory_find(memory, SLICE_OF("too long"), 1, NOW, buffer, &found));
	/* a memory that is too small for one entry keeps none */
	struct token_memory *tiny = token_memory_new(64);
	facts = facts_of("1001");
	token_memory_keep(tiny, SLICE_OF("t"), 1, &facts);
	assert_int_equal(token_memory_count(tiny), 0);
	token_memory_free(tiny);
	token_memory_free(memory);
	token_memory_free(NULL);
}

static void *many_turns(void *argument)
{
	struct token_memory *memory = argument;
	char own[LIMIT_TOKEN_FACTS_SIZE], token[64], subject[64];
	for (unsigned i = 0; i < 20000; i++) {
		struct token_facts found;
		snprintf(token, sizeof token, "token-%u", i % 300);
		snprintf(subject, sizeof subject, "subject-%u", i % 300);
		if (token_memory_find(memory, slice_from(token), i / 5000, NOW, own, &found)) {
			if (strcmp(found.subject.ptr, subject) != 0)
				return argument;
		} else {
			struct token_facts facts = facts_of(subject);
			token_memory_keep(memory, slice_from(token), i / 5000, &facts);
		}
	}
	return NULL;
}

static void threads_find_their_own(void **state)
{
	(void)state;
	struct token_memory *memory = token_memory_new(64 * 1024);
	pthread_t threads[4];
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, many_turns, memory), 0);
	for (size_t i = 0; i < 4; i++) {
		void *wrong = memory;
		assert_int_equal(pthread_join(threads[i], &wrong), 0);
		assert_null(wrong);
	}
	token_memory_free(memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_is_found_with_all_that_it_says),
		cmocka_unit_test(a_token_that_nobody_acts_with_has_no_acting_client_and_empty_texts_stay_empty),
		cmocka_unit_test(another_token_is_never_found_for_it),
		cmocka_unit_test(an_entry_is_good_for_one_generation),
		cmocka_unit_test(an_expired_token_is_forgotten_without_leeway),
		cmocka_unit_test(keeping_a_token_again_replaces_what_was_known),
		cmocka_unit_test(memory_is_bounded_and_what_is_asked_for_stays),
		cmocka_unit_test(facts_beyond_the_limit_are_not_kept),
		cmocka_unit_test(threads_find_their_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
