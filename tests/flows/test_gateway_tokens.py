"""A10, A8 and A4 at the access decision: which tokens are good, that none answers for another, and that what was lost is lost at once."""

import base64
import hashlib
import hmac
import json
import re
import sqlite3
import threading
import time

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from support import claims as c
from support import documents as d
from support import gateway as g
from support import people as p
from support.browser import Browser
from support.gateway import ARTICLE, Proxy, acting_token, allowed, application_token, ask, fresh, person_token, refused_call, uuid7
from support.minting import mint, signing_key
from support.oauth import client_credentials, granted, introspect, revoke, unverified
from support.people import new_code, new_tokens, refresh
from support.program import get, run


def minted(site, claims, **more):
	if isinstance(claims.get("iss", ""), str):
		return mint(site.store, claims, **{"typ": "at+jwt", "algorithm": "ES256", **more})
	return c.signed(signing_key(site.store, algorithm="ES256"), claims)


@pytest.fixture
def user_claims(guarded):
	return unverified(person_token(guarded, f"openid {d.READ}"))


@pytest.fixture
def acting_claims(guarded):
	return unverified(acting_token(guarded))


# ---- a token that lacks something


def test_what_the_server_could_have_signed_is_good(guarded, user_claims, acting_claims):
	"""The control of what follows: the minted tokens differ from real ones in nothing."""
	allowed(ask(guarded, "GET", ARTICLE, minted(guarded, fresh(user_claims))), Subject="1001", Actor="user", Acting_Client="")
	allowed(ask(guarded, "GET", ARTICLE, minted(guarded, fresh(acting_claims))), Subject="1001", Actor="user", Acting_Client=d.WEB.id)
	allowed(ask(guarded, "GET", ARTICLE, minted(guarded, fresh(user_claims), typ="application/at+jwt")))


@pytest.mark.parametrize("claim", c.CLAIMS)
def test_a_token_that_lacks_a_claim_is_refused(guarded, user_claims, claim):
	"""A10: token lacking each claim in turn. Twice: nothing is remembered of it."""
	token = minted(guarded, fresh(user_claims, **{claim: None}))
	for _ in range(2):
		refused_call(ask(guarded, "GET", ARTICLE, token), 401, "call-token")


@pytest.mark.parametrize("claim,value", [*c.each(c.WRONG), *c.each(c.DEAD)], ids=lambda value: str(value)[:40])
def test_a_token_with_a_wrong_claim_is_refused(guarded, user_claims, claim, value):
	"""A10: wrong issuer, audience, partition; a realm of another kind of person; an actor that is none."""
	claims = fresh(user_claims)
	claims[claim] = c.filled(value, guarded.url)
	token = minted(guarded, claims)
	for _ in range(2):
		refused_call(ask(guarded, "GET", ARTICLE, token), 401, "call-token")


@pytest.mark.parametrize("actor", ["client", "anonymous_customer"])
def test_nobody_acts_for_a_client_or_an_anonymous_customer(guarded, acting_claims, actor):
	refused_call(ask(guarded, "GET", ARTICLE, minted(guarded, fresh(acting_claims, actor=actor, scope=f"{d.READ} {d.OBO_READ} {d.APP_READ}"))), 401, "call-token")


def test_an_expired_token_is_refused_at_its_second(guarded, user_claims):
	"""No leeway on exp; a remembered token goes with it."""
	refused_call(ask(guarded, "GET", ARTICLE, minted(guarded, fresh(user_claims, exp=int(time.time())))), 401, "call-token")
	expires = int(time.time()) + 3
	token = minted(guarded, fresh(user_claims, exp=expires))
	allowed(ask(guarded, "GET", ARTICLE, token))
	while (asked := time.time()) < expires + 1:
		answer = ask(guarded, "GET", ARTICLE, token)
		assert answer.status == 204 and asked < expires or answer.status == 401 and time.time() >= expires, (answer.status, asked - expires)
	refused_call(ask(guarded, "GET", ARTICLE, token), 401, "call-token")


@pytest.mark.parametrize("typ", ["JWT", "", "logout+jwt", "at+JWT ", "jwt", None])
def test_a_token_of_another_type_is_refused(guarded, user_claims, typ):
	"""A4: an ID token is nothing but another typ."""
	refused_call(ask(guarded, "GET", ARTICLE, minted(guarded, fresh(user_claims), typ=typ)), 401, "call-token")


def test_the_key_names_the_algorithm(guarded, user_claims):
	"""Design section 3: alg none, the public key as a secret, another algorithm's name."""
	kid, key = signing_key(guarded.store, algorithm="ES256")
	rsa_kid, rsa = signing_key(guarded.store, algorithm="RS256")
	claims, public = fresh(user_claims), key.public_key()
	pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
	forged = [
		jwt.encode(claims, "", algorithm="none", headers={"kid": kid, "typ": "at+jwt"}),
		hs256(claims, pem, kid), hs256(claims, b"", kid),
		jwt.encode(claims, rsa, algorithm="RS256", headers={"kid": kid, "typ": "at+jwt"}),
		jwt.encode(claims, key, algorithm="ES256", headers={"kid": rsa_kid, "typ": "at+jwt"}),
		jwt.encode(claims, rsa, algorithm="PS256", headers={"kid": rsa_kid, "typ": "at+jwt"}),
		jwt.encode(claims, key, algorithm="ES256", headers={"typ": "at+jwt"}),
		jwt.encode(claims, key, algorithm="ES256", headers={"kid": kid, "typ": "at+jwt", "crit": ["exp"]}),
		jwt.encode(claims, key, algorithm="ES256", headers={"kid": "unknown", "typ": "at+jwt"}),
	]
	for token in forged:
		refused_call(ask(guarded, "GET", ARTICLE, token), 401, "call-token")
	allowed(ask(guarded, "GET", ARTICLE, jwt.encode(claims, rsa, algorithm="RS256", headers={"kid": rsa_kid, "typ": "at+jwt"})))


def hs256(claims, secret, kid):
	"""By hand: libraries refuse to."""

	def part(value):
		return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
	text = part(json.dumps({"alg": "HS256", "kid": kid, "typ": "at+jwt"}).encode()) + "." + part(json.dumps(claims, separators=(",", ":")).encode())
	return text + "." + part(hmac.new(secret, text.encode(), hashlib.sha256).digest())


def test_a_changed_token_is_refused_though_the_true_one_is_remembered(guarded):
	"""A10: found by all of it, not by a part."""
	token = person_token(guarded)
	allowed(ask(guarded, "GET", ARTICLE, token))
	head, payload, signature = token.split(".")
	other = person_token(guarded, f"{d.READ} {d.MANAGE}").split(".")
	for changed in (f"{head}.{other[1]}.{signature}", f"{head}.{payload}.{other[2]}", f"{head}.{payload}x.{signature}", token + "x", token + "=", token[:-1],
	                f"{head}.{payload}.{signature}.", "x" + token, f"{head}.{payload}.", f"{head}.{payload}"):
		refused_call(ask(guarded, "GET", ARTICLE, changed), 401, "call-token")
	allowed(ask(guarded, "GET", ARTICLE, token))


# ---- another partition


def test_another_partitions_token_is_judged_by_its_own_catalogue(guarded):
	"""A7, A10: the same paths there; nothing of one decides in the other."""
	theirs = application_token(guarded, d.APP_READ, d.OTHER_WEB, partition="OTHER")
	allowed(ask(guarded, "GET", ARTICLE, theirs), Partition="OTHER", Subject=d.OTHER_WEB.id)
	allowed(ask(guarded, "GET", ARTICLE, application_token(guarded)), Partition="ACME")


def test_an_api_of_one_partition_is_closed_to_the_others_tokens(own_guarded):
	own_guarded.store.apply(d.partial("OTHER", apis=[g.api({("GET", "/only"): [("client", [d.APP_READ])]}, "k", "/theirs")]))
	theirs, ours = application_token(own_guarded, d.APP_READ, d.OTHER_WEB, partition="OTHER"), application_token(own_guarded)
	with Proxy(own_guarded) as proxy:
		for _ in range(2):
			allowed(proxy.ask("GET", "/theirs/only", theirs))
			refused_call(proxy.ask("GET", "/theirs/only", ours), 403, "call-not-listed")
			refused_call(proxy.ask("GET", ARTICLE, theirs), 403, "call-not-listed")
			allowed(proxy.ask("GET", ARTICLE, ours))


@pytest.mark.parametrize("named", ["ACME", "OTHER"])
def test_a_key_proves_its_own_partitions_tokens_alone(guarded, user_claims, named):
	"""Another partition's key, whatever the token names."""
	kid, key = signing_key(guarded.store, "OTHER", "ES256")
	claims = fresh(user_claims, partition=named)
	if named == "OTHER":
		claims["iss"] = f"{guarded.url}/system/auth/ACME-U"
	refused_call(ask(guarded, "GET", ARTICLE, jwt.encode(claims, key, algorithm="ES256", headers={"kid": kid, "typ": "at+jwt"})), 401, "call-token")


def test_a_partition_without_apis_is_closed(guarded):
	token = application_token(guarded, d.APP_READ, d.RSA_WEB, partition="RSA_1")
	for path in (ARTICLE, "/"):
		refused_call(ask(guarded, "GET", path, token), 403, "call-not-listed", "RSA_1")


def test_a_partition_that_stands_elsewhere_in_a_token_only_finds_the_keys(guarded, user_claims):
	"""The claim itself is what counts: it must be the partition whose keys proved it."""
	for claims in (fresh(user_claims, partition="OTHER"), fresh(user_claims, partition=None)):
		refused_call(ask(guarded, "GET", ARTICLE, minted(guarded, {"note": {"partition": "ACME"}, **claims})), 401, "call-token")
	allowed(ask(guarded, "GET", ARTICLE, minted(guarded, {"note": {"partition": "ACME"}, **fresh(user_claims)})), Partition="ACME")


# ---- A4: every artefact here, and what is allowed here elsewhere


def test_no_other_artefact_is_a_token_for_apis(guarded):
	"""A4: ID token, refresh token, code, session, secret, password; an introspected id."""
	browser = Browser(guarded)
	body = new_tokens(guarded, p.WEB, p.PA, f"openid offline_access {d.READ}", browser)
	claims = unverified(body["access_token"])
	artefacts = [body["id_token"], body["refresh_token"], new_code(guarded, p.WEB, p.PA, browser), d.WEB.secret, p.PASSWORD, claims["jti"], claims["gid"], claims["sub"]]
	artefacts += [cookie.value for cookie in browser.jar.values()]
	for artefact in artefacts:
		refused_call(ask(guarded, "GET", ARTICLE, more=[("Authorization", "Bearer " + artefact)]), 401, "call-token")
	allowed(ask(guarded, "GET", ARTICLE, body["access_token"]))


def test_a_token_for_the_admin_api_is_refused(guarded):
	"""Contract section 4: it is refused everywhere else."""
	token = new_tokens(guarded, p.ADMIN, p.PA, "openid writ.admin.read")["access_token"]
	assert unverified(token)["aud"].endswith("/admin/v1") and introspect(guarded, d.WEB, token)["active"]
	for path in (ARTICLE, "/k/v4/me"):
		refused_call(ask(guarded, "GET", path, token), 401, "call-token")


def test_a_remembered_token_does_not_answer_for_another_operation_or_scope(guarded):
	"""A10: warm the cache with scope A, call for B."""
	token = person_token(guarded)
	with Proxy(guarded) as proxy:
		for _ in range(3):
			allowed(proxy.ask("GET", ARTICLE, token))
			refused_call(proxy.ask("GET", "/k/v4/articles/latest", token), 403, "call-scope")
			refused_call(proxy.ask("PUT", ARTICLE, token), 403, "call-scope")
			refused_call(proxy.ask("DELETE", ARTICLE, token), 403, "call-closed")
			refused_call(proxy.ask("GET", "/k/v4/head/x", token), 403, "call-not-listed")
			refused_call(proxy.ask("GET", ARTICLE, token[:-4] + "AAAA"), 401, "call-token")


# ---- what was lost is lost at once


def test_revoked_on_one_request_refused_on_the_next(guarded):
	"""Issue. The token alone, and its siblings by the grant."""
	first, second = application_token(guarded), application_token(guarded)
	with Proxy(guarded) as proxy:
		for token in (first, second):
			allowed(proxy.ask("GET", ARTICLE, token))
		assert revoke(guarded, d.WEB, first).status_code == 200
		refused_call(proxy.ask("GET", ARTICLE, first), 401, "call-token")
		allowed(proxy.ask("GET", ARTICLE, second))
		body = new_tokens(guarded, p.WEB, p.PA, f"openid offline_access {d.READ}")
		again = refresh(guarded, p.WEB, body["refresh_token"]).json()
		allowed(proxy.ask("GET", ARTICLE, body["access_token"]))
		allowed(proxy.ask("GET", ARTICLE, again["access_token"]))
		assert revoke(guarded, p.WEB, again["refresh_token"]).status_code == 200
		refused_call(proxy.ask("GET", ARTICLE, body["access_token"]), 401, "call-token")
		refused_call(proxy.ask("GET", ARTICLE, again["access_token"]), 401, "call-token")


def last_allowed(proxy, token, since):
	"""Asks until it is refused; when the last question was sent that was still answered by yes, seconds behind since."""
	late = 0.0
	while True:
		sent = time.monotonic()
		answer = proxy.ask("GET", ARTICLE, token)
		if answer.status != 204:
			refused_call(answer, 401, "call-token")
			return late
		late = sent - since
		assert late < 5, "it is still allowed"


def test_a_revocation_holds_at_another_server_after_20_ms(guarded_store, tmp_path, open_site):
	"""Contract section 9, at once; design section 2."""
	store = guarded_store.copy_to(tmp_path / "two")
	urls = ("--auth-url", "https://auth.example.test")
	one, two = open_site(store, *urls), open_site(store, *urls)
	with Proxy(two) as proxy:
		for _ in range(5):
			token = application_token(one)
			allowed(proxy.ask("GET", ARTICLE, token))
			assert revoke(one, d.WEB, token).status_code == 200
			assert last_allowed(proxy, token, time.monotonic()) <= 0.02


@pytest.mark.parametrize("change", [
	{"client_applications": [{"client_id": d.SECOND.id, "name": "Second", "platform": "web", "enabled": False}]},
	{"users": [{"id": "1001", "username": "pa", "enabled": False}]},
], ids=["application", "person"])
def test_disabling_either_party_ends_a_token_at_once_and_for_good(own_guarded, change):
	"""Contract section 3, Live state: access tokens at once (decision)."""
	token, bystander = acting_token(own_guarded, client=d.SECOND), application_token(own_guarded)
	with Proxy(own_guarded) as proxy:
		allowed(proxy.ask("GET", ARTICLE, token))
		own_guarded.store.apply(d.partial(**change))
		refused_call(proxy.ask("GET", ARTICLE, token), 401, "call-token")
		for objects in change.values():
			objects[0]["enabled"] = True
		own_guarded.store.apply(d.partial(**change))
		refused_call(proxy.ask("GET", ARTICLE, token), 401, "call-token")
		allowed(proxy.ask("GET", ARTICLE, bystander))
		allowed(proxy.ask("GET", ARTICLE, acting_token(own_guarded, client=d.SECOND)))


def test_a_permission_taken_away_counts_at_the_next_refresh(own_guarded):
	"""Contract section 3, Live state: it is missing from the next refresh."""
	body = new_tokens(own_guarded, p.SECOND, p.PA, f"openid offline_access {d.READ} {d.MANAGE}")
	allowed(ask(own_guarded, "PUT", ARTICLE, body["access_token"]))
	own_guarded.store.apply(d.partial(client_applications=[{"client_id": d.SECOND.id, "name": "Second", "platform": "web", "permissions": [d.READ]}]))
	allowed(ask(own_guarded, "PUT", ARTICLE, body["access_token"]))
	refused_call(ask(own_guarded, "PUT", ARTICLE, refresh(own_guarded, p.SECOND, body["refresh_token"]).json()["access_token"]), 403, "call-scope")


def test_an_api_that_changes_is_decided_by_anew(own_guarded):
	"""Contract section 9: apply returns when running servers see the change."""
	token = application_token(own_guarded)
	with Proxy(own_guarded) as proxy:
		allowed(proxy.ask("GET", ARTICLE, token))
		own_guarded.store.apply(d.partial(apis=[g.api({("GET", "/articles/{id}"): [("client", [d.APP_MANAGE])]})]))
		refused_call(proxy.ask("GET", ARTICLE, token), 403, "call-scope")
		own_guarded.store.apply(d.partial(apis=[g.api({("GET", "/others/{id}"): [("client", [d.APP_READ])]})]))
		refused_call(proxy.ask("GET", ARTICLE, token), 403, "call-not-listed")
		allowed(proxy.ask("GET", "/k/v4/others/1", token))


def test_many_proxies_see_each_change_of_an_api_at_once_and_nothing_in_between(own_guarded):
	"""Each change makes the catalogue be read anew, while 24 connections ask: yes or no, never anything else, and no yes of before once apply has returned."""
	token, stop, asked = application_token(own_guarded), threading.Event(), []

	def ask_on():
		with Proxy(own_guarded) as proxy:
			while not stop.is_set():
				sent = time.monotonic()
				status = proxy.ask("GET", ARTICLE, token).status
				asked.append((sent, time.monotonic(), status))

	askers = [threading.Thread(target=ask_on) for _ in range(24)]
	for asker in askers:
		asker.start()
	periods = []
	try:
		for number in range(6):
			scope, expected = (d.APP_MANAGE, 403) if number % 2 == 0 else (d.APP_READ, 204)
			operations = {("GET", f"/other{each}/{{id}}"): [("client", [scope])] for each in range(200)}
			own_guarded.store.apply(d.partial(apis=[g.api({**operations, ("GET", "/articles/{id}"): [("client", [scope])]})]))
			begun = time.monotonic()
			while sum(sent >= begun for sent, _, _ in list(asked)) < 48:
				assert time.monotonic() - begun < 30, "nobody is answered"
				stop.wait(0.01)
			periods.append((begun, time.monotonic(), expected))
	finally:
		stop.set()
		for asker in askers:
			asker.join()
	assert {status for _, _, status in asked} == {204, 403}
	for begun, over, expected in periods:
		assert {status for sent, ended, status in asked if begun <= sent and ended <= over} == {expected}


def test_a_rotated_key_goes_on_proving_what_it_signed(own_guarded):
	token = application_token(own_guarded)
	allowed(ask(own_guarded, "GET", ARTICLE, token))
	run("keys", "rotate", "--store", own_guarded.store.url)
	allowed(ask(own_guarded, "GET", ARTICLE, token))
	allowed(ask(own_guarded, "GET", ARTICLE, application_token(own_guarded)))


def test_a_deleted_partition_takes_its_tokens_with_it(own_guarded):
	theirs = application_token(own_guarded, d.APP_READ, d.OTHER_WEB, partition="OTHER")
	allowed(ask(own_guarded, "GET", ARTICLE, theirs))
	document = g.with_apis(p.people_directory(), g.api(g.OPERATIONS))
	document["partitions"] = [part for part in document["partitions"] if part["id"] != "OTHER"]
	own_guarded.store.apply(document, "--prune")
	refused_call(ask(own_guarded, "GET", ARTICLE, theirs), 401, "call-token")


def test_anonymous_customers_go_when_the_partition_turns_them_off(own_guarded):
	"""Contract section 8."""
	token = g.anonymous_token(own_guarded)
	allowed(ask(own_guarded, "GET", ARTICLE, token))
	own_guarded.store.apply(d.partial(anonymous_customers={"enabled": False, "permissions": [d.READ]}))
	refused_call(ask(own_guarded, "GET", ARTICLE, token), 401, "call-token")


def test_a_token_of_before_its_application_was_enabled_again_is_dead(own_guarded):
	"""docs/decisions/liveness.md: by the time inside its jti."""
	claims = unverified(application_token(own_guarded))
	old = minted(own_guarded, fresh(claims, jti=uuid7(0)))
	database = sqlite3.connect(own_guarded.store.path, timeout=30)
	valid_from, = database.execute("SELECT valid_from_ms FROM application WHERE partition = 'ACME' AND client_id = ?", [d.WEB.id]).fetchone()
	database.close()
	assert valid_from > 0
	refused_call(ask(own_guarded, "GET", ARTICLE, old), 401, "call-token")
	allowed(ask(own_guarded, "GET", ARTICLE, minted(own_guarded, fresh(claims))))


def test_a_permission_that_the_partition_does_not_have_meets_no_default(guarded):
	"""Whatever its name says; as libwrit decides."""
	claims = unverified(application_token(guarded))
	allowed(ask(guarded, "PUT", ARTICLE, minted(guarded, fresh(claims, scope=d.APP_READ))))
	for scope in ("app.gone", "app.writ.admin.read"):
		for _ in range(2):
			refused_call(ask(guarded, "PUT", ARTICLE, minted(guarded, fresh(claims, scope=scope))), 403, "call-scope")


def tokens_counted(server):
	found = re.findall(r'^writ_decision_tokens_total\{token="(\w+)"\} (\d+)$', get(server.management_url + "/metrics").text, re.MULTILINE)
	return {name: int(count) for name, count in found}


@pytest.mark.parametrize("partition,change,remembered", [
	("OTHER", {"users": [{"id": "9001", "username": "new"}]}, True),
	("ACME", {"apis": [g.api({("GET", "/more"): None}, name="more", base="/more")]}, True),
	("ACME", {"users": [{"id": "9001", "username": "new"}]}, False),
], ids=["a person of another", "an API", "a person"])
def test_a_token_is_verified_anew_after_a_change_of_its_own_partition_alone(own_guarded, partition, change, remembered):
	"""A tenant that changes people all day costs no other the memory."""
	token = application_token(own_guarded)
	with Proxy(own_guarded) as proxy:
		for _ in range(2):
			allowed(proxy.ask("GET", ARTICLE, token))
		before = tokens_counted(own_guarded)
		own_guarded.store.apply({"partitions": [{"id": partition, **change}]})
		for _ in range(3):
			allowed(proxy.ask("GET", ARTICLE, token))
	after = tokens_counted(own_guarded)
	assert {name: after[name] - before[name] for name in after} == ({"verified": 0, "remembered": 3} if remembered else {"verified": 1, "remembered": 2})


def test_a_token_counts_once_as_verified_where_the_catalogue_has_to_be_read(own_guarded):
	"""The handler then runs twice, and by the second time the token is remembered."""
	first, second = application_token(own_guarded), application_token(own_guarded)
	allowed(ask(own_guarded, "GET", ARTICLE, first))
	assert tokens_counted(own_guarded) == {"verified": 1, "remembered": 0}
	own_guarded.store.apply({"partitions": [{"id": "ACME", "apis": [g.api({("GET", "/more"): None}, name="more", base="/more")]}]})
	allowed(ask(own_guarded, "GET", ARTICLE, second))
	assert tokens_counted(own_guarded) == {"verified": 2, "remembered": 0}


def test_tokens_beyond_what_is_remembered_are_verified_each_time(guarded):
	"""More scope than a remembered token may have."""
	names = " ".join(f"app.long.permission.{'x' * 200}.{number}" for number in range(36))
	claims = unverified(application_token(guarded))
	token = minted(guarded, fresh(claims, scope=f"{names} {d.APP_READ}"))
	assert len(token) < 16 * 1024
	for _ in range(3):
		assert len(allowed(ask(guarded, "GET", ARTICLE, token))["Scope"]) > 7000
	granted(client_credentials(guarded, d.WEB, d.APP_READ))
