"""A2: PKCE by omission. Contract §3, PKCE; RFC 7636; RFC 9700 §2.1.1."""

import pytest

from support import documents as d
from support import people as p
from support.browser import Browser
from support.oauth import refused
from support.people import arrive, authorize, dead_end, new_code, path_of, redeem, request_of, sent_back, succeeded, tokens_of

RIGHT = p.VERIFIER
CHALLENGES = {
	"none": {"code_challenge": None, "code_challenge_method": None},
	"plain": {"code_challenge": RIGHT, "code_challenge_method": "plain"},
	"S256": {"code_challenge": p.CHALLENGE, "code_challenge_method": "S256"},
}
VERIFIERS = {"none": None, "right": RIGHT, "wrong": RIGHT[:-1] + "l", "too short": RIGHT[:42]}
PASS = {("S256", "right", "spa"), ("S256", "right", "web"), ("none", "none", "web")}


@pytest.fixture(scope="module")
def there(shared_site):
	"""A browser with a session."""
	browser = Browser(shared_site.site())
	succeeded(arrive(browser, p.WEB, p.PA))
	return browser


@pytest.mark.parametrize("platform", ["web", "spa"])
@pytest.mark.parametrize("verifier", VERIFIERS)
@pytest.mark.parametrize("challenge", CHALLENGES)
def test_only_the_exact_pairs_pass(site, there, challenge, verifier, platform):
	"""A2: challenge {none, plain, S256} × verifier {none, right, wrong, too short} × {web, spa}."""
	application = p.WEB if platform == "web" else p.SPA
	page = authorize(there, application, **CHALLENGES[challenge])
	if challenge == "plain" or (challenge == "none" and platform == "spa"):
		sent_back(page, "invalid_request", "code_challenge", application=application)
		return
	reply = redeem(site, application, succeeded(page, application), code_verifier=VERIFIERS[verifier])
	if (challenge, verifier, platform) in PASS:
		tokens_of(reply, "id_token")
	elif verifier == "wrong" or (challenge == "none" and verifier == "right"):
		refused(reply, "invalid_grant", 400, "code_verifier")
	else:
		assert reply.json()["error"] in ("invalid_grant", "invalid_request"), reply.text  # missing, or no verifier at all by RFC 7636 §4.1
		assert "access_token" not in reply.json()


@pytest.mark.parametrize("changes", [
	{"code_challenge_method": None},  # RFC 7636 §4.3: would mean plain
	{"code_challenge_method": ""},
	{"code_challenge_method": "s256"},
	{"code_challenge_method": "S512"},
	{"code_challenge_method": "plain", "code_challenge": RIGHT},
	{"code_challenge": ""},
	{"code_challenge": p.CHALLENGE[:-1]},
	{"code_challenge": p.CHALLENGE + "A"},
	{"code_challenge": p.CHALLENGE + "="},
	{"code_challenge": p.CHALLENGE[:-1] + "="},
	{"code_challenge": p.CHALLENGE[:-1] + "+"},
	{"code_challenge": p.CHALLENGE[:-1] + " "},
	{"code_challenge": "A" * 128},
	{"code_challenge": [p.CHALLENGE, p.CHALLENGE]},
	{"code_challenge_method": ["S256", "S256"]},
	{"code_challenge_method": ["S256", "plain"]},
], ids=lambda value: str(value)[:70])
@pytest.mark.parametrize("application", [p.SPA, p.WEB], ids=["spa", "web"])
def test_a_challenge_is_a_sha256_or_refused(there, application, changes):
	"""Contract §3, PKCE: S256 only; RFC 7636 §4.2."""
	if application is p.WEB and changes == {"code_challenge": ""}:
		changes = {"code_challenge": p.CHALLENGE[:40]}  # absent is optional for a web application
	changes = {"code_challenge": p.CHALLENGE, "code_challenge_method": "S256", **changes}
	sent_back(authorize(there, application, **changes), "invalid_request", "code_challenge", application=application)


@pytest.mark.parametrize("verifier", [
	p.CHALLENGE,  # what a thief sees in the address: as if the method were plain
	RIGHT.swapcase(),
	RIGHT + "A",
	RIGHT + " ",
	" " + RIGHT,
	RIGHT + "=",
	RIGHT[:-1],
	"",
	"A" * 129,
	"A" * 43,
	"é" * 43,
	[RIGHT, RIGHT],
	[RIGHT, "x" * 43],
], ids=lambda value: str(value)[:30])
@pytest.mark.parametrize("application", [p.SPA, p.WEB], ids=["spa", "web"])
def test_no_other_verifier_will_do(site, there, application, verifier):
	"""Contract §3: a challenge given binds; RFC 7636 §4.6."""
	code = succeeded(authorize(there, application, **CHALLENGES["S256"]))
	reply = redeem(site, application, code, code_verifier=verifier)
	assert reply.status_code == 400 and reply.json()["error"] in ("invalid_grant", "invalid_request"), reply.text


@pytest.mark.parametrize("length", [43, 64, 128])
def test_verifiers_of_every_allowed_length_pass(site, there, length):
	"""RFC 7636 §4.1: 43 to 128 characters of the unreserved ones."""
	verifier = ("aZ09-._~" * 16)[:length]
	code = succeeded(authorize(there, p.SPA, code_challenge=p.challenge_of(verifier)))
	tokens_of(redeem(site, p.SPA, code, code_verifier=verifier), "id_token")


@pytest.mark.parametrize("verifier", [RIGHT[:42], "x", "A" * 129, "A" * 42 + " ", "A" * 43 + "+", "A" * 43 + "é", "A" * 42 + "/"],
                         ids=lambda value: f"{len(value)} {value[-1]}")
@pytest.mark.parametrize("application", [p.SPA, p.WEB], ids=["spa", "web"])
def test_what_is_no_verifier_passes_for_no_challenge_not_even_its_own(site, there, application, verifier):
	"""A2, too short; RFC 7636 §4.1: 43 to 128 unreserved characters, whatever hash the request had."""
	code = succeeded(authorize(there, application, code_challenge=p.challenge_of(verifier), code_challenge_method="S256"))
	reply = redeem(site, application, code, code_verifier=verifier)
	assert reply.status_code == 400 and reply.json()["error"] in ("invalid_grant", "invalid_request"), reply.text


def test_a_wrong_verifier_uses_the_code_up(site, there):
	"""Contract §3, Codes: by the right one with the wrong verifier it uses the code up."""
	for application in (p.SPA, p.WEB):
		code = succeeded(authorize(there, application, **CHALLENGES["S256"]))
		refused(redeem(site, application, code, code_verifier=VERIFIERS["wrong"]), "invalid_grant")
		refused(redeem(site, application, code, code_verifier=RIGHT), "invalid_grant")


def test_a_verifier_without_a_challenge_uses_the_code_up(site, there):
	"""Contract §3: a verifier without a challenge is invalid_grant."""
	code = succeeded(authorize(there, p.WEB))
	refused(redeem(site, p.WEB, code, code_verifier=RIGHT), "invalid_grant")
	refused(redeem(site, p.WEB, code), "invalid_grant")


def test_the_same_challenge_may_come_again_in_a_later_request(site, there):
	"""Contract §3, PKCE; the guide's own verifier."""
	for _ in range(2):
		code = succeeded(authorize(there, p.SPA, code_challenge=p.CHALLENGE))
		tokens_of(redeem(site, p.SPA, code, code_verifier=RIGHT), "id_token")


def test_a_challenge_belongs_to_its_own_request(site, there):
	"""RFC 7636 §4.4: the code is bound to the challenge of its request; RFC 9700 §4.5."""
	mine, theirs = "m" * 43, "t" * 43
	code = succeeded(authorize(there, p.SPA, code_challenge=p.challenge_of(mine)))
	succeeded(authorize(there, p.SPA, code_challenge=p.challenge_of(theirs)))
	refused(redeem(site, p.SPA, code, code_verifier=theirs), "invalid_grant")


def test_a_challenge_survives_the_pages_in_between(site, person):
	"""A2: not lost on the way through sign-in and consent."""
	browser = Browser(site)
	code = succeeded(arrive(browser, p.SPA_ASKING, person, scope=f"openid {d.READ}"))
	refused(redeem(site, p.SPA_ASKING, code, code_verifier=VERIFIERS["wrong"]), "invalid_grant")
	code = succeeded(arrive(Browser(site), p.SPA_ASKING, person, scope=f"openid {d.READ}"))
	tokens_of(redeem(site, p.SPA_ASKING, code), "id_token")


def test_a_challenge_cannot_be_taken_off_along_the_way(site, person):
	"""A2: nothing that the browser sends after the request weakens it."""
	browser = Browser(site)
	page = authorize(browser, p.SPA, **CHALLENGES["S256"])
	address, pairs = browser.filled(page, "sign-in", "submit", username=person.name, password=person.password)
	more = [("code_challenge", ""), ("code_challenge_method", "plain")]
	page = browser.post(address, [*pairs, *more])
	if page.location is None:
		assert page.status == 400
		return
	reply = redeem(site, p.SPA, succeeded(page), code_verifier=None)
	assert reply.status_code == 400 and reply.json()["error"] in ("invalid_grant", "invalid_request"), reply.text


@pytest.mark.parametrize("application", [p.SPA, p.SPA_LOCAL], ids=["https", "loopback"])
def test_a_single_page_application_that_sends_a_secret_is_refused(site, person, application):
	"""Contract §3: an SPA that sends a secret: invalid_client; a secret is not accepted."""
	code = new_code(site, application, person)
	refused(redeem(site, application, code, client_secret=d.secret_of("spa")), "invalid_client", 401)
	tokens_of(redeem(site, application, code), "id_token")


def test_a_web_application_needs_its_secret_even_with_a_verifier(site, there):
	"""Contract §3: web: client id and secret; code_verifier if the request had a challenge. A2, the other way round."""
	code = succeeded(authorize(there, p.WEB, **CHALLENGES["S256"]))
	public = p.Application(p.WEB.id, None, p.WEB.redirect)
	refused(redeem(site, public, code), "invalid_client", 401)
	tokens_of(redeem(site, p.WEB, code, code_verifier=RIGHT), "id_token")


def test_discovery_offers_what_is_taken(site):
	"""RFC 8414 §2."""
	metadata = Browser(site).get(path_of(endpoint="/.well-known/openid-configuration")).reply.json()
	assert metadata["code_challenge_methods_supported"] == ["S256"]


def test_a_challenge_is_judged_after_the_address(there):
	"""A1 before A2: no redirect to an address that is not registered."""
	dead_end(there.get(path_of(), request_of(p.SPA, redirect_uri="https://evil.example/", code_challenge=None)), "redirect_uri")
