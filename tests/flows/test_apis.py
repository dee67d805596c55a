"""APIs in the apply document (contract §5, §9): OpenAPI documents in, a report, the same back; `writ api` explains them."""

import json
import os
import time

import pytest
import yaml

from support import documents as d
from support import real_document
from support.oauth import client_credentials, granted, on_behalf_of
from support.openapi_reference import Reference
from support.program import run, write_document

ACTORS = {"asUser": "user", "forUser": "user_on_behalf_of", "asCustomer": "customer", "asClient": "client", "anybody": "anonymous_customer"}
MIB = 1024 * 1024


def openapi(paths=None, **more):
	return {"openapi": "3.1.0", "info": {"title": "An API", "version": "1"}, "security": [{"asUser": [d.READ]}], "paths": paths or {"/a": {"get": {}}}, **more}


def an_api(document, name="kb", actors=ACTORS, **more):
	return {"name": name, "openapi": document, "actors": actors, **more}


def with_apis(*apis, partition="ACME"):
	return d.partial(partition, apis=list(apis))


def applied(store, *apis, options=()):
	"""The report of one apply, as JSON, and what was said beside it."""
	done = store.apply(with_apis(*apis), "--json", *options)
	return json.loads(done.stdout), done.stderr


def refused(store, *apis, options=()):
	"""What one apply was refused with; nothing was changed by it."""
	before = store.export_text("--hashes")
	done = store.apply(with_apis(*apis), *options, check=False)
	assert done.returncode == 1 and done.stdout == "", done.stdout
	assert store.export_text("--hashes") == before
	return done.stderr


def listed(store, partition="ACME"):
	"""{(method, path): {(actor, scopes)}} as the store has it."""
	apis = json.loads(run("api", "list", "--store", store.url, "--partition", partition, "--json").stdout)
	return {(one["method"], one["path"]): {(each["actor"], tuple(each["scopes"])) for each in one["alternatives"]} for api in apis for one in api["operations"]}


def test_an_openapi_document_becomes_operations_whether_inline_or_in_a_file_as_yaml_or_json(store):
	"""Contract §5, §9: openapi is relative to the apply document."""
	document = openapi({"/articles/{id}": {"get": {}, "delete": {"security": [{"forUser": [d.OBO_READ]}, {"asClient": []}]}}}, servers=[{"url": "https://x.example/kb/v1"}])
	wanted = {("GET", "/kb/v1/articles/{id}"): {("user", (d.READ,))}, ("DELETE", "/kb/v1/articles/{id}"): {("user_on_behalf_of", (d.OBO_READ,)), ("client", ())}}
	(store.folder / "sub").mkdir()
	(store.folder / "sub" / "kb.json").write_text(json.dumps(document))
	write_document(store.folder / "kb.yaml", document)
	digests = set()
	for source in (document, "kb.yaml", "sub/kb.json", str(store.folder / "kb.yaml")):
		report, _ = applied(store, an_api(source))
		assert report["apis"][0]["operations_read"] == 2 and report["apis"][0]["alternatives"] == 3
		assert listed(store) == wanted
		digests.add(report["changed"] + report["added"])
	assert digests == {1, 0}, "the same operations were taken for others"


def test_a_document_on_standard_input_names_files_from_the_working_directory(store, tmp_path):
	write_document(tmp_path / "kb.yaml", openapi())
	run("apply", "-f", "-", "--store", store.url, cwd=tmp_path, input=yaml.safe_dump(with_apis(an_api("kb.yaml"))))
	assert ("GET", "/a") in listed(store)


def test_applying_an_api_again_changes_nothing_and_another_one_says_what_differs(store):
	first = openapi({"/a": {"get": {}}, "/b": {"get": {}}, "/c": {"get": {}}})
	assert "+ API kb in ACME: operations: +3" in store.apply(with_apis(an_api(first))).stdout
	assert "API kb in ACME:" not in store.apply(with_apis(an_api(first))).stdout.replace("API kb in ACME: 3 operations read", "")
	second = openapi({"/a": {"get": {}}, "/b": {"get": {"security": []}}, "/d": {"get": {}, "put": {}}})
	assert "~ API kb in ACME: operations: +2 -1 ~1" in store.apply(with_apis(an_api(second))).stdout
	assert set(listed(store)) == {("GET", "/a"), ("GET", "/b"), ("GET", "/d"), ("PUT", "/d")}


def test_an_api_that_is_named_alone_stays_and_one_that_is_left_out_goes_with_prune(store):
	store.apply(with_apis(an_api(openapi()), an_api(openapi({"/other": {"get": {}}}), name="other")))
	pruned = store.apply({"partitions": [d.partition_of(d.directory()) | {"apis": [{"name": "kb"}]}]}, "--prune")
	assert "- API other in ACME" in pruned.stdout and "API kb" not in pruned.stdout
	assert set(listed(store)) == {("GET", "/a")}
	assert "an API needs openapi" in refused(store, {"name": "new"})
	assert "an API needs openapi" in refused(store, {"name": "kb", "actors": ACTORS})


def test_a_dry_run_says_the_same_and_changes_nothing(store):
	before = store.export_text()
	dry = store.apply(with_apis(an_api(openapi({"/a": {"get": {}, "put": {}}}))), "--dry-run")
	assert "+ API kb in ACME: operations: +2" in dry.stdout
	assert store.export_text() == before


def test_the_report_counts_operations_alternatives_and_what_stays_closed(store):
	"""Issue 5: operations read, alternatives each, schemes without an actor, with line numbers."""
	(store.folder / "kb.yaml").write_text("""openapi: 3.0.3
security:
  - asUser: [knowledge.portalmgr.read]
  - bearerAuth: []
paths:
  /a:
    get: {}
    put: {security: []}
    post:
      security:
        - asClient: []
          asUser: []
""")
	report, said = applied(store, an_api("kb.yaml"))
	api, = report["apis"]
	assert {name: api[name] for name in ("operations_read", "alternatives", "closed", "schemes_without_actor")} == {
		"operations_read": 3, "alternatives": 1, "closed": 2, "schemes_without_actor": ["bearerAuth"]}
	assert [(one["method"], one["line"], len(one["alternatives"])) for one in api["operations"]] == [("GET", 7, 1), ("POST", 9, 0), ("PUT", 8, 0)]
	file = store.folder / "kb.yaml"
	for line, words in ((4, "the scheme bearerAuth has no actor"), (8, "PUT /a is closed"), (9, "POST /a is closed"), (11, "joins 2 schemes")):
		assert f"{file}:{line}: " in said and words in said, said
	text = store.apply(with_apis(an_api("kb.yaml")), "--verbose").stdout
	assert "API kb in ACME: 3 operations read, 1 alternatives, 2 closed\n  schemes without an actor: bearerAuth\n" in text
	assert f"    GET /a, line 7: user ({d.READ})\n" in text and "    PUT /a, line 8: closed\n" in text


def test_scopes_that_are_no_permissions_are_reported_with_their_line_and_added_where_that_is_asked_for(store):
	"""Issue 5: added to the catalogue on --add-permissions; the kind by the name (contract §1)."""
	(store.folder / "kb.yaml").write_text(f"""openapi: 3.1.0
security:
  - asUser: [{d.READ}, brand.new]
  - forUser: [brand.onbehalfof.new]
  - asClient: [app.brand.new, .default, openid]
paths: {{/a: {{get: {{}}}}}}
""")
	report, _ = applied(store, an_api("kb.yaml"))
	unknown = [(one["scope"], one["line"], one["added"]) for one in report["unknown_scopes"]]
	assert unknown == [("app.brand.new", 5, False), ("brand.new", 3, False), ("brand.onbehalfof.new", 4, False)]
	assert f"{store.folder / 'kb.yaml'}:3: brand.new (API kb in ACME)" in store.apply(with_apis(an_api("kb.yaml"))).stdout
	assert "brand.new" not in [one["name"] for one in d.partition_of(store.export())["permissions"]]
	report, _ = applied(store, an_api("kb.yaml"), options=["--add-permissions"])
	assert [one["added"] for one in report["unknown_scopes"]] == [True] * 3 and report["added"] == 3
	names = {one["name"]: one.get("kind") for one in d.partition_of(store.export())["permissions"]}
	assert {"brand.new", "brand.onbehalfof.new", "app.brand.new"} <= set(names)
	report, _ = applied(store, an_api("kb.yaml"), options=["--add-permissions"])
	assert report["unknown_scopes"] == [] and report["added"] == report["changed"] == 0


def test_a_scope_that_the_document_itself_makes_a_permission_is_known_wherever_it_stands(store):
	partition = {"id": "NEW", "apis": [an_api(openapi({"/a": {"get": {"security": [{"asUser": ["late.read"]}]}}}))], "permissions": [{"name": "late.read"}]}
	report = json.loads(store.apply({"partitions": [partition]}, "--json").stdout)
	assert report["unknown_scopes"] == []


def test_pruning_spares_a_permission_that_an_api_asks_to_be_added(store):
	store.apply(d.partial("NEW", permissions=[{"name": "mine.read", "description": "Kept"}, {"name": "other.read"}]))
	partition = {"id": "NEW", "permissions": [], "apis": [an_api(openapi({"/a": {"get": {"security": [{"asUser": ["mine.read"]}]}}}))]}
	done = store.apply({"partitions": [d.partition_of(d.directory()), partition]}, "--prune", "--add-permissions")
	assert "- permission other.read in NEW" in done.stdout and "permission mine.read" not in done.stdout
	assert d.partition_of(store.export(), "NEW")["permissions"] == [{"name": "mine.read", "description": "Kept"}]


@pytest.mark.parametrize("order", ["in front", "behind", "already there"])
def test_the_permission_prefix_is_taken_off_scopes_wherever_it_stands(store, order):
	"""Contract §1: catalogue and decisions use names without the prefix."""
	prefix = "https://p.example/auth/"
	apis = {"apis": [an_api(openapi({"/a": {"get": {}}}, security=[{"asUser": [prefix + "x.read"]}, {"asClient": ["${PREFIX}.default"]}]), values={"PREFIX": prefix})]}
	head = {"permission_prefix": prefix}
	partition = {"id": "NEW", **(apis | head if order == "behind" else head | apis)}
	if order == "already there":
		store.apply({"partitions": [{"id": "NEW", **head}]})
		partition = {"id": "NEW", **apis}
	store.apply({"partitions": [partition]})
	assert listed(store, "NEW") == {("GET", "/a"): {("user", ("x.read",)), ("client", (".default",))}}


def test_a_call_belongs_to_one_api_of_a_partition_alone(store):
	"""One call can never be two operations, whichever API."""
	store.apply(with_apis(an_api(openapi({"/a/{x}": {"get": {}}}))))
	said = refused(store, an_api(openapi({"/a/{y}": {"get": {}}}), name="second"))
	assert "GET /a/{y} would be an operation of two APIs of partition ACME, second and kb" in said
	assert "two APIs" in refused(store, an_api(openapi({"/a/{y}": {"get": {}}}), name="second"), options=["--dry-run"])
	assert "two APIs" in refused(store, an_api(openapi({"/b": {"get": {}}}), name="one"), an_api(openapi({"/b": {"get": {}}}), name="two"))
	store.apply(with_apis(an_api(openapi({"/a/{y}": {"get": {}}}), name="second"), an_api(openapi({"/b": {"get": {}}}))))
	store.apply(with_apis(an_api(openapi({"/b": {"get": {}}})), partition="OTHER"))
	assert set(listed(store)) == {("GET", "/a/{y}"), ("GET", "/b")}
	assert set(listed(store, "OTHER")) == {("GET", "/b")}


def test_an_export_brings_every_api_back_as_it_was(store, empty_store):
	"""Contract §9: export prints the same document back."""
	odd = openapi({"/a/{id}.json": {"get": {"summary": "A \"quoted\" one: # & * \u2028 ü", "operationId": "get-a"}, "trace": {"security": []}},
	               "/ä b": {"put": {"security": [{"asUser": []}, {"asCustomer": ["a.read", "b.read"]}, {"anybody": ["a.read"]}]}}})
	store.apply(with_apis(an_api(odd), an_api(openapi({"/none": {}}), name="empty")))
	for form in ((), ("--json",)):
		text = run("export", "--store", store.url, "--hashes", *form).stdout
		report = json.loads(store.apply(text, "--json").stdout)
		assert report["changes"] == [], "what was exported is something else"
	empty_store.apply(text)
	assert listed(empty_store) == listed(store)
	assert run("export", "--store", empty_store.url, "--hashes", "--json").stdout == text


PREFIX = "https://p.example/"
ODD = {
	"a path like a placeholder": ({"/a/%24{x}/$%7By": {"get": {}}}, ("GET", "/a/${x}/$%7By"), {("user", (d.READ,))}),
	"a scope with the prefix twice": ({"/a": {"get": {"security": [{"asUser": [PREFIX + PREFIX + "x", PREFIX + "y", "z"]}]}}}, ("GET", "/a"), {("user", (PREFIX + "x", "y", "z"))}),
	"a scope like a placeholder": ({"/a": {"get": {"security": [{"asUser": ["a${OPEN}b}", "$x"]}]}}}, ("GET", "/a"), {("user", ("a${b}", "$x"))}),
	"texts like placeholders": ({"/a": {"get": {"summary": "${OPEN}X} ${OPEN} $", "operationId": "${A}"}}}, ("GET", "/a"), {("user", (d.READ,))}),
}


@pytest.mark.parametrize("what", ODD)
def test_what_reading_would_take_for_something_else_comes_back_from_an_export_as_it_was(store, empty_store, what):
	"""Contract §9: export prints the same document back, and that applies."""
	paths, operation, alternatives = ODD[what]
	api = an_api(openapi(paths), values={"OPEN": "${"})
	store.apply({"partitions": [{"id": "NEW", "permission_prefix": PREFIX, "apis": [api]}]})
	assert listed(store, "NEW") == {operation: alternatives}
	text = run("export", "--store", store.url, "--hashes").stdout
	again = store.apply(text, "--json")
	assert json.loads(again.stdout)["changes"] == [], "what was exported is something else"
	assert "has no value" not in again.stderr and "not asked for" not in again.stderr
	empty_store.apply(text)
	assert listed(empty_store, "NEW") == {operation: alternatives}
	assert run("export", "--store", empty_store.url, "--hashes").stdout == text


def test_a_backup_holds_the_apis(store, tmp_path):
	store.apply(with_apis(an_api(openapi())))
	run("backup", tmp_path / "copy.db", "--store", store.url)
	restored = f"sqlite:{tmp_path / 'restored.db'}"
	run("restore", tmp_path / "copy.db", "--store", restored)
	assert '"/a"' in run("api", "list", "--json", "--store", restored).stdout
	assert run("doctor", "--store", store.url, check=False).stdout.count("inconsistent") == 0


REFUSALS = {
	"a missing file": ("missing.yaml", "the OpenAPI document {folder}/missing.yaml cannot be read: No such file"),
	"a folder": (".", "is no regular file"),
	"a list": (["a"], "openapi"),
	"nothing": (None, "openapi is the name of a file, or the document itself"),
	"Swagger 2": ({"swagger": "2.0"}, "this is a Swagger 2.0 document: convert it to OpenAPI 3 first"),
	"a later version": ({"openapi": "4.0.0"}, "OpenAPI '4.0.0' is not read"),
	"no version": ({"paths": {}}, "this is no OpenAPI document"),
	"doubled names": (openapi({"/a/{x}": {"get": {}}, "/a/{y}": {"get": {}}}), "is the same call as the operation at line"),
	"an unfilled server": (openapi(servers=[{"url": "https://${HOST}/"}]), "${HOST} in the servers has no value"),
	"an unfilled scope": (openapi(security=[{"asUser": ["${P}read"]}]), "${P} in a scope has no value"),
	"an unfilled scope of schemes that are joined": (openapi(security=[{"asUser": ["${P}read"], "asClient": ["read"]}]), "${P} in a scope has no value"),
	"an unfilled scope that no operation uses": (openapi({"/a": {"get": {"security": []}}}, security=[{"asUser": ["${P}read"]}]), "${P} in a scope has no value"),
	"a scheme with nothing behind it": (openapi(security=[{"asUser": None}]), "the scopes of a security scheme are a list: write [] behind it if its actor alone suffices"),
	"a method in upper case": (openapi({"/a": {"GET": {}}, "/{id}": {"get": {}}}), "methods are written in lower case: write get in place of 'GET'"),
	"a method of OpenAPI 3.2": (openapi({"/a": {"query": {}}, "/{id}": {"get": {}}}), "the method 'query' is one of OpenAPI 3.2, which is not read"),
	"a method that is none": (openapi({"/a": {"gett": {}}, "/{id}": {"get": {}}}), "a path has no 'gett', which looks like an operation"),
	"a reference to elsewhere": (openapi({"/a": {"$ref": "other.yaml#/a"}}), "the $ref of a path leads to another path of this document"),
	"an anchor in the apply document": ("&x kb.yaml", "anchors (&name) are not read here"),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_what_is_no_api_is_refused_with_its_line_and_what_to_do(store, what):
	document, words = REFUSALS[what]
	if what.startswith("an anchor"):
		text = "partitions:\n  - id: ACME\n    apis:\n      - {name: kb, openapi: &x kb.yaml}\n"
		said = store.apply(text, check=False).stderr
	else:
		said = refused(store, an_api(document))
	assert words.replace("{folder}", str(store.folder)) in said, said
	assert ".yaml:" in said


def test_an_actor_that_is_none_is_refused_with_the_nearest_one(store):
	assert "there is no actor 'usr': did you mean 'user'?" in refused(store, an_api(openapi(), actors={"asUser": "usr"}))
	assert "there is no actor 'robot': it is user, customer, " in refused(store, an_api(openapi(), actors={"asUser": "robot"}))
	assert "a API has no 'actor'" in refused(store, {"name": "kb", "actor": {}}) or "did you mean 'actors'?" in refused(store, {"name": "kb", "actor": {}})


def test_a_placeholder_without_a_value_is_a_warning_where_nothing_depends_on_it(store):
	"""Contract §5: elsewhere a warning, once a name."""
	_, said = applied(store, an_api(openapi({"/a": {"get": {"summary": "${A} ${B}", "description": "${A}"}}}), values={"C": "1"}))
	assert said.count("${A} has no value") == 1 and said.count("${B} has no value") == 1
	assert "the value C is not asked for" in said


def test_a_fifo_in_place_of_a_document_is_refused_at_once(store):
	os.mkfifo(store.folder / "fifo")
	assert "is no regular file" in refused(store, an_api("fifo"))


HEAD = "openapi: 3.0.0\nsecurity: [{asUser: [a.read]}]\n"


def laughs(read):
	lines = ["x0: &l0 [{asUser: [a]}]"] + [f"x{i}: &l{i} [{','.join([f'*l{i - 1}'] * 10)}]" for i in range(1, 40)]
	return HEAD + "\n".join(lines) + ("\npaths: {/a: {get: {security: *l39}}}\n" if read else "\npaths: {/a: {get: {x: *l39}}}\n")


HOSTILE = {
	"aliases that are skipped": (lambda: laughs(False), None),
	"aliases that are read": (lambda: laughs(True), "kb.yaml:"),
	"a circle of aliases": (lambda: HEAD + "x: &x [*x]\npaths: {/a: {get: {security: *x}}}\n", "it stands inside of what it names"),
	"a million lists in each other": (lambda: HEAD + "x: " + "[" * 1000000, "more than 64 deep"),
	"a million mappings in each other as JSON": (lambda: '{"openapi":"3.0.0","x":' + '{"a":' * 1000000, "the line is longer than 1048576 bytes"),
	"a hundred thousand mappings in each other as JSON": (lambda: '{"openapi":"3.0.0","x":' + '{"a":' * 100000, "more than 64 deep"),
	"a million anchors": (lambda: HEAD + "x:\n" + "".join(f" - &a{i} 1\n" for i in range(500000)) + "paths: {/a: {get: {}}}\n", None),
	"a name that is anchored again behind too many others": (
		lambda: HEAD + "x:\n - &s [{asUser: []}]\n" + "".join(f" - &a{i} 1\n" for i in range(4095)) + " - &s [{asUser: [strict]}]\npaths: {/a: {get: {security: *s}}}\n",
		"too many anchors stand in front of it"),
	"very many keys": (lambda: HEAD + "x:\n" + "".join(f" k{i}: 1\n" for i in range(500000)) + "paths: {/a: {get: {}}}\n", None),
	"a long text": (lambda: HEAD + "x: |\n" + (" " + "y" * 1000 + "\n") * 12000 + "paths: {/a: {get: {}}}\n", None),
	"more than 16 MiB": (lambda: HEAD + "#" * 16 * MIB, "has more than 16 MiB"),
	"a global security that all of very many operations share": (
		lambda: "openapi: 3.0.0\nsecurity: [" + ",".join("{asUser: [%s]}" % ",".join(f"s{i}.{j}" + "x" * 80 for j in range(100)) for i in range(60)) + "]\npaths:\n" +
		"".join(f" /a{i}: {{get: {{}}}}\n" for i in range(20000)), "more than 128 MiB"),
	"no UTF-8": (lambda: HEAD.encode() + b"x: \xff\xfe\n", "a byte that is no text"),
	"NUL": (lambda: HEAD.encode() + b"x: a\0b\n", "a byte that is no text"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_document_costs_little(store, what):
	"""Attack A16: YAML aliases, deep nesting, size: bounded memory and time, nothing corrupted."""
	make, words = HOSTILE[what]
	document = make()
	(store.folder / "kb.yaml").write_bytes(document if isinstance(document, bytes) else document.encode())
	started = time.monotonic()
	if words is None:
		applied(store, an_api("kb.yaml"))
		assert set(listed(store)) == {("GET", "/a")}
	else:
		said = refused(store, an_api("kb.yaml"))
		assert words in said, said
	assert time.monotonic() - started < 90, "far longer than its size explains"


def test_the_real_document_is_read_whole(empty_store):
	"""Contract §5: 73 operations, six schemes; compared with a reading of its own."""
	empty_store.apply(d.partial("P", permissions=[], apis=[real_document.api()]))
	wanted = Reference(real_document.path().read_text(), real_document.ACTORS, real_document.VALUES).operations
	assert len(wanted) == 73
	found = listed(empty_store, "P")
	assert found == {(one.method, one.path): {(each.actor, each.scopes) for each in one.alternatives} for one in wanted}


def test_the_real_documents_report_names_what_is_missing(empty_store):
	report = json.loads(empty_store.apply(d.partial("P", apis=[real_document.api()]), "--json").stdout)
	api, = report["apis"]
	assert (api["operations_read"], api["closed"], api["schemes_without_actor"]) == (73, 0, [])
	names = [one["scope"] for one in report["unknown_scopes"]]
	assert names == sorted([d.READ, d.MANAGE, d.OBO_READ, d.OBO_MANAGE])
	text = real_document.path().read_text().splitlines()
	for one in report["unknown_scopes"]:
		assert one["scope"] in text[one["line"] - 1]


# ---- writ api ------------------------------------------------------------------------------------------------------

CATALOGUE = openapi({"/{first}/search": {"get": {}}, "/articles/{id}": {"get": {"operationId": "readArticle", "summary": "One article",
                    "security": [{"asUser": [d.READ]}, {"forUser": [d.OBO_READ]}, {"asClient": [".default"]}]}, "put": {"security": []}},
                    "/articles/search": {"post": {}}}, servers=[{"url": "/kb"}])


@pytest.fixture
def api_store(store):
	store.apply(with_apis(an_api(CATALOGUE)))
	return store


def explained(store, *arguments, **keywords):
	return json.loads(run("api", "explain", "--json", "--store", store.url, *arguments, **keywords).stdout)


def explained_in_words(store, *arguments, **keywords):
	return run("api", "explain", "--store", store.url, *arguments, **keywords).stdout


def test_list_shows_each_api_and_with_operations_who_may_call_what(api_store):
	assert run("api", "list", "--store", api_store.url).stdout.split() == "ACME kb: 4 operations, 1 closed".split()
	text = run("api", "list", "--store", api_store.url, "--operations", "--partition", "ACME").stdout
	assert f"  GET     /kb/articles/{{id}}  user ({d.READ}), user_on_behalf_of ({d.OBO_READ}), client (.default)\n" in text
	assert "  PUT     /kb/articles/{id}  closed\n" in text
	assert "There are no APIs yet" in run("api", "list", "--store", api_store.url, "--partition", "OTHER").stdout
	assert run("api", "list", "--store", api_store.url, "--partition", "NOWHERE", check=False).returncode == 1


@pytest.mark.parametrize("method,url,operation", [("GET", "https://api.example.test/kb/articles/7?x=1#y", "/kb/articles/{id}"), ("get", "/kb//articles/./7/", "/kb/articles/{id}"),
	("HEAD", "/kb/articles/7", "/kb/articles/{id}"), ("GET", "/kb/other/search", "/kb/{first}/search"), ("POST", "/kb/articles/search", "/kb/articles/search"),
	("GET", "/kb/articles/search", None), ("DELETE", "/kb/articles/7", None), ("GET", "/kb", None), ("GET", "https://api.example.test", None)])
def test_explain_finds_the_operation_as_the_gateway_does(api_store, method, url, operation):
	found = explained(api_store, method, url)["operations"]
	assert [one["path"] for one in found] == ([operation] if operation else [])


def test_explain_says_who_may_call_and_which_flow_gives_such_a_token(api_store):
	text = explained_in_words(api_store, "GET", "/kb/articles/7")
	assert "GET /kb/articles/{id} of API kb in ACME (readArticle): One article\n" in text
	assert f"  user with {d.READ}: sign the user in (authorization code flow)\n" in text
	assert "  client with any application permission (.default): " in text and "client credentials" in text
	assert "nobody may call it" in explained_in_words(api_store, "PUT", "/kb/articles/7")
	assert "is not listed, and what is not listed is closed (403)" in explained_in_words(api_store, "GET", "/nowhere")
	assert "answers 400" in explained_in_words(api_store, "GET", "/kb/articles/%2f")
	assert run("api", "explain", "GET", "--store", api_store.url, check=False).returncode == 2
	assert run("api", check=False).returncode == 2


@pytest.fixture
def tokens(api_store, serve):
	"""Real tokens, of a server on the same store."""
	running = serve(api_store)
	return {
		"client": granted(client_credentials(running, d.WEB, d.APP_READ))["access_token"],
		"delegated": granted(client_credentials(running, d.WEB, d.READ))["access_token"],
		"for user": granted(on_behalf_of(running, d.WEB, d.OBO_READ, d.USER))["access_token"],
		"for user, other scope": granted(on_behalf_of(running, d.WEB, d.OBO_MANAGE, d.USER))["access_token"],
	}


def verdict(store, token, method="GET", url="/kb/articles/7"):
	result = explained(store, method, url, "--token", "-", input=token + "\n")
	return result, result["operations"][0]["allowed"], result["operations"][0]["why"]


def test_explain_says_why_a_token_may_or_may_not(api_store, tokens):
	assert verdict(api_store, tokens["client"])[1]
	assert verdict(api_store, tokens["for user"])[1]
	result, allowed, why = verdict(api_store, tokens["delegated"])
	assert result["token_good"] and not allowed and "a scope is missing" in why and ".default" in why
	_, allowed, why = verdict(api_store, tokens["for user, other scope"])
	assert not allowed and "a scope is missing" in why and d.OBO_READ in why
	_, allowed, why = verdict(api_store, tokens["for user"], "POST", "/kb/articles/search")
	assert not allowed and "which this operation does not take" in why and "sign the user in" in why
	_, allowed, why = verdict(api_store, tokens["client"], "PUT")
	assert not allowed and "closed to everybody" in why


def test_explain_says_which_checks_of_the_token_it_could_make(api_store, tokens):
	result, _, _ = verdict(api_store, tokens["for user"])
	checks = {one["check"]: one["result"] for one in result["token_checks"]}
	assert checks == {"signature": "good", "lifetime": "good", "revocation": "good", "client application": "good", "person": "good", "issuer and audience": "not checked"}
	text = explained_in_words(api_store, "GET", "/kb/articles/7", "--token", tokens["for user"])
	assert f"The token speaks for user_on_behalf_of 1001 of partition ACME, by the client application {d.WEB.id}, with scope '{d.OBO_READ}'\n" in text
	assert "May this token call it? yes: " in text


def test_explain_takes_no_bad_token_for_a_good_one(api_store, tokens):
	token = tokens["for user"]
	head, payload, signature = token.split(".")
	for bad in (f"{head}.{payload}.{'A' * len(signature)}", f"{head}.{payload[:-4]}AAAA.{signature}", "no-token", head, f"{head}.e30.{signature}"):
		result, allowed, why = verdict(api_store, bad)
		assert not result["token_good"] and not allowed and "401 invalid_token" in why
	api_store.apply(d.partial(users=[{"id": "1001", "enabled": False}]))
	result, allowed, _ = verdict(api_store, token)
	assert not allowed and {"check": "person", "result": "bad", "words": "the person is disabled"} in result["token_checks"]
	api_store.apply(d.partial(client_applications=[{"client_id": d.WEB.id, "enabled": False}]))
	assert not verdict(api_store, tokens["client"])[1]


def test_a_token_of_another_partition_may_call_nothing_here(api_store, serve):
	running = serve(api_store)
	token = granted(client_credentials(running, d.OTHER_WEB, d.APP_READ, partition="OTHER"))["access_token"]
	assert explained(api_store, "GET", "/kb/articles/7", "--token", token)["operations"] == []
	result = explained(api_store, "GET", "/kb/articles/7", "--token", token, "--partition", "ACME")
	assert not result["operations"][0]["allowed"] and "another partition" in result["operations"][0]["why"]
