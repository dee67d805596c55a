"""Another issuer, for clients to be confused by: it has a name of its own and the endpoints of the real one (RFC 9700 §4.4)."""

import contextlib
import json
import threading

from support.small_server import Handler, SmallServer


class Impostor(SmallServer):
	"""documents: what it serves, by path. certificate, key: files, to speak https with."""

	def __init__(self, certificate=None, key=None):
		self.documents = {}
		super().__init__(DocumentHandler, certificate=certificate, key=key)

	def pose(self, name, metadata, **changed):
		"""Serves this discovery document, changed, at an issuer address of that name; gives the address."""
		address = f"{self.url}/{name}"
		document = {**metadata, "issuer": address, **changed}
		self.documents[f"/{name}/.well-known/openid-configuration"] = {key: value for key, value in document.items() if value is not None}
		return address


class DocumentHandler(Handler):
	def do_GET(self):
		document = self.server.documents.get(self.path)
		body = json.dumps(document or {"error": "not_found"}).encode()
		self.reply(200 if document else 404, "application/json", body, **{"Access-Control-Allow-Origin": "*"})  # for pages in a browser


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
