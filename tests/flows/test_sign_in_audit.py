"""Every refusal of a sign-in, a code or a refresh leaves an audit event that names the request and never a secret."""

import pytest

from support import documents as d
from support import people as p
from support.browser import Browser
from support.people import arrive, authorize, new_code, new_tokens, path_of, redeem, refresh, userinfo

EVERYTHING = f"openid offline_access {d.READ}"
WRONG = "never-in-a-log"


def replayed_code(site, person):
	code = new_code(site, p.WEB, person)
	redeem(site, p.WEB, code)
	return redeem(site, p.WEB, code)


def replayed_refresh(site, person):
	first = new_tokens(site, p.WEB, person, EVERYTHING)["refresh_token"]
	second = refresh(site, p.WEB, first).json()["refresh_token"]
	refresh(site, p.WEB, second)
	return refresh(site, p.WEB, first)


def wrong_password(site, person):
	browser = Browser(site)
	return browser.sign_in(authorize(browser, p.WEB), person.name, WRONG).reply


def too_many_passwords(site, person):
	for _ in range(6):
		reply = wrong_password(site, person)
	return reply


def denied(site, person):
	return arrive(Browser(site), p.ASKING, person, decision="deny").reply


def foreign_attempt(site, person):
	attempt = authorize(Browser(site), p.WEB).form("sign-in")["attempt"]
	return Browser(site).post(path_of(endpoint="/sign-in"), {"attempt": attempt, "username": person.name, "password": person.password}).reply


def forged_sign_out(site, person):
	browser = Browser(site)
	arrive(browser, p.WEB, person)
	return browser.post(path_of(endpoint="/account/sign-out"), {"anti_forgery": "A" * 43}).reply


def wrong_present_password(site, person):
	browser = Browser(site)
	arrive(browser, p.WEB, person)
	page = browser.get(path_of(endpoint="/account"))
	return browser.submit(page, "password-form", "change-password", current=WRONG, new="a new and better password", again="a new and better password").reply


REFUSALS = {
	"an unknown client": lambda site, person: authorize(Browser(site), p.WEB, client_id="nobody").reply,
	"an unregistered address": lambda site, person: authorize(Browser(site), p.WEB, redirect_uri="https://evil.example/").reply,
	"a wrong scope": lambda site, person: authorize(Browser(site), p.WEB, scope=d.APP_READ).reply,
	"a missing challenge": lambda site, person: authorize(Browser(site), p.SPA, code_challenge=None).reply,
	"a wrong password": wrong_password,
	"too many passwords": too_many_passwords,
	"a denied consent": denied,
	"an attempt of another browser": foreign_attempt,
	"no attempt": lambda site, person: Browser(site).post(path_of(endpoint="/sign-in"), {"username": person.name, "password": WRONG}).reply,
	"a forged sign-out": forged_sign_out,
	"a wrong present password": wrong_present_password,
	"an unknown code": lambda site, person: redeem(site, p.WEB, "A" * 43),
	"a code of another client": lambda site, person: redeem(site, p.SECOND, new_code(site, p.WEB, person)),
	"another address at redemption": lambda site, person: redeem(site, p.WEB, new_code(site, p.WEB, person), redirect_uri=p.WEB_WITH_QUERY),
	"a wrong verifier": lambda site, person: redeem(site, p.SPA, new_code(site, p.SPA, person), code_verifier="w" * 43),
	"a replayed code": replayed_code,
	"an unknown refresh token": lambda site, person: refresh(site, p.WEB, "A" * 64),
	"a replayed refresh token": replayed_refresh,
	"a refresh beyond the grant": lambda site, person: refresh(site, p.WEB, new_tokens(site, p.WEB, person, EVERYTHING)["refresh_token"], scope=d.MANAGE),
	"a bearer token that is none": lambda site, person: userinfo(site, "x.y.z"),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_a_refusal_leaves_an_event_with_the_request_id(site, person, what):
	"""Attacks, head: refused means the right error, nothing stored, and an audit event; contract §2: X-Request-Id."""
	reply = REFUSALS[what](site, person)
	assert reply.status_code in (200, 303, 400, 401, 403, 429), reply.text
	event = site.audit_of(reply.headers["X-Request-Id"])[0]
	assert event["action"] and event["result"] and event["result"] != "ok", event
	assert event["partition"] == "ACME" and event["address"] == "127.0.0.1"
	assert WRONG not in str(site.lines)


@pytest.mark.parametrize("what", ["a wrong scope", "a denied consent", "a replayed code", "a replayed refresh token", "a wrong verifier"])
def test_an_event_names_the_application(site, person, what):
	"""Who, what, on whom, from where, with which result."""
	event = site.audit_of(REFUSALS[what](site, person).headers["X-Request-Id"])[0]
	assert any(application.id in str(event) for application in (p.WEB, p.SPA, p.ASKING)), event


@pytest.mark.parametrize("what", ["a wrong password", "too many passwords", "a replayed code", "a replayed refresh token", "a denied consent"])
def test_an_event_names_the_person(site, person, what):
	"""A14, A12: whoever looks into the log must see whose account it was tried on."""
	event = site.audit_of(REFUSALS[what](site, person).headers["X-Request-Id"])[0]
	assert person.id in str(event) or person.name in str(event), event
