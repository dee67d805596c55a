"""Redeeming authorization codes: contract §3, Codes and Live state; RFC 6749 §4.1.3; A3, A7, A11."""

import concurrent.futures
import re
import threading
import time

import pytest

from support import documents as d
from support import people as p
from support.browser import Browser
from support.oauth import introspect, refused, unverified, verified
from support.people import arrive, authorize, new_code, redeem, refresh, request_of, succeeded, tokens_of, userinfo
from support.program import request

INACTIVE = {"active": False}
EVERYTHING = f"openid offline_access {d.READ}"


def test_a_code_gives_a_token_that_names_the_person(site, person):
	"""Contract §4: claims of an access token where a person signed in."""
	before = int(time.time())
	code = new_code(site, p.WEB, person, scope=f"openid {d.READ} {d.MANAGE}")
	body = tokens_of(redeem(site, p.WEB, code), "id_token")
	claims = verified(site, body["access_token"], issuer=p.issuer_of(site), audience=d.API_URL)
	assert {"iss", "aud", "iat", "exp", "jti", "sub", "client_id", "scope", "actor", "partition", "gid", "auth_time", "acr", "amr"} == set(claims)
	assert claims["sub"] == person.id and claims["client_id"] == p.WEB.id and claims["actor"] == "user" and claims["partition"] == "ACME"
	assert set(claims["scope"].split()) == set(body["scope"].split()) == {"openid", d.READ, d.MANAGE}
	assert claims["exp"] - claims["iat"] == body["expires_in"] == 3600
	assert before <= claims["auth_time"] <= claims["iat"] <= time.time() + 1
	assert isinstance(claims["amr"], list) and "pwd" in claims["amr"]


def test_a_customer_signs_in_at_the_customers_realm(site, customer):
	"""Contract §4: actor customer, the realm's issuer."""
	code = new_code(site, p.SPA, customer, scope=d.READ)
	body = tokens_of(redeem(site, p.SPA, code, "C"))
	claims = verified(site, body["access_token"], realm="C", issuer=p.issuer_of(site, "C"), audience=d.API_URL)
	assert claims["sub"] == customer.id and claims["actor"] == "customer" and "act" not in claims


@pytest.mark.parametrize("scope,more", [(d.READ, []), (f"openid {d.READ}", ["id_token"]), (EVERYTHING, ["id_token", "refresh_token"]),
                                        (f"{d.READ} offline_access", ["refresh_token"]), ("openid", ["id_token"])])
@pytest.mark.parametrize("application", [p.WEB, p.SPA], ids=["web", "spa"])
def test_the_reply_has_what_the_scope_asked_for(site, person, application, scope, more):
	"""Contract §4: scope always, id_token with openid, refresh_token with offline_access."""
	body = tokens_of(redeem(site, application, new_code(site, application, person, scope=scope)), *more)
	assert set(body["scope"].split()) == set(scope.split())
	if "refresh_token" in more:
		assert re.fullmatch(r"[A-Za-z0-9_-]{43,}", body["refresh_token"])


def test_offline_access_is_left_out_where_the_application_has_no_refresh_tokens(site, person):
	"""Contract §3, Scope: left out, not refused; the reply's scope shows it."""
	body = tokens_of(redeem(site, p.NO_REFRESH, new_code(site, p.NO_REFRESH, person, scope=EVERYTHING)), "id_token")
	assert set(body["scope"].split()) == {"openid", d.READ}


def test_address_and_phone_are_left_out(site, person):
	"""Contract §3, Scope."""
	body = tokens_of(redeem(site, p.WEB, new_code(site, p.WEB, person, scope="openid address phone profile email")), "id_token")
	assert set(body["scope"].split()) == {"openid", "profile", "email"}


def test_the_reply_names_each_scope_as_it_was_asked_for_and_the_token_without_the_prefix(site, person):
	"""Contract §1: permission prefix."""
	body = tokens_of(redeem(site, p.WEB, new_code(site, p.WEB, person, scope=f"{d.PREFIX}{d.READ} {d.MANAGE}")))
	assert set(body["scope"].split()) == {d.PREFIX + d.READ, d.MANAGE}
	assert set(unverified(body["access_token"])["scope"].split()) == {d.READ, d.MANAGE}


def test_a_scope_at_redemption_is_ignored(site, person):
	"""Contract §3, Scope: at code redemption it is ignored."""
	for scope in (d.MANAGE, "x.y", d.APP_READ, "openid", ""):
		body = tokens_of(redeem(site, p.WEB, new_code(site, p.WEB, person, scope=d.READ), scope=scope))
		assert body["scope"] == d.READ


def test_basic_authentication_redeems_a_code(site, person):
	"""Contract §3: client_secret_basic."""
	code = new_code(site, p.WEB, person)
	tokens_of(redeem(site, p.Application(None, None, p.WEB.redirect), code, code_verifier=None, basic=(p.WEB.id, p.WEB.secret)), "id_token")


def test_codes_are_256_random_bits_and_never_the_same(site, person):
	"""Contract §3, Codes: [A-Za-z0-9_-] only."""
	browser = Browser(site)
	codes = {new_code(site, p.WEB, person, browser) for _ in range(20)}
	assert len(codes) == 20
	assert all(re.fullmatch(p.CODE, code) for code in codes)


# ---- what is no code of this request


@pytest.mark.parametrize("changes,errors", [
	({"code": None}, ["invalid_request"]),
	({"code": ""}, ["invalid_request"]),
	({"code": "def456-gh-ijkl-789-mnopqr"}, ["invalid_grant"]),
	({"code": "A" * 43}, ["invalid_grant"]),
	({"code": "A" * 10000}, ["invalid_grant", "invalid_request"]),
	({"code": "é"}, ["invalid_grant", "invalid_request"]),
	({"code": "a\0b"}, ["invalid_request"]),
	({"redirect_uri": None}, ["invalid_request", "invalid_grant"]),
	({"redirect_uri": ""}, ["invalid_request", "invalid_grant"]),
], ids=lambda value: str(value)[:70])
def test_what_is_no_code_is_refused(site, person, changes, errors):
	"""Contract §3: needs code and redirect_uri."""
	reply = redeem(site, p.WEB, **{"code": new_code(site, p.WEB, person), **changes})
	assert reply.status_code == 400 and reply.json()["error"] in errors, reply.text
	refused(reply, reply.json()["error"])


def test_a_code_given_twice_is_an_invalid_request_and_stays_good(site, person):
	"""Contract §3, Requests: the form is judged before anything is used."""
	code = new_code(site, p.WEB, person)
	refused(redeem(site, p.WEB, [code, code]), "invalid_request", 400, "code")
	refused(redeem(site, p.WEB, code, redirect_uri=[p.WEB.redirect, p.WEB.redirect]), "invalid_request", 400, "redirect_uri")
	tokens_of(redeem(site, p.WEB, code), "id_token")


@pytest.mark.parametrize("change", [lambda code: code[:-1], lambda code: code + "A", lambda code: code.swapcase(), lambda code: code + "=", lambda code: " " + code,
                                    lambda code: code[:-1] + ("A" if code[-1] != "A" else "E")])
def test_a_code_that_differs_is_unknown_and_uses_nothing_up(site, person, change):
	"""Contract §3, Codes; A4."""
	code = new_code(site, p.WEB, person)
	refused(redeem(site, p.WEB, change(code)), "invalid_grant")
	tokens_of(redeem(site, p.WEB, code), "id_token")


# ---- A11: code injection and mix-up


def test_a_code_of_another_client_changes_nothing(site, person):
	"""A11; contract §3: redemption by another client application changes nothing."""
	code = new_code(site, p.WEB, person)
	for _ in range(2):
		refused(redeem(site, p.SECOND, code), "invalid_grant")
		refused(redeem(site, p.SECOND, code, redirect_uri=p.WEB.redirect), "invalid_grant")
		refused(redeem(site, p.SPA, code, redirect_uri=p.WEB.redirect), "invalid_grant")
	body = tokens_of(redeem(site, p.WEB, code), "id_token")
	refused(redeem(site, p.SECOND, code, redirect_uri=p.WEB.redirect), "invalid_grant")  # nor is it a replay
	assert introspect(site, p.WEB, body["access_token"])["active"] is True


def test_a_code_of_another_realm_or_partition_changes_nothing(site, person):
	"""A11, A7; contract §3: another realm changes nothing."""
	code = new_code(site, p.WEB, person)
	refused(redeem(site, p.WEB, code, "C"), "invalid_grant")
	refused(redeem(site, p.OTHER_WEB, code, partition="OTHER", redirect_uri=p.WEB.redirect), "invalid_grant")
	body = tokens_of(redeem(site, p.WEB, code), "id_token")
	refused(redeem(site, p.WEB, code, "C"), "invalid_grant")
	assert introspect(site, p.WEB, body["access_token"])["active"] is True


@pytest.mark.parametrize("address", [p.WEB_WITH_QUERY, p.SECOND.redirect, p.WEB.redirect + "/", p.WEB.redirect.upper(), "https://evil.example/"])
def test_a_code_with_another_redirect_address_is_used_up(site, person, address):
	"""A11; contract §3: by the right one with the wrong address it uses the code up."""
	code = new_code(site, p.WEB, person)
	refused(redeem(site, p.WEB, code, redirect_uri=address), "invalid_grant", 400, "redirect_uri")
	refused(redeem(site, p.WEB, code), "invalid_grant")


def test_a_wrong_secret_changes_nothing(site, person):
	"""Contract §3: form, client, grant: the client comes first."""
	code = new_code(site, p.WEB, person)
	refused(redeem(site, p.Application(p.WEB.id, d.secret_of("wrong"), p.WEB.redirect), code), "invalid_client", 401)
	refused(redeem(site, p.Application(p.WEB.id, None, p.WEB.redirect), code, code_verifier=None), "invalid_client", 401)
	tokens_of(redeem(site, p.WEB, code), "id_token")


def test_iss_is_there_and_right_in_every_realm(site, person, customer):
	"""A11: RFC 9207 §2.4; the issuer of discovery."""
	for one in (person, customer):
		page = arrive(Browser(site), p.WEB, one)
		issuer = Browser(site).get(p.path_of(one.realm, endpoint="/.well-known/openid-configuration")).reply.json()
		assert page.answer["iss"] == issuer["issuer"] == p.issuer_of(site, one.realm)
		assert issuer["authorization_response_iss_parameter_supported"] is True


# ---- once


def replayed(site, application, code, realm="U", **changes):
	refused(redeem(site, application, code, realm, **changes), "invalid_grant")


@pytest.mark.parametrize("application", [p.WEB, p.SPA], ids=["web", "spa"])
def test_a_replay_revokes_everything_that_came_from_the_first(site, person, application):
	"""Contract §3, Codes: a repeat with right authentication and verifier is invalid_grant and revokes every token that came from the first."""
	code = new_code(site, application, person, scope=EVERYTHING)
	body = tokens_of(redeem(site, application, code), "id_token", "refresh_token")
	second = tokens_of(refresh(site, application, body["refresh_token"]), "id_token", "refresh_token")
	bystander = tokens_of(redeem(site, application, new_code(site, application, person, scope=EVERYTHING)), "id_token", "refresh_token")
	assert introspect(site, p.WEB, second["access_token"])["active"] is True
	assert userinfo(site, second["access_token"]).status_code == 200
	replayed(site, application, code)
	for one in (body, second):
		assert introspect(site, p.WEB, one["access_token"]) == INACTIVE
		reply = userinfo(site, one["access_token"])
		assert reply.status_code == 401 and "invalid_token" in reply.headers["WWW-Authenticate"]
		refused(refresh(site, application, one["refresh_token"]), "invalid_grant")
	assert userinfo(site, bystander["access_token"]).status_code == 200
	tokens_of(refresh(site, application, bystander["refresh_token"]), "id_token", "refresh_token")


def test_a_replay_by_somebody_who_lacks_the_verifier_revokes_nothing(site, person):
	"""Contract §3: with right authentication and verifier. A thief of the code alone cannot end the owner's tokens."""
	code = new_code(site, p.SPA, person, scope=EVERYTHING)
	body = tokens_of(redeem(site, p.SPA, code), "id_token", "refresh_token")
	replayed(site, p.SPA, code, code_verifier="w" * 43)
	reply = redeem(site, p.SPA, code, code_verifier=None)
	assert reply.json()["error"] in ("invalid_grant", "invalid_request")
	replayed(site, p.SECOND, code, redirect_uri=p.SPA.redirect, code_verifier=p.VERIFIER)
	assert introspect(site, p.WEB, body["access_token"])["active"] is True
	tokens_of(refresh(site, p.SPA, body["refresh_token"]), "id_token", "refresh_token")


def test_a_replay_with_a_wrong_secret_revokes_nothing(site, person):
	"""Contract §3: with right authentication."""
	code = new_code(site, p.WEB, person, scope=EVERYTHING)
	body = tokens_of(redeem(site, p.WEB, code), "id_token", "refresh_token")
	refused(redeem(site, p.Application(p.WEB.id, d.secret_of("wrong"), p.WEB.redirect), code), "invalid_client", 401)
	assert introspect(site, p.WEB, body["access_token"])["active"] is True


def test_exactly_one_of_many_simultaneous_uses_wins(site, person):
	"""A3; contract §3: exactly one of any number of simultaneous uses wins."""
	browser = Browser(site)
	for _ in range(3):
		code = new_code(site, p.SPA, person, browser, scope=EVERYTHING)
		barrier = threading.Barrier(16)

		def use(_):
			barrier.wait(30)
			return redeem(site, p.SPA, code)

		with concurrent.futures.ThreadPoolExecutor(16) as pool:
			replies = list(pool.map(use, range(16)))
		winners = [reply for reply in replies if reply.status_code == 200]
		assert len(winners) == 1
		for reply in replies:
			if reply not in winners:
				refused(reply, "invalid_grant")
		# the others were replays: what the winner got is revoked, as in the case of one after the other
		assert introspect(site, p.WEB, winners[0].json()["access_token"]) == INACTIVE


def test_a_used_code_stays_used_after_a_hard_end(own_store, open_site):
	"""A3: kill -9, restart, replay: still dead. Durable before the reply."""
	one = open_site(own_store)
	used, unused = (new_code(one, p.WEB, p.SMITH, scope=EVERYTHING) for _ in range(2))
	body = tokens_of(redeem(one, p.WEB, used), "id_token", "refresh_token")
	one.kill()
	again = open_site(own_store)
	tokens_of(redeem(again, p.WEB, unused), "id_token", "refresh_token")
	replayed(again, p.WEB, used)
	refused(refresh(again, p.WEB, body["refresh_token"]), "invalid_grant")


def test_a_code_of_one_server_is_good_once_at_another_on_the_same_store(own_store, open_site):
	"""A3; design §2: nodes are alike. The issuer is where it is asked, so both are told the same address."""
	one = open_site(own_store)
	two = open_site(own_store, "--auth-url", one.url)
	code = new_code(one, p.WEB, p.SMITH, scope=EVERYTHING)
	body = tokens_of(redeem(two, p.WEB, code), "id_token", "refresh_token")
	tokens_of(refresh(one, p.WEB, body["refresh_token"]), "id_token", "refresh_token")
	replayed(one, p.WEB, code)
	two.wait_for(lambda: introspect(two, p.WEB, body["access_token"]) == INACTIVE, timeout=10, what="the revocation at the other server")


@pytest.mark.slow
def test_a_code_is_good_for_a_minute(site, person):
	"""Contract §3, Codes: good for 60 s."""
	browser = Browser(site)
	codes = [(new_code(site, p.WEB, person, browser), time.time()) for _ in range(3)]
	early, late, later = (code for code, _ in codes)
	began = codes[-1][1]
	site.wait_for(lambda: time.time() >= began + 40, timeout=60, what="forty seconds")
	tokens_of(redeem(site, p.WEB, early), "id_token")
	site.wait_for(lambda: time.time() >= began + 61.1, timeout=60, what="the end of a minute")
	refused(redeem(site, p.WEB, late), "invalid_grant")
	refused(redeem(site, p.WEB, later), "invalid_grant")


def test_tokens_live_as_long_as_the_application_says(own_site):
	"""Contract §4: 3600 s by default (per client application)."""
	own_site.store.apply(d.partial(client_applications=[{"client_id": p.WEB.id, "name": "Portal", "platform": "web", "access_token_seconds": 120}]))
	body = tokens_of(redeem(own_site, p.WEB, new_code(own_site, p.WEB, p.SMITH, scope=d.READ)))
	claims = unverified(body["access_token"])
	assert body["expires_in"] == claims["exp"] - claims["iat"] == 120


# ---- live state


def change_of(person, **fields):
	return d.partial(users=[{"id": person.id, "username": person.name, **fields}])


def test_a_disabled_persons_code_is_refused_and_stays_so(own_site):
	"""Contract §3, Live state: loses codes at once."""
	person = own_site.stranger()
	code = new_code(own_site, p.WEB, person)
	own_site.store.apply(change_of(person, enabled=False))
	refused(redeem(own_site, p.WEB, code), "invalid_grant")
	other = own_site.stranger()
	code = new_code(own_site, p.WEB, other)
	own_site.store.apply(change_of(other, enabled=False))
	own_site.store.apply(change_of(other, enabled=True))
	refused(redeem(own_site, p.WEB, code), "invalid_grant")


def test_a_disabled_applications_code_is_refused_and_stays_so(own_site):
	"""Contract §3, Live state: person or client application."""
	code = new_code(own_site, p.WEB, own_site.stranger())
	fields = {"client_id": p.WEB.id, "name": "Portal", "platform": "web"}
	own_site.store.apply(d.partial(client_applications=[{**fields, "enabled": False}]))
	refused(redeem(own_site, p.WEB, code), "invalid_client", 401)
	own_site.store.apply(d.partial(client_applications=[{**fields, "enabled": True}]))
	refused(redeem(own_site, p.WEB, code), "invalid_grant")


def test_a_deleted_persons_code_is_refused(own_site):
	"""Contract §3, Live state: deleted."""
	person = own_site.stranger()
	code = new_code(own_site, p.WEB, person)
	document = p.people_directory()
	users = d.partition_of(document)["users"]
	users[:] = [one for one in users if one["id"] != person.id]
	own_site.store.apply(document, "--prune")
	refused(redeem(own_site, p.WEB, code), "invalid_grant")


def test_a_permission_taken_away_is_not_in_the_token(own_site):
	"""Contract §3, Scope: a permission counts only if it is assigned."""
	person = own_site.stranger()
	code = new_code(own_site, p.WEB, person, scope=f"{d.READ} {d.MANAGE}")
	own_site.store.apply(d.partial(client_applications=[{"client_id": p.WEB.id, "name": "Portal", "platform": "web", "permissions": [d.READ]}]))
	reply = redeem(own_site, p.WEB, code)
	assert reply.status_code in (200, 400)
	if reply.status_code == 200:
		assert reply.json()["scope"] == d.READ == unverified(reply.json()["access_token"])["scope"]
	else:
		refused(reply, reply.json()["error"])


def test_an_authorization_endpoint_hands_out_no_tokens(site, person):
	"""RFC 9700 §2.1.2: no token in the browser's address, whatever is asked for."""
	browser = Browser(site)
	succeeded(arrive(browser, p.WEB, person))
	for response_type in ("token", "id_token", "code token", "id_token token", "code id_token token"):
		page = authorize(browser, p.WEB, response_type=response_type, nonce="n")
		assert "access_token" not in page.location and "id_token=" not in page.location and page.answer["error"] == "unsupported_response_type"


def test_replies_to_a_preflight_and_an_origin_of_an_spa(site, person):
	"""Contract §3, CORS: token, for an origin that an SPA has a redirect address on; on errors too."""
	code = new_code(site, p.SPA, person)
	origin = {"Origin": "https://spa.example.com"}
	reply = redeem(site, p.SPA, code, headers=origin)
	assert reply.headers["Access-Control-Allow-Origin"] == "https://spa.example.com"
	tokens_of(reply, "id_token")
	reply = redeem(site, p.SPA, code, headers=origin)
	assert reply.headers["Access-Control-Allow-Origin"] == "https://spa.example.com"
	reply = redeem(site, p.SPA, code, headers={"Origin": "https://evil.example"})
	assert "Access-Control-Allow-Origin" not in reply.headers
	page = request("GET", site.url + p.path_of(), params=request_of(p.SPA), headers=origin)
	assert "Access-Control-Allow-Origin" not in page.headers  # pages are for people, not for scripts
