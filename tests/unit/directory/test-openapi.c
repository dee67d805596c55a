#include "directory/openapi/openapi.h"

#include "base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

/* What came of a document: an operation a line, "GET /a user:x y|client:", or the problem behind "! "; warnings behind "W ". */
struct outcome {
	char *text;
	size_t size;
	FILE *stream;
	struct arena *arena;
	struct api api;
	struct openapi_report report;
};

static const struct openapi_pair actors[] = {
	{ SLICE("asUser"), SLICE("user") },
	{ SLICE("forUser"), SLICE("user_on_behalf_of") },
	{ SLICE("asClient"), SLICE("client") },
};
static const struct openapi_pair values[] = { { SLICE("DOMAIN"), SLICE("api.example") }, { SLICE("PREFIX"), SLICE("https://p/") } };

static void note_warning(void *context, const char *sentence)
{
	fprintf(((struct outcome *)context)->stream, "W %s\n", sentence);
}

static void print_operations(struct outcome *outcome)
{
	for (size_t i = 0; i < outcome->api.operation_count; i++) {
		const struct api_operation *operation = &outcome->api.operations[i];
		fprintf(outcome->stream, "%.*s %.*s", SLICE_ARGS(operation->method), SLICE_ARGS(operation->path));
		for (size_t j = 0; j < operation->alternative_count; j++)
			fprintf(outcome->stream, "%c%s:%.*s", j == 0 ? ' ' : '|', api_actor_name(operation->alternatives[j].actor),
			        SLICE_ARGS(operation->alternatives[j].scopes));
		fputc('\n', outcome->stream);
	}
}

static struct outcome read_document(struct slice text)
{
	struct outcome outcome = { .arena = arena_new(4096, LIMIT_OPENAPI_MEMORY) };
	outcome.stream = open_memstream(&outcome.text, &outcome.size);
	struct document *document = document_open_memory(text, "f");
	struct openapi_warner warner = { note_warning, &outcome };
	struct openapi_options options = { values, 2, actors, 3, SLICE("https://p/") };
	struct openapi *openapi = NULL;
	assert_non_null(outcome.arena);
	assert_non_null(outcome.stream);
	assert_non_null(document);
	enum result result = openapi_parse(document, &warner, outcome.arena, &openapi);
	if (result == RESULT_OK)
		result = openapi_compile(document, openapi, &options, &outcome.api, &outcome.report);
	if (result == RESULT_OK)
		print_operations(&outcome);
	else
		fprintf(outcome.stream, "! %s\n", document_problem(document)->text);
	assert_true((result == RESULT_OK) == (document_problem(document)->text[0] == '\0'));
	document_close(document);
	fclose(outcome.stream);
	return outcome;
}

static void forget(struct outcome *outcome)
{
	arena_free(outcome->arena);
	free(outcome->text);
}

/* Both values are in use, so that no test has to expect the warnings of unused ones. */
#define HEAD "openapi: 3.0.3\ninfo: {title: '${DOMAIN} ${PREFIX}'}\n"

static void expect_whole(const char *document, const char *wanted)
{
	struct outcome outcome = read_document(slice_from(document));
	assert_string_equal(wanted, outcome.text);
	forget(&outcome);
}

#define expect_read(document, wanted) expect_whole(HEAD document, wanted)

/* Somewhere in what came of it. */
static void expect_said(const char *document, const char *said)
{
	struct outcome outcome = read_document(slice_from(document));
	if (strstr(outcome.text, said) == NULL)
		print_message("wanted: %s\ngot: %s\n", said, outcome.text);
	assert_non_null(strstr(outcome.text, said));
	forget(&outcome);
}

#define OPEN "security: [{asUser: []}]\n"

static void operations_are_sorted_and_have_the_base_path_of_their_servers(void **state)
{
	(void)state;
	expect_read(OPEN "servers: [{url: 'https://${DOMAIN}/kb/v4/'}]\npaths:\n  /b: {post: {}, get: {}}\n  /a/{id}: {delete: {}}\n",
	            "DELETE /kb/v4/a/{id} user:\nGET /kb/v4/b user:\nPOST /kb/v4/b user:\n");
	expect_read(OPEN "paths: {/b: {get: {}}}\n", "GET /b user:\n");
	expect_read(OPEN "servers: []\npaths: {/b: {get: {}}}\n", "GET /b user:\n");
	expect_read(OPEN "servers: [{url: /}]\npaths: {/b: {get: {}}}\n", "GET /b user:\n");
	expect_read(OPEN "servers: [{url: v1}]\npaths: {/b: {get: {}}}\n", "GET /v1/b user:\n");
	expect_read(OPEN "servers: [{url: ./v1/../v2}]\npaths: {/b: {get: {}}}\n", "GET /v2/b user:\n");
	expect_read(OPEN "servers: [{url: '//host/v1'}]\npaths: {/b: {get: {}}}\n", "GET /v1/b user:\n");
	expect_read(OPEN "servers: [{url: 'https://host'}]\npaths: {/b: {get: {}}}\n", "GET /b user:\n");
}

static void every_distinct_base_path_has_its_operations(void **state)
{
	(void)state;
	expect_read(OPEN "servers: [{url: 'https://a/v1'}, {url: 'https://b/v1/'}, {url: /v2}]\npaths: {/b: {get: {}}}\n",
	            "GET /v1/b user:\nGET /v2/b user:\n");
}

static void servers_of_a_path_and_of_an_operation_replace_those_around_them(void **state)
{
	(void)state;
	expect_read(OPEN "servers: [{url: /root}]\npaths:\n  /a:\n    get: {servers: [{url: /op}]}\n    put: {}\n    servers: [{url: /path}]\n"
	                 "  /b: {get: {}}\n",
	            "GET /op/a user:\nPUT /path/a user:\nGET /root/b user:\n");
}

static void variables_of_a_server_have_their_defaults(void **state)
{
	(void)state;
	expect_read(OPEN "servers: [{url: '{scheme}://{host}/{version}/x', variables: {scheme: {default: https}, host: {default: '${DOMAIN}'}, "
	                 "version: {enum: [v1, v2], default: v2}}}]\npaths: {/b: {get: {}}}\n", "GET /v2/x/b user:\n");
	expect_said(HEAD OPEN "servers: [{url: '/{version}', variables: {version: {}}}]\npaths: {/b: {get: {}}}\n",
	            "! f:4: {version} in the url of a server has no default");
	expect_said(HEAD OPEN "servers: [{url: '/{version'}]\npaths: {/b: {get: {}}}\n", "! f:4: the url of a server has a { without its }");
}

static void a_server_that_is_no_address_is_refused(void **state)
{
	(void)state;
	static const char *const urls[] = { "https://h/a?b", "https://h/a#b", "localhost:8080/a", "https://h/%2f", "/a\\\\b" };
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		char text[256];
		snprintf(text, sizeof text, HEAD OPEN "servers: [{url: \"%s\"}]\npaths: {}\n", urls[i]);
		expect_said(text, "! f:4: the ");
	}
	expect_said(HEAD "servers: [{description: x}]\npaths: {}\n", "! f:3: a server needs a url");
}

static void security_of_an_operation_replaces_that_of_the_document(void **state)
{
	(void)state;
	expect_read("security: [{asUser: [read]}, {asClient: []}]\npaths:\n  /a:\n    get: {}\n    put: {security: [{forUser: [x, 'y', x]}]}\n",
	            "GET /a user:read|client:\nPUT /a user_on_behalf_of:x y\n");
}

static void global_security_may_stand_behind_the_paths(void **state)
{
	(void)state;
	expect_read("paths: {/a: {get: {}}}\nservers: [{url: /v1}]\nsecurity: [{asUser: [read]}]\n", "GET /v1/a user:read\n");
}

static void without_security_an_operation_is_closed_with_a_warning(void **state)
{
	(void)state;
	expect_read("paths:\n  /a:\n    get: {}\n", "W f:5: GET /a is closed: it has no security, and the document has none\nGET /a\n");
	expect_read(OPEN "paths:\n  /a:\n    get: {security: []}\n", "W f:6: GET /a is closed: its security is empty\nGET /a\n");
	expect_read(OPEN "paths:\n  /a:\n    get: {security: {}}\n", "W f:6: GET /a is closed: its security is empty\nGET /a\n");
	expect_said(HEAD OPEN "paths:\n  /a:\n    get: {security: [{}]}\n", "GET /a is closed: none of its alternatives can match\nGET /a\n");
	expect_said(HEAD OPEN "paths:\n  /a:\n    get: {security: [{}, {asUser: [x]}]}\n",
	            "W f:6: the alternative {} would let everybody in: it is left out, nobody calls an API without a token\nGET /a user:x\n");
	expect_said(HEAD "paths:\n  /a:\n    get: {security: {asUser: []}}\n", "! f:5: security is a list: write a dash");
}

static void an_alternative_that_cannot_match_is_left_out_and_its_scheme_listed(void **state)
{
	(void)state;
	struct outcome outcome = read_document(slice_from(HEAD
		"paths:\n  /a:\n    get:\n      security:\n        - {bearer: [x]}\n        - {asUser: [], basic: []}\n        - {asUser: [], asClient: []}\n"
		"        - {forUser: [y]}\n    put:\n      security:\n        - bearer: []\n"));
	assert_non_null(strstr(outcome.text, "W f:7: the scheme bearer has no actor"));
	assert_non_null(strstr(outcome.text, "W f:8: the scheme basic has no actor"));
	assert_non_null(strstr(outcome.text, "W f:8: an alternative that joins 2 schemes never matches"));
	assert_non_null(strstr(outcome.text, "W f:9: an alternative that joins 2 schemes never matches"));
	assert_non_null(strstr(outcome.text, "GET /a user_on_behalf_of:y\nPUT /a\n"));
	assert_null(strstr(outcome.text, "W f:12: the scheme"));
	assert_int_equal(2, outcome.report.scheme_count);
	assert_true(slice_is(outcome.report.schemes_without_actor[0], "basic"));
	assert_true(slice_is(outcome.report.schemes_without_actor[1], "bearer"));
	assert_int_equal(1, outcome.report.alternatives);
	assert_int_equal(1, outcome.report.closed);
	forget(&outcome);
}

static void scopes_lose_the_partitions_prefix_and_are_reported_once(void **state)
{
	(void)state;
	struct outcome outcome = read_document(slice_from(HEAD
		"security:\n  - asUser: ['${PREFIX}read']\n  - asClient: ['${PREFIX}.default']\npaths:\n  /a:\n    get: {}\n"
		"    put: {security: [{asUser: [write, openid]}, {asUser: [read]}]}\n"));
	assert_string_equal("GET /a user:read|client:.default\nPUT /a user:write openid|user:read\n", outcome.text);
	assert_int_equal(2, outcome.report.scope_count);
	assert_true(slice_is(outcome.report.scopes[0], "read"));
	assert_int_equal(4, outcome.report.scope_lines[0]);
	assert_true(slice_is(outcome.report.scopes[1], "write"));
	assert_int_equal(9, outcome.report.scope_lines[1]);
	assert_int_equal(8, outcome.report.operation_lines[0]);
	forget(&outcome);
	expect_said(HEAD "paths: {/a: {get: {security: [{asUser: ['a b']}]}}}\n", "! f:3: the scope 'a b': a scope is printable ASCII");
	expect_said(HEAD "paths: {/a: {get: {security: [{asUser: ['https://p/']}]}}}\n", "! f:3: the scope '': ");
}

static void placeholders_without_a_value_are_refused_in_servers_and_scopes_alone(void **state)
{
	(void)state;
	expect_said(HEAD "servers: [{url: 'https://${HOST}/'}]\npaths: {}\n", "! f:3: ${HOST} in the servers has no value");
	expect_said(HEAD "paths: {/a: {get: {security: [{asUser: ['${P}x']}]}}}\n", "! f:3: ${P} in a scope has no value");
	expect_said(HEAD "paths: {/a: {get: {security: [{nobody: ['${P}x']}]}}}\n", "! f:3: ${P} in a scope has no value");
	expect_said(HEAD "paths: {/a: {get: {security: [{asUser: ['${P}x'], asClient: [y]}]}}}\n", "! f:3: ${P} in a scope has no value");
	expect_said(HEAD "paths: {/a: {get: {security: [{asUser: [x], asClient: [y, '${P}x']}]}}}\n", "! f:3: ${P} in a scope has no value");
	expect_said(HEAD "security:\n  - asUser: ['${P}x']\npaths: {/a: {get: {security: []}}}\n", "! f:4: ${P} in a scope has no value");
	expect_said(HEAD OPEN "paths: {}\ncomponents: {pathItems: {i: {get: {security: [{nobody: ['${P}x']}]}}}}\n", "! f:5: ${P} in a scope has no value");
	expect_read(OPEN "paths: {'/${V}/a/{id}': {get: {}}}\n",
	            "W f:4: ${V} in a path has no value, so its calls are closed: write it into the values of the API\nGET /$%7BV%7D/a/{id} user:\n");
	expect_read(OPEN "paths: {'/${DOMAIN}/a': {get: {}}}\n", "GET /api.example/a user:\n");
	expect_read(OPEN "paths:\n  /a: {get: {summary: 'x ${A} ${B}', description: '${A} ${C} $ {D} ${} ${E'}}\n",
	            "W f:5: ${A} has no value, which makes no difference to who may call\n"
	            "W f:5: ${C} has no value, which makes no difference to who may call\n"
	            "W f:5: ${B} has no value, which makes no difference to who may call\nGET /a user:\n");
	expect_said("openapi: 3.1.0\npaths: {}\n", "W f:1: the value DOMAIN is not asked for");
}

static void a_placeholder_of_a_path_is_warned_of_once_however_many_servers_and_operations_there_are(void **state)
{
	(void)state;
	expect_read(OPEN "servers: [{url: /one}, {url: /two}]\npaths:\n  '/${V}/${W}/${V}': {get: {}, put: {}}\n  '/a/${V}': {get: {}}\n",
	            "W f:6: ${V} in a path has no value, so its calls are closed: write it into the values of the API\n"
	            "W f:6: ${W} in a path has no value, so its calls are closed: write it into the values of the API\n"
	            "W f:7: ${V} in a path has no value, so its calls are closed: write it into the values of the API\n"
	            "GET /one/$%7BV%7D/$%7BW%7D/$%7BV%7D user:\nPUT /one/$%7BV%7D/$%7BW%7D/$%7BV%7D user:\nGET /one/a/$%7BV%7D user:\n"
	            "GET /two/$%7BV%7D/$%7BW%7D/$%7BV%7D user:\nPUT /two/$%7BV%7D/$%7BW%7D/$%7BV%7D user:\nGET /two/a/$%7BV%7D user:\n");
}

static void two_operations_of_one_shape_are_refused_with_both_lines(void **state)
{
	(void)state;
	expect_said(HEAD OPEN "paths:\n  /a/{x}:\n    get: {}\n  /a/{y}:\n    get: {}\n",
	            "! f:8: GET /a/{y} is the same call as the operation at line 6");
	expect_said(HEAD OPEN "paths:\n  /a:\n    get: {}\n  /a/:\n    get: {}\n", "! f:8: GET /a is the same call as the operation at line 6");
	expect_read(OPEN "paths:\n  /a/{x}:\n    get: {}\n  /a/{y}:\n    put: {}\n", "GET /a/{x} user:\nPUT /a/{y} user:\n");
}

static void doubled_keys_are_refused(void **state)
{
	(void)state;
	expect_said(HEAD "paths:\n  /a: {get: {}}\n  /a: {put: {}}\n", "! f:5: the path /a stands at line 4 already");
	expect_said(HEAD "paths:\n  /a: {get: {}, get: {}}\n", "! f:4: get stands twice in a path");
	expect_said(HEAD "paths: {/a: {get: {security: [], security: []}}}\n", "security stands twice in an operation");
	expect_said(HEAD "paths: {}\npaths: {}\n", "! f:4: paths stands twice");
	expect_said(HEAD "security: [{a: [], a: []}]\npaths: {}\n", "a scheme stands twice");
	expect_said(HEAD "components: {pathItems: {a: {}, a: {}}}\npaths: {}\n", "the path item a stands at line 3 already");
	expect_said(HEAD "paths: {/a: {<<: {get: {}}}}\n", "merge keys (<<) are not read here");
	expect_said(HEAD "security: [{<<: {a: []}}]\npaths: {}\n", "merge keys (<<) are not read here");
}

static void path_items_are_followed_within_the_document(void **state)
{
	(void)state;
	expect_read(OPEN "paths:\n  /a: {$ref: '#/components/pathItems/it~1em'}\n  /b: {$ref: '#/paths/~1c~1%7Bid%7D', put: {}}\n"
	                 "  /c/{id}: {get: {}}\n"
	                 "components: {pathItems: {it/em: {get: {security: [{asClient: []}]}, $ref: '#/components/pathItems/other'}, other: {post: {}}}}\n",
	            "GET /a client:\nPOST /a user:\nGET /b user:\nPUT /b user:\nGET /c/{id} user:\n");
	static const char *const bad[] = { "other.yaml#/x", "#/components/pathItems/none", "#/paths/a", "#/paths/~1a~2", "#/paths/~1a", "#/paths/%zz" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char text[256];
		snprintf(text, sizeof text, HEAD OPEN "paths:\n  /a: {$ref: '%s'}\n", bad[i]);
		expect_said(text, "! f:5: the $ref of a path leads to another path of this document");
	}
}

static void what_is_no_openapi_3_is_refused_with_what_to_do(void **state)
{
	(void)state;
	expect_said("swagger: '2.0'\npaths: {}\n", "! f:1: this is a Swagger 2.0 document: convert it");
	expect_said("openapi: 2.0.0\npaths: {}\n", "! f:1: OpenAPI '2.0.0' is not read");
	expect_said("openapi: 3.2.0\npaths: {}\n", "! f:1: OpenAPI '3.2.0' is not read");
	expect_said("paths: {}\n", "! f:1: this is no OpenAPI document");
	expect_said("", "! f:1: the document is empty");
	expect_said("[]", "! f:1: the OpenAPI document is a mapping");
	expect_said(HEAD "paths: []\n", "! f:3: paths is a mapping");
	expect_said(HEAD "paths: {a: {}}\n", "! f:3: a path begins with a slash: write '/a'");
	expect_said(HEAD "paths: {'/a{': {get: {}}}\n", "! f:3: the path /a{ has something in it that no call can have");
	expect_said(HEAD "paths: {'/a?b=c': {get: {}}}\n", "! f:3: the path /a?b=c has something in it that no call can have");
	expect_said(HEAD "paths: {}\n---\nopenapi: 3.1.0\n", "! f:4: a second document starts here");
}

static void a_path_that_no_call_can_have_is_refused(void **state)
{
	(void)state;
	static const char *const paths[] = { "/a{", "/a}", "/{}", "/{a/b}", "/a?b=c", "/a#b", "/a/%2f", "/a\\\\b", "/a/..;/b", "/a/%" };
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		char text[256];
		snprintf(text, sizeof text, HEAD "paths: {\"%s\": {get: {}}}\n", paths[i]);
		expect_said(text, "! f:3: the path /");
	}
	expect_said(HEAD "paths: {/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t/u/v/w/x/y/z/a/b/c/d/e/f/g: {get: {}}}\n",
	            "! f:3: the path has more than 32 segments");
	expect_read(OPEN "paths: {'/a/{b}.json/{c}{d}/ü': {get: {}}}\n", "GET /a/{b}.json/{c}{d}/%C3%BC user:\n");
}

/* A scope list that is commented out must not open the operation to everybody whom the scheme stands for. */
static void a_scheme_with_nothing_behind_it_is_refused_with_its_line(void **state)
{
	(void)state;
	static const char *const nothing[] = { "", " ~", " null", " x", " ''", " *n" };
	for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) {
		char text[512];
		snprintf(text, sizeof text, HEAD "x-n: &n\npaths:\n  /a:\n    get:\n      security:\n        - asUser:%s\n          # - read\n    put: {}\n",
		         nothing[i]);
		expect_said(text, "! f:8: the scopes of a security scheme are a list: write [] behind it if its actor alone suffices\n");
	}
	expect_said(HEAD "security: [{asUser: }]\npaths: {/a: {get: {}}}\n", "! f:3: the scopes of a security scheme are a list");
	expect_said(HEAD "security: [{asUser: [x], nobody: null}]\npaths: {/a: {get: {}}}\n", "! f:3: the scopes of a security scheme are a list");
	expect_said("{\"openapi\":\"3.0.0\",\n\"security\":[{\"asUser\":null}]}", "! f:2: the scopes of a security scheme are a list");
	expect_said(HEAD "security: [{asUser: {read: x}}]\npaths: {}\n", "! f:3: the scopes of a security scheme is a list");
	expect_read("security: [{asUser: []}]\npaths: {/a: {get: {}}}\n", "GET /a user:\n");
}

/* What cannot be read must not be left to a template of another path, by whose rule it could be open. */
static void what_may_be_a_method_is_refused_with_its_line_and_the_right_spelling(void **state)
{
	(void)state;
	static const char *const names[] = { "GET", "Get", "POST", "pUT", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE" };
	static const char *const right[] = { "get", "get", "post", "put", "delete", "options", "head", "patch", "trace" };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char text[512], said[128];
		snprintf(text, sizeof text, HEAD OPEN "paths:\n  /{id}: {get: {}}\n  /a:\n    parameters: []\n    %s:\n", names[i]);
		snprintf(said, sizeof said, "! f:8: methods are written in lower case: write %s in place of '%s'\n", right[i], names[i]);
		expect_said(text, said);
	}
	expect_said(HEAD OPEN "paths:\n  /a:\n    query: {}\n", "! f:6: the method 'query' is one of OpenAPI 3.2, which is not read");
	expect_said(HEAD OPEN "paths:\n  /a:\n    QUERY:\n", "! f:6: the method 'QUERY' is one of OpenAPI 3.2");
	static const char *const others[] = { "gett", "connect", "additionalOperations", "copy" };
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		char text[512], said[128];
		snprintf(text, sizeof text, HEAD OPEN "x-o: &o {}\npaths:\n  /a:\n    get: {}\n    %s: %s\n", others[i], i % 2 == 0 ? "{COPY: {}}" : "*o");
		snprintf(said, sizeof said, "! f:8: a path has no '%s', which looks like an operation: methods are get, put, ", others[i]);
		expect_said(text, said);
	}
	expect_said(HEAD OPEN "paths: {/b: {$ref: '#/components/pathItems/i'}}\ncomponents:\n  pathItems:\n    i:\n      GET: {}\n",
	            "! f:8: methods are written in lower case: write get");
}

static void extensions_and_webhooks_are_skipped_and_unknown_keys_warned_of(void **state)
{
	(void)state;
	expect_read(OPEN "webhooks: {new: {post: {}}}\nx-a: {paths: {/b: {get: {}}}}\npaths:\n  x-b: {get: {}}\n  /a:\n    x-c: 1\n    parameters: []\n"
	                 "    tags: [a]\n    responses: {'200': {}}\n    get: {callbacks: {x: {y: {post: {}}}}}\n",
	            "W f:11: a path has no 'tags': it is left out\nW f:12: a path has no 'responses': it is left out\nGET /a user:\n");
}

static void json_is_read_too(void **state)
{
	(void)state;
	expect_said("{\"components\":{\"schemas\":{}},\"openapi\":\"3.1.0\",\"paths\":{\"/a/{id}\":{\"trace\":{\"security\":[{\"asUser\":[\"x\"]}]},"
	            "\"options\":{},\"head\":{}}},\"security\":[{\"asClient\":[]}],\"servers\":[{\"url\":\"https://h/v1\"}]}",
	            "HEAD /v1/a/{id} client:\nOPTIONS /v1/a/{id} client:\nTRACE /v1/a/{id} user:x\n");
}

static void an_alias_is_what_it_stands_for_where_it_matters(void **state)
{
	(void)state;
	expect_read("x-common:\n  security: &sec\n    - asUser: &scopes [read, &w write]\n    - asClient: *scopes\n  item: &item\n"
	            "    get: {security: *sec}\n"
	            "paths:\n  /a: *item\n  /b:\n    put:\n      security: *sec\n  /c:\n    put: &put\n      security:\n        - forUser: [*w]\n"
	            "    post: *put\n",
	            "GET /a user:read write|client:read write\nPUT /b user:read write|client:read write\nPOST /c user_on_behalf_of:write\n"
	            "PUT /c user_on_behalf_of:write\n");
	/* the latest of a name counts */
	expect_read("x-a: [&s [{asUser: []}], &s [{asClient: []}]]\npaths: {/a: {get: {security: *s}}}\n", "GET /a client:\n");
}

static void an_alias_that_cannot_be_kept_is_refused_only_where_it_matters(void **state)
{
	(void)state;
	expect_read(OPEN "x-a: [*nothing, &x [*x]]\npaths: {/a: {get: {x-b: *nothing}}}\n", "GET /a user:\n");
	expect_said(HEAD "paths: {/a: {get: {security: *nothing}}}\n", "! f:3: the alias *nothing cannot be read: there is no anchor of that name");
	expect_said(HEAD "x-a: &x [*x]\npaths: {/a: {get: {security: *x}}}\n", "it stands inside of what it names");
	expect_said(HEAD "paths: &p {/a: {get: {security: *p}}}\n", "it stands inside of what it names");
	expect_said(HEAD "paths: {/a: {get: {security: !!seq []}}}\n", "! f:3: tags (!name) are not read here");
	expect_read(OPEN "x-a: !!map {}\npaths: {/a: {get: {x-a: !a b}}}\n", "GET /a user:\n");
}

/* Ten times ten times ten …: nothing of it is written out unless it is read. */
static void billion_laughs_cost_nothing_where_they_are_skipped_and_are_refused_where_they_are_read(void **state)
{
	(void)state;
	char text[4096];
	size_t len = (size_t)snprintf(text, sizeof text, HEAD OPEN "x-l0: &l0 [{asUser: [a]}]\n");
	for (int i = 1; i < 30; i++) {
		len += (size_t)snprintf(text + len, sizeof text - len, "x-l%d: &l%d [", i, i);
		for (int j = 0; j < 10; j++)
			len += (size_t)snprintf(text + len, sizeof text - len, "%s*l%d", j == 0 ? "" : ",", i - 1);
		len += (size_t)snprintf(text + len, sizeof text - len, "]\n");
	}
	char whole[5000];
	snprintf(whole, sizeof whole, "%sx-all: *l29\npaths: {/a: {get: {}}}\n", text);
	expect_whole(whole, "GET /a user:\n");
	snprintf(whole, sizeof whole, "%spaths: {/a: {get: {security: *l29}}}\n", text);
	expect_said(whole, "! f:");
}

/* A long document that is written bit by bit. */
struct long_document {
	FILE *stream;
	char *text;
	size_t size;
};

static FILE *long_begin(struct long_document *document)
{
	document->stream = open_memstream(&document->text, &document->size);
	assert_non_null(document->stream);
	return document->stream;
}

static void long_expect(struct long_document *document, const char *said)
{
	assert_int_equal(0, fclose(document->stream));
	expect_said(document->text, said);
	free(document->text);
}

static void what_is_anchored_is_bounded(void **state)
{
	(void)state;
	for (int want_big = 0; want_big < 2; want_big++) {
		struct long_document document;
		FILE *out = long_begin(&document);
		fputs(HEAD OPEN "x-a: &big\n", out);
		for (int i = 0; i < 40000; i++)
			fputs("  - a value of some length\n", out);
		fprintf(out, "  - &small [{asUser: [s]}]\npaths: {/a: {get: {security: *%s}}}\n", want_big ? "big" : "small");
		long_expect(&document, want_big ? "the alias *big cannot be read: what it stands for is too large to be kept" : "GET /a user:s\n");
	}
}

/* The latest of a name counts: where it may not have been remembered, an older one must not stand in for it. */
static void behind_more_anchors_than_are_remembered_an_alias_is_refused_where_it_matters(void **state)
{
	(void)state;
	for (int more = 0; more < 3; more++) {
		struct long_document document;
		FILE *out = long_begin(&document);
		fputs(HEAD "x-a:\n  - &s [{asUser: []}]\n  - &k {x-s: *s, get: {security: *s}}\n", out);
		for (int i = 2; i < LIMIT_ANCHORS - 1; i++)
			fprintf(out, "  - &a%d 1\n", i);
		for (int i = 0; i < more; i++)
			fputs("  - &s [{asUser: [strict]}]\n", out);
		fputs("paths:\n  /a: {get: {security: *s, x-s: *s}}\n", out);
		long_expect(&document, more == 0   ? "GET /a user:\n"
		                       : more == 1 ? "GET /a user:strict\n"
		                                   : "the alias *s cannot be read: too many anchors stand in front of it to know which of them is meant");
	}
	struct long_document document;
	FILE *out = long_begin(&document);
	fputs(HEAD OPEN "x-a:\n  - &s [{asUser: [strict]}]\n", out);
	for (int i = 0; i < LIMIT_ANCHORS; i++)
		fprintf(out, "  - &a%d 1\n", i);
	fputs("paths:\n  /a: {get: {x-s: *s}}\n", out);
	long_expect(&document, "GET /a user:\n");
}

static void what_aliases_repeat_is_bounded(void **state)
{
	(void)state;
	struct long_document document;
	FILE *out = long_begin(&document);
	fputs(HEAD OPEN "x-a: &item\n  get: {}\n  description: [", out);
	for (int i = 0; i < 2000; i++)
		fputs("a,\n    ", out);
	fputs("]\npaths:\n", out);
	for (int i = 0; i < 3000; i++)
		fprintf(out, "  /p%d: *item\n", i);
	long_expect(&document, "cannot be read: aliases repeat too much of the document");
}

static void depth_alternatives_and_aliases_are_bounded(void **state)
{
	(void)state;
	struct long_document document;
	FILE *out = long_begin(&document);
	fputs(HEAD "x-a: ", out);
	for (int i = 0; i < 70; i++)
		fputc('[', out);
	long_expect(&document, "lists and mappings stand in each other more than 64 deep");
	out = long_begin(&document);
	fputs(HEAD "security: [", out);
	for (int i = 0; i <= LIMIT_API_ALTERNATIVES; i++)
		fprintf(out, "{asUser: [s%d]},", i);
	fputs("]\npaths: {}\n", out);
	long_expect(&document, "security has more than 64 alternatives");
	out = long_begin(&document);
	fputs(HEAD "x-b: &b c\nx-a: [", out);
	for (int i = 0; i <= LIMIT_DOCUMENT_ALIASES; i++)
		fprintf(out, "*b ,%s", i % 100 == 0 ? "\n  " : "");
	fputs("]\npaths: {}\n", out);
	long_expect(&document, "more than 100000 aliases");
}

static void text_for_people_is_bounded_and_on_one_line(void **state)
{
	(void)state;
	char text[4096];
	int len = snprintf(text, sizeof text, HEAD OPEN "paths: {/a: {get: {operationId: \"a\\nb\", summary: \"");
	memset(text + len, 'x', 255);
	snprintf(text + len + 255, sizeof text - 255 - (size_t)len, "\xc3\xa9 and more\"}}}\n");
	struct outcome outcome = read_document(slice_from(text));
	assert_int_equal(1, outcome.api.operation_count);
	assert_true(slice_is(outcome.api.operations[0].operation_id, "a b"));
	assert_int_equal(255, outcome.api.operations[0].summary.len);
	forget(&outcome);
}

static void warnings_of_one_kind_are_told_up_to_a_limit(void **state)
{
	(void)state;
	char text[8192];
	size_t len = (size_t)snprintf(text, sizeof text, HEAD "paths:\n");
	for (int i = 0; i < 100; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "  /p%d: {get: {}}\n", i);
	struct outcome outcome = read_document(slice_from(text));
	size_t told = 0;
	for (const char *at = outcome.text; (at = strstr(at, "W f:")) != NULL; at++)
		told++;
	assert_int_equal(LIMIT_OPENAPI_WARNINGS + 1, told);
	assert_non_null(strstr(outcome.text, "more like the last ones follow"));
	assert_int_equal(100, outcome.report.closed);
	forget(&outcome);
}

static void the_digest_is_of_all_that_matters_and_of_nothing_else(void **state)
{
	(void)state;
	static const char *const same[] = {
		HEAD OPEN "servers: [{url: /v1}]\npaths: {/a: {get: {summary: s}}, /b: {get: {}}}\n",
		HEAD "paths: {/b: {get: {}}, /a: {get: {summary: s}}}\ntags: []\nservers: [{url: 'https://x/v1/'}]\n" OPEN,
	};
	static const char *const others[] = {
		HEAD OPEN "servers: [{url: /v2}]\npaths: {/a: {get: {summary: s}}, /b: {get: {}}}\n",
		HEAD OPEN "servers: [{url: /v1}]\npaths: {/a: {get: {summary: t}}, /b: {get: {}}}\n",
		HEAD OPEN "servers: [{url: /v1}]\npaths: {/a: {put: {summary: s}}, /b: {get: {}}}\n",
		HEAD "security: [{asClient: []}]\nservers: [{url: /v1}]\npaths: {/a: {get: {summary: s}}, /b: {get: {}}}\n",
		HEAD "security: [{asUser: [x]}]\nservers: [{url: /v1}]\npaths: {/a: {get: {summary: s}}, /b: {get: {}}}\n",
		HEAD OPEN "servers: [{url: /v1}]\npaths: {/a: {get: {operationId: s}}, /b: {get: {}}}\n",
	};
	struct outcome first = read_document(slice_from(same[0])), second = read_document(slice_from(same[1]));
	assert_true(hash32_equal(&first.api.digest, &second.api.digest));
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		struct outcome other = read_document(slice_from(others[i]));
		assert_int_equal(2, other.api.operation_count);
		assert_false(hash32_equal(&first.api.digest, &other.api.digest));
		forget(&other);
	}
	forget(&first);
	forget(&second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operations_are_sorted_and_have_the_base_path_of_their_servers),
		cmocka_unit_test(every_distinct_base_path_has_its_operations),
		cmocka_unit_test(servers_of_a_path_and_of_an_operation_replace_those_around_them),
		cmocka_unit_test(variables_of_a_server_have_their_defaults),
		cmocka_unit_test(a_server_that_is_no_address_is_refused),
		cmocka_unit_test(security_of_an_operation_replaces_that_of_the_document),
		cmocka_unit_test(global_security_may_stand_behind_the_paths),
		cmocka_unit_test(without_security_an_operation_is_closed_with_a_warning),
		cmocka_unit_test(an_alternative_that_cannot_match_is_left_out_and_its_scheme_listed),
		cmocka_unit_test(scopes_lose_the_partitions_prefix_and_are_reported_once),
		cmocka_unit_test(placeholders_without_a_value_are_refused_in_servers_and_scopes_alone),
		cmocka_unit_test(a_placeholder_of_a_path_is_warned_of_once_however_many_servers_and_operations_there_are),
		cmocka_unit_test(two_operations_of_one_shape_are_refused_with_both_lines),
		cmocka_unit_test(doubled_keys_are_refused),
		cmocka_unit_test(path_items_are_followed_within_the_document),
		cmocka_unit_test(what_is_no_openapi_3_is_refused_with_what_to_do),
		cmocka_unit_test(a_path_that_no_call_can_have_is_refused),
		cmocka_unit_test(a_scheme_with_nothing_behind_it_is_refused_with_its_line),
		cmocka_unit_test(what_may_be_a_method_is_refused_with_its_line_and_the_right_spelling),
		cmocka_unit_test(extensions_and_webhooks_are_skipped_and_unknown_keys_warned_of),
		cmocka_unit_test(json_is_read_too),
		cmocka_unit_test(an_alias_is_what_it_stands_for_where_it_matters),
		cmocka_unit_test(an_alias_that_cannot_be_kept_is_refused_only_where_it_matters),
		cmocka_unit_test(billion_laughs_cost_nothing_where_they_are_skipped_and_are_refused_where_they_are_read),
		cmocka_unit_test(what_is_anchored_is_bounded),
		cmocka_unit_test(behind_more_anchors_than_are_remembered_an_alias_is_refused_where_it_matters),
		cmocka_unit_test(what_aliases_repeat_is_bounded),
		cmocka_unit_test(depth_alternatives_and_aliases_are_bounded),
		cmocka_unit_test(text_for_people_is_bounded_and_on_one_line),
		cmocka_unit_test(warnings_of_one_kind_are_told_up_to_a_limit),
		cmocka_unit_test(the_digest_is_of_all_that_matters_and_of_nothing_else),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
