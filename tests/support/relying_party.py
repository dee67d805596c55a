"""Applications that want to be told of a sign-out (OpenID Connect Back-Channel Logout 1.0): one server on this machine, one application for each path."""

import dataclasses
import http.server
import threading
import time
from urllib.parse import parse_qs

import jwt

from .oauth import key_set

EVENT = "http://schemas.openid.net/event/backchannel-logout"
HANGS = "hangs"  # takes the request and never answers


@dataclasses.dataclass(frozen=True)
class Call:
	at: float
	content_type: str
	form: dict

	@property
	def token(self):
		assert set(self.form) == {"logout_token"} and len(self.form["logout_token"]) == 1, self.form
		return self.form["logout_token"][0]


class RelyingParties:
	def __init__(self):
		self._changed = threading.Condition()
		self._calls, self._answers, self._over = {}, {}, threading.Event()
		parties = self

		class Handler(http.server.BaseHTTPRequestHandler):
			protocol_version = "HTTP/1.1"

			def do_POST(self):
				body = self.rfile.read(int(self.headers["Content-Length"])).decode()
				answer = parties._note(self.path, Call(time.monotonic(), self.headers["Content-Type"], parse_qs(body, strict_parsing=True)))
				if answer == HANGS:
					parties._over.wait()
					self.close_connection = True
					return
				self.send_response(answer, "Whatever")
				if answer == 302:
					self.send_header("Location", parties.url("/elsewhere"))
				self.send_header("Content-Length", "0")
				self.end_headers()

			def log_message(self, *_):
				pass

		self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
		self.server.daemon_threads = True
		self.server.block_on_close = False
		threading.Thread(target=self.server.serve_forever, daemon=True).start()

	def _note(self, path, call):
		with self._changed:
			self._calls.setdefault(path, []).append(call)
			self._changed.notify_all()
			answers = self._answers.get(path, [200])
			return answers.pop(0) if len(answers) > 1 else answers[0]

	def url(self, path):
		return f"http://127.0.0.1:{self.server.server_address[1]}{path}"

	def answer(self, path, *answers):
		"""What the application answers, one after the other; the last one from then on."""
		with self._changed:
			self._answers[path] = list(answers)

	def calls(self, path):
		with self._changed:
			return list(self._calls.get(path, []))

	def wait_for(self, path, count=1, timeout=30):
		"""The calls of an application, once there are so many."""
		deadline = time.monotonic() + timeout
		with self._changed:
			while len(self._calls.get(path, [])) < count:
				left = deadline - time.monotonic()
				assert left > 0, f"{path} was called {len(self._calls.get(path, []))} times and not {count}"
				self._changed.wait(left)
			return list(self._calls[path])

	def close(self):
		self._over.set()
		self.server.shutdown()
		self.server.server_close()


def logout_claims(site, token, application, realm="U", partition="ACME"):
	"""A logout token judged as §2.6 says."""
	header = jwt.get_unverified_header(token)
	assert (header["alg"], header["typ"]) == ("RS256", "logout+jwt"), header
	key = next(key for key in key_set(site, partition, realm)["keys"] if key["kid"] == header["kid"])
	claims = jwt.decode(token, jwt.PyJWK(key).key, algorithms=["RS256"], audience=application.id, issuer=f"{site.url}/system/auth/{partition}-{realm}",
	                    options={"require": ["iss", "aud", "iat", "exp", "jti", "events"]})
	assert set(claims) == {"iss", "sub", "aud", "iat", "exp", "jti", "events", "sid"}, claims
	assert claims["events"] == {EVENT: {}} and claims["exp"] - claims["iat"] == 120
	return claims
