"""Rules of the code and refresh grants that one line each keeps: contract §3, §4; RFC 7636 §4; A2, A4, A5, A14."""

import pytest

from support import documents as d
from support import people as p
from support.browser import Browser
from support.oauth import ask, introspect, post_form, refused, revoke, unverified
from support.people import authorize, new_code, new_tokens, redeem, refresh, succeeded, tokens_of, userinfo

OFFLINE = f"openid offline_access {d.READ}"


def portal(**fields):
	return d.partial(client_applications=[{"client_id": p.WEB.id, "name": "Portal", "platform": "web", **fields}])


# ---- A2


@pytest.mark.parametrize("verifier", ["short", "A" * 42, "A" * 129, "A" * 42 + "+", "A" * 42 + "=", "A" * 42 + " ", "A" * 42 + "é"])
@pytest.mark.parametrize("application", [p.WEB, p.SPA], ids=["web", "spa"])
def test_a_verifier_of_a_wrong_shape_is_refused_even_where_it_fits_its_challenge(site, person, application, verifier):
	"""A2; RFC 7636 §4.1, §7.1: a verifier that can be guessed proves nothing. It uses the code up like any wrong one."""
	challenge = {"code_challenge": p.challenge_of(verifier), "code_challenge_method": "S256"}
	code = new_code(site, application, person, **challenge)
	for _ in range(2):
		refused(redeem(site, application, code, code_verifier=verifier), "invalid_grant")


def test_an_application_that_became_public_cannot_redeem_a_code_without_a_challenge(own_site):
	"""A2: a single page application always had a challenge, so its silence is no answer."""
	person, browser = own_site.stranger(), Browser(own_site)
	code, other = (new_code(own_site, p.WEB, person, browser) for _ in range(2))
	own_site.store.apply(portal(platform="spa", secrets=[], redirect_urls=[p.WEB.redirect]))
	public = p.Application(p.WEB.id, None, p.WEB.redirect)
	refused(redeem(own_site, public, code, code_verifier=None), "invalid_grant")
	refused(redeem(own_site, public, other, code_verifier=p.VERIFIER), "invalid_grant")


# ---- what comes first


def test_a_missing_parameter_uses_nothing_up(site, person):
	"""Contract §3: parameters before the code itself."""
	code = new_code(site, p.WEB, person)
	refused(redeem(site, p.WEB, code, redirect_uri=None), "invalid_request", 400, "redirect_uri")
	refused(ask(site, p.WEB, {"grant_type": "authorization_code", "redirect_uri": p.WEB.redirect}), "invalid_request", 400, "code")
	refused(ask(site, p.WEB, {"grant_type": "refresh_token"}), "invalid_request", 400, "refresh_token")
	tokens_of(redeem(site, p.WEB, code), "id_token")


def test_an_application_without_refresh_tokens_is_told_so_before_anything_else(site):
	"""Contract §3: form, client, grant, parameters."""
	for fields in ({}, {"refresh_token": "x"}):
		refused(ask(site, p.NO_REFRESH, {"grant_type": "refresh_token", **fields}), "unauthorized_client", 400, "refresh tokens")


def test_a_wrong_secret_counts_once_although_the_grant_waits_for_a_worker(own_site):
	"""Contract §6: the sixth in a row waits, not the third."""
	wrong = p.Application(p.SECOND.id, d.secret_of("wrong"), p.SECOND.redirect)
	for _ in range(5):
		refused(redeem(own_site, wrong, "x"), "invalid_client", 401)
	assert redeem(own_site, wrong, "x").status_code == 429


# ---- live state


def test_permissions_of_the_admin_api_end_with_the_role(own_site):
	"""Contract §4: only for signed-in users with the role partition_administrator; A5."""
	scope = "openid offline_access writ.admin.read"
	code = new_code(own_site, p.ADMIN, p.PA, scope=scope)
	body = tokens_of(redeem(own_site, p.ADMIN, new_code(own_site, p.ADMIN, p.PA, scope=scope)), "id_token", "refresh_token")
	assert unverified(body["access_token"])["aud"].endswith("/admin/v1")
	own_site.store.apply(d.partial(users=[{"id": p.PA.id, "username": p.PA.name, "roles": []}]))
	for reply in (redeem(own_site, p.ADMIN, code), refresh(own_site, p.ADMIN, body["refresh_token"])):
		body = tokens_of(reply, "id_token", "refresh_token")
		claims = unverified(body["access_token"])
		assert body["scope"] == claims["scope"] == "openid offline_access" and claims["aud"] == d.API_URL


def test_a_grant_of_which_nothing_is_left_is_refused_and_comes_back(own_site):
	"""Contract §3: a refused refresh uses nothing up; a permission taken away is missing."""
	person = own_site.stranger()
	body = new_tokens(own_site, p.WEB, person, f"offline_access {d.MANAGE}")
	own_site.store.apply(portal(permissions=[d.READ]))
	refused(refresh(own_site, p.WEB, body["refresh_token"], scope=d.MANAGE), "invalid_scope", 400, "scope " + d.MANAGE)
	own_site.store.apply(portal(permissions=[d.READ, d.MANAGE]))
	assert refresh(own_site, p.WEB, body["refresh_token"], scope=d.MANAGE).json()["scope"] == d.MANAGE


def test_a_nonce_is_of_the_first_id_token_only(site, person):
	"""OpenID Connect Core §12.2: should not have a nonce."""
	body = new_tokens(site, p.WEB, person, OFFLINE, nonce="n-1")
	assert unverified(body["id_token"])["nonce"] == "n-1"
	assert "nonce" not in unverified(tokens_of(refresh(site, p.WEB, body["refresh_token"]), "id_token", "refresh_token")["id_token"])


# ---- who may know of a refresh token, and end it


def test_a_refresh_token_is_known_to_its_own_application_alone(site, person):
	"""Contract §3: its own refresh tokens; all else is inactive."""
	body = new_tokens(site, p.WEB, person, OFFLINE)
	answer = introspect(site, p.WEB, body["refresh_token"])
	claims = unverified(body["access_token"])
	assert (answer["active"], answer["token_type"], answer["client_id"], answer["sub"]) == (True, "refresh_token", p.WEB.id, person.id)
	assert (answer["gid"], answer["iss"], answer["scope"]) == (claims["gid"], claims["iss"], OFFLINE)
	assert answer["iat"] <= answer["exp"] - 29 * 86400
	assert introspect(site, p.SECOND, body["refresh_token"]) == {"active": False}
	assert introspect(site, p.WEB, new_tokens(site, p.SPA, person, OFFLINE)["refresh_token"]) == {"active": False}


def test_a_single_page_application_revokes_its_own_refresh_token_by_its_id(site, person):
	"""Contract §3: revoking a refresh token ends its gid; RFC 7009 §2.1: public clients too."""
	body = new_tokens(site, p.SPA, person, OFFLINE)
	address = site.realm("ACME") + "/oauth2/revoke"
	refused(post_form(address, {"client_id": p.SPA_ASKING.id, "token": body["refresh_token"]}), "invalid_request")
	assert userinfo(site, body["access_token"]).status_code == 200
	assert post_form(address, {"client_id": p.SPA.id, "token": body["refresh_token"]}).status_code == 200
	assert userinfo(site, body["access_token"]).status_code == 401
	refused(refresh(site, p.SPA, body["refresh_token"]), "invalid_grant")


# ---- what is written down


def events_of(site, reply):
	return site.audit_of(reply.headers["X-Request-Id"])


def test_the_reply_says_one_thing_for_all_causes_and_the_audit_event_says_which(site, person):
	"""Contract §3: by the same words; operators need the cause."""
	body = new_tokens(site, p.WEB, person, OFFLINE)
	replies = [refresh(site, p.SECOND, body["refresh_token"]), refresh(site, p.WEB, "A" * 64), refresh(site, p.WEB, "x"), refresh(site, p.WEB, body["refresh_token"], "C")]
	assert len({reply.text for reply in replies}) == 1
	assert len({events_of(site, reply)[0]["detail"] for reply in replies}) == 3
	code = new_code(site, p.WEB, person)
	replies = [redeem(site, p.SECOND, code), redeem(site, p.WEB, "x"), redeem(site, p.WEB, code, "C")]
	assert len({reply.text for reply in replies}) == 1


def test_a_replay_is_written_down_with_the_person_it_hit(site, person):
	"""Attacks: refused means an audit event."""
	code = new_code(site, p.WEB, person)
	tokens_of(redeem(site, p.WEB, code), "id_token")
	event = events_of(site, redeem(site, p.WEB, code))[0]
	assert (event["action"], event["result"], event["actor"], event["object"]) == ("token.refused", "code-replayed", p.WEB.id, person.id)


@pytest.mark.parametrize("way", ["form", "basic"])
def test_a_secret_in_the_place_of_the_client_id_is_not_written_down(site, way):
	"""Contract §4: no secret in an audit event, not even by a slip of the pen."""
	fields = {"grant_type": "client_credentials", "scope": d.APP_READ}
	if way == "form":
		reply = ask(site, d.Client(p.WEB.secret, "x"), fields)
	else:
		reply = post_form(site.realm("ACME") + "/oauth2/token", fields, basic=(p.WEB.secret, "x"))
	refused(reply, "invalid_client", 401)
	event = events_of(site, reply)[0]
	assert p.WEB.secret not in str(event)
	assert event["actor"] == p.WEB.secret[:8] + "..."
	known = ask(site, d.Client(p.WEB.id, d.secret_of("no")), fields)
	assert events_of(site, known)[0]["actor"] == p.WEB.id


def test_a_code_and_its_tokens_come_with_a_session_that_goes_on(site, person):
	"""Several applications from one sign-in: each has its own grant (contract §3, Revoking ends its gid)."""
	browser = Browser(site)
	one = tokens_of(redeem(site, p.WEB, new_code(site, p.WEB, person, browser)), "id_token")
	two = tokens_of(redeem(site, p.SECOND, succeeded(authorize(browser, p.SECOND))), "id_token")
	assert unverified(one["access_token"])["gid"] != unverified(two["access_token"])["gid"]
	assert unverified(one["id_token"])["sid"] == unverified(two["id_token"])["sid"]


def test_a_refresh_token_is_known_and_revoked_at_either_realms_address(site, person, customer):
	"""Contract §3: revoking a refresh token ends its gid; its own refresh tokens. As for access tokens, either address knows both."""
	for somebody, other in ((person, "C"), (customer, "U")):
		realm = "U" if other == "C" else "C"
		token = new_tokens(site, p.WEB, somebody, OFFLINE)["refresh_token"]
		known = introspect(site, p.WEB, token, realm=other)
		assert known["active"] and known["iss"] == p.issuer_of(site, realm)
		refused(refresh(site, p.WEB, token, realm=other), "invalid_grant")
		assert revoke(site, p.WEB, token, realm=other).status_code == 200
		refused(refresh(site, p.WEB, token, realm=realm), "invalid_grant")
