/* Bodies of the Admin API as objects of apply documents: src/admin/change_members.c, change_document.c */
#include "admin/change_document.h"
#include "admin/change_members.h"
#include "base/arena.h"
#include "directory/document.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static struct arena *arena;
static char said[4096];

static int setup(void **state)
{
	(void)state;
	arena = arena_new(64 * 1024, 16 * 1024 * 1024);
	return arena == NULL;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static json_t *parse(const char *text)
{
	json_error_t error;
	json_t *value = text == NULL ? NULL : json_loads(text, 0, &error);
	if (text != NULL && value == NULL)
		fail_msg("%s: %s", text, error.text);
	return value;
}

static void on_wrong(void *context, struct slice pointer, const char *sentence)
{
	(void)context;
	size_t len = strlen(said);
	snprintf(said + len, sizeof said - len, "%.*s: %s\n", SLICE_ARGS(pointer), sentence);
}

/* present: NULL, it is to be made. */
static void assert_judged(const struct change_shape *shape, const char *body, const char *present, const char *key, const char *sentences)
{
	json_t *sent = parse(body), *there = parse(present);
	said[0] = '\0';
	const bool good = change_judge(shape, sent, there, slice_from(key), on_wrong, NULL);
	assert_string_equal(said, sentences);
	assert_int_equal(good, sentences[0] == '\0');
	json_decref(sent);
	json_decref(there);
}

static void assert_object(const struct change_shape *shape, const char *body, const char *present, const char *key, const char *expected)
{
	json_t *sent = parse(body), *there = parse(present), *wanted = parse(expected);
	json_t *object = change_object(shape, sent, there, slice_from(key));
	if (!json_equal(object, wanted))
		fail_msg("%s", json_dumps(object, 0));
	json_decref(sent);
	json_decref(there);
	json_decref(wanted);
	json_decref(object);
}

static void a_member_that_is_not_known_is_told_with_the_nearest_that_is(void **state)
{
	(void)state;
	assert_judged(&change_user, "{\"username\": \"a\", \"emial\": \"b\"}", NULL, "", "/emial: user has no 'emial': did you mean 'email'?\n");
	assert_judged(&change_user, "{\"username\": \"a\", \"zzzzzzzzzz/~\": 1}", NULL, "",
	              "/zzzzzzzzzz~1~0: user has no 'zzzzzzzzzz/~': leave it away\n");
	assert_judged(&change_partition, "{\"id\": \"P\", \"branding\": {\"colour\": \"#fff\"}}", NULL, "",
	              "/branding/colour: branding has no 'colour': did you mean 'color'?\n");
	assert_judged(&change_user, "{\"username\": \"a\", \"password_hash\": \"$argon2id\"}", NULL, "",
	              "/password_hash: user has no 'password_hash': did you mean 'password'?\n");
	assert_judged(&change_application, "{\"name\": \"a\", \"platform\": \"web\", \"a\\nb\": 1}", NULL, "",
	              "/a\nb: client application has no '?': leave it away\n");
}

static void every_wrong_member_is_told(void **state)
{
	(void)state;
	assert_judged(&change_user, "{\"username\": 1, \"enabled\": \"yes\", \"roles\": [\"a\", 2], \"claims\": [], \"email\": null}", NULL, "",
	              "/username: username is a text\n/enabled: enabled is true or false, or null\n/roles/1: an entry of the list is a text\n"
	              "/claims: claims is an object, or null\n");
	assert_judged(&change_user, "{\"username\": \"a\", \"claims\": {\"nmae\": \"x\", \"address\": {\"locality\": 3}}}", NULL, "",
	              "/claims/nmae: claims has no 'nmae': did you mean 'name'?\n/claims/address/locality: locality is a text, or null\n");
	assert_judged(&change_api, "{\"openapi\": \"x\", \"actors\": {\"a\": \"user\", \"b/c\": 2}}", NULL, "", "/actors/b~1c: the value is a text\n");
	assert_judged(&change_partition, "{\"id\": \"P\", \"anonymous_customers\": {\"enabled\": null, \"permissions\": [1]}}", NULL, "",
	              "/anonymous_customers/enabled: enabled is true or false\n/anonymous_customers/permissions/0: an entry of the list is a text\n");
}

static void a_number_without_a_fraction_is_whole_however_it_is_written(void **state)
{
	(void)state;
	assert_judged(&change_application, "{\"name\": \"a\", \"platform\": \"web\", \"access_token_seconds\": 6e2}", NULL, "", "");
	assert_judged(&change_application, "{\"access_token_seconds\": 600.5}", "{}", "",
	              "/access_token_seconds: access_token_seconds is a whole number, or null\n");
	assert_judged(&change_application, "{\"access_token_seconds\": 1e300}", "{}", "",
	              "/access_token_seconds: access_token_seconds is a whole number, or null\n");
	assert_object(&change_application, "{\"access_token_seconds\": 6e2}", "{}", "c", "{\"client_id\": \"c\", \"access_token_seconds\": 600}");
}

static void what_is_read_only_may_come_back_as_it_was_read(void **state)
{
	(void)state;
	const char *present = "{\"id\": \"u1\", \"version\": 3, \"password_set\": true}";
	assert_judged(&change_user, "{\"version\": 3, \"password_set\": true, \"id\": \"u1\"}", present, "u1", "");
	assert_judged(&change_user, "{\"version\": 4}", present, "u1", "/version: version is read-only: send it as it was read, or leave it away\n");
	assert_judged(&change_user, "{\"username\": \"a\", \"version\": 3}", NULL, "", "/version: version is read-only: leave it away\n");
	assert_object(&change_user, "{\"version\": 3, \"password_set\": true, \"id\": \"u1\", \"email\": \"a@b.c\"}", present, "u1",
	              "{\"id\": \"u1\", \"email\": \"a@b.c\"}");
}

static void when_a_secret_was_used_last_does_not_count(void **state)
{
	(void)state;
	const char *present = "{\"secrets\": [{\"label\": \"a\", \"created_at\": \"x\", \"last_used_at\": \"2026-01-01T00:00:00Z\"}]}";
	assert_judged(&change_application, "{\"secrets\": [{\"label\": \"a\", \"created_at\": \"x\", \"last_used_at\": null}]}", present, "c", "");
	assert_judged(&change_application, "{\"secrets\": [{\"label\": \"b\", \"created_at\": \"x\", \"last_used_at\": null}]}", present, "c",
	              "/secrets: secrets is read-only: send it as it was read, or leave it away\n");
	assert_judged(&change_application, "{\"secrets\": []}", present, "c", "/secrets: secrets is read-only: send it as it was read, or leave it away\n");
	assert_judged(&change_application, "{\"secrets\": [1]}", present, "c", "/secrets: secrets is read-only: send it as it was read, or leave it away\n");
}

static void the_key_in_the_address_wins(void **state)
{
	(void)state;
	assert_judged(&change_user, "{\"id\": \"u2\"}", "{\"id\": \"u1\"}", "u1",
	              "/id: id names the user and cannot be changed: it is the one in the address\n");
	assert_judged(&change_user, "{\"id\": 1}", "{\"id\": \"u1\"}", "u1", "/id: id is a text\n");
	assert_object(&change_user, "{}", "{\"id\": \"u1\"}", "u1", "{\"id\": \"u1\"}");
}

static void null_is_what_it_stands_for(void **state)
{
	(void)state;
	assert_object(&change_application, "{\"enabled\": null, \"consent\": null, \"access_token_seconds\": null, \"jwks\": null, "
	              "\"jwks_url\": null}", "{}", "c",
	              "{\"client_id\": \"c\", \"enabled\": true, \"consent\": \"ask\", \"access_token_seconds\": 3600, \"jwks\": null, \"jwks_url\": null}");
	assert_object(&change_permission, "{\"kind\": null}", "{}", "app.a.read", "{\"name\": \"app.a.read\", \"kind\": \"application\"}");
	assert_object(&change_permission, "{\"name\": \"a.onbehalfof.read\", \"kind\": null}", NULL, "a.onbehalfof.read",
	              "{\"name\": \"a.onbehalfof.read\", \"kind\": \"on_behalf_of\"}");
	assert_object(&change_user, "{\"password\": null}", "{}", "u1", "{\"id\": \"u1\", \"password_hash\": null}");
	assert_judged(&change_user, "{\"roles\": null, \"username\": null}", NULL, "",
	              "/roles: roles is a list of texts\n/username: username is a text\n");
}

static void objects_that_are_replaced_whole_are_merged_here(void **state)
{
	(void)state;
	const char *present = "{\"claims\": {\"name\": \"Ann\", \"locale\": \"de\", \"address\": {\"locality\": \"Ulm\", \"country\": \"DE\"}}}";
	assert_object(&change_user, "{\"claims\": {\"name\": null, \"nickname\": \"A\", \"address\": {\"country\": null}}}", present, "u1",
	              "{\"id\": \"u1\", \"claims\": {\"locale\": \"de\", \"nickname\": \"A\", \"address\": {\"locality\": \"Ulm\"}}}");
	assert_object(&change_user, "{\"claims\": {\"name\": null, \"locale\": null, \"address\": null}}", present, "u1",
	              "{\"id\": \"u1\", \"claims\": null}");
	assert_object(&change_user, "{\"claims\": null}", present, "u1", "{\"id\": \"u1\", \"claims\": null}");
	assert_object(&change_user, "{\"username\": \"a\", \"claims\": {\"name\": \"Ann\", \"locale\": null}}", NULL, "",
	              "{\"username\": \"a\", \"claims\": {\"name\": \"Ann\"}}");
}

static void what_a_new_object_needs_is_told_where_it_is_missing(void **state)
{
	(void)state;
	assert_judged(&change_application, "{\"enabled\": true}", NULL, "",
	              "/name: name is missing: a new client application needs it\n/platform: platform is missing: a new client application needs it\n");
	assert_judged(&change_application, "{\"enabled\": true}", "{}", "c", "");
}

static void a_short_password_is_refused_in_characters(void **state)
{
	(void)state;
	assert_judged(&change_user, "{\"password\": \"1234567\"}", "{}", "u", "/password: a password has at least 8 characters\n");
	assert_judged(&change_user, "{\"password\": \"\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\"}", "{}", "u",
	              "/password: a password has at least 8 characters\n");
	assert_judged(&change_user, "{\"password\": \"12345678\"}", "{}", "u", "");
}

/* ---- the document ---- */

static const char *pointer_of(const json_t *object, unsigned line)
{
	struct slice pointer = change_document_pointer(object, line, arena);
	static char text[256];
	snprintf(text, sizeof text, "%.*s", SLICE_ARGS(pointer));
	return text;
}

static void each_line_of_the_document_is_a_place_in_the_body(void **state)
{
	(void)state;
	json_t *object = parse("{\"name\": \"a\", \"redirect_urls\": [\"x\", \"y\"], \"claims\": {\"a/b\": {\"c~d\": 1}}, \"e\": []}");
	struct writer out = writer_new(arena, 64);
	assert_true(change_document_write(&out, SLICE_OF("P"), "users", object));
	assert_string_equal(arena_print(arena, "%.*s", SLICE_ARGS(writer_slice(&out))).ptr,
	                    "{\"partitions\": [{\"id\": \"P\", \"users\": [\n"
	                    "{\n\"name\": \"a\",\n\"redirect_urls\": [\n\"x\",\n\"y\"\n],\n"
	                    "\"claims\": {\n\"a/b\": {\n\"c~d\": 1\n}\n},\n\"e\": [\n]\n}]}]}\n");
	static const char *const pointers[] = { "", "", "", "/name", "/redirect_urls", "/redirect_urls/0", "/redirect_urls/1", "/redirect_urls", "/claims",
		                                "/claims/a~1b", "/claims/a~1b/c~0d", "/claims/a~1b", "/claims", "/e", "/e", "", "" };
	for (unsigned line = 0; line < sizeof pointers / sizeof *pointers; line++)
		assert_string_equal(pointer_of(object, line), pointers[line]);
	json_decref(object);
}

/* Reads the document as the directory does and gives back its one text. */
static void assert_read_back(const char *text)
{
	json_t *object = json_pack("{s: s}", "name", text);
	struct writer out = writer_new(arena, 64);
	assert_true(change_document_write(&out, SLICE_OF("P"), NULL, object));
	struct document *document = document_open_memory(writer_slice(&out), "f");
	struct slice key;
	bool more;
	struct document_scalar scalar;
	assert_int_equal(document_mapping(document, "d"), RESULT_OK);
	assert_int_equal(document_key(document, &key, &more), RESULT_OK);
	assert_int_equal(document_list(document, "p"), RESULT_OK);
	assert_int_equal(document_item(document, &more), RESULT_OK);
	assert_int_equal(document_mapping(document, "o"), RESULT_OK);
	assert_int_equal(document_key(document, &key, &more), RESULT_OK);
	assert_int_equal(document_scalar(document, "name", &scalar), RESULT_OK);
	assert_true(slice_is(scalar.text, text));
	assert_int_equal(document_line(document), 3);
	document_close(document);
	json_decref(object);
}

static void any_text_is_read_back_by_the_directory_as_it_was_sent(void **state)
{
	(void)state;
	static const char *const texts[] = { "", "null", "a\"b\\c", "tab\tline\nreturn\r", "\x01\x1f\x7f", "\xc2\x85\xc2\x80\xc2\x9f",
		                             "\xe2\x80\xa8\xe2\x80\xa9", "\xef\xbb\xbf",
		                             "\xef\xbf\xbe\xef\xbf\xbf", "\xf0\x9f\x98\x80 \xf4\x8f\xbf\xbf", "# no comment", "a: b", "- c",
			"%d \\u0041", "&a *a !b | >" };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_read_back(texts[i]);
}

static void what_is_nested_too_deeply_is_told(void **state)
{
	(void)state;
	json_t *object = json_object();
	for (int i = 0; i < CHANGE_DOCUMENT_DEPTH; i++)
		object = json_pack("{s: o}", "a", object);
	struct writer out = writer_new(arena, 64);
	assert_false(change_document_write(&out, SLICE_OF("P"), "users", object));
	json_decref(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_member_that_is_not_known_is_told_with_the_nearest_that_is),
		cmocka_unit_test(every_wrong_member_is_told),
		cmocka_unit_test(a_number_without_a_fraction_is_whole_however_it_is_written),
		cmocka_unit_test(what_is_read_only_may_come_back_as_it_was_read),
		cmocka_unit_test(when_a_secret_was_used_last_does_not_count),
		cmocka_unit_test(the_key_in_the_address_wins),
		cmocka_unit_test(null_is_what_it_stands_for),
		cmocka_unit_test(objects_that_are_replaced_whole_are_merged_here),
		cmocka_unit_test(what_a_new_object_needs_is_told_where_it_is_missing),
		cmocka_unit_test(a_short_password_is_refused_in_characters),
		cmocka_unit_test_setup_teardown(each_line_of_the_document_is_a_place_in_the_body, setup, teardown),
		cmocka_unit_test_setup_teardown(any_text_is_read_back_by_the_directory_as_it_was_sent, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_nested_too_deeply_is_told, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
