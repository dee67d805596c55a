"""Requests that arrive at the same moment: every connection is open and every request sent but for its last byte; then the last bytes go."""

import socket

from .wire import Wire


class Volley:
	"""size kept-alive connections, dealt out to the servers in turn."""

	def __init__(self, servers, size):
		self.servers, self.wires = servers, [Wire(servers[number % len(servers)], timeout=60) for number in range(size)]
		for wire in self.wires:
			wire.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

	def __enter__(self):
		return self

	def __exit__(self, *_):
		for wire in self.wires:
			wire.socket.close()

	def fire(self, data, first=0):
		"""The same bytes on every connection, beginning with the first-th: the replies as (status, headers, body), in the order of
		the connections."""
		for wire in self.wires:
			wire.socket.sendall(data[:-1])
		for wire in self.wires[first:] + self.wires[:first]:
			wire.socket.sendall(data[-1:])
		replies = [wire.reply() for wire in self.wires]
		assert None not in replies, "a connection was cut"
		return replies
