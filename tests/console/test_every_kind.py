"""Each kind of object made, changed and deleted on its screens; each flow tried; a refused request followed to its audit event."""

import json
import re

import pytest
from desk import expect, give_password
from support import documents as d
from support import people as p
from support.admin import ROOT_PERSON, Administrator, automation_token, done
from support.browser import Browser
from support.oauth import unverified
from support.people import JANE, PA, SMITH, authorize, new_tokens


@pytest.fixture
def at_work(desk, site):
	return desk(site)


def caller(site, partition="ACME"):
	return Administrator(site, automation_token(site), partition)


def gone(desk, key):
	"""Back at the list, in which it is not any more."""
	expect(desk.row(key)).to_have_count(0)


# ---- kinds


def test_a_department(at_work, site):
	at_work.follow("departments")
	at_work.create()
	at_work.fill("field-name", "Sales & Co")
	at_work.at("save").click()
	expect(at_work.row("Sales & Co")).to_be_visible()
	assert done(caller(site).get("departments", "Sales & Co"))["name"] == "Sales & Co"
	at_work.row("Sales & Co").get_by_test_id("delete").click()
	at_work.fill("confirm-name", "Sales & Co")
	at_work.at("confirm").click()
	gone(at_work, "Sales & Co")
	at_work.row("Service").get_by_test_id("delete").click()
	at_work.fill("confirm-name", "Service")
	at_work.at("confirm").click()
	expect(at_work.at("problem")).to_contain_text("in use")  # Agent Smith belongs to it
	at_work.button("Cancel").click()
	expect(at_work.row("Service")).to_be_visible()


def test_a_permission(at_work, site):
	at_work.follow("permissions")
	at_work.create()
	at_work.fill("field-name", "app.knowledge.search.read")
	expect(at_work.at("kind-application")).to_be_checked()  # the name tells it
	at_work.fill("field-description", "Search")
	at_work.at("save").click()
	at_work.shows_title("app.knowledge.search.read")
	at_work.fill("field-description", "Search articles")
	at_work.save()
	assert done(caller(site).get("permissions", "app.knowledge.search.read"))["description"] == "Search articles"
	at_work.delete("app.knowledge.search.read")
	at_work.shows_title("Permissions")
	gone(at_work, "app.knowledge.search.read")


def test_a_reserved_permission_cannot_be_changed(at_work):
	at_work.open("integration", "permissions", "writ.admin.manage")
	expect(at_work.at("save")).to_have_count(0)
	expect(at_work.at("delete")).to_have_count(0)


def test_a_user_from_making_to_signing_in(at_work, site):
	at_work.follow("users")
	at_work.create()
	at_work.fill("field-username", "new.agent")
	at_work.fill("field-email", "new.agent@example.com")
	at_work.choose("field-department", "Service")
	at_work.fill("field-password", p.OTHER_PASSWORD)
	at_work.at("save").click()
	at_work.shows_title("new.agent")
	assert "password" not in done(caller(site).get("users", search="new.agent"))["items"][0]
	id_ = at_work.at("field-id").input_value()
	person = p.Person(id_, "new.agent", password=p.OTHER_PASSWORD)
	assert unverified(new_tokens(site, p.WEB, person)["access_token"])["sub"] == id_
	at_work.fill("field-claims-name", "New Agent")
	at_work.save()
	at_work.shows_title("New Agent")
	at_work.tab_of("sessions")
	expect(at_work.at("sessions").locator("tbody tr")).to_have_count(1)
	at_work.at("end-all").click()
	at_work.at("confirm").click()
	expect(at_work.at("sessions").locator("tbody tr")).to_have_count(0)
	at_work.tab_of("applications")
	expect(at_work.at("connected")).to_be_visible()
	at_work.at("disconnect").click()
	at_work.at("confirm").click()
	expect(at_work.at("disconnect")).to_have_count(0)
	at_work.tab_of("general")
	at_work.tick("field-enabled", False)
	at_work.save()
	page = Browser(site).sign_in(authorize(Browser(site), p.WEB), person.name, person.password)
	assert page.shows("sign-in")
	at_work.delete("new.agent")
	at_work.shows_title("Users")
	assert caller(site).get("users", id_).status_code == 404


def test_a_password_is_set_and_never_shown_again(at_work, site):
	at_work.open("people", "users", SMITH.id)
	at_work.at("set-password").click()
	at_work.fill("field-password", "short")
	at_work.at("save-password").click()
	expect(at_work.at("field-password")).to_have_attribute("aria-invalid", "true")
	at_work.fill("field-password", p.OTHER_PASSWORD)
	at_work.at("save-password").click()
	expect(at_work.at("field-password")).to_have_count(0)
	new_tokens(site, p.WEB, p.Person(SMITH.id, SMITH.name, password=p.OTHER_PASSWORD))
	assert p.OTHER_PASSWORD not in at_work.tab.content()


def test_a_customer(at_work, site):
	at_work.follow("customers")
	at_work.create()
	at_work.fill("field-email", "new@example.com")
	at_work.at("save").click()
	at_work.shows_title("new@example.com")
	at_work.fill("field-email", "newer@example.com")
	at_work.save()
	id_ = at_work.at("field-id").input_value()
	assert done(caller(site).get("customers", id_))["email"] == "newer@example.com"
	at_work.delete("newer@example.com")
	at_work.shows_title("Customers")
	assert caller(site).get("customers", id_).status_code == 404


def test_a_client_application(at_work, site):
	at_work.follow("client-applications")
	at_work.create()
	at_work.fill("field-name", "Made here")
	at_work.tick("platform-web")
	at_work.fill("field-redirect_urls-0", "https://www.example.com/callback")
	at_work.at("save").click()
	at_work.shows_title("Made here")
	client_id = at_work.text("client-id")
	at_work.new_secret("one")
	at_work.new_secret("two")
	at_work.at("delete-one").click()
	at_work.fill("confirm-name", "one")
	at_work.at("confirm").click()
	gone(at_work, "one")
	at_work.tab_of("general")
	at_work.at("field-redirect_urls-add").click()
	at_work.fill("field-redirect_urls-1", "https://www.example.com/other")
	at_work.fill("field-name", "Changed here")
	at_work.tick("field-enabled", False)
	at_work.save()
	now = done(caller(site).get("client-applications", client_id))
	assert (now["name"], now["enabled"], now["redirect_urls"]) == ("Changed here", False, ["https://www.example.com/callback", "https://www.example.com/other"])
	assert [one["label"] for one in now["secrets"]] == ["two"]
	at_work.delete("Changed here")
	at_work.shows_title("Client Application")
	gone(at_work, client_id)


def test_an_identity_provider(at_work, site):
	at_work.follow("identity-providers")
	at_work.create()
	for name, value in {"registration_id": "entra", "issuer": "https://login.example.com/", "audience": "writ", "jwks_url": "https://login.example.com/keys",
	                    "claim": "email"}.items():
		at_work.fill(f"field-{name}", value)
	at_work.at("save").click()
	at_work.shows_title("entra")
	at_work.fill("field-claim", "upn")
	at_work.choose("field-matches", "the user's username")
	at_work.save()
	now = done(caller(site).get("identity-providers", "entra"))
	assert (now["claim"], now["matches"]) == ("upn", "username")
	at_work.delete("entra")
	at_work.shows_title("Identity providers")
	gone(at_work, "entra")


DOCUMENT = """openapi: 3.0.3
info: {title: Search, version: "4"}
servers: [{url: "https://api.example.test/search/v4"}]
paths:
  /articles:
    get:
      summary: Find articles
      security: [{user: [knowledge.search.read]}, {client: [app.knowledge.portalmgr.read]}]
      responses: {"200": {description: Found}}
components:
  securitySchemes:
    user: {type: http, scheme: bearer}
    client: {type: http, scheme: bearer}
"""


def test_an_api(at_work, site):
	at_work.follow("apis")
	at_work.create()
	at_work.fill("field-name", "search")
	at_work.fill("field-openapi", DOCUMENT)
	at_work.at("check").click()
	expect(at_work.at("report-operations")).to_contain_text("1 operation")
	expect(at_work.at("report-unknown-scopes")).to_contain_text("knowledge.search.read")
	assert caller(site).get("apis", "search").status_code == 404  # a check changes nothing
	at_work.at("save").click()
	expect(at_work.at("imported")).to_be_visible()
	expect(at_work.at("report-added")).to_contain_text("knowledge.search.read")
	at_work.tab.get_by_role("link", name=re.compile("Browse its")).click()
	at_work.shows_title("search")
	expect(at_work.at("operations")).to_contain_text("app.knowledge.portalmgr.read")
	at_work.tab_of("import")
	at_work.fill("field-openapi", DOCUMENT.replace("/articles:", "/articles/{id}:"))
	at_work.at("check").click()
	expect(at_work.at("report-operations")).to_be_visible()
	at_work.at("save").click()
	expect(at_work.at("imported")).to_be_visible()
	items = done(caller(site).get("apis", "search", "operations"))["items"]
	assert [one["path"] for one in items] == ["/search/v4/articles/{id}"]
	at_work.delete("search")
	at_work.shows_title("APIs")
	gone(at_work, "search")


def test_a_partition_and_its_settings(desk, site):
	one = desk(site, ROOT_PERSON, "SYSTEM")
	one.tab.goto(site.url + "/console/all-partitions")
	one.shows_title("Partitions")
	one.create()
	one.fill("field-id", "MADE_HERE")
	one.fill("field-name", "Made here")
	one.at("save").click()
	one.shows_title("Partition settings")
	one.fill("field-name", "Changed here")
	one.save()
	assert d.partition_of(site.store.export(), "MADE_HERE")["name"] == "Changed here"
	one.delete("MADE_HERE")
	one.shows_title("Partitions")
	gone(one, "MADE_HERE")


def test_signing_keys_are_rotated(at_work, site):
	new_tokens(site, p.WEB, SMITH)
	at_work.follow("signing-keys")
	before = {key["kid"]: key["state"] for key in done(caller(site).get("signing-keys"))["items"] if key["algorithm"] == "ES256"}
	at_work.at("rotate-ES256").click()
	expect(at_work.at("what-happens")).to_be_visible()
	at_work.at("confirm").click()
	expect(at_work.at("what-happens")).to_have_count(0)
	(active,) = [kid for kid, state in before.items() if state == "active"]
	expect(at_work.row(active)).to_contain_text("Retired")
	after = {key["kid"]: key["state"] for key in done(caller(site).get("signing-keys"))["items"]}
	assert after[active] == "retired" and len(after) > len(before)


def test_a_session_and_a_grant_are_ended(at_work, site):
	browser = Browser(site)
	token = new_tokens(site, p.WEB, JANE, browser=browser)["access_token"]
	claims = unverified(token)
	at_work.open("security", "grants", realm="customer")
	at_work.at(f"end-{claims['gid']}").click()
	at_work.at("confirm").click()
	expect(at_work.at(f"end-{claims['gid']}")).to_have_count(0)
	assert done(caller(site).get("grants", realm="customer"))["items"] == []
	(session,) = done(caller(site).get("sessions", realm="customer"))["items"]
	at_work.open("security", "sessions", realm="customer")
	at_work.at(f"end-{session['sid']}").click()
	at_work.at("confirm").click()
	expect(at_work.at("empty")).to_be_visible()
	assert authorize(browser, p.WEB, "C", prompt="none").answer["error"] == "login_required"


# ---- Try it


def try_it(desk, flow, application=p.WEB):
	desk.open("integration", "client-applications", application.id, "try-it")
	desk.at(f"flow-{flow}").click()
	return desk


def replied(desk, **claims):
	"""A token came, and is decoded on the screen."""
	expect(desk.at("status")).to_contain_text("200")
	for name, value in claims.items():
		expect(desk.at("access-token").get_by_test_id(f"claim-{name}")).to_contain_text(value)


def test_client_credentials_are_tried_and_say_what_the_token_may_call(at_work):
	desk = try_it(at_work, "client_credentials")
	desk.at("make-try-secret").click()
	expect(desk.at("client-secret")).not_to_have_value("")
	assert desk.at("client-secret").input_value() not in desk.text("curl")
	desk.at("run").click()
	replied(desk, actor="client", sub=p.WEB.id, scope=d.APP_READ)
	expect(desk.row("GET /k/v4/articles/{id}").get_by_test_id("verdict")).to_have_text("Yes")
	expect(desk.row("GET /k/v4/articles/latest").get_by_test_id("verdict")).to_have_text("No")
	desk.choose("call-method", "GET")
	desk.fill("call-path", "/k/v4/articles/7")
	desk.at("call-ask").click()
	expect(desk.at("call-answer").get_by_test_id("verdict")).to_have_text("Yes")


def test_on_behalf_of_is_tried_for_a_user_and_a_customer(at_work):
	desk = try_it(at_work, "on_behalf_of")
	desk.fill("client-secret", p.WEB.secret)
	desk.fill("subject", SMITH.name)
	desk.at("run").click()
	replied(desk, sub=SMITH.id, scope=d.OBO_READ)
	desk.tick("subject-email")
	desk.fill("subject", JANE.name)
	desk.at("run").click()
	replied(desk, sub=JANE.id)


def test_an_anonymous_customer_is_tried(at_work):
	desk = try_it(at_work, "anonymous")
	desk.at("run").click()
	replied(desk, actor="anonymous_customer")


@pytest.mark.parametrize("platform", ["web", "spa"])
def test_a_customers_sign_in_is_tried_and_refreshed(at_work, site, platform):
	application = {"web": p.WEB, "spa": p.SPA}[platform]
	desk = try_it(at_work, "customer", application)
	expect(desk.at("not-registered")).to_be_visible()
	desk.at("register-try").click()
	expect(desk.at("unregister-try")).to_be_visible()
	desk.tick("scope-offline_access")
	if application.secret:
		desk.fill("client-secret", application.secret)
	with desk.tab.expect_popup() as popup:
		desk.at("run").click()
	give_password(popup.value, JANE)
	if platform == "spa":
		popup.value.click("#allow")  # a loopback address: contract §3
	replied(desk, sub=JANE.id, actor="customer")
	expect(desk.at("authorization-request")).to_contain_text("/system/auth/ACME-C/oauth2/authorize")
	assert "code=••••••" in desk.text("came-back")
	desk.at("flow-refresh_token").click()
	expect(desk.at("refresh-token")).not_to_have_value("")
	desk.at("run").click()
	replied(desk, sub=JANE.id)
	desk.at("flow-customer").click()
	desk.at("unregister-try").click()
	expect(desk.at("register-try")).to_be_visible()
	(before,) = [one["redirect_urls"] for one in p.applications() if one["client_id"] == application.id]
	assert done(caller(site).get("client-applications", application.id))["redirect_urls"] == before


def test_a_users_sign_in_is_tried_by_who_is_signed_in(at_work):
	desk = try_it(at_work, "user")
	desk.at("register-try").click()
	expect(desk.at("unregister-try")).to_be_visible()
	desk.fill("client-secret", p.WEB.secret)
	with desk.tab.expect_popup():
		desk.at("run").click()
	replied(desk, sub=PA.id, actor="user")


def test_a_refusal_says_why_and_leads_to_its_event(at_work):
	desk = try_it(at_work, "client_credentials")
	desk.fill("client-secret", p.WEB.secret)
	desk.fill("scope-more", d.UNASSIGNED["application"])
	desk.at("run").click()
	expect(desk.at("refusal")).to_contain_text(d.UNASSIGNED["application"])
	desk.at("audit-link").click()
	desk.at("audit").get_by_role("link", name="Token refused").first.click()
	expect(desk.at("refused")).to_contain_text(d.UNASSIGNED["application"])


# ---- a refused request


def test_a_redirect_address_that_nearly_matched_is_followed_from_the_overview(desk, open_site, many_store):
	first = open_site(many_store)
	nearly = p.WEB.redirect + "/"
	authorize(Browser(first), p.WEB, redirect_uri=nearly)
	first.stop()  # what was counted is in the store
	site = open_site(first.store)
	one = desk(site)
	row = one.row("redirect-uri-unregistered")
	expect(row).to_be_visible()
	row.get_by_role("link").first.click()
	expect(one.at("audit")).to_be_visible()
	one.at("audit").get_by_role("link", name="Authorization refused").first.click()
	refused = one.at("refused")
	expect(refused).to_contain_text(nearly)
	expect(refused).to_contain_text(p.WEB.redirect)
	expect(one.at("what-to-change")).to_be_visible()
	one.at("place-to-change").click()
	one.shows_title("Portal")
	expect(one.at("field-redirect_urls-0")).to_have_value(p.WEB.redirect)


def test_the_export_of_the_audit_log_is_json_lines(at_work, site):
	at_work.open("security", "audit")
	expect(at_work.at("audit")).to_be_visible()
	with at_work.tab.expect_download() as download:
		at_work.at("export").click()
	assert re.fullmatch(r"audit-ACME-\d{4}-\d\d-\d\d\.jsonl", download.value.suggested_filename)
	lines = [json.loads(line) for line in download.value.path().read_text().splitlines()]
	assert "person.signed_in" in {line["action"] for line in lines} and all(line["partition"] == "ACME" for line in lines)
