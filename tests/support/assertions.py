"""Client assertions (RFC 7523) as libraries make them, and a place that publishes key sets."""

import http.server
import json
import ssl
import threading
import time
import uuid

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ABSENT = object()


class Key:
	"""A key pair of a client application."""

	def __init__(self, kid, algorithm="ES256", bits=2048):
		self.kid, self.algorithm = kid, algorithm
		self.private = ec.generate_private_key(ec.SECP256R1()) if algorithm == "ES256" else rsa.generate_private_key(65537, bits)

	def public(self, **more):
		"""The public JWK; more: members changed or taken away (ABSENT)."""
		algorithm = jwt.get_algorithm_by_name(self.algorithm)
		jwk = {**json.loads(algorithm.to_jwk(self.private.public_key())), "kid": self.kid, **more}
		jwk.pop("key_ops", None) if "key_ops" not in more else None
		return {name: value for name, value in jwk.items() if value is not ABSENT}


def key_set(*keys):
	return {"keys": [key if isinstance(key, dict) else key.public() for key in keys]}


def claims_of(client_id, audience, **changes):
	"""The claims of a good assertion, changed; ABSENT takes one away."""
	now = int(time.time())
	claims = {"iss": client_id, "sub": client_id, "aud": audience, "iat": now, "exp": now + 60, "jti": str(uuid.uuid4()), **changes}
	return {name: value for name, value in claims.items() if value is not ABSENT}


def signed(key, claims, headers=None, **more):
	return jwt.encode(claims, more.get("private", key.private), algorithm=more.get("algorithm", key.algorithm), headers={"kid": key.kid, **(headers or {})})


def fields_of(assertion, **more):
	"""What stands in the form."""
	return {"client_assertion_type": TYPE, "client_assertion": assertion, **more}


class KeyServer:
	"""A small web server on this machine: answers(path) = a function that gets the handler, or what is sent as JSON; counts the requests of each path."""

	def __init__(self, tls=None):
		"""tls: a pair of support.certificates; then it speaks https."""
		self.answers, self.asked, self._lock = {}, {}, threading.Lock()
		owner = self

		class Handler(http.server.BaseHTTPRequestHandler):
			protocol_version = "HTTP/1.1"

			def do_GET(self):
				with owner._lock:
					owner.asked[self.path] = owner.asked.get(self.path, 0) + 1
				answer = owner.answers.get(self.path)
				self.close_connection = True
				try:
					answer(self) if callable(answer) else send(self, json.dumps(answer).encode(), 200 if answer is not None else 404)
				except OSError:
					pass  # the other side had enough

			def log_message(self, *_):
				pass

		self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
		self._server.daemon_threads = True
		self.stopping = threading.Event()
		if tls is not None:
			context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
			context.load_cert_chain(tls.certificate_file, tls.key_file)
			self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
		self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self._server.server_port}"
		self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
		self._thread.start()

	def asked_for(self, path):
		with self._lock:
			return self.asked.get(path, 0)

	def stop(self):
		self.stopping.set()
		self._server.shutdown()
		self._server.server_close()
		self._thread.join(5)


def send(handler, body, status=200, **headers):
	handler.send_response(status)
	for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
		if value is not None:
			handler.send_header(name, value)
	handler.end_headers()
	handler.wfile.write(body)
