"""`writ login` and `writ call --login` (contract §9, RFC 8252, RFC 7636, RFC 9207) against a server that is not writ, and against
writ itself: the test plays the browser."""

import base64
import hashlib
import html
import http.server
import json
import os
import re
import socket
import stat
import subprocess
import threading
import time
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec

from support import documents as d
from support.program import DEADLINE_S, SANITIZER_MARKS, Server, Store, environment, find_binary, get, request, run

SECRET = "s3cret &=+ä"


class Login:
	"""One `writ login` under way; the address that it shows is read from stderr."""

	def __init__(self, state_home, *arguments, env=None, browser=False):
		options = [] if browser else ["--no-browser"]
		self.process = subprocess.Popen([find_binary(), "login", *map(str, arguments), *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
		                                text=True, env=environment({"XDG_STATE_HOME": str(state_home), **(env or {})}), umask=0)
		self.said = []
		self.url = None
		for line in self.process.stderr:
			self.said.append(line)
			if line.startswith("  http"):
				self.url = line.strip()
				break
		self.asked = {name: values[0] for name, values in parse_qs(urlsplit(self.url or "").query).items()}

	@property
	def redirect_uri(self):
		return self.asked["redirect_uri"]

	def come_back(self, **parameters):
		"""The browser at the loopback address; the reply of the first request, before its redirect. self.page is where that led to."""
		reply = get(self.redirect_uri + "?" + urlencode(parameters, doseq=True))
		if reply.status_code == 303:
			self.page = get(urljoin(self.redirect_uri, reply.headers["Location"]))
		return reply

	def end(self, code=0, timeout=DEADLINE_S):
		out, err = self.process.communicate(timeout=timeout)
		self.said.append(err)
		said = "".join(self.said)
		for mark in SANITIZER_MARKS:
			assert mark not in said, said
		assert self.process.returncode == code, f"exit {self.process.returncode}\n{out}\n{said}"
		return out, said


@pytest.fixture
def state_home(tmp_path):
	return tmp_path / "state"


@pytest.fixture
def login(state_home):
	running = []

	def start(*arguments, **keywords):
		running.append(Login(state_home, *arguments, **keywords))
		return running[-1]

	yield start
	for one in running:
		if one.process.poll() is None:
			one.process.kill()
			one.process.communicate()


@pytest.fixture
def call(state_home):
	def run_it(*arguments, check=True, env=None):
		return run("call", *arguments, check=check, env={"XDG_STATE_HOME": str(state_home), **(env or {})})

	return run_it


def token_file(state_home, name="work"):
	return state_home / "writ" / "tokens" / f"{name}.json"


def saved(state_home, name="work"):
	return json.loads(token_file(state_home, name).read_text())


def make_old(state_home, name="work"):
	"""The access token has nearly expired."""
	document = saved(state_home, name)
	document["expires_at"] = int(time.time()) + 5
	token_file(state_home, name).write_text(json.dumps(document))


# ---- a server that is not writ ------------------------------------------------------------------------------------------


class Foreign(http.server.ThreadingHTTPServer):
	"""An OpenID provider and an API of somebody else's: opaque refresh tokens, ES256, its own addresses. Tests bend it."""

	daemon_threads = True

	def __init__(self):
		super().__init__(("127.0.0.1", 0), ForeignHandler)
		self.url = f"http://127.0.0.1:{self.server_port}"
		self.issuer = self.url + "/idp"
		self.key, self.other_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
		self.lock = threading.Lock()
		self.codes, self.refresh_tokens, self.access_tokens = {}, set(), set()
		self.asked, self.refreshes, self.revoked, self.calls = [], 0, [], []
		self.metadata, self.claims, self.header, self.reply = {}, {}, {}, {}  # what a test changes
		self.public, self.signing_key, self.refuse_refresh, self.revocation_status, self.before_call = True, self.key, None, 200, None
		self.hold_refresh, self.userinfo, self.who_asked = None, {}, 0

	def document(self):
		document = {
			"issuer": self.issuer,
			"authorization_endpoint": self.url + "/go?theme=dark",
			"token_endpoint": self.url + "/t",
			"revocation_endpoint": self.url + "/r",
			"jwks_uri": self.url + "/keys",
			"userinfo_endpoint": self.url + "/who",
			"authorization_response_iss_parameter_supported": True,
			**self.metadata,
		}
		return {name: value for name, value in document.items() if value is not None}

	def code_for(self, asked):
		"""The person signs in and consents: what the server sends the browser back with."""
		code = base64.urlsafe_b64encode(os.urandom(16)).decode()
		self.codes[code] = asked
		return {"code": code, "state": asked["state"], "iss": self.issuer}

	def tokens(self, asked):
		now = int(time.time())
		access = jwt.encode({"iss": self.issuer, "sub": "77", "aud": "api", "iat": now, "exp": now + 3600, "jti": os.urandom(8).hex()}, self.key,
		                    algorithm="ES256", headers={"kid": "k1", "typ": "at+jwt"})
		refresh = os.urandom(16).hex()
		self.access_tokens.add(access)
		self.refresh_tokens.add(refresh)
		reply = {"access_token": access, "token_type": "bearer", "expires_in": 3600, "refresh_token": refresh, "scope": asked.get("scope", "")}
		if "nonce" in asked and "openid" in asked["scope"].split():
			half = hashlib.sha256(access.encode()).digest()[:16]
			claims = {"iss": self.issuer, "sub": "77", "aud": asked["client_id"], "iat": now, "exp": now + 300, "nonce": asked["nonce"],
			          "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(), "preferred_username": "pa\x1b[31m", "name": "Pat Ä", **self.claims}
			claims = {name: value for name, value in claims.items() if value is not None}
			algorithm = self.header.get("alg", "ES256")
			key = {"ES256": self.signing_key, "none": None, "HS256": "x" * 32}[algorithm]
			reply["id_token"] = jwt.encode(claims, key, algorithm=algorithm, headers={"kid": "k1", **self.header})
		reply.update(self.reply)
		return {name: value for name, value in reply.items() if value is not None}


class ForeignHandler(http.server.BaseHTTPRequestHandler):
	def log_message(self, *_):
		pass

	def answer(self, status, body=None, **headers):
		data = b"" if body is None else json.dumps(body).encode()
		self.send_response(status)
		self.send_header("Content-Type", "application/json")
		self.send_header("Content-Length", str(len(data)))
		for name, value in headers.items():
			self.send_header(name, value)
		self.end_headers()
		self.wfile.write(data)

	def do_GET(self):
		server = self.server
		parts = urlsplit(self.path)
		if parts.path == "/idp/.well-known/openid-configuration":
			self.answer(200, server.document())
		elif parts.path == "/who":
			server.who_asked += 1
			assert self.headers["Authorization"][len("Bearer "):] in server.access_tokens
			self.answer(200, server.userinfo)
		elif parts.path == "/keys":
			public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(server.key.public_key()))
			self.answer(200, {"keys": [{**public, "kid": "k1", "use": "sig"}]})
		elif parts.path == "/go":
			asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
			assert asked["theme"] == "dark"
			self.answer(303, Location=asked["redirect_uri"] + "?" + urlencode(server.code_for(asked)))
		elif parts.path.startswith("/api"):
			if server.before_call is not None:
				server.before_call(self.headers.get("Authorization"))
			server.calls.append((self.path, dict(self.headers)))
			good = (self.headers.get("Authorization") or "")[len("Bearer "):] in server.access_tokens
			self.answer(200 if good else 401, {"path": self.path}, **({} if good else {"WWW-Authenticate": 'Bearer error="invalid_token"'}))
		else:
			self.answer(404)

	def do_POST(self):
		server = self.server
		form = {name: values[0] for name, values in parse_qs(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()).items()}
		with server.lock:
			server.asked.append((self.path, dict(self.headers), form))
		if self.path == "/r":
			server.revoked.append(form["token"])
			self.answer(server.revocation_status, {"error": "unsupported_token_type"} if server.revocation_status != 200 else None)
		elif not server.public and form.get("client_secret") != SECRET and "Authorization" not in self.headers:
			self.answer(401, {"error": "invalid_client", "error_description": "wrong client"})
		elif form["grant_type"] == "authorization_code":
			self.redeem(form)
		else:
			self.refresh(form)

	def redeem(self, form):
		asked = self.server.codes.pop(form["code"], None)
		challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
		if asked is None or asked["code_challenge"] != challenge or asked["code_challenge_method"] != "S256" or asked["redirect_uri"] != form["redirect_uri"]:
			self.answer(400, {"error": "invalid_grant"})
		else:
			self.answer(200, self.server.tokens(asked))

	def refresh(self, form):
		server = self.server
		if server.hold_refresh is not None:
			server.hold_refresh()
		with server.lock:
			known = form["refresh_token"] in server.refresh_tokens
			server.refresh_tokens.discard(form["refresh_token"])
			server.refreshes += 1
		if server.refuse_refresh or not known:
			self.answer(400, {"error": server.refuse_refresh or "invalid_grant", "error_description": "the refresh token was \x1b[31mrevoked"})
		else:
			self.answer(200, server.tokens({"scope": "api.read"}))


@pytest.fixture
def foreign():
	server = Foreign()
	thread = threading.Thread(target=server.serve_forever, daemon=True)
	thread.start()
	yield server
	server.shutdown()
	server.server_close()


def at(foreign):
	return ["--issuer", foreign.issuer, "--client-id", "an id"]


def follow(login):
	"""A browser that does as it is told: from the authorization endpoint to the page that may be closed."""
	with requests.Session() as session:
		session.trust_env = False
		return session.get(login.url, timeout=DEADLINE_S)


def signed_in(login, foreign, state_home, *options, **keywords):
	one = login(*at(foreign), "--save", "work", *options, **keywords)
	assert follow(one).status_code == 200
	one.end()
	return saved(state_home)


def test_login_signs_in_at_any_server_and_prints_the_token_alone(login, foreign):
	"""Contract §9: works against any server that speaks these flows; a token alone where no person reads."""
	one = login(*at(foreign), "--scope", "openid api.read", "--login-hint", "p a", "--prompt", "consent")
	assert one.asked["response_type"] == "code" and one.asked["scope"] == "openid api.read" and one.asked["client_id"] == "an id"
	assert one.asked["code_challenge_method"] == "S256" and re.fullmatch(r"[A-Za-z0-9_-]{43}", one.asked["code_challenge"])
	assert len(one.asked["state"]) == 43 and len(one.asked["nonce"]) == 43 and one.asked["state"] != one.asked["nonce"]
	assert one.asked["login_hint"] == "p a" and one.asked["prompt"] == "consent"
	assert re.fullmatch(r"http://127\.0\.0\.1:\d+/callback", one.redirect_uri)
	follow(one)
	out, said = one.end()
	assert out.strip() in foreign.access_tokens and out.count("\n") == 1
	path, headers, form = foreign.asked[-1]
	assert path == "/t" and "client_secret" not in form and "Authorization" not in headers and form["client_id"] == "an id"
	assert form["code_verifier"] not in said and out.strip() not in said


def test_every_login_has_secrets_of_its_own(login, foreign):
	"""RFC 7636 §7.1, RFC 6749 §10.12."""
	first, second = login(*at(foreign)), login(*at(foreign))
	for name in ("state", "nonce", "code_challenge", "redirect_uri"):
		assert first.asked[name] != second.asked[name]


def test_the_browser_ends_at_a_page_without_the_code(login, foreign):
	"""The code is neither left in the address bar nor in the page; the page needs no script."""
	one = login(*at(foreign))
	page = follow(one)
	one.end()
	assert [reply.status_code for reply in page.history] == [303, 303]
	assert page.url.endswith("/done") and "?" not in page.url and page.status_code == 200
	assert "signed in" in page.text and "close" in page.text and "<script" not in page.text
	code = foreign.asked[-1][2]["code"]
	for reply in (*page.history[1:], page):
		assert code not in reply.text and reply.headers["Cache-Control"] == "no-store"
		assert "default-src 'none'" in reply.headers["Content-Security-Policy"] and reply.headers["Referrer-Policy"] == "no-referrer"


def test_json_is_the_servers_reply_and_decode_explains_the_token(login, foreign):
	"""Contract §9: --json, --decode."""
	one = login(*at(foreign), "--json")
	follow(one)
	assert set(json.loads(one.end()[0])) == {"access_token", "token_type", "expires_in", "refresh_token", "scope", "id_token"}
	one = login(*at(foreign), "--decode")
	follow(one)
	out = one.end()[0]
	assert "signature: good" in out and foreign.issuer in out


@pytest.mark.parametrize("sub,shown", [("77", "zo@example.com (Zo)"), ("78", "77 (Pat Ä)")])
def test_who_signed_in_may_stand_in_the_userinfo_alone(login, foreign, sub, shown):
	"""OpenID Connect Core §5.3.2: what it says of another person is not used. It is asked only for what is shown."""
	foreign.claims, foreign.userinfo = {"preferred_username": None}, {"sub": sub, "email": "zo@example.com", "name": "Zo"}
	foreign.claims.update({"name": None} if sub == "77" else {})
	one = login(*at(foreign), "--save", "work")
	follow(one)
	assert f"signed in {shown}\n" in one.end()[0] and foreign.who_asked == 1
	one = login(*at(foreign))
	follow(one)
	one.end()
	assert foreign.who_asked == 1


@pytest.mark.parametrize("how", ["form", "basic"])
def test_a_web_application_sends_its_secret_and_it_is_never_saved(login, call, foreign, state_home, tmp_path, how):
	"""Contract §9; only the name of the secret's file is kept, and found again from any folder."""
	foreign.public = False
	(tmp_path / "secret").write_text(SECRET + "\n")
	signed_in(login, foreign, state_home, "--client-secret-file", os.path.relpath(tmp_path / "secret"), *(["--basic"] if how == "basic" else []))
	path, headers, form = foreign.asked[-1]
	assert ("Authorization" in headers) == (how == "basic") and ("client_secret" in form) == (how == "form")
	assert SECRET not in token_file(state_home).read_text()
	make_old(state_home)
	call("--login", "work", "GET", foreign.url + "/api")
	assert foreign.refreshes == 1
	make_old(state_home)
	(tmp_path / "secret").unlink()
	assert call("--login", "work", "GET", foreign.url + "/api", check=False).returncode == 1
	call("--login", "work", "GET", foreign.url + "/api", env={"WRIT_CLIENT_SECRET": SECRET})
	assert foreign.refreshes == 2


def test_the_secret_in_the_environment_is_not_sent_for_an_application_without_one(login, call, foreign, state_home):
	"""A public client application sends none (contract §3): a refresh keeps to what the sign-in was."""
	signed_in(login, foreign, state_home)
	make_old(state_home)
	call("--login", "work", "GET", foreign.url + "/api", env={"WRIT_CLIENT_SECRET": SECRET})
	path, headers, form = foreign.asked[-1]
	assert form["grant_type"] == "refresh_token" and "client_secret" not in form and "Authorization" not in headers


# ---- saved sign-ins -----------------------------------------------------------------------------------------------------


def test_a_saved_sign_in_is_readable_by_its_owner_alone_and_call_uses_it(login, call, foreign, state_home):
	"""Files 0600 in a folder 0700; the summary says who signed in, and shows no token and no control character."""
	one = login(*at(foreign), "--save", "work")
	follow(one)
	out, said = one.end()
	file = token_file(state_home)
	assert stat.S_IMODE(file.stat().st_mode) == 0o600 and stat.S_IMODE(file.parent.stat().st_mode) == 0o700
	document = saved(state_home)
	assert document["access_token"] not in out + said and document["refresh_token"] not in out + said
	assert "pa\\x1b[31m (Pat Ä)" in out and "\x1b" not in out and "openid offline_access" in out and str(file) in out
	done = call("--login", "work", "GET", foreign.url + "/api/articles?x=1")
	assert json.loads(done.stdout) == {"path": "/api/articles?x=1"}
	assert foreign.calls[-1][1]["Authorization"] == "Bearer " + document["access_token"]
	assert foreign.refreshes == 0


def test_an_access_token_that_expires_soon_is_refreshed_and_saved_before_the_call(login, call, foreign, state_home):
	"""Refresh tokens rotate: a token that was used and not kept would end the sign-in."""
	before = signed_in(login, foreign, state_home)
	make_old(state_home)
	on_disk = []
	foreign.before_call = lambda authorization: on_disk.append((authorization, saved(state_home)))
	call("--login", "work", "GET", foreign.url + "/api")
	authorization, document = on_disk[0]
	assert authorization == "Bearer " + document["access_token"] and document["access_token"] != before["access_token"]
	assert document["refresh_token"] != before["refresh_token"] and document["expires_at"] > time.time() + 3000
	assert stat.S_IMODE(token_file(state_home).stat().st_mode) == 0o600
	assert sorted(path.name for path in token_file(state_home).parent.iterdir()) == ["work.json", "work.lock"]
	call("--login", "work", "GET", foreign.url + "/api")
	assert foreign.refreshes == 1


def test_two_calls_at_once_refresh_once(login, call, foreign, state_home):
	"""Contract §3: a second use of a refresh token would end the family."""
	signed_in(login, foreign, state_home)
	make_old(state_home)
	both_wait = threading.Event()

	def hold():
		both_wait.wait(DEADLINE_S)

	foreign.hold_refresh = hold
	outcomes = []
	threads = [threading.Thread(target=lambda: outcomes.append(call("--login", "work", "GET", foreign.url + "/api", check=False).returncode)) for _ in range(4)]
	for thread in threads:
		thread.start()
	deadline = time.monotonic() + DEADLINE_S
	lock = token_file(state_home).with_suffix(".lock")
	while count_openers(lock) < 4 and time.monotonic() < deadline:
		time.sleep(0.01)
	both_wait.set()
	for thread in threads:
		thread.join()
	assert outcomes == [0, 0, 0, 0] and foreign.refreshes == 1


def count_openers(path):
	"""How many of our children have the file open."""
	count = 0
	for process in os.listdir("/proc"):
		if not process.isdigit():
			continue
		try:
			count += any(os.readlink(f"/proc/{process}/fd/{fd}") == str(path) for fd in os.listdir(f"/proc/{process}/fd"))
		except OSError:
			continue
	return count


def test_a_refresh_token_that_is_not_rotated_stays(login, call, foreign, state_home):
	"""RFC 6749 §6: the server may leave it out."""
	before = signed_in(login, foreign, state_home)
	foreign.reply = {"refresh_token": None}
	make_old(state_home)
	call("--login", "work", "GET", foreign.url + "/api")
	assert saved(state_home)["refresh_token"] == before["refresh_token"]


def test_a_refused_refresh_says_sign_in_again_and_nothing_is_called(login, call, foreign, state_home):
	signed_in(login, foreign, state_home)
	make_old(state_home)
	foreign.refuse_refresh = "invalid_grant"
	done = call("--login", "work", "GET", foreign.url + "/api", check=False)
	assert done.returncode == 1 and "writ login --save work" in done.stderr and "invalid_grant" in done.stderr and "\x1b" not in done.stderr
	assert not foreign.calls and not done.stdout


def test_without_a_refresh_token_an_expired_sign_in_says_so(login, call, foreign, state_home):
	foreign.reply = {"refresh_token": None}
	signed_in(login, foreign, state_home)
	make_old(state_home)
	done = call("--login", "work", "GET", foreign.url + "/api", check=False)
	assert done.returncode == 1 and "offline_access" in done.stderr and not foreign.calls


def test_the_name_alone_signs_in_again(login, foreign, state_home):
	"""What a refused refresh tells to run is enough."""
	before = signed_in(login, foreign, state_home, "--scope", "openid api.write")
	one = login("--save", "work")
	assert one.asked["scope"] == "openid api.write" and one.asked["client_id"] == "an id"
	follow(one)
	one.end()
	assert saved(state_home)["access_token"] != before["access_token"]
	assert Login(state_home, "--save", "other").end(2)[1].strip().endswith("(writ login --help)")


@pytest.mark.parametrize("url", ["http://api.example.test/x", "http://127.0.0.1@api.example.test/x", "http://api.example.test#@127.0.0.1/", "http://127.0.0.1.example.test/",
                                 "api.example.test/x", "ftp://127.0.0.1/x", "http:/x", "http://[::2]/", "http://localhost.example.test/"])
def test_a_persons_token_never_goes_where_it_could_be_read_on_the_way(login, call, foreign, state_home, url):
	signed_in(login, foreign, state_home)
	done = call("--login", "work", "GET", url, check=False, env={"http_proxy": foreign.url, "ftp_proxy": foreign.url})
	assert done.returncode == 1 and "nothing was sent" in done.stderr and not foreign.calls


def test_what_goes_to_this_machine_takes_no_proxy(login, call, foreign, state_home):
	"""A proxy elsewhere would see the token in plain text."""
	signed_in(login, foreign, state_home)
	done = call("--login", "work", "GET", foreign.url + "/api", env={"http_proxy": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1"})
	assert json.loads(done.stdout) == {"path": "/api"}


@pytest.mark.parametrize("what,mode", [("file", 0o640), ("file", 0o604), ("folder", 0o755), ("folder", 0o710)])
def test_a_saved_sign_in_that_others_can_reach_is_refused(login, call, foreign, state_home, what, mode):
	signed_in(login, foreign, state_home)
	file = token_file(state_home)
	(file if what == "file" else file.parent).chmod(mode)
	done = call("--login", "work", "GET", foreign.url + "/api", check=False)
	assert done.returncode == 1 and "others" in done.stderr and not foreign.calls


def test_a_saved_sign_in_is_a_plain_file_of_a_plain_name(call, foreign, state_home, tmp_path):
	folder = token_file(state_home).parent
	folder.mkdir(parents=True)
	folder.chmod(0o700)
	(tmp_path / "elsewhere").write_text("{}")
	(tmp_path / "elsewhere").chmod(0o600)
	(folder / "link.json").symlink_to(tmp_path / "elsewhere")
	os.mkfifo(folder / "pipe.json", 0o600)
	(folder / "empty.json").touch(0o600)
	(folder / "large.json").touch(0o600)
	(folder / "large.json").write_text(" " * (1 << 18))
	for name in ("link", "pipe", "empty", "large", "absent"):
		assert call("--login", name, "GET", foreign.url + "/api", check=False).returncode == 1
	for name in ("../work", "a/b", "", ".hidden", "x" * 65):
		assert call("--login", name, "GET", foreign.url + "/api", check=False).returncode == 2
	assert not foreign.calls


def test_forget_revokes_the_refresh_token_and_deletes_the_file(login, foreign, state_home):
	document = signed_in(login, foreign, state_home)
	foreign.revocation_status = 503
	done = run("login", "--forget", "work", env={"XDG_STATE_HOME": str(state_home)}, check=False)
	assert done.returncode == 1 and token_file(state_home).exists()
	foreign.revocation_status = 200
	run("login", "--forget", "work", env={"XDG_STATE_HOME": str(state_home)})
	assert foreign.revoked == [document["refresh_token"]] * 2 and not token_file(state_home).exists()
	assert run("login", "--forget", "work", env={"XDG_STATE_HOME": str(state_home)}, check=False).returncode == 1


# ---- what comes back ----------------------------------------------------------------------------------------------------


def test_a_wrong_state_is_answered_400_and_the_login_goes_on_waiting(login, foreign):
	"""RFC 6749 §10.12: a code that somebody else's page sends is not taken."""
	one = login(*at(foreign))
	right = foreign.code_for(one.asked)
	state = right["state"]
	for wrong in ({**right, "state": state[:-1] + ("A" if state[-1] != "A" else "B")}, {**right, "state": state + "A"}, {**right, "state": ""},
	              {"code": right["code"]}, {**right, "state": [state, state]}, {**right, "code": [right["code"], "other"]},
	              {**right, "error": "access_denied"}, {"state": state}, {"error": "access_denied", "state": "wrong"}):
		reply = one.come_back(**wrong)
		assert reply.status_code == 400 and state not in reply.text and right["code"] not in reply.text, wrong
	assert one.process.poll() is None and not foreign.asked
	assert one.come_back(**right).status_code == 303
	one.end()


def test_a_refusal_is_told_in_the_servers_words(login, foreign):
	one = login(*at(foreign))
	reply = one.come_back(error="access_denied", error_description="no\x7f, thanks", state=one.asked["state"], iss=foreign.issuer)
	assert reply.status_code == 400  # a control character
	reply = one.come_back(error="access_denied", error_description="The person <b>said</b> no", state=one.asked["state"], iss=foreign.issuer)
	assert reply.status_code == 303
	assert "did not succeed" in one.page.text and "said" not in one.page.text
	out, said = one.end(1)
	assert "access_denied" in said and "The person <b>said</b> no" in said and not out and not foreign.asked


@pytest.mark.parametrize("promised", [True, None])
@pytest.mark.parametrize("kind", ["code", "error"])
def test_an_answer_of_another_issuer_is_thrown_away(login, foreign, promised, kind):
	"""RFC 9207 §2.4, A11 (mix-up): promised or not, an iss that is there must be the right one."""
	foreign.metadata = {"authorization_response_iss_parameter_supported": promised}
	one = login(*at(foreign))
	answer = foreign.code_for(one.asked) if kind == "code" else {"error": "server_error", "state": one.asked["state"]}
	assert one.come_back(**{**answer, "iss": foreign.issuer + "/"}).status_code == 303
	out, said = one.end(1)
	assert "another server" in said and "server_error" not in said and not foreign.asked and not out


def test_an_issuer_that_was_promised_must_be_there(login, foreign):
	"""RFC 9207 §2.4."""
	one = login(*at(foreign))
	answer = foreign.code_for(one.asked)
	del answer["iss"]
	one.come_back(**answer)
	assert "promises it" in one.end(1)[1] and not foreign.asked
	foreign.metadata = {"authorization_response_iss_parameter_supported": None}
	one = login(*at(foreign))
	answer = foreign.code_for(one.asked)
	del answer["iss"]
	one.come_back(**answer)
	assert one.end()[0].strip() in foreign.access_tokens


@pytest.mark.parametrize("changes,words", [
	({"issuer": "https://evil.example"}, "names another issuer"),
	({"issuer": None}, "names another issuer"),
	({"authorization_endpoint": None}, "no authorization_endpoint"),
	({"token_endpoint": None}, "no token_endpoint"),
	({"token_endpoint": "http://evil.example/t"}, "neither https nor on this machine"),
	({"revocation_endpoint": "http://evil.example/t"}, "neither https nor on this machine"),
	({"jwks_uri": "http://evil.example/t"}, "neither https nor on this machine"),
	({"authorization_endpoint": "https://a.example/$(touch x)"}, "no plain address"),
	({"authorization_endpoint": "javascript:alert(1)"}, "no plain address"),
	({"authorization_endpoint": "https://a.example/'x"}, "no plain address"),
])
def test_metadata_that_cannot_be_trusted_is_refused_before_anything_is_sent(login, foreign, changes, words):
	"""OpenID Connect Discovery §4.3, RFC 8414 §3.3."""
	foreign.metadata = changes
	one = login(*at(foreign))
	assert one.url is None
	assert words in one.end(1)[1]


@pytest.mark.parametrize("issuer,words", [
	("http://auth.example.test", "neither https nor on this machine"),
	("http://127.0.0.1@auth.example.test/", "neither https nor on this machine"),
	("ftp://127.0.0.1/", "an https address"),
	("auth.example.test", "an https address"),
	("https://auth.example.test/?x=1", "an https address"),
])
def test_an_issuer_must_be_https_or_on_this_machine(login, foreign, issuer, words):
	one = login("--issuer", issuer, "--client-id", "x", env={"http_proxy": foreign.url, "ftp_proxy": foreign.url})
	assert one.url is None
	assert words in one.end(1)[1]


def test_an_address_that_is_no_issuer_is_told(login, foreign):
	assert "404" in login("--issuer", foreign.url + "/nothing", "--client-id", "x").end(1)[1]


@pytest.mark.parametrize("claims,header,words", [
	({"nonce": "wrong"}, {}, "nonce"),
	({"nonce": None}, {}, "nonce"),
	({"aud": "another"}, {}, "aud"),
	({"aud": ["an id", "another"]}, {}, "aud"),
	({"aud": "an id", "azp": "another"}, {}, "aud"),
	({"iss": "https://evil.example"}, {}, "another issuer"),
	({"exp": 1}, {}, "expired"),
	({"exp": None}, {}, "expires"),
	({"iat": 9999999999, "exp": 99999999999}, {}, "future"),
	({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}, {}, "at_hash"),
	({"sub": None}, {}, "sub"),
	({}, {"typ": "at+jwt"}, "typ"),
	({}, {"alg": "none"}, "algorithm"),
	({}, {"alg": "HS256"}, "algorithm"),
	({}, {"kid": "k2"}, "key"),
])
def test_an_id_token_that_is_not_the_answer_is_refused_with_all_that_came(login, foreign, state_home, claims, header, words):
	"""OpenID Connect Core §3.1.3.7."""
	foreign.claims, foreign.header = claims, header
	one = login(*at(foreign), "--save", "work")
	assert "did not succeed" in follow(one).text
	out, said = one.end(1)
	assert "ID token is refused" in said and words in said and not out and not token_file(state_home).exists()


def test_an_id_token_signed_by_another_key_is_refused(login, foreign):
	foreign.signing_key = foreign.other_key
	one = login(*at(foreign))
	follow(one)
	assert "does not match the issuer's key" in one.end(1)[1]


def test_a_token_of_another_type_is_refused(login, foreign):
	"""RFC 6749 §7.1."""
	foreign.reply = {"token_type": "DPoP"}
	one = login(*at(foreign))
	follow(one)
	assert "DPoP" in one.end(1)[1]


def test_a_code_of_another_request_is_refused_by_the_server_and_told(login, foreign):
	"""A11: the verifier belongs to one request."""
	one, two = login(*at(foreign)), login(*at(foreign))
	stolen = foreign.code_for(one.asked)
	two.come_back(code=stolen["code"], state=two.asked["state"], iss=foreign.issuer)
	assert "invalid_grant" in two.end(1)[1]


def raw(login, data):
	"""Bytes to the loopback address; what it answers until it closes."""
	with socket.create_connection(("127.0.0.1", urlsplit(login.redirect_uri).port), timeout=DEADLINE_S) as connection:
		connection.sendall(data)
		answer = b""
		while True:
			try:
				part = connection.recv(65536)
			except ConnectionResetError:
				return answer
			if not part:
				return answer
			answer += part


def test_hostile_bytes_at_the_loopback_address_are_refused_and_it_goes_on_waiting(login, foreign):
	"""A9, A15."""
	one = login(*at(foreign))
	port = urlsplit(one.redirect_uri).port
	host = f"Host: 127.0.0.1:{port}\r\n"
	good = urlencode(foreign.code_for(one.asked))
	for status, data in [
		(400, b"GET /callback?" + good.encode() + b" HTTP/2.0\r\n" + host.encode() + b"\r\n"),
		(400, f"GET /callback?{good} HTTP/1.1\n{host}\r\n\r\n".encode()),
		(400, f"GET /callback?{good}\0 HTTP/1.1\r\n{host}\r\n".encode()),
		(400, f"GET /callback?{good} HTTP/1.1\r\n{host}X: a\0b\r\n\r\n".encode()),
		(400, f"GET /callback?{good}&x=%00 HTTP/1.1\r\n{host}\r\n".encode()),
		(400, f"GET /callback?{good}&x=%zz HTTP/1.1\r\n{host}\r\n".encode()),
		(400, f"GET http://127.0.0.1:{port}/callback?{good} HTTP/1.1\r\n{host}\r\n".encode()),
		(400, b"\x16\x03\x01\x02\x00\x01\r\n\r\n"),
		(400, b"A" * 16384),
		(404, f"GET /callback?{good} HTTP/1.1\r\nHost: evil.example:{port}\r\n\r\n".encode()),
		(404, f"GET /callback?{good} HTTP/1.1\r\n{host}{host}\r\n".encode()),
		(404, f"GET /callback?{good} HTTP/1.1\r\n\r\n".encode()),
		(404, f"POST /callback?{good} HTTP/1.1\r\n{host}Content-Length: 0\r\n\r\n".encode()),
		(404, f"HEAD /callback?{good} HTTP/1.1\r\n{host}\r\n".encode()),
		(404, f"GET / HTTP/1.1\r\n{host}\r\n".encode()),
		(404, f"GET /done HTTP/1.1\r\n{host}\r\n".encode()),
		(404, f"GET /callback/?{good} HTTP/1.1\r\n{host}\r\n".encode()),
		(404, f"GET //callback?{good} HTTP/1.1\r\n{host}\r\n".encode()),
		(404, f"GET /%63allback?{good} HTTP/1.1\r\n{host}\r\n".encode()),
		(404, f"GET /favicon.ico?<script> HTTP/1.1\r\n{host}\r\n".encode()),
	]:
		answer = raw(one, data)
		assert answer.startswith(f"HTTP/1.1 {status} ".encode()), (data, answer)
		assert b"<script" not in answer
	assert one.process.poll() is None and not foreign.asked
	follow(one)
	one.end()


def test_silent_connections_do_not_keep_the_browser_out(login, foreign):
	"""A16: browsers open connections ahead and send nothing on them."""
	one = login(*at(foreign))
	port = urlsplit(one.redirect_uri).port
	silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(24)]
	silent[-1].sendall(b"GET /call")
	follow(one)
	one.end()
	for connection in silent:
		connection.close()


def test_a_browser_that_does_not_ask_for_the_last_page_is_not_waited_for_long(login, foreign):
	one = login(*at(foreign))
	get(one.redirect_uri + "?" + urlencode(foreign.code_for(one.asked)))
	one.end(timeout=10)


def test_a_slow_browser_is_heard_to_the_end(login, foreign):
	one = login(*at(foreign))
	port = urlsplit(one.redirect_uri).port
	text = f"GET /callback?{urlencode(foreign.code_for(one.asked))} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: a=b\r\n\r\n".encode()
	with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_S) as connection:
		connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
		for at_byte in range(len(text)):
			connection.sendall(text[at_byte:at_byte + 1])
		assert connection.recv(65536).startswith(b"HTTP/1.1 303 See Other\r\nLocation: /done\r\n")
	one.end()


def test_nobody_coming_back_ends_after_the_timeout(login, foreign):
	one = login(*at(foreign), "--timeout", "1")
	out, said = one.end(1)
	assert "--timeout" in said and one.redirect_uri in said and "redirect address" in said


def test_the_port_and_path_can_be_fixed(login, foreign):
	with socket.socket() as free:
		free.bind(("127.0.0.1", 0))
		port = free.getsockname()[1]
		free.listen()
		taken = login(*at(foreign), "--port", port)
		assert taken.url is None and "in use" in taken.end(1)[1]
	one = login(*at(foreign), "--port", port, "--redirect-path", "/a/cb")
	assert one.redirect_uri == f"http://127.0.0.1:{port}/a/cb"
	follow(one)
	one.end()


# ---- the browser --------------------------------------------------------------------------------------------------------


def script(path, text):
	path.write_text("#!/bin/sh\n" + text)
	path.chmod(0o755)
	return path


def test_the_browser_gets_the_address_as_one_argument_and_no_secret(login, foreign, tmp_path):
	"""No shell between; nothing that the browser prints or reads is ours."""
	file = tmp_path / "seen"
	browser = script(tmp_path / "a-browser", f'{{ echo "$#"; echo "$1"; echo "$2"; env; cat; echo end; }} > {file}.new; echo loud; echo loud >&2; mv {file}.new {file}\n')
	one = login(*at(foreign), browser=True, env={"BROWSER": f"/no/such/browser:{browser} --new %s", "WRIT_CLIENT_SECRET": SECRET, "WRIT_TOKEN": "t0ken"})
	deadline = time.monotonic() + DEADLINE_S
	while not file.exists() and time.monotonic() < deadline:
		time.sleep(0.01)
	seen = file.read_text().splitlines()
	assert seen[:3] == ["2", "--new", one.url] and seen[-1] == "end"
	assert SECRET not in "\n".join(seen) and "t0ken" not in "\n".join(seen)
	follow(one)
	out, said = one.end()
	assert "loud" not in out + said


def test_without_a_browser_the_address_is_shown(login, foreign):
	one = login(*at(foreign), browser=True, env={"BROWSER": "/no/such/browser"})
	follow(one)
	assert "No browser could be started" in one.end()[1]


@pytest.mark.parametrize("arguments", [
	[],
	["--issuer", "http://127.0.0.1:1"],
	["--client-id", "x"],
	["--issuer", "http://127.0.0.1:1", "--server", "http://127.0.0.1:1", "--client-id", "x"],
	["--server", "http://127.0.0.1:1", "--client-id", "x"],
	["--server", "http://127.0.0.1:1", "--partition", "A", "--realm", "nobody", "--client-id", "x"],
	["--issuer", "http://127.0.0.1:1", "--client-id", "x", "--timeout", "0"],
	["--issuer", "http://127.0.0.1:1", "--client-id", "x", "--port", "65536"],
	["--issuer", "http://127.0.0.1:1", "--client-id", "x", "--redirect-path", "cb"],
	["--issuer", "http://127.0.0.1:1", "--client-id", "x", "--redirect-path", "/done"],
	["--issuer", "http://127.0.0.1:1", "--client-id", "x", "--redirect-path", "/a?b"],
	["--issuer", "http://127.0.0.1:1", "--client-id", "x", "--save", "../x"],
	["--save", "a", "--forget", "a"],
])
def test_missing_or_doubled_options_are_wrong_usage(login, arguments):
	"""Contract §9: 2 wrong usage."""
	out, said = login(*arguments).end(2)
	assert not out and len(said.strip().splitlines()) == 1


# ---- writ itself --------------------------------------------------------------------------------------------------------

TOOL, DESK = "tool-0001", d.Client("desk-0001", d.secret_of("desk"))
PASSWORD = "a-test-password-1"


@pytest.fixture(scope="module")
def own_server(tmp_path_factory):
	"""writ with its own address as issuer, people with passwords, and a program that keeps no secret (spa)."""
	document = {"partitions": [{
		"id": "ACME",
		"name": "Acme",
		"permissions": [{"name": d.READ, "description": "Read articles"}, {"name": d.MANAGE, "description": "Change articles"}],
		"users": [{"id": "1001", "username": "pa", "password": PASSWORD, "claims": {"name": "Pat Agent"}}],
		"customers": [{"id": "c-1", "email": "jane@example.com", "password": PASSWORD, "claims": {"name": "Jane Customer"}}],
		"client_applications": [
			{"name": "Tool", "client_id": TOOL, "platform": "spa", "redirect_urls": ["http://127.0.0.1/callback"], "permissions": [d.READ], "refresh_tokens": True,
			 "access_token_seconds": 60},
			d.application(DESK, "Desk", [d.READ], redirect_urls=["http://127.0.0.1/callback"], consent="implied", refresh_tokens=True),
		],
	}]}
	store = Store(tmp_path_factory.mktemp("own"))
	store.apply(document)
	with Server(store) as running:
		yield running


def form_of(page):
	"""The one form for the attempt: where it goes, and its hidden field."""
	action = re.search(r'<form[^>]*\baction="([^"]+)"', page.text)
	attempt = re.search(r'name="attempt"[^>]*value="([^"]+)"', page.text)
	assert action and attempt, page.text
	return urljoin(page.url, html.unescape(action[1])), {"attempt": html.unescape(attempt[1])}


def person_signs_in(login, username, decision="allow"):
	"""The person in front of the browser: name, password, and consent where it is asked for. The last page."""
	with requests.Session() as session:
		session.trust_env = False
		page = session.get(login.url, timeout=DEADLINE_S)
		assert 'id="sign-in"' in page.text, page.text
		action, fields = form_of(page)
		page = session.post(action, data={**fields, "username": username, "password": PASSWORD}, timeout=DEADLINE_S)
		if 'id="consent"' in page.text:
			action, fields = form_of(page)
			page = session.post(action, data={**fields, "decision": decision}, timeout=DEADLINE_S)
		return page


def at_own(server, realm, client=TOOL):
	return ["--server", server.url, "--partition", "ACME", "--realm", realm, "--client-id", client, "--scope", f"openid profile email offline_access {d.READ}"]


@pytest.mark.parametrize("realm,username,person", [("user", "pa", "1001"), ("customer", "jane@example.com", "c-1")])
def test_a_person_signs_in_at_writ_and_calls_an_api_for_as_long_as_the_sign_in_lasts(own_server, foreign, login, call, state_home, realm, username, person):
	"""Issue 3, 6: writ login, writ call, refresh; contract §3: the rotated token works and the tokens name the person."""
	one = login(*at_own(own_server, realm), "--save", "work")
	page = person_signs_in(one, username)
	assert page.status_code == 200 and page.url.endswith("/done") and "signed in" in page.text, page.text
	out, said = one.end()
	assert username in out and d.READ in out
	first = saved(state_home)
	userinfo = own_server.realm("ACME", "U" if realm == "user" else "C") + "/oauth2/userinfo"
	assert json.loads(call("--login", "work", "GET", userinfo).stdout)["sub"] == person
	for _ in range(3):
		before = saved(state_home)
		make_old(state_home)
		assert json.loads(call("--login", "work", "GET", userinfo).stdout)["sub"] == person
		assert saved(state_home)["refresh_token"] != before["refresh_token"]
	call("--login", "work", "GET", foreign.url + "/api", check=False)
	token = foreign.calls[-1][1]["Authorization"].split()[1]
	assert token == saved(state_home)["access_token"] != first["access_token"]
	assert jwt.decode(token, options={"verify_signature": False})["sub"] == person


def test_a_web_application_signs_in_at_writ_and_explains_its_token(own_server, login, tmp_path):
	(tmp_path / "secret").write_text(DESK.secret)
	one = login(*at_own(own_server, "user", DESK.id), "--client-secret-file", tmp_path / "secret", "--decode")
	person_signs_in(one, "pa")
	out = one.end()[0]
	assert "signature: good" in out and "1001" in out and "it speaks for a user" in out


def test_a_person_who_denies_is_told_so_at_the_terminal(own_server, login, state_home):
	one = login(*at_own(own_server, "user"), "--save", "work")
	page = person_signs_in(one, "pa", "deny")
	assert "did not succeed" in page.text
	out, said = one.end(1)
	assert "access_denied" in said and not out and not token_file(state_home).exists()


def test_a_forgotten_sign_in_is_over_at_the_server_too(own_server, login, call, state_home):
	"""Contract §3: revoking a refresh token ends its gid."""
	one = login(*at_own(own_server, "user"), "--save", "work")
	person_signs_in(one, "pa")
	one.end()
	copy = token_file(state_home).read_text()
	userinfo = own_server.realm("ACME") + "/oauth2/userinfo"
	call("--login", "work", "GET", userinfo)
	run("login", "--forget", "work", env={"XDG_STATE_HOME": str(state_home)})
	token_file(state_home).touch(0o600)
	token_file(state_home).write_text(copy)
	done = call("--login", "work", "GET", userinfo, check=False)
	assert done.returncode == 1 and "401" in done.stderr and "writ login --save work" in done.stderr
	make_old(state_home)
	done = call("--login", "work", "GET", userinfo, check=False)
	assert done.returncode == 1 and "writ login --save work" in done.stderr and "invalid_grant" in done.stderr


def test_a_refresh_token_used_elsewhere_ends_the_sign_in_and_call_says_so(own_server, login, call, state_home):
	"""A12: whoever copied the file and refreshed past the grace is noticed; the owner is told what to do."""
	one = login(*at_own(own_server, "user"), "--save", "work")
	person_signs_in(one, "pa")
	one.end()
	document = saved(state_home)
	token = document["refresh_token"]
	for _ in range(2):  # the successor is used: the first is no sibling any more
		reply = request("POST", document["token_endpoint"], data={"grant_type": "refresh_token", "refresh_token": token, "client_id": TOOL})
		assert reply.status_code == 200, reply.text
		token = reply.json()["refresh_token"]
	make_old(state_home)
	done = call("--login", "work", "GET", own_server.realm("ACME") + "/oauth2/userinfo", check=False)
	assert done.returncode == 1 and "writ login --save work" in done.stderr


def test_an_unregistered_redirect_address_is_told_by_writ_and_the_login_says_what_to_look_at(own_server, login):
	one = login(*at_own(own_server, "user"), "--redirect-path", "/other", "--timeout", "1")
	assert get(one.url).status_code == 400
	assert "registered as a redirect address" in one.end(1)[1]
