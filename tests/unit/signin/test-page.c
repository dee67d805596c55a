#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "signin/page.h"

#include <sodium.h>
#include <stdlib.h>

#define MARKUP "\"'><script>bad</script>&{{text:sign_in.title}}{{username}}"

static struct arena *arena;
static struct partition partition;
static struct page_look look;
static struct http_request request;
static struct http_reply reply;

static int begin(void **state)
{
	(void)state;
	arena = arena_new(16 * 1024, 4 * 1024 * 1024);
	partition = (struct partition) { .name = SLICE("Example & Sons"), .branding_color = SLICE("#0b5fff") };
	look = (struct page_look) { .language = language_english(), .partition = &partition, .realm = SLICE("ACME-U") };
	request = (struct http_request) { .arena = arena };
	reply = (struct http_reply) { .status = 200 };
	return arena == NULL || sodium_init() < 0;
}

static int end(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static bool holds(struct slice text, const char *what)
{
	return text.ptr != NULL && memmem(text.ptr, text.len, what, strlen(what)) != NULL;
}

static struct slice header(const char *name)
{
	for (size_t i = 0; i < reply.header_count; i++)
		if (slice_is(reply.headers[i].name, name))
			return reply.headers[i].value;
	return (struct slice) { NULL, 0 };
}

static struct slice page_of(const char *name, const struct page_value *values, size_t count)
{
	reply = (struct http_reply) { .status = 200 };
	page_reply(&request, &reply, 200, name, &look, values, count);
	assert_int_equal(reply.status, 200);
	assert_true(slice_starts_with(reply.body, SLICE_OF("<!doctype html>")));
	return reply.body;
}

/* Every value that anybody may choose, on every page. */
static const char *const value_names[] = {
	"action", "attempt", "username", "application", "name_type", "name_autocomplete", "person", "destination", "name", "value", "what", "fix",
	"sentence", "code", "request", "title", "anti_forgery", "base", "sid", "started", "used", "address", "user_agent", "client_id", "since",
	"again", "error", "status", "seconds", "description",
};
#define VALUE_NAMES (sizeof value_names / sizeof value_names[0])

static const char *const page_names[] = {
	"sign_in", "consent", "consent_item", "form_post", "form_field", "dead_end", "account", "account_session", "account_application",
	"signed_out", "error", "errors", "front",
};
#define PAGE_NAMES (sizeof page_names / sizeof page_names[0])

static void markup_in_a_value_stays_text_on_every_page(void **state)
{
	(void)state;
	struct page_value values[VALUE_NAMES];
	for (size_t i = 0; i < VALUE_NAMES; i++)
		values[i] = (struct page_value) { value_names[i], SLICE(MARKUP), false };
	partition.branding_name = SLICE_OF(MARKUP);
	size_t shown = 0;
	for (size_t i = 0; i < PAGE_NAMES; i++) {
		struct slice page = page_of(page_names[i], values, VALUE_NAMES);
		assert_false(holds(page, "<script>bad"));
		assert_false(holds(page, "\"'>"));
		shown += holds(page, "&quot;&#39;&gt;&lt;script&gt;bad&lt;/script&gt;&amp;{{text:sign_in.title}}{{username}}");
	}
	assert_int_equal(shown, PAGE_NAMES);
}

static void a_value_is_never_read_as_a_template(void **state)
{
	(void)state;
	const struct page_value values[] = { { "name", SLICE("{{value}}"), false }, { "value", SLICE("{{text:sign_in.title}}"), true } };
	struct writer out = writer_new(arena, 64);
	page_append(&out, "form_field", &look, values, 2);
	assert_true(slice_is(writer_slice(&out), "<input type=\"hidden\" name=\"{{value}}\" value=\"{{text:sign_in.title}}\">\n"));
}

static void a_text_puts_values_in_escaped(void **state)
{
	(void)state;
	const struct page_value name = { "name", SLICE("<b>&"), false };
	assert_true(slice_is(page_text(arena, &look, "consent.permission_unnamed", &name, 1),
	                     "Act for you with the permission <bdi>&lt;b&gt;&amp;</bdi>"));
	assert_int_equal(page_text(arena, NULL, "no.such.key", NULL, 0).len, 0);
}

static void a_problem_is_marked_and_a_notice_is_not(void **state)
{
	(void)state;
	struct slice problem = page_text(arena, &look, "sign_in.problem_wrong", NULL, 0);
	assert_true(slice_starts_with(problem, SLICE_OF("<span class=\"problem\">")) && slice_ends_with(problem, SLICE_OF("</span>")));
	assert_true(holds(problem, "password"));
	assert_false(holds(page_text(arena, &look, "sign_in.notice_again", NULL, 0), "<span"));
	const struct page_value values[] = { { "problem", problem, true } };
	assert_true(holds(page_of("sign_in", values, 1), "role=\"alert\"><span class=\"problem\">"));
	assert_false(holds(page_of("sign_in", NULL, 0), "role=\"alert\""));
}

static void the_cursor_waits_in_the_first_empty_field(void **state)
{
	(void)state;
	struct slice page = page_of("sign_in", NULL, 0);
	const char *username = memmem(page.ptr, page.len, "<input id=\"username\"", 20), *end_of = memchr(username, '>', 500);
	assert_true(memmem(username, (size_t)(end_of - username), "autofocus", 9) != NULL);
	const struct page_value values[] = { { "username", SLICE("ann"), false } };
	page = page_of("sign_in", values, 1);
	const char *password = memmem(page.ptr, page.len, "<input id=\"password\"", 20);
	end_of = memchr(password, '>', 500);
	assert_true(memmem(password, (size_t)(end_of - password), "autofocus", 9) != NULL);
}

static void a_page_speaks_the_language_of_its_look(void **state)
{
	(void)state;
	assert_true(holds(page_of("sign_in", NULL, 0), "<html lang=\"en\" dir=\"ltr\">"));
	assert_true(holds(reply.body, "<title>Sign in · Example &amp; Sons</title>"));
	look.language = language_choose(SLICE_OF("ar"), (struct slice) { NULL, 0 });
	assert_true(holds(page_of("sign_in", NULL, 0), "<html lang=\"ar\" dir=\"rtl\">"));
	assert_true(holds(reply.body, "<title>تسجيل الدخول · Example &amp; Sons</title>"));
	look = (struct page_look) { .language = NULL };
	assert_true(holds(page_of("sign_in", NULL, 0), "<html lang=\"en\" dir=\"ltr\">"));
	page_reply(&request, &reply, 200, "sign_in", NULL, NULL, 0);
	assert_true(holds(reply.body, "<title>Sign in</title>"));
}

static void a_page_wears_its_partitions_name_and_colours(void **state)
{
	(void)state;
	assert_true(holds(page_of("sign_in", NULL, 0), "href=\"/system/auth/ACME-U/brand.css\""));
	assert_true(holds(reply.body, "<bdi>Example &amp; Sons</bdi>") && holds(reply.body, ">E</span>"));
	assert_true(holds(reply.body, "to your account at <bdi>Example &amp; Sons</bdi>"));
	partition.branding_name = SLICE_OF("öffi");
	assert_true(holds(page_of("sign_in", NULL, 0), ">ö</span>"));
	partition.branding_name = partition.name = (struct slice) { NULL, 0 };
	assert_true(partition_id_parse(SLICE_OF("acme"), &partition.id));
	assert_true(holds(page_of("sign_in", NULL, 0), ">A</span>"));
	look.partition = NULL;
	assert_false(holds(page_of("sign_in", NULL, 0), "brand"));
}

static void a_logo_is_allowed_from_its_own_origin_only(void **state)
{
	(void)state;
	partition.branding_logo_url = SLICE_OF("https://CDN.example:8443/a/logo.svg?x=1&y=\"2\"");
	struct slice page = page_of("sign_in", NULL, 0);
	assert_true(holds(page, "<img class=\"logo\" src=\"https://CDN.example:8443/a/logo.svg?x=1&amp;y=&quot;2&quot;\" alt=\"Example &amp; Sons\">"));
	assert_true(slice_ends_with(header("Content-Security-Policy"), SLICE_OF("; img-src https://cdn.example:8443")));
	static const char *const hostile[] = {
		"https://cdn.example;script-src*/x", "https://cdn.example,x/", "https://cdn'example/", "javascript:alert(1)", "data:image/svg+xml,x",
		"//cdn.example/x", "https://user@cdn.example/", "https://*/", "https://*.example/", "https:///x", "logo.svg", "https://cdn.example:99999/",
	};
	for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
		partition.branding_logo_url = slice_from(hostile[i]);
		assert_false(holds(page_of("sign_in", NULL, 0), "<img"));
		assert_false(holds(header("Content-Security-Policy"), "img-src"));
	}
}

static void a_page_lets_no_script_run_and_no_page_frame_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < PAGE_NAMES; i++) {
		page_of(page_names[i], NULL, 0);
		struct slice policy = header("Content-Security-Policy");
		assert_true(slice_starts_with(policy, SLICE_OF("default-src 'none'; ")));
		assert_true(holds(policy, "frame-ancestors 'none'") && holds(policy, "base-uri 'none'") && holds(policy, "form-action 'self'"));
		assert_false(holds(policy, "script-src") || holds(policy, "unsafe") || holds(policy, "data:"));
		assert_true(slice_is(header("X-Frame-Options"), "DENY"));
		assert_true(slice_is(header("Cache-Control"), "no-store"));
	}
}

static void only_pages_that_lead_away_leave_the_target_of_forms_open(void **state)
{
	(void)state;
	look.posts_lead_away = true;
	page_of("sign_in", NULL, 0);
	assert_false(holds(header("Content-Security-Policy"), "form-action"));
	assert_false(holds(header("Content-Security-Policy"), "script-src"));
}

static void the_form_post_page_runs_its_own_script_and_no_other(void **state)
{
	(void)state;
	look.posts_to_client = true;
	struct slice page = page_of("form_post", NULL, 0);
	const char *open = memmem(page.ptr, page.len, "<script>", 8), *close = memmem(page.ptr, page.len, "</script>", 9);
	assert_true(open != NULL && close > open);
	unsigned char hash[crypto_hash_sha256_BYTES];
	char text[64];
	crypto_hash_sha256(hash, (const unsigned char *)open + 8, (unsigned long long)(close - open - 8));
	sodium_bin2base64(text, sizeof text, hash, sizeof hash, sodium_base64_VARIANT_ORIGINAL);
	struct slice expected = arena_print(arena, "; script-src 'sha256-%s'", text);
	assert_true(slice_ends_with(header("Content-Security-Policy"), expected));
	assert_true(holds(page, "id=\"continue\""));
}

static void no_other_page_has_a_script(void **state)
{
	(void)state;
	for (size_t i = 0; i < PAGE_NAMES; i++)
		assert_int_equal(holds(page_of(page_names[i], NULL, 0), "<script"), strcmp(page_names[i], "form_post") == 0);
}

static void a_dead_end_explains_itself_by_its_code(void **state)
{
	(void)state;
	const struct page_value expired[] = { { "code", SLICE("attempt-expired"), false }, { "title", SLICE("The attempt is too old"), false } };
	assert_true(holds(page_of("dead_end", expired, 2), "<title>This page has expired · "));
	assert_true(holds(reply.body, "<h1>This page has expired</h1>"));
	assert_true(holds(reply.body, "open for too long"));
	const struct page_value other[] = { { "code", SLICE("redirect-uri-unregistered"), false }, { "title", SLICE("Not registered"), false } };
	assert_true(holds(page_of("dead_end", other, 2), "<h1>This request cannot be completed</h1>"));
	assert_true(holds(reply.body, "Not registered"));
	const struct page_value odd[] = { { "code", SLICE("../../{{title}}\x01"), false } };
	assert_true(holds(page_of("dead_end", odd, 1), "<h1>This request cannot be completed</h1>"));
}

/* What stands on a dead end may come from an attacker: nothing of it can be followed. */
static void a_dead_end_leads_nowhere(void **state)
{
	(void)state;
	const struct page_value values[] = { { "sentence", SLICE("redirect_uri is https://evil.example/"), false } };
	struct slice page = page_of("dead_end", values, 1);
	assert_true(holds(page, "evil.example"));
	assert_false(holds(page, "<a ") || holds(page, "<form") || holds(page, "<meta http-equiv"));
}

static void a_title_is_a_text_or_else_the_value(void **state)
{
	(void)state;
	const struct page_value values[] = { { "title", SLICE("A < B"), false } };
	look.partition = NULL;
	assert_true(holds(page_of("front", values, 1), "<title>A &lt; B</title>"));
	assert_true(holds(page_of("consent", values, 1), "<title>Allow access</title>"));
}

/* What other people's browsers and our own tests hold on to. */
static void the_ids_and_names_of_fields_are_there(void **state)
{
	(void)state;
	static const struct {
		const char *page, *markup;
	} rows[] = {
		{ "sign_in", "<form id=\"sign-in\" method=\"post\" action=\"X\">" },
		{ "sign_in", "<input type=\"hidden\" name=\"attempt\" value=\"X\">" },
		{ "sign_in", "<input id=\"username\" name=\"username\" type=\"text\"" },
		{ "sign_in", "autocomplete=\"current-password\"" },
		{ "sign_in", "<input id=\"password\" name=\"password\" type=\"password\"" },
		{ "sign_in", "id=\"submit\" type=\"submit\"" },
		{ "consent", "<form id=\"consent\" method=\"post\" action=\"X\">" },
		{ "consent", "<input type=\"hidden\" name=\"attempt\" value=\"X\">" },
		{ "consent", "id=\"allow\" name=\"decision\" value=\"allow\"" },
		{ "consent", "id=\"deny\" name=\"decision\" value=\"deny\"" },
		{ "consent", "id=\"other\" name=\"decision\" value=\"other\"" },
		{ "form_post", "<form id=\"form-post\" method=\"post\" action=\"X\">" },
		{ "account", "<form id=\"password-form\" method=\"post\" action=\"X/password\">" },
		{ "account", "<input id=\"current\" name=\"current\" type=\"password\" autocomplete=\"current-password\"" },
		{ "account", "<input id=\"new\" name=\"new\" type=\"password\" autocomplete=\"new-password\"" },
		{ "account", "<input id=\"again\" name=\"again\" type=\"password\" autocomplete=\"new-password\"" },
		{ "account", "id=\"change-password\"" },
		{ "account", "<form id=\"sign-out\" method=\"post\" action=\"X/sign-out\">" },
		{ "account", "id=\"sign-out-button\"" },
		{ "account", "<input type=\"hidden\" name=\"anti_forgery\" value=\"X\">" },
		{ "account_session", "<form method=\"post\" action=\"X/end-session\">" },
		{ "account_session", "<input type=\"hidden\" name=\"sid\" value=\"X\">" },
		{ "account_session", "<input type=\"hidden\" name=\"anti_forgery\" value=\"X\">" },
		{ "account_application", "<form method=\"post\" action=\"X/withdraw\">" },
		{ "account_application", "<input type=\"hidden\" name=\"client_id\" value=\"X\">" },
		{ "account_application", "<input type=\"hidden\" name=\"anti_forgery\" value=\"X\">" },
		{ "signed_out", "href=\"X\"" },
	};
	struct page_value values[VALUE_NAMES];
	for (size_t i = 0; i < VALUE_NAMES; i++)
		values[i] = (struct page_value) { value_names[i], SLICE("X"), false };
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (!holds(page_of(rows[i].page, values, VALUE_NAMES), rows[i].markup))
			fail_msg("%s.html lacks %s", rows[i].page, rows[i].markup);
}

static void every_page_has_one_main_and_one_heading_of_the_first_rank(void **state)
{
	(void)state;
	for (size_t i = 0; i < PAGE_NAMES; i++) {
		if (strcmp(page_names[i], "consent_item") == 0 || strcmp(page_names[i], "form_field") == 0 ||
		    strcmp(page_names[i], "account_session") == 0 || strcmp(page_names[i], "account_application") == 0)
			continue; /* parts of pages */
		struct slice page = page_of(page_names[i], NULL, 0);
		const char *first = memmem(page.ptr, page.len, "<h1>", 4);
		assert_non_null(first);
		assert_null(memmem(first + 4, (size_t)(page.ptr + page.len - first) - 4, "<h1", 3));
		assert_true(holds(page, "<main>"));
	}
}

/* The templates themselves, as the library holds them. */
#define EACH_TEMPLATE(with) \
	with(frame) with(sign_in) with(consent) with(consent_item) with(form_post) with(form_field) with(dead_end) with(account) \
	        with(account_session) with(account_application) with(signed_out) with(error) with(errors) with(front)
#define DECLARE(name) \
	extern const char page_##name[]; \
	extern const size_t page_##name##_size;
EACH_TEMPLATE(DECLARE)

static size_t texts_exist(const char *bytes, size_t size)
{
	struct slice rest = { bytes, size };
	size_t count = 0;
	for (const char *at; rest.len > 0 && (at = memmem(rest.ptr, rest.len, "{{text:", 7)) != NULL; count++) {
		rest = slice_skip(rest, (size_t)(at - rest.ptr) + 7);
		const char *close = memmem(rest.ptr, rest.len, "}}", 2);
		assert_non_null(close);
		struct slice reference = slice_first(rest, (size_t)(close - rest.ptr)), key;
		assert_true(slice_cut(&reference, ':', &key));
		if (language_text(language_english(), key).ptr == NULL)
			fail_msg("a template names the text %.*s, which does not exist", SLICE_ARGS(key));
	}
	return count;
}

static void every_text_that_a_template_names_exists(void **state)
{
	(void)state;
#define COUNT(name) +texts_exist(page_##name, page_##name##_size)
	size_t count = EACH_TEMPLATE(COUNT);
#undef COUNT
	assert_true(count > 40);
}

static void a_page_that_does_not_fit_in_memory_is_refused(void **state)
{
	(void)state;
	struct arena *tight = arena_new(1024, 1024);
	assert_non_null(tight);
	struct http_request poor = { .arena = tight };
	reply = (struct http_reply) { .status = 200 };
	page_reply(&poor, &reply, 200, "account", &look, NULL, 0);
	assert_int_equal(reply.status, 503);
	assert_int_equal(reply.body.len, 0);
	assert_true(slice_starts_with(header("Content-Security-Policy"), SLICE_OF("default-src 'none'")));
	arena_free(tight);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define EACH(name) cmocka_unit_test_setup_teardown(name, begin, end)
		EACH(markup_in_a_value_stays_text_on_every_page),
		EACH(a_value_is_never_read_as_a_template),
		EACH(a_text_puts_values_in_escaped),
		EACH(a_problem_is_marked_and_a_notice_is_not),
		EACH(the_cursor_waits_in_the_first_empty_field),
		EACH(a_page_speaks_the_language_of_its_look),
		EACH(a_page_wears_its_partitions_name_and_colours),
		EACH(a_logo_is_allowed_from_its_own_origin_only),
		EACH(a_page_lets_no_script_run_and_no_page_frame_it),
		EACH(only_pages_that_lead_away_leave_the_target_of_forms_open),
		EACH(the_form_post_page_runs_its_own_script_and_no_other),
		EACH(no_other_page_has_a_script),
		EACH(a_dead_end_explains_itself_by_its_code),
		EACH(a_dead_end_leads_nowhere),
		EACH(a_title_is_a_text_or_else_the_value),
		EACH(the_ids_and_names_of_fields_are_there),
		EACH(every_page_has_one_main_and_one_heading_of_the_first_rank),
		EACH(every_text_that_a_template_names_exists),
		EACH(a_page_that_does_not_fit_in_memory_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
