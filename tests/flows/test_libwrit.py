"""libwrit: installed, compiled against, and asked about every operation of a document; it decides what the document says, and what the server decides."""

import base64
import hashlib
import hmac
import itertools
import json
import re
import time
import uuid

import jwt
import pytest
import yaml

from support import claims as c
from support import documents as d
from support import gateway as g
from support import libwrit as lib
from support import openapi_reference as reference
from support import real_document
from support.gateway import Proxy
from support.minting import signing_key
from support.oauth import key_set, revoke, unverified
from support.people import Site, people_directory
from support.program import Store, run


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
	return lib.Installed(tmp_path_factory.mktemp("installed"))


@pytest.fixture(scope="module")
def driver(installed):
	return installed.compile(lib.DRIVER, "driver")


def small_document():
	made = g.api(g.OPERATIONS)
	return made, yaml.safe_dump(made["openapi"]), made["actors"], {}


def real_one():
	return real_document.api(), real_document.path().read_text(), real_document.ACTORS, real_document.VALUES


def store_with(folder, entry, anonymous=()):
	document = people_directory()
	for partition in ("ACME", "OTHER"):
		g.with_apis(document, entry, partition=partition, anonymous=anonymous if partition == "ACME" else ())
	store = Store(folder)
	store.apply(document, "--add-permissions")
	return store


@pytest.fixture(scope="module")
def site(tmp_path_factory):
	"""A server, so that there are real tokens, with the small API in two partitions."""
	running = Site(store_with(tmp_path_factory.mktemp("libwrit"), small_document()[0], anonymous=[d.READ]))
	yield running
	running.stop()


def catalogue_file(site, folder, *options, **keywords):
	path = folder / f"catalogue-{uuid.uuid4()}.json"
	path.write_text(lib.catalogue_of(site.store, *options, auth_url=site.url, api_url=d.API_URL, **keywords).stdout)
	return path


def keys_file(site, folder, **keywords):
	path = folder / f"jwks-{uuid.uuid4()}.json"
	path.write_text(json.dumps(key_set(site, **keywords)))
	return path


@pytest.fixture
def guard(installed, driver, site, tmp_path):
	with lib.Guard(driver, installed, catalogue_file(site, tmp_path), keys_file(site, tmp_path)) as running:
		yield running


def claims_of(url, actor="user", scopes=(), partition="ACME", **more):
	acting = actor.endswith("_on_behalf_of")
	now = int(time.time())
	claims = {"iss": f"{url}/system/auth/{partition}-{'C' if 'customer' in actor else 'U'}", "sub": "1001", "aud": d.API_URL, "iat": now, "exp": now + 900,
	          "jti": g.uuid7(), "client_id": "anonymous" if actor == "anonymous_customer" else "app-1", "scope": " ".join(scopes), "actor": actor.removesuffix("_on_behalf_of"), "partition": partition,
	          "gid": g.uuid7(), **({"act": {"sub": "app-1"}} if acting else {}), **more}
	return {name: value for name, value in claims.items() if value is not None}


def mint(key, claims, **header):
	return jwt.encode(claims, key[1], algorithm="ES256", headers={"kid": key[0], "typ": "at+jwt", **header})


@pytest.fixture(scope="module")
def key(site):
	return signing_key(site.store, algorithm="ES256")


# ---- the library as a thing


def test_nothing_but_writ_names_can_be_linked_against(installed):
	shared = lib.command("nm", "-D", "--defined-only", installed.libraries / "libwrit.so").stdout
	static = lib.command("nm", "-g", "--defined-only", installed.libraries / "libwrit.a").stdout
	for listed in (shared, static):
		names = {line.split()[2] for line in listed.splitlines() if len(line.split()) == 3 and line.split()[1] in "TDBRVW"}
		names = {name for name in names if not name.startswith(("__asan", "__odr_asan", "_init", "_fini"))}
		assert names and all(name.startswith("writ_") for name in names), names
		assert {"writ_open", "writ_decide", "writ_close"} <= names


def test_a_program_that_has_functions_of_the_same_names_links_against_either_library(installed, tmp_path):
	source = tmp_path / "clash.c"
	source.write_text("""#include <writ.h>
struct writ_problem problem;
int decide(void); int decide(void) { return 7; }
int arena_new(void); int arena_new(void) { return 8; }
int jws_verify(void); int jws_verify(void) { return 9; }
int main(void) { struct writ *guard = 0; return writ_open("{}", 2, "{}", 2, &guard, &problem) == WRIT_INVALID && decide() + arena_new() + jws_verify() == 24 ? 0 : 1; }
""")
	for static in (False, True):
		lib.command(installed.compile(source, f"clash-{static}", static=static), env={**lib.environment(installed.environment)})


def test_the_header_is_c99_and_cpp_as_well(installed, tmp_path):
	for compiler, standard, name in (("cc", "c99", "header.c"), ("c++", "c++11", "header.cc")):
		if lib.shutil.which(compiler) is None:
			continue
		(tmp_path / name).write_text("#include <writ.h>\nint main(void) { return (int)sizeof(struct writ_decision) == 0; }\n")
		lib.command(compiler, f"-std={standard}", "-Wall", "-Wextra", "-Wpedantic", "-Werror", *installed.flags_of("--cflags"), "-fsyntax-only", tmp_path / name)


@pytest.mark.parametrize("static", [False, True], ids=["shared", "static"])
def test_the_example_decides(installed, site, tmp_path, static):
	assert len(lib.EXAMPLE.read_text().splitlines()) <= 30
	program = installed.compile(lib.EXAMPLE, f"example-{static}", static=static)
	files = (catalogue_file(site, tmp_path), keys_file(site, tmp_path))
	token = g.application_token(site)

	def decided(*call, token=token):
		return lib.command(program, *files, *call, input=token, check=False, env=lib.environment(installed.environment))

	done = decided("GET", g.ARTICLE + "?lang=en")
	assert (done.returncode, done.stdout) == (0, f"{d.WEB.id} may: GET /k/v4/articles/{{id}}\n"), done.stderr
	done = decided("GET", "/k/v4/me")
	assert done.returncode == 1 and done.stdout.startswith("403 ") and "sign the user in" in done.stdout
	done = decided("GET", g.ARTICLE, token=token[:-4] + "AAAA")
	assert done.returncode == 1 and done.stdout.startswith("401 ")
	assert decided("GET", token="").returncode == 2


# ---- decisions


@pytest.fixture(scope="module", params=[small_document, real_one], ids=["small", "73-operations"])
def document(request, tmp_path_factory):
	entry, text, actors, values = request.param()
	return reference.Reference(text, actors, values), store_with(tmp_path_factory.mktemp("libwrit-document"), entry)


def test_every_operation_decides_for_every_actor_and_scope_what_the_document_says(installed, driver, document, tmp_path):
	read, store = document
	(tmp_path / "catalogue.json").write_text(lib.catalogue_of(store, auth_url=d.AUTH_URL, api_url=d.API_URL).stdout)
	key = signing_key(store, algorithm="ES256")
	(tmp_path / "jwks.json").write_text(json.dumps({"keys": [{**json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key[1].public_key())), "kid": key[0]}]}))
	scopes = [(), *((scope,) for scope in [*read.scopes, d.APP_READ]), tuple(read.scopes)]
	tokens = {}
	for actor, some in itertools.product(reference.ACTORS, scopes):
		tokens[actor, some] = mint(key, claims_of(d.AUTH_URL, actor, some))
	wrong, verdicts, asked = [], set(), 0
	with lib.Guard(driver, installed, tmp_path / "catalogue.json", tmp_path / "jwks.json") as guard:
		for operation, (actor, some) in itertools.product(read.operations, tokens):
			application = any(scope.startswith("app.") for scope in some)
			expected = read.decide(operation.method, operation.call(), actor, some, application)
			found = guard.decide(operation.method, operation.call(), tokens[actor, some])
			asked += 1
			verdicts.add(expected)
			if found.verdict != expected or found.operation != f"{operation.method} {operation.path}":
				wrong.append((operation.method, operation.path, actor, some, expected, found))
	assert asked == len(read.operations) * len(tokens) and {"allowed", "wrong_actor", "scope_missing"} <= verdicts
	assert not wrong, (len(wrong), wrong[:5])


def test_real_tokens_of_the_server_are_decided_as_the_server_decides(guard, site):
	tokens = {"client": g.application_token(site), "acting": g.acting_token(site), "acting customer": g.acting_token(site, realm="C"), "user": g.person_token(site),
	          "manager": g.person_token(site, d.MANAGE), "customer": g.person_token(site, realm="C"), "delegated client": g.application_token(site, d.READ), "none": None,
	          "other partition": g.application_token(site, client=d.OTHER_WEB, partition="OTHER", scope=d.READ), "broken": "a.b.c"}
	calls = [("GET", g.ARTICLE), ("HEAD", g.ARTICLE), ("PUT", g.ARTICLE), ("DELETE", g.ARTICLE), ("PATCH", g.ARTICLE), ("POST", "/k/v4/articles"), ("TRACE", g.ARTICLE),
	         ("GET", "/k/v4/articles/latest"), ("GET", "/k/v4/articles/%6Catest"), ("GET", "/k/v4/articles/latest;v=1"), ("GET", "/k/v4/articles/7;v=1"), ("GET", "/k/v4/me"),
	         ("HEAD", "/k/v4/head"), ("OPTIONS", "/k/v4/options"), ("GET", "/k/v4/files/a.json"), ("GET", "/k/v4/files/a.txt"), ("GET", "/k/v4/odd/a%20b/%C3%A4"),
	         ("GET", "/k/v4//articles/./7/"), ("GET", "/k/v4/x/../articles/7"), ("GET", "/k/v4/articles%2f7"), ("GET", "/k/v4/..;/articles/7"), ("GET", "/k/v4/articles/7%00"),
	         ("GET", "/k/v4/articles/%5c"), ("GET", "/k/v4/articles/%252e%252e"), ("GET", "/k/v4/articles/%c0%af"), ("GET", "/"), ("GET", "/nothing?x=1")]
	seen = set()
	with Proxy(site) as proxy:
		for (name, token), (method, path) in itertools.product(tokens.items(), calls):
			answer, found = proxy.ask(method, path, token), guard.decide(method, path, token)
			expected = 200 if answer.status == 204 else answer.status
			if name == "other partition" and expected in (200, 403):
				expected = 401  # the server has that partition's catalogue too, this guard has one
			assert found.status == expected, (name, method, path, answer.status, found)
			if found.status == 200:
				facts = {"Actor": found.actor, "Subject": found.subject, "Client": found.client_id, "Scope": found.scope, "Acting-Client": found.acting_client}
				assert {header: answer.six[header] for header in facts} == facts
			elif name != "other partition":
				challenge = answer.header("WWW-Authenticate") or ""
				assert answer.json.get("error", "") == found.error and (challenge == "") == (found.www_authenticate == "")
				assert re.findall(r'(?:realm|error|scope)="[^"]*"', challenge) == re.findall(r'(?:realm|error|scope)="[^"]*"', found.www_authenticate)
			seen.add(found.verdict)
	assert {"allowed", "bad_address", "no_token", "bad_token", "no_operation", "closed", "wrong_actor", "scope_missing"} <= seen


def test_a_remembered_token_answers_no_other_operation_and_no_other_scope(guard, key, site):
	reader, manager = (mint(key, claims_of(site.url, scopes=scopes)) for scopes in ([d.READ], [d.READ, d.MANAGE]))
	for _ in range(3):
		assert guard.decide("GET", g.ARTICLE, reader).verdict == "allowed"
		assert guard.decide("PUT", g.ARTICLE, reader).verdict == "scope_missing"
		assert guard.decide("PUT", g.ARTICLE, manager).verdict == "allowed"
		assert guard.decide("DELETE", g.ARTICLE, manager).verdict == "closed"


def test_a_token_that_lacks_a_claim_is_refused(guard, key, site):
	good = claims_of(site.url, scopes=[d.READ])
	assert set(good) == set(c.CLAIMS)
	assert guard.decide("GET", g.ARTICLE, mint(key, good)).verdict == "allowed"
	for name in c.CLAIMS:
		without = {other: value for other, value in good.items() if other != name}
		assert guard.decide("GET", g.ARTICLE, mint(key, without)).verdict == "bad_token", name


def test_a_token_with_a_wrong_claim_is_refused_as_the_server_refuses_it(guard, key, site):
	"""A10, by the table that test_gateway_tokens.py asks the server about."""
	claims = unverified(g.person_token(site))
	assert guard.decide("GET", g.ARTICLE, c.signed(key, g.fresh(claims))).verdict == "allowed"
	for claim, value in c.each(c.WRONG):
		token = c.signed(key, {**g.fresh(claims), claim: c.filled(value, site.url)})
		assert guard.decide("GET", g.ARTICLE, token).verdict == "bad_token", (claim, value)
	for claim, value in c.each(c.DEAD):  # what its header says that it cannot see
		assert guard.decide("GET", g.ARTICLE, c.signed(key, {**g.fresh(claims), claim: value})).verdict == "allowed", (claim, value)


@pytest.mark.parametrize("actor", reference.ACTORS)
def test_what_one_kind_of_token_says_is_no_other_kinds_at_either_decider(guard, key, site, actor):
	"""Realm, client application, who acts: one list of rules for server and libwrit."""
	real = unverified(g.token_of(site, actor, {"client": d.APP_READ}.get(actor, d.OBO_READ if actor.endswith("of") else d.READ)))
	changes = [*c.MIXED[actor], *({name: None} for name in c.CLAIMS)]

	def decided(proxy, **changed):
		token = c.signed(key, g.fresh(real, **{name: c.filled(value, site.url) for name, value in changed.items()}))
		answer, found = proxy.ask("GET", g.ARTICLE, token), guard.decide("GET", g.ARTICLE, token)
		return {204: 200}.get(answer.status, answer.status), found.status

	with Proxy(site) as proxy:
		assert decided(proxy) == (200, 200)
		for change in changes:
			assert decided(proxy, **change) == (401, 401), change
		if actor == "client":
			assert decided(proxy, iss=f"{site.url}/system/auth/ACME-C") == (200, 200)


def test_a_token_for_another_place_or_of_another_time_is_refused(guard, key, site):
	changes = [{"aud": site.url + "/admin/v1"}, {"aud": site.url}, {"iss": f"{site.url}/system/auth/OTHER-U"}, {"iss": d.AUTH_URL}, {"partition": "OTHER"},
	           {"exp": int(time.time()) - 1}, {"actor": "administrator"}, {"actor": "client", "act": {"sub": "x"}}, {"act": {}}]
	for change in changes:
		token = mint(key, claims_of(site.url, scopes=[d.READ], **change))
		assert guard.decide("GET", g.ARTICLE, token).verdict == "bad_token", change


def test_another_partitions_token_with_the_same_paths_is_refused(guard, key, site):
	theirs = signing_key(site.store, partition="OTHER", algorithm="ES256")
	real = g.application_token(site, client=d.OTHER_WEB, partition="OTHER", scope=d.READ)
	assert guard.decide("GET", g.ARTICLE, real).verdict == "bad_token"
	assert guard.decide("GET", g.ARTICLE, mint(theirs, claims_of(site.url, scopes=[d.READ], partition="OTHER"))).verdict == "bad_token"
	assert guard.decide("GET", g.ARTICLE, mint(theirs, claims_of(site.url, scopes=[d.READ]))).verdict == "bad_token"
	assert guard.decide("GET", g.ARTICLE, mint((key[0], theirs[1]), claims_of(site.url, scopes=[d.READ]))).verdict == "bad_token"


def encoded(part):
	return base64.urlsafe_b64encode(part if isinstance(part, bytes) else json.dumps(part).encode()).rstrip(b"=").decode()


def test_neither_alg_none_nor_the_public_key_as_a_secret_signs_a_token(guard, key, site):
	claims = claims_of(site.url, scopes=[d.READ])
	published = next(one for one in key_set(site)["keys"] if one["kid"] == key[0])
	numbers = key[1].public_key().public_numbers()
	secrets = [json.dumps(published).encode(), json.dumps(published, separators=(",", ":")).encode(), b"\x04" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")]
	for alg in ("none", "None", "HS256"):
		signed = encoded({"alg": alg, "typ": "at+jwt", "kid": key[0]}) + "." + encoded(claims)
		for signature in (b"", b"x", *(hmac.digest(secret, signed.encode(), hashlib.sha256) for secret in secrets)):
			assert guard.decide("GET", g.ARTICLE, f"{signed}.{encoded(signature)}").verdict == "bad_token", (alg, signature)
	assert guard.decide("GET", g.ARTICLE, mint(key, claims, typ="JWT")).verdict == "bad_token"
	assert guard.decide("GET", g.ARTICLE, mint(key, claims)).verdict == "allowed"


def test_a_revocation_is_seen_once_it_is_fed_and_not_before(guard, site):
	token, other = g.application_token(site), g.application_token(site)
	assert guard.decide("GET", g.ARTICLE, token).verdict == "allowed"
	revoke(site, d.WEB, token)
	with Proxy(site) as proxy:
		assert proxy.ask("GET", g.ARTICLE, token).status == 401
	assert guard.decide("GET", g.ARTICLE, token).verdict == "allowed"  # as its header says
	claims = unverified(token)
	assert guard.ask("token", claims["jti"], claims["exp"]) == ["0"]
	assert guard.decide("GET", g.ARTICLE, token).verdict == "bad_token"
	assert guard.decide("GET", g.ARTICLE, other).verdict == "allowed"
	assert guard.ask("grant", unverified(other)["gid"], claims["exp"]) == ["0"]
	assert guard.decide("GET", g.ARTICLE, other).verdict == "bad_token"


def test_keys_and_catalogue_are_exchanged_while_it_runs(guard, site, tmp_path):
	token = g.application_token(site)
	assert guard.decide("GET", g.ARTICLE, token).verdict == "allowed"
	broken = tmp_path / "broken.json"
	broken.write_text("{")
	assert guard.ask("keys", broken)[0] == "1" and guard.ask("catalogue", broken)[0] == "1"
	assert guard.decide("GET", g.ARTICLE, token).verdict == "allowed"
	assert guard.ask("keys", keys_file(site, tmp_path, partition="OTHER")) == ["0", ""]
	assert guard.decide("GET", g.ARTICLE, token).verdict == "bad_token"
	assert guard.ask("keys", keys_file(site, tmp_path)) == ["0", ""]
	assert guard.decide("GET", g.ARTICLE, token).verdict == "allowed"
	catalogue = json.loads(catalogue_file(site, tmp_path).read_text())
	catalogue["operations"] = [each for each in catalogue["operations"] if each["path"] != "/k/v4/articles/{id}"]
	(tmp_path / "less.json").write_text(json.dumps(catalogue))
	assert guard.ask("catalogue", tmp_path / "less.json") == ["0", ""]
	assert guard.decide("GET", g.ARTICLE, token).verdict == "no_operation"


# ---- what the documents say


def test_the_document_shows_the_example_as_it_is():
	assert "```c\n" + lib.EXAMPLE.read_text() + "```" in (lib.ROOT / "docs" / "libwrit.md").read_text()


def test_the_document_names_every_verdict_and_what_it_answers():
	header = (lib.ROOT / "src" / "libwrit" / "writ.h").read_text()
	verdicts = re.findall(r"^\t(WRIT_\w+)", header.split("enum writ_verdict {")[1].split("}")[0], re.M)
	documented = re.findall(r"^\| `(WRIT_\w+)` \| (\d+) \|", (lib.ROOT / "docs" / "libwrit.md").read_text(), re.M)
	answered = dict(re.findall(r"\[(WRIT_\w+)\] = \{ (\d+),", (lib.ROOT / "src" / "libwrit" / "decide.c").read_text()))
	assert [name for name, _ in documented] == verdicts and dict(documented) == answered
	assert [name.removeprefix("WRIT_").lower() for name in verdicts] == [name if name != "no_operation" else "not_listed" for name in lib.VERDICTS]


def test_the_catalogue_that_is_documented_can_be_loaded(guard, tmp_path):
	(shown,) = re.findall(r"^```json\n(.*?)^```", (lib.ROOT / "docs" / "protocol" / "catalogue.md").read_text(), re.M | re.S)
	(tmp_path / "shown.json").write_text(shown)
	assert guard.ask("catalogue", tmp_path / "shown.json") == ["0", ""]


# ---- writ api catalogue


def test_the_catalogue_says_what_the_document_says(site):
	read = reference.Reference(*small_document()[1:])
	printed = json.loads(lib.catalogue_of(site.store, auth_url="https://auth.example.test/", api_url="https://api.example.test").stdout)
	assert (printed["writ_catalogue"], printed["partition"], printed["audience"]) == (1, "ACME", "https://api.example.test")
	assert printed["issuers"] == [f"https://auth.example.test/system/auth/ACME-{kind}" for kind in "UC"]
	assert {d.APP_READ, d.APP_MANAGE, d.APP_ODD} <= set(printed["application_permissions"]) and d.READ not in printed["application_permissions"]
	found = {(each["method"], each["path"]): (each["api"], each.get("operation_id", ""), [(one["actor"], tuple(one["scopes"])) for one in each["allow"]])
	         for each in printed["operations"]}
	assert found == {(each.method, each.path): ("k", each.operation_id, [(one.actor, one.scopes) for one in each.alternatives]) for each in read.operations}


def test_the_audience_is_the_auth_url_unless_it_is_named(site):
	done = run("api", "catalogue", "--store", site.store.url, "--partition", "ACME", env={"WRIT_AUTH_URL": "https://auth.example.test"})
	assert json.loads(done.stdout)["audience"] == "https://auth.example.test"


def test_a_catalogue_holds_the_apis_that_are_named(site):
	assert json.loads(lib.catalogue_of(site.store, "--api", "k", auth_url=d.AUTH_URL, api_url=d.API_URL).stdout)["operations"]
	done = lib.catalogue_of(site.store, "--api", "k", "--api", "none", auth_url=d.AUTH_URL, api_url=d.API_URL, check=False)
	assert done.returncode == 1 and "--api" in done.stderr and done.stdout == ""


@pytest.mark.parametrize("options,code,words", [
	([], 2, "--auth-url"),
	(["--auth-url", "auth.example.test"], 1, "auth-url must be an address"),
	(["--auth-url", "https://auth.example.test/x"], 1, "without a path"),
	(["--auth-url", d.AUTH_URL], 1, "--partition"),
	(["--auth-url", d.AUTH_URL, "--partition", "NOBODY"], 1, "no partition NOBODY"),
	(["--auth-url", d.AUTH_URL, "--partition", "ACME", "more"], 2, "more"),
])
def test_a_catalogue_that_cannot_be_printed_says_why(site, options, code, words):
	done = run("api", "catalogue", "--store", site.store.url, *options, check=False)
	assert (done.returncode, done.stdout) == (code, "") and words in done.stderr, (done.returncode, done.stderr)
