"""OpenID Connect Core: discovery against reality, ID tokens, userinfo. Contract §2, §3, §4."""

import json
import time
from urllib.parse import urlsplit

import jwt
import pytest

from support import documents as d
from support import people as p
from support.browser import Browser
from support.oauth import ask, granted, on_behalf_of, post_form, refused, revoke, unverified
from support.people import arrive, authorize, id_claims, issuer_of, left_half_hash, new_code, new_tokens, path_of, redeem, request_of, sent_back, succeeded
from support.people import tokens_of, userinfo
from support.program import get, request, run

CONFIGURATION = "/.well-known/openid-configuration"
STANDARD = {"name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture", "website", "gender",
            "birthdate", "zoneinfo", "locale", "updated_at", "email", "email_verified", "phone_number", "phone_number_verified", "address"}


def configuration(site, realm="U", partition="ACME"):
	reply = get(site.url + path_of(realm, partition, CONFIGURATION))
	assert reply.status_code == 200, reply.text
	assert reply.headers["Content-Type"].split(";")[0] == "application/json"
	return reply.json()


# ---- discovery


@pytest.mark.parametrize("realm", ["U", "C"])
def test_discovery_names_the_realms_own_addresses(site, realm):
	"""OpenID Connect Discovery §3, §4.3: issuer is exactly the address the document was found under; contract §2."""
	found, issuer = configuration(site, realm), issuer_of(site, realm)
	assert found["issuer"] == issuer
	assert found["authorization_endpoint"] == issuer + "/oauth2/authorize"
	assert found["token_endpoint"] == issuer + "/oauth2/token"
	assert found["userinfo_endpoint"] == issuer + "/oauth2/userinfo"
	assert found["jwks_uri"] == issuer + "/oauth2/jwks"
	assert found["introspection_endpoint"] == issuer + "/oauth2/introspect"
	assert found["revocation_endpoint"] == issuer + "/oauth2/revoke"


def test_discovery_says_what_is_required_of_it(site):
	"""OpenID Connect Discovery §3; RFC 9207 §3; RFC 8414 §2."""
	found = configuration(site)
	assert found["response_types_supported"] == ["code"]
	assert set(found["response_modes_supported"]) == {"query", "fragment", "form_post"}
	assert {"authorization_code", "refresh_token", "client_credentials"} <= set(found["grant_types_supported"])
	assert found["subject_types_supported"] == ["public"]
	assert "RS256" in found["id_token_signing_alg_values_supported"] and "none" not in found["id_token_signing_alg_values_supported"]
	assert found["code_challenge_methods_supported"] == ["S256"]
	assert {"openid", "profile", "email", "offline_access"} <= set(found["scopes_supported"])
	assert not {"address", "phone"} & set(found["scopes_supported"])
	assert {"client_secret_basic", "client_secret_post", "none"} <= set(found["token_endpoint_auth_methods_supported"])
	assert found["authorization_response_iss_parameter_supported"] is True
	assert found["request_parameter_supported"] is False and found["request_uri_parameter_supported"] is False  # the latter is true by default
	assert found["claims_parameter_supported"] is True
	assert {"sub", "iss", "auth_time", "name", "email"} <= set(found["claims_supported"])


def test_both_documents_of_a_realm_say_the_same(site):
	"""RFC 8414 §5: compatible with OpenID Connect Discovery."""
	found = configuration(site)
	other = get(site.url + "/.well-known/oauth-authorization-server/system/auth/ACME-U").json()
	for name in set(found) & set(other):
		assert found[name] == other[name], name
	assert {"issuer", "authorization_endpoint", "token_endpoint", "response_types_supported"} <= set(other)


def test_discovery_may_be_read_from_everywhere(site):
	"""Contract §3, CORS: discovery: *."""
	reply = get(site.url + path_of(endpoint=CONFIGURATION), headers={"Origin": "https://anywhere.example"})
	assert reply.headers["Access-Control-Allow-Origin"] == "*" and "Access-Control-Allow-Credentials" not in reply.headers


@pytest.mark.parametrize("path", [path_of("U", "NOSUCH", CONFIGURATION), path_of("X", "ACME", CONFIGURATION), path_of("U", "acme", CONFIGURATION)])
def test_an_unknown_realm_has_none(site, path):
	"""Contract §2; A7."""
	assert get(site.url + path).status_code == 404


@pytest.mark.parametrize("realm", ["U", "C"])
def test_discovery_finds_a_realm_whose_name_a_client_has_lower_cased(site, realm):
	"""As msal-browser does with its issuer's address; the document has the names as they are. Contract §1: nothing else takes them so."""
	name = f"acme-{realm.lower()}"
	assert get(f"{site.url}/system/auth/{name}{CONFIGURATION}").json() == configuration(site, realm)
	for path in (f"/system/auth/{name}/oauth2/jwks", f"/system/auth/{name}/.well-known/oauth-authorization-server",
	             f"/.well-known/oauth-authorization-server/system/auth/{name}", f"/system/auth/{name}/oauth2/authorize"):
		assert get(site.url + path).status_code == 404, path


@pytest.mark.parametrize("name", ["nosuch-u", "Acme-u", "ACME-u", "acme-x", "acmeu", "-u", "a" * 64 + "-u", "a" * 65 + "-u", "a" * 200 + "-c"])
def test_discovery_guesses_no_other_name(site, name):
	assert get(f"{site.url}/system/auth/{name}{CONFIGURATION}").status_code == 404


def test_partitions_that_differ_by_case_alone_are_never_taken_for_one_another(own_store):
	"""A7; contract §1: ids compare exactly. A name in lower case could mean either, so it means neither."""
	own_store.apply({"partitions": [{"id": "acme"}, {"id": "small"}, {"id": "Mixed"}, {"id": "2600"}]})
	with p.Site(own_store) as site:
		for partition in ("ACME", "acme", "small", "Mixed", "2600"):
			assert configuration(site, "U", partition)["issuer"] == issuer_of(site, "U", partition)
		found = {name: get(f"{site.url}/system/auth/{name}-u{CONFIGURATION}") for name in ("acme", "small", "mixed", "2600")}
		assert {name: reply.status_code for name, reply in found.items()} == {"acme": 404, "small": 200, "mixed": 404, "2600": 200}
		assert found["small"].json()["issuer"] == issuer_of(site, "U", "small") and found["2600"].json()["issuer"] == issuer_of(site, "U", "2600")


def test_every_address_that_discovery_names_is_there(site):
	"""What is advertised is what works."""
	found = configuration(site)
	for name, url in found.items():
		if name.endswith("_endpoint") or name == "jwks_uri":
			assert urlsplit(url).netloc == urlsplit(site.url).netloc
			assert get(url).status_code != 404 and request("POST", url).status_code != 404, name


def test_every_response_mode_and_method_that_discovery_names_works(site, person):
	"""What is advertised is what works."""
	found, browser = configuration(site), Browser(site)
	succeeded(arrive(browser, p.WEB, person))
	for mode in found["response_modes_supported"]:
		page = authorize(browser, p.WEB, response_mode=mode)
		succeeded(page)
		assert page.answer_is_by == mode
	for prompt in found.get("prompt_values_supported", []):
		page = authorize(browser, p.WEB, prompt=prompt)
		assert page.shows("sign-in") or page.shows("consent") or "code" in page.answer
	for method in found["token_endpoint_auth_methods_supported"]:
		code = new_code(site, p.SPA if method == "none" else p.WEB, person, browser)
		if method == "client_secret_basic":
			reply = redeem(site, p.Application(None, None, p.WEB.redirect), code, code_verifier=None, basic=(p.WEB.id, p.WEB.secret))
		elif method in ("client_secret_post", "none"):
			reply = redeem(site, p.SPA if method == "none" else p.WEB, code)
		else:
			continue
		tokens_of(reply, "id_token")


# ---- ID tokens


def test_an_id_token_says_who_when_for_whom(site, person):
	"""Contract §4; Core §2: RS256, nonce, auth_time, acr, at_hash, sid and stable sub."""
	before = int(time.time())
	body = new_tokens(site, p.WEB, person, "openid", nonce="n-0S6_WzA2Mj")
	claims = id_claims(site, body["id_token"], p.WEB)
	assert claims["sub"] == person.id and claims["aud"] in (p.WEB.id, [p.WEB.id])
	assert claims["nonce"] == "n-0S6_WzA2Mj"
	assert before <= claims["auth_time"] <= claims["iat"] <= time.time() + 1 and claims["iat"] < claims["exp"]
	assert claims["at_hash"] == left_half_hash(body["access_token"])
	assert isinstance(claims["acr"], str) and claims["acr"] and isinstance(claims["sid"], str) and claims["sid"]
	assert claims.get("azp", p.WEB.id) == p.WEB.id
	assert not STANDARD & set(claims), "claims are asked for"
	access = unverified(body["access_token"])
	assert access["auth_time"] == claims["auth_time"] and access["sub"] == claims["sub"]


def test_without_a_nonce_there_is_none(site, person):
	"""Core §2: present if it was in the request."""
	for nonce in (None, ""):
		assert "nonce" not in id_claims(site, new_tokens(site, p.WEB, person, "openid", nonce=nonce)["id_token"], p.WEB)


def test_a_nonce_returns_as_it_came(site, person):
	"""Core §3.1.2.1: passed through unmodified."""
	browser = Browser(site)
	for nonce in ("x", "a b&c=d", "\"quoted\" \\ back", "zoë ☃", "x" * 400):
		assert id_claims(site, new_tokens(site, p.WEB, person, "openid", browser, nonce=nonce)["id_token"], p.WEB)["nonce"] == nonce


def test_sid_is_the_sessions(site, person):
	"""Contract §3: ID tokens carry sid; the same in one session, another in another."""
	one, two = Browser(site), Browser(site)
	sids = [id_claims(site, new_tokens(site, application, person, "openid", browser)["id_token"], application)["sid"]
	        for browser, application in ((one, p.WEB), (one, p.SECOND), (two, p.WEB))]
	assert sids[0] == sids[1] != sids[2]
	assert sids[0] not in [cookie.value for cookie in one.jar.values()], "the name of a session is not what opens it"


def test_sub_is_stable_over_sign_ins_and_applications(site, person):
	"""Contract §4: stable sub."""
	tokens = [id_claims(site, new_tokens(site, application, person, "openid")["id_token"], application) for application in (p.WEB, p.SECOND, p.SPA, p.WEB)]
	assert {claims["sub"] for claims in tokens} == {person.id}


def test_an_id_token_is_signed_by_a_published_rsa_key_and_the_access_token_by_another(site, person):
	"""Contract §4: ID tokens are RS256 by default, access tokens ES256."""
	body = new_tokens(site, p.WEB, person, "openid")
	identity, access = jwt.get_unverified_header(body["id_token"]), jwt.get_unverified_header(body["access_token"])
	assert identity["alg"] == "RS256" and access["alg"] == "ES256" and identity["kid"] != access["kid"]


def test_a_customers_id_token_is_of_the_customers_realm(site, customer):
	"""Contract §1: a realm is an issuer."""
	code = new_code(site, p.WEB, customer)
	body = tokens_of(redeem(site, p.WEB, code, "C"), "id_token")
	assert id_claims(site, body["id_token"], p.WEB, "C")["sub"] == customer.id
	with pytest.raises(jwt.InvalidIssuerError):
		id_claims(site, body["id_token"], p.WEB, "U")


def test_id_tokens_verify_after_a_rotation_of_keys(own_site):
	"""Contract §4: kept published until the last token signed with them has expired."""
	body = new_tokens(own_site, p.WEB, p.SMITH, "openid")
	run("keys", "rotate", "--store", own_site.store.url)
	assert id_claims(own_site, body["id_token"], p.WEB)["sub"] == p.SMITH.id
	assert id_claims(own_site, new_tokens(own_site, p.WEB, p.SMITH, "openid")["id_token"], p.WEB)["sub"] == p.SMITH.id


# ---- userinfo


def claims_of(site, token, **keywords):
	reply = userinfo(site, token, **keywords)
	assert reply.status_code == 200, f"{reply.status_code} {reply.headers.get('WWW-Authenticate')}"
	assert reply.headers["Content-Type"].split(";")[0] == "application/json"
	assert "no-store" in reply.headers["Cache-Control"]
	return reply.json()


def pa_token(site, scope="openid profile email", **changes):
	return new_tokens(site, p.WEB, p.PA, scope, **changes)["access_token"]


def test_userinfo_gives_what_the_scopes_ask_for_and_the_person_has(site):
	"""Contract §4; Core §5.3, §5.4."""
	profile = {name: p.PA_CLAIMS[name] for name in ("name", "given_name", "family_name", "locale", "zoneinfo")}
	email = {"email": "pa@example.com", "email_verified": True}
	everything = claims_of(site, pa_token(site))
	assert everything.pop("preferred_username", "pa") == "pa"
	everything.pop("updated_at", None)
	assert everything == {"sub": "1001", **profile, **email}
	assert claims_of(site, pa_token(site, "openid")) == {"sub": "1001"}
	assert claims_of(site, pa_token(site, "openid email")) == {"sub": "1001", **email}
	assert not {"phone_number", "address"} & set(claims_of(site, pa_token(site, "openid phone address")))


def test_userinfo_of_somebody_who_has_little_gives_little(site, customer):
	"""Core §5.3.2: a claim that is not returned is omitted, not null or empty."""
	code = new_code(site, p.WEB, customer, scope="openid profile email")
	token = redeem(site, p.WEB, code, "C").json()["access_token"]
	found = claims_of(site, token, realm="C")
	assert found["sub"] == customer.id and found["email"] == customer.name
	assert not any(value in (None, "", [], {}) for value in found.values())
	assert found.get("email_verified", False) is False


def test_sub_of_userinfo_is_the_id_tokens(site, person):
	"""Core §5.3.2: MUST match exactly."""
	body = new_tokens(site, p.WEB, person, "openid profile")
	assert claims_of(site, body["access_token"])["sub"] == id_claims(site, body["id_token"], p.WEB)["sub"]


def test_userinfo_takes_the_token_in_the_header_or_the_form_and_nowhere_else(site, person):
	"""Contract §4: in the header (an empty POST too) or the form's access_token, never the query; RFC 6750 §2."""
	token, address = new_tokens(site, p.WEB, person, "openid")["access_token"], site.realm("ACME") + "/oauth2/userinfo"
	header = {"Authorization": f"Bearer {token}"}
	assert get(address, headers=header).json()["sub"] == person.id
	assert get(address, headers={"Authorization": f"bearer {token}"}).json()["sub"] == person.id  # RFC 9110 §11.1: any case
	assert request("POST", address, headers=header).json()["sub"] == person.id
	assert post_form(address, {}, headers=header).json()["sub"] == person.id
	assert post_form(address, {"access_token": token}).json()["sub"] == person.id
	for reply in (get(address, params={"access_token": token}), request("POST", address, params={"access_token": token})):
		assert reply.status_code in (400, 401) and "sub" not in reply.text
	both = post_form(address, {"access_token": token}, headers=header)
	assert both.status_code == 400 and 'error="invalid_request"' in both.headers["WWW-Authenticate"]
	twice = post_form(address, [("access_token", token), ("access_token", token)])
	assert twice.status_code == 400


def test_userinfo_without_a_token_asks_for_one_and_names_no_error(site):
	"""RFC 6750 §3.1: SHOULD NOT include an error code."""
	for reply in (userinfo(site, None), userinfo(site, None, method="POST"), get(site.realm("ACME") + "/oauth2/userinfo", headers={"Authorization": "Basic eDp5"})):
		assert reply.status_code == 401
		assert reply.headers["WWW-Authenticate"].startswith("Bearer") and "error=" not in reply.headers["WWW-Authenticate"]


def bad_tokens(site, token):
	head, payload, signature = token.split(".")
	return ["x", "a.b.c", f"{head}.e30.{signature}", "A" * 10000,
	        token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB"), f"{head}.{payload}.", "eyJhbGciOiJub25lIn0." + payload + ".", token + "x"]


def test_userinfo_refuses_what_is_no_valid_token(site, person):
	"""RFC 6750 §3.1: invalid_token, 401; A4, A8."""
	token = new_tokens(site, p.WEB, person, "openid")["access_token"]
	for bad in bad_tokens(site, token):
		reply = userinfo(site, bad)
		assert reply.status_code == 401 and 'error="invalid_token"' in reply.headers["WWW-Authenticate"], bad[:40]
		assert "sub" not in (reply.json() if reply.text.startswith("{") else {})
	assert userinfo(site, token).status_code == 200


def test_userinfo_needs_a_persons_token_with_openid(site, person):
	"""Contract §4: a person's token with openid; RFC 6750 §3.1: insufficient_scope."""
	without = new_tokens(site, p.WEB, person, d.READ)["access_token"]
	reply = userinfo(site, without)
	assert reply.status_code == 403 and 'error="insufficient_scope"' in reply.headers["WWW-Authenticate"] and "openid" in reply.headers["WWW-Authenticate"]
	client = granted(ask(site, p.WEB, {"grant_type": "client_credentials", "scope": d.APP_READ}))["access_token"]
	acting = granted(on_behalf_of(site, p.WEB, d.OBO_READ, {"subject_userid": person.id}))["access_token"]
	for token in (client, acting):
		assert userinfo(site, token).status_code in (401, 403)


def test_userinfo_of_the_other_realm_or_partition_is_refused(site, person):
	"""A7; contract §5: wrong issuer."""
	token = new_tokens(site, p.WEB, person, "openid")["access_token"]
	for realm, partition in (("C", "ACME"), ("U", "OTHER")):
		reply = userinfo(site, token, realm, partition)
		assert reply.status_code == 401 and "invalid_token" in reply.headers["WWW-Authenticate"]


def test_userinfo_may_be_read_by_the_pages_of_single_page_applications(site, person):
	"""Contract §3, CORS: token, revoke, userinfo; on errors too; a preflight needs no client."""
	token, address = new_tokens(site, p.SPA, person, "openid")["access_token"], site.realm("ACME") + "/oauth2/userinfo"
	ours, foreign = {"Origin": "https://spa.example.com"}, {"Origin": "https://evil.example"}
	reply = get(address, headers={**ours, "Authorization": f"Bearer {token}"})
	assert reply.status_code == 200 and reply.headers["Access-Control-Allow-Origin"] == ours["Origin"] and "Access-Control-Allow-Credentials" not in reply.headers
	assert get(address, headers=ours).headers["Access-Control-Allow-Origin"] == ours["Origin"]
	assert "Access-Control-Allow-Origin" not in get(address, headers={**foreign, "Authorization": f"Bearer {token}"}).headers
	preflight = request("OPTIONS", address, headers={**ours, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"})
	assert preflight.status_code in (200, 204) and preflight.headers["Access-Control-Allow-Origin"] == ours["Origin"]
	assert "authorization" in preflight.headers["Access-Control-Allow-Headers"].lower()


def test_userinfo_follows_a_change_of_the_person(own_site):
	"""Contract §3, Live state; Core §5.3: claims at the time of the request."""
	token = new_tokens(own_site, p.WEB, p.PA, "openid profile email")["access_token"]
	own_site.store.apply(d.partial(users=[{"id": "1001", "username": "pa", "email": "new@example.com", "claims": {"name": "Somebody New", "email_verified": False}}]))
	found = claims_of(own_site, token)
	assert found["name"] == "Somebody New" and found["email"] == "new@example.com" and found["email_verified"] is False and "given_name" not in found


def test_a_revoked_token_gets_no_userinfo(site, person):
	"""Contract §3, Introspection and revocation."""
	token = new_tokens(site, p.WEB, person, "openid")["access_token"]
	assert revoke(site, p.WEB, token).status_code == 200
	assert userinfo(site, token).status_code == 401


# ---- the claims parameter


def test_the_claims_parameter_asks_for_claims_one_by_one(site):
	"""Contract §4: standard claims that the scopes and the claims parameter ask for and the person has; Core §5.5."""
	wanted = {"userinfo": {"given_name": None, "email": {"essential": True}, "middle_name": None, "phone_number": None, "no_such_claim": None},
	          "id_token": {"family_name": None, "email_verified": None, "auth_time": {"essential": True}}}
	body = new_tokens(site, p.WEB, p.PA, "openid", claims=json.dumps(wanted))
	assert claims_of(site, body["access_token"]) == {"sub": "1001", "given_name": "Pat", "email": "pa@example.com", "phone_number": "+49 30 1"}
	identity = id_claims(site, body["id_token"], p.WEB)
	assert identity["family_name"] == "Administrator" and identity["email_verified"] is True
	assert STANDARD & set(identity) == {"family_name", "email_verified"}


def test_claims_that_are_asked_for_add_to_the_scopes(site):
	"""Core §5.5."""
	body = new_tokens(site, p.WEB, p.PA, "openid email", claims=json.dumps({"userinfo": {"name": None}}))
	assert claims_of(site, body["access_token"]) == {"sub": "1001", "name": "Pat Administrator", "email": "pa@example.com", "email_verified": True}


def test_claims_without_openid_give_nothing(site):
	"""Contract §4: userinfo needs openid."""
	code = new_code(site, p.WEB, p.PA, scope=d.READ, claims=json.dumps({"userinfo": {"email": None}}))
	body = tokens_of(redeem(site, p.WEB, code))
	assert userinfo(site, body["access_token"]).status_code == 403


def test_claims_cannot_overwrite_what_a_token_says_of_itself(site, person):
	"""A4: reserved names asked for as claims stay what they are."""
	wanted = {"id_token": {"iss": {"value": "https://evil.example"}, "aud": {"value": "other"}, "exp": {"value": 1}, "nonce": {"value": "x"},
	                       "acr": {"values": ["9"]}, "sid": None}}
	body = new_tokens(site, p.WEB, person, "openid", nonce="n", claims=json.dumps(wanted))
	claims = id_claims(site, body["id_token"], p.WEB)
	assert claims["nonce"] == "n" and claims["sub"] == person.id


def test_asked_for_claims_need_consent_like_the_scopes_that_give_them(site, person):
	"""Contract §9, consent: ask; Core §5.5: what is told needs to have been allowed; no way around the scopes email and profile."""
	browser = Browser(site)
	wanted = json.dumps({"userinfo": {"email": None}, "id_token": {"name": None}})
	succeeded(arrive(browser, p.ASKING, person))
	sent_back(authorize(browser, p.ASKING, claims=wanted, prompt="none"), "consent_required")
	page = authorize(browser, p.ASKING, claims=wanted)
	assert page.shows("consent")
	plain, more = authorize(browser, p.ASKING, prompt="consent").text, page.text
	assert len(more) > len(plain) + 20, "the page says what the claims tell"
	body = tokens_of(redeem(site, p.ASKING, succeeded(browser.decide(page))), "id_token")
	assert userinfo(site, body["access_token"]).json()["email"] == f"{person.name}@example.com"
	succeeded(authorize(browser, p.ASKING, claims=wanted, prompt="none"))


def test_an_essential_acr_that_cannot_be_met_is_no_success_and_a_voluntary_one_is(site, person):
	"""Core §5.5.1.1: treated as a failed authentication attempt; contract §3: acr_values never fail."""
	browser = Browser(site)
	succeeded(arrive(browser, p.WEB, person))
	strong = "urn:example:two-factors"
	for prompt in (None, "none"):
		page = authorize(browser, p.WEB, prompt=prompt, claims=json.dumps({"id_token": {"acr": {"essential": True, "values": [strong]}}}))
		assert "code" not in page.answer and page.answer["error"], page.answer
	offered = id_claims(site, new_tokens(site, p.WEB, person, "openid", browser)["id_token"], p.WEB)["acr"]
	for acr in ({"values": [strong]}, {"essential": True}, {"essential": True, "values": [strong, offered]}):
		succeeded(authorize(browser, p.WEB, claims=json.dumps({"id_token": {"acr": acr}})))
	succeeded(authorize(browser, p.WEB, acr_values=strong))


# ---- without a person


def test_client_credentials_and_on_behalf_of_never_have_id_tokens(site):
	"""Contract §3, the table of flows: openid with a sign-in only."""
	refused(ask(site, p.WEB, {"grant_type": "client_credentials", "scope": f"openid {d.APP_READ}"}), "invalid_scope")
	refused(on_behalf_of(site, p.WEB, f"openid {d.OBO_READ}", d.USER), "invalid_scope")


def test_a_silent_renewal_in_a_frame_comes_back_with_an_error_that_libraries_know(site):
	"""Core §3.1.2.6: login_required, consent_required; prompt=none never shows a page."""
	browser = Browser(site)
	page = authorize(browser, p.SPA, prompt="none", response_mode="fragment")
	sent_back(page, "login_required")
	assert page.status == 303
	person = site.stranger()
	succeeded(arrive(browser, p.WEB, person))
	sent_back(authorize(browser, p.SPA_ASKING, prompt="none"), "consent_required")
	succeeded(authorize(browser, p.SPA, prompt="none"))
	assert browser.get(path_of(), request_of(p.SPA, prompt="none", code_challenge=p.CHALLENGE)).status == 303


@pytest.mark.parametrize("acr, met", [('{"essential":true,"values":["9"]}', False), ('{"essential":true,"value":"urn:strong"}', False),
                                      ('{"essential":true,"values":["9","1"]}', True), ('{"essential":true}', True), ('{"values":["9"]}', True), ("null", True)])
def test_an_essential_acr_that_cannot_be_met_is_no_sign_in(site, person, acr, met):
	"""Core §5.5.1.1: must be treated as a failed authentication."""
	browser = Browser(site)
	succeeded(arrive(browser, p.WEB, person))
	page = authorize(browser, p.WEB, claims='{"id_token":{"acr":%s}}' % acr, prompt="none")
	if met:
		succeeded(page)
	else:
		sent_back(page, "unmet_authentication_requirements")
