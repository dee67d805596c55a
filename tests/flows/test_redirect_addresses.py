"""A1: a redirect address that is not equal gives an error page, never a redirect; contract §3, Redirect addresses; RFC 8252 §7.3."""

import json
import pathlib
from urllib.parse import parse_qsl

import pytest

from support import documents as d
from support import people as p
from support.browser import Browser
from support.people import arrive, dead_end, path_of, redeem, request_of, sent_back, succeeded, tokens_of

DATA = pathlib.Path(__file__).with_name("data")
VECTORS = json.loads((DATA / "redirect_uris.json").read_text())
REGISTERING = json.loads((DATA / "registering.json").read_text())


def application_of(index):
	vector = VECTORS[index]
	secret = None if vector.get("platform") == "spa" else d.secret_of(f"vector{index}")
	return p.Application(f"vector-{index:02}", secret, vector["registered"])


CASES = [pytest.param(application_of(index), verdict, sent, id=f"{vector['registered']}: {what}")
         for index, vector in enumerate(VECTORS) for verdict, what, sent in vector["cases"]]
APPLICATIONS = [application_of(index) for index in range(len(VECTORS))]


@pytest.fixture(scope="module")
def vectors(people_store, tmp_path_factory):
	"""A site with one client application for each registered address."""
	store = people_store.copy_to(tmp_path_factory.mktemp("vectors"))
	store.apply(d.partial(client_applications=[
		d.application(one, f"Vector {one.id}", [d.READ], redirect_urls=[one.redirect], consent="implied", platform="spa" if one.is_spa else "web") for one in APPLICATIONS]))
	with p.Site(store) as running:
		yield running


@pytest.fixture(scope="module")
def there(vectors):
	"""A browser with a session: whatever leads back leads back at once."""
	browser = Browser(vectors)
	succeeded(arrive(browser, p.WEB, p.PA))
	return browser


def code_beyond(page, sent, issuer):
	"""The code in a response by query, behind the address exactly as it was sent (RFC 6749 §3.1.2: its own query is kept)."""
	beginning = sent + ("&" if "?" in sent else "?")
	assert page.status == 303 and page.location.startswith(beginning), page.location
	answer = dict(parse_qsl(page.location[len(beginning):], strict_parsing=True))
	assert set(answer) == {"code", "state", "iss"} and answer["iss"] == issuer
	return answer["code"]


@pytest.mark.parametrize("application,verdict,sent", CASES)
def test_only_a_registered_address_is_ever_redirected_to(vectors, there, application, verdict, sent):
	"""A1: equal by simple string comparison; only a loopback port may vary."""
	page = there.get(path_of(), request_of(application, redirect_uri=sent))
	if verdict == "refused":
		dead_end(page, "redirect_uri")
		page = there.get(path_of(), request_of(application, redirect_uri=sent, prompt="none", response_mode="fragment"))
		dead_end(page, "redirect_uri")
		page = there.post(path_of(), request_of(application, redirect_uri=sent, scope=None))
		dead_end(page, "redirect_uri")
		return
	page = page if page.location else there.decide(page)  # on loopback an SPA asks, whatever was implied
	code = code_beyond(page, sent, p.issuer_of(vectors))
	tokens_of(redeem(vectors, application, code, redirect_uri=sent), "id_token")


@pytest.mark.parametrize("application", [one for one in APPLICATIONS if "?" not in one.redirect], ids=lambda one: one.redirect)
def test_an_error_goes_back_only_where_a_code_would_go(there, application):
	"""A1: the address is judged before anything else."""
	sent_back(there.get(path_of(), request_of(application, scope="x.y")), "invalid_scope", application=application)
	dead_end(there.get(path_of(), request_of(application, redirect_uri=application.redirect + "x", scope="x.y")), "redirect_uri")


def test_a_loopback_port_counts_again_when_the_code_is_redeemed(vectors, there):
	"""RFC 6749 §4.1.3: the values MUST be identical; contract §3: by the right one with the wrong address uses the code up."""
	application = next(one for one in APPLICATIONS if one.redirect == "http://127.0.0.1/callback")
	code = succeeded(there.get(path_of(), request_of(application, redirect_uri="http://127.0.0.1:51004/callback")))
	assert redeem(vectors, application, code, redirect_uri="http://127.0.0.1:51005/callback").json()["error"] == "invalid_grant"
	code = succeeded(there.get(path_of(), request_of(application, redirect_uri="http://127.0.0.1:51004/callback")))
	assert redeem(vectors, application, code).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("what", ["taken", "refused"])
@pytest.mark.parametrize("platform", ["web", "spa"])
def test_only_safe_addresses_can_be_registered(own_store, platform, what):
	"""Contract §3: https, or loopback http, or for spa a private-use scheme whose name contains a period; no fragment, no userinfo."""
	def register(address, check):
		return own_store.apply(d.partial(client_applications=[{"name": "New", "platform": platform, "redirect_urls": [address]}]), "--dry-run", check=check)

	for address in REGISTERING[platform][what]:
		done = register(address, check=False)
		assert done.returncode == (0 if what == "taken" else 1), f"{address}: {done.stdout}{done.stderr}"


def test_an_address_taken_away_is_closed_at_once(own_site):
	"""Contract §9: apply returns when running servers see the change; §3: exactly registered."""
	browser = Browser(own_site)
	succeeded(arrive(browser, p.WEB, p.SMITH))
	own_site.store.apply(d.partial(client_applications=[{"client_id": p.WEB.id, "name": "Portal", "platform": "web", "redirect_urls": [p.WEB_WITH_QUERY]}]))
	dead_end(browser.get(path_of(), request_of(p.WEB)), "redirect_uri")
	code_beyond(browser.get(path_of(), request_of(p.WEB, redirect_uri=p.WEB_WITH_QUERY)), p.WEB_WITH_QUERY, p.issuer_of(own_site))


def test_an_address_taken_away_while_somebody_signs_in_gets_no_code(own_site):
	"""A1: what is registered counts when the code leaves, not when the page was shown."""
	browser = Browser(own_site)
	page = browser.get(path_of(), request_of(p.WEB))
	own_site.store.apply(d.partial(client_applications=[{"client_id": p.WEB.id, "name": "Portal", "platform": "web", "redirect_urls": [p.WEB_WITH_QUERY]}]))
	page = browser.sign_in(page, p.SMITH.name, p.SMITH.password)
	dead_end(page, "redirect_uri")
