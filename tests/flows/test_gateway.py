"""Contract section 5: every case of the table, which source says what is asked, and what the API behind is told."""

import json
import signal
import types

import pytest

from support import documents as d
from support import people as p
from support.gateway import ARTICLE, SIX, SOURCES, Proxy, acting_token, allowed, anonymous_token, application_token, ask, person_token, refused_call
from support.oauth import unverified
from support.program import get, request, write_document
from support.wire import Wire

EVERY_SOURCE = [*SOURCES, "envoy"]


# ---- allowed: what the API behind is told


def test_a_client_application_is_named_as_subject_and_client(guarded):
	allowed(ask(guarded, "GET", ARTICLE, application_token(guarded)), Partition="ACME", Actor="client", Subject=d.WEB.id, Client=d.WEB.id, Scope=d.APP_READ, Acting_Client="")


@pytest.mark.parametrize("realm,actor,subject", [("U", "user", "1001"), ("C", "customer", "c-1")])
def test_who_signed_in_is_the_subject_and_nobody_acts_for_them(guarded, realm, actor, subject):
	token = person_token(guarded, f"openid {d.READ} {d.MANAGE}", realm)
	allowed(ask(guarded, "GET", ARTICLE, token), Partition="ACME", Actor=actor, Subject=subject, Client=p.WEB.id, Scope=f"openid {d.READ} {d.MANAGE}", Acting_Client="")


@pytest.mark.parametrize("realm,actor,subject", [("U", "user", "1001"), ("C", "customer", "c-1")])
def test_on_behalf_of_somebody_the_acting_client_is_named_too(guarded, realm, actor, subject):
	allowed(ask(guarded, "GET", ARTICLE, acting_token(guarded, realm=realm)), Partition="ACME", Actor=actor, Subject=subject, Client=d.WEB.id, Scope=d.OBO_READ,
	        Acting_Client=d.WEB.id)


def test_an_anonymous_customer_is_named_by_its_token(guarded):
	token = anonymous_token(guarded)
	allowed(ask(guarded, "GET", ARTICLE, token), Partition="ACME", Actor="anonymous_customer", Subject=unverified(token)["sub"], Client=unverified(token)["client_id"],
	        Scope=d.READ, Acting_Client="")
	assert unverified(token)["sub"].startswith("anon:")


def test_a_header_of_ours_that_comes_in_changes_nothing(guarded):
	"""A10: X-Writ-* by the caller."""
	forged = [("X-Writ-Subject", "1001"), ("X-Writ-Actor", "user"), ("X-Writ-Scope", d.MANAGE), ("X-Writ-Partition", "OTHER"), ("X-Writ-Acting-Client", "x")]
	token = application_token(guarded)
	allowed(ask(guarded, "GET", ARTICLE, token, more=forged), Partition="ACME", Actor="client", Subject=d.WEB.id, Acting_Client="")
	refused_call(ask(guarded, "POST", "/k/v4/articles", token, more=forged), 403, "call-actor")
	refused_call(ask(guarded, "GET", ARTICLE, more=forged), 401, "call-token-missing")


def test_host_decides_nothing(guarded):
	token = application_token(guarded)
	with Wire(types.SimpleNamespace(port=int(guarded.management_url.rsplit(":", 1)[1]))) as wire:
		for host in ("api.example.test", "evil.example", "OTHER"):
			wire.send(f"GET /gateway/check HTTP/1.1\r\nHost: {host}\r\nX-Original-Method: GET\r\nX-Original-URI: {ARTICLE}\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
			assert wire.reply()[0] == 204


# ---- refused


def test_without_a_token_there_is_a_challenge_without_an_error_code(guarded):
	"""RFC 6750 section 3.1. Another scheme is no token."""
	refused_call(ask(guarded, "GET", ARTICLE), 401, "call-token-missing")
	for value in ("Basic eDp5", "Bearerx y", "Digest a=b"):
		refused_call(ask(guarded, "GET", ARTICLE, more=[("Authorization", value)]), 401, "call-token-missing")


def test_a_token_in_the_address_is_never_read(guarded):
	token = application_token(guarded)
	refused_call(ask(guarded, "GET", f"{ARTICLE}?access_token={token}"), 401, "call-token-missing")


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "..", "A" * 12000, "e30.e30.", "\"", "null", "eyJhbGciOiJub25lIn0.e30."])
def test_what_is_no_token_is_an_invalid_token(guarded, text):
	refused_call(ask(guarded, "GET", ARTICLE, text), 401, "call-token")


def test_the_scheme_is_read_in_any_case(guarded):
	token = application_token(guarded)
	for scheme in ("bearer", "BEARER", "Bearer  "):
		allowed(ask(guarded, "GET", ARTICLE, more=[("Authorization", f"{scheme} {token}")]))
	refused_call(ask(guarded, "GET", ARTICLE, more=[("Authorization", f"Bearer {token}, Bearer {token}")]), 401, "call-token")


def test_a_missing_scope_is_named(guarded):
	"""Contract section 5: scope="…" naming what would do; all scopes of one alternative are needed."""
	answer = ask(guarded, "PUT", ARTICLE, person_token(guarded, d.READ))
	body = refused_call(answer, 403, "call-scope", "scope", d.MANAGE)
	assert f'scope="{d.READ} {d.MANAGE}"' in answer.header("WWW-Authenticate")
	assert body["operation"] == {"api": "k", "method": "PUT", "path": "/k/v4/articles/{id}", "operation_id": body["operation"]["operation_id"]}
	assert [(each["actor"], each["scope"]) for each in body["alternatives"]] == [("user", f"{d.READ} {d.MANAGE}"), ("client", ".default")]
	assert body["actor"] == "user" and all(each["flow"] for each in body["alternatives"])
	allowed(ask(guarded, "PUT", ARTICLE, person_token(guarded, f"{d.MANAGE} {d.READ}")))


def test_any_one_alternative_suffices(guarded):
	allowed(ask(guarded, "POST", "/k/v4/articles", person_token(guarded, d.MANAGE)))
	refused_call(ask(guarded, "POST", "/k/v4/articles", person_token(guarded, d.READ)), 403, "call-scope", "nobody.has.this")


def test_a_client_token_with_delegated_scopes_is_refused_where_a_person_is_needed(guarded):
	"""Issue: the body says which flow to use."""
	token = application_token(guarded, d.MANAGE)
	assert unverified(token)["scope"] == d.MANAGE
	body = refused_call(ask(guarded, "POST", "/k/v4/articles", token), 403, "call-actor", "authorization code")
	assert body["actor"] == "client"


def test_an_on_behalf_of_token_is_refused_where_it_is_not_listed(guarded):
	body = refused_call(ask(guarded, "POST", "/k/v4/articles", acting_token(guarded, d.OBO_MANAGE)), 403, "call-actor", "user_on_behalf_of", "authorization code")
	assert body["actor"] == "user_on_behalf_of"
	refused_call(ask(guarded, "GET", "/k/v4/me", acting_token(guarded)), 403, "call-actor")


def test_an_alternative_without_scopes_needs_the_actor_alone(guarded):
	allowed(ask(guarded, "GET", "/k/v4/me", person_token(guarded, "openid")))
	refused_call(ask(guarded, "GET", "/k/v4/me", application_token(guarded)), 403, "call-actor")


def test_default_is_met_by_any_application_permission_of_a_client_token(guarded):
	allowed(ask(guarded, "PUT", ARTICLE, application_token(guarded, d.APP_MANAGE)))
	answer = ask(guarded, "PUT", ARTICLE, application_token(guarded, d.READ))
	refused_call(answer, 403, "call-scope")
	assert 'scope=".default"' in answer.header("WWW-Authenticate")


@pytest.mark.parametrize("method,path", [("GET", "/"), ("GET", "/k/v4"), ("GET", "/k/v4/articles"), ("GET", "/k/v4/articles/7/more"), ("GET", "/K/v4/articles/7"),
                                         ("get", ARTICLE), ("PURGE", ARTICLE), ("GET", "/gateway/check"), ("GET", "/healthz"), ("TRACE", ARTICLE), ("OPTIONS", ARTICLE)])
def test_what_is_not_listed_is_closed(guarded, method, path):
	body = refused_call(ask(guarded, method, path, application_token(guarded)), 403, "call-not-listed")
	assert "operation" not in body


@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
def test_an_operation_with_no_security_is_closed(guarded, method):
	for token in (application_token(guarded), person_token(guarded)):
		refused_call(ask(guarded, method, ARTICLE, token), 403, "call-closed")


def test_the_order_is_address_token_operation_actor_scope(guarded):
	"""What comes first is told, whatever else is wrong."""
	token = application_token(guarded, d.READ)
	refused_call(ask(guarded, "GET", "/%2f", "x"), 400, "call-address")
	refused_call(ask(guarded, "GET", "/nowhere", "x"), 401, "call-token")
	refused_call(ask(guarded, "GET", "/nowhere"), 401, "call-token-missing")
	refused_call(ask(guarded, "GET", "/nowhere", token), 403, "call-not-listed")
	refused_call(ask(guarded, "POST", "/k/v4/articles", token), 403, "call-actor")
	refused_call(ask(guarded, "GET", ARTICLE, token), 403, "call-scope")


def test_the_refusal_address_decides_the_same_way_but_never_2xx(guarded):
	"""Contract section 5."""
	token = application_token(guarded)
	for method, uri, bearer in (("GET", ARTICLE, None), ("GET", ARTICLE, "x"), ("GET", "/nowhere", token), ("POST", "/k/v4/articles", token), ("GET", "/%5c", token),
	                            ("PUT", ARTICLE, person_token(guarded)), ("DELETE", ARTICLE, token)):
		check, refusal = ask(guarded, method, uri, bearer), ask(guarded, method, uri, bearer, at="refusal")
		assert (check.status, check.body, check.header("WWW-Authenticate")) == (refusal.status, refusal.body, refusal.header("WWW-Authenticate"))
	for source in EVERY_SOURCE:
		answer = ask(guarded, "GET", ARTICLE, token, source=source, at="refusal")
		refused_call(answer, 503, "call-allowed")
		assert answer.header("Retry-After")


# ---- where the call comes from


@pytest.mark.parametrize("source", EVERY_SOURCE)
def test_each_source_gives_method_and_address(guarded, source):
	token = application_token(guarded)
	allowed(ask(guarded, "GET", ARTICLE + "?a=b&c=%2f", token, source=source))
	refused_call(ask(guarded, "POST", "/k/v4/articles", token, source=source), 403, "call-actor", "POST /k/v4/articles")
	refused_call(ask(guarded, "DELETE", ARTICLE, token, source=source), 403, "call-closed")
	refused_call(ask(guarded, "GET", "/", token, source=source), 403, "call-not-listed")
	refused_call(ask(guarded, "GET", "/a%2fb", token, source=source), 400, "call-address")


HALVES = [[(name, value)] for names in SOURCES.values() for name, value in zip(names, ("GET", ARTICLE))]
WHOLES = [[(names[0], "GET"), (names[1], ARTICLE)] for names in SOURCES.values()]


@pytest.mark.parametrize("at", ["check", "refusal"])
def test_no_source_half_of_one_or_two_are_a_bad_request(guarded, at):
	token = [("Authorization", "Bearer " + application_token(guarded))]
	mixtures = [[], *HALVES, WHOLES[0] + WHOLES[1], *(half + whole for half in HALVES for whole in WHOLES if half[0] not in whole),
	            HALVES[0] + HALVES[3], HALVES[1] + HALVES[2], [(WHOLES[0][0][0], ""), WHOLES[0][1]], [WHOLES[0][0], (WHOLES[0][1][0], "")]]
	with Proxy(guarded) as proxy:
		for headers in mixtures:
			refused_call(proxy.send("GET", "/gateway/" + at, headers + token), 400, "call-source")
		for headers in (*HALVES, *WHOLES):
			refused_call(proxy.send("GET", f"/gateway/{at}{ARTICLE}", headers + token), 400, "call-source")
			refused_call(proxy.send("GET", f"/gateway/{at}/", headers + token), 400, "call-source")
		refused_call(proxy.send("GET", f"/gateway/{at}?x={ARTICLE}", token), 400, "call-source")


@pytest.mark.parametrize("name", ["X-Original-Method", "X-Original-URI", "X-Forwarded-Method", "X-Forwarded-Uri", "X-Forwarded-For", "Authorization"])
def test_a_header_that_comes_twice_is_a_bad_request(guarded, name):
	"""Contract section 6: repeated X-Original-* or X-Forwarded-* is 400."""
	headers = [("X-Original-Method", "GET"), ("X-Original-URI", ARTICLE), ("Authorization", "Bearer " + application_token(guarded)), (name, "x"), (name.lower(), "x")]
	with Proxy(guarded) as proxy:
		answer = proxy.send("GET", "/gateway/check", headers)
	assert answer.status == 400 and answer.slug == "repeated-header" and answer.json["error"] == "invalid_request"


def test_other_forwarded_headers_are_no_source(guarded):
	more = [("X-Forwarded-For", "192.0.2.1"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "api.example.test"), ("X-Original-URL", "https://elsewhere/")]
	for source in EVERY_SOURCE:
		allowed(ask(guarded, "GET", ARTICLE, application_token(guarded), source=source, more=more))


@pytest.mark.parametrize("method", ["", " ", "G T", "GET\t", "{http.request.method}", "GET,POST", "GËT", "X" * 33, "GET/"])
def test_a_method_that_is_none_is_a_bad_request(guarded, method):
	token = application_token(guarded)
	for source in SOURCES:
		names = SOURCES[source]
		with Proxy(guarded) as proxy:
			answer = proxy.send("GET", "/gateway/check", [(names[0], method.encode()), (names[1], ARTICLE), ("Authorization", "Bearer " + token)])
		assert answer.status == 400 or (method.strip() == "GET" and answer.status == 204), (method, answer)


def test_the_request_with_headers_may_have_any_method_and_a_body(guarded):
	"""What proxies send along is read past."""
	token = application_token(guarded)
	headers = [("X-Forwarded-Method", "GET"), ("X-Forwarded-Uri", ARTICLE), ("Authorization", "Bearer " + token)]
	with Proxy(guarded) as proxy:
		for method in ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"):
			allowed(proxy.send(method, "/gateway/check", headers))
		for body in (b"", b"access_token=x", b"\0" * 60000):
			allowed(proxy.send("POST", "/gateway/check", [*headers, ("Content-Type", "application/x-www-form-urlencoded")], body))
		answer = proxy.send("POST", "/gateway/check", headers, b"x" * 70000)
	assert answer.status == 413 and answer.slug == "body-too-large"


def test_head_is_judged_as_get_unless_it_is_listed(guarded):
	token = application_token(guarded)
	for source in EVERY_SOURCE:
		allowed(ask(guarded, "HEAD", ARTICLE, token, source=source))
		allowed(ask(guarded, "HEAD", "/k/v4/head", token, source=source))
	refused_call(ask(guarded, "GET", "/k/v4/head", token), 403, "call-actor")
	refused_call(ask(guarded, "HEAD", "/k/v4/head", person_token(guarded)), 403, "call-actor")
	answer = ask(guarded, "HEAD", "/k/v4/articles", token, source="envoy")
	assert answer.status == 403 and answer.body == b""


def test_a_preflight_is_a_call_like_any_other(guarded):
	"""They are the proxy's business: the decision never lets one through by itself."""
	more = [("Origin", "https://spa.example.com"), ("Access-Control-Request-Method", "GET")]
	for source in EVERY_SOURCE:
		refused_call(ask(guarded, "OPTIONS", ARTICLE, source=source, more=more), 401, "call-token-missing")
		refused_call(ask(guarded, "OPTIONS", ARTICLE, application_token(guarded), source=source, more=more), 403, "call-not-listed")
		allowed(ask(guarded, "OPTIONS", "/k/v4/options", application_token(guarded), source=source, more=more))


def test_the_decision_is_on_the_management_listener_alone(guarded):
	for path in ("/gateway/check", "/gateway/refusal", "/gateway/check" + ARTICLE):
		reply = request("GET", guarded.url + path, headers={"X-Original-Method": "GET", "X-Original-URI": ARTICLE, "Authorization": "Bearer " + application_token(guarded)})
		assert reply.status_code == 404


# ---- audit, metrics


def test_a_refusal_leaves_an_audit_event_and_no_token_in_it(guarded):
	token = application_token(guarded)
	answer = ask(guarded, "POST", "/k/v4/articles", token)
	event, = guarded.audit_of(answer.header("X-Request-Id"))
	assert (event["action"], event["result"], event["partition"], event["actor"], event["object"]) == ("call.refused", "call-actor", "ACME", d.WEB.id, "POST /k/v4/articles")
	answer = ask(guarded, "GET", ARTICLE, token[:-4])
	event, = guarded.audit_of(answer.header("X-Request-Id"))
	assert event["result"] == "call-token" and token[:-4] not in json.dumps(guarded.lines)


def test_what_anybody_can_send_and_what_a_proxy_repeats_leave_no_audit_event(guarded):
	"""A loop of calls without a token would push out what is worth keeping."""
	token = application_token(guarded)
	silent = [ask(guarded, "GET", ARTICLE), ask(guarded, "GET", "/%2f"), ask(guarded, "POST", "/k/v4/articles", token, at="refusal"),
	          ask(guarded, "GET", ARTICLE, token[:-4], at="refusal"), ask(guarded, "GET", ARTICLE, token, at="refusal")]
	told = [ask(guarded, "GET", "/%2f", token), ask(guarded, "POST", "/k/v4/articles", token)]
	for answer in told:
		assert len(guarded.audit_of(answer.header("X-Request-Id"))) == 1
	requests = {line.get("request_id") for line in guarded.lines}
	assert requests.isdisjoint(answer.header("X-Request-Id") for answer in silent)


def test_the_audit_event_says_who_called_as_far_as_proxies_are_trusted_after_a_reload_too(guarded_store, tmp_path, open_site):
	running = open_site(guarded_store.copy_to(tmp_path / "trusting"), config={"trusted_proxies": "127.0.0.1"})
	more = [("X-Forwarded-For", "203.0.113.7, 192.0.2.1")]

	def address_of_a_refusal():
		event, = running.audit_of(ask(running, "GET", ARTICLE, "x", more=more).header("X-Request-Id"))
		return event["address"]
	assert address_of_a_refusal() == "192.0.2.1"
	for trusted, expected in (("127.0.0.1, 192.0.2.0/24", "203.0.113.7"), ("10.0.0.0/8", "127.0.0.1")):
		reloads = len(running.lines)
		write_document(running.config_path, f"trusted_proxies: {trusted}\n")
		running.signal(signal.SIGHUP)
		running.wait_for(lambda: any("was reloaded" in line["message"] for line in running.lines[reloads:]), what="the reload")
		assert address_of_a_refusal() == expected


def counts(server):
	text = get(server.management_url + "/metrics").text
	return {line.rsplit(" ", 1)[0]: int(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(("writ_decision", "writ_requests_refused_total{slug=\"call"))}


def test_decisions_are_counted(guarded):
	before = counts(guarded)
	token = application_token(guarded)
	for _ in range(3):
		allowed(ask(guarded, "GET", ARTICLE, token))
	refused_call(ask(guarded, "GET", "/nowhere", token), 403, "call-not-listed")
	refused_call(ask(guarded, "GET", "/nowhere"), 401, "call-token-missing")
	after = counts(guarded)
	moved = {name: after[name] - before[name] for name in after if after[name] != before[name]}
	assert moved == {'writ_decisions_total{outcome="allowed"}': 3, 'writ_decisions_total{outcome="refused"}': 2, 'writ_decision_tokens_total{token="verified"}': 1,
	                 'writ_decision_tokens_total{token="remembered"}': 3, 'writ_requests_refused_total{slug="call-not-listed"}': 1,
	                 'writ_requests_refused_total{slug="call-token-missing"}': 1}


def test_all_six_headers_come_as_they_are_named(guarded):
	answer = ask(guarded, "GET", ARTICLE, application_token(guarded))
	assert [name for name, _ in answer.headers if name.startswith("X-Writ-")] == ["X-Writ-" + name for name in SIX]
