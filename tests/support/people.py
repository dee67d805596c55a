"""People with passwords, the client applications they sign in to, and whole sign-ins: authorize, sign in, allow, redeem."""

import base64
import dataclasses
import hashlib
import itertools

import jwt

from . import documents as d
from .browser import Browser
from .oauth import ask, key_set, refused
from .program import Server, request

# Of one password, made beforehand: the least that Argon2id can cost, so that tests are quick, and writ's default.
PASSWORD = "correct horse battery staple"
QUICK_HASH = "$argon2id$v=19$m=8,t=1,p=1$tBvh8eTd5Kujzm7zDWIu8Q$0oflY5pRokWTKi2Yfmztldd+dZHzHkswGvlLjiygqLo"
DEFAULT_HASH = "$argon2id$v=19$m=19456,t=2,p=1$dZE4TTRvjHhCTbCoDkx1yw$/ZCA9DKQI6GE2QW9iH8DO9NXq9+BUaZpFKuKXwLz5ck"
OTHER_PASSWORD = "another long password"
OTHER_QUICK_HASH = "$argon2id$v=19$m=8,t=1,p=1$Pzgg8Shls73boguTIjLeGQ$xY+Ru7r5Hp9hG5JEmhmewN1DVwBcmNxSPIJCCznB6U4"

# RFC 7636 appendix B, which the guide uses too.
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

CODE = r"[A-Za-z0-9_-]{43}"
REFRESH_TOKEN_LEAST = 43


@dataclasses.dataclass(frozen=True)
class Application(d.Client):
	redirect: str = "https://web.example.com/callback"

	@property
	def is_spa(self):
		return self.secret is None


@dataclasses.dataclass(frozen=True)
class Person:
	id: str
	name: str  # what to sign in with
	realm: str = "U"
	password: str = PASSWORD


WEB = Application(d.WEB.id, d.WEB.secret)  # consent implied
SECOND = Application(d.SECOND.id, d.SECOND.secret, "https://second.example.com/callback")  # the same permissions, another application
ASKING = Application("asking-01", d.secret_of("asking"), "https://asking.example.com/callback")  # consent ask
NO_REFRESH = Application("norefresh", d.secret_of("norefresh"), "https://norefresh.example.com/callback")
SHORT_IDLE = Application("idle-0001", d.secret_of("idle"), "https://idle.example.com/callback")  # unused for 60 s: over
SHORT_LIFE = Application("life-0001", d.secret_of("life"), "https://life.example.com/callback")  # 60 s in all
ADMIN = Application(d.ADMIN.id, d.ADMIN.secret, "https://admin.example.com/callback")
OFF = Application(d.OFF.id, d.OFF.secret, "https://off.example.com/callback")
SPA = Application("spa-00001", None, "https://spa.example.com/callback")  # consent implied
SPA_ASKING = Application("spa-00002", None, "https://spa-asking.example.com/callback")
SPA_LOCAL = Application("spa-00003", None, "http://127.0.0.1/callback")  # consent implied, and asked all the same
SPA_PRIVATE = Application("spa-00003", None, "com.example.app:/callback")
OTHER_WEB = Application(d.OTHER_WEB.id, d.OTHER_WEB.secret, "https://other.example.com/callback")

WEB_WITH_QUERY = "https://web.example.com/other?x=1&y=%20"

PA = Person("1001", "pa")  # role partition_administrator
SMITH = Person("1002", "Agent.Smith")
LEFT = Person("1003", "left")  # disabled, with a hash of the default cost
ZOE = Person("1004", "o'brien+zoë@example.com")
NO_PASSWORD = Person("1005", "nopassword")
SLOW = Person("1006", "slow")  # a hash of the default cost
JANE = Person("c-1", "jane@example.com", "C")
GONE = Person("c-2", "gone@example.com", "C")  # disabled
THEIRS = Person("2001", "theirs")  # of the partition OTHER
STRANGERS = 200  # users, and as many customers, for one test each


def stranger(number, realm="U"):
	if realm == "C":
		return Person(f"cust-{number:03}", f"customer-{number:03}@example.com", "C")
	return Person(f"user-{number:03}", f"user-{number:03}")


PA_CLAIMS = {"name": "Pat Administrator", "given_name": "Pat", "family_name": "Administrator", "email_verified": True, "locale": "en", "zoneinfo": "Europe/Berlin",
             "phone_number": "+49 30 1", "address": {"locality": "Berlin"}}


def people_directory():
	"""The shared directory, with passwords, many more people, and client applications for every case of a sign-in."""
	document = d.directory()
	acme = d.partition_of(document)
	for one in acme["users"] + acme["customers"]:
		one["password_hash"] = DEFAULT_HASH if one["id"] == LEFT.id else QUICK_HASH
	acme["users"][0]["claims"] = PA_CLAIMS
	acme["users"] += [
		{"id": NO_PASSWORD.id, "username": NO_PASSWORD.name},
		{"id": SLOW.id, "username": SLOW.name, "password_hash": DEFAULT_HASH},
		*({"id": one.id, "username": one.name, "email": f"{one.name}@example.com", "password_hash": QUICK_HASH, "claims": {"name": one.name.title()}}
		  for one in (stranger(number) for number in range(STRANGERS))),
	]
	acme["customers"] += [{"id": one.id, "email": one.name, "password_hash": QUICK_HASH} for one in (stranger(number, "C") for number in range(STRANGERS))]
	acme["client_applications"] = applications()
	other = d.partition_of(document, "OTHER")
	other["users"][0]["password_hash"] = QUICK_HASH
	other["client_applications"][0].update(redirect_urls=[OTHER_WEB.redirect], consent="implied")
	return document


def applications():
	assigned = [d.READ, d.MANAGE, d.OBO_READ, d.OBO_MANAGE, d.APP_READ, d.APP_MANAGE]

	def one(application, name, permissions=tuple(assigned), redirect_urls=None, consent="implied", **more):
		return d.application(application, name, permissions, redirect_urls=redirect_urls or [application.redirect], consent=consent,
		                     platform="spa" if application.is_spa else "web", **more)

	return [
		one(WEB, "Portal", redirect_urls=[WEB.redirect, WEB_WITH_QUERY]),
		one(SECOND, "Second"),
		one(ASKING, "Asking", consent="ask"),
		one(NO_REFRESH, "Forgetful", refresh_tokens=False),
		one(SHORT_IDLE, "Idle", refresh_idle_seconds=60),
		one(SHORT_LIFE, "Life", refresh_idle_seconds=60, refresh_max_seconds=60),
		one(ADMIN, "Administration", [d.READ, *d.ADMIN_PERMISSIONS]),
		one(OFF, "Off", enabled=False),
		one(SPA, "Browser"),
		one(SPA_ASKING, "Asking Browser", consent="ask"),
		one(SPA_LOCAL, "Local", redirect_urls=["http://127.0.0.1/callback", "http://[::1]/callback", "http://localhost:5173/callback", "com.example.app:/callback"]),
		d.application(d.BARE, "Bare"),
	]


class Site(Server):
	"""A server that people reach at its own loopback address; hands out people that no test has used yet."""

	def __init__(self, store, *options, **keywords):
		super().__init__(store, "--api-url", d.API_URL, *options, **keywords)
		self._next = {"U": itertools.count(), "C": itertools.count()}

	def stranger(self, realm="U"):
		number = next(self._next[realm])
		assert number < STRANGERS, "more tests than people: raise STRANGERS"
		return stranger(number, realm)


# ---- an authorization request and its answer


def challenge_of(verifier):
	return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def request_of(application, **changes):
	"""The parameters of a good authorization request, changed; None takes one away, a list gives it several times."""
	parameters = {"client_id": application.id, "response_type": "code", "redirect_uri": application.redirect, "scope": "openid", "state": "a1b2c3d4e5f67890"}
	if application.is_spa:
		parameters.update(code_challenge=CHALLENGE, code_challenge_method="S256")
	parameters.update(changes)
	return [(name, one) for name, value in parameters.items() for one in (value if isinstance(value, list) else [value]) if one is not None]


def path_of(realm="U", partition="ACME", endpoint="/oauth2/authorize"):
	return f"/system/auth/{partition}-{realm}{endpoint}"


def authorize(browser, application, realm="U", partition="ACME", **changes):
	return browser.get(path_of(realm, partition), request_of(application, **changes))


def arrive(browser, application, person, partition="ACME", decision="allow", **changes):
	"""A whole sign-in, as far as pages ask for it: gives the page that leads back."""
	page = authorize(browser, application, person.realm, partition, **changes)
	if page.shows("sign-in"):
		page = browser.sign_in(page, person.name, person.password)
	if page.shows("consent"):
		page = browser.decide(page, decision)
	return page


def succeeded(page, application=None, state="a1b2c3d4e5f67890", issuer=None):
	"""The code of a successful authorization response; contract §3: exactly code, state, iss."""
	answer = page.answer
	assert set(answer) == {"code", "iss"} | ({"state"} if state is not None else set()), answer
	assert answer.get("state") == state
	if issuer is not None:
		assert answer["iss"] == issuer
	if application is not None:
		assert page.leads_to.startswith(application.redirect), page.leads_to
	return answer["code"]


def sent_back(page, error, *words, application=None, state="a1b2c3d4e5f67890", issuer=None):
	"""An error of contract §3 that goes back to the redirect address."""
	answer = page.answer
	assert answer.get("error") == error, answer
	assert set(answer) == {"error", "error_description", "error_uri", "iss"} | ({"state"} if state is not None else set()), answer
	assert answer.get("state") == state
	if page.location is not None:
		assert page.status == 303
	if issuer is not None:
		assert answer["iss"] == issuer
	if application is not None:
		assert page.leads_to.startswith(application.redirect), page.leads_to
	refused(_AsReply(answer), error, 400, *words, *(["scope"] if error == "invalid_scope" else []))
	return answer


class _AsReply:
	"""Parameters of a redirect, in the shape that support.oauth judges."""

	def __init__(self, answer):
		self.status_code, self.text = 400, str(answer)
		self.body = {name: value for name, value in answer.items() if name.startswith("error")}

	def json(self):
		return self.body


def judge_page(page, silent=False):
	"""What every page of ours carries (contract §3, A13). silent: the answer by form_post to prompt=none, which may come in a frame."""
	assert page.location is None
	assert page.headers["Content-Type"].replace(" ", "").lower() == "text/html;charset=utf-8"
	policy = page.headers["Content-Security-Policy"]
	assert ("frame-ancestors 'none'" in policy) != silent, policy
	assert not silent or not (page.shows("sign-in") or page.shows("consent"))
	assert "unsafe-inline" not in policy and "unsafe-eval" not in policy, policy
	assert "no-store" in page.headers["Cache-Control"]
	assert page.headers["X-Content-Type-Options"] == "nosniff"
	assert page.headers["X-Request-Id"]
	assert "Cross-Origin-Opener-Policy" not in page.headers  # pop-ups of MSAL
	assert page.parsed.html.get("lang") and page.parsed.title.strip()
	assert len(page.parsed.ids) == len(set(page.parsed.ids)), f"an id given twice: {page.parsed.ids}"
	return page


def dead_end(page, *words):
	"""A page that says what was wrong, and leads nowhere."""
	judge_page(page)
	assert 400 <= page.status < 500, page.status
	assert not page.shows("sign-in") and not page.shows("consent") and not page.shows("form-post"), page.text
	assert "refresh" not in page.headers and "http-equiv=\"refresh" not in page.html.lower()
	for word in words:
		assert word.lower() in page.text.lower(), f"{word!r} is not in {page.text!r}"
	return page


# ---- codes and tokens


def new_code(site, application, person, browser=None, **changes):
	return succeeded(arrive(browser or Browser(site), application, person, **changes))


def redeem(site, application, code, realm="U", partition="ACME", **changes):
	"""The token request for a code; changes as in request_of."""
	fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": application.redirect}
	if application.is_spa:
		fields["code_verifier"] = VERIFIER
	keywords = {name: changes.pop(name) for name in ("headers", "basic") if name in changes}
	fields.update(changes)
	pairs = [(name, one) for name, value in fields.items() for one in (value if isinstance(value, list) else [value])]
	return ask(site, application, pairs, partition, realm, **keywords)


def refresh(site, application, token, realm="U", partition="ACME", **changes):
	return ask(site, application, {"grant_type": "refresh_token", "refresh_token": token, **changes}, partition, realm)


def tokens_of(reply, *more):
	"""The reply of RFC 6749 §5.1 with what was asked for (id_token, refresh_token) and nothing else."""
	assert reply.status_code == 200, reply.text
	assert reply.headers["Cache-Control"] == "no-store"
	assert reply.headers["Content-Type"].split(";")[0] == "application/json"
	body = reply.json()
	assert set(body) == {"access_token", "token_type", "expires_in", "scope", *more}, body
	assert body["token_type"] == "Bearer"
	return body


def new_tokens(site, application, person, scope="openid offline_access " + d.READ, browser=None, **changes):
	"""A whole flow: the token reply's body."""
	code = new_code(site, application, person, browser, scope=scope, **changes)
	reply = redeem(site, application, code, person.realm)
	assert reply.status_code == 200, reply.text
	return reply.json()


def userinfo(site, token, realm="U", partition="ACME", method="GET"):
	return request(method, site.realm(partition, realm) + "/oauth2/userinfo", headers={"Authorization": f"Bearer {token}"} if token else {})


def id_claims(site, token, application, realm="U", partition="ACME", algorithm="RS256"):
	"""An ID token judged as any client application does (OpenID Connect Core §3.1.3.7)."""
	header = jwt.get_unverified_header(token)
	assert header["alg"] == algorithm, header
	key = next(key for key in key_set(site, partition, realm)["keys"] if key["kid"] == header["kid"])
	return jwt.decode(token, jwt.PyJWK(key).key, algorithms=[algorithm], audience=application.id, issuer=issuer_of(site, realm, partition),
	                  options={"require": ["iss", "sub", "aud", "exp", "iat", "auth_time", "sid"]})


def issuer_of(site, realm="U", partition="ACME"):
	return f"{site.url}/system/auth/{partition}-{realm}"


def left_half_hash(text, algorithm="RS256"):
	"""at_hash of OpenID Connect Core §3.1.3.6."""
	digest = hashlib.new("sha" + algorithm[2:], text.encode()).digest()
	return base64.urlsafe_b64encode(digest[:len(digest) // 2]).rstrip(b"=").decode()

