"""`writ token` and `writ call` (contract §9): a client application at the command line, for this server and any other."""

import http.server
import json
import threading
from urllib.parse import parse_qs

import pytest

from support import documents as d
from support.oauth import client_credentials, granted, verified
from support.program import Server, run


@pytest.fixture(scope="module")
def plain_server(prepared_store, tmp_path_factory):
	"""With its own address as issuer, so that --decode finds the key set."""
	with Server(prepared_store.copy_to(tmp_path_factory.mktemp("store"))) as running:
		yield running


def source(server, client=d.WEB, realm="U"):
	return ["--token-url", server.realm("ACME", realm) + "/oauth2/token", "--client-id", client.id]


def secret_in_environment(client=d.WEB):
	return {"WRIT_CLIENT_SECRET": client.secret}


def test_a_client_credentials_token_alone_is_printed_where_no_person_reads(plain_server):
	"""Contract §9: human output on a terminal."""
	done = run("token", "client-credentials", *source(plain_server), "--scope", d.APP_READ, env=secret_in_environment())
	claims = verified(plain_server, done.stdout.strip(), issuer=plain_server.realm("ACME"))
	assert claims["sub"] == d.WEB.id
	assert done.stdout.count("\n") == 1


@pytest.mark.parametrize("options,realm,person", [(("--username", "pa"), "U", "1001"), (("--user-id", "1002"), "U", "1002"), (("--email", "jane@example.com"), "C", "c-1")])
def test_an_on_behalf_of_token_names_the_person(plain_server, options, realm, person):
	"""Contract §9, writ token on-behalf-of."""
	done = run("token", "on-behalf-of", *source(plain_server, realm=realm), "--scope", d.OBO_READ, *options, env=secret_in_environment())
	assert verified(plain_server, done.stdout.strip(), realm=realm)["sub"] == person


@pytest.mark.parametrize("how", ["environment", "option", "file", "standard input", "basic"])
def test_the_secret_may_come_from_anywhere_but_must_not_be_on_the_command_line(plain_server, tmp_path, how):
	"""Contract §9."""
	(tmp_path / "secret").write_text(d.WEB.secret + "\n")
	more = {"environment": [], "option": ["--client-secret", d.WEB.secret], "file": ["--client-secret-file", tmp_path / "secret"],
	        "standard input": ["--client-secret", "-"], "basic": ["--basic"]}[how]
	env = secret_in_environment() if how in ("environment", "basic") else None
	done = run("token", "client-credentials", *source(plain_server), "--scope", d.APP_READ, *more, env=env, input=d.WEB.secret + "\n" if how == "standard input" else None)
	assert verified(plain_server, done.stdout.strip())["sub"] == d.WEB.id


def test_a_server_and_a_partition_are_enough_of_an_address(plain_server):
	"""token_request.h: --server and --partition instead of --token-url."""
	done = run("token", "client-credentials", "--server", plain_server.url, "--partition", "ACME", "--client-id", d.WEB.id, "--scope", d.APP_READ, env=secret_in_environment())
	assert verified(plain_server, done.stdout.strip())["sub"] == d.WEB.id


def test_json_is_the_servers_reply(plain_server):
	"""Contract §9: --json for programs."""
	done = run("token", "client-credentials", *source(plain_server), "--scope", d.APP_READ, "--json", env=secret_in_environment())
	assert set(json.loads(done.stdout)) == {"access_token", "token_type", "expires_in", "scope"}


def test_decode_explains_the_token_and_checks_its_signature(plain_server):
	"""Contract §9: --decode explains the token."""
	done = run("token", "on-behalf-of", *source(plain_server), "--scope", d.OBO_READ, "--username", "pa", "--decode", env=secret_in_environment())
	for word in ("1001", d.WEB.id, d.OBO_READ, "ACME", "ES256", "user"):
		assert word in done.stdout, done.stdout
	token = granted(client_credentials(plain_server, d.WEB, d.APP_READ))["access_token"]
	assert d.WEB.id in run("token", "decode", token).stdout
	assert d.WEB.id in run("token", "decode", "-", input=token + "\n").stdout
	forged = token[:-8] + ("AAAAAAAA" if not token.endswith("AAAAAAAA") else "BBBBBBBB")
	assert run("token", "decode", forged, check=False).returncode == 1
	assert run("token", "decode", "no-token-at-all", check=False).returncode == 1


def test_a_refusal_is_told_with_the_servers_own_sentence(plain_server):
	"""Contract §9: errors on stderr, with the fix; exit 1."""
	done = run("token", "client-credentials", *source(plain_server), "--scope", d.OBO_READ, env=secret_in_environment(), check=False)
	assert done.returncode == 1 and not done.stdout
	assert "invalid_scope" in done.stderr and d.OBO_READ in done.stderr
	assert d.WEB.secret not in done.stderr


@pytest.mark.parametrize("arguments", [
	["token", "client-credentials"],
	["token", "client-credentials", "--token-url", "http://127.0.0.1:1/token"],
	["token", "on-behalf-of", "--token-url", "http://127.0.0.1:1/token", "--client-id", "x", "--scope", "y"],
	["token", "on-behalf-of", "--token-url", "http://127.0.0.1:1/token", "--client-id", "x", "--scope", "y", "--username", "a", "--email", "b"],
	["call"],
	["call", "GET"],
	["token", "decode"],
])
def test_missing_or_doubled_options_are_wrong_usage(arguments):
	"""Contract §9: 2 wrong usage."""
	done = run(*arguments, check=False)
	assert done.returncode == 2 and done.stderr.strip() and not done.stdout


def test_a_server_that_is_not_there_is_told(tmp_path):
	"""Contract §9: exit 1."""
	done = run("token", "client-credentials", "--token-url", "http://127.0.0.1:1/token", "--client-id", "x", "--scope", "y", env={"WRIT_CLIENT_SECRET": "z"}, check=False)
	assert done.returncode == 1 and len(done.stderr.strip().splitlines()) == 1


class Foreign(http.server.BaseHTTPRequestHandler):
	"""A server that is not writ: opaque tokens, its own manners; and an API behind it."""

	asked = []

	def log_message(self, *_):
		pass

	def answer(self, status, body, **headers):
		data = json.dumps(body).encode()
		self.send_response(status)
		self.send_header("Content-Type", "application/json;charset=UTF-8")
		self.send_header("Content-Length", str(len(data)))
		for name, value in headers.items():
			self.send_header(name.replace("_", "-"), value)
		self.end_headers()
		self.wfile.write(data)

	def do_POST(self):
		body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
		self.asked.append((self.path, dict(self.headers), body))
		if self.path == "/token":
			form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
			good = form.get("client_secret") == "p%20 &=+ä" or "Authorization" in self.headers
			if good:
				self.answer(200, {"access_token": "opaque-token", "token_type": "bearer", "extra": [1, 2]})
			else:
				self.answer(400, {"error": "invalid_client", "error_description": "\u001b[31mno\u001b[0m"})
		else:
			self.answer(200, {"got": body.decode()})

	def do_GET(self):
		self.asked.append((self.path, dict(self.headers), b""))
		if self.headers.get("Authorization") == "Bearer opaque-token":
			self.answer(200, {"articles": []})
		else:
			self.answer(401, {}, WWW_Authenticate='Bearer error="invalid_token"')


@pytest.fixture
def foreign():
	Foreign.asked = []
	server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Foreign)
	thread = threading.Thread(target=server.serve_forever, daemon=True)
	thread.start()
	yield f"http://127.0.0.1:{server.server_port}"
	server.shutdown()
	server.server_close()


def test_a_foreign_server_is_spoken_to_like_ours(foreign):
	"""Contract §9: works against any server that speaks these flows."""
	options = ("--token-url", foreign + "/token", "--client-id", "an id", "--scope", "a b")
	done = run("token", "client-credentials", *options, env={"WRIT_CLIENT_SECRET": "p%20 &=+ä"})
	assert done.stdout == "opaque-token\n"
	path, headers, body = Foreign.asked[-1]
	assert headers["Content-Type"] == "application/x-www-form-urlencoded"
	assert parse_qs(body.decode()) == {"grant_type": ["client_credentials"], "client_id": ["an id"], "client_secret": ["p%20 &=+ä"], "scope": ["a b"]}
	done = run("token", "client-credentials", *options, env={"WRIT_CLIENT_SECRET": "wrong"}, check=False)
	assert done.returncode == 1 and "invalid_client" in done.stderr and "\x1b" not in done.stderr


def test_call_gets_a_token_and_calls_the_api_with_it(foreign):
	"""Contract §9: calls an API with a token it got that way."""
	options = ("--token-url", foreign + "/token", "--client-id", "an id", "--scope", "a b")
	done = run("call", *options, "GET", foreign + "/articles?x=1", env={"WRIT_CLIENT_SECRET": "p%20 &=+ä"})
	assert json.loads(done.stdout) == {"articles": []}
	assert Foreign.asked[-1][0] == "/articles?x=1"
	done = run("call", *options, "--data", '{"a": 1}', "--header", "X-Mine: yes", "POST", foreign + "/articles", env={"WRIT_CLIENT_SECRET": "p%20 &=+ä"})
	assert json.loads(done.stdout) == {"got": '{"a": 1}'}
	assert Foreign.asked[-1][1]["X-Mine"] == "yes" and Foreign.asked[-1][1]["Content-Type"] == "application/json"


def test_a_refused_call_fails_and_says_why(foreign):
	"""Contract §9: exit 1 failed."""
	done = run("call", "--token", "wrong", "GET", foreign + "/articles", check=False)
	assert done.returncode == 1 and "401" in done.stderr
