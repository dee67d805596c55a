"""make interop: real client libraries, unmodified, against a running writ. Prints what works with which; README.md says how."""

import collections
import contextlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from clients import CLIENTS, DISCOVERY, RESPONSE  # noqa: E402
from impostor import impostor  # noqa: E402
from support.browser import Browser  # noqa: E402
from support.program import Server, Store, find_binary, get  # noqa: E402

PATIENCE_S = 30
PARTITION = "TMPRODB88619984"
REDIRECT_URI = "http://127.0.0.1:5999/callback"  # nobody listens there: the person brings what was sent to it
SCOPE = "openid profile email offline_access knowledge.portalmgr.read"
RUNNERS = {".mjs": ["node"], ".py": [sys.executable]}

# From examples/demo.yaml.
APPLICATIONS = {
	"web": ("b4b2c1d9-4c19-4e8a-8e7a-9a0b1c2d3e4f", "aBcDeFgHiJkLmNoPqRsTuVwXyZ12345_67890-AbCdEfGh"),
	"spa": ("3f8d5c52-6f0e-4d0b-9a53-0d1c7be4a6f1", None),
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
		path = HERE / "clients" / client.program
		self.log = tempfile.TemporaryFile("w+", errors="replace")
		self.process = subprocess.Popen([*RUNNERS[path.suffix], str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log,
		                                text=True, cwd=HERE)

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
		insist(re.search(r"\biss(uer)?\b", answer["refused"], re.IGNORECASE), f"the client refused {what} for another reason", answer)


def with_parameter(url, name, value):
	"""The address with that parameter changed, or taken out when value is None."""
	parts = urlsplit(url)
	pairs = [(key, old) for key, old in parse_qsl(parts.query, keep_blank_values=True) if key != name]
	return urlunsplit(parts._replace(query=urlencode(pairs + ([] if value is None else [(name, value)]))))


class Row:
	"""One client library on one platform at one realm, column by column."""

	def __init__(self, client, platform, realm, server, other):
		self.client, self.platform, self.realm, self.other = client, platform, realm, other
		who = self.who = REALMS[realm]
		self.issuer = server.realm(PARTITION, who.letter)
		self.browser = Browser(server)
		client_id, secret = APPLICATIONS[platform]
		self.settings = {"issuer": self.issuer, "client_id": client_id, "client_secret": secret, "redirect_uri": REDIRECT_URI, "scope": SCOPE}

	def visit(self, url):
		"""The person follows the client's link, signs in and allows where that is asked; gives the address they are sent back to."""
		page = self.browser.get(url)
		if page.shows("sign-in"):
			page = self.browser.sign_in(page, self.who.name, self.who.password)
		if page.shows("consent"):
			page = self.browser.decide(page)
		insist(page.location, f"the person should be sent back, but sees HTTP {page.status}", page.text)
		insist(page.location.startswith(REDIRECT_URI + "?"), "the person should be sent back to the redirect address", page.location)
		return page.location

	def discovery(self, program):
		found = program.do("discover", **self.settings)
		insist(found["issuer"] == self.issuer, "the client should know the issuer", found)
		insist(found["token_endpoint"] == f"{self.issuer}/oauth2/token", "the client should know the token endpoint", found)

	def sign_in(self, program):
		answer = program.do("finish", callback=self.visit(program.do("begin")["url"]))
		insist(answer["claims"]["sub"] == self.who.subject, "the ID token should name the person", answer["claims"])
		self.tokens = answer["tokens"]
		insist(set(SCOPE.split()) == set(self.tokens["scope"].split()), "all that was asked for should be granted", self.tokens["scope"])
		insist(self.tokens.get("refresh_token") and self.tokens.get("id_token"), "there should be a refresh token and an ID token", sorted(self.tokens))

	def refresh(self, program):
		fresh = program.do("refresh")["tokens"]
		for name in ("access_token", "refresh_token"):
			insist(fresh[name] != self.tokens[name], f"refreshing should give another {name}")
		self.tokens = fresh

	def userinfo(self, program):
		claims = program.do("userinfo")["claims"]
		insist((claims["sub"], claims["email"]) == (self.who.subject, self.who.email), "userinfo should name the person", claims)

	def revoke(self, program):
		program.do("revoke")
		answer = program.ask("refresh")
		insist(answer.get("error") == "invalid_grant", "a revoked refresh token should be refused with invalid_grant", answer)
		answer = program.ask("userinfo")
		insist(answer.get("status") == 401, "an access token of a revoked grant should be refused with 401", answer)

	def _callback(self, program, **changed):
		program.do("discover", **{**self.settings, **changed})
		return self.visit(program.do("begin")["url"])

	def wrong_issuer(self, _):
		name = f"{self.platform}-{self.realm}"
		metadata = get(f"{self.issuer}/.well-known/openid-configuration").json()
		mixed_up = self.other.pose(f"mixed-up-{name}", metadata)
		silent = self.other.pose(f"silent-{name}", metadata, authorization_response_iss_parameter_supported=None)
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
			liar = self.other.pose(f"liar-{name}", metadata, issuer=self.issuer)
			with Program(self.client) as program:
				program.refuse("a discovery document that names another issuer", "discover", **{**self.settings, "issuer": liar})

	COLUMNS = {"discovery": discovery, "sign-in": sign_in, "refresh": refresh, "userinfo": userinfo, "revoke": revoke, "wrong issuer": wrong_issuer}

	def run(self):
		"""What went wrong, by column; each column builds on those before it, "wrong issuer" on discovery alone."""
		wrong = {}
		with Program(self.client) as program:
			for column, step in self.COLUMNS.items():
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


def table(rows):
	"""rows: (client, platform, realm, what went wrong by column)."""
	columns = list(Row.COLUMNS)
	yield " ".join([f"{'client':<24}{'platform':<10}{'realm':<10}", *(f"{column:<12}" for column in columns)]).rstrip()
	for client, platform, realm, wrong in rows:
		cells = ("ok" if column not in wrong else "FAILED" if wrong[column] else "-" for column in columns)
		yield " ".join([f"{client.name:<24}{platform:<10}{realm:<10}", *(f"{cell:<12}" for cell in cells)]).rstrip()
	for client, platform, realm, wrong in rows:
		for column, sentence in wrong.items():
			if sentence:
				yield f"\n{client.name}, {platform}, {realm}, {column}: {sentence}"


def main():
	if find_binary() is None:
		print("interop: no writ binary: build it with `make` or name it in WRIT_BINARY", file=sys.stderr)
		return 1
	chosen = [client for client in CLIENTS if not sys.argv[1:] or any(word.lower() in client.name.lower() for word in sys.argv[1:])]
	started, rows = time.monotonic(), []
	with tempfile.TemporaryDirectory(prefix="writ-interop-") as folder, Server(Store(folder), "--demo", cwd=folder) as server, impostor() as other:
		for client in chosen:
			for platform in client.platforms:
				for realm in REALMS:
					print(f"{client.name}, {platform}, {realm} …", file=sys.stderr, flush=True)
					rows.append((client, platform, realm, Row(client, platform, realm, server, other).run()))
	print("\n".join(table(rows)))
	failed = sum(len(wrong) for *_, wrong in rows)
	passed = len(rows) * len(Row.COLUMNS) - failed
	print(f"\n{time.monotonic() - started:.0f} s\n{passed} passed, {failed} failed")
	return 0 if passed and not failed else 1


if __name__ == "__main__":
	sys.exit(main())
