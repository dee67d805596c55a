"""Real tokens of every flow, through nginx, Caddy, HAProxy and Envoy as `writ gateway` configures them, decided by writ itself: what reaches the API is
what the APIs' document lets in, as support.openapi_reference reads it."""

import http.client
import json
from types import SimpleNamespace

import pytest
import yaml

from support import documents as d
from support import gateway as g
from support import openapi_reference as reference
from support import people as p
from support import providers, real_document
from support.assertions import KeyServer
from support.guarded_api import EchoApi, headers_of
from support.oauth import revoke, unverified
from support.people import Site, new_tokens, people_directory, refresh
from support.program import Store
from support.proxies import KINDS, Proxy, program_of

SLUGS = {reference.NO_OPERATION: "call-not-listed", reference.CLOSED: "call-closed", reference.WRONG_ACTOR: "call-actor", reference.SCOPE_MISSING: "call-scope"}
ACTOR_KIND = {"client": "application", "user_on_behalf_of": "on_behalf_of", "customer_on_behalf_of": "on_behalf_of"}
NEEDED_BY_NONE = {"application": d.UNASSIGNED["application"], "delegated": d.UNASSIGNED["delegated"], "on_behalf_of": d.UNASSIGNED["on_behalf_of"]}
EXCHANGE = p.Application("exchange-1", d.secret_of("exchange"), "https://exchange.example.com/callback")
UNLIMITED = ("--address-failures", "1000000")


def kind_of(scope):
	"""Contract section 1."""
	return "application" if scope.startswith("app.") else "on_behalf_of" if ".onbehalfof." in scope else "delegated"


def document_of():
	"""The API to guard: (entry of apis:, how the reference reads it); a smaller one where the real one is not at hand."""
	if real_document.find() is not None:
		return real_document.api(), reference.Reference(real_document.path().read_text(), real_document.ACTORS, real_document.VALUES)
	made = g.api(g.OPERATIONS)
	return made, reference.Reference(yaml.safe_dump(made["openapi"]), made["actors"])


@pytest.fixture(scope="module")
def outside():
	"""An identity provider."""
	server = KeyServer()
	yield providers.Provider(server, "mail")
	server.stop()


@pytest.fixture(scope="module")
def made(outside, tmp_path_factory):
	"""writ with the API in two partitions, and the document as the reference reads it."""
	entry, read = document_of()
	document = people_directory()
	named = sorted({*read.scopes, *d.PERMISSIONS})
	for name in ("ACME", "OTHER"):
		partition = d.partition_of(document, name)
		partition["permissions"] = [{"name": each} for each in named]
		g.with_apis(document, entry, partition=name, anonymous=[each for each in named if kind_of(each) == "delegated"])
	for application in d.partition_of(document)["client_applications"][:2] + d.partition_of(document, "OTHER")["client_applications"][:1]:
		application["permissions"] = named
	acme = d.partition_of(document)
	acme["identity_providers"] = [outside.registered]
	acme["client_applications"].append(d.application(EXCHANGE, "Exchange", [each for each in named if kind_of(each) == "delegated"],
	                                                 redirect_urls=[EXCHANGE.redirect], consent="implied", grants=["token_exchange"]))
	store = Store(tmp_path_factory.mktemp("decisions"))
	store.apply(document)
	return SimpleNamespace(store=store, read=read, named=named)


@pytest.fixture(scope="module")
def site(made, tmp_path_factory):
	running = Site(made.store.copy_to(tmp_path_factory.mktemp("decisions-site")), *UNLIMITED)
	yield running
	running.stop()


class Guarded:
	"""A proxy between an API and this writ."""

	def __init__(self, kind, folder, site):
		self.api = EchoApi()
		addresses = ("--check", site.management_url.removeprefix("http://"), "--tokens", site.url.removeprefix("http://"))
		self.proxy = Proxy(kind, folder, site.store, "--partition", "ACME", "--upstream", self.api.url, *addresses)
		self.connection = http.client.HTTPConnection("127.0.0.1", self.proxy.port, timeout=30)

	def ask(self, method, target, token=None, **keywords):
		"""(reply, what the API saw or None)"""
		reply = self.proxy.ask(method, target, token=token, connection=self.connection, **keywords)
		seen = self.api.seen()
		assert len(seen) <= 1
		return reply, seen[0] if seen else None

	def close(self):
		self.connection.close()
		self.proxy.close()
		self.api.close()


def start(kind, folder, site):
	if program_of(kind) is None:
		pytest.skip(f"{kind} is not installed (scripts/setup proxies)")
	return Guarded(kind, folder, site)


@pytest.fixture(scope="module", params=KINDS)
def guarded(request, site, tmp_path_factory):
	one = start(request.param, tmp_path_factory.mktemp(request.param), site)
	yield one
	one.close()


@pytest.fixture(scope="module")
def tokens(made, site):
	"""For each actor, a token with no scope that counts, one with each, and one with all: asked for once, used through every proxy."""
	cache = {}

	def give(actor):
		if actor not in cache:
			kind = ACTOR_KIND.get(actor, "delegated")
			carried = [scope for scope in made.read.scopes if kind_of(scope) == kind or (actor == "client" and kind_of(scope) == "delegated")]
			choices = [[NEEDED_BY_NONE[kind]], *([scope] for scope in carried), carried]
			cache[actor] = [(scopes, g.token_of(site, actor, " ".join(scopes))) for scopes in choices if scopes]
		return cache[actor]
	return give


def fact(seen, name):
	values = headers_of(seen, "X-Writ-" + name)
	assert len(values) <= 1, seen["headers"]
	return values[0] if values else ""


def let_in(read, actor, scopes, sign=True):
	"""An operation that such a token may call, or may not."""
	application = any(kind_of(scope) == "application" for scope in scopes)
	return next(each for each in read.operations if (read.decide(each.method, each.call(), actor, scopes, application) == reference.ALLOWED) == sign)


def scope_and_operation(read, actor):
	"""A delegated scope and an operation that an actor may call with it alone."""
	scopes = [scope for scope in read.scopes if kind_of(scope) == "delegated"]
	return next((scope, each) for scope in scopes for each in read.operations
	            if any(one.actor == actor and one.scopes == (scope,) for one in each.alternatives) and each.method == "GET")


@pytest.mark.parametrize("actor", reference.ACTORS)
def test_every_operation_lets_through_whom_the_document_lets_in(made, guarded, tokens, actor):
	differences, asked = [], 0
	for scopes, token in tokens(actor):
		application = any(kind_of(scope) == "application" for scope in scopes)
		claims = unverified(token)
		for operation in made.read.operations:
			expected = made.read.decide(operation.method, operation.call(), actor, scopes, application)
			reply, seen = guarded.ask(operation.method, operation.call(), token)
			asked += 1
			slug = None if reply.status == 200 or operation.method == "HEAD" else json.loads(reply.body)["error_uri"].rsplit("/", 1)[1]
			wanted = SLUGS.get(expected) if operation.method != "HEAD" else None
			if (reply.status, slug, seen is not None) != ((200, None, True) if expected == reference.ALLOWED else (403, wanted, False)):
				differences.append((operation.method, operation.call(), scopes, expected, reply))
			if seen is not None:
				assert (seen["method"], seen["target"]) == (operation.method, operation.call())
				facts = [fact(seen, name) for name in ("Partition", "Subject", "Client", "Acting-Client")]
				assert facts == ["ACME", claims["sub"], claims["client_id"], claims["client_id"] if "act" in claims else ""]
				assert fact(seen, "Actor") == claims["actor"] and fact(seen, "Scope") == claims["scope"]
	assert differences == []
	assert asked == len(made.read.operations) * len(tokens(actor)) and len(tokens(actor)) >= 3


def test_forged_facts_never_arrive_beside_real_ones(made, guarded, tokens):
	scopes, token = tokens("user")[-1]
	operation = let_in(made.read, "user", scopes)
	forged = [("X-Writ-Subject", "1002"), ("x-writ-acting-client", "x"), ("X_Writ_Subject", "1002"), ("X-Writ-Scope", d.MANAGE), ("X-Original-URI", "/"),
	          ("X-Forwarded-Uri", "/"), ("X-Forwarded-Method", "GET"), ("X-Original-Method", "GET")]
	reply, seen = guarded.ask(operation.method, operation.call(), token, headers=forged)
	assert reply.status == 200 and fact(seen, "Subject") == "1001" and fact(seen, "Acting-Client") == "" and fact(seen, "Scope") == " ".join(scopes)
	assert not {"x_writ_subject", "x-original-uri", "x-forwarded-uri", "x-forwarded-method", "x-original-method"} & {name for name, _ in seen["headers"]}
	other = let_in(made.read, "user", scopes, sign=False)
	reply, seen = guarded.ask(other.method, other.call(), token, headers=[("X-Original-URI", operation.call()), ("X-Forwarded-Uri", operation.call()),
	                                                                      ("X-Original-Method", operation.method), ("X-Forwarded-Method", operation.method)])
	assert reply.status == 403 and seen is None


def test_a_refreshed_token_passes_and_a_revoked_one_does_not_on_the_next_call(made, guarded, site):
	scope, operation = scope_and_operation(made.read, "user")
	body = new_tokens(site, p.WEB, site.stranger(), f"openid offline_access {scope}")
	renewed = refresh(site, p.WEB, body["refresh_token"]).json()["access_token"]
	for token in (body["access_token"], renewed):
		reply, seen = guarded.ask(operation.method, operation.call(), token)
		assert reply.status == 200 and fact(seen, "Subject") == unverified(token)["sub"]
	assert revoke(site, p.WEB, renewed).status_code == 200
	reply, seen = guarded.ask(operation.method, operation.call(), renewed)
	assert reply.status == 401 and seen is None and 'error="invalid_token"' in reply.all("WWW-Authenticate")[0]
	assert guarded.ask(operation.method, operation.call(), body["access_token"])[0].status == 200


def test_an_exchanged_token_passes_as_that_of_the_person(made, guarded, site, outside):
	scope, operation = scope_and_operation(made.read, "user")
	token = providers.exchanged(providers.exchange(site, EXCHANGE, outside.token("pa@example.com"), outside, scope))["access_token"]
	reply, seen = guarded.ask(operation.method, operation.call(), token)
	assert reply.status == 200
	assert [fact(seen, name) for name in ("Actor", "Subject", "Client", "Acting-Client", "Scope")] == ["user", "1001", EXCHANGE.id, "", scope]


def test_an_anonymous_customer_gets_a_token_at_the_apis_address_and_calls(made, guarded):
	scope, operation = scope_and_operation(made.read, "anonymous_customer")
	reply, seen = guarded.ask("POST", "/core/authmgr/v3/oauth2/v2.0/anonymous/token?user_type=customer&domain_hint=ACME",
	                          headers=[("Content-Type", "application/x-www-form-urlencoded")], body=f"grant_type=client_credentials&scope={scope}".encode())
	assert reply.status == 200 and seen is None, reply
	reply, seen = guarded.ask(operation.method, operation.call(), json.loads(reply.body)["access_token"])
	assert reply.status == 200 and fact(seen, "Actor") == "anonymous_customer" and fact(seen, "Subject").startswith("anon:")


def without_traces(body):
	"""A refusal's body, apart from what is another at each request."""
	return {name: value for name, value in json.loads(body).items() if "id" not in name.split("_")}


def test_a_refusal_is_told_as_the_check_tells_it(made, guarded, site, tokens):
	token = g.application_token(site, d.APP_READ)
	allowed, person_only = let_in(made.read, "client", [d.APP_READ]), let_in(made.read, "client", [d.APP_READ], sign=False)
	scopeless = tokens("user")[0][1]
	lacking = let_in(made.read, "user", tokens("user")[-1][0])
	for method, target, one in ((allowed.method, allowed.call(), None), (allowed.method, allowed.call(), "not.a.token"), (person_only.method, person_only.call(), token),
	                            (lacking.method, lacking.call(), scopeless), ("GET", allowed.call() + "/not/listed", token), ("TRACE", allowed.call(), token),
	                            (allowed.method, allowed.call() + "%2f", token), (allowed.method, allowed.call() + "/..;/x", token)):
		direct = g.ask(site, method, target, one)
		reply, seen = guarded.ask(method, target, one)
		assert seen is None, target
		if method == "TRACE" and reply.status == 405:  # nginx itself refuses it
			continue
		assert reply.status == direct.status and reply.all("WWW-Authenticate") == [one for one in [direct.header("WWW-Authenticate")] if one], (target, reply, direct)
		assert without_traces(reply.body) == without_traces(direct.body), target
		assert reply.all("Content-Type") == ["application/json"] and reply.all("Cache-Control") == ["no-store"]


def test_head_is_decided_as_get(made, guarded, tokens):
	scopes, token = tokens("user")[-1]
	operation = next(each for each in made.read.operations if each.method == "GET" and made.read.decide("HEAD", each.call(), "user", scopes) == reference.ALLOWED)
	reply, seen = guarded.ask("HEAD", operation.call(), token)
	assert reply.status == 200 and seen["method"] == "HEAD" and reply.body == b""
	reply, seen = guarded.ask("HEAD", operation.call(), tokens("user")[0][1])
	assert reply.status == 403 and seen is None and reply.body == b"" and len(reply.all("WWW-Authenticate")) == 1


@pytest.mark.parametrize("query", ["?", "?q=a%2Fb&q=//../x", "?access_token=x&" + "y" * 4000])
def test_a_query_decides_nothing_and_arrives(made, guarded, site, query):
	operation = let_in(made.read, "client", [d.APP_READ])
	reply, seen = guarded.ask(operation.method, operation.call() + query, g.application_token(site, d.APP_READ))
	assert reply.status == 200 and seen["target"] == operation.call() + query
	reply, seen = guarded.ask(operation.method, operation.call() + query)
	assert reply.status == 401 and seen is None


def test_a_token_of_another_partition_does_not_pass_though_its_own_lists_the_same_call(made, guarded, site):
	token = g.application_token(site, d.APP_READ, d.OTHER_WEB, partition="OTHER")
	operation = let_in(made.read, "client", [d.APP_READ])
	assert g.ask(site, operation.method, operation.call(), token).status == 204
	reply, seen = guarded.ask(operation.method, operation.call(), token)
	assert reply.status == 403 and seen is None and json.loads(reply.body)["error"] == "access_denied"


def test_a_server_that_is_stopped_closes_every_call(made, guarded, tmp_path):
	operation = let_in(made.read, "client", [d.APP_READ])
	with Site(made.store.copy_to(tmp_path / "own"), *UNLIMITED) as own:
		one = start(guarded.proxy.kind, tmp_path / "proxy", own)
		try:
			token = g.application_token(own, d.APP_READ)
			assert one.ask(operation.method, operation.call(), token)[0].status == 200
			own.stop()
			reply, seen = one.ask(operation.method, operation.call(), token)
			assert reply.status == 503 and seen is None and json.loads(reply.body)["error"] == "temporarily_unavailable"
		finally:
			one.close()
