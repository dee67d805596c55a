"""The authentication guide's own authorization URLs and token commands, domain replaced, for a user and for a customer."""

import json
import re
import subprocess

import pytest

from support.browser import Browser
from support.oauth import CLIENT_CLAIMS, verified
from support.people import dead_end, sent_back
from support.program import Server, Store, environment, get

PARTITION = "TMPRODB88619984"
GUIDE_DOMAIN = "https://ai.egain.cloud"
REDIRECT = "https://oauth.pstmn.io/v1/callback"
STATE = "a1b2c3d4e5f67890"
WEB_ID, SPA_ID = "b4b2c1d9-4c19-4e8a-8e7a-9a0b1c2d3e4f", "3f8d5c52-6f0e-4d0b-9a53-0d1c7be4a6f1"  # the guide repeats the web client's id for PKCE

WEB_URL = ("https://ai.egain.cloud/system/auth/TMPRODB88619984-U/oauth2/authorize?client_id=b4b2c1d9-4c19-4e8a-8e7a-9a0b1c2d3e4f&response_type=code"
           "&redirect_uri=https%3A%2F%2Foauth.pstmn.io%2Fv1%2Fcallback&scope=core.aiservices.manage&state=a1b2c3d4e5f67890")
WEB_COMMAND = """curl --location --request POST 'https://ai.egain.cloud/system/auth/TMPRODB88619984-U/oauth2/token' \\
--header 'Content-Type: application/x-www-form-urlencoded' \\
--data-urlencode 'grant_type=authorization_code' \\
--data-urlencode 'code=def456-gh-ijkl-789-mnopqr' \\
--data-urlencode 'redirect_uri=https://oauth.pstmn.io/v1/callback' \\
--data-urlencode 'client_id=b4b2c1d9-4c19-4e8a-8e7a-9a0b1c2d3e4f' \\
--data-urlencode 'client_secret=aBcDeFgHiJkLmNoPqRsTuVwXyZ12345_67890-AbCdEfGh'"""
PKCE_URL = ("https://ai.egain.cloud/system/auth/TMPRODB88619984-U/oauth2/authorize?client_id=b4b2c1d9-4c19-4e8a-8e7a-9a0b1c2d3e4f&response_type=code"
            "&redirect_uri=https%3A%2F%2Foauth.pstmn.io%2Fv1%2Fcallback&scope=core.aiservices.read%20core.aiservices.write&state=a1b2c3d4e5f67890"
            "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256")
PKCE_COMMAND = """curl --location --request POST 'https://ai.egain.cloud/system/auth/TMPRODB88619984-U/oauth2/token' \\
--header 'Content-Type: application/x-www-form-urlencoded' \\
--data-urlencode 'grant_type=authorization_code' \\
--data-urlencode 'code=def456-gh-ijkl-789-mnopqr' \\
--data-urlencode 'redirect_uri=https://oauth.pstmn.io/v1/callback' \\
--data-urlencode 'client_id=b4b2c1d9-4c19-4e8a-8e7a-9a0b1c2d3e4f' \\
--data-urlencode 'code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'"""

PEOPLE = {"U": ("pa", "demo-pa-password", "1001", "user"), "C": ("jane@example.com", "demo-jane-password", "2001", "customer")}
FLOWS = {"web": (WEB_URL, WEB_COMMAND, WEB_ID, "core.aiservices.manage"), "PKCE": (PKCE_URL, PKCE_COMMAND, SPA_ID, "core.aiservices.read core.aiservices.write")}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
	folder = tmp_path_factory.mktemp("demo")
	with Server(Store(folder / "store"), "--demo", cwd=folder) as running:
		yield running


def placed(demo, text, realm="U", client_id=WEB_ID, code="def456-gh-ijkl-789-mnopqr"):
	"""The guide's text with nothing but what it says is an example put in its place."""
	return text.replace(GUIDE_DOMAIN, demo.url).replace(f"{PARTITION}-U", f"{PARTITION}-{realm}").replace(WEB_ID, client_id).replace("def456-gh-ijkl-789-mnopqr", code)


def paste(command):
	"""(status, JSON) of the command, run in a shell as it stands."""
	done = subprocess.run(["bash", "-c", command + " --silent --show-error --write-out '\\n%{http_code}'"], capture_output=True, text=True,
	                      env=environment({"no_proxy": "*"}), timeout=30)
	assert done.returncode == 0, done.stderr
	body, _, status = done.stdout.rpartition("\n")
	return int(status), json.loads(body)


def sign_in(browser, url, realm, decision="allow"):
	"""Opens the address and goes through the pages: the page that leads back."""
	name, password, _, _ = PEOPLE[realm]
	page = browser.get(url)
	if page.shows("sign-in"):
		page = browser.sign_in(page, name, password)
	if page.shows("consent"):
		page = browser.decide(page, decision)
	return page


@pytest.mark.parametrize("realm", PEOPLE)
@pytest.mark.parametrize("flow", FLOWS)
def test_the_guides_authorization_url_and_token_command_give_a_token_of_the_person(demo, flow, realm):
	"""Issue 3, Must show: web and PKCE, its own code_verifier, domain replaced, for a user and for a customer."""
	url, command, client_id, scope = FLOWS[flow]
	_, _, person_id, actor = PEOPLE[realm]
	page = sign_in(Browser(demo), placed(demo, url, realm, client_id), realm)
	assert page.status == 303 and page.location.startswith(REDIRECT + "?")
	answer = page.answer
	assert set(answer) == {"code", "state", "iss"} and answer["state"] == STATE
	status, body = paste(placed(demo, command, realm, client_id, answer["code"]))
	assert status == 200, body
	assert set(body) == {"access_token", "token_type", "expires_in", "scope"} and body["token_type"] == "Bearer"
	metadata = get(f"{demo.url}/system/auth/{PARTITION}/metadata").json()
	claims = verified(demo, body["access_token"], PARTITION, realm, issuer=f"{demo.url}/system/auth/{PARTITION}-{realm}", audience=metadata["domain_url"])
	assert set(claims) == CLIENT_CLAIMS | {"auth_time", "acr", "amr"}
	assert claims["sub"] == person_id and claims["actor"] == actor and claims["client_id"] == client_id and claims["partition"] == PARTITION
	assert set(claims["scope"].split()) == set(body["scope"].split()) == set(scope.split())


@pytest.mark.parametrize("flow", FLOWS)
def test_the_guides_token_command_works_once(demo, flow):
	"""Contract §3, Codes."""
	url, command, client_id, _ = FLOWS[flow]
	code = sign_in(Browser(demo), placed(demo, url, "U", client_id), "U").answer["code"]
	assert paste(placed(demo, command, "U", client_id, code))[0] == 200
	status, body = paste(placed(demo, command, "U", client_id, code))
	assert status == 400 and body["error"] == "invalid_grant"


@pytest.mark.parametrize("flow", FLOWS)
def test_the_guides_example_code_is_none(demo, flow):
	"""Contract §3."""
	_, command, client_id, _ = FLOWS[flow]
	status, body = paste(placed(demo, command, "U", client_id))
	assert status == 400 and body["error"] == "invalid_grant"


def test_the_guides_urls_are_those_of_the_metadata_button(demo):
	"""Contract §2: authorization_url and token_url."""
	metadata = get(f"{demo.url}/system/auth/{PARTITION}/metadata").json()
	for realm, kind in (("U", "user"), ("C", "customer")):
		assert placed(demo, WEB_URL, realm).startswith(metadata["authorization_url"][kind] + "?")
		assert metadata["token_url"][kind] in placed(demo, WEB_COMMAND, realm)


def test_the_guides_pkce_url_with_the_web_clients_id_works_with_its_secret_too(demo):
	"""Contract §3, PKCE: web: optional, but a challenge given binds."""
	code = sign_in(Browser(demo), placed(demo, PKCE_URL), "U").answer["code"]
	status, body = paste(placed(demo, PKCE_COMMAND, code=code))
	assert status == 401 and body["error"] == "invalid_client", "a web application has a secret to send"
	secret = re.search(r"--data-urlencode 'client_secret=[^']+'", WEB_COMMAND).group(0)
	status, body = paste(placed(demo, PKCE_COMMAND, code=code) + " " + secret)
	assert status == 200, body


def test_denying_in_the_guides_flow_goes_back_with_an_error(demo):
	"""The guide: redirected after granting or denying permission; contract §3: access_denied."""
	url = placed(demo, PKCE_URL, "U", SPA_ID) + "&prompt=consent"
	page = sign_in(Browser(demo), url, "U", "deny")
	sent_back(page, "access_denied")
	assert page.location.startswith(REDIRECT + "?")


def test_the_guides_redirect_url_must_match_exactly(demo):
	"""The guide: this must exactly match one of the URLs you registered."""
	dead_end(Browser(demo).get(placed(demo, WEB_URL).replace("v1%2Fcallback", "v1%2Fcallback%2F")), "redirect_uri")


@pytest.mark.parametrize("part,error", [("&response_type=code", "invalid_request"), ("&scope=core.aiservices.manage", "invalid_scope")])
def test_what_the_guide_calls_required_is(demo, part, error):
	"""The guide's table of query parameters."""
	sent_back(Browser(demo).get(placed(demo, WEB_URL).replace(part, "")), error)


def test_what_the_guide_calls_recommended_may_be_left_out(demo):
	"""The guide: state: Recommended."""
	answer = sign_in(Browser(demo), placed(demo, WEB_URL).replace(f"&state={STATE}", ""), "U").answer
	assert set(answer) == {"code", "iss"}


def test_the_guides_pkce_parameters_are_required_of_a_single_page_application(demo):
	"""The guide: code_challenge, code_challenge_method: Required; must be S256."""
	url = placed(demo, PKCE_URL, "U", SPA_ID)
	sent_back(Browser(demo).get(re.sub(r"&code_challenge=.*", "", url)), "invalid_request", "code_challenge")
	sent_back(Browser(demo).get(url.replace("=S256", "=plain")), "invalid_request", "code_challenge")
