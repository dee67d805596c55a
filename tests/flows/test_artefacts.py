"""A4: one kind of token taken for another. Every artefact at every endpoint and parameter: only the diagonal passes."""

import jwt
import pytest

from support import assertions as a
from support import documents as d
from support import people as p
from support.browser import Browser, Cookie, set_cookies
from support.minting import mint
from support.oauth import ask, granted, introspect, on_behalf_of, post_form, revoke, unverified
from support.people import authorize, issuer_of, new_code, path_of, redeem, refresh, request_of, succeeded, tokens_of, userinfo
from support.program import get, request
from support.relying_party import EVENT
from support.shared_site import sharing

EVERYTHING = f"openid offline_access {d.READ}"
KEY = a.Key("a4")  # of p.WEB, which has a secret beside it
GRANT = {"grant_type": "client_credentials", "scope": d.APP_READ}


def signed_in(browser, application, person, partition="ACME", **changes):
	"""The page that leads back, and the cookie of the session that began."""
	page = authorize(browser, application, person.realm, partition, **changes)
	before = set(browser.jar)
	page = browser.sign_in(page, person.name, person.password)
	(name,) = set(page.cookies) - before or set(page.cookies)
	return page, browser.jar[name]


class Artefacts:
	"""One of each kind, all of one person and one client application."""

	def __init__(self, site):
		self.site, self.person, self.browser = site, site.stranger(), Browser(site)
		page, self.cookie = signed_in(self.browser, p.WEB, self.person, scope=EVERYTHING)
		body = tokens_of(redeem(site, p.WEB, succeeded(page)), "id_token", "refresh_token")
		self.values = {"session": self.cookie.value, "access": body["access_token"], "refresh": body["refresh_token"], "id_token": body["id_token"]}
		self.values["attempt"] = authorize(self.browser, p.WEB, prompt="login").form("sign-in")["attempt"]
		self.values["browser binding"] = next(cookie.value for name, cookie in self.browser.jar.items() if name != self.cookie.name)
		self.values["on behalf of"] = granted(on_behalf_of(site, p.WEB, d.OBO_READ, {"subject_userid": self.person.id}))["access_token"]
		self.values["client access"] = granted(ask(site, p.WEB, {"grant_type": "client_credentials", "scope": d.APP_READ}))["access_token"]
		self.values["secret"] = p.WEB.secret
		self.values["code"] = new_code(site, p.WEB, self.person, self.browser, scope=EVERYTHING)
		self.values["gid"], self.values["jti"] = unverified(body["access_token"])["gid"], unverified(body["access_token"])["jti"]
		self.values["sid"] = unverified(body["id_token"])["sid"]
		self.values["assertion"] = a.signed(KEY, a.claims_of(p.WEB.id, issuer_of(site)))
		self.values["logout token"] = mint(site.store, self._logout_claims(), "logout+jwt")

	def _logout_claims(self):
		"""As the server makes them (tests/unit/oauth/test-logout-token.c): it would post them to the application alone."""
		claims = a.claims_of(p.WEB.id, p.WEB.id, iss=issuer_of(self.site), sub=self.person.id)
		return {**claims, "sid": self.values["sid"], "events": {EVENT: {}}}


# ---- the doors: each says whether the value opened it


def as_code(one, value):
	return redeem(one.site, p.WEB, value).status_code == 200


def as_refresh_token(one, value):
	return refresh(one.site, p.WEB, value).status_code == 200


def as_bearer(one, value):
	return userinfo(one.site, value).status_code == 200


def as_bearer_form(one, value):
	return post_form(one.site.realm("ACME") + "/oauth2/userinfo", {"access_token": value}).status_code == 200


def as_introspected(one, value):
	return introspect(one.site, p.WEB, value)["active"]


def as_introspected_by_another(one, value):
	return introspect(one.site, p.SECOND, value)["active"]


def as_secret(one, value):
	reply = ask(one.site, d.Client(p.WEB.id, value), {"grant_type": "client_credentials", "scope": d.APP_READ})
	assert reply.status_code in (200, 400, 401), reply.text
	ask(one.site, p.WEB, {"grant_type": "client_credentials", "scope": d.APP_READ})  # so that wrong ones do not add up
	return reply.status_code == 200


def as_client_assertion(one, value):
	reply = post_form(one.site.realm("ACME") + "/oauth2/token", a.fields_of(value, **GRANT, client_id=p.WEB.id))
	ask(one.site, p.WEB, GRANT)  # so that wrong ones do not add up
	return reply.status_code == 200


def as_client_assertion_elsewhere(one, value):
	"""At introspection and revocation."""
	replies = [post_form(f"{one.site.realm('ACME')}/oauth2/{endpoint}", a.fields_of(value, token="x", client_id=p.WEB.id)) for endpoint in ("introspect", "revoke")]
	ask(one.site, p.WEB, GRANT)
	return replies[0].status_code == 200  # it is good once


def as_grant(one, value):
	"""Endpoints of other servers take assertions for codes (RFC 7523 §2.1); here there is no such grant."""
	fields = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": value, "scope": d.APP_READ}
	return ask(one.site, p.WEB, fields).status_code == 200


def as_client_id(one, value):
	reply = ask(one.site, d.Client(value, p.WEB.secret), {"grant_type": "client_credentials", "scope": d.APP_READ})
	return reply.status_code == 200


def as_session(one, value):
	return "code" in authorize(planted(one.site, value, one.cookie.name), p.WEB, prompt="none").answer


def as_every_cookie(one, value):
	"""Any cookie of ours at once, under every name."""
	names = [name for name, cookie in one.browser.jar.items() if cookie.value != value]
	return "code" in authorize(planted(one.site, value, *names), p.WEB, prompt="none").answer


def as_id_token_hint(one, value):
	page = authorize(one.browser, p.WEB, prompt="none", id_token_hint=value)
	return "code" in page.answer


def as_logout_hint(one, value):
	one.browser.get(path_of(endpoint="/oauth2/logout"), {"id_token_hint": value})
	return "code" not in authorize(one.browser, p.WEB, prompt="none").answer


def as_logout_hint_posted(one, value):
	one.browser.post(path_of(endpoint="/oauth2/logout"), {"id_token_hint": value, "client_id": p.WEB.id})
	return "code" not in authorize(one.browser, p.WEB, prompt="none").answer


def as_attempt(one, value):
	"""In the browser that owns everything else here."""
	page = one.browser.post(path_of(endpoint="/sign-in"), {"attempt": value, "username": one.person.name, "password": one.person.password})
	return page.location is not None and "code" in page.answer


def as_attempt_at_consent(one, value):
	page = one.browser.post(path_of(endpoint="/consent"), {"attempt": value, "decision": "allow"})
	return page.location is not None and "code" in page.answer


def as_password(one, value):
	stranger = Browser(one.site)
	page = stranger.sign_in(authorize(stranger, p.WEB), one.person.name, value)
	assert page.status != 429
	stranger.sign_in(authorize(stranger, p.WEB), one.person.name, one.person.password)  # so that wrong ones do not add up
	return page.location is not None


def as_anti_forgery(one, value):
	page = one.browser.post(path_of(endpoint="/account/sign-out"), {"anti_forgery": value})
	return page.status < 400 and "code" not in authorize(one.browser, p.WEB, prompt="none").answer


def as_bearer_elsewhere(one, value):
	"""Endpoints that know no bearer token."""
	headers = {"Authorization": f"Bearer {value}"}
	fields = {"token": value, "grant_type": "client_credentials", "scope": d.APP_READ, "client_id": p.WEB.id}
	replies = [request("POST", one.site.realm("ACME") + f"/oauth2/{endpoint}", data=fields, headers=headers) for endpoint in ("token", "introspect", "revoke")]
	page = get(one.site.url + path_of(), params=request_of(p.WEB, prompt="none"), headers=headers)
	account = get(one.site.url + path_of(endpoint="/account"), headers=headers)
	return any(reply.status_code == 200 for reply in replies) or "code=" in page.headers.get("Location", "") or one.person.name in account.text


DIAGONAL = {
	as_code: {"code"},
	as_refresh_token: {"refresh"},
	as_bearer: {"access"},
	as_bearer_form: {"access"},
	as_introspected: {"access", "refresh", "on behalf of", "client access"},
	as_introspected_by_another: {"access", "on behalf of", "client access"},
	as_secret: {"secret"},
	as_client_assertion: {"assertion"},
	as_client_assertion_elsewhere: {"assertion"},
	as_grant: set(),
	as_client_id: set(),
	as_session: {"session"},
	as_every_cookie: set(),
	as_id_token_hint: {"id_token"},
	as_logout_hint: {"id_token"},
	as_logout_hint_posted: {"id_token"},
	as_attempt: {"attempt"},
	as_attempt_at_consent: set(),
	as_password: set(),
	as_anti_forgery: set(),
	as_bearer_elsewhere: set(),
}
KINDS = ["code", "refresh", "access", "on behalf of", "client access", "id_token", "session", "secret", "attempt", "browser binding", "assertion", "logout token",
         "gid", "jti", "sid"]


@pytest.fixture(scope="module")
def shared_site(people_store, tmp_path_factory):
	store = people_store.copy_to(tmp_path_factory.mktemp("keyed"))
	store.apply(d.partial(client_applications=[{"client_id": p.WEB.id, "name": "Portal", "jwks": a.key_set(KEY)}]))
	with sharing(store, tmp_path_factory) as shared:
		yield shared


@pytest.fixture(scope="module")
def artefacts(shared_site):
	return Artefacts(shared_site.site())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("door", DIAGONAL, ids=lambda door: door.__name__)
def test_only_the_diagonal_passes(site, artefacts, door, kind):
	"""A4: every artefact at every endpoint and parameter. An artefact that was used at a wrong door still opens its own."""
	if kind in DIAGONAL[door]:
		fresh = Artefacts(site)
		assert door(fresh, fresh.values[kind]), f"{kind} must pass"
	else:
		assert not door(artefacts, artefacts.values[kind]), f"{kind} must not pass"


def test_an_artefact_at_a_wrong_door_uses_nothing_up(site):
	"""A4: refused, nothing stored."""
	one = Artefacts(site)
	for door, right in DIAGONAL.items():
		for kind in KINDS:
			if kind not in right:
				assert not door(one, one.values[kind]), f"{kind} at {door.__name__}"
	for kind in KINDS:
		if kind not in ("code", "refresh", "access", "on behalf of", "client access"):
			assert revoke(site, p.WEB, one.values[kind]).status_code == 200
	for door in (as_bearer, as_bearer_form, as_introspected, as_introspected_by_another, as_secret, as_client_assertion, as_session, as_id_token_hint, as_attempt, as_code,
	             as_refresh_token, as_logout_hint):
		for kind in sorted(DIAGONAL[door]):
			assert door(one, one.values[kind]), f"{kind} at {door.__name__}"


def test_what_we_signed_proves_no_application_even_where_our_keys_are_its_own(own_site):
	"""A4: an application registered with this server's keys is not proved by an access token, an ID token or a logout token of its own."""
	keys = get(own_site.realm("ACME") + "/oauth2/jwks").json()
	own_site.store.apply(d.partial(client_applications=[{"client_id": p.WEB.id, "name": "Portal", "jwks": keys}]))
	one = Artefacts(own_site)
	minted = {"named like one": mint(own_site.store, a.claims_of(p.WEB.id, issuer_of(own_site), iss=issuer_of(own_site)), "logout+jwt")}
	for kind, value in [*((kind, one.values[kind]) for kind in ("access", "client access", "on behalf of", "id_token", "logout token")), *minted.items()]:
		assert not as_client_assertion(one, value) and not as_client_assertion_elsewhere(one, value), kind
	assert as_client_assertion(one, mint(own_site.store, a.claims_of(p.WEB.id, issuer_of(own_site)))), "the keys are taken, or nothing was tried"


def test_revoking_something_that_is_no_token_revokes_nothing(site):
	"""RFC 7009 §2.1; A4. A code is a grant on its way: revoking it may end it, but nothing else."""
	one = Artefacts(site)
	assert revoke(site, p.WEB, one.values["code"]).status_code == 200
	for door in (as_bearer, as_session, as_refresh_token, as_secret):
		(kind,) = DIAGONAL[door]
		assert door(one, one.values[kind]), f"{kind} at {door.__name__}"


def planted(site, value, *names):
	"""A browser with this value under each of these cookies' names."""
	browser = Browser(site)
	for name in names:
		browser.jar[name] = Cookie(f"{name}={value}; Path=/")
	return browser


def test_tokens_of_one_realm_are_nothing_in_the_other(site, customer):
	"""A4, A7: an issuer for each realm."""
	one = Artefacts(site)
	_, there = signed_in(Browser(site), p.WEB, customer)
	assert userinfo(site, one.values["access"], "C").status_code == 401
	stranger = planted(site, one.values["session"], one.cookie.name, there.name)
	assert authorize(stranger, p.WEB, "C", prompt="none").answer["error"] == "login_required"
	assert stranger.get(path_of("C", endpoint="/account")).shows("sign-in")
	assert "code" in authorize(stranger, p.WEB, "U", prompt="none").answer
	one.browser.get(path_of("C"), request_of(p.WEB))  # the browser is known there too
	page = one.browser.post(path_of("C", endpoint="/sign-in"), {"attempt": one.values["attempt"], "username": customer.name, "password": customer.password})
	assert page.location is None and page.status >= 400


def test_a_session_is_of_one_partition(site):
	"""A7: another tenant's."""
	one = Artefacts(site)
	_, there = signed_in(Browser(site), p.OTHER_WEB, p.THEIRS, "OTHER")
	stranger = planted(site, one.values["session"], one.cookie.name, there.name)
	assert authorize(stranger, p.OTHER_WEB, partition="OTHER", prompt="none").answer["error"] == "login_required"
	assert userinfo(site, one.values["access"], partition="OTHER").status_code == 401
	stranger = planted(site, there.value, one.cookie.name, there.name)
	assert "code" in authorize(stranger, p.OTHER_WEB, partition="OTHER", prompt="none").answer
	assert authorize(stranger, p.WEB, prompt="none").answer["error"] == "login_required"


def test_an_id_token_says_nothing_that_an_access_token_says(site):
	"""RFC 9068 §2.1, RFC 8725 §3.11: typ and aud keep them apart for every reader."""
	one = Artefacts(site)
	assert jwt.get_unverified_header(one.values["access"])["typ"] == "at+jwt"
	assert jwt.get_unverified_header(one.values["id_token"]).get("typ", "JWT") != "at+jwt"
	claims, identity = unverified(one.values["access"]), unverified(one.values["id_token"])
	assert claims["aud"] == d.API_URL and identity["aud"] in (p.WEB.id, [p.WEB.id])
	assert "nonce" not in claims and "scope" not in identity


def test_nothing_secret_is_ever_put_where_it_can_be_seen(site):
	"""Design §3: stored only as a hash, never in the log."""
	one = Artefacts(site)
	as_code(one, one.values["code"])
	as_code(one, one.values["code"])
	log = "\n".join(str(line) for line in site.lines)
	store = b"".join(file.read_bytes() for file in site.store.folder.glob(site.store.path.name + "*") if not file.name.endswith(".key"))
	for kind in ("code", "refresh", "access", "id_token", "session", "secret", "attempt", "browser binding", "assertion"):
		value = one.values.get(kind)
		assert value is None or value not in log, kind
		assert value is None or value.encode() not in store, kind
	assert p.PASSWORD not in log and p.PASSWORD.encode() not in store


def test_the_session_cookie_is_the_only_new_one_at_a_sign_in(site, person):
	"""The browser holds a session and what binds attempts to it: nothing else (contract §3, Sessions)."""
	browser = Browser(site)
	page = authorize(browser, p.WEB)
	assert len(browser.jar) <= 1
	page = browser.sign_in(page, person.name, person.password)
	assert len(browser.jar) <= 2 and len(set_cookies(page.reply)) >= 1
