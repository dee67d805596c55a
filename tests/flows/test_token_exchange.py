"""Token exchange (contract §7; RFC 8693): the tokens of identity providers outside, and names for on-behalf-of tokens; A4, A5, A6, A8, A17."""

import hashlib
import hmac
import json
import threading
import time

import jwt
import pytest

from support import documents as d
from support import people as p
from support.assertions import ABSENT, Key, KeyServer, key_set, send
from support.browser import Browser
from support.oauth import ON_BEHALF_OF_CLAIMS, CLIENT_CLAIMS, ask, introspect, on_behalf_of, refused, revoke, unverified, verified
from support.people import Site, issuer_of, left_half_hash, new_code, new_tokens, refresh, tokens_of, userinfo
from support.program import get, run
from support.providers import AUDIENCE, GRANT, Provider, exchange, exchanged, part, sign

EVERYTHING = f"openid profile email offline_access {d.READ}"
APP = p.Application("exchange-1", d.secret_of("exchange"), "https://exchange.example.com/callback")
SECOND = p.Application("exchange-2", d.secret_of("exchange-second"), "https://exchange-second.example.com/callback")
FORGETFUL = p.Application("exchange-3", d.secret_of("exchange-forgetful"), "https://exchange-forgetful.example.com/callback")  # no refresh tokens
ADMIN = p.Application("exchange-4", d.secret_of("exchange-admin"), "https://exchange-admin.example.com/callback")
EMPTY = p.Application("exchange-5", d.secret_of("exchange-empty"), "https://exchange-empty.example.com/callback")  # nothing delegated
THEIR_APP = p.Application("exchange-6", d.secret_of("exchange-theirs"), "https://exchange-theirs.example.com/callback")
UNLIMITED = ("--address-failures", "1000000", "--account-failures", "1000000")
ASSIGNED = [d.READ, d.MANAGE, d.OBO_READ, d.OBO_MANAGE, d.APP_READ, d.APP_MANAGE]
TWIN = "twin@example.com"  # of two users
HALF = "half@example.com"  # of two users, one of them disabled
RSA, PSS, EC = Key("rsa", "RS256"), Key("pss", "PS256"), Key("ec")


def application(one, name, permissions=tuple(ASSIGNED), **more):
	return d.application(one, name, permissions, redirect_urls=[one.redirect], consent="implied", **{"grants": ["token_exchange"], **more})


def registered(*providers, partition="ACME"):
	return d.partial(partition, identity_providers=[provider.registered for provider in providers])


@pytest.fixture(scope="module")
def key_server():
	server = KeyServer()
	yield server
	server.stop()


class Outside:
	"""The providers that are registered."""

	def __init__(self, server):
		self.mail = Provider(server, "by-mail", keys=[EC, RSA, PSS])
		self.name = Provider(server, "by-name", "preferred_username", "username")
		self.id = Provider(server, "by-id", "sub", "id")
		self.second = Provider(server, "second")
		self.mail_as_name = Provider(server, "mail-as-name", "email", "username")
		self.theirs = Provider(server, "theirs")  # of the partition OTHER


@pytest.fixture(scope="module")
def outside(key_server):
	return Outside(key_server)


@pytest.fixture(scope="module")
def exchange_store(people_store, outside, tmp_path_factory):
	store = people_store.copy_to(tmp_path_factory.mktemp("exchange"))
	store.apply(d.partial(client_applications=[
		application(APP, "Exchange"), application(SECOND, "Second exchange"), application(FORGETFUL, "Forgetful exchange", refresh_tokens=False),
		application(ADMIN, "Administrating exchange", [d.READ, *d.ADMIN_PERMISSIONS]), application(EMPTY, "Empty exchange", [d.OBO_READ, d.APP_READ]),
	], users=[
		{"id": "twin-1", "username": "twin-1", "email": TWIN}, {"id": "twin-2", "username": "twin-2", "email": TWIN.upper()},
		{"id": "half-1", "username": "half-1", "email": HALF}, {"id": "half-2", "username": "half-2", "email": HALF, "enabled": False},
		{"id": "mail-name", "username": "mail.name@example.com"},
	]))
	store.apply(registered(outside.mail, outside.name, outside.id, outside.second, outside.mail_as_name))
	store.apply(d.partial("OTHER", client_applications=[application(THEIR_APP, "Exchange", [d.READ, d.OBO_READ])],
	                      identity_providers=[outside.theirs.registered]))
	return store


@pytest.fixture(scope="module")
def site(exchange_store, tmp_path_factory):
	running = Site(exchange_store.copy_to(tmp_path_factory.mktemp("exchange-site")), *UNLIMITED)
	yield running
	running.stop()


@pytest.fixture
def own_exchange(exchange_store, tmp_path, open_site):
	"""A site of one test alone, over a store that it may change."""
	return open_site(exchange_store.copy_to(tmp_path / "exchange"), *UNLIMITED)


def mail_of(person):
	return person.name if person.realm == "C" else f"{person.name}@example.com"


def denied(site, reply, *words):
	"""One reply for all causes, the real one in the audit event; gives the sentence."""
	sentence = refused(reply, "invalid_request")["error_description"]
	event = site.audit_of(reply.headers["X-Request-Id"])[0]
	assert event["result"] == "subject-token-refused", event
	for word in words:
		assert word in event["detail"], event
	return sentence


# ---- what is good


@pytest.mark.parametrize("realm", ["U", "C"])
@pytest.mark.parametrize("kind", ["access_token", "id_token", "jwt"])
def test_a_providers_token_gives_a_token_as_if_that_person_had_signed_in(site, outside, kind, realm):
	"""Contract §7, §4: without act; the reply says what it is."""
	somebody = site.stranger(realm)
	body = exchanged(exchange(site, APP, outside.mail.token(mail_of(somebody)), outside.mail, d.READ, kind, realm))
	claims = verified(site, body["access_token"], realm=realm, issuer=issuer_of(site, realm), audience=d.API_URL)
	assert set(claims) == CLIENT_CLAIMS
	assert (claims["sub"], claims["client_id"], claims["scope"]) == (somebody.id, APP.id, d.READ)
	assert claims["actor"] == {"U": "user", "C": "customer"}[realm]
	assert introspect(site, APP, body["access_token"])["active"] is True


def test_each_way_of_naming_a_person_finds_that_person(site, outside, person, customer):
	for provider, value, somebody in ((outside.name, person.name, person), (outside.id, person.id, person), (outside.id, customer.id, customer)):
		body = exchanged(exchange(site, APP, provider.token(value), provider, realm=somebody.realm))
		assert unverified(body["access_token"])["sub"] == somebody.id


@pytest.mark.parametrize("key", [EC, RSA, PSS], ids=lambda key: key.algorithm)
def test_a_token_signed_with_each_algorithm_is_good(site, outside, person, key):
	exchanged(exchange(site, APP, outside.mail.token(mail_of(person), key), outside.mail))
	exchanged(exchange(site, APP, outside.mail.token(mail_of(person), key, {"kid": ABSENT, "typ": ABSENT}), outside.mail))


@pytest.mark.parametrize("audience", [AUDIENCE, [AUDIENCE], ["https://another.example", AUDIENCE], [AUDIENCE, AUDIENCE], [7, AUDIENCE]], ids=str)
def test_the_audience_may_be_a_text_or_a_list_that_has_it(site, outside, person, audience):
	"""RFC 7519 §4.1.3."""
	exchanged(exchange(site, APP, outside.mail.token(mail_of(person), aud=audience), outside.mail))


def test_usernames_and_e_mails_compare_without_ascii_case_and_ids_exactly(site, outside, person, customer):
	"""Contract §1."""
	for provider, value, somebody in ((outside.mail, mail_of(person).upper(), person), (outside.mail, mail_of(customer).title(), customer),
	                                  (outside.name, person.name.upper(), person)):
		body = exchanged(exchange(site, APP, provider.token(value), provider, realm=somebody.realm))
		assert unverified(body["access_token"])["sub"] == somebody.id
	denied(site, exchange(site, APP, outside.id.token(person.id.upper()), outside.id), "nobody of this realm")


def test_what_need_not_be_there_may_be_left_out(site, outside, person):
	exchanged(exchange(site, APP, outside.mail.token(mail_of(person), iat=ABSENT, nbf=ABSENT, sub=ABSENT), outside.mail))
	exchanged(exchange(site, APP, outside.mail.token(mail_of(person), exp=lambda now: now + 300.5, iat=lambda now: now + 0.5), outside.mail))


def test_a_clock_may_be_30_s_ahead(site, outside, person):
	"""Contract §4."""
	exchanged(exchange(site, APP, outside.mail.token(mail_of(person), iat=lambda now: now + 25, nbf=lambda now: now + 25), outside.mail))


def test_a_token_may_come_again_for_as_long_as_it_is_good(site, outside, person):
	"""docs/decisions/subject-tokens-may-come-again.md: an access token is shown many times; nothing in RFC 8693 makes it single use."""
	token = outside.mail.token(mail_of(person), jti="one")
	bodies = [exchanged(exchange(site, application, token, outside.mail)) for application in (APP, APP, SECOND)]
	assert len({unverified(body["access_token"])["gid"] for body in bodies}) == 3


def test_metadata_lists_the_grant(site):
	for address in ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"):
		assert GRANT in get(issuer_of(site) + address).json()["grant_types_supported"]


def test_an_exchange_is_audited_and_counted(site, outside, person):
	token = outside.mail.token(mail_of(person))
	reply = exchange(site, APP, token, outside.mail, EVERYTHING)
	exchanged(reply, "id_token", "refresh_token")
	event = next(event for event in site.audit_of(reply.headers["X-Request-Id"]) if event["action"] == "token.exchanged")
	assert (event["actor"], event["object"], event["result"], event["detail"]) == (person.id, APP.id, "ok", "by-mail")
	assert 'writ_tokens_issued_total{flow="token_exchange"}' in get(site.management_url + "/metrics").text


def test_no_word_of_a_subject_token_is_ever_in_log_or_store(exchange_store, tmp_path, open_site, outside):
	store = exchange_store.copy_to(tmp_path / "quiet")
	running = open_site(store, "--log-level", "debug")
	good, bad = outside.mail.token(mail_of(p.SMITH), jti="a-name-of-a-token"), outside.mail.token(mail_of(p.SMITH), iss="https://evil.example")
	refused(exchange(running, APP, good, outside.mail, "x.unknown"), "invalid_scope")
	refused(exchange(running, APP, bad, outside.mail), "invalid_request")
	body = exchanged(exchange(running, APP, outside.id.token("1002"), outside.id, EVERYTHING), "id_token", "refresh_token")
	running.stop()
	seen = "\n".join(str(line) for line in running.lines)
	kept = b"".join(file.read_bytes() for file in store.folder.glob(store.path.name + "*"))
	for word in (*good.split("."), *bad.split("."), "a-name-of-a-token", body["refresh_token"], *body["access_token"].split(".")[1:]):
		assert word not in seen and word.encode() not in kept


# ---- scope


def test_without_a_scope_it_is_every_delegated_permission_assigned(site, outside, person):
	"""Contract §3: the admin ones left out."""
	for scope in (None, "", "  "):
		body = exchanged(exchange(site, APP, outside.mail.token(mail_of(person)), outside.mail, scope))
		assert set(body["scope"].split(" ")) == set(unverified(body["access_token"])["scope"].split(" ")) == {d.READ, d.MANAGE}
	assert exchanged(exchange(site, ADMIN, outside.id.token(p.PA.id), outside.id))["scope"] == d.READ
	refused(exchange(site, EMPTY, outside.mail.token(mail_of(person)), outside.mail), "invalid_scope", 400, "scope")


@pytest.mark.parametrize("scope", [d.OBO_READ, d.APP_READ, d.UNASSIGNED["delegated"], f"{d.READ} {d.APP_READ}", ".default", "no.such.scope"])
def test_what_the_flow_does_not_carry_is_an_invalid_scope(site, outside, person, scope):
	"""Contract §3, table; A5: scope beyond the client's."""
	refused(exchange(site, APP, outside.mail.token(mail_of(person)), outside.mail, scope), "invalid_scope", 400, "scope")


@pytest.mark.parametrize("scope", d.ADMIN_PERMISSIONS)
def test_the_permissions_of_the_admin_api_never_come_by_exchange(site, outside, scope):
	"""Contract §4: not even for an administrator."""
	for asked in (scope, f"openid {scope}", d.PREFIX + scope):
		refused(exchange(site, ADMIN, outside.id.token(p.PA.id), outside.id, asked), "invalid_scope", 400, "scope")


def test_a_scope_may_have_the_prefix_and_is_echoed_as_it_was_asked_for(site, outside, person):
	body = exchanged(exchange(site, APP, outside.mail.token(mail_of(person)), outside.mail, f"{d.PREFIX}{d.READ} address phone"))
	assert body["scope"] == d.PREFIX + d.READ and unverified(body["access_token"])["scope"] == d.READ


# ---- what comes of it: ID tokens, userinfo, refresh tokens


def test_openid_gives_an_id_token_and_userinfo(site, outside, person):
	"""Contract §3, table. What is not known of the sign-in out there is not said."""
	body = exchanged(exchange(site, APP, outside.mail.token(mail_of(person)), outside.mail, f"openid profile email {d.READ}"), "id_token")
	header = jwt.get_unverified_header(body["id_token"])
	keys = get(issuer_of(site) + "/oauth2/jwks").json()["keys"]
	key = next(key for key in keys if key["kid"] == header["kid"])
	claims = jwt.decode(body["id_token"], jwt.PyJWK(key).key, algorithms=["RS256"], audience=APP.id, issuer=issuer_of(site))
	assert set(claims) == {"iss", "sub", "aud", "iat", "exp", "at_hash"}
	assert claims["sub"] == person.id and claims["at_hash"] == left_half_hash(body["access_token"])
	info = userinfo(site, body["access_token"]).json()
	assert (info["sub"], info["email"], info["name"]) == (person.id, mail_of(person), person.name.title())


@pytest.mark.parametrize("auth_time,known", [(lambda now: now - 60, True), (lambda now: now + 20, True), (lambda now: now + 61, False), ("yesterday", False),
                                             (0, False), (-1, False), (True, False), (1e300, False)],
                         ids=["a-minute-ago", "20-s-ahead", "61-s-ahead", "text", "zero", "negative", "true", "huge"])
def test_the_time_of_the_sign_in_out_there_is_told_where_it_is_known(site, outside, person, auth_time, known):
	token = outside.mail.token(mail_of(person), auth_time=auth_time, acr="9", amr=["mfa"])
	body = exchanged(exchange(site, APP, token, outside.mail, EVERYTHING), "id_token", "refresh_token")
	bodies = [body, tokens_of(refresh(site, APP, body["refresh_token"]), "id_token", "refresh_token")]
	for claims in [unverified(one[name]) for one in bodies for name in ("access_token", "id_token")]:
		assert ("auth_time" in claims) == known
		assert not known or claims["auth_time"] <= claims["iat"]
		assert not {"acr", "amr", "sid", "act", "nonce"} & set(claims)


def test_offline_access_gives_a_refresh_token_like_any_other(site, outside, person):
	body = exchanged(exchange(site, APP, outside.mail.token(mail_of(person)), outside.mail, EVERYTHING), "id_token", "refresh_token")
	second = tokens_of(refresh(site, APP, body["refresh_token"], scope=d.READ), "refresh_token")
	assert unverified(second["access_token"])["gid"] == unverified(body["access_token"])["gid"]
	assert unverified(second["access_token"])["scope"] == d.READ
	refused(refresh(site, SECOND, second["refresh_token"]), "invalid_grant")
	refused(refresh(site, APP, second["refresh_token"], "C"), "invalid_grant")
	third = tokens_of(refresh(site, APP, second["refresh_token"]), "id_token", "refresh_token")
	assert set(third["scope"].split(" ")) == set(EVERYTHING.split(" "))
	refused(refresh(site, APP, third["refresh_token"], scope=d.MANAGE), "invalid_scope", 400, "scope")


def test_an_application_without_refresh_tokens_gets_none(site, outside, person):
	"""Contract §3: offline_access is left out, not refused."""
	body = exchanged(exchange(site, FORGETFUL, outside.mail.token(mail_of(person)), outside.mail, f"offline_access {d.READ}"))
	assert body["scope"] == d.READ
	refused(exchange(site, FORGETFUL, outside.mail.token(mail_of(person)), outside.mail, "offline_access"), "invalid_scope", 400, "scope")


def test_revoking_the_refresh_token_ends_every_token_of_the_grant(site, outside, person):
	"""Contract §3: its gid."""
	body = exchanged(exchange(site, APP, outside.mail.token(mail_of(person)), outside.mail, EVERYTHING), "id_token", "refresh_token")
	other = exchanged(exchange(site, APP, outside.mail.token(mail_of(person)), outside.mail))
	assert revoke(site, APP, body["refresh_token"]).status_code == 200
	assert introspect(site, APP, body["access_token"]) == {"active": False}
	assert userinfo(site, body["access_token"]).status_code == 401
	refused(refresh(site, APP, body["refresh_token"]), "invalid_grant")
	assert introspect(site, APP, other["access_token"])["active"] is True
	assert revoke(site, APP, other["access_token"]).status_code == 200
	assert introspect(site, APP, other["access_token"]) == {"active": False}


def test_a_person_sees_the_application_and_withdraws_what_it_has(site, outside, person):
	"""The gid is recorded: the person's own page ends the access tokens too."""
	body = exchanged(exchange(site, APP, outside.mail.token(mail_of(person)), outside.mail, EVERYTHING), "id_token", "refresh_token")
	browser = Browser(site)
	browser.sign_in(p.authorize(browser, p.WEB), person.name, person.password)
	page = browser.get(p.path_of(endpoint="/account"))
	assert "Exchange" in page.text
	withdraw(browser, page)
	assert introspect(site, APP, body["access_token"]) == {"active": False}
	refused(refresh(site, APP, body["refresh_token"]), "invalid_grant")


def withdraw(browser, page):
	form = next(form for form in page.parsed.forms if ("client_id", APP.id) in [(name, value) for name, value, _ in form.fields])
	browser.post(p.path_of(endpoint="/account/withdraw"), {name: value for name, value, _ in form.fields})


def test_a_person_withdraws_an_application_that_has_no_refresh_token(site, outside, person):
	"""Every exchange is a grant of its own that can be found by its person."""
	body = exchanged(exchange(site, APP, outside.mail.token(mail_of(person)), outside.mail))
	browser = Browser(site)
	p.arrive(browser, APP, person, scope=d.READ, prompt="consent")
	withdraw(browser, browser.get(p.path_of(endpoint="/account")))
	assert introspect(site, APP, body["access_token"]) == {"active": False}


def test_live_state_is_that_of_people_who_sign_in(own_exchange, outside):
	"""Contract §3, Live state."""
	site, somebody, left = own_exchange, own_exchange.stranger(), own_exchange.stranger()
	token = outside.mail.token(mail_of(somebody))
	body = exchanged(exchange(site, APP, token, outside.mail, EVERYTHING + " " + d.MANAGE), "id_token", "refresh_token")
	site.store.apply(d.partial(client_applications=[application(APP, "Exchange", [d.READ])]))
	second = tokens_of(refresh(site, APP, body["refresh_token"]), "id_token", "refresh_token")
	assert d.MANAGE not in second["scope"].split(" ")
	site.store.apply(d.partial(users=[{"id": somebody.id, "enabled": False}]))
	assert introspect(site, APP, second["access_token"]) == {"active": False}
	refused(refresh(site, APP, second["refresh_token"]), "invalid_grant")
	denied(site, exchange(site, APP, token, outside.mail), "disabled")
	site.store.apply(d.partial(users=[{"id": somebody.id, "enabled": True}]))
	assert introspect(site, APP, second["access_token"]) == {"active": False}
	exchanged(exchange(site, APP, token, outside.mail))
	body = exchanged(exchange(site, APP, outside.mail.token(mail_of(left)), outside.mail, EVERYTHING), "id_token", "refresh_token")
	site.store.apply(d.partial(client_applications=[application(APP, "Exchange", [d.READ], grants=[])]))
	refused(exchange(site, APP, token, outside.mail), "unauthorized_client")
	site.store.apply(d.partial(client_applications=[application(APP, "Exchange", [d.READ], enabled=False)]))
	assert introspect(site, SECOND, body["access_token"]) == {"active": False}


def test_a_provider_that_is_changed_or_taken_away_is_so_at_once(own_exchange, outside, person):
	site, token = own_exchange, outside.mail.token(mail_of(person))
	exchanged(exchange(site, APP, token, outside.mail))
	site.store.apply(d.partial(identity_providers=[{"registration_id": "by-mail", "audience": "another"}]))
	denied(site, exchange(site, APP, token, outside.mail), "aud")
	exchanged(exchange(site, APP, outside.mail.token(mail_of(person), aud="another"), outside.mail))
	document = site.store.export()
	partition = next(one for one in document["partitions"] if one["id"] == "ACME")
	partition["identity_providers"] = [one for one in partition["identity_providers"] if one["registration_id"] != "by-mail"]
	site.store.apply(document, "--prune")
	refused(exchange(site, APP, token, outside.mail), "invalid_request", 400, "registration_id")


@pytest.mark.parametrize("change,word", [({"audience": "another"}, "aud"), ({"jwks_url": "https://elsewhere.example/keys"}, "jwks_url")], ids=["audience", "jwks_url"])
def test_a_provider_that_is_changed_while_its_keys_are_on_their_way_is_so_at_once(own_exchange, key_server, change, word):
	site, go_on, replies = own_exchange, threading.Event(), []
	provider = Provider(key_server, f"held-{word}", "sub", "id", keys=[EC])

	def held(handler):
		go_on.wait(4)
		send(handler, json.dumps(key_set(EC)).encode())

	key_server.answers[provider.path] = held
	site.store.apply(registered(provider))
	thread = threading.Thread(target=lambda: replies.append(exchange(site, APP, provider.token("1001"), provider)))
	thread.start()
	deadline = time.monotonic() + 10
	while provider.asked == 0 and time.monotonic() < deadline:
		time.sleep(0.01)
	site.store.apply(d.partial(identity_providers=[{"registration_id": provider.registered["registration_id"], **change}]))
	go_on.set()
	thread.join()
	denied(site, replies[0], word)


def test_what_was_exchanged_outlives_kill_and_restart(exchange_store, tmp_path, open_site, outside):
	store = exchange_store.copy_to(tmp_path / "killed")
	first = open_site(store, "--auth-url", d.AUTH_URL)
	body = exchanged(exchange(first, APP, outside.id.token("1002"), outside.id, EVERYTHING), "id_token", "refresh_token")
	first.kill()
	second = open_site(store, "--auth-url", d.AUTH_URL)
	assert introspect(second, APP, body["access_token"])["active"] is True
	tokens_of(refresh(second, APP, body["refresh_token"]), "id_token", "refresh_token")


# ---- A8


CLAIMS = [
	({"iss": "https://evil.example"}, "iss"), ({"iss": ABSENT}, "iss"), ({"iss": ["https://by-mail.example.com"]}, "iss"), ({"iss": "https://by-mail.example.com/"}, "iss"),
	({"aud": "https://evil.example"}, "aud"), ({"aud": ABSENT}, "aud"), ({"aud": ""}, "aud"), ({"aud": []}, "aud"), ({"aud": {AUDIENCE: True}}, "aud"),
	({"aud": [[AUDIENCE]]}, "aud"), ({"aud": AUDIENCE.upper()}, "aud"), ({"aud": AUDIENCE + " x"}, "aud"), ({"aud": [AUDIENCE + "x"]}, "aud"),
	({"exp": ABSENT}, "exp"), ({"exp": lambda now: now}, "exp"), ({"exp": lambda now: now - 1}, "exp"), ({"exp": lambda now: now - 86400}, "exp"), ({"exp": 0}, "exp"),
	({"exp": lambda now: str(now + 60)}, "exp"), ({"exp": 1e300}, "exp"), ({"exp": None}, "exp"),
	({"nbf": lambda now: now + 61}, "nbf"), ({"nbf": "soon"}, "nbf"), ({"nbf": None}, "nbf"),
	({"iat": lambda now: now + 61}, "iat"), ({"iat": "now"}, "iat"),
	({"events": {"http://schemas.openid.net/event/backchannel-logout": {}}}, "events"),
]


def named(case):
	name, value = next(iter(case.items()))
	return f"{name}-{'absent' if value is ABSENT else 'time' if callable(value) else str(value)[:24]}"


@pytest.mark.parametrize("changes,words", CLAIMS, ids=lambda value: named(value) if isinstance(value, dict) else value)
def test_a_token_with_one_claim_wrong_is_refused(site, outside, person, changes, words):
	"""A8: wrong aud, iss, exp long past, nbf ahead by 61 s."""
	denied(site, exchange(site, APP, outside.mail.token(mail_of(person), **changes), outside.mail), words)


def test_alg_none_and_a_mac_with_the_public_key_are_refused(site, outside, person):
	"""A8."""
	claims = part(outside.mail.claims(mail_of(person)))
	for name in ("none", "None", "NONE"):
		denied(site, exchange(site, APP, f"{part({'alg': name})}.{claims}.", outside.mail))
		denied(site, exchange(site, APP, f"{part({'alg': name, 'kid': 'ec'})}.{claims}.AAAA", outside.mail), "algorithm is none of")
	for key in (EC, RSA):
		jwk = json.dumps(key.public(), separators=(",", ":"), sort_keys=True).encode()
		for name in ("HS256", key.algorithm):
			text = f"{part({'alg': name, 'kid': key.kid})}.{claims}"
			mac = part(hmac.new(jwk, text.encode(), hashlib.sha256).digest())
			denied(site, exchange(site, APP, f"{text}.{mac}", outside.mail))


def test_a_key_of_another_provider_and_an_unknown_key_are_refused(site, outside, person):
	"""A8: key id unknown, key of another provider; each provider's tokens are its own."""
	stranger, value = Key("ec"), mail_of(person)
	denied(site, exchange(site, APP, outside.mail.token(value, stranger), outside.mail), "signature is not")
	denied(site, exchange(site, APP, outside.mail.token(value, headers={"kid": "unknown"}), outside.mail), "no registered key")
	denied(site, exchange(site, APP, outside.mail.token(value, outside.second.keys[0]), outside.mail), "no registered key")
	denied(site, exchange(site, APP, outside.mail.token(value, outside.second.keys[0], {"kid": "ec"}), outside.mail), "signature is not")
	denied(site, exchange(site, APP, outside.mail.token(value, stranger, {"jwk": stranger.public(), "jku": "https://evil.example"}), outside.mail), "signature is not")
	denied(site, exchange(site, APP, outside.second.token(value), outside.mail), "no registered key")
	exchanged(exchange(site, APP, outside.second.token(value), outside.second))
	denied(site, exchange(site, APP, outside.second.token(value, iss=outside.mail.issuer), outside.second), "iss")


@pytest.mark.parametrize("text", ["x", "a.b", "e30.e30.AAAA", "a.b.c.d.e", ".." , "." * 50, "e30." * 3000])
def test_what_is_no_token_is_refused(site, outside, text):
	denied(site, exchange(site, APP, text, outside.mail))


def test_broken_tokens_are_refused(site, outside, person):
	good = outside.mail.token(mail_of(person))
	head, claims, signature = good.split(".")
	for token in (good[:-8], f"{head}.{claims}.", f"{head}..{signature}", f".{claims}.{signature}", f"{head}.{claims[:-1]}.{signature}", good + ".x", good + "="):
		denied(site, exchange(site, APP, token, outside.mail))
	doubled = json.dumps(outside.mail.claims("nobody@example.com"))[:-1] + f', "email": "{mail_of(person)}"}}'
	denied(site, exchange(site, APP, sign(EC, doubled.encode()), outside.mail))
	denied(site, exchange(site, APP, outside.mail.token(mail_of(person), headers={"crit": ["exp"], "exp": 1}), outside.mail), "crit")
	denied(site, exchange(site, APP, sign(EC, b"[]"), outside.mail))
	refused(exchange(site, APP, "x" * 17000, outside.mail), "invalid_request", 400, "subject_token")


# ---- A6: the claim, the parameters


@pytest.mark.parametrize("value", ["", ABSENT, None, 7, True, ["{}"], [], {"email": "{}"}, "{}\0", "\0{}", " {}", "{} ", "{}\n", "x" * 5000], ids=range(14))
@pytest.mark.parametrize("way", ["mail", "name", "id"])
def test_a_claim_that_names_nobody_gives_no_token(site, outside, person, way, value):
	"""A6: empty, missing, an array, a number, NUL: never a token for somebody else, nor for the application itself."""
	provider = getattr(outside, way)
	right = {"mail": mail_of(person), "name": person.name, "id": person.id}[way]
	filled = json.loads(json.dumps(value).replace("{}", right)) if value is not ABSENT else ABSENT
	denied(site, exchange(site, APP, provider.token(filled), provider))


@pytest.mark.parametrize("changes,words", [
	({"subject_token": None}, "subject_token"), ({"subject_token": ""}, "subject_token"), ({"subject_token": ["a", "b"]}, "subject_token"),
	({"subject_token_type": None}, "subject_token_type"), ({"subject_token_type": ""}, "subject_token_type"), ({"subject_token_type": "id_token"}, "subject_token_type"),
	({"subject_token_type": "urn:ietf:params:oauth:token-type:saml2"}, "subject_token_type"),
	({"subject_token_type": "urn:ietf:params:oauth:token-type:refresh_token"}, "subject_token_type"),
	({"registration_id": None}, "registration_id"), ({"registration_id": ""}, "registration_id"), ({"registration_id": "nobody"}, "registration_id"),
	({"registration_id": "BY-MAIL"}, "registration_id"), ({"registration_id": ["by-mail", "by-mail"]}, "registration_id"), ({"registration_id": "x" * 300}, "registration_id"),
	({"registration_id": "theirs"}, "registration_id"),
	({"actor_token": "x"}, "actor_token"), ({"actor_token_type": "urn:ietf:params:oauth:token-type:jwt"}, "actor_token"),
	({"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"}, "requested_token_type"), ({"requested_token_type": "urn:ietf:params:oauth:token-type:jwt"}, "requested_token_type"),
	({"subject_username": "pa"}, "subject"), ({"subject_userid": "1001"}, "subject"), ({"subject_email": "jane@example.com"}, "subject"),
	({"subject_token": "a\0b"}, "NUL|control"),
], ids=lambda value: named(value) if isinstance(value, dict) else value)
def test_a_parameter_that_is_missing_wrong_or_too_much_is_an_invalid_request(site, outside, person, changes, words):
	"""Contract §7: actor_token and another requested_token_type too; A6."""
	fields = {"registration_id": "by-mail", **changes}
	refused(exchange(site, APP, outside.mail.token(mail_of(person)), fields.pop("registration_id"), **fields), "invalid_request", 400, words)


def test_the_one_requested_type_and_resource_and_audience_are_taken(site, outside, person):
	"""RFC 8693 §2.1; contract §3: resource and audience may repeat and are ignored."""
	exchanged(exchange(site, APP, outside.mail.token(mail_of(person)), outside.mail, requested_token_type="urn:ietf:params:oauth:token-type:access_token",
	                   resource=["https://a.example", "https://b.example"], audience=["a", "b"]))


# ---- e-mails, and exactly one person


@pytest.mark.parametrize("flag,good", [(True, True), ("true", True), (ABSENT, True), (False, False), ("false", False), ("", False), (None, False), (0, False), (1, False),
                                       ("True", False), ([True], False)], ids=range(11))
def test_an_e_mail_that_is_marked_unverified_names_nobody(site, outside, person, flag, good):
	"""Contract §7: false as a text too, as some providers write it."""
	for provider, value in ((outside.mail, mail_of(person)), (outside.mail_as_name, "mail.name@example.com")):
		reply = exchange(site, APP, provider.token(value, email_verified=flag), provider)
		exchanged(reply) if good else denied(site, reply, "unverified")
	exchanged(exchange(site, APP, outside.id.token(person.id, email_verified=flag), outside.id))  # no e-mail matches here


def test_an_e_mail_of_several_users_names_nobody(site, outside):
	"""Contract §7: exactly one person must match."""
	for value in (TWIN, TWIN.upper(), HALF):
		denied(site, exchange(site, APP, outside.mail.token(value), outside.mail), "several")
	assert unverified(exchanged(exchange(site, APP, outside.name.token("twin-2"), outside.name))["access_token"])["sub"] == "twin-2"


def test_of_people_who_are_unknown_disabled_or_elsewhere_there_is_no_token(site, outside, person, customer):
	"""A5: subject of another partition, of the other realm, disabled."""
	for provider, value, realm in (
		(outside.mail, "nobody@example.com", "U"), (outside.name, "nobody", "U"), (outside.id, "0", "U"),
		(outside.id, p.LEFT.id, "U"), (outside.mail, p.GONE.name, "C"),
		(outside.id, customer.id, "U"), (outside.id, person.id, "C"), (outside.mail, mail_of(customer), "U"), (outside.mail, mail_of(person), "C"),
		(outside.name, mail_of(customer), "C"), (outside.name, customer.id, "C"),
		(outside.id, p.THEIRS.id, "U"), (outside.name, p.THEIRS.name, "U"), (outside.id, APP.id, "U"), (outside.mail, "", "U"),
	):
		denied(site, exchange(site, APP, provider.token(value), provider, realm=realm))


def test_a_provider_is_of_its_partition_alone(site, outside, person):
	"""A5, A7."""
	token = outside.theirs.token("theirs@example.com")
	refused(exchange(site, APP, outside.theirs.token(mail_of(person)), outside.theirs), "invalid_request", 400, "registration_id")
	assert unverified(exchanged(exchange(site, THEIR_APP, token, outside.theirs, partition="OTHER", realm="C"))["access_token"])["sub"] == "c-9"
	refused(exchange(site, THEIR_APP, outside.mail.token("theirs@example.com"), outside.mail, partition="OTHER", realm="C"), "invalid_request", 400, "registration_id")
	refused(exchange(site, APP, token, outside.theirs, partition="OTHER", realm="C"), "invalid_client", 401)


def test_everything_that_is_wrong_with_token_or_person_is_one_answer(site, outside, person):
	"""Contract §7: invalid_request, in the same words."""
	tokens = ["x", outside.mail.token(mail_of(person), Key("ec")), outside.mail.token(mail_of(person), exp=1), outside.mail.token(mail_of(person), aud="x"),
	          outside.mail.token("nobody@example.com"), outside.mail.token(TWIN), outside.mail.token(mail_of(person), email_verified=False), outside.mail.token(7)]
	assert len({exchange(site, APP, token, outside.mail).content for token in tokens}) == 1
	disabled = exchange(site, APP, outside.id.token(p.LEFT.id), outside.id)
	assert disabled.content == exchange(site, APP, outside.id.token("nobody"), outside.id).content == exchange(site, APP, "x", outside.mail).content


# ---- who may, and the order


def test_only_a_web_application_with_the_grant_may_exchange(site, outside, person):
	"""Contract §3; A5: SPA."""
	token = outside.mail.token(mail_of(person))
	refused(exchange(site, p.WEB, token, outside.mail), "unauthorized_client")
	refused(exchange(site, p.SPA, token, outside.mail), "unauthorized_client")
	refused(exchange(site, p.WEB, "pa", kind="username", scope=d.OBO_READ), "unauthorized_client")
	refused(exchange(site, p.Application(APP.id, d.secret_of("wrong")), token, outside.mail), "invalid_client", 401)
	refused(exchange(site, p.Application(APP.id, None), token, outside.mail), "invalid_client", 401)


def test_form_client_grant_parameters_scope_and_subject_are_checked_in_this_order(site, outside):
	"""Contract §3, Requests."""
	refused(exchange(site, p.Application("nobody", "x"), ["a", "b"]), "invalid_request")
	refused(exchange(site, p.Application("nobody", d.secret_of("x")), None), "invalid_client", 401)
	refused(exchange(site, p.WEB, None, scope="no.such"), "unauthorized_client")
	refused(exchange(site, APP, "x", None, "no.such"), "invalid_request", 400, "registration_id")
	refused(exchange(site, APP, "x", outside.mail, "no.such"), "invalid_scope", 400, "scope")
	refused(exchange(site, APP, "x", "nobody", d.READ), "invalid_request", 400, "registration_id")


# ---- A4: nothing of ours is a subject token


@pytest.fixture(scope="module")
def artefacts(site, outside):
	person = site.stranger()
	tokens = new_tokens(site, p.WEB, person, EVERYTHING)
	mine = exchanged(exchange(site, APP, outside.mail.token(mail_of(person)), outside.mail, EVERYTHING), "id_token", "refresh_token")
	return {
		"access": tokens["access_token"], "id_token": tokens["id_token"], "refresh": tokens["refresh_token"], "code": new_code(site, p.WEB, person),
		"exchanged access": mine["access_token"], "exchanged id_token": mine["id_token"], "exchanged refresh": mine["refresh_token"],
		"on behalf of": on_behalf_of(site, p.WEB, d.OBO_READ, {"subject_userid": person.id}).json()["access_token"],
		"client access": ask(site, p.WEB, {"grant_type": "client_credentials", "scope": d.APP_READ}).json()["access_token"], "secret": APP.secret,
	}


@pytest.mark.parametrize("kind", ["access_token", "id_token", "jwt"])
@pytest.mark.parametrize("artefact", ["access", "id_token", "refresh", "code", "exchanged access", "exchanged id_token", "exchanged refresh", "on behalf of", "client access", "secret"])
def test_no_artefact_of_ours_is_a_subject_token(site, outside, artefacts, artefact, kind):
	"""A4; a provider that shows our own keys makes none either, for its issuer is not ours."""
	for provider in (outside.mail, outside.id):
		denied(site, exchange(site, APP, artefacts[artefact], provider, kind=kind))
	refused(exchange(site, APP, artefacts[artefact], issuer_of(site), kind=kind), "invalid_request", 400, "registration_id")


def test_a_provider_with_our_own_keys_makes_no_token_of_ours_good(own_exchange, outside):
	site = own_exchange
	mirror = Provider(outside.mail.server, "mirror", "sub", "id", jwks_url=issuer_of(site) + "/oauth2/jwks", audience=d.API_URL)
	site.store.apply(registered(mirror))
	access = new_tokens(site, p.WEB, site.stranger())["access_token"]
	denied(site, exchange(site, APP, access, mirror), "iss")


def test_a_subject_token_is_never_dropped_by_another_grant(site, outside, person):
	"""A6: nobody gets a token of the application's own, or of another subject, who named a subject by its token."""
	named = {"subject_token": outside.mail.token(mail_of(person)), "subject_token_type": "urn:ietf:params:oauth:token-type:jwt", "registration_id": "by-mail"}
	refused(ask(site, APP, {"grant_type": "client_credentials", "scope": d.APP_READ, **named}), "invalid_request", 400, "subject")
	refused(on_behalf_of(site, APP, d.OBO_READ, {"subject_userid": "1001", **named}), "invalid_request", 400, "subject_token")
	refused(on_behalf_of(site, APP, d.OBO_READ, named), "invalid_request", 400, "subject")


def test_a_subject_token_is_nothing_else(site, outside, person):
	"""A4, the other way round."""
	token = outside.mail.token(mail_of(person))
	assert userinfo(site, token).status_code == 401
	assert introspect(site, APP, token) == {"active": False}
	refused(refresh(site, APP, token), "invalid_grant")
	refused(ask(site, APP, {"grant_type": "authorization_code", "code": token, "redirect_uri": APP.redirect}), "invalid_grant")
	exchanged(exchange(site, APP, token, outside.mail))


# ---- A17


def endless(handler):
	handler.send_response(200)
	handler.end_headers()
	while True:
		handler.wfile.write(b" " * 65536)


HOSTILE = {
	"endless": (endless, "bytes"),
	"ten-mebibytes": (lambda handler: send(handler, json.dumps({"keys": [EC.public()] * 40000}).encode().ljust(10 * 1024 * 1024)), "bytes"),
	"not-found": (None, "404"),
	"html": (lambda handler: send(handler, b"<html>"), "no key set"),
	"many-keys": ({"keys": [EC.public()] * 33}, "33 keys"),
	"private-key": ({"keys": [EC.public(d="AAAA")]}, "no registered key"),
}


def hostile(site, key_server, name, answer):
	"""A provider whose keys are this answer."""
	provider = Provider(key_server, name, "sub", "id", keys=[EC])
	key_server.answers[provider.path] = answer
	site.store.apply(registered(provider))
	return provider


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_keys_are_bounded_refused_and_cached(site, key_server, person, case):
	"""A17: endless body, 10 MiB of keys."""
	answer, words = HOSTILE[case]
	provider = hostile(site, key_server, case, answer)
	for _ in range(3):
		reply = exchange(site, APP, provider.token(person.id), provider)
		denied(site, reply, words)
		assert reply.elapsed.total_seconds() < 10
	assert provider.asked <= 2  # 2: it was had, and lacked the key


def test_a_redirect_to_a_private_host_is_not_followed(site, key_server, person):
	"""A17: JWKS address at a private host by redirect."""
	key_server.answers["/inside/keys"] = key_set(EC)
	provider = hostile(site, key_server, "redirecting", lambda handler: send(handler, b"", 302, Location=key_server.url + "/inside/keys"))
	denied(site, exchange(site, APP, provider.token(person.id), provider), "302")
	assert key_server.asked_for("/inside/keys") == 0


def test_a_slow_body_is_cut_and_holds_nobody_else(site, key_server, outside, person):
	"""A17: slow body."""
	def dripping(handler):
		handler.send_response(200)
		handler.end_headers()
		while not key_server.stopping.wait(0.2):
			handler.wfile.write(b" ")

	exchanged(exchange(site, APP, outside.mail.token(mail_of(person)), outside.mail))  # its keys are at hand
	provider, replies = hostile(site, key_server, "slow", dripping), []
	threads = [threading.Thread(target=lambda: replies.append(exchange(site, APP, provider.token(person.id), provider))) for _ in range(24)]
	for thread in threads:
		thread.start()
	deadline = time.monotonic() + 10
	while provider.asked == 0 and time.monotonic() < deadline:
		time.sleep(0.01)
	began = time.monotonic()
	exchanged(exchange(site, APP, outside.mail.token(mail_of(person)), outside.mail))
	assert time.monotonic() - began < 4, "a token of another provider waited for the slow one"
	for thread in threads:
		thread.join()
	assert sorted({reply.status_code for reply in replies}) in ([400], [400, 503])
	denied(site, next(reply for reply in replies if reply.status_code == 400), "jwks_url: no whole reply within 5000 ms")
	assert provider.asked == 1


def test_keys_are_fetched_once_and_rotate_by_an_unknown_kid(site, key_server, person):
	"""Contract §7: refreshed on an unknown key id at most once in 30 s."""
	old, new, never = Key("old"), Key("new", "RS256"), Key("never")
	provider = Provider(key_server, "rotating", "sub", "id", keys=[old])
	site.store.apply(registered(provider))
	for _ in range(3):
		exchanged(exchange(site, APP, provider.token(person.id), provider))
	assert provider.asked == 1
	provider.publish(old, new)
	exchanged(exchange(site, APP, provider.token(person.id, new), provider))
	assert provider.asked == 2
	for _ in range(3):
		denied(site, exchange(site, APP, provider.token(person.id, never), provider), "no registered key")
	assert provider.asked == 2


def test_nobody_is_asked_for_what_is_refused_before(site, key_server, person):
	"""An application without the right, or a wrong scope, cannot make the server ask anybody."""
	provider = Provider(key_server, "unasked", "sub", "id")
	site.store.apply(registered(provider))
	refused(exchange(site, p.WEB, provider.token(person.id), provider), "unauthorized_client")
	refused(exchange(site, APP, provider.token(person.id), provider, "no.such"), "invalid_scope")
	refused(exchange(site, APP, provider.token(person.id), provider, actor_token="x"), "invalid_request")
	assert provider.asked == 0


# ---- names: on-behalf-of tokens


@pytest.mark.parametrize("kind,value,realm", [("username", "pa", "U"), ("username", "PA", "U"), ("userid", "1001", "U"), ("email", "JANE@example.com", "C")])
def test_a_name_gives_an_on_behalf_of_token(site, kind, value, realm):
	"""Contract §7: by the same code and rules as grant_type=password, act included."""
	body = exchanged(exchange(site, APP, value, kind=kind, scope=d.OBO_READ, realm=realm))
	claims = verified(site, body["access_token"], realm=realm, issuer=issuer_of(site, realm), audience=d.API_URL)
	assert set(claims) == ON_BEHALF_OF_CLAIMS
	assert claims["sub"] == {"U": "1001", "C": "c-1"}[realm] and claims["act"] == {"sub": APP.id}
	assert userinfo(site, body["access_token"], realm).status_code == 401


@pytest.mark.parametrize("scope", [None, "", d.READ, d.APP_READ, "openid", "offline_access", d.UNASSIGNED["on_behalf_of"], ".default", *d.ADMIN_PERMISSIONS])
def test_a_name_carries_what_on_behalf_of_carries(site, scope):
	"""A5: application or interactive scope on behalf of."""
	refused(exchange(site, APP, "pa", kind="username", scope=scope), "invalid_scope", 400, "scope")


@pytest.mark.parametrize("kind,value,realm,words", [
	("email", "jane@example.com", "U", "realm"), ("username", "pa", "C", "realm"), ("userid", "c-1", "C", "realm"),
	("username", "nobody", "U", "no enabled user"), ("userid", "1003", "U", "no enabled user"), ("username", "left", "U", "no enabled user"),
	("email", "gone@example.com", "C", "no enabled customer"), ("username", "theirs", "U", "no enabled user"), ("userid", "c-1", "U", "no enabled user"),
	("username", "1001", "U", "no enabled user"), ("username", "", "U", "subject_token"), ("username", None, "U", "subject_token"),
	("username", "x" * 257, "U", "subject_token"), ("userid", "x" * 129, "U", "subject_token"), ("email", "x" * 321, "C", "subject_token"),
	("username", "pa\0", "U", "NUL|control"), ("username", ["pa", "pa"], "U", "subject_token"),
])
def test_a_name_of_nobody_or_of_the_other_realm_is_an_invalid_request(site, kind, value, realm, words):
	"""RFC 8693 §2.2.2; A5, A6."""
	refused(exchange(site, APP, value, kind=kind, scope=d.OBO_READ, realm=realm), "invalid_request", 400, words)


# ---- the apply document


def test_providers_are_applied_compared_exported_and_pruned(store):
	"""Contract §9: idempotent, prints a diff, fields left out stay."""
	provider = {"registration_id": "okta", "issuer": "https://okta.example.com", "audience": "writ", "jwks_url": "https://okta.example.com/keys", "claim": "email",
	            "matches": "email"}
	assert "+ identity provider okta in ACME" in store.apply(d.partial(identity_providers=[provider])).stdout
	assert "0 added, 0 changed, 0 deleted" in store.apply(d.partial(identity_providers=[provider])).stdout
	changed = store.apply(d.partial(identity_providers=[{"registration_id": "okta", "claim": "upn", "matches": "username"}])).stdout
	assert '~ identity provider okta in ACME: claim: "email" -> "upn", matches: email -> username' in changed
	exported = d.partition_of(store.export())
	assert exported["identity_providers"] == [{**provider, "claim": "upn", "matches": "username"}]
	assert "0 added, 0 changed, 0 deleted" in store.apply(store.export()).stdout
	assert "identity_providers" not in d.partition_of(store.export(), "OTHER")
	whole = store.export()
	del d.partition_of(whole)["identity_providers"]
	assert "0 added, 0 changed, 0 deleted" in store.apply(whole).stdout
	assert "- identity provider okta in ACME" in store.apply(whole, "--prune").stdout
	assert "identity_providers" not in d.partition_of(store.export())


def test_an_export_of_providers_makes_the_same_elsewhere(exchange_store, tmp_path, empty_store):
	document = exchange_store.copy_to(tmp_path / "copy").export("--hashes")
	empty_store.apply(document)
	assert empty_store.export("--hashes") == document


GOOD = {"registration_id": "x", "issuer": "https://x.example.com", "audience": "a", "jwks_url": "https://x.example.com/keys", "claim": "sub", "matches": "id"}


@pytest.mark.parametrize("changes,words", [
	({"registration_id": None}, "registration_id"), ({"registration_id": "a b"}, "registration id"), ({"registration_id": "x" * 129}, "128"),
	({"issuer": None}, "needs issuer"), ({"audience": None}, "needs audience"), ({"jwks_url": None}, "needs jwks_url"), ({"claim": None}, "needs claim"), ({"matches": ABSENT}, "needs matches"),
	({"matches": "name"}, "matches is"), ({"jwks_url": "http://keys.example.com"}, "https"), ({"jwks_url": "ftp://x"}, "https"), ({"jwks_url": "https://u@x.example.com"}, "user name"),
	({"issuer": "a b"}, "without spaces"), ({"claim": "ä"}, "ASCII"), ({"secret": "x"}, "has no 'secret'"), ({"isuer": "x"}, "did you mean 'issuer'"),
	({"issuer": "https://auth.example.test/system/auth/ACME-U"}, "realm of this partition"), ({"issuer": "http://127.0.0.1:8080/system/auth/ACME-C"}, "realm of this partition"),
], ids=lambda value: named(value) if isinstance(value, dict) else value)
def test_a_provider_that_cannot_be_is_refused_with_its_line(store, changes, words):
	before = store.export_text()
	provider = {name: value for name, value in {**GOOD, **changes}.items() if value is not ABSENT}
	done = store.apply(d.partial(identity_providers=[provider]), check=False)
	assert done.returncode == 1 and words in done.stderr and ":" in done.stderr
	assert store.export_text() == before


def test_a_realm_of_another_partition_may_be_a_provider(store):
	"""An administrator may trust another tenant; what must not be is a partition that trusts itself."""
	store.apply(d.partial(identity_providers=[{**GOOD, "issuer": "https://auth.example.test/system/auth/OTHER-U"},
	                                          {**GOOD, "registration_id": "y", "issuer": "https://auth.example.test/system/auth/XACME-U"}]))


def test_one_registration_stands_once_in_a_partition(store):
	done = store.apply(d.partial(identity_providers=[GOOD, GOOD]), check=False)
	assert done.returncode == 1 and "identity provider with the id 'x' stands at line" in done.stderr
	store.apply({"partitions": [{"id": "ACME", "identity_providers": [GOOD]}, {"id": "OTHER", "identity_providers": [{**GOOD, "matches": "email"}]}]})


# ---- the command line


def test_writ_token_exchange_asks_like_a_client_application(site, outside, person, tmp_path):
	"""Contract §9."""
	secret = tmp_path / "secret"
	secret.write_text(APP.secret + "\n")
	token_file = tmp_path / "token"
	token_file.write_text(outside.mail.token(mail_of(person)) + "\n")
	common = ["token", "exchange", "--server", site.url, "--partition", "ACME", "--client-id", APP.id, "--client-secret-file", str(secret)]
	done = run(*common, "--subject-token-file", str(token_file), "--registration-id", "by-mail")
	assert unverified(done.stdout.strip())["sub"] == person.id
	done = run(*common, "--subject-token", token_file.read_text().strip(), "--subject-token-type", "id_token", "--registration-id", "by-mail", "--scope", d.READ, "--json")
	assert json.loads(done.stdout)["issued_token_type"] == "urn:ietf:params:oauth:token-type:access_token"
	done = run(*common, "--subject-token", "-", "--registration-id", "by-mail", "--decode", input=token_file.read_text())
	assert "signature: good" in done.stdout
	done = run(*common, "--subject-token", "jane@example.com", "--subject-token-type", "email", "--scope", d.OBO_READ)
	assert unverified(done.stdout.strip())["act"] == {"sub": APP.id}
	done = run(*common, "--subject-token", "pa", "--subject-token-type", "urn:writ:token-type:username", "--scope", d.OBO_READ)
	assert unverified(done.stdout.strip())["sub"] == "1001"
	done = run(*common, "--subject-token", "x", "--registration-id", "by-mail", check=False)
	assert done.returncode == 1 and "subject token" in done.stderr
	for wrong in (common, [*common, "--subject-token", "a", "--subject-token-file", str(token_file)],
	              [*common[:-2], "--client-secret", "-", "--subject-token", "-"]):
		assert run(*wrong, check=False).returncode == 2
