"""make interop: real client libraries, unmodified, against a running writ. Prints what works with which; README.md says how."""

import collections
import concurrent.futures
import contextlib
import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from certificate import make as make_certificate  # noqa: E402
from clients import CLIENTS, DISCOVERY, ID_TOKEN, RESPONSE  # noqa: E402
from impostor import impostor  # noqa: E402
from requirements import missing  # noqa: E402
from support.browser import Browser  # noqa: E402
from support.nginx import Nginx  # noqa: E402
from support.program import Server, Store, find_binary, get, request  # noqa: E402

PATIENCE_S = 60
PARTITION = "TMPRODB88619984"
REDIRECT_URI = "http://127.0.0.1:5999/callback"  # nobody listens there: the person brings what was sent to it
# Two sites, for what cookies do between them: where browsers find writ, and the pages that sign in there. Only clients/chromium.py can resolve them.
SERVER_HOST, PAGE_HOST = "auth.test-writ.example", "app.test-portal.example"
SCOPE = "openid profile email offline_access knowledge.portalmgr.read"
RUNNERS = {".mjs": ["node"], ".py": [sys.executable]}  # .go: built by run into .go/, named as its folder
NO_PROXY = {"no_proxy": "127.0.0.1,localhost", "NO_PROXY": "127.0.0.1,localhost"}
OWN_TRUST = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")  # would win over what a client is told to trust

# From examples/demo.yaml.
Application = collections.namedtuple("Application", "client_id secret after_logout")
APPLICATIONS = {
	"web": Application("b4b2c1d9-4c19-4e8a-8e7a-9a0b1c2d3e4f", "aBcDeFgHiJkLmNoPqRsTuVwXyZ12345_67890-AbCdEfGh", "http://localhost:8080/"),
	"spa": Application("3f8d5c52-6f0e-4d0b-9a53-0d1c7be4a6f1", None, "http://localhost:5173/"),
}
RealmPerson = collections.namedtuple("RealmPerson", "letter name password subject email")
REALMS = {
	"user": RealmPerson("U", "agent", "demo-agent-password", "1002", "agent@example.com"),
	"customer": RealmPerson("C", "jane@example.com", "demo-jane-password", "2001", "jane@example.com"),
}


class Failure(Exception):
	"""Says in one sentence what should have been."""


def insist(condition, sentence, seen=None):
	if not condition:
		raise Failure(sentence if seen is None else f"{sentence}: {json.dumps(seen)[:600]}")


class Program:
	"""A client program under way; one command at a time."""

	def __init__(self, client):
		self.says = client.says
		path = HERE / "clients" / client.program
		command = [str(HERE / ".go" / path.parent.name)] if path.suffix == ".go" else [*RUNNERS[path.suffix], str(path)]
		self.log = tempfile.TemporaryFile("w+", errors="replace")
		self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True, cwd=HERE,
		                                env={**{name: value for name, value in os.environ.items() if name not in OWN_TRUST}, **NO_PROXY})

	def __enter__(self):
		return self

	def __exit__(self, *_):
		with contextlib.suppress(OSError):
			self.process.stdin.close()
		try:
			self.process.wait(5)
		except subprocess.TimeoutExpired:
			self.process.kill()
			self.process.wait()
		self.process.stdout.close()
		self.log.close()

	def ask(self, verb, **fields):
		"""The answer, a refusal too."""
		watchdog = threading.Timer(PATIENCE_S, self.process.kill)
		watchdog.start()
		try:
			self.process.stdin.write(json.dumps({"verb": verb, **fields}) + "\n")
			self.process.stdin.flush()
			line = self.process.stdout.readline()
		except OSError:
			line = ""
		finally:
			watchdog.cancel()
		if not line:
			self.log.seek(0)
			raise Failure(f"the client program ended or was silent for {PATIENCE_S} s at {verb}: {self.log.read().strip()[-600:]}")
		return json.loads(line)

	def do(self, verb, **fields):
		answer = self.ask(verb, **fields)
		insist("refused" not in answer, f"the client refused to {verb}", answer)
		return answer

	def refuse(self, what, verb, **fields):
		"""The client must refuse, and because of the issuer."""
		answer = self.ask(verb, **fields)
		insist("refused" in answer, f"the client accepted {what}")
		insist(re.search(self.says, answer["refused"], re.IGNORECASE), f"the client refused {what} for another reason", answer)


def with_parameter(url, name, value):
	"""The address with that parameter changed, or taken out when value is None."""
	parts = urlsplit(url)
	pairs = [(key, old) for key, old in parse_qsl(parts.query, keep_blank_values=True) if key != name]
	return urlunsplit(parts._replace(query=urlencode(pairs + ([] if value is None else [(name, value)]))))


class Row:
	"""One client library on one platform at one realm, column by column."""

	def __init__(self, client, platform, realm, place):
		self.client, self.platform, self.realm, self.place = client, platform, realm, place
		who = self.who = REALMS[realm]
		self.issuer = place.issuer(who.letter)
		self.reached = place.server.realm(PARTITION, who.letter)  # the same realm, where this program finds it
		self.browser = Browser(place.server)
		application = APPLICATIONS[platform]
		self.settings = {"issuer": self.issuer, "client_id": application.client_id, "client_secret": application.secret,
		                 "redirect_uri": client.redirect_uri or REDIRECT_URI, "post_logout_redirect_uri": application.after_logout, "scope": SCOPE, "ca_file": place.ca_file}
		if place.named:
			self.settings.update(place.page())

	def has(self, column):
		return column not in self.client.lacks

	def visit(self, url):
		"""The person follows the client's link, signs in and allows where that is asked; gives the address they are sent back to."""
		page = self.browser.get(url)
		if page.shows("sign-in"):
			page = self.browser.sign_in(page, self.who.name, self.who.password)
		if page.shows("consent"):
			page = self.browser.decide(page)
		insist(page.location, f"the person should be sent back, but sees HTTP {page.status}", page.text)
		insist(page.location.startswith(self.settings["redirect_uri"] + "?"), "the person should be sent back to the redirect address", page.location)
		return page.location

	def ask_userinfo(self):
		"""Userinfo, as the API of somebody else would ask it with this access token."""
		return get(f"{self.reached}/oauth2/userinfo", headers={"Authorization": f"Bearer {self.tokens['access_token']}"})

	def ask_refresh(self):
		"""The refresh token, used by whoever got hold of it and of the client's secret."""
		credentials = {name: value for name, value in self.settings.items() if name in ("client_id", "client_secret") and value}
		fields = {"grant_type": "refresh_token", "refresh_token": self.tokens["refresh_token"], **credentials}
		return request("POST", f"{self.reached}/oauth2/token", data=fields).json()

	def discovery(self, program):
		found = program.do("discover", **self.settings)
		right = {"issuer": self.issuer, **{f"{name}_endpoint": f"{self.issuer}/oauth2/{path}" for name, path in (("authorization", "authorize"), ("token", "token"))}}
		if self.has("discovery"):
			insist(found and found.items() <= right.items(), "the client should know issuer and endpoints", found)

	def sign_in(self, program):
		if self.client.browses:
			answer = program.do("sign_in", name=self.who.name, password=self.who.password)
		else:
			answer = program.do("finish", callback=self.visit(program.do("begin")["url"]))
		self.tokens = answer["tokens"]
		insist(set(SCOPE.split()) == set(self.tokens["scope"].split()), "all that was asked for should be granted", self.tokens["scope"])
		insist(self.tokens.get("refresh_token") and self.tokens.get("id_token"), "there should be a refresh token and an ID token", sorted(self.tokens))
		subject = self.ask_userinfo().json()["sub"] if answer["claims"] is None else answer["claims"]["sub"]
		insist(subject == self.who.subject, "the tokens should name the person", subject)

	def refresh(self, program):
		fresh = program.do("refresh")["tokens"]
		for name in ("access_token", "refresh_token"):
			insist(fresh[name] != self.tokens[name], f"refreshing should give another {name}")
		self.tokens = fresh
		if self.client.browses:
			renewed = program.do("renew")["tokens"]
			insist(renewed["access_token"] != fresh["access_token"], "silent renewal in a frame should give another access token")
			self.tokens = renewed

	def userinfo(self, program):
		claims = program.do("userinfo")["claims"]
		insist((claims["sub"], claims["email"]) == (self.who.subject, self.who.email), "userinfo should name the person", claims)

	def revoke(self, program):
		program.do("revoke")
		answer = self.ask_refresh()
		insist(answer.get("error") == "invalid_grant", "a revoked refresh token should be refused with invalid_grant", answer)
		status = self.ask_userinfo().status_code
		insist(status == 401, "an access token of a revoked grant should be refused with 401", status)

	def _sign_out(self, program):
		"""(where they were sent then, whether signing in again asks for the password)"""
		if self.client.browses:
			answer = program.do("sign_out")
			return answer["back"], answer["asked"]
		page = self.browser.get(program.do("logout")["url"])
		insist(page.location, f"the person should be sent back to the application, but sees HTTP {page.status}", page.text)
		again = self.browser.get(program.do("begin")["url"])
		return page.location, again.shows("sign-in")

	def logout(self, program):
		back, asked = self._sign_out(program)
		insist(back.partition("?")[0] == self.settings["post_logout_redirect_uri"], "they should come back where the application asked for", back)
		insist(asked, "who signed out should be asked for the password again")

	def _callback(self, program, **changed):
		program.do("discover", **{**self.settings, **changed})
		return self.visit(program.do("begin")["url"])

	def wrong_issuer(self, _):
		name = f"{self.platform}-{self.realm}"
		metadata = get(f"{self.reached}/.well-known/openid-configuration").json()
		mixed_up = self.place.other.pose(f"mixed-up-{name}", metadata)
		silent = self.place.other.pose(f"silent-{name}", metadata, authorization_response_iss_parameter_supported=None)
		if ID_TOKEN in self.client.refuses:
			with Program(self.client) as program:
				program.refuse("an answer of another issuer", "finish", callback=self._callback(program, issuer=mixed_up))
			with Program(self.client) as program:
				callback = with_parameter(self._callback(program, issuer=silent), "iss", None)
				program.refuse("an ID token of another issuer", "finish", callback=callback)
		if RESPONSE in self.client.refuses:
			with Program(self.client) as program:
				callback = with_parameter(self._callback(program), "iss", mixed_up)
				program.refuse("an authorization response with another iss", "finish", callback=callback)
		if DISCOVERY in self.client.refuses:
			liar = self.place.other.pose(f"liar-{name}", metadata, issuer=self.issuer)
			elsewhere = {**self.settings, **(self.place.page() if self.client.browses else {})}  # the first page is still there
			with Program(self.client) as program:
				program.do("discover", **{**elsewhere, "issuer": mixed_up})  # the same document, with its own name
			with Program(self.client) as program:
				program.refuse("a discovery document that names another issuer", "discover", **{**elsewhere, "issuer": liar})

	COLUMNS = {"discovery": discovery, "sign-in": sign_in, "refresh": refresh, "userinfo": userinfo, "revoke": revoke, "logout": logout,
	           "wrong issuer": wrong_issuer}

	def run(self):
		"""What went wrong, by column; each column builds on those before it, "wrong issuer" on discovery alone."""
		wrong = {}
		with Program(self.client) as program:
			for column, step in self.COLUMNS.items():
				if not self.has(column) and column != "discovery":  # which configures the client, too
					continue
				if wrong and not (column == "wrong issuer" and "discovery" not in wrong):
					wrong[column] = None
					continue
				try:
					step(self, program)
				except (Failure, AssertionError) as error:
					wrong[column] = str(error)
				except (OSError, KeyError, ValueError) as error:
					wrong[column] = f"{type(error).__name__}: {error}"
		return wrong


def cell(client, column, wrong):
	if column in wrong:
		return "FAILED" if wrong[column] else "?"  # ?: not reached
	return "-" if column in client.lacks else "ok"


def table(rows):
	"""rows: (client, platform, realm, what went wrong by column)."""
	columns = list(Row.COLUMNS)
	yield " ".join([f"{'client':<26}{'platform':<10}{'realm':<10}", *(f"{column:<12}" for column in columns)]).rstrip()
	for client, platform, realm, wrong in rows:
		yield " ".join([f"{client.name:<26}{platform:<10}{realm:<10}", *(f"{cell(client, column, wrong):<12}" for column in columns)]).rstrip()


def complaints(rows):
	for client, platform, realm, wrong in rows:
		for column, sentence in wrong.items():
			if sentence:
				yield f"\n{client.name}, {platform}, {realm}, {column}: {sentence}"


def count(rows):
	"""(passed, failed): cells, those left out that the library has nothing for."""
	cells = [cell(client, column, wrong) for client, _, _, wrong in rows for column in Row.COLUMNS]
	return cells.count("ok"), cells.count("FAILED") + cells.count("?")


def lines_of(clients):
	"""(client, platform, realm) of each line of the table."""
	return [(client, platform, realm) for client in clients for platform in client.platforms for realm in REALMS]


class Place:
	"""A writ with the demo, and an impostor; over https with a certificate of this run. named: writ has a name, on another site than pages.
	proxied: nginx has the certificate, and writ behind it speaks plain http."""

	def __init__(self, over_https, named, proxied):
		self.ca_file = self.key_file = None
		self.over_https, self.named, self.proxied = over_https, named, proxied
		self.registering = threading.Lock()

	def __enter__(self):
		with contextlib.ExitStack() as stack:
			folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="writ-interop-")))
			options, port = ["--demo"], 0
			if self.over_https:
				self.ca_file, self.key_file = map(str, make_certificate(folder, SERVER_HOST, PAGE_HOST))
				options += ["--tls-certificate", self.ca_file, "--tls-key", self.key_file]
			if self.named:
				port = free_port()
				options += ["--auth-url", f"https://{SERVER_HOST}:{port}", "--allow-demo-secrets"]
			front = stack.enter_context(Nginx(self.ca_file, self.key_file, self.ca_file)) if self.proxied else None
			if front:
				options = ["--demo", *front.options]
			self.server = stack.enter_context(Server(Store(folder), *options, listen=f"127.0.0.1:{port}", cwd=folder, ca_file=None if front else self.ca_file))
			if front:
				front.start(self.server)
			self.other = stack.enter_context(impostor(self.ca_file, self.key_file))
			self._stack = stack.pop_all()
		return self

	def __exit__(self, *details):
		return self._stack.__exit__(*details)

	def issuer(self, letter):
		"""As clients know it."""
		issuer = self.server.realm(PARTITION, letter)
		return issuer.replace("127.0.0.1", SERVER_HOST, 1) if self.named else issuer

	def page(self):
		"""A single page application on another site; over https, so that consent is remembered, which a silent renewal needs."""
		port, client_id = free_port(), str(uuid.uuid4())
		address = f"https://{PAGE_HOST}:{port}"
		application = {"name": f"Page {port}", "client_id": client_id, "platform": "spa", "redirect_urls": [address + "/callback"],
		               "post_logout_redirect_urls": [address + "/bye", address + "/callback"], "permissions": ["knowledge.portalmgr.read"], "consent": "ask"}
		with self.registering:
			self.server.store.apply({"partitions": [{"id": PARTITION, "client_applications": [application]}]})
		return {"client_id": client_id, "redirect_uri": address + "/callback", "post_logout_redirect_uri": address + "/bye", "key_file": self.key_file}


def free_port():
	with socket.socket() as listener:
		listener.bind(("127.0.0.1", 0))
		return listener.getsockname()[1]


def run_line(line, place):
	client, platform, realm = line
	print(f"{client.name}, {platform}, {realm} …", file=sys.stderr, flush=True)
	return client, platform, realm, Row(client, platform, realm, place).run()


def run(clients):
	rows = []
	for over_https, named, proxied in ((False, False, False), (True, False, False), (True, True, False), (True, False, True)):
		lines = lines_of(client for client in clients if (client.over_https, client.browses and client.over_https, client.proxied) == (over_https, named, proxied))
		if lines:
			with Place(over_https, named, proxied) as here, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as at_once:
				rows += at_once.map(lambda line, here=here: run_line(line, here), lines)
	return sorted(rows, key=lambda row: clients.index(row[0]))


def main():
	if find_binary() is None:
		print("interop: no writ binary: build it with `make` or name it in WRIT_BINARY", file=sys.stderr)
		return 1
	chosen = [client for client in CLIENTS if not sys.argv[1:] or any(word.lower() in client.name.lower() for word in sys.argv[1:])]
	absent = {client.name: missing(client) for client in chosen if missing(client)}
	started = time.monotonic()
	rows = run([client for client in chosen if client.name not in absent])
	print("\n".join([*table(rows), *complaints(rows)]))
	for name, words in absent.items():
		print(f"\nskipped: {name}, which needs {words}")
	passed, failed = count(rows)
	print(f"\n{time.monotonic() - started:.0f} s\n{passed} passed, {failed} failed")
	return 0 if passed and not failed else 1


if __name__ == "__main__":
	sys.exit(main())
