"""Userinfo: OpenID Connect Core §5.3, RFC 6750; contract §4; and what the claims parameter asks for, here and in ID tokens."""

import json
import re

import pytest

from support import documents as d
from support import people as p
from support.browser import Browser
from support.oauth import FORM, ask, granted, introspect, on_behalf_of, post_form, refused, revoke, unverified
from support.people import id_claims, new_code, new_tokens, redeem, refresh, tokens_of, userinfo
from support.program import request

ALL = f"openid profile email {d.READ}"
SPA_ORIGIN = "https://spa.example.com"


def address(site, realm="U", partition="ACME"):
	return site.realm(partition, realm) + "/oauth2/userinfo"


def access_token(site, person, scope=ALL, application=p.WEB, **changes):
	return new_tokens(site, application, person, scope, **changes)["access_token"]


def told(reply):
	"""The claims of a good reply."""
	assert reply.status_code == 200, reply.text
	assert reply.headers["Content-Type"].split(";")[0] == "application/json"
	assert reply.headers["Cache-Control"] == "no-store"
	assert "WWW-Authenticate" not in reply.headers
	return reply.json()


def challenged(reply, error, status):
	"""RFC 6750 §3: the header says what the body says."""
	body = refused(reply, error, status)
	challenge = reply.headers["WWW-Authenticate"]
	assert challenge.startswith("Bearer ")
	members = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
	assert members["error"] == error and members["error_description"] == body["error_description"] and members["realm"]
	return members


# ---- what it tells


def test_it_tells_what_the_scopes_ask_for_and_the_person_has(site):
	"""Contract §4; Core §5.4: profile, email; phone and address are not offered as scopes."""
	assert told(userinfo(site, access_token(site, p.PA))) == {
		"sub": p.PA.id, "name": "Pat Administrator", "given_name": "Pat", "family_name": "Administrator", "preferred_username": "pa", "zoneinfo": "Europe/Berlin",
		"locale": "en", "email": "pa@example.com", "email_verified": True,
	}
	assert told(userinfo(site, access_token(site, p.PA, "openid email"))) == {"sub": p.PA.id, "email": "pa@example.com", "email_verified": True}
	assert told(userinfo(site, access_token(site, p.PA, f"openid {d.READ}"))) == {"sub": p.PA.id}


def test_scopes_that_are_not_offered_tell_nothing(site):
	"""Contract §3: address and phone are left out, not refused."""
	assert told(userinfo(site, access_token(site, p.PA, "openid address phone"))) == {"sub": p.PA.id}


def test_a_customer_is_told_in_the_customers_realm(site, customer):
	"""Contract §1: customers are known by e-mail; whether it is verified nobody said."""
	assert told(userinfo(site, access_token(site, customer), "C")) == {"sub": customer.id, "email": customer.name}


def test_sub_is_that_of_the_id_token(site, person):
	"""Core §5.3.2: sub must be there and exactly match."""
	body = new_tokens(site, p.WEB, person, ALL)
	assert told(userinfo(site, body["access_token"]))["sub"] == id_claims(site, body["id_token"], p.WEB)["sub"] == person.id


def test_it_tells_what_holds_now(own_site):
	"""The directory is asked each time."""
	person = own_site.stranger()
	token = access_token(own_site, person)
	own_site.store.apply(d.partial(users=[{"id": person.id, "username": person.name, "email": "new@example.com", "claims": {"name": "New Name", "email_verified": False}}]))
	told_now = told(userinfo(own_site, token))
	assert (told_now["name"], told_now["email"], told_now["email_verified"]) == ("New Name", "new@example.com", False)


# ---- the claims parameter


def test_the_claims_parameter_asks_for_single_claims_here_and_in_the_id_token(site):
	"""Core §5.5: what is asked for by name, essential or not; unknown names are nothing."""
	claims = {"userinfo": {"phone_number": {"essential": True}, "address": None, "nickname": None, "role": None},
	          "id_token": {"email": None, "name": {"essential": True}, "roles": None, "auth_time": {"essential": True}}}
	body = new_tokens(site, p.WEB, p.PA, "openid", claims=json.dumps(claims))
	assert told(userinfo(site, body["access_token"])) == {"sub": p.PA.id, "phone_number": "+49 30 1", "address": {"locality": "Berlin"}}
	identity = id_claims(site, body["id_token"], p.WEB)
	assert (identity["email"], identity["name"]) == ("pa@example.com", "Pat Administrator")
	assert {"phone_number", "address", "roles", "email_verified"} & set(identity) == set()


def test_without_the_claims_parameter_the_id_token_has_no_claims_of_the_scopes(site):
	"""Core §5.4: with a code they are userinfo's."""
	identity = id_claims(site, new_tokens(site, p.WEB, p.PA, ALL)["id_token"], p.WEB)
	assert set(identity) == {"iss", "sub", "aud", "iat", "exp", "auth_time", "acr", "amr", "at_hash", "sid"}


def test_claims_asked_for_by_name_are_told_after_a_refresh_too(site, person):
	"""They were granted: they live as long as the grant."""
	claims = json.dumps({"userinfo": {"email": None}, "id_token": {"email": None}})
	first = new_tokens(site, p.WEB, person, "openid offline_access", claims=claims)
	second = tokens_of(refresh(site, p.WEB, first["refresh_token"]), "id_token", "refresh_token")
	assert told(userinfo(site, second["access_token"]))["email"] == f"{person.name}@example.com"
	assert id_claims(site, second["id_token"], p.WEB)["email"] == f"{person.name}@example.com"


# ---- how the token comes


def test_the_token_comes_in_the_header_or_in_a_form_by_get_or_post(site):
	"""Contract §4: in the header (an empty POST too) or the form's access_token."""
	token = access_token(site, p.PA, "openid email")
	expected = told(userinfo(site, token))
	assert told(userinfo(site, token, method="POST")) == expected
	assert told(post_form(address(site), {"access_token": token})) == expected
	assert told(post_form(address(site), {"other": "x"}, headers={"Authorization": f"Bearer {token}"})) == expected
	for scheme in ("bearer", "BEARER"):
		assert told(request("GET", address(site), headers={"Authorization": f"{scheme} {token}"})) == expected
	assert request("HEAD", address(site), headers={"Authorization": f"Bearer {token}"}).status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_a_token_there_is_a_challenge_without_an_error_code(site, method):
	"""RFC 6750 §3.1: no error code or other error information in the challenge."""
	for headers in ({}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearerx y"}):
		reply = request(method, address(site), headers=headers)
		assert reply.status_code == 401
		assert reply.headers["WWW-Authenticate"].startswith("Bearer realm=") and "error" not in reply.headers["WWW-Authenticate"]
		assert "error" not in reply.json() and "/errors/bearer-missing" in reply.json()["error_uri"]


def test_a_token_in_the_address_is_never_read(site):
	"""Contract §4: never the query; RFC 9700 §4.3.2."""
	token = access_token(site, p.PA)
	for method in ("GET", "POST"):
		reply = request(method, f"{address(site)}?access_token={token}")
		assert reply.status_code == 401 and "error" not in reply.headers["WWW-Authenticate"]
	reply = request("GET", address(site), data=f"access_token={token}", headers={"Content-Type": FORM})
	assert reply.status_code in (401, 413)


def test_two_tokens_at_once_are_an_invalid_request(site):
	"""RFC 6750 §2: not more than one way; contract §3: a parameter given twice."""
	token = access_token(site, p.PA)
	for other in (token, "x"):
		challenged(post_form(address(site), {"access_token": other}, headers={"Authorization": f"Bearer {token}"}), "invalid_request", 400)
	challenged(post_form(address(site), [("access_token", token), ("access_token", token)]), "invalid_request", 400)
	reply = request("GET", address(site), headers={"Authorization": f"Bearer {token}, Bearer {token}"})
	challenged(reply, "invalid_token", 401)


@pytest.mark.parametrize("body", ["access_token=%zz", "access_token=%00", "access_token=a%ff"])
def test_a_form_that_cannot_be_read_is_an_invalid_request(site, body):
	"""Contract §6."""
	challenged(post_form(address(site), {}, body=body), "invalid_request", 400)


# ---- which tokens are good


def judge_bad(site, token, realm="U", partition="ACME"):
	challenged(userinfo(site, token, realm, partition), "invalid_token", 401)
	if partition == "ACME":
		challenged(post_form(address(site, realm), {"access_token": token}), "invalid_token", 401)


@pytest.mark.parametrize("text", ["x", "a.b.c", ".", "A" * 4000, "e30.e30.", "\"", "Bearer x"])
def test_what_is_no_token_is_an_invalid_token(site, text):
	"""RFC 6750 §3.1, A9."""
	challenged(userinfo(site, text), "invalid_token", 401)


def test_a_token_that_names_no_person_who_was_there_is_refused(site):
	"""A4: on behalf of, client."""
	judge_bad(site, granted(on_behalf_of(site, p.WEB, d.OBO_READ, {"subject_userid": p.PA.id}))["access_token"])
	judge_bad(site, granted(ask(site, p.WEB, {"grant_type": "client_credentials", "scope": d.APP_READ}))["access_token"])
	judge_bad(site, granted(ask(site, p.WEB, {"grant_type": "client_credentials", "scope": d.READ}))["access_token"])


def test_no_other_artefact_is_an_access_token(site, person):
	"""A4: ID token, refresh token, code, session."""
	browser = Browser(site)
	body = new_tokens(site, p.WEB, person, f"openid offline_access {d.READ}", browser)
	judge_bad(site, body["id_token"])
	judge_bad(site, body["refresh_token"])
	judge_bad(site, new_code(site, p.WEB, person, browser))
	for cookie in browser.jar.values():
		judge_bad(site, cookie.value)


def test_a_token_of_the_other_realm_or_partition_is_refused(site, person, customer):
	"""A4, A7: an issuer for each realm."""
	user_token, customer_token = access_token(site, person), access_token(site, customer)
	judge_bad(site, user_token, "C")
	judge_bad(site, customer_token, "U")
	judge_bad(site, user_token, partition="OTHER")
	told(userinfo(site, user_token))
	told(userinfo(site, customer_token, "C"))


def test_a_token_for_the_admin_api_is_refused(site):
	"""Contract §4: it is refused everywhere else."""
	body = tokens_of(redeem(site, p.ADMIN, new_code(site, p.ADMIN, p.PA, scope="openid writ.admin.read")), "id_token")
	assert unverified(body["access_token"])["aud"].endswith("/admin/v1")
	judge_bad(site, body["access_token"])


def test_without_openid_the_scope_is_insufficient(site, person):
	"""RFC 6750 §3.1; Core §5.3: needs a token that openid gave."""
	members = challenged(userinfo(site, access_token(site, person, f"profile email {d.READ}")), "insufficient_scope", 403)
	assert members["scope"] == "openid"


def test_a_token_that_was_narrowed_tells_less(site, person):
	"""Contract §3: a refresh narrows the access token."""
	first = new_tokens(site, p.WEB, person, "openid email offline_access")
	narrowed = refresh(site, p.WEB, first["refresh_token"], scope="openid").json()
	assert told(userinfo(site, narrowed["access_token"])) == {"sub": person.id}


def test_a_revoked_token_or_grant_tells_nothing(site, person):
	"""Contract §3: an access token only itself, a refresh token its gid."""
	first = new_tokens(site, p.WEB, person, "openid email offline_access")
	second = refresh(site, p.WEB, first["refresh_token"]).json()
	assert revoke(site, p.WEB, first["access_token"]).status_code == 200
	judge_bad(site, first["access_token"])
	told(userinfo(site, second["access_token"]))
	assert revoke(site, p.WEB, second["refresh_token"]).status_code == 200
	judge_bad(site, second["access_token"])


@pytest.mark.parametrize("what", ["person", "application"])
def test_disabling_either_party_ends_it_at_once_and_for_good(own_site, what):
	"""Contract §3, Live state: userinfo."""
	person = own_site.stranger()
	token = access_token(own_site, person)
	change = {"person": {"users": [{"id": person.id, "username": person.name}]},
	          "application": {"client_applications": [{"client_id": p.WEB.id, "name": "Portal", "platform": "web"}]}}[what]
	told(userinfo(own_site, token))
	for enabled in (False, True):
		for objects in change.values():
			objects[0]["enabled"] = enabled
		own_site.store.apply(d.partial(**change))
		judge_bad(own_site, token)


def test_a_deleted_person_tells_nothing(own_site):
	"""Contract §3, Live state: deleted."""
	person = own_site.stranger()
	token = access_token(own_site, person)
	document = p.people_directory()
	users = d.partition_of(document)["users"]
	users[:] = [one for one in users if one["id"] != person.id]
	own_site.store.apply(document, "--prune")
	judge_bad(own_site, token)
	assert introspect(own_site, p.WEB, token) == {"active": False}


# ---- from a browser, and by mistake


def test_a_single_page_application_reads_it_from_its_own_origin(site, person):
	"""Contract §3, CORS: token, revoke, userinfo; on errors too."""
	token = access_token(site, person, application=p.SPA)
	for headers, status in (({"Authorization": f"Bearer {token}"}, 200), ({}, 401), ({"Authorization": "Bearer x"}, 401)):
		reply = request("GET", address(site), headers={"Origin": SPA_ORIGIN, **headers})
		assert reply.status_code == status and reply.headers["Access-Control-Allow-Origin"] == SPA_ORIGIN
		assert "Access-Control-Allow-Credentials" not in reply.headers
		assert "Access-Control-Allow-Origin" not in request("GET", address(site), headers={"Origin": "https://evil.example", **headers}).headers
	reply = request("OPTIONS", address(site), headers={"Origin": SPA_ORIGIN, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"})
	assert reply.status_code in (200, 204) and reply.headers["Access-Control-Allow-Origin"] == SPA_ORIGIN
	assert "authorization" in reply.headers["Access-Control-Allow-Headers"].lower()


def test_a_wrong_method_or_an_unknown_realm_is_said(site):
	"""Contract §6."""
	reply = request("PUT", address(site), data=b"")
	assert reply.status_code == 405 and {"GET", "POST"} <= {one.strip() for one in reply.headers["Allow"].split(",")}
	refused(request("GET", address(site, partition="NOSUCH")), "invalid_request", 404)


def test_a_refusal_leaves_an_audit_event_without_the_token(site, person):
	"""Attacks: refused means an audit event; contract §4: no secret in it."""
	token = access_token(site, person)
	reply = userinfo(site, token, "C")
	site.wait_for(lambda: any(line.get("request_id") == reply.headers["X-Request-Id"] for line in site.lines), what="the audit event")
	line = next(line for line in site.lines if line.get("request_id") == reply.headers["X-Request-Id"])
	assert (line["action"], line["result"], line["actor"]) == ("userinfo.refused", "bearer-invalid", p.WEB.id)
	assert token not in str(line)
