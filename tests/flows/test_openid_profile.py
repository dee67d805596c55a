"""What certification suites look at and no other test shows: docs/protocol/openid-profile.md is the list. The server has what that
document tells to apply."""

import base64
import json
import re
import time
from urllib.parse import parse_qsl, urlsplit

import pytest

from support import documents as d
from support import people as p
from support.browser import Browser
from support.certification import APPLICATIONS, EMAIL, FIRST, NAME, PERSON, PROFILE, SECOND, document, partition, unsigned
from support.oauth import ask, introspect
from support.people import Site, arrive, authorize, dead_end, id_claims, issuer_of, left_half_hash, redeem, refresh, request_of, sent_back, succeeded, tokens_of, userinfo
from support.program import Store, get

# https://www.iana.org/assignments/oauth-parameters, OAuth Authorization Server Metadata
REGISTERED = set("""issuer authorization_endpoint token_endpoint jwks_uri registration_endpoint scopes_supported response_types_supported response_modes_supported
grant_types_supported token_endpoint_auth_methods_supported token_endpoint_auth_signing_alg_values_supported service_documentation ui_locales_supported op_policy_uri
op_tos_uri revocation_endpoint revocation_endpoint_auth_methods_supported revocation_endpoint_auth_signing_alg_values_supported introspection_endpoint
introspection_endpoint_auth_methods_supported introspection_endpoint_auth_signing_alg_values_supported code_challenge_methods_supported signed_metadata
userinfo_endpoint acr_values_supported subject_types_supported id_token_signing_alg_values_supported userinfo_signing_alg_values_supported display_values_supported
claim_types_supported claims_supported claims_locales_supported claims_parameter_supported request_parameter_supported request_uri_parameter_supported
require_request_uri_registration authorization_response_iss_parameter_supported prompt_values_supported end_session_endpoint backchannel_logout_supported
backchannel_logout_session_supported""".split())


@pytest.fixture(scope="module")
def suite_site(tmp_path_factory):
	store = Store(tmp_path_factory.mktemp("suite"))
	store.apply(document())
	with Site(store, "--address-failures", "1000000") as running:
		yield running


@pytest.fixture
def there(suite_site):
	"""A browser in which the person of the document is signed in."""
	browser = Browser(suite_site)
	succeeded(arrive(browser, FIRST, PERSON, NAME))
	return browser


def tokens(site, browser, application=FIRST, **changes):
	code = arrive(browser, application, PERSON, NAME, **changes).answer["code"]
	reply = redeem(site, application, code, partition=NAME)
	assert reply.status_code == 200, reply.text
	return reply.json()


def identity(site, body, application=FIRST, algorithm="RS256"):
	return id_claims(site, body["id_token"], application, partition=NAME, algorithm=algorithm)


def told(site, body):
	reply = userinfo(site, body["access_token"], partition=NAME)
	assert reply.status_code == 200, reply.text
	return reply.json()


def register(site, algorithm):
	site.store.apply(d.partial(client_applications=[{"client_id": p.WEB.id, "id_token_algorithm": algorithm}]))


def header_of(token):
	return json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))


# ---- discovery


def test_every_member_of_the_metadata_is_registered_and_no_list_is_empty(suite_site):
	"""Discovery §3, RFC 8414 §2: claims with zero elements must be omitted."""
	found = get(issuer_of(suite_site, partition=NAME) + "/.well-known/openid-configuration").json()
	assert set(found) - REGISTERED == set()
	assert not [name for name, value in found.items() if value in (None, "", [], {})]
	assert {"sub", "iss", *PROFILE, *EMAIL} <= set(found["claims_supported"])
	assert set(found["id_token_signing_alg_values_supported"]) == {"RS256", "ES256"}


def test_every_address_of_the_metadata_is_https_where_the_server_is(server):
	"""Discovery §3: URLs using the https scheme."""
	found = get(f"{server.url}/system/auth/ACME-U/.well-known/openid-configuration").json()
	addresses = [value for name, value in found.items() if name == "issuer" or name.endswith(("_endpoint", "_uri"))]
	assert len(addresses) > 6 and all(address.startswith("https://") for address in addresses)
	assert not urlsplit(found["issuer"]).query and not urlsplit(found["issuer"]).fragment


def test_language_tags_of_the_metadata_are_in_their_usual_case(suite_site):
	"""RFC 5646 §2.1.1: language in lower case, script in title case, region in upper case."""
	for tag in get(issuer_of(suite_site, partition=NAME) + "/.well-known/openid-configuration").json()["ui_locales_supported"]:
		assert re.fullmatch(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?", tag), tag


# ---- ID tokens


def test_an_application_registered_for_es256_gets_id_tokens_signed_with_it(own_site):
	"""Core §3.1.3.7: the alg that the client registered; §15.1: RS256 where it registered none."""
	person = own_site.stranger()

	def signed():
		body = p.new_tokens(own_site, p.WEB, person)
		again = tokens_of(refresh(own_site, p.WEB, body["refresh_token"]), "id_token", "refresh_token")
		return [header_of(one["id_token"])["alg"] for one in (body, again)], body

	assert signed()[0] == ["RS256", "RS256"]
	register(own_site, "ES256")
	algorithms, body = signed()
	assert algorithms == ["ES256", "ES256"]
	claims = id_claims(own_site, body["id_token"], p.WEB, algorithm="ES256")
	assert claims["at_hash"] == left_half_hash(body["access_token"], "ES256") and claims["sub"] == person.id
	second = p.new_tokens(own_site, p.SECOND, person)
	assert header_of(second["id_token"])["alg"] == "RS256", "another application's is its own affair"
	register(own_site, "RS256")
	assert signed()[0] == ["RS256", "RS256"]


@pytest.mark.parametrize("algorithm", ["none", "HS256", "es256", ""])
def test_no_other_algorithm_can_be_registered(store, algorithm):
	"""Core §2: none only where no ID token comes from the authorization endpoint and the client asked for it; here never."""
	done = store.apply(d.partial(client_applications=[{"client_id": d.WEB.id, "id_token_algorithm": algorithm}]), check=False)
	assert done.returncode == 1 and "id_token_algorithm" in done.stderr


@pytest.mark.parametrize("signed_with,registered", [("RS256", "ES256"), ("ES256", "RS256")])
def test_an_id_token_hint_is_good_by_either_algorithm(own_site, signed_with, registered):
	"""Core §3.1.2.1: an ID token that this server issued, whatever is registered now."""
	browser, person = Browser(own_site), own_site.stranger()
	register(own_site, signed_with)
	hint = p.new_tokens(own_site, p.WEB, person, "openid", browser)["id_token"]
	assert header_of(hint)["alg"] == signed_with
	register(own_site, registered)
	succeeded(authorize(browser, p.WEB, id_token_hint=hint, prompt="none"))
	other = p.new_tokens(own_site, p.WEB, own_site.stranger(), "openid")["id_token"]
	sent_back(authorize(browser, p.WEB, id_token_hint=other, prompt="none"), "login_required")


def test_an_id_token_signed_like_an_access_token_is_still_none_nor_the_other_way_round(own_site):
	"""A4: with one algorithm, and one key, for both kinds only the type tells them apart."""
	register(own_site, "ES256")
	browser, person = Browser(own_site), own_site.stranger()
	body = p.new_tokens(own_site, p.WEB, person, "openid", browser)
	identity_header, access_header = header_of(body["id_token"]), header_of(body["access_token"])
	assert identity_header["kid"] == access_header["kid"] and identity_header["typ"] != access_header["typ"]
	reply = userinfo(own_site, body["id_token"])
	assert reply.status_code == 401 and "invalid_token" in reply.headers["WWW-Authenticate"]
	assert introspect(own_site, p.WEB, body["id_token"]) == {"active": False}
	assert introspect(own_site, p.WEB, body["access_token"])["active"] is True
	sent_back(authorize(browser, p.WEB, id_token_hint=body["access_token"], prompt="none"), "login_required")
	succeeded(authorize(browser, p.WEB, id_token_hint=body["id_token"], prompt="none"))


# ---- claims


def test_all_standard_claims_of_profile_are_told_when_the_person_has_them(suite_site, there):
	"""Core §5.4: profile and email; §5.1: each of its type."""
	found = told(suite_site, tokens(suite_site, there, scope="openid profile email"))
	assert set(found) == {"sub"} | PROFILE | EMAIL
	given = partition()["users"][0]
	assert {name: found[name] for name in given["claims"]} == given["claims"]
	assert (found["sub"], found["preferred_username"], found["email"]) == (given["id"], given["username"], given["email"])
	assert all(isinstance(found[name], str) and found[name].strip() for name in (PROFILE | EMAIL) - {"updated_at", "email_verified"})
	assert type(found["updated_at"]) is int and type(found["email_verified"]) is bool


def test_an_essential_name_is_told_without_the_scope_profile(suite_site, there):
	"""Core §5.5.1: by the claims parameter, at userinfo and in the ID token."""
	wanted = json.dumps({"userinfo": {"name": {"essential": True}}, "id_token": {"name": {"essential": True}, "auth_time": {"essential": True}}})
	body = tokens(suite_site, there, scope="openid", claims=wanted)
	assert told(suite_site, body) == {"sub": PERSON.id, "name": "Ann B. Agent"}
	claims = identity(suite_site, body)
	assert claims["name"] == "Ann B. Agent" and isinstance(claims["auth_time"], int)


@pytest.mark.parametrize("claims", [{"acr": None}, {"acr": {"values": ["urn:nothing"]}}, {"acr": {"value": "2"}}, {"acr": {"essential": True}},
                                    {"acr": {"essential": True, "values": ["2", "1"]}}, {"acr": {"essential": True, "value": "1"}}, {"acr": {"essential": False, "values": ["2"]}}],
                         ids=json.dumps)
def test_an_acr_that_is_asked_for_is_told_and_voluntary_ones_never_fail(suite_site, there, claims):
	"""Core §5.5.1.1."""
	assert identity(suite_site, tokens(suite_site, there, claims=json.dumps({"id_token": claims}), prompt="none"))["acr"] == "1"


@pytest.mark.parametrize("claims", [{"essential": True, "values": ["2"]}, {"essential": True, "value": "2"}, {"essential": True, "values": []}, {"essential": True, "values": [1]}],
                         ids=json.dumps)
def test_an_essential_acr_that_cannot_come_true_fails(suite_site, there, claims):
	"""Core §5.5.1.1: MUST treat that outcome as a failed authentication attempt; by the error code that is registered for it."""
	wanted = json.dumps({"id_token": {"acr": claims}})
	sent_back(authorize(there, FIRST, partition=NAME, claims=wanted), "unmet_authentication_requirements", "acr", application=FIRST)
	sent_back(authorize(Browser(suite_site), FIRST, partition=NAME, claims=wanted, prompt="none"), "unmet_authentication_requirements")
	succeeded(authorize(there, FIRST, partition=NAME, claims=json.dumps({"userinfo": {"acr": claims}})))


def test_a_sub_that_is_no_text_is_an_invalid_request(there):
	"""Core §5.5.1: value must be a valid value for the claim."""
	sent_back(authorize(there, FIRST, partition=NAME, claims='{"id_token":{"sub":{"value":1}}}'), "invalid_request", "claims")


def test_claims_that_say_nothing_are_left_out(own_site):
	"""Core §5.3.2: omitted, not null or empty."""
	person = own_site.stranger()
	own_site.store.apply(d.partial(users=[{"id": person.id, "username": person.name, "claims": {"name": "", "nickname": " ", "given_name": "Ann", "address": {}, "picture": None}}]))
	body = p.new_tokens(own_site, p.WEB, person, "openid profile", claims='{"userinfo":{"address":null}}')
	assert userinfo(own_site, body["access_token"]).json() == {"sub": person.id, "given_name": "Ann", "preferred_username": person.name}


@pytest.mark.parametrize("claims,word", [({"birthdate": "31.1.1990"}, "YYYY-MM-DD"), ({"locale": "de_DE"}, "language tag"), ({"zoneinfo": "my time"}, "time zone"),
                                         ({"picture": "javascript:alert(1)"}, "https://"), ({"updated_at": 1700000000000}, "seconds"), ({"email_verified": "yes"}, "true or false")])
def test_claims_of_another_form_are_refused_by_apply(store, claims, word):
	"""Core §5.1: what applications parse."""
	done = store.apply(d.partial(users=[{"id": "1001", "username": "pa", "claims": claims}]), check=False)
	assert done.returncode == 1 and word in done.stderr and next(iter(claims)) in done.stderr


# ---- requests


@pytest.mark.parametrize("scope", ["email openid", "profile openid email", "offline_access email openid profile"])
def test_scopes_may_stand_in_any_order(suite_site, there, scope):
	"""RFC 6749 §3.3: their order does not matter."""
	body = tokens(suite_site, there, scope=scope)
	assert set(body["scope"].split()) == set(scope.split()) and identity(suite_site, body)["sub"] == PERSON.id
	assert EMAIL <= set(told(suite_site, body))


@pytest.mark.parametrize("changes", [{"display": "page"}, {"display": "popup"}, {"display": "touch"}, {"display": "wap"}, {"ui_locales": "se"}, {"claims_locales": "se"},
                                     {"acr_values": "1"}, {"acr_values": "1 2"}, {"acr_values": "urn:mace:incommon:iap:silver"}, {"login_hint": "buffy@certification.example"},
                                     {"extra": "foobar"}, {"max_age": "10000"}], ids=str)
def test_what_suites_add_to_a_request_never_fails_with_pages_or_without(suite_site, changes):
	"""Core §3.1.2.1, §15.1: minimum support is that its use does not result in an error."""
	body = tokens(suite_site, Browser(suite_site), **changes)
	claims = identity(suite_site, body)
	assert claims["acr"] == "1" and claims["sub"] == PERSON.id and "nonce" not in claims


def test_a_request_object_is_refused_as_unsupported_and_never_believed(suite_site, there):
	"""Core §3.1.2.6, §6.1: request_not_supported at the registered address; one inside the object counts for nothing."""
	inside = {**dict(request_of(FIRST, state="inside")), "iss": FIRST.id, "aud": issuer_of(suite_site, partition=NAME)}
	answer = sent_back(authorize(there, FIRST, partition=NAME, request=unsigned(inside)), "request_not_supported", application=FIRST)
	assert answer["iss"] == issuer_of(suite_site, partition=NAME)
	sent_back(authorize(there, FIRST, partition=NAME, request_uri="https://suite.example/requests/1"), "request_uri_not_supported", application=FIRST)
	dead_end(authorize(there, FIRST, partition=NAME, redirect_uri="https://evil.example/callback", request=unsigned(inside)), "redirect_uri")
	dead_end(authorize(there, FIRST, partition=NAME, redirect_uri=None, request=unsigned(inside)), "redirect_uri")


def test_a_redirect_address_with_a_query_of_its_own_keeps_it_in_front(suite_site, there):
	"""RFC 6749 §3.1.2: the second client of the suites has one."""
	page = authorize(there, SECOND, partition=NAME)
	assert set(page.answer) == {"dummy1", "dummy2", "code", "state", "iss"} and page.location.startswith(SECOND.redirect + "&")
	assert parse_qsl(urlsplit(page.location).query)[:2] == [("dummy1", "lorem"), ("dummy2", "ipsum")]
	tokens_of(redeem(suite_site, SECOND, page.answer["code"], partition=NAME), "id_token")


def test_a_refresh_token_of_one_client_is_nothing_to_the_other(suite_site, there):
	"""RFC 6749 §6, §10.4: bound to the client to which it was issued; Core §12.2: the same iss, sub, aud and auth_time, a later iat."""
	bodies = [tokens(suite_site, there, application, scope="openid offline_access", prompt="consent", nonce="n") for application in APPLICATIONS]
	reply = refresh(suite_site, FIRST, bodies[1]["refresh_token"], partition=NAME)
	assert reply.status_code == 400 and reply.json()["error"] == "invalid_grant"
	first = identity(suite_site, bodies[0])
	suite_site.wait_for(lambda: time.time() >= first["iat"] + 1.05, what="the next second")
	again = tokens_of(refresh(suite_site, FIRST, bodies[0]["refresh_token"], partition=NAME), "id_token", "refresh_token")
	second = identity(suite_site, again)
	assert {name: first[name] for name in ("iss", "sub", "aud", "auth_time", "acr", "sid")} == {name: second[name] for name in ("iss", "sub", "aud", "auth_time", "acr", "sid")}
	assert second["iat"] > first["iat"] and "nonce" not in second and again["access_token"] != bodies[0]["access_token"]
	assert re.fullmatch(r"[\x20-\x7e]+", again["refresh_token"]) and told(suite_site, again)["sub"] == PERSON.id


# ---- replies


def test_replies_that_carry_tokens_or_claims_are_never_cached(suite_site, there):
	"""Core §3.1.3.3, RFC 6749 §5.1: Cache-Control and Pragma, on errors too; what is public may be cached."""
	page = authorize(there, FIRST, partition=NAME)
	good = redeem(suite_site, FIRST, succeeded(page), partition=NAME)
	bad = ask(suite_site, FIRST, {"grant_type": "authorization_code", "code": "x", "redirect_uri": FIRST.redirect}, NAME)
	told_to = userinfo(suite_site, good.json()["access_token"], partition=NAME)
	for reply in (good, bad, told_to):
		assert reply.headers["Cache-Control"] == "no-store" and reply.headers["Pragma"] == "no-cache"
		assert reply.headers["Content-Type"].split(";")[0] == "application/json"
	assert "no-store" in page.headers["Cache-Control"]
	for path in ("/.well-known/openid-configuration", "/oauth2/jwks"):
		assert "max-age" in get(issuer_of(suite_site, partition=NAME) + path).headers["Cache-Control"]


def test_the_form_that_posts_by_itself_works_in_an_old_browser(there):
	"""Form Post Response Mode §2; HTML: a control named submit would hide the function of that name."""
	page = authorize(there, FIRST, partition=NAME, response_mode="form_post")
	form = page.form("form-post")
	assert "submit" not in form.names() | set(form.buttons) | {one for _, _, one in form.fields}
	scripts = re.findall(r"<script[^>]*>(.*?)</script>", page.html, re.S)
	assert scripts == ['document.getElementById("form-post").submit()']
	assert page.headers["Content-Type"].startswith("text/html") and "no-store" in page.headers["Cache-Control"]


def test_sign_in_and_consent_have_no_script_at_all(suite_site):
	"""An old browser without a screen must get through them: by ids that stay, and nothing but forms."""
	browser = Browser(suite_site)
	page = authorize(browser, FIRST, partition=NAME, prompt="consent")
	assert "<script" not in page.html and {"username", "password", "submit"} <= set(page.parsed.ids)
	page = browser.sign_in(page, PERSON.name, PERSON.password)
	assert "<script" not in page.html and {"allow", "deny"} <= set(page.parsed.ids)
	succeeded(browser.decide(page), FIRST)
