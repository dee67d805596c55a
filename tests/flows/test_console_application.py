"""The Administration Console as a client application of every partition: part of the server, for administrators, and nobody else's to have."""

import pytest

from support import documents as d
from support import people as p
from support.browser import Browser
from support.oauth import ask, introspect, post_form, refused, unverified
from support.people import arrive, authorize, dead_end, id_claims, new_code, path_of, redeem, sent_back, succeeded, tokens_of, userinfo
from support.shared_site import sharing
from support.program import get

CLIENT_ID = "c73a73a4-7ef7-492a-93b1-0dcaf07798db"
NAME = "Administration Console"
ADMIN_SCOPE = "openid profile writ.admin.read writ.admin.manage"
ROOT_PERSON = p.Person("root-1", "root")


def console(site):
	return p.Application(CLIENT_ID, None, f"{site.url}/console/callback")


@pytest.fixture(scope="module")
def shared_site(people_store, tmp_path_factory):
	store = people_store.copy_to(tmp_path_factory.mktemp("console"))
	store.apply({"partitions": [{"id": "SYSTEM", "users": [
		{"id": ROOT_PERSON.id, "username": ROOT_PERSON.name, "password_hash": p.QUICK_HASH, "roles": ["system_administrator"]}]}]})
	with sharing(store, tmp_path_factory) as shared:
		yield shared


def sign_in(site, person=p.PA, partition="ACME", browser=None, scope=ADMIN_SCOPE):
	code = succeeded(arrive(browser or Browser(site), console(site), person, partition, scope=scope), console(site))
	return tokens_of(redeem(site, console(site), code, partition=partition), "id_token")


@pytest.mark.parametrize("person,partition", [(p.PA, "ACME"), (ROOT_PERSON, "SYSTEM")], ids=["a partition's", "SYSTEM's"])
def test_an_administrator_signs_in_without_being_asked_for_consent(site, person, partition):
	"""Contract §4: the delegated permissions, for an administrator; the audience is the Admin API's."""
	browser = Browser(site)
	page = authorize(browser, console(site), partition=partition, scope=ADMIN_SCOPE)
	assert NAME in page.text
	page = browser.sign_in(page, person.name, person.password)
	assert not page.shows("consent")
	tokens = tokens_of(redeem(site, console(site), succeeded(page, console(site)), partition=partition), "id_token")
	claims = unverified(tokens["access_token"])
	assert (claims["aud"], claims["client_id"], claims["sub"], claims["actor"]) == (f"{site.url}/admin/v1", CLIENT_ID, person.id, "user")
	assert set(claims["scope"].split()) == set(ADMIN_SCOPE.split()) and claims["exp"] - claims["iat"] <= 900
	assert id_claims(site, tokens["id_token"], console(site), partition=partition)["sub"] == person.id


def test_it_renews_without_a_page(site):
	"""prompt=none works on loopback too: contract §3's question each time is for addresses where others may listen."""
	browser = Browser(site)
	sign_in(site, browser=browser)
	page = authorize(browser, console(site), scope=ADMIN_SCOPE, prompt="none")
	tokens_of(redeem(site, console(site), succeeded(page, console(site))), "id_token")


def test_consent_can_still_be_asked_for(site):
	"""prompt=consent shows the page even where consent is implied."""
	browser = Browser(site)
	sign_in(site, browser=browser)
	assert authorize(browser, console(site), scope=ADMIN_SCOPE, prompt="consent").shows("consent")


@pytest.mark.parametrize("change", [
	lambda url: url.rsplit(":", 1)[0] + ":1/console/callback",
	lambda url: url.rsplit(":", 1)[0] + "/console/callback",
	lambda url: url + "/console/callback/",
	lambda url: url + "/console/",
	lambda url: url + "/console/callback?x=1",
	lambda url: url.replace("127.0.0.1", "localhost") + "/console/callback",
	lambda url: url.replace("127.0.0.1", "[::1]") + "/console/callback",
], ids=["another port", "no port", "a slash", "the console itself", "a query", "localhost", "IPv6"])
def test_no_other_address_gets_a_code_of_it(site, change):
	"""A1: elsewhere on this machine another program may listen, and no question would be asked."""
	browser = Browser(site)
	sign_in(site, browser=browser)
	address = change(site.url)
	assert address != console(site).redirect
	dead_end(authorize(browser, console(site), scope=ADMIN_SCOPE, redirect_uri=address), "redirect_uri")
	dead_end(authorize(browser, console(site), scope=ADMIN_SCOPE, redirect_uri=address, prompt="none"), "redirect_uri")


def test_a_person_who_administers_nothing_gets_no_token(site, person):
	"""Contract §4, A7: the reserved permissions are not issued to them in the first place."""
	page = arrive(Browser(site), console(site), person, scope=ADMIN_SCOPE)
	sent_back(page, "invalid_scope", application=console(site))


def test_a_customer_gets_no_admin_token(site, customer):
	page = arrive(Browser(site), console(site), customer, scope=ADMIN_SCOPE)
	sent_back(page, "invalid_scope", application=console(site))


def test_a_partition_administrator_does_not_sign_in_at_system(site):
	"""Nothing of one partition is ever visible from another."""
	page = authorize(Browser(site), console(site), partition="SYSTEM", scope=ADMIN_SCOPE)
	page = Browser(site).sign_in(page, p.PA.name, p.PA.password) if page.shows("sign-in") else page
	assert page.location is None


def test_whatever_its_scope_its_tokens_are_for_the_admin_api_alone(site, person):
	"""A token without admin permissions is no token for the APIs either."""
	claims = unverified(sign_in(site, person, scope="openid")["access_token"])
	assert claims["aud"] == f"{site.url}/admin/v1" and claims["scope"] == "openid"


@pytest.mark.parametrize("scope", [d.READ, f"writ.admin.read {d.READ}", "app.writ.admin.manage", d.OBO_READ])
def test_it_has_no_other_permission(site, scope):
	sent_back(arrive(Browser(site), console(site), p.PA, scope=scope), "invalid_scope", application=console(site))


def test_it_has_no_refresh_token(site):
	"""Tokens of the console are in memory, and renewed while the session lasts."""
	assert "refresh_token" not in sign_in(site, scope=ADMIN_SCOPE + " offline_access")


def test_it_proves_itself_by_pkce_alone(site):
	sent_back(authorize(Browser(site), console(site), scope=ADMIN_SCOPE, code_challenge=None, code_challenge_method=None), "invalid_request")
	code = new_code(site, console(site), p.PA, scope=ADMIN_SCOPE)
	refused(redeem(site, console(site), code, code_verifier="w" * 43), "invalid_grant")
	code = new_code(site, console(site), p.PA, scope=ADMIN_SCOPE)
	refused(redeem(site, p.Application(CLIENT_ID, d.secret_of("guess"), console(site).redirect), code), "invalid_client", 401)


@pytest.mark.parametrize("fields", [{"grant_type": "client_credentials", "scope": "app.writ.admin.manage"},
                                    {"grant_type": "password", "scope": "writ.admin.read", "subject_username": "pa"}], ids=["client credentials", "on behalf of"])
def test_it_gets_no_token_without_a_person(site, fields):
	refused(ask(site, d.Client(CLIENT_ID), fields), "unauthorized_client")


def test_its_tokens_live_and_end_like_all_others(site):
	"""Contract §4: refused everywhere but at the Admin API; revoked by whoever got them."""
	token = sign_in(site)["access_token"]
	assert introspect(site, p.WEB, token)["active"] is True
	assert userinfo(site, token).status_code == 401
	assert post_form(site.realm("ACME") + "/oauth2/revoke", {"token": token, "client_id": CLIENT_ID}).status_code == 200
	assert introspect(site, p.WEB, token) == {"active": False}


def test_sign_out_leads_back_to_it(site):
	"""Contract §3, Logout: only to an exactly registered address."""
	browser = Browser(site)
	hint = sign_in(site, browser=browser)["id_token"]
	page = browser.get(path_of(endpoint="/oauth2/logout"), [("id_token_hint", hint), ("post_logout_redirect_uri", site.url + "/console/"), ("state", "s")])
	assert page.location == site.url + "/console/?state=s" or page.url.startswith(site.url + "/console/"), (page.status, page.url)
	assert authorize(browser, console(site), scope=ADMIN_SCOPE, prompt="none").answer["error"] == "login_required"


# ---- nobody else's


@pytest.mark.parametrize("application,word", [
	({"name": "Mine", "client_id": CLIENT_ID}, "Administration Console"),
	({"name": NAME}, "server's own"),
	({"name": "administration console"}, "server's own"),
], ids=["its client id", "its name", "its name in lower case"])
@pytest.mark.parametrize("partition", ["ACME", "SYSTEM"])
def test_nobody_can_register_what_looks_like_it(own_store, application, word, partition):
	done = own_store.apply(d.partial(partition, client_applications=[{**application, "platform": "spa", "redirect_urls": ["https://evil.example/cb"]}]), check=False)
	assert done.returncode == 1 and word in done.stderr, done.stderr


def test_no_application_can_be_renamed_to_it(own_store):
	done = own_store.apply(d.partial(client_applications=[{"client_id": p.WEB.id, "name": NAME}]), check=False)
	assert done.returncode == 1 and "server's own" in done.stderr


@pytest.mark.parametrize("list_", ["users", "customers"])
def test_nobody_can_have_its_client_id_as_their_id(own_store, list_):
	"""Contract §1: both are the sub of tokens."""
	person = {"id": CLIENT_ID, "username": "somebody"} if list_ == "users" else {"id": CLIENT_ID, "email": "somebody@example.com"}
	done = own_store.apply(d.partial(**{list_: [person]}), check=False)
	assert done.returncode == 1 and "Administration Console" in done.stderr


def test_it_is_not_exported(own_store):
	text = own_store.export_text("--hashes")
	assert CLIENT_ID not in text and NAME not in text


def test_what_it_signs_in_to_says_configuration_json(site):
	"""Where to sign in is known before anybody did: public, never kept. Several partitions: none is named."""
	reply = get(site.url + "/console/configuration.json")
	assert reply.status_code == 200 and reply.headers["Cache-Control"] == "no-store" and reply.headers["Content-Type"] == "application/json"
	body = reply.json()
	assert set(body) == {"auth_url", "client_id", "partition", "version"}
	assert (body["auth_url"], body["client_id"], body["partition"]) == (site.url, CLIENT_ID, None)


def test_the_only_partition_is_named(empty_store, open_site):
	empty_store.apply({"partitions": [{"id": "ONLY", "name": "Only"}]})
	site = open_site(empty_store)
	assert get(site.url + "/console/configuration.json").json()["partition"] == "ONLY"
	site.store.apply({"partitions": [{"id": "SECOND", "name": "Second"}]})
	assert get(site.url + "/console/configuration.json").json()["partition"] is None


def test_a_fresh_server_names_no_partition(empty_store, open_site):
	assert get(open_site(empty_store).url + "/console/configuration.json").json()["partition"] is None
