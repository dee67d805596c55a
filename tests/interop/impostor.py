"""Another issuer, for clients to be confused by: it has a name of its own and the endpoints of the real one (RFC 9700 §4.4)."""

import contextlib
import http.server
import json
import ssl
import threading


class Impostor(http.server.ThreadingHTTPServer):
	"""documents: what it serves, by path."""

	daemon_threads = True

	def __init__(self, certificate=None, key=None):
		"""certificate, key: files, to speak https with."""
		self.documents = {}
		super().__init__(("127.0.0.1", 0), Handler)
		if certificate:
			context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
			context.load_cert_chain(certificate, key)
			self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
		self.url = f"http{'s' if certificate else ''}://127.0.0.1:{self.server_port}"

	def pose(self, name, metadata, **changed):
		"""Serves this discovery document, changed, at an issuer address of that name; gives the address."""
		address = f"{self.url}/{name}"
		document = {**metadata, "issuer": address, **changed}
		self.documents[f"/{name}/.well-known/openid-configuration"] = {key: value for key, value in document.items() if value is not None}
		return address


class Handler(http.server.BaseHTTPRequestHandler):
	def do_GET(self):
		document = self.server.documents.get(self.path)
		body = json.dumps(document or {"error": "not_found"}).encode()
		self.send_response(200 if document else 404)
		self.send_header("Content-Type", "application/json")
		self.send_header("Content-Length", str(len(body)))
		self.send_header("Access-Control-Allow-Origin", "*")  # for pages in a browser
		self.end_headers()
		self.wfile.write(body)

	def log_message(self, *_):
		pass


@contextlib.contextmanager
def impostor(certificate=None, key=None):
	server = Impostor(certificate, key)
	thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
	thread.start()
	try:
		yield server
	finally:
		server.shutdown()
		thread.join()
		server.server_close()
