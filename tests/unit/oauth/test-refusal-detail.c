#include "oauth/oauth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define CODE "SplxlOBeZQQYbYS6WxSbIA-SplxlOBeZQQYbYS6WxSb"
#define SECRET "writ_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
#define UUID "b4b2c1d9-4c19-4e8a-8e7a-9a0b1c2d3e4f"

static struct arena *arena;
static struct oauth_call call;

static int begin(void **state)
{
	(void)state;
	arena = arena_new(4096, 256 * 1024);
	call = (struct oauth_call) { .arena = arena };
	return arena == NULL;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static void is(struct slice said, const char *expected)
{
	if (!slice_is(said, expected))
		fail_msg("%.*s is not %s", SLICE_ARGS(said), expected);
}

static void what_is_as_long_as_a_secret_is_kept_by_its_beginning(void **state)
{
	(void)state;
	is(detail_shown(arena, SLICE_OF(SECRET)), "writ_012...");
	is(detail_shown(arena, SLICE_OF("x " CODE "/y")), "x SplxlOBe.../y");
	is(detail_shown(arena, SLICE_OF("eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIxMDAxIiwiYXVkIjoieCJ9MTIzNDU2Nzg5")), "eyJhbGci....eyJzdWIi...");
}

static void ids_names_and_words_are_kept_whole(void **state)
{
	(void)state;
	is(detail_shown(arena, SLICE_OF(UUID)), UUID);
	is(detail_shown(arena, SLICE_OF("app.knowledge.portalmgr.onbehalfof.read")), "app.knowledge.portalmgr.onbehalfof.read");
	is(detail_shown(arena, SLICE_OF("urn:ietf:params:oauth:grant-type:token-exchange")), "urn:ietf:params:oauth:grant-type:token-exchange");
	is(detail_shown(arena, SLICE_OF("")), "");
}

static void what_arrived_is_bounded(void **state)
{
	(void)state;
	char text[4096];
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = i % 2 == 0 ? 'a' : '/';
	assert_int_equal(detail_shown(arena, (struct slice) { text, sizeof text }).len, DETAIL_SHOWN);
}

static void an_address_is_shown_without_who_and_without_secrets(void **state)
{
	(void)state;
	is(detail_shown_address(arena, SLICE_OF("https://ann:hunter2@portal.example/callback")), "https://***@portal.example/callback");
	is(detail_shown_address(arena, SLICE_OF("https://portal.example/cb?tenant=a&client_secret=hunter2&x=1")), "https://portal.example/cb?tenant=a&client_secret=***&x=1");
	is(detail_shown_address(arena, SLICE_OF("https://portal.example/cb#access_token=hunter2")), "https://portal.example/cb#access_token=***");
	is(detail_shown_address(arena, SLICE_OF("https://portal.example/" CODE)), "https://portal.example/SplxlOBe...");
	is(detail_shown_address(arena, SLICE_OF("https://portal.example/a@b?c@d")), "https://portal.example/a@b?c@d");
	is(detail_shown_address(arena, SLICE_OF("com.example.app:/cb")), "com.example.app:/cb");
}

static void likeness_counts_both_ends_once(void **state)
{
	(void)state;
	assert_int_equal(detail_likeness(SLICE_OF("abc"), SLICE_OF("abc")), 3);
	assert_int_equal(detail_likeness(SLICE_OF("k.reads"), SLICE_OF("k.read")), 6);
	assert_int_equal(detail_likeness(SLICE_OF("app.k.read"), SLICE_OF("k.read")), 6);
	assert_int_equal(detail_likeness(SLICE_OF("abc"), SLICE_OF("xyz")), 0);
	assert_int_equal(detail_likeness(SLICE_OF(""), SLICE_OF("xyz")), 0);
}

static void without_a_change_the_sentence_stands_alone(void **state)
{
	(void)state;
	detail_arrived(&call, "scope", SLICE_OF("x"));
	is(detail_text(&call, SLICE_OF("A sentence.")), "A sentence.");
}

static void all_of_it_is_one_json_object(void **state)
{
	(void)state;
	detail_arrived(&call, "scope", SLICE_OF("a\"b"));
	detail_registered_flag(&call, "assigned", false);
	detail_registered_words(&call, "redirect_urls", SLICE_OF("a b c d e f g h i j"));
	detail_change(&call, "Assign %s.", "it");
	is(detail_text(&call, SLICE_OF("No.")),
	   "{\"sentence\":\"No.\",\"arrived\":{\"scope\":\"a\\\"b\"},\"registered\":{\"assigned\":false,\"redirect_urls\":[\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\"],"
	   "\"redirect_urls_count\":10},\"change\":\"Assign it.\"}");
}

static void nothing_that_arrived_is_an_empty_object(void **state)
{
	(void)state;
	detail_change(&call, "Wait.");
	is(detail_text(&call, SLICE_OF("No.")), "{\"sentence\":\"No.\",\"arrived\":{},\"registered\":{},\"change\":\"Wait.\"}");
}

static void a_list_without_words_is_empty(void **state)
{
	(void)state;
	detail_registered_words(&call, "grants", (struct slice) { NULL, 0 });
	detail_change(&call, "Wait.");
	is(detail_text(&call, SLICE_OF("No.")), "{\"sentence\":\"No.\",\"arrived\":{},\"registered\":{\"grants\":[]},\"change\":\"Wait.\"}");
}

static void a_secret_that_was_presented_is_nowhere(void **state)
{
	(void)state;
	call.proof = SLICE_OF("short.secret");
	is(detail_without_proof(&call, SLICE_OF("short.secret and short.secret")), "*** and ***");
	is(detail_without_proof(&call, SLICE_OF("short.secre")), "short.secre");
	is(detail_without_proof(&call, SLICE_OF("")), "");
}

static void a_secret_of_one_quote_breaks_no_event(void **state)
{
	(void)state;
	call.proof = SLICE_OF("\"");
	detail_arrived(&call, "scope", SLICE_OF("a\"b"));
	detail_change(&call, "Let it send \".");
	is(detail_text(&call, SLICE_OF("No.")), "{\"sentence\":\"No.\",\"arrived\":{\"scope\":\"a***b\"},\"registered\":{},\"change\":\"Let it send ***.\"}");
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(what_is_as_long_as_a_secret_is_kept_by_its_beginning),
		EACH(ids_names_and_words_are_kept_whole),
		EACH(what_arrived_is_bounded),
		EACH(an_address_is_shown_without_who_and_without_secrets),
		EACH(likeness_counts_both_ends_once),
		EACH(without_a_change_the_sentence_stands_alone),
		EACH(all_of_it_is_one_json_object),
		EACH(nothing_that_arrived_is_an_empty_object),
		EACH(a_list_without_words_is_empty),
		EACH(a_secret_that_was_presented_is_nowhere),
		EACH(a_secret_of_one_quote_breaks_no_event),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
