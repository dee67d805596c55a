"""A small web server of a test: quiet, on a thread of its own, https where it is given a certificate. Imports nothing else of support,
for the programs of tests/interop use it too."""

import http.server
import ssl
import threading


class Handler(http.server.BaseHTTPRequestHandler):
	def reply(self, status, kind, body, **headers):
		self.send_response(status)
		for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
			self.send_header(name, value)
		self.end_headers()
		self.wfile.write(body)

	def log_message(self, *_):
		pass


class SmallServer(http.server.ThreadingHTTPServer):
	"""port: 0 takes one that is free. certificate, key: files, to speak https with."""

	daemon_threads = True

	def __init__(self, handler, port=0, certificate=None, key=None):
		super().__init__(("127.0.0.1", port), handler)
		if certificate:
			context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
			context.load_cert_chain(certificate, key)
			# in the thread of its connection, so that one that says nothing keeps no other waiting
			self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
		self.url = f"http{'s' if certificate else ''}://127.0.0.1:{self.server_port}"

	def start(self):
		threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

	def stop(self):
		self.shutdown()
		self.server_close()
