"""`writ gateway`: what it prints of the APIs in the store, what it refuses to print, and that each proxy takes it."""

import json
import shutil
import subprocess

import pytest

from support import documents as d
from support.program import ROOT, Store, run
from support.proxies import KINDS, program_of

# How the configurations in examples/ are made, over a store with examples/demo.yaml.
EXAMPLES = {
	"nginx/apis.conf": ("nginx", "--listen", "0.0.0.0:80", "--api-url", "https://api.example.com", "--upstream", "http://127.0.0.1:3000"),
	"caddy/apis.caddy": ("caddy", "--listen", "0.0.0.0:80", "--api-url", "https://api.example.com", "--upstream", "http://127.0.0.1:3000"),
	"haproxy/haproxy.cfg": ("haproxy", "--listen", "0.0.0.0:80", "--upstream", "http://127.0.0.1:3000"),
	"envoy/envoy.yaml": ("envoy", "--listen", "0.0.0.0:80", "--upstream", "http://127.0.0.1:3000"),
}


def api(name, *operations, servers=("https://api.example.test/base/v1",)):
	"""An entry of apis: operations: "GET /path"."""
	paths = {}
	for operation in operations:
		method, path = operation.split(" ", 1)
		paths.setdefault(path, {})[method.lower()] = {"security": [{"u": [d.READ]}]}
	return {"name": name, "actors": {"u": "user"}, "openapi": {
		"openapi": "3.0.3", "info": {"title": name, "version": "1"}, "servers": [{"url": url} for url in servers], "paths": paths,
		"components": {"securitySchemes": {"u": {"type": "http", "scheme": "bearer"}}}}}


def store_with(folder, *apis, partition="ACME", store=None):
	store = store or Store(folder)
	store.apply(d.partial(partition, name=partition, permissions=[{"name": d.READ}], apis=list(apis)))
	return store


@pytest.fixture(scope="module")
def small(tmp_path_factory):
	return store_with(tmp_path_factory.mktemp("small"), api("orders", "GET /orders/{id}", "POST /orders"))


def printed(store, *arguments, **keywords):
	return run("gateway", *arguments, "--store", store.url, **keywords).stdout


def routes(store, *arguments):
	"""(path, upstream) of each route that nginx gets, in their order."""
	lines = printed(store, "nginx", *arguments).splitlines()
	upstreams = {line.split()[1]: lines[i + 1].split()[1].rstrip(";") for i, line in enumerate(lines) if line.startswith("upstream writ_api_")}
	return [(line.split()[1], upstreams[lines[i + 1].split()[2].rstrip(";").lstrip("@")]) for i, line in enumerate(lines)
	        if line.startswith("\tlocation /") and i + 1 < len(lines) and "try_files" in lines[i + 1] and "@writ_api_" in lines[i + 1]]


# ---- which paths


@pytest.mark.parametrize("operations,servers,expected", [
	(["GET /orders/{id}", "POST /orders"], ["https://a.example/base/v1"], ["/base/v1/orders"]),
	(["GET /orders/{id}", "GET /items"], ["https://a.example/base/v1"], ["/base/v1"]),
	(["GET /{id}/search", "GET /portals"], ["https://a.example/knowledge/v4"], ["/knowledge/v4"]),
	(["GET /orders", "GET /ordersets"], ["https://a.example/v1"], ["/v1"]),
	(["GET /x"], ["https://a.example/one", "https://a.example/two"], ["/one/x", "/two/x"]),
	(["GET /{anything}"], ["https://a.example"], ["/"]),
	(["GET /"], ["https://a.example"], ["/"]),
	(["GET /", "GET /other/{x}"], ["https://a.example/base"], ["/base"]),
	(["GET /a b/c", "GET /a b/d"], ["https://a.example/base"], ["/base"]),
	(["GET /files/{name}.json"], ["https://a.example"], ["/files"]),
	([f"GET /segment{i}/x" for i in range(40)], ["https://a.example"], ["/"]),
])
def test_the_base_paths_are_what_the_operations_have_in_common(tmp_path, operations, servers, expected):
	store = store_with(tmp_path, api("one", *operations, servers=servers))
	assert sorted(path for path, _ in routes(store)) == expected


def test_each_api_has_its_own_upstream_or_the_common_one(tmp_path):
	store = store_with(tmp_path, api("orders", "GET /orders/{id}"), api("items", "GET /items/{id}"), api("deep", "GET /orders/deep/x"))
	assert dict(routes(store)) == {"/base/v1/orders": "127.0.0.1:8000", "/base/v1/items": "127.0.0.1:8000", "/base/v1/orders/deep/x": "127.0.0.1:8000"}
	split = routes(store, "--upstream", "orders=http://10.0.0.5:3000", "--upstream", "http://api.internal", "--upstream", "deep=http://[::1]:9/")
	assert split == [("/base/v1/orders/deep/x", "[::1]:9"), ("/base/v1/orders", "10.0.0.5:3000"), ("/base/v1/items", "api.internal:80")]


def test_one_path_with_two_upstreams_is_refused(tmp_path):
	store = store_with(tmp_path, api("one", "GET /a", "GET /b"), api("two", "GET /c", "GET /d"))
	assert routes(store) == [("/base/v1", "127.0.0.1:8000")]
	done = run("gateway", "nginx", "--store", store.url, "--upstream", "one=http://127.0.0.1:1", check=False)
	assert done.returncode == 1 and "share the path /base/v1" in done.stderr and done.stdout == ""


# Operations of an API one and of an API two with an upstream of its own, and which of them is decided as one's and sent to the other's upstream.
ASTRAY = {
	"a variable that is the other's path": (["POST /a/{id}/purge", "GET /a/list"], ["GET /a/b/items", "GET /a/b/other"], "POST /base/v1/a/{id}/purge of the API one", "/base/v1/a/b", "two"),
	"a variable and no rest": (["GET /a/{id}", "GET /a/list"], ["GET /a/b/items", "GET /a/b/other"], "GET /base/v1/a/{id} of the API one", "/base/v1/a/b", "two"),
	"several variables": (["GET /a/{x}/{y}/{z}"], ["GET /a/b/c/d", "GET /a/b/c/e"], "GET /base/v1/a/{x}/{y}/{z} of the API one", "/base/v1/a/b/c", "two"),
	"a variable with text around it": (["GET /a/{x}.json/raw", "GET /a/list"], ["GET /a/b.json/x", "GET /a/b.json/y"], "GET /base/v1/a/{x}.json/raw of the API one", "/base/v1/a/b.json", "two"),
	"no variable": (["GET /a/b/mine", "GET /a/list"], ["GET /a/b/items", "GET /a/b/other"], "GET /base/v1/a/b/mine of the API one", "/base/v1/a/b", "two"),
	"the other way round": (["GET /a/b/items", "GET /a/b/other"], ["POST /a/{id}/purge", "GET /a/list"], "POST /base/v1/a/{id}/purge of the API two", "/base/v1/a/b", "one"),
	"the first of several": (["GET /a/{x}/{y}", "GET /a/b/c", "GET /list"], ["GET /a/b/d", "GET /a/b/c/e"], "GET /base/v1/a/b/c of the API one", "/base/v1/a/b", "two"),
	"a method that the other does not list": (["DELETE /a/{x}/items/{y}"], ["GET /a/b/items", "GET /a/b/other"], "DELETE /base/v1/a/{x}/items/{y} of the API one", "/base/v1/a/b", "two"),
}


@pytest.mark.parametrize("what", ASTRAY)
def test_what_would_be_decided_as_one_apis_and_sent_to_another_is_refused(tmp_path, what):
	one, two, operation, path, other = ASTRAY[what]
	store = store_with(tmp_path, api("one", *one), api("two", *two))
	for upstreams in (["one=http://127.0.0.1:1"], ["two=http://127.0.0.1:2"], ["one=http://127.0.0.1:1", "two=http://127.0.0.1:2"]):
		for kind in KINDS:
			done = run("gateway", kind, "--store", store.url, *[word for url in upstreams for word in ("--upstream", url)], check=False)
			assert (done.returncode, done.stdout) == (1, ""), done
			assert f"{operation} can be a call at or below {path}, which goes to the upstream of the API {other}: give both one --upstream" in done.stderr
	assert routes(store), "one upstream does for both"


@pytest.mark.parametrize("one,two", [
	(["GET /a/{id}"], ["GET /a/b/c/items", "GET /a/b/c/other/{x}"]),  # ends above the other's path
	(["GET /a/{id}/items"], ["GET /a/b/items", "POST /a/b/other"]),  # the other lists it concretely
	(["POST /a/{id}/items"], ["GET /a/b/items", "POST /a/b/other"]),  # which closes it for other methods
	(["GET /a/{x}/{y}"], ["GET /a/b/{y}", "GET /a/b/items"]),
	(["GET /a/{x}.json/raw"], ["GET /a/b/items", "GET /a/b/raw"]),  # is no such text
	(["GET /a/{x}/items"], ["GET /ab/c/items", "GET /ab/c/d"]),
	(["GET /{x}/items"], ["GET /b/items", "GET /b/{x}", "GET /b/{x}/{y}"]),
])
def test_apis_that_share_no_call_may_have_paths_below_each_other(tmp_path, one, two):
	store = store_with(tmp_path, api("one", *one), api("two", *two))
	assert {upstream for _, upstream in routes(store, "--upstream", "two=http://127.0.0.1:2")} == {"127.0.0.1:8000", "127.0.0.1:2"}


def test_a_longer_path_that_leads_back_to_the_same_upstream_is_no_overlap(tmp_path):
	store = store_with(tmp_path, api("one", "GET /a/{x}/mine/{y}", "GET /a/list"), api("two", "GET /a/b/items", "GET /a/b/other"),
	                   api("three", "GET /a/b/mine/x/p", "GET /a/b/mine/y/p"))
	assert routes(store, "--upstream", "two=http://127.0.0.1:2")[:2] == [("/base/v1/a/b/mine", "127.0.0.1:8000"), ("/base/v1/a/b", "127.0.0.1:2")]
	done = run("gateway", "nginx", "--store", store.url, "--upstream", "two=http://127.0.0.1:2", "--upstream", "three=http://127.0.0.1:3", check=False)
	assert (done.returncode, done.stdout) == (1, "") and "below /base/v1/a/b/mine, which goes to the upstream of the API three" in done.stderr


def test_a_call_that_another_partitions_api_would_get_is_refused_unless_each_has_its_own_configuration(tmp_path):
	store = store_with(tmp_path, api("one", "POST /a/{id}/purge", "GET /a/list"))
	store_with(tmp_path, api("two", "GET /a/b/items", "POST /a/b/purge"), partition="OTHER", store=store)
	split = ("--upstream", "two=http://127.0.0.1:2")
	done = run("gateway", "nginx", "--store", store.url, *split, check=False)
	assert (done.returncode, done.stdout) == (1, "") and "POST /base/v1/a/{id}/purge of the API one" in done.stderr and "--partition" in done.stderr
	assert routes(store, *split, "--partition", "OTHER") == [("/base/v1/a/b", "127.0.0.1:2")]
	assert routes(store, "--partition", "ACME") == [("/base/v1/a", "127.0.0.1:8000")]


def test_all_partitions_apis_are_served_unless_one_is_named(tmp_path):
	store = store_with(tmp_path, api("one", "GET /a"))
	store_with(tmp_path, api("two", "GET /b"), partition="OTHER", store=store)
	assert {path for path, _ in routes(store)} == {"/base/v1/a", "/base/v1/b"}
	assert {path for path, _ in routes(store, "--partition", "OTHER")} == {"/base/v1/b"}
	for kind in KINDS:
		assert "another partition" not in printed(store, kind) and "another partition" in printed(store, kind, "--partition", "OTHER"), kind


# ---- what is not printed


@pytest.mark.parametrize("arguments,code,words", [
	([], 2, "an argument is missing"), (["apache"], 2, "there is no configuration for apache: nginx, caddy, haproxy or envoy"),
	(["nginx", "--partition", "NONE"], 1, "there is no partition NONE"), (["nginx", "--partition", "a b"], 2, "no partition id"),
	(["nginx", "--partition", "SYSTEM"], 1, "partition SYSTEM has no API"), (["nginx", "--upstream", "nothing=http://127.0.0.1:1"], 1, "no API called nothing"),
	(["nginx", "--upstream", "http://a:1", "--upstream", "http://b:1"], 2, "given twice"), (["nginx", "--lua"], 2, "--lua is for haproxy"),
])
def test_what_cannot_be_printed_is_said(small, arguments, code, words):
	done = run("gateway", *arguments, "--store", small.url, check=False)
	assert (done.returncode, done.stdout) == (code, "") and words in done.stderr, done


def test_a_store_without_apis_gives_no_configuration(tmp_path):
	store = Store(tmp_path)
	store.apply(d.partial("ACME", name="Acme"))
	done = run("gateway", "nginx", "--store", store.url, check=False)
	assert done.returncode == 1 and "the store has no API" in done.stderr and done.stdout == ""


HOSTILE = ["127.0.0.1:80; }", "127.0.0.1:80\n}", "a b:80", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1", ":80", "127.0.0.1:80:80", "[::1:80", "[zz]:80", "$host:80", "{$HOME}:80",
           "'a':80", "a\"b:80", "a#b:80", "127.0.0.1:+80", "-a:80", "a/b:80", "ä:80"]


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("option", ["--listen", "--check", "--tokens", "--upstream", "--api-url"])
def test_no_value_means_anything_in_a_configurations_language(small, option, value):
	typed = f"http://{value}" if option in ("--upstream", "--api-url") else value
	if option in ("--upstream", "--api-url") and value in ("127.0.0.1", "a/b:80"):
		return  # needs no port; may have a path, which test_an_upstream_is_a_host tells apart
	done = run("gateway", "nginx", "--store", small.url, option, typed, check=False)
	assert (done.returncode, done.stdout) == (2, ""), done
	assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("url", ["https://127.0.0.1:1", "http://127.0.0.1:1/path", "http://u:p@127.0.0.1:1", "127.0.0.1:1", "ftp://a", "http://", "orders=", "http://a?x"])
def test_an_upstream_is_a_host_and_nothing_that_would_change_the_address(small, url):
	done = run("gateway", "nginx", "--store", small.url, "--upstream", url, check=False)
	assert done.returncode == 2 and "--upstream takes http://HOST:PORT" in done.stderr, done


@pytest.mark.parametrize("name", ["/etc/a b", "/etc/'x", "/etc/x\ny", "", "/etc/$x", "/etc/x;y"])
def test_the_lua_files_name_is_plain(small, name):
	assert run("gateway", "haproxy", "--store", small.url, "--lua-file", name, check=False).returncode == 2


def test_the_names_of_apis_stand_in_comments_alone_and_break_none(tmp_path):
	name = "ev}il { # ; 'x \" {{partition}} ä\u2028y"
	store = store_with(tmp_path, api(name, "GET /x"))
	for kind in KINDS:
		text = printed(store, kind)
		lines = [line for line in text.splitlines() if "ev?il" in line]
		assert lines and all("#" in line.split("ev?il")[0] for line in lines), kind
		assert text.isascii() and "{{" not in text, kind


# ---- the proxies take it


def accepts(kind, path, folder):
	"""What the proxy itself says of a configuration."""
	program = program_of(kind)
	if program is None:
		pytest.skip(f"{kind} is not installed (scripts/setup proxies)")
	if kind == "nginx":
		(folder / "all.conf").write_text(f"events {{}}\npid {folder}/pid;\nhttp {{\n\tinclude {path};\n}}\n")
	commands = {"nginx": [program, "-t", "-p", str(folder), "-e", "stderr", "-c", str(folder / "all.conf")],
	            "caddy": [program, "validate", "--config", str(path), "--adapter", "caddyfile"],
	            "haproxy": [program, "-c", "-f", str(path)], "envoy": [program, "--mode", "validate", "-c", str(path)]}
	done = subprocess.run(commands[kind], capture_output=True, text=True, timeout=60, cwd=folder, env={"HOME": str(folder), "PATH": "/usr/sbin:/usr/bin:/bin"})
	return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", ["one", "several", "root"])
def test_the_proxy_takes_what_is_printed(tmp_path, kind, case):
	apis = {"one": [api("one", "GET /a/{id}")], "root": [api("one", "GET /{x}"), api("two", "GET /base/v2/b", servers=["https://a.example"])],
	        "several": [api("one", "GET /a"), api("two", "GET /b", servers=["https://a.example/x", "https://a.example/y"]), api("none", servers=["https://a.example/z"])]}[case]
	store = store_with(tmp_path / "store", *apis)
	lua = tmp_path / "writ.lua"
	lua.write_text(printed(store, "haproxy", "--lua"))
	more = [] if case == "one" else ["--partition", "ACME", "--upstream", "two=http://localhost:3001", "--api-url", "https://api.example.com:8443/x", "--listen", "[::1]:8499"]
	path = tmp_path / "configuration.yaml"  # Envoy goes by the name
	path.write_text(printed(store, kind, "--lua-file", str(lua), *more))
	code, said = accepts(kind, path, tmp_path)
	assert code == 0 and not any(word in said.lower() for word in ("[warn", "warning  (", "deprecated")), said


@pytest.fixture(scope="session")
def control_plane(tmp_path_factory):
	"""tests/proxies/envoy, built; skipped without Go or where its modules cannot be had."""
	go = shutil.which("go")
	if go is None:
		pytest.skip("Go is not installed: Envoy's configuration is not judged by go-control-plane")
	built = tmp_path_factory.mktemp("control-plane") / "validate"
	done = subprocess.run([go, "build", "-o", str(built), "."], cwd=ROOT / "tests" / "proxies" / "envoy", capture_output=True, text=True, timeout=280)
	if done.returncode != 0 and any(word in done.stderr for word in ("dial tcp", "lookup ", "go.mod requires go")):
		pytest.skip(f"go-control-plane cannot be had here: {done.stderr.strip().splitlines()[-1]}")
	assert done.returncode == 0, done.stderr
	return lambda path: subprocess.run([str(built), str(path)], capture_output=True, text=True, timeout=60)


def test_envoys_configuration_is_valid_by_go_control_planes_types(control_plane, small, tmp_path):
	path = tmp_path / "envoy.yaml"
	for more in ([], ["--partition", "ACME", "--upstream", "orders=http://[::1]:3000"]):
		path.write_text(printed(small, "envoy", *more))
		done = control_plane(path)
		assert done.returncode == 0, done.stderr
		types = {name.rsplit(".", 1)[1] for name in json.loads(done.stdout)}
		assert {"HttpConnectionManager", "ExtAuthz", "ExtAuthzPerRoute", "Lua", "Router", "HttpProtocolOptions"} <= types
	good = path.read_text()
	for text, instead in (("port_value: 8088", "port_value: 99999"), ("disabled: true", "disabled: false"), ("failure_mode_allow:", "failure_mode_alow:")):
		assert text in good
		path.write_text(good.replace(text, instead))
		assert control_plane(path).returncode == 1, f"{instead} was not noticed"


# ---- examples


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_what_is_printed_for_the_demo(tmp_path_factory, example):
	"""WRIT_WRITE_EXAMPLES=1 in the environment writes them anew."""
	import os
	store = Store(tmp_path_factory.mktemp("examples"))
	run("apply", "-f", ROOT / "examples" / "demo.yaml", "--store", store.url)
	text = printed(store, *EXAMPLES[example], "--partition", "TMPRODB88619984")
	path = ROOT / "examples" / example
	if os.environ.get("WRIT_WRITE_EXAMPLES") == "1":
		path.parent.mkdir(parents=True, exist_ok=True)
		path.write_text(text)
	assert path.read_text() == text


def test_the_lua_action_is_the_one_in_examples(small):
	assert printed(small, "haproxy", "--lua") == (ROOT / "examples" / "haproxy" / "writ.lua").read_text()
