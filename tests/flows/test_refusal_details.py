"""A refused request can be followed to its audit event, which says what arrived, what is registered and what to change; and never a secret."""

import json

import pytest

from support import documents as d
from support import people as p
from support.assertions import Key, claims_of, fields_of, key_set, signed
from support.browser import Browser
from support.oauth import ask, basic_header, client_credentials, post_form
from support.people import Site, authorize, issuer_of, new_code, new_tokens, redeem, refresh

EXPIRED_SECRET = d.secret_of("expired")
EXPIRING = d.Client("expiring-1", EXPIRED_SECRET)


UNLIMITED = ("--address-failures", "1000000", "--account-failures", "1000000")
KEY, OTHER_KEY = Key("ours"), Key("other")


class Keyed(p.Application):
	is_spa = False


KEYED = Keyed("keyed-001", None, "https://keyed.example.com/callback")


@pytest.fixture(scope="module")
def site(people_store, tmp_path_factory):
	store = people_store.copy_to(tmp_path_factory.mktemp("details"))
	store.apply(d.partial(client_applications=[
		d.application(EXPIRING, "Expiring", [d.APP_READ], secrets=[{"label": "of 2020", "value": EXPIRED_SECRET, "expires_at": "2020-01-31T12:00:00Z"}]),
		d.application(KEYED, "Keyed", [d.APP_READ], jwks=key_set(KEY))]))
	with Site(store, *UNLIMITED) as running:
		yield running


def detail_of(site, reply):
	"""The event's detail; contract of the console: these four and nothing else."""
	event = next(event for event in site.audit_of(reply.headers["X-Request-Id"]) if event["result"] != "ok")
	detail = json.loads(event["detail"])
	assert set(detail) == {"sentence", "arrived", "registered", "change"}
	assert detail["sentence"].strip() and detail["change"].strip().endswith(".")
	return detail


def test_a_redirect_address_that_nearly_matched(site):
	"""Issue 6: the redirect address that nearly matched."""
	detail = detail_of(site, authorize(Browser(site), p.WEB, redirect_uri=p.WEB.redirect + "/").reply)
	assert detail["arrived"] == {"redirect_uri": p.WEB.redirect + "/"}
	assert detail["registered"] == {"redirect_urls": [p.WEB.redirect, p.WEB_WITH_QUERY], "nearest": p.WEB.redirect}
	assert "a slash at the end" in detail["sentence"] and "from byte 33 on" in detail["sentence"]
	assert p.WEB.redirect in detail["change"] and "Redirect URLs of Portal" in detail["change"]


@pytest.mark.parametrize("sent,words", [
	("https://web.example.com/Callback", "upper and lower case"),
	("http://web.example.com/callback", "the scheme"),
	("https://www.example.com/callback", "the host or its port"),
	("https://web.example.com:8443/callback", "the host or its port"),
	("https://web.example.com/callback?tenant=a", "the query"),
])
def test_the_usual_ways_to_miss_an_address_have_words(site, sent, words):
	detail = detail_of(site, authorize(Browser(site), p.WEB, redirect_uri=sent).reply)
	assert words in detail["sentence"] and detail["registered"]["nearest"] == p.WEB.redirect and detail["arrived"]["redirect_uri"] == sent


def test_an_application_without_redirect_addresses(site):
	detail = detail_of(site, authorize(Browser(site), p.Application(d.BARE.id, d.BARE.secret, "https://new.example/cb")).reply)
	assert detail["registered"] == {"redirect_urls": []} and "Add https://new.example/cb to the Redirect URLs of Bare" in detail["change"]


def test_a_list_of_addresses_is_bounded(own_site):
	urls = [f"https://web.example.com/{number:02}" for number in range(20)]
	own_site.store.apply(d.partial(client_applications=[{"client_id": p.WEB.id, "name": "Portal", "redirect_urls": urls}]))
	detail = detail_of(own_site, authorize(Browser(own_site), p.WEB, redirect_uri="https://web.example.com/19x").reply)
	assert detail["registered"] == {"redirect_urls": urls[:8], "redirect_urls_count": 20, "nearest": urls[19]}


def test_a_scope_that_is_not_assigned(site):
	"""Issue 6: the scope not assigned."""
	detail = detail_of(site, client_credentials(site, p.WEB, d.UNASSIGNED["application"]))
	assert detail["arrived"]["scope"] == d.UNASSIGNED["application"] and detail["arrived"]["flow"] == "client_credentials"
	assert detail["registered"] == {"exists": True, "kind": "application", "assigned": False, "carried_by": "client_credentials"}
	assert detail["change"].startswith(f"Assign {d.UNASSIGNED['application']} to Portal on its Permissions tab")


def test_a_scope_that_does_not_exist(site):
	detail = detail_of(site, client_credentials(site, p.WEB, d.APP_READ + "s"))
	assert detail["registered"]["exists"] is False and detail["registered"]["nearest"] == d.APP_READ
	assert f"There is no permission {d.APP_READ}s in ACME, but {d.APP_READ}" in detail["change"]
	assert "nearest" not in detail_of(site, client_credentials(site, p.WEB, "app.zzz"))["registered"]


@pytest.mark.parametrize("scope,kind,flow", [(d.OBO_READ, "on_behalf_of", "on_behalf_of"), ("openid", "openid", "authorization_code")])
def test_a_scope_of_the_wrong_kind_for_the_flow(site, scope, kind, flow):
	detail = detail_of(site, client_credentials(site, p.WEB, scope))
	assert (detail["registered"]["kind"], detail["registered"]["carried_by"]) == (kind, flow)
	assert "Nothing can be assigned" in detail["change"]


def test_a_scope_in_an_authorization_request(site):
	detail = detail_of(site, authorize(Browser(site), p.WEB, scope=d.APP_READ).reply)
	assert detail["arrived"] == {"scope": d.APP_READ, "flow": "authorization_code"} and detail["registered"]["assigned"] is True
	assert "grant_type=client_credentials" in detail["change"]


def test_a_scope_that_anonymous_customers_do_not_have(own_site):
	own_site.store.apply(d.partial(anonymous_customers={"enabled": True, "permissions": [d.READ]}))
	reply = post_form(own_site.url + "/core/authmgr/v3/oauth2/v2.0/anonymous/token?user_type=customer&domain_hint=ACME",
	                  {"grant_type": "client_credentials", "scope": d.MANAGE})
	detail = detail_of(own_site, reply)
	assert detail["arrived"]["flow"] == "anonymous" and "anonymous customers of ACME" in detail["change"]


def test_a_grant_that_is_not_enabled(site):
	detail = detail_of(site, client_credentials(site, d.SPA, d.READ))
	assert detail["registered"] == {"platform": "spa"} and detail["arrived"] == {"grant_type": "client_credentials"}
	detail = detail_of(site, refresh(site, p.NO_REFRESH, "A" * 64))
	assert detail["registered"] == {"refresh_tokens": False} and "Turn refresh tokens on for Forgetful" in detail["change"]
	exchange = "urn:ietf:params:oauth:grant-type:token-exchange"
	detail = detail_of(site, ask(site, p.WEB, {"grant_type": exchange}))
	assert detail["arrived"] == {"grant_type": exchange} and detail["registered"] == {"grants": []} and "Add token_exchange to the grants of Portal" in detail["change"]


@pytest.mark.parametrize("changes,method", [({"code_challenge": None, "code_challenge_method": None}, "none"), ({"code_challenge_method": "plain"}, "plain")])
def test_a_single_page_application_without_pkce(site, changes, method):
	detail = detail_of(site, authorize(Browser(site), p.SPA, **changes).reply)
	assert detail["arrived"]["code_challenge_method"] == method and detail["registered"] == {"platform": "spa"}
	assert "PKCE" in detail["change"] and p.CHALLENGE not in str(detail)


def test_a_secret_that_has_expired(site):
	"""Never the secret; its label and when."""
	detail = detail_of(site, client_credentials(site, EXPIRING, d.APP_READ))
	assert "expired at 2020-01-31T12:00:00Z" in detail["sentence"]
	assert detail["registered"] == {"name": "Expiring", "enabled": True, "platform": "web", "secret": "of 2020", "expires_at": "2020-01-31T12:00:00Z"}


@pytest.mark.parametrize("client,sentence,change", [
	(d.Client(p.WEB.id, d.secret_of("wrong")), "none of the client application's", "Make a new secret for Portal"),
	(d.Client(p.WEB.id), "neither a secret nor an assertion", "Let Portal send its client_secret"),
	(d.Client(p.SPA.id, d.secret_of("any")), "platform spa, which has none", "send no client_secret"),
	(p.OFF, "is disabled", "Enable Off"),
	(d.Client("nobody", d.secret_of("any")), "no such client application", "this was ACME's"),
], ids=["another secret", "none", "of a single page application", "of a disabled one", "of nobody"])
def test_why_a_client_did_not_prove_itself(site, client, sentence, change):
	"""The reply is the same for all (contract §3); only the administrator is told."""
	reply = ask(site, client, {"grant_type": "client_credentials", "scope": d.APP_READ})
	detail = detail_of(site, reply)
	assert reply.status_code == 401 and sentence in detail["sentence"] and change in detail["change"]
	assert sentence not in reply.text and change not in reply.text


def test_an_unknown_or_disabled_application_at_the_authorization_endpoint(site):
	detail = detail_of(site, authorize(Browser(site), p.Application("nobody", "x")).reply)
	assert detail["arrived"] == {"client_id": "nobody"} and "this was ACME's" in detail["change"]
	detail = detail_of(site, authorize(Browser(site), p.OFF).reply)
	assert detail["registered"] == {"enabled": False} and "Enable Off" in detail["change"]


# ---- assertions


def asserted(site, key=KEY, client=KEYED.id, more=None, **changes):
	claims = claims_of(client, changes.pop("aud", issuer_of(site)), **changes)
	return post_form(site.realm("ACME") + "/oauth2/token", {"grant_type": "client_credentials", "scope": d.APP_READ, **fields_of(signed(key, claims)), **(more or {})})


def test_an_assertion_for_somebody_else(site):
	"""What it said and what is right: the issuer alone, the client id, not too far ahead."""
	detail = detail_of(site, asserted(site, aud="https://elsewhere.example"))
	assert detail["arrived"] == {"iss": KEYED.id, "sub": KEYED.id, "aud": "https://elsewhere.example", "authentication": "client_assertion"}
	assert detail["registered"] == {"client_id": KEYED.id, "issuer": issuer_of(site), "name": "Keyed"}
	assert "aud" in detail["sentence"] and f"aud is {issuer_of(site)} alone" in detail["change"]


def test_an_assertion_of_another_key(site):
	detail = detail_of(site, asserted(site, OTHER_KEY))
	assert detail["registered"] == {"client_id": KEYED.id, "keys": "jwks", "name": "Keyed"} and "Register the public key that Keyed signs with" in detail["change"]
	detail = detail_of(site, asserted(site, client=p.WEB.id))
	assert detail["registered"]["keys"] == "none" and "no keys registered" in detail["sentence"]


def test_an_assertion_that_names_nobody(site):
	detail = detail_of(site, asserted(site, more={"client_assertion_type": "nonsense"}))
	assert detail["arrived"]["client_assertion_type"] == "nonsense" and "jwt-bearer" in detail["change"]
	assert "no such client application" in detail_of(site, asserted(site, client="nobody"))["sentence"]


def test_a_replayed_assertion(site):
	first = fields_of(signed(KEY, claims_of(KEYED.id, issuer_of(site))))
	fields = {"grant_type": "client_credentials", "scope": d.APP_READ, **first}
	assert post_form(site.realm("ACME") + "/oauth2/token", fields).status_code == 200
	detail = detail_of(site, post_form(site.realm("ACME") + "/oauth2/token", fields))
	assert "used before" in detail["sentence"] and "a new jti" in detail["change"] or "jti is new" in detail["change"]


# ---- and never a secret


def misplaced(site, person):
	"""Refusals to which a secret, a code, a token or a password came, in its own place and in others."""
	tokens = new_tokens(site, p.WEB, person, f"openid offline_access {d.READ}")
	code = new_code(site, p.SPA, person)
	secret, token, refresh_token = p.WEB.secret, tokens["access_token"], tokens["refresh_token"]
	browser = Browser(site)
	return {
		secret: [
			client_credentials(site, p.WEB, secret),
			client_credentials(site, p.WEB, f"{d.APP_READ} x/{secret}"),
			ask(site, p.WEB, {"grant_type": secret}),
			ask(site, p.WEB, {"grant_type": "password", "scope": d.OBO_READ, "subject_username": secret}),
			post_form(site.realm("ACME") + "/oauth2/token", {"grant_type": "client_credentials", "scope": secret}, headers={"Authorization": basic_header(p.WEB.id, secret)}),
		],
		EXPIRED_SECRET: [client_credentials(site, EXPIRING, d.APP_READ)],
		"writ_" + "k" * 43: [
			authorize(browser, p.WEB, scope="writ_" + "k" * 43).reply,
			authorize(browser, p.WEB, redirect_uri="https://web.example.com/" + "writ_" + "k" * 43).reply,
			ask(site, d.Client("writ_" + "k" * 43), {"grant_type": "client_credentials"}),
		],
		"hunter2-secret": [
			authorize(browser, p.WEB, redirect_uri="https://web.example.com/callback?client_secret=hunter2-secret").reply,
			authorize(browser, p.WEB, redirect_uri="https://web.example.com/callback#access_token=hunter2-secret").reply,
			authorize(browser, p.WEB, redirect_uri="https://ann:hunter2-secret@web.example.com/callback").reply,
		],
		code: [
			authorize(browser, p.WEB, redirect_uri=p.WEB.redirect + "?code=" + code).reply,
			authorize(browser, p.WEB, scope=code).reply,
			client_credentials(site, p.WEB, code),
			redeem(site, p.WEB, code),
			redeem(site, p.SPA, code, code_verifier="w" * 43),
		],
		refresh_token: [refresh(site, p.SECOND, refresh_token), client_credentials(site, p.WEB, refresh_token)],
		token: [client_credentials(site, p.WEB, token), refresh(site, p.WEB, token), ask(site, p.WEB, {"grant_type": token[:200]})],
	}


def test_no_secret_code_or_token_is_in_a_detail(site):
	"""Contract: no secret ever in the audit log, wherever it was put."""
	for secret, replies in misplaced(site, site.stranger()).items():
		for reply in replies:
			assert reply.status_code in (303, 400, 401), (reply.status_code, reply.text)
			for event in site.audit_of(reply.headers["X-Request-Id"]):
				for part in [secret, *(part for part in secret.split(".") if len(part) >= 20)]:
					assert part not in str(event), event


def test_a_password_is_in_no_detail(site):
	person = site.stranger()
	browser = Browser(site)
	page = browser.sign_in(authorize(browser, p.WEB), person.name, "hunter2-password")
	assert "hunter2-password" not in str(site.audit_of(page.reply.headers["X-Request-Id"]))


def test_the_reply_says_nothing_of_what_is_registered(site):
	"""The detail is for the administrator alone."""
	page = authorize(Browser(site), p.WEB, redirect_uri="https://web.example.com/nearly")
	assert p.WEB_WITH_QUERY not in page.text and p.WEB.redirect not in page.text
	reply = client_credentials(site, p.WEB, d.APP_READ + "s")
	assert reply.json()["error_description"].count(d.APP_READ) == 1
