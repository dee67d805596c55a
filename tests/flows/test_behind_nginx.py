"""Behind a real nginx, configured by examples/nginx.conf: what an operator is told in docs/operator.md, "A proxy in front"."""

import pytest
import requests
from requests.adapters import HTTPAdapter

from support import documents as d
from support import people as p
from support.admin import Administrator, automation_token, done
from support.browser import Browser
from support.certificates import Authority
from support.nginx import Nginx, find_nginx
from support.people import Site, arrive, authorize, id_claims, redeem, succeeded, tokens_of, userinfo
from support.program import get, request

CLIENT = "127.0.0.2"  # where a client comes from; nginx is at 127.0.0.1, which is trusted


@pytest.fixture(scope="module")
def site(people_store, tmp_path_factory):
	if find_nginx() is None:
		pytest.skip("nginx is not here: scripts/setup proxies installs it")
	authority = Authority(tmp_path_factory.mktemp("certificates"))
	pair = authority.pair()
	with Nginx(pair.certificate_file, pair.key_file, authority.file) as front:
		with Site(people_store.copy_to(tmp_path_factory.mktemp("behind")), *front.options) as running:
			running.behind = running.url
			front.start(running)
			running.front = front
			yield running


class FromClient(HTTPAdapter):
	"""Connections from the client's own address."""

	def init_poolmanager(self, *arguments, **keywords):
		super().init_poolmanager(*arguments, **keywords, source_address=(CLIENT, 0))


def from_client(site, method, path, **keywords):
	with requests.Session() as session:
		session.trust_env = False
		session.mount("https://", FromClient())
		return session.request(method, site.url + path, verify=site.front.authority_file, allow_redirects=False, timeout=30, **keywords)


def test_a_person_signs_in_through_it_with_cookies_for_https_and_tokens_of_the_public_address(site):
	browser, person = Browser(site), site.stranger()
	page = arrive(browser, p.WEB, person, scope=f"openid offline_access {d.READ}")
	assert browser.jar and all(name.startswith("__Host-") and "secure" in cookie for name, cookie in browser.jar.items())
	body = tokens_of(redeem(site, p.WEB, succeeded(page, p.WEB, issuer=p.issuer_of(site))), "id_token", "refresh_token")
	assert p.issuer_of(site).startswith("https://127.0.0.1:") and id_claims(site, body["id_token"], p.WEB)["sub"] == person.id
	assert userinfo(site, body["access_token"]).json()["sub"] == person.id
	assert tokens_of(p.refresh(site, p.WEB, body["refresh_token"]), "id_token", "refresh_token")["refresh_token"] != body["refresh_token"]


def test_the_listener_behind_it_gives_no_cookie_that_a_browser_would_send_in_the_clear(site):
	"""The scheme is that of auth_url, not that of the connection."""
	found = get(site.behind + p.path_of(), params=p.request_of(p.WEB))
	cookies = found.raw.headers.getlist("Set-Cookie")
	assert found.status_code == 200 and cookies and all("Secure" in cookie and cookie.startswith("__Host-") for cookie in cookies)


def test_the_clients_address_is_the_one_that_the_proxy_saw_whatever_the_client_says(site):
	"""Contract §6: the last entry of X-Forwarded-For that is not one of the configured trusted_proxies."""
	wrong = {"grant_type": "client_credentials", "scope": d.APP_READ, "client_id": p.WEB.id, "client_secret": "x" * 43}
	for headers in ({}, {"X-Forwarded-For": "203.0.113.7"}, {"X-Forwarded-For": "203.0.113.7, 127.0.0.1", "X-Real-IP": "203.0.113.8", "Forwarded": "for=203.0.113.9"}):
		reply = from_client(site, "POST", p.path_of(endpoint="/oauth2/token"), data=wrong, headers=headers)
		assert reply.status_code == 401 and reply.json()["error"] == "invalid_client"
		assert site.audit_of(reply.headers["X-Request-Id"])[0]["address"] == CLIENT


def test_a_long_state_comes_back(site):
	"""A reply's head of more than the page of memory that proxies give it."""
	browser = Browser(site)
	succeeded(arrive(browser, p.WEB, site.stranger()))
	for mode in ("query", "fragment", "form_post"):
		succeeded(authorize(browser, p.WEB, state="s" * 4096, response_mode=mode), state="s" * 4096)
	state = "é" * 2048  # thrice as long in an address, which 8 KiB would not hold: sent as a form
	page = browser.post(p.path_of(), p.request_of(p.WEB, state=state))
	assert succeeded(page, state=state) and len(page.location) > 12000


def test_refusals_come_through_with_status_body_and_challenge(site):
	"""A proxy that makes its own of them would take the reason away."""
	reply = userinfo(site, "x")
	assert reply.status_code == 401 and 'error="invalid_token"' in reply.headers["WWW-Authenticate"] and reply.headers["X-Request-Id"]
	reply = request("DELETE", site.realm("ACME") + "/oauth2/token")
	assert reply.status_code == 405 and "POST" in reply.headers["Allow"]
	reply = request("POST", site.realm("ACME") + "/oauth2/token", data=b"x" * 70000, headers={"Content-Type": "application/x-www-form-urlencoded"})
	assert reply.status_code == 413
	assert get(site.url + "/healthz").status_code == 404, "the management listener is not behind it"


def test_an_openapi_document_of_some_mib_reaches_the_admin_api_and_no_other_address_gets_as_much(site):
	"""Contract §6: an OpenAPI document of 16 MiB; a form of 64 KiB."""
	paths = "".join(f"  /large/{number}: {{get: {{summary: {'s' * 200}, responses: {{}}}}}}\n" for number in range(6000))
	document = {"openapi": "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n" + paths, "actors": {}}
	assert len(document["openapi"]) > 1024 * 1024
	admin = Administrator(site, automation_token(site))
	assert done(admin.put(document, "apis", "large", dry_run="true", headers={"If-None-Match": "*"}))["api"]["operation_count"] == 6000
	reply = from_client(site, "POST", p.path_of(endpoint="/oauth2/token"), data={"scope": "x" * 70000})
	assert reply.status_code == 413 and "X-Request-Id" not in reply.headers  # nginx itself
