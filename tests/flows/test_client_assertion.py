"""private_key_jwt: client authentication by a signed assertion (contract §3, §4; RFC 7523 §3; OpenID Connect Core §9); A4, A8, A17."""

import base64
import hashlib
import hmac
import json
import threading
import time

import jwt
import pytest

from support import documents as d
from support import people as p
from support.assertions import ABSENT, TYPE, Key, KeyServer, claims_of, fields_of, key_set, send, signed
from support.certificates import Authority
from support.oauth import FORM, basic_header, granted, introspect, post_form, refused
from support.people import Site, new_code, new_tokens, tokens_of
from support.program import get, request

class Keyed(p.Application):
	"""A web application, with or without a secret."""

	is_spa = False


EC_KEY, RSA_KEY, PS_KEY, OTHER_KEY = Key("e"), Key("r", "RS256"), Key("p", "PS256"), Key("other")
KEYED = Keyed("keyed-001", None, "https://keyed.example.com/callback")  # keys only
BOTH = Keyed("keyed-both", d.secret_of("keyed-both"), "https://both.example.com/callback")  # keys and a secret
THEIRS = Keyed("keyed-theirs", None, "https://theirs.example.com/callback")  # another application's key
KEYLESS = Keyed(d.BARE.id, d.BARE.secret)
ASSIGNED = [d.READ, d.OBO_READ, d.APP_READ]
GRANT = {"grant_type": "client_credentials", "scope": d.APP_READ}
UNLIMITED = ("--address-failures", "1000000", "--account-failures", "1000000")


def keyed(application, name, **more):
	document = d.application(application, name, ASSIGNED, redirect_urls=[application.redirect], consent="implied", **more)
	if application.secret is None:
		document.pop("secrets", None)
	return document


@pytest.fixture(scope="module")
def keyed_store(people_store, tmp_path_factory):
	store = people_store.copy_to(tmp_path_factory.mktemp("keyed"))
	store.apply(d.partial(client_applications=[
		keyed(KEYED, "Keyed", jwks=key_set(EC_KEY, RSA_KEY, PS_KEY)),
		keyed(BOTH, "Both", jwks=key_set(EC_KEY)),
		keyed(THEIRS, "Theirs", jwks=key_set(OTHER_KEY)),
		keyed(Keyed("keyed-off", None), "Keyed off", jwks=key_set(EC_KEY), enabled=False),
		keyed(Keyed("keyed-odd", None), "Odd keys", jwks=key_set(EC_KEY.public(use="enc", kid="enc"), EC_KEY.public(alg="ES384", kid="alg"), EC_KEY)),
	]))
	return store


@pytest.fixture(scope="module")
def site(keyed_store, tmp_path_factory):
	running = Site(keyed_store.copy_to(tmp_path_factory.mktemp("keyed-site")), *UNLIMITED)
	yield running
	running.stop()


@pytest.fixture
def keyed_copy(keyed_store, tmp_path):
	return keyed_store.copy_to(tmp_path / "keyed")


@pytest.fixture(scope="module")
def key_server():
	server = KeyServer()
	yield server
	server.stop()


def issuer(site, realm="U", partition="ACME"):
	return p.issuer_of(site, realm, partition)


def assertion_for(site, application=KEYED, key=EC_KEY, realm="U", headers=None, **changes):
	return signed(key, claims_of(application.id, changes.pop("aud", issuer(site, realm)), **changes), headers)


def token(site, fields, realm="U", partition="ACME", **keywords):
	return post_form(site.realm(partition, realm) + "/oauth2/token", fields, **keywords)


def ask(site, assertion, realm="U", grant=None, **more):
	return token(site, {**(grant or GRANT), **fields_of(assertion), **more}, realm)


def denied(site, reply, *words):
	"""One reply for all causes, the real one in the audit event; gives the sentence."""
	sentence = refused(reply, "invalid_client", 401)["error_description"]
	event = site.audit_of(reply.headers["X-Request-Id"])[0]
	assert event["result"] == "client-authentication-failed"
	for word in words:
		assert word in event["detail"], event
	return sentence


# ---- what is good


@pytest.mark.parametrize("key", [EC_KEY, RSA_KEY, PS_KEY], ids=lambda key: key.algorithm)
def test_an_assertion_signed_with_each_algorithm_proves_the_application(site, key):
	assert granted(ask(site, assertion_for(site, key=key)))["scope"] == d.APP_READ


@pytest.mark.parametrize("realm", ["U", "C"])
def test_the_audience_is_the_issuer_or_the_token_endpoint_as_a_text(site, realm):
	"""Issue 4; RFC 7523 §3."""
	for audience in (issuer(site, realm), [issuer(site, realm)], issuer(site, realm) + "/oauth2/token"):
		granted(ask(site, assertion_for(site, realm=realm, aud=audience), realm))


def test_every_grant_takes_an_assertion(site, person):
	"""Contract §3: code, refresh, client credentials, on behalf of."""
	code = new_code(site, KEYED, person, scope=f"openid offline_access {d.READ}")
	first = tokens_of(ask(site, assertion_for(site), grant={"grant_type": "authorization_code", "code": code, "redirect_uri": KEYED.redirect}), "id_token", "refresh_token")
	refreshed = tokens_of(ask(site, assertion_for(site), grant={"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}), "id_token", "refresh_token")
	granted(ask(site, assertion_for(site), grant={"grant_type": "password", "scope": d.OBO_READ, "subject_userid": person.id}))
	introspection = post_form(site.realm("ACME") + "/oauth2/introspect", {"token": refreshed["access_token"], **fields_of(assertion_for(site))})
	assert introspection.json()["active"] is True
	assert post_form(site.realm("ACME") + "/oauth2/revoke", {"token": refreshed["refresh_token"], **fields_of(assertion_for(site))}).status_code == 200
	assert introspect(site, BOTH, refreshed["access_token"]) == {"active": False}


def test_the_client_id_may_stand_in_the_form_and_must_then_be_the_same(site):
	granted(ask(site, assertion_for(site), client_id=KEYED.id))
	denied(site, ask(site, assertion_for(site), client_id=BOTH.id), "not the client_id")


def test_an_application_with_keys_and_secrets_may_use_either(site):
	granted(ask(site, assertion_for(site, BOTH)))
	granted(token(site, {**GRANT, "client_id": BOTH.id, "client_secret": BOTH.secret}))
	granted(token(site, GRANT, basic=(BOTH.id, BOTH.secret)))


def test_what_need_not_be_there_may_be_left_out(site):
	granted(ask(site, signed(EC_KEY, claims_of(KEYED.id, issuer(site), iat=ABSENT))))
	granted(ask(site, signed(EC_KEY, claims_of(KEYED.id, issuer(site), nbf=int(time.time())), {"typ": "client-authentication+jwt"})))
	granted(ask(site, signed(EC_KEY, claims_of(KEYED.id, issuer(site), exp=time.time() + 30.5, iat=time.time()))))
	granted(ask(site, jwt.encode(claims_of(KEYED.id, issuer(site)), EC_KEY.private, algorithm="ES256")))  # no kid


def test_metadata_says_so(site):
	body = get(issuer(site) + "/.well-known/openid-configuration").json()
	for name in ("token", "introspection", "revocation"):
		assert "private_key_jwt" in body[f"{name}_endpoint_auth_methods_supported"]
		assert body[f"{name}_endpoint_auth_signing_alg_values_supported"] == ["RS256", "PS256", "ES256"]


# ---- one way at a time, and the form


def test_two_ways_at_once_are_an_invalid_request(site):
	"""Contract §3."""
	for more in ({"client_secret": BOTH.secret}, {"client_secret": BOTH.secret, "client_id": BOTH.id}):
		refused(ask(site, assertion_for(site, BOTH), **more), "invalid_request")
	refused(token(site, {**GRANT, **fields_of(assertion_for(site, BOTH))}, basic=(BOTH.id, BOTH.secret)), "invalid_request")
	refused(token(site, {**GRANT, "client_assertion_type": TYPE}, basic=(BOTH.id, BOTH.secret)), "invalid_request")
	twice = [*GRANT.items(), *fields_of(assertion_for(site)).items(), ("client_assertion", assertion_for(site))]
	refused(token(site, twice), "invalid_request")


def test_nothing_is_used_up_by_two_ways_at_once(site):
	assertion = assertion_for(site, BOTH)
	refused(ask(site, assertion, client_secret=BOTH.secret), "invalid_request")
	granted(ask(site, assertion))


@pytest.mark.parametrize("fields,words", [
	({"client_assertion_type": None}, "client_assertion_type is not"),
	({"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"}, "client_assertion_type is not"),
	({"client_assertion": None}, "came without it"),
	({"client_assertion": "x"}, "no signed token"),
	({"client_assertion": "e30.e30.AAAA"}, "no signed token"),
	({"client_assertion": "a.b.c.d.e"}, "no signed token"),
], ids=lambda value: str(value)[:50])
def test_an_assertion_that_cannot_be_read_is_refused(site, fields, words):
	denied(site, token(site, {**GRANT, **fields_of(assertion_for(site)), **fields}), words)


def test_a_single_page_application_may_not_use_one(site):
	denied(site, ask(site, assertion_for(site, p.SPA)), "single page application")
	denied(site, ask(site, assertion_for(site, p.SPA), client_id=p.SPA.id), "single page application")


# ---- A8


def mac(text, secret):
	return base64.urlsafe_b64encode(hmac.new(secret, text.encode(), hashlib.sha256).digest()).rstrip(b"=").decode()


def part(value):
	return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def raw(site, header, secret=None):
	"""A token with any header, unsigned or with a MAC."""
	text = f"{part(header)}.{part(claims_of(KEYED.id, issuer(site)))}"
	return f"{text}.{mac(text, secret) if secret else ''}"


def test_alg_none_is_refused(site):
	"""A8."""
	for name in ("none", "None", "NONE"):
		denied(site, ask(site, raw(site, {"alg": name})))
		denied(site, ask(site, raw(site, {"alg": name, "kid": "e"}, b"x")), "algorithm is none of")


def test_a_mac_with_the_public_key_is_refused(site):
	"""A8: HS256 with the public key."""
	for key in (EC_KEY, RSA_KEY):
		jwk = json.dumps(key.public(), separators=(",", ":"), sort_keys=True).encode()
		denied(site, ask(site, raw(site, {"alg": "HS256", "kid": key.kid}, jwk)), "algorithm is none of")
		denied(site, ask(site, raw(site, {"alg": key.algorithm, "kid": key.kid}, jwk)), "signature is not")


def test_a_secret_is_no_key(site):
	"""client_secret_jwt is not offered: the secret itself is not kept."""
	text = f"{part({'alg': 'HS256'})}.{part(claims_of(BOTH.id, issuer(site)))}"
	denied(site, ask(site, f"{text}.{mac(text, BOTH.secret.encode())}"), "algorithm is none of")


CLAIMS = [
	({"iss": "somebody"}, "iss"), ({"iss": ABSENT}, "iss"), ({"iss": THEIRS.id}, "iss"),
	({"sub": THEIRS.id}, "no registered key"), ({"sub": ABSENT}, "no signed token with a sub"), ({"sub": "nobody-at-all"}, "no such client application"),
	({"aud": ABSENT}, "aud"), ({"aud": ""}, "aud"), ({"aud": []}, "aud"), ({"aud": "https://evil.example"}, "aud"), ({"aud": KEYED.id}, "aud"),
	({"exp": ABSENT}, "exp"), ({"exp": lambda now: now}, "exp"), ({"exp": lambda now: now - 1}, "exp"), ({"exp": lambda now: now - 86400}, "exp"),
	({"exp": lambda now: str(now + 60)}, "exp"), ({"exp": lambda now: now + 3700}, "exp"), ({"exp": lambda now: 2**62}, "exp"), ({"exp": 1e300}, "exp"),
	({"nbf": lambda now: now + 61}, "nbf"), ({"nbf": "soon"}, "nbf"), ({"iat": lambda now: now + 61}, "iat"), ({"iat": "now"}, "iat"),
	({"jti": ABSENT}, "jti"), ({"jti": ""}, "jti"), ({"jti": 7}, "jti"), ({"jti": "x" * 257}, "jti"),
]


def named(case):
	name, value = next(iter(case.items()))
	return f"{name}-{'absent' if value is ABSENT else 'time' if callable(value) else str(value)[:20]}"


@pytest.mark.parametrize("changes,words", CLAIMS, ids=lambda value: named(value) if isinstance(value, dict) else value)
def test_an_assertion_with_one_claim_wrong_is_refused(site, changes, words):
	"""A8."""
	now = int(time.time())
	changes = {name: value(now) if callable(value) else value for name, value in changes.items()}
	claims = {**claims_of(KEYED.id, issuer(site)), **changes}
	claims = {name: value for name, value in claims.items() if value is not ABSENT}
	# PyJWT judges claims that it signs
	text = f"{part({'alg': 'ES256', 'kid': 'e'})}.{part(claims)}"
	signature = jwt.get_algorithm_by_name("ES256").sign(text.encode(), EC_KEY.private)
	denied(site, ask(site, f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"), words)


@pytest.mark.parametrize("audience", [
	lambda one: [one, "https://evil.example"], lambda one: [one, one], lambda one: [one + "/oauth2/token"], lambda one: [one, one + "/oauth2/token"],
	lambda one: one + "/", lambda one: one + "/oauth2/token/", lambda one: one + "/oauth2/introspect", lambda one: one.replace("-U", "-C"),
	lambda one: one.replace("ACME", "OTHER"), lambda one: one.upper(), lambda one: {"a": one}, lambda one: one + "/oauth2/tokens",
], ids=range(12))
def test_an_audience_beyond_this_realm_is_refused(site, audience):
	"""A8: mis-addressed; what another server may pass on is not good here."""
	denied(site, ask(site, signed(EC_KEY, {**claims_of(KEYED.id, ""), "aud": audience(issuer(site))})), "aud")


def test_a_clock_may_be_30_s_ahead_and_no_more(site):
	"""Contract §4."""
	now = int(time.time())
	granted(ask(site, assertion_for(site, iat=now + 25, nbf=now + 25, exp=now + 85)))
	granted(ask(site, assertion_for(site, exp=now + 3595)))
	denied(site, ask(site, assertion_for(site, iat=now + 40, exp=now + 85)), "iat")


def test_a_key_of_another_application_is_refused(site):
	"""A8: key of another."""
	denied(site, ask(site, assertion_for(site, KEYED, OTHER_KEY)), "no registered key")
	denied(site, ask(site, assertion_for(site, KEYED, OTHER_KEY, headers={"kid": "e"})), "signature is not")
	granted(ask(site, assertion_for(site, THEIRS, OTHER_KEY)))
	denied(site, ask(site, assertion_for(site, KEYED, OTHER_KEY, headers={"kid": "e", "jwk": OTHER_KEY.public()})), "signature is not")


def test_an_unknown_kid_is_refused(site):
	"""A8."""
	denied(site, ask(site, assertion_for(site, headers={"kid": "unknown"})), "no registered key")


def test_critical_extensions_are_refused(site):
	denied(site, ask(site, assertion_for(site, headers={"crit": ["exp"], "exp": 1})), "crit")


def test_keys_for_other_purposes_prove_nothing(site):
	odd = Keyed("keyed-odd", None)
	for kid in ("enc", "alg"):
		denied(site, ask(site, assertion_for(site, odd, headers={"kid": kid})), "no registered key")
	granted(ask(site, assertion_for(site, odd)))


def test_members_given_twice_are_refused(site):
	claims = json.dumps(claims_of(KEYED.id, issuer(site)))[:-1] + f', "sub": "{KEYED.id}"}}'
	text = f"{part({'alg': 'ES256', 'kid': 'e'})}.{base64.urlsafe_b64encode(claims.encode()).rstrip(b'=').decode()}"
	signature = base64.urlsafe_b64encode(jwt.get_algorithm_by_name("ES256").sign(text.encode(), EC_KEY.private)).rstrip(b"=").decode()
	denied(site, ask(site, f"{text}.{signature}"))


def test_unknown_disabled_keyless_and_wrong_are_one_answer(site):
	"""Contract §3, Errors: byte for byte the same, the request id apart."""
	replies = [
		ask(site, assertion_for(site, Keyed("nobody-at-all", None))),
		ask(site, assertion_for(site, Keyed("keyed-off", None))),
		ask(site, assertion_for(site, KEYLESS)),
		ask(site, assertion_for(site, KEYED, OTHER_KEY)),
		ask(site, assertion_for(site, THEIRS)),
		token(site, {**GRANT, "client_id": BOTH.id, "client_secret": d.secret_of("wrong")}),
	]
	assert len({reply.content for reply in replies}) == 1
	for reply, words in zip(replies, ("no such", "disabled", "no keys", "no registered key", "no registered key", "")):
		denied(site, reply, words)


# ---- once


def test_an_assertion_is_good_once(site):
	"""A8; RFC 7523 §3: jti."""
	assertion = assertion_for(site)
	granted(ask(site, assertion))
	denied(site, ask(site, assertion), "jti was used before")
	claims = claims_of(KEYED.id, issuer(site), jti=jwt.decode(assertion, options={"verify_signature": False})["jti"])
	denied(site, ask(site, signed(RSA_KEY, claims)), "jti was used before")
	for endpoint in ("introspect", "revoke"):
		denied(site, post_form(site.realm("ACME") + f"/oauth2/{endpoint}", {"token": "x", **fields_of(assertion)}), "jti was used before")


def test_a_refused_assertion_uses_no_name_up(site):
	"""Somebody who guesses names cannot use them up."""
	claims = claims_of(KEYED.id, issuer(site))
	denied(site, ask(site, signed(OTHER_KEY, claims, {"kid": "e"})))
	denied(site, ask(site, signed(EC_KEY, {**claims, "aud": "https://evil.example"})))
	granted(ask(site, signed(EC_KEY, claims)))


def test_one_name_at_two_applications_is_two(site):
	first = claims_of(KEYED.id, issuer(site))
	granted(ask(site, signed(EC_KEY, first)))
	granted(ask(site, signed(EC_KEY, claims_of(BOTH.id, issuer(site), jti=first["jti"]))))


def test_of_many_uses_at_once_one_wins(site):
	"""A3 for assertions: no check that acts later."""
	assertion, replies, barrier = assertion_for(site), [], threading.Barrier(16)

	def use():
		barrier.wait()
		replies.append(ask(site, assertion))

	threads = [threading.Thread(target=use) for _ in range(16)]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join()
	assert sorted(reply.status_code for reply in replies) == [200] + [401] * 15


def test_a_used_assertion_stays_used_at_a_second_server_and_after_kill_and_restart(keyed_copy, open_site):
	"""Issue 4: jti once, across processes and restart."""
	first = open_site(keyed_copy, "--auth-url", d.AUTH_URL, *UNLIMITED)
	second = open_site(keyed_copy, "--auth-url", d.AUTH_URL, *UNLIMITED)
	audience = f"{d.AUTH_URL}/system/auth/ACME-U"
	one, two = assertion_for(first, aud=audience), assertion_for(first, aud=audience)
	granted(ask(first, one))
	granted(ask(second, two))
	denied(second, ask(second, one), "jti was used before")
	denied(first, ask(first, two), "jti was used before")
	first.kill()
	third = open_site(keyed_copy, "--auth-url", d.AUTH_URL, *UNLIMITED)
	for assertion in (one, two):
		denied(third, ask(third, assertion), "jti was used before")
	granted(ask(third, assertion_for(third, aud=audience)))


# ---- limits, log, A4


def test_wrong_assertions_count_as_failures_and_a_right_one_forgets_them(keyed_copy, open_site):
	"""Contract §6."""
	running = open_site(keyed_copy)
	for _ in range(4):
		denied(running, ask(running, assertion_for(running, KEYED, OTHER_KEY)))
	granted(ask(running, assertion_for(running)))
	for _ in range(5):
		denied(running, ask(running, assertion_for(running, KEYED, OTHER_KEY)))
	reply = ask(running, assertion_for(running, KEYED, OTHER_KEY))
	assert reply.status_code == 429 and int(reply.headers["Retry-After"]) >= 1
	granted(ask(running, assertion_for(running, THEIRS, OTHER_KEY)))


def test_no_word_of_an_assertion_is_ever_in_log_or_store(keyed_copy, open_site):
	running = open_site(keyed_copy, "--log-level", "debug")
	good, replayed, wrong = assertion_for(running), assertion_for(running), assertion_for(running, KEYED, OTHER_KEY)
	unknown = assertion_for(running, Keyed("somebody-with-a-name-as-long-as-a-secret-might-be", None))
	granted(ask(running, good))
	granted(ask(running, replayed))
	for assertion in (replayed, wrong, unknown):
		denied(running, ask(running, assertion))
	running.stop()
	seen = "\n".join(str(line) for line in running.lines)
	kept = b"".join(file.read_bytes() for file in keyed_copy.folder.glob(keyed_copy.path.name + "*"))
	for assertion in (good, replayed, wrong, unknown):
		jti = jwt.decode(assertion, options={"verify_signature": False})["jti"]
		for word in (*assertion.split("."), jti):
			assert word not in seen and word.encode() not in kept
	assert "somebody-with-a-name-as-long-as-a-secret-might-be" not in seen


def test_an_assertion_is_nothing_else_and_nothing_else_is_an_assertion(site):
	"""A4: assertions, ID tokens and access tokens included."""
	person = site.stranger()
	tokens = new_tokens(site, p.WEB, person)
	for kind in ("id_token", "access_token", "refresh_token"):
		refused(ask(site, tokens[kind]), "invalid_client", 401)
		refused(ask(site, tokens[kind], client_id=p.WEB.id), "invalid_client", 401)
	assertion = assertion_for(site)
	web = {"client_id": p.WEB.id, "client_secret": p.WEB.secret}
	assert request("GET", issuer(site) + "/oauth2/userinfo", headers={"Authorization": f"Bearer {assertion}"}).status_code == 401
	for fields in ({"grant_type": "authorization_code", "code": assertion, "redirect_uri": p.WEB.redirect}, {"grant_type": "refresh_token", "refresh_token": assertion}):
		refused(token(site, {**fields, **web}), "invalid_grant")
	assert introspect(site, p.WEB, assertion) == {"active": False}
	page = get(issuer(site) + "/oauth2/authorize", params=p.request_of(p.WEB, prompt="none", id_token_hint=assertion))
	assert "code=" not in page.headers.get("Location", "")
	granted(ask(site, assertion))


# ---- jwks_url


def by_url(store, client_id, url):
	"""A new application whose keys stand there."""
	application = Keyed(client_id, None)
	store.apply(d.partial(client_applications=[keyed(application, client_id, jwks_url=url)]))
	return application


def test_keys_are_fetched_once_and_rotate_by_an_unknown_kid(site, key_server):
	"""Contract §7's rule for key sets: refreshed on an unknown key id at most once in 30 s."""
	old, new, never = Key("old"), Key("new", "RS256"), Key("never")
	key_server.answers["/rotating"] = key_set(old)
	application = by_url(site.store, "url-rotating", key_server.url + "/rotating")
	for _ in range(3):
		granted(ask(site, assertion_for(site, application, old)))
	assert key_server.asked_for("/rotating") == 1
	key_server.answers["/rotating"] = key_set(old, new)
	granted(ask(site, assertion_for(site, application, new)))
	assert key_server.asked_for("/rotating") == 2
	granted(ask(site, assertion_for(site, application, old)))
	for _ in range(3):
		denied(site, ask(site, assertion_for(site, application, never)), "no registered key")
	assert key_server.asked_for("/rotating") == 2


def test_many_at_once_fetch_once(site, key_server):
	key, gate, replies = Key("1"), threading.Event(), []

	def slowly(handler):
		gate.wait(10)
		send(handler, json.dumps(key_set(key)).encode())

	key_server.answers["/crowd"] = slowly
	application = by_url(site.store, "url-crowd", key_server.url + "/crowd")
	threads = [threading.Thread(target=lambda: replies.append(ask(site, assertion_for(site, application, key)))) for _ in range(8)]
	for thread in threads:
		thread.start()
	deadline = time.monotonic() + 10
	while key_server.asked_for("/crowd") == 0 and time.monotonic() < deadline:
		time.sleep(0.01)
	granted(ask(site, assertion_for(site)))  # others are served meanwhile
	gate.set()
	for thread in threads:
		thread.join()
	assert [reply.status_code for reply in replies] == [200] * 8
	assert key_server.asked_for("/crowd") == 1


def endless(handler):
	handler.send_response(200)
	handler.end_headers()
	while True:
		handler.wfile.write(b" " * 65536)


def ten_mebibytes(handler):
	keys = json.dumps({"keys": [Key("1").public()] * 40000}).encode().ljust(10 * 1024 * 1024)
	send(handler, keys)


HOSTILE = {
	"endless": (endless, "bytes"),
	"ten-mebibytes": (ten_mebibytes, "bytes"),
	"ten-mebibytes-in-pieces": (lambda handler: send(handler, json.dumps(key_set(EC_KEY)).encode().ljust(10 * 1024 * 1024), **{"Content-Length": None}), "bytes"),
	"endless-headers": (lambda handler: [handler.wfile.write(b"HTTP/1.1 200 OK\r\n"), *(handler.wfile.write(b"A: " + b"x" * 1000 + b"\r\n") for _ in iter(int, 1))], "headers"),
	"not-found": (None, "404"),
	"broken": (lambda handler: send(handler, b"", 500), "500"),
	"html": (lambda handler: send(handler, b"<html>"), "no key set"),
	"no-keys": ({"keys": []}, "no key set"),
	"many-keys": ({"keys": [EC_KEY.public()] * 33}, "33 keys"),
	"twice": (lambda handler: send(handler, b'{"keys":[],"keys":' + json.dumps(key_set(EC_KEY)["keys"]).encode() + b"}"), "no key set"),
	"weak-key": (key_set(Key("e", "RS256", 1024)), "no registered key"),
	"private-key": ({"keys": [EC_KEY.public(d="AAAA")]}, "no registered key"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_answer_is_bounded_and_refused(site, key_server, case):
	"""A17: endless body, 10 MiB of keys: bounded, refused, cached."""
	answer, words = HOSTILE[case]
	key_server.answers["/" + case] = answer
	application = by_url(site.store, "url-" + case, key_server.url + "/" + case)
	for _ in range(3):
		reply = ask(site, assertion_for(site, application))
		denied(site, reply, words)
		assert reply.elapsed.total_seconds() < 10
	assert key_server.asked_for("/" + case) <= 2  # 2: it was had, and lacked the key


def test_a_slow_body_is_cut_and_holds_nobody_else(site, key_server):
	"""A17: slow body."""
	def dripping(handler):
		handler.send_response(200)
		handler.end_headers()
		while not key_server.stopping.wait(0.2):
			handler.wfile.write(b" ")

	key_server.answers["/slow"] = dripping
	application = by_url(site.store, "url-slow", key_server.url + "/slow")
	replies = []
	threads = [threading.Thread(target=lambda: replies.append(ask(site, assertion_for(site, application)))) for _ in range(24)]
	for thread in threads:
		thread.start()
	deadline = time.monotonic() + 10
	while key_server.asked_for("/slow") == 0 and time.monotonic() < deadline:
		time.sleep(0.01)
	began = time.monotonic()
	granted(ask(site, assertion_for(site)))
	assert time.monotonic() - began < 4, "an assertion of somebody else waited for the slow one"
	for thread in threads:
		thread.join()
	assert sorted({reply.status_code for reply in replies}) in ([401], [401, 503])
	assert all(reply.elapsed.total_seconds() < 20 for reply in replies)
	denied(site, next(reply for reply in replies if reply.status_code == 401), "jwks_url: no whole reply within 5000 ms")
	assert key_server.asked_for("/slow") == 1
	began = time.monotonic()
	denied(site, ask(site, assertion_for(site, application)))
	assert time.monotonic() - began < 4, "the failure was not remembered"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(site, key_server, status):
	"""A17: a private host by redirect."""
	key_server.answers[f"/inside-{status}"] = key_set(EC_KEY)
	key_server.answers[f"/redirect-{status}"] = lambda handler: send(handler, b"", status, Location=f"{key_server.url}/inside-{status}")
	application = by_url(site.store, f"url-redirect-{status}", f"{key_server.url}/redirect-{status}")
	denied(site, ask(site, assertion_for(site, application)), str(status))
	assert key_server.asked_for(f"/inside-{status}") == 0


def test_nobody_there_is_a_refusal(site):
	application = by_url(site.store, "url-nobody", "http://127.0.0.1:9/keys")
	denied(site, ask(site, assertion_for(site, application)), "nothing answers there")


def test_a_changed_address_counts_at_once(site, key_server):
	"""Contract §9: apply returns when running servers see the change."""
	first, second = Key("1"), Key("2")
	key_server.answers["/first"], key_server.answers["/second"] = key_set(first), key_set(second)
	application = by_url(site.store, "url-changed", key_server.url + "/first")
	granted(ask(site, assertion_for(site, application, first)))
	by_url(site.store, "url-changed", key_server.url + "/second")
	granted(ask(site, assertion_for(site, application, second)))
	denied(site, ask(site, assertion_for(site, application, first)), "no registered key")


def test_https_is_judged_by_the_configured_authorities(keyed_copy, open_site, tmp_path):
	"""outbound-ca-file; without it the system's."""
	authority = Authority(tmp_path / "authority")
	secure = KeyServer(authority.pair())
	try:
		secure.answers["/keys"] = key_set(EC_KEY)
		application = by_url(keyed_copy, "url-secure", secure.url + "/keys")
		trusting = open_site(keyed_copy, "--outbound-ca-file", authority.file)
		doubting = open_site(keyed_copy)
		granted(ask(trusting, assertion_for(trusting, application)))
		denied(doubting, ask(doubting, assertion_for(doubting, application)), "certificate is not trusted")
	finally:
		secure.stop()


def test_the_environments_proxy_and_netrc_are_not_used(keyed_copy, open_site, key_server, tmp_path):
	(tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password something\n")
	headers = []

	def keep(handler):
		headers.append(dict(handler.headers))
		send(handler, json.dumps(key_set(EC_KEY)).encode())

	key_server.answers["/plain"] = keep
	application = by_url(keyed_copy, "url-plain", key_server.url + "/plain")
	nowhere = "http://127.0.0.1:9"
	running = open_site(keyed_copy, env={"http_proxy": nowhere, "all_proxy": nowhere, "ALL_PROXY": nowhere, "HOME": str(tmp_path)})
	granted(ask(running, assertion_for(running, application)))
	assert len(headers) == 1 and "Authorization" not in headers[0] and headers[0]["User-Agent"].startswith("writ/")


def test_the_basic_header_stays_what_it_was(site):
	"""The way of secrets is not disturbed by what an assertion brings."""
	reply = request("POST", site.realm("ACME") + "/oauth2/token", data=GRANT, headers={"Content-Type": FORM, "Authorization": basic_header(BOTH.id, "wrong" * 8)})
	refused(reply, "invalid_client", 401)
	assert reply.headers["WWW-Authenticate"].startswith("Basic")
