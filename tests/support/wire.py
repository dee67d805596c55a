"""HTTP as bytes on a socket, for what no client library would send."""

import socket
import time
from urllib.parse import urlencode


class Wire:
	"""One connection; reads replies by Content-Length or chunks, or notices that it was cut."""

	def __init__(self, server, timeout=20):
		self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=timeout)
		self.buffer = b""

	def __enter__(self):
		return self

	def __exit__(self, *_):
		self.socket.close()

	def send(self, data):
		"""False when the other side has already closed."""
		try:
			self.socket.sendall(data)
			return True
		except (BrokenPipeError, ConnectionResetError):
			return False

	def _more(self):
		try:
			data = self.socket.recv(65536)
		except ConnectionResetError:
			data = b""
		self.buffer += data
		return bool(data)

	def reply(self, head_only=False):
		"""(status, headers as a list of lower-case pairs, body), or None when the connection was cut without one."""
		while b"\r\n\r\n" not in self.buffer:
			if not self._more():
				return None
		head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
		lines = head.decode("latin-1").split("\r\n")
		status = int(lines[0].split(" ")[1])
		headers = [(name.lower(), value.strip()) for name, value in (line.split(":", 1) for line in lines[1:])]
		length = int(dict(headers).get("content-length", 0))
		if head_only or status in (204, 304) or status < 200:
			length = 0
		while len(self.buffer) < length:
			if not self._more():
				break
		body, self.buffer = self.buffer[:length], self.buffer[length:]
		return status, headers, body

	def is_closed(self, timeout):
		"""Waits at most so long for the other side to close; what it sends before is kept."""
		deadline = time.monotonic() + timeout
		while (left := deadline - time.monotonic()) > 0:
			self.socket.settimeout(left)
			try:
				if not self._more():
					return True
			except (socket.timeout, TimeoutError):
				break
		return False


def exchange(server, data):
	"""Sends bytes on a fresh connection and gives the first reply; None when it was cut."""
	with Wire(server) as wire:
		wire.send(data)
		return wire.reply()


def token_request(fields, *headers, path="/system/auth/ACME-U/oauth2/token", host="auth.example.test", length=None, method="POST"):
	"""The bytes of a form post with extra header lines."""
	body = urlencode(fields).encode()
	lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Content-Type: application/x-www-form-urlencoded",
	         f"Content-Length: {len(body) if length is None else length}", *headers]
	return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
