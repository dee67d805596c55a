"""What stands behind and beside a reverse proxy: an API that says what reached it, and a stand-in for /gateway/check that says what was asked."""

import contextlib
import hashlib
import http.server
import json
import socket
import threading
import time

REALM = 'Bearer realm="writ"'
FACTS = {"Partition": "ACME", "Actor": "user", "Subject": "1001", "Client": "web-0001", "Scope": "knowledge.portalmgr.read", "Acting-Client": ""}


class Recorder(http.server.BaseHTTPRequestHandler):
	"""Notes each request as it came, line and headers."""

	protocol_version = "HTTP/1.1"
	wbufsize = -1  # a reply is one write, so nobody's acknowledgement is waited for
	disable_nagle_algorithm = True

	def read_body(self):
		if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
			body = b""
			while size := int(self.rfile.readline().split(b";")[0], 16):
				body += self.rfile.read(size)
				self.rfile.readline()
			while self.rfile.readline().strip():
				pass
			return body
		return self.rfile.read(int(self.headers.get("Content-Length", 0)))

	def handle_any(self):
		method, _, rest = self.requestline.partition(" ")
		seen = {"method": method, "target": rest.rpartition(" ")[0], "headers": [(name.lower(), value) for name, value in self.headers.items()],
		        "connection": self.client_address}
		body = self.read_body()
		seen.update(length=len(body), digest=hashlib.sha256(body).hexdigest())
		self.server.note(seen)
		status, headers, text = self.server.answer(seen)
		data = text.encode()
		self.send_response(status)
		for name, value in headers:
			self.send_header(name, value)
		if status != 204:
			self.send_header("Content-Length", str(len(data)))
		self.end_headers()
		if method != "HEAD" and status != 204:
			self.wfile.write(data)

	def __getattr__(self, name):
		if name.startswith("do_"):
			return self.handle_any
		raise AttributeError(name)

	def log_message(self, *_):
		pass


class Recording(http.server.ThreadingHTTPServer):
	"""Listens on a free port of this machine until it is closed."""

	daemon_threads = True
	block_on_close = False
	request_queue_size = 128

	def __init__(self, port=0):
		super().__init__(("127.0.0.1", port), Recorder)
		self.lock, self.requests, self.open = threading.Lock(), [], set()
		threading.Thread(target=self.serve_forever, daemon=True).start()

	@property
	def address(self):
		return f"127.0.0.1:{self.server_address[1]}"

	@property
	def url(self):
		return "http://" + self.address

	def note(self, seen):
		with self.lock:
			self.requests.append(seen)

	def seen(self):
		"""The requests since the last call."""
		with self.lock:
			seen, self.requests = self.requests, []
			return seen

	def process_request(self, request, client_address):
		self.open.add(request)
		super().process_request(request, client_address)

	def shutdown_request(self, request):
		self.open.discard(request)
		super().shutdown_request(request)

	def handle_error(self, request, client_address):
		pass

	def close(self):
		"""Listens no more, and hangs up on everybody."""
		self.shutdown()
		self.server_close()
		for one in list(self.open):
			with contextlib.suppress(OSError):
				one.shutdown(socket.SHUT_RDWR)


def headers_of(seen, name):
	return [value for each, value in seen["headers"] if each == name.lower()]


def asked_about(seen):
	"""What a question to /gateway/check is about, by each source that is there: (method, address), None where half of it is missing."""
	sources = []
	for method, uri in (("X-Original-Method", "X-Original-URI"), ("X-Forwarded-Method", "X-Forwarded-Uri")):
		methods, uris = headers_of(seen, method), headers_of(seen, uri)
		sources += [(methods[i] if i < len(methods) else None, uris[i] if i < len(uris) else None) for i in range(max(len(methods), len(uris)))]
	behind = seen["target"].removeprefix("/gateway/check").removeprefix("/gateway/refusal")
	if behind.startswith("/"):
		sources.append((seen["method"], behind))
	return sources


class EchoApi(Recording):
	"""Answers 200 with what it got as JSON; what the caller wants otherwise it says in X-Answer-Status."""

	def answer(self, seen):
		wanted = headers_of(seen, "X-Answer-Status")
		return int(wanted[0]) if wanted else 200, [("Content-Type", "application/json"), ("X-Api", "echo")], json.dumps(seen)


class StandIn(Recording):
	"""Replies of contract §5, by the token's name (good, weak, any other, none); while `status` is set, that one; while `hangs` is set, none."""

	def __init__(self, port=0):
		self.status, self.facts, self.hangs = None, dict(FACTS), threading.Event()
		super().__init__(port)

	def answer(self, seen):
		while self.hangs.is_set():
			time.sleep(0.02)
		status, headers, body = self.decide(seen)
		if seen["target"].startswith("/gateway/refusal") and status == 204:
			status, headers, body = 403, [], {"error": "access_denied"}
		return status, headers + [("Content-Type", "application/json"), ("Cache-Control", "no-store"), ("X-Request-Id", "request-1")], json.dumps(body)

	def decide(self, seen):
		if self.status:
			facts = self.facts if self.status < 300 else {}
			return self.status, [("X-Writ-" + name, value) for name, value in facts.items()], {"error": "from_the_check", "status": self.status}
		sources = asked_about(seen)
		if len(sources) != 1 or None in sources[0]:
			return 400, [], {"error": "invalid_request"}
		path = sources[0][1].partition("?")[0].lower()
		if any(each in path for each in ("%2f", "%5c", "%00", "..;", "\\", "#")) or not path.startswith("/"):
			return 400, [], {"error": "invalid_request", "error_description": "ambiguous"}
		tokens = headers_of(seen, "Authorization")
		if not tokens:
			return 401, [("WWW-Authenticate", REALM)], {"error": "no_token"}
		if tokens == ["Bearer good"]:
			return 204, [("X-Writ-" + name, value) for name, value in self.facts.items()], None
		if tokens == ["Bearer weak"]:
			return 403, [("WWW-Authenticate", REALM + ', error="insufficient_scope", scope="more"')], {"error": "insufficient_scope"}
		return 401, [("WWW-Authenticate", REALM + ', error="invalid_token"')], {"error": "invalid_token"}
