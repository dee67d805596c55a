"""A9: hostile bytes at every door of a sign-in. Nothing crashes, nothing is let in, nothing is a server error."""

import random
from urllib.parse import quote

import pytest

from support import people as p
from support.browser import Browser, encode
from support.oauth import FORM
from support.people import arrive, authorize, path_of, request_of, succeeded
from support.program import request
from support.wire import Wire

ROUNDS = 60
PIECES = ["", "\0", "\r\n", "%", "%zz", "%00", "é", "\ud7ff", "\U0010ffff", "'", "\"", "<", ">", "&", ";", "=", "==", "/", "\\", "..", "{{attempt}}",
          "{{#x}}", "${x}", "%s%n", "A" * 43, "A" * 64,
          "A" * 4096, "-1", "0", "9" * 30, "null", "{}", "[" * 200,
          "{\"id_token\":{\"sub\":{\"value\":" * 8, "eyJhbGciOiJub25lIn0.e30.", ".", "..", "a.b.c.d.e", "openid", "offline_access", "none",
          "login", "S256", "code", "fragment", "form_post", "allow", "other", "\u200b", "\u202e"]


def junk(source):
	return "".join(source.choice(PIECES) for _ in range(source.randint(0, 6)))


def broken(source, text):
	"""A good value, bent: cut, doubled, with a byte changed or something put in."""
	kind = source.randint(0, 5)
	where = source.randint(0, len(text))
	if kind == 0:
		return text[:where]
	if kind == 1:
		return text[:where] + source.choice(PIECES) + text[where:]
	if kind == 2:
		return text + text
	if kind == 3:
		return text[:where] + chr(source.randint(1, 126)) + text[where + 1:]
	return junk(source) if kind == 4 else text


def judge(reply):
	assert reply.status_code < 500, f"{reply.status_code}: {reply.text[:300]}"
	assert "code=" not in reply.headers.get("Location", "") or "error=" not in reply.headers["Location"]


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_bent_authorization_requests(site, seed):
	"""A9: form, query."""
	source, browser = random.Random(seed), Browser(site)
	pairs = request_of(p.SPA, nonce="n", prompt="login", max_age="100", claims='{"userinfo":{"email":null}}', login_hint="pa", response_mode="query", ui_locales="en")
	for _ in range(4):
		place = source.randrange(len(pairs))
		pairs[place] = (pairs[place][0] if source.random() < 0.9 else junk(source).replace("code", "kode"), broken(source, pairs[place][1]))
	text = encode([(name.encode("utf-8", "surrogatepass"), value.encode("utf-8", "surrogatepass")) for name, value in pairs])
	if source.random() < 0.3:
		text = broken(source, text).replace("\0", "").replace("\r\n", "").replace(" ", "+")
	page = browser.get(path_of(), quote(text, safe="%&=+;,/?:@!$'()*~-._"))
	judge(page.reply)
	assert page.location is None or page.location.startswith(p.SPA.redirect)
	judge(browser.post(path_of(), text.encode("utf-8", "surrogatepass")).reply)


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_bent_forms_and_cookies(site, seed):
	"""A9: form, cookie; A13."""
	source, browser = random.Random(1000 + seed), Browser(site)
	attempt = authorize(browser, p.ASKING).form("sign-in")["attempt"]
	cookies = [(cookie.name, broken(source, cookie.value) if source.random() < 0.5 else cookie.value) for cookie in browser.jar.values()]
	cookies += [(source.choice(["writ", "a", "__Host-x", junk(source)]), junk(source)) for _ in range(source.randint(0, 4))]
	header = "; ".join(f"{name}={value}" for name, value in cookies).encode("utf-8", "surrogatepass")
	header = bytes(byte for byte in header if byte >= 0x20 and byte != 0x7f).strip()
	fields = {"attempt": broken(source, attempt), "username": broken(source, "nobody"), "password": junk(source),
	          "decision": source.choice(["allow", "deny", "other", junk(source)]),
	          "anti_forgery": junk(source), "sid": junk(source), "client_id": junk(source), "current": junk(source), "new": junk(source), "again": junk(source)}
	body = encode([(name, value.encode("utf-8", "surrogatepass")) for name, value in fields.items()])
	endpoint = source.choice(["/sign-in", "/consent", "/account/sign-out", "/account/end-session", "/account/withdraw", "/account/password",
	                          "/account/" + quote(junk(source), safe="")])
	headers = {"Content-Type": FORM, **({"Cookie": header} if header else {})}
	reply = request("POST", site.url + path_of(endpoint=endpoint), data=body, headers=headers)
	judge(reply)
	assert "code=" not in reply.headers.get("Location", "")


SESSION = b"Cookie: writ-ACME-U="
LINES = [b"Cookie: ", b"Cookie: ;", b"Cookie: =", b"Cookie: ====;;;;", b"Cookie: writ-ACME-U", SESSION, SESSION + b"A" * 43, SESSION + b"\"" + b"A" * 43 + b"\"",
         SESSION + b"\xff" * 43, b"Cookie: " + b"a=b; " * 2000, b"Cookie: a=" + b"x" * 14000, b"Cookie: a=b\r\n" + SESSION + b"A" * 43,
         b"Accept-Language: " + b"ar;q=" * 500, b"Accept-Language: ,,,;;;q=q", b"User-Agent: " + b"\"<script>'" * 100,
         b"Authorization: Bearer", b"Authorization: Bearer " + b"." * 5000, b"Authorization: " + b"Bearer " * 100]


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[:30].decode("latin-1"))
@pytest.mark.parametrize("path", ["/oauth2/authorize?" + encode(request_of(p.WEB, prompt="none")), "/account", "/oauth2/userinfo"], ids=["authorize", "account", "userinfo"])
def test_bent_headers(site, line, path):
	"""A9: cookie, Accept-Language, Authorization; A16."""
	with Wire(site) as wire:
		wire.send(b"GET /system/auth/ACME-U" + path.encode() + b" HTTP/1.1\r\nHost: x\r\n" + line + b"\r\n\r\n")
		reply = wire.reply()
	assert reply is not None and reply[0] < 500
	assert not any(name == "location" and "code=" in value for name, value in reply[1])


def test_people_still_get_in_afterwards(site, person):
	"""A9, A16: others are still served."""
	succeeded(arrive(Browser(site), p.WEB, person))
