"""Token exchange in "Try it", from registering the identity provider to the token: its keys are served by a place on this machine."""

import pytest
from desk import expect
from support import documents as d
from support import people as p
from support.assertions import KeyServer
from support.oauth import unverified
from support.people import JANE, SMITH
from support.providers import AUDIENCE, Provider


@pytest.fixture
def outside():
	server = KeyServer()
	yield server
	server.stop()


@pytest.fixture
def at_the_exchange(desk, site, outside):
	"""The provider registered, the flow opened to the application, and the tab that tries it: all by the screens."""
	one = desk(site, at="integration/new-identity-provider")
	provider = Provider(outside, "by-mail")
	for name, value in provider.registered.items():
		if name != "matches":
			one.fill(f"field-{name}", value)
	one.choose("field-matches", "the person's e-mail")
	one.at("save").click()
	one.shows_title("by-mail")
	one.go_to_application(p.WEB.id, "try-it")
	one.at("flow-token_exchange").click()
	expect(one.at("flow-closed")).to_be_visible()  # and where it is opened
	one.at("flow-closed").get_by_role("link").click()
	one.tick("field-grants")
	one.save()
	one.tab_of("try-it")
	one.at("flow-token_exchange").click()
	expect(one.at("flow-closed")).to_have_count(0)
	one.fill("client-secret", p.WEB.secret)
	return one, provider


def issued(desk, **claims):
	expect(desk.at("status")).to_contain_text("200")
	for name, value in claims.items():
		expect(desk.at("access-token").get_by_test_id(f"claim-{name}")).to_contain_text(value)


def test_a_providers_token_is_exchanged_for_a_user_and_a_customer(at_the_exchange, outside):
	one, provider = at_the_exchange
	one.choose("subject-token-type", "ID token of an identity provider")
	one.choose("registration-id", "by-mail")
	token = provider.token("smith@example.com")
	one.fill("subject-token", token)
	assert token not in one.text("curl")
	one.at("run").click()
	issued(one, sub=SMITH.id, actor="user", aud=unverified(one.at("access-token").locator("pre").inner_text())["aud"])
	assert outside.asked_for(provider.path) == 1
	expect(one.row("GET /k/v4/me").get_by_test_id("verdict")).to_have_text("Yes")

	one.choose("token-realm", "Customers")
	one.fill("subject-token", provider.token(JANE.name))
	one.at("run").click()
	issued(one, sub=JANE.id, actor="customer")


def test_a_providers_token_for_somebody_else_is_refused_and_leads_to_what_to_change(at_the_exchange):
	one, provider = at_the_exchange
	one.choose("registration-id", "by-mail")
	one.fill("subject-token", provider.token("smith@example.com", aud=AUDIENCE + "-of-others"))
	one.at("run").click()
	expect(one.at("refusal")).to_be_visible()
	one.at("audit-link").click()
	one.at("audit").get_by_role("link", name="Token refused").first.click()
	expect(one.at("refused")).to_contain_text(AUDIENCE + "-of-others")
	one.at("place-to-change").click()
	one.shows_title("by-mail")


def test_a_name_is_exchanged_on_behalf_of_a_user(at_the_exchange):
	one, _ = at_the_exchange
	one.choose("subject-token-type", "Username (on behalf of)")
	one.fill("subject-token", SMITH.name)
	one.tick(f"scope-{d.OBO_READ}")
	one.at("run").click()
	issued(one, sub=SMITH.id, scope=d.OBO_READ)
