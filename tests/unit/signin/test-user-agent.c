#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "signin/user_agent.h"

static void names_are(const char *const (*rows)[2], size_t count)
{
	struct arena *arena = arena_new(1024, 64 * 1024);
	assert_non_null(arena);
	for (size_t i = 0; i < count; i++) {
		struct slice name = user_agent_name(arena, slice_from(rows[i][0]));
		if (!slice_is(name, rows[i][1]))
			fail_msg("%s: %.*s, not %s", rows[i][0], SLICE_ARGS(name), rows[i][1]);
	}
	arena_free(arena);
}

static void a_browser_goes_by_its_own_name_and_not_by_those_it_pretends_to(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{ "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox · Windows" },
		{ "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36", "Chrome · Linux" },
		{ "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0", "Edge · Windows" },
		{ "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15", "Safari · macOS" },
		{ "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
		  "Safari · iPhone" },
		{ "Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/26.0 Chrome/122.0 Mobile Safari/537.36",
		  "Samsung Internet · Android" },
		{ "Mozilla/5.0 (X11; CrOS x86_64 14541) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36 OPR/116.0", "Opera · ChromeOS" },
	};
	names_are(rows, sizeof rows / sizeof rows[0]);
}

static void what_is_not_known_has_no_name(void **state)
{
	(void)state;
	static const char *const rows[][2] = {
		{ "", "" }, { "curl/8.9.1", "" }, { "Firefox", "" }, { "<script>", "" }, { "Chrome/1", "Chrome" }, { "something on Windows", "Windows" },
		{ NULL, "" },
	};
	names_are(rows, sizeof rows / sizeof rows[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_browser_goes_by_its_own_name_and_not_by_those_it_pretends_to),
		cmocka_unit_test(what_is_not_known_has_no_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
