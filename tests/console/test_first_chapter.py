"""The guide's first chapter in the console, from sign-in to the metadata; then the very values on the screen in each of the guide's flows."""

import json
import os
import re
import shutil
import subprocess

import pytest
from desk import Desk, expect, give_password
from support import documents as d
from support.browser import Browser
from support.oauth import post_form, verified
from support.people import CHALLENGE, JANE, PA, SMITH, VERIFIER
from support.program import get

REDIRECT = {"web": "https://www.example.com/callback", "spa": "https://app.example.com/callback"}
DELEGATED = [d.READ, d.MANAGE]
ASSIGNED = [*DELEGATED, d.OBO_READ, d.APP_READ]
PERSONA = {"user": SMITH, "customer": JANE}

# The guide's table, word for word.
DIFFERENCES = [
	["Feature", "Single Page Application (SPA)", "Web Applications (Confidential)"],
	["Environment", "Devices (browsers for SPAs)", "Servers"],
	["Secret Storage", "Cannot securely store secrets", "Can securely store secrets"],
	["OAuth Flow", "Authorization Code with PKCE", "Authorization Code"],
	["Example", "Mobile apps, browser-based apps", "Traditional web apps"],
	["Security Focus", "Protecting authorization codes without secrets", "Protecting client secrets"],
]


@pytest.fixture
def sole(open_site, sole_store):
	return open_site(sole_store)


@pytest.fixture
def administrator(visit, sole):
	"""Somebody who opens the console's bare address: there is one partition, so nobody is asked for it."""
	tab = visit(permissions=["clipboard-read", "clipboard-write"]).tab()
	tab.goto(sole.url + "/console/")
	give_password(tab, PA)
	one = Desk(tab, sole)
	one.shows_title("Overview")
	return one


def go_to_client_applications(desk):
	"""Department dropdown → Partition → Integration → Client Application."""
	desk.tab.get_by_role("combobox", name="Department").click()
	desk.tab.get_by_role("option", name="Partition").click()
	desk.tab.get_by_role("link", name="Integration", exact=True).click()
	desk.shows_title("Integration")
	desk.at("card-client-applications").click()
	desk.shows_title("Client Application")


def register(desk, platform, name):
	"""The (+) button, the fields of the guide, Save. Gives the Client ID."""
	desk.create()
	desk.shows_title("New client application")
	cells = desk.at("platforms").locator("tr").evaluate_all("rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim()))")
	assert cells == DIFFERENCES
	desk.tab.get_by_label("Name").fill(name)
	expect(desk.at("field-resource_type")).to_have_value("Global")
	desk.tick(f"platform-{platform}")
	line = desk.at("field-redirect_urls-0")
	line.fill("http://www.example.com/callback")
	expect(desk.tab.get_by_text("https://").filter(visible=True).first).to_be_visible()
	expect(line).to_have_attribute("aria-invalid", "true")  # said while it is typed
	line.fill(REDIRECT[platform])
	expect(line).not_to_have_attribute("aria-invalid", "true")
	desk.tab.get_by_role("button", name="Save", exact=True).click()
	desk.shows_title(name)
	client_id = desk.text("client-id")
	assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", client_id), client_id
	return client_id


def generate_secret(desk):
	"""The (+) button at the end of the secret table; the value is displayed once, and copied by its button."""
	expect(desk.at("tab-secrets")).to_have_attribute("aria-selected", "true")
	desk.at("new-secret").click()
	desk.fill("secret-label", "first")
	desk.at("make-secret").click()
	value = desk.text("secret-value")
	expect(desk.at("one-time-secret")).to_contain_text("only displayed once")
	close = desk.at("one-time-secret").get_by_role("button", name="Close")
	expect(close).to_be_disabled()  # nobody loses it by a hasty click
	desk.tab.keyboard.press("Escape")
	expect(desk.at("secret-value")).to_be_visible()
	desk.tab.get_by_role("button", name="Copy Client Secret").click()
	desk.tab.wait_for_function("async value => await navigator.clipboard.readText() === value", arg=value)
	desk.tab.get_by_label("I have stored it").check()
	close.click()
	expect(desk.row("first")).to_be_visible()
	assert value not in desk.tab.content()
	return value


def assign(desk, names):
	desk.tab_of("permissions")
	groups = desk.tab.get_by_role("group")
	expect(groups.filter(has_text="Interactive (User/Customer flows)").first).to_be_visible()
	expect(groups.filter(has_text="On-Behalf-Of (OBO) flow").first).to_be_visible()
	expect(groups.filter(has_text="Application Permissions (Client Credentials flow)").first).to_be_visible()
	for name in names:
		desk.tick(f"permission-{name}")
	desk.save()


def read_metadata(desk):
	"""What the Metadata button shows: values by their names, and the lines of each flow by persona."""
	desk.tab.get_by_role("button", name="Metadata", exact=True).click()
	names = ["metadata-client-id", "domain-url", "meta-url", "token-url-client", *(f"{kind}-url-{who}" for kind in ("authorization", "token", "discovery")
	                                                                               for who in PERSONA)]
	values = {name: desk.text(name) for name in names}
	lines = {}
	for who in (*PERSONA, "client"):
		desk.at(f"persona-{who}").click()
		sheet = desk.tab.get_by_role("tabpanel").filter(visible=True).last
		expect(sheet.locator("pre").first).to_be_visible()
		lines[who] = {one.get_attribute("data-testid"): one.inner_text() for one in sheet.locator("pre[data-testid]").all()}
	desk.tab.keyboard.press("Escape")
	expect(desk.at("metadata-sheet")).to_have_count(0)
	return values, lines


def first_chapter(desk, platform):
	go_to_client_applications(desk)
	client_id = register(desk, platform, f"My {platform} application")
	secret = generate_secret(desk) if platform == "web" else None
	if platform == "spa":
		desk.tab_of("secrets")
		expect(desk.at("empty")).to_contain_text("no secrets")
	assign(desk, ASSIGNED)
	values, lines = read_metadata(desk)
	assert values["metadata-client-id"] == client_id
	return client_id, secret, values, lines


def shell(line, **variables):
	"""A line as it stands on the screen, in a shell with these variables: what the server answered."""
	if shutil.which("curl") is None:
		pytest.skip("curl is missing")
	names = {"HOME": "/nonexistent", "PATH": os.environ["PATH"], **{name: value for name, value in variables.items() if value is not None}}
	done = subprocess.run(["bash", "-eu", "-c", line.replace("curl ", "curl --silent --show-error --noproxy '*' ", 1)], capture_output=True, text=True,
	                      env=names, timeout=60)
	assert done.returncode == 0, (line, done.stderr)
	return json.loads(done.stdout)


def code_of(site, who, address, redirect):
	"""The person's way through the pages; gives the code."""
	browser = Browser(site)
	page = browser.get(address)
	if page.shows("sign-in"):
		page = browser.sign_in(page, PERSONA[who].name, PERSONA[who].password)
	if page.shows("consent"):
		page = browser.decide(page)
	assert page.leads_to.startswith(redirect + "?"), page.leads_to
	return page.answer["code"]


def judged(site, who, reply, scopes, kind):
	"""The token is of the application, the persona and the scopes that were asked for."""
	claims = verified(site, reply["access_token"], realm="C" if who == "customer" else "U")
	assert set(claims["scope"].split()) == set(scopes), claims
	assert claims["actor"] == kind and claims["partition"] == "ACME"
	return claims


def by_hand(address, parameters):
	pairs = "&".join(f"{name}={value}" for name, value in parameters.items())
	return f"{address}?{pairs}"


@pytest.mark.parametrize("who", list(PERSONA))
@pytest.mark.parametrize("platform", ["web", "spa"])
def test_what_the_screen_shows_works_in_each_of_the_guides_flows(sole, administrator, platform, who):
	client_id, secret, values, lines = first_chapter(administrator, platform)
	assert all(value.startswith(sole.url) for name, value in values.items() if "url" in name and name != "domain-url")
	assert values["domain-url"] == d.API_URL
	credentials = {"client_id": client_id, **({"client_secret": secret} if secret else {})}
	redirect = REDIRECT[platform]

	# Authorization Code, with PKCE for a Single Page Application: as the guide says, and as the screen's own lines do it.
	request = {"client_id": client_id, "response_type": "code", "redirect_uri": redirect, "scope": "%20".join([*DELEGATED, "offline_access"]), "state": "a1b2c3"}
	if platform == "spa":
		request |= {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
	code = code_of(sole, who, by_hand(values[f"authorization-url-{who}"], request), redirect)
	form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect, **credentials}
	tokens = post_form(values[f"token-url-{who}"], {**form, **({"code_verifier": VERIFIER} if platform == "spa" else {})}).json()
	claims = judged(sole, who, tokens, [*DELEGATED, "offline_access"], who)
	assert (claims["sub"], claims["client_id"]) == (PERSONA[who].id, client_id)

	refreshed = post_form(values[f"token-url-{who}"], {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], **credentials}).json()
	judged(sole, who, refreshed, [*DELEGATED, "offline_access"], who)

	code = code_of(sole, who, lines[who]["authorization_code-0"], redirect)
	tokens = shell(lines[who]["authorization_code-1"], CODE=code, CLIENT_SECRET=secret)
	judged(sole, who, tokens, [*DELEGATED, "openid", "offline_access"], who)
	judged(sole, who, shell(lines[who]["refresh_token-0"], REFRESH_TOKEN=tokens["refresh_token"], CLIENT_SECRET=secret),
	       [*DELEGATED, "openid", "offline_access"], who)

	if platform == "spa":
		assert not {"client_credentials-0", "on_behalf_of-0"} & set(lines["client"])  # it has no secret to show
		return

	# Client Credentials
	reply = post_form(values["token-url-client"], {"grant_type": "client_credentials", "scope": d.APP_READ, **credentials}).json()
	assert judged(sole, "client", reply, [d.APP_READ], "client")["sub"] == client_id
	judged(sole, "client", shell(lines["client"]["client_credentials-0"], CLIENT_SECRET=secret), [d.APP_READ], "client")

	# On behalf of
	subject = {"subject_username": SMITH.name} if who == "user" else {"subject_email": JANE.name}
	reply = post_form(values[f"token-url-{who}"], {"grant_type": "password", "scope": d.OBO_READ, **credentials, **subject}).json()
	claims = judged(sole, who, reply, [d.OBO_READ], who)
	assert claims["sub"] == PERSONA[who].id and claims["act"]["sub"] == client_id
	reply = shell(lines["client"]["on_behalf_of-0" if who == "user" else "on_behalf_of-1"], CLIENT_SECRET=secret, **{name.upper(): value for name, value in subject.items()})
	judged(sole, who, reply, [d.OBO_READ], who)


def test_the_meta_url_gives_the_addresses_on_the_screen(sole, administrator):
	_, _, values, _ = first_chapter(administrator, "web")
	metadata = get(values["meta-url"])
	assert metadata.status_code == 200
	text = json.dumps(metadata.json())
	for name in ("authorization-url-user", "authorization-url-customer", "token-url-user", "token-url-customer", "domain-url"):
		assert json.dumps(values[name]) in text, name
	for who in PERSONA:
		assert get(values[f"discovery-url-{who}"]).json()["token_endpoint"] == values[f"token-url-{who}"]


def test_a_permission_that_was_not_asked_for_is_not_in_the_token(sole, administrator):
	"""The guide: assigned permissions are only included if explicitly requested."""
	client_id, secret, values, _ = first_chapter(administrator, "web")
	administrator.tick(f"permission-{d.APP_MANAGE}")
	administrator.save()
	form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
	reply = post_form(values["token-url-client"], {**form, "scope": d.APP_READ}).json()
	judged(sole, "client", reply, [d.APP_READ], "client")
	reply = post_form(values["token-url-client"], {**form, "scope": f"{d.APP_READ} {d.APP_MANAGE}"}).json()
	judged(sole, "client", reply, [d.APP_READ, d.APP_MANAGE], "client")
