#include "directory/document.h"

#include "base/limits.h"
#include "directory/document_input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static struct document *opened(const char *text)
{
	struct document *document = document_open_memory(slice_from(text), "f");
	assert_non_null(document);
	return document;
}

/* Reads all of it; the sentence of the failure, "" for none. */
static const char *judged(struct slice text)
{
	static struct problem problem;
	struct document *document = document_open_memory(text, "f");
	assert_non_null(document);
	if (document_skip(document, "the document") == RESULT_OK)
		(void)!document_finish(document);
	problem = *document_problem(document);
	document_close(document);
	return problem.text;
}

static const char *judged_text(const char *text)
{
	return judged(slice_from(text));
}

static void expect_scalar(struct document *document, const char *text, bool plain)
{
	struct document_scalar scalar;
	assert_int_equal(document_scalar(document, "x", &scalar), RESULT_OK);
	assert_true(slice_is(scalar.text, text));
	assert_int_equal(scalar.plain, plain);
}

static void expect_key(struct document *document, const char *name)
{
	struct slice key;
	bool more;
	assert_int_equal(document_key(document, &key, &more), RESULT_OK);
	assert_int_equal(more, name != NULL);
	assert_true(name == NULL || slice_is(key, name));
}

static void expect_item(struct document *document, bool wanted)
{
	bool more;
	assert_int_equal(document_item(document, &more), RESULT_OK);
	assert_int_equal(more, wanted);
}

static void mappings_lists_and_scalars_come_in_order_with_their_lines(void **state)
{
	(void)state;
	struct document *document = opened("a: 1\nb:\n  - 'two'\n  - {c: \"three\"}\nd:\ne: null\n");
	assert_int_equal(document_mapping(document, "m"), RESULT_OK);
	expect_key(document, "a");
	expect_scalar(document, "1", true);
	expect_key(document, "b");
	assert_int_equal(document_list(document, "l"), RESULT_OK);
	expect_item(document, true);
	expect_scalar(document, "two", false);
	assert_int_equal(document_line(document), 3);
	expect_item(document, true);
	assert_int_equal(document_mapping(document, "m"), RESULT_OK);
	expect_key(document, "c");
	expect_scalar(document, "three", false);
	assert_int_equal(document_line(document), 4);
	expect_key(document, NULL);
	expect_item(document, false);
	expect_key(document, "d");
	assert_int_equal(document_list(document, "l"), RESULT_OK);
	expect_item(document, false);
	expect_key(document, "e");
	assert_int_equal(document_mapping(document, "m"), RESULT_OK);
	expect_key(document, NULL);
	expect_key(document, NULL);
	assert_int_equal(document_finish(document), RESULT_OK);
	document_close(document);
}

static void a_quoted_null_is_a_text(void **state)
{
	(void)state;
	struct document_scalar scalar = { SLICE_OF("null"), false };
	assert_false(document_scalar_is_null(&scalar));
	scalar.plain = true;
	assert_true(document_scalar_is_null(&scalar));
	scalar.text = SLICE_OF("~");
	assert_true(document_scalar_is_null(&scalar));
	scalar.text = SLICE_OF("nul");
	assert_false(document_scalar_is_null(&scalar));
}

static void a_value_of_another_kind_is_refused_with_its_line(void **state)
{
	(void)state;
	struct document *document = opened("a:\n  - b\n");
	struct document_scalar scalar;
	assert_int_equal(document_mapping(document, "m"), RESULT_OK);
	expect_key(document, "a");
	assert_int_equal(document_scalar(document, "name", &scalar), RESULT_INVALID);
	assert_string_equal(document_problem(document)->text, "f:2: name is a single value: a list stands here");
	/* sticky */
	assert_int_equal(document_skip(document, "x"), RESULT_INVALID);
	document_close(document);
}

static void aliases_anchors_and_tags_are_refused(void **state)
{
	(void)state;
	assert_string_equal(judged_text("a: b\nc: *x\n"), "f:2: aliases (*name) are not read here: write the value out");
	assert_string_equal(judged_text("a: &x b\n"), "f:1: anchors (&name) are not read here: write the value out");
	assert_string_equal(judged_text("a: &x [b]\n"), "f:1: anchors (&name) are not read here: write the value out");
	assert_string_equal(judged_text("a: &x {b: c}\n"), "f:1: anchors (&name) are not read here: write the value out");
	assert_string_equal(judged_text("a: !!str b\n"), "f:1: tags (!name) are not read here: leave the tag away");
	assert_string_equal(judged_text("!x {a: b}\n"), "f:1: tags (!name) are not read here: leave the tag away");
	assert_string_equal(judged_text("a: !x [b]\n"), "f:1: tags (!name) are not read here: leave the tag away");
}

static void a_second_document_is_refused(void **state)
{
	(void)state;
	assert_non_null(strstr(judged_text("a: b\n---\nc: d\n"), "f:2: a second document"));
	assert_string_equal(judged_text("---\na: b\n...\n"), "");
	assert_string_equal(judged_text("%YAML 1.2\n---\na: b\n"), "");
}

static void an_empty_document_is_refused(void **state)
{
	(void)state;
	assert_non_null(strstr(judged_text(""), "f:1: the document is empty"));
	assert_non_null(strstr(judged_text("# nothing\n"), "the document is empty"));
}

static void broken_yaml_names_its_line(void **state)
{
	(void)state;
	const char *sentence = judged_text("a: b\nc: [d, e\nf: g\n");
	assert_true(strncmp(sentence, "f:", 2) == 0 && strstr(sentence, "this is not YAML or JSON") != NULL);
	assert_non_null(strstr(judged_text("a: \"b\nc: d\n"), "this is not YAML or JSON"));
	assert_non_null(strstr(judged_text("{\"a\": [1, 2}"), "f:1: this is not YAML or JSON"));
}

static void nesting_is_bounded(void **state)
{
	(void)state;
	char text[2 * LIMIT_APPLY_DEPTH + 8];
	size_t len = 0;
	for (int i = 0; i < LIMIT_APPLY_DEPTH; i++)
		text[len++] = '[';
	for (int i = 0; i < LIMIT_APPLY_DEPTH; i++)
		text[len++] = ']';
	assert_string_equal(judged((struct slice) { text, len }), "");
	memmove(text + 1, text, len);
	text[len + 1] = ']';
	assert_non_null(strstr(judged((struct slice) { text, len + 2 }), "more than 16 deep"));
	char deep[5000];
	memset(deep, '[', sizeof deep);
	assert_string_not_equal(judged((struct slice) { deep, sizeof deep }), "");
}

static void scalars_and_lines_are_bounded(void **state)
{
	(void)state;
	size_t size = 2 * 1024 * 1024;
	char *text = malloc(size);
	assert_non_null(text);
	memset(text, 'a', size);
	memcpy(text, "a: ", 3);
	assert_string_equal(judged((struct slice) { text, LIMIT_APPLY_SCALAR + 3 }), "");
	assert_non_null(strstr(judged((struct slice) { text, LIMIT_APPLY_SCALAR + 4 }), "the value is longer than 65536 bytes"));
	assert_string_equal(judged((struct slice) { text, size }), "f:1: the line is longer than 1048576 bytes: break it");
	free(text);
}

static void what_is_no_text_is_refused_and_never_taken_for_the_end(void **state)
{
	(void)state;
	static const struct slice bad[] = {
		SLICE("a: b\0c\nd: e\n"), SLICE("a: b\n\0"), SLICE("\0"), SLICE("a: \xff\n"), SLICE("\xff\xfe" "a\0"), SLICE("a: \xc3(\n"), SLICE("a: \xc0\x80\n"),
		SLICE("a: \xed\xa0\x80\n"), SLICE("a: \xf4\x90\x80\x80\n"), SLICE("a: \xe0\x80\x80\n"), SLICE("a: b\x01\n"), SLICE("a: b\x1b[1m\n"), SLICE("a: b\xc3"), SLICE("%\xe4"),
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_non_null(strstr(judged(bad[i]), "the line has a byte that is no text"));
	assert_string_equal(judged_text("a: \xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\n"), "");
}

static void every_item_arrives_however_long_the_document_is(void **state)
{
	(void)state;
	/* lengths around the sizes of the buffers in between; a callback that returns nothing once is taken for the end */
	size_t size = 70000, items = 310;
	char *text = malloc(size);
	assert_non_null(text);
	for (size_t padding = 0; padding < 400; padding++) {
		size_t len = (size_t)snprintf(text, size, "#%*s\n", (int)padding, "x");
		for (size_t i = 0; i < items; i++)
			len += (size_t)snprintf(text + len, size - len, "- item %06zu\n", i);
		struct document *document = document_open_memory((struct slice) { text, len }, "f");
		assert_non_null(document);
		assert_int_equal(document_list(document, "l"), RESULT_OK);
		for (size_t i = 0; i < items; i++) {
			expect_item(document, true);
			assert_int_equal(document_skip(document, "x"), RESULT_OK);
		}
		expect_item(document, false);
		assert_int_equal(document_finish(document), RESULT_OK);
		document_close(document);
	}
	free(text);
}

/* Passes text through the input in pieces of size bytes. */
static size_t passed(const char *text, size_t len, size_t size, char *out, size_t out_size)
{
	static struct document_input input;
	document_input_open_memory(&input, text, len);
	size_t total = 0;
	ssize_t got;
	do {
		assert_true(total + size <= out_size);
		got = document_input_read(&input, out + total, size);
		assert_true(got >= 0);
		total += (size_t)got;
	} while (got > 0);
	assert_int_equal(input.failed, RESULT_OK);
	document_input_close(&input);
	return total;
}

static size_t one_line_json(char *text, size_t size, size_t items)
{
	size_t len = (size_t)snprintf(text, size, "{\"l\":[\"\"");
	for (size_t i = 0; i < items; i++)
		len += (size_t)snprintf(text + len, size - len, ",{\"a,\\\"b\":\"c,d\",\"n\":-1.5e+3}");
	return len + (size_t)snprintf(text + len, size - len, "]}");
}

static void json_on_one_line_is_broken_after_structural_commas_only(void **state)
{
	(void)state;
	enum { SIZE = 100000 };
	char *text = malloc(SIZE), *out = malloc(2 * SIZE), *again = malloc(2 * SIZE);
	assert_true(text != NULL && out != NULL && again != NULL);
	size_t len = one_line_json(text, SIZE, 2000);
	size_t broken = passed(text, len, 4096, out, 2 * SIZE);
	assert_true(broken > len + 20);
	/* without the breaks it is what it was */
	size_t kept = 0;
	for (size_t i = 0; i < broken; i++) {
		if (out[i] == '\n')
			assert_true(out[i - 1] == ',' && (out[i + 1] == '{' || out[i + 1] == '"'));
		else
			again[kept++] = out[i];
	}
	assert_int_equal(kept, len);
	assert_memory_equal(again, text, len);
	/* pieces of one byte are the same */
	assert_int_equal(passed(text, len, 1, again, 2 * SIZE), broken);
	assert_memory_equal(again, out, broken);
	free(text);
	free(out);
	free(again);
}

static void characters_reach_the_parser_whole_whatever_the_pieces_are(void **state)
{
	(void)state;
	enum { SIZE = 60000 };
	char *text = malloc(SIZE), *out = malloc(2 * SIZE);
	assert_true(text != NULL && out != NULL);
	size_t len = 1;
	text[0] = 'x'; /* so that characters lie across the ends of buffers */
	while (len < SIZE - 10) {
		memcpy(text + len, "\xf0\x9f\x98\x80\xe2\x82\xac\n", 8);
		len += 8;
	}
	for (size_t size = 1; size < 8; size++) {
		assert_int_equal(passed(text, len, size, out, 2 * SIZE), len);
		assert_memory_equal(out, text, len);
	}
	free(text);
	free(out);
}

static void lines_are_those_of_the_document_where_json_was_broken(void **state)
{
	(void)state;
	enum { SIZE = 200000 };
	char *text = malloc(SIZE);
	assert_non_null(text);
	size_t len = one_line_json(text, SIZE, 2000);
	text[len - 1] = '\n';
	len += (size_t)snprintf(text + len, SIZE - len, ",\n\"x\": *y}");
	assert_string_equal(judged((struct slice) { text, len }), "f:3: aliases (*name) are not read here: write the value out");
	free(text);
}

static void yaml_in_flow_style_is_never_broken(void **state)
{
	(void)state;
	enum { SIZE = 20000 };
	char *text = malloc(SIZE), *out = malloc(2 * SIZE);
	assert_true(text != NULL && out != NULL);
	static const char *const starts[] = { "{a: x\"y, b: \"", "{'a': \"", "{e:\"x, b: \"", "{# it's \"a, comment\n a: \"" };
	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
		size_t len = (size_t)snprintf(text, SIZE, "%s", starts[i]);
		for (; len < SIZE - 10; len++)
			text[len] = len % 2 == 0 ? ',' : 'z';
		len += (size_t)snprintf(text + len, SIZE - len, "\"}");
		assert_int_equal(passed(text, len, 4096, out, 2 * SIZE), len);
		assert_memory_equal(out, text, len);
	}
	free(text);
	free(out);
}

static void values_become_json_by_the_core_schema(void **state)
{
	(void)state;
	struct document *document = opened("{a: null, b: true, c: 12, d: -1.5, e: 012, f: '12', g: \"x\\ny\", h: [1, {i: []}], j: 1e3, k: 99999999999999999999}");
	json_t *value;
	assert_int_equal(document_json(document, "x", 4096, &value), RESULT_OK);
	char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);
	assert_string_equal(text, "{\"a\":null,\"b\":true,\"c\":12,\"d\":-1.5,\"e\":\"012\",\"f\":\"12\",\"g\":\"x\\ny\",\"h\":[1,{\"i\":[]}],\"j\":\"1e3\","
	                          "\"k\":\"99999999999999999999\"}");
	free(text);
	json_decref(value);
	assert_int_equal(document_finish(document), RESULT_OK);
	document_close(document);
}

static void doubled_keys_and_too_much_json_are_refused(void **state)
{
	(void)state;
	json_t *value;
	struct document *document = opened("{a: 1,\n a: 2}");
	assert_int_equal(document_json(document, "jwks", 4096, &value), RESULT_INVALID);
	assert_string_equal(document_problem(document)->text, "f:2: a stands twice in jwks");
	document_close(document);
	document = opened("[[], [], [], [], [], []]");
	assert_int_equal(document_json(document, "jwks", 8, &value), RESULT_INVALID);
	assert_string_equal(document_problem(document)->text, "f:1: jwks is too large");
	document_close(document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mappings_lists_and_scalars_come_in_order_with_their_lines),
		cmocka_unit_test(a_quoted_null_is_a_text),
		cmocka_unit_test(a_value_of_another_kind_is_refused_with_its_line),
		cmocka_unit_test(aliases_anchors_and_tags_are_refused),
		cmocka_unit_test(a_second_document_is_refused),
		cmocka_unit_test(an_empty_document_is_refused),
		cmocka_unit_test(broken_yaml_names_its_line),
		cmocka_unit_test(nesting_is_bounded),
		cmocka_unit_test(scalars_and_lines_are_bounded),
		cmocka_unit_test(what_is_no_text_is_refused_and_never_taken_for_the_end),
		cmocka_unit_test(every_item_arrives_however_long_the_document_is),
		cmocka_unit_test(json_on_one_line_is_broken_after_structural_commas_only),
		cmocka_unit_test(characters_reach_the_parser_whole_whatever_the_pieces_are),
		cmocka_unit_test(lines_are_those_of_the_document_where_json_was_broken),
		cmocka_unit_test(yaml_in_flow_style_is_never_broken),
		cmocka_unit_test(values_become_json_by_the_core_schema),
		cmocka_unit_test(doubled_keys_and_too_much_json_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
