#include "oauth/refusal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

static void every_refusal_has_a_status_an_error_a_slug_and_a_page(void **state)
{
	(void)state;
	for (int i = REFUSAL_NONE + 1; i < REFUSAL_COUNT; i++) {
		const struct refusal_entry *entry = refusal_entry((enum refusal)i);
		assert_true(entry->status >= 400 && entry->status < 600);
		assert_non_null(entry->error);
		assert_non_null(entry->slug);
		assert_true(strlen(entry->what) > 20 && strlen(entry->fix) > 20);
		assert_true((entry->status == 401) == (strcmp(entry->error, "invalid_client") == 0));
	}
}

static void every_slug_leads_back_to_its_own_entry(void **state)
{
	(void)state;
	for (int i = REFUSAL_NONE + 1; i < REFUSAL_COUNT; i++)
		assert_ptr_equal(refusal_by_slug(slice_from(refusal_entry((enum refusal)i)->slug)), refusal_entry((enum refusal)i));
	assert_null(refusal_by_slug(SLICE_OF("no-such-slug")));
}

static void a_sentence_is_printable_ascii_without_quotes_and_backslashes(void **state)
{
	(void)state;
	struct arena *arena = arena_new(1024, 8192);
	struct slice sentence = refusal_sentence(arena, "a%sb", "\"\\\r\n\t\x7f\xff");
	assert_true(slice_is(sentence, "a???????b"));
	arena_free(arena);
}

static void a_sentence_that_is_too_long_is_cut(void **state)
{
	(void)state;
	struct arena *arena = arena_new(1024, 8192);
	char text[4000];
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	assert_true(refusal_sentence(arena, "%s", text).len < 1000);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_refusal_has_a_status_an_error_a_slug_and_a_page),
		cmocka_unit_test(every_slug_leads_back_to_its_own_entry),
		cmocka_unit_test(a_sentence_is_printable_ascii_without_quotes_and_backslashes),
		cmocka_unit_test(a_sentence_that_is_too_long_is_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
