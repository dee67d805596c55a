"""nginx, Caddy and HAProxy as `writ gateway` configures them, in front of an API that says what reached it. Beside them a stand-in for
/gateway/check, which says what it was asked; test_proxies_decisions.py has writ itself there."""

import hashlib
import json
import time

import pytest

from support import documents as d
from support.guarded_api import FACTS, REALM, EchoApi, StandIn, asked_about, headers_of
from support.program import DEADLINE_S, Store
from support.proxies import KINDS, Proxy, program_of

BASE = "/knowledge/portalmgr/v4"
CALL = BASE + "/portals/7/articles"
FACT_HEADERS = {"x-writ-" + name.lower(): value for name, value in FACTS.items()}
LARGE = b"0123456789abcdef" * (5 * 65536)  # 5 MiB

API = {
	"name": "portalmgr",
	"openapi": {"openapi": "3.0.3", "info": {"title": "Portals", "version": "1"}, "servers": [{"url": "https://api.example.test" + BASE}],
	            "paths": {path: {"get": {"security": [{"u": [d.READ]}]}} for path in ("/portals/{id}/articles", "/portals", "/{id}/search")},
	            "components": {"securitySchemes": {"u": {"type": "http", "scheme": "bearer"}}}},
	"actors": {"u": "user"},
}


class Site:
	"""A proxy with what stands around it."""

	def __init__(self, kind, folder, store, *options):
		self.api, self.check, self.tokens = EchoApi(), StandIn(), EchoApi()
		self.proxy = Proxy(kind, folder, store, "--upstream", self.api.url, "--check", self.check.address, "--tokens", self.tokens.address, *options)

	def ask(self, *arguments, **keywords):
		return self.proxy.ask(*arguments, **keywords)

	def forget(self):
		self.check.status, self.check.facts = None, dict(FACTS)
		for each in (self.api, self.check, self.tokens):
			each.seen()

	def close(self):
		self.proxy.close()
		for each in (self.api, self.check, self.tokens):
			each.close()


@pytest.fixture(scope="module")
def store(tmp_path_factory):
	made = Store(tmp_path_factory.mktemp("gateway"))
	made.apply(d.partial("ACME", name="Acme", permissions=[{"name": d.READ}], apis=[API]))
	return made


@pytest.fixture(scope="module", params=KINDS)
def running(request, store, tmp_path_factory):
	if program_of(request.param) is None:
		pytest.skip(f"{request.param} is not installed (scripts/setup proxies)")
	site = Site(request.param, tmp_path_factory.mktemp(request.param), store, "--partition", "ACME")
	yield site
	site.close()


@pytest.fixture
def site(running):
	running.forget()
	assert running.proxy.process.poll() is None, running.proxy.said()
	return running


def only(recording):
	seen = recording.seen()
	assert len(seen) == 1, seen
	return seen[0]


def facts_in(seen):
	"""The X-Writ-* headers that arrived; an empty one may be left out."""
	found = [(name, value) for name, value in seen["headers"] if "writ" in name]
	assert len(found) == len(dict(found)), found
	return {name: dict(found).get(name, "") for name in {*FACT_HEADERS, *dict(found)}}


def refused(site, reply, status):
	assert reply.status == status, reply
	assert reply.all("Content-Type") == ["application/json"], reply
	assert site.api.seen() == []
	return json.loads(reply.body)


# ---- what is allowed


def test_an_allowed_call_reaches_the_api_as_it_was_sent_with_the_facts_of_the_decision(site):
	reply = site.ask("GET", CALL + "?q=a%2Fb&q=//../x", [("X-Own", "kept"), ("Cookie", "a=b")], token="good")
	assert reply.status == 200 and reply.all("X-Api") == ["echo"], reply
	seen, asked = only(site.api), only(site.check)
	assert (seen["method"], seen["target"]) == ("GET", CALL + "?q=a%2Fb&q=//../x")
	assert facts_in(seen) == FACT_HEADERS
	for name, value in (("Authorization", "Bearer good"), ("X-Own", "kept"), ("Cookie", "a=b"), ("Host", "api.example.com")):
		assert headers_of(seen, name) == [value], name
	assert len(headers_of(seen, "X-Forwarded-For")) == 1
	assert headers_of(asked, "Cookie") == [] and asked["target"].startswith("/gateway/check") and asked_about(asked) == [("GET", seen["target"])]


def test_who_acts_for_whom_reaches_the_api(site):
	site.check.facts.update({"Actor": "customer", "Subject": "c-1", "Client": "web-0002", "Scope": "a b", "Acting-Client": "web-0002"})
	site.ask("GET", CALL, token="good")
	assert facts_in(only(site.api)) == {**FACT_HEADERS, "x-writ-actor": "customer", "x-writ-subject": "c-1", "x-writ-client": "web-0002",
	                                    "x-writ-scope": "a b", "x-writ-acting-client": "web-0002"}


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_the_method_is_asked_about_and_reaches_the_api(site, method):
	reply = site.ask(method, CALL, token="good")
	asked, seen = only(site.check), only(site.api)
	assert reply.status == 200 and seen["method"] == method
	assert asked_about(asked) == [(method, CALL)]
	assert (reply.body == b"") == (method == "HEAD")


@pytest.mark.parametrize("body", [b"", b"{}", LARGE, [LARGE[:70000], b"end"]], ids=["empty", "short", "5 MiB", "chunked"])
def test_a_body_reaches_the_api_whole_and_the_check_not_at_all(site, body):
	assert site.ask("POST", CALL, [("Content-Type", "application/octet-stream")], body, token="good").status == 200
	seen, whole = only(site.api), b"".join(body) if isinstance(body, list) else body
	assert (seen["length"], seen["digest"]) == (len(whole), hashlib.sha256(whole).hexdigest())
	assert only(site.check)["length"] == 0


def test_the_apis_own_refusals_and_failures_are_left_alone(site):
	for status in (400, 401, 403, 404, 500, 503):
		reply = site.ask("GET", CALL, [("X-Answer-Status", str(status))], token="good")
		assert reply.status == status and reply.all("X-Api") == ["echo"] and reply.all("WWW-Authenticate") == [], reply
		assert json.loads(reply.body)["target"] == CALL


# ---- what is refused


@pytest.mark.parametrize("token,status,error,challenge", [
	(None, 401, "no_token", REALM), ("bad", 401, "invalid_token", REALM + ', error="invalid_token"'),
	("weak", 403, "insufficient_scope", REALM + ', error="insufficient_scope", scope="more"')])
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
def test_a_refusal_is_the_apis_reply_with_its_status_body_and_challenge(site, token, status, error, challenge, method):
	reply = site.ask(method, CALL, token=token)
	assert reply.status == status and reply.all("WWW-Authenticate") == [challenge], reply
	assert reply.body == b"" if method == "HEAD" else refused(site, reply, status)["error"] == error
	assert reply.all("Cache-Control") == ["no-store"] and reply.all("X-Request-Id") == ["request-1"] and site.api.seen() == []
	assert reply.all("Access-Control-Allow-Origin") == ["*"]  # so that a page's script can read why


@pytest.mark.parametrize("status", [400, 503])
def test_what_cannot_be_decided_is_said_in_the_checks_words(site, status):
	site.check.status = status
	said = refused(site, site.ask("GET", CALL, token="good"), status)
	if site.proxy.kind == "envoy" and status == 503:  # ext_authz keeps no words of a 5xx
		assert said["error"] == "temporarily_unavailable"
	else:
		assert said == {"error": "from_the_check", "status": status}


@pytest.mark.parametrize("status", [200, 206, 302, 404, 429, 500, 502])
def test_an_answer_that_is_none_of_a_checks_closes(site, status):
	site.check.status = status
	assert refused(site, site.ask("GET", CALL, token="good"), 503)["error"] == "temporarily_unavailable"


def test_an_allowance_that_names_no_partition_closes(site):
	site.check.facts["Partition"] = ""
	reply = site.ask("GET", CALL, token="good")
	assert reply.status in (403, 503) and site.api.seen() == [], reply


def test_a_large_body_of_a_refused_call_is_not_taken_for_anything(site):
	reply = site.ask("POST", CALL, body=LARGE, token="weak")
	assert refused(site, reply, 403)["error"] == "insufficient_scope"
	assert site.ask("GET", CALL, token="good").status == 200


def test_a_decision_is_made_for_each_call(site):
	assert site.ask("GET", CALL, token="good").status == 200
	site.check.status = 403
	assert site.ask("GET", CALL, token="good").status == 403
	site.check.status = None
	assert site.ask("GET", CALL, token="good").status == 200


def test_a_token_of_another_partition_is_refused_however_it_was_decided(site):
	for partition in ("OTHER", "acme", "ACME2", "XACME"):
		site.check.facts["Partition"] = partition
		assert refused(site, site.ask("GET", CALL, token="good"), 403)["error"] == "access_denied", partition


def test_without_a_partition_named_a_token_of_any_is_good_and_the_api_is_told(running, store, tmp_path):
	site = Site(running.proxy.kind, tmp_path / "any", store)
	try:
		site.check.facts["Partition"] = "OTHER"
		assert site.ask("GET", CALL, token="good").status == 200
		assert headers_of(only(site.api), "X-Writ-Partition") == ["OTHER"]
		site.check.facts["Partition"] = ""
		assert site.ask("GET", CALL, token="good").status == 503 and site.api.seen() == []
	finally:
		site.close()


def test_an_address_of_no_api_is_asked_about_and_reaches_none(site):
	assert refused(site, site.ask("GET", "/elsewhere", token="good"), 404)["error"] == "not_found"
	assert refused(site, site.ask("GET", "/elsewhere"), 401)["error"] == "no_token"
	assert len(site.check.seen()) >= 2


# ---- what a caller may try


FORGED = ["X-Writ-Subject", "x-writ-partition", "X-WRIT-ACTOR", "X-Writ-Client", "X-Writ-Scope", "X-Writ-Acting-Client"]


@pytest.mark.parametrize("name", [*FORGED, *(name.replace("-", "_") for name in FORGED), "X_Writ-Subject", "X-Writ_Acting-Client"])
def test_x_writ_headers_of_the_caller_never_arrive(site, name):
	site.ask("GET", CALL, [(name, "forged"), (name, "twice")], token="good")
	assert facts_in(only(site.api)) == FACT_HEADERS
	site.check.facts = {"Partition": "ACME", "Actor": "", "Subject": "", "Client": "", "Scope": "", "Acting-Client": ""}
	site.ask("GET", CALL, [(name, "forged")], token="good")
	assert facts_in(only(site.api)) == {**{each: "" for each in FACT_HEADERS}, "x-writ-partition": "ACME"}
	site.ask("OPTIONS", CALL, [(name, "forged"), ("Origin", "https://a.example"), ("Access-Control-Request-Method", "GET")])
	assert not any(facts_in(only(site.api)).values())


SOURCES = ["X-Original-Method", "X-Original-URI", "X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Method", "X-Forwarded-Uri", "X-Forwarded-Prefix",
           "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"]


@pytest.mark.parametrize("name", SOURCES)
def test_what_the_caller_says_of_method_and_address_reaches_neither_check_nor_api(site, name):
	forged = "DELETE" if "Method" in name else "/forged"
	reply = site.ask("GET", CALL, [(name, forged), (name.lower(), forged)], token="good")
	seen, asked = only(site.api), only(site.check)
	assert reply.status == 200 and headers_of(seen, name) == []
	assert forged not in [value for _, value in asked["headers"]]
	assert asked_about(asked) == [("GET", CALL)]


def test_the_facts_cannot_be_dropped_by_a_connection_header(site):
	site.check.facts["Acting-Client"] = "web-0001"
	site.ask("GET", CALL, [("Connection", ", ".join(FORGED))], token="good")
	seen = only(site.api)
	assert facts_in(seen) == {**FACT_HEADERS, "x-writ-acting-client": "web-0001"}
	assert "writ" not in " ".join(headers_of(seen, "Connection")).lower()


def test_no_connection_is_switched_to_another_protocol(site):
	for protocol, more in (("h2c", [("HTTP2-Settings", "AAMAAABkAARAAAAAAAIAAAAA")]), ("websocket", [("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), ("Sec-WebSocket-Version", "13")])):
		reply = site.ask("GET", CALL, [("Connection", "Upgrade, HTTP2-Settings"), ("Upgrade", protocol), *more], token="good")
		if reply.status != 200:
			assert reply.status in (400, 403) and site.api.seen() == [], reply
			continue
		seen = only(site.api)
		assert headers_of(seen, "Upgrade") == headers_of(seen, "HTTP2-Settings") == [], protocol
		assert "upgrade" not in " ".join(headers_of(seen, "Connection")).lower()


def test_of_two_tokens_the_api_sees_none_that_was_not_decided(site):
	site.ask("GET", CALL, [("Authorization", "Bearer bad")], token="good")
	asked = {token for seen in site.check.seen() for token in headers_of(seen, "Authorization")}
	assert {token for seen in site.api.seen() for token in headers_of(seen, "Authorization")} <= asked


# Each is refused, or check and API see the very same.
PATHS = ["/portals/7/articles", "/portals/7/articles/", "/portals/7/articles?", "/portals/%37/articles", "/%70ortals/7/articles", "/portals/a%20b%3Fc/articles",
         "/portals/%C3%A9/articles", "/portals/%c3%a9/articles", "/portals/a;b=c/articles", "/portals/a,b:c@d/articles", "/portals/a+b/articles?a+b",
         "/portals/%25/articles", "/portals/a%2Bb/articles", "/portals/a|b^c/articles", "/portals/{http.request.host}/articles", "/portals/$request_uri/articles"]
ODD = ["//portals", "/portals//7", "/./portals", "/../portals", "/portals/..", "/portals/.", "/portals/7/../8", "/%2e%2e/portals", "/%2E./portals", "/.%2e/portals",
       "/%2e/portals", "/portals/%2f7", "/portals%2F7", "/portals/%5c7", "/portals/..;/7", "/portals/%00", "/portals/\\7", "/..?x", "/{/../}"]


@pytest.mark.parametrize("path", PATHS)
def test_check_and_api_see_the_same_address(site, path):
	reply = site.ask("GET", BASE + path, token="good")
	seen, asked = only(site.api), only(site.check)
	assert reply.status == 200, reply
	assert asked_about(asked) == [("GET", seen["target"])]
	same = seen["target"] if site.proxy.kind != "caddy" else seen["target"].replace("%7C", "|").replace("%5E", "^").replace("%7B", "{").replace("%7D", "}")
	assert same == BASE + path


@pytest.mark.parametrize("path", ODD)
def test_an_address_that_servers_read_in_different_ways_reaches_no_api(site, path):
	reply = site.ask("GET", BASE + path, token="good")
	assert reply.status == 400, reply
	assert site.api.seen() == site.tokens.seen() == []


@pytest.mark.parametrize("target", ["http://api.example.com" + CALL + "?x", "http://api.example.com//portals", "http://api.example.com", "*", "/core/authmgr/../../knowledge",
                                    "/core/authmgr/..%2f..%2fknowledge/portalmgr/v4/portals/7/articles", "/_writ/check", "/gateway/check", "/core/authmgr%2f..%2f"])
def test_no_form_of_request_reaches_the_api_by_another_address_than_the_one_that_was_decided(site, target):
	reply = site.ask("GET", target, token="good")
	seen = site.api.seen()
	assert [each["target"] for each in seen] == ([CALL + "?x"] if target.startswith("http://api.example.com/k") and reply.status == 200 else []), reply
	assert seen or reply.status >= 400 or target.startswith("/core/authmgr"), reply


# ---- preflights, tokens


def test_a_preflight_reaches_the_api_unasked_and_carries_no_more_than_a_preflight(site):
	reply = site.ask("OPTIONS", CALL, [("Origin", "https://app.example"), ("Access-Control-Request-Method", "DELETE"), ("Access-Control-Request-Headers", "authorization"),
	                                   ("Cookie", "session=1"), ("X-HTTP-Method-Override", "DELETE")], token="good")
	seen = only(site.api)
	assert reply.status == 200 and (seen["method"], seen["target"]) == ("OPTIONS", CALL)
	assert headers_of(seen, "Origin") == ["https://app.example"] and headers_of(seen, "Access-Control-Request-Headers") == ["authorization"]
	for name in ("Authorization", "Cookie", "X-HTTP-Method-Override"):
		assert headers_of(seen, name) == [], name
	assert site.check.seen() == [] and not any(facts_in(seen).values())


@pytest.mark.parametrize("method,headers", [
	("OPTIONS", []), ("OPTIONS", [("Origin", "https://app.example")]), ("OPTIONS", [("Access-Control-Request-Method", "GET")]),
	("GET", [("Origin", "https://app.example"), ("Access-Control-Request-Method", "GET")]), ("options", [("Origin", "https://a.example"), ("Access-Control-Request-Method", "GET")])])
def test_what_is_no_preflight_is_decided(site, method, headers):
	reply = site.ask(method, CALL, headers)
	assert reply.status in (400, 401, 405) and site.api.seen() == [], reply


def test_tokens_under_the_apis_address_come_from_writ_itself(site):
	reply = site.ask("POST", "/core/authmgr/v3/oauth2/v2.0/anonymous/token?user_type=customer", [("X-Forwarded-For", "203.0.113.9")], b"scope=x")
	seen = only(site.tokens)
	assert reply.status == 200 and seen["target"] == "/core/authmgr/v3/oauth2/v2.0/anonymous/token?user_type=customer" and seen["length"] == 7
	assert len(headers_of(seen, "X-Forwarded-For")) == 1
	last = headers_of(seen, "X-Forwarded-For")[0].split(",")[-1].strip()
	assert last == "127.0.0.1" or (site.proxy.kind == "envoy" and last != "203.0.113.9")  # which gives its own address for one of loopback
	assert site.check.seen() == site.api.seen() == []


# ---- the check and its absence


def test_questions_share_connections(site):
	for _ in range(40):
		assert site.ask("GET", CALL, token="good").status == 200
	assert len({tuple(each["connection"]) for each in site.check.seen()}) <= 4


def test_a_check_that_is_gone_closes_and_one_that_is_back_opens_again(site):
	port = site.check.server_address[1]
	site.check.close()
	started = time.monotonic()
	assert refused(site, site.ask("GET", CALL, token="good"), 503)["error"] == "temporarily_unavailable"
	assert time.monotonic() - started < 5
	site.check = StandIn(port)
	deadline = time.monotonic() + DEADLINE_S  # nginx leaves a failed server alone for 10 s
	while site.ask("GET", CALL, token="good").status != 200:
		assert time.monotonic() < deadline
		time.sleep(0.05)


def test_a_check_that_never_answers_closes(site):
	site.check.hangs.set()
	started = time.monotonic()
	try:
		assert refused(site, site.ask("GET", CALL, token="good"), 503)["error"] == "temporarily_unavailable"
		assert time.monotonic() - started < 10
	finally:
		site.check.hangs.clear()
