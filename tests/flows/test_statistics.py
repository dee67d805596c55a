"""What is counted: tokens issued and refused by flow, client application and reason, sign-ins and failed ones; in memory, then in the store."""

import sqlite3
import time

import pytest

from support import documents as d
from support import people as p
from support.browser import Browser
from support.oauth import ask, client_credentials, granted, on_behalf_of, post_form
from support.people import authorize, new_tokens, refresh

ISSUED, REFUSED, SIGN_INS, SIGN_INS_FAILED = 1, 2, 3, 4
MINUTE, HOUR, DAY = 60, 3600, 86400


def rows(store, measure, step=MINUTE, partition="ACME"):
	"""{(flow, client id, reason): count} over all of time."""
	connection = sqlite3.connect(f"file:{store.path}?mode=ro", uri=True)
	try:
		found = connection.execute("SELECT flow, client_id, reason, SUM(count) FROM statistic WHERE partition = ? AND step = ? AND measure = ? GROUP BY 1, 2, 3",
		                           (partition, step, measure)).fetchall()
	finally:
		connection.close()
	return {tuple(row[:3]): row[3] for row in found}


def stopped(site):
	"""What was counted is in the store when the server has ended."""
	site.stop()
	return site.store


def test_tokens_are_counted_by_flow_and_application(own_site):
	"""Issue 6, 4: tokens issued by flow and application; a refresh is a flow of its own."""
	own_site.store.apply(d.partial(anonymous_customers={"enabled": True, "permissions": [d.READ]}))
	for _ in range(3):
		granted(client_credentials(own_site, p.WEB, d.APP_READ))
	granted(client_credentials(own_site, p.SECOND, d.APP_READ))
	granted(on_behalf_of(own_site, p.WEB, d.OBO_READ, d.USER))
	first = new_tokens(own_site, p.SPA, p.SMITH, scope=f"openid offline_access {d.READ}")
	refresh(own_site, p.SPA, first["refresh_token"])
	granted(post_form(own_site.url + "/core/authmgr/v3/oauth2/v2.0/anonymous/token?user_type=customer&domain_hint=ACME",
	                  {"grant_type": "client_credentials", "scope": d.READ}))
	store = stopped(own_site)
	assert rows(store, ISSUED) == {
		("client_credentials", p.WEB.id, ""): 3,
		("client_credentials", p.SECOND.id, ""): 1,
		("on_behalf_of", p.WEB.id, ""): 1,
		("authorization_code", p.SPA.id, ""): 1,
		("refresh_token", p.SPA.id, ""): 1,
		("anonymous", "", ""): 1,
	}
	assert rows(store, ISSUED, HOUR) == rows(store, ISSUED, DAY) == rows(store, ISSUED)
	assert rows(store, SIGN_INS) == {("", p.SPA.id, ""): 1}
	assert rows(store, ISSUED, partition="OTHER") == {}


def test_refusals_are_counted_by_flow_application_and_reason(own_site):
	client_credentials(own_site, p.WEB, d.UNASSIGNED["application"])
	client_credentials(own_site, p.WEB, d.OBO_READ)
	ask(own_site, d.Client(p.WEB.id, d.secret_of("wrong")), {"grant_type": "client_credentials", "scope": d.APP_READ})
	ask(own_site, p.WEB, {"grant_type": "nonsense"})
	refresh(own_site, p.WEB, "A" * 64)
	authorize(Browser(own_site), p.WEB, redirect_uri="https://evil.example/")
	authorize(Browser(own_site), p.WEB, prompt="none")
	store = stopped(own_site)
	assert rows(store, REFUSED) == {
		("client_credentials", p.WEB.id, "scope-not-assigned"): 1,
		("client_credentials", p.WEB.id, "scope-wrong-flow"): 1,
		("", p.WEB.id, "client-authentication-failed"): 1,
		("", p.WEB.id, "grant-type-unsupported"): 1,
		("refresh_token", p.WEB.id, "refresh-token-unknown"): 1,
		("authorization_code", p.WEB.id, "redirect-uri-unregistered"): 1,
		("authorization_code", p.WEB.id, "login-required"): 1,
	}
	assert rows(store, ISSUED) == {}


def test_sign_ins_and_failed_ones_are_counted(own_site):
	person = own_site.stranger()
	browser = Browser(own_site)
	page = browser.sign_in(authorize(browser, p.WEB), person.name, "a wrong password")
	browser.sign_in(page, person.name, person.password)
	store = stopped(own_site)
	assert rows(store, SIGN_INS) == {("", p.WEB.id, ""): 1}
	assert rows(store, SIGN_INS_FAILED) == {("", p.WEB.id, "sign-in-failed"): 1}


def test_a_name_that_nobody_registered_is_no_row_of_its_own(own_site):
	"""What strangers send must not fill the store."""
	for number in range(20):
		ask(own_site, d.Client(f"stranger-{number}", d.secret_of("x")), {"grant_type": "client_credentials", "scope": d.APP_READ})
		authorize(Browser(own_site), p.Application(f"stranger-{number}", "x"))
		post_form(own_site.realm(f"NOWHERE{number}") + "/oauth2/token", {"grant_type": "client_credentials"})
	store = stopped(own_site)
	assert rows(store, REFUSED) == {("", "", "client-authentication-failed"): 20, ("authorization_code", "", "authorize-client"): 20}
	connection = sqlite3.connect(f"file:{store.path}?mode=ro", uri=True)
	assert connection.execute("SELECT DISTINCT partition FROM statistic").fetchall() == [("ACME",)]
	connection.close()


def test_what_is_asked_of_other_endpoints_is_no_token_refused(own_site):
	"""Introspection, revocation, userinfo and the account page refuse too, but no token."""
	post_form(own_site.realm("ACME") + "/oauth2/introspect", {"token": "x", "client_id": p.WEB.id, "client_secret": d.secret_of("wrong")})
	post_form(own_site.realm("ACME") + "/oauth2/revoke", {"token": "x", "client_id": p.WEB.id, "client_secret": d.secret_of("wrong")})
	p.userinfo(own_site, "x.y.z")
	assert rows(stopped(own_site), REFUSED) == {}


def test_the_store_is_told_while_the_server_runs(own_store, open_site):
	"""Every statistics_interval seconds; several times of the same minute are one row."""
	site = open_site(own_store, "--statistics-interval", "1")
	for total in (1, 2):
		granted(client_credentials(site, p.WEB, d.APP_READ))
		deadline = time.monotonic() + 20
		while sum(rows(own_store, ISSUED).values()) < total:
			assert time.monotonic() < deadline, f"{rows(own_store, ISSUED)} after 20 s"
			time.sleep(0.1)
	assert rows(own_store, ISSUED) == rows(own_store, ISSUED, DAY) == {("client_credentials", p.WEB.id, ""): 2}


def test_counts_of_several_runs_and_servers_add_up(own_store, open_site):
	first, second = open_site(own_store), open_site(own_store)
	for site in (first, second, second):
		granted(client_credentials(site, p.WEB, d.APP_READ))
	first.stop()
	second.stop()
	third = open_site(own_store)
	granted(client_credentials(third, p.WEB, d.APP_READ))
	assert rows(stopped(third), ISSUED, DAY) == {("client_credentials", p.WEB.id, ""): 4}


@pytest.mark.parametrize("value,code", [("0", 1), ("3601", 2)])
def test_an_interval_that_cannot_be_is_refused(empty_store, value, code):
	from support.program import run
	done = run("serve", "--store", empty_store.url, "--statistics-interval", value, "--listen", "127.0.0.1:0", "--management-listen", "127.0.0.1:0", check=False)
	assert done.returncode == code and "statistics-interval" in done.stderr
