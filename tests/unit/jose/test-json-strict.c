/* JSON from outside: src/jose/json_strict.c */
#include "jose/json_strict.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#define SECRET "a-password-that-is-long-enough-to-be-found-again-behind-whatever-the-allocator-writes-into-what-is-free"

/* Read past the sanitizers, which watch what the program itself reads. */
static void memory_read(const void *at, char *buffer, size_t size)
{
	int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	assert_true(memory >= 0);
	assert_int_equal(pread(memory, buffer, size, (off_t)(uintptr_t)at), size);
	close(memory);
}

static void what_was_parsed_is_wiped_when_it_is_freed(void **state)
{
	(void)state;
	json_t *object;
	char before[sizeof SECRET - 1], after[sizeof SECRET - 1];
	assert_int_equal(json_object_parse(SLICE_OF("{\"password\": \"" SECRET "\"}"), &object), RESULT_OK);
	const char *password = json_string_value(json_object_get(object, "password"));
	memory_read(password, before, sizeof before);
	json_decref(object);
	memory_read(password, after, sizeof after);
	assert_memory_equal(before, SECRET, sizeof before);
	/* the allocator has its own notes in the first bytes */
	for (size_t i = 32; i < sizeof after; i++)
		assert_int_equal(after[i], 0);
}

static void only_one_object_of_bounded_depth_is_taken(void **state)
{
	(void)state;
	static const char *const bad[] = { "", "[]", "1", "{} {}", "{\"a\":1,\"a\":2}", "{\"a\":\"\\u0000\"}", "{\"a\":\"\xff\"}", "{" };
	json_t *object;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(json_object_parse(slice_from(bad[i]), &object), RESULT_INVALID);
	assert_int_equal(json_object_parse(SLICE_OF("{\"a\":[{\"b\":\"[[[[\"}]}"), &object), RESULT_OK);
	assert_true(json_object_text(object, "a").ptr == NULL && json_object_text(object, "b").ptr == NULL);
	json_decref(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_parsed_is_wiped_when_it_is_freed),
		cmocka_unit_test(only_one_object_of_bounded_depth_is_taken),
	};
	json_memory_wipe();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
